//! Delimit: *draw the boundary, set the limit*.
//!
//! The library behind the studio and the command line. It knows pixels, regions, limits and verdicts, and no widget.
//! `ARCHITECTURE.md` shows the rooms, which may import which, and the decisions that carry the house; a test holds the code to it.
//!
//! The way of the data is one line: image → label or prediction → regions → verdict → tally.

pub mod raster;

pub mod files;

pub mod measure;
pub mod paint;

pub mod check;
pub mod judge;
pub mod predict;
pub mod project;

pub mod compare;
pub mod exchange;
pub mod sample;

pub mod jobs;
pub mod session;

pub mod workflow;
