//! Labels moved to the edge in the photo, and other repairs: shown first, taken by Enter, never silent. `batch` is the same for many
//! findings at once.

use std::collections::VecDeque;

use delimit::check::{Finding, Fit, Repair};
use delimit::jobs::{Job, JobNews};
use delimit::paint::{Gate, ValueSet};
use delimit::project::Sidecar;
use delimit::raster::BACKGROUND;
use delimit::session::{Command, SurfaceId};
use delimit::workflow::finding_repair::{ImageRepairs, is_offered};
use egui::{Align2, Area, Context, Id, Order, RichText, Ui, vec2};

use super::batch::Batch;
use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::keys;
use crate::studio::state::FindingPlace;
use crate::studio::theme::{self, Theme};
use crate::studio::tools::Shown;

/// Images repaired in one frame: a label that is not in memory is read for it.
const IMAGES_PER_FRAME: usize = 2;

/// A repair that can be taken, with what it looks like.
pub struct Proposal {
    pub image: usize,
    /// None for one of all labels of the image.
    pub place: Option<FindingPlace>,
    /// Of the label that it was made for; another label makes it void.
    pub revision: u64,
    pub repair: Repair,
    pub shown: Vec<(Shown, u8)>,
    pub is_wanted: bool,
}

impl Proposal {
    pub fn new(image: usize, place: Option<FindingPlace>, revision: u64, repair: Repair) -> Self {
        let shown = repair.changes.iter().map(|(area, value)| (Shown::of(area.clone()), *value)).collect();
        Self { image, place, revision, repair, shown, is_wanted: true }
    }

    fn fit(&self) -> Option<(Fit, Fit)> {
        self.repair.regions.iter().find_map(|r| r.fit)
    }
}

/// What a job says about one label.
pub struct Made {
    pub image: usize,
    pub place: Option<FindingPlace>,
    pub revision: u64,
    pub outcome: Result<Repair, String>,
}

/// The repair that is shown, or those.
#[derive(Default)]
pub struct RepairDesk {
    job: Option<Job<Made>>,
    single: Option<Proposal>,
    pub(super) batch: Option<Batch>,
    /// Taken, to be painted image by image.
    pub(super) queue: VecDeque<Proposal>,
    /// Images that the last batch painted, with the revision of their labels and what was said about them after it.
    pub(super) painted: Vec<(usize, u64, Sidecar)>,
    pub(super) count: usize,
    /// Why the finding in hand was not repaired.
    refusal: Option<(FindingPlace, String)>,
}

impl RepairDesk {
    pub const fn has_batch(&self) -> bool {
        self.batch.is_some()
    }
}

impl Studio {
    pub const fn has_repair(&self) -> bool {
        self.checking.repair.single.is_some()
    }

    pub fn is_check_busy(&self) -> bool {
        let desk = &self.checking.repair;
        let in_batch = desk.batch.as_ref().is_some_and(|b| b.job.is_some());
        desk.job.is_some() || in_batch || !desk.queue.is_empty() || self.checking.book.is_busy() || self.checking.live.is_busy()
    }

    pub(super) fn label_revision(&self, image: usize) -> u64 {
        self.session.surface(SurfaceId::Label(image)).map_or(0, delimit::session::Surface::revision)
    }

    /// Why a finding was not repaired, when that was tried.
    pub(super) fn refusal_of(&self, place: FindingPlace) -> Option<&str> {
        self.checking.repair.refusal.as_ref().filter(|(p, _)| *p == place).map(|(_, why)| why.as_str())
    }

    /// Makes a proposal for the finding that is looked at.
    pub(super) fn start_snap(&mut self) {
        let Some(at) = self.finding_in_hand().cloned() else { return };
        if !at.finding.kind.fix().is_some_and(is_offered) {
            self.toasts.info("No automatic repair is known for this; paint it, or accept it as it is");
            return;
        }
        let place = at.place();
        let work = self.work_on(vec![(at.image, Some(place), at.finding)]);
        let desk = &mut self.checking.repair;
        (desk.single, desk.refusal, desk.job) = (None, None, Some(work));
    }

