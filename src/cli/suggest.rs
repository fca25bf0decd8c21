//! `delimit suggest`: limits that the decided parts speak for.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use delimit::judge::suggest::{Goal, Ground, Least, LimitEdit, Method, PixelFlips, Request, Suggestion, suggest, targets_of};
use delimit::judge::{Bounds, Score, Verdict, Worse, bounds_words};
use delimit::session::Session;
use delimit::workflow::evaluation::compile_in;
use serde::{Deserialize, Serialize};

use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, open_for_writing, part_number};
use super::judge::{Judged, On, judge_on};
use super::limit_name::{LimitName, features_of, known_limits, limit_text};
use super::output::{Table, rate_text, tally_text, tell, write_json};
use super::verdicts::ScoreReport;

#[derive(Debug, Args)]
pub struct SuggestArgs {
    /// Folder of the project.
    project: PathBuf,
    /// The part number, when there are several.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// A limit that may move (CLASS:WHAT or CLASS/ZONE:WHAT), several times for several; one that the ruleset does not have is added.
    /// Without it all that the ruleset has.
    #[arg(long, value_name = "LIMIT")]
    limit: Vec<LimitName>,
    /// So many escapes may remain in the set; 0 without this.
    #[arg(long, value_name = "N", conflicts_with = "rate_below")]
    at_most_escapes: Option<usize>,
    /// As many escapes as prove, with 95 % confidence, a rate no higher than this share (0.01 = 1 %).
    #[arg(long, value_name = "SHARE", value_parser = share)]
    rate_below: Option<f64>,
    /// No more overkill in the set than this, if anything else can be done.
    #[arg(long, value_name = "N")]
    at_most_overkill: Option<usize>,
    /// A review counts so much of an overkill.
    #[arg(long, value_name = "WEIGHT", default_value_t = 0.2, value_parser = weight, conflicts_with = "cost")]
    review_weight: f64,
    /// Least money per day instead of least overkill and review, by the costs that the part number has.
    #[arg(long)]
    cost: bool,
    /// One number for accept and reject, no review between.
    #[arg(long)]
    no_review: bool,
    /// Into how many the parts are divided for validation; 0 leaves it out.
    #[arg(long, default_value_t = 10, value_name = "N")]
    folds: usize,
    /// CSV with the columns part and lot: parts of one lot are never divided in validation. Parts that it does not name stand alone.
    #[arg(long, value_name = "FILE")]
    lots: Option<PathBuf>,
    /// What is judged.
    #[arg(long, value_enum, default_value = "labels", value_name = "WHAT")]
    on: On,
    #[command(flatten)]
    model: ModelArgs,
    /// Write the limits into the ruleset of the project.
    #[arg(long)]
    write: bool,
    /// One JSON document instead of text.
    #[arg(long)]
    json: bool,
}

/// A share between 0 and 1, both excluded.
pub fn share(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|s| *s > 0.0 && *s < 1.0).ok_or_else(|| "give a share between 0 and 1".to_owned())
}

fn weight(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|w: &f64| w.is_finite() && *w >= 0.0).ok_or_else(|| "give a number from 0 up".to_owned())
}

/// `suggest --json`.
#[derive(Serialize)]
struct SuggestReport {
    part_number: String,
    /// labels or predictions.
    on: &'static str,
    limits: Vec<LimitReport>,
    /// exact or search.
    method: &'static str,
    is_goal_met: bool,
    before: ScoreReport,
    after: ScoreReport,
    flips: Vec<FlipReport>,
    /// With 95 % confidence the true escape rate under the new limits is no higher.
    escape_rate_at_most: f64,
    /// Parts that the wanted rate would need in all; null when none is wanted or it is proven.
    ng_parts_needed: Option<usize>,
    /// Chance that the next NG part lies below the smallest one seen, for one limit; with several up to as many times as high.
    next_ng_below: f64,
    validation: Option<ValidationReport>,
    /// Parts whose verdict hangs on a pixel, to first order, before and after.
    pixel: Option<[PixelReport; 2]>,
    /// For people.
    sentences: Vec<String>,
    is_written: bool,
}

