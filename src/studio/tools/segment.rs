//! stub
use super::Place;
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, PointerEvent};
use crate::studio::theme::Theme;
use egui::Context;
pub struct SegmentDraft;
impl Studio {
    pub(super) fn segment_event(&mut self, _place: &Place, _event: &PointerEvent, _ctx: &Context) {}
    pub(super) fn finish_segment(&mut self, _ctx: &Context) {}
    pub(super) fn poll_segmenter(&mut self, _ctx: &Context) {}
    pub(super) fn draw_segment(&self, _frame: &CanvasFrame, _segment: &SegmentDraft, _theme: &Theme) {}
}
