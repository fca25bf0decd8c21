//! The confusion matrix of pixels, what follows from it for each class, and how a figure spreads over images.

use std::collections::{BTreeMap, BTreeSet};

use super::joint::JointCounts;
use super::pixels::ClassCounts;
use crate::raster::{BACKGROUND, IGNORE};

/// Pixels by (label, prediction), background included. Counts are pooled: several images are added up before anything is divided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ConfusionMatrix {
    /// Only pairs that occur.
    pub cells: BTreeMap<(u8, u8), u64>,
}

impl ClassCounts {
    /// Share of the predicted pixels that are labelled so; None when nothing was predicted.
    #[must_use]
    pub fn precision(self) -> Option<f64> {
        (self.predicted > 0).then(|| self.both as f64 / self.predicted as f64)
    }

    /// Share of the labelled pixels that are predicted so; None when nothing was labelled.
    #[must_use]
    pub fn recall(self) -> Option<f64> {
        (self.labelled > 0).then(|| self.both as f64 / self.labelled as f64)
    }
}

impl ConfusionMatrix {
    /// The matrix of one image.
    #[must_use]
    pub fn of(joint: &JointCounts) -> Self {
        let mut matrix = Self::default();
        joint.for_each_pair(|t, p, levels| {
            let n: u64 = levels.iter().map(|&n| u64::from(n)).sum();
            if n > 0 && t != IGNORE {
                *matrix.cells.entry((t, p)).or_default() += n;
            }
        });
        matrix
    }

    /// Adds the pixels of another image.
    pub fn add(&mut self, other: &Self) {
        for (&pair, &n) in &other.cells {
            *self.cells.entry(pair).or_default() += n;
        }
    }

    /// Pixels labelled `truth` and predicted `said`.
    #[must_use]
    pub fn count(&self, truth: u8, said: u8) -> u64 {
        self.cells.get(&(truth, said)).copied().unwrap_or(0)
    }

    /// All pixels that count.
    #[must_use]
    pub fn total(&self) -> u64 {
        self.cells.values().sum()
    }

    /// Classes that label or prediction have somewhere, ascending, without background.
    #[must_use]
    pub fn classes(&self) -> Vec<u8> {
        let both = self.cells.keys().flat_map(|&(t, p)| [t, p]);
        both.filter(|&v| v != BACKGROUND && v != IGNORE).collect::<BTreeSet<u8>>().into_iter().collect()
    }

    /// The pixels of one class (or of the background) in label, prediction and both.
    #[must_use]
    pub fn class(&self, class: u8) -> ClassCounts {
        let mut counts = ClassCounts::default();
        for (&(t, p), &n) in &self.cells {
            counts.labelled += if t == class { n } else { 0 };
            counts.predicted += if p == class { n } else { 0 };
            counts.both += if t == class && p == class { n } else { 0 };
        }
        counts
    }

    /// Mean of a figure over the classes that have it, background left out; None when none has.
    #[must_use]
    pub fn mean(&self, figure: impl Fn(ClassCounts) -> Option<f64>) -> Option<f64> {
        let values: Vec<f64> = self.classes().into_iter().filter_map(|c| figure(self.class(c))).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// Pixels on which label and prediction part.
    #[must_use]
    pub fn disagreement(&self) -> u64 {
        self.cells.iter().filter(|((t, p), _)| t != p).map(|(_, n)| n).sum()
    }

    /// Cohen's κ over all values, background included (J. Cohen, 1960): agreement beyond that of chance. None of nothing, or where
    /// chance alone agrees everywhere.
    #[must_use]
    pub fn kappa(&self) -> Option<f64> {
        let total = self.total() as f64;
        let values: BTreeSet<u8> = self.cells.keys().flat_map(|&(t, p)| [t, p]).collect();
        let (mut agreed, mut by_chance) = (0.0, 0.0);
        for class in values {
            let counts = self.class(class);
            agreed += counts.both as f64 / total;
            by_chance += counts.labelled as f64 / total * (counts.predicted as f64 / total);
        }
        (total > 0.0 && by_chance < 1.0).then(|| (agreed - by_chance) / (1.0 - by_chance))
    }
}

/// How a figure spreads over images. Quantiles are interpolated linearly between the ordered values.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Distribution {
    /// Images that have the figure.
    pub count: usize,
    pub lowest: f64,
    pub quartile_1: f64,
    pub median: f64,
    pub quartile_3: f64,
    pub highest: f64,
    pub mean: f64,
}

impl Distribution {
    /// None of nothing. Values must be finite.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self {
            count: sorted.len(),
            lowest: *sorted.first()?,
            quartile_1: quantile(&sorted, 0.25)?,
            median: quantile(&sorted, 0.5)?,
            quartile_3: quantile(&sorted, 0.75)?,
            highest: *sorted.last()?,
            mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        })
    }
}

