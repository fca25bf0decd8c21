//! Repairs of labels against shapes in closed form.

use delimit::check::{
    Arc, BoundaryCheck, BoundaryKind, Left, Scene, SnapRefusal, Soundness, SpeckRepair, check_region, clip_to_part, close_gaps,
    fill_pinholes, offset_regions, repair_specks, shift_labels, smooth_regions, snap, snap_arc, snap_regions,
};
use delimit::raster::{Area, Components, LabelMap, Photo, PixelRect, Plane, Run, Span};
use proptest::prelude::*;

/// A picture in closed form: gray 70 outside and 130 inside a shape whose signed distance is known, blurred by `blur` px across the edge.
struct Scenery<D: Fn(f64, f64) -> f64> {
    width: u32,
    height: u32,
    blur: f64,
    /// Signed distance of a point, px, + outside.
    distance: D,
}

impl<D: Fn(f64, f64) -> f64> Scenery<D> {
    fn photo(&self) -> Photo {
        let mut state = 99_u64;
        let mut noise = || {
            (0..12)
                .map(|_| {
                    state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                    (state >> 11) as f64 / (1_u64 << 53) as f64
                })
                .sum::<f64>()
                - 6.0
        };
        Photo::Gray8(Plane::from_fn(self.width, self.height, |x, y| {
            let d = (self.distance)(f64::from(x) + 0.5, f64::from(y) + 0.5);
            // The logistic curve of the same slope in the middle as a Gaussian edge.
            let step = 1.0 / (1.0 + (d / self.blur * 1.596).exp());
            (70.0 + 60.0 * step + 2.0 * noise()).round().clamp(0.0, 255.0) as u8
        }))
    }

    /// The pixels whose centre has a distance of at most `larger` from the shape moved by (dx, dy).
    fn label(&self, larger: f64, dx: f64, dy: f64) -> LabelMap {
        LabelMap::from_plane(&Plane::from_fn(self.width, self.height, |x, y| {
            u8::from((self.distance)(f64::from(x) + 0.5 - dx, f64::from(y) + 0.5 - dy) <= larger)
        }))
    }

    /// What nine tenths of the contour of an area are truly off less than, px; points on the border of the image do not count.
    fn true_p90(&self, area: &Area) -> f64 {
        let contours = area.contours();
        let is_inner = |x: f64, y: f64| x > 1.0 && y > 1.0 && x < f64::from(self.width) - 1.0 && y < f64::from(self.height) - 1.0;
        let points = contours.iter().flat_map(|c| {
            // Means of neighbours: the stairs of the raster are no displacement.
            let n = c.points.len();
            (0..n).map(move |i| {
                let window = (0..9).map(|k| c.points[(i + n + k - 4) % n]);
                let (x, y) = window.fold((0.0, 0.0), |(x, y), p| (x + p.x / 9.0, y + p.y / 9.0));
                (x, y)
            })
        });
        let mut off: Vec<f64> = points.filter(|&(x, y)| is_inner(x, y)).map(|(x, y)| (self.distance)(x, y).abs()).collect();
        off.sort_by(f64::total_cmp);
        off[off.len() * 9 / 10]
    }
}

fn disk(x: f64, y: f64) -> f64 {
    (x - 55.3).hypot(y - 54.6) - 22.0
}

fn disk_scenery() -> Scenery<impl Fn(f64, f64) -> f64> {
    Scenery { width: 110, height: 110, blur: 1.2, distance: disk }
}

fn runs_of(map: &LabelMap) -> Vec<Run> {
    Components::of(map).runs(0).to_vec()
}

fn snapped(photo: &Photo, map: &LabelMap, part: Option<&LabelMap>) -> Result<delimit::check::Snap, SnapRefusal> {
    snap(&Scene::new(photo, map, part), &runs_of(map), BoundaryKind::Sharp, &BoundaryCheck::default())
}

