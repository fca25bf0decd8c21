//! The models of one part number: their files, the zones they look at, and what they say together about a photo.

use std::path::PathBuf;

use super::error::WorkflowError;
use super::predicting::ModelSettings;
use crate::predict::{ModelAnswer, ModelCard, ModelKey, PredictError, Prediction, Predictor, Roi, Voice, combine};
use crate::project::{ModelUse, PartNumber, Project};
use crate::raster::{LabelMap, Photo};

/// One model as its files describe it, without an engine.
pub(super) struct ModelFiles {
    /// For people.
    pub name: String,
    pub path: PathBuf,
    pub card: ModelCard,
    pub class_ids: Vec<u8>,
    pub key: ModelKey,
    pub roi: Option<Roi>,
}

/// One model that is ready to run.
pub(super) struct OpenModel {
    pub name: String,
    pub predictor: Predictor,
    pub roi: Option<Roi>,
}

/// Adds the name of the model to what went wrong with it.
pub(super) fn of_model(name: &str) -> impl Fn(PredictError) -> WorkflowError + '_ {
    move |source| match source {
        PredictError::Cancelled => WorkflowError::Cancelled,
        source => WorkflowError::Model { model: name.to_owned(), source },
    }
}

/// Reads the files of some models of a part number. Zones are those saved in the project.
pub(super) fn read_files(project: &Project, part_number: usize, models: &[ModelUse]) -> Result<Vec<ModelFiles>, WorkflowError> {
    let number = &project.part_numbers[part_number];
    let names = project.class_names();
    let names: Vec<(u8, &str)> = names.iter().map(|(id, name)| (*id, name.as_str())).collect();
    let zones = if models.iter().any(|m| !m.roi.is_empty()) { project.read_zones(part_number)? } else { None };
    let read = |model: &ModelUse| {
        let name = model.name();
        let path = project.model_path(model);
        let card_path = ModelCard::path_beside(&path);
        let card = ModelCard::load(&card_path).map_err(of_model(&name))?;
        let class_ids = card.class_ids(&names).map_err(of_model(&name))?;
        let roi = roi_of(&name, number, &model.roi, zones.as_ref())?;
        let mut key = ModelKey::of_file(&path, &card_path, &class_ids).map_err(of_model(&name))?;
        if let Some(roi) = &roi {
            key = key.with_view(roi.view());
        }
        Ok(ModelFiles { name, path, card, class_ids, key, roi })
    };
    models.iter().map(read).collect()
}

/// The region of interest that zone names describe; None for the whole photo.
pub(super) fn roi_of(
    model: &str,
    number: &PartNumber,
    zone_names: &[String],
    zones: Option<&LabelMap>,
) -> Result<Option<Roi>, WorkflowError> {
    if zone_names.is_empty() {
        return Ok(None);
    }
    let refuse = |problem: String| WorkflowError::Roi { model: model.to_owned(), problem };
    let ids = number.zone_ids(zone_names).ok_or_else(|| refuse(format!("part number {} lacks one of its zones", number.name)))?;
    let zones = zones.ok_or_else(|| refuse(format!("part number {} has no zone map", number.name)))?;
    let roi = Roi::of(zones, &ids).ok_or_else(|| refuse(format!("no pixel of the zone map lies in {}", zone_names.join(", "))))?;
    Ok(Some(roi))
}

impl ModelFiles {
    /// Opens the engine.
    pub(super) fn open(&self, settings: &ModelSettings) -> Result<OpenModel, WorkflowError> {
        let engine = crate::predict::engine::open(&self.path, &settings.engine).map_err(of_model(&self.name))?;
        let predictor = Predictor::new(engine, self.card.clone(), self.class_ids.clone()).map_err(of_model(&self.name))?;
        Ok(OpenModel { name: self.name.clone(), predictor, roi: self.roi.clone() })
    }

    /// Size of the model file, which is about what its weights take in memory.
    pub(super) fn bytes(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |m| m.len())
    }

    pub(super) fn voice<'a>(&'a self, answer: &'a ModelAnswer) -> Voice<'a> {
        Voice { name: &self.name, answer, threshold: self.card.output.threshold, roi: self.roi.as_ref() }
    }
}

impl OpenModel {
    /// What this model says about a photo, or about its region of interest.
    pub(super) fn ask(&mut self, photo: &Photo, cancel: &dyn Fn() -> bool) -> Result<ModelAnswer, WorkflowError> {
        check_size(&self.name, self.roi.as_ref(), (photo.width(), photo.height()))?;
        let view = self.roi.as_ref().map_or(photo.rect(), Roi::view);
        self.predictor.answer_view(photo, view, cancel).map_err(of_model(&self.name))
    }

    fn voice<'a>(&'a self, answer: &'a ModelAnswer) -> Voice<'a> {
        Voice { name: &self.name, answer, threshold: self.predictor.card().output.threshold, roi: self.roi.as_ref() }
    }
}

/// Zones mean nothing on a photo of another size than their map.
pub(super) fn check_size(model: &str, roi: Option<&Roi>, photo: (u32, u32)) -> Result<(), WorkflowError> {
    match roi.map(Roi::size) {
        Some(zones) if zones != photo => Err(WorkflowError::Roi {
            model: model.to_owned(),
            problem: format!("its zones lie on a map of {}×{} px, but the photo has {}×{} px", zones.0, zones.1, photo.0, photo.1),
        }),
        _ => Ok(()),
    }
}

/// Asks every model about a photo, one after the other, and brings the answers together. A station uses it, which keeps no cache.
pub(super) fn ask_all(
    models: &mut [OpenModel],
    photo: &Photo,
    unknown: u8,
    cancel: &dyn Fn() -> bool,
) -> Result<Prediction, WorkflowError> {
    let answers = models.iter_mut().map(|model| model.ask(photo, cancel)).collect::<Result<Vec<_>, _>>()?;
    let voices: Vec<Voice<'_>> = models.iter().zip(&answers).map(|(model, answer)| model.voice(answer)).collect();
    Ok(combine((photo.width(), photo.height()), unknown, &voices))
}

/// The engines of some models in one line; alike ones are told once.
pub(super) fn engines_text<'a>(models: impl Iterator<Item = &'a OpenModel>) -> String {
    let mut texts: Vec<String> = Vec::new();
    for model in models {
        let name = model.predictor.engine_name();
        let text = model.predictor.engine_note().map_or_else(|| name.clone(), |note| format!("{name} ({note})"));
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts.join("; ")
}
