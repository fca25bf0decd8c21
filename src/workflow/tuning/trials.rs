//! The same regions by other policies, and which rule hits which parts.

use crate::judge::reason::Cause;
use crate::judge::{Disposition, Ruleset, Score, Straddling, Tally, Verdict};
use crate::measure::Region;
use crate::project::Project;
use crate::workflow::error::WorkflowError;
use crate::workflow::evaluation::{Evaluation, compile};

/// What a ruleset would give with another policy for regions that lie in several zones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyTrial {
    pub policy: Straddling,
    pub tally: Tally,
    pub score: Score,
    /// Regions that lie in more than one zone, on which the policies can differ.
    pub straddling: usize,
}

/// All policies, each for all zones. `regions` by image, `truth` by part of the project.
pub fn try_policies<'r>(
    project: &Project,
    part_number: usize,
    ruleset: &Ruleset,
    truth: &[Disposition],
    regions: impl Fn(usize) -> Option<&'r [Region]>,
) -> Result<Vec<PolicyTrial>, WorkflowError> {
    let parts = project.parts().iter().filter(|p| p.part_number == part_number);
    let straddling = parts.flat_map(|p| &p.images).filter_map(|&i| regions(i)).flatten().filter(|r| r.zones.len() > 1).count();
    [Straddling::Strictest, Straddling::Majority, Straddling::Clip]
        .into_iter()
        .map(|policy| {
            let mut other = ruleset.clone();
            other.straddling = policy;
            other.straddling_in.clear();
            let rules = compile(project, part_number, &other)?;
            let evaluation = Evaluation::new(project, part_number, &rules, truth, &regions);
            Ok(PolicyTrial { policy, tally: evaluation.tally(), score: evaluation.score(), straddling })
        })
        .collect()
}

/// How many parts each rule finds NG and review; by index in the compiled rules. A part counts once for each rule.
#[must_use]
pub fn rule_hits(evaluation: &Evaluation) -> Vec<(usize, usize)> {
    let mut hits = vec![(0, 0); evaluation.board().rules().rules().len()];
    let not_ok = (0..evaluation.parts().len()).filter(|&p| evaluation.verdicts()[p] != Verdict::Ok);
    for part in not_ok {
        let Some(explained) = evaluation.explain(evaluation.parts()[part]) else { continue };
        let mut worst = vec![Verdict::Ok; hits.len()];
        for reason in &explained.reasons {
            if let Cause::Rule { rule, .. } = reason.cause {
                worst[rule] = worst[rule].max(reason.verdict);
            }
        }
        for (hit, verdict) in hits.iter_mut().zip(worst) {
            hit.0 += usize::from(verdict == Verdict::Ng);
            hit.1 += usize::from(verdict == Verdict::Review);
        }
    }
    hits
}
