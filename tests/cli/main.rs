//! The real binary on small projects whose verdicts are known beforehand.

#![expect(clippy::unwrap_used, reason = "helpers of tests may fail loudly too")]

mod check;
mod commands;
mod exchange;
mod fixture;
mod inspection;
mod models;
mod report;
mod tuning;
mod words;
