//! The studio's state and its clock: results of background work come in, commands are carried out, the next work is started.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use delimit::jobs::{Job, JobNews, Waker};
use delimit::measure::{Region, Wanted};
use delimit::predict::ProbabilityLimits;
use delimit::raster::pyramid::Pyramid;
use delimit::session::command::Workspace;
use delimit::session::{Command, SaveReport, Session, SessionError, SurfaceFile, SurfaceId};
use egui::Context;

use super::analysis::{Analysis, LabelFacts, PredictionFacts};
use super::canvas::Canvas;
use super::check::CheckState;
use super::compare::CompareState;
use super::compare::views::CompareViews;
use super::film::FilmState;
use super::person::Person;
use super::state::{Source, ViewState};
use super::toasts::Toasts;
use super::tools::{Hand, ModelLayer};
use super::tune::TuneState;
use super::work::{self, KnownPredictions, Loaded, News, PhotoKey, Written};

/// Photos kept in memory at most, by number and by bytes; the one on the canvas always stays.
const PHOTOS_KEPT: usize = 8;
const PHOTO_BYTES_KEPT: usize = 1 << 30;

/// Projects up to this size are checked and predicted without being asked, when their workspace is first opened.
const SMALL_PROJECT: usize = 200;

/// Work that the status line shows and a person can stop.
pub struct LongWork {
    pub job: Job<News>,
    pub kind: WorkKind,
    /// When somebody asked it to stop.
    pub stopped_at: Option<Instant>,
}

/// Work that was asked to stop and is in the middle of a tile is left to end by itself after this: nobody waits for it.
const STOPS_WITHIN: Duration = Duration::from_millis(250);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkKind {
    Check,
    Predict,
}

/// Everything behind the window.
pub struct Studio {
    pub session: Session,
    pub view: ViewState,
    pub analysis: Analysis,
    pub canvas: Canvas,
    pub toasts: Toasts,
    /// The filmstrip and the work on many images.
    pub film_state: FilmState,
    pub written: Option<Written>,
    photos: VecDeque<(PhotoKey, Result<Arc<Pyramid>, String>)>,
    commands: Vec<Command>,
    loading: Option<Job<Loaded>>,
    /// What the job above reads.
    loading_keys: Vec<PhotoKey>,
    pub(super) refreshing: Option<Job<News>>,
    pub(super) cached: Option<Job<News>>,
    pub long_work: Option<LongWork>,
    pub(super) saving: Option<Job<SaveReport>>,
    pub bundling: Option<Job<Written>>,
    pub(super) was_asked: [bool; 2],
    pub(super) changed_at: Option<f64>,
    waker: Waker,
    pub(super) needs_full_refresh: bool,
    /// What regions were last measured for, by part number.
    pub(super) measured_for: Vec<Wanted>,
    /// The least probabilities that the predictions were held to.
    pub(super) held_to: ProbabilityLimits,
    /// Predictions on their way to other least probabilities.
    pub(super) holding: Option<Job<Vec<News>>>,
    zones_job: Option<Job<(usize, Option<SurfaceFile>)>>,
    pub hand: Hand,
    pub model_layer: ModelLayer,
    /// Keys and settings that go with the person.
    pub person: Person,
    /// The pixel under the pointer in words, from the last frame.
    pub hovered: Option<String>,
    /// The image that the filmstrip was last scrolled to.
    pub film_shows: Option<usize>,
    /// Index of the part of each image.
    pub part_by_image: Vec<usize>,
    /// What the views of Compare keep.
    pub compare_views: CompareViews,
    /// Findings, what hangs on them, repairs, the defect book.
    pub checking: CheckState,
    /// Figures of the set, cases, suspected labels, adopting.
    pub compare: CompareState,
    /// The chart, the chosen region, trials.
    pub tune: TuneState,
}

