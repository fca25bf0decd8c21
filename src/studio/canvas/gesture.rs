//! From raw events to strokes: every position that the pointer reported, in order, with nothing lost between two frames.

use delimit::raster::Point;
use egui::{Event, Key, Modifiers, MouseWheelSource, MouseWheelUnit, PointerButton, Pos2};

use super::view::CanvasView;

/// What happened to a stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PointerKind {
    Pressed,
    Dragged,
    Released,
    /// Escape, or a second finger: what was done since `Pressed` must be taken back.
    Cancelled,
}

/// One step of a stroke on the image. A stroke is `Pressed`, any number of `Dragged`, then `Released` or `Cancelled`.
#[derive(Clone, Debug, PartialEq)]
pub struct PointerEvent {
    pub kind: PointerKind,
    pub button: PointerButton,
    /// Where the pointer is now, in image space; it may lie outside the image.
    pub point: Point,
    /// Every position since the last event, oldest first, ending with `point`.
    pub path: Vec<Point>,
    pub modifiers: Modifiers,
}

/// A turn of the wheel that does not zoom, because Shift or Alt is held: brush size, opacity.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WheelEvent {
    /// Notches, positive away from the person.
    pub notches: f32,
    pub modifiers: Modifiers,
}

/// What the tracker must know about the frame besides its events.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// The pointer may press on the canvas here: it is over it, and nothing lies on top.
    pub owns_pointer: bool,
    /// Space is held and no text field wants it.
    pub is_space_down: bool,
    /// The button of the running stroke is still held according to egui; a release outside of the window sends no event.
    pub is_any_button_down: bool,
    /// Two fingers are down.
    pub is_multi_touch: bool,
    pub modifiers: Modifiers,
}

/// What a frame's events amount to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Gestures {
    pub pointer: Vec<PointerEvent>,
    pub wheel: Vec<WheelEvent>,
    /// The view was zoomed or moved.
    pub has_moved_view: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Active {
    Stroke { button: PointerButton, point: Point },
    Pan { button: PointerButton, last: Pos2 },
}

/// Follows the pointer from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct GestureTracker {
    active: Option<Active>,
    /// Where the pointer was when the last frame ended, in points.
    pointer: Option<Pos2>,
}

impl GestureTracker {
    /// A stroke has begun and not ended.
    #[must_use]
    pub const fn is_stroking(&self) -> bool {
        matches!(self.active, Some(Active::Stroke { .. }))
    }

    #[must_use]
    pub const fn is_panning(&self) -> bool {
        matches!(self.active, Some(Active::Pan { .. }))
    }

    /// Goes through a frame's events in their order. Zooming and panning change `view` at once, so every position is mapped with
    /// the view that it was made in.
    pub fn follow(&mut self, events: &[Event], view: &mut CanvasView, around: Surroundings) -> Gestures {
        let mut out = Gestures::default();
        let mut path = Vec::new();
        let mut modifiers = around.modifiers;
        if around.is_multi_touch {
            self.cancel(modifiers, &mut out);
        }
        for event in events {
            match event {
                Event::PointerMoved(pos) => {
                    self.pointer = Some(*pos);
                    match &mut self.active {
                        Some(Active::Stroke { point, .. }) => {
                            *point = view.image_from_screen(*pos);
                            path.push(*point);
                        }
                        Some(Active::Pan { last, .. }) => {
                            view.pan(*pos - *last);
                            *last = *pos;
                            out.has_moved_view = true;
                        }
                        None => {}
                    }
                }
                Event::PointerButton { pos, button, pressed: true, modifiers: held } => {
                    self.pointer = Some(*pos);
                    modifiers = *held;
                    if self.active.is_none() && around.owns_pointer && view.viewport().contains(*pos) && !around.is_multi_touch {
                        self.press(*pos, *button, view, around, *held, &mut out);
                    }
                }
                Event::PointerButton { pos, button, pressed: false, modifiers: held } => {
                    self.pointer = Some(*pos);
                    modifiers = *held;
                    match self.active {
                        Some(Active::Stroke { button: b, .. }) if b == *button => {
                            flush(&mut path, *button, *held, &mut out);
                            let point = view.image_from_screen(*pos);
                            out.pointer.push(PointerEvent {
                                kind: PointerKind::Released,
                                button: *button,
                                point,
                                path: vec![point],
                                modifiers: *held,
                            });
                            self.active = None;
                        }
                        Some(Active::Pan { button: b, .. }) if b == *button => self.active = None,
                        _ => {}
                    }
                }
                Event::Key { key: Key::Escape, pressed: true, .. } => {
                    path.clear();
                    self.cancel(modifiers, &mut out);
                }
                Event::MouseWheel { unit, delta, source, modifiers: held, .. } if around.owns_pointer || self.active.is_some() => {
                    if let Some(pos) = self.pointer {
                        turn_wheel(*unit, *delta, *source, *held, pos, view, &mut out);
                    }
                }
                Event::Zoom(factor) if around.owns_pointer => {
                    if let Some(pos) = self.pointer {
                        view.zoom_at(pos, view.zoom() * f64::from(*factor));
                        out.has_moved_view = true;
                    }
                }
                _ => {}
            }
        }
        if let Some(Active::Stroke { button, point }) = self.active {
            flush(&mut path, button, modifiers, &mut out);
            if !around.is_any_button_down {
                // The release was lost outside of the window: keep the work, it can be undone.
                out.pointer.push(PointerEvent { kind: PointerKind::Released, button, point, path: vec![point], modifiers });
                self.active = None;
            }
        } else if self.is_panning() && !around.is_any_button_down {
            self.active = None;
        }
        out
    }

