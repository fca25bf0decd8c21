//! A key as it stands on the keyboard: "Ctrl+Z" as two small caps.

use egui::{FontId, Response, Sense, StrokeKind, Ui, vec2};

use crate::studio::theme::{CAPTION_SIZE, Theme};

/// Draws the keys of `shortcut`, given as "Ctrl+Shift+Z" or "B".
pub fn kbd(ui: &mut Ui, shortcut: &str) -> Response {
    const HEIGHT: f32 = 16.0;
    const GAP: f32 = 3.0;
    let theme = Theme::of(ui);
    let font = FontId::proportional(CAPTION_SIZE);
    let caps: Vec<_> = keys(shortcut).into_iter().map(|key| ui.painter().layout_no_wrap(key, font.clone(), theme.faint)).collect();
    let cap_width = |width: f32| (width + 8.0).max(HEIGHT).round();
    let width = caps.iter().map(|g| cap_width(g.size().x)).sum::<f32>() + GAP * caps.len().saturating_sub(1) as f32;
    let (rect, response) = ui.allocate_exact_size(vec2(width, HEIGHT), Sense::hover());
    response.widget_info(|| egui::WidgetInfo::labeled(egui::Role::Label, true, shortcut));
    let mut x = rect.min.x;
    for galley in caps {
        let cap = egui::Rect::from_min_size(egui::pos2(x, rect.min.y), vec2(cap_width(galley.size().x), HEIGHT));
        ui.painter().rect(cap, 3, theme.raised, theme.hairline(), StrokeKind::Inside);
        ui.painter().galley(cap.center() - galley.size() / 2.0, galley, theme.faint);
        x = cap.max.x + GAP;
    }
    response
}

/// The keys of a shortcut; a plus at the end or alone is the plus key.
fn keys(shortcut: &str) -> Vec<String> {
    let mut keys: Vec<String> = Vec::new();
    let mut rest = shortcut;
    while let Some(at) = rest.char_indices().skip(1).find(|(_, c)| *c == '+').map(|(at, _)| at) {
        keys.push(rest[..at].to_owned());
        rest = &rest[at + 1..];
    }
    if !rest.is_empty() {
        keys.push(rest.to_owned());
    }
    keys
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn a_shortcut_falls_into_its_keys() {
        assert_eq!(keys("B"), ["B"]);
        assert_eq!(keys("Ctrl+Shift+Z"), ["Ctrl", "Shift", "Z"]);
        assert_eq!(keys("Ctrl++"), ["Ctrl", "+"]);
        assert_eq!(keys("+"), ["+"]);
    }
}
