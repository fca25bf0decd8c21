//! Synthetic photos whose visible boundary is known, and labels that are off by a known amount.
//!
//! The truth is the half level of the noise-free blurred picture: what an ideal annotator sees. Coordinates are those of the image
//! space (pixel centres at +½), distances in px, negative inside.

use std::f64::consts::{PI, TAU};

use delimit::raster::distance::squared_distances;
use delimit::raster::{Components, LabelMap, Plane, contour};

/// Side of every picture, px.
pub const SIDE: u32 = 160;
/// Sub-samples per pixel and axis when a shape is drawn, and pixels per pixel of the raster in which the half level is found.
const FINE: u32 = 4;
/// Step from background to defect, gray.
pub const CONTRAST: f64 = 60.0;

/// Reproducible random numbers (splitmix64), so that a seed means the same picture everywhere.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64, stream: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) ^ stream.wrapping_mul(0xD1B5_4A32_D192_ED03))
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    pub fn uniform(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Standard normal (Box and Muller).
    pub fn normal(&mut self) -> f64 {
        let (u, v) = (self.uniform(1e-12, 1.0), self.uniform(0.0, TAU));
        (-2.0 * u.ln()).sqrt() * v.cos()
    }

    fn white(&mut self) -> Plane<f64> {
        Plane::from_fn(SIDE, SIDE, |_, _| self.normal())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Disk,
    Blob,
    Scratch,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Background {
    Flat,
    /// Texture of 2 px.
    Iso,
    /// Texture of 12 × 0.8 px, as of brushed metal.
    Brushed,
}

/// What is done to the exact label.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Change {
    /// Larger by so many px.
    Offset(f64),
    /// Moved by so many px in a random direction.
    Shift(f64),
    /// Moved by (x, y) px.
    Move(f64, f64),
    /// Reduced to a polygon of this tolerance, px.
    Polygon(f64),
    /// Wandering by this SD, px.
    Sloppy(f64),
}

impl Change {
    pub const ALL: [Self; 18] = [
        Self::Offset(0.0),
        Self::Offset(1.0),
        Self::Offset(2.0),
        Self::Offset(3.0),
        Self::Offset(5.0),
        Self::Offset(-1.0),
        Self::Offset(-2.0),
        Self::Offset(-3.0),
        Self::Offset(-5.0),
        Self::Shift(1.0),
        Self::Shift(2.0),
        Self::Shift(3.0),
        Self::Shift(4.0),
        Self::Polygon(1.0),
        Self::Polygon(2.0),
        Self::Polygon(4.0),
        Self::Sloppy(1.0),
        Self::Sloppy(2.0),
    ];
}

/// A Gaussian of `sigma` px along x and then along y, reflected at the borders.
pub fn blurred(plane: &Plane<f64>, sigma_x: f64, sigma_y: f64) -> Plane<f64> {
    let (w, h) = (i64::from(plane.width()), i64::from(plane.height()));
    let kernel = |sigma: f64| {
        let radius = (4.0 * sigma + 0.5) as i64;
        let raw: Vec<f64> = (-radius..=radius).map(|i| (-0.5 * (i as f64 / sigma.max(1e-9)).powi(2)).exp()).collect();
        let sum: f64 = raw.iter().sum();
        (radius, raw.into_iter().map(|v| v / sum).collect::<Vec<f64>>())
    };
    let mirrored = |i: i64, n: i64| {
        let i = i.rem_euclid(2 * n);
        (if i < n { i } else { 2 * n - 1 - i }) as u32
    };
    let pass = |p: &Plane<f64>, sigma: f64, along_x: bool| {
        let (radius, weights) = kernel(sigma);
        Plane::from_fn(p.width(), p.height(), |x, y| {
            weights
                .iter()
                .zip(-radius..)
                .map(|(k, d)| {
                    k * if along_x { p.at(mirrored(i64::from(x) + d, w), y) } else { p.at(x, mirrored(i64::from(y) + d, h)) }
                })
                .sum()
        })
    };
    pass(&pass(plane, sigma_x, true), sigma_y, false)
}

fn with_unit_sd(plane: &Plane<f64>) -> Plane<f64> {
    let n = plane.as_slice().len() as f64;
    let mean = plane.as_slice().iter().sum::<f64>() / n;
    let sd = (plane.as_slice().iter().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    plane.map(|v| v / sd)
}

/// Share of every pixel that `inside` covers.
pub fn coverage(inside: impl Fn(f64, f64) -> bool) -> Plane<f64> {
    let step = 1.0 / f64::from(FINE);
    Plane::from_fn(SIDE, SIDE, |x, y| {
        let mut n = 0;
        for j in 0..FINE {
            for i in 0..FINE {
                n += u32::from(inside(f64::from(x) + (f64::from(i) + 0.5) * step, f64::from(y) + (f64::from(j) + 0.5) * step));
            }
        }
        f64::from(n) / f64::from(FINE * FINE)
    })
}

/// A curved line.
#[derive(Clone)]
pub struct Line {
    points: Vec<(f64, f64)>,
}

impl Line {
    fn random(cx: f64, cy: f64, random: &mut Random) -> Self {
        let (length, angle) = (random.uniform(50.0, 110.0), random.uniform(0.0, PI));
        let bend = random.uniform(-0.25, 0.25) * length;
        let (sin, cos) = angle.sin_cos();
        let (ax, ay, bx, by) = (cx - cos * length / 2.0, cy - sin * length / 2.0, cx + cos * length / 2.0, cy + sin * length / 2.0);
        let (mx, my) = (cx - sin * bend, cy + cos * bend);
        let points = (0..100)
            .map(|i| f64::from(i) / 99.0)
            .map(|t| {
                let (a, m, b) = ((1.0 - t) * (1.0 - t), 2.0 * t * (1.0 - t), t * t);
                (a * ax + m * mx + b * bx, a * ay + m * my + b * by)
            })
            .collect();
        Self { points }
    }

    /// Signed distance to the line, px; the sign tells the side.
    fn distance(&self, x: f64, y: f64) -> f64 {
        let mut best = (f64::INFINITY, 1.0);
        for pair in self.points.windows(2) {
            let ((ax, ay), (bx, by)) = (pair[0], pair[1]);
            let (dx, dy) = (bx - ax, by - ay);
            let t = (((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
            let (ex, ey) = (x - ax - t * dx, y - ay - t * dy);
            let d = ex * ex + ey * ey;
            if d < best.0 {
                best = (d, if dx * ey - dy * ex >= 0.0 { 1.0 } else { -1.0 });
            }
        }
        best.0.sqrt() * best.1
    }

    /// Unit direction from the first point to the last.
    pub fn direction(&self) -> (f64, f64) {
        let ((ax, ay), (bx, by)) = (self.points[0], self.points[self.points.len() - 1]);
        let length = (bx - ax).hypot(by - ay);
        ((bx - ax) / length, (by - ay) / length)
    }

    /// Share of every pixel where the signed distance is `inside`; pixels 8 px or more from the line count as outside.
    fn coverage(&self, inside: impl Fn(f64) -> bool) -> Plane<f64> {
        let near = Plane::from_fn(SIDE, SIDE, |x, y| self.distance(f64::from(x) + 0.5, f64::from(y) + 0.5).abs() < 8.0);
        coverage(|x, y| near.at(x as u32, y as u32) && inside(self.distance(x, y)))
    }
}

fn shape(kind: Shape, random: &mut Random) -> (Plane<f64>, Option<Line>) {
    let middle = f64::from(SIDE) / 2.0;
    let (cx, cy) = (middle + random.uniform(-4.0, 4.0), middle + random.uniform(-4.0, 4.0));
    match kind {
        Shape::Disk => {
            let r = random.uniform(6.0, 30.0);
            (coverage(|x, y| (x - cx).hypot(y - cy) <= r), None)
        }
        Shape::Blob => {
            let r = random.uniform(14.0, 28.0);
            let waves: Vec<(f64, f64, f64)> =
                (2..7).map(|k| (f64::from(k), 0.35 / f64::from(k) * random.uniform(-1.0, 1.0), random.uniform(0.0, TAU))).collect();
            let inside = |x: f64, y: f64| {
                let angle = (y - cy).atan2(x - cx);
                let wave: f64 = waves.iter().map(|(k, a, p)| a * (k * angle + p).cos()).sum();
                (x - cx).hypot(y - cy) <= r * (1.0 + wave)
            };
            (coverage(inside), None)
        }
        Shape::Scratch => {
            let line = Line::random(cx, cy, random);
            (line.coverage(|d| d.abs() <= 1.5), Some(line))
        }
    }
}

/// Texture of SD 1.
pub fn texture(kind: Background, random: &mut Random) -> Plane<f64> {
    let white = random.white();
    let coarse = match kind {
        Background::Flat => return white,
        Background::Iso => with_unit_sd(&blurred(&random.white(), 2.0, 2.0)),
        Background::Brushed => with_unit_sd(&blurred(&random.white(), 12.0, 0.8)),
    };
    Plane::from_fn(SIDE, SIDE, |x, y| 0.8_f64.sqrt() * coarse.at(x, y) + 0.2_f64.sqrt() * white.at(x, y))
}

/// Distances to the half level, found on a finer raster.
pub struct Truth {
    fine: Plane<bool>,
    distance: Plane<f64>,
}

impl Truth {
    /// The half level of `level`, whose full level is 1 at its highest place.
    pub fn half_level(level: &Plane<f64>) -> Self {
        let half = 0.5 * level.as_slice().iter().copied().fold(0.0, f64::max);
        let n = SIDE * FINE;
        Self::of(Plane::from_fn(n, n, |x, y| cubic(level, fine_to_pixel(x), fine_to_pixel(y)) >= half))
    }

    pub fn of(fine: Plane<bool>) -> Self {
        let outside = fine.map(|v| !v);
        let (into, out) = (squared_distances(&fine), squared_distances(&outside));
        let n = SIDE * FINE;
        let raw = Plane::from_fn(n, n, |x, y| {
            let d = if fine.at(x, y) { -(f64::from(into.at(x, y)).sqrt() - 0.5) } else { f64::from(out.at(x, y)).sqrt() - 0.5 };
            d / f64::from(FINE)
        });
        Self { fine, distance: blurred(&raw, 1.0, 1.0) }
    }

    /// Signed distance of a point from the visible boundary, px; + outside.
    pub fn at(&self, x: f64, y: f64) -> f64 {
        let n = f64::from(SIDE * FINE - 1);
        let (u, v) = ((x * f64::from(FINE) - 0.5).clamp(0.0, n), (y * f64::from(FINE) - 0.5).clamp(0.0, n));
        let (i, j) = ((u as u32).min(SIDE * FINE - 2), (v as u32).min(SIDE * FINE - 2));
        let (a, b) = (u - f64::from(i), v - f64::from(j));
        let d = |i, j| self.distance.at(i, j);
        (1.0 - b) * ((1.0 - a) * d(i, j) + a * d(i + 1, j)) + b * ((1.0 - a) * d(i, j + 1) + a * d(i + 1, j + 1))
    }

    /// The label that results from a change of the exact one: its largest region; None when fewer than 12 px are left.
    pub fn label(&self, change: Change, random: &mut Random) -> Option<LabelMap> {
        let inside =
            |f: &dyn Fn(f64, f64) -> bool| Plane::from_fn(SIDE, SIDE, |x, y| u8::from(f(f64::from(x) + 0.5, f64::from(y) + 0.5)));
        let mask = match change {
            Change::Offset(larger) => inside(&|x, y| self.at(x, y) <= larger),
            Change::Shift(length) => {
                let (sin, cos) = random.uniform(0.0, TAU).sin_cos();
                inside(&|x, y| self.at(x - length * cos, y - length * sin) <= 0.0)
            }
            Change::Move(dx, dy) => inside(&|x, y| self.at(x - dx, y - dy) <= 0.0),
            Change::Sloppy(sd) => {
                let wander = with_unit_sd(&blurred(&random.white(), 6.0, 6.0));
                inside(&|x, y| self.at(x, y) + sd * wander.at(x as u32, y as u32) <= 0.0)
            }
            Change::Polygon(tolerance) => {
                let corners = self.polygon(tolerance);
                coverage(|x, y| is_in_polygon(&corners, x, y)).map(|v| u8::from(v >= 0.5))
            }
        };
        let map = LabelMap::from_plane(&mask);
        let components = Components::of(&map);
        let largest = components.iter().max_by_key(|runs| runs.iter().map(|r| r.len()).sum::<u32>())?;
        let mut only = LabelMap::new(SIDE, SIDE);
        let mut pixels = 0;
        for r in largest {
            only.fill_span(r.y, r.x0, r.x1, 1);
            pixels += r.len();
        }
        (pixels >= 12).then_some(only)
    }

    fn polygon(&self, tolerance: f64) -> Vec<(f64, f64)> {
        let map = LabelMap::from_plane(&self.fine.map(u8::from));
        let components = Components::of(&map);
        let longest = components.iter().flat_map(contour::mid_cracks).max_by_key(|c| c.points.len());
        let points: Vec<(f64, f64)> =
            longest.map(|c| c.points.iter().map(|p| (p.x / f64::from(FINE), p.y / f64::from(FINE))).collect()).unwrap_or_default();
        let Some(far) = (0..points.len()).max_by(|&a, &b| between(points[0], points[a]).total_cmp(&between(points[0], points[b])))
        else {
            return points;
        };
        let mut ring = points[far..].to_vec();
        ring.push(points[0]);
        let mut out = simplified(&points[..=far], tolerance);
        out.pop();
        out.extend(simplified(&ring, tolerance));
        out.pop();
        out
    }
}

fn between(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}

/// Douglas and Peucker.
fn simplified(points: &[(f64, f64)], tolerance: f64) -> Vec<(f64, f64)> {
    let (Some(&a), Some(&b)) = (points.first(), points.last()) else { return Vec::new() };
    let length = between(a, b).max(1e-9);
    let off = |p: &(f64, f64)| ((b.0 - a.0) * (p.1 - a.1) - (b.1 - a.1) * (p.0 - a.0)).abs() / length;
    match (0..points.len()).max_by(|&i, &j| off(&points[i]).total_cmp(&off(&points[j]))) {
        Some(i) if i > 0 && i + 1 < points.len() && off(&points[i]) > tolerance => {
            let mut out = simplified(&points[..=i], tolerance);
            out.pop();
            out.extend(simplified(&points[i..], tolerance));
            out
        }
        _ => vec![a, b],
    }
}

fn is_in_polygon(corners: &[(f64, f64)], x: f64, y: f64) -> bool {
    let mut inside = false;
    for (i, a) in corners.iter().enumerate() {
        let b = corners[(i + 1) % corners.len()];
        if (a.1 > y) != (b.1 > y) && x < a.0 + (y - a.1) / (b.1 - a.1) * (b.0 - a.0) {
            inside = !inside;
        }
    }
    inside
}

/// Index of a pixel at the middle of fine pixel `i`.
fn fine_to_pixel(i: u32) -> f64 {
    (f64::from(i) + 0.5) / f64::from(FINE) - 0.5
}

/// Cubic convolution (Keys, a = −0.75) at pixel indices (u, v).
fn cubic(p: &Plane<f64>, u: f64, v: f64) -> f64 {
    const A: f64 = -0.75;
    let weight = |t: f64| {
        let t = t.abs();
        if t <= 1.0 {
            ((A + 2.0) * t - (A + 3.0)) * t * t + 1.0
        } else if t < 2.0 {
            ((A * t - 5.0 * A) * t + 8.0 * A) * t - 4.0 * A
        } else {
            0.0
        }
    };
    let (i, j) = (u.floor(), v.floor());
    let mut sum = 0.0;
    for b in -1..=2 {
        for a in -1..=2 {
            let k = weight(u - i - f64::from(a)) * weight(v - j - f64::from(b));
            sum += k * p.at_clamped(i as i64 + i64::from(a), j as i64 + i64::from(b));
        }
    }
    sum
}

/// One photo.
pub struct Picture {
    pub gray: Plane<f64>,
    pub truth: Truth,
    pub line: Option<Line>,
}

impl Picture {
    pub fn bytes(&self) -> Plane<u8> {
        self.gray.map(to_byte)
    }
}

pub fn to_byte(v: f64) -> u8 {
    v.round().clamp(0.0, 255.0) as u8
}

/// A defect of one kind, `sign` × [`CONTRAST`] above its background, which has noise of `CONTRAST / contrast_to_noise`.
pub fn picture(kind: Shape, sigma: f64, contrast_to_noise: f64, background: Background, sign: f64, random: &mut Random) -> Picture {
    let (cover, line) = shape(kind, random);
    let level = blurred(&cover, sigma, sigma);
    let truth = Truth::half_level(&level);
    let noise = texture(background, random);
    let (rx, ry) = (random.uniform(-1.0, 1.0), random.uniform(-1.0, 1.0));
    let inner = with_unit_sd(&blurred(&random.white(), 4.0, 4.0));
    let across = |x: u32| f64::from(x) / f64::from(SIDE - 1) - 0.5;
    let gray = Plane::from_fn(SIDE, SIDE, |x, y| {
        128.0
            + sign * CONTRAST * level.at(x, y) * (1.0 + 0.12 * inner.at(x, y))
            + CONTRAST / contrast_to_noise * noise.at(x, y)
            + 0.1 * CONTRAST * (rx * across(x) + ry * across(y))
    });
    Picture { gray, truth, line }
}

/// What `cover` shows after a blur of `sigma`, on white noise of `CONTRAST / contrast_to_noise`.
pub fn of_level(cover: &Plane<f64>, sigma: f64, contrast_to_noise: f64, sign: f64, random: &mut Random) -> Picture {
    let level = blurred(cover, sigma, sigma);
    let gray = Plane::from_fn(SIDE, SIDE, |x, y| {
        128.0 + sign * CONTRAST * level.at(x, y) + CONTRAST / contrast_to_noise * random.normal()
    });
    Picture { gray, truth: Truth::half_level(&level), line: None }
}

/// A scratch that is bright on one side and dark on the other, `width` px wide in all.
pub fn embossed(width: f64, sigma: f64, contrast_to_noise: f64, random: &mut Random) -> Picture {
    let middle = f64::from(SIDE) / 2.0;
    let line = Line::random(middle, middle, random);
    let half = width / 2.0;
    let bright = blurred(&line.coverage(|d| (0.0..=half).contains(&d)), sigma, sigma);
    let dark = blurred(&line.coverage(|d| (-half..0.0).contains(&d)), sigma, sigma);
    let signed = Plane::from_fn(SIDE, SIDE, |x, y| bright.at(x, y) - dark.at(x, y));
    let top = signed.as_slice().iter().copied().fold(0.0, |m: f64, v| m.max(v.abs()));
    let near = Plane::from_fn(SIDE, SIDE, |x, y| line.distance(f64::from(x) + 0.5, f64::from(y) + 0.5).abs() < 8.0);
    let n = SIDE * FINE;
    // The outer half levels of both sides; between them the label is closed.
    let truth = Truth::of(Plane::from_fn(n, n, |x, y| {
        let (u, v) = (fine_to_pixel(x), fine_to_pixel(y));
        near.at(x / FINE, y / FINE)
            && (cubic(&signed, u, v).abs() >= 0.5 * top || line.distance(u + 0.5, v + 0.5).abs() < half.min(1.0))
    }));
    let gray =
        Plane::from_fn(SIDE, SIDE, |x, y| 128.0 + CONTRAST * signed.at(x, y) + CONTRAST / contrast_to_noise * random.normal());
    Picture { gray, truth, line: Some(line) }
}
