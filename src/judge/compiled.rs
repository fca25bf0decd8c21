//! A ruleset made ready for one part number: names replaced by ids, one look-up from class and zone to the cell that decides.

use std::collections::BTreeMap;

use super::aggregate::Aggregate;
use super::limit::{Bounds, Thresholds};
use super::ruleset::{ANY, Cell, CellKey, Ruleset, UNZONED};
use super::ruleset_error::RulesetError;
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

impl CompiledCell {
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

    /// The other has the same names, cells and limits; only bounds may differ.
    pub(super) fn has_same_structure(&self, other: &Self) -> bool {
        self.lookup == other.lookup
            && self.classes == other.classes
            && self.zones == other.zones
            && self.cells.len() == other.cells.len()
            && self.cells.iter().zip(&other.cells).all(|(a, b)| {
                a.key == b.key
                    && a.accepts == b.accepts
                    && a.limits.iter().map(|l| l.feature).eq(b.limits.iter().map(|l| l.feature))
                    && a.per_part.iter().map(|l| l.aggregate).eq(b.per_part.iter().map(|l| l.aggregate))
            })
    }
}

impl Ruleset {
    /// Makes the ruleset ready for a part number with these classes and zones (id and name). Zone id 0 is always "unzoned", listed or
    /// not. A class or zone id that is not listed has no rule, so its regions are review even where `"*"` accepts: unknown is never OK.
    ///
    /// # Errors
    /// A name in the ruleset that the part number does not have (the message lists those it has); a name twice or reserved; invalid
    /// limits.
    pub fn compile(&self, classes: &[(u8, String)], zones: &[(u8, String)]) -> Result<CompiledRuleset, RulesetError> {
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
        Ok(CompiledRuleset { cells, lookup, classes, zones })
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
fn ids(names: &BTreeMap<u8, String>, name: &str) -> Option<Vec<u8>> {
    if name == ANY {
        return Some(names.keys().copied().collect());
    }
    names.iter().find(|(_, n)| *n == name).map(|(&id, _)| vec![id])
}

fn known(names: &BTreeMap<u8, String>) -> String {
    if names.is_empty() {
        return "none yet".to_owned();
    }
    names.values().map(String::as_str).collect::<Vec<_>>().join(", ")
}
