//! Numbered pieces of one area and the cut between them.

use super::islands::{Neighbours, components, islands};
use super::split::Split;
use crate::raster::{Area, PixelRect, Plane, Point, Span};

pub(super) const NOTHING: u32 = 0;
pub(super) const CUT: u32 = u32::MAX;

/// A number for each pixel of a rectangle with a margin of one pixel on every side: [`NOTHING`], [`CUT`] or that of a piece.
pub(super) struct Cells {
    bounds: PixelRect,
    stride: usize,
    pub values: Vec<u32>,
}

impl Cells {
    pub fn new(bounds: PixelRect) -> Self {
        let stride = bounds.width() as usize + 2;
        Self { bounds, stride, values: vec![NOTHING; stride * (bounds.height() as usize + 2)] }
    }

    /// The place of the first pixel of a span, which lies inside the bounds.
    fn place(&self, span: Span) -> usize {
        (span.y - self.bounds.y0 + 1) as usize * self.stride + (span.x0 - self.bounds.x0 + 1) as usize
    }

    pub fn write(&mut self, area: &Area, value: u32) {
        for span in area.spans() {
            let at = self.place(*span);
            self.values[at..at + span.len() as usize].fill(value);
        }
    }

    /// The area as a mask of the rectangle with its margin.
    pub fn mask(&self, area: &Area) -> Plane<bool> {
        let mut mask = vec![false; self.values.len()];
        for span in area.spans() {
            let at = self.place(*span);
            mask[at..at + span.len() as usize].fill(true);
        }
        Plane::from_vec(self.stride as u32, (self.values.len() / self.stride) as u32, mask)
    }

    fn around(&self, at: usize) -> [usize; 8] {
        let (up, down) = (at - self.stride, at + self.stride);
        [up - 1, up, up + 1, at - 1, at + 1, down - 1, down, down + 1]
    }

    /// The different pieces around an inner place, as `name` names them, and whether it touches the cut.
    pub fn neighbours(&self, at: usize, mut name: impl FnMut(u32) -> u32) -> (Few, bool) {
        let (mut found, mut touches_cut) = (Few::default(), false);
        for neighbour in self.around(at) {
            match self.values[neighbour] {
                NOTHING => {}
                CUT => touches_cut = true,
                number => found.insert(name(number)),
            }
        }
        (found, touches_cut)
    }

    /// The split that the cut makes, once it is as thin as can be. None when nothing comes apart.
    pub fn apart(&mut self, area: &Area) -> Option<Split> {
        let all: Vec<usize> = (0..self.values.len()).rev().filter(|&at| self.values[at] == CUT).collect();
        self.give_back(all.clone());
        // What touches no piece is one of its own: the tip of a spike, an island that a path covers completely.
        for (number, at) in (1..CUT).rev().zip(all) {
            if self.values[at] == CUT && self.neighbours(at, |n| n).0.as_slice().is_empty() {
                self.values[at] = number;
                self.give_back(self.cut_around(at));
            }
        }
        let cut = self.pixels_of_cut();
        let pieces = islands(&area.minus(&cut));
        (pieces.len() > components(area, Neighbours::Eight).len()).then_some(Split { pieces, cut })
    }

    /// What touches one piece only separates nothing and goes back to it; then its neighbours in the cut may touch one piece more.
    fn give_back(&mut self, mut open: Vec<usize>) {
        while let Some(at) = open.pop() {
            if self.values[at] != CUT {
                continue;
            }
            let (pieces, touches_cut) = self.neighbours(at, |number| number);
            if let [only] = *pieces.as_slice() {
                self.values[at] = only;
                if touches_cut {
                    open.extend(self.cut_around(at));
                }
            }
        }
    }

    fn cut_around(&self, at: usize) -> Vec<usize> {
        self.around(at).into_iter().filter(|&n| self.values[n] == CUT).collect()
    }

    fn pixels_of_cut(&self) -> Area {
        let places = self.values.iter().enumerate().filter(|(_, v)| **v == CUT);
        let spans = places.map(|(at, _)| {
            let (x, y) = (self.bounds.x0 + (at % self.stride) as u32 - 1, self.bounds.y0 + (at / self.stride) as u32 - 1);
            Span::new(y, x, x + 1)
        });
        Area::from_spans(spans.collect())
    }
}

/// Up to eight different numbers.
#[derive(Default)]
pub(super) struct Few {
    numbers: [u32; 8],
    len: usize,
}

