//! A small bar of three colours: how OK, review and NG share a whole.

use egui::{Rect, Response, Sense, Ui, Vec2, WidgetInfo, pos2};

use super::verdict_badge::Mark;
use crate::studio::theme::Theme;

/// Draws the shares of `[ok, review, ng]` in a bar of `size` points. A share that is not zero is never invisible; an empty whole is
/// an empty rail.
pub fn stacked_bar(ui: &mut Ui, size: Vec2, counts: [usize; 3]) -> Response {
    let theme = Theme::of(ui);
    let (rect, response) = ui.allocate_exact_size(size, Sense::hover());
    let text = format!("{} OK, {} review, {} NG", counts[0], counts[1], counts[2]);
    response.widget_info(|| WidgetInfo::labeled(egui::Role::Image, true, &text));
    if ui.is_rect_visible(rect) {
        let painter = ui.painter_at(rect);
        painter.rect_filled(rect, 1, theme.line);
        let mut x = rect.min.x;
        for (width, mark) in shares(size.x, counts).into_iter().zip([Mark::Ok, Mark::Review, Mark::Ng]) {
            if width > 0.0 {
                let part = Rect::from_min_max(pos2(x, rect.min.y), pos2(x + width, rect.max.y));
                painter.rect_filled(part, 0, mark.colour(theme));
                x += width;
            }
        }
    }
    response.on_hover_text(text)
}

/// Widths of the three parts in a bar of `width` points; a part that is not zero gets at least two points.
fn shares(width: f32, counts: [usize; 3]) -> [f32; 3] {
    const LEAST: f32 = 2.0;
    let total: usize = counts.iter().sum();
    if total == 0 {
        return [0.0; 3];
    }
    let mut parts = counts.map(|n| if n == 0 { 0.0 } else { (width * n as f32 / total as f32).max(LEAST) });
    // What the small ones got too much, the largest gives.
    let excess = parts.iter().sum::<f32>() - width;
    if let Some(largest) = parts.iter_mut().max_by(|a, b| a.total_cmp(b)) {
        *largest = (*largest - excess).max(LEAST);
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::shares;

    #[test]
    fn parts_fill_the_bar_and_none_vanishes() {
        assert_eq!(shares(60.0, [1, 1, 1]), [20.0, 20.0, 20.0]);
        assert_eq!(shares(60.0, [0, 0, 0]), [0.0; 3]);
        assert_eq!(shares(60.0, [0, 0, 7]), [0.0, 0.0, 60.0]);
        let parts = shares(60.0, [10_000, 0, 1]);
        assert_eq!(parts, [58.0, 0.0, 2.0]);
    }
}
