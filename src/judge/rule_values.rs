//! The values of all rules on all parts, worked out once; a limit that moves only compares them anew.

use super::compiled::CompiledRuleset;
use super::limit::Thresholds;
use super::rule_part::{Found, RulePart, capped};
use super::value_index::ValueIndex;
use super::verdict::Verdict;
use crate::measure::RegionTable;

/// The values of one rule.
#[derive(Default)]
pub(super) struct RuleValues {
    /// Part of each value, ascending.
    part: Vec<u32>,
    /// Negated where small values are bad.
    values: Vec<f32>,
    /// NG is review at most; empty when no value is capped.
    is_capped: Vec<bool>,
    /// Where limits depend on the region or pair; else empty.
    own: Vec<Thresholds>,
    index: Option<ValueIndex>,
}

/// The values of all rules, and the rows of the table that some rule speaks of (None when there is no rule).
pub(super) fn rule_values(table: &RegionTable, rules: &CompiledRuleset) -> (Vec<RuleValues>, Option<Vec<bool>>) {
    if rules.rules().is_empty() {
        return (Vec::new(), None);
    }
    let mut is_spoken_of = vec![false; table.rows()];
    let mut part_rows = RulePart::new(table, rules);
    let values = rules
        .rules()
        .iter()
        .map(|rule| {
            let mut values = RuleValues::default();
            let has_own = rule.tiers.fixed.is_none();
            for part in 0..table.parts() {
                // A rule about all classes does not make an unknown one known.
                let covers = |row: usize| is_spoken_of[row] = rules.is_known(table.class()[row], table.zone()[row]);
                part_rows.rule(table.rows_of_part(part), rule, covers, |found| values.push(part as u32, &found, has_own));
            }
            values
        })
        .collect();
    (values, Some(is_spoken_of))
}

impl RuleValues {
    fn push(&mut self, part: u32, found: &Found, has_own: bool) {
        if found.is_capped && self.is_capped.is_empty() {
            self.is_capped = vec![false; self.values.len()];
        }
        self.part.push(part);
        self.values.push(if found.thresholds.is_negated { -found.value } else { found.value });
        if found.is_capped || !self.is_capped.is_empty() {
            self.is_capped.push(found.is_capped);
        }
        if has_own {
            self.own.push(found.thresholds);
        }
    }

    fn verdict(&self, at: usize, fixed: Thresholds) -> Verdict {
        let thresholds = self.own.get(at).copied().unwrap_or(fixed);
        capped(thresholds.verdict_signed(self.values[at]), self.is_capped.get(at).copied().unwrap_or(false))
    }

    /// Calls `f` with the part and the verdict of each value.
    pub fn for_each(&self, fixed: Thresholds, mut f: impl FnMut(usize, Verdict)) {
        for (at, &part) in self.part.iter().enumerate() {
            f(part as usize, self.verdict(at, fixed));
        }
    }

    /// Calls `f` with the part, the old and the new verdict of each value whose verdict may differ: those in the stretches
    /// `from ≤ value < to`.
    pub fn for_each_moved(
        &mut self,
        stretches: &[(f32, f32)],
        (old, new): (Thresholds, Thresholds),
        mut f: impl FnMut(usize, Verdict, Verdict),
    ) {
        let index = self.index.take().unwrap_or_else(|| ValueIndex::new(&self.values));
        for &(from, to) in stretches {
            index.for_each(from, to, |at| {
                let at = at as usize;
                f(self.part[at] as usize, self.verdict(at, old), self.verdict(at, new));
            });
        }
        self.index = Some(index);
    }
}
