//! A finished edit as a value: which pixels it changed, from what to what.
//!
//! An edit keeps the changed stretches, not copies of tiles: a stroke of a middle brush takes a few kilobytes, so that hundreds of
//! them can be kept, written to disk and read back.

use crate::raster::label_map::{LabelMap, Tile, TileRow};
use crate::raster::runs::{self, Run};
use crate::raster::{PixelRect, TILE_SIDE};

/// A stretch of one row inside one tile: row, first and last column within the tile, value before, value after.
pub(super) type Stretch = [u8; 5];

/// Pixels `x0..x1` of row `y` that an edit changed from one value to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChangedRun {
    pub y: u32,
    pub x0: u32,
    pub x1: u32,
    pub before: u8,
    pub after: u8,
}

/// What an edit did to one tile.
#[derive(Clone, Debug)]
pub(super) struct TileChange {
    pub index: usize,
    pub pixels: PixelChange,
}

/// The smaller of two ways to say the same.
#[derive(Clone, Debug)]
pub(super) enum PixelChange {
    /// Sorted by row and column, without overlap.
    Stretches(Box<[Stretch]>),
    /// Both versions of the whole tile: for tiles of one value, and for pixels so mixed that stretches would take more.
    Whole { before: Tile, after: Tile },
}

impl TileChange {
    /// The difference of two versions of tile `index`, which covers `rect`.
    pub fn between(rect: PixelRect, index: usize, before: Tile, after: Tile) -> Self {
        let both = before.heap_bytes() + after.heap_bytes();
        if both == 0 {
            return Self { index, pixels: PixelChange::Whole { before, after } };
        }
        let mut stretches = Vec::new();
        for y in 0..rect.height() {
            push_stretches(&mut stretches, y, rect.width(), &before, &after);
            if stretches.len() * size_of::<Stretch>() > both {
                return Self { index, pixels: PixelChange::Whole { before, after } };
            }
        }
        Self { index, pixels: PixelChange::Stretches(stretches.into()) }
    }

    fn put(&self, map: &mut LabelMap, side: Side) {
        match &self.pixels {
            PixelChange::Whole { before, after } => {
                map.replace_tile(self.index, if side == Side::After { after } else { before }.clone());
            }
            PixelChange::Stretches(stretches) => {
                let pixels = map.tile_pixels_mut(self.index);
                for &[y, x0, last, before, after] in stretches {
                    let row = usize::from(y) * TILE_SIDE as usize;
                    pixels[row + usize::from(x0)..=row + usize::from(last)].fill(if side == Side::After { after } else { before });
                }
                map.compact_tile(self.index);
            }
        }
    }

    /// Calls `f` for each changed stretch of the tile, which covers `rect`.
    fn for_each(&self, rect: PixelRect, f: &mut impl FnMut(ChangedRun)) {
        let mut tell = |stretches: &[Stretch]| {
            for &[y, x0, last, before, after] in stretches {
                let (x0, x1) = (rect.x0 + u32::from(x0), rect.x0 + u32::from(last) + 1);
                f(ChangedRun { y: rect.y0 + u32::from(y), x0, x1, before, after });
            }
        };
        match &self.pixels {
            PixelChange::Stretches(stretches) => tell(stretches),
            PixelChange::Whole { before, after } => {
                let mut stretches = Vec::new();
                for y in 0..rect.height() {
                    stretches.clear();
                    push_stretches(&mut stretches, y, rect.width(), before, after);
                    tell(&stretches);
                }
            }
        }
    }
}

