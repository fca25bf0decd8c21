//! Models of a part number as a person arranges them: a card filled in the wizard, a candidate held against what runs, and the least
//! probability of a class.

use std::path::Path;

use delimit::predict::{ModelCard, ModelKind};
use delimit::project::{ModelRole, ModelUse, Project};
use delimit::session::command::CompareView;
use delimit::workflow::predicting::{CachedPredictions, probability_limits};
use delimit::workflow::{ModelSettings, ProjectModels};
use egui::Key;

use super::desk::{Desk, PARTS, add_model};
use crate::studio::compare::views::Side;

/// The sample with its model, and the same model once more under another name: with a card or without.
fn with_twin(has_card: bool) -> Desk {
    Desk::open_changed(|project| {
        add_model(project);
        let mut project = Project::load(project.root()).unwrap();
        let models = project.root().join("models");
        std::fs::copy(models.join("housing.onnx"), models.join("twin.onnx")).unwrap();
        if has_card {
            std::fs::copy(models.join("housing.ron"), models.join("twin.ron")).unwrap();
        }
        project.part_numbers[0].models.push(ModelUse { role: ModelRole::Candidate, ..ModelUse::new("models/twin.onnx") });
        project.save().unwrap();
    })
}

#[test]
fn the_wizard_reads_a_model_asks_what_its_channels_are_and_writes_a_card_that_runs() {
    let mut desk = with_twin(false);
    desk.key(Key::F12);
    assert!(desk.has_part("No card that can be read yet"));
    desk.click("Card of twin");
    let card = desk.studio().compare.models.wizard.as_ref().unwrap().card.clone().unwrap();
    let truth = ModelCard::load(&desk.root.join("models/housing.ron")).unwrap();
    assert_eq!(
        (card.kind, card.input.channels, card.input.layout),
        (ModelKind::Segmentation, truth.input.channels, truth.input.layout)
    );
    assert_eq!(card.output.classes.len(), truth.output.classes.len());
    assert!(desk.is_disabled("Write the card"), "nobody has said yet what the channels are");
    // What the model says with the card is on the canvas.
    assert_eq!(desk.studio().view.compare.view, CompareView::Candidate);
    let wizard = desk.studio_mut().compare.models.wizard.as_mut().unwrap();
    let filled = ModelCard { name: card.name.clone(), ..truth.clone() };
    wizard.card = Some(filled.clone());
    desk.settle();
    let image = desk.studio().view.image;
    let shown = desk.studio_mut().side_map(Side::Candidate, image).unwrap().map;
    assert!(!shown.is_blank());
    desk.click("Write the card");
    assert_eq!(ModelCard::load(&desk.root.join("models/twin.ron")).unwrap(), filled);
    assert!(desk.studio().compare.models.wizard.is_none());
    let project = Project::load(&desk.root).unwrap();
    let file = Path::new("models/twin.onnx");
    let mut twin = ProjectModels::open_candidate(&project, 0, file, &ModelSettings::default()).unwrap();
    let said = twin.predict(&project, image, &|| false).unwrap();
    assert_eq!(said.class.to_plane(), shown.to_plane(), "the preview is what the model says");
    // Roles and zones are said here, and go into the project.
    desk.click("Take out twin");
    assert_eq!(desk.studio().session.project().part_numbers[0].models.len(), 1);
    assert!(desk.root.join("models/twin.onnx").exists(), "the file stays");
}

#[test]
fn a_candidate_that_is_the_same_model_wins_and_loses_nothing_and_is_a_side_of_the_views() {
    let mut desk = with_twin(true);
    desk.show("Compare");
    desk.show("A/B");
    desk.click("Run the candidate on all images");
    let result = desk.studio().compare.duel.result().cloned().unwrap();
    assert_eq!(result.images, PARTS as usize);
    assert!(result.total.both > 0);
    assert_eq!((result.total.only_a.len(), result.total.only_b.len()), (0, 0));
    assert_eq!(result.total.false_calls[0], result.total.false_calls[1]);
    assert!((result.total.p_value - 1.0).abs() < 1e-12);
    // A label that goes takes its defects out on both sides, without running the candidate again.
    let label = desk.studio().session.snapshot().label(1).unwrap();
    let all = [(delimit::raster::Area::of_rect(label.rect()), 0, delimit::paint::Gate::OPEN)];
    desk.studio_mut().session.paint_areas(delimit::session::SurfaceId::Label(1), &all).unwrap();
    desk.settle();
    let after = desk.studio().compare.duel.result().cloned().unwrap();
    assert!(after.total.both < result.total.both, "both sides follow the labels");
    assert_eq!((after.total.only_a.len(), after.total.only_b.len()), (0, 0));
    assert_eq!(after.total.false_calls[0], after.total.false_calls[1]);
    assert!(desk.studio().has_candidate());
    let image = desk.studio().view.image;
    let [model, twin] = [Side::Model, Side::Candidate].map(|side| desk.studio_mut().side_map(side, image).unwrap().map.to_plane());
    assert_eq!(model, twin);
}

#[test]
fn a_least_probability_takes_unsure_pixels_out_everywhere_and_undo_brings_them_back() {
    let mut desk = Desk::open_with_model();
    desk.show("Compare");
    let project = desk.studio().session.project().clone();
    let count = |desk: &Desk| -> usize { desk.studio().analysis.predictions.iter().flatten().map(|p| p.regions.len()).sum() };
    let (before, names) = (count(&desk), project.class_names());
    desk.studio_mut().session.edit_ruleset(0, |rules| names.iter().for_each(|(_, name)| rules.set_certainty(name, 0.97))).unwrap();
    desk.studio_mut().session.settle_ruleset(0).unwrap();
    desk.settle();
    let after = count(&desk);
    assert_ne!(after, before);
    let limits = probability_limits(&project, desk.studio().session.ruleset(0).current());
    let cached = CachedPredictions::open(&project, 0).unwrap().unwrap().held_to(limits);
    for image in 0..PARTS as usize {
        let (expected, shown) = (cached.get(&project, image).unwrap(), desk.studio().analysis.predictions[image].as_ref().unwrap());
        assert_eq!(shown.map.to_plane(), expected.class.to_plane());
    }
    desk.show("Trust");
    assert!((desk.figure("Least probability of pit") - 97.0).abs() < 1e-6);
    desk.show("Tune");
    desk.ctrl(Key::Z);
    assert_eq!(count(&desk), before);
}
