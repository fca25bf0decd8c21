use quick_xml::Reader;
use quick_xml::events::Event;

use super::*;
use crate::judge::{Claim, Event as Counted, Rate, Score, SweepPoint, Tally};
use crate::project::{Moment, Signature};
use crate::raster::PixelRect;
use crate::workflow::report::{
    Alarm, Borderline, Cause, Crop, Curve, FileHash, Golden, MatrixRow, RuleHits, RulesetIdentity, Source, SourceReport, Strip,
    WrongPart,
};

/// A name that would break out of text and of attributes, and characters that XML does not have.
const HOSTILE: &str = "<script>alert(\"1\")</script>&' \u{1} ]]> --> %s";

fn hostile() -> Report {
    let name = || HOSTILE.to_owned();
    let signature = || Signature { by: name(), at: Moment::from_unix_seconds(0) };
    let score =
        Score { truly_ok: Tally { ok: 7, review: 2, ng: 1 }, truly_ng: Tally { ok: 1, review: 1, ng: 4 }, ..Score::default() };
    let bounds = crate::judge::Bounds::new(Some(1.0), Some(2.0));
    let region = |value, crop| Borderline {
        part: name(),
        image: name(),
        number: 1,
        class: 1,
        value,
        verdict: Verdict::Ng,
        truth: crate::judge::Disposition::Ok,
        crop,
    };
    let crop = Crop { rect: PixelRect::new(0, 0, 4, 4), png: vec![1, 2, 3], outlines: Vec::new() };
    let source = SourceReport {
        source: Source::Labels,
        engine: Some(name()),
        tally: score.all(),
        score,
        claims: vec![Claim::new(Counted::Escape, Rate { count: 1, of: 6 }, None)],
        cost: None,
        not_judged: vec![name()],
        problems: vec![name()],
        matrix: vec![MatrixRow {
            class: name(),
            zone: name(),
            decided_by: Some(name()),
            limits: vec![name()],
            regions: Tally::default(),
        }],
        rules: vec![RuleHits { words: name(), ng_parts: 1, review_parts: 2 }],
        causes: vec![Cause { class: name(), zone: name(), ng_parts: 3, review_parts: 1, cumulative: 1.0 }],
        curves: vec![Curve { title: name(), unit: name(), now: 1.0, points: vec![SweepPoint { at: 2.0, bounds, score }] }],
        strips: vec![Strip {
            title: name(),
            unit: "mm".into(),
            limits: vec![1.0, 2.0],
            side_px: 48,
            side_mm: None,
            regions: vec![region(0.5, Some(crop)), region(1.5, None), region(2.5, None)],
        }],
        wrong: vec![WrongPart { part: name(), is_escape: true, sentence: name() }],
    };
    Report {
        project: name(),
        part_number: name(),
        made: signature(),
        program: name(),
        ruleset: RulesetIdentity { name: name(), note: name(), sha256: "ab".into(), release: Some(name()), version: Some(3) },
        files: vec![FileHash { what: "model", name: name(), sha256: None }],
        calibration: None,
        calibration_sha256: None,
        currency: name(),
        sources: vec![source],
        golden_on: Some(Source::Labels),
        golden: vec![Golden { part: name(), expected: Verdict::Ok, got: None, note: name(), agreed: signature() }],
        alarms: vec![Alarm { sentence: name(), escapes: 0 }],
    }
}

#[test]
fn hostile_names_stay_text_and_the_page_is_well_formed() {
    let page = html(&hostile());
    assert!(!page.contains("<script") && !page.contains('\u{1}') && !page.contains("://"));
    let mut reader = Reader::from_str(&page);
    reader.config_mut().check_end_names = true;
    let (mut open, mut texts, mut elements) = (Vec::new(), 0, 0);
    loop {
        match reader.read_event().unwrap() {
            Event::Start(tag) => {
                tag.attributes().for_each(|a| drop(a.unwrap().normalized_value(quick_xml::XmlVersion::Implicit1_0).unwrap()));
                open.push(tag.name().as_ref().to_vec());
                elements += 1;
            }
            Event::Empty(tag) => tag.attributes().for_each(|a| drop(a.unwrap())),
            Event::End(tag) => assert_eq!(open.pop().as_deref(), Some(tag.name().as_ref())),
            Event::Text(text) => texts += usize::from(String::from_utf8_lossy(&text).contains("alert(")),
            Event::Eof => break,
            _ => {}
        }
    }
    assert!(open.is_empty() && elements > 100, "{elements} elements");
    assert!(texts >= 20, "the name stands as text in {texts} places");
}

#[test]
fn limits_stand_between_the_regions_they_part() {
    let page = html(&hostile());
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text} is missing"));
    let order = [
        "<b class=\"num\">0.5 mm",
        "<div class=\"limit\">1 mm",
        "<b class=\"num\">1.5 mm",
        "<div class=\"limit\">2 mm",
        "<b class=\"num\">2.5 mm",
    ];
    assert!(order.windows(2).all(|w| at(w[0]) < at(w[1])));
}

#[test]
fn numbers_keep_the_digits_that_count() {
    assert_eq!([4.131_4, 0.005_12, 1204.4, 0.0, 2.0].map(number), ["4.131", "0.00512", "1204", "0", "2"]);
}
