//! Fills the card of a model with a person: a draft from the file itself, every field to be changed, and what the model then says
//! about the image on the canvas.

use std::path::PathBuf;
use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::predict::draft::{CardDraft, Guess, name_channels};
use delimit::predict::{InputSize, ModelCard};
use delimit::raster::{LabelMap, PixelRect};
use delimit::session::command::{CompareView, Workspace};
use delimit::workflow::card_trial::CardTrial;

use crate::studio::app::Studio;
use crate::studio::canvas::CanvasView;
use crate::studio::work::PhotoKey;

/// A preview of a photo that is larger looks at this many pixels of each side, around the middle of what is on the canvas.
const PREVIEW_SIDE: u32 = 1024;

/// What the model says with a card.
pub struct Said {
    pub image: usize,
    pub map: Option<LabelMap>,
    /// One line for people.
    pub words: String,
    pub engine: String,
}

/// A card that is being filled.
pub struct Wizard {
    /// Relative to the project.
    pub file: String,
    pub path: PathBuf,
    pub card: Option<ModelCard>,
    pub guesses: Vec<Guess>,
    /// The card as it was written before; None when there was none.
    pub saved: Option<ModelCard>,
    drafting: Option<Job<CardDraft>>,
    /// Why no card could be drafted.
    pub problem: Option<String>,
    trying: Option<Job<Said>>,
    /// With what the preview was made, or is being made.
    tried: Option<(ModelCard, usize)>,
    pub said: Option<Result<(String, String), String>>,
}

impl Wizard {
    pub const fn is_busy(&self) -> bool {
        self.drafting.is_some() || self.trying.is_some()
    }

    pub const fn is_drafting(&self) -> bool {
        self.drafting.is_some()
    }

    pub const fn is_trying(&self) -> bool {
        self.trying.is_some()
    }
}

impl Studio {
    /// Opens the card of a model of the part number; without one a draft is made from the file.
    pub fn open_wizard(&mut self, file: &str) {
        let path = self.session.project().root().join(file);
        let saved = ModelCard::load(&ModelCard::path_beside(&path)).ok();
        self.push(delimit::session::Command::Show(Workspace::Compare));
        self.compare.models.is_open = true;
        let mut wizard = Wizard {
            file: file.to_owned(),
            path,
            card: saved.clone(),
            guesses: Vec::new(),
            saved,
            drafting: None,
            problem: None,
            trying: None,
            tried: None,
            said: None,
        };
        if wizard.card.is_none() {
            wizard.drafting = Some(self.draft(wizard.path.clone()));
        }
        self.compare.models.wizard = Some(wizard);
    }

    /// Makes a draft from the file, whatever the card says by now.
    pub(super) fn draft_again(&mut self) {
        let Some(path) = self.compare.models.wizard.as_ref().map(|w| w.path.clone()) else { return };
        let job = self.draft(path);
        if let Some(wizard) = &mut self.compare.models.wizard {
            (wizard.drafting, wizard.problem) = (Some(job), None);
        }
    }

    fn draft(&self, path: PathBuf) -> Job<CardDraft> {
        let photo = match self.photo(PhotoKey::Image(self.view.image)) {
            Some(Ok(pyramid)) => Some(Arc::clone(pyramid)),
            _ => None,
        };
        let settings = self.engine_settings();
        Job::start("Reading the model", self.waker(), move |cx| {
            let photo = photo.as_ref().map(|p| p.photo());
            cx.send(CardDraft::of(&path, &settings, photo).map_err(|e| e.to_string())?);
            Ok(())
        })
    }

