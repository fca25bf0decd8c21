//! The alarm that a size limit lets true defects pass: regions on NG parts that are smaller than what their cell accepts.

use std::collections::BTreeMap;

use crate::judge::compiled::CompiledRuleset;
use crate::judge::part::judge_table;
use crate::judge::tally::Disposition;
use crate::judge::verdict::Verdict;
use crate::measure::{Feature, RegionTable};

/// A size limit below which a labelled true defect lies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizeAlarm {
    pub class: u8,
    pub zone: u8,
    pub feature: Feature,
    /// Regions below this are accepted, in the unit of the feature.
    pub accept_below: f64,
    /// The smallest accepted region on a part that is NG in truth.
    pub smallest: f32,
    /// Its row in the table, and its part.
    pub row: usize,
    pub part: usize,
    /// How many regions on NG parts are accepted in this class and zone.
    pub accepted: usize,
    /// Among them are parts that nothing else speaks against: escapes.
    pub escapes: usize,
}

/// Features that say how large a region is.
const SIZES: [Feature; 11] = [
    Feature::Area,
    Feature::Length,
    Feature::Width,
    Feature::EquivalentDiameter,
    Feature::BoxWidth,
    Feature::BoxHeight,
    Feature::AreaPx,
    Feature::FeretMax,
    Feature::FeretMin,
    Feature::CentreLine,
    Feature::MaxWidth,
];

/// Alarms by class, zone and feature, for the table of labelled regions. A region that another limit of its cell speaks against raises
/// none; neither do cells that accept everything by decision.
#[must_use]
pub fn size_alarms(table: &RegionTable, rules: &CompiledRuleset, truth: &[Disposition]) -> Vec<SizeAlarm> {
    let verdicts = judge_table(table, rules);
    let mut alarms: BTreeMap<(u8, u8, Feature), SizeAlarm> = BTreeMap::new();
    let mut last_escape: BTreeMap<(u8, u8, Feature), usize> = BTreeMap::new();
    let ng_parts = (0..table.parts()).filter(|&p| truth.get(p) == Some(&Disposition::Ng));
    for (part, row) in ng_parts.flat_map(|part| table.rows_of_part(part).map(move |row| (part, row))) {
        let (class, zone) = (table.class()[row], table.zone()[row]);
        let Some(cell) = rules.cell(class, zone) else { continue };
        if cell.verdict(|f| table.value(row, f)) != Verdict::Ok {
            continue;
        }
        for limit in cell.limits.iter().filter(|l| SIZES.contains(&l.feature) && !l.thresholds.is_negated) {
            let Some(accept_below) = limit.bounds.accept_below.or(limit.bounds.reject_from) else { continue };
            let value = table.value(row, limit.feature);
            let key = (class, zone, limit.feature);
            let alarm = alarms.entry(key).or_insert(SizeAlarm {
                class,
                zone,
                feature: limit.feature,
                accept_below,
                smallest: value,
                row,
                part,
                accepted: 0,
                escapes: 0,
            });
            alarm.accepted += 1;
            if value < alarm.smallest {
                (alarm.smallest, alarm.row, alarm.part) = (value, row, part);
            }
            if verdicts[part] == Verdict::Ok && last_escape.insert(key, part) != Some(part) {
                alarm.escapes += 1;
            }
        }
    }
    alarms.into_values().collect()
}
