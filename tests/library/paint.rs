//! Brushes against the definition, undo and redo as algebra, gates pixel by pixel.

use delimit::paint::edit::{Side, write_runs};
use delimit::paint::gate::ValueSet;
use delimit::paint::{Brush, BrushShape, Gate, History, Stroke};
use delimit::raster::{LabelMap, Plane, Point};
use proptest::prelude::*;

fn any_point() -> impl Strategy<Value = Point> {
    (-20.0..320.0_f64, -20.0..300.0_f64).prop_map(|(x, y)| Point::new(x, y))
}

fn any_brush() -> impl Strategy<Value = Brush> {
    (1.0..60.0_f64, any::<bool>())
        .prop_map(|(d, round)| Brush { diameter_px: d, shape: if round { BrushShape::Round } else { BrushShape::Square } })
}

/// Distance of `p` to the segment a–b; Euclidean for round tips, Chebyshev (by fine sampling) for square ones.
fn is_covered(brush: Brush, a: Point, b: Point, p: Point) -> Option<bool> {
    let r = brush.diameter_px / 2.0;
    let distance = match brush.shape {
        BrushShape::Round => {
            let (dx, dy) = (b.x - a.x, b.y - a.y);
            let length2 = dx * dx + dy * dy;
            let t = if length2 == 0.0 { 0.0 } else { (((p.x - a.x) * dx + (p.y - a.y) * dy) / length2).clamp(0.0, 1.0) };
            p.distance(Point::new(a.x + dx * t, a.y + dy * t))
        }
        BrushShape::Square => (0..=4000)
            .map(|i| {
                let t = f64::from(i) / 4000.0;
                (p.x - a.x - (b.x - a.x) * t).abs().max((p.y - a.y - (b.y - a.y) * t).abs())
            })
            .fold(f64::INFINITY, f64::min),
    };
    // Too close to the rim for a sampled or rounded distance to decide.
    let doubt = if brush.shape == BrushShape::Round { 1e-6 } else { 0.1 };
    ((distance - r).abs() > doubt).then_some(distance < r)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_brush_paints_the_pixels_whose_centre_it_covers(brush in any_brush(), a in any_point(), b in any_point()) {
        let mut map = LabelMap::new(300, 280);
        let mut stroke = Stroke::begin();
        brush.segment(&mut stroke, &mut map, a, b, 1, &Gate::OPEN);
        let step = if brush.shape == BrushShape::Square { 7 } else { 1 };
        for y in (0..280).step_by(step) {
            for x in (0..300).step_by(step) {
                let centre = Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5);
                if brush.diameter_px > 2.0 && let Some(expected) = is_covered(brush, a, b, centre) {
                    prop_assert_eq!(map.get(x, y) == 1, expected, "pixel {}, {}", x, y);
                }
            }
        }
    }

    #[test]
    fn the_pixel_under_the_pointer_is_painted_and_a_thin_line_has_no_gap(a in (0.0..300.0_f64, 0.0..280.0_f64), b in (0.0..300.0_f64, 0.0..280.0_f64)) {
        let (a, b) = (Point::new(a.0, a.1), Point::new(b.0, b.1));
        let mut map = LabelMap::new(300, 280);
        let mut stroke = Stroke::begin();
        Brush::round(1.0).segment(&mut stroke, &mut map, a, b, 1, &Gate::OPEN);
        prop_assert_eq!(map.get(a.x as u32, a.y as u32), 1);
        prop_assert_eq!(map.get(b.x as u32, b.y as u32), 1);
        prop_assert_eq!(delimit::raster::Components::of(&map).len(), 1);
    }

    #[test]
    fn undo_all_is_the_start_and_redo_all_the_end(
        strokes in proptest::collection::vec((any_brush(), proptest::collection::vec(any_point(), 1..4), 0_u8..4, any::<bool>()), 1..12)
    ) {
        let start = LabelMap::from_plane(&Plane::from_fn(300, 280, |x, y| u8::from((x / 50 + y / 40) % 3 == 0) * 2));
        let mut map = start.clone();
        let mut history = History::default();
        let mut journaled = start.clone();
        let mut edits = 0;
        for (brush, points, value, protects) in &strokes {
            let gate = if *protects { Gate::protecting_all_but(*value) } else { Gate::OPEN };
            let before = map.clone();
            let mut stroke = Stroke::begin();
            for pair in points.windows(2) {
                brush.segment(&mut stroke, &mut map, pair[0], pair[1], *value, &gate);
            }
            brush.segment(&mut stroke, &mut map, points[0], points[0], *value, &gate);
            match stroke.commit(&mut map) {
                None => prop_assert!(map == before, "no edit, but pixels changed"),
                Some(edit) => {
                    // Nothing outside the dirty rectangle changed, and the gate held.
                    for y in 0..280 {
                        for x in 0..300 {
                            let (old, new) = (before.get(x, y), map.get(x, y));
                            if old != new {
                                prop_assert!(edit.dirty().contains(x, y));
                                prop_assert!(gate.allows(old));
                                prop_assert_eq!(new, *value);
                            }
                        }
                    }
                    write_runs(&mut journaled, &edit.changed_runs(&map, Side::After));
                    prop_assert!(journaled == map, "the journal tells another story");
                    history.push(edit);
                    edits += 1;
                }
            }
        }
        let end = map.clone();
        for _ in 0..edits {
            let edit = history.undo(&mut map).cloned();
            write_runs(&mut journaled, &edit.unwrap().changed_runs(&map, Side::Before));
            prop_assert!(journaled == map);
        }
        prop_assert!(map == start);
        prop_assert!(history.undo(&mut map).is_none());
        for _ in 0..edits {
            prop_assert!(history.redo(&mut map).is_some());
        }
        prop_assert!(map == end);
    }

    #[test]
    fn an_aborted_stroke_never_was(brush in any_brush(), a in any_point(), b in any_point()) {
        let start = LabelMap::from_plane(&Plane::from_fn(300, 280, |x, _| (x % 3) as u8));
        let mut map = start.clone();
        let mut stroke = Stroke::begin();
        brush.segment(&mut stroke, &mut map, a, b, 7, &Gate::OPEN);
        stroke.abort(&mut map);
        prop_assert!(map == start);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Tips wide enough to cover whole tiles, on maps of one value and of many, against the same spans pixel by pixel.
    #[test]
    fn a_wide_brush_writes_its_spans_and_nothing_else(
        diameter in 400.0..1500.0_f64,
        is_round in any::<bool>(),
        a in (-300.0..1100.0_f64, -300.0..1000.0_f64),
        b in (-300.0..1100.0_f64, -300.0..1000.0_f64),
        value in 0_u8..3,
        protects in any::<bool>(),
        cell in prop::sample::select(vec![7_u32, 256, 300, 2000]),
    ) {
        let brush = Brush { diameter_px: diameter, shape: if is_round { BrushShape::Round } else { BrushShape::Square } };
        let (a, b) = (Point::new(a.0, a.1), Point::new(b.0, b.1));
        let gate = if protects { Gate::protecting_all_but(value) } else { Gate::OPEN };
        let start = LabelMap::from_plane(&Plane::from_fn(900, 700, |x, y| ((x / cell + y / cell) % 3) as u8));
        let mut map = start.clone();
        let mut stroke = Stroke::begin();
        brush.segment(&mut stroke, &mut map, a, b, value, &gate);
        // The same pixels again: undo must still lead to the start.
        brush.segment(&mut stroke, &mut map, a, b, value, &gate);
        let mut expected = start.to_plane();
        brush.for_each_span(a, b, 900, 700, |y, x0, x1| {
            for x in x0..x1 {
                if gate.allows(start.get(x, y)) {
                    expected.set(x, y, value);
                }
            }
        });
        prop_assert!(map.to_plane() == expected);
        match stroke.commit(&mut map) {
            None => prop_assert!(map == start),
            Some(edit) => {
                let mut replayed = start.clone();
                write_runs(&mut replayed, &edit.changed_runs(&map, Side::After));
                prop_assert!(replayed == map, "the journal tells another story");
                edit.revert(&mut map);
                prop_assert!(map == start);
            }
        }
    }
}

