//! `delimit check`: does the boundary of every label follow its photo, is the label clean, and what follows from it?

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::{Args, ValueEnum};
use delimit::check::{BoundaryCheck, Finding, RegionCheck, RegionFigures, Severity, Systematic};
use delimit::session::{Session, Snapshot};
use delimit::workflow::checking::{acceptances, check_label, is_labelled, label_findings};
use delimit::workflow::each_image::each_image;
use delimit::workflow::flip_test::{Consequence, FlipTest, flip_images, flip_test};
use delimit::workflow::hygiene::{SetHygiene, set_findings};
use delimit::workflow::hygiene_file::label_file_findings;
use delimit::workflow::judging::images_of;
use delimit::workflow::label_groups::{GroupBy, ImageFigures, annotator_of, systematic_errors};
use delimit::workflow::{SoundnessCounts, WorkflowError, evaluation};
use serde::Serialize;

use super::exit::Exit;
use super::input::{open_for_reading, part_numbers, ruleset};
use super::output::{count_text, error_line, tell, write_json};
use super::progress::Progress;
use super::{check_json, check_sarif, check_table};

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// Folder of the project.
    project: PathBuf,
    /// Only this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// A boundary that is off by this many pixels over a tenth of its length fails; a class may say otherwise. As the project says, or
    /// 2 px.
    #[arg(long, value_name = "PX")]
    tolerance: Option<f64>,
    /// What to write.
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
    /// The same as --format json.
    #[arg(long, conflicts_with = "format")]
    json: bool,
    /// End with exit code 1 from this severity on.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    fail_on: FailOn,
    /// How the table sums up the regions.
    #[arg(long, value_enum, default_value_t, value_name = "GROUP")]
    by: By,
    /// Also measure and judge the labels with their boundaries moved: which findings change a verdict, which verdicts hang on a pixel.
    #[arg(long)]
    flips: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people: findings, sums, systematic errors.
    #[default]
    Table,
    /// One JSON document with all figures.
    Json,
    /// SARIF 2.1.0, for the code scanning of a CI service.
    Sarif,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
enum FailOn {
    #[default]
    Error,
    Warning,
    Note,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum By {
    #[default]
    Class,
    Annotator,
    Image,
}

impl By {
    pub const fn group(self) -> GroupBy {
        match self {
            Self::Class => GroupBy::Class,
            Self::Annotator => GroupBy::Annotator,
            Self::Image => GroupBy::Image,
        }
    }

    /// The head of the column.
    pub const fn head(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Annotator => "annotator",
            Self::Image => "image",
        }
    }
}

impl FailOn {
    const fn severity(self) -> Severity {
        match self {
            Self::Error => Severity::Error,
            Self::Warning => Severity::Warning,
            Self::Note => Severity::Info,
        }
    }
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
    /// Findings that people accepted as they are; they are not among the others.
    pub accepted: usize,
    pub problems: Vec<(usize, WorkflowError)>,
    pub unlabelled: usize,
    pub counts: SoundnessCounts,
    pub figures: Vec<ImageFigures>,
    pub systematic: Vec<Systematic>,
    /// By part number; empty when it was not asked for.
    pub flips: BTreeMap<usize, FlipTest>,
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
    let checks_of = |image: usize| regions.get(&image).map_or(&[][..], Vec::as_slice);
    let rules = |pn: usize| session.project().ruleset_path(pn).exists().then(|| session.ruleset(pn).current().clone());
    findings
        .extend(set_findings(&snapshot, &readable, &checks_of, &rules, &SetHygiene::default(), &|| false, &|_, _| ())?.findings);
    let accepted = take_accepted(&snapshot, &mut findings);
    problems.sort_by_key(|p| p.0);
    let counts = SoundnessCounts::of(regions.values().flatten());
    let figures: Vec<ImageFigures> = regions
        .iter()
        .map(|(&image, checks)| ImageFigures {
            image,
            annotator: annotator_of(session.sidecar(image)).to_owned(),
            regions: checks.iter().map(RegionFigures::of).collect(),
        })
        .collect();
    let mut checked = CheckedProject {
        regions,
        findings,
        accepted,
        problems,
        unlabelled: all.len() - images.len(),
        counts,
        systematic: systematic_errors(session.project(), &figures),
        figures,
        flips: BTreeMap::new(),
    };
    checked.sort();
    Ok(checked)
}

/// Takes the findings out that people accepted as they are, and counts them.
fn take_accepted(snapshot: &Snapshot, findings: &mut Vec<(usize, Finding)>) -> usize {
    let mut accepted = 0;
    let mut open = Vec::with_capacity(findings.len());
    for (image, finding) in findings.drain(..) {
        let is_accepted = !snapshot.accepted(image).is_empty()
            && acceptances(snapshot, image, std::slice::from_ref(&finding)).is_ok_and(|a| a[0].is_some());
        if is_accepted { accepted += 1 } else { open.push((image, finding)) }
    }
    *findings = open;
    accepted
}

