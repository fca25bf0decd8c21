//! What callers paint on top of the image: brush cursor, contours, markers and tags. Everything has a dark rim, so that it reads on
//! bright metal and on black rubber alike.

pub use delimit::paint::BrushShape;
use delimit::raster::{PixelRect, Point};
use egui::{Align2, Color32, FontId, Painter, Pos2, Rect, Shape, Stroke, StrokeKind, pos2, vec2};

use super::view::CanvasView;
use crate::studio::theme::{BODY_SIZE, CAPTION_SIZE, RADIUS, Theme};

/// Width of coloured lines on an image, and how much wider the dark line under them is, in points.
const LINE: f32 = 2.0;
const RIM: f32 = 1.5;

/// The ring of a brush of `diameter` image pixels at `centre` (image space), with a crosshair at its middle. Solid in the colour of
/// the class when it paints, dashed when it erases.
pub fn brush_cursor(
    painter: &Painter,
    view: &CanvasView,
    centre: Point,
    diameter: f64,
    shape: BrushShape,
    colour: Color32,
    is_eraser: bool,
) {
    let theme = Theme::of_context(painter.ctx());
    let middle = view.screen_from_image(centre);
    let radius = (diameter / 2.0) as f32 * view.points_per_pixel();
    if radius >= 2.0 {
        let outline = match shape {
            BrushShape::Round => circle(middle, radius),
            BrushShape::Square => {
                let r = Rect::from_center_size(middle, vec2(2.0 * radius, 2.0 * radius));
                vec![r.left_top(), r.right_top(), r.right_bottom(), r.left_bottom(), r.left_top()]
            }
        };
        painter.add(Shape::line(outline.clone(), Stroke::new(LINE + RIM, theme.halo)));
        if is_eraser {
            painter.extend(Shape::dashed_line(&outline, Stroke::new(LINE, theme.ink), 6.0, 4.0));
        } else {
            painter.add(Shape::line(outline, Stroke::new(LINE, colour)));
        }
    }
    if !(2.0..=9.0).contains(&radius) {
        // Where single pixels can be told apart, the cross names the one that is meant.
        let aim = if view.points_per_pixel() >= 4.0 { Point::new(centre.x.floor() + 0.5, centre.y.floor() + 0.5) } else { centre };
        crosshair(painter, view.screen_from_image(aim), if is_eraser { theme.ink } else { colour });
    }
}

/// A small cross with a free middle at `at` (points).
pub fn crosshair(painter: &Painter, at: Pos2, colour: Color32) {
    let theme = Theme::of_context(painter.ctx());
    for (width, colour) in [(1.5 + RIM, theme.halo), (1.5, colour)] {
        for (dx, dy) in [(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)] {
            let rim = if width > 1.5 { RIM / 2.0 } else { 0.0 };
            let (from, to) = (3.5 - rim, 8.0 + rim);
            painter.line_segment([at + vec2(dx * from, dy * from), at + vec2(dx * to, dy * to)], Stroke::new(width, colour));
        }
    }
}

fn circle(middle: Pos2, radius: f32) -> Vec<Pos2> {
    // A chord leaves the arc by less than a fifth of a pixel.
    let n = (std::f32::consts::PI / (1.0 - 0.2 / radius.max(1.0)).acos()).ceil().clamp(16.0, 256.0) as usize;
    (0..=n)
        .map(|k| {
            let (s, c) = (k as f32 / n as f32 * std::f32::consts::TAU).sin_cos();
            middle + vec2(c, s) * radius
        })
        .collect()
}

/// How a contour is drawn.
#[derive(Clone, Copy, Debug)]
pub struct ContourStyle {
    /// Width of the coloured line in points.
    pub width: f32,
    /// The last point is joined with the first.
    pub is_closed: bool,
    /// Dark rim under the line.
    pub has_halo: bool,
}

impl Default for ContourStyle {
    fn default() -> Self {
        Self { width: LINE, is_closed: true, has_halo: true }
    }
}

