//! The sample part number: a machined housing cover with a seal ring, an outer face and a cast pocket, rendered with exact truth.
//!
//! Everything follows from a seed: [`part()`] gives the photo of one piece, the exact mask of its defects, the label
//! that an annotator would hand in, and the true measures by which the customer's drawing makes it OK or NG ([`disposition`]).
//! [`nominal`] gives the defect-free image and the zones.
//!
//! **Truth.** Defects are analytic shapes at sub-pixel positions. A pixel belongs to a class when at least half of it lies inside the
//! geometry, before any blur (25 samples per pixel); the edge of a stain is where its contrast has fallen to one half. Where shapes
//! overlap the later wins. The light is changed in the scene, then lens and sensor blur it and add noise, so the picture is softer
//! than the mask, as in life.

pub mod annotator;
pub mod drawing;
pub mod part;
pub mod scene;

mod blob;
mod camera;
mod defect;
mod footprint;
mod layout;
mod plan;
mod random;
mod stamp;
mod stroke;
mod texture;

#[cfg(test)]
mod tests;

pub use annotator::{CarelessRegion, Carelessness};
pub use drawing::{DefectRecord, broken_rule, disposition};
pub use part::{Rendered, SamplePart, nominal, part};
pub use scene::Scene;

use crate::measure::Calibration;

/// Width of every sample image in pixels.
pub const WIDTH: u32 = 512;
/// Height of every sample image in pixels.
pub const HEIGHT: u32 = 384;
/// Side of a pixel on the part, in mm.
pub const MM_PER_PX: f64 = 0.05;
/// The same for the project.
pub const CALIBRATION: Calibration = Calibration::square(MM_PER_PX);

/// Ids of the defect classes of the sample.
pub mod class {
    pub const SCRATCH: u8 = 1;
    pub const PIT: u8 = 2;
    pub const CRACK: u8 = 3;
    pub const STAIN: u8 = 4;
    /// Names by id; 0 is the background. The sample model gives its channels in this order.
    pub const NAMES: [&str; 5] = ["background", "scratch", "pit", "crack", "stain"];
}

/// Ids of the zones of the sample part.
pub mod zone {
    /// The turned seal ring around the bore.
    pub const FUNCTIONAL: u8 = 1;
    /// The brushed outer face.
    pub const COSMETIC: u8 = 2;
    /// The cast pocket, covered after assembly.
    pub const NON_VISIBLE: u8 = 3;
    /// Names by id; 0 is no zone.
    pub const NAMES: [&str; 4] = ["none", "functional", "cosmetic", "non-visible"];
}
