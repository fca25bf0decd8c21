//! Whole parts: the flip test against judging each variant the way the project is judged.

use std::collections::BTreeMap;

use super::*;
use crate::check::{BoundaryCheck, BoundaryKind, RegionCheck, check_image};
use crate::judge::{Aggregate, Bounds, Cell, Disposition, Limit, PartLimit, Ruleset, Verdict};
use crate::measure::{Calibration, Feature, Region};
use crate::project::part::ImageEntry;
use crate::project::{Class, PartNumber, Project};
use crate::raster::{LabelMap, Photo, Plane};
use crate::session::Session;
use crate::workflow::Evaluation;
use crate::workflow::evaluation::compile;
use crate::workflow::measuring::label_regions;

const SIDE: u32 = 64;

/// Squares of one class each: x, y, side, class.
type Squares = Vec<(u32, u32, u32, u8)>;

fn map(squares: &Squares) -> LabelMap {
    LabelMap::from_plane(&Plane::from_fn(SIDE, SIDE, |x, y| {
        squares.iter().find(|(l, t, n, _)| (*l..l + n).contains(&x) && (*t..t + n).contains(&y)).map_or(0, |s| s.3)
    }))
}

/// What is drawn in the photos and what is labelled: three parts of two images.
fn parts() -> Vec<[(Squares, Squares); 2]> {
    let same = |s: Squares| (s.clone(), s);
    vec![
        // A label that is 2 px too large all around, beside one that is right.
        [(vec![(12, 12, 10, 1), (40, 40, 8, 1)], vec![(10, 10, 14, 1), (40, 40, 8, 1)]), same(vec![(20, 20, 6, 2)])],
        [same(vec![(30, 30, 12, 1)]), same(vec![])],
        // Too small; and two of one class whose labels meet when they grow.
        [(vec![(20, 20, 16, 1)], vec![(23, 23, 10, 1)]), same(vec![(8, 8, 9, 2), (18, 8, 9, 2)])],
    ]
}

fn rules() -> Ruleset {
    let cell = |class: &str| Cell { class: class.into(), ..Cell::default() };
    Ruleset {
        cells: vec![
            Cell { limits: vec![Limit::of(Feature::AreaPx, Bounds::new(Some(110.0), Some(190.0)))], ..cell("pit") },
            Cell {
                limits: vec![Limit::of(Feature::Length, Bounds::new(Some(1.5), Some(1.9)))],
                per_part: vec![PartLimit::of(Aggregate::Total(Feature::AreaPx), Bounds::new(Some(60.0), Some(300.0)))],
                ..cell("stain")
            },
        ],
        ..Ruleset::default()
    }
}

struct World {
    _folder: tempfile::TempDir,
    session: Session,
    checks: BTreeMap<usize, Vec<RegionCheck>>,
}

fn world() -> World {
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::new(folder.path(), "x");
    project.classes = vec![Class::new(1, "pit"), Class::new(2, "stain")];
    project.part_numbers.push(PartNumber { calibration: Some(Calibration::square(0.1)), ..PartNumber::new("PN") });
    let mut entries = Vec::new();
    for part in 0..parts().len() {
        for side in 0..2 {
            let id = format!("{part}-{side}");
            entries.push(ImageEntry { image: format!("{id}.png"), id, part: format!("part {part}"), part_number: "PN".into() });
        }
    }
    project.add_entries(entries).unwrap();
    project.save().unwrap();
    let mut checks = BTreeMap::new();
    for (image, (drawn, labelled)) in parts().into_iter().flatten().enumerate() {
        let photo = map(&drawn).to_plane().map(|v| 60 + 80 * u8::from(v > 0));
        ::image::save_buffer(project.image_path(image), photo.as_slice(), SIDE, SIDE, ::image::ExtendedColorType::L8).unwrap();
        let label = map(&labelled);
        project.write_label(image, &label).unwrap();
        let found = check_image(&Photo::Gray8(photo), &label, &BoundaryCheck::default(), |_| BoundaryKind::Sharp, None);
        checks.insert(image, found);
    }
    let session = Session::open_read_only(folder.path()).unwrap();
    World { _folder: folder, session, checks }
}

