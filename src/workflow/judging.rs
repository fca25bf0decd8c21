//! Judging a whole part number: its regions from labels or from predictions, and the evaluation of them.

use std::collections::BTreeMap;
use std::sync::Mutex;

use super::each_image::each_image;
use super::error::WorkflowError;
use super::evaluation::{Evaluation, compile_in};
use super::measuring::{label_regions, prediction_regions};
use super::predicting::ProjectModels;
use crate::judge::{Disposition, Ruleset};
use crate::measure::Region;
use crate::predict::Prediction;
use crate::session::Snapshot;

/// The measured regions of images, and the images that could not be measured. An image in neither was not asked for.
#[derive(Debug, Default)]
pub struct MeasuredImages {
    pub regions: BTreeMap<usize, Vec<Region>>,
    /// By image, ascending.
    pub problems: Vec<(usize, WorkflowError)>,
}

/// Images of a part number, ascending.
#[must_use]
pub fn images_of(snapshot: &Snapshot, part_number: usize) -> Vec<usize> {
    let parts = snapshot.project().parts().iter().filter(|p| p.part_number == part_number);
    let mut images: Vec<usize> = parts.flat_map(|p| p.images.iter().copied()).collect();
    images.sort_unstable();
    images
}

/// Measures the labels of these images. `done` is called after each, from several threads.
pub fn measure_labels(
    snapshot: &Snapshot,
    images: &[usize],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn() + Sync),
) -> Result<MeasuredImages, WorkflowError> {
    let measured = Mutex::new(MeasuredImages::default());
    each_image(
        images,
        is_cancelled,
        |image| label_regions(snapshot, image),
        |image, regions| {
            // A worker that panicked left no half-made entry behind.
            measured.lock().unwrap_or_else(std::sync::PoisonError::into_inner).put(image, regions);
            done();
        },
    )?;
    let mut measured = measured.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    measured.problems.sort_by_key(|p| p.0);
    Ok(measured)
}

/// Runs the model over these images and measures what it says. `done` gets each prediction, in the order of `images`.
pub fn measure_predictions(
    snapshot: &Snapshot,
    model: &mut ProjectModels,
    images: &[usize],
    is_cancelled: &dyn Fn() -> bool,
    done: &mut dyn FnMut(usize, Result<&Prediction, &WorkflowError>),
) -> Result<MeasuredImages, WorkflowError> {
    let mut measured = MeasuredImages::default();
    for &image in images {
        if is_cancelled() {
            return Err(WorkflowError::Cancelled);
        }
        let prediction = match model.predict(snapshot.project(), image, is_cancelled) {
            Err(WorkflowError::Cancelled) => return Err(WorkflowError::Cancelled),
            other => other,
        };
        let regions = prediction.and_then(|prediction| {
            let regions = prediction_regions(snapshot, image, &prediction)?;
            done(image, Ok(&prediction));
            Ok(regions)
        });
        if let Err(problem) = &regions {
            done(image, Err(problem));
        }
        measured.put(image, regions);
    }
    Ok(measured)
}

/// The verdicts of a part number under a ruleset, from measured images; `truth` is by part of the project.
pub fn evaluate(
    snapshot: &Snapshot,
    part_number: usize,
    ruleset: &Ruleset,
    truth: &[Disposition],
    measured: &MeasuredImages,
) -> Result<Evaluation, WorkflowError> {
    let rules = compile_in(snapshot, part_number, ruleset)?;
    let regions = |image: usize| measured.regions.get(&image).map(Vec::as_slice);
    Ok(Evaluation::new(snapshot.project(), part_number, &rules, truth, regions))
}

impl MeasuredImages {
    fn put(&mut self, image: usize, regions: Result<Vec<Region>, WorkflowError>) {
        match regions {
            Ok(regions) => drop(self.regions.insert(image, regions)),
            Err(problem) => self.problems.push((image, problem)),
        }
    }
}
