//! Looking closely: contrast, outlines, one class alone, peeking, the loupe, the ruler and the calibration by it.

use delimit::measure::{Calibration, Feature};
use delimit::project::Project;
use delimit::raster::display::{Channel, Lut};
use delimit::raster::pyramid::Window;
use delimit::raster::{Display, Point};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2, vec2};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, changed, empty_place, press};
use crate::studio::viewing::LabelStyle;

const SHIFT: Modifiers = Modifiers::SHIFT;

fn hold(desk: &mut Desk, key: Key, pressed: bool) {
    desk.h.event(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE });
    desk.h.step();
}

/// Frames for `seconds` of the window's clock; they are 1/60 apart.
fn wait(desk: &mut Desk, seconds: f64) {
    for _ in 0..(seconds * 60.0).ceil() as usize {
        desk.h.step();
    }
}

fn drag(desk: &mut Desk, from: Pos2, to: Pos2, modifiers: Modifiers) {
    let button = |pos, pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers };
    desk.h.hover_at(from);
    desk.h.event(button(from, true));
    for k in 1..=8_u8 {
        desk.h.hover_at(from + (to - from) * (f32::from(k) / 8.0));
    }
    desk.h.event(button(to, false));
    desk.settle();
}

/// A window with the panel of the display open.
fn looking() -> Desk {
    let mut desk = Desk::open();
    desk.click("Display");
    // The panel opens over some frames, and what is below moves with it.
    desk.h.run_steps(40);
    desk
}

/// How the photo on the canvas is shown.
fn display(desk: &mut Desk) -> Display {
    let (key, pyramid) = desk.studio().shown_photo().unwrap();
    desk.h.state_mut().studio.display_of(key, &pyramid)
}

fn middle(desk: &Desk) -> Pos2 {
    let map = desk.label_map(0);
    desk.on_screen(f64::from(map.width()) / 2.0, f64::from(map.height()) / 2.0)
}

#[test]
fn holding_t_and_dragging_changes_contrast_and_level_and_paints_nothing() {
    let mut desk = looking();
    let before = desk.label_map(0);
    let start = display(&mut desk).window;
    assert_eq!(start, Window { black: 0.0, white: 255.0 });
    let at = middle(&desk);

    hold(&mut desk, Key::T, true);
    // 160 points to the right double the width, the level stays.
    drag(&mut desk, at, at + vec2(160.0, 0.0), Modifiers::NONE);
    let wide = display(&mut desk).window;
    assert!(((wide.white - wide.black) / 255.0 - 2.0).abs() < 0.02, "{wide:?}");
    assert!((f32::midpoint(wide.white, wide.black) - 127.5).abs() < 1.0, "{wide:?}");
    // Up is lighter: the level goes down.
    drag(&mut desk, at, at + vec2(0.0, -80.0), Modifiers::NONE);
    let lighter = display(&mut desk).window;
    assert!(
        f32::midpoint(lighter.white, lighter.black) < 100.0 && (lighter.white - lighter.black - 510.0).abs() < 5.0,
        "{lighter:?}"
    );
    hold(&mut desk, Key::T, false);

    assert!(changed(&before, &desk.label_map(0)).is_empty());
    assert!(desk.is_disabled("Undo"));
    // Without T the same drag paints.
    drag(&mut desk, at, at + vec2(10.0, 0.0), Modifiers::NONE);
    assert!(!changed(&before, &desk.label_map(0)).is_empty());
}

#[test]
fn t_twice_finds_the_contrast_by_itself_and_it_stays_for_the_next_image() {
    let mut desk = looking();
    desk.key(Key::T);
    assert_eq!(display(&mut desk).window, Window { black: 0.0, white: 255.0 }, "one tap says nothing");
    desk.key(Key::T);
    let found = display(&mut desk).window;
    let photo = desk.studio().session.project().read_photo(0).unwrap();
    let mut values: Vec<f32> = photo.gray_plane(photo.rect()).into_vec();
    values.sort_unstable_by(f32::total_cmp);
    let at = |q: f64| values[((values.len() - 1) as f64 * q) as usize];
    assert!((found.black - at(0.005)).abs() <= 2.0 && (found.white - at(0.995)).abs() <= 2.0, "{found:?}");

    desk.key(Key::D);
    assert_eq!(desk.studio().view.image, 1);
    assert_eq!(display(&mut desk).window, found, "same camera, same contrast");
    desk.click_as(Role::CheckBox, "Auto per image");
    let own = display(&mut desk).window;
    desk.key(Key::A);
    assert_ne!(display(&mut desk).window, own, "each image its own");
    assert!((display(&mut desk).window.black - found.black).abs() < 1e-3);
    desk.click("Reset");
    assert_eq!(display(&mut desk).window, Window { black: 0.0, white: 255.0 });
}

