//! The chosen cell: its name, the feature looked at, the chart with its limits.

use delimit::judge::{Bounds, CellKey, Limit};
use delimit::measure::Feature;
use egui::{Align, Button, ComboBox, Frame, Layout, Margin, RichText, Ui};

use super::Chart;
use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{Axis, EmptyState};

/// Features that are always at hand; the others stand in the list.
const USUAL: [Feature; 4] = [Feature::Length, Feature::Width, Feature::Area, Feature::EquivalentDiameter];

/// What a button does to the limit in the chart.
enum LimitEdit {
    Set(Bounds),
    Remove,
}

impl Studio {
    /// Shows the feature that the cell has a limit on.
    pub(super) fn choose_feature_of_cell(&mut self) {
        let Some(key) = &self.view.cell else { return };
        let rules = self.session.ruleset(self.view.part_number).current();
        if let Some(limit) = rules.resolve(&key.class, &key.zone).and_then(|c| c.limits.first()) {
            self.view.feature = limit.feature;
        }
    }

    /// At first the cell with the most regions is open: there is something to drag.
    fn choose_fullest_cell(&mut self) {
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return };
        let fullest =
            evaluation.board().rows_tallies().max_by_key(|(class, zone, tally)| (tally.total(), u8::MAX - class, u8::MAX - zone));
        if let Some((class, zone, _)) = fullest {
            let rules = evaluation.board().rules();
            self.view.cell = Some(CellKey::new(rules.class_name(class), rules.zone_name(zone)));
            self.choose_feature_of_cell();
        }
    }

    pub(super) fn cell_ui(&mut self, ui: &mut Ui) {
        if self.cell_here().is_none() {
            self.choose_fullest_cell();
        }
        let Some((key, ..)) = self.cell_here() else {
            let hint = "A cell of the matrix holds the limits of one class in one zone";
            EmptyState { icon: icons::TUNE, title: "Choose a cell", hint, action: None }.show(ui);
            return;
        };
        ui.horizontal(|ui| {
            ui.label(theme::semibold(format!("{} in {}", key.class, key.zone)).size(theme::HEADING_SIZE));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for chart in Chart::ALL.into_iter().rev() {
                    ui.selectable_value(&mut self.tune.chart, chart, chart.label());
                }
            });
        });
        if self.tune.chart == Chart::Map {
            self.part_map_ui(ui);
            return;
        }
        self.feature_ui(ui, &key);
        ui.add_space(4.0);
        let card = Frame::new().fill(Theme::of(ui).panel).corner_radius(theme::CARD_RADIUS).inner_margin(Margin::symmetric(8, 6));
        if self.tune.chart == Chart::List {
            self.cell_list_ui(ui);
            return;
        }
        // What is left over the strip of pictures, which keeps its height.
        let height = (ui.available_height() - super::strip::HEIGHT - 84.0).max(150.0);
        card.show(ui, |ui| match self.tune.chart {
            Chart::Scatter => self.scatter_ui(ui, height),
            Chart::Curves => self.curves_ui(ui, height),
            _ => self.histogram_ui(ui, height),
        });
        ui.add_space(4.0);
        self.selection_ui(ui);
        self.strip_ui(ui);
    }

    /// Which feature is looked at, and what can be done with its limit.
    fn feature_ui(&mut self, ui: &mut Ui, key: &CellKey) {
        let limits = self.limits_of(key);
        let mut change = None;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let mut shown: Vec<Feature> = limits.iter().map(|l| l.feature).collect();
            shown.extend(USUAL.into_iter().filter(|f| !limits.iter().any(|l| l.feature == *f)));
            shown.truncate(5);
            if !shown.contains(&self.view.feature) {
                shown.pop();
                shown.push(self.view.feature);
            }
            for feature in shown {
                let has_limit = limits.iter().any(|l| l.feature == feature);
                let words = RichText::new(feature.label());
                let words = if has_limit { words.underline() } else { words };
                let hint = format!("{}{}", feature.definition(), if has_limit { "\nlimited in this cell" } else { "" });
                ui.selectable_value(&mut self.view.feature, feature, words).on_hover_text(hint);
            }
            let combo = ComboBox::from_id_salt("features").selected_text("more").width(64.0).height(420.0).show_ui(ui, |ui| {
                for feature in Feature::ALL {
                    let words = format!("{}  {}", feature.label(), feature.unit());
                    ui.selectable_value(&mut self.view.feature, feature, words).on_hover_text(feature.definition());
                }
            });
            combo.response.accessible_name("Feature");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                change = self.limit_buttons_ui(ui, key, &limits);
                ui.toggle_value(&mut self.tune.is_log, "log").on_hover_text("Equal factors equally far apart");
            });
        });
        match change {
            Some(LimitEdit::Set(bounds)) => self.change_limit(key, self.view.feature, Some(bounds), true),
            Some(LimitEdit::Remove) => self.change_limit(key, self.view.feature, None, true),
            None => {}
        }
    }

    fn limit_buttons_ui(&mut self, ui: &mut Ui, key: &CellKey, limits: &[Limit]) -> Option<LimitEdit> {
        let feature = self.view.feature;
        if limits.iter().any(|l| l.feature == feature) {
            return ui.add(Button::new("Remove limit").small()).clicked().then_some(LimitEdit::Remove);
        }
        let mut change = None;
        if ui.small_button("Zero tolerance").on_hover_text("Every region here is NG").clicked() {
            change = Some(LimitEdit::Set(Bounds::new(Some(0.0), Some(0.0))));
        }
        if ui.small_button(format!("Limit {}", feature.label().to_lowercase())).clicked() {
            change = self.first_bounds().map(LimitEdit::Set);
        }
        if ui.available_width() > 120.0 {
            let rules = self.session.ruleset(self.view.part_number).current();
            let words = match rules.resolve(&key.class, &key.zone) {
                Some(cell) if cell.accept => "accepts all",
                Some(cell) if !cell.limits.is_empty() => "others decide",
                _ => "no rule: review",
            };
            ui.label(theme::caption(ui, words));
        }
        change
    }

    /// Bounds to begin with: around the upper third of the values.
    fn first_bounds(&mut self) -> Option<Bounds> {
        let regions = self.cell_regions()?;
        let axis = Axis::around(regions.values.iter().map(|v| f64::from(*v)), false);
        let at = |share: f64| axis.rounded(axis.value(share), 200.0);
        Some(Bounds::new(Some(at(0.3)), Some(at(0.6))))
    }

    /// The limits that hold in a cell.
    pub(super) fn limits_of(&self, key: &CellKey) -> Vec<Limit> {
        let rules = self.session.ruleset(self.view.part_number).current();
        rules.resolve(&key.class, &key.zone).map(|c| c.limits.clone()).unwrap_or_default()
    }

    /// The limit on a feature in the chosen cell.
    pub(super) fn limit_on(&self, feature: Feature) -> Option<Limit> {
        self.limits_of(self.view.cell.as_ref()?).into_iter().find(|l| l.feature == feature)
    }

    /// Sets or takes away a limit and judges anew; the last change of a gesture is one step of undo.
    pub(super) fn change_limit(&mut self, key: &CellKey, feature: Feature, bounds: Option<Bounds>, is_final: bool) {
        let pn = self.view.part_number;
        let mut problem = None;
        self.try_session(|s| {
            s.edit_ruleset(pn, |rules| {
                // A cell that accepted everything gets a limit: the decision to accept all is over.
                if bounds.is_some() {
                    rules.cell_mut(key).accept = false;
                }
                if let Err(e) = rules.set_limit(key, feature, bounds) {
                    problem = Some(e.to_string());
                }
            })
        });
        if let Some(problem) = problem {
            self.toasts.error(&problem);
        }
        self.analysis.apply_ruleset(&self.session, pn);
        if is_final {
            self.try_session(|s| s.settle_ruleset(pn).map(drop));
        }
    }
}
