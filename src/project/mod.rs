//! A project: classes, part numbers with zones, parts with images, and the folder that holds it all.
//!
//! ```text
//! housing/
//!   project.ron          name, classes with their pages in the defect book, part numbers (zones, calibration, model)
//!   parts.csv            one line an image: id, image, part, part_number
//!   images/…             or anywhere else; `parts.csv` says where
//!   labels/<id>.png      palette PNG, the pixel value is the class id
//!   labels/<id>.ron      state, disposition, notes, accepted findings
//!   zones/<part number>.png
//!   rules/<part number>.ron
//!   models/*.onnx, *.ron
//!   .delimit/            journal and caches; can be deleted when nobody has the project open
//! ```

pub mod acceptance;
pub mod class;
pub mod error;
pub mod label_file;
pub mod lock;
pub mod model_use;
pub mod moment;
pub mod note;
pub mod part;
pub mod part_number;
pub mod photo_file;
pub mod release;
pub mod sidecar;
pub mod store;

pub use acceptance::Acceptance;
pub use class::{BookExample, Class, class_name, unknown_class};
pub use error::ProjectError;
pub use model_use::{ModelRole, ModelUse};
pub use moment::Moment;
pub use note::{PinnedNote, Reply, Signature};
pub use part::{ImageEntry, Part};
pub use part_number::{PartNumber, Zone, ZoneKind};
pub use release::{BrokenGolden, GoldenVerdict, Release, ReleaseError};
pub use sidecar::{LabelState, Sidecar, StateChange, disposition_of_part};
pub use store::Project;
