//! From a split that erases a line of pixels to the cut that erases none: the line along the cracks between the pieces.

use std::collections::{BTreeMap, BTreeSet};

use super::split::Split;
use crate::raster::{Area, BACKGROUND, Cut, LabelMap, PixelRect, Plane};

/// How far, in pixels, a cut goes on beyond the area at its ends, over background only: so far the pieces may grow and stay apart.
const REACH: u32 = 3;

/// No piece.
const NOBODY: u32 = 0;

/// The cut lines that keep the pieces of a split apart while all pixels stay: each pixel of `split.cut` goes to the piece beside it, and
/// the lines follow the cracks between what belongs to different pieces. `map`: the map that the area was taken from.
///
/// Where areas fray out into single pixels that touch at corners crosswise, no line along cracks can keep every corner; a pixel may come off
/// on its own there.
#[must_use]
pub fn cut_lines(map: &LabelMap, split: &Split) -> Vec<Cut> {
    let frame = split.cut.bounds().grown(REACH + 2, map.width(), map.height());
    if frame.is_empty() {
        return Vec::new();
    }
    let mut owners = Owners::new(frame, split);
    owners.give_cut(&split.cut);
    owners.spread(&split.cut);
    let mut cracks = BTreeSet::new();
    for y in frame.y0..frame.y1 {
        for x in frame.x0..frame.x1 {
            if x + 1 < frame.x1 && owners.parts(map, (x, y), (x + 1, y)) {
                cracks.insert(((x + 1, y), (x + 1, y + 1)));
            }
            if y + 1 < frame.y1 && owners.parts(map, (x, y), (x, y + 1)) {
                cracks.insert(((x, y + 1), (x + 1, y + 1)));
            }
        }
    }
    polylines(&cracks)
}

/// Which piece each pixel of a rectangle belongs to, from 1.
struct Owners {
    frame: PixelRect,
    piece: Plane<u32>,
    is_area: Plane<bool>,
}

impl Owners {
    fn new(frame: PixelRect, split: &Split) -> Self {
        let mut piece = Plane::filled(frame.width(), frame.height(), NOBODY);
        let mut is_area = split.cut.mask(frame);
        for (number, area) in (1..).zip(&split.pieces) {
            for s in area.cut_to(frame).spans() {
                let columns = (s.x0 - frame.x0) as usize..(s.x1 - frame.x0) as usize;
                piece.row_mut(s.y - frame.y0)[columns.clone()].fill(number);
                is_area.row_mut(s.y - frame.y0)[columns].fill(true);
            }
        }
        Self { frame, piece, is_area }
    }

    fn of(&self, (x, y): (u32, u32)) -> u32 {
        self.piece.at(x - self.frame.x0, y - self.frame.y0)
    }

    fn is_area(&self, (x, y): (u32, u32)) -> bool {
        self.is_area.at(x - self.frame.x0, y - self.frame.y0)
    }

    fn set(&mut self, pixels: &[((u32, u32), u32)]) {
        for &((x, y), number) in pixels {
            self.piece.set(x - self.frame.x0, y - self.frame.y0, number);
        }
    }

    /// The piece that most of the pixels around belong to; a side weighs more than a corner, and of equals the larger piece wins.
    fn strongest(&self, (x, y): (u32, u32), with_corners: bool) -> Option<u32> {
        let mut votes: BTreeMap<u32, u32> = BTreeMap::new();
        for v in y.saturating_sub(1).max(self.frame.y0)..(y + 2).min(self.frame.y1) {
            for u in x.saturating_sub(1).max(self.frame.x0)..(x + 2).min(self.frame.x1) {
                let is_side = u == x || v == y;
                if self.of((u, v)) != NOBODY && (is_side || with_corners) {
                    *votes.entry(self.of((u, v))).or_default() += if is_side { 2 } else { 1 };
                }
            }
        }
        votes.into_iter().max_by_key(|&(number, n)| (n, std::cmp::Reverse(number))).map(|(number, _)| number)
    }

    /// Gives every pixel of the cut to a piece that it hangs together with: over sides as far as that goes, or else over a corner.
    fn give_cut(&mut self, cut: &Area) {
        let mut open: Vec<(u32, u32)> = cut.spans().iter().flat_map(|s| (s.x0..s.x1).map(|x| (x, s.y))).collect();
        while !open.is_empty() {
            let mut given: Vec<_> = open.iter().filter_map(|&p| Some((p, self.strongest(p, false)?))).collect();
            if given.is_empty() {
                given.extend(open.iter().find_map(|&p| Some((p, self.strongest(p, true)?))));
            }
            if given.is_empty() {
                return;
            }
            self.set(&given);
            open.retain(|&p| self.of(p) == NOBODY);
        }
    }

