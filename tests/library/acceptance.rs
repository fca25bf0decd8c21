//! Findings accepted as they are, and the pages of classes: through the session, with undo, save and restart.

use delimit::check::{Finding, Hygiene};
use delimit::paint::{Gate, ValueSet};
use delimit::project::Sidecar;
use delimit::raster::{Area, PixelRect};
use delimit::session::{Session, SurfaceId};
use delimit::workflow::checking::acceptances;

use crate::project::small_project;

const LABEL: SurfaceId = SurfaceId::Label(0);

fn paint(session: &mut Session, rect: PixelRect, value: u8) {
    session.paint_areas(LABEL, &[(Area::of_rect(rect), value, Gate::over(ValueSet::ALL))]).unwrap();
}

/// A label with two specks and the findings about them.
fn specks() -> (tempfile::TempDir, Session, Vec<Finding>) {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    let mut session = Session::open(folder.path()).unwrap();
    session.set_author("Ada");
    paint(&mut session, PixelRect::new(3, 3, 5, 4), 1);
    paint(&mut session, PixelRect::new(20, 20, 21, 22), 1);
    let findings = Hygiene::default().findings(session.surface(LABEL).unwrap().map());
    assert_eq!(findings.len(), 2);
    (folder, session, findings)
}

fn accepted(session: &Session, findings: &[Finding]) -> Vec<bool> {
    acceptances(&session.snapshot(), 0, findings).unwrap().iter().map(Option::is_some).collect()
}

#[test]
fn an_acceptance_holds_for_the_pixels_that_were_looked_at() {
    let (_folder, mut session, findings) = specks();
    assert_eq!(accepted(&session, &findings), [false, false]);
    session.accept_finding(0, &findings[1], "  a real pit  ").unwrap();
    assert_eq!(accepted(&session, &findings), [false, true]);
    let kept = &session.sidecar(0).accepted[0];
    assert_eq!((kept.reason.as_str(), kept.accepted.by.as_str()), ("a real pit", "Ada"));

    // Elsewhere anything may change; at the finding nothing.
    paint(&mut session, PixelRect::new(3, 3, 5, 4), 0);
    assert!(accepted(&session, &findings)[1]);
    paint(&mut session, PixelRect::new(21, 22, 22, 23), 1);
    assert!(!accepted(&session, &findings)[1]);
    session.undo(LABEL).unwrap();
    assert!(accepted(&session, &findings)[1]);
}

#[test]
fn an_acceptance_is_a_step_of_undo_and_survives_a_restart() {
    let (folder, mut session, findings) = specks();
    session.accept_finding(0, &findings[0], "dust").unwrap();
    session.undo(LABEL).unwrap();
    assert_eq!(accepted(&session, &findings), [false, false]);
    session.redo(LABEL).unwrap();
    // Saying it again with another reason replaces the first.
    session.accept_finding(0, &findings[0], "dust, see the other exposure").unwrap();
    assert_eq!(session.sidecar(0).accepted.len(), 1);
    session.save().unwrap();
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert_eq!(accepted(&session, &findings), [true, false]);
    session.reopen_finding(0, &findings[0]).unwrap();
    assert_eq!(accepted(&session, &findings), [false, false]);
}

#[test]
fn two_people_accept_different_findings_and_both_count() {
    let (_folder, mut session, findings) = specks();
    let base = session.sidecar(0).clone();
    session.accept_finding(0, &findings[0], "mine").unwrap();
    let mine = session.sidecar(0).clone();
    session.undo(LABEL).unwrap();
    session.accept_finding(0, &findings[1], "theirs").unwrap();
    let merged = Sidecar::merge(&base, &mine, session.sidecar(0));
    assert!(merged.disputed.is_empty());
    let mut reasons: Vec<&str> = merged.sidecar.accepted.iter().map(|a| a.reason.as_str()).collect();
    reasons.sort_unstable();
    assert_eq!(reasons, ["mine", "theirs"]);
}

#[test]
fn tolerances_guidelines_and_examples_have_a_timeline_of_their_own() {
    let (folder, mut session, _) = specks();
    let class = session.project().classes[0].id;
    let start = session.project().clone();
    session.set_tolerance(1.5).unwrap();
    session.change_class(class, |c| c.note = "Both flanks".into()).unwrap();
    session.add_example(class, 0, PixelRect::new(2, 2, 9, 9), false, " dust ").unwrap();
    let end = session.project().clone();
    assert_eq!(end.boundary_check().tolerance_px, 1.5);
    assert_eq!(end.classes[0].examples[0].caption, "dust");
    for _ in 0..3 {
        assert!(session.undo_pages().unwrap());
    }
    assert!(!session.undo_pages().unwrap());
    assert_eq!(*session.project(), start);
    for _ in 0..3 {
        assert!(session.redo_pages().unwrap());
    }
    assert_eq!(*session.project(), end);
    session.save().unwrap();
    drop(session);
    let session = Session::open(folder.path()).unwrap();
    assert_eq!(session.project().classes, end.classes);
    assert_eq!(session.project().tolerance_px, 1.5);
}

#[test]
fn a_tolerance_out_of_range_is_refused_and_changes_nothing() {
    let (_folder, mut session, _) = specks();
    let before = session.project().clone();
    let error = session.set_tolerance(0.0).unwrap_err().to_string();
    assert!(error.contains("0.1 to 100 px"), "{error}");
    assert!(session.change_class(before.classes[0].id, |c| c.tolerance_px = Some(f64::NAN)).is_err());
    assert_eq!(*session.project(), before);
    assert!(!session.can_undo_pages());
}
