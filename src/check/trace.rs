//! One pass along the outline: profiles along the normals, step response at one scale, and the cheapest closed path through it.

use super::closed_path::Band;
use super::frame::Frame;
use super::gauss;
use super::noise::Noise;
use super::outline::Outline;

/// Distance between samples of a profile, px.
pub(super) const STEP: f64 = 0.5;

/// Price of a change by one sample between neighbouring points, in units of the typical edge response.
const STIFFNESS: f32 = 0.04;
/// Price of a distance of 1 px from the label, growing with its square: where the image says nothing, the label is believed.
const PULL: f32 = 0.0015;
/// A response above this multiple of the typical one earns no more …
const ENOUGH: f32 = 1.15;
/// … and what is above it costs this share of it, up to one typical response: an edge much stronger than the rest of the contour is
/// rather that of the part, of a neighbour or of a glint.
const SURPLUS: f32 = 0.5;
/// Directions with strong texture are believed less, but not less than this.
const LEAST_TRUST: f64 = 0.25;
/// Least share of independent looks along a found edge that is much shorter than the label.
const LEAST_LOOKS: f64 = 0.1;

/// The step response of every point at every distance from the label, at one scale.
pub(super) struct Responses {
    /// SD of the Gaussian whose derivative answers to the step, px.
    pub scale: f64,
    /// `columns` values per point at distances −search … +search, [`STEP`] apart, + = outside the label. An ideal step that falls by
    /// 1 on the way out gives −1.
    values: Vec<f32>,
    /// Which of `values` a ray may reach; empty = all.
    free: Vec<bool>,
    columns: usize,
    /// SD of the response over the background at the normal of every point, gray.
    noise: Vec<f64>,
}

impl Responses {
    /// Samples profiles to `search` + 3 · `scale` px on both sides, averages them along each contour (Gaussian of `lateral` px, points
    /// lie 1 px apart) and differentiates with a Gaussian of `scale` px.
    pub fn measure(frame: &Frame, outline: &Outline, search: f64, scale: f64, lateral: f64, noise: &Noise) -> Self {
        let weights = step_weights(scale);
        let half = (search / STEP).round() as usize;
        let wide = half + weights.len();
        let (columns, samples) = (2 * half + 1, 2 * wide + 1);
        let mut profiles = vec![0.0_f32; outline.len() * samples];
        for (i, row) in profiles.chunks_exact_mut(samples).enumerate() {
            let start = outline.moved(i, -(wide as f64) * STEP);
            frame.sample_line(start.x, start.y, STEP * outline.nx[i], STEP * outline.ny[i], row);
        }
        let mut values = Vec::with_capacity(outline.len() * columns);
        for c in &outline.contours {
            let smooth = gauss::smooth_ring_of_rows(&profiles[c.start * samples..c.end * samples], samples, lateral);
            for row in smooth.chunks_exact(samples) {
                let start = values.len();
                values.resize(start + columns, 0.0);
                let target = &mut values[start..];
                for (k, w) in weights.iter().enumerate() {
                    let after = &row[weights.len() + k + 1..][..columns];
                    let before = &row[weights.len() - k - 1..][..columns];
                    for ((t, a), b) in target.iter_mut().zip(after).zip(before) {
                        *t += w * (a - b);
                    }
                }
            }
        }
        let mut out = Self { scale, values, free: Vec::new(), columns, noise: Vec::with_capacity(outline.len()) };
        out.noise.extend((0..outline.len()).map(|i| noise.along(outline.nx[i], outline.ny[i])));
        if frame.has_obstacles() {
            out.stop_rays(frame, outline, half);
        }
        out
    }

