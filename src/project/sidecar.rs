//! What people say about an image beside its pixels: `labels/<id>.ron`.

use serde::{Deserialize, Serialize};

use crate::judge::Disposition;

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

/// The disposition of a part from those of its images: one NG makes it NG, one OK makes it OK where nobody said NG.
#[must_use]
pub fn disposition_of_part(images: impl IntoIterator<Item = Disposition>) -> Disposition {
    let mut all = Disposition::Unknown;
    for disposition in images {
        match disposition {
            Disposition::Ng => return Disposition::Ng,
            Disposition::Ok => all = Disposition::Ok,
            Disposition::Unknown => {}
        }
    }
    all
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
