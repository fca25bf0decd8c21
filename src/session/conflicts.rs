//! Files that somebody else changed while they were open here: nothing is written over them until a person has chosen.

use std::fmt;
use std::path::{Path, PathBuf};

use super::error::SessionError;
use super::open::Session;
use super::save::ProjectStamps;
use super::surface::{MapConflict, SurfaceId, read_surface};
use crate::files::stamp;
use crate::paint::Edit;
use crate::project::{ProjectError, Sidecar, label_file};
use crate::raster::PixelRect;

/// One file that somebody else changed, and what was done instead of writing over it. Its text is for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// The map stays in memory and was set aside in `mine`; [`Session::resolve_conflict`] ends it.
    Map { surface: SurfaceId, theirs: PathBuf, mine: PathBuf },
    /// `project.ron` or `parts.csv`; this session's versions lie in `mine`. [`Session::resolve_project_conflict`] ends it.
    Project { root: PathBuf, mine: Vec<PathBuf> },
    /// A sidecar; both versions were brought together and written. For disputed fields this session's value was taken, and the other
    /// file was kept in `theirs`.
    Sidecar { image: usize, path: PathBuf, disputed: Vec<&'static str>, theirs: Option<PathBuf> },
}

impl fmt::Display for Conflict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Map { theirs, mine, .. } => write!(
                f,
                "{} was changed by somebody else while it was open here. It was left as it is, your version is in {}: keep yours or \
                 take theirs",
                theirs.display(),
                mine.display()
            ),
            Self::Project { root, mine } => {
                let mine = mine.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(" and ");
                write!(
                    f,
                    "The project in {} was changed by somebody else while it was open here. It was left as it is, your version is in \
                     {mine}: keep yours, or open the project again to take theirs",
                    root.display()
                )
            }
            Self::Sidecar { path, disputed, theirs: None, .. } if disputed.is_empty() => {
                write!(f, "{} was changed by somebody else too; both changes were brought together", path.display())
            }
            Self::Sidecar { path, disputed, theirs, .. } => {
                write!(f, "{} was changed by somebody else too; your {} was kept", path.display(), disputed.join(" and "))?;
                theirs.as_ref().map_or(Ok(()), |theirs| write!(f, ", theirs is in {}", theirs.display()))
            }
        }
    }
}

/// Which of two versions is to stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The version of this session; it is written over the other one.
    KeepMine,
    /// The version in the file. It becomes a step of undo, so that one's own comes back with Undo.
    TakeTheirs,
}

impl Session {
    /// Maps with two versions, by index.
    #[must_use]
    pub fn conflicts(&self) -> Vec<SurfaceId> {
        let mut all: Vec<SurfaceId> = self.surfaces.iter().filter(|(_, s)| s.has_conflict()).map(|(&id, _)| id).collect();
        all.sort_unstable();
        all
    }

    /// True when project file or part list have two versions.
    #[must_use]
    pub const fn has_project_conflict(&self) -> bool {
        self.project_conflict.is_some()
    }

    /// Ends a conflict of a map and saves. The file that was set aside is removed once the choice is saved: both versions are in the
    /// undo history then.
    ///
    /// # Errors
    /// [`SessionError::NoConflict`]; and when the chosen version cannot be read, or has another size than the image.
    pub fn resolve_conflict(&mut self, id: SurfaceId, choice: Choice) -> Result<Vec<ProjectError>, SessionError> {
        self.check_writable()?;
        self.finish_stroke()?;
        self.load_surface(id)?;
        let path = id.path(&self.project);
        let none = || SessionError::NoConflict(path.display().to_string());
        let surface = self.surfaces.get(&id).ok_or_else(none)?;
        let conflict = surface.conflict.clone().ok_or_else(none)?;
        // Everything that can fail comes before anything is changed.
        let mut versions = Vec::new();
        if conflict.is_theirs_open
            && let Some(mine) = &conflict.mine
        {
            let map = label_file::read(mine)?;
            label_file::check_size(&map, (surface.map.width(), surface.map.height()), mine)?;
            versions.push(map);
        }
        let on_disk = stamp::read(&path).map_err(|source| ProjectError::Io { path: path.clone(), source })?.map(|(_, s)| s);
        if choice == Choice::TakeTheirs {
            versions.push(read_surface(&self.project, id)?.map);
        }
        if let Some(surface) = self.surfaces.get_mut(&id) {
            surface.stamp = on_disk;
            surface.conflict = None;
            // The file holds the other version, whatever the pixels here are.
            surface.touch(PixelRect::EMPTY);
        }
        for version in versions {
            let Some(surface) = self.surfaces.get_mut(&id) else { break };
            let edit = Edit::between(&surface.map, &version);
            if let Some(edit) = &edit {
                edit.apply(&mut surface.map);
            }
            self.keep_edit(id, edit)?;
        }
        let errors = self.save()?;
        if let Some(mine) = conflict.mine
            && errors.is_empty()
        {
            std::fs::remove_file(&mine).map_err(|source| ProjectError::Io { path: mine, source })?;
        }
        Ok(errors)
    }

