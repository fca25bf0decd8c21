//! The sections "Display" and "Ruler" of the side panel.

use delimit::raster::display::{Channel, GAMMA, Lut};
use delimit::raster::pyramid::{Pyramid, Window};
use delimit::raster::{Display, Histogram, Photo};
use delimit::session::Command;
use egui::accesskit::{Action, ActionData};
use egui::{
    Align, CollapsingHeader, Color32, ComboBox, CursorIcon, DragValue, Id, Layout, Rect, RichText, Sense, Stroke, StrokeKind, Ui,
    WidgetInfo, pos2, vec2,
};

use super::app::Studio;
use super::keys;
use super::theme::{self, RADIUS, Theme};
use super::viewing::{DisplayChoice, LabelStyle};
use super::work::PhotoKey;

/// Height of the histogram in points, and its bars.
const HEIGHT: f32 = 64.0;
const BARS: usize = 128;

impl Studio {
    /// How the photo is shown, and the ruler.
    pub fn display_section_ui(&mut self, ui: &mut Ui) {
        let Some((key, pyramid)) = self.shown_photo() else { return };
        // The ruler is in the hand: its figures come first.
        let has_ruler = self.view.viewing.ruler.is_on || self.view.viewing.ruler.line.is_some();
        if has_ruler {
            ui.horizontal(|ui| {
                ui.label(theme::semibold("Ruler"));
                ui.label(theme::caption(ui, keys::text(Command::Ruler)));
            });
            self.ruler_section_ui(ui);
            ui.separator();
        }
        // Closed at the start: regions and their verdicts are what the panel is for.
        CollapsingHeader::new("Display").id_salt("display section").show_unindented(ui, |ui| {
            self.photo_display_ui(ui, key, &pyramid);
            self.labels_display_ui(ui);
        });
    }

    fn photo_display_ui(&mut self, ui: &mut Ui, key: PhotoKey, pyramid: &Pyramid) {
        let photo = pyramid.photo();
        let display = self.display_of(key, pyramid);
        let before = self.display_choice(photo);
        let mut choice = before;
        let histogram = self.photo_histogram(key, pyramid);
        if let Some(window) = histogram_ui(ui, histogram, photo, &display) {
            choice.window = Some(window);
        }
        let mut window = display.window;
        let (low, high) = histogram.range();
        let speed = f64::from((high - low) / 400.0).max(1e-4);
        let decimals = if matches!(photo, Photo::GrayF32(_)) { 3 } else { 0 };
        let is_edited = ui
            .horizontal(|ui| {
                let figure = |ui: &mut Ui, value: &mut f32, name: &str| {
                    let drag = DragValue::new(value).speed(speed).max_decimals(decimals);
                    let field = ui.add_sized([72.0, 24.0], drag).accessible_name(name);
                    field.on_hover_text(format!("The raw value that is shown as {}", name.to_lowercase())).changed()
                };
                let is_edited = figure(ui, &mut window.black, "Black");
                is_edited | ui.with_layout(Layout::right_to_left(Align::Center), |ui| figure(ui, &mut window.white, "White")).inner
            })
            .inner;
        if is_edited {
            choice.window = Some(window);
        }
        gamma_ui(ui, &mut choice.gamma);
        let is_colour = photo.channels() == 3;
        if is_colour {
            row(ui, "Channel", |ui| {
                ComboBox::from_id_salt("channel")
                    .selected_text(choice.channel.label())
                    .width(112.0)
                    .show_ui(ui, |ui| {
                        for channel in Channel::ALL {
                            ui.selectable_value(&mut choice.channel, channel, channel.label());
                        }
                    })
                    .response
                    .accessible_name("Channel");
            });
        }
        if !is_colour || choice.channel != Channel::Colour {
            row(ui, "Colours", |ui| {
                ComboBox::from_id_salt("lut")
                    .selected_text(choice.lut.label())
                    .width(112.0)
                    .show_ui(ui, |ui| {
                        for lut in Lut::ALL {
                            ui.selectable_value(&mut choice.lut, lut, lut.label());
                        }
                    })
                    .response
                    .accessible_name("Colours");
            });
        }
        ui.horizontal(|ui| {
            ui.checkbox(&mut choice.is_inverted, "Invert");
            let mut is_auto = choice.is_auto && choice.window.is_none();
            let words = "Each image gets the window of its own 0.5th and 99.5th percentiles";
            if ui.checkbox(&mut is_auto, "Auto per image").on_hover_text(words).changed() {
                choice.is_auto = is_auto;
                choice.window = None;
            }
        });
        let mut wanted = None;
        ui.horizontal(|ui| {
            for (words, command, hover) in [
                ("Auto", Command::AutoWindow, "Window of the whole image, or T twice"),
                ("Auto in view", Command::AutoWindowHere, "Window of what is in view"),
            ] {
                if ui.button(words).on_hover_text(format!("{hover}  {}", keys::text(command))).clicked() {
                    wanted = Some(command);
                }
            }
            if ui.add_enabled(before != DisplayChoice::default(), egui::Button::new("Reset")).clicked() {
                choice = DisplayChoice::default();
            }
        });
        if choice != before {
            self.set_display_choice(photo, choice);
        }
        if let Some(command) = wanted {
            self.push(command);
        }
    }

