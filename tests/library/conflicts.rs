//! Files that somebody else changes while they are open: nothing is written over, nothing is lost.

use std::fs;

use delimit::judge::Disposition;
use delimit::paint::{Brush, Gate};
use delimit::project::{LabelState, Project, Sidecar};
use delimit::raster::{LabelMap, Point};
use delimit::session::{Choice, Pen, Session, SurfaceId};

use crate::project::small_project;

const ID: SurfaceId = SurfaceId::Label(0);

fn dot(session: &mut Session, x: f64) {
    let pen = Pen { brush: Brush::round(3.0), value: 1, gate: Gate::OPEN };
    session.begin_stroke(ID, pen, Point::new(x, 9.0)).unwrap();
    assert!(session.finish_stroke().unwrap());
}

fn theirs() -> LabelMap {
    let mut map = LabelMap::new(40, 30);
    map.fill_span(20, 3, 30, 2);
    map
}

#[test]
fn a_label_changed_by_somebody_else_is_never_written_over_before_a_choice() {
    for choice in [Choice::KeepMine, Choice::TakeTheirs] {
        for with_restart in [false, true] {
            let folder = tempfile::tempdir().unwrap();
            let project = small_project(folder.path(), 1);
            let mut session = Session::open(folder.path()).unwrap();
            dot(&mut session, 5.0);
            assert!(session.save().unwrap().is_empty());
            dot(&mut session, 15.0);
            project.write_label(0, &theirs()).unwrap();
            assert!(session.save().unwrap().is_empty());
            let mine = session.surface(ID).unwrap().map().clone();
            let notices = session.take_notices();
            assert!(
                notices.iter().any(|n| n.contains("000.png") && n.contains("000.mine-1.png") && n.contains("keep yours")),
                "{notices:?}"
            );
            assert_eq!(session.conflicts(), [ID]);
            assert!(project.read_label(0).unwrap() == theirs());
            assert!(delimit::project::label_file::read(&folder.path().join("labels/000.mine-1.png")).unwrap() == mine);
            // Saving goes on into the file that was set aside, without another message.
            dot(&mut session, 25.0);
            let mine = session.surface(ID).unwrap().map().clone();
            assert!(session.save().unwrap().is_empty());
            assert!(session.take_notices().is_empty());
            assert!(project.read_label(0).unwrap() == theirs());
            if with_restart {
                drop(session);
                session = Session::open(folder.path()).unwrap();
                assert!(*session.load_surface(ID).unwrap().map() == theirs());
                assert_eq!(session.conflicts(), [ID]);
            }
            assert!(session.resolve_conflict(ID, choice).unwrap().is_empty());
            let (chosen, other) = if choice == Choice::KeepMine { (mine, theirs()) } else { (theirs(), mine) };
            assert!(*session.surface(ID).unwrap().map() == chosen);
            assert!(project.read_label(0).unwrap() == chosen);
            assert!(!folder.path().join("labels/000.mine-1.png").exists());
            assert!(session.conflicts().is_empty());
            assert!(session.resolve_conflict(ID, choice).is_err());
            if choice == Choice::TakeTheirs || with_restart {
                assert!(session.undo(ID).unwrap());
                assert!(*session.surface(ID).unwrap().map() == other, "the other version is one undo away");
            }
        }
    }
}

#[test]
fn strokes_of_a_killed_run_do_not_destroy_what_somebody_else_saved_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let project = small_project(folder.path(), 1);
    let mut session = Session::open(folder.path()).unwrap();
    dot(&mut session, 5.0);
    drop(session);
    project.write_label(0, &theirs()).unwrap();
    let mut session = Session::open(folder.path()).unwrap();
    assert_eq!(session.conflicts(), [ID]);
    let map = session.surface(ID).unwrap().map();
    assert_eq!((map.get(5, 9), map.get(9, 20)), (1, 2), "both are on the screen");
    assert!(session.take_notices().iter().any(|n| n.contains("000.png") && n.contains("somebody else")));
    assert!(session.save().unwrap().is_empty());
    assert!(project.read_label(0).unwrap() == theirs());
    session.resolve_conflict(ID, Choice::KeepMine).unwrap();
    assert_eq!(project.read_label(0).unwrap().get(5, 9), 1);
}

