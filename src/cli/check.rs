//! `delimit check`: does the boundary of every label follow its photo?

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use clap::Args;
use delimit::check::{BoundaryCheck, Cause, Soundness};
use delimit::session::Session;
use delimit::workflow::checking::{check_all, is_labelled};
use delimit::workflow::judging::images_of;
use delimit::workflow::{RegionCheck, SoundnessCounts, WorkflowError};
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

/// `check --json`: every checked region, and what could not be checked.
#[derive(Serialize)]
struct CheckReport {
    project: String,
    /// As asked for; a blurred edge is given more, see `tolerance_px` of the region.
    tolerance_px: f64,
    images: usize,
    unlabelled: usize,
    pass: usize,
    warn: usize,
    fail: usize,
    unmeasurable: usize,
    regions: Vec<RegionReport>,
    errors: Vec<ErrorReport>,
}

/// One region. Figures in px; null = could not be had.
#[derive(Serialize)]
struct RegionReport {
    image: String,
    /// As people count: from 1.
    region: usize,
    class: String,
    pixels: u64,
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

/// The checks of all labelled images, by image.
pub struct CheckedProject {
    pub regions: BTreeMap<usize, Vec<RegionCheck>>,
    pub problems: Vec<(usize, WorkflowError)>,
    pub unlabelled: usize,
    pub counts: SoundnessCounts,
}

/// Checks the labels of these part numbers on all cores.
pub fn check_project(session: &Session, part_numbers: &[usize], settings: &BoundaryCheck) -> anyhow::Result<CheckedProject> {
    let snapshot = session.snapshot();
    let all: Vec<usize> = part_numbers.iter().flat_map(|&pn| images_of(&snapshot, pn)).collect();
    let images: Vec<usize> = all.iter().copied().filter(|&i| is_labelled(&snapshot, i, session.sidecar(i).state)).collect();
    let found = Mutex::new((BTreeMap::new(), Vec::new()));
    let bar = Progress::new("checking", images.len());
    check_all(&snapshot, &images, settings, &|| false, |image, result| {
        let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
        match result {
            Ok(regions) => drop(found.0.insert(image, regions)),
            Err(problem) => found.1.push((image, problem)),
        }
        bar.step();
    })?;
    let (regions, mut problems) = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    problems.sort_by_key(|p| p.0);
    let mut counts = SoundnessCounts::default();
    regions.values().flatten().for_each(|r: &RegionCheck| counts.add(r.boundary.verdict));
    Ok(CheckedProject { regions, problems, unlabelled: all.len() - images.len(), counts })
}

pub fn run(args: &CheckArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let numbers = part_numbers(session.project(), args.part_number.as_deref())?;
    let settings = BoundaryCheck { tolerance_px: args.tolerance, ..BoundaryCheck::default() }.in_range();
    if settings.tolerance_px != args.tolerance {
        anyhow::bail!("--tolerance {} is out of range; give 0.1 to 100 px", args.tolerance);
    }
    let checked = check_project(&session, &numbers, &settings)?;
    if args.json {
        write_json(out, &report(&session, &settings, &checked))?;
    } else {
        write_table(&session, &checked, out)?;
    }
    for (_, problem) in &checked.problems {
        tell(&format!("not checked: {}", error_line(problem)));
    }
    Ok(match (checked.problems.is_empty(), checked.counts.fail) {
        (false, _) => Exit::Incomplete,
        (true, 0) => Exit::Fine,
        (true, _) => Exit::Found,
    })
}

fn write_table(session: &Session, checked: &CheckedProject, out: &mut dyn Write) -> anyhow::Result<()> {
    let project = session.project();
    let mut table = Table::new(&["verdict", "image", "region", "class", "p90 px", "bias px", "shift px", "cause"], &[2, 4, 5, 6]);
    let mut rows: Vec<(usize, &RegionCheck)> = checked.regions.iter().flat_map(|(&i, rs)| rs.iter().map(move |r| (i, r))).collect();
    rows.sort_by(|a, b| b.1.boundary.verdict.cmp(&a.1.boundary.verdict).then(b.1.boundary.p90_px.total_cmp(&a.1.boundary.p90_px)));
    let number = |v: f64| if v.is_nan() { "–".to_owned() } else { format!("{v:.2}") };
    let is_notable = |r: &RegionCheck| r.boundary.verdict != Soundness::Pass;
    for (image, region) in rows.into_iter().filter(|(_, r)| is_notable(r)) {
        let b = &region.boundary;
        let cause = match b.verdict {
            Soundness::Unmeasurable => b.reasons.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "),
            _ => cause_text(b.cause).to_owned(),
        };
        table.row(vec![
            b.verdict.label().into(),
            project.images()[image].id.clone(),
            format!("#{}", region.region + 1),
            project.class_name(region.class),
            number(b.p90_px),
            number(b.bias_px),
            number(b.shift_length_px()),
            cause,
        ]);
    }
    let c = checked.counts;
    if c.total() > c.pass {
        table.write(out)?;
    }
    write!(out, "{} checked: {}", count_text(c.total(), "region", "regions"), counts_text(c))?;
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

const fn cause_text(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "",
        Cause::Inflated => "too large",
        Cause::Deflated => "too small",
        Cause::Shifted => "shifted",
        Cause::Sloppy => "sloppy",
        Cause::Local => "far off in one stretch",
    }
}

fn report(session: &Session, settings: &BoundaryCheck, checked: &CheckedProject) -> CheckReport {
    let project = session.project();
    let region = |image: usize, r: &RegionCheck| RegionReport {
        image: project.images()[image].id.clone(),
        region: r.region + 1,
        class: project.class_name(r.class),
        pixels: r.pixels,
        bounds: [r.bounds.x0, r.bounds.y0, r.bounds.x1, r.bounds.y1],
        verdict: r.boundary.verdict,
        cause: r.boundary.cause,
        bias_px: r.boundary.bias_px,
        shift_px: r.boundary.shift_px,
        spread_px: r.boundary.spread_px,
        p50_px: r.boundary.p50_px,
        p90_px: r.boundary.p90_px,
        tolerance_px: r.boundary.tolerance_px,
        coverage: r.boundary.coverage,
        reasons: r.boundary.reasons.iter().map(ToString::to_string).collect(),
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
