//! The card of a note beside its pin: text, answers, who and when, and what can be done with it. It blocks nothing.

use delimit::project::{Moment, PinnedNote};
use egui::{Area, Id, Key, Order, Pos2, RichText, TextEdit, Ui, vec2};

use super::notes::{Card, on_screen};
use super::words;
use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::icons;
use crate::studio::theme::{self, Theme};

const WIDTH: f32 = 264.0;

/// What was asked for on a card.
enum Deed {
    Close,
    Add { pin: Option<(u32, u32)>, text: String },
    Edit(u64, String),
    Reply(u64, String),
    Resolve(u64),
    Reopen(u64),
    Delete(u64),
}

impl Studio {
    /// Draws the open card and does what it asks for.
    pub fn note_card_ui(&mut self, ui: &Ui, image: usize, notes: &[PinnedNote], frame: &CanvasFrame) {
        let Some(mut card) = self.film_state.notes.card.take() else { return };
        let note = match &card {
            Card::New { .. } => None,
            // A note that was taken back or deleted has no card.
            Card::Open { id, .. } => match notes.iter().enumerate().find(|(_, n)| n.id == *id) {
                Some(found) => Some(found),
                None => return,
            },
        };
        let pin = match (&card, note) {
            (Card::New { pin, .. }, _) => *pin,
            (_, note) => note.and_then(|(_, n)| n.pin),
        };
        let viewport = frame.view.viewport();
        // Beside the pin; of the image as a whole: at the upper right, clear of the mini-map's corner.
        let beside = pin.map_or(viewport.right_top() + vec2(-WIDTH - 48.0, 24.0), |pin| on_screen(frame, pin) + vec2(18.0, -28.0));
        let at = Pos2::new(beside.x.clamp(viewport.min.x, viewport.max.x), beside.y.clamp(viewport.min.y, viewport.max.y));
        let can_write = !self.session.is_read_only();
        let takes_focus = std::mem::take(&mut self.film_state.notes.wants_focus);
        let mut deed = None;
        Area::new(Id::unique("note card")).order(Order::Middle).fixed_pos(at).constrain_to(viewport).show(ui.ctx(), |ui| {
            let theme = Theme::of(ui);
            theme.card_frame().fill(theme.float).stroke(theme.hairline()).shadow(ui.visuals().window_shadow).show(ui, |ui| {
                ui.set_width(WIDTH - 24.0);
                deed = match (&mut card, note) {
                    (Card::New { pin, text, .. }, _) => new_ui(ui, *pin, text, self.session.author(), takes_focus),
                    (Card::Open { reply, edited, .. }, Some((n, note))) => open_ui(ui, n + 1, note, reply, edited, can_write),
                    (Card::Open { .. }, None) => None,
                };
            });
        });
        let Some(deed) = deed else {
            self.film_state.notes.card = Some(card);
            return;
        };
        let stays = !matches!(deed, Deed::Close | Deed::Add { .. } | Deed::Delete(_));
        if stays {
            if let (Card::Open { reply, edited, .. }, Deed::Reply(..) | Deed::Edit(..)) = (&mut card, &deed) {
                reply.clear();
                *edited = None;
            }
            self.film_state.notes.card = Some(card);
        }
        self.do_with_note(image, deed);
        self.touch(ui.ctx());
    }

    fn do_with_note(&mut self, image: usize, deed: Deed) {
        self.try_session(|s| match deed {
            Deed::Close => Ok(()),
            Deed::Add { pin, text } => s.add_note(image, pin, &text).map(drop),
            Deed::Edit(id, text) => s.edit_note(image, id, &text),
            Deed::Reply(id, text) => s.reply_to_note(image, id, &text),
            Deed::Resolve(id) => s.resolve_note(image, id),
            Deed::Reopen(id) => s.reopen_note(image, id),
            Deed::Delete(id) => s.delete_note(image, id),
        });
    }
}

