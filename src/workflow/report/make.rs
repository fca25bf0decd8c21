//! Working the report out.

use std::path::Path;

use super::borderline::strips;
use super::curves::curves;
use super::matrix::{matrix, rule_hits};
use super::parts::{causes, explained, wrong_parts};
use super::sources::{JudgedSource, Source};
use super::value::{Alarm, FileHash, Golden, Report, RulesetIdentity, SourceReport};
use crate::judge::suggest::alarm::size_alarms;
use crate::judge::{Bounds, CompiledRuleset};
use crate::judge::{Claim, CostSettings, Event, Ruleset, bounds_words, cost_per_day};
use crate::predict::ModelCard;
use crate::project::release::sha256_text;
use crate::project::{GoldenVerdict, Project, Release, Signature};
use crate::session::Snapshot;
use crate::workflow::WorkflowError;
use crate::workflow::releasing::golden_results;

/// What a report is made from, beside the project.
pub struct ReportInput<'a> {
    pub part_number: usize,
    pub ruleset: &'a Ruleset,
    /// Who makes it, and when.
    pub made: Signature,
    /// Golden parts and releases of the part number.
    pub golden: &'a [GoldenVerdict],
    pub releases: &'a [Release],
    /// What verdicts cost; None leaves costs out.
    pub cost: Option<&'a CostSettings>,
    /// The escape rate that is to be claimed, 0..1.
    pub wanted_escape_rate: Option<f64>,
}

