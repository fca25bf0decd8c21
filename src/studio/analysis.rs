//! What is known about labels and predictions so far: results of background work, and the verdicts that follow from them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use delimit::check::RegionCheck;
use delimit::judge::{CompiledRuleset, Disposition, Flip, Ruleset, RulesetError, Surroundings, Verdict, flips};
use delimit::measure::{Grouping, Region};
use delimit::predict::DefectPixels;
use delimit::project::Project;
use delimit::raster::LabelMap;
use delimit::session::{Session, SurfaceId};
use delimit::workflow::Evaluation;
use delimit::workflow::comparing::ImageComparison;
use delimit::workflow::evaluation::{compile, surroundings_of};

use super::state::Source;

/// What was measured on one label.
pub struct LabelFacts {
    /// Of the label that was measured.
    pub revision: u64,
    pub regions: Vec<Region>,
    /// How they were split, merged and numbered then.
    pub grouping: Grouping,
    /// A blank label that nobody made says nothing about its part.
    pub is_labelled: bool,
}

/// What a model said about one image.
pub struct PredictionFacts {
    pub map: LabelMap,
    pub regions: Vec<Region>,
    /// What it says held to no limit.
    pub pixels: Arc<DefectPixels>,
    /// Name of the model that each region comes from, where several run.
    pub origins: Vec<Option<String>>,
    /// Against the label at that revision.
    pub comparison: Option<(u64, Box<ImageComparison>)>,
}

/// Results by image, and verdicts by part.
#[derive(Default)]
pub struct Analysis {
    pub labels: Vec<Option<LabelFacts>>,
    pub checks: Vec<Option<Vec<RegionCheck>>>,
    pub predictions: Vec<Option<PredictionFacts>>,
    /// What could not be read or measured, by image.
    pub problems: Vec<Option<String>>,
    /// Which engine the predictions come from and what it computes on.
    pub engine: Option<String>,
    /// The same with why it is that one and not another.
    pub engine_note: Option<String>,
    on_labels: Option<Judged>,
    on_predictions: Option<Judged>,
    /// Why no verdicts can be given: the ruleset names what the part number does not have.
    pub ruleset_problem: Option<String>,
    is_outdated: bool,
    /// How large the zones are, by part number and revision of its zone map (and whether that was in memory).
    surroundings: Option<((usize, u64, bool), Surroundings)>,
    /// Grows whenever regions, verdicts or comparisons changed.
    revision: u64,
    /// Grows whenever the tables of regions were made anew; a limit that moves leaves them as they are.
    table_revision: u64,
    /// When verdicts were last made, and how long that took.
    judged_at: Option<(Instant, Duration)>,
    /// An image was checked, or has a prediction: known without looking at all of them.
    pub is_any_checked: bool,
    pub is_any_predicted: bool,
}

/// From this many images on, verdicts are made anew only now and then while regions keep coming in.
const MANY: usize = 2000;

/// Verdicts on one source, and those that the saved ruleset would give.
struct Judged {
    evaluation: Evaluation,
    saved: Vec<Verdict>,
}

impl Analysis {
    pub fn new(images: usize) -> Self {
        let mut analysis = Self { is_outdated: true, ..Self::default() };
        analysis.resize(images);
        analysis
    }

    pub fn resize(&mut self, images: usize) {
        self.labels.resize_with(images, || None);
        self.checks.resize_with(images, || None);
        self.predictions.resize_with(images, || None);
        self.problems.resize_with(images, || None);
        self.is_outdated = true;
    }

    /// Says that regions changed: verdicts are made anew at the next [`Self::judge`].
    pub const fn outdate(&mut self) {
        self.is_outdated = true;
        self.revision += 1;
    }

    /// Says that a comparison came in.
    pub const fn compared(&mut self) {
        self.revision += 1;
    }

    /// Brings verdicts up to date with regions, the part number and its saved ruleset; cheap when nothing changed.
    pub fn judge(&mut self, session: &Session, part_number: usize) {
        if self.on_labels.as_ref().is_some_and(|j| j.evaluation.part_number() != part_number) {
            self.is_outdated = true;
        }
        let is_too_soon = |(at, cost): (Instant, Duration)| at.elapsed() < cost * 10;
        if !self.is_outdated || (self.labels.len() > MANY && self.judged_at.is_some_and(is_too_soon)) {
            return;
        }
        self.is_outdated = false;
        let start = Instant::now();
        let project = session.project();
        let slot = session.ruleset(part_number);
        let current = self.compile(session, part_number, slot.current());
        let rules = match (current, self.compile(session, part_number, slot.saved())) {
            (Ok(current), Ok(saved)) => (current, saved),
            (Err(e), _) | (_, Err(e)) => {
                self.ruleset_problem = Some(e.to_string());
                (self.on_labels, self.on_predictions) = (None, None);
                return;
            }
        };
        self.ruleset_problem = None;
        let truth = session.dispositions();
        let of_label = |i: usize| self.labels[i].as_ref().filter(|f| f.is_labelled).map(|f| f.regions.as_slice());
        let of_prediction = |i: usize| self.predictions[i].as_ref().map(|f| f.regions.as_slice());
        let on_labels = judged(project, part_number, &rules, &truth, of_label);
        let on_predictions = judged(project, part_number, &rules, &truth, of_prediction);
        (self.on_labels, self.on_predictions) = (Some(on_labels), Some(on_predictions));
        self.revision += 1;
        self.table_revision += 1;
        self.judged_at = Some((Instant::now(), start.elapsed()));
    }

