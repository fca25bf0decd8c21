//! What a card must say for its kind of model.

use std::collections::BTreeSet;

use super::card::{Activation, ModelCard, ModelKind};

/// The problem of a card whose output, ports or constants do not fit its kind or its format.
pub(super) fn check(card: &ModelCard) -> Result<(), String> {
    let output = &card.output;
    let uses_format_2 = card.kind != ModelKind::Segmentation
        || card.input.port.is_some()
        || output.port.is_some()
        || !card.input.constants.is_empty();
    if card.format < 2 && uses_format_2 {
        return Err("`kind`, `port` and `constants` came with format 2; write `format: 2`".to_owned());
    }
    if output.threshold.is_some_and(|t| !(t > 0.0 && t <= 1.0)) {
        return Err("`threshold` is a probability: above 0, at most 1".to_owned());
    }
    if let Some((name, _)) =
        card.input.constants.iter().find(|(_, values)| values.is_empty() || !values.iter().all(|v| v.is_finite()))
    {
        return Err(format!("the constant \"{name}\" must be a list of numbers"));
    }
    if card.kind == ModelKind::Anomaly {
        return check_anomaly(card);
    }
    if output.score_range.is_some() {
        return Err("`score_range` belongs to anomaly models only".to_owned());
    }
    match output.activation {
        Activation::Scores => Err("`activation` is missing: softmax, sigmoid, logits or argmax".to_owned()),
        Activation::Argmax if card.kind == ModelKind::Classifier => {
            Err("a classifier gives one value per class: `activation` is softmax, sigmoid or logits".to_owned())
        }
        _ => check_classes(card),
    }
}

fn check_anomaly(card: &ModelCard) -> Result<(), String> {
    let output = &card.output;
    if output.activation != Activation::Scores {
        return Err("the values of an anomaly model are scores: leave `activation` out and give `score_range`".to_owned());
    }
    if !output.classes.is_empty() {
        return Err("an anomaly model knows no classes: leave `classes` out".to_owned());
    }
    match output.score_range {
        None => Err("`score_range` is missing: the scores that stand for the probabilities 0 and 1".to_owned()),
        Some((low, high)) if !(low.is_finite() && high.is_finite() && low < high) => {
            Err(format!("`score_range` must go from a lower to a higher score, not from {low} to {high}"))
        }
        Some(_) => Ok(()),
    }
}

fn check_classes(card: &ModelCard) -> Result<(), String> {
    let classes = &card.output.classes;
    if classes.is_empty() || classes.len() > 255 {
        return Err(format!("`classes` needs 1 to 255 names, one per output channel, but has {}", classes.len()));
    }
    if let Some(name) = classes.iter().find(|name| name.trim().is_empty()) {
        return Err(format!("\"{name}\" is no name for a class"));
    }
    let distinct: BTreeSet<_> = classes.iter().collect();
    if distinct.len() != classes.len() {
        return Err("`classes` names a class twice".to_owned());
    }
    if classes.iter().filter(|name| card.means_no_defect(name)).count() > 1 {
        return Err("`classes` has both `OK` and `background`; one of them stands for \"no defect\"".to_owned());
    }
    Ok(())
}
