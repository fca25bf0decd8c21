//! The two limits of a feature as lines over a chart, to drag: accept below, reject from, review between.

use egui::accesskit::{Action, ActionData};
use egui::{
    Align2, Color32, CursorIcon, EventFilter, FontId, Id, Key, Painter, Rect, Response, Sense, Stroke, StrokeKind, Ui, WidgetInfo,
    pos2, vec2,
};

use super::axis::Axis;
use crate::studio::theme::{CAPTION_SIZE, Theme};

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

/// Which way the lines stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Along {
    /// The axis runs to the right; lines are upright, with a knob at the foot.
    X,
    /// The axis runs up; lines are level, with a knob at the left.
    Y,
}

/// Two lines over a plot.
#[derive(Clone, Copy, Debug)]
pub struct LimitLines<'a> {
    label: &'a str,
    accept_below: f64,
    reject_from: f64,
    axis: Axis,
    along: Along,
}

/// How near to a line the pointer takes it, in points.
const GRIP: f32 = 7.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line {
    Accept,
    Reject,
}

impl Line {
    const fn name(self) -> &'static str {
        match self {
            Self::Accept => "accept below",
            Self::Reject => "reject from",
        }
    }
}

impl<'a> LimitLines<'a> {
    /// Lines for `label` ("Length"); a `reject_from` below `accept_below` is drawn at it.
    pub const fn new(label: &'a str, accept_below: f64, reject_from: f64, axis: Axis) -> Self {
        Self { label, accept_below, reject_from, axis, along: Along::X }
    }

    /// Limits of what the upright axis shows.
    pub const fn upright(mut self) -> Self {
        self.along = Along::Y;
        self
    }

    /// Tints the three stretches of a plot; before anything is drawn on it.
    pub fn paint_ground(&self, painter: &Painter, theme: &Theme, plot: Rect) {
        let (a, r) = (self.place(plot, self.accept_below), self.place(plot, self.reject_from.max(self.accept_below)));
        let (start, end) = self.ends(plot);
        for (from, to, colour) in [(start, a, theme.ok), (a, r, theme.review), (r, end, theme.ng)] {
            if (to - from).abs() > 0.5 {
                painter.rect_filled(self.stretch(plot, from, to), 0, colour.gamma_multiply(0.09));
            }
        }
    }

    /// Draws the lines and takes the hand; None in frames in which nothing moved.
    pub fn show(self, ui: &Ui, plot: Rect, id: Id) -> Option<LimitChange> {
        let (mut accept, mut reject) = (self.accept_below, self.reject_from.max(self.accept_below));
        let (mut has_moved, mut is_final) = (false, false);
        // A press beside a line moves the nearer one there; the lines lie on top of that ground.
        let rail = self.rail(plot);
        let ground = ui.interact(rail, id.with("ground"), Sense::click_and_drag());
        let taken = self.ground_line(ui, &ground, plot, accept, reject);
        for line in [Line::Accept, Line::Reject] {
            let old = if line == Line::Accept { accept } else { reject };
            let (value, ended) = self.line(ui, id.with(line.name()), line, plot, old, taken == Some(line), &ground);
            if let Some(value) = value {
                let range = self.axis.range();
                let value = match line {
                    Line::Accept => value.clamp(range.start().min(reject), reject),
                    Line::Reject => value.clamp(accept, range.end().max(accept)),
                };
                has_moved |= value != old;
                *(if line == Line::Accept { &mut accept } else { &mut reject }) = value;
            }
            is_final |= ended;
        }
        self.paint(ui, plot, (accept, reject), id);
        (has_moved || is_final).then_some(LimitChange { accept_below: accept, reject_from: reject, is_final })
    }

