//! How much edge response the background alone gives, by direction: brushed metal has strong texture across the brush and none along it.

use std::f64::consts::{FRAC_PI_4, PI};

use super::frame::Frame;
use super::gauss;
use crate::raster::plane::Plane;
use crate::raster::runs::Run;

/// Directions of the step filters: 0°, 45°, 90°, 135° from +x towards +y.
const DIRECTIONS: usize = 4;

/// Background pixels at which the filters are evaluated; their responses are correlated over several pixels, so more tell no more.
const SAMPLES: usize = 700;

/// SD of the step response over the background, per direction of the normal, in gray values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    by_direction: [f64; DIRECTIONS],
    floor: f64,
}

impl Noise {
    /// Oriented step filters (derivative of a Gaussian of `scale` px along the normal, Gaussian of `lateral` px across, unit step → 1)
    /// over the ring from `search + 2·scale` to `3·search` px around the region; robust SD per direction, at least `floor`.
    pub fn around(frame: &Frame, runs: &[Run], search: f64, scale: f64, lateral: f64, floor: f64) -> Self {
        let inner = (search + 2.0 * scale) as u32;
        let places = frame.background(runs, inner, ((3.0 * search) as u32).max(inner + 4), SAMPLES);
        let filters = Filters::new(scale, lateral);
        let mut responses: [Vec<f64>; DIRECTIONS] = std::array::from_fn(|_| Vec::with_capacity(places.len()));
        for (x, y) in places {
            let at = filters.at(&frame.gray, x, y);
            for (all, r) in responses.iter_mut().zip(at) {
                all.push(f64::from(r));
            }
        }
        let by_direction = responses.map(|mut r| if r.is_empty() { floor } else { gauss::robust_sd(&mut r) });
        Self { by_direction, floor }
    }

    /// The SD for a normal (nx, ny), between the two nearest directions; never below the floor.
    pub fn along(&self, nx: f64, ny: f64) -> f64 {
        let turn = ny.atan2(nx).rem_euclid(PI) / FRAC_PI_4;
        let (i, f) = (turn as usize % DIRECTIONS, turn.fract());
        ((1.0 - f) * self.by_direction[i] + f * self.by_direction[(i + 1) % DIRECTIONS]).max(self.floor)
    }
}

/// The four step filters, weights of the four directions side by side per pixel.
struct Filters {
    radius: usize,
    weights: Vec<[f32; DIRECTIONS]>,
}

impl Filters {
    fn new(scale: f64, lateral: f64) -> Self {
        let radius = (3.0 * scale.max(lateral)).ceil() as i64;
        let mut weights = Vec::with_capacity(((2 * radius + 1) * (2 * radius + 1)) as usize);
        for y in -radius..=radius {
            for x in -radius..=radius {
                weights.push(std::array::from_fn(|d| {
                    let (sin, cos) = (d as f64 * FRAC_PI_4).sin_cos();
                    let (u, w) = (x as f64 * cos + y as f64 * sin, y as f64 * cos - x as f64 * sin);
                    u * (-u * u / (2.0 * scale * scale) - w * w / (2.0 * lateral * lateral)).exp()
                }));
            }
        }
        // An ideal unit step through the centre answers with the sum of the positive half.
        let sums: [f64; DIRECTIONS] =
            std::array::from_fn(|d| weights.iter().map(|w: &[f64; DIRECTIONS]| w[d].max(0.0)).sum::<f64>().max(1e-12));
        let weights = weights.iter().map(|w| std::array::from_fn(|d| (w[d] / sums[d]) as f32)).collect();
        Self { radius: radius as usize, weights }
    }

