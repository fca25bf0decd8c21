//! Features of shapes against figures that other programs and closed forms give.

use delimit::measure::{Calibration, Feature, Grouping, Instance, Measuring, Region, RegionTable, ZoneShare, regions};
use delimit::raster::{Components, Crofton, LabelMap, PairCounts, Plane};

const PX: Calibration = Calibration::square(1.0);

pub fn map_of(w: u32, h: u32, is_in: impl Fn(f64, f64) -> bool) -> LabelMap {
    LabelMap::from_plane(&Plane::from_fn(w, h, |x, y| u8::from(is_in(f64::from(x), f64::from(y)))))
}

pub fn only_region(map: &LabelMap, calibration: Calibration) -> Region {
    let found = regions(map, &Measuring { calibration: Some(calibration), ..Measuring::default() });
    assert_eq!(found.len(), 1);
    found[0].clone()
}

/// Masks with pixel centres at whole coordinates, the middle of a grid of 61 × 61 at (30, 30).
fn mask(name: &str) -> LabelMap {
    let (c, s) = (30_f64.to_radians().cos(), 30_f64.to_radians().sin());
    map_of(61, 61, |x, y| {
        let (dx, dy) = (x - 30.0, y - 30.0);
        let (u, v) = (dx * c + dy * s, dy * c - dx * s);
        let rho2 = dx * dx + dy * dy;
        let bar = |x0: f64, x1: f64, y0: f64, y1: f64| x >= x0 && x < x1 && y >= y0 && y < y1;
        match name {
            "pixel1" => rho2 == 0.0,
            "rect10x4" => bar(20.0, 30.0, 30.0, 34.0),
            "hline20x1" => bar(20.0, 40.0, 30.0, 31.0),
            "diag20" => dx == dy && (0.0..20.0).contains(&dx),
            "disk_r10" => rho2 <= 100.0,
            "ring_10_5" => rho2 > 25.0 && rho2 <= 100.0,
            "diamond_r8" => dx.abs() + dy.abs() <= 8.0,
            "L_12_4" => bar(20.0, 24.0, 20.0, 32.0) || bar(20.0, 32.0, 28.0, 32.0),
            "plus_9_3" => bar(20.0, 29.0, 23.0, 26.0) || bar(23.0, 26.0, 20.0, 29.0),
            "ellipse_20_8_30deg" => (u / 20.0).powi(2) + (v / 8.0).powi(2) <= 1.0,
            "rect30deg_40x10" => u.abs() <= 20.0 && v.abs() <= 5.0,
            _ => panic!("{name}"),
        }
    })
}

/// Pixels, Crofton of 4 and 8 directions, largest and smallest Feret diameter, both sides of the smallest rectangle, angle, linearity,
/// area of the hull, solidity, circularity (by 4πA/P² from the perimeter of 8 directions), holes. Made with numpy, shapely and scikit-image
/// from the same definitions.
#[expect(clippy::approx_constant, reason = "figures of other programs, as they printed them")]
#[rustfmt::skip]
const VECTORS: [(&str, [f64; 13]); 11] = [
    ("pixel1", [1.0, 2.6815, 2.0848, 1.4142, 1.0, 1.0, 1.0, f64::NAN, 0.0, 1.0, 1.0, 1.0, 0.0]),
    ("rect10x4", [40.0, 25.4349, 25.7535, 10.7703, 4.0, 10.0, 4.0, 0.0, 0.6, 40.0, 1.0, 0.7579, 0.0]),
    ("hline20x1", [20.0, 38.7078, 32.8867, 20.0250, 1.0, 20.0, 1.0, 0.0, 0.95, 20.0, 1.0, 0.2324, 0.0]),
    ("diag20", [20.0, 43.0785, 37.3733, 28.2843, 1.4142, 28.2843, 1.4142, 45.0, 0.9646, 39.0, 0.5128, 0.1799, 0.0]),
    ("disk_r10", [317.0, 65.1976, 64.2806, 21.4009, 20.6155, 20.6155, 20.6155, f64::NAN, 0.0, 345.0, 0.9188, 0.9641, 0.0]),
    ("ring_10_5", [236.0, 99.1372, 97.4632, 21.4009, 20.6155, 20.6155, 20.6155, f64::NAN, 0.0, 345.0, 0.6841, 0.3122, 1.0]),
    ("diamond_r8", [145.0, 45.5858, 46.6813, 17.0294, 12.7279, 12.7279, 12.7279, f64::NAN, 0.0, 161.0, 0.9006, 0.8362, 0.0]),
    ("L_12_4", [80.0, 43.8408, 44.5475, 16.9706, 11.3137, 12.0, 12.0, 45.0, 0.4209, 112.0, 0.7143, 0.5066, 0.0]),
    ("plus_9_3", [45.0, 30.7980, 29.9231, 9.4868, 8.4853, 8.4853, 8.4853, f64::NAN, 0.0, 63.0, 0.7143, 0.6315, 0.0]),
    ("ellipse_20_8_30deg", [505.0, 92.6634, 92.1361, 40.8167, 17.1499, 40.8167, 17.1499, 30.0186, 0.5945, 543.0, 0.9300, 0.7475, 0.0]),
    ("rect30deg_40x10", [401.0, 101.1681, 98.1603, 42.4500, 11.2872, 41.3036, 11.2872, 30.0654, 0.7484, 457.0, 0.8775, 0.5230, 0.0]),
];

