//! `delimit check`: does the boundary of every label follow its photo, and is the label clean?

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::Args;
use delimit::check::{BoundaryCheck, Cause, Finding, FindingKind, RegionCheck, Severity, Soundness};
use delimit::session::Session;
use delimit::workflow::checking::{check_label, is_labelled, label_findings};
use delimit::workflow::each_image::each_image;
use delimit::workflow::hygiene::{SetHygiene, set_findings};
use delimit::workflow::hygiene_file::label_file_findings;
use delimit::workflow::judging::images_of;
use delimit::workflow::{SoundnessCounts, WorkflowError};
use serde::Serialize;

use super::exit::Exit;
use super::input::{open_for_reading, part_numbers};
use super::output::{Table, count_text, error_line, tell, write_json};
use super::progress::Progress;

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folder of the project.
    project: PathBuf,
    /// Only this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// A boundary that is off by this many pixels over a tenth of its length fails.
    #[arg(long, value_name = "PX", default_value_t = BoundaryCheck::default().tolerance_px)]
    tolerance: f64,
    /// One JSON document instead of a table.
    #[arg(long)]
    json: bool,
}

/// `check --json`: what was found, worst first, the figures of every checked region, and what could not be checked.
#[derive(Serialize)]
struct CheckReport {
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
    regions: Vec<RegionReport>,
    errors: Vec<ErrorReport>,
}

/// One thing to look at.
#[derive(Serialize)]
struct FindingReport {
    /// error, warning or info.
    severity: Severity,
    kind: FindingKind,
    image: String,
    /// From 1; null for a finding about the whole image.
    region: Option<usize>,
    /// null for a finding about the whole image.
    class: Option<String>,
    /// Where to look, px.
    place: (f64, f64),
    /// For people.
    message: String,
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

/// An image that could not be processed.
#[derive(Serialize)]
pub struct ErrorReport {
    pub image: String,
    pub error: String,
}

/// The checks of all labelled images.
pub struct CheckedProject {
    pub regions: BTreeMap<usize, Vec<RegionCheck>>,
    /// With their image; worst first.
    pub findings: Vec<(usize, Finding)>,
    pub problems: Vec<(usize, WorkflowError)>,
    pub unlabelled: usize,
    pub counts: SoundnessCounts,
}

/// Checks the labels of these part numbers on all cores.
pub fn check_project(session: &Session, part_numbers: &[usize], settings: &BoundaryCheck) -> anyhow::Result<CheckedProject> {
    let snapshot = session.snapshot();
    let all: Vec<usize> = part_numbers.iter().flat_map(|&pn| images_of(&snapshot, pn)).collect();
    let images: Vec<usize> = all.iter().copied().filter(|&i| is_labelled(&snapshot, i, session.sidecar(i).state)).collect();
    let bar = Progress::new("checking", images.len());
    let found = Mutex::new((BTreeMap::new(), Vec::new(), Vec::new()));
    let work = |image: usize| {
        let checks = check_label(&snapshot, image, settings)?;
        let findings = label_findings(&snapshot, image, &checks, session.sidecar(image).disposition)?;
        Ok((checks, findings))
    };
    each_image(&images, &|| false, work, |image, result| {
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok((checks, findings)) => {
                found.0.insert(image, checks);
                found.1.extend(findings.into_iter().map(|f| (image, f)));
            }
            Err(problem) => {
                // Where the pixels can be read, what is wrong with them can be said.
                found.1.extend(label_file_findings(&snapshot, image).into_iter().map(|f| (image, f)));
                found.2.push((image, problem));
            }
        }
        bar.step();
    })?;
    let (regions, mut findings, mut problems) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    let readable: Vec<usize> = regions.keys().copied().collect();
    let checks = |image: usize| regions.get(&image).map_or(&[][..], Vec::as_slice);
    let rules = |pn: usize| session.project().ruleset_path(pn).exists().then(|| session.ruleset(pn).current().clone());
    findings.extend(set_findings(&snapshot, &readable, &checks, &rules, &SetHygiene::default(), &|| false, &|_, _| ())?.findings);
    let ratio = |f: &Finding| if f.p90_px.is_finite() { f.p90_px / f.tolerance_px } else { 0.0 };
    findings.sort_by(|(i, a), (k, b)| {
        b.severity.cmp(&a.severity).then(ratio(b).total_cmp(&ratio(a))).then((i, a.region).cmp(&(k, b.region)))
    });
    problems.sort_by_key(|p| p.0);
    let counts = SoundnessCounts::of(regions.values().flatten());
    Ok(CheckedProject { regions, findings, problems, unlabelled: all.len() - images.len(), counts })
}