#[test]
fn a_visit_notices_what_changed_outside() {
    let folder = tempfile::tempdir().unwrap();
    let project = small_project(folder.path(), 1);
    let mut session = Session::open(folder.path()).unwrap();
    session.load_surface(ID).unwrap();
    assert!(!session.notice_outside_changes(0));
    project.write_label(0, &theirs()).unwrap();
    assert!(session.notice_outside_changes(0));
    assert!(*session.surface(ID).unwrap().map() == theirs());
    assert!(!session.has_unsaved_changes() && session.conflicts().is_empty());
    assert!(!session.notice_outside_changes(0));
    dot(&mut session, 5.0);
    project.write_label(0, &LabelMap::new(40, 30)).unwrap();
    assert!(session.notice_outside_changes(0));
    assert_eq!(session.conflicts(), [ID]);
    session.save().unwrap();
    assert!(project.read_label(0).unwrap().is_blank());
    // Our own saving is nobody else's change.
    session.resolve_conflict(ID, Choice::KeepMine).unwrap();
    assert!(!session.notice_outside_changes(0));
}

#[test]
fn sidecars_are_brought_together_field_by_field() {
    let folder = tempfile::tempdir().unwrap();
    let project = small_project(folder.path(), 1);
    let mut session = Session::open(folder.path()).unwrap();
    session.set_state(0, LabelState::Done).unwrap();
    let theirs = Sidecar { disposition: Disposition::Ng, note: "look".into(), ..Sidecar::default() };
    project.write_sidecar(0, &theirs).unwrap();
    assert!(session.save().unwrap().is_empty());
    for sidecar in [project.read_sidecar(0).unwrap(), session.sidecar(0).clone()] {
        assert_eq!((sidecar.state, sidecar.disposition, sidecar.note.as_str()), (LabelState::Done, Disposition::Ng, "look"));
    }
    assert!(session.take_notices().iter().any(|n| n.contains("000.ron") && n.contains("brought together")));
    // Both change the same field: mine is kept, theirs lies beside it.
    session.set_disposition(0, Disposition::Ok).unwrap();
    project.write_sidecar(0, &Sidecar { disposition: Disposition::Unknown, ..session.sidecar(0).clone() }).unwrap();
    assert!(session.save().unwrap().is_empty());
    assert_eq!(project.read_sidecar(0).unwrap().disposition, Disposition::Ok);
    let notices = session.take_notices();
    assert!(notices.iter().any(|n| n.contains("disposition") && n.contains("000.theirs-1.ron")), "{notices:?}");
    assert!(folder.path().join("labels/000.theirs-1.ron").exists());
}

#[test]
fn a_project_changed_by_somebody_else_is_left_as_it_is() {
    for choice in [Choice::KeepMine, Choice::TakeTheirs] {
        let folder = tempfile::tempdir().unwrap();
        small_project(folder.path(), 1);
        let mut session = Session::open(folder.path()).unwrap();
        let mut other = Project::load(folder.path()).unwrap();
        other.name = "theirs".into();
        other.save().unwrap();
        session
            .change_project(|p| {
                p.name = "mine".into();
                Ok(())
            })
            .unwrap();
        assert!(session.save().unwrap().is_empty());
        assert_eq!(Project::load(folder.path()).unwrap().name, "theirs");
        assert!(fs::read_to_string(folder.path().join("project.mine-1.ron")).unwrap().contains("mine"));
        let notices = session.take_notices();
        assert!(notices.iter().any(|n| n.contains("project.mine-1.ron")), "{notices:?}");
        assert!(session.has_project_conflict() && !session.has_unsaved_changes());
        session.resolve_project_conflict(choice).unwrap();
        assert!(session.save().unwrap().is_empty());
        let expected = if choice == Choice::KeepMine { "mine" } else { "theirs" };
        assert_eq!(Project::load(folder.path()).unwrap().name, expected);
    }
}

#[test]
fn sidecars_of_format_1_are_read_and_written_in_the_newest_one() {
    let folder = tempfile::tempdir().unwrap();
    let project = small_project(folder.path(), 1);
    fs::create_dir_all(folder.path().join("labels")).unwrap();
    fs::write(
        folder.path().join("labels/000.ron"),
        "(\n    format: 1,\n    state: flagged,\n    disposition: ng,\n    note: \"old\",\n)\n",
    )
    .unwrap();
    let old = project.read_sidecar(0).unwrap();
    assert_eq!((old.state, old.disposition, old.note.as_str()), (LabelState::Flagged, Disposition::Ng, "old"));
    let mut session = Session::open(folder.path()).unwrap();
    session.set_author("Ada");
    session.set_state(0, LabelState::Approved).unwrap();
    session.add_note(0, None, "a \"note\"\nof two lines").unwrap();
    session.add_note(0, Some((3, 4)), "here").unwrap();
    assert!(session.save().unwrap().is_empty());
    let text = fs::read_to_string(folder.path().join("labels/000.ron")).unwrap();
    assert!(text.contains("format: 4") && text.contains("approved") && text.contains("Ada") && text.contains("Z\""), "{text}");
    assert_eq!(project.read_sidecar(0).unwrap(), *session.sidecar(0));
    assert_eq!(session.sidecar(0).changes.len(), 1);
}
