//! Bounds for any number of limits: exact for one and two, a search from many starts beyond.

use super::exact::{Axis, Tiers, best_of_one, best_of_two};
use super::problem::{Badness, Problem};
use crate::judge::limit::Thresholds;
use crate::judge::verdict::Verdict;

/// How a choice was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Method {
    /// Every choice was looked at: there is none better.
    Exact,
    /// The best that was found from many starts; a better one may exist.
    Search,
}

/// Boxes that two limits are looked at in; more candidates are thinned out.
const MOST_BOXES: usize = 100_000_000;
/// Boxes of a pair of limits that a search looks at again and again.
const MOST_BOXES_OF_A_STEP: usize = 1_000_000;
/// Random starts, beside those from every limit and every pair of limits.
const RANDOM_STARTS: usize = 32;

/// The best thresholds found, one per limit: the highest that give these verdicts.
pub(super) fn solve(problem: &Problem<'_>) -> (Vec<Thresholds>, Method) {
    let mut method = if problem.limits() <= 2 { Method::Exact } else { Method::Search };
    let mut candidates: Vec<Vec<f32>> = (0..problem.limits()).map(|d| problem.candidates(d)).collect();
    if let [a, b] = &mut candidates[..]
        && (a.len() + 1) * (b.len() + 1) > MOST_BOXES
    {
        method = Method::Search;
        let most = MOST_BOXES.isqrt();
        thin(a, most);
        thin(b, most);
    }
    let axes: Vec<Axis> = candidates.into_iter().enumerate().map(|(d, c)| Axis::new(problem, d, c)).collect();
    let base: Vec<Verdict> = problem.decided.iter().map(|d| d.base).collect();
    let chosen = match &axes[..] {
        [] => Vec::new(),
        [one] => vec![best_of_one(problem, one, &base).1],
        [one, two] => best_of_two(problem, one, two, &base).1.to_vec(),
        _ => Search { problem, axes: &axes, base }.best(),
    };
    let value = |axis: &Axis, rank: u32| axis.candidates.get(rank as usize).copied().unwrap_or(f32::INFINITY);
    let thresholds = axes
        .iter()
        .zip(chosen)
        .map(|(a, t)| Thresholds { accept: value(a, t.accept), reject: value(a, t.reject), is_negated: false })
        .collect();
    (thresholds, method)
}

fn thin(candidates: &mut Vec<f32>, most: usize) {
    if candidates.len() > most {
        let all = std::mem::take(candidates);
        *candidates = (0..most).map(|i| all[i * (all.len() - 1) / (most - 1)]).collect();
    }
}

struct Search<'a> {
    problem: &'a Problem<'a>,
    axes: &'a [Axis],
    base: Vec<Verdict>,
}

/// A choice and how bad it is.
#[derive(Clone, PartialEq)]
struct Choice {
    badness: Badness,
    tiers: Vec<Tiers>,
}

impl Search<'_> {
    /// Coordinate descent from every limit, every pair and random choices; the best few are improved two limits at a time.
    fn best(&self) -> Vec<Tiers> {
        let silent: Vec<Tiers> = self.axes.iter().map(Axis::silent).collect();
        let limits = self.axes.len();
        let mut ends: Vec<Choice> = Vec::new();
        let mut try_from = |start: Vec<Tiers>, order: &[usize]| {
            let end = self.descend(start, order);
            if !ends.contains(&end) {
                ends.push(end);
            }
        };
        for first in 0..limits {
            let order: Vec<usize> = (0..limits).map(|i| (first + i) % limits).collect();
            try_from(silent.clone(), &order);
            let reversed: Vec<usize> = order.iter().rev().copied().collect();
            try_from(silent.clone(), &reversed);
        }
        let in_order: Vec<usize> = (0..limits).collect();
        for (a, b) in self.pairs() {
            let mut start = silent.clone();
            let [x, y] = best_of_two(self.problem, &self.axes[a], &self.axes[b], &self.base).1;
            (start[a], start[b]) = (x, y);
            try_from(start, &in_order);
        }
        let mut random = Random(0x5EED);
        for _ in 0..RANDOM_STARTS {
            let start = self.axes.iter().map(|axis| {
                let rank = random.below(axis.candidates.len() + 1) as u32;
                Tiers { accept: rank, reject: rank }
            });
            let start = start.collect();
            let mut order = in_order.clone();
            for i in (1..limits).rev() {
                order.swap(i, random.below(i + 1));
            }
            try_from(start, &order);
        }
        ends.sort_by_key(|end| end.badness);
        let improved = ends.into_iter().take(4).map(|end| self.descend_in_pairs(end));
        improved.min_by_key(|end| end.badness).map_or(silent, |end| end.tiers)
    }

    /// Pairs of limits whose boxes are few enough to look at all of them again and again.
    fn pairs(&self) -> Vec<(usize, usize)> {
        let boxes = |a: usize, b: usize| (self.axes[a].candidates.len() + 1) * (self.axes[b].candidates.len() + 1);
        let limits = self.axes.len();
        let all = (0..limits).flat_map(|a| (a + 1..limits).map(move |b| (a, b)));
        all.filter(|&(a, b)| boxes(a, b) <= MOST_BOXES_OF_A_STEP).take(64).collect()
    }

    fn descend(&self, mut tiers: Vec<Tiers>, order: &[usize]) -> Choice {
        let mut badness = Badness { excess: u32::MAX, cost: i64::MAX };
        loop {
            let before = badness;
            for &limit in order {
                let base = self.base_without(&tiers, &[limit]);
                let (found, best) = best_of_one(self.problem, &self.axes[limit], &base);
                if found < badness {
                    badness = found;
                    tiers[limit] = best;
                }
            }
            if badness == before {
                return Choice { badness, tiers };
            }
        }
    }

    fn descend_in_pairs(&self, mut choice: Choice) -> Choice {
        // Each round that goes on has found something better; there are not many of them.
        for _ in 0..20 {
            let before = choice.badness;
            for (a, b) in self.pairs() {
                let base = self.base_without(&choice.tiers, &[a, b]);
                let (found, [x, y]) = best_of_two(self.problem, &self.axes[a], &self.axes[b], &base);
                if found < choice.badness {
                    choice.badness = found;
                    (choice.tiers[a], choice.tiers[b]) = (x, y);
                }
            }
            if choice.badness == before {
                break;
            }
        }
        choice
    }

    /// By decided part the verdict of everything but these limits.
    fn base_without(&self, tiers: &[Tiers], but: &[usize]) -> Vec<Verdict> {
        let mut base = self.base.clone();
        for (limit, (axis, tiers)) in self.axes.iter().zip(tiers).enumerate() {
            if but.contains(&limit) {
                continue;
            }
            for (base, &rank) in base.iter_mut().zip(&axis.rank) {
                let verdict = if rank > tiers.reject {
                    Verdict::Ng
                } else if rank > tiers.accept {
                    Verdict::Review
                } else {
                    Verdict::Ok
                };
                *base = (*base).max(verdict);
            }
        }
        base
    }
}

/// splitmix64: the same choices in every run.
pub(super) struct Random(pub u64);

impl Random {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    /// `0..count`
    pub fn below(&mut self, count: usize) -> usize {
        (self.next() % count.max(1) as u64) as usize
    }
}
