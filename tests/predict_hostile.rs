//! Model files that are broken, hostile or simply of another kind: every one is refused in words that name the file, by our own look into it
//! where an engine would follow it, run out of memory or fall over.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

#[path = "predict_handmade/onnx.rs"]
mod onnx;

use std::path::{Path, PathBuf};

use delimit::predict::{
    Activation, CardInput, CardOutput, EngineChoice, EngineSettings, InputSize, ModelCard, ModelKind, PredictError, Prediction,
    Predictor, Tensor, engine,
};
use delimit::raster::{Photo, Plane};
use onnx::{FLOAT, INT64, Message, Model, Node, Weights, convolution, node, value_info, whole};
use proptest::prelude::*;

/// Two scores from one gray channel: `(v, 1 - v)`, then softmax.
fn good() -> Model {
    Model {
        nodes: vec![convolution("scores", 1), node("Softmax", "scores", "map", &[("axis", 1)])],
        weights: vec![
            Weights { name: "weights", dims: vec![2, 1, 1, 1], values: vec![1.0, -1.0] },
            Weights { name: "bias", dims: vec![2], values: vec![0.0, 1.0] },
        ],
        input: vec![1, 1, 0, 0],
        output: Some(vec![1, 2, 0, 0]),
        output_type: FLOAT,
    }
}

fn card() -> ModelCard {
    ModelCard {
        format: 1,
        name: "hostile".to_owned(),
        kind: ModelKind::Segmentation,
        input: CardInput { size: InputSize::Dynamic { multiple_of: 8 }, ..CardInput::default() },
        output: CardOutput {
            activation: Activation::Softmax,
            classes: vec!["background".to_owned(), "pit".to_owned()],
            ..CardOutput::default()
        },
        note: String::new(),
    }
}

struct Folder(tempfile::TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn model(&self, bytes: &[u8]) -> PathBuf {
        let file = self.0.path().join("hostile.onnx");
        std::fs::write(&file, bytes).unwrap();
        file
    }
}

/// The engines of this machine.
fn choices() -> &'static [EngineChoice] {
    if std::env::var_os("ORT_DYLIB_PATH").is_some_and(|value| !value.is_empty()) {
        &[EngineChoice::Rten, EngineChoice::OnnxRuntime]
    } else {
        println!("SKIPPED: ORT_DYLIB_PATH is absent, ONNX Runtime is not tested");
        &[EngineChoice::Rten]
    }
}

fn run(file: &Path, choice: EngineChoice) -> Result<Prediction, PredictError> {
    let settings = EngineSettings { choice, threads: 1, ..EngineSettings::default() };
    let engine = engine::open(file, &settings)?;
    Predictor::new(engine, card(), vec![0, 7])?.predict(&Photo::Gray8(Plane::from_fn(19, 11, |x, y| (13 * x + 7 * y) as u8)))
}

/// Both engines refuse the file with these words, and its name.
#[track_caller]
fn assert_refused(bytes: &[u8], words: &[&str]) {
    let folder = Folder::new();
    let file = folder.model(bytes);
    for &choice in choices() {
        let error = run(&file, choice).unwrap_err().to_string();
        for word in words.iter().chain(&["hostile.onnx"]) {
            assert!(error.contains(word), "{choice:?}: no {word:?} in: {error}");
        }
    }
}

/// A tensor of two floats whose numbers lie elsewhere.
fn external(name: &str, entries: &[(&str, &str)]) -> Message {
    let mut tensor = Message::default().int(1, 2).int(2, FLOAT).text(8, name).int(14, 1);
    for (key, value) in entries {
        tensor = tensor.message(13, &Message::default().text(1, key).text(2, value));
    }
    tensor
}

/// An operator with one attribute that holds a message in the field of this number.
fn with_attribute(field: u64, content: &Message) -> Message {
    let attribute = Message::default().text(1, "value").message(field, content);
    Message::default().text(2, "unused").text(3, "constant").text(4, "Constant").message(5, &attribute)
}

#[test]
fn the_model_that_the_others_are_made_of_runs() {
    let folder = Folder::new();
    let file = folder.model(&good().to_bytes());
    for &choice in choices() {
        let prediction = run(&file, choice).unwrap();
        for (y, x) in [(0, 0), (10, 18), (5, 9)] {
            let v = f64::from((13 * x + 7 * y) as u8) / 255.0;
            assert_eq!(prediction.class.get(x, y), if v >= 1.0 - v { 0 } else { 7 });
        }
    }
}

