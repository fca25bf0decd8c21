//! Growing, shrinking, opening, closing and smoothing of areas with a round disc.
//!
//! Radii are in px between pixel centres, at most [`MAX_RADIUS_PX`]; what is no number or below 0 counts as 0. A disc of a radius
//! below 1 holds its own centre only, so such a radius changes nothing.
//!
//! All functions know the size of the image, because its border is no border of the area: nothing grows beyond it, and an area that the
//! image cuts off is not eaten from there. So [`grow`] and [`shrink`] are dual on the image (one on the area is the other on the rest),
//! [`open`] never adds and [`close`] never removes a pixel, and doing either twice changes nothing more.

use std::ops::Range;

use crate::raster::{Area, PixelRect, Plane, Span};

/// The largest radius, in px; larger ones are taken for this one.
pub const MAX_RADIUS_PX: f64 = 64.0;

/// The pixels of the image whose centre lies at most `radius_px` from the centre of a pixel of the area.
#[must_use]
pub fn grow(area: &Area, radius_px: f64, width: u32, height: u32) -> Area {
    let disc = Disc::new(radius_px);
    let area = area.cut_to(PixelRect::of_size(width, height));
    if disc.is_point() {
        return area;
    }
    let rect = area.bounds().grown(disc.reach(), width, height);
    within_reach(&rows_of(&area, rect), rect, &disc)
}

/// The pixels of the area whose centre lies farther than `radius_px` from the centre of every pixel of the image that is not in it.
#[must_use]
pub fn shrink(area: &Area, radius_px: f64, width: u32, height: u32) -> Area {
    let disc = Disc::new(radius_px);
    let area = area.cut_to(PixelRect::of_size(width, height));
    if disc.is_point() {
        return area;
    }
    // The nearest pixel outside never lies beyond a margin of one pixel.
    let rect = area.bounds().grown(1, width, height);
    let rest = Area::of_rect(rect).minus(&area);
    area.minus(&within_reach(&rows_of(&rest, rect), rect, &disc))
}

/// The area without what a disc of this radius does not fit into: thin spurs, bridges and specks. [`shrink`], then [`grow`].
#[must_use]
pub fn open(area: &Area, radius_px: f64, width: u32, height: u32) -> Area {
    grow(&shrink(area, radius_px, width, height), radius_px, width, height)
}

/// The area with all that a disc of this radius cannot get into from outside: cracks, bays and small holes. [`grow`], then [`shrink`].
#[must_use]
pub fn close(area: &Area, radius_px: f64, width: u32, height: u32) -> Area {
    shrink(&grow(area, radius_px, width, height), radius_px, width, height)
}

/// The band along the border of the area, on both sides of it: what [`grow`] adds and what [`shrink`] takes away, each `radius_px` wide.
#[must_use]
pub fn outline(area: &Area, radius_px: f64, width: u32, height: u32) -> Area {
    grow(area, radius_px, width, height).minus(&shrink(area, radius_px, width, height))
}

/// The area without its staircase: every pixel goes with the majority of the disc around it; where that is even, it stays as it is.
///
/// The border stays where it is as long as it is straight; one with a radius of curvature R moves inwards by about `radius_px`² / (6 R)
/// (0.03 px for 2 px and R = 20 px). What is thinner than the disc's radius, specks and corners, goes: keep the radius below half the
/// width of what shall stay. A comb with teeth at every other pixel has no majority and may stay one.
#[must_use]
pub fn smooth(area: &Area, radius_px: f64, width: u32, height: u32) -> Area {
    let disc = Disc::new(radius_px);
    let area = area.cut_to(PixelRect::of_size(width, height));
    if disc.is_point() || area.is_empty() {
        return area;
    }
    let reach = disc.reach() as usize;
    let rect = with_near_border(area.bounds(), disc.reach(), width, height);
    let (w, h) = (rect.width() as usize, rect.height() as usize);
    // Sums along rows, with a margin that holds what lies beside the box: nothing.
    let stride = w + 2 * reach + 1;
    let mut sums = vec![0_u16; stride * h];
    for span in area.spans() {
        let row = &mut sums[(span.y - rect.y0) as usize * stride..][..stride];
        let (x0, x1) = ((span.x0 - rect.x0) as usize + reach, (span.x1 - rect.x0) as usize + reach);
        row[x0 + 1..=x1].fill(1);
    }
    for row in sums.chunks_exact_mut(stride) {
        let mut sum = 0_u16;
        for value in row {
            // May wrap: only differences over the width of the disc are used.
            sum = sum.wrapping_add(*value);
            *value = sum;
        }
    }
    let mask = area.mask(rect);
    let (mut counts, mut spans) = (vec![0_u16; w], Vec::new());
    for y in 0..h {
        counts.fill(0);
        for (dy, half) in disc.rows() {
            let Some(row) = (y as i64 + dy).try_into().ok().filter(|&row: &usize| row < h) else { continue };
            let sums = &sums[row * stride..][..stride];
            let (left, right) = (&sums[reach - half..][..w], &sums[reach + half + 1..][..w]);
            for ((count, left), right) in counts.iter_mut().zip(left).zip(right) {
                *count += right.wrapping_sub(*left);
            }
        }
        let y = rect.y0 + y as u32;
        let is_whole_row = y >= disc.reach() && y + disc.reach() < height;
        let is_in = |x: usize| {
            let column = rect.x0 + x as u32;
            let is_whole = is_whole_row && column >= disc.reach() && column + disc.reach() < width;
            let size = if is_whole { disc.size } else { disc.size_on_image(column, y, width, height) };
            let twice = 2 * u32::from(counts[x]);
            twice > size || (twice == size && mask.at(x as u32, y - rect.y0))
        };
        push_stretches(&mut spans, y, rect.x0, w, is_in);
    }
    Area::from_spans(spans)
}

