//! Predictions against labels over a whole part number: pixels, boundaries, defects, probability of detection, calibration, doubt,
//! suspected labels and parts, from a frozen snapshot and predictions that were made before.

mod image;
mod known;
mod parts;
mod suspects;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};

use super::checking::is_labelled;
use super::each_image::each_image;
use super::error::WorkflowError;
use super::evaluation::compile;
use super::judging::images_of;
use crate::check::{BoundaryCheck, Doubted};
use crate::compare::doubt::queue;
use crate::compare::{
    BoundaryCounts, BoundarySettings, ClassCounts, ConfusionMatrix, Distribution, Forecast, Outcome, PixelForecasts, PodResult,
    Reliability, SizeBin, Target, TemperatureFit, pod, size_bins,
};
use crate::judge::{CompiledRuleset, Disposition, Rate, Ruleset};
use crate::measure::{Feature, Region};
use crate::predict::Prediction;
use crate::project::PartNumber;
use crate::raster::{BACKGROUND, PixelRect};
use crate::session::Snapshot;

pub(super) use image::mean_probability;
pub use image::{ImageFigures, LabelledImage, RegionForecast, compared_maps};
pub use known::KnownImages;
pub use parts::PartComparison;
pub use suspects::Suspect;

/// What is compared how.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompareSettings {
    pub boundary: BoundarySettings,
    /// Bars of a reliability diagram, ≥ 1.
    pub reliability_bins: usize,
    /// With what labels are checked that the model contradicts; None looks at no photo.
    pub suspects: Option<BoundaryCheck>,
}

impl Default for CompareSettings {
    fn default() -> Self {
        Self { boundary: BoundarySettings::default(), reliability_bins: 10, suspects: Some(BoundaryCheck::default()) }
    }
}

/// A labelled defect, a prediction, or both: one case of a cell of the defect confusion matrix.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefectCase {
    /// Index in the project.
    pub image: usize,
    /// Number of the region among those of the label, from 0.
    pub labelled: Option<usize>,
    /// Number of the region among those of the prediction, from 0.
    pub predicted: Option<usize>,
    /// What to show: both.
    pub bounds: PixelRect,
}

/// One class over all compared images.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassFigures {
    pub class: u8,
    /// Pooled.
    pub pixels: ClassCounts,
    /// IoU of the images that have the class in label or prediction.
    pub iou: Option<Distribution>,
    /// Pooled.
    pub boundary: BoundaryCounts,
    /// Labelled defects that were found.
    pub recall: Rate,
    /// Predicted regions that lie on a labelled defect of the class.
    pub precision: Rate,
    /// Labelled defects that were taken for another class.
    pub taken: usize,
    /// Labelled defects found by several predictions, and predictions that lie on several.
    pub split: usize,
    pub merged: usize,
    /// Share of the pixels of a labelled defect that are predicted so.
    pub coverage: Option<Distribution>,
    /// Size of each labelled defect and whether it was found.
    pub targets: Vec<Target>,
    pub pod: PodResult,
    pub size_bins: Vec<SizeBin>,
    /// Of the pixels predicted as this class; None where there are none, or the model gives no probabilities.
    pub pixel_reliability: Option<Reliability>,
    /// Of the regions predicted as this class.
    pub region_reliability: Option<Reliability>,
}

/// The model of a part number against the labels.
#[derive(Debug)]
pub struct SetComparison {
    pub part_number: usize,
    /// What sizes are: area in mm², or in pixels without calibration.
    pub size: Feature,
    /// Every predicted image, in the order of the project.
    pub images: Vec<ImageFigures>,
    /// Images that nobody has labelled, and images that the model has not seen; ascending.
    pub unlabelled: Vec<usize>,
    pub unpredicted: Vec<usize>,
    /// Images that could not be compared.
    pub problems: Vec<(usize, WorkflowError)>,
    /// Pooled over the images that have a label and a prediction, background included.
    pub confusion: ConfusionMatrix,
    /// By class id, without classes that are nowhere.
    pub classes: Vec<ClassFigures>,
    /// (labelled, predicted) class → cases, 0 where there is nothing on that side.
    pub defects: BTreeMap<(u8, u8), Vec<DefectCase>>,
    /// Over all classes; size is comparable, so one curve can be drawn.
    pub pod: PodResult,
    /// The model gives probabilities: not every pixel is certain.
    pub has_probabilities: bool,
    /// Of the pixels predicted as any defect, of the background, and of the regions.
    pub pixel_reliability: Option<Reliability>,
    pub background_reliability: Option<Reliability>,
    pub region_reliability: Option<Reliability>,
    /// What one temperature would do for the pixels predicted as any defect; held out by every other image.
    pub temperature: Option<TemperatureFit>,
    /// Suspected mistakes of labels that nobody has judged yet, best founded first.
    pub suspects: Vec<Suspect>,
    /// Suspected mistakes of which a person said that the label is right.
    pub rejected_suspects: usize,
    /// Images that nobody has labelled, first those that teach most.
    pub to_label: Vec<usize>,
    /// Labelled images, first those where model and label part most and the model is least sure.
    pub to_review: Vec<usize>,
    /// None without a ruleset.
    pub parts: Option<PartComparison>,
}

