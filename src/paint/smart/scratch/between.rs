//! The best line between two clicks: dynamic programming on a strip, with the slope as part of the state.

use super::ridge::{Ridge, SCALES};
use super::{RawLine, ScratchError, ScratchTracer};
use crate::raster::{Photo, PixelRect, Point};

/// Distance between columns of the strip, px.
pub(super) const STEP: f64 = 6.0;
/// Slopes −5..=5 px per column: up to 40° off the straight connection.
const SLOPES: i32 = 5;
/// What one step of slope costs, in units of noise.
const TURN: f32 = 2.0;
/// How far the line may lie off a click, px.
const SNAP: i32 = 3;
/// Above this many pixels only the middle scale is tried.
const LARGE: u64 = 400_000;

/// The line of the largest summed response from `a` to `b`.
pub(super) fn connect(photo: &Photo, a: Point, b: Point, settings: &ScratchTracer) -> Result<RawLine, ScratchError> {
    let distance = a.distance(b);
    let limit = settings.max_length_px.min(2000.0);
    if distance > limit {
        return Err(ScratchError::TooFar { distance, limit });
    }
    let half = (distance / 4.0).clamp(8.0, 60.0).round();
    let margin = half + 2.0;
    let low = |u: f64, v: f64| (u.min(v) - margin).max(0.0) as u32;
    let high = |u: f64, v: f64, end: u32| ((u.max(v) + margin) as u32).min(end);
    let rect = PixelRect::new(low(a.x, b.x), low(a.y, b.y), high(a.x, b.x, photo.width()), high(a.y, b.y, photo.height()));
    let rect = rect.grown(50, photo.width(), photo.height());
    let scales = if rect.area() > LARGE { 1..2 } else { 0..SCALES.len() };
    let mut best: Option<RawLine> = None;
    for scale_index in scales {
        let ridge = Ridge::in_rect(photo, scale_index, rect);
        let strip = Strip::new(&ridge, a, b, half as i32);
        for sign in [1.0, -1.0] {
            if let Some(line) = strip.best(sign, scale_index)
                && best.as_ref().is_none_or(|l| line.snr_per_px > l.snr_per_px)
            {
                best = Some(line);
            }
        }
    }
    let z = best.as_ref().map_or(0.0, |l| l.snr_per_px * (distance as f32).sqrt());
    match best {
        Some(line) if z >= settings.level => Ok(line),
        _ => Err(ScratchError::NoLine { found: z, needed: settings.level }),
    }
}

struct Strip {
    a: Point,
    along: (f64, f64),
    step: f64,
    columns: usize,
    half: i32,
    /// Summed response over noise of the piece that leaves (column, offset) with a slope.
    pieces: Vec<f32>,
}

impl Strip {
    fn new(ridge: &Ridge<'_>, a: Point, b: Point, half: i32) -> Self {
        let distance = a.distance(b);
        let columns = (distance / STEP).ceil().max(1.0) as usize;
        let step = distance / columns as f64;
        let along = ((b.x - a.x) / distance, (b.y - a.y) / distance);
        let mut strip = Self { a, along, step, columns, half, pieces: Vec::new() };
        let angle = along.1.atan2(along.0);
        let samples = step.round().max(1.0);
        for column in 0..columns {
            for offset in -half..=half {
                for slope in -SLOPES..=SLOPES {
                    let tilt = (f64::from(slope) / step).atan();
                    let (hx, hy) = super::unit(angle + tilt);
                    let noise = ridge.ground_sd(61.0, angle + tilt) / 61.0_f32.sqrt();
                    let mut sum = 0.0;
                    let mut k = 0.5;
                    while k < samples {
                        let t = k / samples;
                        let p = strip.place(column as f64 + t, f64::from(offset) + t * f64::from(slope));
                        sum += ridge.across(p.x, p.y, (-hy, hx)).unwrap_or(0.0);
                        k += 1.0;
                    }
                    strip.pieces.push(sum / noise);
                }
            }
        }
        strip
    }

    fn place(&self, column: f64, offset: f64) -> Point {
        let (t, (dx, dy)) = (column * self.step, self.along);
        Point::new(self.a.x + t * dx - offset * dy, self.a.y + t * dy + offset * dx)
    }

    /// The best chain of pieces whose slopes change by one step at most; both ends within reach of the clicks.
    fn best(&self, sign: f32, scale_index: usize) -> Option<RawLine> {
        let slopes = (2 * SLOPES + 1) as usize;
        let rows = (2 * self.half + 1) as usize;
        let states = rows * slopes;
        let at = |offset: i32, slope: i32| (offset + self.half) as usize * slopes + (slope + SLOPES) as usize;
        // State (offset at the start of the column, slope of the piece that leaves it).
        let mut score = vec![f32::NEG_INFINITY; states];
        for offset in -SNAP..=SNAP {
            for slope in -SLOPES..=SLOPES {
                score[at(offset, slope)] = sign * self.pieces[at(offset, slope)] - 0.3 * (offset * offset) as f32;
            }
        }
        let mut from = vec![0_i8; states * self.columns];
        for column in 1..self.columns {
            let mut next = vec![f32::NEG_INFINITY; states];
            for offset in -self.half..=self.half {
                for slope in -SLOPES..=SLOPES {
                    for before in (slope - 1).max(-SLOPES)..=(slope + 1).min(SLOPES) {
                        let start = offset - before;
                        if start.abs() > self.half {
                            continue;
                        }
                        let value = score[at(start, before)] - if before == slope { 0.0 } else { TURN };
                        if value > next[at(offset, slope)] {
                            next[at(offset, slope)] = value;
                            from[column * states + at(offset, slope)] = before as i8;
                        }
                    }
                    next[at(offset, slope)] += sign * self.pieces[column * states + at(offset, slope)];
                }
            }
            score = next;
        }
        let mut best: Option<(f32, i32, i32)> = None;
        for end in -SNAP..=SNAP {
            for slope in -SLOPES..=SLOPES {
                let offset = end - slope;
                if offset.abs() <= self.half {
                    let value = score[at(offset, slope)] - 0.3 * (end * end) as f32;
                    if value.is_finite() && best.is_none_or(|b| value > b.0) {
                        best = Some((value, offset, slope));
                    }
                }
            }
        }
        let (_, mut offset, mut slope) = best?;
        let (mut offsets, mut total) = (vec![offset + slope], 0.0_f32);
        for column in (0..self.columns).rev() {
            offsets.push(offset);
            total += sign * self.pieces[column * states + at(offset, slope)];
            if column > 0 {
                slope = i32::from(from[column * states + at(offset, slope)]);
                offset -= slope;
            }
        }
        offsets.reverse();
        let per_column = self.step.round().max(1.0) as usize;
        let mut points = Vec::with_capacity(self.columns * per_column + 1);
        for (column, ends) in offsets.windows(2).enumerate() {
            for k in 0..per_column {
                let t = k as f64 / per_column as f64;
                points.push(self.place(column as f64 + t, f64::from(ends[0]) + t * f64::from(ends[1] - ends[0])));
            }
        }
        points.push(self.place(self.columns as f64, f64::from(*offsets.last()?)));
        let snr_per_px = total / points.len() as f32;
        (snr_per_px > 0.0).then_some(RawLine { points, sign, snr_per_px, scale_index })
    }
}
