//! What a station does with a bundle: judge one photo after the other, exactly as the studio did.

use std::path::Path;

use super::error::WorkflowError;
use super::measuring::regions_of_prediction;
use super::predicting::ModelSettings;
use crate::exchange::Bundle;
use crate::judge::{CompiledRuleset, PartVerdict, Verdict, judge_part};
use crate::measure::{Region, RegionTable};
use crate::predict::{PredictError, Predictor, engine};
use crate::project::photo_file;
use crate::raster::Photo;

/// A bundle made ready to judge.
pub struct Inspector {
    bundle: Bundle,
    rules: CompiledRuleset,
    predictor: Predictor,
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
    /// Opens the model of a bundle and compiles its rules. `scratch` is a folder for the model file; it is needed only while opening.
    pub fn open(bundle: Bundle, settings: &ModelSettings, scratch: &Path) -> Result<Self, WorkflowError> {
        let names: Vec<(u8, String)> = bundle.classes.iter().map(|c| (c.id, c.name.clone())).collect();
        let rules = bundle.ruleset.compile(&names, &bundle.part_number.zone_names())?;
        let names: Vec<(u8, &str)> = names.iter().map(|(id, name)| (*id, name.as_str())).collect();
        let class_ids = bundle.model.card.class_ids(&names)?;
        let file = scratch.join("model.onnx");
        std::fs::write(&file, &bundle.model.onnx).map_err(|source| PredictError::Write { file: file.clone(), source })?;
        let engine = engine::open(&file, &settings.engine)?;
        let predictor = Predictor::new(engine, bundle.model.card.clone(), class_ids)?;
        Ok(Self { bundle, rules, predictor })
    }

    #[must_use]
    pub const fn bundle(&self) -> &Bundle {
        &self.bundle
    }

    #[must_use]
    pub fn engine_name(&self) -> String {
        self.predictor.engine_name()
    }

    /// Why this engine and what it computes on, when there is something to tell.
    #[must_use]
    pub fn engine_note(&self) -> Option<&str> {
        self.predictor.engine_note()
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
        let prediction = self.predictor.predict(photo)?;
        let zones = self.bundle.zones.as_ref();
        let regions = regions_of_prediction(&self.bundle.part_number, zones, &prediction);
        let mut table = RegionTable::new();
        for (i, region) in regions.iter().enumerate() {
            table.push(0, i as u32, region);
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
