//! A model made ready for a project: engine, card and class ids together turn photos into predictions.

use std::path::Path;

use super::anomaly::Reading;
use super::answer::{Answer, NO_MAP};
use super::answered::{Answered, ModelAnswer};
use super::card::{Activation, InputSize, Layout, ModelCard, ModelKind};
use super::combine::{Voice, combine};
use super::engine::{self, Engine, EngineSettings, Tensor};
use super::error::PredictError;
use super::postprocess::Seen;
use super::prediction::Prediction;
use super::preprocess::Preprocess;
use super::resample::{mix, taps};
use super::roi;
use super::statement;
use super::tiling::Tiling;
use super::wiring::Wiring;
use crate::raster::{LabelMap, Photo, PixelRect, Plane, UNKNOWN};

/// How far a value may lie outside 0–1 and still count as a probability: room for half precision and resizing layers.
const PROBABILITY_SLACK: f32 = 0.01;

/// Turns photos into predictions with one model.
pub struct Predictor {
    engine: Box<dyn Engine>,
    card: ModelCard,
    class_ids: Vec<u8>,
    tiling: Tiling,
}

impl Predictor {
    /// `class_ids` has one entry per class of the card ([`ModelCard::class_ids`]).
    ///
    /// # Errors
    /// When card and model contradict each other as far as the model file tells: channels, size, inputs, a map or none.
    pub fn new(mut engine: Box<dyn Engine>, card: ModelCard, class_ids: Vec<u8>) -> Result<Self, PredictError> {
        card.check()?;
        if class_ids.len() != card.output.classes.len() {
            let (ids, classes) = (class_ids.len(), card.output.classes.len());
            return Err(card.problem(format!("{ids} class ids were given for {classes} classes")));
        }
        let unsuitable = |problem: String| PredictError::Unsuitable { file: engine.file().to_owned(), problem };
        let wiring = Wiring::of(engine.signature(), &card).map_err(unsuitable)?;
        compare(engine.as_ref(), &wiring, &card).map_err(unsuitable)?;
        engine.wire(wiring);
        Ok(Self { engine, card, class_ids, tiling: Tiling::default() })
    }

    /// Opens a model with the card beside it. `project` lists the project's classes (id, name); for the rest see [`engine::open`].
    pub fn open(model: &Path, project: &[(u8, &str)], settings: &EngineSettings) -> Result<Self, PredictError> {
        let card = ModelCard::load(&ModelCard::path_beside(model))?;
        let class_ids = card.class_ids(project)?;
        Self::new(engine::open(model, settings)?, card, class_ids)
    }

    /// Cuts large photos in another way than [`Tiling::default`].
    #[must_use]
    pub fn with_tiling(mut self, tiling: Tiling) -> Self {
        self.tiling = tiling;
        self
    }

    #[must_use]
    pub fn card(&self) -> &ModelCard {
        &self.card
    }

    /// One project class id per output channel, 0 for background.
    #[must_use]
    pub fn class_ids(&self) -> &[u8] {
        &self.class_ids
    }

    /// For people: which engine runs the model.
    #[must_use]
    pub fn engine_name(&self) -> String {
        self.engine.name()
    }

    /// Why this engine and not another, when there is something to tell.
    #[must_use]
    pub fn engine_note(&self) -> Option<&str> {
        self.engine.note()
    }

    /// What this model alone says about a photo, as a prediction; its anomalies have the class [`UNKNOWN`].
    pub fn predict(&mut self, photo: &Photo) -> Result<Prediction, PredictError> {
        self.predict_unless(photo, &|| false)
    }

    /// As [`Predictor::predict`]; `cancel` is asked before every tile (one 1024 px tile takes about a second on one core) and its
    /// `true` ends the work with [`PredictError::Cancelled`].
    pub fn predict_unless(&mut self, photo: &Photo, cancel: &dyn Fn() -> bool) -> Result<Prediction, PredictError> {
        let answer = self.answer_unless(photo, cancel)?;
        let voice = Voice { name: &self.card.name, answer: &answer, threshold: self.card.output.threshold, roi: None };
        Ok(combine((photo.width(), photo.height()), UNKNOWN, &[voice]))
    }

    /// What the model says about a photo in the form of its kind; `cancel` as in [`Predictor::predict_unless`].
    pub fn answer_unless(&mut self, photo: &Photo, cancel: &dyn Fn() -> bool) -> Result<ModelAnswer, PredictError> {
        self.answer_view(photo, photo.rect(), cancel)
    }

