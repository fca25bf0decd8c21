//! The tools on the canvas: from pointer events to edits of the label or zone map, with a preview before anything is written.
//!
//! Every tool ends in [`Studio::commit_area`] or in a stroke of the session, so all pass the one gate ([`limits`]). What a tool keeps
//! between two events is a [`Draft`]; Enter takes it, Escape drops it. Which pixels a tool means is decided by the library.

mod boxes;
mod instances;
mod limits;
mod lines;
mod live;
mod options;
mod picks;
mod preview;
mod region_ops;
mod scratch;
mod segment;
mod settings;
mod strokes;
mod wire;

use std::sync::Arc;

use delimit::paint::Gate;
use delimit::raster::pyramid::Pyramid;
use delimit::raster::{Area, BACKGROUND, Point};
use delimit::session::{SurfaceId, Tool};
use egui::{Context, Modifiers, PointerButton};

pub use limits::{Limits, PaintOver};
pub use options::RAIL;
pub use preview::Shown;
pub use settings::ToolSettings;

use super::app::Studio;
use super::canvas::{CanvasFrame, CanvasView, PointerEvent, PointerKind};
use boxes::BoxDraft;
use lines::LineDraft;
use live::LiveRegion;
pub use picks::ModelLayer;
use picks::{Hover, WandDraft};
use scratch::ScratchDraft;
use segment::SegmentDraft;
use strokes::{Dabs, Sizing};
use wire::WireDraft;

/// Where a tool works: the map under it, the photo, and how both lie on the screen.
#[derive(Clone)]
pub struct Place {
    pub surface: SurfaceId,
    pub pyramid: Arc<Pyramid>,
    pub view: CanvasView,
}

impl Place {
    /// Width and height of the image in pixels.
    pub fn size(&self) -> (u32, u32) {
        (self.pyramid.photo().width(), self.pyramid.photo().height())
    }

    /// The image pixel at a point; None outside.
    pub fn pixel(&self, point: Point) -> Option<(u32, u32)> {
        let (width, height) = self.size();
        let is_in = point.x >= 0.0 && point.y >= 0.0 && point.x < f64::from(width) && point.y < f64::from(height);
        is_in.then_some((point.x as u32, point.y as u32))
    }

    /// Two image points look like one on the screen.
    pub fn is_near(&self, a: Point, b: Point, points: f32) -> bool {
        a.distance(b) * f64::from(self.view.points_per_pixel()) <= f64::from(points)
    }
}

/// What the tool in hand has begun and not ended.
#[derive(Default)]
pub enum Draft {
    #[default]
    Nothing,
    /// Corners of a polygon, or a cut.
    Line(LineDraft),
    /// A rectangle or an ellipse.
    Box(BoxDraft),
    Wand(WandDraft),
    Wire(Box<WireDraft>),
    Scratch(Box<ScratchDraft>),
    Segment(Box<SegmentDraft>),
}

/// The hand on the canvas: what it holds between two frames.
#[derive(Default)]
pub struct Hand {
    pub draft: Draft,
    /// Where the canvas was in the last frame: keys act there.
    pub place: Option<Place>,
    /// The pixel under the pointer.
    pub pixel: Option<(u32, u32)>,
    /// What a click would take, for the tools that show it before.
    hover: Option<Hover>,
    live: LiveRegion,
    /// Where the last stroke ended: Shift+click goes on from there.
    last_end: Option<(SurfaceId, Point)>,
    dabs: Dabs,
    sizing: Option<Sizing>,
    brightness: Option<options::Brightness>,
    /// Zoom of the last frame, for tips that keep their size on the screen.
    zoom: Option<f64>,
}

impl Hand {
    /// A trace or a segmentation is being computed.
    pub const fn is_busy(&self) -> bool {
        match &self.draft {
            Draft::Scratch(draft) => draft.is_busy(),
            Draft::Segment(draft) => draft.is_busy(),
            _ => false,
        }
    }
}

/// The pointer takes away instead of painting.
fn takes_away(event: &PointerEvent) -> bool {
    event.modifiers.alt || event.button == PointerButton::Secondary
}

