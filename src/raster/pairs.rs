//! Pairs of pixels of one region at the offsets that Crofton's formula looks along, and what follows from them: its perimeter and its
//! Euler number.
//!
//! Along one direction the contour is crossed once where a pixel of the region has no partner at that offset, and once more on the way
//! back, so `pixels − pairs` is half the number of crossings.

use std::f64::consts::PI;

use super::bits::BitRaster;
use super::runs::Run;

/// How many pairs of pixels (x, y), (x + a, y + b) lie both in a region, for offsets (a, b) up to symmetry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PairCounts {
    /// Number of pixels.
    pub pixels: u64,
    /// (1, 0)
    pub level: u64,
    /// (0, 1)
    pub upright: u64,
    /// (1, 1) and (−1, 1)
    pub diagonal: u64,
    /// (2, 1) and (−2, 1)
    pub flat: u64,
    /// (1, 2) and (−1, 2)
    pub steep: u64,
    /// 8-connected pieces minus holes (4-connected background shut in).
    pub euler: i64,
}

impl PairCounts {
    /// Counts the pairs of a region of `pixels` pixels; `runs` from top to bottom and left to right, as long as possible.
    #[must_use]
    pub fn by_runs(runs: &[Run], pixels: u64) -> Self {
        let mut out = Self { pixels, level: pixels - runs.len() as u64, euler: runs.len() as i64, ..Self::default() };
        // The first run one and two rows below that can still matter.
        let (mut below, mut second) = (0, 0);
        for a in runs {
            let (ax0, ax1) = (i64::from(a.x0), i64::from(a.x1));
            skip_to(runs, &mut below, a.y + 1, ax0 - 2);
            for b in runs[below..].iter().take_while(|b| b.y == a.y + 1 && i64::from(b.x0) < ax1 + 2) {
                let (bx0, bx1) = (i64::from(b.x0), i64::from(b.x1));
                let shared = |shift: i64| (ax1.min(bx1 - shift) - ax0.max(bx0 - shift)).max(0) as u64;
                out.upright += shared(0);
                out.diagonal += shared(1) + shared(-1);
                out.flat += shared(2) + shared(-2);
                out.euler -= i64::from(bx0 <= ax1 && ax0 <= bx1);
            }
            skip_to(runs, &mut second, a.y + 2, ax0 - 1);
            for b in runs[second..].iter().take_while(|b| b.y == a.y + 2 && i64::from(b.x0) < ax1 + 1) {
                let (bx0, bx1) = (i64::from(b.x0), i64::from(b.x1));
                let shared = |shift: i64| (ax1.min(bx1 - shift) - ax0.max(bx0 - shift)).max(0) as u64;
                out.steep += shared(1) + shared(-1);
            }
        }
        out
    }

    /// As [`Self::by_runs`], several times as fast where runs are short.
    #[must_use]
    pub fn of_bits(bits: &BitRaster, pixels: u64) -> Self {
        // With the instruction of the processor that counts bits, where it has one.
        pulp::Arch::new().dispatch(|| {
            let mut out = Self { pixels, ..Self::default() };
            let mut corners = 0_u64;
            for line in 0..=bits.rows() {
                let (row, below, second) = (bits.row(line), bits.row(line + 1), bits.row(line + 2));
                let (mut level, mut upright, mut diagonal, mut flat, mut steep, mut touched) = (0, 0, 0, 0, 0, 0_u32);
                let windows = row.windows(3).zip(below.windows(3)).zip(second.windows(3));
                for ((a, b), c) in windows {
                    let here = a[1];
                    level += (here & right(a, 1)).count_ones();
                    upright += (here & b[1]).count_ones();
                    diagonal += (here & right(b, 1)).count_ones() + (here & left(b, 1)).count_ones();
                    flat += (here & right(b, 2)).count_ones() + (here & left(b, 2)).count_ones();
                    steep += (here & right(c, 1)).count_ones() + (here & left(c, 1)).count_ones();
                    // A corner at the height between this row and the next has a pixel at one of its four sides.
                    touched += (here | b[1] | left(a, 1) | left(b, 1)).count_ones();
                }
                out.level += u64::from(level);
                out.upright += u64::from(upright);
                out.diagonal += u64::from(diagonal);
                out.flat += u64::from(flat);
                out.steep += u64::from(steep);
                corners += u64::from(touched);
            }
            // Corners − sides + pixels of the union of closed squares.
            let sides = 4 * pixels - out.level - out.upright;
            out.euler = corners as i64 - sides as i64 + pixels as i64;
            out
        })
    }
}

