//! The workspaces, one file each; Check and Compare have folders of their own, `check/` and `compare/`.

mod export;
pub mod label;
mod tune;
