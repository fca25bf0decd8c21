//! Saving: a frozen copy is written off-thread, then the journal forgets what is in the files.
//!
//! No file that somebody else changed meanwhile is written over: maps and the project are set aside under another name and become a
//! conflict, sidecars are brought together field by field.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::conflicts::Conflict;
use super::error::SessionError;
use super::open::Session;
use super::surface::{MAX_SET_ASIDE, MapConflict, SurfaceId, mine_path};
use super::undo_file::{self, StoredTimeline};
use crate::files::{FileStamp, stamp, write_atomic};
use crate::project::{Project, ProjectError, Sidecar, label_file};
use crate::raster::LabelMap;

/// What `project.ron` and `parts.csv` were when they were read or written last.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct ProjectStamps([Option<FileStamp>; 2]);

impl ProjectStamps {
    pub fn read(root: &Path) -> Self {
        let read = |name: &str| stamp::read(&root.join(name)).ok().flatten().map(|(_, s)| s);
        Self([read("project.ron"), read("parts.csv")])
    }
}

/// One map that is to be written.
#[derive(Debug)]
struct MapTask {
    id: SurfaceId,
    map: LabelMap,
    revision: u64,
    expected: Option<FileStamp>,
    conflict: Option<MapConflict>,
}

/// What became of a [`MapTask`].
#[derive(Debug)]
struct MapOutcome {
    id: SurfaceId,
    revision: u64,
    /// The file now, as far as this session is to know it.
    stamp: Option<FileStamp>,
    /// Where the map was set aside because the file is somebody else's.
    mine: Option<PathBuf>,
    /// SHA-256 of the bytes that the map was written as.
    sha256: [u8; 32],
}

/// Everything that was unsaved at one moment.
#[derive(Debug)]
pub struct SaveTask {
    project: Arc<Project>,
    writes_project: Option<ProjectStamps>,
    surfaces: Vec<MapTask>,
    /// Image, sidecar in memory, sidecar in the file as this session knows it.
    sidecars: Vec<(usize, Sidecar, Sidecar)>,
    timelines: Vec<(SurfaceId, StoredTimeline)>,
    journal_number: u64,
    ended_journal: Option<File>,
}

/// What a [`SaveTask`] wrote and what it could not.
#[derive(Debug)]
pub struct SaveReport {
    surfaces: Vec<MapOutcome>,
    /// Image, sidecar as it was in memory, sidecar as it was written.
    sidecars: Vec<(usize, Sidecar, Sidecar)>,
    timelines: Vec<(SurfaceId, u64)>,
    project_stamps: Option<ProjectStamps>,
    project_mine: Option<Vec<PathBuf>>,
    notices: Vec<String>,
    journal_number: u64,
    /// One per file that could not be written; its content stays in memory and in the journal.
    pub errors: Vec<ProjectError>,
    /// Files that somebody else changed meanwhile, and what was done instead of writing over them.
    pub conflicts: Vec<Conflict>,
}

impl SaveTask {
    /// Writes all files; one failure does not keep the others from being written.
    #[must_use]
    pub fn run(self) -> SaveReport {
        let mut report = SaveReport {
            surfaces: Vec::new(),
            sidecars: Vec::new(),
            timelines: Vec::new(),
            project_stamps: None,
            project_mine: None,
            notices: Vec::new(),
            journal_number: self.journal_number,
            errors: Vec::new(),
            conflicts: Vec::new(),
        };
        if let Some(journal) = &self.ended_journal {
            // Against a power cut while the files are written; against a kill the journal is safe already.
            drop(journal.sync_data());
        }
        let project = &*self.project;
        if let Some(stamps) = self.writes_project
            && let Err(e) = write_project(project, stamps, &mut report)
        {
            report.errors.push(e);
        }
        let mut timelines = self.timelines;
        for task in self.surfaces {
            let timeline = timelines.iter().position(|(id, _)| *id == task.id).map(|at| timelines.swap_remove(at).1);
            if let Err(e) = write_map(project, task, timeline, &mut report) {
                report.errors.push(e);
            }
        }
        for (id, timeline) in timelines {
            write_timeline(project, id, &timeline, &mut report);
        }
        for (image, mine, base) in self.sidecars {
            match write_sidecar(project, image, &mine, &base, &mut report) {
                Ok(written) => report.sidecars.push((image, mine, written)),
                Err(e) => report.errors.push(e),
            }
        }
        report
    }

