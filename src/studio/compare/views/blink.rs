//! Whose turn it is: label and model one after the other, by the clock or by a key.

use delimit::session::Command;
use delimit::session::command::CompareView;
use egui::Context;

use super::Side;
use crate::studio::app::Studio;
use crate::studio::keys;

/// Shortest and longest time that a side is shown, s.
pub const BLINK_PERIOD_S: std::ops::RangeInclusive<f32> = 0.3..=2.0;

/// A key that is held longer than this many seconds shows the other side only as long.
const PEEK_AFTER: f64 = 0.25;

/// Two sides in turn.
#[derive(Clone, Copy, Debug, Default)]
pub struct Blink {
    /// The second side is shown.
    pub is_second: bool,
    /// When the sides change next; None before the first frame, and while they do not change by themselves.
    due: Option<f64>,
    /// Since when the key is held.
    held_since: Option<f64>,
}

impl Studio {
    /// The side that is shown alone now; None in views that show two.
    pub fn side_alone(&self) -> Option<Side> {
        let look = &self.view.compare;
        match look.view {
            CompareView::Label => Some(Side::Label),
            CompareView::Model => Some(Side::Model),
            CompareView::Candidate => Some(Side::Candidate),
            CompareView::Blink => Some(look.sides[usize::from(self.compare_views.blink.is_second)]),
            CompareView::Difference | CompareView::Wipe | CompareView::SideBySide | CompareView::Heat => None,
        }
    }

    /// The sides change at a key only: chosen so, or by the system's wish for no motion.
    pub fn is_blink_still(&self, ctx: &Context) -> bool {
        self.view.compare.is_still || ctx.global_style().animation_time == 0.0
    }

    /// Lets the clock change sides while that is what is looked at, and lets go of a key that was held. Asks for a frame only when one
    /// is due.
    pub(super) fn tick_blink(&mut self, is_shown: bool, ctx: &Context) {
        let now = ctx.input(|i| i.time);
        let is_held = ctx.input(|i| keys::plain_keys(Command::OtherSide).iter().any(|key| i.key_down(*key)));
        let is_still = self.is_blink_still(ctx);
        if let Some(since) = self.compare_views.blink.held_since
            && !is_held
        {
            self.compare_views.blink.held_since = None;
            if now - since > PEEK_AFTER {
                self.turn();
            }
        }
        let period = f64::from(self.view.compare.blink_s);
        let blink = &mut self.compare_views.blink;
        if !is_shown || is_still || blink.held_since.is_some() {
            blink.due = None;
            return;
        }
        // A period that was made shorter counts at once.
        let due = blink.due.map_or(now + period, |due| due.min(now + period));
        if now >= due {
            blink.is_second = !blink.is_second;
            blink.due = Some(now + period);
        } else {
            blink.due = Some(due);
        }
        let wait = blink.due.map_or(period, |due| due - now);
        ctx.request_repaint_after_secs(wait as f32);
    }

    /// The key for the other side went down, or the command was chosen.
    pub(super) fn show_other_side(&mut self, ctx: &Context) {
        self.compare_views.blink.held_since = Some(ctx.input(|i| i.time));
        self.turn();
    }

    /// The other side instead of the one that is shown.
    fn turn(&mut self) {
        let look = &mut self.view.compare;
        if look.view == CompareView::Blink {
            let blink = &mut self.compare_views.blink;
            blink.is_second = !blink.is_second;
            return;
        }
        let Some(shown) = self.side_alone() else { return };
        // Of the two sides the one that is not shown.
        let look = &mut self.view.compare;
        let other = if look.sides[0] == shown { look.sides[1] } else { look.sides[0] };
        look.view = match other {
            Side::Label => CompareView::Label,
            Side::Model => CompareView::Model,
            Side::Candidate => CompareView::Candidate,
        };
    }
}