    /// Gives what surrounds the cut to the nearest piece, ring by ring.
    fn spread(&mut self, cut: &Area) {
        let around = cut.spans().iter().flat_map(|s| {
            let rows = s.y.saturating_sub(REACH).max(self.frame.y0)..(s.y + REACH + 1).min(self.frame.y1);
            let columns = s.x0.saturating_sub(REACH).max(self.frame.x0)..(s.x1 + REACH).min(self.frame.x1);
            rows.flat_map(move |y| columns.clone().map(move |x| (x, y)))
        });
        let mut open: BTreeSet<(u32, u32)> = around.filter(|&p| self.of(p) == NOBODY).collect();
        for _ in 0..REACH {
            let given: Vec<_> = open.iter().filter_map(|&p| Some((p, self.strongest(p, true)?))).collect();
            self.set(&given);
            for (p, _) in given {
                open.remove(&p);
            }
        }
    }

    /// A cut is to run between two pixels that share a side. What belongs to other regions is never cut.
    fn parts(&self, map: &LabelMap, a: (u32, u32), b: (u32, u32)) -> bool {
        let is_free = |p: (u32, u32)| map.get(p.0, p.1) == BACKGROUND;
        let (one, other) = (self.of(a), self.of(b));
        one != other && one != NOBODY && other != NOBODY && (self.is_area(a) || self.is_area(b) || (is_free(a) && is_free(b)))
    }
}

/// A crack as its two corners, the upper or left one first.
type Crack = ((u32, u32), (u32, u32));

/// Cracks as lines that are as long as possible and have corners only where they turn.
fn polylines(cracks: &BTreeSet<Crack>) -> Vec<Cut> {
    let mut at: BTreeMap<(u32, u32), Vec<(u32, u32)>> = BTreeMap::new();
    for &(a, b) in cracks {
        at.entry(a).or_default().push(b);
        at.entry(b).or_default().push(a);
    }
    let mut open = cracks.clone();
    let mut lines = Vec::new();
    // Ends and forks first; what is left then are rings.
    let ends = at.iter().filter(|(_, to)| to.len() % 2 == 1).map(|(&p, _)| p);
    for start in ends.chain(at.keys().copied()).collect::<Vec<_>>() {
        let mut line = vec![start];
        let mut here = start;
        loop {
            let is_open = |to: &&(u32, u32)| open.contains(&(here.min(**to), here.max(**to)));
            let straight =
                line.len().checked_sub(2).map(|i| ((2 * here.0).wrapping_sub(line[i].0), (2 * here.1).wrapping_sub(line[i].1)));
            let ways = &at[&here];
            let Some(&next) = ways.iter().filter(is_open).find(|to| Some(**to) == straight).or_else(|| ways.iter().find(is_open))
            else {
                break;
            };
            open.remove(&(here.min(next), here.max(next)));
            line.push(next);
            here = next;
        }
        if line.len() > 1 {
            lines.push(without_straight_corners(&line));
        }
    }
    lines
}

