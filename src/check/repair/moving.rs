//! Moving a contour onto the edge that the boundary check found.

use std::ops::Range;

use crate::check::boundary::{BoundaryResult, ContourPoint};
use crate::check::gauss;
use crate::raster::{PixelRect, Point};

/// Smoothing of the displacements along the contour, weighted by confidence, samples of about 1 px.
const SMOOTHING: f64 = 1.5;
/// Weight of a point without any confidence: it follows its neighbours.
const LEAST_WEIGHT: f64 = 0.02;
/// Normals this close to the border of the image, in samples, are those of a corner that is none.
const CORNER: usize = 3;
/// How far beyond the border of the image a contour is closed, px.
const BEYOND: f64 = 24.0;

/// A point that ends at the border of the image, because the image does.
pub(super) fn is_on_border(p: &ContourPoint, image: PixelRect) -> bool {
    const REACH: f64 = 0.6;
    p.is_blocked && {
        let p = p.position;
        p.x < f64::from(image.x0) + REACH
            || p.y < f64::from(image.y0) + REACH
            || p.x > f64::from(image.x1) - REACH
            || p.y > f64::from(image.y1) - REACH
    }
}

/// What of the found displacements is followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    /// Every bend that stands out from the noise.
    Fine,
    /// Bias and shift only: the label keeps its shape.
    Trend,
}

/// How far each point moves along its normal, px, + = outwards: against its displacement, smoothed along the contour by confidence, at
/// most `search_px`. Blocked points stay.
pub(super) fn moves(result: &BoundaryResult, image: PixelRect, search_px: f64, course: Course) -> Vec<f64> {
    let mut out = vec![0.0; result.points.len()];
    let trend = |p: &ContourPoint| result.bias_px + result.shift_px.0 * p.normal.0 + result.shift_px.1 * p.normal.1;
    let (mut sum, mut total) = (0.0, 0.0);
    for p in result.points.iter().filter(|p| !p.is_blocked) {
        sum += p.confidence * (p.displacement_px - trend(p)).powi(2);
        total += p.confidence;
    }
    let kept = match course {
        Course::Fine => kept_share(sum / f64::max(total, 1e-9), result.noise_px),
        Course::Trend => 0.0,
    };
    for c in &result.contours {
        let points = &result.points[c.clone()];
        let weight = |p: &ContourPoint| match p.is_blocked {
            false => p.confidence.max(LEAST_WEIGHT),
            // The border of the image holds nobody back; a neighbour does.
            true if is_on_border(p, image) => 1e-6,
            true => 1.0,
        };
        let weights: Vec<f64> = points.iter().map(weight).collect();
        let way = |p: &ContourPoint| if p.is_blocked { 0.0 } else { -(trend(p) + kept * (p.displacement_px - trend(p))) };
        let weighted: Vec<f64> = points.iter().zip(&weights).map(|(p, w)| way(p) * w).collect();
        let (sum, total) = (gauss::smooth_ring(&weighted, SMOOTHING), gauss::smooth_ring(&weights, SMOOTHING));
        for ((target, p), (s, t)) in out[c.clone()].iter_mut().zip(points).zip(sum.iter().zip(&total)) {
            let by = s / t;
            if !p.is_blocked && by.is_finite() {
                *target = by.clamp(-search_px, search_px);
            }
        }
    }
    out
}

/// How much of what bias and shift do not explain is believed, 0..=1: the share of its mean square that is more than the noise of the
/// found edge (the Wiener filter of a signal with white noise). Where noise is all there is, a label keeps its shape and only moves.
fn kept_share(mean_square: f64, noise: f64) -> f64 {
    let share = 1.0 - noise * noise / mean_square;
    if share.is_finite() { share.max(0.0) } else { 1.0 }
}

/// The contours with every point moved along its normal. Where a contour runs along the border of the image it is closed beyond it, and
/// its ends go on as straight as they came: the region goes on there, unseen.
pub(super) fn moved_rings(result: &BoundaryResult, moves: &[f64], image: PixelRect) -> Vec<Vec<Point>> {
    result.contours.iter().map(|c| moved_ring(result, c, moves, image)).collect()
}

fn moved_ring(result: &BoundaryResult, c: &Range<usize>, moves: &[f64], image: PixelRect) -> Vec<Point> {
    let points = &result.points[c.clone()];
    let n = points.len();
    let moved = |k: usize| along(&points[k % n], moves[c.start + k % n]);
    let at_border: Vec<bool> = points.iter().map(|p| is_on_border(p, image)).collect();
    if !at_border.contains(&true) {
        return (0..n).map(moved).collect();
    }
    let is_dropped = |k: usize| (k + n - CORNER % n..=k + n + CORNER).any(|i| at_border[i % n]);
    let Some(first) = (0..n).find(|&k| !is_dropped(k) && is_dropped(k + n - 1)) else {
        return (0..n).map(|k| points[k].position).collect();
    };
    let mut ring = Vec::with_capacity(n);
    for k in first..first + n {
        if !is_dropped(k) {
            if is_dropped(k + n - 1) {
                // The way back into the image, seen from where it comes from.
                ring.push(beyond(moved(k), moved(k + CORNER), points[(k + n - CORNER - 1) % n].position, image));
            }
            ring.push(moved(k));
            if is_dropped(k + 1) {
                ring.push(beyond(moved(k), moved(k + n - CORNER), points[(k + CORNER + 1) % n].position, image));
            }
        } else if at_border[k % n] {
            let p = points[k % n].position;
            let out = outwards(p, image);
            ring.push(Point::new(p.x + BEYOND * out.0, p.y + BEYOND * out.1));
        }
    }
    ring
}

fn along(p: &ContourPoint, by: f64) -> Point {
    Point::new(p.position.x + by * p.normal.0, p.position.y + by * p.normal.1)
}

/// Unit vector out of the image at the side nearest to `p`.
fn outwards(p: Point, image: PixelRect) -> (f64, f64) {
    let sides = [
        (p.x - f64::from(image.x0), (-1.0, 0.0)),
        (p.y - f64::from(image.y0), (0.0, -1.0)),
        (f64::from(image.x1) - p.x, (1.0, 0.0)),
        (f64::from(image.y1) - p.y, (0.0, 1.0)),
    ];
    sides.into_iter().min_by(|a, b| a.0.total_cmp(&b.0)).map_or((0.0, 0.0), |s| s.1)
}

/// Where the line from `inner` through `end` is well beyond the side of the image at which `border` lies.
fn beyond(end: Point, inner: Point, border: Point, image: PixelRect) -> Point {
    /// A line that hardly goes there is taken to go straight there.
    const LEAST_SLOPE: f64 = 0.3;
    let out = outwards(border, image);
    let (dx, dy) = (end.x - inner.x, end.y - inner.y);
    let length = dx.hypot(dy);
    let (tx, ty) = (dx / length, dy / length);
    let slope = tx * out.0 + ty * out.1;
    if slope.is_finite() && slope >= LEAST_SLOPE {
        Point::new(end.x + tx * BEYOND / slope, end.y + ty * BEYOND / slope)
    } else {
        Point::new(end.x + BEYOND * out.0, end.y + BEYOND * out.1)
    }
}