    /// What the model says when it sees only `view` of a photo (the rest of it does not exist for the model, but its values are scaled
    /// as those of the whole). The answer has the size of `view`, cut to the photo.
    pub fn answer_view(&mut self, photo: &Photo, view: PixelRect, cancel: &dyn Fn() -> bool) -> Result<ModelAnswer, PredictError> {
        let view = view.intersection(photo.rect());
        if view.is_empty() {
            return Err(PredictError::EmptyPhoto);
        }
        let full_scale = photo.full_scale();
        let cut = (view != photo.rect()).then(|| roi::crop(photo, view));
        let seen = cut.as_ref().unwrap_or(photo);
        let said = match self.card.kind {
            ModelKind::Classifier => self.statement(seen, full_scale, cancel)?,
            ModelKind::Segmentation | ModelKind::Anomaly => self.per_pixel(seen, full_scale, cancel)?,
        };
        Ok(ModelAnswer { said, size: (view.width(), view.height()), engine: self.engine.name() })
    }

    /// Asks a classifier about the whole photo at once.
    fn statement(&mut self, photo: &Photo, full_scale: f32, cancel: &dyn Fn() -> bool) -> Result<Answered, PredictError> {
        if cancel() {
            return Err(PredictError::Cancelled);
        }
        let preprocess = Preprocess::new(photo, full_scale, &self.card.input);
        let input = match self.card.input.size {
            InputSize::Fixed { width, height } => preprocess.resized(width, height, self.card.input.resize),
            InputSize::Dynamic { multiple_of } => {
                let (width, height) = (photo.width().next_multiple_of(multiple_of), photo.height().next_multiple_of(multiple_of));
                preprocess.window(PixelRect::new(0, 0, width, height))
            }
        };
        let values = statement::values(self.engine.run(input)?, &self.card)?;
        let (class, probability, seen) = statement::decide(&values, &self.card, &self.class_ids);
        self.judge_values(&seen)?;
        Ok(Answered::Statement { class, probability })
    }

    /// Asks a model that answers per pixel, in tiles where its size allows.
    fn per_pixel(&mut self, photo: &Photo, full_scale: f32, cancel: &dyn Fn() -> bool) -> Result<Answered, PredictError> {
        let preprocess = Preprocess::new(photo, full_scale, &self.card.input);
        let mut canvas = Canvas {
            class: Plane::filled(photo.width(), photo.height(), 0),
            probability: Plane::filled(photo.width(), photo.height(), 0),
            decision: Reading::new(&self.card, &self.class_ids),
            nearest: self.card.output.activation == Activation::Argmax,
            seen: Seen::default(),
        };
        match self.card.input.size {
            InputSize::Fixed { width, height } => {
                if cancel() {
                    return Err(PredictError::Cancelled);
                }
                let answer = self.ask(preprocess.resized(width, height, self.card.input.resize), width, height)?;
                canvas.place(&answer, photo.rect(), photo.rect());
            }
            InputSize::Dynamic { multiple_of } => {
                let columns = self.tiling.stretches(photo.width(), multiple_of);
                for row in self.tiling.stretches(photo.height(), multiple_of) {
                    for column in &columns {
                        if cancel() {
                            return Err(PredictError::Cancelled);
                        }
                        let window = PixelRect::new(column.start, row.start, column.start + column.length, row.start + row.length);
                        let keep = PixelRect::new(column.keep_from, row.keep_from, column.keep_to, row.keep_to);
                        let answer = self.ask(preprocess.window(window), window.width(), window.height())?;
                        canvas.place(&answer, window, keep);
                    }
                }
            }
        }
        self.judge_values(&canvas.seen)?;
        let Canvas { class, probability, .. } = canvas;
        Ok(match self.card.kind {
            ModelKind::Anomaly => Answered::Scores { probability },
            _ => Answered::Map { class: LabelMap::from_plane(&class), probability },
        })
    }

    fn ask(&mut self, input: Tensor, width: u32, height: u32) -> Result<Answer, PredictError> {
        Answer::new(self.engine.run(input)?, &self.card, width, height)
    }

    /// A prediction made of nonsense must not look like a clean part.
    fn judge_values(&self, seen: &Seen) -> Result<(), PredictError> {
        let wrong = |problem: String| Err(PredictError::WrongOutput { card: self.card.name.clone(), problem });
        let (n, lowest, highest) = (seen.not_a_number, seen.lowest, seen.highest);
        match self.card.output.activation {
            Activation::Argmax if n > 0 => {
                let classes = self.card.output.classes.len();
                wrong(format!("{n} pixels have a class index other than 0 to {}; the card names {classes} classes", classes - 1))
            }
            _ if n > 0 => wrong(format!("{n} values are not numbers (NaN); check scale, mean and std in the card, and the photo")),
            Activation::Softmax | Activation::Sigmoid if lowest < -PROBABILITY_SLACK || highest > 1.0 + PROBABILITY_SLACK => {
                wrong(format!(
                    "values from {lowest} to {highest} are no probabilities; for a model that gives raw scores write `activation: logits`"
                ))
            }
            _ => Ok(()),
        }
    }
}

