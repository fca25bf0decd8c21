//! Centring a found line on its ridge with parts of a pixel.

use super::ridge::SCALES;
use crate::paint::smart::plane_filters::gaussian_weights;
use crate::raster::{Photo, Point};

/// Offsets tried on both sides, in steps of [`STEP`] px.
const REACH: i32 = 8;
const STEP: f64 = 0.5;

/// The line moved onto the largest response beside it. Responses are averaged along the line over as many pixels as make it stand out
/// six times from the noise, so that a faint line does not jitter.
pub(super) fn centred(photo: &Photo, points: &[Point], scale: f32, sign: f32, snr_per_px: f32) -> Vec<Point> {
    let along = (10.0 / (snr_per_px * snr_per_px)).clamp(1.5, 25.0);
    let points = resampled(&smoothed(points, along.clamp(3.0, 8.0)));
    let columns = (2 * REACH + 1) as usize;
    // The profile across, correlated with the second derivative of a Gaussian of the scale.
    let kernel = gaussian_weights(scale.max(SCALES[0]) / STEP as f32, 2);
    let pad = kernel.len() as i32 / 2;
    let normals = normals(&points);
    let mut response: Vec<Vec<f32>> = Vec::with_capacity(points.len());
    for (p, n) in points.iter().zip(&normals) {
        let raw: Vec<f32> = (-REACH - pad..=REACH + pad)
            .map(|k| {
                let t = f64::from(k) * STEP;
                value_at(photo, p.x + t * n.0, p.y + t * n.1).unwrap_or(f32::NAN)
            })
            .collect();
        let row = (0..columns).map(|k| {
            let sum: f32 = kernel.iter().zip(&raw[k..]).map(|(w, v)| w * v).sum();
            if sum.is_finite() { sum * sign } else { 0.0 }
        });
        response.push(row.collect());
    }
    let averaged: Vec<Vec<f32>> = along_line(&response, along);
    let spread = averaged.iter().flatten().map(|v| v * v).sum::<f32>() / (averaged.len() * columns).max(1) as f32;
    let offsets = best_offsets(&averaged, spread.sqrt().max(f32::MIN_POSITIVE));
    moved(&points, &smooth_values(&offsets, along.max(2.0)))
}

/// Viterbi: the sequence of offsets with the largest sum, at most one step per pixel, then the top of a parabola.
fn best_offsets(rows: &[Vec<f32>], spread: f32) -> Vec<f32> {
    let Some(first) = rows.first() else { return Vec::new() };
    let mut score: Vec<f32> = first.clone();
    let mut from: Vec<Vec<u8>> = Vec::with_capacity(rows.len());
    for row in &rows[1..] {
        let mut came = vec![0_u8; row.len()];
        let next = (0..row.len()).map(|k| {
            let best = (k.saturating_sub(1)..=(k + 1).min(row.len() - 1))
                .map(|b| (score[b] - if b == k { 0.0 } else { 0.5 * spread }, b))
                .max_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap_or((0.0, k));
            came[k] = best.1 as u8;
            best.0 + row[k]
        });
        score = next.collect();
        from.push(came);
    }
    let mut k = (0..score.len()).max_by(|&a, &b| score[a].total_cmp(&score[b])).unwrap_or(0);
    let mut out = vec![0.0; rows.len()];
    for i in (0..rows.len()).rev() {
        let row = &rows[i];
        let part = if k > 0 && k + 1 < row.len() {
            let (a, b, c) = (row[k - 1], row[k], row[k + 1]);
            let bend = a - 2.0 * b + c;
            if bend < 0.0 { (0.5 * (a - c) / bend).clamp(-0.5, 0.5) } else { 0.0 }
        } else {
            0.0
        };
        out[i] = (k as f32 - REACH as f32 + part) * STEP as f32;
        if i > 0 {
            k = from[i - 1][k] as usize;
        }
    }
    out
}

/// The line shifted along its normals, px each.
pub(super) fn moved(points: &[Point], offsets: &[f32]) -> Vec<Point> {
    let normals = normals(points);
    let shift = |((p, n), &o): ((&Point, &(f64, f64)), &f32)| Point::new(p.x + f64::from(o) * n.0, p.y + f64::from(o) * n.1);
    points.iter().zip(&normals).zip(offsets).map(shift).collect()
}

