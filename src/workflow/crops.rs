//! Small pictures of places on images, at true scale or averaged down, with the outlines of the labels in them.

use super::error::WorkflowError;
use crate::project::Project;
use crate::raster::contour::{Contour, mid_cracks};
use crate::raster::display::Channel;
use crate::raster::histogram::Histogram;
use crate::raster::pyramid::Window;
use crate::raster::runs::Run;
use crate::raster::{LabelMap, Photo, PixelRect};

/// A place of a photo as it is shown.
#[derive(Clone, Debug)]
pub struct Crop {
    /// What it shows, image px.
    pub rect: PixelRect,
    pub width: u32,
    pub height: u32,
    /// Row by row.
    pub rgb: Vec<[u8; 3]>,
    /// Outlines of the labels in it with their class, image px.
    pub contours: Vec<(u8, Contour)>,
}

/// What to show of a place: a quarter more on every side, at least `least` px wide and high where the image is large enough.
#[must_use]
pub fn surroundings(bounds: PixelRect, least: u32, width: u32, height: u32) -> PixelRect {
    let side = |low: u32, high: u32, size: u32| {
        let wanted = ((high - low) + (high - low) / 2).max(least).min(size);
        let middle = u32::midpoint(low, high);
        let start = middle.saturating_sub(wanted / 2).min(size - wanted);
        (start, start + wanted)
    };
    let (x0, x1) = side(bounds.x0, bounds.x1.min(width).max(bounds.x0), width);
    let (y0, y1) = side(bounds.y0, bounds.y1.min(height).max(bounds.y0), height);
    PixelRect::new(x0, y0, x1, y1)
}

impl Crop {
    /// The pixels of `rect`, averaged down by whole numbers until the longer side has at most `longest` px. Deep photos are shown
    /// through the window that fits the place.
    #[must_use]
    pub fn of(photo: &Photo, label: &LabelMap, rect: PixelRect, longest: u32) -> Self {
        let rect = rect.intersection(photo.rect());
        let step = rect.width().max(rect.height()).div_ceil(longest.max(1)).max(1);
        let (width, height) = (rect.width().div_ceil(step), rect.height().div_ceil(step));
        let window = match photo {
            Photo::Gray8(_) | Photo::Rgb8(_) => Window { black: 0.0, white: 255.0 },
            _ => Histogram::of(photo, rect, Channel::default()).auto_window(),
        };
        let mut rgb = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            for x in 0..width {
                let block =
                    PixelRect::new(rect.x0 + x * step, rect.y0 + y * step, rect.x0 + (x + 1) * step, rect.y0 + (y + 1) * step);
                rgb.push(mean(photo, block.intersection(rect)).map(|c| window.shade(c)));
            }
        }
        let mut by_class: Vec<(u8, Vec<Run>)> = Vec::new();
        for run in crate::raster::runs::runs_in(label, rect) {
            match by_class.iter_mut().find(|(class, _)| *class == run.value) {
                Some((_, runs)) => runs.push(run),
                None => by_class.push((run.value, vec![run])),
            }
        }
        let contours =
            by_class.into_iter().flat_map(|(class, runs)| mid_cracks(&runs).into_iter().map(move |c| (class, c))).collect();
        Self { rect, width, height, rgb, contours }
    }
}

fn mean(photo: &Photo, block: PixelRect) -> [f32; 3] {
    let (mut sum, mut n) = ([0.0_f32; 3], 0.0_f32);
    for y in block.y0..block.y1 {
        for x in block.x0..block.x1 {
            let rgb = photo.rgb_at(x, y);
            if rgb.iter().all(|c| c.is_finite()) {
                sum.iter_mut().zip(rgb).for_each(|(s, c)| *s += c);
                n += 1.0;
            }
        }
    }
    sum.map(|s| if n > 0.0 { s / n } else { 0.0 })
}

