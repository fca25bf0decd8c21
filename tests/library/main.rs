//! Tests of the library through its public door, one file a room.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

mod acceptance;
mod conflicts;
mod duplicates;
mod exchange;
mod features;
mod film_query;
mod finding_repair;
mod hygiene;
mod instances;
mod measure;
mod measure_on_demand;
mod measure_peers;
mod measure_truth;
mod models;
mod paint;
mod project;
mod raster;
mod session;
mod thumbnails;
mod timeline;
