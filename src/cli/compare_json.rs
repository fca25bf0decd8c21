//! A comparison as `compare --json` writes it. The shapes are part of the interface.

use delimit::compare::{ClassCounts, Distribution, Pod, PodResult, Reliability, TemperatureFit};
use delimit::judge::{Rate, Tally, Verdict};
use delimit::raster::PixelRect;
use delimit::session::Session;
use delimit::workflow::SetComparison;
use delimit::workflow::compare_set::{ClassFigures, PartComparison};
use serde::Serialize;

use super::check::{ErrorReport, errors};
use super::verdicts::{RateReport, ScoreReport};

#[derive(Serialize)]
pub struct CompareReport {
    pub project: String,
    pub part_numbers: Vec<PartNumberReport>,
    /// With --candidate: one per part number.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub candidates: Vec<super::compare_candidate::CandidateReport>,
}

#[derive(Serialize)]
pub struct PartNumberReport {
    part_number: String,
    /// Images that have a label and a prediction.
    compared: usize,
    unlabelled: Vec<String>,
    unpredicted: Vec<String>,
    /// Unit of every size: mm² or px.
    size_unit: &'static str,
    parts: Option<PartsReport>,
    mean_iou: Option<f64>,
    kappa: Option<f64>,
    classes: Vec<ClassReport>,
    pixel_confusion: Vec<PixelCell>,
    recall: RateReport,
    precision: RateReport,
    /// The same if every suspected label were wrong as suspected.
    recall_without_suspects: RateReport,
    precision_without_suspects: RateReport,
    /// Suspicions of which a person said that the label is right.
    rejected_suspects: usize,
    false_calls_per_image: Option<f64>,
    defect_confusion: Vec<DefectCell>,
    pod: PodReport,
    pixel_reliability: Option<ReliabilityReport>,
    background_reliability: Option<ReliabilityReport>,
    region_reliability: Option<ReliabilityReport>,
    temperature: Option<TemperatureReport>,
    suspects: Vec<SuspectReport>,
    images: Vec<ImageReport>,
    /// Ids, first those that teach most.
    to_label: Vec<String>,
    to_review: Vec<String>,
    errors: Vec<ErrorReport>,
}

#[derive(Serialize)]
struct PartsReport {
    ruleset: String,
    labels: Tally,
    predictions: Tally,
    same_verdict: RateReport,
    against_people: ScoreReport,
    against_labels: ScoreReport,
    labels_against_people: ScoreReport,
    verdicts: Vec<VerdictCell>,
}

#[derive(Serialize)]
struct VerdictCell {
    on_label: Verdict,
    on_prediction: Verdict,
    parts: Vec<String>,
}

/// One class, pooled over all compared images.
#[derive(Serialize)]
struct ClassReport {
    class: String,
    labelled_px: u64,
    predicted_px: u64,
    both_px: u64,
    /// null when neither has a pixel.
    iou: Option<f64>,
    dice: Option<f64>,
    precision: Option<f64>,
    recall: Option<f64>,
    iou_by_image: Option<DistributionReport>,
    boundary_iou: Option<f64>,
    boundary_f: Option<f64>,
    surface_dice: Option<f64>,
    assd_px: Option<f64>,
    hd95_px: Option<DistributionReport>,
    defects_found: RateReport,
    predictions_right: RateReport,
    taken_for_another_class: usize,
    split: usize,
    merged: usize,
    coverage: Option<DistributionReport>,
    pod: PodReport,
    size_bins: Vec<SizeBinReport>,
    pixel_reliability: Option<ReliabilityReport>,
    region_reliability: Option<ReliabilityReport>,
}

#[derive(Serialize)]
struct DistributionReport {
    count: usize,
    lowest: f64,
    quartile_1: f64,
    median: f64,
    quartile_3: f64,
    highest: f64,
    mean: f64,
}

#[derive(Serialize)]
struct PixelCell {
    /// null = background.
    labelled: Option<String>,
    predicted: Option<String>,
    px: u64,
}

#[derive(Serialize)]
struct DefectCell {
    /// null = nothing.
    labelled: Option<String>,
    predicted: Option<String>,
    cases: Vec<CaseReport>,
}

#[derive(Serialize)]
struct CaseReport {
    image: String,
    /// Numbers of the regions in their image, from 1.
    labelled_region: Option<usize>,
    predicted_region: Option<usize>,
    /// x0, y0, x1, y1 in px; x1 and y1 are outside.
    bounds: [u32; 4],
}

/// `fit` is null where no curve can be fitted; `why` says so.
#[derive(Serialize)]
struct PodReport {
    fit: Option<PodFit>,
    why: Option<String>,
}

