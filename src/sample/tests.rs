//! The sample against closed forms and brute force: areas, zones, visibility, size on disk, and the careless annotator.

use std::collections::HashSet;
use std::f32::consts::PI;
use std::io::Cursor;
use std::sync::OnceLock;

use crate::raster::{Components, LabelMap, Photo};

use super::annotator::LOOSE_PX;
use super::blob::Blob;
use super::defect::Defect;
use super::footprint::Footprint;
use super::plan;
use super::random::{Purpose, Random};
use super::stroke::{self, Node, Path};
use super::*;

/// The seed and size of the batch that is shipped.
const SHIPPED: (u64, u32) = (7, 40);

fn random(index: u32) -> Random {
    Random::new(99, index, Purpose::Defects)
}

fn gray(photo: &Photo) -> &[u8] {
    let Photo::Gray8(plane) = photo else { panic!("sample photos are gray, 8 bits") };
    plane.as_slice()
}

fn scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(Scene::new)
}

/// The shipped parts, rendered once for all tests.
fn shipped() -> &'static [SamplePart] {
    static PARTS: OnceLock<Vec<SamplePart>> = OnceLock::new();
    PARTS.get_or_init(|| (0..SHIPPED.1).map(|index| scene().part(SHIPPED.0, index)).collect())
}

fn pixel_count(footprint: &Footprint) -> f64 {
    footprint.pixels().count() as f64
}

/// Mean of `f` over `n` cases.
fn mean(n: u32, f: impl FnMut(u32) -> f64) -> f64 {
    (0..n).map(f).sum::<f64>() / f64::from(n)
}

