//! `delimit diff`: two rulesets by their numbers, and by the parts that they judge differently.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use delimit::judge::{Disposition, Ruleset, RulesetChange, Tally, Verdict, ruleset_changes};
use delimit::measure::FeatureSet;
use delimit::project::release::sha256_text;
use delimit::session::Session;
use delimit::workflow::releasing::{PartFlip, part_flips};
use serde::Serialize;

use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_number};
use super::judge::{Judged, On, judge_on};
use super::output::{Table, count_text, rate_text, tally_text, write_json};
use super::ruleset_name::RulesetName;
use super::verdicts::ScoreReport;

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// A ruleset: a file, @3 for the released version 3, @saved for that of the project.
    #[arg(value_name = "A")]
    before: RulesetName,
    /// The other one.
    #[arg(value_name = "B")]
    after: RulesetName,
    /// Folder of a project: which of its parts get another verdict.
    project: Option<PathBuf>,
    /// The part number, when there are several.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// What is judged.
    #[arg(long, value_enum, default_value = "labels", value_name = "WHAT")]
    on: On,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON document instead of text.
    #[arg(long)]
    json: bool,
}

/// `diff --json`.
#[derive(Serialize)]
struct DiffReport {
    before: RulesetReport,
    after: RulesetReport,
    changes: Vec<ChangeReport>,
    /// Null without a project.
    part_number: Option<String>,
    judged: Vec<JudgedReport>,
}

#[derive(Serialize)]
struct RulesetReport {
    /// As it was named.
    from: String,
    name: String,
    /// Of its text as Delimit writes it; the same as in a release of it.
    sha256: String,
}

#[derive(Serialize)]
struct ChangeReport {
    /// limit, accepts, cell, certainty, words, setting, `treat_order`, rule or `rule_field`.
    kind: &'static str,
    /// For people.
    sentence: String,
}

#[derive(Serialize)]
struct JudgedReport {
    /// labels or predictions.
    on: &'static str,
    before: SideReport,
    after: SideReport,
    /// New escapes first.
    flips: Vec<FlipReport>,
}

#[derive(Serialize)]
struct SideReport {
    tally: Tally,
    score: ScoreReport,
    not_judged: usize,
}

#[derive(Serialize)]
struct FlipReport {
    part: String,
    truth: Disposition,
    before: Verdict,
    after: Verdict,
    kind: &'static str,
    /// Why it got the worse of the two.
    sentence: String,
}

/// The same thing judged by both rulesets.
struct Pair {
    before: Judged,
    after: Judged,
    flips: Vec<PartFlip>,
}

pub fn run(args: &DiffArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = args.project.as_deref().map(open_for_reading).transpose()?;
    let project = match &session {
        Some(session) => Some((session, part_number(session.project(), args.part_number.as_deref())?)),
        None => None,
    };
    let (before, after) = (args.before.read(project)?, args.after.read(project)?);
    let changes = ruleset_changes(&before, &after);
    let pairs = match project {
        Some((session, pn)) => judge_pairs(session, pn, [&before, &after], args)?,
        None => Vec::new(),
    };
    if args.json {
        let ruleset = |name: &RulesetName, ruleset: &Ruleset| -> anyhow::Result<RulesetReport> {
            let sha256 = sha256_text(ruleset.to_ron()?.as_bytes());
            Ok(RulesetReport { from: name.to_string(), name: ruleset.name.clone(), sha256 })
        };
        let report = DiffReport {
            before: ruleset(&args.before, &before)?,
            after: ruleset(&args.after, &after)?,
            changes: changes.iter().map(|c| ChangeReport { kind: kind(c), sentence: c.to_string() }).collect(),
            part_number: project.map(|(session, pn)| session.project().part_numbers[pn].name.clone()),
            judged: project.map_or_else(Vec::new, |(session, _)| pairs.iter().map(|p| p.report(session)).collect()),
        };
        write_json(out, &report)?;
    } else {
        if changes.is_empty() {
            writeln!(out, "{} and {} say the same", args.before, args.after)?;
        }
        for change in &changes {
            writeln!(out, "{change}")?;
        }
        if let Some((session, _)) = project {
            for pair in &pairs {
                pair.write(session, out)?;
            }
        }
    }
    let is_complete = pairs.iter().flat_map(|p| [&p.before, &p.after]).all(|j| j.measured.problems.is_empty());
    let is_same = changes.is_empty() && pairs.iter().all(|p| p.flips.is_empty());
    Ok(match (is_complete, is_same) {
        (false, _) => Exit::Incomplete,
        (true, true) => Exit::Fine,
        (true, false) => Exit::Found,
    })
}

