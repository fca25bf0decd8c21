//! Notes of people to people, pinned on an image.

use serde::{Deserialize, Serialize};

use super::moment::Moment;

/// Who did something, and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub by: String,
    pub at: Moment,
}

/// An answer to a note.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    pub text: String,
    pub written: Signature,
}

/// A note on a place of an image, or on the image as a whole.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PinnedNote {
    /// Unique in its sidecar; never given a second time, so that two people's notes can be told apart when files are merged.
    pub id: u64,
    /// Pixel (x, y) of the image; none for the whole image.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pin: Option<(u32, u32)>,
    pub text: String,
    pub written: Signature,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resolved: Option<Signature>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub replies: Vec<Reply>,
}
