//! A setting with a slider: label, rail, figure, in the columns of the panel.

use std::ops::RangeInclusive;

use egui::emath::Numeric;
use egui::{Align2, DragValue, FontId, Response, Slider, Stroke, Ui, vec2};

use crate::studio::theme::{BODY_SIZE, Theme};

/// Width of the label and of the figure, in points.
const LABEL_WIDTH: f32 = 80.0;
const FIGURE_WIDTH: f32 = 64.0;

/// Draws `label`, a slider and the figure with `suffix` (" px"); the figure can be dragged and typed. Values are whole numbers;
/// `is_logarithmic` for sizes.
/// The response is the union of both, `changed()` when the value did.
pub fn slider_row<N: Numeric>(
    ui: &mut Ui,
    label: &str,
    value: &mut N,
    range: RangeInclusive<N>,
    suffix: &str,
    is_logarithmic: bool,
) -> Response {
    let theme = Theme::of(ui);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 8.0;
        let (place, _) = ui.allocate_exact_size(vec2(LABEL_WIDTH, 24.0), egui::Sense::hover());
        // Painted, not a label: the slider itself carries the name.
        ui.painter().text(place.left_center(), Align2::LEFT_CENTER, label, FontId::proportional(BODY_SIZE), theme.faint);
        let slider = ui
            .scope(|ui| {
                ui.spacing_mut().slider_width = (ui.available_width() - FIGURE_WIDTH - 8.0).max(48.0);
                ui.spacing_mut().interact_size.y = 16.0;
                ui.spacing_mut().slider_rail_height = 3.0;
                let visuals = ui.visuals_mut();
                visuals.selection.bg_fill = theme.accent;
                for state in [&mut visuals.widgets.inactive, &mut visuals.widgets.hovered, &mut visuals.widgets.active] {
                    state.fg_stroke = Stroke::new(1.5, theme.faint);
                }
                visuals.widgets.hovered.fg_stroke.color = theme.text;
                visuals.widgets.active.fg_stroke.color = theme.accent_text;
                let slider = Slider::new(value, range.clone()).show_value(false).logarithmic(is_logarithmic).step_by(1.0);
                ui.add(slider).accessible_name(label)
            })
            .inner;
        let speed = (range.end().to_f64() - range.start().to_f64()) / 400.0;
        let figure = DragValue::new(value).range(range).suffix(suffix).speed(speed).max_decimals(0);
        let figure =
            ui.add_sized(vec2(ui.available_width().min(FIGURE_WIDTH), 24.0), figure).accessible_name(format!("{label}, figure"));
        slider | figure
    })
    .inner
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn both_the_slider_and_the_figure_carry_the_value() {
        let mut harness = Harness::new_ui_state(
            |ui, size: &mut f64| {
                crate::studio::theme::install(ui.ctx());
                slider_row(ui, "Size", size, 1.0..=400.0, " px", false);
            },
            24.0,
        );
        harness.get_by_label("Size").set_value_accesskit(100.0);
        harness.run();
        assert_eq!(*harness.state(), 100.0);
        harness.get_by_label("Size, figure").set_value_accesskit(30.0);
        harness.run();
        assert_eq!(*harness.state(), 30.0);
    }
}
