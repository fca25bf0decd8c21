//! Files beside a model that hold its weights ("external data"): a model may only name what lies in its own folder and is long enough.
//!
//! A model comes from elsewhere. If it could name any file of the machine as its weights, its answer would tell what is in that file; and
//! a length that nobody holds against the file is memory that an engine sets aside before it reads.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Paths whose length was looked up, so that many tensors in one file cost one look.
const KNOWN_AT_MOST: usize = 1024;

/// Where the numbers of one tensor lie, as the model says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct External {
    location: Option<String>,
    /// In bytes.
    offset: u64,
    length: u64,
}

impl External {
    /// Takes one pair of key and value; a key that is of no concern here is passed over.
    pub(super) fn set(&mut self, key: &str, value: String) -> Result<(), String> {
        let number = |value: &str| value.parse().map_err(|_| format!("the {key} {value:?} of its weights is no number of bytes"));
        match key {
            "location" => self.location = Some(value),
            "offset" => self.offset = number(&value)?,
            "length" => self.length = number(&value)?,
            _ => {}
        }
        Ok(())
    }
}

/// The files with weights of one model.
pub(super) struct WeightsFiles<'a> {
    folder: &'a Path,
    /// Bytes of each file that was looked up.
    known: BTreeMap<String, u64>,
}

impl<'a> WeightsFiles<'a> {
    /// Those of the model at `file`.
    pub(super) fn beside(file: &'a Path) -> Self {
        Self { folder: file.parent().unwrap_or(Path::new("")), known: BTreeMap::new() }
    }

    /// Whether a tensor's numbers are where the model says, and inside the model's folder; the problem in words.
    pub(super) fn check(&mut self, external: &External) -> Result<(), String> {
        let Some(location) = &external.location else { return Ok(()) };
        let length = if let Some(&length) = self.known.get(location) {
            length
        } else {
            let length = length_of(&self.path(location)?, location)?;
            if self.known.len() < KNOWN_AT_MOST {
                self.known.insert(location.clone(), length);
            }
            length
        };
        match external.offset.checked_add(external.length) {
            Some(end) if end <= length => Ok(()),
            _ => Err(format!(
                "its weights file {location:?} has {length} bytes, but the model reads {} bytes from byte {}: it belongs to another model, \
                 or was cut off",
                external.length, external.offset
            )),
        }
    }

    /// The file of a location. Both kinds of slash and drive letters count on every system: a model travels.
    fn path(&self, location: &str) -> Result<PathBuf, String> {
        let is_absolute = location.starts_with(['/', '\\']) || location.chars().nth(1) == Some(':');
        let leaves = location.split(['/', '\\']).any(|part| part == "..");
        // The star marks addresses in the memory of the program, which only a program may hand over.
        if location.is_empty() || is_absolute || leaves || location.contains(['\0', '*']) {
            return Err(format!(
                "it says that its weights lie in {location:?}; only files in the folder of the model are read. If you trust the model, \
                 export it again with its weights inside or beside it"
            ));
        }
        Ok(self.folder.join(location))
    }
}

fn length_of(path: &Path, location: &str) -> Result<u64, String> {
    match path.metadata() {
        Ok(data) if data.is_file() => Ok(data.len()),
        Ok(_) => Err(format!("its weights file {location:?} is no file")),
        Err(error) => {
            Err(format!("its weights lie in the file {location:?}, which cannot be read ({error}); put it beside the model"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_lies_in_the_folder_of_the_model_is_read() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("parts")).unwrap();
        for name in ["w.data", "parts/w.data", "..w", "a..b"] {
            std::fs::write(folder.path().join(name), [0; 8]).unwrap();
        }
        let model = folder.path().join("m.onnx");
        let mut files = WeightsFiles::beside(&model);
        let mut check = |location: &str| files.check(&External { location: Some(location.to_owned()), offset: 0, length: 8 });
        for good in ["w.data", "parts/w.data", "./w.data", "..w", "a..b"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "/etc/passwd",
            "../w.data",
            "parts/../../w.data",
            "parts/..",
            r"..\w.data",
            r"parts\..\..\w.data",
            r"\\server\share\w.data",
            r"C:\w.data",
            "C:w.data",
            r"\w.data",
            "w\0.data",
            "*/_ORT_MEM_ADDR_/*",
        ] {
            assert!(check(bad).unwrap_err().contains("only files in the folder of the model"), "{bad}");
        }
        assert!(check("missing.data").unwrap_err().contains("\"missing.data\", which cannot be read"));
        assert!(check("parts").unwrap_err().contains("no file"));
    }

    #[test]
    fn more_bytes_than_the_file_has_are_refused_before_anybody_sets_memory_aside() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("w.data"), [0; 100]).unwrap();
        let model = folder.path().join("m.onnx");
        let mut files = WeightsFiles::beside(&model);
        let mut check = |offset, length| files.check(&External { location: Some("w.data".to_owned()), offset, length });
        assert_eq!(check(0, 100), Ok(()));
        assert_eq!(check(96, 4), Ok(()));
        for (offset, length) in [(0, 101), (97, 4), (101, 0), (0, u64::MAX), (u64::MAX, 1), (u64::MAX, u64::MAX)] {
            assert!(check(offset, length).unwrap_err().contains("has 100 bytes"), "{offset} {length}");
        }
        let mut external = External::default();
        assert!(external.set("length", "-1".to_owned()).is_err() && external.set("offset", "1e9".to_owned()).is_err());
        assert_eq!(external.set("checksum", "abc".to_owned()), Ok(()));
    }
}
