//! Releasing a ruleset, and the golden parts that every release is held against.

use std::fs;

use super::error::SessionError;
use super::open::Session;
use crate::judge::{Score, Verdict};
use crate::project::release::{self, BrokenGolden, GoldenVerdict, Release, ReleaseError, sha256_text};

/// What somebody says when releasing, and what the ruleset did then.
#[derive(Clone, Debug, Default)]
pub struct ReleaseRequest {
    pub note: String,
    /// Needed when golden parts break.
    pub reason: Option<String>,
    /// Golden parts that were judged, and those among them with another verdict than agreed.
    pub golden: usize,
    pub broken: Vec<BrokenGolden>,
    pub on_labels: Option<Score>,
    pub on_predictions: Option<Score>,
}

impl Session {
    /// The releases of a part number, the first one first.
    ///
    /// # Errors
    /// When one cannot be read, or was changed after its release.
    pub fn releases(&self, part_number: usize) -> Result<Vec<Release>, ReleaseError> {
        let project = self.project();
        release::read_releases(project.root(), &project.part_numbers[part_number].name)
    }

    /// Saves the ruleset of a part number and releases it as the next version.
    ///
    /// # Errors
    /// When golden parts break and no reason is given, or a file cannot be read or written; then nothing is released.
    pub fn release_ruleset(&mut self, part_number: usize, request: ReleaseRequest) -> Result<Release, SessionError> {
        self.check_writable()?;
        let known = self.releases(part_number).map_err(SessionError::Release)?;
        let version = known.last().map_or(1, |r| r.version + 1);
        let project = self.project();
        let (root, number) = (project.root().to_owned(), project.part_numbers[part_number].clone());
        let hash = |path: &std::path::Path| fs::read(path).ok().map(|bytes| sha256_text(&bytes));
        let models = number.running_models().filter_map(|m| Some((m.name(), hash(&project.model_path(m))?))).collect();
        let zones = hash(&project.zones_path(part_number));
        let parent = known.last().and_then(|r| hash(&release::path_of(&root, &number.name, r.version)));
        let text = self.ruleset(part_number).text().map_err(ReleaseError::from).map_err(SessionError::Release)?;
        let ReleaseRequest { note, reason, golden, broken, on_labels, on_predictions } = request;
        let next = Release {
            format: release::FORMAT,
            version,
            part_number: number.name,
            released: self.signature(),
            note,
            // A reason where nothing breaks would only puzzle later.
            reason: reason.filter(|_| !broken.is_empty()),
            golden,
            broken,
            on_labels,
            on_predictions,
            ruleset_sha256: sha256_text(text.as_bytes()),
            zones_sha256: zones,
            models_sha256: models,
            parent_sha256: parent,
            ruleset: text,
        };
        // The release first: it may be refused, and then the saved ruleset stays what it was.
        release::write_release(&root, &next).map_err(SessionError::Release)?;
        self.save_ruleset(part_number)?;
        Ok(next)
    }

    /// Brings a released ruleset back as the one on the screen: one step of undo.
    ///
    /// # Errors
    /// When the session is read-only, or its text cannot be read.
    pub fn restore_release(&mut self, part_number: usize, release: &Release) -> Result<(), SessionError> {
        let path = release::path_of(self.project().root(), &release.part_number, release.version);
        let ruleset = release.parsed(&path).map_err(ReleaseError::from).map_err(SessionError::Release)?;
        self.edit_ruleset(part_number, |current| *current = ruleset)?;
        self.settle_ruleset(part_number).map(drop)
    }

    /// The golden parts of a part number.
    ///
    /// # Errors
    /// When their file cannot be read.
    pub fn golden(&self, part_number: usize) -> Result<Vec<GoldenVerdict>, ReleaseError> {
        let project = self.project();
        release::read_golden(project.root(), &project.part_numbers[part_number].name)
    }

