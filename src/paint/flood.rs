//! Floods over the tiles of a label map: which pixels hang together with a starting pixel.
//!
//! A tile of one value is taken in one step, a mixed tile 256 pixels (one row, four machine words) at a time: the runs of a row that
//! a seed lies in are found by one addition, whose carry walks along the run.

use crate::raster::{Area, LabelMap, Span, TILE_SIDE, Tile};

const SIDE: usize = TILE_SIDE as usize;
const WORDS: usize = SIDE / 64;

/// One row or column of a tile, one bit per pixel.
type Line = [u64; WORDS];

const NONE: Line = [0; WORDS];

/// A set of pixels of one tile.
#[derive(Clone, Debug)]
pub(super) struct TileBits(Box<[Line; SIDE]>);

impl TileBits {
    fn new() -> Self {
        Self(Box::new([NONE; SIDE]))
    }

    /// Calls `f(y, x0, x1)` for each run of the set, in coordinates of the tile, from top left.
    pub fn for_each_run(&self, mut f: impl FnMut(u32, u32, u32)) {
        for y in 0..TILE_SIDE {
            self.for_each_run_in_row(y, |x0, x1| f(y, x0, x1));
        }
    }

    fn for_each_run_in_row(&self, y: u32, mut f: impl FnMut(u32, u32)) {
        let line = &self.0[y as usize];
        let mut at = 0;
        while let Some(start) = next_one(line, at) {
            let end = next_one(&line.map(|w| !w), start).unwrap_or(SIDE);
            f(start as u32, end as u32);
            at = end;
        }
    }
}

/// Which values belong to the set that is looked for.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wanted {
    Is(u8),
    IsNot(u8),
}

impl Wanted {
    const fn holds(self, value: u8) -> bool {
        match self {
            Self::Is(wanted) => value == wanted,
            Self::IsNot(unwanted) => value != unwanted,
        }
    }
}

/// What to look for and when to give up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Rules {
    pub wanted: Wanted,
    /// Pixels that share a corner only hang together too.
    pub across_corners: bool,
    /// Gives up as soon as the set is larger.
    pub max_pixels: u64,
    /// Gives up as soon as the set reaches the border of the map.
    pub stays_off_border: bool,
}

/// The pixels of one tile that a flood reached.
#[derive(Debug)]
pub(super) enum Reached {
    Whole,
    Part(TileBits),
}

/// What a flood reached, in the order of the tiles.
#[derive(Debug)]
pub(super) struct Flooded(Vec<(usize, Reached)>);

impl Flooded {
    pub fn tiles(&self) -> &[(usize, Reached)] {
        &self.0
    }

    /// As an area of pixels; `map` has the size of the flooded one.
    pub fn area(&self, map: &LabelMap) -> Area {
        let columns = map.tile_columns() as usize;
        let mut spans = Vec::new();
        for band in self.0.chunk_by(|(a, _), (b, _)| a / columns == b / columns) {
            let parts = parts_of(band, map);
            let rows = map.tile_rect(band[0].0);
            for y in rows.y0..rows.y1 {
                for (x0, x1, bits) in &parts {
                    match bits {
                        None => spans.push(Span::new(y, *x0, *x1)),
                        Some(bits) => bits.for_each_run_in_row(y - rows.y0, |a, b| spans.push(Span::new(y, x0 + a, x0 + b))),
                    }
                }
            }
        }
        Area::from_spans(spans)
    }
}

/// The tiles of one band as columns `x0..x1`; whole tiles side by side become one stretch.
fn parts_of<'a>(band: &'a [(usize, Reached)], map: &LabelMap) -> Vec<(u32, u32, Option<&'a TileBits>)> {
    let mut parts: Vec<(u32, u32, Option<&TileBits>)> = Vec::new();
    for (index, reached) in band {
        let rect = map.tile_rect(*index);
        match (reached, parts.last_mut()) {
            (Reached::Whole, Some((_, end, None))) if *end == rect.x0 => *end = rect.x1,
            (Reached::Whole, _) => parts.push((rect.x0, rect.x1, None)),
            (Reached::Part(bits), _) => parts.push((rect.x0, rect.x1, Some(bits))),
        }
    }
    parts
}

