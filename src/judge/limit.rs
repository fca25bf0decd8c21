//! One limit: accept below, reject from, review between; and what it says of a value.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::aggregate::Aggregate;
use super::verdict::Verdict;
use crate::measure::Feature;

/// On which side a value lies that equals a limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AtLimit {
    /// The worse side: accept if `< limit`, reject if `≥ limit`.
    #[default]
    Worse,
    /// The better side, as in "up to 30 mm permitted": accept if `≤ limit`, reject if `> limit`.
    Better,
}

/// Which values of a feature are bad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Worse {
    /// Large ones: `accept_below` and `reject_from`.
    #[default]
    Larger,
    /// Small ones, as of a distance: `reject_below` and `accept_from`.
    Smaller,
}

/// Which of the two values of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// `accept_below`, or `accept_from` where small values are bad.
    Accept,
    /// `reject_from`, or `reject_below` where small values are bad.
    Reject,
}

/// The two values of a limit, in the unit of what is limited (mm, mm², px, pieces or none).
///
/// `value ≥ reject_from` is NG, else `value < accept_below` is OK, else review when both are given. With `reject_from` alone the rest is
/// OK, with `accept_below` alone the rest is NG. A NaN value (unmeasured) is review. With [`AtLimit::Better`] read `>` and `≤`.
///
/// With [`Worse::Smaller`] the first is `accept_from` and the second `reject_below`: `value < reject_below` is NG, else
/// `value ≥ accept_from` is OK; `at_limit` says nothing then.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    pub accept_below: Option<f64>,
    pub reject_from: Option<f64>,
    pub at_limit: AtLimit,
    pub worse: Worse,
}

/// A limit on one feature of each region.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limit {
    pub feature: Feature,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_below: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_from: Option<f64>,
    /// Where small values are bad: OK from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_from: Option<f64>,
    /// Where small values are bad: NG below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_below: Option<f64>,
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub at_limit: AtLimit,
}

/// A limit on what the regions of a cell amount to on one part. A part without such a region meets every one of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartLimit {
    pub aggregate: Aggregate,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_below: Option<f64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_from: Option<f64>,
    /// Where small values are bad: OK from here on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept_from: Option<f64>,
    /// Where small values are bad: NG below.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject_below: Option<f64>,
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub at_limit: AtLimit,
}

/// Why a limit makes no sense.
#[derive(Clone, Copy, Debug, Error, PartialEq)]
pub enum LimitError {
    #[error("neither accept_below nor reject_from is given; give at least one of them")]
    Empty,
    #[error("{value} is not a number that something can be compared with; give a finite one")]
    NotFinite { value: f64 },
    #[error("accept_below {accept} lies above reject_from {reject}; it must be the same or lower")]
    Crossed { accept: f64, reject: f64 },
    #[error("accept_from {accept} lies below reject_below {reject}; it must be the same or higher")]
    CrossedBelow { accept: f64, reject: f64 },
    #[error("a limit has either accept_below and reject_from, or reject_below and accept_from; keep one pair")]
    Mixed,
    #[error("at_limit says nothing beside reject_below and accept_from; take it away")]
    AtLimit,
}

impl Bounds {
    /// Both values, worse side at the limit.
    #[must_use]
    pub const fn new(accept_below: Option<f64>, reject_from: Option<f64>) -> Self {
        Self { accept_below, reject_from, at_limit: AtLimit::Worse, worse: Worse::Larger }
    }

    /// Bounds of a feature of which small values are bad.
    #[must_use]
    pub const fn at_least(accept_from: Option<f64>, reject_below: Option<f64>) -> Self {
        Self { accept_below: accept_from, reject_from: reject_below, at_limit: AtLimit::Worse, worse: Worse::Smaller }
    }

    /// The value of one bound.
    #[must_use]
    pub const fn get(&self, bound: Bound) -> Option<f64> {
        match bound {
            Bound::Accept => self.accept_below,
            Bound::Reject => self.reject_from,
        }
    }

