//! A map of levels with its coarser copies, in which the largest value wins: what is drawn zoomed out never loses a peak.
//!
//! Class ids have no order, so labels are pooled otherwise (`pyramid::label_level`). Here 200 is more than 100.

use super::label_map::LabelMap;
use super::plane::Plane;
use super::pyramid::level_size;

/// One value per pixel, 0 the least, and the same map at a half, a quarter, … of the size.
#[derive(Clone, Debug)]
pub struct MaxPyramid {
    levels: Vec<LabelMap>,
}

/// The coarsest level is at most this wide and high, in pixels.
const COARSEST: u32 = 128;

impl MaxPyramid {
    /// All levels down to one of at most 128 × 128 pixels. Takes about a third of the memory of `map` more; some milliseconds per
    /// megapixel, so not for the thread that draws.
    #[must_use]
    pub fn build(map: LabelMap) -> Self {
        let (width, height) = (map.width(), map.height());
        let mut levels = vec![map];
        let mut fine = levels[0].to_plane();
        while fine.width().max(fine.height()) > COARSEST {
            fine = halved(&fine, level_size(width, height, levels.len() as u32));
            levels.push(LabelMap::from_plane(&fine));
        }
        Self { levels }
    }

    /// The map itself.
    #[must_use]
    pub fn map(&self) -> &LabelMap {
        &self.levels[0]
    }

    /// Pixel (x, y) of level n has the largest value of the pixels `[x·2ⁿ, (x+1)·2ⁿ) × [y·2ⁿ, (y+1)·2ⁿ)` of the map; as large as
    /// [`level_size`] says. None beyond the coarsest level.
    #[must_use]
    pub fn level(&self, level: u32) -> Option<&LabelMap> {
        self.levels.get(level as usize)
    }

    /// Bytes of pixel memory of all levels.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.levels.iter().map(LabelMap::heap_bytes).sum()
    }
}

/// Each pixel the largest of the two by two that it covers; fewer at the right and lower border of an odd size.
fn halved(fine: &Plane<u8>, (width, height): (u32, u32)) -> Plane<u8> {
    let mut out = Plane::filled(width, height, 0_u8);
    let mut both = vec![0_u8; fine.width() as usize];
    for y in 0..height {
        let below = (2 * y + 1).min(fine.height() - 1);
        for ((max, &a), &b) in both.iter_mut().zip(fine.row(2 * y)).zip(fine.row(below)) {
            *max = a.max(b);
        }
        for (value, pair) in out.row_mut(y).iter_mut().zip(both.chunks(2)) {
            *value = pair.iter().copied().max().unwrap_or(0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_level_holds_the_largest_value_of_its_square(
            width in 1_u32..400, height in 1_u32..300, seed in any::<u32>(), sparse in 1_u32..500,
        ) {
            let value = |x: u32, y: u32| {
                let mixed = (x.wrapping_mul(0x9E37_79B1) ^ y.wrapping_mul(0x85EB_CA77) ^ seed).wrapping_mul(0x27D4_EB2F) >> 8;
                if mixed.is_multiple_of(sparse) { (mixed / 512) as u8 } else { 0 }
            };
            let plane = Plane::from_fn(width, height, value);
            let pyramid = MaxPyramid::build(LabelMap::from_plane(&plane));
            let mut n = 0;
            while let Some(level) = pyramid.level(n) {
                prop_assert_eq!((level.width(), level.height()), level_size(width, height, n));
                let mut largest = Plane::filled(level.width(), level.height(), 0_u8);
                for y in 0..height {
                    for x in 0..width {
                        let at = (x >> n, y >> n);
                        largest.set(at.0, at.1, largest.at(at.0, at.1).max(plane.at(x, y)));
                    }
                }
                prop_assert!(level.to_plane().as_slice() == largest.as_slice());
                n += 1;
            }
            let last = pyramid.level(n - 1).unwrap();
            prop_assert!(last.width().max(last.height()) <= COARSEST);
        }
    }
}
