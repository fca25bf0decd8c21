//! Defect by defect: found, missed, taken for another class, split, merged, invented; and how much of each was covered.
//!
//! A labelled defect is found when a prediction of its class lies on it grown by [`FOUND_WITHIN_PX`]:
//! inspection asks whether it was found, not whether its outline agrees.

use std::collections::BTreeMap;

use super::regions::{FOUND_WITHIN_PX, RegionComparison, bounds, touch};
use crate::raster::{BACKGROUND, Components, PixelRect, Run};

/// What became of a labelled defect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    Found,
    /// Only predictions of other classes lie on it; the one with the most pixels in common has this class.
    Taken(u8),
    Missed,
}

/// One labelled defect.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledDefect {
    pub class: u8,
    pub pixels: u64,
    pub bounds: PixelRect,
    pub outcome: Outcome,
    /// Share of its pixels that are predicted as its class, 0..=1.
    pub coverage: f64,
    /// Predicted regions of its class that lie on it, ascending; two or more have split it.
    pub found_by: Vec<usize>,
    /// The predicted region that took it for another class.
    pub taken_by: Option<usize>,
}

/// One predicted region.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PredictedDefect {
    pub class: u8,
    pub pixels: u64,
    pub bounds: PixelRect,
    /// Labelled defects of its class that it lies on, ascending; two or more were merged.
    pub lies_on: Vec<usize>,
    /// Labelled defects that it took for its own class.
    pub took: Vec<usize>,
}

impl PredictedDefect {
    /// It has to do with no labelled defect, or only with such that were found otherwise: a false call.
    #[must_use]
    pub const fn is_invented(&self) -> bool {
        self.lies_on.is_empty() && self.took.is_empty()
    }
}

/// The defects of one image. Indices are those of the components that were compared.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct DefectComparison {
    pub labelled: Vec<LabelledDefect>,
    pub predicted: Vec<PredictedDefect>,
}

/// One line of a cell of the defect confusion matrix: the regions that make it up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct DefectPair {
    pub labelled: Option<usize>,
    pub predicted: Option<usize>,
}

impl DefectComparison {
    /// Compares regions; `image`: the rectangle of the whole image.
    #[must_use]
    pub fn of(truth: &Components, said: &Components, image: PixelRect) -> Self {
        let pixels = |runs: &[Run]| runs.iter().map(|r| u64::from(r.len())).sum::<u64>();
        let mut predicted: Vec<PredictedDefect> = (0..said.len())
            .map(|k| {
                let runs = said.runs(k);
                PredictedDefect { class: said.value(k), pixels: pixels(runs), bounds: bounds(runs), lies_on: vec![], took: vec![] }
            })
            .collect();
        let labelled = (0..truth.len())
            .map(|i| {
                let (runs, class) = (truth.runs(i), truth.value(i));
                let rect = bounds(runs);
                let near = rect.grown(FOUND_WITHIN_PX, image.x1, image.y1);
                let (mut found_by, mut covered) = (Vec::new(), 0);
                // The other class with the most common pixels; the first one of equals.
                let mut other: Option<(u64, usize)> = None;
                for (k, candidate) in predicted.iter_mut().enumerate() {
                    if candidate.bounds.intersection(near).is_empty() || !touch(runs, said.runs(k)) {
                        continue;
                    }
                    let common = common_pixels(runs, said.runs(k));
                    if candidate.class == class {
                        found_by.push(k);
                        candidate.lies_on.push(i);
                        covered += common;
                    } else if other.is_none_or(|(most, _)| common > most) {
                        other = Some((common, k));
                    }
                }
                let taken_by = other.filter(|_| found_by.is_empty()).map(|(_, k)| k);
                let outcome = match taken_by {
                    _ if !found_by.is_empty() => Outcome::Found,
                    Some(k) => Outcome::Taken(predicted[k].class),
                    None => Outcome::Missed,
                };
                if let Some(k) = taken_by {
                    predicted[k].took.push(i);
                }
                let pixels = pixels(runs);
                let coverage = covered as f64 / pixels as f64;
                LabelledDefect { class, pixels, bounds: rect, outcome, coverage, found_by, taken_by }
            })
            .collect();
        Self { labelled, predicted }
    }

