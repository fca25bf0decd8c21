//! Pictures through tiny models whose answers are known in closed form: preprocessing, padding, tiling, decision and errors, with the
//! built-in engine, on any machine.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

#[path = "predict_handmade/onnx.rs"]
mod onnx;

use std::cell::Cell;
use std::path::{Path, PathBuf};

use delimit::predict::{
    Activation, CardInput, CardOutput, Colour, EngineChoice, EngineSettings, InputSize, Layout, ModelCard, ModelKind, Predictor,
    Resize, Tiling, engine,
};
use delimit::raster::{LabelMap, Photo, Plane};
use onnx::{FLOAT, INT64, Model, Node, Weights, convolution, node};

const ANY: InputSize = InputSize::Dynamic { multiple_of: 8 };

fn card(activation: Activation, classes: &[&str], colour: Colour, size: InputSize) -> ModelCard {
    let channels: u32 = if colour == Colour::Gray { 1 } else { 3 };
    ModelCard {
        format: 1,
        name: "handmade".to_owned(),
        kind: ModelKind::Segmentation,
        input: CardInput {
            channels,
            layout: Layout::Nchw,
            size,
            scale: 1.0 / 255.0,
            mean: vec![0.0; channels as usize],
            std: vec![1.0; channels as usize],
            colour,
            resize: Resize::Smooth,
            ..CardInput::default()
        },
        output: CardOutput {
            activation,
            classes: classes.iter().map(|&name| name.to_owned()).collect(),
            threshold: None,
            ..CardOutput::default()
        },
        note: String::new(),
    }
}

/// A convolution from `channels` to the rows of `kernels`, then `activation`.
fn model(channels: i64, side: i64, kernels: &[(&[f32], f32)], activation: Option<Node>) -> Model {
    let count = kernels.len() as i64;
    let convolution = convolution(if activation.is_some() { "scores" } else { "map" }, side);
    Model {
        nodes: std::iter::once(convolution).chain(activation).collect(),
        weights: vec![
            Weights {
                name: "weights",
                dims: vec![count, channels, side, side],
                values: kernels.iter().flat_map(|(kernel, _)| kernel.to_vec()).collect(),
            },
            Weights { name: "bias", dims: vec![count], values: kernels.iter().map(|&(_, bias)| bias).collect() },
        ],
        input: vec![1, channels, 0, 0],
        output: Some(vec![1, count, 0, 0]),
        output_type: FLOAT,
    }
}

fn softmax() -> Node {
    node("Softmax", "scores", "map", &[("axis", 1)])
}

fn settings(choice: EngineChoice, threads: usize, library: Option<&Path>) -> EngineSettings {
    EngineSettings { choice, threads, library: library.map(Path::to_owned), ..EngineSettings::default() }
}

struct Written {
    _folder: tempfile::TempDir,
    file: PathBuf,
}

fn write(bytes: &[u8]) -> Written {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("handmade.onnx");
    std::fs::write(&file, bytes).unwrap();
    Written { _folder: folder, file }
}

fn open(model: &Model, card: &ModelCard) -> Predictor {
    let written = write(&model.to_bytes());
    let ids = ids(card);
    Predictor::new(engine::open(&written.file, &settings(EngineChoice::Rten, 1, None)).unwrap(), card.clone(), ids).unwrap()
}

/// 10, 20, 30 … for what is not background: ids are not positions.
fn ids(card: &ModelCard) -> Vec<u8> {
    let names: Vec<&str> = card.output.classes.iter().map(String::as_str).filter(|&name| name != "background").collect();
    let project: Vec<(u8, &str)> = (1..).map(|i| i * 10).zip(names).collect();
    card.class_ids(&project).unwrap()
}

/// Pixels that look random and are the same everywhere.
fn noise(width: u32, height: u32, salt: u32) -> Plane<u8> {
    Plane::from_fn(width, height, |x, y| {
        let mut h = (x + 7919 * y + 104_729 * salt).wrapping_mul(2_654_435_761);
        h ^= h >> 15;
        (h.wrapping_mul(2_246_822_519) >> 24) as u8
    })
}

