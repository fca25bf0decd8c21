//! Bucket fill, and the regions and holes under the pointer.

use super::flood::{Reached, Rules, Wanted, flood};
use super::gate::Gate;
use super::stroke::Stroke;
use crate::raster::{Area, BACKGROUND, IGNORE, LabelMap};

/// The pixels that hang together with (x, y) over sides (4-connected) and have its value; empty when (x, y) lies outside.
#[must_use]
pub fn connected(map: &LabelMap, x: u32, y: u32) -> Area {
    flood(map, x, y, same_value(map.get(x, y))).map_or_else(Area::new, |reached| reached.area(map))
}

/// The region under the pointer: the pixels of its class that hang together with (x, y) over sides or corners (8-connected), as regions
/// are measured. None on background, on ignored pixels and outside, and when the region has more than `max_pixels` pixels; the search
/// ends there, so that a look under the pointer stays cheap on huge regions.
#[must_use]
pub fn region_at(map: &LabelMap, x: u32, y: u32, max_pixels: Option<u64>) -> Option<Area> {
    let value = map.get(x, y);
    if matches!(value, BACKGROUND | IGNORE) {
        return None;
    }
    let max_pixels = max_pixels.unwrap_or(u64::MAX);
    let rules = Rules { wanted: Wanted::Is(value), across_corners: true, max_pixels, stays_off_border: false };
    Some(flood(map, x, y, rules)?.area(map))
}

/// The hole of `value` around (x, y), to be filled: the pixels that are not `value`, of whatever class, and hang together with (x, y)
/// over sides (4-connected). None when (x, y) is `value` itself or outside, and when the set reaches the border of the image: then
/// nothing encloses it.
#[must_use]
pub fn hole_at(map: &LabelMap, x: u32, y: u32, value: u8) -> Option<Area> {
    let rules = Rules { wanted: Wanted::IsNot(value), across_corners: false, max_pixels: u64::MAX, stays_off_border: true };
    Some(flood(map, x, y, rules)?.area(map))
}

/// Writes `value` into the pixels of [`connected`] wherever the gate allows, without making an area of them: a filled background of
/// whole tiles stays whole tiles. Nothing happens outside the map.
pub fn fill(map: &mut LabelMap, stroke: &mut Stroke, x: u32, y: u32, value: u8, gate: &Gate) {
    let old = map.get(x, y);
    // All pixels of the set have this one value.
    if old == value || !gate.allows(old) {
        return;
    }
    let Some(reached) = flood(map, x, y, same_value(old)) else { return };
    for (index, part) in reached.tiles() {
        match part {
            Reached::Whole => stroke.write_tile(map, *index, value, gate),
            Reached::Part(bits) => stroke.write_in_tile_bits(map, *index, bits, value, gate),
        }
    }
}

