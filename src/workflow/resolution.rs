//! Whether the models of a part number can see what its limits forbid.

use super::error::WorkflowError;
use super::models::of_model;
use crate::judge::Ruleset;
use crate::predict::resolution::{Resolution, ResolutionWarning, SizeLimit};
use crate::predict::{ModelCard, Roi};
use crate::project::{ModelUse, Project};

/// A warning and the model that it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelWarning {
    pub model: String,
    pub warning: ResolutionWarning,
}

impl std::fmt::Display for ModelWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.model, self.warning)
    }
}

/// Every limit on the size of single regions in a ruleset.
#[must_use]
pub fn size_limits(ruleset: &Ruleset) -> Vec<SizeLimit> {
    let of_cell = |cell: &crate::judge::Cell| {
        let class = cell.class.clone();
        let bounds = cell.limits.iter().flat_map(|limit| [(limit.feature, limit.accept_below), (limit.feature, limit.reject_from)]);
        let sized = bounds.filter_map(|(feature, value)| Some((feature, value?)));
        sized.map(|(feature, value)| SizeLimit { class: class.clone(), feature, value }).collect::<Vec<_>>()
    };
    ruleset.cells.iter().flat_map(of_cell).collect()
}

/// Warnings about some models of a part number, with photos of the size of its first image that can be read. None of a part number
/// without images.
pub fn resolution_warnings(
    project: &Project,
    part_number: usize,
    ruleset: &Ruleset,
    models: &[ModelUse],
) -> Result<Vec<ModelWarning>, WorkflowError> {
    let mut own = (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(part_number));
    // A photo that cannot be read is told by whoever works on it.
    let Some(size) = own.find_map(|i| project.image_size(i).ok()) else { return Ok(Vec::new()) };
    let number = &project.part_numbers[part_number];
    let limits = size_limits(ruleset);
    let mut warnings = Vec::new();
    for model in models {
        let name = model.name();
        let card = ModelCard::load(&ModelCard::path_beside(&project.model_path(model))).map_err(of_model(&name))?;
        let ids = number.zone_ids(&model.roi).filter(|ids| !ids.is_empty());
        let zones = if ids.is_some() { project.read_zones(part_number)? } else { None };
        let view = zones.zip(ids).and_then(|(zones, ids)| Roi::of(&zones, &ids)).map(|roi| roi.view());
        let seen = view.map_or(size, |view| (view.width(), view.height()));
        let found = Resolution::of(&card, seen, number.calibration).warnings(&card, &limits);
        warnings.extend(found.into_iter().map(|warning| ModelWarning { model: name.clone(), warning }));
    }
    Ok(warnings)
}
