//! What a ruleset does to golden parts and to the set, compared with another: what one wants to know before it is released.

use super::error::WorkflowError;
use super::evaluation::{Evaluation, compile};
use crate::judge::{Flip, Ruleset, RulesetChange, Score, Verdict, flips, judge_table, ruleset_changes};
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

/// Two rulesets by their numbers and by the parts that they judge differently.
#[derive(Clone, Debug)]
pub struct RulesetComparison {
    pub changes: Vec<RulesetChange>,
    /// By part of the evaluation, ascending.
    pub flips: Vec<Flip>,
    pub before: Score,
    pub after: Score,
}

/// Judges the regions of an evaluation by two rulesets.
pub fn compare_rulesets(
    project: &Project,
    evaluation: &Evaluation,
    before: &Ruleset,
    after: &Ruleset,
) -> Result<RulesetComparison, WorkflowError> {
    let verdicts = |ruleset: &Ruleset| -> Result<Vec<Verdict>, WorkflowError> {
        Ok(judge_table(evaluation.table(), &compile(project, evaluation.part_number(), ruleset)?))
    };
    let (a, b) = (verdicts(before)?, verdicts(after)?);
    Ok(RulesetComparison {
        changes: ruleset_changes(before, after),
        flips: flips(&a, &b, evaluation.truth()),
        before: Score::of(&a, evaluation.truth()),
        after: Score::of(&b, evaluation.truth()),
    })
}