impl Few {
    fn insert(&mut self, number: u32) {
        if !self.as_slice().contains(&number) {
            self.numbers[self.len] = number;
            self.len += 1;
        }
    }

    pub fn as_slice(&self) -> &[u32] {
        &self.numbers[..self.len]
    }
}

impl Cells {
    /// The two ends of each part of the cut that runs from the outside to the outside, as points outside, moved to where both sides come
    /// nearest to each other; with the part itself.
    ///
    /// The line where two growing blobs meet is true at its ends only: in the middle of a wide neck the distance to the border hardly
    /// changes, and the pixel grid decides.
    pub fn necks(&self) -> Vec<(Area, Point, Point)> {
        let mut necks = Vec::new();
        for part in components(&self.pixels_of_cut(), Neighbours::Eight) {
            let mut outside: Vec<Span> = Vec::new();
            for at in self.places(&part) {
                let empty = self.around(at).into_iter().filter(|&n| self.values[n] == NOTHING);
                outside.extend(empty.map(|n| self.in_margin(n)));
            }
            let ends = components(&Area::from_spans(outside), Neighbours::Eight);
            if let [one, other] = ends.as_slice() {
                let (from, to) = (middle(one), middle(other));
                let reach = (4.0 + from.distance(to) / 8.0).min(from.distance(to) / 2.0);
                if let Some((a, b)) = nearest(&self.rim(from, reach), &self.rim(to, reach)) {
                    let shift = |p: Point| Point::new(p.x + f64::from(self.bounds.x0) - 1.0, p.y + f64::from(self.bounds.y0) - 1.0);
                    necks.push((part, shift(a), shift(b)));
                }
            }
        }
        necks
    }

    fn places(&self, area: &Area) -> Vec<usize> {
        area.spans().iter().flat_map(|s| self.place(*s)..self.place(*s) + s.len() as usize).collect()
    }

    /// A place as the pixel of a raster that has the margin.
    fn in_margin(&self, at: usize) -> Span {
        let x = (at % self.stride) as u32;
        Span::new((at / self.stride) as u32, x, x + 1)
    }

    /// The centres of the pixels outside that share a side with the area, at most `reach` px from `middle`; in the raster with the margin.
    fn rim(&self, middle: Point, reach: f64) -> Vec<Point> {
        let rows = self.values.len() / self.stride;
        let range = |at: f64, size: usize| (at - reach).max(0.0) as usize..((at + reach) as usize + 1).min(size);
        let mut rim = Vec::new();
        for y in range(middle.y, rows) {
            for x in range(middle.x, self.stride) {
                let is_in = |x: usize, y: usize| x < self.stride && y < rows && self.values[y * self.stride + x] != NOTHING;
                let beside = is_in(x.wrapping_sub(1), y) || is_in(x + 1, y) || is_in(x, y.wrapping_sub(1)) || is_in(x, y + 1);
                let centre = Point::new(x as f64 + 0.5, y as f64 + 0.5);
                if beside && !is_in(x, y) && centre.distance(middle) <= reach {
                    rim.push(centre);
                }
            }
        }
        rim
    }
}

/// The middle of the pixels' centres; the area is not empty.
fn middle(area: &Area) -> Point {
    let (mut x, mut y) = (0.0, 0.0);
    for s in area.spans() {
        x += f64::from(s.len()) * f64::from(s.x0 + s.x1) / 2.0;
        y += f64::from(s.len()) * (f64::from(s.y) + 0.5);
    }
    Point::new(x / area.pixels() as f64, y / area.pixels() as f64)
}

/// Where two rims are nearest to each other: the mean over all pairs that are at most half a pixel farther than the nearest.
fn nearest(one: &[Point], other: &[Point]) -> Option<(Point, Point)> {
    let pairs = || one.iter().flat_map(|a| other.iter().map(move |b| (*a, *b, a.distance(*b))));
    let least = pairs().map(|(.., d)| d).fold(f64::INFINITY, f64::min);
    let (mut n, mut sum) = (0.0, [0.0; 4]);
    for (a, b, _) in pairs().filter(|(.., d)| *d <= least + 0.5) {
        n += 1.0;
        for (sum, value) in sum.iter_mut().zip([a.x, a.y, b.x, b.y]) {
            *sum += value;
        }
    }
    (n > 0.0).then(|| (Point::new(sum[0] / n, sum[1] / n), Point::new(sum[2] / n, sum[3] / n)))
}
