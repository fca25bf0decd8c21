//! What values foreground and background have: smoothed histograms of gray or colour.

use crate::paint::smart::plane_filters::gaussian_weights;

/// Bins of a gray histogram.
const GRAY: usize = 96;
/// Bins of each channel of a colour histogram.
const COLOUR: usize = 16;
/// Share of evenly spread values in every model, so that no value is impossible.
const EVEN: f32 = 0.02;

/// Maps values to bins, the same for both models.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bins {
    from: [f32; 3],
    scale: [f32; 3],
    is_gray: bool,
}

impl Bins {
    /// Bins between the 0.2 % and 99.8 % quantiles of the values.
    pub fn of(values: &[[f32; 3]], is_gray: bool) -> Self {
        let n = if is_gray { GRAY } else { COLOUR };
        let (mut from, mut scale) = ([0.0; 3], [0.0; 3]);
        let step = values.len() / 20_000 + 1;
        for c in 0..3 {
            let mut sample: Vec<f32> = values.iter().step_by(step).map(|v| v[c]).filter(|v| v.is_finite()).collect();
            if sample.is_empty() {
                continue;
            }
            sample.sort_unstable_by(f32::total_cmp);
            let at = |q: f32| sample[((sample.len() - 1) as f32 * q).round() as usize];
            let (low, high) = (at(0.002), at(0.998));
            from[c] = low;
            scale[c] = if high > low { n as f32 / (high - low) } else { 0.0 };
        }
        Self { from, scale, is_gray }
    }

    pub fn bin(&self, v: [f32; 3]) -> usize {
        let n = if self.is_gray { GRAY } else { COLOUR };
        let one = |c: usize| (((v[c] - self.from[c]) * self.scale[c]).max(0.0) as usize).min(n - 1);
        if self.is_gray { one(0) } else { (one(0) * COLOUR + one(1)) * COLOUR + one(2) }
    }

    const fn count(&self) -> usize {
        if self.is_gray { GRAY } else { COLOUR * COLOUR * COLOUR }
    }

    /// Logarithm of the density relative to an even spread, for every bin.
    pub fn log_density(&self, bins: impl Iterator<Item = usize>) -> Vec<f32> {
        let mut counts = vec![0.0_f32; self.count()];
        let mut total = 0.0_f32;
        for bin in bins {
            counts[bin] += 1.0;
            total += 1.0;
        }
        let smooth = if self.is_gray { smooth_gray(&counts, total) } else { smooth_colour(counts) };
        let even = 1.0 / smooth.len() as f32;
        let sum = smooth.iter().sum::<f32>();
        let share = if sum > 0.0 { (1.0 - EVEN) / sum } else { 0.0 };
        smooth.iter().map(|c| ((c * share + EVEN * even) / even).ln()).collect()
    }
}

/// Gaussian smoothing by Silverman's rule (1986): wide for a few strokes, narrow for many pixels.
fn smooth_gray(counts: &[f32], total: f32) -> Vec<f32> {
    if total == 0.0 {
        return counts.to_vec();
    }
    let moment = |p: i32| counts.iter().enumerate().map(|(i, c)| c * (i as f32).powi(p)).sum::<f32>() / total;
    let spread = (moment(2) - moment(1).powi(2)).max(0.0).sqrt();
    let weights = gaussian_weights((1.06 * spread * total.powf(-0.2)).clamp(1.0, 8.0), 0);
    let r = weights.len() / 2;
    let mut out = vec![0.0; counts.len()];
    for (i, &c) in counts.iter().enumerate().filter(|(_, c)| **c > 0.0) {
        for (k, w) in weights.iter().enumerate() {
            // What would fall off the ends stays in the last bins.
            out[(i + k).saturating_sub(r).min(counts.len() - 1)] += c * w;
        }
    }
    out
}

/// Two passes of [1 2 1] / 4 along each channel.
fn smooth_colour(mut counts: Vec<f32>) -> Vec<f32> {
    for _ in 0..2 {
        for stride in [1, COLOUR, COLOUR * COLOUR] {
            let old = counts.clone();
            for (i, c) in counts.iter_mut().enumerate() {
                let at = i / stride % COLOUR;
                let before = if at > 0 { old[i - stride] } else { old[i] };
                let after = if at + 1 < COLOUR { old[i + stride] } else { old[i] };
                *c = (before + 2.0 * old[i] + after) / 4.0;
            }
        }
    }
    counts
}