#[derive(Serialize)]
struct PodFit {
    beta: [f64; 2],
    covariance: [[f64; 2]; 2],
    log_likelihood: f64,
    a50: f64,
    a90: f64,
    /// By the likelihood ratio; null when there is no bound.
    a90_95: Option<f64>,
    a90_95_delta: f64,
    targets: usize,
    found: usize,
}

#[derive(Serialize)]
struct SizeBinReport {
    from: f64,
    below: f64,
    found: RateReport,
}

#[derive(Serialize)]
struct ReliabilityReport {
    n: f64,
    ece: f64,
    mce: f64,
    brier: f64,
    nll: f64,
    bins: Vec<BinReport>,
}

#[derive(Serialize)]
struct BinReport {
    from: f64,
    to: f64,
    n: f64,
    /// Mean probability said, and share that came true; null in an empty bin.
    said: Option<f64>,
    came_true: Option<f64>,
}

#[derive(Serialize)]
struct TemperatureReport {
    temperature: f64,
    nll_before: f64,
    nll_held_out: f64,
}

#[derive(Serialize)]
struct SuspectReport {
    image: String,
    /// `missing_label`, `extra_label`, `wrong_class` or `boundary`.
    kind: &'static str,
    labelled: Option<String>,
    predicted: Option<String>,
    bounds: [u32; 4],
    probability: f64,
    score: f64,
}

#[derive(Serialize)]
struct ImageReport {
    image: String,
    /// null without a label.
    disagreement_px: Option<u64>,
    doubtful_px: u64,
    mean_entropy_bits: f64,
    defect_entropy_bits: f64,
    /// Relative distance of its nearest region to a limit.
    nearest_limit: Option<f64>,
    found: Option<usize>,
    missed: Option<usize>,
    extra: Option<usize>,
}

const fn corners(b: PixelRect) -> [u32; 4] {
    [b.x0, b.y0, b.x1, b.y1]
}

impl From<Distribution> for DistributionReport {
    fn from(d: Distribution) -> Self {
        let Distribution { count, lowest, quartile_1, median, quartile_3, highest, mean } = d;
        Self { count, lowest, quartile_1, median, quartile_3, highest, mean }
    }
}

impl From<&Reliability> for ReliabilityReport {
    fn from(r: &Reliability) -> Self {
        let bin = |b: &delimit::compare::ReliabilityBin| BinReport {
            from: b.low,
            to: b.high,
            n: b.weight,
            said: (b.weight > 0.0).then_some(b.said),
            came_true: (b.weight > 0.0).then_some(b.true_share),
        };
        Self { n: r.weight, ece: r.ece, mce: r.mce, brier: r.brier, nll: r.nll, bins: r.bins.iter().map(bin).collect() }
    }
}

impl From<TemperatureFit> for TemperatureReport {
    fn from(t: TemperatureFit) -> Self {
        Self { temperature: t.temperature, nll_before: t.nll_before, nll_held_out: t.nll_held_out }
    }
}

impl PodReport {
    fn of(result: &PodResult, unit: &str) -> Self {
        let PodResult::Fitted(pod) = result else {
            return Self { fit: None, why: Some(super::compare_table::pod_words(result, unit)) };
        };
        let Pod { beta, covariance: [a, b, d], log_likelihood, a50, a90, a90_95, a90_95_delta, targets, found } = *pod;
        let covariance = [[a, b], [b, d]];
        Self { fit: Some(PodFit { beta, covariance, log_likelihood, a50, a90, a90_95, a90_95_delta, targets, found }), why: None }
    }
}

impl PartsReport {
    fn of(session: &Session, p: &PartComparison) -> Self {
        let serial = |&part: &usize| session.project().parts()[part].serial.clone();
        let cell = |(&(on_label, on_prediction), parts): (&(Verdict, Verdict), &Vec<usize>)| VerdictCell {
            on_label,
            on_prediction,
            parts: parts.iter().map(serial).collect(),
        };
        Self {
            ruleset: p.ruleset.clone(),
            labels: p.labels,
            predictions: p.predictions,
            same_verdict: p.same_verdict().into(),
            against_people: p.against_people.into(),
            against_labels: p.against_labels.into(),
            labels_against_people: p.labels_against_people.into(),
            verdicts: p.verdicts.iter().map(cell).collect(),
        }
    }
}