fn without_straight_corners(line: &[(u32, u32)]) -> Cut {
    let is_turn = |w: &[(u32, u32)]| !((w[0].0 == w[1].0 && w[1].0 == w[2].0) || (w[0].1 == w[1].1 && w[1].1 == w[2].1));
    let inner = line.windows(3).filter(|w| is_turn(w)).map(|w| w[1]);
    line.first().copied().into_iter().chain(inner).chain(line.last().copied()).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paint::shape::ellipse;
    use crate::paint::{knife, piece_at, watershed};
    use crate::raster::{Grouping, Point, runs};

    fn disc(centre: Point, r: f64) -> Area {
        ellipse(Point::new(centre.x - r, centre.y - r), Point::new(centre.x + r, centre.y + r), 200, 200)
    }

    fn map_of(area: &Area, width: u32, height: u32) -> LabelMap {
        LabelMap::from_plane(&area.mask(PixelRect::of_size(width, height)).map(u8::from))
    }

    /// The regions of a map that is cut so.
    fn pieces(map: &LabelMap, cuts: Vec<Cut>) -> Vec<Area> {
        let grouped = Grouping { cuts, instances: Vec::new() }.group(&runs::runs(map)).components;
        grouped.iter().map(Area::of_runs).collect()
    }

    /// The pieces of the split come back with the pixels of its cut shared out among them.
    fn assert_cut(map: &LabelMap, split: &Split) -> Result<(), TestCaseError> {
        let found = pieces(map, cut_lines(map, split));
        prop_assert_eq!(found.len(), split.pieces.len());
        prop_assert_eq!(
            found.iter().map(Area::pixels).sum::<u64>(),
            runs::runs(map).iter().map(|r| u64::from(r.len())).sum::<u64>()
        );
        for piece in &split.pieces {
            let holders: Vec<_> = found.iter().filter(|f| !f.intersection(piece).is_empty()).collect();
            prop_assert_eq!(holders.len(), 1);
            prop_assert_eq!(&holders[0].intersection(piece), piece);
        }
        Ok(())
    }

    #[test]
    fn an_upright_cut_through_a_square_is_one_straight_line() {
        let area = Area::of_rect(PixelRect::new(10, 10, 30, 20));
        let map = map_of(&area, 40, 40);
        let split = knife(&area, &[Point::new(18.5, 5.0), Point::new(18.5, 25.0)]).unwrap();
        // The column 18 goes to the larger piece, on its right; three pixels beyond the square on both sides.
        assert_eq!(cut_lines(&map, &split), [vec![(18, 7), (18, 23)]]);
        assert_cut(&map, &split).unwrap();
    }

    #[test]
    fn a_cut_never_runs_through_other_regions_and_ends_at_the_image() {
        let area = Area::of_rect(PixelRect::new(0, 2, 30, 12));
        let mut plane = area.mask(PixelRect::of_size(30, 14)).map(u8::from);
        // The row above the next: another defect of the same class, one pixel away.
        for x in 0..30 {
            plane.set(x, 0, 1);
        }
        let map = LabelMap::from_plane(&plane);
        let split = knife(&area, &[Point::new(12.5, 0.0), Point::new(12.5, 14.0)]).unwrap();
        let cuts = cut_lines(&map, &split);
        assert_eq!(pieces(&map, cuts).iter().map(Area::pixels).collect::<Vec<_>>(), [30, 120, 180]);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn any_line_through_a_disc_keeps_all_pixels_and_the_pieces(
            path in prop::collection::vec((20.0..130.0_f64, 20.0..130.0_f64).prop_map(|(x, y)| Point::new(x, y)), 2..6),
        ) {
            let area = disc(Point::new(75.2, 74.7), 40.0);
            let map = map_of(&area, 150, 150);
            if let Some(split) = knife(&area, &path) {
                assert_cut(&map, &split)?;
            }
        }

        #[test]
        fn overlapping_discs_part_at_the_neck_and_stay_apart_when_they_grow(angle in 0.0..std::f64::consts::TAU, gap in 26.0..34.0_f64) {
            let (sin, cos) = angle.sin_cos();
            let at = |side: f64| Point::new(100.0 + side * cos * gap / 2.0, 100.0 + side * sin * gap / 2.0);
            let area = disc(at(-1.0), 20.0).union(&disc(at(1.0), 20.0));
            let map = map_of(&area, 200, 200);
            let split = watershed(&area, 3.0).expect("the neck is narrow");
            assert_cut(&map, &split)?;
            let cuts = cut_lines(&map, &split);
            let grown = crate::paint::grow(&area, 1.0, 200, 200);
            prop_assert_eq!(pieces(&map_of(&grown, 200, 200), cuts).len(), 2, "a pixel around both is a pixel to each");
        }

        #[test]
        fn any_path_through_any_blobs_takes_at_least_as_much_apart(
            bits in prop::collection::vec(prop::bool::weighted(0.75), 15 * 12),
            path in prop::collection::vec((-2.0..17.0_f64, -2.0..14.0_f64).prop_map(|(x, y)| Point::new(x, y)), 2..6),
        ) {
            let area = Area::of_mask(&Plane::from_vec(15, 12, bits), (2, 2));
            let map = map_of(&area, 20, 20);
            if let Some(split) = knife(&area, &path) {
                let cuts = cut_lines(&map, &split);
                let grouping = Grouping { cuts, instances: Vec::new() };
                let found = pieces(&map, grouping.cuts.clone());
                prop_assert!(found.len() >= split.pieces.len());
                prop_assert_eq!(found.iter().map(Area::pixels).sum::<u64>(), area.pixels());
                for (i, piece) in split.pieces.iter().enumerate() {
                    let s = piece.spans()[0];
                    let held = piece_at(&map, &grouping, s.x0, s.y, None).expect("a pixel of the area");
                    for other in split.pieces.iter().skip(i + 1) {
                        prop_assert!(held.intersection(other).is_empty(), "no two pieces in one region");
                    }
                }
            }
        }
    }
}