impl CheckedProject {
    fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|(_, f)| f.severity == severity).count()
    }

    /// `3 errors, 1 warning, 4 notes`.
    #[must_use]
    pub fn findings_text(&self) -> String {
        let errors = count_text(self.count(Severity::Error), "error", "errors");
        let warnings = count_text(self.count(Severity::Warning), "warning", "warnings");
        format!("{errors}, {warnings}, {}", count_text(self.count(Severity::Info), "note", "notes"))
    }
}

pub fn run(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let numbers = part_numbers(session.project(), args.part_number.as_deref())?;
    let settings = BoundaryCheck { tolerance_px: args.tolerance, ..BoundaryCheck::default() }.in_range();
    if settings.tolerance_px != args.tolerance {
        anyhow::bail!("--tolerance {} is out of range; give 0.1 to 100 px", args.tolerance);
    }
    let checked = check_project(&session, &numbers, &settings)?;
    for (_, problem) in &checked.problems {
        tell(&format!("not checked: {}", error_line(problem)));
    }
    if args.json {
        write_json(out, &report(&session, &settings, &checked))?;
    } else {
        write_table(&session, &checked, out)?;
    }
    Ok(match (checked.problems.is_empty(), checked.count(Severity::Error)) {
        (false, _) => Exit::Incomplete,
        (true, 0) => Exit::Fine,
        (true, _) => Exit::Found,
    })
}

fn write_table(session: &Session, checked: &CheckedProject, out: &mut dyn Write) -> anyhow::Result<()> {
    let project = session.project();
    let mut table = Table::new(&["severity", "image", "region", "class", "p90 px", "tolerance px", "finding"], &[2, 4, 5]);
    let number = |v: f64| if v.is_nan() { "–".to_owned() } else { format!("{v:.2}") };
    for (image, finding) in &checked.findings {
        table.row(vec![
            match finding.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Info => "note",
            }
            .to_owned(),
            project.images()[*image].id.clone(),
            finding.region.map_or_else(String::new, |r| format!("#{}", r + 1)),
            finding.region.map_or_else(String::new, |_| project.class_name(finding.class)),
            number(finding.p90_px),
            number(finding.tolerance_px),
            finding.message.clone(),
        ]);
    }
    if !checked.findings.is_empty() {
        table.write(out)?;
    }
    let total = count_text(checked.counts.total(), "region", "regions");
    write!(out, "{}; boundaries of {total}: {}", checked.findings_text(), counts_text(checked.counts))?;
    if checked.unlabelled > 0 {
        write!(out, "; {} without a label", count_text(checked.unlabelled, "image", "images"))?;
    }
    writeln!(out)?;
    Ok(())
}

/// `12 pass, 1 warn, 0 fail, 2 unmeasurable`.
#[must_use]
pub fn counts_text(counts: SoundnessCounts) -> String {
    let SoundnessCounts { pass, unmeasurable, warn, fail } = counts;
    format!("{pass} pass, {warn} warn, {fail} fail, {unmeasurable} unmeasurable")
}

fn report(session: &Session, settings: &BoundaryCheck, checked: &CheckedProject) -> CheckReport {
    let project = session.project();
    let id = |image: usize| project.images()[image].id.clone();
    let finding = |(image, f): &(usize, Finding)| FindingReport {
        severity: f.severity,
        kind: f.kind,
        image: id(*image),
        region: f.region.map(|r| r + 1),
        class: f.region.map(|_| project.class_name(f.class)),
        place: (f.place.x, f.place.y),
        message: f.message.clone(),
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
        regions: checked.regions.iter().flat_map(|(&i, rs)| rs.iter().map(move |r| (i, r))).map(|(i, r)| region(i, r)).collect(),
        errors: errors(session, &checked.problems),
    }
}

/// The images that could not be processed, by id.
#[must_use]
pub fn errors(session: &Session, problems: &[(usize, WorkflowError)]) -> Vec<ErrorReport> {
    let images = session.project().images();
    problems.iter().map(|(i, e)| ErrorReport { image: images[*i].id.clone(), error: error_line(e) }).collect()
}
