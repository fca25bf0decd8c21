//! Work on the image without a mouse. What a tool does with the keys is what it does with the mouse at the same places.

use delimit::paint::BrushShape;
use delimit::raster::LabelMap;
use egui::accesskit::Role;
use egui::{Key, Modifiers, PointerButton};
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, changed, empty_place};

type Pixel = (u32, u32);

/// What the canvas says of itself.
fn canvas_value(desk: &Desk) -> String {
    let node = desk.h.get_by_role(Role::Canvas);
    node.accesskit_node().value().unwrap_or_default()
}

/// The pixel that the canvas says the cursor is on.
fn cursor(desk: &Desk) -> Pixel {
    let value = canvas_value(desk);
    let words = value.strip_prefix("pixel ").unwrap_or_else(|| panic!("no cursor: {value}"));
    let mut figures = words.split(',').map(|w| w.trim().parse().unwrap_or_default());
    (figures.next().unwrap(), figures.next().unwrap())
}

/// Goes to a pixel with arrows, by tens as long as that is nearer.
fn go(desk: &mut Desk, (x, y): Pixel) {
    let at = cursor(desk);
    for (from, to, less, more) in [(at.0, x, Key::ArrowLeft, Key::ArrowRight), (at.1, y, Key::ArrowUp, Key::ArrowDown)] {
        let (key, distance) = if to < from { (less, from - to) } else { (more, to - from) };
        for _ in 0..distance / 10 {
            desk.h.key_press_modifiers(Modifiers::SHIFT, key);
            desk.h.step();
        }
        for _ in 0..distance % 10 {
            desk.h.key_press(key);
            desk.h.step();
        }
    }
    desk.settle();
    assert_eq!(cursor(desk), (x, y));
}

fn click(desk: &mut Desk, at: Pixel) {
    go(desk, at);
    desk.key(Key::Enter);
}

fn hold(desk: &mut Desk) {
    desk.chord(Modifiers::SHIFT, Key::Enter);
}

/// A window with the keyboard on the canvas and a tool in hand.
fn at_work(tool: &str) -> Desk {
    let mut desk = Desk::open();
    desk.click_as(Role::Button, tool);
    desk.key(Key::F6);
    assert!(desk.studio().canvas.has_keyboard());
    desk
}

/// What the same tool makes of mouse strokes through the middles of these pixels.
fn by_mouse(tool: &str, strokes: &[(PointerButton, &[Pixel])]) -> LabelMap {
    let mut desk = Desk::open();
    desk.click_as(Role::Button, tool);
    for (button, pixels) in strokes {
        let points: Vec<_> = pixels.iter().map(|&(x, y)| desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5)).collect();
        desk.stroke(*button, &points);
    }
    desk.label_map(0)
}

#[test]
fn arrows_move_a_cursor_that_says_where_it_is() {
    let mut desk = Desk::open();
    assert!(!canvas_value(&desk).starts_with("pixel"));
    desk.key(Key::F6);
    let (x, y) = cursor(&desk);
    let photo = desk.studio().shown_photo().unwrap().1;
    let gray = photo.photo().value_text(x, y).unwrap();
    assert!(canvas_value(&desk).starts_with(&format!("pixel {x}, {y}, value {gray}; ")), "{}", canvas_value(&desk));
    desk.key(Key::ArrowRight);
    desk.chord(Modifiers::SHIFT, Key::ArrowDown);
    assert_eq!(cursor(&desk), (x + 1, y + 10));
    assert_eq!(desk.studio().view.image, 0, "arrows are the cursor's");
    // The status line speaks about the same pixel.
    assert!(desk.studio().hovered.as_ref().unwrap().starts_with(&format!("{}, {} ", x + 1, y + 10)));

    desk.key(Key::Escape);
    assert!(!desk.studio().canvas.has_keyboard());
    assert!(!canvas_value(&desk).starts_with("pixel"));
    desk.key(Key::ArrowRight);
    assert_eq!(desk.studio().view.image, 1, "without the focus arrows step through the images");
    desk.key(Key::ArrowLeft);
    desk.key(Key::F6);
    assert_eq!(cursor(&desk), (x + 1, y + 10), "the cursor is where it was");
}