impl ClassReport {
    fn of(name: String, f: &ClassFigures, unit: &str) -> Self {
        let b = &f.boundary;
        let bin = |b: &delimit::compare::SizeBin| SizeBinReport {
            from: b.low,
            below: b.high,
            found: Rate { count: b.found, of: b.targets }.into(),
        };
        Self {
            class: name,
            labelled_px: f.pixels.labelled,
            predicted_px: f.pixels.predicted,
            both_px: f.pixels.both,
            iou: f.pixels.iou(),
            dice: f.pixels.dice(),
            precision: f.pixels.precision(),
            recall: f.pixels.recall(),
            iou_by_image: f.iou.map(Into::into),
            boundary_iou: b.boundary_iou(),
            boundary_f: b.boundary_f(),
            surface_dice: b.surface_dice(),
            assd_px: b.assd(),
            hd95_px: Distribution::of(&b.hd95).map(Into::into),
            defects_found: f.recall.into(),
            predictions_right: f.precision.into(),
            taken_for_another_class: f.taken,
            split: f.split,
            merged: f.merged,
            coverage: f.coverage.map(Into::into),
            pod: PodReport::of(&f.pod, unit),
            size_bins: f.size_bins.iter().map(bin).collect(),
            pixel_reliability: f.pixel_reliability.as_ref().map(Into::into),
            region_reliability: f.region_reliability.as_ref().map(Into::into),
        }
    }
}

impl PartNumberReport {
    pub fn of(session: &Session, c: &SetComparison) -> Self {
        let project = session.project();
        let id = |image: usize| project.images()[image].id.clone();
        let ids = |images: &[usize]| images.iter().map(|&i| id(i)).collect();
        let class = |c: u8| (c != 0).then(|| project.class_name(c));
        let unit = c.size.unit();
        let defect_cell = |(&(t, p), cases): (&(u8, u8), &Vec<delimit::workflow::compare_set::DefectCase>)| DefectCell {
            labelled: class(t),
            predicted: class(p),
            cases: cases
                .iter()
                .map(|case| CaseReport {
                    image: id(case.image),
                    labelled_region: case.labelled.map(|i| i + 1),
                    predicted_region: case.predicted.map(|k| k + 1),
                    bounds: corners(case.bounds),
                })
                .collect(),
        };
        let suspect = |s: &delimit::workflow::compare_set::Suspect| SuspectReport {
            image: id(s.image),
            kind: s.kind.name(),
            labelled: class(s.labelled),
            predicted: class(s.predicted),
            bounds: corners(s.bounds),
            probability: s.probability,
            score: s.score,
        };
        let image = |i: &delimit::workflow::compare_set::ImageFigures| {
            let regions = i.labelled.as_ref().map(|l| l.defects.regions());
            ImageReport {
                image: id(i.image),
                disagreement_px: i.labelled.as_ref().map(|_| i.doubt.disagreement),
                doubtful_px: i.doubt.doubtful,
                mean_entropy_bits: i.doubt.mean_entropy,
                defect_entropy_bits: i.doubt.defect_entropy,
                nearest_limit: i.nearest_limit,
                found: regions.as_ref().map(|r| r.found.len() - r.missed()),
                missed: regions.as_ref().map(delimit::compare::RegionComparison::missed),
                extra: regions.as_ref().map(delimit::compare::RegionComparison::extra),
            }
        };
        let pixel_cell = |(&(t, p), &px): (&(u8, u8), &u64)| PixelCell { labelled: class(t), predicted: class(p), px };
        Self {
            part_number: project.part_numbers[c.part_number].name.clone(),
            compared: c.compared(),
            unlabelled: ids(&c.unlabelled),
            unpredicted: ids(&c.unpredicted),
            size_unit: unit,
            parts: c.parts.as_ref().map(|p| PartsReport::of(session, p)),
            mean_iou: c.confusion.mean(ClassCounts::iou),
            kappa: c.confusion.kappa(),
            classes: c.classes.iter().map(|f| ClassReport::of(project.class_name(f.class), f, unit)).collect(),
            pixel_confusion: c.confusion.cells.iter().map(pixel_cell).collect(),
            recall: c.recall().into(),
            precision: c.precision().into(),
            recall_without_suspects: c.without_suspects().0.into(),
            precision_without_suspects: c.without_suspects().1.into(),
            rejected_suspects: c.rejected_suspects,
            false_calls_per_image: c.false_calls_per_image(),
            defect_confusion: c.defects.iter().map(defect_cell).collect(),
            pod: PodReport::of(&c.pod, unit),
            pixel_reliability: c.pixel_reliability.as_ref().map(Into::into),
            background_reliability: c.background_reliability.as_ref().map(Into::into),
            region_reliability: c.region_reliability.as_ref().map(Into::into),
            temperature: c.temperature.map(Into::into),
            suspects: c.suspects.iter().map(suspect).collect(),
            images: c.images.iter().map(image).collect(),
            to_label: ids(&c.to_label),
            to_review: ids(&c.to_review),
            errors: errors(session, &c.problems),
        }
    }
}