#[derive(Serialize)]
struct LimitReport {
    class: String,
    zone: String,
    what: String,
    unit: &'static str,
    before: Option<BoundsReport>,
    after: Option<BoundsReport>,
    /// Accept and reject at the values of NG parts: as far from strict as gives the same verdicts.
    farthest: [Option<f64>; 2],
}

#[derive(Serialize)]
struct BoundsReport {
    accept: Option<f64>,
    reject: Option<f64>,
    /// larger or smaller values are worse.
    worse: &'static str,
}

#[derive(Serialize)]
struct FlipReport {
    part: String,
    before: Verdict,
    after: Verdict,
    kind: &'static str,
}

#[derive(Serialize)]
struct ValidationReport {
    folds: usize,
    tuned_in: ScoreReport,
    held_out: ScoreReport,
}

#[derive(Serialize)]
struct PixelReport {
    smaller: usize,
    larger: usize,
    either: usize,
    of: usize,
}

pub fn run(args: &SuggestArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    anyhow::ensure!(args.on != On::Both, "suggest works on labels or on predictions; name one of them with --on");
    let mut session = if args.write { open_for_writing(&args.project)? } else { open_for_reading(&args.project)? };
    let pn = part_number(session.project(), args.part_number.as_deref())?;
    let rules = session.ruleset(pn).current().clone();
    let targets = match &args.limit[..] {
        [] => targets_of(&rules),
        named => named.iter().map(|name| name.target(&rules)).collect(),
    };
    anyhow::ensure!(!targets.is_empty(), "the ruleset has no limit yet; name one with --limit CLASS:WHAT");
    let least = if args.cost {
        let settings = session.project().part_numbers[pn].cost.clone();
        Least::Cost(settings.context("the part number has no costs yet; set them in Tune")?)
    } else {
        Least::OverkillAndReview { review_weight: args.review_weight }
    };
    let goal = match (args.rate_below, args.at_most_escapes) {
        (Some(rate), _) => Goal::RateBelow(rate),
        (None, None | Some(0)) => Goal::NoEscape,
        (None, Some(most)) => Goal::AtMost(most),
    };
    let all = judge_on(&session, pn, &rules, args.on, &args.model, features_of(&targets))?;
    let judged = all.first().context("nothing was judged")?;
    let request =
        Request { targets, goal, at_most_overkill: args.at_most_overkill, least, has_review: !args.no_review, folds: args.folds };
    let suggestion = {
        let snapshot = session.snapshot();
        let compile = |rules: &delimit::judge::Ruleset| compile_in(&snapshot, pn, rules);
        let evaluation = &judged.evaluation;
        let groups = args.lots.as_deref().map(|file| lots(&session, judged, file)).transpose()?;
        let (table, truth, groups) = (evaluation.table(), evaluation.truth(), groups.as_deref());
        let ground = Ground { table, ruleset: &rules, compile: &compile, truth, groups };
        let known = || format!("the ruleset has the limits {}", known_limits(&rules));
        suggest(&ground, &request).with_context(known)?
    };
    let is_written = args.write && !suggestion.is_idle();
    if is_written {
        let mut applied = Ok(());
        session.edit_ruleset(pn, |rules| applied = suggestion.apply(rules))?;
        applied?;
        session.save_ruleset(pn)?;
    }
    if args.json {
        write_json(out, &report(&session, judged, &suggestion, is_written))?;
    } else {
        write_text(&session, judged, &suggestion, out)?;
        if is_written {
            tell(&format!("written to {}", session.project().ruleset_path(pn).display()));
        }
    }
    Ok(if !judged.measured.problems.is_empty() {
        Exit::Incomplete
    } else if suggestion.is_goal_met {
        Exit::Fine
    } else {
        Exit::Review
    })
}

