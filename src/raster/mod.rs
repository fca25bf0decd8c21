//! Pixels and geometry: planes, photos, label maps, runs, areas, components, hulls, pyramids. No class names, no files, no units but pixels.
//!
//! Convention, everywhere in Delimit: a pixel is a **square**. Pixel (column `x`, row `y`) covers `[x, x+1] × [y, y+1]`, its centre
//! lies at `(x + ½, y + ½)`, y grows downwards, and extents run from corner to corner (a bar of 10 × 4 pixels is 10 × 4).

pub mod area;
pub mod bits;
pub mod components;
pub mod contour;
mod cracks;
pub mod display;
pub mod distance;
pub mod geometry;
pub mod grouping;
pub mod histogram;
pub mod hull;
pub mod label_map;
pub mod max_pyramid;
pub mod pairs;
pub mod photo;
pub mod plane;
pub mod pyramid;
pub mod run_distance;
pub mod runs;
pub mod thinning;

pub use area::{Area, Span};
pub use bits::BitRaster;
pub use components::Components;
pub use display::{Display, Shading};
pub use geometry::{PixelRect, Point};
pub use grouping::{Cut, Grouped, Grouping, Instance};
pub use histogram::Histogram;
pub use label_map::{LabelMap, TILE_SIDE, Tile};
pub use max_pyramid::MaxPyramid;
pub use pairs::{Crofton, PairCounts};
pub use photo::Photo;
pub use plane::Plane;
pub use runs::Run;

/// The value of a pixel that belongs to no class and no zone.
pub const BACKGROUND: u8 = 0;

/// The class of what an anomaly model finds odd and no class explains. No rule speaks of it, so it is always reviewed.
pub const UNKNOWN: u8 = 254;

/// The value of a pixel that must not be judged or counted (don't-care).
pub const IGNORE: u8 = 255;
