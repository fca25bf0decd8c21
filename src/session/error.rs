//! What a session can refuse or fail at.

use std::io;
use std::path::PathBuf;

use super::instances::InstanceError;
use crate::judge::RulesetError;
use crate::predict::PredictError;
use crate::project::{ProjectError, ReleaseError};

#[derive(Debug, thiserror::Error)]
pub enum SessionError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
    #[error(transparent)]
    Instance(#[from] InstanceError),
    /// The change itself is in memory and stays there.
    #[error("the journal cannot be written ({0}); your work is kept in memory: make room or rights, then save")]
    Journal(io::Error),
    #[error("the project is open read-only ({reason}); nothing was changed")]
    ReadOnly { reason: String },
    /// Somebody asked to resolve what is not in conflict.
    #[error("{0} has no conflict to resolve; its file is the one that is open here")]
    NoConflict(String),
    #[error(transparent)]
    Release(ReleaseError),
    #[error(transparent)]
    Card(PredictError),
    #[error("{}: the card cannot be written ({source})", path.display())]
    WriteCard { path: PathBuf, source: io::Error },
    #[error("note {id} is not on this image any more")]
    NoSuchNote { id: u64 },
    #[error("the journal of an earlier run cannot be read ({0}); it is kept in .delimit")]
    Recovery(io::Error),
}
