//! Contours: closed lines through the middles of the cracks between a region's pixels and the rest.
//!
//! A *crack* is the unit edge between a pixel of the region and a pixel that is none. The line through the middles of consecutive
//! cracks is the half-level iso-line of the 0/1 mask (marching squares at ½), so it lies on the visible border of the label to within
//! half a pixel, without the staircase of the pixel corners.

use super::geometry::{PixelRect, Point};
use super::runs::Run;

/// One closed contour of a region. The first point is not repeated at the end.
#[derive(Clone, Debug, PartialEq)]
pub struct Contour {
    /// Middles of the cracks in image space, px, in the order of travel: the region lies to the right hand of the way on a screen with
    /// y downwards, so outer contours run clockwise and contours of holes counter-clockwise.
    pub points: Vec<Point>,
    /// The contour bounds a hole and not the outside.
    pub is_hole: bool,
}

/// The mid-crack contours of one region, outer ones and holes, in the order in which their first crack is met from top left.
///
/// Pixels that touch at a corner only belong together (8-connected region, 4-connected background), so a component has exactly one
/// outer contour. `runs` may come in any order; the work and the memory grow with the area of their bounding box.
#[must_use]
pub fn mid_cracks(runs: &[Run]) -> Vec<Contour> {
    let mut raster = Bitmap::of(runs);
    let mut out = Vec::new();
    // Every contour, of a hole too, has a crack above one of the region's pixels.
    for run in runs {
        for x in run.x0..run.x1 {
            if raster.is_open_top(x, run.y) {
                out.push(raster.walk(x, run.y));
            }
        }
    }
    out
}

