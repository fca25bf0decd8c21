//! The sheet of keys (F1): every command with its keys, found by a few letters, changed by a click and a key press.

use delimit::session::command::{Group, Shortcut};
use delimit::session::keymap::{Conflict, Owner};
use delimit::session::{Command, Keymap};
use egui::{
    Align, Align2, Context, Layout, Rect, Response, RichText, ScrollArea, Sense, Stroke, StrokeKind, TextEdit, Ui, WidgetInfo,
    Window, vec2,
};
use egui_material_icons::MaterialIcon;

use super::app::Studio;
use super::icons;
use super::keys::{self, Caught};
use super::overlay_windows::is_match;
use super::theme::{self, Theme};
use super::widgets::kbd;

/// Width of one of the three columns, in points.
const COLUMN: f32 = 300.0;

/// Height of a row, in points.
const ROW: f32 = 22.0;

/// Gestures of the canvas, which are no commands.
const GESTURES: [(&str, &str); 18] = [
    ("Paint", "left drag"),
    ("Erase", "Alt or right drag"),
    ("Zoom at the pointer", "wheel, Ctrl+wheel"),
    ("Move the image", "Space or middle drag"),
    ("Brush size", "Shift+wheel"),
    ("Contrast and level", "T + drag"),
    ("Automatic contrast", "T twice"),
    ("Look under labels", "hold the key that hides"),
    ("Show one class alone", "Alt+click its eye"),
    ("Divider, tolerance, blink", "Shift+wheel"),
    ("Open a project", "drop a folder"),
    ("Add images", "drop files"),
    ("By keyboard: a pixel, ten", "arrows, Shift+arrows"),
    ("By keyboard: click", "Enter"),
    ("By keyboard: hold, let go", "Shift+Enter"),
    ("By keyboard: right click", "Alt+Enter"),
    ("By keyboard: to a control", "Tab, Shift+Tab"),
    ("By keyboard: leave the image", "Esc"),
];

/// A key that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Asked {
    command: Command,
    /// The key that goes; None for one more.
    old: Option<Shortcut>,
}

/// What the sheet shows at the moment.
#[derive(Debug, Default)]
pub struct KeySheet {
    search: String,
    asked: Option<Asked>,
    /// Keys that somebody has, each with what it was wanted for.
    conflicts: Vec<(Asked, Conflict)>,
    /// Commands with a number are shown one by one.
    shows_numbers: bool,
    /// What was wrong with the key that was pressed.
    message: Option<String>,
    was_open: bool,
}

