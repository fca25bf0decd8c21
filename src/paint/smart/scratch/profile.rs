//! The cross-section of a line: a bar blurred by the optics, fitted to the average over the line.

use super::Polarity;
use super::refine::{normals, value_at};
use crate::raster::{Photo, Point};

/// Samples per pixel across.
const PER_PX: f64 = 4.0;

/// What the average profile across a line says.
#[derive(Clone, Debug)]
pub(super) struct CrossSection {
    /// Where the middle lies off the given line, px.
    pub centre: f32,
    /// Full visible width at half contrast, px.
    pub width: f32,
    pub polarity: Polarity,
    /// Raw units, > 0.
    pub contrast: f32,
    bar: f64,
    blur: f64,
    reach: f64,
}

impl CrossSection {
    /// Fits the average over the whole line; `sign` +1 for dark lines. None when every profile meets a pixel that is no number.
    pub fn fit(photo: &Photo, points: &[Point], scale: f32, sign: f32) -> Option<Self> {
        let reach = 7.0 + 4.0 * f64::from(scale);
        let profile = average(photo, points, 0.0, reach)?;
        let mut best: Option<Fit> = None;
        let mut blur = 0.5;
        while blur <= 2.6 {
            let mut bar = 0.5;
            while bar <= 12.0 {
                for centre in -4..=4 {
                    keep_best(&mut best, &profile, reach, bar, blur, f64::from(centre) * 0.25);
                }
                bar *= 1.12;
            }
            blur += 0.3;
        }
        let fit = best?;
        let width = width_at_half(fit.bar, fit.blur);
        let height = fit.height * peak(fit.bar, fit.blur);
        let polarity = if sign > 0.0 { Polarity::Dark } else { Polarity::Bright };
        let plain = Self {
            centre: fit.centre as f32,
            width: width as f32,
            polarity,
            contrast: height.abs() as f32,
            bar: fit.bar,
            blur: fit.blur,
            reach,
        };
        Some(plain.or_embossed(&profile, &fit, height))
    }

    /// A second bar of the opposite sign right beside the first: the two sides of a groove under raking light.
    fn or_embossed(self, profile: &[f64], fit: &Fit, height: f64) -> Self {
        let width = f64::from(self.width);
        let mut other: Option<(f64, f64)> = None;
        for (i, v) in profile.iter().enumerate() {
            let t = i as f64 / PER_PX - self.reach - fit.centre;
            if t.abs() > 0.5 * width && t.abs() < 1.5 * width + 1.0 {
                let ground = fit.base + fit.slope * (t + fit.centre);
                let against = -(v - ground) * height.signum();
                if other.is_none_or(|o| against > o.0) {
                    other = Some((against, t));
                }
            }
        }
        match other {
            Some((against, t)) if against > 0.5 * height.abs() => Self {
                centre: (fit.centre + t / 2.0) as f32,
                width: (t.abs() + width) as f32,
                polarity: Polarity::Embossed,
                contrast: (height.abs() + against) as f32,
                ..self
            },
            _ => self,
        }
    }

    /// Half of the visible width at every point, px, from stretches long enough to stand out fifteen times from the noise.
    pub fn half_widths(&self, photo: &Photo, points: &[Point], snr_per_px: f32) -> Vec<f32> {
        let whole = self.width / 2.0;
        let stretch = ((15.0 / snr_per_px).powi(2)).clamp(16.0, 1e6) as usize;
        if self.polarity == Polarity::Embossed || points.len() < 2 * stretch {
            return vec![whole; points.len()];
        }
        let mut knots: Vec<(f32, f32)> = Vec::new();
        let mut start = 0;
        while start + stretch <= points.len() {
            if let Some(profile) = average(photo, &points[start..start + stretch], 0.0, self.reach) {
                let mut best: Option<Fit> = None;
                let mut bar = (self.bar / 3.0).max(0.3);
                while bar <= self.bar * 2.5 + 0.5 {
                    for centre in -2..=2 {
                        keep_best(&mut best, &profile, self.reach, bar, self.blur, f64::from(centre) * 0.25);
                    }
                    bar *= 1.1;
                }
                let half = best.map_or(whole, |f| (width_at_half(f.bar, self.blur) / 2.0) as f32);
                knots.push(((start + stretch / 2) as f32, half.clamp(whole * 0.4, whole * 2.5)));
            }
            start += stretch / 2;
        }
        let at = |i: f32| match knots.partition_point(|k| k.0 <= i) {
            0 => knots.first().map_or(whole, |k| k.1),
            n if n == knots.len() => knots[n - 1].1,
            n => {
                let (a, b) = (knots[n - 1], knots[n]);
                a.1 + (b.1 - a.1) * (i - a.0) / (b.0 - a.0)
            }
        };
        (0..points.len()).map(|i| at(i as f32)).collect()
    }
}