    /// Ends a conflict of project file and part list. [`Choice::KeepMine`] writes this session's version at the next saving;
    /// [`Choice::TakeTheirs`] leaves the files, and the project has to be opened again to be seen as they say.
    pub fn resolve_project_conflict(&mut self, choice: Choice) -> Result<(), SessionError> {
        self.check_writable()?;
        let none = || SessionError::NoConflict(self.project.root().display().to_string());
        self.project_conflict.take().ok_or_else(none)?;
        match choice {
            Choice::KeepMine => self.project_stamps = ProjectStamps::read(self.project.root()),
            Choice::TakeTheirs => self.is_project_unsaved = false,
        }
        Ok(())
    }

    /// Looks whether somebody else changed the files of an image since they were read: cheap enough for every visit. What nobody
    /// changed here is read again; a map that was changed here becomes a conflict. True when something in memory is another now.
    pub fn notice_outside_changes(&mut self, image: usize) -> bool {
        // While this session writes files itself, they differ from what is known of them.
        if self.is_saving || self.active_stroke() == Some(SurfaceId::Label(image)) {
            return false;
        }
        let is_map_changed = self.notice_outside_map(SurfaceId::Label(image));
        self.notice_outside_sidecar(image) || is_map_changed
    }

    fn notice_outside_map(&mut self, id: SurfaceId) -> bool {
        let path = id.path(&self.project);
        let Some(surface) = self.surfaces.get_mut(&id) else { return false };
        if surface.conflict.is_some() || stamp::looks_unchanged(&path, surface.stamp.as_ref()) {
            return false;
        }
        let Ok(on_disk) = stamp::read(&path) else { return false };
        let on_disk = on_disk.map(|(_, s)| s);
        if on_disk.map(|s| s.sha256) == surface.sha256() {
            surface.stamp = on_disk;
            return false;
        }
        if !surface.is_saved() {
            surface.conflict = Some(MapConflict::default());
            self.notices.push(format!("{}: keep yours or take theirs. Nothing is written over it", changed(&path)));
            return true;
        }
        match read_surface(&self.project, id) {
            Ok(file) => {
                surface.map = file.map;
                surface.stamp = file.stamp;
                surface.touch(surface.map.rect());
                surface.saved_revision = surface.revision;
                let sha256 = surface.sha256();
                self.notices.push(format!("{} and was read again", changed(&path)));
                self.tie_timeline(id, sha256);
            }
            Err(e) => {
                surface.conflict = Some(MapConflict::default());
                self.notices.push(format!("{}, but cannot be read: {e}", changed(&path)));
            }
        }
        true
    }

    fn notice_outside_sidecar(&mut self, image: usize) -> bool {
        let Ok(theirs) = self.project.read_sidecar(image) else { return false };
        let base = self.sidecar_bases.get(&image).unwrap_or(&self.sidecars[image]);
        if theirs == *base {
            return false;
        }
        let merged = Sidecar::merge(base, &self.sidecars[image], &theirs);
        // Disputes are settled at saving, where the other file is kept.
        if !merged.disputed.is_empty() {
            return false;
        }
        if self.unsaved_sidecars.contains(&image) {
            self.sidecar_bases.insert(image, theirs);
        }
        let is_other = self.sidecars[image] != merged.sidecar;
        self.sidecars[image] = merged.sidecar;
        self.sidecar_revision += 1;
        is_other
    }
}

fn changed(path: &Path) -> String {
    format!("{} was changed by somebody else", path.display())
}
