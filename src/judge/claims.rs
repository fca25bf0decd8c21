//! What a number of parts can prove: exact binomial bounds, the parts that a claim needs, and the sentences that say so.
//!
//! Wilson's interval ([`super::wilson_95`]) is for showing, the exact bounds of Clopper and Pearson are for claims.

use std::fmt;

use super::beta::regularized_beta;
use super::tally::{Interval, Rate};

/// The confidence of every claim: 95 %.
pub const CONFIDENCE: f64 = 0.95;

/// Most parts that a claim is worked out for.
const MOST_PARTS: usize = 1 << 40;

/// Probability of at most `k` of `n` when each happens with probability `p` (0..=1): the binomial distribution,
/// `I(1 − p; n − k, k + 1)` (Abramowitz and Stegun 26.5.24). 1 when `k ≥ n`.
#[must_use]
pub fn at_most_probability(k: usize, n: usize, p: f64) -> f64 {
    if k >= n {
        return 1.0;
    }
    regularized_beta(1.0 - p, (n - k) as f64, k as f64 + 1.0)
}

/// The rate for which `at_most_probability(k, n, p)` is `tail`; it falls as p grows.
fn rate_where(k: usize, n: usize, tail: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    // Each step halves the interval; two hundred reach the smallest rates that a double can tell apart.
    for _ in 0..200 {
        let middle = f64::midpoint(low, high);
        if middle == low || middle == high {
            break;
        }
        if at_most_probability(k, n, middle) > tail {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Exact two-sided interval of a rate (Clopper and Pearson, Biometrika 26, 1934), 0..=1; `confidence` within 0..1. 0..=1 of nothing.
#[must_use]
pub fn clopper_pearson(rate: Rate, confidence: f64) -> Interval {
    let Rate { count, of } = rate;
    let tail = (1.0 - confidence) / 2.0;
    let low = if count == 0 { 0.0 } else { rate_where(count - 1, of, 1.0 - tail) };
    let high = if count >= of { 1.0 } else { rate_where(count, of, tail) };
    Interval { low, high }
}

/// Exact one-sided upper bound of a rate (Clopper and Pearson), 0..=1: with this confidence the true rate is no higher. 1 of nothing.
#[must_use]
pub fn upper_bound(rate: Rate, confidence: f64) -> f64 {
    if rate.count >= rate.of {
        return 1.0;
    }
    rate_where(rate.count, rate.of, 1.0 - confidence)
}

/// How many parts, `failures` of them failing, prove with this confidence that the true rate is no higher than `rate`: the smallest n
/// with `at_most_probability(failures, n, rate) ≤ 1 − confidence`. Without a failure that is ⌈ln(1 − confidence) / ln(1 − rate)⌉.
///
/// None when no number does: `rate` is 0 or less, or more than 10¹² parts.
#[must_use]
pub fn parts_needed(failures: usize, rate: f64, confidence: f64) -> Option<usize> {
    if rate.is_nan() || rate <= 0.0 {
        return None;
    }
    let proves = |n: usize| at_most_probability(failures, n, rate.min(1.0)) <= 1.0 - confidence;
    let mut high = failures + 1;
    while !proves(high) {
        high = high.checked_mul(2).filter(|&n| n <= MOST_PARTS)?;
    }
    let mut low = (high / 2).max(failures);
    while high - low > 1 {
        let middle = low.midpoint(high);
        *if proves(middle) { &mut high } else { &mut low } = middle;
    }
    Some(high)
}

/// The most failures of `n` parts that still prove a rate no higher than `rate`; None when not even none does.
#[must_use]
pub fn failures_allowed(n: usize, rate: f64, confidence: f64) -> Option<usize> {
    let proves = |k: usize| k < n && at_most_probability(k, n, rate.clamp(0.0, 1.0)) <= 1.0 - confidence;
    if rate <= 0.0 || !proves(0) {
        return None;
    }
    let (mut low, mut high) = (0, n);
    while high - low > 1 {
        let middle = low.midpoint(high);
        *if proves(middle) { &mut low } else { &mut high } = middle;
    }
    Some(low)
}

/// A trial that proves a rate when at most `pass` of `parts` fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Trial {
    pub parts: usize,
    pub pass: usize,
}

/// The smallest trial that proves a rate of at most `claimed` with `confidence`, and that a process of rate `truth` passes with
/// probability `power`. None when `truth` is not well below `claimed` (more than 10 000 failures would have to be allowed).
#[must_use]
pub fn trial(claimed: f64, truth: f64, confidence: f64, power: f64) -> Option<Trial> {
    if truth >= claimed {
        return None;
    }
    (0..10_000).find_map(|pass| {
        let parts = parts_needed(pass, claimed, confidence)?;
        (at_most_probability(pass, parts, truth) >= power).then_some(Trial { parts, pass })
    })
}

/// Rule of three: about the upper 95 % bound of a rate of which nothing was seen in `n` parts, `3 / n`, at most 1.
#[must_use]
pub fn rule_of_three(n: usize) -> f64 {
    (3.0 / n as f64).min(1.0)
}

/// How likely the next NG part lies below an accept limit that was set at the smallest of n NG values. Holds for any distribution.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextBelow {
    /// Of all sets of n parts on average: `1 / (n + 1)`.
    pub chance: f64,
    /// With 95 % confidence no more than this share of all NG parts lies below: `1 − 0.05^(1/n)`.
    pub at_most: f64,
}

/// See [`NextBelow`]; with no NG part nothing is known: both are 1.
#[must_use]
pub fn next_below(ng_parts: usize) -> NextBelow {
    let n = ng_parts as f64;
    NextBelow { chance: 1.0 / (n + 1.0), at_most: if ng_parts == 0 { 1.0 } else { 1.0 - (1.0 - CONFIDENCE).powf(1.0 / n) } }
}

/// Exact `McNemar` test of two rulesets on the same parts: `b` parts are right only with the one, `c` only with the other. The two-sided
/// probability of such a difference when both are as good, 0..=1.
#[must_use]
pub fn mcnemar(b: usize, c: usize) -> f64 {
    if b + c == 0 {
        return 1.0;
    }
    (2.0 * at_most_probability(b.min(c), b + c, 0.5)).min(1.0)
}

/// What is counted in a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Event {
    Escape,
    Overkill,
}

