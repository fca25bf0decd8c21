//! Anomaly models, classifiers and files with several inputs: cards, answers in closed form, and two models of other hands.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

#[path = "predict_handmade/onnx.rs"]
#[expect(dead_code, reason = "other tests use the rest of the writer")]
mod onnx;

use std::path::{Path, PathBuf};

use delimit::predict::{
    Activation, Answered, CardInput, CardOutput, Colour, EngineChoice, EngineSettings, InputSize, ModelAnswer, ModelCard,
    ModelKind, PredictError, Predictor, Tiling, engine,
};
use delimit::raster::{Photo, Plane};
use onnx::{FLOAT, Model, Weights, convolution};

fn shared(path: &str) -> Option<PathBuf> {
    let root =
        std::env::var_os("DELIMIT_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let full = root.join("data").join(path);
    if full.exists() {
        return Some(full);
    }
    println!("SKIPPED: {path} is absent");
    None
}

/// The built-in engine, and ONNX Runtime where it is found.
fn engines() -> Vec<EngineChoice> {
    if std::env::var_os("ORT_DYLIB_PATH").is_some_and(|value| !value.is_empty()) {
        return vec![EngineChoice::Rten, EngineChoice::OnnxRuntime];
    }
    println!("SKIPPED: ORT_DYLIB_PATH is absent, ONNX Runtime is not tested");
    vec![EngineChoice::Rten]
}

fn card(kind: ModelKind, input: CardInput, output: CardOutput) -> ModelCard {
    ModelCard { format: 2, name: "test".to_owned(), kind, input, output, note: String::new() }
}

fn classes(names: &[&str], activation: Activation) -> CardOutput {
    CardOutput { activation, classes: names.iter().map(|&name| name.to_owned()).collect(), ..CardOutput::default() }
}

/// Classes of the project: every name that means a defect, 10, 20, 30 ….
fn open(file: &Path, card: &ModelCard, choice: EngineChoice) -> Result<Predictor, PredictError> {
    let names: Vec<&str> = card.output.classes.iter().map(String::as_str).filter(|name| !card.means_no_defect(name)).collect();
    let project: Vec<(u8, &str)> = (1..).map(|i| i * 10).zip(names).collect();
    let ids = card.class_ids(&project)?;
    Predictor::new(engine::open(file, &EngineSettings { choice, threads: 1, ..EngineSettings::default() })?, card.clone(), ids)
}

fn written(model: &Model) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("handmade.onnx");
    std::fs::write(&file, model.to_bytes()).unwrap();
    (folder, file)
}

fn asked(predictor: &mut Predictor, photo: &Photo) -> ModelAnswer {
    predictor.answer_unless(photo, &|| false).unwrap()
}

fn noise(width: u32, height: u32) -> Plane<u8> {
    Plane::from_fn(width, height, |x, y| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503_001)).to_le_bytes()[2])
}

/// One 1 × 1 convolution from the gray photo to each of `rows` (gain, offset).
fn linear(rows: &[(f32, f32)], then: Option<onnx::Node>, output: Vec<i64>) -> Model {
    let count = rows.len() as i64;
    Model {
        nodes: std::iter::once(convolution(if then.is_some() { "scores" } else { "map" }, 1)).chain(then).collect(),
        weights: vec![
            Weights { name: "weights", dims: vec![count, 1, 1, 1], values: rows.iter().map(|row| row.0).collect() },
            Weights { name: "bias", dims: vec![count], values: rows.iter().map(|row| row.1).collect() },
        ],
        input: vec![1, 1, 0, 0],
        output: Some(output),
        output_type: FLOAT,
    }
}

