//! The pointer of those who work with the keyboard: a cursor on the pixels that makes the same events as a mouse.
//!
//! It is there while the canvas has the focus. Arrows move it by a pixel, with Shift by ten; Enter is a click, Shift+Enter holds the
//! button or lets it go, Alt+Enter is a click with the right button.

use delimit::raster::{PixelRect, Point};
use egui::{Event, EventFilter, Key, Modifiers, Painter, PointerButton, Response, Stroke, StrokeKind, Ui, vec2};

use super::gesture::{PointerEvent, PointerKind};
use super::view::CanvasView;
use crate::studio::theme::Theme;

/// Pixels that an arrow with Shift goes.
const LEAP: i64 = 10;

/// The cursor stays so far inside the window, in points.
const MARGIN: f32 = 32.0;

/// Where the cursor is, for the rest of the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CursorState {
    pub pixel: (u32, u32),
    /// The button is held: moving draws.
    pub is_held: bool,
}

/// The cursor from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct KeyboardCursor {
    pixel: Option<(u32, u32)>,
    image_key: u64,
    is_held: bool,
    is_active: bool,
    wants_focus: bool,
    gives_focus: bool,
}

impl KeyboardCursor {
    /// The canvas gets the focus in the next frame.
    pub const fn take(&mut self) {
        self.wants_focus = true;
    }

    /// The canvas gives the focus back in the next frame.
    pub const fn leave(&mut self) {
        self.gives_focus = true;
    }

    pub const fn is_held(&self) -> bool {
        self.is_held
    }

    pub const fn is_active(&self) -> bool {
        self.is_active
    }

    /// Goes through the keys of a frame. What they do is added to `pointer`; `view` follows the cursor. None while the canvas has no
    /// focus, or the mouse has taken over.
    pub fn follow(
        &mut self,
        ui: &Ui,
        response: &Response,
        image_key: u64,
        view: &mut CanvasView,
        pointer: &mut Vec<PointerEvent>,
    ) -> Option<CursorState> {
        if std::mem::take(&mut self.wants_focus) {
            response.request_focus();
        }
        let is_mouse_at_work = pointer.iter().any(|e| e.kind == PointerKind::Pressed);
        if std::mem::take(&mut self.gives_focus) || (self.is_active && is_mouse_at_work) {
            response.surrender_focus();
        }
        if image_key != self.image_key {
            // What was begun on the other image has ended with it.
            self.image_key = image_key;
            self.is_held = false;
        }
        let has_focus = response.has_focus();
        if !has_focus {
            if std::mem::take(&mut self.is_active) && std::mem::take(&mut self.is_held) {
                // Nothing that was drawn is lost; it can be undone. It ends before the mouse begins.
                pointer.splice(0..0, self.event(PointerKind::Released, PointerButton::Primary));
            }
            return None;
        }
        let filter = EventFilter { tab: false, horizontal_arrows: true, vertical_arrows: true, escape: true };
        ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
        let (width, height) = view.image_size();
        let is_inside = |&(x, y): &(u32, u32)| x < width && y < height;
        let before = self.pixel.filter(is_inside).filter(|_| self.is_active);
        let mut pixel = before.unwrap_or_else(|| self.start(ui, response, view));
        self.pixel = Some(pixel);
        self.is_active = true;
        let (events, is_escaped) = ui.input(|i| {
            // Escape may have been taken by a command already; a stroke ends by it all the same.
            let is_escape = |e: &Event| matches!(e, Event::Key { key: Key::Escape, pressed: true, .. });
            let pressed = i.events.iter().filter_map(|e| match e {
                Event::Key { key, pressed: true, repeat, modifiers, .. } => Some((*key, *modifiers, *repeat)),
                _ => None,
            });
            (pressed.collect::<Vec<_>>(), i.raw.events.iter().any(is_escape))
        });
        for (key, held, is_repeated) in events {
            let by = if held.shift { LEAP } else { 1 };
            let step = match key {
                Key::ArrowLeft => (-by, 0),
                Key::ArrowRight => (by, 0),
                Key::ArrowUp => (0, -by),
                Key::ArrowDown => (0, by),
                _ => (0, 0),
            };
            if step != (0, 0) && !held.command && !held.alt {
                let moved = |at: u32, by: i64, size: u32| (i64::from(at) + by).clamp(0, i64::from(size) - 1) as u32;
                pixel = (moved(pixel.0, step.0, width), moved(pixel.1, step.1, height));
                self.pixel = Some(pixel);
                if self.is_held {
                    pointer.extend(self.event(PointerKind::Dragged, PointerButton::Primary));
                }
            } else if key == Key::Enter && !is_repeated && !held.command {
                self.press(held, pointer);
            }
        }
        if is_escaped && std::mem::take(&mut self.is_held) {
            pointer.extend(self.event(PointerKind::Cancelled, PointerButton::Primary));
        }
        if before != Some(pixel) {
            keep_in_view(view, pixel);
            // Tools and the status line speak about the pixel in this frame; screen readers hear of it in the next.
            ui.ctx().request_repaint();
        }
        Some(CursorState { pixel, is_held: self.is_held })
    }

