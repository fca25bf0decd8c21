//! Splitting one region into several: along a line drawn by hand, or at the necks between blobs that touch.

use super::cells::{CUT, Cells, NOTHING};
use super::islands::{Neighbours, components};
use crate::raster::distance::squared_distances;
use crate::raster::{Area, PixelRect, Point, Span};

/// An area come apart: `pieces` and `cut` share no pixel and together are the area.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// At least two, the largest first; no two of them touch, not even at a corner.
    pub pieces: Vec<Area>,
    /// The pixels between the pieces, to be erased: as few as keep them apart, a line one pixel wide.
    pub cut: Area,
}

/// Cuts an area along a path, in image px. None when nothing comes apart: when the path misses the area, ends inside it or cuts a ring only
/// once. Ends inside the area are not extended; stretches of the path that separate nothing cut nothing. A path with a point that is not
/// finite cuts nothing.
#[must_use]
pub fn knife(area: &Area, path: &[Point]) -> Option<Split> {
    cut_along(area, &chain(path, area.bounds())?.intersection(area))
}

/// Cuts an area at its necks: where it is at least `min_neck_px` narrower than in the narrower one of the blobs on both sides. None when it
/// has no such neck. Widths are those of the largest disc that fits in, and the pixel grid makes them uncertain by up to three px; so
/// `min_neck_px` below 1, or no number, counts as 1, and 3 is a good start, with which straight scratches and single blobs stay whole.
///
/// Watershed of the exact distance to the border: pixels are taken from the innermost outwards; a pixel between two blobs joins them when one of
/// them is at this place not `min_neck_px` wider (h-maxima with h = `min_neck_px` / 2), and becomes part of the cut otherwise. A cut from
/// border to border is then drawn straight between the places where its two ends come nearest to each other: within a pixel of the common
/// chord of two discs while that is 0.4 to 0.74 times as long as the smaller one is wide, a few pixels off where the notch is flatter. Sides
/// of the area's bounding box up to 32 000 px; larger ones are not split.
#[must_use]
pub fn watershed(area: &Area, min_neck_px: f64) -> Option<Split> {
    let bounds = area.bounds();
    if area.is_empty() || bounds.width().max(bounds.height()) > 32_000 {
        return None;
    }
    let height = min_neck_px.max(1.0) / 2.0;
    let mut cells = Cells::new(bounds);
    let distances = squared_distances(&cells.mask(area)).into_vec();
    let mut order: Vec<u32> = (0..distances.len() as u32).filter(|&i| distances[i as usize] > 0).collect();
    // Stable: pixels of one distance from top left.
    order.sort_by_key(|&i| std::cmp::Reverse(distances[i as usize]));
    let mut basins = Basins::default();
    for at in order {
        let at = at as usize;
        let d = f64::from(distances[at]).sqrt();
        let (roots, touches_cut) = cells.neighbours(at, |number| basins.root(number));
        cells.values[at] = match roots.as_slice() {
            [] if touches_cut => CUT,
            [] => basins.add(d),
            roots => basins.meet(roots, d, height),
        };
    }
    for value in &mut cells.values {
        if *value != NOTHING && *value != CUT {
            *value = basins.root(*value);
        }
    }
    let split = cells.apart(area)?;
    Some(straightened(&split, &cells.necks(), area).unwrap_or(split))
}

/// The split with straight cuts through its necks. None when that would not leave as many pieces.
fn straightened(split: &Split, necks: &[(Area, Point, Point)], area: &Area) -> Option<Split> {
    let mut cut = split.cut.clone();
    for (part, a, b) in necks {
        // A little farther at both ends, so that no corner is left.
        let (dx, dy) = ((b.x - a.x) / a.distance(*b).max(1.0), (b.y - a.y) / a.distance(*b).max(1.0));
        let line = chain(&[Point::new(a.x - dx, a.y - dy), Point::new(b.x + dx, b.y + dy)], area.bounds())?;
        cut = cut.minus(part).union(&line.intersection(area));
    }
    cut_along(area, &cut).filter(|straight| straight.pieces.len() == split.pieces.len())
}

/// The split that taking these pixels of the area out makes.
fn cut_along(area: &Area, cut: &Area) -> Option<Split> {
    if cut.is_empty() {
        return None;
    }
    let mut cells = Cells::new(area.bounds());
    for (number, part) in (1..).zip(components(&area.minus(cut), Neighbours::Eight)) {
        cells.write(&part, number);
    }
    cells.write(cut, CUT);
    cells.apart(area)
}

