//! A ruleset made ready for one part number: names replaced by ids, one look-up from class and zone to the cell that decides.

use std::collections::BTreeMap;

use super::admission::{Admission, CompiledTreat};
use super::aggregate::Aggregate;
use super::compiled_rule::{CompiledGroup, CompiledRule, RuleCompiler};
use super::limit::{Bounds, Thresholds};
use super::rule::Straddling;
use super::ruleset::{ANY, Cell, CellKey, Ruleset, UNZONED};
use super::ruleset_error::RulesetError;
use super::surroundings::Surroundings;
use super::verdict::Verdict;
use crate::measure::Feature;
use crate::raster::UNKNOWN;

/// Means "no cell decides" in the look-up.
const NO_CELL: u32 = u32::MAX;

/// A ruleset for known class and zone ids. Made by [`Ruleset::compile`].
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledRuleset {
    cells: Vec<CompiledCell>,
    /// By `class << 8 | zone`.
    lookup: Vec<u32>,
    classes: BTreeMap<u8, String>,
    zones: BTreeMap<u8, String>,
    /// The verdict on a region of a known class and zone that no cell and no rule speaks of.
    otherwise: Verdict,
    admission: Admission,
    rules: Vec<CompiledRule>,
    groups: Vec<CompiledGroup>,
}

/// One cell, ready for the scan.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledCell {
    pub key: CellKey,
    /// Each region is acceptable by itself (and `limits` is empty).
    pub accepts: bool,
    pub limits: Vec<CompiledLimit>,
    pub per_part: Vec<CompiledPartLimit>,
}

/// A limit on one feature of each region.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompiledLimit {
    pub feature: Feature,
    pub bounds: Bounds,
    pub thresholds: Thresholds,
}

/// A limit on an aggregate over the regions of a cell on one part.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CompiledPartLimit {
    pub aggregate: Aggregate,
    pub bounds: Bounds,
    pub thresholds: Thresholds,
}

impl CompiledLimit {
    /// The column that the scan reads; see [`super::rows_by_pair::RowsByPair::column`].
    pub(super) const fn column(&self) -> usize {
        if self.thresholds.is_negated { Feature::COUNT + self.feature.index() } else { self.feature.index() }
    }
}

impl CompiledCell {
    /// It decides about each region by itself.
    #[must_use]
    pub const fn decides(&self) -> bool {
        self.accepts || !self.limits.is_empty()
    }

    /// The verdict on one region by itself: the worst of its limits; without limits OK if the cell accepts, else review.
    #[must_use]
    pub fn verdict(&self, value_of: impl Fn(Feature) -> f32) -> Verdict {
        let worst = self.limits.iter().map(|l| l.thresholds.verdict(value_of(l.feature))).max();
        worst.unwrap_or(if self.accepts { Verdict::Ok } else { Verdict::Review })
    }
}

impl CompiledRuleset {
    /// All cells, in the order of the ruleset.
    #[must_use]
    pub fn cells(&self) -> &[CompiledCell] {
        &self.cells
    }

    pub(super) fn cells_mut(&mut self) -> &mut [CompiledCell] {
        &mut self.cells
    }

    /// Index of the cell that decides for a class and zone; `None` = no rule speaks of them.
    #[must_use]
    pub fn cell_index(&self, class: u8, zone: u8) -> Option<usize> {
        match self.lookup[usize::from(class) << 8 | usize::from(zone)] {
            NO_CELL => None,
            index => Some(index as usize),
        }
    }

    /// The cell that decides for a class and zone; `None` = no rule speaks of them.
    #[must_use]
    pub fn cell(&self, class: u8, zone: u8) -> Option<&CompiledCell> {
        self.cell_index(class, zone).map(|i| &self.cells[i])
    }

    /// Index of the cell of exactly this key.
    #[must_use]
    pub fn find(&self, key: &CellKey) -> Option<usize> {
        self.cells.iter().position(|c| c.key == *key)
    }

    /// The verdict on a region of a known class and zone that no cell and no rule speaks of.
    #[must_use]
    pub const fn otherwise(&self) -> Verdict {
        self.otherwise
    }

    /// The verdict on a region that no cell and no rule speaks of: review for an unknown class or zone, whatever the ruleset says.
    #[must_use]
    pub fn otherwise_for(&self, class: u8, zone: u8) -> Verdict {
        if self.is_known(class, zone) { self.otherwise } else { Verdict::Review }
    }

