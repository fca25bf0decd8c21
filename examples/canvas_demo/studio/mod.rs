//! The rooms under trial, by their real files.
#![expect(dead_code, unused_imports, reason = "the trial does not use every part")]

#[path = "../../../src/studio/canvas/mod.rs"]
pub mod canvas;
#[path = "../../../src/studio/icons.rs"]
pub mod icons;
#[path = "../../../src/studio/theme.rs"]
pub mod theme;
#[path = "../../../src/studio/widgets/mod.rs"]
pub mod widgets;
