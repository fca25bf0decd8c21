//! The boundary check on label sets that people made: how many regions are flagged as the labels are, and after they were made 2 px
//! larger on all sides, by set.
//!
//! `cargo bench --bench check_real`; the sets are sought in the folder that `DELIMIT_SHARED` names, or in `../shared`.

use std::path::{Path, PathBuf};

use delimit::check::{BoundaryCheck, BoundaryKind, Scene, Soundness, check_region};
use delimit::raster::{Components, LabelMap, Photo, Plane};
use rayon::prelude::*;

/// Regions smaller than this have no boundary to speak of, px.
const LEAST_AREA: u32 = 12;

type Labelled = (Photo, LabelMap);

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Vec::new() };
    let mut out = Vec::new();
    for path in entries.filter_map(|e| e.ok().map(|e| e.path())) {
        if path.is_dir() {
            out.extend(files(&path, ending));
        } else if path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending)) {
            out.push(path);
        }
    }
    out.sort();
    out
}

fn photo(path: &Path) -> Option<Photo> {
    let image = image::open(path).ok()?;
    let (w, h) = (image.width(), image.height());
    Some(if image.color().channel_count() >= 3 {
        let bytes = image.into_rgb8().into_raw();
        Photo::Rgb8(Plane::from_vec(w, h, bytes.chunks_exact(3).map(|c| [c[0], c[1], c[2]]).collect()))
    } else {
        Photo::Gray8(Plane::from_vec(w, h, image.into_luma8().into_raw()))
    })
}

fn mask(path: &Path, class_of: impl Fn(u8) -> u8) -> Option<LabelMap> {
    let image = image::open(path).ok()?.into_luma8();
    let plane = Plane::from_vec(image.width(), image.height(), image.into_raw().into_iter().map(class_of).collect());
    Some(LabelMap::from_plane(&plane))
}

/// Even-odd filling at the pixel centres.
fn fill(map: &mut LabelMap, points: &[(f64, f64)]) {
    for y in 0..map.height() {
        let at = f64::from(y) + 0.5;
        let mut crossings: Vec<f64> = (0..points.len())
            .map(|i| (points[i], points[(i + 1) % points.len()]))
            .filter(|(a, b)| (a.1 > at) != (b.1 > at))
            .map(|(a, b)| a.0 + (at - a.1) / (b.1 - a.1) * (b.0 - a.0))
            .collect();
        crossings.sort_unstable_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            let pixel = |x: f64| (x - 0.5).ceil().clamp(0.0, f64::from(map.width())) as u32;
            let (x0, x1) = (pixel(pair[0]), pixel(pair[1]));
            if x1 > x0 {
                map.fill_span(y, x0, x1, 1);
            }
        }
    }
}

fn magnetic_tile(root: &Path) -> Vec<Labelled> {
    let read = |path: &PathBuf| Some((photo(&path.with_extension("jpg"))?, mask(path, |v| u8::from(v >= 128))?));
    files(&root.join("magnetic_tile"), "png").iter().filter_map(read).collect()
}

fn neu_seg(root: &Path) -> Vec<Labelled> {
    let masks = files(&root.join("neu_seg"), "png");
    let photos = files(&root.join("neu_seg"), "jpg");
    let read = |path: &PathBuf| {
        let photo_path = photos.iter().find(|p| p.file_stem() == path.file_stem())?;
        Some((photo(photo_path)?, mask(path, |v| v)?))
    };
    masks.iter().filter_map(read).collect()
}

fn kolektor(root: &Path) -> Vec<Labelled> {
    let photos = files(&root.join("kolektorsdd_yoloseg"), "jpg");
    let read = |path: &PathBuf| {
        let photo = photo(photos.iter().find(|p| p.file_stem() == path.file_stem())?)?;
        let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
        let mut map = LabelMap::new(photo.width(), photo.height());
        for line in std::fs::read_to_string(path).ok()?.lines() {
            let values: Vec<f64> = line.split_whitespace().skip(1).filter_map(|v| v.parse().ok()).collect();
            fill(&mut map, &values.chunks_exact(2).map(|c| (c[0] * w, c[1] * h)).collect::<Vec<_>>());
        }
        Some((photo, map))
    };
    files(&root.join("kolektorsdd_yoloseg"), "txt").iter().filter_map(read).collect()
}

