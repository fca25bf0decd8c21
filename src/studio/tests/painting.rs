//! Painting with the pointer, and the keys of the tools.

use delimit::raster::LabelMap;
use delimit::session::SurfaceId;
use delimit::session::journal::{Journal, MapName, Record, changes_of};
use egui::accesskit::Role;
use egui::{Key, PointerButton};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, changed, empty_place, press};

/// Strokes of the journal on one image, as (y, x0, x1, value).
fn journaled(desk: &Desk, image: usize) -> Vec<Vec<(u32, u32, u32, u8)>> {
    let name = &desk.studio().session.project().images()[image].id;
    let (_, records) = Journal::open(&desk.root).unwrap();
    records
        .into_iter()
        .filter_map(|record| match record {
            Record::Pixels { map: MapName::Label(image), changes, .. } if image == *name => {
                Some(changes_of(&changes).into_iter().map(|r| (r.y, r.x0, r.x1, r.after)).collect())
            }
            _ => None,
        })
        .collect()
}

fn one_pixel_brush(desk: &mut Desk) {
    for _ in 0..20 {
        desk.key(Key::OpenBracket);
    }
    assert_eq!(desk.figure("Size"), 1.0);
}

#[test]
fn a_click_paints_the_pixel_under_it_and_undo_takes_it_back() {
    let mut desk = Desk::open();
    let before = desk.label_map(0);
    let regions = desk.buttons("Region ").len();
    let (x, y) = empty_place(&before, 20);
    one_pixel_brush(&mut desk);
    desk.key(Key::Num2);
    let at = desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5);
    desk.stroke(PointerButton::Primary, &[at]);

    let after = desk.label_map(0);
    assert_eq!(changed(&before, &after), [(x, y)]);
    assert_eq!(after.get(x, y), 2);
    assert_eq!(desk.buttons("Region ").len(), regions + 1);
    let class = desk.studio().session.project().class_name(2);
    assert_eq!(desk.buttons("Region ").iter().filter(|b| b.contains(&format!(", {class}, "))).count(), {
        let known = delimit::workflow::measuring::label_regions(&desk.studio().session.snapshot(), 0).unwrap();
        known.iter().filter(|r| r.class == 2).count()
    });
    assert_eq!(journaled(&desk, 0), [vec![(y, x, x + 1, 2)]]);

    desk.click_as(Role::Button, "Undo");
    assert!(changed(&before, &desk.label_map(0)).is_empty());
    assert_eq!(desk.buttons("Region ").len(), regions);
    assert!(desk.is_disabled("Undo"));
    desk.click_as(Role::Button, "Redo");
    assert_eq!(changed(&before, &desk.label_map(0)), [(x, y)]);
}

/// Pixels whose centres lie within `radius` of the segment a–b; None where the last digits of a screen position decide.
fn is_under(x: u32, y: u32, a: (f64, f64), b: (f64, f64), radius: f64) -> Option<bool> {
    let (px, py) = (f64::from(x) + 0.5, f64::from(y) + 0.5);
    let (dx, dy) = (b.0 - a.0, b.1 - a.1);
    let t = (((px - a.0) * dx + (py - a.1) * dy) / (dx * dx + dy * dy)).clamp(0.0, 1.0);
    let distance = (px - a.0 - t * dx).hypot(py - a.1 - t * dy);
    ((distance - radius).abs() > 1e-3).then_some(distance < radius)
}

#[test]
fn a_drag_paints_what_the_brush_swept_and_the_eraser_takes_it_away() {
    let mut desk = Desk::open();
    let before = desk.label_map(0);
    let regions = desk.buttons("Region ").len();
    let (x, y) = empty_place(&before, 24);
    let (a, b) = ((f64::from(x) - 9.3, f64::from(y) - 4.1), (f64::from(x) + 10.6, f64::from(y) + 7.7));
    let points =
        [desk.on_screen(a.0, a.1), desk.on_screen(f64::midpoint(a.0, b.0), f64::midpoint(a.1, b.1)), desk.on_screen(b.0, b.1)];
    assert_eq!(desk.figure("Size"), 12.0);
    desk.key(Key::Num1);
    desk.stroke(PointerButton::Primary, &points);

    let after = desk.label_map(0);
    let mut painted = 0;
    for (x, y) in (0..after.height()).flat_map(|y| (0..after.width()).map(move |x| (x, y))) {
        let is_new = after.get(x, y) != before.get(x, y);
        painted += usize::from(is_new);
        if let Some(expected) = is_under(x, y, a, b, 6.0) {
            assert_eq!(is_new, expected, "pixel {x}, {y}");
        }
        assert!(!is_new || after.get(x, y) == 1);
    }
    // A capsule: π r² + 2 r l, to the pixels along its rim.
    let area = std::f64::consts::PI * 36.0 + 12.0 * (b.0 - a.0).hypot(b.1 - a.1);
    assert!((painted as f64 - area).abs() < 12.0, "{painted} pixels for {area:.1}");
    assert_eq!(desk.buttons("Region ").len(), regions + 1);

    // The eraser is wider than the brush and goes the same way.
    desk.key(Key::E);
    desk.stroke(PointerButton::Primary, &points);
    assert!(changed(&before, &desk.label_map(0)).is_empty());
    assert_eq!(desk.buttons("Region ").len(), regions);
    // The right button erases with the brush in hand.
    desk.key(Key::B);
    desk.stroke(PointerButton::Primary, &points);
    assert_eq!(changed(&before, &desk.label_map(0)).len(), painted);
    desk.stroke(PointerButton::Secondary, &points);
    assert!(changed(&before, &desk.label_map(0)).is_empty());
}

