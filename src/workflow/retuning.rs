//! Predictions held to other least probabilities, from what is in memory: quick enough to follow a slider.

use std::sync::Arc;

use rayon::prelude::*;

use super::error::WorkflowError;
use super::measuring::prediction_regions;
use crate::measure::Region;
use crate::predict::{DefectPixels, Prediction, ProbabilityLimits};
use crate::session::Snapshot;

/// One image's prediction under other limits.
pub struct Reheld {
    pub image: usize,
    pub prediction: Prediction,
    pub regions: Vec<Region>,
}

/// Holds predictions to `limits` and measures them, on all threads. Images that cannot be measured (an unreadable photo where one is needed)
/// come back with the error. None when cancelled.
pub fn hold_to(
    snapshot: &Snapshot,
    images: &[(usize, Arc<DefectPixels>)],
    limits: &ProbabilityLimits,
    is_cancelled: &(dyn Fn() -> bool + Sync),
) -> Option<Vec<Result<Reheld, (usize, WorkflowError)>>> {
    let one = |(image, pixels): &(usize, Arc<DefectPixels>)| {
        if is_cancelled() {
            return None;
        }
        let prediction = pixels.held_to(limits);
        Some(match prediction_regions(snapshot, *image, &prediction) {
            Ok(regions) => Ok(Reheld { image: *image, prediction, regions }),
            Err(e) => Err((*image, e)),
        })
    };
    images.par_iter().map(one).collect()
}
