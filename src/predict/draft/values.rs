//! What the numbers of a trial answer tell: their kind, their activation, the classes.

use super::probe::Form;
use crate::predict::card::{Activation, BACKGROUND_NAME, ModelKind, OK_NAME};

/// How far a sum may be from one and a probability from its range: half precision and rounding.
const SLACK: f32 = 0.004;

/// What a trial answer looks like.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Reading {
    pub kind: ModelKind,
    pub activation: Activation,
    /// Lowest and highest value.
    pub range: (f32, f32),
    pub why: &'static str,
    /// No other reading fits these numbers.
    pub is_certain: bool,
    /// For class indices: one more than the highest.
    pub classes_seen: usize,
}

/// Reads the values of an answer. `name` is that of the output: exporters call anomaly maps so.
pub(super) fn read(form: Form, data: &[f32], name: &str) -> Reading {
    let lowest = data.iter().copied().fold(f32::INFINITY, f32::min);
    let highest = data.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let is_probability = lowest >= -SLACK && highest <= 1.0 + SLACK;
    let sum = |pixel: usize| (0..form.channels).map(|channel| form.value(data, channel, pixel)).sum::<f32>();
    let sums_to_one = form.channels > 1 && (0..form.pixels).all(|pixel| (sum(pixel) - 1.0).abs() <= SLACK * form.channels as f32);
    let are_indices = form.channels == 1 && data.iter().all(|&v| v >= 0.0 && v.fract() == 0.0 && v < 255.0);
    let kind = if form.is_map() { ModelKind::Segmentation } else { ModelKind::Classifier };
    let reading = |kind, activation, is_certain, why| Reading {
        kind,
        activation,
        range: (lowest, highest),
        why,
        is_certain,
        classes_seen: (highest.max(0.0) as usize + 1).max(2),
    };
    let says_anomaly = ["anomaly", "score_map", "heatmap"].iter().any(|word| name.to_lowercase().contains(word));
    if form.is_map() && form.channels == 1 && says_anomaly && !are_indices {
        return reading(
            ModelKind::Anomaly,
            Activation::Scores,
            false,
            "one value per pixel, and the output's name speaks of anomalies",
        );
    }
    if is_probability && sums_to_one {
        return reading(kind, Activation::Softmax, true, "the values lie in 0–1 and add up to one");
    }
    if form.is_map() && are_indices && highest > 1.0 {
        return reading(kind, Activation::Argmax, true, "one map of whole numbers");
    }
    if is_probability {
        let is_certain = form.channels > 1;
        return reading(kind, Activation::Sigmoid, is_certain, "the values lie in 0–1 and do not add up to one");
    }
    if form.is_map() && form.channels == 1 && lowest >= 0.0 {
        return reading(ModelKind::Anomaly, Activation::Scores, false, "one value per pixel, never negative and above one");
    }
    reading(kind, Activation::Logits, form.channels > 1, "values below 0 or above 1")
}

/// Names for the channels, why, and whether that is certain.
pub(super) fn class_names(
    reading: &Reading,
    channels: usize,
    listed: Option<(String, Vec<String>)>,
) -> (Vec<String>, String, bool) {
    if reading.kind == ModelKind::Anomaly {
        return (Vec::new(), "an anomaly model knows no classes".to_owned(), true);
    }
    let count = if reading.activation == Activation::Argmax { reading.classes_seen } else { channels };
    if let Some((key, names)) = listed {
        let is_index = reading.activation == Activation::Argmax;
        if names.len() == count || (is_index && names.len() > count) {
            return (names, format!("the file lists them as `{key}`"), true);
        }
        if names.len() + 1 == count && reading.kind == ModelKind::Segmentation {
            let names = std::iter::once(BACKGROUND_NAME.to_owned()).chain(names).collect();
            return (names, format!("the file lists all but the first as `{key}`"), false);
        }
    }
    let numbered = |n: usize| format!("class {n}");
    let (first, why) = match (reading.kind, reading.activation) {
        (ModelKind::Classifier, Activation::Softmax | Activation::Logits) => {
            (Some(OK_NAME), format!("{count} values; which of them means \"no defect\" is a guess"))
        }
        (ModelKind::Segmentation, Activation::Softmax | Activation::Argmax | Activation::Logits) if count > 1 => {
            (Some(BACKGROUND_NAME), format!("{count} channels; that the first is background is a guess"))
        }
        _ => (None, format!("{count} independent channels, so none is background")),
    };
    let rest = count - usize::from(first.is_some());
    let names = first.map(str::to_owned).into_iter().chain((1..=rest).map(numbered)).collect();
    (names, why, false)
}

