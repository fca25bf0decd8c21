//! Whether an image is one that a query asks for.

use super::query::{Figure, FilmQuery, ImageFacts, Term, Test};
use crate::measure::Region;

impl FilmQuery {
    /// Some(true): the image is asked for; None: that cannot be said before it was measured or judged.
    #[must_use]
    pub fn matches(&self, facts: &ImageFacts<'_>) -> Option<bool> {
        let (about_region, about_image): (Vec<_>, Vec<_>) = self.clauses.iter().partition(|c| is_about_one_region(c));
        let mut all = Some(true);
        if !about_region.is_empty() {
            let holds = |r: &Region| about_region.iter().all(|clause| clause.iter().any(|t| holds_on(&t.test, r)));
            all = and(all, facts.regions.map(|regions| regions.iter().any(holds)));
        }
        for clause in about_image {
            let mut any = Some(false);
            for term in clause {
                any = or(any, term.holds(facts));
            }
            all = and(all, any);
        }
        all
    }
}

fn is_about_one_region(clause: &[Term]) -> bool {
    clause.iter().all(|t| !t.is_negated && t.test.is_about_a_region())
}

impl Term {
    fn holds(&self, facts: &ImageFacts<'_>) -> Option<bool> {
        let plain = self.test.holds(facts)?;
        Some(plain != self.is_negated)
    }
}

impl Test {
    fn holds(&self, facts: &ImageFacts<'_>) -> Option<bool> {
        Some(match self {
            Self::Figure(Figure::Regions, compare) => compare.holds(facts.regions?.len() as f64),
            Self::Class { .. } | Self::Zone { .. } | Self::Figure(..) => facts.regions?.iter().any(|r| holds_on(self, r)),
            Self::State(state) => facts.state == *state,
            Self::Truth(truth) => facts.truth == *truth,
            Self::Verdict(verdict) => facts.verdict? == *verdict,
            Self::Flipped => facts.is_flipped,
            Self::Note => facts.notes > 0,
            Self::OpenNote => facts.open_notes > 0,
            Self::Conflict => facts.has_conflict,
            Self::Duplicate => facts.is_duplicate,
            Self::By(name) => facts.last_by.is_some_and(|by| has(by, name)),
            Self::Part(part) => has(facts.part, part),
            Self::Word(word) => has(facts.id, word) || has(facts.part, word) || has(facts.path, word),
        })
    }
}

/// A test about a region, on a region.
fn holds_on(test: &Test, region: &Region) -> bool {
    match test {
        Test::Class { id, .. } => region.class == *id,
        Test::Zone { id, .. } => region.zones.iter().any(|z| z.zone == *id),
        Test::Figure(figure, compare) => figure.feature().is_some_and(|f| compare.holds(f64::from(region.feature(f)))),
        _ => false,
    }
}

/// What is false stays false whatever the unknown turns out to be.
const fn and(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }
}

const fn or(a: Option<bool>, b: Option<bool>) -> Option<bool> {
    match (a, b) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (Some(false), Some(false)) => Some(false),
        _ => None,
    }
}

/// Whether `text` contains `part`, which is in lower case. Without making a copy where both are ASCII: a hundred thousand images are
/// asked at every letter that is typed.
fn has(text: &str, part: &str) -> bool {
    if !text.is_ascii() || !part.is_ascii() {
        return text.to_lowercase().contains(part);
    }
    let part = part.as_bytes();
    text.as_bytes().windows(part.len().max(1)).any(|w| w.eq_ignore_ascii_case(part))
}
