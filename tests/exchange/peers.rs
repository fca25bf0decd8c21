//! What we write, read by pycocotools; what pycocotools fills, filled by us. `DELIMIT_PYTHON` names a Python that has it.

use std::path::Path;
use std::process::Command;

use delimit::exchange::labels::{Content, ExportClass, ExportImage, Format, Shape, read, writer};
use delimit::raster::{Area, Grouping, LabelMap, Plane};

use super::shared;

/// What the script prints, or None where there is no Python with pycocotools.
fn python(args: &[&str]) -> Option<String> {
    let python = std::env::var("DELIMIT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_it = Command::new(&python).args(["-c", "import numpy, PIL, pycocotools.mask"]).output();
    if !has_it.is_ok_and(|o| o.status.success()) {
        println!("SKIPPED: {python} has no pycocotools, numpy and Pillow");
        return None;
    }
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/exchange/pycocotools_check.py");
    let output = Command::new(python).arg(script).args(args).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap())
}

#[test]
fn pycocotools_gets_every_pixel_of_what_we_write() {
    let folder = tempfile::tempdir().unwrap();
    let classes: Vec<ExportClass> = (1..=3).map(|id| ExportClass { id, name: format!("c{id}"), colour: [id; 3] }).collect();
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).wrapping_add(x * y)) >> 7;
    let planes = [
        ("noise", Plane::from_fn(97, 61, |x, y| (noise(x, y) % 4) as u8)),
        ("blocks", Plane::from_fn(300, 270, |x, y| (noise(x / 9, y / 7) % 4) as u8)),
        ("sieve", Plane::from_fn(120, 90, |x, y| u8::from(x % 3 != 1 || y % 3 != 1))),
        ("rings", Plane::from_fn(61, 47, |x, y| if x.min(y).min(60 - x).min(46 - y) % 2 == 0 { 2 } else { 0 })),
    ];
    let truth = folder.path().join("truth");
    std::fs::create_dir(&truth).unwrap();
    let mut args = vec![truth.display().to_string()];
    for format in [Format::Coco, Format::CocoPolygons] {
        let out = folder.path().join(format.name());
        let mut writer = writer(format, &out, &classes, false);
        for (name, plane) in &planes {
            image::save_buffer(
                truth.join(format!("{name}.png")),
                plane.as_slice(),
                plane.width(),
                plane.height(),
                image::ExtendedColorType::L8,
            )
            .unwrap();
            let label = LabelMap::from_plane(plane);
            let (name, stem) = (format!("{name}.jpg"), (*name).to_owned());
            writer.add(&ExportImage { path: name.clone().into(), name, stem, label, grouping: Grouping::default() }).unwrap();
        }
        writer.finish().unwrap();
        args.push(out.join("annotations/instances_default.json").display().to_string());
    }
    let Some(text) = python(&args.iter().map(String::as_str).collect::<Vec<_>>()) else { return };
    assert_eq!(text.lines().count(), 8);
    for line in text.lines() {
        assert!(line.ends_with(" 0"), "{line}");
    }
}

/// Slanted polygons: pycocotools rounds to fifths of a pixel, so single pixels on the line may differ.
#[test]
fn slanted_polygons_are_those_of_pycocotools_up_to_pixels_on_the_line() {
    let Some(file) = shared("fixtures/labelme/instance_segmentation/data_dataset_coco/annotations.json") else { return };
    let Some(text) = python(&["--areas", &file.display().to_string()]) else { return };
    let set = read(&file, Some(Format::Coco)).unwrap();
    let mut theirs = text.lines();
    let (mut different, mut all) = (0, 0);
    for image in &set.images {
        let (w, h) = image.size.unwrap();
        let Content::Objects(objects) = &image.content else { panic!("COCO has objects") };
        for object in objects {
            let ours = object.shape.pixels(w, h).unwrap().area;
            let counts = delimit::exchange::labels::decompressed(theirs.next().unwrap(), u64::from(w * h)).unwrap();
            let theirs = Shape::ColumnRuns { width: w, height: h, counts }.pixels(w, h).unwrap().area;
            let xor = ours.minus(&theirs).union(&theirs.minus(&ours));
            // All of them on the line: gone when either is thinned by the pixels that have a neighbour outside.
            let edge: u64 = ours.contours().iter().map(|c| c.points.len() as u64).sum();
            assert!(xor.pixels() * 10 <= edge, "{}: {} of {edge}", object.place, xor.pixels());
            assert!(Area::intersection(&ours, &theirs).pixels() as f64 / ours.union(&theirs).pixels() as f64 > 0.98);
            different += xor.pixels();
            all += ours.pixels();
        }
    }
    assert!(theirs.next().is_none());
    println!("{different} of {all} px differ from pycocotools");
}