    /// Agrees on the verdict of a part, or takes it off the list of golden parts with `None`.
    ///
    /// # Errors
    /// When the file cannot be read or written.
    pub fn set_golden(&mut self, part_number: usize, serial: &str, expected: Option<Verdict>) -> Result<(), SessionError> {
        self.check_writable()?;
        let mut golden = self.golden(part_number).map_err(SessionError::Release)?;
        golden.retain(|g| g.part != serial);
        if let Some(expected) = expected {
            golden.push(GoldenVerdict { part: serial.to_owned(), expected, note: String::new(), agreed: self.signature() });
            golden.sort_by(|a, b| a.part.cmp(&b.part));
        }
        let project = self.project();
        release::write_golden(project.root(), &project.part_numbers[part_number].name, &golden).map_err(SessionError::Release)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Bounds, CellKey};
    use crate::measure::Feature;
    use crate::project::{PartNumber, Project};

    #[test]
    fn a_release_is_a_version_that_can_be_brought_back_and_undone() {
        let folder = tempfile::tempdir().unwrap();
        let mut project = Project::new(folder.path(), "x");
        project.part_numbers.push(PartNumber::new("PN"));
        project.save().unwrap();
        let mut session = Session::open(folder.path()).unwrap();
        let set = |session: &mut Session, at: f64| {
            let bounds = Some(Bounds::new(None, Some(at)));
            session.edit_ruleset(0, |r| drop(r.set_limit(&CellKey::new("*", "*"), Feature::Area, bounds))).unwrap();
        };
        set(&mut session, 1.0);
        let first = session.release_ruleset(0, ReleaseRequest { note: "one".into(), ..ReleaseRequest::default() }).unwrap();
        assert!(session.ruleset(0).is_saved() && first.parent_sha256.is_none());
        let one = session.ruleset(0).current().clone();
        set(&mut session, 2.0);
        // Golden parts break: nothing is released, and nothing saved, without a reason.
        let broken = vec![BrokenGolden { part: "7".into(), expected: Verdict::Ng, got: Some(Verdict::Ok) }];
        let request = ReleaseRequest { golden: 3, broken, ..ReleaseRequest::default() };
        let refused = session.release_ruleset(0, request.clone()).unwrap_err().to_string();
        assert!(refused.contains("1 golden part(s) would get another verdict (7)"), "{refused}");
        assert!(!session.ruleset(0).is_saved() && session.releases(0).unwrap().len() == 1);
        let request = ReleaseRequest { reason: Some("the customer agreed".into()), ..request };
        let second = session.release_ruleset(0, request).unwrap();
        assert_eq!((second.version, second.parent_sha256.is_some()), (2, true));
        session.restore_release(0, &first).unwrap();
        assert_eq!(*session.ruleset(0).current(), one);
        assert!(session.undo_ruleset(0).unwrap());
        assert_ne!(*session.ruleset(0).current(), one);
        assert_eq!(session.releases(0).unwrap(), [first, second]);
    }

    #[test]
    fn golden_parts_come_and_go() {
        let folder = tempfile::tempdir().unwrap();
        let mut project = Project::new(folder.path(), "x");
        project.part_numbers.push(PartNumber::new("PN"));
        project.save().unwrap();
        let mut session = Session::open(folder.path()).unwrap();
        session.set_golden(0, "b", Some(Verdict::Ok)).unwrap();
        session.set_golden(0, "a", Some(Verdict::Ng)).unwrap();
        session.set_golden(0, "b", Some(Verdict::Review)).unwrap();
        let listed: Vec<_> = session.golden(0).unwrap().into_iter().map(|g| (g.part, g.expected)).collect();
        assert_eq!(listed, [("a".to_owned(), Verdict::Ng), ("b".to_owned(), Verdict::Review)]);
        session.set_golden(0, "a", None).unwrap();
        assert_eq!(session.golden(0).unwrap().len(), 1);
    }
}
