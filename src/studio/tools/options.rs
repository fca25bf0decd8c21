//! The panels of the tools: settings of the one in hand, limits on painting, and what can be done with regions.

use delimit::paint::smart::{Histogram, histogram};
use delimit::raster::{Area, PixelRect, Span};
use delimit::session::{Command, SurfaceId, Tool};
use egui::{Align, ComboBox, Layout, RichText, Sense, Stroke, Ui, pos2, vec2};

use super::PaintOver;
use crate::studio::app::Studio;
use crate::studio::state::TIP_SHAPES;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{section, slider_row};
use crate::studio::{icons, keys};

/// Bars of the histogram of brightness.
const BARS: usize = 128;

/// Pixels that the histogram counts at most.
const MOST_SAMPLES: u64 = 200_000;

/// The histogram of what is in view.
pub struct Brightness {
    surface: SurfaceId,
    visible: PixelRect,
    counts: Histogram,
}

/// The tool buttons of the rail, with their icons.
pub const RAIL: [(Tool, egui_material_icons::MaterialIcon); 15] = [
    (Tool::Select, icons::SELECT),
    (Tool::Brush, icons::BRUSH),
    (Tool::Eraser, icons::ERASER),
    (Tool::ThresholdBrush, icons::THRESHOLD_BRUSH),
    (Tool::Polygon, icons::POLYGON),
    (Tool::Rectangle, icons::RECTANGLE),
    (Tool::Ellipse, icons::ELLIPSE),
    (Tool::Fill, icons::FILL),
    (Tool::Knife, icons::KNIFE),
    (Tool::Wand, icons::WAND),
    (Tool::LiveWire, icons::LIVEWIRE),
    (Tool::LevelTrace, icons::LEVEL_TRACE),
    (Tool::ScratchTracer, icons::SCRATCH_TRACER),
    (Tool::Segmenter, icons::SEGMENTER),
    (Tool::ModelRegion, icons::MODEL_REGION),
];

impl Studio {
    /// Settings of the tool in hand.
    pub fn tool_options_ui(&mut self, ui: &mut Ui) {
        let tool = self.view.tool;
        section(ui, tool.label(), None);
        if tool.has_tip() {
            slider_row(ui, "Size", self.view.tool_px_mut(), 1.0..=400.0, " px", true);
            ui.horizontal(|ui| {
                for (shape, name) in TIP_SHAPES {
                    ui.selectable_value(&mut self.view.settings.shape, shape, name);
                }
            });
            ui.checkbox(&mut self.view.settings.keeps_size_on_screen, "Keeps its size on the screen");
        }
        match tool {
            Tool::ThresholdBrush => self.range_ui(ui),
            Tool::Wand => {
                let mut percent = self.view.settings.wand_tolerance * 100.0;
                if slider_row(ui, "Tolerance", &mut percent, 0.0..=100.0, " %", false).changed() {
                    self.view.settings.wand_tolerance = percent / 100.0;
                }
                ui.checkbox(&mut self.view.settings.wand_takes_corners, "Pixels touch at corners too");
            }
            Tool::Knife | Tool::Select => {
                let words = "Splitting cuts between pixels; off, it erases a line one pixel wide";
                ui.checkbox(&mut self.view.settings.keeps_pixels, "Keep all pixels").on_hover_text(words);
            }
            Tool::ScratchTracer => {
                slider_row(ui, "Least width", &mut self.view.settings.scratch_px, 1.0..=12.0, " px", false);
            }
            Tool::ModelRegion => {
                let mut percent = f64::from(self.view.settings.probability) / 2.55;
                if slider_row(ui, "Probability", &mut percent, 1.0..=100.0, " %", false).changed() {
                    self.view.settings.probability = (percent * 2.55).round().clamp(1.0, 255.0) as u8;
                }
            }
            _ => {}
        }
        let mut percent = f64::from(self.view.opacity) * 100.0;
        if slider_row(ui, "Opacity", &mut percent, 0.0..=100.0, " %", false).changed() {
            self.view.opacity = (percent / 100.0) as f32;
        }
    }

