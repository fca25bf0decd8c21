//! The journal: every change is on disk before the next one begins, so that a killed program loses at most the stroke in progress.
//!
//! A record is `length (u32 LE) · CRC-32 of the payload (u32 LE) · payload (JSON)`. A torn record at the end is what a kill in the
//! middle of a write leaves; it is cut off. A journal file lives until everything it holds is in the files of the project.

use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::paint::edit::ChangedRun;
use crate::project::Sidecar;
use crate::raster::Run;

/// A map by the name that it has in the project.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MapName {
    /// The label of the image with this id.
    Label(String),
    /// The zone map of this part number.
    Zones(String),
}

/// What a record did to the timeline of undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Act {
    /// A new step, named by the serial of the record.
    New,
    /// Took back the step of this serial.
    Undo { of: u64 },
    /// Did the step of this serial again.
    Redo { of: u64 },
    /// A change that is no step of its own.
    Aside,
}

/// One change, told by names that survive a change of order in the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Record {
    /// Pixels of a label as journals told them before they kept undo: `spans` holds y, x0, x1, value of each run in turn.
    Label { image: String, width: u32, height: u32, spans: Vec<u32> },
    /// Pixels of a zone map, likewise.
    Zones { part_number: String, width: u32, height: u32, spans: Vec<u32> },
    /// A sidecar, likewise.
    Sidecar { image: String, sidecar: Sidecar },
    /// The ruleset being edited, as RON text.
    Ruleset { part_number: String, text: String },
    /// The content (SHA-256 in hex) of the file that the pixel records after this one build on; none when there was no file.
    Base { map: MapName, sha256: Option<String> },
    /// Pixels that a step changed: `changes` holds y, x0, x1, value before, value after of each run in turn; [`Act::Undo`] wrote the
    /// values before.
    Pixels { map: MapName, width: u32, height: u32, serial: u64, act: Act, changes: Vec<u32> },
    /// A sidecar: what it is now, what it was in the file, and for a new step from what to what it went.
    SidecarStep {
        image: String,
        serial: u64,
        act: Act,
        base: Box<Sidecar>,
        now: Box<Sidecar>,
        step: Option<Box<(Sidecar, Sidecar)>>,
    },
}

/// Changes as [`Record::Pixels`] keeps them.
#[must_use]
pub fn numbers_of(changes: &[ChangedRun]) -> Vec<u32> {
    changes.iter().flat_map(|c| [c.y, c.x0, c.x1, u32::from(c.before), u32::from(c.after)]).collect()
}

/// Changes from a record; groups that are none are left out.
#[must_use]
pub fn changes_of(numbers: &[u32]) -> Vec<ChangedRun> {
    numbers
        .chunks_exact(5)
        .filter(|n| n[1] < n[2] && n[3] <= 255 && n[4] <= 255)
        .map(|n| ChangedRun { y: n[0], x0: n[1], x1: n[2], before: n[3] as u8, after: n[4] as u8 })
        .collect()
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
    /// Records that could not be written yet, in order, each with the number of the file that it was meant for.
    waiting: Vec<(u64, Vec<u8>)>,
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
        Ok((Self { folder, number, file: None, waiting: Vec::new() }, records))
    }

    /// Appends one record. When this returns, a kill of the program cannot lose it.
    ///
    /// # Errors
    /// The first time that the disk refuses. The record then waits in memory, and so do those after it, without another error; each
    /// call and [`Self::retry`] tries to write all that waits.
    pub fn append(&mut self, record: &Record) -> io::Result<()> {
        let payload = serde_json::to_vec(record).map_err(io::Error::other)?;
        let mut bytes = Vec::with_capacity(payload.len() + 8);
        bytes.extend_from_slice(&(payload.len() as u32).to_le_bytes());
        bytes.extend_from_slice(&crc32fast::hash(&payload).to_le_bytes());
        bytes.extend_from_slice(&payload);
        let was_waiting = !self.waiting.is_empty();
        self.waiting.push((self.number, bytes));
        match self.retry() {
            Err(e) if !was_waiting => Err(e),
            _ => Ok(()),
        }
    }

    /// Writes the records that wait.
    pub fn retry(&mut self) -> io::Result<()> {
        while let Some((_, bytes)) = self.waiting.first() {
            if self.file.is_none() {
                fs::create_dir_all(&self.folder)?;
                let opened = OpenOptions::new().create_new(true).append(true).open(self.path(self.number));
                if opened.as_ref().is_err_and(|e| e.kind() == io::ErrorKind::AlreadyExists) {
                    self.number += 1;
                }
                self.file = Some(opened?);
            }
            // One write call: a kill leaves the whole record, or a torn one that reading cuts off.
            let written = self.file.as_mut().map_or(Ok(()), |file| file.write_all(bytes));
            if let Err(e) = written {
                // Part of the record may be in the file: what comes later goes to a new one, behind the torn end of this.
                self.file = None;
                self.number += 1;
                return Err(e);
            }
            self.waiting.remove(0);
        }
        Ok(())
    }

    /// True while records wait for room on the disk.
    #[must_use]
    pub const fn is_behind(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Starts a new file. Gives its number, what was appended before lies in files with lower numbers, and the file that ends here:
    /// whoever saves syncs it against a power cut, off the frame.
    pub fn rotate(&mut self) -> (u64, Option<File>) {
        let ended = self.file.take();
        if ended.is_some() || self.is_behind() {
            self.number += 1;
        }
        (self.number, ended)
    }

    /// Removes the files below `number`: everything in them is in the project's own files now.
    pub fn forget_before(&mut self, number: u64) -> io::Result<()> {
        self.waiting.retain(|(n, _)| *n >= number);
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
