//! From which probability on the word of a model counts, class by class.

use super::prediction::Prediction;
use crate::raster::{BACKGROUND, runs};

/// The least probability of each class, as fine as predictions keep it. By default every word counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProbabilityLimits([u8; 256]);

impl Default for ProbabilityLimits {
    fn default() -> Self {
        Self([0; 256])
    }
}

impl ProbabilityLimits {
    /// `limits`: (project class id, least probability 0..=1); other classes always count.
    #[must_use]
    pub fn new(limits: impl IntoIterator<Item = (u8, f64)>) -> Self {
        let mut levels = Self::default();
        for (class, least) in limits {
            // A pixel of level l says l / 255: the first level that is not below the limit.
            levels.0[usize::from(class)] = (least * 255.0 - 1e-9).ceil().clamp(0.0, 255.0) as u8;
        }
        levels
    }

    /// The lowest level, 0..=255, at which the word on a class counts.
    pub(super) const fn least_level(&self, class: u8) -> u8 {
        self.0[class as usize]
    }

    /// No class is held to anything.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|level| *level == 0)
    }
}

impl Prediction {
    /// The same prediction without pixels and statements whose class is less probable than its limit. Such a pixel becomes background;
    /// the probability of "no defect" there is `1 − p`, which is exact for two classes and a lower bound otherwise.
    #[must_use]
    pub fn held_to(mut self, limits: &ProbabilityLimits) -> Self {
        if limits.is_empty() {
            return self;
        }
        for run in runs::runs(&self.class).into_iter().filter(|r| limits.0[usize::from(r.value)] > 0) {
            let least = limits.0[usize::from(run.value)];
            let row = &mut self.probability.row_mut(run.y)[run.x0 as usize..run.x1 as usize];
            let mut at = run.x0;
            for stretch in row.chunk_by_mut(|a, b| (*a < least) == (*b < least)) {
                let end = at + stretch.len() as u32;
                if stretch[0] < least {
                    self.class.fill_span(run.y, at, end, BACKGROUND);
                    self.origin.fill_span(run.y, at, end, BACKGROUND);
                    for p in stretch.iter_mut() {
                        *p = 255 - *p;
                    }
                }
                at = end;
            }
        }
        self.statements.retain(|s| (s.probability * 255.0).round() as u8 >= limits.0[usize::from(s.class)]);
        self
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::predict::prediction::Statement;
    use crate::raster::{LabelMap, PixelRect, Plane};

    #[test]
    fn a_limit_of_exactly_a_level_keeps_that_level() {
        let said =
            || Prediction::new(LabelMap::from_plane(&Plane::filled(3, 1, 1)), Plane::from_vec(3, 1, vec![127, 128, 129]), "");
        let kept = |least: f64| said().held_to(&ProbabilityLimits::new([(1, least)])).class.to_plane().as_slice().to_vec();
        assert_eq!(kept(128.0 / 255.0), [0, 1, 1]);
        assert_eq!(kept(0.5), [0, 1, 1], "127.5 lies above 127");
        assert_eq!(kept(0.0), [1, 1, 1]);
        assert_eq!(kept(1.0), [0, 0, 0]);
    }

    proptest! {
        #[test]
        fn every_pixel_and_statement_is_held_to_its_class(
            classes in proptest::collection::vec(0_u8..4, 600), levels in proptest::collection::vec(any::<u8>(), 600),
            limits in proptest::collection::vec(0.0_f64..=1.0, 3),
        ) {
            let (class, probability) = (Plane::from_vec(300, 2, classes), Plane::from_vec(300, 2, levels));
            let mut said = Prediction::new(LabelMap::from_plane(&class), probability.clone(), "");
            said.origin = said.class.clone();
            said.statements = (1..4).map(|class| Statement { class, probability: 0.5, bounds: PixelRect::new(0, 0, 2, 2), model: 0 }).collect();
            let held = said.held_to(&ProbabilityLimits::new((1..4).zip(limits.iter().copied())));
            for y in 0..2 {
                for x in 0..300 {
                    let (c, p) = (class.row(y)[x as usize], probability.row(y)[x as usize]);
                    let counts = c == 0 || f64::from(p) / 255.0 >= limits[usize::from(c) - 1] - 1e-9;
                    prop_assert_eq!(held.class.get(x, y), if counts { c } else { 0 });
                    prop_assert_eq!(held.origin.get(x, y), if counts { c } else { 0 });
                    prop_assert_eq!(held.probability.row(y)[x as usize], if counts { p } else { 255 - p });
                }
            }
            let kept: Vec<u8> = held.statements.iter().map(|s| s.class).collect();
            let wanted: Vec<u8> = (1..4).filter(|c| 128.0 / 255.0 >= limits[usize::from(*c) - 1] - 1e-9).collect();
            prop_assert_eq!(kept, wanted);
        }
    }
}
