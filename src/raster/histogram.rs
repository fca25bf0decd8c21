//! How often each raw value occurs in a part of a photo, and the window that follows from it.

use super::display::Channel;
use super::geometry::PixelRect;
use super::photo::Photo;
use super::pyramid::Window;

/// At most about so many pixels are looked at, on an even grid: a photo of 100 megapixels takes no longer than one of one.
const SAMPLES: u64 = 1 << 18;

/// Shares of pixels that may be darker than black and lighter than white in an automatic window.
const LOW: f64 = 0.005;
const HIGH: f64 = 0.995;

/// Sorted values of one channel, taken on a grid.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Histogram {
    values: Vec<f32>,
}

impl Histogram {
    /// Values of `channel` inside `rect` (cut to the photo); what is no number, or infinite, does not count.
    #[must_use]
    pub fn of(photo: &Photo, rect: PixelRect, channel: Channel) -> Self {
        let r = rect.intersection(photo.rect());
        if r.is_empty() {
            return Self::default();
        }
        let step = (r.area() as f64 / SAMPLES as f64).sqrt().ceil().max(1.0) as usize;
        let full_scale = if channel == Channel::Saturation { photo.full_scale() } else { 0.0 };
        let is_colour = photo.channels() == 3;
        let mut values: Vec<f32> = Vec::with_capacity(SAMPLES.min(r.area()) as usize);
        for y in (r.y0..r.y1).step_by(step) {
            values.extend((r.x0..r.x1).step_by(step).filter_map(|x| {
                let rgb = photo.rgb_at(x, y);
                let value = if is_colour { channel.value(rgb, full_scale) } else { rgb[0] };
                value.is_finite().then_some(value)
            }));
        }
        values.sort_unstable_by(f32::total_cmp);
        Self { values }
    }

    /// How many pixels were looked at.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.values.len()
    }

    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The smallest and the largest value; (0, 1) when there is none.
    #[must_use]
    pub fn range(&self) -> (f32, f32) {
        match (self.values.first(), self.values.last()) {
            (Some(&low), Some(&high)) => (low, high),
            _ => (0.0, 1.0),
        }
    }

    /// The value below which the share `q` (0..=1) of the pixels lies: the nearest of those that were seen. None without a pixel.
    #[must_use]
    pub fn quantile(&self, q: f64) -> Option<f32> {
        let last = self.values.len().checked_sub(1)?;
        self.values.get((last as f64 * q.clamp(0.0, 1.0)).round() as usize).copied()
    }

    /// Counts of `bins` even parts of `low..=high`; the last part takes `high` itself, values outside are left out.
    #[must_use]
    pub fn counts(&self, low: f32, high: f32, bins: usize) -> Vec<u32> {
        let mut counts = vec![0; bins];
        if bins == 0 || high <= low {
            return counts;
        }
        let scale = bins as f32 / (high - low);
        for &value in self.values.iter().filter(|&&v| v >= low && v <= high) {
            counts[(((value - low) * scale) as usize).min(bins - 1)] += 1;
        }
        counts
    }

    /// From the 0.5th to the 99.5th percentile: a few dead or blinding pixels do not matter. At least a little wide.
    #[must_use]
    pub fn auto_window(&self) -> Window {
        let (Some(black), Some(white)) = (self.quantile(LOW), self.quantile(HIGH)) else {
            return Window { black: 0.0, white: 1.0 };
        };
        if white > black {
            return Window { black, white };
        }
        // A flat photo: its one value in the middle.
        let half = (black.abs() * 1e-3).max(0.5);
        Window { black: black - half, white: black + half }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;

    #[test]
    fn percentiles_of_a_ramp_are_those_of_the_ramp() {
        // 0, 1, …, 9999 once each.
        let photo = Photo::Gray16(Plane::from_fn(100, 100, |x, y| (x + 100 * y) as u16));
        let histogram = Histogram::of(&photo, photo.rect(), Channel::Colour);
        assert_eq!((histogram.len(), histogram.range()), (10_000, (0.0, 9999.0)));
        assert_eq!(histogram.auto_window(), Window { black: 50.0, white: 9949.0 });
        assert_eq!(histogram.counts(0.0, 9999.0, 10), [1000; 10]);
    }

    #[test]
    fn dead_pixels_and_no_numbers_do_not_move_the_window() {
        let mut values: Vec<f32> = (0..10_000_u16).map(|i| 0.2 + f32::from(i % 100) * 0.001).collect();
        values[17] = f32::NAN;
        values[18] = f32::INFINITY;
        values[4000] = 1e30;
        values[4001] = -1e30;
        let photo = Photo::GrayF32(Plane::from_vec(100, 100, values));
        let window = Histogram::of(&photo, photo.rect(), Channel::Colour).auto_window();
        assert!((window.black - 0.2).abs() < 1e-5 && (window.white - 0.299).abs() < 1e-5, "{window:?}");
    }

    #[test]
    fn nothing_and_one_value_give_a_window_all_the_same() {
        let blind = Photo::GrayF32(Plane::filled(4, 4, f32::NAN));
        assert_eq!(Histogram::of(&blind, blind.rect(), Channel::Colour).auto_window(), Window { black: 0.0, white: 1.0 });
        let flat = Photo::Gray8(Plane::filled(4, 4, 77));
        let window = Histogram::of(&flat, flat.rect(), Channel::Colour).auto_window();
        assert_eq!(window, Window { black: 76.5, white: 77.5 });
    }

    #[test]
    fn a_part_and_a_channel_are_counted_alone() {
        let photo = Photo::Rgb8(Plane::from_fn(20, 10, |x, _| if x < 10 { [10, 20, 30] } else { [200, 100, 0] }));
        let right = PixelRect::new(10, 0, 20, 10);
        assert_eq!(Histogram::of(&photo, right, Channel::Green).range(), (100.0, 100.0));
        assert_eq!(Histogram::of(&photo, photo.rect(), Channel::Blue).range(), (0.0, 30.0));
        assert_eq!(Histogram::of(&photo, right, Channel::Saturation).range(), (255.0, 255.0));
    }

    #[test]
    fn a_large_photo_is_sampled() {
        let photo = Photo::Gray8(Plane::from_fn(3000, 2000, |x, _| (x * 256 / 3000) as u8));
        let histogram = Histogram::of(&photo, photo.rect(), Channel::Colour);
        assert!(histogram.len() as u64 <= SAMPLES && histogram.len() > 100_000);
        assert!((histogram.quantile(0.25).unwrap() - 64.0).abs() <= 1.0);
    }
}
