//! The five workspaces, one file each.

mod check;
mod compare;
mod export;
mod label;
mod tune;
