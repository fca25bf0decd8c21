//! What a rule finds on one part: the values that its limits are held against.

use std::ops::Range;

use super::compiled::CompiledRuleset;
use super::compiled_rule::{CompiledFigure, CompiledRule, CompiledScope, CompiledSelection, FigureKind, Tiers};
use super::limit::Thresholds;
use super::rule::{Between, Shape};
use super::verdict::Verdict;
use super::window::{Spot, fullest};
use crate::measure::{Feature, RegionTable};

/// One value of a rule on a part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Found {
    /// The region, or one of those that it is about.
    pub row: Option<usize>,
    /// The zone of a figure per zone.
    pub zone: Option<u8>,
    /// NaN = unmeasured. Rounded to the precision of measured values, so that 0.1 + 0.2 is at a limit of 0.3.
    pub value: f32,
    pub thresholds: Thresholds,
    /// NG is review: the model is not sure enough, or it cannot be told whether the rule holds.
    pub is_capped: bool,
}

impl Found {
    /// What the limits say of it.
    pub fn verdict(&self) -> Verdict {
        capped(self.thresholds.verdict(self.value), self.is_capped)
    }

    /// Orders pairs, the worst highest. With fixed limits the extreme distance decides wherever they are moved to, unmeasured being worse
    /// than any: a pair of which nothing is known must not hide behind one that is accepted. With limits of its own, each pair by its
    /// verdict and how far it lies beyond.
    fn badness(&self, is_fixed: bool) -> (Verdict, f64) {
        let signed = f64::from(if self.thresholds.is_negated { -self.value } else { self.value });
        match (is_fixed, signed.is_nan()) {
            (true, true) => (Verdict::Ok, f64::INFINITY),
            (true, false) => (Verdict::Ok, signed),
            (false, true) => (Verdict::Review, f64::INFINITY),
            (false, false) => (self.verdict(), signed - f64::from(self.thresholds.reject)),
        }
    }
}

/// NG becomes review where it cannot be sure.
pub(super) fn capped(verdict: Verdict, is_capped: bool) -> Verdict {
    if is_capped { verdict.min(Verdict::Review) } else { verdict }
}

/// The rows of one part, with room to work in.
pub(super) struct RulePart<'t> {
    table: &'t RegionTable,
    rules: &'t CompiledRuleset,
    rows: Range<usize>,
    picked: Picked,
    spots: Vec<Spot>,
}

/// The rows that a selection takes, and those of which it cannot be told.
#[derive(Default)]
struct Picked {
    rows: Vec<usize>,
    unsure: Vec<usize>,
}

/// The rows of one region that stand for it.
struct Standing<'r> {
    rows: &'r [usize],
}

impl<'t> RulePart<'t> {
    pub fn new(table: &'t RegionTable, rules: &'t CompiledRuleset) -> Self {
        Self { table, rules, rows: 0..0, picked: Picked::default(), spots: Vec::new() }
    }

    /// Calls `covers` for each row that the rule speaks of and `found` for each value, for the part with these rows.
    pub fn rule(&mut self, rows: Range<usize>, rule: &CompiledRule, mut covers: impl FnMut(usize), mut found: impl FnMut(Found)) {
        self.rows = rows;
        let Some(is_guard_sure) = self.guards_hold(rule) else { return };
        let mut picked = std::mem::take(&mut self.picked);
        self.pick(&rule.select, &mut picked);
        if is_guard_sure {
            picked.rows.iter().for_each(|&row| covers(row));
        }
        let mut found = |f: Found| found(Found { is_capped: f.is_capped || !is_guard_sure, ..f });
        match &rule.scope {
            CompiledScope::Region(value) => {
                for (&row, is_sure) in picked.rows.iter().map(|r| (r, true)).chain(picked.unsure.iter().map(|r| (r, false))) {
                    let feature = |f: Feature| self.table.value(row, f);
                    let is_doubtful = rule.gate.is_some_and(|gate| feature(Feature::MeanProbability) < gate);
                    found(Found {
                        row: Some(row),
                        zone: None,
                        value: value.value(feature, &[]) as f32,
                        thresholds: rule.tiers.thresholds(feature, &[]),
                        is_capped: is_doubtful || !is_sure,
                    });
                }
            }
            CompiledScope::Total { of, per_zone: false, per } => {
                let value = self.total(of, &picked, None);
                found(of_part(&rule.tiers, None, divided(value, per.as_ref().map(|p| p.whole))));
            }
            CompiledScope::Total { of, per_zone: true, per } => {
                let mut zones: Vec<u8> = picked.rows.iter().chain(&picked.unsure).map(|&r| self.table.zone()[r]).collect();
                zones.sort_unstable();
                zones.dedup();
                for zone in zones {
                    let value = self.total(of, &picked, Some(zone));
                    let per = per.as_ref().map(|p| p.of_zone[usize::from(zone)]);
                    found(of_part(&rule.tiers, Some(zone), divided(value, per)));
                }
            }
            CompiledScope::Window { shape, of } => self.window(*shape, of, &picked, &rule.tiers, &mut found),
            CompiledScope::Pair(between) => self.pairs(*between, &picked, &rule.tiers, &mut found),
        }
        self.picked = picked;
    }