/// base + slope·t + height·bar(t − centre).
#[derive(Clone, Copy, Debug)]
struct Fit {
    bar: f64,
    blur: f64,
    centre: f64,
    base: f64,
    slope: f64,
    height: f64,
    rest: f64,
}

/// Linear least squares for base, slope and height at a given shape; kept when the rest is smaller.
fn keep_best(best: &mut Option<Fit>, profile: &[f64], reach: f64, bar: f64, blur: f64, centre: f64) {
    // Ground and bar are not orthogonal: Gram-Schmidt on [1, t, bar].
    let n = profile.len() as f64;
    let t = |i: usize| i as f64 / PER_PX - reach;
    let shape: Vec<f64> = (0..profile.len()).map(|i| blurred_bar(t(i) - centre, bar, blur)).collect();
    let tt: f64 = (0..profile.len()).map(|i| t(i) * t(i)).sum();
    let project = |v: &[f64]| {
        let mean = v.iter().sum::<f64>() / n;
        let slope = v.iter().enumerate().map(|(i, v)| v * t(i)).sum::<f64>() / tt;
        (mean, slope)
    };
    let ((ps, pm), (ss, sm)) = (project(profile), project(&shape));
    let (mut dot, mut norm, mut all) = (0.0, 0.0, 0.0);
    for i in 0..profile.len() {
        let p = profile[i] - ps - pm * t(i);
        let s = shape[i] - ss - sm * t(i);
        dot += p * s;
        norm += s * s;
        all += p * p;
    }
    if norm <= 0.0 {
        return;
    }
    let height = dot / norm;
    let rest = all - dot * height;
    if best.is_none_or(|b| rest < b.rest) {
        *best = Some(Fit { bar, blur, centre, base: ps - height * ss, slope: pm - height * sm, height, rest });
    }
}

/// The mean profile across the line; each is taken relative to its own ground, which a shaded part changes along the line.
fn average(photo: &Photo, points: &[Point], shift: f64, reach: f64) -> Option<Vec<f64>> {
    let samples = (2.0 * reach * PER_PX).round() as usize + 1;
    let (mut sums, mut n) = (vec![0.0_f64; samples], 0_u32);
    for (p, normal) in points.iter().zip(normals(points)) {
        let row: Option<Vec<f32>> = (0..samples)
            .map(|i| {
                let t = i as f64 / PER_PX - reach + shift;
                value_at(photo, p.x + t * normal.0, p.y + t * normal.1)
            })
            .collect();
        if let Some(row) = row {
            sums.iter_mut().zip(&row).for_each(|(s, v)| *s += f64::from(*v));
            n += 1;
        }
    }
    (n > 0).then(|| sums.iter().map(|s| s / f64::from(n)).collect())
}

/// A bar of height 1 and width `bar` blurred by a Gaussian, at `t` from its middle.
fn blurred_bar(t: f64, bar: f64, blur: f64) -> f64 {
    normal_cdf((t + bar / 2.0) / blur) - normal_cdf((t - bar / 2.0) / blur)
}

fn peak(bar: f64, blur: f64) -> f64 {
    blurred_bar(0.0, bar, blur)
}

/// Full width of the blurred bar at half of its own top, by bisection.
fn width_at_half(bar: f64, blur: f64) -> f64 {
    let half = peak(bar, blur) / 2.0;
    let (mut low, mut high) = (0.0, bar + 6.0 * blur);
    for _ in 0..40 {
        let middle = f64::midpoint(low, high);
        if blurred_bar(middle, bar, blur) > half { low = middle } else { high = middle }
    }
    2.0 * low
}

/// The normal distribution; Abramowitz & Stegun 7.1.26, error below 1.5e-7.
fn normal_cdf(x: f64) -> f64 {
    let z = x.abs() / std::f64::consts::SQRT_2;
    let t = 1.0 / (1.0 + 0.327_591_1 * z);
    let poly = t * (0.254_829_592 + t * (-0.284_496_736 + t * (1.421_413_741 + t * (-1.453_152_027 + t * 1.061_405_429))));
    let erf = 1.0 - poly * (-z * z).exp();
    if x < 0.0 { 0.5 * (1.0 - erf) } else { 0.5 * (1.0 + erf) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_blurred_bar_has_the_published_width() {
        // A bar of 3 px at blurs of 0.7, 1.5 and 3 px.
        for (blur, width, top) in [(0.7, 3.056, 0.968), (1.5, 4.157, 0.683), (3.0, 7.364, 0.383)] {
            assert!((width_at_half(3.0, blur) - width).abs() < 0.005);
            assert!((peak(3.0, blur) - top).abs() < 0.001);
        }
    }
}
