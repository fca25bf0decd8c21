//! Every tool of the Label workspace, by key and pointer, on photos whose truth is known.

use delimit::project::Project;
use delimit::raster::{LabelMap, Plane};
use delimit::session::{SurfaceId, Tool};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, PointerButton, Pos2};

use super::desk::{Desk, changed, press};

/// Middle and radius of the bright disc on [`disc_photo`], in pixels.
const DISC: (f64, f64, f64) = (400.0, 300.0, 40.0);

/// A dark field with a bright disc of soft edge; the first image of the project becomes it, without a label.
fn disc_photo(project: &Project) {
    let (width, height) = project.image_size(0).unwrap();
    let value = |x: u32, y: u32| {
        let d = (f64::from(x) + 0.5 - DISC.0).hypot(f64::from(y) + 0.5 - DISC.1);
        // Half-way at the radius, 3 px wide.
        let share = ((DISC.2 - d) / 3.0 + 0.5).clamp(0.0, 1.0);
        // A fixed pattern of ± 2 gray values, so that nothing is perfectly flat.
        let grain = f64::from((x * 7 + y * 13 + x * y % 5) % 5) - 2.0;
        (60.0 + 120.0 * share + grain).round() as u8
    };
    let photo = image::GrayImage::from_fn(width, height, |x, y| image::Luma([value(x, y)]));
    photo.save(project.image_path(0)).unwrap();
    project.write_label(0, &LabelMap::new(width, height)).unwrap();
}

fn is_in_disc(x: u32, y: u32) -> bool {
    (f64::from(x) + 0.5 - DISC.0).hypot(f64::from(y) + 0.5 - DISC.1) < DISC.2
}

/// Intersection over union of the label's pixels of a class with the true disc.
fn iou_with_disc(map: &LabelMap, class: u8) -> f64 {
    let plane: Plane<u8> = map.to_plane();
    let (mut both, mut any) = (0_u32, 0_u32);
    for y in 0..plane.height() {
        for x in 0..plane.width() {
            let (a, b) = (plane.at(x, y) == class, is_in_disc(x, y));
            both += u32::from(a && b);
            any += u32::from(a || b);
        }
    }
    f64::from(both) / f64::from(any)
}

impl Desk {
    pub(super) fn take(&mut self, tool: Tool) {
        let key = tool.shortcut();
        let egui_key = match key.key {
            delimit::session::command::Key::Char(c) => Key::from_name(&c.to_string()).unwrap(),
            other => panic!("{other:?}"),
        };
        let modifiers = Modifiers { shift: key.shift, ..Modifiers::NONE };
        self.h.key_press_modifiers(modifiers, egui_key);
        self.settle();
        assert_eq!(self.studio().view.tool, tool);
        assert!(self.is_on(tool.label()), "{} is on", tool.label());
    }

    fn at(&self, x: f64, y: f64) -> Pos2 {
        self.on_screen(x, y)
    }

    pub(super) fn click_at(&mut self, button: PointerButton, x: f64, y: f64) {
        let at = self.at(x, y);
        self.stroke(button, &[at]);
        // Two clicks of a test are no double click.
        self.h.run_steps(40);
    }

    pub(super) fn drag(&mut self, points: &[(f64, f64)]) {
        let points: Vec<Pos2> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        self.stroke(PointerButton::Primary, &points);
    }

    pub(super) fn held(&mut self, modifiers: Modifiers, points: &[(f64, f64)]) {
        let places: Vec<Pos2> = points.iter().map(|&(x, y)| self.at(x, y)).collect();
        let button = |pos, pressed| Event::PointerButton { pos, button: PointerButton::Primary, pressed, modifiers };
        self.h.event_modifiers(Event::PointerMoved(places[0]), modifiers);
        self.h.event_modifiers(button(places[0], true), modifiers);
        for &place in &places {
            self.h.event_modifiers(Event::PointerMoved(place), modifiers);
        }
        self.h.event_modifiers(button(places[places.len() - 1], false), modifiers);
        self.settle();
    }

    fn double_click_at(&mut self, x: f64, y: f64) {
        let at = self.at(x, y);
        self.h.hover_at(at);
        for pressed in [true, false, true, false] {
            self.h.event(press(PointerButton::Primary, at, pressed));
        }
        self.settle();
    }

    fn hover(&mut self, x: f64, y: f64) {
        let at = self.at(x, y);
        self.h.hover_at(at);
        self.settle();
    }

