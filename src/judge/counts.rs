//! Counting the rows of a group that are NG and review under one cell: the inner loop of judging.

use std::ops::Range;

use super::compiled::CompiledCell;
use super::limit::Thresholds;
use super::rows_by_pair::{Column, RowsByPair, UNSPOKEN};
use super::verdict::Verdict;

/// How many rows are NG and how many review; the rest is OK.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    pub ng: u32,
    pub review: u32,
}

/// A cell with the columns that its limits look at.
pub(super) struct CellColumns<'a> {
    limits: Vec<(Thresholds, &'a Column)>,
    /// The verdict when there is no limit.
    otherwise: Verdict,
}

impl<'a> CellColumns<'a> {
    /// The columns must have been brought into `rows`. `otherwise` is the verdict on rows that neither the cell nor a rule speaks of; where
    /// there are rules, the rows that one speaks of are known to `rows`.
    pub fn new(cell: Option<&CompiledCell>, otherwise: Verdict, rows: &'a RowsByPair) -> Self {
        if let Some(cell) = cell.filter(|c| c.decides()) {
            let limits = cell.limits.iter().filter_map(|l| Some((l.thresholds, rows.column(l.column())?))).collect();
            return Self { limits, otherwise: Verdict::Ok };
        }
        // 0 where a rule speaks of the row, else 1.
        let unspoken = rows.column(UNSPOKEN).map(|column| {
            let reject = if otherwise == Verdict::Ng { 0.5 } else { f32::INFINITY };
            let accept = if otherwise == Verdict::Ok { f32::INFINITY } else { 0.5 };
            (Thresholds { accept, reject, is_negated: false }, column)
        });
        Self { limits: unspoken.into_iter().collect(), otherwise }
    }

    /// The same with other thresholds for one limit.
    pub fn with(&self, limit: usize, thresholds: Thresholds) -> Self {
        let mut limits = self.limits.clone();
        limits[limit].0 = thresholds;
        Self { limits, otherwise: self.otherwise }
    }

