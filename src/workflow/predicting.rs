//! Running the models of a part number over images, with the cache of the project. The cache keeps each model's own answer; they are
//! brought together on reading.

use std::path::{Path, PathBuf};

use super::error::WorkflowError;
use super::models::{ModelFiles, OpenModel, check_size, engines_text, read_files};
use crate::judge::Ruleset;
use crate::predict::{EngineSettings, ModelAnswer, Prediction, PredictionCache, ProbabilityLimits, Voice, combine};
use crate::project::{ModelUse, Project, photo_file};

/// How a model is run.
#[derive(Clone, Debug, Default)]
pub struct ModelSettings {
    /// The engine, its threads, its library and what it computes on.
    pub engine: EngineSettings,
}

/// The running models of one part number, each open in an engine of its own, with the project's cache.
pub struct ProjectModels {
    models: Vec<(ModelFiles, OpenModel)>,
    unknown: u8,
    cache: PredictionCache,
    limits: ProbabilityLimits,
}

/// The least probabilities of a ruleset, by the classes of a project. A class that the project lacks has nothing to be held to.
#[must_use]
pub fn probability_limits(project: &Project, ruleset: &Ruleset) -> ProbabilityLimits {
    ProbabilityLimits::new(project.class_names().into_iter().map(|(id, name)| (id, ruleset.certainty_of(&name))))
}

impl ProjectModels {
    /// Holds everything that is said from now on to the least probabilities of a ruleset.
    #[must_use]
    pub const fn held_to(mut self, limits: ProbabilityLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Opens every model of the part number that runs.
    pub fn open(project: &Project, part_number: usize, settings: &ModelSettings) -> Result<Self, WorkflowError> {
        let models = running(project, part_number)?;
        Self::of(project, read_files(project, part_number, &models)?, settings)
    }

    /// Opens one other model alone, to compare it with those that run. `file` is absolute or relative to the project folder. Where the
    /// part number lists it, its zones are those listed; otherwise it sees the whole image.
    pub fn open_candidate(
        project: &Project,
        part_number: usize,
        file: &Path,
        settings: &ModelSettings,
    ) -> Result<Self, WorkflowError> {
        let model = project.part_numbers[part_number].model_use(file);
        Self::of(project, read_files(project, part_number, &[model])?, settings)
    }

    fn of(project: &Project, files: Vec<ModelFiles>, settings: &ModelSettings) -> Result<Self, WorkflowError> {
        let open = |files: ModelFiles| files.open(settings).map(|open| (files, open));
        let models = files.into_iter().map(open).collect::<Result<_, _>>()?;
        let cache = PredictionCache::new(cache_folder(project.root()));
        Ok(Self { models, unknown: project.unknown_class(), cache, limits: ProbabilityLimits::default() })
    }

    /// For people: which engines run, and why not others.
    #[must_use]
    pub fn engine_text(&self) -> String {
        engines_text(self.models.iter().map(|(_, open)| open))
    }

    /// The names of the engines alone.
    #[must_use]
    pub fn engine_name(&self) -> String {
        let mut names: Vec<String> = self.models.iter().map(|(_, open)| open.predictor.engine_name()).collect();
        names.dedup();
        names.join(", ")
    }

    /// Names of the models, in their order, with the word for their kind.
    #[must_use]
    pub fn model_names(&self) -> Vec<(String, &'static str)> {
        self.models.iter().map(|(files, _)| (files.name.clone(), files.card.kind.word())).collect()
    }

    /// What the weights of all open models take in memory at the same time, about: the size of their files. While a model runs its
    /// intermediate results for one tile come on top.
    #[must_use]
    pub fn weight_bytes(&self) -> u64 {
        self.models.iter().map(|(files, _)| files.bytes()).sum()
    }

    /// Lets the predictions go that were made longest ago, of whatever model, until the project keeps at most [`CACHE_BYTES`].
    pub fn tidy_cache(&self) {
        self.cache.shrink_to(CACHE_BYTES);
    }

    /// What the models say about an image of the project: each from the cache, or computed and put there. `cancel` is asked between
    /// tiles; its `true` ends the work with [`WorkflowError::Cancelled`].
    pub fn predict(&mut self, project: &Project, image: usize, cancel: &dyn Fn() -> bool) -> Result<Prediction, WorkflowError> {
        let path = project.image_path(image);
        let bytes = std::fs::read(&path).map_err(|source| WorkflowError::Io { path: path.clone(), source })?;
        let mut photo = None;
        let mut answers = Vec::with_capacity(self.models.len());
        for (files, open) in &mut self.models {
            let key = files.key.with_image(&bytes);
            // The photo is decoded once, and only when a model has not seen it yet.
            answers.push(self.cache.get_or_predict(&key, || -> Result<_, WorkflowError> {
                let photo = match &mut photo {
                    Some(photo) => photo,
                    none => none.insert(photo_file::read_bytes(&bytes, &path)?),
                };
                open.ask(photo, cancel)
            })?);
        }
        let size = match photo {
            Some(photo) => (photo.width(), photo.height()),
            None => project.image_size(image)?,
        };
        Ok(together(self.models.iter().map(|(files, _)| files), &answers, size, self.unknown)?.held_to(&self.limits))
    }

    /// The prediction if every answer was made before with the same model, card and image.
    #[must_use]
    pub fn cached(&self, project: &Project, image: usize) -> Option<Prediction> {
        let models: Vec<&ModelFiles> = self.models.iter().map(|(files, _)| files).collect();
        Some(from_cache(&models, &self.cache, project, image, self.unknown)?.held_to(&self.limits))
    }
}

/// The models of a part number that run.
fn running(project: &Project, part_number: usize) -> Result<Vec<ModelUse>, WorkflowError> {
    let number = &project.part_numbers[part_number];
    let models: Vec<ModelUse> = number.running_models().cloned().collect();
    if models.is_empty() { Err(WorkflowError::NoModel { part_number: number.name.clone() }) } else { Ok(models) }
}

fn together<'a>(
    models: impl Iterator<Item = &'a ModelFiles>,
    answers: &[ModelAnswer],
    size: (u32, u32),
    unknown: u8,
) -> Result<Prediction, WorkflowError> {
    let mut voices: Vec<Voice<'_>> = Vec::with_capacity(answers.len());
    for (files, answer) in models.zip(answers) {
        check_size(&files.name, files.roi.as_ref(), size)?;
        voices.push(files.voice(answer));
    }
    Ok(combine(size, unknown, &voices))
}

