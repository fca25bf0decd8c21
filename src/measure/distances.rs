//! How far a region is from the next one, and from the border of its zone. Distances are gaps between pixel squares.

use rayon::prelude::*;

use super::calibration::Calibration;
use super::merge::OwnedRuns;
use crate::raster::components::Components;
use crate::raster::geometry::PixelRect;
use crate::raster::label_map::{LabelMap, TILE_SIDE, Tile, TileRow};
use crate::raster::runs::Run;

/// Gap in mm from each component to the nearest other one, of any class; infinite for one that is alone.
pub(super) fn to_neighbours(components: &Components, calibration: Calibration) -> Vec<f64> {
    let all = OwnedRuns::of(components, 0..components.len());
    (0..components.len()).into_par_iter().map(|i| to_neighbour(components.runs(i), i as u32, &all, calibration)).collect()
}

fn to_neighbour(runs: &[Run], own: u32, all: &OwnedRuns, calibration: Calibration) -> f64 {
    let (sx, sy) = (calibration.x_mm_per_px, calibration.y_mm_per_px);
    let rows = all.rows();
    let mut best = f64::INFINITY;
    for run in runs {
        // From the run's own row outwards, as long as a row can still hold something nearer.
        for rows_away in 0..rows.len() as u32 {
            let down = f64::from(rows_away.saturating_sub(1)) * sy;
            if down >= best {
                break;
            }
            let above = run.y.checked_sub(rows_away).filter(|y| *y >= rows.start);
            let below = Some(run.y + rows_away).filter(|y| *y < rows.end && rows_away > 0);
            for row in above.into_iter().chain(below).map(|y| all.row(y)) {
                let mut near = |gap: u32| best = best.min((f64::from(gap) * sx).hypot(down));
                let from = row.partition_point(|(r, _)| r.x0 < run.x1);
                // To the right, and to the left with what overlaps, up to the first of another region.
                if let Some((r, _)) = row[from..].iter().find(|(_, owner)| *owner != own) {
                    near(r.x0 - run.x1);
                }
                if let Some((r, _)) = row[..from].iter().rev().find(|(_, owner)| *owner != own) {
                    near(run.x0.saturating_sub(r.x1));
                }
            }
            if best == 0.0 {
                return 0.0;
            }
        }
    }
    best
}

/// Gap in mm from a region that lies in `zone` altogether to the nearest pixel of `zones` outside that zone; infinite when there is none.
/// `runs` from top to bottom and left to right, `bounds` around them.
pub(super) fn to_zone_border(runs: &[Run], bounds: PixelRect, zones: &LabelMap, zone: u8, calibration: Calibration) -> f64 {
    let gauge = Gauge { runs, bounds, scale: (calibration.x_mm_per_px, calibration.y_mm_per_px) };
    // Tiles that hold something else, the nearest first.
    let tile_rect = |i: usize| {
        let (x, y) = (i as u32 % zones.tile_columns() * TILE_SIDE, i as u32 / zones.tile_columns() * TILE_SIDE);
        PixelRect::new(x, y, (x + TILE_SIDE).min(zones.width()), (y + TILE_SIDE).min(zones.height()))
    };
    let tiles = zones.width().div_ceil(TILE_SIDE) as usize * zones.height().div_ceil(TILE_SIDE) as usize;
    let mut others: Vec<(f64, usize)> = (0..tiles)
        .filter(|&i| !matches!(zones.tile(i), Tile::Uniform(z) if *z == zone))
        .map(|i| (gauge.to_bounds(tile_rect(i)), i))
        .collect();
    others.sort_unstable_by(|a, b| a.0.total_cmp(&b.0));
    let mut best = f64::INFINITY;
    for (least, i) in others {
        if least >= best {
            break;
        }
        let rect = tile_rect(i);
        for y in rect.y0..rect.y1 {
            let row = PixelRect { y0: y, y1: y + 1, ..rect };
            if gauge.to_bounds(row) >= best {
                continue;
            }
            match zones.tile(i).row(y % TILE_SIDE) {
                TileRow::Uniform(_) => gauge.nearer(row, &mut best),
                TileRow::Pixels(values) => {
                    let mut x = rect.x0;
                    for stretch in values[..rect.width() as usize].chunk_by(|a, b| (*a == zone) == (*b == zone)) {
                        let next = x + stretch.len() as u32;
                        if stretch[0] != zone {
                            gauge.nearer(PixelRect { x0: x, x1: next, ..row }, &mut best);
                        }
                        x = next;
                    }
                }
            }
        }
    }
    best
}

struct Gauge<'a> {
    runs: &'a [Run],
    bounds: PixelRect,
    scale: (f64, f64),
}

