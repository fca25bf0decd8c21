//! What if a zone were larger or smaller: all labels and predictions measured and judged with a zone map that is not in the project.

use crate::judge::{Disposition, Ruleset};
use crate::paint::morphology::{grow, shrink};
use crate::raster::runs::runs;
use crate::raster::{Area, LabelMap, Run};
use crate::session::Snapshot;
use crate::workflow::error::WorkflowError;
use crate::workflow::evaluation::Evaluation;
use crate::workflow::judging::{MeasuredImages, evaluate, images_of, measure_labels};
use crate::workflow::measuring::prediction_regions;
use crate::workflow::predicting::{CachedPredictions, probability_limits};

/// Verdicts with another zone map.
pub struct ZoneTrial {
    pub labels: Evaluation,
    /// None when no model was run.
    pub predictions: Option<Evaluation>,
}

/// What to write into a zone map so that the border of a zone moves outwards (`by_px` above 0) or inwards, by at most 64 px: areas with
/// their new zones. What a zone gives up goes to the zones that it borders on, to each what is within reach of it, the lowest id first.
/// Zones in `kept` (those that are ignored) are neither given nor taken.
#[must_use]
pub fn moved_zone(map: &LabelMap, zone: u8, by_px: f64, kept: &[u8]) -> Vec<(Area, u8)> {
    let (w, h) = (map.width(), map.height());
    let runs = runs(map);
    let area_of = |id: u8| Area::of_runs(&runs.iter().filter(|r| r.value == id).copied().collect::<Vec<Run>>());
    let here = area_of(zone);
    if by_px >= 0.0 {
        let mut gained = grow(&here, by_px, w, h).minus(&here);
        for &id in kept {
            gained = gained.minus(&area_of(id));
        }
        return if gained.is_empty() { Vec::new() } else { vec![(gained, zone)] };
    }
    let mut lost = here.minus(&shrink(&here, -by_px, w, h));
    let mut others: Vec<u8> = runs.iter().map(|r| r.value).filter(|v| *v != zone && !kept.contains(v)).collect();
    others.sort_unstable();
    others.dedup();
    let mut moved = Vec::new();
    for id in others {
        let taken = grow(&area_of(id), -by_px, w, h).intersection(&lost);
        if !taken.is_empty() {
            lost = lost.minus(&taken);
            moved.push((taken, id));
        }
    }
    if !lost.is_empty() {
        moved.push((lost, crate::raster::BACKGROUND));
    }
    moved
}

/// The zone map with areas written over.
#[must_use]
pub fn with_areas(map: &LabelMap, areas: &[(Area, u8)]) -> LabelMap {
    let mut out = map.clone();
    for (area, value) in areas {
        for span in area.spans() {
            out.fill_span(span.y, span.x0, span.x1, *value);
        }
    }
    out
}

/// Measures and judges everything with the zone map `zones`. `truth` is by part of the project; `done` is called after each image.
pub fn try_zones(
    snapshot: &Snapshot,
    part_number: usize,
    zones: LabelMap,
    ruleset: &Ruleset,
    truth: &[Disposition],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    done: &(dyn Fn() + Sync),
) -> Result<ZoneTrial, WorkflowError> {
    let snapshot = snapshot.with_zones(part_number, zones);
    let images = images_of(&snapshot, part_number);
    let measured = measure_labels(&snapshot, &images, is_cancelled, done)?;
    let labels = evaluate(&snapshot, part_number, ruleset, truth, &measured)?;
    let project = snapshot.project();
    let mut predicted = MeasuredImages::default();
    if let Some(cached) = CachedPredictions::open(project, part_number)? {
        let cached = cached.held_to(probability_limits(project, ruleset));
        for image in images {
            if is_cancelled() {
                return Err(WorkflowError::Cancelled);
            }
            if let Some(prediction) = cached.get(project, image) {
                predicted.regions.insert(image, prediction_regions(&snapshot, image, &prediction)?);
            }
            done();
        }
    }
    let has_any = !predicted.regions.is_empty();
    let predictions = has_any.then(|| evaluate(&snapshot, part_number, ruleset, truth, &predicted)).transpose()?;
    Ok(ZoneTrial { labels, predictions })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_zones() -> LabelMap {
        let mut map = LabelMap::new(60, 40);
        for y in 5..35 {
            map.fill_span(y, 0, 30, 1);
            map.fill_span(y, 30, 60, 2);
        }
        map
    }

    #[test]
    fn a_zone_grows_by_what_was_asked_and_spares_what_is_kept() {
        let map = two_zones();
        let moved = with_areas(&map, &moved_zone(&map, 1, 4.0, &[]));
        // The straight border moves by 4 px, and so do those to no zone.
        assert_eq!((moved.get(33, 20), moved.get(34, 20), moved.get(10, 1), moved.get(10, 0)), (1, 2, 1, 0));
        let kept = with_areas(&map, &moved_zone(&map, 1, 4.0, &[2]));
        assert_eq!((kept.get(30, 20), kept.get(10, 1)), (2, 1));
    }

    #[test]
    fn what_a_zone_gives_up_goes_to_its_neighbours() {
        let map = two_zones();
        let moved = with_areas(&map, &moved_zone(&map, 1, -3.0, &[]));
        assert_eq!((moved.get(26, 20), moved.get(27, 20), moved.get(29, 20)), (1, 2, 2));
        assert_eq!((moved.get(10, 7), moved.get(10, 8)), (0, 1));
        // The border of the image is no border of the zone.
        assert_eq!(moved.get(0, 20), 1);
        assert!(moved_zone(&map, 1, 0.0, &[]).is_empty() && moved_zone(&map, 9, 5.0, &[]).is_empty());
    }
}