    /// The same with one bound moved or taken away. The result may be invalid; see [`Self::validate`].
    #[must_use]
    pub const fn with(mut self, bound: Bound, value: Option<f64>) -> Self {
        match bound {
            Bound::Accept => self.accept_below = value,
            Bound::Reject => self.reject_from = value,
        }
        self
    }

    /// The same with one bound moved to `value`, taking the other along where it would be crossed (a slider that pushes the other).
    #[must_use]
    pub fn push(self, bound: Bound, value: f64) -> Self {
        let mut moved = self.with(bound, Some(value));
        match (bound, self.worse) {
            (Bound::Accept, Worse::Larger) => moved.reject_from = moved.reject_from.map(|r| r.max(value)),
            (Bound::Reject, Worse::Larger) => moved.accept_below = moved.accept_below.map(|a| a.min(value)),
            (Bound::Accept, Worse::Smaller) => moved.reject_from = moved.reject_from.map(|r| r.min(value)),
            (Bound::Reject, Worse::Smaller) => moved.accept_below = moved.accept_below.map(|a| a.max(value)),
        }
        moved
    }

    /// Checks that the bounds are finite, in order, and not both absent.
    pub fn validate(&self) -> Result<(), LimitError> {
        if let Some(value) = [self.accept_below, self.reject_from].into_iter().flatten().find(|v| !v.is_finite()) {
            return Err(LimitError::NotFinite { value });
        }
        let is_small_bad = self.worse == Worse::Smaller;
        match (self.accept_below, self.reject_from) {
            (None, None) => Err(LimitError::Empty),
            _ if is_small_bad && self.at_limit != AtLimit::default() => Err(LimitError::AtLimit),
            (Some(accept), Some(reject)) if !is_small_bad && accept > reject => Err(LimitError::Crossed { accept, reject }),
            (Some(accept), Some(reject)) if is_small_bad && accept < reject => Err(LimitError::CrossedBelow { accept, reject }),
            _ => Ok(()),
        }
    }

    /// The two comparisons that say the same. Both infinite, so nothing but NaN is reviewed and nothing rejected, when both bounds are
    /// absent.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        let (Some(accept), Some(reject)) = (self.accept_below.or(self.reject_from), self.reject_from.or(self.accept_below)) else {
            return Thresholds { accept: f32::INFINITY, reject: f32::INFINITY, is_negated: false };
        };
        if self.worse == Worse::Smaller {
            // −value ≤ −accept_from is OK, −value > −reject_below is NG.
            let threshold = |limit: f64| (-limit as f32).next_up();
            return Thresholds { accept: threshold(accept), reject: threshold(reject), is_negated: true };
        }
        let threshold = |limit: f64| match self.at_limit {
            // No limit is infinite: one below all numbers still lies above −∞.
            AtLimit::Worse => (limit as f32).max(f32::MIN),
            AtLimit::Better => (limit as f32).next_up(),
        };
        Thresholds { accept: threshold(accept), reject: threshold(reject), is_negated: false }
    }
}

/// Bounds made ready for the scan: NG if `value ≥ reject`, else OK if `value < accept`, else review; `accept ≤ reject`. Where small
/// values are bad the same holds for the negated value, so that the scan knows one direction only.
///
/// Limits are rounded to the precision of the measured values first, so that a value that reads the same as the limit is *at* it
/// (0.13 measured is not below 0.13 just because of binary rounding).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    pub accept: f32,
    pub reject: f32,
    /// Both are about `−value`.
    pub is_negated: bool,
}

impl Thresholds {
    /// Says OK of every measured value that is not infinite; unmeasured ones stay review.
    pub(super) const SILENT: Self = Self { accept: f32::INFINITY, reject: f32::INFINITY, is_negated: false };

