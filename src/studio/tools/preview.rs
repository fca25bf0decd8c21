//! What the tool in hand shows over the image before anything is written, and its cursor.

use std::sync::Arc;

use delimit::raster::contour::Contour;
use delimit::raster::{Area, PixelRect, Point};
use delimit::session::Tool;
use egui::{Align2, Color32, Mesh, Painter, Shape, Ui, vec2};

use super::Draft;
use crate::studio::app::Studio;
use crate::studio::canvas::draw::{self, ContourStyle};
use crate::studio::canvas::{CanvasFrame, CanvasView};
use crate::studio::theme::Theme;

/// Areas of more spans in view are drawn as an outline alone.
const MOST_SPANS: usize = 20_000;

/// Contours of larger boxes are not walked: it would hold up the frame.
const MOST_CONTOUR_PIXELS: u64 = 4_000_000;

impl Studio {
    /// Everything that the tool draws over the image.
    pub fn draw_tool(&self, frame: &CanvasFrame, ui: &Ui) {
        let colour = self.value_colour();
        let theme = Theme::of(ui);
        let ink = |is_taken_away: bool| if is_taken_away { theme.ink } else { colour };
        let size = frame.view.image_size();
        match &self.hand.draft {
            Draft::Nothing => {
                if let Some(hover) = &self.hand.hover {
                    hover.shown.draw(frame, self.hover_colour(colour));
                }
            }
            Draft::Line(line) => {
                let mut points = line.points.clone();
                points.push(line.pointer);
                draw_line(frame, &points, ink(line.takes_away), self.view.tool != Tool::Knife && points.len() > 2);
            }
            Draft::Box(draft) => Shown::of(draft.area(self.view.tool, size)).draw(frame, ink(draft.takes_away)),
            Draft::Wand(wand) => {
                wand.shown.draw(frame, ink(wand.takes_away));
                let words =
                    format!("{:.0} % tolerance · {} px", self.view.settings.wand_tolerance * 100.0, wand.shown.area.pixels());
                draw_words(frame, &words, colour);
            }
            Draft::Wire(wire) => {
                let open = ContourStyle { is_closed: false, ..ContourStyle::default() };
                draw::draw_contour(&frame.painter, &frame.view, &wire.line(), &[colour], open);
                draw_corners(frame, &wire.corners(), colour);
            }
            Draft::Scratch(scratch) => scratch.draw(frame, colour),
            Draft::Segment(segment) => self.draw_segment(frame, segment, theme),
        }
        if self.view.tool == Tool::ModelRegion {
            let words = format!("probability ≥ {:.0} %", f32::from(self.view.settings.probability) / 2.55);
            draw_words(frame, &words, colour);
        }
        self.draw_cursor(frame, ui);
    }

    /// The model's region has the colour of its own class.
    fn hover_colour(&self, in_hand: Color32) -> Color32 {
        let is_models = self.view.tool == Tool::ModelRegion && !self.view.is_painting_zones;
        self.model_layer.picked_class().filter(|_| is_models).map_or(in_hand, |class| self.class_colour(class))
    }

    fn draw_cursor(&self, frame: &CanvasFrame, ui: &Ui) {
        let point = self.sizing_centre().or(frame.image_point);
        let Some(point) = point else { return };
        if frame.hovered_pixel.is_none() && self.session.active_stroke().is_none() {
            return;
        }
        let theme = Theme::of(ui);
        let is_eraser = self.view.tool == Tool::Eraser || (ui.input(|i| i.modifiers.alt) && self.sizing_centre().is_none());
        let colour = if is_eraser { theme.ink } else { self.value_colour() };
        if self.view.tool.has_tip() {
            let tip = self.view.tip();
            draw::brush_cursor(&frame.painter, &frame.view, point, tip.diameter_px, tip.shape, colour, is_eraser);
        } else {
            let centre = frame.view.screen_from_image(point);
            draw::crosshair(&frame.painter, centre, colour);
        }
    }

    /// Outlines of what no tool may change.
    pub fn draw_locks(&self, frame: &CanvasFrame) {
        let theme = Theme::of_context(frame.painter.ctx());
        if let Some(locked) = self.surface_id().and_then(|s| self.view.limits.locked_regions.get(&s)) {
            locked.draw_outline(frame, theme.review);
        }
        if let Some(selection) = &self.view.limits.selection {
            selection.draw_outline(frame, theme.accent_text);
        }
    }
}

/// A tag beside the pointer.
pub fn draw_words(frame: &CanvasFrame, words: &str, colour: Color32) {
    if let Some(point) = frame.image_point {
        let at = frame.view.screen_from_image(point) + vec2(14.0, -10.0);
        draw::draw_tag(&frame.painter, at, Align2::LEFT_BOTTOM, words, colour);
    }
}

/// An area with the lines around it, which are walked once and drawn in many frames.
#[derive(Clone, Debug, Default)]
pub struct Shown {
    pub area: Arc<Area>,
    contours: Vec<Contour>,
}

impl Shown {
    pub fn of(area: Area) -> Self {
        let is_small = area.bounds().area() <= MOST_CONTOUR_PIXELS;
        let contours = if is_small { area.contours() } else { Vec::new() };
        Self { area: Arc::new(area), contours }
    }

    pub fn draw_outline(&self, frame: &CanvasFrame, colour: Color32) {
        for contour in &self.contours {
            draw::draw_contour(&frame.painter, &frame.view, &contour.points, &[colour], ContourStyle::default());
        }
    }

    /// As a tint with its outline.
    pub fn draw(&self, frame: &CanvasFrame, colour: Color32) {
        tint(&frame.painter, &frame.view, &self.area, colour.gamma_multiply(0.35));
        self.draw_outline(frame, colour);
    }
}

/// Fills the pixels of an area that are in view.
fn tint(painter: &Painter, view: &CanvasView, area: &Area, colour: Color32) {
    let visible = area.cut_to(view.visible_pixels());
    if visible.spans().len() > MOST_SPANS {
        return;
    }
    let mut mesh = Mesh::default();
    for span in visible.spans() {
        mesh.add_colored_rect(view.screen_rect(PixelRect::new(span.x0, span.y, span.x1, span.y + 1)), colour);
    }
    painter.add(Shape::mesh(mesh));
}

/// Corners with the line through them, and the closing line dimmed.
fn draw_line(frame: &CanvasFrame, points: &[Point], colour: Color32, is_closed: bool) {
    let open = ContourStyle { is_closed: false, ..ContourStyle::default() };
    draw::draw_contour(&frame.painter, &frame.view, points, &[colour], open);
    if let (true, [first, .., last]) = (is_closed, points) {
        let thin = ContourStyle { width: 1.0, is_closed: false, has_halo: false };
        draw::draw_contour(&frame.painter, &frame.view, &[*last, *first], &[colour.gamma_multiply(0.6)], thin);
    }
    // Corners of a clicked polygon; a freehand line has too many to be marked.
    if points.len() <= 64 {
        draw_corners(frame, points, colour);
    }
}

fn draw_corners(frame: &CanvasFrame, points: &[Point], colour: Color32) {
    let theme = Theme::of_context(frame.painter.ctx());
    for point in points {
        let at = frame.view.screen_from_image(*point);
        frame.painter.circle(at, 3.5, colour, egui::Stroke::new(1.5, theme.halo));
    }
}
