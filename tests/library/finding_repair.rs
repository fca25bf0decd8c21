//! What sets a finding right: proposed off-thread, painted through the session as one step, undone; after it the finding is gone.

use delimit::check::systematic::{Estimate, Scope, Shared};
use delimit::check::{BoundaryCheck, Correction, Finding, FindingKind, Repair, RepairKind, Soundness, Systematic};
use delimit::judge::Disposition;
use delimit::paint::{Gate, ValueSet};
use delimit::raster::{Area, LabelMap, PixelRect, Plane};
use delimit::session::{Session, SurfaceId};
use delimit::workflow::checking::{check_label, label_findings};
use delimit::workflow::finding_repair::{FindingRepairError, ImageRepairs};

use crate::project::small_project;

const LABEL: SurfaceId = SurfaceId::Label(0);

/// The pixels of a disk of radius `r` around (20.3, 14.8), 40 × 30.
fn disk(r: f64) -> Area {
    Area::of_mask(&Plane::from_fn(40, 30, |x, y| (f64::from(x) + 0.5 - 20.3).hypot(f64::from(y) + 0.5 - 14.8) <= r), (0, 0))
}

fn rect(x0: u32, y0: u32, x1: u32, y1: u32) -> Area {
    Area::of_rect(PixelRect::new(x0, y0, x1, y1))
}

/// An image that shows a bright disk of radius 7; `label` in this order.
fn session(folder: &std::path::Path, label: &[(Area, u8)]) -> Session {
    small_project(folder, 1);
    let photo = image::GrayImage::from_fn(40, 30, |x, y| {
        let d = (f64::from(x) + 0.5 - 20.3).hypot(f64::from(y) + 0.5 - 14.8) - 7.0;
        let texture = (x * 7 + y * 13 + x * y) % 5;
        image::Luma([(60.0 + 120.0 / (1.0 + (d / 0.5).exp())) as u8 + texture as u8])
    });
    photo.save(folder.join("images/000.png")).unwrap();
    let mut session = Session::open(folder).unwrap();
    let areas: Vec<_> = label.iter().map(|(area, value)| (area.clone(), *value, Gate::OPEN)).collect();
    session.paint_areas(LABEL, &areas).unwrap();
    session
}

fn label(session: &Session) -> LabelMap {
    session.surface(LABEL).unwrap().map().clone()
}

fn findings(session: &Session) -> Vec<Finding> {
    let snapshot = session.snapshot();
    let checks = check_label(&snapshot, 0, &BoundaryCheck::default()).unwrap();
    label_findings(&snapshot, 0, &checks, Disposition::Ng).unwrap()
}

fn find(session: &Session, kind: FindingKind) -> Option<Finding> {
    findings(session).into_iter().find(|f| f.kind.id() == kind.id())
}

fn propose(session: &Session, finding: &Finding) -> Result<Repair, FindingRepairError> {
    ImageRepairs::open(&session.snapshot(), 0).unwrap().finding(finding, &BoundaryCheck::default())
}

/// Paints the repair of the one finding of a kind; it is gone then, and an undo brings label and finding back.
fn repaired(label_before: &[(Area, u8)], kind: FindingKind) -> LabelMap {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path(), label_before);
    let finding = find(&session, kind).unwrap_or_else(|| panic!("{} is found", kind.id()));
    let before = label(&session);
    let repair = propose(&session, &finding).unwrap();
    assert!(!repair.is_empty(), "{}: {:?}", kind.id(), repair.left);
    assert!(label(&session) == before, "a proposal writes nothing");
    assert!(session.paint_areas(LABEL, &repair.through(&Gate::over(ValueSet::ALL))).unwrap());
    let after = label(&session);
    assert!(after == repair.applied_to(&before));
    assert!(find(&session, kind).is_none(), "{} is set right", kind.id());
    session.undo(LABEL).unwrap();
    assert!(label(&session) == before && find(&session, kind).is_some());
    after
}

#[test]
fn a_loose_boundary_snaps_to_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path(), &[(disk(9.2), 1)]);
    let finding = findings(&session).into_iter().find(|f| matches!(f.kind, FindingKind::Boundary(_))).unwrap();
    let repair = propose(&session, &finding).unwrap();
    let (was, is) = repair.regions[0].fit.unwrap();
    assert_eq!(repair.kind, RepairKind::Snap);
    assert!(was.verdict == Soundness::Fail && is.verdict == Soundness::Pass && was.bias_px > 1.8 && is.bias_px.abs() < 0.4);
    let before = label(&session);
    session.paint_areas(LABEL, &repair.through(&Gate::OPEN)).unwrap();
    let after = label(&session);
    assert!(after == repair.applied_to(&before));
    let (found, exact) = (after.histogram()[1] as f64, std::f64::consts::PI * 49.0);
    assert!((found / exact - 1.0).abs() < 0.1, "{found} px for {exact:.0} px²");
    assert!(findings(&session).iter().all(|f| !matches!(f.kind, FindingKind::Boundary(_))));
    session.undo(LABEL).unwrap();
    assert!(label(&session) == before);
    session.redo(LABEL).unwrap();
    assert!(label(&session) == after);

    std::fs::remove_file(folder.path().join("images/000.png")).unwrap();
    assert!(matches!(propose(&session, &finding), Err(FindingRepairError::Workflow(_))), "no photo to snap to");
}