/// A probability as the prediction stores it; one step of slack where f32 and f64 round to different sides.
fn assert_close(stored: u8, p: f64, at: (u32, u32)) {
    assert!((f64::from(stored) - 255.0 * p).abs() <= 0.51, "at {at:?}: stored {stored}, expected {}", 255.0 * p);
}

#[test]
fn gray_softmax_matches_the_formula_at_every_pixel_and_with_odd_sizes() {
    let kernels: [(&[f32], f32); 3] = [(&[1.0], 0.2), (&[4.0], -1.601), (&[-3.0], 1.3)];
    let card = card(Activation::Softmax, &["background", "scratch", "pit"], Colour::Gray, ANY);
    let mut predictor = open(&model(1, 1, &kernels, Some(softmax())), &card);
    for (width, height) in [(37, 21), (1, 1), (8, 16), (65, 3)] {
        let gray = noise(width, height, 1);
        let prediction = predictor.predict(&Photo::Gray8(gray.clone())).unwrap();
        assert_eq!(prediction.engine, "rten 0.27");
        for y in 0..height {
            for x in 0..width {
                let v = f64::from(gray.at(x, y)) / 255.0;
                let scores = kernels.map(|(kernel, bias)| (f64::from(kernel[0]) * v + f64::from(bias)).exp());
                let best = (0..3).max_by(|&a, &b| scores[a].total_cmp(&scores[b])).unwrap();
                assert_eq!(prediction.class.get(x, y), [0, 10, 20][best], "at {x}, {y}");
                assert_close(prediction.probability.at(x, y), scores[best] / scores.iter().sum::<f64>(), (x, y));
            }
        }
    }
}

#[test]
fn logits_are_turned_into_the_same_probabilities_as_softmax_in_the_model() {
    let kernels: [(&[f32], f32); 3] = [(&[1.0], 0.2), (&[400.0], -160.0), (&[-3.0], 1.3)];
    let classes = ["background", "scratch", "pit"];
    let photo = Photo::Gray8(noise(40, 24, 2));
    let mut inside = open(&model(1, 1, &kernels, Some(softmax())), &card(Activation::Softmax, &classes, Colour::Gray, ANY));
    let mut outside = open(&model(1, 1, &kernels, None), &card(Activation::Logits, &classes, Colour::Gray, ANY));
    let (a, b) = (inside.predict(&photo).unwrap(), outside.predict(&photo).unwrap());
    assert_eq!(a.class, b.class);
    for (a, b) in a.probability.as_slice().iter().zip(b.probability.as_slice()) {
        assert!(a.abs_diff(*b) <= 1);
    }
    // Saying softmax about raw scores is noticed.
    let mut wrong = open(&model(1, 1, &kernels, None), &card(Activation::Softmax, &classes, Colour::Gray, ANY));
    let error = wrong.predict(&photo).unwrap_err().to_string();
    assert!(error.contains("no probabilities") && error.contains("logits"), "{error}");
}

#[test]
fn sigmoid_maps_without_background_need_one_half_or_the_cards_threshold() {
    let kernels: [(&[f32], f32); 2] = [(&[6.0], -4.0), (&[-6.0], 2.0)];
    let sigmoid = || node("Sigmoid", "scores", "map", &[]);
    let mut card = card(Activation::Sigmoid, &["a", "b"], Colour::Gray, ANY);
    let gray = noise(32, 32, 3);
    for threshold in [None, Some(0.3), Some(0.9)] {
        card.output.threshold = threshold;
        let mut predictor = open(&model(1, 1, &kernels, Some(sigmoid())), &card);
        let prediction = predictor.predict(&Photo::Gray8(gray.clone())).unwrap();
        let limit = threshold.map_or(0.5, f64::from);
        for y in 0..32 {
            for x in 0..32 {
                let v = f64::from(gray.at(x, y)) / 255.0;
                let p = kernels.map(|(kernel, bias)| 1.0 / (1.0 + (-(f64::from(kernel[0]) * v + f64::from(bias))).exp()));
                let best = usize::from(p[1] > p[0]);
                let expected = if p[best] >= limit { [10, 20][best] } else { 0 };
                assert_eq!(prediction.class.get(x, y), expected, "at {x}, {y}: {p:?}");
                assert_close(prediction.probability.at(x, y), if expected == 0 { 1.0 - p[best] } else { p[best] }, (x, y));
            }
        }
    }
}

