//! Regions split, merged and numbered through the session, and what measuring, comparing and judging make of them.

use delimit::judge::Disposition;
use delimit::measure::{Feature, FeatureSet, Grouping, Instance, Wanted};
use delimit::paint::Gate;
use delimit::project::Sidecar;
use delimit::raster::{Area, LabelMap, PixelRect, Plane, Point};
use delimit::session::{InstanceError, Session, SessionError, SurfaceId};
use delimit::workflow::comparing::compare_image;
use delimit::workflow::measuring::{Ground, label_regions, region_under};

use crate::project::small_project;

const ID: SurfaceId = SurfaceId::Label(0);

/// A session on 40 × 30 pixels with these rectangles painted.
fn painted(folder: &std::path::Path, boxes: &[(PixelRect, u8)]) -> Session {
    small_project(folder, 1);
    let mut session = Session::open(folder).unwrap();
    let areas: Vec<_> = boxes.iter().map(|&(rect, class)| (Area::of_rect(rect), class, Gate::OPEN)).collect();
    session.paint_areas(ID, &areas).unwrap();
    session
}

/// Pixels and number of each region.
fn seen(session: &Session) -> Vec<(u64, Option<u32>)> {
    label_regions(&session.snapshot(), 0).unwrap().iter().map(|r| (r.pixels, r.number)).collect()
}

fn refusal(result: Result<impl Sized, SessionError>) -> InstanceError {
    match result {
        Err(SessionError::Instance(why)) => why,
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it was allowed"),
    }
}

const ONE: PixelRect = PixelRect::new(2, 2, 12, 6);
const TWO: PixelRect = PixelRect::new(20, 2, 30, 6);
const THREE: PixelRect = PixelRect::new(2, 15, 12, 19);

#[test]
fn a_cut_region_is_measured_as_two_of_all_pixels() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = painted(folder.path(), &[(ONE, 1)]);
    let map = session.surface(ID).unwrap().map().clone();
    assert_eq!(session.split_along(0, &[Point::new(5.5, 0.0), Point::new(5.5, 8.0)]).unwrap(), 1);
    assert!(*session.surface(ID).unwrap().map() == map, "no pixel changes");
    // The column of the knife goes to the larger piece: 3 and 7 columns of 4 rows, at 0.05 mm.
    let regions = label_regions(&session.snapshot(), 0).unwrap();
    assert_eq!(
        regions.iter().map(|r| (r.pixels, r.bounds)).collect::<Vec<_>>(),
        [(12, PixelRect::new(2, 2, 5, 6)), (28, PixelRect::new(5, 2, 12, 6))]
    );
    assert!((regions[1].feature(Feature::Length) - 0.35).abs() < 1e-6);
    // What lies under the pointer is the same.
    for region in &regions {
        let part_number = &session.project().part_numbers[0];
        let zones = session.snapshot();
        let zones = zones.zones(0).unwrap();
        let ground = Ground { part_number: Some(part_number), zones, label: &map, grouping: session.grouping(0), photo: None };
        let here = region_under(&ground, region.anchor, 10_000, &Wanted::default()).unwrap();
        // As text, because what is unmeasured is no number and equals nothing.
        assert_eq!(format!("{here:?}"), format!("{region:?}"));
    }
    assert_eq!(refusal(session.split_along(0, &[Point::new(5.5, 0.0), Point::new(5.5, 4.0)])), InstanceError::NothingCut);
    assert!(session.undo(ID).unwrap());
    assert_eq!(seen(&session), [(40, None)]);
    assert!(session.redo(ID).unwrap());
    assert_eq!(seen(&session), [(12, None), (28, None)]);
    assert!(session.clear_instances(0, &[(3, 3)]).unwrap());
    assert_eq!(seen(&session), [(40, None)]);
    assert!(!session.clear_instances(0, &[(3, 3)]).unwrap());
}

