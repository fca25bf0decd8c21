//! What one model says about one photo, in the form that its kind has, before models are combined.

use crate::raster::{LabelMap, Plane};

/// The answer of one model.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelAnswer {
    pub said: Answered,
    /// Width and height of the picture that the model was asked about, px.
    pub size: (u32, u32),
    /// The engine that computed it, for people.
    pub engine: String,
}

/// What a model says, by its kind.
#[derive(Clone, Debug, PartialEq)]
pub enum Answered {
    /// A segmentation model: project class id per pixel, 0 for background, and the probability of that class as in
    /// [`Prediction`](super::Prediction).
    Map { class: LabelMap, probability: Plane<u8> },
    /// An anomaly model: `round(255 · p)` of an anomaly per pixel.
    Scores { probability: Plane<u8> },
    /// A classifier: project class id of the whole picture, 0 for "no defect", and `round(255 · p)` of that class (or of no defect:
    /// its own channel, or `1 − p` of the best class without one).
    Statement { class: u8, probability: u8 },
}
