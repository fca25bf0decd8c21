//! `delimit judge`: the verdict of every part, why, and how that compares with the truth.

use std::io::Write;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use delimit::judge::{Disposition, Ruleset, Tally, Verdict};
use delimit::measure::FeatureSet;
use delimit::session::Session;
use delimit::workflow::checking::is_labelled;
use delimit::workflow::judging::{evaluate, images_of, measure_labels};
use delimit::workflow::{Evaluation, MeasuredImages};
use serde::Serialize;

use super::check::{ErrorReport, errors};
use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_numbers, ruleset};
use super::output::{Table, count_text, error_line, rate_text, tally_text, tell, write_json};
use super::predict::predict_wanting;
use super::progress::Progress;
use super::verdicts::{ReasonReport, ScoreReport};

/// What is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum On {
    /// What annotators painted.
    Labels,
    /// What the model says.
    Predictions,
    /// One after the other.
    Both,
}

#[derive(Debug, Args)]
pub struct JudgeArgs {
    /// Folder of the project.
    project: PathBuf,
    /// Only this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// What to judge.
    #[arg(long, value_enum, default_value = "labels", value_name = "WHAT")]
    on: On,
    /// Another ruleset than the project's.
    #[arg(long, value_name = "FILE")]
    ruleset: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON document instead of tables; has every reason.
    #[arg(long, conflicts_with_all = ["csv", "explain"])]
    json: bool,
    /// One row a part, with its first reason.
    #[arg(long, conflicts_with = "explain")]
    csv: bool,
    /// Every reason of every part, with the rule, not only the first.
    #[arg(long)]
    explain: bool,
}

/// `judge --json`: one entry per part number and thing judged.
#[derive(Serialize)]
struct JudgeReport {
    project: String,
    judged: Vec<JudgedReport>,
}

#[derive(Serialize)]
struct JudgedReport {
    part_number: String,
    /// labels or predictions.
    on: &'static str,
    /// Name in the ruleset.
    ruleset: String,
    /// Which engine ran; null for labels.
    engine: Option<String>,
    tally: Tally,
    score: ScoreReport,
    parts: Vec<PartReport>,
    /// Serials of parts that have an image without a label, or one that could not be processed.
    not_judged: Vec<String>,
    errors: Vec<ErrorReport>,
}

/// One part.
#[derive(Serialize)]
struct PartReport {
    part: String,
    /// What a person decided: ok, ng or unknown.
    truth: Disposition,
    verdict: Verdict,
    /// Worst first; empty when OK.
    reasons: Vec<ReasonReport>,
}

/// Evaluated labels or predictions of one part number.
pub struct Judged {
    pub part_number: usize,
    pub on: On,
    pub ruleset: String,
    pub engine: Option<String>,
    pub evaluation: Evaluation,
    pub measured: MeasuredImages,
}

/// Judges the labels of a part number. Images that nobody has labelled leave their part out: a blank label is no OK part.
pub fn judge_labels(session: &Session, part_number: usize, rules: &Ruleset) -> anyhow::Result<Judged> {
    judge_labels_wanting(session, part_number, rules, FeatureSet::ALWAYS)
}

fn judge_labels_wanting(session: &Session, part_number: usize, rules: &Ruleset, features: FeatureSet) -> anyhow::Result<Judged> {
    let snapshot = session.snapshot().for_ruleset(part_number, rules, features);
    let mut images = images_of(&snapshot, part_number);
    images.retain(|&i| is_labelled(&snapshot, i, session.sidecar(i).state));
    let bar = Progress::new("measuring", images.len());
    let measured = measure_labels(&snapshot, &images, &|| false, &|| bar.step())?;
    let evaluation = evaluate(&snapshot, part_number, rules, &session.dispositions(), &measured)?;
    Ok(Judged { part_number, on: On::Labels, ruleset: rules.name.clone(), engine: None, evaluation, measured })
}