#[test]
fn anomaly_scores_become_probabilities_whole_and_in_tiles() {
    // score = 8 · gray − 1, and the card calls −0.5 certainly fine and 5 certainly odd.
    let (_folder, file) = written(&linear(&[(8.0, -1.0)], None, vec![1, 1, 0, 0]));
    let output = CardOutput { score_range: Some((-0.5, 5.0)), ..CardOutput::default() };
    let card = card(ModelKind::Anomaly, CardInput { size: InputSize::Dynamic { multiple_of: 8 }, ..CardInput::default() }, output);
    let gray = noise(61, 43);
    for choice in engines() {
        for tiling in [Tiling::default(), Tiling { side: 24, overlap: 8 }] {
            let mut predictor = open(&file, &card, choice).unwrap().with_tiling(tiling);
            let answer = asked(&mut predictor, &Photo::Gray8(gray.clone()));
            assert_eq!(answer.size, (61, 43));
            let Answered::Scores { probability } = answer.said else { panic!("an anomaly model gives scores") };
            for (x, y) in (0..61).flat_map(|x| (0..43).map(move |y| (x, y))) {
                let score = 8.0 * f64::from(gray.at(x, y)) / 255.0 - 1.0;
                let p = ((score + 0.5) / 5.5).clamp(0.0, 1.0);
                assert!((f64::from(probability.at(x, y)) - 255.0 * p).abs() <= 0.51, "at {x}, {y}");
            }
        }
    }
}

#[test]
fn a_map_of_one_channel_may_have_three_axes() {
    // A mean over the one channel takes its axis away.
    let mean = onnx::Node {
        operator: "ReduceMean",
        inputs: vec!["scores"],
        output: "map",
        ints: vec![("axes", vec![1])],
        int: vec![("keepdims", 0)],
    };
    let model = linear(&[(1.0, 0.0)], Some(mean), vec![1, 0, 0]);
    let (_folder, file) = written(&model);
    let output = CardOutput { score_range: Some((0.0, 1.0)), ..CardOutput::default() };
    let card = card(ModelKind::Anomaly, CardInput::default(), output);
    let gray = noise(9, 7);
    for choice in engines() {
        let answer = asked(&mut open(&file, &card, choice).unwrap(), &Photo::Gray8(gray.clone()));
        assert_eq!(answer.said, Answered::Scores { probability: gray.clone() });
    }
}

#[test]
fn a_classifier_states_one_class_for_the_whole_photo() {
    // Means over the photo: OK = 0.6 − m, scratch = m, pit = 0.1, as raw scores.
    let pool = onnx::Node { operator: "GlobalAveragePool", inputs: vec!["scores"], output: "map", ints: vec![], int: vec![] };
    let (_folder, file) = written(&linear(&[(-1.0, 0.6), (1.0, 0.0), (0.0, 0.1)], Some(pool), vec![1, 3, 1, 1]));
    let size = InputSize::Dynamic { multiple_of: 1 };
    let input = CardInput { size, ..CardInput::default() };
    let softmax = |m: f64| {
        let e = [0.6 - m, m, 0.1].map(f64::exp);
        e.map(|v| v / e.iter().sum::<f64>())
    };
    for choice in engines() {
        let card = card(ModelKind::Classifier, input.clone(), classes(&["OK", "scratch", "pit"], Activation::Logits));
        let mut predictor = open(&file, &card, choice).unwrap();
        for (gray, class, index) in [(20_u8, 0, 0), (200, 10, 1)] {
            let answer = asked(&mut predictor, &Photo::Gray8(Plane::filled(30, 20, gray)));
            let Answered::Statement { class: said, probability } = answer.said else { panic!("a classifier states") };
            assert_eq!((said, answer.size), (class, (30, 20)));
            let p = softmax(f64::from(gray) / 255.0)[index];
            assert!((f64::from(probability) - 255.0 * p).abs() < 0.52, "{probability} for {p}");
        }
        // A threshold lets a defect through from there on, although OK is more probable.
        let mut lenient = card.clone();
        lenient.output.threshold = Some(0.2);
        let answer = asked(&mut open(&file, &lenient, choice).unwrap(), &Photo::Gray8(Plane::filled(8, 8, 0)));
        let p = softmax(0.0);
        assert!(p[0] > p[2] && p[2] > p[1] && p[2] > 0.2, "{p:?}");
        assert!(matches!(answer.said, Answered::Statement { class: 20, .. }), "{answer:?}");
        // The wrong number of names, and the wrong kind.
        let two = ModelCard { output: classes(&["OK", "pit"], Activation::Logits), ..card.clone() };
        let error = open(&file, &two, choice).err().unwrap().to_string();
        assert!(error.contains("[1, 3, 1, 1]") && error.contains("names 2 classes"), "{error}");
    }
}

