//! A classifier's answer: one value per class for the whole picture.

use super::card::ModelCard;
use super::engine::Tensor;
use super::error::PredictError;
use super::postprocess::{Decision, Seen};

/// The values by class. Understands `[K]` and any shape with one axis of K and otherwise ones: `[1, K]`, `[1, K, 1, 1]`, `[1, 1, 1, K]`.
pub(super) fn values(tensor: Tensor, card: &ModelCard) -> Result<Vec<f32>, PredictError> {
    let classes = card.output.classes.len();
    if tensor.data.len() == classes && tensor.shape.iter().product::<usize>() == classes {
        return Ok(tensor.data);
    }
    let shape: Vec<Option<usize>> = tensor.shape.iter().copied().map(Some).collect();
    let problem = compare(&shape, card).err().unwrap_or_else(|| misfit(&format!("{:?}", tensor.shape), card));
    Err(PredictError::WrongOutput { card: card.name.clone(), problem })
}

/// The class that wins, 0 for "no defect", and `round(255 · p)`, by the same rule as one pixel of a map.
pub(super) fn decide(values: &[f32], card: &ModelCard, class_ids: &[u8]) -> (u8, u8, Seen) {
    let planes: Vec<&[f32]> = values.iter().map(std::slice::from_ref).collect();
    let (mut class, mut probability) = ([0], [0]);
    let seen = Decision::new(card, class_ids).decide(&planes, &mut class, &mut probability);
    (class[0], probability[0], seen)
}

/// The declared shape of the output against the card; the problem in words.
pub(super) fn compare(shape: &[Option<usize>], card: &ModelCard) -> Result<(), String> {
    let text = || {
        let sides: Vec<String> = shape.iter().map(|side| side.map_or("any".to_owned(), |n| n.to_string())).collect();
        format!("[{}]", sides.join(", "))
    };
    let large = shape.iter().flatten().filter(|&&side| side > 1).count();
    if shape.len() >= 3 && (large > 1 || shape.iter().filter(|side| side.is_none()).count() > 2) {
        return Err(format!(
            "the answer has the shape {}, a value per pixel, but the card says `kind: classifier`; write `kind: segmentation` or `anomaly`",
            text()
        ));
    }
    let fixed: usize = shape.iter().flatten().product();
    let is_free = shape.iter().any(Option::is_none);
    let fits =
        if is_free { fixed > 0 && card.output.classes.len().is_multiple_of(fixed) } else { fixed == card.output.classes.len() };
    if fits { Ok(()) } else { Err(misfit(&text(), card)) }
}

fn misfit(shape: &str, card: &ModelCard) -> String {
    format!(
        "the answer has the shape {shape}, but the card names {} classes: one name per value is needed",
        card.output.classes.len()
    )
}
