//! Where on the part regions are rejected: a density over the nominal image.

use crate::judge::{Disposition, Verdict, judge_row};
use crate::measure::Region;
use crate::raster::Plane;
use crate::workflow::Evaluation;

/// Which regions are mapped.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MapOf {
    /// That are NG by themselves on parts that are OK in truth.
    #[default]
    Overkill,
    /// That are accepted on parts that are NG in truth and were accepted.
    Escapes,
    /// All of them.
    All,
}

impl MapOf {
    pub const ALL: [Self; 3] = [Self::Overkill, Self::Escapes, Self::All];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Overkill => "Overkill",
            Self::Escapes => "Escapes",
            Self::All => "All regions",
        }
    }
}

/// Regions per place, spread over what a region covers and smoothed.
#[derive(Clone, Debug)]
pub struct PartMap {
    /// Density on a grid over the image; the densest place is 1.
    pub density: Plane<f32>,
    /// Regions on the map.
    pub regions: usize,
    /// Parts that they lie on.
    pub parts: usize,
}

/// Longest side of the grid.
const GRID: u32 = 128;

impl PartMap {
    /// `size` is that of the nominal image in px; `region` gives a region by image and index in it. Images lie on the nominal image as they
    /// are.
    #[must_use]
    pub fn of<'r>(
        evaluation: &Evaluation,
        of: MapOf,
        size: (u32, u32),
        region: impl Fn(usize, usize) -> Option<&'r Region>,
    ) -> Self {
        let longest = size.0.max(size.1).max(1);
        let cells = |side: u32| (u64::from(side) * u64::from(GRID)).div_ceil(u64::from(longest)).max(1) as u32;
        let (w, h) = (cells(size.0), cells(size.1));
        let scale = f64::from(GRID) / f64::from(longest);
        let mut density = Plane::filled(w, h, 0.0_f32);
        let (mut regions, mut parts) = (0, 0);
        let table = evaluation.table();
        for part in 0..table.parts() {
            let truth = evaluation.truth()[part];
            let verdict = evaluation.verdicts()[part];
            let is_wanted = match of {
                MapOf::Overkill => truth == Disposition::Ok && verdict == Verdict::Ng,
                MapOf::Escapes => truth == Disposition::Ng && verdict == Verdict::Ok,
                MapOf::All => true,
            };
            if !is_wanted {
                continue;
            }
            let before = regions;
            let mut last = None;
            for row in table.rows_of_part(part) {
                let key = (table.image()[row] as usize, table.region()[row] as usize);
                let counts = of != MapOf::Overkill || judge_row(table, row, evaluation.board().rules()) == Verdict::Ng;
                // A region that touches several zones has several rows and one place.
                if !counts || last == Some(key) {
                    continue;
                }
                last = Some(key);
                if let Some(region) = region(key.0, key.1) {
                    splat(&mut density, region, scale);
                    regions += 1;
                }
            }
            parts += usize::from(regions > before);
        }
        let highest = density.as_slice().iter().copied().fold(0.0, f32::max);
        if highest > 0.0 {
            for y in 0..h {
                density.row_mut(y).iter_mut().for_each(|v| *v /= highest);
            }
        }
        Self { density, regions, parts }
    }
}

/// Adds a bell of mass 1 over a region: as wide as the region, and at least as wide as a place that the eye finds.
fn splat(density: &mut Plane<f32>, region: &Region, scale: f64) {
    let sigma = |side: u32| (f64::from(side) * scale / 3.0).max(2.0);
    let (sx, sy) = (sigma(region.bounds.width()), sigma(region.bounds.height()));
    let (cx, cy) = (region.centroid.x * scale, region.centroid.y * scale);
    let span =
        |c: f64, s: f64, n: u32| ((c - 3.0 * s).floor().max(0.0) as u32)..((c + 3.0 * s).ceil().clamp(0.0, f64::from(n)) as u32);
    let mass = 1.0 / (2.0 * std::f64::consts::PI * sx * sy);
    for y in span(cy, sy, density.height()) {
        for x in span(cx, sx, density.width()) {
            let (dx, dy) = ((f64::from(x) + 0.5 - cx) / sx, (f64::from(y) + 0.5 - cy) / sy);
            density.row_mut(y)[x as usize] += (mass * (-0.5 * (dx * dx + dy * dy)).exp()) as f32;
        }
    }
}
