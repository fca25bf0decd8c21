//! The ways to look at model against label: each by its button and its key, the divider, the turns, two canvases, probabilities, and a
//! second model.

use std::sync::Arc;
use std::time::Duration;

use delimit::compare::Disagreement;
use delimit::predict::Prediction;
use delimit::raster::LabelMap;
use delimit::session::command::CompareView;
use delimit::session::{Command, Session};
use delimit::workflow::{ModelSettings, ProjectModels};
use egui::accesskit::Role;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Rect, TouchPhase, ViewportId, vec2};
use egui_kittest::kittest::Queryable as _;

use super::desk::{Desk, PARTS, press, shifted};
use super::looks::renderer;
use crate::studio::compare::views::Side;

const ALT: Modifiers = Modifiers::ALT;

/// Goes to the image on which label and model share the most pixels and differ: both have something there.
fn go_where_both_see(desk: &mut Desk) -> usize {
    desk.show("Compare");
    let shared = |desk: &Desk, image: usize| {
        let (_, comparison) = desk.studio().analysis.predictions[image].as_ref()?.comparison.as_ref()?;
        (comparison.pixels.disagreement() > 0).then_some(comparison.pixels.agreed)
    };
    let image = (0..PARTS as usize).max_by_key(|&i| shared(desk, i)).unwrap();
    assert!(shared(desk, image).unwrap() > 0, "the sample has something to compare");
    desk.studio_mut().go_to(image);
    desk.settle();
    image
}

/// A window in Compare with label and model on the canvas, and what the library says about them.
fn comparing() -> (Desk, usize, Prediction, LabelMap) {
    let mut desk = Desk::open_with_model();
    let image = go_where_both_see(&mut desk);
    let session = Session::open_read_only(&desk.root).unwrap();
    let project = session.project();
    let prediction =
        ProjectModels::open(project, 0, &ModelSettings::default()).unwrap().predict(project, image, &|| false).unwrap();
    let label = desk.label_map(image);
    (desk, image, prediction, label)
}

fn view_of(desk: &Desk) -> CompareView {
    desk.studio().view.compare.view
}

fn look(desk: &mut Desk, view: CompareView) {
    desk.click_as(Role::Button, &Command::Look(view).label());
    assert_eq!(view_of(desk), view);
}

/// Frames for `seconds` of the window's clock; they are 1/60 apart.
fn wait(desk: &mut Desk, seconds: f64) {
    desk.h.run_steps((seconds * 60.0).round() as usize);
}

fn hold(desk: &mut Desk, key: Key, pressed: bool) {
    desk.h.event(Event::Key { key, physical_key: None, pressed, repeat: false, modifiers: Modifiers::NONE });
    desk.h.step();
}

/// How long the window would sleep now.
fn sleep(desk: &Desk) -> Duration {
    desk.h.output().viewport_output[&ViewportId::ROOT].repaint_delay
}

fn wheel(desk: &mut Desk, notches: f32, modifiers: Modifiers) {
    desk.h.event(Event::ModifiersChanged(modifiers));
    desk.h.event(Event::MouseWheel {
        unit: MouseWheelUnit::Line,
        delta: vec2(0.0, notches),
        phase: TouchPhase::Move,
        source: MouseWheelSource::Wheel,
        modifiers,
    });
    desk.h.event(Event::ModifiersChanged(Modifiers::NONE));
    desk.settle();
}

fn viewport(desk: &Desk) -> Rect {
    desk.studio().canvas.view().unwrap().viewport()
}

/// A pixel of a map whose value is as wanted.
fn a_pixel_where(map: &LabelMap, wanted: impl Fn(u32, u32, u8) -> bool) -> (u32, u32) {
    let mut all = (0..map.height()).flat_map(|y| (0..map.width()).map(move |x| (x, y)));
    all.find(|&(x, y)| wanted(x, y, map.get(x, y))).unwrap()
}

