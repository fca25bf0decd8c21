//! What a ruleset does to a set, written down: who judged what by which rules, what came of it, and what that proves.
//!
//! [`judge_sources`] measures and judges labels and cached predictions, [`make_report`] works a [`Report`] out of that, and [`html`] turns it
//! into one page that needs nothing else and prints. [`regions_csv`] and [`verdicts_csv`] are the same figures row by row.

mod borderline;
mod curves;
mod html;
mod make;
mod matrix;
mod parts;
mod rows;
mod sources;
mod value;

pub use html::html;
pub use make::{ReportInput, make_report};
pub use rows::{regions_csv, verdicts_csv};
pub use sources::{JudgedSource, Source, judge_sources};
pub use value::{
    Alarm, Borderline, Cause, Crop, Curve, FileHash, Golden, MatrixRow, Report, RuleHits, RulesetIdentity, SourceReport, Strip,
    WrongPart,
};
