//! Why labels of another tool could not be read or written: which file, which place in it, what to do.

use std::io;
use std::path::{Path, PathBuf};

use crate::project::ProjectError;

/// Everything that reading, planning or writing labels can refuse.
#[derive(Debug, thiserror::Error)]
pub enum ExchangeError {
    #[error("{source}: {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    /// The file is not what its format promises. `place` names the record, line or field.
    #[error("{place}: {message}: {}", path.display())]
    Content { path: PathBuf, place: String, message: String },
    #[error("no label format is recognised here; say which with --format ({known}): {}", path.display())]
    Unrecognised { path: PathBuf, known: String },
    /// The import cannot be carried out as asked, whatever the files say.
    #[error("{0}")]
    Plan(String),
    #[error(transparent)]
    Project(#[from] ProjectError),
}

impl ExchangeError {
    /// A mistake in the content of `path`.
    pub fn content(path: &Path, place: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Content { path: path.into(), place: place.into(), message: message.into() }
    }

    /// What the file system said of `path`.
    pub fn io(path: &Path, source: io::Error) -> Self {
        Self::Io { path: path.into(), source }
    }
}
