//! Labels that are likely wrong: the model is sure of something else, and the photo is on its side.

use crate::check::{BoundaryCheck, ClassRule, Doubted, Finding, FindingKind, Reason, RegionCheck, Scene, Soundness, check_region};
use crate::compare::{DefectComparison, Outcome};
use crate::project::Class;
use crate::raster::{BACKGROUND, Components, LabelMap, PixelRect, Plane};
use crate::session::Snapshot;
use crate::workflow::WorkflowError;

use super::image::{RegionForecast, mean_probability};

/// A suspected mistake of a label, with its place.
#[derive(Clone, Debug, PartialEq)]
pub struct Suspect {
    pub kind: Doubted,
    /// Index of the image in the project.
    pub image: usize,
    /// Class of the label; 0 for a missing label.
    pub labelled: u8,
    /// Class that the model says; 0 for an extra label.
    pub predicted: u8,
    /// Numbers of the regions in label and prediction, from 0, in the order of [`compared_maps`](super::compared_maps).
    pub labelled_region: Option<usize>,
    pub predicted_region: Option<usize>,
    pub bounds: PixelRect,
    /// How sure the model is, 0..=1.
    pub probability: f64,
    /// 0..=1, for ranking: how sure the model is × how far the photo is on its side.
    pub score: f64,
}

impl Suspect {
    /// The same as a finding: what a person says about it is kept as for any other.
    #[must_use]
    pub fn finding(&self) -> Finding {
        let class = if self.labelled == BACKGROUND { self.predicted } else { self.labelled };
        let message = format!("{}, the model is {:.0} % sure", self.kind.label(), self.probability * 100.0);
        Finding { class, ..Finding::new(FindingKind::Model(self.kind), None, self.bounds, message) }
    }
}

/// A model that is less sure than this is no witness.
const SURE: f64 = 0.7;
/// Regions of fewer pixels have no boundary that could be measured.
const MIN_PIXELS: u64 = 12;
/// From this share in common on outlines do not contradict each other.
const SAME_OUTLINE: f64 = 0.85;
/// What has less than this for it is not worth a look.
const MIN_SCORE: f64 = 0.1;

/// Label or prediction with its regions.
#[derive(Clone, Copy)]
pub(super) struct Side<'a> {
    pub map: &'a LabelMap,
    pub components: &'a Components,
}

/// The suspected mistakes of one label, best founded first. Reads the photo only when there is something to look at.
pub(super) fn suspects(
    snapshot: &Snapshot,
    image: usize,
    [truth, said]: [Side<'_>; 2],
    defects: &DefectComparison,
    forecasts: &[RegionForecast],
    probability: &Plane<u8>,
    settings: &BoundaryCheck,
) -> Result<Vec<Suspect>, WorkflowError> {
    let candidates = candidates(image, [truth, said], defects, forecasts, probability);
    if candidates.is_empty() {
        return Ok(Vec::new());
    }
    let project = snapshot.project();
    let photo = project.read_photo(image)?;
    let zones = match project.part_number_of_image(image) {
        Some(pn) => snapshot.zones(pn).map_err(WorkflowError::Zones)?.filter(|z| z.rect() == photo.rect()),
        None => None,
    };
    let check = |side: &Side<'_>, region: usize| {
        let class = side.components.value(region);
        let rule = project.class(class).map_or_else(ClassRule::default, Class::rule);
        let scene = Scene::new(&photo, side.map, zones);
        let result = check_region(&scene, side.components.runs(region), rule.boundary, &rule.settings(settings));
        RegionCheck { region, number: None, class, bounds: PixelRect::EMPTY, result }
    };
    let mut found: Vec<Suspect> = candidates
        .into_iter()
        .filter_map(|c| {
            let support = match (c.labelled_region, c.predicted_region) {
                (Some(i), None) => emptiness(&check(&truth, i)),
                (Some(i), Some(k)) if c.kind == Doubted::Boundary => {
                    let ours = check(&said, k);
                    advantage(&ours, &check(&truth, i)) * edge(&ours)
                }
                (_, Some(k)) => edge(&check(&said, k)),
                (None, None) => 0.0,
            };
            let score = c.probability * support;
            (score >= MIN_SCORE).then_some(Suspect { score, ..c })
        })
        .collect();
    found.sort_by(|a, b| b.score.total_cmp(&a.score));
    Ok(found)
}

