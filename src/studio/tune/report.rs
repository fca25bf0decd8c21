//! Writing the report of the part number: one page that prints, made in the background.

use std::path::PathBuf;

use delimit::files::write_atomic;
use delimit::jobs::{Job, JobNews};
use delimit::project::release::{read_golden, read_releases};
use delimit::project::{Moment, Signature};
use delimit::workflow::report::{ReportInput, Source, html, judge_sources, make_report};

use crate::studio::app::Studio;

/// A report on its way to disk.
pub type Writing = Option<Job<PathBuf>>;

impl Studio {
    /// Asks where the report goes.
    pub fn ask_where_to_report(&mut self) {
        let Some(number) = self.session.project().part_numbers.get(self.view.part_number) else { return };
        let name = format!("{}-report.html", number.name);
        let dialog = rfd::FileDialog::new().set_title("Write the report").set_file_name(name).add_filter("Page", &["html"]);
        if let Some(path) = dialog.save_file() {
            self.write_report(path);
        }
    }

    /// Writes the report of the ruleset on the screen: labels, and what the models said before.
    pub fn write_report(&mut self, path: PathBuf) {
        let pn = self.view.part_number;
        let (snapshot, truth) = (self.session.snapshot(), self.session.dispositions());
        let ruleset = self.session.ruleset(pn).current().clone();
        let made = Signature { by: self.session.author().to_owned(), at: Moment::now() };
        let job = Job::start("Writing the report", self.waker(), move |cx| {
            let project = snapshot.project();
            let number = &project.part_numbers[pn];
            let (cancelled, progress) = (|| cx.is_cancelled(), |done, of| cx.progress(done, of));
            let both = [Source::Labels, Source::Predictions];
            let judged = judge_sources(&snapshot, pn, &ruleset, &truth, &both, &cancelled, &progress).map_err(|e| e.to_string())?;
            let input = ReportInput {
                part_number: pn,
                ruleset: &ruleset,
                made,
                golden: &read_golden(project.root(), &number.name).map_err(|e| e.to_string())?,
                releases: &read_releases(project.root(), &number.name).map_err(|e| e.to_string())?,
                cost: number.cost.as_ref(),
                wanted_escape_rate: None,
            };
            let report = make_report(&snapshot, &input, &judged, &cancelled, &progress).map_err(|e| e.to_string())?;
            write_atomic(&path, html(&report).as_bytes()).map_err(|e| format!("{}: {e}", path.display()))?;
            cx.send(path);
            Ok(())
        });
        self.tune.report = Some(job);
    }

    pub(super) fn tick_report(&mut self) {
        let Some(job) = &mut self.tune.report else { return };
        match job.poll() {
            JobNews::Result(path) => self.toasts.info(&format!("The report is written: {}", path.display())),
            JobNews::Working => {}
            JobNews::Finished => self.tune.report = None,
            JobNews::Failed(message) => {
                self.tune.report = None;
                self.toasts.error(&message);
            }
        }
    }
}
