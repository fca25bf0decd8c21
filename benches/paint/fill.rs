//! Bucket fill on a map of 10 000 × 10 000 pixels with 20 blobs: the background and one blob, written directly and as an area; beside them
//! a plain scanline fill of a dense raster.

use delimit::paint::morphology::{grow, smooth};
use delimit::paint::{Brush, Edit, Gate, History, Stroke, connected, ellipse, fill, region_at, stroke_path, watershed};
use delimit::raster::{Area, LabelMap, Plane, Point};

use crate::timing;

const SIDE: u32 = 10_000;

/// Prints the lines of the table.
pub fn run() {
    let sparse = twenty_blobs();
    let blob = first_blob(&sparse);
    for (name, at) in [("background", (5, 5)), ("one blob", blob)] {
        of_one(&sparse, name, at);
    }
    let line = |gesture: &str, what: &str, time: timing::Time| {
        println!("| 20 blobs | {gesture} | {what} | {:.4} | {:.4} | |", time.cpu_ms, time.wall_ms);
    };
    line("region under the pointer", "find", timing::median(31, || (), |()| region_at(&sparse, blob.0, blob.1, None)));
    for side in [20, 300] {
        let (start, end) = (Point::new(5000.0, 5000.0), Point::new(5000.0 + f64::from(side), 5000.0 + f64::from(side)));
        let area = ellipse(start, end, SIDE, SIDE);
        for radius in [1.0, 3.0, 16.0, 64.0] {
            let time = timing::median(101, || (), |()| grow(&area, radius, SIDE, SIDE));
            line(&format!("disc of {side} px"), &format!("grow by {radius} px"), time);
        }
        let time = timing::median(101, || (), |()| smooth(&area, 3.0, SIDE, SIDE));
        line(&format!("disc of {side} px"), "smooth with 3 px", time);
    }
    let two = ellipse(Point::new(100.0, 100.0), Point::new(300.0, 300.0), SIDE, SIDE);
    let two = two.union(&ellipse(Point::new(260.0, 100.0), Point::new(460.0, 300.0), SIDE, SIDE));
    line("two discs of 200 px", "watershed", timing::median(31, || (), |()| watershed(&two, 3.0)));
    let path: Vec<Point> =
        (0..20_000).map(|i| Point::new(1000.0 + f64::from(i) * 0.3, 5000.0 + (f64::from(i) * 0.01).sin() * 900.0)).collect();
    line(
        "path of 20 000 points",
        "area of 50 px",
        timing::median(11, || (), |()| stroke_path(&path, Brush::round(50.0), SIDE, SIDE)),
    );
}

fn of_one(map: &LabelMap, name: &str, at: (u32, u32)) {
    let line = |what: &str, time: timing::Time, note: String| {
        println!("| 20 blobs | fill of {name} | {what} | {:.4} | {:.4} | {note} |", time.cpu_ms, time.wall_ms);
    };
    let start = || (map.clone(), Stroke::begin());
    let direct = |(mut map, mut stroke): (LabelMap, Stroke)| {
        fill(&mut map, &mut stroke, at.0, at.1, 9, &Gate::OPEN);
        let edit = stroke.commit(&mut map);
        (map, edit)
    };
    let by_area = |(mut map, mut stroke): (LabelMap, Stroke)| {
        let area = connected(&map, at.0, at.1);
        stroke.write_area(&mut map, &area, 9, &Gate::OPEN);
        let edit = stroke.commit(&mut map);
        (map, edit)
    };
    let (filled, Some(edit)) = direct(start()) else { panic!("the fill changed nothing") };
    assert!(by_area(start()).0 == filled, "both ways lead to one map");
    line("directly, with commit", timing::median(31, start, direct), format!("map {} kB", filled.heap_bytes() >> 10));
    line("as an area, with commit", timing::median(31, start, by_area), String::new());
    let undo =
        timing::median(31, || undone(&filled, &edit), |(mut map, mut history)| (history.undo(&mut map).is_some(), map, history));
    line("undo", undo, format!("keeps {} kB", edit.heap_bytes() >> 10));

    let plane = map.to_plane();
    let naive = timing::median(5, || plane.clone(), |mut plane| (scanline_fill(&mut plane, at, 9), plane).1);
    line("plain scanline fill of a dense raster", naive, String::new());
    let mut dense = plane;
    scanline_fill(&mut dense, at, 9);
    assert!(LabelMap::from_plane(&dense) == filled, "the plain fill agrees");
}

fn undone(filled: &LabelMap, edit: &Edit) -> (LabelMap, History) {
    let mut history = History::default();
    history.push(edit.clone());
    (filled.clone(), history)
}

/// Span by span, 4-connected, in place.
fn scanline_fill(plane: &mut Plane<u8>, (x, y): (u32, u32), value: u8) {
    let old = plane.at(x, y);
    let (width, height) = (plane.width() as usize, plane.height());
    let mut open = vec![(x as usize, y)];
    while let Some((x, y)) = open.pop() {
        let row = plane.row_mut(y);
        if row[x] != old {
            continue;
        }
        let start = row[..x].iter().rposition(|&v| v != old).map_or(0, |i| i + 1);
        let end = row[x..].iter().position(|&v| v != old).map_or(width, |n| x + n);
        row[start..end].fill(value);
        for next in [y.checked_sub(1), Some(y + 1).filter(|&n| n < height)].into_iter().flatten() {
            let row = plane.row(next);
            let mut at = start;
            while let Some(found) = row[at..end].iter().position(|&v| v == old).map(|n| at + n) {
                open.push((found, next));
                at = row[found..end].iter().position(|&v| v != old).map_or(end, |n| found + n);
            }
        }
    }
}

/// 20 turned ellipses of 6 to 60 px half-axes by chance, of the classes 1 to 7.
fn twenty_blobs() -> LabelMap {
    let mut state = 88_172_645_463_325_252_u64;
    let mut chance = |from: f64, to: f64| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        from + (to - from) * (state >> 11) as f64 / (1_u64 << 53) as f64
    };
    let (mut map, mut stroke) = (LabelMap::new(SIDE, SIDE), Stroke::begin());
    for i in 0..20_u8 {
        let far = f64::from(SIDE) - 80.0;
        let centre = Point::new(chance(80.0, far), chance(80.0, far));
        let (a, b, (sin, cos)) = (chance(6.0, 60.0), chance(6.0, 60.0), chance(0.0, std::f64::consts::PI).sin_cos());
        let corner = (centre.x.floor() as u32 - 64, centre.y.floor() as u32 - 64);
        let mask = Plane::from_fn(128, 128, |x, y| {
            let (dx, dy) = (f64::from(corner.0 + x) + 0.5 - centre.x, f64::from(corner.1 + y) + 0.5 - centre.y);
            ((dx * cos + dy * sin) / a).hypot((dy * cos - dx * sin) / b) <= 1.0
        });
        stroke.write_area(&mut map, &Area::of_mask(&mask, corner), 1 + i % 7, &Gate::OPEN);
    }
    let _ = stroke.commit(&mut map);
    map
}

/// A pixel of a blob of class 1.
fn first_blob(map: &LabelMap) -> (u32, u32) {
    let runs = delimit::raster::runs::runs(map);
    runs.iter().find(|r| r.value == 1).map_or((0, 0), |r| (r.x0, r.y))
}