    fn labels_display_ui(&mut self, ui: &mut Ui) {
        row(ui, "Labels", |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            for style in LabelStyle::ALL.into_iter().rev() {
                let is_here = self.view.viewing.style == style;
                let hover = keys::text(Command::CycleOutlines);
                if ui.selectable_label(is_here, style.label()).on_hover_text(hover).clicked() {
                    self.view.viewing.style = style;
                }
            }
        });
        row(ui, "Aids", |ui| {
            ui.spacing_mut().item_spacing.x = 2.0;
            let (has_loupe, has_ruler) = (self.view.viewing.has_loupe, self.view.viewing.ruler.is_on);
            let has_fit = self.checking.live.is_on;
            for (words, command, is_on) in [
                ("Edge fit", Command::EdgeFit, has_fit),
                ("Ruler", Command::Ruler, has_ruler),
                ("Loupe", Command::Loupe, has_loupe),
            ] {
                if ui.selectable_label(is_on, words).on_hover_text(keys::text(command)).clicked() {
                    self.push(command);
                }
            }
        });
        let words = "Images of another size are shown at the same relative place instead of fitted";
        ui.checkbox(&mut self.canvas.keeps_place, "Keep place across sizes").on_hover_text(words);
    }
}

fn row(ui: &mut Ui, label: &str, value: impl FnOnce(&mut Ui)) {
    ui.horizontal(|ui| {
        ui.label(RichText::new(label).color(Theme::of(ui).faint));
        ui.with_layout(Layout::right_to_left(Align::Center), value);
    });
}

fn gamma_ui(ui: &mut Ui, gamma: &mut f32) {
    row(ui, "Gamma", |ui| {
        let figure = DragValue::new(gamma).range(GAMMA).speed(0.01).fixed_decimals(2);
        ui.add_sized([48.0, 24.0], figure).accessible_name("Gamma, figure");
        let theme = Theme::of(ui);
        ui.spacing_mut().slider_width = (ui.available_width() - 8.0).max(48.0);
        ui.spacing_mut().slider_rail_height = 3.0;
        ui.visuals_mut().selection.bg_fill = theme.accent;
        ui.add(egui::Slider::new(gamma, GAMMA).show_value(false).logarithmic(true))
            .accessible_name("Gamma")
            .on_hover_text("Above 1 the middle tones get lighter; double-click for 1")
            .double_clicked()
            .then(|| *gamma = 1.0);
    });
}

