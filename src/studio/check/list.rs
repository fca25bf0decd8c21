//! The left panel of Check: filter, order, progress and the findings themselves.

use delimit::check::Severity;
use delimit::session::Command;
use delimit::workflow::flip_test::Consequence;
use egui::{
    Align, Color32, ComboBox, FontId, Layout, Pos2, Rect, ScrollArea, Sense, TextEdit, Ui, WidgetInfo, pos2, text::LayoutJob, vec2,
};

use super::findings::{FindingAt, FindingOrder, Progress, consequence_words};
use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::keys;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::verdict_badge::paint_mark;
use crate::studio::widgets::{EmptyState, Mark, row_ground, section};

const ROW: f32 = 44.0;

/// What is listed at least.
const SEVERITIES: [(Severity, &str, &str); 3] = [
    (Severity::Error, "Errors", "Only what fails"),
    (Severity::Warning, "Warnings", "Errors and warnings"),
    (Severity::Info, "Notes", "Everything, also what cannot be measured"),
];

impl Studio {
    pub(super) fn findings_ui(&mut self, ui: &mut Ui) {
        if self.checking.repair.has_batch() {
            self.batch_ui(ui);
            return;
        }
        let is_checking = self.long_work.is_some();
        let count = self.checking.findings.len();
        ui.horizontal(|ui| {
            section(ui, "Findings", Some(count));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = icons::labelled_button(icons::REFRESH, "Check all");
                if ui.add_enabled(!is_checking, button).on_hover_text(keys::text(Command::RunCheck)).clicked() {
                    self.push(Command::RunCheck);
                }
            });
        });
        self.filter_ui(ui);
        let progress = self.checking.findings.progress(self.session.project(), self.view.part_number);
        if progress.total() > 0 {
            progress_ui(ui, progress);
        }
        self.undo_batch_ui(ui);
        ui.add_space(4.0);
        if count == 0 {
            self.no_findings_ui(ui, is_checking, progress);
            return;
        }
        let chosen = self.rows_ui(ui, count);
        self.checking.run.scrolls_to_finding = false;
        if let Some(row) = chosen
            && let Some(place) = self.checking.findings.get(row).map(FindingAt::place)
        {
            self.checking.run.row = row;
            self.go_to_finding(place);
        }
    }

    fn filter_ui(&mut self, ui: &mut Ui) {
        let findings = &mut self.checking.findings;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (least, name, hint) in SEVERITIES {
                if ui.selectable_label(findings.filter.least == least, name).on_hover_text(hint).clicked() {
                    findings.filter.least = least;
                }
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let combo = ComboBox::from_id_salt("order of findings").selected_text(findings.order.label()).width(104.0);
                let combo = combo.show_ui(ui, |ui| {
                    for order in FindingOrder::ALL {
                        ui.selectable_value(&mut findings.order, order, order.label());
                    }
                });
                combo.response.accessible_name("Order of findings");
            });
        });
        ui.horizontal(|ui| {
            let width = ui.available_width() - 84.0;
            let field =
                TextEdit::singleline(&mut findings.filter.words).hint_text("class, image, cause, person").desired_width(width);
            ui.add(field).accessible_name("Filter of findings");
            ui.toggle_value(&mut findings.filter.shows_accepted, "Accepted")
                .on_hover_text("List findings that were accepted as they are, too");
        });
    }

    fn no_findings_ui(&mut self, ui: &mut Ui, is_checking: bool, progress: Progress) {
        let was_checked = self.analysis.checks.iter().any(Option::is_some);
        let (title, hint, action) = match (is_checking, was_checked) {
            (true, _) => ("Checking…", "Findings come in as images are checked", None),
            (false, true) if progress.open > 0 => ("Nothing listed", "The filter leaves no finding", None),
            (false, true) if progress.settled() > 0 => ("All settled", "Every finding was set right or accepted", None),
            (false, true) => ("No finding", "Every boundary that can be measured follows its edge", None),
            (false, false) => ("Not checked yet", "The check compares each contour with the image", Some("Check all labels")),
        };
        if (EmptyState { icon: icons::FINDINGS, title, hint, action }).show(ui) {
            self.push(Command::RunCheck);
        }
    }

    /// The rows in view; the one that was pressed.
    fn rows_ui(&self, ui: &mut Ui, count: usize) -> Option<usize> {
        let mut chosen = None;
        let here = self.view.selected_finding.and_then(|place| self.checking.findings.row_of(place));
        let mut area = ScrollArea::vertical().auto_shrink(false);
        if let (Some(row), true) = (here, self.checking.run.scrolls_to_finding) {
            area = area.vertical_scroll_offset((row as f32 - 3.0).max(0.0) * (ROW + ui.spacing().item_spacing.y));
        }
        area.show_rows(ui, ROW, count, |ui, rows| {
            for row in rows {
                let Some(at) = self.checking.findings.get(row) else { continue };
                let image = &self.session.project().images()[at.image].id;
                let title = match at.finding.region {
                    Some(region) => format!("{image} · {} #{}", self.session.project().class_name(at.finding.class), region + 1),
                    None => image.clone(),
                };
                let colour = at.finding.region.map(|_| self.class_colour(at.finding.class));
                if finding_row_ui(ui, &title, at, colour, here == Some(row)) {
                    chosen = Some(row);
                }
            }
        });
        chosen
    }
}

