//! Exact statements about shares: what so many successes of so many trials prove.

/// ln of the chance of at most `k` events in `n` independent trials that each happen with probability `p`, 0 < p < 1.
pub(super) fn ln_at_most(k: usize, n: usize, p: f64) -> f64 {
    let (ln_p, ln_q) = (p.ln(), (-p).ln_1p());
    let mut ln_term = n as f64 * ln_q;
    let mut terms = vec![ln_term];
    for i in 0..k.min(n) {
        ln_term += ((n - i) as f64 / (i + 1) as f64).ln() + ln_p - ln_q;
        terms.push(ln_term);
    }
    let highest = terms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    highest + terms.iter().map(|t| (t - highest).exp()).sum::<f64>().ln()
}

/// The exact one-sided 95 % upper bound of a share of which `k` of `n` were seen (Clopper and Pearson, 1934): the figure for claims. 1 when `n`
/// is 0 or all were seen.
#[must_use]
pub fn upper_bound_95(k: usize, n: usize) -> f64 {
    if k >= n {
        return 1.0;
    }
    let (mut low, mut high) = (0.0_f64, 1.0_f64);
    for _ in 0..200 {
        let middle = 0.5 * (low + high);
        if middle <= low || middle >= high {
            break;
        }
        if ln_at_most(k, n, middle) > 0.05_f64.ln() { low = middle } else { high = middle }
    }
    high
}

/// `misses` of `n` targets of a size prove, with 95 % confidence, that nine tenths of such targets are found: the 29 of 29 rule and its
/// continuation (46 with one miss, 61 with two, 76 with three).
#[must_use]
pub fn is_pod_90_proven(misses: usize, n: usize) -> bool {
    n > 0 && misses < n && ln_at_most(misses, n, 0.1) <= 0.05_f64.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Figures of `scipy.stats.beta.ppf`.
    #[test]
    fn upper_bounds_agree_with_published_values() {
        for (k, n, upper) in [
            (0, 29, 0.09814),
            (0, 100, 0.02951),
            (0, 300, 0.00994),
            (1, 100, 0.04656),
            (3, 300, 0.02564),
            (5, 100, 0.10225),
            (10, 1000, 0.01690),
        ] {
            assert!((upper_bound_95(k, n) - upper).abs() < 0.6e-5, "{k} of {n}: {}", upper_bound_95(k, n));
        }
        // Of nothing seen the bound has a closed form.
        assert!((upper_bound_95(0, 59) - (1.0 - 0.05_f64.powf(1.0 / 59.0))).abs() < 1e-12);
        assert_eq!((upper_bound_95(0, 0), upper_bound_95(7, 7)), (1.0, 1.0));
    }

    #[test]
    fn twenty_nine_of_twenty_nine() {
        for (misses, n) in [(0, 29), (1, 46), (2, 61), (3, 76)] {
            assert!(is_pod_90_proven(misses, n) && !is_pod_90_proven(misses, n - 1), "{misses} of {n}");
        }
        assert!(!is_pod_90_proven(0, 0));
    }

    /// Parts to be seen good to claim a rate of at most 1 %, by false rejects seen.
    #[test]
    fn sample_sizes_are_the_published_ones() {
        for (k, n) in [(0, 299), (1, 473), (2, 628), (3, 773), (4, 913), (5, 1049)] {
            assert!(upper_bound_95(k, n) <= 0.01 && upper_bound_95(k, n - 1) > 0.01, "{k}: {n}");
        }
    }
}
