//! The defect pixels of a prediction with their probabilities, and nothing of the rest of the photo: small enough to keep for every image
//! of a set, so that a least probability can be moved without reading a prediction again.

use super::certainty::ProbabilityLimits;
use super::prediction::{Prediction, Statement};
use crate::raster::runs::{Run, runs};
use crate::raster::{LabelMap, Plane};

/// What models said about one image, held to no limit.
#[derive(Clone, Debug)]
pub struct DefectPixels {
    width: u32,
    height: u32,
    /// Runs of one class each, row by row.
    runs: Vec<Run>,
    /// 0..=255 for 0..=1, of the pixels of the runs one after the other.
    levels: Vec<u8>,
    /// By class: which levels occur, one bit each.
    present: Vec<(u8, [u64; 4])>,
    origin: LabelMap,
    models: Vec<String>,
    engine: String,
    statements: Vec<Statement>,
}

impl DefectPixels {
    /// Of a prediction that is held to no limit.
    #[must_use]
    pub fn of(prediction: &Prediction) -> Self {
        let runs = runs(&prediction.class);
        let mut levels = Vec::with_capacity(runs.iter().map(|r| r.len() as usize).sum());
        let mut present: Vec<(u8, [u64; 4])> = Vec::new();
        let mut note = |class: u8, levels: &[u8]| {
            let at = present.iter().position(|p| p.0 == class).unwrap_or_else(|| {
                present.push((class, [0; 4]));
                present.len() - 1
            });
            for &level in levels {
                present[at].1[usize::from(level >> 6)] |= 1 << (level & 63);
            }
        };
        for run in &runs {
            let row = &prediction.probability.row(run.y)[run.x0 as usize..run.x1 as usize];
            levels.extend_from_slice(row);
            note(run.value, row);
        }
        for s in &prediction.statements {
            note(s.class, &[(s.probability * 255.0).round() as u8]);
        }
        Self {
            width: prediction.class.width(),
            height: prediction.class.height(),
            runs,
            levels,
            present,
            origin: prediction.origin.clone(),
            models: prediction.models.clone(),
            engine: prediction.engine.clone(),
            statements: prediction.statements.clone(),
        }
    }

    /// No pixel and no statement lies between the two: held to either it is the same.
    #[must_use]
    pub fn is_same_under(&self, a: &ProbabilityLimits, b: &ProbabilityLimits) -> bool {
        self.present.iter().all(|(class, levels)| {
            let (a, b) = (a.least_level(*class), b.least_level(*class));
            (a.min(b)..a.max(b)).all(|level| levels[usize::from(level >> 6)] >> (level & 63) & 1 == 0)
        })
    }

    /// The prediction held to least probabilities. Pixels without a defect have the probability 0: what they had is not kept.
    #[must_use]
    pub fn held_to(&self, limits: &ProbabilityLimits) -> Prediction {
        let mut class = LabelMap::new(self.width, self.height);
        let mut probability = Plane::filled(self.width, self.height, 0_u8);
        let mut origin = self.origin.clone();
        let mut rest = self.levels.as_slice();
        for run in &self.runs {
            let (levels, others) = rest.split_at(run.len() as usize);
            rest = others;
            let least = limits.least_level(run.value);
            let mut at = run.x0;
            for stretch in levels.chunk_by(|a, b| (*a < least) == (*b < least)) {
                let end = at + stretch.len() as u32;
                if stretch[0] < least {
                    origin.fill_span(run.y, at, end, crate::raster::BACKGROUND);
                } else {
                    class.fill_span(run.y, at, end, run.value);
                    probability.row_mut(run.y)[at as usize..end as usize].copy_from_slice(stretch);
                }
                at = end;
            }
        }
        let mut statements = self.statements.clone();
        statements.retain(|s| (s.probability * 255.0).round() as u8 >= limits.least_level(s.class));
        Prediction { class, probability, engine: self.engine.clone(), models: self.models.clone(), origin, statements }
    }

    /// Memory that it takes, in bytes, about.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.runs.capacity() * size_of::<Run>() + self.levels.capacity() + self.origin.heap_bytes()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::PixelRect;

    proptest! {
        #[test]
        fn it_is_held_to_limits_as_the_prediction_is(
            classes in proptest::collection::vec(prop_oneof![3 => Just(0_u8), 1 => 0_u8..4], 600),
            levels in proptest::collection::vec(any::<u8>(), 600),
            limits in proptest::collection::vec(0.0_f64..=1.0, 3), others in proptest::collection::vec(0.0_f64..=1.0, 3),
        ) {
            let (class, probability) = (Plane::from_vec(300, 2, classes), Plane::from_vec(300, 2, levels));
            let mut said = Prediction::new(LabelMap::from_plane(&class), probability, "engine");
            said.origin = said.class.clone();
            said.statements = (1..4).map(|class| Statement { class, probability: 0.5, bounds: PixelRect::new(0, 0, 2, 2), model: 0 }).collect();
            let pixels = DefectPixels::of(&said);
            let limits = ProbabilityLimits::new((1..4).zip(limits.iter().copied()));
            let others = ProbabilityLimits::new((1..4).zip(others.iter().copied()));
            let held = said.clone().held_to(&limits);
            let kept = pixels.held_to(&limits);
            prop_assert_eq!(kept.class.to_plane(), held.class.to_plane());
            prop_assert_eq!(kept.origin.to_plane(), held.origin.to_plane());
            prop_assert_eq!(&kept.statements, &held.statements);
            for (x, y) in (0..300).flat_map(|x| [(x, 0), (x, 1)]).filter(|&(x, y)| held.class.get(x, y) != 0) {
                prop_assert_eq!(kept.probability.row(y)[x as usize], held.probability.row(y)[x as usize]);
            }
            // Said to be the same exactly when it is.
            let by_others = said.held_to(&others);
            let is_same = by_others.class.to_plane() == held.class.to_plane() && by_others.statements == held.statements;
            prop_assert_eq!(pixels.is_same_under(&limits, &others), is_same);
        }
    }
}
