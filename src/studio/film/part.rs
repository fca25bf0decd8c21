//! The section of the side panel about the part on the canvas: how far its label is and who said so, what it is in truth, its other
//! views, its duplicates, its verdict.

use delimit::judge::Disposition;
use delimit::project::{LabelState, Moment};
use delimit::session::Command;
use egui::{Align, Color32, Layout, Rect, RichText, Sense, TextEdit, Ui, WidgetInfo, vec2};

use super::words;
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::keys;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{kbd, section, verdict_badge};

/// A view of the part in the row of views, in points.
const VIEW: egui::Vec2 = vec2(48.0, 36.0);

/// What a part can be in truth, from right to left.
const CHOICES: [(Disposition, Command); 3] =
    [(Disposition::Unknown, Command::PartIsUnknown), (Disposition::Ng, Command::PartIsNg), (Disposition::Ok, Command::PartIsOk)];

impl Studio {
    pub fn image_state_ui(&mut self, ui: &mut Ui) {
        let image = self.view.image;
        let part = self.session.project().images()[image].part.clone();
        section(ui, &format!("Part {part}"), None);
        let is_writable = !self.session.is_read_only();
        ui.add_enabled_ui(is_writable, |ui| {
            self.state_ui(ui, image);
            self.truth_ui(ui, image);
        });
        self.views_ui(ui, image);
        self.duplicates_ui(ui, image);
        self.part_verdict_ui(ui, image);
        self.author_ui(ui);
    }

