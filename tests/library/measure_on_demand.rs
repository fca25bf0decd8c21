//! What is measured only when somebody asks: centre lines, widths, edges in the photo, distances.

use delimit::measure::{Calibration, Feature, FeatureSet, Measuring, Region, RegionTable, regions};
use delimit::raster::{LabelMap, Photo, Plane};

use super::features::map_of;

const PX: Calibration = Calibration::square(1.0);

fn all_of(map: &LabelMap, with: Measuring<'_>) -> Vec<Region> {
    regions(map, &Measuring { calibration: Some(PX), features: FeatureSet::ALL, ..with })
}

fn close(what: &str, found: f32, expected: f64, tolerance: f64) {
    assert!((f64::from(found) - expected).abs() <= tolerance, "{what}: {found} instead of {expected}");
}

/// Strips around a circle of radius `r` about (60, 60) from 0 to `degrees`, `w` wide with round ends, pixel centres at whole numbers.
fn arc(r: f64, w: f64, degrees: f64) -> LabelMap {
    map_of(120, 120, |x, y| {
        let (dx, dy) = (x - 60.0, y - 60.0);
        let along = dy.atan2(dx).to_degrees().rem_euclid(360.0);
        let ring = if along <= degrees { (dx.hypot(dy) - r).abs() } else { f64::INFINITY };
        let end = |a: f64| (dx - r * a.to_radians().cos()).hypot(dy - r * a.to_radians().sin());
        ring.min(end(0.0)).min(end(degrees)) <= w / 2.0
    })
}

/// A bar about (50, 50) with round ends.
fn stadium(length: f64, w: f64, degrees: f64) -> LabelMap {
    let (s, c) = degrees.to_radians().sin_cos();
    map_of(100, 100, |x, y| {
        let (u, v) = ((x - 50.0) * c + (y - 50.0) * s, (y - 50.0) * c - (x - 50.0) * s);
        (u.abs() - length / 2.0).max(0.0).hypot(v) <= w / 2.0
    })
}

/// Figures of numpy, scipy and scikit-image for the same definitions; 1.5 % for what hangs on the skeleton, whose thinning differs.
#[test]
fn curved_regions_get_the_length_along_their_centre_line() {
    // Pixels, length along, mean width, largest width, largest and smallest Feret diameter, perimeter, linearity, straightness.
    for (name, map, [px, along, mean, widest, feret_max, feret_min, perimeter, linearity, straight]) in [
        ("arc r 40 w 3 90°", arc(40.0, 3.0, 90.0), [196.0, 66.126, 2.964, 3.0, 60.811, 15.556, 135.647, 0.781, 0.920]),
        ("arc r 25 w 4 200°", arc(25.0, 4.0, 200.0), [368.0, 91.346, 4.029, 4.243, 55.082, 34.031, 187.229, 0.486, 0.603]),
        ("bar 60 × 3 20°", stadium(60.0, 3.0, 20.0), [187.0, 62.680, 2.983, 3.0, 63.325, 4.186, 129.701, 0.950, 1.0]),
        ("bar 60 × 5 0°", stadium(60.0, 5.0, 0.0), [321.0, 65.100, 4.931, 5.0, 65.069, 5.0, 133.893, 0.923, 1.0]),
    ] {
        let found = all_of(&map, Measuring::default());
        assert_eq!(found.len(), 1, "{name}");
        let r = &found[0];
        let check =
            |f: Feature, expected: f64, tolerance: f64| close(&format!("{name} {}", f.name()), r.feature(f), expected, tolerance);
        check(Feature::AreaPx, px, 0.0);
        check(Feature::CentreLine, along, 0.015 * along);
        check(Feature::MeanWidth, mean, 0.015 * mean);
        check(Feature::MaxWidth, widest, 6e-4);
        check(Feature::FeretMax, feret_max, 6e-4);
        check(Feature::FeretMin, feret_min, 6e-4);
        check(Feature::Perimeter, perimeter, 6e-4);
        check(Feature::Linearity, linearity, 6e-4);
        check(Feature::Straightness, straight, 0.015);
        check(Feature::Slenderness, along * along / px, 0.03 * along * along / px);
    }
}