fn judge_predictions(
    session: &Session,
    part_number: usize,
    rules: &Ruleset,
    model: &ModelArgs,
    features: FeatureSet,
) -> anyhow::Result<Judged> {
    let predicted = predict_wanting(session, part_number, rules, &model.settings(), features)?;
    let evaluation = predicted.evaluate(session, part_number, rules)?;
    let (engine, measured) = (Some(predicted.engine), predicted.measured);
    Ok(Judged { part_number, on: On::Predictions, ruleset: rules.name.clone(), engine, evaluation, measured })
}

/// Judges labels, predictions or both; regions are measured with these features too, beside those that the ruleset asks for. What could
/// not be processed is told.
pub fn judge_on(
    session: &Session,
    part_number: usize,
    rules: &Ruleset,
    on: On,
    model: &ModelArgs,
    features: FeatureSet,
) -> anyhow::Result<Vec<Judged>> {
    let mut all = Vec::new();
    if on != On::Predictions {
        all.push(judge_labels_wanting(session, part_number, rules, features)?);
    }
    if on != On::Labels {
        all.push(judge_predictions(session, part_number, rules, model, features)?);
    }
    for (_, problem) in all.iter().flat_map(|judged| &judged.measured.problems) {
        tell(&format!("not judged: {}", error_line(problem)));
    }
    Ok(all)
}

pub fn run(args: &JudgeArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let mut all = Vec::new();
    for pn in part_numbers(session.project(), args.part_number.as_deref())? {
        let rules = ruleset(&session, pn, args.ruleset.as_deref())?;
        all.extend(judge_on(&session, pn, &rules, args.on, &args.model, FeatureSet::ALWAYS)?);
    }
    let mut exit = Exit::Fine;
    for judged in &all {
        exit = exit.and(judged.exit());
    }
    if args.json {
        let judged = all.iter().map(|j| j.report(&session)).collect();
        write_json(out, &JudgeReport { project: session.project().name.clone(), judged })?;
    } else if args.csv {
        write_csv(&session, &all, out)?;
    } else {
        for judged in &all {
            judged.write_parts(&session, args.explain, out)?;
            judged.write_summary(&session, out)?;
        }
    }
    Ok(exit)
}

impl On {
    pub const fn word(self) -> &'static str {
        match self {
            Self::Labels => "labels",
            Self::Predictions => "predictions",
            Self::Both => "both",
        }
    }
}

impl Judged {
    /// What the verdicts mean for the exit code.
    #[must_use]
    pub fn exit(&self) -> Exit {
        let tally = self.evaluation.tally();
        if !self.measured.problems.is_empty() {
            Exit::Incomplete
        } else if tally.ng > 0 {
            Exit::Found
        } else if tally.review > 0 || self.evaluation.left_out() > 0 {
            Exit::Review
        } else {
            Exit::Fine
        }
    }

