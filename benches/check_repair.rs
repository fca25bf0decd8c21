//! How well snapping repairs labels: true displacement and overlap before and after, on synthetic photos with known truth.
//!
//! `cargo bench --bench check_repair -- 200 301` prints a table for each seed (about 5000 labels). Only labels that the check can measure
//! count; those that are refused stay as they are and count so. All figures are against the truth and not what the check thinks.

#[expect(dead_code, reason = "the other benchmark needs more of it")]
#[path = "check_truth/synth.rs"]
mod synth;

use std::time::Instant;

use delimit::check::{BoundaryCheck, BoundaryKind, Scene, SnapRefusal, Soundness, check_region, snap};
use delimit::raster::{Area, Components, LabelMap, Photo, Plane};
use rayon::prelude::*;
use synth::{Background, Change, Picture, Random, SIDE, Shape, picture};

/// A label is off from here on, px.
const BAD: f64 = 2.0;

struct Row {
    shape: Shape,
    sigma: f64,
    contrast_to_noise: f64,
    change: Change,
    verdict: Soundness,
    /// True P90 before and after, px.
    p90: (f64, f64),
    /// Intersection over union with the exact label, before and after.
    iou: (f64, f64),
    refusal: Option<SnapRefusal>,
}

fn main() {
    let seeds: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    for seed in if seeds.is_empty() { vec![200] } else { seeds } {
        println!("==== seed {seed}");
        print(&rows(seed));
    }
    print_speed();
}

/// The fastest of many runs, alone, so that other work on the machine counts little.
fn print_speed() {
    let picture = picture(Shape::Blob, 0.7, 8.0, Background::Flat, 1.0, &mut Random::new(1, 3));
    let photo = Photo::Gray8(picture.bytes());
    for change in [Change::Offset(2.0), Change::Move(2.0, 2.0), Change::Offset(5.0)] {
        let Some(map) = picture.truth.label(change, &mut Random::new(1, 4)) else { continue };
        let components = Components::of(&map);
        let (scene, settings) = (Scene::new(&photo, &map, None), BoundaryCheck::default());
        let points = check_region(&scene, components.runs(0), BoundaryKind::Sharp, &settings).points.len();
        let times = (0..50).map(|_| {
            let started = Instant::now();
            std::hint::black_box(snap(&scene, components.runs(0), BoundaryKind::Sharp, &settings)).ok();
            started.elapsed().as_secs_f64() * 1e3
        });
        let best = times.fold(f64::INFINITY, f64::min);
        println!("{change:?}: {best:.2} ms for a contour of {points} px");
    }
}

fn rows(seed: u64) -> Vec<Row> {
    let mut cases = Vec::new();
    for shape in [Shape::Disk, Shape::Blob, Shape::Scratch] {
        for sigma in [0.7, 1.5, 3.0, 6.0] {
            for cnr in [2.0, 4.0, 8.0, 16.0] {
                for background in [Background::Flat, Background::Iso, Background::Brushed] {
                    for sign in [1.0, -1.0] {
                        cases.push((shape, sigma, cnr, background, sign));
                    }
                }
            }
        }
    }
    let rows = cases.par_iter().enumerate().flat_map_iter(|(index, &(shape, sigma, cnr, background, sign))| {
        let mut random = Random::new(seed, index as u64);
        let picture = picture(shape, sigma, cnr, background, sign, &mut random);
        let photo = Photo::Gray8(picture.bytes());
        let is_inside = |x: u32, y: u32| picture.truth.at(f64::from(x) + 0.5, f64::from(y) + 0.5) <= 0.0;
        let exact = Area::of_mask(&Plane::from_fn(SIDE, SIDE, is_inside), (0, 0));
        let mut rows = Vec::new();
        for change in Change::ALL {
            let Some(map) = picture.truth.label(change, &mut random) else { continue };
            let components = Components::of(&map);
            let (scene, settings) = (Scene::new(&photo, &map, None), BoundaryCheck::default());
            let result = check_region(&scene, components.runs(0), BoundaryKind::Sharp, &settings);
            if result.verdict == Soundness::Unmeasurable {
                continue;
            }
            let snapped = snap(&scene, components.runs(0), BoundaryKind::Sharp, &settings);
            let before = Area::of_runs(components.runs(0));
            let (after, refusal) = match snapped {
                Ok(snap) => (snap.area, None),
                Err(why) => (before.clone(), Some(why)),
            };
            rows.push(Row {
                shape,
                sigma,
                contrast_to_noise: cnr,
                change,
                verdict: result.verdict,
                p90: (true_p90(&picture, &before), true_p90(&picture, &after)),
                iou: (iou(&before, &exact), iou(&after, &exact)),
                refusal,
            });
        }
        rows
    });
    rows.collect()
}