    fn ground_line(&self, ui: &Ui, ground: &Response, plot: Rect, accept: f64, reject: f64) -> Option<Line> {
        let memory = ground.id.with("taken");
        if !ground.is_pointer_button_down_on() && !ground.drag_stopped() && !ground.clicked() {
            ui.data_mut(|d| d.remove::<bool>(memory));
            return None;
        }
        let pos = ground.interact_pointer_pos()?;
        let at = self.coordinate(pos);
        let is_accept = ui.data_mut(|d| {
            *d.get_temp_mut_or_insert_with(memory, || {
                let (a, r) = (self.place(plot, accept), self.place(plot, reject));
                // Of two lines at one place the one that can go there.
                if (a - r).abs() < 0.5 { self.is_before(at, a) } else { (at - a).abs() < (at - r).abs() }
            })
        });
        Some(if is_accept { Line::Accept } else { Line::Reject })
    }

    #[expect(clippy::too_many_arguments, reason = "one line's whole input, called twice")]
    fn line(&self, ui: &Ui, id: Id, line: Line, plot: Rect, value: f64, is_taken: bool, ground: &Response) -> (Option<f64>, bool) {
        let at = self.place(plot, value);
        let (grip, cursor) = match self.along {
            Along::X => {
                (Rect::from_min_max(pos2(at - GRIP, plot.min.y), pos2(at + GRIP, plot.max.y + 10.0)), CursorIcon::ResizeHorizontal)
            }
            Along::Y => {
                (Rect::from_min_max(pos2(plot.min.x - 10.0, at - GRIP), pos2(plot.max.x, at + GRIP)), CursorIcon::ResizeVertical)
            }
        };
        let response = ui.interact(grip, id, Sense::click_and_drag()).on_hover_and_drag_cursor(cursor);
        let name = format!("{}, {}", self.label, line.name());
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::slider(enabled, value, &name));
        let step = self.axis.key_step(value);
        let range = self.axis.range();
        ui.ctx().accesskit_node_builder(response.id, |node| {
            node.set_min_numeric_value(*range.start());
            node.set_max_numeric_value(*range.end());
            node.set_numeric_value_step(step);
            for action in [Action::SetValue, Action::Increment, Action::Decrement] {
                node.add_action(action);
            }
        });
        let moved_by = if is_taken { ground } else { &response };
        let mut moved = None;
        if (is_taken || response.dragged() || response.drag_stopped())
            && let Some(pos) = moved_by.interact_pointer_pos()
        {
            moved = Some(self.axis.rounded(self.value_at(plot, self.coordinate(pos)), self.length(plot)));
            response.request_focus();
        }
        let is_final = moved_by.drag_stopped() || (is_taken && ground.clicked());
        match keyboard(ui, &response, value, step) {
            Some(value) => (Some(value), true),
            None => (moved, is_final),
        }
    }

    // --- value and place -----------------------------------------------------------------------------------------------------

    const fn coordinate(&self, pos: egui::Pos2) -> f32 {
        match self.along {
            Along::X => pos.x,
            Along::Y => pos.y,
        }
    }

    fn is_before(&self, a: f32, b: f32) -> bool {
        match self.along {
            Along::X => a < b,
            Along::Y => a > b,
        }
    }

    fn length(&self, plot: Rect) -> f32 {
        match self.along {
            Along::X => plot.width(),
            Along::Y => plot.height(),
        }
    }

    const fn ends(&self, plot: Rect) -> (f32, f32) {
        match self.along {
            Along::X => (plot.min.x, plot.max.x),
            Along::Y => (plot.max.y, plot.min.y),
        }
    }

    fn place(&self, plot: Rect, value: f64) -> f32 {
        let (start, end) = self.ends(plot);
        start + (end - start) * self.axis.share(value) as f32
    }

    fn value_at(&self, plot: Rect, at: f32) -> f64 {
        let (start, end) = self.ends(plot);
        self.axis.value(f64::from((at - start) / (end - start)))
    }

    fn stretch(&self, plot: Rect, from: f32, to: f32) -> Rect {
        match self.along {
            Along::X => Rect::from_min_max(pos2(from, plot.min.y), pos2(to, plot.max.y)),
            Along::Y => Rect::from_min_max(pos2(plot.min.x, to), pos2(plot.max.x, from)),
        }
    }

    /// Where a press moves the nearer line: the axis itself, not the plot, in which things are clicked.
    fn rail(&self, plot: Rect) -> Rect {
        match self.along {
            Along::X => Rect::from_min_max(pos2(plot.min.x - 4.0, plot.max.y - 4.0), pos2(plot.max.x + 4.0, plot.max.y + 12.0)),
            Along::Y => Rect::from_min_max(pos2(plot.min.x - 12.0, plot.min.y - 4.0), pos2(plot.min.x + 4.0, plot.max.y + 4.0)),
        }
    }

    // --- drawing -------------------------------------------------------------------------------------------------------------

    fn paint(&self, ui: &Ui, plot: Rect, (accept, reject): (f64, f64), id: Id) {
        let theme = Theme::of(ui);
        let painter = ui.painter();
        let (start, end) = self.ends(plot);
        let (a, r) = (self.place(plot, accept), self.place(plot, reject));
        for (from, to, colour) in [(start, a, theme.ok), (a, r, theme.review), (r, end, theme.ng)] {
            if (to - from).abs() > 0.5 {
                let thin = match self.along {
                    Along::X => Rect::from_min_max(pos2(from, plot.max.y), pos2(to, plot.max.y + 4.0)),
                    Along::Y => Rect::from_min_max(pos2(plot.min.x - 4.0, to), pos2(plot.min.x, from)),
                };
                painter.rect_filled(thin, 1, colour);
            }
        }
        for (line, at, colour) in [(Line::Accept, a, theme.ok_text), (Line::Reject, r, theme.ng_text)] {
            let id = id.with(line.name());
            let is_focused = ui.memory(|m| m.has_focus(id));
            let is_lit = is_focused || ui.ctx().read_response(id).is_some_and(|r| r.hovered() || r.is_pointer_button_down_on());
            self.paint_line(painter, theme, plot, at.round(), colour, is_lit, is_focused);
        }
    }

    #[expect(clippy::too_many_arguments, reason = "one line's looks, called twice")]
    fn paint_line(&self, painter: &Painter, theme: &Theme, plot: Rect, at: f32, colour: Color32, is_lit: bool, is_focused: bool) {
        let stroke = Stroke::new(if is_lit { 2.0 } else { 1.0 }, colour);
        let outline = if is_focused { Stroke::new(2.0, theme.accent_text) } else { Stroke::new(1.0, theme.faint) };
        let fill = if is_lit { theme.hovered } else { theme.raised };
        let (middle, size) = match self.along {
            Along::X => {
                painter.vline(at, plot.y_range(), stroke);
                (pos2(at, plot.max.y + 2.0), vec2(9.0, 14.0))
            }
            Along::Y => {
                painter.hline(plot.x_range(), at, stroke);
                (pos2(plot.min.x - 2.0, at), vec2(14.0, 9.0))
            }
        };
        painter.rect(Rect::from_center_size(middle, size), 3, fill, outline, StrokeKind::Inside);
    }
}

