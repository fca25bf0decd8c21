//! Whether the model's probabilities can be believed.

use delimit::compare::Reliability;
use delimit::workflow::SetComparison;
use egui::{Label, Slider, Ui, vec2};

use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, ShareChart, section, value_row};

impl Studio {
    pub(super) fn trust_ui(&mut self, ui: &mut Ui, c: &SetComparison) {
        self.certainty_ui(ui, c);
        ui.separator();
        self.class_choice_ui(ui, c, "Said and true");
        if !c.has_probabilities {
            let hint = "It names the class of each pixel and nothing else";
            EmptyState { icon: icons::INFO, title: "The model gives no probabilities", hint, action: None }.show(ui);
            return;
        }
        let of_class = self.compare.class.and_then(|id| c.classes.iter().find(|f| f.class == id));
        let (pixels, regions) = match of_class {
            Some(f) => (&f.pixel_reliability, &f.region_reliability),
            None => (&c.pixel_reliability, &c.region_reliability),
        };
        for (reliability, what) in [(pixels, "Pixels predicted as a defect"), (regions, "Regions predicted as a defect")] {
            section(ui, what, None);
            match reliability {
                Some(r) => reliability_ui(ui, r, what),
                None => drop(ui.label(theme::caption(ui, "There is none."))),
            }
            ui.add_space(4.0);
        }
        if of_class.is_none()
            && let Some(fit) = c.temperature
        {
            ui.separator();
            section(ui, "Temperature", None);
            value_row(ui, "Best", &format!("{:.2}", fit.temperature), "");
            value_row(ui, "Log loss as it is", &format!("{:.4}", fit.nll_before), "");
            value_row(ui, "… with it, held out", &format!("{:.4}", fit.nll_held_out), "");
            let words = if fit.nll_held_out < fit.nll_before {
                "Above 1 the model is too sure. Dividing its scores by the temperature would help on images that it was not fitted to."
            } else {
                "One temperature would not help on images that it was not fitted to."
            };
            ui.add(Label::new(theme::caption(ui, words)).wrap());
        }
    }
}

impl Studio {
    /// From which probability on a class counts: part of the ruleset, so every figure and every station follows.
    fn certainty_ui(&mut self, ui: &mut Ui, c: &SetComparison) {
        if !c.has_probabilities {
            return;
        }
        section(ui, "A class counts from", None);
        let pn = self.view.part_number;
        let project = self.session.project();
        let classes: Vec<(u8, String)> = project.class_names();
        let may_write = !self.session.is_read_only();
        for (id, name) in classes {
            let mut percent = self.session.ruleset(pn).current().certainty_of(&name) * 100.0;
            let mut moved = None;
            ui.horizontal(|ui| {
                ui.allocate_ui(vec2(88.0, 20.0), |ui| self.class_cell(ui, id));
                ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                    ui.spacing_mut().slider_width = 128.0;
                    let slider = Slider::new(&mut percent, 0.0..=99.0).suffix(" %").fixed_decimals(0);
                    let response = ui.add_enabled(may_write, slider).accessible_name(format!("Least probability of {name}"));
                    if response.changed() || response.drag_stopped() {
                        moved = Some(response.drag_stopped() || !response.dragged());
                    }
                });
            });
            if let Some(is_final) = moved {
                self.try_session(|s| s.edit_ruleset(pn, |rules| rules.set_certainty(&name, percent / 100.0)));
                if is_final {
                    self.try_session(|s| s.settle_ruleset(pn).map(drop));
                }
                self.touch(ui.ctx());
            }
        }
        let words = "Pixels of which the model is less sure count as no defect. This is part of the ruleset: Tune takes it back.";
        ui.add(Label::new(theme::caption(ui, words)).wrap());
    }
}

fn reliability_ui(ui: &mut Ui, r: &Reliability, what: &str) {
    let theme = Theme::of(ui);
    let chart = ShareChart::new(ui, 120.0, &format!("{what}: share that is true by the probability said"));
    for bin in r.bins.iter().filter(|b| b.weight > 0.0) {
        let is_too_sure = bin.said > bin.true_share;
        let colour = if is_too_sure { theme.review } else { theme.accent };
        chart.bar(bin.low, bin.high, bin.true_share, colour.gamma_multiply(0.6));
        chart.line([(bin.low, bin.said), (bin.high, bin.said)].into_iter(), theme.faint);
    }
    chart.dashed([(0.0, 0.0), (1.0, 1.0)].into_iter(), theme.faint);
    for share in [0.0, 0.5, 1.0] {
        chart.tick(share, &format!("{:.0} %", share * 100.0));
    }
    ui.label(theme::caption(ui, "probability said → share that is true; amber: too sure"));
    value_row(ui, "Mean gap (ECE)", &format!("{:.1}", r.ece * 100.0), "%")
        .on_hover_text("Expected calibration error: mean gap between said and true (Naeini et al., 2015)");
    value_row(ui, "Largest gap", &format!("{:.1}", r.mce * 100.0), "%");
    value_row(ui, "Brier", &format!("{:.4}", r.brier), "");
}
