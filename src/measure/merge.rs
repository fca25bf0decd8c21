//! Fragments of one defect measured as one region: regions of a class whose gap is small enough are joined by single linkage.

use std::borrow::Cow;

use super::calibration::Calibration;
use crate::raster::components::Components;
use crate::raster::runs::Run;

/// What joining made of components.
#[derive(Debug)]
pub(super) struct Merged {
    /// In the order of the first pixel of each from top left; runs sorted from top to bottom and left to right.
    pub components: Components,
    /// For each of them the component it was before, None for one that was put together.
    pub was: Vec<Option<usize>>,
}

/// Joins components of one class whose gap is at most `gaps` mm of that class, directly or over others (single linkage). The gap of two
/// regions is the smallest distance of their pixel squares: `hypot(max(|Δx| − 1, 0)·sx, max(|Δy| − 1, 0)·sy)` over all pairs of pixels.
/// A component that `is_fixed` stays alone. None when nothing was joined.
pub(super) fn merged(
    components: &Components,
    is_fixed: impl Fn(usize) -> bool,
    calibration: Calibration,
    gaps: &[(u8, f64)],
) -> Option<Merged> {
    let mut parent: Vec<u32> = (0..components.len() as u32).collect();
    for &(class, gap_mm) in gaps.iter().filter(|g| g.1 > 0.0) {
        let members = (0..components.len()).filter(|&i| components.value(i) == class && !is_fixed(i));
        link(&OwnedRuns::of(components, members), calibration, gap_mm, &mut parent);
    }
    // A parent has a smaller index than its child, so one pass finds the root of each.
    for i in 0..parent.len() {
        parent[i] = parent[parent[i] as usize];
    }
    if parent.iter().enumerate().all(|(i, &root)| root == i as u32) {
        return None;
    }
    let mut groups: Vec<Cow<'_, [Run]>> = Vec::new();
    let mut was: Vec<Option<usize>> = Vec::new();
    let mut place = vec![0; parent.len()];
    for (i, &root) in parent.iter().enumerate() {
        if root == i as u32 {
            place[i] = groups.len();
            groups.push(Cow::Borrowed(components.runs(i)));
            was.push(Some(i));
        } else {
            let at = place[root as usize];
            groups[at].to_mut().extend_from_slice(components.runs(i));
            was[at] = None;
        }
    }
    for (group, _) in groups.iter_mut().zip(&was).filter(|(_, was)| was.is_none()) {
        group.to_mut().sort_unstable_by_key(|r| (r.y, r.x0));
    }
    Some(Merged { components: Components::of_groups(&groups), was })
}

/// Runs of many regions row by row, each with the region it belongs to.
#[derive(Debug)]
pub(super) struct OwnedRuns {
    /// Sorted by y and x0.
    runs: Vec<(Run, u32)>,
    /// The row of `starts[0]`.
    first_row: u32,
    /// `runs[starts[i]..starts[i + 1]]` lie in row `first_row + i`.
    starts: Vec<u32>,
}

impl OwnedRuns {
    /// The runs of some components.
    pub fn of(components: &Components, members: impl Iterator<Item = usize>) -> Self {
        let mut runs: Vec<(Run, u32)> = members.flat_map(|i| components.runs(i).iter().map(move |&r| (r, i as u32))).collect();
        runs.sort_unstable_by_key(|(r, _)| (r.y, r.x0));
        let first_row = runs.first().map_or(0, |(r, _)| r.y);
        let rows = runs.last().map_or(0, |(r, _)| r.y - first_row + 1);
        let mut starts = vec![0_u32; rows as usize + 1];
        for (r, _) in &runs {
            starts[(r.y - first_row) as usize + 1] += 1;
        }
        for i in 1..starts.len() {
            starts[i] += starts[i - 1];
        }
        Self { runs, first_row, starts }
    }

    /// The runs of one row, from left to right.
    pub fn row(&self, y: u32) -> &[(Run, u32)] {
        &self.runs[self.row_range(y)]
    }

