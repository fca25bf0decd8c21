//! Figures by class: defects found, missed and invented, and how well pixels and boundaries agree.

use delimit::workflow::SetComparison;
use delimit::workflow::compare_set::ClassFigures;
use egui::{Align, Color32, Grid, Label, Layout, RichText, Sense, Ui, vec2};

use super::list::Figure;
use crate::studio::app::Studio;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{rate_row, section, value_row};

/// A figure of a table with what lies behind it.
struct Cell {
    text: String,
    colour: Color32,
    opens: Option<Figure>,
}

impl Studio {
    pub(super) fn class_figures_ui(&mut self, ui: &mut Ui, c: &SetComparison) {
        section(ui, "Defects", None);
        let theme = Theme::of(ui);
        let tone = |n: usize, colour: Color32| if n > 0 { colour } else { theme.faint };
        let mut wanted = None;
        let heads = [
            ("found", "Labelled defects that the model marks within 2 px in their class"),
            ("missed", "Labelled defects that it does not, those taken for another class included"),
            ("split", "Labelled defects found in several pieces"),
            ("merged", "Predictions that cover several labelled defects"),
            ("extra", "Predictions that lie on no labelled defect of their class"),
        ];
        table(ui, "defects by class", &heads, |ui| {
            for class in &c.classes {
                self.class_cell(ui, class.class);
                let (found, extra) = (class.recall.count, class.precision.of - class.precision.count);
                let missed = class.recall.of - found;
                let cells = [
                    Cell { text: found.to_string(), colour: theme.text, opens: Some(Figure::Defects(class.class, class.class)) },
                    Cell {
                        text: missed.to_string(),
                        colour: tone(missed, theme.ng_text),
                        opens: Some(Figure::Defects(class.class, 0)),
                    },
                    Cell { text: class.split.to_string(), colour: tone(class.split, theme.text), opens: None },
                    Cell { text: class.merged.to_string(), colour: tone(class.merged, theme.text), opens: None },
                    Cell {
                        text: extra.to_string(),
                        colour: tone(extra, theme.review_text),
                        opens: Some(Figure::Defects(0, class.class)),
                    },
                ];
                for cell in cells {
                    if figure_cell(ui, &cell) {
                        wanted = cell.opens;
                    }
                }
                ui.end_row();
            }
        });
        ui.add_space(4.0);
        rate_row(ui, "Found, all classes", c.recall(), "Labelled defects that the model marks in their class");
        rate_row(ui, "Right, of predicted", c.precision(), "Predictions that lie on a labelled defect of their class");
        if !c.suspects.is_empty() {
            let (recall, precision) = c.without_suspects();
            let words = format!(
                "Without {}: found {} of {}, right {} of {}",
                if c.suspects.len() == 1 {
                    "the suspected label".to_owned()
                } else {
                    format!("the {} suspected labels", c.suspects.len())
                },
                recall.count,
                recall.of,
                precision.count,
                precision.of
            );
            ui.add(Label::new(theme::caption(ui, words)).wrap());
        }
        ui.separator();
        section(ui, "Pixels and boundaries", None);
        let heads = [
            ("IoU", "Pixels in common of all pixels, pooled over images"),
            ("Dice", "Twice the pixels in common of the pixels of both"),
            ("BIoU", "IoU of the bands within 2 px of the boundaries (Cheng et al., 2021)"),
            ("BF", "Boundary F: share of both boundaries within 2 px of the other (Csurka et al., 2013)"),
        ];
        let share = |v: Option<f64>| Cell {
            text: v.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}")),
            colour: if v.is_some() { theme.text } else { theme.faint },
            opens: None,
        };
        table(ui, "pixels by class", &heads, |ui| {
            for class in &c.classes {
                self.class_cell(ui, class.class);
                let ClassFigures { pixels, boundary, .. } = class;
                for v in [pixels.iou(), pixels.dice(), boundary.boundary_iou(), boundary.boundary_f()] {
                    figure_cell(ui, &share(v));
                }
                ui.end_row();
            }
        });
        ui.add_space(4.0);
        let mean = c.confusion.mean(delimit::compare::ClassCounts::iou).map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
        value_row(ui, "Mean IoU of classes", &mean, "");
        let words = format!("{} images with label and prediction; ignored areas are left out", c.compared());
        ui.add(Label::new(theme::caption(ui, words)).wrap());
        if let Some(figure) = wanted {
            self.list_cases(figure);
        }
    }

    pub(super) fn class_cell(&self, ui: &mut Ui, class: u8) {
        ui.horizontal(|ui| {
            let (chip, _) = ui.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
            ui.painter().rect_filled(chip, 2, self.class_colour(class));
            ui.add(Label::new(self.session.project().class_name(class)).truncate());
        });
    }
}

fn table(ui: &mut Ui, id: &str, heads: &[(&str, &str)], rows: impl FnOnce(&mut Ui)) {
    let column = ((ui.available_width() - 88.0) / heads.len() as f32 - 6.0).max(30.0);
    Grid::new(id).num_columns(heads.len() + 1).spacing([4.0, 4.0]).min_col_width(column).show(ui, |ui| {
        ui.allocate_exact_size(vec2(88.0, 1.0), Sense::hover());
        for (head, hint) in heads {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| ui.label(theme::caption(ui, *head)).on_hover_text(*hint));
        }
        ui.end_row();
        rows(ui);
    });
}

/// True when the figure was pressed.
fn figure_cell(ui: &mut Ui, cell: &Cell) -> bool {
    let sense = if cell.opens.is_some() { Sense::click() } else { Sense::hover() };
    ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
        let response = ui.add(Label::new(RichText::new(&cell.text).color(cell.colour)).selectable(false).sense(sense));
        let response = if cell.opens.is_some() { response.on_hover_cursor(egui::CursorIcon::PointingHand) } else { response };
        theme::focus_ring(ui, &response);
        response.clicked()
    })
    .inner
}