const fn same_value(value: u8) -> Rules {
    Rules { wanted: Wanted::Is(value), across_corners: false, max_pixels: u64::MAX, stays_off_border: false }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use proptest::prelude::*;

    use super::*;
    use crate::paint::Fence;
    use crate::raster::{Plane, TILE_SIDE};

    /// The definition, one pixel at a time.
    fn brute(plane: &Plane<u8>, start: (u32, u32), across_corners: bool, wanted: impl Fn(u8) -> bool) -> Vec<(u32, u32)> {
        let mut seen = Plane::filled(plane.width(), plane.height(), false);
        let mut stack = vec![start];
        while let Some((x, y)) = stack.pop() {
            if !wanted(plane.at(x, y)) || seen.at(x, y) {
                continue;
            }
            seen.set(x, y, true);
            for dy in -1_i64..=1 {
                for dx in -1_i64..=1 {
                    let (nx, ny) = (i64::from(x) + dx, i64::from(y) + dy);
                    let inside = (0..i64::from(plane.width())).contains(&nx) && (0..i64::from(plane.height())).contains(&ny);
                    if inside && (across_corners || dx * dy == 0) {
                        stack.push((nx as u32, ny as u32));
                    }
                }
            }
        }
        let rows = 0..plane.height();
        rows.flat_map(|y| (0..plane.width()).map(move |x| (x, y))).filter(|&(x, y)| seen.at(x, y)).collect()
    }

    fn pixels(area: &Area) -> Vec<(u32, u32)> {
        area.spans().iter().flat_map(|s| (s.x0..s.x1).map(|x| (x, s.y))).collect()
    }

    /// A map with rings, blobs, noise and uniform tiles whose shapes cross the borders of tiles.
    fn busy(width: u32, height: u32, seed: u64) -> Plane<u8> {
        let mut state = seed | 1;
        let mut next = move |n: u64| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            (state >> 11) % n
        };
        let mut plane = Plane::filled(width, height, 0);
        for _ in 0..14 {
            let (cx, cy) = (next(u64::from(width)) as f64, next(u64::from(height)) as f64);
            let (outer, share, value) = (4.0 + next(150) as f64, next(10) as f64 / 10.0, next(3) as u8);
            for y in 0..height {
                for x in 0..width {
                    let d = (f64::from(x) - cx).hypot(f64::from(y) - cy);
                    if d <= outer && d >= outer * share {
                        plane.set(x, y, value);
                    }
                }
            }
        }
        for _ in 0..next(4) * 5_000 {
            let (x, y) = (next(u64::from(width)) as u32, next(u64::from(height)) as u32);
            plane.set(x, y, next(3) as u8);
        }
        plane
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn floods_reach_what_a_walk_over_neighbours_reaches(seed in any::<u64>(), fx in 0.0..1.0_f64, fy in 0.0..1.0_f64, narrow in 1_u32..700) {
            let (width, height) = (narrow, 530);
            let plane = busy(width, height, seed);
            let map = LabelMap::from_plane(&plane);
            let (x, y) = ((fx * f64::from(width)) as u32, (fy * f64::from(height)) as u32);
            let value = plane.at(x, y);
            let same = brute(&plane, (x, y), false, |v| v == value);
            prop_assert_eq!(&pixels(&connected(&map, x, y)), &same);
            let region = brute(&plane, (x, y), true, |v| v == value);
            let found = region_at(&map, x, y, None);
            prop_assert_eq!(found.is_some(), value != 0);
            if let Some(found) = found {
                prop_assert_eq!(pixels(&found), region.clone());
                let size = region.len() as u64;
                prop_assert!(region_at(&map, x, y, Some(size)).is_some());
                prop_assert!(region_at(&map, x, y, Some(size - 1)).is_none());
            }
            for other in 0..3 {
                let set = brute(&plane, (x, y), false, |v| v != other);
                let at_border = |&(x, y): &(u32, u32)| x == 0 || y == 0 || x + 1 == width || y + 1 == height;
                let expected = (!set.is_empty() && !set.iter().any(at_border)).then_some(set);
                prop_assert_eq!(hole_at(&map, x, y, other).map(|a| pixels(&a)), expected);
            }
            // Both ways to write it, and back.
            for gate in [Gate::OPEN, Gate::OPEN.fenced(Fence::Outside(Arc::new(Area::from_spans(vec![crate::raster::Span::new(y, 0, x)]))))] {
                let mut expected = plane.clone();
                for &(px, py) in &same {
                    if !gate.has_fences() || py != y || px >= x {
                        expected.set(px, py, 9);
                    }
                }
                let expected = LabelMap::from_plane(&expected);
                let (mut direct, mut stroke) = (map.clone(), Stroke::begin());
                fill(&mut direct, &mut stroke, x, y, 9, &gate);
                let edit = stroke.commit(&mut direct).expect("at least the pixel itself");
                prop_assert!(direct == expected);
                edit.revert(&mut direct);
                prop_assert!(direct == map);
                let (mut by_area, mut stroke) = (map.clone(), Stroke::begin());
                stroke.write_area(&mut by_area, &connected(&map, x, y), 9, &gate);
                let _ = stroke.commit(&mut by_area);
                prop_assert!(by_area == expected);
            }
        }
    }

    #[test]
    fn a_filled_background_of_whole_tiles_takes_no_memory_and_outside_nothing_happens() {
        let side = 8 * TILE_SIDE + 40;
        let mut map = LabelMap::new(side, side);
        for y in 300..310 {
            map.fill_span(y, 300, 320, 2);
        }
        let start = map.clone();
        for direct in [true, false] {
            let (mut map, mut stroke) = (start.clone(), Stroke::begin());
            if direct {
                fill(&mut map, &mut stroke, 5, 5, 1, &Gate::OPEN);
            } else {
                let area = connected(&map, 5, 5);
                stroke.write_area(&mut map, &area, 1, &Gate::OPEN);
            }
            let edit = stroke.commit(&mut map).expect("the background changed");
            assert_eq!(map.histogram()[..3], [0, u64::from(side).pow(2) - 200, 200]);
            assert!(map.heap_bytes() < 2 * (TILE_SIDE * TILE_SIDE) as usize, "one mixed tile");
            assert!(edit.heap_bytes() < 3 * (TILE_SIDE * TILE_SIDE) as usize, "one mixed tile before and after");
        }
        let (mut same, mut stroke) = (start.clone(), Stroke::begin());
        fill(&mut same, &mut stroke, side, 0, 1, &Gate::OPEN);
        fill(&mut same, &mut stroke, 0, 0, 0, &Gate::OPEN);
        fill(&mut same, &mut stroke, 305, 305, 1, &Gate::OPEN.locking(2));
        assert!(stroke.commit(&mut same).is_none());
        assert!(connected(&start, 0, side).is_empty() && region_at(&start, side, side, None).is_none());
        assert!(hole_at(&start, side, side, 2).is_none());
    }

    #[test]
    fn ignored_pixels_are_no_region() {
        let mut map = LabelMap::new(20, 20);
        map.fill_span(3, 2, 9, IGNORE);
        assert!(region_at(&map, 4, 3, None).is_none());
        assert_eq!(connected(&map, 4, 3).pixels(), 7);
    }
}
