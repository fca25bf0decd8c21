//! Short messages at the lower right: news for a few seconds, errors until they are closed.

use egui::{Align2, Area, Context, Id, Order, RichText, Ui, vec2};

use super::icons;
use super::theme::{self, Theme};

/// Seconds that news stay.
const NEWS_FOR_S: f64 = 6.0;

/// Messages at the same time; older ones go first.
const MOST: usize = 4;

#[derive(Debug)]
struct Toast {
    text: String,
    is_error: bool,
    shown_at: Option<f64>,
}

#[derive(Debug, Default)]
pub struct Toasts {
    list: Vec<Toast>,
}

impl Toasts {
    pub fn info(&mut self, text: &str) {
        self.push(text, false);
    }

    pub fn error(&mut self, text: &str) {
        self.push(text, true);
    }

    fn push(&mut self, text: &str, is_error: bool) {
        // The same message again is no news.
        self.list.retain(|t| t.text != text);
        self.list.push(Toast { text: text.to_owned(), is_error, shown_at: None });
        if self.list.len() > MOST {
            self.list.remove(0);
        }
    }

    pub fn ui(&mut self, ctx: &Context) {
        let now = ctx.input(|i| i.time);
        self.list.retain(|t| t.is_error || t.shown_at.is_none_or(|at| now - at < NEWS_FOR_S));
        if self.list.is_empty() {
            return;
        }
        let mut closed = None;
        Area::new(Id::unique("toasts")).order(Order::Foreground).anchor(Align2::RIGHT_BOTTOM, vec2(-12.0, -124.0)).show(
            ctx,
            |ui| {
                for (i, toast) in self.list.iter_mut().enumerate() {
                    toast.shown_at.get_or_insert(now);
                    if toast_ui(ui, toast) {
                        closed = Some(i);
                    }
                }
            },
        );
        if let Some(i) = closed {
            self.list.remove(i);
        }
        ctx.request_repaint_after(std::time::Duration::from_millis(500));
    }
}

/// Draws one message; true when it was closed.
fn toast_ui(ui: &mut Ui, toast: &Toast) -> bool {
    let theme = Theme::of(ui);
    let mut is_closed = false;
    theme.card_frame().stroke(egui::Stroke::new(1.0, if toast.is_error { theme.ng } else { theme.line })).show(ui, |ui| {
        ui.set_width(380.0);
        ui.horizontal_top(|ui| {
            let (icon, colour) = if toast.is_error { (icons::WARNING, theme.ng_text) } else { (icons::INFO, theme.accent_text) };
            ui.label(icon.rich_text().size(theme::ICON_SIZE).color(colour));
            ui.vertical(|ui| {
                ui.set_width(308.0);
                ui.add(egui::Label::new(RichText::new(&toast.text).color(theme.text)).wrap());
            });
            is_closed = icons::icon_button(ui, icons::CLOSE, "Close message", "", false).clicked();
        });
    });
    ui.add_space(4.0);
    is_closed
}