/// The log histogram with a line for black and one for white; the new window while one is moved.
fn histogram_ui(ui: &mut Ui, histogram: &Histogram, photo: &Photo, display: &Display) -> Option<Window> {
    let theme = Theme::of(ui);
    let (rect, ground) = ui.allocate_exact_size(vec2(ui.available_width(), HEIGHT), Sense::hover());
    let (low, high) = axis(histogram, photo, display.window);
    ground.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, format!("Histogram, {low:.0} to {high:.0}")));
    let painter = ui.painter_at(rect);
    painter.rect(rect, RADIUS, theme.background, theme.hairline(), StrokeKind::Inside);
    let room = rect.shrink2(vec2(5.0, 3.0));
    let counts = histogram.counts(low, high, BARS);
    let most = counts.iter().copied().max().unwrap_or(0).max(1);
    let log = |count: u32| (f64::from(count) + 1.0).ln() as f32;
    let bar = room.width() / BARS as f32;
    for (i, &count) in counts.iter().enumerate().filter(|(_, c)| **c > 0) {
        let x = room.min.x + i as f32 * bar;
        let top = room.max.y - log(count) / log(most) * room.height();
        painter.rect_filled(Rect::from_min_max(pos2(x, top), pos2(x + bar, room.max.y)), 0, theme.strong_line);
    }
    let place = |v: f32| room.min.x + (v - low) / (high - low) * room.width();
    // The curve that is applied, faintly.
    let points = (0..=48_u8)
        .map(|i| {
            let x = room.min.x + f32::from(i) / 48.0 * room.width();
            pos2(x, room.max.y - display.level(low + (x - room.min.x) / room.width() * (high - low)) * room.height())
        })
        .collect();
    painter.add(egui::Shape::line(points, Stroke::new(1.0, theme.faint)));
    let mut moved = None;
    for (name, is_black) in [("Black line", true), ("White line", false)] {
        let value = if is_black { display.window.black } else { display.window.white };
        let x = place(value).clamp(room.min.x, room.max.x);
        let grip = Rect::from_center_size(pos2(x, rect.center().y), vec2(12.0, rect.height()));
        let next = line_ui(ui, grip, name, value, (low, high), |x| low + (x - room.min.x) / room.width() * (high - low));
        painter.vline(x, rect.y_range(), Stroke::new(3.5, theme.background));
        painter.vline(x, rect.y_range(), Stroke::new(1.5, theme.accent_text));
        let knob = Rect::from_center_size(pos2(x, if is_black { rect.max.y - 6.0 } else { rect.min.y + 6.0 }), vec2(8.0, 8.0));
        painter.rect(
            knob,
            2,
            if is_black { Color32::BLACK } else { Color32::WHITE },
            Stroke::new(1.5, theme.accent_text),
            StrokeKind::Inside,
        );
        if let Some(next) = next {
            let least = (high - low) * 1e-3;
            let Window { black, white } = display.window;
            moved = Some(if is_black {
                Window { black: next.min(white - least), white }
            } else {
                Window { black, white: next.max(black + least) }
            });
        }
    }
    moved
}

/// One line of the histogram: the new value while it is dragged, stepped by keys or set by assistive technology.
fn line_ui(ui: &Ui, grip: Rect, name: &str, value: f32, (low, high): (f32, f32), at: impl Fn(f32) -> f32) -> Option<f32> {
    let id: Id = ui.scope_id().with(name);
    let response = ui.interact(grip, id, Sense::drag()).on_hover_cursor(CursorIcon::ResizeHorizontal);
    response.widget_info(|| WidgetInfo::slider(true, f64::from(value), name));
    ui.ctx().accesskit_node_builder(id, |node| {
        node.add_action(Action::SetValue);
        node.set_min_numeric_value(f64::from(low));
        node.set_max_numeric_value(f64::from(high));
    });
    let set = ui.input(|i| {
        i.accesskit_action_requests(id, Action::SetValue)
            .filter_map(|request| match request.data {
                Some(ActionData::NumericValue(v)) => Some(v as f32),
                _ => None,
            })
            .last()
    });
    let dragged = response.interact_pointer_pos().filter(|_| response.dragged()).map(|pos| at(pos.x));
    response.on_hover_text(format!("{name}: {value:.1}"));
    set.or(dragged).map(|v| v.clamp(low, high))
}

/// The values from left to right: all of 8 bits; what there is of deeper photos, and always the window.
fn axis(histogram: &Histogram, photo: &Photo, window: Window) -> (f32, f32) {
    let (low, high) = match photo {
        Photo::Gray8(_) | Photo::Rgb8(_) => (0.0, 255.0),
        _ => histogram.range(),
    };
    let (low, high) = (low.min(window.black).min(window.white), high.max(window.black).max(window.white));
    if high > low { (low, high) } else { (low - 0.5, low + 0.5) }
}
