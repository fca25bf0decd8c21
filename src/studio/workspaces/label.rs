//! Label: paint masks per class, and zones on the nominal image.

use delimit::judge::Reason;
use delimit::measure::{Feature, Region};
use delimit::project::PartNumber;
use delimit::raster::IGNORE;
use delimit::session::Command;
use delimit::session::command::CommandState;
use egui::scroll_area::ScrollBarVisibility;
use egui::{Align, Align2, CentralPanel, Color32, Frame, Layout, Margin, Panel, RichText, ScrollArea, Sense, Ui, vec2};
use egui_material_icons::MaterialIcon;

use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::canvas::draw;
use crate::studio::filmstrip::mark_of;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::tools::{PaintOver, RAIL as TOOLS};
use crate::studio::widgets::{Mark, counted_mark, row_content, row_ground, section};
use crate::studio::{icons, keys};

/// Width of the tool rail and of the side panel, in points.
const RAIL: f32 = 76.0;
const SIDE: f32 = 272.0;

impl Studio {
    pub fn label_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let rail = Frame::new().fill(theme.panel).inner_margin(Margin::symmetric(8, 8));
        Panel::left("tools").exact_size(RAIL).resizable(false).frame(rail).show(ui, |ui| self.tool_rail_ui(ui));
        Panel::right("label side")
            .exact_size(SIDE)
            .resizable(false)
            .frame(theme.panel_frame())
            .show(ui, |ui| self.label_side_ui(ui));
        CentralPanel::no_frame().show(ui, |ui| {
            self.stage_ui(ui, label_marks);
            self.limited_badge_ui(ui);
            self.hints_ui(ui);
        });
    }

    fn tool_rail_ui(&mut self, ui: &mut Ui) {
        let state = self.command_state();
        let tools: Vec<Entry> =
            TOOLS.iter().map(|&(tool, icon)| (icon, Command::Use(tool), tool == self.view.tool, keys::tool_hint(tool))).collect();
        let protects = self.view.limits.over == PaintOver::OwnClass;
        let hidden = if self.view.are_labels_hidden { icons::HIDDEN } else { icons::SHOWN };
        let groups: [Vec<Entry>; 4] = [
            tools,
            vec![
                (icons::LOCKED, Command::ProtectOtherClasses, protects, String::new()),
                (icons::LAYERS, Command::PaintZones, self.view.is_painting_zones, String::new()),
            ],
            vec![(icons::UNDO, Command::Undo, false, String::new()), (icons::REDO, Command::Redo, false, String::new())],
            vec![
                (icons::ZOOM_IN, Command::ZoomIn, false, String::new()),
                (icons::ZOOM_OUT, Command::ZoomOut, false, String::new()),
                (icons::FIT, Command::FitView, false, String::new()),
                (hidden, Command::HideLabels, self.view.are_labels_hidden, String::new()),
            ],
        ];
        ScrollArea::vertical().auto_shrink(false).scroll_bar_visibility(ScrollBarVisibility::AlwaysHidden).show(ui, |ui| {
            for group in groups {
                for pair in group.chunks(2) {
                    ui.horizontal(|ui| {
                        ui.spacing_mut().item_spacing.x = 4.0;
                        for (icon, command, is_on, gestures) in pair {
                            self.rail_button_ui(ui, (*icon, *command, *is_on, gestures), &state);
                        }
                    });
                }
                ui.add_space(8.0);
            }
        });
    }

    fn rail_button_ui(
        &mut self,
        ui: &mut Ui,
        (icon, command, is_on, gestures): (MaterialIcon, Command, bool, &str),
        state: &CommandState,
    ) {
        let button = |ui: &mut Ui| icons::icon_button(ui, icon, &command.label(), &keys::text(command), is_on);
        let mut response = ui.add_enabled_ui(command.is_enabled(state), button).inner;
        if !gestures.is_empty() {
            response = response.on_hover_text(gestures);
        }
        if response.clicked() {
            self.push(command);
        }
    }

    fn label_side_ui(&mut self, ui: &mut Ui) {
        // A bar that is needed takes room of its own: floating over the right ends it would take figures and grips from the pointer.
        ui.spacing_mut().scroll.floating_allocated_width = 10.0;
        ScrollArea::vertical().auto_shrink(false).show(ui, |ui| {
            if self.view.is_painting_zones {
                self.zones_ui(ui);
            } else {
                self.classes_ui(ui);
            }
            ui.separator();
            self.tool_options_ui(ui);
            self.limits_ui(ui);
            self.display_section_ui(ui);
            if !self.view.is_painting_zones && !self.session.project().images().is_empty() {
                ui.separator();
                self.image_state_ui(ui);
                ui.separator();
                self.regions_ui(ui);
                ui.separator();
                self.notes_section_ui(ui);
            }
        });
    }

    fn classes_ui(&mut self, ui: &mut Ui) {
        section(ui, "Classes", None);
        let classes = self.session.project().classes.clone();
        for (i, class) in classes.iter().enumerate() {
            let colour = Color32::from_rgb(class.colour[0], class.colour[1], class.colour[2]);
            let is_hidden = self.view.hidden_classes.contains(&class.id) || !self.view.viewing.shows(class.id);
            let is_locked = self.view.limits.locked_classes.contains(&class.id);
            let remark = if is_locked { "locked" } else { "" };
            let row = pick_row(ui, Some(i + 1), colour, &class.name, remark, self.view.class == class.id, Some(is_hidden));
            if row.is_picked {
                self.view.class = class.id;
                self.take_painting_tool();
            }
            if row.is_eye_clicked && ui.input(|i| i.modifiers.alt) {
                self.show_only(class.id);
            } else if row.is_eye_clicked && !self.view.hidden_classes.remove(&class.id) {
                self.view.hidden_classes.insert(class.id);
            }
        }
        if classes.is_empty() {
            ui.label(theme::caption(ui, "The project has no class yet; add one to project.ron"));
        }
        let gray = Theme::of(ui).strong_line;
        if pick_row(ui, Some(0), gray, "ignore", "not judged here", self.view.class == IGNORE, None).is_picked {
            self.view.class = IGNORE;
            self.take_painting_tool();
        }
    }

    fn zones_ui(&mut self, ui: &mut Ui) {
        section(ui, "Zones", None);
        let zones = self.session.project().part_numbers[self.view.part_number].zones.clone();
        for (i, zone) in zones.iter().enumerate() {
            let colour = Color32::from_rgb(zone.colour[0], zone.colour[1], zone.colour[2]);
            let row = pick_row(ui, Some(i + 1), colour, &zone.name, zone.kind.label(), self.view.zone == zone.id, None);
            if row.is_picked {
                self.view.zone = zone.id;
                self.take_painting_tool();
            }
        }
        ui.add_space(4.0);
        ui.label(theme::caption(ui, "Painted once per part number; every image is judged by them."));
        if ui.button("Back to labels").clicked() {
            self.push(Command::PaintZones);
        }
    }

    fn regions_ui(&mut self, ui: &mut Ui) {
        let image = self.view.image;
        let Some(facts) = &self.analysis.labels[image] else {
            section(ui, "Regions", None);
            ui.label(theme::caption(ui, "Measuring…"));
            return;
        };
        section(ui, "Regions", Some(facts.regions.len()));
        if facts.regions.is_empty() {
            ui.label(theme::caption(ui, "None yet: pick a class and paint a defect."));
        }
        let regions: Vec<(usize, Region)> = facts.regions.iter().cloned().enumerate().collect();
        let mut chosen = None;
        for (i, region) in &regions {
            let is_here = self.view.selected_regions.contains(i);
            if self.region_row_ui(ui, *i, region, is_here) {
                chosen = Some((*i, region.bounds));
            }
        }
        if let Some((i, bounds)) = chosen {
            if ui.input(|input| input.modifiers.shift || input.modifiers.command) {
                self.toggle_selected(i);
            } else {
                self.view.selected_regions = vec![i];
                self.canvas.centre_on(bounds);
            }
        }
        ui.add_space(4.0);
        self.region_actions_ui(ui);
    }

    /// One region of the list; true when it was clicked.
    fn region_row_ui(&self, ui: &mut Ui, index: usize, region: &Region, is_here: bool) -> bool {
        let theme = Theme::of(ui);
        let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 26.0), Sense::click());
        let name = self.session.project().class_name(region.class);
        let verdict = self.verdict_of_region(self.view.image, index);
        let figures = region_figures(region);
        let number = region.number.map_or_else(String::new, |n| format!(", number {n}"));
        response.widget_info(|| {
            egui::WidgetInfo::labeled(egui::Role::Button, true, format!("Region {}{number}, {name}, {figures}", index + 1))
        });
        row_ground(ui, rect, &response, is_here);
        let mut row = row_content(ui, rect);
        let (chip, _) = row.allocate_exact_size(vec2(10.0, 10.0), Sense::hover());
        row.painter().rect_filled(chip, 2, self.class_colour(region.class));
        row.label(region.number.map_or_else(|| RichText::new(format!("#{}", index + 1)), |n| theme::semibold(format!("#{n}"))));
        row.label(RichText::new(name).color(theme.faint));
        row.with_layout(Layout::right_to_left(Align::Center), |ui| {
            counted_mark(ui, verdict.map_or(Mark::Pending, mark_of), None);
            ui.label(short_figures(region));
        });
        let part_number = self.session.project().part_numbers.get(self.view.part_number);
        response.on_hover_text(region_hover(region, part_number)).clicked()
    }

    /// The verdict on one region of a label, by its worst row.
    fn verdict_of_region(&self, image: usize, index: usize) -> Option<delimit::judge::Verdict> {
        let evaluation = self.analysis.evaluation(Source::Labels)?;
        let region = self.analysis.labels[image].as_ref()?.regions.get(index)?;
        Some(delimit::judge::judge_region(region, evaluation.board().rules()))
    }

    /// A loud badge while painting is limited.
    fn limited_badge_ui(&self, ui: &Ui) {
        let words = self.limit_words();
        if words.is_empty() {
            return;
        }
        let theme = Theme::of(ui);
        let at = ui.max_rect().center_top() + vec2(0.0, 12.0);
        let mut text = words.join(" · ");
        if let Some(first) = text.get(..1) {
            text = format!("{}{}", first.to_uppercase(), &text[1..]);
        }
        draw::draw_tag(ui.painter(), at, Align2::CENTER_TOP, &format!("Painting is limited: {text}"), theme.review);
    }
}

