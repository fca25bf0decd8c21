//! Model cards as people write them, the decision against brute force, and predictions that come back from disk.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

use std::path::Path;

use delimit::predict::postprocess::Decision;
use delimit::predict::{
    Activation, Answered, CardInput, CardOutput, Colour, InputSize, Layout, ModelAnswer, ModelCard, ModelKey, ModelKind,
    PredictError, PredictionCache, Resize,
};
use delimit::raster::{LabelMap, PixelRect, Plane};
use proptest::prelude::*;

const WRITTEN: &str = r#"(
    format: 1,
    name: "housing sample model",
    input: (channels: 1, layout: nchw, size: dynamic(multiple_of: 8), scale: 0.00392156862745098, mean: [0.0], std: [1.0], colour: gray),
    output: (activation: softmax, classes: ["background", "scratch", "pit", "crack", "stain"]),
    note: "",
)
"#;

fn card(text: &str) -> Result<ModelCard, PredictError> {
    ModelCard::parse(text, Path::new("models/housing.ron"))
}

/// The error for a card with one piece replaced.
fn refused(from: &str, to: &str) -> String {
    assert!(WRITTEN.contains(from), "{from}");
    card(&WRITTEN.replace(from, to)).unwrap_err().to_string()
}

#[test]
fn a_card_is_read_as_it_is_written() {
    let expected = ModelCard {
        format: 1,
        name: "housing sample model".to_owned(),
        kind: ModelKind::Segmentation,
        input: CardInput {
            channels: 1,
            layout: Layout::Nchw,
            size: InputSize::Dynamic { multiple_of: 8 },
            scale: 1.0 / 255.0,
            mean: vec![0.0],
            std: vec![1.0],
            colour: Colour::Gray,
            resize: Resize::Smooth,
            ..CardInput::default()
        },
        output: CardOutput {
            activation: Activation::Softmax,
            classes: ["background", "scratch", "pit", "crack", "stain"].map(str::to_owned).to_vec(),
            threshold: None,
            ..CardOutput::default()
        },
        note: String::new(),
    };
    assert_eq!(card(WRITTEN).unwrap(), expected);
    assert_eq!(expected.output_channels(), 5);
    assert_eq!(ModelCard::path_beside(Path::new("models/housing.onnx")), Path::new("models/housing.ron"));
}

#[test]
fn what_is_optional_is_written_plainly() {
    let text = WRITTEN
        .replace("dynamic(multiple_of: 8)", "fixed(width: 896, height: 512), resize: plain")
        .replace("softmax", "sigmoid, threshold: 0.3")
        .replace("\"background\", ", "");
    let card = card(&text).unwrap();
    assert_eq!(card.input.size, InputSize::Fixed { width: 896, height: 512 });
    assert_eq!((card.input.resize, card.output.threshold), (Resize::Plain, Some(0.3)));
    let text = card.to_ron().unwrap();
    assert!(text.contains("threshold: 0.3") && text.contains("fixed(") && text.contains("resize: plain"), "{text}");
}

#[test]
fn a_broken_card_names_file_line_and_column() {
    let error = refused("layout: nchw", "layout: nxhw");
    assert!(error.starts_with("models/housing.ron:4:") && error.contains("nxhw"), "{error}");
    let error = refused("name: \"housing sample model\",\n", "name: \"housing sample model\"\n");
    assert!(error.starts_with("models/housing.ron:4:"), "{error}");
    let error = refused("note: \"\"", "nota: \"\"");
    assert!(error.starts_with("models/housing.ron:6:") && error.contains("nota"), "{error}");
    let error = card("").unwrap_err().to_string();
    assert!(error.starts_with("models/housing.ron:1:"), "{error}");
}

#[test]
fn a_newer_format_is_named_as_such_whatever_else_it_holds() {
    let error = refused("format: 1", "format: 99, precision: half(bits: 16)");
    assert!(error.contains("models/housing.ron") && error.contains("format 99") && error.contains("update Delimit"), "{error}");
    assert!(refused("format: 1", "format: 0").contains("format 0"));
}

