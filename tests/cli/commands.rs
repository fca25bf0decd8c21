//! Making, checking, predicting and judging a project.

use delimit::judge::{Disposition, Score, Verdict};
use delimit::sample;
use delimit::session::Session;
use delimit::workflow::judging::{evaluate, images_of, measure_labels};
use serde_json::{Value, json};

use super::fixture::{Fixture, PARTS, delimit, rules, write};

#[test]
fn a_new_project_has_what_was_named_and_judges_nothing_before_it_is_labelled() {
    let fixture = Fixture::unlabelled();
    let project = delimit::project::Project::load(&fixture.project()).unwrap();
    assert_eq!(project.class_names(), [(1, "dark".to_owned()), (2, "bright".to_owned())]);
    assert_eq!(project.parts().iter().map(|p| p.serial.as_str()).collect::<Vec<_>>(), PARTS.map(|p| p.0));

    let run = fixture.run("judge", &["--json"]);
    assert_eq!(run.code, 3, "not judged yet is no OK");
    let judged = &run.json()["judged"][0];
    assert_eq!(judged["tally"], json!({ "ok": 0, "review": 0, "ng": 0 }));
    assert_eq!(judged["not_judged"], json!(PARTS.map(|p| p.0)));
    let run = fixture.run("check", &[]);
    // The sentence may be broken anywhere between words.
    let words = run.out.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(run.code == 0 && words.contains("5 images without a label"), "{words}");
}

#[test]
fn add_takes_folders_keeps_what_is_there_and_names_what_is_no_image() {
    let fixture = Fixture::photos();
    let project = fixture.project().display().to_string();
    assert_eq!(delimit(["new", &project, "--mm-per-px", "0.05,0.04"]).code, 0);
    let photos = fixture.path("photos").display().to_string();
    let run = delimit(["add", &project, &photos]);
    assert!(run.code == 0 && run.out.contains("5 images added"), "{} {}", run.out, run.err);
    let run = delimit(["add", &project, &photos]);
    assert!(run.code == 0 && run.out.contains("0 images added, 5 were there already"), "{}", run.out);

    write(&fixture.path("more/broken.png"), b"not a picture");
    let run = delimit(["add", &project, &fixture.path("more").display().to_string()]);
    assert_eq!(run.code, 4);
    assert!(run.err.contains("not added") && run.err.contains("broken.png"), "{}", run.err);

    let loaded = delimit::project::Project::load(&fixture.project()).unwrap();
    assert_eq!(loaded.images().len(), 5);
    let calibration = loaded.part_numbers[0].calibration.unwrap();
    assert_eq!((calibration.x_mm_per_px, calibration.y_mm_per_px), (0.05, 0.04));
    assert_eq!(loaded.name, "project", "the folder's name");

    delimit(["new", &project]).assert_refused(&["there is a project already", &project]);
    let run = delimit(["new", &fixture.path("other").display().to_string(), "--mm-per-px", "0"]);
    assert!(run.code == 2 && run.err.contains("larger than 0 mm"), "{}", run.err);
    // A project that another program has open is not written to.
    let _open = Session::open(&fixture.project()).unwrap();
    delimit(["add", &project, &photos]).assert_refused(&["opened by another Delimit"]);
}