#[test]
fn history_keeps_to_its_budget_but_never_drops_the_last_edit() {
    let mut map = LabelMap::new(2048, 256);
    let one = {
        let (mut map, mut stroke) = (map.clone(), Stroke::begin());
        let at = Point::new(100.0, 100.0);
        Brush::round(20.0).segment(&mut stroke, &mut map, at, at, 1, &Gate::OPEN);
        stroke.commit(&mut map).unwrap().heap_bytes()
    };
    let mut history = History::with_max_bytes(3 * one);
    for i in 0..8 {
        let mut stroke = Stroke::begin();
        let at = Point::new(f64::from(i) * 256.0 + 100.0, 100.0);
        Brush::round(20.0).segment(&mut stroke, &mut map, at, at, 1, &Gate::OPEN);
        history.push(stroke.commit(&mut map).unwrap());
    }
    assert!((1..=3).contains(&history.len()), "{}", history.len());
    assert!(history.undo(&mut map).is_some());
    assert_eq!(map.get(1892, 100), 0);
}

#[test]
fn a_value_set_is_a_set() {
    let mut set = ValueSet::default();
    for v in [0, 63, 64, 200, 255] {
        assert!(!set.contains(v));
        set.insert(v);
        assert!(set.contains(v));
    }
    set.remove(64);
    assert!(!set.contains(64) && set.contains(63) && set.contains(200));
}

