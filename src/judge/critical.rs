//! What a limit alone decides: for each part the highest value that it looks at, and the verdict that everything else gives.
//!
//! Limits are worst-wins over regions and over each other, so a part's verdict is the worse of that base and of what the limit says of the
//! one highest value. Whatever is asked about a limit that moves (sweeps, suggestions) needs these two numbers per part and no regions.

use std::ops::Range;

use super::board::{Board, BoardError, LimitAt, PartCounts};
use super::compiled::CompiledRuleset;
use super::counts::{CellColumns, Counts};
use super::limit::Thresholds;
use super::rows_by_pair::Column;
use super::ruleset::CellKey;
use super::verdict::Verdict;

/// Parts that are worked on at a time: what is kept for them stays in the cache.
const CHUNK: usize = 4096;

/// For each part, what some limits look at, and what remains when they are silent.
#[derive(Clone, Debug, PartialEq)]
pub struct Critical {
    /// By limit, then by part: the highest measured value, for limits where small values are bad (`thresholds.is_negated`) of
    /// the negated values; −∞ where the limit looks at nothing.
    pub values: Vec<Vec<f32>>,
    /// By part: the verdict when none of the limits says anything of measured values. What is unmeasured stays review.
    pub base: Vec<Verdict>,
}

/// A limit by its places in the compiled ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub cell: usize,
    pub which: LimitAt,
}

impl Place {
    pub fn find(rules: &CompiledRuleset, key: &CellKey, which: LimitAt) -> Result<Self, BoardError> {
        let cell = rules.find(key).ok_or_else(|| BoardError::NoCell(key.clone()))?;
        let known = &rules.cells()[cell];
        let exists = match which {
            LimitAt::Region(i) => i < known.limits.len(),
            LimitAt::Part(i) => i < known.per_part.len(),
        };
        if exists { Ok(Self { cell, which }) } else { Err(BoardError::NoLimit(key.clone())) }
    }
}

impl Board {
    /// What these limits decide; a limit named twice counts once each time.
    ///
    /// # Errors
    /// When the ruleset has no such cell or limit.
    pub fn critical(&self, limits: &[(CellKey, LimitAt)]) -> Result<Critical, BoardError> {
        let places = limits.iter().map(|(key, which)| Place::find(self.rules(), key, *which));
        let places = places.collect::<Result<Vec<_>, _>>()?;
        let parts = self.verdicts().len();
        let mut critical = Critical { values: vec![Vec::with_capacity(parts); places.len()], base: Vec::with_capacity(parts) };
        self.for_each_chunk(&places, |chunk| {
            for (all, values) in critical.values.iter_mut().zip(chunk.values) {
                all.extend_from_slice(&values[..chunk.base.len()]);
            }
            critical.base.extend_from_slice(chunk.base);
        });
        Ok(critical)
    }

    /// Calls `f` for stretches of parts, ascending, that together are all parts.
    pub(super) fn for_each_chunk(&self, places: &[Place], mut f: impl FnMut(Chunk<'_>)) {
        let parts = self.verdicts().len();
        let mut readers = self.readers(places);
        let mut figures = self.figure_readers(places);
        let mut values = vec![vec![f32::NEG_INFINITY; CHUNK]; places.len()];
        let mut base = vec![Verdict::Ok; CHUNK];
        let mut without = vec![Delta::default(); CHUNK];
        let mut first = 0;
        while first < parts {
            let end = (first + CHUNK).min(parts);
            for values in &mut values {
                values[..end - first].fill(f32::NEG_INFINITY);
            }
            base[..end - first].copy_from_slice(&self.verdicts()[first..end]);
            let mut touched = Vec::new();
            for reader in &mut readers {
                reader.read(self, first..end, &mut values, &mut without, &mut touched);
            }
            for reader in &mut figures {
                reader.read(first..end, &mut values, &mut without, &mut touched);
            }
            for at in touched {
                let delta = std::mem::take(&mut without[at as usize]);
                base[at as usize] = delta.apply(self.part_counts(first + at as usize)).verdict();
            }
            f(Chunk { first, values: &values, base: &base[..end - first] });
            first = end;
        }
    }

    fn readers(&self, places: &[Place]) -> Vec<PairReader<'_>> {
        let pairs = self.rows.pairs.iter().zip(&self.cell_of_pair);
        pairs
            .filter_map(|(pair, &cell)| {
                let cell = cell?;
                let asked = places.iter().enumerate().filter_map(|(i, place)| match place.which {
                    LimitAt::Region(limit) if place.cell == cell => Some((i, limit)),
                    _ => None,
                });
                let columns = CellColumns::new(Some(&self.rules().cells()[cell]), Verdict::Review, &self.rows);
                let mut silent = CellColumns::new(Some(&self.rules().cells()[cell]), Verdict::Review, &self.rows);
                let asked: Vec<Asked<'_>> = asked
                    .map(|(slot, limit)| {
                        silent = silent.with(limit, Thresholds::SILENT);
                        Asked { slot, column: columns.column(limit), thresholds: columns.thresholds(limit) }
                    })
                    .collect();
                (!asked.is_empty()).then_some(PairReader { next: pair.groups.start, end: pair.groups.end, columns, silent, asked })
            })
            .collect()
    }

