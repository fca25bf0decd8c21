//! The comparison of the whole set: kept up to date off the frame, and what the commands of Compare do.

use std::sync::Arc;
use std::time::{Duration, Instant};

use delimit::check::{BoundaryCheck, Doubted};
use delimit::jobs::{Job, JobNews};
use delimit::paint::{Gate, ValueSet};
use delimit::raster::{Area, BACKGROUND};
use delimit::session::command::Workspace;
use delimit::session::{Command, SurfaceId};
use delimit::workflow::compare_set::{KnownImages, Suspect};
use delimit::workflow::predicting::CachedPredictions;
use delimit::workflow::suspect_repair::suspect_repair;
use delimit::workflow::{CompareInput, CompareSettings, SetComparison, WorkflowError, compare_set};
use egui::Context;

use super::list::Row;
use crate::studio::app::Studio;

/// While predictions come in, figures are made anew at most this often.
const WHILE_PREDICTING: Duration = Duration::from_millis(700);

/// A suspected label, the revision that it was looked at in, and what would be painted.
type SuspectRepair = (Suspect, u64, Option<Vec<(Area, u8)>>);

/// What a comparison was made from: results and sidecars as they were, part number.
type Key = (u64, u64, usize);

/// The figures of the set, and the work on them.
#[derive(Default)]
pub struct ComparedSet {
    figures: Option<Arc<SetComparison>>,
    made_for: Option<Key>,
    job: Option<(Key, Job<(SetComparison, KnownImages)>)>,
    known: KnownImages,
    /// With what labels were checked that the model contradicts.
    check: Option<BoundaryCheck>,
    ended_at: Option<Instant>,
    /// What stopped the last comparison: it is not tried again until something changes.
    failed_for: Option<Key>,
    /// Images that came in with another prediction while a comparison was under way.
    forget: Vec<usize>,
    forget_all: bool,
    /// What sets a suspected label right, and the revision that it was made for.
    repairing: Option<Job<SuspectRepair>>,
}

impl ComparedSet {
    pub fn figures(&self) -> Option<&Arc<SetComparison>> {
        self.figures.as_ref()
    }

    /// Images done and in all, while figures are being made.
    pub fn progress(&self) -> Option<(usize, usize)> {
        self.job.as_ref().map(|(_, job)| job.progress())
    }

    pub const fn is_busy(&self) -> bool {
        self.job.is_some() || self.repairing.is_some()
    }

    /// An image has another prediction.
    pub fn forget(&mut self, image: usize) {
        self.known.forget(image);
        self.forget.push(image);
    }

    /// A zone map, a calibration or the model changed.
    pub fn forget_all(&mut self) {
        self.known.forget_all();
        self.forget_all = true;
    }
}

impl Studio {
    fn comparison_key(&self) -> Key {
        (self.analysis.revision(), self.session.sidecar_revision(), self.view.part_number)
    }

    /// Figures are being made, or belong to what was before.
    pub(super) fn is_comparison_stale(&self) -> bool {
        self.compare.set.made_for != Some(self.comparison_key())
    }

    /// Takes in figures, and starts what is due. Once per frame.
    pub fn tick_compare(&mut self, ctx: &Context) {
        self.tick_models(ctx);
        self.tick_duel();
        self.take_suspect_repair(ctx);
        self.take_comparison();
        self.take_adoptions();
        if self.view.workspace != Workspace::Compare
            || !self.analysis.has_predictions()
            || self.compare.set.job.is_some()
            || self.is_measuring()
        {
            return;
        }
        let key = self.comparison_key();
        let set = &self.compare.set;
        let is_too_soon = self.is_predicting() && set.ended_at.is_some_and(|at| at.elapsed() < WHILE_PREDICTING);
        if set.made_for == Some(key) || set.failed_for == Some(key) || is_too_soon {
            return;
        }
        self.start_comparison(key);
    }

