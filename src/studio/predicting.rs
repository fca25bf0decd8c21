//! Running the models of a part number: with which engine, on what, held to which probabilities.

use std::sync::Arc;

use delimit::jobs::JobNews;
use delimit::predict::{DefectPixels, EngineSettings, ProbabilityLimits};
use delimit::workflow::ModelSettings;
use delimit::workflow::predicting::probability_limits;

use super::app::{LongWork, Studio, WorkKind};
use super::work::{self, News};

impl Studio {
    /// The engine that the person wants.
    pub fn engine_settings(&self) -> EngineSettings {
        self.view.engine.settings()
    }

    pub fn model_settings(&self) -> ModelSettings {
        ModelSettings { engine: self.engine_settings() }
    }

    pub fn start_prediction(&mut self) {
        self.was_asked[1] = true;
        let settings = self.model_settings();
        let limits = self.probability_limits(self.view.part_number);
        self.held_to = limits;
        let job =
            work::predict_all(self.session.snapshot(), self.view.part_number, limits, self.view.image, settings, self.waker());
        self.long_work = Some(LongWork { job, kind: WorkKind::Predict, stopped_at: None });
    }

    pub fn has_model(&self) -> bool {
        self.session.project().part_numbers.get(self.view.part_number).is_some_and(|p| p.running_models().next().is_some())
    }

    /// From which probability on the model's word counts, as the ruleset on the screen says.
    pub fn probability_limits(&self, part_number: usize) -> ProbabilityLimits {
        match self.session.project().part_numbers.get(part_number) {
            Some(_) => probability_limits(self.session.project(), self.session.ruleset(part_number).current()),
            None => ProbabilityLimits::default(),
        }
    }

    /// Takes what was predicted before from the cache, the image on the canvas first.
    pub(super) fn load_predictions(&mut self, part_number: usize) {
        let limits = self.probability_limits(part_number);
        self.held_to = limits;
        let (snapshot, first) = (self.session.snapshot(), self.view.image);
        self.cached = Some(work::load_predictions(snapshot, part_number, limits, first, self.waker()));
    }

    /// A least probability was moved: predictions follow from what is in memory, only those that it changes; those that were never read are
    /// read.
    pub(super) fn follow_probability_limits(&mut self) {
        let limits = self.probability_limits(self.view.part_number);
        if self.long_work.is_some() || !self.analysis.has_predictions() || self.held_to == limits || self.holding.is_some() {
            return;
        }
        if self.cached.is_some() {
            // What the job before had not got to yet is read now.
            self.load_predictions(self.view.part_number);
            return;
        }
        let (before, here) = (self.held_to, self.view.image);
        let mut images: Vec<(usize, Arc<DefectPixels>)> = (self.analysis.predictions.iter().enumerate())
            .filter_map(|(i, facts)| Some((i, &facts.as_ref()?.pixels)))
            .filter(|(_, pixels)| !pixels.is_same_under(&before, &limits))
            .map(|(i, pixels)| (i, Arc::clone(pixels)))
            .collect();
        images.sort_by_key(|(i, _)| (*i != here, *i));
        self.held_to = limits;
        if images.is_empty() {
            return;
        }
        self.holding = Some(work::hold_to(self.session.snapshot(), images, limits, self.waker()));
    }

    /// Takes in what was held to other limits.
    pub(super) fn take_held(&mut self) -> Vec<News> {
        let mut news = Vec::new();
        let Some(job) = &mut self.holding else { return news };
        loop {
            match job.poll() {
                JobNews::Result(parcel) => news.extend(parcel),
                JobNews::Working => return news,
                JobNews::Finished => break,
                JobNews::Failed(message) => {
                    self.toasts.error(&message);
                    break;
                }
            }
        }
        self.holding = None;
        news
    }

    /// Other models run now: what they said before comes from the cache, the rest is to be computed.
    pub fn forget_predictions(&mut self) {
        // What is still running runs with the models from before.
        if self.long_work.as_ref().is_some_and(|w| w.kind == WorkKind::Predict) {
            self.long_work = None;
        }
        self.analysis.predictions.iter_mut().for_each(|p| *p = None);
        (self.analysis.is_any_predicted, self.analysis.engine) = (false, None);
        self.analysis.outdate();
        self.was_asked[1] = false;
        self.load_predictions(self.view.part_number);
    }
}