#[test]
fn parts_and_regions_get_the_verdicts_of_their_variants_judged_one_by_one() {
    let World { session, checks, _folder } = world();
    let snapshot = session.snapshot();
    let project = snapshot.project();
    let images: Vec<usize> = (0..6).collect();
    let flips = std::sync::Mutex::new(BTreeMap::new());
    flip_images(&snapshot, &images, |i| &checks[&i], &|| false, |i, f| drop(flips.lock().unwrap().insert(i, f.unwrap()))).unwrap();
    let flips: BTreeMap<usize, ImageFlips> = flips.into_inner().unwrap();
    let rules = compile(project, 0, &rules()).unwrap();
    let test = flip_test(project, 0, &rules, |i| flips.get(&i));
    assert_eq!((test.parts.len(), test.left_out), (3, 0));

    let judged = |regions: &dyn Fn(usize) -> Vec<Region>| -> Vec<Verdict> {
        let all: Vec<Vec<Region>> = images.iter().map(|&i| regions(i)).collect();
        Evaluation::new(project, 0, &rules, &[Disposition::Unknown; 3], |i| Some(&all[i])).verdicts().to_vec()
    };
    let verdicts = |pick: &dyn Fn(&PartFlips) -> Verdict| test.parts.iter().map(pick).collect::<Vec<_>>();
    assert_eq!(verdicts(&|p| p.as_is), judged(&|i| label_regions(&snapshot, i).unwrap()));
    for step in 0..4 {
        assert_eq!(verdicts(&|p| p.steps[step]), judged(&|i| flips[&i].steps[step].regions.clone()));
    }
    assert_eq!(verdicts(&|p| p.corrected), judged(&|i| flips[&i].corrected.regions.clone()));
    for region in &test.regions {
        let Some(correction) = flips[&region.image].regions[region.region].correction.as_ref() else { continue };
        let parts = judged(&|i| {
            let mut all = flips[&i].as_is.clone();
            if i == region.image {
                all =
                    all.into_iter().enumerate().filter(|(k, _)| !correction.replaces.contains(&(*k as u32))).map(|r| r.1).collect();
                all.extend(correction.by.clone());
            }
            all
        });
        assert_eq!(region.moved.unwrap().part, parts[region.part], "{region:?}");
    }

    // By hand. Part 0: 14 × 14 = 196 px is NG; drawn 10 × 10 = 100 px is OK, but 36 px of stain are OK below 60.
    let [first, second, third] = &test.parts[..] else { panic!() };
    assert_eq!((first.as_is, first.corrected), (Verdict::Ng, Verdict::Ok));
    assert_eq!(test.consequence_of(0, 0), Consequence::Part);
    assert_eq!(test.consequence_of(0, 1), Consequence::None);
    // At −1 px 12 × 12 = 144 is review, at −2 px 100 is OK.
    assert_eq!(first.steps[..2], [Verdict::Ok, Verdict::Review]);
    assert_eq!(first.smallest_flip(), Some((-1, Verdict::Review)));
    assert!(!first.is_stable_within(1) && !first.is_hard_flip_within(1) && first.is_hard_flip_within(2));
    // Part 1: 144 px is review; 100 OK, 64 OK; 144 + 48 = 192 NG, 144 + 96 + 4 = 244 NG.
    assert_eq!((second.as_is, second.steps), (Verdict::Review, [Verdict::Ok, Verdict::Ok, Verdict::Ng, Verdict::Ng]));
    assert_eq!(second.smallest_flip(), Some((1, Verdict::Ng)), "of two as small the worse");
    assert_eq!(second.corrected, Verdict::Review);
    // Part 2: two stains of 9 × 9 px 1 px apart are each 1.273 mm by the diagonal rectangle's side 0.9; as one they are 2.1 mm and more.
    assert_eq!(third.as_is, Verdict::Review, "162 px of stain lie between 60 and 300");
    assert_eq!(third.steps[2], Verdict::Ng);
    assert_eq!(test.stable_within(1).count, 0);
    assert_eq!(test.hard_flips_within(2).count, 1);
    assert_eq!(test.fragile().len(), 3);
    let stains = test.cells[&(2, 0)];
    assert_eq!((stains.regions, stains.stable), (3, [1, 1]), "the two that meet");
}

#[test]
fn a_part_with_an_image_that_is_not_known_is_left_out_and_cancelling_ends_the_work() {
    let World { session, checks, _folder } = world();
    let snapshot = session.snapshot();
    let rules = compile(snapshot.project(), 0, &rules()).unwrap();
    let flips = image_flips(&snapshot, 2, &checks[&2]).unwrap();
    let test = flip_test(snapshot.project(), 0, &rules, |i| (i == 2).then_some(&flips));
    assert_eq!((test.parts.len(), test.left_out), (0, 3));
    let ended = flip_images(&snapshot, &[0, 1], |i| &checks[&i], &|| true, |_, _| ());
    assert!(matches!(ended, Err(crate::workflow::WorkflowError::Cancelled)));
}
