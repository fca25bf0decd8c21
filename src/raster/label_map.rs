//! The label map: one class (or zone) value per pixel, in shared tiles.
//!
//! An empty 100 MP map costs kilobytes, a snapshot for a worker thread is a clone of pointers, and undo keeps the tiles that a
//! stroke replaced. A tile is copied the first time it is written after a snapshot, never as a whole map.

use std::sync::Arc;

use super::geometry::PixelRect;
use super::plane::Plane;
use super::runs::is_all;

/// Side of a tile in pixels.
pub const TILE_SIDE: u32 = 256;

const TILE_AREA: usize = (TILE_SIDE * TILE_SIDE) as usize;

/// The values of one mixed tile, row by row.
pub type TilePixels = [u8; TILE_AREA];

/// A square of [`TILE_SIDE`]² pixels.
#[derive(Clone, Debug)]
pub enum Tile {
    /// Every pixel has this value.
    Uniform(u8),
    /// Values row by row, shared until somebody writes.
    Pixels(Arc<TilePixels>),
}

impl Tile {
    /// Bytes that this tile holds beyond its own slot; shared pixels count in full.
    #[must_use]
    pub const fn heap_bytes(&self) -> usize {
        match self {
            Self::Uniform(_) => 0,
            Self::Pixels(_) => TILE_AREA,
        }
    }

    /// The 256 values of one row inside the tile, or the single value they share.
    #[must_use]
    pub fn row(&self, y: u32) -> TileRow<'_> {
        match self {
            Self::Uniform(value) => TileRow::Uniform(*value),
            Self::Pixels(pixels) => {
                let start = (y * TILE_SIDE) as usize;
                TileRow::Pixels(&pixels[start..start + TILE_SIDE as usize])
            }
        }
    }

    fn is_same_storage(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Uniform(a), Self::Uniform(b)) => a == b,
            (Self::Pixels(a), Self::Pixels(b)) => Arc::ptr_eq(a, b),
            _ => false,
        }
    }
}

/// One row of a tile.
#[derive(Clone, Copy, Debug)]
pub enum TileRow<'a> {
    Uniform(u8),
    Pixels(&'a [u8]),
}

/// One `u8` per pixel, tiled and copy-on-write. Values are class or zone ids; [`super::BACKGROUND`] = 0.
#[derive(Clone, Debug)]
pub struct LabelMap {
    width: u32,
    height: u32,
    columns: u32,
    tiles: Vec<Tile>,
}

impl LabelMap {
    /// A map of this size, all background.
    #[must_use]
    pub fn new(width: u32, height: u32) -> Self {
        let columns = width.div_ceil(TILE_SIDE);
        let rows = height.div_ceil(TILE_SIDE);
        Self { width, height, columns, tiles: vec![Tile::Uniform(0); columns as usize * rows as usize] }
    }

    /// Cuts a dense plane into tiles; tiles of one value take no memory.
    #[must_use]
    pub fn from_plane(plane: &Plane<u8>) -> Self {
        let mut map = Self::new(plane.width(), plane.height());
        for index in 0..map.tiles.len() {
            let rect = map.tile_rect(index);
            let first = plane.at(rect.x0, rect.y0);
            let is_uniform = (rect.y0..rect.y1).all(|y| is_all(&plane.row(y)[rect.x0 as usize..rect.x1 as usize], first));
            if is_uniform {
                map.tiles[index] = Tile::Uniform(first);
                continue;
            }
            let mut pixels = blank_pixels(0);
            let target = unshared(&mut pixels);
            for y in rect.y0..rect.y1 {
                let start = ((y - rect.y0) * TILE_SIDE) as usize;
                target[start..start + rect.width() as usize].copy_from_slice(&plane.row(y)[rect.x0 as usize..rect.x1 as usize]);
            }
            map.tiles[index] = Tile::Pixels(pixels);
        }
        map
    }

    #[must_use]
    pub fn to_plane(&self) -> Plane<u8> {
        self.crop(self.rect())
    }