#[test]
fn regions_that_are_not_slender_are_as_long_as_their_largest_diameter() {
    let disk = map_of(80, 80, |x, y| (x - 40.0).hypot(y - 40.0) <= 20.0);
    let r = &all_of(&disk, Measuring::default())[0];
    assert_eq!(r.feature(Feature::CentreLine), r.feature(Feature::FeretMax));
    assert_eq!(r.feature(Feature::Straightness), 1.0);
    // From the middle of a pixel to outside: half a pixel less on both sides than the circle.
    close("width", r.feature(Feature::MaxWidth), 39.0, 0.3);
    let dot = map_of(9, 9, |x, y| x == 4.0 && y == 4.0);
    let r = &all_of(&dot, Measuring::default())[0];
    close("diagonal of a pixel", r.feature(Feature::CentreLine), 2_f64.sqrt(), 1e-6);
    assert_eq!(r.feature(Feature::MaxWidth), 1.0);
    // Ratios need no calibration, lengths do.
    let bare = &regions(&arc(40.0, 3.0, 90.0), &Measuring { features: FeatureSet::ALL, ..Measuring::default() })[0];
    assert!(bare.feature(Feature::CentreLine).is_nan() && bare.feature(Feature::MaxWidth).is_nan());
    assert!(bare.feature(Feature::Slenderness) > 20.0);
    // Nothing of it costs anything where nobody asks.
    let unasked = &regions(&disk, &Measuring { calibration: Some(PX), ..Measuring::default() })[0];
    assert!(Feature::ALL.into_iter().filter(|f| f.is_on_demand()).all(|f| unasked.feature(f).is_nan()));
}

/// A scratch that is drawn on pixels of half the height is as long on the part.
#[test]
fn centre_lines_are_measured_on_the_part() {
    let calibration = Calibration { x_mm_per_px: 0.1, y_mm_per_px: 0.05 };
    let map = map_of(140, 240, |x, y| {
        let d = ((x + 0.5) * 0.1 - 6.0).hypot((y + 0.5) * 0.05 - 6.0);
        (d - 4.0).abs() <= 0.25 && y >= 120.0 && x >= 60.0
    });
    let with = Measuring { calibration: Some(calibration), features: FeatureSet::ALL, ..Measuring::default() };
    let r = &regions(&map, &with)[0];
    let quarter = std::f64::consts::FRAC_PI_2 * 4.0;
    close("quarter of a circle of 4 mm", r.feature(Feature::CentreLine), quarter, 0.03 * quarter);
    close("its width", r.feature(Feature::MaxWidth), 0.5, 0.05);
}

/// Merged fragments: the gap belongs to the length.
#[test]
fn the_centre_line_of_merged_fragments_runs_over_the_gap() {
    let map = map_of(90, 20, |x, y| (8.0..11.0).contains(&y) && ((5.0..35.0).contains(&x) || (38.0..80.0).contains(&x)));
    let gaps = [(1, 3.0)];
    let found = all_of(&map, Measuring { merge_gaps: &gaps, ..Measuring::default() });
    assert_eq!(found.len(), 1);
    close("from tip to tip", found[0].feature(Feature::CentreLine), 75.0, 1.0);
}

/// A blurred disk of 150 on 50: the mean of the error function over each pixel, finely sampled.
fn blurred_disk(sigma: f64) -> Photo {
    Photo::GrayF32(Plane::from_fn(120, 120, |x, y| {
        let mut sum = 0.0;
        for i in 0..16 {
            let (u, v) = (f64::from(i % 4), f64::from(i / 4));
            let d = (f64::from(x) + (u + 0.5) / 4.0 - 60.0).hypot(f64::from(y) + (v + 0.5) / 4.0 - 60.0) - 25.0;
            // Logistic curve with the 10–90 % width of a Gaussian edge: 2 ln 9 · s = 2.563 σ.
            let s = 2.563 * sigma / (2.0 * 9_f64.ln());
            sum += 50.0 + 100.0 / (1.0 + (d / s).exp());
        }
        (sum / 16.0) as f32
    }))
}

