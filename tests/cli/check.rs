//! `delimit check`: groups, systematic errors, flips, SARIF and when it fails.

use std::collections::BTreeSet;
use std::path::Path;

use delimit::judge::{Bounds, Cell, Limit, Ruleset};
use delimit::measure::Feature;
use delimit::project::{LabelState, Moment, Project, Sidecar};
use delimit::raster::{LabelMap, Plane};
use serde_json::{Value, json};

use super::fixture::{Run, delimit, write};

const SIDE: u32 = 72;

/// Twelve parts with one dark square each; every label is `larger` px too large all around and `shift` px too far to the right.
struct Squares {
    folder: tempfile::TempDir,
}

impl Squares {
    fn new(larger: i64, shift: i64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let photos = folder.path().join("photos");
        std::fs::create_dir(&photos).unwrap();
        let inside = |i: i64, grown: i64, x: i64, y: i64| {
            let (left, top, side) = (20 + i % 5, 18 + i % 7, 18 + i % 3);
            x >= left - grown && x < left + side + grown && y >= top - grown && y < top + side + grown
        };
        for i in 0..12 {
            let photo = Plane::from_fn(SIDE, SIDE, |x, y| if inside(i, 0, x.into(), y.into()) { 60 } else { 150_u8 });
            let path = photos.join(format!("p {i:02}.png"));
            image::save_buffer(path, photo.as_slice(), SIDE, SIDE, image::ExtendedColorType::L8).unwrap();
        }
        let root = folder.path().join("project");
        let run = delimit([
            Path::new("new"),
            "--class".as_ref(),
            "pit".as_ref(),
            "--part-number".as_ref(),
            "PN".as_ref(),
            &root,
            &photos,
        ]);
        assert_eq!(run.code, 0, "{}", run.err);
        let project = Project::load(&root).unwrap();
        for i in 0..12 {
            let label = Plane::from_fn(SIDE, SIDE, |x, y| u8::from(inside(i, larger, i64::from(x) - shift, y.into())));
            project.write_label(i as usize, &LabelMap::from_plane(&label)).unwrap();
            let mut sidecar = Sidecar::default();
            sidecar.set_state(LabelState::Done, if i < 6 { "Ann" } else { "Bob" }, Moment::now());
            sidecar.set_state(LabelState::Reviewed, "Cid", Moment::now());
            project.write_sidecar(i as usize, &sidecar).unwrap();
        }
        // 18² = 324 to 20² = 400 px are drawn, 20² to 22² labelled where a label is 1 px too large.
        let rules = Ruleset {
            cells: vec![Cell {
                class: "pit".into(),
                limits: vec![Limit::of(Feature::AreaPx, Bounds::new(Some(430.0), Some(500.0)))],
                ..Cell::default()
            }],
            ..Ruleset::default()
        };
        write(&project.ruleset_path(0), rules.to_ron().unwrap().as_bytes());
        Self { folder }
    }

    fn run(&self, args: &[&str]) -> Run {
        let root = self.folder.path().join("project");
        delimit([std::ffi::OsString::from("check"), root.into()].into_iter().chain(args.iter().map(|&a| a.into())))
    }
}

