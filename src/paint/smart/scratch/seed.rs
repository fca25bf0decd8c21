//! The arc near a click that stands out most: all directions, bends, offsets, lengths, scales and both polarities.

use std::f64::consts::PI;

use super::ridge::{LENGTHS, Ridge, SCALES, STRIDE, arc};
use super::{ScratchError, ScratchTracer, unit};
use crate::raster::{Photo, Point};

/// The arc `centre + t·d + bend·(2t/length)²·n` for |t| ≤ length / 2.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seed {
    pub centre: Point,
    pub angle: f64,
    /// How far the ends lie off the tangent, px.
    pub bend: f64,
    pub length: f64,
    /// +1 for a dark line, −1 for a bright one.
    pub sign: f32,
    /// Mean response along the arc times `sign`.
    pub mean: f32,
    /// Sum along the arc over that of plain ground.
    pub z: f32,
    /// Noise of the response per pixel of length: that of plain ground along the same direction, by √length.
    pub noise: f32,
}

impl Seed {
    /// Position and heading at `t` px along the tangent from the centre.
    pub fn at(&self, t: f64) -> (Point, f64) {
        let (dx, dy) = unit(self.angle);
        let off = self.bend * (2.0 * t / self.length).powi(2);
        let slope = 8.0 * self.bend * t / (self.length * self.length);
        (Point::new(self.centre.x + t * dx - off * dy, self.centre.y + t * dy + off * dx), self.angle + slope.atan())
    }
}

/// The best arc within reach of `click`, with the response at its scale; an error when it does not stand out from plain ground.
pub(super) fn find<'a>(photo: &'a Photo, click: Point, settings: &ScratchTracer) -> Result<(Seed, Ridge<'a>), ScratchError> {
    let mut best: Option<(Seed, Ridge<'a>)> = None;
    for scale_index in 0..SCALES.len() {
        let ridge = Ridge::around(photo, scale_index, click);
        if let Some(seed) = best_arc(&ridge, click, settings.reach_px)
            && best.as_ref().is_none_or(|(b, _)| seed.z > b.z)
        {
            best = Some((seed, ridge));
        }
    }
    match best {
        Some(found) if found.0.z >= settings.level => Ok(found),
        other => Err(ScratchError::NoLine { found: other.map_or(0.0, |(s, _)| s.z), needed: settings.level }),
    }
}

/// Directions that are kept apart.
const SECTORS: usize = 36;

fn best_arc(ridge: &Ridge<'_>, click: Point, reach: f64) -> Option<Seed> {
    let mut best: Option<Seed> = None;
    let reach = reach.clamp(0.0, 32.0).round() as i32;
    for &length in &LENGTHS {
        let length_f = length as f64;
        // Neighbouring directions differ by 1.3 px at the ends.
        // The best of every few degrees; which of them is best of all is decided with the ground measured along each.
        let mut by_direction: [Option<Seed>; SECTORS] = [None; SECTORS];
        let angles = (PI * length_f / 2.0 / 1.3).ceil() as usize;
        let bends: &[f64] =
            if length < 50 { &[0.0, -2.0, 2.0, -4.0, 4.0] } else { &[0.0, -2.0, 2.0, -4.0, 4.0, -6.5, 6.5, -9.0, 9.0] };
        for k in 0..angles {
            let angle = PI * k as f64 / angles as f64;
            let (dx, dy) = unit(angle);
            let sd = ridge.ground_sd(length_f, angle);
            for &bend in bends {
                let arc = arc(length, angle, bend);
                for o in -reach..=reach {
                    let centre = Point::new(click.x - f64::from(o) * dy, click.y + f64::from(o) * dx);
                    let (mut sum, mut n) = (0.0_f32, 0_usize);
                    for (ax, ay, w) in &arc {
                        if let Some(h) = ridge.hessian_at(centre.x + ax, centre.y + ay) {
                            sum += h[0] * w[0] + h[1] * w[1] + h[2] * w[2];
                            n += 1;
                        }
                    }
                    // Near the border an arc may be shorter, but not so short that it counts as another length.
                    let covered = n * STRIDE;
                    if covered * 5 < length * 2 {
                        continue;
                    }
                    let z = sum.abs() * STRIDE as f32 / (sd * (covered as f32 / length as f32).sqrt());
                    let sector = &mut by_direction[k * SECTORS / angles];
                    if sector.is_none_or(|b| z > b.z) {
                        let (sign, mean) = (sum.signum(), sum.abs() / n as f32);
                        *sector = Some(Seed { centre, angle, bend, length: length_f, sign, mean, z, noise: sd });
                    }
                }
            }
        }
        for mut seed in by_direction.into_iter().flatten() {
            // The exact ground is hardly less than the rough one: what stands out less than the best so far is out.
            if seed.z <= best.map_or(0.0, |b| b.z) {
                continue;
            }
            let sd = ridge.ground_along(length, seed.angle, seed.bend, 15).max(0.95 * seed.noise);
            seed.z *= seed.noise / sd;
            seed.noise = sd / (length as f32).sqrt();
            if best.is_none_or(|b| seed.z > b.z) {
                best = Some(seed);
            }
        }
    }
    best
}
