//! The shapes of `delimit check --format json`. They are part of the interface: fields are added, never renamed.

use std::collections::BTreeMap;

use delimit::check::systematic::{Estimate, Shared};
use delimit::check::{BoundaryCheck, Cause, Correction, Finding, FindingKind, RegionCheck, Severity, Soundness};
use delimit::judge::Verdict;
use delimit::session::Session;
use delimit::workflow::flip_test::{Consequence, FlipTest, STEPS};
use delimit::workflow::label_groups::{GroupBy, NamedSummary, summaries};
use serde::Serialize;

use super::check::{CheckedProject, ErrorReport, errors};
use super::verdicts::RateReport;

/// What was found, worst first, the figures of every checked region, what follows, and what could not be checked.
#[derive(Serialize)]
pub struct CheckReport {
    project: String,
    /// As asked for; a blurred edge is given more, see `tolerance_px` of the region.
    tolerance_px: f64,
    /// Images with a label.
    images: usize,
    unlabelled: usize,
    /// Regions by the answer of the boundary check.
    pass: usize,
    warn: usize,
    fail: usize,
    unmeasurable: usize,
    findings: Vec<FindingReport>,
    /// Findings that people accepted as they are; not among `findings`.
    accepted: usize,
    regions: Vec<RegionReport>,
    groups: Groups,
    systematic: Vec<SystematicReport>,
    /// By part number; left out without --flips.
    #[serde(skip_serializing_if = "Option::is_none")]
    flips: Option<Vec<FlipReport>>,
    errors: Vec<ErrorReport>,
}

/// One thing to look at.
#[derive(Serialize)]
struct FindingReport {
    /// error, warning or info.
    severity: Severity,
    kind: FindingKind,
    /// The stable name of the kind, as in SARIF.
    rule: &'static str,
    image: String,
    /// From 1; null for a finding about the whole image.
    region: Option<usize>,
    /// null for a finding about the whole image.
    class: Option<String>,
    /// Where to look, px.
    place: (f64, f64),
    /// For people.
    message: String,
    /// none, region or part: whose verdict changes when the region is moved to where the photo has its edge. Left out without --flips.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes_verdict: Option<&'static str>,
}

/// One region. Figures in px; null = could not be had.
#[derive(Serialize)]
struct RegionReport {
    image: String,
    /// As people count: from 1.
    region: usize,
    /// The number that a person gave it; left out where nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    number: Option<u32>,
    class: String,
    /// x0, y0, x1, y1 in px; x1 and y1 are outside.
    bounds: [u32; 4],
    /// pass, warn, fail or unmeasurable.
    verdict: Soundness,
    cause: Cause,
    /// + = the label is too large.
    bias_px: f64,
    shift_px: (f64, f64),
    spread_px: f64,
    p50_px: f64,
    p90_px: f64,
    tolerance_px: f64,
    /// Share of the contour that shows an edge, 0..=1.
    coverage: f64,
    reasons: Vec<String>,
}

#[derive(Serialize)]
struct Groups {
    class: Vec<GroupReport>,
    annotator: Vec<GroupReport>,
    image: Vec<GroupReport>,
    part_number: Vec<GroupReport>,
}

/// The regions of one group.
#[derive(Serialize)]
struct GroupReport {
    name: String,
    regions: usize,
    pass: usize,
    warn: usize,
    fail: usize,
    unmeasurable: usize,
    /// Median, px; + = too large. null when nothing is measurable.
    bias_px: Option<f64>,
    /// Standard error of it, px.
    bias_se_px: Option<f64>,
    /// Median over the regions, px.
    p90_px: f64,
    /// Median over the regions that can tell, px; x to the right, y down.
    shift_px: Option<(f64, f64)>,
    /// Share of the measurable regions that warn or fail, 0..=1.
    flagged: Option<f64>,
}

