//! What a person who sets limits looks at: the regions of a cell in order, where on the part regions are rejected, what a moved zone
//! would change.

pub mod cell_regions;
pub mod part_map;
pub mod trials;
pub mod zone_trial;

pub use cell_regions::{CellRegions, TruthCounts};
pub use part_map::{MapOf, PartMap};
pub use trials::{PolicyTrial, rule_hits, try_policies};
pub use zone_trial::{ZoneTrial, moved_zone};