    fn press(
        &mut self,
        pos: Pos2,
        button: PointerButton,
        view: &CanvasView,
        around: Surroundings,
        held: Modifiers,
        out: &mut Gestures,
    ) {
        if button == PointerButton::Middle || (button == PointerButton::Primary && around.is_space_down) {
            self.active = Some(Active::Pan { button, last: pos });
            return;
        }
        let point = view.image_from_screen(pos);
        self.active = Some(Active::Stroke { button, point });
        out.pointer.push(PointerEvent { kind: PointerKind::Pressed, button, point, path: vec![point], modifiers: held });
    }

    fn cancel(&mut self, modifiers: Modifiers, out: &mut Gestures) {
        if let Some(Active::Stroke { button, point }) = self.active {
            out.pointer.push(PointerEvent { kind: PointerKind::Cancelled, button, point, path: vec![point], modifiers });
            self.active = None;
        }
    }
}

fn flush(path: &mut Vec<Point>, button: PointerButton, modifiers: Modifiers, out: &mut Gestures) {
    if let Some(&point) = path.last() {
        out.pointer.push(PointerEvent { kind: PointerKind::Dragged, button, point, path: std::mem::take(path), modifiers });
    }
}

fn turn_wheel(
    unit: MouseWheelUnit,
    delta: egui::Vec2,
    source: MouseWheelSource,
    held: Modifiers,
    pos: Pos2,
    view: &mut CanvasView,
    out: &mut Gestures,
) {
    /// Points of a smooth wheel that make one notch.
    const POINTS_PER_NOTCH: f32 = 50.0;
    let notches = |along: f32| match unit {
        MouseWheelUnit::Point => along / POINTS_PER_NOTCH,
        MouseWheelUnit::Line => along,
        MouseWheelUnit::Page => along * 4.0,
    };
    if held.shift || held.alt {
        // Some systems turn Shift + wheel sideways.
        let along = if delta.y == 0.0 { delta.x } else { delta.y };
        out.wheel.push(WheelEvent { notches: notches(along), modifiers: held });
        return;
    }
    let is_touchpad = matches!(source, MouseWheelSource::Trackpad | MouseWheelSource::Momentum);
    if is_touchpad && !held.command && unit == MouseWheelUnit::Point {
        view.pan(delta);
    } else {
        view.zoom_by_notches(pos, f64::from(notches(delta.y)));
    }
    out.has_moved_view = true;
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Rect, TouchPhase, pos2, vec2};

    fn view() -> CanvasView {
        let mut view = CanvasView::new(Rect::from_min_size(pos2(0.0, 0.0), vec2(800.0, 600.0)), 1.0, 800, 600);
        view.one_to_one();
        view
    }

    const OVER: Surroundings = Surroundings {
        owns_pointer: true,
        is_space_down: false,
        is_any_button_down: true,
        is_multi_touch: false,
        modifiers: Modifiers::NONE,
    };

    fn button(x: f32, y: f32, pressed: bool) -> Event {
        Event::PointerButton { pos: pos2(x, y), button: PointerButton::Primary, pressed, modifiers: Modifiers::NONE }
    }

    fn moved(x: f32, y: f32) -> Event {
        Event::PointerMoved(pos2(x, y))
    }

    fn kinds(g: &Gestures) -> Vec<PointerKind> {
        g.pointer.iter().map(|e| e.kind).collect()
    }

    #[test]
    fn a_whole_stroke_inside_one_frame_keeps_every_position() {
        let mut tracker = GestureTracker::default();
        let events = [button(10.0, 20.0, true), moved(11.0, 20.0), moved(15.0, 22.0), moved(40.0, 30.0), button(41.0, 30.0, false)];
        let g = tracker.follow(&events, &mut view(), Surroundings { is_any_button_down: false, ..OVER });
        assert_eq!(kinds(&g), [PointerKind::Pressed, PointerKind::Dragged, PointerKind::Released]);
        assert_eq!(g.pointer[1].path, [Point::new(11.0, 20.0), Point::new(15.0, 22.0), Point::new(40.0, 30.0)]);
        assert_eq!(g.pointer[2].point, Point::new(41.0, 30.0));
        assert!(!tracker.is_stroking());
    }

    #[test]
    fn a_stroke_goes_on_outside_of_the_viewport_and_over_frames() {
        let mut tracker = GestureTracker::default();
        let mut v = view();
        tracker.follow(&[button(10.0, 20.0, true)], &mut v, OVER);
        let g = tracker.follow(&[moved(-50.0, 20.0), Event::PointerGone], &mut v, Surroundings { owns_pointer: false, ..OVER });
        assert_eq!(kinds(&g), [PointerKind::Dragged]);
        assert_eq!(g.pointer[0].point, Point::new(-50.0, 20.0));
        // Released where the window cannot see it.
        let g = tracker.follow(&[], &mut v, Surroundings { is_any_button_down: false, ..OVER });
        assert_eq!(kinds(&g), [PointerKind::Released]);
        assert_eq!(g.pointer[0].point, Point::new(-50.0, 20.0));
    }

    #[test]
    fn escape_cancels_and_the_release_after_it_says_nothing() {
        let mut tracker = GestureTracker::default();
        let mut v = view();
        tracker.follow(&[button(10.0, 20.0, true), moved(12.0, 20.0)], &mut v, OVER);
        let escape = Event::Key { key: Key::Escape, physical_key: None, pressed: true, repeat: false, modifiers: Modifiers::NONE };
        let g = tracker.follow(&[escape, moved(30.0, 20.0), button(30.0, 20.0, false)], &mut v, OVER);
        assert_eq!(kinds(&g), [PointerKind::Cancelled]);
    }

    #[test]
    fn a_press_elsewhere_or_under_something_starts_nothing() {
        let mut tracker = GestureTracker::default();
        let g = tracker.follow(&[button(10.0, 20.0, true)], &mut view(), Surroundings { owns_pointer: false, ..OVER });
        assert!(g.pointer.is_empty());
        let g = tracker.follow(&[button(900.0, 20.0, true)], &mut view(), OVER);
        assert!(g.pointer.is_empty());
    }

    #[test]
    fn space_and_the_middle_button_move_the_image_with_the_hand() {
        for (space, which) in [(true, PointerButton::Primary), (false, PointerButton::Middle)] {
            let mut tracker = GestureTracker::default();
            let mut v = view();
            let grabbed = v.image_from_screen(pos2(400.0, 300.0));
            let press = Event::PointerButton { pos: pos2(400.0, 300.0), button: which, pressed: true, modifiers: Modifiers::NONE };
            let g = tracker.follow(&[press, moved(430.0, 290.0)], &mut v, Surroundings { is_space_down: space, ..OVER });
            assert!(g.pointer.is_empty() && g.has_moved_view && tracker.is_panning());
            let now = v.image_from_screen(pos2(430.0, 290.0));
            assert!((now.x - grabbed.x).abs() < 1e-6 && (now.y - grabbed.y).abs() < 1e-6);
        }
    }

    fn wheel(y: f32, modifiers: Modifiers) -> Event {
        Event::MouseWheel {
            unit: MouseWheelUnit::Line,
            delta: vec2(0.0, y),
            phase: TouchPhase::Move,
            source: MouseWheelSource::Wheel,
            modifiers,
        }
    }

    #[test]
    fn the_wheel_zooms_plain_and_with_ctrl_and_leaves_shift_and_alt_to_the_tool() {
        let mut tracker = GestureTracker::default();
        for held in [Modifiers::NONE, Modifiers::COMMAND | Modifiers::CTRL] {
            let mut v = view();
            let g = tracker.follow(&[moved(100.0, 100.0), wheel(4.0, held)], &mut v, OVER);
            assert!((v.zoom() - 2.0).abs() < 1e-9, "four notches double");
            assert!(g.wheel.is_empty());
        }
        let mut v = view();
        let g = tracker.follow(
            &[moved(100.0, 100.0), wheel(1.0, Modifiers::CTRL | Modifiers::ALT), wheel(-2.0, Modifiers::SHIFT)],
            &mut v,
            OVER,
        );
        assert_eq!(v.zoom(), 1.0);
        assert_eq!(g.wheel.iter().map(|w| w.notches).collect::<Vec<_>>(), [1.0, -2.0]);
    }

    #[test]
    fn zooming_in_the_middle_of_a_stroke_maps_each_position_with_its_own_view() {
        let mut tracker = GestureTracker::default();
        let mut v = view();
        let events = [button(400.0, 300.0, true), moved(410.0, 300.0), wheel(4.0, Modifiers::NONE), moved(430.0, 300.0)];
        let g = tracker.follow(&events, &mut v, OVER);
        // At 100 % pixel 410; zoomed to 200 % about it, 20 points further are 10 pixels further.
        assert_eq!(g.pointer[1].path, [Point::new(410.0, 300.0), Point::new(420.0, 300.0)]);
    }
}
