//! Outlines with known geometry, and their masks.

use delimit::raster::{LabelMap, Plane};

/// Small numbers without a pattern, the same in every run.
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// 0..1.
    pub fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, a: f64, b: f64) -> f64 {
        a + (b - a) * self.next()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Disk,
    Blob,
    Scratch,
}

pub const KINDS: [Kind; 3] = [Kind::Disk, Kind::Blob, Kind::Scratch];
pub const SIDE: u32 = 200;

/// The closed outline of one shape in a square of [`SIDE`], points about half a pixel apart.
pub fn outline(kind: Kind, seed: u64) -> Vec<(f64, f64)> {
    let mut dice = Dice::new(seed * 3 + kind as u64);
    let centre = (dice.between(95.0, 105.0), dice.between(95.0, 105.0));
    let turns = std::f64::consts::TAU;
    match kind {
        Kind::Disk | Kind::Blob => {
            let radius = dice.between(14.0, 40.0);
            let waves: Vec<(f64, f64, f64)> = (2..6)
                .map(|k| (f64::from(k), if kind == Kind::Blob { dice.between(0.0, 0.16) } else { 0.0 }, dice.between(0.0, turns)))
                .collect();
            let at = |i: u32| {
                let angle = turns * f64::from(i) / 600.0;
                let r = radius * (1.0 + waves.iter().map(|(k, a, p)| a * (k * angle + p).cos()).sum::<f64>());
                (centre.0 + r * angle.cos(), centre.1 + r * angle.sin())
            };
            (0..600).map(at).collect()
        }
        Kind::Scratch => {
            let (length, width) = (dice.between(50.0, 110.0), dice.between(3.0, 6.0));
            let (direction, bend) = (dice.between(0.0, turns), dice.between(-0.008, 0.008));
            let middle: Vec<(f64, f64, f64)> = (0..200)
                .map(|i| {
                    let s = length * (f64::from(i) / 199.0 - 0.5);
                    let a = direction + bend * s;
                    (
                        centre.0 + s * direction.cos() - 0.5 * bend * s * s * direction.sin(),
                        centre.1 + s * direction.sin() + 0.5 * bend * s * s * direction.cos(),
                        a,
                    )
                })
                .collect();
            let side = |k: f64| move |&(x, y, a): &(f64, f64, f64)| (x - k * a.sin(), y + k * a.cos());
            middle.iter().map(side(width / 2.0)).chain(middle.iter().rev().map(side(-width / 2.0))).collect()
        }
    }
}

/// The pixels of `width` × `height` whose centres lie inside a polygon (even-odd rule), row by row.
pub fn fill(polygon: &[(f64, f64)], width: u32, height: u32, mut put: impl FnMut(u32, u32)) {
    for y in 0..height {
        let v = f64::from(y) + 0.5;
        let mut hits: Vec<f64> = (0..polygon.len())
            .filter_map(|i| {
                let ((ax, ay), (bx, by)) = (polygon[i], polygon[(i + 1) % polygon.len()]);
                ((ay > v) != (by > v)).then(|| ax + (v - ay) / (by - ay) * (bx - ax))
            })
            .collect();
        hits.sort_by(f64::total_cmp);
        for pair in hits.chunks_exact(2) {
            let from = (pair[0] - 0.5).ceil().max(0.0) as u32;
            let to = ((pair[1] - 0.5).ceil().max(0.0) as u32).min(width);
            for x in from..to {
                put(x, y);
            }
        }
    }
}

/// The mask of an outline that is drawn at 1/`factor` and enlarged, the grid beginning at `phase`.
pub fn mask(polygon: &[(f64, f64)], factor: u32, phase: (u32, u32)) -> Plane<u8> {
    let f = f64::from(factor);
    let small: Vec<(f64, f64)> = polygon.iter().map(|p| ((p.0 + f64::from(phase.0)) / f, (p.1 + f64::from(phase.1)) / f)).collect();
    let side = SIDE / factor + 2;
    let mut coarse = Plane::filled(side, side, 0);
    fill(&small, side, side, |x, y| coarse.set(x, y, 1));
    Plane::from_fn(SIDE, SIDE, |x, y| coarse.at((x + phase.0) / factor, (y + phase.1) / factor))
}

pub fn map(plane: &Plane<u8>) -> LabelMap {
    LabelMap::from_plane(plane)
}

/// The polygon that leaves a closed line by at most `epsilon` (Ramer, Douglas, Peucker).
pub fn simplified(points: &[(f64, f64)], epsilon: f64) -> Vec<(f64, f64)> {
    fn keep(points: &[(f64, f64)], epsilon: f64, out: &mut Vec<(f64, f64)>) {
        let (a, b) = (points[0], points[points.len() - 1]);
        let (dx, dy) = (b.0 - a.0, b.1 - a.1);
        let base = dx.hypot(dy).max(1e-12);
        let off = |p: &(f64, f64)| (dx * (p.1 - a.1) - dy * (p.0 - a.0)).abs() / base;
        let worst = (0..points.len()).max_by(|&i, &k| off(&points[i]).total_cmp(&off(&points[k]))).unwrap();
        if off(&points[worst]) > epsilon && worst > 0 && worst + 1 < points.len() {
            keep(&points[..=worst], epsilon, out);
            keep(&points[worst..], epsilon, out);
        } else {
            out.push(a);
        }
    }
    let half = points.len() / 2;
    let mut out = Vec::new();
    keep(&points[..=half], epsilon, &mut out);
    let rest: Vec<(f64, f64)> = points[half..].iter().chain(&points[..1]).copied().collect();
    keep(&rest, epsilon, &mut out);
    out
}
