//! Regions: one defect each, measured.

use std::borrow::Cow;

use rayon::prelude::*;

use super::calibration::Calibration;
use super::feature::Feature;
use crate::raster::components::Components;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::grouping::Grouping;
use crate::raster::label_map::{LabelMap, TileRow};
use crate::raster::plane::Plane;
use crate::raster::runs::{self, Run};
use crate::raster::{BACKGROUND, IGNORE, hull};

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
}

/// How many pixels of a region lie in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneShare {
    /// 0 = in no zone.
    pub zone: u8,
    pub pixels: u64,
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
    /// By [`Feature::index`]; NaN = unmeasured.
    pub features: [f32; Feature::COUNT],
}

impl Region {
    /// The value of a feature; NaN when it could not be measured.
    #[must_use]
    pub const fn feature(&self, feature: Feature) -> f32 {
        self.features[feature.index()]
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
    let Some(grouping) = with.grouping.filter(|g| !g.is_empty()) else {
        let components = Components::of_runs(&all);
        return (measure_all(&components, map, with, may_ignore), components);
    };
    let grouped = grouping.group(&all);
    let mut regions = measure_all(&grouped.components, map, with, may_ignore);
    for (region, number) in regions.iter_mut().zip(grouped.numbers) {
        region.number = number;
    }
    (regions, grouped.components)
}

fn measure_all(components: &Components, map: &LabelMap, with: &Measuring<'_>, may_ignore: bool) -> Vec<Region> {
    if components.len() < PARALLEL_FROM {
        return components.iter().map(|runs| measure_one(runs, map, with, may_ignore)).collect();
    }
    let one = |index| measure_one(components.runs(index), map, with, may_ignore);
    (0..components.len()).into_par_iter().with_min_len(PARALLEL_FROM / 4).map(one).collect()
}

/// Measures the region of `runs` that holds pixel (x, y), as [`regions`] would; None when that pixel belongs to no region. With a grouping
/// `runs` must hold all fragments of that region.
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

/// Measures one component of `map`; `runs` sorted from top to bottom and left to right, not empty.
#[must_use]
pub fn measure(runs: &[Run], map: &LabelMap, with: &Measuring<'_>) -> Region {
    measure_one(runs, map, with, true)
}

fn measure_one(runs: &[Run], map: &LabelMap, with: &Measuring<'_>, may_ignore: bool) -> Region {
    let (mut x0, mut x1) = (u32::MAX, 0);
    let mut pixels = 0_u64;
    // Twice the sums of the pixel centres, in whole numbers: those of a run are n · (x0 + x1) and n · (2y + 1).
    let (mut sum_2x, mut sum_2y) = (0_u64, 0_u64);
    for r in runs {
        let n = u64::from(r.len());
        pixels += n;
        sum_2x += n * (u64::from(r.x0) + u64::from(r.x1));
        sum_2y += n * (2 * u64::from(r.y) + 1);
        (x0, x1) = (x0.min(r.x0), x1.max(r.x1));
    }
    let bounds = PixelRect::new(x0, runs[0].y, x1, runs[runs.len() - 1].y + 1);
    let mut is_clipped = match with.zones {
        Some(zones) if !with.ignored_zones.is_empty() => runs.iter().any(|r| touches_ignored(r, zones, with.ignored_zones)),
        _ => false,
    };
    is_clipped |= may_ignore && runs.iter().any(|r| touches_ignored(r, map, &[IGNORE]));
    is_clipped |= bounds.x0 == 0 || bounds.y0 == 0 || bounds.x1 == map.width() || bounds.y1 == map.height();

    let mut features = [f32::NAN; Feature::COUNT];
    let mut set = |f: Feature, v: f64| features[f.index()] = v as f32;
    set(Feature::AreaPx, pixels as f64);
    let scale = with.calibration.map_or((1.0, 1.0), |c| (c.x_mm_per_px, c.y_mm_per_px));
    if let Some((length, width)) = smallest_rectangle(runs, pixels, bounds, scale) {
        set(Feature::Aspect, length / width);
        if with.calibration.is_some() {
            set(Feature::Length, length);
            set(Feature::Width, width);
        }
    }
    if let Some(c) = with.calibration {
        let area = pixels as f64 * c.pixel_area_mm2();
        set(Feature::Area, area);
        set(Feature::EquivalentDiameter, (4.0 * area / std::f64::consts::PI).sqrt());
        set(Feature::BoxWidth, f64::from(bounds.width()) * c.x_mm_per_px);
        set(Feature::BoxHeight, f64::from(bounds.height()) * c.y_mm_per_px);
    }
    if let Some(probability) = with.probability {
        let (mut sum, mut max) = (0_u64, 0_u8);
        for r in runs {
            let row = &probability.row(r.y)[r.x0 as usize..r.x1 as usize];
            sum += row.iter().map(|&p| u64::from(p)).sum::<u64>();
            max = max.max(row.iter().copied().max().unwrap_or(0));
        }
        set(Feature::MeanProbability, sum as f64 / pixels as f64 / 255.0);
        set(Feature::MaxProbability, f64::from(max) / 255.0);
    }
    Region {
        class: runs[0].value,
        number: None,
        pixels,
        bounds,
        centroid: Point::new(sum_2x as f64 / (2 * pixels) as f64, sum_2y as f64 / (2 * pixels) as f64),
        anchor: (runs[0].x0, runs[0].y),
        is_clipped,
        zones: zone_shares(runs, pixels, with.zones),
        features,
    }
}

/// Length and width of the smallest rectangle around the pixel corners.
fn smallest_rectangle(runs: &[Run], pixels: u64, bounds: PixelRect, scale: (f64, f64)) -> Option<(f64, f64)> {
    if pixels == bounds.area() {
        // The region fills its bounding box, so that box is its hull. Many small regions are of this kind.
        let a = f64::from(bounds.x1) * scale.0 - f64::from(bounds.x0) * scale.0;
        let b = f64::from(bounds.y1) * scale.1 - f64::from(bounds.y0) * scale.1;
        return Some(if a >= b { (a, b) } else { (b, a) });
    }
    hull::min_area_rect(&hull::of_runs(runs, scale)).map(|rect| (rect.length, rect.width))
}

/// How many of `pixels` pixels in `runs` lie in each zone, ascending by id; all in zone 0 without a zone map.
#[must_use]
pub fn zone_shares(runs: &[Run], pixels: u64, zones: Option<&LabelMap>) -> Vec<ZoneShare> {
    let Some(zones) = zones else { return vec![ZoneShare { zone: 0, pixels }] };
    // A region touches few zones: a short list is faster than a count for each of 256.
    let mut shares: Vec<ZoneShare> = Vec::with_capacity(1);
    for r in runs {
        for_each_zone_span(r, zones, |x0, x1, zone| {
            let n = u64::from(x1 - x0);
            match shares.iter_mut().find(|s| s.zone == zone) {
                Some(share) => share.pixels += n,
                None => shares.push(ZoneShare { zone, pixels: n }),
            }
        });
    }
    shares.sort_unstable_by_key(|s| s.zone);
    shares
}

/// Calls `f(x0, x1, zone)` for each stretch of a run in one zone; pixels outside the zone map are in zone 0.
fn for_each_zone_span(run: &Run, zones: &LabelMap, mut f: impl FnMut(u32, u32, u8)) {
    let inside = if run.y < zones.height() { run.x1.min(zones.width()).max(run.x0) } else { run.x0 };
    zones.for_each_span_in_row(run.y, run.x0, inside, |x0, x1, span| match span {
        TileRow::Uniform(zone) => f(x0, x1, zone),
        TileRow::Pixels(values) => {
            let mut rest = values;
            while let Some((&zone, others)) = rest.split_first() {
                let n = 1 + runs::same_prefix(others, zone);
                let start = x1 - rest.len() as u32;
                f(start, start + n as u32, zone);
                rest = &rest[n..];
            }
        }
    });
    if inside < run.x1 {
        f(inside, run.x1, BACKGROUND);
    }
}

/// The parts of `runs` outside the given zones.
fn without_zones(runs: &[Run], zones: &LabelMap, ignored: &[u8]) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs.iter().filter(|r| r.value != IGNORE) {
        let first = out.len();
        for_each_zone_span(run, zones, |x0, x1, zone| {
            if ignored.contains(&zone) {
                return;
            }
            if out.len() > first
                && let Some(last) = out.last_mut()
                && last.x1 == x0
            {
                last.x1 = x1;
            } else {
                out.push(Run { x0, x1, ..*run });
            }
        });
    }
    out
}

/// A pixel beside, above or below the run has one of the values `ignored` in a zone or label map.
fn touches_ignored(run: &Run, zones: &LabelMap, ignored: &[u8]) -> bool {
    let is_beside = |y: u32, x0: u32, x1: u32| {
        let mut is_found = false;
        zones.for_each_span_in_row(y, x0, x1, |_, _, span| {
            is_found = is_found
                || match span {
                    TileRow::Uniform(zone) => ignored.contains(&zone),
                    TileRow::Pixels(values) => ignored.iter().any(|zone| values.contains(zone)),
                };
        });
        // Outside the zone map there is zone 0.
        is_found || ((y >= zones.height() || x1 > zones.width()) && ignored.contains(&BACKGROUND))
    };
    (run.x0 > 0 && is_beside(run.y, run.x0 - 1, run.x0))
        || is_beside(run.y, run.x1, run.x1 + 1)
        || (run.y > 0 && is_beside(run.y - 1, run.x0, run.x1))
        || is_beside(run.y + 1, run.x0, run.x1)
}