/// "1.84 mm² · 4.13 mm" of a calibrated region, pixels otherwise.
pub fn region_figures(region: &Region) -> String {
    let (area, length) = (region.feature(Feature::Area), region.feature(Feature::Length));
    if area.is_nan() { format!("{} px", region.pixels) } else { format!("{area:.2} mm² · {length:.2} mm") }
}

/// The length of a calibrated region, pixels otherwise: what fits into the list.
fn short_figures(region: &Region) -> String {
    let length = region.feature(Feature::Length);
    if length.is_nan() { format!("{} px", region.pixels) } else { format!("{length:.2} mm") }
}

/// All measured features of a region and the zones it lies in, one a line.
fn region_hover(region: &Region, zones: Option<&PartNumber>) -> String {
    let measured = Feature::ALL.into_iter().filter(|f| !region.feature(*f).is_nan());
    let mut lines: Vec<String> = measured.map(|f| format!("{}: {:.3} {}", f.label(), region.feature(f), f.unit())).collect();
    if let Some(part_number) = zones.filter(|p| !p.zones.is_empty()) {
        lines.extend(region.zones.iter().map(|share| {
            let percent = 100.0 * share.pixels as f64 / region.pixels as f64;
            format!("{percent:.0} % in {}", part_number.zone_name(share.zone))
        }));
    }
    lines.join("\n")
}

