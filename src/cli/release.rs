//! `delimit release`: the ruleset as a version that nothing changes any more, held against golden parts; and those golden parts.

use std::io::Write;
use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use delimit::judge::{Score, Verdict};
use delimit::measure::FeatureSet;
use delimit::project::release::{GoldenVerdict, Release};
use delimit::session::Session;
use delimit::session::releases::ReleaseRequest;
use delimit::workflow::releasing::{GoldenResult, broken, golden_results};
use serde::Serialize;

use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, open_for_writing, part_number};
use super::judge::{Judged, On, judge_on};
use super::output::{Table, count_text, rate_text, tell, write_json};

#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// Folder of the project.
    project: PathBuf,
    /// The part number, when there are several.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// What is new, for whoever reads the list of versions.
    #[arg(long, default_value = "", value_name = "TEXT")]
    note: String,
    /// Why it is released although golden parts get another verdict than agreed.
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// Release nothing; list versions and golden parts.
    #[arg(long, conflicts_with_all = ["note", "reason"])]
    list: bool,
    /// Release nothing; agree on the verdict of a part (ok, ng, review), or take it off the list (none). Several times for several.
    #[arg(long, value_name = "SERIAL=VERDICT", conflicts_with_all = ["note", "reason"])]
    golden: Vec<Agreement>,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON document instead of text.
    #[arg(long)]
    json: bool,
}

/// A part and the verdict agreed; None takes it off the list.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Agreement {
    serial: String,
    expected: Option<Verdict>,
}

impl FromStr for Agreement {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wanted = || "write SERIAL=ok, SERIAL=ng, SERIAL=review or SERIAL=none".to_owned();
        let (serial, verdict) = text.rsplit_once('=').filter(|(serial, _)| !serial.is_empty()).ok_or_else(wanted)?;
        let expected = match verdict.to_lowercase().as_str() {
            "ok" => Some(Verdict::Ok),
            "ng" => Some(Verdict::Ng),
            "review" => Some(Verdict::Review),
            "none" => None,
            _ => return Err(wanted()),
        };
        Ok(Self { serial: serial.to_owned(), expected })
    }
}

/// `release --json`: what was released, or with `--list` and `--golden` what there is.
#[derive(Serialize)]
struct ReleaseReport {
    part_number: String,
    /// The new version; null when nothing was released.
    released: Option<u32>,
    versions: Vec<VersionReport>,
    golden: Vec<GoldenReport>,
}

#[derive(Serialize)]
struct VersionReport {
    version: u32,
    by: String,
    at: String,
    note: String,
    reason: Option<String>,
    golden: usize,
    broken: usize,
    ruleset_sha256: String,
}

#[derive(Serialize)]
struct GoldenReport {
    part: String,
    expected: Verdict,
    /// Null when it was not judged.
    got: Option<Verdict>,
}

pub fn run(args: &ReleaseArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let is_looking = args.list && args.golden.is_empty();
    let mut session = if is_looking { open_for_reading(&args.project)? } else { open_for_writing(&args.project)? };
    let pn = part_number(session.project(), args.part_number.as_deref())?;
    if args.list || !args.golden.is_empty() {
        agree(&mut session, pn, &args.golden)?;
        let golden = session.golden(pn)?;
        let results: Vec<GoldenResult> = golden.iter().map(not_judged).collect();
        write_report(&session, pn, None, &results, args.json, out)?;
        return Ok(Exit::Fine);
    }
    let rules = session.ruleset(pn).current().clone();
    let name = session.project().part_numbers[pn].name.clone();
    anyhow::ensure!(
        !rules.is_empty(),
        "part number {name} has no limits to release; set some in {}",
        session.project().ruleset_path(pn).display()
    );
    // A station judges what the models say; without a model labels are all there is.
    let has_model = session.project().part_numbers[pn].running_models().next().is_some();
    let on = if has_model { On::Both } else { On::Labels };
    let judged = judge_on(&session, pn, &rules, on, &args.model, FeatureSet::ALWAYS)?;
    let score = |on: On| judged.iter().find(|j| j.on == on).map(|j| j.evaluation.score()).filter(|s| s.all().total() > 0);
    let golden = session.golden(pn)?;
    let results = judged.last().map_or_else(Vec::new, |j: &Judged| golden_results(session.project(), &golden, &j.evaluation));
    let bad = broken(&results);
    for b in &bad {
        let got = b.got.map_or_else(|| "not judged".to_owned(), |v| v.to_string());
        tell(&format!("golden part {}: agreed {}, gets {got}", b.part, b.expected));
    }
    let request = ReleaseRequest {
        note: args.note.trim().to_owned(),
        reason: args.reason.as_deref().map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned),
        golden: results.len(),
        broken: bad.clone(),
        on_labels: score(On::Labels),
        on_predictions: score(On::Predictions),
    };
    let release = session.release_ruleset(pn, request)?;
    write_report(&session, pn, Some(&release), &results, args.json, out)?;
    let is_complete = judged.iter().all(|j| j.measured.problems.is_empty());
    Ok(match (is_complete, bad.is_empty()) {
        (false, _) => Exit::Incomplete,
        (true, false) => Exit::Found,
        (true, true) => Exit::Fine,
    })
}

