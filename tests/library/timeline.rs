//! Undo across images, saves, kills and restarts, against plain lists of maps.

use std::path::Path;

use delimit::judge::Disposition;
use delimit::paint::{Brush, Gate};
use delimit::project::LabelState;
use delimit::raster::{LabelMap, Point};
use delimit::session::{Pen, Session, SurfaceId};
use proptest::prelude::*;

use crate::project::small_project;

#[derive(Clone, Debug)]
enum Deed {
    Stroke {
        image: usize,
        x: f64,
        y: f64,
        value: u8,
    },
    State {
        image: usize,
        state: LabelState,
    },
    Undo(usize),
    Redo(usize),
    Save,
    /// A save of which only the files are written: the program is killed before it takes note of that.
    SaveAndKill,
    /// A kill while nothing is being written.
    Kill,
    SaveAndRestart,
}

fn any_deed() -> impl Strategy<Value = Deed> {
    let stroke =
        || (0..2_usize, 0.0..40.0_f64, 0.0..30.0_f64, 0..3_u8).prop_map(|(image, x, y, value)| Deed::Stroke { image, x, y, value });
    let states = prop_oneof![Just(LabelState::Done), Just(LabelState::Flagged), Just(LabelState::Reviewed)];
    prop_oneof![
        stroke(),
        stroke(),
        stroke(),
        (0..2_usize, states).prop_map(|(image, state)| Deed::State { image, state }),
        (0..2_usize).prop_map(Deed::Undo),
        (0..2_usize).prop_map(Deed::Undo),
        (0..2_usize).prop_map(Deed::Redo),
        Just(Deed::Save),
        Just(Deed::SaveAndKill),
        Just(Deed::Kill),
        Just(Deed::SaveAndRestart),
    ]
}

/// What a person sees of one image.
#[derive(Clone, PartialEq, Debug)]
struct Seen {
    map: LabelMap,
    state: LabelState,
}

/// All that one image was, and where in that it is.
struct Model {
    seen: Vec<Seen>,
    at: usize,
}

fn open(root: &Path) -> Session {
    let mut session = Session::open(root).unwrap();
    // A child that another test of this process is just starting may still share the lock of the session before.
    for _ in 0..200 {
        if !session.is_read_only() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
        session = Session::open(root).unwrap();
    }
    session.set_author("Ada");
    for image in 0..2 {
        session.load_surface(SurfaceId::Label(image)).unwrap();
    }
    session
}

fn seen(session: &Session, image: usize) -> Seen {
    Seen { map: session.surface(SurfaceId::Label(image)).unwrap().map().clone(), state: session.sidecar(image).state }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn undo_and_redo_are_those_of_a_list_of_maps_across_saves_kills_and_restarts(deeds in proptest::collection::vec(any_deed(), 1..40)) {
        let folder = tempfile::tempdir().unwrap();
        let project = small_project(folder.path(), 2);
        // Work has begun on both, so that the first stroke does not change the state besides.
        for image in 0..2 {
            let begun = delimit::project::Sidecar { state: LabelState::InProgress, ..Default::default() };
            project.write_sidecar(image, &begun).unwrap();
        }
        let mut session = open(folder.path());
        let mut models: Vec<Model> = (0..2).map(|image| Model { seen: vec![seen(&session, image)], at: 0 }).collect();
        for deed in deeds {
            match deed.clone() {
                Deed::Stroke { image, x, y, value } => {
                    let pen = Pen { brush: Brush::round(7.0), value, gate: Gate::OPEN };
                    session.begin_stroke(SurfaceId::Label(image), pen, Point::new(x, y)).unwrap();
                    if session.finish_stroke().unwrap() {
                        let model = &mut models[image];
                        model.seen.truncate(model.at + 1);
                        // The definition of a stroke is tested elsewhere; here only its order counts.
                        let mut next = model.seen[model.at].clone();
                        next.map = seen(&session, image).map;
                        model.seen.push(next);
                        model.at += 1;
                    }
                }
                Deed::State { image, state } => {
                    let model = &mut models[image];
                    session.set_state(image, state).unwrap();
                    if model.seen[model.at].state != state {
                        model.seen.truncate(model.at + 1);
                        model.seen.push(Seen { state, ..model.seen[model.at].clone() });
                        model.at += 1;
                    }
                }
                Deed::Undo(image) => {
                    let did = session.undo(SurfaceId::Label(image)).unwrap();
                    prop_assert_eq!(did, models[image].at > 0);
                    models[image].at -= usize::from(did);
                }
                Deed::Redo(image) => {
                    let did = session.redo(SurfaceId::Label(image)).unwrap();
                    prop_assert_eq!(did, models[image].at + 1 < models[image].seen.len());
                    models[image].at += usize::from(did);
                }
                Deed::Save => prop_assert!(session.save().unwrap().is_empty()),
                Deed::SaveAndKill => {
                    if let Some(task) = session.begin_save().unwrap() {
                        prop_assert!(task.run().errors.is_empty());
                    }
                    drop(session);
                    session = open(folder.path());
                }
                Deed::Kill => {
                    drop(session);
                    session = open(folder.path());
                }
                Deed::SaveAndRestart => {
                    session.save().unwrap();
                    drop(session);
                    session = open(folder.path());
                }
            }
            let notices = session.take_notices();
            prop_assert!(notices.iter().all(|n| n.starts_with("Recovered")), "after {:?}: {:?}", deed, notices);
            for (image, model) in models.iter().enumerate() {
                prop_assert!(seen(&session, image) == model.seen[model.at], "image {} after {:?}", image, deed);
                prop_assert_eq!(session.can_undo(SurfaceId::Label(image)), model.at > 0, "after {:?}", deed);
            }
        }
    }
}

