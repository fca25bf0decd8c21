//! Measuring, sweeping and suggesting.

use delimit::judge::{CellKey, Ruleset};
use delimit::measure::Feature;
use serde_json::{Value, json};

use super::fixture::{Fixture, delimit};

fn ruleset(fixture: &Fixture) -> Ruleset {
    Ruleset::read(&delimit::project::Project::load(&fixture.project()).unwrap().ruleset_path(0)).unwrap()
}

#[test]
fn every_region_is_a_row_with_all_features() {
    let fixture = Fixture::complete();
    let run = fixture.run("measure", &[]);
    assert_eq!(run.code, 0, "{}", run.err);
    let mut csv = csv::Reader::from_reader(run.out.as_bytes());
    let header: Vec<String> = csv.headers().unwrap().iter().map(String::from).collect();
    assert!(Feature::ALL.iter().all(|f| header.iter().any(|h| h == f.name())));
    let at = |name: &str| header.iter().position(|h| h == name).unwrap();
    let rows: Vec<Vec<String>> = csv.records().map(|r| r.unwrap().iter().map(String::from).collect()).collect();
    let areas: Vec<&str> = rows.iter().map(|r| r[at("area_px")].as_str()).collect();
    assert_eq!(areas, ["9", "16", "4", "50", "9"]);
    let classes: Vec<&str> = rows.iter().map(|r| r[at("class")].as_str()).collect();
    assert_eq!(classes, ["dark", "dark", "dark", "dark", "bright"]);
    assert_eq!(rows[3][at("aspect")], "2");
    assert_eq!(rows[3][at("length")], "", "no calibration");
    // On predictions there are probabilities; the model says exactly what was drawn.
    let run = fixture.run("measure", &["--on", "predictions", "--json", "--engine", "rten", "--quick"]);
    let measured = &run.json()["measured"][0];
    assert_eq!(measured["on"], "predictions");
    let large = &measured["images"][3]["regions"][0];
    assert_eq!(large["features"]["area_px"], json!(50.0));
    assert!(large["features"]["mean_probability"].as_f64().unwrap() > 0.5);
}

#[test]
fn a_sweep_says_what_judging_at_each_place_says() {
    let fixture = Fixture::complete();
    let run = fixture.run("sweep", &["--limit", "dark:area_px", "--from", "8", "--to", "60", "--points", "14", "--json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let report = run.json();
    assert_eq!((&report["limit"], &report["bound"]), (&json!("dark:area_px"), &json!("reject")));
    let points = report["sweeps"][0]["points"].as_array().unwrap();
    assert_eq!(points.len(), 14);
    let rules = ruleset(&fixture);
    for point in points {
        let mut moved = rules.clone();
        let at = point["at"].as_f64().unwrap();
        let bounds = rules.cells[0].limits[0].bounds().push(delimit::judge::Bound::Reject, at);
        moved.set_limit(&CellKey::new("dark", "*"), Feature::AreaPx, Some(bounds)).unwrap();
        let path = fixture.path("moved.ron");
        std::fs::write(&path, moved.to_ron().unwrap()).unwrap();
        let judged = fixture.run("judge", &["--json", "--ruleset", &path.display().to_string()]).json();
        let judged = &judged["judged"][0];
        assert_eq!((&point["tally"], &point["score"]), (&judged["tally"], &judged["score"]), "at {at}");
    }
    // All places at which something changes: the three parts on which this limit decides, and beyond them.
    let run = fixture.run("sweep", &["--limit", "dark:area_px", "--csv"]);
    let rows: Vec<csv::StringRecord> = csv::Reader::from_reader(run.out.as_bytes()).records().map(Result::unwrap).collect();
    assert_eq!(rows.iter().map(|r| r[1].to_owned()).collect::<Vec<_>>(), ["9", "16", "50", "50.000004"]);
    fixture.run("sweep", &["--limit", "dark:length"]).assert_refused(&["dark:length", "dark:area_px"]);
    let run = fixture.run("sweep", &["--limit", "dark:nonsense"]);
    assert!(run.code == 2 && run.err.contains("total_FEATURE"), "{}", run.err);
}

#[test]
fn a_suggestion_is_written_only_when_that_is_asked_for() {
    let fixture = Fixture::complete();
    let before = ruleset(&fixture);
    // OK: nothing, 9 px. NG: 16 px and 50 px. One limit between 9 and 16 divides them.
    let run = fixture.run("suggest", &["--json"]);
    assert_eq!(run.code, 0, "{} {}", run.out, run.err);
    let report = run.json();
    assert_eq!((&report["method"], &report["is_goal_met"], &report["is_written"]), (&json!("exact"), &json!(true), &json!(false)));
    let limit = &report["limits"][0];
    assert_eq!((&limit["class"], &limit["what"], &limit["farthest"]), (&json!("dark"), &json!("area_px"), &json!([16.0, 16.0])));
    assert_eq!(limit["after"], json!({ "accept": 12.0, "reject": 12.0, "worse": "larger" }));
    assert_eq!(report["flips"], json!([{ "part": "c_middle", "before": "review", "after": "ng", "kind": "newly right" }]));
    assert_eq!(report["after"]["escapes"]["count"], 0);
    assert_eq!(ruleset(&fixture), before);
    // Two NG parts prove nothing of 1 %: 299 would be needed.
    let run = fixture.run("suggest", &["--rate-below", "0.01"]);
    assert_eq!(run.code, 3, "{}", run.out);
    assert!(run.out.contains("299 NG parts") && run.out.contains("dark:area_px"), "{}", run.out);
    let run = fixture.run("suggest", &["--write"]);
    assert!(run.code == 0 && run.err.contains("written"), "{} {}", run.out, run.err);
    let after = ruleset(&fixture);
    assert_eq!(after.cells[0].limits[0].bounds(), delimit::judge::Bounds::new(Some(12.0), Some(12.0)));
    let judged = fixture.run("judge", &["--json"]).json();
    let verdicts: Vec<&Value> = judged["judged"][0]["parts"].as_array().unwrap().iter().map(|p| &p["verdict"]).collect();
    assert_eq!(verdicts, ["ok", "ok", "ng", "ng", "review"]);
}

#[test]
fn a_suggestion_needs_parts_that_people_decided_on() {
    let fixture = Fixture::unlabelled();
    fixture.run("suggest", &[]).assert_refused(&["no limit yet"]);
    fixture.run("suggest", &["--limit", "dark:area_px"]).assert_refused(&["no part of the set is NG"]);
    let fixture = Fixture::complete();
    fixture.run("suggest", &["--limit", "bright:area_px"]).assert_refused(&["bright", "no decided part"]);
    fixture.run("suggest", &["--cost"]).assert_refused(&["no costs yet"]);
    let lots = fixture.path("lots.csv");
    std::fs::write(&lots, "part,lot\na_clean,1\nb_small,1\nc_middle,1\nd_large,2\n").unwrap();
    let by_lot = ["--json", "--lots", &lots.display().to_string()];
    let validation = fixture.run("suggest", &by_lot).json()["validation"].clone();
    // Without the lot of all others d_large alone says nothing but its own 50 px: c_middle escapes.
    assert_eq!((&validation["folds"], &validation["held_out"]["escapes"]["count"]), (&json!(2), &json!(1)));
    std::fs::write(&lots, "serial\na_clean\n").unwrap();
    fixture.run("suggest", &by_lot).assert_refused(&["lots.csv", "part and lot"]);
    assert_eq!(delimit(["suggest", "p", "--rate-below", "2"]).code, 2);
}
