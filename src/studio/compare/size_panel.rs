//! Which sizes are found: the curve of detection by size, its figures and the bins beside it.

use delimit::compare::{PodResult, SizeBin, Target};
use delimit::judge::Rate;
use delimit::workflow::SetComparison;
use egui::{ComboBox, Label, RichText, Ui};

use crate::studio::app::Studio;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{ShareChart, section, value_row};

impl Studio {
    pub(super) fn sizes_ui(&mut self, ui: &mut Ui, c: &SetComparison) {
        self.class_choice_ui(ui, c, "Found by size");
        let class = self.compare.class.filter(|id| c.classes.iter().any(|f| f.class == *id));
        let of_class = class.and_then(|id| c.classes.iter().find(|f| f.class == id));
        let (result, targets): (PodResult, Vec<Target>) = match of_class {
            Some(f) => (f.pod, f.targets.clone()),
            None => (c.pod, c.classes.iter().flat_map(|f| f.targets.iter().copied()).collect()),
        };
        let unit = c.size.unit();
        chart(ui, &result, &targets, unit);
        let figure = |v: f64| if v < 0.001 { "below 0.001".to_owned() } else { format!("{v:.3}") };
        if let PodResult::Fitted(pod) = result {
            value_row(ui, "Half of them found from", &figure(pod.a50), unit);
            value_row(ui, "Nine of ten from (a90)", &figure(pod.a90), unit);
            let bound = pod.a90_95.map_or_else(|| "no bound".to_owned(), figure);
            value_row(ui, "… with 95 % confidence", &bound, unit)
                .on_hover_text("a90/95: upper one-sided 95 % bound by the likelihood ratio (MIL-HDBK-1823A)");
            value_row(ui, "Found", &format!("{} of {}", pod.found, pod.targets), "");
            if pod.targets < delimit::compare::pod::RECOMMENDED_TARGETS {
                let words = format!("Fewer than {} defects: take the curve as a hint.", delimit::compare::pod::RECOMMENDED_TARGETS);
                ui.add(Label::new(RichText::new(words).color(Theme::of(ui).review_text)).wrap());
            }
        } else {
            let words = result.without_curve(unit);
            let mut letters = words.chars();
            let words: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
            ui.add(Label::new(words + ".").wrap());
        }
        if let Some(calls) = c.false_calls_per_image() {
            value_row(ui, "False calls an image", &format!("{calls:.2}"), "");
        }
        if let Some(f) = of_class {
            ui.separator();
            section(ui, "In steps of size", None);
            for SizeBin { low, high, found, targets } in f.size_bins.iter().copied() {
                let rate = Rate { count: found, of: targets };
                let interval = rate.interval();
                let words = format!("{found} of {targets}");
                let range = format!("{low} to {high} {unit}");
                value_row(ui, &range, &words, "").on_hover_text(format!(
                    "95 % interval {:.0}–{:.0} %",
                    interval.low * 100.0,
                    interval.high * 100.0
                ));
            }
        }
    }

    /// Chooses the class that the panel speaks of; all to begin with.
    pub(super) fn class_choice_ui(&mut self, ui: &mut Ui, c: &SetComparison, title: &str) {
        ui.horizontal(|ui| {
            section(ui, title, None);
            ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                let project = self.session.project();
                let name = |class: Option<u8>| class.map_or_else(|| "All classes".to_owned(), |id| project.class_name(id));
                let chosen = &mut self.compare.class;
                let combo = ComboBox::from_id_salt("class of the figures").selected_text(name(*chosen)).width(112.0);
                let combo = combo.show_ui(ui, |ui| {
                    for class in std::iter::once(None).chain(c.classes.iter().map(|f| Some(f.class))) {
                        ui.selectable_value(chosen, class, name(class));
                    }
                });
                combo.response.accessible_name("Class of the figures");
            });
        });
    }
}

/// The curve over the logarithm of the size, with its lower bound; every target is a stroke at the foot (missed) or the top (found).
fn chart(ui: &mut Ui, result: &PodResult, targets: &[Target], unit: &str) {
    let theme = Theme::of(ui);
    let sizes: Vec<f64> = targets.iter().map(|t| t.0).filter(|a| *a > 0.0 && a.is_finite()).collect();
    let (Some(low), Some(high)) = (sizes.iter().copied().reduce(f64::min), sizes.iter().copied().reduce(f64::max)) else { return };
    let a90 = if let PodResult::Fitted(pod) = result { Some(pod.a90) } else { None };
    let (low, high) = (low * 0.8, (high * 1.25).max(a90.unwrap_or(0.0).min(high * 4.0)));
    let x = |a: f64| ((a / low).ln() / (high / low).ln()).clamp(0.0, 1.0);
    let chart = ShareChart::new(ui, 160.0, "Share of defects found by size");
    for power in low.log10().floor() as i32..=high.log10().ceil() as i32 {
        for step in [1.0, 2.0, 5.0] {
            let a = step * 10_f64.powi(power);
            if a >= low && a <= high && (step < 1.5 || high / low < 40.0) {
                chart.tick(x(a), &format!("{}", (a * 1e6).round() / 1e6));
            }
        }
    }
    for &(a, is_found) in targets.iter().filter(|t| t.0 > 0.0) {
        chart.case(x(a), is_found, if is_found { theme.ok } else { theme.ng });
    }
    if let PodResult::Fitted(pod) = result {
        let places = || (0..=80).map(|i| low * (high / low).powf(f64::from(i) / 80.0));
        chart.dashed(places().map(|a| (x(a), pod.lower_at(a))), theme.faint);
        chart.line(places().map(|a| (x(a), pod.at(a))), theme.accent_text);
        if pod.a90 >= low && pod.a90 <= high {
            chart.marker(x(pod.a90), "a90", theme.text);
        }
        if let Some(a) = pod.a90_95.filter(|a| *a >= low && *a <= high) {
            chart.marker(x(a), "a90/95", theme.faint);
        }
    }
    ui.label(theme::caption(ui, format!("size in {unit}; strokes: missed below, found above; dashed: lower 95 % bound")));
}
