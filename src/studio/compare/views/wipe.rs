//! The divider of a wipe: dragged with the mouse, by its handle or anywhere on the canvas, moved by keys and the wheel.

use egui::accesskit::Action;
use egui::{CursorIcon, PointerButton, Rect, Sense, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, PointerKind};
use crate::studio::theme::Theme;

/// Half the width in which the divider can be grabbed, in points.
const GRIP: f32 = 6.0;

/// A hand that goes no farther than this clicks, in points.
const SLACK: f32 = 4.0;

/// The two parts of a viewport, left and right of the divider.
pub fn parts(viewport: Rect, divider: f32) -> [Rect; 2] {
    let x = divider_x(viewport, divider);
    [Rect::from_min_max(viewport.min, pos2(x, viewport.max.y)), Rect::from_min_max(pos2(x, viewport.min.y), viewport.max)]
}

/// Where the divider stands, in whole points: no pixel belongs to both sides.
fn divider_x(viewport: Rect, divider: f32) -> f32 {
    (viewport.min.x + divider.clamp(0.0, 1.0) * viewport.width()).round()
}

impl Studio {
    /// Moves the divider with the pointer, and tells assistive technology of it. After the canvas took its gestures, before it is drawn.
    pub(super) fn wipe_gestures(&mut self, frame: &CanvasFrame, ui: &Ui) {
        let viewport = frame.view.viewport();
        let share = |x: f32| ((x - viewport.min.x) / viewport.width().max(1.0)).clamp(0.0, 1.0);
        // The ruler takes its strokes before they get here.
        for event in frame.pointer.iter().filter(|e| e.button == PointerButton::Primary) {
            let pos = frame.view.screen_from_image(event.point);
            let pressed_at = &mut self.compare_views.pressed_at;
            if event.kind == PointerKind::Pressed {
                *pressed_at = Some(pos);
            } else if event.kind == PointerKind::Dragged && pressed_at.is_none_or(|from| from.distance(pos) > SLACK) {
                *pressed_at = None;
                self.view.compare.divider = share(pos.x);
            }
        }
        let x = divider_x(viewport, self.view.compare.divider);
        let grip = Rect::from_min_max(pos2(x - GRIP, viewport.min.y), pos2(x + GRIP, viewport.max.y)).intersect(viewport);
        let id = ui.scope_id().with("wipe divider");
        let response = ui.interact(grip, id, Sense::drag()).on_hover_cursor(CursorIcon::ResizeHorizontal);
        let divider = f64::from(self.view.compare.divider * 100.0);
        response.widget_info(|| WidgetInfo::slider(true, divider, "Divider"));
        ui.ctx().accesskit_node_builder(id, |node| {
            node.set_min_numeric_value(0.0);
            node.set_max_numeric_value(100.0);
            node.add_action(Action::Increment);
            node.add_action(Action::Decrement);
        });
        let count = |action| ui.input(|i| i.num_accesskit_action_requests(id, action)) as f32;
        let steps = count(Action::Increment) - count(Action::Decrement);
        if steps != 0.0 {
            self.step_view(steps);
        }
        if let Some(pos) = response.interact_pointer_pos().filter(|_| response.dragged()) {
            self.view.compare.divider = share(pos.x);
        }
    }

    /// The divider, over the image.
    pub(super) fn draw_divider(&self, frame: &CanvasFrame) {
        let theme = Theme::of_context(frame.painter.ctx());
        let viewport = frame.view.viewport();
        let x = divider_x(viewport, self.view.compare.divider);
        let painter = &frame.painter;
        painter.vline(x, viewport.y_range(), Stroke::new(4.0, theme.halo));
        painter.vline(x, viewport.y_range(), Stroke::new(1.5, theme.ink));
        let knob = Rect::from_center_size(pos2(x, viewport.center().y), vec2(22.0, 32.0));
        painter.rect(knob, 11, theme.float, Stroke::new(1.5, theme.ink), egui::StrokeKind::Outside);
        for (dx, tip) in [(-3.0_f32, -7.0_f32), (3.0, 7.0)] {
            let c = knob.center();
            let points = vec![c + vec2(dx, -4.5), c + vec2(tip, 0.0), c + vec2(dx, 4.5)];
            painter.add(egui::Shape::line(points, Stroke::new(1.5, theme.text)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_fill_the_viewport_and_share_no_point() {
        let viewport = Rect::from_min_max(pos2(44.0, 40.0), pos2(845.0, 640.0));
        for k in 0..=20_u8 {
            let [left, right] = parts(viewport, f32::from(k) / 20.0);
            assert_eq!((left.min, right.max), (viewport.min, viewport.max));
            assert_eq!(left.max.x, right.min.x);
            assert_eq!(left.max.x, left.max.x.round());
            assert!((left.width() - viewport.width() * f32::from(k) / 20.0).abs() <= 0.5);
        }
    }
}