fn close(what: &str, found: f64, expected: f64, tolerance: f64) {
    let is_same = (found.is_nan() && expected.is_nan()) || (found - expected).abs() <= tolerance;
    assert!(is_same, "{what}: {found} instead of {expected}");
}

fn crofton_4(map: &LabelMap, scale: (f64, f64)) -> f64 {
    let components = Components::of(map);
    let region = &regions(map, &Measuring::default())[0];
    Crofton::four(scale).perimeter(&PairCounts::by_runs(components.runs(0), region.pixels))
}

#[test]
fn known_masks_get_the_figures_of_other_programs() {
    for (name, [px, four, eight, feret_max, feret_min, length, width, angle, linearity, hull, solidity, circularity, holes]) in
        VECTORS
    {
        let map = mask(name);
        let r = only_region(&map, PX);
        let check = |f: Feature, expected: f64| {
            close(&format!("{name} {}", f.name()), f64::from(r.feature(f)), expected, 6e-5 * expected.abs().max(1.0));
        };
        check(Feature::AreaPx, px);
        close(&format!("{name} Crofton 4"), crofton_4(&map, (1.0, 1.0)), four, 6e-5);
        check(Feature::Perimeter, eight);
        check(Feature::FeretMax, feret_max);
        check(Feature::FeretMin, feret_min);
        check(Feature::Length, length);
        check(Feature::Width, width);
        check(Feature::Orientation, angle);
        check(Feature::Linearity, linearity);
        check(Feature::Solidity, solidity);
        check(Feature::Solidity, px / hull);
        check(Feature::Circularity, circularity);
        check(Feature::Circularity, (4.0 * std::f64::consts::PI * px / (eight * eight)).min(1.0));
        check(Feature::Roundness, 4.0 * px / (std::f64::consts::PI * feret_max * feret_max));
        check(Feature::Rectangularity, px / (length * width));
        check(Feature::Holes, holes);
        check(Feature::HoleArea, if name == "ring_10_5" { 81.0 } else { 0.0 });
    }
}