    /// One step of undo brings the map back.
    pub(super) fn undo_gives(&mut self, before: &LabelMap) {
        self.ctrl(Key::Z);
        assert!(changed(before, &self.label_map(0)).is_empty(), "one step of undo takes it back");
    }
}

/// A window on a blank label, and an empty place on it.
pub(super) fn blank() -> (Desk, LabelMap) {
    let desk = Desk::open_changed(disc_photo);
    let map = desk.label_map(0);
    (desk, map)
}

#[test]
fn polygon_by_corners_by_hand_and_taken_away() {
    let (mut desk, before) = blank();
    desk.take(Tool::Polygon);
    desk.key(Key::Num2);
    assert_eq!(desk.studio().view.tool, Tool::Polygon, "a class keeps the polygon in the hand");
    let square = [(100.0, 100.0), (160.0, 100.0), (160.0, 140.0)];
    for (x, y) in square {
        desk.click_at(PointerButton::Primary, x, y);
    }
    // A wrong corner is taken back.
    desk.click_at(PointerButton::Primary, 300.0, 300.0);
    desk.key(Key::Backspace);
    desk.click_at(PointerButton::Primary, 100.0, 140.0);
    assert!(changed(&before, &desk.label_map(0)).is_empty(), "nothing is written before it is taken");
    desk.click_at(PointerButton::Secondary, 120.0, 120.0);
    let painted = changed(&before, &desk.label_map(0));
    assert!(painted.iter().all(|&(x, y)| (100..160).contains(&x) && (100..140).contains(&y)));
    // Corners are clicked on the screen, to a part of a pixel.
    assert!((painted.len() as i32 - 2400).abs() <= 100, "{}", painted.len());
    assert_eq!(desk.label_map(0).get(130, 120), 2);

    // Alt takes away: a freehand loop in the middle.
    let with_square = desk.label_map(0);
    let ring: Vec<(f64, f64)> = (0..=24)
        .map(|k| {
            let (s, c) = (f64::from(k) / 24.0 * std::f64::consts::TAU).sin_cos();
            (130.0 + 12.0 * c, 120.0 + 12.0 * s)
        })
        .collect();
    desk.held(Modifiers::ALT, &ring);
    let hole = changed(&with_square, &desk.label_map(0)).len();
    assert!((hole as f64 - std::f64::consts::PI * 144.0).abs() < 30.0, "{hole}");
    desk.undo_gives(&with_square);
    desk.undo_gives(&before);

    // Enter takes it too, Escape drops it.
    for (x, y) in square {
        desk.click_at(PointerButton::Primary, x, y);
    }
    desk.key(Key::Escape);
    desk.key(Key::Enter);
    assert!(changed(&before, &desk.label_map(0)).is_empty());
    for (x, y) in square {
        desk.click_at(PointerButton::Primary, x, y);
    }
    desk.key(Key::Enter);
    let triangle = changed(&before, &desk.label_map(0)).len();
    assert!((triangle as i32 - 1200).abs() < 100, "{triangle}");
}

#[test]
fn rectangle_and_ellipse_have_their_areas() {
    let (mut desk, before) = blank();
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (150.0, 120.0), (180.2, 140.2)]);
    let pixels = changed(&before, &desk.label_map(0));
    assert!((pixels.len() as i32 - 3200).abs() <= 130, "{}", pixels.len());
    desk.undo_gives(&before);
    desk.take(Tool::Ellipse);
    desk.drag(&[(100.0, 100.0), (150.0, 120.0), (180.0, 140.0)]);
    let pixels = changed(&before, &desk.label_map(0)).len();
    assert!((pixels as f64 - std::f64::consts::PI * 40.0 * 20.0).abs() < 90.0, "{pixels}");
    desk.undo_gives(&before);
    // Shift makes a circle.
    desk.held(Modifiers::SHIFT, &[(100.0, 100.0), (150.0, 120.0), (180.0, 140.0)]);
    let circle = changed(&before, &desk.label_map(0));
    let (w, h) = (
        circle.iter().map(|p| p.0).max().unwrap() - circle.iter().map(|p| p.0).min().unwrap(),
        circle.iter().map(|p| p.1).max().unwrap() - circle.iter().map(|p| p.1).min().unwrap(),
    );
    assert!(w.abs_diff(h) <= 1 && w > 30, "{w} × {h}");
}

