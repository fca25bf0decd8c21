//! The shape of one region: extents, perimeter, moments and holes, from its runs alone.

use std::f64::consts::PI;

use super::feature::Feature;
use crate::raster::components::Components;
use crate::raster::geometry::{PixelRect, Point};
use crate::raster::pairs::{Crofton, PairCounts};
use crate::raster::runs::Run;
use crate::raster::{BitRaster, hull};

/// Sums over the pixels of a region from which its place and its second moments follow.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moments {
    pub pixels: u64,
    pub bounds: PixelRect,
    /// The first pixel from top left, to which the sums are relative: near a region they stay small, and whole numbers stay exact.
    origin: (u32, u32),
    /// Twice the coordinates of the pixel centres from that of the first pixel, so that all are whole numbers: Σx, Σy, Σx², Σy², Σxy.
    sums: [f64; 5],
}

impl Moments {
    /// One pass over the runs of a region, from top to bottom and left to right, not empty.
    pub fn of(runs: &[Run]) -> Self {
        let origin = (runs[0].x0, runs[0].y);
        let (mut x0, mut x1, mut pixels) = (u32::MAX, 0, 0_u64);
        let mut sums = [0.0_f64; 5];
        for r in runs {
            let length = r.len();
            pixels += u64::from(length);
            (x0, x1) = (x0.min(r.x0), x1.max(r.x1));
            let n = f64::from(length);
            // The middle of the run, and the spread of its pixels about it: Σ (2k)² = n (n² − 1) / 3.
            let x = (i64::from(r.x0) + i64::from(r.x1) - 2 * i64::from(origin.0) - 1) as f64;
            let y = f64::from(2 * (r.y - origin.1));
            sums[0] += n * x;
            sums[1] += n * y;
            sums[2] += n * x * x + n * (n * n - 1.0) / 3.0;
            sums[3] += n * y * y;
            sums[4] += n * x * y;
        }
        Self { pixels, bounds: PixelRect::new(x0, origin.1, x1, runs[runs.len() - 1].y + 1), origin, sums }
    }

    /// Mean of the pixel centres, px.
    pub fn centroid(&self) -> Point {
        let n = 2.0 * self.pixels as f64;
        Point::new(f64::from(self.origin.0) + 0.5 + self.sums[0] / n, f64::from(self.origin.1) + 0.5 + self.sums[1] / n)
    }

    /// μxx, μyy and μxy of the pixel squares in the unit of the scale: each pixel adds the s²/12 of a square to the spread of the centres.
    fn second(&self, (sx, sy): (f64, f64)) -> (f64, f64, f64) {
        let n = self.pixels as f64;
        let [x, y, xx, yy, xy] = self.sums;
        // n Σab − Σa Σb is a whole number; for small regions it is exact.
        let part = |ab: f64, a: f64, b: f64| (n * ab - a * b) / (4.0 * n * n);
        ((part(xx, x, x) + 1.0 / 12.0) * sx * sx, (part(yy, y, y) + 1.0 / 12.0) * sy * sy, part(xy, x, y) * sx * sy)
    }
}

/// What depends on the form of a region and not on its place, on scaled coordinates.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shape {
    pub length: f64,
    pub width: f64,
    pub feret_max: f64,
    pub feret_min: f64,
    pub perimeter: f64,
    hull_area: f64,
    linearity: f64,
    orientation: f64,
    holes: u64,
    hole_pixels: u64,
}

impl Shape {
    /// Measures a shape on pixels of `scale` = (width, height); `crofton` is for the same scale. `is_one` when nobody has put several pieces
    /// together in this region.
    pub fn of(runs: &[Run], moments: &Moments, is_one: bool, crofton: &Crofton, scale: (f64, f64)) -> Self {
        let (sx, sy) = scale;
        let bounds = moments.bounds;
        let bits = BitRaster::is_better_than_runs(runs, bounds).then(|| BitRaster::of_runs(runs, bounds));
        let pairs = match &bits {
            Some(bits) => PairCounts::of_bits(bits, moments.pixels),
            None => PairCounts::by_runs(runs, moments.pixels),
        };
        let mut shape = Self { perimeter: crofton.perimeter(&pairs), ..Self::UNKNOWN };
        if moments.pixels == bounds.area() {
            // The region fills its bounding box, so that box is its hull.
            let (a, b) = (f64::from(bounds.width()) * sx, f64::from(bounds.height()) * sy);
            (shape.length, shape.width) = (a.max(b), a.min(b));
            (shape.feret_max, shape.feret_min, shape.hull_area) = (a.hypot(b), shape.width, a * b);
        } else if let Some(e) = hull::extents(&hull::of_runs(runs, scale)) {
            (shape.length, shape.width) = (e.rect.length, e.rect.width);
            (shape.feret_max, shape.feret_min, shape.hull_area) = (e.feret_max, e.feret_min, e.area);
        }
        (shape.holes, shape.hole_pixels) = holes(runs, moments, &pairs, bits, is_one);
        (shape.linearity, shape.orientation) = axes(moments.second(scale));
        shape
    }

