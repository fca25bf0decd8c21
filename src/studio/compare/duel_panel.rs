//! The model in use against a candidate on the same labels: which defects one finds and the other does not.

use std::path::PathBuf;
use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::project::ModelRole;
use delimit::raster::LabelMap;
use delimit::workflow::compare_models::{ClassDuel, DefectRef, ModelDuel, compare_models};
use delimit::workflow::compare_set::{DefectCase, KnownImages};
use delimit::workflow::predicting::CachedPredictions;
use delimit::workflow::{CompareInput, CompareSettings, ProjectModels, SetComparison, WorkflowError, compare_set};
use egui::{Align, Grid, Label, Layout, RichText, Sense, Ui, vec2};

use super::list::Figure;
use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{EmptyState, section, value_row};

/// What comes from the work on a candidate.
enum DuelNews {
    Map(usize, LabelMap),
    Problem(String),
    Compared(Box<ModelDuel>, KnownImages),
}

/// The candidate that is held against the models in use.
#[derive(Default)]
pub struct Duel {
    /// Relative to the project.
    file: Option<String>,
    job: Option<Job<DuelNews>>,
    result: Option<ModelDuel>,
    /// The figures of the models in use that the result was made with, or is being made with: both must be about the same labels.
    against: Option<Arc<SetComparison>>,
    known: KnownImages,
}

impl Duel {
    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    pub const fn result(&self) -> Option<&ModelDuel> {
        self.result.as_ref()
    }
}

impl Studio {
    /// Files of the candidates of the part number.
    pub(super) fn candidate_files(&self) -> Vec<String> {
        let number = self.session.project().part_numbers.get(self.view.part_number);
        let models = number.map(|n| n.models.as_slice()).unwrap_or_default();
        models.iter().filter(|m| m.role == ModelRole::Candidate).map(|m| m.file.clone()).collect()
    }

    pub(super) fn duel_ui(&mut self, ui: &mut Ui, figures: &Arc<SetComparison>) {
        let files = self.candidate_files();
        let Some(first) = files.first().cloned() else {
            let hint = "Add a second model and call it a candidate: both are held against the same labels";
            let state = EmptyState { icon: icons::COMPARE, title: "No candidate", hint, action: Some("Models…") };
            if state.show(ui) {
                self.push(delimit::session::Command::ShowModels);
            }
            return;
        };
        let duel = &mut self.compare.duel;
        let file = duel.file.get_or_insert(first).clone();
        if !files.contains(&file) {
            *duel = Duel::default();
            return;
        }
        let name = |file: &str| file.rsplit('/').next().unwrap_or(file).trim_end_matches(".onnx").to_owned();
        section(ui, "In use against a candidate", None);
        let mut chosen = file.clone();
        let combo = egui::ComboBox::from_id_salt("candidate").selected_text(name(&file)).width(200.0).show_ui(ui, |ui| {
            for other in &files {
                ui.selectable_value(&mut chosen, other.clone(), name(other));
            }
        });
        combo.response.accessible_name("Candidate");
        if chosen != file {
            self.compare.duel = Duel { file: Some(chosen), ..Duel::default() };
            self.compare_views.candidates.clear();
            return;
        }
        if let Some(job) = &self.compare.duel.job {
            let (done, of) = job.progress();
            ui.horizontal(|ui| {
                ui.label(theme::caption(ui, format!("running it on {done} of {of} images")));
                if ui.small_button("Stop").clicked() {
                    (self.compare.duel.job, self.compare.duel.against) = (None, None);
                }
            });
        } else if self.compare.duel.against.is_none() {
            if ui.button("Run the candidate on all images").clicked() {
                self.start_duel(&file, figures);
            }
        } else if !self.is_comparison_stale() && !self.compare.duel.against.as_ref().is_some_and(|a| Arc::ptr_eq(a, figures)) {
            // Labels or limits changed since: its predictions are known, so this takes no inference.
            self.start_duel(&file, figures);
        }
        let Some(result) = self.compare.duel.result.clone() else {
            let words = "What it finds and loses against the models in use stands here once it was run.";
            ui.add(Label::new(theme::caption(ui, words)).wrap());
            return;
        };
        self.result_ui(ui, &result);
    }

