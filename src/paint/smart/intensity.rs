//! Gray values of a dab: the range for the threshold brush, histograms, Otsu's threshold.

use std::ops::RangeInclusive;

use super::plane_filters::median;
use crate::raster::{Area, Photo, PixelRect};

/// Samples that are enough for a quantile; larger areas are thinned out.
const SAMPLES: u64 = 1 << 16;

/// Counts of gray values in equal bins.
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram {
    /// Smallest value, the left side of the first bin (raw units).
    pub from: f32,
    /// Largest value, the right side of the last bin.
    pub to: f32,
    pub counts: Vec<u64>,
}

impl Histogram {
    /// Width of one bin in raw units.
    #[must_use]
    pub fn bin_width(&self) -> f32 {
        (self.to - self.from) / self.counts.len().max(1) as f32
    }

    /// Left side of bin `i` in raw units.
    #[must_use]
    pub fn left_of(&self, i: usize) -> f32 {
        self.from + self.bin_width() * i as f32
    }

    /// Number of values.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }
}

/// The range of gray values that a dab stands for: what the threshold brush may paint.
///
/// From the `(1 − coverage) / 2` quantile to its mirror (`coverage` 0..=1, 0.95 is a good choice), so that a few pixels beside the
/// defect do not widen it; then widened on both sides by the noise, measured as the robust spread of neighbours' differences
/// (1.4826 · MAD / √2) and at least half a raw step of integer photos: a small dab does not show the tails that the noise has
/// elsewhere in the same material. None when the area holds no finite value.
#[must_use]
pub fn range_of(photo: &Photo, area: &Area, coverage: f32) -> Option<RangeInclusive<f32>> {
    let area = area.cut_to(photo.rect());
    let step = (area.pixels() / SAMPLES + 1) as usize;
    let (mut values, mut differences) = (Vec::new(), Vec::new());
    for span in area.spans() {
        // Spans start at another column in each row, so that thinning out keeps no grid.
        for x in (span.x0 + span.y % step as u32..span.x1).step_by(step) {
            let v = photo.gray_at(x, span.y);
            if v.is_finite() {
                values.push(v);
                if x + 1 < span.x1 {
                    let d = (photo.gray_at(x + 1, span.y) - v).abs();
                    if d.is_finite() {
                        differences.push(d);
                    }
                }
            }
        }
    }
    if values.is_empty() {
        return None;
    }
    values.sort_unstable_by(f32::total_cmp);
    let tail = (1.0 - coverage.clamp(0.0, 1.0)) / 2.0;
    let last = (values.len() - 1) as f32;
    let (low, high) = (values[(last * tail).round() as usize], values[(last * (1.0 - tail)).round() as usize]);
    let least = if matches!(photo, Photo::GrayF32(_)) { 0.0 } else { 0.5 };
    let noise = (median(&mut differences).unwrap_or(0.0) * 1.4826 / std::f32::consts::SQRT_2).max(least);
    Some(low - noise..=high + noise)
}

/// How often which gray values occur inside the area; from its smallest to its largest finite value. Without any: 0 to 1, all empty.
#[must_use]
pub fn histogram(photo: &Photo, area: &Area, bins: usize) -> Histogram {
    let mut values = Vec::new();
    for span in area.cut_to(photo.rect()).spans() {
        let row = photo.gray_plane(PixelRect::new(span.x0, span.y, span.x1, span.y + 1));
        values.extend(row.as_slice().iter().copied().filter(|v| v.is_finite()));
    }
    binned(&values, bins)
}

fn binned(values: &[f32], bins: usize) -> Histogram {
    let mut counts = vec![0_u64; bins.max(1)];
    if values.is_empty() {
        return Histogram { from: 0.0, to: 1.0, counts };
    }
    let (from, to) = values.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(a, b), &v| (a.min(v), b.max(v)));
    let scale = if to > from { counts.len() as f64 / (f64::from(to) - f64::from(from)) } else { 0.0 };
    for &v in values {
        let bin = ((f64::from(v) - f64::from(from)) * scale) as usize;
        let bin = bin.min(counts.len() - 1);
        counts[bin] += 1;
    }
    Histogram { from, to, counts }
}