    /// Number of files that will be written, undo histories aside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.surfaces.len() + self.sidecars.len() + usize::from(self.writes_project.is_some())
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

fn io_error(path: &Path) -> impl FnOnce(std::io::Error) -> ProjectError {
    move |source| ProjectError::Io { path: path.into(), source }
}

/// Writes a map and before it its undo file, which knows both contents: whatever a kill leaves of the two fits together.
fn write_map(
    project: &Project,
    task: MapTask,
    timeline: Option<StoredTimeline>,
    report: &mut SaveReport,
) -> Result<(), ProjectError> {
    let path = task.id.path(project);
    let palette = match task.id {
        SurfaceId::Label(_) => project.class_palette(),
        SurfaceId::Zones(pn) => project.zone_palette(pn),
    };
    let bytes = label_file::encode(&path, &task.map, &palette)?;
    let on_disk = stamp::read(&path).map_err(io_error(&path))?.map(|(_, s)| s);
    let fresh = FileStamp::of(&bytes, &path);
    let is_ours = on_disk.map(|s| s.sha256) == task.expected.map(|s| s.sha256) || on_disk.is_some_and(|s| s.sha256 == fresh.sha256);
    // A version set aside by an earlier run is not this one: it stays, and this one has the label to itself.
    let open = task.conflict.filter(|c| !c.is_theirs_open);
    let is_held = open.is_some() && on_disk.is_none_or(|s| s.sha256 != fresh.sha256);
    let target = if is_ours && !is_held { path.clone() } else { mine_target(&path, open.as_ref())? };
    if let Some(timeline) = timeline {
        let previous = task.expected.map(|s| s.sha256);
        write_timeline(project, task.id, &StoredTimeline { tie: Some(fresh.sha256), previous, ..timeline }, report);
    }
    write_atomic(&target, &bytes).map_err(io_error(&target))?;
    let mut outcome = MapOutcome { id: task.id, revision: task.revision, stamp: task.expected, mine: None, sha256: fresh.sha256 };
    if target == path {
        outcome.stamp = Some(FileStamp::of(&bytes, &path));
    } else {
        if open.is_none_or(|c| c.mine.is_none()) {
            report.conflicts.push(Conflict::Map { surface: task.id, theirs: path, mine: target.clone() });
        }
        outcome.mine = Some(target);
    }
    report.surfaces.push(outcome);
    Ok(())
}

fn mine_target(path: &Path, conflict: Option<&MapConflict>) -> Result<PathBuf, ProjectError> {
    conflict.and_then(|c| c.mine.clone()).map_or_else(|| unused(|n| mine_path(path, n)), Ok)
}

/// The first of numbered names that no file has.
fn unused(name: impl Fn(u32) -> PathBuf) -> Result<PathBuf, ProjectError> {
    let all_taken = || ProjectError::Io { path: name(1), source: std::io::ErrorKind::AlreadyExists.into() };
    (1..=MAX_SET_ASIDE).map(&name).find(|p| !p.exists()).ok_or_else(all_taken)
}

fn write_timeline(project: &Project, id: SurfaceId, timeline: &StoredTimeline, report: &mut SaveReport) {
    match undo_file::write(project.root(), &id.name(project), timeline) {
        Ok(()) => report.timelines.push((id, timeline.up_to)),
        Err(e) => report.notices.push(format!("The undo history will not survive a restart: {e}: {}", id.path(project).display())),
    }
}

fn write_project(project: &Project, known: ProjectStamps, report: &mut SaveReport) -> Result<(), ProjectError> {
    let texts = project.file_texts()?;
    let mut is_ours = true;
    for ((path, text), known) in texts.iter().zip(known.0) {
        let on_disk = stamp::read(path).map_err(io_error(path))?.map(|(_, s)| s.sha256);
        let fresh = FileStamp::of(text.as_bytes(), path).sha256;
        is_ours &= on_disk == known.map(|s| s.sha256) || on_disk == Some(fresh);
    }
    let mut stamps = [None; 2];
    let mut mine = Vec::new();
    for ((path, text), stamp) in texts.into_iter().zip(&mut stamps) {
        let ending = path.extension().map_or_else(String::new, |e| e.to_string_lossy().into_owned());
        let target = if is_ours { path } else { unused(|n| path.with_extension(format!("mine-{n}.{ending}")))? };
        write_atomic(&target, text.as_bytes()).map_err(io_error(&target))?;
        *stamp = Some(FileStamp::of(text.as_bytes(), &target));
        mine.push(target);
    }
    if is_ours {
        report.project_stamps = Some(ProjectStamps(stamps));
    } else {
        report.conflicts.push(Conflict::Project { root: project.root().into(), mine: mine.clone() });
        report.project_mine = Some(mine);
    }
    Ok(())
}

/// Writes a sidecar, brought together with what somebody else wrote into its file. Gives what was written.
fn write_sidecar(
    project: &Project,
    image: usize,
    mine: &Sidecar,
    base: &Sidecar,
    report: &mut SaveReport,
) -> Result<Sidecar, ProjectError> {
    let theirs = project.read_sidecar(image)?;
    let mut written = mine.clone();
    if theirs != *base && theirs != *mine {
        let merged = Sidecar::merge(base, mine, &theirs);
        written = merged.sidecar;
        let path = project.sidecar_path(image);
        let mut kept = None;
        if !merged.disputed.is_empty() {
            let aside = unused(|n| path.with_extension(format!("theirs-{n}.ron")))?;
            std::fs::copy(&path, &aside).map_err(io_error(&aside))?;
            kept = Some(aside);
        }
        report.conflicts.push(Conflict::Sidecar { image, path, disputed: merged.disputed, theirs: kept });
    }
    project.write_sidecar(image, &written)?;
    Ok(written)
}

impl Session {
    /// True when a file of the project is older than what is in memory. A ruleset under work does not count: it is saved by hand.
    #[must_use]
    pub fn has_unsaved_changes(&self) -> bool {
        (self.is_project_unsaved && self.project_conflict.is_none())
            || !self.unsaved_sidecars.is_empty()
            || self.surfaces.values().any(|s| !s.is_saved())
    }

