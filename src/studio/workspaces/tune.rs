//! Tune: limits per class and zone, with the verdicts of all parts recounted while a limit is dragged.

use delimit::judge::ruleset::Cell;
use delimit::judge::{Bounds, CellKey, Disposition, Flip, FlipKind, Limit, Verdict};
use delimit::measure::Feature;
use delimit::session::Command;
use egui::{Align, Button, CentralPanel, Color32, Frame, Layout, Margin, Panel, RichText, ScrollArea, Sense, Ui, vec2};

use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::icons;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{
    EmptyState, LimitSlider, Mark, counted_mark, rate_row, section, stacked_bar, verdict_badge, verdict_tally,
};

const MATRIX: f32 = 440.0;
const SIDE: f32 = 304.0;
/// Height of a cell of the matrix.
const CELL: f32 = 58.0;

/// Features that limits are set on in this workspace.
const FEATURES: [Feature; 5] = [Feature::Length, Feature::Width, Feature::Area, Feature::EquivalentDiameter, Feature::Aspect];

impl Studio {
    pub fn tune_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        if self.session.project().part_numbers.is_empty() {
            EmptyState { icon: icons::TUNE, title: "No part number", hint: "Add one to project.ron", action: None }.show(ui);
            return;
        }
        Panel::left("matrix").exact_size(MATRIX).resizable(false).frame(theme.panel_frame()).show(ui, |ui| self.matrix_ui(ui));
        Panel::right("tally").exact_size(SIDE).resizable(false).frame(theme.panel_frame()).show(ui, |ui| self.tally_ui(ui));
        let ground = Frame::new().fill(theme.background).inner_margin(Margin::same(16));
        CentralPanel::no_frame().frame(ground).show(ui, |ui| self.cell_ui(ui));
    }

    // --- matrix --------------------------------------------------------------------------------------------------------------

    fn matrix_ui(&mut self, ui: &mut Ui) {
        let pn = self.view.part_number;
        ui.horizontal(|ui| {
            section(ui, "Class × zone", None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for source in [Source::Predictions, Source::Labels] {
                    let is_there = self.analysis.evaluation(source).is_some();
                    let label = ui.add_enabled(is_there, Button::selectable(self.view.source == source, source.label()));
                    if label.clicked() {
                        self.view.source = source;
                    }
                }
            });
        });
        if let Some(problem) = &self.analysis.ruleset_problem {
            ui.add(egui::Label::new(RichText::new(problem).color(Theme::of(ui).ng_text)).wrap());
        }
        let classes = self.session.project().class_names();
        let zones = self.session.project().part_numbers[pn].zone_names();
        // The cells of zone 0 show only when something lies there.
        let is_used = |zone: u8| {
            zone != 0 || classes.iter().any(|(c, _)| self.cell_tally(*c, 0).is_some_and(|t| t.total() > 0)) || zones.len() == 1
        };
        let columns: Vec<(u8, String)> = zones.iter().filter(|(z, _)| is_used(*z)).cloned().collect();
        let name_width = 72.0;
        let width = ((ui.available_width() - name_width) / columns.len().max(1) as f32 - 4.0).clamp(64.0, 140.0);
        ui.add_space(4.0);
        ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
        ui.horizontal(|ui| {
            ui.add_sized([name_width, 16.0], egui::Label::new(""));
            for (_, zone) in &columns {
                ui.add_sized([width, 16.0], egui::Label::new(theme::caption(ui, zone.as_str())));
            }
        });
        let mut chosen = None;
        for (class, name) in &classes {
            ui.horizontal(|ui| {
                ui.allocate_ui_with_layout(vec2(name_width, CELL), Layout::left_to_right(Align::Center), |ui| {
                    ui.set_min_width(name_width);
                    let (chip, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                    ui.painter().rect_filled(chip, 2, self.class_colour(*class));
                    ui.add(egui::Label::new(name.as_str()).truncate());
                });
                for (zone, zone_name) in &columns {
                    if self.matrix_cell_ui(ui, (*class, name), (*zone, zone_name), width) {
                        chosen = Some(CellKey::new(name.as_str(), zone_name.as_str()));
                    }
                }
            });
        }
        if chosen.is_some() {
            self.view.cell = chosen;
            self.choose_feature_of_cell();
        }
        ui.add_space(8.0);
        ui.label(theme::caption(ui, "Each cell: its regions by verdict and its rule. Without a rule a region is review."));
        ui.add_space(8.0);
        ui.separator();
        self.ruleset_ui(ui);
    }

    fn cell_tally(&self, class: u8, zone: u8) -> Option<delimit::judge::Tally> {
        Some(self.analysis.evaluation(self.source_here())?.board().rows_tally(class, zone))
    }

    /// One cell of the matrix; true when it was chosen.
    fn matrix_cell_ui(&self, ui: &mut Ui, class: (u8, &str), zone: (u8, &str), width: f32) -> bool {
        let theme = Theme::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(width, CELL), Sense::click());
        let is_here = self.view.cell.as_ref().is_some_and(|k| k.class == class.1 && k.zone == zone.1);
        let tally = self.cell_tally(class.0, zone.0).unwrap_or_default();
        let rule = self.session.ruleset(self.view.part_number).current().resolve(class.1, zone.1);
        let words = rule.map_or_else(|| "no rule".to_owned(), cell_words);
        response.widget_info(|| {
            let counts = format!("{} OK, {} review, {} NG", tally.ok, tally.review, tally.ng);
            egui::WidgetInfo::selected(egui::Role::Button, true, is_here, format!("{} × {}: {counts}; {words}", class.1, zone.1))
        });
        let fill = if is_here {
            theme.accent_ground
        } else if response.hovered() {
            theme.hovered
        } else {
            theme.raised
        };
        ui.painter().rect_filled(rect, theme::RADIUS, fill);
        if is_here || response.has_focus() {
            ui.painter().rect_stroke(
                rect.shrink(0.5),
                theme::RADIUS,
                egui::Stroke::new(1.0, theme.accent_text),
                egui::StrokeKind::Inside,
            );
        }
        let mut inside =
            ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(6.0, 4.0))).layout(Layout::top_down(Align::LEFT)));
        inside.spacing_mut().item_spacing.y = 2.0;
        inside.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 5.0;
            for (count, mark) in [(tally.ok, Mark::Ok), (tally.review, Mark::Review), (tally.ng, Mark::Ng)] {
                if count > 0 {
                    counted_mark(ui, mark, Some(count));
                }
            }
            if tally.total() == 0 {
                ui.label(theme::caption(ui, "none"));
            }
        });
        stacked_bar(&mut inside, vec2(width - 12.0, 4.0), [tally.ok, tally.review, tally.ng]);
        inside.add(egui::Label::new(theme::caption(&inside, words.as_str())).truncate());
        response.on_hover_text(words).clicked()
    }

    fn ruleset_ui(&mut self, ui: &mut Ui) {
        let pn = self.view.part_number;
        let slot = self.session.ruleset(pn);
        let name = if slot.current().name.is_empty() { "Ruleset".to_owned() } else { slot.current().name.clone() };
        let is_saved = slot.is_saved();
        section(ui, &name, None);
        ui.label(theme::caption(ui, if is_saved { "as saved" } else { "changed since it was saved; the draft is in the journal" }));
        ui.add_space(4.0);
        let state = self.command_state();
        ui.horizontal(|ui| {
            for (command, icon) in
                [(Command::SaveRuleset, icons::CHECK), (Command::Undo, icons::UNDO), (Command::Redo, icons::REDO)]
            {
                let label = command.label();
                if ui.add_enabled(command.is_enabled(&state), icons::labelled_button(icon, &label)).clicked() {
                    self.push(command);
                }
            }
        });
    }

    // --- cell ----------------------------------------------------------------------------------------------------------------

    /// Shows the feature that the cell has a limit on.
    fn choose_feature_of_cell(&mut self) {
        let Some(key) = &self.view.cell else { return };
        let rules = self.session.ruleset(self.view.part_number).current();
        if let Some(limit) = rules.resolve(&key.class, &key.zone).and_then(|c| c.limits.first()) {
            self.view.feature = limit.feature;
        }
    }

    fn cell_ui(&mut self, ui: &mut Ui) {
        if self.view.cell.is_none() {
            self.choose_fullest_cell();
        }
        let Some(key) = self.view.cell.clone() else {
            let hint = "A cell of the matrix holds the limits of one class in one zone";
            EmptyState { icon: icons::TUNE, title: "Choose a cell", hint, action: None }.show(ui);
            return;
        };
        ui.label(theme::semibold(format!("{} in {}", key.class, key.zone)).size(theme::HEADING_SIZE));
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            for feature in FEATURES {
                ui.selectable_value(&mut self.view.feature, feature, feature.label()).on_hover_text(feature.definition());
            }
        });
        ui.add_space(8.0);
        self.limit_ui(ui, &key);
        ui.add_space(16.0);
        self.cell_regions_ui(ui, &key);
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

    /// The limit on the chosen feature: dragged, set or taken away.
    fn limit_ui(&mut self, ui: &mut Ui, key: &CellKey) {
        let feature = self.view.feature;
        let pn = self.view.part_number;
        let values = self.cell_values(key, feature);
        let rules = self.session.ruleset(pn).current();
        let cell = rules.resolve(&key.class, &key.zone).cloned();
        let limit = cell.as_ref().and_then(|c| c.limits.iter().find(|l| l.feature == feature)).copied();
        let top = range_top(&values, limit.as_ref());
        let theme = Theme::of(ui);
        let card = Frame::new().fill(theme.panel).corner_radius(theme::CARD_RADIUS).inner_margin(Margin::same(16));
        let mut change: Option<(Option<Bounds>, bool)> = None;
        card.show(ui, |ui| {
            ui.set_width(ui.available_width());
            if let Some(limit) = limit {
                let accept = limit.accept_below.or(limit.reject_from).unwrap_or(0.0);
                let reject = limit.reject_from.or(limit.accept_below).unwrap_or(top);
                let (_, moved) =
                    LimitSlider::new(feature.label(), accept, reject, 0.0..=top).unit(feature.unit()).samples(&values).show(ui);
                if let Some(moved) = moved {
                    let bounds = Bounds::new(Some(moved.accept_below), Some(moved.reject_from));
                    change = Some((Some(Bounds { at_limit: limit.at_limit, ..bounds }), moved.is_final));
                }
                ui.horizontal(|ui| {
                    ui.label(theme::caption(ui, format!("{} regions in this cell", values.len())));
                    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                        if ui.add(Button::new("Remove limit").small()).clicked() {
                            change = Some((None, true));
                        }
                    });
                });
            } else {
                let is_accepting = cell.as_ref().is_some_and(|c| c.accept);
                let words = match (&cell, is_accepting) {
                    (_, true) => format!("This cell accepts every {}.", key.class),
                    (Some(c), _) if !c.limits.is_empty() => {
                        format!("No limit on {} here; others decide.", feature.label().to_lowercase())
                    }
                    _ => "No rule speaks of this cell: its regions are review.".to_owned(),
                };
                ui.label(words);
                ui.add_space(4.0);
                ui.horizontal(|ui| {
                    if ui.button(format!("Limit {}", feature.label().to_lowercase())).clicked() {
                        change = Some((Some(Bounds::new(Some(round_nicely(top * 0.3)), Some(round_nicely(top * 0.6)))), true));
                    }
                    if ui.button("Zero tolerance").on_hover_text("Every region here is NG").clicked() {
                        change = Some((Some(Bounds::new(Some(0.0), Some(0.0))), true));
                    }
                });
            }
        });
        if let Some((bounds, is_final)) = change {
            self.change_limit(key, feature, bounds, is_final);
        }
    }

    fn change_limit(&mut self, key: &CellKey, feature: Feature, bounds: Option<Bounds>, is_final: bool) {
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

    /// The feature of every region of a cell, measured ones only.
    fn cell_values(&self, key: &CellKey, feature: Feature) -> Vec<f64> {
        self.cell_rows(key)
            .into_iter()
            .filter_map(|row| {
                let value = f64::from(self.analysis.evaluation(self.source_here())?.table().value(row, feature));
                value.is_finite().then_some(value)
            })
            .collect()
    }

    /// Rows of the table that belong to a cell.
    fn cell_rows(&self, key: &CellKey) -> Vec<usize> {
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return Vec::new() };
        let project = self.session.project();
        let zones = project.part_numbers[self.view.part_number].zone_names();
        let class = project.classes.iter().find(|c| c.name == key.class).map(|c| c.id);
        let zone = zones.iter().find(|(_, name)| *name == key.zone).map(|(id, _)| *id);
        let (Some(class), Some(zone)) = (class, zone) else { return Vec::new() };
        let table = evaluation.table();
        (0..table.rows()).filter(|&row| table.class()[row] == class && table.zone()[row] == zone).collect()
    }

    /// Regions of the cell by the feature, largest first; a click shows the image.
    fn cell_regions_ui(&mut self, ui: &mut Ui, key: &CellKey) {
        let feature = self.view.feature;
        let mut rows = self.cell_rows(key);
        let Some(evaluation) = self.analysis.evaluation(self.source_here()) else { return };
        let table = evaluation.table();
        rows.sort_by(|&a, &b| table.value(b, feature).total_cmp(&table.value(a, feature)));
        section(ui, "Regions, largest first", Some(rows.len()));
        ui.add_space(4.0);
        let mut chosen = None;
        ScrollArea::vertical().auto_shrink(false).show_rows(ui, 28.0, rows.len(), |ui, range| {
            for &row in &rows[range] {
                let part = evaluation.parts()[table.part_of_row(row)];
                let truth = evaluation.truth()[table.part_of_row(row)];
                let image = table.image()[row] as usize;
                let serial = &self.session.project().parts()[part].serial;
                let verdict = delimit::judge::judge_row(table, row, evaluation.board().rules());
                if region_line_ui(
                    ui,
                    &format!("{serial} · #{}", table.region()[row] + 1),
                    table.value(row, feature),
                    feature,
                    verdict,
                    truth,
                ) {
                    chosen = Some((image, table.region()[row] as usize));
                }
            }
        });
        if let Some((image, region)) = chosen {
            self.show_region(image, region);
        }
    }

    /// Opens the image of a region: in Label for labels, in Compare for what the model said.
    fn show_region(&mut self, image: usize, region: usize) {
        self.go_to(image);
        let facts = match self.source_here() {
            Source::Labels => self.analysis.labels[image].as_ref().map(|f| &f.regions),
            Source::Predictions => self.analysis.predictions[image].as_ref().map(|f| &f.regions),
        };
        if let Some(bounds) = facts.and_then(|r| r.get(region)).map(|r| r.bounds) {
            self.canvas.centre_on(bounds);
        }
        match self.source_here() {
            Source::Labels => {
                self.view.selected_regions = vec![region];
                self.push(Command::Show(delimit::session::command::Workspace::Label));
            }
            Source::Predictions => self.push(Command::Show(delimit::session::command::Workspace::Compare)),
        }
    }

    // --- tally ---------------------------------------------------------------------------------------------------------------

    fn tally_ui(&mut self, ui: &mut Ui) {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            for source in [Source::Labels, Source::Predictions] {
                self.source_tally_ui(ui, source);
                ui.separator();
            }
            self.flips_ui(ui);
        });
    }

    fn source_tally_ui(&self, ui: &mut Ui, source: Source) {
        section(ui, source.label(), None);
        let Some(evaluation) = self.analysis.evaluation(source) else {
            let words = match (source, self.long_work.is_some()) {
                (Source::Predictions, true) => "The model is running…",
                (Source::Predictions, false) if self.has_model() => "The model was not run yet (F8).",
                (Source::Predictions, false) => "This part number has no model.",
                (Source::Labels, _) => "No part is measured yet.",
            };
            ui.label(theme::caption(ui, words));
            return;
        };
        let (tally, score) = (evaluation.tally(), evaluation.score());
        // A figure that is still being counted is dimmed.
        let is_stale = evaluation.left_out() > 0;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 28.0;
            verdict_tally(ui, Mark::Ok, tally.ok, "OK", is_stale);
            verdict_tally(ui, Mark::Ng, tally.ng, "NG", is_stale);
            verdict_tally(ui, Mark::Review, tally.review, "review", is_stale);
        });
        ui.label(theme::caption(ui, format!("of {} parts", tally.total())));
        if is_stale {
            ui.label(theme::caption(ui, format!("{} parts are not measured yet", evaluation.left_out())));
        }
        ui.add_space(4.0);
        rate_row(ui, "Escapes", score.escapes(), "NG in truth, accepted");
        rate_row(ui, "Overkill", score.overkill(), "OK in truth, rejected");
        rate_row(ui, "Review", score.review_load(), "left to a person");
    }

    /// Parts whose verdict differs from that of the saved ruleset.
    fn flips_ui(&mut self, ui: &mut Ui) {
        let source = self.source_here();
        let flips = self.analysis.flips(source);
        section(ui, "Flipped since saved", Some(flips.len()));
        if flips.is_empty() {
            ui.label(theme::caption(ui, "Move a limit: parts whose verdict changes are listed here."));
            return;
        }
        let Some(evaluation) = self.analysis.evaluation(source) else { return };
        let mut chosen = None;
        for flip in flips.iter().take(100) {
            let part = evaluation.parts()[flip.part];
            let serial = &self.session.project().parts()[part].serial;
            if flip_row_ui(ui, serial, flip) {
                chosen = self.session.project().parts()[part].images.first().copied();
            }
        }
        if let Some(image) = chosen {
            self.go_to(image);
            self.push(Command::Show(delimit::session::command::Workspace::Compare));
        }
    }
}

