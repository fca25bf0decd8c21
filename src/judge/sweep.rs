//! One bound of one limit at many places: the tally and the score at each, exactly as judging there would give them.
//!
//! One pass over the cell's groups gives each part's highest value and the verdict of everything else ([`super::critical`]); from there
//! every place is a matter of counting values between thresholds.

use super::board::{Board, BoardError, LimitAt};
use super::critical::Place;
use super::limit::{Bound, Bounds, Thresholds, as_written};
use super::ruleset::CellKey;
use super::tally::{Disposition, Rate, Score};
use super::value_index::key as order_key;
use super::verdict::Verdict;

/// What a bound at one place does.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SweepPoint {
    /// Where the bound is, in the unit of the limit.
    pub at: f64,
    /// Both bounds there: the other one is pushed along where it would be crossed ([`Bounds::push`]).
    pub bounds: Bounds,
    /// All verdicts against the truth. Each of its rates has its Wilson interval: `score.escapes().interval()`.
    pub score: Score,
}

/// A swept bound.
#[derive(Clone, Debug, PartialEq)]
pub struct Sweep {
    pub key: CellKey,
    pub which: LimitAt,
    pub bound: Bound,
    /// In the order in which the places were given.
    pub points: Vec<SweepPoint>,
}

impl Sweep {
    /// Escape, overkill and review rates along the sweep, for curves: (place, rate) each; a rate brings its interval.
    #[must_use]
    pub fn curves(&self) -> [Vec<(f64, Rate)>; 3] {
        let curve = |rate: fn(&Score) -> Rate| self.points.iter().map(|p| (p.at, rate(&p.score))).collect();
        [curve(Score::escapes), curve(Score::overkill), curve(Score::review_load)]
    }
}

/// So many places evenly from `from` to `to`, both ends included.
#[must_use]
pub fn even_places(from: f64, to: f64, count: usize) -> Vec<f64> {
    let last = count.saturating_sub(1).max(1) as f64;
    (0..count).map(|i| if i as f64 == last { to } else { from + (to - from) * (i as f64 / last) }).collect()
}

/// The scores with one bound of a limit at each of `places`, everything else as it stands on the board. Parts without an entry in `truth`
/// are undecided.
///
/// # Errors
/// When the ruleset has no such cell or limit, or a place is not finite.
pub fn sweep(
    board: &Board,
    key: &CellKey,
    which: LimitAt,
    bound: Bound,
    places: &[f64],
    truth: &[Disposition],
) -> Result<Sweep, BoardError> {
    let place = Place::find(board.rules(), key, which)?;
    let now = bounds_at(board, place);
    let bounds: Vec<Bounds> = places.iter().map(|&at| now.push(bound, at)).collect();
    for bounds in &bounds {
        bounds.validate()?;
    }
    let thresholds: Vec<Thresholds> = bounds.iter().map(Bounds::thresholds).collect();
    let steps = Steps::new(thresholds.iter().flat_map(|t| [t.accept, t.reject]));
    let mut counter = Counter { base_ng: [0; 3], counts: vec![[0; 8]; steps.len() + 1] };
    board.for_each_chunk(&[place], |chunk| {
        for (i, (&base, &value)) in chunk.base.iter().zip(&chunk.values[0]).enumerate() {
            let truth = truth.get(chunk.first + i).copied().unwrap_or_default();
            counter.add(truth, base, steps.below_or_at(value));
        }
    });
    counter.sum_up();
    let points = places.iter().zip(bounds).zip(thresholds);
    let points = points.map(|((&at, bounds), t)| SweepPoint { at, bounds, score: counter.score(&steps, t) }).collect();
    Ok(Sweep { key: key.clone(), which, bound, points })
}

/// As [`sweep`], over all places between which something changes: every highest value of a part on which this limit may decide, and one
/// place beyond them all. At most `most` places, evenly picked, when there are more.
///
/// # Errors
/// When the ruleset has no such cell or limit.
pub fn sweep_distinct(
    board: &Board,
    key: &CellKey,
    which: LimitAt,
    bound: Bound,
    most: usize,
    truth: &[Disposition],
) -> Result<Sweep, BoardError> {
    let place = Place::find(board.rules(), key, which)?;
    let now = bounds_at(board, place);
    let mut values = Vec::new();
    board.for_each_chunk(&[place], |chunk| {
        let open = chunk.base.iter().zip(&chunk.values[0]).filter(|(base, value)| **base != Verdict::Ng && value.is_finite());
        values.extend(open.map(|(_, &value)| value));
    });
    values.sort_unstable_by(f32::total_cmp);
    values.dedup();
    values.extend(values.last().map(|v| v.next_up()).filter(|v| v.is_finite()));
    // Where small values are bad the negated ones were compared.
    let sign = if now.thresholds().is_negated { -1.0 } else { 1.0 };
    let count = values.len().min(most);
    let pick = |i: usize| if count < 2 { i } else { i * (values.len() - 1) / (count - 1) };
    let places: Vec<f64> = (0..count).map(|i| sign * as_written(values[pick(i)])).collect();
    sweep(board, key, which, bound, &places, truth)
}

