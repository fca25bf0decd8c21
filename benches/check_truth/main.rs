//! How right the boundary check is: labels with known truth on synthetic photos, as a table of precision, recall and errors.
//!
//! `cargo bench --bench check_truth -- 200 301 302` prints the table of each seed (about 5000 labels, a minute or two each) and the
//! hard cases; with the word `hard` those only. All figures
//! are against the true displacement of the label's own contour points.

mod hard;
mod report;
mod synth;

use std::time::Instant;

use delimit::check::{BoundaryCheck, BoundaryKind, BoundaryResult, Polarity, Scene, Soundness, check_region};
use delimit::raster::{Components, LabelMap, Photo};
use rayon::prelude::*;
use report::{Row, quantile};
use synth::{Change, Random, picture};

fn main() {
    let seeds: Vec<u64> = std::env::args().filter_map(|a| a.parse().ok()).collect();
    for seed in if seeds.is_empty() { vec![200] } else { seeds } {
        println!("==== seed {seed}");
        if !std::env::args().any(|a| a == "hard") {
            report::print(&rows(seed));
        }
        hard::print(seed);
    }
}

/// Every shape, blur, contrast, background and sign once, with every change of the label.
fn rows(seed: u64) -> Vec<Row> {
    let cases = synth::cases();
    let rows = cases.par_iter().enumerate().flat_map_iter(|(index, &(shape, sigma, cnr, background, sign))| {
        let mut random = Random::new(seed, index as u64);
        let picture = picture(shape, sigma, cnr, background, sign, &mut random);
        let photo = Photo::Gray8(picture.bytes());
        let mut rows = Vec::new();
        for change in Change::ALL {
            let Some(map) = picture.truth.label(change, &mut random) else { continue };
            let started = Instant::now();
            let result = check(&photo, &map, None);
            let ms = started.elapsed().as_secs_f64() * 1e3;
            let Some(t) = truth_of(&result, |x, y| picture.truth.at(x, y)) else { continue };
            let mut row = Row {
                shape,
                sigma,
                contrast_to_noise: cnr,
                background,
                sign,
                change,
                true_mean: t.mean,
                true_median: t.median,
                true_p90: t.p90,
                ms,
                bias: 0.0,
                p90: 0.0,
                edge_sigma: f64::NAN,
                noise: 0.0,
                shift: 0.0,
                spread: 0.0,
                verdict: Soundness::Unmeasurable,
                reasons: Vec::new(),
                is_polarity_right: result.polarity == Some(if sign > 0.0 { Polarity::Brighter } else { Polarity::Darker }),
            };
            row.take(&result);
            rows.push(row);
        }
        rows
    });
    rows.collect()
}

/// The check of the only region of a map.
pub fn check(photo: &Photo, map: &LabelMap, part: Option<&LabelMap>) -> BoundaryResult {
    let components = Components::of(map);
    check_region(&Scene::new(photo, map, part), components.runs(0), BoundaryKind::Sharp, &BoundaryCheck::default())
}

/// How far the contour of a label truly is off, px.
pub struct TrueDisplacement {
    pub mean: f64,
    pub median: f64,
    pub p90: f64,
}

/// None without a contour.
pub fn truth_of(result: &BoundaryResult, at: impl Fn(f64, f64) -> f64) -> Option<TrueDisplacement> {
    let mut values: Vec<f64> = result.points.iter().map(|p| at(p.position.x, p.position.y)).collect();
    let mut sizes: Vec<f64> = values.iter().map(|v| v.abs()).collect();
    (!values.is_empty()).then(|| TrueDisplacement {
        mean: values.iter().sum::<f64>() / values.len() as f64,
        median: quantile(&mut values, 0.5),
        p90: quantile(&mut sizes, 0.9),
    })
}
