//! A finished edit as a value: which tiles it replaced by which.

use crate::raster::label_map::{LabelMap, Tile};
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

fn push_changed(out: &mut Vec<Run>, y: u32, rect: PixelRect, old: &Tile, new: &Tile) {
    let (old_row, new_row) = (old.row(y % TILE_SIDE), new.row(y % TILE_SIDE));
    let value = |row: &crate::raster::label_map::TileRow<'_>, x: u32| match row {
        crate::raster::label_map::TileRow::Uniform(v) => *v,
        crate::raster::label_map::TileRow::Pixels(p) => p[(x % TILE_SIDE) as usize],
    };
    let mut x = rect.x0;
    while x < rect.x1 {
        let v = value(&new_row, x);
        if value(&old_row, x) == v {
            x += 1;
            continue;
        }
        let start = x;
        while x < rect.x1 && value(&new_row, x) == v && value(&old_row, x) != v {
            x += 1;
        }
        out.push(Run { y, x0: start, x1: x, value: v });
    }
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