    fn result_ui(&mut self, ui: &mut Ui, result: &ModelDuel) {
        let theme = Theme::of(ui);
        let mut wanted = None;
        ui.add_space(4.0);
        Grid::new("duel").num_columns(5).spacing([6.0, 4.0]).min_col_width(40.0).show(ui, |ui| {
            ui.allocate_exact_size(vec2(100.0, 1.0), Sense::hover());
            for (head, hint) in [
                ("both", "Labelled defects that both find"),
                ("lost", "Found by the model in use, missed by the candidate"),
                ("won", "Found by the candidate, missed by the model in use"),
                ("neither", "Missed by both"),
            ] {
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(theme::caption(ui, head)).on_hover_text(hint));
            }
            ui.end_row();
            for duel in result.classes.iter().chain([&result.total]) {
                if duel.class == 0 {
                    drop(ui.label("all"));
                } else {
                    self.class_cell(ui, duel.class);
                }
                let tone = |n: usize, colour| if n > 0 { colour } else { theme.faint };
                let cells = [
                    (duel.both, theme.text, None),
                    (duel.only_a.len(), tone(duel.only_a.len(), theme.ng_text), Some(Figure::Duel(duel.class, false))),
                    (duel.only_b.len(), tone(duel.only_b.len(), theme.ok_text), Some(Figure::Duel(duel.class, true))),
                    (duel.neither, tone(duel.neither, theme.text), None),
                ];
                for (n, colour, figure) in cells {
                    let sense = if figure.is_some() && n > 0 { Sense::click() } else { Sense::hover() };
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        if ui.add(Label::new(RichText::new(n.to_string()).color(colour)).selectable(false).sense(sense)).clicked() {
                            wanted = figure;
                        }
                    });
                }
                ui.end_row();
            }
        });
        ui.add_space(4.0);
        let ClassDuel { false_calls: [a, b], p_value, .. } = result.total;
        value_row(ui, "False calls, in use", &a.to_string(), "");
        value_row(ui, "False calls, candidate", &b.to_string(), "");
        value_row(ui, "McNemar p", &format!("{p_value:.3}"), "")
            .on_hover_text("Exact: how often chance alone parts two equal models so far");
        let words = if p_value < 0.05 {
            "One of them finds more than chance explains."
        } else {
            "The labels do not tell which of them finds more."
        };
        ui.add(Label::new(format!("{words} {} images.", result.images)).wrap());
        let hint = "The views over the canvas take the candidate as a side: wipe, blink, side by side, difference.";
        ui.add(Label::new(theme::caption(ui, hint)).wrap());
        if let Some(figure) = wanted {
            self.list_cases(figure);
        }
    }

    fn start_duel(&mut self, file: &str, figures: &Arc<SetComparison>) {
        self.compare.duel.against = Some(Arc::clone(figures));
        let (figures, mut known) = (Arc::clone(figures), self.compare.duel.known.clone());
        let pn = self.view.part_number;
        let (snapshot, file) = (self.session.snapshot(), PathBuf::from(file));
        let ruleset = self.session.project().ruleset_path(pn).exists().then(|| self.session.ruleset(pn).current().clone());
        let settings = self.model_settings();
        let (truth, limits) = (self.session.dispositions(), self.probability_limits(pn));
        self.compare.duel.job = Some(Job::start("Running the candidate", self.waker(), move |cx| {
            let project = snapshot.project();
            let mut model =
                ProjectModels::open_candidate(project, pn, &file, &settings).map_err(|e| e.to_string())?.held_to(limits);
            let images: Vec<usize> = (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(pn)).collect();
            for (done, &image) in images.iter().enumerate() {
                cx.progress(done, images.len());
                match model.predict(project, image, &|| cx.is_cancelled()) {
                    Ok(prediction) => drop(cx.send(DuelNews::Map(image, prediction.class))),
                    Err(WorkflowError::Cancelled) => return Ok(()),
                    Err(e) => drop(cx.send(DuelNews::Problem(e.to_string()))),
                }
            }
            model.tidy_cache();
            let cached = CachedPredictions::open_candidate(project, pn, &file).map_err(|e| e.to_string())?.held_to(limits);
            let input = CompareInput {
                part_number: pn,
                settings: CompareSettings { suspects: None, ..CompareSettings::default() },
                ruleset: ruleset.as_ref(),
                truth: &truth,
                prediction_of: &|image| cached.get(project, image),
            };
            match compare_set(&snapshot, &input, &mut known, &|| cx.is_cancelled(), &|| {}) {
                Ok(candidate) => {
                    let duel = compare_models(&figures, &candidate);
                    cx.send(DuelNews::Compared(Box::new(duel), known));
                }
                Err(WorkflowError::Cancelled) => {}
                Err(e) => return Err(e.to_string()),
            }
            Ok(())
        }));
    }

    /// Takes in what the candidate says. Once per frame.
    pub(super) fn tick_duel(&mut self) {
        let Some(job) = &mut self.compare.duel.job else { return };
        loop {
            match job.poll() {
                JobNews::Result(DuelNews::Map(image, map)) => drop(self.compare_views.candidates.insert(image, Arc::new(map))),
                JobNews::Result(DuelNews::Problem(message)) => self.toasts.error(&message),
                JobNews::Result(DuelNews::Compared(result, known)) => {
                    (self.compare.duel.result, self.compare.duel.known) = (Some(*result), known);
                    self.compare.list.outdate();
                }
                JobNews::Working => return,
                JobNews::Finished => break,
                JobNews::Failed(message) => {
                    self.toasts.error(&message);
                    break;
                }
            }
        }
        self.compare.duel.job = None;
    }
}

/// The defects that only one of the two finds.
pub(super) fn cases(result: &ModelDuel, class: u8, is_won: bool) -> Vec<DefectCase> {
    let duel = result.classes.iter().find(|d| d.class == class).unwrap_or(&result.total);
    let all = if is_won { &duel.only_b } else { &duel.only_a };
    let case = |d: &DefectRef| DefectCase { image: d.image, labelled: Some(d.labelled), predicted: None, bounds: d.bounds };
    all.iter().map(case).collect()
}
