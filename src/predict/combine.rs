//! Several models about one photo become one prediction.
//!
//! Segmentation models come first: a pixel goes to the more probable defect. What an anomaly model finds odd is explained when a class
//! was painted on its worst place or on a tenth of it; otherwise the whole of it that nobody painted becomes "unknown", so that an
//! oddity outside every painted region is never lost. Classifiers paint nothing, their statements stand beside the map.

use super::answered::{Answered, ModelAnswer};
use super::card::DEFAULT_THRESHOLD;
use super::prediction::{Prediction, Statement};
use super::roi::Roi;
use crate::raster::{BACKGROUND, Components, LabelMap, PixelRect, Plane, Run, runs};

/// An anomaly is explained when at least one in this many of its pixels is painted with a class.
const EXPLAINED_SHARE: u64 = 10;

/// One model's answer with what is needed to read it.
#[derive(Clone, Copy, Debug)]
pub struct Voice<'a> {
    /// Of the model, for people.
    pub name: &'a str,
    /// About the whole photo, or about [`Roi::view`] of `roi`.
    pub answer: &'a ModelAnswer,
    /// Probability from which a pixel is an anomaly; None = [`DEFAULT_THRESHOLD`]. Other kinds ignore it.
    pub threshold: Option<f32>,
    /// Outside these zones the model says nothing; None = it speaks of the whole photo.
    pub roi: Option<&'a Roi>,
}

