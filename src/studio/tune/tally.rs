//! The tally: how many parts are OK, review and NG by the labels and by the model, and what that is worth against the truth. Always in
//! view.

use delimit::judge::{Interval, Rate};
use egui::{Align, Label, Layout, ScrollArea, Ui, WidgetInfo, vec2};

use super::SideTab;
use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{Mark, tabs, verdict_tally};

/// Width of the column with the names of the rates.
const NAME: f32 = 70.0;

impl Studio {
    pub(super) fn tune_right_ui(&mut self, ui: &mut Ui) {
        self.tallies_ui(ui);
        ui.add_space(4.0);
        let flips = self.analysis.flips(self.source_here()).len();
        let all = [(SideTab::Flips, "Flips", Some(flips)), (SideTab::Part, "Explain", None), (SideTab::Cost, "Cost", None)];
        tabs(ui, &mut self.tune.tab, &all);
        ScrollArea::vertical().auto_shrink(false).id_salt(("side", self.tune.tab as u8)).show(ui, |ui| match self.tune.tab {
            SideTab::Flips => self.flips_ui(ui),
            SideTab::Part => self.part_ui(ui),
            SideTab::Cost => self.cost_ui(ui),
        });
    }

    /// Labels and model side by side.
    fn tallies_ui(&mut self, ui: &mut Ui) {
        let sources = [Source::Labels, Source::Predictions];
        ui.horizontal_top(|ui| {
            ui.spacing_mut().item_spacing.x = 8.0;
            let width = (ui.available_width() - 8.0) / 2.0;
            for source in sources {
                ui.allocate_ui_with_layout(vec2(width, 0.0), Layout::top_down(Align::LEFT), |ui| {
                    ui.set_width(width);
                    self.source_tally_ui(ui, source);
                });
            }
        });
        ui.add_space(4.0);
        let rates: [(&str, &str, fn(&delimit::judge::Score) -> Rate); 3] = [
            ("Escapes", "NG in truth, accepted", |s| s.escapes()),
            ("Overkill", "OK in truth, rejected", |s| s.overkill()),
            ("Review", "left to a person", |s| s.review_load()),
        ];
        for (name, hover, rate_of) in rates {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                let caption = theme::caption(ui, name).size(theme::BODY_SIZE);
                ui.add_sized([NAME, 30.0], Label::new(caption).halign(Align::LEFT)).on_hover_text(hover);
                let width = (ui.available_width() - 4.0) / 2.0;
                for source in sources {
                    let rate = self.analysis.evaluation(source).map(|e| rate_of(&e.score()));
                    rate_cell(ui, width, rate, &format!("{}: {name}", source.label()));
                }
            });
        }
    }

    fn source_tally_ui(&self, ui: &mut Ui, source: Source) {
        ui.label(theme::semibold(source.label()));
        let Some(evaluation) = self.analysis.evaluation(source) else {
            let words = match (source, self.long_work.is_some()) {
                (Source::Predictions, true) => "The model is running…",
                (Source::Predictions, false) if self.has_model() => "The model was not run yet (F8).",
                (Source::Predictions, false) => "This part number has no model.",
                (Source::Labels, _) => "No part is measured yet.",
            };
            ui.add(Label::new(theme::caption(ui, words)).wrap());
            return;
        };
        let tally = evaluation.tally();
        // A figure that is still being counted is dimmed.
        let is_stale = evaluation.left_out() > 0;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 9.0;
            verdict_tally(ui, Mark::Ok, tally.ok, "OK", is_stale);
            verdict_tally(ui, Mark::Ng, tally.ng, "NG", is_stale);
            verdict_tally(ui, Mark::Review, tally.review, "review", is_stale);
        });
        let mut words = format!("of {} parts", tally.total());
        if is_stale {
            words = format!("{words}, {} not measured yet", evaluation.left_out());
        }
        ui.add(Label::new(theme::caption(ui, words)).wrap());
    }
}

/// "1 of 20 · 5 %" over "95 %: 1–24 %".
fn rate_cell(ui: &mut Ui, width: f32, rate: Option<Rate>, name: &str) {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 30.0), egui::Sense::hover());
    let Some(rate) = rate else {
        ui.painter().text(rect.left_top(), egui::Align2::LEFT_TOP, "–", egui::FontId::proportional(theme::BODY_SIZE), theme.faint);
        return;
    };
    let Interval { low, high } = rate.interval();
    let share = rate.share().map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", s * 100.0));
    let value = format!("{} of {}   {share}", rate.count, rate.of);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, format!("{name} {value}")));
    let body = egui::FontId::proportional(theme::BODY_SIZE);
    ui.painter().text(rect.left_top(), egui::Align2::LEFT_TOP, &value, body, theme.text);
    if rate.of > 0 {
        let words = format!("95 %: {:.0}–{:.0} %", low * 100.0, high * 100.0);
        let caption = egui::FontId::proportional(theme::CAPTION_SIZE);
        ui.painter().text(rect.left_bottom(), egui::Align2::LEFT_BOTTOM, words, caption, theme.faint);
    }
    response.on_hover_text("95 % interval of the true rate by Wilson's formula");
}
