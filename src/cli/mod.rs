//! The command line: arguments → one subcommand → exit code. Every figure comes from the library.

#[macro_use]
mod exit;
mod bundle;
mod check;
mod check_json;
mod check_sarif;
mod check_table;
mod compare;
mod compare_candidate;
mod compare_json;
mod compare_table;
mod diff;
mod export;
mod headless;
mod import;
mod input;
mod inspect;
mod judge;
mod limit_name;
mod measure;
mod model;
mod new;
mod output;
mod picture;
mod predict;
mod progress;
mod release;
mod report;
mod ruleset_name;
mod sample;
mod suggest;
mod sweep;
mod verdicts;

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

pub use picture::PictureArgs;

use exit::Exit;
use output::{error_line, is_broken_pipe, tell};

/// Opens the studio on a project and returns when its window is closed. An error means that no window could be opened.
///
/// With a picture asked for, the window takes it and closes itself.
pub type OpenStudio = fn(&Path, Option<&PictureArgs>) -> anyhow::Result<()>;

/// Draw the boundary, set the limit: labels, predictions and verdicts for visual inspection.
///
/// Without a command the studio opens, on PROJECT or on the sample project. Where there is no display, or in a build without the
/// studio, the sample is predicted, judged, checked and bundled as text.
#[derive(Parser)]
#[command(
    name = "delimit",
    version,
    args_conflicts_with_subcommands = true,
    after_help = concat!(
        "Examples:
  delimit                                    the studio on the sample project
  delimit new bracket --class dent photos/   a project of your own photos
  delimit judge projects/housing --on both   verdicts on labels and on predictions
  delimit inspect housing.delimit shots/     what a station does

", exit_codes!())
)]
struct Cli {
    /// Folder of a project.
    project: Option<PathBuf>,
    /// Do not open a window even where there is a display.
    #[arg(long)]
    headless: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    /// Make a project, with classes and images.
    #[command(after_help = concat!(
        "Example:
  delimit new bracket --class dent --class scratch --mm-per-px 0.05 photos/

", exit_codes!()))]
    New(new::NewArgs),
    /// Add images to a project; each is a part of its own until parts.csv says otherwise.
    #[command(after_help = concat!(
        "Example:
  delimit add bracket more-photos/ IMG_0042.png

", exit_codes!()))]
    Add(new::AddArgs),
    /// Check whether the boundaries of the labels follow the photos, and what follows from it.
    ///
    /// Findings come worst first, then sums by class, annotator or image, then errors that many labels share (each of them too small to be
    /// found on one label). With --flips also which findings change a verdict and which verdicts hang on a pixel of the boundary.
    #[command(after_help = concat!(
        "Examples:
  delimit check projects/housing
  delimit check projects/housing --by annotator --flips
  delimit check projects/housing --tolerance 3 --json > check.json
  delimit check projects/housing --format sarif --fail-on warning > check.sarif

Systematic errors count as warnings. Without --fail-on only errors end with exit code 1.

", exit_codes!()))]
    Check(check::CheckArgs),
    /// Run the model over all images and compare it with the labels.
    #[command(after_help = concat!(
        "Examples:
  delimit predict projects/housing
  delimit predict projects/housing --engine rten --json

", exit_codes!()))]
    Predict(predict::PredictArgs),
    /// Draft the card of a model: what it takes, what its answer means, and what of that is a guess.
    #[command(after_help = concat!(
        "Examples:
  delimit model net.onnx --photo part.png --preview scalings.png
  delimit model net.onnx --photo part.png --write

", exit_codes!()))]
    Model(model::DraftArgs),
    /// Hold the model's predictions against the labels: pixels, boundaries, defects, detection by size, trust, parts.
    ///
    /// Images that the model has not seen yet are predicted first. Boundaries are compared at 2 px. A labelled defect is found when a
    /// prediction of its class comes within 2 px of it. Shares carry their Wilson 95 % interval.
    #[command(after_help = concat!(
        "Examples:
  delimit compare projects/housing
  delimit compare projects/housing --html comparison.html
  delimit compare projects/housing --json > comparison.json
  delimit compare projects/housing --candidate models/new.onnx

", exit_codes!()))]
    Compare(compare::CompareArgs),
    /// Judge every part by the ruleset and say why.
    #[command(after_help = concat!(
        "Examples:
  delimit judge projects/housing
  delimit judge projects/housing --on both --explain
  delimit judge projects/housing --ruleset stricter.ron --csv > verdicts.csv

", exit_codes!()))]
    Judge(judge::JudgeArgs),
    /// Write every region with all its features: one row a region, as CSV or JSON.
    #[command(after_help = concat!(
        "Examples:
  delimit measure projects/housing > regions.csv
  delimit measure projects/housing --on predictions --json

Units: mm, mm², px, degrees; an empty cell is unmeasured. A region that touches several zones is one row.

", exit_codes!()))]
    Measure(measure::MeasureArgs),
    /// Move one limit through many values: verdicts, escapes, overkill and review at each.
    #[command(after_help = concat!(
        "Examples:
  delimit sweep projects/housing --limit scratch:length
  delimit sweep projects/housing --limit scratch/seal:area --from 0.1 --to 2 --points 40 --csv

A limit is CLASS:WHAT or CLASS/ZONE:WHAT, as the ruleset has it; WHAT is a feature, or count, total_FEATURE or largest_FEATURE for limits
per part.

", exit_codes!()))]
    Sweep(sweep::SweepArgs),
    /// Find better limits from the parts that people decided on: few escapes, with the least overkill and review.
    ///
    /// The best choice for one and two limits, a search beyond. Limits are put into the middle of the gap on round numbers, tried on parts
    /// that they were not chosen by, and what the set can and cannot prove is said. Nothing is written without --write.
    #[command(after_help = concat!(
        "Examples:
  delimit suggest projects/housing
  delimit suggest projects/housing --limit scratch:length --limit scratch:area --at-most-escapes 1
  delimit suggest projects/housing --on predictions --rate-below 0.01 --json
  delimit suggest projects/housing --limit scratch/seal:length --write

Exit code 3: the goal is not met, or the set is too small to prove it.

", exit_codes!()))]
    Suggest(suggest::SuggestArgs),
    /// Compare two rulesets: what differs in numbers, and with a project which parts get another verdict, new escapes first.
    #[command(after_help = concat!(
        "Examples:
  delimit diff old.ron new.ron
  delimit diff @2 @saved projects/housing
  delimit diff @saved stricter.ron projects/housing --on both --json

A is before, B is after. @3 is the released version 3 of the part number, @saved its ruleset as it is. Exit code 1: they differ.

", exit_codes!()))]
    Diff(diff::DiffArgs),
    /// Release the ruleset as the next version, held against the golden parts; list versions; agree on golden parts.
    ///
    /// Golden parts are judged by what a station would judge: the models' predictions, and the labels where there is no model. When one
    /// gets another verdict than agreed, nothing is released without --reason.
    #[command(after_help = concat!(
        "Examples:
  delimit release projects/housing --golden HC2040-07-0001=ok --golden HC2040-07-0007=ng
  delimit release projects/housing --note \"softer limits on stains\"
  delimit release projects/housing --list

Exit code 1: released, though golden parts break.

", exit_codes!()))]
    Release(release::ReleaseArgs),
    /// Write what the ruleset does to the set as one page that prints: tally, intervals, limits, causes, curves, borderline regions, hashes.
    #[command(after_help = concat!(
        "Examples:
  delimit report projects/housing --out report.html
  delimit report projects/housing --out report.html --csv figures --on both --rate-below 0.01
  delimit report projects/housing --out v2.html --ruleset @2

The page needs nothing else. Exit codes 1 and 3 are about the verdicts, as those of judge.

", exit_codes!()))]
    Report(report::ReportArgs),
    /// Write the bundle of a part number: the one file that a station needs.
    #[command(after_help = concat!(
        "Example:
  delimit bundle projects/housing housing.delimit --note \"line 3, May\"

", exit_codes!()))]
    Bundle(bundle::BundleArgs),
    /// Judge photos with a bundle, as a station does.
    ///
    /// The golden parts of the bundle are judged first; when one gets another verdict than in the studio, no photo is judged. A photo
    /// that cannot be read or judged is reported as an error and never as OK.
    #[command(after_help = concat!(
        "Examples:
  delimit inspect housing.delimit shots/
  delimit inspect housing.delimit part.png --json | jq .verdict

", exit_codes!()))]
    Inspect(inspect::InspectArgs),
    /// Bring in labels that another tool wrote: COCO, labelme, CVAT, YOLO, Pascal VOC, indexed or gray PNG.
    ///
    /// The images must be in the project; they are matched by path, file name, then stem. Classes are matched by name. Images that
    /// have a label keep it unless --replace is given. With --dry-run nothing is changed.
    #[command(after_help = concat!(
        "Examples:
  delimit import bracket annotations.xml --dry-run
  delimit import bracket instances.json --class Scratch=scratch --class tape=
  delimit import bracket labelme/ --add-classes --replace

Exit code 3: images kept their labels, or (--dry-run) classes are unknown. 4: an image was not matched or could not be read.

", exit_codes!()))]
    Import(import::ImportArgs),
    /// Write the labels for other tools, read them back and certify what came back.
    #[command(after_help = concat!(
        "Examples:
  delimit export bracket out --format coco
  delimit export bracket out --format yolo --part-number left --json

certificate.json lies beside what was written. Exit code 1: a pixel came back different.

", exit_codes!()))]
    Export(export::ExportArgs),
    /// Write the sample project: rendered parts of a machined housing, with exact truth.
    #[command(after_help = concat!(
        "Example:
  delimit sample --parts 60 --seed 7 --out housing

", exit_codes!()))]
    Sample(sample::SampleArgs),
    /// Take a picture of the window (needs a display).
    #[command(hide = true)]
    Picture(PictureArgs),
}

