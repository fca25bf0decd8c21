//! Prediction against label: where they part, in pixels and in regions.

pub mod pixels;
pub mod regions;

pub use pixels::{Agreement, ClassCounts, PixelComparison};
pub use regions::{RegionComparison, match_components, match_regions};
