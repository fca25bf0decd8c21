//! One label, one value: rows that line up, figures right, units fainter.

use egui::{Align, FontId, Layout, Response, RichText, Ui, vec2};

use crate::studio::theme::{BODY_SIZE, CAPTION_SIZE, Theme, semibold};

/// A row of a panel: `label` on the left, `value` right-aligned, `unit` after it in a fainter tone (may be empty). The units of all
/// rows of a panel share a column of 32 points.
pub fn value_row(ui: &mut Ui, label: &str, value: &str, unit: &str) -> Response {
    const UNIT_WIDTH: f32 = 32.0;
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.label(RichText::new(label).color(theme.faint));
        ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            let (rect, _) = ui.allocate_exact_size(vec2(UNIT_WIDTH, BODY_SIZE + 4.0), egui::Sense::hover());
            let galley = ui.painter().layout_no_wrap(unit.to_owned(), FontId::proportional(CAPTION_SIZE), theme.faint);
            ui.painter().galley(egui::pos2(rect.min.x, rect.center().y - galley.size().y / 2.0 + 0.5), galley, theme.faint);
            ui.label(value);
        });
    })
    .response
}

/// The heading of a part of a panel, with a count of what is under it if there is one.
pub fn section(ui: &mut Ui, title: &str, count: Option<usize>) -> Response {
    let theme = Theme::of(ui);
    ui.add_space(4.0);
    ui.horizontal(|ui| {
        ui.label(semibold(title));
        if let Some(count) = count {
            ui.label(RichText::new(count.to_string()).color(theme.faint));
        }
    })
    .response
}