#[test]
fn a_threshold_finds_weak_defects_that_background_outweighs() {
    // Softmax of (0, s): the defect's probability is 1 / (1 + e^-s).
    let kernels: [(&[f32], f32); 2] = [(&[0.0], 0.0), (&[8.0], -5.0)];
    let mut card = card(Activation::Softmax, &["background", "pit"], Colour::Gray, ANY);
    card.output.threshold = Some(0.2);
    let gray = noise(32, 32, 4);
    let prediction = open(&model(1, 1, &kernels, Some(softmax())), &card).predict(&Photo::Gray8(gray.clone())).unwrap();
    for y in 0..32 {
        for x in 0..32 {
            let p = 1.0 / (1.0 + (5.0 - 8.0 * f64::from(gray.at(x, y)) / 255.0).exp());
            assert_eq!(prediction.class.get(x, y), if p >= 0.2 { 10 } else { 0 });
            assert_close(prediction.probability.at(x, y), if p >= 0.2 { p } else { 1.0 - p }, (x, y));
        }
    }
}

#[test]
fn class_indices_are_taken_as_they_are_with_and_without_a_channel_axis() {
    let kernels: [(&[f32], f32); 3] = [(&[1.0], 0.0), (&[0.0], 0.3), (&[2.0], -0.7)];
    let card = card(Activation::Argmax, &["background", "scratch", "pit"], Colour::Gray, ANY);
    let gray = noise(24, 16, 5);
    // The undeclared shape makes the engine find out the rank by itself.
    for (keep, shape) in [(1, Some(vec![1, 1, 0, 0])), (0, Some(vec![1, 0, 0])), (0, None)] {
        let mut model = model(1, 1, &kernels, Some(node("ArgMax", "scores", "map", &[("axis", 1), ("keepdims", keep)])));
        (model.output, model.output_type) = (shape, INT64);
        let mut predictor = open(&model, &card);
        for _ in 0..2 {
            let prediction = predictor.predict(&Photo::Gray8(gray.clone())).unwrap();
            for y in 0..16 {
                for x in 0..24 {
                    let v = f32::from(gray.at(x, y)) / 255.0;
                    let best = if v >= 0.3 && v >= 2.0 * v - 0.7 {
                        0
                    } else if 0.3 >= 2.0 * v - 0.7 {
                        10
                    } else {
                        20
                    };
                    assert_eq!(prediction.class.get(x, y), best, "at {x}, {y}: {v}");
                }
            }
            assert!(prediction.probability.as_slice().iter().all(|&p| p == 255));
        }
    }
    // A card with too few classes does not turn the unknown one into "no defect".
    let short = self::card(Activation::Argmax, &["background", "scratch"], Colour::Gray, ANY);
    let mut model = model(1, 1, &kernels, Some(node("ArgMax", "scores", "map", &[("axis", 1), ("keepdims", 1)])));
    (model.output, model.output_type) = (Some(vec![1, 1, 0, 0]), INT64);
    let error = open(&model, &short).predict(&Photo::Gray8(gray)).unwrap_err().to_string();
    assert!(error.contains("class index other than 0 to 1"), "{error}");
}

/// The model passes its input on, so the stored probabilities show what it was fed.
fn fed(photo: &Photo, colour: Colour, layout: Layout, channel: usize, change: impl Fn(&mut CardInput)) -> Vec<f64> {
    let channels: i64 = if colour == Colour::Gray { 1 } else { 3 };
    let mut pick = vec![0.0; channels as usize];
    pick[channel] = 1.0;
    let mut model = model(channels, 1, &[(&pick, 0.0)], None);
    if layout == Layout::Nhwc {
        // A transposition before the convolution makes a model of channels last.
        model.nodes.insert(
            0,
            Node {
                operator: "Transpose",
                inputs: vec!["image"],
                output: "planes",
                ints: vec![("perm", vec![0, 3, 1, 2])],
                int: vec![],
            },
        );
        model.nodes[1].inputs[0] = "planes";
        model.input = vec![1, 0, 0, channels];
    }
    let mut card = card(Activation::Sigmoid, &["a"], colour, InputSize::Dynamic { multiple_of: 4 });
    card.input.layout = layout;
    card.output.threshold = Some(f32::MIN_POSITIVE);
    change(&mut card.input);
    let prediction = open(&model, &card).predict(photo).unwrap();
    prediction.probability.as_slice().iter().map(|&p| f64::from(p) / 255.0).collect()
}

