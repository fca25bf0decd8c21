//! What verdicts cost: money per day from how often good parts are scrapped, NG parts escape, and people must look.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::tally::{Rate, Score};

/// What a plant tells about its line. Stored with the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostSettings {
    /// Sign before amounts.
    pub currency: String,
    /// Parts inspected per working day.
    pub parts_per_day: f64,
    /// Working days per year.
    pub days_per_year: f64,
    /// Share of NG parts in production, 0..=1. A labelled set has far more of them than a line, so it must be told; None takes the set's
    /// own share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ng_share: Option<f64>,
    /// Cost of a good part that is scrapped.
    pub scrapped: f64,
    /// Cost of an NG part that reaches the customer.
    pub escape: f64,
    /// Cost of a part that a person must look at.
    pub review: f64,
}

impl Default for CostSettings {
    /// 10 000 parts a day, 250 days, 2 % NG; an escape costs fifty scrapped parts.
    fn default() -> Self {
        Self {
            currency: "$".to_owned(),
            parts_per_day: 10_000.0,
            days_per_year: 250.0,
            ng_share: Some(0.02),
            scrapped: 20.0,
            escape: 1000.0,
            review: 1.0,
        }
    }
}

/// Why settings make no sense.
#[derive(Clone, Debug, Error, PartialEq)]
pub enum CostError {
    #[error("{what} is {value}; give a number from 0 up")]
    Negative { what: &'static str, value: f64 },
    #[error("the share of NG parts is {value}; it must lie between 0 and 1")]
    Share { value: f64 },
}

impl CostSettings {
    /// Checks that all amounts are finite and not negative.
    pub fn validate(&self) -> Result<(), CostError> {
        let amounts = [
            ("the number of parts per day", self.parts_per_day),
            ("the number of days per year", self.days_per_year),
            ("the cost of a scrapped part", self.scrapped),
            ("the cost of an escape", self.escape),
            ("the cost of a review", self.review),
        ];
        if let Some((what, value)) = amounts.into_iter().find(|(_, v)| !v.is_finite() || *v < 0.0) {
            return Err(CostError::Negative { what, value });
        }
        match self.ng_share {
            Some(value) if !(0.0..=1.0).contains(&value) => Err(CostError::Share { value }),
            _ => Ok(()),
        }
    }

    /// The share of NG parts that counts for a set; None when neither the settings nor the set tell it.
    #[must_use]
    pub fn ng_share_of(&self, score: &Score) -> Option<f64> {
        let (ok, ng) = (score.truly_ok.total(), score.truly_ng.total());
        self.ng_share.or_else(|| Rate { count: ng, of: ok + ng }.share())
    }
}

/// An amount of money with the 95 % interval that comes of the number of parts seen.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Money {
    /// None when no part of a kind was seen, so that its rate is unknown.
    pub value: Option<f64>,
    pub low: f64,
    pub high: f64,
}

impl Money {
    /// The same for so many times as much.
    #[must_use]
    pub fn times(self, factor: f64) -> Self {
        Self { value: self.value.map(|v| v * factor), low: self.low * factor, high: self.high * factor }
    }
}

/// What verdicts cost per working day.
///
/// `N · [(1 − π) · (FR · scrapped + RR₀ · review) + π · (FA · escape + RR₁ · review)]` with π the share of NG parts, FR the overkill rate
/// and FA the escape rate, RR₀ and RR₁ the review rates of good and of NG parts. Reviewed parts are taken to be decided rightly.
///
/// Intervals: each rate has its Wilson 95 % interval; deviations of the terms of a sum are squared and added (Zou and Donner, Statistics
/// in Medicine 27, 2008). Overkill and review of the same parts exclude each other, which makes the true interval a little narrower. π is
/// taken as known.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Cost {
    /// Good parts scrapped.
    pub overkill: Money,
    /// NG parts that reach the customer.
    pub escape: Money,
    /// Parts that a person must look at.
    pub review: Money,
    pub total: Money,
    /// The share of NG parts that was reckoned with.
    pub ng_share: f64,
    /// That share is the labelled set's own, because nobody told that of production.
    pub is_share_assumed: bool,
}

/// What a score costs per day; None when there is no decided part and no share is told.
#[must_use]
pub fn cost_per_day(score: &Score, settings: &CostSettings) -> Option<Cost> {
    let ng_share = settings.ng_share_of(score)?;
    let (ok, ng) = (score.truly_ok, score.truly_ng);
    let good_parts = settings.parts_per_day * (1.0 - ng_share);
    let ng_parts = settings.parts_per_day * ng_share;
    let term = |amount: f64, count: usize, of: usize| (amount, Rate { count, of });
    let overkill = term(good_parts * settings.scrapped, ok.ng, ok.total());
    let escape = term(ng_parts * settings.escape, ng.ok, ng.total());
    let review =
        [term(good_parts * settings.review, ok.review, ok.total()), term(ng_parts * settings.review, ng.review, ng.total())];
    Some(Cost {
        overkill: sum(&[overkill]),
        escape: sum(&[escape]),
        review: sum(&review),
        total: sum(&[overkill, escape, review[0], review[1]]),
        ng_share,
        is_share_assumed: settings.ng_share.is_none(),
    })
}