    /// The verdict on one value; NaN is review.
    #[must_use]
    pub fn verdict(self, value: f32) -> Verdict {
        self.verdict_signed(if self.is_negated { -value } else { value })
    }

    /// The verdict on a value that is negated already where it must be.
    pub(super) fn verdict_signed(self, value: f32) -> Verdict {
        if value >= self.reject {
            Verdict::Ng
        } else if value < self.accept {
            Verdict::Ok
        } else {
            Verdict::Review
        }
    }
}

/// The number that a measured value is written as: 0.28 for the `f32` that prints so, not 0.2800000011920929.
pub(super) fn as_written(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| f64::from(value))
}

macro_rules! bounds_of {
    ($limit:ty, $what:ident: $subject:ty) => {
        impl $limit {
            /// A limit with the worse side at the limit.
            #[must_use]
            pub const fn new($what: $subject, accept_below: Option<f64>, reject_from: Option<f64>) -> Self {
                Self { $what, accept_below, reject_from, accept_from: None, reject_below: None, at_limit: AtLimit::Worse }
            }

            /// A limit with these bounds.
            #[must_use]
            pub const fn of($what: $subject, bounds: Bounds) -> Self {
                let Bounds { accept_below, reject_from, at_limit, worse } = bounds;
                match worse {
                    Worse::Larger => Self { $what, accept_below, reject_from, accept_from: None, reject_below: None, at_limit },
                    Worse::Smaller => {
                        let (accept_from, reject_below) = (accept_below, reject_from);
                        Self { $what, accept_below: None, reject_from: None, accept_from, reject_below, at_limit }
                    }
                }
            }

            /// Its values.
            #[must_use]
            pub const fn bounds(&self) -> Bounds {
                if self.is_small_bad() {
                    return Bounds { at_limit: self.at_limit, ..Bounds::at_least(self.accept_from, self.reject_below) };
                }
                Bounds { at_limit: self.at_limit, ..Bounds::new(self.accept_below, self.reject_from) }
            }

            /// It has `accept_from` or `reject_below`.
            #[must_use]
            pub const fn is_small_bad(&self) -> bool {
                self.accept_from.is_some() || self.reject_below.is_some()
            }

            /// Checks the values; see [`Bounds::validate`].
            pub fn validate(&self) -> Result<(), LimitError> {
                if self.is_small_bad() && (self.accept_below.is_some() || self.reject_from.is_some()) {
                    return Err(LimitError::Mixed);
                }
                self.bounds().validate()
            }

            /// What the limit says of a value; NaN is review.
            #[must_use]
            pub fn verdict(&self, value: f32) -> Verdict {
                self.bounds().thresholds().verdict(value)
            }
        }
    };
}

bounds_of!(Limit, feature: Feature);
bounds_of!(PartLimit, aggregate: Aggregate);

#[cfg(test)]
mod tests {
    use super::*;
    use Verdict::{Ng, Ok, Review};

    fn verdicts(bounds: Bounds, values: &[f32]) -> Vec<Verdict> {
        values.iter().map(|&v| bounds.thresholds().verdict(v)).collect()
    }

    #[test]
    fn tiers_at_the_exact_limits() {
        let below = 0.5_f32.next_down();
        let values = [f32::NEG_INFINITY, -1.0, below, 0.5, 1.999_999_9, 2.0, f32::INFINITY, f32::NAN];
        let table = [
            (Bounds::new(Some(0.5), Some(2.0)), [Ok, Ok, Ok, Review, Review, Ng, Ng, Review]),
            (Bounds::new(None, Some(2.0)), [Ok, Ok, Ok, Ok, Ok, Ng, Ng, Review]),
            (Bounds::new(Some(0.5), None), [Ok, Ok, Ok, Ng, Ng, Ng, Ng, Review]),
            (Bounds::new(Some(2.0), Some(2.0)), [Ok, Ok, Ok, Ok, Ok, Ng, Ng, Review]),
            (
                Bounds { at_limit: AtLimit::Better, ..Bounds::new(Some(0.5), Some(2.0)) },
                [Ok, Ok, Ok, Ok, Review, Review, Ng, Review],
            ),
            (Bounds { at_limit: AtLimit::Better, ..Bounds::new(Some(0.5), None) }, [Ok, Ok, Ok, Ok, Ng, Ng, Ng, Review]),
        ];
        for (bounds, expected) in table {
            assert_eq!(verdicts(bounds, &values), expected, "{bounds:?}");
        }
    }

