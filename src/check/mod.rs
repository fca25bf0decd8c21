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
mod edge_profile;
mod finding;
mod frame;
mod gauss;
mod hygiene;
mod noise;
mod outline;
mod repair;
mod trace;

pub use analysis::{Scene, check_region};
pub use boundary::{BoundaryCheck, BoundaryKind, BoundaryResult, Cause, ContourPoint, Polarity, Reason, Soundness};
pub use class_rule::ClassRule;
pub use finding::{Finding, FindingKind, RegionCheck, Severity, check_components, check_image, findings, worst_first};
pub use hygiene::Hygiene;
pub use repair::{
    Arc, Fit, Left, MAX_SMOOTHING_PX, MAX_SYSTEMATIC_PX, Repair, RepairKind, RepairedRegion, Snap, SnapRefusal, SpeckRepair,
    clip_to_part, close_gaps, fill_pinholes, offset_regions, repair_specks, shift_labels, smooth_regions, snap, snap_arc,
    snap_regions,
};
