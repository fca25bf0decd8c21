//! What can be wrong with a ruleset, in words for people.

use std::path::PathBuf;

use thiserror::Error;

use super::expression::ExpressionError;
use super::limit::LimitError;
use super::ruleset::{CellKey, FORMAT};

/// Why a ruleset cannot be used.
#[derive(Debug, Error)]
pub enum RulesetError {
    #[error("cannot read the ruleset {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}, line {line}, column {column}: {message}")]
    Syntax { path: PathBuf, line: usize, column: usize, message: String },
    #[error(
        "{path} has ruleset format {format}, but this version of Delimit reads formats up to {FORMAT}; open it with a newer version"
    )]
    Newer { path: PathBuf, format: u32 },
    #[error("cannot write the ruleset as text: {0}")]
    Write(#[from] ron::Error),
    #[error("cell {cell}, limit on {what}: {source}")]
    Limit { cell: CellKey, what: String, source: LimitError },
    #[error("the least probability of class {class:?} is {at_least}; it must lie between 0 and 1")]
    Certainty { class: String, at_least: f64 },
    #[error("class {class:?} has two least probabilities; keep one of them")]
    CertaintyTwice { class: String },
    #[error("cell {cell} appears twice; keep one of them")]
    Twice { cell: CellKey },
    #[error("cell {cell} accepts everything and has limits too; take away `accept: true` or the limits")]
    AcceptsAndLimits { cell: CellKey },
    #[error("cell {cell} speaks of class {name:?}, which this part number does not have; it has {known}")]
    UnknownClass { cell: CellKey, name: String, known: String },
    #[error("cell {cell} speaks of zone {name:?}, which this part number does not have; it has {known}")]
    UnknownZone { cell: CellKey, name: String, known: String },
    #[error("two {kind}s are called {name:?}, so a rule for it would be ambiguous; rename one of them")]
    NameTwice { kind: &'static str, name: String },
    #[error("a {kind} is called {name:?}, which has another meaning in rulesets; rename it")]
    ReservedName { kind: &'static str, name: String },
    #[error("{place}: {source}")]
    Expression { place: String, source: Box<ExpressionError> },
    #[error("rule {rule:?}: {problem}")]
    Rule { rule: String, problem: String },
    #[error("{place} speaks of {kind} {name:?}, which this part number does not have; it has {known}")]
    UnknownName { place: String, kind: &'static str, name: String, known: String },
    #[error("constant {name:?}: {problem}")]
    Constant { name: String, problem: String },
    #[error("merging of class {class:?}: {problem}")]
    Merge { class: String, problem: String },
}
