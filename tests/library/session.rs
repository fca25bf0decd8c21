//! A session as a user drives it: paint, undo, save, be killed, come back.

use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};

use delimit::judge::Disposition;
use delimit::paint::{Brush, Gate};
use delimit::project::{LabelState, Project};
use delimit::raster::Point;
use delimit::session::{Pen, Session, SurfaceId};

use crate::project::small_project;

const PEN: Pen = Pen { brush: Brush::round(3.0), value: 1, gate: Gate::OPEN };

fn dot(session: &mut Session, image: usize, x: f64, y: f64) {
    session.begin_stroke(SurfaceId::Label(image), PEN, Point::new(x, y)).unwrap();
    assert!(session.finish_stroke().unwrap());
}

#[test]
fn what_is_painted_is_saved_and_the_journal_forgets_it() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 2);
    let mut session = Session::open(folder.path()).unwrap();
    dot(&mut session, 0, 10.0, 10.0);
    session.set_disposition(1, Disposition::Ng).unwrap();
    assert!(session.has_unsaved_changes());
    assert_eq!(session.sidecar(0).state, LabelState::InProgress);
    assert!(session.save().unwrap().is_empty());
    assert!(!session.has_unsaved_changes());
    let painted = session.surface(SurfaceId::Label(0)).unwrap().map().clone();
    drop(session);
    let left: Vec<_> = std::fs::read_dir(folder.path().join(".delimit")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| name == "lock" || name == "undo"), "nothing to recover: {left:?}");
    let project = Project::load(folder.path()).unwrap();
    assert!(!painted.is_blank());
    assert_eq!(project.read_label(0).unwrap(), painted);
    assert_eq!(project.read_sidecar(1).unwrap().disposition, Disposition::Ng);
}

#[test]
fn an_unsaved_session_comes_back_from_its_journal_undone_steps_included() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 2);
    let id = SurfaceId::Label(1);
    let mut session = Session::open(folder.path()).unwrap();
    dot(&mut session, 1, 5.0, 5.0);
    dot(&mut session, 1, 20.0, 20.0);
    dot(&mut session, 1, 30.0, 9.0);
    assert!(session.undo(id).unwrap());
    assert!(session.undo(id).unwrap());
    assert!(session.redo(id).unwrap());
    session.set_state(0, LabelState::Flagged).unwrap();
    let expected = session.surface(id).unwrap().map().clone();
    // A session that ends without saving is what a kill leaves.
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert!(session.take_notices().iter().any(|n| n.contains("Recovered")));
    assert!(*session.load_surface(id).unwrap().map() == expected);
    assert_eq!(session.sidecar(0).state, LabelState::Flagged);
    assert!(session.has_unsaved_changes());
    assert!(session.save().unwrap().is_empty());
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert!(session.take_notices().is_empty());
    assert!(*session.load_surface(id).unwrap().map() == expected);
}

#[test]
fn strokes_painted_while_a_save_runs_are_not_forgotten() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    let id = SurfaceId::Label(0);
    let mut session = Session::open(folder.path()).unwrap();
    dot(&mut session, 0, 5.0, 5.0);
    let task = session.begin_save().unwrap().unwrap();
    dot(&mut session, 0, 25.0, 15.0);
    let expected = session.surface(id).unwrap().map().clone();
    let report = task.run();
    session.finish_save(&report).unwrap();
    assert!(session.has_unsaved_changes());
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert!(*session.load_surface(id).unwrap().map() == expected);
}

#[test]
fn a_second_session_is_read_only_and_says_why() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    let first = Session::open(folder.path()).unwrap();
    let mut second = Session::open(folder.path()).unwrap();
    assert!(second.is_read_only());
    assert!(second.take_notices().iter().any(|n| n.contains("another Delimit")));
    let refused = second.begin_stroke(SurfaceId::Label(0), PEN, Point::new(1.0, 1.0)).unwrap_err();
    assert!(refused.to_string().contains("read-only"), "{refused}");
    assert!(second.set_state(0, LabelState::Done).is_err());
    drop(first);
    assert!(!Session::open(folder.path()).unwrap().is_read_only());
}