fn assert_all_close(found: &[f64], expected: impl Iterator<Item = f64>) {
    let mut count = 0;
    for (i, (found, expected)) in found.iter().zip(expected).enumerate() {
        // A value of zero is below any threshold, and then 1 − 0 is stored.
        let expected = if expected <= 0.0 { 1.0 } else { expected };
        assert!((found - expected).abs() <= 0.51 / 255.0, "value {i}: fed {found}, expected {expected}");
        count += 1;
    }
    assert_eq!(count, found.len());
}

#[test]
fn colours_depths_and_layouts_reach_the_model_as_the_card_says() {
    let (width, height) = (13, 9);
    let planes = [noise(width, height, 6), noise(width, height, 7), noise(width, height, 8)];
    let rgb = Plane::from_fn(width, height, |x, y| [0, 1, 2].map(|c| planes[c].at(x, y)));
    let photo = Photo::Rgb8(rgb.clone());
    let values = |c: usize| planes[c].as_slice().iter().map(|&v| f64::from(v) / 255.0);
    for layout in [Layout::Nchw, Layout::Nhwc] {
        for c in 0..3 {
            assert_all_close(&fed(&photo, Colour::Rgb, layout, c, |_| {}), values(c));
            assert_all_close(&fed(&photo, Colour::Bgr, layout, c, |_| {}), values(2 - c));
        }
    }
    // Colour to gray by Rec. 601, gray to colour by repetition.
    let luma = rgb.as_slice().iter().map(|v| (0.299 * f64::from(v[0]) + 0.587 * f64::from(v[1]) + 0.114 * f64::from(v[2])) / 255.0);
    assert_all_close(&fed(&photo, Colour::Gray, Layout::Nchw, 0, |_| {}), luma);
    assert_all_close(&fed(&Photo::Gray8(planes[0].clone()), Colour::Rgb, Layout::Nchw, 2, |_| {}), values(0));
    // Deep photos: full scale becomes 255 without rounding in between.
    let deep = planes[0].map(|v| u16::from(v) * 200 + 77);
    let expected = deep.as_slice().iter().map(|&v| f64::from(v) / 65535.0);
    assert_all_close(&fed(&Photo::Gray16(deep.clone()), Colour::Gray, Layout::Nchw, 0, |_| {}), expected);
    let float = planes[0].map(|v| f32::from(v) * 12.5);
    let largest = float.as_slice().iter().copied().fold(0.0, f32::max);
    let expected = float.as_slice().iter().map(|&v| f64::from(v) / f64::from(largest));
    assert_all_close(&fed(&Photo::GrayF32(float.clone()), Colour::Gray, Layout::Nchw, 0, |_| {}), expected);
    // (v · scale − mean) / std, per channel.
    let statistics = |input: &mut CardInput| {
        input.mean = vec![-0.1, 0.0, -0.25];
        input.std = vec![2.0, 1.0, 1.6];
    };
    assert_all_close(&fed(&photo, Colour::Rgb, Layout::Nchw, 0, statistics), values(0).map(|v| f64::midpoint(v, 0.1)));
    assert_all_close(&fed(&photo, Colour::Rgb, Layout::Nchw, 2, statistics), values(2).map(|v| (v + 0.25) / 1.6));
}

