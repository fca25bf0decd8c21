//! One image of the comparison: everything that is said about it, from its label, its prediction and the rules.

use std::collections::BTreeMap;

use super::CompareSettings;
use super::suspects::{Side, Suspect, suspects};
use crate::compare::{BoundaryCounts, ConfusionMatrix, DefectComparison, Doubt, JointCounts, Outcome, PixelForecasts, boundaries};
use crate::judge::{CompiledRuleset, next_better, next_worse};
use crate::measure::{Measuring, Region, region::measure};
use crate::predict::Prediction;
use crate::project::PartNumber;
use crate::raster::{Components, LabelMap, Plane, Run, runs};
use crate::session::Snapshot;
use crate::workflow::WorkflowError;
use crate::workflow::measuring::{prediction_regions, regions_of_label};

/// A region of the prediction that is called a defect, and whether it is one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RegionForecast {
    pub class: u8,
    /// Mean probability over its pixels, 0..=1.
    pub probability: f64,
    /// A labelled defect of its class is there.
    pub came_true: bool,
}

/// Label and prediction of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledImage {
    pub confusion: ConfusionMatrix,
    /// By class id.
    pub boundary: BTreeMap<u8, BoundaryCounts>,
    pub defects: DefectComparison,
    /// Size of each labelled defect in the unit of the comparison, by the order of `defects.labelled`.
    pub sizes: Vec<f64>,
    /// By the order of `defects.predicted`.
    pub forecasts: Vec<RegionForecast>,
    pub suspects: Vec<Suspect>,
}

/// What is said about one predicted image.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageFigures {
    /// Index in the project.
    pub image: usize,
    /// Without a label `disagreement` is 0 and means nothing.
    pub doubt: Doubt,
    /// How far the region that is nearest to a limit is from it, as a share of the limit; None without regions that a limit speaks of.
    pub nearest_limit: Option<f64>,
    /// None for an image that nobody has labelled.
    pub labelled: Option<LabelledImage>,
}

/// What the worker of one image gives.
pub(super) struct Worked {
    pub figures: Option<ImageFigures>,
    pub forecasts: PixelForecasts,
    pub label_regions: Option<Vec<Region>>,
    pub predicted_regions: Option<Vec<Region>>,
}

/// Compares one image. `label`: None when nobody labelled it. `prediction`: None when the model has not seen it.
pub(super) fn compare_one(
    snapshot: &Snapshot,
    image: usize,
    label: Option<&LabelMap>,
    prediction: Option<&Prediction>,
    rules: Option<&CompiledRuleset>,
    settings: &CompareSettings,
) -> Result<Worked, WorkflowError> {
    let label_regions = label.map(|label| regions_of_label(snapshot, image, label)).transpose()?;
    let mut worked = Worked { figures: None, forecasts: PixelForecasts::default(), label_regions, predicted_regions: None };
    let Some(prediction) = prediction else { return Ok(worked) };
    let predicted_regions = prediction_regions(snapshot, image, prediction)?;
    let nearest_limit = rules.and_then(|rules| nearest_limit(&predicted_regions, rules));
    worked.predicted_regions = Some(predicted_regions);
    let size_mismatch = |label: &LabelMap| WorkflowError::PredictionSize {
        image: snapshot.project().images()[image].id.clone(),
        label: (label.width(), label.height()),
        prediction: (prediction.class.width(), prediction.class.height()),
    };
    // Without a label the doubt is that of the prediction held against itself.
    let against = label.unwrap_or(&prediction.class);
    let joint = JointCounts::of(against, &prediction.class, Some(&prediction.probability)).ok_or_else(|| size_mismatch(against))?;
    let labelled = match label {
        Some(label) => {
            worked.forecasts = PixelForecasts::of(&joint);
            Some(compare_label(snapshot, image, label, prediction, &joint, settings)?)
        }
        None => None,
    };
    worked.figures = Some(ImageFigures { image, doubt: Doubt::of(&joint), nearest_limit, labelled });
    Ok(worked)
}

fn compare_label(
    snapshot: &Snapshot,
    image: usize,
    label: &LabelMap,
    prediction: &Prediction,
    joint: &JointCounts,
    settings: &CompareSettings,
) -> Result<LabelledImage, WorkflowError> {
    let project = snapshot.project();
    let part_number = project.part_number_of_image(image).map(|pn| &project.part_numbers[pn]);
    let truth = snapshot.grouping(image).group(&runs::runs(label)).components;
    let said = Components::of(&prediction.class);
    let defects = DefectComparison::of(&truth, &said, label.rect());
    let forecasts = (defects.predicted.iter().enumerate())
        .map(|(k, d)| RegionForecast {
            class: d.class,
            probability: mean_probability(said.runs(k), &prediction.probability),
            came_true: !d.lies_on.is_empty(),
        })
        .collect::<Vec<_>>();
    let sizes = (0..truth.len()).map(|i| size_of(truth.runs(i), label, part_number)).collect();
    let boundary = boundaries(label, &prediction.class, &settings.boundary).unwrap_or_default();
    let has_work = defects.labelled.iter().any(|d| d.outcome != Outcome::Found || d.coverage < 1.0)
        || defects.predicted.iter().any(crate::compare::PredictedDefect::is_invented);
    let suspects = match &settings.suspects {
        Some(check) if has_work => {
            let sides = [Side { map: label, components: &truth }, Side { map: &prediction.class, components: &said }];
            suspects(snapshot, image, sides, &defects, &forecasts, &prediction.probability, check)?
        }
        _ => Vec::new(),
    };
    Ok(LabelledImage { confusion: ConfusionMatrix::of(joint), boundary, defects, sizes, forecasts, suspects })
}

/// Area in mm² where the part number is calibrated, in pixels otherwise.
fn size_of(runs: &[Run], label: &LabelMap, part_number: Option<&PartNumber>) -> f64 {
    let calibration = part_number.and_then(|p| p.calibration);
    let with = Measuring { calibration, zones: None, ignored_zones: &[], probability: None, grouping: None };
    f64::from(measure(runs, label, &with).feature(super::size_feature(part_number)))
}

/// Mean of the probabilities over the pixels of a region, 0..=1.
pub(super) fn mean_probability(runs: &[Run], probability: &Plane<u8>) -> f64 {
    let (mut sum, mut pixels) = (0_u64, 0_u64);
    for r in runs {
        sum += probability.row(r.y)[r.x0 as usize..r.x1 as usize].iter().map(|&p| u64::from(p)).sum::<u64>();
        pixels += u64::from(r.len());
    }
    if pixels > 0 { sum as f64 / pixels as f64 / 255.0 } else { 0.0 }
}

/// The smallest relative change of a feature that changes the verdict on a region.
fn nearest_limit(regions: &[Region], rules: &CompiledRuleset) -> Option<f64> {
    let margins = regions.iter().flat_map(|r| [next_worse(r, rules), next_better(r, rules)]).flatten();
    margins.map(|m| m.change().abs() / m.limit.abs().max(1e-9)).min_by(f64::total_cmp)
}
