//! Regions: one defect each, measured.

use std::borrow::Cow;

use rayon::prelude::*;

use super::calibration::Calibration;
use super::feature::Feature;
use super::feature_set::FeatureSet;
use super::gauge::Gauge;
use super::shape::Moments;
pub use super::zones::{ZoneShare, zone_shares};
use super::zones::{runs_in_zone, touches_ignored, without_zones};
use super::{distances, edge, merge};
use crate::raster::IGNORE;
use crate::raster::components::Components;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::grouping::Grouping;
use crate::raster::label_map::LabelMap;
use crate::raster::photo::Photo;
use crate::raster::plane::Plane;
use crate::raster::runs::{self, Run};

/// What regions are measured with, beside the label map itself.
#[derive(Clone, Copy, Debug, Default)]
pub struct Measuring<'a> {
    /// Without it, features in mm and mm² are unmeasured (NaN), never 0.
    pub calibration: Option<Calibration>,
    /// Zone id per pixel of the part number; 0 = in no zone.
    pub zones: Option<&'a LabelMap>,
    /// Zone ids whose pixels are taken away before anything is measured.
    pub ignored_zones: &'a [u8],
    /// Probability of the class at each pixel, 0..=255 for 0..=1. Labels have none.
    pub probability: Option<&'a Plane<u8>>,
    /// How people split, merged and numbered regions; without it a region is a connected component. Predictions have none.
    pub grouping: Option<&'a Grouping>,
    /// What is wanted beside the features that every region has; see [`Feature::is_on_demand`].
    pub features: FeatureSet,
    /// The photo under the map, for features of the edge; they are unmeasured without it.
    pub photo: Option<&'a Photo>,
    /// Class and largest gap in mm at which regions of that class are one; of no effect without a calibration. What a person has cut
    /// apart or numbered is never joined.
    pub merge_gaps: &'a [(u8, f64)],
}

/// One defect, with its features: 8-connected pixels of one class, or what a [`Grouping`] makes of them. Several fragments are measured
/// as one: pixels and areas added up, one smallest rectangle and one bounding box around all.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub class: u8,
    /// The number that a person gave it; it stays while other regions come and go.
    pub number: Option<u32>,
    /// Number of pixels.
    pub pixels: u64,
    /// Upright bounding box in pixels.
    pub bounds: PixelRect,
    /// Mean of the pixel centres, in pixels.
    pub centroid: Point,
    /// A pixel of the region, the first from top left.
    pub anchor: (u32, u32),
    /// The region touches the border of the image, of an ignored zone or of pixels of value [`IGNORE`]: its size features are lower
    /// bounds.
    pub is_clipped: bool,
    /// The zones it touches, ascending by id; one entry of zone 0 when there is no zone map.
    pub zones: Vec<ZoneShare>,
    /// By [`Feature::index`]; NaN = unmeasured. What belongs to a zone (share, distance to its border) stands here only when all of the
    /// region lies in one; see [`Self::features_in`].
    pub features: [f32; Feature::COUNT],
}

impl Region {
    /// The value of a feature; NaN when it could not be measured.
    #[must_use]
    pub const fn feature(&self, feature: Feature) -> f32 {
        self.features[feature.index()]
    }

    /// The features with which the region is judged in one of its zones: those of the whole, with its share in that zone and its distance
    /// to the border of that zone.
    #[must_use]
    pub fn features_in(&self, share: &ZoneShare) -> [f32; Feature::COUNT] {
        self.in_zone(self.features, share)
    }

    /// As [`Self::features_in`], of the part of the region inside the zone alone.
    #[must_use]
    pub fn piece_features(&self, share: &ZoneShare) -> [f32; Feature::COUNT] {
        self.in_zone(share.piece.as_deref().copied().unwrap_or(self.features), share)
    }

    /// Sets a feature that the region and all its parts share.
    fn set_for_all_parts(&mut self, feature: Feature, value: f32) {
        self.features[feature.index()] = value;
        for piece in self.zones.iter_mut().filter_map(|share| share.piece.as_deref_mut()) {
            piece[feature.index()] = value;
        }
    }

