//! How well the boundaries of prediction and label agree, class by class.
//!
//! The boundary of a class is its pixels that have a pixel of something else, or the outside of the image, above, below, left or right.
//! Pixels that the label says to ignore are in no class, and where a region is cut by them there is no boundary.

use std::collections::BTreeMap;

use super::confusion::quantile;
use super::nearest::BoundaryPixels;
use crate::raster::{BACKGROUND, IGNORE, LabelMap, Plane, runs};

/// How far boundaries may be apart, px.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BoundarySettings {
    /// Width of the band inside the boundary of which the Boundary IoU is taken, ≥ 1.
    pub band_px: u32,
    /// Distance up to which boundaries count as equal, for the boundary F and the surface Dice, ≥ 0.
    pub tolerance_px: f64,
}

impl Default for BoundarySettings {
    fn default() -> Self {
        Self { band_px: 2, tolerance_px: 2.0 }
    }
}

/// The boundary of one class in one image, or of several images added up.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BoundaryCounts {
    /// Pixels in the bands of both, and of either.
    pub band_both: u64,
    pub band_either: u64,
    /// Boundary pixels of the label, and those near one of the prediction.
    pub labelled: u64,
    pub labelled_near: u64,
    /// Boundary pixels of the prediction, and those near one of the label.
    pub predicted: u64,
    pub predicted_near: u64,
    /// Distances to the other boundary over both boundaries, px, and how many they are: only of images where both have the class.
    pub distance_sum: f64,
    pub distances: u64,
    /// 95 % Hausdorff distance of each image where both have the class, px: the larger of both directions.
    pub hd95: Vec<f64>,
}

impl BoundaryCounts {
    /// Boundary IoU (Cheng et al., 2021); None when neither has the class.
    #[must_use]
    pub fn boundary_iou(&self) -> Option<f64> {
        ratio(self.band_both, self.band_either)
    }

    /// Boundary F (Csurka et al., 2013): harmonic mean of the shares of both boundaries that are near the other. 0 when only one has the
    /// class, None when neither has it.
    #[must_use]
    pub fn boundary_f(&self) -> Option<f64> {
        let precision = ratio(self.predicted_near, self.predicted).unwrap_or(0.0);
        let recall = ratio(self.labelled_near, self.labelled).unwrap_or(0.0);
        (self.labelled + self.predicted > 0).then(|| {
            let sum = precision + recall;
            if sum > 0.0 { 2.0 * precision * recall / sum } else { 0.0 }
        })
    }

    /// Normalised surface distance, or surface Dice (Nikolov et al., 2018): the pooled share of both boundaries that is near the other.
    #[must_use]
    pub fn surface_dice(&self) -> Option<f64> {
        ratio(self.labelled_near + self.predicted_near, self.labelled + self.predicted)
    }

    /// Average symmetric surface distance, px; None where no image has the class in both.
    #[must_use]
    pub fn assd(&self) -> Option<f64> {
        (self.distances > 0).then(|| self.distance_sum / self.distances as f64)
    }

    /// Adds another image.
    pub fn add(&mut self, other: &Self) {
        self.band_both += other.band_both;
        self.band_either += other.band_either;
        self.labelled += other.labelled;
        self.labelled_near += other.labelled_near;
        self.predicted += other.predicted;
        self.predicted_near += other.predicted_near;
        self.distance_sum += other.distance_sum;
        self.distances += other.distances;
        self.hd95.extend_from_slice(&other.hd95);
    }
}

fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Compares the boundaries of every class of an image; None when the sizes differ. By class id; what neither has is left out.
#[must_use]
pub fn boundaries(label: &LabelMap, prediction: &LabelMap, settings: &BoundarySettings) -> Option<BTreeMap<u8, BoundaryCounts>> {
    if label.rect() != prediction.rect() {
        return None;
    }
    let truth = label.to_plane();
    let mut said = prediction.to_plane();
    for (p, &t) in said.as_mut_slice().iter_mut().zip(truth.as_slice()) {
        if t == IGNORE {
            *p = IGNORE;
        }
    }
    let said_map = if label.histogram()[usize::from(IGNORE)] > 0 { LabelMap::from_plane(&said) } else { prediction.clone() };
    let mut classes: BTreeMap<u8, BoundaryCounts> = BTreeMap::new();
    count_bands(label, &truth, &said_map, &said, settings.band_px.max(1), &mut classes);
    let (labelled, predicted) = (boundary_pixels(label, &truth), boundary_pixels(&said_map, &said));
    let nothing = BoundaryPixels::default();
    for (class, counts) in &mut classes {
        let (a, b) = (labelled.get(class).unwrap_or(&nothing), predicted.get(class).unwrap_or(&nothing));
        counts.labelled = a.len() as u64;
        counts.predicted = b.len() as u64;
        if a.is_empty() || b.is_empty() {
            continue;
        }
        let mut farthest = 0.0_f64;
        for (from, to, near) in [(a, b, &mut counts.labelled_near), (b, a, &mut counts.predicted_near)] {
            let mut distances: Vec<f64> = from.squared_distances_to(to).into_iter().map(|d| (d as f64).sqrt()).collect();
            *near = distances.iter().filter(|d| **d <= settings.tolerance_px).count() as u64;
            counts.distance_sum += distances.iter().sum::<f64>();
            counts.distances += distances.len() as u64;
            distances.sort_unstable_by(f64::total_cmp);
            farthest = farthest.max(quantile(&distances, 0.95).unwrap_or(0.0));
        }
        counts.hd95.push(farthest);
    }
    Some(classes)
}

const fn is_class(value: u8) -> bool {
    value != BACKGROUND && value != IGNORE
}

/// Boundary pixels by class.
fn boundary_pixels(map: &LabelMap, plane: &Plane<u8>) -> BTreeMap<u8, BoundaryPixels> {
    let (width, height) = (plane.width(), plane.height());
    let mut classes: BTreeMap<u8, BoundaryPixels> = BTreeMap::new();
    for run in runs::runs(map).into_iter().filter(|r| is_class(r.value)) {
        let is_other = |v: u8| v != run.value && v != IGNORE;
        let row = plane.row(run.y);
        let above = run.y.checked_sub(1).map(|y| plane.row(y));
        let below = (run.y + 1 < height).then(|| plane.row(run.y + 1));
        let pixels = classes.entry(run.value).or_default();
        for x in run.x0..run.x1 {
            let i = x as usize;
            let is_boundary = above.is_none_or(|r| is_other(r[i]))
                || below.is_none_or(|r| is_other(r[i]))
                || (x == run.x0 && (x == 0 || is_other(row[i - 1])))
                || (x + 1 == run.x1 && (x + 1 == width || is_other(row[i + 1])));
            if is_boundary {
                pixels.push(x, run.y);
            }
        }
    }
    classes
}

/// Fills in `band_both` and `band_either` of every class.
fn count_bands(
    label: &LabelMap,
    truth: &Plane<u8>,
    prediction: &LabelMap,
    said: &Plane<u8>,
    band: u32,
    classes: &mut BTreeMap<u8, BoundaryCounts>,
) {
    for run in runs::runs(label).into_iter().filter(|r| is_class(r.value)) {
        let counts = classes.entry(run.value).or_default();
        for x in run.x0..run.x1 {
            if is_in_band(truth, x, run.y, band) {
                counts.band_either += 1;
                counts.band_both += u64::from(said.at(x, run.y) == run.value && is_in_band(said, x, run.y, band));
            }
        }
    }
    for run in runs::runs(prediction).into_iter().filter(|r| is_class(r.value)) {
        let counts = classes.entry(run.value).or_default();
        counts.band_either += (run.x0..run.x1).filter(|&x| is_in_band(said, x, run.y, band)).count() as u64;
    }
    for counts in classes.values_mut() {
        counts.band_either -= counts.band_both;
    }
}

/// A pixel that `band` erosions with a box of 3 × 3 take away from its class; outside the image there is nothing.
fn is_in_band(plane: &Plane<u8>, x: u32, y: u32, band: u32) -> bool {
    if x < band || y < band || x + band >= plane.width() || y + band >= plane.height() {
        return true;
    }
    let value = plane.at(x, y);
    let columns = (x - band) as usize..=(x + band) as usize;
    // Boundaries are met first at the top and bottom of the box.
    [y - band, y + band]
        .into_iter()
        .chain(y - band + 1..y + band)
        .any(|v| plane.row(v)[columns.clone()].iter().any(|&o| o != value))
}

#[cfg(test)]
#[path = "boundary_tests.rs"]
mod tests;
