//! The check: findings are those of the library, and a click goes there.

use delimit::check::{BoundaryCheck, Severity, findings};
use delimit::raster::LabelMap;
use delimit::session::Session;
use delimit::workflow::checking::check_label;
use egui::Key;
use egui::accesskit::Role;

use super::desk::{Desk, PARTS};

/// The label moved to the right by `by` pixels.
fn shifted(map: &LabelMap, by: u32) -> LabelMap {
    let mut out = LabelMap::new(map.width(), map.height());
    for y in 0..map.height() {
        for x in by..map.width() {
            let value = map.get(x - by, y);
            if value != 0 {
                out.fill_span(y, x, x + 1, value);
            }
        }
    }
    out
}

/// A window on a sample whose third label lies five pixels beside its defects.
fn desk_with_a_shifted_label() -> Desk {
    Desk::open_changed(|project| {
        for image in 0..PARTS as usize {
            let label = project.read_label(image).unwrap();
            project.write_label(image, &shifted(&label, 5)).unwrap();
        }
    })
}

#[test]
fn findings_are_those_of_the_library_and_a_click_goes_there() {
    let mut desk = desk_with_a_shifted_label();
    desk.show("Check");
    // A small project is checked when the workspace is first opened.
    let session = Session::open_read_only(&desk.root).unwrap();
    let project = session.project();
    let mut expected = Vec::new();
    for image in 0..PARTS as usize {
        let checks = check_label(&session.snapshot(), image, &BoundaryCheck::default()).unwrap();
        for finding in findings(&checks).into_iter().filter(|f| f.severity > Severity::Info) {
            let region = finding.region.unwrap();
            let id = &project.images()[image].id;
            let title = format!("{id} · {} #{}: {}", project.class_name(finding.class), region + 1, finding.message);
            expected.push((title, image, region, finding));
        }
    }
    assert!(expected.iter().any(|(_, image, ..)| *image > 0), "labels beside their defects are found");
    let mut shown: Vec<String> =
        (0..PARTS as usize).flat_map(|i| desk.buttons(&format!("{} · ", project.images()[i].id))).collect();
    let mut wanted: Vec<String> = expected.iter().map(|(title, ..)| title.clone()).collect();
    shown.sort();
    wanted.sort();
    assert_eq!(shown, wanted);

    let (title, image, region, finding) = expected.iter().rfind(|(_, image, ..)| *image > 0).unwrap();
    desk.click_as(Role::Button, title);
    assert!(desk.is_on(title));
    assert!(desk.has(&format!("Canvas, {}", project.images()[*image].id)));
    assert!(desk.has(&format!("{} #{}", project.class_name(finding.class), region + 1)), "its figures are shown");
    let view = *desk.studio().canvas.view().unwrap();
    assert!(view.viewport().contains_rect(view.screen_rect(finding.bounds)));

    // N walks on down the list, and comes round.
    let mut seen = Vec::new();
    for _ in 0..expected.len() {
        desk.key(Key::N);
        let place = desk.studio().view.selected_finding;
        if !seen.contains(&place) {
            seen.push(place);
        }
    }
    assert_eq!(seen.len(), expected.len());
}

#[test]
fn a_painted_repair_is_checked_again() {
    let mut desk = desk_with_a_shifted_label();
    desk.show("Check");
    let count = desk.studio().findings_in_order().len();
    assert!(count > 0);
    // The finding that is worst is erased: its row goes.
    desk.key(Key::N);
    let bounds = desk.studio().view.selected_finding.unwrap().bounds;
    desk.show("Label");
    desk.key(Key::E);
    for _ in 0..14 {
        desk.key(Key::CloseBracket);
    }
    let (a, b) =
        (desk.on_screen(f64::from(bounds.x0), f64::from(bounds.y0)), desk.on_screen(f64::from(bounds.x1), f64::from(bounds.y1)));
    desk.stroke(egui::PointerButton::Primary, &[a, b]);
    desk.show("Check");
    assert!(desk.studio().findings_in_order().len() < count);
}