#[test]
fn a_disk_of_any_wrong_size_or_place_snaps_onto_the_edge() {
    let scenery = disk_scenery();
    let photo = scenery.photo();
    for (larger, dx, dy) in
        [(2.0, 0.0, 0.0), (-2.0, 0.0, 0.0), (5.0, 0.0, 0.0), (-4.0, 1.0, 0.0), (0.0, 3.0, -2.0), (2.5, -1.5, 1.0)]
    {
        let map = scenery.label(larger, dx, dy);
        let snap = snapped(&photo, &map, None).unwrap();
        let (before, after) = (scenery.true_p90(&Area::of_runs(&runs_of(&map))), scenery.true_p90(&snap.area));
        // Rays of a label in the wrong place meet the edge aslant.
        let most = if (dx, dy) == (0.0, 0.0) { 0.3 } else { 0.4 };
        assert!(before > 1.9 && after < most, "{larger} {dx} {dy}: {before} px to {after} px");
        assert_eq!(snap.after.verdict, Soundness::Pass);
        assert!(snap.p90_px.1 < snap.p90_px.0);
        // The parts fit together.
        let old = Area::of_runs(&runs_of(&map));
        assert_eq!(old.minus(&snap.removed).union(&snap.added), snap.area);
        assert!(snap.added.intersection(&old).is_empty() && snap.removed.minus(&old).is_empty());
        let iou = snap.area.intersection(&old).pixels() as f64 / snap.area.union(&old).pixels() as f64;
        assert!((snap.iou - iou).abs() < 1e-12);
        assert_eq!(runs_of(&snap.repair(0).applied_to(&map)), snap.area.runs(1));
        assert!(snap.moved_length_px > 60.0 && snap.farthest_px > 1.5 && snap.farthest_px < 8.0);
    }
}

#[test]
fn snapping_again_changes_next_to_nothing() {
    let scenery = disk_scenery();
    let photo = scenery.photo();
    let first = snapped(&photo, &scenery.label(2.0, 1.0, 0.0), None).unwrap();
    let map = first.repair(0).applied_to(&scenery.label(2.0, 1.0, 0.0));
    match snapped(&photo, &map, None) {
        Ok(second) => {
            let moved = second.added.pixels() + second.removed.pixels();
            assert!(moved * 33 < first.area.pixels(), "{moved} px of {}", first.area.pixels());
            assert!(scenery.true_p90(&second.area) < 0.3);
        }
        Err(why) => assert!(matches!(why, SnapRefusal::OnTheEdge | SnapRefusal::NotBetter { .. }), "{why}"),
    }
}

#[test]
fn a_thin_line_moves_as_a_whole_and_stays_one_line() {
    // 3 px wide, slanted, 80 px long.
    let (sin, cos) = 0.3_f64.sin_cos();
    let distance = move |x: f64, y: f64| {
        let (u, v) = ((x - 60.0) * cos + (y - 45.0) * sin, (y - 45.0) * cos - (x - 60.0) * sin);
        let (du, dv) = (u.abs() - 40.0, v.abs() - 1.5);
        du.max(0.0).hypot(dv.max(0.0)) + du.max(dv).min(0.0)
    };
    let scenery = Scenery { width: 120, height: 90, blur: 0.7, distance };
    let photo = scenery.photo();
    for by in [-2.0, -1.0, 1.0, 2.0, 3.0] {
        let map = scenery.label(0.0, -by * sin, by * cos);
        let before = scenery.true_p90(&Area::of_runs(&runs_of(&map)));
        let snap = snapped(&photo, &map, None).unwrap_or_else(|why| panic!("{by} px: {why}"));
        let after = scenery.true_p90(&snap.area);
        // Beside the line by its whole width: its flanks are seen over each other.
        let limit = if by < 3.0 { 0.5 } else { 0.6 };
        assert!(after < limit && after < before, "{by}: {before} px to {after} px");
        let islands = delimit::paint::islands(&snap.area);
        assert!(islands.len() == 1 && delimit::paint::holes(&snap.area).is_empty());
        let pixels = snap.area.pixels() as f64;
        assert!((200.0..290.0).contains(&pixels), "{by}: {pixels} px for 240 px²");
    }
    // Painted four times too wide.
    let wide = snapped(&photo, &scenery.label(4.0, 0.0, 0.0), None).unwrap();
    assert!(scenery.true_p90(&wide.area) < 0.5, "{}", scenery.true_p90(&wide.area));
}

