//! Where between two values a limit is put: in the middle of the gap, on a number as it stands on a drawing.

use super::problem::Problem;
use crate::judge::limit::{AtLimit, Bound, Bounds, Thresholds};
use crate::judge::verdict::Verdict;

/// Any threshold `below < t ≤ upto` gives the same verdicts on all parts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// −∞ when there is no value below.
    pub below: f32,
    /// ∞ when there is no value above.
    pub upto: f32,
}

impl Gap {
    fn has(&self, threshold: f32) -> bool {
        self.below < threshold && threshold <= self.upto
    }

    fn intersection(self, other: Self) -> Self {
        Self { below: self.below.max(other.below), upto: self.upto.min(other.upto) }
    }
}

/// Bounds for each limit that give the verdicts of `thresholds`; None where nothing in the set says where a limit should be. `now` are
/// the bounds that the limits have; default ones = not there.
pub(super) fn place(problem: &Problem<'_>, thresholds: &[Thresholds], now: &[Bounds]) -> Vec<Option<Bounds>> {
    let mut current = thresholds.to_vec();
    let mut placed = Vec::with_capacity(current.len());
    // One after the other: the gaps of the next hang on where this one is.
    for limit in 0..current.len() {
        let bounds = place_one(problem, &current, limit, now[limit]);
        // Where anything will do, the limit stays as it is: silent when it is not there.
        current[limit] = bounds.unwrap_or(now[limit]).thresholds();
        placed.push(bounds);
    }
    placed
}

fn place_one(problem: &Problem<'_>, current: &[Thresholds], limit: usize, now: Bounds) -> Option<Bounds> {
    let [accept, reject] = gaps(problem, current, limit);
    let at_limit = now.at_limit;
    let number = |gap: Gap| number_in(gap, at_limit);
    if current[limit].accept == current[limit].reject {
        let at = number(accept.intersection(reject))?;
        // One limit keeps the side on which it was written.
        return Some(match (now.accept_below, now.reject_from) {
            (Some(_), None) => Bounds { accept_below: Some(at), reject_from: None, at_limit },
            (None, _) if !problem.has_two_tiers => Bounds { accept_below: None, reject_from: Some(at), at_limit },
            _ => Bounds { accept_below: Some(at), reject_from: Some(at), at_limit },
        });
    }
    let reject_from = number(reject)?;
    let accept_below = number(accept)?.min(reject_from);
    Some(Bounds { accept_below: Some(accept_below), reject_from: Some(reject_from), at_limit })
}

/// The gaps around the accept and the reject threshold of a limit, by the parts on which it decides.
fn gaps(problem: &Problem<'_>, current: &[Thresholds], limit: usize) -> [Gap; 2] {
    let mut gaps = [Gap { below: f32::NEG_INFINITY, upto: f32::INFINITY }; 2];
    for (part, &value) in problem.values[limit].iter().enumerate() {
        let others = problem.verdict_without(Some(limit), part, current);
        let decides = [others == Verdict::Ok, others != Verdict::Ng];
        for ((gap, threshold), decides) in gaps.iter_mut().zip([current[limit].accept, current[limit].reject]).zip(decides) {
            if decides && value < threshold {
                gap.below = gap.below.max(value);
            } else if decides {
                gap.upto = gap.upto.min(value);
            }
        }
    }
    gaps
}