/// The value below which the share `q` (0..=1) of ascending values lies, interpolated linearly (type 7 of Hyndman and Fan, the default of
/// `NumPy` and R). None of nothing.
#[must_use]
pub fn quantile(sorted: &[f64], q: f64) -> Option<f64> {
    let at = q.clamp(0.0, 1.0) * (sorted.len().checked_sub(1)?) as f64;
    let (low, high) = (sorted[at.floor() as usize], sorted[at.ceil() as usize]);
    Some(low + (high - low) * at.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::PixelComparison;
    use crate::raster::{LabelMap, Plane};
    use proptest::prelude::*;

    fn disk(r: f64, cx: f64) -> LabelMap {
        let inside = |x: u32, y: u32| (f64::from(x) - cx).powi(2) + (f64::from(y) - 32.0).powi(2) <= r * r;
        LabelMap::from_plane(&Plane::from_fn(64, 64, |x, y| u8::from(inside(x, y))))
    }

    fn matrix(label: &LabelMap, said: &LabelMap) -> ConfusionMatrix {
        ConfusionMatrix::of(&JointCounts::of(label, said, None).unwrap())
    }

    /// Disks of 64 × 64 against one of radius 20 at (32, 32); figures of other programs (`cv2`, `numpy`).
    #[test]
    fn disks_have_the_published_figures() {
        let truth = disk(20.0, 32.0);
        for (said, iou, dice, kappa) in [
            (disk(21.0, 32.0), 0.9155, 0.9559, 0.9351),
            (disk(22.0, 32.0), 0.8286, 0.9063, 0.8589),
            (disk(20.0, 34.0), 0.8803, 0.9364, 0.9082),
            (disk(20.0, 37.0), 0.7290, 0.8433, 0.7739),
            (disk(10.0, 32.0), 0.2522, 0.4028, 0.3186),
        ] {
            let m = matrix(&truth, &said);
            let counts = m.class(1);
            assert!((counts.iou().unwrap() - iou).abs() < 0.6e-4 && (counts.dice().unwrap() - dice).abs() < 0.6e-4, "{counts:?}");
            assert!((m.kappa().unwrap() - kappa).abs() < 0.6e-4, "{:?} instead of {kappa}", m.kappa());
        }
    }

    /// Rows of ten pixels by three annotators, and a matrix by hand.
    #[test]
    fn kappa_and_the_conventions_for_nothing() {
        let row = |text: &str| LabelMap::from_plane(&Plane::from_vec(10, 1, text.bytes().map(|b| b - b'0').collect()));
        let (a, b, c) = (row("0011110000"), row("0011100000"), row("0111111000"));
        for (one, other, kappa) in [(&a, &b, 0.7826), (&a, &c, 0.6154), (&b, &c, 0.4444)] {
            assert!((matrix(one, other).kappa().unwrap() - kappa).abs() < 0.6e-4);
        }
        let blank = row("0000000000");
        let both_empty = matrix(&blank, &blank);
        assert_eq!((both_empty.class(1).iou(), both_empty.kappa()), (None, None), "nothing to say of an empty class");
        assert_eq!(both_empty.mean(ClassCounts::iou), None);
        let missed = matrix(&a, &blank).class(1);
        assert_eq!((missed.iou(), missed.recall(), missed.precision()), (Some(0.0), Some(0.0), None));
        let extra = matrix(&blank, &a).class(1);
        assert_eq!((extra.iou(), extra.recall(), extra.precision()), (Some(0.0), None, Some(0.0)));
    }

    #[test]
    fn quantiles_are_interpolated() {
        let d = Distribution::of(&[4.0, 1.0, 3.0, 2.0]).unwrap();
        assert_eq!(
            (d.count, d.lowest, d.quartile_1, d.median, d.quartile_3, d.highest, d.mean),
            (4, 1.0, 1.75, 2.5, 3.25, 4.0, 2.5)
        );
        assert_eq!(Distribution::of(&[]), None);
    }

    proptest! {
        // Against a count pixel by pixel, and against the comparison that the screens draw.
        #[test]
        fn the_matrix_is_what_counting_gives(pixels in prop::collection::vec((prop::sample::select(vec![0_u8, 1, 2, 255]), 0_u8..4), 60)) {
            let plane = |f: fn(&(u8, u8)) -> u8| LabelMap::from_plane(&Plane::from_vec(10, 6, pixels.iter().map(f).collect()));
            let (label, said) = (plane(|p| p.0), plane(|p| p.1));
            let m = matrix(&label, &said);
            for t in 0..=255_u8 {
                for p in 0..=4_u8 {
                    let n = pixels.iter().filter(|&&pair| t != 255 && pair == (t, p)).count() as u64;
                    prop_assert_eq!(m.count(t, p), n);
                }
            }
            let drawn = PixelComparison::of(&label, &said).unwrap();
            for (class, counts) in &drawn.classes {
                // A class that is only said where the label is ignored counts nowhere.
                prop_assert_eq!(*counts, m.class(*class));
            }
            prop_assert_eq!(drawn.disagreement(), m.disagreement());
        }
    }
}