    /// Column of one limit with its span per group.
    pub fn column(&self, limit: usize) -> &'a Column {
        self.limits[limit].1
    }

    /// Thresholds of one limit.
    pub fn thresholds(&self, limit: usize) -> Thresholds {
        self.limits[limit].0
    }

    /// The worst verdict on a row by the limits other than `limit`.
    pub fn verdict_without(&self, limit: usize, row: usize) -> Verdict {
        let mut worst = Verdict::Ok;
        for (i, (thresholds, column)) in self.limits.iter().enumerate() {
            if i != limit {
                // The columns of limits where small is bad are negated.
                worst = worst.max(thresholds.verdict_signed(column.values[row]));
            }
        }
        worst
    }

    /// Column of one limit.
    pub fn values(&self, limit: usize) -> &'a [f32] {
        &self.limits[limit].1.values
    }

    /// The group has values on both sides of, or between, `from` and `to` in one limit's column: moving a threshold from one to the
    /// other may matter to it.
    pub fn is_moved(&self, limit: usize, group: usize, from: f32, to: f32) -> bool {
        let column = self.limits[limit].1;
        !(column.max[group] < from.min(to) || column.min[group] >= from.max(to))
    }

    /// Calls `f` with the counts of each group of a pair that is not all OK.
    pub fn for_each_group(&self, rows: &RowsByPair, groups: Range<usize>, mut f: impl FnMut(usize, Counts)) {
        // Column by column, so that the compiler can work on several groups at once; most groups are settled here.
        let mut is_suspect = vec![self.limits.is_empty() && self.otherwise != Verdict::Ok; groups.len()];
        for (thresholds, column) in &self.limits {
            for (is_suspect, &max) in is_suspect.iter_mut().zip(&column.max[groups.clone()]) {
                *is_suspect |= !is_below(max, thresholds.accept);
            }
        }
        for (group, _) in groups.zip(is_suspect).filter(|(_, is_suspect)| *is_suspect) {
            let counts = self.count(group, rows.rows_of_group(group));
            if counts != Counts::default() {
                f(group, counts);
            }
        }
    }

    /// Groups are so small that looking at every row is cheaper than looking at the span of every group.
    pub fn prefers_rows(&self, rows: usize, groups: usize) -> bool {
        /// Rows of a group on average.
        const SMALL: usize = 8;
        !self.limits.is_empty() && rows < SMALL * groups
    }

    /// Calls `f` with the part of each row of a pair that is not OK, and whether it is NG (else review), in the order of the rows.
    pub fn for_each_bad_row(&self, rows: &RowsByPair, stretch: Range<usize>, mut f: impl FnMut(u32, bool)) {
        const BLOCK: usize = 1024;
        let mut all_flags = [0_u8; BLOCK];
        for first in stretch.clone().step_by(BLOCK) {
            let end = (first + BLOCK).min(stretch.end);
            let flags = &mut all_flags[..end - first];
            flags.fill(0);
            // Column by column and without a branch, so that the compiler can work on several rows at once. Bit 0: not OK, bit 1: NG.
            for (thresholds, column) in &self.limits {
                let Thresholds { accept, reject, .. } = *thresholds;
                for (flag, &value) in flags.iter_mut().zip(&column.values[first..end]) {
                    *flag |= u8::from(!is_below(value, accept)) | u8::from(value >= reject) << 1;
                }
            }
            let parts = &rows.part[first..end];
            let (eights, rest) = flags.as_chunks::<8>();
            for (eight, parts) in eights.iter().zip(parts.chunks(8)) {
                let mut bad = u64::from_le_bytes(*eight) & 0x0101_0101_0101_0101;
                while bad != 0 {
                    let row = (bad.trailing_zeros() / 8) as usize;
                    f(parts[row], eight[row] & 2 != 0);
                    bad &= bad - 1;
                }
            }
            for (&flag, &part) in rest.iter().zip(&parts[eights.len() * 8..]).filter(|(flag, _)| **flag != 0) {
                f(part, flag & 2 != 0);
            }
        }
    }

    /// Counts over the rows of a group.
    pub fn count(&self, group: usize, rows: Range<usize>) -> Counts {
        if self.limits.is_empty() {
            let all = rows.len() as u32;
            return match self.otherwise {
                Verdict::Ok => Counts::default(),
                Verdict::Review => Counts { ng: 0, review: all },
                Verdict::Ng => Counts { ng: all, review: 0 },
            };
        }
        // Many groups are decided by their span; with a NaN the span is NaN and neither comparison holds.
        if self.limits.iter().all(|(t, column)| is_below(column.max[group], t.accept)) {
            return Counts::default();
        }
        if self.limits.iter().any(|(t, column)| column.min[group] >= t.reject) {
            return Counts { ng: rows.len() as u32, review: 0 };
        }
        match self.limits[..] {
            [a] => count([a], rows),
            [a, b] => count([a, b], rows),
            [a, b, c] => count([a, b, c], rows),
            [a, b, c, d] => count([a, b, c, d], rows),
            _ => self.count_any(rows),
        }
    }

    fn count_any(&self, rows: Range<usize>) -> Counts {
        let mut counts = Counts::default();
        for row in rows {
            match self.verdict_without(usize::MAX, row) {
                Verdict::Ok => {}
                Verdict::Review => counts.review += 1,
                Verdict::Ng => counts.ng += 1,
            }
        }
        counts
    }
}

/// False with NaN.
fn is_below(value: f32, limit: f32) -> bool {
    value < limit
}

/// Counts without a branch per row, so that the compiler can work on several rows at once.
fn count<const N: usize>(limits: [(Thresholds, &Column); N], rows: Range<usize>) -> Counts {
    let columns = limits.map(|(_, column)| &column.values[rows.clone()]);
    let (mut ng, mut ok) = (0_u32, 0_u32);
    for row in 0..rows.len() {
        let (mut is_ng, mut is_ok) = (false, true);
        for ((thresholds, _), values) in limits.iter().zip(&columns) {
            let value = values[row];
            is_ng |= value >= thresholds.reject;
            is_ok &= value < thresholds.accept;
        }
        ng += u32::from(is_ng);
        ok += u32::from(is_ok);
    }
    Counts { ng, review: rows.len() as u32 - ng - ok }
}
