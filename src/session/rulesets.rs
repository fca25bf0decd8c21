//! The ruleset of each part number: being edited, as saved, and the way back.

use std::path::PathBuf;

use super::error::SessionError;
use super::journal::Record;
use super::open::Session;
use crate::files::write_atomic;
use crate::judge::{Ruleset, RulesetError};
use crate::measure::{FeatureSet, Wanted};
use crate::project::{Project, ProjectError};

/// Steps of undo that are kept.
const MAX_STEPS: usize = 1000;

/// One part number's ruleset.
#[derive(Debug)]
pub struct RulesetSlot {
    path: PathBuf,
    current: Ruleset,
    /// As the last finished change left it; a drag moves `current` away from it.
    settled: Ruleset,
    saved: Ruleset,
    done: Vec<Ruleset>,
    undone: Vec<Ruleset>,
}

impl RulesetSlot {
    pub(super) fn load(project: &Project, part_number: usize) -> Result<Self, RulesetError> {
        let path = project.ruleset_path(part_number);
        let ruleset = if path.exists() { Ruleset::read(&path)? } else { Ruleset::default() };
        Ok(Self { path, current: ruleset.clone(), settled: ruleset.clone(), saved: ruleset, done: Vec::new(), undone: Vec::new() })
    }

    pub(super) fn recover(&mut self, text: &str) -> Result<(), RulesetError> {
        self.current = Ruleset::from_ron(text, &self.path)?;
        self.settled = self.current.clone();
        Ok(())
    }

    /// The ruleset in force on the screen.
    #[must_use]
    pub const fn current(&self) -> &Ruleset {
        &self.current
    }

    /// The ruleset in the file.
    #[must_use]
    pub const fn saved(&self) -> &Ruleset {
        &self.saved
    }

    #[must_use]
    pub fn is_saved(&self) -> bool {
        self.current == self.saved
    }

    #[must_use]
    pub const fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    #[must_use]
    pub const fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    pub(super) fn text(&self) -> Result<String, RulesetError> {
        self.current.to_ron()
    }
}

impl Session {
    #[must_use]
    pub fn ruleset(&self, part_number: usize) -> &RulesetSlot {
        &self.rulesets[part_number]
    }

    /// What is measured of a part number's regions beyond what always is: what its ruleset asks for, and what is looked at.
    #[must_use]
    pub fn wanted(&self, part_number: usize) -> Wanted {
        let mut wanted = self.rulesets[part_number].current().wanted_of(&self.project.class_names());
        wanted.features = wanted.features.union(self.looked_at);
        wanted
    }

    /// Says which features somebody looks at, so that they are measured though no rule asks for them.
    pub const fn look_at(&mut self, features: FeatureSet) {
        self.looked_at = features;
    }

    /// Changes the ruleset on the screen, at every step of a drag; [`Self::settle_ruleset`] ends the gesture.
    pub fn edit_ruleset(&mut self, part_number: usize, change: impl FnOnce(&mut Ruleset)) -> Result<(), SessionError> {
        self.check_writable()?;
        change(&mut self.rulesets[part_number].current);
        Ok(())
    }

    /// Ends a change of limits: it becomes one step of undo and goes to the journal. False when nothing changed.
    pub fn settle_ruleset(&mut self, part_number: usize) -> Result<bool, SessionError> {
        let slot = &mut self.rulesets[part_number];
        if slot.current == slot.settled {
            return Ok(false);
        }
        slot.undone.clear();
        let before = std::mem::replace(&mut slot.settled, slot.current.clone());
        if slot.done.len() == MAX_STEPS {
            slot.done.remove(0);
        }
        slot.done.push(before);
        self.journal_ruleset(part_number)?;
        Ok(true)
    }

    /// Takes the last change of limits back. False when there is none.
    pub fn undo_ruleset(&mut self, part_number: usize) -> Result<bool, SessionError> {
        self.check_writable()?;
        self.settle_ruleset(part_number)?;
        let slot = &mut self.rulesets[part_number];
        let Some(before) = slot.done.pop() else { return Ok(false) };
        slot.undone.push(std::mem::replace(&mut slot.current, before));
        slot.settled = slot.current.clone();
        self.journal_ruleset(part_number)?;
        Ok(true)
    }

    /// Does the change undone last again.
    pub fn redo_ruleset(&mut self, part_number: usize) -> Result<bool, SessionError> {
        self.check_writable()?;
        let slot = &mut self.rulesets[part_number];
        let Some(next) = slot.undone.pop() else { return Ok(false) };
        slot.done.push(std::mem::replace(&mut slot.current, next));
        slot.settled = slot.current.clone();
        self.journal_ruleset(part_number)?;
        Ok(true)
    }

    /// Writes the ruleset to its file: from now on flips are counted against it.
    pub fn save_ruleset(&mut self, part_number: usize) -> Result<(), SessionError> {
        self.check_writable()?;
        self.settle_ruleset(part_number)?;
        let slot = &mut self.rulesets[part_number];
        let text = slot.text()?;
        write_atomic(&slot.path, text.as_bytes()).map_err(|source| ProjectError::Io { path: slot.path.clone(), source })?;
        slot.saved = slot.current.clone();
        Ok(())
    }

    pub(super) fn journal_ruleset(&mut self, part_number: usize) -> Result<(), SessionError> {
        let record = Record::Ruleset {
            part_number: self.project.part_numbers[part_number].name.clone(),
            text: self.rulesets[part_number].text()?,
        };
        self.journal.append(&record).map_err(SessionError::Journal)
    }
}
