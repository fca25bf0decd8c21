//! An open project: the one door through which anything changes. Both faces use it.
//!
//! A change goes memory → journal → (later, off-thread) project files. See [`Session`].

mod class_pages;
pub mod command;
pub mod conflicts;
pub mod error;
pub mod instances;
pub mod journal;
pub mod keymap;
mod loaded;
mod models;
pub mod open;
pub mod painting;
mod recovery;
pub mod releases;
pub mod rulesets;
pub mod save;
pub mod shortcut;
pub mod sidecars;
pub mod snapshot;
pub mod surface;
pub mod timeline;
pub mod tool;
pub mod undo_file;

pub use command::Command;
pub use conflicts::{Choice, Conflict};
pub use error::SessionError;
pub use instances::InstanceError;
pub use keymap::Keymap;
pub use open::{Access, Session};
pub use painting::Pen;
pub use save::{SaveReport, SaveTask};
pub use snapshot::Snapshot;
pub use surface::{Surface, SurfaceFile, SurfaceId};
pub use timeline::Timeline;
pub use tool::Tool;
