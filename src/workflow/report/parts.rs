//! Parts: what they are NG or review for, and those whose verdict is wrong.

use std::collections::BTreeMap;

use super::sources::JudgedSource;
use super::value::{Cause, WrongPart};
use crate::judge::margin::next_worse;
use crate::judge::{Disposition, Margin, PartVerdict, Verdict};
use crate::project::{Project, class_name};
use crate::workflow::Evaluation;

/// The verdicts with reasons of all parts that are not OK, by part of the evaluation.
pub(super) fn explained(evaluation: &Evaluation) -> BTreeMap<usize, PartVerdict> {
    let parts = evaluation.parts().iter().enumerate().filter(|(i, _)| evaluation.verdicts()[*i] != Verdict::Ok);
    parts.filter_map(|(i, &part)| Some((i, evaluation.explain(part)?))).collect()
}

/// Pareto of causes: each part counts once, for its worst reason.
pub(super) fn causes(verdicts: &BTreeMap<usize, PartVerdict>) -> Vec<Cause> {
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    for verdict in verdicts.values() {
        let Some(first) = verdict.reasons.first() else { continue };
        let (ng, review) = counts.entry((&first.class, &first.zone)).or_default();
        *(if verdict.verdict == Verdict::Ng { ng } else { review }) += 1;
    }
    let all: usize = counts.values().map(|(ng, review)| ng + review).sum();
    let mut sorted: Vec<_> = counts.into_iter().collect();
    sorted.sort_by_key(|&(name, (ng, review))| (std::cmp::Reverse(ng + review), std::cmp::Reverse(ng), name));
    let mut so_far = 0;
    let cause = |((class, zone), (ng_parts, review_parts)): ((&str, &str), (usize, usize))| {
        so_far += ng_parts + review_parts;
        let cumulative = so_far as f64 / all as f64;
        Cause { class: class.to_owned(), zone: zone.to_owned(), ng_parts, review_parts, cumulative }
    };
    sorted.into_iter().map(cause).collect()
}

/// Escapes and overkill, each with the sentence that says why.
pub(super) fn wrong_parts(project: &Project, judged: &JudgedSource, verdicts: &BTreeMap<usize, PartVerdict>) -> Vec<WrongPart> {
    let e = &judged.evaluation;
    let mut wrong = Vec::new();
    for (i, &part) in e.parts().iter().enumerate() {
        let serial = project.parts()[part].serial.clone();
        match (e.truth()[i], e.verdicts()[i]) {
            (Disposition::Ng, Verdict::Ok) => {
                wrong.push(WrongPart { part: serial, is_escape: true, sentence: accepted(project, judged, part) });
            }
            (Disposition::Ok, Verdict::Ng) => {
                let sentence = verdicts.get(&i).and_then(|v| v.reasons.first()).map(crate::judge::Reason::sentence);
                wrong.push(WrongPart { part: serial, is_escape: false, sentence: sentence.unwrap_or_default() });
            }
            _ => {}
        }
    }
    wrong.sort_by_key(|w| !w.is_escape);
    wrong
}

/// Why a part is OK: how many regions it has, and which of them is nearest to another verdict.
fn accepted(project: &Project, judged: &JudgedSource, part: usize) -> String {
    let e = &judged.evaluation;
    let (rules, calibration) = (e.board().rules(), project.part_numbers[e.part_number()].calibration);
    let images = &project.parts()[part].images;
    let regions = images.iter().filter_map(|i| judged.measured.regions.get(i)).flat_map(|r| r.iter().enumerate());
    let mut count = 0_usize;
    let mut nearest: Option<(f64, usize, u8, Margin)> = None;
    for (index, region) in regions {
        count += 1;
        let Some(margin) = next_worse(region, rules) else { continue };
        let share = (margin.change() / margin.limit).abs();
        if nearest.as_ref().is_none_or(|&(least, ..)| share < least) {
            nearest = Some((share, index, region.class, margin));
        }
    }
    let regions = if count == 1 { "region" } else { "regions" };
    match (count, nearest) {
        (0, _) => format!("OK: no region in its {}", judged.source.word()),
        (_, None) => format!("OK: {count} {regions}, none of which a limit could reject"),
        (_, Some((_, index, class, margin))) => format!(
            "OK: {count} accepted {regions}; nearest to another verdict is {} #{}: {}",
            class_name(&project.classes, class),
            index + 1,
            margin.words(calibration)
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::Reason;

    #[test]
    fn every_part_counts_once_and_the_shares_add_up() {
        let reason = |verdict, class: &str, zone: &str| Reason {
            verdict,
            class: class.into(),
            zone: zone.into(),
            region: None,
            cause: crate::judge::Cause::NoRule,
            rule: String::new(),
        };
        let part = |verdict, reasons: &[(&str, &str)]| PartVerdict {
            verdict,
            reasons: reasons.iter().map(|(c, z)| reason(verdict, c, z)).collect(),
        };
        let verdicts: BTreeMap<usize, PartVerdict> = [
            part(Verdict::Ng, &[("pit", "seal"), ("scratch", "seal")]),
            part(Verdict::Review, &[("pit", "seal")]),
            part(Verdict::Ng, &[("scratch", "seal")]),
            part(Verdict::Review, &[("pit", "seal")]),
        ]
        .into_iter()
        .enumerate()
        .collect();
        let causes = causes(&verdicts);
        let rows: Vec<_> = causes.iter().map(|c| (c.class.as_str(), c.ng_parts, c.review_parts, c.cumulative)).collect();
        assert_eq!(rows, [("pit", 1, 2, 0.75), ("scratch", 1, 0, 1.0)]);
    }
}