/// Sum of the 3 × 3 neighbours as the model sees them: the photo, its last row and column repeated up to the multiple, zeros around.
fn neighbour_sum(gray: &Plane<u8>, multiple: u32, x: u32, y: u32) -> f64 {
    let (width, height) = (gray.width().next_multiple_of(multiple), gray.height().next_multiple_of(multiple));
    let mut sum = 0.0;
    for dy in -1..=1_i64 {
        for dx in -1..=1_i64 {
            let (x, y) = (i64::from(x) + dx, i64::from(y) + dy);
            if x >= 0 && y >= 0 && x < i64::from(width) && y < i64::from(height) {
                sum += f64::from(gray.at_clamped(x, y)) / 255.0;
            }
        }
    }
    sum
}

#[test]
fn tiles_leave_no_seam_and_the_border_is_repeated() {
    let ninth = [1.0 / 9.0; 9];
    let model = model(1, 3, &[(&ninth, 0.0)], None);
    let mut card = card(Activation::Sigmoid, &["a"], Colour::Gray, ANY);
    card.output.threshold = Some(f32::MIN_POSITIVE);
    let gray = noise(150, 83, 9);
    for tiling in
        [Tiling::default(), Tiling { side: 40, overlap: 8 }, Tiling { side: 64, overlap: 20 }, Tiling { side: 1, overlap: 0 }]
    {
        // Tiles without overlap cannot see across their border; they are only there to show that this test notices.
        let sees_across = tiling.overlap > 0;
        let prediction = open(&model, &card).with_tiling(tiling).predict(&Photo::Gray8(gray.clone())).unwrap();
        let mut differ = 0;
        for y in 0..83 {
            for x in 0..150 {
                let expected = neighbour_sum(&gray, 8, x, y) / 9.0;
                let found = f64::from(prediction.probability.at(x, y)) / 255.0;
                differ += u32::from((found - expected).abs() > 0.51 / 255.0);
            }
        }
        assert_eq!(differ == 0, sees_across, "{tiling:?}: {differ} pixels differ");
    }
}

#[test]
fn a_large_photo_is_cut_by_default_and_can_be_cancelled_between_tiles() {
    let card = card(Activation::Logits, &["background", "bright"], Colour::Gray, ANY);
    let mut predictor = open(&model(1, 1, &[(&[0.0], 0.0), (&[2.0], -1.0)], None), &card);
    let gray = noise(2000, 1030, 10);
    let photo = Photo::Gray8(gray.clone());
    let asked = Cell::new(0);
    let prediction = predictor
        .predict_unless(&photo, &|| {
            asked.set(asked.get() + 1);
            false
        })
        .unwrap();
    // 2000 = 1024 + 960 + rest, 1030 = 1024 + rest.
    assert_eq!(asked.get(), 3 * 2);
    let expected = LabelMap::from_plane(&gray.map(|v| if v >= 128 { 10 } else { 0 }));
    assert_eq!(prediction.class, expected);

    asked.set(0);
    let outcome = predictor.predict_unless(&photo, &|| {
        asked.set(asked.get() + 1);
        asked.get() == 3
    });
    assert!(matches!(outcome, Err(delimit::predict::PredictError::Cancelled)));
    assert_eq!(asked.get(), 3);
}

#[test]
fn a_fixed_size_is_resized_bilinearly_there_and_back() {
    let (model_width, model_height) = (20, 12);
    let mut model = model(1, 1, &[(&[1.0], 0.0)], None);
    (model.input, model.output) = (vec![1, 1, 12, 20], Some(vec![1, 1, 12, 20]));
    let mut card = card(Activation::Sigmoid, &["a"], Colour::Gray, InputSize::Fixed { width: model_width, height: model_height });
    card.output.threshold = Some(f32::MIN_POSITIVE);
    for (width, height, resize) in
        [(20, 12, Resize::Plain), (50, 30, Resize::Plain), (7, 5, Resize::Plain), (33, 12, Resize::Plain)].into_iter().chain([
            (20, 12, Resize::Smooth),
            (50, 30, Resize::Smooth),
            (7, 5, Resize::Smooth),
            (171, 12, Resize::Smooth),
        ])
    {
        card.input.resize = resize;
        let gray = noise(width, height, 11);
        let there = resized(&gray.map(f64::from), model_width, model_height, resize);
        let back = resized(&there, width, height, Resize::Plain);
        let prediction = open(&model, &card).predict(&Photo::Gray8(gray)).unwrap();
        for y in 0..height {
            for x in 0..width {
                let expected = back.at(x, y) / 255.0;
                assert_close(prediction.probability.at(x, y), if expected <= 0.0 { 1.0 } else { expected }, (x, y));
            }
        }
    }
}

