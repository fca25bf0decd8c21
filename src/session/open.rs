//! Opening a project, and what is recovered from the journal of a run that was killed.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;
use std::sync::Arc;

use super::error::SessionError;
use super::journal::{self, Journal, Record};
use super::painting::ActiveStroke;
use super::rulesets::RulesetSlot;
use super::surface::{Surface, SurfaceId};
use crate::judge::Disposition;
use crate::paint::edit::write_runs;
use crate::project::lock::ProjectLock;
use crate::project::{LabelState, Project, ProjectError, Sidecar, disposition_of_part};
use crate::raster::LabelMap;

/// Whether changes are allowed.
#[derive(Debug)]
pub enum Access {
    /// This process holds the lock until the session ends.
    ReadWrite(ProjectLock),
    /// The reason, for people.
    ReadOnly(String),
}

/// An open project with everything that was loaded or changed of it.
#[derive(Debug)]
pub struct Session {
    pub(super) project: Arc<Project>,
    pub(super) access: Access,
    pub(super) sidecars: Vec<Sidecar>,
    pub(super) unsaved_sidecars: BTreeSet<usize>,
    pub(super) is_project_unsaved: bool,
    pub(super) surfaces: HashMap<SurfaceId, Surface>,
    pub(super) stroke: Option<ActiveStroke>,
    pub(super) rulesets: Vec<RulesetSlot>,
    pub(super) journal: Journal,
    notices: Vec<String>,
}

impl Session {
    /// Opens the project in the folder `root` for writing; when another process has it, or the folder cannot be written,
    /// read-only with a notice. Changes that a killed run left in the journal are taken up again.
    pub fn open(root: &Path) -> Result<Self, SessionError> {
        let project = Project::load(root)?;
        let access = match ProjectLock::take(root) {
            Ok(lock) => Access::ReadWrite(lock),
            Err(e @ (ProjectError::Locked { .. } | ProjectError::Io { .. })) => Access::ReadOnly(e.to_string()),
            Err(e) => return Err(e.into()),
        };
        Self::with_access(project, access)
    }

    /// Opens a project for looking only: no lock is taken and nothing is written.
    pub fn open_read_only(root: &Path) -> Result<Self, SessionError> {
        Self::with_access(Project::load(root)?, Access::ReadOnly("opened for reading".into()))
    }

    fn with_access(project: Project, access: Access) -> Result<Self, SessionError> {
        let (journal, records) = Journal::open(project.root()).map_err(SessionError::Recovery)?;
        let mut notices = Vec::new();
        let sidecars = (0..project.images().len())
            .map(|image| {
                project.read_sidecar(image).unwrap_or_else(|e| {
                    notices.push(e.to_string());
                    Sidecar::default()
                })
            })
            .collect();
        let rulesets = (0..project.part_numbers.len()).map(|pn| RulesetSlot::load(&project, pn)).collect::<Result<_, _>>()?;
        let mut session = Self {
            project: Arc::new(project),
            access,
            sidecars,
            unsaved_sidecars: BTreeSet::new(),
            is_project_unsaved: false,
            surfaces: HashMap::new(),
            stroke: None,
            rulesets,
            journal,
            notices,
        };
        match &session.access {
            Access::ReadOnly(reason) => {
                let notice = format!("Read-only: {reason}");
                session.notices.push(notice);
            }
            Access::ReadWrite(_) => session.recover(records),
        }
        Ok(session)
    }

    /// Applies what a killed run had written to its journal but not to the project files.
    fn recover(&mut self, records: Vec<Record>) {
        let count = records.len();
        let mut changed = BTreeSet::new();
        for record in records {
            match self.recover_one(record) {
                Ok(name) => drop(changed.insert(name)),
                Err(problem) => self.notices.push(problem),
            }
        }
        if !changed.is_empty() {
            let names = changed.into_iter().collect::<Vec<_>>().join(", ");
            self.notices.push(format!("Recovered {count} changes of the last run: {names}"));
        }
    }

    fn recover_one(&mut self, record: Record) -> Result<String, String> {
        let image_index = |id: &str| self.project.images().iter().position(|i| i.id == id).ok_or(format!("image {id} is gone"));
        let part_number_index =
            |name: &str| self.project.part_numbers.iter().position(|p| p.name == name).ok_or(format!("part number {name} is gone"));
        match record {
            Record::Label { image, width, height, spans } => {
                let id = SurfaceId::Label(image_index(&image)?);
                self.recover_pixels(id, (width, height), &spans).map_err(|e| format!("label of {image}: {e}"))?;
                Ok(image)
            }
            Record::Zones { part_number, width, height, spans } => {
                let id = SurfaceId::Zones(part_number_index(&part_number)?);
                self.recover_pixels(id, (width, height), &spans).map_err(|e| format!("zones of {part_number}: {e}"))?;
                Ok(format!("zones of {part_number}"))
            }
            Record::Sidecar { image, sidecar } => {
                let index = image_index(&image)?;
                self.sidecars[index] = sidecar;
                self.unsaved_sidecars.insert(index);
                Ok(image)
            }
            Record::Ruleset { part_number, text } => {
                let index = part_number_index(&part_number)?;
                self.rulesets[index].recover(&text).map_err(|e| e.to_string())?;
                Ok(format!("ruleset of {part_number}"))
            }
        }
    }