#[test]
fn a_card_that_makes_no_sense_is_refused_in_words() {
    for (from, to, word) in [
        ("channels: 1", "channels: 3", "colour Gray has 1 channels"),
        ("mean: [0.0]", "mean: [0.0, 0.0]", "`mean` and `std` need 1"),
        ("std: [1.0]", "std: [0.0]", "`std` divides"),
        ("scale: 0.00392156862745098", "scale: 0.0", "`scale`"),
        ("multiple_of: 8", "multiple_of: 0", "`multiple_of`"),
        ("dynamic(multiple_of: 8)", "fixed(width: 0, height: 4)", "at least 1 × 1"),
        ("multiple_of: 8", "multiple_of: 4097", "`multiple_of` is 4097 px, but at most 4096 px"),
        ("multiple_of: 8", "multiple_of: 4294967295", "`multiple_of` is 4294967295 px"),
        ("dynamic(multiple_of: 8)", "fixed(width: 16385, height: 1)", "16385 × 1 px has a side of more than 16384 px"),
        ("dynamic(multiple_of: 8)", "fixed(width: 1, height: 4294967295)", "1 × 4294967295 px has a side of more than 16384 px"),
        ("dynamic(multiple_of: 8)", "fixed(width: 16000, height: 4001)", "65 MP, but at most 64 MP"),
        ("dynamic(multiple_of: 8)", "fixed(width: 16384, height: 16384)", "269 MP, but at most 64 MP"),
        ("\"pit\"", "\"crack\"", "twice"),
        ("\"pit\"", "\" \"", "no name"),
        ("softmax", "softmax, threshold: 1.5", "`threshold`"),
    ] {
        let error = refused(from, to);
        assert!(error.contains(word) && error.contains("housing sample model"), "{error}");
    }
}

#[test]
fn the_largest_sizes_of_a_card_are_taken() {
    for (from, to, size) in [
        ("multiple_of: 8", "multiple_of: 4096", InputSize::Dynamic { multiple_of: 4096 }),
        ("dynamic(multiple_of: 8)", "fixed(width: 16384, height: 3906)", InputSize::Fixed { width: 16_384, height: 3906 }),
        ("dynamic(multiple_of: 8)", "fixed(width: 8000, height: 8000)", InputSize::Fixed { width: 8000, height: 8000 }),
    ] {
        assert_eq!(card(&WRITTEN.replace(from, to)).unwrap().input.size, size);
    }
}

#[test]
fn classes_find_their_ids_by_name_in_any_order() {
    let card = card(WRITTEN).unwrap();
    let project = [(7, "crack"), (3, "stain"), (200, "scratch"), (1, "dent"), (9, "pit")];
    assert_eq!(card.class_ids(&project).unwrap(), [0, 200, 9, 7, 3]);
    let error = card.class_ids(&project[1..4]).unwrap_err().to_string();
    assert!(error.contains("does not have: pit, crack;") && error.contains("stain, scratch, dent"), "{error}");
}

fn any_card() -> impl Strategy<Value = ModelCard> {
    let size = prop_oneof![
        (1_u32..64).prop_map(|multiple_of| InputSize::Dynamic { multiple_of }),
        (1_u32..4000, 1_u32..4000).prop_map(|(width, height)| InputSize::Fixed { width, height }),
    ];
    let colour = prop_oneof![Just(Colour::Gray), Just(Colour::Rgb), Just(Colour::Bgr)];
    let activation =
        prop_oneof![Just(Activation::Softmax), Just(Activation::Sigmoid), Just(Activation::Logits), Just(Activation::Argmax)];
    let numbers = (0.001_f32..2.0, -200.0_f32..200.0, 0.01_f32..99.0, proptest::option::of(0.01_f32..1.0));
    (size, colour, activation, numbers, ".{0,12}", any::<[bool; 2]>()).prop_map(
        |(size, colour, activation, (scale, mean, std, threshold), text, [nchw, smooth])| {
            let channels: u32 = if colour == Colour::Gray { 1 } else { 3 };
            ModelCard {
                format: 1,
                name: text.clone(),
                kind: ModelKind::Segmentation,
                input: CardInput {
                    channels,
                    layout: if nchw { Layout::Nchw } else { Layout::Nhwc },
                    size,
                    scale,
                    mean: vec![mean; channels as usize],
                    std: vec![std; channels as usize],
                    colour,
                    resize: if smooth { Resize::Smooth } else { Resize::Plain },
                    ..CardInput::default()
                },
                output: CardOutput {
                    activation,
                    classes: vec!["background".to_owned(), format!("x{text}")],
                    threshold,
                    ..CardOutput::default()
                },
                note: text,
            }
        },
    )
}

