//! What the window shows at the moment. Nothing here belongs to the project, and losing it loses no work.

use std::collections::BTreeSet;

use delimit::check::FindingKind;
use delimit::judge::CellKey;
use delimit::measure::Feature;
use delimit::paint::{Brush, BrushShape};
use delimit::raster::PixelRect;
use delimit::session::Tool;
use delimit::session::command::Workspace;

use super::compare::views::CompareLook;
use super::key_sheet::KeySheet;
use super::settings_file::EngineWish;
use super::tools::{Limits, ToolSettings};
use super::viewing::Viewing;

/// Which regions a tally or a histogram is about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Source {
    #[default]
    Labels,
    Predictions,
}

impl Source {
    pub const fn label(self) -> &'static str {
        match self {
            Self::Labels => "Labels",
            Self::Predictions => "Model",
        }
    }
}

/// Where a finding is; enough to tell it from the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FindingPlace {
    pub image: usize,
    /// None for a finding about the whole image.
    pub region: Option<usize>,
    pub bounds: PixelRect,
    /// A region may have a finding of each kind.
    pub kind: FindingKind,
}

/// The state of the window.
#[derive(Debug)]
pub struct ViewState {
    pub workspace: Workspace,
    pub part_number: usize,
    /// Index of the image on the canvas.
    pub image: usize,
    /// The zones of the nominal image are painted instead of the label.
    pub is_painting_zones: bool,
    pub tool: Tool,
    /// The tool in hand before this one.
    pub tool_before: Tool,
    pub settings: ToolSettings,
    pub limits: Limits,
    pub class: u8,
    pub zone: u8,
    /// Opacity of labels and zones, 0..=1.
    pub opacity: f32,
    pub are_labels_hidden: bool,
    /// Classes whose labels are not shown.
    pub hidden_classes: BTreeSet<u8>,
    /// Regions of the current image that are marked, in the order of the choice.
    pub selected_regions: Vec<usize>,
    /// The finding being looked at.
    pub selected_finding: Option<FindingPlace>,
    pub source: Source,
    /// Class and zone of the cell being tuned.
    pub cell: Option<CellKey>,
    pub feature: Feature,
    pub shows_palette: bool,
    pub palette_text: String,
    pub palette_row: usize,
    pub shows_keys: bool,
    pub key_sheet: KeySheet,
    /// The four steps of the first start; closed for good by a click.
    pub shows_hints: bool,
    /// Contrast, outlines, loupe, ruler.
    pub viewing: Viewing,
    /// With what models run.
    pub engine: EngineWish,
    /// The ways to look at model against label.
    pub compare: CompareLook,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            workspace: Workspace::Label,
            part_number: 0,
            image: 0,
            is_painting_zones: false,
            tool: Tool::Brush,
            tool_before: Tool::Eraser,
            settings: ToolSettings::default(),
            limits: Limits::default(),
            class: 1,
            zone: 1,
            opacity: 0.55,
            are_labels_hidden: false,
            hidden_classes: BTreeSet::new(),
            selected_regions: Vec::new(),
            selected_finding: None,
            source: Source::Labels,
            cell: None,
            feature: Feature::Length,
            shows_palette: false,
            palette_text: String::new(),
            palette_row: 0,
            shows_keys: false,
            key_sheet: KeySheet::default(),
            shows_hints: true,
            viewing: Viewing::default(),
            engine: EngineWish::default(),
            compare: CompareLook::default(),
        }
    }
}

impl ViewState {
    /// The size of the tip in hand, in image pixels.
    pub const fn tool_px(&self) -> f64 {
        match self.tool {
            Tool::Eraser => self.settings.eraser_px,
            _ => self.settings.brush_px,
        }
    }

    pub const fn tool_px_mut(&mut self) -> &mut f64 {
        match self.tool {
            Tool::Eraser => &mut self.settings.eraser_px,
            _ => &mut self.settings.brush_px,
        }
    }

    /// The tip in hand.
    pub const fn tip(&self) -> Brush {
        Brush { diameter_px: self.tool_px(), shape: self.settings.shape }
    }

    /// Takes a tool into the hand and remembers the one before.
    pub fn take_tool(&mut self, tool: Tool) {
        if tool != self.tool {
            self.tool_before = std::mem::replace(&mut self.tool, tool);
        }
    }

    /// The id that the brush paints: a class, or a zone while zones are painted.
    pub const fn value(&self) -> u8 {
        if self.is_painting_zones { self.zone } else { self.class }
    }

    /// Makes the tip in hand smaller or larger by about a fifth for each step, at least a pixel.
    pub fn scale_tool(&mut self, steps: f64) {
        let size = self.tool_px_mut();
        let scaled = *size * 1.2_f64.powf(steps);
        let next = if steps > 0.0 { scaled.max(*size + 1.0) } else { scaled.min(*size - 1.0) };
        *size = next.round().clamp(1.0, LARGEST_TIP_PX);
    }
}

/// Widest tip that the keys and the slider reach, in image pixels.
pub const LARGEST_TIP_PX: f64 = 2000.0;

/// The two shapes of a tip.
pub const TIP_SHAPES: [(BrushShape, &str); 2] = [(BrushShape::Round, "Round"), (BrushShape::Square, "Square")];