    /// Once a ray has left the free area it does not come back.
    fn stop_rays(&mut self, frame: &Frame, outline: &Outline, half: usize) {
        self.free = vec![false; self.values.len()];
        for i in 0..outline.len() {
            let row = &mut self.free[i * self.columns..(i + 1) * self.columns];
            for outwards in [true, false] {
                for k in 0..=half {
                    let (column, along) = if outwards { (half + k, k as f64) } else { (half - k, -(k as f64)) };
                    let p = outline.moved(i, along * STEP);
                    row[column] = frame.is_free(p.x, p.y);
                    if !row[column] {
                        break;
                    }
                }
            }
            let values = &mut self.values[i * self.columns..(i + 1) * self.columns];
            for (v, _) in values.iter_mut().zip(&*row).filter(|(_, free)| !**free) {
                *v = 0.0;
            }
        }
    }

    /// Height of the edge that `trace` found at point `i`, gray.
    pub fn height(&self, trace: &Trace, i: usize) -> f64 {
        trace.strength[i] * self.noise[i]
    }

    /// The label's own boundary at point `i` lies where no ray may start.
    pub fn is_blocked(&self, i: usize) -> bool {
        !self.free.is_empty() && !self.free[i * self.columns + self.columns / 2]
    }

    /// The whole ray of point `i` is free.
    pub fn is_open(&self, i: usize) -> bool {
        self.free.is_empty() || self.free[i * self.columns..(i + 1) * self.columns].iter().all(|&f| f)
    }

    /// Response of point `i` in column `k`, + for a step of the sought sign.
    fn gain_at(&self, i: usize, polarity: f32) -> impl Fn(usize) -> f64 {
        let row = &self.values[i * self.columns..(i + 1) * self.columns];
        move |k| -f64::from(polarity) * f64::from(row[k])
    }

    /// Finds the edge of a step of known sign at every point: +1 = the region is brighter than its surroundings there, −1 = darker.
    pub fn trace(&self, outline: &Outline, signs: Vec<f32>) -> Trace {
        let n = outline.len();
        let mut peaks: Vec<f64> = self
            .values
            .chunks_exact(self.columns)
            .enumerate()
            .filter(|(i, _)| !self.is_blocked(*i))
            .map(|(i, row)| f64::from(row.iter().fold(0.0_f32, |m, v| m.max(-signs[i] * v))))
            .collect();
        let contrast = gauss::quantile(&mut peaks, 0.6).max(1e-6);
        let quietest = self.noise.iter().copied().fold(f64::INFINITY, f64::min);
        let half = self.columns / 2;
        let pull: Vec<f32> = (0..self.columns).map(|k| PULL * ((k as f32 - half as f32) * STEP as f32).powi(2)).collect();
        let mut costs = Vec::with_capacity(self.values.len());
        for ((row, noise), sign) in self.values.chunks_exact(self.columns).zip(&self.noise).zip(&signs) {
            let trust = (quietest / noise).clamp(LEAST_TRUST, 1.0) as f32;
            let gain = -sign / contrast as f32;
            costs.extend(row.iter().zip(&pull).map(|(v, p)| p - trust * worth(gain * v)));
        }
        let mut out = Trace {
            signs,
            along: Vec::with_capacity(n),
            strength: Vec::with_capacity(n),
            contrast,
            mean_strength: 0.0,
            score: 0.0,
            fold: 0.0,
        };
        let (mut earned, mut counted) = (0.0, 0_u32);
        for c in &outline.contours {
            let path = Band::new(&costs[c.start * self.columns..c.end * self.columns], self.columns, STIFFNESS).cheapest();
            for (i, k) in c.clone().zip(&path) {
                let g = self.gain_at(i, out.signs[i]);
                out.along.push((*k as f64 - half as f64 + peak_offset(*k, self.columns, g)) * STEP);
            }
            // Where the found edge is much shorter than the label, neighbouring rays look at the same pixels: averaging along the
            // contour takes away less noise there, by the root of the ratio.
            let (label_area, label_length) = outline.area_and_length(c, &vec![0.0; c.len()]);
            let (area, length) = outline.area_and_length(c, &gauss::smooth_ring(&out.along[c.clone()], 2.0));
            let looks = (length / label_length).clamp(LEAST_LOOKS, 1.0).sqrt();
            if c.start == 0 {
                out.fold = area / label_area;
            }
            for (i, k) in c.clone().zip(path) {
                out.strength.push(looks * self.gain_at(i, out.signs[i])(k) / self.noise[i]);
                if !self.is_blocked(i) {
                    out.mean_strength += out.strength[i];
                    earned -= f64::from(costs[i * self.columns + k]);
                    counted += 1;
                }
            }
        }
        out.mean_strength /= f64::from(counted.max(1));
        out.score = earned / f64::from(counted.max(1)) * contrast;
        out
    }
}