/// Amounts times rates, added up.
fn sum(terms: &[(f64, Rate)]) -> Money {
    // A rate of nothing costs nothing where its amount is 0.
    let known: Option<Vec<(f64, f64, f64)>> = terms
        .iter()
        .filter(|(amount, _)| *amount > 0.0)
        .map(|&(amount, rate)| {
            let (share, interval) = (rate.share()?, rate.interval());
            Some((amount * share, amount * (share - interval.low), amount * (interval.high - share)))
        })
        .collect();
    let Some(known) = known else {
        // Somewhere between none and all of the unknown ones: ends are added.
        let ends = terms.iter().map(|&(amount, rate)| (amount * rate.interval().low, amount * rate.interval().high));
        let (low, high) = ends.fold((0.0, 0.0), |sum, end| (sum.0 + end.0, sum.1 + end.1));
        return Money { value: None, low, high };
    };
    let value: f64 = known.iter().map(|t| t.0).sum();
    let below = known.iter().map(|t| t.1 * t.1).sum::<f64>().sqrt();
    let above = known.iter().map(|t| t.2 * t.2).sum::<f64>().sqrt();
    Money { value: Some(value), low: (value - below).max(0.0), high: value + above }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Tally, wilson_95};

    fn close(a: f64, b: f64) -> bool {
        (a - b).abs() < 1e-9 * b.abs().max(1.0)
    }

    /// 10 000 parts a day, 5 % of the good ones rejected, 20 $ each: 10 000 $ a day, 3.6 M$ in 360 days; at 1 % 2 000 $.
    #[test]
    fn the_plain_sum() {
        let settings = CostSettings { ng_share: Some(0.0), review: 0.0, ..CostSettings::default() };
        let score = |ng| Score { truly_ok: Tally { ok: 100 - ng, review: 0, ng }, ..Score::default() };
        let cost = cost_per_day(&score(5), &settings).unwrap();
        assert!(close(cost.total.value.unwrap(), 10_000.0));
        assert!(close(cost.total.times(360.0).value.unwrap(), 3_600_000.0));
        assert!(close(cost_per_day(&score(1), &settings).unwrap().total.value.unwrap(), 2_000.0));
        // One term alone: the interval is Wilson's.
        let wilson = wilson_95(5, 100);
        assert!(close(cost.total.low, 200_000.0 * wilson.low) && close(cost.total.high, 200_000.0 * wilson.high));
    }

    #[test]
    fn all_four_terms_and_their_interval() {
        let settings = CostSettings {
            parts_per_day: 1000.0,
            ng_share: Some(0.1),
            scrapped: 5.0,
            escape: 100.0,
            review: 2.0,
            ..CostSettings::default()
        };
        let score = Score {
            truly_ok: Tally { ok: 160, review: 30, ng: 10 },
            truly_ng: Tally { ok: 1, review: 4, ng: 15 },
            undecided: Tally { ok: 9, review: 9, ng: 9 },
        };
        let cost = cost_per_day(&score, &settings).unwrap();
        assert!(close(cost.overkill.value.unwrap(), 900.0 * 0.05 * 5.0));
        assert!(close(cost.escape.value.unwrap(), 100.0 * 0.05 * 100.0));
        assert!(close(cost.review.value.unwrap(), 900.0 * 0.15 * 2.0 + 100.0 * 0.2 * 2.0));
        assert!(close(cost.total.value.unwrap(), 225.0 + 500.0 + 310.0));
        // Squares of the deviations, by hand.
        let up = |amount: f64, k: usize, n: usize| amount * (wilson_95(k, n).high - k as f64 / n as f64);
        let above = [up(4500.0, 10, 200), up(10_000.0, 1, 20), up(1800.0, 30, 200), up(200.0, 4, 20)];
        let expected = 1035.0 + above.iter().map(|d| d * d).sum::<f64>().sqrt();
        assert!(close(cost.total.high, expected), "{} {expected}", cost.total.high);
        assert!(!cost.is_share_assumed);
    }

    #[test]
    fn what_was_not_seen_is_not_free() {
        let settings = CostSettings::default();
        let no_ng = Score { truly_ok: Tally { ok: 10, review: 0, ng: 0 }, ..Score::default() };
        let cost = cost_per_day(&no_ng, &settings).unwrap();
        assert_eq!((cost.escape.value, cost.total.value), (None, None));
        assert!(close(cost.escape.high, 10_000.0 * 0.02 * 1000.0));
        let assumed = CostSettings { ng_share: None, ..settings };
        assert!(cost_per_day(&no_ng, &assumed).is_some_and(|c| c.is_share_assumed && c.ng_share == 0.0));
        assert_eq!(cost_per_day(&Score::default(), &assumed), None);
    }

    #[test]
    fn nonsense_is_refused() {
        let with = |f: fn(&mut CostSettings)| {
            let mut settings = CostSettings::default();
            f(&mut settings);
            settings.validate()
        };
        assert_eq!(with(|_| ()), Ok(()));
        assert!(matches!(with(|s| s.review = -1.0), Err(CostError::Negative { .. })));
        assert!(matches!(with(|s| s.escape = f64::NAN), Err(CostError::Negative { .. })));
        assert!(matches!(with(|s| s.ng_share = Some(1.5)), Err(CostError::Share { .. })));
        let text = ron::to_string(&CostSettings::default()).unwrap();
        assert_eq!(ron::from_str::<CostSettings>(&text).unwrap(), CostSettings::default());
    }
}