/// The pixels that a majority can win. Of a disc around a pixel beyond the bounding box more than half lies beyond it too, unless the
/// border of the image cuts it.
fn with_near_border(bounds: PixelRect, reach: u32, width: u32, height: u32) -> PixelRect {
    let first = |at: u32| if at < reach { 0 } else { at };
    let end = |at: u32, size: u32| if size - at < reach { size } else { at };
    PixelRect::new(first(bounds.x0), first(bounds.y0), end(bounds.x1, width), end(bounds.y1, height))
}

/// The pixels of a disc around a pixel: for each row the half-width, both without the centre.
struct Disc {
    /// Half-widths for the distances 0, 1, 2, … of a row from the centre.
    halves: Vec<u32>,
    /// Number of pixels.
    size: u32,
}

impl Disc {
    fn new(radius_px: f64) -> Self {
        let radius = if radius_px > 0.0 { radius_px.min(MAX_RADIUS_PX) } else { 0.0 };
        let squared = radius * radius;
        let half = |dy: u32| {
            let rest = squared - f64::from(dy * dy);
            (rest >= 0.0).then(|| {
                let root = rest.sqrt() as u32;
                // The root may be rounded over a whole number.
                if f64::from((root + 1).pow(2) + dy * dy) <= squared { root + 1 } else { root }
            })
        };
        let halves: Vec<u32> = (0..=radius as u32).map_while(half).collect();
        let size = halves.iter().enumerate().map(|(dy, half)| (2 * half + 1) * if dy == 0 { 1 } else { 2 }).sum();
        Self { halves, size }
    }

    fn is_point(&self) -> bool {
        self.halves.len() == 1
    }

    /// The farthest row and column, in px.
    fn reach(&self) -> u32 {
        self.halves.len() as u32 - 1
    }

    /// Rows as `(dy, half-width)`.
    fn rows(&self) -> impl Iterator<Item = (i64, usize)> {
        let reach = i64::from(self.reach());
        (-reach..=reach).map(|dy| (dy, self.halves[dy.unsigned_abs() as usize] as usize))
    }

    /// How many of its pixels lie on the image when it stands on (x, y).
    fn size_on_image(&self, x: u32, y: u32, width: u32, height: u32) -> u32 {
        let rows = self.rows().filter(|(dy, _)| (0..i64::from(height)).contains(&(i64::from(y) + dy)));
        rows.map(|(_, half)| (x + half as u32 + 1).min(width) - x.saturating_sub(half as u32)).sum()
    }
}

/// For each row of `rect` the spans of the area in it, as columns from its left side.
fn rows_of(area: &Area, rect: PixelRect) -> Vec<Vec<Range<usize>>> {
    let mut rows = vec![Vec::new(); rect.height() as usize];
    for s in area.spans() {
        rows[(s.y - rect.y0) as usize].push((s.x0 - rect.x0) as usize..(s.x1 - rect.x0) as usize);
    }
    rows
}

