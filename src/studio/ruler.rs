//! The ruler on the canvas: drawing a line, its figures beside it, and the calibration that follows from a known length.

use delimit::measure::{Calibration, Caliper};
use delimit::raster::{Photo, Point};
use egui::{Align2, Color32, FontId, Modifiers, Pos2, Sense, Shape, Stroke, StrokeKind, Ui, vec2};

use super::app::Studio;
use super::canvas::CanvasFrame;
use super::canvas::draw;
use super::theme::{self, CAPTION_SIZE, Theme};
use super::widgets::value_row;

/// Samples of the profile in the panel.
const PROFILE: usize = 240;

/// A measuring line under the hand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ruler {
    /// The pointer draws lines.
    pub is_on: bool,
    /// The line, with what Shift and Alt made of it.
    pub line: Option<Caliper>,
    /// While it is drawn: the end that stays, and where the hand is.
    pull: Option<(Point, bool)>,
}

impl Ruler {
    /// The hand goes down: at an end of the line it takes that end, elsewhere it begins a new line. `reach` in px.
    pub fn press(&mut self, at: Point, reach: f64) {
        let taken = self.line.filter(|l| l.from.distance(at).min(l.to.distance(at)) <= reach);
        if let Some(line) = taken {
            let is_from = line.from.distance(at) < line.to.distance(at);
            self.pull = Some((if is_from { line.to } else { line.from }, is_from));
        } else {
            self.pull = Some((at, false));
            self.line = Some(Caliper::new(at, at));
        }
    }

    /// The hand moves: Shift keeps to multiples of 45°, Alt lets both ends snap to edges.
    pub fn pull(&mut self, at: Point, held: Modifiers, photo: &Photo) {
        let Some((anchor, is_from)) = self.pull else { return };
        let mut line = Caliper::new(anchor, at);
        if held.shift {
            line = line.snapped_to_eighths();
        }
        if held.alt {
            line = line.snapped_to_edges(photo);
        }
        self.line = Some(if is_from { Caliper::new(line.to, line.from) } else { line });
    }

    pub const fn let_go(&mut self) {
        self.pull = None;
    }

    pub const fn is_pulled(&self) -> bool {
        self.pull.is_some()
    }
}

/// "41.20 px", "0.824 mm".
fn length_text(line: &Caliper, calibration: Option<Calibration>) -> String {
    match calibration {
        Some(c) => format!("{:.4} mm", line.length_mm(c)),
        None => format!("{:.2} px", line.length_px()),
    }
}

/// "0.0200 mm/px", both sides where they differ.
fn calibration_text(calibration: Option<Calibration>) -> String {
    match calibration {
        None => "not calibrated".into(),
        Some(c) if (c.x_mm_per_px - c.y_mm_per_px).abs() <= 1e-9 * c.x_mm_per_px => format!("{} mm/px", short(c.x_mm_per_px)),
        Some(c) => format!("{} × {} mm/px", short(c.x_mm_per_px), short(c.y_mm_per_px)),
    }
}

/// Four digits that count.
fn short(value: f64) -> String {
    let digits = (3 - value.abs().log10().floor() as i32).clamp(0, 9) as usize;
    format!("{value:.digits$}")
}

impl Studio {
    /// The calibration of the part number on the canvas.
    pub fn calibration(&self) -> Option<Calibration> {
        self.session.project().part_numbers.get(self.view.part_number)?.calibration
    }

    /// Draws the line with its ends and its length.
    pub fn draw_ruler(&self, frame: &CanvasFrame) {
        let theme = Theme::of_context(frame.painter.ctx());
        let Some(line) = self.view.viewing.ruler.line else {
            if self.view.viewing.ruler.is_on
                && let Some(at) = frame.image_point
            {
                draw::crosshair(&frame.painter, frame.view.screen_from_image(at), theme.ink);
            }
            return;
        };
        let (a, b) = (frame.view.screen_from_image(line.from), frame.view.screen_from_image(line.to));
        let along = (b - a).normalized();
        let across = vec2(-along.y, along.x) * 7.0;
        for (width, colour) in [(3.5, theme.halo), (1.5, theme.ink)] {
            let stroke = Stroke::new(width, colour);
            frame.painter.line_segment([a, b], stroke);
            for end in [a, b] {
                frame.painter.line_segment([end - across, end + across], stroke);
            }
        }
        let calibration = self.calibration();
        let (dx, dy) = line.delta_px();
        let title = match calibration {
            Some(_) => format!("{} · {:.2} px", length_text(&line, calibration), line.length_px()),
            None => length_text(&line, None),
        };
        let second = format!("{:.1}° · dx {:.2} dy {:.2} px", line.angle_deg(calibration), dx.abs(), dy.abs());
        let at = if b.y >= a.y { b + vec2(14.0, 10.0) } else { b + vec2(14.0, -10.0) };
        let anchor = if b.y >= a.y { Align2::LEFT_TOP } else { Align2::LEFT_BOTTOM };
        draw::draw_card(&frame.painter, at, anchor, theme.ink, &[(title.as_str(), None), (second.as_str(), None)]);
    }

