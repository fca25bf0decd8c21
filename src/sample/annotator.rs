//! The annotator: paints the truth, but is careless with a few regions, so that a boundary check has something to find.
//!
//! In the shipped batch (seed 7, 40 parts) these are five: a loose scratch on the serials ending in 0025 and 0028, a shifted scratch on 0002,
//! a shifted pit on 0021 and 0037. [`super::SamplePart::careless`] names them.

use std::collections::BTreeSet;

use crate::raster::{LabelMap, Plane};

use super::plan::Placed;
use super::random::Random;
use super::{HEIGHT, WIDTH, class};

/// Chance that a region with a sharp edge is painted carelessly.
const CARELESS_SHARE: f32 = 0.10;
/// How far a loose label reaches over the edge, in pixels.
pub const LOOSE_PX: u32 = 2;

/// What the annotator did wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Carelessness {
    /// Grown by a disc of [`LOOSE_PX`] pixels.
    Loose,
    /// Moved as a whole by so many pixels.
    Shifted { dx: i32, dy: i32 },
}

/// A region whose label differs from the truth on purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CarelessRegion {
    /// Index into the defects of the part.
    pub defect: usize,
    pub what: Carelessness,
}

/// Paints all defects in order; later ones win.
pub(super) fn truth(placed: &[Placed]) -> LabelMap {
    paint(placed, &[])
}

/// Draws which regions are painted carelessly, and paints the label. Stains have no sharp edge to miss, so they stay true.
pub(super) fn label(random: &mut Random, placed: &[Placed]) -> (LabelMap, Vec<CarelessRegion>) {
    let mut careless = Vec::new();
    for (defect, one) in placed.iter().enumerate() {
        // Every draw is made, so that one region's fate does not change the next one's.
        let (is_careless, is_loose) = (random.chance(CARELESS_SHARE), random.chance(0.65));
        let (side_x, side_y) = (random.chance(0.5), random.chance(0.5));
        if is_careless && one.defect.class() != class::STAIN {
            let signed = |v: i32, positive: bool| if positive { v } else { -v };
            let what =
                if is_loose { Carelessness::Loose } else { Carelessness::Shifted { dx: signed(3, side_x), dy: signed(2, side_y) } };
            careless.push(CarelessRegion { defect, what });
        }
    }
    (paint(placed, &careless), careless)
}

fn paint(placed: &[Placed], careless: &[CarelessRegion]) -> LabelMap {
    let mut plane = Plane::filled(WIDTH, HEIGHT, 0_u8);
    for (i, one) in placed.iter().enumerate() {
        let what = careless.iter().find(|c| c.defect == i).map(|c| c.what);
        for (x, y) in pixels(one, what) {
            plane.set(x, y, one.defect.class());
        }
    }
    LabelMap::from_plane(&plane)
}

/// The pixels that are painted for one defect.
fn pixels(one: &Placed, what: Option<Carelessness>) -> BTreeSet<(u32, u32)> {
    let offsets: Vec<(i32, i32)> = match what {
        None => vec![(0, 0)],
        Some(Carelessness::Shifted { dx, dy }) => vec![(dx, dy)],
        Some(Carelessness::Loose) => {
            let r = LOOSE_PX.cast_signed();
            (-r..=r).flat_map(|dy| (-r..=r).map(move |dx| (dx, dy))).filter(|(dx, dy)| dx * dx + dy * dy <= r * r).collect()
        }
    };
    let inside = |v: u32, d: i32, limit: u32| v.checked_add_signed(d).filter(|&v| v < limit);
    one.footprint
        .pixels()
        .flat_map(|(x, y)| offsets.iter().map(move |&(dx, dy)| (x, y, dx, dy)))
        .filter_map(|(x, y, dx, dy)| Some((inside(x, dx, WIDTH)?, inside(y, dy, HEIGHT)?)))
        .collect()
}
