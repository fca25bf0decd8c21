//! Two canvases side by side that show the same part of the image: what moves one moves the other, and each shows where the pointer is
//! on the other.

use std::sync::Arc;

use delimit::raster::pyramid::Pyramid;
use egui::{Align2, Rect, Ui, UiBuilder, pos2, vec2};

use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasContent, CanvasFrame, CanvasOptions, Layer, draw};
use crate::studio::magnify::draw_values;
use crate::studio::theme::Theme;
use crate::studio::work::PhotoKey;

/// Between the two canvases, in points.
const GAP: f32 = 2.0;

/// Two places of one size next to each other.
fn places(room: Rect) -> [Rect; 2] {
    let width = ((room.width() - GAP) / 2.0).floor().max(1.0);
    let left = Rect::from_min_size(room.min, vec2(width, room.height()));
    [left, Rect::from_min_size(pos2(room.min.x + width + GAP, room.min.y), left.size())]
}

impl Studio {
    /// Draws the first side on the left and the second on the right.
    pub fn pair_ui(
        &mut self,
        ui: &mut Ui,
        options: &CanvasOptions<'_>,
        (key, pyramid): (PhotoKey, &Arc<Pyramid>),
        image: usize,
        on_top: impl Fn(&Self, &CanvasFrame),
    ) {
        let [left, right] = places(ui.available_rect_before_wrap());
        let (mut canvas, mut second) = (std::mem::take(&mut self.canvas), std::mem::take(&mut self.compare_views.second));
        let label = format!("Second canvas, {}", self.photo_name(key));
        let first_options = CanvasOptions { has_minimap: false, ..*options };
        let second_options = CanvasOptions { id_salt: "second stage", label: &label, ..*options };
        let at = |place: Rect, salt: &str| UiBuilder::new().max_rect(place).id_salt(salt);
        let mut first_frame = ui.scope_builder(at(left, "first"), |ui| canvas.begin(ui, &first_options)).inner;
        let shared = first_frame.view.moved_to(right);
        second.go_along(shared);
        let mut second_frame = ui.scope_builder(at(right, "second"), |ui| second.begin(ui, &second_options)).inner;
        if !second_frame.view.is_with(&shared) {
            // In the frame in which the hand moved it, or the left one would lag behind.
            first_frame.view = second_frame.view.moved_to(left);
            canvas.go_along(first_frame.view);
        }
        let mut hovered = None;
        for frame in [&mut first_frame, &mut second_frame] {
            self.take_viewing_gestures(frame, key, pyramid, ui);
            hovered = hovered.or(frame.hovered_pixel);
        }
        self.hover_pixel(key, pyramid, hovered);
        self.mark_dirty_layers(&mut canvas, key);
        let shading = self.shading(key, pyramid);
        let [first_side, second_side] = self.view.compare.sides;
        let mut layers = [self.side_layers(first_side, image, None), self.side_layers(second_side, image, None)];
        if self.view.are_labels_hidden {
            layers = [Vec::new(), Vec::new()];
        }
        let overlays = layers.each_ref().map(|layers| layers.iter().map(Layer::overlay).collect::<Vec<_>>());
        let content = overlays.each_ref().map(|overlays| CanvasContent { pyramid, shading: &shading, overlays });
        canvas.paint(&first_frame, &content[0]);
        canvas.paint_beside(&second_frame, &content[1]);
        let ink = Theme::of(ui).ink;
        for (frame, side, other) in [(&first_frame, first_side, &second_frame), (&second_frame, second_side, &first_frame)] {
            draw_values(frame, pyramid.photo(), &shading);
            on_top(self, frame);
            self.draw_solo(frame);
            self.draw_ruler(frame);
            self.draw_side_tag(frame, side, image, frame.view.viewport(), Align2::LEFT_TOP);
            if let Some(point) = other.image_point.filter(|_| other.hovered_pixel.is_some()) {
                draw::crosshair(&frame.painter, frame.view.screen_from_image(point), ink);
            }
        }
        canvas.finish(&first_frame, &content[0]);
        canvas.finish(&second_frame, &content[1]);
        ui.advance_cursor_after_rect(left.union(right));
        self.canvas = canvas;
        self.compare_views.second = second;
        self.notes_on_canvas_ui(ui, image, &first_frame);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_canvases_have_one_size_and_lie_beside_each_other() {
        for width in [640.0, 641.0, 975.0] {
            let room = Rect::from_min_size(pos2(44.0, 72.0), vec2(width, 500.0));
            let [left, right] = places(room);
            assert_eq!(left.size(), right.size());
            assert!(left.max.x < right.min.x && room.contains_rect(right) && left.min == room.min);
        }
    }
}