#[test]
fn a_speck_goes_and_its_neighbours_stay() {
    let after = repaired(&[(disk(7.0), 1), (rect(3, 3, 4, 5), 2)], FindingKind::Speck);
    assert_eq!(after.histogram()[2], 0);
    assert_eq!(after.histogram()[1], disk(7.0).pixels());
}

#[test]
fn an_island_takes_the_class_around_it() {
    let after = repaired(&[(disk(7.0), 1), (rect(19, 14, 21, 15), 2)], FindingKind::Island);
    assert_eq!((after.histogram()[1], after.histogram()[2]), (disk(7.0).pixels(), 0));
}

#[test]
fn a_pinhole_is_filled() {
    let after = repaired(&[(disk(7.0), 1), (rect(19, 14, 20, 15), 0)], FindingKind::Pinhole);
    assert_eq!(after.histogram()[1], disk(7.0).pixels());
}

#[test]
fn a_gap_between_two_halves_is_closed() {
    let after = repaired(&[(disk(7.0), 1), (rect(0, 14, 40, 15), 0)], FindingKind::UnlabelledGap);
    assert!(after.get(20, 14) == 1 && after.histogram()[1] <= disk(7.0).pixels() + 4);
}

#[test]
fn what_lies_off_the_part_is_clipped() {
    let folder = tempfile::tempdir().unwrap();
    let mut session = session(folder.path(), &[(disk(7.0), 1)]);
    assert!(find(&session, FindingKind::OffPart).is_none(), "nobody has said where the part is");
    session.paint_areas(SurfaceId::Zones(0), &[(rect(0, 0, 24, 30), 1, Gate::OPEN)]).unwrap();
    let finding = find(&session, FindingKind::OffPart).unwrap();
    let after = propose(&session, &finding).unwrap().applied_to(&label(&session));
    assert!(after.get(23, 14) == 1 && after.get(24, 14) == 0);
    assert!((0..30).all(|y| (24..40).all(|x| after.get(x, y) == 0)));
}

#[test]
fn what_has_no_repair_or_no_region_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), &[(disk(7.0), 1), (rect(3, 3, 4, 5), 2)]);
    let speck = find(&session, FindingKind::Speck).unwrap();
    let gone = Finding { region: Some(7), ..speck.clone() };
    assert!(matches!(propose(&session, &gone), Err(FindingRepairError::Stale)));
    let other = Finding { class: 1, ..speck.clone() };
    assert!(matches!(propose(&session, &other), Err(FindingRepairError::Stale)), "another region has its place now");
    let off = Finding { kind: FindingKind::OffPart, ..speck.clone() };
    assert!(matches!(propose(&session, &off), Err(FindingRepairError::NoPart)));
    let empty = Finding { kind: FindingKind::EmptyLabel, ..speck };
    assert!(matches!(propose(&session, &empty), Err(FindingRepairError::NoRepair)));
}

fn shared(scope: Scope, correction: Correction) -> Systematic {
    let error = Shared::Bias(Estimate { median: 1.0, se: 0.1 });
    Systematic { scope, error, regions: 40, passing: 40, p_value: 0.0, correction: Some(correction) }
}

#[test]
fn a_shared_error_is_set_right_for_its_group_alone() {
    let folder = tempfile::tempdir().unwrap();
    let session = session(folder.path(), &[(rect(4, 4, 12, 12), 1), (rect(24, 4, 32, 12), 2)]);
    let snapshot = session.snapshot();
    let repairs = ImageRepairs::open(&snapshot, 0).unwrap();
    let before = label(&session);
    let with =
        |scope: Scope, correction: Correction| repairs.shared("Ann", &shared(scope, correction)).unwrap().applied_to(&before);
    let smaller = Correction::Offset { by_px: -1.0 };
    let after = with(Scope::Class(1), smaller);
    assert_eq!((after.histogram()[1], after.histogram()[2]), (36, 64), "6 × 6 of 8 × 8, and the other class as it was");
    assert!(with(Scope::Annotator("Bob".into()), smaller) == before, "drawn by somebody else");
    let after = with(Scope::Annotator("Ann".into()), smaller);
    assert_eq!((after.histogram()[1], after.histogram()[2]), (36, 36));
    let after = with(Scope::AnnotatorOfClass("Ann".into(), 2), smaller);
    assert_eq!((after.histogram()[1], after.histogram()[2]), (64, 36));
    // Moved by whole pixels: an exact translation of that class.
    let after = with(Scope::Class(1), Correction::Shift { by_px: (2.0, -1.0) });
    for (x, y) in (0..30).flat_map(|y| (0..40).map(move |x| (x, y))) {
        let moved = (6..14).contains(&x) && (3..11).contains(&y);
        assert_eq!(
            after.get(x, y),
            if moved {
                1
            } else if before.get(x, y) == 2 {
                2
            } else {
                0
            },
            "pixel {x}, {y}"
        );
    }
}
