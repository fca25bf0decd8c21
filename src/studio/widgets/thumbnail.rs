//! One cell of the filmstrip.

use egui::{Color32, FontId, Pos2, Rect, Response, Sense, Stroke, StrokeKind, TextureId, Ui, Vec2, WidgetInfo, pos2, vec2};

use delimit::project::LabelState;

use super::verdict_badge::{Mark, paint_mark};
use crate::studio::theme::{CAPTION_SIZE, RADIUS, Theme};

/// A thumbnail with its name, a dot for the state of the work and the sign of the verdict.
#[derive(Clone, Copy, Debug)]
pub struct Thumbnail<'a> {
    pub name: &'a str,
    /// Texture and its size in pixels; None while it is being made.
    pub texture: Option<(TextureId, Vec2)>,
    pub state: LabelState,
    /// Notes that nobody has resolved.
    pub open_notes: usize,
    pub mark: Option<Mark>,
    pub is_selected: bool,
}

impl Thumbnail<'_> {
    /// Size of a cell in points: fits a filmstrip of 88 points.
    pub const SIZE: Vec2 = vec2(96.0, 80.0);

    /// Draws the cell; clicked when it was chosen.
    pub fn show(self, ui: &mut Ui) -> Response {
        const CAPTION: f32 = 16.0;
        let theme = Theme::of(ui);
        let (rect, response) = ui.allocate_exact_size(Self::SIZE, Sense::click());
        let verdict = self.mark.map_or("", Mark::name);
        let notes = match self.open_notes {
            0 => String::new(),
            1 => "1 open note".into(),
            n => format!("{n} open notes"),
        };
        let parts = [self.name, self.state.label(), verdict, &notes];
        let spoken = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let enabled = ui.is_enabled();
        response.widget_info(|| WidgetInfo::selected(egui::Role::Button, enabled, self.is_selected, &spoken));
        if !ui.is_rect_visible(rect) {
            return response;
        }
        let painter = ui.painter_at(rect.expand(2.0));
        let picture = Rect::from_min_max(rect.min + vec2(2.0, 2.0), rect.max - vec2(2.0, CAPTION));
        painter.rect_filled(picture, RADIUS, theme.canvas_ground);
        if let Some((texture, size)) = self.texture {
            let (place, uv) = cover(picture, size);
            painter.add(egui::epaint::RectShape::filled(place, RADIUS, Color32::WHITE).with_texture(texture, uv));
        }
        let frame = if self.is_selected {
            Stroke::new(2.0, theme.accent_text)
        } else if response.hovered() || response.has_focus() {
            Stroke::new(1.0, theme.strong_line)
        } else {
            Stroke::NONE
        };
        painter.rect_stroke(picture, RADIUS, frame, StrokeKind::Outside);
        crate::studio::theme::focus_ring(ui, &response);
        if let Some(mark) = self.mark {
            // A solid plate: the sign must read on any photo.
            let plate = Rect::from_min_size(picture.right_top() + vec2(-20.0, 4.0), vec2(16.0, 16.0));
            painter.rect_filled(plate, RADIUS, mark.ground(theme));
            paint_mark(&painter, plate.center(), 11.0, mark, mark.text_colour(theme));
        }
        let dot = pos2(rect.min.x + 6.0, rect.max.y - CAPTION / 2.0 + 1.0);
        paint_state(&painter, dot, self.state, theme);
        if self.open_notes > 0 {
            let plate = Rect::from_min_size(picture.left_top() + vec2(4.0, 4.0), vec2(16.0, 16.0));
            painter.circle_filled(plate.center(), 8.0, theme.accent);
            let font = FontId::proportional(CAPTION_SIZE);
            painter.text(plate.center(), egui::Align2::CENTER_CENTER, self.open_notes, font, theme.on_accent);
        }
        let ink = if self.is_selected { theme.text } else { theme.faint };
        let galley = fitting(&painter, self.name, rect.width() - 14.0, ink);
        painter.galley(pos2(rect.min.x + 13.0, dot.y - galley.size().y / 2.0), galley, ink);
        response.on_hover_text(spoken)
    }
}

