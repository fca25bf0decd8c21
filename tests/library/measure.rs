//! Features against closed forms; zones and ignored pixels against counting.

use delimit::measure::{Calibration, Feature, Measuring, RegionTable, ZoneShare, regions};
use delimit::raster::{LabelMap, Plane};
use proptest::prelude::*;

fn map_of(w: u32, h: u32, value: impl FnMut(u32, u32) -> u8) -> LabelMap {
    LabelMap::from_plane(&Plane::from_fn(w, h, value))
}

#[test]
fn a_bar_of_10_by_4_pixels_is_10_by_4_whatever_the_calibration() {
    let map = map_of(30, 20, |x, y| u8::from((3..13).contains(&x) && (5..9).contains(&y)) * 2);
    // methods.md A.6: sx = 0.02, sy = 0.03 gives an area of 0.0240 mm².
    let with = Measuring { calibration: Some(Calibration { x_mm_per_px: 0.02, y_mm_per_px: 0.03 }), ..Measuring::default() };
    let found = regions(&map, &with);
    assert_eq!(found.len(), 1);
    let r = &found[0];
    let close = |f: Feature, v: f32| assert!((r.feature(f) - v).abs() < 1e-6, "{}: {} instead of {v}", f.name(), r.feature(f));
    close(Feature::Area, 0.0240);
    close(Feature::AreaPx, 40.0);
    close(Feature::Length, 0.20);
    close(Feature::Width, 0.12);
    close(Feature::Aspect, 0.20 / 0.12);
    close(Feature::EquivalentDiameter, (4.0 * 0.0240 / std::f32::consts::PI).sqrt());
    close(Feature::BoxWidth, 0.20);
    close(Feature::BoxHeight, 0.12);
    assert!(r.feature(Feature::MeanProbability).is_nan());
    assert_eq!((r.class, r.pixels, r.anchor, r.is_clipped), (2, 40, (3, 5), false));
    assert_eq!((r.centroid.x, r.centroid.y), (8.0, 7.0));
    assert_eq!(r.zones, [ZoneShare::new(0, 40)]);
}

#[test]
fn without_calibration_mm_are_unmeasured_and_never_zero() {
    let map = map_of(8, 8, |x, _| u8::from(x == 3));
    let r = &regions(&map, &Measuring::default())[0];
    for f in Feature::ALL {
        let is_measured = !f.is_on_demand() && !f.unit().contains("mm") && !f.name().ends_with("probability");
        assert_eq!(r.feature(f).is_nan(), !is_measured, "{}", f.name());
    }
    assert!(r.is_clipped, "it touches the border");
}

