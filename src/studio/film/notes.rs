//! Notes pinned on the image: the pins over it, the list in the side panel, and going from one to the next.

use delimit::project::PinnedNote;
use delimit::raster::{PixelRect, Point};
use delimit::session::Command;
use egui::{Align2, FontId, Pos2, Rect, Response, Sense, Stroke, Ui, WidgetInfo, vec2};

use super::words;
use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::theme::{self, CAPTION_SIZE, Theme};
use crate::studio::widgets::section;
use crate::studio::{icons, keys};

/// Radius of the head of a pin, in points; its tip is so far below the middle of the head.
const HEAD: f32 = 10.0;
const TIP: f32 = 17.0;

/// A note that is open on the screen.
#[derive(Clone, Debug)]
pub enum Card {
    New {
        image: usize,
        pin: Option<(u32, u32)>,
        text: String,
    },
    Open {
        image: usize,
        id: u64,
        reply: String,
        /// Its text while it is being changed.
        edited: Option<String>,
    },
}

impl Card {
    pub const fn image(&self) -> usize {
        match self {
            Self::New { image, .. } | Self::Open { image, .. } => *image,
        }
    }
}

/// Notes in the window.
#[derive(Debug, Default)]
pub struct Notes {
    /// The image pixel under the pointer in the last frame.
    pub pointer: Option<(u32, u32)>,
    pub card: Option<Card>,
    /// The pin that is being dragged, and where its tip is in the window.
    pub carried: Option<(u64, Pos2)>,
    /// The field of the card takes the keyboard in the next frame.
    pub wants_focus: bool,
}

impl Studio {
    /// Opens a card for a new note on the pixel under the pointer, or on the image as a whole.
    pub fn add_note(&mut self) {
        if self.view.is_painting_zones {
            self.toasts.info("Notes are pinned on images, not on zones");
            return;
        }
        let pin = self.film_state.notes.pointer;
        self.film_state.notes.card = Some(Card::New { image: self.view.image, pin, text: String::new() });
        self.film_state.notes.wants_focus = true;
    }

    pub fn open_note(&mut self, image: usize, id: u64) {
        self.go_to(image);
        let pin = self.session.sidecar(image).notes.iter().find(|n| n.id == id).and_then(|n| n.pin);
        if let Some((x, y)) = pin
            && self.canvas.view().is_none_or(|v| !v.visible_pixels().contains(x, y))
        {
            let reach = 100;
            let around = PixelRect::new(x.saturating_sub(reach), y.saturating_sub(reach), x + reach, y + reach);
            self.canvas.centre_on(around);
        }
        self.film_state.notes.card = Some(Card::Open { image, id, reply: String::new(), edited: None });
    }

    /// The next note that nobody has resolved: on this image after the open one, then on the images down the strip.
    pub fn go_to_next_note(&mut self) {
        let film = self.film();
        let here = self.view.image;
        let open = match &self.film_state.notes.card {
            Some(Card::Open { image, id, .. }) if *image == here => Some(*id),
            _ => None,
        };
        let ids = |image: usize| -> Vec<u64> { self.session.sidecar(image).open_notes().map(|n| n.id).collect() };
        let on_this = ids(here);
        let after = open.and_then(|id| self.session.sidecar(here).notes.iter().position(|n| n.id == id));
        let is_after = |id: &u64| {
            let at = self.session.sidecar(here).notes.iter().position(|n| n.id == *id);
            after.is_none() || at > after
        };
        let start = film.iter().position(|&i| i == here).map_or(0, |at| at + 1);
        let rest = film.iter().skip(start).chain(film.iter().take(start));
        let next = on_this.iter().copied().find(is_after).map(|id| (here, id));
        let next = next.or_else(|| rest.copied().find_map(|image| Some((image, *ids(image).first()?))));
        match next {
            Some((image, id)) => self.open_note(image, id),
            None => self.toasts.info("No open note in the images of the strip"),
        }
    }

    /// Pins of the image over the canvas, and the open card.
    pub fn notes_on_canvas_ui(&mut self, ui: &mut Ui, image: usize, frame: &CanvasFrame) {
        self.film_state.notes.pointer = frame.hovered_pixel;
        if self.film_state.notes.card.as_ref().is_some_and(|c| c.image() != image) {
            self.film_state.notes.card = None;
        }
        let notes = self.session.sidecar(image).notes.clone();
        let opened = match &self.film_state.notes.card {
            Some(Card::Open { id, .. }) => Some(*id),
            _ => None,
        };
        let (mut clicked, mut moved) = (None, None);
        let is_shown = !self.view.are_labels_hidden;
        for (n, note) in notes.iter().enumerate().filter(|_| is_shown) {
            let Some(mut tip) = note.pin.map(|pin| on_screen(frame, pin)) else { continue };
            let is_carried = self.film_state.notes.carried.is_some_and(|(id, _)| id == note.id);
            if let Some((_, at)) = self.film_state.notes.carried.filter(|_| is_carried) {
                tip = at;
            }
            if !is_carried && !frame.view.viewport().contains(tip) {
                continue;
            }
            let pin = pin_ui(ui, tip, n + 1, note, opened == Some(note.id));
            if pin.clicked() {
                clicked = Some(note.id);
            }
            if pin.dragged() {
                self.film_state.notes.carried = Some((note.id, tip + pin.drag_delta()));
            }
            if pin.drag_stopped() {
                moved = self.film_state.notes.carried.take().and_then(|(id, at)| Some((id, frame.view.pixel_at(at)?)));
            }
        }
        if let Some((id, pixel)) = moved
            && !self.session.is_read_only()
        {
            self.try_session(|s| s.move_note(image, id, Some(pixel)));
            self.touch(ui.ctx());
        }
        if let Some(id) = clicked {
            let is_open = opened == Some(id);
            self.film_state.notes.card = (!is_open).then(|| Card::Open { image, id, reply: String::new(), edited: None });
        }
        if let Some(Card::New { pin: Some(pin), .. }) = self.film_state.notes.card {
            draw_pin(ui, on_screen(frame, pin), "+", true, true);
        }
        self.note_card_ui(ui, image, &notes, frame);
    }