/// The sign of a state. Seven shapes, so that no colour is needed to tell them apart: hollow ring, diamond, half disc, disc, flag, disc in a
/// ring, and a disc with a tick.
fn paint_state(painter: &egui::Painter, at: Pos2, state: LabelState, theme: &Theme) {
    let line = Stroke::new(1.0, theme.faint);
    match state {
        LabelState::Todo => {
            painter.circle_stroke(at, 3.5, Stroke::new(1.0, theme.strong_line));
        }
        LabelState::Proposed => {
            let corners = [vec2(0.0, -4.5), vec2(4.5, 0.0), vec2(0.0, 4.5), vec2(-4.5, 0.0)].map(|by| at + by);
            painter.add(egui::Shape::closed_line(corners.to_vec(), Stroke::new(1.5, theme.accent)));
        }
        LabelState::InProgress => {
            painter.add(half_disc(at, 3.5, theme.faint));
            painter.circle_stroke(at, 3.5, line);
        }
        LabelState::Done => {
            painter.circle_filled(at, 3.5, theme.faint);
        }
        LabelState::Flagged => {
            painter.vline(at.x - 2.5, at.y - 5.0..=at.y + 5.0, Stroke::new(1.5, theme.text));
            let flag = vec![at + vec2(-2.0, -5.0), at + vec2(5.0, -2.0), at + vec2(-2.0, 1.0)];
            painter.add(egui::Shape::convex_polygon(flag, theme.text, Stroke::NONE));
        }
        LabelState::Reviewed => {
            painter.circle_stroke(at, 4.5, Stroke::new(1.2, theme.faint));
            painter.circle_filled(at, 2.2, theme.faint);
        }
        LabelState::Approved => {
            painter.circle_filled(at, 5.0, theme.accent);
            let tick = vec![at + vec2(-2.5, 0.0), at + vec2(-0.6, 2.0), at + vec2(2.8, -2.2)];
            painter.add(egui::Shape::line(tick, Stroke::new(1.5, theme.on_accent)));
        }
    }
}

/// The name without its ending; of a long one the end, because that is where names of a series differ.
fn fitting(painter: &egui::Painter, name: &str, width: f32, ink: Color32) -> std::sync::Arc<egui::Galley> {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let mut shown = stem.to_owned();
    let mut from = 0;
    loop {
        let galley = painter.layout_no_wrap(shown, FontId::proportional(CAPTION_SIZE), ink);
        let Some((next, _)) = stem.char_indices().find(|(at, _)| *at > from).filter(|_| galley.size().x > width) else {
            return galley;
        };
        from = next;
        shown = format!("…{}", &stem[from..]);
    }
}

/// Where a picture of `size` goes so that it fills `frame`, and which part of it shows.
fn cover(frame: Rect, size: Vec2) -> (Rect, Rect) {
    if size.x <= 0.0 || size.y <= 0.0 {
        return (frame, Rect::from_min_max(Pos2::ZERO, pos2(1.0, 1.0)));
    }
    let scale = (frame.width() / size.x).max(frame.height() / size.y);
    let shown = frame.size() / (size * scale);
    (frame, Rect::from_center_size(pos2(0.5, 0.5), shown))
}

fn half_disc(middle: Pos2, radius: f32, colour: Color32) -> egui::Shape {
    let points = (0..=12)
        .map(|k| {
            let (s, c) = (std::f32::consts::FRAC_PI_2 + std::f32::consts::PI * k as f32 / 12.0).sin_cos();
            middle + vec2(c, s) * radius
        })
        .collect();
    egui::Shape::convex_polygon(points, colour, Stroke::NONE)
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui_kittest::Harness;
    use egui_kittest::kittest::Queryable;

    #[test]
    fn a_cell_is_found_by_what_it_says_and_can_be_chosen() {
        let mut harness = Harness::new_ui_state(
            |ui, chosen: &mut Option<usize>| {
                crate::studio::theme::install(ui.ctx());
                ui.horizontal(|ui| {
                    for (index, (name, mark)) in
                        [("a.png", Some(Mark::Ok)), ("b.png", Some(Mark::Ng)), ("c.png", None)].into_iter().enumerate()
                    {
                        let cell = Thumbnail {
                            name,
                            texture: None,
                            state: LabelState::Done,
                            open_notes: 0,
                            mark,
                            is_selected: *chosen == Some(index),
                        };
                        if cell.show(ui).clicked() {
                            *chosen = Some(index);
                        }
                    }
                });
            },
            None,
        );
        harness.get_by_label("b.png, done, NG").click();
        harness.run();
        assert_eq!(*harness.state(), Some(1));
        harness.get_by_label("c.png, done");
    }

    #[test]
    fn pictures_of_any_shape_fill_the_frame_undistorted() {
        let frame = Rect::from_min_size(pos2(10.0, 10.0), vec2(80.0, 60.0));
        for size in [vec2(400.0, 100.0), vec2(100.0, 400.0), vec2(80.0, 60.0)] {
            let (place, uv) = cover(frame, size);
            assert_eq!(place, frame);
            // One texel has the same extent in both directions.
            let (sx, sy) = (frame.width() / (uv.width() * size.x), frame.height() / (uv.height() * size.y));
            assert!((sx - sy).abs() < 1e-3);
            assert!(uv.width() <= 1.0 + 1e-6 && uv.height() <= 1.0 + 1e-6);
        }
    }
}