/// The rule of a cell in a few words, for the matrix.
fn cell_words(cell: &Cell) -> String {
    if cell.accept {
        return "accepts all".into();
    }
    match cell.limits.as_slice() {
        [] => "no rule".into(),
        [Limit { reject_from: Some(0.0), .. }] => "zero tolerance".into(),
        limits => limits.iter().map(limit_words).collect::<Vec<_>>().join(", "),
    }
}

fn limit_words(limit: &Limit) -> String {
    let number = |v: Option<f64>| {
        v.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}").trim_end_matches('0').trim_end_matches('.').to_owned())
    };
    let name = limit.feature.short();
    format!("{name} {} / {}", number(limit.accept_below), number(limit.reject_from))
}

/// Upper end of the slider: beyond all values and limits, at a round number.
fn range_top(values: &[f64], limit: Option<&Limit>) -> f64 {
    let most = values.iter().copied().fold(0.0, f64::max);
    let limits = limit.map_or(0.0, |l| l.accept_below.unwrap_or(0.0).max(l.reject_from.unwrap_or(0.0)));
    let top = most.max(limits) * 1.15;
    if top > 0.0 { round_up_nicely(top) } else { 1.0 }
}

/// The next of 1, 1.5, 2, 3, 5, 8 times a power of ten.
fn round_up_nicely(value: f64) -> f64 {
    let power = 10_f64.powf(value.log10().floor());
    [1.0, 1.5, 2.0, 3.0, 5.0, 8.0, 10.0].into_iter().map(|m| m * power).find(|&v| v >= value).unwrap_or(value)
}

