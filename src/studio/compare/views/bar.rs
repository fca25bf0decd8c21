//! The switch over the canvas: the views as one row of segments, and beside it what can be set in the one that is open.

use delimit::compare::MAX_TOLERANCE_PX;
use delimit::session::Command;
use delimit::session::command::CompareView;
use egui::{
    Align, Align2, ComboBox, FontId, Frame, Layout, Margin, Panel, Rect, Response, RichText, Sense, Slider, StrokeKind, Ui,
    UiBuilder, WidgetInfo, vec2,
};

use super::BLINK_PERIOD_S;
use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::keys;
use crate::studio::theme::{self, BODY_SIZE, RADIUS, Theme};
use crate::studio::widgets::kbd;

/// Height of the bar, and of what stands on it, in points.
const HEIGHT: f32 = 36.0;
const CONTROL: f32 = 24.0;

/// From this width on the switch and its settings share one row, in points.
const ONE_ROW: f32 = 840.0;

/// Below this width segments have less room around their words, in points.
const TIGHT: f32 = 500.0;

impl Studio {
    /// The switch, once there is something to look at.
    pub fn view_bar_ui(&mut self, ui: &mut Ui) {
        if !self.analysis.has_predictions() {
            return;
        }
        let theme = Theme::of(ui);
        let frame = Frame::new().fill(theme.panel).inner_margin(Margin::symmetric(8, 0));
        // In a narrow window the settings have a row of their own.
        let is_narrow = ui.available_width() < ONE_ROW;
        let height = if is_narrow { 2.0 * HEIGHT - 8.0 } else { HEIGHT };
        Panel::top("compare views").exact_size(height).frame(frame).show(ui, |ui| {
            ui.spacing_mut().item_spacing = vec2(8.0, 0.0);
            if is_narrow {
                ui.add_space(2.0);
                ui.horizontal(|ui| self.view_switch_ui(ui));
                ui.add_space(2.0);
                ui.horizontal(|ui| self.view_settings_ui(ui));
            } else {
                ui.horizontal_centered(|ui| {
                    self.view_switch_ui(ui);
                    self.view_settings_ui(ui);
                });
            }
        });
    }

    fn view_settings_ui(&mut self, ui: &mut Ui) {
        if self.view.compare.view.has_two_sides() {
            self.sides_ui(ui);
        }
        match self.view.compare.view {
            CompareView::Difference => self.boundary_tolerance_ui(ui),
            CompareView::Blink => self.blink_ui(ui),
            CompareView::Heat => self.heat_class_ui(ui),
            _ => {}
        }
    }

