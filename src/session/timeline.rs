//! One timeline of undo per surface: strokes, and for an image also what was said about it, in the order in which people did it.

use std::collections::HashMap;
use std::sync::Arc;

use super::open::Session;
use super::surface::SurfaceId;
use super::undo_file::{self, StoredTimeline};
use crate::paint::history::DEFAULT_MAX_BYTES;
use crate::paint::{Edit, History, history};
use crate::project::Sidecar;

/// One thing that a person did.
#[derive(Clone, Debug)]
pub enum Change {
    Pixels(Arc<Edit>),
    /// From what to what a sidecar went.
    Sidecar(Arc<(Sidecar, Sidecar)>),
}

/// A change with the number that names it in its timeline; a larger number was done later.
#[derive(Clone, Debug)]
pub struct Step {
    pub serial: u64,
    pub change: Change,
}

impl Step {
    #[must_use]
    pub const fn is_pixels(&self) -> bool {
        matches!(self.change, Change::Pixels(_))
    }
}

impl history::Step for Step {
    fn heap_bytes(&self) -> usize {
        let of_sidecar = |s: &Sidecar| {
            let notes = s.notes.iter().map(|n| n.text.len() + n.replies.iter().map(|r| r.text.len() + 80).sum::<usize>() + 120);
            size_of::<Sidecar>()
                + s.note.len()
                + s.changes.len() * 60
                + s.accepted.len() * 160
                + notes.sum::<usize>()
                + s.grouping.heap_bytes()
        };
        size_of::<Self>()
            + match &self.change {
                Change::Pixels(edit) => edit.heap_bytes(),
                Change::Sidecar(pair) => of_sidecar(&pair.0) + of_sidecar(&pair.1),
            }
    }
}

/// The steps of one surface.
#[derive(Debug, Default)]
pub struct Timeline {
    pub(super) history: History<Step>,
    /// Serial of the last thing that happened here: a step, its undo or its redo.
    pub(super) up_to: u64,
    /// As [`Self::up_to`], of what is in the undo file.
    pub(super) saved_up_to: u64,
    /// SHA-256 of the map's file at the last reading or writing, to which the pixel steps belong.
    pub(super) tie: Option<[u8; 32]>,
}

impl Timeline {
    #[must_use]
    pub const fn history(&self) -> &History<Step> {
        &self.history
    }

    pub(super) fn has_pixels(&self) -> bool {
        self.history.done().chain(self.history.undone()).any(Step::is_pixels)
    }

    fn drop_pixels(&mut self) {
        let keep = |steps: Vec<&Step>| steps.into_iter().filter(|s| !s.is_pixels()).cloned().collect();
        self.history = History::of(keep(self.history.done().collect()), keep(self.history.undone().iter().collect()));
        // What is in the undo file is not this any more.
        self.saved_up_to = 0;
    }

    fn of(stored: StoredTimeline, tie: Option<[u8; 32]>) -> Self {
        let history = History::of(stored.done, stored.undone);
        Self { history, up_to: stored.up_to, saved_up_to: stored.up_to, tie }
    }
}

/// All timelines in memory, with one budget for all of them.
#[derive(Debug)]
pub(super) struct Timelines {
    pub by_surface: HashMap<SurfaceId, Timeline>,
    pub serial: u64,
    pub max_bytes: usize,
}

impl Default for Timelines {
    fn default() -> Self {
        Self { by_surface: HashMap::new(), serial: 0, max_bytes: DEFAULT_MAX_BYTES }
    }
}

impl Timelines {
    /// A serial above all that were given or read.
    pub fn next_serial(&mut self) -> u64 {
        self.serial += 1;
        self.serial
    }

    pub fn heap_bytes(&self) -> usize {
        self.by_surface.values().map(|t| t.history.heap_bytes()).sum()
    }

    /// Adds a step and lets the oldest steps of any surface go while all together take too much; the newest one always stays.
    pub fn push(&mut self, id: SurfaceId, step: Step) {
        let newest = step.serial;
        let timeline = self.by_surface.entry(id).or_default();
        timeline.up_to = newest;
        timeline.history.push(step);
        let mut total = self.heap_bytes();
        while total > self.max_bytes {
            let oldest_of = |t: &Timeline| t.history.done().next().map(|s| s.serial).filter(|s| *s != newest);
            let oldest = self.by_surface.values_mut().filter_map(|t| Some((oldest_of(t)?, t))).min_by_key(|(serial, _)| *serial);
            let Some((_, timeline)) = oldest else { return };
            let before = timeline.history.heap_bytes();
            timeline.history.forget_oldest();
            total -= before - timeline.history.heap_bytes();
        }
    }
}

