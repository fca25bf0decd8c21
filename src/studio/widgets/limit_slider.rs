//! The double limit of one feature: accept below, reject from, review between, over the values that the regions have.

use std::ops::RangeInclusive;

use egui::accesskit::{Action, ActionData};
use egui::{
    Align2, Color32, CursorIcon, EventFilter, FontId, Id, Key, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::verdict_badge::Mark;
use crate::studio::theme::{BODY_SIZE, CAPTION_SIZE, Theme};

/// The limits after the person moved one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimitChange {
    /// Below this a region is OK.
    pub accept_below: f64,
    /// From this on a region is NG; never less than `accept_below`.
    pub reject_from: f64,
    /// The handle was let go (or a key was pressed): time to store the change and to write history.
    pub is_final: bool,
}

/// A slider with two handles over a small histogram.
#[derive(Clone, Debug)]
pub struct LimitSlider<'a> {
    label: &'a str,
    accept_below: f64,
    reject_from: f64,
    range: RangeInclusive<f64>,
    unit: &'a str,
    samples: &'a [f64],
    step: f64,
}

/// Height of the histogram, of the rail under it and of the line of text over it, in points.
const HISTOGRAM: f32 = 32.0;
const RAIL: f32 = 6.0;
const TEXT: f32 = 20.0;
const BAR: f32 = 4.0;

/// Digits after the point.
const DECIMALS: usize = 2;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Handle {
    Accept,
    Reject,
}

impl<'a> LimitSlider<'a> {
    /// A slider for `label` ("Length") over `range`; a `reject_from` below `accept_below` is drawn at it.
    #[must_use]
    pub fn new(label: &'a str, accept_below: f64, reject_from: f64, range: RangeInclusive<f64>) -> Self {
        let step = ((range.end() - range.start()) / 200.0).abs();
        Self { label, accept_below, reject_from, range, unit: "", samples: &[], step }
    }

    /// "mm", "mm²"; printed after the figures.
    #[must_use]
    pub const fn unit(mut self, unit: &'a str) -> Self {
        self.unit = unit;
        self
    }

    /// The values of the regions that the limits judge.
    #[must_use]
    pub const fn samples(mut self, samples: &'a [f64]) -> Self {
        self.samples = samples;
        self
    }

    /// What values are rounded to, and what an arrow key moves; Shift moves ten times as far.
    #[cfg(test)]
    #[must_use]
    pub const fn step(mut self, step: f64) -> Self {
        self.step = step;
        self
    }

    /// Draws the slider over the width that is left. The change is None in frames in which nothing moved.
    pub fn show(self, ui: &mut Ui) -> (Response, Option<LimitChange>) {
        let width = ui.available_width().max(120.0);
        let (rect, response) = ui.allocate_exact_size(vec2(width, TEXT + HISTOGRAM + RAIL + 8.0), Sense::hover());
        let rail = Rect::from_min_max(
            pos2(rect.min.x + 8.0, rect.min.y + TEXT + HISTOGRAM),
            pos2(rect.max.x - 8.0, rect.min.y + TEXT + HISTOGRAM + RAIL),
        );
        let id = response.id;
        let (mut accept, mut reject) = (self.accept_below, self.reject_from.max(self.accept_below));
        let mut has_moved = false;
        let mut is_final = false;
        // The ground first: a press beside a handle moves the nearer one there, and the handles lie on top of it.
        let ground =
            ui.interact(rail.expand2(vec2(8.0, 0.0)).with_min_y(rect.min.y + TEXT), id.with("ground"), Sense::click_and_drag());
        let taken = self.ground_handle(ui, &ground, &rail, accept, reject);
        for handle in [Handle::Accept, Handle::Reject] {
            let old = if handle == Handle::Accept { accept } else { reject };
            let outcome = self.handle(ui, id, handle, &rail, old, taken == Some(handle), &ground);
            let bounds = match handle {
                Handle::Accept => *self.range.start()..=reject,
                Handle::Reject => accept..=*self.range.end(),
            };
            if let Some(value) = outcome.value {
                let value = value.clamp(bounds.start().min(*bounds.end()), *bounds.end());
                has_moved |= value != old;
                *(if handle == Handle::Accept { &mut accept } else { &mut reject }) = value;
            }
            is_final |= outcome.is_final;
        }
        if ui.is_rect_visible(rect) {
            self.paint(ui, rect, rail, (accept, reject), id);
        }
        let change = (has_moved || is_final).then_some(LimitChange { accept_below: accept, reject_from: reject, is_final });
        (response, change)
    }

