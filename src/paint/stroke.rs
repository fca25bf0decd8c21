//! A gesture in progress: it writes into the map at once and remembers the tiles as they were.

use std::collections::BTreeMap;
use std::ops::Range;

use super::edit::{Edit, TileChange};
use super::flood::TileBits;
use super::gate::Gate;
use crate::raster::label_map::{LabelMap, Tile};
use crate::raster::runs::is_all;
use crate::raster::{Area, PixelRect, Span, TILE_SIDE};

/// Begin, write spans, then [`commit`](Self::commit) or [`abort`](Self::abort).
#[derive(Debug, Default)]
pub struct Stroke {
    before: BTreeMap<usize, Tile>,
    dirty: PixelRect,
}

impl Stroke {
    #[must_use]
    pub const fn begin() -> Self {
        Self { before: BTreeMap::new(), dirty: PixelRect::EMPTY }
    }

    /// Writes `value` into columns `x0..x1` of row `y` wherever the gate allows; cut to the map.
    pub fn write_span(&mut self, map: &mut LabelMap, y: u32, x0: u32, x1: u32, value: u8, gate: &Gate) {
        let x1 = x1.min(map.width());
        if y >= map.height() || x0 >= x1 {
            return;
        }
        if gate.has_fences() {
            gate.for_each_open(y, x0, x1, |a, b| self.write_open_span(map, y, a, b, value, gate));
        } else {
            self.write_open_span(map, y, x0, x1, value, gate);
        }
    }

    /// Writes `value` into every pixel of an area wherever the gate allows; cut to the map.
    ///
    /// Tiles that the area covers are written as a whole: what fills an empty map of 100 MP takes no memory.
    pub fn write_area(&mut self, map: &mut LabelMap, area: &Area, value: u8, gate: &Gate) {
        for band in area.spans().chunk_by(|a, b| a.y / TILE_SIDE == b.y / TILE_SIDE) {
            if band[0].y >= map.height() {
                return;
            }
            let covered = covered_tiles(band, map);
            for columns in &covered {
                for x in (columns.start..columns.end).step_by(TILE_SIDE as usize) {
                    self.write_tile(map, map.tile_index(x, band[0].y), value, gate);
                }
            }
            for span in band {
                let mut x = span.x0;
                for columns in covered.iter().filter(|c| span.x0 <= c.start && c.end <= span.x1) {
                    self.write_span(map, span.y, x, columns.start, value, gate);
                    x = columns.end;
                }
                self.write_span(map, span.y, x, span.x1, value, gate);
            }
        }
    }

    /// Writes `value` into these pixels of tile `index`, all of values that the gate allows, wherever its fences leave them open.
    pub(super) fn write_in_tile_bits(&mut self, map: &mut LabelMap, index: usize, bits: &TileBits, value: u8, gate: &Gate) {
        let rect = map.tile_rect(index);
        if gate.has_fences() {
            bits.for_each_run(|y, x0, x1| self.write_span(map, rect.y0 + y, rect.x0 + x0, rect.x0 + x1, value, gate));
            return;
        }
        self.before.entry(index).or_insert_with(|| map.tile(index).clone());
        let pixels = map.tile_pixels_mut(index);
        let mut dirty = PixelRect::EMPTY;
        bits.for_each_run(|y, x0, x1| {
            pixels[(y * TILE_SIDE + x0) as usize..(y * TILE_SIDE + x1) as usize].fill(value);
            dirty = dirty.union(PixelRect::new(rect.x0 + x0, rect.y0 + y, rect.x0 + x1, rect.y0 + y + 1));
        });
        self.dirty = self.dirty.union(dirty);
    }

    fn write_open_span(&mut self, map: &mut LabelMap, y: u32, x0: u32, x1: u32, value: u8, gate: &Gate) {
        let mut x = x0;
        while x < x1 {
            let end = ((x / TILE_SIDE + 1) * TILE_SIDE).min(x1);
            self.write_in_tile(map, y, x, end, value, gate);
            x = end;
        }
    }

    /// Writes `value` into all of tile `index` wherever the gate allows: a tile that becomes one value takes no memory.
    pub fn write_tile(&mut self, map: &mut LabelMap, index: usize, value: u8, gate: &Gate) {
        let rect = map.tile_rect(index);
        match *map.tile(index) {
            Tile::Uniform(old) if old == value || !gate.allows(old) => {}
            ref tile if gate.has_fences() || (matches!(tile, Tile::Pixels(_)) && !gate.protects_nothing()) => {
                for y in rect.y0..rect.y1 {
                    self.write_span(map, y, rect.x0, rect.x1, value, gate);
                }
            }
            _ => {
                let old = map.replace_tile(index, Tile::Uniform(value));
                // A tile met before is remembered as it was at the start.
                self.before.entry(index).or_insert(old);
                self.dirty = self.dirty.union(rect);
            }
        }
    }

