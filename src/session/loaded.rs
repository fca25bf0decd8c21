//! What is in memory, for those who watch for changes without looking at every image of a large project.

use super::open::Session;
use super::surface::SurfaceId;

impl Session {
    /// Images whose label is in memory, each with the revision of its label; in no order.
    pub fn loaded_labels(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        self.surfaces.iter().filter_map(|(id, surface)| match id {
            SurfaceId::Label(image) => Some((*image, surface.revision)),
            SurfaceId::Zones(_) => None,
        })
    }

    /// Grows whenever a sidecar in memory changes: a state, a disposition, a note.
    #[must_use]
    pub const fn sidecar_revision(&self) -> u64 {
        self.sidecar_revision
    }
}
