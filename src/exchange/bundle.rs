//! A bundle: everything a station needs to judge the parts of one part number, and proof that it judges as intended.

use serde::{Deserialize, Serialize};

use crate::judge::{Disposition, Ruleset, Verdict};
use crate::predict::ModelCard;
use crate::project::{Class, PartNumber};
use crate::raster::LabelMap;

/// The content of a bundle in memory.
#[derive(Clone, Debug, PartialEq)]
pub struct Bundle {
    pub classes: Vec<Class>,
    /// Zones and calibration; its file names mean nothing here.
    pub part_number: PartNumber,
    /// Zone map on the nominal image; without one every region is in no zone.
    pub zones: Option<LabelMap>,
    pub ruleset: Ruleset,
    /// At least one; they are combined as everywhere.
    pub models: Vec<BundledModel>,
    /// Parts whose verdicts were taken when the bundle was made: a station that gets others must not run.
    pub golden: Vec<GoldenPart>,
    pub note: String,
}

/// A model's file and its card.
#[derive(Clone, PartialEq)]
pub struct BundledModel {
    /// For people.
    pub name: String,
    pub onnx: Vec<u8>,
    pub card: ModelCard,
    /// Names of the zones that it looks at; empty = the whole photo.
    pub roi: Vec<String>,
}

impl std::fmt::Debug for BundledModel {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({} bytes)", self.name, self.onnx.len())
    }
}

/// One part with a known verdict.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoldenPart {
    /// Serial of the part.
    pub part: String,
    /// Name of its image file, with the ending.
    pub image: String,
    pub truth: Disposition,
    /// What the bundle's model and ruleset said of it.
    pub expected: Verdict,
    /// The image file's bytes.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for GoldenPart {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} ({}, expected {:?}, {} bytes)", self.part, self.image, self.expected, self.bytes.len())
    }
}