#[test]
fn a_ring_keeps_its_hole_and_both_contours_snap() {
    let distance = |x: f64, y: f64| ((x - 60.2).hypot(y - 59.7) - 27.0).abs() - 9.0;
    let scenery = Scenery { width: 120, height: 120, blur: 1.0, distance };
    let photo = scenery.photo();
    for larger in [2.0, -2.0, 3.5] {
        let map = scenery.label(larger, 0.0, 0.0);
        let snap = snapped(&photo, &map, None).unwrap();
        assert!(scenery.true_p90(&snap.area) < 0.3, "{larger}: {}", scenery.true_p90(&snap.area));
        assert_eq!(delimit::paint::holes(&snap.area).len(), 1);
        // A pinhole is too small to be traced and stays what it is.
        let mut pierced = map.clone();
        pierced.fill_span(59, 33, 34, 0);
        let snap = snapped(&photo, &pierced, None).unwrap();
        assert!(!snap.area.contains(33, 59) && delimit::paint::holes(&snap.area).len() == 2);
    }
}

#[test]
fn a_region_at_the_border_of_the_image_stays_at_it() {
    let scenery = Scenery { width: 100, height: 80, blur: 1.0, distance: |x: f64, y: f64| (x - 4.0).hypot(y - 40.0) - 20.0 };
    let photo = scenery.photo();
    for larger in [2.0, -2.0, 3.0] {
        let map = scenery.label(larger, 0.0, 0.0);
        let snap = snapped(&photo, &map, None).unwrap();
        assert!(scenery.true_p90(&snap.area) < 0.4, "{larger}: {}", scenery.true_p90(&snap.area));
        // The chord on the border is 2 · √(20² − 4²) = 39.2 px long.
        let chord = (0..80).filter(|&y| snap.area.contains(0, y)).count();
        assert!((38..=41).contains(&chord), "{larger}: {chord}");
    }
    // A corner of the image.
    let scenery = Scenery { width: 90, height: 90, blur: 1.0, distance: |x: f64, y: f64| (x - 80.0).hypot(y - 82.0) - 30.0 };
    let snap = snapped(&scenery.photo(), &scenery.label(2.5, 0.0, 0.0), None).unwrap();
    assert!(scenery.true_p90(&snap.area) < 0.4 && snap.area.contains(89, 89), "{}", scenery.true_p90(&snap.area));
}

#[test]
fn neighbours_and_what_lies_off_the_part_are_never_taken() {
    let scenery = disk_scenery();
    let photo = scenery.photo();
    // The label is too small, and another class begins 2 px inside the true edge on the right; they touch.
    let mut map = scenery.label(-3.0, 0.0, 0.0);
    for y in 0..110 {
        for x in 74..110 {
            map.fill_span(y, x, x + 1, 2);
        }
    }
    let components = Components::of(&map);
    let first = (0..components.len()).find(|&i| components.value(i) == 1).unwrap();
    let settings = BoundaryCheck::default();
    let snap = snap(&Scene::new(&photo, &map, None), components.runs(first), BoundaryKind::Sharp, &settings).unwrap();
    assert!(snap.added.spans().iter().all(|s| s.x1 <= 74) && snap.added.pixels() > 200);
    assert!(snap.added.spans().iter().all(|s| (s.x0..s.x1).all(|x| map.get(x, s.y) == 0)));
    // The part ends at y = 70.
    let part = LabelMap::from_plane(&Plane::from_fn(110, 110, |_, y| u8::from(y < 70)));
    let inside = scenery.label(-3.0, 0.0, 0.0);
    let on_part = snapped(&photo, &inside, Some(&part)).unwrap();
    assert!(on_part.added.spans().iter().all(|s| s.y < 70) && on_part.added.pixels() > 100);
    // Another region of the same class 3 px away: the two do not grow together.
    let mut two = scenery.label(-2.0, 0.0, 0.0);
    for y in 40..70 {
        two.fill_span(y, 78, 90, 1);
    }
    let components = Components::of(&two);
    assert_eq!(components.len(), 2);
    let all: Vec<usize> = (0..2).collect();
    let repair = snap_regions(&Scene::new(&photo, &two, None), &components, &all, &settings, |_| BoundaryKind::Sharp);
    assert_eq!(Components::of(&repair.applied_to(&two)).len(), 2);
}