/// What one gesture did to a label map, in both directions.
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

    /// Writes the new values (redo).
    pub fn apply(&self, map: &mut LabelMap) {
        self.put(map, Side::After);
    }

    /// Writes the old values back (undo).
    pub fn revert(&self, map: &mut LabelMap) {
        self.put(map, Side::Before);
    }

    fn put(&self, map: &mut LabelMap, side: Side) {
        let tiles = map.tile_count();
        for change in self.tiles.iter().filter(|c| c.index < tiles) {
            change.put(map, side);
        }
    }

    /// Bytes that this edit keeps alive.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        let of = |pixels: &PixelChange| match pixels {
            PixelChange::Stretches(stretches) => size_of_val(&**stretches),
            PixelChange::Whole { before, after } => before.heap_bytes() + after.heap_bytes(),
        };
        self.tiles.iter().map(|t| of(&t.pixels) + size_of::<TileChange>()).sum::<usize>() + size_of::<Self>()
    }

    /// The pixels that changed, with the value that `side` picks, as runs for the journal. `map` says where its tiles lie.
    #[must_use]
    pub fn changed_runs(&self, map: &LabelMap, side: Side) -> Vec<Run> {
        let mut out: Vec<Run> = Vec::new();
        self.for_each(map, |c| {
            let value = if side == Side::After { c.after } else { c.before };
            match out.last_mut() {
                Some(last) if last.y == c.y && last.x1 == c.x0 && last.value == value => last.x1 = c.x1,
                _ => out.push(Run { y: c.y, x0: c.x0, x1: c.x1, value }),
            }
        });
        out
    }

    /// The pixels that changed with both values, tile by tile.
    #[must_use]
    pub fn changes(&self, map: &LabelMap) -> Vec<ChangedRun> {
        let mut out = Vec::new();
        self.for_each(map, |c| out.push(c));
        out
    }

    fn for_each(&self, map: &LabelMap, mut f: impl FnMut(ChangedRun)) {
        for change in self.tiles.iter().filter(|c| c.index < map.tile_count()) {
            change.for_each(map.tile_rect(change.index), &mut f);
        }
    }

    /// An edit from its changes, in any order; those outside a map of `width` × `height` are left out. None when nothing is left.
    #[must_use]
    pub fn from_changes(width: u32, height: u32, changes: &[ChangedRun]) -> Option<Self> {
        let columns = width.div_ceil(TILE_SIDE) as usize;
        let mut tiles: std::collections::BTreeMap<usize, Vec<Stretch>> = std::collections::BTreeMap::new();
        let mut dirty = PixelRect::EMPTY;
        for c in changes.iter().filter(|c| c.y < height && c.x0 < c.x1 && c.x1 <= width && c.before != c.after) {
            dirty = dirty.union(PixelRect::new(c.x0, c.y, c.x1, c.y + 1));
            let mut x = c.x0;
            while x < c.x1 {
                let end = ((x / TILE_SIDE + 1) * TILE_SIDE).min(c.x1);
                let index = (c.y / TILE_SIDE) as usize * columns + (x / TILE_SIDE) as usize;
                let [y, x0, last] = [c.y, x, end - 1].map(|v| (v % TILE_SIDE) as u8);
                tiles.entry(index).or_default().push([y, x0, last, c.before, c.after]);
                x = end;
            }
        }
        let tiles: Vec<TileChange> = tiles
            .into_iter()
            .map(|(index, mut stretches)| {
                stretches.sort_unstable();
                TileChange { index, pixels: PixelChange::Stretches(stretches.into()) }
            })
            .collect();
        (!tiles.is_empty()).then_some(Self { tiles, dirty })
    }

    /// The edit that turns `old` into `new`. None when they are equal or not of the same size.
    #[must_use]
    pub fn between(old: &LabelMap, new: &LabelMap) -> Option<Self> {
        if (old.width(), old.height()) != (new.width(), new.height()) {
            return None;
        }
        let mut dirty = PixelRect::EMPTY;
        let mut tiles = Vec::new();
        for index in 0..old.tile_count() {
            let rect = old.tile_rect(index);
            let change = TileChange::between(rect, index, old.tile(index).clone(), new.tile(index).clone());
            let mut changed = PixelRect::EMPTY;
            change.for_each(rect, &mut |c| changed = changed.union(PixelRect::new(c.x0, c.y, c.x1, c.y + 1)));
            if !changed.is_empty() {
                dirty = dirty.union(changed);
                tiles.push(change);
            }
        }
        (!tiles.is_empty()).then_some(Self { tiles, dirty })
    }
}

/// Which end of an edit the map is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    Before,
    After,
}

/// Appends the stretches of row `y` of a tile, its first `width` pixels, in which two versions differ.
fn push_stretches(out: &mut Vec<Stretch>, y: u32, width: u32, old: &Tile, new: &Tile) {
    let (mut old_spread, mut new_spread) = ([0; TILE_SIDE as usize], [0; TILE_SIDE as usize]);
    let (old, new) = (values(old.row(y), &mut old_spread), values(new.row(y), &mut new_spread));
    let (old, new) = (&old[..width as usize], &new[..width as usize]);
    let mut x = 0;
    while x < new.len() {
        x += equal_prefix(&old[x..], &new[x..]);
        let (Some(&before), Some(&after)) = (old.get(x), new.get(x)) else { return };
        let len = runs::same_prefix(&new[x..], after);
        let len = runs::same_prefix(&old[x..x + len], before);
        out.push([y as u8, x as u8, (x + len - 1) as u8, before, after]);
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