#[test]
fn shift_click_draws_a_straight_line_and_a_double_click_fills_inside() {
    let (mut desk, before) = blank();
    desk.take(Tool::Brush);
    let corners = [(100.0, 100.0), (160.0, 100.0), (160.0, 160.0), (100.0, 160.0), (100.0, 100.0)];
    desk.click_at(PointerButton::Primary, corners[0].0, corners[0].1);
    for corner in &corners[1..] {
        desk.held(Modifiers::SHIFT, &[*corner]);
        desk.h.run_steps(40);
    }
    let frame = desk.label_map(0);
    assert_eq!(frame.get(130, 100), 1, "the line is there between the clicks");
    assert_eq!(frame.get(130, 130), 0);
    desk.double_click_at(130.0, 130.0);
    let filled = desk.label_map(0);
    assert!((108..152).all(|x| filled.get(x, 130) == 1 && filled.get(130, x) == 1));
    assert_eq!(filled.get(80, 130), 0);
    desk.undo_gives(&frame);
    // Where nothing encloses the pointer, a double click leaves its dabs alone.
    desk.h.run_steps(40);
    desk.double_click_at(300.0, 130.0);
    let dabs = changed(&frame, &desk.label_map(0)).len();
    assert!((80..160).contains(&dabs), "{dabs} pixels of one dab of 12 px");
    assert!(!changed(&before, &desk.label_map(0)).is_empty());
}

#[test]
fn fill_gives_a_region_another_class() {
    let (mut desk, before) = blank();
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (140.2, 130.2)]);
    let painted = changed(&before, &desk.label_map(0));
    let square = desk.label_map(0);
    desk.take(Tool::Fill);
    desk.key(Key::Num3);
    desk.click_at(PointerButton::Primary, 120.0, 115.0);
    let class = desk.studio().session.project().classes[2].id;
    assert_eq!(changed(&square, &desk.label_map(0)), painted);
    assert!(painted.iter().all(|&(x, y)| desk.label_map(0).get(x, y) == class));
    // The right button clears it.
    desk.click_at(PointerButton::Secondary, 120.0, 115.0);
    assert!(changed(&before, &desk.label_map(0)).is_empty());
}

#[test]
fn the_wand_grows_while_it_is_dragged_and_takes_the_disc() {
    let (mut desk, before) = blank();
    desk.take(Tool::Wand);
    desk.studio_mut().view.settings.wand_tolerance = 0.1;
    // Half-way between the two gray values are 60 of the 255 that are shown. The press reaches a tenth; the drag adds 80 of 600 points.
    let (x, y, _) = DISC;
    let start = desk.at(x, y);
    desk.h.hover_at(start);
    desk.h.event(press(PointerButton::Primary, start, true));
    desk.h.hover_at(start);
    desk.h.step();
    let tolerance = desk.studio().view.settings.wand_tolerance;
    let to = start + egui::vec2(80.0, 0.0);
    desk.h.hover_at(to);
    desk.h.step();
    assert!(desk.studio().view.settings.wand_tolerance > tolerance + 0.1);
    assert!(changed(&before, &desk.label_map(0)).is_empty(), "only a preview while the button is down");
    desk.h.event(press(PointerButton::Primary, to, false));
    desk.settle();
    let iou = iou_with_disc(&desk.label_map(0), 1);
    assert!(iou > 0.97, "{iou}");
    desk.undo_gives(&before);
    // Escape while it is dragged leaves nothing.
    desk.h.hover_at(start);
    desk.h.event(press(PointerButton::Primary, start, true));
    desk.h.hover_at(to);
    desk.h.step();
    desk.key(Key::Escape);
    desk.h.event(press(PointerButton::Primary, to, false));
    desk.settle();
    assert!(changed(&before, &desk.label_map(0)).is_empty());
}

#[test]
fn the_threshold_brush_paints_what_is_as_bright_as_its_first_dab() {
    let (mut desk, before) = blank();
    desk.take(Tool::ThresholdBrush);
    *desk.studio_mut().view.tool_px_mut() = 20.0;
    // Over the rim and back: only the bright side is painted.
    desk.drag(&[(DISC.0, DISC.1), (DISC.0 + 60.0, DISC.1), (DISC.0, DISC.1)]);
    let painted = changed(&before, &desk.label_map(0));
    assert!(painted.len() > 600, "{}", painted.len());
    let outside = painted.iter().filter(|&&(x, y)| (f64::from(x) - DISC.0).hypot(f64::from(y) - DISC.1) > DISC.2 + 2.0).count();
    assert_eq!(outside, 0);
    desk.undo_gives(&before);
}