#[test]
fn an_arc_moves_alone() {
    let scenery = disk_scenery();
    let photo = scenery.photo();
    let map = scenery.label(3.0, 0.0, 0.0);
    let (scene, runs, settings) = (Scene::new(&photo, &map, None), runs_of(&map), BoundaryCheck::default());
    let result = check_region(&scene, &runs, BoundaryKind::Sharp, &settings);
    let n = result.contours[0].len();
    // Points to the right of the centre, over the seam of the contour or not.
    let start = (0..n).find(|&k| {
        let (a, b) = (result.points[(k + n - 1) % n].position, result.points[k].position);
        a.x <= 60.0 && b.x > 60.0
    });
    let start = start.unwrap();
    let len = (0..n).take_while(|k| result.points[(start + k) % n].position.x > 60.0).count();
    let snap = snap_arc(&scene, &runs, BoundaryKind::Sharp, &settings, Arc { contour: 0, start, len }).unwrap();
    assert!(snap.added.union(&snap.removed).bounds().x0 >= 57);
    let right = |x: f64, y: f64| (x > 66.0).then(|| disk(x, y).abs());
    let mut off: Vec<f64> = snap.area.contours()[0].points.iter().filter_map(|p| right(p.x, p.y)).collect();
    off.sort_by(f64::total_cmp);
    assert!(off[off.len() * 9 / 10] < 0.6, "{}", off[off.len() * 9 / 10]);
    for bad in
        [Arc { contour: 1, start: 0, len: 5 }, Arc { contour: 0, start: n, len: 5 }, Arc { contour: 0, start: 0, len: n + 1 }]
    {
        assert_eq!(snap_arc(&scene, &runs, BoundaryKind::Sharp, &settings, bad).unwrap_err(), SnapRefusal::NoSuchArc);
    }
}

#[test]
fn what_the_photo_does_not_show_is_refused_with_the_reason() {
    let flat = Photo::Gray8(Plane::from_fn(110, 110, |x, y| 100 + ((x * 7 + y * 13 + x * y) % 5) as u8));
    let why = snapped(&flat, &disk_scenery().label(0.0, 0.0, 0.0), None).unwrap_err();
    assert!(matches!(why, SnapRefusal::Unmeasurable(_)), "{why}");
    assert!(why.to_string().contains("photo"));
    let scenery = disk_scenery();
    match snapped(&scenery.photo(), &scenery.label(0.0, 0.0, 0.0), None) {
        Ok(snap) => assert!(snap.iou > 0.97),
        Err(why) => assert!(matches!(why, SnapRefusal::OnTheEdge | SnapRefusal::NotBetter { .. })),
    }
    let map = scenery.label(2.0, 0.0, 0.0);
    let components = Components::of(&map);
    let repair =
        snap_regions(&Scene::new(&flat, &map, None), &components, &[0, 7], &BoundaryCheck::default(), |_| BoundaryKind::Sharp);
    assert!(repair.is_empty() && matches!(repair.left[..], [(0, Left::Refused(_))]));
}