    fn press(&mut self, held: Modifiers, pointer: &mut Vec<PointerEvent>) {
        let primary = PointerButton::Primary;
        if std::mem::take(&mut self.is_held) {
            pointer.extend(self.event(PointerKind::Released, primary));
        } else if held.shift && !held.alt {
            self.is_held = true;
            pointer.extend(self.event(PointerKind::Pressed, primary));
        } else {
            let button = if held.alt { PointerButton::Secondary } else { primary };
            pointer.extend(self.event(PointerKind::Pressed, button));
            pointer.extend(self.event(PointerKind::Released, button));
        }
    }

    /// An event in the middle of the pixel. Shift and Alt are keys of the cursor, so no tool sees them.
    fn event(&self, kind: PointerKind, button: PointerButton) -> Option<PointerEvent> {
        let point = centre(self.pixel?);
        Some(PointerEvent { kind, button, point, path: vec![point], modifiers: Modifiers::NONE })
    }

    /// Where the cursor begins: where it was, when that is in view, else under the mouse, else in the middle of what is in view.
    fn start(&self, ui: &Ui, response: &Response, view: &CanvasView) -> (u32, u32) {
        let visible = view.visible_pixels();
        let known = self.pixel.filter(|&(x, y)| visible.contains(x, y));
        let mouse = || ui.input(|i| i.pointer.latest_pos()).filter(|_| response.hovered()).and_then(|pos| view.pixel_at(pos));
        let middle = || (u32::midpoint(visible.x0, visible.x1), u32::midpoint(visible.y0, visible.y1));
        let (x, y) = known.or_else(mouse).unwrap_or_else(middle);
        let (width, height) = view.image_size();
        (x.min(width.saturating_sub(1)), y.min(height.saturating_sub(1)))
    }
}

/// The middle of a pixel.
pub fn centre((x, y): (u32, u32)) -> Point {
    Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5)
}

/// Moves the image until the pixel is inside the window.
fn keep_in_view(view: &mut CanvasView, pixel: (u32, u32)) {
    let at = view.screen_from_image(centre(pixel));
    let room = view.viewport().shrink(MARGIN.min(view.viewport().size().min_elem() / 4.0));
    let delta = room.clamp(at) - at;
    if delta != vec2(0.0, 0.0) {
        view.pan(delta);
    }
}

/// Draws the cursor: a frame around the pixel, large enough to be found, thick while the button is held.
pub fn draw_cursor(painter: &Painter, view: &CanvasView, state: CursorState) {
    /// Least side of the frame, in points.
    const LEAST: f32 = 11.0;
    /// Length of the four arms, in points.
    const ARM: f32 = 9.0;
    let theme = Theme::of_context(painter.ctx());
    let (x, y) = state.pixel;
    let pixel = view.screen_rect(PixelRect::new(x, y, x + 1, y + 1));
    let frame = egui::Rect::from_center_size(pixel.center(), pixel.size().max(egui::Vec2::splat(LEAST)));
    let width = if state.is_held { 3.0 } else { 1.5 };
    for (width, colour) in [(width + 2.0, theme.halo), (width, theme.ink)] {
        let stroke = Stroke::new(width, colour);
        painter.rect_stroke(frame, 1, stroke, StrokeKind::Middle);
        let (c, h) = (frame.center(), frame.size() / 2.0);
        for (from, along) in [
            (c - vec2(h.x, 0.0), vec2(-ARM, 0.0)),
            (c + vec2(h.x, 0.0), vec2(ARM, 0.0)),
            (c - vec2(0.0, h.y), vec2(0.0, -ARM)),
            (c + vec2(0.0, h.y), vec2(0.0, ARM)),
        ] {
            painter.line_segment([from, from + along], stroke);
        }
    }
}