#[test]
fn escape_takes_the_stroke_back() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    let mut session = Session::open(folder.path()).unwrap();
    session.begin_stroke(SurfaceId::Label(0), PEN, Point::new(1.0, 1.0)).unwrap();
    session.extend_stroke(&[Point::new(20.0, 20.0)]);
    assert!(!session.surface(SurfaceId::Label(0)).unwrap().map().is_blank());
    session.cancel_stroke();
    assert!(session.surface(SurfaceId::Label(0)).unwrap().map().is_blank());
    assert!(!session.finish_stroke().unwrap());
}

#[test]
fn zones_are_painted_on_the_nominal_image_with_the_same_tools() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    let mut session = Session::open(folder.path()).unwrap();
    session.begin_stroke(SurfaceId::Zones(0), Pen { value: 2, ..PEN }, Point::new(9.0, 9.0)).unwrap();
    session.finish_stroke().unwrap();
    assert!(session.save().unwrap().is_empty());
    let zones = Project::load(folder.path()).unwrap().read_zones(0).unwrap().unwrap();
    assert_eq!(zones.get(9, 9), 2);
}

const CHILD: &str = "DELIMIT_TEST_PAINT_FOREVER_IN";

/// Not a test of its own: the child of the next one. Paints forever and says after each stroke that it is done.
#[test]
fn paints_forever_when_told_to() {
    let Ok(root) = std::env::var(CHILD) else { return };
    let mut session = Session::open(root.as_ref()).unwrap();
    println!("\nready");
    for i in 0_u32.. {
        let (x, y) = (f64::from(i % 36) + 2.0, f64::from(i / 36 % 26) + 2.0);
        let value = (i / (36 * 26) % 2 + 1) as u8;
        session
            .begin_stroke(SurfaceId::Label(0), Pen { brush: Brush::round(1.0), value, gate: Gate::OPEN }, Point::new(x, y))
            .unwrap();
        session.finish_stroke().unwrap();
        println!("stroke {i}");
        if i % 7 == 3 {
            session.save().unwrap();
        }
    }
}

// kill -9 at many moments, while painting and while saving: every stroke that was reported done is there afterwards, and at most
// the one in progress besides.
#[test]
fn a_killed_program_loses_at_most_the_stroke_in_progress() {
    // The gate kills 40 times; DELIMIT_KILLS asks for more.
    let rounds: u64 = std::env::var("DELIMIT_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(40);
    let folder = tempfile::tempdir().unwrap();
    let id = SurfaceId::Label(0);
    for round in 0..rounds {
        let fresh = tempfile::tempdir_in(folder.path()).unwrap();
        let root = fresh.path();
        small_project(root, 1);
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "session::paints_forever_when_told_to", "--nocapture", "--test-threads=1"])
            .env(CHILD, root)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for line in lines.by_ref() {
            if line.unwrap().ends_with("ready") {
                break;
            }
        }
        let killer = std::thread::spawn(move || {
            std::thread::sleep(std::time::Duration::from_micros(3000 + round * 7919 % 90_011));
            child.kill().unwrap();
            child.wait().unwrap();
        });
        let mut done: Option<u32> = None;
        for line in lines {
            let Ok(line) = line else { break };
            if let Some(n) = line.strip_prefix("stroke ").and_then(|n| n.parse().ok()) {
                done = Some(n);
            }
        }
        killer.join().unwrap();
        let mut session = Session::open(root).unwrap();
        let map = session.load_surface(id).unwrap().map().clone();
        let painted = |n: u32| {
            let mut expected = delimit::raster::LabelMap::new(40, 30);
            for i in 0..n {
                let (x, y) = (i % 36 + 2, i / 36 % 26 + 2);
                expected.fill_span(y, x, x + 1, (i / (36 * 26) % 2 + 1) as u8);
            }
            expected
        };
        let reported = done.map_or(0, |n| n + 1);
        assert!(
            map == painted(reported) || map == painted(reported + 1),
            "round {round}: {reported} strokes were reported, {} pixels are there",
            map.histogram()[1] + map.histogram()[2]
        );
        // What was recovered can be undone as if nothing had happened.
        let strokes = if map == painted(reported + 1) { reported + 1 } else { reported };
        for left in (strokes.saturating_sub(5)..strokes).rev() {
            assert!(session.undo(id).unwrap(), "round {round}: stroke {left} cannot be undone");
            assert!(*session.surface(id).unwrap().map() == painted(left), "round {round}: undo to {left} strokes");
        }
        let notices = session.take_notices();
        assert!(notices.iter().all(|n| n.starts_with("Recovered")), "round {round}: {notices:?}");
    }
}

