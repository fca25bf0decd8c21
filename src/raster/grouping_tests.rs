//! The fast way against the definition: every pixel a node, every open connection an edge.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::raster::{IGNORE, LabelMap, Plane, runs};

const WIDTH: u32 = 12;
const HEIGHT: u32 = 9;

/// Class, number and pixels of a region.
type Found = (u8, Option<u32>, BTreeSet<(u32, u32)>);

/// Sets of pixels with their class and number, in the order of their first pixels: what the words of [`Grouping`] say, by hand.
fn brute(plane: &Plane<u8>, grouping: &Grouping) -> Vec<Found> {
    // Unit cracks, as pairs of pixels that share a side.
    let mut closed: BTreeSet<((i64, i64), (i64, i64))> = BTreeSet::new();
    for cut in &grouping.cuts {
        for step in cut.windows(2) {
            let ((ax, ay), (bx, by)) = (step[0], step[1]);
            let (ax, ay, bx, by) = (i64::from(ax), i64::from(ay), i64::from(bx), i64::from(by));
            if ax == bx {
                closed.extend((ay.min(by)..ay.max(by)).map(|y| ((ax - 1, y), (ax, y))));
            } else if ay == by {
                closed.extend((ax.min(bx)..ax.max(bx)).map(|x| ((x, ay - 1), (x, ay))));
            }
        }
    }
    let open = |a: (i64, i64), b: (i64, i64)| !closed.contains(&(a.min(b), a.max(b)));
    let connects = |(ax, ay): (i64, i64), (bx, by): (i64, i64)| {
        if ax == bx || ay == by {
            return open((ax, ay), (bx, by));
        }
        let (one, other) = ((ax, by), (bx, ay));
        (open((ax, ay), one) && open(one, (bx, by))) || (open((ax, ay), other) && open(other, (bx, by)))
    };
    let class = |(x, y): (i64, i64)| {
        let inside = (0..i64::from(WIDTH)).contains(&x) && (0..i64::from(HEIGHT)).contains(&y);
        if inside { plane.at(x as u32, y as u32) } else { 0 }
    };
    let rows = (0..i64::from(HEIGHT)).flat_map(|y| (0..i64::from(WIDTH)).map(move |x| (x, y)));
    let mut seen = BTreeSet::new();
    let mut pieces: Vec<Found> = Vec::new();
    for start in rows {
        if matches!(class(start), 0 | IGNORE) || seen.contains(&start) {
            continue;
        }
        let (mut stack, mut piece) = (vec![start], BTreeSet::new());
        while let Some(p) = stack.pop() {
            if !seen.insert(p) {
                continue;
            }
            piece.insert((p.0 as u32, p.1 as u32));
            for (dx, dy) in [(-1, -1), (0, -1), (1, -1), (-1, 0), (1, 0), (-1, 1), (0, 1), (1, 1)] {
                let q = (p.0 + dx, p.1 + dy);
                if class(q) == class(p) && connects(p, q) {
                    stack.push(q);
                }
            }
        }
        let number = grouping.instances.iter().filter(|i| i.at.iter().any(|p| piece.contains(p))).map(|i| i.number).min();
        pieces.push((class(start), number, piece));
    }
    let mut out: Vec<Found> = Vec::new();
    for (class, number, piece) in pieces {
        match out.iter_mut().find(|o| number.is_some() && o.0 == class && o.1 == number) {
            Some(same) => same.2.extend(piece),
            None => out.push((class, number, piece)),
        }
    }
    out
}

fn fast(map: &LabelMap, grouping: &Grouping) -> Vec<Found> {
    let grouped = grouping.group(&runs::runs(map));
    assert_eq!(grouped.components.len(), grouped.numbers.len());
    let pixels = |i: usize| grouped.components.runs(i).iter().flat_map(|r| (r.x0..r.x1).map(|x| (x, r.y))).collect();
    (0..grouped.numbers.len()).map(|i| (grouped.components.value(i), grouped.numbers[i], pixels(i))).collect()
}