    /// Changes whenever regions, verdicts or comparisons did.
    pub const fn revision(&self) -> u64 {
        self.revision
    }

    /// Changes whenever regions did.
    pub const fn table_revision(&self) -> u64 {
        self.table_revision
    }

    /// Verdicts are not up to date with regions yet.
    pub const fn is_outdated(&self) -> bool {
        self.is_outdated
    }

    /// Goes over to the ruleset on the screen, at every step of a drag.
    pub fn apply_ruleset(&mut self, session: &Session, part_number: usize) {
        match self.compile(session, part_number, session.ruleset(part_number).current()) {
            Ok(rules) => {
                self.revision += 1;
                for judged in [&mut self.on_labels, &mut self.on_predictions].into_iter().flatten() {
                    self.is_outdated |= judged.evaluation.apply(&rules).is_none();
                }
                self.ruleset_problem = None;
            }
            Err(e) => self.ruleset_problem = Some(e.to_string()),
        }
    }

    /// Makes a ruleset ready. How large zones are is worked out once for each state of the zone map, and only for a ruleset that asks.
    fn compile(&mut self, session: &Session, part_number: usize, ruleset: &Ruleset) -> Result<CompiledRuleset, RulesetError> {
        let project = session.project();
        let number = &project.part_numbers[part_number];
        if !ruleset.needs_surroundings() {
            return compile(project, part_number, ruleset);
        }
        // Zones come into memory soon after a part number is chosen; until then densities are unmeasured, which is review.
        let surface = session.surface(SurfaceId::Zones(part_number));
        let key = (part_number, surface.map_or(0, delimit::session::Surface::revision), surface.is_some());
        if self.surroundings.as_ref().is_none_or(|(made_for, _)| *made_for != key) {
            let found = surroundings_of(ruleset, number, surface.map(delimit::session::Surface::map));
            self.surroundings = Some((key, found));
        }
        let surroundings = self.surroundings.as_ref().map(|(_, s)| s.clone()).unwrap_or_default();
        ruleset.compile_with(&project.class_names(), &number.zone_names(), &surroundings)
    }

    /// The measured regions of an image; None when there are none yet, or nobody labelled it.
    pub fn regions(&self, source: Source, image: usize) -> Option<&[Region]> {
        match source {
            Source::Labels => self.labels.get(image)?.as_ref().filter(|f| f.is_labelled).map(|f| f.regions.as_slice()),
            Source::Predictions => self.predictions.get(image)?.as_ref().map(|f| f.regions.as_slice()),
        }
    }

    fn judged(&self, source: Source) -> Option<&Judged> {
        match source {
            Source::Labels => self.on_labels.as_ref(),
            Source::Predictions => self.on_predictions.as_ref(),
        }
    }

    /// Verdicts on labels or predictions; None before there are any.
    pub fn evaluation(&self, source: Source) -> Option<&Evaluation> {
        self.judged(source).map(|j| &j.evaluation).filter(|e| !e.parts().is_empty())
    }

    /// Parts whose verdict differs from what the saved ruleset says.
    pub fn flips(&self, source: Source) -> Vec<Flip> {
        self.judged(source).map_or_else(Vec::new, |j| flips(&j.saved, j.evaluation.verdicts(), j.evaluation.truth()))
    }

    pub const fn has_predictions(&self) -> bool {
        self.is_any_predicted
    }

    /// Pixels on which label and prediction of an image part; None before they were compared.
    pub fn disagreement(&self, image: usize) -> Option<u64> {
        self.predictions[image].as_ref()?.comparison.as_ref().map(|(_, c)| c.pixels.disagreement())
    }
}

/// Verdicts by the ruleset on the screen, and by the saved one; `rules` in this order.
fn judged<'r>(
    project: &Project,
    part_number: usize,
    (current, saved): &(CompiledRuleset, CompiledRuleset),
    truth: &[Disposition],
    regions: impl Fn(usize) -> Option<&'r [Region]>,
) -> Judged {
    let mut evaluation = Evaluation::new(project, part_number, saved, truth, &regions);
    let saved = evaluation.verdicts().to_vec();
    // A ruleset that ignores or cuts differently than the saved one makes other rows.
    if evaluation.apply(current).is_none() {
        evaluation = Evaluation::new(project, part_number, current, truth, &regions);
    }
    Judged { evaluation, saved }
}
