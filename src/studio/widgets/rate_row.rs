//! A share with its 95 % interval.

use delimit::judge::{Interval, Rate};
use egui::{Align, Layout, Ui};

use super::value_row;
use crate::studio::theme;

/// "2 of 17   12 %  3–34 %".
pub fn rate_row(ui: &mut Ui, name: &str, rate: Rate, hover: &str) {
    let Interval { low, high } = rate.interval();
    let share = rate.share().map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", s * 100.0));
    let value = format!("{} of {}   {share}", rate.count, rate.of);
    value_row(ui, name, &value, "").on_hover_text(hover);
    if rate.of > 0 {
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add_space(36.0);
                ui.label(theme::caption(ui, format!("95 % interval {:.0}–{:.0} %", low * 100.0, high * 100.0)));
            });
        });
    }
}
