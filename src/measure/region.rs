//! Regions: one connected defect each, measured.

use super::calibration::Calibration;
use super::feature::Feature;
use crate::raster::components::Components;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::label_map::LabelMap;
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
}

/// How many pixels of a region lie in a zone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ZoneShare {
    /// 0 = in no zone.
    pub zone: u8,
    pub pixels: u64,
}

/// One connected defect (8-connected pixels of one class), with its features.
#[derive(Clone, Debug, PartialEq)]
pub struct Region {
    pub class: u8,
    /// Number of pixels.
    pub pixels: u64,
    /// Upright bounding box in pixels.
    pub bounds: PixelRect,
    /// Mean of the pixel centres, in pixels.
    pub centroid: Point,
    /// A pixel of the region, the first from top left.
    pub anchor: (u32, u32),
    /// The region touches the border of the image or of an ignored zone: its size features are lower bounds.
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
    let mut all = runs::runs_in(map, rect);
    if let (Some(zones), false) = (with.zones, with.ignored_zones.is_empty()) {
        all = without_zones(&all, zones, with.ignored_zones);
    }
    let components = Components::of_runs(&all);
    components.iter().map(|runs| measure(runs, map, with)).collect()
}

/// Measures one component of `map`; `runs` sorted from top to bottom and left to right, not empty.
#[must_use]
pub fn measure(runs: &[Run], map: &LabelMap, with: &Measuring<'_>) -> Region {
    let mut bounds = PixelRect::EMPTY;
    let mut pixels = 0_u64;
    let (mut sum_x, mut sum_y) = (0.0_f64, 0.0_f64);
    let mut is_clipped = false;
    for r in runs {
        let n = u64::from(r.len());
        pixels += n;
        // Sum of the centres x0 + ½ … x1 − ½ is n · (x0 + x1) / 2.
        sum_x += n as f64 * f64::from(r.x0 + r.x1) / 2.0;
        sum_y += n as f64 * (f64::from(r.y) + 0.5);
        bounds = bounds.union(PixelRect::new(r.x0, r.y, r.x1, r.y + 1));
        is_clipped |= with.zones.is_some_and(|zones| touches_ignored(r, zones, with.ignored_zones));
    }
    is_clipped |= bounds.x0 == 0 || bounds.y0 == 0 || bounds.x1 == map.width() || bounds.y1 == map.height();

    let mut features = [f32::NAN; Feature::COUNT];
    let mut set = |f: Feature, v: f64| features[f.index()] = v as f32;
    set(Feature::AreaPx, pixels as f64);
    let scale = with.calibration.map_or((1.0, 1.0), |c| (c.x_mm_per_px, c.y_mm_per_px));
    if let Some(rect) = hull::min_area_rect(&hull::of_runs(runs, scale)) {
        set(Feature::Aspect, rect.length / rect.width);
        if with.calibration.is_some() {
            set(Feature::Length, rect.length);
            set(Feature::Width, rect.width);
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
        pixels,
        bounds,
        centroid: Point::new(sum_x / pixels as f64, sum_y / pixels as f64),
        anchor: (runs[0].x0, runs[0].y),
        is_clipped,
        zones: zone_shares(runs, pixels, with.zones),
        features,
    }
}

fn zone_shares(runs: &[Run], pixels: u64, zones: Option<&LabelMap>) -> Vec<ZoneShare> {
    let Some(zones) = zones else { return vec![ZoneShare { zone: 0, pixels }] };
    let mut counts = [0_u64; 256];
    for r in runs {
        for_each_zone_span(r, zones, |x0, x1, zone| counts[zone as usize] += u64::from(x1 - x0));
    }
    (0_u8..=255).filter(|&z| counts[z as usize] > 0).map(|zone| ZoneShare { zone, pixels: counts[zone as usize] }).collect()
}

/// Calls `f(x0, x1, zone)` for each stretch of a run in one zone; pixels outside the zone map are in zone 0.
fn for_each_zone_span(run: &Run, zones: &LabelMap, mut f: impl FnMut(u32, u32, u8)) {
    use crate::raster::label_map::TileRow;
    let inside = if run.y < zones.height() { run.x1.min(zones.width()).max(run.x0) } else { run.x0 };
    zones.for_each_span_in_row(run.y, run.x0, inside, |x0, x1, span| match span {
        TileRow::Uniform(zone) => f(x0, x1, zone),
        TileRow::Pixels(values) => {
            let mut start = 0;
            for chunk in values.chunk_by(|a, b| a == b) {
                f(x0 + start, x0 + start + chunk.len() as u32, chunk[0]);
                start += chunk.len() as u32;
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

/// A pixel beside, above or below the run lies in an ignored zone.
fn touches_ignored(run: &Run, zones: &LabelMap, ignored: &[u8]) -> bool {
    if ignored.is_empty() {
        return false;
    }
    let is_ignored = |x: u32, y: u32| ignored.contains(&zones.get(x, y));
    (run.x0 > 0 && is_ignored(run.x0 - 1, run.y))
        || is_ignored(run.x1, run.y)
        || (run.x0..run.x1).any(|x| (run.y > 0 && is_ignored(x, run.y - 1)) || is_ignored(x, run.y + 1))
}