    /// The notes of the image in the side panel.
    pub fn notes_section_ui(&mut self, ui: &mut Ui) {
        let image = self.view.image;
        let notes = self.session.sidecar(image).notes.clone();
        let open = notes.iter().filter(|n| n.resolved.is_none()).count();
        section(ui, "Notes", None);
        if notes.is_empty() {
            ui.label(theme::caption(ui, format!("None. {} pins one where the pointer is.", keys::text(Command::AddNote))));
        } else {
            ui.label(theme::caption(ui, format!("{open} open of {}", notes.len())));
        }
        let mut chosen = None;
        for (n, note) in notes.iter().enumerate() {
            if note_row_ui(ui, n + 1, note) {
                chosen = Some(note.id);
            }
        }
        if let Some(id) = chosen {
            self.open_note(image, id);
        }
        ui.horizontal(|ui| {
            let can_write = !self.session.is_read_only();
            let add = ui.add_enabled(can_write, icons::labelled_button(icons::NOTE, "Add note"));
            if add
                .on_hover_text(format!("{}: where the pointer is; from here on the image as a whole", keys::text(Command::AddNote)))
                .clicked()
            {
                // The pointer is on the button, not on a place of the image.
                self.film_state.notes.pointer = None;
                self.push(Command::AddNote);
            }
            if ui.button("Next open").on_hover_text(keys::text(Command::NextNote)).clicked() {
                self.push(Command::NextNote);
            }
        });
    }
}

/// Where the middle of a pixel is in the window.
pub fn on_screen(frame: &CanvasFrame, (x, y): (u32, u32)) -> Pos2 {
    frame.view.screen_from_image(Point::new(f64::from(x) + 0.5, f64::from(y) + 0.5))
}

/// A pin that can be pressed, and dragged to another place.
fn pin_ui(ui: &Ui, tip: Pos2, number: usize, note: &PinnedNote, is_opened: bool) -> Response {
    let is_open = note.resolved.is_none();
    let head = Rect::from_center_size(tip - vec2(0.0, TIP), vec2(2.0 * HEAD, 2.0 * HEAD));
    let response = ui.interact(head, ui.scope_id().with(("note", note.id)), Sense::click_and_drag());
    let state = if is_open { "open" } else { "resolved" };
    let name = format!("Pin {number}, {state}: {}", note.text);
    response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_opened, &name));
    draw_pin(ui, tip, &number.to_string(), is_open, is_opened || response.hovered() || response.has_focus());
    if response.hovered() {
        ui.ctx().set_cursor_icon(egui::CursorIcon::PointingHand);
    }
    response.on_hover_text(&note.text)
}

/// Open: a filled head. Resolved: a hollow one with a line through it.
fn draw_pin(ui: &Ui, tip: Pos2, text: &str, is_open: bool, is_loud: bool) {
    let theme = Theme::of(ui);
    let painter = ui.painter();
    let head = tip - vec2(0.0, TIP);
    let (fill, ink) = if is_open { (theme.accent, theme.on_accent) } else { (theme.float, theme.faint) };
    let rim = if is_loud { Stroke::new(2.0, theme.ink) } else { Stroke::new(1.0, if is_open { theme.halo } else { theme.faint }) };
    let point = vec![tip, head + vec2(-5.0, HEAD - 2.5), head + vec2(5.0, HEAD - 2.5)];
    painter.add(egui::Shape::convex_polygon(point, fill, Stroke::new(1.0, theme.halo)));
    painter.circle(head, HEAD, fill, rim);
    painter.text(head, Align2::CENTER_CENTER, text, FontId::proportional(CAPTION_SIZE), ink);
    if !is_open {
        painter.line_segment([head + vec2(-6.0, 6.0), head + vec2(6.0, -6.0)], Stroke::new(1.0, ink));
    }
}

/// A line of the list; true when it was pressed.
fn note_row_ui(ui: &mut Ui, number: usize, note: &PinnedNote) -> bool {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 22.0), Sense::click());
    let state = if note.resolved.is_some() { "resolved" } else { "open" };
    let name = format!("Note {number}, {state}: {}", note.text);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Button, true, &name));
    if response.hovered() || response.has_focus() {
        ui.painter().rect_filled(rect, theme::RADIUS, theme.raised);
    }
    let ink = if note.resolved.is_some() { theme.faint } else { theme.text };
    let place = rect.shrink2(vec2(6.0, 0.0));
    let painter = ui.painter().with_clip_rect(place);
    let at = place.left_center();
    painter.text(at, Align2::LEFT_CENTER, format!("{number}"), FontId::proportional(CAPTION_SIZE), theme.faint);
    let text = painter.layout_no_wrap(note.text.replace('\n', " "), FontId::proportional(theme::BODY_SIZE), ink);
    let from = at + vec2(16.0, -text.size().y / 2.0);
    if note.resolved.is_some() {
        let y = at.y;
        let to = (from.x + text.size().x).min(place.max.x);
        painter.hline(from.x..=to, y, Stroke::new(1.0, theme.faint));
    }
    painter.galley(from, text, ink);
    let now = delimit::project::Moment::now();
    response.on_hover_text(format!("{}\n{}", note.text, words::signed(&note.written, now))).clicked()
}
