//! What a ruleset does to golden parts and to the set, compared with another: what one wants to know before it is released.

use super::evaluation::Evaluation;
use crate::judge::{Disposition, FlipKind, Reason, Verdict};
use crate::project::{BrokenGolden, GoldenVerdict, Project};

/// A golden part and what it gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GoldenResult {
    pub part: String,
    pub expected: Verdict,
    /// None: the part is not in the project, or was not measured.
    pub got: Option<Verdict>,
}

impl GoldenResult {
    #[must_use]
    pub fn holds(&self) -> bool {
        self.got == Some(self.expected)
    }
}

/// What golden parts get in an evaluation.
#[must_use]
pub fn golden_results(project: &Project, golden: &[GoldenVerdict], evaluation: &Evaluation) -> Vec<GoldenResult> {
    let verdict_of = |serial: &str| {
        let part = project.parts().iter().position(|p| p.serial == serial && p.part_number == evaluation.part_number())?;
        evaluation.verdict_of_part(part)
    };
    let result = |g: &GoldenVerdict| GoldenResult { part: g.part.clone(), expected: g.expected, got: verdict_of(&g.part) };
    golden.iter().map(result).collect()
}

/// Those that do not hold.
#[must_use]
pub fn broken(results: &[GoldenResult]) -> Vec<BrokenGolden> {
    let bad = results.iter().filter(|r| !r.holds());
    bad.map(|r| BrokenGolden { part: r.part.clone(), expected: r.expected, got: r.got }).collect()
}

/// A part that two rulesets judge differently.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartFlip {
    /// Index in the project.
    pub part: usize,
    pub truth: Disposition,
    pub before: Verdict,
    pub after: Verdict,
    pub kind: FlipKind,
    /// The worst reason of the worse verdict of the two.
    pub sentence: String,
}

/// The parts that two evaluations judge differently: new escapes first, then new overkill, what newly goes to review, what is newly right,
/// and what nobody decided. Each evaluation may rest on regions measured for its own ruleset (other gaps, other least probabilities); parts
/// that only one of the two judged are left out.
#[must_use]
pub fn part_flips(before: &Evaluation, after: &Evaluation) -> Vec<PartFlip> {
    let flip = |(at, &part): (usize, &usize)| {
        let (a, b) = (before.verdict_of_part(part)?, after.verdicts()[at]);
        if a == b {
            return None;
        }
        let explained = if b > a { after.explain(part) } else { before.explain(part) };
        let sentence = explained.and_then(|v| v.reasons.first().map(Reason::sentence)).unwrap_or_default();
        let truth = after.truth()[at];
        Some(PartFlip { part, truth, before: a, after: b, kind: FlipKind::of(b, truth), sentence })
    };
    let mut flips: Vec<PartFlip> = after.parts().iter().enumerate().filter_map(flip).collect();
    flips.sort_by_key(|f| (FlipKind::WORST_FIRST.iter().position(|k| *k == f.kind), f.part));
    flips
}