/// Values with many ties.
fn any_score() -> impl Strategy<Value = f32> {
    prop_oneof![(0_u8..6).prop_map(|v| f32::from(v) / 5.0), 0.0_f32..1.0]
}

fn card_of(classes: usize, background: Option<usize>, activation: Activation, threshold: Option<f32>) -> (ModelCard, Vec<u8>) {
    let mut card = card(WRITTEN).unwrap();
    let name = |i: usize| if Some(i) == background { "background".to_owned() } else { format!("c{i}") };
    card.output = CardOutput { activation, classes: (0..classes).map(name).collect(), threshold, ..CardOutput::default() };
    let ids = (0..classes).map(|i| if Some(i) == background { 0 } else { 100 - i as u8 }).collect();
    (card, ids)
}

proptest! {
    #[test]
    fn a_card_survives_being_written_and_read(original in any_card()) {
        let text = original.to_ron().unwrap();
        prop_assert_eq!(card(&text).unwrap(), original, "{}", text);
    }

    #[test]
    fn the_decision_equals_brute_force(
        channels in 1_usize..9,
        background in proptest::option::of(0_usize..9),
        threshold in proptest::option::of(prop_oneof![Just(0.4_f32), 0.01_f32..1.0]),
        pixels in proptest::collection::vec(proptest::array::uniform8(any_score()), 1..2100),
    ) {
        let background = background.filter(|&b| b < channels);
        let (card, ids) = card_of(channels, background, Activation::Softmax, threshold);
        let planes: Vec<Vec<f32>> = (0..channels).map(|c| pixels.iter().map(|p| p[c]).collect()).collect();
        let slices: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
        let (mut class, mut probability) = (vec![255; pixels.len()], vec![0; pixels.len()]);
        let seen = Decision::new(&card, &ids).decide(&slices, &mut class, &mut probability);
        prop_assert_eq!(seen.not_a_number, 0);
        for (i, pixel) in pixels.iter().enumerate() {
            let best_of = |wanted: &dyn Fn(usize) -> bool| {
                let mut best: Option<usize> = None;
                for c in (0..channels).filter(|&c| wanted(c)) {
                    if best.is_none_or(|b| pixel[c] > pixel[b]) {
                        best = Some(c);
                    }
                }
                best
            };
            let (expected, p) = match (threshold, background) {
                (None, Some(_)) => {
                    let best = best_of(&|_| true).unwrap();
                    (ids[best], pixel[best])
                }
                _ => match best_of(&|c| Some(c) != background) {
                    Some(best) if pixel[best] >= threshold.unwrap_or(0.5) => (ids[best], pixel[best]),
                    Some(best) => (0, background.map_or(1.0 - pixel[best], |b| pixel[b])),
                    None => (0, pixel[0]),
                },
            };
            prop_assert_eq!(class[i], expected, "pixel {} {:?}", i, pixel);
            prop_assert!((f32::from(probability[i]) - 255.0 * p).abs() <= 0.501, "pixel {} {:?}: {}", i, pixel, probability[i]);
        }
    }

    #[test]
    fn softmax_of_logits_equals_the_definition(pixels in proptest::collection::vec(proptest::array::uniform4(-30.0_f32..30.0), 1..40)) {
        let (card, ids) = card_of(4, Some(1), Activation::Logits, None);
        let planes: Vec<Vec<f32>> = (0..4).map(|c| pixels.iter().map(|p| p[c]).collect()).collect();
        let slices: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
        let (mut class, mut probability) = (vec![0; pixels.len()], vec![0; pixels.len()]);
        Decision::new(&card, &ids).decide(&slices, &mut class, &mut probability);
        for (i, pixel) in pixels.iter().enumerate() {
            let powers = pixel.map(|v| f64::from(v).exp());
            let best = (0..4).max_by(|&a, &b| pixel[a].total_cmp(&pixel[b])).unwrap();
            prop_assert_eq!(class[i], ids[best]);
            let p = 255.0 * powers[best] / powers.iter().sum::<f64>();
            prop_assert!((f64::from(probability[i]) - p).abs() <= 0.51);
        }
    }

    #[test]
    fn a_prediction_comes_back_from_disk_and_damage_is_noticed(
        width in 1_u32..600, height in 1_u32..40, salt in any::<u64>(), at in any::<prop::sample::Index>(), flip in 1_u8..=255,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let cache = PredictionCache::new(folder.path().join("predictions"));
        let key = ModelKey::new(b"model", b"card", &[0, 1]).with_image(&salt.to_le_bytes());
        prop_assert!(cache.get(&key).is_none());
        let prediction = prediction(width, height, salt);
        cache.put(&key, &prediction).unwrap();
        prop_assert!(cache.get(&key).is_some_and(|found| found == prediction));

        let file = cache.path_of(&key);
        let whole = std::fs::read(&file).unwrap();
        let at = at.index(whole.len());
        std::fs::write(&file, &whole[..at]).unwrap();
        prop_assert!(cache.get(&key).is_none());
        let mut altered = whole.clone();
        altered[at] ^= flip;
        std::fs::write(&file, altered).unwrap();
        prop_assert!(cache.get(&key).is_none());
        // Computed again, and good again.
        prop_assert_eq!(&cache.get_or_predict(&key, || Ok::<_, PredictError>(prediction.clone())).unwrap(), &prediction);
        prop_assert_eq!(std::fs::read(&file).unwrap(), whole);
    }
}