    /// Which handle a press on the ground takes along; remembered until it is let go.
    fn ground_handle(&self, ui: &Ui, ground: &Response, rail: &Rect, accept: f64, reject: f64) -> Option<Handle> {
        let memory = ground.id.with("taken");
        if !ground.is_pointer_button_down_on() && !ground.drag_stopped() && !ground.clicked() {
            ui.data_mut(|d| d.remove::<bool>(memory));
            return None;
        }
        let pos = ground.interact_pointer_pos()?;
        let is_accept = ui.data_mut(|d| {
            *d.get_temp_mut_or_insert_with(memory, || {
                let (a, r) = (self.x_of(rail, accept), self.x_of(rail, reject));
                // Of two handles at one place the one that can go there.
                if (a - r).abs() < 0.5 { pos.x < a } else { (pos.x - a).abs() < (pos.x - r).abs() }
            })
        });
        Some(if is_accept { Handle::Accept } else { Handle::Reject })
    }

    #[expect(clippy::too_many_arguments, reason = "one handle's whole input, called twice")]
    fn handle(&self, ui: &Ui, id: Id, handle: Handle, rail: &Rect, value: f64, is_taken: bool, ground: &Response) -> Outcome {
        let x = self.x_of(rail, value);
        let grip = Rect::from_min_max(pos2(x - 7.0, rail.min.y - HISTOGRAM), pos2(x + 7.0, rail.max.y + 8.0));
        let response = ui
            .interact(grip, id.with(handle.name()), Sense::click_and_drag())
            .on_hover_and_drag_cursor(CursorIcon::ResizeHorizontal);
        let name = format!("{}, {}", self.label, handle.name());
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::slider(enabled, value, &name));
        let (low, high) = (*self.range.start(), *self.range.end());
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(low);
            node.set_max_numeric_value(high);
            node.set_numeric_value_step(self.step);
            for action in [Action::SetValue, Action::Increment, Action::Decrement] {
                node.add_action(action);
            }
        });
        let mut outcome = Outcome::default();
        let moved_by = if is_taken { ground } else { &response };
        if (is_taken || response.is_pointer_button_down_on() || response.drag_stopped())
            && let Some(pos) = moved_by.interact_pointer_pos()
            && (is_taken || response.dragged() || response.drag_stopped())
        {
            outcome.value = Some(self.rounded(self.value_at(rail, pos.x)));
            response.request_focus();
        }
        outcome.is_final |= moved_by.drag_stopped() || (is_taken && ground.clicked());
        if let Some(value) = self.keyboard(ui, &response, value) {
            outcome = Outcome { value: Some(value), is_final: true };
        }
        outcome
    }

    /// Arrow keys on the focused handle, and what assistive technology asks for.
    fn keyboard(&self, ui: &Ui, response: &Response, value: f64) -> Option<f64> {
        let mut steps = 0.0;
        if response.has_focus() {
            let filter = EventFilter { horizontal_arrows: true, vertical_arrows: true, ..EventFilter::default() };
            ui.memory_mut(|m| m.set_focus_lock_filter(response.id, filter));
            ui.input(|i| {
                let far = if i.modifiers.shift { 10.0 } else { 1.0 };
                for (key, sign) in [(Key::ArrowRight, 1.0), (Key::ArrowUp, 1.0), (Key::ArrowLeft, -1.0), (Key::ArrowDown, -1.0)] {
                    steps += sign * far * i.num_presses(key) as f64;
                }
            });
        }
        ui.input(|i| {
            steps += i.num_accesskit_action_requests(response.id, Action::Increment) as f64;
            steps -= i.num_accesskit_action_requests(response.id, Action::Decrement) as f64;
            let set = i.accesskit_action_requests(response.id, Action::SetValue).filter_map(|request| match request.data {
                Some(ActionData::NumericValue(v)) => Some(v),
                _ => None,
            });
            set.last().or((steps != 0.0).then(|| self.rounded(value + steps * self.step)))
        })
    }

    // --- value and place -----------------------------------------------------------------------------------------------------

    /// Where along the slider a value lies, 0..=1.
    fn fraction(&self, value: f64) -> f64 {
        let (low, high) = (*self.range.start(), *self.range.end());
        let f = (value - low) / (high - low);
        if f.is_finite() { f.clamp(0.0, 1.0) } else { 0.0 }
    }

    fn x_of(&self, rail: &Rect, value: f64) -> f32 {
        rail.min.x + rail.width() * self.fraction(value) as f32
    }

    fn value_at(&self, rail: &Rect, x: f32) -> f64 {
        let f = f64::from((x - rail.min.x) / rail.width()).clamp(0.0, 1.0);
        let (low, high) = (*self.range.start(), *self.range.end());
        low + (high - low) * f
    }

    fn rounded(&self, value: f64) -> f64 {
        if self.step > 0.0 {
            // Through the decimals as well, so that 3 × 0.1 is the 0.3 that is printed.
            let steps = (value / self.step).round() * self.step;
            let scale = 10_f64.powi(DECIMALS as i32 + 3);
            (steps * scale).round() / scale
        } else {
            value
        }
    }

    // --- drawing -------------------------------------------------------------------------------------------------------------

    fn paint(&self, ui: &Ui, rect: Rect, rail: Rect, (accept, reject): (f64, f64), id: Id) {
        let theme = Theme::of(ui);
        let painter = ui.painter_at(rect.expand(2.0));
        self.paint_text(&painter, theme, rect, accept, reject);
        let (a, r) = (self.x_of(&rail, accept), self.x_of(&rail, reject));
        let mark_at = |x: f32| {
            if x < a {
                Mark::Ok
            } else if x < r {
                Mark::Review
            } else {
                Mark::Ng
            }
        };
        let bars = histogram(self.samples.iter().map(|&v| self.fraction(v)), (rail.width() / BAR).floor().max(1.0) as usize);
        let most = bars.iter().copied().max().unwrap_or(0).max(1);
        for (index, &count) in bars.iter().enumerate().filter(|(_, count)| **count > 0) {
            // The root keeps single regions visible beside a crowd.
            let height = ((HISTOGRAM - 4.0) * (count as f32 / most as f32).sqrt()).max(3.0);
            let width = rail.width() / bars.len() as f32;
            let x = rail.min.x + index as f32 * width;
            let bar = Rect::from_min_max(pos2(x, rail.min.y - 1.0 - height), pos2(x + width - 1.0, rail.min.y - 1.0));
            painter.rect_filled(bar, 0, mark_at(bar.center().x).colour(theme).gamma_multiply(0.55));
        }
        painter.rect_filled(rail, RAIL / 2.0, theme.line);
        for (from, to, mark) in [(rail.min.x, a, Mark::Ok), (a, r, Mark::Review), (r, rail.max.x, Mark::Ng)] {
            if to - from > 0.5 {
                let left = if from <= rail.min.x { 3 } else { 0 };
                let right = if to >= rail.max.x { 3 } else { 0 };
                let round = egui::CornerRadius { nw: left, sw: left, ne: right, se: right };
                painter.rect_filled(Rect::from_min_max(pos2(from, rail.min.y), pos2(to, rail.max.y)), round, mark.colour(theme));
            }
        }
        for (handle, x) in [(Handle::Accept, a), (Handle::Reject, r)] {
            let id = id.with(handle.name());
            let is_focused = ui.memory(|m| m.has_focus(id));
            let is_lit = is_focused || ui.ctx().read_response(id).is_some_and(|r| r.hovered() || r.is_pointer_button_down_on());
            paint_handle(&painter, theme, &rail, x, is_lit, is_focused);
        }
    }

    fn paint_text(&self, painter: &Painter, theme: &Theme, rect: Rect, accept: f64, reject: f64) {
        let y = rect.min.y + TEXT / 2.0 - 2.0;
        painter.text(pos2(rect.min.x, y), Align2::LEFT_CENTER, self.label, FontId::proportional(BODY_SIZE), theme.text);
        let mut x = rect.max.x;
        let mut put = |text: String, size: f32, colour: Color32, gap: f32| {
            x = painter.text(pos2(x, y), Align2::RIGHT_CENTER, text, FontId::proportional(size), colour).min.x - gap;
        };
        if !self.unit.is_empty() {
            put(self.unit.to_owned(), CAPTION_SIZE, theme.faint, 4.0);
        }
        put(format!("≥ {reject:.DECIMALS$}"), BODY_SIZE, theme.ng_text, 3.0);
        put("NG".to_owned(), CAPTION_SIZE, theme.ng_text, 10.0);
        put(format!("< {accept:.DECIMALS$}"), BODY_SIZE, theme.ok_text, 3.0);
        put("OK".to_owned(), CAPTION_SIZE, theme.ok_text, 0.0);
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Outcome {
    value: Option<f64>,
    is_final: bool,
}

impl Handle {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept below",
            Self::Reject => "reject from",
        }
    }
}