#[test]
fn every_view_is_reached_by_its_button_its_key_and_the_palette() {
    let (mut desk, ..) = comparing();
    let letters = [
        (CompareView::Label, Key::L),
        (CompareView::Model, Key::M),
        (CompareView::Wipe, Key::W),
        (CompareView::Blink, Key::K),
        (CompareView::SideBySide, Key::P),
        (CompareView::Heat, Key::H),
        (CompareView::Difference, Key::D),
    ];
    for (view, letter) in letters {
        desk.chord(ALT, letter);
        assert_eq!(view_of(&desk), view);
        assert!(desk.is_on(&Command::Look(view).label()), "{view:?}");
    }
    for (view, _) in letters {
        look(&mut desk, view);
    }
    desk.ctrl(Key::K);
    desk.h.event(Event::Text("view: wipe".into()));
    desk.settle();
    desk.key(Key::Enter);
    assert_eq!(view_of(&desk), CompareView::Wipe);
    // Nobody tried a second model, and in other workspaces the keys are nobody's.
    assert!(!desk.has("View: candidate alone"));
    desk.chord(ALT, Key::C);
    assert_eq!(view_of(&desk), CompareView::Wipe);
    desk.show("Label");
    desk.chord(ALT, Key::D);
    assert_eq!(view_of(&desk), CompareView::Wipe);
    assert!(!desk.has("View: wipe"));
}

#[test]
fn the_difference_is_counted_under_a_tolerance_as_the_library_does() {
    let (mut desk, _, prediction, label) = comparing();
    let expected = Disagreement::of(&label, &prediction.class).unwrap();
    let none = expected.counts(0);
    assert!(desk.has(&format!("{} px differ", none.beyond())));
    for tolerance in 1..=3 {
        desk.chord(ALT, Key::ArrowRight);
        let counts = expected.counts(tolerance);
        assert!(counts.within() > 0);
        assert_eq!(desk.figure("Boundary tolerance"), f64::from(tolerance));
        assert!(desk.has(&format!("{} px differ, {} within", counts.beyond(), counts.within())), "{tolerance} px");
    }
    desk.h.hover_at(viewport(&desk).center());
    wheel(&mut desk, -2.0, Modifiers::SHIFT);
    assert_eq!(desk.figure("Boundary tolerance"), 1.0);
    desk.chord(ALT, Key::ArrowLeft);
    desk.chord(ALT, Key::ArrowLeft);
    assert_eq!(desk.figure("Boundary tolerance"), 0.0);
}

#[test]
fn the_divider_goes_with_mouse_keys_and_wheel() {
    let (mut desk, ..) = comparing();
    look(&mut desk, CompareView::Wipe);
    let room = viewport(&desk);
    let at = |share: f32| egui::pos2(room.min.x + share * room.width(), room.center().y + 60.0);
    let share = |desk: &Desk| desk.figure("Divider") / 100.0;
    assert!((share(&desk) - 0.5).abs() < 1e-6);
    // By its handle, and by a drag that begins anywhere.
    for (from, to) in [(0.5, 0.3), (0.8, 0.7)] {
        desk.stroke(PointerButton::Primary, &[at(from), at(f32::midpoint(from, to)), at(to)]);
        assert!((share(&desk) - f64::from(to)).abs() < 0.002, "{} instead of {to}", share(&desk));
    }
    // A click moves nothing, even by a hand that is not quite still.
    desk.stroke(PointerButton::Primary, &[at(0.2), at(0.2) + vec2(2.0, 1.0)]);
    assert!((share(&desk) - 0.7).abs() < 0.002);
    desk.chord(ALT, Key::ArrowRight);
    assert!((share(&desk) - 0.72).abs() < 0.002);
    desk.chord(ALT, Key::ArrowLeft);
    desk.chord(ALT, Key::ArrowLeft);
    assert!((share(&desk) - 0.68).abs() < 0.002);
    let zoom = desk.studio().canvas.view().unwrap().zoom();
    desk.h.hover_at(at(0.1));
    wheel(&mut desk, 3.0, Modifiers::SHIFT);
    assert!((share(&desk) - 0.74).abs() < 0.002);
    assert_eq!(desk.studio().canvas.view().unwrap().zoom(), zoom);
    for _ in 0..20 {
        desk.chord(ALT, Key::ArrowRight);
    }
    assert_eq!(share(&desk), 1.0);
}