impl Event {
    fn counted(self, count: usize) -> String {
        match self {
            Self::Escape if count == 1 => "1 escape".to_owned(),
            Self::Escape => format!("{count} escapes"),
            Self::Overkill => format!("{count} overkill"),
        }
    }

    const fn parts(self) -> &'static str {
        match self {
            Self::Escape => "NG parts",
            Self::Overkill => "OK parts",
        }
    }
}

/// What a count proves about the true rate, and what would be needed for more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Claim {
    pub event: Event,
    pub seen: Rate,
    /// With 95 % confidence the true rate is no higher.
    pub upper: f64,
    /// The rate that is to be claimed, 0..1.
    pub wanted: Option<f64>,
}

impl Claim {
    #[must_use]
    pub fn new(event: Event, seen: Rate, wanted: Option<f64>) -> Self {
        Self { event, seen, upper: upper_bound(seen, CONFIDENCE), wanted }
    }

    /// The wanted rate is proven. True when none is wanted.
    #[must_use]
    pub fn holds(&self) -> bool {
        self.wanted.is_none_or(|wanted| self.upper <= wanted)
    }

    /// Parts that would be needed in all to prove the wanted rate, were as many failing as now.
    #[must_use]
    pub fn parts_needed(&self) -> Option<usize> {
        parts_needed(self.seen.count, self.wanted?, CONFIDENCE)
    }
}

/// "0 escapes in 48 NG parts: the true rate may be up to 6.1 %; to claim 1 %, 299 NG parts with 0 escapes are needed".
impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Rate { count, of } = self.seen;
        if of == 0 {
            write!(f, "no {} in the set: nothing is known of the rate", self.event.parts())?;
        } else {
            write!(
                f,
                "{} in {of} {}: the true rate may be up to {}",
                self.event.counted(count),
                self.event.parts(),
                percent(self.upper)
            )?;
        }
        let Some(wanted) = self.wanted else { return Ok(()) };
        if self.holds() {
            return write!(f, ", which proves the wanted {}", percent(wanted));
        }
        match self.parts_needed() {
            Some(n) => {
                let counted = self.event.counted(count);
                write!(f, "; to claim {}, {n} {} with {counted} are needed", percent(wanted), self.event.parts())
            }
            None => write!(f, "; no number of parts can prove {}", percent(wanted)),
        }
    }
}

impl fmt::Display for NextBelow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the next NG part lies below the smallest one seen with a chance of {} (at most {} with 95 % confidence)",
            percent(self.chance),
            percent(self.at_most)
        )
    }
}

