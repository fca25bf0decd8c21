//! Parts under the ruleset: verdicts on what the model says, against people and against the same rules on labels.

use delimit::judge::Verdict;
use delimit::workflow::SetComparison;
use egui::{Align2, FontId, Label, Rect, Sense, Ui, WidgetInfo, vec2};

use super::list::Figure;
use super::matrix_panel::blend;
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::verdict_badge::paint_mark;
use crate::studio::widgets::{EmptyState, rate_row, section, value_row};

const VERDICTS: [Verdict; 3] = [Verdict::Ok, Verdict::Review, Verdict::Ng];

impl Studio {
    pub(super) fn parts_panel_ui(&mut self, ui: &mut Ui, c: &SetComparison) {
        let Some(parts) = &c.parts else {
            let hint = "Set limits in Tune: parts get verdicts then";
            EmptyState { icon: icons::TUNE, title: "No ruleset yet", hint, action: None }.show(ui);
            return;
        };
        section(ui, "Verdicts", None);
        let mut wanted = None;
        let theme = Theme::of(ui);
        let side = 56.0;
        let (all, _) = ui.allocate_exact_size(vec2(ui.available_width(), 36.0 + 3.0 * 32.0), Sense::hover());
        let origin = all.min + vec2(88.0, 36.0);
        let font = FontId::proportional(theme::CAPTION_SIZE);
        ui.painter().text(all.min + vec2(88.0 + 1.5 * side, 8.0), Align2::CENTER_CENTER, "by the model", font.clone(), theme.faint);
        ui.painter().text(all.min + vec2(0.0, 36.0 + 48.0), Align2::LEFT_CENTER, "by the label", font.clone(), theme.faint);
        for (i, verdict) in VERDICTS.into_iter().enumerate() {
            let mark = mark_of(verdict);
            let along = i as f32 + 0.5;
            paint_mark(ui.painter(), origin + vec2(along * side, -12.0), 12.0, mark, mark.text_colour(theme));
            paint_mark(ui.painter(), origin + vec2(-12.0, along * 32.0), 12.0, mark, mark.text_colour(theme));
        }
        for (row, label) in VERDICTS.into_iter().enumerate() {
            for (column, model) in VERDICTS.into_iter().enumerate() {
                let n = parts.verdicts.get(&(label, model)).map_or(0, Vec::len);
                let min = origin + vec2(column as f32 * side, row as f32 * 32.0);
                let rect = Rect::from_min_size(min, vec2(side, 32.0)).shrink(1.0);
                let fill = match (label == model, n) {
                    (true, _) => theme.agreed.to_opaque(),
                    (false, 0) => theme.raised,
                    (false, _) => mark_of(model).colour(theme),
                };
                let fill = blend(theme.raised, fill, if n > 0 { 0.3 } else { 0.0 });
                let response = ui.interact(
                    rect,
                    ui.scope_id().with(("verdicts", row, column)),
                    if n > 0 { Sense::click() } else { Sense::hover() },
                );
                let spoken = format!("{} by the label, {} by the model: {n} parts", mark_of(label).name(), mark_of(model).name());
                response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, n > 0, &spoken));
                ui.painter().rect_filled(rect, 2, fill);
                let ink = if n > 0 { theme.text } else { theme.faint };
                ui.painter().text(rect.center(), Align2::CENTER_CENTER, n.to_string(), FontId::proportional(theme::BODY_SIZE), ink);
                theme::focus_ring(ui, &response);
                if response.on_hover_text(spoken).clicked() && n > 0 {
                    wanted = Some(Figure::Parts(label, model));
                }
            }
        }
        ui.add_space(4.0);
        rate_row(ui, "Same verdict", parts.same_verdict(), "Parts that get the same verdict from label and prediction");
        ui.separator();
        section(ui, "Against people", None);
        rate_row(ui, "Escapes", parts.against_people.escapes(), "NG in truth, accepted by model and rules");
        rate_row(ui, "Overkill", parts.against_people.overkill(), "OK in truth, rejected by model and rules");
        rate_row(ui, "Review", parts.against_people.review_load(), "Parts that a person has to look at");
        ui.separator();
        section(ui, "Against labels, same rules", None);
        rate_row(ui, "Escapes", parts.against_labels.escapes(), "Rejected by the label, accepted by the model");
        rate_row(ui, "Overkill", parts.against_labels.overkill(), "Accepted by the label, rejected by the model");
        ui.separator();
        section(ui, "With a perfect model", None);
        rate_row(ui, "Escapes", parts.labels_against_people.escapes(), "What the rules cost even if the model drew the labels");
        rate_row(ui, "Overkill", parts.labels_against_people.overkill(), "What the rules cost even if the model drew the labels");
        value_row(ui, "Ruleset", &parts.ruleset, "");
        ui.add(Label::new(theme::caption(ui, "People: what was said of each part. Review counts as neither.")).wrap());
        if let Some(figure) = wanted {
            self.list_cases(figure);
        }
    }
}