fn cuts() -> impl Strategy<Value = Vec<Cut>> {
    // Walks along cracks with steps of any length, some beyond the map, and a crooked step here and there.
    let step = (0_u8..9, 1_u32..4);
    let cut = ((0_u32..=WIDTH, 0_u32..=HEIGHT), prop::collection::vec(step, 1..7)).prop_map(|(start, steps)| {
        let mut cut = vec![start];
        for (way, n) in steps {
            let (x, y) = cut[cut.len() - 1];
            cut.push(match way {
                0 | 1 => (x + n, y),
                2 | 3 => (x.saturating_sub(n), y),
                4 | 5 => (x, y + n),
                6 | 7 => (x, y.saturating_sub(n)),
                _ => (x + n, y + 1),
            });
        }
        cut
    });
    prop::collection::vec(cut, 0..5)
}

fn instances() -> impl Strategy<Value = Vec<Instance>> {
    let instance = (1_u32..5, prop::collection::vec((0..WIDTH + 2, 0..HEIGHT + 2), 0..4));
    prop::collection::vec(instance.prop_map(|(number, at)| Instance { number, at }), 0..5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn regions_are_what_the_pixel_graph_says(
        values in prop::collection::vec(prop::sample::select(vec![0_u8, 0, 1, 1, 1, 1, 2, IGNORE]), (WIDTH * HEIGHT) as usize),
        cuts in cuts(),
        instances in instances(),
    ) {
        let plane = Plane::from_vec(WIDTH, HEIGHT, values);
        let map = LabelMap::from_plane(&plane);
        let grouping = Grouping { cuts, instances };
        prop_assert_eq!(fast(&map, &grouping), brute(&plane, &grouping));
        // Runs are as those of components without a grouping: sorted, and none could be longer.
        let grouped = grouping.group(&runs::runs(&map));
        for region in grouped.components.iter() {
            prop_assert!(region.windows(2).all(|w| (w[0].y, w[0].x1) < (w[1].y, w[1].x0)));
        }
        let starts: Vec<_> = grouped.components.iter().map(|r| (r[0].y, r[0].x0)).collect();
        prop_assert!(starts.is_sorted());
        // The fragments are those of the same cuts without a number.
        let bare = Grouping { cuts: grouping.cuts.clone(), instances: Vec::new() };
        let fragments: Vec<_> = grouping.pieces(&runs::runs(&map)).iter().map(<[Run]>::to_vec).collect();
        let of_bare: Vec<_> = bare.group(&runs::runs(&map)).components.iter().map(<[Run]>::to_vec).collect();
        prop_assert_eq!(fragments, of_bare);
    }
}

fn square(side: u32) -> LabelMap {
    LabelMap::from_plane(&Plane::filled(side, side, 1))
}

#[test]
fn a_cut_to_the_middle_parts_nothing_and_one_across_parts_two_halves_of_all_pixels() {
    let map = square(10);
    let half = Grouping { cuts: vec![vec![(4, 0), (4, 5)]], ..Grouping::default() };
    assert_eq!(fast(&map, &half).len(), 1);
    let across = Grouping { cuts: vec![vec![(4, 0), (4, 10)]], ..Grouping::default() };
    assert_eq!(fast(&map, &across).iter().map(|r| r.2.len()).collect::<Vec<_>>(), [40, 60]);
}

#[test]
fn a_cut_as_long_as_numbers_go_ends_at_the_map() {
    let cuts = vec![vec![(0, 3), (u32::MAX, 3), (u32::MAX, u32::MAX)], vec![(5, u32::MAX), (5, 0)]];
    let sizes: Vec<usize> = fast(&square(10), &Grouping { cuts, ..Grouping::default() }).iter().map(|r| r.2.len()).collect();
    assert_eq!(sizes, [15, 15, 35, 35]);
}

#[test]
fn fragments_of_one_number_are_one_region_and_two_classes_never() {
    let plane = Plane::from_fn(12, 3, |x, _| match x {
        0 | 1 | 4 | 5 => 1,
        8 | 9 => 2,
        _ => 0,
    });
    let map = LabelMap::from_plane(&plane);
    let at = vec![(0, 0), (4, 1), (8, 2), (11, 0)];
    let grouping = Grouping { cuts: Vec::new(), instances: vec![Instance { number: 7, at }] };
    let found = fast(&map, &grouping);
    let facts: BTreeMap<(u8, Option<u32>), usize> = found.iter().map(|r| ((r.0, r.1), r.2.len())).collect();
    assert_eq!(facts, BTreeMap::from([((1, Some(7)), 12), ((2, Some(7)), 6)]));
}