/// What a response, in units of the typical one, earns a path.
fn worth(response: f32) -> f32 {
    response.clamp(0.0, ENOUGH) - SURPLUS * (response - ENOUGH).clamp(0.0, 1.0)
}

/// Weights of the differences `p(t + k·STEP) − p(t − k·STEP)`, k = 1 …, that answer to an ideal unit step with 1 at the step.
fn step_weights(scale: f64) -> Vec<f32> {
    let count = (3.0 * scale / STEP).ceil() as usize;
    let raw: Vec<f64> = (1..=count).map(|k| k as f64 * (-0.5 * (k as f64 * STEP / scale).powi(2)).exp()).collect();
    let sum: f64 = raw.iter().sum();
    raw.into_iter().map(|w| (w / sum) as f32).collect()
}

/// Where between its neighbours the peak at column `k` lies, −1..=1 samples, by a parabola through the three; 0 at the ends.
fn peak_offset(k: usize, columns: usize, g: impl Fn(usize) -> f64) -> f64 {
    if k == 0 || k + 1 >= columns {
        return 0.0;
    }
    let (a, b, c) = (g(k - 1), g(k), g(k + 1));
    let curvature = a - 2.0 * b + c;
    if curvature < -1e-9 { (0.5 * (a - c) / curvature).clamp(-1.0, 1.0) } else { 0.0 }
}

/// The edge that one pass found.
#[derive(Clone, Debug)]
pub(super) struct Trace {
    /// Sign of the step that was sought, per point.
    pub signs: Vec<f32>,
    /// Distance of the edge from each outline point along its normal, px, + = outside the label.
    pub along: Vec<f64>,
    /// Response at the edge ÷ response of the background.
    pub strength: Vec<f64>,
    /// Typical height of the edge over the region, gray.
    pub contrast: f64,
    pub mean_strength: f64,
    /// What the path earned per point, in gray: compares signs.
    pub score: f64,
    /// Area inside the found edge ÷ area of the label, for the longest contour; near 0 or below when the path turned inside out.
    pub fold: f64,
}

impl Trace {
    /// The sign that all points share; None for an embossed region.
    pub fn polarity(&self) -> Option<f32> {
        let first = *self.signs.first()?;
        self.signs.iter().all(|s| *s == first).then_some(first)
    }

    /// The found edge encloses something.
    pub fn is_upright(&self) -> bool {
        self.fold > 0.05
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_step_answers_with_one() {
        for scale in [1.0, 2.0, 3.5, 4.3] {
            assert!((step_weights(scale).iter().sum::<f32>() - 1.0).abs() < 1e-5);
        }
    }

    #[test]
    fn a_parabola_is_found_exactly() {
        for peak in [9.6, 10.0, 10.4] {
            let g = |k: usize| 5.0 - (k as f64 - peak).powi(2);
            assert!((peak_offset(10, 21, g) - (peak - 10.0)).abs() < 1e-12);
        }
        assert_eq!(peak_offset(0, 21, |_| 1.0), 0.0);
        assert_eq!(peak_offset(20, 21, |_| 1.0), 0.0);
        assert_eq!(peak_offset(7, 21, |_| 1.0), 0.0);
    }
}
