//! What the window shows at the moment. Nothing here belongs to the project, and losing it loses no work.

use std::collections::BTreeSet;

use delimit::check::FindingKind;
use delimit::judge::CellKey;
use delimit::measure::Feature;
use delimit::paint::{Brush, BrushShape, Gate};
use delimit::raster::{BACKGROUND, PixelRect};
use delimit::session::Pen;
use delimit::session::command::Workspace;

use super::viewing::Viewing;

/// What the left mouse button does on the canvas of the Label workspace.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tool {
    #[default]
    Brush,
    Eraser,
}

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

/// Which images the filmstrip lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FilmOrder {
    #[default]
    Project,
    /// Most pixels on which label and prediction part first.
    Disagreement,
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
    /// Brush and eraser keep sizes of their own, in image pixels.
    pub brush_px: f64,
    pub eraser_px: f64,
    pub class: u8,
    pub zone: u8,
    pub protects_others: bool,
    /// Opacity of labels and zones, 0..=1.
    pub opacity: f32,
    pub are_labels_hidden: bool,
    /// Classes whose labels are not shown.
    pub hidden_classes: BTreeSet<u8>,
    /// Region of the current image that is marked.
    pub selected_region: Option<usize>,
    /// The finding being looked at.
    pub selected_finding: Option<FindingPlace>,
    pub tolerance_px: f64,
    pub shows_only_failed: bool,
    pub source: Source,
    /// Class and zone of the cell being tuned.
    pub cell: Option<CellKey>,
    pub feature: Feature,
    pub film_order: FilmOrder,
    pub shows_palette: bool,
    pub palette_text: String,
    pub palette_row: usize,
    pub shows_keys: bool,
    /// The four steps of the first start; closed for good by a click.
    pub shows_hints: bool,
    /// Contrast, outlines, loupe, ruler.
    pub viewing: Viewing,
}

impl Default for ViewState {
    fn default() -> Self {
        Self {
            workspace: Workspace::Label,
            part_number: 0,
            image: 0,
            is_painting_zones: false,
            tool: Tool::Brush,
            brush_px: 12.0,
            eraser_px: 20.0,
            class: 1,
            zone: 1,
            protects_others: false,
            opacity: 0.55,
            are_labels_hidden: false,
            hidden_classes: BTreeSet::new(),
            selected_region: None,
            selected_finding: None,
            tolerance_px: 2.0,
            shows_only_failed: false,
            source: Source::Labels,
            cell: None,
            feature: Feature::Length,
            film_order: FilmOrder::Project,
            shows_palette: false,
            palette_text: String::new(),
            palette_row: 0,
            shows_keys: false,
            shows_hints: true,
            viewing: Viewing::default(),
        }
    }
}

impl ViewState {
    /// The size of the tool in hand.
    pub const fn tool_px(&self) -> f64 {
        match self.tool {
            Tool::Brush => self.brush_px,
            Tool::Eraser => self.eraser_px,
        }
    }

    pub const fn tool_px_mut(&mut self) -> &mut f64 {
        match self.tool {
            Tool::Brush => &mut self.brush_px,
            Tool::Eraser => &mut self.eraser_px,
        }
    }

    /// The id that the brush paints: a class, or a zone while zones are painted.
    pub const fn value(&self) -> u8 {
        if self.is_painting_zones { self.zone } else { self.class }
    }

    /// Brush or eraser as the session wants it; `erases` for the other tool while Alt or the right button is held.
    pub fn pen(&self, erases: bool) -> Pen {
        let is_eraser = self.tool == Tool::Eraser || erases;
        let value = if is_eraser { BACKGROUND } else { self.value() };
        let gate = match (self.protects_others, is_eraser) {
            (false, _) => Gate::OPEN,
            (true, false) => Gate::protecting_all_but(value),
            // The eraser of a protected map takes away the picked class alone.
            (true, true) => Gate::protecting_all_but(self.value()),
        };
        let diameter_px = if is_eraser && self.tool == Tool::Brush && !erases { self.eraser_px } else { self.tool_px() };
        Pen { brush: Brush { diameter_px, shape: BrushShape::Round }, value, gate }
    }

    /// Makes the tool in hand smaller or larger by about a fifth, at least a pixel.
    pub fn scale_tool(&mut self, steps: f64) {
        let size = self.tool_px_mut();
        let scaled = *size * 1.2_f64.powf(steps);
        let next = if steps > 0.0 { scaled.max(*size + 1.0) } else { scaled.min(*size - 1.0) };
        *size = next.round().clamp(1.0, 2000.0);
    }
}
