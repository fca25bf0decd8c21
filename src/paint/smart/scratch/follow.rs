//! Following a line from its seed in both directions, arc by arc, until it no longer stands out.

use super::ridge::{Ridge, STRIDE};
use super::seed::Seed;
use super::{RawLine, ScratchTracer, unit};
use crate::raster::Point;

/// Lines shorter than this many pixels are no scratch.
pub(super) const LEAST_LENGTH: usize = 10;

/// Sum over plain ground that the best of all tried arcs ahead reaches by chance only.
const CHANCE: f32 = 3.4;

/// A stretch walked in one direction: points about 1 px apart with the response there.
struct Walk {
    points: Vec<Point>,
    responses: Vec<f32>,
}

/// The arc ahead: `lateral` off at its start, `turn` px and `bend` px off at its end.
#[derive(Clone, Copy)]
struct Ahead {
    lateral: f64,
    turn: f64,
    bend: f64,
    length: f64,
}

impl Ahead {
    fn at(&self, from: Point, heading: f64, t: f64) -> (Point, f64) {
        let (dx, dy) = unit(heading);
        let u = t / self.length;
        // The step aside is made over the first fifth.
        let aside = self.lateral * (5.0 * u).min(1.0);
        let off = aside + self.turn * u + self.bend * u * u;
        let slope = (self.turn + 2.0 * self.bend * u) / self.length;
        (Point::new(from.x + t * dx - off * dy, from.y + t * dy + off * dx), heading + slope.atan())
    }
}

/// The line through the seed, from end to end.
pub(super) fn both_ways(ridge: &mut Ridge<'_>, seed: &Seed, settings: &ScratchTracer) -> RawLine {
    let forth = walk(ridge, seed, 1.0, settings);
    let back = walk(ridge, seed, -1.0, settings);
    let mut points: Vec<Point> = back.points.iter().rev().copied().collect();
    points.extend(forth.points.iter().skip(1));
    let n = (forth.responses.len() + back.responses.len()).max(1) as f32;
    let mean = (forth.responses.iter().sum::<f32>() + back.responses.iter().sum::<f32>()) / n;
    let noise = seed.noise;
    RawLine { points, sign: seed.sign, snr_per_px: (mean / noise).max(0.05), scale_index: ridge.scale_index }
}

fn walk(ridge: &mut Ridge<'_>, seed: &Seed, way: f64, settings: &ScratchTracer) -> Walk {
    let mut out = Walk { points: Vec::new(), responses: Vec::new() };
    ridge.cover(seed.centre, 110.0);
    // The inner part of the seed is believed; its ends are looked at again.
    let believed = seed.length / 4.0;
    let sample = |ridge: &Ridge<'_>, p: Point, heading: f64| {
        let (hx, hy) = unit(heading);
        ridge.across(p.x, p.y, (-hy, hx)).map(|r| r * seed.sign)
    };
    let mut t = 0.0;
    while t <= believed {
        let (p, heading) = seed.at(way * t);
        let Some(r) = sample(ridge, p, heading) else { return out };
        out.points.push(p);
        out.responses.push(r);
        t += 1.0;
    }
    let (mut here, heading) = seed.at(way * (t - 1.0));
    let mut heading = if way < 0.0 { heading + std::f64::consts::PI } else { heading };
    // Second derivative of the seed's parabola, seen in the direction of travel.
    let mut curvature = way * 8.0 * seed.bend / (seed.length * seed.length);
    let mut level = seed.mean;
    let is_too_long = |n: usize| n as f64 >= settings.max_length_px / 2.0;
    while !is_too_long(out.points.len()) {
        let noise = seed.noise;
        let length = f64::from((7.0 * noise / level).powi(2)).clamp(24.0, 101.0).round();
        ridge.cover(here, length + 12.0);
        let Some((ahead, mean, count)) = best_ahead(ridge, here, heading, curvature, length, seed.sign) else { break };
        let needed = (0.5 * level).max(CHANCE * noise / (count as f32).sqrt());
        let is_end = mean < needed || (count as f64) < length * 0.7;
        let step = if is_end { length } else { (length / 4.0).round().max(6.0) };
        let mut k = 1.0;
        while k <= step {
            let (p, h) = ahead.at(here, heading, k);
            let Some(r) = sample(ridge, p, h) else { break };
            out.points.push(p);
            out.responses.push(r);
            k += 1.0;
        }
        if is_end || is_loop(&out.points, length) {
            break;
        }
        (here, heading) = ahead.at(here, heading, step);
        curvature = 0.5 * curvature + 0.5 * 2.0 * ahead.bend / (length * length);
        level = 0.8 * level + 0.2 * mean;
    }
    cut_at_the_end(&mut out, level, believed as usize / 2);
    out
}

/// The arc ahead with the largest mean response, that mean, and the number of its samples inside the photo.
fn best_ahead(ridge: &Ridge<'_>, here: Point, heading: f64, curvature: f64, length: f64, sign: f32) -> Option<(Ahead, f32, usize)> {
    let base = curvature * length * length / 2.0;
    let mut best: Option<(f32, Ahead, f32, usize)> = None;
    for lateral in [0.0, -1.0, 1.0] {
        for turn in -4..=4 {
            for bend in -3..=3 {
                let (turn, bend) = (f64::from(turn) * 1.25, base + f64::from(bend) * 2.0);
                let ahead = Ahead { lateral, turn, bend, length };
                let (mut sum, mut n) = (0.0_f32, 0_usize);
                let mut t = 1.0;
                while t <= length {
                    let (p, h) = ahead.at(here, heading, t);
                    let (hx, hy) = unit(h);
                    if let Some(r) = ridge.across(p.x, p.y, (-hy, hx)) {
                        sum += r;
                        n += 1;
                    }
                    t += STRIDE as f64;
                }
                if n < 4 {
                    continue;
                }
                let mean = sum * sign / n as f32;
                // Among equals the straight way on.
                let strain = 0.01 * (lateral.abs() + turn.abs() / 4.0 + (bend - base).abs() / 6.0) as f32;
                let score = sum * sign * (1.0 - strain) / (n as f32).sqrt();
                if best.is_none_or(|b| score > b.0) {
                    best = Some((score, ahead, mean, n * STRIDE));
                }
            }
        }
    }
    best.map(|(_, ahead, mean, n)| (ahead, mean, n))
}

/// The line came back to where it was.
fn is_loop(points: &[Point], length: f64) -> bool {
    let (Some(&last), skip) = (points.last(), (length * 2.0) as usize) else { return false };
    points.len() > skip && points[..points.len() - skip].iter().step_by(2).any(|p| p.distance(last) < 2.5)
}

/// Cuts the walk where the sum of (response − 0.6 of the line's level) is largest: the most likely end of a line of that level followed
/// by ground (Page 1954, the point of change of a cumulative sum).
fn cut_at_the_end(walk: &mut Walk, level: f32, least: usize) {
    let (mut sum, mut best, mut end) = (0.0_f32, f32::NEG_INFINITY, walk.points.len());
    for (i, r) in walk.responses.iter().enumerate() {
        sum += r - 0.6 * level;
        if i >= least && sum > best {
            (best, end) = (sum, i + 1);
        }
    }
    walk.points.truncate(end);
    walk.responses.truncate(end);
}