fn paint_handle(painter: &Painter, theme: &Theme, rail: &Rect, x: f32, is_lit: bool, is_focused: bool) {
    let x = x.round();
    painter.vline(x, (rail.min.y - HISTOGRAM + 2.0)..=rail.min.y, Stroke::new(1.0, if is_lit { theme.text } else { theme.faint }));
    let knob = Rect::from_center_size(pos2(x, rail.center().y), vec2(10.0, 16.0));
    let outline = if is_focused {
        Stroke::new(2.0, theme.accent_text)
    } else {
        Stroke::new(1.0, if is_lit { theme.text } else { theme.faint })
    };
    painter.rect(knob, 3, if is_lit { theme.hovered } else { theme.raised }, outline, StrokeKind::Inside);
    painter.vline(x, (knob.center().y - 3.0)..=(knob.center().y + 3.0), Stroke::new(1.0, theme.faint));
}

/// Counts of fractions 0..=1 in `bars` classes of equal width; 1 belongs to the last.
fn histogram(fractions: impl Iterator<Item = f64>, bars: usize) -> Vec<u32> {
    let mut counts = vec![0_u32; bars];
    for f in fractions {
        let index = (f * bars as f64) as usize;
        counts[index.min(bars - 1)] += 1;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    struct State {
        accept: f64,
        reject: f64,
        finals: usize,
        changes: usize,
    }

    fn harness() -> Harness<'static, State> {
        Harness::builder().with_size([300.0, 120.0]).build_ui_state(
            |ui, state: &mut State| {
                crate::studio::theme::install(ui.ctx());
                let samples = [0.1, 0.2, 0.2, 1.5, 3.9];
                let slider =
                    LimitSlider::new("Length", state.accept, state.reject, 0.0..=4.0).unit("mm").step(0.1).samples(&samples);
                if let (_, Some(change)) = slider.show(ui) {
                    state.accept = change.accept_below;
                    state.reject = change.reject_from;
                    state.finals += usize::from(change.is_final);
                    state.changes += 1;
                }
            },
            State { accept: 1.0, reject: 2.0, finals: 0, changes: 0 },
        )
    }

    #[test]
    fn arrow_keys_move_the_focused_handle_by_one_step_and_with_shift_by_ten() {
        let mut h = harness();
        h.get_by_label("Length, accept below").focus();
        h.run();
        h.key_press(Key::ArrowRight);
        h.run();
        assert!((h.state().accept - 1.1).abs() < 1e-9);
        h.key_press_modifiers(egui::Modifiers::SHIFT, Key::ArrowLeft);
        h.run();
        assert!((h.state().accept - 0.1).abs() < 1e-9);
        assert_eq!((h.state().reject, h.state().finals), (2.0, 2));
    }

    #[test]
    fn the_handles_never_cross() {
        let mut h = harness();
        h.get_by_label("Length, accept below").set_value_accesskit(3.5);
        h.run();
        assert_eq!((h.state().accept, h.state().reject), (2.0, 2.0));
        h.get_by_label("Length, reject from").set_value_accesskit(0.0);
        h.run();
        assert_eq!((h.state().accept, h.state().reject), (2.0, 2.0));
        h.get_by_label("Length, reject from").increment_accesskit();
        h.run();
        assert!((h.state().reject - 2.1).abs() < 1e-9);
    }

    #[test]
    fn dragging_reports_on_the_way_and_is_final_once() {
        let mut h = harness();
        let grip = h.get_by_label("Length, reject from").rect();
        let from = pos2(grip.center().x, grip.max.y - 8.0);
        h.drag_at(from);
        h.step();
        for k in 1..=5 {
            h.hover_at(from + vec2(f32::from(k as u8) * 10.0, 0.0));
            h.step();
        }
        assert!(h.state().changes >= 4 && h.state().finals == 0, "{} changes, {} final", h.state().changes, h.state().finals);
        h.drop_at(from + vec2(50.0, 0.0));
        h.run();
        assert_eq!(h.state().finals, 1);
        // The rail is 300 − 2 · 8 (panel) − 2 · 8 = 268 points for 4 mm: 50 points are 0.75 mm, rounded to a step of 0.1.
        assert!((h.state().reject - 2.75).abs() <= 0.051 + 0.05, "{}", h.state().reject);
        assert_eq!(h.state().accept, 1.0);
    }

    #[test]
    fn a_press_on_the_ground_moves_the_nearer_handle() {
        let mut h = harness();
        let accept = h.get_by_label("Length, accept below").rect();
        let at = pos2(accept.center().x - 30.0, accept.center().y);
        h.drag_at(at);
        h.step();
        h.drop_at(at);
        h.run();
        assert!(h.state().accept < 0.7 && h.state().accept > 0.4, "{}", h.state().accept);
        assert_eq!((h.state().reject, h.state().finals), (2.0, 1));
    }

    #[test]
    fn a_click_inside_one_frame_is_not_lost() {
        let mut h = harness();
        let accept = h.get_by_label("Length, accept below").rect();
        let at = pos2(accept.center().x - 30.0, accept.center().y);
        h.hover_at(at);
        h.run();
        for pressed in [true, false] {
            let modifiers = egui::Modifiers::NONE;
            h.input_mut().events.push(egui::Event::PointerButton {
                pos: at,
                button: egui::PointerButton::Primary,
                pressed,
                modifiers,
            });
        }
        h.step();
        h.run();
        assert!(h.state().accept < 0.7 && h.state().accept > 0.4, "{}", h.state().accept);
        assert_eq!((h.state().reject, h.state().finals), (2.0, 1));
    }

    #[test]
    fn places_are_inverse_to_values() {
        let rail = Rect::from_min_max(pos2(10.0, 0.0), pos2(310.0, 6.0));
        let s = LimitSlider::new("x", 0.1, 1.0, 0.0..=10.0);
        for v in [0.0, 0.1, 0.7, 3.0, 10.0] {
            assert!((s.value_at(&rail, s.x_of(&rail, v)) - v).abs() < 1e-3);
        }
        assert!((s.x_of(&rail, 2.5) - 85.0).abs() < 1e-3, "a quarter of 300 points from 10");
    }

    #[test]
    fn the_histogram_counts_every_value_once() {
        assert_eq!(histogram([0.0, 0.24, 0.25, 0.5, 0.99, 1.0].into_iter(), 4), [2, 1, 1, 2]);
    }
}
