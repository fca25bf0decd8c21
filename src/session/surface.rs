//! Surfaces: what can be painted on. A label map or a zone map with its history.

use crate::paint::History;
use crate::raster::{LabelMap, PixelRect};

/// Names a label map or a zone map of the open project, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SurfaceId {
    /// The label of an image.
    Label(usize),
    /// The zone map of a part number.
    Zones(usize),
}

/// A map in memory.
#[derive(Debug)]
pub struct Surface {
    pub(super) map: LabelMap,
    pub(super) history: History,
    /// Counts every change of a pixel, strokes in progress included.
    pub(super) revision: u64,
    /// The revision that is on disk.
    pub(super) saved_revision: u64,
    /// Pixels changed since somebody asked last (for textures).
    pub(super) dirty: PixelRect,
}

impl Surface {
    pub(super) fn new(map: LabelMap) -> Self {
        Self { map, history: History::default(), revision: 0, saved_revision: 0, dirty: PixelRect::EMPTY }
    }

    #[must_use]
    pub const fn map(&self) -> &LabelMap {
        &self.map
    }

    /// Changes with every pixel written; equal numbers mean equal pixels.
    #[must_use]
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    #[must_use]
    pub const fn is_saved(&self) -> bool {
        self.revision == self.saved_revision
    }

    #[must_use]
    pub const fn history(&self) -> &History {
        &self.history
    }

    pub(super) fn touch(&mut self, rect: PixelRect) {
        self.revision += 1;
        self.dirty = self.dirty.union(rect);
    }
}
