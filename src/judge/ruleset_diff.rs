//! What differs between two rulesets, limit by limit.

use std::fmt;

use super::limit::Bounds;
use super::reason::bounds_words;
use super::ruleset::{Cell, CellKey, Ruleset};
use super::suggest::Subject;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub enum RulesetChange {
    /// A limit has other bounds, is new (`before` None) or is gone (`after` None).
    Limit { cell: CellKey, subject: Subject, before: Option<Bounds>, after: Option<Bounds> },
    /// A cell accepts everything now, or no longer.
    Accepts { cell: CellKey, is_accepting: bool },
    /// A cell without any limit came or went: with it, what a more general cell says no longer holds, or holds again.
    Cell { cell: CellKey, is_new: bool },
    /// The least probability of a class; 0 = none.
    Certainty { class: String, before: f64, after: f64 },
    /// Another name or note.
    Words { what: &'static str, before: String, after: String },
}

/// All differences: name and note first, then by class, then cell by cell.
#[must_use]
pub fn ruleset_changes(before: &Ruleset, after: &Ruleset) -> Vec<RulesetChange> {
    let mut changes = Vec::new();
    for (what, a, b) in [("name", &before.name, &after.name), ("note", &before.note, &after.note)] {
        if a != b {
            changes.push(RulesetChange::Words { what, before: a.clone(), after: b.clone() });
        }
    }
    for class in both(before.certainty.iter().map(|c| &c.class), after.certainty.iter().map(|c| &c.class)) {
        let (a, b) = (before.certainty_of(&class), after.certainty_of(&class));
        if a != b {
            changes.push(RulesetChange::Certainty { class, before: a, after: b });
        }
    }
    let empty = Cell::default();
    let keys = |r: &Ruleset| r.cells.iter().map(Cell::key).collect::<Vec<_>>();
    for key in both(keys(before).iter(), keys(after).iter()) {
        let (a, b) = (before.cell(&key), after.cell(&key));
        let is_plain = |c: Option<&Cell>| c.is_some_and(|c| !c.accept && c.limits.is_empty() && c.per_part.is_empty());
        if (a.is_none() && is_plain(b)) || (b.is_none() && is_plain(a)) {
            changes.push(RulesetChange::Cell { cell: key, is_new: a.is_none() });
            continue;
        }
        changes_of_cell(&key, a.unwrap_or(&empty), b.unwrap_or(&empty), &mut changes);
    }
    changes
}

fn changes_of_cell(key: &CellKey, a: &Cell, b: &Cell, changes: &mut Vec<RulesetChange>) {
    if a.accept != b.accept {
        changes.push(RulesetChange::Accepts { cell: key.clone(), is_accepting: b.accept });
    }
    let limits = |c: &Cell| -> Vec<(Subject, Bounds)> {
        let regions = c.limits.iter().map(|l| (Subject::Region(l.feature), l.bounds()));
        regions.chain(c.per_part.iter().map(|l| (Subject::Part(l.aggregate), l.bounds()))).collect()
    };
    let (a, b) = (limits(a), limits(b));
    let find = |all: &[(Subject, Bounds)], subject: Subject| all.iter().find(|l| l.0 == subject).map(|l| l.1);
    for subject in both(a.iter().map(|l| &l.0), b.iter().map(|l| &l.0)) {
        let (before, after) = (find(&a, subject), find(&b, subject));
        if before != after {
            changes.push(RulesetChange::Limit { cell: key.clone(), subject, before, after });
        }
    }
}

/// What is in either, once each, in the order of the first.
fn both<'a, T: Clone + PartialEq + 'a>(a: impl Iterator<Item = &'a T>, b: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for item in a.chain(b) {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
    all
}

/// One line for people: "pit × outer face, length: OK below 0.50 mm, NG from 0.80 mm → NG from 0.70 mm".
impl fmt::Display for RulesetChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit { cell, subject, before, after } => {
                let words = |b: &Option<Bounds>| b.map_or_else(|| "no limit".to_owned(), |b| bounds_words(b, subject.unit()));
                write!(f, "{cell}, {}: {} → {}", subject.words(), words(before), words(after))
            }
            Self::Accepts { cell, is_accepting: true } => write!(f, "{cell}: accepts everything now"),
            Self::Accepts { cell, is_accepting: false } => write!(f, "{cell}: no longer accepts everything"),
            Self::Cell { cell, is_new: true } => write!(f, "{cell}: a cell without a rule, so its regions are review"),
            Self::Cell { cell, is_new: false } => write!(f, "{cell}: its cell is gone; a more general one decides"),
            Self::Certainty { class, before, after } => write!(f, "{class}: least probability {before} → {after}"),
            Self::Words { what, before, after } => write!(f, "{what}: {before:?} → {after:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Feature;

    #[test]
    fn every_edit_is_told_and_nothing_else() {
        let key = CellKey::new("pit", "face");
        let mut before = Ruleset::new("a");
        before.set_limit(&key, Feature::Length, Some(Bounds::new(Some(0.5), Some(0.8)))).unwrap();
        before.set_limit(&CellKey::new("crack", "*"), Feature::Area, Some(Bounds::new(None, Some(0.0)))).unwrap();
        assert_eq!(ruleset_changes(&before, &before.clone()), []);
        let mut after = before.clone();
        after.set_limit(&key, Feature::Length, Some(Bounds::new(Some(0.5), Some(0.7)))).unwrap();
        after.set_limit(&key, Feature::Width, Some(Bounds::new(Some(0.1), None))).unwrap();
        after.cells.retain(|c| c.class != "crack");
        after.set_certainty("pit", 0.4);
        let lines: Vec<String> = ruleset_changes(&before, &after).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "pit: least probability 0 → 0.4",
                "pit × face, length: OK below 0.50 mm, NG from 0.80 mm → OK below 0.50 mm, NG from 0.70 mm",
                "pit × face, width: no limit → OK below 0.10 mm, else NG",
                "crack × *, area: NG from 0.00 mm² → no limit",
            ]
        );
        // The way back tells the same limits the other way round.
        assert_eq!(ruleset_changes(&after, &before).len(), lines.len());
    }
}
