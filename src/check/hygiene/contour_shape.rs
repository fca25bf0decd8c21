//! What a contour tells about how it was drawn: polygons with long chords, staircases of steps larger than a pixel, and the mean width.

use super::Hygiene;
use super::field::{Field, Piece};
use crate::check::finding::Finding;
use crate::check::finding_kind::FindingKind;
use crate::raster::contour::{Contour, mid_cracks};
use crate::raster::geometry::Point;

/// Contours shorter than this say nothing about chords and steps, px.
const LEAST_LENGTH: f64 = 40.0;
/// The polygon that stands for the contour leaves it by no more than this, px.
const EPSILON: f64 = 1.0;
/// 4π·area ÷ perimeter² from which on a region is compact; a straight scratch needs few corners and is no coarse polygon.
const COMPACT: f64 = 0.5;
/// So many coarse steps at least, lest one notch in a small region be taken for a staircase.
const LEAST_STEPS: usize = 8;

/// Length of a closed line, px.
fn length(points: &[Point]) -> f64 {
    (0..points.len()).map(|i| points[i].distance(points[(i + 1) % points.len()])).sum()
}

/// Corners of the polygon that Ramer, Douglas and Peucker's method leaves of a closed line, ends at two points far apart.
fn corners(points: &[Point], epsilon: f64) -> usize {
    if points.len() < 3 {
        return points.len();
    }
    let far = |from: usize| {
        (0..points.len()).max_by(|&a, &b| points[from].distance(points[a]).total_cmp(&points[from].distance(points[b])))
    };
    let (Some(a), Some(b)) = (far(0), far(0).and_then(far)) else { return points.len() };
    let at = |i: usize| points[i % points.len()];
    let mut open = vec![(a.min(b), a.max(b)), (a.max(b), a.min(b) + points.len())];
    let mut count = 2;
    while let Some((from, to)) = open.pop() {
        let (p, q) = (at(from), at(to));
        let (dx, dy) = (q.x - p.x, q.y - p.y);
        let base = dx.hypot(dy);
        let off = |i: usize| {
            let r = at(i);
            if base > 0.0 { (dx * (r.y - p.y) - dy * (r.x - p.x)).abs() / base } else { p.distance(r) }
        };
        let mut worst = (0.0, from);
        for i in from + 1..to {
            let d = off(i);
            if d > worst.0 {
                worst = (d, i);
            }
        }
        if worst.0 > epsilon {
            count += 1;
            open.push((from, worst.1));
            open.push((worst.1, to));
        }
    }
    count
}

/// Corners of a polygon within `epsilon` inside a circle of this perimeter.
fn corners_of_circle(perimeter: f64, epsilon: f64) -> f64 {
    let radius = perimeter / std::f64::consts::TAU;
    if radius <= epsilon {
        return 3.0;
    }
    (std::f64::consts::PI / (1.0 - epsilon / radius).acos()).max(3.0)
}

/// Straight stretches of the crack line, each with its length in px and whether the next turn is to the right.
fn stretches(contour: &Contour) -> Vec<(u32, bool)> {
    let points = &contour.points;
    let n = points.len();
    let step = |i: usize| {
        let (p, q) = (points[i % n], points[(i + 1) % n]);
        (q.x - p.x, q.y - p.y)
    };
    let is_turn = |i: usize| {
        let (dx, dy) = step(i);
        dx != 0.0 && dy != 0.0
    };
    let Some(first) = (0..n).find(|&i| is_turn(i)) else { return Vec::new() };
    let mut out = Vec::new();
    let mut long = 0;
    for i in first + 1..=first + n {
        long += 1;
        if is_turn(i) {
            // The crack before a turn is level when its middle lies between two columns of corners.
            let (dx, dy) = step(i);
            let is_level = points[i % n].x.fract() != 0.0;
            out.push((long, if is_level { dx * dy > 0.0 } else { dx * dy < 0.0 }));
            long = 0;
        }
    }
    out
}

/// Share of the length of the contours that lies on steps of two pixels or more in **both** directions, 0..=1, and the number of such
/// steps. Along a digitised smooth curve one of two neighbouring stretches is always a single pixel.
fn coarse_steps(contours: &[Contour]) -> (f64, usize) {
    let (mut coarse, mut total, mut steps) = (0_u64, 0_u64, 0);
    for contour in contours {
        let s = stretches(contour);
        let n = s.len();
        total += s.iter().map(|s| u64::from(s.0)).sum::<u64>();
        if n < 4 {
            continue;
        }
        // A stretch belongs to a staircase when the line turns one way before and the other way after it.
        let is_stair = |i: usize| s[(i + n - 1) % n].1 != s[i % n].1;
        let is_coarse = |i: usize| is_stair(i) && is_stair(i + 1) && s[i % n].0 >= 2 && s[(i + 1) % n].0 >= 2;
        for (i, stretch) in s.iter().enumerate() {
            if is_coarse(i) {
                steps += 1;
            }
            if is_coarse(i) || is_coarse(i + n - 1) {
                coarse += u64::from(stretch.0);
            }
        }
    }
    (coarse as f64 / (total as f64).max(1.0), steps)
}

