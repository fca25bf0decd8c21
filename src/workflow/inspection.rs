//! What a station does with a bundle: judge one photo after the other, exactly as the studio did.

use std::path::Path;

use super::error::WorkflowError;
use super::evaluation::surroundings_of;
use super::measuring::regions_of_prediction;
use super::models::{OpenModel, ask_all, of_model, roi_of};
use super::predicting::ModelSettings;
use crate::exchange::Bundle;
use crate::judge::{CompiledRuleset, PartVerdict, Verdict, judge_part};
use crate::measure::{Region, RegionTable, Wanted};
use crate::predict::{PredictError, Predictor, ProbabilityLimits, engine};
use crate::project::{photo_file, unknown_class};
use crate::raster::Photo;

/// A bundle made ready to judge.
pub struct Inspector {
    bundle: Bundle,
    rules: CompiledRuleset,
    /// What the rules need to know of each region.
    wanted: Wanted,
    models: Vec<OpenModel>,
    unknown: u8,
    limits: ProbabilityLimits,
}

/// The verdict on one photo.
#[derive(Clone, Debug)]
pub struct Inspection {
    pub verdict: PartVerdict,
    pub regions: Vec<Region>,
    /// Zone map and photo differ in size: zones were looked up at the same pixels all the same, and the verdict is at least review.
    pub is_size_unexpected: bool,
}

impl Inspector {
    /// Opens the models of a bundle and compiles its rules. `scratch` is a folder for the model files; it is needed only while opening.
    pub fn open(bundle: Bundle, settings: &ModelSettings, scratch: &Path) -> Result<Self, WorkflowError> {
        let names: Vec<(u8, String)> = bundle.classes.iter().map(|c| (c.id, c.name.clone())).collect();
        let surroundings = surroundings_of(&bundle.ruleset, &bundle.part_number, bundle.zones.as_ref());
        let rules = bundle.ruleset.compile_with(&names, &bundle.part_number.zone_names(), &surroundings)?;
        let wanted = bundle.ruleset.wanted_of(&names);
        let names: Vec<(u8, &str)> = names.iter().map(|(id, name)| (*id, name.as_str())).collect();
        let mut models = Vec::with_capacity(bundle.models.len());
        for (number, model) in bundle.models.iter().enumerate() {
            let class_ids = model.card.class_ids(&names).map_err(of_model(&model.name))?;
            let roi = roi_of(&model.name, &bundle.part_number, &model.roi, bundle.zones.as_ref())?;
            let file = scratch.join(format!("model_{number}.onnx"));
            std::fs::write(&file, &model.onnx).map_err(|source| PredictError::Write { file: file.clone(), source })?;
            let engine = engine::open(&file, &settings.engine).map_err(of_model(&model.name))?;
            let predictor = Predictor::new(engine, model.card.clone(), class_ids).map_err(of_model(&model.name))?;
            models.push(OpenModel { name: model.name.clone(), predictor, roi });
        }
        let unknown = unknown_class(&bundle.classes);
        let certainty = bundle.classes.iter().map(|c| (c.id, bundle.ruleset.certainty_of(&c.name)));
        let limits = ProbabilityLimits::new(certainty);
        Ok(Self { bundle, rules, wanted, models, unknown, limits })
    }

    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    /// The engines that run the models.
    #[must_use]
    pub fn engine_name(&self) -> String {
        let mut names: Vec<String> = self.models.iter().map(|model| model.predictor.engine_name()).collect();
        names.dedup();
        names.join(", ")
    }

    /// Why these engines and what they compute on; empty when there is nothing to tell.
    #[must_use]
    pub fn engine_notes(&self) -> String {
        let mut notes: Vec<&str> = self.models.iter().filter_map(|model| model.predictor.engine_note()).collect();
        notes.dedup();
        notes.join("; ")
    }

    /// Judges the golden parts; [`WorkflowError::Golden`] names those that get another verdict than when the bundle was made.
    pub fn verify(&mut self) -> Result<usize, WorkflowError> {
        let golden = std::mem::take(&mut self.bundle.golden);
        let mut wrong = Vec::new();
        for part in &golden {
            let photo = photo_file::read_bytes(&part.bytes, Path::new(&part.image))?;
            let verdict = self.inspect(&photo)?.verdict.verdict;
            if verdict != part.expected {
                wrong.push(format!("{}: {} instead of {}", part.part, verdict.word(), part.expected.word()));
            }
        }
        let count = golden.len();
        self.bundle.golden = golden;
        if wrong.is_empty() { Ok(count) } else { Err(WorkflowError::Golden(wrong)) }
    }

    /// Judges one photo as a part of its own.
    pub fn inspect(&mut self, photo: &Photo) -> Result<Inspection, WorkflowError> {
        let prediction = ask_all(&mut self.models, photo, self.unknown, &|| false)?.held_to(&self.limits);
        let zones = self.bundle.zones.as_ref();
        let regions = regions_of_prediction(&self.bundle.part_number, zones, &prediction, Some(photo), &self.wanted);
        let mut table = RegionTable::new();
        for (i, region) in regions.iter().enumerate() {
            self.rules.admission().push(&mut table, 0, i as u32, region);
        }
        table.finish_part();
        let mut verdict = judge_part(&table, 0, &self.rules);
        let is_size_unexpected = zones.is_some_and(|z| (z.width(), z.height()) != (photo.width(), photo.height()));
        if is_size_unexpected {
            verdict.verdict = verdict.verdict.max(Verdict::Review);
        }
        Ok(Inspection { verdict, regions, is_size_unexpected })
    }
}