/// To two figures.
fn round_nicely(value: f64) -> f64 {
    if value <= 0.0 {
        return 0.0;
    }
    let power = 10_f64.powf(value.log10().floor() - 1.0);
    (value / power).round() * power
}

fn region_line_ui(ui: &mut Ui, name: &str, value: f32, feature: Feature, verdict: Verdict, truth: Disposition) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    response.widget_info(|| {
        egui::WidgetInfo::labeled(egui::Role::Button, true, format!("{name}, {value:.2} {}, {}", feature.unit(), verdict.word()))
    });
    let fill = if response.hovered() { theme.raised } else { Color32::TRANSPARENT };
    ui.painter().rect_filled(rect, theme::RADIUS, fill);
    theme::focus_ring(ui, &response);
    let mut row =
        ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(8.0, 0.0))).layout(Layout::left_to_right(Align::Center)));
    row.add_sized([180.0, 16.0], egui::Label::new(name).halign(Align::LEFT).truncate());
    let figure = if value.is_nan() { "not measured".to_owned() } else { format!("{value:.2} {}", feature.unit()) };
    row.add_sized([96.0, 16.0], egui::Label::new(figure).halign(Align::RIGHT));
    row.add_space(16.0);
    verdict_badge(&mut row, mark_of(verdict), None);
    row.with_layout(Layout::right_to_left(Align::Center), |ui| {
        ui.label(theme::caption(ui, format!("part is {} in truth", truth.label())));
    });
    response.clicked()
}

fn flip_row_ui(ui: &mut Ui, serial: &str, flip: &Flip) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
    let words = flip.kind.label();
    response.widget_info(|| {
        egui::WidgetInfo::labeled(
            egui::Role::Button,
            true,
            format!("{serial}: {} to {}, {words}", flip.before.word(), flip.after.word()),
        )
    });
    let fill = if response.hovered() { theme.raised } else { Color32::TRANSPARENT };
    ui.painter().rect_filled(rect, theme::RADIUS, fill);
    theme::focus_ring(ui, &response);
    let mut row =
        ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(4.0, 0.0))).layout(Layout::left_to_right(Align::Center)));
    row.label(serial);
    counted_mark(&mut row, mark_of(flip.before), None);
    row.label(RichText::new("→").color(theme.faint));
    counted_mark(&mut row, mark_of(flip.after), None);
    row.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let colour = match flip.kind {
            FlipKind::NewEscape => theme.ng_text,
            FlipKind::NewOverkill => theme.review_text,
            FlipKind::NewlyRight => theme.ok_text,
            _ => theme.faint,
        };
        ui.label(RichText::new(words).size(theme::CAPTION_SIZE).color(colour));
    });
    response.clicked()
}