/// What the answers are written into.
struct Canvas {
    class: Plane<u8>,
    probability: Plane<u8>,
    decision: Reading,
    /// Class indices cannot be mixed.
    nearest: bool,
    seen: Seen,
}

impl Canvas {
    /// Writes the part `keep` (photo pixels) of an answer that covers `window`. An answer of another size is resized, bilinear with
    /// centres aligned, before a class is chosen, so that borders stay smooth.
    fn place(&mut self, answer: &Answer, window: PixelRect, keep: PixelRect) {
        let same_size = answer.width == window.width() && answer.height == window.height();
        let columns = taps(window.width(), answer.width);
        let rows = taps(window.height(), answer.height);
        let from = (keep.x0 - window.x0) as usize;
        let range = from..from + keep.width() as usize;
        let mut mixed = vec![vec![0.0_f32; keep.width() as usize]; if same_size { 0 } else { answer.channels }];
        for y in keep.y0..keep.y1 {
            let row = (y - window.y0) as usize;
            for (channel, out) in mixed.iter_mut().enumerate() {
                let tap = &rows[row];
                if self.nearest {
                    let source = answer.row(channel, tap.nearest());
                    out.iter_mut().zip(&columns[range.clone()]).for_each(|(out, column)| *out = source[column.nearest() as usize]);
                    continue;
                }
                let (upper, lower) = (answer.row(channel, tap.low), answer.row(channel, tap.high));
                for (out, column) in out.iter_mut().zip(&columns[range.clone()]) {
                    *out = mix(column.sample(upper), column.sample(lower), tap.weight);
                }
            }
            let planes: Vec<&[f32]> = (0..answer.channels)
                .map(|channel| if same_size { &answer.row(channel, row as u32)[range.clone()] } else { mixed[channel].as_slice() })
                .collect();
            let target = keep.x0 as usize..keep.x1 as usize;
            let (class, probability) = (self.class.row_mut(y), self.probability.row_mut(y));
            let seen = self.decision.decide(&planes, &mut class[target.clone()], &mut probability[target]);
            self.seen = self.seen.and(seen);
        }
    }
}

/// What the model file declares against what the card says; the problem in words.
fn compare(engine: &dyn Engine, wiring: &Wiring, card: &ModelCard) -> Result<(), String> {
    let signature = engine.signature();
    if let Some(shape) = wiring.input_port(signature).and_then(|port| port.shape.as_ref()) {
        compare_input(shape, card)?;
    }
    let Some(shape) = wiring.output_port(signature).and_then(|port| port.shape.as_ref()) else { return Ok(()) };
    match card.kind {
        ModelKind::Classifier => statement::compare(shape, card),
        ModelKind::Segmentation | ModelKind::Anomaly if shape.len() < 3 => Err(NO_MAP.to_owned()),
        _ => Ok(()),
    }
}

fn compare_input(shape: &[Option<usize>], card: &ModelCard) -> Result<(), String> {
    let &[batch, second, third, fourth] = shape else {
        return Err(format!("the model takes {} axes, not the four of a photo (batch, channels, height, width)", shape.len()));
    };
    let (channels, height, width) = match card.input.layout {
        Layout::Nchw => (second, third, fourth),
        Layout::Nhwc => (fourth, second, third),
    };
    if batch.is_some_and(|n| n != 1) {
        return Err(format!("the model takes batches of {} photos; export it for one", batch.unwrap_or_default()));
    }
    if let Some(n) = channels.filter(|&n| n != card.input.channels as usize) {
        return Err(format!(
            "the model takes {n} channels in layout {:?}, but its card says {}: correct `channels` and `colour`, or `layout`, in the card",
            card.input.layout, card.input.channels
        ));
    }
    let contradicts = |declared: Option<usize>, side: u32| declared.is_some_and(|n| n != side as usize);
    match card.input.size {
        InputSize::Fixed { width: w, height: h } if contradicts(width, w) || contradicts(height, h) => {
            Err(format!("the model takes {} px, but its card says {w} × {h}", size_text(width, height)))
        }
        InputSize::Dynamic { .. } if width.is_some() || height.is_some() => Err(format!(
            "the model takes {} px only, but its card says any size: write `size: fixed(width: …, height: …)` in the card",
            size_text(width, height)
        )),
        _ => Ok(()),
    }
}

fn size_text(width: Option<usize>, height: Option<usize>) -> String {
    let text = |side: Option<usize>| side.map_or("any".to_owned(), |n| n.to_string());
    format!("{} × {}", text(width), text(height))
}
