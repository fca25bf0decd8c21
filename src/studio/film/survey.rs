//! Measuring a large project: what is near the view first and at once, the rest behind it in one thread, with progress.

use std::sync::Arc;
use std::time::Duration;

use delimit::jobs::{Job, JobNews, Waker};
use delimit::session::Snapshot;
use delimit::workflow::checking::is_labelled;
use delimit::workflow::measuring::regions_of_label;
use egui::{Context, ProgressBar, RichText, Ui};

use crate::studio::app::Studio;
use crate::studio::theme::{CAPTION_SIZE, Theme};
use crate::studio::work::News;

/// Projects up to this size are measured in one go.
pub const AT_ONCE: usize = 256;

/// Images around the one on the canvas that come first in a larger project.
const NEAR: usize = 48;

/// Results per parcel: a frame takes a few parcels, not a hundred thousand results.
const PARCEL: usize = 64;

/// Measuring of what is not near the view.
#[derive(Default)]
pub struct Survey {
    /// Images to measure, once what is near is done.
    pending: Vec<usize>,
    job: Option<Job<Vec<News>>>,
}

impl Survey {
    pub const fn is_busy(&self) -> bool {
        self.job.is_some() || !self.pending.is_empty()
    }

    /// Measured and total images of a survey under way.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.job.as_ref().map(Job::progress)
    }
}

impl Studio {
    /// All images have to be measured: gives those that come first and keeps the rest for the survey.
    pub fn split_refresh(&mut self) -> Vec<usize> {
        let count = self.session.project().images().len();
        self.film_state.survey = Survey::default();
        let here = self.view.image.min(count.saturating_sub(1));
        if count <= AT_ONCE {
            let mut all: Vec<usize> = (0..count).collect();
            all.sort_by_key(|i| i.abs_diff(here));
            return all;
        }
        let list = self.film();
        let at = self.film_state.list.position(here).unwrap_or(0);
        let mut near: Vec<usize> = list.iter().skip(at.saturating_sub(NEAR / 2)).take(NEAR).copied().collect();
        near.retain(|&i| i != here);
        near.insert(0, here);
        let is_near: std::collections::HashSet<usize> = near.iter().copied().collect();
        // From the view on, then from the start: what one steps to next is measured next.
        let from = near.iter().copied().max().unwrap_or(0);
        self.film_state.survey.pending = (from..count).chain(0..from).filter(|i| !is_near.contains(i)).collect();
        near
    }

    /// Starts the survey when nothing more urgent is under way, and takes in what it found.
    pub fn tick_survey(&mut self, is_urgent_done: bool, ctx: &Context) -> Vec<News> {
        let mut news = Vec::new();
        let survey = &mut self.film_state.survey;
        if is_urgent_done && survey.job.is_none() && !survey.pending.is_empty() {
            let images = std::mem::take(&mut survey.pending);
            let ctx = ctx.clone();
            // A few times a second is often enough for work that nobody waits for.
            let waker: Waker = Arc::new(move || ctx.request_repaint_after(Duration::from_millis(80)));
            survey.job = Some(measure(self.session.snapshot(), images, waker));
        }
        while let Some(job) = &mut self.film_state.survey.job {
            match job.poll() {
                JobNews::Result(parcel) => news.extend(parcel),
                JobNews::Working => break,
                JobNews::Finished => self.film_state.survey.job = None,
                JobNews::Failed(message) => {
                    self.toasts.error(&message);
                    self.film_state.survey.job = None;
                }
            }
        }
        news
    }

    /// How far the survey is, in the status line.
    pub fn survey_progress_ui(&self, ui: &mut Ui) {
        let Some((done, total)) = self.film_state.survey.progress() else { return };
        let share = if total == 0 { 0.0 } else { done as f32 / total as f32 };
        ui.add(ProgressBar::new(share).desired_width(96.0).desired_height(6.0));
        ui.label(RichText::new(format!("Measuring {done} of {total}")).size(CAPTION_SIZE).color(Theme::of(ui).faint))
            .on_hover_text("Labels are measured in the background; what is near the view came first");
    }
}

fn measure(snapshot: Snapshot, images: Vec<usize>, waker: Waker) -> Job<Vec<News>> {
    Job::start("survey", waker, move |cx| {
        let total = images.len();
        let mut done = 0;
        for chunk in images.chunks(PARCEL) {
            let mut parcel = Vec::with_capacity(chunk.len());
            for &image in chunk {
                if cx.is_cancelled() {
                    return Ok(());
                }
                parcel.push(measure_one(&snapshot, image));
            }
            done += chunk.len();
            cx.progress(done, total);
            if !cx.send(parcel) {
                break;
            }
        }
        Ok(())
    })
}

fn measure_one(snapshot: &Snapshot, image: usize) -> News {
    let measured = || -> Result<News, String> {
        let label = snapshot.label(image).map_err(|e| e.to_string())?;
        let regions = regions_of_label(snapshot, image, &label).map_err(|e| e.to_string())?;
        let is_labelled = is_labelled(snapshot, image, snapshot.state(image));
        let grouping = snapshot.grouping(image).clone();
        Ok(News::Measured { image, revision: snapshot.label_revision(image), regions, grouping, is_labelled })
    };
    measured().unwrap_or_else(|message| News::Problem { image, message })
}
