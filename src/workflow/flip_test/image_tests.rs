//! Variants of small label maps against pixel-by-pixel definitions.

use proptest::prelude::*;

use super::*;
use crate::measure::{Instance, regions};
use crate::raster::{BACKGROUND, IGNORE, Plane, Span};

const W: u32 = 26;
const H: u32 = 18;

/// Boxes and single pixels of two classes, a stretch to be ignored, zones of which one is not measured.
fn maps() -> impl Strategy<Value = (LabelMap, LabelMap)> {
    let boxes =
        prop::collection::vec((0..W, 0..H, 1_u32..9, 1_u32..6, prop::sample::select(vec![1_u8, 1, 2, 2, 0, IGNORE])), 1..12);
    let zones = prop::collection::vec((0..W, 0..H, 1_u32..14, 1_u32..14, 0_u8..4), 0..4);
    (boxes, zones).prop_map(|(boxes, zones)| (painted(&boxes), painted(&zones)))
}

fn painted(boxes: &[(u32, u32, u32, u32, u8)]) -> LabelMap {
    let mut map = LabelMap::new(W, H);
    for &(x, y, w, h, value) in boxes {
        for row in y..(y + h).min(H) {
            map.fill_span(row, x, (x + w).min(W), value);
        }
    }
    map
}

fn ground(zones: &LabelMap) -> Ground<'_> {
    Ground { calibration: Some(Calibration { x_mm_per_px: 0.1, y_mm_per_px: 0.07 }), zones: Some(zones), ignored: vec![3] }
}

fn scene<'a>(label: &LabelMap, zones: &'a LabelMap, grouping: &'a Grouping) -> Scene<'a> {
    let ground = ground(zones);
    let entities = entities(label, grouping);
    let (as_is, runs) = ground.measure(label, label.rect(), grouping);
    Scene { ground, label: label.clone(), grouping, entities, as_is, runs }
}

fn measured(map: &LabelMap, zones: &LabelMap) -> Vec<Region> {
    let calibration = Some(Calibration { x_mm_per_px: 0.1, y_mm_per_px: 0.07 });
    regions(map, &Measuring { calibration, zones: Some(zones), ignored_zones: &[3], ..Measuring::default() })
}

/// As text: an unmeasured feature is NaN, which equals nothing.
fn text(regions: &[Region]) -> Vec<String> {
    regions.iter().map(|r| format!("{r:?}")).collect()
}

/// Number of the 8-connected region of each pixel, by flooding from top left.
fn flooded(map: &LabelMap) -> Plane<u32> {
    let mut out = Plane::filled(W, H, 0);
    let mut next = 0;
    for (y, x) in (0..H).flat_map(|y| (0..W).map(move |x| (y, x))) {
        let class = map.get(x, y);
        if class == BACKGROUND || class == IGNORE || out.at(x, y) != 0 {
            continue;
        }
        next += 1;
        let mut open = vec![(x, y)];
        out.set(x, y, next);
        while let Some((x, y)) = open.pop() {
            for v in y.saturating_sub(1)..(y + 2).min(H) {
                for u in x.saturating_sub(1)..(x + 2).min(W) {
                    if map.get(u, v) == class && out.at(u, v) == 0 {
                        out.set(u, v, next);
                        open.push((u, v));
                    }
                }
            }
        }
    }
    out
}

