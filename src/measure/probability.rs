//! What a model's probabilities over a region come down to.

use super::feature::Feature;
use crate::raster::plane::Plane;
use crate::raster::runs::Run;

/// Up to this many pixels are sorted; more are counted by value.
const SORTED: usize = 64;

/// Mean, maximum and both percentiles over the pixels of `runs`, of 0..=255 as 0..=1. Percentiles lie between ranks by linear
/// interpolation, as those of `numpy.percentile`.
pub(super) fn set_probabilities(runs: &[Run], pixels: u64, of: &Plane<u8>, set: &mut impl FnMut(Feature, f64)) {
    let rows = runs.iter().map(|r| &of.row(r.y)[r.x0 as usize..r.x1 as usize]);
    let mut counts = [0_u64; 256];
    let mut few = [0_u8; SORTED];
    let (mut sum, mut max) = (0_u64, 0_u8);
    let is_small = pixels <= SORTED as u64;
    let mut at = 0;
    for row in rows {
        sum += row.iter().map(|&p| u64::from(p)).sum::<u64>();
        max = max.max(row.iter().copied().max().unwrap_or(0));
        if is_small {
            few[at..at + row.len()].copy_from_slice(row);
            at += row.len();
        } else {
            for &p in row {
                counts[usize::from(p)] += 1;
            }
        }
    }
    few[..at].sort_unstable();
    let ranked = |rank: u64| if is_small { f64::from(few[rank as usize]) } else { value_at(&counts, rank) };
    let percentile = |q: f64| {
        let place = q * (pixels - 1) as f64;
        let (low, high) = (ranked(place.floor() as u64), ranked(place.ceil() as u64));
        (low + (high - low) * place.fract()) / 255.0
    };
    set(Feature::MeanProbability, sum as f64 / pixels as f64 / 255.0);
    set(Feature::MaxProbability, f64::from(max) / 255.0);
    set(Feature::LowProbability, percentile(0.05));
    set(Feature::HighProbability, percentile(0.95));
}

/// The value of rank `rank` (from 0) among values counted.
fn value_at(counts: &[u64; 256], rank: u64) -> f64 {
    let mut seen = 0;
    let place = counts.iter().position(|&n| {
        seen += n;
        seen > rank
    });
    place.unwrap_or(255) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        /// Against ranks of the sorted list, interpolated by hand.
        #[test]
        fn percentiles_lie_between_the_ranks_of_the_sorted_list(values in prop::collection::vec(any::<u8>(), 1..200)) {
            let n = values.len();
            let plane = Plane::from_vec(n as u32, 1, values.clone());
            let mut found = [f64::NAN; Feature::COUNT];
            let run = Run { y: 0, x0: 0, x1: n as u32, value: 1 };
            set_probabilities(&[run], n as u64, &plane, &mut |f, v| found[f.index()] = v);
            let mut sorted: Vec<f64> = values.iter().map(|&v| f64::from(v) / 255.0).collect();
            sorted.sort_by(f64::total_cmp);
            for (feature, q) in [(Feature::LowProbability, 0.05), (Feature::HighProbability, 0.95)] {
                let place = q * (n - 1) as f64;
                let i = place as usize;
                let expected = sorted[i] + (sorted[(i + 1).min(n - 1)] - sorted[i]) * (place - i as f64);
                prop_assert!((found[feature.index()] - expected).abs() < 1e-12);
            }
            prop_assert!((found[Feature::MeanProbability.index()] - sorted.iter().sum::<f64>() / n as f64).abs() < 1e-12);
            prop_assert_eq!(found[Feature::MaxProbability.index()], sorted[n - 1]);
        }
    }
}
