//! The verdicts of all parts, kept up to date while limits move.
//!
//! A full judgement looks at each group (the rows of one class × zone on one part) through its highest and lowest values and reads only
//! the rows of those that a limit cuts. Moving a limit re-judges only the rows between the old and the new value.

use thiserror::Error;

use super::aggregate::Adder;
use super::compiled::{CompiledLimit, CompiledRuleset, compiled_limit, compiled_part_limit};
use super::compiled_rule::{CompiledRule, Tiers};
use super::counts::{CellColumns, Counts};
use super::limit::{Bound, Bounds, LimitError, Thresholds};
use super::rows_by_pair::{Pair, RowsByPair, SIGNED};
use super::rule_values::{RuleValues, rule_values};
use super::ruleset::CellKey;
use super::tally::Tally;
use super::value_index::ValueIndex;
use super::verdict::Verdict;
use crate::measure::RegionTable;

/// All parts of a table, judged by a ruleset.
pub struct Board {
    rules: CompiledRuleset,
    pub(super) rows: RowsByPair,
    pub(super) cell_of_pair: Vec<Option<usize>>,
    /// By pair and feature; made when a limit first moves there.
    indexes: Vec<[Option<ValueIndex>; SIGNED]>,
    /// By cell and part limit: the figure of each part that has one.
    pub(super) figures: Vec<Vec<Vec<(u32, f32)>>>,
    /// By rule.
    values: Vec<RuleValues>,
    state: State,
}

/// A part whose verdict changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// Index of the part.
    pub part: usize,
    pub before: Verdict,
    pub after: Verdict,
}

/// What speaks against a part, counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PartCounts {
    pub ng_rows: u32,
    pub review_rows: u32,
    /// Part limits (counts, totals), values of rules and groups of rules that are NG.
    pub ng_figures: u32,
    pub review_figures: u32,
}

impl PartCounts {
    /// The worst wins.
    #[must_use]
    pub const fn verdict(self) -> Verdict {
        if self.ng_rows > 0 || self.ng_figures > 0 {
            Verdict::Ng
        } else if self.review_rows > 0 || self.review_figures > 0 {
            Verdict::Review
        } else {
            Verdict::Ok
        }
    }
}

/// Which limit of a cell, by its place in the ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitAt {
    /// Index in the cell's `limits`.
    Region(usize),
    /// Index in the cell's `per_part`.
    Part(usize),
}

/// Why a limit cannot move.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum BoardError {
    #[error("the ruleset has no cell {0}; judge again with the ruleset that has it")]
    NoCell(CellKey),
    #[error("cell {0} has no such limit; judge again with the ruleset that has it")]
    NoLimit(CellKey),
    #[error("the ruleset has no rule {0:?} with such a limit that is a number; judge again with the ruleset that has it")]
    NoRule(String),
    #[error(transparent)]
    Limit(#[from] LimitError),
}

/// Counters and verdicts, and the parts touched since the last [`State::settle`].
#[derive(Default)]
struct State {
    parts: Vec<PartCounts>,
    verdicts: Vec<Verdict>,
    tally: Tally,
    /// Rows per pair.
    pairs: Vec<Tally>,
    /// By rule in a group: NG and review values of each part. Empty for the others.
    members: Vec<Vec<Counts>>,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
}

impl State {
    fn touch(&mut self, part: usize) -> &mut PartCounts {
        if !self.is_touched[part] {
            self.is_touched[part] = true;
            self.touched.push(part as u32);
        }
        &mut self.parts[part]
    }

    fn move_row(&mut self, part: usize, pair: usize, old: Verdict, new: Verdict) {
        if old == new {
            return;
        }
        let counts = self.touch(part);
        let slot = |counts: &mut PartCounts, verdict, step: u32| match verdict {
            Verdict::Ok => {}
            Verdict::Review => counts.review_rows = counts.review_rows.wrapping_add(step),
            Verdict::Ng => counts.ng_rows = counts.ng_rows.wrapping_add(step),
        };
        slot(counts, old, u32::MAX);
        slot(counts, new, 1);
        self.pairs[pair].move_one(old, new);
    }

