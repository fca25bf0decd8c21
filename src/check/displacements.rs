//! How the displacements of many contours are spread: for pictures per class and per person.

use std::collections::BTreeMap;

use super::boundary::Soundness;
use super::decompose::weighted_quantile;
use super::finding::RegionCheck;

/// Width of a bin, px.
pub const BIN_PX: f64 = 0.25;
/// Displacements beyond this count in the outermost bin, px.
pub const REACH_PX: f64 = 4.0;

/// The displacements of measured contour points, weighted by confidence.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Displacements {
    /// Middle of a bin (px, + = the label is too large) and its share of the weight, 0..=1, ascending; empty bins are left out.
    pub bins: Vec<(f64, f64)>,
    /// Half of the weight lies below, px; NaN without any.
    pub median_px: f64,
    /// Regions that could be measured, and those that could not.
    pub measured: usize,
    pub unmeasurable: usize,
}

impl Displacements {
    #[must_use]
    pub fn of<'a>(checks: impl IntoIterator<Item = &'a RegionCheck>) -> Self {
        let mut out = Self { median_px: f64::NAN, ..Self::default() };
        // By bins of a hundredth of a pixel: the median of millions of points without keeping them.
        let mut fine = BTreeMap::<i64, f64>::new();
        let mut coarse = BTreeMap::<i64, f64>::new();
        for check in checks {
            if check.result.verdict == Soundness::Unmeasurable {
                out.unmeasurable += 1;
                continue;
            }
            out.measured += 1;
            for p in check.result.points.iter().filter(|p| !p.is_blocked && p.displacement_px.is_finite()) {
                *fine.entry((p.displacement_px * 100.0).round() as i64).or_default() += p.confidence;
                let shown = p.displacement_px.clamp(-REACH_PX, REACH_PX);
                *coarse.entry((shown / BIN_PX).round() as i64).or_default() += p.confidence;
            }
        }
        let total: f64 = coarse.values().sum();
        if total > 0.0 {
            out.bins = coarse.into_iter().map(|(bin, w)| (bin as f64 * BIN_PX, w / total)).collect();
            let (values, weights): (Vec<f64>, Vec<f64>) = fine.into_iter().map(|(v, w)| (v as f64 / 100.0, w)).unzip();
            out.median_px = weighted_quantile(&values, &weights, 0.5);
        }
        out
    }

    /// The largest share of a bin.
    #[must_use]
    pub fn peak(&self) -> f64 {
        self.bins.iter().map(|b| b.1).fold(0.0, f64::max)
    }
}

#[cfg(test)]
mod tests {
    use super::super::boundary::{BoundaryResult, ContourPoint, Reason};
    use super::*;
    use crate::raster::{PixelRect, Point};

    fn check(displacements: &[(f64, f64)]) -> RegionCheck {
        let mut result = BoundaryResult::unmeasurable(Reason::TooSmall, 2.0);
        result.verdict = Soundness::Pass;
        result.points = displacements
            .iter()
            .map(|&(displacement_px, confidence)| ContourPoint {
                position: Point::new(0.0, 0.0),
                normal: (1.0, 0.0),
                displacement_px,
                strength: 9.0,
                confidence,
                is_blocked: false,
            })
            .collect();
        RegionCheck { region: 0, number: None, class: 1, bounds: PixelRect::new(0, 0, 1, 1), result }
    }

    #[test]
    fn shares_follow_the_confidence_and_far_points_count_at_the_end() {
        let d = Displacements::of(&[check(&[(0.05, 1.0), (1.0, 2.0)]), check(&[(-9.0, 1.0)])]);
        assert_eq!(d.bins, [(-4.0, 0.25), (0.0, 0.25), (1.0, 0.5)]);
        assert_eq!((d.measured, d.unmeasurable, d.peak()), (2, 0, 0.5));
        assert!((d.median_px - 0.05).abs() < 1e-9);
    }

    #[test]
    fn what_cannot_be_measured_is_counted_and_nothing_more() {
        let mut blind = check(&[(3.0, 1.0)]);
        blind.result.verdict = Soundness::Unmeasurable;
        let d = Displacements::of(&[blind]);
        assert!(d.bins.is_empty() && d.median_px.is_nan());
        assert_eq!((d.measured, d.unmeasurable), (0, 1));
    }
}