    fn state_ui(&mut self, ui: &mut Ui, image: usize) {
        let sidecar = self.session.sidecar(image);
        let before = sidecar.state;
        let said = sidecar.changes.last().map(|c| words::change(c, Moment::now()));
        let history: Vec<String> = sidecar.changes.iter().rev().map(|c| words::change(c, Moment::now())).collect();
        let mut state = before;
        ui.horizontal(|ui| {
            ui.label(RichText::new("Label").color(Theme::of(ui).faint));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let combo = egui::ComboBox::from_id_salt("state").selected_text(state.label()).width(112.0).show_ui(ui, |ui| {
                    for s in LabelState::ALL {
                        ui.selectable_value(&mut state, s, s.label());
                    }
                });
                combo.response.accessible_name("State of the label");
            });
        });
        if let Some(said) = said {
            ui.label(theme::caption(ui, said)).on_hover_text(history.join("\n"));
        }
        if state != before {
            self.try_session(|s| s.set_state(image, state));
        }
    }

    fn truth_ui(&mut self, ui: &mut Ui, image: usize) {
        let now = self.session.sidecar(image).disposition;
        ui.horizontal(|ui| {
            ui.label(RichText::new("In truth").color(Theme::of(ui).faint));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                for (disposition, command) in CHOICES {
                    let label = ui.selectable_label(now == disposition, disposition.label());
                    if label.on_hover_text(format!("{}  {}", command.label(), keys::text(command))).clicked() {
                        self.push(command);
                    }
                }
            });
        });
        ui.horizontal(|ui| {
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                for (_, command) in CHOICES {
                    kbd(ui, &keys::text(command));
                }
            });
        });
    }

    /// The images of a part that has more than one.
    fn views_ui(&mut self, ui: &mut Ui, image: usize) {
        let Some(part) = self.part_of_image(image).and_then(|p| self.session.project().parts().get(p)) else { return };
        if part.images.len() < 2 {
            return;
        }
        let images = part.images.clone();
        let at = images.iter().position(|&i| i == image).map_or(0, |at| at + 1);
        ui.horizontal(|ui| {
            ui.label(RichText::new("Views").color(Theme::of(ui).faint));
            ui.label(format!("{at} of {}", images.len()));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| kbd(ui, &keys::text(Command::NextView)));
        });
        let mut chosen = None;
        ui.horizontal_wrapped(|ui| {
            ui.spacing_mut().item_spacing = vec2(4.0, 4.0);
            for (n, &view) in images.iter().enumerate() {
                if self.view_ui(ui, n + 1, view, view == image) {
                    chosen = Some(view);
                }
            }
        });
        if let Some(view) = chosen {
            self.go_to(view);
        }
    }

    fn view_ui(&mut self, ui: &mut Ui, number: usize, image: usize, is_here: bool) -> bool {
        let theme = Theme::of(ui);
        let (rect, response) = ui.allocate_exact_size(VIEW, Sense::click());
        let name = format!("View {number}: {}", self.session.project().images()[image].id);
        response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_here, &name));
        ui.painter().rect_filled(rect, theme::RADIUS, theme.canvas_ground);
        if let Some(texture) = self.film_state.thumbnails.get(image) {
            let whole = Rect::from_min_max(egui::pos2(0.0, 0.0), egui::pos2(1.0, 1.0));
            let size = texture.size_vec2();
            let scale = (rect.width() / size.x).min(rect.height() / size.y);
            ui.painter().image(texture.id(), Rect::from_center_size(rect.center(), size * scale), whole, Color32::WHITE);
        } else {
            ui.painter().text(rect.center(), egui::Align2::CENTER_CENTER, number, egui::FontId::proportional(12.0), theme.faint);
        }
        if is_here || response.hovered() || response.has_focus() {
            let frame = if is_here { egui::Stroke::new(2.0, theme.accent_text) } else { egui::Stroke::new(1.0, theme.strong_line) };
            ui.painter().rect_stroke(rect.shrink(1.0), theme::RADIUS, frame, egui::StrokeKind::Inside);
        }
        response.on_hover_text(name).clicked()
    }

    fn duplicates_ui(&mut self, ui: &mut Ui, image: usize) {
        let Some(others) = self.film_state.duplicates.get(&image) else { return };
        let images = self.session.project().images();
        let others = others.clone();
        let is_same_file = others.iter().any(|(_, is_exact)| *is_exact);
        let told: Vec<usize> = others.iter().filter(|(_, is_exact)| *is_exact == is_same_file).map(|(i, _)| *i).collect();
        let named: Vec<&str> = told.iter().take(3).map(|&i| images[i].part.as_str()).collect();
        let more = if told.len() > 3 { format!(" and {} more", told.len() - 3) } else { String::new() };
        let what = if is_same_file { "Same file as" } else { "Same picture as" };
        let text = format!("{what} part {}{more}", named.join(", "));
        ui.horizontal_wrapped(|ui| {
            ui.label(RichText::new(text).size(theme::CAPTION_SIZE).color(Theme::of(ui).review_text));
            if ui.small_button("Show it").clicked()
                && let Some(&other) = told.first()
            {
                self.go_to(other);
            }
        });
    }

    fn part_verdict_ui(&self, ui: &mut Ui, image: usize) {
        let part = self.part_of_image(image);
        let explained = part.and_then(|p| self.analysis.evaluation(Source::Labels)?.explain(p));
        if let Some(explained) = explained {
            ui.horizontal(|ui| {
                ui.label(RichText::new("Verdict").color(Theme::of(ui).faint));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    verdict_badge(ui, mark_of(explained.verdict), None);
                });
            });
            if let Some(reason) = explained.reasons.first() {
                ui.add(egui::Label::new(theme::caption(ui, reason.sentence())).wrap());
            }
        } else if let Some(problem) = &self.analysis.ruleset_problem {
            ui.colored_label(Theme::of(ui).ng_text, problem);
        }
    }

    /// Under which name states and notes are signed.
    fn author_ui(&mut self, ui: &mut Ui) {
        let shown = self.film_state.author_text.clone().unwrap_or_else(|| self.session.author().to_owned());
        let mut text = shown;
        ui.horizontal(|ui| {
            ui.label(RichText::new("Signed as").color(Theme::of(ui).faint));
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                let field = ui.add(TextEdit::singleline(&mut text).desired_width(120.0)).accessible_name("Your name");
                let field = field.on_hover_text("Goes with states and notes from now on");
                if field.lost_focus() {
                    self.session.set_author(&text);
                    self.film_state.author_text = None;
                } else if field.has_focus() {
                    self.film_state.author_text = Some(text.clone());
                }
            });
        });
    }
}
