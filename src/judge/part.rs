//! Judging one row, one region, one part, with reasons; and all parts the plain way.

use super::aggregate::{Adder, PartFigure};
use super::compiled::CompiledRuleset;
use super::reason::{Cause, Reason, RegionAt, limit_words, part_limit_words};
use super::verdict::Verdict;
use crate::measure::{Region, RegionTable};

/// The verdict on a part and what speaks against it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartVerdict {
    pub verdict: Verdict,
    /// Worst first, then the one farthest beyond its limit; empty when OK.
    pub reasons: Vec<Reason>,
}

/// The verdict on one row: one region in one zone that it touches.
///
/// # Panics
/// When the table has no such row.
#[must_use]
pub fn judge_row(table: &RegionTable, row: usize, rules: &CompiledRuleset) -> Verdict {
    let cell = rules.cell(table.class()[row], table.zone()[row]);
    cell.map_or(Verdict::Review, |cell| cell.verdict(|feature| table.value(row, feature)))
}

/// The verdict on one region: the worst over the zones that it touches. Limits per part are not asked.
#[must_use]
pub fn judge_region(region: &Region, rules: &CompiledRuleset) -> Verdict {
    let in_zone = |zone: u8| rules.cell(region.class, zone).map_or(Verdict::Review, |cell| cell.verdict(|f| region.feature(f)));
    region.zones.iter().map(|share| in_zone(share.zone)).max().unwrap_or(Verdict::Review)
}

/// The verdict on one part, with reasons.
///
/// # Panics
/// When the table has no such part.
#[must_use]
pub fn judge_part(table: &RegionTable, part: usize, rules: &CompiledRuleset) -> PartVerdict {
    let rows = table.rows_of_part(part);
    let mut reasons = Vec::new();
    for row in rows.clone() {
        push_reasons_of_row(table, row, rules, &mut reasons);
    }
    Adder::new(rules).part(table, rows, |figure| reasons.extend(reason_of_figure(figure, rules)));
    reasons.sort_by(|a, b| b.verdict.cmp(&a.verdict).then(b.excess().total_cmp(&a.excess())));
    PartVerdict { verdict: reasons.first().map_or(Verdict::Ok, |r| r.verdict), reasons }
}

fn push_reasons_of_row(table: &RegionTable, row: usize, rules: &CompiledRuleset, reasons: &mut Vec<Reason>) {
    let (class, zone) = (rules.class_name(table.class()[row]), rules.zone_name(table.zone()[row]));
    let region = Some(RegionAt { row, image: table.image()[row], index: table.region()[row] });
    let cell = rules.cell(table.class()[row], table.zone()[row]);
    let Some(cell) = cell.filter(|c| c.accepts || !c.limits.is_empty()) else {
        let rule = "what no rule speaks of is never OK".to_owned();
        reasons.push(Reason { verdict: Verdict::Review, class, zone, region, cause: Cause::NoRule, rule });
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
    let part = |part: usize| {
        let rows = table.rows_of_part(part);
        let mut worst = rows.clone().map(|row| judge_row(table, row, rules)).max().unwrap_or(Verdict::Ok);
        if !adder.is_idle() {
            let limit = |f: &PartFigure| rules.cells()[f.cell].per_part[f.limit].thresholds;
            adder.part(table, rows, |figure| worst = worst.max(limit(&figure).verdict(figure.value)));
        }
        worst
    };
    (0..table.parts()).map(part).collect()
}
