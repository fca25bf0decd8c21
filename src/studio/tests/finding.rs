//! The check: findings are those of the library, and a click goes there.

use delimit::check::{BoundaryCheck, Severity};
use delimit::session::Session;
use delimit::workflow::checking::{check_label, label_findings};
use egui::accesskit::Role;
use egui::{Key, PointerButton};

use super::desk::{Desk, PARTS, shifted};

/// A window on a sample whose labels lie five pixels beside the defects.
fn desk_with_shifted_labels() -> Desk {
    Desk::open_changed(|project| {
        for image in 0..PARTS as usize {
            let label = project.read_label(image).unwrap();
            project.write_label(image, &shifted(&label, 5)).unwrap();
        }
    })
}

#[test]
fn findings_are_those_of_the_library_and_a_click_goes_there() {
    let mut desk = desk_with_shifted_labels();
    // A small project is checked when the workspace is first opened.
    desk.show("Check");
    let session = Session::open_read_only(&desk.root).unwrap();
    let (snapshot, project) = (session.snapshot(), session.project());
    let mut expected = Vec::new();
    for image in 0..PARTS as usize {
        let checks = check_label(&snapshot, image, &BoundaryCheck::default()).unwrap();
        let found = label_findings(&snapshot, image, &checks, snapshot.disposition(image)).unwrap();
        for finding in found.into_iter().filter(|f| f.severity > Severity::Info) {
            let id = &project.images()[image].id;
            let region =
                finding.region.map_or_else(String::new, |r| format!(" · {} #{}", project.class_name(finding.class), r + 1));
            expected.push((format!("{id}{region}: {}", finding.message), image, finding));
        }
    }
    assert!(expected.iter().any(|(_, image, _)| *image > 0), "labels beside their defects are found");
    // A thumbnail's name goes on with a comma, a finding's with its class or with its message.
    let rows = project.images().iter().flat_map(|i| [desk.buttons(&format!("{} · ", i.id)), desk.buttons(&format!("{}: ", i.id))]);
    let mut shown: Vec<String> = rows.flatten().collect();
    let mut wanted: Vec<String> = expected.iter().map(|(title, ..)| title.clone()).collect();
    shown.sort();
    wanted.sort();
    assert_eq!(shown, wanted);

    let (title, image, finding) = expected.iter().rfind(|(_, image, f)| *image > 0 && f.region.is_some()).unwrap();
    desk.click_as(Role::Button, title);
    assert!(desk.is_on(title));
    assert!(desk.has(&format!("Canvas, {}", project.images()[*image].id)));
    let heading = format!("{} #{}", project.class_name(finding.class), finding.region.unwrap() + 1);
    assert!(desk.has(&heading), "the figures of {heading} are shown");
    let view = *desk.studio().canvas.view().unwrap();
    assert!(view.viewport().contains_rect(view.screen_rect(finding.bounds)));

    // N walks on down the list, and comes round.
    let mut seen = Vec::new();
    for _ in 0..expected.len() {
        desk.key(Key::N);
        seen.push(desk.studio().view.selected_finding.unwrap());
    }
    for (title, image, finding) in &expected {
        let is_seen = seen.iter().any(|s| s.image == *image && s.region == finding.region && s.bounds == finding.bounds);
        assert!(is_seen, "N never comes to {title}");
    }
}

#[test]
fn a_painted_repair_is_checked_again() {
    let mut desk = desk_with_shifted_labels();
    desk.show("Check");
    let count = desk.studio().checking.findings.len();
    assert!(count > 0);
    // The finding that is worst is erased: its row goes.
    desk.key(Key::N);
    let bounds = desk.studio().view.selected_finding.unwrap().bounds;
    desk.show("Label");
    desk.key(Key::E);
    for _ in 0..14 {
        desk.key(Key::CloseBracket);
    }
    let a = desk.on_screen(f64::from(bounds.x0), f64::from(bounds.y0));
    let b = desk.on_screen(f64::from(bounds.x1), f64::from(bounds.y1));
    desk.stroke(PointerButton::Primary, &[a, b]);
    desk.show("Check");
    assert!(desk.studio().checking.findings.len() < count);
}