impl Studio {
    /// Opens a project in a window that `ctx` draws.
    pub fn open(root: &Path, ctx: &Context) -> Result<Self, SessionError> {
        let session = Session::open(root)?;
        let ctx = ctx.clone();
        let waker: Waker = Arc::new(move || ctx.request_repaint());
        let mut studio = Self {
            analysis: Analysis::new(session.project().images().len()),
            view: ViewState::default(),
            canvas: Canvas::new(),
            toasts: Toasts::default(),
            film_state: FilmState::default(),
            written: None,
            photos: VecDeque::new(),
            commands: Vec::new(),
            loading: None,
            loading_keys: Vec::new(),
            refreshing: None,
            cached: None,
            long_work: None,
            saving: None,
            bundling: None,
            was_asked: [false; 2],
            changed_at: None,
            waker,
            needs_full_refresh: true,
            measured_for: Vec::new(),
            held_to: ProbabilityLimits::default(),
            holding: None,
            zones_job: None,
            hand: Hand::default(),
            model_layer: ModelLayer::default(),
            person: Person::default(),
            hovered: None,
            film_shows: None,
            part_by_image: Vec::new(),
            compare_views: CompareViews::default(),
            checking: CheckState::default(),
            compare: CompareState::default(),
            tune: TuneState::default(),
            session,
        };
        studio.start_view();
        Ok(studio)
    }

    /// Closes this project and opens another in its place; on an error this one stays.
    pub fn reopen(&mut self, root: &Path, ctx: &Context) {
        if let Err(e) = self.finish_saving() {
            self.toasts.error(&e);
            return;
        }
        match Self::open(root, ctx) {
            Ok(mut next) => {
                self.hand_person_over(&mut next, ctx);
                *self = next;
            }
            Err(e) => self.toasts.error(&e.to_string()),
        }
    }

    fn index_parts(&mut self) {
        let project = self.session.project();
        let mut parts = vec![0; project.images().len()];
        for (index, part) in project.parts().iter().enumerate() {
            for &image in &part.images {
                parts[image] = index;
            }
        }
        self.part_by_image = parts;
    }

    /// New images are in the project: they get thumbnails and are measured.
    pub fn images_added(&mut self) {
        self.index_parts();
        self.needs_full_refresh = true;
    }

    fn start_view(&mut self) {
        self.index_parts();
        let project = self.session.project();
        if let Some(class) = project.classes.first() {
            self.view.class = class.id;
        }
        self.view.part_number = project.part_number_of_image(0).unwrap_or(0);
        self.pick_first_zone();
        for notice in self.session.take_notices() {
            self.toasts.info(&notice);
        }
        self.update_film();
        self.load_zones();
        if !self.session.project().part_numbers.is_empty() {
            self.load_predictions(self.view.part_number);
        }
    }

    pub fn pick_first_zone(&mut self) {
        if let Some(pn) = self.session.project().part_numbers.get(self.view.part_number) {
            self.view.zone = pn.zones.first().map_or(1, |z| z.id);
        }
    }

    // --- what is on the canvas -----------------------------------------------------------------------------------------------

    /// The photo that belongs on the canvas; None in a project without an image.
    pub fn photo_key(&self) -> Option<PhotoKey> {
        if self.view.is_painting_zones && self.view.workspace == Workspace::Label {
            return Some(PhotoKey::Nominal(self.view.part_number));
        }
        (self.view.image < self.session.project().images().len()).then_some(PhotoKey::Image(self.view.image))
    }

    /// The surface under the brush.
    pub fn surface_id(&self) -> Option<SurfaceId> {
        self.photo_key().map(PhotoKey::surface)
    }

    /// A photo that is in memory, or why it cannot be; None while it loads.
    pub fn photo(&self, key: PhotoKey) -> Option<&Result<Arc<Pyramid>, String>> {
        self.photos.iter().find(|(k, _)| *k == key).map(|(_, photo)| photo)
    }

    /// Goes to an image; what was painted on the one before is saved soon after.
    pub fn go_to(&mut self, image: usize) {
        if image != self.view.image && image < self.session.project().images().len() {
            self.leave_map();
            self.view.image = image;
            if let Some(pn) = self.session.project().part_number_of_image(image)
                && pn != self.view.part_number
            {
                self.choose_part_number(pn);
            }
            self.look_for_outside_changes();
        }
    }

