//! Telling whether a file is still the one that was read or written.

use std::fs;
use std::io;
use std::path::Path;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

/// What a file was when it was read or written: its content, and what can be asked for without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FileStamp {
    pub sha256: [u8; 32],
    pub len: u64,
    modified: Option<SystemTime>,
}

impl FileStamp {
    /// The stamp of content that lies, or was just written, at `path`.
    #[must_use]
    pub fn of(bytes: &[u8], path: &Path) -> Self {
        let modified = fs::metadata(path).and_then(|m| m.modified()).ok();
        Self { sha256: Sha256::digest(bytes).into(), len: bytes.len() as u64, modified }
    }

    /// True when length and time of change at `path` are those of this stamp: no byte is read. A change within the clock's grain that
    /// keeps the length is not seen; [`read`] sees it.
    #[must_use]
    pub fn looks_unchanged(&self, path: &Path) -> bool {
        fs::metadata(path).is_ok_and(|m| m.len() == self.len && m.modified().ok() == self.modified)
    }
}

/// Bytes and stamp of a file; None when there is no such file.
pub fn read(path: &Path) -> io::Result<Option<(Vec<u8>, FileStamp)>> {
    // The time is asked for first: a change while reading makes the stamp look old, never the content look known.
    let modified = fs::metadata(path).and_then(|m| m.modified()).ok();
    match fs::read(path) {
        Ok(bytes) => {
            let stamp = FileStamp { sha256: Sha256::digest(&bytes).into(), len: bytes.len() as u64, modified };
            Ok(Some((bytes, stamp)))
        }
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(e) => Err(e),
    }
}

/// As [`FileStamp::looks_unchanged`], where no file may have been there either.
#[must_use]
pub fn looks_unchanged(path: &Path, stamp: Option<&FileStamp>) -> bool {
    match stamp {
        Some(stamp) => stamp.looks_unchanged(path),
        None => !path.exists(),
    }
}

/// True when the content at `path` is that of the stamp, whatever its time says.
pub fn is_same_content(path: &Path, stamp: Option<&FileStamp>) -> io::Result<bool> {
    Ok(read(path)?.map(|(_, s)| s.sha256) == stamp.map(|s| s.sha256))
}
