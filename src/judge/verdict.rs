//! The three verdicts and their order.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What is to be done with a part (or what a region asks for). The order is OK < review < NG, and the worst wins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Verdict {
    /// Accepted.
    #[default]
    Ok,
    /// A person must look: between the limits, unmeasured, or no rule speaks of it.
    Review,
    /// Rejected.
    Ng,
}

impl Verdict {
    /// All three, best first.
    pub const ALL: [Self; 3] = [Self::Ok, Self::Review, Self::Ng];

    /// The word on screens and in reports: "OK", "review" or "NG".
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Review => "review",
            Self::Ng => "NG",
        }
    }

    /// The worse of the two.
    #[must_use]
    pub fn worse(self, other: Self) -> Self {
        self.max(other)
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.word())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_worst_wins_and_words_are_the_trade_s() {
        assert!(Verdict::Ok < Verdict::Review && Verdict::Review < Verdict::Ng);
        assert_eq!(Verdict::Review.worse(Verdict::Ok), Verdict::Review);
        assert_eq!(Verdict::ALL.map(Verdict::word), ["OK", "review", "NG"]);
        for (verdict, name) in Verdict::ALL.into_iter().zip(["ok", "review", "ng"]) {
            assert_eq!(ron::to_string(&verdict).unwrap(), name);
            assert_eq!(ron::from_str::<Verdict>(name).unwrap(), verdict);
        }
    }
}
