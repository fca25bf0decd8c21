//! Megapixels per second: both engines on a real U-Net (0.48 or 0.37 M parameters), and the decision behind them.
//!
//! `cargo bench --bench predict`. Needs the shared models; ONNX Runtime where `ORT_DYLIB_PATH` is set.

use std::path::{Path, PathBuf};
use std::time::Instant;

use delimit::predict::postprocess::Decision;
use delimit::predict::{EngineChoice, EngineSettings, ModelCard, Predictor, Tensor, engine};
use delimit::raster::{Photo, Plane};

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

fn decide() {
    for channels in [6, 8] {
        let pixels = 12_000_000_usize;
        let planes: Vec<Vec<f32>> = (0..channels)
            .map(|c| (0..pixels as u32).map(|i| ((i + 977 * c).wrapping_mul(2_654_435_761) >> 8) as f32 / 16_777_216.0).collect())
            .collect();
        let slices: Vec<&[f32]> = planes.iter().map(Vec::as_slice).collect();
        let mut card = match ModelCard::parse(CARD, Path::new("bench.ron")) {
            Ok(card) => card,
            Err(error) => return println!("{error}"),
        };
        card.output.classes = (0..channels).map(|c| if c == 0 { "background".to_owned() } else { format!("c{c}") }).collect();
        let ids: Vec<u8> = (0..channels as u8).collect();
        let mut decision = Decision::new(&card, &ids);
        let (mut class, mut probability) = (vec![0; pixels], vec![0; pixels]);
        let seconds = fastest(5, || {
            decision.decide(&slices, &mut class, &mut probability);
        });
        let mut sum = 0.0_f32;
        let floor = fastest(5, || {
            sum += slices.iter().map(|plane| plane.chunks(8).map(|c| c[0]).sum::<f32>()).sum::<f32>();
        });
        println!(
            "decision, {channels} channels, 12 MP, 1 thread: {:.1} ms, {:.0} MP/s (reading alone {:.1} ms, {sum:.0})",
            seconds * 1e3,
            pixels as f64 / 1e6 / seconds,
            floor * 1e3
        );
    }
}
