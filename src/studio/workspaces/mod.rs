//! The workspaces, one file each; Check has a folder of its own, `check/`.

mod compare;
mod export;
pub mod label;
mod tune;
