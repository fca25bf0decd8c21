//! Opening a project, and what is in memory of it.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;

use rayon::iter::{IndexedParallelIterator as _, IntoParallelIterator as _, ParallelIterator as _};

use super::class_pages::PageTimeline;
use super::error::SessionError;
use super::journal::Journal;
use super::painting::ActiveStroke;
use super::rulesets::RulesetSlot;
use super::save::ProjectStamps;
use super::surface::{MapConflict, Surface, SurfaceFile, SurfaceId};
use super::timeline::Timelines;
use crate::judge::Disposition;
use crate::measure::FeatureSet;
use crate::project::lock::ProjectLock;
use crate::project::{Project, ProjectError, Sidecar, disposition_of_part};

pub use super::surface::read_surface;

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
    /// See [`Self::sidecar_revision`].
    pub(super) sidecar_revision: u64,
    pub(super) unsaved_sidecars: BTreeSet<usize>,
    /// What the files of unsaved sidecars hold, as far as this session knows.
    pub(super) sidecar_bases: HashMap<usize, Sidecar>,
    /// Who works here: the name that goes with changes of state and with notes.
    pub(super) author: String,
    /// Features that are measured because somebody looks at them.
    pub(super) looked_at: FeatureSet,
    pub(super) is_project_unsaved: bool,
    pub(super) pages: PageTimeline,
    /// A [`super::SaveTask`] is on its way.
    pub(super) is_saving: bool,
    pub(super) project_stamps: ProjectStamps,
    /// Files in which this session's project and part list were set aside, because somebody else changed theirs.
    pub(super) project_conflict: Option<Vec<std::path::PathBuf>>,
    pub(super) surfaces: HashMap<SurfaceId, Surface>,
    pub(super) timelines: Timelines,
    pub(super) stroke: Option<ActiveStroke>,
    pub(super) rulesets: Vec<RulesetSlot>,
    pub(super) journal: Journal,
    /// Surfaces of which the current journal file says what their pixel records build on.
    pub(super) based: HashSet<SurfaceId>,
    pub(super) notices: Vec<String>,
}

impl Session {
    /// Opens the project in the folder `root` for writing; when another process has it, or the folder cannot be written,
    /// read-only with a notice. Changes that a killed run left in the journal are taken up again.
    pub fn open(root: &Path) -> Result<Self, SessionError> {
        let stamps = ProjectStamps::read(root);
        let project = Project::load(root)?;
        let access = match ProjectLock::take(root) {
            Ok(lock) => Access::ReadWrite(lock),
            Err(e @ (ProjectError::Locked { .. } | ProjectError::Io { .. })) => Access::ReadOnly(e.to_string()),
            Err(e) => return Err(e.into()),
        };
        Self::with_access(project, stamps, access)
    }

    /// Opens a project for looking only: no lock is taken and nothing is written.
    pub fn open_read_only(root: &Path) -> Result<Self, SessionError> {
        Self::with_access(Project::load(root)?, ProjectStamps::read(root), Access::ReadOnly("opened for reading".into()))
    }

    fn with_access(project: Project, project_stamps: ProjectStamps, access: Access) -> Result<Self, SessionError> {
        let (journal, records) = Journal::open(project.root()).map_err(SessionError::Recovery)?;
        let (sidecars, notices) = read_sidecars(&project);
        let rulesets = (0..project.part_numbers.len()).map(|pn| RulesetSlot::load(&project, pn)).collect::<Result<_, _>>()?;
        let mut session = Self {
            project: Arc::new(project),
            access,
            sidecars,
            sidecar_revision: 0,
            unsaved_sidecars: BTreeSet::new(),
            sidecar_bases: HashMap::new(),
            author: super::sidecars::default_author(),
            looked_at: FeatureSet::default(),
            is_project_unsaved: false,
            pages: PageTimeline::default(),
            is_saving: false,
            project_stamps,
            project_conflict: None,
            surfaces: HashMap::new(),
            timelines: Timelines::default(),
            stroke: None,
            rulesets,
            journal,
            based: HashSet::new(),
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

    /// Puts a map with its undo history into memory that [`read_surface`] gave, perhaps on another thread; a map that is there already
    /// stays.
    pub fn insert_surface(&mut self, id: SurfaceId, file: SurfaceFile) {
        if self.surfaces.contains_key(&id) {
            return;
        }
        let path = id.path(&self.project);
        let is_fresh = crate::files::stamp::looks_unchanged(&path, file.stamp.as_ref());
        let file = if is_fresh { file } else { read_surface(&self.project, id).unwrap_or(file) };
        self.adopt_surface(id, file, 0);
    }

    pub(super) fn adopt_surface(&mut self, id: SurfaceId, file: SurfaceFile, journal_up_to: u64) {
        let mut surface = Surface::new(file.map, file.stamp);
        if let Some(mine) = file.mine {
            self.notices.push(format!(
                "{} was changed by somebody else earlier, and your version lies beside it in {}: keep yours or take theirs",
                id.path(&self.project).display(),
                mine.display()
            ));
            surface.conflict = Some(MapConflict { mine: Some(mine), is_theirs_open: true });
        }
        let sha256 = surface.sha256();
        self.surfaces.insert(id, surface);
        if !self.is_read_only() && !self.tie_timeline(id, sha256) {
            self.adopt_timeline(id, file.timeline, sha256, journal_up_to);
        }
    }

    /// The map, read from disk when it is not in memory yet.
    pub fn load_surface(&mut self, id: SurfaceId) -> Result<&Surface, SessionError> {
        if !self.surfaces.contains_key(&id) {
            let file = read_surface(&self.project, id)?;
            self.adopt_surface(id, file, 0);
        }
        Ok(&self.surfaces[&id])
    }

    /// Drops a map from memory on which nothing was done since it was read.
    pub fn unload_surface(&mut self, id: SurfaceId) {
        if self.surfaces.get(&id).is_some_and(|s| s.is_saved() && s.revision == 0 && s.conflict.is_none()) {
            self.surfaces.remove(&id);
            if self.timelines.by_surface.get(&id).is_some_and(|t| t.up_to == t.saved_up_to) {
                self.timelines.by_surface.remove(&id);
            }
        }
    }
}

/// The sidecars of all images, and what could not be read; on all cores, because a project may have a hundred thousand.
fn read_sidecars(project: &Project) -> (Vec<Sidecar>, Vec<String>) {
    let read: Vec<_> =
        (0..project.images().len()).into_par_iter().with_min_len(64).map(|image| project.read_sidecar(image)).collect();
    let mut notices = Vec::new();
    let sidecars = read
        .into_iter()
        .map(|sidecar| {
            sidecar.unwrap_or_else(|e| {
                notices.push(e.to_string());
                Sidecar::default()
            })
        })
        .collect();
    (sidecars, notices)
}