/// The size that detection is told by.
#[must_use]
pub fn size_feature(part_number: Option<&PartNumber>) -> Feature {
    if part_number.is_some_and(|p| p.calibration.is_some()) { Feature::Area } else { Feature::AreaPx }
}

/// What the workers hand over.
#[derive(Default)]
struct Gathered {
    worked: BTreeMap<usize, (known::Stamp, Arc<image::Worked>)>,
    images: Vec<ImageFigures>,
    /// Of images with even and with odd places, so that a temperature can be held out.
    forecasts: [PixelForecasts; 2],
    labels: BTreeMap<usize, Vec<Region>>,
    predictions: BTreeMap<usize, Vec<Region>>,
    problems: Vec<(usize, WorkflowError)>,
}

/// What is compared.
pub struct CompareInput<'a> {
    /// Index in the project.
    pub part_number: usize,
    pub settings: CompareSettings,
    /// Without one parts are not judged, and no region is near a limit.
    pub ruleset: Option<&'a Ruleset>,
    /// What people say, by part of the project.
    pub truth: &'a [Disposition],
    /// What the model said about an image of the project, if it did.
    pub prediction_of: &'a (dyn Fn(usize) -> Option<Prediction> + Sync),
}

/// Compares a part number on all cores. One image that fails is named and does not stop the others; `is_cancelled` is asked before each
/// and ends the work with [`WorkflowError::Cancelled`]. `done` is called after each image, from several threads. What `known` has is not
/// worked out again; it learns what was, also when the work is cancelled.
pub fn compare_set(
    snapshot: &Snapshot,
    input: &CompareInput<'_>,
    known: &mut KnownImages,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn() + Sync),
) -> Result<SetComparison, WorkflowError> {
    let &CompareInput { part_number, ref settings, ruleset, truth, prediction_of } = input;
    let images = images_of(snapshot, part_number);
    let rules = ruleset.map(|r| compile(snapshot.project(), part_number, r)).transpose()?;
    let gathered = Mutex::new(Gathered::default());
    let work = |image: usize| {
        let stamp = known::Stamp::of(snapshot, image);
        if let Some(worked) = known.get(image, &stamp) {
            return Ok((stamp, Arc::clone(worked)));
        }
        let label = is_labelled(snapshot, image, snapshot.state(image)).then(|| snapshot.label(image)).transpose()?;
        let prediction = prediction_of(image);
        let worked = image::compare_one(snapshot, image, label.as_ref(), prediction.as_ref(), settings)?;
        Ok((stamp, Arc::new(worked)))
    };
    let outcome = each_image(&images, is_cancelled, work, |image, worked| {
        // A worker that panicked left no half-made entry behind.
        let mut gathered = gathered.lock().unwrap_or_else(PoisonError::into_inner);
        match worked {
            Ok(worked) => drop(gathered.worked.insert(image, worked)),
            Err(problem) => gathered.problems.push((image, problem)),
        }
        drop(gathered);
        done();
    });
    let mut all = gathered.into_inner().unwrap_or_else(PoisonError::into_inner);
    for (&image, (stamp, worked)) in &all.worked {
        known.put(image, stamp.clone(), Arc::clone(worked));
    }
    outcome?;
    all.take_worked(&images, rules.as_ref());
    all.problems.sort_by_key(|p| p.0);
    let failed = |image: &usize| all.problems.iter().any(|(i, _)| i == image);
    let missing = |regions: &BTreeMap<usize, Vec<Region>>| {
        images.iter().copied().filter(|i| !regions.contains_key(i) && !failed(i)).collect::<Vec<_>>()
    };
    let (unlabelled, unpredicted) = (missing(&all.labels), missing(&all.predictions));
    let regions = [std::mem::take(&mut all.labels), std::mem::take(&mut all.predictions)];
    let parts = ruleset.map(|r| parts::compare_parts(snapshot, part_number, r, truth, regions)).transpose()?;
    let size = size_feature(Some(&snapshot.project().part_numbers[part_number]));
    Ok(SetComparison { unlabelled, unpredicted, parts, ..pool(part_number, size, all, settings) })
}

