//! Compare: what the model says against the labels.
//!
//! `run` keeps the figures of the set up to date and does what the commands say, `list` is the left panel, the `*_panel` files are
//! the tabs of the right one, `adopt` takes predictions over as labels.

mod adopt;
mod class_panel;
mod duel_panel;
mod list;
mod matrix_panel;
mod models;
mod part_panel;
mod run;
mod size_panel;
mod trust_panel;

pub mod views;

use delimit::measure::Feature;
use delimit::session::Command;
use egui::{Align, CentralPanel, Color32, Layout, Panel, RichText, ScrollArea, Sense, Ui, vec2};

use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::canvas::draw;
use crate::studio::icons;
use crate::studio::keys;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, section, tabs, value_row, verdict_badge};

use crate::studio::filmstrip::mark_of;
use crate::studio::workspaces::label::reasons_ui;

/// Regions listed at most.
const MOST_REGIONS: usize = 12;

const LIST: f32 = 288.0;
const SIDE: f32 = 320.0;

/// What the right panel tells.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SideTab {
    Image,
    #[default]
    Classes,
    Matrix,
    Sizes,
    Trust,
    Parts,
    Duel,
}

/// What the workspace knows and shows.
#[derive(Default)]
pub struct CompareState {
    pub set: run::ComparedSet,
    pub list: list::CaseList,
    pub tab: SideTab,
    /// Of which class sizes and trust are told; all when None.
    pub class: Option<u8>,
    pub counted: matrix_panel::Counted,
    pub models: models::ModelDesk,
    pub duel: duel_panel::Duel,
    pub adopting: Option<adopt::AdoptDesk>,
    pub adopted: adopt::Adopted,
    /// The image that "next disagreement" has led to.
    pub at_disagreement: Option<usize>,
}

impl Studio {
    pub fn compare_ui(&mut self, ui: &mut Ui) {
        let frame = Theme::of(ui).panel_frame();
        Panel::left("cases").exact_size(LIST).resizable(false).frame(frame).show(ui, |ui| self.case_list_ui(ui));
        Panel::right("compare side").exact_size(SIDE).resizable(false).frame(frame).show(ui, |ui| self.compare_side_ui(ui));
        CentralPanel::no_frame().show(ui, |ui| {
            self.view_bar_ui(ui);
            self.stage_ui(ui, missed_and_extra_marks);
        });
    }

    fn compare_side_ui(&mut self, ui: &mut Ui) {
        if !self.has_model() {
            let hint = "Add an ONNX file; its card is filled with you";
            let state =
                EmptyState { icon: icons::COMPARE, title: "No model on this part number", hint, action: Some("Add a model…") };
            if state.show(ui) {
                self.push(Command::ShowModels);
            }
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
        self.model_ui(ui);
        let all = [
            (SideTab::Image, "Image", None),
            (SideTab::Classes, "Classes", None),
            (SideTab::Matrix, "Matrix", None),
            (SideTab::Sizes, "Sizes", None),
            (SideTab::Trust, "Trust", None),
            (SideTab::Parts, "Parts", None),
            (SideTab::Duel, "A/B", None),
        ];
        tabs(ui, &mut self.compare.tab, &all);
        if let Some((done, of)) = self.compare.set.progress().filter(|_| self.compare.set.is_busy()) {
            ui.label(theme::caption(ui, if of > 0 { format!("comparing {done} of {of}") } else { "comparing".to_owned() }));
        }
        ScrollArea::vertical().auto_shrink(false).id_salt(self.compare.tab as u8).show(ui, |ui| {
            if self.compare.tab == SideTab::Image {
                self.image_figures_ui(ui);
                return;
            }
            let Some(figures) = self.compare.set.figures().cloned() else {
                ui.label(theme::caption(ui, "Figures come with the comparison."));
                return;
            };
            // A figure that is being made anew is dimmed.
            ui.scope(|ui| {
                if self.is_comparison_stale() && self.compare.set.is_busy() {
                    ui.set_opacity(0.6);
                }
                match self.compare.tab {
                    SideTab::Image => {}
                    SideTab::Classes => self.class_figures_ui(ui, &figures),
                    SideTab::Matrix => self.matrix_panel_ui(ui, &figures),
                    SideTab::Sizes => self.sizes_ui(ui, &figures),
                    SideTab::Trust => self.trust_ui(ui, &figures),
                    SideTab::Parts => self.parts_panel_ui(ui, &figures),
                    SideTab::Duel => self.duel_ui(ui, &figures),
                }
            });
        });
    }

    /// What ran on how many images, and what can be done with it.
    fn model_ui(&mut self, ui: &mut Ui) {
        let number = &self.session.project().part_numbers[self.view.part_number];
        let names: Vec<&str> = number.running_models().map(|m| m.file.rsplit('/').next().unwrap_or(&m.file)).collect();
        let name = names.join(" + ");
        let images = self.images_of_part_number();
        let predicted = self.analysis.predictions.iter().flatten().count();
        ui.horizontal(|ui| {
            section(ui, &name, None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let state = self.command_state();
                for (command, icon, words) in [
                    (Command::ShowModels, icons::TUNE, "Models of this part number"),
                    (Command::AdoptPredictions, icons::COPY, "Adopt predictions as labels"),
                    (Command::RunPrediction, icons::REFRESH, "Run the model on all images"),
                ] {
                    ui.add_enabled_ui(command.is_enabled(&state), |ui| {
                        if icons::icon_button_sized(ui, icon, words, &keys::text(command), false, vec2(24.0, 24.0)).clicked() {
                            self.push(command);
                        }
                    });
                }
            });
        });
        let engine = self.analysis.engine.as_deref().unwrap_or("engine not known");
        let words = format!("{predicted} of {images} images · {engine}");
        let note = self.analysis.engine_note.as_deref().unwrap_or(engine);
        ui.add(egui::Label::new(theme::caption(ui, words)).truncate()).on_hover_text(note);
        ui.add_space(4.0);
    }