/// Bits of the middle word of three, moved so that each bit shows the pixel `by` further right.
#[expect(clippy::inline_always, reason = "a call would not be compiled for the instructions that the loop is")]
#[inline(always)]
const fn right(words: &[u64], by: u32) -> u64 {
    words[1] >> by | words[2] << (64 - by)
}

/// As [`right`], the pixel further left.
#[expect(clippy::inline_always, reason = "a call would not be compiled for the instructions that the loop is")]
#[inline(always)]
const fn left(words: &[u64], by: u32) -> u64 {
    words[1] << by | words[0] >> (64 - by)
}

/// Moves `at` to the first run in row `y` or below that ends right of `x`, if it lies in row `y`.
fn skip_to(runs: &[Run], at: &mut usize, y: u32, x: i64) {
    while runs.get(*at).is_some_and(|r| r.y < y || (r.y == y && i64::from(r.x1) <= x)) {
        *at += 1;
    }
}

/// What one missing partner adds to the perimeter, by direction: line spacing × the share of all directions that it stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Crofton {
    level: f64,
    upright: f64,
    diagonal: f64,
    flat: f64,
    steep: f64,
}

impl Crofton {
    /// Eight directions for pixels of `scale` = width and height: P = Σ wₖ dₖ (pixels − pairsₖ), with line spacing
    /// dₖ = sx·sy ÷ |(a·sx, b·sy)| and wₖ the half of the angle between both neighbouring directions (Voronoi weights; Σ wₖ = π).
    /// See Lehmann and Legland, *Efficient N-dimensional surface estimation using Crofton formula and run-length encoding*, 2012.
    #[must_use]
    pub fn eight(scale: (f64, f64)) -> Self {
        let [level, flat, diagonal, steep, upright, ..] =
            weights(&[(1, 0), (2, 1), (1, 1), (1, 2), (0, 1), (-1, 2), (-1, 1), (-2, 1)], scale);
        Self { level, upright, diagonal, flat, steep }
    }

    /// Four directions, as `perimeter_crofton(directions=4)` of scikit-image where pixels are square.
    #[must_use]
    pub fn four(scale: (f64, f64)) -> Self {
        let [level, diagonal, upright, _] = weights(&[(1, 0), (1, 1), (0, 1), (-1, 1)], scale);
        Self { level, upright, diagonal, flat: 0.0, steep: 0.0 }
    }

    /// Length of all contours of the region, in the unit of the scale.
    #[must_use]
    pub fn perimeter(&self, pairs: &PairCounts) -> f64 {
        let missing = |of: u64, found: u64| (of - found) as f64;
        let n = pairs.pixels;
        self.level * missing(n, pairs.level)
            + self.upright * missing(n, pairs.upright)
            + self.diagonal * missing(2 * n, pairs.diagonal)
            + self.flat * missing(2 * n, pairs.flat)
            + self.steep * missing(2 * n, pairs.steep)
    }
}