/// A polyline in image space; segment `i` of `colours` runs from point `i` to the next, and a short list repeats its last colour.
/// Points that fall on the same screen pixel are drawn once, and nothing is drawn outside of the view.
pub fn draw_contour(painter: &Painter, view: &CanvasView, points: &[Point], colours: &[Color32], style: ContourStyle) {
    if points.len() < 2 {
        return;
    }
    let theme = Theme::of_context(painter.ctx());
    let window = painter.clip_rect().expand(8.0);
    let colour_of = |segment: usize| colours.get(segment).or(colours.last()).copied().unwrap_or(theme.ink);
    // Runs of one colour that are in view.
    let mut runs: Vec<(Color32, Vec<Pos2>)> = Vec::new();
    let count = points.len() - usize::from(!style.is_closed);
    let mut last = view.screen_from_image(points[0]);
    let mut is_joined = false;
    for segment in 0..count {
        let next = view.screen_from_image(points[(segment + 1) % points.len()]);
        let colour = colour_of(segment);
        if (next - last).length_sq() < 0.25 && segment + 1 < count && is_joined {
            continue;
        }
        if window.intersects(Rect::from_two_pos(last, next)) {
            match runs.last_mut() {
                Some((c, run)) if *c == colour && is_joined => run.push(next),
                _ => runs.push((colour, vec![last, next])),
            }
            is_joined = true;
        } else {
            is_joined = false;
        }
        last = next;
    }
    let is_one_ring = style.is_closed && runs.len() == 1 && runs[0].1.first() == runs[0].1.last();
    let line = |run: Vec<Pos2>, stroke: Stroke| {
        if is_one_ring {
            let mut run = run;
            run.pop();
            Shape::closed_line(run, stroke)
        } else {
            Shape::line(run, stroke)
        }
    };
    if style.has_halo {
        painter.extend(runs.iter().map(|(_, run)| line(run.clone(), Stroke::new(style.width + RIM, theme.halo))));
    }
    painter.extend(runs.into_iter().map(|(colour, run)| line(run, Stroke::new(style.width, colour))));
}

/// Four corners around the pixels `rect`, at least 16 points wide so that a pixel-sized defect is found, and a tag over them.
pub fn draw_rect_marker(painter: &Painter, view: &CanvasView, rect: PixelRect, colour: Color32, tag: Option<&str>) {
    let theme = Theme::of_context(painter.ctx());
    let shown = view.screen_rect(rect).expand(4.0);
    let shown = Rect::from_center_size(shown.center(), shown.size().max(vec2(16.0, 16.0)));
    if !painter.clip_rect().expand(24.0).intersects(shown) {
        return;
    }
    let leg = (shown.width().min(shown.height()) * 0.3).clamp(4.0, 12.0);
    for stroke in [Stroke::new(LINE + RIM, theme.halo), Stroke::new(LINE, colour)] {
        for (corner, dx, dy) in [
            (shown.left_top(), 1.0, 1.0),
            (shown.right_top(), -1.0, 1.0),
            (shown.right_bottom(), -1.0, -1.0),
            (shown.left_bottom(), 1.0, -1.0),
        ] {
            painter.add(Shape::line(vec![corner + vec2(dx * leg, 0.0), corner, corner + vec2(0.0, dy * leg)], stroke));
        }
    }
    if let Some(text) = tag {
        draw_tag(painter, shown.left_top() + vec2(0.0, -4.0), Align2::LEFT_BOTTOM, text, colour);
    }
}

/// A small card with one line of text and a colour chip, `anchor`ed at `at` (points). Returns its place.
pub fn draw_tag(painter: &Painter, at: Pos2, anchor: Align2, text: &str, colour: Color32) -> Rect {
    draw_card(painter, at, anchor, colour, &[(text, None)])
}

/// A card with a colour chip and lines of text over the image: the first in the text colour, the others as captions unless they
/// bring a colour. It is moved to stay in the painter's clip rectangle, and left out when its place is not in view at all. Returns its
/// place.
pub fn draw_card(painter: &Painter, at: Pos2, anchor: Align2, colour: Color32, lines: &[(&str, Option<Color32>)]) -> Rect {
    const PAD: f32 = 6.0;
    const CHIP: f32 = 3.0;
    let theme = Theme::of_context(painter.ctx());
    let galleys: Vec<_> = lines
        .iter()
        .enumerate()
        .map(|(index, (text, ink))| {
            let (size, default) = if index == 0 { (BODY_SIZE - 1.0, theme.text) } else { (CAPTION_SIZE, theme.faint) };
            painter.layout_no_wrap((*text).to_owned(), FontId::proportional(size), ink.unwrap_or(default))
        })
        .collect();
    let width = galleys.iter().map(|g| g.size().x).fold(0.0, f32::max) + 2.0 * PAD + CHIP;
    let height = galleys.iter().map(|g| g.size().y).sum::<f32>() + PAD;
    let mut card = anchor.anchor_size(at, vec2(width, height));
    if !painter.clip_rect().intersects(card) {
        return card;
    }
    let room = painter.clip_rect().shrink(4.0);
    let shift = |low: f32, high: f32, from: f32, to: f32| {
        if low < from {
            from - low
        } else if high > to {
            (to - high).max(from - low)
        } else {
            0.0
        }
    };
    card = card.translate(vec2(
        shift(card.min.x, card.max.x, room.min.x, room.max.x),
        shift(card.min.y, card.max.y, room.min.y, room.max.y),
    ));
    painter.rect(card, RADIUS, theme.float.gamma_multiply(0.94), theme.hairline(), StrokeKind::Outside);
    let chip = Rect::from_min_max(card.min, pos2(card.min.x + CHIP, card.max.y));
    painter.rect_filled(chip, egui::CornerRadius { nw: RADIUS, sw: RADIUS, ne: 0, se: 0 }, colour);
    let mut y = card.min.y + PAD / 2.0;
    for galley in galleys {
        let size = galley.size();
        painter.galley(pos2(card.min.x + CHIP + PAD, y), galley, theme.text);
        y += size.y;
    }
    card
}

