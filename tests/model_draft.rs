//! Drafted cards against the true cards of models of other hands, with both engines.

use std::path::{Path, PathBuf};

use delimit::predict::{
    Activation, CardDraft, Colour, EngineChoice, EngineSettings, InputSize, Layout, ModelCard, ModelKind, PredictError,
};
use delimit::project::photo_file;
use delimit::raster::Photo;

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

fn engines() -> Vec<EngineChoice> {
    if std::env::var_os("ORT_DYLIB_PATH").is_some_and(|value| !value.is_empty()) {
        return vec![EngineChoice::Rten, EngineChoice::OnnxRuntime];
    }
    println!("SKIPPED: ORT_DYLIB_PATH is absent, ONNX Runtime is not tested");
    vec![EngineChoice::Rten]
}

fn draft(file: &Path, choice: EngineChoice, photo: Option<&Photo>) -> Result<CardDraft, PredictError> {
    CardDraft::of(file, &EngineSettings { choice, threads: 2, ..EngineSettings::default() }, photo)
}

/// What a draft must find out: kind, channels, layout, size, activation, number of classes.
type Truth = (&'static str, ModelKind, u32, Layout, InputSize, Activation, usize);

const DYNAMIC_16: InputSize = InputSize::Dynamic { multiple_of: 16 };

const MODELS: [Truth; 4] = [
    ("magnetic_tile_unet.onnx", ModelKind::Segmentation, 1, Layout::Nchw, DYNAMIC_16, Activation::Softmax, 6),
    (
        "road_segmentation_adas_0001_model_float32.onnx",
        ModelKind::Segmentation,
        3,
        Layout::Nhwc,
        InputSize::Fixed { width: 896, height: 512 },
        Activation::Softmax,
        4,
    ),
    (
        "pan_best_model_simplifier.onnx",
        ModelKind::Segmentation,
        3,
        Layout::Nchw,
        InputSize::Fixed { width: 512, height: 512 },
        Activation::Sigmoid,
        3,
    ),
    (
        "ch_PP-OCRv4_det_infer.onnx",
        ModelKind::Segmentation,
        3,
        Layout::Nchw,
        InputSize::Dynamic { multiple_of: 32 },
        Activation::Sigmoid,
        1,
    ),
];

#[test]
fn what_can_be_found_out_is_found_out() {
    for (name, kind, channels, layout, size, activation, classes) in MODELS {
        let Some(file) = shared(&format!("models/{name}")) else { continue };
        for choice in engines() {
            let draft = draft(&file, choice, None).unwrap();
            let card = &draft.card;
            assert_eq!(
                (card.kind, card.input.channels, card.input.layout, card.input.size),
                (kind, channels, layout, size),
                "{name}"
            );
            assert_eq!((card.output.activation, card.output.classes.len()), (activation, classes), "{name}");
            assert_eq!(card.output.classes.iter().any(|c| c == "background"), activation == Activation::Softmax, "{name}");
            assert_eq!(card.input.colour == Colour::Gray, channels == 1);
            // What was written can be read.
            assert_eq!(ModelCard::parse(&card.to_ron().unwrap(), &file).unwrap(), *card);
            let guess = |field: &str| draft.guesses.iter().find(|g| g.field == field).unwrap();
            assert!(guess("input.size").is_certain && !guess("input.scale, mean, std").is_certain);
            // The training of this one noted its classes in the file; the others tell nobody.
            let listed = ["background", "MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Uneven"];
            assert_eq!(guess("output.classes").is_certain, name.starts_with("magnetic"));
            assert!(!name.starts_with("magnetic") || card.output.classes == listed);
        }
    }
}

#[test]
fn a_classifier_gets_a_classifier_card() {
    let Some(file) = shared("models/ch_ppocr_mobile_v2.0_cls_infer.onnx") else { return };
    for choice in engines() {
        let card = draft(&file, choice, None).unwrap().card;
        assert_eq!((card.kind, card.output.activation, card.output.classes.len()), (ModelKind::Classifier, Activation::Softmax, 2));
        assert_eq!(card.output.classes[0], "OK");
    }
}

#[test]
fn several_inputs_get_a_port_and_constants_that_a_person_must_fill() {
    let Some(file) = shared("models/cvgraph_inrange.onnx") else { return };
    for choice in engines() {
        let draft = draft(&file, choice, None).unwrap();
        let input = &draft.card.input;
        assert_eq!((input.port.as_deref(), input.channels, input.size), (Some("input"), 3, InputSize::Dynamic { multiple_of: 1 }));
        assert_eq!(input.constants.iter().map(|(k, v)| (k.as_str(), v.len())).collect::<Vec<_>>(), [("lower", 1), ("upper", 1)]);
        assert!(draft.guesses.iter().any(|g| g.field == "input.constants" && !g.is_certain));
    }
}

#[test]
fn a_broken_file_is_a_clear_error() {
    let Some(file) = shared("models/road_segmentation_truncated.onnx") else { return };
    for choice in engines() {
        let error = draft(&file, choice, None).unwrap_err().to_string();
        assert!(error.contains("truncated.onnx") && error.contains("cut off"), "{error}");
    }
}

/// The model was trained on 0 to 1, and these are photos of what it was trained for.
#[test]
fn scalings_are_ranked_on_a_photo_and_shown() {
    let Some(file) = shared("models/magnetic_tile_unet.onnx") else { return };
    for name in ["MT_Blowhole/Imgs/exp1_num_297464.jpg", "MT_Blowhole/Imgs/exp1_num_327970.jpg"] {
        let Some(photo) = shared(&format!("magnetic_tile/{name}")) else { continue };
        let photo = photo_file::read(&photo).unwrap();
        for choice in engines() {
            let draft = draft(&file, choice, Some(&photo)).unwrap();
            println!("{name}: {:?}", draft.trials.iter().map(|t| (t.scaling.name, t.score)).collect::<Vec<_>>());
            assert_eq!(draft.trials.len(), 4);
            assert!(draft.trials.windows(2).all(|pair| pair[0].score >= pair[1].score));
            assert_eq!(draft.trials[0].scaling.name, "0 to 1");
            assert_eq!(draft.card.input.scale, 1.0 / 255.0);
            let picture = draft.preview().unwrap();
            let seen = draft.trial_photo.unwrap();
            assert_eq!((picture.width(), picture.height()), (2 * seen.width(), 2 * seen.height()));
        }
    }
}
