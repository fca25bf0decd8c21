//! Looking closely: the loupe near the pointer, and raw values printed inside of large pixels.

use delimit::raster::{Photo, Shading};
use egui::{Align2, Color32, FontId, Rect, Stroke, StrokeKind, pos2, vec2};

use super::canvas::{Canvas, CanvasContent, CanvasFrame, CanvasView, draw};
use super::theme::{CAPTION_SIZE, CARD_RADIUS, Theme};

/// Points per pixel from which on gray values are printed, and those of three channels.
const GRAY_FROM: f32 = 28.0;
const COLOUR_FROM: f32 = 44.0;

/// Side of the loupe, and its distance from the pointer, in points.
const LOUPE: f32 = 200.0;
const DISTANCE: f32 = 36.0;

/// How much larger than the canvas the loupe shows, and the least it shows.
const MAGNIFICATION: f64 = 6.0;
const LEAST_ZOOM: f64 = 4.0;

/// Prints the raw value of every visible pixel into it, when pixels are large enough.
pub fn draw_values(frame: &CanvasFrame, photo: &Photo, shading: &Shading) {
    let side = frame.view.points_per_pixel();
    let is_colour = photo.channels() == 3;
    if side < if is_colour { COLOUR_FROM } else { GRAY_FROM } {
        return;
    }
    let visible = frame.view.visible_pixels();
    let shown = shading.rgba(photo, visible);
    for y in visible.y0..visible.y1 {
        for x in visible.x0..visible.x1 {
            let [r, g, b, _] = shown.at(x - visible.x0, y - visible.y0);
            let is_light = u32::from(r) * 299 + u32::from(g) * 587 + u32::from(b) * 114 > 128_000;
            let lines = texts(photo, x, y);
            let longest = lines.iter().map(String::len).max().unwrap_or(1).max(3) as f32;
            // A digit is about 0.6 of its size wide.
            let size = (side * 0.9 / (longest * 0.62)).min(side * 0.8 / (lines.len() as f32 * 1.25)).min(14.0);
            let middle = frame.view.screen_rect(delimit::raster::PixelRect::new(x, y, x + 1, y + 1)).center();
            let (ink, rim) = if is_light {
                (Color32::BLACK, Color32::from_white_alpha(150))
            } else {
                (Color32::WHITE, Color32::from_black_alpha(170))
            };
            for (i, text) in lines.iter().enumerate() {
                let at = middle + vec2(0.0, (i as f32 - (lines.len() - 1) as f32 / 2.0) * size * 1.2);
                let font = FontId::proportional(size);
                // A label may lie over the photo: the rim keeps the figure readable on its colour.
                let galley = frame.painter.layout_no_wrap(text.clone(), font, ink);
                let at = Align2::CENTER_CENTER.anchor_size(at, galley.size()).min;
                for shift in [vec2(0.8, 0.8), vec2(-0.8, -0.8)] {
                    frame.painter.galley_with_override_text_color(at + shift, galley.clone(), rim);
                }
                frame.painter.galley(at, galley, ink);
            }
        }
    }
}

/// The raw channels of a pixel, one a line.
fn texts(photo: &Photo, x: u32, y: u32) -> Vec<String> {
    match photo {
        Photo::Gray8(p) => vec![p.at(x, y).to_string()],
        Photo::Gray16(p) => vec![p.at(x, y).to_string()],
        Photo::GrayF32(p) => {
            let v = p.at(x, y);
            vec![if v == 0.0 || (0.01..1000.0).contains(&v.abs()) { format!("{v:.2}") } else { format!("{v:.1e}") }]
        }
        Photo::Rgb8(p) => p.at(x, y).map(|v| v.to_string()).to_vec(),
        Photo::Rgb16(p) => p.at(x, y).map(|v| v.to_string()).to_vec(),
    }
}

/// Where the loupe lies: right above the pointer, on the other sides where there is no room.
fn loupe_place(frame: &CanvasFrame, pointer: egui::Pos2) -> Rect {
    let room = frame.view.viewport().shrink(8.0);
    let side = LOUPE.min(room.width()).min(room.height());
    let x = if pointer.x + DISTANCE + side <= room.max.x { pointer.x + DISTANCE } else { pointer.x - DISTANCE - side };
    let y = if pointer.y - DISTANCE - side >= room.min.y { pointer.y - DISTANCE - side } else { pointer.y + DISTANCE };
    let corner = pos2(x.clamp(room.min.x, room.max.x - side), y.clamp(room.min.y, room.max.y - side)).round();
    Rect::from_min_size(corner, vec2(side, side))
}

/// Draws the loupe: the image under the pointer with its labels, larger, with a cross on the pointer.
pub fn draw_loupe(canvas: &mut Canvas, frame: &CanvasFrame, content: &CanvasContent<'_>) {
    let Some(point) = frame.image_point else { return };
    let (width, height) = frame.view.image_size();
    if point.x < 0.0 || point.y < 0.0 || point.x > f64::from(width) || point.y > f64::from(height) {
        return;
    }
    let place = loupe_place(frame, frame.view.screen_from_image(point));
    let mut view = CanvasView::new(place, frame.view.pixels_per_point() as f32, width, height);
    view.centre_on_point(point);
    view.set_zoom((frame.view.zoom() * MAGNIFICATION).max(LEAST_ZOOM));
    canvas.paint_inset(frame, content, place, &view);
    let theme = Theme::of_context(frame.painter.ctx());
    let painter = frame.painter.with_clip_rect(place.expand(4.0).intersect(frame.painter.clip_rect()));
    let at = view.screen_from_image(point);
    draw::crosshair(&painter.with_clip_rect(place), at, theme.ink);
    painter.rect_stroke(place, 2, Stroke::new(3.0, theme.halo), StrokeKind::Outside);
    painter.rect_stroke(place, 2, Stroke::new(1.5, theme.ink), StrokeKind::Inside);
    let text = view.zoom_text();
    let galley = painter.layout_no_wrap(text, FontId::proportional(CAPTION_SIZE), theme.text);
    let card = Rect::from_min_size(place.min + vec2(6.0, 6.0), galley.size() + vec2(8.0, 2.0));
    painter.rect_filled(card, CARD_RADIUS, theme.float.gamma_multiply(0.9));
    painter.galley(card.min + vec2(4.0, 1.0), galley, theme.text);
}
