//! Rectangle and ellipse: dragged from corner to corner.

use delimit::paint::shape::{constrain_square, ellipse, rectangle};
use delimit::raster::{Area, Point};
use delimit::session::Tool;
use egui::Context;

use super::{Draft, Place, takes_away};
use crate::studio::app::Studio;
use crate::studio::canvas::{PointerEvent, PointerKind};

/// Two opposite corners, in image space.
pub struct BoxDraft {
    pub from: Point,
    pub to: Point,
    pub takes_away: bool,
}

impl BoxDraft {
    /// The pixels that would be painted.
    pub fn area(&self, tool: Tool, (width, height): (u32, u32)) -> Area {
        match tool {
            Tool::Ellipse => ellipse(self.from, self.to, width, height),
            _ => rectangle(self.from, self.to, width, height),
        }
    }
}

impl Studio {
    pub(super) fn box_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        if event.kind == PointerKind::Pressed {
            self.hand.draft = Draft::Box(BoxDraft { from: event.point, to: event.point, takes_away: takes_away(event) });
        }
        let Draft::Box(draft) = &mut self.hand.draft else { return };
        draft.to = if event.modifiers.shift { constrain_square(draft.from, event.point) } else { event.point };
        match event.kind {
            PointerKind::Released => {
                let (area, is_taken_away) = (draft.area(self.view.tool, place.size()), draft.takes_away);
                self.hand.draft = Draft::Nothing;
                if !area.is_empty() {
                    self.commit_area(area, is_taken_away, ctx);
                }
            }
            PointerKind::Cancelled => self.hand.draft = Draft::Nothing,
            PointerKind::Pressed | PointerKind::Dragged => {}
        }
    }
}
