//! Gaussian smoothing of closed sequences, and the small statistics that the boundary check shares.

/// Sampled Gaussian weights of sum 1 out to 4 σ on both sides; `sigma` in samples, not negative.
pub(super) fn kernel(sigma: f64) -> Vec<f64> {
    let radius = (4.0 * sigma + 0.5).floor() as i64;
    if radius < 1 {
        return vec![1.0];
    }
    let mut weights: Vec<f64> = (-radius..=radius).map(|i| (-0.5 * (i as f64 / sigma).powi(2)).exp()).collect();
    let sum: f64 = weights.iter().sum();
    for w in &mut weights {
        *w /= sum;
    }
    weights
}

/// `values` smoothed as a ring: the last one is the neighbour of the first.
pub(super) fn smooth_ring(values: &[f64], sigma: f64) -> Vec<f64> {
    let n = values.len();
    if n == 0 {
        return Vec::new();
    }
    let weights = kernel(sigma);
    let radius = weights.len() / 2;
    let first = (n - radius % n) % n;
    let padded: Vec<f64> = (0..n + 2 * radius).map(|i| values[(first + i) % n]).collect();
    padded.windows(weights.len()).map(|w| w.iter().zip(&weights).map(|(v, k)| v * k).sum()).collect()
}

/// `values` smoothed as a line whose ends go on as they are.
pub(super) fn smooth_line(values: &[f64], sigma: f64) -> Vec<f64> {
    let weights = kernel(sigma);
    let radius = weights.len() / 2;
    let Some(last) = values.len().checked_sub(1) else { return Vec::new() };
    (0..values.len())
        .map(|i| weights.iter().enumerate().map(|(k, w)| w * values[(i + k).saturating_sub(radius).min(last)]).sum())
        .collect()
}

/// Rows of `columns` values each, smoothed across the rows as a ring; the order of the work keeps the inner loop contiguous.
pub(super) fn smooth_ring_of_rows(rows: &[f32], columns: usize, sigma: f64) -> Vec<f32> {
    let n = rows.len() / columns.max(1);
    let mut out = vec![0.0_f32; rows.len()];
    if n == 0 {
        return out;
    }
    let weights: Vec<f32> = kernel(sigma).into_iter().map(|w| w as f32).collect();
    let radius = weights.len() / 2;
    let row = |i: usize| &rows[i % n * columns..(i % n + 1) * columns];
    let first = n - radius % n;
    for (i, target) in out.chunks_exact_mut(columns).enumerate() {
        // Symmetric weights: two rows at equal distance share one factor.
        let centre = row(i);
        let w = weights[radius];
        target.iter_mut().zip(centre).for_each(|(t, c)| *t = w * c);
        for (k, w) in weights[..radius].iter().enumerate() {
            let (before, after) = (row(first + i + k), row(i + radius - k));
            for ((t, a), b) in target.iter_mut().zip(before).zip(after) {
                *t += w * (a + b);
            }
        }
    }
    out
}

/// The median; the mean of the two middle values for an even count; NaN for none.
pub(super) fn median(values: &mut [f64]) -> f64 {
    let n = values.len();
    if n == 0 {
        return f64::NAN;
    }
    let (below, &mut upper, _) = values.select_nth_unstable_by(n / 2, f64::total_cmp);
    if n % 2 == 1 {
        return upper;
    }
    let lower = below.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    f64::midpoint(lower, upper)
}

/// 1.4826 × the median absolute deviation from the median: the SD of normal data, unmoved by outliers.
pub(super) fn robust_sd(values: &mut [f64]) -> f64 {
    let m = median(values);
    for v in values.iter_mut() {
        *v = (*v - m).abs();
    }
    1.4826 * median(values)
}

/// The value at quantile `q` (0..=1) with linear interpolation between ranks; NaN for none.
pub(super) fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    let rank = q * (values.len() - 1) as f64;
    let (_, &mut lower, above) = values.select_nth_unstable_by(rank.floor() as usize, f64::total_cmp);
    let upper = above.iter().copied().fold(f64::INFINITY, f64::min);
    if upper.is_finite() { lower + (upper - lower) * rank.fract() } else { lower }
}

/// The error function, to 1.2e-7 (Numerical Recipes in C, §6.2: Chebyshev fit of erfc).
pub(super) fn erf(x: f64) -> f64 {
    const C: [f64; 10] = [
        -1.265_512_23,
        1.000_023_68,
        0.374_091_96,
        0.096_784_18,
        -0.186_288_06,
        0.278_868_07,
        -1.135_203_98,
        1.488_515_87,
        -0.822_152_23,
        0.170_872_77,
    ];
    let t = 1.0 / (1.0 + 0.5 * x.abs());
    let poly = C.iter().rev().fold(0.0, |sum, c| sum * t + c);
    let erfc = t * (-x * x + poly).exp();
    if x >= 0.0 { 1.0 - erfc } else { erfc - 1.0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn statistics_of_known_sets() {
        assert_eq!(median(&mut [3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(&mut [4.0, 1.0, 2.0, 3.0]), 2.5);
        assert!(median(&mut []).is_nan());
        assert!((robust_sd(&mut [1.0, 1.0, 2.0, 2.0, 4.0, 6.0, 9.0]) - 1.4826).abs() < 1e-12);
        assert!((quantile(&mut [10.0, 20.0, 30.0, 40.0, 50.0, 60.0], 0.6) - 40.0).abs() < 1e-12);
        assert!((quantile(&mut [0.0, 1.0], 0.25) - 0.25).abs() < 1e-12);
    }

    #[test]
    fn erf_of_tabulated_arguments() {
        // Abramowitz & Stegun, table 7.1.
        for (x, y) in [(0.0, 0.0), (0.5, 0.520_499_877_8), (1.0, 0.842_700_792_9), (2.0, 0.995_322_265_0)] {
            assert!((erf(x) - y).abs() < 2e-7, "erf({x}) = {}", erf(x));
            assert!((erf(-x) + y).abs() < 2e-7);
        }
    }

    proptest! {
        #[test]
        fn a_ring_keeps_its_mean_and_turns_with_its_values(
            values in proptest::collection::vec(-9.0_f64..9.0, 1..40), turn in 0_usize..40, sigma in 0.1_f64..6.0
        ) {
            let n = values.len();
            let smooth = smooth_ring(&values, sigma);
            prop_assert!((smooth.iter().sum::<f64>() - values.iter().sum::<f64>()).abs() < 1e-9);
            let turned: Vec<f64> = (0..n).map(|i| values[(i + turn) % n]).collect();
            for (i, v) in smooth_ring(&turned, sigma).into_iter().enumerate() {
                prop_assert!((v - smooth[(i + turn) % n]).abs() < 1e-9);
            }
            let rows: Vec<f32> = values.iter().flat_map(|&v| [v as f32, 2.0 * v as f32, 1.0]).collect();
            for (row, v) in smooth_ring_of_rows(&rows, 3, sigma).chunks_exact(3).zip(&smooth) {
                prop_assert!((f64::from(row[0]) - v).abs() < 1e-4 && (f64::from(row[1]) - 2.0 * v).abs() < 1e-4);
                prop_assert!((row[2] - 1.0).abs() < 1e-5);
            }
        }
    }
}