    fn move_group(&mut self, part: usize, pair: usize, old: Counts, new: Counts) {
        if old == new {
            return;
        }
        let counts = self.touch(part);
        counts.ng_rows = counts.ng_rows + new.ng - old.ng;
        counts.review_rows = counts.review_rows + new.review - old.review;
        let tally = &mut self.pairs[pair];
        tally.ng = tally.ng + new.ng as usize - old.ng as usize;
        tally.review = tally.review + new.review as usize - old.review as usize;
        tally.ok = tally.ok + (old.ng + old.review) as usize - (new.ng + new.review) as usize;
    }

    fn move_figure(&mut self, part: usize, old: Verdict, new: Verdict) {
        if old == new {
            return;
        }
        let counts = self.touch(part);
        counts.ng_figures = counts.ng_figures + u32::from(new == Verdict::Ng) - u32::from(old == Verdict::Ng);
        counts.review_figures = counts.review_figures + u32::from(new == Verdict::Review) - u32::from(old == Verdict::Review);
    }

    /// A value of a rule got another verdict: it counts by itself, or through its group.
    fn move_value(&mut self, rules: &CompiledRuleset, rule: usize, part: usize, old: Verdict, new: Verdict) {
        let Some(group) = rules.rules()[rule].group else { return self.move_figure(part, old, new) };
        if old == new {
            return;
        }
        let members = rules.groups()[group].members.clone();
        let before = self.group_verdict(members.clone(), part);
        let counts = &mut self.members[rule][part];
        counts.ng = counts.ng + u32::from(new == Verdict::Ng) - u32::from(old == Verdict::Ng);
        counts.review = counts.review + u32::from(new == Verdict::Review) - u32::from(old == Verdict::Review);
        let after = self.group_verdict(members, part);
        self.move_figure(part, before, after);
    }

    /// The best of the members, each by its worst value; a member without a value on the part is OK.
    fn group_verdict(&self, members: std::ops::Range<usize>, part: usize) -> Verdict {
        let of_member = |rule: usize| match self.members[rule][part] {
            Counts { ng: 1.., .. } => Verdict::Ng,
            Counts { review: 1.., .. } => Verdict::Review,
            Counts { .. } => Verdict::Ok,
        };
        members.map(of_member).min().unwrap_or(Verdict::Ok)
    }

    /// Brings the verdicts of touched parts up to date; returns those that changed, ascending.
    fn settle(&mut self) -> Vec<Change> {
        let mut changes = Vec::new();
        for &part in &self.touched {
            let part = part as usize;
            self.is_touched[part] = false;
            let (before, after) = (self.verdicts[part], self.parts[part].verdict());
            if before != after {
                self.verdicts[part] = after;
                self.tally.move_one(before, after);
                changes.push(Change { part, before, after });
            }
        }
        self.touched.clear();
        changes.sort_unstable_by_key(|c| c.part);
        changes
    }
}

impl Board {
    /// Orders the rows of a table and judges them all.
    #[must_use]
    pub fn new(table: &RegionTable, rules: &CompiledRuleset) -> Self {
        let rows = RowsByPair::new(table);
        let indexes = rows.pairs.iter().map(|_| [const { None }; SIGNED]).collect();
        let mut board = Self {
            rules: rules.clone(),
            rows,
            cell_of_pair: Vec::new(),
            indexes,
            figures: Vec::new(),
            values: Vec::new(),
            state: State::default(),
        };
        board.work_out_rules(table);
        board.judge_all(table);
        board
    }

    /// Judges all rows by another ruleset, keeping their order and indexes; returns the parts whose verdict changed. `table` must be the
    /// one that the board was made from: after an edit of a label make a new board.
    pub fn rejudge(&mut self, table: &RegionTable, rules: &CompiledRuleset) -> Vec<Change> {
        let before = std::mem::take(&mut self.state.verdicts);
        let is_valid = self.rules.has_same_rule_values(rules);
        self.rules = rules.clone();
        if !is_valid {
            self.work_out_rules(table);
        }
        self.judge_all(table);
        let pairs = before.iter().zip(&self.state.verdicts).enumerate();
        pairs.filter(|(_, (b, a))| b != a).map(|(part, (&before, &after))| Change { part, before, after }).collect()
    }

    /// Goes over to an edited ruleset the cheapest way: by moving limits when only their bounds differ, else by judging all rows.
    pub fn apply(&mut self, table: &RegionTable, rules: &CompiledRuleset) -> Vec<Change> {
        if !self.rules.has_same_structure(rules) {
            return self.rejudge(table, rules);
        }
        for (cell, new) in rules.cells().iter().enumerate() {
            for (limit, new) in new.limits.iter().enumerate() {
                self.move_limit(cell, limit, new.bounds);
            }
            for (limit, new) in new.per_part.iter().enumerate() {
                self.move_part_limit(cell, limit, new.bounds);
            }
        }
        for (rule, new) in rules.rules().iter().enumerate() {
            self.move_rule(rule, new.tiers.clone());
        }
        self.state.settle()
    }