#[test]
fn the_cursor_stays_on_the_image_and_in_view() {
    let mut desk = at_work("Brush");
    desk.ctrl(Key::Num1);
    let (width, _) = desk.studio().canvas.view().unwrap().image_size();
    for _ in 0..width.div_ceil(10) {
        desk.h.key_press_modifiers(Modifiers::SHIFT, Key::ArrowLeft);
        desk.h.step();
    }
    desk.settle();
    let (x, y) = cursor(&desk);
    assert_eq!(x, 0);
    let view = *desk.studio().canvas.view().unwrap();
    assert!(view.viewport().contains(desk.on_screen(0.5, f64::from(y) + 0.5)));
    for _ in 0..=width.div_ceil(10) {
        desk.h.key_press_modifiers(Modifiers::SHIFT, Key::ArrowRight);
        desk.h.step();
    }
    desk.settle();
    assert_eq!(cursor(&desk), (width - 1, y));
    assert!(desk.studio().canvas.view().unwrap().viewport().contains(desk.on_screen(f64::from(width) - 0.5, f64::from(y) + 0.5)));
}

#[test]
fn a_rectangle_by_keyboard() {
    let mut desk = at_work("Rectangle");
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 20);
    go(&mut desk, (x - 7, y - 5));
    hold(&mut desk);
    go(&mut desk, (x + 8, y + 4));
    assert!(changed(&before, &desk.label_map(0)).is_empty(), "nothing is written before the button is let go");
    desk.key(Key::Enter);
    let after = desk.label_map(0);
    assert_eq!(after, by_mouse("Rectangle", &[(PointerButton::Primary, &[(x - 7, y - 5), (x + 8, y + 4)])]));
    let painted = changed(&before, &after);
    // From the middle of the one corner to the middle of the other.
    let (w, h) = (15, 9);
    assert!((w * h..=(w + 1) * (h + 1)).contains(&painted.len()), "{}", painted.len());
    desk.ctrl(Key::Z);
    assert_eq!(desk.label_map(0), before);
}

#[test]
fn a_polygon_by_keyboard_is_closed_by_the_right_button_or_taken() {
    let corners = |(x, y): Pixel| [(x - 12, y - 9), (x + 13, y - 7), (x + 2, y + 12)];
    let mut desk = at_work("Polygon and lasso");
    let before = desk.label_map(0);
    let place = empty_place(&before, 20);
    for corner in corners(place) {
        click(&mut desk, corner);
    }
    desk.chord(Modifiers::ALT, Key::Enter);
    let after = desk.label_map(0);
    let [a, b, c] = corners(place);
    let primary = PointerButton::Primary;
    let strokes: [(PointerButton, &[Pixel]); 4] =
        [(primary, &[a]), (primary, &[b]), (primary, &[c]), (PointerButton::Secondary, &[c])];
    let mouse = by_mouse("Polygon and lasso", &strokes);
    // A place of the window is not quite the middle of a pixel: where a side runs through middles, the last digit decides.
    assert!(changed(&mouse, &after).len() <= 4, "{:?}", changed(&mouse, &after));
    // The area of the triangle, by half of the cross product; pixels whose middle is inside differ by at most its border.
    let twice = (25.0_f64 * 21.0 - 14.0 * 2.0).abs();
    assert!((changed(&before, &after).len() as f64 - twice / 2.0).abs() < 40.0);

    desk.ctrl(Key::Z);
    for corner in corners(place) {
        click(&mut desk, corner);
    }
    desk.key(Key::Backspace);
    click(&mut desk, corners(place)[2]);
    desk.chord(Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE }, Key::Enter);
    assert_eq!(desk.label_map(0), after);
}

