//! Found and missed by size, in bins: a picture beside the curve of [`super::pod()`], which is the figure.

use super::pod::Target;

/// Targets of one range of sizes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SizeBin {
    /// Sizes from `low` to below `high`, in the unit of the targets.
    pub low: f64,
    pub high: f64,
    pub found: usize,
    pub targets: usize,
}

/// A bin with fewer targets is joined to its neighbour: its share would say nothing.
pub const MIN_TARGETS: usize = 10;

/// Bins between the numbers 1, 2, 5, 10, 20, …, joined from the smallest sizes up until each has [`MIN_TARGETS`]; what is left over
/// joins the last. Targets without a size (> 0) are left out.
#[must_use]
pub fn size_bins(targets: &[Target]) -> Vec<SizeBin> {
    let mut sized: Vec<Target> = targets.iter().copied().filter(|(a, _)| a.is_finite() && *a > 0.0).collect();
    sized.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut bins: Vec<SizeBin> = Vec::new();
    for &(size, is_found) in &sized {
        let (low, high) = step_around(size);
        match bins.last_mut() {
            // The bin that this size lies in, or one that is not full yet.
            Some(bin) if size < bin.high || bin.targets < MIN_TARGETS => {
                bin.high = bin.high.max(high);
                bin.targets += 1;
                bin.found += usize::from(is_found);
            }
            _ => bins.push(SizeBin { low, high, found: usize::from(is_found), targets: 1 }),
        }
    }
    if let [.., before, last] = bins.as_mut_slice()
        && last.targets < MIN_TARGETS
    {
        before.high = last.high;
        before.targets += last.targets;
        before.found += last.found;
        bins.pop();
    }
    bins
}

/// The numbers of the series 1, 2, 5, 10, … around a size: low ≤ size < high.
fn step_around(size: f64) -> (f64, f64) {
    let decade = size.log10().floor() as i32;
    let steps: Vec<f64> = (decade - 1..=decade + 1)
        .flat_map(|d| {
            // Divided rather than multiplied below 1, so that 0.2 is 0.2.
            [1.0, 2.0, 5.0].map(|m| if d >= 0 { m * 10_f64.powi(d) } else { m / 10_f64.powi(-d) })
        })
        .collect();
    let above = steps.iter().position(|&s| s > size).unwrap_or(steps.len() - 1).max(1);
    (steps[above - 1], steps[above])
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn bins_lie_between_one_two_and_five() {
        for (size, low, high) in
            [(1.0, 1.0, 2.0), (1.99, 1.0, 2.0), (2.0, 2.0, 5.0), (0.3, 0.2, 0.5), (0.05, 0.05, 0.1), (730.0, 500.0, 1000.0)]
        {
            assert_eq!(step_around(size), (low, high), "{size}");
        }
        let targets: Vec<Target> =
            (0..12).map(|i| (1.1, i % 2 == 0)).chain((0..4).map(|_| (3.0, true))).chain((0..11).map(|_| (7.0, true))).collect();
        let bins = size_bins(&targets);
        assert_eq!(
            bins,
            [SizeBin { low: 1.0, high: 2.0, found: 6, targets: 12 }, SizeBin { low: 2.0, high: 10.0, found: 15, targets: 15 },]
        );
        assert!(size_bins(&[(f64::NAN, true)]).is_empty());
        assert_eq!(size_bins(&[(3.0, true)]), [SizeBin { low: 2.0, high: 5.0, found: 1, targets: 1 }]);
    }

    proptest! {
        #[test]
        fn every_target_is_in_one_bin_of_ten_or_more(targets in prop::collection::vec((1e-4_f64..1e6, any::<bool>()), 10..200)) {
            let bins = size_bins(&targets);
            for bin in &bins {
                let inside: Vec<&Target> = targets.iter().filter(|t| bin.low <= t.0 && t.0 < bin.high).collect();
                prop_assert_eq!((inside.len(), inside.iter().filter(|t| t.1).count()), (bin.targets, bin.found));
                prop_assert!(bin.targets >= MIN_TARGETS);
            }
            prop_assert_eq!(bins.iter().map(|b| b.targets).sum::<usize>(), targets.len());
        }
    }
}
