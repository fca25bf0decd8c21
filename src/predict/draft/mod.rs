//! A first card for a model that has none: what the file declares, what running it shows, and what remains a guess is said to be one.

mod metadata;
mod naming;
mod probe;
mod scaling;
mod values;

use std::path::Path;

pub use naming::name_channels;
pub use scaling::{Scaling, ScalingTrial, preview};

use super::card::{Activation, CARD_FORMAT, CardInput, CardOutput, Colour, InputSize, Layout, ModelCard, ModelKind};
use super::engine::{self, Engine, EngineSettings, Signature, Tensor};
use super::error::PredictError;
use super::predictor::Predictor;
use super::preprocess::Preprocess;
use super::roi;
use super::wiring::Wiring;
use crate::raster::{BACKGROUND, Photo, PixelRect, Plane};

/// Longest side of the part of a photo that trials run on, px.
const TRIAL_SIDE: u32 = 512;

/// A card with the grounds of every field.
#[derive(Clone, Debug)]
pub struct CardDraft {
    pub card: ModelCard,
    /// One per field of the card that was filled, in the order of the card.
    pub guesses: Vec<Guess>,
    /// The usual scalings on the photo, the most plausible first; without a photo nothing was tried.
    pub trials: Vec<ScalingTrial>,
    /// What the trials ran on: the middle of the photo.
    pub trial_photo: Option<Photo>,
    /// The engine that was asked.
    pub engine: String,
}

/// One filled field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guess {
    /// As in the card: `input.size`.
    pub field: &'static str,
    /// Its value in words.
    pub value: String,
    pub why: String,
    /// False: a person should look at it.
    pub is_certain: bool,
}

impl CardDraft {
    /// Fills a card for a model file. A photo that shows what the model is for makes the trials mean something.
    ///
    /// # Errors
    /// When the engine cannot open or run the model, or no card could describe it.
    pub fn of(file: &Path, settings: &EngineSettings, photo: Option<&Photo>) -> Result<Self, PredictError> {
        let mut engine = engine::open(file, settings)?;
        let listed = metadata::class_names(file).map_err(|source| PredictError::Read { file: file.to_owned(), source })?;
        let mut guesses = Guesses::default();
        let mut card = first_card(file, engine.as_mut(), &mut guesses)?;
        let trial_photo = photo.map(middle);
        let seen = trial_photo.clone().unwrap_or_else(|| pattern(card.input.channels));
        fill_output(&mut card, engine.as_mut(), &seen, photo.is_some(), listed, &mut guesses)?;
        let engine_name = engine.name();
        drop(engine);
        let mut trials = Vec::new();
        if let Some(photo) = &trial_photo {
            for scaling in Scaling::usual(card.input.channels) {
                trials.push(try_scaling(file, settings, &card, scaling, photo)?);
            }
            trials.sort_by(|a, b| b.score.unwrap_or(f64::NEG_INFINITY).total_cmp(&a.score.unwrap_or(f64::NEG_INFINITY)));
        }
        let usual = Scaling::usual(card.input.channels);
        let best = trials.iter().find(|t| t.score.is_some()).map_or(&usual[0], |trial| &trial.scaling);
        card = best.on(&card);
        let why = if trials.is_empty() {
            "the most usual; no photo was given to try it on"
        } else {
            "its answer on the photo looks most plausible; compare the previews"
        };
        guesses.add("input.scale, mean, std", best.name, why, false);
        guesses.0.sort_by_key(|guess| FIELDS.iter().position(|&field| field == guess.field));
        card.check()?;
        Ok(Self { card, guesses: guesses.0, trials, trial_photo, engine: engine_name })
    }

    /// The trials side by side, two in a row, the most plausible first; None without a photo.
    #[must_use]
    pub fn preview(&self) -> Option<Plane<[u8; 3]>> {
        let photo = self.trial_photo.as_ref()?;
        let colour = |class: u8| HUES[usize::from(class.wrapping_sub(1)) % HUES.len()];
        (!self.trials.is_empty()).then(|| preview(photo, &self.trials, &colour))
    }
}

/// Fields in the order of the card.
const FIELDS: [&str; 13] = [
    "kind",
    "input.port",
    "input.channels",
    "input.layout",
    "input.size",
    "input.scale, mean, std",
    "input.colour",
    "input.constants",
    "output.port",
    "output.activation",
    "output.classes",
    "output.score_range",
    "output.threshold",
];

