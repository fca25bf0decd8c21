//! Probability of detection by size: the hit–miss model of MIL-HDBK-1823A, `logit POD(a) = β₀ + β₁ ln a`.

/// A target with its size, > 0 in whatever unit, and whether it was found.
pub type Target = (f64, bool);

/// Below this number of targets the handbook calls a curve too uncertain to be used.
pub const RECOMMENDED_TARGETS: usize = 60;

/// Quantile 0.95 of the normal distribution, and quantile 0.90 of χ² with one degree of freedom: both bounds are one-sided at 95 %.
const Z_95: f64 = 1.644_853_626_951_472_7;
const CHI2_90: f64 = 2.705_543_454_095_404;
/// logit 0.9.
const LOGIT_90: f64 = 2.197_224_577_336_219_6;

/// A fitted curve.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pod {
    /// β₀ and β₁; sizes enter by their natural logarithm.
    pub beta: [f64; 2],
    /// Covariance of β: (β₀, β₀), (β₀, β₁), (β₁, β₁).
    pub covariance: [f64; 3],
    /// Natural logarithm of the likelihood.
    pub log_likelihood: f64,
    /// Size found half of the time, in the unit of the targets.
    pub a50: f64,
    /// Size found nine times of ten.
    pub a90: f64,
    /// a90/95: upper one-sided 95 % bound of a90 by the likelihood ratio. None when the targets set no bound.
    pub a90_95: Option<f64>,
    /// The same by the delta method on ln a: too low for few targets; for comparison with other programs.
    pub a90_95_delta: f64,
    /// Targets and those found.
    pub targets: usize,
    pub found: usize,
}

/// What the targets say about detection by size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PodResult {
    Fitted(Pod),
    /// All above a size were found and none below: no finite curve fits best. a50 and a90 lie somewhere in between.
    Separated {
        largest_missed: f64,
        smallest_found: f64,
    },
    /// Nothing was missed: nothing to fit. `smallest`: smallest size.
    AllFound {
        targets: usize,
        smallest: f64,
    },
    /// Nothing was found. `largest`: largest size.
    NoneFound {
        targets: usize,
        largest: f64,
    },
    /// Large targets are not found more often than small ones: size does not explain what is missed.
    NotIncreasing,
    /// No target has a size.
    NoTargets,
}

impl PodResult {
    /// What the targets say where there is no curve, as a sentence without a capital; empty for a curve.
    #[must_use]
    pub fn without_curve(&self, unit: &str) -> String {
        match *self {
            Self::Fitted(_) => String::new(),
            Self::Separated { largest_missed, smallest_found } => {
                format!("all from {smallest_found:.3} {unit} found, none up to {largest_missed:.3} {unit}; the limit lies between")
            }
            Self::AllFound { targets, smallest } => {
                let proof = if super::is_pod_90_proven(0, targets) {
                    "enough to prove that nine of ten are found"
                } else {
                    "29 without a miss would prove that nine of ten are found"
                };
                format!("all {targets} found, the smallest {smallest:.3} {unit}; {proof}")
            }
            Self::NoneFound { targets, largest } => format!("none of {targets} found, the largest {largest:.3} {unit}"),
            Self::NotIncreasing => {
                "large defects are not found more often than small ones, so size does not explain what is missed".to_owned()
            }
            Self::NoTargets => "no labelled defect".to_owned(),
        }
    }
}

impl Pod {
    /// Share of targets of size `a` (> 0) that are found.
    #[must_use]
    pub fn at(&self, a: f64) -> f64 {
        sigmoid(self.beta[0] + self.beta[1] * a.ln())
    }

    /// The pointwise lower one-sided 95 % bound of [`Self::at`] (Wald, on the logit): for drawing. Its crossing of 0.9 is not a90/95.
    #[must_use]
    pub fn lower_at(&self, a: f64) -> f64 {
        let x = a.ln();
        let [v00, v01, v11] = self.covariance;
        let variance = v00 + 2.0 * v01 * x + v11 * x * x;
        sigmoid(self.beta[0] + self.beta[1] * x - Z_95 * variance.max(0.0).sqrt())
    }
}

