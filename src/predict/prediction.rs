//! What a model says about one photo.

use crate::raster::{LabelMap, Plane};

/// The best class of every pixel and how sure the model is of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Prediction {
    /// Project class ids, 0 for background; as large as the photo.
    pub class: LabelMap,
    /// `round(255 · p)`, where p is the probability of the class that `class` names at that pixel: of the winning defect class
    /// where `class ≠ 0`, of "no defect" where `class = 0` (the background channel, or `1 − p` of the best class without one). Models that answer with
    /// class indices only give 255 everywhere.
    pub probability: Plane<u8>,
    /// The engine that computed it, for people.
    pub engine: String,
}
