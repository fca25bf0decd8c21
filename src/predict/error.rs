//! What can go wrong between a photo and its prediction, in words for the person who has to put it right.

use std::io;
use std::path::PathBuf;

/// Every error of this room.
#[derive(Debug, thiserror::Error)]
pub enum PredictError {
    #[error("{}: cannot be read: {source}", file.display())]
    Read { file: PathBuf, source: io::Error },

    #[error("{}: cannot be written: {source}", file.display())]
    Write { file: PathBuf, source: io::Error },

    #[error("{}:{line}:{column}: the model card cannot be understood: {message}", file.display())]
    CardSyntax { file: PathBuf, line: usize, column: usize, message: String },

    #[error("{}: this model card has format {found}, but this version of Delimit reads up to format {known}; update Delimit", file.display())]
    CardTooNew { file: PathBuf, found: u32, known: u32 },

    #[error("model card \"{card}\": {problem}")]
    CardContent { card: String, problem: String },

    #[error(
        "the model card names classes that the project does not have: {}; the project has: {}. Rename them in the card or add them to the project",
        missing.join(", "), known.join(", ")
    )]
    UnknownClasses { missing: Vec<String>, known: Vec<String> },

    #[error(
        "ONNX Runtime was not found ({tried}). Put its shared library beside the program, set ORT_DYLIB_PATH to it, or choose the built-in engine"
    )]
    NoOnnxRuntime { tried: String },

    #[error("{}: {engine} cannot open this model: {reason}{advice}", file.display())]
    CannotOpen { file: PathBuf, engine: String, reason: String, advice: &'static str },

    #[error("{}: {engine} failed while running this model: {reason}{advice}", file.display())]
    CannotRun { file: PathBuf, engine: String, reason: String, advice: &'static str },

    #[error("{}: {problem}", file.display())]
    Unsuitable { file: PathBuf, problem: String },

    #[error("the model's answer does not fit its card \"{card}\": {problem}")]
    WrongOutput { card: String, problem: String },

    #[error("the photo has no pixels")]
    EmptyPhoto,

    #[error("cancelled")]
    Cancelled,
}

/// Added to what the built-in engine reports, so that there is a way on.
pub(super) const TRY_ONNX_RUNTIME: &str = ". The built-in engine knows most operators, not all: ONNX Runtime 1.17 or newer runs every \
     ONNX model; put its shared library beside the program or set ORT_DYLIB_PATH to it";