#[test]
fn level_trace_takes_the_contour_through_the_pixel() {
    let (mut desk, before) = blank();
    desk.take(Tool::LevelTrace);
    // On the middle of the soft edge.
    desk.hover(DISC.0 + DISC.2, DISC.1);
    desk.click_at(PointerButton::Primary, DISC.0 + DISC.2, DISC.1);
    let iou = iou_with_disc(&desk.label_map(0), 1);
    assert!(iou > 0.93, "{iou}");
    desk.undo_gives(&before);
}

#[test]
fn the_livewire_follows_the_edge_between_corners() {
    let (mut desk, before) = blank();
    desk.take(Tool::LiveWire);
    let (x, y, r) = DISC;
    // Corners a little off the edge: they snap to it.
    for (dx, dy) in [(r + 2.0, 0.0), (0.0, r - 2.0), (-r - 2.0, 0.0), (0.0, -r + 2.0)] {
        desk.click_at(PointerButton::Primary, x + dx, y + dy);
    }
    assert!(changed(&before, &desk.label_map(0)).is_empty());
    desk.click_at(PointerButton::Secondary, x, y);
    let iou = iou_with_disc(&desk.label_map(0), 1);
    assert!(iou > 0.96, "{iou}");
    desk.undo_gives(&before);
    // Backspace takes corners back until nothing is left.
    desk.click_at(PointerButton::Primary, x + r, y);
    desk.click_at(PointerButton::Primary, x, y + r);
    desk.key(Key::Backspace);
    desk.key(Key::Backspace);
    desk.key(Key::Enter);
    assert!(changed(&before, &desk.label_map(0)).is_empty());
}

#[test]
fn inside_and_outside_find_the_border_in_a_box() {
    let (mut desk, before) = blank();
    desk.take(Tool::Segmenter);
    let (x, y, r) = DISC;
    desk.drag(&[(x - r - 12.0, y - r - 12.0), (x, y), (x + r + 12.0, y + r + 12.0)]);
    assert!(changed(&before, &desk.label_map(0)).is_empty(), "shown, not written");
    desk.key(Key::Enter);
    let iou = iou_with_disc(&desk.label_map(0), 1);
    assert!(iou > 0.97, "{iou}");
    desk.undo_gives(&before);
    // A stroke with the right button keeps the lower half out of it.
    desk.drag(&[(x - r - 12.0, y - r - 12.0), (x, y), (x + r + 12.0, y + r + 12.0)]);
    let stroke: Vec<Pos2> = (-30..=30).step_by(5).map(|dx| desk.at(x + f64::from(dx), y + 20.0)).collect();
    desk.stroke(PointerButton::Secondary, &stroke);
    desk.key(Key::Enter);
    let map = desk.label_map(0);
    assert_eq!(map.get(x as u32, y as u32 + 20), 0);
    desk.undo_gives(&before);
    desk.drag(&[(x - r - 12.0, y - r - 12.0), (x, y), (x + r + 12.0, y + r + 12.0)]);
    desk.key(Key::Escape);
    desk.key(Key::Enter);
    assert!(changed(&before, &desk.label_map(0)).is_empty());
}

/// A flat field with a dark line of 2 px, from (100, 200) to (350, 200); the first image becomes it.
fn line_photo(project: &Project) {
    let (width, height) = project.image_size(0).unwrap();
    let photo = image::GrayImage::from_fn(width, height, |x, y| {
        let grain = (u64::from(x) * 7919 + u64::from(y) * 104_729 + u64::from(x * y) * 31) % 9;
        let line = if (100..350).contains(&x) && (199..201).contains(&y) { 24 } else { 0 };
        image::Luma([(120 + grain - line) as u8])
    });
    photo.save(project.image_path(0)).unwrap();
    project.write_label(0, &LabelMap::new(width, height)).unwrap();
}

