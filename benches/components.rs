//! How long it takes to find and measure every region of a class map, for maps of four kinds:
//!
//! - `sparse`: 20 filled ellipses, what a real part looks like;
//! - `dense`: 1 % of the pixels in a random class;
//! - `scratch`: 60 curved lines, 3–9 px wide, over the whole image;
//! - `noise50`: every second pixel by chance, the worst case for work on runs.
//!
//! `cargo bench --bench components` (`-- 12MP,100MP sparse,scratch` for other sizes and kinds). With `PEER_DATA` set to a folder, the
//! maps are read from `<kind>_<size>.u8` there (raw, row by row), so that other tools can be run on the very same pixels.
//! The number of regions and their area are checked against a flood fill pixel by pixel.
//!
//! `DELIMIT_PEERS_PYTHON` names a Python with cc3d, OpenCV or scikit-image: they measure the same map right after, and the ratio of CPU
//! times to components with all features that are always measured is printed (scikit-image's full properties on `sparse` and `scratch`
//! only: each region costs it milliseconds).
//!
//! Instruction counts do not depend on what else the machine does. That of measuring one fixed map of 12 MP:
//! `valgrind --tool=callgrind --toggle-collect='*counted*' target/release/deps/components-… 12MP scratch once` (without `PEER_DATA`)
//! collects 40.5 million instructions for 166 regions (x86-64).

mod timing;

use std::f64::consts::{PI, TAU};
use std::hint::black_box;

use delimit::measure::{Calibration, FeatureSet, Measuring, Region, regions};
use delimit::raster::{Components, LabelMap, Plane, runs};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|a| !a.starts_with('-')).collect();
    let word = |i: usize, default: &str| words.get(i).map_or(default, String::as_str).to_owned();
    let is_once = words.iter().any(|w| w == "once");
    if !is_once {
        println!("| map | regions | area px | what | CPU ms | wall ms | MP/s of CPU |");
        println!("| --- | --- | --- | --- | --- | --- | --- |");
    }
    for size in word(0, "12MP").split(',') {
        for kind in word(1, "sparse,dense,scratch,noise50").split(',') {
            let plane = input(kind, size);
            if is_once {
                let map = LabelMap::from_plane(&plane);
                let found = counted(&map, &measuring());
                let squares: u64 = found.iter().map(|r| r.pixels * r.pixels).sum();
                println!("{kind} {size}: {} regions, squares of their areas sum up to {squares} px²", found.len());
            } else {
                run(&format!("{kind} {size}"), &plane);
            }
        }
    }
}

fn measuring() -> Measuring<'static> {
    Measuring { calibration: Some(Calibration::square(0.02)), ..Measuring::default() }
}

/// The function whose instructions are counted.
#[inline(never)]
fn counted(map: &LabelMap, with: &Measuring<'_>) -> Vec<Region> {
    black_box(regions(black_box(map), with))
}

