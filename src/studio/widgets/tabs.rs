//! A row of words of which one is chosen.

use egui::{RichText, Sense, Ui, WidgetInfo, pos2, vec2};

use crate::studio::theme::{self, Theme};

/// Draws the tabs over the width that is left, as wide as their words need; `count` stands fainter behind a word.
pub fn tabs<T: Copy + PartialEq>(ui: &mut Ui, here: &mut T, all: &[(T, &str, Option<usize>)]) {
    let theme = Theme::of(ui);
    let height = 26.0;
    let texts: Vec<_> = (all.iter())
        .map(|(value, word, count)| {
            let ink = if value == here { theme.text } else { theme.faint };
            let text = match count {
                Some(n) => format!("{word} {n}"),
                None => (*word).to_owned(),
            };
            let galley = egui::WidgetText::from(RichText::new(&text).size(theme::BODY_SIZE).color(ink));
            (text, galley.into_galley(ui, None, f32::INFINITY, egui::FontSelection::Default))
        })
        .collect();
    let words: f32 = texts.iter().map(|(_, g)| g.size().x).sum();
    let pad = ((ui.available_width() - words) / texts.len().max(1) as f32).clamp(4.0, 16.0);
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 0.0;
        for ((value, ..), (text, galley)) in all.iter().zip(texts) {
            let is_here = value == here;
            let (rect, response) = ui.allocate_exact_size(vec2(galley.size().x + pad, height), Sense::click());
            response.widget_info(|| WidgetInfo::selected(egui::Role::Tab, true, is_here, &text));
            let at = rect.center() - galley.size() / 2.0;
            if response.hovered() && !is_here {
                ui.painter().rect_filled(rect, theme::RADIUS, theme.raised);
            }
            ui.painter().galley(at, galley, theme.text);
            if is_here {
                let y = rect.max.y - 1.0;
                ui.painter().line_segment([pos2(rect.min.x + 2.0, y), pos2(rect.max.x - 2.0, y)], (2.0, theme.accent));
            }
            theme::focus_ring(ui, &response);
            if response.clicked() {
                *here = *value;
            }
        }
    });
    let width = ui.available_width();
    let (line, _) = ui.allocate_exact_size(vec2(width, 1.0), Sense::hover());
    ui.painter().hline(line.x_range(), line.center().y, theme.hairline());
    ui.add_space(4.0);
}
