//! The regions of one label map, laid out so that a region finds its neighbours.

use crate::check::finding::bounds_of;
use crate::raster::components::Components;
use crate::raster::geometry::PixelRect;
use crate::raster::label_map::LabelMap;
use crate::raster::runs::Run;

/// One region with what every check asks first.
#[derive(Clone, Copy, Debug)]
pub(super) struct Piece<'a> {
    /// Number in the components.
    pub index: usize,
    pub class: u8,
    /// Sorted by row and column.
    pub runs: &'a [Run],
    pub pixels: u64,
    pub bounds: PixelRect,
}

impl<'a> Piece<'a> {
    pub fn of(components: &'a Components, index: usize) -> Self {
        let runs = components.runs(index);
        let pixels = runs.iter().map(|r| u64::from(r.len())).sum();
        Self { index, class: components.value(index), runs, pixels, bounds: bounds_of(runs) }
    }

    /// Number and class, as a finding wants them.
    pub const fn name(&self) -> (usize, u8) {
        (self.index, self.class)
    }

    pub fn contains(&self, x: u32, y: u32) -> bool {
        let next = self.runs.partition_point(|r| (r.y, r.x0) <= (y, x));
        next > 0 && self.runs[next - 1].y == y && x < self.runs[next - 1].x1
    }

    /// Unit edges between the region and what is none of it: its perimeter along the pixel corners, px.
    pub fn cracks(&self) -> u64 {
        let sides = 2 * self.runs.len() as u64;
        let mut shared = 0;
        let mut above = 0;
        for run in self.runs {
            while above < self.runs.len()
                && (self.runs[above].y + 1 < run.y || (self.runs[above].y + 1 == run.y && self.runs[above].x1 <= run.x0))
            {
                above += 1;
            }
            let mut k = above;
            while k < self.runs.len() && self.runs[k].y + 1 == run.y && self.runs[k].x0 < run.x1 {
                shared += u64::from(self.runs[k].x1.min(run.x1) - self.runs[k].x0.max(run.x0));
                k += 1;
            }
        }
        sides + 2 * (self.pixels - shared)
    }
}

impl Piece<'_> {
    /// Mean thickness as of a long line, px: half of the true one for a disk.
    pub fn thickness(&self) -> f64 {
        2.0 * self.pixels as f64 / (self.cracks() as f64).max(1.0)
    }

    /// Thinner than three pixels: neither side of it has a step of its own in the photo, and a gap of a few pixels breaks it.
    pub fn is_line(&self) -> bool {
        self.thickness() < 3.0
    }

    /// The border of an image of this size cuts it off.
    pub const fn is_clipped(&self, width: u32, height: u32) -> bool {
        let b = self.bounds;
        b.x0 == 0 || b.y0 == 0 || b.x1 == width || b.y1 == height
    }
}

/// All regions of a label map.
pub(super) struct Field<'a> {
    pub map: &'a LabelMap,
    pub pieces: Vec<Piece<'a>>,
    /// Runs with the number of their region, row by row from left to right.
    runs: Vec<(Run, u32)>,
    /// `runs[starts[y]..starts[y + 1]]` lie in row `y`.
    starts: Vec<u32>,
}

impl<'a> Field<'a> {
    pub fn new(map: &'a LabelMap, components: &'a Components) -> Self {
        let pieces: Vec<Piece<'a>> = (0..components.len()).map(|i| Piece::of(components, i)).collect();
        // Counted by row first, so that only the few runs within a row are sorted.
        let mut starts = vec![0_u32; map.height() as usize + 1];
        let is_in = |r: &&Run| r.y < map.height();
        for run in pieces.iter().flat_map(|p| p.runs).filter(is_in) {
            starts[run.y as usize + 1] += 1;
        }
        for y in 1..starts.len() {
            starts[y] += starts[y - 1];
        }
        let mut next = starts.clone();
        let mut runs = vec![(Run { y: 0, x0: 0, x1: 0, value: 0 }, 0); starts.last().map_or(0, |&n| n as usize)];
        for piece in &pieces {
            for run in piece.runs.iter().filter(is_in) {
                let place = &mut next[run.y as usize];
                runs[*place as usize] = (*run, piece.index as u32);
                *place += 1;
            }
        }
        for y in 0..map.height() as usize {
            let row = &mut runs[starts[y] as usize..starts[y + 1] as usize];
            if !row.is_sorted_by_key(|(r, _)| r.x0) {
                row.sort_unstable_by_key(|(r, _)| r.x0);
            }
        }
        Self { map, pieces, runs, starts }
    }

    /// Every run, row by row from left to right.
    pub fn runs(&self) -> &[(Run, u32)] {
        &self.runs
    }

    /// The runs of row `y` from left to right; none outside the map.
    pub fn row(&self, y: u32) -> &[(Run, u32)] {
        if y >= self.map.height() {
            return &[];
        }
        &self.runs[self.starts[y as usize] as usize..self.starts[y as usize + 1] as usize]
    }

    /// The region that pixel (x, y) belongs to.
    pub fn owner(&self, x: u32, y: u32) -> Option<usize> {
        let row = self.row(y);
        let next = row.partition_point(|(r, _)| r.x0 <= x);
        let (run, owner) = row.get(next.checked_sub(1)?)?;
        (x < run.x1).then_some(*owner as usize)
    }
}