impl Session {
    /// True when something on this surface, or said about this image, can be taken back.
    #[must_use]
    pub fn can_undo(&self, id: SurfaceId) -> bool {
        self.timelines.by_surface.get(&id).is_some_and(|t| t.history.can_undo())
    }

    /// True when something that was taken back can be done again.
    #[must_use]
    pub fn can_redo(&self, id: SurfaceId) -> bool {
        self.timelines.by_surface.get(&id).is_some_and(|t| t.history.can_redo())
    }

    /// The steps of a surface, if its timeline is in memory.
    #[must_use]
    pub fn timeline(&self, id: SurfaceId) -> Option<&Timeline> {
        self.timelines.by_surface.get(&id)
    }

    /// Bytes that all steps in memory take together.
    #[must_use]
    pub fn undo_bytes(&self) -> usize {
        self.timelines.heap_bytes()
    }

    /// The most bytes that steps of all surfaces may take together; 128 MB unless told otherwise.
    pub fn set_undo_budget(&mut self, max_bytes: usize) {
        self.timelines.max_bytes = max_bytes;
    }

    /// Reads the timeline of a surface from its undo file unless it is in memory; `journal_up_to` as in [`Self::adopt_timeline`].
    pub(super) fn ensure_timeline(&mut self, id: SurfaceId, journal_up_to: u64) {
        if self.timelines.by_surface.contains_key(&id) {
            return;
        }
        let stored = undo_file::read(self.project.root(), &id.name(&self.project));
        let has_pixels = stored.as_ref().is_ok_and(|s| s.as_ref().is_some_and(StoredTimeline::has_pixels));
        let sha256 = match self.surfaces.get(&id) {
            Some(surface) => surface.sha256(),
            None if has_pixels => crate::files::stamp::read(&id.path(&self.project)).ok().flatten().map(|(_, s)| s.sha256),
            None => None,
        };
        self.adopt_timeline(id, stored, sha256, journal_up_to);
    }

    /// Ties the timeline in memory to the content that the map's file has now; steps of pixels that belong to another content go.
    /// False when no timeline is in memory.
    pub(super) fn tie_timeline(&mut self, id: SurfaceId, sha256: Option<[u8; 32]>) -> bool {
        let Some(timeline) = self.timelines.by_surface.get_mut(&id) else { return false };
        if timeline.tie != sha256 && timeline.has_pixels() {
            timeline.drop_pixels();
            self.notices.push(foreign_history(&id.path(&self.project)));
        }
        timeline.tie = sha256;
        true
    }

    /// Takes a stored timeline up. Pixel steps are dropped with a notice when the map's file, whose content is `sha256`, is not the
    /// one that they lead to. `journal_up_to` is the serial of the last record in the journal: it brings a map, whose saving was cut
    /// off, up to its undo file.
    pub(super) fn adopt_timeline(
        &mut self,
        id: SurfaceId,
        stored: Result<Option<StoredTimeline>, String>,
        sha256: Option<[u8; 32]>,
        journal_up_to: u64,
    ) {
        let timeline = match stored {
            Ok(None) => Timeline { tie: sha256, ..Timeline::default() },
            Ok(Some(mut stored)) => {
                let is_ours = stored.tie == sha256 || (stored.previous == sha256 && journal_up_to >= stored.up_to);
                if !is_ours && stored.has_pixels() {
                    stored.drop_pixels();
                    self.notices.push(foreign_history(&id.path(&self.project)));
                }
                Timeline::of(stored, sha256)
            }
            Err(problem) => {
                self.notices.push(problem);
                Timeline { tie: sha256, ..Timeline::default() }
            }
        };
        self.timelines.serial = self.timelines.serial.max(timeline.up_to);
        self.timelines.by_surface.insert(id, timeline);
    }
}

fn foreign_history(path: &std::path::Path) -> String {
    format!("The undo history was dropped, because somebody else changed the file that it belongs to: {}", path.display())
}
