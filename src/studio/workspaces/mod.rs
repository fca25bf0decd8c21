//! Label and Export, one file each; Check, Compare and Tune have folders of their own.

mod export;
pub mod label;
