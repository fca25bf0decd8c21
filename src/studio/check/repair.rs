//! Labels moved to the edge in the photo, and other repairs: shown first, taken by Enter, never silent. One finding at a time, or many
//! with a list to look through.

use std::collections::VecDeque;

use delimit::check::{Finding, FindingKind, Fit, Repair};
use delimit::jobs::{Job, JobNews};
use delimit::paint::{Gate, ValueSet};
use delimit::raster::BACKGROUND;
use delimit::session::{Command, SurfaceId};
use delimit::workflow::finding_repair::{ImageRepairs, is_offered};
use egui::{Align, Align2, Area, Checkbox, Context, Id, Label, Layout, Order, RichText, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use crate::studio::app::Studio;
use crate::studio::canvas::CanvasFrame;
use crate::studio::icons;
use crate::studio::keys;
use crate::studio::state::FindingPlace;
use crate::studio::theme::{self, Theme};
use crate::studio::tools::Shown;
use crate::studio::widgets::{EmptyState, row_content, row_ground, section};

/// Images repaired in one frame: a label that is not in memory is read for it.
const IMAGES_PER_FRAME: usize = 2;
const ROW: f32 = 40.0;

/// A repair that can be taken, with what it looks like.
struct Proposal {
    image: usize,
    /// None for one of all labels of the image.
    place: Option<FindingPlace>,
    /// Of the label that it was made for; another label makes it void.
    revision: u64,
    repair: Repair,
    shown: Vec<(Shown, u8)>,
    is_wanted: bool,
}

impl Proposal {
    fn new(image: usize, place: Option<FindingPlace>, revision: u64, repair: Repair) -> Self {
        let shown = repair.changes.iter().map(|(area, value)| (Shown::of(area.clone()), *value)).collect();
        Self { image, place, revision, repair, shown, is_wanted: true }
    }

    fn fit(&self) -> Option<(Fit, Fit)> {
        self.repair.regions.iter().find_map(|r| r.fit)
    }
}

/// What a job says about one label.
struct Made {
    image: usize,
    place: Option<FindingPlace>,
    revision: u64,
    outcome: Result<Repair, String>,
}

/// Many repairs that are looked through before they are taken.
struct Batch {
    title: String,
    job: Option<Job<Made>>,
    /// Labels asked for.
    total: usize,
    proposals: Vec<Proposal>,
    /// What cannot be repaired, and why.
    refused: Vec<(usize, String)>,
    here: Option<usize>,
}

/// The repair that is shown, or those.
#[derive(Default)]
pub struct RepairDesk {
    job: Option<Job<Made>>,
    single: Option<Proposal>,
    batch: Option<Batch>,
    /// Taken, to be painted image by image.
    queue: VecDeque<Proposal>,
    /// Images that the last batch painted, with the revision of their labels after it.
    painted: Vec<(usize, u64)>,
    count: usize,
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

    fn label_revision(&self, image: usize) -> u64 {
        self.session.surface(SurfaceId::Label(image)).map_or(0, delimit::session::Surface::revision)
    }

    /// Why a finding was not repaired, when that was tried.
    pub(super) fn refusal_of(&self, place: FindingPlace) -> Option<&str> {
        self.checking.repair.refusal.as_ref().filter(|(p, _)| *p == place).map(|(_, why)| why.as_str())
    }

    /// Shows the next repair of the batch, or the one before.
    pub(super) fn step_batch(&mut self, by: isize) {
        let Some(batch) = &mut self.checking.repair.batch else { return };
        let count = batch.proposals.len() as isize;
        if count == 0 {
            return;
        }
        let next = batch.here.map_or(if by > 0 { 0 } else { count - 1 }, |here| (here as isize + by).rem_euclid(count)) as usize;
        batch.here = Some(next);
        let (image, bounds) = (batch.proposals[next].image, batch.proposals[next].repair.bounds());
        self.go_to(image);
        self.canvas.centre_on(bounds);
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

    /// Makes proposals for all listed findings that can be snapped.
    pub(super) fn start_batch_snap(&mut self) {
        let is_wanted = |kind: FindingKind| matches!(kind, FindingKind::Boundary(_));
        let wanted: Vec<_> = self
            .checking
            .findings
            .listed()
            .filter(|f| is_wanted(f.finding.kind) && f.acceptance.is_none())
            .map(|f| (f.image, Some(f.place()), f.finding.clone()))
            .collect();
        if wanted.is_empty() {
            self.toasts.info("No finding about a boundary is listed");
            return;
        }
        let total = wanted.len();
        let job = self.work_on(wanted);
        self.begin_batch("Snap to the edge".into(), job, total);
    }

    /// Makes the correction of an error that many labels share.
    pub(super) fn start_correction(&mut self, row: usize) {
        let Some(shared) = self.checking.stakes.shared(row).cloned() else { return };
        let project = self.session.shared_project();
        let pn = self.view.part_number;
        let images: Vec<usize> = (0..project.images().len())
            .filter(|&i| {
                project.part_number_of_image(i) == Some(pn) && self.analysis.checks[i].as_ref().is_some_and(|c| !c.is_empty())
            })
            .collect();
        let annotators: Vec<String> =
            images.iter().map(|&i| delimit::workflow::label_groups::annotator_of(self.session.sidecar(i)).to_owned()).collect();
        let total = images.len();
        let title = shared.sentence(&|class| project.class_name(class));
        let snapshot = self.session.snapshot();
        let job = Job::start("Correcting", self.waker(), move |cx| {
            for (done, (image, annotator)) in images.iter().zip(&annotators).enumerate() {
                cx.progress(done, images.len());
                let revision = snapshot.label_revision(*image);
                let made = ImageRepairs::open(&snapshot, *image).and_then(|r| r.shared(annotator, &shared));
                let outcome = made.map_err(|e| e.to_string());
                if matches!(&outcome, Ok(r) if r.is_empty() && r.left.is_empty()) {
                    continue;
                }
                if !cx.send(Made { image: *image, place: None, revision, outcome }) {
                    break;
                }
            }
            Ok(())
        });
        self.begin_batch(title, job, total);
    }

    fn begin_batch(&mut self, title: String, job: Job<Made>, total: usize) {
        self.drop_repair();
        let batch = Batch { title, job: Some(job), total, proposals: Vec::new(), refused: Vec::new(), here: None };
        self.checking.repair.batch = Some(batch);
    }

    /// Proposals for findings, one after the other off the frame; findings of one image share its photo.
    fn work_on(&self, mut wanted: Vec<(usize, Option<FindingPlace>, Finding)>) -> Job<Made> {
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

    fn take_batch(&mut self) {
        let Some(batch) = &mut self.checking.repair.batch else { return };
        let Some(job) = &mut batch.job else { return };
        loop {
            match job.poll() {
                JobNews::Result(made) => match made.outcome {
                    Ok(repair) => {
                        batch.refused.extend(repair.left.iter().map(|(_, why)| (made.image, why.to_string())));
                        if !repair.is_empty() {
                            batch.proposals.push(Proposal::new(made.image, made.place, made.revision, repair));
                        }
                    }
                    Err(why) => batch.refused.push((made.image, why)),
                },
                JobNews::Working => return,
                JobNews::Finished => break,
                JobNews::Failed(message) => {
                    self.toasts.error(&message);
                    break;
                }
            }
        }
        batch.job = None;
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
        self.checking.repair.painted.push((image, revision));
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

    /// The left panel while many repairs are looked through.
    pub(super) fn batch_ui(&mut self, ui: &mut Ui) {
        let Some(batch) = &self.checking.repair.batch else { return };
        let (count, refused) = (batch.proposals.len(), batch.refused.len());
        let wanted = batch.proposals.iter().filter(|p| p.is_wanted).count();
        let is_working = batch.job.is_some();
        section(ui, "Repairs", Some(count));
        ui.add(Label::new(theme::caption(ui, &batch.title)).wrap());
        let progress = if is_working {
            format!("{} of {} looked at…", count + refused, batch.total)
        } else if refused > 0 {
            format!("{refused} cannot be repaired automatically and stay as they are")
        } else {
            String::new()
        };
        if !progress.is_empty() {
            let why: Vec<String> = batch
                .refused
                .iter()
                .take(20)
                .map(|(image, why)| format!("{}: {why}", self.session.project().images()[*image].id))
                .collect();
            ui.add(Label::new(theme::caption(ui, progress)).wrap()).on_hover_text(why.join("\n"));
        }
        let (mut takes, mut leaves) = (false, false);
        ui.horizontal(|ui| {
            let words = format!("Take {wanted}");
            takes = ui
                .add_enabled(wanted > 0 && !is_working, egui::Button::new(words))
                .on_hover_text("One step of undo per image")
                .clicked();
            leaves = ui.button("Leave all").clicked();
        });
        ui.add_space(4.0);
        if count == 0 && !is_working {
            let hint = "None of them can be moved with certainty; see why above";
            EmptyState { icon: icons::FINDINGS, title: "Nothing to take", hint, action: None }.show(ui);
        } else {
            self.proposals_ui(ui, count);
        }
        if takes && let Some(batch) = self.checking.repair.batch.take() {
            let desk = &mut self.checking.repair;
            (desk.count, desk.painted) = (0, Vec::new());
            desk.queue = batch.proposals.into_iter().filter(|p| p.is_wanted).collect();
            self.touch(ui.ctx());
        }
        if leaves {
            self.checking.repair.batch = None;
        }
    }

    fn proposals_ui(&mut self, ui: &mut Ui, count: usize) {
        let mut chosen = None;
        let mut toggled = None;
        ScrollArea::vertical().auto_shrink(false).show_rows(ui, ROW, count, |ui, rows| {
            for row in rows {
                let Some(batch) = &self.checking.repair.batch else { return };
                let proposal = &batch.proposals[row];
                let image = &self.session.project().images()[proposal.image].id;
                let title = match proposal.place.and_then(|p| p.region) {
                    Some(region) => format!("{image} · #{}", region + 1),
                    None => image.clone(),
                };
                let words = words_of(proposal).join(" · ");
                let (rect, response) = ui.allocate_exact_size(vec2(ui.available_width(), ROW - 4.0), Sense::click());
                response.widget_info(|| {
                    WidgetInfo::selected(egui::Role::Button, true, batch.here == Some(row), format!("Repair of {title}: {words}"))
                });
                row_ground(ui, rect, &response, batch.here == Some(row));
                let mut inner = row_content(ui, rect);
                let mut is_wanted = proposal.is_wanted;
                if inner.add(Checkbox::without_text(&mut is_wanted)).accessible_name(format!("Take {title}")).changed() {
                    toggled = Some((row, is_wanted));
                }
                inner.with_layout(Layout::top_down(Align::Min), |ui| {
                    ui.spacing_mut().item_spacing.y = 0.0;
                    ui.add(Label::new(title).truncate().selectable(false));
                    ui.add(Label::new(theme::caption(ui, words)).truncate().selectable(false));
                });
                if response.clicked() {
                    chosen = Some((row, proposal.image, proposal.repair.bounds()));
                }
            }
        });
        if let (Some((row, is_wanted)), Some(batch)) = (toggled, &mut self.checking.repair.batch) {
            batch.proposals[row].is_wanted = is_wanted;
        }
        if let Some((row, image, bounds)) = chosen {
            if let Some(batch) = &mut self.checking.repair.batch {
                batch.here = Some(row);
            }
            self.go_to(image);
            self.canvas.centre_on(bounds);
        }
    }

    /// What the last batch changed, and the button that takes all of it back.
    pub(super) fn undo_batch_ui(&mut self, ui: &mut Ui) {
        let images = self.undoable_repairs();
        if images.len() < 2 || !self.checking.repair.queue.is_empty() {
            return;
        }
        ui.horizontal(|ui| {
            ui.label(theme::caption(ui, format!("{} images were repaired", images.len())));
            if ui.small_button("Undo all").on_hover_text("Takes the repair of every one of them back").clicked() {
                self.undo_repairs();
                self.touch(ui.ctx());
            }
        });
    }

    /// The images that the last repair painted and that nobody has touched since: what "undo all" takes back.
    pub(super) fn undoable_repairs(&self) -> Vec<usize> {
        let painted = self.checking.repair.painted.iter();
        painted.filter(|(image, revision)| self.label_revision(*image) == *revision).map(|(image, _)| *image).collect()
    }

    /// Takes the last batch back, image by image.
    pub(super) fn undo_repairs(&mut self) {
        for image in self.undoable_repairs() {
            self.try_session(|s| s.undo(SurfaceId::Label(image)).map(drop));
        }
        self.checking.repair.painted.clear();
    }
}

/// "90 % within 2.81 → 0.42 px", "212 px change".
fn words_of(proposal: &Proposal) -> Vec<String> {
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
