//! Which parts got another verdict, and whether that is for better or worse against the truth.

use super::tally::Disposition;
use super::verdict::Verdict;

/// A part whose verdict differs between two rulesets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flip {
    /// Index of the part.
    pub part: usize,
    pub before: Verdict,
    pub after: Verdict,
    pub kind: FlipKind,
}

/// What a changed verdict means against the truth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FlipKind {
    /// Accepted now, but NG in truth.
    NewEscape,
    /// Rejected now, but OK in truth.
    NewOverkill,
    /// Accepted or rejected now, as in truth.
    NewlyRight,
    /// Left to a person now.
    NewReview,
    /// Accepted or rejected now, and nobody decided what is true.
    Undecided,
}

impl FlipKind {
    /// All kinds, the worst news first.
    pub const WORST_FIRST: [Self; 5] = [Self::NewEscape, Self::NewOverkill, Self::NewReview, Self::Undecided, Self::NewlyRight];

    /// What it means to get this verdict now.
    #[must_use]
    pub const fn of(after: Verdict, truth: Disposition) -> Self {
        match (after, truth) {
            (Verdict::Review, _) => Self::NewReview,
            (Verdict::Ok, Disposition::Ng) => Self::NewEscape,
            (Verdict::Ng, Disposition::Ok) => Self::NewOverkill,
            (Verdict::Ok, Disposition::Ok) | (Verdict::Ng, Disposition::Ng) => Self::NewlyRight,
            (_, Disposition::Unknown) => Self::Undecided,
        }
    }

    /// The words on the screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::NewEscape => "new escape",
            Self::NewOverkill => "new overkill",
            Self::NewlyRight => "newly right",
            Self::NewReview => "new review",
            Self::Undecided => "truth unknown",
        }
    }
}

/// The parts whose verdict differs, ascending. Parts that only one of the two has are left out; parts without an entry in `truth` are
/// undecided.
#[must_use]
pub fn flips(before: &[Verdict], after: &[Verdict], truth: &[Disposition]) -> Vec<Flip> {
    let pairs = before.iter().zip(after).enumerate().filter(|(_, (before, after))| before != after);
    pairs
        .map(|(part, (&before, &after))| {
            let kind = FlipKind::of(after, truth.get(part).copied().unwrap_or_default());
            Flip { part, before, after, kind }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use Disposition as D;
    use FlipKind::{NewEscape, NewOverkill, NewReview, NewlyRight, Undecided};
    use Verdict::{Ng, Ok, Review};

    #[test]
    fn every_flip_has_its_meaning() {
        let table = [
            (Review, Ok, D::Ng, NewEscape),
            (Ng, Ok, D::Ok, NewlyRight),
            (Ok, Ng, D::Ok, NewOverkill),
            (Review, Ng, D::Ng, NewlyRight),
            (Ok, Review, D::Ng, NewReview),
            (Ok, Ng, D::Unknown, Undecided),
        ];
        let before: Vec<_> = table.iter().map(|t| t.0).chain([Ok]).collect();
        let after: Vec<_> = table.iter().map(|t| t.1).chain([Ok]).collect();
        let truth: Vec<_> = table.iter().map(|t| t.2).collect();
        let flips = flips(&before, &after, &truth);
        assert_eq!(
            flips.iter().map(|f| (f.part, f.kind)).collect::<Vec<_>>(),
            table.iter().map(|t| t.3).enumerate().collect::<Vec<_>>()
        );
    }
}
