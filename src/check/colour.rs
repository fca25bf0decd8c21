//! Which mixture of red, green and blue shows a region best.
//!
//! Fisher's linear discriminant (1936): of all projections onto one axis, `w = Σ⁻¹ (μ_in − μ_out)` has the largest distance of the
//! means over the SD of the background. Luma stays in use unless the discriminant is clearly better, so a gray photo in colour
//! pixels reads as the same photo in gray.

use crate::raster::geometry::PixelRect;
use crate::raster::photo::Photo;
use crate::raster::plane::Plane;
use crate::raster::runs::Run;

/// Contrast-to-noise must be this much better than that of luma.
const CLEARLY_BETTER: f64 = 1.25;
/// Pixels of the region that are looked at, about.
const SAMPLES: u64 = 2000;
/// Rec. 601, as the photo's own gray.
const LUMA: [f64; 3] = [0.299, 0.587, 0.114];

/// The gray plane of `rect` in the best projection of a colour photo; None when luma will do, or when the photo is gray.
///
/// `background`: places in the coordinates of `rect` that show no defect. `floor`: less noise (SD) than that is not believed. The
/// sizes of the weights sum to 1.
pub(super) fn best_projection(
    photo: &Photo,
    rect: PixelRect,
    runs: &[Run],
    background: &[(u32, u32)],
    floor: f64,
) -> Option<Plane<f32>> {
    if !matches!(photo, Photo::Rgb8(_) | Photo::Rgb16(_)) || background.len() < 3 {
        return None;
    }
    let at = |x: u32, y: u32| photo.rgb_at(x, y).map(f64::from);
    let outside: Vec<[f64; 3]> = background.iter().map(|&(x, y)| at(x + rect.x0, y + rect.y0)).collect();
    let pixels: u64 = runs.iter().map(|r| u64::from(r.len())).sum();
    let step = pixels.div_ceil(SAMPLES).max(1) as usize;
    let inside: Vec<[f64; 3]> =
        runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (x, r.y))).step_by(step).map(|(x, y)| at(x, y)).collect();
    let (m_in, m_out) = (mean(&inside)?, mean(&outside)?);
    let difference: [f64; 3] = std::array::from_fn(|c| m_in[c] - m_out[c]);
    let spread = covariance(&outside, m_out, floor);
    let weights = solve(spread, difference)?;
    let size: f64 = weights.iter().map(|w| w.abs()).sum();
    if !size.is_finite() || size <= 1e-12 {
        return None;
    }
    let weights = weights.map(|w| w / size);
    if ratio(weights, difference, spread) < CLEARLY_BETTER * ratio(LUMA, difference, spread) {
        return None;
    }
    let [r, g, b] = weights.map(|w| w as f32);
    let project = |[x, y, z]: [f32; 3]| r * x + g * y + b * z;
    match photo {
        Photo::Rgb8(p) => Some(p.crop(rect).map(|v| project(v.map(f32::from)))),
        Photo::Rgb16(p) => Some(p.crop(rect).map(|v| project(v.map(f32::from)))),
        _ => None,
    }
}

fn mean(values: &[[f64; 3]]) -> Option<[f64; 3]> {
    let n = values.len() as f64;
    (n > 0.0).then(|| std::array::from_fn(|c| values.iter().map(|v| v[c]).sum::<f64>() / n))
}

fn covariance(values: &[[f64; 3]], mean: [f64; 3], floor: f64) -> [[f64; 3]; 3] {
    let n = values.len() as f64;
    std::array::from_fn(|a| {
        std::array::from_fn(|b| {
            let sum: f64 = values.iter().map(|v| (v[a] - mean[a]) * (v[b] - mean[b])).sum();
            sum / n + if a == b { floor * floor } else { 0.0 }
        })
    })
}

/// Distance of the means over the SD of the background, along `w`.
fn ratio(w: [f64; 3], difference: [f64; 3], spread: [[f64; 3]; 3]) -> f64 {
    let contrast: f64 = (0..3).map(|c| w[c] * difference[c]).sum();
    let variance: f64 = (0..3).flat_map(|a| (0..3).map(move |b| (a, b))).map(|(a, b)| w[a] * w[b] * spread[a][b]).sum();
    contrast.abs() / variance.max(1e-30).sqrt()
}

/// Solves a symmetric positive definite system by Cholesky; None for any other.
fn solve(m: [[f64; 3]; 3], v: [f64; 3]) -> Option<[f64; 3]> {
    let mut l = [[0.0_f64; 3]; 3];
    for i in 0..3 {
        for j in 0..=i {
            let rest = m[i][j] - (0..j).map(|k| l[i][k] * l[j][k]).sum::<f64>();
            if i != j {
                l[i][j] = rest / l[j][j];
            } else if rest > 1e-12 {
                l[i][i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    let mut y = v;
    for i in 0..3 {
        y[i] = (y[i] - (0..i).map(|k| l[i][k] * y[k]).sum::<f64>()) / l[i][i];
    }
    for i in (0..3).rev() {
        y[i] = (y[i] - (i + 1..3).map(|k| l[k][i] * y[k]).sum::<f64>()) / l[i][i];
    }
    Some(y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// No other direction does better: the discriminant is the maximum of the ratio.
        #[test]
        fn no_projection_beats_the_discriminant(
            a in proptest::array::uniform9(-2.0_f64..2.0), d in proptest::array::uniform3(-50.0_f64..50.0),
            w in proptest::array::uniform3(-1.0_f64..1.0)
        ) {
            // A·Aᵀ + I is positive definite.
            let spread: [[f64; 3]; 3] = std::array::from_fn(|i| std::array::from_fn(|j| {
                (0..3).map(|k| a[3 * i + k] * a[3 * j + k]).sum::<f64>() + f64::from(u8::from(i == j))
            }));
            prop_assume!(d.iter().any(|v| v.abs() > 1.0));
            let best = solve(spread, d).unwrap();
            for i in 0..3 {
                let product: f64 = (0..3).map(|j| spread[i][j] * best[j]).sum();
                prop_assert!((product - d[i]).abs() < 1e-8 * (1.0 + d[i].abs()));
            }
            prop_assert!(ratio(best, d, spread) >= ratio(w, d, spread) - 1e-9);
        }
    }

    #[test]
    fn gray_in_colour_pixels_stays_gray_and_one_channel_is_found() {
        let rect = PixelRect::of_size(40, 40);
        let runs: Vec<Run> = (10..20).map(|y| Run { y, x0: 10, x1: 20, value: 1 }).collect();
        let background: Vec<(u32, u32)> = (25..40).flat_map(|y| (0..40).map(move |x| (x, y))).collect();
        let noise = |x: u32, y: u32| ((x * 7 + y * 13) % 11) as u8;
        let inside = |x: u32, y: u32| u8::from((10..20).contains(&x) && (10..20).contains(&y));
        let gray = Photo::Rgb8(Plane::from_fn(40, 40, |x, y| [100 + 30 * inside(x, y) + noise(x, y); 3]));
        assert_eq!(best_projection(&gray, rect, &runs, &background, 0.5), None);
        let blue = Photo::Rgb8(Plane::from_fn(40, 40, |x, y| {
            [100 + noise(x, y), 100 + noise(y, x + 3), 100 + 30 * inside(x, y) + noise(x + 5, y)]
        }));
        let plane = best_projection(&blue, rect, &runs, &background, 0.5).unwrap();
        assert!((plane.at(15, 15) - plane.at(30, 30)).abs() > 15.0);
        assert_eq!(best_projection(&Photo::Gray8(Plane::filled(40, 40, 3)), rect, &runs, &background, 0.5), None);
    }
}
