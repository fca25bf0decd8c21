//! Takes the displacements of a contour apart: too large or too small (bias), sitting elsewhere (shift), and the rest (spread).

use super::gauss;

/// Rounds of re-weighting; the weights have settled long before.
const ROUNDS: usize = 8;
/// Pull of the shift towards 0, as a share of the weights: a straight scratch cannot see a shift along itself.
const RIDGE: f64 = 0.03;
/// Residuals beyond this many robust SDs count less (Huber).
const HUBER: f64 = 1.5;

/// `displacement ≈ bias + normal · shift`, px.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    pub bias: f64,
    pub shift: (f64, f64),
    /// Robust SD of what neither explains.
    pub spread: f64,
}

/// Weighted Huber regression by iterated re-weighting. All slices have one length; weights ≥ 0. All zero when no weight is.
pub(super) fn decompose(displacement: &[f64], nx: &[f64], ny: &[f64], weights: &[f64]) -> Parts {
    let n = displacement.len();
    let mut parts = Parts::default();
    if weights.iter().sum::<f64>() <= 0.0 {
        return parts;
    }
    let mut current = weights.to_vec();
    let mut residuals = vec![0.0; n];
    // Points without weight must not decide what a normal residual is.
    let counted = |r: &[f64]| -> Vec<f64> { r.iter().zip(weights).filter(|(_, w)| **w > 0.0).map(|(r, _)| *r).collect() };
    for _ in 0..ROUNDS {
        let mut m = [[0.0_f64; 3]; 3];
        let mut v = [0.0_f64; 3];
        for i in 0..n {
            let row = [1.0, nx[i], ny[i]];
            for a in 0..3 {
                let w = current[i] * row[a];
                v[a] += w * displacement[i];
                for b in a..3 {
                    m[a][b] += w * row[b];
                }
            }
        }
        m[1][0] = m[0][1];
        m[2][0] = m[0][2];
        m[2][1] = m[1][2];
        let ridge = RIDGE * m[0][0];
        m[1][1] += ridge;
        m[2][2] += ridge;
        let Some([b, x, y]) = solve(m, v) else { return parts };
        parts = Parts { bias: b, shift: (x, y), spread: 0.0 };
        for i in 0..n {
            residuals[i] = displacement[i] - b - nx[i] * x - ny[i] * y;
        }
        let mut sizes = counted(&residuals);
        for r in &mut sizes {
            *r = r.abs();
        }
        let scale = 1.4826 * gauss::median(&mut sizes) + 1e-3;
        for i in 0..n {
            current[i] = weights[i] * (HUBER * scale / residuals[i].abs().max(1e-9)).min(1.0);
        }
    }
    parts.spread = gauss::robust_sd(&mut counted(&residuals));
    parts
}

/// Cramer's rule; None for a singular matrix.
fn solve(m: [[f64; 3]; 3], v: [f64; 3]) -> Option<[f64; 3]> {
    let det = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = det(&m);
    if whole.is_nan() || whole.abs() <= 1e-30 {
        return None;
    }
    Some(std::array::from_fn(|column| {
        let mut replaced = m;
        for row in 0..3 {
            replaced[row][column] = v[row];
        }
        det(&replaced) / whole
    }))
}

/// The smallest of `values` below or at which the share `q` of the weight lies; NaN without weight.
pub(super) fn weighted_quantile(values: &[f64], weights: &[f64], q: f64) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).filter(|&i| weights[i] > 0.0).collect();
    order.sort_unstable_by(|&a, &b| values[a].total_cmp(&values[b]));
    let wanted = q * order.iter().map(|&i| weights[i]).sum::<f64>();
    let mut sum = 0.0;
    for &i in &order {
        sum += weights[i];
        if sum >= wanted - 1e-12 {
            return values[i];
        }
    }
    order.last().map_or(f64::NAN, |&i| values[i])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// A circle that is too large by b and sits (x, y) off reads just that; the ridge takes a known share of the shift:
        /// Σnnᵀ/n = ½, so it keeps 0.5 / 0.53.
        #[test]
        fn a_circle_reads_bias_and_shift(b in -4.0_f64..4.0, x in -3.0_f64..3.0, y in -3.0_f64..3.0) {
            let n = 200;
            let (mut nx, mut ny, mut d) = (Vec::new(), Vec::new(), Vec::new());
            for i in 0..n {
                let (s, c) = (std::f64::consts::TAU * f64::from(i) / f64::from(n)).sin_cos();
                nx.push(c);
                ny.push(s);
                d.push(b + c * x + s * y);
            }
            let p = decompose(&d, &nx, &ny, &vec![1.0; n as usize]);
            prop_assert!((p.bias - b).abs() < 0.02 * (x.hypot(y) + 0.1), "{p:?}");
            prop_assert!((p.shift.0 - x * 0.5 / 0.53).abs() < 0.03 * (x.hypot(y) + 0.1), "{p:?}");
            prop_assert!((p.shift.1 - y * 0.5 / 0.53).abs() < 0.03 * (x.hypot(y) + 0.1), "{p:?}");
        }
    }

    #[test]
    fn outliers_move_the_bias_little_and_weightless_points_not_at_all() {
        let n = 120;
        let (nx, ny): (Vec<f64>, Vec<f64>) =
            (0..n).map(|i| (std::f64::consts::TAU * f64::from(i) / f64::from(n)).sin_cos()).map(|(s, c)| (c, s)).unzip();
        let d: Vec<f64> = (0..n).map(|i| if i % 10 == 0 { 8.0 } else { 1.0 }).collect();
        let p = decompose(&d, &nx, &ny, &vec![1.0; n as usize]);
        assert!((p.bias - 1.0).abs() < 0.05 && p.spread < 0.05, "{p:?}");
        let weights: Vec<f64> = (0..n).map(|i| if i % 10 == 0 { 0.0 } else { 1.0 }).collect();
        let p = decompose(&d, &nx, &ny, &weights);
        assert!((p.bias - 1.0).abs() < 1e-9);
        assert_eq!(decompose(&d, &nx, &ny, &vec![0.0; n as usize]), Parts::default());
    }

    #[test]
    fn a_weighted_quantile_follows_the_weight() {
        let v = [5.0, 1.0, 3.0];
        assert_eq!(weighted_quantile(&v, &[1.0, 1.0, 1.0], 0.5), 3.0);
        assert_eq!(weighted_quantile(&v, &[8.0, 1.0, 1.0], 0.5), 5.0);
        assert_eq!(weighted_quantile(&v, &[0.0, 1.0, 1.0], 1.0), 3.0);
        assert!(weighted_quantile(&v, &[0.0; 3], 0.9).is_nan());
    }
}
