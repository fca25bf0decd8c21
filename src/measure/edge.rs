//! What the photo says about the edge of a region: how strong it is, and how sharp.

use super::caliper::gray_between;
use super::region::Measuring;
use crate::raster::contour;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::label_map::LabelMap;
use crate::raster::photo::Photo;
use crate::raster::runs::Run;

/// Pixels inside count up to this distance from the nearest pixel outside, px.
const INSIDE: i64 = 3;
/// Pixels outside count in this range of distances from the nearest pixel inside, px.
const OUTSIDE: std::ops::RangeInclusive<i64> = 2..=5;

/// Mean gray value of the pixels up to 3 px inside the border of a region minus that of the pixels 2 to 5 px outside; pixels of other
/// labels, of ignored zones and beyond the photo are left out. NaN when one side has none.
pub(super) fn contrast(runs: &[Run], bounds: PixelRect, photo: &Photo, map: &LabelMap, with: &Measuring<'_>) -> f64 {
    let margin = *OUTSIDE.end() as u32;
    // Nearness in px² to the other side, 0 = far; pixels that nothing is near to are never touched.
    let stride = bounds.width() as usize + 2 * margin as usize;
    let mut cells = vec![0_u8; stride * (bounds.height() as usize + 2 * margin as usize)];
    let index = |x: i64, y: i64| {
        let (x, y) = (x - i64::from(bounds.x0) + i64::from(margin), y - i64::from(bounds.y0) + i64::from(margin));
        y as usize * stride + x as usize
    };
    for r in runs {
        let from = index(i64::from(r.x0), i64::from(r.y));
        cells[from..from + r.len() as usize].fill(IN);
    }
    let reach_out = disk(*OUTSIDE.end());
    let reach_in = disk(INSIDE);
    let mut touched: Vec<(i64, i64)> = Vec::new();
    let mut stamp = |cells: &mut Vec<u8>, x: i64, y: i64, reach: &[(i64, i64, u8)], side: u8| {
        for &(dx, dy, d2) in reach {
            let cell = &mut cells[index(x + dx, y + dy)];
            if *cell & IN == side {
                let near = FAR - d2;
                if *cell & !IN == 0 {
                    touched.push((x + dx, y + dy));
                }
                *cell = side | near.max(*cell & !IN);
            }
        }
    };
    for r in runs {
        for x in i64::from(r.x0)..i64::from(r.x1) {
            let y = i64::from(r.y);
            let mut is_border = false;
            for (u, v) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)] {
                if cells[index(u, v)] & IN == 0 {
                    is_border = true;
                    stamp(&mut cells, u, v, &reach_in, IN);
                }
            }
            if is_border {
                stamp(&mut cells, x, y, &reach_out, 0);
            }
        }
    }
    let mut sums = [(0.0_f64, 0_u64); 2];
    for (x, y) in touched {
        let cell = cells[index(x, y)];
        let d2 = i64::from(FAR - (cell & !IN));
        let is_in = cell & IN != 0;
        let is_far_enough = is_in || d2 >= OUTSIDE.start() * OUTSIDE.start();
        if !is_far_enough || x < 0 || y < 0 || x >= i64::from(photo.width()) || y >= i64::from(photo.height()) {
            continue;
        }
        let (x, y) = (x as u32, y as u32);
        if is_in || is_plain(x, y, map, with) {
            let sum = &mut sums[usize::from(is_in)];
            *sum = (sum.0 + f64::from(photo.gray_at(x, y)), sum.1 + 1);
        }
    }
    let mean = |(sum, n): (f64, u64)| if n == 0 { f64::NAN } else { sum / n as f64 };
    mean(sums[1]) - mean(sums[0])
}

const IN: u8 = 0x80;
/// Above the largest squared distance that is looked at.
const FAR: u8 = 26;

