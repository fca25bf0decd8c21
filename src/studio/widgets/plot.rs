//! A chart with two axes: the ground on which histograms, scatters and curves are drawn.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Response, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::axis::Axis;
use crate::studio::theme::{self, CAPTION_SIZE, Theme};

/// Figures beside the upright axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figures {
    /// As they are.
    Plain,
    /// Whole numbers only.
    Counts,
    /// 0..=1 in per cent.
    Shares,
}

/// A chart being drawn.
pub struct Plot {
    /// Inside the axes.
    pub rect: Rect,
    pub painter: Painter,
    pub response: Response,
    pub x: Axis,
    pub y: Axis,
    theme: &'static Theme,
}

/// Room for the figures beside the axes, in points.
const LEFT: f32 = 48.0;
const FOOT: f32 = 42.0;
const TOP: f32 = 22.0;

impl Plot {
    /// Takes the width that is left. `title` is read to those who do not see it.
    pub fn new(ui: &mut Ui, height: f32, title: &str, (x, y): (Axis, Axis), figures: Figures) -> Self {
        let theme = Theme::of(ui);
        let (outer, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::click());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, title));
        let rect = Rect::from_min_max(outer.min + vec2(LEFT, TOP), outer.max - vec2(12.0, FOOT));
        let plot = Self { rect, painter: ui.painter_at(outer), response, x, y, theme };
        plot.paint_axes(figures);
        plot
    }

    fn paint_axes(&self, figures: Figures) {
        let font = FontId::proportional(CAPTION_SIZE);
        let faint = self.theme.line.gamma_multiply(0.7);
        let (ticks, decimals) = self.y.ticks((self.rect.height() / 34.0) as usize);
        for tick in ticks {
            if figures == Figures::Counts && tick.fract() != 0.0 {
                continue;
            }
            let words = match figures {
                Figures::Shares => format!("{:.0} %", tick * 100.0),
                Figures::Counts => format!("{tick:.0}"),
                Figures::Plain => format!("{tick:.decimals$}"),
            };
            let y = self.at(0.0, tick).y.round() + 0.5;
            self.painter.hline(self.rect.x_range(), y, Stroke::new(1.0, faint));
            self.painter.text(pos2(self.rect.min.x - 10.0, y), Align2::RIGHT_CENTER, words, font.clone(), self.theme.faint);
        }
        let (ticks, decimals) = self.x.ticks((self.rect.width() / 64.0) as usize);
        for tick in ticks {
            let at = self.at(tick, 0.0).x.round() + 0.5;
            self.painter.vline(at, self.rect.max.y..=self.rect.max.y + 4.0, self.theme.hairline());
            let words = format!("{tick:.decimals$}");
            self.painter.text(pos2(at, self.rect.max.y + 10.0), Align2::CENTER_TOP, words, font.clone(), self.theme.faint);
        }
        self.painter.hline(self.rect.x_range(), self.rect.max.y + 0.5, Stroke::new(1.0, self.theme.strong_line));
    }

    /// A name over the upper left corner, and its unit.
    pub fn y_name(&self, name: &str, unit: &str) {
        let at = pos2(self.rect.min.x - LEFT + 4.0, self.rect.min.y - TOP / 2.0 - 1.0);
        let end = self.painter.text(at, Align2::LEFT_CENTER, name, FontId::proportional(theme::BODY_SIZE), self.theme.text);
        let font = FontId::proportional(CAPTION_SIZE);
        self.painter.text(pos2(end.max.x + 4.0, at.y + 0.5), Align2::LEFT_CENTER, unit, font, self.theme.faint);
    }

    /// A name under the right end of the axis.
    pub fn x_name(&self, name: &str) {
        let at = pos2(self.rect.max.x, self.rect.max.y - 4.0);
        let font = FontId::proportional(CAPTION_SIZE);
        self.painter.text(at, Align2::RIGHT_BOTTOM, name, font, self.theme.faint);
    }

    /// Where a pair of values lies.
    pub fn at(&self, x: f64, y: f64) -> Pos2 {
        pos2(
            self.rect.min.x + self.rect.width() * self.x.share(x) as f32,
            self.rect.max.y - self.rect.height() * self.y.share(y) as f32,
        )
    }

    pub fn line(&self, points: impl Iterator<Item = (f64, f64)>, colour: Color32, width: f32) {
        let points: Vec<Pos2> = points.map(|(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::line(points, Stroke::new(width, colour)));
    }

    /// The stretch between two curves over the same values of x.
    pub fn band(&self, points: &[(f64, f64, f64)], colour: Color32) {
        // Stretch by stretch: a polygon that is not convex would be filled wrongly.
        for pair in points.windows(2) {
            let corners = vec![
                self.at(pair[0].0, pair[0].1),
                self.at(pair[1].0, pair[1].1),
                self.at(pair[1].0, pair[1].2),
                self.at(pair[0].0, pair[0].2),
            ];
            self.painter.add(Shape::convex_polygon(corners, colour, Stroke::NONE));
        }
    }
}
