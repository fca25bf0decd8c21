//! Whether two models that saw the same defects differ by more than chance.

use super::binomial::ln_at_most;

/// The exact two-sided p-value of `McNemar`'s test (1947; exact by the binomial distribution): `only_a` cases that only the first found and
/// `only_b` that only the second found would be at least as unequal with this probability if neither were better. 1 when nothing differs.
#[must_use]
pub fn mcnemar_exact(only_a: usize, only_b: usize) -> f64 {
    let (fewer, n) = (only_a.min(only_b), only_a + only_b);
    if only_a == only_b {
        return 1.0;
    }
    (2.0 * ln_at_most(fewer, n, 0.5).exp()).min(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of binomial coefficients by hand, and added up by force.
    #[test]
    fn p_values_are_the_sums_of_binomial_coefficients() {
        for (a, b, p) in [
            (0, 0, 1.0),
            (5, 5, 1.0),
            (0, 5, 2.0 / 32.0),
            (1, 9, 2.0 * 11.0 / 1024.0),
            (2, 8, 2.0 * 56.0 / 1024.0),
            (8, 2, 2.0 * 56.0 / 1024.0),
            (4, 5, 1.0),
        ] {
            assert!((mcnemar_exact(a, b) - p).abs() < 1e-9, "{a}, {b}: {}", mcnemar_exact(a, b));
        }
        for n in 1..40_usize {
            for k in 0..=n {
                assert!((mcnemar_exact(k, n - k) - brute(k.min(n - k), n)).abs() < 1e-12, "{k} of {n}");
            }
        }
    }

    fn brute(k: usize, n: usize) -> f64 {
        let choose = |i: usize| (0..i).fold(1.0, |c, j| c * (n - j) as f64 / (j + 1) as f64);
        ((0..=k).map(choose).sum::<f64>() * 2.0 / 2.0_f64.powi(n as i32)).min(1.0)
    }
}