/// 500 strokes of ordinary size on 100 MP: brushes of 5 to 200 px, 60 to 1200 px long.
#[test]
fn five_hundred_ordinary_strokes_on_100_megapixels_fit_the_budget() {
    let mut random = 12345_u64;
    let mut next = |n: u64| {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (random >> 33) % n
    };
    let mut map = LabelMap::new(10_000, 10_000);
    let mut history = History::default();
    for _ in 0..500 {
        let diameter = 5.0 + next(196) as f64;
        let (length, angle) = (60.0 + next(1141) as f64, next(628) as f64 / 100.0);
        let a = Point::new(1300.0 + next(7400) as f64, 1300.0 + next(7400) as f64);
        let b = Point::new(a.x + length * angle.cos(), a.y + length * angle.sin());
        let mut stroke = Stroke::begin();
        Brush::round(diameter).segment(&mut stroke, &mut map, a, b, 1 + next(5) as u8, &Gate::OPEN);
        if let Some(edit) = stroke.commit(&mut map) {
            history.push(edit);
        }
    }
    println!("{} steps take {} kB", history.len(), history.heap_bytes() >> 10);
    assert!(history.len() >= 490 && history.heap_bytes() < 128 << 20);
    let end = map.clone();
    let steps = history.len();
    let start = std::time::Instant::now();
    while history.undo(&mut map).is_some() {}
    println!("an undo takes {:.3} ms on average", start.elapsed().as_secs_f64() * 1e3 / steps as f64);
    assert!(map.is_blank());
    while history.redo(&mut map).is_some() {}
    assert!(map == end);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Also on noise, where whole tiles are kept instead of stretches.
    #[test]
    fn an_edit_is_the_difference_of_two_maps_and_survives_its_bytes(seed in any::<u64>(), classes in 1_u64..200, filled in 0_u32..3) {
        let noise = |salt: u64| LabelMap::from_plane(&Plane::from_fn(300, 270, |x, y| {
            if filled == 0 && x < 256 { return salt as u8 % 2; }
            let hash = (u64::from(x) * 31 + u64::from(y) * 17 + salt).wrapping_mul(seed | 1) >> 24;
            (hash % classes) as u8
        }));
        let (old, new) = (noise(3), noise(8));
        let Some(edit) = delimit::paint::Edit::between(&old, &new) else {
            prop_assert!(old == new);
            return Ok(());
        };
        let mut bytes = Vec::new();
        edit.encode(&mut bytes);
        let read = delimit::paint::Edit::decode(&bytes).unwrap();
        let rebuilt = delimit::paint::Edit::from_changes(300, 270, &edit.changes(&old)).unwrap();
        for edit in [edit, read, rebuilt] {
            let mut map = old.clone();
            edit.apply(&mut map);
            prop_assert!(map == new);
            edit.revert(&mut map);
            prop_assert!(map == old);
        }
        for cut in [0, 3, bytes.len() / 2, bytes.len() - 1] {
            prop_assert!(delimit::paint::Edit::decode(&bytes[..cut]).is_none());
        }
    }
}