/// Rotated rectangles at 20 sub-pixel poses: the digital shape is off by at most about a pixel from corner to corner.
#[test]
fn rotated_bars_measure_their_sides() {
    for pose in 0..20 {
        let angle = f64::from(pose) * 9.0_f64.to_radians();
        let (cx, cy) = (60.0 + f64::from(pose) * 0.13, 60.0 - f64::from(pose) * 0.07);
        let (c, s) = (angle.cos(), angle.sin());
        let map = map_of(121, 121, |x, y| {
            let (dx, dy) = (f64::from(x) + 0.5 - cx, f64::from(y) + 0.5 - cy);
            u8::from((dx * c + dy * s).abs() <= 40.0 && (dy * c - dx * s).abs() <= 12.0)
        });
        let with = Measuring { calibration: Some(Calibration::square(0.05)), ..Measuring::default() };
        let r = &regions(&map, &with)[0];
        assert!((r.feature(Feature::Length) / 0.05 - 80.0).abs() < 1.6, "length {} px", r.feature(Feature::Length) / 0.05);
        assert!((r.feature(Feature::Width) / 0.05 - 24.0).abs() < 1.6, "width {} px", r.feature(Feature::Width) / 0.05);
        // An upright side may gain or lose one row of pixels: 80 + 24 at most.
        assert!((r.feature(Feature::Area) / 0.0025 - 1920.0).abs() <= 104.0, "{}", r.feature(Feature::Area) / 0.0025);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn areas_and_zone_shares_add_up(seed in any::<u32>(), w in 20_u32..400, h in 20_u32..300) {
        let noise = |x: u32, y: u32, cell: u32| ((x / cell).wrapping_mul(2_654_435_761).wrapping_add((y / cell).wrapping_mul(40_503)) ^ seed).wrapping_mul(2_246_822_519) >> 24;
        let map = map_of(w, h, |x, y| match noise(x, y, 5) { 0..=30 => 1, 31..=50 => 2, 51..=55 => 255, _ => 0 });
        let zones = map_of(w, h, |x, _| if x < w / 3 { 1 } else if x < w / 2 { 9 } else { 0 });
        let ignored = [9_u8];
        let with = Measuring { zones: Some(&zones), ignored_zones: &ignored, ..Measuring::default() };
        let found = regions(&map, &with);
        let mut per_class_and_zone = [[0_u64; 3]; 3];
        for y in 0..h {
            for x in 0..w {
                let (v, z) = (map.get(x, y), zones.get(x, y));
                if v != 255 && z != 9 {
                    per_class_and_zone[v as usize][z as usize] += 1;
                }
            }
        }
        for class in 1..=2_u8 {
            for zone in 0..=1_u8 {
                let sum: u64 = found.iter().filter(|r| r.class == class).flat_map(|r| &r.zones).filter(|s| s.zone == zone).map(|s| s.pixels).sum();
                prop_assert_eq!(sum, per_class_and_zone[class as usize][zone as usize]);
            }
        }
        for r in &found {
            prop_assert_eq!(r.zones.iter().map(|s| s.pixels).sum::<u64>(), r.pixels);
            prop_assert_eq!(map.get(r.anchor.0, r.anchor.1), r.class);
            prop_assert!(r.zones.iter().all(|s| s.zone != 9));
        }
        let mut table = RegionTable::new();
        for (i, r) in found.iter().enumerate() {
            table.push(0, i as u32, r);
        }
        table.finish_part();
        table.finish_part();
        prop_assert_eq!(table.parts(), 2);
        prop_assert_eq!(table.rows(), found.iter().map(|r| r.zones.len()).sum::<usize>());
        prop_assert_eq!(table.rows_of_part(1).len(), 0);
        for row in 0..table.rows() {
            prop_assert_eq!(table.part_of_row(row), 0);
            prop_assert_eq!(table.value(row, Feature::AreaPx) as u64, found[table.region()[row] as usize].pixels);
        }
    }
}

#[test]
fn probabilities_are_averaged_over_the_region_alone() {
    let map = map_of(4, 1, |x, _| u8::from(x == 1 || x == 2));
    let probability = Plane::from_vec(4, 1, vec![255, 51, 153, 255]);
    let with = Measuring { probability: Some(&probability), ..Measuring::default() };
    let r = &regions(&map, &with)[0];
    assert!((r.feature(Feature::MeanProbability) - 0.4).abs() < 1e-6);
    assert!((r.feature(Feature::MaxProbability) - 0.6).abs() < 1e-6);
}

#[test]
fn an_ignored_zone_cuts_a_region_in_two_clipped_ones() {
    let map = map_of(30, 10, |x, y| u8::from((5..25).contains(&x) && y == 4));
    let zones = map_of(30, 10, |x, _| u8::from((12..15).contains(&x)) * 3 + 1);
    let with = Measuring { zones: Some(&zones), ignored_zones: &[4], ..Measuring::default() };
    let found = regions(&map, &with);
    assert_eq!(found.iter().map(|r| r.pixels).collect::<Vec<_>>(), [7, 10]);
    assert!(found.iter().all(|r| r.is_clipped));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Brute force: a region is clipped when one of its pixels lies at the border of the image or has an ignored pixel beside, above
    /// or below it.
    #[test]
    fn a_region_beside_ignored_pixels_is_clipped_and_they_belong_to_none(seed in any::<u64>(), ignored in 0_u64..3) {
        let map = map_of(300, 40, |x, y| {
            let hash = (u64::from(x / 3) * 0x9E37_79B9 + u64::from(y / 3) * 0x85EB_CA6B + seed).wrapping_mul(0xD6E8_FEB8_6659_FD93) >> 40;
            match hash % 40 { 0..4 => 1, 4 => 2, 5..8 if hash % 40 - 5 < ignored => 255, _ => 0 }
        });
        let found = regions(&map, &Measuring::default());
        let components = delimit::raster::Components::of(&map);
        let labelled: u64 = map.histogram()[1] + map.histogram()[2];
        prop_assert_eq!(found.iter().map(|r| r.pixels).sum::<u64>(), labelled);
        for (i, region) in found.iter().enumerate() {
            prop_assert!(region.class != 255);
            let is_clipped = components.runs(i).iter().flat_map(|r| (r.x0..r.x1).map(|x| (x, r.y))).any(|(x, y)| {
                x == 0 || y == 0 || x == 299 || y == 39
                    || [map.get(x - 1, y), map.get(x + 1, y), map.get(x, y - 1), map.get(x, y + 1)].contains(&255)
            });
            prop_assert_eq!(region.is_clipped, is_clipped, "region {}", i);
        }
    }
}
