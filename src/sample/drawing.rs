//! What the customer's drawing of the sample part allows: the rule that makes a part OK or NG in truth.
//!
//! The rule reads the true geometry, so it knows nothing of cameras, labels or models.

use serde::{Deserialize, Serialize};

use super::{class, zone};

/// True measures of one defect, from its analytic shape.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefectRecord {
    /// Id of the class, see [`class`].
    pub class: u8,
    /// Length in mm: tip to tip along the line for a scratch or the trunk of a crack, longest extent for a pit or stain.
    pub length_mm: f64,
    /// Area of the whole shape in mm². A defect that is partly painted over by a later one keeps its full area here.
    pub area_mm2: f64,
    /// Relative change of brightness at its strongest before blur: negative is dark. Below 0.2 in size a defect is faint.
    pub contrast: f64,
    /// Zones that it touches with at least one pixel, ascending.
    pub zones: Vec<u8>,
}

impl DefectRecord {
    /// Diameter in mm of the circle that has the area of the defect.
    #[must_use]
    pub fn diameter_mm(&self) -> f64 {
        2.0 * (self.area_mm2 / std::f64::consts::PI).sqrt()
    }

    fn touches(&self, zone: u8) -> bool {
        self.zones.contains(&zone)
    }
}

/// Any scratch on the seal ring from this length on is NG, in mm.
pub const RING_SCRATCH_MM: f64 = 0.5;
/// A pit on the seal ring is NG from this diameter on, in mm.
pub const RING_PIT_MM: f64 = 0.4;
/// A stain that reaches the seal ring is NG from this area on, in mm².
pub const RING_STAIN_MM2: f64 = 3.0;
/// A scratch on the face is NG from this length on, in mm.
pub const FACE_SCRATCH_MM: f64 = 4.0;
/// A pit on the face is NG from this diameter on, in mm.
pub const FACE_PIT_MM: f64 = 0.8;
/// A stain on the face is NG from this area on, in mm².
pub const FACE_STAIN_MM2: f64 = 12.0;

/// The rule in words.
pub const RULE: &str = "\
Housing cover HC-2040, surface:
1. No crack anywhere.
2. Seal ring: no scratch of 0.5 mm or longer, no pit of 0.4 mm diameter or larger, no stain of 3 mm² or larger.
3. Outer face: no scratch of 4 mm or longer, no pit of 0.8 mm diameter or larger, no stain of 12 mm² or larger.
4. Pocket: scratches, pits and stains are allowed.
A defect in two zones must meet the rules of both with its whole size. Diameter is that of the circle with the same area.";

/// Which point of [`RULE`] a defect breaks (1–3); none when it is allowed.
#[must_use]
pub fn broken_rule(defect: &DefectRecord) -> Option<u8> {
    let (length, diameter, area) = (defect.length_mm, defect.diameter_mm(), defect.area_mm2);
    let breaks = |scratch: f64, pit: f64, stain: f64| match defect.class {
        class::SCRATCH => length >= scratch,
        class::PIT => diameter >= pit,
        class::STAIN => area >= stain,
        _ => false,
    };
    if defect.class == class::CRACK {
        Some(1)
    } else if defect.touches(zone::FUNCTIONAL) && breaks(RING_SCRATCH_MM, RING_PIT_MM, RING_STAIN_MM2) {
        Some(2)
    } else if defect.touches(zone::COSMETIC) && breaks(FACE_SCRATCH_MM, FACE_PIT_MM, FACE_STAIN_MM2) {
        Some(3)
    } else {
        None
    }
}

/// True when a part with these defects is NG by [`RULE`].
#[must_use]
pub fn disposition(defects: &[DefectRecord]) -> bool {
    defects.iter().any(|d| broken_rule(d).is_some())
}
