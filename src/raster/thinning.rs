//! Thinning a region to its skeleton, one pixel wide.

use super::geometry::PixelRect;
use super::runs::Run;

/// A region as one byte per pixel of its bounding box with a margin of two, in which pixels can be taken away. Rows that the region does
/// not reach cost no memory that is ever touched.
#[derive(Clone, Debug)]
struct Bytes {
    bounds: PixelRect,
    stride: usize,
    cells: Vec<u8>,
}

impl Bytes {
    fn of(runs: &[Run], bounds: PixelRect) -> Self {
        let stride = bounds.width() as usize + 4;
        let mut out = Self { bounds, stride, cells: vec![0; stride * (bounds.height() as usize + 4)] };
        for r in runs {
            let from = out.index(r.x0, r.y);
            out.cells[from..from + r.len() as usize].fill(IN);
        }
        out
    }

    fn index(&self, x: u32, y: u32) -> usize {
        (y - self.bounds.y0 + 2) as usize * self.stride + (x - self.bounds.x0 + 2) as usize
    }

    fn pixel(&self, index: usize) -> (u32, u32) {
        let (y, x) = (index / self.stride, index % self.stride);
        (x as u32 + self.bounds.x0 - 2, y as u32 + self.bounds.y0 - 2)
    }

    /// Offsets of the eight neighbours from above on, clockwise.
    const fn around(&self) -> [isize; 8] {
        let s = self.stride as isize;
        [-s, -s + 1, 1, s + 1, s, s - 1, -1, -s - 1]
    }
}

const IN: u8 = 1;
/// The pixel is in the list of those to look at.
const LISTED: u8 = 2;

/// The skeleton of a region by Guo and Hall (*Parallel thinning with two-subiteration algorithms*, 1989, algorithm A1), as pixels (x, y) from
/// top to bottom and left to right. Pixels are taken away in turns from two sides while that neither tears the region nor shortens a line.
/// The better known algorithm of Zhang and Suen eats away slanted lines two pixels wide. `bounds` is the bounding box of `runs`.
#[must_use]
pub fn skeleton(runs: &[Run], bounds: PixelRect) -> Vec<(u32, u32)> {
    let mut raster = Bytes::of(runs, bounds);
    let around = raster.around();
    let neighbours = |cells: &[u8], at: usize| {
        around
            .iter()
            .enumerate()
            .fold(0_usize, |bits, (k, step)| bits | usize::from(cells[at.wrapping_add_signed(*step)] & IN) << k)
    };
    let all: Vec<usize> = runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (x, r.y))).map(|(x, y)| raster.index(x, y)).collect();
    // Only pixels at the border can go. Those looked at in vain come up again when a neighbour has gone.
    let mut listed: Vec<usize> = all.iter().copied().filter(|&i| neighbours(&raster.cells, i) != 0xFF).collect();
    let mut waiting: Vec<usize> = Vec::new();
    let (mut turn, mut idle) = (0, 0);
    while idle < 2 {
        let gone: Vec<usize> = listed.iter().copied().filter(|&i| MAY_GO[turn][neighbours(&raster.cells, i)]).collect();
        for &i in &gone {
            raster.cells[i] = 0;
        }
        idle = if gone.is_empty() { idle + 1 } else { 0 };
        // The next turn asks the ones that stay too: its condition is another. After both turns only what changed is asked again.
        let mut next = Vec::with_capacity(listed.len());
        let mut list = |cells: &mut Vec<u8>, i: usize| {
            if cells[i] == IN {
                cells[i] |= LISTED;
                next.push(i);
            }
        };
        for &i in &gone {
            for step in around {
                list(&mut raster.cells, i.wrapping_add_signed(step));
            }
        }
        if turn == 0 {
            for &i in &listed {
                list(&mut raster.cells, i);
            }
            waiting.clear();
            waiting.extend_from_slice(&gone);
        } else {
            // Around what went in the turn before, the other condition has not been asked since.
            for &i in &waiting {
                for step in around {
                    list(&mut raster.cells, i.wrapping_add_signed(step));
                }
            }
        }
        for &i in &next {
            raster.cells[i] = IN;
        }
        listed = next;
        turn = 1 - turn;
    }
    all.into_iter().filter(|&i| raster.cells[i] != 0).map(|i| raster.pixel(i)).collect()
}

/// Whether a pixel may go, by turn and by its neighbours as bits from above on, clockwise.
const MAY_GO: [[bool; 256]; 2] = [may_go(0), may_go(1)];