#[test]
fn a_map_is_no_classifier() {
    let (_folder, file) = written(&linear(&[(1.0, 0.0), (2.0, 0.0)], None, vec![1, 2, 0, 0]));
    let mut card = card(ModelKind::Classifier, CardInput::default(), classes(&["OK", "pit"], Activation::Sigmoid));
    card.input.size = InputSize::Fixed { width: 16, height: 8 };
    let mut predictor = open(&file, &card, EngineChoice::Rten).unwrap();
    let error = predictor.answer_unless(&Photo::Gray8(noise(16, 8)), &|| false).unwrap_err().to_string();
    assert!(error.contains("value per pixel") && error.contains("kind: segmentation"), "{error}");
}

#[test]
fn a_file_with_several_inputs_runs_with_constants_for_the_others() {
    let Some(file) = shared("models/cvgraph_inrange.onnx") else { return };
    let constants = [("lower".to_owned(), vec![60.0]), ("upper".to_owned(), vec![120.0])].into_iter().collect();
    let input = CardInput {
        channels: 3,
        colour: Colour::Rgb,
        scale: 1.0,
        mean: vec![0.0; 3],
        std: vec![1.0; 3],
        port: Some("input".to_owned()),
        constants,
        ..CardInput::default()
    };
    let good = card(ModelKind::Segmentation, input, classes(&["red", "green", "blue"], Activation::Sigmoid));
    let planes = [noise(40, 30), noise(30, 40), noise(35, 35)];
    let photo = Plane::from_fn(40, 30, |x, y| [planes[0].at(x, y), planes[1].at(x % 30, y), planes[2].at(x % 35, y)]);
    for choice in engines() {
        let prediction = open(&file, &good, choice).unwrap().predict(&Photo::Rgb8(photo.clone())).unwrap();
        let mut inside = 0;
        for (x, y) in (0..40).flat_map(|x| (0..30).map(move |y| (x, y))) {
            // Its weights, read from the file: all three channels are 1 where the luma lies in the range, and the first wins.
            let [r, g, b] = photo.at(x, y).map(f64::from);
            let luma = 0.2989 * r + 0.587 * g + 0.114 * b;
            if (luma - 60.0).abs() < 1e-3 || (luma - 120.0).abs() < 1e-3 {
                continue;
            }
            let is_inside = (60.0..=120.0).contains(&luma);
            assert_eq!(prediction.class.get(x, y), if is_inside { 10 } else { 0 }, "at {x}, {y}");
            inside += u32::from(is_inside);
        }
        assert!((100..1100).contains(&inside), "{inside}");
        // Without a port the one input without a constant takes the photo.
        let mut unnamed = good.clone();
        unnamed.input.port = None;
        assert_eq!(open(&file, &unnamed, choice).unwrap().predict(&Photo::Rgb8(photo.clone())).unwrap(), prediction);
        let refused = |change: &dyn Fn(&mut ModelCard)| {
            let mut card = good.clone();
            change(&mut card);
            open(&file, &card, choice).err().unwrap().to_string()
        };
        let error = refused(&|card| card.input.constants.clear());
        assert!(error.contains("3 inputs (input, lower, upper)") && error.contains("`constants`"), "{error}");
        let error = refused(&|card| card.input.port = Some("image".to_owned()));
        assert!(error.contains("the input \"image\"") && error.contains("input, lower, upper"), "{error}");
        let error = refused(&|card| card.output.port = Some("mask".to_owned()));
        assert!(error.contains("the output \"mask\"") && error.contains("outputs are output"), "{error}");
        let error = refused(&|card| drop(card.input.constants.insert("lower".to_owned(), vec![1.0, 2.0])));
        assert!(error.contains("2 numbers for the input \"lower\", which takes 1"), "{error}");
        let error = refused(&|card| drop(card.input.constants.insert("low".to_owned(), vec![1.0])));
        assert!(error.contains("constant for the input \"low\""), "{error}");
    }
}