/// The pixels of `rect` in reach of a disc around a pixel of `rows`.
///
/// The nearest pixel of its column decides how far a column reaches to both sides in a row; so one pass down and one up for the
/// columns, then one to the right and one to the left for the rows, whatever the radius.
fn within_reach(rows: &[Vec<Range<usize>>], rect: PixelRect, disc: &Disc) -> Area {
    let (w, far) = (rect.width() as usize, disc.halves.len() as u8);
    // Distance within the column, in px; `far` for out of reach.
    let mut near = Plane::filled(rect.width(), rect.height(), far);
    let mut open = vec![far; w];
    for (y, spans) in rows.iter().enumerate() {
        count_on(&mut open, spans, far);
        near.row_mut(y as u32).copy_from_slice(&open);
    }
    open.fill(far);
    // How far to the left or right a column reaches, for each distance; 0 for not even itself.
    let mut reach = [0_u8; MAX_RADIUS_PX as usize + 2];
    for (reach, half) in reach.iter_mut().zip(&disc.halves) {
        *reach = *half as u8 + 1;
    }
    let (mut from_left, mut reaches, mut spans) = (vec![false; w], vec![0_u8; w], Vec::new());
    for (y, own) in rows.iter().enumerate().rev() {
        count_on(&mut open, own, far);
        let row = near.row(y as u32);
        let mut any = false;
        for (((reaches, up), down), _) in reaches.iter_mut().zip(&open).zip(row).zip(0..w) {
            *reaches = reach[*up.min(down) as usize];
            any |= *reaches > 0;
        }
        if !any {
            continue;
        }
        let mut left = 0_u8;
        for (covered, here) in from_left.iter_mut().zip(&reaches) {
            left = left.saturating_sub(1).max(*here);
            *covered = left > 0;
        }
        let mut left = 0_u8;
        for (covered, here) in from_left.iter_mut().zip(&reaches).rev() {
            left = left.saturating_sub(1).max(*here);
            *covered |= left > 0;
        }
        push_stretches(&mut spans, rect.y0 + y as u32, rect.x0, w, |x| from_left[x]);
    }
    Area::from_spans(spans)
}

/// Goes on by one row: one px farther from the last pixel of each column, 0 on the pixels of this row.
fn count_on(open: &mut [u8], own: &[Range<usize>], far: u8) {
    for d in &mut *open {
        *d = (*d + 1).min(far);
    }
    for span in own {
        open[span.clone()].fill(0);
    }
}