#[test]
fn verdicts_are_those_of_the_drawn_boxes_on_labels_and_on_predictions() {
    let fixture = Fixture::complete();
    let run = fixture.run("judge", &["--on", "both", "--json", "--engine", "rten"]);
    assert_eq!((run.code, run.err.as_str()), (1, ""));
    let report = run.json();
    let expected: Vec<(&str, &str)> = PARTS.iter().map(|p| (p.0, p.3)).collect();
    for (judged, on) in report["judged"].as_array().unwrap().iter().zip(["labels", "predictions"]) {
        assert_eq!(judged["on"], on);
        let parts = judged["parts"].as_array().unwrap();
        let got: Vec<(&str, &str)> = parts.iter().map(|p| (p["part"].as_str().unwrap(), p["verdict"].as_str().unwrap())).collect();
        assert_eq!(got, expected);
        assert_eq!(judged["tally"], json!({ "ok": 2, "review": 2, "ng": 1 }));
        let score = &judged["score"];
        assert_eq!((&score["escapes"]["count"], &score["escapes"]["of"]), (&json!(0), &json!(2)));
        assert_eq!((&score["overkill"]["count"], &score["overkill"]["of"]), (&json!(0), &json!(2)));
        assert_eq!((&score["review_load"]["count"], &score["review_load"]["of"]), (&json!(2), &json!(5)));
        // 0 of 2 by Wilson: z²/(n + z²) with z = 1.96.
        let high = 1.959_963_984_540_054_f64.powi(2) / (2.0 + 1.959_963_984_540_054_f64.powi(2));
        assert!((score["escapes"]["high"].as_f64().unwrap() - high).abs() < 1e-12);
        let reason = &parts[3]["reasons"][0];
        assert_eq!((&reason["what"], &reason["value"], &reason["region"]), (&json!("area_px"), &json!(50.0), &json!(1)));
        assert_eq!(parts[4]["reasons"][0]["what"], Value::Null, "no rule speaks of bright");
    }
    assert!(report["judged"][1]["engine"].as_str().unwrap().starts_with("rten"));
}

#[test]
fn json_csv_and_table_tell_what_the_library_tells() {
    let fixture = Fixture::complete();
    let session = Session::open_read_only(&fixture.project()).unwrap();
    let snapshot = session.snapshot();
    let measured = measure_labels(&snapshot, &images_of(&snapshot, 0), &|| false, &|| {}).unwrap();
    let evaluation = evaluate(&snapshot, 0, &rules(), &session.dispositions(), &measured).unwrap();
    let truth = PARTS.map(|p| p.2);
    assert_eq!(evaluation.score(), Score::of(evaluation.verdicts(), &truth));

    let run = fixture.run("judge", &["--json"]);
    let judged = &run.json()["judged"][0];
    assert_eq!(judged["tally"], serde_json::to_value(evaluation.tally()).unwrap());
    for (rate, name) in [
        (evaluation.score().escapes(), "escapes"),
        (evaluation.score().overkill(), "overkill"),
        (evaluation.score().review_load(), "review_load"),
    ] {
        let (interval, got) = (rate.interval(), &judged["score"][name]);
        assert_eq!((&got["count"], &got["of"]), (&json!(rate.count), &json!(rate.of)), "{name}");
        // The parser of the test rounds the last digit in its own way.
        let is_same = |name: &str, value: f64| (got[name].as_f64().unwrap() - value).abs() < 1e-15;
        assert!(is_same("low", interval.low) && is_same("high", interval.high), "{name}: {got}");
    }
    let csv = fixture.run("judge", &["--csv"]);
    let mut reader = csv::Reader::from_reader(csv.out.as_bytes());
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    for (p, row) in rows.iter().enumerate() {
        let verdict = evaluation.explain(p).unwrap();
        assert_eq!((&row[2], &row[4]), (PARTS[p].0, verdict.verdict.word()));
        assert_eq!(&row[6], verdict.reasons.first().map(delimit::judge::Reason::sentence).unwrap_or_default());
        for reason in &verdict.reasons {
            let text = fixture.run("judge", &["--explain"]).out;
            assert!(text.contains(&reason.sentence()) && text.contains(&reason.rule), "{text}");
        }
    }
    assert_eq!(rows.len(), PARTS.len());
    let table = fixture.run("judge", &[]).out;
    assert!(table.contains("PN, on labels: 2 OK, 2 review, 1 NG of 5 parts"), "{table}");
    assert!(table.contains("escapes 0 of 2, 0–66 %; overkill 0 of 2, 0–66 %; review 2 of 5, 12–77 %"), "{table}");
}

