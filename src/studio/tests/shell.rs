//! What all workspaces share: tabs, palette, sheet of keys, filmstrip, theme.

use egui::accesskit::Role;
use egui::{Event, Key};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, PARTS};

/// A text of each workspace that no other has.
const HEADINGS: [(&str, &str); 5] = [
    ("Label", "Opacity"),
    ("Check", "Displacement"),
    ("Compare", "No model on this part number"),
    ("Tune", "Class × zone"),
    ("Export", "What goes out"),
];

#[test]
fn each_tab_opens_its_workspace() {
    let mut desk = Desk::open();
    let tabs: Vec<String> = desk.h.query_all_by_role(Role::Tab).filter_map(|n| n.accesskit_node().label()).collect();
    let wanted: Vec<&str> = HEADINGS.iter().map(|(tab, _)| *tab).collect();
    assert_eq!(tabs, wanted);
    for (tab, heading) in HEADINGS.iter().rev() {
        desk.show(tab);
        for (_, other) in HEADINGS {
            assert_eq!(desk.has(other), other == *heading, "{other} in {tab}");
        }
    }
}

#[test]
fn everything_that_takes_input_has_a_name() {
    let mut desk = Desk::open();
    let mut unnamed = Vec::new();
    for (tab, _) in HEADINGS {
        desk.show(tab);
        unnamed.extend(desk.h.unnamed_widgets().into_iter().map(|w| format!("{tab}: {w}")));
    }
    desk.show("Label");
    desk.key(Key::Z);
    assert!(desk.has("Zones"));
    unnamed.extend(desk.h.unnamed_widgets().into_iter().map(|w| format!("zones: {w}")));
    desk.ctrl(Key::K);
    unnamed.extend(desk.h.unnamed_widgets().into_iter().map(|w| format!("palette: {w}")));
    assert!(unnamed.is_empty(), "{}", unnamed.join("\n"));
}

#[test]
fn the_palette_finds_a_command_and_enter_runs_it() {
    let mut desk = Desk::open();
    let fields = |desk: &Desk| desk.h.query_all_by_role(Role::TextInput).count();
    let others = fields(&desk);
    desk.ctrl(Key::K);
    assert_eq!(fields(&desk), others + 1);
    for letter in "tun".chars() {
        desk.h.event(Event::Text(letter.into()));
    }
    desk.settle();
    desk.key(Key::Enter);
    assert!(desk.has("Class × zone"), "Tune is open");
    // The name of the person is a field of Label alone, the note of a release one of Tune.
    assert_eq!(fields(&desk), others, "the palette is closed");

    // Letters in the field are no shortcuts, and Escape closes it without a deed.
    desk.show("Label");
    desk.ctrl(Key::K);
    desk.h.event(Event::Text("e".into()));
    desk.key(Key::E);
    desk.key(Key::Escape);
    assert_eq!(fields(&desk), others);
    assert!(desk.is_on("Brush"));

    // The arrows choose a row: the first two rows of "brush" are the brush and the threshold brush.
    desk.ctrl(Key::K);
    desk.h.event(Event::Text("brush".into()));
    desk.settle();
    desk.key(Key::ArrowDown);
    desk.key(Key::Enter);
    assert!(desk.is_on("Threshold brush"), "the second match");
}

#[test]
fn the_filmstrip_and_the_arrows_change_the_image() {
    let mut desk = Desk::open();
    let images: Vec<String> = desk.studio().session.project().images().iter().map(|i| i.id.clone()).collect();
    assert_eq!(images.len(), PARTS as usize);
    let canvas = |image: usize| format!("Canvas, {}", images[image]);
    assert!(desk.has(&canvas(0)));
    desk.key(Key::ArrowRight);
    assert!(desk.has(&canvas(1)));
    desk.key(Key::D);
    assert!(desk.has(&canvas(2)));
    desk.key(Key::A);
    assert!(desk.has(&canvas(1)));
    let cells = desk.buttons(&images[3]);
    assert_eq!(cells.len(), 1, "{cells:?}");
    desk.click_as(Role::Button, &cells[0]);
    assert!(desk.has(&canvas(3)));
    desk.key(Key::ArrowRight);
    assert!(desk.has(&canvas(3)), "the last one has no next");
}

#[test]
fn the_sheet_of_keys_opens_and_closes() {
    let mut desk = Desk::open();
    desk.key(Key::F1);
    assert!(desk.has("Gestures") && desk.has("Move the image"));
    desk.key(Key::Escape);
    assert!(!desk.has("Gestures"));
}

#[test]
fn the_theme_is_switched_by_button_and_key() {
    let mut desk = Desk::open();
    assert_eq!(desk.h.ctx.theme(), egui::Theme::Dark);
    desk.click("Light theme");
    assert_eq!(desk.h.ctx.theme(), egui::Theme::Light);
    assert!(desk.has("Dark theme") && !desk.has("Light theme"));
    desk.ctrl(Key::T);
    assert_eq!(desk.h.ctx.theme(), egui::Theme::Dark);
    assert!(desk.has("Light theme"));
}
