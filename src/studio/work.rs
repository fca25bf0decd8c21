//! Background work of the studio: loading photos, thumbnails, measuring, checking, predicting, saving, bundling.

use std::collections::{BTreeMap, HashMap};
use std::path::PathBuf;
use std::sync::Arc;

use delimit::check::{BoundaryCheck, Finding, RegionCheck};
use delimit::jobs::{Job, JobContext, Waker};
use delimit::judge::Ruleset;
use delimit::measure::{Grouping, Region};
use delimit::predict::{DefectPixels, Prediction, ProbabilityLimits};
use delimit::project::{Acceptance, Project};
use delimit::raster::LabelMap;
use delimit::raster::pyramid::Pyramid;
use delimit::session::open::read_surface;
use delimit::session::{SaveReport, SaveTask, Snapshot, SurfaceFile, SurfaceId};
use delimit::workflow::checking::{acceptances, check_label, is_labelled, label_findings};
use delimit::workflow::comparing::{ImageComparison, compare_grouped};
use delimit::workflow::flip_test::{ImageFlips, image_flips};
use delimit::workflow::hygiene::set_findings;
use delimit::workflow::hygiene_file::label_file_findings;
use delimit::workflow::measuring::{prediction_regions, regions_of_label};
use delimit::workflow::predicting::CachedPredictions;
use delimit::workflow::retuning::{self, Reheld};
use delimit::workflow::{ModelSettings, ProjectModels, SetFindings, SetHygiene, WorkflowError};

/// A photo that can be on the canvas.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PhotoKey {
    Image(usize),
    /// The nominal image of a part number.
    Nominal(usize),
}

impl PhotoKey {
    /// The map that is painted over this photo.
    pub const fn surface(self) -> SurfaceId {
        match self {
            Self::Image(image) => SurfaceId::Label(image),
            Self::Nominal(pn) => SurfaceId::Zones(pn),
        }
    }

    /// Under which its textures are kept.
    pub const fn texture_key(self) -> u64 {
        match self {
            Self::Image(image) => image as u64,
            Self::Nominal(pn) => (1 << 40) | pn as u64,
        }
    }
}

/// A photo with its label or zone map, or why there is none.
pub struct Loaded {
    pub key: PhotoKey,
    pub photo: Result<Arc<Pyramid>, String>,
    pub map: Result<SurfaceFile, String>,
}

/// Loads photos and their maps, in this order.
pub fn load(project: Arc<Project>, keys: Vec<PhotoKey>, waker: Waker) -> Job<Loaded> {
    Job::start("load", waker, move |cx| {
        for key in keys {
            let photo = match key {
                PhotoKey::Image(image) => project.read_photo(image),
                PhotoKey::Nominal(pn) => match project.nominal_path(pn) {
                    Some(path) => delimit::project::photo_file::read(&path),
                    None => continue,
                },
            };
            let photo = photo.map(|p| Arc::new(Pyramid::build(p))).map_err(|e| e.to_string());
            let map = read_surface(&project, key.surface()).map_err(|e| e.to_string());
            if !cx.send(Loaded { key, photo, map }) {
                break;
            }
        }
        Ok(())
    })
}

/// One thing that background work found out.
pub enum News {
    Measured {
        image: usize,
        revision: u64,
        regions: Vec<Region>,
        grouping: Grouping,
        is_labelled: bool,
    },
    Checked {
        image: usize,
        checks: Vec<RegionCheck>,
        findings: Vec<(Finding, Option<Acceptance>)>,
        flips: Box<ImageFlips>,
    },
    Predicted {
        image: usize,
        prediction: Box<Prediction>,
        regions: Vec<Region>,
        /// What it says held to no limit.
        pixels: Arc<DefectPixels>,
    },
    Compared {
        image: usize,
        revision: u64,
        comparison: Box<ImageComparison>,
    },
    /// What the labels say about each other.
    CheckedSet(SetFindings),
    /// A label that cannot be checked.
    Unreadable {
        image: usize,
        message: String,
        findings: Vec<Finding>,
    },
    Engine {
        name: String,
        note: String,
    },
    Problem {
        image: usize,
        message: String,
    },
}

/// The model's maps that are known already, for comparing labels with.
pub type KnownPredictions = HashMap<usize, LabelMap>;

/// Measures labels and compares them with known predictions; with `check` also checks their boundaries.
pub fn refresh(
    snapshot: Snapshot,
    images: Vec<usize>,
    known: KnownPredictions,
    check: Option<BoundaryCheck>,
    waker: Waker,
) -> Job<News> {
    Job::start("measure", waker, move |cx| {
        for image in images {
            let outcome = refresh_one(cx, &snapshot, image, known.get(&image), check.as_ref());
            if let Err(e) = outcome {
                cx.send(News::Problem { image, message: e.to_string() });
            }
            if cx.is_cancelled() {
                break;
            }
        }
        Ok(())
    })
}

