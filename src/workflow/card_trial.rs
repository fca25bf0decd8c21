//! A card tried on a part of a photo: what the model would say if it ran with it. Read and decided as a prediction is.

use std::path::Path;

use super::error::WorkflowError;
use crate::predict::{EngineSettings, ModelCard, Predictor, Voice, combine, engine};
use crate::project::Project;
use crate::raster::{BACKGROUND, LabelMap, Photo, PixelRect, runs};

/// What came out.
#[derive(Clone, Debug, PartialEq)]
pub struct CardTrial {
    /// As large as the photo; background outside the part that was looked at. Channels whose class the project lacks are unknown.
    pub map: LabelMap,
    /// One line for people: which share of the part is what, or what a classifier says.
    pub words: String,
    /// For people.
    pub engine: String,
}

impl CardTrial {
    /// Runs a model file with a card on the part `view` of a photo; `cancel` is asked between tiles.
    ///
    /// # Errors
    /// What the card or the engine says against it; [`PredictError::Cancelled`](crate::predict::PredictError::Cancelled) when cancelled.
    pub fn of(
        project: &Project,
        model: &Path,
        card: &ModelCard,
        photo: &Photo,
        view: PixelRect,
        settings: &EngineSettings,
        cancel: &dyn Fn() -> bool,
    ) -> Result<Self, WorkflowError> {
        card.check()?;
        let (names, unknown) = (project.class_names(), project.unknown_class());
        let id_of = |name: &String| match names.iter().find(|(_, known)| known == name) {
            _ if card.means_no_defect(name) => BACKGROUND,
            Some((id, _)) => *id,
            None => unknown,
        };
        let ids = card.output.classes.iter().map(id_of).collect();
        let mut predictor = Predictor::new(engine::open(model, settings)?, card.clone(), ids)?;
        let answer = predictor.answer_view(photo, view, cancel)?;
        let voice = Voice { name: &card.name, answer: &answer, threshold: card.output.threshold, roi: None };
        let said = combine((view.width(), view.height()), unknown, &[voice]);
        let mut map = LabelMap::new(photo.width(), photo.height());
        for run in runs::runs(&said.class) {
            map.fill_span(run.y + view.y0, run.x0 + view.x0, run.x1 + view.x0, run.value);
        }
        let histogram = said.class.histogram();
        let found = (1..=254_u8).filter(|id| histogram[usize::from(*id)] > 0);
        let share = |id: u8| histogram[usize::from(id)] as f64 / view.area().max(1) as f64 * 100.0;
        let mut words: Vec<String> =
            found.map(|id| format!("{} {:.2} % of the picture", project.class_name(id), share(id))).collect();
        let stated = said.statements.iter();
        words.extend(stated.map(|s| format!("{}, {:.0} % sure", project.class_name(s.class), f64::from(s.probability) * 100.0)));
        let words = if words.is_empty() { "no defect found here".to_owned() } else { words.join(", ") };
        Ok(Self { map, words, engine: said.engine })
    }
}
