//! Fills the card of a model with a person: a draft from the file itself, every field to be changed, and what the model then says
//! about the image on the canvas.

use std::path::PathBuf;
use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::predict::draft::{CardDraft, Guess};
use delimit::predict::{Answered, InputSize, ModelCard, Predictor, engine};
use delimit::raster::{LabelMap, PixelRect, UNKNOWN};
use delimit::session::command::{CompareView, Workspace};

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
                    name_channels(&mut card, &self.session.project().class_names());
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
        let names = self.session.project().class_names();
        let (path, settings) = (wizard.path.clone(), self.engine_settings());
        let for_job = card.clone();
        let job = Job::start("Trying the card", self.waker(), move |cx| {
            let card = for_job;
            card.check().map_err(|e| e.to_string())?;
            let id_of = |name: &String| {
                if card.means_no_defect(name) {
                    return 0;
                }
                names.iter().find(|(_, known)| known == name).map_or(UNKNOWN, |(id, _)| *id)
            };
            let ids: Vec<u8> = card.output.classes.iter().map(id_of).collect();
            let opened = engine::open(&path, &settings).map_err(|e| e.to_string())?;
            let mut predictor = Predictor::new(opened, card.clone(), ids).map_err(|e| e.to_string())?;
            let answer = predictor.answer_view(pyramid.photo(), view, &|| cx.is_cancelled()).map_err(|e| e.to_string())?;
            let name_of = |id: u8| names.iter().find(|(i, _)| *i == id).map_or("unknown", |(_, name)| name.as_str());
            let mut map = LabelMap::new(pyramid.photo().width(), pyramid.photo().height());
            let words = match &answer.said {
                Answered::Map { class, .. } => {
                    draw(&mut map, class, view);
                    shares(class, &name_of)
                }
                Answered::Scores { probability } => {
                    let threshold = (card.output.threshold.unwrap_or(0.5) * 255.0) as u8;
                    let over = delimit::raster::Plane::from_fn(probability.width(), probability.height(), |x, y| {
                        if probability.row(y)[x as usize] >= threshold { UNKNOWN } else { 0 }
                    });
                    let over = LabelMap::from_plane(&over);
                    draw(&mut map, &over, view);
                    let highest = probability.as_slice().iter().copied().max().unwrap_or(0);
                    format!("{}; highest score {:.0} %", shares(&over, &|_| "unlike good parts"), f64::from(highest) / 2.55)
                }
                Answered::Statement { class: 0, probability } => format!("no defect, {:.0} % sure", f64::from(*probability) / 2.55),
                Answered::Statement { class, probability } => {
                    format!("{}, {:.0} % sure", name_of(*class), f64::from(*probability) / 2.55)
                }
            };
            cx.send(Said { image, map: Some(map), words, engine: answer.engine });
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

/// Gives channels the names that the project has for them, where the file's names differ only in case or have something before them
/// (`MT_Crack` is crack). A person sees the result and may say otherwise.
fn name_channels(card: &mut ModelCard, classes: &[(u8, String)]) {
    let class_of = |name: &String| {
        let name = name.to_lowercase();
        let is_it = |known: &str| {
            let rest = name.strip_suffix(&known.to_lowercase());
            rest.is_some_and(|rest| rest.is_empty() || rest.ends_with(['_', '-', ' ', '.', '/']))
        };
        let mut fitting = classes.iter().filter(|(_, known)| is_it(known)).map(|(_, known)| known);
        fitting.next().filter(|_| fitting.next().is_none())
    };
    let chosen: Vec<Option<&String>> = card.output.classes.iter().map(class_of).collect();
    for (name, class) in card.output.classes.iter_mut().zip(&chosen) {
        if let Some(class) = class
            && chosen.iter().flatten().filter(|other| other == &class).count() == 1
        {
            name.clone_from(class);
        }
    }
}

/// Copies what was said about a part of the photo to its place.
fn draw(onto: &mut LabelMap, said: &LabelMap, view: PixelRect) {
    for run in delimit::raster::runs::runs(said) {
        onto.fill_span(run.y + view.y0, run.x0 + view.x0, run.x1 + view.x0, run.value);
    }
}

/// "pit 1.2 %, crack 0.3 % of the picture".
fn shares<'a>(map: &LabelMap, name_of: &dyn Fn(u8) -> &'a str) -> String {
    let histogram = map.histogram();
    let total = map.rect().area().max(1) as f64;
    let all = (1..=254_u8).filter(|id| histogram[usize::from(*id)] > 0);
    let words: Vec<String> =
        all.map(|id| format!("{} {:.2} %", name_of(id), histogram[usize::from(id)] as f64 / total * 100.0)).collect();
    if words.is_empty() { "nothing found here".to_owned() } else { format!("{} of the picture", words.join(", ")) }
}

#[cfg(test)]
mod tests {
    use delimit::predict::{CardInput, CardOutput, ModelKind};

    use super::*;

    #[test]
    fn channels_get_the_names_of_the_project_where_there_is_no_doubt() {
        let classes = ["background", "MT_Crack", "Pit", "scrap", "edge scratch", "deep scratch"].map(str::to_owned).to_vec();
        let output = CardOutput { classes, ..CardOutput::default() };
        let mut card = ModelCard {
            format: 2,
            name: String::new(),
            kind: ModelKind::default(),
            input: CardInput::default(),
            output,
            note: String::new(),
        };
        let known = [(1, "crack".to_owned()), (2, "pit".to_owned()), (3, "rap".to_owned()), (4, "scratch".to_owned())];
        name_channels(&mut card, &known);
        // "scrap" is no "rap", and which of the two is the scratch of the project a person has to say.
        assert_eq!(card.output.classes, ["background", "crack", "pit", "scrap", "edge scratch", "deep scratch"]);
    }
}
