//! What can be wrong with a project on disk, said so that the reader knows the file and the way out.

use std::io;
use std::path::PathBuf;

use crate::files::RonError;
use crate::files::palette_png::PalettePngError;

#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    #[error("no project here: there is no project.ron in {}; `delimit new {}` makes one", path.display(), path.display())]
    NotAProject { path: PathBuf },
    #[error("there is a project already in {}; open it, or choose an empty folder", path.display())]
    AlreadyThere { path: PathBuf },
    #[error(transparent)]
    Ron(#[from] RonError),
    #[error("line {line} of the part list: {message}: {}", path.display())]
    PartList { path: PathBuf, line: u64, message: String },
    #[error("{message}: {}", path.display())]
    Content { path: PathBuf, message: String },
    #[error("image {id}: no such file; put it back, or correct its line in parts.csv: {}", path.display())]
    MissingImage { id: String, path: PathBuf },
    #[error("cannot be decoded as an image: {message}: {}", path.display())]
    Decode { path: PathBuf, message: String },
    #[error("the label is {label_width}×{label_height} but its image is {width}×{height}; export it again at the size of the image: {}", path.display())]
    LabelSize { path: PathBuf, label_width: u32, label_height: u32, width: u32, height: u32 },
    #[error("pixels of value {value}, but no {what} has that id (known: {known}); add it, or correct the file: {}", path.display())]
    UnknownId { path: PathBuf, value: u8, what: &'static str, known: String },
    #[error("{source}: {}", path.display())]
    Label { path: PathBuf, source: PalettePngError },
    #[error("{source}: {}", path.display())]
    Io { path: PathBuf, source: io::Error },
    #[error("opened by another Delimit (process {holder}); close that one, or open this one read-only: {}", path.display())]
    Locked { path: PathBuf, holder: String },
}