/// A number for a limit whose threshold must lie in the gap: the roundest one at or below the middle, no nearer to the lower end than a
/// quarter. A gap that is open below begins at 0; one that is open above ends where the roundest number is at most a quarter above. None
/// when it is open on both sides.
#[must_use]
pub fn number_in(gap: Gap, at_limit: AtLimit) -> Option<f64> {
    let fits = |at: f64| gap.has(Bounds { accept_below: None, reject_from: Some(at), at_limit }.thresholds().reject);
    let (below, upto) = (f64::from(gap.below), f64::from(gap.upto));
    let (low, high) = match (below.is_finite(), upto.is_finite()) {
        (true, true) => (below, upto),
        (false, true) => (if upto > 0.0 { 0.0 } else { upto * 2.0 - 1.0 }, upto),
        (true, false) => (below, if below == 0.0 { 1.0 } else { below + below.abs() / 4.0 }),
        (false, false) => return None,
    };
    // Open above: nothing is known there, so stay close to what was seen.
    let middle = f64::midpoint(low, high);
    let least = if upto.is_finite() { low + (high - low) / 4.0 } else { low };
    let round = rounder_numbers(middle, high - low).find(|&at| at >= least && fits(at));
    round.or_else(|| [middle, f64::from(gap.upto.min(f32::MAX)), f64::from(gap.below.next_up())].into_iter().find(|&at| fits(at)))
}

/// Multiples of 1, 2 and 5 times a power of ten at or below `value`, coarse steps first, down to a hundred-thousandth of `width`.
fn rounder_numbers(value: f64, width: f64) -> impl Iterator<Item = f64> {
    /// A middle of 0.25 that binary rounding made 0.24999 is 0.25.
    const NUDGE: f64 = 1e-6;
    let top = (value.abs().max(width).max(1e-30).log10().floor() as i32) + 1;
    let bottom = (width.max(1e-30).log10().floor() as i32) - 5;
    (bottom..=top).rev().flat_map(move |power| {
        [5.0, 2.0, 1.0].into_iter().map(move |digit| {
            // Whole multiples divided by a whole power of ten are the nearest number to what people write.
            let scale = 10_f64.powi(power.abs());
            if power >= 0 {
                (value / (digit * scale) + NUDGE).floor() * digit * scale
            } else {
                (value * scale / digit + NUDGE).floor() * digit / scale
            }
        })
    })
}

/// The number nearest to a value on its far side that a person would write: `bound` accept = above the value so that it is accepted,
/// reject = at or below it so that it is rejected. Between the value and `other`, the next value that must keep its verdict.
#[must_use]
pub(super) fn number_beside(value: f32, other: f32, bound: Bound, at_limit: AtLimit) -> Option<f64> {
    let gap = match bound {
        Bound::Accept => Gap { below: value, upto: other },
        Bound::Reject => Gap { below: other, upto: value },
    };
    number_in(gap, at_limit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(below: f32, upto: f32) -> f64 {
        number_in(Gap { below, upto }, AtLimit::Worse).unwrap()
    }

    #[test]
    fn limits_are_written_as_on_a_drawing() {
        let table = [
            ((0.22, 0.28), 0.25),
            ((0.8, 0.95), 0.85),
            ((1.0, 3.0), 2.0),
            ((0.55, 0.6), 0.57),
            ((17.2, 410.0), 200.0),
            ((f32::NEG_INFINITY, 0.28), 0.1),
            ((2.1, f32::INFINITY), 2.2),
            ((0.0, f32::INFINITY), 0.5),
            ((-3.0, -1.0), -2.0),
            ((1234.0, 1235.0), 1234.5),
        ];
        for ((below, upto), expected) in table {
            assert_eq!(number(below, upto), expected, "{below} .. {upto}");
        }
        assert_eq!(number_in(Gap { below: f32::NEG_INFINITY, upto: f32::INFINITY }, AtLimit::Worse), None);
    }

    #[test]
    fn the_narrowest_gap_is_met() {
        for at_limit in [AtLimit::Worse, AtLimit::Better] {
            for below in [0.0_f32, 1e-6, 0.3, 7.0, 12345.0, -2.5] {
                for upto in [below.next_up(), below.next_up().next_up(), below + 0.125] {
                    let at = number_in(Gap { below, upto }, at_limit).unwrap();
                    let threshold = Bounds { accept_below: None, reject_from: Some(at), at_limit }.thresholds().reject;
                    assert!(below < threshold && threshold <= upto, "{below} {upto} {at}");
                }
            }
        }
    }
}