/// No label, and in no ignored zone.
fn is_plain(x: u32, y: u32, map: &LabelMap, with: &Measuring<'_>) -> bool {
    let is_labelled = x < map.width() && y < map.height() && map.get(x, y) != 0;
    let zone = |zones: &LabelMap| if x < zones.width() && y < zones.height() { zones.get(x, y) } else { 0 };
    !is_labelled && !with.zones.is_some_and(|zones| with.ignored_zones.contains(&zone(zones)))
}

/// Offsets up to a radius with their squared lengths.
fn disk(radius: i64) -> Vec<(i64, i64, u8)> {
    let square = (-radius..=radius).flat_map(|y| (-radius..=radius).map(move |x| (x, y, x * x + y * y)));
    square.filter(|p| p.2 <= radius * radius).map(|(x, y, d2)| (x, y, d2 as u8)).collect()
}

/// Fewer points of the contour tell nothing about its edge.
const LEAST_POINTS: usize = 12;
/// Samples of a profile per px, and how far it reaches to both sides, px.
const PER_PX: usize = 4;
const REACH: usize = 8;
/// How far from the label the edge is looked for, px.
const SEARCH: usize = 3;
const SAMPLES: usize = 2 * REACH * PER_PX + 1;
const MIDDLE: usize = REACH * PER_PX;

/// Distance over which the gray value goes from 10 to 90 % across the edge, px, from the mean of all profiles along the normals of the
/// contour, each laid on its own edge: the idea of ISO 12233 applied along a contour. For a Gaussian blur it is 2.563 σ. NaN where the
/// contour is short or there is no edge.
pub(super) fn width(runs: &[Run], photo: &Photo) -> f64 {
    let mut mean = [0.0_f64; SAMPLES];
    let mut count = 0_usize;
    let mut points = 0_usize;
    for c in contour::mid_cracks(runs) {
        let n = c.points.len();
        points += n;
        if n < LEAST_POINTS {
            continue;
        }
        let profiles: Vec<Option<[f64; SAMPLES]>> = (0..n).map(|i| profile_at(&c.points, i, photo)).collect();
        let known: Vec<[f64; SAMPLES]> = profiles.into_iter().flatten().collect();
        if known.len() < LEAST_POINTS {
            continue;
        }
        let sign = rise(&known).signum();
        let shifts = shifts_of(&known, sign);
        for (profile, shift) in known.iter().zip(shifts) {
            for (k, sum) in mean.iter_mut().enumerate() {
                *sum += sign * between(profile, k as f64 + shift);
            }
            count += 1;
        }
    }
    if points < LEAST_POINTS || count < LEAST_POINTS {
        return f64::NAN;
    }
    for v in &mut mean {
        *v /= count as f64;
    }
    rise_width(&mean)
}

/// Gray values along the normal of a contour at point `i`, from inside to outside, smoothed along the contour by the neighbours on both
/// sides; None where it leaves the photo.
fn profile_at(points: &[Point], i: usize, photo: &Photo) -> Option<[f64; SAMPLES]> {
    let n = points.len();
    // Mean of a few cracks: the staircase of pixels has no normals.
    let mean = |i: usize| {
        let near = (0..5).map(|k| points[(i + n + k - 2) % n]);
        let (x, y) = near.fold((0.0, 0.0), |(x, y), p| (x + p.x, y + p.y));
        Point::new(x / 5.0, y / 5.0)
    };
    let (here, before, after) = (mean(i), mean((i + n - 3) % n), mean((i + 3) % n));
    let (tx, ty) = (after.x - before.x, after.y - before.y);
    let length = tx.hypot(ty);
    if length == 0.0 {
        return None;
    }
    // The region lies to the right hand of the way, so outside is to the left.
    let (nx, ny) = (ty / length, -tx / length);
    let mut out = [0.0; SAMPLES];
    for (k, value) in out.iter_mut().enumerate() {
        let t = (k as f64 - MIDDLE as f64) / PER_PX as f64;
        *value = f64::from(gray_between(photo, Point::new(here.x + nx * t, here.y + ny * t))?);
    }
    Some(out)
}