#[test]
fn a_stroke_is_in_the_file_after_a_short_rest() {
    let mut desk = Desk::open();
    let (x, y) = empty_place(&desk.label_map(0), 24);
    let at = desk.on_screen(f64::from(x), f64::from(y));
    desk.stroke(PointerButton::Primary, &[at]);
    assert!(desk.has("journaled"));
    // Five seconds of frames, and as long as the file takes.
    for _ in 0..2000 {
        desk.h.step();
        if desk.has("saved") {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    assert!(desk.has("saved"));
    let on_disk = desk.studio().session.project().read_label(0).unwrap();
    assert!(changed(&desk.label_map(0), &on_disk).is_empty());
    assert_ne!(on_disk.get(x, y), 0);
    assert!(journaled(&desk, 0).is_empty(), "what is in the file is not in the journal any more");
}

#[test]
fn keys_pick_class_tool_and_size() {
    let mut desk = Desk::open();
    for class in &desk.studio().session.project().classes.clone() {
        assert_eq!(desk.is_on(&class.name), class.id == 1);
    }
    desk.key(Key::Num3);
    let classes = desk.studio().session.project().classes.clone();
    let picked: Vec<u8> = classes.iter().filter(|c| desk.is_on(&c.name)).map(|c| c.id).collect();
    assert_eq!(picked, [classes[2].id]);

    assert!(desk.is_on("Brush") && !desk.is_on("Eraser"));
    desk.key(Key::E);
    assert!(!desk.is_on("Brush") && desk.is_on("Eraser"));
    desk.key(Key::X);
    assert!(desk.is_on("Brush") && !desk.is_on("Eraser"));
    desk.key(Key::X);
    assert!(desk.is_on("Eraser"));
    desk.key(Key::B);
    assert!(desk.is_on("Brush"));

    let size = desk.figure("Size");
    desk.key(Key::CloseBracket);
    assert!(desk.figure("Size") > size);
    desk.key(Key::OpenBracket);
    desk.key(Key::OpenBracket);
    assert!(desk.figure("Size") < size);
    // Picking a class takes the brush into the hand.
    desk.key(Key::E);
    desk.key(Key::Num1);
    assert!(desk.is_on("Brush"));
}

#[test]
fn escape_cancels_a_stroke_in_progress() {
    let mut desk = Desk::open();
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 24);
    let (a, b) = (desk.on_screen(f64::from(x) - 8.0, f64::from(y)), desk.on_screen(f64::from(x) + 8.0, f64::from(y)));
    desk.h.hover_at(a);
    desk.h.event(press(PointerButton::Primary, a, true));
    desk.h.hover_at(b);
    desk.h.step();
    assert_eq!(desk.studio().session.active_stroke(), Some(SurfaceId::Label(0)));
    assert!(!changed(&before, &desk.label_map(0)).is_empty(), "the stroke is on the map while it is drawn");
    desk.key(Key::Escape);
    assert!(changed(&before, &desk.label_map(0)).is_empty());
    // The rest of the drag belongs to no stroke.
    desk.h.hover_at(a);
    desk.h.event(press(PointerButton::Primary, a, false));
    desk.settle();
    assert!(changed(&before, &desk.label_map(0)).is_empty());
    assert!(desk.is_disabled("Undo"));
    assert!(journaled(&desk, 0).is_empty());
}

#[test]
fn other_classes_can_be_protected() {
    let start: LabelMap = {
        let desk = Desk::open();
        desk.label_map(0)
    };
    let (x, y) = empty_place(&start, 24);
    let mut desk = Desk::open_changed(|project| {
        let mut label = project.read_label(0).unwrap();
        label.fill_span(y, x, x + 3, 2);
        project.write_label(0, &label).unwrap();
    });
    let before = desk.label_map(0);
    desk.key(Key::K);
    assert!(desk.is_on("Protect other classes"));
    desk.key(Key::Num1);
    let at = desk.on_screen(f64::from(x), f64::from(y));
    desk.stroke(PointerButton::Primary, &[at]);
    let after = desk.label_map(0);
    assert!(changed(&before, &after).len() > 80);
    assert!((x..x + 3).all(|x| after.get(x, y) == 2), "class 2 stays");
}

#[test]
fn a_region_of_the_list_is_shown_on_the_canvas() {
    let mut desk = Desk::open();
    let regions = desk.buttons("Region ");
    assert!(!regions.is_empty(), "the first part of the sample has a defect");
    desk.click_as(Role::Button, &regions[0]);
    assert_eq!(desk.studio().view.selected_regions, [0]);
    let bounds = desk.studio().analysis.labels[0].as_ref().unwrap().regions[0].bounds;
    let view = *desk.studio().canvas.view().unwrap();
    assert!(view.viewport().contains_rect(view.screen_rect(bounds)));
    let name = &desk.studio().session.project().images()[0].id;
    let canvas = format!("Canvas, {name}");
    let value = desk.h.get_by_label(&canvas).accesskit_node().value().unwrap();
    assert!(value.starts_with(&format!("{} regions, ", regions.len())), "{value}");
}