/// Bilinear by the book: every pixel is a weighted mean over all pixels, the weight a triangle around the aligned centre, which is one pixel
/// wide on each side or, smooth, as wide as the reduction.
fn resized(plane: &Plane<f64>, width: u32, height: u32, resize: Resize) -> Plane<f64> {
    let weights = |i: u32, to: u32, from: u32| -> Vec<f64> {
        let ratio = f64::from(from) / f64::from(to);
        let reach = if resize == Resize::Smooth { ratio.max(1.0) } else { 1.0 };
        let mut centre = (f64::from(i) + 0.5) * ratio - 0.5;
        if reach == 1.0 {
            centre = centre.clamp(0.0, f64::from(from - 1));
        }
        let shares: Vec<f64> = (0..from).map(|j| (1.0 - ((f64::from(j) - centre) / reach).abs()).max(0.0)).collect();
        let sum: f64 = shares.iter().sum();
        shares.iter().map(|share| share / sum).collect()
    };
    Plane::from_fn(width, height, |x, y| {
        let (columns, rows) = (weights(x, width, plane.width()), weights(y, height, plane.height()));
        let row = |v: usize| plane.row(v as u32).iter().zip(&columns).map(|(value, share)| value * share).sum::<f64>();
        rows.iter().enumerate().map(|(v, share)| share * row(v)).sum()
    })
}

#[test]
fn a_model_that_answers_at_half_size_is_brought_back() {
    let pool = Node {
        operator: "AveragePool",
        inputs: vec!["scores"],
        output: "map",
        ints: vec![("kernel_shape", vec![2; 2]), ("strides", vec![2; 2]), ("pads", vec![0; 4])],
        int: vec![],
    };
    let mut card = card(Activation::Sigmoid, &["a"], Colour::Gray, ANY);
    card.output.threshold = Some(f32::MIN_POSITIVE);
    let gray = noise(24, 16, 12);
    let prediction = open(&model(1, 1, &[(&[1.0], 0.0)], Some(pool)), &card).predict(&Photo::Gray8(gray.clone())).unwrap();
    let halves = Plane::from_fn(12, 8, |x, y| {
        [(0, 0), (1, 0), (0, 1), (1, 1)].iter().map(|(dx, dy)| f64::from(gray.at(2 * x + dx, 2 * y + dy))).sum::<f64>() / 4.0
    });
    let expected = resized(&halves, 24, 16, Resize::Plain);
    for y in 0..16 {
        for x in 0..24 {
            assert_close(prediction.probability.at(x, y), expected.at(x, y) / 255.0, (x, y));
        }
    }
}

