//! Each limit moved through all values at which something changes.

use super::value::Curve;
use crate::judge::suggest::{Subject, targets_of};
use crate::judge::sweep::sweep_distinct;
use crate::judge::{Bound, Bounds, CellKey, Ruleset, Worse};
use crate::workflow::Evaluation;

/// Points of a curve; more would not be seen on paper.
const POINTS: usize = 200;

/// The limits of cells that decide about at least one region.
pub(super) fn limits_in_use(evaluation: &Evaluation, ruleset: &Ruleset) -> Vec<(CellKey, Subject)> {
    let board = evaluation.board();
    let has_rows = |key: &CellKey| {
        let Some(cell) = board.rules().find(key) else { return false };
        board.rows_tallies().any(|(class, zone, tally)| tally.total() > 0 && board.rules().cell_index(class, zone) == Some(cell))
    };
    targets_of(ruleset).into_iter().filter(|t| has_rows(&t.cell)).map(|t| (t.cell, t.subject)).collect()
}

/// A curve for each value of each limit that has regions; where both values are the same, one.
pub(super) fn curves(evaluation: &Evaluation, ruleset: &Ruleset) -> Vec<Curve> {
    let mut curves = Vec::new();
    for (key, subject) in limits_in_use(evaluation, ruleset) {
        let Some((which, bounds)) = subject.find(ruleset, &key) else { continue };
        for bound in bounds_to_move(bounds) {
            let Some(now) = bounds.get(bound) else { continue };
            let Ok(mut swept) = sweep_distinct(evaluation.board(), &key, which, bound, POINTS, evaluation.truth()) else {
                continue;
            };
            swept.points.sort_by(|a, b| a.at.total_cmp(&b.at));
            if swept.points.is_empty() {
                continue;
            }
            let title = format!("{key}: {}, {}", subject.words(), bound_words(bound, bounds.worse));
            curves.push(Curve { title, unit: subject.unit().to_owned(), now, points: swept.points });
        }
    }
    curves
}

fn bounds_to_move(bounds: Bounds) -> Vec<Bound> {
    match (bounds.accept_below, bounds.reject_from) {
        (Some(a), Some(r)) if a != r => vec![Bound::Accept, Bound::Reject],
        (Some(_), None) => vec![Bound::Accept],
        _ => vec![Bound::Reject],
    }
}

const fn bound_words(bound: Bound, worse: Worse) -> &'static str {
    match (bound, worse) {
        (Bound::Accept, Worse::Larger) => "OK below",
        (Bound::Reject, Worse::Larger) => "NG from",
        (Bound::Accept, Worse::Smaller) => "OK from",
        (Bound::Reject, Worse::Smaller) => "NG below",
    }
}
