//! Classes: the kinds of defect.

use serde::{Deserialize, Serialize};

use super::note::Signature;
use crate::check::{BoundaryKind, ClassRule};
use crate::raster::{PixelRect, UNKNOWN};

/// One kind of defect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// 1..=253, the pixel value in label files (254 in older projects; see [`unknown_class`]); the digit keys 1–9 pick the first nine by their order in the project.
    pub id: u8,
    pub name: String,
    /// Red, green, blue on the screen and in the palette of label files.
    pub colour: [u8; 3],
    #[serde(default)]
    pub boundary: BoundaryKind,
    /// How far the boundary of a label may be off, px; None = as set for all classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance_px: Option<f64>,
    /// Regions with fewer pixels are taken for slips of the brush; None = as set for all classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_area_px: Option<u64>,
    /// What annotators need to know to draw it the same way.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// What belongs to the class and what does not, shown on its page in the defect book.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<BookExample>,
}

/// A place on an image that shows how the class is drawn, or what is not drawn as one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BookExample {
    /// Id of the image.
    pub image: String,
    /// What to show of it, px.
    pub bounds: PixelRect,
    /// False for a counter-example.
    pub is_good: bool,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub caption: String,
    pub added: Signature,
}

/// Colours for classes in the order in which they are added: apart from each other for colour-blind eyes, and from gray metal and
/// from the colours of verdicts.
pub const CLASS_COLOURS: [[u8; 3]; 8] = [
    [0x4E, 0x9B, 0xFF],
    [0xFF, 0x7A, 0xB6],
    [0xB5, 0x8C, 0xFF],
    [0x35, 0xD0, 0xBA],
    [0xFF, 0xD8, 0x4D],
    [0xFF, 0x8A, 0x3D],
    [0x9B, 0xE1, 0x5D],
    [0xC0, 0xC8, 0xD8],
];

/// What people call [`UNKNOWN`].
pub const UNKNOWN_NAME: &str = "unknown";

/// The class id of anomalies that no class explains: a class of the project called "unknown", otherwise [`UNKNOWN`]; in an older project
/// that uses that id for a class of its own, the highest id that is free.
#[must_use]
pub fn unknown_class(classes: &[Class]) -> u8 {
    if let Some(class) = classes.iter().find(|c| c.name.eq_ignore_ascii_case(UNKNOWN_NAME)) {
        return class.id;
    }
    (1..=UNKNOWN).rev().find(|&id| classes.iter().all(|c| c.id != id)).unwrap_or(UNKNOWN)
}

/// Name of a class id among `classes`; `unknown` for anomalies that no class explains, `class 7` for an id that no class has.
#[must_use]
pub fn class_name(classes: &[Class], id: u8) -> String {
    match classes.iter().find(|c| c.id == id) {
        Some(class) => class.name.clone(),
        None if id == unknown_class(classes) => UNKNOWN_NAME.to_owned(),
        None => format!("class {id}"),
    }
}

impl Class {
    /// A sharp class with the colour that belongs to its id.
    #[must_use]
    pub fn new(id: u8, name: &str) -> Self {
        let colour = CLASS_COLOURS[usize::from(id.saturating_sub(1)) % CLASS_COLOURS.len()];
        Self {
            id,
            name: name.to_owned(),
            colour,
            boundary: BoundaryKind::Sharp,
            tolerance_px: None,
            min_area_px: None,
            note: String::new(),
            examples: Vec::new(),
        }
    }

    /// What the annotation check holds its regions to.
    #[must_use]
    pub const fn rule(&self) -> ClassRule {
        ClassRule { boundary: self.boundary, tolerance_px: self.tolerance_px, min_area_px: self.min_area_px }
    }
}
