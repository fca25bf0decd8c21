//! Bundles and what a station does with them.

use serde_json::{Value, json};

use super::fixture::{Fixture, PARTS, delimit, write};

#[test]
fn a_station_gives_the_verdicts_of_the_studio() {
    let fixture = Fixture::complete();
    let bundle = fixture.bundle();
    let photos = fixture.path("photos").display().to_string();
    let run = delimit(["inspect", &bundle, &photos, "--json", "--engine", "rten"]);
    assert_eq!(run.code, 1, "{}", run.err);
    // Two OK, two review and one NG part there are: all are golden.
    assert!(run.err.contains("5 golden parts judged as promised"), "{}", run.err);
    let lines = run.json_lines();
    let judge = fixture.run("judge", &["--on", "predictions", "--json", "--engine", "rten"]).json();
    let judged = judge["judged"][0]["parts"].as_array().unwrap();
    assert_eq!(lines.len(), judged.len());
    for (line, part) in lines.iter().zip(judged) {
        assert_eq!(line["verdict"], part["verdict"], "{}", line["file"]);
        let sentences = |v: &Value| v.as_array().unwrap().iter().map(|r| r["sentence"].clone()).collect::<Vec<_>>();
        assert_eq!(sentences(&line["reasons"]), sentences(&part["reasons"]));
    }
    let large = &lines[3]["regions"][0];
    assert_eq!((&large["class"], &large["features"]["area_px"]), (&json!("dark"), &json!(50.0)));
    assert_eq!((&large["bounds"], &large["zones"]), (&json!([10, 10, 20, 15]), &json!({ "unzoned": 50 })));
    assert_eq!(large["features"]["length"], Value::Null, "no calibration");
}

#[test]
fn exit_codes_follow_the_worst_photo_and_a_broken_one_is_never_ok() {
    let fixture = Fixture::complete();
    let bundle = fixture.bundle();
    write(&fixture.path("photos/z_broken.png"), b"not a picture");
    let photo = |name: &str| fixture.path(&format!("photos/{name}.png")).display().to_string();
    let code = |names: &[&str]| {
        let photos = names.iter().map(|n| photo(n));
        let run = delimit(["inspect".to_owned(), bundle.clone(), "--csv".into(), "--no-verify".into()].into_iter().chain(photos));
        let rows: Vec<String> = csv::Reader::from_reader(run.out.as_bytes()).records().map(|r| r.unwrap()[1].to_owned()).collect();
        (run.code, rows.join(" "))
    };
    let names = PARTS.map(|p| p.0);
    assert_eq!(code(&names[..2]), (0, "OK OK".into()));
    assert_eq!(code(&names[..3]), (3, "OK OK review".into()));
    assert_eq!(code(&names[..4]), (1, "OK OK review NG".into()));
    assert_eq!(code(&[names[0], "z_broken", names[1]]), (4, "OK error OK".into()));
    assert_eq!(code(&["not_there"]), (4, "error".into()));
    let run = delimit(["inspect", &bundle, &photo("z_broken"), "--json"]);
    let line = &run.json_lines()[0];
    assert_eq!(line["verdict"], "error");
    assert!(line["error"].as_str().unwrap().contains("z_broken.png"), "{line}");
    let run = delimit(["inspect", &bundle, &photo("z_broken"), &photo("d_large")]);
    assert!(run.out.starts_with("error ") && run.out.contains("\nNG "), "{}", run.out);
}

#[test]
fn a_bundle_whose_golden_parts_judge_otherwise_is_refused() {
    let fixture = Fixture::complete();
    let path = std::path::PathBuf::from(fixture.bundle());
    let mut bundle = delimit::exchange::Bundle::read(&path).unwrap();
    bundle.ruleset.cells[0].limits[0].reject_from = Some(200.0);
    bundle.write(&path).unwrap();
    let (bundle, photo) = (path.display().to_string(), fixture.path("photos/a_clean.png").display().to_string());
    let run = delimit(["inspect", &bundle, &photo]);
    run.assert_refused(&["pn.delimit", "golden", "d_large: review instead of NG"]);
    assert_eq!(run.out, "", "no photo is judged");
    assert_eq!(delimit(["inspect", &bundle, &photo, "--no-verify"]).code, 0);

    let mut bytes = std::fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0x40;
    std::fs::write(&path, &bytes).unwrap();
    delimit(["inspect", &bundle, &photo]).assert_refused(&["pn.delimit"]);
    std::fs::write(&path, &bytes[..middle]).unwrap();
    delimit(["inspect", &bundle, &photo]).assert_refused(&["pn.delimit"]);
}

#[test]
fn a_bundle_needs_a_model_and_a_ruleset() {
    let fixture = Fixture::unlabelled();
    let path = fixture.path("x.delimit").display().to_string();
    let run = fixture.run("bundle", &[&path]);
    assert!(run.code == 2 && run.err.contains("part number PN has no model"), "{}", run.err);
    let fixture = Fixture::complete();
    std::fs::remove_file(fixture.project().join("rules/PN.ron")).unwrap();
    let run = fixture.run("bundle", &[&path]);
    assert!(run.code == 2 && run.err.contains("has no ruleset"), "{}", run.err);
    assert!(!std::path::Path::new(&path).exists());
}
