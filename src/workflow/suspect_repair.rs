//! What sets a suspected label right, the model's way.

use super::compare_set::{Suspect, compared_maps};
use super::error::WorkflowError;
use crate::check::Doubted;
use crate::predict::Prediction;
use crate::raster::{Area, BACKGROUND, Components, runs};
use crate::session::Snapshot;

/// Areas with the values that their pixels get, to be painted in this order; a class goes over background only. None when label or
/// prediction are no longer those that the suspicion came from.
///
/// A missing label is added and an extra one deleted; a wrong class is replaced inside the person's outline, and a boundary that is off
/// by the model's.
pub fn suspect_repair(
    snapshot: &Snapshot,
    suspect: &Suspect,
    prediction: &Prediction,
) -> Result<Option<Vec<(Area, u8)>>, WorkflowError> {
    let image = suspect.image;
    let label = snapshot.label(image)?;
    if label.rect() != prediction.class.rect() {
        return Ok(None);
    }
    let (label, said) = compared_maps(snapshot, image, &label, &prediction.class)?;
    let truth = snapshot.grouping(image).group(&runs::runs(&label)).components;
    let said = Components::of(&said);
    let area = |components: &Components, region: Option<usize>, class: u8| {
        let region = region.filter(|&r| r < components.len() && components.value(r) == class)?;
        Some(Area::of_runs(components.runs(region)))
    };
    let labelled = area(&truth, suspect.labelled_region, suspect.labelled);
    let predicted = area(&said, suspect.predicted_region, suspect.predicted);
    let changes = match (suspect.kind, labelled, predicted) {
        (Doubted::MissingLabel, None, Some(new)) if new.bounds() == suspect.bounds => vec![(new, suspect.predicted)],
        (Doubted::ExtraLabel, Some(old), None) if old.bounds() == suspect.bounds => vec![(old, BACKGROUND)],
        (Doubted::WrongClass, Some(old), Some(_)) if old.bounds() == suspect.bounds => {
            vec![(old.clone(), BACKGROUND), (old, suspect.predicted)]
        }
        (Doubted::Boundary, Some(old), Some(new)) if old.bounds().union(new.bounds()) == suspect.bounds => {
            vec![(old, BACKGROUND), (new, suspect.predicted)]
        }
        _ => return Ok(None),
    };
    Ok(Some(changes))
}