    /// Changes zones, ruleset and model at once.
    pub fn choose_part_number(&mut self, part_number: usize) {
        self.leave_map();
        self.view.limits.zone = None;
        self.view.part_number = part_number;
        self.view.cell = None;
        self.pick_first_zone();
        self.analysis.outdate();
        self.load_zones();
        self.load_predictions(part_number);
        if self.session.project().part_number_of_image(self.view.image) != Some(part_number)
            && let Some(first) = (0..self.session.project().images().len())
                .find(|&i| self.session.project().part_number_of_image(i) == Some(part_number))
        {
            self.view.image = first;
        }
    }

    // --- the clock -----------------------------------------------------------------------------------------------------------

    /// Queues a command; it is carried out before the next frame is drawn.
    pub fn push(&mut self, command: Command) {
        self.commands.push(command);
    }

    pub fn take_commands(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.commands)
    }

    /// Takes in results and starts what is due. Once per frame, before drawing.
    pub fn tick(&mut self, ctx: &Context) {
        self.take_loaded();
        self.take_zones();
        self.take_news(ctx);
        self.take_saved(ctx);
        self.take_written();
        self.start_loading();
        self.follow_wanted();
        self.start_refresh();
        self.start_by_itself();
        self.follow_probability_limits();
        if !self.session.project().part_numbers.is_empty() {
            self.analysis.judge(&self.session, self.view.part_number);
        }
        self.tick_check(ctx);
        self.tick_compare(ctx);
        self.tick_tune(ctx);
        self.tick_film(ctx);
        self.tick_views(ctx);
        self.autosave(ctx);
        self.keep_settings(ctx);
    }

    /// Zones are needed at the brush: the verdict at the cursor hangs on them.
    fn load_zones(&mut self) {
        let pn = self.view.part_number;
        if pn < self.session.project().part_numbers.len() && self.session.surface(SurfaceId::Zones(pn)).is_none() {
            self.zones_job = Some(work::load_zones(self.session.shared_project(), pn, Arc::clone(&self.waker)));
        }
    }

    fn take_zones(&mut self) {
        let Some(job) = &mut self.zones_job else { return };
        match job.poll() {
            JobNews::Result((pn, Some(map))) => {
                self.session.insert_surface(SurfaceId::Zones(pn), map);
                // Densities can be judged from now on.
                if self.session.ruleset(pn).current().needs_surroundings() {
                    self.analysis.outdate();
                }
            }
            JobNews::Result((_, None)) | JobNews::Working => {}
            JobNews::Finished => self.zones_job = None,
            JobNews::Failed(message) => {
                self.toasts.error(&message);
                self.zones_job = None;
            }
        }
    }

    fn take_loaded(&mut self) {
        let Some(job) = &mut self.loading else { return };
        loop {
            match job.poll() {
                JobNews::Result(loaded) => {
                    match loaded.map {
                        Ok(map) => self.session.insert_surface(loaded.key.surface(), map),
                        Err(message) => self.toasts.error(&message),
                    }
                    self.photos.retain(|(key, _)| *key != loaded.key);
                    self.photos.push_front((loaded.key, loaded.photo));
                }
                JobNews::Working => return,
                JobNews::Finished => break,
                JobNews::Failed(message) => {
                    self.toasts.error(&message);
                    break;
                }
            }
        }
        self.loading = None;
        let wanted = self.photo_key();
        let bytes = |photos: &VecDeque<(PhotoKey, Result<Arc<Pyramid>, String>)>| -> usize {
            photos.iter().filter_map(|(_, p)| p.as_ref().ok()).map(|p| p.heap_bytes()).sum()
        };
        while self.photos.len() > PHOTOS_KEPT || bytes(&self.photos) > PHOTO_BYTES_KEPT {
            let Some(at) = self.photos.iter().rposition(|(key, _)| Some(*key) != wanted) else { break };
            if let Some((key, _)) = self.photos.remove(at) {
                self.session.unload_surface(key.surface());
            }
        }
    }

    /// Loads what the canvas needs, then its neighbours on both sides.
    fn start_loading(&mut self) {
        let Some(key) = self.photo_key() else { return };
        if self.loading.is_some() {
            if self.loading_keys.contains(&key) || self.photo(key).is_some() {
                return;
            }
            // The person went elsewhere: neighbours of where they were must not be waited for.
            self.loading = None;
        }
        let mut keys = vec![key];
        if let PhotoKey::Image(_) = key {
            keys.extend([1, 2, -1].into_iter().filter_map(|by| self.film_neighbour(by)).map(PhotoKey::Image));
        }
        keys.retain(|&k| self.photo(k).is_none());
        if keys.is_empty() {
            return;
        }
        self.loading_keys.clone_from(&keys);
        self.loading = Some(work::load(self.session.shared_project(), keys, Arc::clone(&self.waker)));
    }

    fn take_news(&mut self, ctx: &Context) {
        let mut news = self.tick_survey(self.refreshing.is_none() && !self.needs_full_refresh, ctx);
        news.extend(self.take_held());
        for job in [&mut self.refreshing, &mut self.cached] {
            if let Some(running) = job
                && drain(running, &mut news, &mut self.toasts)
            {
                *job = None;
            }
        }
        if let Some(work) = &mut self.long_work
            && (drain(&mut work.job, &mut news, &mut self.toasts) || work.stopped_at.is_some_and(|at| at.elapsed() >= STOPS_WITHIN))
        {
            let (kind, is_cancelled) = (work.kind, work.job.is_cancelled());
            self.long_work = None;
            self.announce_end(kind, is_cancelled);
        }
        for item in news {
            self.learn(item);
        }
    }

    fn announce_end(&mut self, kind: WorkKind, is_cancelled: bool) {
        let what = match kind {
            WorkKind::Check => "Checking",
            WorkKind::Predict => "Predicting",
        };
        if is_cancelled {
            self.toasts.info(&format!("{what} was stopped; what was finished is kept"));
        }
    }

    fn learn(&mut self, news: News) {
        let analysis = &mut self.analysis;
        match news {
            // Work that started before what is known by now has nothing to say.
            News::Measured { image, revision, .. } if analysis.labels[image].as_ref().is_some_and(|f| f.revision > revision) => {}
            News::Measured { image, revision, regions, grouping, is_labelled } => {
                analysis.labels[image] = Some(LabelFacts { revision, regions, grouping, is_labelled });
                analysis.problems[image] = None;
                analysis.outdate();
            }
            News::Checked { image, checks, findings, flips } => self.learn_checks(image, checks, findings, *flips),
            News::CheckedSet(set) => self.checking.findings.put_set(set),
            News::Unreadable { image, message, findings } => {
                self.toasts.error(&message);
                analysis.problems[image] = Some(message);
                self.checking.findings.put_unreadable(image, findings);
            }
            News::Predicted { image, prediction, regions, pixels } => {
                analysis.engine.get_or_insert_with(|| prediction.engine.clone());
                let is_one = prediction.models.len() < 2;
                let origin = |r: &Region| prediction.model_of(r.class, r.anchor, r.bounds).map(str::to_owned).filter(|_| !is_one);
                let origins = regions.iter().map(origin).collect();
                analysis.predictions[image] =
                    Some(PredictionFacts { map: prediction.class, regions, pixels, origins, comparison: None });
                analysis.is_any_predicted = true;
                self.compare.set.forget(image);
                analysis.outdate();
            }
            News::Compared { image, revision, comparison } => {
                if let Some(facts) = &mut analysis.predictions[image] {
                    facts.comparison = Some((revision, comparison));
                }
                analysis.compared();
            }
            News::Engine { name, note } => (analysis.engine, analysis.engine_note) = (Some(name), Some(note)),
            News::Problem { image, message } => {
                self.toasts.error(&message);
                analysis.problems[image] = Some(message);
            }
        }
    }

    /// Measures again what was painted since; all labels when zones changed or the project was opened.
    fn start_refresh(&mut self) {
        if self.refreshing.is_some() || self.session.active_stroke().is_some() {
            return;
        }
        let images: Vec<usize> = if std::mem::take(&mut self.needs_full_refresh) {
            self.note_wanted();
            self.split_refresh()
        } else {
            // Only what is in memory can have been painted, split or merged.
            let is_old = |(image, now): &(usize, u64)| {
                let known = self.analysis.labels[*image].as_ref();
                known.is_some_and(|f| f.revision < *now || f.grouping != *self.session.grouping(*image))
            };
            let mut old: Vec<usize> = self.session.loaded_labels().filter(is_old).map(|(image, _)| image).collect();
            old.sort_unstable();
            old
        };
        if images.is_empty() {
            return;
        }
        let known: KnownPredictions =
            images.iter().filter_map(|&i| Some((i, self.analysis.predictions[i].as_ref()?.map.clone()))).collect();
        let is_checked = images.iter().any(|&i| self.analysis.checks[i].is_some());
        let check = is_checked.then(|| self.session.project().boundary_check());
        self.refreshing = Some(work::refresh(self.session.snapshot(), images, known, check, Arc::clone(&self.waker)));
    }

    /// In a small project the first look into a workspace brings its results.
    fn start_by_itself(&mut self) {
        if self.long_work.is_some()
            || self.session.project().images().is_empty()
            || self.session.project().images().len() > SMALL_PROJECT
        {
            return;
        }
        match self.view.workspace {
            Workspace::Check if !self.was_asked[0] => self.start_check(),
            Workspace::Compare | Workspace::Tune if !self.was_asked[1] && self.cached.is_none() && self.has_model() => {
                self.was_asked[1] = true;
                // What was predicted before is taken from the cache, so a run that was stopped goes on.
                let pn = self.view.part_number;
                let project = self.session.project();
                let is_missing = |i: usize| project.part_number_of_image(i) == Some(pn) && self.analysis.predictions[i].is_none();
                if (0..project.images().len()).any(is_missing) {
                    self.start_prediction();
                }
            }
            _ => {}
        }
    }

    pub fn start_check(&mut self) {
        self.was_asked[0] = true;
        let project = self.session.project();
        let of = |pn: usize| project.ruleset_path(pn).exists().then(|| self.session.ruleset(pn).current().clone());
        let rulesets = (0..project.part_numbers.len()).map(of).collect();
        let job = work::check_all(self.session.snapshot(), rulesets, Arc::clone(&self.waker));
        self.long_work = Some(LongWork { job, kind: WorkKind::Check, stopped_at: None });
    }

    /// Labels are being measured: figures made now would be made again at once.
    pub const fn is_measuring(&self) -> bool {
        self.refreshing.is_some()
    }

    /// Predictions are coming in, from the models or from the cache.
    pub const fn is_predicting(&self) -> bool {
        self.long_work.is_some() || self.cached.is_some()
    }

    /// Something that the window waits for is still under way.
    pub fn is_busy(&self) -> bool {
        self.loading.is_some()
            || self.holding.is_some()
            || self.zones_job.is_some()
            || self.hand.is_busy()
            || self.model_layer.is_busy()
            || self.refreshing.is_some()
            || self.cached.is_some()
            || self.long_work.is_some()
            || self.bundling.is_some()
            || self.is_check_busy()
            || self.compare.set.is_busy()
            || self.is_adopting()
            || self.compare.models.is_busy()
            || self.compare.duel.is_busy()
            || self.is_film_busy()
            || self.compare_views.is_busy()
            || self.is_tuning()
    }

    /// Does something with the session and shows what went wrong.
    pub fn try_session(&mut self, act: impl FnOnce(&mut Session) -> Result<(), SessionError>) {
        if let Err(e) = act(&mut self.session) {
            self.toasts.error(&e.to_string());
        }
    }

    pub fn waker(&self) -> Waker {
        Arc::clone(&self.waker)
    }

    /// Whose verdicts the marks of the filmstrip show: while labelling and checking those of the labels.
    pub fn source_here(&self) -> Source {
        match self.view.workspace {
            Workspace::Label | Workspace::Check => Source::Labels,
            Workspace::Tune => self.view.source,
            Workspace::Compare | Workspace::Export => self.best_source(),
        }
    }

    /// The source of a tally that makes sense: the model's once it was run.
    pub fn best_source(&self) -> Source {
        if self.analysis.evaluation(Source::Predictions).is_some() { Source::Predictions } else { Source::Labels }
    }
}

/// Takes all results that are there; true when the job has ended.
fn drain(job: &mut Job<News>, into: &mut Vec<News>, toasts: &mut Toasts) -> bool {
    loop {
        match job.poll() {
            JobNews::Result(news) => into.push(news),
            JobNews::Working => return false,
            JobNews::Finished => return true,
            JobNews::Failed(message) => {
                toasts.error(&message);
                return true;
            }
        }
    }
}
