//! Verdicts to look at: always a sign and a colour, never a colour alone.

use egui::{Color32, FontId, Painter, Pos2, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::studio::theme::{BODY_SIZE, CAPTION_SIZE, RADIUS, Theme, semibold_family};

/// A verdict as the studio draws it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Mark {
    Ok,
    Review,
    Ng,
    /// Not judged yet, or being judged again.
    Pending,
}

impl Mark {
    /// "OK", "review", "NG", "pending".
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::Review => "review",
            Self::Ng => "NG",
            Self::Pending => "pending",
        }
    }

    /// The colour of bars, dots and marks.
    #[must_use]
    pub const fn colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::Ok => theme.ok,
            Self::Review => theme.review,
            Self::Ng => theme.ng,
            Self::Pending => theme.strong_line,
        }
    }

    /// The colour of words and figures.
    #[must_use]
    pub const fn text_colour(self, theme: &Theme) -> Color32 {
        match self {
            Self::Ok => theme.ok_text,
            Self::Review => theme.review_text,
            Self::Ng => theme.ng_text,
            Self::Pending => theme.faint,
        }
    }

    /// The quiet ground of a badge.
    #[must_use]
    pub const fn ground(self, theme: &Theme) -> Color32 {
        match self {
            Self::Ok => theme.ok_ground,
            Self::Review => theme.review_ground,
            Self::Ng => theme.ng_ground,
            Self::Pending => theme.raised,
        }
    }
}

/// Draws the sign of a verdict (✓, ?, ✕, –) in a square of `side` points around `middle`.
pub fn paint_mark(painter: &Painter, middle: Pos2, side: f32, mark: Mark, colour: Color32) {
    let at = |x: f32, y: f32| middle + vec2(x, y) * (side / 16.0);
    let stroke = Stroke::new((side / 7.5).max(1.5), colour);
    let line = |points: Vec<Pos2>| {
        painter.add(Shape::line(points, stroke));
    };
    match mark {
        Mark::Ok => line(vec![at(-5.0, 0.5), at(-1.5, 4.0), at(5.0, -4.0)]),
        Mark::Ng => {
            line(vec![at(-4.0, -4.0), at(4.0, 4.0)]);
            line(vec![at(4.0, -4.0), at(-4.0, 4.0)]);
        }
        Mark::Review => {
            let mut hook: Vec<Pos2> = (0..=12)
                .map(|k| {
                    // From the left end of the bow over its top down to the stem.
                    let angle = std::f32::consts::PI * (1.0 + k as f32 / 12.0 * 1.35);
                    at(3.2 * angle.cos(), -2.6 + 3.0 * angle.sin())
                })
                .collect();
            hook.push(at(0.0, 2.2));
            line(hook);
            painter.circle_filled(at(0.0, 5.2), stroke.width * 0.62, colour);
        }
        Mark::Pending => line(vec![at(-3.5, 0.0), at(3.5, 0.0)]),
    }
}

/// A verdict's sign, small and without a ground, with a count after it if there is one.
pub fn counted_mark(ui: &mut Ui, mark: Mark, count: Option<usize>) -> Response {
    const SIDE: f32 = 10.0;
    let ink = mark.text_colour(Theme::of(ui));
    let text = count.map_or_else(String::new, |n| n.to_string());
    let galley = ui.painter().layout_no_wrap(text, FontId::proportional(CAPTION_SIZE), ink);
    let width = if count.is_some() { SIDE + 3.0 + galley.size().x } else { SIDE };
    let (rect, response) = ui.allocate_exact_size(vec2(width.round(), galley.size().y.max(16.0)), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, spoken(mark, count)));
    if ui.is_rect_visible(rect) {
        paint_mark(ui.painter(), pos2(rect.min.x + SIDE / 2.0, rect.center().y), SIDE, mark, ink);
        ui.painter().galley(pos2(rect.min.x + SIDE + 3.0, rect.center().y - galley.size().y / 2.0), galley, ink);
    }
    response
}

/// A verdict in one line: sign, and a figure or the verdict's name.
pub fn verdict_badge(ui: &mut Ui, mark: Mark, count: Option<usize>) -> Response {
    const HEIGHT: f32 = 20.0;
    let theme = Theme::of(ui);
    let text = count.map_or_else(|| mark.name().to_owned(), |n| n.to_string());
    let ink = mark.text_colour(theme);
    let galley = ui.painter().layout_no_wrap(text, FontId::new(BODY_SIZE - 1.0, semibold_family()), ink);
    let width = (galley.size().x + 12.0 + 4.0 + 12.0).round();
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Label, true, spoken(mark, count)));
    if ui.is_rect_visible(rect) {
        ui.painter().rect_filled(rect, RADIUS, mark.ground(theme));
        paint_mark(ui.painter(), pos2(rect.min.x + 12.0, rect.center().y), 12.0, mark, ink);
        let at = pos2(rect.min.x + 21.0, rect.center().y - galley.size().y / 2.0);
        ui.painter().galley(at, galley, ink);
    }
    response
}

/// What a screen reader says: "31 OK", or "NG".
fn spoken(mark: Mark, count: Option<usize>) -> String {
    count.map_or_else(|| mark.name().to_owned(), |n| format!("{n} {}", mark.name()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn badges_say_count_and_verdict() {
        let harness = Harness::new_ui(|ui| {
            crate::studio::theme::install(ui.ctx());
            verdict_badge(ui, Mark::Ok, Some(31));
            verdict_badge(ui, Mark::Ng, None);
        });
        harness.get_by_label("31 OK");
        harness.get_by_label("NG");
    }
}