#[test]
fn random_numbers_have_the_moments_of_their_law() {
    let mut r = random(0);
    let n = 40_000;
    let values: Vec<f64> = (0..n).map(|_| f64::from(r.normal())).collect();
    let mean = values.iter().sum::<f64>() / f64::from(n);
    let variance = values.iter().map(|v| v * v).sum::<f64>() / f64::from(n);
    // Standard errors are 0.005 and 0.006.
    assert!(mean.abs() < 0.025 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    assert!((0..1000).map(|_| r.below(7)).all(|k| k < 7));
    assert_eq!(r.below(0), 0);
}

#[test]
fn the_same_numbers_give_the_same_part_on_any_scene() {
    let (a, b) = (Scene::new(), Scene::new());
    let (p, q) = (a.part(7, 13), b.part(7, 13));
    assert_eq!(gray(&p.photo), gray(&q.photo));
    assert_eq!(p.truth.to_plane(), q.truth.to_plane());
    assert_eq!(p.label.to_plane(), q.label.to_plane());
    assert_eq!((&p.defects, &p.careless, &p.serial), (&q.defects, &q.careless, &q.serial));
    assert_ne!(gray(&p.photo), gray(&a.part(7, 14).photo));
    assert_ne!(gray(&p.photo), gray(&a.part(8, 13).photo));
}

#[test]
fn zones_have_the_areas_of_the_drawing() {
    let rounded_box = |w: f64, h: f64, r: f64| w * h - (4.0 - std::f64::consts::PI) * r * r;
    let disc = |r: f64| std::f64::consts::PI * r * r;
    // The notch: the part of a disc of radius 13 that lies above a chord 4 px above its centre.
    let notch = 169.0 * (4.0_f64 / 13.0).acos() - 4.0 * (169.0_f64 - 16.0).sqrt();
    let ring = disc(96.0) - disc(56.0);
    let pocket = rounded_box(138.0, 208.0, 24.0);
    let plate = rounded_box(472.0, 346.0, 36.0) - notch - disc(56.0) - 4.0 * disc(12.0) - 2.0 * disc(7.5);
    let counts = nominal().zones.histogram();
    let near = |id: u8, area: f64, perimeter: f64| {
        let count = counts[usize::from(id)] as f64;
        // A boundary pixel is off by at most one half either way; along an outline these cancel but for a small share.
        assert!((count - area).abs() < 0.05 * perimeter, "zone {id}: {count} px, drawing {area:.1} px");
    };
    near(zone::FUNCTIONAL, ring, 955.0);
    near(zone::NON_VISIBLE, pocket, 650.0);
    near(zone::COSMETIC, plate - ring - pocket, 3500.0);
    assert_eq!(counts[4..].iter().sum::<u64>(), 0);
}

#[test]
fn a_straight_scratch_covers_its_capsule() {
    let bias = |width: f32| {
        mean(120, |k| {
            let mut r = random(k);
            let angle = r.between(0.0, PI);
            let (x, y) = (r.between(250.0, 251.0), r.between(190.0, 191.0));
            let (c, s) = (60.0 * angle.cos(), 60.0 * angle.sin());
            let node = |t: f32| Node { x: x + t * c, y: y + t * s, half: width / 2.0 };
            let path = Path { nodes: vec![node(-0.5), node(0.1), node(0.5)], shared_area: 0.0, is_branch: false };
            let exact = 60.0 * width + PI * width * width / 4.0;
            assert!((path.area() - exact).abs() < 0.01 && (path.tip_to_tip() - 60.0 - width).abs() < 0.001);
            let count = pixel_count(&stroke::footprint(std::slice::from_ref(&path), |_| 0.0));
            // One scratch: half a pixel along each long side at the very worst, when it lies on the grid.
            assert!((count - f64::from(exact)).abs() < 60.0, "{width} {angle} {count} {exact}");
            count / f64::from(exact) - 1.0
        })
    };
    for width in [1.5, 2.5, 4.0] {
        assert!(bias(width).abs() < 0.02, "width {width}: mean error {:.3}", bias(width));
    }
}

#[test]
fn pits_and_stains_cover_their_closed_form_area() {
    let error = mean(150, |k| {
        let mut r = random(k);
        let (area, stretch, angle) = (r.between(20.0, 900.0), r.between(1.0, 2.5), r.between(0.0, PI));
        let centre = (r.between(200.0, 300.0), r.between(150.0, 250.0));
        let blob = Blob::new(&mut r, centre, area, stretch, angle, 0.14);
        assert!((blob.area() - area).abs() < 0.01 * area);
        let (min, max) = blob.bounds(1.0);
        let count = pixel_count(&Footprint::sample(min, max, |x, y| (blob.relative_radius(x, y) < 1.0, 0.0)));
        let perimeter = f64::from(2.0 * PI * blob.radius * stretch.sqrt());
        assert!((count - f64::from(area)).abs() < 0.15 * perimeter + 2.0, "{area} px² drawn as {count} px");
        // No two of its pixels are farther apart than the longest extent and a pixel's diagonal.
        assert!(blob.longest_extent() >= 2.0 * blob.radius * 0.9 && blob.longest_extent() < 4.0 * blob.radius * stretch.sqrt());
        count / f64::from(area) - 1.0
    });
    assert!(error.abs() < 0.01, "mean error {error:.4}");
}

#[test]
fn cracks_with_branches_cover_about_their_area() {
    let errors: Vec<f64> = (0..80)
        .map(|k| {
            let mut r = random(k);
            let (length, width) = (r.between(40.0, 120.0), r.between(1.6, 2.7));
            let crack = Defect::crack(&mut r, (250.3, 190.6), length, width, -0.5);
            assert!((crack.length_mm() / MM_PER_PX - f64::from(length)).abs() < f64::from(width), "trunk of {length} px");
            pixel_count(&crack.footprint()) * MM_PER_PX * MM_PER_PX / crack.area_mm2() - 1.0
        })
        .collect();
    let mean = errors.iter().sum::<f64>() / errors.len() as f64;
    assert!(mean.abs() < 0.03, "mean error {mean:.3}");
    assert!(errors.iter().all(|e| e.abs() < 0.22), "{errors:.2?}");
}

#[test]
fn a_stain_ends_where_its_contrast_is_half() {
    for k in 0..10 {
        let mut r = random(k);
        let stain = Defect::stain(&mut r, (250.0, 190.0), 2500.0, -0.2);
        let footprint = stain.footprint();
        let mut light = crate::raster::Plane::filled(WIDTH, HEIGHT, 1.0_f32);
        footprint.shade(&mut light);
        let mask: HashSet<(u32, u32)> = footprint.pixels().collect();
        let border: Vec<f32> = mask
            .iter()
            .filter(|(x, y)| [(x + 1, *y), (x - 1, *y), (*x, y + 1), (*x, y - 1)].iter().any(|p| !mask.contains(p)))
            .map(|&(x, y)| (1.0 - light.at(x, y)) / 0.2)
            .collect();
        let mean = border.iter().sum::<f32>() / border.len() as f32;
        // Border pixels lie up to a pixel inside the contour, where there is a little more than half.
        assert!((0.45..0.60).contains(&mean), "stain {k}: {mean:.3} of the contrast at its border");
    }
}

#[test]
fn every_defect_of_the_shipped_batch_shows_in_the_photo_with_its_sign() {
    let mut weakest = f64::MAX;
    for (index, part) in shipped().iter().enumerate() {
        let placed = plan::defects(&mut Random::new(SHIPPED.0, index as u32, Purpose::Defects), scene());
        assert_eq!(placed.len(), part.defects.len());
        let bare = scene().part_without_defects(SHIPPED.0, index as u32);
        if placed.is_empty() {
            assert!(part.truth.is_blank() && gray(&part.photo) == gray(&bare));
        }
        for (k, one) in placed.iter().enumerate() {
            let others: HashSet<(u32, u32)> =
                placed[..k].iter().chain(&placed[k + 1..]).flat_map(|o| o.footprint.pixels()).collect();
            let own: Vec<(u32, u32)> = one.footprint.pixels().filter(|p| !others.contains(p)).collect();
            let change =
                own.iter().map(|&(x, y)| f64::from(part.photo.gray_at(x, y) - bare.gray_at(x, y))).sum::<f64>() / own.len() as f64;
            assert!(
                change * part.defects[k].contrast > 0.0,
                "part {index}: {:?} changes the photo by {change:.1} gray levels",
                part.defects[k]
            );
            weakest = weakest.min(change.abs());
        }
    }
    // The faintest is a few times the noise of a single pixel (0.7 gray levels), not more: models should miss some.
    assert!(weakest > 2.0 && weakest < 12.0, "weakest mean change {weakest:.1} gray levels");
}

#[test]
fn truth_lies_on_the_part_and_adds_up_to_the_records() {
    let (mut masked, mut recorded) = ([0.0; 5], [0.0; 5]);
    for part in shipped() {
        assert_eq!((part.photo.width(), part.photo.height()), (WIDTH, HEIGHT));
        assert_eq!((part.truth.width(), part.truth.height()), (WIDTH, HEIGHT));
        let (truth, zones) = (part.truth.to_plane(), scene().zones().to_plane());
        for (&t, &z) in truth.as_slice().iter().zip(zones.as_slice()) {
            assert!(t <= class::STAIN && (t == 0 || z != 0), "a defect lies off the part");
        }
        for (id, count) in part.truth.histogram().iter().enumerate().take(5) {
            masked[id] += *count as f64 * CALIBRATION.pixel_area_mm2();
        }
        for defect in &part.defects {
            recorded[usize::from(defect.class)] += defect.area_mm2;
            assert!(!defect.zones.is_empty() && defect.zones.iter().all(|z| (1..=3).contains(z)));
        }
    }
    for id in 1..5 {
        // Stains lose what others cover; the rest is on top.
        let error = masked[id] / recorded[id] - 1.0;
        assert!(error.abs() < 0.05, "{}: masks {:.2} mm², records {:.2} mm²", class::NAMES[id], masked[id], recorded[id]);
    }
}

#[test]
fn the_shipped_batch_is_mixed_and_small() {
    let (mut ng, mut clean, mut bytes, mut largest) = (0, 0, 0, 0);
    let mut seen = [false; 5];
    for part in shipped() {
        ng += u32::from(part.is_ng());
        clean += u32::from(part.defects.is_empty());
        for defect in &part.defects {
            seen[usize::from(defect.class)] = true;
        }
        let mut png = Cursor::new(Vec::new());
        let image = image::GrayImage::from_raw(WIDTH, HEIGHT, gray(&part.photo).to_vec()).unwrap();
        image.write_to(&mut png, image::ImageFormat::Png).unwrap();
        bytes += png.get_ref().len();
        largest = largest.max(png.get_ref().len());
    }
    assert!((14..=24).contains(&ng) && clean >= 8, "{ng} of 40 NG, {clean} without a defect");
    assert_eq!(seen[1..], [true; 4]);
    assert!(bytes < 3_400_000 && largest < 90_000, "{bytes} bytes for 40 photos, the largest {largest}");
}

#[test]
fn the_annotator_is_careless_in_the_regions_named_and_nowhere_else() {
    let (mut loose, mut shifted) = (0, 0);
    for (index, part) in shipped().iter().enumerate() {
        if part.careless.is_empty() {
            assert_eq!(part.truth.to_plane(), part.label.to_plane(), "part {index}");
            continue;
        }
        assert_ne!(part.truth.to_plane(), part.label.to_plane(), "part {index}");
        for careless in &part.careless {
            let id = part.defects[careless.defect].class;
            assert_ne!(id, class::STAIN);
            match careless.what {
                Carelessness::Loose => loose += 1,
                Carelessness::Shifted { .. } => shifted += 1,
            }
        }
        // Every labelled pixel lies near a true one of its class; how near is stated.
        let reach =
            part.careless.iter().map(|c| if c.what == Carelessness::Loose { i64::from(LOOSE_PX) } else { 4 }).max().unwrap();
        let truth = part.truth.to_plane();
        for (x, y) in pixels_of(&part.label) {
            let value = part.label.get(x, y);
            let near = (-reach..=reach).any(|dy| {
                (-reach..=reach)
                    .any(|dx| dx * dx + dy * dy <= reach * reach && truth.at_clamped(i64::from(x) + dx, i64::from(y) + dy) == value)
            });
            assert!(near, "part {index}: label at {x}, {y} far from the truth");
        }
    }
    assert!((2..=6).contains(&(loose + shifted)) && loose >= 1, "{loose} loose and {shifted} shifted regions");
}

fn pixels_of(map: &LabelMap) -> impl Iterator<Item = (u32, u32)> + use<> {
    let components = Components::of(map);
    let runs: Vec<_> = components.iter().flatten().copied().collect();
    runs.into_iter().flat_map(|run| (run.x0..run.x1).map(move |x| (x, run.y)))
}

#[test]
fn the_drawing_judges_at_its_limits() {
    let record = |class: u8, length_mm: f64, area_mm2: f64, zones: &[u8]| DefectRecord {
        class,
        length_mm,
        area_mm2,
        contrast: -0.5,
        zones: zones.to_vec(),
    };
    let disc = |d: f64| std::f64::consts::PI * d * d / 4.0;
    let cases = [
        (record(class::CRACK, 0.1, 0.01, &[3]), Some(1)),
        (record(class::SCRATCH, 0.49, 0.1, &[1]), None),
        (record(class::SCRATCH, 0.5, 0.1, &[1]), Some(2)),
        (record(class::SCRATCH, 3.99, 0.4, &[2]), None),
        (record(class::SCRATCH, 4.0, 0.4, &[2]), Some(3)),
        (record(class::SCRATCH, 9.0, 1.0, &[3]), None),
        (record(class::SCRATCH, 4.5, 1.0, &[2, 3]), Some(3)),
        (record(class::SCRATCH, 4.5, 1.0, &[1, 2]), Some(2)),
        (record(class::PIT, 0.5, disc(0.39), &[1]), None),
        (record(class::PIT, 0.5, disc(0.41), &[1]), Some(2)),
        (record(class::PIT, 1.0, disc(0.79), &[2]), None),
        (record(class::PIT, 1.0, disc(0.81), &[2]), Some(3)),
        (record(class::STAIN, 5.0, 2.9, &[1, 2]), None),
        (record(class::STAIN, 5.0, 3.0, &[1, 2]), Some(2)),
        (record(class::STAIN, 5.0, 11.9, &[2]), None),
        (record(class::STAIN, 5.0, 12.0, &[2, 3]), Some(3)),
        (record(class::STAIN, 9.0, 30.0, &[3]), None),
    ];
    for (defect, expected) in &cases {
        assert_eq!(broken_rule(defect), *expected, "{defect:?}");
        assert_eq!(disposition(std::slice::from_ref(defect)), expected.is_some());
    }
    assert!(!disposition(&[]));
}
