//! Mask hygiene on faults made on purpose, and on label sets of other people.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

mod made;
mod real;
mod shapes;