#[test]
fn labels_that_all_pass_and_are_all_too_large_are_told_together() {
    let squares = Squares::new(1, 0);
    let run = squares.run(&["--json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let report = run.json();
    assert_eq!((&report["pass"], &report["fail"]), (&json!(12), &json!(0)), "one by one they pass");
    let systematic = report["systematic"].as_array().unwrap();
    let pit = systematic.iter().find(|s| s["who"] == "pit").unwrap();
    assert_eq!((&pit["kind"], &pit["regions"], &pit["passing"]), (&json!("bias"), &json!(12), &json!(12)));
    assert!((pit["bias"]["median"].as_f64().unwrap() - 1.0).abs() < 0.15, "{pit}");
    assert!((pit["correction"]["offset"]["by_px"].as_f64().unwrap() + 1.0).abs() < 0.15, "{pit}");
    let names = |by: &str| report["groups"][by].as_array().unwrap().iter().map(|g| g["name"].clone()).collect::<Vec<_>>();
    assert_eq!(names("annotator"), ["Ann", "Bob"], "who reviewed drew nothing");
    assert_eq!((names("class"), names("part_number"), names("image").len()), (vec![json!("pit")], vec![json!("PN")], 12));
    assert_eq!(report["groups"]["annotator"][0]["regions"], 6);
    assert!(report.get("flips").is_none());

    let text = squares.run(&[]).out;
    assert!(text.contains("Systematic: pit: +") && text.contains("px too large, n = 12; 12 of them pass one by one"), "{text}");
    assert!(squares.run(&["--by", "annotator"]).out.contains("Ann"), "{text}");
    // A systematic error is a warning.
    assert_eq!(squares.run(&["--fail-on", "warning"]).code, 1);
    assert_eq!(squares.run(&["--fail-on", "error"]).code, 0);
}

#[test]
fn right_labels_have_no_systematic_error_and_fail_on_nothing() {
    let squares = Squares::new(0, 0);
    let run = squares.run(&["--json", "--fail-on", "note"]);
    assert_eq!(run.code, 0, "{} {}", run.out, run.err);
    assert_eq!((&run.json()["systematic"], &run.json()["findings"]), (&json!([]), &json!([])));
}

#[test]
fn labels_beside_the_image_are_told_as_a_shift() {
    let report = Squares::new(0, 1).run(&["--format", "json"]).json();
    let shift = &report["systematic"][0];
    assert_eq!((&shift["kind"], &shift["passing"]), (&json!("shift"), &json!(12)));
    assert!((shift["correction"]["shift"]["by_px"][0].as_f64().unwrap() + 1.0).abs() < 0.15, "{shift}");
    assert!(
        shift["sentence"].as_str().unwrap().contains("to the right of the image (as after an import that is off by one)"),
        "{shift}"
    );
}

#[test]
fn flips_tell_which_finding_changes_a_verdict_and_which_part_hangs_on_a_pixel() {
    let squares = Squares::new(3, 0);
    let run = squares.run(&["--flips", "--json"]);
    assert_eq!(run.code, 1, "3 px are beyond the tolerance: {}", run.err);
    let report = run.json();
    let flips = &report["flips"][0];
    // Labelled 24² = 576 and more: NG. Drawn 18² = 324 to 20² = 400: OK. At −1 px 22² = 484 is review, 23² = 529 and 24² are NG.
    for (i, part) in flips["parts"].as_array().unwrap().iter().enumerate() {
        let side = 18 + i as u64 % 3;
        let verdict = |n: u64| {
            if n * n < 430 {
                "ok"
            } else if n * n < 500 {
                "review"
            } else {
                "ng"
            }
        };
        assert_eq!((&part["verdict"], &part["corrected"]), (&json!("ng"), &json!("ok")), "{part}");
        assert_eq!((&part["moved"]["-1"], &part["moved"]["-2"]), (&json!(verdict(side + 4)), &json!(verdict(side + 2))), "{part}");
    }
    assert_eq!((&flips["stable_1_px"]["count"], &flips["stable_1_px"]["of"]), (&json!(8), &json!(12)));
    assert_eq!(flips["wrong_by_labels"]["count"], 12);
    assert_eq!(flips["cells"], json!([{ "class": "pit", "zone": "unzoned", "regions": 12, "stable_1_px": 8, "stable_2_px": 0 }]));
    assert!(report["findings"].as_array().unwrap().iter().all(|f| f["changes_verdict"] == "part"));
    let text = squares.run(&["--flips"]).out;
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    for words in
        ["part NG → OK", "67 % of the parts keep their verdict", "fragile: p 00 is NG and review at −1 px", "pit × unzoned 4 of 12"]
    {
        assert!(text.contains(words), "{words:?} is not in {text}");
    }
}

/// What SARIF 2.1.0 asks of the objects that are used, from the text of the standard: required properties, types, allowed values.
fn assert_is_sarif(log: &Value) {
    assert_eq!(log["version"], "2.1.0");
    let allowed = |value: &Value, keys: &[&str], what: &str| {
        for key in value.as_object().unwrap_or_else(|| panic!("{what} is an object: {value}")).keys() {
            assert!(keys.contains(&key.as_str()), "{what} has no property {key:?}");
        }
    };
    let message = |value: &Value| {
        allowed(value, &["text", "markdown", "id", "arguments", "properties"], "message");
        assert!(value["text"].as_str().is_some_and(|t| !t.is_empty()), "{value}");
    };
    let artifact = |value: &Value| {
        allowed(value, &["uri", "uriBaseId", "index", "description", "properties"], "artifactLocation");
        let uri = value["uri"].as_str().unwrap();
        assert!(uri.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~/:%".contains(&b)), "{uri}");
    };
    allowed(log, &["$schema", "version", "runs", "inlineExternalProperties", "properties"], "log");
    for run in log["runs"].as_array().unwrap() {
        allowed(run, &["tool", "originalUriBaseIds", "invocations", "results", "columnKind", "artifacts", "properties"], "run");
        let driver = &run["tool"]["driver"];
        assert!(driver["name"].is_string());
        let rules = driver["rules"].as_array().unwrap();
        let ids: BTreeSet<&str> = rules.iter().map(|r| r["id"].as_str().unwrap()).collect();
        assert_eq!(ids.len(), rules.len(), "each rule once");
        for rule in rules {
            message(&rule["shortDescription"]);
        }
        for invocation in run["invocations"].as_array().unwrap() {
            assert!(invocation["executionSuccessful"].is_boolean());
        }
        let mut fingerprints = BTreeSet::new();
        for result in run["results"].as_array().unwrap() {
            message(&result["message"]);
            let index = result["ruleIndex"].as_u64().unwrap() as usize;
            assert_eq!(rules[index]["id"], result["ruleId"]);
            assert!(["none", "note", "warning", "error"].contains(&result["level"].as_str().unwrap()));
            for location in result["locations"].as_array().unwrap() {
                allowed(
                    location,
                    &["id", "physicalLocation", "logicalLocations", "message", "annotations", "properties"],
                    "location",
                );
                let physical = &location["physicalLocation"];
                allowed(physical, &["artifactLocation", "region", "contextRegion", "address", "properties"], "physicalLocation");
                artifact(&physical["artifactLocation"]);
            }
            let prints = result["partialFingerprints"].as_object().unwrap();
            assert!(prints.values().all(Value::is_string));
            assert!(
                fingerprints.insert(prints.values().next().unwrap().as_str().unwrap()),
                "a fingerprint tells one finding: {prints:?}"
            );
        }
    }
}

#[test]
fn sarif_is_what_the_standard_asks_for_and_the_same_twice() {
    let squares = Squares::new(3, 0);
    let run = squares.run(&["--format", "sarif", "--flips"]);
    assert_eq!(run.code, 1);
    let log = run.json();
    assert_is_sarif(&log);
    let results = log["runs"][0]["results"].as_array().unwrap();
    let first = &results[0];
    assert_eq!((&first["ruleId"], &first["level"]), (&json!("boundary-inflated"), &json!("error")));
    let location = &first["locations"][0];
    let artifact = &location["physicalLocation"]["artifactLocation"];
    assert!(artifact["uri"].as_str().unwrap().starts_with("labels/p%20") && artifact["uriBaseId"] == "PROJECT", "{artifact}");
    assert_eq!(location["properties"]["pixelBox"].as_array().unwrap().len(), 4);
    assert_eq!(first["properties"]["changesVerdict"], "part");
    assert!(results.iter().any(|r| r["ruleId"] == "systematic-bias" && r["level"] == "warning"), "{results:?}");
    assert_eq!(squares.run(&["--format", "sarif", "--flips"]).out, run.out);

    // With one label corrected the other findings keep their fingerprints.
    let prints = |log: &Value| -> BTreeSet<String> {
        log["runs"][0]["results"].as_array().unwrap().iter().map(|r| r["partialFingerprints"].to_string()).collect()
    };
    let project = Project::load(&squares.folder.path().join("project")).unwrap();
    project.write_label(0, &LabelMap::new(SIDE, SIDE)).unwrap();
    let after = squares.run(&["--format", "sarif"]).json();
    let (mut before, after) = (prints(&log), prints(&after));
    let all = before.len();
    before.retain(|print| !print.contains("p 00/"));
    assert!(before.len() < all && before == after, "{:?}", before.symmetric_difference(&after));

    // A photo that cannot be read is told in the log too.
    write(&squares.folder.path().join("photos/p 03.png"), b"\x89PNG\r\n\x1a\n cut off");
    let run = squares.run(&["--format", "sarif"]);
    assert_eq!(run.code, 4);
    let log = run.json();
    assert_is_sarif(&log);
    let invocation = &log["runs"][0]["invocations"][0];
    assert_eq!(invocation["executionSuccessful"], false);
    assert!(invocation["toolExecutionNotifications"][0]["message"]["text"].as_str().unwrap().contains("p 03.png"));
}

#[test]
fn json_is_the_same_by_both_names_and_not_both_at_once() {
    let squares = Squares::new(0, 0);
    assert_eq!(squares.run(&["--json"]).out, squares.run(&["--format", "json"]).out);
    assert_eq!(squares.run(&["--json", "--format", "sarif"]).code, 2);
    assert_eq!(squares.run(&["--fail-on", "never"]).code, 2);
}
