//! Inside and outside: a box around a defect, then strokes that say what belongs to it. The border is found off the frame.

use std::sync::Arc;

use delimit::jobs::{Job, JobNews};
use delimit::paint::shape::{rectangle, stroke_path};
use delimit::paint::smart::segmenter::{Marks, SegmentError, Segmenter, segment};
use delimit::raster::{Area, Point};
use egui::{Context, PointerButton};

use super::preview::draw_words;
use super::{Draft, Place, Shown};
use crate::studio::app::Studio;
use crate::studio::canvas::{CanvasFrame, PointerEvent, PointerKind};
use crate::studio::theme::Theme;

/// The box, the marks in it, and what was found from them.
pub struct SegmentDraft {
    from: Point,
    to: Point,
    /// The box is still being dragged.
    is_boxing: bool,
    inside: Area,
    outside: Area,
    /// The stroke in progress, and whether it marks the inside.
    stroke: Option<(Vec<Point>, bool)>,
    job: Option<Job<Result<Area, SegmentError>>>,
    found: Shown,
    /// Marks were added while the job ran: it is started again.
    is_outdated: bool,
    is_accepted: bool,
}

impl Studio {
    pub(super) fn segment_event(&mut self, place: &Place, event: &PointerEvent, _ctx: &Context) {
        let (width, height) = place.size();
        let tip = self.view.tip();
        if event.kind == PointerKind::Pressed && !matches!(self.hand.draft, Draft::Segment(_)) {
            self.hand.draft = Draft::Segment(Box::new(SegmentDraft {
                from: event.point,
                to: event.point,
                is_boxing: true,
                inside: Area::new(),
                outside: Area::new(),
                stroke: None,
                job: None,
                found: Shown::default(),
                is_outdated: false,
                is_accepted: false,
            }));
            return;
        }
        let Draft::Segment(draft) = &mut self.hand.draft else { return };
        if draft.is_boxing {
            draft.to = event.point;
            if event.kind == PointerKind::Released {
                draft.is_boxing = false;
                if rectangle(draft.from, draft.to, width, height).pixels() < 16 {
                    self.hand.draft = Draft::Nothing;
                    self.toasts.info("Drag a box around the defect first");
                    return;
                }
                self.start_segmenting(place);
            }
            return;
        }
        match event.kind {
            PointerKind::Pressed => {
                let is_inside = event.button == PointerButton::Primary && !event.modifiers.alt;
                draft.stroke = Some((vec![event.point], is_inside));
            }
            PointerKind::Dragged => {
                if let Some((points, _)) = &mut draft.stroke {
                    points.extend(&event.path);
                }
            }
            PointerKind::Released => {
                let Some((mut points, is_inside)) = draft.stroke.take() else { return };
                points.extend(&event.path);
                let marked = stroke_path(&points, tip, width, height);
                // The last word counts.
                if is_inside {
                    draft.outside = draft.outside.minus(&marked);
                    draft.inside = draft.inside.union(&marked);
                } else {
                    draft.inside = draft.inside.minus(&marked);
                    draft.outside = draft.outside.union(&marked);
                }
                self.start_segmenting(place);
            }
            PointerKind::Cancelled => draft.stroke = None,
        }
    }

    fn start_segmenting(&mut self, place: &Place) {
        let waker = self.waker();
        let (width, height) = place.size();
        let Draft::Segment(draft) = &mut self.hand.draft else { return };
        if draft.job.is_some() {
            draft.is_outdated = true;
            return;
        }
        draft.is_outdated = false;
        let bounds = rectangle(draft.from, draft.to, width, height).bounds();
        let (inside, outside, pyramid) = (draft.inside.clone(), draft.outside.clone(), Arc::clone(&place.pyramid));
        draft.job = Some(Job::start("find the border", waker, move |cx| {
            let marks = Marks { foreground: &inside, background: &outside, bounds: Some(bounds) };
            cx.send(segment(pyramid.photo(), &marks, &Segmenter::default()));
            Ok(())
        }));
    }

    pub(super) fn poll_segmenter(&mut self, ctx: &Context) {
        let Draft::Segment(draft) = &mut self.hand.draft else { return };
        let Some(job) = &mut draft.job else { return };
        match job.poll() {
            JobNews::Result(Ok(area)) => draft.found = Shown::of(area),
            JobNews::Result(Err(e)) => self.toasts.info(&e.to_string()),
            JobNews::Working => {}
            JobNews::Finished => {
                draft.job = None;
                let (is_outdated, is_accepted) = (draft.is_outdated, draft.is_accepted);
                if is_outdated {
                    if let Some(place) = self.hand.place.clone() {
                        self.start_segmenting(&place);
                    }
                } else if is_accepted {
                    self.finish_segment(ctx);
                }
            }
            JobNews::Failed(message) => {
                draft.job = None;
                self.toasts.error(&message);
            }
        }
    }

    /// Paints what was found; a search that still runs is painted when it is done.
    pub(super) fn finish_segment(&mut self, ctx: &Context) {
        let Draft::Segment(draft) = &mut self.hand.draft else { return };
        if draft.job.is_some() {
            draft.is_accepted = true;
            return;
        }
        let Draft::Segment(draft) = std::mem::take(&mut self.hand.draft) else { return };
        if draft.found.area.is_empty() {
            self.toasts.info("Nothing in the box stands out from the rest: mark its inside with a stroke");
        } else {
            self.commit_area(Arc::unwrap_or_clone(draft.found.area), false, ctx);
        }
    }

    pub(super) fn draw_segment(&self, frame: &CanvasFrame, draft: &SegmentDraft, theme: &Theme) {
        let (width, height) = frame.view.image_size();
        let bounds = rectangle(draft.from, draft.to, width, height);
        Shown::of(bounds).draw_outline(frame, theme.ink);
        draft.found.draw(frame, self.value_colour());
        let tip = self.view.tip();
        let (mut inside, mut outside) = (draft.inside.clone(), draft.outside.clone());
        if let Some((points, is_inside)) = &draft.stroke {
            let marked = stroke_path(points, tip, width, height);
            if *is_inside {
                inside = inside.union(&marked);
            } else {
                outside = outside.union(&marked);
            }
        }
        Shown::of(inside).draw_outline(frame, theme.ok);
        Shown::of(outside).draw_outline(frame, theme.ng);
        if draft.job.is_some() {
            draw_words(frame, "finding the border…", theme.ink);
        } else if !draft.is_boxing {
            draw_words(frame, "left = inside, right = outside, Enter = take it", theme.ink);
        }
    }
}