#[test]
fn the_scratch_tracer_follows_a_line_from_one_click() {
    let mut desk = Desk::open_changed(line_photo);
    let before = desk.label_map(0);
    desk.take(Tool::ScratchTracer);
    desk.click_at(PointerButton::Primary, 220.0, 201.0);
    assert!(changed(&before, &desk.label_map(0)).is_empty(), "shown, not written");
    desk.key(Key::Enter);
    let map = desk.label_map(0);
    let on_line = (100..350).filter(|&x| map.get(x, 199) == 1 || map.get(x, 200) == 1).count();
    assert!(on_line >= 235, "{on_line} of 250 columns");
    let painted = changed(&before, &map);
    let off = painted.iter().filter(|&&(_, y)| !(197..=202).contains(&y)).count();
    assert!(off <= 4, "{off} pixels beside the line");
    assert!(painted.len() < 4 * 260, "about two pixels wide: {}", painted.len());
    desk.undo_gives(&before);
    // A second click ends it.
    desk.click_at(PointerButton::Primary, 150.0, 200.0);
    desk.click_at(PointerButton::Primary, 250.0, 200.0);
    let part = changed(&before, &desk.label_map(0));
    let (left, right) = (part.iter().map(|p| p.0).min().unwrap(), part.iter().map(|p| p.0).max().unwrap());
    assert!(left.abs_diff(150) <= 6 && right.abs_diff(250) <= 6, "{left} to {right}");
    desk.undo_gives(&before);
}

#[test]
fn the_models_region_is_taken_by_a_click() {
    let mut desk = Desk::open_with_model();
    // The image on which the model sees most.
    let seen = |desk: &Desk, i: usize| desk.studio().analysis.predictions[i].as_ref().map_or(0, |p| p.regions.len());
    let image = (0..4).max_by_key(|&i| seen(&desk, i)).unwrap();
    assert!(seen(&desk, image) > 0, "the model sees something on one of the images");
    for _ in 0..image {
        desk.key(Key::D);
    }
    desk.ctrl(Key::A);
    desk.key(Key::Delete);
    let before = desk.label_map(image);
    let (x, y, class, pixels) = {
        let facts = desk.studio().analysis.predictions[image].as_ref().unwrap();
        let region = facts.regions.iter().max_by_key(|r| r.pixels).unwrap();
        let (x, y) = region.anchor;
        // A pixel well inside, as a hand would aim.
        let inside =
            |x: u32, y: u32| [(0, 0), (1, 0), (0, 1), (1, 1)].iter().all(|d| facts.map.get(x + d.0, y + d.1) == region.class);
        let b = region.bounds;
        let aim = (b.y0..b.y1).flat_map(|v| (b.x0..b.x1).map(move |u| (u, v))).find(|&(u, v)| inside(u, v)).unwrap_or((x, y));
        (aim.0, aim.1, region.class, region.pixels)
    };
    desk.take(Tool::ModelRegion);
    desk.hover(f64::from(x) + 0.5, f64::from(y) + 0.5);
    desk.click_at(PointerButton::Primary, f64::from(x) + 0.5, f64::from(y) + 0.5);
    let map = desk.label_map(image);
    let painted = changed(&before, &map);
    assert!(painted.contains(&(x, y)) && painted.iter().all(|&(x, y)| map.get(x, y) == class));
    let share = painted.len() as f64 / pixels as f64;
    assert!((0.4..2.5).contains(&share), "{} pixels of {pixels} that the model gave the class", painted.len());
    assert_eq!(desk.studio().view.class, class, "its class comes into the hand");
}

#[test]
fn zones_are_painted_with_the_same_tools() {
    let mut desk = Desk::open();
    desk.key(Key::Z);
    let zones = |desk: &Desk| desk.studio().session.surface(SurfaceId::Zones(0)).unwrap().map().clone();
    let before = zones(&desk);
    desk.take(Tool::Rectangle);
    desk.key(Key::Num2);
    let id = desk.studio().session.project().part_numbers[0].zones[1].id;
    desk.drag(&[(20.2, 20.2), (60.0, 40.0), (80.2, 60.2)]);
    let after = zones(&desk);
    assert!((21..79).all(|x| after.get(x, 40) == id));
    desk.ctrl(Key::Z);
    assert!(changed(&before, &zones(&desk)).is_empty());
}

