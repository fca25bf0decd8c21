//! Megapixels per second: both engines on a real U-Net (0.37 M parameters), the decision behind them beside a plain read of the same memory,
//! and the way from probabilities to a verdict.
//!
//! `cargo bench --bench predict`. Needs the shared models; ONNX Runtime where `ORT_DYLIB_PATH` is set.

use std::path::{Path, PathBuf};
use std::time::Instant;

use delimit::judge::{Cell, Limit, Ruleset, judge_part};
use delimit::measure::{Calibration, Feature, Measuring, RegionTable, regions};
use delimit::predict::postprocess::Decision;
use delimit::predict::{EngineChoice, EngineSettings, ModelCard, Predictor, Tensor, engine};
use delimit::raster::{LabelMap, Photo, Plane};

const CARD: &str = r#"(
    format: 1,
    name: "bench",
    input: (channels: 1, layout: nchw, size: dynamic(multiple_of: 16), scale: 0.00392156862745098, mean: [0.0], std: [1.0], colour: gray),
    output: (activation: softmax, classes: ["background", "a", "b", "c", "d", "e"]),
)"#;

/// Seconds of the fastest of `repetitions` runs, after one to warm up: on a shared machine the fastest is the least disturbed.
fn fastest(repetitions: usize, mut work: impl FnMut()) -> f64 {
    work();
    (0..repetitions)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

fn main() {
    decide();
    to_verdict();
    let root =
        std::env::var_os("DELIMIT_SHARED").map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let model = root.join("data/models/magnetic_tile_unet.onnx");
    if !model.exists() {
        return println!("SKIPPED: magnetic_tile_unet.onnx is absent");
    }
    for choice in [EngineChoice::Rten, EngineChoice::OnnxRuntime] {
        if choice == EngineChoice::OnnxRuntime && std::env::var_os("ORT_DYLIB_PATH").is_none() {
            println!("SKIPPED: ORT_DYLIB_PATH is absent");
            continue;
        }
        for threads in [1, 2] {
            if let Err(error) = infer(&model, choice, threads) {
                println!("{error}");
            }
        }
    }
}

fn infer(model: &Path, choice: EngineChoice, threads: usize) -> Result<(), Box<dyn std::error::Error>> {
    let mut engine = engine::open(model, &EngineSettings { choice, threads, ..EngineSettings::default() })?;
    let name = engine.name();
    let value = |i: u32| (i.wrapping_mul(2_654_435_761) >> 8) as f32 / 16_777_216.0;
    let input = Tensor { shape: vec![1, 1, 512, 512], data: (0..512 * 512).map(value).collect() };
    let mut failed = None;
    let seconds = fastest(6, || failed = engine.run(input.clone()).err());
    if let Some(error) = failed {
        return Err(error.into());
    }
    println!("{name}, 512 × 512, {threads} thread(s): {:.1} ms, {:.3} MP/s", seconds * 1e3, 0.262_144 / seconds);

    let card = ModelCard::parse(CARD, Path::new("bench.ron"))?;
    let mut predictor = Predictor::new(engine, card, vec![0, 1, 2, 3, 4, 5])?;
    let photo = Photo::Gray8(Plane::from_fn(512, 512, |x, y| (255.0 * value(y * 512 + x)) as u8));
    let mut failed = None;
    let whole = fastest(6, || failed = predictor.predict(&photo).err());
    if let Some(error) = failed {
        return Err(error.into());
    }
    println!("  with everything around it: {:.1} ms", whole * 1e3);
    Ok(())
}

/// Planes of a 12 MP answer that look random and are the same everywhere.
fn planes(channels: u32, pixels: usize) -> Vec<Vec<f32>> {
    let value = |i: u32, c: u32| ((i + 977 * c).wrapping_mul(2_654_435_761) >> 8) as f32 / 16_777_216.0;
    (0..channels).map(|c| (0..pixels as u32).map(|i| value(i, c)).collect()).collect()
}

fn bench_card(channels: u32) -> Option<(ModelCard, Vec<u8>)> {
    let mut card = ModelCard::parse(CARD, Path::new("bench.ron")).ok()?;
    card.output.classes = (0..channels).map(|c| if c == 0 { "background".to_owned() } else { format!("c{c}") }).collect();
    Some((card, (0..channels as u8).collect()))
}

/// Two pieces of work in turn, and the fastest of each: what disturbs one disturbs the other.
fn side_by_side(rounds: usize, mut a: impl FnMut(), mut b: impl FnMut()) -> (f64, f64) {
    (0..rounds).fold((f64::INFINITY, f64::INFINITY), |(x, y), _| (x.min(fastest(2, &mut a)), y.min(fastest(2, &mut b))))
}

fn decide() {
    let pixels = 12_000_000_usize;
    for channels in [6, 8] {
        let planes = planes(channels, pixels);
        let slices: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
        let Some((mut card, ids)) = bench_card(channels) else { return };
        for threshold in [None, Some(0.3)] {
            card.output.threshold = threshold;
            let mut decision = Decision::new(&card, &ids);
            let (mut class, mut probability) = (vec![0; pixels], vec![0; pixels]);
            let mut sum = 0_u64;
            let (seconds, floor) = side_by_side(
                8,
                || {
                    decision.decide(&slices, &mut class, &mut probability);
                },
                || {
                    for plane in &planes {
                        let pair = |v: &[f32]| u64::from(v[0].to_bits()) | u64::from(v[1].to_bits()) << 32;
                        sum = plane.chunks_exact(2).map(pair).fold(sum, u64::wrapping_add);
                    }
                },
            );
            println!(
                "decision, {channels} channels, {}, 12 MP, 1 thread: {:.1} ms = {:.2} × reading alone ({:.1} ms, {sum:x}), {:.0} MP/s",
                threshold.map_or("highest".to_owned(), |t| format!("threshold {t}")),
                seconds * 1e3,
                seconds / floor,
                floor * 1e3,
                pixels as f64 / 1e6 / seconds,
            );
        }
    }
}

/// From the probabilities of six classes over 12 MP to the verdict on the part: class map, regions with every feature, rules.
fn to_verdict() {
    let (width, height) = (4000_u32, 3000_u32);
    // A defect of every class in each cell of 500 × 500 px, drawn as a disc of its own size; background elsewhere.
    let class_at = |i: u32| {
        let (x, y) = (i % width, i / width);
        let (u, v) = ((x % 500) as i32 - 250, (y % 500) as i32 - 250);
        let cell = x / 500 + 8 * (y / 500);
        let radius = 5 + (cell * 7 % 40) as i32;
        if u * u + v * v <= radius * radius { 1 + cell % 5 } else { 0 }
    };
    let classes: Vec<u32> = (0..width * height).map(class_at).collect();
    let planes: Vec<Vec<f32>> = (0..6).map(|c| classes.iter().map(|&k| if k == c { 0.75 } else { 0.05 }).collect()).collect();
    let slices: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
    let Some((card, ids)) = bench_card(6) else { return };
    let mut ruleset = Ruleset::new("bench");
    let limits = vec![Limit::new(Feature::Area, Some(0.1), Some(40.0))];
    let cell = |c: u32| Cell { class: format!("c{c}"), limits: limits.clone(), ..Cell::default() };
    ruleset.cells = (1..6).map(cell).collect();
    let names: Vec<(u8, String)> = (1..6).map(|c| (c as u8, format!("c{c}"))).collect();
    let rules = match ruleset.compile(&names, &[]) {
        Ok(rules) => rules,
        Err(error) => return println!("{error}"),
    };
    let calibration = Some(Calibration::square(0.1));
    let mut decision = Decision::new(&card, &ids);
    let mut found = (0, None);
    let seconds = fastest(6, || {
        let (mut class, mut probability) = (Plane::filled(width, height, 0_u8), Plane::filled(width, height, 0_u8));
        for y in 0..height {
            let row = (y * width) as usize..((y + 1) * width) as usize;
            let planes: Vec<&[f32]> = slices.iter().map(|plane| &plane[row.clone()]).collect();
            decision.decide(&planes, class.row_mut(y), probability.row_mut(y));
        }
        let map = LabelMap::from_plane(&class);
        let with = Measuring { calibration, probability: Some(&probability), ..Measuring::default() };
        let regions = regions(&map, &with);
        let mut table = RegionTable::new();
        for (i, region) in regions.iter().enumerate() {
            table.push(0, i as u32, region);
        }
        table.finish_part();
        found = (regions.len(), Some(judge_part(&table, 0, &rules).verdict));
    });
    let megapixels = f64::from(width * height) / 1e6;
    println!(
        "probabilities to verdict, 6 classes, 12 MP, 1 thread: {:.1} ms, {:.0} MP/s ({found:?})",
        seconds * 1e3,
        megapixels / seconds
    );
}
