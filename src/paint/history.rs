//! Undo and redo of one label map, bounded by memory.

use std::collections::VecDeque;

use super::edit::Edit;
use crate::raster::{LabelMap, PixelRect};

/// Finished edits, oldest first, and those undone since the last new one.
#[derive(Debug)]
pub struct History {
    done: VecDeque<Edit>,
    undone: Vec<Edit>,
    bytes: usize,
    max_bytes: usize,
}

/// Enough for 500 strokes of a middle brush on large images.
const DEFAULT_MAX_BYTES: usize = 128 << 20;

impl Default for History {
    fn default() -> Self {
        Self::with_max_bytes(DEFAULT_MAX_BYTES)
    }
}

impl History {
    /// Forgets the oldest edits when more than `max_bytes` of tiles are kept; the newest edit always stays.
    #[must_use]
    pub const fn with_max_bytes(max_bytes: usize) -> Self {
        Self { done: VecDeque::new(), undone: Vec::new(), bytes: 0, max_bytes }
    }

    /// Adds a finished edit and drops what had been undone.
    pub fn push(&mut self, edit: Edit) {
        self.bytes -= self.undone.drain(..).map(|e| e.heap_bytes()).sum::<usize>();
        self.bytes += edit.heap_bytes();
        self.done.push_back(edit);
        while self.bytes > self.max_bytes && self.done.len() > 1 {
            if let Some(oldest) = self.done.pop_front() {
                self.bytes -= oldest.heap_bytes();
            }
        }
    }

    /// Takes the newest edit back; returns it for the journal.
    pub fn undo(&mut self, map: &mut LabelMap) -> Option<&Edit> {
        let edit = self.done.pop_back()?;
        edit.revert(map);
        self.undone.push(edit);
        self.undone.last()
    }

    /// Applies the edit undone last again.
    pub fn redo(&mut self, map: &mut LabelMap) -> Option<&Edit> {
        let edit = self.undone.pop()?;
        edit.apply(map);
        self.done.push_back(edit);
        self.done.back()
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    #[must_use]
    pub fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Number of edits that can be undone.
    #[must_use]
    pub fn len(&self) -> usize {
        self.done.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }

    /// The pixels that the next undo would touch.
    #[must_use]
    pub fn next_undo_rect(&self) -> PixelRect {
        self.done.back().map_or(PixelRect::EMPTY, Edit::dirty)
    }
}
