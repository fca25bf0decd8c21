//! stub
use super::Place;
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, PointerEvent};
use egui::{Color32, Context};
pub struct ScratchDraft;
impl Studio {
    pub(super) fn scratch_event(&mut self, _place: &Place, _event: &PointerEvent, _ctx: &Context) {}
    pub(super) fn finish_scratch(&mut self, _ctx: &Context) {}
    pub(super) fn draw_scratch(&self, _frame: &CanvasFrame, _scratch: &ScratchDraft, _colour: Color32) {}
}
