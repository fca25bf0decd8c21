//! Why a part got its verdict: every rule that speaks against it, every region it has, and how far each is from another verdict.

use delimit::judge::{Verdict, judge_region, next_better, next_worse};
use egui::{Align, Label, Layout, RichText, Sense, Ui, WidgetInfo, vec2};

use super::Selected;
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{counted_mark, row_content, row_ground, section, verdict_badge};

impl Studio {
    pub(super) fn part_ui(&mut self, ui: &mut Ui) {
        let image = self.tune.selected.map_or(self.view.image, |s| s.image);
        if let Some(selected) = self.tune.selected {
            self.selected_picture_ui(ui, selected);
        }
        let source = self.source_here();
        let (Some(part), Some(evaluation)) = (self.part_of_image(image), self.analysis.evaluation(source)) else {
            ui.label(theme::caption(ui, "Choose a part: a picture, a point, a flip, or an image in the strip below."));
            return;
        };
        let project = self.session.project();
        section(ui, &project.parts()[part].serial, None);
        let Some(explained) = evaluation.explain(part) else {
            ui.label(theme::caption(ui, "Not measured yet."));
            return;
        };
        ui.horizontal(|ui| {
            verdict_badge(ui, mark_of(explained.verdict), None);
            let truth = evaluation.parts().binary_search(&part).ok().map(|at| evaluation.truth()[at]);
            if let Some(truth) = truth {
                ui.label(theme::caption(ui, format!("{} in truth", truth.label())));
            }
        });
        let serial = project.parts()[part].serial.clone();
        let agreed = self.golden_of(&serial);
        let mut golden = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            ui.label(theme::caption(ui, "golden part, agreed:"));
            let hint = "Every release is held against the verdicts agreed on";
            for verdict in [Verdict::Ok, Verdict::Review, Verdict::Ng] {
                if ui.selectable_label(agreed == Some(verdict), verdict.word()).on_hover_text(hint).clicked() {
                    golden = Some(Some(verdict).filter(|v| agreed != Some(*v)));
                }
            }
            if agreed.is_some() && ui.selectable_label(false, "none").clicked() {
                golden = Some(None);
            }
        });
        ui.add_space(4.0);
        if explained.reasons.is_empty() {
            ui.label("OK: no rule speaks against it.");
        }
        for reason in explained.reasons.iter().take(12) {
            ui.add(Label::new(reason.sentence()).wrap()).on_hover_text(&reason.rule);
            ui.add(Label::new(theme::caption(ui, &reason.rule)).wrap());
            ui.add_space(2.0);
        }
        if explained.reasons.len() > 12 {
            ui.label(theme::caption(ui, format!("and {} more", explained.reasons.len() - 12)));
        }
        // What was left out or judged as something else never disappears silently.
        for aside in evaluation.aside_of_part(part).iter().take(12) {
            ui.add(Label::new(theme::caption(ui, aside.sentence(evaluation.board().rules()))).wrap());
        }
        ui.add_space(4.0);
        let images = project.parts()[part].images.clone();
        let rules = evaluation.board().rules().clone();
        let calibration = project.part_numbers[self.view.part_number].calibration;
        let regions = |image: usize| self.analysis.regions(source, image).unwrap_or_default();
        let count: usize = images.iter().map(|&i| regions(i).len()).sum();
        section(ui, "All its regions", Some(count));
        let mut chosen = None;
        for &image in &images {
            for (index, region) in regions(image).iter().enumerate().take(60) {
                let place = Selected { image, region: index };
                let verdict = judge_region(region, &rules);
                let worse = next_worse(region, &rules).map(|m| m.words(calibration));
                let better = next_better(region, &rules).map(|m| m.words(calibration));
                let margin = better.or(worse).unwrap_or_else(|| "nothing flips it".to_owned());
                let name = format!("{} #{}", project.class_name(region.class), index + 1);
                let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
                let is_here = self.tune.selected == Some(place);
                response.widget_info(|| {
                    WidgetInfo::selected(egui::Role::Button, true, is_here, format!("{name}, {}: {margin}", verdict.word()))
                });
                row_ground(ui, rect, &response, is_here);
                let mut row = row_content(ui, rect);
                let (chip, _) = row.allocate_exact_size(vec2(8.0, 8.0), Sense::hover());
                row.painter().rect_filled(chip, 2, self.class_colour(region.class));
                row.label(&name);
                counted_mark(&mut row, mark_of(verdict), None);
                row.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    ui.add(Label::new(RichText::new(&margin).size(theme::CAPTION_SIZE).color(Theme::of(ui).faint)).truncate());
                });
                if response.on_hover_text(margin).clicked() {
                    chosen = Some(place);
                }
            }
        }
        if let Some(expected) = golden {
            self.set_golden(&serial, expected);
        }
        if let Some(place) = chosen {
            self.open_region(place);
        }
    }
}