/// An error that many labels share.
#[derive(Serialize)]
struct SystematicReport {
    /// bias, shift or difference.
    kind: &'static str,
    /// Whose labels, in words.
    who: String,
    regions: usize,
    passing: usize,
    /// Corrected for the number of tests.
    p_value: f64,
    /// + = too large; of a difference: larger than the other's.
    #[serde(skip_serializing_if = "Option::is_none")]
    bias: Option<Estimate>,
    #[serde(skip_serializing_if = "Option::is_none")]
    shift: Option<(Estimate, Estimate)>,
    /// What would set it right; null where two people differ.
    correction: Option<Correction>,
    sentence: String,
}

/// How the verdicts of a part number hang on the boundaries.
#[derive(Serialize)]
struct FlipReport {
    part_number: String,
    /// Parts that keep their verdict when all boundaries move by up to ±1 and ±2 px.
    stable_1_px: RateReport,
    stable_2_px: RateReport,
    /// Parts that go from OK to NG or back within ±1 px.
    hard_1_px: RateReport,
    /// Parts with another verdict when all labels follow the photo.
    wrong_by_labels: RateReport,
    /// Parts of which an image has no label.
    left_out: usize,
    cells: Vec<CellReport>,
    parts: Vec<PartReport>,
    /// Regions whose verdict, or whose part's, changes when they are moved to the edge.
    regions: Vec<RegionFlipReport>,
}

#[derive(Serialize)]
struct CellReport {
    class: String,
    zone: String,
    regions: usize,
    stable_1_px: usize,
    stable_2_px: usize,
}

#[derive(Serialize)]
struct PartReport {
    part: String,
    verdict: Verdict,
    /// By how much all boundaries move, px: the verdict then.
    moved: BTreeMap<String, Verdict>,
    /// When all labels follow the photo.
    corrected: Verdict,
    /// The smallest move with another verdict, px; null when there is none.
    smallest_flip_px: Option<i8>,
}

#[derive(Serialize)]
struct RegionFlipReport {
    image: String,
    region: usize,
    class: String,
    verdict: Verdict,
    /// null: nothing is left of it.
    corrected: Option<Verdict>,
    part_verdict: Verdict,
    part_corrected: Verdict,
    /// Shrinking by so many px leaves nothing of it.
    gone_at_px: Option<u8>,
}

pub fn report(session: &Session, settings: &BoundaryCheck, checked: &CheckedProject) -> CheckReport {
    let project = session.project();
    let id = |image: usize| project.images()[image].id.clone();
    let finding = |(image, f): &(usize, Finding)| FindingReport {
        severity: f.severity,
        kind: f.kind,
        rule: f.kind.id(),
        image: id(*image),
        region: f.region.map(|r| r + 1),
        class: f.region.map(|_| project.class_name(f.class)),
        place: (f.place.x, f.place.y),
        message: f.message.clone(),
        changes_verdict: (!checked.flips.is_empty()).then(|| consequence_word(checked.consequence(*image, f))),
    };
    let region = |image: usize, r: &RegionCheck| RegionReport {
        image: id(image),
        region: r.region + 1,
        number: r.number,
        class: project.class_name(r.class),
        bounds: [r.bounds.x0, r.bounds.y0, r.bounds.x1, r.bounds.y1],
        verdict: r.result.verdict,
        cause: r.result.cause,
        bias_px: r.result.bias_px,
        shift_px: r.result.shift_px,
        spread_px: r.result.spread_px,
        p50_px: r.result.p50_px,
        p90_px: r.result.p90_px,
        tolerance_px: r.result.tolerance_px,
        coverage: r.result.coverage,
        reasons: r.result.reasons.iter().map(ToString::to_string).collect(),
    };
    let group = |by| summaries(project, &checked.figures, by).iter().map(group_report).collect();
    CheckReport {
        project: project.name.clone(),
        tolerance_px: settings.tolerance_px,
        images: checked.regions.len() + checked.problems.len(),
        unlabelled: checked.unlabelled,
        pass: checked.counts.pass,
        warn: checked.counts.warn,
        fail: checked.counts.fail,
        unmeasurable: checked.counts.unmeasurable,
        findings: checked.findings.iter().map(finding).collect(),
        accepted: checked.accepted,
        regions: checked.regions.iter().flat_map(|(&i, rs)| rs.iter().map(move |r| (i, r))).map(|(i, r)| region(i, r)).collect(),
        groups: Groups {
            class: group(GroupBy::Class),
            annotator: group(GroupBy::Annotator),
            image: group(GroupBy::Image),
            part_number: group(GroupBy::PartNumber),
        },
        systematic: systematic_reports(session, checked),
        flips: (!checked.flips.is_empty())
            .then(|| checked.flips.iter().map(|(&pn, test)| flip_report(session, pn, test)).collect()),
        errors: errors(session, &checked.problems),
    }
}

