//! Saving from the window: after a short rest, off the frame, and before it closes.

use delimit::jobs::JobNews;
use egui::Context;

use super::app::Studio;
use super::work;

/// Seconds of rest after which unsaved work is written to its files.
const AUTOSAVE_AFTER_S: f64 = 4.0;

impl Studio {
    /// Notes that something was changed now: it is saved after a short rest.
    pub fn touch(&mut self, ctx: &Context) {
        self.changed_at = Some(ctx.input(|i| i.time));
    }

    pub(super) fn autosave(&mut self, ctx: &Context) {
        if self.saving.is_some() || self.session.active_stroke().is_some() || self.session.is_read_only() {
            return;
        }
        if !self.session.has_unsaved_changes() {
            self.changed_at = None;
            return;
        }
        let now = ctx.input(|i| i.time);
        let since = now - *self.changed_at.get_or_insert(now);
        if since < AUTOSAVE_AFTER_S {
            ctx.request_repaint_after(std::time::Duration::from_secs_f64(AUTOSAVE_AFTER_S - since + 0.05));
            return;
        }
        self.start_saving();
    }

    pub fn start_saving(&mut self) {
        if self.saving.is_some() {
            return;
        }
        match self.session.begin_save() {
            Ok(Some(task)) => self.saving = Some(work::save(task, self.waker())),
            Ok(None) => {}
            Err(e) => self.toasts.error(&e.to_string()),
        }
    }

    pub(super) fn take_saved(&mut self, ctx: &Context) {
        let Some(job) = &mut self.saving else { return };
        match job.poll() {
            JobNews::Result(report) => {
                let result = self.session.finish_save(&report);
                for e in &report.errors {
                    self.toasts.error(&format!("Not saved, kept in memory and in the journal: {e}"));
                }
                if let Err(e) = result {
                    self.toasts.error(&e.to_string());
                }
                for notice in self.session.take_notices() {
                    self.toasts.info(&notice);
                }
                // A file that cannot be written now is tried again after a rest, not in every frame.
                self.changed_at = Some(ctx.input(|i| i.time));
                self.saving = None;
            }
            JobNews::Working => {}
            JobNews::Finished => self.saving = None,
            JobNews::Failed(message) => {
                self.toasts.error(&message);
                self.saving = None;
            }
        }
    }

    pub const fn is_saving(&self) -> bool {
        self.saving.is_some()
    }

    /// Writes everything before the window closes. What cannot be written stays in the journal.
    pub fn finish_saving(&mut self) -> Result<(), String> {
        if let Some(mut job) = self.saving.take()
            && let JobNews::Result(report) = job.wait()
        {
            self.session.finish_save(&report).map_err(|e| e.to_string())?;
        }
        if self.session.is_read_only() {
            return Ok(());
        }
        self.session.finish_stroke().map_err(|e| e.to_string())?;
        let errors = self.session.save().map_err(|e| e.to_string())?;
        match errors.first() {
            None => Ok(()),
            Some(e) => Err(e.to_string()),
        }
    }

    pub(super) fn take_written(&mut self) {
        let Some(job) = &mut self.bundling else { return };
        match job.poll() {
            JobNews::Result(written) => {
                self.toasts.info(&format!("Bundle written: {}", written.path.display()));
                self.written = Some(written);
            }
            JobNews::Working => {}
            JobNews::Finished => self.bundling = None,
            JobNews::Failed(message) => {
                self.toasts.error(&message);
                self.bundling = None;
            }
        }
    }
}