    /// Takes in drafts and previews, and tries the card again when it or the image changed.
    pub(super) fn tick_wizard(&mut self) {
        let Some(wizard) = &mut self.compare.models.wizard else { return };
        if let Some(job) = &mut wizard.drafting {
            match job.poll() {
                JobNews::Result(draft) => {
                    let mut card = draft.card;
                    let names = self.session.project().class_names();
                    let names: Vec<&str> = names.iter().map(|(_, name)| name.as_str()).collect();
                    name_channels(&mut card, &names);
                    (wizard.card, wizard.guesses) = (Some(card), draft.guesses);
                    wizard.drafting = None;
                }
                JobNews::Failed(message) => (wizard.problem, wizard.drafting) = (Some(message), None),
                JobNews::Finished => wizard.drafting = None,
                JobNews::Working => {}
            }
        }
        let mut news = None;
        if let Some(job) = &mut wizard.trying {
            match job.poll() {
                JobNews::Result(said) => {
                    wizard.said = Some(Ok((said.words.clone(), said.engine.clone())));
                    wizard.trying = None;
                    news = Some(said);
                }
                JobNews::Failed(message) => (wizard.said, wizard.trying) = (Some(Err(message)), None),
                JobNews::Finished => wizard.trying = None,
                JobNews::Working => {}
            }
        }
        if let Some(Said { image, map: Some(map), .. }) = news {
            self.compare_views.candidates.clear();
            self.compare_views.candidates.insert(image, Arc::new(map));
            self.view.compare.view = CompareView::Candidate;
        }
        self.try_card();
    }

    /// Runs the model with the card as it stands on the image that is shown.
    fn try_card(&mut self) {
        let image = self.view.image;
        let Some(wizard) = &self.compare.models.wizard else { return };
        let Some(card) = wizard.card.clone().filter(|_| !wizard.is_busy()) else { return };
        if wizard.tried.as_ref() == Some(&(card.clone(), image)) {
            return;
        }
        let Some(Ok(pyramid)) = self.photo(PhotoKey::Image(image)) else { return };
        let pyramid = Arc::clone(pyramid);
        let view = self.preview_view(&card, pyramid.photo().rect());
        let project = self.session.shared_project();
        let (path, settings) = (wizard.path.clone(), self.engine_settings());
        let for_job = card.clone();
        let job = Job::start("Trying the card", self.waker(), move |cx| {
            let trial = CardTrial::of(&project, &path, &for_job, pyramid.photo(), view, &settings, &|| cx.is_cancelled());
            let CardTrial { map, words, engine } = trial.map_err(|e| e.to_string())?;
            cx.send(Said { image, map: Some(map), words, engine });
            Ok(())
        });
        if let Some(wizard) = &mut self.compare.models.wizard {
            (wizard.trying, wizard.tried) = (Some(job), Some((card, image)));
        }
    }

    /// What a preview looks at: all of a small photo or for a model of fixed size, the middle of the canvas of a large one.
    fn preview_view(&self, card: &ModelCard, photo: PixelRect) -> PixelRect {
        if matches!(card.input.size, InputSize::Fixed { .. }) || photo.area() <= u64::from(PREVIEW_SIDE).pow(2) {
            return photo;
        }
        let middle = self.canvas.view().map_or(photo, CanvasView::visible_pixels).intersection(photo).centre();
        let range = |middle: f64, length: u32| {
            let side = length.min(PREVIEW_SIDE);
            let from = (middle as u32).saturating_sub(side / 2).min(length - side);
            (from, from + side)
        };
        let ((x0, x1), (y0, y1)) = (range(middle.x, photo.x1), range(middle.y, photo.y1));
        PixelRect::new(x0, y0, x1, y1)
    }

    /// Writes the card and runs with it from now on.
    pub(super) fn save_card(&mut self) {
        let Some(wizard) = &self.compare.models.wizard else { return };
        let Some(card) = wizard.card.clone() else { return };
        let (path, file) = (wizard.path.clone(), wizard.file.clone());
        match self.session.write_card(&path, &card) {
            Ok(written) => {
                let name = written.file_name().map_or_else(String::new, |n| n.to_string_lossy().into_owned());
                self.toasts.info(&format!("The card {name} was written"));
                let pn = self.view.part_number;
                let is_only = self.session.project().part_numbers.get(pn).is_some_and(|p| p.running_models().count() == 0);
                if is_only {
                    let runs = |m: &mut delimit::project::ModelUse| m.role = delimit::project::ModelRole::Runs;
                    self.try_session(|s| s.change_models(pn, |models| models.iter_mut().filter(|m| m.file == file).for_each(runs)));
                }
                self.compare.models.forget_cards();
                self.leave_wizard();
                self.models_changed();
            }
            Err(e) => self.toasts.error(&e.to_string()),
        }
    }

    /// Closes the card without writing it.
    pub fn leave_wizard(&mut self) -> bool {
        let was_open = self.compare.models.wizard.take().is_some();
        if was_open {
            self.compare_views.candidates.clear();
        }
        was_open
    }
}