/// Fits the curve to targets. Sizes that are not above zero (not measured) are left out.
#[must_use]
pub fn pod(targets: &[Target]) -> PodResult {
    let sized: Vec<Target> = targets.iter().copied().filter(|(a, _)| a.is_finite() && *a > 0.0).collect();
    let (mut found, mut missed) = ((f64::INFINITY, 0.0_f64), (f64::INFINITY, 0.0_f64));
    for &(a, is_found) in &sized {
        let range = if is_found { &mut found } else { &mut missed };
        *range = (range.0.min(a), range.1.max(a));
    }
    match (found.0.is_finite(), missed.0.is_finite()) {
        (false, false) => return PodResult::NoTargets,
        (true, false) => return PodResult::AllFound { targets: sized.len(), smallest: found.0 },
        (false, true) => return PodResult::NoneFound { targets: sized.len(), largest: missed.1 },
        _ => {}
    }
    if found.1 <= missed.0 {
        return PodResult::NotIncreasing;
    }
    if missed.1 <= found.0 {
        return PodResult::Separated { largest_missed: missed.1, smallest_found: found.0 };
    }
    let data: Vec<Target> = sized.iter().map(|&(a, hit)| (a.ln(), hit)).collect();
    fit(&data).map_or(PodResult::NotIncreasing, PodResult::Fitted)
}

/// Iteratively reweighted least squares; the likelihood is concave, and a step that would lower it is halved. `data`: ln a. None when
/// the curve does not rise.
fn fit(data: &[Target]) -> Option<Pod> {
    let mut beta = [0.0, 0.0];
    let mut value = log_likelihood(data, beta);
    for _ in 0..100 {
        let (gradient, information) = score(data, beta);
        let step = solve(information, gradient)?;
        let mut scale = 1.0;
        let mut next = [beta[0] + step[0], beta[1] + step[1]];
        let mut next_value = log_likelihood(data, next);
        while next_value < value && scale > 1e-6 {
            scale *= 0.5;
            next = [beta[0] + scale * step[0], beta[1] + scale * step[1]];
            next_value = log_likelihood(data, next);
        }
        (beta, value) = (next, next_value);
        if step[0].abs().max(step[1].abs()) < 1e-10 {
            break;
        }
    }
    let (_, information) = score(data, beta);
    let determinant = information[0] * information[2] - information[1] * information[1];
    if !beta.iter().all(|b| b.is_finite()) || determinant <= 0.0 || beta[1] <= 0.0 {
        return None;
    }
    let covariance = [information[2] / determinant, -information[1] / determinant, information[0] / determinant];
    let ln_a90 = (LOGIT_90 - beta[0]) / beta[1];
    Some(Pod {
        beta,
        covariance,
        log_likelihood: value,
        a50: (-beta[0] / beta[1]).exp(),
        a90: ln_a90.exp(),
        a90_95: upper_bound(data, ln_a90, beta[1], value, CHI2_90).map(f64::exp),
        a90_95_delta: delta_bound(ln_a90, beta[1], covariance, Z_95),
        targets: data.len(),
        found: data.iter().filter(|t| t.1).count(),
    })
}

/// The bound of a90 where ln a90 is taken for normal; the gradient of ln a90 by β is (−1, −ln a90) / β₁.
fn delta_bound(ln_a90: f64, slope: f64, covariance: [f64; 3], z: f64) -> f64 {
    let variance = covariance[0] + 2.0 * covariance[1] * ln_a90 + covariance[2] * ln_a90 * ln_a90;
    (ln_a90 + z * variance.max(0.0).sqrt() / slope).exp()
}

/// The largest ln a that could be a90: there the likelihood, maximised over the slope, has fallen by half the quantile of χ².
fn upper_bound(data: &[Target], ln_a90: f64, slope: f64, highest: f64, chi2: f64) -> Option<f64> {
    let excess = |at: f64| 2.0 * (highest - profile(data, at, slope)) - chi2;
    let (mut low, mut step) = (ln_a90, 0.1);
    let mut high = low + step;
    while excess(high) < 0.0 {
        // A factor of e²⁰ is no bound.
        if high - ln_a90 > 20.0 {
            return None;
        }
        low = high;
        step *= 2.0;
        high += step;
    }
    for _ in 0..80 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if excess(middle) < 0.0 { low = middle } else { high = middle }
    }
    Some(0.5 * (low + high))
}

