//! Judging one row, one region, one part, with reasons; and all parts the plain way.

use super::aggregate::{Adder, PartFigure};
use super::compiled::CompiledRuleset;
use super::compiled_rule::{CompiledGroup, CompiledScope};
use super::reason::{Cause, Reason, RegionAt, limit_words, part_limit_words};
use super::rule_part::{Found, RulePart};
use super::ruleset::ANY;
use super::verdict::Verdict;
use crate::measure::{Region, RegionTable, ZoneShare};

/// The verdict on a part and what speaks against it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartVerdict {
    pub verdict: Verdict,
    /// Worst first, then the one farthest beyond its limit; empty when OK.
    pub reasons: Vec<Reason>,
}

/// The verdict on one row: one region in one zone that it is judged in, by its cell and by the rules about single regions.
///
/// # Panics
/// When the table has no such row.
#[must_use]
pub fn judge_row(table: &RegionTable, row: usize, rules: &CompiledRuleset) -> Verdict {
    let by_cell = cell_verdict(table, row, rules);
    if rules.rules().is_empty() {
        return by_cell.unwrap_or_else(|| rules.otherwise_for(table.class()[row], table.zone()[row]));
    }
    let rows = table.rows_of_part(table.part_of_row(row));
    let mut part = RulePart::new(table, rules);
    let (mut is_spoken_of, mut worst) = (false, by_cell.unwrap_or_default());
    for rule in rules.rules() {
        let is_of_region = matches!(rule.scope, CompiledScope::Region(_)) && rule.group.is_none();
        // Only a guard looks at the other regions of the part.
        let has_guard = rule.when.is_some() || rule.unless.is_some();
        part.rule(
            if has_guard { rows.clone() } else { row..row + 1 },
            rule,
            |r| is_spoken_of |= r == row,
            |found| {
                if is_of_region && found.row == Some(row) {
                    worst = worst.max(found.verdict());
                }
            },
        );
    }
    if by_cell.is_none() {
        worst = worst.max(unspoken(table, row, rules, is_spoken_of));
    }
    worst
}

/// What the cell says; None when no cell decides.
fn cell_verdict(table: &RegionTable, row: usize, rules: &CompiledRuleset) -> Option<Verdict> {
    let cell = rules.cell(table.class()[row], table.zone()[row]).filter(|c| c.decides())?;
    Some(cell.verdict(|feature| table.value(row, feature)))
}

/// The verdict on a row that no cell decides about.
fn unspoken(table: &RegionTable, row: usize, rules: &CompiledRuleset, is_spoken_of: bool) -> Verdict {
    let (class, zone) = (table.class()[row], table.zone()[row]);
    // A rule about all classes does not make an unknown one known.
    if is_spoken_of && rules.is_known(class, zone) { Verdict::Ok } else { rules.otherwise_for(class, zone) }
}

/// The verdict on one region as if it were the only one of its part: the worst over the zones that it is judged in. Limits per part and
/// rules about several regions are not asked. OK when the ruleset ignores it.
#[must_use]
pub fn judge_region(region: &Region, rules: &CompiledRuleset) -> Verdict {
    if rules.rules().is_empty() && rules.admission().is_plain() {
        let in_zone = |share: &ZoneShare| match rules.cell(region.class, share.zone).filter(|c| c.decides()) {
            Some(cell) => {
                let features = region.features_in(share);
                cell.verdict(|f| features[f.index()])
            }
            None => rules.otherwise_for(region.class, share.zone),
        };
        return region.zones.iter().map(in_zone).max().unwrap_or(Verdict::Review);
    }
    if region.zones.is_empty() {
        return Verdict::Review;
    }
    let mut table = RegionTable::new();
    rules.admission().push(&mut table, 0, 0, region);
    table.finish_part();
    (0..table.rows()).map(|row| judge_row(&table, row, rules)).max().unwrap_or(Verdict::Ok)
}

/// The verdict on one part, with reasons.
///
/// # Panics
/// When the table has no such part.
#[must_use]
pub fn judge_part(table: &RegionTable, part: usize, rules: &CompiledRuleset) -> PartVerdict {
    let rows = table.rows_of_part(part);
    let mut reasons = Vec::new();
    let mut by_rule: Vec<Vec<Reason>> = Vec::with_capacity(rules.rules().len());
    let mut is_spoken_of = vec![false; rows.len()];
    let mut rule_part = RulePart::new(table, rules);
    for (index, rule) in rules.rules().iter().enumerate() {
        let mut own = Vec::new();
        let covers = |row: usize| is_spoken_of[row - rows.start] = true;
        rule_part.rule(rows.clone(), rule, covers, |found| own.extend(reason_of_rule(table, rules, index, &found)));
        by_rule.push(own);
    }
    for row in rows.clone() {
        push_reasons_of_row(table, row, rules, is_spoken_of[row - rows.start], &mut reasons);
    }
    Adder::new(rules).part(table, rows, |figure| reasons.extend(reason_of_figure(figure, rules)));
    for (_, own) in rules.rules().iter().zip(&mut by_rule).filter(|(rule, _)| rule.group.is_none()) {
        reasons.append(own);
    }
    for group in rules.groups() {
        reasons.extend(reason_of_group(group, &by_rule[group.members.clone()]));
    }
    reasons.sort_by(|a, b| b.verdict.cmp(&a.verdict).then(b.excess().total_cmp(&a.excess())));
    PartVerdict { verdict: reasons.first().map_or(Verdict::Ok, |r| r.verdict), reasons }
}