#[test]
fn the_panel_sets_black_white_gamma_colours_and_inversion() {
    let mut desk = looking();
    desk.h.get_by_role_and_label(Role::Slider, "Black line").set_value_accesskit(40.0);
    desk.settle();
    desk.h.get_by_role_and_label(Role::Slider, "White line").set_value_accesskit(180.0);
    desk.settle();
    assert_eq!(display(&mut desk).window, Window { black: 40.0, white: 180.0 });
    // Black never passes white.
    desk.h.get_by_role_and_label(Role::Slider, "Black line").set_value_accesskit(250.0);
    desk.settle();
    let window = display(&mut desk).window;
    assert!(window.black < window.white && window.black > 179.0, "{window:?}");
    desk.h.get_by_role_and_label(Role::Slider, "Gamma").set_value_accesskit(2.0);
    desk.settle();
    assert!((display(&mut desk).gamma - 2.0).abs() < 0.05);
    desk.click_as(Role::CheckBox, "Invert");
    assert!(display(&mut desk).is_inverted);
    let is_colour = desk.studio().shown_photo().unwrap().1.photo().channels() == 3;
    if is_colour {
        assert!(!desk.has("Colours"), "colour keeps its colours");
        desk.click_as(Role::ComboBox, "Channel");
        desk.click("Green");
        assert_eq!(display(&mut desk).channel, Channel::Green);
    }
    desk.click_as(Role::ComboBox, "Colours");
    desk.click("Viridis");
    assert_eq!(display(&mut desk).lut, Lut::Viridis);
}

#[test]
fn a_line_of_the_histogram_is_dragged_by_the_pointer() {
    let mut desk = looking();
    let grip = desk.h.get_by_role_and_label(Role::Slider, "White line").rect().center();
    drag(&mut desk, grip, grip - vec2(60.0, 0.0), Modifiers::NONE);
    let window = display(&mut desk).window;
    assert!(window.black == 0.0 && window.white < 230.0 && window.white > 150.0, "{window:?}");
}

#[test]
fn o_goes_from_fill_to_outlines_to_both() {
    let mut desk = looking();
    for style in [LabelStyle::Outline, LabelStyle::Both, LabelStyle::Fill] {
        desk.key(Key::O);
        assert_eq!(desk.studio().view.viewing.style, style);
    }
    desk.click("Outline");
    assert_eq!(desk.studio().view.viewing.style, LabelStyle::Outline);
}

#[test]
fn shift_and_a_digit_show_one_class_alone() {
    let mut desk = looking();
    let names: Vec<String> = desk.studio().session.project().classes.iter().map(|c| c.name.clone()).collect();
    let picked = desk.studio().view.class;
    desk.h.key_press_modifiers(SHIFT, Key::Num2);
    desk.settle();
    assert_eq!(desk.studio().view.class, picked, "nothing is picked by it");
    for (i, name) in names.iter().enumerate() {
        // The eye of a class that is not seen offers to show it.
        assert_eq!(desk.has(&format!("Show {name}")), i != 1, "{name}");
    }
    desk.h.key_press_modifiers(SHIFT, Key::Num2);
    desk.settle();
    assert!(names.iter().all(|name| desk.has(&format!("Hide {name}"))));
}

#[test]
fn a_tap_on_h_switches_and_holding_it_peeks() {
    let mut desk = looking();
    desk.key(Key::H);
    assert!(desk.studio().view.are_labels_hidden);
    wait(&mut desk, 0.5);
    assert!(desk.studio().view.are_labels_hidden, "a tap stays");
    desk.key(Key::H);
    assert!(!desk.studio().view.are_labels_hidden);

    hold(&mut desk, Key::H, true);
    assert!(desk.studio().view.are_labels_hidden);
    for _ in 0..30 {
        // A held key repeats itself.
        desk.h.event(Event::Key { key: Key::H, physical_key: None, pressed: true, repeat: true, modifiers: Modifiers::NONE });
        desk.h.step();
        assert!(desk.studio().view.are_labels_hidden);
    }
    hold(&mut desk, Key::H, false);
    desk.h.step();
    assert!(!desk.studio().view.are_labels_hidden, "they come back with the finger");
}

