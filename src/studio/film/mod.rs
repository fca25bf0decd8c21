//! Work on many images: which the filmstrip lists and in which order, their thumbnails, states, notes, views of a part, duplicates,
//! and what somebody else changed meanwhile.
//!
//! `list` is the cached list, `bar` the row with the filter, `thumbnails` the pictures, `survey` the measuring of large projects,
//! `part` the section of the side panel, `notes` and `note_card` the pins, `conflict_bar` the choice between two versions, `run` what
//! the commands do.

mod bar;
mod conflict_bar;
mod list;
mod note_card;
mod notes;
mod part;
mod run;
mod survey;
mod thumbnails;
pub mod words;

use std::collections::HashMap;

pub use list::FilmList;
#[cfg(test)]
pub use notes::Card;
pub use notes::Notes;
pub use survey::Survey;
pub use thumbnails::Thumbnails;

/// Everything behind the filmstrip.
#[derive(Default)]
pub struct FilmState {
    pub list: FilmList,
    pub thumbnails: Thumbnails,
    pub survey: Survey,
    pub notes: Notes,
    /// For each image that has duplicates the others, and whether they are the same file; filled by the search.
    pub duplicates: HashMap<usize, Vec<(usize, bool)>>,
    /// Grows with every search.
    pub duplicates_revision: u64,
    /// The search: what it finds is a list of groups.
    pub duplicate_job: Option<delimit::jobs::Job<delimit::workflow::duplicates::Duplicates>>,
    /// The name in the field while it is being typed.
    pub author_text: Option<String>,
    /// Whether the window had the keyboard in the last frame.
    pub had_window_focus: bool,
}
