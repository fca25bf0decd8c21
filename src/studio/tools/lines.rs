//! Polygon, lasso and knife: a line of corners, clicked or drawn freehand.

use delimit::paint::shape::polygon;
use delimit::paint::split::knife;
use delimit::raster::{Area, BACKGROUND, Point};
use delimit::session::Tool;
use egui::{Context, PointerButton};

use super::{Draft, Place};
use crate::studio::app::Studio;
use crate::studio::canvas::{PointerEvent, PointerKind};

/// Distance on the screen, in points, from which on a press is a freehand line and no click.
const FREEHAND_FROM: f32 = 5.0;

/// A click so near to the first corner closes the polygon.
const CLOSING: f32 = 8.0;

/// Corners so far, in image space.
pub struct LineDraft {
    pub points: Vec<Point>,
    pub takes_away: bool,
    /// Where the next corner would be.
    pub pointer: Point,
    pressed_at: Option<Point>,
    is_freehand: bool,
    /// Corners before the press that is going on.
    before_press: usize,
}

impl LineDraft {
    const fn begin(takes_away: bool, at: Point) -> Self {
        Self { points: Vec::new(), takes_away, pointer: at, pressed_at: None, is_freehand: false, before_press: 0 }
    }

    /// False when no corner is left.
    pub fn remove_last(&mut self) -> bool {
        self.points.pop();
        !self.points.is_empty()
    }
}

impl Studio {
    pub(super) fn line_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        if event.button == PointerButton::Secondary {
            if event.kind == PointerKind::Pressed {
                self.finish_line(place, ctx);
            }
            return;
        }
        let is_knife = self.view.tool == Tool::Knife;
        if event.kind == PointerKind::Pressed && !matches!(self.hand.draft, Draft::Line(_)) {
            self.hand.draft = Draft::Line(LineDraft::begin(event.modifiers.alt, event.point));
        }
        let Draft::Line(line) = &mut self.hand.draft else { return };
        line.pointer = event.point;
        match event.kind {
            PointerKind::Pressed => {
                let closes = !is_knife && line.points.len() >= 3 && place.is_near(line.points[0], event.point, CLOSING);
                if closes {
                    self.finish_line(place, ctx);
                    return;
                }
                line.before_press = line.points.len();
                line.pressed_at = Some(event.point);
                line.is_freehand = false;
                line.points.push(event.point);
            }
            PointerKind::Dragged => {
                let Some(from) = line.pressed_at else { return };
                line.is_freehand |= event.path.iter().any(|&p| !place.is_near(p, from, FREEHAND_FROM));
                for &point in &event.path {
                    // Half a pixel or a point of the screen, whichever is coarser, is detail enough.
                    let is_new = line.points.last().is_none_or(|&l| l.distance(point) >= 0.5 && !place.is_near(l, point, 1.0));
                    if line.is_freehand && is_new {
                        line.points.push(point);
                    }
                }
            }
            PointerKind::Released => {
                line.pressed_at = None;
                if line.is_freehand && line.before_press == 0 {
                    self.finish_line(place, ctx);
                }
            }
            PointerKind::Cancelled => self.hand.draft = Draft::Nothing,
        }
    }

    /// Paints the polygon, or cuts along the line.
    pub(super) fn finish_line(&mut self, place: &Place, ctx: &Context) {
        let Draft::Line(line) = std::mem::take(&mut self.hand.draft) else { return };
        let (width, height) = place.size();
        if self.view.tool == Tool::Knife {
            self.cut(place, &line.points, ctx);
            return;
        }
        let area = polygon(&line.points, width, height);
        if area.is_empty() {
            self.toasts.info("The polygon holds no middle of a pixel: nothing was painted");
            return;
        }
        self.commit_area(area, line.takes_away, ctx);
    }

    /// Cuts every region that the line goes through.
    fn cut(&mut self, place: &Place, path: &[Point], ctx: &Context) {
        if self.keeps_pixels(place.surface) {
            self.cut_between_pixels(place, path, ctx);
            return;
        }
        let Some(surface) = self.session.surface(place.surface) else { return };
        let map = surface.map();
        let mut regions: Vec<Area> = Vec::new();
        for pair in path.windows(2) {
            let steps = pair[0].distance(pair[1]).ceil().clamp(1.0, 1e5) as u32;
            for i in 0..=steps {
                let t = f64::from(i) / f64::from(steps);
                let at = Point::new(pair[0].x + (pair[1].x - pair[0].x) * t, pair[0].y + (pair[1].y - pair[0].y) * t);
                let Some((x, y)) = place.pixel(at) else { continue };
                if map.get(x, y) != BACKGROUND && !regions.iter().any(|r| r.contains(x, y)) {
                    regions.extend(self.thing_at(place.surface, (x, y)));
                }
            }
        }
        let cuts: Vec<Area> = regions.iter().filter_map(|region| knife(region, path)).map(|split| split.cut).collect();
        if cuts.is_empty() {
            self.toasts.info("The line cuts no region in two: draw it from border to border");
            return;
        }
        let gate = self.fenced(delimit::paint::Gate::OPEN);
        let edits: Vec<_> = cuts.into_iter().map(|cut| (cut, BACKGROUND, gate.clone())).collect();
        self.paint_areas(place.surface, &edits, ctx);
    }
}