fn agree(session: &mut Session, pn: usize, agreements: &[Agreement]) -> anyhow::Result<()> {
    let name = session.project().part_numbers[pn].name.clone();
    for Agreement { serial, expected } in agreements {
        let is_known = session.project().parts().iter().any(|p| p.part_number == pn && p.serial == *serial);
        anyhow::ensure!(is_known || expected.is_none(), "part number {name} has no part {serial}; parts.csv lists them");
    }
    for Agreement { serial, expected } in agreements {
        session.set_golden(pn, serial, *expected)?;
    }
    Ok(())
}

fn not_judged(golden: &GoldenVerdict) -> GoldenResult {
    GoldenResult { part: golden.part.clone(), expected: golden.expected, got: None }
}

fn write_report(
    session: &Session,
    pn: usize,
    released: Option<&Release>,
    results: &[GoldenResult],
    is_json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let name = session.project().part_numbers[pn].name.clone();
    if is_json {
        let version = |r: &Release| VersionReport {
            version: r.version,
            by: r.released.by.clone(),
            at: r.released.at.to_string(),
            note: r.note.clone(),
            reason: r.reason.clone(),
            golden: r.golden,
            broken: r.broken.len(),
            ruleset_sha256: r.ruleset_sha256.clone(),
        };
        let golden = |g: &GoldenResult| GoldenReport { part: g.part.clone(), expected: g.expected, got: g.got };
        return write_json(
            out,
            &ReleaseReport {
                part_number: name,
                released: released.map(|r| r.version),
                versions: session.releases(pn)?.iter().map(version).collect(),
                golden: results.iter().map(golden).collect(),
            },
        );
    }
    let Some(release) = released else {
        let releases = session.releases(pn)?;
        if releases.is_empty() {
            writeln!(out, "{name}: nothing was released yet")?;
        }
        for release in &releases {
            writeln!(out, "{name}, {}", release.words())?;
            if let Some(reason) = &release.reason {
                let parts = count_text(release.broken.len(), "golden part breaks", "golden parts break");
                writeln!(out, "  {parts}; reason: {reason}")?;
            }
        }
        let mut table = Table::new(&["golden part", "agreed"], &[]);
        for g in results {
            table.row(vec![g.part.clone(), g.expected.to_string()]);
        }
        return Ok(if results.is_empty() { writeln!(out, "no golden part") } else { table.write(out) }?);
    };
    writeln!(out, "{name}: released as version {}, SHA-256 {}", release.version, release.ruleset_sha256)?;
    let held = results.iter().filter(|r| r.holds()).count();
    if !results.is_empty() {
        writeln!(out, "{held} of {} golden parts hold", results.len())?;
    }
    let mut line = |what: &str, score: Option<&Score>| match score {
        Some(s) => writeln!(
            out,
            "on {what}: escapes {}; overkill {}; review {}",
            rate_text(s.escapes()),
            rate_text(s.overkill()),
            rate_text(s.review_load())
        ),
        None => Ok(()),
    };
    line("labels", release.on_labels.as_ref())?;
    line("predictions", release.on_predictions.as_ref())?;
    Ok(())
}
