//! The matrix of class and zone: limits in words, regions counted; and the rules beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::value::{MatrixRow, RuleHits};
use crate::judge::suggest::Subject;
use crate::judge::{ANY, CompiledRuleset, PartVerdict, Tally, Verdict, bounds_words};
use crate::workflow::Evaluation;

/// The limits of a cell in words.
fn limits_of(rules: &CompiledRuleset, cell: usize) -> Vec<String> {
    let cell = &rules.cells()[cell];
    if cell.accepts && cell.per_part.is_empty() {
        return vec!["everything is accepted".to_owned()];
    }
    let regions = cell.limits.iter().map(|l| {
        let subject = Subject::Region(l.feature);
        format!("{} {}", subject.words(), bounds_words(l.bounds, subject.unit()))
    });
    let parts = cell.per_part.iter().map(|l| {
        let subject = Subject::Part(l.aggregate);
        format!("{} per part {}", subject.words(), bounds_words(l.bounds, subject.unit()))
    });
    let limits: Vec<String> = regions.chain(parts).collect();
    if limits.is_empty() { vec!["no limit: review".to_owned()] } else { limits }
}

/// Every class and zone that has regions, and every cell that decides about none; in the order of their names.
pub(super) fn matrix(evaluation: &Evaluation) -> Vec<MatrixRow> {
    let board = evaluation.board();
    let rules = board.rules();
    let mut rows = Vec::new();
    let mut used = BTreeSet::new();
    for (class, zone, regions) in board.rows_tallies() {
        let (class_name, zone_name) = (rules.class_name(class), rules.zone_name(zone));
        let cell = rules.cell_index(class, zone);
        used.extend(cell);
        let decided_by = cell.map(|cell| &rules.cells()[cell].key).filter(|k| k.class == ANY || k.zone == ANY);
        let limits = cell.map_or_else(
            || vec![format!("no cell: {} unless a rule speaks of it", rules.otherwise_for(class, zone))],
            |cell| limits_of(rules, cell),
        );
        rows.push(MatrixRow {
            class: class_name,
            zone: zone_name,
            decided_by: decided_by.map(ToString::to_string),
            limits,
            regions,
        });
    }
    for (index, cell) in rules.cells().iter().enumerate().filter(|(index, _)| !used.contains(index)) {
        let (class, zone) = (cell.key.class.clone(), cell.key.zone.clone());
        rows.push(MatrixRow { class, zone, decided_by: None, limits: limits_of(rules, index), regions: Tally::default() });
    }
    rows.sort_by(|a, b| (&a.class, &a.zone).cmp(&(&b.class, &b.zone)));
    rows
}

/// How many parts each rule speaks against. A group's rules speak together: it counts for the rule whose reason is told.
pub(super) fn rule_hits(evaluation: &Evaluation, verdicts: &BTreeMap<usize, PartVerdict>) -> Vec<RuleHits> {
    let rules = evaluation.board().rules();
    let mut worst: BTreeMap<(usize, usize), Verdict> = BTreeMap::new();
    for (&part, verdict) in verdicts {
        for reason in &verdict.reasons {
            if let crate::judge::Cause::Rule { rule, .. } = reason.cause {
                let entry = worst.entry((rule, part)).or_default();
                *entry = entry.worse(reason.verdict);
            }
        }
    }
    let count = |rule: usize, verdict: Verdict| worst.iter().filter(|(key, v)| key.0 == rule && **v == verdict).count();
    let hits = |(index, rule): (usize, &crate::judge::CompiledRule)| {
        let group = rule.group.map(|g| format!("{} (all of its rules), ", rules.groups()[g].name)).unwrap_or_default();
        RuleHits {
            words: format!("{group}{}", rule.words()),
            ng_parts: count(index, Verdict::Ng),
            review_parts: count(index, Verdict::Review),
        }
    };
    rules.rules().iter().enumerate().map(hits).collect()
}
