//! Where exactly the edge lies at every point, once it is known roughly where it is and what it looks like.
//!
//! The peak of a step response uses the slope of a profile alone and wanders with its noise. Here every profile is compared with the
//! mean of all profiles of the region, aligned on the edge: the shift that explains the difference best (least squares with free level
//! and contrast, one Gauss–Newton step per round) has about a third of the variance. How far the texture of the background moves that
//! shift is measured on the background itself, with the same filter.

use super::frame::Frame;
use super::gauss;
use super::noise::{LineFilter, Noise};
use super::outline::Outline;
use super::trace::{Responses, STEP};

/// Rounds of Gauss–Newton steps.
const ROUNDS: usize = 2;
/// Half of the window of a profile that is compared: this many σ and px.
const WINDOW: (f64, f64) = (2.5, 1.5);
/// The largest half window, px.
const WIDEST: f64 = 12.0;
/// SD of the contrast along one contour, as a share of its mean: what the fit takes for likely.
const CONTRAST_SPREAD: f64 = 0.2;
/// Smoothing of the mean profile before it is differentiated, in σ of the edge, and the least, px.
const SLOPE_SMOOTHING: (f64, f64) = (0.35, 0.4);

/// Samples beyond the window that the smoothed slope needs.
const MARGIN: usize = 6;

/// The linear fit of one profile against the mean: what one sample of the difference adds to the shift, and to the contrast.
struct Fit {
    shift: Vec<f64>,
    contrast: Vec<f64>,
}

impl Fit {
    /// `mean`: the mean profile, rising outwards, with [`MARGIN`] samples more than the window at both ends. `noise`: SD of one sample.
    fn new(mean: &[f64], sigma: f64, noise: f64) -> Option<Self> {
        let smooth = gauss::smooth_line(mean, (SLOPE_SMOOTHING.0 * sigma).max(SLOPE_SMOOTHING.1) / STEP);
        let window = MARGIN..mean.len() - MARGIN;
        let slope: Vec<f64> = window.clone().map(|k| (smooth[k + 1] - smooth[k - 1]) / (2.0 * STEP)).collect();
        // The level is free: both are taken free of it.
        let step = without_mean(&mean[window]);
        let bump = without_mean(&slope);
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let prior = (noise / CONTRAST_SPREAD).powi(2);
        let (ss, sb, bb) = (dot(&step, &step) + prior, dot(&step, &bump), dot(&bump, &bump));
        let det = ss * bb - sb * sb;
        if det.is_nan() || det <= 1e-9 * ss * bb || ss <= 0.0 {
            return None;
        }
        // A profile whose edge lies further out by d is lower by d · slope.
        let shift = step.iter().zip(&bump).map(|(s, b)| -(ss * b - sb * s) / det).collect();
        let contrast = step.iter().zip(&bump).map(|(s, b)| (bb * s - sb * b) / det).collect();
        Some(Self { shift, contrast })
    }
}

fn without_mean(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|v| v - mean).collect()
}

/// Edge positions with their noise.
pub(super) struct Refined {
    /// Distance of the edge from each outline point along its normal, px, + = outside the label.
    pub along: Vec<f64>,
    /// SD by which the background moves that distance, px.
    pub noise: Vec<f64>,
    /// SD of the Gaussian along the contour that both went through, points.
    pub smoothing: f64,
}

pub(super) struct Request<'a> {
    pub frame: &'a Frame,
    /// Places that show background.
    pub background: &'a [(u32, u32)],
    pub outline: &'a Outline,
    pub responses: &'a Responses,
    /// +1 = brighter than the surroundings, −1 = darker, per point.
    pub signs: &'a [f32],
    /// Smoothing along the contour, px.
    pub smoothing: f64,
    /// Reach of the search, px.
    pub search: f64,
}

