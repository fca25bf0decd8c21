//! How the boundary under the pointer fits the photo, while it is painted: checked beside the frame, again and again.

use std::sync::Arc;

use delimit::check::{ClassRule, RegionCheck};
use delimit::jobs::{Job, JobNews};
use delimit::project::Class;
use delimit::raster::pyramid::Pyramid;
use delimit::session::SurfaceId;
use delimit::workflow::checking::check_region_at;
use egui::vec2;

use super::marks::{contour_marks, figure};
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, draw};
use crate::studio::theme::Theme;

/// Larger regions are checked in Check only.
const MOST_PIXELS: u64 = 400_000;

/// What the check of a pixel's region belongs to: image, pixel, revision of the label.
type Key = (usize, (u32, u32), u64);

/// The region under the pointer as it was last checked.
#[derive(Default)]
pub struct LiveCheck {
    pub is_on: bool,
    job: Option<Job<Option<RegionCheck>>>,
    wanted: Option<Key>,
    asked: Option<Key>,
    found: Option<(usize, RegionCheck)>,
}

impl LiveCheck {
    /// The region under the pointer, as it was checked last.
    #[cfg(test)]
    pub fn region(&self) -> Option<&RegionCheck> {
        self.found.as_ref().map(|(_, check)| check)
    }

    pub const fn is_busy(&self) -> bool {
        self.job.is_some()
    }
}

impl Studio {
    /// Asks for the region under the pointer when it or the label has changed; the answer comes a frame or two later.
    pub fn follow_live_check(&mut self, frame: &CanvasFrame, pyramid: &Arc<Pyramid>) {
        if !self.checking.live.is_on {
            return;
        }
        self.take_live_check();
        let image = self.view.image;
        let Some(surface) = self.session.surface(SurfaceId::Label(image)) else { return };
        if let Some(pixel) = frame.hovered_pixel {
            self.checking.live.wanted = Some((image, pixel, surface.revision()));
        }
        let live = &self.checking.live;
        let (Some(wanted), None) = (live.wanted, &live.job) else { return };
        if live.asked == Some(wanted) || wanted.0 != image {
            return;
        }
        // While the pointer rests inside a region that is known, only a change of the label asks anew.
        let (label, grouping) = (surface.map().clone(), self.session.grouping(image).clone());
        let pyramid = Arc::clone(pyramid);
        let zones = self.session.surface(SurfaceId::Zones(self.view.part_number)).map(|s| s.map().clone());
        let project = self.session.shared_project();
        let settings = project.boundary_check();
        let job = Job::start("edge fit", self.waker(), move |cx| {
            let rule = |class: u8| project.class(class).map_or_else(ClassRule::default, Class::rule);
            let found = check_region_at(pyramid.photo(), zones.as_ref(), &label, &grouping, wanted.1, rule, &settings, MOST_PIXELS);
            cx.send(found);
            Ok(())
        });
        let live = &mut self.checking.live;
        (live.job, live.asked) = (Some(job), Some(wanted));
    }

    fn take_live_check(&mut self) {
        let live = &mut self.checking.live;
        let Some(job) = &mut live.job else { return };
        loop {
            match job.poll() {
                JobNews::Result(found) => live.found = live.asked.zip(found).map(|(key, check)| (key.0, check)),
                JobNews::Working => return,
                JobNews::Finished | JobNews::Failed(_) => break,
            }
        }
        live.job = None;
    }

    /// The contour of the region under the pointer in the colours of its displacement, and the figure that its verdict goes by.
    pub fn draw_live_check(&self, frame: &CanvasFrame) {
        let live = &self.checking.live;
        let Some((image, check)) = live.found.as_ref().filter(|_| live.is_on) else { return };
        if *image != self.view.image {
            return;
        }
        let theme = Theme::of_context(frame.painter.ctx());
        contour_marks(frame, check, check.result.tolerance_px, true, theme);
        let at = frame.view.screen_rect(check.bounds).center_bottom() + vec2(0.0, 8.0);
        draw::draw_tag(&frame.painter, at, egui::Align2::CENTER_TOP, &figure(&check.result), self.class_colour(check.class));
    }
}
