//! The status line: the pixel under the pointer, the zoom, a hint for the tool in hand, the work in progress.

use delimit::session::Command;
use delimit::session::command::Workspace;
use egui::{Align, Layout, ProgressBar, RichText, Ui};

use super::app::Studio;
use super::theme::{CAPTION_SIZE, Theme};
use super::{icons, keys};

/// Width of the words about the pixel under the pointer, in points.
const PLACE: f32 = 360.0;

/// The same in Compare, where more is to be said.
const COMPARED_PLACE: f32 = 520.0;

impl Studio {
    pub fn status_line_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let small = |text: String| RichText::new(text).size(CAPTION_SIZE).color(theme.faint);
        ui.horizontal_centered(|ui| {
            ui.spacing_mut().item_spacing.x = 16.0;
            let place = self.hovered.clone().unwrap_or_else(|| "–".into());
            let width = if self.view.workspace == Workspace::Compare { COMPARED_PLACE } else { PLACE };
            ui.allocate_ui_with_layout(egui::vec2(width, 16.0), Layout::left_to_right(Align::Center), |ui| {
                ui.set_min_width(width);
                ui.add(egui::Label::new(small(place)).truncate());
            });
            let zoom = self.canvas.view().map_or_else(String::new, super::canvas::CanvasView::zoom_text);
            ui.add_sized([56.0, 16.0], egui::Label::new(small(zoom)).halign(Align::LEFT));
            if self.session.is_read_only() {
                ui.label(RichText::new("read-only").size(CAPTION_SIZE).color(theme.review_text));
            }
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.spacing_mut().item_spacing.x = 8.0;
                let saved = if self.session.is_read_only() {
                    ""
                } else if self.is_saving() {
                    "saving"
                } else if self.session.has_unsaved_changes() {
                    "journaled"
                } else {
                    "saved"
                };
                ui.label(small(saved.to_owned()))
                    .on_hover_text("Every stroke is in the journal at once; files follow after a short rest");
                if let Some(engine) = &self.analysis.engine {
                    let note = self.analysis.engine_note.as_ref().unwrap_or(engine);
                    ui.label(small(engine.clone())).on_hover_text(format!("Inference engine: {note}"));
                }
                self.progress_ui(ui);
                // The hint takes what is left.
                ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                    ui.add(egui::Label::new(small(self.hint())).truncate());
                });
            });
        });
    }

    fn progress_ui(&mut self, ui: &mut Ui) {
        let long = self.long_work.as_ref().map(|work| {
            let (done, total) = work.job.progress();
            (work.job.name().to_owned(), done, total)
        });
        let Some((name, done, total)) = long.or_else(|| self.duplicate_progress()) else {
            self.survey_progress_ui(ui);
            return;
        };
        let share = if total == 0 { 0.0 } else { done as f32 / total as f32 };
        if icons::icon_button_sized(ui, icons::STOP, "Stop", &keys::text(Command::StopWork), false, egui::vec2(20.0, 20.0))
            .clicked()
        {
            self.push(Command::StopWork);
        }
        ui.add(ProgressBar::new(share).desired_width(96.0).desired_height(6.0));
        ui.label(RichText::new(format!("{name} {done} of {total}")).size(CAPTION_SIZE).color(Theme::of(ui).text));
    }

    fn hint(&self) -> String {
        // Keys are those that count now; a command without one is not spoken of.
        let join = |parts: &[Option<String>]| parts.iter().flatten().cloned().collect::<Vec<_>>().join("; ");
        let words = |text: &str| Some(text.to_owned());
        if self.canvas.has_keyboard() {
            let press = if self.canvas.is_key_held() { "Enter = let go" } else { "Enter = click, Shift+Enter = hold down" };
            let take = keys::hint_on_canvas(Command::Accept, "take what is shown").filter(|_| self.has_draft());
            return join(&[
                words("arrows = move, Shift+arrows = by ten"),
                words(press),
                take,
                words("Alt+Enter = right click, Esc = leave"),
            ]);
        }
        if self.view.viewing.ruler.is_on {
            let back = keys::hint(Command::Ruler, "back to the tool");
            return join(&[words("Ruler: drag = measure, Shift = 45° steps, Alt = ends snap to edges, Esc = away"), back]);
        }
        match self.view.workspace {
            Workspace::Label if self.view.is_painting_zones => {
                let back = keys::hint(Command::PaintZones, "back to labels");
                join(&[Some(format!("Zones: {}", keys::tool_hint(self.view.tool))), back])
            }
            Workspace::Label => keys::tool_hint(self.view.tool),
            Workspace::Check => join(&[
                keys::hint(Command::NextFinding, "next finding"),
                keys::hint(Command::SnapToEdge, "repair"),
                keys::hint(Command::AcceptFinding, "accept"),
                keys::hint(Command::DefectBook, "defect book"),
                words("blue = too small, pink = too large"),
            ]),
            Workspace::Compare => self.compare_hint(),
            Workspace::Tune => join(&[
                words("drag a limit and watch the parts"),
                keys::hint(Command::Undo, "take it back"),
                keys::hint(Command::NextChart, "next chart"),
                keys::hint(Command::SuggestLimits, "suggest limits"),
                keys::hint(Command::SaveRuleset, "save the ruleset"),
            ]),
            Workspace::Export => join(&[keys::hint(Command::ExportBundle, "write the bundle")]),
        }
    }
}
