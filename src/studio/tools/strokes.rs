//! Brush, eraser and threshold brush: strokes that are on the map while they are drawn.

use delimit::paint::shape::stroke_path;
use delimit::paint::smart::range_of;
use delimit::paint::{Fence, Gate};
use delimit::raster::{BACKGROUND, IGNORE, Point};
use delimit::session::{Pen, Tool};
use egui::{Context, PointerButton};

use super::{Place, takes_away};
use crate::studio::app::Studio;
use crate::studio::canvas::{PointerEvent, PointerKind};

/// Share of the first dab's pixels whose gray values the threshold brush takes as its range.
const RANGE_COVERAGE: f32 = 0.9;

/// The last two dabs, so that a double click inside a contour can take them back before it fills.
#[derive(Default)]
pub struct Dabs {
    last: [Option<Dab>; 2],
}

#[derive(Clone, Copy)]
struct Dab {
    point: Point,
    has_changed: bool,
}

/// Alt and the right button, dragged: the tip follows the hand.
#[derive(Clone, Copy)]
pub struct Sizing {
    from: Point,
    size: f64,
    /// Where the ring stays meanwhile.
    pub centre: Point,
}

impl Studio {
    pub(super) fn stroke_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        match event.kind {
            PointerKind::Pressed => {
                let pen = self.pen(place, event);
                let from = match self.hand.last_end {
                    Some((surface, end)) if event.modifiers.shift && surface == place.surface => end,
                    _ => event.point,
                };
                self.try_session(|s| s.begin_stroke(place.surface, pen, from));
                self.session.extend_stroke(&[event.point]);
            }
            PointerKind::Dragged => self.session.extend_stroke(&event.path),
            PointerKind::Released => {
                self.session.extend_stroke(&event.path);
                let mut has_changed = false;
                self.try_session(|s| {
                    has_changed = s.finish_stroke()?;
                    Ok(())
                });
                self.hand.last_end = Some((place.surface, event.point));
                self.hand.dabs.last = [self.hand.dabs.last[1], Some(Dab { point: event.point, has_changed })];
                self.after_edit(place.surface, ctx);
            }
            PointerKind::Cancelled => self.session.cancel_stroke(),
        }
    }

    /// A stroke is being painted at this moment.
    pub(super) const fn is_painting(&self) -> bool {
        matches!(self.view.tool, Tool::Brush | Tool::Eraser | Tool::ThresholdBrush)
    }

    /// What the stroke that begins here paints with.
    fn pen(&mut self, place: &Place, event: &PointerEvent) -> Pen {
        let is_eraser = self.view.tool == Tool::Eraser || takes_away(event);
        let value = if is_eraser { BACKGROUND } else { self.view.value() };
        let gate = self.gate(is_eraser);
        let gate =
            if self.view.tool == Tool::ThresholdBrush && !is_eraser { self.threshold_gate(place, event, gate) } else { gate };
        Pen { brush: self.view.tip(), value, gate }
    }

    fn threshold_gate(&mut self, place: &Place, event: &PointerEvent, gate: Gate) -> Gate {
        let (width, height) = place.size();
        if self.view.settings.takes_range_from_dab || self.view.settings.range.is_none() {
            let dab = stroke_path(&[event.point], self.view.tip(), width, height);
            if let Some(range) = range_of(place.pyramid.photo(), &dab, RANGE_COVERAGE) {
                self.view.settings.range = Some(range);
            }
        }
        match &self.view.settings.range {
            Some(range) if !self.view.limits.is_by_brightness => {
                gate.fenced(Fence::Intensity { photo: std::sync::Arc::clone(&place.pyramid), range: range.clone() })
            }
            _ => gate,
        }
    }

    /// A double click inside a closed contour fills it. The dabs of the two clicks are taken back first.
    pub(super) fn fill_inside(&mut self, place: &Place, point: Point, ctx: &Context) {
        let Some((x, y)) = place.pixel(point) else { return };
        let is_here = |dab: &&Dab| dab.has_changed && place.is_near(dab.point, point, 6.0);
        let undone = self.hand.dabs.last.iter().flatten().filter(is_here).count();
        self.hand.dabs = Dabs::default();
        for _ in 0..undone {
            self.try_session(|s| s.undo(place.surface).map(drop));
        }
        let value = self.view.value();
        let hole = self.session.surface(place.surface).and_then(|s| delimit::paint::fill::hole_at(s.map(), x, y, value));
        match hole {
            Some(hole) => self.commit_area(hole, false, ctx),
            None => {
                for _ in 0..undone {
                    self.try_session(|s| s.redo(place.surface).map(drop));
                }
            }
        }
    }

    /// Alt and the right button change the size of the tip; true while they do.
    pub(super) fn resize_by_drag(&mut self, place: &Place, event: &PointerEvent) -> bool {
        if event.button != PointerButton::Secondary || !self.view.tool.has_tip() {
            return false;
        }
        match event.kind {
            PointerKind::Pressed if event.modifiers.alt => {
                self.hand.sizing = Some(Sizing { from: event.point, size: self.view.tool_px(), centre: event.point });
            }
            PointerKind::Dragged => {
                let Some(sizing) = self.hand.sizing else { return false };
                // As many pixels wider as the hand went to the right on both sides.
                let wider = (event.point.x - sizing.from.x) * 2.0;
                let most = crate::studio::state::LARGEST_TIP_PX;
                *self.view.tool_px_mut() = (sizing.size + wider).round().clamp(1.0, most);
            }
            PointerKind::Released | PointerKind::Cancelled => {
                if event.kind == PointerKind::Cancelled
                    && let Some(sizing) = self.hand.sizing
                {
                    *self.view.tool_px_mut() = sizing.size;
                }
                let was_sizing = self.hand.sizing.take().is_some();
                return was_sizing;
            }
            PointerKind::Pressed => {}
        }
        let _ = place;
        self.hand.sizing.is_some()
    }

    /// Where the ring of the tip stays while its size is dragged.
    pub(super) fn sizing_centre(&self) -> Option<Point> {
        self.hand.sizing.map(|s| s.centre)
    }

    /// With tips that keep their size on the screen: the zoom changed, so the size on the image does too.
    pub(super) fn keep_tip_on_screen(&mut self, zoom: f64) {
        if let Some(before) = self.hand.zoom.replace(zoom)
            && before != zoom
            && self.view.settings.keeps_size_on_screen
        {
            let most = crate::studio::state::LARGEST_TIP_PX;
            for size in [&mut self.view.settings.brush_px, &mut self.view.settings.eraser_px] {
                *size = (*size * before / zoom).clamp(1.0, most);
            }
        }
    }

    /// Takes the class or zone under the pointer into the hand.
    pub fn pick_under_pointer(&mut self) {
        let (Some((x, y)), Some(surface)) = (self.hand.pixel, self.surface_id()) else { return };
        let value = self.session.surface(surface).map_or(BACKGROUND, |s| s.map().get(x, y));
        if value == BACKGROUND {
            return;
        }
        if self.view.is_painting_zones {
            self.view.zone = value;
        } else if value == IGNORE || self.session.project().class(value).is_some() {
            self.view.class = value;
        }
    }
}