    /// The range of brightness of the threshold brush, over the histogram of what is in view.
    fn range_ui(&mut self, ui: &mut Ui) {
        ui.checkbox(&mut self.view.settings.takes_range_from_dab, "Each stroke takes the range of its first dab");
        let Some(place) = self.hand.place.clone() else { return };
        let visible = place.view.visible_pixels();
        let is_known = self.hand.brightness.as_ref().is_some_and(|b| b.surface == place.surface && b.visible == visible);
        if !is_known {
            // Some rows of a large view say as much as all of them.
            let step = (visible.area() / MOST_SAMPLES).max(1) as usize;
            let rows = (visible.y0..visible.y1).step_by(step).map(|y| Span::new(y, visible.x0, visible.x1));
            let counts = histogram(place.pyramid.photo(), &Area::from_spans(rows.collect()), BARS);
            self.hand.brightness = Some(Brightness { surface: place.surface, visible, counts });
        }
        let Some(Brightness { counts, .. }) = &self.hand.brightness else { return };
        let counts = counts.clone();
        if counts.counts.is_empty() || counts.to <= counts.from {
            return;
        }
        let theme = Theme::of(ui);
        let (rect, _) = ui.allocate_exact_size(vec2(ui.available_width(), 56.0), Sense::hover());
        ui.painter().rect_filled(rect, theme::RADIUS, theme.raised);
        let most = counts.counts.iter().map(|&n| (n as f32 + 1.0).ln()).fold(f32::MIN_POSITIVE, f32::max);
        let width = rect.width() / counts.counts.len() as f32;
        let range = self.view.settings.range.clone();
        for (i, &n) in counts.counts.iter().enumerate() {
            let left = rect.min.x + i as f32 * width;
            let value = counts.from + (i as f32 + 0.5) / counts.counts.len() as f32 * (counts.to - counts.from);
            let is_in = range.as_ref().is_some_and(|r| r.contains(&value));
            let height = (n as f32 + 1.0).ln() / most * (rect.height() - 4.0);
            let bar = egui::Rect::from_min_max(pos2(left, rect.max.y - height), pos2(left + width, rect.max.y));
            ui.painter().rect_filled(bar, 0, if is_in { theme.accent_text } else { theme.strong_line });
        }
        let Some(range) = range else {
            ui.label(theme::caption(ui, "The first dab takes the range"));
            return;
        };
        let (mut from, mut to) = (*range.start(), *range.end());
        let (low, high) = (counts.from.min(from), counts.to.max(to));
        let is_changed = slider_row(ui, "From", &mut from, low..=high, "", false).changed()
            | slider_row(ui, "To", &mut to, low..=high, "", false).changed();
        if is_changed {
            self.view.settings.takes_range_from_dab = false;
            self.view.settings.range = Some(from.min(to)..=from.max(to));
        }
        let x_of = |v: f32| rect.min.x + (v - counts.from) / (counts.to - counts.from) * rect.width();
        for v in [from, to] {
            ui.painter().vline(x_of(v).clamp(rect.min.x, rect.max.x), rect.y_range(), Stroke::new(1.5, theme.accent_text));
        }
    }

