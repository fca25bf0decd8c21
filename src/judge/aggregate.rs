//! What the regions of a cell amount to on one part: count, total, largest.

use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::compiled::CompiledRuleset;
use super::rule_part::standing;
use crate::measure::{Feature, RegionTable};

/// A figure over all regions of a cell on one part. A region that touches several zones of the same cell counts once.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Number of regions.
    Count,
    /// Sum of a feature; unmeasured as soon as one value is.
    Total(Feature),
    /// Highest value of a feature; unmeasured as soon as one value is.
    Max(Feature),
}

impl Aggregate {
    /// Unit of the figure, "" for a count or a ratio.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Count => "",
            Self::Total(feature) | Self::Max(feature) => feature.unit(),
        }
    }

    /// The feature that is added up or compared; None for a count.
    #[must_use]
    pub const fn feature(self) -> Option<Feature> {
        match self {
            Self::Count => None,
            Self::Total(feature) | Self::Max(feature) => Some(feature),
        }
    }

    fn start(self) -> f64 {
        match self {
            Self::Count | Self::Total(_) => 0.0,
            Self::Max(_) => f64::NEG_INFINITY,
        }
    }

    fn add(self, so_far: f64, table: &RegionTable, row: usize) -> f64 {
        match self {
            Self::Count => so_far + 1.0,
            Self::Total(feature) => so_far + f64::from(table.value(row, feature)),
            Self::Max(feature) => {
                let value = f64::from(table.value(row, feature));
                if so_far.is_nan() || value.is_nan() { f64::NAN } else { so_far.max(value) }
            }
        }
    }
}

/// The figure of one part limit on one part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct PartFigure {
    pub cell: usize,
    /// Index in [`super::CompiledCell::per_part`].
    pub limit: usize,
    /// Rounded to the precision of the measured values, so that 0.1 + 0.2 is at a limit of 0.3.
    pub value: f32,
}

/// Adds up the part limits of a ruleset, part by part; keeps its scratch memory from part to part.
pub(super) struct Adder<'r> {
    rules: &'r CompiledRuleset,
    /// One slot per part limit: where it belongs and what it adds up.
    slots: Vec<(usize, usize, Aggregate)>,
    /// Slots of each cell.
    slots_of_cell: Vec<Range<usize>>,
    sums: Vec<Option<f64>>,
}

impl<'r> Adder<'r> {
    pub fn new(rules: &'r CompiledRuleset) -> Self {
        let mut slots = Vec::new();
        let mut slots_of_cell = Vec::new();
        for (c, cell) in rules.cells().iter().enumerate() {
            let first = slots.len();
            slots.extend(cell.per_part.iter().enumerate().map(|(i, limit)| (c, i, limit.aggregate)));
            slots_of_cell.push(first..slots.len());
        }
        let sums = vec![None; slots.len()];
        Self { rules, slots, slots_of_cell, sums }
    }

    /// No cell limits an aggregate.
    pub fn is_idle(&self) -> bool {
        self.slots.is_empty()
    }

    /// Calls `emit` for each part limit that has a region in `rows`, the rows of one part.
    pub fn part(&mut self, table: &RegionTable, rows: Range<usize>, mut emit: impl FnMut(PartFigure)) {
        self.sums.fill(None);
        let rows_end = rows.end;
        // Rows of one region follow each other; those before this one of the same region start here.
        let mut region_start = rows.start;
        for row in rows {
            let is_same = |other: usize| table.image()[other] == table.image()[row] && table.region()[other] == table.region()[row];
            if !is_same(region_start) {
                region_start = row;
            }
            let Some(cell) = self.rules.cell_index(table.class()[row], table.zone()[row]) else { continue };
            let slots = self.slots_of_cell[cell].clone();
            if slots.is_empty() {
                continue;
            }
            let is_of_cell = |r: &usize| self.rules.cell_index(table.class()[*r], table.zone()[*r]) == Some(cell);
            let is_first = !(region_start..row).any(|r| is_of_cell(&r));
            if self.rules.is_piece(table.zone()[row]) {
                // Pieces add up, where no row stands for the whole region.
                let end = (row..rows_end).find(|&r| !is_same(r)).unwrap_or(rows_end);
                let of_cell: Vec<usize> = (region_start..end).filter(is_of_cell).collect();
                if !standing(table, self.rules, &of_cell).contains(&row) {
                    continue;
                }
                for slot in slots.clone() {
                    let aggregate = self.slots[slot].2;
                    if aggregate != Aggregate::Count || is_first {
                        let so_far = self.sums[slot].unwrap_or_else(|| aggregate.start());
                        self.sums[slot] = Some(aggregate.add(so_far, table, row));
                    }
                }
                continue;
            }
            // A whole row counts unless another whole row of the region did.
            let is_counted = (region_start..row).any(|r| is_of_cell(&r) && !self.rules.is_piece(table.zone()[r]));
            if is_counted {
                continue;
            }
            for slot in slots {
                let aggregate = self.slots[slot].2;
                let so_far = self.sums[slot].unwrap_or_else(|| aggregate.start());
                self.sums[slot] = Some(aggregate.add(so_far, table, row));
            }
        }
        for (&(cell, limit, _), sum) in self.slots.iter().zip(&self.sums) {
            if let Some(sum) = sum {
                emit(PartFigure { cell, limit, value: *sum as f32 });
            }
        }
    }
}
