//! The outlines of pixels as polygons that give exactly the same pixels back: along the cracks, corner by corner.
//!
//! All corners are whole numbers and all sides level or upright, so every pixel's centre is half a pixel from the line and any filling by
//! centres gives the pixels back. Formats without holes get a **keyhole**: a ring with holes is cut open along upright lines, each
//! walked down and up again, which enclose nothing.

use std::collections::HashMap;

use crate::raster::contour::mid_cracks;
use crate::raster::{Point, Run};

/// One closed line along cracks; the first corner is not repeated.
#[derive(Clone, Debug, PartialEq)]
pub struct CrackRing {
    /// Corners of pixels, px; level and upright sides alternate. Outer rings run clockwise on the screen, holes the other way.
    pub points: Vec<Point>,
    pub is_hole: bool,
}

/// The rings around one 8-connected region, the outer one first. Of pixels that hang together in several pieces, all rings of all.
#[must_use]
pub fn rings(runs: &[Run]) -> Vec<CrackRing> {
    let mut all: Vec<CrackRing> =
        mid_cracks(runs).iter().map(|c| CrackRing { points: corners(&c.points), is_hole: c.is_hole }).collect();
    all.sort_by_key(|r| r.is_hole);
    all
}

/// The corners between the middles of consecutive cracks where the line turns. The middle of a level crack has a whole y and half an x.
fn corners(middles: &[Point]) -> Vec<Point> {
    let is_level = |p: Point| p.y.fract() == 0.0;
    let next = middles.iter().skip(1).chain(middles.first());
    let turns = middles.iter().zip(next).filter(|(a, b)| is_level(**a) != is_level(**b));
    turns.map(|(a, b)| if is_level(*a) { Point::new(b.x, a.y) } else { Point::new(a.x, b.y) }).collect()
}

/// One ring for an outer ring and its holes, filled by the even-odd rule or by winding alike. `None` without exactly one outer ring.
#[must_use]
pub fn keyhole(rings: &[CrackRing]) -> Option<Vec<Point>> {
    let (outer, holes) = rings.split_first()?;
    if outer.is_hole || holes.iter().any(|r| !r.is_hole) {
        return None;
    }
    if holes.is_empty() {
        return Some(outer.points.clone());
    }
    let bridges = bridges(rings)?;
    Some(walk_all(rings, &bridges))
}

/// A line up from the first corner of a hole to a level side of another ring.
#[derive(Clone, Copy)]
struct Bridge {
    hole: usize,
    /// Index of the hole's uppermost corner, of those the leftmost.
    from: usize,
    /// Where it ends.
    end: Point,
}

/// The bridges that end on each side: by (ring, side), in the direction of the side.
fn bridges(rings: &[CrackRing]) -> Option<HashMap<(usize, usize), Vec<Bridge>>> {
    let starts: Vec<(usize, usize, Point)> = rings
        .iter()
        .enumerate()
        .skip(1)
        .map(|(i, ring)| {
            let corner = |k: &usize| (ring.points[*k].y, ring.points[*k].x);
            let from =
                (0..ring.points.len()).min_by(|a, b| corner(a).0.total_cmp(&corner(b).0).then(corner(a).1.total_cmp(&corner(b).1)));
            from.map(|from| (i, from, ring.points[from]))
        })
        .collect::<Option<_>>()?;
    // The level sides over the columns in which a hole begins: (y, ring, side).
    let mut columns: Vec<i64> = starts.iter().map(|s| s.2.x as i64).collect();
    columns.sort_unstable();
    columns.dedup();
    let mut over: HashMap<i64, Vec<(i64, usize, usize)>> = HashMap::new();
    for (i, ring) in rings.iter().enumerate() {
        for k in 0..ring.points.len() {
            let (a, b) = (ring.points[k], ring.points[(k + 1) % ring.points.len()]);
            if a.y == b.y {
                let (x0, x1) = (a.x.min(b.x) as i64, a.x.max(b.x) as i64);
                let from = columns.partition_point(|&c| c < x0);
                for &column in columns[from..].iter().take_while(|&&c| c < x1) {
                    over.entry(column).or_default().push((a.y as i64, i, k));
                }
            }
        }
    }
    for sides in over.values_mut() {
        sides.sort_unstable();
    }
    let mut bridges: HashMap<(usize, usize), Vec<Bridge>> = HashMap::new();
    for (hole, from, start) in starts {
        // The pixel above a hole's uppermost corner belongs to the region; the nearest side above bounds it.
        let sides = over.get(&(start.x as i64))?;
        let at = sides.partition_point(|s| s.0 < start.y as i64).checked_sub(1)?;
        let (y, ring, side) = sides[at];
        bridges.entry((ring, side)).or_default().push(Bridge { hole, from, end: Point::new(start.x, y as f64) });
    }
    for ((ring, side), list) in &mut bridges {
        let points = &rings[*ring].points;
        let is_rightwards = points[(*side + 1) % points.len()].x > points[*side].x;
        list.sort_by(|a, b| if is_rightwards { a.end.x.total_cmp(&b.end.x) } else { b.end.x.total_cmp(&a.end.x) });
    }
    Some(bridges)
}

