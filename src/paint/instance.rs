//! Regions that were split, merged or numbered beside the map: the one under the pointer, and its fragments.

use super::fill::region_at;
use crate::raster::distance::squared_distances;
use crate::raster::{Area, Grouping, LabelMap};

/// As [`region_at`], for a map with a grouping: only the piece between cuts, with all fragments that have its number. None as there, and
/// when some fragment hangs together with more than `max_pixels` pixels.
#[must_use]
pub fn instance_at(map: &LabelMap, grouping: &Grouping, x: u32, y: u32, max_pixels: Option<u64>) -> Option<Area> {
    let mut area = piece_at(map, grouping, x, y, max_pixels)?;
    let Some(number) = grouping.number_in(|x, y| area.contains(x, y)) else { return Some(area) };
    for (u, v) in grouping.pixels_of(number) {
        if map.get(u, v) != map.get(x, y) || area.contains(u, v) {
            continue;
        }
        let piece = piece_at(map, grouping, u, v, max_pixels)?;
        // A lower number may have taken that piece.
        if grouping.number_in(|x, y| piece.contains(x, y)) == Some(number) {
            area = area.union(&piece);
        }
    }
    Some(area)
}

/// As [`region_at`], but no farther than to the cuts: one fragment of what [`instance_at`] gives.
#[must_use]
pub fn piece_at(map: &LabelMap, grouping: &Grouping, x: u32, y: u32, max_pixels: Option<u64>) -> Option<Area> {
    let area = region_at(map, x, y, max_pixels)?;
    if grouping.cuts.is_empty() {
        return Some(area);
    }
    let pieces = grouping.pieces(&area.runs(map.get(x, y)));
    pieces.at(x, y).map(|index| Area::of_runs(pieces.runs(index)))
}

/// The pixel farthest from the border of an area, of several the one nearest to the middle of its pixels: it stays in the area longest
/// while the border is edited. The first pixel
/// of an area that is larger than distances can be measured; none of an empty one.
#[must_use]
pub fn innermost(area: &Area) -> Option<(u32, u32)> {
    let (first, bounds) = (area.spans().first()?, area.bounds());
    if bounds.width().max(bounds.height()) > 32_000 {
        return Some((first.x0, first.y));
    }
    let mut mask = crate::raster::Plane::filled(bounds.width() + 2, bounds.height() + 2, false);
    for s in area.spans() {
        let from = (s.x0 - bounds.x0 + 1) as usize;
        mask.row_mut(s.y - bounds.y0 + 1)[from..from + s.len() as usize].fill(true);
    }
    let distances = squared_distances(&mask);
    let n = area.pixels() as f64;
    let (sum_x, sum_y) = area.spans().iter().fold((0.0, 0.0), |(sum_x, sum_y), s| {
        let n = f64::from(s.len());
        (sum_x + n * f64::midpoint(f64::from(s.x0), f64::from(s.x1 - 1)), sum_y + n * f64::from(s.y))
    });
    let from_middle = |x: u32, y: u32| (f64::from(x) - sum_x / n).powi(2) + (f64::from(y) - sum_y / n).powi(2);
    let mut best = (0, f64::INFINITY, (first.x0, first.y));
    for s in area.spans() {
        for x in s.x0..s.x1 {
            let (depth, off) = (distances.at(x - bounds.x0 + 1, s.y - bounds.y0 + 1), from_middle(x, s.y));
            if depth > best.0 || (depth == best.0 && off < best.1) {
                best = (depth, off, (x, s.y));
            }
        }
    }
    Some(best.2)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::{Instance, Plane, runs};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(400))]
        #[test]
        fn what_lies_under_the_pointer_is_a_region_of_the_whole_map(
            values in prop::collection::vec(prop::sample::select(vec![0_u8, 1, 1, 1, 2, 255]), 12 * 9),
            cuts in prop::collection::vec((0_u32..12, 0_u32..9, 0_u32..12, 0_u32..9), 0..4),
            instances in prop::collection::vec((1_u32..4, prop::collection::vec((0_u32..13, 0_u32..9), 1..4)), 0..4),
        ) {
            let map = LabelMap::from_plane(&Plane::from_vec(12, 9, values));
            let cuts = cuts.into_iter().map(|(a, b, c, d)| vec![(a, b), (c, b), (c, d)]).collect();
            let instances = instances.into_iter().map(|(number, at)| Instance { number, at }).collect();
            let grouping = Grouping { cuts, instances };
            let grouped = grouping.group(&runs::runs(&map)).components;
            for y in 0..9 {
                for x in 0..12 {
                    let region = grouped.at(x, y).map(|i| Area::of_runs(grouped.runs(i)));
                    prop_assert_eq!(instance_at(&map, &grouping, x, y, None), region);
                }
            }
        }

        #[test]
        fn the_innermost_pixel_is_farthest_from_everything_else(bits in prop::collection::vec(prop::bool::weighted(0.8), 10 * 8)) {
            let area = Area::of_mask(&Plane::from_vec(10, 8, bits), (3, 5));
            let Some((x, y)) = innermost(&area) else {
                prop_assert!(area.is_empty());
                return Ok(());
            };
            let depth = |x: u32, y: u32| {
                let around = (0..30).flat_map(|v| (0..30).map(move |u| (u, v))).filter(|&(u, v)| !area.contains(u, v));
                around.map(|(u, v)| u.abs_diff(x).pow(2) + v.abs_diff(y).pow(2)).min()
            };
            prop_assert!(area.contains(x, y));
            for s in area.spans() {
                for u in s.x0..s.x1 {
                    prop_assert!(depth(u, s.y) <= depth(x, y));
                }
            }
        }
    }
}