/// What all voices say together about a photo of `size` (width, height). `unknown` is the class id of anomalies that no class explains.
/// Pixels of an answer that lie outside the photo are left out.
#[must_use]
pub fn combine(size: (u32, u32), unknown: u8, voices: &[Voice<'_>]) -> Prediction {
    if let [only] = voices
        && let Some(prediction) = alone(size, only)
    {
        return prediction;
    }
    let mut table = Table::new(size);
    for (index, voice) in voices.iter().enumerate() {
        if let Answered::Map { class, probability } = &voice.answer.said {
            table.add_map(index, &Window::of(voice, size), class, probability);
        }
    }
    // What anomalies are held against: painted by segmentation models, not by other anomaly models.
    let painted = table.class.clone();
    for (index, voice) in voices.iter().enumerate() {
        if let Answered::Scores { probability } = &voice.answer.said {
            let threshold = voice.threshold.unwrap_or(DEFAULT_THRESHOLD);
            table.add_scores(index, &Window::of(voice, size), probability, threshold, &painted, unknown);
        }
    }
    let statements = voices.iter().enumerate().filter_map(|(index, voice)| match voice.answer.said {
        Answered::Statement { class, probability } if class != BACKGROUND => Some(Statement {
            class,
            probability: f32::from(probability) / 255.0,
            bounds: voice.roi.map_or(PixelRect::of_size(size.0, size.1), Roi::bounds),
            model: index as u8,
        }),
        _ => None,
    });
    let statements = statements.collect();
    let mut engines: Vec<&str> = voices.iter().map(|voice| voice.answer.engine.as_str()).collect();
    engines.dedup();
    Prediction {
        class: LabelMap::from_plane(&table.class),
        probability: table.probability,
        engine: engines.join(", "),
        models: voices.iter().map(|voice| voice.name.to_owned()).collect(),
        origin: LabelMap::from_plane(&table.origin),
        statements,
    }
}

/// The usual case, one segmentation model for the whole photo, without a look at every pixel.
fn alone(size: (u32, u32), voice: &Voice<'_>) -> Option<Prediction> {
    let Answered::Map { class, probability } = &voice.answer.said else { return None };
    if voice.roi.is_some() || voice.answer.size != size {
        return None;
    }
    let mut origin = LabelMap::new(size.0, size.1);
    for run in runs::runs(class) {
        origin.fill_span(run.y, run.x0, run.x1, 1);
    }
    let models = vec![voice.name.to_owned()];
    let engine = voice.answer.engine.clone();
    Some(Prediction { class: class.clone(), probability: probability.clone(), engine, models, origin, statements: Vec::new() })
}

/// Where an answer lies in the photo, and which of its pixels count.
struct Window {
    view: PixelRect,
    /// In photo pixels, inside `view`.
    runs: Vec<Run>,
}

impl Window {
    fn of(voice: &Voice<'_>, (width, height): (u32, u32)) -> Self {
        let photo = PixelRect::of_size(width, height);
        let (answer_width, answer_height) = voice.answer.size;
        let origin = voice.roi.map(Roi::view).unwrap_or_default();
        let view = PixelRect::new(origin.x0, origin.y0, origin.x0 + answer_width, origin.y0 + answer_height).intersection(photo);
        let clipped = |run: Run| Run { x0: run.x0.max(view.x0), x1: run.x1.min(view.x1), ..run };
        let runs = match voice.roi {
            None => (view.y0..view.y1).map(|y| Run { y, x0: view.x0, x1: view.x1, value: 1 }).collect(),
            Some(roi) => {
                let inside = roi.runs().into_iter().filter(|run| (view.y0..view.y1).contains(&run.y)).map(clipped);
                inside.filter(|run| !run.is_empty()).collect()
            }
        };
        Self { view, runs }
    }

    /// Columns of a run in the answer's own pixels.
    const fn columns(&self, run: Run) -> std::ops::Range<usize> {
        (run.x0 - self.view.x0) as usize..(run.x1 - self.view.x0) as usize
    }
}

/// The prediction under construction.
struct Table {
    class: Plane<u8>,
    probability: Plane<u8>,
    origin: Plane<u8>,
    /// Whether a segmentation model has spoken of the pixel.
    is_told: Plane<bool>,
}

impl Table {
    fn new((width, height): (u32, u32)) -> Self {
        let blank = |value| Plane::filled(width, height, value);
        // Where nobody speaks there is certainly no defect that anybody speaks of.
        Self { class: blank(0), probability: blank(255), origin: blank(0), is_told: Plane::filled(width, height, false) }
    }

    fn add_map(&mut self, index: usize, window: &Window, class: &LabelMap, probability: &Plane<u8>) {
        let class = class.to_plane();
        for &run in &window.runs {
            let (own, photo) = (window.columns(run), run.x0 as usize..run.x1 as usize);
            let new_class = &class.row(run.y - window.view.y0)[own.clone()];
            let new_probability = &probability.row(run.y - window.view.y0)[own];
            let (class, probability) =
                (&mut self.class.row_mut(run.y)[photo.clone()], &mut self.probability.row_mut(run.y)[photo.clone()]);
            let (origin, is_told) = (&mut self.origin.row_mut(run.y)[photo.clone()], &mut self.is_told.row_mut(run.y)[photo]);
            for i in 0..new_class.len() {
                let (c, p) = (new_class[i], new_probability[i]);
                let wins = match (c != BACKGROUND, class[i] != BACKGROUND) {
                    _ if !is_told[i] => true,
                    (true, false) => true,
                    (false, true) => false,
                    (true, true) => p > probability[i],
                    // Nobody sees a defect: the doubt of the least sure counts.
                    (false, false) => p < probability[i],
                };
                if wins {
                    class[i] = c;
                    probability[i] = p;
                    origin[i] = if c == BACKGROUND { 0 } else { index as u8 + 1 };
                }
                is_told[i] = true;
            }
        }
    }

    fn add_scores(&mut self, index: usize, window: &Window, scores: &Plane<u8>, threshold: f32, painted: &Plane<u8>, unknown: u8) {
        let from = ((threshold * 255.0 + 0.5) as u8).max(1);
        let mut odd: Vec<Run> = Vec::new();
        for &run in &window.runs {
            let row = &scores.row(run.y - window.view.y0)[window.columns(run)];
            for (x, &p) in (run.x0..).zip(row) {
                if !self.is_told.at(x, run.y) && self.class.at(x, run.y) == BACKGROUND {
                    let calm = self.probability.at(x, run.y).min(255 - p);
                    self.probability.set(x, run.y, calm);
                }
                match odd.last_mut() {
                    _ if p < from => {}
                    Some(last) if last.y == run.y && last.x1 == x => last.x1 += 1,
                    _ => odd.push(Run { y: run.y, x0: x, x1: x + 1, value: 1 }),
                }
            }
        }
        let score_at = |x: u32, y: u32| scores.at(x - window.view.x0, y - window.view.y0);
        for runs in Components::of_runs(&odd).iter() {
            if is_explained(runs, &score_at, painted) {
                continue;
            }
            for (x, y) in pixels(runs) {
                if self.class.at(x, y) == BACKGROUND {
                    self.class.set(x, y, unknown);
                    self.probability.set(x, y, score_at(x, y));
                    self.origin.set(x, y, index as u8 + 1);
                }
            }
        }
    }
}

/// Whether a class was painted on the worst place of an anomaly (on half of the pixels with the highest score, where several have it) or on
/// a tenth of all its pixels.
fn is_explained(runs: &[Run], score_at: &dyn Fn(u32, u32) -> u8, painted: &Plane<u8>) -> bool {
    let (mut all, mut covered) = (0_u64, 0_u64);
    let (mut worst, mut worst_all, mut worst_covered) = (0, 0_u64, 0_u64);
    for (x, y) in pixels(runs) {
        let (score, is_covered) = (score_at(x, y), u64::from(painted.at(x, y) != BACKGROUND));
        if score > worst {
            (worst, worst_all, worst_covered) = (score, 0, 0);
        }
        if score == worst {
            worst_all += 1;
            worst_covered += is_covered;
        }
        all += 1;
        covered += is_covered;
    }
    covered * EXPLAINED_SHARE >= all || worst_covered * 2 >= worst_all
}

fn pixels(runs: &[Run]) -> impl Iterator<Item = (u32, u32)> + '_ {
    runs.iter().flat_map(|run| (run.x0..run.x1).map(|x| (x, run.y)))
}

#[cfg(test)]
#[path = "combine_tests.rs"]
mod tests;
