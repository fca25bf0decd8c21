//! What the models of a part number say together about one photo.

use crate::raster::{BACKGROUND, LabelMap, PixelRect, Plane};

/// The best class of every pixel and how sure the models are of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Project class ids, 0 for background; as large as the photo. An anomaly that no class explains has the class for "unknown".
    pub class: LabelMap,
    /// `round(255 · p)`, where p is the probability of the class that `class` names at that pixel: of the winning defect class
    /// where `class ≠ 0`, of "no defect" where `class = 0` (the background channel, or `1 − p` of the best class without one; the lowest
    /// of several models). Models that answer with class indices only give 255 everywhere.
    pub probability: Plane<u8>,
    /// The engine that computed it, for people; several are joined with commas.
    pub engine: String,
    /// Names of the models that were asked, in the order of the part number. Empty when nobody noted them.
    pub models: Vec<String>,
    /// Which model a defect pixel comes from: its place in `models` plus one; 0 for background.
    pub origin: LabelMap,
    /// What classifiers say; they paint no pixel.
    pub statements: Vec<Statement>,
}

/// A defect that a classifier sees somewhere in a part of the photo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Statement {
    /// Project class id, never 0.
    pub class: u8,
    /// 0–1, as fine as a prediction keeps it (1/255).
    pub probability: f32,
    /// Where: the whole photo or the bounding box of the zones that the model looks at, px.
    pub bounds: PixelRect,
    /// Place of the model in [`Prediction::models`].
    pub model: u8,
}

impl Prediction {
    /// A map whose models nobody noted.
    #[must_use]
    pub fn new(class: LabelMap, probability: Plane<u8>, engine: &str) -> Self {
        let origin = LabelMap::new(class.width(), class.height());
        Self { class, probability, engine: engine.to_owned(), models: Vec::new(), origin, statements: Vec::new() }
    }

    /// Name of the model that said what this pixel shows; None for background and where nobody noted it.
    #[must_use]
    pub fn model_at(&self, x: u32, y: u32) -> Option<&str> {
        let origin = self.origin.get(x, y);
        self.models.get(usize::from(origin).checked_sub(1)?).map(String::as_str)
    }

    /// Name of the model behind a region of this class that has its first pixel at `anchor` and this bounding box: the classifier whose
    /// statement it is, or the model of that pixel.
    #[must_use]
    pub fn model_of(&self, class: u8, anchor: (u32, u32), bounds: PixelRect) -> Option<&str> {
        if self.class.get(anchor.0, anchor.1) == class && class != BACKGROUND {
            return self.model_at(anchor.0, anchor.1);
        }
        let said = self.statements.iter().find(|s| s.class == class && s.bounds == bounds)?;
        self.models.get(usize::from(said.model)).map(String::as_str)
    }
}
