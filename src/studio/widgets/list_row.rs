//! What all rows of lists have in common: the ground that tells chosen, hovered and focused, and where the content stands.

use egui::{Align, Color32, Layout, Rect, Response, Ui, UiBuilder, vec2};

use crate::studio::theme::{self, Theme};

/// Paints the ground of a row: the accent when it is the chosen one, raised under the pointer, a ring with the keyboard's focus.
pub fn row_ground(ui: &Ui, rect: Rect, response: &Response, is_here: bool) {
    let theme = Theme::of(ui);
    let fill = if is_here {
        theme.accent_ground
    } else if response.hovered() {
        theme.raised
    } else {
        Color32::TRANSPARENT
    };
    ui.painter().rect_filled(rect, theme::RADIUS, fill);
    theme::focus_ring(ui, response);
}

/// The inside of a row, filled from the left.
pub fn row_content(ui: &mut Ui, rect: Rect) -> Ui {
    ui.new_child(UiBuilder::new().max_rect(rect.shrink2(vec2(6.0, 0.0))).layout(Layout::left_to_right(Align::Center)))
}
