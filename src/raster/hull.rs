//! Convex hulls of pixel squares, their largest extent and their smallest rectangle.

use super::geometry::Point;
use super::runs::Run;

/// Convex hull of the corners of all pixels of a component, counter-clockwise on paper (clockwise on screen), no three on a line.
/// `runs` must be sorted from top to bottom; `scale` turns pixels into the unit wanted (mm per pixel in x and y; 1, 1 for pixels).
///
/// The hull is found on whole pixel corners, without rounding, and scaled after that: scaling keeps it a hull.
#[must_use]
pub fn of_runs(runs: &[Run], scale: (f64, f64)) -> Vec<Point> {
    let mut left: Vec<Corner> = Vec::new();
    let mut right: Vec<Corner> = Vec::new();
    for row in runs.chunk_by(|a, b| a.y == b.y) {
        let (x0, x1) = row.iter().fold((u32::MAX, 0), |(x0, x1), r| (x0.min(r.x0), x1.max(r.x1)));
        for y in [row[0].y, row[0].y + 1].map(i64::from) {
            push_chain(&mut left, (i64::from(x0), y), 1);
            push_chain(&mut right, (i64::from(x1), y), -1);
        }
    }
    // Down the right side, up the left side. The two never meet: a row is one pixel wide at least.
    right.into_iter().chain(left.into_iter().rev()).map(|(x, y)| Point::new(x as f64 * scale.0, y as f64 * scale.1)).collect()
}

/// x and y of a corner of a pixel.
type Corner = (i64, i64);

/// Adds the next lower corner to a hull chain; `side` is +1 for the left chain and −1 for the right one.
fn push_chain(chain: &mut Vec<Corner>, p: Corner, side: i64) {
    if let Some(last) = chain.last()
        && last.1 == p.1
    {
        // The lower corners of one row and the upper corners of the next share a height: keep the outer one.
        if (p.0 - last.0) * side >= 0 {
            return;
        }
        chain.pop();
    }
    while let [.., a, b] = chain[..] {
        let turn = (b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0);
        if turn * side < 0 {
            break;
        }
        chain.pop();
    }
    chain.push(p);
}

/// The smallest-area rectangle around a hull.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MinAreaRect {
    /// Longer side, in the unit of the hull.
    pub length: f64,
    /// Shorter side.
    pub width: f64,
    /// Direction of the longer side in degrees, from +x towards +y, in `[0, 180)`.
    pub angle_deg: f64,
}

/// Rectangle of least area around a convex polygon: one of its sides lies along a hull edge (Freeman and Shapira 1975).
/// None for fewer than three points. O(n) by rotating calipers.
#[must_use]
pub fn min_area_rect(hull: &[Point]) -> Option<MinAreaRect> {
    let n = hull.len();
    if n < 3 {
        return None;
    }
    // Area, edge and the two extents times the length of that edge: no root and no angle but for the best.
    let mut best: Option<(f64, usize, f64, f64)> = None;
    // Indices of the farthest points along the edge, across it, and against it; they only ever move forward.
    let (mut far, mut across, mut near) = (0, 0, 0);
    let mut is_first = true;
    for i in 0..n {
        let (a, b) = (hull[i], hull[if i + 1 == n { 0 } else { i + 1 }]);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let edge2 = dx * dx + dy * dy;
        if edge2 == 0.0 {
            continue;
        }
        let along = |k: usize| (hull[k].x - a.x) * dx + (hull[k].y - a.y) * dy;
        let aside = |k: usize| ((hull[k].y - a.y) * dx - (hull[k].x - a.x) * dy).abs();
        if is_first {
            far = argmax(n, along);
            across = argmax(n, aside);
            near = argmax(n, |k| -along(k));
            is_first = false;
        } else {
            climb(&mut far, n, along);
            climb(&mut across, n, aside);
            climb(&mut near, n, |k| -along(k));
        }
        let (extent, height) = (along(far) - along(near), aside(across));
        let area = extent * height / edge2;
        if best.is_none_or(|(smallest, ..)| area < smallest) {
            best = Some((area, i, extent, height));
        }
    }
    best.map(|(_, i, extent, height)| {
        let (a, b) = (hull[i], hull[(i + 1) % n]);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        let edge = a.distance(b);
        let angle = dy.atan2(dx).to_degrees();
        let (extent, height) = (extent / edge, height / edge);
        let (length, width, angle) = if extent >= height { (extent, height, angle) } else { (height, extent, angle + 90.0) };
        MinAreaRect { length, width, angle_deg: angle.rem_euclid(180.0) }
    })
}

fn argmax(n: usize, value: impl Fn(usize) -> f64) -> usize {
    (0..n).max_by(|&a, &b| value(a).total_cmp(&value(b))).unwrap_or(0)
}

/// Moves `k` forward while the value does not fall.
fn climb(k: &mut usize, n: usize, value: impl Fn(usize) -> f64) {
    let mut here = value(*k);
    for _ in 0..n {
        let next = if *k + 1 == n { 0 } else { *k + 1 };
        let there = value(next);
        if there < here {
            break;
        }
        (*k, here) = (next, there);
    }
}