/// How much brighter the outside is on the whole.
fn rise(profiles: &[[f64; SAMPLES]]) -> f64 {
    let near = 2 * PER_PX;
    profiles.iter().map(|p| p[MIDDLE + near] - p[MIDDLE - near]).sum()
}

/// Smoothing of the places of the edge along the contour, in points.
const SIGMA: f64 = 3.0;

/// Where each profile has its edge, in samples from the middle: the centre of mass of its slope, smoothed along the contour so that noise
/// does not sharpen the mean.
fn shifts_of(profiles: &[[f64; SAMPLES]], sign: f64) -> Vec<f64> {
    let one = |p: &[f64; SAMPLES]| {
        // Slopes over 2 px: the ramp of one pixel is no place.
        let slope = |k: usize| (sign * (p[k + PER_PX] - p[k - PER_PX])).max(0.0);
        let range = MIDDLE - SEARCH * PER_PX..=MIDDLE + SEARCH * PER_PX;
        let peak = range.max_by(|&a, &b| slope(a).total_cmp(&slope(b))).unwrap_or(MIDDLE);
        let near = peak - 2 * PER_PX..=peak + 2 * PER_PX;
        let (sum, moment) = near.fold((0.0, 0.0), |(s, m), k| (s + slope(k), m + slope(k) * (k as f64 - MIDDLE as f64)));
        if sum > 0.0 { moment / sum } else { 0.0 }
    };
    let raw: Vec<f64> = profiles.iter().map(one).collect();
    let reach = (3.0 * SIGMA) as usize;
    let n = raw.len();
    let weights: Vec<f64> = (0..=2 * reach).map(|k| (-0.5 * ((k as f64 - reach as f64) / SIGMA).powi(2)).exp()).collect();
    let total: f64 = weights.iter().sum();
    (0..n).map(|i| weights.iter().enumerate().map(|(k, w)| w * raw[(i + k + n * reach - reach) % n]).sum::<f64>() / total).collect()
}

/// Linear between samples; beyond the ends the last value.
fn between(profile: &[f64; SAMPLES], at: f64) -> f64 {
    let at = at.clamp(0.0, (SAMPLES - 1) as f64);
    let k = (at as usize).min(SAMPLES - 2);
    profile[k] + (profile[k + 1] - profile[k]) * (at - k as f64)
}

/// Width from 10 to 90 % of the part of a profile about its middle in which it rises.
fn rise_width(mean: &[f64; SAMPLES]) -> f64 {
    let (least, most) = mean.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), v| (a.min(*v), b.max(*v)));
    let ripple = 0.01 * (most - least);
    let (mut low, mut high) = (MIDDLE, MIDDLE);
    while low > 0 && mean[low - 1] <= mean[low] + ripple {
        low -= 1;
    }
    while high + 1 < SAMPLES && mean[high + 1] >= mean[high] - ripple {
        high += 1;
    }
    let (bottom, top) = (
        mean[low..=MIDDLE].iter().copied().fold(f64::INFINITY, f64::min),
        mean[MIDDLE..=high].iter().copied().fold(f64::NEG_INFINITY, f64::max),
    );
    if top - bottom <= 1e-6 {
        return f64::NAN;
    }
    let level = |k: usize| (mean[k] - bottom) / (top - bottom);
    let crossing = |q: f64| {
        let steps = (low..high).filter(|&k| level(k) < q && level(k + 1) >= q);
        let nearest = steps.min_by_key(|&k| k.abs_diff(MIDDLE));
        nearest.map(|k| k as f64 + (q - level(k)) / (level(k + 1) - level(k)))
    };
    match (crossing(0.1), crossing(0.9)) {
        (Some(a), Some(b)) if b > a => (b - a) / PER_PX as f64,
        _ => f64::NAN,
    }
}
