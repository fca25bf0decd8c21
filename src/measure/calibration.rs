//! Millimetres per pixel.

use serde::{Deserialize, Serialize};

/// Size of one pixel on the part, in mm. The two differ on line-scan cameras.
///
/// Lengths are taken on scaled coordinates (`X = x · x_mm_per_px`), never by multiplying a length in pixels by one factor.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    pub x_mm_per_px: f64,
    pub y_mm_per_px: f64,
}

impl Calibration {
    #[must_use]
    pub const fn square(mm_per_px: f64) -> Self {
        Self { x_mm_per_px: mm_per_px, y_mm_per_px: mm_per_px }
    }

    /// Area of one pixel in mm².
    #[must_use]
    pub fn pixel_area_mm2(self) -> f64 {
        self.x_mm_per_px * self.y_mm_per_px
    }

    /// Both sides are finite and above zero.
    #[must_use]
    pub fn is_valid(self) -> bool {
        [self.x_mm_per_px, self.y_mm_per_px].iter().all(|s| s.is_finite() && *s > 0.0)
    }
}