#[test]
fn the_knife_cuts_a_region_in_two() {
    let (mut desk, before) = blank();
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (180.2, 130.2)]);
    let whole = desk.label_map(0);
    assert_eq!(desk.buttons("Region ").len(), 1);
    desk.take(Tool::Knife);
    desk.click_as(Role::CheckBox, "Keep all pixels");
    desk.drag(&[(140.5, 90.0), (140.5, 110.0), (140.5, 140.0)]);
    assert_eq!(desk.buttons("Region ").len(), 2);
    let cut = changed(&whole, &desk.label_map(0)).len();
    assert!((28..=34).contains(&cut), "a cut one pixel wide across 30 rows: {cut}");
    desk.undo_gives(&whole);
    desk.undo_gives(&before);
}

#[test]
fn regions_are_selected_changed_and_locked() {
    let (mut desk, before) = blank();
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (140.2, 130.2)]);
    desk.drag(&[(200.2, 100.2), (240.2, 130.2)]);
    let two = desk.label_map(0);
    let size = changed(&before, &two).len() / 2;
    desk.take(Tool::Select);
    desk.click_at(PointerButton::Primary, 120.0, 115.0);
    assert_eq!(desk.studio().view.selected_regions, [0]);
    desk.held(Modifiers::SHIFT, &[(220.0, 115.0)]);
    assert_eq!(desk.studio().view.selected_regions, [0, 1]);

    // Grow by one pixel: a rim of 2 · (w + h) pixels on each, without the corners.
    desk.ctrl(Key::CloseBracket);
    let grown = changed(&two, &desk.label_map(0)).len();
    assert!((grown as i32 - 2 * 2 * 70).abs() <= 16, "{grown}");
    desk.ctrl(Key::OpenBracket);
    assert!(changed(&two, &desk.label_map(0)).len() < 20, "shrinking is the way back but for corners");
    desk.ctrl(Key::Z);
    desk.ctrl(Key::Z);
    assert!(changed(&two, &desk.label_map(0)).is_empty());

    // Another class for both, then away with them.
    desk.h.key_press_modifiers(Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE }, Key::Num2);
    desk.settle();
    assert_eq!(desk.label_map(0).get(120, 115), 2);
    assert_eq!(desk.label_map(0).get(220, 115), 2);
    desk.undo_gives(&two);
    let rows = desk.buttons("Region ");
    desk.click_as(Role::Button, &rows[0]);
    desk.key(Key::Delete);
    let left = desk.label_map(0);
    assert_eq!((left.get(120, 115), left.get(220, 115)), (0, 1));
    desk.undo_gives(&two);

    // A locked region stays whatever goes over it.
    desk.take(Tool::Select);
    desk.click_at(PointerButton::Primary, 120.0, 115.0);
    desk.h.key_press_modifiers(Modifiers { ctrl: true, command: true, shift: true, ..Modifiers::NONE }, Key::K);
    desk.settle();
    desk.take(Tool::Eraser);
    *desk.studio_mut().view.tool_px_mut() = 60.0;
    desk.drag(&[(80.0, 115.0), (260.0, 115.0)]);
    let after = desk.label_map(0);
    assert_eq!(changed(&two, &after).len(), size, "one went, the locked one stayed");
    assert_eq!(after.get(120, 115), 1);
}

#[test]
fn ignore_areas_are_painted_like_a_class_and_belong_to_no_region() {
    let (mut desk, before) = blank();
    desk.take(Tool::Rectangle);
    desk.key(Key::Num0);
    desk.drag(&[(100.2, 100.2), (140.2, 130.2)]);
    let map = desk.label_map(0);
    assert_eq!(map.get(120, 115), delimit::raster::IGNORE);
    assert!(desk.buttons("Region ").is_empty());
    desk.undo_gives(&before);
}

#[test]
fn the_decision_at_the_cursor_follows_the_stroke() {
    let (mut desk, _) = blank();
    desk.take(Tool::Brush);
    desk.key(Key::Num1);
    let a = desk.at(100.0, 100.0);
    desk.h.hover_at(a);
    desk.h.event(press(PointerButton::Primary, a, true));
    desk.h.hover_at(a);
    desk.h.step();
    let first = desk.studio().live_region().unwrap().pixels;
    let b = desk.at(160.0, 100.0);
    desk.h.hover_at(b);
    desk.h.step();
    let longer = desk.studio().live_region().cloned().unwrap();
    assert_eq!(desk.studio().session.active_stroke(), Some(SurfaceId::Label(0)), "the stroke is not finished");
    assert!(longer.pixels > first + 600, "{first} then {}", longer.pixels);
    // As the ruleset says of a measured region of this size.
    let (verdict, margin) = desk.studio().decision_on(&longer).unwrap();
    let rules = desk.studio().analysis.evaluation(crate::studio::state::Source::Labels).unwrap().board().rules();
    assert_eq!(verdict, delimit::judge::judge_region(&longer, rules));
    assert!(margin.is_some());
    desk.h.event(press(PointerButton::Primary, b, false));
    desk.settle();
    let measured = &desk.studio().analysis.labels[0].as_ref().unwrap().regions;
    assert_eq!(measured[0].pixels, longer.pixels);
    // Bit for bit: NaN where a label has no probability.
    assert_eq!(measured[0].features.map(f32::to_bits), longer.features.map(f32::to_bits));
}

