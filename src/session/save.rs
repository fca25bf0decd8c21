//! Saving: a frozen copy is written off-thread, then the journal forgets what is in the files.

use std::fs::File;
use std::sync::Arc;

use super::error::SessionError;
use super::open::Session;
use super::surface::SurfaceId;
use crate::project::{Project, ProjectError, Sidecar};
use crate::raster::LabelMap;

/// Everything that was unsaved at one moment.
#[derive(Debug)]
pub struct SaveTask {
    project: Arc<Project>,
    writes_project: bool,
    surfaces: Vec<(SurfaceId, LabelMap, u64)>,
    sidecars: Vec<(usize, Sidecar)>,
    journal_number: u64,
    ended_journal: Option<File>,
}

/// What a [`SaveTask`] wrote and what it could not.
#[derive(Debug)]
pub struct SaveReport {
    surfaces: Vec<(SurfaceId, u64)>,
    sidecars: Vec<(usize, Sidecar)>,
    is_project_written: bool,
    journal_number: u64,
    /// One per file that could not be written; its content stays in memory and in the journal.
    pub errors: Vec<ProjectError>,
}

impl SaveTask {
    /// Writes all files; one failure does not keep the others from being written.
    #[must_use]
    pub fn run(self) -> SaveReport {
        let mut report = SaveReport {
            surfaces: Vec::new(),
            sidecars: Vec::new(),
            is_project_written: false,
            journal_number: self.journal_number,
            errors: Vec::new(),
        };
        if let Some(journal) = &self.ended_journal {
            // Against a power cut while the files are written; against a kill the journal is safe already.
            drop(journal.sync_data());
        }
        if self.writes_project {
            match self.project.save() {
                Ok(()) => report.is_project_written = true,
                Err(e) => report.errors.push(e),
            }
        }
        for (id, map, revision) in self.surfaces {
            let written = match id {
                SurfaceId::Label(image) => self.project.write_label(image, &map),
                SurfaceId::Zones(pn) => self.project.write_zones(pn, &map),
            };
            match written {
                Ok(()) => report.surfaces.push((id, revision)),
                Err(e) => report.errors.push(e),
            }
        }
        for (image, sidecar) in self.sidecars {
            match self.project.write_sidecar(image, &sidecar) {
                Ok(()) => report.sidecars.push((image, sidecar)),
                Err(e) => report.errors.push(e),
            }
        }
        report
    }

    /// Number of files that will be written.
    #[must_use]
    pub fn len(&self) -> usize {
        self.surfaces.len() + self.sidecars.len() + usize::from(self.writes_project)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Session {
    /// True when a file of the project is older than what is in memory. A ruleset under work does not count: it is saved by hand.
    #[must_use]
    pub fn has_unsaved_changes(&self) -> bool {
        self.is_project_unsaved || !self.unsaved_sidecars.is_empty() || self.surfaces.values().any(|s| !s.is_saved())
    }

    /// Freezes what is unsaved; run the task anywhere and hand its report to [`Self::finish_save`]. None when nothing is unsaved.
    pub fn begin_save(&mut self) -> Result<Option<SaveTask>, SessionError> {
        if !self.has_unsaved_changes() {
            return Ok(None);
        }
        self.check_writable()?;
        self.finish_stroke()?;
        let (journal_number, ended_journal) = self.journal.rotate();
        // A ruleset that is not saved lives in the journal only: carry it over into the new file.
        for pn in 0..self.rulesets.len() {
            if !self.rulesets[pn].is_saved() {
                self.journal_ruleset(pn)?;
            }
        }
        let surfaces =
            self.surfaces.iter().filter(|(_, s)| !s.is_saved()).map(|(&id, s)| (id, s.map.clone(), s.revision)).collect();
        let sidecars = self.unsaved_sidecars.iter().map(|&i| (i, self.sidecars[i].clone())).collect();
        Ok(Some(SaveTask {
            project: Arc::clone(&self.project),
            writes_project: self.is_project_unsaved,
            surfaces,
            sidecars,
            journal_number,
            ended_journal,
        }))
    }

    /// Takes note of what was written. The journal forgets it only when everything was.
    pub fn finish_save(&mut self, report: &SaveReport) -> Result<(), SessionError> {
        for &(id, revision) in &report.surfaces {
            if let Some(surface) = self.surfaces.get_mut(&id) {
                surface.saved_revision = surface.saved_revision.max(revision);
            }
        }
        for (image, sidecar) in &report.sidecars {
            if self.sidecars[*image] == *sidecar {
                self.unsaved_sidecars.remove(image);
            }
        }
        if report.is_project_written {
            self.is_project_unsaved = false;
        }
        if report.errors.is_empty() {
            self.journal.forget_before(report.journal_number).map_err(SessionError::Journal)?;
        }
        Ok(())
    }

    /// Saves here and now, for callers without a frame to keep.
    pub fn save(&mut self) -> Result<Vec<ProjectError>, SessionError> {
        let Some(task) = self.begin_save()? else { return Ok(Vec::new()) };
        let report = task.run();
        self.finish_save(&report)?;
        Ok(report.errors)
    }
}
