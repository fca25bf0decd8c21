//! The model card: what a model wants to see and what its answer means, in a RON file beside the `.onnx`.
//!
//! An ONNX file says which numbers go in and out, not how a photo becomes those numbers and which class each channel is. Guessing
//! either gives predictions that look plausible and are wrong, so nothing is guessed.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::card_kind;
use super::error::PredictError;

/// The newest card format that this program reads, and the one it writes. Format 2 added kinds, ports and constants.
pub const CARD_FORMAT: u32 = 2;

/// The channel name that stands for "no defect".
pub const BACKGROUND_NAME: &str = "background";

/// The largest `multiple_of` of a card (px). A photo of one pixel is padded to 16 MP there; models ask for 8 to 64.
pub const LARGEST_MULTIPLE: u32 = 4096;

/// The longest side of a fixed input size (px).
pub const LONGEST_FIXED_SIDE: u32 = 16_384;

/// The most pixels of a fixed input size (64 MP): three channels of floats take 768 MB there.
pub const LARGEST_FIXED_AREA: u64 = 64_000_000;

/// What a classifier may call "no defect" beside [`BACKGROUND_NAME`].
pub const OK_NAME: &str = "OK";

/// The probability from which a class wins where no background channel competes with it.
pub const DEFAULT_THRESHOLD: f32 = 0.5;

/// How to feed one model and how to read its answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelCard {
    /// [`CARD_FORMAT`].
    pub format: u32,
    /// Shown to people.
    pub name: String,
    /// What kind of answer the model gives.
    #[serde(default, skip_serializing_if = "ModelKind::is_segmentation")]
    pub kind: ModelKind,
    pub input: CardInput,
    pub output: CardOutput,
    /// Free text: training set, date, who to ask.
    #[serde(default)]
    pub note: String,
}

/// What kind of answer a model gives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelKind {
    /// One value per class and pixel.
    #[default]
    Segmentation,
    /// One score per pixel that says how unlike flawless parts it is, without a class.
    Anomaly,
    /// One value per class for the whole picture.
    Classifier,
}

impl ModelKind {
    /// As people and cards write it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Segmentation => "segmentation",
            Self::Anomaly => "anomaly",
            Self::Classifier => "classifier",
        }
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_segmentation(&self) -> bool {
        *self == Self::Segmentation
    }
}

/// How a photo becomes the model's input: values are first brought to 0–255 (an 8-bit photo as it is, a deeper one times
/// 255 / [`Photo::full_scale`](crate::raster::Photo::full_scale), not rounded), then `(value × scale − mean) / std` per channel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardInput {
    /// 1 for gray, 3 for rgb and bgr.
    pub channels: u32,
    pub layout: Layout,
    pub size: InputSize,
    /// Multiplies the 0–255 value; 1/255 for models trained on 0–1.
    pub scale: f32,
    /// One per channel, in the order of the model's channels, subtracted after scaling.
    pub mean: Vec<f32>,
    /// One per channel, divides last.
    pub std: Vec<f32>,
    pub colour: Colour,
    /// Only for a fixed size.
    #[serde(default, skip_serializing_if = "Resize::is_smooth")]
    pub resize: Resize,
    /// Name of the input that takes the photo, for a file with several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
    /// What every other input of the file is fed with, by its name: as many numbers as the input holds.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub constants: BTreeMap<String, Vec<f32>>,
}

/// A gray photo of any size, brought to 0–1.
impl Default for CardInput {
    fn default() -> Self {
        Self {
            channels: 1,
            layout: Layout::Nchw,
            size: InputSize::Dynamic { multiple_of: 1 },
            scale: 1.0 / 255.0,
            mean: vec![0.0],
            std: vec![1.0],
            colour: Colour::Gray,
            resize: Resize::Smooth,
            port: None,
            constants: BTreeMap::new(),
        }
    }
}

/// The order of the axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Layout {
    /// `[1, channels, height, width]`: `PyTorch` and most exporters.
    Nchw,
    /// `[1, height, width, channels]`: `TensorFlow`.
    Nhwc,
}

