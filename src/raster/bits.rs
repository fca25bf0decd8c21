//! A region as one bit per pixel of its bounding box: the form in which pairs of pixels are counted 64 at a time.

use super::geometry::PixelRect;
use super::runs::Run;

/// One bit per pixel of a bounding box, with a blank word on both sides of each row, a blank row above and two below, so that every
/// pixel has all the neighbours that [`super::pairs`] asks for.
#[derive(Clone, Debug)]
pub struct BitRaster {
    bounds: PixelRect,
    /// Words per row, the two blank ones included.
    stride: usize,
    words: Vec<u64>,
}

/// Steps right, down, left, up; the next entry is a turn to the right.
const STEP: [(i64, i64); 4] = [(1, 0), (0, 1), (-1, 0), (0, -1)];

impl BitRaster {
    /// `bounds` is the bounding box of `runs`.
    #[must_use]
    pub fn of_runs(runs: &[Run], bounds: PixelRect) -> Self {
        let stride = words_per_row(bounds);
        let mut words = vec![0_u64; stride * (bounds.height() as usize + 3)];
        for r in runs {
            let row = &mut words[(r.y - bounds.y0 + 1) as usize * stride + 1..];
            let (a, b) = ((r.x0 - bounds.x0) as usize, (r.x1 - bounds.x0) as usize);
            let (first, last) = (a / 64, (b - 1) / 64);
            let (from, to) = (u64::MAX << (a % 64), u64::MAX >> (63 - (b - 1) % 64));
            if first == last {
                row[first] |= from & to;
            } else {
                row[first] |= from;
                row[first + 1..last].fill(u64::MAX);
                row[last] |= to;
            }
        }
        Self { bounds, stride, words }
    }

    /// Words of bits are counted faster than so many runs.
    #[must_use]
    pub fn is_better_than_runs(runs: &[Run], bounds: PixelRect) -> bool {
        words_per_row(bounds) * (bounds.height() as usize + 3) <= 3 * runs.len()
    }

    /// Words of row `line`: 0 is the blank row above the region.
    pub(super) fn row(&self, line: usize) -> &[u64] {
        &self.words[line * self.stride..(line + 1) * self.stride]
    }

    /// Rows of the region, the blank ones not counted.
    pub(super) const fn rows(&self) -> usize {
        self.bounds.height() as usize
    }

    /// Whether the pixel belongs to the region; it may lie up to one pixel outside the bounding box.
    fn is_in(&self, x: i64, y: i64) -> bool {
        let column = (x - i64::from(self.bounds.x0) + 64) as usize;
        let line = (y - i64::from(self.bounds.y0) + 1) as usize;
        self.words[line * self.stride + column / 64] >> (column % 64) & 1 != 0
    }

    /// Pixels inside the outer contour of an 8-connected region whose first pixel from top left is `start`: its own and those of its
    /// holes.
    #[must_use]
    pub fn outer_area(&self, start: (u32, u32)) -> u64 {
        let mut area = 0_i64;
        // Green: the area is the sum of −y dx along a contour that is clockwise on the screen.
        self.walk(start, |(_, y), (dx, _)| area -= dx * (y - i64::from(start.1)));
        area.unsigned_abs()
    }

    /// The cracks of the outer contour that separate a pixel from its left neighbour, as (y, x) of the right one of the two, sorted. A pixel
    /// (x, y) lies inside when an odd number of those of its row are not right of it.
    #[must_use]
    pub fn outer_cracks(&self, start: (u32, u32)) -> Vec<(u32, u32)> {
        let mut cracks = Vec::new();
        self.walk(start, |(x, y), (_, dy)| {
            if dy != 0 {
                cracks.push((y.min(y + dy) as u32, x as u32));
            }
        });
        cracks.sort_unstable();
        cracks
    }

    /// Walks the outer contour along the cracks between pixels, with the region at the right hand; calls `step` with the corner that each
    /// step leaves and its direction.
    fn walk(&self, start: (u32, u32), mut step: impl FnMut((i64, i64), (i64, i64))) {
        let start = (i64::from(start.0), i64::from(start.1));
        let (mut corner, mut heading) = (start, 0_usize);
        loop {
            let (dx, dy) = STEP[heading];
            step(corner, (dx, dy));
            corner = (corner.0 + dx, corner.1 + dy);
            let (left, right) = match heading {
                0 => ((0, -1), (0, 0)),
                1 => ((0, 0), (-1, 0)),
                2 => ((-1, 0), (-1, -1)),
                _ => ((-1, -1), (0, -1)),
            };
            // Left first: at a corner where two pixels of the region touch, the contour goes over to the other one.
            if self.is_in(corner.0 + left.0, corner.1 + left.1) {
                heading = (heading + 3) % 4;
            } else if !self.is_in(corner.0 + right.0, corner.1 + right.1) {
                heading = (heading + 1) % 4;
            }
            if corner == start && heading == 0 {
                return;
            }
        }
    }
}

/// One bit more than the width must fit before the blank word at the end: corners of pixels are one more than pixels.
const fn words_per_row(bounds: PixelRect) -> usize {
    bounds.width() as usize / 64 + 3
}