impl CheckedProject {
    /// Measures and judges the labels with their boundaries moved, for the part numbers with images that could be checked.
    pub fn test_flips(&mut self, session: &Session, part_numbers: &[usize]) -> anyhow::Result<()> {
        let snapshot = session.snapshot();
        let images: Vec<usize> = part_numbers.iter().flat_map(|&pn| images_of(&snapshot, pn)).collect();
        let bar = Progress::new("moving", images.len());
        let measured = Mutex::new((BTreeMap::new(), Vec::new()));
        let checks = |image: usize| self.regions.get(&image).map_or(&[][..], Vec::as_slice);
        flip_images(&snapshot, &images, checks, &|| false, |image, result| {
            let mut measured = measured.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(flips) => drop(measured.0.insert(image, flips)),
                Err(problem) => measured.1.push((image, problem)),
            }
            bar.step();
        })?;
        let (flips, problems) = measured.into_inner().unwrap_or_else(PoisonError::into_inner);
        // What could not be read was told when it was checked.
        let is_known = |image: usize, all: &[(usize, WorkflowError)]| all.iter().any(|(i, _)| *i == image);
        let new: Vec<_> = problems.into_iter().filter(|(i, _)| !is_known(*i, &self.problems)).collect();
        self.problems.extend(new);
        self.problems.sort_by_key(|p| p.0);
        for &pn in part_numbers {
            let rules = evaluation::compile(session.project(), pn, &ruleset(session, pn, None)?).map_err(WorkflowError::from)?;
            // A part with an image that nobody has labelled has no verdict that could change.
            let labelled = |image: usize| self.regions.contains_key(&image).then(|| flips.get(&image)).flatten();
            self.flips.insert(pn, flip_test(session.project(), pn, &rules, labelled));
        }
        self.sort();
        Ok(())
    }

    /// What setting right the region of a finding changes.
    #[must_use]
    pub fn consequence(&self, image: usize, finding: &Finding) -> Consequence {
        let Some(region) = finding.region else { return Consequence::None };
        self.flips.values().map(|test| test.consequence_of(image, region)).max().unwrap_or_default()
    }

    /// Worst first: by severity, by what setting it right changes, and by how many times the tolerance it is off.
    fn sort(&mut self) {
        let mut findings = std::mem::take(&mut self.findings);
        let ratio = |f: &Finding| if f.p90_px.is_finite() { f.p90_px / f.tolerance_px } else { 0.0 };
        findings.sort_by(|(i, a), (k, b)| {
            b.severity
                .cmp(&a.severity)
                .then_with(|| self.consequence(*k, b).cmp(&self.consequence(*i, a)))
                .then(ratio(b).total_cmp(&ratio(a)))
                .then((i, a.region).cmp(&(k, b.region)))
        });
        self.findings = findings;
    }

    /// Findings of a severity; systematic errors are warnings.
    #[must_use]
    pub fn count(&self, severity: Severity) -> usize {
        let shared = if severity == Severity::Warning { self.systematic.len() } else { 0 };
        self.findings.iter().filter(|(_, f)| f.severity == severity).count() + shared
    }

    /// `3 errors, 1 warning, 4 notes`.
    #[must_use]
    pub fn findings_text(&self) -> String {
        let errors = count_text(self.count(Severity::Error), "error", "errors");
        let warnings = count_text(self.count(Severity::Warning), "warning", "warnings");
        let accepted = if self.accepted > 0 { format!(", {} accepted as is", self.accepted) } else { String::new() };
        format!("{errors}, {warnings}, {}{accepted}", count_text(self.count(Severity::Info), "note", "notes"))
    }
}

pub fn run(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let numbers = part_numbers(session.project(), args.part_number.as_deref())?;
    let common = session.project().boundary_check();
    let wanted = args.tolerance.unwrap_or(common.tolerance_px);
    let settings = BoundaryCheck { tolerance_px: wanted, ..common }.in_range();
    if settings.tolerance_px != wanted {
        anyhow::bail!("--tolerance {wanted} is out of range; give 0.1 to 100 px");
    }
    let mut checked = check_project(&session, &numbers, &settings)?;
    if args.flips {
        checked.test_flips(&session, &numbers)?;
    }
    for (_, problem) in &checked.problems {
        tell(&format!("not checked: {}", error_line(problem)));
    }
    match if args.json { Format::Json } else { args.format } {
        Format::Table => check_table::write(&session, &checked, args.by, out)?,
        Format::Json => write_json(out, &check_json::report(&session, &settings, &checked))?,
        Format::Sarif => write_json(out, &check_sarif::log(&session, &checked))?,
    }
    let is_found = [Severity::Info, Severity::Warning, Severity::Error]
        .into_iter()
        .any(|severity| severity >= args.fail_on.severity() && checked.count(severity) > 0);
    Ok(match (checked.problems.is_empty(), is_found) {
        (false, _) => Exit::Incomplete,
        (true, false) => Exit::Fine,
        (true, true) => Exit::Found,
    })
}

/// `12 pass, 1 warn, 0 fail, 2 unmeasurable`.
#[must_use]
pub fn counts_text(counts: SoundnessCounts) -> String {
    let SoundnessCounts { pass, unmeasurable, warn, fail } = counts;
    format!("{pass} pass, {warn} warn, {fail} fail, {unmeasurable} unmeasurable")
}

/// The word for a severity.
#[must_use]
pub const fn severity_word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Info => "note",
    }
}

/// The images that could not be processed, by id.
#[must_use]
pub fn errors(session: &Session, problems: &[(usize, WorkflowError)]) -> Vec<ErrorReport> {
    let images = session.project().images();
    problems.iter().map(|(i, e)| ErrorReport { image: images[*i].id.clone(), error: error_line(e) }).collect()
}