    fn in_zone(&self, mut features: [f32; Feature::COUNT], share: &ZoneShare) -> [f32; Feature::COUNT] {
        if self.pixels > 0 {
            features[Feature::ZoneShare.index()] = (share.pixels as f64 / self.pixels as f64) as f32;
        }
        features[Feature::ZoneDistance.index()] = share.border_mm.unwrap_or(f32::NAN);
        features
    }
}

/// Measures every region of `map`, in the order in which they are met from top left.
///
/// Pixels of value [`IGNORE`] and in ignored zones belong to no region.
#[must_use]
pub fn regions(map: &LabelMap, with: &Measuring<'_>) -> Vec<Region> {
    regions_in(map, map.rect(), with)
}

/// As [`regions`], for the pixels inside `rect` only.
#[must_use]
pub fn regions_in(map: &LabelMap, rect: PixelRect, with: &Measuring<'_>) -> Vec<Region> {
    regions_with_runs(map, rect, with).0
}

/// As [`regions_in`], with the pixels of each region (those that were measured, so without ignored zones).
#[must_use]
pub fn regions_with_runs(map: &LabelMap, rect: PixelRect, with: &Measuring<'_>) -> (Vec<Region>, Components) {
    let mut all = runs::runs_in(map, rect);
    let has_ignore = all.iter().any(|r| r.value == IGNORE);
    if let (Some(zones), false) = (with.zones, with.ignored_zones.is_empty()) {
        all = without_zones(&all, zones, with.ignored_zones);
    }
    // Most labels have no such pixel; then nobody looks for one beside each run. Beyond `rect` there may be some.
    let may_ignore = rect != map.rect() || has_ignore;
    let grouping = with.grouping.filter(|g| !g.is_empty());
    let (mut components, mut numbers) = match grouping {
        None => (Components::of_runs(&all), Vec::new()),
        Some(grouping) => {
            let grouped = grouping.group(&all);
            (grouped.components, grouped.numbers)
        }
    };
    // Which regions were put together from pieces that may not touch; empty when none was.
    let mut is_joined: Vec<bool> = numbers.iter().map(Option::is_some).collect();
    if let (Some(calibration), false) = (with.calibration, with.merge_gaps.is_empty()) {
        let whole = grouping.filter(|g| !g.cuts.is_empty()).map(|_| first_pixels_and_sizes(&Components::of_runs(&all)));
        let is_fixed = |i: usize| {
            let is_cut = whole.as_ref().is_some_and(|whole| whole.binary_search(&first_and_size(components.runs(i))).is_err());
            is_cut || numbers.get(i).is_some_and(Option::is_some)
        };
        if let Some(merged) = merge::merged(&components, is_fixed, calibration, with.merge_gaps) {
            let number = |was: &Option<usize>| was.and_then(|i| numbers.get(i).copied().flatten());
            numbers = merged.was.iter().map(number).collect();
            is_joined = merged.was.iter().zip(&numbers).map(|(was, number)| was.is_none() || number.is_some()).collect();
            components = merged.components;
        }
    }
    let mut regions = measure_all(&components, &is_joined, map, with, may_ignore);
    for (region, number) in regions.iter_mut().zip(numbers) {
        region.number = number;
    }
    if let (Some(calibration), true) = (with.calibration, with.features.contains(Feature::NeighbourDistance)) {
        for (region, gap) in regions.iter_mut().zip(distances::to_neighbours(&components, calibration)) {
            region.set_for_all_parts(Feature::NeighbourDistance, gap as f32);
        }
    }
    (regions, components)
}

/// First pixel (y, x) and number of pixels.
type FirstAndSize = (u32, u32, u64);

fn first_and_size(runs: &[Run]) -> FirstAndSize {
    (runs[0].y, runs[0].x0, runs.iter().map(|r| u64::from(r.len())).sum())
}

/// Sorted: components come in the order of their first pixels.
fn first_pixels_and_sizes(components: &Components) -> Vec<FirstAndSize> {
    components.iter().map(first_and_size).collect()
}

fn measure_all(components: &Components, is_joined: &[bool], map: &LabelMap, with: &Measuring<'_>, may_ignore: bool) -> Vec<Region> {
    let one = |gauge: &mut Gauge, i: usize| {
        let is_one = !is_joined.get(i).copied().unwrap_or(false);
        measure_one(components.runs(i), map, with, &mut Occasion { gauge, may_ignore, is_one })
    };
    if components.len() < PARALLEL_FROM {
        let mut gauge = Gauge::new(with);
        return (0..components.len()).map(|i| one(&mut gauge, i)).collect();
    }
    (0..components.len()).into_par_iter().with_min_len(PARALLEL_FROM / 4).map_init(|| Gauge::new(with), one).collect()
}