/// The pixels that hang together with (x, y). None when that pixel is not wanted or outside, or when a rule says to give up.
pub(super) fn flood(map: &LabelMap, x: u32, y: u32, rules: Rules) -> Option<Flooded> {
    if x >= map.width() || y >= map.height() || !rules.wanted.holds(map.get(x, y)) {
        return None;
    }
    let states = (0..map.tile_count()).map(|_| State::Untouched).collect();
    let mut flood = Flood { map, rules, states, queue: Vec::new(), pixels: 0, pending: Box::new([NONE; SIDE]) };
    let index = map.tile_index(x, y);
    flood.enter(index, Entry::Pixel((x % TILE_SIDE) as usize, (y % TILE_SIDE) as usize));
    while let Some(index) = flood.queue.pop() {
        flood.spread_in(index)?;
    }
    let reached = flood.states.into_iter().enumerate().filter_map(|(index, state)| match state {
        State::Untouched => None,
        State::Whole => Some((index, Reached::Whole)),
        // A tile that was asked and has no wanted pixel where it was.
        State::Part(part) if part.reached.0.iter().all(|line| *line == NONE) => None,
        State::Part(part) => Some((index, Reached::Part(part.reached))),
    });
    Some(Flooded(reached.collect()))
}

enum State {
    Untouched,
    Whole,
    Part(Box<Part>),
}

/// A mixed tile in the works.
struct Part {
    members: TileBits,
    reached: TileBits,
    /// Where the flood came in since the tile was last looked at.
    entries: Edges,
    pixel: Option<(usize, usize)>,
    is_queued: bool,
}

/// The outermost pixels of a tile on its four sides.
#[derive(Clone, Copy, Debug)]
struct Edges {
    top: Line,
    bottom: Line,
    left: Line,
    right: Line,
}

impl Edges {
    const NONE: Self = Self { top: NONE, bottom: NONE, left: NONE, right: NONE };
}

/// Where a flood enters a tile.
#[derive(Clone, Copy)]
enum Entry {
    Top(Line),
    Bottom(Line),
    Left(Line),
    Right(Line),
    Pixel(usize, usize),
}

struct Flood<'a> {
    map: &'a LabelMap,
    rules: Rules,
    states: Vec<State>,
    queue: Vec<usize>,
    pixels: u64,
    /// Seeds in the rows of the tile being spread; blank in between.
    pending: Box<[Line; SIDE]>,
}

impl Flood<'_> {
    fn enter(&mut self, index: usize, entry: Entry) {
        let state = &mut self.states[index];
        match (self.map.tile(index), &*state) {
            (Tile::Uniform(value), State::Untouched) if self.rules.wanted.holds(*value) => {
                *state = State::Whole;
                self.queue.push(index);
                return;
            }
            (Tile::Uniform(_), _) => return,
            (Tile::Pixels(pixels), State::Untouched) => {
                let rect = self.map.tile_rect(index);
                let members = members(&pixels[..], rect.width() as usize, rect.height() as usize, self.rules.wanted);
                let part = Part { members, reached: TileBits::new(), entries: Edges::NONE, pixel: None, is_queued: false };
                *state = State::Part(Box::new(part));
            }
            (Tile::Pixels(_), _) => {}
        }
        let State::Part(part) = state else { return };
        match entry {
            Entry::Top(line) => part.entries.top = or(part.entries.top, line),
            Entry::Bottom(line) => part.entries.bottom = or(part.entries.bottom, line),
            Entry::Left(line) => part.entries.left = or(part.entries.left, line),
            Entry::Right(line) => part.entries.right = or(part.entries.right, line),
            Entry::Pixel(x, y) => part.pixel = Some((x, y)),
        }
        if !part.is_queued {
            part.is_queued = true;
            self.queue.push(index);
        }
    }

    /// Reaches what it can inside one tile and enters its neighbours. None: give up.
    fn spread_in(&mut self, index: usize) -> Option<()> {
        let rect = self.map.tile_rect(index);
        let (width, height) = (rect.width() as usize, rect.height() as usize);
        let edges = match &mut self.states[index] {
            State::Untouched => return Some(()),
            State::Whole => {
                self.pixels += rect.area();
                let (row, column) = (first_ones(width), first_ones(height));
                Edges { top: row, bottom: row, left: column, right: column }
            }
            State::Part(part) => {
                let limit = self.rules.max_pixels.saturating_sub(self.pixels);
                let (edges, pixels) = part.spread(width, height, self.rules.across_corners, limit, &mut self.pending);
                self.pixels += pixels;
                edges
            }
        };
        if self.pixels > self.rules.max_pixels {
            return None;
        }
        self.enter_neighbours(index, width, edges)
    }

    fn enter_neighbours(&mut self, index: usize, width: usize, edges: Edges) -> Option<()> {
        let columns = self.map.tile_columns() as usize;
        let (column, row) = (index % columns, index / columns);
        let has = Neighbours {
            left: column > 0,
            right: column + 1 < columns,
            up: row > 0,
            down: index + columns < self.map.tile_count(),
        };
        let reaches_border = (!has.up && edges.top != NONE)
            || (!has.down && edges.bottom != NONE)
            || (!has.left && edges.left != NONE)
            || (!has.right && edges.right != NONE);
        if reaches_border && self.rules.stays_off_border {
            return None;
        }
        let across_corners = self.rules.across_corners;
        let around = |line: Line| if across_corners { widened(line) } else { line };
        if has.up && edges.top != NONE {
            self.enter(index - columns, Entry::Bottom(around(edges.top)));
        }
        if has.down && edges.bottom != NONE {
            self.enter(index + columns, Entry::Top(around(edges.bottom)));
        }
        if has.left && edges.left != NONE {
            self.enter(index - 1, Entry::Right(around(edges.left)));
        }
        if has.right && edges.right != NONE {
            self.enter(index + 1, Entry::Left(around(edges.right)));
        }
        if across_corners {
            let (first, last) = (one(0), one(SIDE - 1));
            if has.up && has.left && has_bit(&edges.top, 0) {
                self.enter(index - columns - 1, Entry::Bottom(last));
            }
            if has.up && has.right && has_bit(&edges.top, width - 1) {
                self.enter(index - columns + 1, Entry::Bottom(first));
            }
            if has.down && has.left && has_bit(&edges.bottom, 0) {
                self.enter(index + columns - 1, Entry::Top(last));
            }
            if has.down && has.right && has_bit(&edges.bottom, width - 1) {
                self.enter(index + columns + 1, Entry::Top(first));
            }
        }
        Some(())
    }
}

