//! Check: labels whose contour leaves the edge in the image, worst first.

use delimit::check::{BoundaryResult, Cause, RegionCheck, Severity, Soundness};
use delimit::session::Command;
use egui::{Align, CentralPanel, Color32, DragValue, Layout, Panel, RichText, ScrollArea, Sense, Slider, Ui, vec2};
use egui_plot::{Bar, BarChart, Plot, VLine};

use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::canvas::draw::{self, ContourStyle};
use crate::studio::icons;
use crate::studio::state::FindingPlace;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::verdict_badge::paint_mark;
use crate::studio::widgets::{EmptyState, Mark, row_ground, section, value_row};
use crate::studio::work::PhotoKey;

const LIST: f32 = 304.0;
const SIDE: f32 = 272.0;
const ROW: f32 = 44.0;

impl Studio {
    pub fn check_ui(&mut self, ui: &mut Ui) {
        let frame = Theme::of(ui).panel_frame();
        Panel::left("findings").exact_size(LIST).resizable(false).frame(frame).show(ui, |ui| self.findings_ui(ui));
        Panel::right("check side").exact_size(SIDE).resizable(false).frame(frame).show(ui, |ui| self.check_side_ui(ui));
        CentralPanel::no_frame().show(ui, |ui| self.stage_ui(ui, boundary_marks));
    }

