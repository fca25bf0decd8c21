//! Pixel by pixel: counts per class and a map of missed, extra and agreed.

use std::collections::BTreeMap;

use crate::raster::{BACKGROUND, IGNORE, LabelMap, Plane};

/// What a pixel of the difference map says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Agreement {
    /// Both say background, or the label says ignore.
    Nothing = 0,
    /// Labelled, not predicted.
    Missed = 1,
    /// Predicted, not labelled.
    Extra = 2,
    /// The same class in both.
    Agreed = 3,
    /// A defect in both, of different classes.
    Confused = 4,
}

/// Pixels of one class in label, prediction and both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassCounts {
    pub labelled: u64,
    pub predicted: u64,
    pub both: u64,
}

impl ClassCounts {
    /// |label ∩ prediction| / |label ∪ prediction|; None when neither has a pixel.
    #[must_use]
    pub fn iou(self) -> Option<f64> {
        let union = self.labelled + self.predicted - self.both;
        (union > 0).then(|| self.both as f64 / union as f64)
    }

    /// 2·|∩| / (|label| + |prediction|); None when neither has a pixel.
    #[must_use]
    pub fn dice(self) -> Option<f64> {
        let sum = self.labelled + self.predicted;
        (sum > 0).then(|| 2.0 * self.both as f64 / sum as f64)
    }

    #[must_use]
    pub const fn plus(self, other: Self) -> Self {
        Self { labelled: self.labelled + other.labelled, predicted: self.predicted + other.predicted, both: self.both + other.both }
    }
}

/// How a prediction and a label of one image agree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PixelComparison {
    /// By class id; classes that neither has are left out.
    pub classes: BTreeMap<u8, ClassCounts>,
    /// [`Agreement`] of every pixel.
    pub map: LabelMap,
    pub missed: u64,
    pub extra: u64,
    pub agreed: u64,
    pub confused: u64,
}

impl PixelComparison {
    /// Compares two maps of the same size; pixels that the label says to ignore count nowhere. None when the sizes differ.
    #[must_use]
    pub fn of(label: &LabelMap, prediction: &LabelMap) -> Option<Self> {
        if (label.width(), label.height()) != (prediction.width(), prediction.height()) {
            return None;
        }
        // Pairs of values are counted in one pass; classes are sorted out afterwards.
        let (truth, said) = (label.to_plane(), prediction.to_plane());
        let mut pairs = vec![0_u64; 256 * 256];
        let mut difference = Plane::filled(label.width(), label.height(), 0_u8);
        for ((out, &t), &p) in difference.as_mut_slice().iter_mut().zip(truth.as_slice()).zip(said.as_slice()) {
            pairs[t as usize * 256 + p as usize] += 1;
            *out = agreement(t, p) as u8;
        }
        let mut comparison =
            Self { classes: BTreeMap::new(), map: LabelMap::from_plane(&difference), missed: 0, extra: 0, agreed: 0, confused: 0 };
        for t in 0..=255_u8 {
            for p in 0..=255_u8 {
                let n = pairs[t as usize * 256 + p as usize];
                if n > 0 {
                    comparison.add(t, p, n);
                }
            }
        }
        Some(comparison)
    }

    fn add(&mut self, t: u8, p: u8, n: u64) {
        let agreement = agreement(t, p);
        match agreement {
            Agreement::Nothing => return,
            Agreement::Missed => self.missed += n,
            Agreement::Extra => self.extra += n,
            Agreement::Agreed => self.agreed += n,
            Agreement::Confused => self.confused += n,
        }
        if is_defect(t) {
            let counts = self.classes.entry(t).or_default();
            counts.labelled += n;
            if t == p {
                counts.both += n;
            }
        }
        if is_defect(p) {
            self.classes.entry(p).or_default().predicted += n;
        }
    }

    /// Pixels on which label and prediction part.
    #[must_use]
    pub const fn disagreement(&self) -> u64 {
        self.missed + self.extra + self.confused
    }
}

const fn is_defect(value: u8) -> bool {
    value != BACKGROUND && value != IGNORE
}

const fn agreement(truth: u8, said: u8) -> Agreement {
    match (truth, is_defect(truth), is_defect(said)) {
        (IGNORE, _, _) | (_, false, false) => Agreement::Nothing,
        (_, true, false) => Agreement::Missed,
        (_, false, true) => Agreement::Extra,
        (_, true, true) if truth == said => Agreement::Agreed,
        _ => Agreement::Confused,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn disk(r: f64, cx: f64) -> LabelMap {
        let inside = |x: u32, y: u32| (f64::from(x) - cx).powi(2) + (f64::from(y) - 32.0).powi(2) <= r * r;
        LabelMap::from_plane(&Plane::from_fn(64, 64, |x, y| u8::from(inside(x, y))))
    }

    /// The table of methods.md F: disks of 64 × 64 against one of radius 20 at (32, 32).
    #[test]
    fn disks_have_the_published_iou_and_dice() {
        let truth = disk(20.0, 32.0);
        for (prediction, iou, dice) in [
            (disk(21.0, 32.0), 0.9155, 0.9559),
            (disk(22.0, 32.0), 0.8286, 0.9063),
            (disk(20.0, 34.0), 0.8803, 0.9364),
            (disk(20.0, 37.0), 0.7290, 0.8433),
            (disk(10.0, 32.0), 0.2522, 0.4028),
        ] {
            let counts = PixelComparison::of(&truth, &prediction).unwrap().classes[&1];
            assert!((counts.iou().unwrap() - iou).abs() < 1e-4, "{:?} instead of {iou}", counts.iou());
            assert!((counts.dice().unwrap() - dice).abs() < 1e-4, "{:?} instead of {dice}", counts.dice());
        }
    }

    #[test]
    fn every_pixel_is_one_of_the_five_kinds() {
        let label = LabelMap::from_plane(&Plane::from_vec(6, 1, vec![0, 1, 1, 1, 255, 0]));
        let prediction = LabelMap::from_plane(&Plane::from_vec(6, 1, vec![0, 0, 1, 2, 2, 2]));
        let c = PixelComparison::of(&label, &prediction).unwrap();
        assert_eq!((c.missed, c.extra, c.agreed, c.confused), (1, 1, 1, 1));
        assert_eq!(c.map.to_plane().as_slice(), &[0, 1, 3, 4, 0, 2]);
        assert_eq!(c.classes[&1], ClassCounts { labelled: 3, predicted: 1, both: 1 });
        assert_eq!(c.classes[&2], ClassCounts { labelled: 0, predicted: 2, both: 0 });
        assert_eq!(c.classes[&2].iou(), Some(0.0));
        assert_eq!(ClassCounts::default().iou(), None);
        assert!(PixelComparison::of(&label, &LabelMap::new(5, 1)).is_none());
    }
}