/// Where the model is sure and contradicts the label.
fn candidates(
    image: usize,
    [truth, said]: [Side<'_>; 2],
    defects: &DefectComparison,
    forecasts: &[RegionForecast],
    probability: &Plane<u8>,
) -> Vec<Suspect> {
    let mut all = Vec::new();
    let mut push = |kind, classes: (u8, u8), bounds, probability: f64, labelled, predicted| {
        if probability >= SURE {
            all.push(Suspect {
                kind,
                image,
                labelled: classes.0,
                predicted: classes.1,
                labelled_region: labelled,
                predicted_region: predicted,
                bounds,
                probability,
                score: 0.0,
            });
        }
    };
    for (k, d) in defects.predicted.iter().enumerate().filter(|(_, d)| d.is_invented() && d.pixels >= MIN_PIXELS) {
        push(Doubted::MissingLabel, (BACKGROUND, d.class), d.bounds, forecasts[k].probability, None, Some(k));
    }
    for (i, d) in defects.labelled.iter().enumerate().filter(|(_, d)| d.pixels >= MIN_PIXELS) {
        match (d.outcome, d.taken_by) {
            (Outcome::Taken(class), Some(k)) => {
                push(Doubted::WrongClass, (d.class, class), d.bounds, forecasts[k].probability, Some(i), Some(k));
            }
            (Outcome::Missed, _) => {
                let sure = mean_probability(truth.components.runs(i), probability);
                push(Doubted::ExtraLabel, (d.class, BACKGROUND), d.bounds, sure, Some(i), None);
            }
            _ => {
                let [k] = d.found_by[..] else { continue };
                let other = &defects.predicted[k];
                let common = d.coverage * d.pixels as f64;
                let iou = common / ((d.pixels + other.pixels) as f64 - common);
                if other.lies_on.len() == 1 && iou < SAME_OUTLINE && said.components.value(k) == d.class {
                    let bounds = d.bounds.union(other.bounds);
                    push(Doubted::Boundary, (d.class, d.class), bounds, forecasts[k].probability, Some(i), Some(k));
                }
            }
        }
    }
    all
}

/// How well a region's outline lies on an edge of the photo: 1 on it, 0 from twice the tolerance on or where there is none to be seen.
fn edge(check: &RegionCheck) -> f64 {
    match check.result.verdict {
        Soundness::Pass | Soundness::Warn => check.result.coverage * check.result.score() / 100.0,
        Soundness::Unmeasurable | Soundness::Fail => 0.0,
    }
}

/// How clearly the photo shows nothing where a region is labelled: the share of its outline without an edge, and nothing where it could
/// not be looked at.
fn emptiness(check: &RegionCheck) -> f64 {
    let is_empty = |r: &Reason| matches!(r, Reason::LowCoverage | Reason::NoEdge);
    let was_seen = check.result.verdict == Soundness::Unmeasurable && check.result.reasons.iter().any(is_empty);
    if was_seen { 1.0 - check.result.coverage } else { 0.0 }
}

/// How much nearer to the edge the model's outline is than one that fails or nearly does, as a share of the latter's error.
fn advantage(ours: &RegionCheck, theirs: &RegionCheck) -> f64 {
    match theirs.result.verdict {
        Soundness::Warn | Soundness::Fail => (1.0 - ours.result.p90_px / theirs.result.p90_px).max(0.0),
        Soundness::Pass | Soundness::Unmeasurable => 0.0,
    }
}
