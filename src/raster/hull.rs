//! Convex hulls of pixel squares, their largest extent and their smallest rectangle.

use super::geometry::Point;
use super::runs::Run;

/// Convex hull of the corners of all pixels of a component, counter-clockwise on paper (clockwise on screen), no three on a line.
/// `runs` must be sorted from top to bottom and left to right; `scale` turns pixels into the unit wanted (mm per pixel in x and y; 1, 1 for pixels).
///
/// The hull is found on whole pixel corners, without rounding, and scaled after that: scaling keeps it a hull.
#[must_use]
pub fn of_runs(runs: &[Run], scale: (f64, f64)) -> Vec<Point> {
    let mut left: Vec<Corner> = Vec::new();
    let mut right: Vec<Corner> = Vec::new();
    for row in runs.chunk_by(|a, b| a.y == b.y) {
        let (x0, x1) = (row[0].x0, row[row.len() - 1].x1);
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

/// What rotating calipers tell of a hull, in its unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extents {
    /// The smallest-area rectangle around it.
    pub rect: MinAreaRect,
    /// Largest distance of two of its points (maximum Feret diameter).
    pub feret_max: f64,
    /// Smallest distance of two parallel lines that hold it between them (minimum Feret diameter).
    pub feret_min: f64,
    /// Its area.
    pub area: f64,
}

/// Rectangle of least area around a convex polygon: one of its sides lies along a hull edge (Freeman and Shapira 1975).
/// None for fewer than three points. O(n) by rotating calipers.
#[must_use]
pub fn min_area_rect(hull: &[Point]) -> Option<MinAreaRect> {
    extents(hull).map(|e| e.rect)
}

/// All extents of a convex polygon in one turn of the calipers (Shamos 1978; Toussaint 1983): for each edge the points farthest along it,
/// across it and against it. None for fewer than three points. O(n).
#[must_use]
pub fn extents(hull: &[Point]) -> Option<Extents> {
    let n = hull.len();
    if n < 3 {
        return None;
    }
    // Area, edge and the two extents times the length of that edge: no root and no angle but for the best.
    let mut best: Option<(f64, usize, f64, f64)> = None;
    let (mut longest2, mut narrowest2, mut area2) = (0.0_f64, f64::INFINITY, 0.0);
    // Indices of the farthest points along the edge, across it, and against it; they only ever move forward.
    let (mut far, mut across, mut near) = (0, 0, 0);
    let mut is_first = true;
    for i in 0..n {
        let (a, b) = (hull[i], hull[if i + 1 == n { 0 } else { i + 1 }]);
        let (dx, dy) = (b.x - a.x, b.y - a.y);
        area2 += (a.x - hull[0].x) * dy - (a.y - hull[0].y) * dx;
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
        // The farthest point across, and the one before it for edges that lie parallel.
        for k in [across, if across == 0 { n - 1 } else { across - 1 }] {
            for p in [a, b] {
                longest2 = longest2.max((hull[k].x - p.x).powi(2) + (hull[k].y - p.y).powi(2));
            }
        }
        let (extent, height) = (along(far) - along(near), aside(across));
        narrowest2 = narrowest2.min(height * height / edge2);
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
        let rect = MinAreaRect { length, width, angle_deg: angle.rem_euclid(180.0) };
        Extents { rect, feret_max: longest2.sqrt(), feret_min: narrowest2.sqrt(), area: area2.abs() / 2.0 }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Components, LabelMap, Plane};
    use proptest::prelude::*;

    proptest! {
        /// Against all pairs of corners, a turn of the tangent lines in small steps, and the shoelace over all corners in order of angle.
        #[test]
        fn extents_are_those_of_all_pairs_of_corners(
            bits in prop::collection::vec(any::<bool>(), 99), sx in 0.2..3.0_f64, sy in 0.2..3.0_f64,
        ) {
            let plane = Plane::from_fn(11, 9, |x, y| u8::from(bits[(y * 11 + x) as usize]));
            for runs in Components::of(&LabelMap::from_plane(&plane)).iter() {
                let corners: Vec<(f64, f64)> = runs.iter()
                    .flat_map(|r| (r.x0..=r.x1).flat_map(|x| [(x, r.y), (x, r.y + 1)]))
                    .map(|(x, y)| (f64::from(x) * sx, f64::from(y) * sy))
                    .collect();
                let found = extents(&of_runs(runs, (sx, sy))).unwrap();
                let largest = corners.iter().flat_map(|a| corners.iter().map(|b| (a.0 - b.0).hypot(a.1 - b.1))).fold(0.0, f64::max);
                prop_assert!((found.feret_max - largest).abs() < 1e-9, "{} for {largest}", found.feret_max);
                // A half turn in small steps; between two of them an extent changes by less than a step × the largest extent.
                let extent = |angle: f64| {
                    let (s, c) = angle.sin_cos();
                    let along = corners.iter().map(|p| p.0 * c + p.1 * s);
                    along.clone().fold(f64::MIN, f64::max) - along.fold(f64::MAX, f64::min)
                };
                let step = std::f64::consts::PI / 2000.0;
                let narrowest = (0..2000).map(|i| extent(f64::from(i) * step)).fold(f64::MAX, f64::min);
                prop_assert!(found.feret_min <= narrowest + 1e-9 && found.feret_min > narrowest - step * largest);
                prop_assert!(found.rect.width >= found.feret_min - 1e-9 && found.rect.length <= found.feret_max + 1e-9);
                // Area: mean width of the hull by Cauchy gives its perimeter, not its area; so integrate ½ ∫ (h² − h'²) dθ of the support.
                let support = |angle: f64| corners.iter().map(|p| p.0 * angle.cos() + p.1 * angle.sin()).fold(f64::MIN, f64::max);
                let n = 4000;
                let d = std::f64::consts::TAU / f64::from(n);
                let area: f64 = (0..n).map(|i| {
                    let (a, b) = (support(f64::from(i) * d), support(f64::from(i + 1) * d));
                    (f64::midpoint(a, b).powi(2) - ((b - a) / d).powi(2)) * d / 2.0
                }).sum();
                prop_assert!((found.area - area).abs() < 0.01 * area + 0.02 * largest * largest, "{} for {area}", found.area);
            }
        }
    }
}
