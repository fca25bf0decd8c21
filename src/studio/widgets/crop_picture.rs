//! A small picture of a place on an image with the outlines of the labels in it.

use delimit::workflow::crops::Crop;
use egui::{Color32, ColorImage, Context, Painter, Rect, Shape, Stroke, TextureHandle, TextureOptions, pos2, vec2};

/// Brings the pixels of a crop to the screen's memory.
pub fn crop_texture(ctx: &Context, crop: &Crop) -> TextureHandle {
    let pixels = crop.rgb.iter().map(|c| Color32::from_rgb(c[0], c[1], c[2])).collect();
    let picture = ColorImage::new([crop.width as usize, crop.height as usize], pixels);
    ctx.load_texture("crop", picture, TextureOptions::NEAREST)
}

/// Draws the crop in the middle of `rect`, as large as it fits, with the outlines of the labels over it.
pub fn draw_crop(painter: &Painter, rect: Rect, crop: &Crop, texture: &TextureHandle, colour_of: impl Fn(u8) -> Color32) {
    let (w, h) = (crop.rect.width() as f32, crop.rect.height() as f32);
    let scale = (rect.width() / w).min(rect.height() / h);
    let shown = Rect::from_center_size(rect.center(), vec2(w, h) * scale);
    let painter = painter.with_clip_rect(rect.intersect(painter.clip_rect()));
    painter.image(texture.id(), shown, Rect::from_min_max(pos2(0.0, 0.0), pos2(1.0, 1.0)), Color32::WHITE);
    let at = |p: &delimit::raster::Point| {
        shown.min + vec2((p.x - f64::from(crop.rect.x0)) as f32, (p.y - f64::from(crop.rect.y0)) as f32) * scale
    };
    for (class, contour) in &crop.contours {
        let line: Vec<_> = contour.points.iter().map(at).collect();
        painter.add(Shape::closed_line(line, Stroke::new(1.0, colour_of(*class))));
    }
}