impl Gathered {
    /// Takes the images apart in the order of the project.
    fn take_worked(&mut self, images: &[usize], rules: Option<&CompiledRuleset>) {
        for (image, (_, worked)) in std::mem::take(&mut self.worked) {
            let half = images.binary_search(&image).unwrap_or(0) % 2;
            let near =
                worked.predicted_regions.as_ref().zip(rules).and_then(|(regions, rules)| image::nearest_limit(regions, rules));
            self.images.extend(worked.figures.clone().map(|figures| ImageFigures { nearest_limit: near, ..figures }));
            self.forecasts[half].add(&worked.forecasts);
            self.labels.extend(worked.label_regions.clone().map(|regions| (image, regions)));
            self.predictions.extend(worked.predicted_regions.clone().map(|regions| (image, regions)));
        }
    }
}

/// Adds the images up.
fn pool(part_number: usize, size: Feature, all: Gathered, settings: &CompareSettings) -> SetComparison {
    let Gathered { images, forecasts: halves, problems, .. } = all;
    let mut forecasts = halves[0].clone();
    forecasts.add(&halves[1]);
    let labelled = || images.iter().filter_map(|i| i.labelled.as_ref().map(|l| (i.image, l)));
    let mut confusion = ConfusionMatrix::default();
    let mut defects: BTreeMap<(u8, u8), Vec<DefectCase>> = BTreeMap::new();
    let mut classes = BTreeSet::new();
    for (image, l) in labelled() {
        confusion.add(&l.confusion);
        classes.extend(l.defects.labelled.iter().map(|d| d.class).chain(l.defects.predicted.iter().map(|d| d.class)));
        for (cell, pairs) in l.defects.matrix() {
            defects.entry(cell).or_default().extend(pairs.into_iter().map(|pair| {
                let bounds = pair.labelled.map_or(PixelRect::EMPTY, |i| l.defects.labelled[i].bounds);
                let bounds = pair.predicted.map_or(bounds, |k| bounds.union(l.defects.predicted[k].bounds));
                DefectCase { image, labelled: pair.labelled, predicted: pair.predicted, bounds }
            }));
        }
    }
    classes.extend(confusion.classes());
    let has_probabilities = forecasts.classes.values().any(|counts| counts[..255].iter().any(|n| n[0] + n[1] > 0));
    let reliability =
        |forecasts: &[Forecast]| has_probabilities.then(|| Reliability::of(forecasts, settings.reliability_bins)).flatten();
    let regions = |class: Option<u8>| -> Vec<Forecast> {
        let all = labelled().flat_map(|(_, l)| &l.forecasts).filter(|f| class.is_none_or(|c| c == f.class));
        all.map(|f| Forecast {
            probability: f.probability.clamp(0.25 / 255.0, 1.0 - 0.25 / 255.0),
            ..Forecast::new(0.0, f.came_true)
        })
        .collect()
    };
    let classes: Vec<ClassFigures> = classes
        .into_iter()
        .map(|class| {
            let of_images: Vec<&LabelledImage> = labelled().map(|(_, l)| l).collect();
            let mut figures = class_figures(class, &of_images, confusion.class(class));
            figures.pixel_reliability = reliability(&forecasts.of_class(class));
            figures.region_reliability = reliability(&regions(Some(class)));
            figures
        })
        .collect();
    let targets: Vec<Target> = classes.iter().flat_map(|c| c.targets.iter().copied()).collect();
    let halves = halves.each_ref().map(PixelForecasts::of_defects);
    let temperature = if has_probabilities { TemperatureFit::of([&halves[0], &halves[1]]) } else { None };
    let mut suspects: Vec<Suspect> = labelled().flat_map(|(_, l)| l.suspects.iter().cloned()).collect();
    suspects.sort_by(|a, b| b.score.total_cmp(&a.score));
    let rejected_suspects = labelled().map(|(_, l)| l.rejected_suspects).sum();
    let queue_of = |is_labelled: bool| {
        let chosen: Vec<&ImageFigures> = images.iter().filter(|i| i.labelled.is_some() == is_labelled).collect();
        let figures: Vec<[f64; 3]> = chosen
            .iter()
            .map(|i| [i.doubt.disagreement as f64, i.doubt.mean_entropy, i.nearest_limit.map_or(f64::NAN, |d| -d)])
            .collect();
        queue(&figures).into_iter().map(|i| chosen[i].image).collect::<Vec<_>>()
    };
    SetComparison {
        part_number,
        size,
        unlabelled: Vec::new(),
        unpredicted: Vec::new(),
        problems,
        pod: pod(&targets),
        has_probabilities,
        pixel_reliability: reliability(&forecasts.of_defects()),
        background_reliability: reliability(&forecasts.of_class(BACKGROUND)),
        region_reliability: reliability(&regions(None)),
        temperature,
        suspects,
        rejected_suspects,
        to_label: queue_of(false),
        to_review: queue_of(true),
        parts: None,
        confusion,
        classes,
        defects,
        images,
    }
}

