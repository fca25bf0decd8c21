//! CPU time of the boundary check: disks and a 3-px line of given contour length, sharp and blurred, one thread.

use std::hint::black_box;
use std::time::{Duration, Instant};

use delimit::check::{BoundaryCheck, BoundaryKind, Scene, check_image, check_region};
use delimit::raster::{Components, LabelMap, Photo, Plane};

/// Logistic step of about the blur σ: fast to draw, as wide as the error function.
fn step(d: f64, sigma: f64) -> f64 {
    1.0 / (1.0 + (1.702 * d / sigma).exp())
}

struct Case {
    name: &'static str,
    photo: Photo,
    map: LabelMap,
}

/// A photo of what lies at signed distance `distance(x, y)` inside (< 0), and the label 1 px larger than it.
fn case(name: &'static str, size: u32, sigma: f64, noise: f64, distance: impl Fn(f64, f64) -> f64) -> Case {
    let mut state = 1_u64;
    let photo = Plane::from_fn(size, size, |x, y| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        let d = distance(f64::from(x) + 0.5, f64::from(y) + 0.5);
        (90.0 + 60.0 * step(d, sigma) + noise * 3.46 * uniform).round() as u8
    });
    let label = Plane::from_fn(size, size, |x, y| u8::from(distance(f64::from(x) + 0.5, f64::from(y) + 0.5) <= 1.0));
    Case { name, photo: Photo::Gray8(photo), map: LabelMap::from_plane(&label) }
}

fn main() {
    large_image();
    let disk = |r: f64, centre: f64| move |x: f64, y: f64| (x - centre).hypot(y - centre) - r;
    let line = |x: f64, y: f64| {
        let along = (x * 0.8 + y * 0.6).clamp(60.0, 205.0);
        (x - along * 0.8).hypot(y - along * 0.6) - 1.5
    };
    let cases = [
        case("disk, sharp", 512, 1.0, 5.0, disk(48.0, 250.0)),
        case("disk, blurred (two passes)", 512, 2.5, 5.0, disk(48.0, 250.0)),
        case("disk, noisy (all scales)", 512, 1.5, 40.0, disk(48.0, 250.0)),
        case("line of 3 px, sharp", 512, 1.0, 5.0, line),
        case("large disk, sharp", 2048, 1.0, 5.0, disk(480.0, 1000.0)),
    ];
    for c in &cases {
        let components = Components::of(&c.map);
        let scene = Scene::new(&c.photo, &c.map, None);
        let settings = BoundaryCheck::default();
        let mut times: Vec<Duration> = Vec::new();
        let started = Instant::now();
        while times.len() < 20 || started.elapsed() < Duration::from_millis(600) {
            let t = Instant::now();
            black_box(check_region(&scene, components.runs(0), BoundaryKind::Sharp, &settings));
            times.push(t.elapsed());
        }
        times.sort_unstable();
        let result = check_region(&scene, components.runs(0), BoundaryKind::Sharp, &settings);
        println!(
            "{:28} {:5} contour points: median {:7.3} ms, fastest {:7.3} ms ({} runs; {}, bias {:+.2} px)",
            c.name,
            result.points.len(),
            times[times.len() / 2].as_secs_f64() * 1e3,
            times[0].as_secs_f64() * 1e3,
            times.len(),
            result.verdict.label(),
            result.bias_px
        );
    }
}

/// 50 spots of 18–30 px radius on 12 megapixels, in gray and in colour, on one core.
fn large_image() {
    let (w, h) = (4000, 3000);
    let distance = |x: f64, y: f64| {
        let (i, j) = ((x / 400.0).floor(), (y / 600.0).floor());
        (x - 400.0 * i - 200.0).hypot(y - 600.0 * j - 300.0) - 18.0 - (3.0 * i + 2.0 * j) % 12.0
    };
    let mut state = 7_u64;
    let gray = Plane::from_fn(w, h, |x, y| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let uniform = (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        (90.0 + 60.0 * step(distance(f64::from(x) + 0.5, f64::from(y) + 0.5), 1.0) + 17.0 * uniform).round() as u8
    });
    let label = Plane::from_fn(w, h, |x, y| u8::from(distance(f64::from(x) + 0.5, f64::from(y) + 0.5) <= 1.0));
    let map = LabelMap::from_plane(&label);
    let colour = Photo::Rgb8(gray.map(|v| [v, v / 2 + 40, 90]));
    let Ok(pool) = rayon::ThreadPoolBuilder::new().num_threads(1).build() else { return };
    for (name, photo) in [("gray", Photo::Gray8(gray)), ("colour", colour)] {
        let mut times = Vec::new();
        let mut checks = Vec::new();
        for _ in 0..12 {
            let t = Instant::now();
            checks = pool.install(|| check_image(&photo, &map, &BoundaryCheck::default(), |_| BoundaryKind::Sharp, None));
            times.push(t.elapsed());
        }
        times.sort_unstable();
        let t = Instant::now();
        for check in &mut checks {
            check.result.judge_again(BoundaryKind::Sharp, &BoundaryCheck { tolerance_px: 1.0, ..BoundaryCheck::default() });
        }
        println!(
            "12 MP {name}, {} regions, one core: median {:.1} ms, fastest {:.1} ms; judged again: {:.1} µs per region",
            checks.len(),
            times[times.len() / 2].as_secs_f64() * 1e3,
            times[0].as_secs_f64() * 1e3,
            t.elapsed().as_secs_f64() * 1e6 / checks.len() as f64,
        );
    }
}
