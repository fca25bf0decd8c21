//! The incomplete beta function, on which all binomial probabilities rest.

/// Regularised incomplete beta function `I(x; a, b)`, 0..=1, for `a, b > 0`; x is taken into 0..=1.
///
/// Continued fraction of Abramowitz and Stegun 26.5.8, evaluated by the modified method of Lentz (Thompson and Barnett 1986).
#[must_use]
pub(super) fn regularized_beta(x: f64, a: f64, b: f64) -> f64 {
    if x <= 0.0 {
        return 0.0;
    }
    if x >= 1.0 {
        return 1.0;
    }
    // The fraction converges fast on this side of the mean; on the other by symmetry.
    if x > (a + 1.0) / (a + b + 2.0) {
        return 1.0 - regularized_beta(1.0 - x, b, a);
    }
    let front = (ln_gamma(a + b) - ln_gamma(a) - ln_gamma(b) + a * x.ln() + b * (-x).ln_1p()).exp();
    (front * fraction(x, a, b) / a).clamp(0.0, 1.0)
}

fn fraction(x: f64, a: f64, b: f64) -> f64 {
    const TINY: f64 = 1e-300;
    let keep = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut c = 1.0;
    let mut d = 1.0 / keep(1.0 - (a + b) * x / (a + 1.0));
    let mut value = d;
    // About √max(a, b) steps are needed.
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / keep(1.0 + even * d);
        c = keep(1.0 + even / c);
        value *= c * d;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / keep(1.0 + odd * d);
        c = keep(1.0 + odd / c);
        value *= c * d;
        if (c * d - 1.0).abs() < 1e-15 {
            break;
        }
    }
    value
}

/// Logarithm of the gamma function for `x > 0`: Stirling's series (Abramowitz and Stegun 6.1.41) from 15 on, below by the recurrence.
fn ln_gamma(x: f64) -> f64 {
    let (mut shifted, mut product) = (x, 1.0);
    while shifted < 15.0 {
        product *= shifted;
        shifted += 1.0;
    }
    let i2 = 1.0 / (shifted * shifted);
    let series = (1.0 / 12.0 - i2 * (1.0 / 360.0 - i2 * (1.0 / 1260.0 - i2 * (1.0 / 1680.0 - i2 / 1188.0)))) / shifted;
    (shifted - 0.5) * shifted.ln() - shifted + 0.5 * std::f64::consts::TAU.ln() + series - product.ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gamma_at_whole_and_half_numbers() {
        let mut factorial = 1.0_f64;
        for n in 1..60 {
            assert!((ln_gamma(f64::from(n)) - factorial.ln()).abs() < 1e-12 * factorial.ln().max(1.0), "{n}");
            factorial *= f64::from(n);
        }
        assert!((ln_gamma(0.5) - std::f64::consts::PI.sqrt().ln()).abs() < 1e-13);
    }

    #[test]
    fn beta_has_closed_forms_and_a_symmetry() {
        for x in [0.0, 1e-9, 0.1, 0.37, 0.5, 0.9, 1.0] {
            for a in [0.5, 1.0, 3.0, 40.0, 1e6] {
                assert!((regularized_beta(x, a, 1.0) - x.powf(a)).abs() < 1e-11, "{x} {a}");
                let mirrored = 1.0 - regularized_beta(1.0 - x, 1.0, a);
                assert!((mirrored - x.powf(a)).abs() < 1e-11, "{x} {a}");
            }
            // Arcsine distribution.
            let arcsine = 2.0 / std::f64::consts::PI * f64::sqrt(x).asin();
            assert!((regularized_beta(x, 0.5, 0.5) - arcsine).abs() < 1e-12, "{x}");
        }
    }
}