#[test]
fn weights_outside_the_folder_are_refused_wherever_in_the_file_they_are_named() {
    for location in
        ["/etc/hostname", "../secret.data", "a/../../secret.data", r"..\secret.data", r"C:\secret.data", "*/_ORT_MEM_ADDR_/*"]
    {
        let entries = [("location", location), ("offset", "0"), ("length", "8")];
        let tensor = external("bias", &entries);
        let graph = Message::default().message(5, &tensor);
        let sparse = Message::default().message(1, &tensor);
        let spots = [
            ("a weight", good().graph().message(5, &tensor)),
            ("a sparse weight", good().graph().message(15, &sparse)),
            ("the indices of one", good().graph().message(15, &Message::default().message(2, &tensor))),
            ("an attribute", good().graph().message(1, &with_attribute(5, &tensor))),
            ("a list in an attribute", good().graph().message(1, &with_attribute(10, &tensor))),
            ("a sparse attribute", good().graph().message(1, &with_attribute(22, &sparse))),
            ("a graph in an attribute", good().graph().message(1, &with_attribute(6, &graph))),
            ("a list of graphs", good().graph().message(1, &with_attribute(11, &graph))),
            (
                "an attribute in a graph in a graph",
                good().graph().message(
                    1,
                    &with_attribute(
                        6,
                        &Message::default()
                            .message(1, &with_attribute(6, &Message::default().message(1, &with_attribute(5, &tensor)))),
                    ),
                ),
            ),
        ];
        for (spot, graph) in spots {
            println!("{location} as {spot}");
            assert_refused(&whole(&graph), &["only files in the folder of the model", &format!("{location:?}")]);
        }
        // Outside the graph: a function of the model, and what trains it.
        let function = Message::default().text(1, "f").message(7, &with_attribute(5, &tensor));
        let training = Message::default().message(1, &graph);
        for (field, part) in [(25, function), (20, training)] {
            let bytes = [good().to_bytes(), Message::default().message(field, &part).0].concat();
            assert_refused(&bytes, &["only files in the folder of the model"]);
        }
        // The graph in two parts, as protocol buffers allow.
        let bytes = [good().to_bytes(), Message::default().message(7, &graph).0].concat();
        assert_refused(&bytes, &["only files in the folder of the model"]);
    }
}

#[test]
fn weights_in_the_folder_are_used_and_missing_or_short_ones_are_named() {
    let mut model = good();
    model.weights.truncate(1);
    let with = |length: &str| {
        let entries = [("location", "hostile.data"), ("offset", "4"), ("length", length)];
        whole(&model.graph().message(5, &external("bias", &entries)))
    };
    assert_refused(&with("8"), &["\"hostile.data\"", "beside the model"]);
    let folder = Folder::new();
    let file = folder.model(&with("8"));
    let data: Vec<u8> = [9.0_f32, 0.0, 1.0].iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(folder.0.path().join("hostile.data"), &data).unwrap();
    let inside = Folder::new();
    let expected = run(&inside.model(&good().to_bytes()), EngineChoice::Rten).unwrap();
    for &choice in choices() {
        assert_eq!(run(&file, choice).unwrap().class, expected.class);
    }
    // The built-in engine takes no other name than .data, and says so.
    let entries = [("location", "hostile.bin"), ("offset", "4"), ("length", "8")];
    let named = folder.model(&whole(&model.graph().message(5, &external("bias", &entries))));
    std::fs::write(folder.0.path().join("hostile.bin"), &data).unwrap();
    for &choice in choices() {
        match (choice, run(&named, choice)) {
            (EngineChoice::Rten, outcome) => {
                let error = outcome.unwrap_err().to_string();
                assert!(error.contains("ends in .data") && error.contains("ONNX Runtime"), "{error}");
            }
            (_, outcome) => assert_eq!(outcome.unwrap().class, expected.class),
        }
    }
    // What an engine would set memory aside for before it reads.
    for length in ["9", "9223372036854775807", "18446744073709551615"] {
        let file = folder.model(&with(length));
        for &choice in choices() {
            let error = run(&file, choice).unwrap_err().to_string();
            assert!(error.contains("hostile.onnx") && error.contains("has 12 bytes"), "{error}");
        }
    }
}