/// Colours of previews, apart from each other.
const HUES: [[u8; 3]; 6] = [[230, 60, 60], [60, 160, 255], [255, 200, 40], [80, 220, 120], [200, 100, 255], [255, 140, 40]];

#[derive(Default)]
struct Guesses(Vec<Guess>);

impl Guesses {
    fn add(&mut self, field: &'static str, value: impl Into<String>, why: impl Into<String>, is_certain: bool) {
        self.0.push(Guess { field, value: value.into(), why: why.into(), is_certain });
    }
}

/// The input side, from the declarations and from trying sizes.
fn first_card(file: &Path, engine: &mut dyn Engine, guesses: &mut Guesses) -> Result<ModelCard, PredictError> {
    let signature = engine.signature().clone();
    let unsuitable = |problem: String| PredictError::Unsuitable { file: file.to_owned(), problem };
    let (port, takes) = probe::photo_input(&signature.inputs).map_err(unsuitable)?;
    let declared = format!("the file declares {} {}", port.name, probe::shape_text(port));
    let mut input = CardInput { channels: takes.channels, layout: takes.layout, ..CardInput::default() };
    input.mean = vec![0.0; takes.channels as usize];
    input.std = vec![1.0; takes.channels as usize];
    if signature.inputs.len() > 1 {
        input.port = Some(port.name.clone());
        guesses.add("input.port", &port.name, declared.clone(), true);
        for other in signature.inputs.iter().filter(|other| other.name != port.name) {
            let count: usize = other.shape.iter().flatten().map(|side| side.unwrap_or(1)).product();
            input.constants.insert(other.name.clone(), vec![0.0; count]);
            guesses.add(
                "input.constants",
                format!("{}: zeros", other.name),
                "every other input needs numbers; only you know which",
                false,
            );
        }
    }
    guesses.add("input.channels", takes.channels.to_string(), declared.clone(), takes.is_certain);
    let layout = if takes.layout == Layout::Nchw { "nchw" } else { "nhwc" };
    guesses.add("input.layout", layout, declared, takes.is_certain);
    input.colour = if takes.channels == 1 { Colour::Gray } else { Colour::Rgb };
    if takes.channels == 1 {
        guesses.add("input.colour", "gray", "one channel", true);
    } else {
        guesses.add("input.colour", "rgb", "a file does not tell rgb from bgr; OpenCV users train on bgr", false);
    }
    let name = file.file_stem().map_or_else(|| "model".to_owned(), |stem| stem.to_string_lossy().into_owned());
    let mut card = ModelCard {
        format: CARD_FORMAT,
        name,
        kind: ModelKind::Segmentation,
        input,
        output: CardOutput::default(),
        note: String::new(),
    };
    let wiring = Wiring::of(&signature, &card).map_err(unsuitable)?;
    let (size, why, is_certain) = probe::size(engine, takes, &wiring)?;
    card.input.size = size;
    let words = match size {
        InputSize::Fixed { width, height } => format!("{width} × {height} px"),
        InputSize::Dynamic { multiple_of } => format!("any multiple of {multiple_of} px"),
    };
    guesses.add("input.size", words, why, is_certain);
    Ok(card)
}

