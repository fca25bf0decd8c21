//! Taking over the model's region under the pointer at a local probability: the wheel makes it tighter or looser.

use super::minimax::{Connectivity, MinimaxField};
use crate::raster::{Area, BACKGROUND, LabelMap, Plane};

/// How far from a click beside it a predicted region is looked for, px.
const REACH: u32 = 12;

/// The predicted region around one click, for any probability threshold.
///
/// A prediction keeps the best class of each pixel and the probability of that class only. So the probability of the picked class is
/// its own where it is the best one; where background is the best one, `1 − p(background)`, which is an **upper bound**: other classes
/// share it; and 0 where another class is the best one. Below the model's own decision the region therefore grows at least as far as
/// the full probabilities would let it.
#[derive(Clone, Debug)]
pub struct ModelPick {
    class: u8,
    clicked: u8,
    seed: (u32, u32),
    field: MinimaxField,
}

impl ModelPick {
    /// The largest region, in pixels.
    pub const MAX_PIXELS: u64 = 4_000_000;

    /// Picks the class predicted at (x, y), or that of the nearest pixel within 12 px that has one. None when there is none, outside, or
    /// when the two rasters differ in size.
    #[must_use]
    pub fn new(class_map: &LabelMap, probability: &Plane<u8>, x: u32, y: u32) -> Option<Self> {
        if class_map.rect() != probability.rect() || !class_map.rect().contains(x, y) {
            return None;
        }
        let around = crate::raster::PixelRect::new(x, y, x + 1, y + 1).grown(REACH, class_map.width(), class_map.height());
        let classes = class_map.crop(around);
        let mut nearest: Option<(u32, u32, u32)> = None;
        for (ny, row) in (around.y0..around.y1).zip(0..classes.height()) {
            for (nx, &class) in (around.x0..around.x1).zip(classes.row(row)) {
                let d = nx.abs_diff(x).pow(2) + ny.abs_diff(y).pow(2);
                if class != BACKGROUND && d <= REACH * REACH && nearest.is_none_or(|(best, ..)| d < best) {
                    nearest = Some((d, nx, ny));
                }
            }
        }
        let (_, sx, sy) = nearest?;
        let class = class_map.get(sx, sy);
        let clicked = probability.at(sx, sy);
        let level = f32::from(u8::MAX - clicked);
        let field =
            MinimaxField::new((class_map.width(), class_map.height()), (sx, sy), level, Connectivity::Eight, Self::MAX_PIXELS);
        Some(Self { class, clicked, seed: (sx, sy), field })
    }

    /// The picked class.
    #[must_use]
    pub const fn class(&self) -> u8 {
        self.class
    }

    /// Probability at the picked pixel, of 255: above it the region is empty.
    #[must_use]
    pub const fn highest(&self) -> u8 {
        self.clicked
    }

    /// The pixel that the region grows from.
    #[must_use]
    pub const fn seed(&self) -> (u32, u32) {
        self.seed
    }

    /// The 8-connected pixels around the picked one whose probability of the class is at least `threshold` (of 255). A lower threshold
    /// gives a superset. The rasters must be those of [`Self::new`]; others of another size give nothing. At most
    /// [`Self::MAX_PIXELS`] pixels; those of the highest probability are kept.
    #[must_use]
    pub fn at(&mut self, class_map: &LabelMap, probability: &Plane<u8>, threshold: u8) -> Area {
        let size = self.field.size();
        if size != (class_map.width(), class_map.height()) || size != (probability.width(), probability.height()) {
            return Area::new();
        }
        let (class, level) = (self.class, f32::from(u8::MAX - threshold));
        self.field.grow(level, |x, y| f32::from(u8::MAX - of_class(class, class_map.get(x, y), probability.at(x, y))));
        self.field.area(level)
    }
}

/// Probability of `class` where the best class is `best` with probability `p`, of 255.
const fn of_class(class: u8, best: u8, p: u8) -> u8 {
    if best == class {
        p
    } else if best == BACKGROUND {
        u8::MAX - p
    } else {
        0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_region_at_a_probability_is_a_flood_and_monotone(
            classes in prop::collection::vec(0_u8..3, 80),
            p in prop::collection::vec(any::<u8>(), 80),
            at in 0_u32..80,
            thresholds in prop::collection::vec(any::<u8>(), 1..6),
        ) {
            let (map, prob) = (LabelMap::from_plane(&Plane::from_vec(10, 8, classes)), Plane::from_vec(10, 8, p));
            let Some(mut pick) = ModelPick::new(&map, &prob, at % 10, at / 10) else { return Ok(()) };
            if map.get(at % 10, at / 10) != 0 {
                prop_assert_eq!(pick.seed(), (at % 10, at / 10));
            }
            let mut by_threshold = Vec::new();
            for t in thresholds {
                let area = pick.at(&map, &prob, t);
                let wanted = |x: u32, y: u32| {
                    let own = match map.get(x, y) {
                        c if c == pick.class() => prob.at(x, y),
                        0 => 255 - prob.at(x, y),
                        _ => 0,
                    };
                    own >= t
                };
                let (sx, sy) = pick.seed();
                let mut set = BTreeSet::new();
                let mut stack = vec![(i64::from(sx), i64::from(sy))];
                while let Some((x, y)) = stack.pop() {
                    let inside = (0..10).contains(&x) && (0..8).contains(&y);
                    if inside && wanted(x as u32, y as u32) && set.insert((y as u32, x as u32)) {
                        stack.extend((-1..=1).flat_map(|dy| (-1..=1).map(move |dx| (x + dx, y + dy))));
                    }
                }
                let found: BTreeSet<(u32, u32)> = area.spans().iter().flat_map(|s| (s.x0..s.x1).map(move |x| (s.y, x))).collect();
                prop_assert_eq!(found, set);
                by_threshold.push((t, area));
            }
            by_threshold.sort_by_key(|(t, _)| *t);
            for pair in by_threshold.windows(2) {
                prop_assert!(pair[1].1.minus(&pair[0].1).is_empty());
            }
        }
    }

    #[test]
    fn a_click_beside_takes_the_nearest_region_and_none_far_away() {
        let map = LabelMap::from_plane(&Plane::from_fn(60, 40, |x, y| if (20..24).contains(&x) && y == 10 { 3 } else { 0 }));
        let p = Plane::filled(60, 40, 200_u8);
        let mut pick = ModelPick::new(&map, &p, 28, 11).unwrap();
        assert_eq!((pick.class(), pick.highest(), pick.seed()), (3, 200, (23, 10)));
        assert_eq!(pick.at(&map, &p, 56).pixels(), 4);
        // Background of 200 leaves at most 55 for any class.
        assert_eq!(pick.at(&map, &p, 55).pixels(), 60 * 40);
        assert!(pick.at(&map, &p, 201).is_empty());
        assert!(ModelPick::new(&map, &p, 50, 30).is_none());
        assert!(ModelPick::new(&map, &p, 60, 10).is_none());
        assert!(ModelPick::new(&map, &Plane::filled(3, 3, 0), 1, 1).is_none());
        assert!(ModelPick::new(&LabelMap::new(0, 0), &Plane::filled(0, 0, 0), 0, 0).is_none());
    }
}