#[test]
fn what_is_no_whole_onnx_file_is_called_damaged() {
    let bytes = good().to_bytes();
    assert_refused(&[], &["damaged or cut off"]);
    assert_refused(b"PK\x03\x04 a zip file", &["damaged or cut off"]);
    assert_refused(&[0x80; 4000], &["damaged or cut off"]);
    assert_refused(&bytes[..bytes.len() - 1], &["damaged or cut off"]);
    // A length inside that reaches beyond what it lies in, while the outermost fields are whole.
    let mut graph = good().graph();
    graph.0.extend([0x2a, 0x7f]);
    assert_refused(&whole(&graph), &["damaged or cut off"]);
    // A length near the largest number there is.
    let mut graph = good().graph();
    graph.0.extend([0x2a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]);
    assert_refused(&whole(&graph), &["damaged or cut off"]);
}

#[test]
fn nesting_without_end_is_refused_before_a_stack_overflows() {
    let deep =
        |levels: usize, around: &dyn Fn(&Message) -> Message| (0..levels).fold(Message::default(), |inner, _| around(&inner));
    let graphs = |levels| deep(levels, &|inner| Message::default().message(1, &with_attribute(6, inner)));
    assert_refused(&whole(&good().graph().message(1, &with_attribute(6, &graphs(2000)))), &["nested more than 100 deep"]);
    let types = deep(3000, &|inner| Message::default().message(4, &Message::default().message(1, inner)));
    let value = Message::default().text(1, "image2").message(2, &types);
    assert_refused(&whole(&good().graph().message(13, &value)), &["nested more than 100 deep"]);
    assert_refused(&whole(&good().graph().message(11, &value)), &["nested more than 100 deep"]);
}

#[test]
fn files_and_names_beyond_all_measure_are_refused_without_reading_them() {
    let folder = Folder::new();
    let file = folder.model(&good().to_bytes());
    // No bytes on disk, only a length.
    std::fs::OpenOptions::new().write(true).open(&file).unwrap().set_len((1 << 31) + 1).unwrap();
    let error = run(&file, EngineChoice::Auto).unwrap_err().to_string();
    assert!(error.contains("hostile.onnx") && error.contains("2147483649 bytes") && error.contains("2 GiB"), "{error}");
    let long = "x".repeat(5000);
    assert_refused(&whole(&good().graph().message(11, &value_info(&long, FLOAT, None))), &["5000 bytes"]);
    assert_refused(&whole(&good().graph().message(5, &external("bias", &[("location", &long)]))), &["5000 bytes"]);
}

#[test]
fn inputs_of_another_type_are_named() {
    for (element, word) in
        [(10, "float16"), (11, "double"), (2, "uint8"), (7, "int64"), (16, "bfloat16"), (9, "bool"), (99, "type 99")]
    {
        // Of two declarations of one name the later stands.
        let graph = good().graph().message(11, &value_info("image", element, Some(&[1, 1, 0, 0])));
        assert_refused(&whole(&graph), &["\"image\"", word, "float32"]);
    }
    // Old files list their weights among the inputs; those may be of any type.
    let weight = Message::default().int(1, 1).int(2, INT64).text(8, "axes").bytes(9, &1_i64.to_le_bytes());
    let graph = good().graph().message(5, &weight).message(11, &value_info("axes", INT64, Some(&[1])));
    let folder = Folder::new();
    let file = folder.model(&whole(&graph));
    for &choice in choices() {
        let outcome = run(&file, choice);
        // rten does not tell weights from inputs here and says so; no engine is told a wrong type.
        assert!(outcome.as_ref().map_or_else(|error| error.to_string().contains("2 inputs"), |_| true), "{:?}", outcome.err());
    }
}