impl Studio {
    /// What the pointer did on the canvas, given to the tool in hand.
    pub fn tool_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        if self.resize_by_drag(place, event) {
            return;
        }
        if event.kind == PointerKind::Cancelled && !self.is_painting() {
            self.hand.draft = Draft::Nothing;
            return;
        }
        match self.view.tool {
            Tool::Brush | Tool::Eraser | Tool::ThresholdBrush => self.stroke_event(place, event, ctx),
            Tool::Polygon | Tool::Knife => self.line_event(place, event, ctx),
            Tool::Rectangle | Tool::Ellipse => self.box_event(place, event, ctx),
            Tool::Fill | Tool::LevelTrace | Tool::ModelRegion => self.pick_event(place, event, ctx),
            Tool::Wand => self.wand_event(place, event, ctx),
            Tool::LiveWire => self.wire_event(place, event, ctx),
            Tool::ScratchTracer => self.scratch_event(place, event, ctx),
            Tool::Segmenter => self.segment_event(place, event, ctx),
            Tool::Select => self.select_event(place, event),
        }
    }

    /// What the pointer does by being somewhere, once per frame, after its events.
    pub fn tool_frame(&mut self, place: &Place, frame: &CanvasFrame, ctx: &Context) {
        self.keep_tip_on_screen(frame.view.zoom());
        self.hand.pixel = frame.hovered_pixel;
        self.hand.place = Some(place.clone());
        if frame.response.double_clicked() {
            self.double_click(place, frame, ctx);
        }
        for turn in &frame.wheel {
            self.tool_wheel(turn.notches, turn.modifiers);
        }
        self.hover_tool(place, frame);
        self.follow_wire(frame);
        self.poll_scratch(ctx);
        self.poll_segmenter(ctx);
        self.refresh_live(place, frame);
    }

    fn double_click(&mut self, place: &Place, frame: &CanvasFrame, ctx: &Context) {
        match self.view.tool {
            Tool::Brush => {
                if let Some(point) = frame.image_point {
                    self.fill_inside(place, point, ctx);
                }
            }
            Tool::Polygon | Tool::Knife | Tool::LiveWire | Tool::ScratchTracer => self.accept_draft(ctx),
            Tool::Select => self.zoom_to_selection(),
            _ => {}
        }
    }

    /// Shift or Alt and the wheel: the size of the tip, the probability of the model's region.
    fn tool_wheel(&mut self, notches: f32, _held: Modifiers) {
        if self.view.tool == Tool::ModelRegion {
            self.change_probability(notches);
        } else {
            self.view.scale_tool(f64::from(notches));
        }
    }

    /// A tool is taken into the hand: what the one before had begun is dropped.
    pub fn take_tool(&mut self, tool: Tool) {
        self.try_session(|s| s.finish_stroke().map(drop));
        self.hand.draft = Draft::Nothing;
        self.hand.hover = None;
        self.view.take_tool(tool);
    }

    /// The image or the map under the hand becomes another one: what was begun, selected and limited on this one ends here.
    pub fn leave_map(&mut self) {
        self.try_session(|s| s.finish_stroke().map(drop));
        self.drop_draft();
        self.hand.hover = None;
        self.view.selected_regions.clear();
        self.view.limits.selection = None;
    }

    /// Takes what the tool shows (Enter, right click, double click).
    pub fn accept_draft(&mut self, ctx: &Context) {
        let Some(place) = self.hand.place.clone() else { return };
        match &self.hand.draft {
            Draft::Nothing | Draft::Box(_) | Draft::Wand(_) => {}
            Draft::Line(_) => self.finish_line(&place, ctx),
            Draft::Wire(_) => self.finish_wire(&place, ctx),
            Draft::Scratch(_) => self.finish_scratch(ctx),
            Draft::Segment(_) => self.finish_segment(ctx),
        }
    }

    /// Drops what the tool shows; false when there was nothing.
    pub fn drop_draft(&mut self) -> bool {
        let is_something = self.has_draft();
        self.hand.draft = Draft::Nothing;
        is_something
    }

    pub const fn has_draft(&self) -> bool {
        !matches!(self.hand.draft, Draft::Nothing)
    }

    /// Takes the last corner back (Backspace).
    pub fn remove_last_point(&mut self) {
        let is_left = match &mut self.hand.draft {
            Draft::Line(line) => line.remove_last(),
            Draft::Wire(wire) => wire.remove_last(),
            _ => true,
        };
        if !is_left {
            self.hand.draft = Draft::Nothing;
        }
    }

    /// Paints an area with the class or zone in hand, or clears it, wherever the gate allows. One step of undo.
    pub fn commit_area(&mut self, area: Area, is_taken_away: bool, ctx: &Context) {
        let Some(surface) = self.surface_id() else { return };
        let value = if is_taken_away { BACKGROUND } else { self.view.value() };
        let gate = self.gate(is_taken_away);
        self.paint_areas(surface, &[(area, value, gate)], ctx);
    }

    /// Writes areas as one step of undo, and sees to what hangs on them.
    pub(super) fn paint_areas(&mut self, surface: SurfaceId, areas: &[(Area, u8, Gate)], ctx: &Context) {
        self.hand.hover = None;
        self.try_session(|s| s.paint_areas(surface, areas).map(drop));
        self.after_edit(surface, ctx);
    }

    pub(super) fn after_edit(&mut self, surface: SurfaceId, ctx: &Context) {
        if matches!(surface, SurfaceId::Zones(_)) {
            self.zones_changed();
        }
        self.touch(ctx);
    }
}
