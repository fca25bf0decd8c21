//! `delimit inspect`: what a station does with a bundle, one photo after the other.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use delimit::exchange::Bundle;
use delimit::judge::Verdict;
use delimit::project::photo_file;
use delimit::workflow::{Inspection, Inspector, WorkflowError};
use serde::Serialize;

use super::exit::Exit;
use super::input::{ModelArgs, expand};
use super::output::{count_text, error_line, tell};
use super::verdicts::{ReasonReport, RegionReport};

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// The bundle.
    bundle: PathBuf,
    /// Photos, or folders of photos; each photo is judged as one part.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON object a line, one line a photo.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// One CSV row a photo.
    #[arg(long)]
    csv: bool,
    /// Do not judge the golden parts first. Then nothing proves that this machine judges as the studio did.
    #[arg(long)]
    no_verify: bool,
}

/// A line of `inspect --json`.
#[derive(Serialize)]
struct InspectLine {
    file: String,
    /// ok, review, ng, or error: the photo could not be judged.
    verdict: &'static str,
    /// Why the photo could not be judged; null otherwise.
    error: Option<String>,
    /// Photo and zone map differ in size; the verdict is review at best then.
    is_size_unexpected: bool,
    reasons: Vec<ReasonReport>,
    regions: Vec<RegionReport>,
}

impl InspectLine {
    /// The verdict as people write it.
    fn word(&self) -> &'static str {
        match self.verdict {
            "ok" => Verdict::Ok.word(),
            "ng" => Verdict::Ng.word(),
            other => other,
        }
    }
}

pub fn run(args: &InspectArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let bundle = Bundle::read(&args.bundle)?;
    let files = expand(&args.images)?;
    if files.is_empty() {
        anyhow::bail!(
            "there is no photo to judge in {}",
            args.images.iter().map(|p| p.display().to_string()).collect::<Vec<_>>().join(", ")
        );
    }
    let mut inspector = open(bundle, args)?;
    if !args.no_verify {
        let count = inspector.verify().with_context(|| args.bundle.display().to_string())?;
        tell(&format!("{} judged as promised by {}", count_text(count, "golden part", "golden parts"), inspector.engine_name()));
    }
    let mut csv = args.csv.then(|| csv::Writer::from_writer(Vec::new()));
    if let Some(csv) = &mut csv {
        csv.write_record(["file", "verdict", "regions", "reasons", "reason", "error"])?;
    }
    let mut exit = Exit::Fine;
    for file in files {
        let result = inspect_file(&mut inspector, &file);
        let line = line_of(&inspector, &file, &result);
        exit = exit.and(exit_of(&result));
        if args.json {
            serde_json::to_writer(&mut *out, &line)?;
            writeln!(out)?;
        } else if let Some(csv) = &mut csv {
            let first = line.reasons.first().map_or("", |r| r.sentence.as_str());
            let counts = [line.regions.len().to_string(), line.reasons.len().to_string()];
            csv.write_record([&line.file, line.word(), &counts[0], &counts[1], first, line.error.as_deref().unwrap_or("")])?;
            csv.flush()?;
            out.write_all(csv.get_ref())?;
            *csv = csv::Writer::from_writer(Vec::new());
        } else {
            write_text(&line, out)?;
        }
        // A station reads along.
        out.flush()?;
    }
    Ok(exit)
}

fn open(bundle: Bundle, args: &InspectArgs) -> anyhow::Result<Inspector> {
    let scratch = Scratch::new()?;
    let inspector = Inspector::open(bundle, &args.model.settings(), &scratch.0);
    let inspector = inspector.with_context(|| args.bundle.display().to_string())?;
    // Who asked for a provider must hear when it does not compute.
    if !args.model.provider.is_empty() {
        tell(&format!("{}: {}", inspector.engine_name(), inspector.engine_notes()));
    }
    Ok(inspector)
}

/// A folder under the system's temporary one that goes away again.
struct Scratch(PathBuf);

impl Scratch {
    fn new() -> anyhow::Result<Self> {
        let folder = std::env::temp_dir().join(format!("delimit-inspect-{}", std::process::id()));
        std::fs::create_dir_all(&folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
        Ok(Self(folder))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to the system.
        drop(std::fs::remove_dir_all(&self.0));
    }
}

fn inspect_file(inspector: &mut Inspector, file: &Path) -> Result<Inspection, WorkflowError> {
    let photo = photo_file::read(file)?;
    inspector.inspect(&photo)
}

const fn exit_of(result: &Result<Inspection, WorkflowError>) -> Exit {
    match result {
        Err(_) => Exit::Incomplete,
        Ok(inspection) => match inspection.verdict.verdict {
            Verdict::Ok => Exit::Fine,
            Verdict::Review => Exit::Review,
            Verdict::Ng => Exit::Found,
        },
    }
}

fn line_of(inspector: &Inspector, file: &Path, result: &Result<Inspection, WorkflowError>) -> InspectLine {
    let name = file.display().to_string();
    match result {
        Err(problem) => InspectLine {
            file: name,
            verdict: "error",
            error: Some(error_line(problem)),
            is_size_unexpected: false,
            reasons: Vec::new(),
            regions: Vec::new(),
        },
        Ok(inspection) => {
            let bundle = inspector.bundle();
            let region = |(i, r)| RegionReport::of(i, r, &bundle.classes, &bundle.part_number);
            InspectLine {
                verdict: match inspection.verdict.verdict {
                    Verdict::Ok => "ok",
                    Verdict::Review => "review",
                    Verdict::Ng => "ng",
                },
                error: None,
                is_size_unexpected: inspection.is_size_unexpected,
                reasons: inspection.verdict.reasons.iter().map(|r| ReasonReport::of(r, |_| name.clone())).collect(),
                regions: inspection.regions.iter().enumerate().map(region).collect(),
                file: name,
            }
        }
    }
}

fn write_text(line: &InspectLine, out: &mut dyn Write) -> anyhow::Result<()> {
    let size = if line.is_size_unexpected { "the photo is not of the size of the zone map; " } else { "" };
    let reason = line.error.clone().or_else(|| line.reasons.first().map(|r| r.sentence.clone())).unwrap_or_default();
    let text = format!("{:<7} {}  {size}{reason}", line.word(), line.file);
    writeln!(out, "{}", text.trim_end().trim_end_matches(';'))?;
    Ok(())
}
