//! What lies over the window on request: the command palette and the first steps. Neither blocks anything. The sheet of keys has a
//! file of its own.

use delimit::session::Command;
use delimit::session::command::Workspace;
use egui::{Align2, Area, Button, Context, Id, Key, Order, RichText, ScrollArea, TextEdit, Ui, Vec2b, vec2};

use super::app::Studio;
use super::keys;
use super::theme::{self, Theme};

impl Studio {
    /// The command palette: type a few letters, Enter.
    pub fn palette_ui(&mut self, ctx: &Context) {
        if !self.view.shows_palette {
            return;
        }
        let state = self.command_state();
        let wanted = self.view.palette_text.to_lowercase();
        let matches: Vec<Command> = Command::all()
            .into_iter()
            .filter(|c| !matches!(c, Command::CommandPalette))
            .filter(|c| is_match(&format!("{} {}", c.group().label(), c.label()), &wanted))
            .collect();
        let (up, down, enter) = ctx.input_mut(|i| {
            let mut press = |key| i.consume_key(egui::Modifiers::NONE, key);
            (press(Key::ArrowUp), press(Key::ArrowDown), press(Key::Enter))
        });
        let last = matches.len().saturating_sub(1);
        self.view.palette_row = match (up, down) {
            (true, _) => self.view.palette_row.saturating_sub(1),
            (_, true) => self.view.palette_row + 1,
            _ => self.view.palette_row,
        }
        .min(last);
        let mut chosen = enter.then(|| matches.get(self.view.palette_row).copied()).flatten();
        Area::new(Id::unique("command palette")).order(Order::Foreground).anchor(Align2::CENTER_TOP, vec2(0.0, 72.0)).show(
            ctx,
            |ui| {
                let theme = Theme::of(ui);
                let frame = theme.card_frame().fill(theme.panel).stroke(theme.hairline()).shadow(ui.visuals().window_shadow);
                frame.show(ui, |ui| {
                    ui.set_width(480.0);
                    let field = ui.add(
                        TextEdit::singleline(&mut self.view.palette_text).hint_text("Find a command").desired_width(f32::INFINITY),
                    );
                    field.request_focus();
                    if field.changed() {
                        self.view.palette_row = 0;
                    }
                    ui.add_space(4.0);
                    ScrollArea::vertical().max_height(360.0).auto_shrink(Vec2b::new(false, true)).show(ui, |ui| {
                        for (row, &command) in matches.iter().enumerate() {
                            let is_here = row == self.view.palette_row;
                            let button = Button::selectable(is_here, command.label()).shortcut_text(keys::text(command));
                            let response =
                                ui.add_enabled(command.is_enabled(&state), button.min_size(vec2(ui.available_width(), 26.0)));
                            if is_here && (up || down) {
                                response.scroll_to_me(None);
                            }
                            if response.clicked() {
                                chosen = Some(command);
                            }
                        }
                        if matches.is_empty() {
                            ui.label(RichText::new("No command has these letters").color(theme.faint));
                        }
                    });
                });
            },
        );
        if let Some(command) = chosen {
            self.view.shows_palette = false;
            self.push(command);
            ctx.request_repaint();
        }
    }

    /// The four steps of a first start, on the canvas of the Label workspace until they are closed.
    pub fn hints_ui(&mut self, ui: &Ui) {
        if !self.view.shows_hints {
            return;
        }
        let at = ui.max_rect().left_top() + vec2(56.0, 12.0);
        let mut target = None;
        let mut is_closed = false;
        Area::new(Id::unique("first steps")).order(Order::Middle).fixed_pos(at).show(ui.ctx(), |ui| {
            let theme = Theme::of(ui);
            theme.card_frame().fill(theme.float).stroke(theme.hairline()).show(ui, |ui| {
                ui.set_width(300.0);
                ui.horizontal(|ui| {
                    ui.label(theme::semibold("Four steps"));
                    ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
                        is_closed =
                            super::icons::icon_button(ui, super::icons::CLOSE, "Close the first steps", "", false).clicked();
                    });
                });
                for (workspace, name, words) in [
                    (Workspace::Label, "1  Paint", "a class, pixel by pixel"),
                    (Workspace::Check, "2  Check", "labels that leave the edge"),
                    (Workspace::Compare, "3  Compare", "the model with the labels"),
                    (Workspace::Tune, "4  Tune", "limits, and see verdicts flip"),
                ] {
                    ui.horizontal(|ui| {
                        if ui.add_sized([88.0, 24.0], Button::new(name)).clicked() {
                            target = Some(workspace);
                        }
                        ui.label(RichText::new(words).color(theme.faint));
                    });
                }
            });
        });
        if let Some(workspace) = target {
            self.push(Command::Show(workspace));
        }
        if is_closed {
            self.view.shows_hints = false;
        }
    }
}

/// Every word of `wanted` is somewhere in `text`.
pub(super) fn is_match(text: &str, wanted: &str) -> bool {
    let text = text.to_lowercase();
    wanted.split_whitespace().all(|word| text.contains(word))
}
