//! What the screen shows at a zoom below 100 %: means of a photo, and label maps whose smallest defect never vanishes.

use super::display::{Display, Shading};
use super::geometry::PixelRect;
use super::label_map::{LabelMap, TileRow};
use super::photo::Photo;
use super::plane::Plane;

/// A photo and its halved copies. Level 0 is the photo; a pixel of level `k` covers `2^k × 2^k` of it.
///
/// Level 1 is not kept: it would cost a quarter of the photo, and is cheap to average while a tile is drawn.
#[derive(Clone, Debug)]
pub struct Pyramid {
    base: Photo,
    /// Levels 2, 3, …, down to one that fits into [`SMALLEST`] pixels.
    small: Vec<Photo>,
}

/// The last level is the first whose longer side is at most this many pixels.
const SMALLEST: u32 = 256;

/// Raw values shown as black and as white.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Window {
    pub black: f32,
    pub white: f32,
}

impl Window {
    /// A raw value on the screen, 0..=255; values that are no number show as black.
    #[must_use]
    pub fn shade(self, raw: f32) -> u8 {
        let span = self.white - self.black;
        let t = if span.abs() > f32::EPSILON { (raw - self.black) / span } else { 0.0 };
        (t * 255.0).clamp(0.0, 255.0).round() as u8
    }
}

impl Pyramid {
    /// Builds all levels; a job for a worker thread on large photos.
    #[must_use]
    pub fn build(base: Photo) -> Self {
        let mut small = Vec::new();
        if base.width().max(base.height()) > SMALLEST {
            let mut level = base.halved();
            while level.width().max(level.height()) > SMALLEST {
                level = level.halved();
                small.push(level.clone());
            }
        }
        Self { base, small }
    }

    #[must_use]
    pub const fn photo(&self) -> &Photo {
        &self.base
    }

    /// The coarsest level there is.
    #[must_use]
    pub fn last_level(&self) -> u32 {
        if self.small.is_empty() {
            u32::from(self.base.width().max(self.base.height()) > SMALLEST)
        } else {
            self.small.len() as u32 + 1
        }
    }

    /// Width and height of a level in its own pixels.
    #[must_use]
    pub const fn level_size(&self, level: u32) -> (u32, u32) {
        level_size(self.base.width(), self.base.height(), level)
    }

    /// A window that shows the full range of 8-bit photos, and the span from the 0.1st to the 99.9th percentile of deeper ones.
    #[must_use]
    pub fn auto_window(&self) -> Window {
        match &self.base {
            Photo::Gray8(_) | Photo::Rgb8(_) => Window { black: 0.0, white: 255.0 },
            _ => {
                let sample = self.small.last().unwrap_or(&self.base);
                let plane = sample.gray_plane(sample.rect());
                let mut values: Vec<f32> = plane.as_slice().iter().copied().filter(|v| v.is_finite()).collect();
                if values.is_empty() {
                    return Window { black: 0.0, white: 1.0 };
                }
                values.sort_unstable_by(f32::total_cmp);
                let at = |q: f64| values[((values.len() - 1) as f64 * q).round() as usize];
                let (black, white) = (at(0.001), at(0.999));
                Window { black, white: if white > black { white } else { black + 1.0 } }
            }
        }
    }

    /// Bytes of pixel memory of all levels: the photo and a twelfth of it.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.base.heap_bytes() + self.small.iter().map(Photo::heap_bytes).sum::<usize>()
    }

    /// Pixels `rect` of `level` as opaque RGBA through `window`, for a small picture.
    #[must_use]
    pub fn rgba(&self, level: u32, rect: PixelRect, window: Window) -> Plane<[u8; 4]> {
        self.shown(level, rect, &Shading::new(Display::new(window), &self.base))
    }

    /// Pixels `rect` of `level` as opaque RGBA through the tables of `shading`, for a texture tile.
    #[must_use]
    pub fn shown(&self, level: u32, rect: PixelRect, shading: &Shading) -> Plane<[u8; 4]> {
        let (w, h) = self.level_size(level);
        let r = rect.intersection(PixelRect::of_size(w, h));
        match level {
            0 => shading.rgba(&self.base, r),
            1 => {
                let source = PixelRect::new(r.x0 * 2, r.y0 * 2, r.x1 * 2, r.y1 * 2);
                let part = crop(&self.base, source).halved();
                shading.rgba(&part, part.rect())
            }
            _ => shading.rgba(&self.small[(level - 2) as usize], r),
        }
    }
}

/// Size of level `level` of a raster of `width` × `height`: halved and rounded up that many times.
#[must_use]
pub const fn level_size(width: u32, height: u32, level: u32) -> (u32, u32) {
    let step = 1_u64 << level;
    ((width as u64).div_ceil(step) as u32, (height as u64).div_ceil(step) as u32)
}

fn crop(photo: &Photo, rect: PixelRect) -> Photo {
    match photo {
        Photo::Gray8(p) => Photo::Gray8(p.crop(rect)),
        Photo::Gray16(p) => Photo::Gray16(p.crop(rect)),
        Photo::GrayF32(p) => Photo::GrayF32(p.crop(rect)),
        Photo::Rgb8(p) => Photo::Rgb8(p.crop(rect)),
        Photo::Rgb16(p) => Photo::Rgb16(p.crop(rect)),
    }
}

/// Pixels `rect` of level `level` of a label map. A pixel that covers any labelled pixel shows one (the last met), so that a
/// one-pixel defect is visible at every zoom.
#[must_use]
pub fn label_level(map: &LabelMap, level: u32, rect: PixelRect) -> Plane<u8> {
    let (w, h) = level_size(map.width(), map.height(), level);
    let r = rect.intersection(PixelRect::of_size(w, h));
    if level == 0 || r.is_empty() {
        return map.crop(r);
    }
    let mut out = Plane::filled(r.width(), r.height(), 0_u8);
    let (x0, x1) = (r.x0 << level, (r.x1 << level).min(map.width()));
    for y in r.y0 << level..(r.y1 << level).min(map.height()) {
        let row = out.row_mut((y >> level) - r.y0);
        map.for_each_span_in_row(y, x0, x1, |a, b, span| match span {
            TileRow::Uniform(0) => {}
            TileRow::Uniform(v) => row[((a >> level) - r.x0) as usize..=(((b - 1) >> level) - r.x0) as usize].fill(v),
            TileRow::Pixels(values) => {
                for (x, &v) in (a..b).zip(values) {
                    if v != 0 {
                        row[((x >> level) - r.x0) as usize] = v;
                    }
                }
            }
        });
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photo_and_levels_take_less_than_fifteen_percent_more_than_the_photo() {
        let (w, h) = (4100, 3100);
        for photo in [
            Photo::Gray8(Plane::filled(w, h, 1)),
            Photo::Gray16(Plane::filled(w, h, 1)),
            Photo::Rgb8(Plane::filled(w, h, [1; 3])),
            Photo::Rgb16(Plane::filled(w, h, [1; 3])),
            Photo::GrayF32(Plane::filled(w, h, 1.0)),
        ] {
            let alone = photo.heap_bytes();
            let pyramid = Pyramid::build(photo);
            let share = pyramid.heap_bytes() as f64 / alone as f64;
            // 1 + 1/16 + 1/64 + … = 1 + 1/12, and a little for sizes that are rounded up.
            assert!(share > 1.08 && share < 1.0845, "{share}");
        }
    }
}