#[test]
fn merged_fragments_are_measured_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = painted(folder.path(), &[(ONE, 1), (TWO, 1), (THREE, 2)]);
    assert_eq!(session.merge_regions(0, &[(2, 2), (29, 5)]).unwrap(), 1);
    let regions = label_regions(&session.snapshot(), 0).unwrap();
    assert_eq!(regions.len(), 2);
    let all = &regions[0];
    assert_eq!((all.pixels, all.bounds, all.number, all.anchor), (80, PixelRect::new(2, 2, 30, 6), Some(1), (2, 2)));
    // One rectangle around both: 28 × 4 px of 0.05 mm; the area is that of the pixels.
    assert!((all.feature(Feature::Length) - 1.4).abs() < 1e-6 && (all.feature(Feature::Width) - 0.2).abs() < 1e-6);
    assert!((all.feature(Feature::Area) - 80.0 * 0.0025).abs() < 1e-6);
    assert_eq!(all.centroid, Point::new(16.0, 4.0));
    assert_eq!(session.region_area(0, (25, 3)).unwrap().pixels(), 80);

    // A model that found one fragment found the defect.
    let said = LabelMap::from_plane(&Plane::from_fn(40, 30, |x, y| u8::from(TWO.contains(x, y))));
    let compared = compare_image(&session.snapshot(), 0, &said).unwrap();
    assert_eq!((compared.labelled, compared.regions.found), (vec![1, 2], vec![true, false]));

    let why = refusal(session.merge_regions(0, &[(2, 2), (2, 15)]));
    assert_eq!(why.to_string(), "scratch and pit are two classes and cannot be one defect; give both the same class first");
    assert_eq!(refusal(session.merge_regions(0, &[(2, 2), (25, 3)])), InstanceError::NothingToMerge);
    assert_eq!(refusal(session.merge_regions(0, &[(2, 2), (0, 0)])), InstanceError::NoRegion { x: 0, y: 0 });
    assert_eq!(session.unmerge_region(0, (25, 3)).unwrap(), 2);
    assert_eq!(seen(&session), [(40, Some(1)), (40, None), (40, None)]);
    assert_eq!(refusal(session.unmerge_region(0, (2, 2))), InstanceError::NotMerged);
    assert!(session.undo(ID).unwrap() && session.undo(ID).unwrap());
    assert_eq!(seen(&session), [(40, None), (40, None), (40, None)]);
}

#[test]
fn a_number_stays_with_its_region_and_is_given_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = painted(folder.path(), &[(ONE, 1), (TWO, 1), (THREE, 2)]);
    session.number_region(0, (2, 2), Some(7)).unwrap();
    assert_eq!(refusal(session.number_region(0, (20, 2), Some(7))), InstanceError::NumberTaken { number: 7, free: 1 });
    session.number_region(0, (20, 2), Some(1)).unwrap();
    assert_eq!(seen(&session), [(40, Some(7)), (40, Some(1)), (40, None)]);
    // The border of the first is eaten away, and a new region comes before it.
    let rim = Area::of_rect(ONE).minus(&Area::of_rect(PixelRect::new(3, 3, 11, 5)));
    let new = Area::of_rect(PixelRect::new(34, 0, 36, 1));
    session.paint_areas(ID, &[(rim, 0, Gate::OPEN), (new, 1, Gate::OPEN)]).unwrap();
    assert_eq!(seen(&session), [(2, None), (40, Some(1)), (16, Some(7)), (40, None)]);
    // A region that is gone gives its number back.
    session.paint_areas(ID, &[(Area::of_rect(TWO), 0, Gate::OPEN)]).unwrap();
    session.number_region(0, (3, 3), Some(1)).unwrap();
    assert_eq!(seen(&session), [(2, None), (16, Some(1)), (40, None)]);
    assert_eq!(session.grouping(0).instances.len(), 1);
    session.number_region(0, (3, 3), None).unwrap();
    assert!(session.grouping(0).is_empty());
    // A cut through a region with a number leaves the number with one piece.
    session.number_region(0, (2, 15), Some(5)).unwrap();
    session.split_along(0, &[Point::new(4.5, 10.0), Point::new(4.5, 25.0)]).unwrap();
    assert_eq!(seen(&session), [(2, None), (16, None), (8, None), (32, Some(5))]);
    assert_eq!(session.merge_regions(0, &[(2, 15), (11, 18)]).unwrap(), 5);
    assert_eq!(seen(&session), [(2, None), (16, None), (40, Some(5))]);
    assert!(session.grouping(0).cuts.is_empty(), "a cut that parts nothing goes");
}