/// The pixels that a path passes through, each beside the one before (4-connected), as far as they matter to an area with these bounds.
/// None when a point is not finite.
fn chain(path: &[Point], bounds: PixelRect) -> Option<Area> {
    if !path.iter().all(|p| p.x.is_finite() && p.y.is_finite()) {
        return None;
    }
    let reach = Frame::around(bounds);
    let mut spans = Vec::new();
    for pair in path.windows(2) {
        if let Some((a, b)) = reach.clip(pair[0], pair[1]) {
            walk(a, b, |x, y| {
                if let (Ok(x), Ok(y)) = (u32::try_from(x), u32::try_from(y)) {
                    spans.push(Span::new(y, x, x + 1));
                }
            });
        }
    }
    Some(Area::from_spans(spans))
}

/// Blobs that grow from the innermost pixels and join.
#[derive(Default)]
struct Basins {
    /// Number 0 stands for nothing.
    parent: Vec<u32>,
    /// The largest distance to the border, in px.
    peak: Vec<f64>,
}

impl Basins {
    fn add(&mut self, peak: f64) -> u32 {
        if self.parent.is_empty() {
            self.parent.push(0);
            self.peak.push(0.0);
        }
        let number = self.parent.len() as u32;
        self.parent.push(number);
        self.peak.push(peak);
        number
    }

    fn root(&mut self, mut i: u32) -> u32 {
        while self.parent[i as usize] != i {
            self.parent[i as usize] = self.parent[self.parent[i as usize] as usize];
            i = self.parent[i as usize];
        }
        i
    }

    /// What a pixel at distance `d` between these blobs becomes: part of the highest one, after the flat ones joined it, or of the cut.
    fn meet(&mut self, roots: &[u32], d: f64, height: f64) -> u32 {
        let peak = |i: &u32| self.peak[*i as usize];
        let Some(highest) = roots.iter().copied().max_by(|a, b| peak(a).total_cmp(&peak(b)).then(b.cmp(a))) else { return NOTHING };
        let mut is_between = false;
        for &other in roots.iter().filter(|&&r| r != highest) {
            if self.peak[other as usize] - d < height {
                self.parent[other as usize] = highest;
            } else {
                is_between = true;
            }
        }
        if is_between { CUT } else { highest }
    }
}

/// A rectangle somewhat larger than an area's bounds: what a path does beyond it does not matter.
struct Frame {
    low: Point,
    high: Point,
}

impl Frame {
    fn around(rect: PixelRect) -> Self {
        let low = Point::new(f64::from(rect.x0) - 2.0, f64::from(rect.y0) - 2.0);
        Self { low, high: Point::new(f64::from(rect.x1) + 2.0, f64::from(rect.y1) + 2.0) }
    }

    /// The part of a segment inside (Liang and Barsky).
    fn clip(&self, a: Point, b: Point) -> Option<(Point, Point)> {
        let (mut from, mut to) = (0.0_f64, 1.0_f64);
        for (at, by, low, high) in [(a.x, b.x - a.x, self.low.x, self.high.x), (a.y, b.y - a.y, self.low.y, self.high.y)] {
            if by == 0.0 {
                if at < low || at > high {
                    return None;
                }
                continue;
            }
            let (one, other) = ((low - at) / by, (high - at) / by);
            from = from.max(one.min(other));
            to = to.min(one.max(other));
        }
        let at = |t: f64| Point::new(a.x + (b.x - a.x) * t, a.y + (b.y - a.y) * t);
        // A whole segment keeps its ends as they are, so that the next one starts in the same pixel.
        let (start, end) = (if from == 0.0 { a } else { at(from) }, if to == 1.0 { b } else { at(to) });
        (from <= to && start.x.is_finite() && start.y.is_finite() && end.x.is_finite() && end.y.is_finite()).then_some((start, end))
    }
}