fn bsdata(root: &Path) -> Vec<Labelled> {
    let photos = files(&root.join("bsdata"), "jpg");
    let read = |path: &PathBuf| {
        let photo = photo(photos.iter().find(|p| p.file_stem() == path.file_stem())?)?;
        let file: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok()?;
        let mut map = LabelMap::new(photo.width(), photo.height());
        for shape in file["shapes"].as_array()? {
            let points: Vec<(f64, f64)> =
                shape["points"].as_array()?.iter().filter_map(|p| Some((p[0].as_f64()?, p[1].as_f64()?))).collect();
            if points.len() > 2 {
                fill(&mut map, &points);
            }
        }
        Some((photo, map))
    };
    files(&root.join("bsdata"), "json").iter().filter_map(read).collect()
}

/// Every label made `radius` px larger; where two meet, the first one stays.
fn dilated(map: &LabelMap, radius: i64) -> LabelMap {
    let from = map.to_plane();
    let mut to = from.clone();
    let (w, h) = (i64::from(from.width()), i64::from(from.height()));
    for y in 0..h {
        for x in (0..w).filter(|&x| from.at(x as u32, y as u32) != 0) {
            for (dx, dy) in (-radius..=radius).flat_map(|dy| (-radius..=radius).map(move |dx| (dx, dy))) {
                let (u, v) = (x + dx, y + dy);
                let is_near = dx * dx + dy * dy <= radius * radius && u >= 0 && v >= 0 && u < w && v < h;
                if is_near && to.at(u as u32, v as u32) == 0 {
                    to.set(u as u32, v as u32, from.at(x as u32, y as u32));
                }
            }
        }
    }
    LabelMap::from_plane(&to)
}

/// Regions by verdict: pass, unmeasurable, warn, fail; and the median displacement of those that were measured.
fn print(name: &str, set: &[Labelled]) {
    let results: Vec<(Soundness, f64)> = set
        .par_iter()
        .flat_map_iter(|(photo, map)| {
            let scene = Scene::new(photo, map, None);
            let components = Components::of(map);
            let all: Vec<_> = components
                .iter()
                .filter(|runs| runs.iter().map(|r| r.len()).sum::<u32>() >= LEAST_AREA)
                .map(|runs| check_region(&scene, runs, BoundaryKind::Sharp, &BoundaryCheck::default()))
                .map(|result| (result.verdict, result.bias_px))
                .collect();
            all
        })
        .collect();
    let share = |v: Soundness| results.iter().filter(|r| r.0 == v).count() as f64 / results.len().max(1) as f64;
    let mut bias: Vec<f64> = results.iter().filter(|r| r.0 != Soundness::Unmeasurable).map(|r| r.1).collect();
    bias.sort_unstable_by(f64::total_cmp);
    println!(
        "{name:34} {:4} regions: pass {:.3} warn {:.3} fail {:.3} unmeasurable {:.3}; flagged of the measured {:.3}; median bias {:+.2} px",
        results.len(),
        share(Soundness::Pass),
        share(Soundness::Warn),
        share(Soundness::Fail),
        share(Soundness::Unmeasurable),
        (share(Soundness::Warn) + share(Soundness::Fail)) / (1.0 - share(Soundness::Unmeasurable)).max(1e-9),
        bias.get(bias.len() / 2).copied().unwrap_or(f64::NAN),
    );
}

fn main() {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("DELIMIT_SHARED").map_or(beside, PathBuf::from).join("data");
    for (name, set) in [
        ("magnetic tiles", magnetic_tile(&shared)),
        ("steel strip", neu_seg(&shared)),
        ("commutators", kolektor(&shared)),
        ("ball screws", bsdata(&shared)),
    ] {
        if set.is_empty() {
            println!("SKIPPED: {name} is absent");
            continue;
        }
        print(&format!("{name}, as labelled"), &set);
        let larger: Vec<Labelled> = set.into_iter().map(|(photo, map)| (photo, dilated(&map, 2))).collect();
        print(&format!("{name}, 2 px larger"), &larger);
    }
}
