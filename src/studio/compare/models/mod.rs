//! The models of the part number, in the left panel of Compare: which run, which are only compared against, what each looks at.

mod card_panel;
mod engine_panel;
mod wizard;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use delimit::jobs::{Job, JobNews};
use delimit::predict::ModelCard;
use delimit::predict::resolution::Resolution;
use delimit::project::{ModelRole, ModelUse};
use delimit::workflow::resolution::resolution_warnings;
use egui::{Context, Label, RichText, ScrollArea, Ui, vec2};

pub use wizard::Wizard;

use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, section};

/// What the scale of a model is told by.
const SMALL_MM: f64 = 0.1;

/// What is shown instead of the lists while models are arranged.
#[derive(Default)]
pub struct ModelDesk {
    pub is_open: bool,
    pub wizard: Option<Wizard>,
    pub(super) engines: engine_panel::EngineOffer,
    /// A model that is being brought into the project.
    copying: Option<Job<String>>,
    /// What is said of each model, by its file; read when the panel is opened.
    cards: BTreeMap<String, Result<Summary, String>>,
}

impl ModelDesk {
    pub fn is_busy(&self) -> bool {
        self.copying.is_some() || self.engines.is_busy() || self.wizard.as_ref().is_some_and(Wizard::is_busy)
    }

    /// Cards are read again: one was written, or the project is another one.
    pub fn forget_cards(&mut self) {
        self.cards.clear();
    }
}

/// A model in a few words.
struct Summary {
    /// Kind and classes.
    what: String,
    /// How large things are for it.
    scale: Option<String>,
    /// Limits that ask for less than it can see.
    warnings: Vec<String>,
}

/// What is done to the list.
enum Deed {
    Role(usize, ModelRole),
    Zone(usize, String, bool),
    Remove(usize),
    Card(usize),
}

impl Studio {
    pub fn switch_models(&mut self) {
        self.compare.models.is_open = !self.compare.models.is_open;
        self.compare.adopting = None;
        self.compare.models.forget_cards();
        if !self.compare.models.is_open {
            self.leave_wizard();
        }
    }