/// Each ruleset has its regions measured: gaps and least probabilities may differ.
fn judge_pairs(session: &Session, pn: usize, [before, after]: [&Ruleset; 2], args: &DiffArgs) -> anyhow::Result<Vec<Pair>> {
    let judge = |rules| judge_on(session, pn, rules, args.on, &args.model, FeatureSet::ALWAYS);
    let pairs = judge(before)?.into_iter().zip(judge(after)?);
    Ok(pairs
        .map(|(before, after)| {
            let flips = part_flips(&before.evaluation, &after.evaluation);
            Pair { before, after, flips }
        })
        .collect())
}

const fn kind(change: &RulesetChange) -> &'static str {
    match change {
        RulesetChange::Limit { .. } => "limit",
        RulesetChange::Accepts { .. } => "accepts",
        RulesetChange::Cell { .. } => "cell",
        RulesetChange::Certainty { .. } => "certainty",
        RulesetChange::Words { .. } => "words",
        RulesetChange::Setting { .. } => "setting",
        RulesetChange::TreatOrder => "treat_order",
        RulesetChange::Rule { .. } => "rule",
        RulesetChange::RuleField { .. } => "rule_field",
    }
}

impl Pair {
    fn report(&self, session: &Session) -> JudgedReport {
        let side = |judged: &Judged| SideReport {
            tally: judged.evaluation.tally(),
            score: judged.evaluation.score().into(),
            not_judged: judged.evaluation.left_out(),
        };
        let flip = |f: &PartFlip| FlipReport {
            part: session.project().parts()[f.part].serial.clone(),
            truth: f.truth,
            before: f.before,
            after: f.after,
            kind: f.kind.label(),
            sentence: f.sentence.clone(),
        };
        JudgedReport {
            on: self.before.on.word(),
            before: side(&self.before),
            after: side(&self.after),
            flips: self.flips.iter().map(flip).collect(),
        }
    }

    fn write(&self, session: &Session, out: &mut dyn Write) -> anyhow::Result<()> {
        let of = count_text(self.after.evaluation.parts().len(), "part", "parts");
        writeln!(out, "On {}: {} of {of} get another verdict", self.before.on.word(), self.flips.len())?;
        for (word, judged) in [("before", &self.before), ("after", &self.after)] {
            let score = judged.evaluation.score();
            writeln!(
                out,
                "  {word}: {}; escapes {}; overkill {}; review {}",
                tally_text(judged.evaluation.tally()),
                rate_text(score.escapes()),
                rate_text(score.overkill()),
                rate_text(score.review_load())
            )?;
        }
        if self.flips.is_empty() {
            return Ok(());
        }
        let mut table = Table::new(&["part", "truth", "before", "after", "what", "why"], &[]);
        for f in &self.flips {
            let part = session.project().parts()[f.part].serial.clone();
            let verdicts = [f.before, f.after].map(|v| v.to_string());
            let row = [part, f.truth.label().to_owned()].into_iter().chain(verdicts);
            table.row(row.chain([f.kind.label().to_owned(), f.sentence.clone()]).collect());
        }
        table.write(out)?;
        Ok(())
    }
}