#[cfg(test)]
mod tests {
    use super::super::super::card::Activation::{Argmax, Logits, Scores, Sigmoid, Softmax};
    use super::*;
    use crate::predict::card::Layout;

    const TWO: Form = Form { channels: 2, pixels: 2, layout: Layout::Nchw };
    const ONE: Form = Form { channels: 1, pixels: 4, layout: Layout::Nchw };

    #[test]
    fn numbers_tell_their_activation() {
        let seen = |form, data: &[f32]| {
            let reading = read(form, data, "output");
            (reading.kind, reading.activation)
        };
        assert_eq!(seen(TWO, &[0.25, 1.0, 0.75, 0.0]), (ModelKind::Segmentation, Softmax));
        assert_eq!(seen(TWO, &[0.25, 1.0, 0.25, 0.0]), (ModelKind::Segmentation, Sigmoid));
        assert_eq!(seen(TWO, &[-3.0, 1.0, 4.0, 0.0]), (ModelKind::Segmentation, Logits));
        assert_eq!(seen(ONE, &[0.0, 3.0, 1.0, 0.0]), (ModelKind::Segmentation, Argmax));
        assert_eq!(seen(ONE, &[0.1, 0.9, 0.2, 0.0]), (ModelKind::Segmentation, Sigmoid));
        assert_eq!(seen(ONE, &[0.1, 9.5, 0.2, 0.0]), (ModelKind::Anomaly, Scores));
        assert_eq!(seen(ONE, &[-0.1, 9.5, 0.2, 0.0]), (ModelKind::Segmentation, Logits));
        assert_eq!(read(ONE, &[0.1, 0.9, 0.2, 0.0], "anomaly_map").kind, ModelKind::Anomaly);
        let statement = Form { channels: 3, pixels: 1, layout: Layout::Nchw };
        assert_eq!(seen(statement, &[0.2, 0.3, 0.5]), (ModelKind::Classifier, Softmax));
        // The same planes, channels last.
        let last = Form { layout: Layout::Nhwc, ..TWO };
        assert_eq!(seen(last, &[0.25, 0.75, 1.0, 0.0]), (ModelKind::Segmentation, Softmax));
        assert_eq!(seen(last, &[0.25, 1.0, 0.75, 0.0]), (ModelKind::Segmentation, Sigmoid));
    }

    #[test]
    fn names_come_from_the_file_or_are_numbered() {
        let softmax = read(TWO, &[0.25, 1.0, 0.75, 0.0], "");
        let listed = |names: &[&str]| Some(("names".to_owned(), names.iter().map(|&n| n.to_owned()).collect()));
        assert_eq!(class_names(&softmax, 2, None).0, ["background", "class 1"]);
        assert_eq!(class_names(&softmax, 2, listed(&["bg", "pit"])).0, ["bg", "pit"]);
        assert_eq!(class_names(&softmax, 2, listed(&["pit"])).0, ["background", "pit"]);
        assert_eq!(class_names(&softmax, 2, listed(&["a", "b", "c"])).0, ["background", "class 1"]);
        let sigmoid = read(TWO, &[0.25, 1.0, 0.25, 0.0], "");
        assert_eq!(class_names(&sigmoid, 2, None).0, ["class 1", "class 2"]);
    }
}
