//! What goes out and comes in: the bundle that a station runs, the labels of other tools.

pub mod bundle;
pub mod bundle_file;
pub mod labels;

pub use bundle::{Bundle, BundledModel, GoldenPart};
pub use bundle_file::BundleError;