    #[test]
    fn where_small_is_bad_the_words_hold_at_the_limit() {
        let below = |v: f32| v.next_down();
        let values = [-1.0, below(0.5), 0.5, below(2.0), 2.0, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
        let table = [
            (Bounds::at_least(Some(2.0), Some(0.5)), [Ng, Ng, Review, Review, Ok, Ok, Ng, Review]),
            (Bounds::at_least(Some(2.0), None), [Ng, Ng, Ng, Ng, Ok, Ok, Ng, Review]),
            (Bounds::at_least(None, Some(0.5)), [Ng, Ng, Ok, Ok, Ok, Ok, Ng, Review]),
        ];
        for (bounds, expected) in table {
            assert_eq!(verdicts(bounds, &values), expected, "{bounds:?}");
        }
        // 0.13_f32 is less than 0.13_f64: a gap of 0.13 that is asked for is there.
        assert_eq!(verdicts(Bounds::at_least(Some(0.13), None), &[0.13]), [Ok]);
        let crossed = Bounds::at_least(Some(0.5), Some(2.0));
        assert_eq!(crossed.validate(), Err(LimitError::CrossedBelow { accept: 0.5, reject: 2.0 }));
        let limit = Limit { accept_below: Some(1.0), ..Limit::of(Feature::Area, Bounds::at_least(Some(2.0), None)) };
        assert_eq!(limit.validate(), Err(LimitError::Mixed));
    }

    #[test]
    fn a_value_that_reads_like_the_limit_is_at_the_limit() {
        // 0.13_f32 is less than 0.13_f64, 0.1_f32 is more than 0.1_f64.
        for limit in [0.13_f64, 0.1, 0.7, 30.000_001] {
            assert_eq!(Bounds::new(None, Some(limit)).thresholds().verdict(limit as f32), Ng);
            let better = Bounds { at_limit: AtLimit::Better, ..Bounds::new(Some(limit), None) };
            assert_eq!(better.thresholds().verdict(limit as f32), Ok);
            assert_eq!(better.thresholds().verdict((limit as f32).next_up()), Ng);
        }
        assert_eq!(Bounds::new(None, Some(0.0)).thresholds().verdict(-0.0), Ng);
    }

    #[test]
    fn nonsense_is_refused_with_the_cause() {
        assert_eq!(Bounds::default().validate(), Err(LimitError::Empty));
        assert_eq!(Bounds::new(Some(2.0), Some(1.0)).validate(), Err(LimitError::Crossed { accept: 2.0, reject: 1.0 }));
        assert_eq!(Bounds::new(Some(1.0), Some(1.0)).validate(), Result::Ok(()));
        assert!(matches!(Bounds::new(Some(f64::NAN), None).validate(), Err(LimitError::NotFinite { .. })));
        assert!(matches!(Bounds::new(None, Some(f64::INFINITY)).validate(), Err(LimitError::NotFinite { .. })));
    }

    #[test]
    fn a_pushed_bound_takes_the_other_along() {
        let bounds = Bounds::new(Some(0.5), Some(2.0));
        assert_eq!(bounds.push(Bound::Accept, 3.0), Bounds::new(Some(3.0), Some(3.0)));
        assert_eq!(bounds.push(Bound::Reject, 0.25), Bounds::new(Some(0.25), Some(0.25)));
        assert_eq!(bounds.push(Bound::Reject, 1.0), Bounds::new(Some(0.5), Some(1.0)));
    }
}