#[test]
fn the_status_line_names_value_place_class_and_zone() {
    let mut desk = looking();
    let map = desk.label_map(0);
    let (x, y) = (0..map.height())
        .flat_map(|y| (0..map.width()).map(move |x| (x, y)))
        .find(|&(x, y)| map.get(x, y) != 0 && x > 0 && map.get(x - 1, y) == map.get(x, y))
        .unwrap();
    let at = desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5);
    desk.h.hover_at(at);
    for _ in 0..20 {
        desk.settle();
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let project = desk.studio().session.project().clone();
    let photo = project.read_photo(0).unwrap();
    let c = project.part_numbers[0].calibration.unwrap();
    let zones = project.read_zones(0).unwrap().unwrap();
    let words = desk.studio().hovered.clone().unwrap();
    assert!(words.starts_with(&format!("{x}, {y}   value {}", photo.value_text(x, y).unwrap())), "{words}");
    let mm = format!("{:.3}, {:.3} mm", (f64::from(x) + 0.5) * c.x_mm_per_px, (f64::from(y) + 0.5) * c.y_mm_per_px);
    assert!(words.contains(&mm), "{words}");
    assert!(words.contains(&project.class_name(map.get(x, y))), "{words}");
    match project.part_numbers[0].zones.iter().find(|z| z.id == zones.get(x, y)) {
        Some(zone) => assert!(words.ends_with(&format!("zone {}", zone.name)), "{words}"),
        None => assert!(!words.contains("zone"), "{words}"),
    }
}

#[test]
fn the_ruler_measures_snaps_and_goes_with_escape() {
    let mut desk = looking();
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 40);
    let (x, y) = (f64::from(x), f64::from(y));
    desk.key(Key::R);
    let (a, b) = (desk.on_screen(x - 30.0, y - 20.0), desk.on_screen(x + 30.0, y + 25.0));
    drag(&mut desk, a, b, Modifiers::NONE);
    let line = desk.studio().view.viewing.ruler.line.unwrap();
    assert!((line.length_px() - 75.0).abs() < 0.1, "60 across and 45 down: {line:?}");
    assert!(desk.has_part("75.0") || desk.has_part("74.9"), "the panel says so");
    assert!(changed(&before, &desk.label_map(0)).is_empty(), "the ruler paints nothing");

    // An end is taken and moved; Shift keeps to eighths.
    let end = desk.on_screen(x + 50.0, y - 15.0);
    drag(&mut desk, b, end, SHIFT);
    let level = desk.studio().view.viewing.ruler.line.unwrap();
    assert!((level.from.y - level.to.y).abs() < 1e-9 && (level.length_px() - 80.0).abs() < 0.2, "{level:?}");

    desk.key(Key::Escape);
    assert!(desk.studio().view.viewing.ruler.line.is_none() && desk.studio().view.viewing.ruler.is_on);
    desk.key(Key::Escape);
    assert!(!desk.studio().view.viewing.ruler.is_on);
    drag(&mut desk, a, b, Modifiers::NONE);
    assert!(!changed(&before, &desk.label_map(0)).is_empty(), "the brush is back");
}

