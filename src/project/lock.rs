//! One writer per project: a lock file that the operating system releases even when the program is killed.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::Path;

use super::error::ProjectError;

/// Held while a project is open for writing.
#[derive(Debug)]
pub struct ProjectLock {
    _file: File,
}

impl ProjectLock {
    /// Takes the lock of the project in `root`.
    ///
    /// # Errors
    /// [`ProjectError::Locked`] when another process has it, [`ProjectError::Io`] when the folder cannot be written.
    pub fn take(root: &Path) -> Result<Self, ProjectError> {
        let path = root.join(".delimit/lock");
        let io = |source| ProjectError::Io { path: path.clone(), source };
        fs::create_dir_all(root.join(".delimit")).map_err(io)?;
        let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path).map_err(io)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // The name of the holder is a courtesy; the refusal does not hang on it.
                drop(file.read_to_string(&mut holder));
                let holder = if holder.trim().is_empty() { "unknown".to_owned() } else { holder.trim().to_owned() };
                return Err(ProjectError::Locked { path, holder });
            }
            Err(TryLockError::Error(source)) => return Err(io(source)),
        }
        file.set_len(0).map_err(io)?;
        file.rewind().map_err(io)?;
        write!(file, "{}", std::process::id()).map_err(io)?;
        Ok(Self { _file: file })
    }
}