/// Runs the command line. `studio` opens the window, when this build has one.
pub fn run(studio: Option<OpenStudio>) -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            // Help goes to the output, mistakes to the error output; a reader that went away wants neither.
            drop(error.print());
            return if error.use_stderr() { Exit::Refused.into() } else { Exit::Fine.into() };
        }
    };
    let mut out = BufWriter::new(io::stdout().lock());
    let result = dispatch(&cli, studio, &mut out).and_then(|exit| {
        out.flush()?;
        Ok(exit)
    });
    match result {
        Ok(exit) => exit.into(),
        // Not everything was said, so it cannot be "fine".
        Err(error) if is_broken_pipe(&error) => Exit::Incomplete.into(),
        Err(error) => {
            tell(&error_line(error.as_ref()));
            Exit::Refused.into()
        }
    }
}

fn dispatch(cli: &Cli, studio: Option<OpenStudio>, out: &mut dyn Write) -> anyhow::Result<Exit> {
    match &cli.command {
        None => open_studio(cli, studio, out),
        Some(Command::New(args)) => new::new(args, out),
        Some(Command::Add(args)) => new::add(args, out),
        Some(Command::Check(args)) => check::run(args, out),
        Some(Command::Predict(args)) => predict::run(args, out),
        Some(Command::Model(args)) => model::run(args, out),
        Some(Command::Compare(args)) => compare::run(args, out),
        Some(Command::Judge(args)) => judge::run(args, out),
        Some(Command::Measure(args)) => measure::run(args, out),
        Some(Command::Sweep(args)) => sweep::run(args, out),
        Some(Command::Suggest(args)) => suggest::run(args, out),
        Some(Command::Diff(args)) => diff::run(args, out),
        Some(Command::Release(args)) => release::run(args, out),
        Some(Command::Report(args)) => report::run(args, out),
        Some(Command::Bundle(args)) => bundle::run(args, out),
        Some(Command::Inspect(args)) => inspect::run(args, out),
        Some(Command::Import(args)) => import::run(args, out),
        Some(Command::Export(args)) => export::run(args, out),
        Some(Command::Sample(args)) => sample::run(args, out),
        Some(Command::Picture(args)) => picture::run(args, studio),
    }
}

fn open_studio(cli: &Cli, studio: Option<OpenStudio>, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let project = cli.project.clone().map_or_else(headless::sample_project, Ok)?;
    let why = match studio {
        _ if cli.headless => "as asked".to_owned(),
        None => "this build has no studio".to_owned(),
        Some(_) if !has_display() => "there is no display".to_owned(),
        Some(open) => match open(&project, None) {
            Ok(()) => return Ok(Exit::Fine),
            Err(error) => format!("no window could be opened ({})", error_line(error.as_ref())),
        },
    };
    writeln!(out, "No window: {why}. This is the same work as text; `delimit --help` lists the commands.")?;
    headless::run_sample_headless(&project, out)
}

/// Whether a window can be expected to open. Systems other than Linux always have a desktop.
fn has_display() -> bool {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|v| !v.is_empty());
    !cfg!(target_os = "linux") || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY")
}
