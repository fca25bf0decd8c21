use std::sync::Mutex;

use super::*;
use crate::judge::{Bounds, Cell, Limit, Verdict};
use crate::measure::Calibration;
use crate::project::{Class, ImageEntry, Project};
use crate::raster::{LabelMap, Plane};
use crate::session::Session;
use crate::workflow::PooledComparison;
use crate::workflow::comparing::compare_maps;
use crate::workflow::suspect_repair::suspect_repair;

const SIDE: u32 = 96;

/// x0, y0, x1, y1, class.
type Box_ = (u32, u32, u32, u32, u8);

/// What the photo shows, what is labelled (None: nobody did), and what the model says.
type Case = (&'static [Box_], Option<&'static [Box_]>, &'static [Box_]);

const PIT: Box_ = (20, 20, 34, 34, 1);
const BESIDE: Box_ = (56, 52, 76, 70, 1);

const CASES: [Case; 6] = [
    // All agree.
    (&[PIT], Some(&[PIT]), &[PIT]),
    // The model sees what is there and nobody labelled.
    (&[PIT, BESIDE], Some(&[PIT]), &[PIT, BESIDE]),
    // A label where the photo shows nothing, and the model neither.
    (&[PIT], Some(&[PIT, BESIDE]), &[PIT]),
    // Of another class than the model says.
    (&[PIT], Some(&[(20, 20, 34, 34, 2)]), &[PIT]),
    // The label is five pixels too far to the right.
    (&[PIT], Some(&[(25, 20, 39, 34, 1)]), &[PIT]),
    // Not labelled yet.
    (&[PIT], None, &[PIT]),
];

fn map(boxes: &[Box_]) -> LabelMap {
    LabelMap::from_plane(&Plane::from_fn(SIDE, SIDE, |x, y| {
        boxes.iter().find(|b| (b.0..b.2).contains(&x) && (b.1..b.3).contains(&y)).map_or(0, |b| b.4)
    }))
}

/// Fine grain, so that there is noise to hold edges against.
fn grain(x: u32, y: u32) -> u8 {
    (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA6B)).wrapping_mul(0xC2B2_AE35).to_be_bytes()[0] % 7
}

fn world() -> (tempfile::TempDir, Session) {
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::new(folder.path(), "x");
    project.classes = vec![Class::new(1, "pit"), Class::new(2, "stain")];
    project.part_numbers.push(PartNumber { calibration: Some(Calibration::square(0.1)), ..PartNumber::new("PN") });
    let entry =
        |i: usize| ImageEntry { id: format!("i{i}"), image: format!("{i}.png"), part: format!("p{i}"), part_number: "PN".into() };
    project.add_entries((0..CASES.len()).map(entry)).unwrap();
    project.save().unwrap();
    for (i, (drawn, labelled, _)) in CASES.iter().enumerate() {
        let drawn = map(drawn);
        let photo = Plane::from_fn(SIDE, SIDE, |x, y| 60 + grain(x, y) + if drawn.get(x, y) > 0 { 90 } else { 0 });
        ::image::save_buffer(project.image_path(i), photo.as_slice(), SIDE, SIDE, ::image::ExtendedColorType::L8).unwrap();
        if let Some(labelled) = labelled {
            project.write_label(i, &map(labelled)).unwrap();
        }
    }
    let session = Session::open_read_only(folder.path()).unwrap();
    (folder, session)
}

fn said(image: usize) -> Prediction {
    Prediction::new(map(CASES[image].2), Plane::filled(SIDE, SIDE, 242), "test")
}

/// NG from 3 mm² on: that is 300 pixels, which only `BESIDE` has.
fn rules() -> Ruleset {
    let cell = |class: &str| Cell {
        class: class.into(),
        limits: vec![Limit::of(Feature::Area, Bounds::new(Some(2.5), Some(3.0)))],
        ..Cell::default()
    };
    Ruleset { name: "r".into(), cells: vec![cell("pit"), cell("stain")], ..Ruleset::default() }
}