#[test]
fn edges_in_the_photo_have_a_contrast_and_a_width() {
    let disk = map_of(120, 120, |x, y| (x + 0.5 - 60.0).hypot(y + 0.5 - 60.0) <= 25.0);
    for sigma in [1.0, 1.5, 2.0, 2.5] {
        let photo = blurred_disk(sigma);
        let r = &all_of(&disk, Measuring { photo: Some(&photo), ..Measuring::default() })[0];
        // Pixel and interpolation add about 1/12 + 1/6 px² to the blur.
        let expected = 2.563 * (sigma * sigma + 0.25_f64).sqrt();
        close(&format!("edge of σ {sigma}"), r.feature(Feature::EdgeWidth), expected, 0.12 * expected);
        assert!(r.feature(Feature::EdgeContrast) > 45.0 && r.feature(Feature::EdgeContrast) <= 100.0);
    }
    // A sharp disk: 150 inside, 50 outside, and another label beside it that is brighter and does not count.
    let sharp = Photo::Gray8(Plane::from_fn(120, 120, |x, y| {
        let d = (f64::from(x) + 0.5 - 60.0).hypot(f64::from(y) + 0.5 - 60.0);
        if d <= 25.0 {
            150
        } else if x >= 88 {
            250
        } else {
            50
        }
    }));
    let two = LabelMap::from_plane(&Plane::from_fn(120, 120, |x, y| if x >= 88 { 2 } else { disk.get(x, y) }));
    let found = all_of(&two, Measuring { photo: Some(&sharp), ..Measuring::default() });
    let r = found.iter().find(|r| r.class == 1).unwrap();
    assert_eq!(r.feature(Feature::EdgeContrast), 100.0);
    // Without a photo, or where all is flat, there is nothing to say.
    assert!(all_of(&disk, Measuring::default())[0].feature(Feature::EdgeContrast).is_nan());
    let flat = Photo::Gray8(Plane::filled(120, 120, 7));
    let r = &all_of(&disk, Measuring { photo: Some(&flat), ..Measuring::default() })[0];
    assert_eq!(r.feature(Feature::EdgeContrast), 0.0);
    assert!(r.feature(Feature::EdgeWidth).is_nan());
}

/// The rings by their definition: exact distances over all pixels.
#[test]
fn contrast_is_that_of_the_rings_by_definition() {
    let inside =
        |x: i64, y: i64| (20..33).contains(&x) && (10..22).contains(&y) && !((24..29).contains(&x) && (14..17).contains(&y));
    let map = map_of(60, 40, |x, y| inside(x as i64, y as i64));
    let photo = Photo::Gray16(Plane::from_fn(60, 40, |x, y| ((x * 7919 + y * 104_729) % 4001) as u16));
    let found = &all_of(&map, Measuring { photo: Some(&photo), ..Measuring::default() })[0];
    let (mut sums, mut counts) = ([0.0; 2], [0.0; 2]);
    for y in 0..40_i64 {
        for x in 0..60_i64 {
            let own = inside(x, y);
            let all = (-6..46).flat_map(|v| (-6..66).map(move |u| (u, v)));
            let d2 = all.filter(|&(u, v)| inside(u, v) != own).map(|(u, v)| (u - x).pow(2) + (v - y).pow(2)).min().unwrap();
            if (own && d2 <= 9) || (!own && (4..=25).contains(&d2)) {
                sums[usize::from(own)] += f64::from(photo.gray_at(x as u32, y as u32));
                counts[usize::from(own)] += 1.0;
            }
        }
    }
    close("contrast", found.feature(Feature::EdgeContrast), sums[1] / counts[1] - sums[0] / counts[0], 1e-2);
}

#[test]
fn gaps_to_neighbours_and_borders_reach_every_row_of_a_region() {
    let map =
        map_of(60, 20, |x, y| ((8.0..28.0).contains(&x) && (5.0..9.0).contains(&y)) || ((40.0..45.0).contains(&x) && y == 12.0));
    let zones = LabelMap::from_plane(&Plane::from_fn(60, 20, |x, _| if x < 20 { 1 } else { 2 }));
    let found = all_of(&map, Measuring { zones: Some(&zones), ..Measuring::default() });
    // 12 columns and 3 rows between them.
    let gap = 12_f64.hypot(3.0);
    close("gap", found[0].feature(Feature::NeighbourDistance), gap, 1e-5);
    close("gap", found[1].feature(Feature::NeighbourDistance), gap, 1e-5);
    assert_eq!(found[0].zones[0].border_mm, Some(0.0));
    assert_eq!(found[1].feature(Feature::ZoneDistance), 20.0);
    close("of the part", found[0].piece_features(&found[0].zones[1])[Feature::NeighbourDistance.index()], gap, 1e-5);
    let mut table = RegionTable::new();
    found.iter().enumerate().for_each(|(i, r)| table.push(0, i as u32, r));
    table.finish_part();
    assert_eq!(table.column(Feature::ZoneDistance), [0.0, 0.0, 20.0]);
}
