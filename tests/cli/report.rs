//! Rulesets compared and released, and the report.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Mutex;

use delimit::judge::{Bounds, CellKey, Ruleset};
use delimit::measure::Feature;
use delimit::project::{Moment, Project, Signature};
use delimit::raster::LabelMap;
use delimit::session::Session;
use delimit::workflow::WorkflowError;
use delimit::workflow::report::{ReportInput, Source, html, judge_sources, make_report};
use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::{Value, json};

use super::fixture::{Fixture, HEIGHT, PARTS, Run, WIDTH, delimit, rules};

/// The rules of the fixture with other limits on dark regions, as a file.
fn variant(fixture: &Fixture, name: &str, accept: f64, reject: f64) -> String {
    let mut ruleset = rules();
    ruleset.set_limit(&CellKey::new("dark", "*"), Feature::AreaPx, Some(Bounds::new(Some(accept), Some(reject)))).unwrap();
    let path = fixture.path(name);
    std::fs::write(&path, ruleset.to_ron().unwrap()).unwrap();
    path.display().to_string()
}

fn diff(fixture: &Fixture, args: &[&str]) -> Run {
    let project = fixture.project().display().to_string();
    delimit(["diff"].into_iter().chain(args[..2].iter().copied()).chain([project.as_str()]).chain(args[2..].iter().copied()))
}

#[test]
fn rulesets_differ_by_numbers_and_by_parts_with_new_escapes_first() {
    let fixture = Fixture::complete();
    // 16 px are accepted now, 50 px left to a person.
    let loose = variant(&fixture, "loose.ron", 20.0, 60.0);
    let same = variant(&fixture, "same.ron", 10.0, 50.0);
    let run = delimit(["diff", &same, &loose]);
    assert_eq!((run.code, run.out.lines().count()), (1, 1), "{} {}", run.out, run.err);
    assert!(run.out.contains("OK below 10 px, NG from 50 px → OK below 20 px, NG from 60 px"), "{}", run.out);
    let run = diff(&fixture, &["@saved", &same]);
    assert!(run.code == 0 && run.out.contains("say the same"), "{} {}", run.out, run.err);
    for on in ["labels", "predictions"] {
        let run = diff(&fixture, &["@saved", &loose, "--on", on, "--json"]);
        assert_eq!(run.code, 1, "{}", run.err);
        let report = run.json();
        assert_eq!((&report["changes"][0]["kind"], &report["part_number"]), (&json!("limit"), &json!("PN")));
        let judged = &report["judged"][0];
        let flips: Vec<[&Value; 4]> =
            judged["flips"].as_array().unwrap().iter().map(|f| [&f["part"], &f["before"], &f["after"], &f["kind"]]).collect();
        let expected = [
            [json!("c_middle"), json!("review"), json!("ok"), json!("new escape")],
            [json!("d_large"), json!("ng"), json!("review"), json!("new review")],
        ];
        assert_eq!(flips, expected.each_ref().map(<[Value; 4]>::each_ref), "{on}");
        // Both sides are what judging by each of them says.
        for (side, file) in [("before", &same), ("after", &loose)] {
            let judge = fixture.run("judge", &["--json", "--on", on, "--ruleset", file]).json();
            let one = &judge["judged"][0];
            assert_eq!((&judged[side]["tally"], &judged[side]["score"]), (&one["tally"], &one["score"]), "{side} on {on}");
        }
        assert!(judged["flips"][0]["sentence"].as_str().unwrap().contains("16 px between 10 and 50"), "{}", judged["flips"][0]);
    }
    delimit(["diff", "@1", &loose]).assert_refused(&["@1", "name its folder"]);
    diff(&fixture, &["@1", &loose]).assert_refused(&["nothing was released of PN"]);
    delimit(["diff", "missing.ron", &loose]).assert_refused(&["missing.ron"]);
}

