//! What a part number uses a model for.

use std::path::Path;

use serde::{Deserialize, Serialize};

/// One model of a part number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelUse {
    /// ONNX file, relative to the project folder; its card is the `.ron` beside it.
    pub file: String,
    #[serde(default, skip_serializing_if = "ModelRole::is_runs")]
    pub role: ModelRole,
    /// Names of the zones that it looks at; empty = the whole image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roi: Vec<String>,
}

/// Whether a model's answers count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelRole {
    /// It runs with every prediction and goes into bundles.
    #[default]
    Runs,
    /// It is only compared against.
    Candidate,
}

impl ModelRole {
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
    fn is_runs(&self) -> bool {
        *self == Self::Runs
    }
}

impl ModelUse {
    /// A model that runs on the whole image.
    #[must_use]
    pub fn new(file: &str) -> Self {
        Self { file: file.to_owned(), role: ModelRole::Runs, roi: Vec::new() }
    }

    /// The name that people see: the file's, without folder and ending.
    #[must_use]
    pub fn name(&self) -> String {
        Path::new(&self.file).file_stem().map_or_else(|| self.file.clone(), |stem| stem.to_string_lossy().into_owned())
    }
}