    fn row_range(&self, y: u32) -> std::ops::Range<usize> {
        let i = y.wrapping_sub(self.first_row) as usize;
        match self.starts.get(i..i.saturating_add(2)) {
            Some(&[from, to]) => from as usize..to as usize,
            _ => 0..0,
        }
    }

    /// Rows that hold runs, from the first to behind the last.
    pub fn rows(&self) -> std::ops::Range<u32> {
        self.first_row..self.first_row + self.starts.len() as u32 - 1
    }
}

/// Joins the sets of all owners whose runs lie at most `gap_mm` apart.
fn link(all: &OwnedRuns, calibration: Calibration, gap_mm: f64, parent: &mut [u32]) {
    let (sx, sy) = (calibration.x_mm_per_px, calibration.y_mm_per_px);
    // A gap of three pixels of 0.1 mm is one of 0.3 mm, whatever the last bit says.
    let gap_mm = gap_mm * (1.0 + 1e-9);
    let runs = &all.runs;
    // Chains: runs of one row of which each is near enough to the next. For each run the first that is in its chain no more.
    let mut chain_end = vec![runs.len() as u32; runs.len()];
    for i in (1..runs.len()).rev() {
        let ((a, owner), (b, next)) = (runs[i - 1], runs[i]);
        let is_near = a.y == b.y && f64::from(b.x0 - a.x1) * sx <= gap_mm;
        chain_end[i - 1] = if is_near { chain_end[i] } else { i as u32 };
        if is_near {
            join(parent, owner, next);
        }
    }
    for (run, owner) in runs {
        let mut y = run.y + 1;
        while y < all.rows().end {
            let down = f64::from(y - run.y - 1) * sy;
            if down > gap_mm {
                break;
            }
            // How far apart two runs may lie along the row.
            let aside = ((gap_mm * gap_mm - down * down).max(0.0).sqrt() / sx).min(f64::from(u32::MAX)) as i64;
            let row = all.row_range(y);
            let mut k = row.start + runs[row.clone()].partition_point(|(r, _)| i64::from(r.x1) + aside < i64::from(run.x0));
            // One of each chain: the others of it are joined to it already.
            while k < row.end && i64::from(runs[k].0.x0) <= i64::from(run.x1) + aside {
                join(parent, *owner, runs[k].1);
                k = chain_end[k] as usize;
            }
            y += 1;
        }
    }
}

fn join(parent: &mut [u32], a: u32, b: u32) {
    if a != b {
        let (a, b) = (root(parent, a), root(parent, b));
        parent[a.max(b) as usize] = a.min(b);
    }
}