/// One class over images, all but the reliability.
fn class_figures(class: u8, images: &[&LabelledImage], pixels: ClassCounts) -> ClassFigures {
    let mut boundary = BoundaryCounts::default();
    let (mut recall, mut precision) = (Rate::default(), Rate::default());
    let (mut taken, mut split, mut merged) = (0, 0, 0);
    let (mut ious, mut coverage, mut targets) = (Vec::new(), Vec::new(), Vec::new());
    for l in images {
        ious.extend(l.confusion.class(class).iou());
        if let Some(counts) = l.boundary.get(&class) {
            boundary.add(counts);
        }
        for (d, &size) in l.defects.labelled.iter().zip(&l.sizes).filter(|(d, _)| d.class == class) {
            let is_found = d.outcome == Outcome::Found;
            recall.of += 1;
            recall.count += usize::from(is_found);
            taken += usize::from(matches!(d.outcome, Outcome::Taken(_)));
            split += usize::from(d.found_by.len() > 1);
            coverage.push(d.coverage);
            targets.push((size, is_found));
        }
        for d in l.defects.predicted.iter().filter(|d| d.class == class) {
            precision.of += 1;
            precision.count += usize::from(!d.lies_on.is_empty());
            merged += usize::from(d.lies_on.len() > 1);
        }
    }
    ClassFigures {
        class,
        pixels,
        iou: Distribution::of(&ious),
        boundary,
        recall,
        precision,
        taken,
        split,
        merged,
        coverage: Distribution::of(&coverage),
        pod: pod(&targets),
        size_bins: size_bins(&targets),
        targets,
        pixel_reliability: None,
        region_reliability: None,
    }
}

impl SetComparison {
    /// Images that have a label and a prediction.
    #[must_use]
    pub fn compared(&self) -> usize {
        self.images.iter().filter(|i| i.labelled.is_some()).count()
    }

    /// Labelled defects of all classes that were found.
    #[must_use]
    pub fn recall(&self) -> Rate {
        self.classes.iter().fold(Rate::default(), |sum, c| Rate { count: sum.count + c.recall.count, of: sum.of + c.recall.of })
    }

    /// Predicted regions of all classes that lie on a labelled defect of their class.
    #[must_use]
    pub fn precision(&self) -> Rate {
        let sum = |sum: Rate, c: &ClassFigures| Rate { count: sum.count + c.precision.count, of: sum.of + c.precision.of };
        self.classes.iter().fold(Rate::default(), sum)
    }

    /// Recall and precision if every suspected label were wrong as suspected: labels without a defect and defects without a label are
    /// left out, and what was taken for another class counts as right. The model must not be graded on bad labels; both are shown.
    #[must_use]
    pub fn without_suspects(&self) -> (Rate, Rate) {
        let count = |kind: Doubted| self.suspects.iter().filter(|s| s.kind == kind).count();
        let (recall, precision) = (self.recall(), self.precision());
        let (extra, missing, taken) = (count(Doubted::ExtraLabel), count(Doubted::MissingLabel), count(Doubted::WrongClass));
        let rate = |count: usize, of: usize| Rate { count: count.min(of), of };
        (rate(recall.count + taken, recall.of - extra), rate(precision.count + taken, precision.of - missing))
    }

    /// Predictions that lie on no labelled defect of any class, a compared image; None when none was compared. What the handbook reports
    /// beside a curve of detection.
    #[must_use]
    pub fn false_calls_per_image(&self) -> Option<f64> {
        let cells = self.defects.iter().filter(|((t, _), _)| *t == BACKGROUND);
        let count: usize = cells.map(|(_, cases)| cases.len()).sum();
        (self.compared() > 0).then(|| count as f64 / self.compared() as f64)
    }
}