fn painted(rows: &[&str]) -> LabelMap {
    LabelMap::from_plane(&Plane::from_fn(rows[0].len() as u32, rows.len() as u32, |x, y| {
        match rows[y as usize].as_bytes()[x as usize] {
            b'.' => 0,
            c => c - b'0',
        }
    }))
}

#[test]
fn specks_go_or_join_what_is_near() {
    let map = painted(&["11....2222", "11....2222", "...1.22222", "..........", "3.........", "......1..."]);
    let components = Components::of(&map);
    let at = |x, y| components.at(x, y).unwrap();
    let specks = [at(3, 2), at(0, 4), at(6, 5)];
    let gone = repair_specks(&map, &components, &specks, SpeckRepair::Delete).applied_to(&map);
    assert_eq!(gone, painted(&["11....2222", "11....2222", ".....22222", "..........", "..........", ".........."]));
    let joined = repair_specks(&map, &components, &specks, SpeckRepair::Join);
    // Class 2 is 2 px away; class 1 is farther than that. The other two have nobody near.
    assert_eq!(joined.applied_to(&map).get(3, 2), 2);
    assert_eq!(joined.applied_to(&map).get(4, 2), 2);
    assert_eq!(joined.left, [(at(0, 4), Left::NoNeighbour), (at(6, 5), Left::NoNeighbour)]);
    assert_eq!(joined.pixels(), 2);
}

#[test]
fn pinholes_fill_and_holes_with_something_in_them_do_not() {
    let map = painted(&["1111111111", "1.11..1.21", "1111..1111", "1111111111"]);
    let repair = fill_pinholes(&map, &Components::of(&map), &[0], 4);
    assert_eq!(repair.applied_to(&map), painted(&["1111111111", "1111..1.21", "1111..1111", "1111111111"]));
    assert!(fill_pinholes(&map, &Components::of(&map), &[0], 1).is_empty());
}

#[test]
fn gaps_close_up_to_their_width_and_no_wider() {
    let rows = ["1111..1111...1111", "1111..1111...1111", "1111..1111...1111", "1111..1111...1111"];
    let map = painted(&rows);
    let close = |gap| close_gaps(&map, &Components::of(&map), 1, gap).pixels();
    assert_eq!((close(1.0), close(1.9), close(2.0), close(2.9), close(3.0)), (0, 0, 8, 8, 20));
    let shut = close_gaps(&map, &Components::of(&map), 1, 2.0).applied_to(&map);
    assert_eq!(Components::of(&shut).len(), 2);
    // Another label in the gap stays; other classes have no gap.
    let mut busy = map.clone();
    busy.fill_span(1, 4, 6, 2);
    assert_eq!(close_gaps(&busy, &Components::of(&busy), 1, 2.0).pixels(), 6);
    assert!(close_gaps(&map, &Components::of(&map), 2, 3.0).is_empty());
}

#[test]
fn what_lies_off_the_part_is_clipped() {
    let map = painted(&["11112222", "11112222"]);
    let part = painted(&["66000000", "66600000"]);
    let repair = clip_to_part(&part, &Components::of(&map), &[0, 1]);
    assert_eq!(repair.applied_to(&map), painted(&["11..2222", "111.2222"]));
    assert_eq!(repair.left, [(1, Left::Vanishes)]);
}

/// Pixels whose centre lies within `r` of (cx, cy).
fn pixel_disk(cx: f64, cy: f64, r: f64) -> Area {
    let mask = Plane::from_fn(96, 96, |x, y| (f64::from(x) + 0.5 - cx).hypot(f64::from(y) + 0.5 - cy) <= r);
    Area::of_mask(&mask, (0, 0))
}