fn from_cache(models: &[&ModelFiles], cache: &PredictionCache, project: &Project, image: usize, unknown: u8) -> Option<Prediction> {
    let bytes = std::fs::read(project.image_path(image)).ok()?;
    let answers: Vec<ModelAnswer> = models.iter().map(|files| cache.get(&files.key.with_image(&bytes))).collect::<Option<_>>()?;
    let size = match models.iter().zip(&answers).find(|(files, _)| files.roi.is_none()) {
        Some((_, answer)) => answer.size,
        None => project.image_size(image).ok()?,
    };
    together(models.iter().copied(), &answers, size, unknown).ok()
}

/// What the predictions of a project may take on disk: tens of thousands of photos of 12 MP.
pub const CACHE_BYTES: u64 = 8 << 30;

/// Where predictions of a project are kept.
#[must_use]
pub fn cache_folder(root: &Path) -> PathBuf {
    root.join(".delimit/predictions")
}

/// Predictions of one part number that were made before, without opening an engine: the key needs only files.
pub struct CachedPredictions {
    models: Vec<ModelFiles>,
    unknown: u8,
    cache: PredictionCache,
    limits: ProbabilityLimits,
}

impl CachedPredictions {
    /// Holds what was said to the least probabilities of a ruleset.
    #[must_use]
    pub const fn held_to(mut self, limits: ProbabilityLimits) -> Self {
        self.limits = limits;
        self
    }

    /// Of the running models. None when the part number has none.
    pub fn open(project: &Project, part_number: usize) -> Result<Option<Self>, WorkflowError> {
        match running(project, part_number) {
            Ok(models) => Self::of(project, part_number, &models).map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Of one other model alone; see [`ProjectModels::open_candidate`].
    pub fn open_candidate(project: &Project, part_number: usize, file: &Path) -> Result<Self, WorkflowError> {
        Self::of(project, part_number, &[project.part_numbers[part_number].model_use(file)])
    }

    fn of(project: &Project, part_number: usize, models: &[ModelUse]) -> Result<Self, WorkflowError> {
        let models = read_files(project, part_number, models)?;
        Ok(Self {
            models,
            unknown: project.unknown_class(),
            cache: PredictionCache::new(cache_folder(project.root())),
            limits: ProbabilityLimits::default(),
        })
    }

    /// What the models said about an image, if all of them did.
    #[must_use]
    pub fn get(&self, project: &Project, image: usize) -> Option<Prediction> {
        let models: Vec<&ModelFiles> = self.models.iter().collect();
        Some(from_cache(&models, &self.cache, project, image, self.unknown)?.held_to(&self.limits))
    }
}
