//! Painting: tools as pure edits of a label map. No mouse, no widget, no file.
//!
//! A tool turns pointer samples into spans of pixels, every span passes the one [`Gate`], a [`Stroke`] collects what changed, and
//! the finished [`Edit`] is what undo, redo and the journal keep.

pub mod brush;
mod cells;
pub mod cut_line;
pub mod edit;
mod edit_bytes;
pub mod fill;
mod flood;
pub mod gate;
pub mod history;
pub mod instance;
pub mod islands;
pub mod morphology;
pub mod shape;
pub mod smart;
pub mod split;
pub mod stroke;
pub mod transfer;

pub use brush::{Brush, BrushShape};
pub use cut_line::cut_lines;
pub use edit::Edit;
pub use fill::{connected, fill, hole_at, region_at};
pub use gate::{Fence, Gate, ValueSet};
pub use history::History;
pub use instance::{innermost, instance_at, piece_at};
pub use islands::{fill_holes, holes, islands, keep_largest, remove_smaller};
pub use morphology::{close, grow, open, outline, shrink, smooth};
pub use shape::{constrain_direction, constrain_square, ellipse, polygon, rectangle, stroke_path};
pub use split::{Split, knife, watershed};
pub use stroke::Stroke;
pub use transfer::paste;
