//! Closed polygons to pixels by exact coverage.

use crate::raster::{Area, Point, Span};

/// The pixels of a raster of `width` × `height` px of which closed rings cover half or more.
///
/// Rings run as those of [`crate::raster::contour`]: outer ones clockwise on the screen, holes the other way; the last point is joined to
/// the first. The covered share is the exact integral of the winding number over the pixel's square (Green's theorem, one term for each
/// column that a side passes), so a ring that runs inside out covers less than nothing. Points beyond the raster are fine. The work
/// grows with the length of the rings and not with what they enclose.
pub(super) fn half_covered(rings: &[Vec<Point>], width: u32, height: u32) -> Area {
    let mut spans = Vec::new();
    for_each_stretch(rings, width, height, |y, x0, x1, share| {
        if share >= HALF {
            spans.push(Span::new(y, x0, x1));
        }
    });
    Area::from_spans(spans)
}

/// Half a pixel, with room for rounding.
pub(super) const HALF: f64 = 0.5 - 1e-9;

/// Calls `f(y, x0, x1, share)` for every stretch of equal coverage other than 0, from top to bottom and left to right.
pub(super) fn for_each_stretch(rings: &[Vec<Point>], width: u32, height: u32, mut f: impl FnMut(u32, u32, u32, f64)) {
    let mut changes: Vec<(i64, i64, f64)> = Vec::new();
    for ring in rings {
        for (i, &a) in ring.iter().enumerate() {
            add_side(&mut changes, a, ring[(i + 1) % ring.len()], height);
        }
    }
    changes.sort_unstable_by_key(|c| (c.0, c.1));
    for row in changes.chunk_by(|a, b| a.0 == b.0) {
        let mut share = 0.0;
        for (i, &(y, x, change)) in row.iter().enumerate() {
            share += change;
            let end = row.get(i + 1).map_or(x, |next| next.1);
            let (x0, x1) = (x.clamp(0, i64::from(width)) as u32, end.clamp(0, i64::from(width)) as u32);
            if x1 > x0 && share.abs() > 1e-9 {
                f(y as u32, x0, x1, share);
            }
        }
    }
}

/// Adds what the side from `a` to `b` changes: the coverage of each pixel minus that of its left neighbour.
fn add_side(changes: &mut Vec<(i64, i64, f64)>, a: Point, b: Point, height: u32) {
    // What runs up has the region to its right.
    let (sign, top, low) = if a.y < b.y { (-1.0, a, b) } else { (1.0, b, a) };
    if !(top.y < low.y && a.x.is_finite() && b.x.is_finite() && low.y - top.y < f64::from(u32::MAX)) {
        return;
    }
    let slope = (low.x - top.x) / (low.y - top.y);
    let (first, end) = (top.y.floor().max(0.0) as i64, low.y.ceil().min(f64::from(height)) as i64);
    for y in first..end {
        let (y0, y1) = (top.y.max(y as f64), low.y.min((y + 1) as f64));
        let (xa, xb) = (top.x + slope * (y0 - top.y), top.x + slope * (y1 - top.y));
        let (x0, x1) = (xa.min(xb), xa.max(xb));
        let part = sign * (y1 - y0);
        // Mean over the side of how much of a strip that ends at `u` lies right of it.
        let right = |u: f64| {
            if u <= x0 {
                0.0
            } else if u >= x1 {
                u - f64::midpoint(x0, x1)
            } else {
                (u - x0) * (u - x0) / (2.0 * (x1 - x0))
            }
        };
        let (mut before, mut passed) = (0.0, right(x0.floor()));
        for x in x0.floor() as i64..=x1.floor() as i64 + 1 {
            let next = right((x + 1) as f64);
            let share = next - passed;
            changes.push((y, x, part * (share - before)));
            (before, passed) = (share, next);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::contour::mid_cracks;
    use crate::raster::{Components, LabelMap, Plane};

    fn shares(rings: &[Vec<Point>], width: u32, height: u32) -> Plane<f64> {
        let mut out = Plane::filled(width, height, 0.0);
        for_each_stretch(rings, width, height, |y, x0, x1, share| (x0..x1).for_each(|x| out.set(x, y, share)));
        out
    }

    proptest! {
        /// A rectangle covers width × height of every pixel, whatever of it lies beyond the raster.
        #[test]
        fn a_rectangle_covers_products(x0 in -4.0_f64..8.0, y0 in -4.0_f64..8.0, w in 0.1_f64..9.0, h in 0.1_f64..9.0) {
            let (x1, y1) = (x0 + w, y0 + h);
            let ring = vec![Point::new(x0, y0), Point::new(x1, y0), Point::new(x1, y1), Point::new(x0, y1)];
            let found = shares(&[ring], 9, 7);
            let overlap = |a: f64, b: f64, p: u32| (b.min(f64::from(p) + 1.0) - a.max(f64::from(p))).max(0.0);
            for y in 0..7 {
                for x in 0..9 {
                    prop_assert!((found.at(x, y) - overlap(x0, x1, x) * overlap(y0, y1, y)).abs() < 1e-9);
                }
            }
        }

        /// The shares of a triangle inside the raster sum up to its area, and flip their sign with its direction.
        #[test]
        fn shares_sum_up_to_the_area(p in prop::array::uniform6(0.0_f64..12.0)) {
            let ring: Vec<Point> = p.chunks_exact(2).map(|c| Point::new(c[0], c[1])).collect();
            let area = ((p[2] - p[0]) * (p[5] - p[1]) - (p[4] - p[0]) * (p[3] - p[1])) / 2.0;
            let sum: f64 = shares(std::slice::from_ref(&ring), 12, 12).as_slice().iter().sum();
            prop_assert!((sum - area).abs() < 1e-6, "{} for {}", sum, area);
            let back: Vec<Point> = ring.into_iter().rev().collect();
            let sum: f64 = shares(&[back], 12, 12).as_slice().iter().sum();
            prop_assert!((sum + area).abs() < 1e-6);
        }

        /// Mid-crack contours cut off corners only: pixels come back as they were. A hole of one pixel is half covered, as is one pixel
        /// alone, and nobody can tell them apart by that.
        #[test]
        fn contours_of_pixels_cover_these_pixels(bits in prop::collection::vec(any::<bool>(), 80)) {
            let map = LabelMap::from_plane(&Plane::from_fn(10, 8, |x, y| u8::from(bits[(y * 10 + x) as usize])));
            for runs in Components::of(&map).iter() {
                let rings: Vec<Vec<Point>> = mid_cracks(runs).into_iter().map(|c| c.points).collect();
                let (share, area) = (shares(&rings, 10, 8), Area::of_runs(runs));
                for y in 0..8 {
                    for x in 0..10 {
                        prop_assert!((share.at(x, y) - 0.5).abs() < 1e-9 || (share.at(x, y) > 0.5) == area.contains(x, y));
                        prop_assert!(!area.contains(x, y) || share.at(x, y) >= HALF);
                    }
                }
            }
        }
    }
}
