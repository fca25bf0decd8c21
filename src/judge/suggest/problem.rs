//! The parts as the search for limits sees them: one value per limit, a base verdict, the truth, and what each verdict on them costs.

use crate::judge::cost::CostSettings;
use crate::judge::critical::Critical;
use crate::judge::limit::Thresholds;
use crate::judge::tally::{Disposition, Score};
use crate::judge::verdict::Verdict;

/// What is to be least.
#[derive(Clone, Debug, PartialEq)]
pub enum Least {
    /// Overkill, and review at so much of an overkill (0 up).
    OverkillAndReview { review_weight: f64 },
    /// Money per day.
    Cost(CostSettings),
}

/// What one verdict on one part costs, in whole units so that sums do not hang on their order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Prices {
    overkill: i64,
    escape: i64,
    /// On a good part and on an NG part.
    review: [i64; 2],
}

impl Prices {
    /// The highest price has so many units: a million parts still add up without overflow.
    const UNITS: f64 = (1_u64 << 32) as f64;

    fn new(least: &Least, score: &Score) -> Self {
        let (ok, ng) = (score.truly_ok.total().max(1) as f64, score.truly_ng.total().max(1) as f64);
        let (overkill, escape, review) = match least {
            Least::OverkillAndReview { review_weight } => (1.0, 0.0, [*review_weight; 2]),
            Least::Cost(settings) => {
                let share = settings.ng_share_of(score).unwrap_or(0.0);
                let (good, bad) = ((1.0 - share) / ok, share / ng);
                (settings.scrapped * good, settings.escape * bad, [settings.review * good, settings.review * bad])
            }
        };
        let most = [overkill, escape, review[0], review[1]].into_iter().fold(0.0, f64::max);
        // Of equals the one with fewer escapes, fewer reviews, less overkill: one unit decides where the prices say nothing.
        let units = |price: f64| if most > 0.0 { ((price / most * Self::UNITS) as i64).max(1) } else { 1 };
        Self { overkill: units(overkill), escape: units(escape), review: review.map(units) }
    }

    fn of(&self, verdict: Verdict, is_ng: bool) -> i64 {
        match (verdict, is_ng) {
            (Verdict::Ok, true) => self.escape,
            (Verdict::Ng, false) => self.overkill,
            (Verdict::Review, _) => self.review[usize::from(is_ng)],
            _ => 0,
        }
    }
}

/// How bad a choice is: more escapes or overkill than allowed weighs more than any cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Badness {
    pub excess: u32,
    pub cost: i64,
}

/// What may happen at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub escapes: u32,
    pub overkill: u32,
}

/// A part of which a person decided.
#[derive(Clone, Copy, Debug)]
pub(super) struct Decided {
    /// Place in the values of [`Problem`].
    pub part: u32,
    /// OK, review or NG by everything but the limits in question.
    pub base: Verdict,
    pub is_ng: bool,
}

/// Choose bounds for these limits.
pub(super) struct Problem<'a> {
    /// By limit, by part.
    pub values: &'a [Vec<f32>],
    /// All parts' base, the undecided ones too.
    pub base: &'a [Verdict],
    pub decided: Vec<Decided>,
    pub allowed: Allowed,
    pub has_two_tiers: bool,
    prices: Prices,
}

impl<'a> Problem<'a> {
    pub fn new(critical: &'a Critical, truth: &[Disposition], allowed: Allowed, least: &Least, has_two_tiers: bool) -> Self {
        let decided: Vec<Decided> = critical
            .base
            .iter()
            .enumerate()
            .filter_map(|(part, &base)| match truth.get(part).copied().unwrap_or_default() {
                Disposition::Unknown => None,
                truth => Some(Decided { part: part as u32, base, is_ng: truth == Disposition::Ng }),
            })
            .collect();
        let mut score = Score::default();
        for part in &decided {
            *score.tally_mut(if part.is_ng { Disposition::Ng } else { Disposition::Ok }).count_mut(part.base) += 1;
        }
        Self { values: &critical.values, base: &critical.base, decided, allowed, has_two_tiers, prices: Prices::new(least, &score) }
    }

    /// The same with only some of the decided parts.
    pub fn subset(&self, allowed: Allowed, keep: impl Fn(u32) -> bool) -> Self {
        Self { decided: self.decided.iter().copied().filter(|d| keep(d.part)).collect(), allowed, ..*self }
    }

    pub fn price(&self, verdict: Verdict, is_ng: bool) -> i64 {
        self.prices.of(verdict, is_ng)
    }

    pub fn limits(&self) -> usize {
        self.values.len()
    }

    pub fn ng_parts(&self) -> usize {
        self.decided.iter().filter(|d| d.is_ng).count()
    }

    /// The verdict on a part by everything but the limit `but`.
    pub fn verdict_without(&self, but: Option<usize>, part: usize, thresholds: &[Thresholds]) -> Verdict {
        let others = thresholds.iter().enumerate().filter(|(d, _)| Some(*d) != but);
        others.fold(self.base[part], |worst, (d, t)| worst.max(t.verdict_signed(self.values[d][part])))
    }

    /// Verdicts on the decided parts against the truth.
    pub fn score(&self, thresholds: &[Thresholds]) -> Score {
        let mut score = Score::default();
        for part in &self.decided {
            let verdict = self.verdict_without(None, part.part as usize, thresholds);
            *score.tally_mut(if part.is_ng { Disposition::Ng } else { Disposition::Ok }).count_mut(verdict) += 1;
        }
        score
    }

    /// The values that a threshold may take: those of the NG parts, ascending. Between two of them a threshold that accepts or rejects
    /// more good parts as wished can always be pushed to the upper one; above the last it is silent.
    pub fn candidates(&self, limit: usize) -> Vec<f32> {
        // Where a review costs more than a good part, rejecting what would be reviewed anyway is worth while.
        let is_review_dear = self.price(Verdict::Review, false) > self.price(Verdict::Ng, false);
        let counts = |d: &Decided| if d.is_ng { d.base != Verdict::Ng } else { is_review_dear && d.base == Verdict::Review };
        let open = self.decided.iter().filter(|d| counts(d));
        let mut values: Vec<f32> = open.map(|d| self.values[limit][d.part as usize] + 0.0).filter(|v| v.is_finite()).collect();
        values.sort_unstable_by(f32::total_cmp);
        values.dedup();
        values
    }

    /// How bad verdicts are.
    pub fn badness(&self, score: &Score) -> Badness {
        let over = |count: usize, allowed: u32| (count as u32).saturating_sub(allowed);
        let mut cost = 0;
        for (tally, is_ng) in [(score.truly_ok, false), (score.truly_ng, true)] {
            cost += Verdict::ALL.into_iter().map(|v| tally.count(v) as i64 * self.price(v, is_ng)).sum::<i64>();
        }
        Badness { excess: over(score.truly_ng.ok, self.allowed.escapes) + over(score.truly_ok.ng, self.allowed.overkill), cost }
    }
}

impl Problem<'_> {
    /// The same with the decided parts alone: `values` and `base` have one entry per decided part.
    pub fn narrowed<'v>(&self, values: &'v [Vec<f32>], base: &'v [Verdict]) -> Problem<'v> {
        let decided = self.decided.iter().enumerate().map(|(i, d)| Decided { part: i as u32, ..*d }).collect();
        Problem { values, base, decided, allowed: self.allowed, has_two_tiers: self.has_two_tiers, prices: self.prices }
    }
}
