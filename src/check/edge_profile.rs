//! The mean profile across the found edge: how wide the edge is, and where its half level lies against the found path.
//!
//! The idea of ISO 12233 (slanted edge), applied along a contour: all profiles are aligned on their own edge and averaged, so noise
//! falls with √n and the blur of the photo remains.

use super::frame::Frame;
use super::gauss;
use super::outline::Outline;
use super::trace::{Responses, STEP, Trace};

/// Smoothing of the path on which the profiles are aligned, points. A path that follows the noise of every profile would sharpen their
/// mean.
const PATH_SMOOTHING: f64 = 4.0;
/// Points weaker than this many background SDs take no part.
const MIN_STRENGTH: f64 = 3.0;
/// The profile reaches this far to both sides, px.
const REACH: f64 = 14.0;
/// Share of the contrast that a step back may have inside one monotone edge.
const RIPPLE: f64 = 0.01;
/// The contrast inside this distance is compared with the contrast inside [`FAR`], px.
const NEAR: f64 = 2.0;
const FAR: f64 = 8.0;
/// Depth of the region in widths of the blurred step response, up to which the half level counts in full, and from which on it counts
/// least.
const CROWDED: f64 = 1.4;
const LONELY: f64 = 2.5;
const LEAST_GAIN: f64 = 0.4;

#[derive(Clone, Copy, Debug)]
pub(super) struct EdgeProfile {
    /// SD of the blur, px: half the distance between the 16 % and the 84 % level. NaN when there is no step-like edge.
    pub sigma: f64,
    /// Where the half level lies, px outwards from the found path; NaN when unknown.
    pub half_level: f64,
}

impl EdgeProfile {
    pub const NONE: Self = Self { sigma: f64::NAN, half_level: f64::NAN };

    /// σ, or `other` when there is none.
    pub fn sigma_or(&self, other: f64) -> f64 {
        if self.sigma.is_finite() { self.sigma } else { other }
    }

    pub fn measure(frame: &Frame, outline: &Outline, responses: &Responses, trace: &Trace) -> Self {
        let Some(mean) = mean_profile(frame, outline, responses, trace) else { return Self::NONE };
        let Some((width, half_level)) = width_and_half_level(&mean) else { return Self::NONE };
        let thickness = Thickness::of(outline, trace);
        let half_thickness = thickness.half.clamp(1.5, FAR);
        let sigma = match (width, spread_of_contrast(&mean, half_thickness)) {
            (Some(a), Some(b)) if half_thickness >= 5.0 => a.max(b),
            (Some(a), _) => a,
            (None, Some(b)) => b,
            (None, None) => f64::NAN,
        };
        // The peak of the step response is the better place for an edge that stands alone, and drifts outwards where the opposite
        // edge is near; the half level does not drift, but takes up shading and noise.
        let loneliness = thickness.depth / responses.scale.hypot(sigma);
        let gain = ((LONELY - loneliness) / (LONELY - CROWDED)).clamp(LEAST_GAIN, 1.0);
        let half_level = half_level.map_or(f64::NAN, |h| if gain.is_finite() { gain * h } else { h });
        Self { sigma, half_level }
    }
}

/// The sample at the edge.
fn centre() -> usize {
    (REACH / STEP) as usize
}

/// Mean of all profiles aligned on their edge, turned so that it rises outwards, least value 0.
fn mean_profile(frame: &Frame, outline: &Outline, responses: &Responses, trace: &Trace) -> Option<Vec<f64>> {
    let n = 2 * centre() + 1;
    let mut sums = vec![0.0_f64; n];
    let mut line = vec![0.0_f32; n];
    let mut count = 0_u32;
    for c in &outline.contours {
        let path = gauss::smooth_ring(&trace.along[c.clone()], PATH_SMOOTHING);
        let strong: Vec<usize> = c.clone().filter(|&i| trace.strength[i] >= MIN_STRENGTH).collect();
        let open: Vec<usize> = strong.iter().copied().filter(|&i| responses.is_open(i)).collect();
        // Profiles that run over a neighbour or the part's edge are left out, unless hardly any others exist.
        let chosen = if open.len() as f64 >= (0.2 * c.len() as f64).max(5.0) { open } else { strong };
        if chosen.len() < 5 {
            continue;
        }
        for i in chosen {
            let start = outline.moved(i, path[i - c.start] - REACH);
            frame.sample_line(start.x, start.y, STEP * outline.nx[i], STEP * outline.ny[i], &mut line);
            let sign = trace.signs[i];
            sums.iter_mut().zip(&line).for_each(|(s, v)| *s -= f64::from(sign * v));
            count += 1;
        }
    }
    if count == 0 {
        return None;
    }
    let gain = 1.0 / f64::from(count);
    let floor = sums.iter().map(|s| s * gain).fold(f64::INFINITY, f64::min);
    Some(sums.into_iter().map(|s| s * gain - floor).collect())
}

