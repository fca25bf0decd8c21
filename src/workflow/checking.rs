//! The boundary check over the labels of a project.

use super::error::WorkflowError;
use crate::check::{BoundaryCheck, BoundaryKind, RegionCheck, check_image};
use crate::session::Snapshot;

/// Checks the label of an image against its photo; an empty label costs no decoding.
pub fn check_label(snapshot: &Snapshot, image: usize, settings: &BoundaryCheck) -> Result<Vec<RegionCheck>, WorkflowError> {
    let project = snapshot.project();
    let label = snapshot.label(image)?;
    if label.is_blank() {
        return Ok(Vec::new());
    }
    let photo = project.read_photo(image)?;
    let zones = match project.part_number_of_image(image) {
        Some(pn) => snapshot.zones(pn).map_err(WorkflowError::Zones)?,
        None => None,
    };
    let kind = |class: u8| project.class(class).map_or(BoundaryKind::Sharp, |c| c.boundary);
    Ok(check_image(&photo, &label, settings, kind, zones))
}