/// What is drawn over the image while labelling.
fn label_marks(studio: &Studio, frame: &CanvasFrame) {
    if studio.view.is_painting_zones {
        return;
    }
    if let Some(facts) = &studio.analysis.labels[studio.view.image] {
        for &index in &studio.view.selected_regions {
            if let Some(region) = facts.regions.get(index) {
                let tag = format!("#{}", region.number.map_or(index + 1, |n| n as usize));
                draw::draw_rect_marker(&frame.painter, &frame.view, region.bounds, studio.class_colour(region.class), Some(&tag));
            }
        }
    }
    studio.draw_live_check(frame);
    studio.draw_cuts(frame);
    studio.draw_locks(frame);
    if !frame.is_panning {
        studio.draw_live_chip(frame);
    }
}

/// A button of the rail: icon, what it does, whether it is on, the gestures it knows.
type Entry = (MaterialIcon, Command, bool, String);

struct PickRow {
    is_picked: bool,
    is_eye_clicked: bool,
}

/// A row with a digit, a colour and a name, to pick what the brush paints.
fn pick_row(
    ui: &mut Ui,
    digit: Option<usize>,
    colour: Color32,
    name: &str,
    remark: &str,
    is_here: bool,
    hidden: Option<bool>,
) -> PickRow {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 28.0), Sense::click());
    response.widget_info(|| egui::WidgetInfo::selected(egui::Role::Button, true, is_here, name));
    row_ground(ui, rect, &response, is_here);
    let mut row = row_content(ui, rect);
    let digit = digit.filter(|d| *d <= 9).map_or_else(String::new, |d| d.to_string());
    row.add_sized([12.0, 16.0], egui::Label::new(RichText::new(digit).size(theme::CAPTION_SIZE).color(theme.faint)));
    let (chip, _) = row.allocate_exact_size(vec2(14.0, 14.0), Sense::hover());
    row.painter().rect_filled(chip, 3, colour);
    row.label(if is_here { theme::semibold(name) } else { RichText::new(name) });
    row.label(RichText::new(remark).size(theme::CAPTION_SIZE).color(theme.faint));
    let is_eye_clicked = hidden.is_some_and(|is_hidden| {
        row.with_layout(Layout::right_to_left(Align::Center), |ui| {
            let (icon, what) = if is_hidden { (icons::HIDDEN, "Show") } else { (icons::SHOWN, "Hide") };
            icons::icon_button_sized(ui, icon, &format!("{what} {name}"), "", false, vec2(24.0, 24.0)).clicked()
        })
        .inner
    });
    PickRow { is_picked: response.clicked() && !is_eye_clicked, is_eye_clicked }
}

/// The reasons of a part as lines, the verdict's own first.
pub fn reasons_ui(ui: &mut Ui, reasons: &[Reason], most: usize) {
    for reason in reasons.iter().take(most) {
        ui.add(egui::Label::new(RichText::new(reason.sentence())).wrap());
    }
    if reasons.len() > most {
        ui.label(theme::caption(ui, format!("and {} more", reasons.len() - most)));
    }
}
