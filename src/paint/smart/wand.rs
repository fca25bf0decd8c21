//! Magic wand: the connected pixels that look like the clicked ones; a drag of the tolerance only thresholds.

pub use super::minimax::Connectivity;
use super::minimax::MinimaxField;
use super::plane_filters::median;
use crate::raster::{Area, Photo};

/// Settings of the wand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wand {
    /// Largest difference from the clicked value, in the photo's raw units, ≥ 0.
    pub tolerance: f32,
    pub connectivity: Connectivity,
    /// The flood stops at this many pixels.
    pub max_pixels: u64,
}

impl Wand {
    /// Enough for any defect; the first flood of that many pixels takes about a tenth of a second, thresholds after it a few milliseconds.
    pub const MAX_PIXELS: u64 = 1_000_000;

    #[must_use]
    pub const fn new(tolerance: f32) -> Self {
        Self { tolerance, connectivity: Connectivity::Eight, max_pixels: Self::MAX_PIXELS }
    }
}

/// What the wand selected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WandArea {
    pub area: Area,
    /// More pixels would belong to it, but their largest number was reached.
    pub is_cut: bool,
}

/// The pixels connected with (x, y) whose value differs from the clicked one by at most the tolerance.
///
/// The clicked value is the median of the 3 × 3 pixels around the click, of each channel; the difference is that of gray values, or
/// the largest of the three channels of a colour photo. The clicked pixel itself always belongs to it. Empty outside the photo and on
/// a pixel that is no number.
#[must_use]
pub fn wand(photo: &Photo, x: u32, y: u32, settings: &Wand) -> WandArea {
    WandField::new(photo, x, y, settings.connectivity, settings.max_pixels).at(photo, settings.tolerance)
}

/// The wand around one click for any tolerance: keeps the smallest tolerance at which each visited pixel joins. A larger tolerance
/// floods on from where the last one ended, a smaller one only thresholds.
#[derive(Clone, Debug)]
pub struct WandField {
    field: MinimaxField,
    clicked: [f32; 3],
}

impl WandField {
    #[must_use]
    pub fn new(photo: &Photo, x: u32, y: u32, connectivity: Connectivity, max_pixels: u64) -> Self {
        let size = (photo.width(), photo.height());
        let clicked = clicked_value(photo, x, y);
        let level = if clicked.is_some() { 0.0 } else { f32::INFINITY };
        Self { field: MinimaxField::new(size, (x, y), level, connectivity, max_pixels), clicked: clicked.unwrap_or_default() }
    }

    /// The raw value that the tolerance is measured from; gray three times.
    #[must_use]
    pub const fn clicked(&self) -> [f32; 3] {
        self.clicked
    }

    /// The selection at `tolerance` (raw units). `photo` must be the one of [`Self::new`]; one of another size selects nothing.
    #[must_use]
    pub fn at(&mut self, photo: &Photo, tolerance: f32) -> WandArea {
        if self.field.size() != (photo.width(), photo.height()) || tolerance.is_nan() {
            return WandArea::default();
        }
        let tolerance = tolerance.clamp(0.0, f32::MAX);
        let clicked = self.clicked;
        let is_whole = match photo {
            Photo::Gray8(p) => self.field.grow(tolerance, |x, y| (f32::from(p.at(x, y)) - clicked[0]).abs()),
            Photo::Gray16(p) => self.field.grow(tolerance, |x, y| (f32::from(p.at(x, y)) - clicked[0]).abs()),
            Photo::GrayF32(p) => self.field.grow(tolerance, |x, y| (p.at(x, y) - clicked[0]).abs()),
            Photo::Rgb8(p) => self.field.grow(tolerance, |x, y| colour_distance(p.at(x, y).map(f32::from), clicked)),
            Photo::Rgb16(p) => self.field.grow(tolerance, |x, y| colour_distance(p.at(x, y).map(f32::from), clicked)),
        };
        WandArea { area: self.field.area(tolerance), is_cut: !is_whole }
    }
}

fn colour_distance(a: [f32; 3], b: [f32; 3]) -> f32 {
    (a[0] - b[0]).abs().max((a[1] - b[1]).abs()).max((a[2] - b[2]).abs())
}