fn compared(prediction_of: &(dyn Fn(usize) -> Option<Prediction> + Sync)) -> SetComparison {
    let (_folder, session) = world();
    let (rules, truth) =
        (rules(), [Disposition::Ok, Disposition::Ng, Disposition::Ok, Disposition::Ok, Disposition::Ok, Disposition::Unknown]);
    let settings = CompareSettings::default();
    let input = CompareInput { part_number: 0, settings, ruleset: Some(&rules), truth: &truth, prediction_of };
    compare_set(&session.snapshot(), &input, &mut KnownImages::default(), &|| false, &|| {}).unwrap()
}

#[test]
fn figures_are_those_of_the_boxes_and_of_the_plain_comparison() {
    let c = compared(&|i| Some(said(i)));
    assert_eq!((c.compared(), c.images.len(), c.size), (5, 6, Feature::Area));
    assert_eq!((c.unlabelled.as_slice(), c.unpredicted.len(), c.problems.len()), (&[5][..], 0, 0));
    // Defects: found 0, 1, 2 (first) and 4; missed the second of 2; taken 3; one false call in 1.
    assert_eq!((c.recall(), c.precision()), (Rate { count: 4, of: 6 }, Rate { count: 4, of: 6 }));
    let cells: Vec<((u8, u8), usize)> = c.defects.iter().map(|(cell, cases)| (*cell, cases.len())).collect();
    assert_eq!(cells, [((0, 1), 1), ((1, 0), 1), ((1, 1), 4), ((2, 1), 1)]);
    let case = c.defects[&(0, 1)][0];
    assert_eq!((case.image, case.labelled, case.predicted, case.bounds), (1, None, Some(1), PixelRect::new(56, 52, 76, 70)));
    assert_eq!(c.false_calls_per_image(), Some(0.2));
    assert_eq!(c.classes[1].taken, 1);
    // The sizes in mm²: 196 and 360 pixels of 0.01.
    assert!(c.classes[0].targets.iter().all(|t| (t.0 - 1.96).abs() < 1e-6 || (t.0 - 3.6).abs() < 1e-6));
    let mut plain = PooledComparison::default();
    for (_, labelled, prediction) in CASES {
        if let Some(labelled) = labelled {
            plain.add(&compare_maps(&map(labelled), &map(prediction)).unwrap());
        }
    }
    assert_eq!(c.classes.len(), plain.classes.len());
    for class in &c.classes {
        let other = plain.classes[&class.class];
        assert_eq!(class.pixels, other.pixels);
        assert_eq!((class.recall.count, class.recall.of - class.recall.count), (other.found, other.missed));
        assert_eq!(class.precision.of - class.precision.count, other.extra);
    }
    // 242 of 255 was said of every region; four of six are there.
    let trust = c.region_reliability.unwrap();
    assert!((trust.ece - (242.0 / 255.0 - 4.0 / 6.0)).abs() < 1e-9);
}

#[test]
fn parts_are_held_against_people_and_against_the_rules_on_labels() {
    let parts = compared(&|i| Some(said(i))).parts.unwrap();
    assert_eq!((parts.predictions.ng, parts.predictions.ok, parts.labels.ng, parts.labels.ok), (1, 5, 1, 4));
    let s = parts.against_people;
    assert_eq!((s.escapes(), s.overkill()), (Rate { count: 0, of: 1 }, Rate { count: 0, of: 4 }));
    // By labels part 2 is NG, and its prediction was accepted; part 1 is OK, and was rejected.
    let s = parts.against_labels;
    assert_eq!((s.escapes(), s.overkill()), (Rate { count: 1, of: 1 }, Rate { count: 1, of: 4 }));
    assert_eq!(parts.verdicts[&(Verdict::Ng, Verdict::Ok)], [2]);
    assert_eq!(parts.same_verdict(), Rate { count: 3, of: 5 });
    assert_eq!(parts.labels_against_people.escapes(), Rate { count: 1, of: 1 });
}