    fn findings_ui(&mut self, ui: &mut Ui) {
        let is_checking = self.long_work.is_some();
        let count = self.findings_in_order().len();
        ui.horizontal(|ui| {
            section(ui, "Findings", Some(count));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let button = icons::labelled_button(icons::REFRESH, "Check all");
                if ui.add_enabled(!is_checking, button).clicked() {
                    self.push(Command::RunCheck);
                }
            });
        });
        ui.checkbox(&mut self.view.shows_only_failed, "Only those that fail");
        ui.add_space(4.0);
        let was_checked = self.analysis.checks.iter().any(Option::is_some);
        if count == 0 {
            let (title, hint, action) = match (is_checking, was_checked) {
                (true, _) => ("Checking…", "Findings come in as images are checked", None),
                (false, true) => ("No finding", "Every boundary that can be measured follows its edge", None),
                (false, false) => ("Not checked yet", "The check compares each contour with the image", Some("Check all labels")),
            };
            if (EmptyState { icon: icons::FINDINGS, title, hint, action }).show(ui) {
                self.push(Command::RunCheck);
            }
            return;
        }
        let mut chosen = None;
        ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, count, |ui, rows| {
            let list = self.findings_in_order();
            for at in &list[rows] {
                let is_here = self.view.selected_finding == Some(at.place());
                let image = &self.session.project().images()[at.image].id;
                let title = match at.finding.region {
                    Some(region) => format!("{image} · {} #{}", self.session.project().class_name(at.finding.class), region + 1),
                    None => image.clone(),
                };
                let colour = self.class_colour(at.finding.class);
                if finding_row_ui(ui, &title, &at.finding.message, at.finding.severity, colour, is_here) {
                    chosen = Some(at.place());
                }
            }
        });
        if let Some(place) = chosen {
            self.go_to_finding(place);
        }
    }

    fn check_side_ui(&mut self, ui: &mut Ui) {
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            self.soundness_ui(ui);
            ui.separator();
            self.displacement_ui(ui);
            ui.separator();
            self.selected_check_ui(ui);
        });
    }

    /// How many labels pass, and the tolerance that decides.
    fn soundness_ui(&mut self, ui: &mut Ui) {
        section(ui, "Boundaries", None);
        let theme = Theme::of(ui);
        let count =
            |wanted: Soundness| self.analysis.checks.iter().flatten().flatten().filter(|c| c.result.verdict == wanted).count();
        let total: usize = self.analysis.checks.iter().flatten().map(Vec::len).sum();
        for (soundness, mark) in [
            (Soundness::Fail, Mark::Ng),
            (Soundness::Warn, Mark::Review),
            (Soundness::Pass, Mark::Ok),
            (Soundness::Unmeasurable, Mark::Pending),
        ] {
            ui.horizontal(|ui| {
                let (place, _) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
                paint_mark(ui.painter(), place.center(), 12.0, mark, mark.text_colour(theme));
                value_row(ui, soundness.label(), &count(soundness).to_string(), "");
            });
        }
        ui.label(theme::caption(
            ui,
            format!("of {total} labelled regions in {} images", self.analysis.checks.iter().flatten().count()),
        ));
        ui.add_space(4.0);
        ui.horizontal(|ui| {
            ui.label(RichText::new("Tolerance").color(theme.faint));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().slider_width = 96.0;
                let figure =
                    DragValue::new(&mut self.view.tolerance_px).range(0.5..=6.0).speed(0.02).fixed_decimals(1).suffix(" px");
                let figure = ui.add(figure).accessible_name("Tolerance, figure");
                let slider = Slider::new(&mut self.view.tolerance_px, 0.5..=6.0).show_value(false).step_by(0.1);
                let slider = ui.add(slider).accessible_name("Tolerance") | figure;
                // Checking again is work: it waits until the slider is let go.
                if (slider.drag_stopped() || (slider.changed() && !slider.dragged())) && self.long_work.is_none() {
                    self.start_check();
                }
            });
        });
    }

    /// Displacements of all measured contour points.
    fn displacement_ui(&self, ui: &mut Ui) {
        section(ui, "Displacement", None);
        let theme = Theme::of(ui);
        let bars = histogram(self.analysis.checks.iter().flatten().flatten().map(|c| &c.result));
        if bars.is_empty() {
            ui.label(theme::caption(ui, "No boundary was measured yet."));
            return;
        }
        let tolerance = self.view.tolerance_px;
        let chart = BarChart::new(
            "contour length",
            bars.into_iter().map(|(x, n)| Bar::new(x, n).width(0.24).fill(displacement_colour(x, tolerance, theme))).collect(),
        );
        Plot::new("displacement")
            .height(120.0)
            .show_axes([true, false])
            .show_grid([false, false])
            .allow_drag(false)
            .allow_zoom(false)
            .allow_scroll(false)
            .allow_boxed_zoom(false)
            .show_x(false)
            .show_y(false)
            .include_x(-4.0)
            .include_x(4.0)
            .include_y(0.0)
            .set_margin_fraction(vec2(0.02, 0.06))
            .show(ui, |plot| {
                plot.bar_chart(chart);
                plot.vline(VLine::new("− tolerance", -tolerance).color(theme.faint).width(1.0));
                plot.vline(VLine::new("tolerance", tolerance).color(theme.faint).width(1.0));
            });
        ui.label(theme::caption(ui, "px from the image's edge to the label, + = label too large"));
    }

    /// Figures of the region that is looked at.
    fn selected_check_ui(&self, ui: &mut Ui) {
        let Some(FindingPlace { image, region: Some(region), .. }) = self.view.selected_finding else {
            ui.label(theme::caption(ui, "Choose a finding to see its figures; N goes to the next."));
            return;
        };
        let Some(check) = self.analysis.checks[image].as_ref().and_then(|c| c.iter().find(|c| c.region == region)) else { return };
        let result = &check.result;
        section(ui, &format!("{} #{}", self.session.project().class_name(check.class), region + 1), None);
        let signed = |v: f64| if v.is_nan() { "–".to_owned() } else { format!("{v:+.2}") };
        let plain = |v: f64| if v.is_nan() { "–".to_owned() } else { format!("{v:.2}") };
        value_row(ui, "Verdict", result.verdict.label(), "");
        value_row(ui, "Cause", cause_word(result.cause), "");
        value_row(ui, "Bias", &signed(result.bias_px), "px");
        value_row(ui, "Shift", &format!("{}, {}", signed(result.shift_px.0), signed(result.shift_px.1)), "px");
        value_row(ui, "Spread", &plain(result.spread_px), "px");
        value_row(ui, "90 % within", &plain(result.p90_px), "px");
        value_row(ui, "Tolerance", &plain(result.tolerance_px), "px");
        value_row(ui, "Edge seen on", &format!("{:.0}", result.coverage * 100.0), "%");
        value_row(ui, "Edge blur σ", &plain(result.edge_sigma_px), "px");
        for reason in &result.reasons {
            ui.add(egui::Label::new(theme::caption(ui, reason.to_string())).wrap());
        }
    }
}

const fn cause_word(cause: Cause) -> &'static str {
    match cause {
        Cause::None => "none",
        Cause::Inflated => "too large",
        Cause::Deflated => "too small",
        Cause::Shifted => "shifted",
        Cause::Sloppy => "sloppy",
        Cause::Local => "off in one stretch",
    }
}