/// Refines the path `along` (px) to an edge of blur `sigma`. None when the mean profile on it is no step.
pub(super) fn refine(r: &Request<'_>, along: &[f64], sigma: f64) -> Option<Refined> {
    let n = r.outline.len();
    let smooth = |values: &[f64]| -> Vec<f64> {
        r.outline.contours.iter().flat_map(|c| gauss::smooth_ring(&values[c.clone()], r.smoothing)).collect()
    };
    let open: Vec<usize> = (0..n).filter(|&i| r.responses.is_open(i)).collect();
    if open.len() < 5 {
        return None;
    }
    let half = ((WINDOW.0 * sigma + WINDOW.1) / STEP).round().clamp(4.0, WIDEST / STEP) as usize;
    let samples = 2 * (half + MARGIN) + 1;
    let window = MARGIN..samples - MARGIN;
    let reach = (half + MARGIN) as f64 * STEP;
    let mut along = smooth(along);
    let mut own = along.clone();
    let mut profiles = vec![0.0_f32; open.len() * samples];
    let (mut shifts, mut contrasts) = (vec![0.0; n], vec![0.0; n]);
    let mut fit = None;
    let limit = sigma + 0.5;
    for _ in 0..ROUNDS {
        let mut mean = vec![0.0; samples];
        for (&i, p) in open.iter().zip(profiles.chunks_exact_mut(samples)) {
            let start = r.outline.moved(i, along[i] - reach);
            r.frame.sample_line(start.x, start.y, STEP * r.outline.nx[i], STEP * r.outline.ny[i], p);
            // Rising outwards, level taken off.
            let level = p[window.clone()].iter().sum::<f32>() / window.len() as f32;
            for (m, v) in mean.iter_mut().zip(p.iter_mut()) {
                *v = -r.signs[i] * (*v - level);
                *m += f64::from(*v);
            }
        }
        for m in &mut mean {
            *m /= open.len() as f64;
        }
        let squares: f64 =
            profiles.chunks_exact(samples).map(|p| window.clone().map(|k| (f64::from(p[k]) - mean[k]).powi(2)).sum::<f64>()).sum();
        let noise = (squares / (open.len() * window.len()) as f64).sqrt();
        let current = Fit::new(&mean, sigma, noise)?;
        for (&i, p) in open.iter().zip(profiles.chunks_exact(samples)) {
            let (mut s, mut c) = (0.0, 0.0);
            for (k, (a, b)) in window.clone().zip(current.shift.iter().zip(&current.contrast)) {
                let difference = f64::from(p[k]) - mean[k];
                s += a * difference;
                c += b * difference;
            }
            (shifts[i], contrasts[i]) = (s, c);
        }
        let contrasts = smooth(&contrasts);
        for &i in &open {
            let by = shifts[i] / (1.0 + contrasts[i]).clamp(0.5, 2.0);
            own[i] = (along[i] + by.clamp(-limit, limit)).clamp(-r.search, r.search);
        }
        along = smooth(&own);
        fit = Some(current);
    }
    let filter = LineFilter { weights: &fit?.shift, spacing: STEP, lateral: r.smoothing };
    let background = Noise::of_line_filter(r.frame, r.background, &filter);
    let noise = (0..n).map(|i| background.along(r.outline.nx[i], r.outline.ny[i])).collect();
    Some(Refined { along, noise, smoothing: r.smoothing })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A Gaussian edge of blur `sigma`, `place` px out, in the samples that a fit reads.
    fn edge(sigma: f64, place: f64, contrast: f64, level: f64) -> Vec<f64> {
        let half = ((WINDOW.0 * sigma + WINDOW.1) / STEP).round() as i32 + MARGIN as i32;
        (-half..=half)
            .map(|k| level + contrast * 0.5 * (1.0 + gauss::erf((f64::from(k) * STEP - place) / sigma / std::f64::consts::SQRT_2)))
            .collect()
    }

    #[test]
    fn a_fit_reads_shift_and_contrast_and_is_blind_to_the_level() {
        for sigma in [0.8, 1.5, 3.0] {
            let mean = edge(sigma, 0.0, 60.0, 0.0);
            let fit = Fit::new(&mean, sigma, 0.0).unwrap();
            let read = |profile: &[f64], weights: &[f64]| -> f64 {
                (MARGIN..mean.len() - MARGIN).zip(weights).map(|(k, w)| w * (profile[k] - mean[k])).sum()
            };
            for place in [-0.2, 0.1, 0.2] {
                let shift = read(&edge(sigma, place, 60.0, 25.0), &fit.shift);
                // One linear step reads a shift within a fifth; the smoothed slope is a little too flat for sharp edges.
                assert!((shift - place).abs() < 0.2 * place.abs() + 0.01, "σ {sigma}: {place} reads {shift}");
            }
            let contrast = read(&edge(sigma, 0.0, 72.0, 0.0), &fit.contrast);
            assert!((contrast - 0.2).abs() < 0.01, "σ {sigma}: {contrast}");
            assert!(read(&edge(sigma, 0.0, 72.0, -9.0), &fit.shift).abs() < 0.02);
        }
        assert!(Fit::new(&vec![5.0; 40], 1.0, 1.0).is_none());
    }
}
