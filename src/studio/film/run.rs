//! What the commands of the filmstrip do.

use delimit::jobs::{Job, JobNews};
use delimit::project::LabelState;
use delimit::session::Command;
use delimit::workflow::WorkflowError;
use delimit::workflow::duplicates::{DuplicateSettings, Duplicates, find_duplicates};
use egui::Context;

use crate::studio::app::Studio;

/// Parts of one kind in the same pose look much alike, and are no duplicates: only what differs by exposure and compression is one.
const ALIKE: DuplicateSettings = DuplicateSettings { max_hash_distance: 2, min_correlation: 0.9995 };

impl Studio {
    /// Carries a command of the filmstrip out; false for any other.
    pub fn run_on_film(&mut self, command: Command) -> bool {
        match command {
            Command::FilterFilm => self.film_state.list.wants_focus = true,
            Command::DoneAndNext => {
                // Where to go is asked first: a filter or an order by state may let the image go.
                let next = self.film_neighbour(1);
                self.say_state(LabelState::Done);
                if let Some(next) = next {
                    self.view.is_painting_zones = false;
                    self.go_to(next);
                }
            }
            Command::MarkReviewed => self.say_state(LabelState::Reviewed),
            Command::MarkApproved => self.say_state(LabelState::Approved),
            Command::AddNote => self.add_note(),
            Command::NextNote => self.go_to_next_note(),
            Command::NextView => self.go_to_next_view(),
            Command::FindDuplicates => self.start_finding_duplicates(),
            Command::StopWork if self.long_work.is_none() => {
                if let Some(job) = &self.film_state.duplicate_job {
                    job.cancel();
                }
            }
            _ => return false,
        }
        true
    }

    fn say_state(&mut self, state: LabelState) {
        let image = self.view.image;
        self.try_session(|s| s.set_state(image, state));
    }

    /// Escape: leaves the filter or closes a note; false when there was neither.
    pub fn escape_film(&mut self) -> bool {
        if std::mem::take(&mut self.film_state.list.had_focus) {
            return true;
        }
        self.film_state.notes.card.take().is_some()
    }

    fn go_to_next_view(&mut self) {
        let image = self.view.image;
        let Some(part) = self.part_of_image(image).and_then(|p| self.session.project().parts().get(p)) else { return };
        let at = part.images.iter().position(|&i| i == image).unwrap_or(0);
        let next = part.images[(at + 1) % part.images.len()];
        if next == image {
            self.toasts.info("This part has one image only");
        } else {
            self.view.is_painting_zones = false;
            self.go_to(next);
        }
    }

    fn start_finding_duplicates(&mut self) {
        if self.film_state.duplicate_job.is_some() {
            return;
        }
        let project = self.session.shared_project();
        let number = self.view.part_number;
        let images: Vec<usize> = (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(number)).collect();
        self.film_state.duplicate_job = Some(Job::start("Looking for duplicates", self.waker(), move |cx| {
            let found = find_duplicates(&project, &images, &ALIKE, &|| cx.is_cancelled(), &|done, total| {
                cx.progress(done, total);
            });
            match found {
                Ok(found) => drop(cx.send(found)),
                Err(WorkflowError::Cancelled) => {}
                Err(e) => return Err(e.to_string()),
            }
            Ok(())
        }));
    }

    /// Takes in what a search found.
    pub fn tick_duplicates(&mut self) {
        let Some(job) = &mut self.film_state.duplicate_job else { return };
        match job.poll() {
            JobNews::Result(found) => self.take_duplicates(&found),
            JobNews::Working => {}
            JobNews::Finished => {
                if job.is_cancelled() {
                    self.toasts.info("Looking for duplicates was stopped");
                }
                self.film_state.duplicate_job = None;
            }
            JobNews::Failed(message) => {
                self.toasts.error(&message);
                self.film_state.duplicate_job = None;
            }
        }
    }

    fn take_duplicates(&mut self, found: &Duplicates) {
        let map = &mut self.film_state.duplicates;
        map.clear();
        for group in &found.groups {
            for &image in &group.images {
                let others = map.entry(image).or_default();
                // An exact group may lie within a near one, and comes first.
                let is_new = |i: &usize| *i != image && others.iter().all(|(known, _)| known != i);
                let new: Vec<usize> = group.images.iter().copied().filter(is_new).collect();
                others.extend(new.into_iter().map(|i| (i, group.is_exact)));
            }
        }
        self.film_state.duplicates_revision += 1;
        for (image, message) in found.failed.iter().take(1) {
            let id = &self.session.project().images()[*image].id;
            self.toasts.error(&format!("{} images could not be read; the first, {id}: {message}", found.failed.len()));
        }
        if self.film_state.duplicates.is_empty() {
            self.toasts.info("No image is there twice");
        } else {
            let text = format!("{} images are there more than once; the filter shows them", self.film_state.duplicates.len());
            self.toasts.info(&text);
            self.film_state.list.text = "duplicate".into();
        }
    }

    /// Once per frame, before drawing.
    pub fn tick_film(&mut self, ctx: &Context) {
        self.tick_thumbnails(ctx);
        self.tick_duplicates();
        let has_focus = ctx.input(|i| i.focused);
        if has_focus && !std::mem::replace(&mut self.film_state.had_window_focus, has_focus) {
            self.look_for_outside_changes();
        }
        self.film_state.had_window_focus = has_focus;
        self.update_film();
        if self.film_state.list.is_stale() || self.are_verdicts_stale() {
            ctx.request_repaint_after(std::time::Duration::from_millis(100));
        }
    }

    /// Work of the filmstrip is under way.
    pub fn is_film_busy(&self) -> bool {
        self.film_state.thumbnails.is_busy()
            || self.film_state.survey.is_busy()
            || self.film_state.duplicate_job.is_some()
            || self.film_state.list.is_stale()
            || self.are_verdicts_stale()
    }

    fn are_verdicts_stale(&self) -> bool {
        self.analysis.is_outdated() && !self.session.project().part_numbers.is_empty()
    }

    /// Progress of the search for duplicates: name, done, total.
    pub fn duplicate_progress(&self) -> Option<(String, usize, usize)> {
        let job = self.film_state.duplicate_job.as_ref()?;
        let (done, total) = job.progress();
        Some((job.name().to_owned(), done, total))
    }
}
