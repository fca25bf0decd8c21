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

/// Which of the two values of a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Bound {
    /// `accept_below`
    Accept,
    /// `reject_from`
    Reject,
}

/// The two values of a limit, in the unit of what is limited (mm, mm², px, pieces or none).
///
/// `value ≥ reject_from` is NG, else `value < accept_below` is OK, else review when both are given. With `reject_from` alone the rest is
/// OK, with `accept_below` alone the rest is NG. A NaN value (unmeasured) is review. With [`AtLimit::Better`] read `>` and `≤`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    pub accept_below: Option<f64>,
    pub reject_from: Option<f64>,
    pub at_limit: AtLimit,
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
}

impl Bounds {
    /// Both values, worse side at the limit.
    #[must_use]
    pub const fn new(accept_below: Option<f64>, reject_from: Option<f64>) -> Self {
        Self { accept_below, reject_from, at_limit: AtLimit::Worse }
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
        match bound {
            Bound::Accept => moved.reject_from = moved.reject_from.map(|r| r.max(value)),
            Bound::Reject => moved.accept_below = moved.accept_below.map(|a| a.min(value)),
        }
        moved
    }

    /// Checks that the bounds are finite, in order, and not both absent.
    pub fn validate(&self) -> Result<(), LimitError> {
        if let Some(value) = [self.accept_below, self.reject_from].into_iter().flatten().find(|v| !v.is_finite()) {
            return Err(LimitError::NotFinite { value });
        }
        match (self.accept_below, self.reject_from) {
            (None, None) => Err(LimitError::Empty),
            (Some(accept), Some(reject)) if accept > reject => Err(LimitError::Crossed { accept, reject }),
            _ => Ok(()),
        }
    }

    /// The two comparisons that say the same. Both infinite, so nothing but NaN is reviewed and nothing rejected, when both bounds are
    /// absent.
    #[must_use]
    pub fn thresholds(&self) -> Thresholds {
        let (Some(accept), Some(reject)) = (self.accept_below.or(self.reject_from), self.reject_from.or(self.accept_below)) else {
            return Thresholds { accept: f32::INFINITY, reject: f32::INFINITY };
        };
        let threshold = |limit: f64| match self.at_limit {
            // No limit is infinite: one below all numbers still lies above −∞.
            AtLimit::Worse => (limit as f32).max(f32::MIN),
            AtLimit::Better => (limit as f32).next_up(),
        };
        Thresholds { accept: threshold(accept), reject: threshold(reject) }
    }
}

/// Bounds made ready for the scan: NG if `value ≥ reject`, else OK if `value < accept`, else review; `accept ≤ reject`.
///
/// Limits are rounded to the precision of the measured values first, so that a value that reads the same as the limit is *at* it
/// (0.13 measured is not below 0.13 just because of binary rounding).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thresholds {
    pub accept: f32,
    pub reject: f32,
}

impl Thresholds {
    /// Says OK of every measured value that is not infinite; unmeasured ones stay review.
    pub(super) const SILENT: Self = Self { accept: f32::INFINITY, reject: f32::INFINITY };

    /// The verdict on one value; NaN is review.
    #[must_use]
    pub fn verdict(self, value: f32) -> Verdict {
        if value >= self.reject {
            Verdict::Ng
        } else if value < self.accept {
            Verdict::Ok
        } else {
            Verdict::Review
        }
    }
}

macro_rules! bounds_of {
    ($limit:ty, $what:ident: $subject:ty) => {
        impl $limit {
            /// A limit with the worse side at the limit.
            #[must_use]
            pub const fn new($what: $subject, accept_below: Option<f64>, reject_from: Option<f64>) -> Self {
                Self { $what, accept_below, reject_from, at_limit: AtLimit::Worse }
            }

            /// A limit with these bounds.
            #[must_use]
            pub const fn of($what: $subject, bounds: Bounds) -> Self {
                let Bounds { accept_below, reject_from, at_limit } = bounds;
                Self { $what, accept_below, reject_from, at_limit }
            }

            /// Its values.
            #[must_use]
            pub const fn bounds(&self) -> Bounds {
                Bounds { accept_below: self.accept_below, reject_from: self.reject_from, at_limit: self.at_limit }
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
