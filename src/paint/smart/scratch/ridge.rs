//! The ridge response: second derivative of the smoothed photo across any direction, and what plain ground gives.

use crate::paint::smart::plane_filters::{finite_gray, gaussian_weights, median, separable};
use crate::raster::{Photo, PixelRect, Plane, Point};

/// Smoothing before the second derivative, px. A bar of width w answers most at about w / (2√3) of blur and more; three scales lie within
/// 10 % of the best for widths of 1–7 px.
pub(super) const SCALES: [f32; 3] = [1.0, 1.7, 2.8];

/// Lengths of arcs, px.
pub(super) const LENGTHS: [usize; 3] = [31, 61, 101];

/// Side of the window that is filtered at once, px.
const SIDE: f64 = 256.0;

/// Fine enough for ground with long grains, whose noise stands out in a few degrees only.
const DIRECTIONS: usize = 36;

/// Responses are added up at every second pixel: smoothed ones in between say nothing new.
pub(super) const STRIDE: usize = 2;

/// Three second derivatives in a window that moves with the line.
pub(super) struct Ridge<'a> {
    photo: &'a Photo,
    pub scale_index: usize,
    rect: PixelRect,
    /// ∂xx, ∂xy, ∂yy.
    hessian: Plane<[f32; 3]>,
    /// Standard deviation of the sum along a straight line over plain ground, for every length and direction.
    ground: [[f32; DIRECTIONS]; LENGTHS.len()],
    /// The least standard deviation of one response.
    least: f32,
}

impl<'a> Ridge<'a> {
    /// The response around `centre`, with the ground measured there.
    pub fn around(photo: &'a Photo, scale_index: usize, centre: Point) -> Self {
        Self::in_rect(photo, scale_index, window(photo, centre))
    }

    pub fn in_rect(photo: &'a Photo, scale_index: usize, rect: PixelRect) -> Self {
        let hessian = hessian(photo, SCALES[scale_index], rect);
        let mut ridge = Self { photo, scale_index, rect, hessian, ground: [[0.0; DIRECTIONS]; LENGTHS.len()], least: 0.0 };
        ridge.least = ridge.least_sd();
        ridge.measure_ground();
        ridge
    }

    /// Moves the window when a square of half side `reach` around `p` leaves it.
    pub fn cover(&mut self, p: Point, reach: f64) {
        let all = self.photo.rect();
        let has = |v: f64, from: u32, to: u32, end: u32| {
            (v - reach >= f64::from(from) || from == 0) && (v + reach <= f64::from(to) || to == end)
        };
        if !(has(p.x, self.rect.x0, self.rect.x1, all.x1) && has(p.y, self.rect.y0, self.rect.y1, all.y1)) {
            self.rect = window(self.photo, p);
            self.hessian = hessian(self.photo, SCALES[self.scale_index], self.rect);
        }
    }

    /// The derivatives at the pixel that holds (x, y); None outside the window.
    pub fn hessian_at(&self, x: f64, y: f64) -> Option<[f32; 3]> {
        let (x, y) = (x - f64::from(self.rect.x0), y - f64::from(self.rect.y0));
        if x < 0.0 || y < 0.0 {
            return None;
        }
        let (x, y) = (x as u32, y as u32);
        (x < self.hessian.width() && y < self.hessian.height()).then(|| self.hessian.at(x, y))
    }

    /// The response at (x, y) across the direction with normal `n`: positive on dark lines.
    pub fn across(&self, x: f64, y: f64, n: (f64, f64)) -> Option<f32> {
        self.hessian_at(x, y).map(|h| {
            let (nx, ny) = (n.0 as f32, n.1 as f32);
            h[0] * nx * nx + 2.0 * h[1] * nx * ny + h[2] * ny * ny
        })
    }

    /// Standard deviation over plain ground of the sum along `length` px in this direction.
    pub fn ground_sd(&self, length: f64, angle: f64) -> f32 {
        let turn = angle.rem_euclid(std::f64::consts::PI) / std::f64::consts::PI * DIRECTIONS as f64;
        let (k, t) = (turn as usize % DIRECTIONS, (turn.fract()) as f32);
        let nearest = (0..LENGTHS.len()).min_by(|&a, &b| {
            let far = |i: usize| (LENGTHS[i] as f64 / length).ln().abs();
            far(a).total_cmp(&far(b))
        });
        let row = nearest.unwrap_or(0);
        let sd = self.ground[row][k] * (1.0 - t) + self.ground[row][(k + 1) % DIRECTIONS] * t;
        sd * (length / LENGTHS[row] as f64).sqrt() as f32
    }

