//! Many repairs at once: looked through in the left panel, taken or left one by one, and taken back together.

use delimit::check::FindingKind;
use delimit::jobs::{Job, JobNews};
use delimit::project::Sidecar;
use delimit::session::SurfaceId;
use delimit::workflow::finding_repair::ImageRepairs;
use delimit::workflow::label_groups::annotator_of;
use egui::{Align, Checkbox, Label, Layout, ScrollArea, Sense, Ui, WidgetInfo, vec2};

use super::repair::{Made, Proposal, words_of};
use crate::studio::app::Studio;
use crate::studio::icons;
use crate::studio::theme;
use crate::studio::widgets::{EmptyState, row_content, row_ground, section};

const ROW: f32 = 40.0;

/// Many repairs that are looked through before they are taken.
pub struct Batch {
    pub title: String,
    pub job: Option<Job<Made>>,
    /// Labels asked for.
    pub total: usize,
    pub proposals: Vec<Proposal>,
    /// What cannot be repaired, and why.
    pub refused: Vec<(usize, String)>,
    pub here: Option<usize>,
}

impl Studio {
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
        let annotators: Vec<String> = images.iter().map(|&i| annotator_of(self.session.sidecar(i)).to_owned()).collect();
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

    pub(super) fn take_batch(&mut self) {
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
        // Whatever came after it on the timeline of the image, it is not for this button to take back.
        let is_last = |(image, revision, said): &&(usize, u64, Sidecar)| {
            self.label_revision(*image) == *revision && self.session.sidecar(*image) == said
        };
        self.checking.repair.painted.iter().filter(is_last).map(|(image, ..)| *image).collect()
    }

    /// Takes the last batch back, image by image.
    pub(super) fn undo_repairs(&mut self) {
        for image in self.undoable_repairs() {
            self.try_session(|s| s.undo(SurfaceId::Label(image)).map(drop));
        }
        self.checking.repair.painted.clear();
    }
}
