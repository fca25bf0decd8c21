//! What the check says about all labels: how many pass, how they are displaced per class and per person, and the tolerances.

use std::time::Instant;

use delimit::check::{Displacements, REACH_PX, RegionCheck, Soundness};
use delimit::workflow::label_groups::annotator_of;
use egui::{Align, Color32, DragValue, FontId, Label, Layout, Rect, RichText, Sense, Slider, Stroke, Ui, WidgetInfo, pos2, vec2};

use super::marks::displacement_colour;
use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::verdict_badge::paint_mark;
use crate::studio::widgets::{Mark, row_ground, section, value_row};

/// Range of the tolerance sliders, px.
const TOLERANCES: std::ops::RangeInclusive<f64> = 0.5..=6.0;

/// By what displacements are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    Class,
    Person,
}

/// A row of small histograms.
#[derive(Debug)]
struct Group {
    name: String,
    colour: Option<Color32>,
    displacements: Displacements,
}

/// Displacements by group, made anew only when checks came in.
#[derive(Debug, Default)]
pub struct GroupChoice {
    by: By,
    made_for: Option<(By, usize)>,
    made_at: Option<Instant>,
    all: Displacements,
    groups: Vec<Group>,
}

impl GroupChoice {
    pub const fn outdate(&mut self) {
        self.made_for = None;
    }
}

/// The tolerance that is being dragged: of a class, or of all that have none of their own.
#[derive(Debug, Default)]
pub struct ToleranceChoice {
    held: Option<(Option<u8>, f64)>,
    shows_classes: bool,
}

impl ToleranceChoice {
    /// What the slider of a class (None = all) stands at while it is held.
    pub fn held(&self, class: Option<u8>) -> Option<f64> {
        self.held.filter(|(of, _)| *of == class).map(|(_, px)| px)
    }
}

impl Studio {
    pub(super) fn summary_panel_ui(&mut self, ui: &mut Ui) {
        self.soundness_ui(ui);
        self.tolerances_ui(ui);
        ui.separator();
        self.displacement_ui(ui);
    }

    fn checks_here(&self) -> impl Iterator<Item = (usize, &RegionCheck)> {
        let (project, pn) = (self.session.project(), self.view.part_number);
        let of_pn = move |image: &usize| project.part_number_of_image(*image) == Some(pn);
        let known = self.analysis.checks.iter().enumerate().filter_map(|(i, c)| Some((i, c.as_ref()?)));
        known.filter(move |(i, _)| of_pn(i)).flat_map(|(i, checks)| checks.iter().map(move |c| (i, c)))
    }

    /// How many labels pass.
    fn soundness_ui(&self, ui: &mut Ui) {
        section(ui, "Boundaries", None);
        let theme = Theme::of(ui);
        let counts = delimit::workflow::SoundnessCounts::of(self.checks_here().map(|(_, c)| c));
        for (soundness, mark, count) in [
            (Soundness::Fail, Mark::Ng, counts.fail),
            (Soundness::Warn, Mark::Review, counts.warn),
            (Soundness::Pass, Mark::Ok, counts.pass),
            (Soundness::Unmeasurable, Mark::Pending, counts.unmeasurable),
        ] {
            ui.horizontal(|ui| {
                let (place, _) = ui.allocate_exact_size(vec2(12.0, 16.0), Sense::hover());
                paint_mark(ui.painter(), place.center(), 12.0, mark, mark.text_colour(theme));
                value_row(ui, soundness.label(), &count.to_string(), "");
            });
        }
        let images = self.analysis.checks.iter().flatten().count();
        ui.label(theme::caption(ui, format!("of {} labelled regions in {images} images", counts.total())));
    }

