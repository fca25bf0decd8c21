//! Regions split, merged and numbered in the window: no pixel changes, and each is one step of undo.

use delimit::raster::Point;
use delimit::session::{SurfaceId, Tool};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, changed};
use super::tools::blank;

impl Desk {
    fn merge(&mut self) {
        self.h.key_press_modifiers(Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE }, Key::J);
        self.settle();
    }

    fn pixels_and_numbers(&self) -> Vec<(u64, Option<u32>)> {
        let facts = self.studio().analysis.labels[0].as_ref().unwrap();
        facts.regions.iter().map(|r| (r.pixels, r.number)).collect()
    }

    fn type_number(&mut self, number: &str) {
        // What was told before is gone from over the panel.
        self.h.run_steps(400);
        self.h.get_by_role_and_label(Role::SpinButton, "Number").click();
        self.settle();
        // Editing begins with all of the text selected.
        self.h.event(Event::Text(number.into()));
        self.settle();
        self.key(Key::Enter);
    }
}

#[test]
fn the_knife_keeps_all_pixels_and_the_pieces_merge_again() {
    let (mut desk, blank) = blank();
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (180.2, 130.2)]);
    let whole = desk.label_map(0);
    let painted = changed(&blank, &whole).len() as u64;

    desk.take(Tool::Knife);
    desk.drag(&[(130.5, 90.0), (130.5, 110.0), (130.5, 140.0)]);
    assert!(changed(&whole, &desk.label_map(0)).is_empty(), "no pixel changes");
    let two = desk.pixels_and_numbers();
    assert_eq!(two.len(), 2, "{two:?}");
    assert_eq!(two[0].0 + two[1].0, painted, "and none is lost");
    // The library says the same of the same folder.
    let known = delimit::workflow::measuring::label_regions(&desk.studio().session.snapshot(), 0).unwrap();
    assert_eq!(known.iter().map(|r| r.pixels).collect::<Vec<_>>(), [two[0].0, two[1].0]);

    // A click takes one piece in the hand, and what is done to it leaves the other alone.
    desk.take(Tool::Select);
    desk.click_at(PointerButton::Primary, 110.0, 115.0);
    assert_eq!(desk.studio().view.selected_regions, [0]);
    desk.key(Key::Delete);
    let rest = desk.label_map(0);
    assert_eq!(desk.pixels_and_numbers(), [(two[1].0, None)]);
    assert!(rest.get(110, 115) == 0 && rest.get(170, 115) != 0);
    desk.undo_gives(&whole);
    assert_eq!(desk.pixels_and_numbers(), two, "the pixels are back, and in two pieces");

    desk.click_at(PointerButton::Primary, 110.0, 115.0);
    desk.held(Modifiers::SHIFT, &[(170.0, 115.0)]);
    assert_eq!(desk.studio().view.selected_regions, [0, 1]);
    desk.merge();
    assert_eq!(desk.pixels_and_numbers(), [(painted, Some(1))]);
    assert_eq!(desk.buttons("Region 1, number 1").len(), 1);

    desk.ctrl(Key::Z);
    assert_eq!(desk.pixels_and_numbers(), two);
    desk.ctrl(Key::Z);
    assert_eq!(desk.pixels_and_numbers(), [(painted, None)], "one step of undo takes the cut back");
    desk.ctrl(Key::Y);
    assert_eq!(desk.pixels_and_numbers(), two);
}

