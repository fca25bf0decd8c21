//! A photo with what was missed, invented and agreed painted over it, as a data URI.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::compare::{Agreement, PixelComparison};
use crate::raster::{LabelMap, Photo, Plane};

/// Longer side of a picture in the report, px: large enough for a face, small enough for a mail.
const SIDE: u32 = 640;

/// What each kind of pixel looks like: colour, and how much of the photo it hides.
const TINTS: [([u8; 3], f32); 5] = [
    ([0, 0, 0], 0.0),
    ([0xE5, 0x48, 0x4D], 0.75),
    ([0xF5, 0xA5, 0x24], 0.75),
    ([0x2F, 0xBF, 0x8F], 0.5),
    ([0xA8, 0x55, 0xF7], 0.75),
];

/// The colour of a kind of pixel, as CSS has it.
#[must_use]
pub(super) fn css_colour(kind: Agreement) -> String {
    let [r, g, b] = TINTS[kind as usize].0;
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// An RGB picture of the photo with label and prediction painted over it, at most [`SIDE`] px wide and high. None when sizes differ.
#[must_use]
pub(super) fn overlay(photo: &Photo, label: &LabelMap, prediction: &LabelMap) -> Option<Plane<[u8; 3]>> {
    if photo.rect() != label.rect() || photo.rect().is_empty() {
        return None;
    }
    let map = PixelComparison::of(label, prediction)?.map.to_plane();
    let step = photo.width().max(photo.height()).div_ceil(SIDE);
    let scale = 255.0 / photo.full_scale();
    let size = (photo.width().div_ceil(step), photo.height().div_ceil(step));
    Some(Plane::from_fn(size.0, size.1, |x, y| {
        let (x0, y0) = (x * step, y * step);
        let (x1, y1) = ((x0 + step).min(photo.width()), (y0 + step).min(photo.height()));
        // A defect of one pixel must not vanish: what says most of the pixels that become one is shown.
        let kinds = (y0..y1).flat_map(|y| map.row(y)[x0 as usize..x1 as usize].iter().copied());
        let kind = kinds.max_by_key(|&k| match k {
            k if k == Agreement::Nothing as u8 => 0,
            k if k == Agreement::Agreed as u8 => 1,
            k => 2 + k,
        });
        let (tint, share) = TINTS[usize::from(kind.unwrap_or(0)).min(TINTS.len() - 1)];
        let raw = photo.rgb_at((x0 + x1 - 1) / 2, (y0 + y1 - 1) / 2);
        std::array::from_fn(|c| ((1.0 - share) * raw[c] * scale + share * f32::from(tint[c])).clamp(0.0, 255.0).round() as u8)
    }))
}

/// The picture as `data:image/png;base64,…`.
pub(super) fn data_uri(picture: &Plane<[u8; 3]>) -> Result<String, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width(), picture.height());
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(&picture.as_slice().concat())?;
    writer.finish()?;
    Ok(format!("data:image/png;base64,{}", STANDARD.encode(bytes)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_missed_pixel_of_a_large_photo_is_still_red() {
        let photo = Photo::Gray8(Plane::filled(2000, 1000, 100));
        let mut label = LabelMap::new(2000, 1000);
        label.fill_span(501, 777, 778, 3);
        let picture = overlay(&photo, &label, &LabelMap::new(2000, 1000)).unwrap();
        assert_eq!((picture.width(), picture.height()), (500, 250));
        assert_eq!(picture.at(0, 0), [100; 3]);
        assert_eq!(picture.at(777 / 4, 501 / 4), [197, 79, 83], "three quarters of e5484d and one of the photo");
        assert_eq!(picture.as_slice().iter().filter(|p| **p != [100; 3]).count(), 1);
        assert!(overlay(&photo, &label, &LabelMap::new(3, 3)).is_none());
    }
}