/// Width of the rectangle that has this area and perimeter; a quarter of the perimeter for shapes rounder than a square. A straight or
/// bent line of even width gets its width.
fn mean_width(area: f64, perimeter: f64) -> f64 {
    let half = perimeter / 2.0;
    (half - (half * half - 4.0 * area).max(0.0).sqrt()) / 2.0
}

impl Hygiene {
    /// Thin or small regions, which have no width to be judged by.
    pub(super) fn below_resolution(&self, piece: &Piece<'_>, pixel_mm: Option<f64>) -> Option<Finding> {
        let area = piece.pixels as f64;
        let in_mm = |px: f64| pixel_mm.map_or_else(String::new, |mm| format!(" ({:.3} mm)", px * mm));
        let message = if piece.pixels < self.least_area_px {
            format!("{} px in all: too few to measure its shape", piece.pixels)
        } else {
            // The perimeter along the pixel corners is never shorter than the contour: most regions are let off without one.
            if mean_width(area, piece.cracks() as f64) >= self.least_width_px {
                return None;
            }
            // Mid-crack contours cut every corner; four of them belong to the rectangle.
            let perimeter: f64 =
                mid_cracks(piece.runs).iter().map(|c| length(&c.points)).sum::<f64>() + 4.0 * (1.0 - 0.5_f64.sqrt());
            let width = mean_width(area, perimeter);
            if width >= self.least_width_px - 1e-6 {
                return None;
            }
            format!("{width:.1} px wide{}: its width cannot be measured with these pixels", in_mm(width))
        };
        Some(Finding::new(FindingKind::BelowResolution, Some(piece.name()), piece.bounds, message))
    }

    /// Chords and steps. The caller leaves out regions whose boundary was checked and passed.
    pub(super) fn contour_shape(&self, field: &Field<'_>, piece: &Piece<'_>, out: &mut Vec<Finding>) {
        if (piece.cracks() as f64) < LEAST_LENGTH {
            return;
        }
        let contours = mid_cracks(piece.runs);
        let Some(outer) = contours.iter().find(|c| !c.is_hole) else { return };
        let (share, steps) = coarse_steps(&contours);
        if share > self.jagged_share && steps >= LEAST_STEPS {
            let message = format!("the boundary goes in steps of more than a pixel along {:.0} % of its length", 100.0 * share);
            out.push(Finding::new(FindingKind::Jagged, Some(piece.name()), piece.bounds, message));
            return;
        }
        let perimeter = length(&outer.points);
        let is_compact = 4.0 * std::f64::consts::PI * piece.pixels as f64 >= COMPACT * perimeter * perimeter;
        // The border draws straight lines of its own.
        if perimeter < LEAST_LENGTH || !is_compact || piece.is_clipped(field.map.width(), field.map.height()) {
            return;
        }
        let (has, needs) = (corners(&outer.points, EPSILON), corners_of_circle(perimeter, EPSILON));
        if (has as f64) < self.corner_share * needs {
            let message = format!("a polygon of {has} corners where a round outline of this length has {needs:.0}");
            out.push(Finding::new(FindingKind::CoarsePolygon, Some(piece.name()), piece.bounds, message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::hygiene::tests::{map, map_of};
    use crate::raster::components::Components;

    fn contours(rows: &[&str]) -> Vec<Contour> {
        mid_cracks(Components::of(&map(rows)).runs(0))
    }

    #[test]
    fn stretches_of_a_step_by_hand() {
        // Clockwise from the first turn: only the notch at the right turns left.
        let mut s = stretches(&contours(&["11.", "111"])[0]);
        s.sort_unstable();
        let mut wanted = [(2, true), (1, false), (1, true), (1, true), (3, true), (2, true)];
        wanted.sort_unstable();
        assert_eq!(s, wanted);
    }

    #[test]
    fn only_enlarged_stairs_are_coarse() {
        let stair = |k: u32| map_of(24 * k, 24 * k, |x, y| u8::from(x / k + y / k < 20));
        let share = |m: &crate::raster::LabelMap| coarse_steps(&mid_cracks(Components::of(m).runs(0))).0;
        assert_eq!(share(&stair(1)), 0.0);
        // The stairs are half of the outline but for their ends; the legs are straight.
        assert!((0.4..0.5).contains(&share(&stair(2))), "{}", share(&stair(2)));
        // Straight lines of any slope have single steps only.
        for k in 1..12 {
            let line = map_of(80, 80, |x, y| u8::from(y * 7 < x * k));
            assert_eq!(share(&line), 0.0, "slope {k}/7");
        }
    }

    #[test]
    fn corners_of_known_polygons() {
        let square = contours(&["1".repeat(30).as_str(); 30]);
        // Mid-crack lines cut the corners by half a pixel, which is less than the tolerance.
        assert_eq!(corners(&square[0].points, 1.0), 4);
        // cos(π/n) = 1 − ε/r: a circle of radius 50 needs 15.7 corners for 1 px.
        let n = corners_of_circle(100.0 * std::f64::consts::PI, 1.0);
        assert!(((std::f64::consts::PI / n).cos() - 0.98).abs() < 1e-12);
    }

    #[test]
    fn widths_of_rectangles_are_exact() {
        assert!((mean_width(40.0, 44.0) - 2.0).abs() < 1e-12);
        assert!((mean_width(20.0, 42.0) - 1.0).abs() < 1e-12);
    }
}
