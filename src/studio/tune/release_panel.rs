//! Releasing the ruleset: golden parts first, then a note; and the versions that were released, each against what is on the screen.

use delimit::jobs::{Job, JobNews};
use delimit::judge::{RulesetChange, Verdict, ruleset_changes};
use delimit::project::release::{read_golden, read_releases};
use delimit::project::{GoldenVerdict, Release};
use delimit::session::releases::ReleaseRequest;
use delimit::workflow::Evaluation;
use delimit::workflow::evaluation::compile;
use delimit::workflow::releasing::{PartFlip, broken, golden_results, part_flips};
use egui::{Align, Button, Label, Layout, RichText, Sense, TextEdit, Ui, WidgetInfo, vec2};

use super::flips_panel::kinds_words;
use crate::studio::app::Studio;
use crate::studio::filmstrip::mark_of;
use crate::studio::state::Source;
use crate::studio::theme::{self, Theme};
use crate::studio::widgets::{counted_mark, row_content, row_ground, section};

/// Releases and golden parts of a part number as their files stand.
struct Known {
    part_number: usize,
    releases: Vec<Release>,
    golden: Vec<GoldenVerdict>,
    /// Why they cannot be read.
    problem: Option<String>,
}

/// A version against the screen, by numbers and by parts.
struct Comparison {
    changes: Vec<RulesetChange>,
    flips: Vec<PartFlip>,
}

/// For which version and which verdicts it was made.
type Compared = ((u32, u64, Source), Comparison);

/// What the panel keeps.
#[derive(Default)]
pub struct Releases {
    known: Option<Known>,
    reading: Option<Job<Known>>,
    note: String,
    reason: String,
    /// The version that is compared with the screen.
    here: Option<u32>,
    compared: Option<Compared>,
}

impl Releases {
    pub const fn is_busy(&self) -> bool {
        self.reading.is_some()
    }
}

impl Studio {
    pub(super) fn tick_releases(&mut self) {
        let pn = self.view.part_number;
        let state = &mut self.tune.releases;
        if let Some(job) = &mut state.reading {
            match job.poll() {
                JobNews::Result(known) => state.known = Some(known),
                JobNews::Working => {}
                JobNews::Finished => state.reading = None,
                JobNews::Failed(message) => {
                    state.reading = None;
                    state.known = Some(Known { part_number: pn, releases: Vec::new(), golden: Vec::new(), problem: Some(message) });
                }
            }
            return;
        }
        let is_here = self.view.workspace == delimit::session::command::Workspace::Tune;
        if !is_here || state.known.as_ref().is_some_and(|k| k.part_number == pn) {
            return;
        }
        let project = self.session.shared_project();
        let job = Job::start("Reading releases", self.waker(), move |cx| {
            let Some(number) = project.part_numbers.get(pn) else { return Ok(()) };
            let releases = read_releases(project.root(), &number.name).map_err(|e| e.to_string())?;
            let golden = read_golden(project.root(), &number.name).map_err(|e| e.to_string())?;
            cx.send(Known { part_number: pn, releases, golden, problem: None });
            Ok(())
        });
        self.tune.releases.reading = Some(job);
    }

    /// The verdict agreed on for a part.
    pub(super) fn golden_of(&self, serial: &str) -> Option<Verdict> {
        self.tune.releases.known.as_ref()?.golden.iter().find(|g| g.part == serial).map(|g| g.expected)
    }

    pub(super) fn set_golden(&mut self, serial: &str, expected: Option<Verdict>) {
        let pn = self.view.part_number;
        self.try_session(|s| s.set_golden(pn, serial, expected));
        self.tune.releases.known = None;
    }

    /// What golden parts are held against: what a station would judge by.
    fn golden_source(&self) -> Source {
        self.best_source()
    }

    pub(super) fn releases_ui(&mut self, ui: &mut Ui) {
        let theme = Theme::of(ui);
        let source = self.golden_source();
        let Some(known) = self.tune.releases.known.as_ref() else { return };
        if let Some(problem) = &known.problem {
            ui.add(Label::new(RichText::new(problem).color(theme.ng_text)).wrap());
            return;
        }
        let results =
            (self.analysis.evaluation(source)).map_or_else(Vec::new, |e| golden_results(self.session.project(), &known.golden, e));
        let bad = broken(&results);
        let (count, last) = (known.releases.len(), known.releases.last().map_or(0, |r| r.version));
        section(ui, "Releases", Some(count));
        if known.golden.is_empty() {
            let words = "No golden part yet: agree on the verdict of a part under Explain, and every release is held against it.";
            ui.add(Label::new(theme::caption(ui, words)).wrap());
        } else {
            let held = known.golden.len() - bad.len();
            let words = format!("{held} of {} golden parts hold, by {}", known.golden.len(), source.label().to_lowercase());
            let ink = if bad.is_empty() { theme.ok_text } else { theme.ng_text };
            ui.label(RichText::new(words).color(ink));
            for b in bad.iter().take(6) {
                ui.horizontal(|ui| {
                    ui.label(theme::caption(ui, format!("{}: agreed", b.part)));
                    counted_mark(ui, mark_of(b.expected), None);
                    match b.got {
                        Some(got) => {
                            ui.label(theme::caption(ui, "gets"));
                            counted_mark(ui, mark_of(got), None);
                        }
                        None => drop(ui.label(theme::caption(ui, "is not judged"))),
                    }
                });
            }
        }
        ui.add_space(2.0);
        ui.add(TextEdit::singleline(&mut self.tune.releases.note).hint_text("note of the release").desired_width(f32::INFINITY));
        if !bad.is_empty() {
            let field = TextEdit::singleline(&mut self.tune.releases.reason).desired_width(f32::INFINITY);
            ui.add(field.hint_text("why it is released although golden parts break"));
        }
        let has_reason = bad.is_empty() || !self.tune.releases.reason.trim().is_empty();
        let mut releases = false;
        ui.horizontal(|ui| {
            let button = Button::new(format!("Release version {}", last + 1));
            releases = ui
                .add_enabled(has_reason && !self.session.is_read_only(), button)
                .on_disabled_hover_text("Golden parts break: write down the reason")
                .on_hover_text("Saves the ruleset and keeps this version for good")
                .clicked();
        });
        if releases {
            self.release_now(results.len(), bad);
        }
        self.versions_ui(ui);
    }