    /// A dense copy of the part inside `rect`, which is first cut to the map.
    #[must_use]
    pub fn crop(&self, rect: PixelRect) -> Plane<u8> {
        let r = rect.intersection(self.rect());
        if r.is_empty() {
            return Plane::from_vec(0, 0, Vec::new());
        }
        let mut plane = Plane::filled(r.width(), r.height(), 0_u8);
        for y in r.y0..r.y1 {
            let row = plane.row_mut(y - r.y0);
            self.for_each_span_in_row(y, r.x0, r.x1, |x0, x1, span| {
                let out = &mut row[(x0 - r.x0) as usize..(x1 - r.x0) as usize];
                match span {
                    TileRow::Uniform(v) => out.fill(v),
                    TileRow::Pixels(values) => out.copy_from_slice(values),
                }
            });
        }
        plane
    }

    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    #[must_use]
    pub const fn rect(&self) -> PixelRect {
        PixelRect::of_size(self.width, self.height)
    }

    /// The value at column `x`, row `y`; background outside the map.
    #[must_use]
    pub fn get(&self, x: u32, y: u32) -> u8 {
        if x >= self.width || y >= self.height {
            return 0;
        }
        match &self.tiles[self.tile_index(x, y)] {
            Tile::Uniform(value) => *value,
            Tile::Pixels(pixels) => pixels[((y % TILE_SIDE) * TILE_SIDE + x % TILE_SIDE) as usize],
        }
    }

    /// Writes `value` into columns `x0..x1` of row `y`, cut to the map.
    pub fn fill_span(&mut self, y: u32, x0: u32, x1: u32, value: u8) {
        let x1 = x1.min(self.width);
        if y >= self.height || x0 >= x1 {
            return;
        }
        let mut x = x0;
        while x < x1 {
            let index = self.tile_index(x, y);
            let end = ((x / TILE_SIDE + 1) * TILE_SIDE).min(x1);
            let is_new = match &self.tiles[index] {
                Tile::Uniform(v) => *v != value,
                Tile::Pixels(_) => true,
            };
            if is_new {
                let row = (y % TILE_SIDE) * TILE_SIDE;
                let (a, b) = ((row + x % TILE_SIDE) as usize, (row + (end - 1) % TILE_SIDE) as usize + 1);
                self.tile_pixels_mut(index)[a..b].fill(value);
            }
            x = end;
        }
    }

    /// Calls `f(x0, x1, values)` for each stretch of row `y` between columns `x0` and `x1` that lies in one tile, left to right.
    pub fn for_each_span_in_row(&self, y: u32, x0: u32, x1: u32, mut f: impl FnMut(u32, u32, TileRow<'_>)) {
        let x1 = x1.min(self.width);
        if y >= self.height {
            return;
        }
        let mut x = x0;
        while x < x1 {
            let end = ((x / TILE_SIDE + 1) * TILE_SIDE).min(x1);
            match self.tiles[self.tile_index(x, y)].row(y % TILE_SIDE) {
                TileRow::Uniform(v) => f(x, end, TileRow::Uniform(v)),
                TileRow::Pixels(row) => {
                    let a = (x % TILE_SIDE) as usize;
                    f(x, end, TileRow::Pixels(&row[a..a + (end - x) as usize]));
                }
            }
            x = end;
        }
    }

    /// Number of pixels of every value.
    #[must_use]
    pub fn histogram(&self) -> [u64; 256] {
        let mut counts = [0_u64; 256];
        for (index, tile) in self.tiles.iter().enumerate() {
            let rect = self.tile_rect(index);
            match tile {
                Tile::Uniform(v) => counts[*v as usize] += rect.area(),
                Tile::Pixels(pixels) => {
                    for y in 0..rect.height() {
                        let start = (y * TILE_SIDE) as usize;
                        for &v in &pixels[start..start + rect.width() as usize] {
                            counts[v as usize] += 1;
                        }
                    }
                }
            }
        }
        counts
    }

    /// True when no pixel has a value but background.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.histogram()[1..].iter().all(|&n| n == 0)
    }