/// The outer ring with a trip around each hole where its bridge ends. No recursion: holes may hang on holes thousands deep.
fn walk_all(rings: &[CrackRing], bridges: &HashMap<(usize, usize), Vec<Bridge>>) -> Vec<Point> {
    struct Walk {
        ring: usize,
        start: usize,
        /// Corners passed so far.
        passed: usize,
        /// Bridges of the present side that were walked.
        bridged: usize,
        back_to: Option<Point>,
    }
    let mut out = Vec::new();
    let mut stack = vec![Walk { ring: 0, start: 0, passed: 0, bridged: 0, back_to: None }];
    while let Some(walk) = stack.last_mut() {
        let points = &rings[walk.ring].points;
        if walk.passed == points.len() {
            if let Some(end) = walk.back_to {
                out.extend([points[walk.start], end]);
            }
            stack.pop();
            continue;
        }
        let side = (walk.start + walk.passed) % points.len();
        if walk.bridged == 0 {
            out.push(points[side]);
        }
        if let Some(bridge) = bridges.get(&(walk.ring, side)).and_then(|list| list.get(walk.bridged)) {
            walk.bridged += 1;
            out.push(bridge.end);
            stack.push(Walk { ring: bridge.hole, start: bridge.from, passed: 0, bridged: 0, back_to: Some(bridge.end) });
        } else {
            walk.passed += 1;
            walk.bridged = 0;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::paint::shape;
    use crate::raster::{Area, Components, LabelMap, Plane};

    fn map(rows: &[&str]) -> LabelMap {
        LabelMap::from_plane(&Plane::from_fn(rows[0].len() as u32, rows.len() as u32, |x, y| {
            u8::from(rows[y as usize].as_bytes()[x as usize] == b'#')
        }))
    }

    #[test]
    fn a_square_has_four_corners_and_a_ring_a_hole() {
        let found = Components::of(&map(&["....", ".###", ".#.#", ".###"]));
        let rings = rings(found.runs(0));
        assert_eq!(rings[0].points, [(4.0, 1.0), (4.0, 4.0), (1.0, 4.0), (1.0, 1.0)].map(|(x, y)| Point::new(x, y)));
        assert!(rings[1].is_hole && rings[1].points.len() == 4);
        assert_eq!(keyhole(&rings).unwrap().len(), 4 + 4 + 3);
    }

    /// Non-zero winding of a pixel's centre, by the definition: crossings to the right, upwards less downwards.
    fn winding(ring: &[Point], x: f64, y: f64) -> i32 {
        let next = ring.iter().skip(1).chain(ring.first());
        ring.iter().zip(next).filter(|(a, b)| a.x > x && (a.y < y) != (b.y < y)).map(|(a, b)| if a.y < b.y { 1 } else { -1 }).sum()
    }

    proptest! {
        #[test]
        fn rings_and_keyholes_give_the_pixels_back(bits in prop::collection::vec(any::<bool>(), 15 * 11)) {
            let map = LabelMap::from_plane(&Plane::from_fn(15, 11, |x, y| u8::from(bits[(y * 15 + x) as usize])));
            for runs in Components::of(&map).iter() {
                let area = Area::of_runs(runs);
                let rings = rings(runs);
                let mut filled = Area::new();
                for ring in &rings {
                    let inside = shape::polygon(&ring.points, 15, 11);
                    filled = if ring.is_hole { filled.minus(&inside) } else { filled.union(&inside) };
                }
                prop_assert_eq!(&filled, &area);
                let key = keyhole(&rings).unwrap();
                prop_assert_eq!(&shape::polygon(&key, 15, 11), &area);
                for (x, y) in (0..15).flat_map(|x| (0..11).map(move |y| (x, y))) {
                    let is_in = winding(&key, f64::from(x) + 0.5, f64::from(y) + 0.5) != 0;
                    prop_assert_eq!(is_in, area.contains(x, y), "pixel {} {}", x, y);
                }
            }
        }
    }
}
