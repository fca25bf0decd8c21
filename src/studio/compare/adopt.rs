//! Taking predictions over as a start for labels: which, from what probability on, and where.

use std::collections::{BTreeSet, VecDeque};

use delimit::jobs::{Job, JobNews};
use delimit::project::{LabelState, Sidecar};
use delimit::raster::Area;
use delimit::session::SurfaceId;
use delimit::workflow::adopting::{AdoptSettings, adoption};
use delimit::workflow::predicting::CachedPredictions;
use egui::{Context, Label, ScrollArea, Slider, Ui};

use crate::studio::app::Studio;
use crate::studio::theme;
use crate::studio::widgets::section;

/// Images painted in one frame.
const IMAGES_PER_FRAME: usize = 2;

/// Regions to be painted on one image.
struct Proposed {
    image: usize,
    /// Of the label that they were picked for; another label makes them void.
    revision: u64,
    areas: Vec<(Area, u8)>,
}

/// What is taken over, where.
#[derive(Clone, Debug, PartialEq)]
struct Wanted {
    settings: AdoptSettings,
    /// The image on the canvas, instead of all of the part number.
    only_here: bool,
}

/// The panel and the work behind it.
pub struct AdoptDesk {
    wanted: Wanted,
    /// With what the proposals below were picked.
    made_for: Option<Wanted>,
    job: Option<Job<Proposed>>,
    proposals: Vec<Proposed>,
    looked_at: usize,
}

/// What was adopted last, to be taken back together.
#[derive(Default)]
pub struct Adopted {
    queue: VecDeque<Proposed>,
    /// Image, revision and sidecar after it, and how many steps of undo it took.
    painted: Vec<(usize, u64, Sidecar, usize)>,
    regions: usize,
}

impl Studio {
    pub(super) fn switch_adopting(&mut self) {
        if self.compare.adopting.take().is_none() {
            self.push(delimit::session::Command::Show(delimit::session::command::Workspace::Compare));
            let wanted = Wanted { settings: AdoptSettings { min_probability: 0.5, ..AdoptSettings::default() }, only_here: false };
            self.compare.adopting = Some(AdoptDesk { wanted, made_for: None, job: None, proposals: Vec::new(), looked_at: 0 });
        }
    }

    pub const fn has_adoption(&self) -> bool {
        self.compare.adopting.is_some()
    }

    pub fn is_adopting(&self) -> bool {
        !self.compare.adopted.queue.is_empty() || self.compare.adopting.as_ref().is_some_and(|d| d.job.is_some())
    }