    fn images_of_part_number(&self) -> usize {
        let (project, pn) = (self.session.project(), self.view.part_number);
        (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(pn)).count()
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
        self.predicted_regions_ui(ui, image);
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

impl Studio {
    /// What the models say about an image, region by region, and which of them says it.
    fn predicted_regions_ui(&self, ui: &mut Ui, image: usize) {
        let Some(facts) = &self.analysis.predictions[image] else { return };
        if facts.regions.is_empty() {
            return;
        }
        ui.add_space(4.0);
        section(ui, "Predicted regions", Some(facts.regions.len()));
        for (region, origin) in facts.regions.iter().zip(&facts.origins).take(MOST_REGIONS) {
            let probability = region.feature(Feature::MeanProbability);
            ui.horizontal(|ui| {
                let (chip, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                ui.painter().rect_filled(chip, 2, self.class_colour(region.class));
                let name = self.session.project().class_name(region.class);
                let from = origin.as_ref().map_or_else(String::new, |model| format!(" · from {model}"));
                let sure = if probability.is_nan() { String::new() } else { format!("{:.0}", probability * 100.0) };
                value_row(ui, &format!("{name}{from}"), &sure, if sure.is_empty() { "" } else { "%" });
            });
        }
        if facts.regions.len() > MOST_REGIONS {
            ui.label(theme::caption(ui, format!("and {} more", facts.regions.len() - MOST_REGIONS)));
        }
    }
}

/// Marks around regions that the model missed or invented.
fn missed_and_extra_marks(studio: &Studio, frame: &CanvasFrame) {
    let image = studio.view.image;
    let theme = Theme::of_context(frame.painter.ctx());
    if let Some(bounds) = studio.compare.list.here().filter(|row| row.image() == image).and_then(list::Row::bounds) {
        draw::draw_rect_marker(&frame.painter, &frame.view, bounds.grown(3, u32::MAX, u32::MAX), theme.accent_text, None);
    }
    // Missed and extra mean label and model, and would hide what the other views show.
    if !studio.shows_plain_difference() {
        return;
    }
    let Some(prediction) = studio.analysis.predictions.get(image).and_then(Option::as_ref) else { return };
    let (Some((_, comparison)), Some(label)) = (&prediction.comparison, &studio.analysis.labels[image]) else { return };
    let matching = &comparison.regions;
    let mark = |bounds, colour: Color32, tag: &str| draw::draw_rect_marker(&frame.painter, &frame.view, bounds, colour, Some(tag));
    for (region, _) in label.regions.iter().zip(&matching.found).filter(|(_, found)| !**found) {
        mark(region.bounds, theme.missed, &format!("missed {}", studio.session.project().class_name(region.class)));
    }
    for (region, _) in prediction.regions.iter().zip(&matching.is_labelled).filter(|(_, known)| !**known) {
        mark(region.bounds, theme.extra, &format!("extra {}", studio.session.project().class_name(region.class)));
    }
}