/// Steps right, down, left, up; the next entry is a turn to the right.
const STEP: [(i64, i64); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

const INSIDE: u8 = 1;
const TOP_WALKED: u8 = 2;

/// The region's pixels with a margin of one blank pixel on every side.
struct Bitmap {
    bounds: PixelRect,
    stride: usize,
    cells: Vec<u8>,
}

impl Bitmap {
    fn of(runs: &[Run]) -> Self {
        let bounds = runs.iter().fold(PixelRect::EMPTY, |all, r| all.union(PixelRect::new(r.x0, r.y, r.x1, r.y + 1)));
        let stride = bounds.width() as usize + 2;
        let mut cells = vec![0; stride * (bounds.height() as usize + 2)];
        for r in runs.iter().filter(|r| !r.is_empty()) {
            let row = (r.y - bounds.y0 + 1) as usize * stride;
            let (a, b) = ((r.x0 - bounds.x0 + 1) as usize, (r.x1 - bounds.x0 + 1) as usize);
            cells[row + a..row + b].fill(INSIDE);
        }
        Self { bounds, stride, cells }
    }

    /// Index of the pixel whose upper left corner is `(x, y)` in image space.
    fn index(&self, x: i64, y: i64) -> usize {
        (y - i64::from(self.bounds.y0) + 1) as usize * self.stride + (x - i64::from(self.bounds.x0) + 1) as usize
    }

    fn is_inside(&self, x: i64, y: i64) -> bool {
        self.cells[self.index(x, y)] & INSIDE != 0
    }

    /// The pixel belongs to the region, the one above does not, and no contour has passed between them yet.
    fn is_open_top(&self, x: u32, y: u32) -> bool {
        let (x, y) = (i64::from(x), i64::from(y));
        self.cells[self.index(x, y)] == INSIDE && !self.is_inside(x, y - 1)
    }

    /// Follows the contour that passes above pixel (x, y), from left to right.
    fn walk(&mut self, x: u32, y: u32) -> Contour {
        let start = (i64::from(x), i64::from(y));
        let (mut corner, mut heading) = (start, 0_usize);
        let mut points = Vec::new();
        let mut twice_area = 0_i64;
        loop {
            let (dx, dy) = STEP[heading];
            if heading == 0 {
                let index = self.index(corner.0, corner.1);
                self.cells[index] |= TOP_WALKED;
            }
            points.push(Point::new(corner.0 as f64 + dx as f64 / 2.0, corner.1 as f64 + dy as f64 / 2.0));
            twice_area += corner.0 * dy - corner.1 * dx;
            corner = (corner.0 + dx, corner.1 + dy);
            let (ahead_left, ahead_right) = match heading {
                0 => ((0, -1), (0, 0)),
                1 => ((0, 0), (-1, 0)),
                2 => ((-1, 0), (-1, -1)),
                _ => ((-1, -1), (0, -1)),
            };
            // Left first: at a corner where two pixels of the region touch, the contour goes over to the other one.
            if self.is_inside(corner.0 + ahead_left.0, corner.1 + ahead_left.1) {
                heading = (heading + 3) % 4;
            } else if !self.is_inside(corner.0 + ahead_right.0, corner.1 + ahead_right.1) {
                heading = (heading + 1) % 4;
            }
            if corner == start && heading == 0 {
                return Contour { points, is_hole: twice_area < 0 };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::components::Components;
    use crate::raster::label_map::LabelMap;
    use crate::raster::plane::Plane;
    use proptest::prelude::*;

    fn region(rows: &[&str]) -> Vec<Run> {
        let plane = Plane::from_fn(rows[0].len() as u32, rows.len() as u32, |x, y| {
            u8::from(rows[y as usize].as_bytes()[x as usize] == b'#')
        });
        Components::of(&LabelMap::from_plane(&plane)).runs(0).to_vec()
    }

    fn area(contour: &Contour) -> f64 {
        let p = &contour.points;
        (0..p.len()).map(|i| p[i].x * p[(i + 1) % p.len()].y - p[(i + 1) % p.len()].x * p[i].y).sum::<f64>() / 2.0
    }

    #[test]
    fn one_pixel_has_a_diamond_of_half_its_area() {
        let c = mid_cracks(&region(&["...", ".#.", "..."]));
        assert_eq!(c.len(), 1);
        assert_eq!(c[0].points, [Point::new(1.5, 1.0), Point::new(2.0, 1.5), Point::new(1.5, 2.0), Point::new(1.0, 1.5)]);
        assert!(!c[0].is_hole);
        assert_eq!(area(&c[0]), 0.5);
    }

    #[test]
    fn a_ring_has_an_outer_contour_and_a_hole_that_runs_the_other_way() {
        let c = mid_cracks(&region(&["#####", "#...#", "#...#", "#####"]));
        assert_eq!(c.len(), 2);
        assert_eq!((c[0].is_hole, c[0].points.len()), (false, 18));
        assert_eq!((c[1].is_hole, c[1].points.len()), (true, 10));
        assert!(area(&c[0]) > 0.0 && area(&c[1]) < 0.0);
    }

    #[test]
    fn pixels_that_touch_at_a_corner_share_one_contour() {
        assert_eq!(mid_cracks(&region(&["#.", ".#"])).len(), 1);
        // The background pixels that touch at a corner inside a region are two holes.
        let holes = mid_cracks(&region(&["####", "#.##", "##.#", "####"]));
        assert_eq!(holes.iter().filter(|c| c.is_hole).count(), 2);
    }

    #[test]
    fn no_runs_no_contours() {
        assert!(mid_cracks(&[]).is_empty());
    }

    proptest! {
        /// Every crack is passed exactly once, and the shoelace areas differ from the pixel count by ⅛ px² per turn only.
        #[test]
        fn all_cracks_are_passed_once(bits in proptest::collection::vec(any::<bool>(), 63)) {
            let plane = Plane::from_fn(9, 7, |x, y| u8::from(bits[(y * 9 + x) as usize]));
            let map = LabelMap::from_plane(&plane);
            for runs in Components::of(&map).iter() {
                let contours = mid_cracks(runs);
                prop_assert_eq!(contours.iter().filter(|c| !c.is_hole).count(), 1);
                let inside = |x: i64, y: i64| runs.iter().any(|r| i64::from(r.y) == y && (i64::from(r.x0)..i64::from(r.x1)).contains(&x));
                let mut cracks = std::collections::BTreeSet::new();
                for y in 0..7 {
                    for x in 0..9 {
                        if inside(x, y) {
                            for (dx, dy) in STEP {
                                if !inside(x + dx, y + dy) {
                                    cracks.insert((2 * x + 1 + dx, 2 * y + 1 + dy));
                                }
                            }
                        }
                    }
                }
                let passed: Vec<(i64, i64)> =
                    contours.iter().flat_map(|c| &c.points).map(|p| ((p.x * 2.0) as i64, (p.y * 2.0) as i64)).collect();
                prop_assert_eq!(passed.len(), cracks.len());
                prop_assert_eq!(passed.into_iter().collect::<std::collections::BTreeSet<_>>(), cracks);
                for c in &contours {
                    for (i, p) in c.points.iter().enumerate() {
                        let step = p.distance(c.points[(i + 1) % c.points.len()]);
                        prop_assert!(step == 1.0 || (step - 0.5_f64.sqrt()).abs() < 1e-12);
                    }
                }
            }
        }
    }
}