/// A square of `side` px about a place, moved where it would leave the image, smaller where the image is.
#[must_use]
pub fn square_about(bounds: PixelRect, side: u32, width: u32, height: u32) -> PixelRect {
    let span = |low: u32, high: u32, size: u32| {
        let wanted = side.min(size);
        let start = u32::midpoint(low, high).saturating_sub(wanted / 2).min(size - wanted);
        (start, start + wanted)
    };
    let ((x0, x1), (y0, y1)) = (span(bounds.x0, bounds.x1, width), span(bounds.y0, bounds.y1, height));
    PixelRect::new(x0, y0, x1, y1)
}

/// Squares of one size about places of an image, so that all pictures have one scale; outlines from `label`.
pub fn squares_of(
    project: &Project,
    image: usize,
    label: Option<LabelMap>,
    places: &[PixelRect],
    side: u32,
    longest: u32,
) -> Result<Vec<Crop>, WorkflowError> {
    let photo = project.read_photo(image)?;
    let label = match label {
        Some(label) => label,
        None => project.read_label(image)?,
    };
    let (w, h) = (photo.width(), photo.height());
    Ok(places.iter().map(|&bounds| Crop::of(&photo, &label, square_about(bounds, side, w, h), longest)).collect())
}

/// Decodes the photo of an image and cuts places out of it; the label as it lies on disk or as given.
pub fn crops_of(
    project: &Project,
    image: usize,
    label: Option<LabelMap>,
    places: &[PixelRect],
    longest: u32,
) -> Result<Vec<Crop>, WorkflowError> {
    let photo = project.read_photo(image)?;
    let label = match label {
        Some(label) => label,
        None => project.read_label(image)?,
    };
    let (w, h) = (photo.width(), photo.height());
    Ok(places.iter().map(|&bounds| Crop::of(&photo, &label, surroundings(bounds, 48, w, h), longest)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;

    #[test]
    fn surroundings_stay_inside_and_hold_the_place() {
        for bounds in [PixelRect::new(0, 0, 4, 4), PixelRect::new(90, 70, 100, 80), PixelRect::new(10, 10, 90, 70)] {
            let r = surroundings(bounds, 48, 100, 80);
            assert!(r.x1 <= 100 && r.y1 <= 80 && r.width() >= 48 && r.height() >= 48, "{r:?}");
            assert_eq!(r.union(bounds), r);
        }
        assert_eq!(surroundings(PixelRect::new(2, 2, 5, 5), 48, 20, 16), PixelRect::new(0, 0, 20, 16));
    }

    #[test]
    fn squares_have_one_size_wherever_they_lie() {
        for bounds in [PixelRect::new(0, 0, 4, 4), PixelRect::new(95, 75, 100, 80), PixelRect::new(40, 30, 44, 60)] {
            let r = square_about(bounds, 32, 100, 80);
            assert!(r.x1 <= 100 && r.y1 <= 80 && (r.width(), r.height()) == (32, 32), "{r:?}");
        }
        assert_eq!(square_about(PixelRect::new(2, 2, 5, 5), 48, 20, 60), PixelRect::new(0, 0, 20, 48));
    }

    #[test]
    fn a_crop_has_the_pixels_or_their_means_and_the_outline() {
        let photo = Photo::Gray8(Plane::from_fn(60, 40, |x, y| (x + y) as u8));
        let mut label = LabelMap::new(60, 40);
        label.fill_span(12, 14, 20, 3);
        let crop = Crop::of(&photo, &label, PixelRect::new(10, 10, 30, 30), 64);
        assert_eq!((crop.width, crop.height, crop.rgb[0], crop.rgb[21]), (20, 20, [20; 3], [22; 3]));
        assert_eq!(crop.contours.len(), 1);
        assert_eq!(crop.contours[0].0, 3);
        let halved = Crop::of(&photo, &label, PixelRect::new(10, 10, 30, 30), 10);
        assert_eq!((halved.width, halved.height, halved.rgb[0]), (10, 10, [21; 3]));
    }
}
