//! Round-ish shapes: pits and stains. A blob is a star-shaped outline: a circle with a few harmonics, stretched and turned.

use super::random::Random;

/// Harmonics of the outline: the 2nd to the 5th.
const HARMONICS: usize = 4;

/// Outline `R(θ) = r · (1 + Σ aₖ cos(kθ) + bₖ sin(kθ))`, stretched by √stretch along its own x axis and by 1/√stretch along y.
#[derive(Clone, Debug)]
pub(super) struct Blob {
    pub centre: (f32, f32),
    /// `r`, in pixels.
    pub radius: f32,
    stretch: f32,
    /// Cosine and sine of the direction of the long axis.
    axis: (f32, f32),
    waves: [(f32, f32); HARMONICS],
}

impl Blob {
    /// A blob of exactly `area` px² at `centre`, long axis at `angle` (radians). `unevenness` is the amplitude of the 2nd harmonic;
    /// higher ones fall off with 1/k.
    pub fn new(random: &mut Random, centre: (f32, f32), area: f32, stretch: f32, angle: f32, unevenness: f32) -> Self {
        let mut waves = [(0.0, 0.0); HARMONICS];
        for (i, wave) in waves.iter_mut().enumerate() {
            let amplitude = unevenness * 2.0 / (i as f32 + 2.0);
            *wave = (random.between(-amplitude, amplitude), random.between(-amplitude, amplitude));
        }
        let mut blob = Self { centre, radius: 1.0, stretch, axis: (angle.cos(), angle.sin()), waves };
        blob.radius = (area / blob.area()).sqrt();
        blob
    }

    /// Area in px²: `π r² (1 + ½ Σ (aₖ² + bₖ²))`; the stretch keeps areas.
    pub fn area(&self) -> f32 {
        let ripple: f32 = self.waves.iter().map(|(a, b)| a * a + b * b).sum();
        std::f32::consts::PI * self.radius * self.radius * (1.0 + 0.5 * ripple)
    }

    /// `R(θ) / r` for the direction with cosine `c` and sine `s`; multiples of the angle by the addition theorem.
    fn outline(&self, c: f32, s: f32) -> f32 {
        let (mut ck, mut sk) = (c, s);
        let mut sum = 1.0;
        for (a, b) in &self.waves {
            (ck, sk) = (ck * c - sk * s, sk * c + ck * s);
            sum += a * ck + b * sk;
        }
        sum
    }

    /// Distance from the centre relative to the outline: below 1 inside, 1 on the outline.
    pub fn relative_radius(&self, x: f32, y: f32) -> f32 {
        let (dx, dy) = (x - self.centre.0, y - self.centre.1);
        let root = self.stretch.sqrt();
        let u = (dx * self.axis.0 + dy * self.axis.1) / root;
        let v = (dy * self.axis.0 - dx * self.axis.1) * root;
        let r = (u * u + v * v).sqrt();
        if r < 1e-6 { 0.0 } else { r / (self.radius * self.outline(u / r, v / r)) }
    }

    /// Points of the outline scaled by `scale`, every 3 degrees, relative to the centre.
    fn points(&self, scale: f32) -> impl Iterator<Item = (f32, f32)> + '_ {
        let root = self.stretch.sqrt();
        (0..120).map(move |i| {
            let angle = i as f32 * std::f32::consts::TAU / 120.0;
            let (c, s) = (angle.cos(), angle.sin());
            let r = scale * self.radius * self.outline(c, s);
            let (u, v) = (r * c * root, r * s / root);
            (u * self.axis.0 - v * self.axis.1, u * self.axis.1 + v * self.axis.0)
        })
    }

    /// Corners of a box around the outline scaled by `scale`, with a margin of a pixel.
    pub fn bounds(&self, scale: f32) -> ((f32, f32), (f32, f32)) {
        let reach =
            |f: fn((f32, f32)) -> f32| self.points(scale).map(f).fold((0.0_f32, 0.0_f32), |(lo, hi), v| (lo.min(v), hi.max(v)));
        let ((x0, x1), (y0, y1)) = (reach(|p| p.0), reach(|p| p.1));
        let (cx, cy) = self.centre;
        ((cx + x0 - 1.5, cy + y0 - 1.5), (cx + x1 + 1.5, cy + y1 + 1.5))
    }

    /// Largest distance between two points of the outline, in pixels.
    pub fn longest_extent(&self) -> f32 {
        let points: Vec<_> = self.points(1.0).collect();
        let mut best = 0.0_f32;
        for (i, a) in points.iter().enumerate() {
            for b in &points[i + 1..] {
                best = best.max((a.0 - b.0).hypot(a.1 - b.1));
            }
        }
        best
    }
}
