//! An edit as bytes, for undo histories on disk.
//!
//! `dirty (4 × u32) · number of tiles (u32) · tiles`; a tile is `index (u32) · kind (u8) · body`: stretches as `count (u32) · 5 bytes each`,
//! or both versions, each `0 · value` or `1 · 65536 values`. Numbers are little endian.

use super::edit::{Edit, PixelChange, Stretch, TileChange};
use crate::raster::label_map::{LabelMap, Tile, TilePixels};
use crate::raster::{PixelRect, TILE_SIDE};

impl Edit {
    /// Appends the bytes of this edit.
    pub fn encode(&self, out: &mut Vec<u8>) {
        for v in [self.dirty.x0, self.dirty.y0, self.dirty.x1, self.dirty.y1, self.tiles.len() as u32] {
            out.extend_from_slice(&v.to_le_bytes());
        }
        for tile in &self.tiles {
            out.extend_from_slice(&(tile.index as u32).to_le_bytes());
            match &tile.pixels {
                PixelChange::Stretches(stretches) => {
                    out.push(0);
                    out.extend_from_slice(&(stretches.len() as u32).to_le_bytes());
                    out.extend_from_slice(stretches.as_flattened());
                }
                PixelChange::Whole { before, after } => {
                    out.push(1);
                    for version in [before, after] {
                        match version {
                            Tile::Uniform(value) => out.extend_from_slice(&[0, *value]),
                            Tile::Pixels(pixels) => {
                                out.push(1);
                                out.extend_from_slice(&pixels[..]);
                            }
                        }
                    }
                }
            }
        }
    }

    /// The edit that [`Self::encode`] wrote. None when the bytes are not one.
    #[must_use]
    pub fn decode(mut bytes: &[u8]) -> Option<Self> {
        let rest = &mut bytes;
        let [x0, y0, x1, y1, count] = [take_u32(rest)?, take_u32(rest)?, take_u32(rest)?, take_u32(rest)?, take_u32(rest)?];
        let mut tiles = Vec::new();
        for _ in 0..count {
            let index = take_u32(rest)? as usize;
            let pixels = match take::<1>(rest)? {
                [0] => {
                    let bytes = (take_u32(rest)? as usize).checked_mul(size_of::<Stretch>())?;
                    let (body, tail) = rest.split_at_checked(bytes)?;
                    *rest = tail;
                    let stretches = body.as_chunks::<5>().0;
                    if stretches.iter().any(|s| s[1] > s[2]) {
                        return None;
                    }
                    PixelChange::Stretches(stretches.into())
                }
                [1] => PixelChange::Whole { before: take_tile(rest)?, after: take_tile(rest)? },
                _ => return None,
            };
            tiles.push(TileChange { index, pixels });
        }
        rest.is_empty().then_some(Self { tiles, dirty: PixelRect { x0, y0, x1, y1 } })
    }
}

fn take<const N: usize>(rest: &mut &[u8]) -> Option<[u8; N]> {
    let (head, tail) = rest.split_first_chunk::<N>()?;
    *rest = tail;
    Some(*head)
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    take(rest).map(u32::from_le_bytes)
}

fn take_tile(rest: &mut &[u8]) -> Option<Tile> {
    if take::<1>(rest)? == [0] {
        return take::<1>(rest).map(|[value]| Tile::Uniform(value));
    }
    let (body, tail) = rest.split_at_checked(size_of::<TilePixels>())?;
    *rest = tail;
    // A map of one tile gives a tile its memory without a copy on the stack.
    let mut map = LabelMap::new(TILE_SIDE, TILE_SIDE);
    map.tile_pixels_mut(0).copy_from_slice(body);
    Some(map.replace_tile(0, Tile::Uniform(0)))
}
