//! Counting verdicts, and how they compare with the truth: escapes, overkill, review load.

use std::ops::{AddAssign, SubAssign};

use serde::{Deserialize, Serialize};

use super::verdict::Verdict;

/// How many got which verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    pub ok: usize,
    pub review: usize,
    pub ng: usize,
}

impl Tally {
    /// Counts verdicts.
    #[must_use]
    pub fn of(verdicts: &[Verdict]) -> Self {
        let mut tally = Self::default();
        for &verdict in verdicts {
            *tally.count_mut(verdict) += 1;
        }
        tally
    }

    #[must_use]
    pub const fn total(&self) -> usize {
        self.ok + self.review + self.ng
    }

    /// How many got this verdict.
    #[must_use]
    pub const fn count(&self, verdict: Verdict) -> usize {
        match verdict {
            Verdict::Ok => self.ok,
            Verdict::Review => self.review,
            Verdict::Ng => self.ng,
        }
    }

    pub(super) const fn count_mut(&mut self, verdict: Verdict) -> &mut usize {
        match verdict {
            Verdict::Ok => &mut self.ok,
            Verdict::Review => &mut self.review,
            Verdict::Ng => &mut self.ng,
        }
    }

    pub(super) const fn move_one(&mut self, from: Verdict, to: Verdict) {
        *self.count_mut(from) -= 1;
        *self.count_mut(to) += 1;
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.ok += other.ok;
        self.review += other.review;
        self.ng += other.ng;
    }
}

impl SubAssign for Tally {
    fn sub_assign(&mut self, other: Self) {
        self.ok -= other.ok;
        self.review -= other.review;
        self.ng -= other.ng;
    }
}

/// What a part is in truth, as a person decided.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Disposition {
    Ok,
    Ng,
    #[default]
    Unknown,
}

impl Disposition {
    /// "OK", "NG" or "unknown".
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Ng => "NG",
            Self::Unknown => "unknown",
        }
    }
}

/// k of n, with its uncertainty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Rate {
    pub count: usize,
    pub of: usize,
}

impl Rate {
    /// `count / of`, 0..=1; `None` of nothing.
    #[must_use]
    pub fn share(self) -> Option<f64> {
        (self.of > 0).then(|| self.count as f64 / self.of as f64)
    }

    /// Wilson 95 % interval of the share; 0..=1 of nothing.
    #[must_use]
    pub fn interval(self) -> Interval {
        wilson_95(self.count, self.of)
    }
}

/// An interval of shares, 0..=1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    pub low: f64,
    pub high: f64,
}

/// Wilson score interval at 95 % for `k` of `n` (E. B. Wilson, JASA 22, 1927); 0..=1 when `n` is 0.
#[must_use]
pub fn wilson_95(k: usize, n: usize) -> Interval {
    /// 97.5 % quantile of the normal distribution.
    const Z: f64 = 1.959_963_984_540_054;
    if n == 0 {
        return Interval { low: 0.0, high: 1.0 };
    }
    let (n_f, p) = (n as f64, k as f64 / n as f64);
    let scale = 1.0 + Z * Z / n_f;
    let centre = (p + Z * Z / (2.0 * n_f)) / scale;
    let half = Z * (p * (1.0 - p) / n_f + Z * Z / (4.0 * n_f * n_f)).sqrt() / scale;
    // The bounds are exactly 0 and 1 at the ends; rounding must not show there.
    Interval { low: if k == 0 { 0.0 } else { (centre - half).max(0.0) }, high: if k == n { 1.0 } else { (centre + half).min(1.0) } }
}

/// Verdicts against the truth of the parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Score {
    /// Verdicts on parts that are OK in truth.
    pub truly_ok: Tally,
    /// Verdicts on parts that are NG in truth.
    pub truly_ng: Tally,
    /// Verdicts on parts of which nobody decided.
    pub undecided: Tally,
}

