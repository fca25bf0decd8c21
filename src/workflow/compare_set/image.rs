//! One image of the comparison: everything that is said about it, from its label, its prediction and the rules.

use std::collections::BTreeMap;

use super::CompareSettings;
use super::suspects::{Side, Suspect, suspects};
use crate::compare::{BoundaryCounts, ConfusionMatrix, DefectComparison, Doubt, JointCounts, Outcome, PixelForecasts, boundaries};
use crate::judge::{CompiledRuleset, next_better, next_worse};
use crate::measure::{Measuring, Region, region::measure};
use crate::predict::Prediction;
use crate::project::PartNumber;
use crate::raster::{Components, IGNORE, LabelMap, Plane, Run, runs};
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
    /// Suspected mistakes of the label that nobody has judged yet, best founded first.
    pub suspects: Vec<Suspect>,
    /// Suspected mistakes of which a person said that the label is right.
    pub rejected_suspects: usize,
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
#[derive(Debug, Default)]
pub(super) struct Worked {
    /// `nearest_limit` is filled when the images are added up: it hangs on the rules, nothing else does.
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
    settings: &CompareSettings,
) -> Result<Worked, WorkflowError> {
    let label_regions = label.map(|label| regions_of_label(snapshot, image, label)).transpose()?;
    let mut worked = Worked { figures: None, forecasts: PixelForecasts::default(), label_regions, predicted_regions: None };
    let Some(prediction) = prediction else { return Ok(worked) };
    let predicted_regions = prediction_regions(snapshot, image, prediction)?;
    worked.predicted_regions = Some(predicted_regions);
    let size_mismatch = |label: &LabelMap| WorkflowError::PredictionSize {
        image: snapshot.project().images()[image].id.clone(),
        label: (label.width(), label.height()),
        prediction: (prediction.class.width(), prediction.class.height()),
    };
    // Without a label the doubt is that of the prediction held against itself.
    let against = label.unwrap_or(&prediction.class);
    if against.rect() != prediction.class.rect() {
        return Err(size_mismatch(against));
    }
    let (against, said) = compared_maps(snapshot, image, against, &prediction.class)?;
    let joint = JointCounts::of(&against, &said, Some(&prediction.probability)).ok_or_else(|| size_mismatch(&against))?;
    let labelled = match label {
        Some(_) => {
            worked.forecasts = PixelForecasts::of(&joint);
            Some(compare_label(snapshot, image, [&against, &said], &prediction.probability, &joint, settings)?)
        }
        None => None,
    };
    worked.figures = Some(ImageFigures { image, doubt: Doubt::of(&joint), nearest_limit: None, labelled });
    Ok(worked)
}

fn compare_label(
    snapshot: &Snapshot,
    image: usize,
    [label, prediction]: [&LabelMap; 2],
    probability: &Plane<u8>,
    joint: &JointCounts,
    settings: &CompareSettings,
) -> Result<LabelledImage, WorkflowError> {
    let project = snapshot.project();
    let part_number = project.part_number_of_image(image).map(|pn| &project.part_numbers[pn]);
    let truth = snapshot.grouping(image).group(&runs::runs(label)).components;
    let said = Components::of(prediction);
    let defects = DefectComparison::of(&truth, &said, label.rect());
    let forecasts = (defects.predicted.iter().enumerate())
        .map(|(k, d)| RegionForecast {
            class: d.class,
            probability: mean_probability(said.runs(k), probability),
            came_true: !d.lies_on.is_empty(),
        })
        .collect::<Vec<_>>();
    let sizes = (0..truth.len()).map(|i| size_of(truth.runs(i), label, part_number)).collect();
    let boundary = boundaries(label, prediction, &settings.boundary).unwrap_or_default();
    let has_work = defects.labelled.iter().any(|d| d.outcome != Outcome::Found || d.coverage < 1.0)
        || defects.predicted.iter().any(crate::compare::PredictedDefect::is_invented);
    let suspects = match &settings.suspects {
        Some(check) if has_work => {
            let sides = [Side { map: label, components: &truth }, Side { map: prediction, components: &said }];
            suspects(snapshot, image, sides, &defects, &forecasts, probability, check)?
        }
        _ => Vec::new(),
    };
    let is_rejected = |s: &Suspect| snapshot.accepted(image).iter().any(|a| a.covers(&s.finding(), label));
    let (rejected, suspects): (Vec<Suspect>, Vec<Suspect>) = suspects.into_iter().partition(is_rejected);
    let (confusion, rejected_suspects) = (ConfusionMatrix::of(joint), rejected.len());
    Ok(LabelledImage { confusion, boundary, defects, sizes, forecasts, suspects, rejected_suspects })
}

/// Label and prediction as they are held against each other: what lies in zones that are not measured, or where the label says
/// "ignore", is ignored on both sides. Region numbers of a comparison count in these.
pub fn compared_maps(
    snapshot: &Snapshot,
    image: usize,
    label: &LabelMap,
    prediction: &LabelMap,
) -> Result<(LabelMap, LabelMap), WorkflowError> {
    let (mut label, mut prediction) = (label.clone(), prediction.clone());
    let project = snapshot.project();
    if let Some(pn) = project.part_number_of_image(image) {
        let ignored = project.part_numbers[pn].ignored_zones();
        let zones = snapshot.zones(pn).map_err(WorkflowError::Zones)?;
        if let Some(zones) = zones.filter(|z| !ignored.is_empty() && z.rect() == label.rect()) {
            for run in runs::runs(zones).iter().filter(|r| ignored.contains(&r.value)) {
                label.fill_span(run.y, run.x0, run.x1, IGNORE);
            }
        }
    }
    if label.histogram()[usize::from(IGNORE)] > 0 {
        for run in runs::runs(&label).iter().filter(|r| r.value == IGNORE) {
            prediction.fill_span(run.y, run.x0, run.x1, IGNORE);
        }
    }
    Ok((label, prediction))
}

/// Area in mm² where the part number is calibrated, in pixels otherwise.
fn size_of(runs: &[Run], label: &LabelMap, part_number: Option<&PartNumber>) -> f64 {
    let calibration = part_number.and_then(|p| p.calibration);
    let with = Measuring { calibration, ..Measuring::default() };
    f64::from(measure(runs, label, &with).feature(super::size_feature(part_number)))
}

/// Mean of the probabilities over the pixels of a region, 0..=1.
pub(in crate::workflow) fn mean_probability(runs: &[Run], probability: &Plane<u8>) -> f64 {
    let (mut sum, mut pixels) = (0_u64, 0_u64);
    for r in runs {
        sum += probability.row(r.y)[r.x0 as usize..r.x1 as usize].iter().map(|&p| u64::from(p)).sum::<u64>();
        pixels += u64::from(r.len());
    }
    if pixels > 0 { sum as f64 / pixels as f64 / 255.0 } else { 0.0 }
}

/// The smallest relative change of a feature that changes the verdict on a region.
pub(super) fn nearest_limit(regions: &[Region], rules: &CompiledRuleset) -> Option<f64> {
    let margins = regions.iter().flat_map(|r| [next_worse(r, rules), next_better(r, rules)]).flatten();
    margins.map(|m| m.change().abs() / m.limit.abs().max(1e-9)).min_by(f64::total_cmp)
}