const fn may_go(turn: usize) -> [bool; 256] {
    let mut table = [false; 256];
    let mut bits = 0_usize;
    while bits < 256 {
        // p2 … p9 of the paper: above, and on clockwise.
        let mut p = [false; 8];
        let mut k = 0;
        while k < 8 {
            p[k] = bits >> k & 1 != 0;
            k += 1;
        }
        // Connected pieces of the neighbourhood, and two counts of its pairs.
        let (mut pieces, mut pairs, mut shifted) = (0, 0, 0);
        let mut k = 0;
        while k < 8 {
            let (first, second) = (p[(k + 1) % 8], p[(k + 2) % 8]);
            pieces += (!p[k] && (first || second)) as u32;
            pairs += (p[(k + 7) % 8] || p[k]) as u32;
            shifted += (p[k] || first) as u32;
            k += 2;
        }
        let least = if pairs < shifted { pairs } else { shifted };
        let is_held = if turn == 0 { (p[0] || p[1] || !p[3]) && p[2] } else { (p[4] || p[5] || !p[7]) && p[6] };
        table[bits] = pieces == 1 && least >= 2 && least <= 3 && !is_held;
        bits += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Components, LabelMap, Plane};
    use proptest::prelude::*;

    /// The algorithm as it was published: all pixels in every turn.
    fn plainly(mut plane: Plane<bool>) -> Plane<bool> {
        loop {
            let mut is_changed = false;
            for turn in 0..2 {
                let at = |p: &Plane<bool>, x: i64, y: i64| {
                    x >= 0 && y >= 0 && x < i64::from(p.width()) && y < i64::from(p.height()) && p.at(x as u32, y as u32)
                };
                let before = plane.clone();
                for y in 0..i64::from(plane.height()) {
                    for x in 0..i64::from(plane.width()) {
                        let ring = [(0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1), (-1, 0), (-1, -1)];
                        let p: Vec<bool> = ring.iter().map(|(a, b)| at(&before, x + a, y + b)).collect();
                        let [p2, p3, p4, p5, p6, p7, p8, p9] = p[..] else { panic!() };
                        let sum = |terms: [bool; 4]| terms.into_iter().filter(|t| *t).count();
                        let c = sum([!p2 && (p3 || p4), !p4 && (p5 || p6), !p6 && (p7 || p8), !p8 && (p9 || p2)]);
                        let n1 = sum([p9 || p2, p3 || p4, p5 || p6, p7 || p8]);
                        let n2 = sum([p2 || p3, p4 || p5, p6 || p7, p8 || p9]);
                        let m = if turn == 0 { (p2 || p3 || !p5) && p4 } else { (p6 || p7 || !p9) && p8 };
                        if at(&before, x, y) && c == 1 && (2..=3).contains(&n1.min(n2)) && !m {
                            plane.set(x as u32, y as u32, false);
                            is_changed = true;
                        }
                    }
                }
            }
            if !is_changed {
                return plane;
            }
        }
    }

    proptest! {
        #[test]
        fn the_skeleton_is_that_of_the_published_algorithm(bits in prop::collection::vec(0_u8..9, 24 * 20)) {
            // Thick noise: a pixel is in when a neighbourhood says so.
            let dot = |x: u32, y: u32| bits[(y * 24 + x) as usize] == 0;
            let plane = Plane::from_fn(24, 20, |x, y| {
                u8::from((x.saturating_sub(1)..(x + 2).min(24)).any(|u| (y.saturating_sub(1)..(y + 2).min(20)).any(|v| dot(u, v))))
            });
            for runs in Components::of(&LabelMap::from_plane(&plane)).iter() {
                let own = Plane::from_fn(24, 20, |x, y| runs.iter().any(|r| r.y == y && (r.x0..r.x1).contains(&x)));
                let (x0, x1) = runs.iter().fold((u32::MAX, 0), |(a, b), r| (a.min(r.x0), b.max(r.x1)));
                let found = skeleton(runs, PixelRect::new(x0, runs[0].y, x1, runs[runs.len() - 1].y + 1));
                let expected = plainly(own);
                let expected: Vec<(u32, u32)> =
                    (0..20).flat_map(|y| (0..24).map(move |x| (x, y))).filter(|&(x, y)| expected.at(x, y)).collect();
                prop_assert_eq!(found, expected);
            }
        }
    }

    /// Two pixels wide along the diagonal: what Zhang and Suen's algorithm eats away.
    #[test]
    fn a_slanted_double_line_keeps_its_length() {
        let line: Vec<Run> = (0..40).map(|y| Run { y, x0: 3 + y, x1: 5 + y, value: 1 }).collect();
        assert!(skeleton(&line, PixelRect::new(3, 0, 44, 40)).len() >= 38);
    }

    #[test]
    fn a_bar_becomes_a_line() {
        let bar: Vec<Run> = (10..13).map(|y| Run { y, x0: 5, x1: 25, value: 1 }).collect();
        let line = skeleton(&bar, PixelRect::new(5, 10, 25, 13));
        assert!(line.iter().all(|p| p.1 == 11) && line.len() >= 17, "{line:?}");
    }
}
