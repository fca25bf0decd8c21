//! The neutral model: what every format is read into, and what nothing but pixels is made of afterwards.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::format::Format;
use crate::raster::Point;

/// The labels that a file or a folder holds.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelSet {
    pub format: Format,
    /// Classes by the order in which the file names them; objects refer to them by index.
    pub classes: Vec<FileClass>,
    pub images: Vec<LabelledImage>,
    /// What the file holds that a label map cannot, with how often it was met.
    pub losses: Losses,
}

impl LabelSet {
    /// A set without classes and images.
    #[must_use]
    pub const fn new(format: Format) -> Self {
        Self { format, classes: Vec::new(), images: Vec::new(), losses: Losses(BTreeMap::new()) }
    }

    /// The index of the class of this name, added when it is new.
    pub fn class_index(&mut self, name: &str) -> usize {
        if let Some(at) = self.classes.iter().position(|c| c.name == name) {
            return at;
        }
        self.classes.push(FileClass { name: name.to_owned(), id: None, is_unnamed: false });
        self.classes.len() - 1
    }
}

/// A class as the file knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileClass {
    pub name: String,
    /// The number in the file, where it has one.
    pub id: Option<i64>,
    /// The file gives numbers only: `name` is the number, and it means the project's class of that id.
    pub is_unnamed: bool,
}

/// One image and what was drawn on it.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledImage {
    /// The image's name or relative path as the file writes it; without an ending where the format knows only stems.
    pub name: String,
    /// Width and height in px, where the file says so.
    pub size: Option<(u32, u32)>,
    /// The file that this was read from.
    pub source: PathBuf,
    pub content: Content,
}

/// What was drawn on an image.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// In the order of the file.
    Objects(Vec<LabelObject>),
    /// One value per pixel, in a PNG that is decoded only when its size is known to be that of the image.
    Map(MapFile),
}

/// A label map in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MapFile {
    pub path: PathBuf,
    /// What each value means; others must not occur.
    pub values: BTreeMap<u8, MapValue>,
    /// The value of each colour, for a map that is stored as an RGB picture.
    pub colours: Arc<BTreeMap<[u8; 3], u8>>,
}

/// What a pixel value means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MapValue {
    Background,
    Ignore,
    /// Index of a class of the set.
    Class(usize),
}

/// One object.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelObject {
    /// Index of a class of the set.
    pub class: usize,
    pub shape: Shape,
    /// Higher lies on top; equal ones by their order in the file, later on top.
    pub z_order: i64,
    /// Several objects that were not told apart (COCO `iscrowd`).
    pub is_crowd: bool,
    /// Where the file says it, for messages.
    pub place: String,
}

/// The pixels of an object, in the terms of its format. Coordinates are those of [`Point`]: pixel corners are whole numbers.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// The union of polygons; each is a list of rings filled by the even-odd rule, so a ring inside another is a hole.
    Polygons(Vec<Vec<Vec<Point>>>),
    /// As [`Self::Polygons`], with coordinates as shares of the image's width and height.
    SharePolygons(Vec<Vec<Vec<Point>>>),
    Ellipse {
        centre: Point,
        rx: f64,
        ry: f64,
    },
    /// Run lengths over the whole image column by column, background first (COCO).
    ColumnRuns {
        width: u32,
        height: u32,
        counts: Vec<u32>,
    },
    /// Run lengths row by row inside a box whose upper left pixel is (`x`, `y`), background first (CVAT, labelme masks).
    BoxRuns {
        x: i64,
        y: i64,
        width: u32,
        height: u32,
        counts: Vec<u32>,
    },
}

/// What cannot be kept, and how often.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Losses(pub BTreeMap<String, usize>);

impl Losses {
    /// Counts one more of `what`.
    pub fn add(&mut self, what: &str) {
        self.add_many(what, 1);
    }

    /// Counts `n` more of `what`; nothing for 0.
    pub fn add_many(&mut self, what: &str, n: usize) {
        if n > 0 {
            *self.0.entry(what.to_owned()).or_default() += n;
        }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// One line per kind: `3 × attributes`.
    pub fn lines(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(what, n)| format!("{n} × {what}"))
    }
}
