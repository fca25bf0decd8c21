//! Putting a bundle together from an open project.

use std::path::Path;

use super::error::WorkflowError;
use super::evaluation::Evaluation;
use super::models::of_model;
use crate::exchange::{Bundle, BundledModel, GoldenPart};
use crate::judge::{Disposition, Ruleset, Verdict};
use crate::predict::{ModelCard, PredictError};
use crate::project::{ModelUse, Project};
use crate::raster::LabelMap;
use crate::session::Snapshot;

/// Golden parts per verdict that are put into a bundle unless told otherwise.
pub const GOLDEN_PER_VERDICT: usize = 2;

/// The bundle of a part number. `predictions` are the verdicts on what the bundle's own models say; golden parts are taken from
/// them, first those whose verdict is right, at most `golden_per_verdict` of each verdict, one image each.
pub fn make_bundle(
    snapshot: &Snapshot,
    part_number: usize,
    ruleset: &Ruleset,
    predictions: &Evaluation,
    golden_per_verdict: usize,
    note: &str,
) -> Result<Bundle, WorkflowError> {
    let project = snapshot.project();
    let number = &project.part_numbers[part_number];
    if number.running_models().next().is_none() {
        return Err(WorkflowError::NoModel { part_number: number.name.clone() });
    }
    if ruleset.is_empty() {
        return Err(WorkflowError::NoRuleset { part_number: number.name.clone() });
    }
    let models = number.running_models().map(|model| bundled(project, model)).collect::<Result<_, _>>()?;
    let zones = snapshot.zones(part_number).map_err(WorkflowError::Zones)?;
    let mut golden = Vec::new();
    for verdict in [Verdict::Ok, Verdict::Review, Verdict::Ng] {
        for part in golden_candidates(snapshot, zones, predictions, verdict).into_iter().take(golden_per_verdict) {
            golden.push(golden_part(snapshot, predictions, part)?);
        }
    }
    Ok(Bundle {
        classes: project.classes.clone(),
        part_number: crate::project::PartNumber { nominal: None, models: Vec::new(), cost: None, ..number.clone() },
        zones: zones.cloned(),
        ruleset: ruleset.clone(),
        models,
        golden,
        note: note.to_owned(),
    })
}

/// A model's file and card, with the zones that it looks at.
fn bundled(project: &Project, model: &ModelUse) -> Result<BundledModel, WorkflowError> {
    let (name, file) = (model.name(), project.model_path(model));
    let onnx = std::fs::read(&file).map_err(|source| PredictError::Read { file: file.clone(), source }).map_err(of_model(&name))?;
    let card = ModelCard::load(&ModelCard::path_beside(&file)).map_err(of_model(&name))?;
    Ok(BundledModel { name, onnx, card, roi: model.roi.clone() })
}

/// Positions of parts with this verdict, those that agree with the truth first.
fn golden_candidates(snapshot: &Snapshot, zones: Option<&LabelMap>, predictions: &Evaluation, verdict: Verdict) -> Vec<usize> {
    let mut found: Vec<usize> = (0..predictions.parts().len())
        .filter(|&p| predictions.verdicts()[p] == verdict && can_be_golden(snapshot, zones, predictions.parts()[p]))
        .collect();
    let is_right =
        |p: usize| matches!((verdict, predictions.truth()[p]), (Verdict::Ok, Disposition::Ok) | (Verdict::Ng, Disposition::Ng));
    found.sort_by_key(|&p| (!is_right(p), p));
    found
}

/// A station judges one photo as one part, and one of another size than the zone map as review at best: such parts prove nothing.
fn can_be_golden(snapshot: &Snapshot, zones: Option<&LabelMap>, part: usize) -> bool {
    let images = &snapshot.project().parts()[part].images;
    images.len() == 1 && zones.is_none_or(|z| snapshot.project().image_size(images[0]).is_ok_and(|s| s == (z.width(), z.height())))
}

fn golden_part(snapshot: &Snapshot, predictions: &Evaluation, position: usize) -> Result<GoldenPart, WorkflowError> {
    let project = snapshot.project();
    let part = &project.parts()[predictions.parts()[position]];
    let path = project.image_path(part.images[0]);
    let bytes = std::fs::read(&path).map_err(|source| WorkflowError::Io { path: path.clone(), source })?;
    let ending = Path::new(&path).extension().map_or_else(|| "png".into(), |e| e.to_string_lossy().to_lowercase());
    Ok(GoldenPart {
        part: part.serial.clone(),
        image: format!("{position:04}.{ending}"),
        truth: predictions.truth()[position],
        expected: predictions.verdicts()[position],
        bytes,
    })
}
