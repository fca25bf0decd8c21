//! How much there is to learn from an image: where the model is unsure, and where it contradicts the label.

use super::joint::JointCounts;
use crate::raster::BACKGROUND;

/// Below this probability of the class said a pixel is doubtful.
pub const DOUBTFUL_BELOW: f64 = 0.75;

/// The doubt about the pixels of one image.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Doubt {
    /// Pixels that count.
    pub pixels: u64,
    /// Pixels on which label and prediction part.
    pub disagreement: u64,
    /// Pixels whose class has a probability below [`DOUBTFUL_BELOW`].
    pub doubtful: u64,
    /// Mean entropy of "right or wrong" over all pixels, bits, 0..=1: of the class said alone, because the rest of the answer is not kept.
    pub mean_entropy: f64,
    /// The same over pixels predicted as a defect; 0 where there are none.
    pub defect_entropy: f64,
}

impl Doubt {
    /// From the counts of one image.
    #[must_use]
    pub fn of(joint: &JointCounts) -> Self {
        let mut doubt = Self::default();
        let (mut entropy, mut defect) = (0.0, (0.0, 0_u64));
        joint.for_each_pair(|t, p, levels| {
            for (level, &n) in levels.iter().enumerate().filter(|(_, n)| **n > 0) {
                let (probability, n) = (level as f64 / 255.0, u64::from(n));
                let bits = n as f64 * entropy_bits(probability);
                doubt.pixels += n;
                doubt.disagreement += if t == p { 0 } else { n };
                doubt.doubtful += if probability < DOUBTFUL_BELOW { n } else { 0 };
                entropy += bits;
                if p != BACKGROUND {
                    defect = (defect.0 + bits, defect.1 + n);
                }
            }
        });
        doubt.mean_entropy = if doubt.pixels > 0 { entropy / doubt.pixels as f64 } else { 0.0 };
        doubt.defect_entropy = if defect.1 > 0 { defect.0 / defect.1 as f64 } else { 0.0 };
        doubt
    }
}

/// Entropy of an event of probability `p`, bits: 1 at one half, 0 at certainty. A class that wins with less than one half (of many) is not
/// less doubtful than that.
#[must_use]
pub fn entropy_bits(p: f64) -> f64 {
    let p = p.clamp(0.5, 1.0);
    if p >= 1.0 { 0.0 } else { -(p * p.log2() + (1.0 - p) * (1.0 - p).log2()) }
}

/// Places in a queue for people, first what teaches most: the mean of the ranks by each figure, so that no unit outweighs another. Every row of
/// `figures` is one image, larger = more to learn; NaN ranks last. Gives the indices in order.
#[must_use]
pub fn queue<const N: usize>(figures: &[[f64; N]]) -> Vec<usize> {
    let mut ranks = vec![0.0; figures.len()];
    for figure in 0..N {
        let value = |i: usize| if figures[i][figure].is_nan() { f64::NEG_INFINITY } else { figures[i][figure] };
        let mut order: Vec<usize> = (0..figures.len()).collect();
        order.sort_by(|&a, &b| value(b).total_cmp(&value(a)));
        // Equal values share the mean of their places.
        let mut start = 0;
        while start < order.len() {
            let end = (start..order.len()).find(|&i| value(order[i]) != value(order[start])).unwrap_or(order.len());
            for &i in &order[start..end] {
                ranks[i] += (start + end - 1) as f64 / 2.0;
            }
            start = end;
        }
    }
    let mut order: Vec<usize> = (0..figures.len()).collect();
    order.sort_by(|&a, &b| ranks[a].total_cmp(&ranks[b]));
    order
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::{LabelMap, Plane};

    #[test]
    fn doubt_is_one_bit_at_one_half() {
        assert_eq!((entropy_bits(0.5), entropy_bits(1.0), entropy_bits(0.2)), (1.0, 0.0, 1.0));
        // −0.75 log₂ 0.75 − 0.25 log₂ 0.25 = 2 − 0.75 log₂ 3.
        assert!((entropy_bits(0.75) - (2.0 - 0.75 * 3_f64.log2())).abs() < 1e-12);
        let label = LabelMap::from_plane(&Plane::from_vec(4, 1, vec![0, 1, 1, 255]));
        let said = LabelMap::from_plane(&Plane::from_vec(4, 1, vec![0, 1, 0, 1]));
        let d = Doubt::of(&JointCounts::of(&label, &said, Some(&Plane::from_vec(4, 1, vec![255, 204, 0, 3]))).unwrap());
        assert_eq!((d.pixels, d.disagreement, d.doubtful), (3, 1, 1));
        assert!(
            (d.mean_entropy - (entropy_bits(0.8) + 1.0) / 3.0).abs() < 1e-12
                && (d.defect_entropy - entropy_bits(0.8)).abs() < 1e-12
        );
    }

    #[test]
    fn the_queue_goes_by_ranks_and_not_by_units() {
        assert_eq!(queue(&[[1.0, 0.001], [1000.0, 0.003], [2.0, 0.002]]), [1, 2, 0]);
        assert_eq!(queue(&[[f64::NAN], [0.0], [5.0], [0.0]]), [2, 1, 3, 0]);
        assert!(queue::<2>(&[]).is_empty());
    }
}
