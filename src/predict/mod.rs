//! From a photo to a prediction: model cards, inference engines behind one trait, tiling, and the cache of predictions.
//!
//! A model is an `.onnx` file with a [`ModelCard`] beside it. It runs on ONNX Runtime when that library is found at run time and on
//! rten, compiled in, otherwise; [`Predictor`] puts them together. Nothing here knows projects, files of photos or limits.

mod anomaly;
mod answer;
pub mod answered;
pub mod cache;
pub mod card;
mod card_kind;
mod certainty;
pub mod combine;
mod defect_pixels;
pub mod draft;
pub mod engine;
mod error;
mod lanes;
mod mosaic;
mod onnx_file;
mod ort_engine;
mod ort_library;
pub mod postprocess;
pub mod prediction;
pub mod predictor;
mod preprocess;
pub mod provider;
mod resample;
pub mod resolution;
pub mod roi;
mod rten_engine;
mod statement;
mod tiling;
mod weights_file;
pub mod wiring;

pub use answered::{Answered, ModelAnswer};
pub use cache::{CacheKey, ModelKey, PredictionCache};
pub use card::{Activation, CardInput, CardOutput, Colour, InputSize, Layout, ModelCard, ModelKind, Resize};
pub use certainty::ProbabilityLimits;
pub use combine::{Voice, combine};
pub use defect_pixels::DefectPixels;
pub use draft::{CardDraft, Guess};
pub use engine::{Engine, EngineChoice, EngineSettings, Signature, Tensor, available_providers};
pub use error::PredictError;
pub use prediction::{Prediction, Statement};
pub use predictor::Predictor;
pub use provider::Provider;
pub use roi::Roi;
pub use tiling::Tiling;
pub use wiring::Wiring;