/// wₖ dₖ of directions in the order of their angles on the half circle.
fn weights<const N: usize>(directions: &[(i32, i32); N], (sx, sy): (f64, f64)) -> [f64; N] {
    let step = |k: usize| (f64::from(directions[k].0) * sx, f64::from(directions[k].1) * sy);
    let angle = |k: usize| step(k).1.atan2(step(k).0);
    std::array::from_fn(|k| {
        let before = if k == 0 { angle(N - 1) - PI } else { angle(k - 1) };
        let after = if k + 1 == N { PI } else { angle(k + 1) };
        (after - before) / 2.0 * sx * sy / step(k).0.hypot(step(k).1)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{Components, LabelMap, PixelRect, Plane};
    use proptest::prelude::*;

    proptest! {
        /// Against a look at every pixel and every offset, both ways of counting; the Euler number against flood fills.
        #[test]
        fn pairs_are_those_of_a_look_at_every_pixel(
            width in 1_u32..140, height in 1_u32..12, share in 0.2..0.95_f64, seed in prop::collection::vec(0.0..1.0_f64, 140 * 12),
        ) {
            let plane = Plane::from_fn(width, height, |x, y| u8::from(seed[(y * 140 + x) as usize] < share));
            for runs in Components::of(&LabelMap::from_plane(&plane)).iter() {
                let is_in = |x: i64, y: i64| runs.iter().any(|r| i64::from(r.y) == y && (i64::from(r.x0)..i64::from(r.x1)).contains(&x));
                let pixels: Vec<(i64, i64)> =
                    runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (i64::from(x), i64::from(r.y)))).collect();
                let count = |offsets: &[(i64, i64)]| {
                    offsets.iter().map(|(a, b)| pixels.iter().filter(|(x, y)| is_in(x + a, y + b)).count() as u64).sum::<u64>()
                };
                let (x0, x1) = runs.iter().fold((u32::MAX, 0), |(a, b), r| (a.min(r.x0), b.max(r.x1)));
                let bounds = PixelRect::new(x0, runs[0].y, x1, runs[runs.len() - 1].y + 1);
                let (holes, hole_area) = holes(&is_in, bounds);
                let expected = PairCounts {
                    pixels: pixels.len() as u64,
                    level: count(&[(1, 0)]),
                    upright: count(&[(0, 1)]),
                    diagonal: count(&[(1, 1), (-1, 1)]),
                    flat: count(&[(2, 1), (-2, 1)]),
                    steep: count(&[(1, 2), (-1, 2)]),
                    euler: 1 - holes,
                };
                let bits = BitRaster::of_runs(runs, bounds);
                prop_assert_eq!(PairCounts::by_runs(runs, expected.pixels), expected);
                prop_assert_eq!(PairCounts::of_bits(&bits, expected.pixels), expected);
                prop_assert_eq!(bits.outer_area((runs[0].x0, runs[0].y)), expected.pixels + hole_area);
            }
        }
    }

    /// Number and pixels of 4-connected background components that do not reach the margin.
    fn holes(is_in: &impl Fn(i64, i64) -> bool, b: PixelRect) -> (i64, u64) {
        let (x0, y0, x1, y1) = (i64::from(b.x0) - 1, i64::from(b.y0) - 1, i64::from(b.x1) + 1, i64::from(b.y1) + 1);
        let mut seen = std::collections::HashSet::new();
        let (mut holes, mut area) = (-1, 0);
        for y in y0..y1 {
            for x in x0..x1 {
                let mut queue = vec![(x, y)];
                let mut size = 0;
                while let Some((x, y)) = queue.pop() {
                    if x >= x0 && x < x1 && y >= y0 && y < y1 && !is_in(x, y) && seen.insert((x, y)) {
                        size += 1;
                        queue.extend([(x + 1, y), (x - 1, y), (x, y + 1), (x, y - 1)]);
                    }
                }
                // The first one is the outside.
                if size > 0 {
                    area += if holes >= 0 { size } else { 0 };
                    holes += 1;
                }
            }
        }
        (holes, area)
    }

    #[test]
    fn the_weights_of_all_directions_sum_up_to_the_half_circle() {
        // Line spacings undone, Σ wₖ = π for any shape of pixel.
        for (sx, sy) in [(1.0, 1.0), (0.02, 0.03), (3.0, 0.1)] {
            let c = Crofton::eight((sx, sy));
            let angle = |w: f64, a: f64, b: f64| w * (a * sx).hypot(b * sy) / (sx * sy);
            let sum = angle(c.level, 1.0, 0.0)
                + angle(c.upright, 0.0, 1.0)
                + 2.0 * (angle(c.diagonal, 1.0, 1.0) + angle(c.flat, 2.0, 1.0) + angle(c.steep, 1.0, 2.0));
            assert!((sum - PI).abs() < 1e-12, "{sum}");
        }
    }
}
