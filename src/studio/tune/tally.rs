//! The tally: how many parts are OK, review and NG by the labels and by the model, and what that is worth against the truth. Always in
//! view.

use delimit::judge::{Interval, Rate, Score, Verdict};
use egui::{Align, Align2, FontId, Label, Layout, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::SideTab;
use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::verdict_badge::paint_mark;
use crate::studio::widgets::{Mark, tabs};

/// Width of the column with the names of the rates.
const NAME: f32 = 70.0;

impl Studio {
    pub(super) fn tune_right_ui(&mut self, ui: &mut Ui) {
        self.tallies_ui(ui);
        ui.add_space(4.0);
        let flips = self.analysis.flips(self.source_here()).len();
        let all = [
            (SideTab::Flips, "Flips", Some(flips)),
            (SideTab::Part, "Explain", None),
            (SideTab::Suggest, "Suggest", None),
            (SideTab::Cost, "Cost", None),
        ];
        tabs(ui, &mut self.tune.tab, &all);
        ScrollArea::vertical().auto_shrink(false).id_salt(("side", self.tune.tab as u8)).show(ui, |ui| match self.tune.tab {
            SideTab::Flips => self.flips_ui(ui),
            SideTab::Part => self.part_ui(ui),
            SideTab::Suggest => self.suggest_ui(ui),
            SideTab::Cost => self.cost_ui(ui),
        });
    }

    /// Labels and model side by side: one row a figure.
    fn tallies_ui(&mut self, ui: &mut Ui) {
        let sources = [Source::Labels, Source::Predictions];
        row(ui, 18.0, "", |ui, width| {
            for source in sources {
                left(ui, vec2(width, 18.0), |ui| drop(ui.label(theme::semibold(source.label()))));
            }
        });
        for (verdict, mark) in [(Verdict::Ok, Mark::Ok), (Verdict::Ng, Mark::Ng), (Verdict::Review, Mark::Review)] {
            row(ui, 28.0, mark.name(), |ui, width| {
                for source in sources {
                    let judged = self.analysis.evaluation(source);
                    // A figure that is still being counted is dimmed.
                    let is_stale = judged.is_none_or(|e| e.left_out() > 0);
                    let count = judged.map(|e| e.tally().count(verdict));
                    count_cell(ui, width, source, mark, count, is_stale);
                }
            });
        }
        row(ui, 16.0, "", |ui, width| {
            for source in sources {
                let words = self.tally_words(source);
                left(ui, vec2(width, 16.0), |ui| {
                    ui.add(Label::new(theme::caption(ui, &words)).truncate()).on_hover_text(&words);
                });
            }
        });
        ui.add_space(4.0);
        let rates: [NamedRate; 3] = [
            ("Escapes", "NG in truth, accepted", Score::escapes),
            ("Overkill", "OK in truth, rejected", Score::overkill),
            ("Review", "left to a person", Score::review_load),
        ];
        for (name, hover, rate_of) in rates {
            row(ui, 32.0, name, |ui, width| {
                for source in sources {
                    let rate = self.analysis.evaluation(source).map(|e| rate_of(&e.score()));
                    rate_cell(ui, width, rate, &format!("{}: {name}", source.label()), hover);
                }
            });
        }
    }

    /// Of how many, or why of none.
    fn tally_words(&self, source: Source) -> String {
        let Some(evaluation) = self.analysis.evaluation(source) else {
            return match (source, self.long_work.is_some()) {
                (Source::Predictions, true) => "the model is running…",
                (Source::Predictions, false) if self.has_model() => "not run yet (F8)",
                (Source::Predictions, false) => "no model",
                (Source::Labels, _) => "no part is measured yet",
            }
            .to_owned();
        };
        let total = evaluation.tally().total();
        match evaluation.left_out() {
            0 => format!("of {total} parts"),
            n => format!("of {total} parts, {n} to come"),
        }
    }
}

/// A name, and two columns of the width that is passed on.
fn row(ui: &mut Ui, height: f32, name: &str, add: impl FnOnce(&mut Ui, f32)) {
    ui.horizontal(|ui| {
        ui.spacing_mut().item_spacing.x = 4.0;
        let caption = theme::caption(ui, name).size(theme::BODY_SIZE);
        left(ui, vec2(NAME, height), |ui| drop(ui.label(caption)));
        let width = (ui.available_width() - 4.0) / 2.0;
        add(ui, width);
    });
}

/// Name, explanation, and the rate itself.
type NamedRate = (&'static str, &'static str, fn(&Score) -> Rate);

/// A cell of fixed size, filled from the left.
pub(super) fn left(ui: &mut Ui, size: egui::Vec2, add: impl FnOnce(&mut Ui)) {
    ui.allocate_ui_with_layout(size, Layout::left_to_right(Align::Center), |ui| {
        ui.set_min_size(size);
        ui.set_max_size(size);
        add(ui);
    });
}

/// The sign and a large count.
fn count_cell(ui: &mut Ui, width: f32, source: Source, mark: Mark, count: Option<usize>, is_stale: bool) {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 28.0), Sense::hover());
    let Some(count) = count else { return };
    let ink = mark.text_colour(theme).gamma_multiply(if is_stale { 0.45 } else { 1.0 });
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, format!("{}: {count} {}", source.label(), mark.name())));
    paint_mark(ui.painter(), rect.left_center() + vec2(8.0, 0.0), 15.0, mark, ink);
    let font = FontId::new(theme::TALLY_SIZE, theme::semibold_family());
    ui.painter().text(rect.left_center() + vec2(22.0, 0.0), Align2::LEFT_CENTER, count.to_string(), font, ink);
}

/// "1 of 20 · 5 %" over "95 %: 1–24 %".
fn rate_cell(ui: &mut Ui, width: f32, rate: Option<Rate>, name: &str, hover: &str) {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(width, 30.0), Sense::hover());
    let Some(rate) = rate else {
        ui.painter().text(rect.left_top(), Align2::LEFT_TOP, "–", FontId::proportional(theme::BODY_SIZE), theme.faint);
        return;
    };
    let Interval { low, high } = rate.interval();
    let share = rate.share().map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", s * 100.0));
    let value = format!("{} of {}   {share}", rate.count, rate.of);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, format!("{name} {value}")));
    let body = FontId::proportional(theme::BODY_SIZE);
    ui.painter().text(rect.left_top(), Align2::LEFT_TOP, &value, body, theme.text);
    if rate.of > 0 {
        let words = format!("95 %: {:.0}–{:.0} %", low * 100.0, high * 100.0);
        let caption = FontId::proportional(theme::CAPTION_SIZE);
        ui.painter().text(rect.left_bottom(), Align2::LEFT_BOTTOM, words, caption, theme.faint);
    }
    response.on_hover_text(format!("{hover}; below: 95 % interval of the true rate by Wilson's formula"));
}