    fn recover_pixels(&mut self, id: SurfaceId, size: (u32, u32), spans: &[u32]) -> Result<(), String> {
        if !self.surfaces.contains_key(&id) {
            let map = read_surface(&self.project, id).map_err(|e| e.to_string())?;
            self.surfaces.insert(id, Surface::new(map));
        }
        let Some(surface) = self.surfaces.get_mut(&id) else { return Ok(()) };
        if (surface.map.width(), surface.map.height()) != size {
            return Err(format!("the journal speaks of {}×{} pixels, the image has another size now", size.0, size.1));
        }
        write_runs(&mut surface.map, &journal::runs_of(spans));
        surface.touch(surface.map.rect());
        Ok(())
    }

    // --- what is open ---------------------------------------------------------------------------------------------------------

    #[must_use]
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The project as a shared, frozen value for work on other threads.
    #[must_use]
    pub fn shared_project(&self) -> Arc<Project> {
        Arc::clone(&self.project)
    }

    #[must_use]
    pub const fn access(&self) -> &Access {
        &self.access
    }

    #[must_use]
    pub const fn is_read_only(&self) -> bool {
        matches!(self.access, Access::ReadOnly(_))
    }

    /// What happened at opening or since that people should know; each is given once.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    pub(super) fn check_writable(&self) -> Result<(), SessionError> {
        match &self.access {
            Access::ReadWrite(_) => Ok(()),
            Access::ReadOnly(reason) => Err(SessionError::ReadOnly { reason: reason.clone() }),
        }
    }

    // --- sidecars -------------------------------------------------------------------------------------------------------------

    #[must_use]
    pub fn sidecar(&self, image: usize) -> &Sidecar {
        &self.sidecars[image]
    }

    /// Says how far the label of an image is.
    pub fn set_state(&mut self, image: usize, state: LabelState) -> Result<(), SessionError> {
        self.change_sidecar(image, |s| s.state = state)
    }

    /// Says what the part on this image is in truth.
    pub fn set_disposition(&mut self, image: usize, disposition: Disposition) -> Result<(), SessionError> {
        self.change_sidecar(image, |s| s.disposition = disposition)
    }

    pub(super) fn change_sidecar(&mut self, image: usize, change: impl FnOnce(&mut Sidecar)) -> Result<(), SessionError> {
        self.check_writable()?;
        let before = self.sidecars[image].clone();
        change(&mut self.sidecars[image]);
        if self.sidecars[image] == before {
            return Ok(());
        }
        self.unsaved_sidecars.insert(image);
        let record = Record::Sidecar { image: self.project.images()[image].id.clone(), sidecar: self.sidecars[image].clone() };
        self.journal.append(&record).map_err(SessionError::Journal)
    }

    /// The truth of every part, in the order of [`Project::parts`].
    #[must_use]
    pub fn dispositions(&self) -> Vec<Disposition> {
        self.project.parts().iter().map(|p| disposition_of_part(p.images.iter().map(|&i| self.sidecars[i].disposition))).collect()
    }

    // --- project --------------------------------------------------------------------------------------------------------------

    /// Changes classes, zones, part numbers or the image list. On an error of `change` nothing is changed.
    pub fn change_project(&mut self, change: impl FnOnce(&mut Project) -> Result<(), ProjectError>) -> Result<(), SessionError> {
        self.check_writable()?;
        let mut next = (*self.project).clone();
        change(&mut next)?;
        self.sidecars.resize(next.images().len(), Sidecar::default());
        for pn in self.rulesets.len()..next.part_numbers.len() {
            self.rulesets.push(RulesetSlot::load(&next, pn)?);
        }
        self.project = Arc::new(next);
        self.is_project_unsaved = true;
        Ok(())
    }

    // --- surfaces -------------------------------------------------------------------------------------------------------------

    /// The map if it is in memory.
    #[must_use]
    pub fn surface(&self, id: SurfaceId) -> Option<&Surface> {
        self.surfaces.get(&id)
    }

    /// Puts a map into memory that [`read_surface`] gave, perhaps on another thread; a map that is there already stays.
    pub fn insert_surface(&mut self, id: SurfaceId, map: LabelMap) {
        self.surfaces.entry(id).or_insert_with(|| Surface::new(map));
    }

    /// The map, read from disk when it is not in memory yet.
    pub fn load_surface(&mut self, id: SurfaceId) -> Result<&Surface, SessionError> {
        if !self.surfaces.contains_key(&id) {
            let map = read_surface(&self.project, id)?;
            self.insert_surface(id, map);
        }
        Ok(&self.surfaces[&id])
    }

    /// Drops a map that is saved and has no undo from memory.
    pub fn unload_surface(&mut self, id: SurfaceId) {
        if self.surfaces.get(&id).is_some_and(|s| s.is_saved() && s.history.is_empty()) {
            self.surfaces.remove(&id);
        }
    }
}

/// Reads a label or zone map from disk; blank when there is none yet.
pub fn read_surface(project: &Project, id: SurfaceId) -> Result<LabelMap, ProjectError> {
    match id {
        SurfaceId::Label(image) => project.read_label(image),
        SurfaceId::Zones(pn) => {
            if let Some(map) = project.read_zones(pn)? {
                return Ok(map);
            }
            let nominal = project.nominal_path(pn).ok_or_else(|| ProjectError::Content {
                path: project.root().join("project.ron"),
                message: format!("part number {} has no nominal image to paint zones on", project.part_numbers[pn].name),
            })?;
            let (w, h) = crate::project::photo_file::size(&nominal)?;
            Ok(LabelMap::new(w, h))
        }
    }
}
