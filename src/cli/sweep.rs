//! `delimit sweep`: one limit at many values.

use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use delimit::judge::sweep::{Sweep, even_places, sweep, sweep_distinct};
use delimit::judge::{Bound, Rate, SweepPoint, Tally};
use serde::Serialize;

use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_number, ruleset};
use super::judge::{Judged, On, judge_on};
use super::limit_name::{LimitName, features_of, known_limits, limit_text};
use super::output::{Table, rate_text, write_json};
use super::verdicts::ScoreReport;

/// Which of the two values of a limit moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Moved {
    Accept,
    Reject,
}

#[derive(Debug, Args)]
pub struct SweepArgs {
    /// Folder of the project.
    project: PathBuf,
    /// The part number, when there are several.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// The limit that moves.
    #[arg(long, value_name = "LIMIT")]
    limit: LimitName,
    /// Which of its two values; the other one is pushed along. Without this the one that it has, reject when it has both.
    #[arg(long, value_enum, value_name = "VALUE")]
    bound: Option<Moved>,
    /// Lowest value; without --from and --to all values at which something changes.
    #[arg(long, requires = "to", allow_hyphen_values = true, value_name = "N")]
    from: Option<f64>,
    /// Highest value.
    #[arg(long, requires = "from", allow_hyphen_values = true, value_name = "N")]
    to: Option<f64>,
    /// How many values at most.
    #[arg(long, default_value_t = 200, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    points: u32,
    /// What is judged.
    #[arg(long, value_enum, default_value = "labels", value_name = "WHAT")]
    on: On,
    /// Another ruleset than the project's.
    #[arg(long, value_name = "FILE")]
    ruleset: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON document instead of a table.
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// CSV instead of a table.
    #[arg(long)]
    csv: bool,
}

/// `sweep --json`.
#[derive(Serialize)]
struct SweepReport {
    part_number: String,
    limit: String,
    unit: &'static str,
    /// accept or reject.
    bound: &'static str,
    sweeps: Vec<OneReport>,
}

#[derive(Serialize)]
struct OneReport {
    /// labels or predictions.
    on: &'static str,
    points: Vec<PointReport>,
}

#[derive(Serialize)]
struct PointReport {
    at: f64,
    accept: Option<f64>,
    reject: Option<f64>,
    tally: Tally,
    score: ScoreReport,
}

pub fn run(args: &SweepArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let pn = part_number(session.project(), args.part_number.as_deref())?;
    let rules = ruleset(&session, pn, args.ruleset.as_deref())?;
    let target = args.limit.target(&rules);
    let (which, now) = target
        .subject
        .find(&rules, &target.cell)
        .with_context(|| format!("the ruleset has no limit {}; it has {}", limit_text(&target), known_limits(&rules)))?;
    let bound = match args.bound {
        Some(Moved::Accept) => Bound::Accept,
        None if now.reject_from.is_none() => Bound::Accept,
        Some(Moved::Reject) | None => Bound::Reject,
    };
    let all = judge_on(&session, pn, &rules, args.on, &args.model, features_of(std::slice::from_ref(&target)))?;
    let mut sweeps = Vec::new();
    for judged in &all {
        let (board, truth) = (judged.evaluation.board(), judged.evaluation.truth());
        let points = args.points as usize;
        sweeps.push(match (args.from, args.to) {
            (Some(from), Some(to)) => sweep(board, &target.cell, which, bound, &even_places(from, to, points), truth)?,
            _ => sweep_distinct(board, &target.cell, which, bound, points, truth)?,
        });
    }
    let pairs: Vec<(&Judged, &Sweep)> = all.iter().zip(&sweeps).collect();
    if args.json {
        let one = |(judged, sweep): &(&Judged, &Sweep)| OneReport {
            on: judged.on.word(),
            points: sweep.points.iter().map(point).collect(),
        };
        let report = SweepReport {
            part_number: session.project().part_numbers[pn].name.clone(),
            limit: limit_text(&target),
            unit: target.subject.unit(),
            bound: if bound == Bound::Accept { "accept" } else { "reject" },
            sweeps: pairs.iter().map(one).collect(),
        };
        write_json(out, &report)?;
    } else if args.csv {
        write_csv(&pairs, out)?;
    } else {
        for (judged, sweep) in &pairs {
            writeln!(out, "{} on {}, {}", limit_text(&target), judged.on.word(), target.subject.unit())?;
            write_table(sweep, out)?;
        }
    }
    let is_complete = all.iter().all(|judged| judged.measured.problems.is_empty());
    Ok(if is_complete { Exit::Fine } else { Exit::Incomplete })
}

fn point(point: &SweepPoint) -> PointReport {
    PointReport {
        at: point.at,
        accept: point.bounds.accept_below,
        reject: point.bounds.reject_from,
        tally: point.score.all(),
        score: point.score.into(),
    }
}

fn write_table(sweep: &Sweep, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut table = Table::new(&["at", "OK", "review", "NG", "escapes", "overkill", "review load"], &[0, 1, 2, 3]);
    for SweepPoint { at, score, .. } in &sweep.points {
        let tally = score.all();
        let mut row = vec![at.to_string()];
        row.extend([tally.ok, tally.review, tally.ng].map(|n| n.to_string()));
        row.extend([score.escapes(), score.overkill(), score.review_load()].map(rate_text));
        table.row(row);
    }
    table.write(out)?;
    Ok(())
}

fn write_csv(pairs: &[(&Judged, &Sweep)], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    let rate_columns = |name: &str| ["", "_of", "_low", "_high"].map(|end| format!("{name}{end}"));
    let mut header = ["on", "at", "accept", "reject", "ok", "review", "ng"].map(String::from).to_vec();
    header.extend(["escapes", "overkill", "review_load"].into_iter().flat_map(rate_columns));
    csv.write_record(header)?;
    let number = |v: Option<f64>| v.map_or_else(String::new, |v| v.to_string());
    let rate = |r: Rate| [r.count.to_string(), r.of.to_string(), r.interval().low.to_string(), r.interval().high.to_string()];
    for (judged, sweep) in pairs {
        for SweepPoint { at, bounds, score } in &sweep.points {
            let tally = score.all();
            let mut row =
                vec![judged.on.word().to_owned(), at.to_string(), number(bounds.accept_below), number(bounds.reject_from)];
            row.extend([tally.ok, tally.review, tally.ng].map(|n| n.to_string()));
            row.extend([score.escapes(), score.overkill(), score.review_load()].into_iter().flat_map(rate));
            csv.write_record(row)?;
        }
    }
    csv.flush()?;
    Ok(())
}
