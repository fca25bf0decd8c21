//! Row runs: the form in which masks are measured, compared and written.

use super::geometry::PixelRect;
use super::label_map::{LabelMap, TILE_SIDE, Tile, TileRow};

/// Pixels `x0..x1` of row `y` that share one value, as long as possible to both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Run {
    pub y: u32,
    pub x0: u32,
    pub x1: u32,
    pub value: u8,
}

impl Run {
    #[must_use]
    pub const fn len(self) -> u32 {
        self.x1 - self.x0
    }

    /// Never true for a run that this module made.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.x1 <= self.x0
    }
}

/// All runs of non-background pixels, from top to bottom and left to right. Blank tiles are skipped without a look at their pixels.
#[must_use]
pub fn runs(map: &LabelMap) -> Vec<Run> {
    runs_in(map, map.rect())
}

/// As [`runs`], for the pixels inside `rect` only.
#[must_use]
pub fn runs_in(map: &LabelMap, rect: PixelRect) -> Vec<Run> {
    let rect = rect.intersection(map.rect());
    let mut out = Vec::new();
    if rect.is_empty() {
        return out;
    }
    let mut band_start = rect.y0;
    while band_start < rect.y1 {
        let band_end = ((band_start / TILE_SIDE + 1) * TILE_SIDE).min(rect.y1);
        let first = map.tile_index(rect.x0, band_start);
        let last = map.tile_index(rect.x1 - 1, band_start);
        let busy: Vec<usize> = (first..=last).filter(|&i| !matches!(map.tile(i), Tile::Uniform(0))).collect();
        if !busy.is_empty() {
            for y in band_start..band_end {
                let row_start = out.len();
                for &index in &busy {
                    let tile_x0 = (index as u32 % map.tile_columns()) * TILE_SIDE;
                    let (x0, x1) = (tile_x0.max(rect.x0), (tile_x0 + TILE_SIDE).min(rect.x1));
                    match map.tile(index).row(y % TILE_SIDE) {
                        TileRow::Uniform(value) => push(&mut out, row_start, Run { y, x0, x1, value }),
                        TileRow::Pixels(row) => {
                            let row = &row[(x0 - tile_x0) as usize..(x1 - tile_x0) as usize];
                            push_runs_of_row(&mut out, row_start, y, x0, row);
                        }
                    }
                }
            }
        }
        band_start = band_end;
    }
    out
}

/// Appends a run, joining it to the one before when both meet in the same row with the same value.
fn push(out: &mut Vec<Run>, row_start: usize, run: Run) {
    if out.len() > row_start
        && let Some(last) = out.last_mut()
        && last.x1 == run.x0
        && last.value == run.value
    {
        last.x1 = run.x1;
        return;
    }
    out.push(run);
}

/// Appends the runs of a stretch of one row that lies in one tile: blocks of one value at a glance, changes eight bytes at a time.
fn push_runs_of_row(out: &mut Vec<Run>, row_start: usize, y: u32, x_offset: u32, row: &[u8]) {
    let Some(&first) = row.first() else { return };
    let (mut start, mut value) = (0, first);
    let mut close = |start: usize, end: usize, value: u8| {
        let run = Run { y, x0: x_offset + start as u32, x1: x_offset + end as u32, value };
        match (value, start) {
            (0, _) => {}
            (_, 0) => push(out, row_start, run),
            _ => out.push(run),
        }
    };
    let (blocks, tail) = row.as_chunks::<64>();
    for (i, block) in blocks.iter().enumerate() {
        if is_all(block, value) {
            continue;
        }
        // One bit per pixel that differs from the one before it; in noise the end of a loop cannot be foreseen, so there is one in 64 pixels
        // and not one in 8.
        let mut changes = 0_u64;
        let mut last = u64::from(value);
        for (j, word) in block.as_chunks::<8>().0.iter().enumerate() {
            let word = u64::from_le_bytes(*word);
            changes |= gathered(nonzero_bytes(word ^ (word << 8 | last))) << (8 * j);
            last = word >> 56;
        }
        while changes != 0 {
            let at = i * 64 + changes.trailing_zeros() as usize;
            close(start, at, value);
            (start, value) = (at, row[at]);
            changes &= changes - 1;
        }
    }
    for (i, &v) in tail.iter().enumerate() {
        if v != value {
            let at = blocks.len() * 64 + i;
            close(start, at, value);
            (start, value) = (at, v);
        }
    }
    close(start, row.len(), value);
}

/// True when every byte is `value`. No early end inside a block of 64, so that the compiler can use wide registers.
pub(crate) fn is_all(bytes: &[u8], value: u8) -> bool {
    let pattern = u64::from_ne_bytes([value; 8]);
    let (blocks, tail) = bytes.as_chunks::<64>();
    let is_block = |block: &[u8; 64]| {
        let words = block.as_chunks::<8>().0;
        words.iter().fold(0, |bits, word| bits | (u64::from_ne_bytes(*word) ^ pattern)) == 0
    };
    blocks.iter().all(is_block) && tail.iter().all(|&b| b == value)
}

/// The highest bit of each byte that is not 0.
const fn nonzero_bytes(word: u64) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    (((word & LOW) + LOW) | word) & !LOW
}

/// The highest bits of the eight bytes side by side, that of the lowest byte first. No two products of the factor's bits meet, so nothing is
/// carried.
const fn gathered(high_bits: u64) -> u64 {
    (high_bits >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56
}

/// How many leading bytes of `bytes` equal `value`; eight at a time.
pub(crate) fn same_prefix(bytes: &[u8], value: u8) -> usize {
    let pattern = u64::from_ne_bytes([value; 8]);
    let mut chunks = bytes.chunks_exact(8);
    let mut n = 0;
    for chunk in &mut chunks {
        let word = u64::from_le_bytes([chunk[0], chunk[1], chunk[2], chunk[3], chunk[4], chunk[5], chunk[6], chunk[7]]);
        let different = word ^ pattern;
        if different != 0 {
            return n + (different.trailing_zeros() / 8) as usize;
        }
        n += 8;
    }
    n + chunks.remainder().iter().take_while(|&&b| b == value).count()
}