#[test]
fn splits_and_numbers_survive_a_kill_and_a_save() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = painted(folder.path(), &[(ONE, 1), (TWO, 1)]);
    session.split_along(0, &[Point::new(5.5, 0.0), Point::new(5.5, 8.0)]).unwrap();
    session.merge_regions(0, &[(2, 2), (20, 2)]).unwrap();
    let expected = seen(&session);
    assert_eq!(expected, [(52, Some(1)), (28, None)]);
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert_eq!(seen(&session), expected, "from the journal");
    assert!(session.save().unwrap().is_empty());
    drop(session);
    let text = std::fs::read_to_string(folder.path().join("labels/000.ron")).unwrap();
    assert!(text.contains("cuts") && text.contains("number: 1"), "{text}");
    let mut session = Session::open(folder.path()).unwrap();
    assert_eq!(seen(&session), expected, "from the file");
    session.load_surface(ID).unwrap();
    assert!(session.undo(ID).unwrap());
    assert_eq!(seen(&session), [(12, None), (28, None), (40, None)], "undone after a restart");
}

#[test]
fn two_peoples_cuts_and_numbers_come_together() {
    let at = |number, at| Instance { number, at: vec![at] };
    let with = |cuts: Vec<Vec<(u32, u32)>>, instances| Sidecar { grouping: Grouping { cuts, instances }, ..Sidecar::default() };
    let (a, b, c) = (vec![(1, 0), (1, 5)], vec![(2, 0), (2, 5)], vec![(3, 0), (3, 5)]);
    let base = with(vec![a.clone(), b.clone()], vec![at(1, (0, 0)), at(2, (5, 5))]);
    let mine = with(vec![a.clone(), b.clone(), c.clone()], vec![at(1, (0, 0)), at(3, (9, 9))]);
    let theirs = Sidecar { disposition: Disposition::Ng, ..with(vec![b.clone()], vec![at(1, (1, 1)), at(2, (5, 5))]) };
    let merged = Sidecar::merge(&base, &mine, &theirs);
    assert!(merged.disputed.is_empty(), "{:?}", merged.disputed);
    assert_eq!(merged.sidecar, Sidecar { disposition: Disposition::Ng, ..with(vec![b, c], vec![at(1, (1, 1)), at(3, (9, 9))]) });
    // Both gave number 4, each to another region: mine stays, and it is told.
    let mine = with(Vec::new(), vec![at(4, (0, 0))]);
    let theirs = with(Vec::new(), vec![at(4, (8, 8))]);
    let merged = Sidecar::merge(&Sidecar::default(), &mine, &theirs);
    assert_eq!((merged.sidecar, merged.disputed), (mine, vec!["numbering"]));
}

/// 8 columns of 0.05 mm between them: one defect from a merge gap of 0.4 mm on, for the label and under the pointer.
#[test]
fn fragments_within_the_merge_gap_are_one_region_under_the_pointer_too() {
    let folder = tempfile::tempdir().unwrap();
    let session = painted(folder.path(), &[(ONE, 1), (TWO, 1), (THREE, 1)]);
    let features = FeatureSet::ALWAYS.with(Feature::CentreLine).with(Feature::EdgeContrast);
    let measured = |gap: f64| {
        let wanted = Wanted { features, merge_gaps: vec![(1, gap)] };
        let regions = label_regions(&session.snapshot().with_wanted(0, wanted.clone()), 0).unwrap();
        let map = session.surface(ID).unwrap().map().clone();
        let photo = session.project().read_photo(0).unwrap();
        let snapshot = session.snapshot();
        for region in &regions {
            let ground = Ground {
                part_number: Some(&session.project().part_numbers[0]),
                zones: snapshot.zones(0).unwrap(),
                label: &map,
                grouping: session.grouping(0),
                photo: Some(&photo),
            };
            let here = region_under(&ground, region.anchor, 10_000, &wanted).unwrap();
            assert_eq!(format!("{here:?}"), format!("{region:?}"));
            assert!(region_under(&ground, region.anchor, region.pixels - 1, &wanted).is_none());
        }
        assert!(regions.iter().all(|r| !r.feature(Feature::EdgeContrast).is_nan() && !r.feature(Feature::CentreLine).is_nan()));
        regions.iter().map(|r| r.pixels).collect::<Vec<_>>()
    };
    assert_eq!(measured(0.39), [40, 40, 40]);
    assert_eq!(measured(0.4), [80, 40]);
    // 9 rows to the third.
    assert_eq!(measured(0.45), [120]);
}