/// Which image sizes the model takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputSize {
    /// Any size whose sides are multiples of this (px, 1 to [`LARGEST_MULTIPLE`]). A photo of another size is padded at its right and
    /// lower border by repeating the last pixel, and the answer is cut; a large one is done in tiles.
    Dynamic { multiple_of: u32 },
    /// Exactly this size (px, sides of 1 to [`LONGEST_FIXED_SIDE`], at most [`LARGEST_FIXED_AREA`] pixels). The photo is resized as
    /// [`Resize`] says without keeping its aspect ratio, and the answer is brought back by plain bilinear interpolation.
    Fixed { width: u32, height: u32 },
}

/// How a photo becomes a model's fixed size: bilinear, pixel centres aligned. The two differ only where the photo is reduced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Resize {
    /// The interpolating triangle grows with the reduction, so that every photo pixel counts and no thin scratch falls between two
    /// samples: Pillow's `BILINEAR`, torchvision's `antialias=True`.
    #[default]
    Smooth,
    /// Always the four nearest pixels: `OpenCV`'s `INTER_LINEAR`.
    Plain,
}

impl Resize {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_smooth(&self) -> bool {
        *self == Self::Smooth
    }
}

/// What the model's input channels are. A gray photo is repeated for a colour model; a colour photo becomes gray by Rec. 601 luma.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Colour {
    Gray,
    Rgb,
    Bgr,
}

/// What the model's answer means.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardOutput {
    /// Always told but for an anomaly model, whose values are [`Activation::Scores`].
    #[serde(default, skip_serializing_if = "Activation::is_scores")]
    pub activation: Activation,
    /// One name per output channel, in order; `background` is the channel for "no defect", which a classifier may also call `OK`. An
    /// anomaly model has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    /// Probability 0–1 from which the best class that is not background wins its pixel (or the photo, for a classifier). When absent:
    /// the class with the highest probability wins, background included; without a background channel [`DEFAULT_THRESHOLD`]. Of an
    /// anomaly model the probability from which a pixel is an anomaly, [`DEFAULT_THRESHOLD`] when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f32>,
    /// Anomaly only: the scores that stand for the probabilities 0 and 1; linear between them, clamped beyond.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_range: Option<(f32, f32)>,
    /// Name of the output that is read, for a file with several; without it the first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<String>,
}

/// What the numbers in the answer are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activation {
    /// Probabilities that sum to one over the channels.
    Softmax,
    /// Independent probabilities.
    Sigmoid,
    /// Raw scores: softmax is applied here when there is a background channel, sigmoid per channel otherwise.
    Logits,
    /// No probabilities but one map whose values are indices into `classes`; every probability is then 1.
    Argmax,
    /// Anomaly scores, which [`CardOutput::score_range`] makes probabilities of.
    #[default]
    Scores,
}

impl Activation {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_scores(&self) -> bool {
        *self == Self::Scores
    }
}

/// Read before the whole card, so that a newer card is not called broken.
#[derive(Deserialize)]
struct FormatOnly {
    format: u32,
}

impl ModelCard {
    /// Where the card of a model lies: beside it, with the ending `.ron`.
    #[must_use]
    pub fn path_beside(model: &Path) -> PathBuf {
        model.with_extension("ron")
    }

    /// Reads and checks a card.
    pub fn load(file: &Path) -> Result<Self, PredictError> {
        let text = fs::read_to_string(file).map_err(|source| PredictError::Read { file: file.to_owned(), source })?;
        Self::parse(&text, file)
    }

    /// Reads and checks a card from text; `file` is only named in errors.
    pub fn parse(text: &str, file: &Path) -> Result<Self, PredictError> {
        let syntax = |error: ron::error::SpannedError| PredictError::CardSyntax {
            file: file.to_owned(),
            line: error.span.start.line,
            column: error.span.start.col,
            message: error.code.to_string(),
        };
        let FormatOnly { format } = options().from_str(text).map_err(syntax)?;
        if format > CARD_FORMAT {
            return Err(PredictError::CardTooNew { file: file.to_owned(), found: format, known: CARD_FORMAT });
        }
        let card: Self = options().from_str(text).map_err(syntax)?;
        card.check()?;
        Ok(card)
    }

    /// The card as RON text.
    pub fn to_ron(&self) -> Result<String, PredictError> {
        let pretty = ron::ser::PrettyConfig::new().depth_limit(3);
        options()
            .to_string_pretty(self, pretty)
            .map(|text| text + "\n")
            .map_err(|error| self.problem(format!("cannot be written as RON: {error}")))
    }

