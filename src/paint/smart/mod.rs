//! Tools that read the photo: a pointer and a photo in, an [`Area`](crate::raster::Area) (a set of pixels) out. Nothing is painted
//! here: the area goes through the same gate as a brush.
//!
//! All work in a window around the pointer that grows only as far as it must, so their cost does not depend on the size of the
//! photo. Values are in the photo's raw units; a pixel that is no number never belongs to an area that a value chose.

mod minimax;
mod plane_filters;

pub mod intensity;
pub mod level_trace;
pub mod livewire;
pub mod model_pick;
pub mod scratch;
pub mod segmenter;
pub mod wand;

pub use intensity::{Histogram, histogram, otsu, range_of};
pub use level_trace::level_trace;
pub use livewire::{LiveWire, snap};
pub use model_pick::ModelPick;
pub use scratch::{Polarity, ScratchError, ScratchTrace, ScratchTracer, trace};
pub use segmenter::{Marks, SegmentError, Segmenter, segment};
pub use wand::{Connectivity, Wand, WandArea, WandField, wand};
