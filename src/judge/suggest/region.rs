//! "This region is acceptable", "this is not": the smallest change of the limits of its cell that makes it so.

use thiserror::Error;

use super::place::{Gap, number_in};
use super::{Ground, LimitEdit, Subject, Target, apply_edits};
use crate::judge::compiled::{CompiledCell, CompiledLimit, CompiledRuleset};
use crate::judge::flips::{Flip, flips};
use crate::judge::limit::{Bound, Bounds};
use crate::judge::part::{judge_row, judge_table};
use crate::judge::ruleset::CellKey;
use crate::judge::ruleset_error::RulesetError;
use crate::judge::tally::Score;
use crate::judge::verdict::Verdict;
use crate::measure::{Feature, RegionTable};

/// How far beyond a region's value its limit goes at most where no other region is near: a quarter.
const MOST_BEYOND: f32 = 0.25;

/// Why no limit can make it so.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum RegionEditError {
    #[error("no rule speaks of the region's class in its zone; give the cell a limit first")]
    NoRule,
    #[error("cell {0} has no limit on regions that could move; give it one first")]
    NoLimit(CellKey),
    #[error("the {what} of the region was not measured, so no limit on it can move past it", what = .0.label().to_lowercase())]
    Unmeasured(Feature),
    #[error("a rule speaks against the region, and no limit of its cell; change the rule")]
    Rule,
    #[error("there is no number between this region and those that are the same size")]
    NoRoom,
}

/// Moved limits, and what that does to the set.
#[derive(Clone, Debug)]
pub struct RegionEdit {
    /// Empty: it is so already.
    pub edits: Vec<LimitEdit>,
    pub before: Score,
    pub after: Score,
    /// Parts with another verdict, ascending.
    pub flips: Vec<Flip>,
}

/// The limits that must move so that the region of `row` is accepted in every zone that it touches; empty when it is.
///
/// # Panics
/// When the table has no such row.
pub fn accept_region(table: &RegionTable, rules: &CompiledRuleset, row: usize) -> Result<Vec<LimitEdit>, RegionEditError> {
    let mut edits: Vec<LimitEdit> = Vec::new();
    for row in rows_of_region(table, row) {
        if judge_row(table, row, rules) == Verdict::Ok {
            continue;
        }
        let cell = cell_of(table, rules, row)?;
        if cell.verdict(|f| table.value(row, f)) == Verdict::Ok {
            return Err(RegionEditError::Rule);
        }
        for limit in &cell.limits {
            let value = table.value(row, limit.feature);
            if limit.thresholds.verdict(value) == Verdict::Ok {
                continue;
            }
            if value.is_nan() {
                return Err(RegionEditError::Unmeasured(limit.feature));
            }
            let bound = if limit.bounds.accept_below.is_some() { Bound::Accept } else { Bound::Reject };
            let value = signed(limit, value);
            let above = values_of_cell(table, rules, cell, limit).filter(|&v| v > value).fold(f32::INFINITY, f32::min);
            let most = if value == 0.0 { f32::INFINITY } else { value + value.abs() * MOST_BEYOND };
            let gap = Gap { below: value, upto: above.min(most) };
            let at = number_in(gap, limit.bounds).ok_or(RegionEditError::NoRoom)?;
            let edit = edit(cell, limit.feature, limit.bounds, limit.bounds.push(bound, at));
            // The same limit by another zone: one edit is enough, both rows have the same value.
            if !edits.iter().any(|e| e.target == edit.target) {
                edits.push(edit);
            }
        }
    }
    Ok(edits)
}

