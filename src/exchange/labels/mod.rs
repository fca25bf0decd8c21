//! Labels of other tools: file ↔ neutral model ↔ `LabelMap`, one small file per format.
//!
//! A reader finds what a file says and nothing more ([`LabelSet`]); [`plan`] matches images and classes and makes label maps of it; a
//! writer takes label maps one by one; [`certify()`] reads back what was written and counts the pixels that differ.
//!
//! Polygons of every format are filled alike: corners of pixels are whole numbers, a pixel belongs to a polygon when its **centre** lies
//! inside, rings by the even-odd rule. Where a format's own tool does otherwise, the head of its file says so.

mod base64;
pub mod certify;
mod class_table;
pub mod coco;
mod column_runs;
mod cvat;
mod cvat_writer;
mod error;
mod files;
pub mod format;
mod labelme;
mod labelme_writer;
mod map_files;
mod matching;
pub mod model;
pub mod plan;
mod rings;
mod shape_area;
pub mod writer;
mod yolo;

use std::path::Path;

pub use certify::{Certificate, certify};
pub use column_runs::{ClassRuns, column_runs, column_runs_by_class, compressed, decompressed};
pub use error::ExchangeError;
pub use format::Format;
pub use model::{Content, FileClass, LabelObject, LabelSet, LabelledImage, Losses, Shape};
pub use plan::{ClassTarget, ImportOptions, ImportPlan, Overlap, Rendered};
pub use rings::{keyhole, rings};
pub use writer::{ExportClass, ExportImage, LabelWriter, writer};

/// Reads one format.
pub trait LabelReader: Send + Sync {
    /// What a file or folder holds. Nothing is allocated by a size that only a header promises.
    fn read(&self, path: &Path) -> Result<LabelSet, ExchangeError>;
}

/// The reader of a format.
#[must_use]
pub fn reader(format: Format) -> &'static dyn LabelReader {
    match format {
        Format::Coco | Format::CocoPolygons => &coco::Coco,
        Format::Labelme => &labelme::Labelme,
        Format::Cvat => &cvat::Cvat,
        Format::Yolo => &yolo::Yolo,
        Format::Voc => &map_files::Voc,
        Format::Png | Format::Gray => &map_files::PngFolder,
    }
}

/// Reads a file or folder in `format`, or in the one that is recognised.
pub fn read(path: &Path, format: Option<Format>) -> Result<LabelSet, ExchangeError> {
    let format = format.map_or_else(|| Format::detect(path), Ok)?;
    reader(format).read(path)
}