/// What nine tenths of the outline of an area are truly off less than, px. The outline is the one that the check goes by, so that the
/// figures before and after compare, and with those of the other benchmark.
fn true_p90(picture: &Picture, area: &Area) -> f64 {
    let mut map = LabelMap::new(SIDE, SIDE);
    area.spans().iter().for_each(|s| map.fill_span(s.y, s.x0, s.x1, 1));
    let blank = Photo::Gray8(Plane::filled(SIDE, SIDE, 0));
    let points =
        check_region(&Scene::new(&blank, &map, None), &area.runs(1), BoundaryKind::Sharp, &BoundaryCheck::default()).points;
    let mut off: Vec<f64> = points.iter().map(|p| picture.truth.at(p.position.x, p.position.y).abs()).collect();
    quantile(&mut off, 0.9)
}

fn iou(a: &Area, b: &Area) -> f64 {
    a.intersection(b).pixels() as f64 / a.union(b).pixels().max(1) as f64
}

fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_unstable_by(f64::total_cmp);
    let rank = q * (values.len() - 1) as f64;
    let (i, f) = (rank as usize, rank.fract());
    values[i] + f * (values[(i + 1).min(values.len() - 1)] - values[i])
}

fn line(name: &str, rows: &[Row], keep: impl Fn(&Row) -> bool) {
    let kept: Vec<&Row> = rows.iter().filter(|r| keep(r)).collect();
    let median = |f: &dyn Fn(&Row) -> f64| quantile(&mut kept.iter().map(|r| f(r)).collect::<Vec<_>>(), 0.5);
    let percent = |f: &dyn Fn(&Row) -> bool| 100.0 * kept.iter().filter(|r| f(r)).count() as f64 / kept.len().max(1) as f64;
    println!(
        "{name:32} n {:4} | P90 {:.2} → {:.2} px | IoU {:.3} → {:.3} | better {:5.1} %, still off {:4.1} %, newly off {:4.1} %, refused {:4.1} %",
        kept.len(),
        median(&|r| r.p90.0),
        median(&|r| r.p90.1),
        median(&|r| r.iou.0),
        median(&|r| r.iou.1),
        percent(&|r| r.p90.1 < r.p90.0),
        percent(&|r| r.p90.0 >= BAD && r.p90.1 >= BAD),
        percent(&|r| r.p90.0 < BAD && r.p90.1 >= BAD),
        percent(&|r| r.refusal.is_some()),
    );
}

fn print(rows: &[Row]) {
    let is_bad = |r: &Row| r.p90.0 >= BAD;
    line("truly off by 2 px or more", rows, is_bad);
    line("  and σ ≤ 3, CNR ≥ 4", rows, |r| is_bad(r) && r.sigma <= 3.0 && r.contrast_to_noise >= 4.0);
    for sigma in [0.7, 1.5, 3.0, 6.0] {
        line(&format!("  failed, σ {sigma}"), rows, |r| r.verdict == Soundness::Fail && r.sigma == sigma);
    }
    for shape in [Shape::Disk, Shape::Blob, Shape::Scratch] {
        line(&format!("  {shape:?}"), rows, |r| is_bad(r) && r.shape == shape);
    }
    for change in Change::ALL {
        line(&format!("{change:?}"), rows, |r| r.change == change);
    }
    for verdict in [Soundness::Pass, Soundness::Warn, Soundness::Fail] {
        line(&format!("verdict {}", verdict.label()), rows, |r| r.verdict == verdict);
    }
    let why = rows.iter().filter_map(|r| r.refusal.as_ref().map(|why| (format!("{why:?}"), is_bad(r))));
    let mut counts: Vec<(String, usize, usize)> = Vec::new();
    for (why, is_bad) in why {
        let name = why.split(['(', ' ']).next().unwrap_or_default().to_owned();
        match counts.iter_mut().find(|c| c.0 == name) {
            Some(c) => (c.1, c.2) = (c.1 + usize::from(is_bad), c.2 + usize::from(!is_bad)),
            None => counts.push((name, usize::from(is_bad), usize::from(!is_bad))),
        }
    }
    for (name, bad, good) in counts {
        println!("refused, {name}: {bad} that are off, {good} that are not");
    }
}
