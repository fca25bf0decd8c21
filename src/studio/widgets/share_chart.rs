//! A small chart whose y axis is a share from 0 to 100 %.

use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Sense, Shape, Stroke, Ui, WidgetInfo, pos2, vec2};

use crate::studio::theme::{self, Theme};

/// A chart that is drawn piece by piece. Places on both axes are shares, 0..=1; what a share of the x axis stands for is told by
/// [`Self::tick`].
pub struct ShareChart {
    plot: Rect,
    painter: Painter,
    theme: &'static Theme,
}

impl ShareChart {
    /// Takes the width that is left; `title` is read to those who do not see it.
    pub fn new(ui: &mut Ui, height: f32, title: &str) -> Self {
        let theme = Theme::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
        response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, title));
        let plot = Rect::from_min_max(rect.min + vec2(38.0, 6.0), rect.max - vec2(8.0, 18.0));
        let painter = ui.painter_at(rect);
        let chart = Self { plot, painter, theme };
        for step in 0..=4 {
            let share = f64::from(step) / 4.0;
            let y = chart.at(0.0, share).y;
            chart.painter.hline(plot.x_range(), y, theme.hairline());
            let words = format!("{:.0} %", share * 100.0);
            let (font, at) = (FontId::proportional(theme::CAPTION_SIZE), pos2(plot.min.x - 4.0, y));
            if step % 2 == 0 {
                chart.painter.text(at, Align2::RIGHT_CENTER, words, font, theme.faint);
            }
        }
        chart
    }

    fn at(&self, x: f64, y: f64) -> Pos2 {
        pos2(self.plot.min.x + x as f32 * self.plot.width(), self.plot.max.y - y as f32 * self.plot.height())
    }

    /// A word under the x axis.
    pub fn tick(&self, x: f64, words: &str) {
        let at = self.at(x, 0.0);
        self.painter.vline(at.x, at.y..=at.y + 3.0, self.theme.hairline());
        let anchor = match x {
            x if x < 0.04 => Align2::LEFT_TOP,
            x if x > 0.96 => Align2::RIGHT_TOP,
            _ => Align2::CENTER_TOP,
        };
        let font = FontId::proportional(theme::CAPTION_SIZE);
        self.painter.text(at + vec2(0.0, 4.0), anchor, words, font, self.theme.faint);
    }

    pub fn line(&self, points: impl Iterator<Item = (f64, f64)>, colour: Color32) {
        let points: Vec<Pos2> = points.map(|(x, y)| self.at(x, y)).collect();
        self.painter.add(Shape::line(points, Stroke::new(1.5, colour)));
    }

    pub fn dashed(&self, points: impl Iterator<Item = (f64, f64)>, colour: Color32) {
        let points: Vec<Pos2> = points.map(|(x, y)| self.at(x, y)).collect();
        self.painter.extend(Shape::dashed_line(&points, Stroke::new(1.0, colour), 3.0, 3.0));
    }

    /// A mark across the plot at a place of the x axis.
    pub fn marker(&self, x: f64, words: &str, colour: Color32) {
        let (top, foot) = (self.at(x, 1.0), self.at(x, 0.0));
        self.painter.extend(Shape::dashed_line(&[top, foot], Stroke::new(1.0, colour), 2.0, 2.0));
        let anchor = if x > 0.7 { Align2::RIGHT_TOP } else { Align2::LEFT_TOP };
        let by = if x > 0.7 { vec2(-3.0, 0.0) } else { vec2(3.0, 0.0) };
        self.painter.text(top + by, anchor, words, FontId::proportional(theme::CAPTION_SIZE), colour);
    }

    /// A bar from the x axis up.
    pub fn bar(&self, from: f64, to: f64, share: f64, colour: Color32) {
        let bar = Rect::from_two_pos(self.at(from, 0.0) + vec2(1.0, 0.0), self.at(to, share) - vec2(1.0, 0.0));
        self.painter.rect_filled(bar, 0, colour);
    }

    /// A short upright stroke: one case at the foot (`is_up` false) or at the top of the plot.
    pub fn case(&self, x: f64, is_up: bool, colour: Color32) {
        let y = if is_up { self.plot.min.y } else { self.plot.max.y };
        let range = if is_up { y..=y + 5.0 } else { y - 5.0..=y };
        self.painter.vline(self.at(x, 0.0).x, range, Stroke::new(1.0, colour));
    }
}
