//! The small copy of the whole image that shows which part is in view.

use egui::emath::GuiRounding as _;
use egui::{Color32, CursorIcon, Id, Painter, Rect, Sense, Stroke, StrokeKind, Ui, vec2};

use super::view::CanvasView;
use crate::studio::theme::Theme;

/// Largest size in points, and its distance from the corner of the viewport.
const LARGEST: egui::Vec2 = vec2(176.0, 128.0);
const MARGIN: f32 = 12.0;

/// Where the map lies; None while the whole image is in view or the viewport is too small for it.
pub fn place(view: &CanvasView) -> Option<Rect> {
    let viewport = view.viewport();
    if view.holds_whole_image() || viewport.width() < 3.0 * LARGEST.x || viewport.height() < 2.5 * LARGEST.y {
        return None;
    }
    let (width, height) = view.image_size();
    let scale = (LARGEST.x / width as f32).min(LARGEST.y / height as f32);
    // A strip of a line camera would be too thin to hit.
    let size = (vec2(width as f32, height as f32) * scale).max(vec2(24.0, 24.0)).round();
    let corner = (viewport.max - vec2(MARGIN, MARGIN)).round();
    Some(Rect::from_min_max(corner - size, corner))
}

/// The map's own view of the image.
pub fn map_view(place: Rect, view: &CanvasView) -> CanvasView {
    let (width, height) = view.image_size();
    CanvasView::new(place, view.pixels_per_point() as f32, width, height)
}

/// Lets the person press and drag on the map to move the view.
pub fn interact(ui: &Ui, id: Id, place: Rect, view: &mut CanvasView) {
    let response = ui.interact(place, id, Sense::click_and_drag()).on_hover_cursor(CursorIcon::Crosshair);
    let enabled = ui.is_enabled();
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, enabled, "Mini-map"));
    // A click inside one frame is up again when the frame sees it.
    if (response.is_pointer_button_down_on() || response.clicked())
        && let Some(pos) = response.interact_pointer_pos()
    {
        view.centre_on_point(map_view(place, view).image_from_screen(pos));
    }
}

/// The ground under the map's picture.
pub fn draw_ground(painter: &Painter, place: Rect) {
    let theme = Theme::of_context(painter.ctx());
    painter.rect_filled(place.expand(4.0), 6, theme.float);
    painter.rect_stroke(place.expand(4.0), 6, theme.hairline(), StrokeKind::Outside);
    painter.rect_filled(place, 0, theme.canvas_ground);
}

/// The part in view, over the map's picture.
pub fn draw_frame(painter: &Painter, place: Rect, view: &CanvasView) {
    let theme = Theme::of_context(painter.ctx());
    let map = map_view(place, view);
    let visible = view.visible_pixels();
    if visible.is_empty() {
        return;
    }
    // On whole screen pixels, or the strips around it would leave hairlines between them.
    let shown = map.screen_rect(visible).intersect(place).round_to_pixels(map.pixels_per_point() as f32);
    // What is out of view steps back.
    let shade = Color32::from_black_alpha(76);
    let (outer, inner) = (place, shown);
    for part in [
        Rect::from_min_max(outer.min, egui::pos2(outer.max.x, inner.min.y)),
        Rect::from_min_max(egui::pos2(outer.min.x, inner.max.y), outer.max),
        Rect::from_min_max(egui::pos2(outer.min.x, inner.min.y), egui::pos2(inner.min.x, inner.max.y)),
        Rect::from_min_max(egui::pos2(inner.max.x, inner.min.y), egui::pos2(outer.max.x, inner.max.y)),
    ] {
        if part.width() > 0.0 && part.height() > 0.0 {
            painter.rect_filled(part, 0, shade);
        }
    }
    let frame = Rect::from_center_size(shown.center(), shown.size().max(vec2(8.0, 8.0)));
    painter.rect_stroke(frame, 1, Stroke::new(3.0, theme.halo), StrokeKind::Middle);
    painter.rect_stroke(frame, 1, Stroke::new(1.5, theme.ink), StrokeKind::Middle);
}