#[test]
fn the_sides_blink_by_the_clock_and_by_key_and_no_frame_is_asked_for_elsewhere() {
    let (mut desk, ..) = comparing();
    // Tests run without animations; people do not.
    desk.h.ctx.all_styles_mut(|style| style.animation_time = 0.08);
    look(&mut desk, CompareView::Blink);
    let side = |desk: &Desk| desk.studio().side_alone().unwrap();
    let start = side(&desk);
    let mut seen = vec![start];
    for _ in 0..180 {
        desk.h.step();
        if side(&desk) != seen[seen.len() - 1] {
            seen.push(side(&desk));
        }
        assert!(sleep(&desk) <= Duration::from_millis(601));
    }
    // Three seconds of 0.6 s each.
    assert!((5..=6).contains(&seen.len()), "{seen:?}");
    assert!(seen.windows(2).all(|w| w[0] != w[1]) && seen.iter().all(|s| *s != Side::Candidate));
    // A key held shows the other one at once, and as long as it is held.
    let before = side(&desk);
    hold(&mut desk, Key::Semicolon, true);
    let other = side(&desk);
    assert_ne!(other, before);
    wait(&mut desk, 2.0);
    assert_eq!(side(&desk), other);
    hold(&mut desk, Key::Semicolon, false);
    assert_eq!(side(&desk), before);
    // Only by key: the clock is nobody's then, and a tap changes for good.
    desk.click("Only by key");
    let still = side(&desk);
    wait(&mut desk, 2.0);
    assert_eq!((side(&desk), sleep(&desk)), (still, Duration::MAX));
    desk.key(Key::Semicolon);
    wait(&mut desk, 1.0);
    assert_ne!(side(&desk), still);
    desk.click("Only by key");
    wait(&mut desk, 0.7);
    for view in [CompareView::Difference, CompareView::Wipe, CompareView::Heat, CompareView::Model] {
        look(&mut desk, view);
        wait(&mut desk, 1.0);
        assert_eq!(sleep(&desk), Duration::MAX, "{view:?}");
    }
    // Alone, the same key goes to the other side.
    desk.key(Key::Semicolon);
    assert_eq!(view_of(&desk), CompareView::Label);
    look(&mut desk, CompareView::Blink);
    desk.show("Label");
    wait(&mut desk, 1.0);
    assert_eq!(sleep(&desk), Duration::MAX);
}

#[test]
fn without_motion_on_the_system_nothing_blinks() {
    let (mut desk, ..) = comparing();
    desk.h.ctx.all_styles_mut(|style| style.animation_time = 0.0);
    look(&mut desk, CompareView::Blink);
    let before = desk.studio().side_alone();
    wait(&mut desk, 2.0);
    assert_eq!((desk.studio().side_alone(), sleep(&desk)), (before, Duration::MAX));
    desk.key(Key::Semicolon);
    assert_ne!(desk.studio().side_alone(), before);
}