#[test]
fn a_brush_line_by_keyboard_is_one_step_of_undo() {
    let mut desk = at_work("Brush");
    desk.studio_mut().view.settings.brush_px = 1.0;
    desk.studio_mut().view.settings.shape = BrushShape::Square;
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 20);
    go(&mut desk, (x - 10, y));
    hold(&mut desk);
    go(&mut desk, (x + 9, y));
    go(&mut desk, (x + 9, y + 6));
    assert!(canvas_value(&desk).contains("button held"));
    desk.key(Key::Enter);
    let after = desk.label_map(0);
    let mut line: Vec<Pixel> = (x - 10..=x + 9).map(|x| (x, y)).chain((y + 1..=y + 6).map(|y| (x + 9, y))).collect();
    line.sort_by_key(|&(x, y)| (y, x));
    assert_eq!(changed(&before, &after), line);
    desk.ctrl(Key::Z);
    assert_eq!(desk.label_map(0), before);
}

#[test]
fn escape_takes_a_held_stroke_back_and_then_leaves() {
    let mut desk = at_work("Brush");
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 20);
    go(&mut desk, (x, y));
    hold(&mut desk);
    go(&mut desk, (x + 5, y));
    desk.key(Key::Escape);
    assert_eq!(desk.label_map(0), before);
    assert!(desk.studio().canvas.has_keyboard() && !desk.studio().canvas.is_key_held());
    desk.key(Key::ArrowRight);
    assert_eq!(desk.label_map(0), before, "the button is up");
    desk.key(Key::Escape);
    assert!(!desk.studio().canvas.has_keyboard());
}

#[test]
fn the_mouse_takes_over_and_the_stroke_is_kept() {
    let mut desk = at_work("Brush");
    desk.studio_mut().view.settings.brush_px = 1.0;
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 20);
    go(&mut desk, (x, y));
    hold(&mut desk);
    desk.key(Key::ArrowRight);
    let at = desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 8.5);
    desk.stroke(PointerButton::Primary, &[at]);
    assert!(!desk.studio().canvas.has_keyboard());
    assert!(desk.studio().session.active_stroke().is_none());
    assert_eq!(changed(&before, &desk.label_map(0)), [(x, y), (x + 1, y), (x, y + 8)]);
}

#[test]
fn fill_and_wand_by_keyboard() {
    let mut desk = at_work("Rectangle");
    let before = desk.label_map(0);
    let (x, y) = empty_place(&before, 20);
    go(&mut desk, (x - 6, y - 6));
    hold(&mut desk);
    go(&mut desk, (x + 6, y + 6));
    desk.key(Key::Enter);
    let boxed = desk.label_map(0);
    let painted = changed(&before, &boxed);
    desk.key(Key::Num2);
    desk.key(Key::G);
    click(&mut desk, (x, y));
    let filled = desk.label_map(0);
    assert_eq!(changed(&boxed, &filled), painted);
    assert!(painted.iter().all(|&(x, y)| filled.get(x, y) == 2));
    // The right button clears.
    desk.chord(Modifiers::ALT, Key::Enter);
    assert_eq!(desk.label_map(0), before);

    desk.key(Key::W);
    click(&mut desk, (x, y));
    let by_keys = desk.label_map(0);
    assert!(!changed(&before, &by_keys).is_empty());
    let mut mouse = Desk::open();
    mouse.click_as(Role::Button, "Magic wand");
    mouse.key(Key::Num2);
    let at = mouse.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5);
    mouse.stroke(PointerButton::Primary, &[at]);
    assert_eq!(by_keys, mouse.label_map(0));
}

#[test]
fn another_image_ends_what_was_held() {
    let mut desk = at_work("Brush");
    let (x, y) = empty_place(&desk.label_map(0), 20);
    go(&mut desk, (x, y));
    hold(&mut desk);
    desk.key(Key::D);
    assert_eq!(desk.studio().view.image, 1);
    let before = desk.label_map(1);
    desk.key(Key::ArrowRight);
    assert!(!desk.studio().canvas.is_key_held());
    assert_eq!(desk.label_map(1), before);
}