    /// The same in the words of [`RegionComparison`]: classes apart, so that a defect taken for another class is missed, and what took it is
    /// extra.
    #[must_use]
    pub fn regions(&self) -> RegionComparison {
        RegionComparison {
            found: self.labelled.iter().map(|d| d.outcome == Outcome::Found).collect(),
            is_labelled: self.predicted.iter().map(|d| !d.lies_on.is_empty()).collect(),
        }
    }

    /// Labelled defects that two or more predictions of their class lie on.
    pub fn split(&self) -> impl Iterator<Item = usize> + '_ {
        self.labelled.iter().enumerate().filter(|(_, d)| d.found_by.len() > 1).map(|(i, _)| i)
    }

    /// Predictions that lie on two or more labelled defects of their class.
    pub fn merged(&self) -> impl Iterator<Item = usize> + '_ {
        self.predicted.iter().enumerate().filter(|(_, d)| d.lies_on.len() > 1).map(|(k, _)| k)
    }

    /// The defect confusion matrix: (labelled class, predicted class) → cases, [`BACKGROUND`] where there is nothing on that side. Every
    /// labelled defect is in one cell of its row; every prediction that found or took none is in the row of the background.
    #[must_use]
    pub fn matrix(&self) -> BTreeMap<(u8, u8), Vec<DefectPair>> {
        let mut cells: BTreeMap<(u8, u8), Vec<DefectPair>> = BTreeMap::new();
        for (i, d) in self.labelled.iter().enumerate() {
            let (column, predicted) = match d.outcome {
                Outcome::Found => (d.class, d.found_by.first().copied()),
                Outcome::Taken(class) => (class, d.taken_by),
                Outcome::Missed => (BACKGROUND, None),
            };
            cells.entry((d.class, column)).or_default().push(DefectPair { labelled: Some(i), predicted });
        }
        for (k, d) in self.predicted.iter().enumerate().filter(|(_, d)| d.is_invented()) {
            cells.entry((BACKGROUND, d.class)).or_default().push(DefectPair { labelled: None, predicted: Some(k) });
        }
        cells
    }
}

/// Pixels that two regions share.
pub(super) fn common_pixels(a: &[Run], b: &[Run]) -> u64 {
    let (mut i, mut k, mut sum) = (0, 0, 0);
    while let (Some(p), Some(q)) = (a.get(i), b.get(k)) {
        if p.y == q.y {
            sum += u64::from(p.x1.min(q.x1).saturating_sub(p.x0.max(q.x0)));
        }
        if (p.y, p.x1) <= (q.y, q.x1) { i += 1 } else { k += 1 }
    }
    sum
}

/// Pairs (labelled, predicted) of one class by intersection over union ≥ `threshold` (> 0), each region once: greedily from the highest,
/// of equals the first labelled one. For those who compare outlines; [`DefectComparison`] is what counts here.
#[must_use]
pub fn match_by_iou(truth: &Components, said: &Components, threshold: f64) -> Vec<(usize, usize)> {
    let pixels = |runs: &[Run]| runs.iter().map(|r| u64::from(r.len())).sum::<u64>();
    let boxes: Vec<PixelRect> = said.iter().map(bounds).collect();
    let mut candidates: Vec<(f64, usize, usize)> = Vec::new();
    for (i, region) in truth.iter().enumerate() {
        let rect = bounds(region);
        for (k, other) in said.iter().enumerate().filter(|(k, _)| !boxes[*k].intersection(rect).is_empty()) {
            let common = common_pixels(region, other);
            let iou = common as f64 / (pixels(region) + pixels(other) - common) as f64;
            if said.value(k) == truth.value(i) && common > 0 && iou >= threshold {
                candidates.push((iou, i, k));
            }
        }
    }
    candidates.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)).then(a.2.cmp(&b.2)));
    let (mut is_used, mut is_taken) = (vec![false; truth.len()], vec![false; said.len()]);
    let mut pairs = Vec::new();
    for (_, i, k) in candidates {
        if !is_used[i] && !is_taken[k] {
            (is_used[i], is_taken[k]) = (true, true);
            pairs.push((i, k));
        }
    }
    pairs
}

#[cfg(test)]
#[path = "defects_tests.rs"]
mod tests;
