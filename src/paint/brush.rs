//! Brush and eraser: which pixels a pointer path covers.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::gate::Gate;
use super::stroke::Stroke;
use crate::raster::{LabelMap, Point, TILE_SIDE};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrushShape {
    #[default]
    Round,
    Square,
}

/// A brush tip. A pixel is painted when its centre lies within the tip's shape moved along the path; the pixel under the pointer
/// is always painted, so the smallest brush draws lines of one pixel without gaps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Brush {
    /// Diameter (round) or side (square) in pixels, at least 1.
    pub diameter_px: f64,
    pub shape: BrushShape,
}

impl Brush {
    /// Widest tip, in pixels.
    pub const MAX_DIAMETER_PX: f64 = 4096.0;

    #[must_use]
    pub const fn round(diameter_px: f64) -> Self {
        Self { diameter_px, shape: BrushShape::Round }
    }

    /// Writes the tip moved straight from `a` to `b` (the same point for a dab), both ends included.
    pub fn segment(self, stroke: &mut Stroke, map: &mut LabelMap, a: Point, b: Point, value: u8, gate: &Gate) {
        let (width, height) = (map.width(), map.height());
        if self.diameter_px < f64::from(2 * TILE_SIDE) {
            self.for_each_span(a, b, width, height, |y, x0, x1| stroke.write_span(map, y, x0, x1, value, gate));
            return;
        }
        // A tip this wide covers whole tiles: those are written at once, what lies left and right of them row by row.
        let mut spans = Vec::new();
        self.for_each_span(a, b, width, height, |y, x0, x1| spans.push((y, x0, x1)));
        for band in spans.chunk_by(|(y, ..), (next, ..)| y / TILE_SIDE == next / TILE_SIDE) {
            let covered = whole_tiles(band, width, height);
            for x in covered.clone().step_by(TILE_SIDE as usize) {
                stroke.write_tile(map, map.tile_index(x, band[0].0), value, gate);
            }
            for &(y, x0, x1) in band {
                if covered.is_empty() {
                    stroke.write_span(map, y, x0, x1, value, gate);
                } else {
                    stroke.write_span(map, y, x0, covered.start, value, gate);
                    stroke.write_span(map, y, covered.end, x1, value, gate);
                }
            }
        }
    }

    /// Calls `f(y, x0, x1)` for each row of pixels that the segment covers inside a raster of `width` × `height`; a row may come twice.
    pub fn for_each_span(self, a: Point, b: Point, width: u32, height: u32, mut f: impl FnMut(u32, u32, u32)) {
        if !(a.x.is_finite() && a.y.is_finite() && b.x.is_finite() && b.y.is_finite()) {
            return;
        }
        let r = self.diameter_px.clamp(1.0, Self::MAX_DIAMETER_PX) / 2.0;
        if r <= 1.0 {
            walk(a, b, |x, y| {
                if (0..i64::from(width)).contains(&x) && (0..i64::from(height)).contains(&y) {
                    f(y as u32, x as u32, x as u32 + 1);
                }
            });
        }
        // A tip of one pixel is the pixel it is in: on the border of two, half a pixel from both centres, it must not take both.
        if r <= 0.5 {
            return;
        }
        // Rows whose centre line y + ½ lies within r of the path.
        let top = (a.y.min(b.y) - r - 0.5).ceil().max(0.0);
        let bottom = (a.y.max(b.y) + r - 0.5).floor().min(f64::from(height) - 1.0);
        if bottom < top {
            return;
        }
        for y in top as u32..=bottom as u32 {
            let centre = f64::from(y) + 0.5;
            let Some((lo, hi)) = self.extent_at(a, b, r, centre) else { continue };
            // Columns whose centre x + ½ lies in [lo, hi].
            let x0 = (lo - 0.5).ceil().max(0.0);
            let x1 = ((hi - 0.5).floor() + 1.0).min(f64::from(width));
            if x1 > x0 {
                f(y, x0 as u32, x1 as u32);
            }
        }
    }

    /// The stretch of the line `y` inside the moved tip. The moved tip is convex, so there is one.
    fn extent_at(self, a: Point, b: Point, r: f64, y: f64) -> Option<(f64, f64)> {
        let mut range: Option<(f64, f64)> = None;
        let mut add = |lo: f64, hi: f64| {
            range = Some(range.map_or((lo, hi), |(l, h): (f64, f64)| (l.min(lo), h.max(hi))));
        };
        for end in [a, b] {
            let dy = y - end.y;
            if dy.abs() <= r {
                let half = match self.shape {
                    BrushShape::Round => (r * r - dy * dy).sqrt(),
                    BrushShape::Square => r,
                };
                add(end.x - half, end.x + half);
            }
        }
        // The straight sides between the two ends, as line segments cut by y.
        let offsets: [(f64, f64); 4] = match self.shape {
            BrushShape::Round => {
                let length = a.distance(b);
                if length == 0.0 {
                    return range;
                }
                let (nx, ny) = (-(b.y - a.y) / length * r, (b.x - a.x) / length * r);
                [(nx, ny), (-nx, -ny), (nx, ny), (-nx, -ny)]
            }
            BrushShape::Square => [(-r, -r), (r, -r), (-r, r), (r, r)],
        };
        for (ox, oy) in offsets {
            let (ay, by) = (a.y + oy, b.y + oy);
            if ay != by && (ay.min(by)..=ay.max(by)).contains(&y) {
                let x = a.x + ox + (b.x - a.x) * (y - ay) / (by - ay);
                add(x, x);
            }
        }
        range
    }
}

/// The columns of the tiles that are covered from top to bottom; `band` holds one span for each row, all in one row of tiles.
fn whole_tiles(band: &[(u32, u32, u32)], width: u32, height: u32) -> Range<u32> {
    let top = band[0].0 / TILE_SIDE * TILE_SIDE;
    let rows = (top + TILE_SIDE).min(height) - top;
    if band.len() != rows as usize {
        return 0..0;
    }
    // The columns that every row covers.
    let (x0, x1) = band.iter().fold((0, width), |(x0, x1), span| (x0.max(span.1), x1.min(span.2)));
    // The last tile of a row may be narrower.
    let end = if x1 == width { width } else { x1 / TILE_SIDE * TILE_SIDE };
    x0.next_multiple_of(TILE_SIDE)..end
}

/// Every pixel that the segment passes through (a 4-connected or diagonal chain without gaps).
fn walk(a: Point, b: Point, mut f: impl FnMut(i64, i64)) {
    let steps = ((b.x - a.x).abs().max((b.y - a.y).abs()) * 2.0).ceil().max(1.0);
    // Paths come from a pointer: longer ones than this are broken input.
    if steps > 1e6 {
        return;
    }
    let mut last = None;
    for i in 0..=steps as u32 {
        let t = f64::from(i) / steps;
        let pixel = ((a.x + (b.x - a.x) * t).floor() as i64, (a.y + (b.y - a.y) * t).floor() as i64);
        if last != Some(pixel) {
            f(pixel.0, pixel.1);
            last = Some(pixel);
        }
    }
}
