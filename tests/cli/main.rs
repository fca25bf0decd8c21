//! The real binary on small projects whose verdicts are known beforehand.

mod commands;
mod fixture;
mod inspection;
mod words;