#[test]
fn each_mistake_of_a_label_is_suspected_for_what_it_is() {
    let c = compared(&|i| Some(said(i)));
    let mut found: Vec<(usize, Doubted)> = c.suspects.iter().map(|s| (s.image, s.kind)).collect();
    found.sort_unstable();
    let expected = [(1, Doubted::MissingLabel), (2, Doubted::ExtraLabel), (3, Doubted::WrongClass), (4, Doubted::Boundary)];
    assert_eq!(found, expected);
    assert!(c.suspects.windows(2).all(|w| w[0].score >= w[1].score), "best founded first");
    let missing = c.suspects.iter().find(|s| s.image == 1).unwrap();
    assert_eq!((missing.labelled, missing.predicted, missing.bounds), (0, 1, PixelRect::new(56, 52, 76, 70)));
    // A model that is not sure is no witness.
    let unsure = |i: usize| Some(Prediction { probability: Plane::filled(SIDE, SIDE, 150), ..said(i) });
    assert!(compared(&unsure).suspects.is_empty());
}

#[test]
fn images_queue_by_what_they_teach() {
    let c = compared(&|i| Some(said(i)));
    assert_eq!(c.to_label, [5]);
    assert_eq!(c.to_review.len(), 5);
    assert_eq!(c.to_review.last(), Some(&0), "where all agree there is least to see");
}

#[test]
fn what_cannot_be_compared_is_named_and_cancelling_ends_the_work() {
    let odd = |i: usize| match i {
        0 => None,
        1 => Some(Prediction::new(LabelMap::new(5, 5), Plane::filled(5, 5, 255), "")),
        i => Some(Prediction { probability: Plane::filled(SIDE, SIDE, 255), ..said(i) }),
    };
    let c = compared(&odd);
    assert_eq!((c.unpredicted.as_slice(), c.compared()), (&[0][..], 3));
    assert!(matches!(c.problems.as_slice(), [(1, WorkflowError::PredictionSize { .. })]));
    // Certain of everything: that is no probability.
    assert!(!c.has_probabilities && c.pixel_reliability.is_none() && c.temperature.is_none());
    let (_folder, session) = world();
    let input =
        CompareInput { part_number: 0, settings: CompareSettings::default(), ruleset: None, truth: &[], prediction_of: &odd };
    assert!(matches!(
        compare_set(&session.snapshot(), &input, &mut KnownImages::default(), &|| true, &|| {}),
        Err(WorkflowError::Cancelled)
    ));
    assert!(compare_set(&session.snapshot(), &input, &mut KnownImages::default(), &|| false, &|| {}).unwrap().parts.is_none());
}

#[test]
fn the_page_is_closed_names_everything_and_has_a_picture_of_each_bad_image() {
    let (_folder, session) = world();
    let (rules, truth) = (rules(), [Disposition::Ok; 6]);
    let prediction_of = |i: usize| Some(said(i));
    let input = CompareInput {
        part_number: 0,
        settings: CompareSettings::default(),
        ruleset: Some(&rules),
        truth: &truth,
        prediction_of: &prediction_of,
    };
    let snapshot = session.snapshot();
    let c = compare_set(&snapshot, &input, &mut KnownImages::default(), &|| false, &|| {}).unwrap();
    let page = crate::workflow::compare_report::html(&snapshot, &[c], &prediction_of);
    assert_eq!(page.matches("<img src=\"data:image/png;base64,iVBORw0KGgo").count(), 4, "of 1 to 4");
    assert!(!page.contains("NaN") && page.contains("stain taken for pit") && page.contains("missed pit"));
    // Nothing is loaded from anywhere.
    assert!(!page.contains("http") && !page.contains("src=\"/") && !page.contains("<script"));
    for tag in
        ["html", "body", "main", "section", "table", "tr", "td", "svg", "figure", "div", "ul", "li", "p", "details", "span", "b"]
    {
        let opened = page.matches(&format!("<{tag}>")).count() + page.matches(&format!("<{tag} ")).count();
        assert_eq!(opened, page.matches(&format!("</{tag}>")).count(), "{tag}");
    }
}

