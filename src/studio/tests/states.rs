//! A project that somebody else has open, and one without an image.

use delimit::project::{PartNumber, Project};
use egui::accesskit::Role;
use egui::{Key, PointerButton};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, PARTS, changed, empty_place, sample_folder};

#[test]
fn the_second_window_on_a_project_may_only_look() {
    let first = Desk::open();
    let mut second = Desk::on(&first.root);
    assert!(second.has("read-only"));
    assert!(second.has_part("Read-only: "), "why it is read-only is told");
    second.click("Close the first steps");
    for tool in ["Brush", "Eraser", "Protect other classes"] {
        assert!(second.is_disabled(tool), "{tool}");
        assert!(!first.is_disabled(tool), "{tool} in the first window");
    }
    let before = second.label_map(0);
    let (x, y) = empty_place(&before, 24);
    let at = second.on_screen(f64::from(x), f64::from(y));
    second.stroke(PointerButton::Primary, &[at]);
    second.key(Key::E);
    assert!(changed(&before, &second.label_map(0)).is_empty());
    assert!(!first.has("read-only"));
    // It can still go everywhere and look.
    second.show("Tune");
    assert!(second.has(&format!("of {PARTS} parts")));
}

#[test]
fn an_empty_project_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::new(folder.path(), "Nothing yet");
    project.part_numbers = vec![PartNumber::new("A-1")];
    project.save().unwrap();
    let mut desk = Desk::on(folder.path());
    assert!(desk.has("No image yet"));
    assert!(!desk.button("Add images…").accesskit_node().is_disabled());
    for tab in ["Check", "Compare", "Tune", "Export", "Label"] {
        desk.show(tab);
    }
    assert!(desk.has("No image yet"));
    // Keys that need an image do nothing.
    for key in [Key::ArrowRight, Key::D, Key::N, Key::M, Key::F7, Key::F8, Key::E] {
        desk.key(key);
    }
    assert!(desk.has("No image yet"));
}

#[test]
fn images_that_are_added_are_there_at_once() {
    let source = sample_folder();
    let folder = tempfile::tempdir().unwrap();
    let mut project = Project::new(folder.path(), "Nothing yet");
    project.part_numbers = vec![PartNumber::new("A-1")];
    project.save().unwrap();
    let mut desk = Desk::on(folder.path());
    let mut photos: Vec<_> = std::fs::read_dir(source.path().join("images")).unwrap().map(|e| e.unwrap().path()).collect();
    photos.sort();
    let ctx = desk.h.ctx.clone();
    desk.h.state_mut().studio.add_images(&photos, &ctx);
    desk.settle();
    assert!(!desk.has("No image yet"));
    assert!(desk.has(&format!("{} images added", photos.len())));
    let names: Vec<String> = desk.studio().session.project().images().iter().map(|i| i.id.clone()).collect();
    assert_eq!(names.len(), photos.len());
    assert!(desk.has(&format!("Canvas, {}", names[0])));
}

#[test]
fn a_photo_that_cannot_be_read_is_told_and_the_others_are_shown() {
    let mut desk = Desk::open_changed(|project| std::fs::write(project.image_path(1), b"no picture").unwrap());
    assert!(!desk.has("This image cannot be shown"));
    desk.key(Key::D);
    assert!(desk.has("This image cannot be shown"));
    desk.key(Key::D);
    assert!(!desk.has("This image cannot be shown"));
    assert_eq!(desk.h.query_all_by_role(Role::Canvas).count(), 1);
}