#[test]
fn shapes_that_are_no_map_are_refused_after_the_run_at_the_latest() {
    // No rank is declared, and the answer has five axes, two, one, none.
    let reshaped = |shape: &[i64]| {
        let mut model = good();
        model.nodes[1].output = "probabilities";
        model.nodes.push(Node {
            operator: "Reshape",
            inputs: vec!["probabilities", "shape"],
            output: "map",
            ints: vec![],
            int: vec![],
        });
        model.output = None;
        let values: Vec<u8> = shape.iter().flat_map(|side| side.to_le_bytes()).collect();
        let tensor = Message::default().int(1, shape.len() as i64).int(2, INT64).text(8, "shape").bytes(9, &values);
        whole(&model.graph().message(5, &tensor))
    };
    let folder = Folder::new();
    for shape in
        [&[1, 1, 2, 16, 24][..], &[2, -1], &[-1], &[1, 2, 24, 16], &[1, 4, 16, 12], &[2, 2, 8, 24], &[1, 2, -1, 1], &[1, 2, 1, -1]]
    {
        let file = folder.model(&reshaped(shape));
        for &choice in choices() {
            let error = run(&file, choice).unwrap_err().to_string();
            assert!(error.contains("hostile.onnx"), "{shape:?} {choice:?}: {error}");
            println!("{shape:?} {choice:?}: {error}");
        }
    }
    // The same by way of an undeclared rank, in the right shape, is fine.
    let file = folder.model(&reshaped(&[1, 2, 16, 24]));
    for &choice in choices() {
        run(&file, choice).unwrap();
    }
    // Declared input axes that are no photo.
    let mut model = good();
    model.input = vec![1, 0, 0];
    (model.nodes, model.output) = (vec![node("Sigmoid", "image", "map", &[])], None);
    assert_refused(&model.to_bytes(), &["3 axes"]);
}

#[test]
fn an_operator_that_the_built_in_engine_lacks_is_named_with_the_way_to_the_other() {
    let mut model = good();
    model.nodes[1].output = "probabilities";
    model.nodes.push(Node {
        operator: "GroupNormalization",
        inputs: vec!["probabilities", "one", "one"],
        output: "map",
        ints: vec![],
        int: vec![("num_groups", 1)],
    });
    model.weights.push(Weights { name: "one", dims: vec![1], values: vec![1.0] });
    let folder = Folder::new();
    let file = folder.model(&model.to_bytes());
    let error = run(&file, EngineChoice::Rten).unwrap_err().to_string();
    for word in ["hostile.onnx", "GroupNormalization", "rten", "ONNX Runtime", "ORT_DYLIB_PATH"] {
        assert!(error.contains(word), "no {word:?} in {error}");
    }
}

/// One row of four pixels, twice as wide, half-pixel centres; the attributes stand before the type of the operator or behind it.
fn widened(operator: &str, attributes: &[(&str, &str)], type_first: bool) -> Message {
    let mut proto = Message::default();
    for input in ["image", "", "scales"] {
        proto = proto.text(1, input);
    }
    proto = proto.text(2, "map").text(3, "widen");
    if type_first {
        proto = proto.text(4, operator);
    }
    for (name, value) in attributes {
        proto = proto.message(5, &Message::default().text(1, name).text(4, value).int(20, 3));
    }
    if type_first { proto } else { proto.text(4, operator) }
}

fn widening(node: &Message) -> Message {
    let scales = [1.0_f32, 1.0, 1.0, 2.0].iter().flat_map(|v| v.to_le_bytes()).collect::<Vec<u8>>();
    Message::default()
        .message(1, node)
        .text(2, "handmade")
        .message(5, &Message::default().int(1, 4).int(2, FLOAT).text(8, "scales").bytes(9, &scales))
        .message(11, &value_info("image", FLOAT, Some(&[1, 1, 1, 4])))
        .message(12, &value_info("map", FLOAT, None))
}

/// `row` widened twice by the convolution kernel of Keys (1981) with a = -0.75, which ONNX prescribes; border pixels are repeated.
fn widened_by_keys(row: &[f64]) -> Vec<f64> {
    let kernel = |t: f64| match t.abs() {
        t if t <= 1.0 => (1.25 * t - 2.25) * t * t + 1.0,
        t if t < 2.0 => ((-0.75 * t + 3.75) * t - 6.0) * t + 3.0,
        _ => 0.0,
    };
    let at = |i: i32| row[i.clamp(0, row.len() as i32 - 1) as usize];
    (0..2 * row.len() as i32)
        .map(|i| {
            // Pixel centres: (i + 1/2) / 2 - 1/2.
            let x = 0.5 * f64::from(i) - 0.25;
            let base = x.floor() as i32;
            (base - 1..=base + 2).map(|j| at(j) * kernel(x - f64::from(j))).sum()
        })
        .collect()
}

