//! The camera: lens falloff and blur, exposure, shot and read noise, 8 bits.

use crate::raster::{Photo, Plane};

use super::random::Random;

/// Standard deviation of the blur of lens and sensor, in pixels.
const BLUR_SIGMA: f32 = 0.68;
/// Noise of the empty sensor, in gray levels.
const READ_NOISE: f32 = 0.35;
/// Variance of the shot noise per gray level of signal: 255 gray levels are about 128 000 electrons.
const SHOT_VARIANCE: f32 = 0.002;

/// Takes a picture of `scene` (1 = white at exposure 1).
pub(super) fn expose(scene: &Plane<f32>, exposure: f32, random: &mut Random) -> Photo {
    let sharp = blur(scene);
    let (cx, cy) = (scene.width() as f32 / 2.0, scene.height() as f32 / 2.0);
    Photo::Gray8(Plane::from_fn(scene.width(), scene.height(), |x, y| {
        let (u, v) = ((x as f32 + 0.5 - cx) / cx, (y as f32 + 0.5 - cy) / cx);
        let r2 = u * u + v * v;
        let lens = 1.0 - 0.15 * r2 - 0.03 * r2 * r2;
        let signal = (255.0 * exposure * lens * sharp.at(x, y)).max(0.0);
        let noise = random.normal() * (READ_NOISE * READ_NOISE + SHOT_VARIANCE * signal).sqrt();
        (signal + noise + 0.5).clamp(0.0, 255.0) as u8
    }))
}

/// Gaussian blur with [`BLUR_SIGMA`], seven taps each way.
fn blur(plane: &Plane<f32>) -> Plane<f32> {
    let mut taps = [0.0_f32; 7];
    for (i, tap) in taps.iter_mut().enumerate() {
        let d = i as f32 - 3.0;
        *tap = (-d * d / (2.0 * BLUR_SIGMA * BLUR_SIGMA)).exp();
    }
    let sum: f32 = taps.iter().sum();
    let pass = |p: &Plane<f32>, dx: i64, dy: i64| {
        Plane::from_fn(p.width(), p.height(), |x, y| {
            let at = |k: i64| p.at_clamped(i64::from(x) + k * dx, i64::from(y) + k * dy);
            taps.iter().enumerate().map(|(i, tap)| tap * at(i as i64 - 3)).sum::<f32>() / sum
        })
    };
    pass(&pass(plane, 1, 0), 0, 1)
}