    fn release_now(&mut self, golden: usize, broken: Vec<delimit::project::BrokenGolden>) {
        let pn = self.view.part_number;
        let score = |source| self.analysis.evaluation(source).map(Evaluation::score);
        let state = &self.tune.releases;
        let request = ReleaseRequest {
            note: state.note.trim().to_owned(),
            reason: Some(state.reason.trim().to_owned()).filter(|r| !r.is_empty()),
            golden,
            broken,
            on_labels: score(Source::Labels),
            on_predictions: score(Source::Predictions),
        };
        let mut released = None;
        self.try_session(|s| {
            released = Some(s.release_ruleset(pn, request)?.version);
            Ok(())
        });
        if let Some(version) = released {
            self.toasts.info(&format!("Version {version} is released"));
            self.tune.releases = Releases::default();
            self.analysis.outdate();
        }
    }

    fn versions_ui(&mut self, ui: &mut Ui) {
        let Some(known) = self.tune.releases.known.as_ref() else { return };
        let releases: Vec<(u32, String, String)> = (known.releases.iter().rev())
            .map(|r| (r.version, format!("{} · {} · {}", r.version, r.released.by, r.released.at), r.note.clone()))
            .collect();
        let mut restores = None;
        for (version, words, note) in releases {
            let is_here = self.tune.releases.here == Some(version);
            let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), 24.0), Sense::click());
            response.widget_info(|| WidgetInfo::selected(egui::Role::Button, true, is_here, format!("version {words}")));
            row_ground(ui, rect, &response, is_here);
            let mut row = row_content(ui, rect);
            row.label(&words);
            row.with_layout(Layout::right_to_left(Align::Center), |ui| {
                ui.add(Label::new(theme::caption(ui, &note)).truncate());
            });
            if response.on_hover_text(format!("{words}\n{note}\nclick: what differs from the screen")).clicked() {
                self.tune.releases.here = if is_here { None } else { Some(version) };
            }
            if is_here && self.version_diff_ui(ui, version) {
                restores = Some(version);
            }
        }
        if let Some(version) = restores {
            self.restore_version(version);
        }
    }

    /// What differs between a version and the screen; true when it is to be brought back.
    fn version_diff_ui(&mut self, ui: &mut Ui, version: u32) -> bool {
        let source = self.source_here();
        let wanted = (version, self.analysis.revision(), source);
        if self.tune.releases.compared.as_ref().is_none_or(|c| c.0 != wanted) {
            let Some(comparison) = self.compare_version(version, source) else { return false };
            self.tune.releases.compared = Some((wanted, comparison));
        }
        let Some((_, c)) = &self.tune.releases.compared else { return false };
        ui.indent("diff", |ui| {
            if c.changes.is_empty() {
                ui.label(theme::caption(ui, "the same as on the screen"));
                return false;
            }
            ui.label(theme::caption(ui, "from this version to the screen"));
            for change in c.changes.iter().take(20) {
                ui.add(Label::new(RichText::new(change.to_string()).size(theme::CAPTION_SIZE)).wrap());
            }
            let words =
                kinds_words(&c.flips.iter().map(|f| f.kind).collect::<Vec<_>>()).unwrap_or_else(|| "no part flips".to_owned());
            ui.label(words);
            ui.small_button("Bring back").on_hover_text("One step of undo").clicked()
        })
        .inner
    }

    fn compare_version(&self, version: u32, source: Source) -> Option<Comparison> {
        let release = self.tune.releases.known.as_ref()?.releases.iter().find(|r| r.version == version)?;
        let path = delimit::project::release::path_of(self.session.project().root(), &release.part_number, version);
        let before = release.parsed(&path).ok()?;
        let pn = self.view.part_number;
        let changes = ruleset_changes(&before, self.session.ruleset(pn).current());
        let project = self.session.project();
        // A table of its own: the version may ignore, treat or cut differently.
        let rules = compile(project, pn, &before).ok()?;
        let regions = |image: usize| self.analysis.regions(source, image);
        let then = Evaluation::new(project, pn, &rules, &self.session.dispositions(), regions);
        Some(Comparison { changes, flips: part_flips(&then, self.analysis.evaluation(source)?) })
    }

    fn restore_version(&mut self, version: u32) {
        let pn = self.view.part_number;
        let known = self.tune.releases.known.as_ref();
        let Some(release) = known.and_then(|k| k.releases.iter().find(|r| r.version == version)).cloned() else { return };
        self.try_session(|s| s.restore_release(pn, &release));
        self.analysis.apply_ruleset(&self.session, pn);
    }
}
