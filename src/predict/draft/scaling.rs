//! In which range a model wants its numbers: the usual ones, tried on a photo.
//!
//! No run can prove a range: a network gives an answer to anything. What can be said is how the answer looks. A network that is fed as it
//! was trained is mostly sure of itself and its classes hang together; one that is fed other numbers is unsure, speckled, or says the same
//! of every pixel. So candidates are ranked by `mean probability − 2 · share of neighbouring pixels of different class`, less one where
//! all pixels are the same, and a person looks at the pictures.

use super::super::card::ModelCard;
use super::super::prediction::Prediction;
use crate::raster::{Photo, Plane};

/// One way to scale a photo, as the card writes it: `(value · scale − mean) / std`.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// For people: `0 to 1`.
    pub name: &'static str,
    pub scale: f32,
    pub mean: Vec<f32>,
    pub std: Vec<f32>,
}

/// What a scaling gave on the photo.
#[derive(Clone, Debug)]
pub struct ScalingTrial {
    pub scaling: Scaling,
    /// Higher is more plausible, at most 1; None when the model failed with it.
    pub score: Option<f64>,
    /// What the model says with it.
    pub prediction: Option<Prediction>,
}

impl Scaling {
    /// The usual ones, the most usual first. The gray means are those of the colours weighted as gray is.
    #[must_use]
    pub fn usual(channels: u32) -> Vec<Self> {
        let byte = 1.0 / 255.0;
        let all = |value: f32| vec![value; channels as usize];
        let (mean, std) =
            if channels == 3 { (vec![0.485, 0.456, 0.406], vec![0.229, 0.224, 0.225]) } else { (all(0.449), all(0.226)) };
        vec![
            Self { name: "0 to 1", scale: byte, mean: all(0.0), std: all(1.0) },
            Self { name: "ImageNet mean and std", scale: byte, mean, std },
            Self { name: "-1 to 1", scale: byte, mean: all(0.5), std: all(0.5) },
            Self { name: "0 to 255", scale: 1.0, mean: all(0.0), std: all(1.0) },
        ]
    }

    /// The card with this scaling.
    #[must_use]
    pub fn on(&self, card: &ModelCard) -> ModelCard {
        let mut card = card.clone();
        card.input.scale = self.scale;
        card.input.mean.clone_from(&self.mean);
        card.input.std.clone_from(&self.std);
        card
    }
}

/// How plausible an answer looks; see the top of this file.
#[must_use]
pub fn score(prediction: &Prediction) -> f64 {
    let class = prediction.class.to_plane();
    let (width, height) = (class.width(), class.height());
    let values = prediction.probability.as_slice();
    if values.is_empty() {
        return f64::NEG_INFINITY;
    }
    let sure = if let [statement] = prediction.statements.as_slice() {
        f64::from(statement.probability)
    } else {
        values.iter().map(|&p| f64::from(p)).sum::<f64>() / values.len() as f64 / 255.0
    };
    let differing = |a: &[u8], b: &[u8]| a.iter().zip(b).filter(|(a, b)| a != b).count();
    let (mut pairs, mut edges) = (0, 0);
    for y in 0..height {
        let row = class.row(y);
        edges += differing(&row[1..], &row[..row.len() - 1]);
        pairs += row.len() - 1;
        if y > 0 {
            edges += differing(row, class.row(y - 1));
            pairs += width as usize;
        }
    }
    let speckle = if pairs > 0 { edges as f64 / pairs as f64 } else { 0.0 };
    let is_flat = edges == 0 && prediction.statements.is_empty();
    sure - 2.0 * speckle - f64::from(u8::from(is_flat))
}

/// All trials side by side: the photo darkened, defects in the colours of their channels. Trials that failed are black.
#[must_use]
pub fn preview(photo: &Photo, trials: &[ScalingTrial], colours: &dyn Fn(u8) -> [u8; 3]) -> Plane<[u8; 3]> {
    let (width, height) = (photo.width(), photo.height());
    let to_byte = 255.0 / photo.full_scale();
    let columns = (trials.len() as u32).clamp(1, 2);
    let rows = (trials.len() as u32).div_ceil(columns).max(1);
    Plane::from_fn(width * columns, height * rows, |x, y| {
        let (px, py) = (x % width, y % height);
        let trial = trials.get((y / height * columns + x / width) as usize);
        let Some(prediction) = trial.and_then(|trial| trial.prediction.as_ref()) else { return [0; 3] };
        let class = prediction.class.get(px, py);
        let ground = photo.rgb_at(px, py).map(|v| v * to_byte * 0.6);
        let colour = colours(class).map(f32::from);
        let shade = if class == 0 { 0.0 } else { 0.6 };
        [0, 1, 2].map(|i| (ground[i] * (1.0 - shade) + colour[i] * shade) as u8)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::LabelMap;

    fn said(class: impl Fn(u32, u32) -> u8, probability: u8) -> Prediction {
        Prediction::new(LabelMap::from_plane(&Plane::from_fn(20, 10, class)), Plane::filled(20, 10, probability), "")
    }

    #[test]
    fn sure_and_coherent_answers_look_better_than_speckled_unsure_and_flat_ones() {
        let whole = score(&said(|x, _| u8::from(x > 15), 250));
        for (what, other) in [
            ("unsure", score(&said(|x, _| u8::from(x > 15), 130))),
            ("speckled", score(&said(|x, y| ((x ^ y) & 1) as u8, 250))),
            ("flat", score(&said(|_, _| 0, 255))),
        ] {
            assert!(whole > other, "{what}: {whole} against {other}");
        }
        // 10 of 19·10 + 20·9 pairs differ.
        assert!((whole - (250.0 / 255.0 - 2.0 * 10.0 / 370.0)).abs() < 1e-9);
    }
}