    pub(super) fn adopt_ui(&mut self, ui: &mut Ui) {
        section(ui, "Adopt predictions", None);
        let words = "The model's regions become labels to start from. They are marked as proposed, and count as no label, until a person \
                     says that the image is done.";
        ui.add(Label::new(theme::caption(ui, words)).wrap());
        ui.add_space(4.0);
        let classes: Vec<(u8, String)> = self.session.project().class_names();
        let Some(desk) = &mut self.compare.adopting else { return };
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            for (value, words) in [(false, "All images"), (true, "This image")] {
                ui.selectable_value(&mut desk.wanted.only_here, value, words);
            }
        });
        let settings = &mut desk.wanted.settings;
        ui.horizontal(|ui| {
            ui.spacing_mut().item_spacing.x = 4.0;
            ui.selectable_value(&mut settings.only_unlabelled, true, "Without a label")
                .on_hover_text("Leaves every image alone that somebody has worked on");
            ui.selectable_value(&mut settings.only_unlabelled, false, "Beside labels too")
                .on_hover_text("Adds regions that touch no label; no label is painted over");
        });
        ui.add_space(4.0);
        ui.label("Mean probability at least");
        let mut percent = settings.min_probability * 100.0;
        let slider = Slider::new(&mut percent, 0.0..=99.0).suffix(" %").fixed_decimals(0);
        if ui.add(slider).accessible_name("Least mean probability").changed() {
            settings.min_probability = percent / 100.0;
        }
        ui.add_space(4.0);
        ScrollArea::vertical().auto_shrink(true).max_height(200.0).show(ui, |ui| {
            let all: BTreeSet<u8> = classes.iter().map(|c| c.0).collect();
            let mut chosen = settings.classes.clone().unwrap_or_else(|| all.clone());
            for (id, name) in &classes {
                let mut is_on = chosen.contains(id);
                if ui.checkbox(&mut is_on, name).changed() {
                    if is_on {
                        chosen.insert(*id)
                    } else {
                        chosen.remove(id)
                    };
                }
            }
            settings.classes = (chosen != all).then_some(chosen);
        });
        ui.add_space(4.0);
        let is_ready = desk.job.is_none() && desk.made_for.as_ref() == Some(&desk.wanted);
        let regions: usize = desk.proposals.iter().map(|p| p.areas.len()).sum();
        let words = format!("{regions} regions in {} of {} images", desk.proposals.len(), desk.looked_at);
        ui.label(theme::caption(ui, if is_ready { words } else { "Counting…".to_owned() }));
        let may = is_ready && regions > 0 && !self.session.is_read_only();
        let (mut takes, mut leaves) = (false, false);
        ui.horizontal(|ui| {
            let take = egui::Button::new(format!("Adopt {regions}"));
            takes = ui.add_enabled(may, take).on_hover_text("Undo takes it back, image by image or all at once").clicked();
            leaves = ui.add(egui::Button::new("Leave").shortcut_text("Esc")).clicked();
        });
        self.undo_adoption_ui(ui);
        if takes {
            self.take_adoption(ui.ctx());
        }
        if leaves {
            self.compare.adopting = None;
        }
    }

    /// Escape: true when the panel was open.
    pub fn escape_compare(&mut self) -> bool {
        self.leave_wizard() || self.compare.adopting.take().is_some() || std::mem::take(&mut self.compare.models.is_open)
    }

    /// Picks regions anew when something else is wanted; takes in what was picked, and paints what was taken. Once per frame.
    pub(super) fn take_adoptions(&mut self) {
        self.paint_adopted();
        let pn = self.view.part_number;
        let here = self.view.image;
        let Some(desk) = &mut self.compare.adopting else { return };
        if let Some(job) = &mut desk.job {
            loop {
                match job.poll() {
                    JobNews::Result(proposed) => desk.proposals.push(proposed),
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
        if desk.made_for.as_ref() == Some(&desk.wanted) {
            return;
        }
        let project = self.session.project();
        let images: Vec<usize> = if desk.wanted.only_here {
            vec![here]
        } else {
            (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(pn)).collect()
        };
        desk.made_for = Some(desk.wanted.clone());
        desk.looked_at = images.len();
        desk.proposals.clear();
        let (snapshot, settings) = (self.session.snapshot(), desk.wanted.settings.clone());
        let (waker, limits) = (self.waker(), self.probability_limits(pn));
        let job = Job::start("Picking regions", waker, move |cx| {
            let project = snapshot.project();
            let Some(cached) = CachedPredictions::open(project, pn).map_err(|e| e.to_string())?.map(|c| c.held_to(limits)) else {
                return Ok(());
            };
            for image in images {
                if cx.is_cancelled() {
                    break;
                }
                let Some(prediction) = cached.get(project, image) else { continue };
                let revision = snapshot.label_revision(image);
                let picked = adoption(&snapshot, image, &prediction, &settings).map_err(|e| e.to_string())?;
                let areas = picked.map(|p| p.areas).unwrap_or_default();
                if !areas.is_empty() && !cx.send(Proposed { image, revision, areas }) {
                    break;
                }
            }
            Ok(())
        });
        if let Some(desk) = &mut self.compare.adopting {
            desk.job = Some(job);
        }
    }

    pub(super) fn take_adoption(&mut self, ctx: &Context) {
        let Some(desk) = self.compare.adopting.take_if(|d| d.job.is_none() && d.made_for.as_ref() == Some(&d.wanted)) else {
            return;
        };
        let adopted = &mut self.compare.adopted;
        (adopted.painted, adopted.regions) = (Vec::new(), 0);
        adopted.queue = desk.proposals.into();
        self.touch(ctx);
    }

    /// Paints what was taken, a few images a frame.
    fn paint_adopted(&mut self) {
        if self.compare.adopted.queue.is_empty() {
            return;
        }
        for _ in 0..IMAGES_PER_FRAME {
            let Some(next) = self.compare.adopted.queue.pop_front() else { break };
            if self.session.surface(SurfaceId::Label(next.image)).is_some_and(|s| s.revision() != next.revision) {
                continue;
            }
            // The pixels, and before them the state where it was another one.
            let steps = if self.session.sidecar(next.image).state == LabelState::Proposed { 1 } else { 2 };
            self.try_session(|s| s.adopt(next.image, &next.areas).map(drop));
            let revision = self.session.surface(SurfaceId::Label(next.image)).map_or(0, delimit::session::Surface::revision);
            let said = self.session.sidecar(next.image).clone();
            self.compare.adopted.painted.push((next.image, revision, said, steps));
            self.compare.adopted.regions += next.areas.len();
        }
        let adopted = &self.compare.adopted;
        if adopted.queue.is_empty() {
            let words = format!("{} regions were proposed in {} images", adopted.regions, adopted.painted.len());
            self.toasts.info(&words);
        }
    }

    /// The images of the last adoption that nobody has touched since.
    fn undoable_adoptions(&self) -> Vec<(usize, usize)> {
        let is_last = |(image, revision, said, _): &&(usize, u64, Sidecar, usize)| {
            let now = self.session.surface(SurfaceId::Label(*image)).map_or(*revision, delimit::session::Surface::revision);
            now == *revision && self.session.sidecar(*image) == said
        };
        self.compare.adopted.painted.iter().filter(is_last).map(|(image, _, _, steps)| (*image, *steps)).collect()
    }

    fn undo_adoption_ui(&mut self, ui: &mut Ui) {
        let images = self.undoable_adoptions();
        if images.is_empty() || !self.compare.adopted.queue.is_empty() {
            return;
        }
        ui.separator();
        ui.horizontal(|ui| {
            ui.label(theme::caption(ui, format!("{} images have proposals from just now", images.len())));
            if ui.small_button("Undo all").on_hover_text("Takes them back where nobody has gone on").clicked() {
                for (image, steps) in images {
                    for _ in 0..steps {
                        self.try_session(|s| s.undo(SurfaceId::Label(image)).map(drop));
                    }
                }
                self.compare.adopted.painted.clear();
                if let Some(desk) = &mut self.compare.adopting {
                    desk.made_for = None;
                }
                self.touch(ui.ctx());
            }
        });
    }
}
