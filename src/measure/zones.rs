//! Regions and zones: how much of a region lies in which zone, the pieces inside each, and what ignored zones leave of it.

use super::feature::Feature;
use crate::raster::BACKGROUND;
use crate::raster::label_map::{LabelMap, TileRow};
use crate::raster::runs::{self, Run};

/// How much of a region lies in a zone, and what differs from zone to zone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ZoneShare {
    /// 0 = in no zone.
    pub zone: u8,
    /// Pixels of the region in this zone.
    pub pixels: u64,
    /// Gap between the region's pixel squares and those outside this zone in mm; 0 when it reaches over the border, infinite when the zone
    /// has none. None when it was not asked for, and without a zone map or a calibration.
    pub border_mm: Option<f32>,
    /// The features of the part of the region inside this zone alone, by [`Feature::index`]; None when all of it lies there.
    /// Probabilities and lengths are those of the part; edges in the photo and the distance to the next defect are those of the whole.
    pub piece: Option<Box<[f32; Feature::COUNT]>>,
}

impl ZoneShare {
    /// `pixels` pixels in `zone`, and nothing else known.
    #[must_use]
    pub const fn new(zone: u8, pixels: u64) -> Self {
        Self { zone, pixels, border_mm: None, piece: None }
    }
}

/// How many of `pixels` pixels in `runs` lie in each zone, ascending by id; all in zone 0 without a zone map.
#[must_use]
pub fn zone_shares(runs: &[Run], pixels: u64, zones: Option<&LabelMap>) -> Vec<ZoneShare> {
    let Some(zones) = zones else { return vec![ZoneShare::new(0, pixels)] };
    // A region touches few zones: a short list is faster than a count for each of 256.
    let mut shares: Vec<ZoneShare> = Vec::with_capacity(1);
    for r in runs {
        for_each_zone_span(r, zones, |x0, x1, zone| {
            let n = u64::from(x1 - x0);
            match shares.iter_mut().find(|s| s.zone == zone) {
                Some(share) => share.pixels += n,
                None => shares.push(ZoneShare::new(zone, n)),
            }
        });
    }
    shares.sort_unstable_by_key(|s| s.zone);
    shares
}

/// The parts of `runs` that lie in `zone`; pixels outside the zone map are in zone 0.
pub(super) fn runs_in_zone(runs: &[Run], zones: &LabelMap, zone: u8) -> Vec<Run> {
    let mut out = Vec::new();
    for run in runs {
        push_spans(&mut out, run, zones, |z| z == zone);
    }
    out
}

/// The parts of `runs` outside the given zones.
pub(super) fn without_zones(runs: &[Run], zones: &LabelMap, ignored: &[u8]) -> Vec<Run> {
    let mut out: Vec<Run> = Vec::with_capacity(runs.len());
    for run in runs.iter().filter(|r| r.value != crate::raster::IGNORE) {
        push_spans(&mut out, run, zones, |zone| !ignored.contains(&zone));
    }
    out
}

/// Appends the parts of a run in the zones wanted, as long as possible.
fn push_spans(out: &mut Vec<Run>, run: &Run, zones: &LabelMap, is_wanted: impl Fn(u8) -> bool) {
    let first = out.len();
    for_each_zone_span(run, zones, |x0, x1, zone| {
        if !is_wanted(zone) {
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

/// A pixel beside, above or below the run has one of the values `ignored` in a zone or label map.
pub(super) fn touches_ignored(run: &Run, zones: &LabelMap, ignored: &[u8]) -> bool {
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