/// The pixels that a segment passes through, each beside the one before (4-connected).
fn walk(a: Point, b: Point, mut f: impl FnMut(i64, i64)) {
    let (mut x, mut y) = (a.x.floor() as i64, a.y.floor() as i64);
    let (end_x, end_y) = (b.x.floor() as i64, b.y.floor() as i64);
    let (step_x, step_y) = ((end_x - x).signum(), (end_y - y).signum());
    f(x, y);
    while (x, y) != (end_x, end_y) {
        // How far along the segment the next column and the next row begin.
        let to_column = ((x + i64::from(step_x > 0)) as f64 - a.x) / (b.x - a.x);
        let to_row = ((y + i64::from(step_y > 0)) as f64 - a.y) / (b.y - a.y);
        if y == end_y || (x != end_x && to_column <= to_row) {
            x += step_x;
        } else {
            y += step_y;
        }
        f(x, y);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paint::Brush;
    use crate::paint::islands::islands;
    use crate::paint::shape::{ellipse, polygon, stroke_path};
    use crate::raster::Plane;

    fn disc(centre: Point, r: f64) -> Area {
        ellipse(Point::new(centre.x - r, centre.y - r), Point::new(centre.x + r, centre.y + r), 400, 400)
    }

    /// What every split must be, by the definition.
    fn assert_sound(split: &Split, area: &Area) -> Result<(), TestCaseError> {
        let all = split.pieces.iter().fold(split.cut.clone(), |all, p| all.union(p));
        prop_assert_eq!(&all, area);
        let pixels = split.cut.pixels() + split.pieces.iter().map(Area::pixels).sum::<u64>();
        prop_assert_eq!(pixels, area.pixels(), "nothing twice");
        prop_assert!(split.pieces.len() >= 2);
        let whole = islands(area).len();
        prop_assert!(split.pieces.len() > whole);
        for (i, piece) in split.pieces.iter().enumerate() {
            prop_assert_eq!(islands(piece).len(), 1);
            for other in &split.pieces[..i] {
                prop_assert_eq!(islands(&piece.union(other)).len(), 2, "pieces do not touch");
            }
        }
        // Thinnest: any pixel of the cut put back joins something.
        for s in split.cut.spans() {
            for x in s.x0..s.x1 {
                let pixel = Area::from_spans(vec![Span::new(s.y, x, x + 1)]);
                let touched = split.pieces.iter().filter(|p| islands(&p.union(&pixel)).len() == 1).count();
                prop_assert!(touched >= 2, "pixel ({}, {}) separates nothing", x, s.y);
            }
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn a_straight_knife_through_a_disc_makes_two_circular_segments(angle in 0.0..std::f64::consts::TAU, offset in -25.0..25.0_f64) {
            let (centre, r) = (Point::new(100.3, 99.6), 40.0);
            let area = disc(centre, r);
            let (sin, cos) = angle.sin_cos();
            let at = |along: f64| Point::new(centre.x - sin * offset + cos * along, centre.y + cos * offset + sin * along);
            let split = knife(&area, &[at(-60.0), at(60.0)]).expect("from side to side");
            assert_sound(&split, &area)?;
            prop_assert_eq!(split.pieces.len(), 2);
            for s in split.cut.spans() {
                for x in s.x0..s.x1 {
                    let from_line = -(f64::from(x) + 0.5 - centre.x) * sin + (f64::from(s.y) + 0.5 - centre.y) * cos - offset;
                    prop_assert!(from_line.abs() <= 0.5_f64.sqrt() + 1e-9, "the line passes through each pixel of the cut");
                }
            }
            // Area of the smaller segment: r² (α − sin α cos α), cos α = offset / r; the cut takes up to a pixel of it along the chord.
            let alpha = (offset.abs() / r).acos();
            let closed = r * r * (alpha - alpha.sin() * alpha.cos());
            let chord = 2.0 * r * alpha.sin();
            prop_assert!((split.pieces[1].pixels() as f64 - closed).abs() < 1.2 * chord + 10.0);
        }

        #[test]
        fn any_path_through_any_blobs_makes_a_sound_split_or_none(
            bits in prop::collection::vec(prop::bool::weighted(0.7), 15 * 12),
            path in prop::collection::vec((-2.0..17.0_f64, -2.0..14.0_f64).prop_map(|(x, y)| Point::new(x, y)), 1..7),
        ) {
            let area = Area::of_mask(&Plane::from_vec(15, 12, bits), (0, 0));
            if let Some(split) = knife(&area, &path) {
                assert_sound(&split, &area)?;
            }
            if let Some(split) = watershed(&area, 1.0) {
                assert_sound(&split, &area)?;
            }
        }

        #[test]
        fn overlapping_discs_come_apart_along_their_common_chord(
            angle in 0.0..std::f64::consts::TAU, r1 in 18.0..45.0_f64, ratio in 0.6..1.0_f64, depth in 0.4..0.74_f64, fx in 0.0..1.0_f64, fy in 0.0..1.0_f64,
        ) {
            // `depth`: half-length of the chord as a share of the smaller radius; the centres lie on both sides of the chord.
            let r2 = r1 * ratio;
            let h = depth * r2;
            let (a1, a2) = ((r1 * r1 - h * h).sqrt(), (r2 * r2 - h * h).sqrt());
            let (sin, cos) = angle.sin_cos();
            let chord = Point::new(180.0 + fx, 180.0 + fy);
            let c1 = Point::new(chord.x - cos * a1, chord.y - sin * a1);
            let c2 = Point::new(chord.x + cos * a2, chord.y + sin * a2);
            let area = disc(c1, r1).union(&disc(c2, r2));
            let narrower = 2.0 * (r2 - h);
            if narrower >= 6.0 {
                let split = watershed(&area, 3.0);
                prop_assert!(split.is_some(), "the neck is {} px narrower", narrower);
                let split = split.expect("just seen");
                assert_sound(&split, &area)?;
                prop_assert_eq!(split.pieces.len(), 2);
                for s in split.cut.spans() {
                    for x in s.x0..s.x1 {
                        let off = (f64::from(x) + 0.5 - chord.x) * cos + (f64::from(s.y) + 0.5 - chord.y) * sin;
                        // From the line to the nearest corner of the pixel.
                        let gap = off.abs() - f64::midpoint(cos.abs(), sin.abs());
                        prop_assert!(gap <= 1.0, "({}, {}) lies {:.2} px from the chord", x, s.y, gap);
                    }
                }
            }
            prop_assert!(watershed(&area, narrower + 3.0).is_none(), "not that much narrower");
        }

        #[test]
        fn what_has_no_neck_stays_whole(
            cx in 100.0..101.0_f64, cy in 100.0..101.0_f64, rx in 2.0..60.0_f64, ry in 2.0..60.0_f64, width in 1.0..6.0_f64, bend in -20.0..20.0_f64,
        ) {
            let one = ellipse(Point::new(cx - rx, cy - ry), Point::new(cx + rx, cy + ry), 400, 400);
            prop_assert!(watershed(&one, 3.0).is_none());
            prop_assert!(watershed(&disc(Point::new(cx, cy), rx), 3.0).is_none());
            let scratch: Vec<Point> = (0..60).map(|i| f64::from(i) / 59.0).map(|t| Point::new(20.0 + 150.0 * t, cy + bend * (6.0 * t).sin() + rx * t)).collect();
            prop_assert!(watershed(&stroke_path(&scratch, Brush::round(width), 400, 400), 3.0).is_none());
        }
    }

    #[test]
    fn a_knife_that_does_not_get_through_cuts_nothing() {
        let area = disc(Point::new(50.0, 50.0), 20.0);
        let p = Point::new;
        assert!(knife(&area, &[p(10.0, 50.0), p(55.0, 50.0)]).is_none(), "ends inside");
        assert!(knife(&area, &[p(45.0, 50.0), p(55.0, 50.0)]).is_none(), "lies inside");
        assert!(knife(&area, &[p(0.0, 0.0), p(90.0, 5.0)]).is_none(), "passes by");
        assert!(knife(&area, &[p(50.0, 50.0)]).is_none() && knife(&area, &[]).is_none());
        assert!(knife(&area, &[p(10.0, 50.0), p(f64::NAN, 50.0)]).is_none());
        assert!(knife(&Area::new(), &[p(10.0, 50.0), p(90.0, 50.0)]).is_none());
        let ring = area.minus(&disc(Point::new(50.0, 50.0), 12.0));
        assert!(knife(&ring, &[p(10.0, 50.3), p(50.0, 50.3)]).is_none(), "a ring cut once");
        let halves = knife(&ring, &[p(10.0, 50.3), p(90.0, 50.3)]).expect("a ring cut twice");
        assert_eq!((halves.pieces.len(), halves.cut.pixels()), (2, 2 * 8));
        // The tail of the path beyond the loop goes back to its piece.
        let around = [p(40.0, 40.0), p(60.0, 40.0), p(60.0, 60.0), p(40.0, 60.0), p(40.0, 40.0), p(45.0, 45.0)];
        let hole = knife(&area, &around).expect("a closed loop cuts out its inside");
        assert_eq!(hole.pieces.len(), 2);
        // Where the tail leaves the loop, the cut may take either way round the corner.
        assert!(hole.cut.minus(&outline_of(40, 40, 60, 60)).minus(&Area::of_rect(PixelRect::new(40, 40, 43, 43))).is_empty());
        // Far ends and huge segments end the same way.
        let far = knife(&area, &[p(-1e12, 50.3), p(1e12, 50.3)]).expect("through");
        assert_eq!(far, knife(&area, &[p(10.0, 50.3), p(90.0, 50.3)]).expect("through"));
    }

    fn outline_of(x0: u32, y0: u32, x1: u32, y1: u32) -> Area {
        Area::of_rect(PixelRect::new(x0, y0, x1 + 1, y1 + 1)).minus(&Area::of_rect(PixelRect::new(x0 + 1, y0 + 1, x1, y1)))
    }

    #[test]
    fn three_blobs_in_a_row_come_apart_at_both_necks() {
        let p = Point::new;
        let bar = polygon(&[p(40.0, 95.0), p(160.0, 95.0), p(160.0, 105.0), p(40.0, 105.0)], 400, 400);
        let blobs = [40.0, 100.0, 160.0].map(|x| disc(p(x, 100.0), 20.0));
        let area = blobs.iter().fold(bar, |all, b| all.union(b));
        let split = watershed(&area, 3.0).expect("two necks");
        assert_eq!(split.pieces.len(), 3);
        assert_eq!(islands(&split.cut).len(), 2);
        assert!(watershed(&area, f64::INFINITY).is_none() && watershed(&Area::new(), 3.0).is_none());
        assert!(watershed(&blobs[0].union(&blobs[1]), 3.0).is_none(), "apart already");
    }
}
