//! The confusion matrix of defects or pixels; every cell lists its cases.

use delimit::raster::BACKGROUND;
use delimit::workflow::SetComparison;
use egui::{Align2, Color32, FontId, Label, Rect, Sense, Ui, WidgetInfo, epaint::TextShape, pos2, vec2};

use super::list::Figure;
use crate::studio::app::Studio;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::section;

/// What is counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Counted {
    #[default]
    Defects,
    Pixels,
}

const NAMES: f32 = 76.0;
const HEAD: f32 = 64.0;

impl Studio {
    pub(super) fn matrix_panel_ui(&mut self, ui: &mut Ui, c: &SetComparison) {
        ui.horizontal(|ui| {
            section(ui, "Label against prediction", None);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for (value, words) in [(Counted::Pixels, "Pixels"), (Counted::Defects, "Defects")] {
                    ui.selectable_value(&mut self.compare.counted, value, words);
                }
            });
        });
        let counted = self.compare.counted;
        let mut classes: Vec<u8> = c.classes.iter().map(|f| f.class).collect();
        classes.push(BACKGROUND);
        let count = |t: u8, p: u8| match counted {
            Counted::Defects => c.defects.get(&(t, p)).map_or(0, |cases| cases.len() as u64),
            Counted::Pixels => c.confusion.count(t, p),
        };
        let figure = |t: u8, p: u8| match counted {
            Counted::Defects => Figure::Defects(t, p),
            Counted::Pixels => Figure::Pixels(t, p),
        };
        let wanted = self.confusion_ui(ui, &classes, counted, count);
        let words = match counted {
            Counted::Defects => {
                "Rows: labelled defects, columns: what the model made of them. The last row is what it invents, the last column what it \
                 misses. Press a cell to see its cases."
            }
            Counted::Pixels => "Rows: label, columns: prediction, in pixels. Press a cell to see the images it comes from.",
        };
        ui.add_space(4.0);
        ui.add(Label::new(theme::caption(ui, words)).wrap());
        if let Some(kappa) = c.confusion.kappa().filter(|_| counted == Counted::Pixels) {
            ui.add(Label::new(theme::caption(ui, format!("Agreement beyond chance (Cohen's κ): {kappa:.3}"))).wrap());
        }
        if let Some(calls) = c.false_calls_per_image().filter(|_| counted == Counted::Defects) {
            ui.add(Label::new(theme::caption(ui, format!("{calls:.2} false calls an image"))).wrap());
        }
        if let Some((t, p)) = wanted {
            self.list_cases(figure(t, p));
        }
    }

    /// Draws the matrix; the cell that was pressed.
    fn confusion_ui(&self, ui: &mut Ui, classes: &[u8], counted: Counted, count: impl Fn(u8, u8) -> u64) -> Option<(u8, u8)> {
        let theme = Theme::of(ui);
        let side = ((ui.available_width() - NAMES) / classes.len() as f32).clamp(22.0, 44.0);
        let (all, _) =
            ui.allocate_exact_size(vec2(NAMES + side * classes.len() as f32, HEAD + side * classes.len() as f32), Sense::hover());
        let origin = all.min + vec2(NAMES, HEAD);
        let font = FontId::proportional(theme::CAPTION_SIZE);
        let none = if counted == Counted::Defects { "nothing" } else { "background" };
        let name = |class: u8| {
            if class == BACKGROUND { none.to_owned() } else { self.session.project().class_name(class) }
        };
        let ink = |class: u8| if class == BACKGROUND { theme.faint } else { theme.text };
        for (i, &class) in classes.iter().enumerate() {
            let words = shortened(&name(class), 11);
            let at = pos2(origin.x - 6.0, origin.y + (i as f32 + 0.5) * side);
            ui.painter().text(at, Align2::RIGHT_CENTER, &words, font.clone(), ink(class));
            let galley = ui.painter().layout_no_wrap(words, font.clone(), ink(class));
            let at = pos2(origin.x + (i as f32 + 0.5) * side - galley.size().y / 2.0, origin.y - 6.0);
            ui.painter().add(TextShape::new(at, galley, ink(class)).with_angle(-std::f32::consts::FRAC_PI_2));
        }
        let mut wanted = None;
        for (row, &t) in classes.iter().enumerate() {
            let of_row: u64 = classes.iter().map(|&p| count(t, p)).sum();
            for (column, &p) in classes.iter().enumerate() {
                let n = count(t, p);
                let min = origin + vec2(column as f32 * side, row as f32 * side);
                let rect = Rect::from_min_size(min, vec2(side, side)).shrink(1.0);
                let share = if of_row > 0 { n as f32 / of_row as f32 } else { 0.0 };
                let is_nowhere = t == BACKGROUND && p == BACKGROUND && counted == Counted::Defects;
                let fill = match (t == p, is_nowhere) {
                    (_, true) => Color32::TRANSPARENT,
                    (true, _) => blend(theme.raised, theme.agreed.to_opaque(), share * 0.55),
                    (false, _) if n == 0 => theme.raised,
                    (false, _) if p == BACKGROUND => blend(theme.raised, theme.missed, 0.25 + 0.5 * share),
                    (false, _) if t == BACKGROUND => blend(theme.raised, theme.extra, 0.25 + 0.5 * share),
                    (false, _) => blend(theme.raised, theme.review, 0.25 + 0.5 * share),
                };
                let sense = if n > 0 { Sense::click() } else { Sense::hover() };
                let response = ui.interact(rect, ui.scope_id().with(("cell", t, p, counted == Counted::Pixels)), sense);
                let spoken = format!("{} labelled, {} predicted: {n}", name(t), name(p));
                response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, n > 0, &spoken));
                ui.painter().rect_filled(rect, 2, fill);
                if n > 0 && !is_nowhere {
                    ui.painter().text(rect.center(), Align2::CENTER_CENTER, short_count(n), font.clone(), theme.text);
                }
                if response.hovered() && n > 0 {
                    ui.painter().rect_stroke(rect, 2, (1.5, theme.accent), egui::StrokeKind::Inside);
                }
                theme::focus_ring(ui, &response);
                let of = if of_row > 0 { format!("\n{:.1} % of {} {of_row}", share * 100.0, name(t)) } else { String::new() };
                if response.on_hover_text(format!("{spoken}{of}")).clicked() && n > 0 {
                    wanted = Some((t, p));
                }
            }
        }
        wanted
    }
}

/// "12", "3.4k", "1.2M".
pub(super) fn short_count(n: u64) -> String {
    match n {
        0..=9_999 => n.to_string(),
        10_000..=999_499 => format!("{:.0}k", n as f64 / 1e3),
        _ => format!("{:.1}M", n as f64 / 1e6),
    }
}

fn shortened(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let start: String = text.chars().take(most - 1).collect();
    format!("{start}…")
}

pub(super) fn blend(from: Color32, to: Color32, share: f32) -> Color32 {
    from.lerp_to_gamma(to, share.clamp(0.0, 1.0))
}
