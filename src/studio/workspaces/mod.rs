//! The five workspaces, one file each.

mod check;
mod compare;
mod export;
pub mod label;
mod tune;