fn compared_again(session: &Session, known: &mut KnownImages, asked: &Mutex<Vec<usize>>) -> SetComparison {
    let prediction_of = |i: usize| {
        asked.lock().unwrap().push(i);
        Some(said(i))
    };
    let input = CompareInput {
        part_number: 0,
        settings: CompareSettings::default(),
        ruleset: None,
        truth: &[],
        prediction_of: &prediction_of,
    };
    compare_set(&session.snapshot(), &input, known, &|| false, &|| {}).unwrap()
}

fn writable() -> (tempfile::TempDir, Session) {
    let (folder, session) = world();
    drop(session);
    let session = Session::open(folder.path()).unwrap();
    (folder, session)
}

#[test]
fn only_what_changed_is_looked_at_again_and_the_figures_are_those_of_a_fresh_comparison() {
    let (_folder, mut session) = writable();
    let (mut known, asked) = (KnownImages::default(), Mutex::new(Vec::new()));
    let first = compared_again(&session, &mut known, &asked);
    assert_eq!((std::mem::take(&mut *asked.lock().unwrap()).len(), known.len()), (6, 6));
    // What a person takes over from the model on image 1 settles its suspicion.
    let suspect = first.suspects.iter().find(|s| s.image == 1).unwrap();
    let changes = suspect_repair(&session.snapshot(), suspect, &said(1)).unwrap().unwrap();
    let changes: Vec<_> = changes.into_iter().map(|(area, value)| (area, value, crate::paint::Gate::OPEN)).collect();
    assert!(session.paint_areas(crate::session::SurfaceId::Label(1), &changes).unwrap());
    let second = compared_again(&session, &mut known, &asked);
    assert_eq!(std::mem::take(&mut *asked.lock().unwrap()), [1]);
    let fresh = compared_again(&session, &mut KnownImages::default(), &asked);
    assert_eq!((&second.classes, &second.suspects), (&fresh.classes, &fresh.suspects));
    assert_eq!((&second.images, &second.to_review), (&fresh.images, &fresh.to_review));
    assert_eq!(second.recall(), Rate { count: 5, of: 7 });
    asked.lock().unwrap().clear();
    known.forget(3);
    compared_again(&session, &mut known, &asked);
    assert_eq!(*asked.lock().unwrap(), [3]);
}

#[test]
fn every_suspected_label_can_be_set_right_as_the_model_says() {
    let (_folder, session) = world();
    let snapshot = session.snapshot();
    let suspects = compared(&|i| Some(said(i))).suspects;
    assert_eq!(suspects.len(), 4);
    for suspect in suspects {
        let mut label = snapshot.label(suspect.image).unwrap();
        for (area, value) in suspect_repair(&snapshot, &suspect, &said(suspect.image)).unwrap().unwrap() {
            area.spans().iter().for_each(|s| label.fill_span(s.y, s.x0, s.x1, value));
        }
        assert_eq!(label.to_plane(), said(suspect.image).class.to_plane(), "{:?}", suspect.kind);
        let other = Prediction { class: LabelMap::new(SIDE, SIDE), ..said(suspect.image) };
        let stale = suspect_repair(&snapshot, &suspect, &other).unwrap();
        assert_eq!(stale.is_none(), suspect.predicted_region.is_some(), "a region that is gone is not painted");
    }
}

