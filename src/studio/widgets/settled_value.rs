//! A figure that is dragged or typed and taken when it is let go: one step of undo, however long the drag.

use std::ops::RangeInclusive;

use egui::{DragValue, Ui};

/// Shows `value` with `suffix`; gives the new one when the drag or the typing has ended and it is another one.
pub fn settled_value(
    ui: &mut Ui,
    name: &str,
    value: f64,
    range: RangeInclusive<f64>,
    decimals: usize,
    suffix: &str,
) -> Option<f64> {
    let id = ui.scope_id().with(("settled value", name));
    let mut held: f64 = ui.data(|d| d.get_temp(id)).unwrap_or(value);
    let speed = (range.end() - range.start()) / 300.0;
    let figure = DragValue::new(&mut held).range(range).speed(speed.min(0.5)).fixed_decimals(decimals).suffix(suffix);
    let response = ui.add(figure).accessible_name(name);
    if response.changed() {
        ui.data_mut(|d| d.insert_temp(id, held));
    }
    let is_over =
        response.drag_stopped() || response.lost_focus() || (response.changed() && !response.dragged() && !response.has_focus());
    if !is_over {
        return None;
    }
    ui.data_mut(|d| d.remove_temp::<f64>(id));
    (held != value).then_some(held)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn it_is_taken_once() {
        let mut harness = Harness::new_ui_state(
            |ui, taken: &mut Vec<f64>| {
                crate::studio::theme::install(ui.ctx());
                let now = taken.last().copied().unwrap_or(2.0);
                taken.extend(settled_value(ui, "Tolerance", now, 0.5..=6.0, 1, " px"));
            },
            Vec::new(),
        );
        harness.get_by_label("Tolerance").set_value_accesskit(3.5);
        harness.run();
        assert_eq!(*harness.state(), [3.5]);
        harness.run();
        assert_eq!(*harness.state(), [3.5]);
    }
}
