//! What somebody else changed meanwhile, and the choice between the two versions: a bar over the canvas that blocks nothing.

use delimit::jobs::JobNews;
use delimit::session::{Choice, SurfaceId};
use egui::{Align, Frame, Layout, Margin, Panel, RichText, Ui};

use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme::Theme;

/// What the bar is about.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    Map(SurfaceId),
    Project,
}

impl Studio {
    /// The bar, when there is something to choose.
    pub fn conflict_bar_ui(&mut self, ui: &mut Ui) {
        let maps = self.session.conflicts();
        // The one on the canvas first.
        let here = self.surface_id().filter(|id| maps.contains(id));
        let about = match here.or_else(|| maps.first().copied()) {
            Some(id) => About::Map(id),
            None if self.session.has_project_conflict() => About::Project,
            None => return,
        };
        let others = maps.len() + usize::from(self.session.has_project_conflict()) - 1;
        let theme = Theme::of(ui);
        let frame = Frame::new().fill(theme.review_ground).inner_margin(Margin::symmetric(12, 4));
        let (mut choice, mut goes_there) = (None, None);
        Panel::top("conflict").frame(frame).show(ui, |ui| {
            ui.horizontal(|ui| {
                ui.label(icons::WARNING.rich_text().size(16.0).color(theme.review_text));
                ui.with_layout(Layout::right_to_left(Align::Center), |ui| {
                    if ui.button("Take theirs").on_hover_text("The version in the file; yours comes back with Undo").clicked() {
                        choice = Some(Choice::TakeTheirs);
                    }
                    if ui.button("Keep mine").on_hover_text("Your version is written over the other one").clicked() {
                        choice = Some(Choice::KeepMine);
                    }
                    if let (About::Map(SurfaceId::Label(image)), None) = (about, here)
                        && ui.button("Show the image").clicked()
                    {
                        goes_there = Some(image);
                    }
                    let more = if others > 0 { format!(" ({others} more)") } else { String::new() };
                    let words = format!("{}{more}", self.conflict_words(about));
                    ui.with_layout(Layout::left_to_right(Align::Center), |ui| {
                        ui.add(egui::Label::new(RichText::new(words).color(theme.text)).truncate());
                    });
                });
            });
        });
        if let Some(image) = goes_there {
            self.go_to(image);
        }
        if let Some(choice) = choice {
            self.resolve(about, choice, ui.ctx());
        }
    }

    fn conflict_words(&self, about: About) -> String {
        let project = self.session.project();
        match about {
            About::Map(SurfaceId::Label(image)) => format!(
                "The label of {} was changed by somebody else while you worked on it. Nothing was written over: which version stays?",
                project.images()[image].id
            ),
            About::Map(SurfaceId::Zones(pn)) => format!(
                "The zones of {} were changed by somebody else while you worked on them. Nothing was written over: which version stays?",
                project.part_numbers[pn].name
            ),
            About::Project => {
                "The project file was changed by somebody else while it was open here. Nothing was written over: which version stays?"
                    .into()
            }
        }
    }

    fn resolve(&mut self, about: About, choice: Choice, ctx: &egui::Context) {
        // What is being written now belongs to before the choice.
        if let Some(mut job) = self.saving.take()
            && let JobNews::Result(report) = job.wait()
        {
            self.try_session(|s| s.finish_save(&report));
        }
        match about {
            About::Map(id) => {
                let mut errors = Vec::new();
                self.try_session(|s| s.resolve_conflict(id, choice).map(|e| errors = e));
                for e in errors {
                    self.toasts.error(&e.to_string());
                }
                if matches!(id, SurfaceId::Zones(_)) {
                    self.zones_changed();
                }
                self.analysis.outdate();
            }
            About::Project => {
                self.try_session(|s| s.resolve_project_conflict(choice));
                if choice == Choice::TakeTheirs {
                    let root = self.session.project().root().to_owned();
                    self.reopen(&root, ctx);
                    return;
                }
            }
        }
        self.tell_notices();
        self.touch(ctx);
    }

    /// Looks whether somebody else changed the files of the image on the canvas. At every visit, and when the window comes back.
    pub fn look_for_outside_changes(&mut self) {
        let image = self.view.image;
        if image >= self.session.project().images().len() || self.saving.is_some() {
            return;
        }
        if self.session.notice_outside_changes(image) {
            self.analysis.outdate();
        }
        self.tell_notices();
    }

    fn tell_notices(&mut self) {
        for notice in self.session.take_notices() {
            self.toasts.info(&notice);
        }
    }
}