    /// What limits painting.
    pub fn limits_ui(&mut self, ui: &mut Ui) {
        let is_limited = !self.limit_words().is_empty();
        let title = if is_limited { "Limits on painting, in force" } else { "Limits on painting" };
        egui::CollapsingHeader::new(title).id_salt("limits").default_open(is_limited).show(ui, |ui| {
            let class_name = |s: &Self, id: u8| s.session.project().class_name(id);
            let chosen = match self.view.limits.over {
                PaintOver::Everything => "everything".to_owned(),
                PaintOver::OwnClass => "background and own".to_owned(),
                PaintOver::Only(class) => format!("only {}", class_name(self, class)),
            };
            row(ui, "Paint over", |ui| {
                let combo = ComboBox::from_id_salt("paint over").selected_text(chosen).width(136.0);
                let shown = combo.show_ui(ui, |ui| {
                    ui.selectable_value(&mut self.view.limits.over, PaintOver::Everything, "everything");
                    ui.selectable_value(&mut self.view.limits.over, PaintOver::OwnClass, "background and own");
                    for class in self.session.project().classes.clone() {
                        let name = format!("only {}", class.name);
                        ui.selectable_value(&mut self.view.limits.over, PaintOver::Only(class.id), name);
                    }
                });
                shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Paint over"));
            });
            if !self.view.is_painting_zones && self.command_state().has_zones {
                let zones = self.session.project().part_numbers[self.view.part_number].zones.clone();
                let current = self.view.limits.zone.and_then(|z| zones.iter().find(|zone| zone.id == z));
                row(ui, "In zone", |ui| {
                    let combo =
                        ComboBox::from_id_salt("only zone").selected_text(current.map_or("any", |z| z.name.as_str())).width(136.0);
                    let shown = combo.show_ui(ui, |ui| {
                        ui.selectable_value(&mut self.view.limits.zone, None, "any");
                        for zone in &zones {
                            ui.selectable_value(&mut self.view.limits.zone, Some(zone.id), &zone.name);
                        }
                    });
                    shown.response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::ComboBox, true, "Only in zone"));
                });
            }
            for (command, is_on) in [
                (Command::LimitToSelection, self.view.limits.selection.is_some()),
                (Command::LimitToBrightness, self.view.limits.is_by_brightness),
            ] {
                let mut is_checked = is_on;
                if ui.checkbox(&mut is_checked, command.label()).on_hover_text(keys::text(command)).clicked() {
                    self.push(command);
                }
            }
            if is_limited && ui.button("Lift all limits").clicked() {
                self.lift_limits();
            }
        });
    }

    /// What can be done with the selected regions.
    pub fn region_actions_ui(&mut self, ui: &mut Ui) {
        let state = self.command_state();
        let actions = [
            (icons::GROW, Command::GrowRegions),
            (icons::SHRINK, Command::ShrinkRegions),
            (icons::SMOOTH, Command::SmoothRegions),
            (icons::OPEN, Command::OpenRegions),
            (icons::CLOSE_GAPS, Command::CloseRegions),
            (icons::FILL_HOLES, Command::FillHoles),
            (icons::SPLIT, Command::SplitRegions),
            (icons::MERGE, Command::MergeRegions),
            (icons::LARGEST, Command::KeepLargest),
            (icons::SMALL, Command::RemoveSmall),
            (icons::LOCKED, Command::LockRegions),
            (icons::COPY, Command::CopyToNextImage),
            (icons::FIT, Command::ZoomToSelection),
            (icons::DELETE, Command::DeleteRegions),
        ];
        for row in actions.chunks(7) {
            ui.horizontal(|ui| {
                ui.spacing_mut().item_spacing.x = 4.0;
                for &(icon, command) in row {
                    let is_enabled = command.is_enabled(&state);
                    let button = |ui: &mut Ui| icons::icon_button(ui, icon, &command.label(), &keys::text(command), false);
                    if ui.add_enabled_ui(is_enabled, button).inner.clicked() {
                        self.push(command);
                    }
                }
            });
        }
        self.instance_ui(ui);
        slider_row(ui, "Radius", &mut self.view.settings.operation_px, 1.0..=32.0, " px", false);
        slider_row(ui, "Islands <", &mut self.view.settings.island_px, 1..=400, " px", true);
    }
}

/// A faint label on the left, something on the right.
fn row(ui: &mut Ui, label: &str, add: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(label).color(Theme::of(ui).faint));
        ui.with_layout(Layout::right_to_left(Align::Center), add);
    });
}
