//! Livewire at the hand: a line that follows edges from corner to corner, closed into a polygon.

use std::sync::Arc;

use delimit::paint::shape::polygon;
use delimit::paint::smart::livewire::{LiveWire, snap};
use delimit::raster::Point;
use delimit::raster::pyramid::Pyramid;
use egui::{Context, PointerButton};

use super::{Draft, Place};
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, PointerEvent, PointerKind};

/// A click snaps to the strongest edge so near, in image pixels.
const SNAP_PX: f64 = 4.0;

/// A click so near to the first corner closes the line, in points of the screen.
const CLOSING: f32 = 8.0;

/// Stretches between the corners clicked so far, and the one to the pointer.
pub struct WireDraft {
    pyramid: Arc<Pyramid>,
    first: Point,
    stretches: Vec<Vec<Point>>,
    wire: LiveWire,
    live: Vec<Point>,
    /// The point that `live` leads to.
    followed: Option<Point>,
    takes_away: bool,
}

impl WireDraft {
    fn begin(pyramid: &Arc<Pyramid>, at: Point, takes_away: bool) -> Self {
        let wire = LiveWire::new(pyramid.photo(), snap(pyramid.photo(), at, SNAP_PX), LiveWire::WINDOW_PX);
        Self {
            pyramid: Arc::clone(pyramid),
            first: wire.anchor(),
            stretches: Vec::new(),
            wire,
            live: Vec::new(),
            followed: None,
            takes_away,
        }
    }

    /// A corner is set where the line has come to.
    fn fix(&mut self, at: Point) {
        let to = snap(self.pyramid.photo(), at, SNAP_PX);
        let stretch = self.wire.path_to(to);
        let end = stretch.last().copied().unwrap_or(to);
        self.stretches.push(stretch);
        self.restart(end);
    }

    fn restart(&mut self, anchor: Point) {
        self.wire = LiveWire::new(self.pyramid.photo(), anchor, LiveWire::WINDOW_PX);
        self.live.clear();
        self.followed = None;
    }

    /// False when no corner is left.
    pub fn remove_last(&mut self) -> bool {
        if self.stretches.pop().is_none() {
            return false;
        }
        let anchor = self.stretches.last().and_then(|s| s.last()).copied().unwrap_or(self.first);
        self.restart(anchor);
        true
    }

    /// Everything that is to be drawn: fixed stretches and the one to the pointer.
    pub fn line(&self) -> Vec<Point> {
        self.stretches.iter().flatten().chain(&self.live).copied().collect()
    }

    /// Where corners were clicked.
    pub fn corners(&self) -> Vec<Point> {
        std::iter::once(self.first).chain(self.stretches.iter().filter_map(|s| s.last().copied())).collect()
    }
}

impl Studio {
    pub(super) fn wire_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        if event.kind != PointerKind::Pressed {
            return;
        }
        if event.button == PointerButton::Secondary {
            self.finish_wire(place, ctx);
            return;
        }
        if let Draft::Wire(wire) = &mut self.hand.draft {
            if wire.stretches.len() >= 2 && place.is_near(wire.first, event.point, CLOSING) {
                self.finish_wire(place, ctx);
            } else {
                wire.fix(event.point);
            }
        } else {
            let draft = WireDraft::begin(&place.pyramid, event.point, event.modifiers.alt);
            self.hand.draft = Draft::Wire(Box::new(draft));
        }
    }

    /// Leads the line to the pointer.
    pub(super) fn follow_wire(&mut self, frame: &CanvasFrame) {
        let (Draft::Wire(wire), Some(point)) = (&mut self.hand.draft, frame.image_point) else { return };
        // The line runs along pixel corners: within a pixel it stays the same.
        let corner = Point::new(point.x.round(), point.y.round());
        if wire.followed != Some(corner) {
            wire.live = wire.wire.path_to(corner);
            wire.followed = Some(corner);
        }
    }

    /// Closes the line and paints what it encloses.
    pub(super) fn finish_wire(&mut self, place: &Place, ctx: &Context) {
        let Draft::Wire(mut wire) = std::mem::take(&mut self.hand.draft) else { return };
        if wire.stretches.is_empty() {
            return;
        }
        let mut points: Vec<Point> = wire.stretches.iter().flatten().copied().collect();
        points.extend(wire.wire.path_to(wire.first));
        let (width, height) = place.size();
        let area = polygon(&points, width, height);
        if area.is_empty() {
            self.toasts.info("The line encloses no pixel: nothing was painted");
        } else {
            self.commit_area(area, wire.takes_away, ctx);
        }
    }
}