impl Score {
    /// Compares part by part; parts without an entry in `truth` are undecided.
    #[must_use]
    pub fn of(verdicts: &[Verdict], truth: &[Disposition]) -> Self {
        let mut score = Self::default();
        for (part, &verdict) in verdicts.iter().enumerate() {
            *score.tally_mut(truth.get(part).copied().unwrap_or_default()).count_mut(verdict) += 1;
        }
        score
    }

    /// Follows one part whose verdict changed.
    pub const fn update(&mut self, truth: Disposition, before: Verdict, after: Verdict) {
        self.tally_mut(truth).move_one(before, after);
    }

    pub(super) const fn tally_mut(&mut self, truth: Disposition) -> &mut Tally {
        match truth {
            Disposition::Ok => &mut self.truly_ok,
            Disposition::Ng => &mut self.truly_ng,
            Disposition::Unknown => &mut self.undecided,
        }
    }

    /// Escapes: accepted, of the parts that are NG in truth.
    #[must_use]
    pub const fn escapes(&self) -> Rate {
        Rate { count: self.truly_ng.ok, of: self.truly_ng.total() }
    }

    /// Overkill: rejected, of the parts that are OK in truth.
    #[must_use]
    pub const fn overkill(&self) -> Rate {
        Rate { count: self.truly_ok.ng, of: self.truly_ok.total() }
    }

    /// Review load: parts a person must look at, of all parts.
    #[must_use]
    pub const fn review_load(&self) -> Rate {
        let all = self.all();
        Rate { count: all.review, of: all.total() }
    }

    /// Verdicts on all parts.
    #[must_use]
    pub const fn all(&self) -> Tally {
        Tally {
            ok: self.truly_ok.ok + self.truly_ng.ok + self.undecided.ok,
            review: self.truly_ok.review + self.truly_ng.review + self.undecided.review,
            ng: self.truly_ok.ng + self.truly_ng.ng + self.undecided.ng,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wilson_agrees_with_published_values() {
        // k, n, low, high to five digits.
        let table = [
            (0, 29, 0.0, 0.11697),
            (0, 100, 0.0, 0.03699),
            (0, 300, 0.0, 0.01264),
            (1, 100, 0.00177, 0.05449),
            (3, 300, 0.00341, 0.02898),
            (5, 100, 0.02154, 0.11175),
            (10, 1000, 0.00544, 0.01831),
        ];
        for (k, n, low, high) in table {
            let got = wilson_95(k, n);
            assert!((got.low - low).abs() < 0.6e-5 && (got.high - high).abs() < 0.6e-5, "{k}/{n}: {got:?}");
            let mirrored = wilson_95(n - k, n);
            assert!((1.0 - mirrored.high - got.low).abs() < 1e-12 && (1.0 - mirrored.low - got.high).abs() < 1e-12);
        }
        assert_eq!(wilson_95(0, 0), Interval { low: 0.0, high: 1.0 });
        assert_eq!(wilson_95(7, 7).high, 1.0);
    }

    #[test]
    fn escapes_overkill_and_review_load() {
        use Disposition as D;
        use Verdict as V;
        let verdicts = [V::Ok, V::Ok, V::Review, V::Ng, V::Ng, V::Ok, V::Ng];
        let truth = [D::Ok, D::Ng, D::Ng, D::Ng, D::Ok, D::Unknown];
        let mut score = Score::of(&verdicts, &truth);
        assert_eq!(score.escapes(), Rate { count: 1, of: 3 });
        assert_eq!(score.overkill(), Rate { count: 1, of: 2 });
        assert_eq!(score.review_load(), Rate { count: 1, of: 7 });
        assert_eq!(score.undecided, Tally { ok: 1, review: 0, ng: 1 });
        assert_eq!(score.all(), Tally::of(&verdicts));
        score.update(D::Ng, V::Ok, V::Review);
        assert_eq!(score.escapes().share(), Some(0.0));
        assert_eq!(Rate::default().share(), None);
    }
}
