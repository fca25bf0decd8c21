//! Running the model of a part number over images, with the cache of the project.

use std::path::{Path, PathBuf};

use super::error::WorkflowError;
use crate::predict::{EngineSettings, ModelCard, ModelKey, PredictError, Prediction, PredictionCache, Predictor};
use crate::project::{Project, photo_file};

/// How a model is run.
#[derive(Clone, Debug, Default)]
pub struct ModelSettings {
    /// The engine, its threads, its library and what it computes on.
    pub engine: EngineSettings,
}

/// The model of one part number, open, with the project's cache.
pub struct ProjectModel {
    predictor: Predictor,
    key: ModelKey,
    cache: PredictionCache,
}

impl ProjectModel {
    /// Opens the model that the part number names.
    pub fn open(project: &Project, part_number: usize, settings: &ModelSettings) -> Result<Self, WorkflowError> {
        let model = project
            .model_path(part_number)
            .ok_or_else(|| WorkflowError::NoModel { part_number: project.part_numbers[part_number].name.clone() })?;
        let names = project.class_names();
        let names: Vec<(u8, &str)> = names.iter().map(|(id, name)| (*id, name.as_str())).collect();
        let predictor = Predictor::open(&model, &names, &settings.engine)?;
        let key = ModelKey::of_file(&model, &ModelCard::path_beside(&model), predictor.class_ids())?;
        Ok(Self { predictor, key, cache: PredictionCache::new(cache_folder(project.root())) })
    }

    /// For people: which engine runs, and why not another.
    #[must_use]
    pub fn engine_text(&self) -> String {
        match self.predictor.engine_note() {
            Some(note) => format!("{} ({note})", self.predictor.engine_name()),
            None => self.predictor.engine_name(),
        }
    }

    /// The name of the engine alone.
    #[must_use]
    pub fn engine_name(&self) -> String {
        self.predictor.engine_name()
    }

    /// What the model says about an image of the project: from the cache, or computed and put there. `cancel` is asked between
    /// tiles; its `true` ends the work with [`WorkflowError::Cancelled`].
    pub fn predict(&mut self, project: &Project, image: usize, cancel: &dyn Fn() -> bool) -> Result<Prediction, WorkflowError> {
        let path = project.image_path(image);
        let bytes = std::fs::read(&path).map_err(|source| WorkflowError::Io { path: path.clone(), source })?;
        let key = self.key.with_image(&bytes);
        if let Some(known) = self.cache.get(&key) {
            return Ok(known);
        }
        let photo = photo_file::read_bytes(&bytes, &path)?;
        let predictor = &mut self.predictor;
        self.cache.get_or_predict(&key, || predictor.predict_unless(&photo, cancel)).map_err(|e| match e {
            PredictError::Cancelled => WorkflowError::Cancelled,
            other => other.into(),
        })
    }

    /// The prediction if it was made before with the same model, card and image.
    #[must_use]
    pub fn cached(&self, project: &Project, image: usize) -> Option<Prediction> {
        let bytes = std::fs::read(project.image_path(image)).ok()?;
        self.cache.get(&self.key.with_image(&bytes))
    }
}

/// Where predictions of a project are kept.
#[must_use]
pub fn cache_folder(root: &Path) -> PathBuf {
    root.join(".delimit/predictions")
}

/// Predictions of one part number that were made before, without opening an engine: the key needs only files.
pub struct CachedPredictions {
    key: ModelKey,
    cache: PredictionCache,
}

impl CachedPredictions {
    /// None when the part number has no model.
    pub fn open(project: &Project, part_number: usize) -> Result<Option<Self>, WorkflowError> {
        let Some(model) = project.model_path(part_number) else { return Ok(None) };
        let card_path = ModelCard::path_beside(&model);
        let card = ModelCard::load(&card_path)?;
        let names = project.class_names();
        let names: Vec<(u8, &str)> = names.iter().map(|(id, name)| (*id, name.as_str())).collect();
        let key = ModelKey::of_file(&model, &card_path, &card.class_ids(&names)?)?;
        Ok(Some(Self { key, cache: PredictionCache::new(cache_folder(project.root())) }))
    }

    /// What the model said about an image, if it did.
    #[must_use]
    pub fn get(&self, project: &Project, image: usize) -> Option<Prediction> {
        let bytes = std::fs::read(project.image_path(image)).ok()?;
        self.cache.get(&self.key.with_image(&bytes))
    }
}

/// Cached predictions of all images of a part number.
pub fn cached_predictions(project: &Project, part_number: usize) -> Result<Vec<(usize, Prediction)>, WorkflowError> {
    let Some(cached) = CachedPredictions::open(project, part_number)? else { return Ok(Vec::new()) };
    let images = (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(part_number));
    Ok(images.filter_map(|i| Some((i, cached.get(project, i)?))).collect())
}
