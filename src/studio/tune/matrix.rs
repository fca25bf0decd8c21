//! The matrix: what each class × zone cell holds, by verdict, and by which rule.

use delimit::judge::ruleset::Cell;
use delimit::judge::{CellKey, Limit, Tally};
use egui::{Align, Button, Label, Layout, RichText, ScrollArea, Sense, Ui, vec2};

use crate::studio::app::Studio;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{Mark, counted_mark, section, stacked_bar};

/// Height of a cell of the matrix.
const CELL: f32 = 52.0;
const NAME: f32 = 76.0;

impl Studio {
    pub(super) fn tune_left_ui(&mut self, ui: &mut Ui) {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            self.matrix_ui(ui);
            self.alarms_ui(ui);
            ui.add_space(8.0);
            ui.separator();
            self.ruleset_ui(ui);
            self.releases_ui(ui);
        });
    }

    fn matrix_ui(&mut self, ui: &mut Ui) {
        let pn = self.view.part_number;
        ui.horizontal(|ui| {
            section(ui, "Class × zone", None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for source in [Source::Predictions, Source::Labels] {
                    let is_there = self.analysis.evaluation(source).is_some();
                    let label = ui.add_enabled(is_there, Button::selectable(self.view.source == source, source.label()));
                    if label.on_hover_text("Whose regions the matrix and the charts show").clicked() {
                        self.view.source = source;
                    }
                }
            });
        });
        if let Some(problem) = &self.analysis.ruleset_problem {
            ui.add(Label::new(RichText::new(problem).color(Theme::of(ui).ng_text)).wrap());
        }
        let classes = self.session.project().class_names();
        let zones = self.session.project().part_numbers[pn].zone_names();
        // The cells of zone 0 show only when something lies there.
        let is_used = |zone: u8| {
            zone != 0 || classes.iter().any(|(c, _)| self.cell_tally(*c, 0).is_some_and(|t| t.total() > 0)) || zones.len() == 1
        };
        let columns: Vec<(u8, String)> = zones.iter().filter(|(z, _)| is_used(*z)).cloned().collect();
        let width = ((ui.available_width() - NAME) / columns.len().max(1) as f32 - 4.0).clamp(64.0, 140.0);
        let mut chosen = None;
        ui.add_space(4.0);
        ScrollArea::horizontal().id_salt("columns").show(ui, |ui| {
            ui.vertical(|ui| {
                ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
                ui.horizontal(|ui| {
                    ui.add_sized([NAME, 16.0], Label::new(""));
                    for (_, zone) in &columns {
                        ui.add_sized([width, 16.0], Label::new(theme::caption(ui, zone.as_str())).truncate());
                    }
                });
                for (class, name) in &classes {
                    ui.horizontal(|ui| {
                        ui.allocate_ui_with_layout(vec2(NAME, CELL), Layout::left_to_right(Align::Center), |ui| {
                            ui.set_min_width(NAME);
                            let (chip, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
                            ui.painter().rect_filled(chip, 2, self.class_colour(*class));
                            ui.add(Label::new(name.as_str()).truncate());
                        });
                        for (zone, zone_name) in &columns {
                            if self.matrix_cell_ui(ui, (*class, name), (*zone, zone_name), width) {
                                chosen = Some(CellKey::new(name.as_str(), zone_name.as_str()));
                            }
                        }
                    });
                }
            });
        });
        if chosen.is_some() {
            self.view.cell = chosen;
            self.choose_feature_of_cell();
        }
    }

    fn cell_tally(&self, class: u8, zone: u8) -> Option<Tally> {
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
        // A rule that stands in a more general cell is told from one of this cell.
        let from = rule.filter(|c| c.class != class.1 || c.zone != zone.1).map(|c| format!("{} × {}", c.class, c.zone));
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
            let stroke = egui::Stroke::new(1.0, theme.accent_text);
            ui.painter().rect_stroke(rect.shrink(0.5), theme::RADIUS, stroke, egui::StrokeKind::Inside);
        }
        let mut inside =
            ui.new_child(egui::UiBuilder::new().max_rect(rect.shrink2(vec2(6.0, 3.0))).layout(Layout::top_down(Align::LEFT)));
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
        let caption = theme::caption(&inside, words.as_str());
        inside.add(Label::new(if from.is_some() { caption.italics() } else { caption }).truncate());
        let hover = match from {
            Some(from) => format!("{words}\nfrom {from}; a limit set here makes a rule of this cell's own"),
            None => words,
        };
        response.on_hover_text(hover).clicked()
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
        v.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}").trim_end_matches('0').trim_end_matches('.').to_owned())
    };
    format!("{} {} / {}", limit.feature.short(), number(limit.accept_below), number(limit.reject_from))
}