#[test]
fn a_cubic_resize_is_left_to_the_engine_that_computes_it() {
    let settings = |choice| EngineSettings { choice, threads: 1, ..EngineSettings::default() };
    let (mode, centres) = (("mode", "cubic"), ("coordinate_transformation_mode", "half_pixel"));
    let row = [0.0, 1.0, 0.0, 0.25];
    let expected = widened_by_keys(&row);
    let tensor = Tensor { shape: vec![1, 1, 1, 4], data: row.iter().map(|&v| v as f32).collect() };
    let folder = Folder::new();
    for (attributes, type_first) in [([mode, centres], true), ([centres, mode], true), ([mode, centres], false)] {
        let file = folder.model(&whole(&widening(&widened("Resize", &attributes, type_first))));
        let error = engine::open(&file, &settings(EngineChoice::Rten)).err().unwrap().to_string();
        for word in ["hostile.onnx", "rten", "Resize", "cubic", "ONNX Runtime", "ORT_DYLIB_PATH"] {
            assert!(error.contains(word), "no {word:?} in {error}");
        }
        for &choice in choices().iter().filter(|&&choice| choice == EngineChoice::OnnxRuntime) {
            for choice in [choice, EngineChoice::Auto] {
                let mut engine = engine::open(&file, &settings(choice)).unwrap();
                assert!(engine.name().contains("ONNX Runtime"), "{}", engine.name());
                let found = engine.run(tensor.clone()).unwrap().data;
                assert_eq!(found.len(), expected.len());
                for (found, expected) in found.iter().zip(&expected) {
                    assert!((f64::from(*found) - expected).abs() < 1e-6, "{found} is not {expected}");
                }
            }
        }
    }
    // In a branch of an operator, and in a function.
    let resize = widened("Resize", &[mode, centres], true);
    let graph = Message::default().message(1, &resize);
    let hidden = whole(&good().graph().message(1, &with_attribute(6, &graph)));
    let function = Message::default().text(1, "f").message(7, &resize);
    for bytes in [hidden, [good().to_bytes(), Message::default().message(25, &function).0].concat()] {
        let error = run(&folder.model(&bytes), EngineChoice::Rten).unwrap_err().to_string();
        assert!(error.contains("Resize") && error.contains("cubic"), "{error}");
    }
    // The other modes, and the word where it says nothing about a Resize.
    let linear = [("mode", "linear"), centres];
    let file = folder.model(&whole(&widening(&widened("Resize", &linear, true))));
    for &choice in choices() {
        let found = engine::open(&file, &settings(choice)).unwrap().run(tensor.clone()).unwrap().data;
        for (found, expected) in found.iter().zip([0.0, 0.25, 0.75, 0.75, 0.25, 0.0625, 0.1875, 0.25]) {
            assert!((found - expected).abs() < 1e-6, "{choice:?}: {found} is not {expected}");
        }
    }
    let mut other = good();
    other.nodes[1].output = "cubic";
    other.nodes.push(node("Sigmoid", "cubic", "map", &[]));
    run(&folder.model(&other.to_bytes()), EngineChoice::Rten).unwrap();
    let file = folder.model(&whole(&widening(&widened("NoSuchResize", &[mode], true))));
    let error = engine::open(&file, &settings(EngineChoice::Rten)).err().unwrap().to_string();
    assert!(error.contains("NoSuchResize") && !error.contains("cubic"), "{error}");
}

proptest! {
    /// Damage anywhere, in any number of places, by any bytes, by cutting out and by doubling: an answer, or an error that names the file.
    #[test]
    fn random_damage_gives_an_answer_or_an_error_that_names_the_file(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in prop::option::of((any::<prop::sample::Index>(), 0_usize..40)),
        doubled in prop::option::of((any::<prop::sample::Index>(), 0_usize..40)),
    ) {
        let mut bytes = good().to_bytes();
        for (at, value) in changes {
            let at = at.index(bytes.len());
            bytes[at] = value;
        }
        if let Some((at, count)) = doubled {
            let at = at.index(bytes.len());
            let part = bytes[at..(at + count).min(bytes.len())].to_vec();
            bytes.splice(at..at, part);
        }
        if let Some((at, count)) = cut {
            let at = at.index(bytes.len());
            bytes.drain(at..(at + count).min(bytes.len()));
        }
        let folder = Folder::new();
        let file = folder.model(&bytes);
        for &choice in choices() {
            if let Err(error) = run(&file, choice) {
                let text = error.to_string();
                prop_assert!(text.contains("hostile.onnx"), "{}", text);
            }
        }
    }
}