#[test]
fn a_person_who_says_that_the_label_is_right_is_heard_until_the_label_changes() {
    let (_folder, mut session) = writable();
    let (mut known, asked) = (KnownImages::default(), Mutex::new(Vec::new()));
    let first = compared_again(&session, &mut known, &asked);
    let (recall, precision) = first.without_suspects();
    // Image 2's second label is no defect; image 3 is a pit; image 1's second prediction is a defect.
    assert_eq!((recall, precision), (Rate { count: 5, of: 5 }, Rate { count: 5, of: 5 }));
    let suspect = first.suspects.iter().find(|s| s.kind == Doubted::ExtraLabel).unwrap().clone();
    session.accept_finding(suspect.image, &suspect.finding(), "faint, but there").unwrap();
    let second = compared_again(&session, &mut known, &asked);
    assert_eq!((second.suspects.len(), second.rejected_suspects), (3, 1));
    let gate = crate::paint::Gate::OPEN;
    let pixel = crate::raster::Area::of_rect(PixelRect::new(60, 52, 61, 53));
    session.paint_areas(crate::session::SurfaceId::Label(2), &[(pixel, 0, gate)]).unwrap();
    let third = compared_again(&session, &mut known, &asked);
    assert_eq!((third.suspects.len(), third.rejected_suspects), (4, 0));
}

#[test]
fn what_lies_in_an_ignored_zone_counts_on_neither_side() {
    let (folder, session) = world();
    let mut project = session.project().clone();
    drop(session);
    project.part_numbers[0].zones.push(crate::project::Zone {
        id: 1,
        name: "edge".into(),
        kind: crate::project::ZoneKind::Ignore,
        colour: [9; 3],
    });
    project.save().unwrap();
    let mut zones = LabelMap::new(SIDE, SIDE);
    (50..80).for_each(|y| zones.fill_span(y, 50, 80, 1));
    project.write_zones(0, &zones).unwrap();
    let session = Session::open_read_only(folder.path()).unwrap();
    let c = compared_again(&session, &mut KnownImages::default(), &Mutex::new(Vec::new()));
    // Without `BESIDE`: five labelled pits, one of them under another name.
    assert_eq!((c.recall(), c.precision()), (Rate { count: 4, of: 5 }, Rate { count: 4, of: 5 }));
    assert!(c.suspects.iter().all(|s| s.image > 2));
    assert_eq!(c.confusion.count(0, 1) + c.confusion.count(1, 0), 5 * 14 * 2, "only image 4 differs by pixels");
}

#[test]
fn two_models_are_told_apart_defect_by_defect() {
    use crate::workflow::compare_models::{DefectRef, compare_models};
    let a = compared(&|i| Some(said(i)));
    // B says what the labels say, but nothing of the first image, and has not seen the last but one.
    let b = compared(&|i| {
        let class = CASES[i].1.filter(|_| i != 0).map_or_else(|| LabelMap::new(SIDE, SIDE), map);
        (i != 4).then(|| Prediction::new(class, Plane::filled(SIDE, SIDE, 242), "b"))
    });
    let duel = compare_models(&a, &b);
    let total = &duel.total;
    // A finds 0, 1 and the first of 2; B finds all but 0.
    assert_eq!((duel.images, total.both, total.neither, total.only_a.len(), total.only_b.len()), (4, 2, 0, 1, 2));
    assert_eq!((total.only_a[0].image, total.false_calls), (0, [1, 0]));
    let places = |list: &[DefectRef]| list.iter().map(|d| d.image).collect::<Vec<_>>();
    assert_eq!(places(&total.only_b), [2, 3]);
    assert_eq!(total.p_value, 1.0);
    let by_class: Vec<(u8, usize, usize)> = duel.classes.iter().map(|c| (c.class, c.only_a.len(), c.only_b.len())).collect();
    assert_eq!(by_class, [(1, 1, 1), (2, 0, 1)]);
    let same = compare_models(&a, &a).total;
    assert_eq!((same.only_a.len(), same.only_b.len(), same.both), (0, 0, 4));
}