/// How much of the work is done, as a bar and in words.
fn progress_ui(ui: &mut Ui, progress: Progress) {
    let theme = Theme::of(ui);
    let words = match (progress.accepted, progress.mended) {
        (0, 0) => format!("{} open", progress.open),
        (0, m) => format!("{} open · {m} set right", progress.open),
        (a, 0) => format!("{} open · {a} accepted", progress.open),
        (a, m) => format!("{} open · {m} set right · {a} accepted", progress.open),
    };
    ui.label(theme::caption(ui, words));
    let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 4.0), Sense::hover());
    ui.painter().rect_filled(rect, 2, theme.raised);
    let share = progress.settled() as f32 / progress.total() as f32;
    ui.painter().rect_filled(Rect::from_min_size(rect.min, vec2(rect.width() * share, rect.height())), 2, theme.accent);
}

const fn mark_of(at: &FindingAt) -> Mark {
    match (at.acceptance.is_some(), at.finding.severity) {
        (true, _) => Mark::Ok,
        (false, Severity::Error) => Mark::Ng,
        (false, Severity::Warning) => Mark::Review,
        (false, Severity::Info) => Mark::Pending,
    }
}

/// A row; true when it was pressed.
fn finding_row_ui(ui: &mut Ui, title: &str, at: &FindingAt, colour: Option<Color32>, is_here: bool) -> bool {
    let theme = Theme::of(ui);
    let message = at.acceptance.as_ref().map_or_else(|| at.finding.message.clone(), |a| format!("accepted: {}", a.reason));
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 4.0), Sense::click());
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_here, format!("{title}: {message}")));
    row_ground(ui, rect, &response, is_here);
    let mark = mark_of(at);
    let painter = ui.painter_at(rect);
    let (upper, lower) = (rect.min.y + 12.0, rect.max.y - 12.0);
    paint_mark(&painter, pos2(rect.min.x + 12.0, upper), 12.0, mark, mark.text_colour(theme));
    let mut x = rect.min.x + 24.0;
    if let Some(colour) = colour {
        painter.rect_filled(Rect::from_center_size(pos2(x + 5.0, upper), vec2(10.0, 10.0)), 2, colour);
        x += 16.0;
    }
    let mut right = rect.max.x - 8.0;
    if at.consequence > Consequence::None && at.acceptance.is_none() {
        right = stake_tag(&painter, pos2(right, upper), at.consequence, theme) - 6.0;
    }
    let is_settled = at.acceptance.is_some();
    let line = |text: &str, size: f32, ink: Color32, from: Pos2, to: f32| {
        let mut job = LayoutJob::simple_singleline(text.to_owned(), FontId::proportional(size), ink);
        job.wrap = egui::text::TextWrapping::truncate_at_width(to - from.x);
        let galley = painter.layout_job(job);
        painter.galley(pos2(from.x, from.y - galley.size().y / 2.0), galley, ink);
    };
    line(title, theme::BODY_SIZE, if is_settled { theme.faint } else { theme.text }, pos2(x, upper), right);
    line(&message, theme::CAPTION_SIZE, theme.faint, pos2(rect.min.x + 24.0, lower), rect.max.x - 8.0);
    let hover = match consequence_words(at.consequence) {
        "" => message,
        words => format!("{message}\nSetting it right {words}"),
    };
    response.on_hover_text(hover).clicked()
}

/// Says at the right end of a row that a verdict hangs on the finding; returns where it begins.
fn stake_tag(painter: &egui::Painter, right: Pos2, consequence: Consequence, theme: &Theme) -> f32 {
    let (words, ink) = match consequence {
        Consequence::Part => ("flips part", theme.ng_text),
        _ => ("flips region", theme.review_text),
    };
    let galley = painter.layout_no_wrap(words.to_owned(), FontId::proportional(theme::CAPTION_SIZE), ink);
    let at = pos2(right.x - galley.size().x, right.y - galley.size().y / 2.0);
    painter.galley(at, galley, ink);
    at.x
}