    /// The tolerance of all classes, and on request of each.
    fn tolerances_ui(&mut self, ui: &mut Ui) {
        ui.add_space(4.0);
        let common = self.session.project().tolerance_px;
        self.tolerance_ui(ui, None, "Tolerance", common, None);
        let words = if self.checking.tolerance.shows_classes { "Fewer" } else { "By class" };
        ui.horizontal(|ui| {
            if ui.small_button(words).clicked() {
                self.checking.tolerance.shows_classes = !self.checking.tolerance.shows_classes;
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let size = vec2(22.0, 22.0);
                ui.add_enabled_ui(self.session.can_redo_pages(), |ui| {
                    if icons::icon_button_sized(ui, icons::REDO, "Redo the change of tolerances and pages", "", false, size)
                        .clicked()
                    {
                        self.try_session(|s| s.redo_pages().map(drop));
                    }
                });
                ui.add_enabled_ui(self.session.can_undo_pages(), |ui| {
                    if icons::icon_button_sized(ui, icons::UNDO, "Undo the change of tolerances and pages", "", false, size)
                        .clicked()
                    {
                        self.try_session(|s| s.undo_pages().map(drop));
                    }
                });
            });
        });
        if !self.checking.tolerance.shows_classes {
            return;
        }
        let classes: Vec<(u8, String, Option<f64>)> =
            self.session.project().classes.iter().map(|c| (c.id, c.name.clone(), c.tolerance_px)).collect();
        for (id, name, own) in classes {
            self.tolerance_ui(ui, Some(id), &name, own.unwrap_or(common), own);
        }
    }

    fn tolerance_ui(&mut self, ui: &mut Ui, class: Option<u8>, name: &str, set: f64, own: Option<f64>) {
        let can_write = !self.session.is_read_only();
        let mut px = self.checking.tolerance.held(class).unwrap_or(set);
        let theme = Theme::of(ui);
        let (mut is_held, mut is_done, mut is_reset) = (false, false, false);
        ui.horizontal(|ui| {
            if let Some(id) = class {
                let (place, _) = ui.allocate_exact_size(vec2(10.0, 16.0), Sense::hover());
                ui.painter().rect_filled(Rect::from_center_size(place.center(), vec2(10.0, 10.0)), 2, self.class_colour(id));
            }
            let ink = if class.is_some() && own.is_none() { theme.faint } else { theme.text };
            ui.add_sized(vec2(72.0, 18.0), Label::new(RichText::new(name).color(ink)).truncate());
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().slider_width = 88.0;
                if own.is_some() && ui.small_button("×").on_hover_text("As for all classes").clicked() {
                    is_reset = true;
                }
                let figure = DragValue::new(&mut px).range(TOLERANCES).speed(0.02).fixed_decimals(1).suffix(" px");
                let figure = ui.add_enabled(can_write, figure).accessible_name(format!("{name}, figure"));
                let slider = Slider::new(&mut px, TOLERANCES).show_value(false).step_by(0.1);
                let slider = ui.add_enabled(can_write, slider).accessible_name(name) | figure;
                is_held = slider.changed();
                is_done = slider.drag_stopped() || (slider.changed() && !slider.dragged());
            });
        });
        if is_held {
            self.checking.tolerance.held = Some((class, px));
        }
        if is_reset && let Some(id) = class {
            self.try_session(|s| s.change_class(id, |c| c.tolerance_px = None));
            self.touch(ui.ctx());
        }
        if is_done {
            self.checking.tolerance.held = None;
            self.try_session(|s| match class {
                None => s.set_tolerance(px),
                Some(id) => s.change_class(id, |c| c.tolerance_px = Some(px)),
            });
            self.touch(ui.ctx());
        }
    }

    /// Displacements of all measured contour points, and of each class or person.
    fn displacement_ui(&mut self, ui: &mut Ui) {
        ui.horizontal(|ui| {
            section(ui, "Displacement", None);
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for (by, words) in [(By::Person, "By person"), (By::Class, "By class")] {
                    ui.selectable_value(&mut self.checking.groups.by, by, words);
                }
            });
        });
        self.make_groups();
        let tolerance = self.check_settings().tolerance_px;
        let choice = &self.checking.groups;
        if choice.all.bins.is_empty() {
            ui.label(theme::caption(ui, "No boundary was measured yet."));
            return;
        }
        histogram_ui(ui, &choice.all, tolerance, 96.0, true);
        ui.add(Label::new(theme::caption(ui, "px from the image's edge to the label, + = label too large")).wrap());
        ui.add_space(4.0);
        let mut wanted = None;
        for group in &choice.groups {
            if group_row_ui(ui, group, tolerance) {
                wanted = Some(group.name.clone());
            }
        }
        if let Some(name) = wanted {
            let words = &mut self.checking.findings.filter.words;
            *words = if *words == name { String::new() } else { name };
        }
    }

    fn make_groups(&mut self) {
        let key = (self.checking.groups.by, self.view.part_number);
        let is_too_soon = self.checking.groups.made_at.is_some_and(|at| at.elapsed() < super::WHILE_CHECKING);
        if self.checking.groups.made_for == Some(key) || (self.long_work.is_some() && is_too_soon) {
            return;
        }
        let all = Displacements::of(self.checks_here().map(|(_, c)| c));
        let groups = match key.0 {
            By::Class => {
                let of = |id: u8| Displacements::of(self.checks_here().filter(|(_, c)| c.class == id).map(|(_, c)| c));
                let classes = self.session.project().classes.iter();
                let all =
                    classes.map(|c| Group { name: c.name.clone(), colour: Some(self.class_colour(c.id)), displacements: of(c.id) });
                all.filter(|g| g.displacements.measured + g.displacements.unmeasurable > 0).collect()
            }
            By::Person => {
                let person = |image: usize| annotator_of(self.session.sidecar(image));
                let mut names: Vec<&str> = self.checks_here().map(|(image, _)| person(image)).collect();
                names.sort_unstable();
                names.dedup();
                let of = |name: &str| Displacements::of(self.checks_here().filter(|(i, _)| person(*i) == name).map(|(_, c)| c));
                names.iter().map(|name| Group { name: (*name).to_owned(), colour: None, displacements: of(name) }).collect()
            }
        };
        let choice = &mut self.checking.groups;
        (choice.all, choice.groups, choice.made_for, choice.made_at) = (all, groups, Some(key), Some(Instant::now()));
    }
}