    /// Moves a limit of a rule that is a number; returns the parts whose verdict changed, ascending.
    ///
    /// # Errors
    /// When the ruleset has no such rule, or no such limit that is a number; then nothing changes.
    pub fn set_rule_limit(&mut self, name: &str, bound: Bound, value: f64) -> Result<Vec<Change>, BoardError> {
        if !value.is_finite() {
            return Err(LimitError::NotFinite { value }.into());
        }
        let none = || BoardError::NoRule(name.to_owned());
        let rule = self.rules.rules().iter().position(|r| r.name == name).ok_or_else(none)?;
        let tiers = self.rules.rules()[rule].tiers.with(bound, value).ok_or_else(none)?;
        self.move_rule(rule, tiers);
        Ok(self.state.settle())
    }

    /// Moves one limit; returns the parts whose verdict changed, ascending.
    ///
    /// # Errors
    /// When the ruleset has no such cell or limit, or the bounds are invalid; then nothing changes.
    pub fn set_limit(&mut self, key: &CellKey, which: LimitAt, bounds: Bounds) -> Result<Vec<Change>, BoardError> {
        bounds.validate()?;
        let cell = self.rules.find(key).ok_or_else(|| BoardError::NoCell(key.clone()))?;
        let known = &self.rules.cells()[cell];
        let is_same_side = |was: Bounds| was.worse == bounds.worse;
        match which {
            LimitAt::Region(i) if known.limits.get(i).is_some_and(|l| is_same_side(l.bounds)) => self.move_limit(cell, i, bounds),
            LimitAt::Part(i) if known.per_part.get(i).is_some_and(|l| is_same_side(l.bounds)) => {
                self.move_part_limit(cell, i, bounds);
            }
            _ => return Err(BoardError::NoLimit(key.clone())),
        }
        Ok(self.state.settle())
    }

    /// The ruleset as it stands.
    #[must_use]
    pub fn rules(&self) -> &CompiledRuleset {
        &self.rules
    }

    /// The verdict of each part.
    #[must_use]
    pub fn verdicts(&self) -> &[Verdict] {
        &self.state.verdicts
    }

    /// How many parts got which verdict.
    #[must_use]
    pub fn tally(&self) -> Tally {
        self.state.tally
    }

    /// What speaks against a part, counted.
    ///
    /// # Panics
    /// When there is no such part.
    #[must_use]
    pub fn part_counts(&self, part: usize) -> PartCounts {
        self.state.parts[part]
    }

    /// How many rows of a class and zone got which verdict by themselves (limits per part aside).
    #[must_use]
    pub fn rows_tally(&self, class: u8, zone: u8) -> Tally {
        self.rows.pair(class, zone).map_or_else(Tally::default, |pair| self.state.pairs[pair])
    }