/// Otsu's threshold of the gray values inside `rect`: the value that splits them into two classes of the largest variance between
/// (Otsu 1979, IEEE Trans. SMC 9:62). Values below it are the dark class, others the bright one. None when all are equal or no number.
///
/// From a histogram of 256 bins; of rectangles of more than a megapixel only every n-th row is read.
#[must_use]
pub fn otsu(photo: &Photo, rect: PixelRect) -> Option<f32> {
    let rect = rect.intersection(photo.rect());
    if rect.is_empty() {
        return None;
    }
    let step = (rect.area() / (1 << 20) + 1) as usize;
    let rows = (rect.y0..rect.y1).step_by(step);
    let area = Area::from_spans(rows.map(|y| crate::raster::Span::new(y, rect.x0, rect.x1)).collect());
    let h = histogram(photo, &area, 256);
    if h.to <= h.from {
        return None;
    }
    let total = h.total() as f64;
    let moment: f64 = h.counts.iter().enumerate().map(|(i, &n)| i as f64 * n as f64).sum();
    let (mut below, mut moment_below) = (0.0, 0.0);
    let mut best = (0.0, 0, 0);
    for (i, &n) in h.counts.iter().enumerate() {
        below += n as f64;
        moment_below += i as f64 * n as f64;
        let above = total - below;
        if below > 0.0 && above > 0.0 {
            let apart = moment_below / below - (moment - moment_below) / above;
            let between = below * above * apart * apart;
            if between > best.0 {
                best = (between, i, i);
            } else if between == best.0 {
                best.2 = i;
            }
        }
    }
    // Empty bins between the classes split alike: the middle of them.
    Some(h.left_of(best.1 + 1).midpoint(h.left_of(best.2 + 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;

    /// Two normal populations by the quantiles of a normal distribution, mixed over the plane.
    fn hash(x: u32, y: u32) -> f32 {
        let mut h = x.wrapping_mul(0x9E37_79B9) ^ y.wrapping_mul(0x85EB_CA6B);
        h ^= h >> 15;
        h = h.wrapping_mul(0x2C1B_3C6D);
        h ^= h >> 12;
        h = h.wrapping_mul(0x297A_2D39);
        h ^= h >> 15;
        (h >> 8) as f32 / (1_u32 << 24) as f32
    }

    fn normal(x: u32, y: u32) -> f32 {
        (-2.0 * (1.0 - hash(x, y)).ln()).sqrt() * (std::f32::consts::TAU * hash(x + 7919, y + 104_729)).cos()
    }

    #[test]
    fn the_range_covers_the_material_and_not_the_neighbour() {
        // A dab of 90 % material of 1000 ± 20 and 2 % ground of 3000.
        let photo = Photo::Gray16(Plane::from_fn(200, 200, |x, y| {
            let mean = if hash(x + 1, y + 5) < 0.02 { 3000.0 } else { 1000.0 };
            (mean + 20.0 * normal(x, y)).round() as u16
        }));
        let range = range_of(&photo, &Area::of_rect(PixelRect::new(20, 20, 60, 60)), 0.95).unwrap();
        // The quantiles of the mixture: 1000 − 1.95·20 and 1000 + 2.4·20 or so; one noise of 20 more each.
        assert!((*range.start() - 941.0).abs() < 10.0 && (1055.0..1200.0).contains(range.end()), "{range:?}");
        let inside = (0..200).flat_map(|y| (0..200).map(move |x| (x, y))).filter(|&(x, y)| range.contains(&photo.gray_at(x, y)));
        let share = inside.count() as f32 / 40_000.0;
        assert!((0.96..0.985).contains(&share), "{share}");
    }

    #[test]
    fn a_flat_dab_still_takes_its_own_value() {
        let photo = Photo::Rgb8(Plane::filled(4, 4, [9, 9, 9]));
        let range = range_of(&photo, &Area::of_rect(photo.rect()), 0.9).unwrap();
        assert!(range.contains(&9.0) && !range.contains(&8.0) && !range.contains(&10.0));
        assert!(range_of(&photo, &Area::new(), 0.9).is_none());
        let none = Photo::GrayF32(Plane::filled(4, 4, f32::NAN));
        assert!(range_of(&none, &Area::of_rect(none.rect()), 0.9).is_none());
        assert_eq!(histogram(&none, &Area::of_rect(none.rect()), 4).total(), 0);
    }

    #[test]
    fn every_value_is_counted_in_its_bin() {
        let photo = Photo::Gray8(Plane::from_fn(16, 16, |x, y| (y * 16 + x) as u8));
        let h = histogram(&photo, &Area::of_rect(photo.rect()), 5);
        assert_eq!((h.from, h.to, h.total()), (0.0, 255.0, 256));
        assert_eq!(h.counts, [51, 51, 51, 51, 52]);
        assert_eq!(h.left_of(2), 102.0);
    }

    #[test]
    fn otsu_is_the_split_of_largest_variance_between() {
        let photo = Photo::Gray8(Plane::from_fn(120, 90, |x, y| {
            let mean = if (x / 17 + y / 11) % 3 == 0 { 170.0 } else { 90.0 };
            (mean + 25.0 * normal(x, y)).round().clamp(0.0, 255.0) as u8
        }));
        let found = otsu(&photo, photo.rect()).unwrap();
        let between = |t: f32| {
            let plane = photo.gray_plane(photo.rect());
            let (a, b): (Vec<f64>, Vec<f64>) = plane.as_slice().iter().map(|&v| f64::from(v)).partition(|&v| v < f64::from(t));
            let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len().max(1) as f64;
            a.len() as f64 * b.len() as f64 * (mean(&a) - mean(&b)).powi(2)
        };
        let best = (1..=255).map(|t| between(t as f32)).fold(0.0, f64::max);
        assert!(between(found) >= best * 0.9999, "{found}");
        assert!(otsu(&Photo::Gray8(Plane::filled(9, 9, 4)), PixelRect::of_size(9, 9)).is_none());
        assert!(otsu(&photo, PixelRect::EMPTY).is_none());
    }
}
