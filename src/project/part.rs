//! Parts and their images.

use serde::{Deserialize, Serialize};

/// One image of a part: a line of `parts.csv`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImageEntry {
    /// Unique in the project, stable, and the name of its label files; may hold `/`.
    pub id: String,
    /// Where the image is: relative to the project folder, or absolute.
    pub image: String,
    /// Serial of the part that it shows.
    pub part: String,
    pub part_number: String,
}

/// One inspected piece: its images stand together in the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub serial: String,
    /// Index in the part numbers of the project.
    pub part_number: usize,
    /// Indices in the images of the project.
    pub images: Vec<usize>,
}