fn bounds_at(board: &Board, place: Place) -> Bounds {
    let cell = &board.rules().cells()[place.cell];
    match place.which {
        LimitAt::Region(i) => cell.limits[i].bounds,
        LimitAt::Part(i) => cell.per_part[i].bounds,
    }
}

/// Sorted thresholds, and how many of them a value reaches.
struct Steps {
    sorted: Vec<f32>,
    lowest: u32,
    shift: u32,
    /// By bucket of the value's order: how many thresholds lie in buckets below.
    start: Vec<u32>,
}

impl Steps {
    fn new(thresholds: impl Iterator<Item = f32>) -> Self {
        const BUCKETS: u32 = 1 << 13;
        let mut sorted: Vec<f32> = thresholds.map(|t| t + 0.0).collect();
        sorted.sort_unstable_by(f32::total_cmp);
        sorted.dedup();
        let (Some(&first), Some(&last)) = (sorted.first(), sorted.last()) else {
            return Self { sorted, lowest: 0, shift: 0, start: vec![0] };
        };
        let (lowest, range) = (order_key(first), order_key(last) - order_key(first));
        let shift = (0..32).find(|&s| range >> s < BUCKETS).unwrap_or(31);
        let mut start = vec![0; (range >> shift) as usize + 2];
        for &t in &sorted {
            start[((order_key(t) - lowest) >> shift) as usize + 1] += 1;
        }
        for b in 1..start.len() {
            start[b] += start[b - 1];
        }
        Self { sorted, lowest, shift, start }
    }

    fn len(&self) -> usize {
        self.sorted.len()
    }

    /// How many thresholds are `≤ value`.
    #[inline]
    fn below_or_at(&self, value: f32) -> usize {
        let Some(&first) = self.sorted.first() else { return 0 };
        if value < first {
            return 0;
        }
        let bucket = ((order_key(value) - self.lowest) >> self.shift) as usize;
        let mut count = self.start[bucket.min(self.start.len() - 1)] as usize;
        while count < self.sorted.len() && self.sorted[count] <= value {
            count += 1;
        }
        count
    }

    /// The place of one of the thresholds.
    fn index_of(&self, threshold: f32) -> usize {
        self.sorted.partition_point(|&t| t < threshold)
    }
}

/// Parts by truth, base verdict and the number of thresholds that their value reaches.
struct Counter {
    /// By truth: parts that are NG whatever the limit says.
    base_ng: [usize; 3],
    /// By number of thresholds reached, then `truth · 2 + base` (OK or review). After [`Self::sum_up`] those that reach at least as many.
    counts: Vec<[u32; 8]>,
}

impl Counter {
    #[inline]
    fn add(&mut self, truth: Disposition, base: Verdict, reached: usize) {
        if base == Verdict::Ng {
            self.base_ng[truth as usize] += 1;
        } else {
            self.counts[reached][truth as usize * 2 + base as usize] += 1;
        }
    }

    fn sum_up(&mut self) {
        for i in (1..self.counts.len()).rev() {
            let above = self.counts[i];
            for (count, above) in self.counts[i - 1].iter_mut().zip(above) {
                *count += above;
            }
        }
    }

    fn score(&self, steps: &Steps, thresholds: Thresholds) -> Score {
        // Reaching a threshold is having at least its place plus one of them below or at the value.
        let [reject, accept] = [thresholds.reject, thresholds.accept].map(|t| &self.counts[steps.index_of(t) + 1]);
        let all = &self.counts[0];
        let mut score = Score::default();
        for truth in [Disposition::Ok, Disposition::Ng, Disposition::Unknown] {
            let (ok, review) = (truth as usize * 2, truth as usize * 2 + 1);
            let tally = score.tally_mut(truth);
            tally.ng = self.base_ng[truth as usize] + (reject[ok] + reject[review]) as usize;
            tally.ok = (all[ok] - accept[ok]) as usize;
            tally.review = (accept[ok] - reject[ok] + all[review] - reject[review]) as usize;
        }
        score
    }
}