    // --- tiles ---------------------------------------------------------------------------------------------------------------

    /// Number of tiles side by side.
    #[must_use]
    pub const fn tile_columns(&self) -> u32 {
        self.columns
    }

    #[must_use]
    pub fn tile_count(&self) -> usize {
        self.tiles.len()
    }

    /// Index of the tile that holds pixel (x, y).
    #[must_use]
    pub const fn tile_index(&self, x: u32, y: u32) -> usize {
        (y / TILE_SIDE) as usize * self.columns as usize + (x / TILE_SIDE) as usize
    }

    /// The pixels of the map that tile `index` covers; narrower at the right and lower border.
    #[must_use]
    pub fn tile_rect(&self, index: usize) -> PixelRect {
        let x0 = (index as u32 % self.columns) * TILE_SIDE;
        let y0 = (index as u32 / self.columns) * TILE_SIDE;
        PixelRect::new(x0, y0, (x0 + TILE_SIDE).min(self.width), (y0 + TILE_SIDE).min(self.height))
    }

    #[must_use]
    pub fn tile(&self, index: usize) -> &Tile {
        &self.tiles[index]
    }

    /// Puts `tile` at `index` and returns the one that was there: undo and redo are this swap.
    pub fn replace_tile(&mut self, index: usize, tile: Tile) -> Tile {
        std::mem::replace(&mut self.tiles[index], tile)
    }

    /// The pixels of tile `index` for writing; a uniform tile is spread out and a shared one copied first. Pixels beyond the
    /// border of the map are never read.
    pub fn tile_pixels_mut(&mut self, index: usize) -> &mut TilePixels {
        let tile = &mut self.tiles[index];
        if let Tile::Uniform(value) = *tile {
            *tile = Tile::Pixels(blank_pixels(value));
        }
        match tile {
            Tile::Pixels(pixels) => Arc::make_mut(pixels),
            Tile::Uniform(_) => unreachable!("spread out above"),
        }
    }

    /// Gives a tile whose pixels are all equal its memory back. Called once per finished edit, not per dab.
    pub fn compact_tile(&mut self, index: usize) {
        let rect = self.tile_rect(index);
        if let Tile::Pixels(pixels) = &self.tiles[index] {
            let first = pixels[0];
            let is_uniform = (0..rect.height()).all(|y| {
                let start = (y * TILE_SIDE) as usize;
                is_all(&pixels[start..start + rect.width() as usize], first)
            });
            if is_uniform {
                self.tiles[index] = Tile::Uniform(first);
            }
        }
    }

    /// Bytes of pixel memory, counting shared tiles in full.
    #[must_use]
    pub fn heap_bytes(&self) -> usize {
        self.tiles.iter().map(Tile::heap_bytes).sum::<usize>() + self.tiles.len() * size_of::<Tile>()
    }
}

impl PartialEq for LabelMap {
    fn eq(&self, other: &Self) -> bool {
        if self.width != other.width || self.height != other.height {
            return false;
        }
        (0..self.tiles.len()).all(|index| {
            if self.tiles[index].is_same_storage(&other.tiles[index]) {
                return true;
            }
            let rect = self.tile_rect(index);
            (rect.y0..rect.y1).all(|y| (rect.x0..rect.x1).all(|x| self.get(x, y) == other.get(x, y)))
        })
    }
}

impl Eq for LabelMap {}

fn blank_pixels(value: u8) -> Arc<TilePixels> {
    static ZEROS: TilePixels = [0; TILE_AREA];
    // Straight into shared memory: an array built elsewhere would be copied into it.
    let shared: Arc<[u8]> = Arc::from(&ZEROS[..]);
    let mut pixels: Arc<TilePixels> = shared.try_into().unwrap_or_else(|_| unreachable!("the length is TILE_AREA"));
    if value != 0 {
        unshared(&mut pixels).fill(value);
    }
    pixels
}

fn unshared(pixels: &mut Arc<TilePixels>) -> &mut TilePixels {
    Arc::make_mut(pixels)
}
