//! How much edge response the background alone gives, by direction: brushed metal has strong texture across the brush and none along it.

use std::f64::consts::{FRAC_PI_4, PI};

use super::frame::Frame;
use super::gauss;
use crate::raster::plane::Plane;

/// Directions of the step filters: 0°, 45°, 90°, 135° from +x towards +y.
const DIRECTIONS: usize = 4;

/// Background pixels at which the filters are evaluated; their responses are correlated over several pixels, so more tell no more.
pub(super) const SAMPLES: usize = 700;

/// SD of the step response over the background, per direction of the normal, in gray values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Noise {
    by_direction: [f64; DIRECTIONS],
    floor: f64,
}

impl Noise {
    /// Oriented step filters (derivative of a Gaussian of `scale` px along the normal, Gaussian of `lateral` px across, unit step → 1)
    /// at the `places` of the background; robust SD per direction, at least `floor`.
    pub fn of_steps(frame: &Frame, places: &[(u32, u32)], scale: f64, lateral: f64, floor: f64) -> Self {
        let filters = Filters::new(scale, lateral);
        let mut responses: [Vec<f64>; DIRECTIONS] = std::array::from_fn(|_| Vec::with_capacity(places.len()));
        for &(x, y) in places {
            let at = filters.at(&frame.gray, x, y);
            for (all, r) in responses.iter_mut().zip(at) {
                all.push(f64::from(r));
            }
        }
        let by_direction = responses.map(|mut r| if r.is_empty() { floor } else { gauss::robust_sd(&mut r) });
        Self { by_direction, floor }
    }

    /// SD of what `filter` answers on the background, per direction of its line; no floor.
    pub fn of_line_filter(frame: &Frame, places: &[(u32, u32)], filter: &LineFilter<'_>) -> Self {
        let step = places.len().div_ceil(LINE_SAMPLES).max(1);
        let by_direction = std::array::from_fn(|d| {
            let taps = filter.taps(d as f64 * FRAC_PI_4);
            let mut values: Vec<f64> = places.iter().step_by(step).map(|&(x, y)| f64::from(taps.at(&frame.gray, x, y))).collect();
            if values.is_empty() { f64::INFINITY } else { gauss::robust_sd(&mut values) }
        });
        Self { by_direction, floor: 0.0 }
    }

    /// The SD for a normal (nx, ny), between the two nearest directions; never below the floor.
    pub fn along(&self, nx: f64, ny: f64) -> f64 {
        let turn = ny.atan2(nx).rem_euclid(PI) / FRAC_PI_4;
        let (i, f) = (turn as usize % DIRECTIONS, turn.fract());
        ((1.0 - f) * self.by_direction[i] + f * self.by_direction[(i + 1) % DIRECTIONS]).max(self.floor)
    }
}

/// Background places for filters without the symmetry of a step.
const LINE_SAMPLES: usize = 160;

/// Weights at points along a line, averaged across it by a Gaussian.
pub(super) struct LineFilter<'a> {
    /// An odd number; the middle one lies at the place.
    pub weights: &'a [f64],
    /// Distance of the points, px.
    pub spacing: f64,
    /// SD of the Gaussian, px.
    pub lateral: f64,
}

/// A filter as weights of pixels around a place.
struct Taps {
    radius: i64,
    weights: Vec<f32>,
}

impl LineFilter<'_> {
    /// The filter in a direction: each of its points spread over four pixels, as bilinear interpolation reads them.
    fn taps(&self, angle: f64) -> Taps {
        let (sin, cos) = angle.sin_cos();
        let reach = self.spacing * (self.weights.len() / 2) as f64;
        let across = (2.5 * self.lateral).ceil() as i64;
        let radius = reach.hypot(across as f64).ceil() as i64 + 1;
        let side = (2 * radius + 1) as usize;
        let mut weights = vec![0.0_f32; side * side];
        let gauss: Vec<f64> = (-across..=across).map(|k| (-0.5 * (k as f64 / self.lateral.max(1e-3)).powi(2)).exp()).collect();
        let sum: f64 = gauss.iter().sum();
        for (g, k) in gauss.iter().zip(-across..) {
            for (j, w) in self.weights.iter().enumerate() {
                let (t, s) = (j as f64 * self.spacing - reach, k as f64);
                let (u, v) = (t * cos - s * sin + radius as f64, t * sin + s * cos + radius as f64);
                let (x, y) = (u.floor(), v.floor());
                let (a, b) = (u - x, v - y);
                let at = y as usize * side + x as usize;
                let w = w * g / sum;
                weights[at] += (w * (1.0 - a) * (1.0 - b)) as f32;
                weights[at + 1] += (w * a * (1.0 - b)) as f32;
                weights[at + side] += (w * (1.0 - a) * b) as f32;
                weights[at + side + 1] += (w * a * b) as f32;
            }
        }
        Taps { radius, weights }
    }
}

impl Taps {
    /// Outside the plane the nearest pixel counts.
    fn at(&self, gray: &Plane<f32>, x: u32, y: u32) -> f32 {
        let (r, side) = (self.radius, (2 * self.radius + 1) as usize);
        let (x, y) = (i64::from(x), i64::from(y));
        let is_inside = x >= r && y >= r && x + r < i64::from(gray.width()) && y + r < i64::from(gray.height());
        let mut sums = [0.0_f32; 8];
        for (row, weights) in (y - r..).zip(self.weights.chunks_exact(side)) {
            if is_inside {
                let values = &gray.row(row as u32)[(x - r) as usize..][..side];
                let (mut v, mut w) = (values.chunks_exact(8), weights.chunks_exact(8));
                for (v, w) in (&mut v).zip(&mut w) {
                    for lane in 0..8 {
                        sums[lane] += v[lane] * w[lane];
                    }
                }
                for (v, w) in v.remainder().iter().zip(w.remainder()) {
                    sums[0] += v * w;
                }
            } else {
                for (column, w) in (x - r..).zip(weights) {
                    sums[0] += w * gray.at_clamped(column, row);
                }
            }
        }
        sums.iter().sum()
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
    use crate::raster::runs::Run;

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
    fn a_line_filter_reads_a_ramp_along_its_line_only() {
        // Weights −1, 0, +1 at distances −2, 0, +2 px: a slope of 3 gray per px answers with 12, averaged across or not.
        let plane = Plane::from_fn(61, 61, |x, y| 3.0 * x as f32 + 0.0 * y as f32);
        let filter = LineFilter { weights: &[-1.0, 0.0, 1.0], spacing: 2.0, lateral: 2.5 };
        for (d, expected) in [(0, 12.0), (1, 12.0 * 0.5_f32.sqrt()), (2, 0.0), (3, -12.0 * 0.5_f32.sqrt())] {
            let answer = filter.taps(f64::from(d) * FRAC_PI_4).at(&plane, 30, 30);
            assert!((answer - expected).abs() < 1e-3, "direction {d}: {answer}");
        }
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
        let noise = Noise::of_steps(&frame, &frame.background(&runs, 10, 24, SAMPLES), 1.0, 2.5, 0.5);
        assert!(noise.along(0.0, 1.0) > 20.0, "{noise:?}");
        assert_eq!(noise.along(1.0, 0.0), 0.5);
        assert_eq!(noise.along(-1.0, 0.0), 0.5);
    }
}