    const UNKNOWN: Self = Self {
        length: f64::NAN,
        width: f64::NAN,
        feret_max: f64::NAN,
        feret_min: f64::NAN,
        perimeter: f64::NAN,
        hull_area: f64::NAN,
        linearity: f64::NAN,
        orientation: f64::NAN,
        holes: 0,
        hole_pixels: 0,
    };

    /// Ratios, angles and numbers: measured without a calibration too, on square pixels then. `area` is in the unit of the scale.
    pub fn set_ratios(&self, area: f64, set: &mut impl FnMut(Feature, f64)) {
        set(Feature::Aspect, self.length / self.width);
        set(Feature::Linearity, self.linearity);
        set(Feature::Orientation, self.orientation);
        set(Feature::Circularity, (4.0 * PI * area / (self.perimeter * self.perimeter)).min(1.0));
        set(Feature::Roundness, 4.0 * area / (PI * self.feret_max * self.feret_max));
        set(Feature::Solidity, area / self.hull_area);
        set(Feature::Rectangularity, area / (self.length * self.width));
        set(Feature::Holes, self.holes as f64);
    }

    /// Lengths and areas, in mm and mm².
    pub fn set_sizes(&self, pixel_area: f64, set: &mut impl FnMut(Feature, f64)) {
        set(Feature::Length, self.length);
        set(Feature::Width, self.width);
        set(Feature::Perimeter, self.perimeter);
        set(Feature::FeretMax, self.feret_max);
        set(Feature::FeretMin, self.feret_min);
        set(Feature::HoleArea, self.hole_pixels as f64 * pixel_area);
    }
}

/// Linearity 1 − √(λ₂/λ₁) (Demantké et al. 2011, a1D) and the direction of the longer axis in degrees, NaN for a round region.
fn axes((xx, yy, xy): (f64, f64, f64)) -> (f64, f64) {
    let (middle, half) = (f64::midpoint(xx, yy), ((xx - yy) / 2.0).hypot(xy));
    let large = middle + half;
    // Of the two ways to the smaller eigenvalue the one that does not subtract nearly equal numbers.
    let small = ((xx * yy - xy * xy) / large).clamp(0.0, large);
    let linearity = 1.0 - (small / large).sqrt();
    if 2.0 * half < 1e-9 * large {
        return (linearity, f64::NAN);
    }
    let angle = (0.5 * (2.0 * xy).atan2(xx - yy)).to_degrees().rem_euclid(180.0);
    (linearity, if angle < 180.0 { angle } else { 0.0 })
}

/// Number of holes and their pixels.
fn holes(runs: &[Run], moments: &Moments, pairs: &PairCounts, bits: Option<BitRaster>, is_one: bool) -> (u64, u64) {
    if is_one {
        let holes = (1 - pairs.euler).max(0) as u64;
        if holes == 0 {
            return (0, 0);
        }
        let filled = bits.unwrap_or_else(|| BitRaster::of_runs(runs, moments.bounds)).outer_area(moments.origin);
        return (holes, filled - moments.pixels);
    }
    let pieces = Components::of_runs(runs);
    let holes = (pieces.len() as i64 - pairs.euler).max(0) as u64;
    if holes == 0 {
        return (0, 0);
    }
    // A piece may lie in a hole of another: the outer contours count that lie in no other. Pieces come in the order of their first
    // pixels, so what encloses one has come before it.
    let mut contours: Vec<Vec<(u32, u32)>> = Vec::new();
    let mut filled = 0;
    for piece in pieces.iter() {
        let own = Moments::of(piece);
        let (x, y) = own.origin;
        let is_inside = |cracks: &Vec<(u32, u32)>| {
            (cracks.partition_point(|&c| c <= (y, x)) - cracks.partition_point(|&c| c < (y, 0))) % 2 == 1
        };
        if !contours.iter().any(is_inside) {
            let bits = BitRaster::of_runs(piece, own.bounds);
            filled += bits.outer_area(own.origin);
            contours.push(bits.outer_cracks(own.origin));
        }
    }
    (holes, filled - moments.pixels)
}
