//! From each pixel of one boundary the nearest pixel of another, exactly.

use crate::raster::distance::squared_distances;
use crate::raster::{PixelRect, Plane};

/// Pixels of a boundary, from top to bottom and left to right.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BoundaryPixels {
    /// (y, first index in `columns`), ascending.
    rows: Vec<(u32, u32)>,
    columns: Vec<u32>,
}

/// Rows looked at per pixel of the image part, on average, from which on a distance transform is cheaper.
const ROWS_PER_PIXEL: u64 = 1;

impl BoundaryPixels {
    /// Adds a pixel; they must come from top to bottom and left to right.
    pub fn push(&mut self, x: u32, y: u32) {
        if self.rows.last().is_none_or(|r| r.0 != y) {
            self.rows.push((y, self.columns.len() as u32));
        }
        self.columns.push(x);
    }

    #[must_use]
    pub const fn len(&self) -> usize {
        self.columns.len()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.columns.is_empty()
    }

    fn row(&self, i: usize) -> (u32, &[u32]) {
        let (y, start) = self.rows[i];
        let end = self.rows.get(i + 1).map_or(self.columns.len(), |r| r.1 as usize);
        (y, &self.columns[start as usize..end])
    }

    fn pixels(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.rows.len()).flat_map(|i| {
            let (y, columns) = self.row(i);
            columns.iter().map(move |&x| (x, y))
        })
    }

    fn bounds(&self) -> PixelRect {
        let (Some(first), Some(last)) = (self.rows.first(), self.rows.last()) else { return PixelRect::EMPTY };
        let x0 = self.columns.iter().copied().min().unwrap_or(0);
        let x1 = self.columns.iter().copied().max().unwrap_or(0) + 1;
        PixelRect::new(x0, first.0, x1, last.0 + 1)
    }

    /// For every pixel, in order, the squared distance to the nearest of `other`, px²; nothing when that is empty.
    ///
    /// Boundaries that agree lie near each other: looking in the rows nearby costs little. Where they do not, and much has been looked
    /// at, a distance transform over both takes over; both are exact.
    #[must_use]
    pub fn squared_distances_to(&self, other: &Self) -> Vec<u64> {
        if other.is_empty() {
            return Vec::new();
        }
        let area = self.bounds().union(other.bounds()).area();
        let mut budget = area * ROWS_PER_PIXEL + 1024;
        let mut out = Vec::with_capacity(self.len());
        for (x, y) in self.pixels() {
            match other.nearest(x, y, &mut budget) {
                Some(squared) => out.push(squared),
                None => return self.by_transform(other),
            }
        }
        out
    }

    /// None when the budget of rows is used up.
    fn nearest(&self, x: u32, y: u32, budget: &mut u64) -> Option<u64> {
        let middle = self.rows.partition_point(|r| r.0 < y);
        let (mut up, mut down) = (middle, middle);
        let mut best = u64::MAX;
        loop {
            // The nearer of the next row below and the next above.
            let below = self.rows.get(down).map(|r| u64::from(r.0 - y));
            let above = up.checked_sub(1).map(|i| u64::from(y - self.rows[i].0));
            let (gap, index) = match (above, below) {
                (Some(a), Some(b)) if a < b => (a, up - 1),
                (Some(a), None) => (a, up - 1),
                (_, Some(b)) => (b, down),
                (None, None) => return Some(best),
            };
            if gap * gap >= best {
                return Some(best);
            }
            *budget = budget.checked_sub(1)?;
            if index == down {
                down += 1;
            } else {
                up -= 1;
            }
            let columns = self.row(index).1;
            let at = columns.partition_point(|&c| c < x);
            let beside = [at.checked_sub(1), Some(at)].into_iter().flatten().filter_map(|i| columns.get(i));
            best = beside.fold(best, |best, &c| best.min(gap * gap + u64::from(c.abs_diff(x)).pow(2)));
        }
    }

    fn by_transform(&self, other: &Self) -> Vec<u64> {
        let all = self.bounds().union(other.bounds());
        let mut mask = Plane::filled(all.width(), all.height(), true);
        for (x, y) in other.pixels() {
            mask.set(x - all.x0, y - all.y0, false);
        }
        let distances = squared_distances(&mask);
        self.pixels().map(|(x, y)| u64::from(distances.at(x - all.x0, y - all.y0))).collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn boundary(mut pixels: Vec<(u32, u32)>) -> BoundaryPixels {
        pixels.sort_unstable_by_key(|&(x, y)| (y, x));
        pixels.dedup();
        let mut out = BoundaryPixels::default();
        for (x, y) in pixels {
            out.push(x, y);
        }
        out
    }

    proptest! {
        #[test]
        fn both_ways_find_what_a_search_over_all_finds(
            a in prop::collection::vec((0_u32..60, 0_u32..40), 1..50), b in prop::collection::vec((0_u32..60, 0_u32..40), 1..50),
        ) {
            let (a, b) = (boundary(a), boundary(b));
            let all: Vec<u64> = a.pixels().map(|(x, y)| {
                b.pixels().map(|(u, v)| u64::from(u.abs_diff(x)).pow(2) + u64::from(v.abs_diff(y)).pow(2)).min().unwrap()
            }).collect();
            let mut budget = u64::MAX;
            let by_rows: Vec<u64> = a.pixels().map(|(x, y)| b.nearest(x, y, &mut budget).unwrap()).collect();
            prop_assert_eq!(&by_rows, &all);
            prop_assert_eq!(&a.by_transform(&b), &all);
            prop_assert_eq!(&a.squared_distances_to(&b), &all);
        }
    }

    #[test]
    fn the_budget_ends_the_search_and_not_the_answer() {
        let a = boundary((0..200).map(|x| (x, 0)).collect());
        let b = boundary((0..200).map(|y| (0, y + 3)).chain((0..200).map(|y| (199, y + 3))).collect());
        let mut none = 3;
        assert_eq!(b.nearest(100, 0, &mut none), None);
        assert_eq!(a.squared_distances_to(&b)[100], 99 * 99 + 9);
        assert!(a.squared_distances_to(&BoundaryPixels::default()).is_empty());
    }
}
