//! `delimit report`: one page for people, and the same row by row.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use delimit::files::write_atomic;
use delimit::measure::FeatureSet;
use delimit::project::{Moment, Signature};
use delimit::workflow::report::{JudgedSource, Report, ReportInput, Source, html, make_report, regions_csv, verdicts_csv};

use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_number};
use super::judge::{Judged, On, judge_on};
use super::output::{rate_text, tally_text, tell};
use super::progress::Progress;
use super::ruleset_name::RulesetName;

#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Folder of the project.
    project: PathBuf,
    /// The page to write.
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Also write regions.csv and verdicts.csv into this folder.
    #[arg(long, value_name = "DIR")]
    csv: Option<PathBuf>,
    /// The part number, when there are several.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// What is judged. Without this labels, and predictions where the part number has a model.
    #[arg(long, value_enum, value_name = "WHAT")]
    on: Option<On>,
    /// Another ruleset than the project's: a file, or @3 for the released version 3.
    #[arg(long, value_name = "RULESET")]
    ruleset: Option<RulesetName>,
    /// The escape rate that is to be claimed: the report says whether the set proves it (0.01 = 1 %).
    #[arg(long, value_name = "SHARE", value_parser = super::suggest::share)]
    rate_below: Option<f64>,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(args: &ReportArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let pn = part_number(session.project(), args.part_number.as_deref())?;
    let rules = match &args.ruleset {
        Some(name) => name.read(Some((&session, pn)))?,
        None => session.ruleset(pn).current().clone(),
    };
    if rules.is_empty() {
        tell("the ruleset has no limits: every region is review");
    }
    let has_model = session.project().part_numbers[pn].running_models().next().is_some();
    let on = args.on.unwrap_or(if has_model { On::Both } else { On::Labels });
    let judged = judge_on(&session, pn, &rules, on, &args.model, FeatureSet::ALWAYS)?;
    let mut exit = Exit::Fine;
    for one in &judged {
        exit = exit.and(one.exit());
    }
    let judged: Vec<JudgedSource> = judged.into_iter().map(source_of).collect();
    let snapshot = session.snapshot();
    let input = ReportInput {
        part_number: pn,
        ruleset: &rules,
        made: Signature { by: session.author().to_owned(), at: Moment::now() },
        golden: &session.golden(pn)?,
        releases: &session.releases(pn)?,
        cost: session.project().part_numbers[pn].cost.as_ref(),
        wanted_escape_rate: args.rate_below,
    };
    let bar = Progress::new("pictures", judged.iter().map(|j| j.measured.regions.len()).sum());
    let report = make_report(&snapshot, &input, &judged, &|| false, &|_, _| bar.step())?;
    drop(bar);
    write_atomic(&args.out, html(&report).as_bytes()).with_context(|| args.out.display().to_string())?;
    if let Some(folder) = &args.csv {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        let project = session.project();
        for (name, text) in [("regions.csv", regions_csv(project, &judged)?), ("verdicts.csv", verdicts_csv(project, &judged)?)] {
            let path = folder.join(name);
            write_atomic(&path, text.as_bytes()).with_context(|| path.display().to_string())?;
        }
    }
    write_text(&report, out)?;
    Ok(exit)
}

fn source_of(judged: Judged) -> JudgedSource {
    let source = if judged.on == On::Labels { Source::Labels } else { Source::Predictions };
    JudgedSource { source, engine: judged.engine, evaluation: judged.evaluation, measured: judged.measured }
}

/// The headline figures.
fn write_text(report: &Report, out: &mut dyn Write) -> anyhow::Result<()> {
    let release = report.ruleset.version.map_or_else(|| "not released".to_owned(), |v| format!("version {v}"));
    writeln!(out, "{}: ruleset {}, {release}, SHA-256 {}", report.part_number, report.ruleset.name, report.ruleset.sha256)?;
    for s in &report.sources {
        let [escapes, overkill, review] = s.rates().map(|(_, rate, _)| rate_text(rate));
        writeln!(out, "on {}: {}; escapes {escapes}; overkill {overkill}; review {review}", s.source.word(), tally_text(s.tally))?;
        for claim in &s.claims {
            writeln!(out, "  {claim}")?;
        }
    }
    for alarm in &report.alarms {
        writeln!(out, "! {}", alarm.sentence)?;
    }
    let broken = report.golden.iter().filter(|g| g.got != Some(g.expected)).count();
    if broken > 0 {
        writeln!(out, "! {broken} of {} golden parts do not get the verdict that was agreed", report.golden.len())?;
    }
    Ok(())
}