    /// Proposals for findings, one after the other off the frame; findings of one image share its photo.
    pub(super) fn work_on(&self, mut wanted: Vec<(usize, Option<FindingPlace>, Finding)>) -> Job<Made> {
        wanted.sort_by_key(|w| w.0);
        let snapshot = self.session.snapshot();
        let settings = self.check_settings();
        Job::start("Repairing", self.waker(), move |cx| {
            let (total, mut done) = (wanted.len(), 0);
            for of_image in wanted.chunk_by(|a, b| a.0 == b.0) {
                let image = of_image[0].0;
                let revision = snapshot.label_revision(image);
                let repairs = ImageRepairs::open(&snapshot, image);
                for (_, place, finding) in of_image {
                    cx.progress(done, total);
                    done += 1;
                    let outcome = match &repairs {
                        Ok(repairs) => repairs.finding(finding, &settings).map_err(|e| e.to_string()),
                        Err(e) => Err(e.to_string()),
                    };
                    if !cx.send(Made { image, place: *place, revision, outcome }) {
                        return Ok(());
                    }
                }
            }
            Ok(())
        })
    }

    /// Takes in proposals, and paints what was taken. Once per frame.
    pub(super) fn take_repairs(&mut self) {
        let desk = &mut self.checking.repair;
        if let Some(job) = &mut desk.job {
            loop {
                match job.poll() {
                    JobNews::Result(made) => match made.outcome {
                        Ok(repair) if !repair.is_empty() => {
                            desk.single = Some(Proposal::new(made.image, made.place, made.revision, repair));
                        }
                        Ok(repair) => {
                            let why =
                                repair.left.first().map_or_else(|| "nothing would change".to_owned(), |(_, why)| why.to_string());
                            desk.refusal = made.place.map(|place| (place, why));
                        }
                        Err(why) => desk.refusal = made.place.map(|place| (place, why)),
                    },
                    JobNews::Working => break,
                    JobNews::Finished => {
                        desk.job = None;
                        break;
                    }
                    JobNews::Failed(message) => {
                        self.toasts.error(&message);
                        desk.job = None;
                        break;
                    }
                }
            }
        }
        self.take_batch();
        self.paint_queue();
    }

    /// Paints what was taken, a few images a frame.
    fn paint_queue(&mut self) {
        if self.checking.repair.queue.is_empty() {
            return;
        }
        for _ in 0..IMAGES_PER_FRAME {
            let Some(first) = self.checking.repair.queue.pop_front() else { break };
            let image = first.image;
            let mut of_image = vec![first];
            let queue = &mut self.checking.repair.queue;
            while let Some(next) = queue.pop_front_if(|p| p.image == image) {
                of_image.push(next);
            }
            self.paint_repairs(image, &of_image);
        }
        if self.checking.repair.queue.is_empty() {
            let words =
                format!("{} labels were changed in {} images", self.checking.repair.count, self.checking.repair.painted.len());
            self.toasts.info(&words);
        }
    }

    /// Paints repairs of one image as one step of undo.
    fn paint_repairs(&mut self, image: usize, proposals: &[Proposal]) {
        let is_current = |p: &&Proposal| p.revision == self.label_revision(image);
        let current: Vec<&Proposal> = proposals.iter().filter(is_current).collect();
        if current.len() < proposals.len() {
            let id = &self.session.project().images()[image].id;
            self.toasts.info(&format!("{id}: the label was changed meanwhile; its repair was left out"));
        }
        if current.is_empty() {
            return;
        }
        let areas: Vec<_> = current
            .iter()
            .flat_map(|p| &p.repair.changes)
            // A region grows over background only, whatever came between: other labels are never painted over.
            .map(|(area, value)| {
                let gate = if *value == BACKGROUND { Gate::over(ValueSet::ALL) } else { Gate::protecting_all_but(*value) };
                (area.clone(), *value, gate)
            })
            .collect();
        let count = current.iter().map(|p| p.repair.regions.len()).sum::<usize>();
        let outcome = self.session.paint_areas(SurfaceId::Label(image), &areas);
        if let Err(e) = outcome {
            self.toasts.error(&e.to_string());
            return;
        }
        let revision = self.label_revision(image);
        self.checking.repair.painted.push((image, revision, self.session.sidecar(image).clone()));
        self.checking.repair.count += count;
    }