#[test]
fn fragments_are_one_defect_with_a_number_that_is_typed() {
    let (mut desk, _) = blank();
    desk.take(Tool::Rectangle);
    for x in [100.2, 160.2, 220.2] {
        desk.drag(&[(x, 100.2), (x + 30.0, 120.2)]);
    }
    let map = desk.label_map(0);
    let three = desk.pixels_and_numbers();
    assert_eq!(three.len(), 3);
    desk.take(Tool::Select);
    desk.click_at(PointerButton::Primary, 110.0, 110.0);
    desk.merge();
    assert_eq!(desk.pixels_and_numbers(), three, "one region is not merged with itself");
    desk.held(Modifiers::SHIFT, &[(230.0, 110.0)]);
    desk.merge();
    assert_eq!(desk.pixels_and_numbers(), [(three[0].0 + three[2].0, Some(1)), (three[1].0, None)]);
    assert!(changed(&map, &desk.label_map(0)).is_empty());
    assert_eq!(desk.studio().view.selected_regions, [0]);

    desk.type_number("7");
    assert_eq!(desk.pixels_and_numbers()[0].1, Some(7));
    assert_eq!(desk.buttons("Region 1, number 7").len(), 1);
    // The other region cannot have it.
    desk.click_at(PointerButton::Primary, 170.0, 110.0);
    assert_eq!(desk.studio().view.selected_regions, [1]);
    desk.type_number("7");
    assert_eq!(desk.pixels_and_numbers()[1].1, None);
    desk.type_number("2");
    assert_eq!(desk.pixels_and_numbers()[1].1, Some(2));

    // Whichever fragment is clicked, the whole is meant.
    desk.click_at(PointerButton::Primary, 230.0, 110.0);
    assert_eq!(desk.studio().view.selected_regions, [0]);
    desk.click("Unmerge");
    let apart = desk.pixels_and_numbers();
    assert_eq!(apart.iter().map(|r| r.0).collect::<Vec<_>>(), three.iter().map(|r| r.0).collect::<Vec<_>>());
    assert_eq!(apart.iter().filter(|r| r.1 == Some(7)).count(), 1);
    desk.ctrl(Key::Z);
    desk.key(Key::Delete);
    assert_eq!(desk.pixels_and_numbers(), [(three[1].0, Some(2))], "all fragments are deleted");
}

#[test]
fn a_neck_is_cut_between_pixels_or_erased_as_the_box_says() {
    let (mut desk, _) = blank();
    desk.take(Tool::Ellipse);
    desk.drag(&[(100.2, 100.2), (140.2, 140.2)]);
    desk.drag(&[(134.2, 100.2), (174.2, 140.2)]);
    let whole = desk.label_map(0);
    let painted = desk.pixels_and_numbers();
    assert_eq!(painted.len(), 1);
    desk.take(Tool::Select);
    desk.click_at(PointerButton::Primary, 110.0, 120.0);
    desk.ctrl(Key::J);
    assert!(changed(&whole, &desk.label_map(0)).is_empty());
    let two = desk.pixels_and_numbers();
    assert_eq!((two.len(), two.iter().map(|r| r.0).sum::<u64>()), (2, painted[0].0));
    // The neck lies half-way between the middles.
    let middle = desk.studio().session.region_area(0, (110, 120)).unwrap().bounds().x1;
    assert!((135..=140).contains(&middle), "{middle}");
    desk.click("Remove cuts");
    assert_eq!(desk.pixels_and_numbers(), painted);

    desk.click_as(Role::CheckBox, "Keep all pixels");
    desk.click_at(PointerButton::Primary, 110.0, 120.0);
    desk.ctrl(Key::J);
    assert!(!changed(&whole, &desk.label_map(0)).is_empty(), "a line is erased");
    assert_eq!(desk.pixels_and_numbers().len(), 2);
    assert!(desk.studio().session.grouping(0).is_empty());
}

#[test]
fn what_is_split_and_numbered_is_in_the_files() {
    let (mut desk, _) = blank();
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (180.2, 130.2)]);
    desk.studio_mut().session.split_along(0, &[Point::new(140.5, 90.0), Point::new(140.5, 140.0)]).unwrap();
    desk.settle();
    desk.take(Tool::Select);
    desk.click_at(PointerButton::Primary, 170.0, 115.0);
    desk.type_number("12");
    let seen = desk.pixels_and_numbers();
    assert_eq!(seen.iter().map(|r| r.1).collect::<Vec<_>>(), [None, Some(12)]);
    desk.ctrl(Key::S);
    let start = std::time::Instant::now();
    while desk.studio().session.has_unsaved_changes() {
        desk.h.step();
        assert!(start.elapsed().as_secs() < 60, "saving does not come to an end");
    }
    let mut other = delimit::session::Session::open_read_only(&desk.root).unwrap();
    other.load_surface(SurfaceId::Label(0)).unwrap();
    let read = delimit::workflow::measuring::label_regions(&other.snapshot(), 0).unwrap();
    assert_eq!(read.iter().map(|r| (r.pixels, r.number)).collect::<Vec<_>>(), seen);
}