/// The label with its boundaries moved by `step`, from the definition.
fn naive(map: &LabelMap, step: i8) -> LabelMap {
    let reach = i64::from(step.unsigned_abs());
    let numbers = flooded(map);
    let mut out = map.clone();
    for (y, x) in (0..H).flat_map(|y| (0..W).map(move |x| (y, x))) {
        let near = (-reach..=reach).flat_map(|dy| (-reach..=reach).map(move |dx| (dx, dy)));
        let near = near.filter(|(dx, dy)| dx * dx + dy * dy <= reach * reach).filter_map(|(dx, dy)| {
            let (u, v) = (i64::from(x) + dx, i64::from(y) + dy);
            let is_there = (0..i64::from(W)).contains(&u) && (0..i64::from(H)).contains(&v);
            is_there.then_some((dx * dx + dy * dy, u as u32, v as u32))
        });
        let class = map.get(x, y);
        if step < 0 && class != BACKGROUND && class != IGNORE {
            if near.clone().any(|(_, u, v)| map.get(u, v) != class) {
                out.fill_span(y, x, x + 1, BACKGROUND);
            }
        } else if step > 0 && class == BACKGROUND {
            // The nearest, then the first.
            let labelled = near.filter(|&(_, u, v)| numbers.at(u, v) != 0);
            if let Some((_, _, u, v)) = labelled.map(|(d, u, v)| (d, numbers.at(u, v), u, v)).min() {
                out.fill_span(y, x, x + 1, map.get(u, v));
            }
        }
    }
    out
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn each_step_measures_the_map_that_its_definition_makes((label, zones) in maps()) {
        let none = Grouping::default();
        let flips = scene(&label, &zones, &none).flips(&[]);
        prop_assert_eq!(text(&flips.as_is), text(&measured(&label, &zones)));
        prop_assert_eq!(text(&flips.corrected.regions), text(&flips.as_is));
        for (step, variant) in STEPS.into_iter().zip(&flips.steps) {
            let moved = naive(&label, step);
            prop_assert_eq!(text(&variant.regions), text(&measured(&moved, &zones)), "{}", step);
            // Who goes on as what: by common pixels, ignored zones left aside.
            let without = |map: &LabelMap| LabelMap::from_plane(&Plane::from_fn(W, H, |x, y| {
                if zones.get(x, y) == 3 { BACKGROUND } else { map.get(x, y) }
            }));
            let (before, after) = (flooded(&without(&label)), flooded(&without(&moved)));
            let mut pairs: Vec<(u32, u32)> = before.as_slice().iter().zip(after.as_slice())
                .filter(|(b, a)| **b > 0 && **a > 0).map(|(b, a)| (b - 1, a - 1)).collect();
            pairs.sort_unstable();
            pairs.dedup();
            let found: Vec<(u32, u32)> =
                variant.of.iter().enumerate().flat_map(|(i, of)| of.iter().map(move |&k| (i as u32, k))).collect();
            prop_assert_eq!(found, pairs, "{}", step);
        }
    }

    /// A region put elsewhere: what is measured anew and what stays are together what the whole map measures.
    #[test]
    fn one_corrected_region_measures_as_the_whole_map_would((label, zones) in maps(), x in 0..W, y in 0..H, w in 0_u32..9, h in 0_u32..7) {
        let none = Grouping::default();
        let scene = scene(&label, &zones, &none);
        let target = Area::from_spans((y..(y + h).min(H)).map(|row| Span::new(row, x, (x + w).min(W))).collect());
        for (index, entity) in scene.entities.iter().enumerate() {
            let correction = scene.correction(index, &target);
            let moved = LabelMap::from_plane(&Plane::from_fn(W, H, |x, y| {
                let (own, wanted, class) = (entity.area.contains(x, y), target.contains(x, y), label.get(x, y));
                match (own, wanted) {
                    (true, false) => BACKGROUND,
                    (false, true) if class == BACKGROUND => entity.class,
                    _ => class,
                }
            }));
            let stays = scene.as_is.iter().enumerate().filter(|(i, _)| !correction.replaces.contains(&(*i as u32))).map(|(_, r)| r.clone());
            let mut found: Vec<Region> = stays.chain(correction.by.clone()).collect();
            found.sort_by_key(|r| (r.anchor.1, r.anchor.0));
            prop_assert_eq!(text(&found), text(&measured(&moved, &zones)));
            let is_left = entity.area.spans().iter().chain(target.spans()).flat_map(|s| (s.x0..s.x1).map(move |x| (x, s.y)))
                .any(|(x, y)| target.contains(x, y) && moved.get(x, y) == entity.class && zones.get(x, y) != 3
                    && (entity.area.contains(x, y) || label.get(x, y) == BACKGROUND));
            prop_assert_eq!(!correction.of.is_empty(), is_left);
        }
    }
}

#[test]
fn a_cut_keeps_regions_apart_and_is_no_boundary_to_shrink_from() {
    // Two squares of 10 × 10 side by side, cut apart between columns 9 and 10 (with a margin of 5 around).
    let label = painted(&[(3, 4, 20, 10, 1)]);
    let zones = LabelMap::new(W, H);
    let grouping = Grouping { cuts: vec![vec![(13, 4), (13, 14)]], instances: Vec::new() };
    let flips = scene(&label, &zones, &grouping).flips(&[]);
    let pixels = |regions: &[Region]| regions.iter().map(|r| r.pixels).collect::<Vec<_>>();
    assert_eq!(pixels(&flips.as_is), [100, 100]);
    // −1: a row above, below and a column at the outer side; the cut side stays.
    assert_eq!(pixels(&flips.steps[1].regions), [9 * 8, 9 * 8]);
    assert_eq!(pixels(&flips.steps[0].regions), [8 * 6, 8 * 6]);
    // +1: a row above and below, a column at the outer side, no corners.
    assert_eq!(pixels(&flips.steps[2].regions), [130, 130]);
    // +2: 20 + 20 + 20, and at each outer corner the one pixel within 2 px.
    assert_eq!(pixels(&flips.steps[3].regions), [100 + 60 + 2, 100 + 60 + 2]);
    assert_eq!(flips.steps[3].of, [vec![0], vec![1]]);
}

#[test]
fn a_number_joins_fragments_whose_pixel_was_lost() {
    // Two bars of one number, each told by its top left pixel, which shrinking takes away.
    let label = painted(&[(2, 2, 8, 5, 1), (14, 2, 8, 5, 1)]);
    let zones = LabelMap::new(W, H);
    let grouping = Grouping { cuts: Vec::new(), instances: vec![Instance { number: 7, at: vec![(2, 2), (14, 2)] }] };
    let flips = scene(&label, &zones, &grouping).flips(&[]);
    for (variant, pixels) in flips.steps.iter().zip([2 * 4, 2 * 18, 2 * 66, 2 * 96]) {
        assert_eq!((variant.regions.len(), variant.regions[0].number), (1, Some(7)));
        assert_eq!(variant.regions[0].pixels, pixels);
    }
}

#[test]
fn a_thin_line_shrinks_to_nothing_and_that_is_said() {
    let label = painted(&[(3, 5, 15, 3, 1)]);
    let zones = LabelMap::new(W, H);
    let none = Grouping::default();
    let flips = scene(&label, &zones, &none).flips(&[]);
    assert_eq!(flips.steps[1].of, [vec![0]]);
    assert_eq!(flips.steps[1].regions[0].pixels, 13);
    assert!(flips.steps[0].regions.is_empty() && flips.steps[0].of == [Vec::<u32>::new()]);
}
