//! Exact tests that assume no distribution, and the correction for making many of them.

/// ln k! for k = 0..=n.
fn log_factorials(n: usize) -> Vec<f64> {
    let mut sum = 0.0;
    let mut out = vec![0.0];
    out.extend((1..=n).map(|k| {
        sum += (k as f64).ln();
        sum
    }));
    out
}

/// Two-sided sign test: the chance that values of median 0 have signs at least this one-sided. Zeros do not count; 1 without values.
pub(super) fn sign_test(values: &[f64]) -> f64 {
    let above = values.iter().filter(|v| **v > 0.0).count();
    let below = values.iter().filter(|v| **v < 0.0).count();
    let n = above + below;
    let log = log_factorials(n);
    let chance = |k: usize| (log[n] - log[k] - log[n - k] - n as f64 * std::f64::consts::LN_2).exp();
    (2.0 * (0..=above.min(below)).map(chance).sum::<f64>()).min(1.0)
}

/// Two-sided median test (Mood; exact, hypergeometric): the chance that two samples of one distribution lie at least this differently
/// about their common median. Values on the median count as below; 1 without values.
pub(super) fn median_test(a: &[f64], b: &[f64]) -> f64 {
    let mut all: Vec<f64> = a.iter().chain(b).copied().collect();
    if a.is_empty() || b.is_empty() {
        return 1.0;
    }
    let middle = super::gauss::median(&mut all);
    let above = |values: &[f64]| values.iter().filter(|v| **v > middle).count();
    let (n, n_a, in_a) = (a.len() + b.len(), a.len(), above(a));
    let n_above = in_a + above(b);
    let log = log_factorials(n);
    let choose = |n: usize, k: usize| log[n] - log[k] - log[n - k];
    let chance = |k: usize| (choose(n_above, k) + choose(n - n_above, n_a - k) - choose(n, n_a)).exp();
    let (first, last) = (n_a.saturating_sub(n - n_above), n_a.min(n_above));
    let (low, high): (f64, f64) = ((first..=in_a).map(chance).sum(), (in_a..=last).map(chance).sum());
    (2.0 * low.min(high)).min(1.0)
}

/// Holm's correction: p-values that hold for all tests together, in the same order.
pub(super) fn holm(p_values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p_values.len()).collect();
    order.sort_by(|&a, &b| p_values[a].total_cmp(&p_values[b]));
    let mut out = vec![1.0; p_values.len()];
    let mut largest = 0.0_f64;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max(((p_values.len() - rank) as f64 * p_values[i]).min(1.0));
        out[i] = largest;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sign_test_counts_coin_tosses() {
        // 8 heads of 8: 2 / 256. 9 of 10: 2 · (1 + 10) / 1024. As often as not: 1.
        assert!((sign_test(&[1.0; 8]) - 2.0 / 256.0).abs() < 1e-12);
        let nine: Vec<f64> = (0..10).map(|i| if i == 3 { 0.2 } else { -1.0 }).collect();
        assert!((sign_test(&nine) - 22.0 / 1024.0).abs() < 1e-12);
        assert_eq!(sign_test(&[1.0, -1.0, 0.0]), 1.0);
        assert_eq!(sign_test(&[]), 1.0);
        // 5000 of 5000 is 2⁻⁴⁹⁹⁹, below the smallest number there is.
        assert_eq!(sign_test(&vec![1.0; 5000]), 0.0);
    }

    #[test]
    fn the_median_test_draws_without_putting_back() {
        // Four and four wholly apart: 2 of the C(8,4) = 70 ways.
        let p = median_test(&[1.0, 2.0, 3.0, 4.0], &[5.0, 6.0, 7.0, 8.0]);
        assert!((p - 2.0 / 70.0).abs() < 1e-12, "{p}");
        // 1 of 4 above against 3 of 4: (C(4,0)·C(4,4) + C(4,1)·C(4,3)) / 70 on one side.
        let p = median_test(&[1.0, 2.0, 3.0, 6.0], &[4.0, 5.0, 7.0, 8.0]);
        assert!((p - 1.0_f64.min(2.0 * 17.0 / 70.0)).abs() < 1e-12, "{p}");
        assert_eq!(median_test(&[1.0; 9], &[1.0; 9]), 1.0);
        assert_eq!(median_test(&[], &[1.0]), 1.0);
    }

    #[test]
    fn holm_multiplies_the_smallest_most_and_keeps_the_order() {
        let p = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (got, wanted) in p.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((got - wanted).abs() < 1e-12, "{p:?}");
        }
        assert!(holm(&[]).is_empty());
    }
}
