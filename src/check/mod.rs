//! Annotation checks: does the boundary of a label follow the image, and is the label clean? Results become a list of [`Finding`]s.
//!
//! The boundary check looks along the normals of a label's contour for the edge in the photo and says how far the label is off, in
//! pixels and with a sign: too large, too small, shifted, or sloppy. Where the photo does not tell, the answer is *unmeasurable* and
//! never *pass*.

mod analysis;
mod boundary;
mod class_rule;
mod closed_path;
mod colour;
mod decompose;
mod displacements;
mod edge_profile;
mod emboss;
mod exact_tests;
mod finding;
mod finding_kind;
mod frame;
mod gauss;
mod hygiene;
mod noise;
mod outline;
mod refine;
mod repair;
pub mod systematic;
mod trace;
mod verdict;

pub use analysis::{Scene, check_region};
pub use boundary::{BoundaryCheck, BoundaryKind, BoundaryResult, Cause, ContourPoint, Polarity, Reason, Soundness};
pub use class_rule::ClassRule;
pub use displacements::{BIN_PX, Displacements, REACH_PX};
pub use finding::{Finding, RegionCheck, Severity, check_components, check_image, findings, worst_first};
pub use finding_kind::{Doubted, FindingKind, Fix};
pub use hygiene::{
    ClassShapes, FileValue, Hygiene, LabelFile, LabelFileReport, MappedValue, ShapeFigures, ShapeLimits, Surroundings, facing_pairs,
};
pub use repair::{
    Arc, Fit, Left, MAX_SMOOTHING_PX, MAX_SYSTEMATIC_PX, Repair, RepairKind, RepairedRegion, Snap, SnapRefusal, SpeckRepair,
    clip_to_part, close_gaps, fill_pinholes, offset_regions, repair_specks, shift_labels, smooth_regions, snap, snap_arc,
    snap_regions,
};
pub use systematic::{Correction, GroupSummary, RegionFigures, Systematic};