    /// Sums along straight lines on a grid of places. The median of their sizes is a spread that a scratch in the window hardly moves.
    fn measure_ground(&mut self) {
        for (row, &length) in LENGTHS.iter().enumerate() {
            let raw: [f32; DIRECTIONS] =
                std::array::from_fn(|k| self.ground_along(length, std::f64::consts::PI * k as f64 / DIRECTIONS as f64, 0.0, 23));
            for k in 0..DIRECTIONS {
                self.ground[row][k] = (raw[(k + DIRECTIONS - 1) % DIRECTIONS] + 4.0 * raw[k] + raw[(k + 1) % DIRECTIONS]) / 6.0;
            }
        }
    }

    /// The same for one direction exactly, from arcs `step` px apart whose ends lie `bend` px off the tangent. Ground with long grains
    /// stands out within a degree, and a part of a bent arc may lie along them.
    pub fn ground_along(&self, length: usize, angle: f64, bend: f64, step: usize) -> f32 {
        let arc = arc(length, angle, bend);
        let mut sums = Vec::new();
        for gy in (self.rect.y0..self.rect.y1).step_by(step) {
            for gx in (self.rect.x0..self.rect.x1).step_by(step) {
                let (mut sum, mut n) = (0.0_f32, 0_usize);
                for (ax, ay, w) in &arc {
                    if let Some(h) = self.hessian_at(f64::from(gx) + 0.5 + ax, f64::from(gy) + 0.5 + ay) {
                        sum += h[0] * w[0] + h[1] * w[1] + h[2] * w[2];
                        n += 1;
                    }
                }
                let covered = n * STRIDE;
                if covered * 2 >= length {
                    sums.push((sum * STRIDE as f32 * (length as f32 / covered as f32).sqrt()).abs());
                }
            }
        }
        (median(&mut sums).unwrap_or(0.0) * 1.4826).max(self.least * (length as f32).sqrt())
    }

    /// What rounding to whole raw values gives at least; keeps ground without noise from counting as certainty.
    fn least_sd(&self) -> f32 {
        let step = match self.photo {
            Photo::GrayF32(_) => 0.0,
            _ => 0.29,
        };
        let s = SCALES[self.scale_index];
        let largest = self.hessian.as_slice().iter().map(|h| h[0].abs().max(h[2].abs())).fold(0.0, f32::max);
        // Norm of a Gaussian's second derivative: √(3 / 16π) / s³.
        (step * 0.244 / (s * s * s)).max(largest * 1e-4).max(f32::MIN_POSITIVE)
    }
}

/// Every second pixel of the arc `t·d + bend·(2t/length)²·n`: its place relative to the middle, and what the three derivatives
/// contribute to the response across it.
pub(super) fn arc(length: usize, angle: f64, bend: f64) -> Vec<(f64, f64, [f32; 3])> {
    let ((dx, dy), length_f) = (super::unit(angle), length as f64);
    let at = |i: usize| {
        let t = i as f64 - (length - 1) as f64 / 2.0;
        let off = bend * (2.0 * t / length_f).powi(2);
        let (hx, hy) = super::unit(angle + (8.0 * bend * t / (length_f * length_f)).atan());
        (t * dx - off * dy, t * dy + off * dx, [(hy * hy) as f32, (-2.0 * hx * hy) as f32, (hx * hx) as f32])
    };
    (0..length).step_by(STRIDE).map(at).collect()
}

fn window(photo: &Photo, centre: Point) -> PixelRect {
    let low = |v: f64| (v - SIDE / 2.0).max(0.0) as u32;
    let high = |v: f64, end: u32| ((v + SIDE / 2.0).max(0.0) as u32).min(end);
    PixelRect::new(low(centre.x), low(centre.y), high(centre.x, photo.width()), high(centre.y, photo.height()))
}

fn hessian(photo: &Photo, scale: f32, rect: PixelRect) -> Plane<[f32; 3]> {
    let w: Vec<Vec<f32>> = (0..3).map(|order| gaussian_weights(scale, order)).collect();
    let margin = (w[0].len() / 2) as u32;
    let outer = rect.grown(margin, photo.width(), photo.height());
    let gray = finite_gray(photo, outer);
    let (xx, xy, yy) = (separable(&gray, &w[2], &w[0]), separable(&gray, &w[1], &w[1]), separable(&gray, &w[0], &w[2]));
    if rect.is_empty() {
        return Plane::filled(0, 0, [0.0; 3]);
    }
    let (ox, oy) = (rect.x0 - outer.x0, rect.y0 - outer.y0);
    Plane::from_fn(rect.width(), rect.height(), |x, y| [&xx, &xy, &yy].map(|p| p.at(x + ox, y + oy)))
}
