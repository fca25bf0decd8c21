//! Where between two values a limit is put: in the middle of the gap, on a number as it stands on a drawing.

use super::problem::Problem;
use crate::judge::limit::{Bounds, Thresholds, Worse};
use crate::judge::verdict::Verdict;

/// Any threshold `below < t ≤ upto` gives the same verdicts on all parts; negated where small values are bad.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Gap {
    /// −∞ when there is no value below.
    pub below: f32,
    /// ∞ when there is no value above.
    pub upto: f32,
}

impl Gap {
    fn has(self, threshold: f32) -> bool {
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
    // A limit that is not there and would say nothing stays away.
    if now == Bounds::default() && current[limit].accept == f32::INFINITY {
        return None;
    }
    let [accept, reject] = gaps(problem, current, limit);
    let number = |gap: Gap| number_in(gap, now);
    if current[limit].accept == current[limit].reject {
        let at = number(accept.intersection(reject))?;
        // One limit keeps the side on which it was written.
        return Some(match (now.accept_below, now.reject_from) {
            (Some(_), None) => Bounds { accept_below: Some(at), reject_from: None, ..now },
            (None, _) if !problem.has_two_tiers => Bounds { accept_below: None, reject_from: Some(at), ..now },
            _ => Bounds { accept_below: Some(at), reject_from: Some(at), ..now },
        });
    }
    let reject_from = number(reject)?;
    let accept_below = number(accept)?;
    let is_crossed = if now.worse == Worse::Smaller { accept_below < reject_from } else { accept_below > reject_from };
    Some(Bounds { accept_below: Some(if is_crossed { reject_from } else { accept_below }), reject_from: Some(reject_from), ..now })
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

/// A number for a limit like `like` (which side is worse, what holds at the limit) whose threshold must lie in the gap: the roundest one at
/// the middle or on the strict side of it, no nearer to the strict end than a quarter. A gap that is open below begins at 0; one that is
/// open above ends a quarter above its lower end. None when it is open on both sides.
#[must_use]
pub fn number_in(gap: Gap, like: Bounds) -> Option<f64> {
    // Small is bad: everything is about negated values, and so is the number until the end.
    let sign = if like.worse == Worse::Smaller { -1.0 } else { 1.0 };
    let fits = |at: f64| gap.has(Bounds { accept_below: None, reject_from: Some(sign * at), ..like }.thresholds().reject);
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
    let ends = [middle, f64::from(gap.upto.min(f32::MAX)), f64::from(gap.below.next_up()), f64::from(gap.below)];
    // Zero has no sign on paper.
    round.or_else(|| ends.into_iter().find(|&at| fits(at))).map(|at| sign * at + 0.0)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::limit::{AtLimit, Bound};

    fn number(below: f32, upto: f32) -> f64 {
        number_in(Gap { below, upto }, Bounds::default()).unwrap()
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
        // Distances of 0.8 and less are bad, those of 1.1 and more good.
        assert_eq!(number_in(Gap { below: -1.1, upto: -0.8 }, Bounds::at_least(None, None)), Some(1.0));
        assert_eq!(number_in(Gap { below: f32::NEG_INFINITY, upto: f32::INFINITY }, Bounds::default()), None);
    }

    #[test]
    fn the_narrowest_gap_is_met() {
        let better = Bounds { at_limit: AtLimit::Better, ..Bounds::default() };
        for like in [Bounds::default(), better, Bounds::at_least(None, None)] {
            for below in [0.0_f32, 1e-6, 0.3, 7.0, 12345.0, -2.5] {
                for upto in [below.next_up(), below.next_up().next_up(), below + 0.125] {
                    let at = number_in(Gap { below, upto }, like).unwrap();
                    let threshold = like.with(Bound::Reject, Some(at)).thresholds().reject;
                    assert!(below < threshold && threshold <= upto, "{below} {upto} {at}");
                }
            }
        }
    }
}