/// The lot of each judged part, as a number; parts that the file does not name have one of their own.
fn lots(session: &Session, judged: &Judged, file: &Path) -> anyhow::Result<Vec<u32>> {
    /// Other columns are of no interest.
    #[derive(Deserialize)]
    struct Row {
        part: String,
        lot: String,
    }
    let rows = csv::Reader::from_path(file).and_then(|mut csv| csv.deserialize().collect::<Result<Vec<Row>, _>>());
    let rows = rows.with_context(|| format!("{}: a CSV file with the columns part and lot is needed", file.display()))?;
    let lot_of: BTreeMap<&str, &str> = rows.iter().map(|row| (row.part.as_str(), row.lot.as_str())).collect();
    let mut numbers: BTreeMap<(bool, &str), u32> = BTreeMap::new();
    let parts = judged.evaluation.parts().iter().map(|&part| {
        let serial = session.project().parts()[part].serial.as_str();
        let name = lot_of.get(serial).map_or((false, serial), |lot| (true, *lot));
        let next = numbers.len() as u32;
        *numbers.entry(name).or_insert(next)
    });
    Ok(parts.collect())
}

fn report(session: &Session, judged: &Judged, suggestion: &Suggestion, is_written: bool) -> SuggestReport {
    let project = session.project();
    let bounds = |b: Bounds| BoundsReport {
        accept: b.accept_below,
        reject: b.reject_from,
        worse: if b.worse == Worse::Smaller { "smaller" } else { "larger" },
    };
    let limit = |e: &LimitEdit| LimitReport {
        class: e.target.cell.class.clone(),
        zone: e.target.cell.zone.clone(),
        what: e.target.subject.name(),
        unit: e.target.subject.unit(),
        before: e.before.map(bounds),
        after: e.after.map(bounds),
        farthest: e.farthest,
    };
    let pixel =
        |p: PixelFlips| PixelReport { smaller: p.smaller.count, larger: p.larger.count, either: p.either.count, of: p.either.of };
    let serial = |part: usize| project.parts()[judged.evaluation.parts()[part]].serial.clone();
    SuggestReport {
        part_number: project.part_numbers[judged.part_number].name.clone(),
        on: judged.on.word(),
        limits: suggestion.edits.iter().map(limit).collect(),
        method: if suggestion.method == Method::Exact { "exact" } else { "search" },
        is_goal_met: suggestion.is_goal_met,
        before: suggestion.before.into(),
        after: suggestion.after.into(),
        flips: suggestion
            .flips
            .iter()
            .map(|f| FlipReport { part: serial(f.part), before: f.before, after: f.after, kind: f.kind.label() })
            .collect(),
        escape_rate_at_most: suggestion.claim.upper,
        ng_parts_needed: if suggestion.claim.holds() { None } else { suggestion.claim.parts_needed() },
        next_ng_below: suggestion.next_ng.chance,
        validation: suggestion.validation.as_ref().map(|v| ValidationReport {
            folds: v.folds,
            tuned_in: v.tuned_in.into(),
            held_out: v.held_out.into(),
        }),
        pixel: suggestion.pixel.map(|p| p.map(pixel)),
        sentences: suggestion.sentences(),
        is_written,
    }
}

fn write_text(session: &Session, judged: &Judged, suggestion: &Suggestion, out: &mut dyn Write) -> anyhow::Result<()> {
    let mut table = Table::new(&["limit", "now", "suggested"], &[]);
    for edit in &suggestion.edits {
        let words = |b: Option<Bounds>| b.map_or_else(|| "none".to_owned(), |b| bounds_words(b, edit.target.subject.unit()));
        table.row(vec![limit_text(&edit.target), words(edit.before), words(edit.after)]);
    }
    table.write(out)?;
    let mut line = |name: &str, score: &Score| {
        writeln!(
            out,
            "{name}: {}; escapes {}; overkill {}; review {}",
            tally_text(score.all()),
            rate_text(score.escapes()),
            rate_text(score.overkill()),
            rate_text(score.review_load())
        )
    };
    line("now", &suggestion.before)?;
    line("suggested", &suggestion.after)?;
    if let Some(validation) = &suggestion.validation {
        line(&format!("held out ({} folds)", validation.folds), &validation.held_out)?;
    }
    for flip in &suggestion.flips {
        let part = &session.project().parts()[judged.evaluation.parts()[flip.part]].serial;
        writeln!(out, "  {part}: {} → {}, {}", flip.before, flip.after, flip.kind.label())?;
    }
    for sentence in suggestion.sentences() {
        writeln!(out, "{sentence}")?;
    }
    Ok(())
}