#[cfg(test)]
mod tests {
    use super::*;
    use egui::{Context, RawInput};

    /// The coloured lines that `paint` draws: (colour, points).
    fn lines(view: &CanvasView, paint: impl Fn(&Painter, &CanvasView)) -> Vec<(Color32, Vec<Pos2>)> {
        let ctx = Context::default();
        let output = ctx.run_ui(RawInput::default(), |ui| paint(&ui.painter_at(view.viewport()), view));
        let mut found = Vec::new();
        for shape in &output.shapes {
            if let Shape::Path(path) = &shape.shape
                && let egui::epaint::ColorMode::Solid(colour) = path.stroke.color
            {
                let mut points = path.points.clone();
                if path.closed {
                    points.push(points[0]);
                }
                found.push((colour, points));
            }
        }
        output.drop_without_applying_deltas();
        found
    }

    fn view() -> CanvasView {
        let mut view = CanvasView::new(Rect::from_min_size(pos2(0.0, 0.0), vec2(400.0, 400.0)), 1.0, 400, 400);
        view.one_to_one();
        view
    }

    const SQUARE: [Point; 4] =
        [Point::new(100.0, 100.0), Point::new(200.0, 100.0), Point::new(200.0, 200.0), Point::new(100.0, 200.0)];

    fn is_drawn(lines: &[(Color32, Vec<Pos2>)], colour: Color32, a: (f32, f32), b: (f32, f32)) -> bool {
        let (a, b) = (pos2(a.0, a.1), pos2(b.0, b.1));
        lines.iter().any(|(c, points)| *c == colour && points.windows(2).any(|w| w[0] == a && w[1] == b))
    }

    #[test]
    fn each_segment_has_its_colour_and_the_last_closes_the_ring() {
        let colours = [Color32::RED, Color32::RED, Color32::GREEN, Color32::BLUE];
        let lines = lines(&view(), |p, v| {
            draw_contour(p, v, &SQUARE, &colours, ContourStyle { has_halo: false, ..ContourStyle::default() });
        });
        assert!(is_drawn(&lines, Color32::RED, (100.0, 100.0), (200.0, 100.0)));
        assert!(is_drawn(&lines, Color32::RED, (200.0, 100.0), (200.0, 200.0)));
        assert!(is_drawn(&lines, Color32::GREEN, (200.0, 200.0), (100.0, 200.0)));
        assert!(is_drawn(&lines, Color32::BLUE, (100.0, 200.0), (100.0, 100.0)));
        assert_eq!(lines.len(), 3, "one line per run of a colour");
    }

    #[test]
    fn an_open_line_stays_open_and_what_is_out_of_view_is_left_out() {
        let open = ContourStyle { is_closed: false, has_halo: false, ..ContourStyle::default() };
        let drawn = lines(&view(), |p, v| draw_contour(p, v, &SQUARE, &[Color32::RED], open));
        assert!(!is_drawn(&drawn, Color32::RED, (100.0, 200.0), (100.0, 100.0)));
        let far: Vec<Point> = SQUARE.iter().map(|p| Point::new(p.x + 5000.0, p.y)).collect();
        let drawn = lines(&view(), |p, v| draw_contour(p, v, &far, &[Color32::RED], open));
        assert!(drawn.is_empty());
    }

    #[test]
    fn many_points_on_one_screen_pixel_are_drawn_once_and_keep_the_shape() {
        let mut v = view();
        v.set_zoom(0.3);
        let ring: Vec<Point> = (0..20_000)
            .map(|k| {
                let (s, c) = (f64::from(k) / 20_000.0 * std::f64::consts::TAU).sin_cos();
                Point::new(200.0 + 100.0 * c, 200.0 + 100.0 * s)
            })
            .collect();
        let drawn = lines(&v, |p, v| {
            draw_contour(p, v, &ring, &[Color32::RED], ContourStyle { has_halo: false, ..ContourStyle::default() });
        });
        let count: usize = drawn.iter().map(|(_, points)| points.len()).sum();
        assert!(count < 500, "{count} points");
        let centre = v.screen_from_image(Point::new(200.0, 200.0));
        assert!(drawn.iter().flat_map(|(_, points)| points).all(|p| (p.distance(centre) - 30.0).abs() < 0.1));
    }

    #[test]
    fn the_ring_has_the_diameter_of_the_brush_on_the_image() {
        let mut v = view();
        v.set_zoom(3.0);
        let centre = Point::new(200.0, 200.0);
        let drawn = lines(&v, |p, v| brush_cursor(p, v, centre, 24.0, BrushShape::Round, Color32::RED, false));
        let ring = drawn.iter().find(|(c, points)| *c == Color32::RED && points.len() > 10).unwrap();
        let at = v.screen_from_image(centre);
        assert!(ring.1.iter().all(|p| (p.distance(at) - 36.0).abs() < 1e-3), "24 pixels at 300 % are 72 wide");
    }
}
