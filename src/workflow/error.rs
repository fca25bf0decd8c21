//! What work over a project can fail at.

use std::io;
use std::path::PathBuf;

use crate::exchange::BundleError;
use crate::judge::RulesetError;
use crate::predict::PredictError;
use crate::project::ProjectError;
use crate::session::SessionError;

#[derive(Debug, thiserror::Error)]
pub enum WorkflowError {
    #[error(transparent)]
    Project(#[from] ProjectError),
    #[error(transparent)]
    Session(#[from] SessionError),
    #[error(transparent)]
    Predict(#[from] PredictError),
    #[error("model {model}: {source}")]
    Model { model: String, source: PredictError },
    #[error("model {model} cannot look at its zones alone: {problem}")]
    Roi { model: String, problem: String },
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
    #[error(transparent)]
    Bundle(#[from] BundleError),
    #[error("{0}")]
    Zones(String),
    #[error("part number {part_number} has no model; put an ONNX file and its card into models/ and name it in project.ron")]
    NoModel { part_number: String },
    #[error("part number {part_number} has no ruleset; set limits in the Tune workspace, or write rules/{part_number}.ron")]
    NoRuleset { part_number: String },
    #[error("image {image}: the model's answer is {}×{}, but the label is {}×{}; export the label again at the size of the image", prediction.0, prediction.1, label.0, label.1)]
    PredictionSize { image: String, label: (u32, u32), prediction: (u32, u32) },
    #[error("no part number is called {name:?}; the project has {known}")]
    NoSuchPartNumber { name: String, known: String },
    #[error("the golden parts of this bundle do not get the verdicts they had when it was made: {}", .0.join("; "))]
    Golden(Vec<String>),
    #[error("{source}: {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("cancelled")]
    Cancelled,
}
