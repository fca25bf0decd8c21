//! How many regions of the cell have which value, by what their parts are in truth, with the limits as lines to drag.

use delimit::judge::{Bounds, Limit};
use delimit::workflow::tuning::{CellRegions, TruthCounts};
use egui::{Align2, Color32, FontId, Id, Rect, Ui, pos2};

use crate::studio::app::Studio;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::limit_lines::LimitChange;
use crate::studio::widgets::{Axis, Figures, LimitLines, Plot, paint_limit_words};

/// Width of a bar, in points.
const BAR: f32 = 7.0;

impl Studio {
    pub(super) fn histogram_ui(&mut self, ui: &mut Ui, height: f32) {
        let Some(regions) = self.cell_regions() else { return };
        let feature = self.view.feature;
        let limit = self.limit_on(feature);
        let x = axis_of(&regions, limit.as_ref(), self.tune.is_log);
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return };
        let bars = ((ui.available_width() - 70.0) / BAR).max(8.0) as usize;
        let counts = regions.histogram(evaluation, bars, |v| x.share(v));
        let most = counts.iter().map(|c| c.total()).max().unwrap_or(0);
        let y = Axis::new(0.0..=f64::from(most.max(4)) * 1.08, false);
        let theme = Theme::of(ui);
        let title = format!("{} of {} regions", feature.label(), regions.len());
        let plot = Plot::new(ui, height, &title, (x, y), Figures::Counts);
        plot.y_name(feature.label(), feature.unit());
        let lines = limit.map(|l| lines_of(feature.label(), &l, x));
        if let Some(lines) = &lines {
            lines.paint_ground(&plot.painter, theme, plot.rect);
        }
        for (i, count) in counts.iter().enumerate().filter(|(_, c)| c.total() > 0) {
            let share = |i: usize| plot.rect.min.x + plot.rect.width() * (i as f32 / bars as f32);
            paint_bar(&plot, theme, (share(i), share(i + 1) - 1.0), *count);
        }
        let unmeasured = regions.len() - regions.measured();
        legend(&plot, theme, unmeasured);
        if regions.is_empty() {
            let font = FontId::proportional(theme::BODY_SIZE);
            plot.painter.text(plot.rect.center(), Align2::CENTER_CENTER, "No region lies in this cell", font, theme.faint);
        }
        if let Some(pointer) = plot.response.hover_pos().filter(|p| plot.rect.contains(*p)) {
            let bar = (((pointer.x - plot.rect.min.x) / plot.rect.width()) * bars as f32) as usize;
            if let Some(count) = counts.get(bar).filter(|c| c.total() > 0) {
                let edge = |i: usize| x.value(i as f64 / bars as f64);
                let words = format!(
                    "{} regions, {:.3} to {:.3} {}\n{} on parts OK in truth, {} NG, {} undecided",
                    count.total(),
                    edge(bar),
                    edge(bar + 1),
                    feature.unit(),
                    count.ok,
                    count.ng,
                    count.unknown
                );
                plot.response.clone().on_hover_text_at_pointer(words);
            }
        }
        let change = lines.and_then(|lines| lines.show(ui, plot.rect, Id::unique(("limit", feature.index()))));
        if let Some(limit) = limit {
            limit_words(&plot, theme, &limit);
            self.take_lines(feature, &limit, change);
        }
    }

    /// A line was dragged: the limit follows.
    pub(super) fn take_lines(&mut self, feature: delimit::measure::Feature, limit: &Limit, change: Option<LimitChange>) {
        let (Some(change), Some(key)) = (change, self.view.cell.clone()) else { return };
        let bounds = Bounds::new(Some(change.accept_below), Some(change.reject_from));
        self.change_limit(&key, feature, Some(Bounds { at_limit: limit.at_limit, ..bounds }), change.is_final);
    }
}

/// The axis of a feature: all values and limits lie on it.
pub(super) fn axis_of(regions: &CellRegions, limit: Option<&Limit>, is_log: bool) -> Axis {
    let bounds = limit.into_iter().flat_map(|l| [l.accept_below, l.reject_from]).flatten();
    Axis::around(regions.values[..regions.measured()].iter().map(|v| f64::from(*v)).chain(bounds), is_log)
}

pub(super) fn lines_of<'a>(label: &'a str, limit: &Limit, axis: Axis) -> LimitLines<'a> {
    let accept = limit.accept_below.or(limit.reject_from).unwrap_or(0.0);
    let reject = limit.reject_from.or(limit.accept_below).unwrap_or(*axis.range().end());
    LimitLines::new(label, accept, reject, axis)
}

/// "OK < 0.65   NG ≥ 0.80 mm" over the upper right corner.
pub(super) fn limit_words(plot: &Plot, theme: &Theme, limit: &Limit) {
    let accept = limit.accept_below.or(limit.reject_from);
    let reject = limit.reject_from.or(limit.accept_below);
    let words = |sign: &str, v: Option<f64>| v.map_or_else(String::new, |v| format!("{sign} {}", short(v)));
    let texts = (words("OK <", accept), words("NG ≥", reject));
    let right = pos2(plot.rect.max.x, plot.rect.min.y - 12.0);
    paint_limit_words(&plot.painter, theme, right, (&texts.0, &texts.1), limit.feature.unit());
}

/// A figure with two decimals, more where it is small.
pub(super) fn short(value: f64) -> String {
    let decimals = if value != 0.0 && value.abs() < 0.1 { 4 } else { 2 };
    let text = format!("{value:.decimals$}");
    if decimals == 4 { text.trim_end_matches('0').to_owned() } else { text }
}

/// Parts OK in truth below, NG above, undecided on top.
fn paint_bar(plot: &Plot, theme: &Theme, (left, right): (f32, f32), count: TruthCounts) {
    let mut foot = plot.rect.max.y;
    for (n, colour) in [(count.ok, theme.ok), (count.ng, theme.ng), (count.unknown, theme.faint)] {
        if n == 0 {
            continue;
        }
        let height = (plot.rect.height() * plot.y.share(f64::from(n)) as f32).max(2.0);
        plot.painter.rect_filled(Rect::from_min_max(pos2(left, foot - height), pos2(right, foot)), 0, colour.gamma_multiply(0.85));
        foot -= height;
    }
}

/// What the two colours mean.
pub(super) fn legend(plot: &Plot, theme: &Theme, unmeasured: usize) {
    let font = FontId::proportional(theme::CAPTION_SIZE);
    let mut x = plot.rect.min.x;
    let y = plot.rect.max.y + 34.0;
    let mut put = |colour: Color32, words: &str| {
        plot.painter.rect_filled(Rect::from_center_size(pos2(x + 4.0, y), egui::vec2(8.0, 8.0)), 2, colour);
        let end = plot.painter.text(pos2(x + 12.0, y), Align2::LEFT_CENTER, words, font.clone(), theme.faint);
        x = end.max.x + 14.0;
    };
    put(theme.ok, "part OK in truth");
    put(theme.ng, "part NG in truth");
    if unmeasured > 0 {
        put(theme.review, &format!("{unmeasured} not measured: review"));
    }
}