    /// Freezes what is unsaved; run the task anywhere and hand its report to [`Self::finish_save`]. None when nothing is unsaved.
    pub fn begin_save(&mut self) -> Result<Option<SaveTask>, SessionError> {
        if !self.has_unsaved_changes() {
            return Ok(None);
        }
        self.check_writable()?;
        // A journal that cannot be written must not keep the files from being written.
        let stroke = self.finish_stroke();
        let (journal_number, ended_journal) = self.journal.rotate();
        self.based.clear();
        // A ruleset that is not saved lives in the journal only: carry it over into the new file.
        let mut rulesets = Ok(());
        for pn in 0..self.rulesets.len() {
            if !self.rulesets[pn].is_saved() {
                rulesets = rulesets.and(self.journal_ruleset(pn));
            }
        }
        if let Err(e) = stroke.map(drop).and(rulesets) {
            self.notices.push(e.to_string());
        }
        self.is_saving = true;
        let surfaces = self.surfaces.iter().filter(|(_, s)| !s.is_saved()).map(|(&id, s)| MapTask {
            id,
            map: s.map.clone(),
            revision: s.revision,
            expected: s.stamp,
            conflict: s.conflict.clone(),
        });
        let sidecar = |&image: &usize| {
            let mine = self.sidecars[image].clone();
            let base = self.sidecar_bases.get(&image).cloned().unwrap_or_default();
            (image, mine, base)
        };
        Ok(Some(SaveTask {
            project: Arc::clone(&self.project),
            writes_project: (self.is_project_unsaved && self.project_conflict.is_none()).then_some(self.project_stamps),
            surfaces: surfaces.collect(),
            sidecars: self.unsaved_sidecars.iter().map(sidecar).collect(),
            timelines: self.frozen_timelines(),
            journal_number,
            ended_journal,
        }))
    }

    /// The timelines that are newer than their files.
    fn frozen_timelines(&self) -> Vec<(SurfaceId, StoredTimeline)> {
        let unsaved = self.timelines.by_surface.iter().filter(|(_, t)| t.up_to != t.saved_up_to);
        unsaved
            .map(|(&id, t)| {
                let (done, undone) = (t.history.done().cloned().collect(), t.history.undone().to_vec());
                (id, StoredTimeline { tie: t.tie, previous: t.tie, up_to: t.up_to, done, undone })
            })
            .collect()
    }

    /// Takes note of what was written. The journal forgets it only when everything was.
    pub fn finish_save(&mut self, report: &SaveReport) -> Result<(), SessionError> {
        self.is_saving = false;
        self.notices.extend(report.notices.iter().cloned());
        self.notices.extend(report.conflicts.iter().map(ToString::to_string));
        for outcome in &report.surfaces {
            if let Some(surface) = self.surfaces.get_mut(&outcome.id) {
                surface.saved_revision = surface.saved_revision.max(outcome.revision);
                match &outcome.mine {
                    Some(mine) => surface.conflict = Some(MapConflict { mine: Some(mine.clone()), is_theirs_open: false }),
                    None => surface.stamp = outcome.stamp,
                }
            }
            if let Some(timeline) = self.timelines.by_surface.get_mut(&outcome.id) {
                timeline.tie = Some(outcome.sha256);
            }
        }
        for (id, up_to) in &report.timelines {
            if let Some(timeline) = self.timelines.by_surface.get_mut(id) {
                timeline.saved_up_to = *up_to;
            }
        }
        for (image, mine, written) in &report.sidecars {
            self.sidecar_revision += 1;
            if self.sidecars[*image] == *mine {
                self.sidecars[*image] = written.clone();
                self.unsaved_sidecars.remove(image);
                self.sidecar_bases.remove(image);
            } else {
                self.sidecars[*image] = Sidecar::merge(mine, &self.sidecars[*image], written).sidecar;
                self.sidecar_bases.insert(*image, written.clone());
            }
        }
        if let Some(stamps) = report.project_stamps {
            self.project_stamps = stamps;
            self.is_project_unsaved = false;
        }
        if let Some(mine) = &report.project_mine {
            self.project_conflict = Some(mine.clone());
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
