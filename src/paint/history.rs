//! Undo and redo as two stacks of steps, bounded by memory.

use std::collections::VecDeque;

use super::edit::Edit;
use crate::raster::{LabelMap, PixelRect};

/// Something that can be taken back, and what keeping it costs.
pub trait Step {
    /// Bytes kept alive.
    fn heap_bytes(&self) -> usize;
}

impl Step for Edit {
    fn heap_bytes(&self) -> usize {
        self.heap_bytes()
    }
}

/// Finished steps, oldest first, and those undone since the last new one.
#[derive(Debug)]
pub struct History<S = Edit> {
    done: VecDeque<S>,
    undone: Vec<S>,
    bytes: usize,
    max_bytes: usize,
}

/// Enough for thousands of strokes of a middle brush on large images.
pub const DEFAULT_MAX_BYTES: usize = 128 << 20;

impl<S: Step> Default for History<S> {
    fn default() -> Self {
        Self::with_max_bytes(DEFAULT_MAX_BYTES)
    }
}

impl<S: Step> History<S> {
    /// Forgets the oldest steps when more than `max_bytes` are kept; the newest step always stays.
    #[must_use]
    pub const fn with_max_bytes(max_bytes: usize) -> Self {
        Self { done: VecDeque::new(), undone: Vec::new(), bytes: 0, max_bytes }
    }

    /// The same steps as were in another history: `done` oldest first, `undone` with the one undone last at the end.
    #[must_use]
    pub fn of(done: Vec<S>, undone: Vec<S>) -> Self {
        let bytes = done.iter().chain(&undone).map(Step::heap_bytes).sum();
        Self { done: done.into(), undone, bytes, max_bytes: DEFAULT_MAX_BYTES }
    }

    /// Adds a finished step and drops what had been undone.
    pub fn push(&mut self, step: S) {
        self.bytes -= self.undone.drain(..).map(|e| e.heap_bytes()).sum::<usize>();
        self.bytes += step.heap_bytes();
        self.done.push_back(step);
        while self.bytes > self.max_bytes && self.done.len() > 1 {
            self.forget_oldest();
        }
    }

    /// Drops the oldest step that can be undone. False when there is none.
    pub fn forget_oldest(&mut self) -> bool {
        let oldest = self.done.pop_front();
        self.bytes -= oldest.as_ref().map_or(0, Step::heap_bytes);
        oldest.is_some()
    }

    /// Counts the newest step as undone and gives it: the caller takes it back.
    pub fn step_back(&mut self) -> Option<&S> {
        self.undone.push(self.done.pop_back()?);
        self.undone.last()
    }

    /// Counts the step undone last as done and gives it: the caller does it again.
    pub fn step_forth(&mut self) -> Option<&S> {
        self.done.push_back(self.undone.pop()?);
        self.done.back()
    }

    #[must_use]
    pub fn can_undo(&self) -> bool {
        !self.done.is_empty()
    }

    #[must_use]
    pub const fn can_redo(&self) -> bool {
        !self.undone.is_empty()
    }

    /// Steps that can be undone, oldest first.
    pub fn done(&self) -> impl DoubleEndedIterator<Item = &S> + ExactSizeIterator {
        self.done.iter()
    }

    /// Steps that can be redone; the next one is the last.
    #[must_use]
    pub fn undone(&self) -> &[S] {
        &self.undone
    }

    /// Bytes that all steps keep alive.
    #[must_use]
    pub const fn heap_bytes(&self) -> usize {
        self.bytes
    }

    /// Number of steps that can be undone.
    #[must_use]
    pub fn len(&self) -> usize {
        self.done.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.done.is_empty()
    }
}

impl History<Edit> {
    /// Takes the newest edit back; returns it for the journal.
    pub fn undo(&mut self, map: &mut LabelMap) -> Option<&Edit> {
        let edit = self.step_back()?;
        edit.revert(map);
        Some(edit)
    }

    /// Applies the edit undone last again.
    pub fn redo(&mut self, map: &mut LabelMap) -> Option<&Edit> {
        let edit = self.step_forth()?;
        edit.apply(map);
        Some(edit)
    }

    /// The pixels that the next undo would touch.
    #[must_use]
    pub fn next_undo_rect(&self) -> PixelRect {
        self.done.back().map_or(PixelRect::EMPTY, Edit::dirty)
    }
}