#[test]
fn a_known_length_calibrates_the_part_number_and_can_be_put_back() {
    let mut desk = Desk::open_changed(|project| {
        let mut project: Project = project.clone();
        project.part_numbers[0].calibration = Some(Calibration { x_mm_per_px: 0.02, y_mm_per_px: 0.01 });
        project.save().unwrap();
    });
    let lengths = |desk: &Desk| -> Vec<f64> {
        let facts = desk.studio().analysis.labels[0].as_ref().unwrap();
        facts.regions.iter().map(|r| f64::from(r.feature(Feature::Length))).collect()
    };
    let before = lengths(&desk);
    let (x, y) = empty_place(&desk.label_map(0), 40);
    let (x, y) = (f64::from(x), f64::from(y));
    desk.key(Key::R);
    let (a, b) = (desk.on_screen(x - 40.0, y), desk.on_screen(x + 40.0, y));
    drag(&mut desk, a, b, SHIFT);
    let line = desk.studio().view.viewing.ruler.line.unwrap();
    // 80 px were 1.6 mm; they shall be 3.2.
    desk.h.get_by_label("Known length").set_value_accesskit(line.length_px() * 0.04);
    desk.settle();
    desk.click("Calibrate by it");
    let now = desk.studio().calibration().unwrap();
    assert!((now.x_mm_per_px - 0.04).abs() < 1e-5 && (now.y_mm_per_px - 0.02).abs() < 1e-5, "twice as large, still 2 : 1: {now:?}");
    for (was, is) in before.iter().zip(lengths(&desk)) {
        assert!((is / was - 2.0).abs() < 1e-3, "{was} mm is {is} mm now");
    }
    assert!(desk.has("was 0.02000 × 0.01000 mm/px"));
    desk.click("Put back");
    assert_eq!(desk.studio().calibration(), Some(Calibration { x_mm_per_px: 0.02, y_mm_per_px: 0.01 }));
    assert_eq!(lengths(&desk), before);
    assert!(!desk.has("Put back"));
}

#[test]
fn the_loupe_does_not_stand_in_the_way_of_the_brush() {
    let mut desk = looking();
    desk.key(Key::Q);
    assert!(desk.studio().view.viewing.has_loupe);
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 24);
    let at = desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5);
    desk.stroke(PointerButton::Primary, &[at]);
    assert!(!changed(&before, &desk.label_map(0)).is_empty());
    desk.key(Key::Q);
    assert!(!desk.studio().view.viewing.has_loupe);
}

#[test]
fn shift_f_goes_to_the_marked_region() {
    let mut desk = looking();
    let regions = desk.buttons("Region ");
    desk.click_as(Role::Button, &regions[0]);
    desk.key(Key::F);
    assert!(desk.studio().canvas.view().unwrap().holds_whole_image());
    desk.h.key_press_modifiers(SHIFT, Key::F);
    desk.settle();
    let bounds = desk.studio().analysis.labels[0].as_ref().unwrap().regions[0].bounds;
    let view = *desk.studio().canvas.view().unwrap();
    assert!(!view.holds_whole_image() && view.viewport().contains_rect(view.screen_rect(bounds)));
}

#[test]
fn a_stamp_lies_on_the_pixel_under_the_cursor_at_every_zoom() {
    let mut desk = looking();
    for _ in 0..20 {
        desk.key(Key::OpenBracket);
    }
    for zoom in [0, 2, 4] {
        desk.ctrl(Key::Num1);
        for _ in 0..zoom {
            desk.ctrl(Key::Plus);
        }
        let view = *desk.studio().canvas.view().unwrap();
        for fraction in [0.49_f32, 0.51] {
            let pos = (view.viewport().center() + vec2(31.0, 17.0)).floor() + vec2(fraction, fraction);
            let Point { x, y } = view.image_from_screen(pos);
            let before = desk.label_map(0);
            let class = if before.get(x as u32, y as u32) == 1 { Key::Num2 } else { Key::Num1 };
            desk.key(class);
            desk.h.hover_at(pos);
            desk.h.event(press(PointerButton::Primary, pos, true));
            desk.h.event(press(PointerButton::Primary, pos, false));
            desk.settle();
            assert_eq!(changed(&before, &desk.label_map(0)), [(x.floor() as u32, y.floor() as u32)], "zoom {zoom}, {pos:?}");
        }
    }
}

#[test]
fn nothing_of_the_panel_is_out_of_reach_in_a_small_window() {
    let mut desk = looking();
    desk.h.set_size(vec2(1280.0, 720.0));
    desk.settle();
    let window = egui::Rect::from_min_size(Pos2::ZERO, vec2(1280.0, 720.0));
    for name in ["Black line", "White line", "Gamma"] {
        let rect = desk.h.get_by_role_and_label(Role::Slider, name).rect();
        assert!(rect.min.x >= 1280.0 - 272.0 && rect.max.x <= window.max.x, "{name}: {rect:?}");
    }
    assert!(desk.h.get_by_role_and_label(Role::CheckBox, "Invert").accesskit_node().label().is_some());
}
