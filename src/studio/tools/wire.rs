//! stub
use super::{Draft, Place};
use crate::studio::app::Studio;
use crate::studio::canvas::PointerEvent;
use delimit::raster::Point;
use egui::Context;
pub struct WireDraft {
    points: Vec<Point>,
}
impl WireDraft {
    pub fn remove_last(&mut self) -> bool {
        self.points.pop();
        !self.points.is_empty()
    }
    pub fn line(&self) -> Vec<Point> {
        self.points.clone()
    }
}
impl Studio {
    pub(super) fn wire_event(&mut self, _place: &Place, _event: &PointerEvent, _ctx: &Context) {}
    pub(super) fn finish_wire(&mut self, _place: &Place, _ctx: &Context) {
        self.hand.draft = Draft::Nothing;
    }
}
