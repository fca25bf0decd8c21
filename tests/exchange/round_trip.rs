//! Random label maps → every format → the same map. The expected map is the one that went in.

use std::path::Path;

use delimit::exchange::labels::{ExportClass, ExportImage, Format, certify, writer};
use delimit::project::Class;
use delimit::raster::{Cut, Grouping, IGNORE, Instance, LabelMap, Plane};
use proptest::prelude::*;

fn classes(count: u8) -> Vec<ExportClass> {
    // Names that XML, YAML, CSV and JSON must escape; ids with gaps where there is room.
    let name = |i: u8| match i % 4 {
        0 => format!("a<b&\"{i}\""),
        1 => format!("kratzer ä {i}"),
        2 => format!("it's, {i}"),
        _ => format!("class-{i}"),
    };
    let step = if count < 100 { 2 } else { 1 };
    (1..=count).map(|i| ExportClass { id: i * step, name: name(i), colour: Class::new(i, "").colour }).collect()
}

/// What came back through `format`, in pixels that differ; also checks that objects and holes came back.
fn differing(images: &[ExportImage], classes: &[ExportClass], format: Format) -> u64 {
    let folder = tempfile::tempdir().unwrap();
    let has_ignore = images.iter().any(|i| i.label.histogram()[usize::from(IGNORE)] > 0);
    let mut out = writer(format, folder.path(), classes, has_ignore);
    for image in images {
        out.add(image).unwrap();
    }
    out.finish().unwrap();
    let certificate = certify(folder.path(), format, classes, images.len(), |i| Ok(images[i].clone())).unwrap();
    for image in &certificate.images {
        assert_eq!(image.holes, image.holes_read, "{}", format.name());
        assert!(image.iou.iter().all(|&iou| iou == 1.0), "{}", format.name());
        if !matches!(format, Format::Voc | Format::Png | Format::Gray | Format::Yolo) {
            assert_eq!(image.objects, image.objects_read, "{}", format.name());
        }
    }
    assert_eq!(certificate.is_exact, certificate.xor_px == 0);
    certificate.xor_px
}

fn image(name: &str, label: LabelMap) -> ExportImage {
    ExportImage {
        name: format!("photos/{name}.jpg"),
        stem: name.to_owned(),
        path: Path::new("/nowhere").join(name),
        label,
        grouping: Grouping::default(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn any_map_survives_every_format(
        w in 1_u32..24,
        h in 1_u32..24,
        values in prop::collection::vec(prop_oneof![3 => Just(0_u8), 3 => Just(2), 2 => Just(4), 1 => Just(6), 1 => Just(255)], 24 * 24),
        block in 1_u32..4,
    ) {
        let label = LabelMap::from_plane(&Plane::from_fn(w, h, |x, y| values[(y / block * 24 + x / block) as usize]));
        let images = [image("one", label.clone()), image("sub/two.v1", label), image("blank", LabelMap::new(w, h))];
        for format in Format::ALL {
            prop_assert_eq!(differing(&images, &classes(3), format), 0, "{}", format.name());
        }
    }
}

/// Rings in rings, one-pixel bridges, holes that touch at corners, everything along the border of the image and of tiles.
#[test]
fn the_hard_cases_come_back_exactly() {
    let rings = Plane::from_fn(61, 47, |x, y| {
        let d = x.min(y).min(60 - x).min(46 - y);
        if d % 2 == 0 { 2 } else { 0 }
    });
    let checker = Plane::from_fn(33, 20, |x, y| if (x + y) % 2 == 0 { 4 } else { 0 });
    let bridge = Plane::from_fn(600, 300, |x, y| match (x, y) {
        (_, 150) => 2,
        (250..=260, 100..=200) | (511..=513, _) => 6,
        (x, y) if (x / 40 + y / 30) % 3 == 0 => 4,
        _ => 0,
    });
    let sieve = Plane::from_fn(300, 270, |x, y| if x % 3 == 1 && y % 3 == 1 { 0 } else { 2 });
    let planes = [("rings", rings), ("checker", checker), ("bridge", bridge), ("sieve", sieve)];
    let images: Vec<ExportImage> = planes.iter().map(|(name, p)| image(name, LabelMap::from_plane(p))).collect();
    for format in Format::ALL {
        assert_eq!(differing(&images, &classes(3), format), 0, "{}", format.name());
    }
}

#[test]
fn all_254_classes_and_ignored_pixels_come_back() {
    let label = LabelMap::from_plane(&Plane::from_fn(256, 9, |x, y| if y % 2 == 0 { x as u8 } else { 0 }));
    for format in Format::ALL {
        assert_eq!(differing(&[image("all", label.clone())], &classes(254), format), 0, "{}", format.name());
    }
}

#[test]
fn fragments_of_one_instance_stay_one_object_and_a_cut_makes_two() {
    let label = LabelMap::from_plane(&Plane::from_fn(20, 5, |x, y| if y == 2 && x % 6 != 5 { 2 } else { 0 }));
    let grouping = Grouping {
        cuts: vec![Cut::from(vec![(2, 2), (2, 3)])],
        instances: vec![Instance { number: 1, at: vec![(6, 2), (12, 2)] }],
    };
    let mut one = image("one", label);
    one.grouping = grouping;
    // Columns 0–1, 2–4, then 6–10 with 12–16, then 18–19.
    assert_eq!(one.objects().len(), 4);
    for format in Format::ALL {
        assert_eq!(differing(&[one.clone()], &classes(3), format), 0, "{}", format.name());
    }
}