/// The highest log likelihood of a rising curve through POD = 0.9 at ln a = `at`. Concave in the slope: Newton's steps, kept between
/// bounds that close in.
fn profile(data: &[Target], at: f64, start: f64) -> f64 {
    let (mut low, mut high) = (0.0_f64, f64::INFINITY);
    let mut slope = start;
    for _ in 0..100 {
        let (mut first, mut second) = (0.0, 0.0);
        for &(x, hit) in data {
            let p = sigmoid(LOGIT_90 + slope * (x - at));
            first += (f64::from(u8::from(hit)) - p) * (x - at);
            second += p * (1.0 - p) * (x - at) * (x - at);
        }
        if first > 0.0 {
            low = slope;
        } else {
            high = slope;
        }
        let newton = slope + first / second;
        let next = match (newton.is_finite() && newton > low && newton < high, high.is_finite()) {
            (true, _) => newton,
            (false, true) => 0.5 * (low + high),
            (false, false) => 2.0 * slope,
        };
        if (next - slope).abs() <= 1e-13 * slope || next > 1e9 {
            break;
        }
        slope = next;
    }
    log_likelihood(data, [LOGIT_90 - slope * at, slope])
}

fn log_likelihood(data: &[Target], beta: [f64; 2]) -> f64 {
    data.iter().map(|&(x, hit)| ln_sigmoid(if hit { beta[0] + beta[1] * x } else { -beta[0] - beta[1] * x })).sum()
}

/// Gradient of the log likelihood and Fisher information (00, 01, 11).
fn score(data: &[Target], beta: [f64; 2]) -> ([f64; 2], [f64; 3]) {
    let (mut gradient, mut information) = ([0.0; 2], [0.0; 3]);
    for &(x, hit) in data {
        let p = sigmoid(beta[0] + beta[1] * x);
        let (rest, weight) = (f64::from(u8::from(hit)) - p, p * (1.0 - p));
        gradient[0] += rest;
        gradient[1] += rest * x;
        information[0] += weight;
        information[1] += weight * x;
        information[2] += weight * x * x;
    }
    (gradient, information)
}

fn solve([a, b, d]: [f64; 3], [u, v]: [f64; 2]) -> Option<[f64; 2]> {
    let determinant = a * d - b * b;
    (determinant > 0.0).then(|| [(d * u - b * v) / determinant, (a * v - b * u) / determinant])
}

/// 1 / (1 + e⁻ᶻ).
pub(super) fn sigmoid(z: f64) -> f64 {
    1.0 / (1.0 + (-z).exp())
}

