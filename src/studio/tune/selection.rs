//! The region that somebody pointed at: what it is, and what can be decided about it.

use egui::{Align, Frame, Label, Layout, Margin, RichText, Ui};

use delimit::session::Command;
use delimit::session::command::Workspace;

use super::{Selected, SideTab};
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::verdict_badge;

impl Studio {
    pub(super) fn selection_ui(&mut self, ui: &mut Ui) {
        let frame = Frame::new().fill(Theme::of(ui).raised).corner_radius(theme::RADIUS).inner_margin(Margin::symmetric(8, 2));
        let (mut opens, mut verdict_wanted) = (None, None);
        frame.show(ui, |ui| {
            ui.set_width(ui.available_width());
            ui.set_min_height(26.0);
            ui.horizontal(|ui| {
                let Some((selected, words, verdict)) = self.selected_words() else {
                    ui.label(theme::caption(ui, "Click a region: what decides it, and whether it should be acceptable"));
                    return;
                };
                verdict_badge(ui, mark_of(verdict), None);
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.small_button("Open").on_hover_text("Show the image at this region").clicked() {
                        opens = Some(selected);
                    }
                    if ui
                        .small_button("Not acceptable")
                        .on_hover_text("Which limit would reject it, and what else that does")
                        .clicked()
                    {
                        verdict_wanted = Some(false);
                    }
                    if ui
                        .small_button("Acceptable")
                        .on_hover_text("Which limits would accept it, and what else that does")
                        .clicked()
                    {
                        verdict_wanted = Some(true);
                    }
                    if ui.small_button("Explain").on_hover_text("Why its part got its verdict").clicked() {
                        self.tune.tab = SideTab::Part;
                    }
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(Label::new(RichText::new(words)).truncate());
                    });
                });
            });
        });
        if let Some(is_acceptable) = verdict_wanted {
            self.decide_region(is_acceptable);
        }
        self.region_proposal_ui(ui);
        if let Some(selected) = opens {
            self.open_region(selected);
        }
    }

    /// The selected region in words, with its verdict; None when nothing is selected or it is no more.
    fn selected_words(&self) -> Option<(Selected, String, delimit::judge::Verdict)> {
        let selected = self.tune.selected?;
        let evaluation = self.analysis.evaluation(self.source_here())?;
        let region = self.analysis.regions(self.source_here(), selected.image)?.get(selected.region)?;
        let verdict = delimit::judge::judge_region(region, evaluation.board().rules());
        let part = self.part_of_image(selected.image)?;
        let feature = self.view.feature;
        let value = region.feature(feature);
        let figure = if value.is_nan() {
            "not measured".to_owned()
        } else {
            format!("{} {}", super::histogram::short(f64::from(value)), feature.unit())
        };
        let class = self.session.project().class_name(region.class);
        let serial = &self.session.project().parts()[part].serial;
        Some((
            selected,
            format!("{class} #{} of {serial}, {} {figure}", selected.region + 1, feature.label().to_lowercase()),
            verdict,
        ))
    }

    /// Opens the image of a region: in Label for labels, in Compare for what the model said.
    pub(super) fn open_region(&mut self, Selected { image, region }: Selected) {
        let bounds = self.region_of(image, region);
        let source = self.source_here();
        self.go_to(image);
        if let Some(bounds) = bounds {
            self.canvas.centre_on(bounds);
        }
        match source {
            Source::Labels => {
                self.view.selected_regions = vec![region];
                self.push(Command::Show(Workspace::Label));
            }
            Source::Predictions => self.push(Command::Show(Workspace::Compare)),
        }
    }
}
