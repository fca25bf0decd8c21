//! Do suggested limits hold on parts that they were not chosen by? Chosen on most of the groups, judged on the rest, in turn.

use super::Goal;
use super::place::place;
use super::problem::{Allowed, Problem};
use super::search::{Random, solve};
use crate::judge::claims::{Claim, Event};
use crate::judge::limit::{Bounds, Thresholds};
use crate::judge::tally::Score;

/// Scores of limits on the parts that they were chosen by, and on parts that they were not.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidation {
    /// Into how many the parts were divided; every part was held out once.
    pub folds: usize,
    /// Chosen by all parts, judged on the same.
    pub tuned_in: Score,
    /// Each part judged by limits that were chosen without it and without the other parts of its group.
    pub held_out: Score,
}

impl CrossValidation {
    /// What the held-out parts prove about escapes.
    #[must_use]
    pub fn claim(&self, wanted: Option<f64>) -> Claim {
        Claim::new(Event::Escape, self.held_out.escapes(), wanted)
    }
}

/// Divides decided parts by group into at most `folds`, and chooses limits without each in turn. `group` is by part; None: each part is a
/// group of its own. None when there are fewer than two groups with NG parts: without one of them there is nothing to learn from.
pub(super) fn cross_validate(
    problem: &Problem<'_>,
    goal: Goal,
    now: &[Bounds],
    group: Option<&[u32]>,
    folds: usize,
) -> Option<(usize, Score)> {
    let group_of = |part: u32| group.and_then(|g| g.get(part as usize).copied()).unwrap_or(part);
    let mut groups: Vec<(bool, u32)> = problem.decided.iter().map(|d| (d.is_ng, group_of(d.part))).collect();
    // NG groups first, so that every fold gets its share of them.
    groups.sort_unstable_by_key(|&(is_ng, group)| (group, !is_ng));
    groups.dedup_by_key(|g| g.1);
    let with_ng = groups.iter().filter(|g| g.0).count();
    let folds = folds.min(groups.len()).min(with_ng);
    if folds < 2 {
        return None;
    }
    let mut random = Random(0xF01D);
    for i in (1..groups.len()).rev() {
        groups.swap(i, random.below(i + 1));
    }
    groups.sort_by_key(|&(is_ng, _)| !is_ng);
    let mut fold_of: Vec<(u32, usize)> = groups.iter().enumerate().map(|(i, &(_, group))| (group, i % folds)).collect();
    fold_of.sort_unstable();
    let fold = |part: u32| {
        let at = fold_of.binary_search_by_key(&group_of(part), |f| f.0);
        at.map_or(0, |at| fold_of[at].1)
    };
    let mut held_out = Score::default();
    for held in 0..folds {
        let mut train = problem.subset(problem.allowed, |part| fold(part) != held);
        train.allowed = Allowed {
            escapes: goal.allowed(train.ng_parts(), problem.ng_parts()),
            overkill: (u64::from(problem.allowed.overkill) * train.decided.len() as u64 / problem.decided.len().max(1) as u64)
                as u32,
        };
        let (thresholds, _) = solve(&train);
        let placed = place_among(&train, &thresholds, now);
        let rest = problem.subset(problem.allowed, |part| fold(part) == held);
        let score = rest.score(&placed);
        held_out.truly_ok += score.truly_ok;
        held_out.truly_ng += score.truly_ng;
    }
    Some((folds, held_out))
}

/// Thresholds placed by the decided parts of a problem alone.
fn place_among(train: &Problem<'_>, thresholds: &[Thresholds], now: &[Bounds]) -> Vec<Thresholds> {
    let only: Vec<Vec<f32>> =
        train.values.iter().map(|values| train.decided.iter().map(|d| values[d.part as usize]).collect()).collect();
    let base: Vec<_> = train.decided.iter().map(|d| d.base).collect();
    let narrowed = train.narrowed(&only, &base);
    let placed = place(&narrowed, thresholds, now);
    placed.iter().zip(now).map(|(bounds, now)| bounds.unwrap_or(*now).thresholds()).collect()
}
