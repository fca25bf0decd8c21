//! The regions of one class in one zone, in the order of a feature.

use crate::judge::{Disposition, Verdict, judge_row};
use crate::measure::Feature;
use crate::workflow::Evaluation;

/// Rows of an evaluation's table that belong to one class and zone, smallest first; those without a value come last.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CellRegions {
    pub feature: Option<Feature>,
    /// Rows of the table.
    pub rows: Vec<u32>,
    /// The feature of each row; NaN = unmeasured.
    pub values: Vec<f32>,
    /// Part of the evaluation of each row.
    pub parts: Vec<u32>,
}

/// Regions by what their part is in truth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TruthCounts {
    pub ok: u32,
    pub ng: u32,
    pub unknown: u32,
}

impl TruthCounts {
    #[must_use]
    pub const fn total(self) -> u32 {
        self.ok + self.ng + self.unknown
    }

    const fn count(&mut self, truth: Disposition) {
        match truth {
            Disposition::Ok => self.ok += 1,
            Disposition::Ng => self.ng += 1,
            Disposition::Unknown => self.unknown += 1,
        }
    }
}

impl CellRegions {
    #[must_use]
    pub fn of(evaluation: &Evaluation, class: u8, zone: u8, feature: Feature) -> Self {
        let table = evaluation.table();
        let mut entries: Vec<(f32, u32, u32)> = Vec::new();
        for part in 0..table.parts() {
            let rows = table.rows_of_part(part).filter(|&row| table.class()[row] == class && table.zone()[row] == zone);
            entries.extend(rows.map(|row| (table.value(row, feature), row as u32, part as u32)));
        }
        // NaN after all numbers, whatever its sign bit says.
        entries.sort_by(|a, b| a.0.is_nan().cmp(&b.0.is_nan()).then(a.0.total_cmp(&b.0)).then(a.1.cmp(&b.1)));
        Self {
            feature: Some(feature),
            rows: entries.iter().map(|e| e.1).collect(),
            values: entries.iter().map(|e| e.0).collect(),
            parts: entries.iter().map(|e| e.2).collect(),
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many have a value; they come first.
    #[must_use]
    pub fn measured(&self) -> usize {
        self.values.partition_point(|v| !v.is_nan())
    }

    /// How many have a value below this one.
    #[must_use]
    pub fn below(&self, value: f64) -> usize {
        self.values[..self.measured()].partition_point(|&v| f64::from(v) < value)
    }

    /// A limit that parts the first `count` values from the others: halfway between two neighbours, or as far from the last value as that
    /// is from 0.
    #[must_use]
    pub fn limit_after(&self, count: usize) -> Option<f64> {
        let values = &self.values[..self.measured()];
        let count = count.min(values.len());
        let (first, last) = (f64::from(*values.first()?), f64::from(*values.last()?));
        Some(match (count.checked_sub(1).map(|i| f64::from(values[i])), values.get(count).map(|&v| f64::from(v))) {
            (Some(a), Some(b)) if a < b => a + (b - a) / 2.0,
            (Some(_), Some(b)) => b,
            (None, _) => first * 0.9,
            (Some(_), None) => last * 1.1,
        })
    }

    /// Counts the measured regions in `bars` classes; `share` puts a value on the axis, 0..=1.
    #[must_use]
    pub fn histogram(&self, evaluation: &Evaluation, bars: usize, share: impl Fn(f64) -> f64) -> Vec<TruthCounts> {
        let mut counts = vec![TruthCounts::default(); bars.max(1)];
        for (value, part) in self.values[..self.measured()].iter().zip(&self.parts) {
            let bar = (share(f64::from(*value)) * bars as f64) as usize;
            counts[bar.min(bars.saturating_sub(1))].count(evaluation.truth()[*part as usize]);
        }
        counts
    }

    /// The verdict on the region by itself.
    #[must_use]
    pub fn verdict(&self, evaluation: &Evaluation, index: usize) -> Verdict {
        judge_row(evaluation.table(), self.rows[index] as usize, evaluation.board().rules())
    }

    /// What the part of a region is in truth.
    #[must_use]
    pub fn truth(&self, evaluation: &Evaluation, index: usize) -> Disposition {
        evaluation.truth()[self.parts[index] as usize]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn regions(values: &[f32]) -> CellRegions {
        let n = values.len() as u32;
        CellRegions { feature: None, rows: (0..n).collect(), values: values.to_vec(), parts: (0..n).collect() }
    }

    #[test]
    fn a_limit_parts_what_it_was_asked_to_part() {
        let r = regions(&[0.2, 0.4, 0.4, 1.0, f32::NAN]);
        assert_eq!(r.measured(), 4);
        assert_eq!((r.below(0.4), r.below(0.5), r.below(9.0)), (1, 3, 4));
        for count in [0, 1, 3, 4] {
            let limit = r.limit_after(count).unwrap();
            assert_eq!(r.below(limit), count, "{limit}");
        }
        // Between two equal values no limit goes; it takes neither.
        assert_eq!(r.below(r.limit_after(2).unwrap()), 1);
        assert_eq!(regions(&[f32::NAN]).limit_after(0), None);
    }
}
