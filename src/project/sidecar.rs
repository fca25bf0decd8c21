//! What people say about an image beside its pixels: `labels/<id>.ron`.

use serde::{Deserialize, Serialize};

/// How far the label is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelState {
    #[default]
    Todo,
    InProgress,
    Done,
    Flagged,
}

impl LabelState {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Todo => "to do",
            Self::InProgress => "in progress",
            Self::Done => "done",
            Self::Flagged => "flagged",
        }
    }
}

/// What the part is in truth, said by a person; not a verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    Ok,
    Ng,
    #[default]
    Unknown,
}

impl Disposition {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Ng => "NG",
            Self::Unknown => "unknown",
        }
    }

    /// The disposition of a part from those of its images: one NG makes it NG, one unknown leaves the rest unknown.
    #[must_use]
    pub fn of_part(images: impl IntoIterator<Item = Self>) -> Self {
        let mut all = Self::Unknown;
        for d in images {
            match (all, d) {
                (_, Self::Ng) => return Self::Ng,
                (Self::Unknown, Self::Ok) => all = Self::Ok,
                _ => {}
            }
        }
        all
    }
}

/// Newest format of a sidecar.
pub const FORMAT: u32 = 1;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    pub format: u32,
    #[serde(default)]
    pub state: LabelState,
    #[serde(default)]
    pub disposition: Disposition,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

impl Default for Sidecar {
    fn default() -> Self {
        Self { format: FORMAT, state: LabelState::Todo, disposition: Disposition::Unknown, note: String::new() }
    }
}
