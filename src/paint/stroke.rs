//! A gesture in progress: it writes into the map at once and remembers the tiles as they were.

use std::collections::BTreeMap;

use super::edit::{Edit, TileChange};
use super::gate::Gate;
use crate::raster::label_map::{LabelMap, Tile};
use crate::raster::runs::is_all;
use crate::raster::{Area, PixelRect, TILE_SIDE};

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
    pub fn write_area(&mut self, map: &mut LabelMap, area: &Area, value: u8, gate: &Gate) {
        for span in area.spans() {
            self.write_span(map, span.y, span.x0, span.x1, value, gate);
        }
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