/// A name, and the command of each number.
type Numbered = (&'static str, fn(u8) -> Command);

/// Commands with a number that are one row until they are asked for one by one.
const NUMBERED: [Numbered; 3] = [
    ("Pick class 1–9", Command::Pick),
    ("Make the selected regions class 1–9", Command::Reclass),
    ("Show only class 1–9", Command::ShowOnly),
];

/// The family of a command with a number from 1 to 9.
fn family(command: Command) -> Option<usize> {
    match command {
        Command::Pick(1..) => Some(0),
        Command::Reclass(_) => Some(1),
        Command::ShowOnly(_) => Some(2),
        _ => None,
    }
}

/// A row of the sheet.
#[derive(Clone, Copy)]
enum Row {
    Command(Command),
    Family(usize),
    Gesture(&'static str, &'static str),
}

impl Studio {
    /// While a key is asked for, the next key press is the answer and nothing else.
    pub fn catch_new_key(&mut self, ctx: &Context) {
        let Some(asked) = self.view.key_sheet.asked else { return };
        if !self.view.shows_keys {
            self.view.key_sheet.asked = None;
            return;
        }
        let Some(caught) = keys::catch(ctx) else { return };
        self.view.key_sheet.asked = None;
        self.view.key_sheet.message = None;
        match caught {
            Caught::Cancelled => {}
            Caught::Unusable => self.view.key_sheet.message = Some("No command can have this key; take another".into()),
            Caught::Cleared => self.change_keys(|k| asked.old.into_iter().for_each(|old| k.unbind(asked.command, old))),
            Caught::Key(new) => {
                let result = self.change_keys(|k| match asked.old {
                    Some(old) => k.replace(asked.command, old, new),
                    None => k.bind(asked.command, new),
                });
                match result {
                    Ok(()) => {}
                    Err(conflict @ Conflict { owner: Owner::Window(_), .. }) => {
                        self.view.key_sheet.message = Some(conflict.to_string());
                    }
                    Err(conflict) => self.view.key_sheet.conflicts = vec![(asked, conflict)],
                }
            }
        }
    }

    /// All keys on one sheet.
    pub fn keys_ui(&mut self, ctx: &Context) {
        if !self.view.shows_keys {
            if self.view.key_sheet.was_open {
                self.view.key_sheet = KeySheet::default();
            }
            return;
        }
        let mut is_open = true;
        Window::new("Keys and gestures")
            .open(&mut is_open)
            .collapsible(false)
            .resizable(false)
            .anchor(Align2::CENTER_CENTER, [0.0, 0.0])
            .show(ctx, |ui| {
                // As wide as its three columns of rows; in a low window it scrolls.
                ui.set_width(3.0 * COLUMN + 2.0 * 16.0 + 12.0);
                self.sheet_head_ui(ui);
                ui.add_space(4.0);
                let height = (ui.ctx().content_rect().height() - 200.0).max(160.0);
                ScrollArea::vertical().max_height(height).min_scrolled_height(height).auto_shrink(false).show(ui, |ui| {
                    self.sheet_columns_ui(ui);
                });
            });
        self.view.shows_keys = is_open;
    }

    /// The field to search with, what is asked, and what is in the way.
    fn sheet_head_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let has_changes = !self.person.keymap.changed().is_empty();
        let mut resets_all = false;
        ui.horizontal(|ui| {
            let field =
                TextEdit::singleline(&mut self.view.key_sheet.search).hint_text("Find a command or a key").desired_width(280.0);
            let field = ui.add(field);
            field.widget_info(|| WidgetInfo::labeled(egui::Role::TextInput, true, "Find a key"));
            if !self.view.key_sheet.was_open {
                field.request_focus();
            }
            self.view.key_sheet.was_open = true;
            // Escape leaves the field first; one is enough to leave the sheet.
            if field.lost_focus() && ui.input(|i| i.key_pressed(egui::Key::Escape)) {
                self.view.shows_keys = false;
                self.push(Command::CancelStroke);
            }
            ui.checkbox(&mut self.view.key_sheet.shows_numbers, "Each number by itself");
            ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                resets_all = ui.add_enabled(has_changes, egui::Button::new("Reset all keys")).clicked();
            });
        });
        if resets_all {
            self.change_keys(Keymap::reset_all);
            self.view.key_sheet.conflicts.clear();
        }
        // One line high in any case: nothing jumps when something is asked.
        ui.horizontal(|ui| {
            ui.set_min_height(26.0);
            let sheet = &self.view.key_sheet;
            if let Some(asked) = sheet.asked {
                let words = format!("Press the new key for “{}”.", asked.command.label());
                ui.label(RichText::new(words).color(theme.text));
                ui.label(theme::caption(ui, "Esc = leave it, Backspace = no key"));
            } else if let Some((asked, conflict)) = sheet.conflicts.first().copied() {
                self.conflict_ui(ui, asked, conflict);
            } else if let Some(message) = &sheet.message {
                ui.label(RichText::new(message).color(theme.review_text));
            } else {
                ui.label(theme::caption(ui, "Click a key to change it, + to add one. Changed keys are kept for all projects."));
            }
        });
    }

    /// A key that somebody has: who, and the two ways on.
    fn conflict_ui(&mut self, ui: &mut Ui, asked: Asked, conflict: Conflict) {
        ui.label(RichText::new(format!("{conflict}.")).color(Theme::of(ui).review_text));
        let Owner::Command(owner) = conflict.owner else { return };
        let takes = ui.button(format!("Take it from “{}”", owner.label())).clicked();
        let leaves = ui.button("Leave it").clicked();
        if takes && let Err(e) = self.change_keys(|k| k.take(asked.command, asked.old, conflict.shortcut)) {
            self.view.key_sheet.message = Some(e.to_string());
        }
        if takes || leaves {
            self.view.key_sheet.conflicts.remove(0);
        }
    }

    fn sheet_columns_ui(&mut self, ui: &mut Ui) {
        let blocks = self.sheet_blocks();
        if blocks.is_empty() {
            ui.label(theme::caption(ui, "No command has these letters, and no key"));
            return;
        }
        ui.columns(3, |columns| {
            for (rows, name, column) in in_columns(blocks) {
                let ui = &mut columns[column];
                ui.label(theme::semibold(name));
                for row in rows {
                    self.sheet_row_ui(ui, row);
                }
                ui.add_space(8.0);
            }
        });
    }

    /// What is shown, by group.
    fn sheet_blocks(&self) -> Vec<(&'static str, Vec<Row>)> {
        let wanted = self.view.key_sheet.search.to_lowercase();
        let keymap = &self.person.keymap;
        let families: Vec<usize> = (0..NUMBERED.len())
            .filter(|&f| {
                let is_changed = (1..=9).any(|n| keymap.is_changed(NUMBERED[f].1(n)));
                wanted.is_empty() && !self.view.key_sheet.shows_numbers && !is_changed
            })
            .collect();
        let mut blocks = Vec::new();
        for group in Group::ALL {
            let mut rows = Vec::new();
            for command in Command::all().into_iter().filter(|c| c.group() == group) {
                match family(command).filter(|f| families.contains(f)) {
                    Some(f) if command == NUMBERED[f].1(1) => rows.push(Row::Family(f)),
                    Some(_) => {}
                    None => {
                        let keys: Vec<String> = keymap.shortcuts(command).iter().map(|s| s.text()).collect();
                        if is_match(&format!("{} {} {}", group.label(), command.label(), keys.join(" ")), &wanted) {
                            rows.push(Row::Command(command));
                        }
                    }
                }
            }
            blocks.push((group.label(), rows));
        }
        let gestures = GESTURES.into_iter().filter(|(what, how)| is_match(&format!("Gestures {what} {how}"), &wanted));
        blocks.push(("Gestures", gestures.map(|(what, how)| Row::Gesture(what, how)).collect()));
        blocks.retain(|(_, rows)| !rows.is_empty());
        blocks
    }

    fn sheet_row_ui(&mut self, ui: &mut Ui, row: Row) {
        let (rect, _) = ui.allocate_exact_size(vec2(COLUMN, ROW), Sense::hover());
        let mut ui = ui.new_child(egui::UiBuilder::new().max_rect(rect).layout(Layout::right_to_left(Align::Center)));
        ui.spacing_mut().item_spacing.x = 4.0;
        match row {
            Row::Gesture(what, how) => {
                ui.label(theme::caption(&ui, how));
                name_ui(&mut ui, what);
            }
            Row::Family(f) => {
                let (name, command) = NUMBERED[f];
                for n in [9, 0, 1] {
                    match self.person.keymap.shortcuts(command(n.max(1))).first() {
                        _ if n == 0 => drop(ui.label(theme::caption(&ui, "…"))),
                        Some(key) => drop(kbd(&mut ui, &key.text())),
                        None => {}
                    }
                }
                name_ui(&mut ui, name);
            }
            Row::Command(command) => self.command_row_ui(&mut ui, command, rect),
        }
    }

    fn command_row_ui(&mut self, ui: &mut Ui, command: Command, row: Rect) {
        let label = command.label();
        let is_here = ui.rect_contains_pointer(row);
        let shortcuts = self.person.keymap.shortcuts(command).to_vec();
        if self.person.keymap.is_changed(command)
            && small_button(ui, icons::UNDO, &format!("Reset the keys of {label}"), true).clicked()
        {
            let left = self.change_keys(|k| k.reset(command));
            let asked = Asked { command, old: None };
            self.view.key_sheet.conflicts = left.into_iter().map(|conflict| (asked, conflict)).collect();
        }
        let mut asked = None;
        if !shortcuts.is_empty() && small_button(ui, icons::ADD, &format!("Another key for {label}"), is_here).clicked() {
            asked = Some(Asked { command, old: None });
        }
        let is_asked = |old| self.view.key_sheet.asked == Some(Asked { command, old });
        if is_asked(None) {
            kbd(ui, "press a key");
        } else if shortcuts.is_empty() && chip(ui, "–", &format!("No key for {label}")).clicked() {
            asked = Some(Asked { command, old: None });
        }
        for &shortcut in shortcuts.iter().rev() {
            let text = if is_asked(Some(shortcut)) { "press a key".to_owned() } else { shortcut.text() };
            if chip(ui, &text, &format!("{}, key of {label}", shortcut.text())).clicked() {
                asked = Some(Asked { command, old: Some(shortcut) });
            }
        }
        name_ui(ui, &label);
        if asked.is_some() {
            let sheet = &mut self.view.key_sheet;
            sheet.asked = asked;
            sheet.conflicts.clear();
            sheet.message = None;
        }
    }
}

