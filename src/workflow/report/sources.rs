//! What a report is about: labels and predictions of a part number, measured and judged.

use std::sync::Mutex;

use crate::judge::{Disposition, Ruleset};
use crate::measure::FeatureSet;
use crate::session::Snapshot;
use crate::workflow::checking::is_labelled;
use crate::workflow::each_image::each_image;
use crate::workflow::judging::{MeasuredImages, evaluate, images_of, measure_labels};
use crate::workflow::measuring::prediction_regions;
use crate::workflow::predicting::{CachedPredictions, probability_limits};
use crate::workflow::{Evaluation, WorkflowError};

/// What was judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Source {
    /// What annotators painted.
    Labels,
    /// What the models say.
    Predictions,
}

impl Source {
    /// "labels" or "predictions".
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Predictions => "predictions",
        }
    }
}

/// Labels or predictions of a part number with their verdicts.
pub struct JudgedSource {
    pub source: Source,
    /// Which engine ran; None for labels and for what came from the cache.
    pub engine: Option<String>,
    pub evaluation: Evaluation,
    pub measured: MeasuredImages,
}

/// Measures and judges what is there without running a model: labels that somebody made, predictions that are in the cache. `truth` is by
/// part of the project, `progress` gets images done and images in all, from several threads. Predictions are left out when the part number
/// has no model, or none of its images was predicted.
///
/// # Errors
/// When the ruleset does not fit the part number, a model's files cannot be read, or it was cancelled. Images that cannot be measured are
/// kept as problems.
pub fn judge_sources(
    snapshot: &Snapshot,
    part_number: usize,
    ruleset: &Ruleset,
    truth: &[Disposition],
    sources: &[Source],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Vec<JudgedSource>, WorkflowError> {
    let snapshot = snapshot.for_ruleset(part_number, ruleset, FeatureSet::ALWAYS);
    let all = images_of(&snapshot, part_number);
    let labelled: Vec<usize> = all.iter().copied().filter(|&i| is_labelled(&snapshot, i, snapshot.state(i))).collect();
    let [has_labels, has_predictions] = [Source::Labels, Source::Predictions].map(|s| sources.contains(&s));
    let total = if has_labels { labelled.len() } else { 0 } + if has_predictions { all.len() } else { 0 };
    let count = Mutex::new(0);
    let done = || {
        // A counter cannot be left half changed.
        let mut count = count.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *count += 1;
        progress(*count, total);
    };
    let mut judged = Vec::new();
    if has_labels {
        let measured = measure_labels(&snapshot, &labelled, is_cancelled, &done)?;
        let evaluation = evaluate(&snapshot, part_number, ruleset, truth, &measured)?;
        judged.push(JudgedSource { source: Source::Labels, engine: None, evaluation, measured });
    }
    if has_predictions && let Some(cached) = CachedPredictions::open(snapshot.project(), part_number)? {
        let cached = cached.held_to(probability_limits(snapshot.project(), ruleset));
        let measured = measure_cached(&snapshot, &cached, &all, is_cancelled, &done)?;
        if !(measured.regions.is_empty() && measured.problems.is_empty()) {
            let evaluation = evaluate(&snapshot, part_number, ruleset, truth, &measured)?;
            judged.push(JudgedSource { source: Source::Predictions, engine: None, evaluation, measured });
        }
    }
    Ok(judged)
}

/// Images that were not predicted are in neither list of the result.
fn measure_cached(
    snapshot: &Snapshot,
    cached: &CachedPredictions,
    images: &[usize],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn() + Sync),
) -> Result<MeasuredImages, WorkflowError> {
    let measured = Mutex::new(MeasuredImages::default());
    let work = |image: usize| {
        let prediction = cached.get(snapshot.project(), image);
        prediction.map(|prediction| prediction_regions(snapshot, image, &prediction)).transpose()
    };
    each_image(images, is_cancelled, work, |image, regions| {
        let mut measured = measured.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        match regions {
            Ok(Some(regions)) => drop(measured.regions.insert(image, regions)),
            Ok(None) => {}
            Err(problem) => measured.problems.push((image, problem)),
        }
        drop(measured);
        done();
    })?;
    let mut measured = measured.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner);
    measured.problems.sort_by_key(|p| p.0);
    Ok(measured)
}