/// Appends the stretches of columns `0..width`, counted from `offset`, where `is_in` holds.
fn push_stretches(spans: &mut Vec<Span>, y: u32, offset: u32, width: usize, is_in: impl Fn(usize) -> bool) {
    let mut start = None;
    for x in 0..width {
        match (is_in(x), start) {
            (true, None) => start = Some(x),
            (false, Some(from)) => {
                spans.push(Span::new(y, offset + from as u32, offset + x as u32));
                start = None;
            }
            _ => {}
        }
    }
    if let Some(from) = start {
        spans.push(Span::new(y, offset + from as u32, offset + width as u32));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::Point;

    const W: u32 = 26;
    const H: u32 = 19;

    fn areas() -> impl Strategy<Value = Area> {
        let spans =
            prop::collection::vec((0_u32..H, 0_u32..W, 0_u32..12).prop_map(|(y, x, n)| Span::new(y, x, (x + n).min(W))), 0..40);
        spans.prop_map(Area::from_spans)
    }

    fn of_image(is_in: impl Fn(u32, u32) -> bool) -> Area {
        Area::of_mask(&Plane::from_fn(W, H, is_in), (0, 0))
    }

    fn any_near(x: u32, y: u32, r: f64, is_wanted: impl Fn(u32, u32) -> bool) -> bool {
        let all = (0..H).flat_map(|v| (0..W).map(move |u| (u, v)));
        all.filter(|&(u, v)| f64::from(u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2)) <= r * r).any(|(u, v)| is_wanted(u, v))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn each_operation_is_its_definition(area in areas(), r in prop::sample::select(vec![0.5, 1.0, 1.5, 2.0, 2.5, 3.0, 5.0, 7.3, 40.0])) {
            let grown = grow(&area, r, W, H);
            prop_assert_eq!(&grown, &of_image(|x, y| any_near(x, y, r, |u, v| area.contains(u, v))));
            let shrunk = shrink(&area, r, W, H);
            prop_assert_eq!(&shrunk, &of_image(|x, y| !any_near(x, y, r, |u, v| !area.contains(u, v))));
            prop_assert_eq!(outline(&area, r, W, H), grown.minus(&shrunk));
            let expected = of_image(|x, y| {
                let all = (0..H).flat_map(|v| (0..W).map(move |u| (u, v)));
                let (mut size, mut inside) = (0, 0);
                for (u, v) in all.filter(|&(u, v)| f64::from(u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2)) <= r * r) {
                    size += 1;
                    inside += u32::from(area.contains(u, v));
                }
                2 * inside > size || (2 * inside == size && area.contains(x, y))
            });
            prop_assert_eq!(smooth(&area, r, W, H), expected);
        }

        #[test]
        fn opening_and_closing_are_what_the_algebra_says(area in areas(), r in 0.5..6.0_f64) {
            let rest = Area::of_rect(PixelRect::of_size(W, H)).minus(&area);
            prop_assert_eq!(shrink(&area, r, W, H), Area::of_rect(PixelRect::of_size(W, H)).minus(&grow(&rest, r, W, H)));
            let (opened, closed) = (open(&area, r, W, H), close(&area, r, W, H));
            prop_assert!(opened.minus(&area).is_empty() && area.minus(&closed).is_empty());
            prop_assert_eq!(open(&opened, r, W, H), opened);
            prop_assert_eq!(close(&closed, r, W, H), closed);
        }
    }

    fn disc(cx: f64, cy: f64, r: f64, side: u32) -> Area {
        Area::of_mask(
            &Plane::from_fn(side, side, |x, y| {
                Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5).distance(Point::new(cx, cy)) <= r
            }),
            (0, 0),
        )
    }

    #[test]
    fn a_disc_grows_and_shrinks_to_the_disc_of_the_other_radius() {
        let side = 400;
        for r in [3.0, 16.0, 64.0] {
            let start = disc(200.3, 199.8, 80.0, side);
            for (found, radius) in [(grow(&start, r, side, side), 80.0 + r), (shrink(&start, r, side, side), 80.0 - r)] {
                let exact = disc(200.3, 199.8, radius, side);
                let wrong = found.minus(&exact).union(&exact.minus(&found));
                // The pixels of a disc lie up to a pixel within it, so the border is true to a pixel.
                let band = disc(200.3, 199.8, radius + 1.0, side).minus(&disc(200.3, 199.8, radius - 1.0, side));
                assert!(wrong.minus(&band).is_empty(), "{r}");
            }
        }
    }

    #[test]
    fn smoothing_leaves_large_shapes_where_they_are() {
        for r in [1.0, 2.0, 3.0] {
            for (cx, cy) in [(40.0, 40.0), (40.3, 39.6), (40.5, 40.5)] {
                let before = disc(cx, cy, 20.0, 80);
                let after = smooth(&before, r, 80, 80);
                let change = after.pixels() as f64 / before.pixels() as f64 - 1.0;
                assert!(change.abs() < 0.01, "r {r} at ({cx}, {cy}): the area changes by {:.2} %", change * 100.0);
                let border = disc(cx, cy, 20.5, 80).minus(&disc(cx, cy, 19.5, 80));
                let moved = before.minus(&after).union(&after.minus(&before));
                assert!(moved.minus(&border).is_empty(), "no pixel farther than half a pixel from the border changes");
            }
        }
        // Half-planes of many directions that end at the border of the image.
        for degrees in (0..360).step_by(7) {
            let (sin, cos) = f64::from(degrees).to_radians().sin_cos();
            let depth = |x: u32, y: u32| (f64::from(x) + 0.5 - 40.2) * cos + (f64::from(y) + 0.5 - 40.1) * sin;
            let before = Area::of_mask(&Plane::from_fn(80, 80, |x, y| depth(x, y) <= 0.0), (0, 0));
            let after = smooth(&before, 3.0, 80, 80);
            for s in before.minus(&after).union(&after.minus(&before)).spans() {
                for x in (s.x0..s.x1).filter(|&x| (4..76).contains(&x) && (4..76).contains(&s.y)) {
                    assert!(
                        depth(x, s.y).abs() <= 0.5,
                        "{degrees}°: pixel ({x}, {}) lies {:.2} px from the line",
                        s.y,
                        depth(x, s.y)
                    );
                }
            }
        }
    }

    #[test]
    fn smoothing_takes_teeth_off_an_edge() {
        // Single teeth and notches of one to two pixels on a straight edge.
        let tooth = |x: u32| match x % 20 {
            4 | 5 => 31,
            9 => 29,
            14 => 32,
            _ => 30,
        };
        let teeth = Area::of_mask(&Plane::from_fn(100, 60, |x, y| y < tooth(x)), (0, 0));
        assert_eq!(smooth(&teeth, 4.0, 100, 60), Area::of_rect(PixelRect::new(0, 0, 100, 30)));
    }

    #[test]
    fn odd_radii_and_empty_areas_do_no_harm() {
        let area = disc(10.0, 10.0, 5.0, 20);
        for r in [f64::NAN, -3.0, 0.0, 0.9] {
            assert_eq!(grow(&area, r, 20, 20), area);
            assert_eq!(shrink(&area, r, 20, 20), area);
            assert_eq!(smooth(&area, r, 20, 20), area);
        }
        assert_eq!(grow(&area, f64::INFINITY, 300, 300), grow(&area, MAX_RADIUS_PX, 300, 300));
        let nothing = Area::new();
        assert!(grow(&nothing, 3.0, 20, 20).is_empty() && smooth(&nothing, 3.0, 20, 20).is_empty());
        assert!(shrink(&nothing, 3.0, 20, 20).is_empty() && close(&nothing, 3.0, 20, 20).is_empty());
        let all = Area::of_rect(PixelRect::of_size(20, 20));
        assert_eq!(shrink(&all, 5.0, 20, 20), all);
    }
}
