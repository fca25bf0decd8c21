//! Hygiene over a project: label files that other programs wrote, and what a set says about its labels.

use std::path::Path;

use delimit::check::{Finding, FindingKind, Severity};
use delimit::judge::{Bounds, Cell, Disposition, Limit, Ruleset};
use delimit::measure::Feature;
use delimit::paint::Gate;
use delimit::raster::{Area, LabelMap, PixelRect, Plane};
use delimit::session::{Session, SurfaceId};
use delimit::workflow::WorkflowError;
use delimit::workflow::checking::label_findings;
use delimit::workflow::hygiene::{SetFindings, SetHygiene, set_findings};
use delimit::workflow::hygiene_file::{label_file_findings, label_file_report, mapped_label};

use crate::project::small_project;

/// Kinds of what is said about the label file of image 0 of a project of 40 × 30 px that has classes 1 and 2.
fn said(folder: &Path) -> Vec<FindingKind> {
    let session = Session::open_read_only(folder).unwrap();
    label_file_findings(&session.snapshot(), 0).iter().map(|f| f.kind).collect()
}

fn write_label(folder: &Path, picture: impl Into<image::DynamicImage>, format: image::ImageFormat) {
    let path = folder.join("labels/000.png");
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    picture.into().save_with_format(path, format).unwrap();
}

/// A disk of `inside` with a rim as wide as a pixel.
fn soft_disk(inside: f64) -> image::GrayImage {
    image::GrayImage::from_fn(40, 30, |x, y| {
        let d = (f64::from(x) - 20.0).hypot(f64::from(y) - 15.0);
        image::Luma([((9.6 - d).clamp(0.0, 1.0) * inside).round() as u8])
    })
}

#[test]
fn a_label_file_of_another_program_is_said_with_counts_and_stays_as_it_is() {
    use image::ImageFormat::{Jpeg, Png};
    let folder = tempfile::tempdir().unwrap();
    let project = small_project(folder.path(), 1);
    let root = folder.path();
    assert_eq!(said(root), [], "no file, nothing to say");
    project.write_label(0, &LabelMap::from_plane(&Plane::from_fn(40, 30, |x, _| u8::from(x > 20)))).unwrap();
    assert_eq!(said(root), []);

    // Anti-aliased: 0 and 255 with steps between. No label can be read of it; what is wrong is said, and the file is not touched.
    write_label(root, soft_disk(255.0), Png);
    let bytes = std::fs::read(root.join("labels/000.png")).unwrap();
    let session = Session::open_read_only(root).unwrap();
    let snapshot = session.snapshot();
    assert!(snapshot.label(0).is_err());
    let report = label_file_report(&snapshot, 0).unwrap();
    let rim = soft_disk(255.0).pixels().filter(|p| !matches!(p.0[0], 0 | 255)).count();
    assert_eq!(report.findings[0].kind, FindingKind::BlendedValues);
    assert!(report.findings[0].message.starts_with(&format!("{rim} px")), "{}", report.findings[0].message);
    assert_eq!(report.findings[1].kind, FindingKind::NotClassIds);
    // Two classes: a person has to say which one it is.
    assert!(mapped_label(&snapshot, 0, &report.mapping).unwrap().is_none());
    let mut mapping = report.mapping;
    for entry in &mut mapping {
        entry.class = Some(if entry.value == delimit::check::FileValue::Gray(0) { 0 } else { 2 });
    }
    let map = mapped_label(&snapshot, 0, &mapping).unwrap().unwrap();
    let disk = soft_disk(255.0);
    assert!((0..30).all(|y| (0..40).all(|x| map.get(x, y) == if disk.get_pixel(x, y).0[0] >= 128 { 2 } else { 0 })));
    assert_eq!(std::fs::read(root.join("labels/000.png")).unwrap(), bytes);

    write_label(root, soft_disk(255.0), Jpeg);
    assert_eq!(said(root)[0], FindingKind::BlendedValues);
    // Colours of the classes: the palette was written out as colours.
    let [scratch, pit] = [project.classes[0].colour, project.classes[1].colour];
    let colours = image::RgbImage::from_fn(40, 30, |x, _| image::Rgb([[0, 0, 0], scratch, pit][(x / 14) as usize]));
    write_label(root, colours, Png);
    let report = label_file_report(&snapshot, 0).unwrap();
    assert_eq!(report.findings.iter().map(|f| f.kind).collect::<Vec<_>>(), [FindingKind::NotClassIds]);
    let map = mapped_label(&snapshot, 0, &report.mapping).unwrap().unwrap();
    assert_eq!([map.get(3, 3), map.get(20, 3), map.get(39, 29)], [0, 1, 2]);

    write_label(root, image::GrayImage::from_fn(40, 30, |x, _| image::Luma([if x > 30 { 9 } else { 0 }])), Png);
    assert_eq!(said(root), [FindingKind::UnknownClass]);
    for (w, h, words) in [(20, 15, "exactly 1/2"), (80, 60, "exactly 2 times"), (30, 40, "EXIF"), (41, 30, "another one")] {
        write_label(root, image::GrayImage::from_fn(w, h, |x, _| image::Luma([u8::from(x > 9)])), Png);
        let found = label_file_findings(&snapshot, 0);
        assert_eq!((found.len(), found[0].kind), (1, FindingKind::SizeMismatch));
        assert!(found[0].message.contains(words), "{}", found[0].message);
        assert!(matches!(snapshot.label(0), Err(delimit::project::ProjectError::LabelSize { .. })));
    }
    // What cannot be decoded at all is left to the error.
    std::fs::write(root.join("labels/000.png"), b"rubbish").unwrap();
    assert!(label_file_report(&snapshot, 0).is_err() && label_file_findings(&snapshot, 0).is_empty());
}

