//! How long painting takes on a map of 10 000 × 10 000 pixels: dabs and strokes, the end of a gesture, undo, redo, the journal record,
//! filling, morphology and splitting.
//!
//! `cargo bench --bench paint`. A stroke is 20 pointer events, 60 px apart.
//!
//! Instruction counts do not depend on what else the machine does. That of one dab of 200 px on an empty map:
//! `valgrind --tool=callgrind --toggle-collect='*counted*' target/release/deps/paint-… once` collects 0.40 million instructions (x86-64).

#[path = "paint/fill.rs"]
mod fill;
mod timing;

use std::hint::black_box;

use delimit::paint::edit::{Edit, Side, write_runs};
use delimit::paint::{Brush, Gate, History, Stroke};
use delimit::raster::{LabelMap, Plane, Point};
use delimit::session::journal::{Journal, Record, spans_of};

const SIDE: u32 = 10_000;
const EVENTS: u32 = 20;

fn main() {
    let empty = LabelMap::new(SIDE, SIDE);
    if std::env::args().any(|a| a == "once") {
        let mut map = empty;
        let mut stroke = Stroke::begin();
        counted(&mut stroke, &mut map, Brush::round(200.0), AT);
        println!("{:?}", stroke.commit(&mut map).map(|e| e.dirty()));
        return;
    }
    let noisy = LabelMap::from_plane(&noise());
    println!("| map | gesture | what | CPU ms | wall ms | note |");
    println!("| --- | --- | --- | --- | --- | --- |");
    for (name, map) in [("empty", &empty), ("noisy", &noisy)] {
        println!("| {name} | | memory of the map | | | {} kB |", map.heap_bytes() >> 10);
        for diameter in [200.0, 2000.0] {
            gesture(name, map, &format!("dab of {diameter} px"), Brush::round(diameter), &[AT, AT]);
        }
        for diameter in [5.0, 50.0, 200.0] {
            let points: Vec<Point> =
                (0..=EVENTS).map(|i| Point::new(AT.x + f64::from(i) * 59.0, AT.y + f64::from(i) * 10.0)).collect();
            gesture(name, map, &format!("stroke of {EVENTS} events at {diameter} px"), Brush::round(diameter), &points);
        }
    }
    fill::run();
}

/// No tile border near, no pixel centre.
const AT: Point = Point::new(4321.3, 4123.7);

/// The function whose instructions are counted.
#[inline(never)]
fn counted(stroke: &mut Stroke, map: &mut LabelMap, brush: Brush, at: Point) {
    brush.segment(stroke, map, black_box(at), at, 3, &Gate::OPEN);
}

fn gesture(name: &str, start: &LabelMap, gesture: &str, brush: Brush, points: &[Point]) {
    const ROUNDS: usize = 31;
    let line = |what: &str, time: timing::Time, note: String| {
        println!("| {name} | {gesture} | {what} | {:.4} | {:.4} | {note} |", time.cpu_ms, time.wall_ms);
    };
    let paint = |gate: &Gate| {
        let (mut map, mut stroke) = (start.clone(), Stroke::begin());
        for pair in points.windows(2) {
            brush.segment(&mut stroke, &mut map, pair[0], pair[1], 3, gate);
        }
        (map, stroke)
    };
    // The clone is in the figure of no line: it is made before the clock starts.
    let on = |gate: Gate| {
        timing::median(
            ROUNDS,
            || (start.clone(), Stroke::begin()),
            |(mut map, mut stroke)| {
                for pair in points.windows(2) {
                    brush.segment(&mut stroke, &mut map, pair[0], pair[1], 3, &gate);
                }
                (map, stroke)
            },
        )
    };
    line("paint", on(Gate::OPEN), String::new());
    line("paint, other classes protected", on(Gate::protecting_all_but(3)), String::new());
    let open = || paint(&Gate::OPEN);
    line("commit", timing::median(ROUNDS, open, |(mut map, stroke)| (stroke.commit(&mut map), map)), String::new());

    let (mut map, stroke) = open();
    let Some(edit) = stroke.commit(&mut map) else { panic!("the gesture changed nothing") };
    let painted = map.clone();
    let history = || {
        let mut history = History::default();
        history.push(edit.clone());
        (painted.clone(), history)
    };
    let undo = timing::median(ROUNDS, history, |(mut map, mut history)| (history.undo(&mut map).is_some(), map, history));
    line("undo", undo, format!("keeps {} kB", edit.heap_bytes() >> 10));
    let undone = || {
        let (mut map, mut history) = history();
        assert!(history.undo(&mut map).is_some() && map == *start, "undo leads back to the start");
        (map, history)
    };
    let redo = timing::median(ROUNDS, undone, |(mut map, mut history)| (history.redo(&mut map).is_some(), map, history));
    line("redo", redo, String::new());

    journal(start, &painted, &edit, &line);
}

fn journal(start: &LabelMap, painted: &LabelMap, edit: &Edit, line: &dyn Fn(&str, timing::Time, String)) {
    let runs = edit.changed_runs(painted, Side::After);
    let mut replayed = start.clone();
    write_runs(&mut replayed, &runs);
    assert!(replayed == *painted, "the journal tells the same story");
    let changed = timing::median(31, || (), |()| edit.changed_runs(painted, Side::After));
    line("changed runs", changed, format!("{} runs", runs.len()));

    let Ok(folder) = tempfile::tempdir() else { panic!("no temporary folder") };
    let Ok((mut journal, _)) = Journal::open(folder.path()) else { panic!("no journal") };
    let record = || Record::Label { image: "part/1".into(), width: SIDE, height: SIDE, spans: spans_of(&runs) };
    let written = timing::median(31, || (), |()| journal.append(&record()).is_ok());
    line("journal record", written, String::new());
}

/// Every pixel 0, 1 or 2 by chance.
fn noise() -> Plane<u8> {
    let mut state = 88_172_645_463_325_252_u64;
    Plane::from_fn(SIDE, SIDE, |_, _| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state % 3) as u8
    })
}
