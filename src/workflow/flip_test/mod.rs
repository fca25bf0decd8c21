//! Does the verdict hang on where exactly the annotator drew the line? Labels are made smaller and larger by a pixel or two, and moved to
//! where the photo has its edge; what is measured and judged then is compared with the label as it is.
//!
//! Two stages, because only one of them hangs on the limits: [`image_flips`] measures an image's variants (pixels, slow, once per edit of
//! the label), [`flip_test`] judges those of a part number (tables, fast, whenever a limit moves).

pub mod displaced;
mod grouped;
mod image;
mod part;

pub use image::{ImageFlips, RegionCorrection, Variant, flip_images, image_flips};
pub use part::{CellStability, Consequence, FlipTest, PartFlips, RegionFlips, flip_test};

/// By how many px all boundaries are moved, in the order of every `[_; 4]` here; + = outwards.
pub const STEPS: [i8; 4] = [-2, -1, 1, 2];

#[cfg(test)]
mod tests;
