//! The file of changed keys: readable, only what was changed, and nothing in it can do harm.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Conflict, Keymap, ShortcutError};
use crate::files::ron_file::{self, RonError};
use crate::session::command::{Command, Shortcut};

/// The format that this program writes.
const FORMAT: u32 = 1;

/// What stands in the file: names of commands with all of their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeymapFile {
    pub format: u32,
    #[serde(default)]
    pub keys: BTreeMap<String, Vec<String>>,
}

/// One entry of the file that was left out. The rest of the file counts.
#[derive(Debug, thiserror::Error)]
pub enum KeymapProblem {
    #[error("line {line}: no command is called `{name}`; it was left out: {}", path.display())]
    UnknownCommand { path: PathBuf, line: usize, name: String },
    #[error("line {line}: `{name}`: {source}; this key was left out: {}", path.display())]
    UnknownKey { path: PathBuf, line: usize, name: String, source: ShortcutError },
    #[error("line {line}: `{name}`: {source}; this key was left out: {}", path.display())]
    Taken { path: PathBuf, line: usize, name: String, source: Conflict },
}

impl Keymap {
    /// The changes as they stand in the file.
    #[must_use]
    pub fn to_file(&self) -> KeymapFile {
        let keys = |c: Command| self.shortcuts(c).iter().map(|s| s.text()).collect();
        KeymapFile { format: FORMAT, keys: self.changed().into_iter().map(|c| (c.name(), keys(c))).collect() }
    }

    /// Writes the changes, atomically.
    ///
    /// # Errors
    /// When the file cannot be written; the old one is there then.
    pub fn write(&self, path: &Path) -> Result<(), RonError> {
        ron_file::write(path, &self.to_file())
    }

    /// Reads the changes from a file: the keys, and what was left out.
    ///
    /// # Errors
    /// When there is no such file, or it is no RON, or of a newer format.
    pub fn read(path: &Path) -> Result<(Self, Vec<KeymapProblem>), RonError> {
        let text = std::fs::read_to_string(path).map_err(|source| RonError::Read { path: path.into(), source })?;
        Self::parse(&text, path)
    }

    /// As [`Self::read`], of a text that came from `path`.
    ///
    /// # Errors
    /// When the text is no RON, or of a newer format.
    pub fn parse(text: &str, path: &Path) -> Result<(Self, Vec<KeymapProblem>), RonError> {
        let file: KeymapFile = ron_file::parse(text, path, FORMAT)?;
        let mut keymap = Self::default();
        let mut problems = Vec::new();
        let line_of = |name: &str| {
            let at = text.find(&format!("\"{name}\"")).unwrap_or(0);
            text[..at].matches('\n').count() + 1
        };
        let mut wanted: Vec<(Command, String, Vec<Shortcut>)> = Vec::new();
        for (name, keys) in file.keys {
            let line = line_of(&name);
            let Some(command) = Command::from_name(&name) else {
                problems.push(KeymapProblem::UnknownCommand { path: path.into(), line, name });
                continue;
            };
            let mut shortcuts = Vec::new();
            for key in &keys {
                match key.parse::<Shortcut>() {
                    Ok(shortcut) => shortcuts.push(shortcut),
                    Err(source) => {
                        problems.push(KeymapProblem::UnknownKey { path: path.into(), line, name: name.clone(), source });
                    }
                }
            }
            // An entry of which nothing can be read must not leave a command without a key.
            if !shortcuts.is_empty() || keys.is_empty() {
                wanted.push((command, name, shortcuts));
            }
        }
        // Keys that change places are free only when all of them were taken away.
        for (command, ..) in &wanted {
            keymap.clear(*command);
        }
        for (command, name, shortcuts) in wanted {
            for shortcut in shortcuts {
                if let Err(source) = keymap.bind(command, shortcut) {
                    problems.push(KeymapProblem::Taken { path: path.into(), line: line_of(&name), name: name.clone(), source });
                }
            }
        }
        Ok((keymap, problems))
    }
}
