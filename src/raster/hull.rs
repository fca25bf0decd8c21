//! Convex hulls of pixel squares, their largest extent and their smallest rectangle.

use super::geometry::Point;
use super::runs::Run;

/// Convex hull of the corners of all pixels of a component, counter-clockwise on paper (clockwise on screen), no three on a line.
/// `runs` must be sorted from top to bottom; `scale` turns pixels into the unit wanted (mm per pixel in x and y; 1, 1 for pixels).
#[must_use]
pub fn of_runs(runs: &[Run], scale: (f64, f64)) -> Vec<Point> {
    let mut left: Vec<Point> = Vec::new();
    let mut right: Vec<Point> = Vec::new();
    let mut i = 0;
    while i < runs.len() {
        let y = runs[i].y;
        let (mut x0, mut x1) = (runs[i].x0, runs[i].x1);
        while i < runs.len() && runs[i].y == y {
            x0 = x0.min(runs[i].x0);
            x1 = x1.max(runs[i].x1);
            i += 1;
        }
        for corner_y in [y, y + 1] {
            let yy = f64::from(corner_y) * scale.1;
            push_chain(&mut left, Point::new(f64::from(x0) * scale.0, yy), 1.0);
            push_chain(&mut right, Point::new(f64::from(x1) * scale.0, yy), -1.0);
        }
    }
    // Down the right side, up the left side.
    right.extend(left.into_iter().rev());
    right.dedup();
    right
}

/// Adds the next lower point to a hull chain; `side` is +1 for the left chain and −1 for the right one.
fn push_chain(chain: &mut Vec<Point>, p: Point, side: f64) {
    if let Some(last) = chain.last()
        && last.y == p.y
    {
        // The lower corners of one row and the upper corners of the next share a height: keep the outer one.
        if (p.x - last.x) * side >= 0.0 {
            return;
        }
        chain.pop();
    }
    while chain.len() >= 2 {
        let (a, b) = (chain[chain.len() - 2], chain[chain.len() - 1]);
        let turn = (b.x - a.x) * (p.y - a.y) - (b.y - a.y) * (p.x - a.x);
        if turn * side < 0.0 {
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
    let mut best: Option<(f64, MinAreaRect)> = None;
    // Indices of the farthest points along the edge, across it, and against it; they only ever move forward.
    let (mut far, mut across, mut near) = (0, 0, 0);
    let mut is_first = true;
    for i in 0..n {
        let (a, b) = (hull[i], hull[(i + 1) % n]);
        let edge = a.distance(b);
        if edge == 0.0 {
            continue;
        }
        let u = ((b.x - a.x) / edge, (b.y - a.y) / edge);
        let along = |k: usize| (hull[k].x - a.x) * u.0 + (hull[k].y - a.y) * u.1;
        let aside = |k: usize| ((hull[k].y - a.y) * u.0 - (hull[k].x - a.x) * u.1).abs();
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
        let area = extent * height;
        if best.is_none_or(|(smallest, _)| area < smallest) {
            let mut angle = u.1.atan2(u.0).to_degrees();
            let (length, width) = if extent >= height {
                (extent, height)
            } else {
                angle += 90.0;
                (height, extent)
            };
            best = Some((area, MinAreaRect { length, width, angle_deg: angle.rem_euclid(180.0) }));
        }
    }
    best.map(|(_, rect)| rect)
}

fn argmax(n: usize, value: impl Fn(usize) -> f64) -> usize {
    (0..n).max_by(|&a, &b| value(a).total_cmp(&value(b))).unwrap_or(0)
}

/// Moves `k` forward while the value does not fall.
fn climb(k: &mut usize, n: usize, value: impl Fn(usize) -> f64) {
    for _ in 0..n {
        let next = (*k + 1) % n;
        if value(next) < value(*k) {
            break;
        }
        *k = next;
    }
}