    fn start_comparison(&mut self, key: Key) {
        let check = self.session.project().boundary_check();
        let set = &mut self.compare.set;
        if set.check.replace(check) != Some(check) {
            set.known.forget_all();
        }
        set.forget.clear();
        set.forget_all = false;
        let pn = key.2;
        let (snapshot, mut known) = (self.session.snapshot(), self.compare.set.known.clone());
        let ruleset = self.session.project().ruleset_path(pn).exists().then(|| self.session.ruleset(pn).current().clone());
        let truth = self.session.dispositions();
        let limits = self.probability_limits(pn);
        let job = Job::start("Comparing", self.waker(), move |cx| {
            let project = snapshot.project();
            let Some(cached) = CachedPredictions::open(project, pn).map_err(|e| e.to_string())?.map(|c| c.held_to(limits)) else {
                return Ok(());
            };
            let total = (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(pn)).count();
            let done = std::sync::atomic::AtomicUsize::new(0);
            let step = || cx.progress(done.fetch_add(1, std::sync::atomic::Ordering::Relaxed) + 1, total);
            let input = CompareInput {
                part_number: pn,
                settings: CompareSettings { suspects: Some(check), ..CompareSettings::default() },
                ruleset: ruleset.as_ref(),
                truth: &truth,
                prediction_of: &|image| cached.get(project, image),
            };
            match compare_set(&snapshot, &input, &mut known, &|| cx.is_cancelled(), &step) {
                Ok(figures) => drop(cx.send((figures, known))),
                Err(WorkflowError::Cancelled) => {}
                Err(e) => return Err(e.to_string()),
            }
            Ok(())
        });
        self.compare.set.job = Some((key, job));
    }

    fn take_comparison(&mut self) {
        let set = &mut self.compare.set;
        let Some((key, job)) = &mut set.job else { return };
        let key = *key;
        loop {
            match job.poll() {
                JobNews::Result((figures, mut known)) => {
                    set.forget.drain(..).for_each(|image| known.forget(image));
                    if !std::mem::take(&mut set.forget_all) {
                        set.known = known;
                    }
                    set.figures = Some(Arc::new(figures));
                    set.made_for = Some(key);
                }
                JobNews::Working => return,
                JobNews::Finished => break,
                JobNews::Failed(message) => {
                    set.failed_for = Some(key);
                    self.toasts.error(&message);
                    break;
                }
            }
        }
        let set = &mut self.compare.set;
        (set.job, set.ended_at) = (None, Some(Instant::now()));
        self.follow_case_in_hand();
    }

    /// Carries a command of Compare out; false for any other, and in other workspaces.
    pub fn run_on_comparison(&mut self, command: Command, ctx: &Context) -> bool {
        match command {
            Command::LabelNext => self.label_next(),
            Command::EditLabel => self.edit_label(),
            Command::AdoptPredictions => self.switch_adopting(),
            Command::ShowModels => {
                self.push(Command::Show(Workspace::Compare));
                self.switch_models();
            }
            _ if self.view.workspace != Workspace::Compare => return false,
            Command::NextFinding => self.step_case(1),
            Command::PreviousFinding => self.step_case(-1),
            Command::SnapToEdge => self.take_suspect(),
            Command::AcceptFinding => self.reject_suspect(ctx),
            Command::Accept if self.has_adoption() => self.take_adoption(ctx),
            _ => return false,
        }
        true
    }

    /// The suspicion that is looked at.
    pub fn suspect_in_hand(&self) -> Option<&Suspect> {
        match self.compare.list.here()? {
            Row::Suspect(suspect) => Some(suspect),
            _ => None,
        }
    }