/// Bars between −4 and +4 px with the tolerance as two lines.
fn histogram_ui(ui: &mut Ui, d: &Displacements, tolerance: f64, height: f32, has_axis: bool) {
    let theme = Theme::of(ui);
    let axis = if has_axis { 14.0 } else { 0.0 };
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), height), Sense::hover());
    let plot = Rect::from_min_max(rect.min, pos2(rect.max.x, rect.max.y - axis));
    let x = |px: f64| plot.center().x + (px / (REACH_PX + delimit::check::BIN_PX)) as f32 * plot.width() / 2.0;
    let painter = ui.painter_at(rect);
    let half = (delimit::check::BIN_PX / 2.0 * 0.86) as f32 * plot.width() / 2.0 / (REACH_PX + delimit::check::BIN_PX) as f32;
    let peak = d.peak().max(1e-9);
    for &(px, share) in &d.bins {
        let top = plot.max.y - (share / peak) as f32 * (plot.height() - 2.0);
        let bar = Rect::from_min_max(pos2(x(px) - half, top), pos2(x(px) + half, plot.max.y));
        painter.rect_filled(bar, 0, displacement_colour(px, tolerance, theme));
    }
    painter.hline(plot.x_range(), plot.max.y, Stroke::new(1.0, theme.line));
    for px in [-tolerance, 0.0, tolerance] {
        let ink = if px == 0.0 { theme.line } else { theme.faint };
        painter.vline(x(px), plot.y_range(), Stroke::new(1.0, ink));
    }
    if has_axis {
        for px in [-4.0, -2.0, 0.0, 2.0, 4.0] {
            let text = if px > 0.0 { format!("+{px:.0}") } else { format!("{px:.0}").replace('-', "−") };
            painter.text(
                pos2(x(px), rect.max.y),
                egui::Align2::CENTER_BOTTOM,
                text,
                FontId::proportional(theme::CAPTION_SIZE),
                theme.faint,
            );
        }
    }
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, format!("Displacements, median {:+.2} px", d.median_px)));
}

/// Name, small histogram, median and number of a group; true when it was pressed.
fn group_row_ui(ui: &mut Ui, group: &Group, tolerance: f64) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    let d = &group.displacements;
    let median = if d.median_px.is_nan() { "–".to_owned() } else { format!("{:+.1} px", d.median_px).replace('-', "−") };
    let words = format!("{}: median {median}, n = {}", group.name, d.measured);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &words));
    row_ground(ui, rect, &response, false);
    let painter = ui.painter_at(rect);
    let mut x = rect.min.x + 6.0;
    if let Some(colour) = group.colour {
        painter.rect_filled(Rect::from_center_size(pos2(x + 5.0, rect.center().y), vec2(10.0, 10.0)), 2, colour);
        x += 16.0;
    }
    let text = |words: &str, at: f32, size: f32, ink: Color32| {
        let galley = painter.layout_no_wrap(words.to_owned(), FontId::proportional(size), ink);
        (galley.size().x, pos2(at, rect.center().y - galley.size().y / 2.0), galley)
    };
    let (_, at, galley) = text(&group.name, x, theme::BODY_SIZE, theme.text);
    painter.with_clip_rect(Rect::from_min_max(rect.min, pos2(rect.min.x + 96.0, rect.max.y))).galley(at, galley, theme.text);
    let count = format!("n {}", d.measured);
    let (width, at, galley) = text(&count, 0.0, theme::CAPTION_SIZE, theme.faint);
    painter.galley(pos2(rect.max.x - 6.0 - width, at.y), galley, theme.faint);
    let is_off = d.median_px.abs() >= 0.5;
    let (width, at, galley) = text(&median, 0.0, theme::BODY_SIZE, if is_off { theme.review_text } else { theme.text });
    painter.galley(pos2(rect.max.x - 48.0 - width, at.y), galley, theme.text);
    let strip = Rect::from_min_max(pos2(rect.min.x + 100.0, rect.min.y + 3.0), pos2(rect.max.x - 104.0, rect.max.y - 3.0));
    let mut inner = ui.new_child(egui::UiBuilder::new().max_rect(strip));
    histogram_ui(&mut inner, d, tolerance, strip.height(), false);
    response.on_hover_text(format!("{words}\n{} cannot be measured\nPress to list only these", d.unmeasurable)).clicked()
}
