//! Work over a whole project that both faces start and neither does itself: measure, predict, check, judge, bundle, inspect.
//!
//! Everything here reads a frozen [`Snapshot`](crate::session::Snapshot) and gives values back; nothing here changes a project.

pub mod adopting;
pub mod bundling;
pub mod card_trial;
pub mod checking;
pub mod compare_models;
pub mod compare_report;
pub mod compare_set;
pub mod comparing;
pub mod crops;
pub mod duplicates;
pub mod each_image;
pub mod error;
pub mod evaluation;
pub mod film;
pub mod finding_repair;
pub mod flip_test;
pub mod hygiene;
pub mod hygiene_file;
pub mod inspection;
pub mod judging;
pub mod label_exchange;
pub mod label_groups;
pub mod measuring;
mod models;
pub mod predicting;
pub mod releasing;
pub mod report;
pub mod resolution;
pub mod retuning;
pub mod sample_project;
pub mod suspect_repair;
pub mod thumbnails;
pub mod tuning;

pub use checking::SoundnessCounts;
pub use compare_models::{ClassDuel, ModelDuel, compare_models};
pub use compare_set::{CompareInput, CompareSettings, SetComparison, compare_set};
pub use comparing::{ClassComparison, ImageComparison, PooledComparison};
pub use error::WorkflowError;
pub use evaluation::Evaluation;
pub use hygiene::{SetFindings, SetHygiene};
pub use inspection::{Inspection, Inspector};
pub use judging::MeasuredImages;
pub use predicting::{ModelSettings, ProjectModels};
