//! Labels where the photo shows nothing: what the boundary check could not measure for want of any edge.

use super::Hygiene;
use crate::check::boundary::{Reason, Soundness};
use crate::check::finding::{Finding, RegionCheck};
use crate::check::finding_kind::FindingKind;

impl Hygiene {
    /// A finding that stands for "cannot be checked" where hardly a point of the contour shows an edge.
    #[must_use]
    pub fn phantom(&self, check: &RegionCheck) -> Option<Finding> {
        let result = &check.result;
        let is_edgeless = result.reasons.iter().any(|r| matches!(r, Reason::LowCoverage | Reason::NoEdge | Reason::Noise));
        if result.verdict != Soundness::Unmeasurable
            || !is_edgeless
            || result.coverage.is_nan()
            || result.coverage > self.phantom_coverage
        {
            return None;
        }
        let message = format!(
            "the photo shows no edge along {:.0} % of the contour: look whether there is a defect at all",
            100.0 * (1.0 - result.coverage)
        );
        Some(Finding::new(FindingKind::NoContrast, Some((check.region, check.class)), check.bounds, message))
    }
}
