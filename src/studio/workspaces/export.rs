//! Export: what goes into the bundle of a part number, and where it went.

use delimit::session::Command;
use delimit::workflow::bundling::GOLDEN_PER_VERDICT;
use egui::{Button, CentralPanel, Frame, Margin, RichText, ScrollArea, Ui};

use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, section, value_row};
use crate::studio::{icons, keys};

impl Studio {
    pub fn export_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let ground = Frame::new().fill(theme.background).inner_margin(Margin::same(24));
        CentralPanel::no_frame().frame(ground).show(ui, |ui| {
            if self.session.project().part_numbers.is_empty() {
                EmptyState { icon: icons::EXPORT, title: "No part number", hint: "Add one to project.ron", action: None }.show(ui);
                return;
            }
            ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
                ui.vertical_centered(|ui| {
                    ui.set_max_width(640.0);
                    ui.vertical(|ui| self.bundle_ui(ui));
                });
            });
        });
    }

    fn bundle_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let pn = self.view.part_number;
        let number = self.session.project().part_numbers[pn].clone();
        ui.label(theme::semibold(format!("Bundle of {}", number.name)).size(20.0));
        ui.label(
            RichText::new(
                "One file that a station runs: it judges exactly as this window does, and proves it on golden parts first.",
            )
            .color(theme.faint),
        );
        ui.add_space(16.0);
        let card = Frame::new().fill(theme.panel).corner_radius(theme::CARD_RADIUS).inner_margin(Margin::same(16));
        let slot = self.session.ruleset(pn);
        let (cells, is_saved) = (slot.current().cells.len(), slot.is_saved());
        let has_predictions = self.analysis.evaluation(Source::Predictions).is_some();
        card.show(ui, |ui| {
            ui.set_width(ui.available_width());
            section(ui, "What goes out", None);
            let classes: Vec<String> = self.session.project().classes.iter().map(|c| c.name.clone()).collect();
            let zones: Vec<String> = number.zones.iter().map(|z| format!("{} ({})", z.name, z.kind.label())).collect();
            value_row(ui, "Classes", &classes.join(", "), "");
            value_row(
                ui,
                "Zones",
                if zones.is_empty() { "none: the whole part is one".to_owned() } else { zones.join(", ") }.as_str(),
                "",
            );
            match number.calibration {
                Some(c) => value_row(ui, "Calibration", &format!("{} × {}", c.x_mm_per_px, c.y_mm_per_px), "mm/px"),
                None => value_row(ui, "Calibration", "none: limits in mm give review", ""),
            };
            let rules = format!("{cells} cells{}", if is_saved { "" } else { ", as on the screen (not saved yet)" });
            value_row(ui, "Ruleset", &rules, "");
            value_row(ui, "Model", number.models_text().as_deref().unwrap_or("none"), "");
            let golden = if has_predictions {
                format!("up to {GOLDEN_PER_VERDICT} of each verdict")
            } else {
                "none: run the model first".into()
            };
            value_row(ui, "Golden parts", &golden, "");
        });
        ui.add_space(16.0);
        let (can_export, why) = match (number.models_text(), has_predictions, cells) {
            (None, _, _) => (false, "A bundle needs a model."),
            (_, _, 0) => (false, "A bundle needs limits: set them in Tune."),
            (_, false, _) => (false, "Run the model first, so that golden parts can be chosen."),
            _ => (self.bundling.is_none(), ""),
        };
        ui.horizontal(|ui| {
            let button = Button::new(RichText::new("Export bundle…").color(theme.on_accent)).fill(theme.accent);
            if ui.add_enabled(can_export, button).on_hover_text(keys::text(Command::ExportBundle)).clicked() {
                self.push(Command::ExportBundle);
            }
            if self.has_model()
                && !has_predictions
                && ui.add_enabled(self.long_work.is_none(), Button::new("Run the model")).clicked()
            {
                self.push(Command::RunPrediction);
            }
            ui.label(RichText::new(why).color(theme.faint));
        });
        if let Some(written) = &self.written {
            ui.add_space(16.0);
            card.show(ui, |ui| {
                ui.set_width(ui.available_width());
                section(ui, "Written", None);
                value_row(ui, "File", &written.path.display().to_string(), "");
                value_row(ui, "Golden parts", &written.golden.to_string(), "");
                value_row(ui, "SHA-256", &written.sha256[..16.min(written.sha256.len())], "…").on_hover_text(&written.sha256);
                ui.add_space(4.0);
                ui.label(theme::caption(ui, format!("delimit inspect {} IMAGES…", written.path.display())));
            });
        }
    }
}
