//! What a shape covers and how it changes the light: the bridge between analytic shapes and pixels.

use crate::raster::{PixelRect, Plane};

use super::{HEIGHT, WIDTH};

/// Samples per pixel in x and in y. Odd, so that no share is exactly one half and thin shapes come out neither fat nor lean.
pub(super) const SUBSAMPLES: u32 = 5;
const PER_PIXEL: f32 = (SUBSAMPLES * SUBSAMPLES) as f32;

/// A shape on the pixel grid.
#[derive(Clone, Debug)]
pub(super) struct Footprint {
    rect: PixelRect,
    /// Share of the pixel inside the geometry, 0–1.
    coverage: Vec<f32>,
    /// Relative change of brightness, mean over the pixel.
    gain: Vec<f32>,
}

impl Footprint {
    /// Samples `at` on a regular grid of [`SUBSAMPLES`]² points per pixel over the box `min`–`max` (pixels). `at` tells whether a
    /// point lies inside the geometry, and the relative change of brightness there. The part outside the image is cut off.
    pub fn sample(min: (f32, f32), max: (f32, f32), mut at: impl FnMut(f32, f32) -> (bool, f32)) -> Self {
        let rect = pixel_box(min, max);
        let mut coverage = Vec::with_capacity(rect.area() as usize);
        let mut gain = Vec::with_capacity(rect.area() as usize);
        for y in rect.y0..rect.y1 {
            for x in rect.x0..rect.x1 {
                let (mut inside, mut sum) = (0_u32, 0.0);
                for j in 0..SUBSAMPLES {
                    for i in 0..SUBSAMPLES {
                        let (is_inside, change) = at(sub_centre(x, i), sub_centre(y, j));
                        inside += u32::from(is_inside);
                        sum += change;
                    }
                }
                coverage.push(inside as f32 / PER_PIXEL);
                gain.push(sum / PER_PIXEL);
            }
        }
        Self { rect, coverage, gain }
    }

    /// The pixels that belong to the shape: coverage of one half and more.
    pub fn pixels(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        let (rect, width) = (self.rect, self.rect.width().max(1));
        let covered = self.coverage.iter().enumerate().filter(|&(_, &c)| c >= 0.5);
        covered.map(move |(i, _)| (rect.x0 + i as u32 % width, rect.y0 + i as u32 / width))
    }

    /// Changes the light of `scene` where the shape lies.
    pub fn shade(&self, scene: &mut Plane<f32>) {
        let width = self.rect.width() as usize;
        for (i, gain) in self.gain.iter().enumerate() {
            let (x, y) = (self.rect.x0 + (i % width) as u32, self.rect.y0 + (i / width) as u32);
            scene.set(x, y, scene.at(x, y) * (1.0 + gain).max(0.0));
        }
    }
}

/// The whole pixels that the box touches, inside the image.
pub(super) fn pixel_box(min: (f32, f32), max: (f32, f32)) -> PixelRect {
    let low = |v: f32| v.floor().max(0.0) as u32;
    let high = |v: f32, limit: u32| (v.ceil().max(0.0) as u32).min(limit);
    let rect = PixelRect::new(low(min.0), low(min.1), high(max.0, WIDTH), high(max.1, HEIGHT));
    if rect.is_empty() { PixelRect::new(0, 0, 0, 0) } else { rect }
}

/// Position of sample `i` of pixel `p`.
pub(super) fn sub_centre(p: u32, i: u32) -> f32 {
    p as f32 + (i as f32 + 0.5) / SUBSAMPLES as f32
}
