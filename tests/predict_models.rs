//! Real models of other hands against figures that another program computed. Needs the shared data; ONNX Runtime where it is found.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

#[path = "predict_models/jpeg.rs"]
mod jpeg;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use delimit::predict::{
    Activation, CardInput, CardOutput, Colour, EngineChoice, EngineSettings, InputSize, Layout, ModelCard, ModelKind, PredictError,
    Prediction, Predictor, Provider, Resize, available_providers, engine,
};
use delimit::raster::{Photo, Plane};

const CLASSES: [&str; 6] = ["background", "MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Uneven"];

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

fn settings(choice: EngineChoice, threads: usize, library: Option<&Path>) -> EngineSettings {
    EngineSettings { choice, threads, library: library.map(Path::to_owned), ..EngineSettings::default() }
}

fn has_onnx_runtime() -> bool {
    let has = std::env::var_os("ORT_DYLIB_PATH").is_some_and(|value| !value.is_empty());
    if !has {
        println!("SKIPPED: ORT_DYLIB_PATH is absent, ONNX Runtime is not tested");
    }
    has
}

fn card(classes: &[&str], activation: Activation, colour: Colour, layout: Layout, size: InputSize) -> ModelCard {
    let channels = if colour == Colour::Gray { 1 } else { 3 };
    ModelCard {
        format: 1,
        name: "test".to_owned(),
        kind: ModelKind::Segmentation,
        input: CardInput {
            channels,
            layout,
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

fn tile_card() -> ModelCard {
    card(&CLASSES, Activation::Softmax, Colour::Gray, Layout::Nchw, InputSize::Dynamic { multiple_of: 16 })
}

fn predictor(model: &Path, choice: EngineChoice, card: ModelCard) -> Result<Predictor, PredictError> {
    let ids = (0..).zip(&card.output.classes).map(|(id, name)| if name == "background" { 0 } else { id + 1 }).collect();
    Predictor::new(engine::open(model, &settings(choice, 2, None))?, card, ids)
}

/// Class ids 1 to 5 in the order of the channels.
fn tile_predictor(model: &Path, choice: EngineChoice) -> Predictor {
    let project: Vec<(u8, &str)> = (1..).zip(CLASSES.into_iter().skip(1)).collect();
    let card = tile_card();
    let ids = card.class_ids(&project).unwrap();
    assert_eq!(ids, [0, 1, 2, 3, 4, 5]);
    Predictor::new(engine::open(model, &settings(choice, 2, None)).unwrap(), card, ids).unwrap()
}

fn photo(file: &Path) -> Photo {
    if let Some((width, height, pixels)) = jpeg::decode(&std::fs::read(file).unwrap()) {
        return Photo::Gray8(Plane::from_vec(width, height, pixels));
    }
    // The set holds PNG files that are called .jpg.
    let image = image::ImageReader::open(file).unwrap().with_guessed_format().unwrap().decode().unwrap();
    match image {
        image::DynamicImage::ImageLuma8(gray) => Photo::Gray8(Plane::from_vec(gray.width(), gray.height(), gray.into_raw())),
        other => {
            let rgb = other.into_rgb8();
            Photo::Rgb8(Plane::from_vec(rgb.width(), rgb.height(), rgb.pixels().map(|p| p.0).collect()))
        }
    }
}

/// Rows of the reference table by column name; every `step`-th image, so that all classes take part.
fn reference_rows(step: usize) -> Vec<HashMap<String, String>> {
    let Some(file) = shared("models/magnetic_tile_unet_reference.csv") else { return Vec::new() };
    let mut reader = csv::Reader::from_path(file).unwrap();
    reader.deserialize().map(Result::unwrap).step_by(step).collect()
}

fn agrees_with_the_reference(choice: EngineChoice, step: usize) {
    let (Some(model), Some(folder)) = (shared("models/magnetic_tile_unet.onnx"), shared("magnetic_tile")) else { return };
    let rows = reference_rows(step);
    assert!(rows.len() >= 12);
    let mut predictor = tile_predictor(&model, choice);
    let (mut worst, mut total) = (0_i64, 0_i64);
    for row in &rows {
        let Prediction { class, probability, .. } = predictor.predict(&photo(&folder.join(&row["file"]))).unwrap();
        let counts = class.histogram();
        let class = class.to_plane();
        for (id, name) in CLASSES.iter().enumerate() {
            let expected: i64 = row[&format!("argmax_px_{name}")].parse().unwrap();
            let difference = (counts[id] as i64 - expected).abs();
            assert!(difference <= 3, "{}: {name} {} px by argmax, reference {expected}", row["file"], counts[id]);
            (worst, total) = (worst.max(difference), total + difference);
            if id == 0 {
                continue;
            }
            // With softmax a class above one half is the winner, so winner and its probability tell the whole story; 128 = round(255 · 0.5).
            let certain = class.as_slice().iter().zip(probability.as_slice()).filter(|&(&c, &p)| usize::from(c) == id && p >= 128);
            let certain = certain.count() as i64;
            let expected: i64 = row[&format!("px_{name}_p>=0.5")].parse().unwrap();
            let difference = (certain - expected).abs();
            assert!(difference <= 3, "{}: {name} {certain} px with p >= 0.5, reference {expected}", row["file"]);
            (worst, total) = (worst.max(difference), total + difference);
        }
    }
    println!("{}: {} images, {total} px differ in all, {worst} at most in one figure", predictor.engine_name(), rows.len());
}

#[test]
fn the_built_in_engine_agrees_with_the_reference_figures() {
    agrees_with_the_reference(EngineChoice::Rten, 20);
}

#[test]
fn onnx_runtime_agrees_with_the_reference_figures() {
    if has_onnx_runtime() {
        agrees_with_the_reference(EngineChoice::OnnxRuntime, 20);
    }
}

#[test]
fn both_engines_give_the_same_class_map() {
    let (Some(model), Some(folder)) = (shared("models/magnetic_tile_unet.onnx"), shared("magnetic_tile")) else { return };
    if !has_onnx_runtime() {
        return;
    }
    let mut ort = tile_predictor(&model, EngineChoice::OnnxRuntime);
    let mut rten = tile_predictor(&model, EngineChoice::Rten);
    assert!(ort.engine_name().starts_with("ONNX Runtime 1."), "{}", ort.engine_name());
    let (mut pixels, mut same, mut close) = (0, 0, 0);
    for row in reference_rows(40) {
        let photo = photo(&folder.join(&row["file"]));
        let (a, b) = (ort.predict(&photo).unwrap(), rten.predict(&photo).unwrap());
        let (a_class, b_class) = (a.class.to_plane(), b.class.to_plane());
        pixels += a_class.as_slice().len();
        same += a_class.as_slice().iter().zip(b_class.as_slice()).filter(|(a, b)| a == b).count();
        close += a.probability.as_slice().iter().zip(b.probability.as_slice()).filter(|(a, b)| a.abs_diff(**b) <= 1).count();
    }
    println!("same class on {same} of {pixels} pixels, probability within 1/255 on {close}");
    assert!(same as f64 >= 0.999 * pixels as f64 && close as f64 >= 0.999 * pixels as f64);
}

#[test]
fn auto_takes_onnx_runtime_when_it_is_there_and_says_why_otherwise() {
    let Some(model) = shared("models/magnetic_tile_unet.onnx") else { return };
    let engine = engine::open(&model, &settings(EngineChoice::Auto, 1, None)).unwrap();
    let (name, note) = (engine.name(), engine.note().unwrap_or_default().to_owned());
    if has_onnx_runtime() {
        assert!(name.starts_with("ONNX Runtime"), "{name}: {note}");
    } else if name.starts_with("rten") {
        assert!(note.contains("ONNX Runtime was not found"), "{note}");
    }
}

/// Whatever the library was built with: each provider that was wanted is either in the name or in the note with a reason, and the answer stays.
#[test]
fn every_provider_that_was_wanted_computes_or_is_said_not_to() {
    let (Some(model), Some(folder)) = (shared("models/magnetic_tile_unet.onnx"), shared("magnetic_tile")) else { return };
    if !has_onnx_runtime() {
        return;
    }
    let built_in = available_providers(None).unwrap();
    assert_eq!(built_in.last(), Some(&Provider::Cpu));
    let project: Vec<(u8, &str)> = (1..).zip(CLASSES.into_iter().skip(1)).collect();
    let ids = tile_card().class_ids(&project).unwrap();
    let open = |choice: EngineChoice, providers: &[Provider]| {
        let settings = EngineSettings { providers: providers.to_vec(), ..settings(choice, 2, None) };
        Predictor::new(engine::open(&model, &settings).unwrap(), tile_card(), ids.clone()).unwrap()
    };
    let photo = photo(&folder.join(&reference_rows(60)[1]["file"]));
    let mut plain = open(EngineChoice::OnnxRuntime, &[]);
    assert!(plain.engine_name().ends_with("(CPU)"), "{}", plain.engine_name());
    let expected = plain.predict(&photo).unwrap();
    let wanted = [Provider::TensorRt, Provider::Cuda, Provider::DirectMl, Provider::CoreMl, Provider::OpenVino];
    let mut predictor = open(EngineChoice::OnnxRuntime, &wanted);
    let (name, note) = (predictor.engine_name(), predictor.engine_note().unwrap_or_default().to_owned());
    println!("{name}: {note}");
    for provider in wanted {
        let is_said = note.contains(&format!("{provider} is not used: "));
        assert_ne!(name.contains(provider.name()), is_said, "{provider}: {name}: {note}");
        if !built_in.contains(&provider) {
            assert!(note.contains(&format!("{provider} is not used: this ONNX Runtime was built without it")), "{note}");
        }
    }
    let found = predictor.predict(&photo).unwrap();
    let (a, b) = (expected.class.to_plane(), found.class.to_plane());
    let same = a.as_slice().iter().zip(b.as_slice()).filter(|(a, b)| a == b).count();
    assert!(same as f64 >= 0.999 * a.as_slice().len() as f64, "{same} of {} pixels", a.as_slice().len());

    let rten = open(EngineChoice::Rten, &[Provider::Cuda, Provider::Cpu]);
    assert_eq!(rten.engine_note(), Some("CUDA not used: the built-in engine computes on the CPU"));
}

/// The road model wants 512 × 896, channels last, BGR 0–255. Truth: people's masks; the figures (0.986 and 0.871) are those that another
/// program got with this model on these photos.
#[test]
fn a_channels_last_model_of_fixed_size_finds_the_road_that_people_marked() {
    let (Some(model), Some(folder)) = (shared("models/road_segmentation_adas_0001_model_float32.onnx"), shared("urban_cvat_large"))
    else {
        return;
    };
    let mut card = card(
        &["background", "road", "curb", "mark"],
        Activation::Softmax,
        Colour::Bgr,
        Layout::Nhwc,
        InputSize::Fixed { width: 896, height: 512 },
    );
    card.input.scale = 1.0;
    let annotations = std::fs::read_to_string(folder.join("annotations.xml")).unwrap();
    let mut predictor = predictor(&model, EngineChoice::Rten, card.clone()).unwrap();
    for (name, figure) in [("grooveland-designs-q7hsIjri5PE-unsplash", 0.986), ("vladimir-wang-iC8Q1smXUeA-unsplash", 0.871)] {
        let photo = photo(&folder.join(format!("images/raw/{name}.jpg")));
        let truth = marked(&annotations, name, "ROAD_SURFACE", &photo);
        let prediction = predictor.predict(&photo).unwrap();
        assert_eq!(prediction.class.rect(), photo.rect());
        let class = prediction.class.to_plane();
        let (mut both, mut either) = (0, 0);
        for (&class, &truth) in class.as_slice().iter().zip(truth.as_slice()) {
            let road = class == 2 || class == 4;
            both += usize::from(road && truth);
            either += usize::from(road || truth);
        }
        let iou = both as f64 / either as f64;
        println!("{name}: IoU {iou:.4}, other program {figure}");
        assert!((iou - figure).abs() < 0.004, "{name}: IoU {iou}");
    }

    // A card that contradicts the file is refused before any photo is touched.
    let mut wrong = card.clone();
    wrong.input.size = InputSize::Fixed { width: 512, height: 896 };
    let error = refusal(self::predictor(&model, EngineChoice::Rten, wrong));
    assert!(error.contains("896 × 512"), "{error}");
    let mut wrong = card.clone();
    wrong.input.size = InputSize::Dynamic { multiple_of: 32 };
    let error = refusal(self::predictor(&model, EngineChoice::Rten, wrong));
    assert!(error.contains("fixed(width"), "{error}");
    let mut wrong = card;
    wrong.input.layout = Layout::Nchw;
    let error = refusal(self::predictor(&model, EngineChoice::Rten, wrong));
    assert!(error.contains("512 channels") && error.contains("layout"), "{error}");
}

/// The union of a label's masks in a CVAT file: runs of unset and set pixels in turn, row by row inside a box.
fn marked(annotations: &str, image: &str, label: &str, photo: &Photo) -> Plane<bool> {
    let mut plane = Plane::filled(photo.width(), photo.height(), false);
    let start = annotations.find(image).unwrap();
    let end = start + annotations[start..].find("</image>").unwrap();
    for mask in annotations[start..end].split("<mask ").skip(1) {
        let attribute = |name: &str| {
            let from = mask.find(&format!("{name}=\"")).unwrap() + name.len() + 2;
            &mask[from..from + mask[from..].find('"').unwrap()]
        };
        if attribute("label") != label {
            continue;
        }
        let number = |name: &str| attribute(name).parse::<u32>().unwrap();
        let (left, top, width) = (number("left"), number("top"), number(" width"));
        let mut at = 0;
        for (i, run) in attribute("rle").split(',').map(|run| run.trim().parse::<u32>().unwrap()).enumerate() {
            for pixel in (at..at + run).filter(|_| i % 2 == 1) {
                plane.set(left + pixel % width, top + pixel / width, true);
            }
            at += run;
        }
    }
    plane
}

fn refusal(outcome: Result<Predictor, PredictError>) -> String {
    match outcome {
        Ok(_) => panic!("was not refused"),
        Err(error) => error.to_string(),
    }
}

#[test]
fn models_of_independent_probabilities_run() {
    let Some(photo_file) = shared("urban_cvat_large/images/raw/vladimir-wang-iC8Q1smXUeA-unsplash.jpg") else { return };
    let photo = photo(&photo_file).halved().halved();
    let dynamic = InputSize::Dynamic { multiple_of: 32 };
    let fixed = InputSize::Fixed { width: 512, height: 512 };
    for (file, classes, size) in [
        ("models/ch_PP-OCRv4_det_infer.onnx", &["text"][..], dynamic),
        ("models/pan_best_model_simplifier.onnx", &["skin", "clothes", "hair"][..], fixed),
    ] {
        let Some(model) = shared(file) else { continue };
        let mut card = card(classes, Activation::Sigmoid, Colour::Bgr, Layout::Nchw, size);
        (card.input.mean, card.input.std) = (vec![0.5; 3], vec![0.5; 3]);
        let mut maps = Vec::new();
        let choices = if has_onnx_runtime() { &[EngineChoice::Rten, EngineChoice::OnnxRuntime][..] } else { &[EngineChoice::Rten] };
        for &choice in choices {
            let prediction = predictor(&model, choice, card.clone()).and_then(|mut p| p.predict(&photo));
            match prediction {
                Ok(prediction) => maps.push(prediction),
                Err(error) => println!("{file}: {error}"),
            }
        }
        assert!(!maps.is_empty(), "{file} runs on no engine");
        assert_eq!(maps[0].class.rect(), photo.rect());
        let range = |values: &[u8]| (values.iter().min().copied(), values.iter().max().copied());
        let (least, most) = range(maps[0].probability.as_slice());
        assert_ne!(least, most, "{file} answers the same everywhere");
        for other in &maps[1..] {
            let (a, b) = (maps[0].class.to_plane(), other.class.to_plane());
            let (p, q) = (maps[0].probability.as_slice(), other.probability.as_slice());
            let same = a.as_slice().iter().zip(b.as_slice()).filter(|(a, b)| a == b).count();
            let close = p.iter().zip(q).filter(|(p, q)| p.abs_diff(**q) <= 1).count();
            assert!(same.min(close) as f64 >= 0.999 * p.len() as f64, "{file}: class {same}, probability {close} of {}", p.len());
        }
        println!("{file}: {} engine(s), classes {:?}", maps.len(), &maps[0].class.histogram()[..5]);
    }
}

#[test]
fn what_is_no_segmentation_model_is_refused_in_words() {
    let choices = if has_onnx_runtime() { &[EngineChoice::Rten, EngineChoice::OnnxRuntime][..] } else { &[EngineChoice::Rten] };
    for &choice in choices {
        if let Some(model) = shared("models/ch_ppocr_mobile_v2.0_cls_infer.onnx") {
            let card =
                card(&["up", "down"], Activation::Softmax, Colour::Bgr, Layout::Nchw, InputSize::Fixed { width: 192, height: 48 });
            let error = refusal(predictor(&model, choice, card));
            assert!(error.contains("classifier") && error.contains("cls_infer.onnx"), "{error}");
        }
        if let Some(model) = shared("models/road_segmentation_truncated.onnx") {
            let error = engine::open(&model, &settings(choice, 1, None)).map(|_| ()).unwrap_err().to_string();
            assert!(error.contains("damaged or cut off") && error.contains("truncated.onnx"), "{error}");
        }
        if let Some(model) = shared("models/cvgraph_inrange.onnx") {
            let card =
                card(&["a", "b", "c"], Activation::Sigmoid, Colour::Rgb, Layout::Nchw, InputSize::Dynamic { multiple_of: 1 });
            let error = refusal(predictor(&model, choice, card));
            assert!(error.contains("3 inputs") && error.contains("lower"), "{error}");
        }
        if let Some(model) = shared("models/magnetic_tile_unet.onnx") {
            let card = card(&CLASSES, Activation::Softmax, Colour::Rgb, Layout::Nchw, InputSize::Dynamic { multiple_of: 16 });
            let error = refusal(predictor(&model, choice, card));
            assert!(error.contains("1 channels"), "{error}");
            // A multiple that is too small makes the network fail inside; that is an error which names a place, not a panic.
            let mut card = tile_card();
            card.input.size = InputSize::Dynamic { multiple_of: 1 };
            let error = predictor(&model, choice, card)
                .and_then(|mut p| p.predict(&Photo::Gray8(Plane::filled(37, 41, 90))))
                .unwrap_err()
                .to_string();
            println!("{error}");
            assert!(error.contains("failed while running") && error.contains("oncat"), "{error}");
        }
    }
    let error =
        engine::open(Path::new("no/such.onnx"), &settings(EngineChoice::Auto, 1, None)).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("no/such.onnx: cannot be read"), "{error}");
}
