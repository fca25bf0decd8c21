//! A finished edit as a value: which tiles it replaced by which.

use crate::raster::label_map::{LabelMap, Tile, TileRow};
use crate::raster::runs::{self, Run};
use crate::raster::{PixelRect, TILE_SIDE};

/// One tile before and after.
#[derive(Clone, Debug)]
pub struct TileChange {
    pub index: usize,
    pub before: Tile,
    pub after: Tile,
}

/// What one gesture did to a label map. Undo and redo swap tiles and need no inverse code.
#[derive(Clone, Debug)]
pub struct Edit {
    pub(super) tiles: Vec<TileChange>,
    pub(super) dirty: PixelRect,
}

impl Edit {
    /// The smallest rectangle that holds every pixel the gesture wrote.
    #[must_use]
    pub const fn dirty(&self) -> PixelRect {
        self.dirty
    }

    /// Puts the new tiles in place (redo).
    pub fn apply(&self, map: &mut LabelMap) {
        for change in &self.tiles {
            map.replace_tile(change.index, change.after.clone());
        }
    }

    /// Puts the old tiles back (undo).
    pub fn revert(&self, map: &mut LabelMap) {
        for change in &self.tiles {
            map.replace_tile(change.index, change.before.clone());
        }
    }

    /// Bytes kept alive by this edit at most: both versions of every mixed tile.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.tiles.iter().map(|t| t.before.heap_bytes() + t.after.heap_bytes() + size_of::<TileChange>()).sum()
    }

    /// The pixels that differ between before and after, with the value that `side` picks, as runs for the journal.
    #[must_use]
    pub fn changed_runs(&self, map: &LabelMap, side: Side) -> Vec<Run> {
        let mut out = Vec::new();
        for change in &self.tiles {
            let rect = map.tile_rect(change.index).intersection(self.dirty);
            if rect.is_empty() {
                continue;
            }
            let (old, new) = match side {
                Side::After => (&change.before, &change.after),
                Side::Before => (&change.after, &change.before),
            };
            for y in rect.y0..rect.y1 {
                push_changed(&mut out, y, rect, old, new);
            }
        }
        out
    }
}

/// Which end of an edit the map is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// Appends the pixels of row `y` inside `rect`, which lies in one tile, that differ.
fn push_changed(out: &mut Vec<Run>, y: u32, rect: PixelRect, old: &Tile, new: &Tile) {
    let (mut old_spread, mut new_spread) = ([0; TILE_SIDE as usize], [0; TILE_SIDE as usize]);
    let (old, new) = (values(old.row(y % TILE_SIDE), &mut old_spread), values(new.row(y % TILE_SIDE), &mut new_spread));
    let first = rect.x0 % TILE_SIDE;
    let columns = first as usize..(first + rect.width()) as usize;
    let (old, new) = (&old[columns.clone()], &new[columns]);
    let mut x = 0;
    while x < new.len() {
        x += equal_prefix(&old[x..], &new[x..]);
        let Some(&value) = new.get(x) else { return };
        let len = runs::same_prefix(&new[x..], value);
        let len = prefix_without(&old[x..x + len], value);
        out.push(Run { y, x0: rect.x0 + x as u32, x1: rect.x0 + (x + len) as u32, value });
        x += len;
    }
}

/// The values of a row of a tile; a uniform one is spread out in `spread`.
fn values<'a>(row: TileRow<'a>, spread: &'a mut [u8; TILE_SIDE as usize]) -> &'a [u8] {
    match row {
        TileRow::Pixels(values) => values,
        TileRow::Uniform(value) => {
            spread.fill(value);
            spread
        }
    }
}

/// How many leading bytes are the same in both; 32 at a time.
fn equal_prefix(a: &[u8], b: &[u8]) -> usize {
    let (blocks, others) = (a.as_chunks::<32>().0, b.as_chunks::<32>().0);
    let from = 32 * blocks.iter().zip(others).take_while(|(a, b)| a == b).count();
    from + a[from..].iter().zip(&b[from..]).take_while(|(a, b)| a == b).count()
}

/// How many leading bytes are not `value`; 32 at a time.
fn prefix_without(bytes: &[u8], value: u8) -> usize {
    let has_none = |block: &&[u8; 32]| block.iter().fold(0, |found, &b| found | u8::from(b == value)) == 0;
    let from = 32 * bytes.as_chunks::<32>().0.iter().take_while(has_none).count();
    from + bytes[from..].iter().take_while(|&&b| b != value).count()
}

/// Writes runs (of any value, background too) into a map: how a journal is replayed. Runs outside the map are cut.
pub fn write_runs(map: &mut LabelMap, changed: &[Run]) {
    for r in changed {
        map.fill_span(r.y, r.x0, r.x1, r.value);
    }
    let touched: std::collections::BTreeSet<usize> = changed
        .iter()
        .filter(|r| r.y < map.height() && r.x0 < map.width())
        .flat_map(|r| map.tile_index(r.x0, r.y)..=map.tile_index((r.x1 - 1).min(map.width() - 1), r.y))
        .collect();
    for index in touched {
        map.compact_tile(index);
    }
}

/// Runs that turn a blank map into `map`.
#[must_use]
pub fn runs_of(map: &LabelMap) -> Vec<Run> {
    runs::runs(map)
}