#[test]
fn what_does_not_fit_is_said_in_words() {
    let photo = Photo::Gray8(noise(16, 16, 13));
    let classes = ["background", "scratch", "pit"];
    let kernels: [(&[f32], f32); 3] = [(&[1.0], 0.0), (&[2.0], 0.0), (&[3.0], 0.0)];
    let good = card(Activation::Softmax, &classes, Colour::Gray, ANY);
    let says = |model: &Model, card: &ModelCard, words: &[&str]| {
        let written = write(&model.to_bytes());
        let error = engine::open(&written.file, &settings(EngineChoice::Rten, 1, None))
            .and_then(|engine| Predictor::new(engine, card.clone(), ids(card)))
            .and_then(|mut predictor| predictor.predict(&photo))
            .unwrap_err()
            .to_string();
        for word in words {
            assert!(error.contains(word), "no \"{word}\" in: {error}");
        }
    };
    // Fewer channels than the card names.
    says(&model(1, 1, &kernels[..2], None), &good, &["3 channel(s)", "[1, 2, 16, 16]", "one class name per channel"]);
    // An operator that nobody knows.
    let strange = model(1, 1, &kernels, Some(node("Frobnicate", "scores", "map", &[])));
    says(&strange, &good, &["handmade.onnx", "Frobnicate", "rten 0.27", "ORT_DYLIB_PATH"]);
    // A classifier, declared and undeclared.
    let mut classifier = model(1, 1, &kernels, Some(node("Flatten", "scores", "map", &[("axis", 1)])));
    classifier.output = Some(vec![1, 0]);
    says(&classifier, &good, &["classifier", "handmade.onnx"]);
    classifier.output = None;
    says(&classifier, &good, &["classifier"]);
    // Numbers that are none: 0 / 0 from a logarithm of a negative number.
    let mut undefined = model(1, 1, &[(&[0.0], -1.0)], Some(node("Log", "scores", "map", &[])));
    undefined.output = None;
    says(&undefined, &card(Activation::Sigmoid, &["a"], Colour::Gray, ANY), &["not numbers", "256"]);
    // Batches and colours that the file contradicts.
    let mut batch = model(1, 1, &kernels, Some(softmax()));
    batch.input[0] = 4;
    says(&batch, &good, &["batches of 4"]);
    says(&model(3, 1, &[(&[1.0, 0.0, 0.0], 0.0)], None), &good, &["3 channels", "`colour`"]);

    let mut predictor = open(&model(1, 1, &kernels, Some(softmax())), &good);
    let error = predictor.predict(&Photo::Gray8(Plane::filled(0, 0, 0))).unwrap_err().to_string();
    assert!(error.contains("no pixels"), "{error}");
}

#[test]
fn a_file_cut_off_anywhere_is_an_error_and_never_a_panic_outside() {
    let kernels: [(&[f32], f32); 2] = [(&[1.0], 0.0), (&[2.0], 0.0)];
    let bytes = model(1, 1, &kernels, Some(softmax())).to_bytes();
    let card = card(Activation::Softmax, &["background", "pit"], Colour::Gray, ANY);
    let photo = Photo::Gray8(noise(8, 8, 14));
    let outcome = |bytes: &[u8]| {
        let written = write(bytes);
        engine::open(&written.file, &settings(EngineChoice::Rten, 1, None))
            .and_then(|engine| Predictor::new(engine, card.clone(), ids(&card)))
            .and_then(|mut predictor| predictor.predict(&photo))
    };
    let whole = outcome(&bytes).unwrap();
    assert_eq!(whole.class.rect(), photo.rect());
    for length in 0..bytes.len() {
        let error = outcome(&bytes[..length]).unwrap_err().to_string();
        assert!(error.contains("handmade.onnx") && error.contains("cut off"), "{length} of {} bytes: {error}", bytes.len());
    }
    // Damage inside: whatever comes of it, it is an answer or an error.
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 0x55;
        if let Err(error) = outcome(&damaged) {
            assert!(!error.to_string().is_empty());
        }
    }
}

#[test]
fn auto_without_a_usable_library_falls_through_to_the_built_in_engine_with_the_reason() {
    let has_library = std::env::var_os("ORT_DYLIB_PATH").is_some_and(|value| !value.is_empty());
    if has_library {
        return println!("SKIPPED: ORT_DYLIB_PATH is set");
    }
    let kernels: [(&[f32], f32); 2] = [(&[1.0], 0.0), (&[2.0], 0.0)];
    let written = write(&model(1, 1, &kernels, Some(softmax())).to_bytes());
    // A program and a library that exist and are not ONNX Runtime.
    for library in [written.file.as_path(), Path::new("/bin/ls"), Path::new("/no/such/libonnxruntime.so")] {
        let engine = engine::open(&written.file, &settings(EngineChoice::Auto, 1, Some(library))).unwrap();
        if engine.name().starts_with("ONNX Runtime") {
            return println!("SKIPPED: ONNX Runtime is on the library path");
        }
        let note = engine.note().unwrap();
        assert!(note.contains("not found") && note.contains(&library.display().to_string()), "{note}");
        let error = engine::open(&written.file, &settings(EngineChoice::OnnxRuntime, 1, Some(library)))
            .map(|_| ())
            .unwrap_err()
            .to_string();
        assert!(error.contains(&library.display().to_string()) && error.contains("ORT_DYLIB_PATH"), "{error}");
    }
}
