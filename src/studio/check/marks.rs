//! What Check draws over the image: contours coloured by displacement, and little normals to the edge at high zoom.

use delimit::check::{BoundaryResult, RegionCheck, Soundness};
use egui::Color32;

use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::canvas::draw::{self, ContourStyle};
use crate::studio::theme::Theme;
use crate::studio::work::PhotoKey;

/// Contours coloured by displacement, with little normals to the edge at high zoom.
pub fn draw(studio: &Studio, frame: &CanvasFrame) {
    let Some(PhotoKey::Image(image)) = studio.photo_key() else { return };
    let Some(checks) = &studio.analysis.checks[image] else { return };
    let theme = Theme::of_context(frame.painter.ctx());
    studio.draw_repair(frame, image);
    for check in checks {
        let is_here = studio.view.selected_finding.is_some_and(|s| s.image == image && s.region == Some(check.region));
        contour_marks(frame, check, check.result.tolerance_px, is_here, theme);
        if is_here {
            let colour = studio.class_colour(check.class);
            draw::draw_rect_marker(&frame.painter, &frame.view, check.bounds, colour, None);
        }
    }
}

/// One region's contour in the colours of its displacement.
pub fn contour_marks(frame: &CanvasFrame, check: &RegionCheck, tolerance: f64, is_here: bool, theme: &Theme) {
    let result = &check.result;
    let is_measured = result.verdict != Soundness::Unmeasurable;
    for range in &result.contours {
        let points = &result.points[range.clone()];
        let positions: Vec<_> = points.iter().map(|p| p.position).collect();
        let colours: Vec<Color32> = points
            .iter()
            .map(|p| {
                if is_measured && !p.is_blocked && p.displacement_px.is_finite() {
                    displacement_colour(p.displacement_px, tolerance, theme)
                } else {
                    Color32::from_gray(0x90)
                }
            })
            .collect();
        let style = ContourStyle { width: if is_here { 2.0 } else { 1.5 }, ..ContourStyle::default() };
        draw::draw_contour(&frame.painter, &frame.view, &positions, &colours, style);
        if is_measured && frame.view.zoom() >= 6.0 {
            for (p, colour) in points.iter().zip(&colours).filter(|(p, _)| !p.is_blocked && p.confidence > 0.3) {
                let ends = [frame.view.screen_from_image(p.position), frame.view.screen_from_image(p.edge())];
                frame.painter.line_segment(ends, egui::Stroke::new(1.0, *colour));
            }
        }
    }
}

/// "edge fit: 90 % within 0.42 px, +0.3 px".
pub fn figure(result: &BoundaryResult) -> String {
    if result.verdict == Soundness::Unmeasurable {
        return "edge fit cannot be measured here".to_owned();
    }
    let bias = format!("{:+.1}", result.bias_px).replace('-', "−");
    format!("edge fit {}: 90 % within {:.1} px, bias {bias} px", result.verdict.label(), result.p90_px)
}

/// Pale where the label is right, blue where it is too small, pink where it is too large; full at the tolerance.
pub fn displacement_colour(displacement_px: f64, tolerance_px: f64, theme: &Theme) -> Color32 {
    let t = (displacement_px / tolerance_px.max(0.1)).clamp(-1.0, 1.0) as f32;
    let (end, share) = if t >= 0.0 { (theme.missed, t) } else { (theme.extra, -t) };
    let start = Color32::from_rgb(0xD7, 0xE3, 0xF4);
    let mix = |a: u8, b: u8| (f32::from(a) + (f32::from(b) - f32::from(a)) * share).round() as u8;
    Color32::from_rgb(mix(start.r(), end.r()), mix(start.g(), end.g()), mix(start.b(), end.b()))
}
