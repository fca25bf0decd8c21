//! Writing: label maps go in one by one, files come out.

use std::path::{Path, PathBuf};

use super::error::ExchangeError;
use super::format::Format;
use crate::files::write_atomic;
use crate::raster::runs::runs;
use crate::raster::{Components, Grouping, IGNORE, LabelMap, Run};

/// The name under which don't-care pixels travel where a format knows classes only.
pub const IGNORE_NAME: &str = "ignore";

/// A class of the project as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportClass {
    /// 1..=254.
    pub id: u8,
    pub name: String,
    pub colour: [u8; 3],
}

/// An image with its label.
#[derive(Clone, Debug)]
pub struct ExportImage {
    /// Relative path of the image with `/`, as the files name it.
    pub name: String,
    /// Plain relative name, unique, without ending: what files that belong to the image are called.
    pub stem: String,
    /// Where the image lies; only named, never opened.
    pub path: PathBuf,
    pub label: LabelMap,
    /// What one object is.
    pub grouping: Grouping,
}

impl ExportImage {
    /// The objects: regions of one class as the grouping makes them, and don't-care areas, in the order of their first pixel.
    #[must_use]
    pub fn objects(&self) -> Components {
        // Ignored pixels belong to no component; here they travel like a class of their own.
        let all = runs(&self.label);
        let mut groups: Vec<Vec<Run>> = self.grouping.group(&all).components.iter().map(<[Run]>::to_vec).collect();
        let ignored: Vec<Run> = all.into_iter().filter(|r| r.value == IGNORE).map(|r| Run { value: 1, ..r }).collect();
        for piece in Components::of_runs(&ignored).iter() {
            groups.push(piece.iter().map(|r| Run { value: IGNORE, ..*r }).collect());
        }
        Components::of_groups(&groups)
    }
}

/// Writes one format. Images may come in any order; files are complete after [`Self::finish`].
pub trait LabelWriter: Send {
    fn add(&mut self, image: &ExportImage) -> Result<(), ExchangeError>;
    /// Writes what belongs to no single image.
    fn finish(self: Box<Self>) -> Result<(), ExchangeError>;
}

/// The writer of a format into the folder `out`. Don't-care pixels of any image need `has_ignore`.
#[must_use]
pub fn writer(format: Format, out: &Path, classes: &[ExportClass], has_ignore: bool) -> Box<dyn LabelWriter> {
    let classes = ClassList { classes: classes.to_vec(), has_ignore };
    let out = out.to_owned();
    match format {
        Format::Coco => Box::new(super::coco::CocoWriter::new(out, classes, false)),
        Format::CocoPolygons => Box::new(super::coco::CocoWriter::new(out, classes, true)),
        Format::Labelme => Box::new(super::labelme_writer::LabelmeWriter { out, classes }),
        Format::Cvat => Box::new(super::cvat_writer::CvatWriter::new(out, classes)),
        Format::Yolo => Box::new(super::yolo::YoloWriter { out, classes }),
        Format::Voc => Box::new(super::map_files::VocWriter::new(out, classes)),
        Format::Png => Box::new(super::map_files::PngWriter { out, classes, is_gray: false }),
        Format::Gray => Box::new(super::map_files::PngWriter { out, classes, is_gray: true }),
    }
}

/// The classes that are written, the don't-care class behind them where it is needed.
#[derive(Clone, Debug)]
pub(super) struct ClassList {
    pub classes: Vec<ExportClass>,
    pub has_ignore: bool,
}

impl ClassList {
    /// Name by name, in the order in which formats without ids count them from 0.
    pub fn names(&self) -> Vec<&str> {
        let ignore = self.has_ignore.then_some(IGNORE_NAME);
        self.classes.iter().map(|c| c.name.as_str()).chain(ignore).collect()
    }

    /// The position of a value in [`Self::names`].
    pub fn position(&self, value: u8) -> Option<usize> {
        if value == IGNORE {
            return self.has_ignore.then_some(self.classes.len());
        }
        self.classes.iter().position(|c| c.id == value)
    }

    /// As [`Self::position`], or an error that names the image.
    pub fn require(&self, value: u8, image: &ExportImage) -> Result<usize, ExchangeError> {
        self.position(value).ok_or_else(|| {
            ExchangeError::Plan(format!("{}: pixels of value {value}, which is no class of the project", image.name))
        })
    }
}

/// Writes bytes atomically.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), ExchangeError> {
    write_atomic(path, bytes).map_err(|e| ExchangeError::io(path, e))
}

/// `folder/stem.ending`; a stem may hold dots.
pub(super) fn file_of(folder: &Path, stem: &str, ending: &str) -> PathBuf {
    folder.join(format!("{stem}.{ending}"))
}