/// The one limit that must move so that the region of `row` is rejected: the one that is nearest, as a share of itself; none when the
/// region is NG.
///
/// # Panics
/// When the table has no such row.
pub fn reject_region(table: &RegionTable, rules: &CompiledRuleset, row: usize) -> Result<Vec<LimitEdit>, RegionEditError> {
    let mut nearest: Option<(f64, LimitEdit)> = None;
    let mut why_not = RegionEditError::NoRule;
    for row in rows_of_region(table, row) {
        if judge_row(table, row, rules) == Verdict::Ng {
            return Ok(Vec::new());
        }
        let cell = match cell_of(table, rules, row) {
            Ok(cell) => cell,
            Err(why) => {
                why_not = why;
                continue;
            }
        };
        for limit in &cell.limits {
            let value = table.value(row, limit.feature);
            let bound = if limit.bounds.reject_from.is_some() { Bound::Reject } else { Bound::Accept };
            let Some(now) = limit.bounds.get(bound).filter(|_| !value.is_nan()) else {
                why_not = RegionEditError::Unmeasured(limit.feature);
                continue;
            };
            let value = signed(limit, value);
            let below = values_of_cell(table, rules, cell, limit).filter(|&v| v < value).fold(f32::NEG_INFINITY, f32::max);
            let least = if value == 0.0 { f32::NEG_INFINITY } else { value - value.abs() * MOST_BEYOND };
            let Some(at) = number_in(Gap { below: below.max(least), upto: value }, limit.bounds) else {
                why_not = RegionEditError::NoRoom;
                continue;
            };
            let distance = (now - at).abs() / now.abs().max(1e-9);
            if nearest.as_ref().is_none_or(|(d, _)| distance < *d) {
                nearest = Some((distance, edit(cell, limit.feature, limit.bounds, limit.bounds.push(bound, at))));
            }
        }
    }
    nearest.map(|(_, edit)| vec![edit]).ok_or(why_not)
}

/// What edits do to the set, before they are taken.
pub fn effect(ground: &Ground<'_>, edits: Vec<LimitEdit>) -> Result<RegionEdit, RulesetError> {
    let mut edited = ground.ruleset.clone();
    apply_edits(&edits, &mut edited)?;
    let before = judge_table(ground.table, &(ground.compile)(ground.ruleset)?);
    let after = judge_table(ground.table, &(ground.compile)(&edited)?);
    Ok(RegionEdit {
        edits,
        before: Score::of(&before, ground.truth),
        after: Score::of(&after, ground.truth),
        flips: flips(&before, &after, ground.truth),
    })
}

impl RegionEdit {
    /// Writes the limits into a ruleset.
    pub fn apply(&self, ruleset: &mut crate::judge::Ruleset) -> Result<(), RulesetError> {
        apply_edits(&self.edits, ruleset)
    }
}

fn edit(cell: &CompiledCell, feature: Feature, before: Bounds, after: Bounds) -> LimitEdit {
    let target = Target { cell: cell.key.clone(), subject: Subject::Region(feature) };
    LimitEdit { target, before: Some(before), after: Some(after), farthest: [after.accept_below, after.reject_from] }
}

fn rows_of_region(table: &RegionTable, row: usize) -> impl Iterator<Item = usize> + '_ {
    let same = move |other: &usize| table.image()[*other] == table.image()[row] && table.region()[*other] == table.region()[row];
    table.rows_of_part(table.part_of_row(row)).filter(same)
}

fn cell_of<'r>(table: &RegionTable, rules: &'r CompiledRuleset, row: usize) -> Result<&'r CompiledCell, RegionEditError> {
    let cell = rules.cell(table.class()[row], table.zone()[row]).ok_or(RegionEditError::NoRule)?;
    if cell.limits.is_empty() { Err(RegionEditError::NoLimit(cell.key.clone())) } else { Ok(cell) }
}

/// Negated where small values are bad, so that larger is worse.
fn signed(limit: &CompiledLimit, value: f32) -> f32 {
    if limit.thresholds.is_negated { -value } else { value }
}

fn values_of_cell<'t>(
    table: &'t RegionTable,
    rules: &'t CompiledRuleset,
    cell: &'t CompiledCell,
    limit: &'t CompiledLimit,
) -> impl Iterator<Item = f32> + 't {
    let is_in = move |row: &usize| rules.cell(table.class()[*row], table.zone()[*row]).is_some_and(|c| c.key == cell.key);
    (0..table.rows()).filter(is_in).map(move |row| signed(limit, table.value(row, limit.feature)))
}