#[test]
fn alt_and_the_right_button_change_the_size() {
    let (mut desk, before) = blank();
    desk.take(Tool::Brush);
    let size = desk.studio().view.tool_px();
    let (a, b) = (desk.at(300.0, 100.0), desk.at(310.0, 100.0));
    let modifiers = Modifiers::ALT;
    let button = |pos, pressed| Event::PointerButton { pos, button: PointerButton::Secondary, pressed, modifiers };
    desk.h.event_modifiers(Event::PointerMoved(a), modifiers);
    desk.h.event_modifiers(button(a, true), modifiers);
    desk.h.event_modifiers(Event::PointerMoved(b), modifiers);
    desk.h.step();
    desk.h.event_modifiers(button(b, false), modifiers);
    desk.settle();
    assert!((desk.studio().view.tool_px() - size - 20.0).abs() <= 2.0, "10 px to the right are 20 px more diameter");
    assert!(changed(&before, &desk.label_map(0)).is_empty());
}

#[test]
fn painting_only_in_a_zone_stays_in_it_and_ends_with_the_part_number() {
    let mut desk = Desk::open();
    let zones = desk.studio().session.surface(SurfaceId::Zones(0)).unwrap().map().clone();
    let before = desk.label_map(0);
    let zone = desk.studio().session.project().part_numbers[0].zones[0].id;
    desk.studio_mut().view.limits.zone = Some(zone);
    desk.take(Tool::Rectangle);
    desk.drag(&[(2.2, 2.2), (300.0, 200.0), (500.2, 370.2)]);
    let painted = changed(&before, &desk.label_map(0));
    assert!(painted.len() > 1000 && painted.iter().all(|&(x, y)| zones.get(x, y) == zone));
    desk.undo_gives(&before);
    desk.studio_mut().choose_part_number(0);
    assert_eq!(desk.studio().view.limits.zone, None);
}

#[test]
fn a_zone_that_nobody_painted_leaves_nothing_open() {
    let mut desk = Desk::open_changed(|project| std::fs::remove_file(project.zones_path(0)).unwrap());
    let before = desk.label_map(0);
    desk.studio_mut().view.limits.zone = Some(1);
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (140.2, 130.2)]);
    assert!(changed(&before, &desk.label_map(0)).is_empty(), "the badge says that painting is limited to the zone");
}

#[test]
fn regions_are_copied_to_the_next_image_whatever_is_locked_on_this_one() {
    let (mut desk, _) = blank();
    desk.take(Tool::Rectangle);
    desk.drag(&[(100.2, 100.2), (140.2, 130.2)]);
    desk.take(Tool::Select);
    desk.click_at(PointerButton::Primary, 120.0, 115.0);
    let (here, next) = (desk.label_map(0), desk.label_map(1));
    // The place is locked on this image, and painting is limited to another brightness: neither says anything about the next.
    let area = delimit::raster::Area::of_rect(delimit::raster::PixelRect::new(90, 90, 150, 140));
    desk.studio_mut().view.limits.toggle_lock(SurfaceId::Label(0), &area);
    desk.studio_mut().view.settings.range = Some(1000.0..=1001.0);
    desk.studio_mut().view.limits.is_by_brightness = true;
    desk.ctrl(Key::D);
    assert_eq!(desk.studio().view.image, 1);
    let copied = desk.label_map(1);
    for y in 0..here.height() {
        for x in 0..here.width() {
            let expected = if here.get(x, y) == 1 { 1 } else { next.get(x, y) };
            assert_eq!(copied.get(x, y), expected, "pixel {x}, {y}");
        }
    }
    desk.ctrl(Key::Z);
    assert!(changed(&next, &desk.label_map(1)).is_empty(), "one step of undo");
}
