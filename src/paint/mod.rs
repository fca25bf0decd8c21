//! Painting: tools as pure edits of a label map. No mouse, no widget, no file.
//!
//! A tool turns pointer samples into spans of pixels, every span passes the one [`Gate`], a [`Stroke`] collects what changed, and
//! the finished [`Edit`] is what undo, redo and the journal keep.

pub mod brush;
pub mod edit;
mod edit_bytes;
pub mod gate;
pub mod history;
pub mod stroke;

pub use brush::{Brush, BrushShape};
pub use edit::Edit;
pub use gate::{Fence, Gate, ValueSet};
pub use history::History;
pub use stroke::Stroke;
