//! The best bounds for one or two limits, by looking at every choice.
//!
//! With thresholds at the values of NG parts (see [`Problem::candidates`]) a part is OK when it lies in the box below the accept
//! thresholds, NG when it lies outside the box below the reject thresholds. The cost of the first depends on the accept box alone, that of
//! the second on the reject box alone, and the accept box must lie within the reject box: a running minimum over smaller boxes makes all
//! pairs of boxes as cheap as one pass over all boxes.

use super::problem::{Badness, Decided, Problem};
use crate::judge::verdict::Verdict;

/// Thresholds of one limit by rank among its candidates; the number of candidates itself = silent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Tiers {
    pub accept: u32,
    pub reject: u32,
}

/// One axis of the choice: the candidates of one limit, and where each decided part lies among them.
pub(super) struct Axis {
    pub candidates: Vec<f32>,
    /// By decided part: how many candidates are at or below its value. It is inside the box of candidate `i` when this is `≤ i`.
    pub rank: Vec<u32>,
    /// By candidate: how far the next lower value of any decided part lies below it, as a share of it; 1 for silent.
    gap: Vec<f32>,
}

impl Axis {
    pub fn new(problem: &Problem<'_>, limit: usize, candidates: Vec<f32>) -> Self {
        let values = &problem.values[limit];
        let value_of = |d: &Decided| values[d.part as usize];
        let rank = problem.decided.iter().map(|d| candidates.partition_point(|&c| c <= value_of(d)) as u32).collect();
        let open = problem.decided.iter().filter(|d| d.base != Verdict::Ng);
        let mut all: Vec<f32> = open.map(value_of).filter(|v| v.is_finite()).collect();
        all.sort_unstable_by(f32::total_cmp);
        let below = |c: f32| all.partition_point(|&v| v < c).checked_sub(1).map_or(0.0, |i| all[i]);
        let share = |&c: &f32| if c == 0.0 { 0.0 } else { ((c - below(c)) / c.abs()).min(1.0) };
        let gap = candidates.iter().map(share).chain([1.0]).collect();
        Self { candidates, rank, gap }
    }

    /// The axis of no limit.
    fn none(parts: usize) -> Self {
        Self { candidates: Vec::new(), rank: vec![0; parts], gap: vec![1.0] }
    }

    pub fn silent(&self) -> Tiers {
        let last = self.candidates.len() as u32;
        Tiers { accept: last, reject: last }
    }
}

/// What lies in one column of boxes, or in one box.
#[derive(Clone, Copy, Default)]
struct Sums {
    /// What accepting instead of reviewing costs.
    accept: i64,
    /// What rejecting instead of reviewing costs.
    reject: i64,
    ng_ok: u32,
    good: u32,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.accept += other.accept;
        self.reject += other.reject;
        self.ng_ok += other.ng_ok;
        self.good += other.good;
    }
}

/// A box of accept thresholds, and how good it is.
#[derive(Clone, Copy)]
struct Best {
    badness: Badness,
    gap: f32,
    at: (u32, u32),
}

impl Best {
    const NONE: Self = Self { badness: Badness { excess: u32::MAX, cost: i64::MAX }, gap: 0.0, at: (0, 0) };

    /// Less bad, or as bad with a wider gap below it.
    fn or(self, other: Self) -> Self {
        let is_better = other.badness < self.badness || (other.badness == self.badness && other.gap > self.gap);
        if is_better { other } else { self }
    }
}

/// The best thresholds for one limit; `base` is by decided part.
pub(super) fn best_of_one(problem: &Problem<'_>, axis: &Axis, base: &[Verdict]) -> (Badness, Tiers) {
    let none = Axis::none(axis.rank.len());
    let (badness, [tiers, _]) = best_of_two(problem, axis, &none, base);
    (badness, tiers)
}

/// The best thresholds for two limits of which either may speak against a part; `base` is by decided part.
pub(super) fn best_of_two(problem: &Problem<'_>, x: &Axis, y: &Axis, base: &[Verdict]) -> (Badness, [Tiers; 2]) {
    let (mut fixed, mut outside) = (0_i64, Sums::default());
    let mut by_x: Vec<Vec<(u32, Sums)>> = vec![Vec::new(); x.candidates.len() + 1];
    let mut ng_fixed_overkill = 0;
    for (i, (part, &base)) in problem.decided.iter().zip(base).enumerate() {
        let price = |verdict| problem.price(verdict, part.is_ng);
        if base == Verdict::Ng {
            fixed += price(Verdict::Ng);
            ng_fixed_overkill += u32::from(!part.is_ng);
            continue;
        }
        fixed += price(Verdict::Review);
        let is_ok = base == Verdict::Ok;
        let sums = Sums {
            accept: if is_ok { price(Verdict::Ok) - price(Verdict::Review) } else { 0 },
            reject: price(Verdict::Ng) - price(Verdict::Review),
            ng_ok: u32::from(is_ok && part.is_ng),
            good: u32::from(!part.is_ng),
        };
        outside.add(sums);
        by_x[x.rank[i] as usize].push((y.rank[i], sums));
    }
    let columns = y.candidates.len() + 1;
    let mut column = vec![Sums::default(); columns];
    let mut smaller = vec![Best::NONE; columns];
    let mut best: Option<(Best, (u32, u32))> = None;
    for (i, points) in by_x.into_iter().enumerate() {
        for (j, sums) in points {
            column[j as usize].add(sums);
        }
        let mut inside = Sums::default();
        let mut left = Best::NONE;
        for (j, (column, smaller)) in column.iter().zip(&mut smaller).enumerate() {
            inside.add(*column);
            let here = (i as u32, j as u32);
            let gap = x.gap[i].min(y.gap[j]);
            let badness = Badness { excess: inside.ng_ok.saturating_sub(problem.allowed.escapes), cost: fixed + inside.accept };
            let accept = Best { badness, gap, at: here };
            left = if problem.has_two_tiers { smaller.or(left).or(accept) } else { accept };
            *smaller = left;
            // What is not inside is rejected.
            let overkill = ng_fixed_overkill + outside.good - inside.good;
            let both = Badness {
                excess: left.badness.excess + overkill.saturating_sub(problem.allowed.overkill),
                cost: left.badness.cost + outside.reject - inside.reject,
            };
            let both = Best { badness: both, gap: left.gap.min(gap), at: left.at };
            if best.is_none_or(|(b, _)| both.badness < b.badness || (both.badness == b.badness && both.gap > b.gap)) {
                best = Some((both, here));
            }
        }
    }
    let (found, reject) = best.unwrap_or((Best::NONE, (0, 0)));
    (found.badness, [Tiers { accept: found.at.0, reject: reject.0 }, Tiers { accept: found.at.1, reject: reject.1 }])
}