/// The median of the finite values among the 3 × 3 pixels around (x, y); None outside or when the pixel is no number.
fn clicked_value(photo: &Photo, x: u32, y: u32) -> Option<[f32; 3]> {
    if !photo.rect().contains(x, y) || !photo.rgb_at(x, y).iter().all(|v| v.is_finite()) {
        return None;
    }
    let mut channels: [Vec<f32>; 3] = Default::default();
    for ny in y.saturating_sub(1)..=(y + 1).min(photo.height() - 1) {
        for nx in x.saturating_sub(1)..=(x + 1).min(photo.width() - 1) {
            for (channel, v) in channels.iter_mut().zip(photo.rgb_at(nx, ny)) {
                if v.is_finite() {
                    channel.push(v);
                }
            }
        }
    }
    Some(channels.map(|mut values| median(&mut values).unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;
    use crate::raster::Plane;

    fn brute(photo: &Photo, x: u32, y: u32, wand: &Wand) -> BTreeSet<(u32, u32)> {
        let mut all: [Vec<f32>; 3] = Default::default();
        for ny in 0..photo.height() {
            for nx in 0..photo.width() {
                if nx.abs_diff(x) <= 1 && ny.abs_diff(y) <= 1 {
                    (0..3).for_each(|c| all[c].push(photo.rgb_at(nx, ny)[c]));
                }
            }
        }
        let clicked = all.map(|mut v| {
            v.sort_by(f32::total_cmp);
            v[v.len() / 2]
        });
        let mut set = BTreeSet::from([(y, x)]);
        loop {
            let before = set.len();
            for ny in 0..photo.height() {
                for nx in 0..photo.width() {
                    let far = (0..3).map(|c| (photo.rgb_at(nx, ny)[c] - clicked[c]).abs()).fold(0.0, f32::max);
                    let touches = set.iter().any(|&(sy, sx)| {
                        let (dx, dy) = (sx.abs_diff(nx), sy.abs_diff(ny));
                        if wand.connectivity == Connectivity::Four { dx + dy == 1 } else { dx.max(dy) == 1 }
                    });
                    if far <= wand.tolerance && touches {
                        set.insert((ny, nx));
                    }
                }
            }
            if set.len() == before {
                return set;
            }
        }
    }

    fn pixels(area: &Area) -> BTreeSet<(u32, u32)> {
        area.spans().iter().flat_map(|s| (s.x0..s.x1).map(move |x| (s.y, x))).collect()
    }

    proptest! {
        #[test]
        fn the_wand_is_a_flood(values in prop::collection::vec(0_u8..12, 9 * 7), at in 0_u32..63, t in 0_u8..8, eight: bool) {
            let connectivity = if eight { Connectivity::Eight } else { Connectivity::Four };
            let wand_of = |tolerance: u8| Wand { tolerance: f32::from(tolerance), connectivity, max_pixels: 1000 };
            let gray = Photo::Gray8(Plane::from_vec(9, 7, values.clone()));
            let deep = Photo::Rgb16(Plane::from_fn(9, 7, |x, y| {
                let v = u16::from(values[(y * 9 + x) as usize]);
                [v, (v * 7) % 12, 500 + v / 2]
            }));
            for photo in [gray, deep] {
                let (x, y) = (at % 9, at / 9);
                let mut field = WandField::new(&photo, x, y, connectivity, 1000);
                // Forth and back, as a drag goes.
                for t in [t, t / 2, t + 3, 0, t] {
                    let found = field.at(&photo, f32::from(t));
                    prop_assert!(!found.is_cut);
                    prop_assert_eq!(pixels(&found.area), brute(&photo, x, y, &wand_of(t)));
                }
            }
        }
    }

    #[test]
    fn a_flood_too_large_says_so() {
        let photo = Photo::Gray16(Plane::filled(300, 200, 1000));
        let cut = wand(&photo, 150, 100, &Wand { max_pixels: 500, ..Wand::new(5.0) });
        assert!(cut.is_cut);
        assert_eq!(cut.area.pixels(), 500);
        let whole = wand(&photo, 299, 199, &Wand::new(5.0));
        assert!(!whole.is_cut);
        assert_eq!(whole.area, Area::of_rect(photo.rect()));
    }

    #[test]
    fn nothing_outside_nor_where_there_is_no_number() {
        let mut plane = Plane::filled(5, 5, 1.0_f32);
        plane.set(2, 2, f32::NAN);
        plane.set(3, 2, f32::INFINITY);
        let photo = Photo::GrayF32(plane);
        assert!(wand(&photo, 2, 2, &Wand::new(1.0)).area.is_empty());
        assert!(wand(&photo, 5, 0, &Wand::new(1.0)).area.is_empty());
        assert_eq!(wand(&photo, 1, 2, &Wand::new(f32::INFINITY)).area.pixels(), 23);
        assert!(wand(&photo, 1, 2, &Wand::new(f32::NAN)).area.is_empty());
        let none = Photo::Gray8(Plane::filled(0, 0, 0));
        assert!(wand(&none, 0, 0, &Wand::new(1.0)).area.is_empty());
        let one = Photo::Gray8(Plane::filled(1, 1, 9));
        assert_eq!(wand(&one, 0, 0, &Wand::new(0.0)).area.pixels(), 1);
    }
}