/// A share in percent with two digits that count: "6.1 %", "0.33 %", "14 %".
#[must_use]
pub fn percent(share: f64) -> String {
    let value = share * 100.0;
    let decimals = match value.abs() {
        v if v >= 9.95 || v == 0.0 => 0,
        v if v >= 0.995 => 1,
        v if v >= 0.0995 => 2,
        _ => 3,
    };
    let text = format!("{value:.decimals$}");
    let short = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    format!("{short} %")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(count: usize, of: usize) -> Rate {
        Rate { count, of }
    }

    #[test]
    fn exact_bounds_agree_with_published_values() {
        // k, n, two-sided low and high, one-sided upper, to five digits.
        let table = [
            (0, 29, 0.0, 0.11944, 0.09814),
            (0, 100, 0.0, 0.03622, 0.02951),
            (0, 300, 0.0, 0.01222, 0.00994),
            (1, 100, 0.00025, 0.05446, 0.04656),
            (3, 300, 0.00207, 0.02894, 0.02564),
            (5, 100, 0.01643, 0.11283, 0.10225),
            (10, 1000, 0.00481, 0.01831, 0.01690),
        ];
        for (k, n, low, high, upper) in table {
            let got = clopper_pearson(rate(k, n), 0.95);
            assert!((got.low - low).abs() < 0.6e-5 && (got.high - high).abs() < 0.6e-5, "{k}/{n}: {got:?}");
            let got = upper_bound(rate(k, n), 0.95);
            assert!((got - upper).abs() < 0.6e-5, "{k}/{n}: {got}");
        }
        // Without a failure the bound has a closed form, whatever n is.
        for n in [1, 2, 48, 1000, 1_000_000] {
            let closed = -((0.05_f64).ln() / n as f64).exp_m1();
            assert!((upper_bound(rate(0, n), 0.95) / closed - 1.0).abs() < 1e-9, "{n}");
        }
        assert_eq!(clopper_pearson(rate(0, 0), 0.95), Interval { low: 0.0, high: 1.0 });
        assert_eq!((upper_bound(rate(0, 0), 0.95), upper_bound(rate(3, 3), 0.95)), (1.0, 1.0));
    }

    #[test]
    fn the_distribution_is_the_sum_of_its_terms() {
        for n in 1..25_usize {
            for p in [0.001, 0.1, 0.5, 0.93] {
                let (mut sum, mut term) = (0.0, (1.0_f64 - p).powi(n as i32));
                for k in 0..n {
                    sum += term;
                    assert!((at_most_probability(k, n, p) - sum).abs() < 1e-12, "{k} of {n}, {p}");
                    term *= (n - k) as f64 / (k + 1) as f64 * p / (1.0 - p);
                }
            }
        }
    }

    #[test]
    fn parts_needed_agree_with_published_numbers() {
        let table = [
            (0.05, [59, 93, 124, 153, 181, 208]),
            (0.01, [299, 473, 628, 773, 913, 1049]),
            (0.005, [598, 947, 1258, 1549, 1829, 2100]),
            (0.001, [2995, 4742, 6294, 7752, 9151, 10511]),
        ];
        for (p, needed) in table {
            for (k, n) in needed.into_iter().enumerate() {
                assert_eq!(parts_needed(k, p, 0.95), Some(n), "{k} failures, {p}");
                assert_eq!(failures_allowed(n, p, 0.95), Some(k));
                assert_eq!(failures_allowed(n - 1, p, 0.95), k.checked_sub(1));
            }
        }
        for (p, confidence, n) in [(0.1, 0.95, 29), (0.01, 0.9, 230), (0.01, 0.99, 459)] {
            assert_eq!(parts_needed(0, p, confidence), Some(n));
        }
        assert_eq!(parts_needed(0, 0.0, 0.95), None);
        assert_eq!(failures_allowed(100, 0.0, 0.95), None);
    }

    #[test]
    fn trials_with_power() {
        // Published on a coarse grid of sizes: with as many allowed failures, the exact trial is a little smaller.
        for (truth, parts, pass) in [(0.005, 2550, 17), (0.002, 780, 3), (0.001, 480, 1)] {
            let got = trial(0.01, truth, 0.95, 0.9).unwrap();
            assert_eq!(got.pass, pass);
            assert!(got.parts <= parts && got.parts + 60 > parts, "{got:?}");
        }
        assert_eq!(trial(0.01, 0.01, 0.95, 0.9), None);
    }

    #[test]
    fn the_next_part_below_the_smallest_one_seen() {
        for (n, chance, at_most) in [(20, 0.048, 0.139), (59, 0.017, 0.050), (299, 0.0033, 0.0100)] {
            let next = next_below(n);
            assert!((next.chance - chance).abs() < 0.0005 && (next.at_most - at_most).abs() < 0.0005, "{next:?}");
        }
        assert_eq!(next_below(0), NextBelow { chance: 1.0, at_most: 1.0 });
        assert!((mcnemar(2, 9) - 0.0654).abs() < 0.00005);
        assert_eq!((mcnemar(0, 0), mcnemar(3, 3)), (1.0, 1.0));
        assert_eq!((rule_of_three(300), rule_of_three(2)), (0.01, 1.0));
    }

    #[test]
    fn sentences() {
        let say = |k, n, wanted| Claim::new(Event::Escape, rate(k, n), wanted).to_string();
        assert_eq!(say(0, 48, None), "0 escapes in 48 NG parts: the true rate may be up to 6.1 %");
        assert_eq!(
            say(0, 48, Some(0.01)),
            "0 escapes in 48 NG parts: the true rate may be up to 6.1 %; to claim 1 %, 299 NG parts with 0 escapes are needed"
        );
        assert_eq!(
            say(0, 299, Some(0.01)),
            "0 escapes in 299 NG parts: the true rate may be up to 1 %, which proves the wanted 1 %"
        );
        assert!(say(1, 30, None).starts_with("1 escape in 30 NG parts: "));
        assert!(say(0, 0, None).starts_with("no NG parts in the set"));
        assert_eq!(
            [percent(0.0606), percent(0.0033), percent(0.139), percent(0.0), percent(1.0)],
            ["6.1 %", "0.33 %", "14 %", "0 %", "100 %"]
        );
    }
}
