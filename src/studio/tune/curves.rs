//! What a limit would give anywhere: escapes, overkill and review along it, each with its interval, and the limits to drag.

use std::sync::Arc;

use delimit::judge::sweep::{Sweep, even_places, sweep};
use delimit::judge::{Bound, CellKey, Limit, LimitAt, Rate};
use egui::{Align2, Color32, FontId, Id, Ui, pos2};

use super::histogram::{axis_of, limit_words, lines_of};
use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{Axis, Figures, Plot};

/// Places along the axis.
const PLACES: usize = 160;

/// What a sweep was made for.
type SweptFor = (u64, Source, CellKey, LimitAt, bool, u64, u64);

/// The curves, and which of the two limits runs along.
#[derive(Default)]
pub struct Curves {
    /// The limit for OK runs along and not that for NG.
    pub is_accept: bool,
    swept: Option<(SweptFor, Arc<Sweep>)>,
}

/// One curve: its name, its colour, its rate at each place.
type Curve = (&'static str, Color32, Vec<(f64, Rate)>);

impl Studio {
    pub(super) fn curves_ui(&mut self, ui: &mut Ui, height: f32) {
        let Some(regions) = self.cell_regions() else { return };
        let feature = self.view.feature;
        let Some(limit) = self.limit_on(feature) else {
            let words =
                format!("No limit on {} in this cell: set one, and the curves tell where it should stand.", feature.label());
            ui.add_space(8.0);
            ui.label(words);
            return;
        };
        ui.horizontal(|ui| {
            ui.label(theme::caption(ui, "what would be if"));
            for (is_accept, words) in [(true, "accept below"), (false, "reject from")] {
                ui.selectable_value(&mut self.tune.curves.is_accept, is_accept, words);
            }
            ui.label(theme::caption(ui, "stood elsewhere; bands: 95 % intervals"));
        });
        let x = axis_of(&regions, Some(&limit), self.tune.is_log);
        let Some(sweep) = self.sweep_along(&limit, x) else { return };
        let theme = Theme::of(ui);
        let [escapes, overkill, review] = sweep.curves();
        let curves: [Curve; 3] =
            [("escapes", theme.ng_text, escapes), ("overkill", theme.accent_text, overkill), ("review", theme.review_text, review)];
        let most = curves.iter().flat_map(|c| &c.2).filter_map(|(_, r)| r.share()).fold(0.05, f64::max);
        let y = Axis::new(0.0..=(most * 1.15).min(1.0), false);
        let plot = Plot::new(ui, height - 28.0, &format!("Rates along {}", feature.label()), (x, y), Figures::Shares);
        plot.y_name(feature.label(), feature.unit());
        let lines = lines_of(feature.label(), &limit, x);
        // Review is no error: its interval would only cover the two that matter.
        for (_, colour, points) in &curves[..2] {
            let band: Vec<(f64, f64, f64)> = points.iter().map(|(at, r)| (*at, r.interval().low, r.interval().high)).collect();
            plot.band(&band, colour.gamma_multiply(0.13));
        }
        for (_, colour, points) in &curves {
            plot.line(points.iter().filter_map(|(at, r)| Some((*at, r.share()?))), *colour, 2.0);
        }
        curve_legend(&plot, theme, &curves);
        if let Some(pointer) = plot.response.hover_pos().filter(|p| plot.rect.contains(*p)) {
            let at = x.value(f64::from((pointer.x - plot.rect.min.x) / plot.rect.width()));
            if let Some(point) = sweep.points.iter().min_by(|a, b| (a.at - at).abs().total_cmp(&(b.at - at).abs())) {
                let words = |name: &str, r: Rate| {
                    format!("{name} {} of {} ({})", r.count, r.of, delimit::judge::claims::percent(r.share().unwrap_or(0.0)))
                };
                let bound = if self.tune.curves.is_accept { "accept below" } else { "reject from" };
                plot.painter.vline(plot.at(point.at, 0.0).x, plot.rect.y_range(), (1.0, theme.faint));
                plot.response.clone().on_hover_text_at_pointer(format!(
                    "{bound} {} {}\n{}\n{}\n{}",
                    super::histogram::short(point.at),
                    feature.unit(),
                    words("escapes", point.score.escapes()),
                    words("overkill", point.score.overkill()),
                    words("review", point.score.review_load()),
                ));
            }
        }
        let change = lines.show(ui, plot.rect, Id::unique(("limit", feature.index())));
        limit_words(&plot, theme, &limit);
        self.take_lines(feature, &limit, change);
    }

    fn sweep_along(&mut self, limit: &Limit, axis: Axis) -> Option<Arc<Sweep>> {
        let key = self.view.cell.clone()?;
        let rules = self.session.ruleset(self.view.part_number).current();
        let cell = rules.resolve(&key.class, &key.zone)?;
        let which = LimitAt::Region(cell.limits.iter().position(|l| l.feature == limit.feature)?);
        let key = cell.key();
        let range = axis.range();
        let is_accept = self.tune.curves.is_accept;
        let source = self.source_here();
        let wanted =
            (self.analysis.revision(), source, key.clone(), which, is_accept, range.start().to_bits(), range.end().to_bits());
        if let Some((made_for, swept)) = &self.tune.curves.swept
            && *made_for == wanted
        {
            return Some(Arc::clone(swept));
        }
        let evaluation = self.analysis.evaluation(source)?;
        let places: Vec<f64> = even_places(0.0, 1.0, PLACES).into_iter().map(|share| axis.value(share)).collect();
        let bound = if is_accept { Bound::Accept } else { Bound::Reject };
        let swept = sweep(evaluation.board(), &key, which, bound, &places, evaluation.truth()).ok()?;
        let swept = Arc::new(swept);
        self.tune.curves.swept = Some((wanted, Arc::clone(&swept)));
        Some(swept)
    }
}

fn curve_legend(plot: &Plot, theme: &Theme, curves: &[Curve]) {
    let font = FontId::proportional(theme::CAPTION_SIZE);
    let mut x = plot.rect.min.x;
    let y = plot.rect.max.y + 34.0;
    for (name, colour, _) in curves {
        plot.painter.hline(x..=x + 12.0, y, (2.0, *colour));
        let end = plot.painter.text(pos2(x + 16.0, y), Align2::LEFT_CENTER, name, font.clone(), theme.faint);
        x = end.max.x + 16.0;
    }
}