    /// All classes and zones that occur together, with their rows' verdicts: the cells of a matrix.
    pub fn rows_tallies(&self) -> impl Iterator<Item = (u8, u8, Tally)> + '_ {
        self.rows.pairs.iter().zip(&self.state.pairs).map(|(pair, &tally)| (pair.class, pair.zone, tally))
    }

    fn work_out_rules(&mut self, table: &RegionTable) {
        let (values, is_spoken_of) = rule_values(table, &self.rules);
        self.rows.set_unspoken(table, is_spoken_of.as_deref());
        self.values = values;
    }

    fn judge_all(&mut self, table: &RegionTable) {
        let rules = &self.rules;
        self.rows.ensure(table, rules.cells().iter().flat_map(|c| &c.limits).map(CompiledLimit::column));
        self.cell_of_pair = self.rows.pairs.iter().map(|p| rules.cell_index(p.class, p.zone)).collect();
        // Memory that was used before is there already: fresh pages would cost as much as the judging.
        let State { mut parts, mut verdicts, mut is_touched, .. } = std::mem::take(&mut self.state);
        parts.clear();
        parts.resize(table.parts(), PartCounts::default());
        let rows = &self.rows;
        let mut readers: Vec<PairCursor<'_>> = (rows.pairs.iter().zip(&self.cell_of_pair))
            .map(|(pair, &cell)| {
                let otherwise = rules.otherwise_for(pair.class, pair.zone);
                let columns = CellColumns::new(cell.map(|c| &rules.cells()[c]), otherwise, rows);
                PairCursor { pair, columns, row: pair.rows.start, group: pair.groups.start, sum: Counts::default() }
            })
            .collect();
        // Stretch by stretch of the parts: their counters stay in the cache while all pairs add to them.
        for (stretch, parts) in parts.chunks_mut(PARTS_AT_A_TIME).enumerate() {
            let first = stretch * PARTS_AT_A_TIME;
            for reader in &mut readers {
                reader.add_up(rows, first, parts);
            }
        }
        let pairs = readers.iter().map(PairCursor::tally).collect();
        self.figures = figures(table, rules);
        for (cell, figures) in rules.cells().iter().zip(&self.figures) {
            for (limit, figures) in cell.per_part.iter().zip(figures) {
                for &(part, value) in figures {
                    let verdict = limit.thresholds.verdict(value);
                    parts[part as usize].ng_figures += u32::from(verdict == Verdict::Ng);
                    parts[part as usize].review_figures += u32::from(verdict == Verdict::Review);
                }
            }
        }
        let in_group = |rule: &CompiledRule| if rule.group.is_some() { vec![Counts::default(); table.parts()] } else { Vec::new() };
        let members = rules.rules().iter().map(in_group).collect();
        verdicts.clear();
        is_touched.clear();
        is_touched.resize(parts.len(), false);
        self.state = State { parts, verdicts, tally: Tally::default(), pairs, members, touched: Vec::new(), is_touched };
        for (rule, values) in self.values.iter().enumerate() {
            let fixed = rules.rules()[rule].tiers.fixed.unwrap_or(UNUSED);
            values.for_each(fixed, |part, verdict| self.state.move_value(rules, rule, part, Verdict::Ok, verdict));
        }
        self.state.touched.clear();
        self.state.is_touched.fill(false);
        self.state.verdicts.extend(self.state.parts.iter().map(|p| p.verdict()));
        self.state.tally = Tally::of(&self.state.verdicts);
    }

    fn move_rule(&mut self, rule: usize, tiers: Tiers) {
        let (was, now) = (self.rules.rules()[rule].tiers.fixed, tiers.fixed);
        if let (Some(was), Some(now)) = (was, now)
            && was != now
        {
            let Self { rules, values, state, .. } = self;
            let rules = &*rules;
            values[rule].for_each_moved(&stretches(was, now), (was, now), |part, old, new| {
                state.move_value(rules, rule, part, old, new);
            });
        }
        self.rules.rules_mut()[rule].tiers = tiers;
    }

    fn move_limit(&mut self, cell: usize, limit: usize, bounds: Bounds) {
        let was = self.rules.cells()[cell].limits[limit];
        let now = compiled_limit(was.feature, bounds);
        if was.thresholds != now.thresholds {
            for pair in 0..self.rows.pairs.len() {
                if self.cell_of_pair[pair] == Some(cell) {
                    self.move_limit_of_pair(pair, cell, limit, now.thresholds);
                }
            }
        }
        self.rules.cells_mut()[cell].limits[limit] = now;
    }

    fn move_limit_of_pair(&mut self, pair: usize, cell: usize, limit: usize, new: Thresholds) {
        let Self { rules, rows, indexes, state, .. } = self;
        let cell = &rules.cells()[cell];
        let (column, old) = (cell.limits[limit].column(), cell.limits[limit].thresholds);
        let columns = CellColumns::new(Some(cell), Verdict::Review, rows);
        let stretch = rows.pairs[pair].rows.clone();
        let values = &columns.values(limit)[stretch.clone()];
        let index = indexes[pair][column].get_or_insert_with(|| ValueIndex::new(values));
        let between = stretches(old, new);
        let count: usize = between.iter().map(|&(from, to)| index.at_most(from, to)).sum();
        // A long jump: going through the groups in order is cheaper than picking rows out one by one.
        if count > stretch.len() / 8 {
            let columns_new = columns.with(limit, new);
            for group in rows.pairs[pair].groups.clone() {
                if between.iter().any(|&(from, to)| columns.is_moved(limit, group, from, to)) {
                    let stretch = rows.rows_of_group(group);
                    let counts = (columns.count(group, stretch.clone()), columns_new.count(group, stretch));
                    state.move_group(rows.group_part[group] as usize, pair, counts.0, counts.1);
                }
            }
            return;
        }
        for (from, to) in between {
            index.for_each(from, to, |row| {
                let others = columns.verdict_without(limit, stretch.start + row as usize);
                let value = values[row as usize];
                let part = rows.part[stretch.start + row as usize] as usize;
                state.move_row(part, pair, others.max(old.verdict_signed(value)), others.max(new.verdict_signed(value)));
            });
        }
    }

    fn move_part_limit(&mut self, cell: usize, limit: usize, bounds: Bounds) {
        let was = self.rules.cells()[cell].per_part[limit];
        let now = compiled_part_limit(was.aggregate, bounds);
        if was.thresholds != now.thresholds {
            for &(part, value) in &self.figures[cell][limit] {
                self.state.move_figure(part as usize, was.thresholds.verdict(value), now.thresholds.verdict(value));
            }
        }
        self.rules.cells_mut()[cell].per_part[limit] = now;
    }
}