#[test]
fn a_release_is_held_against_golden_parts_by_what_a_station_judges() {
    let fixture = Fixture::complete();
    // The label of this part says nothing any more; the model still sees the defect.
    Project::load(&fixture.project()).unwrap().write_label(2, &LabelMap::new(WIDTH, HEIGHT)).unwrap();
    fixture.run("release", &["--golden", "nobody=ok"]).assert_refused(&["no part nobody"]);
    let run = fixture.run("release", &["--golden", "c_middle=maybe"]);
    assert!(run.code == 2 && run.err.contains("SERIAL=review"), "{}", run.err);
    let run = fixture.run("release", &["--golden", "c_middle=review", "--golden", "d_large=ng", "--json"]);
    assert_eq!((run.code, &run.json()["released"]), (0, &Value::Null), "{}", run.err);
    let run = fixture.run("release", &["--note", "first", "--json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let report = run.json();
    assert_eq!((&report["released"], &report["versions"][0]["note"]), (&json!(1), &json!("first")));
    assert_eq!(report["golden"][0], json!({ "part": "c_middle", "expected": "review", "got": "review" }));
    // Accepting 16 px breaks the agreement: nothing is released or changed without a reason.
    let loose = variant(&fixture, "loose.ron", 20.0, 50.0);
    let path = Project::load(&fixture.project()).unwrap().ruleset_path(0);
    std::fs::copy(&loose, &path).unwrap();
    let run = fixture.run("release", &["--note", "second"]);
    assert!(run.code == 2 && run.err.contains("c_middle") && run.err.contains("write down why"), "{}", run.err);
    assert_eq!(fixture.run("release", &["--list", "--json"]).json()["versions"].as_array().unwrap().len(), 1);
    let run = fixture.run("release", &["--note", "second", "--reason", "agreed with the customer"]);
    assert!(run.code == 1 && run.out.contains("released as version 2"), "{} {}", run.out, run.err);
    let list = fixture.run("release", &["--list"]);
    assert!(list.out.contains("version 1") && list.out.contains("reason: agreed with the customer"), "{}", list.out);
    let run = diff(&fixture, &["@1", "@2", "--on", "predictions", "--json"]);
    assert_eq!(run.json()["judged"][0]["flips"][0]["part"], "c_middle");
    diff(&fixture, &["@1", "@7"]).assert_refused(&["no released version 7", "the last one is 2"]);
    assert_eq!(fixture.run("release", &["--golden", "c_middle=none", "--json"]).json()["golden"].as_array().unwrap().len(), 1);
}

/// Every element is closed and every attribute quoted; returns the texts of elements that carry a figure, by its name.
fn figures(page: &str) -> BTreeMap<String, String> {
    assert!(!page.contains("://") && !page.contains("<script"), "nothing is fetched and nothing runs");
    let mut reader = Reader::from_str(page);
    reader.config_mut().check_end_names = true;
    let (mut figures, mut name, mut depth) = (BTreeMap::new(), None, 0);
    loop {
        let event = reader.read_event().unwrap();
        if let Event::Start(tag) | Event::Empty(tag) = &event {
            for attribute in tag.attributes().map(Result::unwrap) {
                let value = attribute.normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap();
                if attribute.key.as_ref() == b"data-figure" {
                    name = Some(value.into_owned());
                }
            }
        }
        match event {
            Event::Start(_) => depth += 1,
            Event::End(_) => depth -= 1,
            Event::Text(text) => {
                if let Some(name) = name.take() {
                    figures.insert(name, String::from_utf8(text.to_vec()).unwrap());
                }
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!(depth, 0, "an element is open at the end");
    figures
}

/// The report's figures are those of `judge --json`.
#[track_caller]
fn assert_same_figures(page: &str, judged: &Value) {
    let figures = figures(page);
    for one in judged["judged"].as_array().unwrap() {
        let on = one["on"].as_str().unwrap();
        let figure = |name: &str| figures.get(&format!("{on}.{name}")).unwrap_or_else(|| panic!("{on}.{name} is missing")).clone();
        for verdict in ["ok", "review", "ng"] {
            assert_eq!(figure(&format!("tally.{verdict}")), one["tally"][verdict].to_string());
            for truth in ["truly_ok", "truly_ng", "undecided"] {
                assert_eq!(figure(&format!("{truth}.{verdict}")), one["score"][truth][verdict].to_string());
            }
        }
        for rate in ["escapes", "overkill", "review_load"] {
            let rate_of = &one["score"][rate];
            assert_eq!(figure(rate), format!("{} of {}", rate_of["count"], rate_of["of"]), "{rate}");
        }
    }
}

fn csv_rows(path: &Path) -> Vec<csv::StringRecord> {
    csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect()
}

#[test]
fn the_report_says_what_judge_says() {
    let fixture = Fixture::complete();
    let released = fixture.run("release", &["--note", "for the report", "--json"]).json();
    let (page, folder) = (fixture.path("report.html"), fixture.path("figures"));
    let run = fixture
        .run("report", &["--out", &page.display().to_string(), "--csv", &folder.display().to_string(), "--rate-below", "0.01"]);
    assert_eq!(run.code, 1, "a part is NG: {} {}", run.out, run.err);
    let text = std::fs::read_to_string(&page).unwrap();
    let judged = fixture.run("judge", &["--json", "--on", "both"]).json();
    assert_same_figures(&text, &judged);
    assert_eq!(figures(&text)["ruleset.sha256"], released["versions"][0]["ruleset_sha256"].as_str().unwrap());
    assert!(text.contains("released as version 1") && run.out.contains("version 1"), "{}", run.out);
    // 0 escapes in 2 NG parts: 1 − √0.05.
    for words in ["the true rate may be up to 78 %", "299 NG parts", "dark × *: area in pixels", "models/gray.onnx"] {
        assert!(text.contains(words), "{words:?} is not on the page");
    }
    // Four dark regions lie about the limits 10 and 50 px, each with its picture, once on labels and once on predictions.
    assert_eq!(text.matches("data:image/png;base64,").count(), 8);
    let verdicts = csv_rows(&folder.join("verdicts.csv"));
    let expected: Vec<(String, String)> =
        PARTS.iter().map(|p| (p.0.to_owned(), if p.3 == "review" { "review".to_owned() } else { p.3.to_uppercase() })).collect();
    for (on, rows) in ["labels", "predictions"].iter().zip(verdicts.chunks(PARTS.len())) {
        assert!(rows.iter().all(|r| &r[1] == *on));
        assert_eq!(rows.iter().map(|r| (r[2].to_owned(), r[4].to_owned())).collect::<Vec<_>>(), expected);
    }
    assert_eq!(csv_rows(&folder.join("regions.csv")).len(), 10);
    // Another ruleset, and only labels.
    let loose = variant(&fixture, "loose.ron", 20.0, 60.0);
    let run = fixture.run("report", &["--out", &page.display().to_string(), "--on", "labels", "--ruleset", &loose]);
    assert_eq!(run.code, 3, "{}", run.err);
    let text = std::fs::read_to_string(&page).unwrap();
    assert_same_figures(&text, &fixture.run("judge", &["--json", "--ruleset", &loose]).json());
    assert!(text.contains("not released as it is here") && text.contains("nearest to another verdict"), "the escape is explained");
}

#[test]
fn names_cannot_break_out_of_the_page() {
    const HOSTILE: &str = "<script>&\"'</td>";
    let fixture = Fixture::complete();
    let root = fixture.project();
    let mut project = Project::load(&root).unwrap();
    project.classes[0].name = HOSTILE.into();
    project.save().unwrap();
    let mut ruleset = Ruleset { name: HOSTILE.into(), note: HOSTILE.into(), ..rules() };
    ruleset.cells[0].class = HOSTILE.into();
    std::fs::write(project.ruleset_path(0), ruleset.to_ron().unwrap()).unwrap();
    let parts = root.join("parts.csv");
    let mut rows: Vec<Vec<String>> = csv_rows(&parts).iter().map(|r| r.iter().map(String::from).collect()).collect();
    let mut csv = csv::Reader::from_path(&parts).unwrap();
    let header = csv.headers().unwrap().clone();
    let serial = header.iter().position(|h| h == "part").unwrap();
    rows[3][serial] = HOSTILE.into();
    let mut out = csv::Writer::from_path(&parts).unwrap();
    out.write_record(&header).unwrap();
    for row in &rows {
        out.write_record(row).unwrap();
    }
    out.flush().unwrap();
    let golden = format!("{HOSTILE}=ok");
    assert_eq!(fixture.run("release", &["--golden", &golden]).code, 0);
    let page = fixture.path("report.html").display().to_string();
    let run = fixture.run("report", &["--out", &page, "--on", "labels"]);
    assert_eq!(run.code, 1, "{}", run.err);
    let text = std::fs::read_to_string(&page).unwrap();
    assert_same_figures(&text, &fixture.run("judge", &["--json"]).json());
    assert!(text.matches("&lt;script&gt;&amp;&quot;&#39;&lt;/td&gt;").count() >= 6);
    assert!(text.contains("1 of 1 golden parts do not get"), "NG was agreed to be OK");
}

/// What the window calls: labels and cached predictions, with progress, and ended when nobody wants it any more.
#[test]
fn a_report_is_made_from_the_cache_with_progress_and_can_be_cancelled() {
    let fixture = Fixture::complete();
    let session = Session::open_read_only(&fixture.project()).unwrap();
    let (snapshot, ruleset, truth) = (session.snapshot(), session.ruleset(0).current(), session.dispositions());
    let both = [Source::Labels, Source::Predictions];
    let last = Mutex::new((0, 0));
    let progress = |done: usize, total: usize| *last.lock().unwrap() = (done, total);
    let judge = |cancel: bool| judge_sources(&snapshot, 0, ruleset, &truth, &both, &|| cancel, &progress);
    // Nothing was predicted yet.
    let before: Vec<Source> = judge(false).unwrap().iter().map(|j| j.source).collect();
    assert_eq!(before, [Source::Labels]);
    let judged_by_cli = fixture.run("judge", &["--json", "--on", "both"]).json();
    let judged = judge(false).unwrap();
    assert_eq!(*last.lock().unwrap(), (10, 10), "five labels and five predictions");
    for (one, cli) in judged.iter().zip(judged_by_cli["judged"].as_array().unwrap()) {
        assert_eq!(json!(one.evaluation.tally()), cli["tally"]);
    }
    let made = Signature { by: "kim".into(), at: Moment::from_unix_seconds(0) };
    let input = ReportInput { part_number: 0, ruleset, made, golden: &[], releases: &[], cost: None, wanted_escape_rate: None };
    let report = make_report(&snapshot, &input, &judged, &|| false, &progress).unwrap();
    assert_eq!(
        report.sources.iter().map(|s| s.tally).collect::<Vec<_>>(),
        judged.iter().map(|j| j.evaluation.tally()).collect::<Vec<_>>()
    );
    assert_same_figures(&html(&report), &judged_by_cli);
    // c_middle, d_large and e_bright: two by the limit on dark, one because no rule speaks of it.
    let causes: Vec<_> =
        report.sources[0].causes.iter().map(|c| (c.class.as_str(), c.ng_parts, c.review_parts, c.cumulative)).collect();
    assert_eq!(causes, [("dark", 1, 1, 2.0 / 3.0), ("bright", 0, 1, 1.0)]);
    // The curve of the reject limit says at 16 px what judging there says: c_middle is NG.
    let curve = &report.sources[0].curves[1];
    let at_16 = curve.points.iter().find(|p| p.at == 16.0).unwrap();
    assert_eq!((curve.now, at_16.score.all().ng, at_16.score.all().ok), (50.0, 2, 2));
    assert!(matches!(judge(true), Err(WorkflowError::Cancelled)));
    assert!(matches!(make_report(&snapshot, &input, &judged, &|| true, &progress), Err(WorkflowError::Cancelled)));
}

#[test]
fn the_sample_project_has_a_report() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("projects/housing").display().to_string();
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("report.html").display().to_string();
    let run = delimit(["report", &project, "--out", &page, "--on", "labels"]);
    assert_eq!(run.code, 1, "{} {}", run.out, run.err);
    let text = std::fs::read_to_string(&page).unwrap();
    assert_same_figures(&text, &delimit(["judge", &project, "--json"]).json());
    for words in
        ["pit × seal ring: equivalent diameter", "OK below 0.30 mm, NG from 0.40 mm", "zones/HC-2040.png", "0.05 mm/px across"]
    {
        assert!(text.contains(words), "{words:?} is not on the page");
    }
}
