//! What goes out and comes in: the bundle that a station runs.

pub mod bundle;
pub mod bundle_file;

pub use bundle::{Bundle, BundledModel, GoldenPart};
pub use bundle_file::BundleError;