/// Counters of so many parts fit the nearest cache.
const PARTS_AT_A_TIME: usize = 2048;

/// How far the rows of a pair are counted.
struct PairCursor<'a> {
    pair: &'a Pair,
    columns: CellColumns<'a>,
    row: usize,
    group: usize,
    sum: Counts,
}

impl PairCursor<'_> {
    /// Adds what the pair has on the parts from `first` on to their counters.
    fn add_up(&mut self, rows: &RowsByPair, first: usize, parts: &mut [PartCounts]) {
        let end = (first + parts.len()) as u32;
        let (pair, sum) = (self.pair, &mut self.sum);
        if self.columns.prefers_rows(pair.rows.len(), pair.groups.len()) {
            let until = self.row + rows.part[self.row..pair.rows.end].partition_point(|&part| part < end);
            self.columns.for_each_bad_row(rows, self.row..until, |part, is_ng| {
                let (part, ng) = (&mut parts[part as usize - first], u32::from(is_ng));
                part.ng_rows += ng;
                part.review_rows += 1 - ng;
                sum.ng += ng;
                sum.review += 1 - ng;
            });
            self.row = until;
            return;
        }
        let until = self.group + rows.group_part[self.group..pair.groups.end].partition_point(|&part| part < end);
        self.columns.for_each_group(rows, self.group..until, |group, counts| {
            let part = &mut parts[rows.group_part[group] as usize - first];
            part.ng_rows += counts.ng;
            part.review_rows += counts.review;
            sum.ng += counts.ng;
            sum.review += counts.review;
        });
        self.group = until;
    }

    fn tally(&self) -> Tally {
        let (ng, review) = (self.sum.ng as usize, self.sum.review as usize);
        Tally { ok: self.pair.rows.len() - ng - review, review, ng }
    }
}

/// Stands where each value has thresholds of its own.
const UNUSED: Thresholds = Thresholds { accept: f32::INFINITY, reject: f32::INFINITY, is_negated: false };

/// The values whose verdict may differ: between the old and the new threshold of either kind, as disjoint stretches `from ≤ v < to`.
fn stretches(old: Thresholds, new: Thresholds) -> Vec<(f32, f32)> {
    let span = |a: f32, b: f32| (a.min(b), a.max(b));
    let (mut a, mut b) = (span(old.accept, new.accept), span(old.reject, new.reject));
    if a.0 >= a.1 {
        return if b.0 < b.1 { vec![b] } else { Vec::new() };
    }
    if b.0 >= b.1 {
        return vec![a];
    }
    if b.0 < a.0 {
        std::mem::swap(&mut a, &mut b);
    }
    if b.0 <= a.1 { vec![(a.0, a.1.max(b.1))] } else { vec![a, b] }
}

/// By cell and part limit: the figure of each part that has one.
fn figures(table: &RegionTable, rules: &CompiledRuleset) -> Vec<Vec<Vec<(u32, f32)>>> {
    let mut figures: Vec<Vec<Vec<(u32, f32)>>> = rules.cells().iter().map(|c| vec![Vec::new(); c.per_part.len()]).collect();
    let mut adder = Adder::new(rules);
    if !adder.is_idle() {
        for part in 0..table.parts() {
            adder.part(table, table.rows_of_part(part), |f| figures[f.cell][f.limit].push((part as u32, f.value)));
        }
    }
    figures
}