    fn write_in_tile(&mut self, map: &mut LabelMap, y: u32, x0: u32, x1: u32, value: u8, gate: &Gate) {
        let index = map.tile_index(x0, y);
        if let Tile::Uniform(old) = *map.tile(index)
            && (old == value || !gate.allows(old))
        {
            return;
        }
        self.before.entry(index).or_insert_with(|| map.tile(index).clone());
        let row = (y % TILE_SIDE) * TILE_SIDE;
        let span = (row + x0 % TILE_SIDE) as usize..=(row + (x1 - 1) % TILE_SIDE) as usize;
        let pixels = &mut map.tile_pixels_mut(index)[span];
        if gate.protects_nothing() {
            pixels.fill(value);
        } else {
            write_gated(pixels, value, gate);
        }
        self.dirty = self.dirty.union(PixelRect::new(x0, y, x1, y + 1));
    }

    /// The pixels written so far; take what came since the last call with [`Self::dirty`] before and after.
    #[must_use]
    pub const fn dirty(&self) -> PixelRect {
        self.dirty
    }

    /// Ends the gesture. None when no pixel changed.
    #[must_use]
    pub fn commit(self, map: &mut LabelMap) -> Option<Edit> {
        let dirty = self.dirty;
        let mut tiles = Vec::new();
        for (index, before) in self.before {
            map.compact_tile(index);
            let after = map.tile(index).clone();
            if differs(map.tile_rect(index), &before, &after) {
                tiles.push(TileChange::between(map.tile_rect(index), index, before, after));
            } else {
                // Nothing changed here: share the old pixels again.
                map.replace_tile(index, before);
            }
        }
        (!tiles.is_empty()).then_some(Edit { tiles, dirty })
    }

    /// Ends the gesture as if it had never been; returns the rectangle to redraw.
    pub fn abort(self, map: &mut LabelMap) -> PixelRect {
        for (index, before) in self.before {
            map.replace_tile(index, before);
        }
        self.dirty
    }
}

/// The columns of the tiles that `band`, the spans of an area in one row of tiles, covers from top to bottom; tiles side by side are
/// one stretch.
fn covered_tiles(band: &[Span], map: &LabelMap) -> Vec<Range<u32>> {
    let rect = map.tile_rect(map.tile_index(0, band[0].y));
    let mut covered: Vec<Range<u32>> = Vec::new();
    // How many rows of each tile are covered, as changes from tile to tile. The spans of an area do not touch, so a row of a tile is
    // covered by one span or not at all.
    let mut changes = vec![0_i64; map.tile_columns() as usize + 1];
    for span in band {
        let first = span.x0.div_ceil(TILE_SIDE);
        let end = if span.x1 >= map.width() { map.tile_columns() } else { span.x1 / TILE_SIDE };
        if first < end {
            changes[first as usize] += 1;
            changes[end as usize] -= 1;
        }
    }
    let mut rows = 0;
    for (column, change) in (0..map.tile_columns()).zip(changes) {
        rows += change;
        if rows == i64::from(rect.height()) {
            let (x0, x1) = (column * TILE_SIDE, ((column + 1) * TILE_SIDE).min(map.width()));
            match covered.last_mut() {
                Some(last) if last.end == x0 => last.end = x1,
                _ => covered.push(x0..x1),
            }
        }
    }
    covered
}

/// Writes `value` where the gate allows. Most stretches hold one value and are settled at once.
fn write_gated(pixels: &mut [u8], value: u8, gate: &Gate) {
    for block in pixels.chunks_mut(64) {
        let first = block[0];
        if is_all(block, first) {
            if gate.allows(first) {
                block.fill(value);
            }
            continue;
        }
        for pixel in block {
            if gate.allows(*pixel) {
                *pixel = value;
            }
        }
    }
}

fn differs(rect: PixelRect, a: &Tile, b: &Tile) -> bool {
    match (a, b) {
        (Tile::Uniform(a), Tile::Uniform(b)) => a != b,
        (Tile::Uniform(v), Tile::Pixels(p)) | (Tile::Pixels(p), Tile::Uniform(v)) => rows(rect, &p[..]).any(|row| !is_all(row, *v)),
        (Tile::Pixels(a), Tile::Pixels(b)) => rows(rect, &a[..]).zip(rows(rect, &b[..])).any(|(a, b)| a != b),
    }
}

fn rows(rect: PixelRect, pixels: &[u8]) -> impl Iterator<Item = &[u8]> {
    pixels.chunks_exact(TILE_SIDE as usize).take(rect.height() as usize).map(move |row| &row[..rect.width() as usize])
}