fn refresh_one(
    cx: &JobContext<News>,
    snapshot: &Snapshot,
    image: usize,
    known: Option<&LabelMap>,
    check: Option<&BoundaryCheck>,
) -> Result<(), WorkflowError> {
    let label = snapshot.label(image)?;
    let revision = snapshot.label_revision(image);
    let is_labelled = is_labelled(snapshot, image, snapshot.state(image));
    let grouping = snapshot.grouping(image).clone();
    cx.send(News::Measured { image, revision, regions: regions_of_label(snapshot, image, &label)?, grouping, is_labelled });
    if let Some(prediction) = known {
        compare(cx, snapshot, image, &label, prediction);
    }
    if let Some(settings) = check {
        cx.send(check_one(snapshot, image, settings)?);
    }
    Ok(())
}

/// The boundaries of one label, all that is to be said about it, and what hangs on it.
fn check_one(snapshot: &Snapshot, image: usize, settings: &BoundaryCheck) -> Result<News, WorkflowError> {
    let checks = check_label(snapshot, image, settings)?;
    let all = label_findings(snapshot, image, &checks, snapshot.disposition(image))?;
    let accepted: Vec<Option<Acceptance>> =
        acceptances(snapshot, image, &all)?.into_iter().map(Option::<&Acceptance>::cloned).collect();
    let flips = Box::new(image_flips(snapshot, image, &checks)?);
    Ok(News::Checked { image, checks, findings: all.into_iter().zip(accepted).collect(), flips })
}

fn compare(cx: &JobContext<News>, snapshot: &Snapshot, image: usize, label: &LabelMap, prediction: &LabelMap) {
    if let Some(comparison) = compare_grouped(label, snapshot.grouping(image), prediction) {
        let revision = snapshot.label_revision(image);
        cx.send(News::Compared { image, revision, comparison: Box::new(comparison) });
    }
}

/// Checks all labels, one by one and then against each other. `rulesets`: of the part numbers that have one.
pub fn check_all(snapshot: Snapshot, rulesets: Vec<Option<Ruleset>>, waker: Waker) -> Job<News> {
    Job::start("Checking", waker, move |cx| {
        let images = snapshot.project().images().len();
        // Looking at the set as a whole takes about as long again as a tenth of the images.
        let total = images + images.div_ceil(10);
        let settings = snapshot.project().boundary_check();
        let mut checked: BTreeMap<usize, Vec<RegionCheck>> = BTreeMap::new();
        for image in 0..images {
            cx.progress(image, total);
            let news = check_one(&snapshot, image, &settings);
            if let (Ok(News::Checked { checks, .. }), true) = (&news, is_labelled(&snapshot, image, snapshot.state(image))) {
                checked.insert(image, checks.clone());
            }
            let is_wanted = match news {
                Ok(news) => cx.send(news),
                Err(e) => cx.send(unreadable(&snapshot, image, &e)),
            };
            if !is_wanted {
                return Ok(());
            }
        }
        let labelled: Vec<usize> = checked.keys().copied().collect();
        let checks = |image: usize| checked.get(&image).map_or(&[][..], Vec::as_slice);
        let rules = |pn: usize| rulesets.get(pn).cloned().flatten();
        let progress = |done: usize, of: usize| cx.progress(images + (total - images) * done / of.max(1), total);
        match set_findings(&snapshot, &labelled, &checks, &rules, &SetHygiene::default(), &|| cx.is_cancelled(), &progress) {
            Ok(set) => drop(cx.send(News::CheckedSet(set))),
            Err(WorkflowError::Cancelled) => {}
            Err(e) => return Err(e.to_string()),
        }
        cx.progress(total, total);
        Ok(())
    })
}

/// Why a label cannot be checked, with what its file says about itself where its pixels can be read.
fn unreadable(snapshot: &Snapshot, image: usize, error: &WorkflowError) -> News {
    News::Unreadable { image, message: error.to_string(), findings: label_file_findings(snapshot, image) }
}

/// Takes predictions made before from the cache, without opening an engine.
/// `first`: the image that is looked at.
pub fn load_predictions(
    snapshot: Snapshot,
    part_number: usize,
    limits: ProbabilityLimits,
    first: usize,
    waker: Waker,
) -> Job<News> {
    Job::start("cached predictions", waker, move |cx| {
        let project = snapshot.project();
        // A card that does not fit is told when the model is run; here there is just nothing cached.
        let Some(cached) = CachedPredictions::open(project, part_number).ok().flatten() else {
            return Ok(());
        };
        let others = (0..project.images().len()).filter(|&i| i != first);
        for image in std::iter::once(first).chain(others).filter(|&i| project.part_number_of_image(i) == Some(part_number)) {
            if cx.is_cancelled() {
                break;
            }
            let Some(prediction) = cached.get(project, image) else { continue };
            if !send_prediction(cx, &snapshot, image, prediction, &limits) {
                break;
            }
        }
        Ok(())
    })
}

