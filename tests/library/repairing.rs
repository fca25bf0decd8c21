//! Repairs of the labels of a project: proposed off-thread, painted through the session as one step, undone.

use std::sync::Mutex;

use delimit::check::{BoundaryCheck, RepairKind, Soundness};
use delimit::paint::Gate;
use delimit::raster::{Area, LabelMap, PixelRect, Plane};
use delimit::session::{Session, SurfaceId};
use delimit::workflow::WorkflowError;
use delimit::workflow::repairing::{RegionFilter, RepairPlan, propose, propose_all};

use crate::project::small_project;

/// The pixels of a disk of radius `r` around (20.3, 14.8), 40 × 30.
fn disk(r: f64) -> Area {
    Area::of_mask(&Plane::from_fn(40, 30, |x, y| (f64::from(x) + 0.5 - 20.3).hypot(f64::from(y) + 0.5 - 14.8) <= r), (0, 0))
}

/// Two images that show a bright disk of radius 7, one labelled 2 px too large, the other one well; class 1.
fn session(folder: &std::path::Path) -> Session {
    small_project(folder, 2);
    for image in 0..2 {
        let photo = image::GrayImage::from_fn(40, 30, |x, y| {
            let d = (f64::from(x) + 0.5 - 20.3).hypot(f64::from(y) + 0.5 - 14.8) - 7.0;
            let texture = (x * 7 + y * 13 + x * y) % 5;
            image::Luma([(60.0 + 120.0 / (1.0 + (d / 0.5).exp())) as u8 + texture as u8])
        });
        photo.save(folder.join(format!("images/{image:03}.png"))).unwrap();
    }
    let mut session = Session::open(folder).unwrap();
    for (image, r) in [(0, 9.2), (1, 7.0)] {
        session.paint_areas(SurfaceId::Label(image), &[(disk(r), 1, Gate::OPEN)]).unwrap();
    }
    session
}

fn label(session: &Session, image: usize) -> LabelMap {
    session.surface(SurfaceId::Label(image)).unwrap().map().clone()
}

#[test]
fn a_repair_is_painted_as_one_step_and_undone_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    let plan = RepairPlan::Snap { settings: BoundaryCheck::default(), filter: RegionFilter::default() };
    let proposals = Mutex::new(Vec::new());
    let snapshot = session.snapshot();
    propose_all(&snapshot, &[0, 1], &plan, &|| false, |image, repair| proposals.lock().unwrap().push((image, repair.unwrap())))
        .unwrap();
    let mut proposals = proposals.into_inner().unwrap();
    proposals.sort_by_key(|p| p.0);
    // The good label is not touched: it passes.
    assert!(proposals[1].1.repair.is_empty() && proposals[1].1.repair.left.is_empty());
    let proposed = &proposals[0].1;
    let (repair, before) = (&proposed.repair, label(&session, 0));
    assert_eq!((repair.kind, proposed.label_revision), (RepairKind::Snap, snapshot.label_revision(0)));
    let (was, is) = repair.regions[0].fit.unwrap();
    assert!(was.verdict == Soundness::Fail && is.verdict == Soundness::Pass && was.bias_px > 1.8 && is.bias_px.abs() < 0.4);
    assert!(label(&session, 0) == before, "a proposal writes nothing");

    assert!(session.paint_areas(SurfaceId::Label(0), &repair.through(&Gate::OPEN)).unwrap());
    let after = label(&session, 0);
    assert!(after == repair.applied_to(&before));
    let (found, exact) = (after.histogram()[1] as f64, std::f64::consts::PI * 49.0);
    assert!((found / exact - 1.0).abs() < 0.1, "{found} px for {exact:.0} px²");
    session.undo(SurfaceId::Label(0)).unwrap();
    assert!(label(&session, 0) == before);
    session.redo(SurfaceId::Label(0)).unwrap();
    assert!(label(&session, 0) == after);
}

#[test]
fn filters_choose_regions_and_plans_need_no_photo_but_to_snap() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path());
    let snapshot = session.snapshot();
    let snap = |filter: RegionFilter| {
        let plan = RepairPlan::Snap { settings: BoundaryCheck::default(), filter };
        propose(&snapshot, 0, &plan).unwrap().repair
    };
    let any = RegionFilter::default();
    assert!(!snap(any.clone()).is_empty());
    assert!(snap(RegionFilter { classes: vec![2], ..any.clone() }).is_empty());
    assert!(snap(RegionFilter { p90_below_px: Some(1.0), ..any.clone() }).is_empty());
    assert!(snap(RegionFilter { p90_from_px: Some(4.0), ..any.clone() }).is_empty());
    assert!(snap(RegionFilter { verdicts: vec![Soundness::Pass], ..any }).is_empty());

    std::fs::remove_file(folder.path().join("images/000.png")).unwrap();
    let shrunk = propose(&snapshot, 0, &RepairPlan::Offset { classes: vec![1], by_px: -2.2 }).unwrap().repair;
    let pixels = shrunk.applied_to(&label(&session, 0)).histogram()[1] as f64;
    assert!((pixels / (std::f64::consts::PI * 49.0) - 1.0).abs() < 0.05, "{pixels}");
    let moved = propose(&snapshot, 0, &RepairPlan::Shift { dx_px: 3.0, dy_px: 0.0 }).unwrap().repair;
    let (before, after) = (label(&session, 0), moved.applied_to(&label(&session, 0)));
    for (x, y) in (0..30).flat_map(|y| (0..40).map(move |x| (x, y))) {
        assert_eq!(after.get(x, y), if x < 3 { 0 } else { before.get(x - 3, y) }, "pixel {x}, {y}");
    }
    assert!(
        propose(&snapshot, 0, &RepairPlan::Specks { classes: vec![], below_px: 9, how: delimit::check::SpeckRepair::Delete })
            .unwrap()
            .repair
            .is_empty()
    );
    let plan = RepairPlan::Snap { settings: BoundaryCheck::default(), filter: RegionFilter::default() };
    assert!(matches!(propose(&snapshot, 0, &plan), Err(WorkflowError::Project(_))), "no photo");
    assert!(matches!(propose_all(&snapshot, &[0, 1], &plan, &|| true, |_, _| {}), Err(WorkflowError::Cancelled)));
}

#[test]
fn what_lies_off_the_part_is_clipped_where_there_is_a_zone_map() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path());
    let plan = RepairPlan::Clip { classes: Vec::new() };
    assert!(propose(&session.snapshot(), 0, &plan).unwrap().repair.is_empty(), "nobody has said where the part is");
    session.paint_areas(SurfaceId::Zones(0), &[(Area::of_rect(PixelRect::new(0, 0, 24, 30)), 1, Gate::OPEN)]).unwrap();
    let repair = propose(&session.snapshot(), 0, &plan).unwrap().repair;
    let after = repair.applied_to(&label(&session, 0));
    assert!(after.get(23, 14) == 1 && after.get(24, 14) == 0 && repair.pixels() > 50);
}