    fn view_switch_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let state = self.command_state();
        let views: Vec<CompareView> = CompareView::ALL.into_iter().filter(|view| Command::Look(*view).is_enabled(&state)).collect();
        // In the smallest window the words stand closer.
        let pad = if ui.available_width() < TIGHT { 4.0 } else { 8.0 };
        // One ground for all segments: they are one choice.
        let ground = ui.painter().add(egui::Shape::Noop);
        let row = ui.scope_builder(UiBuilder::new(), |ui| {
            ui.spacing_mut().item_spacing.x = 0.0;
            for view in views {
                if segment(ui, view, self.view.compare.view == view, pad).clicked() {
                    self.push(Command::Look(view));
                }
            }
        });
        let rect = Rect::from_center_size(row.response.rect.center(), vec2(row.response.rect.width(), CONTROL));
        ui.painter().set(ground, egui::epaint::RectShape::new(rect, RADIUS, theme.raised, theme.hairline(), StrokeKind::Outside));
    }

    fn sides_ui(&mut self, ui: &mut Ui) {
        self.side_ui(ui, 0, "First side");
        if icons::icon_button_sized(ui, icons::SWAP, "Swap the two sides", &keys::text(Command::SwapSides), false, vec2(22.0, 22.0))
            .clicked()
        {
            self.push(Command::SwapSides);
        }
        self.side_ui(ui, 1, "Second side");
    }

    fn side_ui(&mut self, ui: &mut Ui, place: usize, name: &str) {
        let theme = Theme::of(ui);
        let shown = self.view.compare.sides[place];
        let mut chosen = shown;
        let (chip, _) = ui.allocate_exact_size(vec2(3.0, 14.0), Sense::hover());
        ui.painter().rect_filled(chip, 1, shown.colour(theme));
        ui.spacing_mut().item_spacing.x = 4.0;
        let combo = ComboBox::from_id_salt(name).selected_text(shown.label()).width(72.0).show_ui(ui, |ui| {
            for side in self.sides() {
                ui.selectable_value(&mut chosen, side, side.label());
            }
        });
        combo.response.accessible_name(name);
        ui.spacing_mut().item_spacing.x = 8.0;
        if chosen != shown {
            self.choose_side(place, chosen);
        }
    }

    fn boundary_tolerance_ui(&mut self, ui: &mut Ui) {
        let hover = format!(
            "Disagreement this near to the other side's boundary is drawn fainter  {} {}",
            keys::text(Command::LessOfView),
            keys::text(Command::MoreOfView)
        );
        let tolerance_px = self.view.compare.tolerance_px;
        let slider = Slider::new(&mut self.view.compare.tolerance_px, 0..=MAX_TOLERANCE_PX).show_value(false);
        slider_ui(ui, "Tolerance", &format!("{tolerance_px} px"), |ui| {
            ui.add(slider).accessible_name("Boundary tolerance").on_hover_text(hover)
        });
        let tolerance = self.view.compare.tolerance_px;
        let words = match self.difference_counts() {
            None => String::new(),
            Some(counts) if tolerance == 0 => format!("{} px differ", counts.beyond()),
            Some(counts) => format!("{} px differ, {} within", counts.beyond(), counts.within()),
        };
        let hover = self.difference_counts().map(|c| {
            let row = |name: &str, beyond: u64, within: u64| format!("{name}: {beyond} px beyond, {within} px within");
            [
                row("Missed", c.missed, c.missed_within),
                row("Extra", c.extra, c.extra_within),
                row("Other class", c.confused, c.confused_within),
                format!("Agreed: {} px", c.agreed),
            ]
            .join("\n")
        });
        let label = ui.add(egui::Label::new(theme::caption(ui, words)).truncate());
        if let Some(hover) = hover {
            label.on_hover_text(hover);
        }
    }

    fn blink_ui(&mut self, ui: &mut Ui) {
        let is_still = self.is_blink_still(ui.ctx());
        let seconds = self.view.compare.blink_s;
        ui.add_enabled_ui(!is_still, |ui| {
            let slider = Slider::new(&mut self.view.compare.blink_s, BLINK_PERIOD_S).step_by(0.1).show_value(false);
            slider_ui(ui, "Each for", &format!("{seconds:.1} s"), |ui| ui.add(slider).accessible_name("Blink period"));
        });
        let mut is_still = is_still;
        let words = keys::with_key("Nothing changes by itself; the other side comes with its key", Command::OtherSide);
        if ui.checkbox(&mut is_still, "Only by key").on_hover_text(words).changed() {
            self.view.compare.is_still = is_still;
        }
    }

    fn heat_class_ui(&mut self, ui: &mut Ui) {
        let project = self.session.project();
        let shown = self.view.compare.heat_class;
        let name = |class: Option<u8>| class.map_or_else(|| "any defect".to_owned(), |c| project.class_name(c));
        let mut chosen = shown;
        ui.label(RichText::new("Probability of").color(Theme::of(ui).faint));
        let combo = ComboBox::from_id_salt("heat class").selected_text(name(shown)).width(120.0).show_ui(ui, |ui| {
            ui.selectable_value(&mut chosen, None, name(None));
            for class in &project.classes {
                ui.selectable_value(&mut chosen, Some(class.id), &class.name);
            }
        });
        combo
            .response
            .accessible_name("Class of the heat map")
            .on_hover_text("Of one class: its probability where it is the likeliest");
        self.view.compare.heat_class = chosen;
    }
}

/// A slider between its name and its figure.
fn slider_ui(ui: &mut Ui, name: &str, figure: &str, slider: impl FnOnce(&mut Ui) -> Response) {
    let theme = Theme::of(ui);
    ui.label(RichText::new(name).color(theme.faint));
    ui.scope(|ui| {
        ui.spacing_mut().slider_width = 72.0;
        ui.spacing_mut().interact_size.y = 16.0;
        ui.spacing_mut().slider_rail_height = 3.0;
        ui.visuals_mut().selection.bg_fill = theme.accent;
        slider(ui);
    });
    let (rect, _) = ui.allocate_exact_size(vec2(32.0, CONTROL), Sense::hover());
    ui.painter().text(rect.left_center(), Align2::LEFT_CENTER, figure, FontId::proportional(BODY_SIZE), theme.text);
}

/// One segment of the switch; its accessible name is that of the command.
fn segment(ui: &mut Ui, view: CompareView, is_here: bool, pad: f32) -> Response {
    let theme = Theme::of(ui);
    let font = if is_here { theme::semibold_family() } else { egui::FontFamily::Proportional };
    let colour = if is_here { theme.on_accent } else { theme.text };
    // As wide as the heavier letters, so that nothing moves when the choice does.
    let wide = ui.painter().layout_no_wrap(view.label().to_owned(), FontId::new(BODY_SIZE, theme::semibold_family()), colour);
    let galley = ui.painter().layout_no_wrap(view.label().to_owned(), FontId::new(BODY_SIZE, font), colour);
    let (rect, response) = ui.allocate_exact_size(vec2(wide.size().x + 2.0 * pad, CONTROL), Sense::click());
    let name = Command::Look(view).label();
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_here, &name));
    if is_here {
        ui.painter().rect_filled(rect, RADIUS, theme.accent);
    } else if response.hovered() {
        ui.painter().rect_filled(rect, RADIUS, theme.hovered);
    }
    ui.painter().galley(rect.center() - galley.size() / 2.0, galley, colour);
    theme::focus_ring(ui, &response);
    response.on_hover_ui(|ui| {
        ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
            ui.label(name);
            let key = keys::text(Command::Look(view));
            if !key.is_empty() {
                kbd(ui, &key);
            }
        });
    })
}