impl Gauge<'_> {
    fn gap(&self, a: PixelRect, b: PixelRect) -> f64 {
        let dx = b.x0.saturating_sub(a.x1).max(a.x0.saturating_sub(b.x1));
        let dy = b.y0.saturating_sub(a.y1).max(a.y0.saturating_sub(b.y1));
        (f64::from(dx) * self.scale.0).hypot(f64::from(dy) * self.scale.1)
    }

    fn to_bounds(&self, rect: PixelRect) -> f64 {
        self.gap(self.bounds, rect)
    }

    /// Lowers `best` to the gap between the region and a stretch of one row.
    fn nearer(&self, row: PixelRect, best: &mut f64) {
        if self.to_bounds(row) >= *best {
            return;
        }
        let middle = self.runs.partition_point(|r| r.y < row.y0);
        let mut ask = |r: &Run| {
            let dy = r.y.abs_diff(row.y0).saturating_sub(1);
            if f64::from(dy) * self.scale.1 >= *best {
                return false;
            }
            *best = best.min(self.gap(PixelRect::new(r.x0, r.y, r.x1, r.y + 1), row));
            true
        };
        // From the row of the stretch outwards, as long as a row can still be nearer.
        let _ = self.runs[middle..].iter().all(&mut ask);
        let _ = self.runs[..middle].iter().rev().all(&mut ask);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        /// Against the gaps of all pairs of pixels.
        #[test]
        fn gaps_are_those_of_all_pairs_of_pixels(
            bits in prop::collection::vec(0_u8..60, 50 * 30), sx in 0.3..2.0_f64, sy in 0.3..2.0_f64, wave in 1.0..9.0_f64,
        ) {
            let zone_at = |x: u32, y: u32| u8::from(f64::from(x) + 12.0 * (f64::from(y) / wave).sin() > 30.0) + 3 * u8::from(bits[(y * 50 + x) as usize] == 59);
            let map = LabelMap::from_plane(&Plane::from_fn(50, 30, |x, y| match bits[(y * 50 + x) as usize] { 0 => 1, 1 => 2, _ => 0 }));
            let zones = LabelMap::from_plane(&Plane::from_fn(50, 30, zone_at));
            let c = Components::of(&map);
            let calibration = Calibration { x_mm_per_px: sx, y_mm_per_px: sy };
            let pixels: Vec<Vec<(u32, u32)>> =
                c.iter().map(|runs| runs.iter().flat_map(|r| (r.x0..r.x1).map(|x| (x, r.y))).collect()).collect();
            let gap = |a: &(u32, u32), b: &(u32, u32)| {
                let side = |p: u32, q: u32| f64::from(p.abs_diff(q).saturating_sub(1));
                (side(a.0, b.0) * sx).hypot(side(a.1, b.1) * sy)
            };
            let nearest = |a: &[(u32, u32)], b: &mut dyn Iterator<Item = (u32, u32)>| {
                b.flat_map(|q| a.iter().map(move |p| gap(p, &q))).fold(f64::INFINITY, f64::min)
            };
            for (i, found) in to_neighbours(&c, calibration).into_iter().enumerate() {
                let expected = nearest(&pixels[i], &mut (0..c.len()).filter(|k| *k != i).flat_map(|k| pixels[k].clone()));
                prop_assert!(found == expected || (found - expected).abs() < 1e-9, "{} instead of {}", found, expected);
            }
            for (i, runs) in c.iter().enumerate() {
                let zone = zones.get(pixels[i][0].0, pixels[i][0].1);
                if pixels[i].iter().any(|p| zones.get(p.0, p.1) != zone) {
                    continue;
                }
                let (x0, x1) = runs.iter().fold((u32::MAX, 0), |(a, b), r| (a.min(r.x0), b.max(r.x1)));
                let bounds = PixelRect::new(x0, runs[0].y, x1, runs[runs.len() - 1].y + 1);
                let found = to_zone_border(runs, bounds, &zones, zone, calibration);
                let others = (0..30).flat_map(|y| (0..50).map(move |x| (x, y))).filter(|p: &(u32, u32)| zones.get(p.0, p.1) != zone);
                let expected = nearest(&pixels[i], &mut others.collect::<Vec<_>>().into_iter());
                prop_assert!(found == expected || (found - expected).abs() < 1e-9, "{} instead of {}", found, expected);
            }
        }
    }

    #[test]
    fn a_region_alone_has_no_neighbour_and_a_zone_everywhere_no_border() {
        let map = LabelMap::from_plane(&Plane::from_fn(700, 300, |x, y| u8::from(x == 9 && y == 9)));
        let c = Components::of(&map);
        let px = Calibration::square(1.0);
        assert_eq!(to_neighbours(&c, px), [f64::INFINITY]);
        let mut zones = LabelMap::from_plane(&Plane::filled(700, 300, 4));
        let border = |zones: &LabelMap| to_zone_border(c.runs(0), PixelRect::new(9, 9, 10, 10), zones, 4, px);
        assert_eq!(border(&zones), f64::INFINITY);
        // Two tiles further right and one further down: 590 columns and 250 rows between the squares.
        zones.fill_span(260, 600, 601, 5);
        assert_eq!(border(&zones), 590_f64.hypot(250.0));
    }
}
