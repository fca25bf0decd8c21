//! What a rule may ask of the part number beside its regions: how large its zones and its image are.

use std::collections::BTreeMap;

/// Sizes that densities are worked out with. What is absent is unmeasured, and a rule that needs it gives review.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Surroundings {
    /// mm² by zone id on the nominal image; 0 = in no zone.
    pub zone_areas_mm2: BTreeMap<u8, f64>,
    /// Pixels of the nominal image.
    pub image_px: Option<u64>,
}

impl Surroundings {
    /// Area of a zone, mm²; NaN when it is not known.
    #[must_use]
    pub fn zone_area(&self, zone: u8) -> f64 {
        self.zone_areas_mm2.get(&zone).copied().unwrap_or(f64::NAN)
    }

    /// Size of the image in millions of pixels; NaN when it is not known.
    #[must_use]
    pub fn image_mpx(&self) -> f64 {
        self.image_px.map_or(f64::NAN, |px| px as f64 / 1e6)
    }
}
