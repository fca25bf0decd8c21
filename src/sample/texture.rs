//! The fine structure of the machined and cast surfaces, new for every part: brush streaks, turning marks, cast grain.
//!
//! A texture is a relative change of brightness with mean near 0; the scene says where it applies and how strongly.

use crate::raster::Plane;

use super::random::Random;

/// Textures of one part, all of the size of the image but `turned`.
pub(super) struct Textures {
    /// Streaks along x, standard deviation about 1.
    pub brushed: Plane<f32>,
    /// Marks along the angle: rows are radius in thirds of a pixel, columns the angle in [`TURNED_COLUMNS`] steps.
    pub turned: Plane<f32>,
    /// Pebbled cast skin lit from the upper left, standard deviation about 1.
    pub cast: Plane<f32>,
    /// Slow changes over tens of pixels (rolling, cleaning), standard deviation about 1.
    pub mottle: Plane<f32>,
}

/// Steps of the angle in the turned texture.
pub(super) const TURNED_COLUMNS: u32 = 768;
/// Rows per pixel of radius in the turned texture.
pub(super) const TURNED_ROWS_PER_PX: f32 = 3.0;

impl Textures {
    /// Draws new textures for an image of `width` × `height` with turned marks up to `radius` pixels.
    pub fn new(random: &mut Random, width: u32, height: u32, radius: f32) -> Self {
        let brushed = brushed(random, width, height);
        let turned = turned(random, (radius * TURNED_ROWS_PER_PX) as u32 + 2);
        let cast = cast(random, width, height);
        let mottle = mottle(random, width, height);
        Self { brushed, turned, cast, mottle }
    }

    /// The turned texture at `radius` pixels and the angle given as a fraction of a turn in `[0, 1)`.
    pub fn turned_at(&self, radius: f32, turn: f32) -> f32 {
        let row = (radius * TURNED_ROWS_PER_PX).clamp(0.0, (self.turned.height() - 2) as f32);
        let column = turn * TURNED_COLUMNS as f32;
        let (y, x) = (row as u32, column as u32 % TURNED_COLUMNS);
        let (fy, fx) = (row - row.floor(), column - column.floor());
        let next = (x + 1) % TURNED_COLUMNS;
        let line = |y| self.turned.at(x, y) * (1.0 - fx) + self.turned.at(next, y) * fx;
        line(y) * (1.0 - fy) + line(y + 1) * fy
    }
}

fn white(random: &mut Random, width: u32, height: u32) -> Plane<f32> {
    Plane::from_fn(width, height, |_, _| random.normal())
}

/// Smooths `line` with an exponential kernel of `length` samples to both sides (one recursive pass each way). The end runs into the
/// start, so that the strength is the same everywhere.
fn smear(line: &mut [f32], length: f32) {
    let keep = length / (1.0 + length);
    let mut state = 0.0;
    // The first round only finds the state with which the line starts.
    for &v in line.iter() {
        state = keep * state + (1.0 - keep) * v;
    }
    for v in line.iter_mut() {
        state = keep * state + (1.0 - keep) * *v;
        *v = state;
    }
    for &v in line.iter().rev() {
        state = keep * state + (1.0 - keep) * v;
    }
    for v in line.iter_mut().rev() {
        state = keep * state + (1.0 - keep) * *v;
        *v = state;
    }
}

fn smear_rows(plane: &mut Plane<f32>, length: f32) {
    for y in 0..plane.height() {
        smear(plane.row_mut(y), length);
    }
}

/// Blur with the binomial kernel 1 2 1 in both directions, `times` times: a Gaussian of variance `times / 2`.
fn soften(plane: &mut Plane<f32>, times: u32) {
    let (w, h) = (plane.width() as usize, plane.height() as usize);
    for _ in 0..times {
        for y in 0..plane.height() {
            let row = plane.row_mut(y);
            let mut before = row[0];
            for x in 0..w {
                let here = row[x];
                row[x] = 0.5 * here + 0.25 * (before + row[(x + 1).min(w - 1)]);
                before = here;
            }
        }
        let data = plane.as_mut_slice();
        let mut before = data[..w].to_vec();
        for y in 0..h {
            let below = (y + 1).min(h - 1) * w;
            for x in 0..w {
                let here = data[y * w + x];
                data[y * w + x] = 0.5 * here + 0.25 * (before[x] + data[below + x]);
                before[x] = here;
            }
        }
    }
}

/// A three-tap blur down the columns with `side` as weight of the neighbours.
fn blur_columns(plane: &Plane<f32>, side: f32) -> Plane<f32> {
    Plane::from_fn(plane.width(), plane.height(), |x, y| {
        let (x, y) = (i64::from(x), i64::from(y));
        (1.0 - 2.0 * side) * plane.at_clamped(x, y) + side * (plane.at_clamped(x, y - 1) + plane.at_clamped(x, y + 1))
    })
}

