//! The journal: every change is on disk before the next one begins, so that a killed program loses at most the stroke in progress.
//!
//! A record is `length (u32 LE) · CRC-32 of the payload (u32 LE) · payload (JSON)`. A torn record at the end is what a kill in the
//! middle of a write leaves; it is cut off. A journal file lives until everything it holds is in the files of the project.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::project::Sidecar;
use crate::raster::Run;

/// One change, told by names that survive a change of order in the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Pixels of a label: `spans` holds y, x0, x1, value of each run in turn.
    Label { image: String, width: u32, height: u32, spans: Vec<u32> },
    /// Pixels of a zone map.
    Zones { part_number: String, width: u32, height: u32, spans: Vec<u32> },
    /// State, disposition and note of an image.
    Sidecar { image: String, sidecar: Sidecar },
    /// The ruleset being edited, as RON text.
    Ruleset { part_number: String, text: String },
}

/// Runs as [`Record`] keeps them.
#[must_use]
pub fn spans_of(runs: &[Run]) -> Vec<u32> {
    runs.iter().flat_map(|r| [r.y, r.x0, r.x1, u32::from(r.value)]).collect()
}

/// Runs from a record; groups that are no run are left out.
#[must_use]
pub fn runs_of(spans: &[u32]) -> Vec<Run> {
    spans
        .chunks_exact(4)
        .filter(|s| s[1] < s[2] && s[3] <= 255)
        .map(|s| Run { y: s[0], x0: s[1], x1: s[2], value: s[3] as u8 })
        .collect()
}

/// Open journal files of one project.
#[derive(Debug)]
pub struct Journal {
    folder: PathBuf,
    number: u64,
    file: Option<File>,
}

/// Payloads above this are no record of ours.
const MAX_PAYLOAD: u32 = 1 << 30;

impl Journal {
    /// Opens the journal of the project in `root` and returns what earlier runs left behind, oldest first. New records go to a
    /// new file; the old ones stay until [`Self::forget_before`].
    pub fn open(root: &Path) -> io::Result<(Self, Vec<Record>)> {
        let folder = root.join(".delimit");
        let files = journal_files(&folder)?;
        let mut records = Vec::new();
        for path in files.values() {
            records.extend(read_records(path)?);
        }
        let number = files.keys().next_back().map_or(1, |n| n + 1);
        Ok((Self { folder, number, file: None }, records))
    }

    /// Appends one record. When this returns, a kill of the program cannot lose it.
    pub fn append(&mut self, record: &Record) -> io::Result<()> {
        let payload = serde_json::to_vec(record).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(payload.len() + 8);
        bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&payload).to_le_bytes());
        bytes.extend_from_slice(&payload);
        if self.file.is_none() {
            fs::create_dir_all(&self.folder)?;
            let path = self.path(self.number);
            self.file = Some(OpenOptions::new().create_new(true).append(true).open(path)?);
        }
        // One write call: a kill leaves the whole record, or a torn one that reading cuts off.
        self.file.as_mut().map_or(Ok(()), |file| file.write_all(&bytes))
    }

    /// Starts a new file. Gives its number, what was appended before lies in files with lower numbers, and the file that ends here:
    /// whoever saves syncs it against a power cut, off the frame.
    pub fn rotate(&mut self) -> (u64, Option<File>) {
        let ended = self.file.take();
        if ended.is_some() {
            self.number += 1;
        }
        (self.number, ended)
    }

    /// Removes the files below `number`: everything in them is in the project's own files now.
    pub fn forget_before(&self, number: u64) -> io::Result<()> {
        for (n, path) in journal_files(&self.folder)? {
            if n < number {
                fs::remove_file(path)?;
            }
        }
        Ok(())
    }

    fn path(&self, number: u64) -> PathBuf {
        self.folder.join(format!("journal-{number:06}.log"))
    }
}

fn journal_files(folder: &Path) -> io::Result<BTreeMap<u64, PathBuf>> {
    let mut files = BTreeMap::new();
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(files),
        Err(e) => return Err(e),
    };
    for entry in entries {
        let path = entry?.path();
        let number =
            path.file_name().and_then(|n| n.to_str()).and_then(|n| n.strip_prefix("journal-")?.strip_suffix(".log")?.parse().ok());
        if let Some(number) = number {
            files.insert(number, path);
        }
    }
    Ok(files)
}

/// The records of one file up to the first torn or damaged one.
fn read_records(path: &Path) -> io::Result<Vec<Record>> {
    let mut bytes = Vec::new();
    File::open(path)?.read_to_end(&mut bytes)?;
    let mut records = Vec::new();
    let mut rest = bytes.as_slice();
    while let [l0, l1, l2, l3, c0, c1, c2, c3, tail @ ..] = rest {
        let length = u32::from_le_bytes([*l0, *l1, *l2, *l3]);
        let crc = u32::from_le_bytes([*c0, *c1, *c2, *c3]);
        if length > MAX_PAYLOAD || tail.len() < length as usize {
            break;
        }
        let (payload, next) = tail.split_at(length as usize);
        if crc32fast::hash(payload) != crc {
            break;
        }
        let Ok(record) = serde_json::from_slice(payload) else { break };
        records.push(record);
        rest = next;
    }
    Ok(records)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: u32) -> Record {
        Record::Label { image: format!("part/{n}"), width: 9, height: 9, spans: vec![n, 1, 5, 2] }
    }

    #[test]
    fn gives_back_what_was_appended_across_files() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, old) = Journal::open(folder.path()).unwrap();
        assert!(old.is_empty());
        journal.append(&record(1)).unwrap();
        let (keep, _) = journal.rotate();
        journal.append(&record(2)).unwrap();
        drop(journal);
        let (mut journal, old) = Journal::open(folder.path()).unwrap();
        assert_eq!(old, [record(1), record(2)]);
        journal.append(&record(3)).unwrap();
        journal.forget_before(keep).unwrap();
        drop(journal);
        assert_eq!(Journal::open(folder.path()).unwrap().1, [record(2), record(3)]);
    }

    #[test]
    fn a_file_cut_anywhere_gives_a_prefix_of_its_records() {
        let folder = tempfile::tempdir().unwrap();
        let (mut journal, _) = Journal::open(folder.path()).unwrap();
        let all: Vec<Record> = (0..4).map(record).collect();
        for r in &all {
            journal.append(r).unwrap();
        }
        let path = folder.path().join(".delimit/journal-000001.log");
        let bytes = fs::read(&path).unwrap();
        for cut in 0..bytes.len() {
            fs::write(&path, &bytes[..cut]).unwrap();
            let got = read_records(&path).unwrap();
            assert_eq!(got, all[..got.len()]);
            assert!(got.len() < 4);
        }
        // A flipped bit ends the reading, it never gives a wrong record.
        for at in 0..bytes.len() {
            let mut broken = bytes.clone();
            broken[at] ^= 4;
            fs::write(&path, &broken).unwrap();
            let got = read_records(&path).unwrap();
            assert_eq!(got, all[..got.len()]);
        }
    }

    #[test]
    fn spans_and_runs_are_the_same_thing() {
        let runs = vec![Run { y: 3, x0: 1, x1: 9, value: 7 }, Run { y: 4, x0: 0, x1: 1, value: 0 }];
        assert_eq!(runs_of(&spans_of(&runs)), runs);
    }
}