/// Measures the region of `runs` that holds pixel (x, y), as [`regions`] would but for gaps that are merged; None when that pixel belongs to
/// no region. With a grouping `runs` must hold all fragments of that region.
#[must_use]
pub fn region_holding(runs: &[Run], (x, y): (u32, u32), map: &LabelMap, with: &Measuring<'_>) -> Option<Region> {
    let measured = match with.zones {
        Some(zones) if !with.ignored_zones.is_empty() => Cow::Owned(without_zones(runs, zones, with.ignored_zones)),
        _ => Cow::Borrowed(runs),
    };
    let grouped = match with.grouping {
        Some(grouping) => grouping.group(&measured),
        None => Grouping::default().group(&measured),
    };
    let index = grouped.components.at(x, y)?;
    Some(Region { number: grouped.numbers[index], ..measure(grouped.components.runs(index), map, with) })
}

/// From this number of regions on they are measured on all threads: below it, waking threads costs more than it saves.
const PARALLEL_FROM: usize = 4096;

/// Measures the pixels of `runs` in `map` as one region; `runs` sorted from top to bottom and left to right, not empty.
#[must_use]
pub fn measure(runs: &[Run], map: &LabelMap, with: &Measuring<'_>) -> Region {
    measure_one(runs, map, with, &mut Occasion { gauge: &mut Gauge::new(with), may_ignore: true, is_one: false })
}

/// What is known before a region is measured.
struct Occasion<'a> {
    gauge: &'a mut Gauge,
    /// Some pixel of the map may have the value [`IGNORE`].
    may_ignore: bool,
    /// The pixels hang together.
    is_one: bool,
}

fn measure_one(runs: &[Run], map: &LabelMap, with: &Measuring<'_>, on: &mut Occasion<'_>) -> Region {
    let moments = Moments::of(runs);
    let (pixels, bounds) = (moments.pixels, moments.bounds);
    let mut is_clipped = match with.zones {
        Some(zones) if !with.ignored_zones.is_empty() => runs.iter().any(|r| touches_ignored(r, zones, with.ignored_zones)),
        _ => false,
    };
    is_clipped |= on.may_ignore && runs.iter().any(|r| touches_ignored(r, map, &[IGNORE]));
    is_clipped |= bounds.x0 == 0 || bounds.y0 == 0 || bounds.x1 == map.width() || bounds.y1 == map.height();

    let mut features = on.gauge.features(runs, &moments, with, on.is_one);
    let mut zones = zone_shares(runs, pixels, with.zones);
    if let (Some(map), true) = (with.zones, zones.len() > 1) {
        for share in &mut zones {
            let part = runs_in_zone(runs, map, share.zone);
            share.piece = Some(Box::new(on.gauge.features(&part, &Moments::of(&part), with, false)));
        }
    } else {
        features[Feature::ZoneShare.index()] = 1.0;
    }
    if let (Some(map), Some(calibration), true) = (with.zones, with.calibration, with.features.contains(Feature::ZoneDistance)) {
        let is_one = zones.len() == 1;
        for share in &mut zones {
            let gap = if is_one { distances::to_zone_border(runs, bounds, map, share.zone, calibration) as f32 } else { 0.0 };
            share.border_mm = Some(gap);
            if is_one {
                features[Feature::ZoneDistance.index()] = gap;
            }
        }
    }
    let mut region = Region {
        class: runs[0].value,
        number: None,
        pixels,
        bounds,
        centroid: moments.centroid(),
        anchor: (runs[0].x0, runs[0].y),
        is_clipped,
        zones,
        features,
    };
    if let Some(photo) = with.photo {
        if with.features.contains(Feature::EdgeContrast) {
            region.set_for_all_parts(Feature::EdgeContrast, edge::contrast(runs, bounds, photo, map, with) as f32);
        }
        if with.features.contains(Feature::EdgeWidth) {
            region.set_for_all_parts(Feature::EdgeWidth, edge::width(runs, photo) as f32);
        }
    }
    region
}