fn map_of(area: &Area, value: u8) -> LabelMap {
    let mut map = LabelMap::new(96, 96);
    area.spans().iter().for_each(|s| map.fill_span(s.y, s.x0, s.x1, value));
    map
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// A disk of radius r becomes one of radius r + b: by its area (that of a small disk jumps by 8 px at a
    /// time), and no pixel is farther from that circle than the raster allows.
    #[test]
    fn a_disk_grows_and_shrinks_by_fractions(cx in 46.0_f64..50.0, cy in 46.0_f64..50.0, r in 10.0_f64..30.0, by in -5.0_f64..5.0) {
        let map = map_of(&pixel_disk(cx, cy, r), 1);
        let repair = offset_regions(&map, &Components::of(&map), &[0], by);
        let after = Area::of_runs(&runs_of(&repair.applied_to(&map)));
        let radius = (after.pixels() as f64 / std::f64::consts::PI).sqrt();
        prop_assert!((radius - (r + by)).abs() < 0.3, "radius {} for {} {:+}", radius, r, by);
        prop_assert!(after.minus(&pixel_disk(cx, cy, r + by + 0.75)).is_empty());
        prop_assert!(pixel_disk(cx, cy, r + by - 0.75).minus(&after).is_empty());
    }

    /// Whole pixels move exactly, whatever is on the map.
    #[test]
    fn whole_shifts_are_translations(bits in prop::collection::vec(0_u8..4, 140), dx in -4_i64..5, dy in -4_i64..5) {
        let value = |x: i64, y: i64| {
            if (0..14).contains(&x) && (0..10).contains(&y) { [0, 1, 2, 255][bits[(y * 14 + x) as usize] as usize] } else { 0 }
        };
        // A blank margin: nothing leaves the image.
        let map = LabelMap::from_plane(&Plane::from_fn(24, 20, |x, y| value(i64::from(x) - 5, i64::from(y) - 5)));
        let repair = shift_labels(&map, dx as f64, dy as f64);
        let moved = LabelMap::from_plane(&Plane::from_fn(24, 20, |x, y| value(i64::from(x) - 5 - dx, i64::from(y) - 5 - dy)));
        prop_assert!(repair.applied_to(&map) == moved);
        prop_assert!(repair.left.is_empty());
    }

    /// A fraction moves the centre of gravity of a disk by that fraction, to well below half a pixel, and keeps its area.
    #[test]
    fn fractions_move_the_centre(dx in -2.0_f64..2.0, dy in -2.0_f64..2.0, r in 9.0_f64..25.0) {
        let map = map_of(&pixel_disk(48.3, 47.6, r), 3);
        let centre = |map: &LabelMap| {
            let area = Area::of_runs(&runs_of(map));
            let mut sum = (0.0, 0.0);
            for s in area.spans() {
                sum.0 += f64::from(s.len()) * f64::from(s.x0 + s.x1) / 2.0;
                sum.1 += f64::from(s.len()) * (f64::from(s.y) + 0.5);
            }
            let n = area.pixels() as f64;
            (sum.0 / n, sum.1 / n, n)
        };
        let (before, after) = (centre(&map), centre(&shift_labels(&map, dx, dy).applied_to(&map)));
        prop_assert!((after.0 - before.0 - dx).abs() < 0.3 && (after.1 - before.1 - dy).abs() < 0.3, "{:?} {:?}", before, after);
        prop_assert!((after.2 / before.2 - 1.0).abs() < 0.03);
    }

    /// No repair writes on a pixel of another region, whatever the map.
    #[test]
    fn repairs_never_touch_pixels_of_others(bits in prop::collection::vec(0_u8..6, 30), by in -2.0_f64..3.0, gap in 1.0_f64..4.0) {
        // Blocks of 5 × 5 px: touching classes, gaps, holes.
        let map = LabelMap::from_plane(&Plane::from_fn(30, 25, |x, y| match bits[((y / 5) * 6 + x / 5) as usize] {
            v @ 1..=2 => v,
            3 => 255,
            _ => 0,
        }));
        let components = Components::of(&map);
        let all: Vec<usize> = (0..components.len()).collect();
        let repairs = [
            offset_regions(&map, &components, &all, by),
            close_gaps(&map, &components, 1, gap),
            smooth_regions(&map, &components, &all, 1.5),
            fill_pinholes(&map, &components, &all, 30),
        ];
        for repair in repairs {
            let mut seen = Area::new();
            for (area, value) in &repair.changes {
                prop_assert!(area.intersection(&seen).is_empty());
                seen = seen.union(area);
                for s in area.spans() {
                    for x in s.x0..s.x1 {
                        let was = map.get(x, s.y);
                        prop_assert!(was == 0 || (*value == 0 && was != 255), "{:?}: {} becomes {}", repair.kind, was, value);
                    }
                }
            }
        }
    }
}

