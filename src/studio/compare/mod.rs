//! Compare: what the model says against the labels.

pub mod views;

use delimit::session::Command;
use delimit::workflow::ClassComparison;
use egui::{Align, CentralPanel, Color32, Grid, Layout, Panel, RichText, ScrollArea, Sense, Ui, vec2};

use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::canvas::draw;
use crate::studio::icons;
use crate::studio::state::{FilmOrder, Source};
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, section, value_row, verdict_badge};

use crate::studio::filmstrip::mark_of;
use crate::studio::workspaces::label::reasons_ui;

const SIDE: f32 = 304.0;

impl Studio {
    pub fn compare_ui(&mut self, ui: &mut Ui) {
        let frame = Theme::of(ui).panel_frame();
        Panel::right("compare side").exact_size(SIDE).resizable(false).frame(frame).show(ui, |ui| self.compare_side_ui(ui));
        CentralPanel::no_frame().show(ui, |ui| {
            self.view_bar_ui(ui);
            self.stage_ui(ui, missed_and_extra_marks);
        });
    }

    fn compare_side_ui(&mut self, ui: &mut Ui) {
        if !self.has_model() {
            let hint = "Put an ONNX file and its card into models/ and name it in project.ron";
            EmptyState { icon: icons::COMPARE, title: "No model on this part number", hint, action: None }.show(ui);
            return;
        }
        if !self.analysis.has_predictions() {
            let state = if self.long_work.is_some() {
                EmptyState { icon: icons::COMPARE, title: "Predicting…", hint: "Results come in image by image", action: None }
            } else {
                let action = Some("Run the model on all images");
                EmptyState {
                    icon: icons::COMPARE,
                    title: "The model was not run yet",
                    hint: "It runs in the background and can be stopped",
                    action,
                }
            };
            if state.show(ui) {
                self.push(Command::RunPrediction);
            }
            return;
        }
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            self.model_ui(ui);
            ui.separator();
            self.class_figures_ui(ui);
            ui.separator();
            self.image_figures_ui(ui);
        });
    }

    fn model_ui(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            section(ui, "Model", None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = icons::labelled_button(icons::PLAY, "Run again");
                if ui.add_enabled(self.long_work.is_none(), button).clicked() {
                    self.push(Command::RunPrediction);
                }
            });
        });
        let number = &self.session.project().part_numbers[self.view.part_number];
        let model = number.model.as_deref().unwrap_or("–");
        value_row(ui, "File", model.rsplit('/').next().unwrap_or(model), "");
        if let Some(engine) = &self.analysis.engine {
            let short = engine.split(" (").next().unwrap_or(engine).to_owned();
            value_row(ui, "Engine", &short, "").on_hover_text(engine);
        }
        let predicted = self.analysis.predictions.iter().flatten().count();
        value_row(ui, "Images", &format!("{predicted} of {}", self.session.project().images().len()), "");
        let mut by_disagreement = self.view.film_order == FilmOrder::Disagreement;
        if ui.checkbox(&mut by_disagreement, "Images by disagreement").changed() {
            self.view.film_order = if by_disagreement { FilmOrder::Disagreement } else { FilmOrder::Project };
            self.film_shows = None;
        }
    }

    /// Per class over all images: IoU, and regions missed and extra.
    fn class_figures_ui(&self, ui: &mut Ui) {
        section(ui, "By class, all images", None);
        let theme = Theme::of(ui);
        let head = |ui: &mut Ui, text: &str| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(theme::caption(ui, text)));
        };
        Grid::new("class figures").num_columns(5).spacing([8.0, 4.0]).min_col_width(40.0).show(ui, |ui| {
            ui.label("");
            for text in ["IoU", "found", "missed", "extra"] {
                head(ui, text);
            }
            ui.end_row();
            for (class, counts) in self.analysis.pooled().classes {
                let ClassComparison { pixels, found, missed, extra } = counts;
                ui.horizontal(|ui| {
                    let (chip, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                    ui.painter().rect_filled(chip, 2, self.class_colour(class));
                    ui.label(self.session.project().class_name(class));
                });
                let iou = pixels.iou().map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
                let cells = [
                    (iou, theme.text),
                    (found.to_string(), theme.text),
                    (missed.to_string(), if missed > 0 { theme.ng_text } else { theme.faint }),
                    (extra.to_string(), if extra > 0 { theme.review_text } else { theme.faint }),
                ];
                for (text, colour) in cells {
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(RichText::new(text).color(colour)));
                }
                ui.end_row();
            }
        });
        ui.label(theme::caption(
            ui,
            "IoU of pixels pooled over images; a region is found when the model marks the class within 2 px of it",
        ));
    }

    fn image_figures_ui(&self, ui: &mut Ui) {
        let image = self.view.image;
        section(ui, &format!("Image {}", self.session.project().images()[image].id), None);
        let theme = Theme::of(ui);
        let Some((_, comparison)) = self.analysis.predictions[image].as_ref().and_then(|p| p.comparison.as_ref()) else {
            ui.label(theme::caption(ui, "Not predicted yet."));
            return;
        };
        let pixels = &comparison.pixels;
        for (name, count, colour) in [
            ("Agreed", pixels.agreed, theme.agreed.to_opaque()),
            ("Missed", pixels.missed, theme.missed),
            ("Extra", pixels.extra, theme.extra),
            ("Other class", pixels.confused, theme.review),
        ] {
            ui.horizontal(|ui| {
                let (chip, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter().rect_filled(chip, 2, colour);
                value_row(ui, name, &count.to_string(), "px");
            });
        }
        let Some(part) = self.part_of_image(image) else { return };
        for (source, name) in [(Source::Labels, "Labels say"), (Source::Predictions, "Model says")] {
            let Some(explained) = self.analysis.evaluation(source).and_then(|e| e.explain(part)) else { continue };
            ui.add_space(4.0);
            ui.horizontal(|ui| {
                ui.label(RichText::new(name).color(theme.faint));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| verdict_badge(ui, mark_of(explained.verdict), None));
            });
            reasons_ui(ui, &explained.reasons, 2);
        }
    }
}

/// Marks around regions that the model missed or invented.
fn missed_and_extra_marks(studio: &Studio, frame: &CanvasFrame) {
    if !studio.shows_plain_difference() {
        return;
    }
    let image = studio.view.image;
    let Some(prediction) = studio.analysis.predictions.get(image).and_then(Option::as_ref) else { return };
    let (Some((_, comparison)), Some(label)) = (&prediction.comparison, &studio.analysis.labels[image]) else { return };
    let matching = &comparison.regions;
    let theme = Theme::of_context(frame.painter.ctx());
    let mark = |bounds, colour: Color32, tag: &str| draw::draw_rect_marker(&frame.painter, &frame.view, bounds, colour, Some(tag));
    for (region, _) in label.regions.iter().zip(&matching.found).filter(|(_, found)| !**found) {
        mark(region.bounds, theme.missed, &format!("missed {}", studio.session.project().class_name(region.class)));
    }
    for (region, _) in prediction.regions.iter().zip(&matching.is_labelled).filter(|(_, known)| !**known) {
        mark(region.bounds, theme.extra, &format!("extra {}", studio.session.project().class_name(region.class)));
    }
}