const FULL: &str = "DELIMIT_TEST_FILL_THE_DISK_IN";

/// Not a test of its own: the child of the next one. It does each step when a line comes in and says how it went.
#[test]
fn works_on_a_full_disk_when_told_to() {
    let Ok(root) = std::env::var(FULL) else { return };
    let mut session = Session::open(root.as_ref()).unwrap();
    let wait = || assert!(std::io::stdin().read_line(&mut String::new()).is_ok());
    dot(&mut session, 0, 5.0, 5.0);
    println!("\nstep open");
    wait();
    let mut messages = Vec::new();
    for x in [12.0, 19.0, 26.0] {
        session.begin_stroke(SurfaceId::Label(0), PEN, Point::new(x, 9.0)).unwrap();
        match session.finish_stroke() {
            Ok(did) => assert!(did),
            Err(e) => messages.push(e.to_string()),
        }
    }
    assert_eq!(messages.len(), 1, "one message, not one a stroke: {messages:?}");
    assert!(messages[0].contains("kept in memory") && messages[0].contains("make room"), "{messages:?}");
    let errors = session.save().unwrap();
    assert!(errors.iter().any(|e| e.to_string().contains("000.png")), "{errors:?}");
    assert!(session.has_unsaved_changes());
    assert_eq!(session.surface(SurfaceId::Label(0)).unwrap().map().get(26, 9), 1);
    println!("step full");
    wait();
    assert!(session.save().unwrap().is_empty());
    assert!(!session.has_unsaved_changes());
    dot(&mut session, 0, 33.0, 9.0);
    println!("step room");
    // Ends as if killed: the last stroke is in the journal only.
    std::process::abort();
}

#[test]
fn a_full_disk_costs_nothing_and_is_told_once() {
    use std::io::Write as _;
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    // A limit on the size of files is a full disk for one process; with the signal ignored, writing fails as it does there.
    let child = Command::new("sh")
        .args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""])
        .arg(std::env::current_exe().unwrap())
        .args(["--exact", "session::works_on_a_full_disk_when_told_to", "--nocapture", "--test-threads=1"])
        .env(FULL, folder.path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut child) = child else {
        println!("SKIPPED: there is no sh");
        return;
    };
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map(Result::unwrap);
    let mut stdin = child.stdin.take().unwrap();
    let pid = child.id().to_string();
    let limit = |size: &str| Command::new("prlimit").args(["--pid", &pid, &format!("--fsize={size}:unlimited")]).status();
    let mut reached = |step: &str| lines.any(|line| line == format!("step {step}"));
    assert!(reached("open"));
    if !limit("0").is_ok_and(|s| s.success()) {
        println!("SKIPPED: prlimit is absent");
        child.kill().unwrap();
        child.wait().unwrap();
        return;
    }
    writeln!(stdin).unwrap();
    assert!(reached("full"), "see the output of the child");
    assert!(limit("unlimited").unwrap().success());
    writeln!(stdin).unwrap();
    assert!(reached("room"), "see the output of the child");
    child.wait().unwrap();
    let mut session = Session::open(folder.path()).unwrap();
    let map = session.load_surface(SurfaceId::Label(0)).unwrap().map();
    assert_eq!([5, 12, 19, 26, 33].map(|x| map.get(x, if x == 5 { 5 } else { 9 })), [1; 5]);
}

