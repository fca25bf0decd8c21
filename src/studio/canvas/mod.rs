//! The canvas: an image of any size under the pointer, with layers of labels over it, as tiles that are uploaded in part.
//!
//! `view` maps between screen and image, `palette` turns ids into colours, `tiles` keeps the textures, `gesture` turns raw events
//! into strokes, `widget` puts them together, `layer` is one that owns its map, `minimap` shows where one is, `outline`
//! finds the borders of labels, `draw` holds what callers paint on top.

pub mod draw;
pub mod gesture;
mod keyboard;
pub mod layer;
mod minimap;
pub mod outline;
pub mod palette;
pub mod tiles;
pub mod view;
pub mod widget;

#[cfg(test)]
mod tests;

pub use gesture::{PointerEvent, PointerKind};
pub use layer::Layer;
pub use palette::Palette;
pub use view::CanvasView;
pub use widget::{Canvas, CanvasContent, CanvasFrame, CanvasOptions, OverlayLayer};