fn push_reasons_of_row(table: &RegionTable, row: usize, rules: &CompiledRuleset, is_spoken_of: bool, reasons: &mut Vec<Reason>) {
    let (class, zone) = (rules.class_name(table.class()[row]), rules.zone_name(table.zone()[row]));
    let region = Some(region_at(table, row));
    let cell = rules.cell(table.class()[row], table.zone()[row]);
    let Some(cell) = cell.filter(|c| c.decides()) else {
        let verdict = unspoken(table, row, rules, is_spoken_of);
        if verdict != Verdict::Ok {
            let rule = if verdict == Verdict::Ng { "otherwise: NG" } else { "what no rule speaks of is never OK" };
            reasons.push(Reason { verdict, class, zone, region, cause: Cause::NoRule, rule: rule.to_owned() });
        }
        return;
    };
    for limit in &cell.limits {
        let value = table.value(row, limit.feature);
        let verdict = limit.thresholds.verdict(value);
        if verdict == Verdict::Ok {
            continue;
        }
        reasons.push(Reason {
            verdict,
            class: class.clone(),
            zone: zone.clone(),
            region,
            cause: Cause::Limit { feature: limit.feature, value, bounds: limit.bounds },
            rule: limit_words(&cell.key.class, &cell.key.zone, limit.feature, limit.bounds),
        });
    }
}

fn region_at(table: &RegionTable, row: usize) -> RegionAt {
    RegionAt { row, image: table.image()[row], index: table.region()[row] }
}

fn reason_of_rule(table: &RegionTable, rules: &CompiledRuleset, index: usize, found: &Found) -> Option<Reason> {
    let verdict = found.verdict();
    if verdict == Verdict::Ok {
        return None;
    }
    let rule = &rules.rules()[index];
    let names = |names: &[String]| if names.is_empty() { ANY.to_owned() } else { names.join(", ") };
    let zone = found.zone.or(found.row.map(|row| table.zone()[row])).map(|zone| rules.zone_name(zone));
    Some(Reason {
        verdict,
        class: found.row.map_or_else(|| names(&rule.classes), |row| rules.class_name(table.class()[row])),
        zone: zone.unwrap_or_else(|| names(&rule.zones)),
        region: found.row.map(|row| region_at(table, row)),
        cause: Cause::Rule { rule: index, value: found.value, thresholds: found.thresholds, is_capped: found.is_capped },
        rule: rule.words(),
    })
}

/// The group's verdict is the best of its members', each by its worst value; told by the reason that lies nearest to being OK.
fn reason_of_group(group: &CompiledGroup, by_member: &[Vec<Reason>]) -> Option<Reason> {
    let worst_of = |reasons: &Vec<Reason>| {
        reasons.iter().max_by(|a, b| a.verdict.cmp(&b.verdict).then(a.excess().total_cmp(&b.excess()))).cloned()
    };
    let worst: Option<Vec<Reason>> = by_member.iter().map(worst_of).collect();
    let best = worst?.into_iter().min_by(|a, b| a.verdict.cmp(&b.verdict).then(a.excess().total_cmp(&b.excess())))?;
    let rule = format!("{} (all of its rules): {}", group.name, best.rule);
    Some(Reason { rule, ..best })
}

fn reason_of_figure(figure: PartFigure, rules: &CompiledRuleset) -> Option<Reason> {
    let cell = &rules.cells()[figure.cell];
    let limit = &cell.per_part[figure.limit];
    let verdict = limit.thresholds.verdict(figure.value);
    let (class, zone) = (&cell.key.class, &cell.key.zone);
    (verdict != Verdict::Ok).then(|| Reason {
        verdict,
        class: class.clone(),
        zone: zone.clone(),
        region: None,
        cause: Cause::PartLimit { aggregate: limit.aggregate, value: figure.value, bounds: limit.bounds },
        rule: part_limit_words(class, zone, limit.aggregate, limit.bounds),
    })
}

/// The verdicts of all parts, row by row. Enough for a report; a [`super::Board`] is faster as soon as anything is judged twice.
#[must_use]
pub fn judge_table(table: &RegionTable, rules: &CompiledRuleset) -> Vec<Verdict> {
    let mut adder = Adder::new(rules);
    let mut rule_part = RulePart::new(table, rules);
    let part = |part: usize| {
        let rows = table.rows_of_part(part);
        let mut is_spoken_of = vec![false; if rules.rules().is_empty() { 0 } else { rows.len() }];
        let mut worst = Verdict::Ok;
        let mut of_rule = vec![Verdict::Ok; rules.rules().len()];
        for (verdict, rule) in of_rule.iter_mut().zip(rules.rules()) {
            let covers = |row: usize| is_spoken_of[row - rows.start] = true;
            rule_part.rule(rows.clone(), rule, covers, |found| *verdict = verdict.worse(found.verdict()));
            if rule.group.is_none() {
                worst = worst.worse(*verdict);
            }
        }
        for group in rules.groups() {
            worst = worst.worse(of_rule[group.members.clone()].iter().copied().min().unwrap_or_default());
        }
        for row in rows.clone() {
            let is_spoken_of = is_spoken_of.get(row - rows.start).copied().unwrap_or(false);
            worst = worst.worse(cell_verdict(table, row, rules).unwrap_or_else(|| unspoken(table, row, rules, is_spoken_of)));
        }
        if !adder.is_idle() {
            let limit = |f: &PartFigure| rules.cells()[f.cell].per_part[f.limit].thresholds;
            adder.part(table, rows, |figure| worst = worst.max(limit(&figure).verdict(figure.value)));
        }
        worst
    };
    (0..table.parts()).map(part).collect()
}