    /// None: the rule does not hold on this part. Some(false): it cannot be told.
    fn guards_hold(&mut self, rule: &CompiledRule) -> Option<bool> {
        let mut is_sure = true;
        for (guard, must_be) in [(&rule.when, true), (&rule.unless, false)] {
            let Some(selection) = guard else { continue };
            let mut picked = std::mem::take(&mut self.picked);
            self.pick(selection, &mut picked);
            let (is_there, is_unsure) = (!picked.rows.is_empty(), !picked.unsure.is_empty());
            self.picked = picked;
            if is_there {
                if !must_be {
                    return None;
                }
            } else if is_unsure {
                is_sure = false;
            } else if must_be {
                return None;
            }
        }
        Some(is_sure)
    }

    fn pick(&self, selection: &CompiledSelection, picked: &mut Picked) {
        picked.rows.clear();
        picked.unsure.clear();
        for row in self.rows.clone() {
            if !selection.takes(self.table.class()[row], self.table.zone()[row]) {
                continue;
            }
            match selection.condition.as_ref().map_or(Some(true), |c| c.holds(|f| self.table.value(row, f), &[])) {
                Some(true) => picked.rows.push(row),
                Some(false) => {}
                None => picked.unsure.push(row),
            }
        }
    }

    /// Calls `f` with the rows that stand for each region among `rows`: the first row with the whole region, else one for each piece.
    fn regions(&self, rows: &[usize], mut f: impl FnMut(&Standing<'_>)) {
        let mut start = 0;
        while start < rows.len() {
            let mut end = start + 1;
            while end < rows.len() && is_same_region(self.table, rows[start], rows[end]) {
                end += 1;
            }
            if end == start + 1 {
                f(&Standing { rows: &rows[start..end] });
            } else {
                let stand = standing(self.table, self.rules, &rows[start..end]);
                f(&Standing { rows: &stand });
            }
            start = end;
        }
    }

    fn total(&self, of: &CompiledFigure, picked: &Picked, zone: Option<u8>) -> f64 {
        let is_there = |row: &usize| zone.is_none_or(|z| self.table.zone()[*row] == z);
        if picked.unsure.iter().any(is_there) {
            return f64::NAN;
        }
        let (mut count, mut sum, mut max) = (0.0, 0.0, f64::NEG_INFINITY);
        let mut add = |region: &Standing<'_>| {
            count += 1.0;
            if of.kind != FigureKind::Count {
                for &row in region.rows {
                    let value = of.value.value(|f| self.table.value(row, f), &[]);
                    sum += value;
                    max = if value.is_nan() || max.is_nan() { f64::NAN } else { max.max(value) };
                }
            }
        };
        if zone.is_none() {
            self.regions(&picked.rows, &mut add);
        } else {
            let rows: Vec<usize> = picked.rows.iter().copied().filter(is_there).collect();
            self.regions(&rows, &mut add);
        }
        match of.kind {
            FigureKind::Count => count,
            FigureKind::Sum => sum,
            FigureKind::Max | FigureKind::Mean if count == 0.0 => 0.0,
            FigureKind::Max => max,
            FigureKind::Mean => sum / count,
            FigureKind::Share => {
                let all: Vec<usize> = self.rows.clone().filter(is_there).collect();
                let mut whole = 0.0;
                self.regions(&all, |region| {
                    whole += region.rows.iter().map(|&row| of.value.value(|f| self.table.value(row, f), &[])).sum::<f64>();
                });
                if sum == 0.0 { 0.0 } else { sum / whole }
            }
        }
    }

    /// One spot a region (or piece), with its weight in the figure: 1 in a count, its value in a sum. False when a position or a value is
    /// not measured.
    fn lay_spots(&mut self, picked: &Picked, of: Option<&CompiledFigure>) -> bool {
        let mut spots = std::mem::take(&mut self.spots);
        spots.clear();
        let mut is_measured = picked.unsure.is_empty();
        self.regions(&picked.rows, |region| {
            for (i, &row) in region.rows.iter().enumerate() {
                let at = |f| f64::from(self.table.value(row, f));
                let weight = match of {
                    Some(figure) if figure.kind != FigureKind::Count => figure.value.value(|f| self.table.value(row, f), &[]),
                    // A region in pieces is one all the same.
                    _ => f64::from(u8::from(i == 0)),
                };
                let spot = Spot { x: at(Feature::CentreX), y: at(Feature::CentreY), weight, row };
                is_measured &= !(spot.x.is_nan() || spot.y.is_nan() || spot.weight.is_nan());
                spots.push(spot);
            }
        });
        spots.sort_by_key(|spot| self.table.image()[spot.row]);
        self.spots = spots;
        is_measured
    }

