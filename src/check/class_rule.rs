//! What a class asks of its labels.

use super::boundary::{BoundaryCheck, BoundaryKind};
use super::finding::RegionCheck;

/// What the check holds the regions of one class to.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ClassRule {
    /// Whether the photo shows an edge that people agree on.
    pub boundary: BoundaryKind,
    /// Tolerance of the boundary, px; None = that of [`BoundaryCheck`].
    pub tolerance_px: Option<f64>,
    /// Regions with fewer pixels are slips of the brush, not defects; None = the default of [`super::Hygiene`].
    pub min_area_px: Option<u64>,
}

impl From<BoundaryKind> for ClassRule {
    fn from(boundary: BoundaryKind) -> Self {
        Self { boundary, ..Self::default() }
    }
}

impl ClassRule {
    /// The settings with which regions of this class are checked.
    #[must_use]
    pub fn settings(&self, common: &BoundaryCheck) -> BoundaryCheck {
        BoundaryCheck { tolerance_px: self.tolerance_px.unwrap_or(common.tolerance_px), ..*common }
    }

    /// The same measurement held to this rule: what a new check would say, without the photo.
    #[must_use]
    pub fn judge(&self, check: &RegionCheck, common: &BoundaryCheck) -> RegionCheck {
        let result = check.result.judged(self.boundary, &self.settings(common));
        RegionCheck { result, ..check.clone() }
    }
}