    /// Figures of the line, the gray values along it, and the field for a known length.
    pub fn ruler_section_ui(&mut self, ui: &mut Ui) {
        let calibration = self.calibration();
        let Some(line) = self.view.viewing.ruler.line else {
            ui.label(theme::caption(ui, "Drag a line on the image. Shift: 45° steps, Alt: both ends snap to edges, Esc: away."));
            self.calibration_line_ui(ui, calibration);
            return;
        };
        let (dx, dy) = line.delta_px();
        value_row(ui, "Length", &format!("{:.2}", line.length_px()), "px");
        if let Some(c) = calibration {
            let (u, v) = line.delta_mm(c);
            value_row(ui, "Length", &format!("{:.4}", line.length_mm(c)), "mm");
            value_row(ui, "Across, down", &format!("{:.3}, {:.3}", u.abs(), v.abs()), "mm");
        } else {
            value_row(ui, "Across, down", &format!("{:.2}, {:.2}", dx.abs(), dy.abs()), "px");
        }
        value_row(ui, "Angle", &format!("{:.2}", line.angle_deg(calibration)), "°");
        if let Some((_, pyramid)) = self.shown_photo() {
            profile_ui(ui, &line.profile(pyramid.photo(), PROFILE));
        }
        self.calibration_line_ui(ui, calibration);
        if self.session.is_read_only() || self.session.project().part_numbers.is_empty() {
            return;
        }
        // Until somebody types, the field says what the line is now.
        if self.view.viewing.known_mm <= 0.0 || self.view.viewing.ruler.is_pulled() {
            self.view.viewing.known_mm = calibration.map_or(1.0, |c| line.length_mm(c));
        }
        ui.horizontal(|ui| {
            let known = &mut self.view.viewing.known_mm;
            let speed = (*known * 0.01).max(1e-4);
            let field = egui::DragValue::new(known).range(1e-6..=1e6).speed(speed).max_decimals(4).suffix(" mm");
            ui.add_sized([88.0, 24.0], field).accessible_name("Known length").on_hover_text("What this line measures on the part");
            if ui.button("Calibrate by it").on_hover_text("Sets the size of a pixel; everything is measured again").clicked() {
                let next = line.calibration(self.view.viewing.known_mm, calibration);
                match next {
                    Some(next) => self.set_calibration(Some(next), ui),
                    None => self.toasts.error("The line has no length: draw it longer"),
                }
            }
        });
    }

    /// The size of a pixel now, and how it was before the ruler changed it.
    fn calibration_line_ui(&mut self, ui: &mut Ui, calibration: Option<Calibration>) {
        let pn = self.view.part_number;
        ui.label(theme::caption(ui, format!("Pixel: {}", calibration_text(calibration))));
        let Some(&was) = self.view.viewing.calibration_was.get(&pn) else { return };
        ui.horizontal(|ui| {
            ui.label(theme::caption(ui, format!("was {}", calibration_text(was))));
            if ui.small_button("Put back").on_hover_text("The calibration as it was when the project was opened").clicked() {
                self.set_calibration(was, ui);
                self.view.viewing.calibration_was.remove(&pn);
            }
        });
    }

    fn set_calibration(&mut self, calibration: Option<Calibration>, ui: &Ui) {
        let pn = self.view.part_number;
        let was = self.calibration();
        self.try_session(|s| {
            s.change_project(|project| {
                project.part_numbers[pn].calibration = calibration;
                Ok(())
            })
        });
        if self.calibration() != calibration {
            return;
        }
        self.view.viewing.calibration_was.entry(pn).or_insert(was);
        self.toasts.info(&format!("A pixel is {}; it was {}", calibration_text(calibration), calibration_text(was)));
        self.calibration_changed();
        self.touch(ui.ctx());
    }
}

/// A small plot of gray values along a line.
fn profile_ui(ui: &mut Ui, profile: &[f32]) {
    const HEIGHT: f32 = 72.0;
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let known = || profile.iter().copied().filter(|v| v.is_finite());
    let (low, high) = (known().fold(f32::INFINITY, f32::min), known().fold(f32::NEG_INFINITY, f32::max));
    let words =
        if low <= high { format!("Gray values along the line, {low:.1} to {high:.1}") } else { "No gray values".to_owned() };
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Image, true, &words));
    let painter = ui.painter_at(rect);
    painter.rect(rect, theme::RADIUS, theme.background, theme.hairline(), StrokeKind::Inside);
    if low > high {
        return;
    }
    let room = rect.shrink2(vec2(6.0, 12.0));
    let span = (high - low).max(f32::EPSILON);
    let place = |i: usize, v: f32| {
        let t = i as f32 / (profile.len() - 1).max(1) as f32;
        Pos2::new(room.min.x + t * room.width(), room.max.y - (v - low) / span * room.height())
    };
    let mut run: Vec<Pos2> = Vec::new();
    for (i, &v) in profile.iter().enumerate() {
        if v.is_finite() {
            run.push(place(i, v));
        } else if !run.is_empty() {
            painter.add(Shape::line(std::mem::take(&mut run), Stroke::new(1.5, theme.accent_text)));
        }
    }
    painter.add(Shape::line(run, Stroke::new(1.5, theme.accent_text)));
    let figure = |at: Pos2, anchor: Align2, v: f32, colour: Color32| {
        painter.text(at, anchor, format!("{v:.1}"), FontId::proportional(CAPTION_SIZE), colour);
    };
    figure(rect.min + vec2(5.0, 1.0), Align2::LEFT_TOP, high, theme.faint);
    figure(rect.left_bottom() + vec2(5.0, -1.0), Align2::LEFT_BOTTOM, low, theme.faint);
    if let Some(pos) = response.hover_pos().filter(|p| room.expand(6.0).contains(*p)) {
        let i = (((pos.x - room.min.x) / room.width()).clamp(0.0, 1.0) * (profile.len() - 1) as f32).round() as usize;
        if profile[i].is_finite() {
            let at = place(i, profile[i]);
            painter.vline(at.x, rect.y_range(), Stroke::new(1.0, theme.strong_line));
            painter.circle_filled(at, 3.0, theme.text);
            figure(rect.right_top() + vec2(-5.0, 1.0), Align2::RIGHT_TOP, profile[i], theme.text);
        }
    }
}