/// ln of [`sigmoid`], without overflow.
pub(super) fn ln_sigmoid(z: f64) -> f64 {
    if z >= 0.0 { -(-z).exp().ln_1p() } else { z - z.exp().ln_1p() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Sixty sizes from 0.1 to 3, geometrically spaced and rounded to three decimals.
    fn published() -> Vec<Target> {
        let size = |i: i32| (0.1 * 30_f64.powf(f64::from(i) / 59.0) * 1000.0).round() / 1000.0;
        let hit = |i: i32| matches!(i, 14 | 19..=22 | 24..=25 | 27..);
        (0..60).map(|i| (size(i), hit(i))).collect()
    }

    /// Figures of another program (`numpy`, `scipy`) for the same targets.
    #[test]
    fn the_published_example_comes_out_to_its_last_digit() {
        let PodResult::Fitted(fit) = pod(&published()) else { panic!() };
        assert_eq!((fit.targets, fit.found), (60, 40));
        let close = |got: f64, printed: f64| assert!((got - printed).abs() < 0.6e-6, "{got} instead of {printed}");
        close(fit.beta[0], 6.535_129);
        close(fit.beta[1], 5.544_876);
        close(fit.covariance[0], 4.573_089);
        close(fit.covariance[1], 3.614_841);
        close(fit.covariance[2], 3.072_519);
        close(fit.log_likelihood, -10.249_199);
        close(fit.a50, 0.307_713);
        close(fit.a90, 0.457_341);
        // The example was computed with quantiles rounded to four decimals.
        let data: Vec<Target> = published().iter().map(|&(a, hit)| (a.ln(), hit)).collect();
        close(delta_bound(fit.a90.ln(), fit.beta[1], fit.covariance, 1.6449), 0.596_074);
        close(upper_bound(&data, fit.a90.ln(), fit.beta[1], fit.log_likelihood, 2.7055).unwrap().exp(), 0.635_953);
        assert!((fit.a90_95_delta - 0.596_074).abs() < 1e-5 && (fit.a90_95.unwrap() - 0.635_953).abs() < 1e-5);
        // Where the drawn band crosses 0.9.
        assert!((fit.lower_at(0.745_724) - 0.9).abs() < 1e-5);
        assert!((fit.at(fit.a90) - 0.9).abs() < 1e-12 && (fit.at(fit.a50) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn what_has_no_finite_curve_says_why() {
        assert_eq!(
            pod(&[(0.1, false), (0.2, false), (0.5, true), (0.9, true)]),
            PodResult::Separated { largest_missed: 0.2, smallest_found: 0.5 }
        );
        assert_eq!(
            pod(&[(0.1, false), (0.5, false), (0.5, true), (0.9, true)]),
            PodResult::Separated { largest_missed: 0.5, smallest_found: 0.5 }
        );
        assert_eq!(pod(&[(0.1, true), (0.5, false)]), PodResult::NotIncreasing);
        assert_eq!(pod(&[(1.0, true), (2.0, false), (3.0, true), (4.0, false)]), PodResult::NotIncreasing);
        assert_eq!(pod(&[(2.0, true), (1.0, true)]), PodResult::AllFound { targets: 2, smallest: 1.0 });
        assert_eq!(pod(&[(2.0, false), (1.0, false)]), PodResult::NoneFound { targets: 2, largest: 2.0 });
        assert_eq!(pod(&[(f64::NAN, true), (0.0, false)]), PodResult::NoTargets);
        // All of one size: the share found says nothing about size.
        assert_eq!(pod(&[(1.0, true), (1.0, false), (1.0, true)]), PodResult::NotIncreasing);
    }

    proptest! {
        // The fit is where the gradient vanishes, the bound is where the likelihood has fallen by the quantile; both are checked by search
        // on a grid. Another unit of length changes the sizes by its factor and nothing else.
        #[test]
        fn the_fit_is_the_best_curve_in_any_unit(seed in prop::collection::vec((0.05_f64..5.0, 0.0_f64..1.0), 20..80), unit in 0.01_f64..100.0) {
            let targets: Vec<Target> = seed.iter().map(|&(a, u)| (a, u < sigmoid(3.0 * (a / 0.8).ln()))).collect();
            if let PodResult::Fitted(fit) = pod(&targets) {
                let data: Vec<Target> = targets.iter().map(|&(a, h)| (a.ln(), h)).collect();
                for (db, ds) in [(1e-3, 0.0), (-1e-3, 0.0), (0.0, 1e-3), (0.0, -1e-3), (1e-3, 1e-3), (-1e-3, 1e-3)] {
                    prop_assert!(log_likelihood(&data, [fit.beta[0] + db, fit.beta[1] + ds]) <= fit.log_likelihood + 1e-12);
                }
                prop_assert!(fit.a50 < fit.a90 && fit.a90 <= fit.a90_95_delta);
                if let Some(bound) = fit.a90_95 {
                    let best = (1..=40_000).map(|i| f64::from(i) * 2.5e-3)
                        .map(|s| log_likelihood(&data, [LOGIT_90 - s * bound.ln(), s])).fold(f64::NEG_INFINITY, f64::max);
                    prop_assert!((2.0 * (fit.log_likelihood - best) - CHI2_90).abs() < 2e-2, "{}", 2.0 * (fit.log_likelihood - best));
                }
                let scaled: Vec<Target> = targets.iter().map(|&(a, h)| (a * unit, h)).collect();
                let PodResult::Fitted(other) = pod(&scaled) else { return Err(TestCaseError::fail("not fitted in another unit")) };
                prop_assert!((other.a90 / fit.a90 / unit - 1.0).abs() < 1e-6);
            }
        }
    }
}