    /// The part number has this class and this zone.
    #[must_use]
    pub fn is_known(&self, class: u8, zone: u8) -> bool {
        self.classes.contains_key(&class) && self.zones.contains_key(&zone)
    }

    /// How regions become rows.
    #[must_use]
    pub const fn admission(&self) -> &Admission {
        &self.admission
    }

    /// All rules; the members of groups stand one by one.
    #[must_use]
    pub fn rules(&self) -> &[CompiledRule] {
        &self.rules
    }

    pub(super) fn rules_mut(&mut self) -> &mut [CompiledRule] {
        &mut self.rules
    }

    /// Groups of rules: NG only when every member is.
    #[must_use]
    pub fn groups(&self) -> &[CompiledGroup] {
        &self.groups
    }

    /// Rows in this zone hold pieces of regions.
    pub(super) fn is_piece(&self, zone: u8) -> bool {
        self.admission.straddling[usize::from(zone)] == Straddling::Clip
    }

    /// Name of a class id, "unknown" for an anomaly that no class explains, "class 17" when the part number does not have it.
    #[must_use]
    pub fn class_name(&self, class: u8) -> String {
        let nameless = || if class == UNKNOWN { "unknown".to_owned() } else { format!("class {class}") };
        self.classes.get(&class).cloned().unwrap_or_else(nameless)
    }

    /// Name of a zone id, "zone 17" when the part number does not have it.
    #[must_use]
    pub fn zone_name(&self, zone: u8) -> String {
        self.zones.get(&zone).cloned().unwrap_or_else(|| format!("zone {zone}"))
    }

    /// The values of the rules are the same on the same table; only limits that are numbers may differ.
    pub(super) fn has_same_rule_values(&self, other: &Self) -> bool {
        self.rules.len() == other.rules.len()
            && self.rules.iter().zip(&other.rules).all(|(a, b)| a.has_same_values(b))
            && self.admission.straddling == other.admission.straddling
            && self.classes == other.classes
            && self.zones == other.zones
    }

    /// The other has the same names, cells and limits; only bounds may differ.
    pub(super) fn has_same_structure(&self, other: &Self) -> bool {
        self.lookup == other.lookup
            && self.classes == other.classes
            && self.zones == other.zones
            && self.otherwise == other.otherwise
            && self.admission == other.admission
            && self.groups == other.groups
            && self.has_same_rule_values(other)
            && self.cells.len() == other.cells.len()
            && self.cells.iter().zip(&other.cells).all(|(a, b)| {
                a.key == b.key
                    && a.accepts == b.accepts
                    && a.limits.iter().map(CompiledLimit::column).eq(b.limits.iter().map(CompiledLimit::column))
                    && a.per_part
                        .iter()
                        .map(|l| (l.aggregate, l.bounds.worse))
                        .eq(b.per_part.iter().map(|l| (l.aggregate, l.bounds.worse)))
            })
    }
}

impl Ruleset {
    /// Makes the ruleset ready for a part number with these classes and zones (id and name). Zone id 0 is always "unzoned", listed or
    /// not. A class or zone id that is not listed has no rule, so its regions are review even where `"*"` accepts: unknown is never OK.
    ///
    /// # Errors
    /// A name in the ruleset that the part number does not have (the message lists those it has); a name twice or reserved; invalid
    /// limits; an expression that cannot be worked out.
    pub fn compile(&self, classes: &[(u8, String)], zones: &[(u8, String)]) -> Result<CompiledRuleset, RulesetError> {
        self.compile_with(classes, zones, &Surroundings::default())
    }