    /// Responses at the centre of pixel (x, y); outside the plane the nearest pixel counts.
    fn at(&self, gray: &Plane<f32>, x: u32, y: u32) -> [f32; DIRECTIONS] {
        let (r, side) = (self.radius, 2 * self.radius + 1);
        let (x, y) = (x as usize, y as usize);
        // Four partial sums break the chain of dependent additions.
        let mut sums = [[0.0_f32; DIRECTIONS]; 4];
        let (w, h) = (gray.width() as usize, gray.height() as usize);
        let is_inside = x >= r && y >= r && x + r < w && y + r < h;
        // Opposite weights differ in sign alone, so half of them, on the differences of opposite pixels, do: all rows above the
        // middle one and the left half of that.
        for (j, weights) in self.weights.chunks_exact(side).take(r + 1).enumerate() {
            let weights = if j < r { weights } else { &weights[..r] };
            if is_inside {
                let row = &gray.row((y + j - r) as u32)[x - r..][..weights.len()];
                let opposite = &gray.row((y + r - j) as u32)[x + r + 1 - weights.len()..=x + r];
                let (mut values, mut factors) = (row.chunks_exact(4), weights.chunks_exact(4));
                let mut others = opposite.rchunks_exact(4);
                for ((v, o), k) in (&mut values).zip(&mut others).zip(&mut factors) {
                    for lane in 0..4 {
                        let difference = v[lane] - o[3 - lane];
                        for d in 0..DIRECTIONS {
                            sums[lane][d] += difference * k[lane][d];
                        }
                    }
                }
                let rest = values.remainder().iter().zip(others.remainder().iter().rev());
                for ((v, o), k) in rest.zip(factors.remainder()) {
                    for d in 0..DIRECTIONS {
                        sums[0][d] += (v - o) * k[d];
                    }
                }
            } else {
                let near = |at: usize, limit: usize| at.saturating_sub(r).min(limit - 1) as u32;
                let (row, opposite) = (near(y + j, h), near(y + 2 * r - j, h));
                for (i, k) in weights.iter().enumerate() {
                    let difference = gray.at(near(x + i, w), row) - gray.at(near(x + 2 * r - i, w), opposite);
                    for d in 0..DIRECTIONS {
                        sums[0][d] += difference * k[d];
                    }
                }
            }
        }
        std::array::from_fn(|d| sums[0][d] + sums[1][d] + sums[2][d] + sums[3][d])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::label_map::LabelMap;
    use crate::raster::photo::Photo;

    #[test]
    fn a_unit_step_answers_with_one_along_its_normal_and_with_nothing_across() {
        let filters = Filters::new(2.0, 2.5);
        // A step of 10 between columns; the pixel row on it carries half.
        let plane = Plane::from_fn(41, 41, |x, _| match x.cmp(&20) {
            std::cmp::Ordering::Less => 3.0,
            std::cmp::Ordering::Equal => 8.0,
            std::cmp::Ordering::Greater => 13.0,
        });
        let r = filters.at(&plane, 20, 20);
        assert!((r[0] - 10.0).abs() < 1e-3 && r[2].abs() < 1e-3, "{r:?}");
        assert!(r[1] > 4.0 && r[1] < 9.9);
        // Near the border the nearest pixel stands in, and a flat field answers with nothing anywhere.
        let flat = Plane::filled(9, 9, 50.0);
        assert!(filters.at(&flat, 0, 8).iter().all(|v| v.abs() < 1e-3));
    }

    #[test]
    fn brushed_texture_is_noisy_across_the_brush_only() {
        // Every row has its own gray value: a brush along x.
        let mut state = 7_u32;
        let rows: Vec<u8> = (0..120)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 24) as u8
            })
            .collect();
        let gray = Plane::from_fn(120, 120, |_, y| rows[y as usize]);
        let runs: Vec<Run> = (50..70).map(|y| Run { y, x0: 50, x1: 70, value: 1 }).collect();
        let mut map = LabelMap::new(120, 120);
        for r in &runs {
            map.fill_span(r.y, r.x0, r.x1, 1);
        }
        let frame = Frame::cut(&Photo::Gray8(gray), &map, None, &runs, 40);
        let noise = Noise::around(&frame, &runs, 8.0, 1.0, 2.5, 0.5);
        assert!(noise.along(0.0, 1.0) > 20.0, "{noise:?}");
        assert_eq!(noise.along(1.0, 0.0), 0.5);
        assert_eq!(noise.along(-1.0, 0.0), 0.5);
    }
}