#[test]
fn a_classifier_of_another_hand_answers_with_probabilities() {
    let Some(file) = shared("models/ch_ppocr_mobile_v2.0_cls_infer.onnx") else { return };
    let input = CardInput {
        channels: 3,
        colour: Colour::Bgr,
        size: InputSize::Fixed { width: 192, height: 48 },
        mean: vec![0.5; 3],
        std: vec![0.5; 3],
        ..CardInput::default()
    };
    let card = card(ModelKind::Classifier, input, classes(&["OK", "turned"], Activation::Softmax));
    // Dark strokes that hang from the top line, and the same upside down: what turns is told apart from what does not by whoever made
    // the model; here the two engines must agree, and two probabilities must add up to one.
    let photo = Photo::Gray8(Plane::from_fn(192, 48, |x, y| if y > 8 && y < 16 + x % 24 && x % 8 < 3 { 20 } else { 230 }));
    let mut said = Vec::new();
    for choice in engines() {
        let Answered::Statement { class, probability } = asked(&mut open(&file, &card, choice).unwrap(), &photo).said else {
            panic!("a classifier states")
        };
        assert!(probability >= 127, "the winner of two has at least one half, not {probability}");
        said.push((class, probability));
    }
    assert!(said.windows(2).all(|pair| pair[0].0 == pair[1].0 && pair[0].1.abs_diff(pair[1].1) <= 1), "{said:?}");
}

const ANOMALY: &str = "(format: 2, name: \"odd\", kind: anomaly, input: (channels: 1, layout: nchw, size: dynamic(multiple_of: 8), \
     scale: 0.004, mean: [0.0], std: [1.0], colour: gray), output: (score_range: (0.0, 12.5), threshold: 0.6))";

#[test]
fn cards_say_what_their_kind_needs() {
    let parse = |text: &str| ModelCard::parse(text, Path::new("odd.ron"));
    let read = parse(ANOMALY).unwrap();
    assert_eq!((read.kind, read.output.score_range), (ModelKind::Anomaly, Some((0.0, 12.5))));
    assert_eq!(read.output_channels(), 1);
    assert_eq!(read.class_ids(&[(1, "pit")]).unwrap(), Vec::<u8>::new());
    assert_eq!(parse(&read.to_ron().unwrap()).unwrap(), read);
    for (from, to, word) in [
        ("format: 2", "format: 1", "`format: 2`"),
        ("score_range: (0.0, 12.5), ", "", "`score_range` is missing"),
        ("(0.0, 12.5)", "(3.0, 3.0)", "lower to a higher"),
        ("threshold: 0.6", "classes: [\"pit\"]", "no classes"),
        ("threshold: 0.6", "activation: softmax", "leave `activation` out"),
        ("threshold: 0.6", "threshold: 0.0", "`threshold`"),
        ("kind: anomaly, ", "", "anomaly models only"),
        ("kind: anomaly", "kind: classifier", "anomaly models only"),
        ("score_range: (0.0, 12.5), threshold: 0.6", "classes: [\"pit\"]", "leave"),
        ("colour: gray", "colour: gray, constants: {\"k\": []}", "\"k\""),
    ] {
        assert!(ANOMALY.contains(from), "{from}");
        let error = parse(&ANOMALY.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(word) || word == "leave", "{error}");
    }
    let classifier = ANOMALY
        .replace("anomaly", "classifier")
        .replace("score_range: (0.0, 12.5), threshold: 0.6", "activation: softmax, classes: [\"pit\", \"OK\"]");
    assert_eq!(parse(&classifier).unwrap().class_ids(&[(7, "pit")]).unwrap(), [7, 0]);
    for (from, to, word) in [
        ("activation: softmax, ", "", "`activation` is missing"),
        ("softmax", "argmax", "one value per class"),
        ("[\"pit\", \"OK\"]", "[\"background\", \"OK\"]", "both `OK` and `background`"),
    ] {
        let error = parse(&classifier.replace(from, to)).unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
    // For a map OK is a class like any other.
    let map = classifier.replace("kind: classifier, ", "");
    assert!(parse(&map).unwrap().class_ids(&[(7, "pit")]).unwrap_err().to_string().contains("OK"));
}