#[test]
fn two_canvases_move_together() {
    let (mut desk, image, ..) = comparing();
    look(&mut desk, CompareView::SideBySide);
    let id = desk.studio().session.project().images()[image].id.clone();
    let left = desk.h.get_by_label(&format!("Canvas, {id}")).rect();
    let right = desk.h.get_by_label(&format!("Second canvas, {id}")).rect();
    assert_eq!(left.size(), right.size());
    assert!(left.max.x < right.min.x);
    // The wheel over the right one zooms about its pointer, and the left one shows the same.
    let offset = vec2(0.3, 0.6);
    let pointer = right.min + right.size() * offset;
    desk.h.hover_at(pointer);
    desk.settle();
    let before = *desk.studio().canvas.view().unwrap();
    let under = before.moved_to(right).image_from_screen(pointer);
    wheel(&mut desk, 4.0, Modifiers::NONE);
    let after = *desk.studio().canvas.view().unwrap();
    assert!((after.zoom() / before.zoom() - 2.0).abs() < 1e-6);
    assert_eq!(after.viewport(), left);
    let there = after.image_from_screen(left.min + left.size() * offset);
    assert!(there.distance(under) < 1.5 / after.zoom(), "{there:?} instead of {under:?}");
    // Dragged by the middle button on the left, too.
    let from = left.center();
    desk.stroke(PointerButton::Middle, &[from, from + vec2(20.0, 10.0), from + vec2(40.0, 20.0)]);
    let moved = *desk.studio().canvas.view().unwrap();
    let (old, new) = (after.image_from_screen(from), moved.image_from_screen(from));
    let by = ((new.x - old.x) * moved.zoom(), (new.y - old.y) * moved.zoom());
    assert!((by.0 + 40.0).abs() < 2.0 && (by.1 + 20.0).abs() < 2.0, "{by:?}");
    // The status line speaks of the pixel under the pointer on either.
    for place in [left, right] {
        desk.h.hover_at(place.center());
        desk.settle();
        let (x, y) = moved.moved_to(place).pixel_at(place.center()).unwrap();
        assert!(desk.studio().hovered.as_ref().unwrap().starts_with(&format!("{x}, {y}   value ")));
    }
}

#[test]
fn the_heat_is_the_probability_that_the_model_gave() {
    let (mut desk, _, prediction, _) = comparing();
    look(&mut desk, CompareView::Heat);
    let said = &prediction.class;
    let sure = a_pixel_where(said, |_, _, class| class != 0);
    let none = a_pixel_where(said, |x, y, class| class == 0 && prediction.probability.at(x, y) < 250);
    for (x, y) in [sure, none] {
        desk.h.hover_at(desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5));
        desk.settle();
        let (px, py) =
            desk.studio().canvas.view().unwrap().pixel_at(desk.on_screen(f64::from(x) + 0.5, f64::from(y) + 0.5)).unwrap();
        let p = f64::from(prediction.probability.at(px, py)) / 255.0;
        let p = if said.get(px, py) == 0 { 1.0 - p } else { p };
        let words = desk.studio().hovered.clone().unwrap();
        assert!(words.ends_with(&format!("p(any defect) {p:.3}")), "{words}, {p}");
    }
    // Of a class that does not win here there is nothing.
    let class = said.get(sure.0, sure.1);
    let project = desk.studio().session.project();
    let (own, other) = (project.class_name(class), project.classes.iter().find(|c| c.id != class).unwrap().clone());
    desk.studio_mut().view.compare.heat_class = Some(other.id);
    desk.h.hover_at(desk.on_screen(f64::from(sure.0) + 0.5, f64::from(sure.1) + 0.5));
    desk.settle();
    assert!(desk.studio().hovered.as_ref().unwrap().ends_with(&format!("p({}) 0.000", other.name)));
    assert!(desk.studio().hovered.as_ref().unwrap().contains(&format!("model: {own}")));
    assert!(desk.h.query_by_role_and_label(Role::ComboBox, "Class of the heat map").is_some());
}