fn root(parent: &mut [u32], mut i: u32) -> u32 {
    while parent[i as usize] != i {
        let grand = parent[parent[i as usize] as usize];
        parent[i as usize] = grand;
        i = grand;
    }
    i
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{LabelMap, Plane};
    use proptest::prelude::*;

    fn components(w: u32, h: u32, value: impl FnMut(u32, u32) -> u8) -> Components {
        Components::of(&LabelMap::from_plane(&Plane::from_fn(w, h, value)))
    }

    fn sizes(components: &Components, gap: f64, calibration: Calibration) -> Vec<u32> {
        let merged = merged(components, |_| false, calibration, &[(1, gap)]);
        let components = merged.as_ref().map_or(components, |m| &m.components);
        components.iter().map(|runs| runs.iter().map(|r| r.len()).sum()).collect()
    }

    /// Bars with gaps of 3 and hypot(6, 1) = 6.083 px, and a pixel far off.
    #[test]
    fn bars_in_a_row_are_one_from_their_gap_on() {
        let c = components(80, 30, |x, y| {
            let bar = |ys: std::ops::Range<u32>, xs: std::ops::Range<u32>| ys.contains(&y) && xs.contains(&x);
            u8::from(bar(10..13, 5..15) || bar(10..13, 18..30) || bar(14..17, 36..50) || bar(25..26, 70..71))
        });
        let px = Calibration::square(1.0);
        assert_eq!(sizes(&c, 2.9, px), [30, 36, 42, 1]);
        assert_eq!(sizes(&c, 3.0, px), [66, 42, 1]);
        assert_eq!(sizes(&c, 6.0, px), [66, 42, 1]);
        assert_eq!(sizes(&c, 6.1, px), [108, 1]);
        assert_eq!(sizes(&c, 30.0, px), [109]);
        // Rows of 0.03 mm, columns of 0.02 mm: the gaps are 0.06 and 0.1237 mm.
        let mm = Calibration { x_mm_per_px: 0.02, y_mm_per_px: 0.03 };
        assert_eq!(sizes(&c, 0.0599, mm), [30, 36, 42, 1]);
        assert_eq!(sizes(&c, 0.06, mm), [66, 42, 1]);
        assert_eq!(sizes(&c, 0.1236, mm), [66, 42, 1]);
        assert_eq!(sizes(&c, 0.1237, mm), [108, 1]);
    }

    #[test]
    fn what_is_fixed_and_what_is_of_another_class_stays_alone() {
        let c = components(30, 3, |x, _| match x {
            3..6 | 8..11 | 18..20 | 22..25 => 1,
            13..16 => 2,
            _ => 0,
        });
        let px = Calibration::square(1.0);
        assert_eq!(sizes(&c, 2.0, px), [18, 9, 15]);
        let merged = merged(&c, |i| i == 0, px, &[(1, 2.0), (2, 9.0)]).unwrap();
        assert_eq!(merged.was, [Some(0), Some(1), Some(2), None]);
        assert!(super::merged(&c, |_| true, px, &[(1, 50.0)]).is_none());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Against the distance of every pair of pixels.
        #[test]
        fn clusters_are_those_of_all_pairs_of_pixels(
            bits in prop::collection::vec(0_u8..12, 40 * 20), gap in 0.1..6.0_f64, sx in 0.3..2.0_f64, sy in 0.3..2.0_f64,
        ) {
            let c = components(40, 20, |x, y| match bits[(y * 40 + x) as usize] { 0 => 1, 1 => 2, _ => 0 });
            let calibration = Calibration { x_mm_per_px: sx, y_mm_per_px: sy };
            let pixels: Vec<Vec<(i64, i64)>> = c.iter()
                .map(|runs| runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (i64::from(x), i64::from(r.y)))).collect())
                .collect();
            let mut cluster: Vec<usize> = (0..c.len()).collect();
            for i in 0..c.len() {
                for j in 0..i {
                    let near = c.value(i) == 1 && c.value(j) == 1 && pixels[i].iter().any(|a| pixels[j].iter().any(|b| {
                        let side = |p: i64, q: i64| ((p - q).abs() - 1).max(0) as f64;
                        (side(a.0, b.0) * sx).hypot(side(a.1, b.1) * sy) <= gap
                    }));
                    if near {
                        let (from, to) = (cluster[i], cluster[j]);
                        cluster.iter_mut().filter(|k| **k == from).for_each(|k| *k = to);
                    }
                }
            }
            let mut expected: Vec<Vec<(i64, i64)>> = vec![Vec::new(); c.len()];
            for (i, k) in cluster.iter().enumerate() {
                expected[*k].extend(&pixels[i]);
            }
            expected.retain(|g| !g.is_empty());
            let key = |p: &(i64, i64)| (p.1, p.0);
            for group in &mut expected {
                group.sort_unstable_by_key(key);
            }
            expected.sort_unstable_by_key(|g| key(&g[0]));
            let merged = merged(&c, |_| false, calibration, &[(1, gap)]);
            let found = merged.as_ref().map_or(&c, |m| &m.components);
            let found: Vec<Vec<(i64, i64)>> = found.iter()
                .map(|runs| runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (i64::from(x), i64::from(r.y)))).collect())
                .collect();
            prop_assert_eq!(found, expected);
        }
    }
}