fn run(name: &str, plane: &Plane<u8>) {
    let map = LabelMap::from_plane(plane);
    let zones = zone_map(plane.width(), plane.height());
    let with = measuring();
    let in_zones = Measuring { zones: Some(&zones), ignored_zones: &[9], ..with };

    let found = regions(&map, &with);
    let area: u64 = found.iter().map(|r| r.pixels).sum();
    assert_eq!((found.len(), area), flood_fill(plane), "a flood fill finds the same");
    let shares: u64 = regions(&map, &in_zones).iter().flat_map(|r| &r.zones).map(|s| s.pixels).sum();
    let expected = (0..plane.height()).flat_map(|y| (0..plane.width()).map(move |x| (x, y)));
    let expected = expected.filter(|&(x, y)| plane.at(x, y) != 0 && zones.get(x, y) != 9).count();
    assert_eq!(shares, expected as u64, "every pixel outside the ignored zone is in one zone");

    let megapixels = plane.as_slice().len() as f64 / 1e6;
    let line = |what: &str, time: timing::Time| {
        let timing::Time { cpu_ms, wall_ms } = time;
        let speed = megapixels / cpu_ms * 1e3;
        println!("| {name} | {} | {area} | {what} | {cpu_ms:.3} | {wall_ms:.3} | {speed:.0} |", found.len());
    };
    let nothing = || ();
    line("dense array → label map", timing::median(9, nothing, |()| LabelMap::from_plane(plane)));
    line("runs", timing::median(9, nothing, |()| runs::runs(&map)));
    line("runs, components", timing::median(9, nothing, |()| Components::of(&map)));
    let own = timing::median(9, nothing, |()| counted(&map, &with));
    line("runs, components, all features", own);
    line("the same with 4 zones, one of them ignored", timing::median(9, nothing, |()| counted(&map, &in_zones)));
    let dense = timing::median(9, nothing, |()| counted(&LabelMap::from_plane(plane), &with));
    line("all from the dense array", dense);
    if megapixels < 13.0 && found.len() < 10_000 {
        let on_demand = Measuring { features: FeatureSet::ALL, ..with };
        line("with all on demand but the edges in a photo", timing::median(3, nothing, |()| counted(&map, &on_demand)));
    }
    peers(name, plane, own.cpu_ms, dense.cpu_ms);
}

/// The same map measured by other tools, where a Python has them.
fn peers(name: &str, plane: &Plane<u8>, own_ms: f64, dense_ms: f64) {
    let Ok(python) = std::env::var("DELIMIT_PEERS_PYTHON") else { return };
    let path = std::env::temp_dir().join(format!("delimit-components-{}.u8", std::process::id()));
    std::fs::write(&path, plane.as_slice()).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let script = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/components_peers.py");
    // Next to a package of benches alone, the script lies beside this file.
    let script = if script.exists() { script } else { std::path::Path::new(file!()).with_file_name("components_peers.py") };
    let mut command = std::process::Command::new(python);
    command.arg(script).arg(&path).args([plane.width().to_string(), plane.height().to_string()]);
    if name.starts_with("sparse") || name.starts_with("scratch") {
        command.arg("full");
    }
    let output = command.output().unwrap_or_else(|e| panic!("DELIMIT_PEERS_PYTHON: {e}"));
    eprint!("{}", String::from_utf8_lossy(&output.stderr));
    for line in String::from_utf8_lossy(&output.stdout).lines() {
        if let [what, regions, ms] = line.split('\t').collect::<Vec<_>>()[..] {
            let ms: f64 = ms.parse().unwrap_or(f64::NAN);
            let (ratio, from_dense) = (ms / own_ms, ms / dense_ms);
            println!(
                "| {name} | {regions} | | {what} | {ms:.1} | | {ratio:.1} × ours, {from_dense:.1} × ours from the dense array |"
            );
        }
    }
    let _ = std::fs::remove_file(path);
}

/// Left third 1, middle third 2, the rest 3; an ignored disk (9) in the middle.
fn zone_map(width: u32, height: u32) -> LabelMap {
    let (cx, cy, r) = (f64::from(width) / 2.0, f64::from(height) / 2.0, f64::from(height) / 6.0);
    LabelMap::from_plane(&Plane::from_fn(width, height, |x, y| {
        let (dx, dy) = (f64::from(x) - cx, f64::from(y) - cy);
        if dx * dx + dy * dy < r * r { 9 } else { 1 + (3 * x / width) as u8 }
    }))
}

/// Number of 8-connected components of equal value above 0 and their pixels, one pixel after the other.
fn flood_fill(plane: &Plane<u8>) -> (usize, u64) {
    let (width, height) = (plane.width() as usize, plane.height() as usize);
    let mut left = plane.as_slice().to_vec();
    let (mut count, mut area) = (0, 0);
    let mut queue = Vec::new();
    for start in 0..left.len() {
        let value = left[start];
        if value == 0 {
            continue;
        }
        count += 1;
        left[start] = 0;
        queue.push(start);
        while let Some(at) = queue.pop() {
            area += 1;
            let (x, y) = (at % width, at / width);
            for ny in y.saturating_sub(1)..(y + 2).min(height) {
                for nx in x.saturating_sub(1)..(x + 2).min(width) {
                    if left[ny * width + nx] == value {
                        left[ny * width + nx] = 0;
                        queue.push(ny * width + nx);
                    }
                }
            }
        }
    }
    (count, area)
}