#[test]
fn another_ruleset_gives_other_verdicts_and_other_exit_codes() {
    let fixture = Fixture::complete();
    let path = fixture.path("loose.ron");
    let mut loose = rules();
    loose.cells[0].limits[0].accept_below = Some(1000.0);
    loose.cells[0].limits[0].reject_from = Some(1000.0);
    write(&path, loose.to_ron().unwrap().as_bytes());
    let path = path.display().to_string();
    assert_eq!(fixture.run("judge", &["--ruleset", &path]).code, 3, "bright is still review");
    loose.cells[0].class = "*".into();
    write(&fixture.path("loose.ron"), loose.to_ron().unwrap().as_bytes());
    assert_eq!(fixture.run("judge", &["--ruleset", &path]).code, 0);
    loose.cells[0].class = "dull".into();
    write(&fixture.path("loose.ron"), loose.to_ron().unwrap().as_bytes());
    fixture.run("judge", &["--ruleset", &path]).assert_refused(&["dull", "dark, bright"]);
    write(&fixture.path("loose.ron"), b"(format: 1, cells: [(class: \"dark\", zone: )])");
    fixture.run("judge", &["--ruleset", &path]).assert_refused(&["loose.ron", "line 1"]);
    fixture.run("judge", &["--part-number", "QX"]).assert_refused(&["QX", "PN"]);
}

#[test]
fn a_ruleset_with_rules_judges_and_tells_what_it_ignores() {
    // Dark pixels of a part together: 0, 9, 16 + 4, 50 and 0; the four pixels of the third are below the limit of discrimination.
    let text = r#"(
        format: 3,
        ignore: "area_px < 5",
        rules: [(name: "dark", classes: ["dark"], scope: total(of: sum("area_px")), accept: "<= LIMIT", reject: "> 40")],
    )"#;
    let fixture = Fixture::complete();
    let path = fixture.path("rules.ron").display().to_string();
    for (limit, third) in [("16", "ok"), ("15.9", "review")] {
        write(&fixture.path("rules.ron"), text.replace("LIMIT", limit).as_bytes());
        let run = fixture.run("judge", &["--ruleset", &path, "--json"]);
        let parts = run.json()["judged"][0]["parts"].as_array().unwrap().clone();
        let verdicts: Vec<&str> = parts.iter().map(|p| p["verdict"].as_str().unwrap()).collect();
        assert_eq!(verdicts, ["ok", "ok", third, "ng", "review"], "{}", run.err);
        let sentence = parts[3]["reasons"][0]["sentence"].as_str().unwrap();
        assert!(sentence.contains("dark: total area in pixels") && sentence.ends_with("it is 50"), "{sentence}");
    }
    let table = fixture.run("judge", &["--ruleset", &path, "--explain"]).out;
    assert!(table.contains("dark #2 is ignored: it lies below the limit of discrimination"), "{table}");
    write(&fixture.path("rules.ron"), text.replace("area_px < 5", "area_px < length").as_bytes());
    fixture.run("judge", &["--ruleset", &path]).assert_refused(&["px cannot be compared with mm"]);
}