struct Neighbours {
    left: bool,
    right: bool,
    up: bool,
    down: bool,
}

impl Part {
    /// Reaches all members that hang together with the entries; the outermost ones of those and how many they are. Ends early above
    /// `limit` pixels. `pending` is blank before and after.
    fn spread(
        &mut self,
        width: usize,
        height: usize,
        across_corners: bool,
        limit: u64,
        pending: &mut [Line; SIDE],
    ) -> (Edges, u64) {
        self.is_queued = false;
        let entries = std::mem::replace(&mut self.entries, Edges::NONE);
        let mut rows: Vec<usize> = Vec::new();
        pending[0] = entries.top;
        pending[height - 1] = or(pending[height - 1], entries.bottom);
        for (y, seeds) in pending.iter_mut().enumerate().take(height) {
            if has_bit(&entries.left, y) {
                seeds[0] |= 1;
            }
            if has_bit(&entries.right, y) {
                *seeds = or(*seeds, one(width - 1));
            }
        }
        if let Some((x, y)) = self.pixel.take() {
            pending[y] = or(pending[y], one(x));
        }
        rows.extend((0..height).filter(|&y| pending[y] != NONE));
        let (mut edges, mut pixels) = (Edges::NONE, 0);
        while let Some(y) = rows.pop() {
            let seeds = without(and(std::mem::replace(&mut pending[y], NONE), self.members.0[y]), self.reached.0[y]);
            // What was reached before ended at runs' ends, so a run is reached as a whole or not at all.
            if seeds == NONE || pixels > limit {
                continue;
            }
            let new = runs_through(seeds, self.members.0[y]);
            self.reached.0[y] = or(self.reached.0[y], new);
            pixels += new.iter().map(|w| u64::from(w.count_ones())).sum::<u64>();
            if has_bit(&new, 0) {
                edges.left = or(edges.left, one(y));
            }
            if has_bit(&new, width - 1) {
                edges.right = or(edges.right, one(y));
            }
            if y == 0 {
                edges.top = or(edges.top, new);
            }
            if y + 1 == height {
                edges.bottom = or(edges.bottom, new);
            }
            let touched = if across_corners { widened(new) } else { new };
            for next in [y.checked_sub(1), Some(y + 1).filter(|&n| n < height)].into_iter().flatten() {
                let seeds = without(and(touched, self.members.0[next]), self.reached.0[next]);
                if seeds != NONE {
                    if pending[next] == NONE {
                        rows.push(next);
                    }
                    pending[next] = or(pending[next], seeds);
                }
            }
        }
        (edges, pixels)
    }
}