#[test]
fn pixels_that_are_not_square_are_measured_on_the_part() {
    let with = Calibration { x_mm_per_px: 0.02, y_mm_per_px: 0.03 };
    let nan = f64::NAN;
    // Area, Crofton 4 and 8, largest and smallest Feret diameter, angle.
    for (name, [area, four, eight, feret_max, feret_min, angle]) in [
        ("rect10x4", [0.0240, 0.5754, 0.5840, 0.2332, 0.1200, nan]),
        ("disk_r10", [0.1902, 1.6242, 1.6145, 0.6303, 0.4192, 90.0]),
        ("diag20", [0.0120, 1.0993, nan, 0.7211, nan, nan]),
        ("ellipse_20_8_30deg", [0.3030, 2.2204, 2.2004, 0.9548, 0.4435, 46.3093]),
    ] {
        let map = mask(name);
        let r = only_region(&map, with);
        close(&format!("{name} Crofton 4"), crofton_4(&map, (0.02, 0.03)), four, 6e-5);
        for (feature, expected, tolerance) in [
            (Feature::Area, area, 6e-5),
            (Feature::Perimeter, eight, 6e-5),
            (Feature::FeretMax, feret_max, 6e-5),
            (Feature::FeretMin, feret_min, 6e-5),
            (Feature::Orientation, angle, 1e-3),
        ] {
            if !expected.is_nan() {
                close(&format!("{name} {}", feature.name()), f64::from(r.feature(feature)), expected, tolerance);
            }
        }
        close(&format!("{name} x"), f64::from(r.feature(Feature::CentreX)), r.centroid.x * 0.02, 1e-6);
        close(&format!("{name} y"), f64::from(r.feature(Feature::CentreY)), r.centroid.y * 0.03, 1e-6);
    }
    let disk = only_region(&mask("disk_r10"), PX);
    assert_eq!((disk.feature(Feature::CentreX), disk.feature(Feature::CentreY)), (30.5, 30.5));
}

/// What small forms measure must not depend on where they lie, nor on what was measured before.
#[test]
fn small_forms_measure_the_same_wherever_they_lie() {
    let form = |k: u32, x: u32, y: u32| (x < 4 && y < 4) && (k >> (4 * y + x)) & 1 == 1;
    let all: Vec<u32> = (1..0x1_0000).step_by(97).collect();
    let map = LabelMap::from_plane(&Plane::from_fn(26 * 6 + 1, 26 * 6 + 1, |x, y| {
        let k = all.get((y / 6 * 26 + x / 6) as usize).copied().unwrap_or(0);
        u8::from(form(k, (x % 6).wrapping_sub(1), (y % 6).wrapping_sub(1)))
    }));
    let with = Measuring { calibration: Some(Calibration { x_mm_per_px: 0.5, y_mm_per_px: 0.25 }), ..Measuring::default() };
    for r in regions(&map, &with) {
        let place = PlaneOf(&map, &r);
        let alone = regions(&place.map(), &with);
        for f in Feature::ALL.into_iter().filter(|f| !matches!(f, Feature::CentreX | Feature::CentreY)) {
            let own = alone[0].feature(f);
            assert!(own.to_bits() == r.feature(f).to_bits() || (own - r.feature(f)).abs() <= 1e-6 * own.abs(), "{}", f.name());
        }
    }
}

/// A region alone on a large map, far from where it was.
struct PlaneOf<'a>(&'a LabelMap, &'a Region);

impl PlaneOf<'_> {
    fn map(&self) -> LabelMap {
        let Self(map, region) = *self;
        let components = Components::of(map);
        let runs = components.runs(components.at(region.anchor.0, region.anchor.1).unwrap());
        let mut plane = Plane::filled(40, 600, 0);
        for r in runs {
            (r.x0..r.x1).for_each(|x| plane.set(x - region.bounds.x0 + 11, r.y - region.bounds.y0 + 500, 1));
        }
        LabelMap::from_plane(&plane)
    }
}

#[test]
fn holes_of_joined_fragments_are_counted_once() {
    // A ring with a hole of 9 × 9, in it a ring of 5 × 5 with a hole of 3 × 3: joined by one number.
    let map = map_of(30, 30, |x, y| {
        let d = (x - 12.0).abs().max((y - 12.0).abs());
        d == 5.0 || d == 2.0
    });
    let grouping = Grouping { instances: vec![Instance { number: 7, at: vec![(7, 7), (10, 10)] }], ..Grouping::default() };
    let with = Measuring { calibration: Some(PX), grouping: Some(&grouping), ..Measuring::default() };
    let found = regions(&map, &with);
    assert_eq!((found.len(), found[0].number, found[0].pixels), (1, Some(7), 40 + 16));
    assert_eq!((found[0].feature(Feature::Holes), found[0].feature(Feature::HoleArea)), (2.0, (81 - 16) as f32));
    let apart = regions(&map, &Measuring { calibration: Some(PX), ..Measuring::default() });
    assert_eq!(apart.iter().map(|r| r.feature(Feature::HoleArea)).collect::<Vec<_>>(), [81.0, 9.0]);
}