fn prediction(width: u32, height: u32, salt: u64) -> ModelAnswer {
    let value =
        |x: u32, y: u32| (u64::from(x / 9 + 7 * (y / 5)).wrapping_add(salt).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8;
    let probability = Plane::from_fn(width, height, value);
    let said = match salt % 4 {
        0 => Answered::Scores { probability },
        1 => Answered::Statement { class: value(3, 5), probability: value(7, 2) },
        _ => Answered::Map { class: LabelMap::from_plane(&Plane::from_fn(width, height, |x, y| value(x, y) % 5)), probability },
    };
    ModelAnswer { said, size: (width, height), engine: "rten 0.27".to_owned() }
}

#[test]
fn scores_that_are_no_numbers_are_counted_and_never_win() {
    let (card, ids) = card_of(3, Some(0), Activation::Softmax, None);
    let (nan, big) = (f32::NAN, 0.9);
    let planes: [&[f32]; 3] = [&[nan, 0.1, nan], &[0.4, big, nan], &[0.3, nan, nan]];
    let (mut class, mut probability) = ([9; 3], [9; 3]);
    let seen = Decision::new(&card, &ids).decide(&planes, &mut class, &mut probability);
    assert_eq!(seen.not_a_number, 1 + 1 + 3);
    assert_eq!(class[..2], [99, 99]);
    assert_eq!((seen.lowest, seen.highest), (f32::NEG_INFINITY, big));
}

#[test]
fn a_full_cache_lets_the_oldest_entries_go_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let cache = PredictionCache::new(folder.path());
    let keys: Vec<_> = (0..5_u8).map(|i| ModelKey::new(b"m", b"c", &[i]).with_image(b"i")).collect();
    for (i, key) in keys.iter().enumerate() {
        cache.put(key, &prediction(40, 30, 2)).unwrap();
        let when = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1000 * (7 - i as u64));
        std::fs::File::options().write(true).open(cache.path_of(key)).unwrap().set_modified(when).unwrap();
    }
    std::fs::write(folder.path().join("somebody's.txt"), [0; 5000]).unwrap();
    let size = std::fs::metadata(cache.path_of(&keys[0])).unwrap().len();
    assert_eq!(cache.shrink_to(5 * size), 0);
    // The last two were written first.
    assert_eq!(cache.shrink_to(3 * size), 2);
    assert_eq!(keys.iter().map(|k| cache.get(k).is_some()).collect::<Vec<_>>(), [true, true, true, false, false]);
    assert!(folder.path().join("somebody's.txt").exists());
}

