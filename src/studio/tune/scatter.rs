//! One feature of the cell's regions against another; limits of both are lines to drag, a click takes a region.

use delimit::judge::Disposition;
use delimit::measure::Feature;
use egui::{ComboBox, CornerRadius, Id, Rect, Stroke, StrokeKind, Ui, pos2, vec2};

use super::Selected;
use super::histogram::{axis_of, legend, limit_words, lines_of};
use crate::studio::app::Studio;
use crate::studio::theme::Theme;
use crate::studio::widgets::{Axis, Figures, Plot};

/// How near a click must be to a point, in points.
const REACH: f32 = 9.0;
/// Points drawn at most; beyond, every so many is left out and the count says so.
const MOST_POINTS: usize = 20_000;

impl Studio {
    pub(super) fn scatter_ui(&mut self, ui: &mut Ui, height: f32) {
        let Some(regions) = self.cell_regions() else { return };
        let (feature, second) = (self.view.feature, self.tune.second);
        ui.horizontal(|ui| {
            ui.label(crate::studio::theme::caption(ui, "against"));
            let combo =
                ComboBox::from_id_salt("second").selected_text(second.label()).width(170.0).height(420.0).show_ui(ui, |ui| {
                    for feature in Feature::ALL {
                        let words = format!("{}  {}", feature.label(), feature.unit());
                        ui.selectable_value(&mut self.tune.second, feature, words).on_hover_text(feature.definition());
                    }
                });
            combo.response.accessible_name("Second feature");
            for (other, words) in
                [(Feature::MeanProbability, "Probability"), (Feature::Width, "Width"), (Feature::Linearity, "Linearity")]
            {
                ui.selectable_value(&mut self.tune.second, other, words);
            }
        });
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return };
        let table = evaluation.table();
        let (limit, second_limit) = (self.limit_on(feature), self.limit_on(second).filter(|_| second != feature));
        let x = axis_of(&regions, limit.as_ref(), self.tune.is_log);
        let measured = regions.measured();
        let step = measured.div_ceil(MOST_POINTS).max(1);
        let points: Vec<(usize, f64, f64)> = (0..measured)
            .step_by(step)
            .map(|i| (i, f64::from(regions.values[i]), f64::from(table.value(regions.rows[i] as usize, second))))
            .filter(|p| p.2.is_finite())
            .collect();
        let bounds = second_limit.iter().flat_map(|l| [l.accept_below, l.reject_from]).flatten();
        let wants_log = self.tune.is_log && second.unit() != "";
        let y = if points.is_empty() {
            Axis::new(0.0..=1.0, false)
        } else {
            Axis::around(points.iter().map(|p| p.2).chain(bounds), wants_log)
        };
        let theme = Theme::of(ui);
        let title = format!("{} against {} of {} regions", second.label(), feature.label(), points.len());
        let plot = Plot::new(ui, height - 30.0, &title, (x, y), Figures::Plain);
        plot.y_name(second.label(), second.unit());
        plot.x_name(&format!("{} {}", feature.label(), feature.unit()));
        let lines = limit.map(|l| lines_of(feature.label(), &l, x));
        let level = second_limit.map(|l| lines_of(second.label(), &l, y).upright());
        for ground in lines.iter().chain(&level) {
            ground.paint_ground(&plot.painter, theme, plot.rect);
        }
        let pointer = plot.response.hover_pos().filter(|p| plot.rect.expand(4.0).contains(*p));
        let mut nearest: Option<(f32, usize)> = None;
        for &(i, vx, vy) in &points {
            let at = plot.at(vx, vy);
            let row = regions.rows[i] as usize;
            let is_here =
                self.tune.selected == Some(Selected { image: table.image()[row] as usize, region: table.region()[row] as usize });
            // Squares for NG, discs for OK: not by colour alone.
            match regions.truth(evaluation, i) {
                Disposition::Ok => drop(plot.painter.circle_filled(at, 3.2, theme.ok.gamma_multiply(0.9))),
                Disposition::Ng => {
                    let square = Rect::from_center_size(at, vec2(5.6, 5.6));
                    plot.painter.rect_filled(square, CornerRadius::ZERO, theme.ng.gamma_multiply(0.9));
                }
                Disposition::Unknown => drop(plot.painter.circle_stroke(at, 3.0, Stroke::new(1.0, theme.faint))),
            }
            if is_here {
                let ring = Rect::from_center_size(at, vec2(14.0, 14.0));
                plot.painter.rect_stroke(ring, 7, Stroke::new(2.0, theme.accent_text), StrokeKind::Outside);
            }
            if let Some(p) = pointer {
                let d = p.distance(at);
                if d < REACH && nearest.is_none_or(|(n, _)| d < n) {
                    nearest = Some((d, i));
                }
            }
        }
        let mut taken = None;
        if let Some((_, i)) = nearest {
            let row = regions.rows[i] as usize;
            let at = plot.at(f64::from(regions.values[i]), f64::from(table.value(row, second)));
            plot.painter.circle_stroke(pos2(at.x, at.y), 6.5, Stroke::new(1.5, theme.text));
            if plot.response.clicked() {
                taken = Some(Selected { image: table.image()[row] as usize, region: table.region()[row] as usize });
            }
        }
        legend(&plot, theme, regions.len() - measured);
        let change = lines.and_then(|l| l.show(ui, plot.rect, Id::unique(("limit", feature.index()))));
        let level_change = level.and_then(|l| l.show(ui, plot.rect, Id::unique(("level", second.index()))));
        if taken.is_some() {
            self.tune.selected = taken;
        }
        if let Some(limit) = limit {
            limit_words(&plot, theme, &limit);
            self.take_lines(feature, &limit, change);
        }
        if let Some(limit) = second_limit {
            self.take_lines(second, &limit, level_change);
        }
    }
}