#[test]
fn a_region_in_two_zones_has_a_share_and_a_piece_in_each() {
    // 12 columns in zone 1, 8 in zone 2; and a region in one zone alone.
    let map =
        map_of(60, 20, |x, y| ((8.0..28.0).contains(&x) && (5.0..9.0).contains(&y)) || ((40.0..45.0).contains(&x) && y == 12.0));
    let zones = LabelMap::from_plane(&Plane::from_fn(60, 20, |x, _| if x < 20 { 1 } else { 2 }));
    let with = Measuring { calibration: Some(Calibration::square(0.1)), zones: Some(&zones), ..Measuring::default() };
    let found = regions(&map, &with);
    let r = &found[0];
    assert_eq!(r.zones.iter().map(|s| (s.zone, s.pixels)).collect::<Vec<_>>(), [(1, 48), (2, 32)]);
    assert!(r.feature(Feature::ZoneShare).is_nan());
    let near = |a: f32, b: f32| assert!((a - b).abs() < 1e-6, "{a} instead of {b}");
    for (share, columns) in r.zones.iter().zip([12.0, 8.0]) {
        near(r.features_in(share)[Feature::ZoneShare.index()], columns / 20.0);
        near(r.features_in(share)[Feature::Length.index()], 2.0);
        let piece = r.piece_features(share);
        near(piece[Feature::Length.index()], columns * 0.1);
        near(piece[Feature::Area.index()], columns * 4.0 * 0.01);
        near(piece[Feature::ZoneShare.index()], columns / 20.0);
    }
    assert_eq!(found[1].feature(Feature::ZoneShare), 1.0);
    assert_eq!(found[1].zones, [ZoneShare::new(2, 5)]);
    let mut table = RegionTable::new();
    found.iter().enumerate().for_each(|(i, r)| table.push(0, i as u32, r));
    table.finish_part();
    assert_eq!(table.column(Feature::ZoneShare), [0.6, 0.4, 1.0]);
}

#[test]
fn fragments_with_a_small_gap_are_measured_as_one() {
    let bars = |x: f64, y: f64| (10.0..13.0).contains(&y) && ((5.0..15.0).contains(&x) || (18.0..30.0).contains(&x));
    let map = map_of(60, 30, |x, y| bars(x, y) || ((36.0..50.0).contains(&x) && (14.0..17.0).contains(&y)));
    let gaps = [(1, 3.0)];
    let with = Measuring { calibration: Some(PX), merge_gaps: &gaps, ..Measuring::default() };
    let found = regions(&map, &with);
    assert_eq!(found.iter().map(|r| r.pixels).collect::<Vec<_>>(), [66, 42]);
    close("Feret of both with the gap", f64::from(found[0].feature(Feature::FeretMax)), 25.179, 5e-4);
    close("holes", f64::from(found[0].feature(Feature::Holes)), 0.0, 0.0);
    // Without a calibration nobody knows how far 3 mm are.
    assert_eq!(regions(&map, &Measuring { calibration: None, ..with }).len(), 3);
    // What a person has numbered, or cut apart, is as that person said.
    let numbered = Grouping { instances: vec![Instance { number: 1, at: vec![(6, 11)] }], ..Grouping::default() };
    assert_eq!(regions(&map, &Measuring { grouping: Some(&numbered), ..with }).len(), 3);
    let cut = Grouping { cuts: vec![vec![(10, 9), (10, 14)]], ..Grouping::default() };
    let found = regions(&map, &Measuring { grouping: Some(&cut), ..with });
    assert_eq!(found.iter().map(|r| r.pixels).collect::<Vec<_>>(), [15, 15, 36, 42]);
}
