//! Parts under the ruleset: verdicts on predictions held against what people say of the parts, and against the same rules on labels.

use std::collections::BTreeMap;

use crate::judge::{Disposition, Rate, Ruleset, Score, Tally, Verdict};
use crate::measure::Region;
use crate::session::Snapshot;
use crate::workflow::judging::evaluate;
use crate::workflow::{MeasuredImages, WorkflowError};

/// The part level of a comparison. Two different truths: a person's word on the part, and the label under the same rules.
#[derive(Clone, Debug, PartialEq)]
pub struct PartComparison {
    /// Name of the ruleset.
    pub ruleset: String,
    /// Verdicts on labels and on predictions.
    pub labels: Tally,
    pub predictions: Tally,
    /// Predictions against what people say of the parts.
    pub against_people: Score,
    /// Labels against the same: what the rules cost even with a perfect model.
    pub labels_against_people: Score,
    /// Predictions against the verdicts on labels: OK and NG are the truth, review is none.
    pub against_labels: Score,
    /// Parts judged both ways by (verdict on the label, verdict on the prediction).
    pub verdicts: BTreeMap<(Verdict, Verdict), Vec<usize>>,
}

impl PartComparison {
    /// Parts that get the same verdict either way, of those that have both.
    #[must_use]
    pub fn same_verdict(&self) -> Rate {
        let count = |is_wanted: fn(Verdict, Verdict) -> bool| {
            self.verdicts.iter().filter(|((l, p), _)| is_wanted(*l, *p)).map(|(_, parts)| parts.len()).sum()
        };
        Rate { count: count(|l, p| l == p), of: count(|_, _| true) }
    }
}

/// Judges measured labels and predictions; `truth` is by part of the project.
pub(super) fn compare_parts(
    snapshot: &Snapshot,
    part_number: usize,
    ruleset: &Ruleset,
    truth: &[Disposition],
    [labels, predictions]: [BTreeMap<usize, Vec<Region>>; 2],
) -> Result<PartComparison, WorkflowError> {
    let judged = |regions| evaluate(snapshot, part_number, ruleset, truth, &MeasuredImages { regions, problems: Vec::new() });
    let (labels, predictions) = (judged(labels)?, judged(predictions)?);
    let mut verdicts: BTreeMap<(Verdict, Verdict), Vec<usize>> = BTreeMap::new();
    let mut by_label = Vec::new();
    for (&part, &verdict) in predictions.parts().iter().zip(predictions.verdicts()) {
        let on_label = labels.verdict_of_part(part);
        if let Some(on_label) = on_label {
            verdicts.entry((on_label, verdict)).or_default().push(part);
        }
        by_label.push(match on_label {
            Some(Verdict::Ok) => Disposition::Ok,
            Some(Verdict::Ng) => Disposition::Ng,
            Some(Verdict::Review) | None => Disposition::Unknown,
        });
    }
    Ok(PartComparison {
        ruleset: ruleset.name.clone(),
        labels: labels.tally(),
        predictions: predictions.tally(),
        against_people: predictions.score(),
        labels_against_people: labels.score(),
        against_labels: Score::of(predictions.verdicts(), &by_label),
        verdicts,
    })
}