/// Works the report out of what was judged; see [`super::judge_sources`]. Photos are read for the pictures of borderline regions: `progress`
/// gets photos read and photos in all, from several threads.
///
/// # Errors
/// When the ruleset has no text, or it was cancelled.
pub fn make_report(
    snapshot: &Snapshot,
    input: &ReportInput<'_>,
    judged: &[JudgedSource],
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<Report, WorkflowError> {
    let project = snapshot.project();
    let number = &project.part_numbers[input.part_number];
    let mut sources = Vec::with_capacity(judged.len());
    for one in judged {
        sources.push(source_report(snapshot, input, one, is_cancelled, progress)?);
    }
    sources.sort_by_key(|s| s.source);
    // What a station judges by: the models where they were asked, labels otherwise.
    let golden_by = judged.iter().max_by_key(|j| j.source);
    let alarms = judged.iter().find(|j| j.source == Source::Labels).map_or_else(Vec::new, |j| alarms(project, j));
    let calibration_text = number.calibration.and_then(|c| ron::to_string(&c).ok());
    Ok(Report {
        project: project.name.clone(),
        part_number: number.name.clone(),
        made: input.made.clone(),
        program: env!("CARGO_PKG_VERSION").to_owned(),
        ruleset: identity(input.ruleset, input.releases)?,
        files: files(project, input.part_number),
        calibration: number.calibration,
        calibration_sha256: calibration_text.map(|text| sha256_text(text.as_bytes())),
        currency: input.cost.map_or_else(String::new, |c| c.currency.clone()),
        sources,
        golden_on: golden_by.map(|j| j.source),
        golden: golden(project, input.golden, golden_by),
        alarms,
    })
}

fn source_report(
    snapshot: &Snapshot,
    input: &ReportInput<'_>,
    judged: &JudgedSource,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<SourceReport, WorkflowError> {
    let project = snapshot.project();
    let e = &judged.evaluation;
    let score = e.score();
    let verdicts = explained(e);
    let not_judged =
        project.parts().iter().enumerate().filter(|(i, p)| p.part_number == e.part_number() && e.verdict_of_part(*i).is_none());
    Ok(SourceReport {
        source: judged.source,
        engine: judged.engine.clone(),
        tally: e.tally(),
        score,
        claims: vec![
            Claim::new(Event::Escape, score.escapes(), input.wanted_escape_rate),
            Claim::new(Event::Overkill, score.overkill(), None),
        ],
        cost: input.cost.and_then(|settings| cost_per_day(&score, settings)),
        not_judged: not_judged.map(|(_, p)| p.serial.clone()).collect(),
        problems: judged.measured.problems.iter().map(|(i, p)| format!("{}: {p}", project.images()[*i].id)).collect(),
        matrix: matrix(e),
        rules: rule_hits(e, &verdicts),
        causes: causes(&verdicts),
        curves: curves(e, input.ruleset),
        strips: strips(snapshot, input.ruleset, judged, is_cancelled, progress)?,
        wrong: wrong_parts(project, judged, &verdicts),
    })
}

fn identity(ruleset: &Ruleset, releases: &[Release]) -> Result<RulesetIdentity, WorkflowError> {
    let sha256 = sha256_text(ruleset.to_ron()?.as_bytes());
    let release = releases.iter().rev().find(|r| r.ruleset_sha256 == sha256);
    Ok(RulesetIdentity {
        name: ruleset.name.clone(),
        note: ruleset.note.clone(),
        sha256,
        release: release.map(Release::words),
        version: release.map(|r| r.version),
    })
}

fn files(project: &Project, part_number: usize) -> Vec<FileHash> {
    let hash = |what, name: String, path: &Path| {
        let sha256 = std::fs::read(path).ok().map(|bytes| sha256_text(&bytes));
        FileHash { what, name, sha256 }
    };
    let zones = project.zones_path(part_number);
    let relative = |path: &Path| path.strip_prefix(project.root()).unwrap_or(path).display().to_string();
    let mut files = Vec::new();
    if zones.exists() {
        files.push(hash("zone map", relative(&zones), &zones));
    }
    for model in project.part_numbers[part_number].running_models() {
        let path = project.model_path(model);
        let card = ModelCard::path_beside(&path);
        files.push(hash("model", relative(&path), &path));
        files.push(hash("model card", relative(&card), &card));
    }
    files
}

fn golden(project: &Project, golden: &[GoldenVerdict], judged: Option<&JudgedSource>) -> Vec<Golden> {
    let results = judged.map(|j| golden_results(project, golden, &j.evaluation)).unwrap_or_default();
    let got = |part: &str| results.iter().find(|r| r.part == part).and_then(|r| r.got);
    let one = |g: &GoldenVerdict| Golden {
        part: g.part.clone(),
        expected: g.expected,
        got: got(&g.part),
        note: g.note.clone(),
        agreed: g.agreed.clone(),
    };
    golden.iter().map(one).collect()
}

fn alarms(project: &Project, judged: &JudgedSource) -> Vec<Alarm> {
    let e = &judged.evaluation;
    let rules: &CompiledRuleset = e.board().rules();
    let sentence = |a: crate::judge::suggest::alarm::SizeAlarm| {
        let feature = a.feature.label().to_lowercase();
        let limit = bounds_words(Bounds::new(Some(a.accept_below), None), a.feature.unit());
        let limit = limit.trim_start_matches("OK ").trim_end_matches(", else NG");
        let part = &project.parts()[e.parts()[a.part]].serial;
        let unit = a.feature.unit();
        let space = if unit.is_empty() { "" } else { " " };
        let regions = if a.accepted == 1 { "1 region is".to_owned() } else { format!("{} regions are", a.accepted) };
        let escapes = match a.escapes {
            0 => "something else speaks against each of these parts".to_owned(),
            1 => "1 of these parts is an escape".to_owned(),
            n => format!("{n} of these parts are escapes"),
        };
        let sentence = format!(
            "{} in {}: {feature} {limit} is accepted, but one of {:.3}{space}{unit} lies on part {part}, which is NG; {regions} accepted on \
             NG parts, and {escapes}",
            rules.class_name(a.class),
            rules.zone_name(a.zone),
            a.smallest
        );
        Alarm { sentence, escapes: a.escapes }
    };
    size_alarms(e.table(), rules, e.truth()).into_iter().map(sentence).collect()
}