#[test]
fn a_model_that_is_right_everywhere_has_iou_one_and_finds_every_region() {
    let fixture = Fixture::complete();
    let run = fixture.run("predict", &["--json", "--engine", "rten"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let pn = &run.json()["part_numbers"][0];
    assert_eq!((&pn["predicted"], &pn["compared"]), (&json!(5), &json!(5)));
    let pixels = [9 + 16 + 4 + 50, 9];
    for (class, (name, px, regions)) in
        pn["classes"].as_array().unwrap().iter().zip([("dark", pixels[0], 4), ("bright", pixels[1], 1)])
    {
        assert_eq!(class["class"], name);
        assert_eq!((&class["labelled_px"], &class["both_px"], &class["iou"]), (&json!(px), &json!(px), &json!(1.0)));
        assert_eq!(
            (&class["regions_found"], &class["regions_missed"], &class["regions_extra"]),
            (&json!(regions), &json!(0), &json!(0))
        );
    }
    // One label of the five taken away: its 50 px are extra now, so 29 of 79 are in both, and one region is extra.
    let project = delimit::project::Project::load(&fixture.project()).unwrap();
    let blank = delimit::raster::LabelMap::new(super::fixture::WIDTH, super::fixture::HEIGHT);
    project.write_label(3, &blank).unwrap();
    let run = fixture.run("predict", &["--json", "--engine", "rten"]);
    let dark = &run.json()["part_numbers"][0]["classes"][0];
    assert_eq!((&dark["iou"], &dark["regions_found"], &dark["regions_extra"]), (&json!(29.0 / 79.0), &json!(3), &json!(1)));
    assert!(fixture.run("predict", &[]).out.contains("0.3671"));
}

#[test]
fn what_cannot_be_read_is_named_left_out_and_never_ok() {
    let fixture = Fixture::complete();
    write(&fixture.path("photos/a_clean.png"), b"\x89PNG\r\n\x1a\n cut off");
    for on in ["labels", "predictions"] {
        let run = fixture.run("judge", &["--on", on, "--json"]);
        assert_eq!(run.code, 4, "{on}");
        assert!(run.err.contains("a_clean.png"), "{on}: {}", run.err);
        let judged = &run.json()["judged"][0];
        assert_eq!(judged["not_judged"], json!(["a_clean"]));
        assert_eq!(judged["errors"][0]["image"], "a_clean");
        assert_eq!(judged["tally"], json!({ "ok": 1, "review": 2, "ng": 1 }));
    }
    let run = fixture.run("predict", &[]);
    assert!(run.code == 4 && run.err.contains("a_clean.png"), "{}", run.err);
    let run = fixture.run("check", &["--json"]);
    assert_eq!(run.code, 4);
    assert_eq!(run.json()["errors"][0]["image"], "a_clean");
}

#[test]
fn the_check_finds_labels_that_are_too_large_and_fails() {
    let fixture = Fixture::complete();
    // The box of d_large, drawn 10 × 5 in the photo, labelled five pixels too large on every side.
    let project = delimit::project::Project::load(&fixture.project()).unwrap();
    let grown = delimit::raster::Plane::from_fn(64, 48, |x, y| u8::from((5..25).contains(&x) && (5..20).contains(&y)));
    project.write_label(3, &delimit::raster::LabelMap::from_plane(&grown)).unwrap();
    let run = fixture.run("check", &["--json"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let report = run.json();
    let finding = &report["findings"][0];
    assert_eq!((&finding["severity"], &finding["image"], &finding["region"]), (&json!("error"), &json!("d_large"), &json!(1)));
    let region = report["regions"].as_array().unwrap().iter().find(|r| r["image"] == "d_large").unwrap();
    assert!((region["bias_px"].as_f64().unwrap() - 5.0).abs() < 0.7, "{region}");
    let sum: u64 = ["pass", "warn", "fail", "unmeasurable"].iter().map(|k| report[k].as_u64().unwrap()).sum();
    assert_eq!(sum, 5, "every labelled region has an answer");
    let text = fixture.run("check", &[]).out;
    assert!(text.contains("d_large") && text.contains("too large"), "{text}");
    fixture.run("check", &["--tolerance", "0"]).assert_refused(&["--tolerance"]);
}

#[test]
fn without_a_window_the_whole_job_is_done_as_text() {
    let fixture = Fixture::complete();
    let run = delimit([fixture.project()]);
    assert_eq!(run.code, 0, "{}", run.err);
    let lines: Vec<&str> = run.out.lines().collect();
    assert!(lines[0].starts_with("No window: "), "{}", run.out);
    for words in [
        "on labels: 2 OK, 2 review, 1 NG of 5 parts",
        "on predictions: 2 OK, 2 review, 1 NG of 5 parts",
        "rten",
        "Bundle ",
        "1.0000",
    ] {
        assert!(run.out.contains(words), "{words:?} is not in {}", run.out);
    }
    let bundle = lines.iter().find_map(|l| l.strip_prefix("Bundle ")).unwrap().split(": ").next().unwrap();
    assert!(std::path::Path::new(bundle).is_file(), "{bundle}");
    // The project is as it was, but for its cache.
    let mut names: Vec<_> = fixture.project().read_dir().unwrap().map(|e| e.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, [".delimit", "labels", "models", "parts.csv", "project.ron", "rules"]);
}

#[test]
fn the_sample_has_the_truth_of_its_renderer_and_the_same_seed_gives_the_same_files() {
    let folder = tempfile::tempdir().unwrap();
    let sample = |name: &str| {
        let path = folder.path().join(name);
        let run = delimit(["sample", "--parts", "6", "--seed", "3", "--out", &path.display().to_string()]);
        assert_eq!(run.code, 0, "{}", run.err);
        path
    };
    let (one, two) = (sample("one"), sample("two"));
    let run = delimit(["judge", "--json", &one.display().to_string()]);
    let report = run.json();
    for (i, part) in report["judged"][0]["parts"].as_array().unwrap().iter().enumerate() {
        let rendered = sample::part(3, i as u32);
        let truth = if rendered.is_ng() { Disposition::Ng } else { Disposition::Ok };
        assert_eq!((&part["part"], &part["truth"]), (&json!(rendered.serial), &serde_json::to_value(truth).unwrap()));
        // A crack is NG wherever it is.
        if rendered.label.histogram()[sample::class::CRACK as usize] > 0 {
            assert_eq!(part["verdict"], serde_json::to_value(Verdict::Ng).unwrap());
        }
    }
    for file in ["project.ron", "parts.csv", "zones/HC-2040.png", "images/HC2040-03-0006.png", "labels/HC2040-03-0006.png"] {
        assert_eq!(std::fs::read(one.join(file)).unwrap(), std::fs::read(two.join(file)).unwrap(), "{file}");
    }
    delimit(["sample", "--out", &one.display().to_string()]).assert_refused(&["there is a project already"]);
}

#[test]
fn a_comparison_tells_what_predict_tells_and_more() {
    let fixture = Fixture::complete();
    let page = fixture.path("page.html").display().to_string();
    let run = fixture.run("compare", &["--json", "--html", &page]);
    assert_eq!(run.code, 0, "{}", run.err);
    let report = &run.json()["part_numbers"][0];
    let predicted = &fixture.run("predict", &["--json"]).json()["part_numbers"][0];
    assert_eq!(report["compared"], predicted["compared"]);
    let (ours, theirs) = (report["classes"].as_array().unwrap(), predicted["classes"].as_array().unwrap());
    assert_eq!((ours.len(), theirs.len()), (2, 2));
    for (a, b) in ours.iter().zip(theirs) {
        for key in ["class", "labelled_px", "predicted_px", "both_px", "iou", "dice"] {
            assert_eq!(a[key], b[key], "{key}");
        }
        assert_eq!(a["defects_found"]["count"], b["regions_found"]);
        assert_eq!(a["assd_px"], 0.0);
    }
    // No label is suspected where model and label are one.
    assert_eq!(report["suspects"].as_array().map(Vec::len), Some(0));
    assert_eq!(report["recall_without_suspects"], report["recall"]);
    assert_eq!(report["rejected_suspects"], 0);
    // The verdicts on predictions are those of `judge`; by the truth of the fixture nothing NG is accepted.
    let parts = &report["parts"];
    assert_eq!(parts["predictions"], parts["labels"]);
    assert_eq!((&parts["same_verdict"]["count"], &parts["same_verdict"]["of"]), (&5.into(), &5.into()));
    assert_eq!((&parts["against_people"]["escapes"]["count"], &parts["against_people"]["escapes"]["of"]), (&0.into(), &2.into()));
    assert!(std::fs::read_to_string(page).unwrap().ends_with("</html>\n"));
    let table = fixture.run("compare", &[]).out;
    assert!(table.lines().all(|l| l.chars().count() <= 100), "{table}");
    assert!(table.contains("all     5 of 5, 57–100 %"), "{table}");
    Fixture::unlabelled().run("compare", &[]).assert_refused(&["PN", "no model"]);
}
