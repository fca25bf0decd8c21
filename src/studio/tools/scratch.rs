//! The scratch tracer at the hand: one click follows a line, a second one says where it ends. The tracing runs off the frame.

use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::paint::smart::scratch::{Polarity, ScratchError, ScratchTrace, ScratchTracer, trace};
use delimit::raster::Point;
use egui::{Color32, Context, PointerButton};

use super::preview::draw_words;
use super::{Draft, Place, Shown};
use crate::studio::app::Studio;
use crate::studio::canvas::draw::{self, ContourStyle};
use crate::studio::canvas::{CanvasFrame, PointerEvent, PointerKind};
use crate::studio::theme::Theme;

/// How far from a click the line may lie, in points of the screen.
const REACH: f32 = 10.0;

/// Clicks so far, and what was traced from them.
pub struct ScratchDraft {
    first: Point,
    second: Option<Point>,
    job: Option<Job<Result<ScratchTrace, ScratchError>>>,
    found: Option<(ScratchTrace, Shown)>,
    takes_away: bool,
    /// The trace is painted as soon as it is there.
    is_accepted: bool,
}

impl ScratchDraft {
    /// A trace is still being computed.
    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }

    /// The clicks, the traced line and its mask.
    pub fn draw(&self, frame: &CanvasFrame, colour: Color32) {
        let theme = Theme::of_context(frame.painter.ctx());
        for point in [Some(self.first), self.second].into_iter().flatten() {
            draw::crosshair(&frame.painter, frame.view.screen_from_image(point), colour);
        }
        let Some((trace, shown)) = &self.found else {
            draw_words(frame, if self.is_busy() { "tracing…" } else { "click where the line ends" }, colour);
            return;
        };
        shown.draw(frame, colour);
        let line = ContourStyle { width: 1.0, is_closed: false, has_halo: false };
        draw::draw_contour(&frame.painter, &frame.view, &trace.centre, &[theme.ink], line);
        let kind = match trace.polarity {
            Polarity::Dark => "dark",
            Polarity::Bright => "bright",
            Polarity::Embossed => "embossed",
        };
        let words = format!("{kind} line · {:.0} px long · {:.1} px wide · {:.0} σ", trace.length(), trace.width, trace.snr);
        draw_words(frame, &words, colour);
    }
}

impl Studio {
    pub(super) fn scratch_event(&mut self, place: &Place, event: &PointerEvent, ctx: &Context) {
        if event.kind != PointerKind::Pressed {
            return;
        }
        if event.button == PointerButton::Secondary {
            self.finish_scratch(ctx);
            return;
        }
        match &mut self.hand.draft {
            Draft::Scratch(draft) if !place.is_near(draft.first, event.point, 6.0) => {
                draft.second = Some(event.point);
                draft.is_accepted = true;
            }
            Draft::Scratch(_) => return self.finish_scratch(ctx),
            _ => {
                self.hand.draft = Draft::Scratch(Box::new(ScratchDraft {
                    first: event.point,
                    second: None,
                    job: None,
                    found: None,
                    takes_away: event.modifiers.alt,
                    is_accepted: false,
                }));
            }
        }
        let waker = self.waker();
        let Draft::Scratch(draft) = &mut self.hand.draft else { return };
        // The nearer one looks, the better one aims: a strong edge beside a faint line must not catch the click.
        let reach_px = f64::from(REACH / place.view.points_per_pixel()).clamp(2.5, 8.0);
        let settings = ScratchTracer { reach_px, ..ScratchTracer::default() };
        let (from, to, pyramid) = (draft.first, draft.second, Arc::clone(&place.pyramid));
        draft.job = Some(Job::start("trace", waker, move |cx| {
            cx.send(trace(pyramid.photo(), from, to, &settings));
            Ok(())
        }));
    }

    /// Takes in a trace that was computed meanwhile.
    pub(super) fn poll_scratch(&mut self, ctx: &Context) {
        let least = self.view.settings.scratch_px as f32;
        let Draft::Scratch(draft) = &mut self.hand.draft else { return };
        let Some(job) = &mut draft.job else { return };
        match job.poll() {
            JobNews::Result(Ok(trace)) => {
                let shown = Shown::of(trace.area(least));
                draft.found = Some((trace, shown));
            }
            JobNews::Result(Err(e)) => {
                self.toasts.info(&e.to_string());
                draft.is_accepted = false;
                // The first click stays: a second one may say where the line goes.
                draft.second = None;
            }
            JobNews::Working => {}
            JobNews::Finished => {
                draft.job = None;
                if draft.is_accepted {
                    self.finish_scratch(ctx);
                }
            }
            JobNews::Failed(message) => {
                draft.job = None;
                self.toasts.error(&message);
            }
        }
    }

    /// Paints the trace; one that is still computed is painted when it is there.
    pub(super) fn finish_scratch(&mut self, ctx: &Context) {
        let Draft::Scratch(draft) = &mut self.hand.draft else { return };
        if draft.job.is_some() {
            draft.is_accepted = true;
            return;
        }
        let Draft::Scratch(draft) = std::mem::take(&mut self.hand.draft) else { return };
        match draft.found {
            Some((_, shown)) => self.commit_area(Arc::unwrap_or_clone(shown.area), draft.takes_away, ctx),
            None => self.toasts.info("No line was traced here"),
        }
    }
}