/// What the model said about one image, with its probabilities; None when it was not run on it.
pub fn load_prediction(project: Arc<Project>, image: usize, waker: Waker) -> Job<Option<Prediction>> {
    Job::start("cached prediction", waker, move |cx| {
        let part_number = project.part_number_of_image(image);
        let cached = part_number.and_then(|pn| CachedPredictions::open(&project, pn).ok().flatten());
        cx.send(cached.and_then(|c| c.get(&project, image)));
        Ok(())
    })
}

/// Reads the zone map of a part number; None when none was painted.
pub fn load_zones(project: Arc<Project>, part_number: usize, waker: Waker) -> Job<(usize, Option<SurfaceFile>)> {
    Job::start("zones", waker, move |cx| {
        let is_painted = project.zones_path(part_number).exists();
        let read = || read_surface(&project, SurfaceId::Zones(part_number)).map_err(|e| e.to_string());
        cx.send((part_number, if is_painted { Some(read()?) } else { None }));
        Ok(())
    })
}

/// Runs the model of a part number over all its images.
pub fn predict_all(
    snapshot: Snapshot,
    part_number: usize,
    limits: ProbabilityLimits,
    first: usize,
    settings: ModelSettings,
    waker: Waker,
) -> Job<News> {
    Job::start("Predicting", waker, move |cx| {
        let project = snapshot.project();
        let mut model = ProjectModels::open(project, part_number, &settings).map_err(|e| e.to_string())?;
        cx.send(News::Engine { name: model.engine_name(), note: model.engine_text() });
        let mut images: Vec<usize> =
            (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(part_number)).collect();
        // The image that is looked at, what follows it, and then the rest.
        let at = images.partition_point(|&i| i < first) % images.len().max(1);
        images.rotate_left(at);
        for (done, &image) in images.iter().enumerate() {
            cx.progress(done, images.len());
            match model.predict(project, image, &|| cx.is_cancelled()) {
                Ok(prediction) => {
                    send_prediction(cx, &snapshot, image, prediction, &limits);
                }
                Err(WorkflowError::Cancelled) => {}
                Err(e) => {
                    cx.send(News::Problem { image, message: e.to_string() });
                }
            }
            if cx.is_cancelled() {
                break;
            }
        }
        model.tidy_cache();
        cx.progress(images.len(), images.len());
        Ok(())
    })
}

fn send_prediction(cx: &JobContext<News>, snapshot: &Snapshot, image: usize, said: Prediction, limits: &ProbabilityLimits) -> bool {
    let pixels = Arc::new(DefectPixels::of(&said));
    let prediction = said.held_to(limits);
    match prediction_regions(snapshot, image, &prediction) {
        Ok(regions) => {
            let map = prediction.class.clone();
            let is_wanted = cx.send(News::Predicted { image, prediction: Box::new(prediction), regions, pixels });
            if let Ok(label) = snapshot.label(image) {
                compare(cx, snapshot, image, &label, &map);
            }
            is_wanted
        }
        Err(e) => cx.send(News::Problem { image, message: e.to_string() }),
    }
}

/// Writes what was unsaved.
pub fn save(task: SaveTask, waker: Waker) -> Job<SaveReport> {
    Job::start("save", waker, move |cx| {
        cx.send(task.run());
        Ok(())
    })
}

/// A bundle that was written: where, and its SHA-256.
pub struct Written {
    pub path: PathBuf,
    pub sha256: String,
    pub golden: usize,
}

/// Holds predictions to other least probabilities: the image that is looked at first, then all others at once, then how they compare with
/// labels.
pub fn hold_to(
    snapshot: Snapshot,
    images: Vec<(usize, Arc<DefectPixels>)>,
    limits: ProbabilityLimits,
    waker: Waker,
) -> Job<Vec<News>> {
    Job::start("least probability", waker, move |cx| {
        let (first, rest) = images.split_at(images.len().min(1));
        let mut maps = Vec::with_capacity(images.len());
        for some in [first, rest] {
            let Some(held) = retuning::hold_to(&snapshot, some, &limits, &|| cx.is_cancelled()) else { return Ok(()) };
            let mut parcel = Vec::with_capacity(held.len());
            for (held, (_, pixels)) in held.into_iter().zip(some) {
                parcel.push(match held {
                    Ok(Reheld { image, prediction, regions }) => {
                        maps.push((image, prediction.class.clone()));
                        News::Predicted { image, prediction: Box::new(prediction), regions, pixels: Arc::clone(pixels) }
                    }
                    Err((image, e)) => News::Problem { image, message: e.to_string() },
                });
            }
            if !cx.send(parcel) {
                return Ok(());
            }
        }
        for (image, map) in maps {
            if cx.is_cancelled() {
                return Ok(());
            }
            let Ok(label) = snapshot.label(image) else { continue };
            if let Some(comparison) = compare_grouped(&label, snapshot.grouping(image), &map) {
                let revision = snapshot.label_revision(image);
                cx.send(vec![News::Compared { image, revision, comparison: Box::new(comparison) }]);
            }
        }
        Ok(())
    })
}