fn new_ui(ui: &mut Ui, pin: Option<(u32, u32)>, text: &mut String, author: &str, takes_focus: bool) -> Option<Deed> {
    let title = pin.map_or_else(|| "New note on the image".to_owned(), |(x, y)| format!("New note at {x}, {y}"));
    ui.label(theme::semibold(title));
    let field = TextEdit::singleline(text).hint_text("What is to be said here?").desired_width(f32::INFINITY);
    let field = ui.add(field).accessible_name("Text of the note");
    if takes_focus {
        field.request_focus();
    }
    let is_entered = field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter));
    let mut deed = None;
    ui.horizontal(|ui| {
        let has_text = !text.trim().is_empty();
        let saves = ui.add_enabled(has_text, egui::Button::new("Save note").shortcut_text("Enter")).clicked();
        if has_text && (saves || is_entered) {
            deed = Some(Deed::Add { pin, text: text.trim().to_owned() });
        }
        if ui.add(egui::Button::new("Cancel").shortcut_text("Esc")).clicked() {
            deed = Some(Deed::Close);
        }
    });
    ui.label(theme::caption(ui, format!("as {author}")));
    deed
}

fn open_ui(
    ui: &mut Ui,
    number: usize,
    note: &PinnedNote,
    reply: &mut String,
    edited: &mut Option<String>,
    can_write: bool,
) -> Option<Deed> {
    let now = Moment::now();
    let mut deed = None;
    ui.horizontal(|ui| {
        ui.label(theme::semibold(format!("Note {number}")));
        ui.label(theme::caption(ui, words::signed(&note.written, now)));
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            if icons::icon_button_sized(ui, icons::CLOSE, "Close the note", "Esc", false, vec2(20.0, 20.0)).clicked() {
                deed = Some(Deed::Close);
            }
        });
    });
    if let Some(text) = edited {
        let field =
            ui.add(TextEdit::multiline(text).desired_rows(2).desired_width(f32::INFINITY)).accessible_name("Text of the note");
        let is_entered = field.has_focus() && ui.input(|i| i.key_pressed(Key::Enter) && i.modifiers.command);
        if (ui.button("Save text").clicked() || is_entered) && !text.trim().is_empty() {
            deed = Some(Deed::Edit(note.id, text.trim().to_owned()));
        }
    } else {
        ui.add(egui::Label::new(&note.text).wrap());
    }
    for answer in &note.replies {
        ui.add_space(2.0);
        ui.label(theme::caption(ui, words::signed(&answer.written, now)));
        ui.add(egui::Label::new(&answer.text).wrap());
    }
    if let Some(resolved) = &note.resolved {
        ui.add_space(2.0);
        ui.label(
            RichText::new(format!("Resolved by {}", words::signed(resolved, now)))
                .size(theme::CAPTION_SIZE)
                .color(Theme::of(ui).ok_text),
        );
    }
    if !can_write {
        return deed;
    }
    ui.add_space(4.0);
    let field = ui.add(TextEdit::singleline(reply).hint_text("Reply").desired_width(f32::INFINITY)).accessible_name("Reply");
    if field.lost_focus() && ui.input(|i| i.key_pressed(Key::Enter)) && !reply.trim().is_empty() {
        deed = Some(Deed::Reply(note.id, reply.trim().to_owned()));
    }
    ui.horizontal(|ui| {
        if note.resolved.is_none() && ui.button("Resolve").clicked() {
            deed = Some(Deed::Resolve(note.id));
        }
        if note.resolved.is_some() && ui.button("Reopen").clicked() {
            deed = Some(Deed::Reopen(note.id));
        }
        if edited.is_none() && ui.button("Edit").on_hover_text("Change the text").clicked() {
            *edited = Some(note.text.clone());
        }
        if ui.button("Delete note").on_hover_text("Ctrl+Z brings it back").clicked() {
            deed = Some(Deed::Delete(note.id));
        }
    });
    deed
}
