//! What the verdicts cost per day, and what the parts at hand can prove.

use delimit::judge::claims::{Claim, Event};
use delimit::judge::cost::{Cost, CostSettings, Money, cost_per_day};
use egui::{Align, Label, Layout, RichText, Ui};

use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{section, settled_value};

impl Studio {
    pub(super) fn cost_ui(&mut self, ui: &mut Ui) {
        let pn = self.view.part_number;
        let settings = self.session.project().part_numbers[pn].cost.clone();
        let is_told = settings.is_some();
        let mut settings = settings.unwrap_or_default();
        for source in [Source::Labels, Source::Predictions] {
            let Some(evaluation) = self.analysis.evaluation(source) else { continue };
            section(ui, &format!("{}, per day", source.label()), None);
            match cost_per_day(&evaluation.score(), &settings) {
                Some(cost) => cost_rows(ui, &cost, &settings),
                None => drop(ui.label(theme::caption(ui, "No part has been decided yet (Alt+O, Alt+N)."))),
            }
        }
        if !is_told {
            let words = "These are examples: enter what your line costs.";
            ui.add(Label::new(RichText::new(words).size(theme::CAPTION_SIZE).color(Theme::of(ui).review_text)).wrap());
        }
        ui.add_space(4.0);
        section(ui, "Your line", None);
        if settings_ui(ui, &mut settings) {
            self.try_session(|s| s.change_cost(pn, Some(settings)));
        }
        ui.add_space(4.0);
        section(ui, "What the set can prove", None);
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return };
        let score = evaluation.score();
        for (event, rate) in [(Event::Escape, score.escapes()), (Event::Overkill, score.overkill())] {
            ui.add(Label::new(Claim::new(event, rate, Some(0.01)).to_string()).wrap());
            ui.add_space(2.0);
        }
    }
}

/// Amounts of money with their intervals, the sum first.
fn cost_rows(ui: &mut Ui, cost: &Cost, settings: &CostSettings) {
    let theme = Theme::of(ui);
    let currency = &settings.currency;
    for (name, money, is_sum) in [
        ("All", cost.total, true),
        ("Overkill", cost.overkill, false),
        ("Escapes", cost.escape, false),
        ("Review", cost.review, false),
    ] {
        ui.horizontal(|ui| {
            let name = RichText::new(name).color(theme.faint);
            ui.label(name);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let words = format!("{}–{}", amount(money.low), amount(money.high));
                ui.add_sized([92.0, 16.0], Label::new(theme::caption(ui, words)).halign(Align::RIGHT));
                let figure = money.value.map_or_else(|| "–".to_owned(), |v| format!("{currency} {}", amount(v)));
                let text = if is_sum { theme::semibold(figure).size(theme::HEADING_SIZE) } else { RichText::new(figure) };
                ui.label(text);
            });
        });
    }
    let Money { value, .. } = cost.total.times(settings.days_per_year);
    if let Some(year) = value {
        let share = if cost.is_share_assumed { "; NG share of the labelled set, not of production" } else { "" };
        ui.label(theme::caption(ui, format!("{currency} {} a year{share}", amount(year))));
    }
}

/// True when something else is to be kept.
fn settings_ui(ui: &mut Ui, settings: &mut CostSettings) -> bool {
    let mut has_changed = false;
    let currency = settings.currency.clone();
    let money = format!(" {currency}");
    let mut row = |ui: &mut Ui, name: &str, value: &mut f64, most: f64, decimals: usize, suffix: &str| {
        ui.horizontal(|ui| {
            ui.label(RichText::new(name).color(Theme::of(ui).faint));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                if let Some(new) = settled_value(ui, name, *value, 0.0..=most, decimals, suffix) {
                    *value = new;
                    has_changed = true;
                }
            });
        });
    };
    row(ui, "Parts per day", &mut settings.parts_per_day, 1e7, 0, "");
    row(ui, "Days per year", &mut settings.days_per_year, 366.0, 0, "");
    let mut share = settings.ng_share.unwrap_or(0.0) * 100.0;
    row(ui, "NG parts in production", &mut share, 100.0, 2, " %");
    row(ui, "A good part scrapped", &mut settings.scrapped, 1e7, 2, &money);
    row(ui, "An escape", &mut settings.escape, 1e9, 0, &money);
    row(ui, "A review", &mut settings.review, 1e6, 2, &money);
    if has_changed {
        settings.ng_share = Some(share / 100.0);
    }
    has_changed
}

/// An amount with thousands set apart; no cents from a hundred on.
fn amount(value: f64) -> String {
    let decimals = if value.abs() < 100.0 && value != 0.0 { 2 } else { 0 };
    let text = format!("{value:.decimals$}");
    let (whole, cents) = text.split_once('.').map_or((text.as_str(), ""), |(w, c)| (w, c));
    let mut grouped = String::new();
    for (i, digit) in whole.chars().enumerate() {
        if i > 0 && (whole.len() - i).is_multiple_of(3) && digit.is_ascii_digit() && !grouped.ends_with('-') {
            grouped.push('\u{202f}');
        }
        grouped.push(digit);
    }
    if cents.is_empty() { grouped } else { format!("{grouped}.{cents}") }
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn amounts_are_read_at_a_glance() {
        assert_eq!(amount(1_234_567.4), "1\u{202f}234\u{202f}567");
        assert_eq!((amount(12.5).as_str(), amount(0.0).as_str(), amount(999.0).as_str()), ("12.50", "0", "999"));
        assert_eq!(amount(-1000.0), "-1\u{202f}000");
    }
}