    /// Whether the card makes sense in itself.
    pub fn check(&self) -> Result<(), PredictError> {
        let CardInput { channels, size, scale, mean, std, colour, .. } = &self.input;
        let fail = |problem: String| Err(self.problem(problem));
        if self.format == 0 || self.format > CARD_FORMAT {
            return fail(format!("format {} is unknown; {CARD_FORMAT} is the newest", self.format));
        }
        let wanted = if *colour == Colour::Gray { 1 } else { 3 };
        if *channels != wanted {
            return fail(format!("colour {colour:?} has {wanted} channels, but `channels` says {channels}"));
        }
        if mean.len() != *channels as usize || std.len() != *channels as usize {
            return fail(format!("`mean` and `std` need {channels} values each, but have {} and {}", mean.len(), std.len()));
        }
        if !scale.is_finite() || *scale == 0.0 || mean.iter().any(|v| !v.is_finite()) {
            return fail("`scale` must be a number other than 0, `mean` must be numbers".to_owned());
        }
        if std.iter().any(|v| !v.is_finite() || *v == 0.0) {
            return fail("`std` divides: no value may be 0".to_owned());
        }
        match *size {
            InputSize::Dynamic { multiple_of: 0 } => return fail("`multiple_of` must be at least 1".to_owned()),
            InputSize::Dynamic { multiple_of } if multiple_of > LARGEST_MULTIPLE => {
                return fail(format!(
                    "`multiple_of` is {multiple_of} px, but at most {LARGEST_MULTIPLE} px are possible; write what the model needs, often 16 or 32"
                ));
            }
            InputSize::Fixed { width, height } if width == 0 || height == 0 => {
                return fail("the fixed size must be at least 1 × 1".to_owned());
            }
            InputSize::Fixed { width, height } if width.max(height) > LONGEST_FIXED_SIDE => {
                return fail(format!(
                    "the fixed size {width} × {height} px has a side of more than {LONGEST_FIXED_SIDE} px; write the size that the model takes"
                ));
            }
            InputSize::Fixed { width, height } if u64::from(width) * u64::from(height) > LARGEST_FIXED_AREA => {
                return fail(format!(
                    "the fixed size {width} × {height} px has {} MP, but at most {} MP are possible; write the size that the model takes",
                    (u64::from(width) * u64::from(height)).div_ceil(1_000_000),
                    LARGEST_FIXED_AREA / 1_000_000
                ));
            }
            _ => {}
        }
        card_kind::check(self).map_err(|problem| self.problem(problem))
    }

    /// The project's class id for every output channel; 0 for `background` (and for `OK` of a classifier); nothing for an anomaly model.
    /// `project` lists the project's classes (id, name).
    ///
    /// # Errors
    /// When the project lacks a class of the card: its regions would have no rules and no name.
    pub fn class_ids(&self, project: &[(u8, &str)]) -> Result<Vec<u8>, PredictError> {
        let id_of = |name: &String| {
            if self.means_no_defect(name) {
                return Some(0);
            }
            project.iter().find(|(_, known)| known == name).map(|(id, _)| *id)
        };
        let found: Vec<Option<u8>> = self.output.classes.iter().map(id_of).collect();
        let missing: Vec<String> =
            self.output.classes.iter().zip(&found).filter(|(_, id)| id.is_none()).map(|(name, _)| name.clone()).collect();
        if missing.is_empty() {
            return Ok(found.into_iter().flatten().collect());
        }
        Err(PredictError::UnknownClasses { missing, known: project.iter().map(|(_, name)| (*name).to_owned()).collect() })
    }

    /// Whether a channel's name stands for "no defect".
    #[must_use]
    pub fn means_no_defect(&self, name: &str) -> bool {
        name == BACKGROUND_NAME || (self.kind == ModelKind::Classifier && name == OK_NAME)
    }

    /// How many channels the answer must have: one per class, or the single map of indices.
    #[must_use]
    pub const fn output_channels(&self) -> usize {
        match self.output.activation {
            Activation::Argmax | Activation::Scores => 1,
            _ => self.output.classes.len(),
        }
    }

    pub(super) fn problem(&self, problem: String) -> PredictError {
        PredictError::CardContent { card: self.name.clone(), problem }
    }
}

/// `threshold: 0.3` instead of `threshold: Some(0.3)`.
fn options() -> ron::Options {
    ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME)
}