/// none, region or part.
pub const fn consequence_word(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::None => "none",
        Consequence::Region => "region",
        Consequence::Part => "part",
    }
}

fn group_report(group: &NamedSummary) -> GroupReport {
    let s = &group.summary;
    GroupReport {
        name: group.name.clone(),
        regions: s.regions(),
        pass: s.pass,
        warn: s.warn,
        fail: s.fail,
        unmeasurable: s.unmeasurable,
        bias_px: s.bias.map(|b| b.median),
        bias_se_px: s.bias.map(|b| b.se),
        p90_px: s.p90_px,
        shift_px: s.shift.map(|t| (t.x.median, t.y.median)),
        flagged: s.flagged_share(),
    }
}

fn systematic_reports(session: &Session, checked: &CheckedProject) -> Vec<SystematicReport> {
    let class_name = |class| session.project().class_name(class);
    let report = |error: &delimit::check::Systematic| {
        let (kind, bias, shift) = match &error.error {
            Shared::Bias(bias) => ("bias", Some(*bias), None),
            Shared::Shift { x, y } => ("shift", None, Some((*x, *y))),
            Shared::Difference { difference, .. } => ("difference", Some(*difference), None),
        };
        SystematicReport {
            kind,
            who: error.scope.words(&class_name),
            regions: error.regions,
            passing: error.passing,
            p_value: error.p_value,
            bias,
            shift,
            correction: error.correction,
            sentence: error.sentence(&class_name),
        }
    };
    checked.systematic.iter().map(report).collect()
}

fn flip_report(session: &Session, part_number: usize, test: &FlipTest) -> FlipReport {
    let project = session.project();
    let entry = &project.part_numbers[part_number];
    let cell = |(&(class, zone), cell): (&(u8, u8), &delimit::workflow::flip_test::CellStability)| CellReport {
        class: project.class_name(class),
        zone: entry.zone_name(zone).to_owned(),
        regions: cell.regions,
        stable_1_px: cell.stable[0],
        stable_2_px: cell.stable[1],
    };
    let part = |p: &delimit::workflow::flip_test::PartFlips| PartReport {
        part: project.parts()[p.part].serial.clone(),
        verdict: p.as_is,
        moved: STEPS.iter().zip(p.steps).map(|(step, verdict)| (format!("{step:+}"), verdict)).collect(),
        corrected: p.corrected,
        smallest_flip_px: p.smallest_flip().map(|(step, _)| step),
    };
    let regions = test.regions.iter().filter(|r| r.consequence() != Consequence::None).filter_map(|r| {
        let moved = r.moved?;
        Some(RegionFlipReport {
            image: project.images()[r.image].id.clone(),
            region: r.region + 1,
            class: project.class_name(r.class),
            verdict: r.as_is,
            corrected: moved.region,
            part_verdict: r.part_as_is,
            part_corrected: moved.part,
            gone_at_px: r.is_gone_at_px(),
        })
    });
    FlipReport {
        part_number: entry.name.clone(),
        stable_1_px: test.stable_within(1).into(),
        stable_2_px: test.stable_within(2).into(),
        hard_1_px: test.hard_flips_within(1).into(),
        wrong_by_labels: test.wrong_by_labels().into(),
        left_out: test.left_out,
        cells: test.cells.iter().map(cell).collect(),
        parts: test.parts.iter().map(part).collect(),
        regions: regions.collect(),
    }
}
