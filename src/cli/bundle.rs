//! `delimit bundle`: one file for the station.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use delimit::exchange::Bundle;
use delimit::judge::{Ruleset, Verdict};
use delimit::session::Session;
use delimit::workflow::Evaluation;
use delimit::workflow::bundling::{GOLDEN_PER_VERDICT, make_bundle};

use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_number, ruleset};
use super::output::{error_line, tell};
use super::predict::predict_part_number;

#[derive(Debug, Args)]
pub struct BundleArgs {
    /// Folder of the project.
    project: PathBuf,
    /// The file to write, by custom with the ending .delimit.
    out: PathBuf,
    /// The part number, where the project has several.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// A note for whoever gets the bundle.
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
    /// Golden parts per verdict: parts with known verdicts that a station checks itself with.
    #[arg(long, default_value_t = GOLDEN_PER_VERDICT, value_name = "N")]
    golden: usize,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(args: &BundleArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let pn = part_number(session.project(), args.part_number.as_deref())?;
    let rules = ruleset(&session, pn, None)?;
    let predicted = predict_part_number(&session, pn, &rules, &args.model.settings())?;
    let evaluation = predicted.evaluate(&session, pn, &rules)?;
    let mut exit = Exit::Fine;
    for (_, problem) in &predicted.measured.problems {
        tell(&format!("not judged: {}", error_line(problem)));
        exit = Exit::Incomplete;
    }
    let made = make_and_write(&session, pn, &rules, &evaluation, args.golden, &args.note, &args.out)?;
    writeln!(out, "{made}")?;
    Ok(exit)
}

/// Writes the bundle and says in one line what is in it.
pub fn make_and_write(
    session: &Session,
    part_number: usize,
    rules: &Ruleset,
    predictions: &Evaluation,
    golden: usize,
    note: &str,
    path: &Path,
) -> anyhow::Result<String> {
    let bundle = make_bundle(&session.snapshot(), part_number, rules, predictions, golden, note)?;
    let sum = bundle.write(path)?;
    Ok(format!("{}: part number {}, {}; SHA-256 {sum}", path.display(), bundle.part_number.name, golden_text(&bundle)))
}

fn golden_text(bundle: &Bundle) -> String {
    let count = |verdict: Verdict| bundle.golden.iter().filter(|g| g.expected == verdict).count();
    let counts: Vec<String> = Verdict::ALL.map(|v| format!("{} {v}", count(v))).to_vec();
    format!("golden parts {}", counts.join(", "))
}