    pub(super) fn models_ui(&mut self, ui: &mut Ui) {
        if self.compare.models.wizard.is_some() {
            self.wizard_ui(ui);
            return;
        }
        let pn = self.view.part_number;
        let Some(number) = self.session.project().part_numbers.get(pn) else { return };
        let (models, zones) = (number.models.clone(), number.zones.iter().map(|z| z.name.clone()).collect::<Vec<_>>());
        let mut leaves = false;
        ui.horizontal(|ui| {
            section(ui, "Models", Some(models.len()));
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                leaves = icons::icon_button_sized(ui, icons::CLOSE, "Close the models", "", false, vec2(24.0, 24.0)).clicked();
            });
        });
        let words = "All models that run are asked about every image. What an anomaly model sees and no class explains becomes an unknown \
                     region and is reviewed.";
        ui.add(Label::new(theme::caption(ui, words)).wrap());
        ui.add_space(4.0);
        let may_write = !self.session.is_read_only();
        let is_copying = self.compare.models.copying.is_some();
        let add = ui.add_enabled(may_write && !is_copying, icons::labelled_button(icons::ADD, "Add a model…"));
        if add.on_hover_text("An ONNX file; it is copied into the project").clicked() {
            self.ask_for_model();
        }
        ui.add_space(4.0);
        if models.is_empty() {
            let hint = "Add an ONNX file; its card is filled with you";
            EmptyState { icon: icons::MODEL_REGION, title: "No model yet", hint, action: None }.show(ui);
        }
        let mut deed = None;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for (at, model) in models.iter().enumerate() {
                self.model_row_ui(ui, at, model, &zones, may_write, &mut deed);
                ui.separator();
            }
            self.engine_ui(ui);
        });
        if let Some(deed) = deed {
            self.do_to_models(pn, deed);
            self.touch(ui.ctx());
        }
        if leaves {
            self.switch_models();
        }
    }

    fn model_row_ui(
        &mut self,
        ui: &mut Ui,
        at: usize,
        model: &ModelUse,
        zones: &[String],
        may_write: bool,
        deed: &mut Option<Deed>,
    ) {
        let theme = Theme::of(ui);
        let path = self.session.project().model_path(model);
        if !self.compare.models.cards.contains_key(&model.file) {
            let summary = self.summary_of(model);
            self.compare.models.cards.insert(model.file.clone(), summary);
        }
        let Some(card) = self.compare.models.cards.get(&model.file) else { return };
        ui.horizontal(|ui| {
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                ui.add_enabled_ui(may_write, |ui| {
                    let hint = "Takes it out of the part number; the file stays";
                    let words = format!("Take out {}", model.name());
                    if icons::icon_button_sized(ui, icons::DELETE, &words, hint, false, vec2(24.0, 24.0)).clicked() {
                        *deed = Some(Deed::Remove(at));
                    }
                    let card = ui.button("Card…").on_hover_text("What goes in and what comes out");
                    if card.accessible_name(format!("Card of {}", model.name())).clicked() {
                        *deed = Some(Deed::Card(at));
                    }
                });
                ui.with_layout(egui::Layout::left_to_right(egui::Align::Center), |ui| {
                    ui.add(Label::new(theme::semibold(model.name())).truncate());
                });
            });
        });
        match card {
            Ok(summary) => {
                ui.add(Label::new(theme::caption(ui, &summary.what)).wrap());
                if let Some(scale) = &summary.scale {
                    ui.add(Label::new(theme::caption(ui, scale)).wrap());
                }
                for warning in &summary.warnings {
                    ui.add(Label::new(RichText::new(warning).color(theme.review_text)).wrap());
                }
            }
            Err(why) => {
                let words =
                    if path.exists() { "No card that can be read yet: fill it to run the model" } else { "The file is not there" };
                ui.add(Label::new(RichText::new(words).color(theme.review_text)).wrap()).on_hover_text(why.as_str());
            }
        }
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.add_enabled_ui(may_write, |ui| {
                for (role, words, hint) in [
                    (ModelRole::Runs, "Runs", "Runs with every prediction and goes into bundles"),
                    (ModelRole::Candidate, "Candidate", "Only compared against the models that run"),
                ] {
                    let chosen = ui.selectable_label(model.role == role, words).on_hover_text(hint);
                    if chosen.clicked() && model.role != role {
                        *deed = Some(Deed::Role(at, role));
                    }
                }
                let words = if model.roi.is_empty() { "Whole image".to_owned() } else { model.roi.join(", ") };
                ui.menu_button(words, |ui| {
                    ui.label(theme::caption(ui, "Looks only at these zones"));
                    for zone in zones {
                        let mut is_on = model.roi.contains(zone);
                        if ui.checkbox(&mut is_on, zone).changed() {
                            *deed = Some(Deed::Zone(at, zone.clone(), is_on));
                        }
                    }
                    if zones.is_empty() {
                        ui.label("The part number has no zones");
                    }
                });
            });
        });
    }

    /// Kind, classes and what it can see of the images of this part number.
    fn summary_of(&self, model: &ModelUse) -> Result<Summary, String> {
        let (project, pn) = (self.session.project(), self.view.part_number);
        let card = ModelCard::load(&ModelCard::path_beside(&project.model_path(model))).map_err(|e| e.to_string())?;
        let classes = card.output.classes.join(", ");
        let what = if classes.is_empty() { card.kind.word().to_owned() } else { format!("{}: {classes}", card.kind.word()) };
        let size = project.image_size(self.view.image).ok();
        let resolution = size.map(|size| Resolution::of(&card, size, project.part_numbers[pn].calibration));
        let scale = resolution.and_then(|r| r.sentence(SMALL_MM, "defect"));
        let rules = self.session.ruleset(pn).current();
        let warnings = resolution_warnings(project, pn, rules, std::slice::from_ref(model)).unwrap_or_default();
        Ok(Summary { what, scale, warnings: warnings.iter().map(ToString::to_string).collect() })
    }

    fn do_to_models(&mut self, pn: usize, deed: Deed) {
        match deed {
            Deed::Role(at, role) => self.try_session(|s| s.change_models(pn, |models| models[at].role = role)),
            Deed::Zone(at, zone, is_on) => self.try_session(|s| {
                s.change_models(pn, |models| {
                    models[at].roi.retain(|z| *z != zone);
                    if is_on {
                        models[at].roi.push(zone);
                    }
                })
            }),
            Deed::Remove(at) => self.try_session(|s| s.change_models(pn, |models| drop(models.remove(at)))),
            Deed::Card(at) => {
                let model = self.session.project().part_numbers[pn].models[at].clone();
                self.open_wizard(&model.file);
                return;
            }
        }
        self.models_changed();
    }

    /// Other models run now: what was predicted no longer holds, and what is in the cache is taken from it.
    pub(super) fn models_changed(&mut self) {
        self.compare.set.forget_all();
        self.compare.duel = super::duel_panel::Duel::default();
        self.compare_views.candidates.clear();
        self.forget_predictions();
    }

    fn ask_for_model(&mut self) {
        let picked = rfd::FileDialog::new().set_title("Add a model").add_filter("ONNX model", &["onnx"]).pick_file();
        if let Some(path) = picked {
            self.add_model(&path);
        }
    }

    /// Copies a model file into the project and fills its card (a dialog, or a file dropped on the window).
    pub fn add_model(&mut self, file: &Path) {
        let place = self.session.place_for_model(file);
        let (from, to): (PathBuf, PathBuf) = (file.to_owned(), self.session.project().root().join(&place));
        self.compare.models.is_open = true;
        self.compare.models.copying = Some(Job::start("Copying the model", self.waker(), move |cx| {
            let failed = |path: &Path, e: std::io::Error| format!("{}: {e}", path.display());
            if from.canonicalize().ok() != to.canonicalize().ok() {
                if let Some(folder) = to.parent() {
                    std::fs::create_dir_all(folder).map_err(|e| failed(folder, e))?;
                }
                std::fs::copy(&from, &to).map_err(|e| failed(&from, e))?;
                let (card, beside) = (ModelCard::path_beside(&from), ModelCard::path_beside(&to));
                if card.exists() && !beside.exists() {
                    std::fs::copy(&card, &beside).map_err(|e| failed(&card, e))?;
                }
            }
            cx.send(place);
            Ok(())
        }));
    }

    /// Takes in a model that was copied, and what the wizard tries. Once per frame.
    pub(super) fn tick_models(&mut self, ctx: &Context) {
        self.tick_wizard();
        let Some(job) = &mut self.compare.models.copying else { return };
        let place = match job.poll() {
            JobNews::Result(place) => place,
            JobNews::Working => return,
            JobNews::Finished => {
                self.compare.models.copying = None;
                return;
            }
            JobNews::Failed(message) => {
                self.toasts.error(&message);
                self.compare.models.copying = None;
                return;
            }
        };
        let pn = self.view.part_number;
        let has_card = ModelCard::load(&ModelCard::path_beside(&self.session.project().root().join(&place))).is_ok();
        let is_known = self.session.project().part_numbers.get(pn).is_some_and(|p| p.models.iter().any(|m| m.file == place));
        if !is_known {
            // What has no card cannot run yet, and must not stop the others.
            let runs = has_card && self.session.project().part_numbers.get(pn).is_some_and(|p| p.running_models().count() == 0);
            let role = if runs { ModelRole::Runs } else { ModelRole::Candidate };
            self.try_session(|s| s.change_models(pn, |models| models.push(ModelUse { role, ..ModelUse::new(&place) })));
        }
        self.compare.models.forget_cards();
        self.models_changed();
        self.touch(ctx);
        if !has_card {
            self.open_wizard(&place);
        }
    }
}