    /// Enter: takes the repair that is shown and goes to the next finding.
    pub(super) fn take_repair(&mut self, ctx: &Context) {
        let Some(proposal) = self.checking.repair.single.take() else { return };
        self.checking.repair.painted.clear();
        self.paint_repairs(proposal.image, std::slice::from_ref(&proposal));
        self.touch(ctx);
        self.push(Command::NextFinding);
    }

    /// Forgets the repair that is shown; false when there was none.
    pub(super) fn drop_repair(&mut self) -> bool {
        let desk = &mut self.checking.repair;
        desk.job = None;
        desk.single.take().is_some() || desk.batch.take().is_some()
    }

    /// Draws what would change: pixels that come in the colour of their class, pixels that go in that of the ink.
    pub(super) fn draw_repair(&self, frame: &CanvasFrame, image: usize) {
        let theme = Theme::of_context(frame.painter.ctx());
        let desk = &self.checking.repair;
        let in_batch = desk.batch.as_ref().and_then(|b| b.proposals.get(b.here?));
        for proposal in desk.single.iter().chain(in_batch).filter(|p| p.image == image) {
            for (shown, value) in &proposal.shown {
                shown.draw(frame, if *value == BACKGROUND { theme.ink } else { self.class_colour(*value) });
            }
        }
    }

    /// Before and after, over the canvas.
    pub(super) fn repair_card_ui(&mut self, ui: &Ui) {
        let Some(proposal) = &self.checking.repair.single else { return };
        let (title, lines) = (proposal.repair.kind.label(), words_of(proposal));
        let at = ui.max_rect().center_bottom() - vec2(0.0, 16.0);
        let mut deed = None;
        Area::new(Id::unique("repair card")).order(Order::Middle).pivot(Align2::CENTER_BOTTOM).fixed_pos(at).show(ui.ctx(), |ui| {
            let theme = Theme::of(ui);
            theme.card_frame().fill(theme.float).stroke(theme.hairline()).show(ui, |ui| {
                ui.horizontal(|ui| {
                    let mut first = title.chars();
                    let title: String = first.next().into_iter().flat_map(char::to_uppercase).chain(first).collect();
                    ui.label(theme::semibold(title));
                    for line in lines {
                        ui.label(RichText::new(line).color(theme.faint));
                    }
                    if ui.add(egui::Button::new("Take").shortcut_text(keys::text(Command::Accept))).clicked() {
                        deed = Some(Command::Accept);
                    }
                    if ui.add(egui::Button::new("Leave").shortcut_text("Esc")).clicked() {
                        deed = Some(Command::CancelStroke);
                    }
                });
            });
        });
        if let Some(command) = deed {
            self.push(command);
        }
    }
}

/// "90 % within 2.81 → 0.42 px", "212 px change".
pub fn words_of(proposal: &Proposal) -> Vec<String> {
    let mut words = Vec::new();
    if let Some((before, after)) = proposal.fit() {
        words.push(format!("90 % within {:.2} → {:.2} px", before.p90_px, after.p90_px));
    }
    let regions = proposal.repair.regions.len();
    if regions > 1 {
        words.push(format!("{regions} regions"));
    }
    words.push(format!("{} px change", proposal.repair.pixels()));
    words
}
