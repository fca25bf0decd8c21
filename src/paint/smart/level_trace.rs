//! Level tracing: the outline through the gray value under the pointer, as a preview while hovering.

use super::minimax::{Connectivity, MinimaxField};
use super::plane_filters::{median, without_holes};
use crate::raster::{Area, Photo, PixelRect};

/// Half the side of the square whose border stands for the surroundings.
const AROUND: i64 = 16;

/// The connected set around pixel (x, y) that is at least as bright as it (or at least as dark), holes filled.
///
/// The level is the median of the 3 × 3 pixels around the pointer, so that one noisy pixel does not decide. Bright or dark is chosen
/// against the surroundings: when the level is at least the mean of the border of the 33 × 33 pixels around it, the brighter side is
/// taken. When that one grows beyond `max_pixels` or to the border of the photo — the pixel lies on the outer slope of a defect — the
/// other side is tried, so that any pixel on the slope gives the outline of the same defect. None when both grow beyond, outside the
/// photo, and on a pixel that is no number. Pixels belong together over their sides (4-connected), so that noise does not leak through
/// corners.
#[must_use]
pub fn level_trace(photo: &Photo, x: u32, y: u32, max_pixels: u64) -> Option<Area> {
    if !photo.rect().contains(x, y) || !photo.gray_at(x, y).is_finite() {
        return None;
    }
    let around = PixelRect::new(x, y, x + 1, y + 1).grown(1, photo.width(), photo.height());
    let mut values: Vec<f32> = photo.gray_plane(around).into_vec();
    values.retain(|v| v.is_finite());
    let level = median(&mut values)?;
    let is_bright = surroundings(photo, x, y).is_none_or(|mean| level >= mean);
    let first = side(photo, (x, y), level, is_bright, max_pixels);
    if first.as_ref().is_some_and(|area| !reaches_border(area, photo)) {
        return first;
    }
    let second = side(photo, (x, y), level, !is_bright, max_pixels);
    second.filter(|area| first.is_none() || !reaches_border(area, photo)).or(first)
}

fn reaches_border(area: &Area, photo: &Photo) -> bool {
    let b = area.bounds();
    b.x0 == 0 || b.y0 == 0 || b.x1 == photo.width() || b.y1 == photo.height()
}

fn side(photo: &Photo, seed: (u32, u32), level: f32, is_bright: bool, max_pixels: u64) -> Option<Area> {
    let mut field = MinimaxField::new((photo.width(), photo.height()), seed, 0.0, Connectivity::Four, max_pixels);
    let is_whole = field.grow(0.0, |x, y| {
        let v = photo.gray_at(x, y);
        let is_in = if is_bright { v >= level } else { v <= level };
        if is_in { 0.0 } else { f32::INFINITY }
    });
    is_whole.then(|| without_holes(&field.area(0.0))).filter(|area| area.pixels() <= max_pixels.max(1))
}

/// Mean gray value of the border of a square around (x, y); pixels beyond the photo are left out.
fn surroundings(photo: &Photo, x: u32, y: u32) -> Option<f32> {
    let (mut sum, mut n) = (0.0_f64, 0_u32);
    for k in -AROUND..=AROUND {
        for (dx, dy) in [(k, -AROUND), (k, AROUND), (-AROUND, k), (AROUND, k)] {
            let (Ok(px), Ok(py)) = (u32::try_from(i64::from(x) + dx), u32::try_from(i64::from(y) + dy)) else { continue };
            if photo.rect().contains(px, py) {
                let v = photo.gray_at(px, py);
                if v.is_finite() {
                    sum += f64::from(v);
                    n += 1;
                }
            }
        }
    }
    (n > 0).then(|| (sum / f64::from(n)) as f32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;

    /// A radial slope with a closed form: contrast · 1 / (1 + exp((r − 30) / 3)).
    fn disc(contrast: f32) -> Photo {
        Photo::GrayF32(Plane::from_fn(160, 160, |x, y| {
            let r = (x as f32 + 0.5 - 80.0).hypot(y as f32 + 0.5 - 80.0);
            100.0 + contrast / (1.0 + ((r - 30.0) / 3.0).exp())
        }))
    }

    #[test]
    fn the_outline_has_the_radius_of_the_level() {
        for contrast in [50.0, -50.0] {
            let photo = disc(contrast);
            for x in 100..118 {
                let area = level_trace(&photo, x, 80, 15_000).unwrap();
                // The level is constant on circles, so the outline passes through the centre of the pixel.
                let radius = (f64::from(x) + 0.5 - 80.0).hypot(0.5);
                let points: Vec<_> = area.contours().remove(0).points;
                for p in &points {
                    let r = (p.x - 80.0).hypot(p.y - 80.0);
                    assert!((r - radius).abs() <= 1.0, "x {x}: {r} instead of {radius}");
                }
                let mean = (area.pixels() as f64 / std::f64::consts::PI).sqrt();
                assert!((mean - radius).abs() <= 0.5, "x {x}: {mean} instead of {radius}");
            }
        }
    }

    #[test]
    fn holes_are_filled_and_growth_is_bounded() {
        let ring = Photo::Gray8(Plane::from_fn(60, 60, |x, y| {
            let r = (x as f32 - 30.0).hypot(y as f32 - 30.0);
            if (10.0..15.0).contains(&r) { 200 } else { 50 }
        }));
        let area = level_trace(&ring, 30, 18, 2000).unwrap();
        assert!(area.contains(30, 30) && !area.contains(30, 10));
        assert!(level_trace(&ring, 30, 18, 100).is_none());
        assert!(level_trace(&ring, 60, 18, 100).is_none());
        let flat = Photo::Gray8(Plane::filled(50, 50, 7));
        assert!(level_trace(&flat, 25, 25, 2000).is_none());
        assert_eq!(level_trace(&Photo::Gray8(Plane::filled(1, 1, 7)), 0, 0, 10).unwrap().pixels(), 1);
        assert!(level_trace(&Photo::GrayF32(Plane::filled(4, 4, f32::NAN)), 1, 1, 10).is_none());
        assert!(level_trace(&Photo::Gray8(Plane::filled(0, 0, 7)), 0, 0, 10).is_none());
    }
}