    fn window(&mut self, shape: Shape, of: &CompiledFigure, picked: &Picked, tiers: &Tiers, found: &mut impl FnMut(Found)) {
        if picked.rows.is_empty() && picked.unsure.is_empty() {
            return;
        }
        if !self.lay_spots(picked, Some(of)) {
            found(Found { row: picked.rows.first().copied(), ..of_part(tiers, None, f64::NAN) });
            return;
        }
        // Positions mean nothing from image to image.
        let of_images = images(self.table, &self.spots).filter_map(|spots| fullest(spots, shape));
        if let Some((value, row)) = of_images.max_by(|a, b| a.0.total_cmp(&b.0)) {
            found(Found { row: Some(row), ..of_part(tiers, None, value) });
        }
    }

    fn pairs(&mut self, between: Between, picked: &Picked, tiers: &Tiers, found: &mut impl FnMut(Found)) {
        let table = self.table;
        // One region alone has no distance to another, measured or not.
        let mut all = picked.rows.iter().chain(&picked.unsure);
        let Some(&first) = all.next() else { return };
        if all.all(|&row| is_same_region(table, first, row)) {
            return;
        }
        if !self.lay_spots(picked, None) {
            found(Found { row: Some(first), ..of_part(tiers, None, f64::NAN) });
            return;
        }
        let mut worst: Option<(Verdict, f64, Found)> = None;
        for spots in images(table, &self.spots) {
            for (i, a) in spots.iter().enumerate() {
                for b in spots[..i].iter().filter(|b| !is_same_region(table, a.row, b.row)) {
                    let one = self.pair(between, tiers, a, b);
                    let rank = one.badness(tiers.fixed.is_some());
                    if worst.is_none_or(|(verdict, far, _)| rank > (verdict, far)) {
                        worst = Some((rank.0, rank.1, one));
                    }
                }
            }
        }
        if let Some((_, _, one)) = worst {
            found(one);
        }
    }

    fn pair(&self, between: Between, tiers: &Tiers, a: &Spot, b: &Spot) -> Found {
        let diameter = |row: usize| f64::from(self.table.value(row, Feature::EquivalentDiameter));
        let (da, db) = (diameter(a.row), diameter(b.row));
        let centres = (a.x - b.x).hypot(a.y - b.y);
        let value = if between == Between::Edges { centres - f64::midpoint(da, db) } else { centres };
        let extras = if da.is_nan() || db.is_nan() { [f64::NAN; 2] } else { [da.max(db), da.min(db)] };
        let thresholds = tiers.thresholds(|_| f32::NAN, &extras);
        Found { row: Some(a.row), zone: None, value: value as f32, thresholds, is_capped: false }
    }
}

fn of_part(tiers: &Tiers, zone: Option<u8>, value: f64) -> Found {
    let thresholds = tiers.thresholds(|_| f32::NAN, &[]);
    Found { row: None, zone, value: value as f32, thresholds, is_capped: false }
}

/// Nothing stays nothing, whatever it is divided by.
fn divided(value: f64, by: Option<f64>) -> f64 {
    match by {
        Some(_) if value == 0.0 => 0.0,
        Some(by) => value / by,
        None => value,
    }
}

/// Stretches of spots in one image.
fn images<'s>(table: &'s RegionTable, spots: &'s [Spot]) -> impl Iterator<Item = &'s [Spot]> {
    spots.chunk_by(|a, b| table.image()[a.row] == table.image()[b.row])
}

/// Both rows are of one region.
pub(super) fn is_same_region(table: &RegionTable, a: usize, b: usize) -> bool {
    table.image()[a] == table.image()[b] && table.region()[a] == table.region()[b]
}

/// Of several rows of one region those that stand for it when they are added up: the first row with the whole of it, else one for each
/// piece.
pub(super) fn standing(table: &RegionTable, rules: &CompiledRuleset, rows: &[usize]) -> Vec<usize> {
    if let Some(&whole) = rows.iter().find(|&&row| !rules.is_piece(table.zone()[row])) {
        return vec![whole];
    }
    let mut pieces: Vec<usize> = Vec::new();
    for &row in rows {
        if !pieces.iter().any(|&p| table.zone()[p] == table.zone()[row]) {
            pieces.push(row);
        }
    }
    pieces
}
