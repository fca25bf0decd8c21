//! What people set of the tools. It belongs to the person, not to the project.

use std::ops::RangeInclusive;

use delimit::paint::BrushShape;
use serde::{Deserialize, Serialize};

/// Settings of all tools.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct ToolSettings {
    /// Brush and eraser keep sizes of their own, in image pixels.
    pub brush_px: f64,
    pub eraser_px: f64,
    pub shape: BrushShape,
    /// The tip keeps its size on the screen when the zoom changes.
    pub keeps_size_on_screen: bool,
    /// Gray values that the threshold brush paints, in raw units; None until a first dab.
    #[serde(skip)]
    pub range: Option<RangeInclusive<f32>>,
    /// Each stroke of the threshold brush takes the range from its first dab.
    pub takes_range_from_dab: bool,
    /// How far the wand reaches, as a share of the range of brightness that is shown, 0..=1.
    pub wand_tolerance: f64,
    /// Pixels that touch at a corner only are connected for the wand.
    pub wand_takes_corners: bool,
    /// Radius of growing, shrinking, smoothing, opening and closing, in pixels.
    pub operation_px: f64,
    /// Islands of fewer pixels are removed.
    pub island_px: u64,
    /// Least width of a traced scratch, in pixels.
    pub scratch_px: f64,
    /// Splitting cuts between pixels; otherwise it erases a line one pixel wide.
    pub keeps_pixels: bool,
    /// Probability from which pixels belong to the model's region, 0..=255 for 0..=1.
    pub probability: u8,
}

impl Default for ToolSettings {
    fn default() -> Self {
        Self {
            brush_px: 12.0,
            eraser_px: 20.0,
            shape: BrushShape::Round,
            keeps_size_on_screen: false,
            range: None,
            takes_range_from_dab: true,
            wand_tolerance: 0.08,
            wand_takes_corners: false,
            operation_px: 1.0,
            island_px: 9,
            scratch_px: 1.0,
            keeps_pixels: true,
            probability: 128,
        }
    }
}