/// The output side, from one run.
fn fill_output(
    card: &mut ModelCard,
    engine: &mut dyn Engine,
    photo: &Photo,
    is_real: bool,
    listed: Option<(String, Vec<String>)>,
    guesses: &mut Guesses,
) -> Result<(), PredictError> {
    let signature: Signature = engine.signature().clone();
    let unsuitable = |engine: &dyn Engine, problem: String| PredictError::Unsuitable { file: engine.file().to_owned(), problem };
    let (tensor, size) = trial_input(card, photo);
    let mut found = None;
    let mut shapes = Vec::new();
    for port in &signature.outputs {
        card.output.port = Some(port.name.clone());
        engine.wire(Wiring::of(&signature, card).map_err(|problem| unsuitable(engine, problem))?);
        let Ok(answer) = engine.run(tensor.clone()) else { continue };
        shapes.push(format!("{} {:?}", port.name, answer.shape));
        let Some(form) = probe::form_of(&answer.shape, size, card.input.layout) else { continue };
        // A map tells more than a statement; among equals the first counts.
        if found.as_ref().is_none_or(|(_, kept, _): &(String, probe::Form, Tensor)| form.is_map() && !kept.is_map()) {
            found = Some((port.name.clone(), form, answer));
        }
    }
    let Some((port, form, answer)) = found else {
        let problem = if shapes.is_empty() {
            "the model could not be run on a picture of the size that it declares".to_owned()
        } else {
            format!("no output is a map of a {} × {} px picture or one value per class: {}", size.0, size.1, shapes.join("; "))
        };
        return Err(unsuitable(engine, problem));
    };
    card.output.port = (signature.outputs.len() > 1).then(|| port.clone());
    if signature.outputs.len() > 1 {
        guesses.add("output.port", &port, format!("of {} outputs the first that can be read", signature.outputs.len()), false);
    }
    let reading = values::read(form, &answer.data, &port);
    let on = if is_real { "on the photo" } else { "on a made-up picture" };
    let why = format!("{on} its answer is {:?} from {} to {}: {}", answer.shape, reading.range.0, reading.range.1, reading.why);
    card.kind = reading.kind;
    guesses.add("kind", reading.kind.word(), why.clone(), reading.is_certain || reading.kind == ModelKind::Classifier);
    card.output.activation = reading.activation;
    let word = match reading.activation {
        Activation::Softmax => "softmax",
        Activation::Sigmoid => "sigmoid",
        Activation::Logits => "logits",
        Activation::Argmax => "argmax",
        Activation::Scores => "scores",
    };
    if reading.kind == ModelKind::Anomaly {
        let (low, high) = (reading.range.0.min(0.0), reading.range.1);
        let range = if low < high { (low, high) } else { (0.0, 1.0) };
        card.output.score_range = Some(range);
        let why = format!("the lowest and highest score {on}; take scores of good and of bad parts");
        guesses.add("output.score_range", format!("{} to {}", range.0, range.1), why, false);
    } else {
        guesses.add("output.activation", word, why, reading.is_certain);
    }
    let (names, why, is_certain) = values::class_names(&reading, form.channels, listed);
    card.output.classes = names;
    guesses.add("output.classes", card.output.classes.join(", "), why, is_certain);
    Ok(())
}

/// The photo as a model's input, scaled to 0–1, and its size.
fn trial_input(card: &ModelCard, photo: &Photo) -> (Tensor, (u32, u32)) {
    let preprocess = Preprocess::new(photo, photo.full_scale(), &card.input);
    match card.input.size {
        InputSize::Fixed { width, height } => (preprocess.resized(width, height, card.input.resize), (width, height)),
        InputSize::Dynamic { multiple_of } => {
            let (width, height) = (photo.width().next_multiple_of(multiple_of), photo.height().next_multiple_of(multiple_of));
            (preprocess.window(PixelRect::new(0, 0, width, height)), (width, height))
        }
    }
}

/// Runs the model with a scaling; a model that fails with it has no score.
fn try_scaling(
    file: &Path,
    settings: &EngineSettings,
    card: &ModelCard,
    scaling: Scaling,
    photo: &Photo,
) -> Result<ScalingTrial, PredictError> {
    let card = scaling.on(card);
    // Channel numbers stand in for the ids of a project.
    let ids = (1..).zip(&card.output.classes).map(|(id, name)| if card.means_no_defect(name) { BACKGROUND } else { id }).collect();
    let prediction = Predictor::new(engine::open(file, settings)?, card, ids)?.predict(photo).ok();
    let score = prediction.as_ref().map(scaling::score);
    Ok(ScalingTrial { scaling, score, prediction })
}

/// At most [`TRIAL_SIDE`] px of each side, from the middle.
fn middle(photo: &Photo) -> Photo {
    let range = |length: u32| {
        let side = length.min(TRIAL_SIDE);
        ((length - side) / 2, (length - side) / 2 + side)
    };
    let ((x0, x1), (y0, y1)) = (range(photo.width()), range(photo.height()));
    roi::crop(photo, PixelRect::new(x0, y0, x1, y1))
}

/// A picture with edges, for models that are tried without a photo.
fn pattern(channels: u32) -> Photo {
    let value = |x: u32, y: u32| ((x / 9 * 37) ^ (y / 7 * 59)).wrapping_add(x) as u8;
    if channels == 1 {
        Photo::Gray8(Plane::from_fn(128, 96, value))
    } else {
        Photo::Rgb8(Plane::from_fn(128, 96, |x, y| [value(x, y), value(y + 40, x), value(x + 80, y + 20)]))
    }
}
