//! Tests of the library through its public door, one file a room.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

mod measure;
mod paint;
mod project;
mod raster;
mod session;