/// Weighted counts of displacements by quarter pixel.
fn histogram<'a>(results: impl Iterator<Item = &'a BoundaryResult>) -> Vec<(f64, f64)> {
    let mut counts = std::collections::BTreeMap::<i64, f64>::new();
    for result in results.filter(|r| r.verdict != Soundness::Unmeasurable) {
        for p in result.points.iter().filter(|p| !p.is_blocked && p.displacement_px.is_finite()) {
            *counts.entry((p.displacement_px.clamp(-4.0, 4.0) * 4.0).round() as i64).or_default() += p.confidence;
        }
    }
    counts.into_iter().map(|(bin, n)| (bin as f64 / 4.0, n)).collect()
}

/// Pale where the label is right, blue where it is too small, pink where it is too large; full at the tolerance.
fn displacement_colour(displacement_px: f64, tolerance_px: f64, theme: &Theme) -> Color32 {
    let t = (displacement_px / tolerance_px.max(0.1)).clamp(-1.0, 1.0) as f32;
    let (end, share) = if t >= 0.0 { (theme.missed, t) } else { (theme.extra, -t) };
    let start = Color32::from_rgb(0xD7, 0xE3, 0xF4);
    let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
    Color32::from_rgb(mix(start.r(), end.r()), mix(start.g(), end.g()), mix(start.b(), end.b()))
}

fn finding_row_ui(ui: &mut Ui, title: &str, message: &str, severity: Severity, colour: Color32, is_here: bool) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 4.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, is_here, format!("{title}: {message}")));
    row_ground(ui, rect, &response, is_here);
    let mark = if severity == Severity::Error { Mark::Ng } else { Mark::Review };
    let painter = ui.painter_at(rect);
    let (upper, lower) = (rect.min.y + 12.0, rect.max.y - 12.0);
    paint_mark(&painter, egui::pos2(rect.min.x + 12.0, upper), 12.0, mark, mark.text_colour(theme));
    painter.rect_filled(egui::Rect::from_center_size(egui::pos2(rect.min.x + 29.0, upper), vec2(10.0, 10.0)), 2, colour);
    let line = |text: &str, size: f32, ink: Color32, x: f32, y: f32| {
        let mut job = egui::text::LayoutJob::simple_singleline(text.to_owned(), egui::FontId::proportional(size), ink);
        job.wrap = egui::text::TextWrapping::truncate_at_width(rect.max.x - x - 8.0);
        let galley = painter.layout_job(job);
        painter.galley(egui::pos2(x, y - galley.size().y / 2.0), galley, ink);
    };
    line(title, theme::BODY_SIZE, theme.text, rect.min.x + 40.0, upper);
    line(message, theme::CAPTION_SIZE, theme.faint, rect.min.x + 24.0, lower);
    response.on_hover_text(message).clicked()
}

/// Contours coloured by displacement, with little normals to the edge at high zoom.
fn boundary_marks(studio: &Studio, frame: &CanvasFrame) {
    let Some(PhotoKey::Image(image)) = studio.photo_key() else { return };
    let Some(checks) = &studio.analysis.checks[image] else { return };
    let theme = Theme::of_context(frame.painter.ctx());
    for check in checks {
        let is_here = studio.view.selected_finding.is_some_and(|s| s.image == image && s.region == Some(check.region));
        contour_marks(frame, check, studio.view.tolerance_px, is_here, theme);
        if is_here {
            let colour = studio.class_colour(check.class);
            draw::draw_rect_marker(&frame.painter, &frame.view, check.bounds, colour, None);
        }
    }
}

fn contour_marks(frame: &CanvasFrame, check: &RegionCheck, tolerance: f64, is_here: bool, theme: &Theme) {
    let result = &check.result;
    let is_measured = result.verdict != Soundness::Unmeasurable;
    for range in &result.contours {
        let points = &result.points[range.clone()];
        let positions: Vec<_> = points.iter().map(|p| p.position).collect();
        let colours: Vec<Color32> = points
            .iter()
            .map(|p| {
                if is_measured && !p.is_blocked && p.displacement_px.is_finite() {
                    displacement_colour(p.displacement_px, tolerance, theme)
                } else {
                    Color32::from_gray(0x90)
                }
            })
            .collect();
        let style = ContourStyle { width: if is_here { 2.0 } else { 1.5 }, ..ContourStyle::default() };
        draw::draw_contour(&frame.painter, &frame.view, &positions, &colours, style);
        if is_measured && frame.view.zoom() >= 6.0 {
            for (p, colour) in points.iter().zip(&colours).filter(|(p, _)| !p.is_blocked && p.confidence > 0.3) {
                let ends = [frame.view.screen_from_image(p.position), frame.view.screen_from_image(p.edge())];
                frame.painter.line_segment(ends, egui::Stroke::new(1.0, *colour));
            }
        }
    }
}