    /// As [`Self::compile`], knowing how large zones and image are; densities need that.
    ///
    /// # Errors
    /// As [`Self::compile`].
    pub fn compile_with(
        &self,
        classes: &[(u8, String)],
        zones: &[(u8, String)],
        surroundings: &Surroundings,
    ) -> Result<CompiledRuleset, RulesetError> {
        self.validate()?;
        let classes = names("class", classes)?;
        let listed: Vec<_> = zones.iter().filter(|(id, _)| *id != 0).cloned().collect();
        let mut zones = names("zone", &listed)?;
        zones.insert(0, UNZONED.to_owned());
        let mut lookup = vec![NO_CELL; 1 << 16];
        let mut cells = Vec::with_capacity(self.cells.len());
        // General cells first, so that the more specific ones overwrite them.
        let mut order: Vec<usize> = (0..self.cells.len()).collect();
        order.sort_by_key(|&i| specificity(&self.cells[i]));
        for i in order {
            let cell = &self.cells[i];
            let class_ids = ids(&classes, &cell.class).ok_or_else(|| RulesetError::UnknownClass {
                cell: cell.key(),
                name: cell.class.clone(),
                known: known(&classes),
            })?;
            let zone_ids = ids(&zones, &cell.zone).ok_or_else(|| RulesetError::UnknownZone {
                cell: cell.key(),
                name: cell.zone.clone(),
                known: known(&zones),
            })?;
            for &class in &class_ids {
                for &zone in &zone_ids {
                    lookup[usize::from(class) << 8 | usize::from(zone)] = i as u32;
                }
            }
        }
        for cell in &self.cells {
            cells.push(CompiledCell {
                key: cell.key(),
                accepts: cell.accept,
                limits: cell.limits.iter().map(|l| compiled_limit(l.feature, l.bounds())).collect(),
                per_part: cell.per_part.iter().map(|l| compiled_part_limit(l.aggregate, l.bounds())).collect(),
            });
        }
        let compiler = RuleCompiler::new(self, &classes, &zones, surroundings);
        let (rules, groups) = compiler.all()?;
        let admission = self.admission(&compiler)?;
        Ok(CompiledRuleset { cells, lookup, classes, zones, otherwise: self.otherwise, admission, rules, groups })
    }

    fn admission(&self, compiler: &RuleCompiler<'_>) -> Result<Admission, RulesetError> {
        let class = |name: &str, place: &str| {
            let ids = RuleCompiler::ids("class", compiler.classes, name, place)?;
            Ok::<_, RulesetError>(if name == ANY { None } else { ids.first().copied() })
        };
        let mut treat = Vec::with_capacity(self.treat.len());
        for entry in &self.treat {
            let place = format!("treat {} as {}", entry.class, entry.into);
            let Some(into) = class(&entry.into, &place)? else {
                return Err(RulesetError::Rule { rule: place, problem: "a region is judged as one class, not as any".to_owned() });
            };
            let from = class(&entry.class, &place)?;
            treat.push(CompiledTreat { class: from, when: compiler.condition(&entry.when, &place)?, into });
        }
        for merge in &self.merge {
            class(&merge.class, "merge")?;
        }
        let mut straddling = vec![self.straddling; 256];
        for (zone, policy) in &self.straddling_in {
            for id in RuleCompiler::ids("zone", compiler.zones, zone, "straddling_in")? {
                straddling[usize::from(id)] = *policy;
            }
        }
        let ignore = self.ignore.as_ref().map(|e| compiler.condition(e, "ignore")).transpose()?;
        Ok(Admission { ignore, treat, straddling })
    }
}

pub(super) fn compiled_limit(feature: Feature, bounds: Bounds) -> CompiledLimit {
    CompiledLimit { feature, bounds, thresholds: bounds.thresholds() }
}

pub(super) fn compiled_part_limit(aggregate: Aggregate, bounds: Bounds) -> CompiledPartLimit {
    CompiledPartLimit { aggregate, bounds, thresholds: bounds.thresholds() }
}

/// 0 for any × any, 1 for any × zone, 2 for class × any, 3 for class × zone: the higher decides.
fn specificity(cell: &Cell) -> u8 {
    u8::from(cell.class != ANY) * 2 + u8::from(cell.zone != ANY)
}

fn names(kind: &'static str, listed: &[(u8, String)]) -> Result<BTreeMap<u8, String>, RulesetError> {
    let mut by_id = BTreeMap::new();
    for (id, name) in listed {
        if name == ANY || (kind == "zone" && name == UNZONED) {
            return Err(RulesetError::ReservedName { kind, name: name.clone() });
        }
        if by_id.values().any(|n| n == name) {
            return Err(RulesetError::NameTwice { kind, name: name.clone() });
        }
        by_id.insert(*id, name.clone());
    }
    Ok(by_id)
}

/// The ids that a name in a ruleset stands for.
pub(super) fn ids(names: &BTreeMap<u8, String>, name: &str) -> Option<Vec<u8>> {
    if name == ANY {
        return Some(names.keys().copied().collect());
    }
    names.iter().find(|(_, n)| *n == name).map(|(&id, _)| vec![id])
}

pub(super) fn known(names: &BTreeMap<u8, String>) -> String {
    if names.is_empty() {
        return "none yet".to_owned();
    }
    names.values().map(String::as_str).collect::<Vec<_>>().join(", ")
}
