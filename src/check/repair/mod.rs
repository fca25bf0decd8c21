//! Repairs of labels: pure functions that say which pixels would change, of which regions, and how much better the label would be.
//!
//! Nothing is written here. Whoever accepts a [`Repair`] paints its changes through the gate, as one step that can be undone. No repair
//! takes a pixel of another label.

mod cleaning;
mod coverage;
mod distance;
mod many;
mod moving;
mod proposal;
mod shape;
mod smoothing;
mod snap;
mod systematic;

pub use cleaning::{SpeckRepair, clip_to_part, close_gaps, fill_pinholes, repair_specks};
pub use many::snap_regions;
pub use proposal::{Fit, Left, Repair, RepairKind, RepairedRegion};
pub use smoothing::{MAX_SMOOTHING_PX, smooth_regions};
pub use snap::{Arc, Snap, SnapRefusal, snap, snap_arc};
pub use systematic::{MAX_SYSTEMATIC_PX, offset_regions, shift_labels};