    /// Sets the label right as the model says, and goes on. What is painted is worked out off the frame.
    fn take_suspect(&mut self) {
        let Some(suspect) = self.suspect_in_hand().cloned().filter(|_| self.compare.set.repairing.is_none()) else { return };
        let (pn, snapshot) = (self.view.part_number, self.session.snapshot());
        let limits = self.probability_limits(pn);
        self.compare.set.repairing = Some(Job::start("Taking the model's word", self.waker(), move |cx| {
            let project = snapshot.project();
            let cached = CachedPredictions::open(project, pn).map_err(|e| e.to_string())?.map(|c| c.held_to(limits));
            let prediction = cached.and_then(|cached| cached.get(project, suspect.image));
            let changes = prediction.map(|p| suspect_repair(&snapshot, &suspect, &p)).transpose().map_err(|e| e.to_string())?;
            let revision = snapshot.label_revision(suspect.image);
            cx.send((suspect, revision, changes.flatten()));
            Ok(())
        }));
    }

    /// Paints what sets a suspected label right.
    fn take_suspect_repair(&mut self, ctx: &Context) {
        let Some(job) = &mut self.compare.set.repairing else { return };
        let (suspect, revision, changes) = match job.poll() {
            JobNews::Result(made) => made,
            JobNews::Working => return,
            JobNews::Finished => {
                self.compare.set.repairing = None;
                return;
            }
            JobNews::Failed(message) => {
                self.toasts.error(&message);
                self.compare.set.repairing = None;
                return;
            }
        };
        self.compare.set.repairing = None;
        let id = SurfaceId::Label(suspect.image);
        let is_same = self.session.surface(id).is_none_or(|s| s.revision() == revision);
        let Some(changes) = changes.filter(|_| is_same) else {
            self.toasts.info("The label or the prediction has changed since; the list is being made anew");
            return;
        };
        let areas: Vec<_> = changes
            .into_iter()
            .map(|(area, value)| {
                let over = if value == BACKGROUND { ValueSet::ALL } else { ValueSet::of([BACKGROUND]) };
                (area, value, Gate::over(over))
            })
            .collect();
        self.try_session(|s| s.paint_areas(id, &areas).map(drop));
        let words = match suspect.kind {
            Doubted::MissingLabel => "The model's region was added",
            Doubted::ExtraLabel => "The label was deleted",
            Doubted::WrongClass => "The label has the model's class now",
            Doubted::Boundary => "The label has the model's outline now",
        };
        self.toasts.info(words);
        if self.suspect_in_hand() == Some(&suspect) {
            self.settle_suspect(ctx);
        } else {
            self.touch(ctx);
        }
    }

    /// Says that the label is right, and goes on.
    fn reject_suspect(&mut self, ctx: &Context) {
        let Some(suspect) = self.suspect_in_hand().cloned() else { return };
        self.try_session(|s| s.accept_finding(suspect.image, &suspect.finding(), "the label is right, the model is not"));
        self.settle_suspect(ctx);
    }

    fn settle_suspect(&mut self, ctx: &Context) {
        self.touch(ctx);
        self.compare.list.settle_here();
        self.step_case(0);
    }

    /// Label, at this image, with the region that is looked at in the hand.
    fn edit_label(&mut self) {
        let bounds = self.compare.list.here().and_then(Row::bounds).filter(|_| self.view.workspace == Workspace::Compare);
        let region = match self.compare.list.here() {
            Some(Row::Suspect(suspect)) if suspect.image == self.view.image => suspect.labelled_region,
            Some(Row::Defect(case)) if case.image == self.view.image => case.labelled,
            _ => None,
        };
        self.push(Command::Show(Workspace::Label));
        self.view.selected_regions = region.into_iter().collect();
        if let Some(bounds) = bounds {
            self.canvas.centre_on(bounds);
        }
    }

    /// The image that nobody has labelled and that teaches most, in Label.
    fn label_next(&mut self) {
        let next = self.compare.set.figures().and_then(|f| f.to_label.iter().copied().find(|&i| i != self.view.image));
        let Some(next) = next else {
            self.toasts.info("Every image that the model has seen is labelled");
            return;
        };
        self.go_to(next);
        self.push(Command::Show(Workspace::Label));
    }
}
