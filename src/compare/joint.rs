//! One pass over the pixels of an image from which all pixel figures follow: how often which label met which prediction at which
//! probability.

use crate::raster::{IGNORE, LabelMap, Plane};

/// Probabilities are eight bits deep: no sampling is needed, the counts below are exact.
pub const LEVELS: usize = 256;

/// Pixels by (label, prediction, probability); those that the label says to ignore are not counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JointCounts {
    /// Values of the label that occur, ascending, without [`IGNORE`].
    truth: Vec<u8>,
    /// Values of the prediction that occur, ascending.
    said: Vec<u8>,
    /// `truth × said × LEVELS`, the last index fastest.
    counts: Vec<u32>,
}

impl JointCounts {
    /// Counts an image. `probability`: that the class said is right, `round(255 · p)`; None counts every pixel as certain. None when the sizes differ.
    #[must_use]
    pub fn of(label: &LabelMap, prediction: &LabelMap, probability: Option<&Plane<u8>>) -> Option<Self> {
        let size = label.rect();
        if prediction.rect() != size || probability.is_some_and(|p| p.rect() != size) {
            return None;
        }
        let (truth, truth_index) = present(label, &[IGNORE]);
        let (said, said_index) = present(prediction, &[]);
        // The last row of each table takes what is ignored.
        let mut counts = vec![0_u32; (truth.len() + 1) * said.len() * LEVELS];
        let row_of = |t: u8| truth_index[usize::from(t)] as usize * said.len() * LEVELS;
        let column_of = |p: u8| said_index[usize::from(p)] as usize * LEVELS;
        let (label, prediction) = (label.to_plane(), prediction.to_plane());
        let pairs = label.as_slice().iter().zip(prediction.as_slice());
        match probability {
            Some(probability) => {
                for ((&t, &p), &level) in pairs.zip(probability.as_slice()) {
                    counts[row_of(t) + column_of(p) + usize::from(level)] += 1;
                }
            }
            None => pairs.for_each(|(&t, &p)| counts[row_of(t) + column_of(p) + LEVELS - 1] += 1),
        }
        counts.truncate(truth.len() * said.len() * LEVELS);
        Some(Self { truth, said, counts })
    }

    /// Calls `f(label, prediction, counts by probability level)` for every pair of values that both occur; the counts may all be 0.
    pub fn for_each_pair(&self, mut f: impl FnMut(u8, u8, &[u32])) {
        let pairs = self.truth.iter().flat_map(|&t| self.said.iter().map(move |&p| (t, p)));
        for ((t, p), levels) in pairs.zip(self.counts.chunks_exact(LEVELS)) {
            f(t, p, levels);
        }
    }
}

/// The values of a map that occur, ascending, and for each value its place; values left out have the place after the last.
fn present(map: &LabelMap, left_out: &[u8]) -> (Vec<u8>, [u16; 256]) {
    let histogram = map.histogram();
    let values: Vec<u8> = (0..=255_u8).filter(|v| histogram[usize::from(*v)] > 0 && !left_out.contains(v)).collect();
    let mut places = [values.len() as u16; 256];
    for (place, &value) in values.iter().enumerate() {
        places[usize::from(value)] = place as u16;
    }
    (values, places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pixel_is_counted_once_and_ignored_ones_never() {
        let label = LabelMap::from_plane(&Plane::from_vec(4, 2, vec![0, 1, 255, 1, 2, 0, 0, 255]));
        let said = LabelMap::from_plane(&Plane::from_vec(4, 2, vec![0, 1, 1, 0, 2, 2, 0, 7]));
        let sure = Plane::from_vec(4, 2, vec![9, 200, 1, 9, 255, 0, 9, 3]);
        let joint = JointCounts::of(&label, &said, Some(&sure)).unwrap();
        let mut seen = Vec::new();
        joint.for_each_pair(|t, p, levels| {
            seen.extend(levels.iter().enumerate().filter(|(_, n)| **n > 0).map(|(level, &n)| (t, p, level, n)));
        });
        assert_eq!(seen, [(0, 0, 9, 2), (0, 2, 0, 1), (1, 0, 9, 1), (1, 1, 200, 1), (2, 2, 255, 1)]);
        assert!(JointCounts::of(&label, &LabelMap::new(4, 3), None).is_none());
        assert!(JointCounts::of(&label, &said, Some(&Plane::filled(3, 2, 0))).is_none());
    }
}