/// Unit normals from central differences over some points.
pub(super) fn normals(points: &[Point]) -> Vec<(f64, f64)> {
    let last = points.len().saturating_sub(1);
    let normal = |i: usize| {
        let (a, b) = (points[i.saturating_sub(3)], points[(i + 3).min(last)]);
        let length = a.distance(b);
        if length > 0.0 { (-(b.y - a.y) / length, (b.x - a.x) / length) } else { (0.0, 1.0) }
    };
    (0..points.len()).map(normal).collect()
}

/// Gray value between pixel centres, bilinear; beyond the border the nearest value inside. None where there is no number.
pub(super) fn value_at(photo: &Photo, x: f64, y: f64) -> Option<f32> {
    let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
    if w == 0.0 || h == 0.0 {
        return None;
    }
    let (x, y) = ((x - 0.5).clamp(0.0, w - 1.0), (y - 0.5).clamp(0.0, h - 1.0));
    let (x0, y0) = (x as u32, y as u32);
    let (x1, y1) = ((x0 + 1).min(photo.width() - 1), (y0 + 1).min(photo.height() - 1));
    let (tx, ty) = (x.fract() as f32, y.fract() as f32);
    let top = photo.gray_at(x0, y0) * (1.0 - tx) + photo.gray_at(x1, y0) * tx;
    let bottom = photo.gray_at(x0, y1) * (1.0 - tx) + photo.gray_at(x1, y1) * tx;
    let v = top * (1.0 - ty) + bottom * ty;
    v.is_finite().then_some(v)
}

/// Rows averaged along the line with a Gaussian; fewer at the ends.
fn along_line(rows: &[Vec<f32>], sigma: f32) -> Vec<Vec<f32>> {
    let weights = gaussian_weights(sigma, 0);
    let r = weights.len() / 2;
    (0..rows.len())
        .map(|i| {
            let (from, to) = (i.saturating_sub(r), (i + r + 1).min(rows.len()));
            let mut out = vec![0.0; rows[i].len()];
            let mut total = 0.0;
            for k in from..to {
                let w = weights[k + r - i];
                total += w;
                for (o, v) in out.iter_mut().zip(&rows[k]) {
                    *o += w * v;
                }
            }
            for o in &mut out {
                *o /= total;
            }
            out
        })
        .collect()
}

/// Local straight lines fitted with Gaussian weights: smooths without pulling the ends in.
fn smooth_values(values: &[f32], sigma: f32) -> Vec<f32> {
    let weights = gaussian_weights(sigma, 0);
    let r = weights.len() / 2;
    (0..values.len())
        .map(|i| {
            let (mut s, mut sx, mut sxx, mut sy, mut sxy) = (0.0_f64, 0.0, 0.0, 0.0, 0.0);
            for k in i.saturating_sub(r)..(i + r + 1).min(values.len()) {
                let (w, x, y) = (f64::from(weights[k + r - i]), k as f64 - i as f64, f64::from(values[k]));
                s += w;
                sx += w * x;
                sxx += w * x * x;
                sy += w * y;
                sxy += w * x * y;
            }
            let det = s * sxx - sx * sx;
            let v = if det.abs() > 1e-9 { (sxx * sy - sx * sxy) / det } else { sy / s };
            v as f32
        })
        .collect()
}

fn smoothed(points: &[Point], sigma: f32) -> Vec<Point> {
    let xs: Vec<f32> = points.iter().map(|p| (p.x - points[0].x) as f32).collect();
    let ys: Vec<f32> = points.iter().map(|p| (p.y - points[0].y) as f32).collect();
    let (xs, ys) = (smooth_values(&xs, sigma), smooth_values(&ys, sigma));
    xs.iter().zip(&ys).map(|(&x, &y)| Point::new(points[0].x + f64::from(x), points[0].y + f64::from(y))).collect()
}

/// The same line with points one pixel apart; both ends kept.
fn resampled(points: &[Point]) -> Vec<Point> {
    let (Some(&first), Some(&last)) = (points.first(), points.last()) else { return Vec::new() };
    let mut out = vec![first];
    let mut left = 1.0;
    for ends in points.windows(2) {
        let length = ends[0].distance(ends[1]);
        let mut t = left;
        while t <= length {
            let u = t / length;
            out.push(Point::new(ends[0].x + u * (ends[1].x - ends[0].x), ends[0].y + u * (ends[1].y - ends[0].y)));
            t += 1.0;
        }
        left = t - length;
    }
    if out[out.len() - 1].distance(last) > 0.5 {
        out.push(last);
    }
    out
}