#[test]
fn what_would_vanish_or_fall_apart_is_listed_and_left() {
    let mut map = map_of(&pixel_disk(20.0, 20.0, 2.0), 1);
    // Two blocks with a bridge of 2 px.
    for y in 60..70 {
        map.fill_span(y, 40, 50, 1);
        map.fill_span(y, 60, 70, 1);
    }
    map.fill_span(64, 50, 60, 1);
    map.fill_span(65, 50, 60, 1);
    let components = Components::of(&map);
    let repair = offset_regions(&map, &components, &[0, 1], -2.0);
    assert!(repair.is_empty());
    assert_eq!(repair.left, [(0, Left::Vanishes), (1, Left::Splits { pieces: 2 })]);
    // Off the image: left where it was, and said so.
    let gone = shift_labels(&map_of(&pixel_disk(6.0, 6.0, 3.0), 1), -40.0, 0.0);
    assert!(gone.is_empty() && gone.left == [(0, Left::Vanishes)]);
}

#[test]
fn growing_at_the_border_of_the_image_is_growing_inwards_only() {
    let map = map_of(&Area::of_rect(PixelRect::new(0, 30, 20, 60)), 1);
    let grown = offset_regions(&map, &Components::of(&map), &[0], 2.0).applied_to(&map);
    let shrunk = offset_regions(&map, &Components::of(&map), &[0], -2.0).applied_to(&map);
    assert_eq!((grown.get(0, 28), grown.get(0, 27), grown.get(21, 45), grown.get(22, 45)), (1, 0, 1, 0));
    assert_eq!((shrunk.get(0, 32), shrunk.get(0, 31), shrunk.get(17, 45), shrunk.get(18, 45)), (1, 0, 1, 0));
}

#[test]
fn smoothing_takes_stairs_away_and_keeps_the_area() {
    // A disk in blocks of 4 px, as upscaled masks have.
    let block = |x: u32| f64::from(x / 4 * 4) + 2.0;
    let mask = Plane::from_fn(96, 96, |x, y| (block(x) - 48.0).hypot(block(y) - 48.0) <= 28.0);
    let jagged = Area::of_mask(&mask, (0, 0));
    let map = map_of(&jagged, 1);
    let repair = smooth_regions(&map, &Components::of(&map), &[0], 8.0);
    let smooth = Area::of_runs(&runs_of(&repair.applied_to(&map)));
    assert!((smooth.pixels() as f64 / jagged.pixels() as f64 - 1.0).abs() < 0.01);
    let radius = (smooth.pixels() as f64 / std::f64::consts::PI).sqrt();
    let rough = |area: &Area| {
        let points: Vec<f64> =
            area.contours()[0].points.iter().map(|p| ((p.x - 48.0).hypot(p.y - 48.0) - radius).powi(2)).collect();
        (points.iter().sum::<f64>() / points.len() as f64).sqrt()
    };
    assert!(rough(&smooth) < 0.5 * rough(&jagged), "{} of {}", rough(&smooth), rough(&jagged));
    // What has no jags hardly changes.
    let round = map_of(&pixel_disk(48.0, 48.0, 28.0), 1);
    assert!(smooth_regions(&round, &Components::of(&round), &[0], 3.0).pixels() < 30);
    let line = map_of(&Area::from_spans((40..43).map(|y| Span::new(y, 10, 80)).collect()), 1);
    assert!(smooth_regions(&line, &Components::of(&line), &[0], 3.0).pixels() <= 8);
}
