//! Measuring: from a label map to regions with features in mm, and the table of all regions of a project. No limits here.

pub mod calibration;
pub mod caliper;
mod centre_line;
mod distances;
mod edge;
pub mod feature;
pub mod feature_set;
mod gauge;
mod merge;
mod probability;
pub mod region;
mod shape;
pub mod table;
pub mod wanted;
mod zones;

pub use crate::raster::grouping::{Grouping, Instance};
pub use calibration::Calibration;
pub use caliper::Caliper;
pub use feature::Feature;
pub use feature_set::FeatureSet;
pub use region::{Measuring, Region, ZoneShare, regions};
pub use table::RegionTable;
pub use wanted::Wanted;