/// The wanted pixels of a mixed tile, of which the first `width` columns and `height` rows lie on the map.
fn members(pixels: &[u8], width: usize, height: usize, wanted: Wanted) -> TileBits {
    let (value, flip) = match wanted {
        Wanted::Is(value) => (value, 0),
        Wanted::IsNot(value) => (value, u64::MAX),
    };
    let on_map = first_ones(width);
    let mut bits = TileBits::new();
    for (line, row) in bits.0.iter_mut().zip(pixels.chunks_exact(SIDE)).take(height) {
        for (word, block) in line.iter_mut().zip(row.as_chunks::<64>().0) {
            *word = equal_bytes(block, value) ^ flip;
        }
        *line = and(*line, on_map);
    }
    bits
}

/// One bit for each byte that is `value`.
fn equal_bytes(block: &[u8; 64], value: u8) -> u64 {
    const LOW: u64 = 0x7F7F_7F7F_7F7F_7F7F;
    let pattern = u64::from_ne_bytes([value; 8]);
    let mut bits = 0;
    for (i, eight) in block.as_chunks::<8>().0.iter().enumerate() {
        let different = u64::from_le_bytes(*eight) ^ pattern;
        // The highest bit of each byte that is 0 …
        let equal = !(((different & LOW) + LOW) | different | LOW);
        // … gathered into one byte: the product puts bit 8 i at 56 + i, and no two of its terms meet.
        bits |= ((equal >> 7).wrapping_mul(0x0102_0408_1020_4080) >> 56) << (8 * i);
    }
    bits
}

/// The whole runs of `members` that contain a seed. Seeds are members.
fn runs_through(seeds: Line, members: Line) -> Line {
    or(carried(seeds, members), reversed(carried(reversed(seeds), reversed(members))))
}

/// The seeds and all members from them to the end of their runs, towards higher bits: the carry of the sum walks along the run.
fn carried(seeds: Line, members: Line) -> Line {
    let (mut out, mut carry) = (NONE, false);
    for i in 0..WORDS {
        let (sum, over) = members[i].overflowing_add(seeds[i]);
        let (sum, over_too) = sum.overflowing_add(u64::from(carry));
        carry = over || over_too;
        out[i] = ((sum ^ members[i]) | seeds[i]) & members[i];
    }
    out
}

fn reversed(line: Line) -> Line {
    let mut out = line.map(u64::reverse_bits);
    out.reverse();
    out
}

/// The line and its neighbours to both sides.
fn widened(line: Line) -> Line {
    let mut out = line;
    for i in 0..WORDS {
        out[i] |= line[i] << 1 | line[i] >> 1;
        if i > 0 {
            out[i] |= line[i - 1] >> 63;
        }
        if i + 1 < WORDS {
            out[i] |= line[i + 1] << 63;
        }
    }
    out
}

fn or(a: Line, b: Line) -> Line {
    std::array::from_fn(|i| a[i] | b[i])
}

fn and(a: Line, b: Line) -> Line {
    std::array::from_fn(|i| a[i] & b[i])
}

fn without(a: Line, b: Line) -> Line {
    std::array::from_fn(|i| a[i] & !b[i])
}

fn one(bit: usize) -> Line {
    let mut line = NONE;
    line[bit / 64] = 1 << (bit % 64);
    line
}

/// The lowest `n` bits.
fn first_ones(n: usize) -> Line {
    std::array::from_fn(|i| match n.saturating_sub(64 * i) {
        bits @ 0..64 => (1 << bits) - 1,
        _ => u64::MAX,
    })
}

const fn has_bit(line: &Line, bit: usize) -> bool {
    line[bit / 64] & (1 << (bit % 64)) != 0
}

/// The first set bit at `from` or above.
fn next_one(line: &Line, from: usize) -> Option<usize> {
    let mut word = from / 64;
    let mut bits = *line.get(word)? & (u64::MAX << (from % 64));
    while bits == 0 {
        word += 1;
        bits = *line.get(word)?;
    }
    Some(word * 64 + bits.trailing_zeros() as usize)
}
