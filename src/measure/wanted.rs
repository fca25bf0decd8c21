//! What is to be measured beyond what every region has: asked for by rules and by screens.

use super::feature::Feature;
use super::feature_set::FeatureSet;

/// What is measured beyond what always is. The default is what every region has anyway, and no fragments joined.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Wanted {
    pub features: FeatureSet,
    /// Class, and the largest gap in mm at which its regions are one defect.
    pub merge_gaps: Vec<(u8, f64)>,
}

impl Wanted {
    /// Some feature is measured in the photo.
    #[must_use]
    pub const fn needs_photo(&self) -> bool {
        self.features.contains(Feature::EdgeContrast) || self.features.contains(Feature::EdgeWidth)
    }

    /// What was measured for this is enough for `other` as well.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        other.features.is_within(self.features) && self.merge_gaps == other.merge_gaps
    }
}
