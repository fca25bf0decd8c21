//! Figures of the set, lists of cases, suspected labels, the queue and adopting, as a person uses them.

use std::collections::BTreeMap;

use delimit::check::Doubted;
use delimit::project::{LabelState, Project};
use delimit::raster::{Components, LabelMap};
use delimit::session::command::Workspace;
use delimit::session::{Session, SurfaceId};
use delimit::workflow::compare_set::KnownImages;
use delimit::workflow::predicting::CachedPredictions;
use delimit::workflow::{CompareInput, CompareSettings, SetComparison, compare_set};
use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, PARTS};

/// What the library says about the project as it is on disk.
fn compared(desk: &Desk) -> SetComparison {
    let session = Session::open_read_only(&desk.root).unwrap();
    let snapshot = session.snapshot();
    let cached = CachedPredictions::open(session.project(), 0).unwrap().unwrap();
    let input = CompareInput {
        part_number: 0,
        settings: CompareSettings { suspects: Some(session.project().boundary_check()), ..CompareSettings::default() },
        ruleset: Some(session.ruleset(0).saved()),
        truth: &session.dispositions(),
        prediction_of: &|image| cached.get(session.project(), image),
    };
    compare_set(&snapshot, &input, &mut KnownImages::default(), &|| false, &|| {}).unwrap()
}

fn saved(desk: &mut Desk) {
    desk.ctrl(Key::S);
    while desk.studio().is_saving() || desk.studio().session.has_unsaved_changes() {
        desk.settle();
    }
}

/// The label of image 0 without its first region: the model still sees it.
fn open_with_a_missing_label() -> (Desk, u8) {
    let mut desk = Desk::open_with_model();
    let project = Project::load(&desk.root).unwrap();
    let cached = CachedPredictions::open(&project, 0).unwrap().unwrap();
    // A region that the model has found, surely, on an image with labels.
    let (image, class) = (0..PARTS as usize)
        .find_map(|image| {
            let said = cached.get(&project, image)?.class;
            let label = project.read_label(image).unwrap();
            let large = |map: &LabelMap| {
                let all = Components::of(map);
                (0..all.len()).map(|i| (all.runs(i).iter().map(|r| r.len()).sum::<u32>(), all.value(i))).max()
            };
            let ((pixels, class), (_, same)) = (large(&label)?, large(&said)?);
            (pixels > 300 && class == same).then_some((image, class))
        })
        .expect("the sample has a large defect that its model finds");
    desk.studio_mut().go_to(image);
    desk.settle();
    desk.studio_mut()
        .session
        .paint_areas(
            SurfaceId::Label(image),
            &[(delimit::raster::Area::of_rect(project.read_label(image).unwrap().rect()), 0, delimit::paint::Gate::OPEN)],
        )
        .unwrap();
    saved(&mut desk);
    (desk, class)
}

#[test]
fn every_tab_shows_the_figures_of_the_library_and_a_cell_lists_its_cases() {
    let mut desk = Desk::open_with_model();
    let c = compared(&desk);
    desk.show("Compare");
    let project = desk.studio().session.project().clone();
    let name = |class: u8| if class == 0 { "nothing".to_owned() } else { project.class_name(class) };
    desk.show("Matrix");
    let mut by_cell: BTreeMap<(u8, u8), usize> = BTreeMap::new();
    for (cell, cases) in &c.defects {
        by_cell.insert(*cell, cases.len());
        assert!(desk.has(&format!("{} labelled, {} predicted: {}", name(cell.0), name(cell.1), cases.len())), "{cell:?}");
    }
    let (cell, n) = by_cell.iter().max_by_key(|(_, n)| **n).unwrap();
    desk.click(&format!("{} labelled, {} predicted: {n}", name(cell.0), name(cell.1)));
    assert!(desk.has(&format!("Cases {n}")));
    let case = c.defects[cell][0];
    desk.key(Key::N);
    assert_eq!(desk.studio().view.image, case.image);
    desk.show("Sizes");
    assert!(desk.has("Share of defects found by size"));
    assert!(desk.has(&format!("{:.2}", c.false_calls_per_image().unwrap())));
    desk.show("Trust");
    let trust = c.pixel_reliability.as_ref().unwrap();
    assert!(desk.has(&format!("{:.1}", trust.ece * 100.0)));
    desk.show("Parts");
    let parts = c.parts.as_ref().unwrap();
    for rate in [parts.same_verdict(), parts.against_people.escapes(), parts.against_labels.overkill()] {
        assert!(desk.has_part(&format!("{} of {}", rate.count, rate.of)), "{rate:?}");
    }
}