fn dot(session: &mut Session, image: usize, x: f64) {
    let pen = Pen { brush: Brush::round(3.0), value: 1, gate: Gate::OPEN };
    session.begin_stroke(SurfaceId::Label(image), pen, Point::new(x, 9.0)).unwrap();
    assert!(session.finish_stroke().unwrap());
}

#[test]
fn one_timeline_takes_back_strokes_notes_and_words_in_the_order_they_were_done() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    let id = SurfaceId::Label(0);
    let mut session = Session::open(folder.path()).unwrap();
    session.set_author("Grace");
    dot(&mut session, 0, 5.0);
    session.set_disposition(0, Disposition::Ng).unwrap();
    let note = session.add_note(0, Some((5, 9)), "is this a scratch?").unwrap();
    dot(&mut session, 0, 20.0);
    session.reply_to_note(0, note, "it is").unwrap();
    session.resolve_note(0, note).unwrap();
    assert_eq!(session.sidecar(0).notes[0].resolved.as_ref().unwrap().by, "Grace");
    assert_eq!(session.sidecar(0).open_notes().count(), 0);
    assert!(session.save().unwrap().is_empty());
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert!(session.undo(id).unwrap());
    assert!(session.sidecar(0).notes[0].resolved.is_none());
    assert!(session.undo(id).unwrap());
    assert!(session.sidecar(0).notes[0].replies.is_empty());
    assert!(session.undo(id).unwrap());
    assert_eq!(session.surface(id).unwrap().map().get(20, 9), 0);
    assert_eq!(session.sidecar(0).notes.len(), 1);
    assert!(session.undo(id).unwrap());
    assert!(session.sidecar(0).notes.is_empty());
    assert!(session.undo(id).unwrap());
    assert_eq!(session.sidecar(0).disposition, Disposition::Unknown);
    assert_eq!(session.surface(id).unwrap().map().get(5, 9), 1);
    assert!(session.undo(id).unwrap());
    assert!(session.surface(id).unwrap().map().is_blank());
    assert!(!session.undo(id).unwrap());
    for _ in 0..6 {
        assert!(session.redo(id).unwrap());
    }
    assert!(!session.redo(id).unwrap());
    assert_eq!(session.sidecar(0).notes[0].replies[0].text, "it is");
    assert!(session.edit_note(0, note + 1, "no").unwrap_err().to_string().contains("not on this image"));
}

#[test]
fn all_images_share_one_budget_and_the_oldest_steps_go_first() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 3);
    let mut session = Session::open(folder.path()).unwrap();
    for round in 0..6 {
        for image in 0..3 {
            dot(&mut session, image, 4.0 + f64::from(round) * 6.0);
        }
    }
    let all = session.undo_bytes();
    session.set_undo_budget(all / 2);
    dot(&mut session, 1, 2.0);
    assert!(session.undo_bytes() <= all / 2);
    let left: Vec<usize> =
        (0..3).map(|i| std::iter::from_fn(|| session.undo(SurfaceId::Label(i)).unwrap().then_some(())).count()).collect();
    assert!(left.iter().all(|&n| (2..=4).contains(&n)), "{left:?}");
}

#[test]
fn a_damaged_or_foreign_history_is_dropped_with_a_notice() {
    for kind in 0..4 {
        let folder = tempfile::tempdir().unwrap();
        let project = small_project(folder.path(), 1);
        let mut session = Session::open(folder.path()).unwrap();
        dot(&mut session, 0, 5.0);
        session.set_state(0, LabelState::Done).unwrap();
        assert!(session.save().unwrap().is_empty());
        drop(session);
        let file = folder.path().join(".delimit/undo/labels/000.undo");
        let mut bytes = std::fs::read(&file).unwrap();
        match kind {
            0 => bytes.truncate(bytes.len() / 2),
            1 => {
                let middle = bytes.len() / 2;
                bytes[middle] ^= 1;
            }
            2 => bytes.clear(),
            _ => {
                let mut map = LabelMap::new(40, 30);
                map.fill_span(3, 3, 9, 2);
                project.write_label(0, &map).unwrap();
            }
        }
        std::fs::write(&file, bytes).unwrap();
        let mut session = Session::open(folder.path()).unwrap();
        let before = session.load_surface(SurfaceId::Label(0)).unwrap().map().clone();
        let notices = session.take_notices();
        assert_eq!(notices.len(), 1, "{notices:?}");
        assert!(notices[0].contains("undo history") && notices[0].contains("000"), "{notices:?}");
        // What was said about the image does not hang on its pixels.
        assert_eq!(session.undo(SurfaceId::Label(0)).unwrap(), kind == 3);
        assert!(!session.undo(SurfaceId::Label(0)).unwrap());
        assert!(*session.surface(SurfaceId::Label(0)).unwrap().map() == before);
    }
}
