//! Tests of the library through its public door, one file a room.

mod measure;
mod paint;
mod project;
mod raster;
mod session;