#[test]
fn a_defect_without_a_label_is_suspected_and_one_key_takes_the_models_region() {
    let (mut desk, class) = open_with_a_missing_label();
    let image = desk.studio().view.image;
    let c = compared(&desk);
    assert!(c.suspects.iter().any(|s| s.image == image && s.kind == Doubted::MissingLabel), "{:?}", c.suspects);
    desk.show("Compare");
    assert!(desk.has(&format!("Suspects {}", c.suspects.len())));
    let at = c.suspects.iter().position(|s| s.image == image && s.predicted == class).unwrap();
    for _ in 0..=at {
        desk.key(Key::N);
    }
    assert_eq!(desk.studio().suspect_in_hand().unwrap().image, image);
    assert!(desk.label_map(image).is_blank());
    desk.key(Key::J);
    assert!(!desk.label_map(image).is_blank(), "the region was added");
    saved(&mut desk);
    let after = compared(&desk);
    assert!(desk.has(&format!("Suspects {}", after.suspects.len())), "the list follows the label");
    assert!(after.suspects.len() < c.suspects.len());
    // Undo brings label and suspicion back.
    desk.studio_mut().go_to(image);
    desk.ctrl(Key::Z);
    assert!(desk.label_map(image).is_blank());
    assert!(desk.has(&format!("Suspects {}", c.suspects.len())));
}

#[test]
fn saying_that_the_label_is_right_settles_it_and_edit_opens_the_place_in_label() {
    let (mut desk, _) = open_with_a_missing_label();
    let before = compared(&desk).suspects.len();
    desk.show("Compare");
    desk.key(Key::N);
    let suspect = desk.studio().suspect_in_hand().unwrap().clone();
    desk.chord(Modifiers::SHIFT, Key::E);
    assert!(desk.studio().view.workspace == Workspace::Label && desk.studio().view.image == suspect.image);
    desk.show("Compare");
    desk.key(Key::N);
    let suspect = desk.studio().suspect_in_hand().unwrap().clone();
    desk.chord(Modifiers::ALT, Key::J);
    assert!(desk.has(&format!("Suspects {}", before - 1)));
    assert!(desk.has_part("1 judged to be right"));
    let said = &desk.studio().session.sidecar(suspect.image).accepted;
    assert!(said.iter().any(|a| a.bounds == suspect.bounds));
}

#[test]
fn adopted_predictions_are_proposals_and_are_taken_back_together() {
    let (mut desk, _) = open_with_a_missing_label();
    let image = desk.studio().view.image;
    desk.studio_mut().session.set_state(image, LabelState::Todo).unwrap();
    desk.show("Compare");
    desk.key(Key::F10);
    // Every image has somebody's label; beside it there is room on the one that was emptied.
    assert!(desk.has("Adopt 0"));
    desk.click("Beside labels too");
    let words = desk.buttons("Adopt ");
    let n: usize = words.iter().find_map(|w| w.strip_prefix("Adopt ")?.parse().ok()).unwrap();
    assert!(n > 0);
    desk.click(&format!("Adopt {n}"));
    assert!(!desk.label_map(image).is_blank());
    assert_eq!(desk.studio().session.sidecar(image).state, LabelState::Proposed);
    assert!(desk.h.query_by_label(&format!("Adopt {n}")).is_none(), "the panel is closed");
    desk.key(Key::F10);
    desk.click("Undo all");
    assert!(desk.label_map(image).is_blank());
    assert_eq!(desk.studio().session.sidecar(image).state, LabelState::Todo);
}

#[test]
fn the_queue_begins_with_the_image_that_teaches_most_and_a_key_opens_it_in_label() {
    let mut desk = Desk::open_changed(|project| {
        super::desk::add_model(project);
        for image in [1, 3] {
            std::fs::remove_file(project.label_path(image)).unwrap();
            let _ = std::fs::remove_file(project.sidecar_path(image));
        }
    });
    desk.show("Compare");
    let c = compared(&desk);
    assert_eq!(c.to_label.len(), 2);
    desk.show("Queue 2");
    desk.key(Key::N);
    assert_eq!(desk.studio().view.image, c.to_label[0]);
    desk.studio_mut().go_to(0);
    desk.chord(Modifiers::ALT, Key::Q);
    assert!(desk.studio().view.workspace == Workspace::Label);
    assert_eq!(desk.studio().view.image, c.to_label[0]);
}
