//! A flood that remembers, for every pixel, the smallest level at which it joins, so that moving the level only thresholds.
//!
//! The level of a pixel is the minimax path cost from the seed: over all paths the smallest possible "largest cost on the way"
//! (the pass height of a watershed). It is grown in the order of levels and only as far as was asked for.

use std::collections::VecDeque;

use crate::raster::{Area, Span};

const SIDE: u32 = 64;
const AREA: usize = (SIDE * SIDE) as usize;

/// The pixel was never reached.
const UNSEEN: u32 = u32::MAX;
/// The pixel waits in the queue; the other bits are its level.
const WAITING: u32 = 1 << 31;

/// Which pixels are neighbours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Connectivity {
    /// Pixels that share a side.
    Four,
    /// Pixels that share a side or a corner.
    #[default]
    Eight,
}

/// The field of one seed. Levels are bits of non-negative floats, which sort as the floats do.
#[derive(Clone, Debug)]
pub(super) struct MinimaxField {
    width: u32,
    height: u32,
    connectivity: Connectivity,
    max_pixels: u64,
    columns: u32,
    tiles: Vec<Option<Box<[u32; AREA]>>>,
    queue: RadixQueue,
    joined: u64,
}

impl MinimaxField {
    /// A field around (x, y), which joins at `seed_level`. A seed outside or at an infinite level stays alone and empty.
    pub fn new(size: (u32, u32), seed: (u32, u32), seed_level: f32, connectivity: Connectivity, max_pixels: u64) -> Self {
        let (width, height) = size;
        let columns = width.div_ceil(SIDE);
        let tiles = vec![None; columns as usize * height.div_ceil(SIDE) as usize];
        let mut field = Self { width, height, connectivity, max_pixels, columns, tiles, queue: RadixQueue::new(), joined: 0 };
        if seed.0 < width && seed.1 < height && seed_level.is_finite() && seed_level >= 0.0 {
            let key = seed_level.to_bits() & !WAITING;
            *field.word(seed.0, seed.1) = WAITING | key;
            field.queue.push(key, seed.0, seed.1);
        }
        field
    }

    pub const fn size(&self) -> (u32, u32) {
        (self.width, self.height)
    }

    /// Joins every pixel whose level is at most `level`, or stops at the largest number of pixels; true when all are in.
    /// `cost` must be the same function every time; not finite = never joins.
    pub fn grow(&mut self, level: f32, mut cost: impl FnMut(u32, u32) -> f32) -> bool {
        let level = bits_of(level);
        let Some(level) = level else { return true };
        while let Some(key) = self.queue.peek() {
            if key > level {
                return true;
            }
            if self.joined >= self.max_pixels {
                return false;
            }
            let Some((key, x, y)) = self.queue.pop() else { return true };
            self.joined += 1;
            *self.word(x, y) = key;
            let (x0, x1) = (x.saturating_sub(1), (x + 1).min(self.width - 1));
            let (y0, y1) = (y.saturating_sub(1), (y + 1).min(self.height - 1));
            for ny in y0..=y1 {
                for nx in x0..=x1 {
                    let is_corner = nx != x && ny != y;
                    if is_corner && self.connectivity == Connectivity::Four {
                        continue;
                    }
                    let word = self.word(nx, ny);
                    if *word != UNSEEN {
                        continue;
                    }
                    // Pixels join in the order of levels, so the first offer is the lowest. One that never joins waits at infinity and is
                    // not asked again.
                    let own = bits_of(cost(nx, ny));
                    *word = WAITING | own.map_or(f32::INFINITY.to_bits(), |own| own.max(key));
                    if let Some(own) = own {
                        self.queue.push(own.max(key), nx, ny);
                    }
                }
            }
        }
        true
    }

    /// The joined pixels with a level of at most `level`.
    pub fn area(&self, level: f32) -> Area {
        let Some(level) = bits_of(level) else { return Area::new() };
        let mut spans = Vec::new();
        for (band, tiles) in self.tiles.chunks(self.columns.max(1) as usize).enumerate() {
            if tiles.iter().all(Option::is_none) {
                continue;
            }
            let top = band as u32 * SIDE;
            for y in top..(top + SIDE).min(self.height) {
                for (column, tile) in tiles.iter().enumerate() {
                    let Some(tile) = tile else { continue };
                    let row = &tile[((y - top) * SIDE) as usize..((y - top + 1) * SIDE) as usize];
                    let left = column as u32 * SIDE;
                    let mut x = 0;
                    while let Some(start) = row[x..].iter().position(|&w| w <= level).map(|n| x + n) {
                        let end = row[start..].iter().position(|&w| w > level).map_or(row.len(), |n| start + n);
                        spans.push(Span::new(y, left + start as u32, left + end as u32));
                        x = end;
                    }
                }
            }
        }
        Area::from_spans(spans)
    }

    fn word(&mut self, x: u32, y: u32) -> &mut u32 {
        let tile = (y / SIDE) as usize * self.columns as usize + (x / SIDE) as usize;
        let pixels = self.tiles[tile].get_or_insert_with(|| Box::new([UNSEEN; AREA]));
        &mut pixels[((y % SIDE) * SIDE + x % SIDE) as usize]
    }
}

/// The bits of a finite level (below zero counts as zero); None of others.
fn bits_of(level: f32) -> Option<u32> {
    level.is_finite().then(|| level.max(0.0).to_bits() & !WAITING)
}

/// A radix heap (Ahuja, Mehlhorn, Orlin, Tarjan 1990): a queue for keys that never fall below the last one taken out.
#[derive(Clone, Debug)]
struct RadixQueue {
    last: u32,
    /// Keys equal to `last`, first in first out, so that a flood cut short is round.
    level: VecDeque<(u32, u32)>,
    /// Keys whose highest bit that differs from `last` is the index.
    buckets: Vec<Vec<(u32, u32, u32)>>,
}

impl RadixQueue {
    fn new() -> Self {
        Self { last: 0, level: VecDeque::new(), buckets: vec![Vec::new(); 32] }
    }

    fn push(&mut self, key: u32, x: u32, y: u32) {
        if key == self.last {
            self.level.push_back((x, y));
        } else {
            self.buckets[31 - (key ^ self.last).leading_zeros() as usize].push((key, x, y));
        }
    }

    /// The smallest key.
    fn peek(&mut self) -> Option<u32> {
        if self.level.is_empty() {
            let bucket = self.buckets.iter().position(|b| !b.is_empty())?;
            let moved = std::mem::take(&mut self.buckets[bucket]);
            self.last = moved.iter().map(|e| e.0).min()?;
            for (key, x, y) in moved {
                self.push(key, x, y);
            }
        }
        Some(self.last)
    }

    fn pop(&mut self) -> Option<(u32, u32, u32)> {
        let key = self.peek()?;
        self.level.pop_front().map(|(x, y)| (key, x, y))
    }
}