#[test]
fn the_key_changes_with_everything_that_changes_the_prediction() {
    let base = ModelKey::new(b"model", b"card", &[0, 1]).with_image(b"image");
    let others = [
        ModelKey::new(b"model2", b"card", &[0, 1]).with_image(b"image"),
        ModelKey::new(b"model", b"card2", &[0, 1]).with_image(b"image"),
        ModelKey::new(b"model", b"card", &[0, 2]).with_image(b"image"),
        ModelKey::new(b"model", b"card", &[0, 1]).with_image(b"image2"),
        ModelKey::new(b"model", b"card", &[0, 1]).with_view(PixelRect::new(0, 0, 5, 6)).with_image(b"image"),
        // Bytes that move from one part to the next.
        ModelKey::new(b"modelc", b"ard", &[0, 1]).with_image(b"image"),
    ];
    assert!(others.iter().all(|other| *other != base));
    assert_eq!(ModelKey::new(b"model", b"card", &[0, 1]).with_image(b"image"), base);

    let folder = tempfile::tempdir().unwrap();
    let (model, card) = (folder.path().join("m.onnx"), folder.path().join("m.ron"));
    std::fs::write(&model, b"model").unwrap();
    let error = ModelKey::of_file(&model, &card, &[0, 1]).unwrap_err().to_string();
    assert!(error.contains("m.ron: cannot be read"), "{error}");
    std::fs::write(&card, b"card").unwrap();
    assert_eq!(ModelKey::of_file(&model, &card, &[0, 1]).unwrap().with_image(b"image"), base);
}

#[test]
fn a_cache_that_cannot_be_written_to_does_not_cost_the_prediction() {
    let folder = tempfile::tempdir().unwrap();
    let blocked = folder.path().join("file");
    std::fs::write(&blocked, b"a file where the folder should be").unwrap();
    let cache = PredictionCache::new(blocked.join("predictions"));
    let key = ModelKey::new(b"m", b"c", &[]).with_image(b"i");
    let prediction = prediction(20, 10, 1);
    assert!(matches!(cache.put(&key, &prediction), Err(PredictError::Write { .. })));
    assert_eq!(cache.get_or_predict(&key, || Ok::<_, PredictError>(prediction.clone())).unwrap(), prediction);
    let failed = cache.get_or_predict(&key, || Err(PredictError::Cancelled));
    assert!(matches!(failed, Err(PredictError::Cancelled)));
}

#[test]
fn a_failed_or_finished_write_leaves_no_scraps() {
    let folder = tempfile::tempdir().unwrap();
    let cache = PredictionCache::new(folder.path());
    let key = ModelKey::new(b"m", b"c", &[]).with_image(b"i");
    cache.put(&key, &prediction(20, 10, 1)).unwrap();
    cache.put(&key, &prediction(20, 10, 2)).unwrap();
    assert_eq!(cache.get(&key).unwrap(), prediction(20, 10, 2));
    // A folder in the place of the entry makes the rename fail.
    let other = ModelKey::new(b"m", b"c", &[]).with_image(b"other");
    std::fs::create_dir_all(cache.path_of(&other).join("x")).unwrap();
    assert!(cache.put(&other, &prediction(20, 10, 1)).is_err());
    let names: Vec<String> = folder
        .path()
        .read_dir()
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .filter(|n| Path::new(n).extension().is_none_or(|e| e != "prd"))
        .collect();
    assert!(names.is_empty(), "{names:?}");
}
