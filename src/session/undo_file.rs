//! Undo histories on disk: `.delimit/undo/labels/<id>.undo` and `.delimit/undo/zones/<part number>.undo`.
//!
//! A file is `magic · CRC-32 of the rest (u32 LE) · rest`. It is a convenience, never the truth: one that is damaged or does not belong
//! to its map is dropped with a notice. Older steps are left out beyond [`MAX_FILE_BYTES`].

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::journal::MapName;
use super::timeline::{Change, Step};
use crate::files::write_atomic;
use crate::paint::Edit;
use crate::paint::history::Step as _;
use crate::project::Sidecar;

const MAGIC: &[u8; 8] = b"DLMTUND1";

/// The most bytes of steps that one file keeps; thousands of strokes of a middle brush.
pub const MAX_FILE_BYTES: usize = 16 << 20;

/// A timeline as its file tells it.
#[derive(Clone, Debug, Default)]
pub struct StoredTimeline {
    /// SHA-256 of the map file that the steps lead to.
    pub tie: Option<[u8; 32]>,
    /// As `tie`, of the file before it: a kill between the writing of both files leaves this one.
    pub previous: Option<[u8; 32]>,
    /// Serial of the last thing that happened.
    pub up_to: u64,
    pub done: Vec<Step>,
    pub undone: Vec<Step>,
}

impl StoredTimeline {
    #[must_use]
    pub fn has_pixels(&self) -> bool {
        self.done.iter().chain(&self.undone).any(Step::is_pixels)
    }

    pub fn drop_pixels(&mut self) {
        self.done.retain(|s| !s.is_pixels());
        self.undone.retain(|s| !s.is_pixels());
    }
}

/// The undo file of a map.
#[must_use]
pub fn path(root: &Path, map: &MapName) -> PathBuf {
    let (folder, name) = match map {
        MapName::Label(id) => ("labels", id),
        MapName::Zones(part_number) => ("zones", part_number),
    };
    root.join(".delimit/undo").join(folder).join(format!("{name}.undo"))
}

/// Reads the undo file of a map; None when there is none. The error is a notice for people.
pub fn read(root: &Path, map: &MapName) -> Result<Option<StoredTimeline>, String> {
    let path = path(root, map);
    let bytes = match fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(format!("The undo history cannot be read and is left out: {e}: {}", path.display())),
    };
    match decode(&bytes) {
        Some(stored) => Ok(Some(stored)),
        None => Err(format!("The undo history is damaged and is left out; the label itself is not touched: {}", path.display())),
    }
}

/// Writes the undo file of a map. One that cannot be written is removed, so that no older one is taken for it.
pub fn write(root: &Path, map: &MapName, timeline: &StoredTimeline) -> io::Result<()> {
    let path = path(root, map);
    let written = write_atomic(&path, &encode(timeline));
    if written.is_err() {
        drop(fs::remove_file(&path));
    }
    written
}

fn encode(timeline: &StoredTimeline) -> Vec<u8> {
    let mut rest = Vec::new();
    for sha256 in [&timeline.tie, &timeline.previous] {
        rest.push(u8::from(sha256.is_some()));
        rest.extend_from_slice(&sha256.unwrap_or_default());
    }
    rest.extend_from_slice(&timeline.up_to.to_le_bytes());
    let mut room = MAX_FILE_BYTES;
    let mut fits = |step: &&Step| {
        let bytes = step.heap_bytes();
        let is_room = bytes <= room;
        room = if is_room { room - bytes } else { 0 };
        is_room
    };
    // The newest of either side are kept: those that the next undo and redo need.
    let done = timeline.done.iter().rev().take_while(&mut fits).count();
    let undone = timeline.undone.iter().rev().take_while(&mut fits).count();
    let newest = |steps: &'_ [Step], count: usize| steps[steps.len() - count..].to_vec();
    for steps in [newest(&timeline.done, done), newest(&timeline.undone, undone)] {
        rest.extend_from_slice(&(steps.len() as u32).to_le_bytes());
        for step in &steps {
            encode_step(&mut rest, step);
        }
    }
    let mut bytes = MAGIC.to_vec();
    bytes.extend_from_slice(&crc32fast::hash(&rest).to_le_bytes());
    bytes.extend_from_slice(&rest);
    bytes
}

fn encode_step(out: &mut Vec<u8>, step: &Step) {
    let (kind, body) = match &step.change {
        Change::Pixels(edit) => {
            let mut body = Vec::new();
            edit.encode(&mut body);
            (0_u8, body)
        }
        // Two plain structures of text and numbers: nothing in them that JSON cannot say.
        Change::Sidecar(pair) => (1, serde_json::to_vec(&**pair).unwrap_or_default()),
    };
    out.extend_from_slice(&step.serial.to_le_bytes());
    out.push(kind);
    out.extend_from_slice(&(body.len() as u32).to_le_bytes());
    out.extend_from_slice(&body);
}

fn decode(bytes: &[u8]) -> Option<StoredTimeline> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (crc, mut rest) = rest.split_first_chunk::<4>()?;
    if crc32fast::hash(rest) != u32::from_le_bytes(*crc) {
        return None;
    }
    let [tie, previous] = take_hashes(&mut rest)?;
    let up_to = u64::from_le_bytes(take(&mut rest)?);
    let done = take_steps(&mut rest)?;
    let undone = take_steps(&mut rest)?;
    rest.is_empty().then_some(StoredTimeline { tie, previous, up_to, done, undone })
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

/// Two hashes, each of a file that may not have been there.
fn take_hashes(rest: &mut &[u8]) -> Option<[Option<[u8; 32]>; 2]> {
    let mut hashes = [None; 2];
    for hash in &mut hashes {
        let [is_there] = take::<1>(rest)?;
        let sha256 = take::<32>(rest)?;
        *hash = (is_there == 1).then_some(sha256);
    }
    Some(hashes)
}

fn take_steps(rest: &mut &[u8]) -> Option<Vec<Step>> {
    let count = u32::from_le_bytes(take(rest)?);
    let mut steps = Vec::new();
    for _ in 0..count {
        let serial = u64::from_le_bytes(take(rest)?);
        let [kind] = take::<1>(rest)?;
        let length = u32::from_le_bytes(take(rest)?) as usize;
        let (body, tail) = rest.split_at_checked(length)?;
        *rest = tail;
        let change = match kind {
            0 => Change::Pixels(Arc::new(Edit::decode(body)?)),
            1 => Change::Sidecar(Arc::new(serde_json::from_slice::<(Sidecar, Sidecar)>(body).ok()?)),
            _ => return None,
        };
        steps.push(Step { serial, change });
    }
    Some(steps)
}
