//! Labels where the photo shows nothing: what the boundary check could not measure for want of any edge.

use super::Hygiene;
use super::field::Piece;
use crate::check::boundary::{Reason, Soundness};
use crate::check::finding::{Finding, RegionCheck};
use crate::check::finding_kind::FindingKind;

impl Hygiene {
    /// Where hardly a point of the contour shows an edge. A faint line is left out: a step filter sees little of one that an eye follows
    /// all along.
    pub(super) fn phantom(&self, piece: &Piece<'_>, check: &RegionCheck) -> Option<Finding> {
        let result = &check.result;
        let is_edgeless = result.reasons.iter().any(|r| matches!(r, Reason::LowCoverage | Reason::NoEdge | Reason::Noise));
        let is_seen = result.coverage.is_nan() || result.coverage > self.phantom_coverage;
        if result.verdict != Soundness::Unmeasurable || !is_edgeless || is_seen || piece.is_line() {
            return None;
        }
        let without = 100.0 * (1.0 - result.coverage);
        let message = format!("the photo shows no edge along {without:.0} % of the contour: look whether there is a defect at all");
        Some(Finding::new(FindingKind::NoContrast, Some(piece.name()), piece.bounds, message))
    }
}