    /// (serial, truth, verdict, index of the part in the project) of every judged part.
    fn parts<'a>(&'a self, session: &'a Session) -> impl Iterator<Item = (&'a str, Disposition, Verdict, usize)> {
        let e = &self.evaluation;
        let serial = |p: usize| session.project().parts()[p].serial.as_str();
        e.parts().iter().enumerate().map(move |(i, &p)| (serial(p), e.truth()[i], e.verdicts()[i], p))
    }

    fn report(&self, session: &Session) -> JudgedReport {
        let project = session.project();
        let image_id = |image: u32| project.images()[image as usize].id.clone();
        let number = |reason: &delimit::judge::Reason| {
            let at = reason.region?;
            self.measured.regions.get(&(at.image as usize))?.get(at.index as usize)?.number
        };
        let reasons = |part: usize| {
            let verdict = self.evaluation.explain(part);
            let report = |r: &delimit::judge::Reason| ReasonReport { number: number(r), ..ReasonReport::of(r, image_id) };
            verdict.iter().flat_map(|v| &v.reasons).map(report).collect()
        };
        let parts = self.parts(session).map(|(part, truth, verdict, p)| {
            let part = part.to_owned();
            PartReport { part, truth, verdict, reasons: reasons(p) }
        });
        let is_left_out = |(p, part): &(usize, &delimit::project::Part)| {
            part.part_number == self.part_number && self.evaluation.verdict_of_part(*p).is_none()
        };
        JudgedReport {
            part_number: project.part_numbers[self.part_number].name.clone(),
            on: self.on.word(),
            ruleset: self.ruleset.clone(),
            engine: self.engine.clone(),
            tally: self.evaluation.tally(),
            score: self.evaluation.score().into(),
            parts: parts.collect(),
            not_judged: project.parts().iter().enumerate().filter(is_left_out).map(|(_, p)| p.serial.clone()).collect(),
            errors: errors(session, &self.measured.problems),
        }
    }

    fn write_parts(&self, session: &Session, is_long: bool, out: &mut dyn Write) -> anyhow::Result<()> {
        let mut table = Table::new(&["part", "truth", "verdict", "reason"], &[]);
        for (part, truth, verdict, p) in self.parts(session) {
            let reasons = self.evaluation.explain(p).map_or_else(Vec::new, |v| v.reasons);
            let mut texts = reasons.iter().map(|r| if is_long { format!("{}  [{}]", r.sentence(), r.rule) } else { r.sentence() });
            let mut first = texts.next().unwrap_or_default();
            if !is_long && reasons.len() > 1 {
                first = format!("{first} (+{} more)", reasons.len() - 1);
            }
            table.row(vec![part.to_owned(), truth.label().to_owned(), verdict.to_string(), first]);
            if is_long {
                let aside = self.evaluation.aside_of_part(p).iter().map(|a| a.sentence(self.evaluation.board().rules()));
                texts.chain(aside).for_each(|text| table.row(vec![String::new(), String::new(), String::new(), text]));
            }
        }
        table.write(out)?;
        Ok(())
    }

    /// The tally and the score, a line each.
    pub fn write_summary(&self, session: &Session, out: &mut dyn Write) -> anyhow::Result<()> {
        let e = &self.evaluation;
        let name = &session.project().part_numbers[self.part_number].name;
        write!(
            out,
            "{name}, on {}: {} of {}",
            self.on.word(),
            tally_text(e.tally()),
            count_text(e.parts().len(), "part", "parts")
        )?;
        if e.left_out() > 0 {
            let why = if self.on == On::Labels { "no label or unreadable" } else { "unreadable" };
            write!(out, "; {} not judged ({why})", e.left_out())?;
        }
        if let Some(engine) = &self.engine {
            write!(out, "; {engine}")?;
        }
        writeln!(out)?;
        let score = e.score();
        if score.truly_ok.total() + score.truly_ng.total() == 0 {
            writeln!(out, "  escapes and overkill unknown: no part has a disposition")?;
        } else {
            writeln!(
                out,
                "  escapes {}; overkill {}; review {}",
                rate_text(score.escapes()),
                rate_text(score.overkill()),
                rate_text(score.review_load())
            )?;
        }
        Ok(())
    }
}

fn write_csv(session: &Session, all: &[Judged], out: &mut dyn Write) -> anyhow::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(["part_number", "on", "part", "truth", "verdict", "reasons", "reason"])?;
    for judged in all {
        let name = &session.project().part_numbers[judged.part_number].name;
        for (part, truth, verdict, p) in judged.parts(session) {
            let reasons = judged.evaluation.explain(p).map_or_else(Vec::new, |v| v.reasons);
            let first = reasons.first().map(delimit::judge::Reason::sentence).unwrap_or_default();
            let count = reasons.len().to_string();
            csv.write_record([name, judged.on.word(), part, truth.label(), verdict.word(), &count, &first])?;
        }
    }
    csv.flush()?;
    Ok(())
}