/// "OK < 0.65   NG ≥ 0.80 mm", right-aligned at a place.
pub fn paint_limit_words(painter: &Painter, theme: &Theme, right: egui::Pos2, texts: (&str, &str), unit: &str) {
    let mut x = right.x;
    let mut put = |text: &str, size: f32, colour: Color32, gap: f32| {
        if !text.is_empty() {
            x = painter.text(pos2(x, right.y), Align2::RIGHT_CENTER, text, FontId::proportional(size), colour).min.x - gap;
        }
    };
    put(unit, CAPTION_SIZE, theme.faint, 5.0);
    put(texts.1, crate::studio::theme::BODY_SIZE, theme.ng_text, 12.0);
    put(texts.0, crate::studio::theme::BODY_SIZE, theme.ok_text, 0.0);
}

/// Arrow keys on the focused line, and what assistive technology asks for.
fn keyboard(ui: &Ui, response: &Response, value: f64, step: f64) -> Option<f64> {
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
        let stepped = ((value / step).round() + steps) * step;
        let decimals = (-step.log10().floor()).clamp(0.0, 12.0) as usize;
        set.last().or((steps != 0.0).then(|| format!("{stepped:.decimals$}").parse().unwrap_or(stepped)))
    })
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

    fn harness(along: Along) -> Harness<'static, State> {
        Harness::builder().with_size([300.0, 300.0]).build_ui_state(
            move |ui, state: &mut State| {
                crate::studio::theme::install(ui.ctx());
                let axis = Axis::new(0.0..=4.0, false);
                let plot = Rect::from_min_max(pos2(40.0, 20.0), pos2(240.0, 220.0));
                let lines = LimitLines::new("Length", state.accept, state.reject, axis);
                let lines = if along == Along::Y { lines.upright() } else { lines };
                if let Some(change) = lines.show(ui, plot, Id::unique("lines")) {
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
    fn arrow_keys_move_the_focused_line_by_one_step_and_with_shift_by_ten() {
        let mut h = harness(Along::X);
        h.get_by_label("Length, accept below").focus();
        h.run();
        // A step is a two-hundredth of 4 mm on either side, round: 0.02.
        h.key_press(Key::ArrowRight);
        h.run();
        assert!((h.state().accept - 1.02).abs() < 1e-9, "{}", h.state().accept);
        h.key_press_modifiers(egui::Modifiers::SHIFT, Key::ArrowLeft);
        h.run();
        assert!((h.state().accept - 0.82).abs() < 1e-9);
        assert_eq!((h.state().reject, h.state().finals), (2.0, 2));
    }

    #[test]
    fn the_lines_never_cross() {
        let mut h = harness(Along::X);
        h.get_by_label("Length, accept below").set_value_accesskit(3.5);
        h.run();
        assert_eq!((h.state().accept, h.state().reject), (2.0, 2.0));
        h.get_by_label("Length, reject from").set_value_accesskit(0.0);
        h.run();
        assert_eq!((h.state().accept, h.state().reject), (2.0, 2.0));
        h.get_by_label("Length, reject from").increment_accesskit();
        h.run();
        assert!((h.state().reject - 2.02).abs() < 1e-9);
    }

    #[test]
    fn dragging_reports_on_the_way_and_is_final_once() {
        for (along, by) in [(Along::X, vec2(50.0, 0.0)), (Along::Y, vec2(0.0, -50.0))] {
            let mut h = harness(along);
            let from = h.get_by_label("Length, reject from").rect().center();
            h.drag_at(from);
            h.step();
            for k in 1..=5_u8 {
                h.hover_at(from + by * (f32::from(k) / 5.0));
                h.step();
            }
            assert!(h.state().changes >= 4 && h.state().finals == 0, "{} changes, {} final", h.state().changes, h.state().finals);
            h.drop_at(from + by);
            h.run();
            assert_eq!(h.state().finals, 1);
            // 200 points for 4 mm: 50 points are 1 mm.
            let moved = h.state().reject;
            assert!((moved - 3.0).abs() <= 0.1, "{moved}");
            assert_eq!(h.state().accept, 1.0);
        }
    }

    #[test]
    fn a_press_on_the_axis_moves_the_nearer_line() {
        let mut h = harness(Along::X);
        let at = pos2(60.0, 226.0);
        h.drag_at(at);
        h.step();
        h.drop_at(at);
        h.run();
        assert!((h.state().accept - 0.4).abs() < 0.05, "{}", h.state().accept);
        assert_eq!((h.state().reject, h.state().finals), (2.0, 1));
    }
}