/// Moves the values to mean 0 and standard deviation 1.
fn normalise(plane: &mut Plane<f32>) {
    let n = plane.as_slice().len().max(1) as f64;
    let mean = plane.as_slice().iter().map(|&v| f64::from(v)).sum::<f64>() / n;
    let variance = plane.as_slice().iter().map(|&v| (f64::from(v) - mean).powi(2)).sum::<f64>() / n;
    let scale = if variance > 0.0 { 1.0 / variance.sqrt() } else { 1.0 };
    for v in plane.as_mut_slice() {
        *v = ((f64::from(*v) - mean) * scale) as f32;
    }
}

/// `target += weight · other`, value by value.
fn add(target: &mut Plane<f32>, other: &Plane<f32>, weight: f32) {
    for (t, o) in target.as_mut_slice().iter_mut().zip(other.as_slice()) {
        *t += weight * o;
    }
}

fn brushed(random: &mut Random, width: u32, height: u32) -> Plane<f32> {
    let mut sum = Plane::filled(width, height, 0.0);
    for (length, side, weight) in [(130.0, 0.08, 0.80), (26.0, 0.16, 0.46), (5.0, 0.10, 0.20)] {
        let mut layer = white(random, width, height);
        smear_rows(&mut layer, length);
        let mut layer = blur_columns(&layer, side);
        normalise(&mut layer);
        add(&mut sum, &layer, weight);
    }
    // Single deeper grains of the belt: long, thin, almost along x.
    for _ in 0..(height / 3) {
        let length = random.mostly_small(18.0, 260.0);
        let x0 = random.between(-0.5 * length, width as f32);
        let y0 = random.between(0.0, height as f32);
        let slope = random.between(-0.008, 0.008);
        let depth = random.mostly_small(0.5, 2.0) * if random.chance(0.6) { -1.0 } else { 1.0 };
        streak(&mut sum, (x0, y0), length, slope, depth);
    }
    sum
}

/// Adds a line of about one pixel in width, fading in and out over its length.
fn streak(plane: &mut Plane<f32>, (x0, y0): (f32, f32), length: f32, slope: f32, depth: f32) {
    let (w, h) = (plane.width() as f32, plane.height());
    let first = x0.clamp(0.0, w) as u32;
    let last = (x0 + length).clamp(0.0, w) as u32;
    for x in first..last {
        let t = (x as f32 - x0) / length;
        let strength = depth * (4.0 * t * (1.0 - t)).clamp(0.0, 1.0);
        let y = y0 + slope * (x as f32 - x0);
        let (row, part) = (y.floor(), y - y.floor());
        for (r, share) in [(row, 1.0 - part), (row + 1.0, part)] {
            if r >= 0.0 && (r as u32) < h {
                let v = plane.at(x, r as u32);
                plane.set(x, r as u32, v + strength * share);
            }
        }
    }
}

fn turned(random: &mut Random, rows: u32) -> Plane<f32> {
    let mut sum = Plane::filled(TURNED_COLUMNS, rows, 0.0);
    for (length, side, weight) in [(300.0, 0.25, 0.85), (70.0, 0.30, 0.45), (12.0, 0.30, 0.12)] {
        let mut layer = white(random, TURNED_COLUMNS, rows);
        smear_rows(&mut layer, length);
        let mut layer = blur_columns(&layer, side);
        normalise(&mut layer);
        add(&mut sum, &layer, weight);
    }
    sum
}

fn cast(random: &mut Random, width: u32, height: u32) -> Plane<f32> {
    let mut bumps = white(random, width, height);
    soften(&mut bumps, 3);
    normalise(&mut bumps);
    let mut coarse = white(random, width, height);
    soften(&mut coarse, 9);
    normalise(&mut coarse);
    add(&mut bumps, &coarse, 1.5);
    // Light from the upper left brightens slopes that fall towards it; the skin itself is a little uneven too.
    let mut lit = Plane::from_fn(width, height, |x, y| {
        let (x, y) = (i64::from(x), i64::from(y));
        let slope = bumps.at_clamped(x + 1, y + 1) - bumps.at_clamped(x - 1, y - 1);
        slope + 0.30 * bumps.at_clamped(x, y)
    });
    normalise(&mut lit);
    lit
}

fn mottle(random: &mut Random, width: u32, height: u32) -> Plane<f32> {
    // Slow changes need few samples: a coarse grid, interpolated.
    const STEP: u32 = 16;
    let (columns, rows) = (width / STEP + 2, height / STEP + 2);
    let mut grid = white(random, columns, rows);
    soften(&mut grid, 3);
    normalise(&mut grid);
    Plane::from_fn(width, height, |x, y| {
        let (gx, gy) = (x / STEP, y / STEP);
        let ease = |v: u32| {
            let t = (v % STEP) as f32 / STEP as f32;
            t * t * (3.0 - 2.0 * t)
        };
        let (fx, fy) = (ease(x), ease(y));
        let line = |gy| grid.at(gx, gy) * (1.0 - fx) + grid.at(gx + 1, gy) * fx;
        line(gy) * (1.0 - fy) + line(gy + 1) * fy
    })
}