// ----------------------------------------------------------------------------------------------------------------------- the input

fn input(kind: &str, size: &str) -> Plane<u8> {
    let (width, height) = match size {
        "1MP" => (1000, 1000),
        "12MP" => (4000, 3000),
        "48MP" => (8000, 6000),
        "100MP" => (10_000, 10_000),
        _ => panic!("{size:?} is no size: 1MP, 12MP, 48MP or 100MP"),
    };
    if let Ok(folder) = std::env::var("PEER_DATA") {
        let path = std::path::Path::new(&folder).join(format!("{kind}_{size}.u8"));
        let bytes = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
        return Plane::from_vec(width, height, bytes);
    }
    let mut random = Random(7);
    match kind {
        "sparse" => sparse(width, height, &mut random),
        "scratch" => scratch(width, height, &mut random),
        "dense" => {
            Plane::from_fn(width, height, |_, _| if random.uniform() < 0.01 { 1 + (random.uniform() * 7.0) as u8 } else { 0 })
        }
        "noise50" => Plane::from_fn(width, height, |_, _| u8::from(random.uniform() < 0.5)),
        _ => panic!("{kind:?} is no kind: sparse, dense, scratch or noise50"),
    }
}

fn sparse(width: u32, height: u32, random: &mut Random) -> Plane<u8> {
    let mut plane = Plane::filled(width, height, 0);
    for i in 0..20 {
        let (cx, cy) = (random.between(80.0, f64::from(width) - 80.0), random.between(80.0, f64::from(height) - 80.0));
        let (a, b, (s, c)) = (random.between(6.0, 60.0), random.between(6.0, 60.0), random.between(0.0, PI).sin_cos());
        for y in (cy - 60.0) as u32..(cy + 61.0) as u32 {
            for x in (cx - 60.0) as u32..(cx + 61.0) as u32 {
                let (dx, dy) = (f64::from(x) - cx, f64::from(y) - cy);
                if ((dx * c + dy * s) / a).powi(2) + ((dy * c - dx * s) / b).powi(2) <= 1.0 {
                    plane.set(x, y, 1 + i % 7);
                }
            }
        }
    }
    plane
}

fn scratch(width: u32, height: u32, random: &mut Random) -> Plane<u8> {
    let mut plane = Plane::filled(width, height, 0);
    for i in 0..60 {
        let (mut x, mut y) = (random.between(0.0, f64::from(width)), random.between(0.0, f64::from(height)));
        let (angle, length) = (random.between(0.0, TAU), random.between(0.3, 0.9) * f64::from(width.min(height)));
        let (curl, phase, r) = (random.between(-2.5, 2.5), random.between(0.0, TAU), random.between(1.5, 4.5));
        for step in 0..length as u32 {
            let t = f64::from(step) / length;
            let (s, c) = (angle + curl * t + 0.3 * (8.0 * t + phase).sin()).sin_cos();
            (x, y) = (x + c, y + s);
            for yy in (y - r).max(0.0) as u32..((y + r + 1.0).max(0.0) as u32).min(height) {
                for xx in (x - r).max(0.0) as u32..((x + r + 1.0).max(0.0) as u32).min(width) {
                    if (f64::from(xx) - x).hypot(f64::from(yy) - y) <= r {
                        plane.set(xx, yy, 1 + i % 7);
                    }
                }
            }
        }
    }
    plane
}

/// splitmix64
struct Random(u64);

impl Random {
    /// 0..1
    fn uniform(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn between(&mut self, from: f64, to: f64) -> f64 {
        from + (to - from) * self.uniform()
    }
}