/// Blocks over three columns of about the same height, in their order; a few rows stay in the first one.
fn in_columns(blocks: Vec<(&'static str, Vec<Row>)>) -> Vec<(Vec<Row>, &'static str, usize)> {
    /// A heading and the room after a block, in rows.
    const HEAD: usize = 2;
    /// So many rows are seen at once in a low window.
    const FEW: usize = 16;
    let total: usize = blocks.iter().map(|(_, rows)| rows.len() + HEAD).sum();
    let fair = total.div_ceil(3).max(FEW);
    let (mut column, mut used) = (0, 0);
    let mut out = Vec::new();
    for (name, rows) in blocks {
        let height = rows.len() + HEAD;
        // A block goes where its larger part fits.
        if column < 2 && used > 0 && used + height / 2 > fair {
            column += 1;
            used = 0;
        }
        used += height;
        out.push((rows, name, column));
    }
    out
}

/// The name of a row, in what the keys leave.
fn name_ui(ui: &mut Ui, name: &str) {
    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
        ui.add(egui::Label::new(name).truncate());
    });
}

/// A key that can be clicked.
fn chip(ui: &mut Ui, key: &str, name: &str) -> Response {
    let response = kbd(ui, key).interact(Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name));
    if response.hovered() || response.has_focus() {
        let ring = Stroke::new(1.5, Theme::of(ui).accent_text);
        ui.painter().rect_stroke(response.rect.expand(1.0), 4, ring, StrokeKind::Outside);
    }
    response.on_hover_cursor(egui::CursorIcon::PointingHand).on_hover_text("Click, then press another key")
}

/// A button as small as a key. It is always there for the keyboard, and drawn when `is_drawn` or it has the focus.
fn small_button(ui: &mut Ui, icon: MaterialIcon, name: &str, is_drawn: bool) -> Response {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(16.0, 16.0), Sense::click());
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, name));
    let is_lit = response.hovered() || response.has_focus();
    if is_drawn || is_lit {
        let ink = if is_lit { theme.text } else { theme.faint };
        ui.painter().text(rect.center(), Align2::CENTER_CENTER, icon.codepoint, icons::font(icon, 14.0), ink);
    }
    theme::focus_ring(ui, &response);
    response.on_hover_text(name)
}