#[test]
fn ignored_pixels_survive_journal_saving_and_loading() {
    let folder = tempfile::tempdir().unwrap();
    small_project(folder.path(), 1);
    let id = SurfaceId::Label(0);
    let mut session = Session::open(folder.path()).unwrap();
    dot(&mut session, 0, 10.0, 10.0);
    session.begin_stroke(id, Pen { value: 255, ..PEN }, Point::new(12.0, 10.0)).unwrap();
    assert!(session.finish_stroke().unwrap());
    let expected = session.surface(id).unwrap().map().clone();
    assert!(expected.histogram()[255] > 0 && expected.histogram()[1] > 0);
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert!(*session.load_surface(id).unwrap().map() == expected, "from the journal");
    assert!(session.save().unwrap().is_empty());
    drop(session);
    let mut session = Session::open(folder.path()).unwrap();
    assert!(*session.load_surface(id).unwrap().map() == expected, "from the file");
    let snapshot = session.snapshot();
    let regions = delimit::workflow::measuring::label_regions(&snapshot, 0).unwrap();
    assert_eq!(regions.len(), 1);
    assert!(regions[0].is_clipped && regions[0].pixels == expected.histogram()[1]);
    assert!(delimit::workflow::checking::check_label(&snapshot, 0, &delimit::check::BoundaryCheck::default()).unwrap().len() <= 1);
    // A model that says a class where the label says "ignore" is neither right nor wrong there.
    let mut prediction = expected.clone();
    for y in 0..30 {
        for x in 0..40 {
            if expected.get(x, y) == 255 {
                prediction.fill_span(y, x, x + 1, 2);
            }
        }
    }
    let compared = delimit::workflow::comparing::compare_maps(&expected, &prediction).unwrap();
    assert!(compared.pixels.classes.get(&2).is_none_or(|c| c.predicted == 0), "{:?}", compared.pixels.classes);
    assert!(!compared.pixels.classes.contains_key(&255));
}

/// `cargo test --release --test library -- --ignored --nocapture hundred_thousand` prints how long opening takes.
#[test]
#[ignore = "writes 100 000 files; it prints times and asserts a generous bound"]
fn a_hundred_thousand_images_are_open_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::new(folder.path(), "large");
    project.part_numbers = vec![delimit::project::PartNumber::new("A")];
    let entry = |i: u32| delimit::project::ImageEntry {
        id: format!("line-3/{i:06}"),
        image: format!("images/{i:06}.png"),
        part: format!("S{:06}", i / 4),
        part_number: "A".into(),
    };
    project.add_entries((0..100_000).map(entry)).unwrap();
    project.save().unwrap();
    let timed = |what: &str| {
        let start = std::time::Instant::now();
        let session = Session::open(folder.path()).unwrap();
        let seconds = start.elapsed().as_secs_f64();
        println!("{what}: {:.0} ms", seconds * 1e3);
        assert_eq!(session.project().images().len(), 100_000);
        assert!(seconds < 20.0);
        session
    };
    drop(timed("without sidecars"));
    std::fs::create_dir_all(folder.path().join("labels/line-3")).unwrap();
    let sidecar = delimit::project::Sidecar { state: LabelState::Done, disposition: Disposition::Ok, ..Default::default() };
    project.write_sidecar(0, &sidecar).unwrap();
    let text = std::fs::read(project.sidecar_path(0)).unwrap();
    for image in 0..100_000 {
        std::fs::write(project.sidecar_path(image), &text).unwrap();
    }
    drop(timed("with 100 000 sidecars"));
    let session = timed("again");
    assert_eq!(session.sidecar(99_999).state, LabelState::Done);
}