    fn figure_readers(&self, places: &[Place]) -> Vec<FigureReader<'_>> {
        let asked = places.iter().enumerate().filter_map(|(slot, place)| match place.which {
            LimitAt::Part(limit) => Some((slot, place.cell, limit)),
            LimitAt::Region(_) => None,
        });
        // The same limit asked for twice is taken away once.
        let mut seen = Vec::new();
        asked
            .map(|(slot, cell, limit)| {
                let is_first = !seen.contains(&(cell, limit));
                seen.push((cell, limit));
                let thresholds = self.rules().cells()[cell].per_part[limit].thresholds;
                FigureReader { figures: &self.figures[cell][limit], next: 0, slot, thresholds, is_first }
            })
            .collect()
    }
}

/// What is known of a stretch of parts; `values` may be longer than `base`, which has one entry per part.
#[derive(Clone, Copy)]
pub(super) struct Chunk<'a> {
    /// The first part.
    pub first: usize,
    /// By place, then by part from `first` on.
    pub values: &'a [Vec<f32>],
    pub base: &'a [Verdict],
}

/// How the counts of a part change when the limits fall silent.
#[derive(Clone, Copy, Default)]
struct Delta {
    is_touched: bool,
    ng_rows: i32,
    review_rows: i32,
    ng_figures: i32,
    review_figures: i32,
}

impl Delta {
    fn apply(self, counts: PartCounts) -> PartCounts {
        let add = |count: u32, delta: i32| count.wrapping_add_signed(delta);
        PartCounts {
            ng_rows: add(counts.ng_rows, self.ng_rows),
            review_rows: add(counts.review_rows, self.review_rows),
            ng_figures: add(counts.ng_figures, self.ng_figures),
            review_figures: add(counts.review_figures, self.review_figures),
        }
    }
}

fn touch<'d>(without: &'d mut [Delta], touched: &mut Vec<u32>, at: usize) -> &'d mut Delta {
    let delta = &mut without[at];
    if !delta.is_touched {
        delta.is_touched = true;
        touched.push(at as u32);
    }
    delta
}

struct Asked<'a> {
    slot: usize,
    column: &'a Column,
    thresholds: Thresholds,
}

/// Goes through the groups of one pair, part by part.
struct PairReader<'a> {
    next: usize,
    end: usize,
    columns: CellColumns<'a>,
    silent: CellColumns<'a>,
    asked: Vec<Asked<'a>>,
}

impl PairReader<'_> {
    fn read(&mut self, board: &Board, parts: Range<usize>, values: &mut [Vec<f32>], without: &mut [Delta], touched: &mut Vec<u32>) {
        let group_part = &board.rows.group_part[..self.end];
        let from = self.next;
        let to = from + group_part[from..].partition_point(|&p| (p as usize) < parts.end);
        self.next = to;
        for asked in &self.asked {
            let values = &mut values[asked.slot];
            for (&part, (&max, group)) in group_part[from..to].iter().zip(asked.column.max[from..to].iter().zip(from..)) {
                let value = &mut values[part as usize - parts.start];
                let max = if max.is_nan() { highest(&asked.column.values[board.rows.rows_of_group(group)]) } else { max };
                *value = if max > *value { max } else { *value };
            }
        }
        for group in from..to {
            let says_something = self.asked.iter().any(|a| !is_below(a.column.max[group], a.thresholds.accept));
            let part = board.rows.group_part[group] as usize;
            // A part that is OK stays so when a limit falls silent.
            if !says_something || board.verdicts()[part] == Verdict::Ok {
                continue;
            }
            let rows = board.rows.rows_of_group(group);
            let (with, silent): (Counts, Counts) = (self.columns.count(group, rows.clone()), self.silent.count(group, rows));
            if with != silent {
                let delta = touch(without, touched, part - parts.start);
                delta.ng_rows += silent.ng as i32 - with.ng as i32;
                delta.review_rows += silent.review as i32 - with.review as i32;
            }
        }
    }
}

/// Goes through the figures of one limit per part.
struct FigureReader<'a> {
    figures: &'a [(u32, f32)],
    next: usize,
    slot: usize,
    thresholds: Thresholds,
    is_first: bool,
}

impl FigureReader<'_> {
    fn read(&mut self, parts: Range<usize>, values: &mut [Vec<f32>], without: &mut [Delta], touched: &mut Vec<u32>) {
        let ahead = &self.figures[self.next..];
        let count = ahead.partition_point(|&(p, _)| (p as usize) < parts.end);
        self.next += count;
        for &(part, value) in &ahead[..count] {
            let at = part as usize - parts.start;
            let value = if self.thresholds.is_negated { -value } else { value };
            if !value.is_nan() {
                values[self.slot][at] = value;
            }
            let (with, silent) = (self.thresholds.verdict_signed(value), Thresholds::SILENT.verdict_signed(value));
            if with != silent && self.is_first {
                let delta = touch(without, touched, at);
                delta.ng_figures += i32::from(silent == Verdict::Ng) - i32::from(with == Verdict::Ng);
                delta.review_figures += i32::from(silent == Verdict::Review) - i32::from(with == Verdict::Review);
            }
        }
    }
}

/// False with NaN.
fn is_below(value: f32, limit: f32) -> bool {
    value < limit
}

/// The highest measured value, −∞ of none.
fn highest(values: &[f32]) -> f32 {
    values.iter().copied().filter(|v| !v.is_nan()).fold(f32::NEG_INFINITY, f32::max)
}