#[test]
fn a_mask_of_0_and_255_is_no_label_of_ignored_pixels() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    write_label(
        folder.path(),
        image::GrayImage::from_fn(40, 30, |x, _| image::Luma([if x > 30 { 255 } else { 0 }])),
        image::ImageFormat::Png,
    );
    let session = Session::open_read_only(folder.path()).unwrap();
    let found = label_findings(&session.snapshot(), 0, &[], Disposition::Unknown).unwrap();
    assert_eq!(found.iter().map(|f| (f.kind, f.severity)).collect::<Vec<_>>(), [(FindingKind::NotClassIds, Severity::Warning)]);
}

fn of_set(session: &Session, rules: Option<&Ruleset>) -> SetFindings {
    let images: Vec<usize> = (0..session.project().images().len()).collect();
    let settings = SetHygiene::default();
    set_findings(&session.snapshot(), &images, &|_| &[], &|_| rules.cloned(), &settings, &|| false, &|_, _| ()).unwrap()
}

fn of_kind(found: &SetFindings, kind: FindingKind) -> Vec<(usize, &Finding)> {
    found.findings.iter().filter(|(_, f)| f.kind == kind).map(|(i, f)| (*i, f)).collect()
}

const BAR: PixelRect = PixelRect::new(5, 5, 25, 15);

#[test]
fn the_same_picture_with_another_label_is_told_on_both() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 3);
    // Pictures 0 and 2 are the same; 1 is another one.
    let picture =
        |k: u32| image::GrayImage::from_fn(40, 30, move |x, y| image::Luma([((x * 7 + y * y * k + x * y / 3) % 200) as u8]));
    for (i, k) in [(0, 3), (1, 11), (2, 3)] {
        picture(k).save(folder.path().join(format!("images/{i:03}.png"))).unwrap();
    }
    let mut session = Session::open(folder.path()).unwrap();
    let mut paint = |image: usize, rect: PixelRect| {
        session.paint_areas(SurfaceId::Label(image), &[(Area::of_rect(rect), 1, Gate::OPEN)]).unwrap();
    };
    paint(0, BAR);
    paint(1, PixelRect::new(1, 1, 3, 3));
    paint(2, PixelRect::new(5, 5, 25, 13));
    // 160 of 200 px agree: that is enough.
    assert_eq!(of_kind(&of_set(&session, None), FindingKind::DuplicateDiffers).len(), 0);
    session.paint_areas(SurfaceId::Label(2), &[(Area::of_rect(BAR), 2, Gate::OPEN)]).unwrap();
    let found = of_set(&session, None);
    let told = of_kind(&found, FindingKind::DuplicateDiffers);
    assert_eq!(told.iter().map(|(i, _)| *i).collect::<Vec<_>>(), [0, 2]);
    assert!(told[0].1.message.contains("same file as 002") && told[1].1.message.contains("as 000"), "{}", told[0].1.message);
    let cancelled = set_findings(&session.snapshot(), &[0, 1], &|_| &[], &|_| None, &SetHygiene::default(), &|| true, &|_, _| ());
    assert!(matches!(cancelled, Err(WorkflowError::Cancelled)));
}

#[test]
fn fragments_joined_here_and_apart_there_are_pointed_out_where_it_is_rare() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 6);
    let mut session = Session::open(folder.path()).unwrap();
    for image in 0..6 {
        for x in [4, 20] {
            let rect = Area::of_rect(PixelRect::new(x, 10, x + 13, 14));
            session.paint_areas(SurfaceId::Label(image), &[(rect, 1, Gate::OPEN)]).unwrap();
        }
    }
    assert_eq!(of_kind(&of_set(&session, None), FindingKind::InconsistentInstances), []);
    for image in [1, 4] {
        session.merge_regions(image, &[(5, 11), (25, 11)]).unwrap();
    }
    let found = of_set(&session, None);
    let told = of_kind(&found, FindingKind::InconsistentInstances);
    assert_eq!(told.iter().map(|(i, f)| (*i, f.bounds)).collect::<Vec<_>>(), [1, 4].map(|i| (i, PixelRect::new(4, 10, 33, 14))));
    assert!(told[0].1.message.contains("as one defect here, and as two in 4 of 6"), "{}", told[0].1.message);
}

#[test]
fn a_good_part_is_told_only_where_the_rules_reject_it() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 3);
    let mut session = Session::open(folder.path()).unwrap();
    let rules = Ruleset {
        cells: vec![Cell {
            class: "scratch".into(),
            zone: "*".into(),
            limits: vec![Limit::of(Feature::AreaPx, Bounds::new(Some(50.0), Some(150.0)))],
            ..Cell::default()
        }],
        ..Ruleset::default()
    };
    // 200, 100 and 30 px: NG, review, OK.
    for (image, rect) in [BAR, PixelRect::new(5, 5, 15, 15), PixelRect::new(5, 5, 11, 10)].into_iter().enumerate() {
        session.paint_areas(SurfaceId::Label(image), &[(Area::of_rect(rect), 1, Gate::OPEN)]).unwrap();
        session.set_disposition(image, Disposition::Ok).unwrap();
    }
    let found = of_set(&session, Some(&rules));
    let told = of_kind(&found, FindingKind::RejectedGoodPart);
    assert_eq!(told.iter().map(|(i, f)| (*i, f.bounds)).collect::<Vec<_>>(), [(0, BAR)]);
    session.set_disposition(0, Disposition::Ng).unwrap();
    assert_eq!(of_kind(&of_set(&session, Some(&rules)), FindingKind::RejectedGoodPart), []);
}