#[test]
fn a_second_model_can_be_on_either_side() {
    let (mut desk, image, prediction, label) = comparing();
    let candidate = shifted(&label, 2);
    desk.studio_mut().compare_views.candidates.insert(image, Arc::new(candidate.clone()));
    desk.settle();
    desk.chord(ALT, Key::C);
    assert_eq!(view_of(&desk), CompareView::Candidate);
    look(&mut desk, CompareView::Difference);
    let differing = |a: &LabelMap, b: &LabelMap| {
        let all = (0..a.height()).flat_map(|y| (0..a.width()).map(move |x| (x, y)));
        all.filter(|&(x, y)| a.get(x, y) != b.get(x, y)).count()
    };
    assert!(desk.has(&format!("{} px differ", differing(&label, &prediction.class))));
    let pick = |desk: &mut Desk, side: &str, what: &str| {
        desk.click_as(Role::ComboBox, side);
        desk.h.run_steps(20);
        desk.h.get_all_by_role_and_label(Role::Button, what).last().unwrap().click();
        desk.settle();
    };
    pick(&mut desk, "Second side", "Candidate");
    assert_eq!(desk.studio().view.compare.sides, [Side::Label, Side::Candidate]);
    assert!(desk.has(&format!("{} px differ", differing(&label, &candidate))));
    // What stands on the other place changes places.
    pick(&mut desk, "First side", "Candidate");
    assert_eq!(desk.studio().view.compare.sides, [Side::Candidate, Side::Label]);
    pick(&mut desk, "Second side", "Model");
    desk.chord(ALT, Key::X);
    assert_eq!(desk.studio().view.compare.sides, [Side::Model, Side::Candidate]);
    assert!(desk.has(&format!("{} px differ", differing(&prediction.class, &candidate))));
    // A candidate that is gone is on no side.
    desk.studio_mut().compare_views.candidates.clear();
    desk.settle();
    assert_eq!(desk.studio().view.compare.sides, [Side::Label, Side::Model]);
    assert!(!desk.has("View: candidate alone"));
}

/// Share of the points of `part` in which two pictures differ.
fn unlike(a: &image::RgbaImage, b: &image::RgbaImage, part: Rect, points: f32) -> f64 {
    let (x, y) =
        ((part.min.x * points) as u32..(part.max.x * points) as u32, (part.min.y * points) as u32..(part.max.y * points) as u32);
    let total = x.len() * y.len();
    let differ = y.flat_map(|y| x.clone().map(move |x| (x, y))).filter(|&(x, y)| a.get_pixel(x, y) != b.get_pixel(x, y)).count();
    differ as f64 / total as f64
}

#[test]
fn each_view_draws_what_it_says() {
    let Some(renderer) = renderer() else { return };
    let mut desk = Desk::open_to_be_drawn(renderer);
    go_where_both_see(&mut desk);
    let mut picture = |view: CompareView| {
        look(&mut desk, view);
        desk.h.remove_cursor();
        desk.settle();
        desk.h.run_steps(30);
        (desk.h.render().unwrap(), viewport(&desk))
    };
    let (difference, room) = picture(CompareView::Difference);
    let (label, _) = picture(CompareView::Label);
    let (model, _) = picture(CompareView::Model);
    let (wipe, _) = picture(CompareView::Wipe);
    let (heat, _) = picture(CompareView::Heat);
    let points = 0.75;
    // Below the tags and above the bar of colours, beside the divider.
    let subject = Rect::from_min_max(room.min + vec2(0.0, 48.0), room.max - vec2(0.0, 72.0));
    assert!(unlike(&difference, &heat, subject, points) > 0.0);
    assert!(unlike(&label, &model, subject, points) > 0.0);
    let middle = room.center().x;
    let (left, right) = (subject.with_max_x(middle - 16.0), subject.with_min_x(middle + 16.0));
    assert_eq!(unlike(&wipe, &label, left, points), 0.0, "left of the divider is the label");
    assert_eq!(unlike(&wipe, &model, right, points), 0.0, "right of it is the model");
    assert!(unlike(&wipe, &model, left, points) + unlike(&wipe, &label, right, points) > 0.0);
}

#[test]
fn a_press_on_the_divider_is_no_stroke_of_the_ruler() {
    let (mut desk, ..) = comparing();
    look(&mut desk, CompareView::Wipe);
    desk.key(Key::R);
    let room = viewport(&desk);
    let before = desk.figure("Divider");
    // With the ruler in the hand a drag on the image measures.
    let from = room.min + room.size() * vec2(0.7, 0.4);
    desk.h.hover_at(from);
    desk.h.event(press(PointerButton::Primary, from, true));
    desk.h.hover_at(from + vec2(40.0, 0.0));
    desk.h.event(press(PointerButton::Primary, from + vec2(40.0, 0.0), false));
    desk.settle();
    assert!(desk.studio().view.viewing.ruler.line.is_some());
    assert_eq!(desk.figure("Divider"), before);
}
