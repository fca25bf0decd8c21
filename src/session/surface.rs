//! Surfaces: what can be painted on. A label map or a zone map, and the file that it came from.

use std::path::PathBuf;

use super::journal::MapName;
use super::undo_file::{self, StoredTimeline};
use crate::files::FileStamp;
use crate::project::{Project, ProjectError};
use crate::raster::{LabelMap, PixelRect};

/// Names a label map or a zone map of the open project, by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum SurfaceId {
    /// The label of an image.
    Label(usize),
    /// The zone map of a part number.
    Zones(usize),
}

impl SurfaceId {
    /// The file of the map.
    #[must_use]
    pub fn path(self, project: &Project) -> PathBuf {
        match self {
            Self::Label(image) => project.label_path(image),
            Self::Zones(pn) => project.zones_path(pn),
        }
    }

    /// The name that survives a change of order in the project.
    #[must_use]
    pub fn name(self, project: &Project) -> MapName {
        match self {
            Self::Label(image) => MapName::Label(project.images()[image].id.clone()),
            Self::Zones(pn) => MapName::Zones(project.part_numbers[pn].name.clone()),
        }
    }
}

/// A map as it was read from disk, with all that belongs to it; see [`read_surface`].
#[derive(Debug)]
pub struct SurfaceFile {
    pub map: LabelMap,
    /// None when there is no file yet.
    pub(super) stamp: Option<FileStamp>,
    /// A person's version that was set aside when somebody else changed the file.
    pub(super) mine: Option<PathBuf>,
    pub(super) timeline: Result<Option<StoredTimeline>, String>,
}

/// Reads a label or zone map from disk, blank when there is none yet, and its undo history.
pub fn read_surface(project: &Project, id: SurfaceId) -> Result<SurfaceFile, ProjectError> {
    let (map, stamp) = match id {
        SurfaceId::Label(image) => project.read_stamped_label(image)?,
        SurfaceId::Zones(pn) => {
            if let Some((map, stamp)) = project.read_stamped_zones(pn)? {
                (map, Some(stamp))
            } else {
                let nominal = project.nominal_path(pn).ok_or_else(|| ProjectError::Content {
                    path: project.root().join("project.ron"),
                    message: format!("part number {} has no nominal image to paint zones on", project.part_numbers[pn].name),
                })?;
                let (w, h) = crate::project::photo_file::size(&nominal)?;
                (LabelMap::new(w, h), None)
            }
        }
    };
    let timeline = undo_file::read(project.root(), &id.name(project));
    Ok(SurfaceFile { map, stamp, mine: set_aside(&id.path(project)), timeline })
}

/// Versions of one file that can lie beside it.
pub(super) const MAX_SET_ASIDE: u32 = 9999;

/// Where a person's version of the map at `path` is put when that file is somebody else's by now.
pub(super) fn mine_path(path: &std::path::Path, number: u32) -> PathBuf {
    path.with_extension(format!("mine-{number}.png"))
}

/// The newest version set aside of the map at `path`.
pub(super) fn set_aside(path: &std::path::Path) -> Option<PathBuf> {
    (1..=MAX_SET_ASIDE).map(|n| mine_path(path, n)).take_while(|p| p.exists()).last()
}

/// A map in memory.
#[derive(Debug)]
pub struct Surface {
    pub(super) map: LabelMap,
    /// The file as this session read or wrote it last.
    pub(super) stamp: Option<FileStamp>,
    /// Somebody else changed the file: nothing is written over it until a person has chosen.
    pub(super) conflict: Option<MapConflict>,
    /// Counts every change of a pixel, strokes in progress included.
    pub(super) revision: u64,
    /// The revision that is on disk.
    pub(super) saved_revision: u64,
    /// Pixels changed since somebody asked last (for textures).
    pub(super) dirty: PixelRect,
}

/// Two versions of one map.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MapConflict {
    /// The file with the person's version, once it is written.
    pub mine: Option<PathBuf>,
    /// The map in memory is the other one: the person's version is in the file only.
    pub is_theirs_open: bool,
}

impl Surface {
    pub(super) fn new(map: LabelMap, stamp: Option<FileStamp>) -> Self {
        Self { map, stamp, conflict: None, revision: 0, saved_revision: 0, dirty: PixelRect::EMPTY }
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

    /// Somebody else changed the file; see [`super::Session::resolve_conflict`].
    #[must_use]
    pub const fn has_conflict(&self) -> bool {
        self.conflict.is_some()
    }

    pub(super) fn sha256(&self) -> Option<[u8; 32]> {
        self.stamp.map(|s| s.sha256)
    }

    pub(super) fn touch(&mut self, rect: PixelRect) {
        self.revision += 1;
        self.dirty = self.dirty.union(rect);
    }
}