/// σ from the 16–84 % width of the monotone run around the middle, and the place of its half level. None = no step.
fn width_and_half_level(e: &[f64]) -> Option<(Option<f64>, Option<f64>)> {
    let middle = centre();
    let ripple = RIPPLE * e.iter().copied().fold(0.0, f64::max);
    let (mut low, mut high) = (middle, middle);
    while low > 0 && e[low - 1] <= e[low] + ripple {
        low -= 1;
    }
    while high + 1 < e.len() && e[high + 1] >= e[high] - ripple {
        high += 1;
    }
    let bottom = e[low..=middle].iter().copied().fold(f64::INFINITY, f64::min);
    let top = e[middle..=high].iter().copied().fold(0.0, f64::max);
    if top - bottom <= 1e-6 {
        return None;
    }
    let level = |k: usize| (e[k] - bottom) / (top - bottom);
    let position = |k: usize| (k as f64 - middle as f64) * STEP;
    // The crossing next to the found edge counts.
    let crossing = |q: f64| {
        (low..high)
            .filter(|&k| level(k) < q && level(k + 1) >= q)
            .min_by(|&a, &b| (position(a) + STEP / 2.0).abs().total_cmp(&(position(b) + STEP / 2.0).abs()))
            .map(|k| position(k) + (q - level(k)) / (level(k + 1) - level(k)) * STEP)
    };
    let width = crossing(0.8413).zip(crossing(0.1587)).map(|(b, a)| (b - a) / 2.0);
    Some((width, crossing(0.5)))
}

/// How thick the found region is, px.
struct Thickness {
    /// Area ÷ length of the contours: r/2 of a disk, w/2 of a strip.
    half: f64,
    /// From the edge to the middle: r of a disk, w/2 of a strip; between the two for shapes between.
    depth: f64,
}

impl Thickness {
    fn of(outline: &Outline, trace: &Trace) -> Self {
        let (mut area, mut length) = (0.0, 0.0);
        for c in &outline.contours {
            let (a, l) = outline.area_and_length(c, &gauss::smooth_ring(&trace.along[c.clone()], 2.0));
            area += a;
            length += l;
        }
        let half = f64::abs(area) / f64::max(length, 1e-6);
        // 4πA/L² is 1 for a disk and goes to 0 for a long strip.
        let roundness = (4.0 * std::f64::consts::PI * half / length.max(1e-6)).min(1.0);
        Self { half, depth: half * (1.0 + roundness) }
    }
}

/// A second opinion on σ for edges with long skirts: the blur that would leave the observed share of the wide contrast within
/// ±[`NEAR`] px. The inside of the region is only `half_thickness` px deep.
fn spread_of_contrast(e: &[f64], half_thickness: f64) -> Option<f64> {
    let at = |t: f64| {
        let k = (t + REACH) / STEP;
        let i = (k as usize).min(e.len() - 2);
        e[i] + (e[i + 1] - e[i]) * (k - i as f64)
    };
    let near = NEAR.min(half_thickness);
    let wide = at(FAR) - at(-half_thickness);
    if wide <= 1e-6 {
        return None;
    }
    let share = ((at(near) - at(-near)) / wide).clamp(0.05, 0.999);
    let expected = |sigma: f64| {
        let part = |t: f64| gauss::erf(t / sigma / std::f64::consts::SQRT_2);
        2.0 * part(near) / (part(FAR) + part(half_thickness))
    };
    // The share falls with the blur.
    let (mut sharp, mut soft) = (0.3_f64, 20.0_f64);
    for _ in 0..24 {
        let middle = (sharp * soft).sqrt();
        if expected(middle) > share {
            sharp = middle;
        } else {
            soft = middle;
        }
    }
    Some((sharp * soft).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ideal edge of blur `sigma` at `place` px.
    fn ideal(sigma: f64, place: f64) -> Vec<f64> {
        (0..=2 * centre())
            .map(|k| {
                let t = (k as f64 - centre() as f64) * STEP - place;
                30.0 * (1.0 + gauss::erf(t / sigma / std::f64::consts::SQRT_2))
            })
            .collect()
    }

    #[test]
    fn an_ideal_edge_reads_its_blur_and_its_place() {
        for sigma in [0.7, 1.0, 2.0, 3.0] {
            for place in [-0.4, 0.0, 0.3] {
                let e = ideal(sigma, place);
                let (width, half) = width_and_half_level(&e).unwrap();
                assert!((width.unwrap() - sigma).abs() < 0.05, "σ {sigma}: {width:?}");
                assert!((half.unwrap() - place).abs() < 0.03, "{place}: {half:?}");
            }
            let spread = spread_of_contrast(&ideal(sigma, 0.0), 8.0).unwrap();
            assert!((spread - sigma).abs() < 0.06, "σ {sigma}: {spread}");
        }
    }

    #[test]
    fn a_flat_profile_has_no_edge() {
        let e = vec![0.0; 2 * centre() + 1];
        assert_eq!(width_and_half_level(&e), None);
        assert_eq!(spread_of_contrast(&e, 4.0), None);
    }
}
