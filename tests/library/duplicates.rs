//! Duplicates among made pictures and among tiles that were photographed under six exposures.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use delimit::project::{PartNumber, Project};
use delimit::workflow::WorkflowError;
use delimit::workflow::duplicates::{DuplicateSettings, find_duplicates};

/// A picture of its own for each `seed`: blobs of random place, size and brightness.
fn picture(seed: u32, gain: f32, offset: f32, width: u32) -> image::GrayImage {
    let mut state = u64::from(seed) * 7919 + 1;
    let mut next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 40) as f32 / (1 << 24) as f32
    };
    let blobs: Vec<[f32; 4]> = (0..14).map(|_| [next(), next(), 0.03 + 0.15 * next(), next() - 0.5]).collect();
    image::GrayImage::from_fn(width, width * 3 / 4, |x, y| {
        let (u, v) = (x as f32 / width as f32, y as f32 / (width as f32 * 0.75));
        let sum: f32 = blobs.iter().map(|[bx, by, r, a]| a * (-((u - bx).powi(2) + (v - by).powi(2)) / (r * r)).exp()).sum();
        image::Luma([((0.5 + 0.5 * sum) * 160.0 * gain + offset).clamp(0.0, 255.0) as u8])
    })
}

#[test]
fn copies_and_other_exposures_are_found_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let images = folder.path().join("images");
    std::fs::create_dir(&images).unwrap();
    let mut paths = Vec::new();
    let mut put = |name: &str, picture: image::GrayImage| {
        let path = images.join(name);
        picture.save(&path).unwrap();
        paths.push(path);
    };
    for seed in 0..30 {
        put(&format!("{seed:02}.png"), picture(seed, 1.0, 10.0, 200));
    }
    put("30.png", picture(3, 0.5, 60.0, 200)); // another exposure
    put("31.png", picture(3, 1.0, 10.0, 320)); // another size
    put("32.png", picture(8, 1.0, 10.0, 200)); // a copy
    put("33.png", image::GrayImage::from_pixel(200, 150, image::Luma([90])));
    put("34.png", image::GrayImage::from_pixel(200, 150, image::Luma([91])));
    std::fs::write(images.join("35.png"), b"rubbish").unwrap();
    paths.push(images.join("35.png"));
    let mut project = Project::new(folder.path(), "d");
    project.part_numbers = vec![PartNumber::new("A")];
    project.add_images(0, &paths).unwrap();
    let all: Vec<usize> = (0..36).collect();
    let settings = DuplicateSettings::default();
    let found = find_duplicates(&project, &all, &settings, &|| false, &|_, total| assert_eq!(total, 36)).unwrap();
    let groups: Vec<(Vec<usize>, bool)> = found.groups.iter().map(|g| (g.images.clone(), g.is_exact)).collect();
    assert_eq!(groups, [(vec![8, 32], true), (vec![3, 30, 31], false)]);
    assert_eq!(found.failed.len(), 1);
    assert!(found.failed[0].1.contains("35.png"));
    let cancelled = find_duplicates(&project, &all, &settings, &|| true, &|_, _| {});
    assert!(matches!(cancelled, Err(WorkflowError::Cancelled)));
}

fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    std::env::var_os("DELIMIT_SHARED")
        .map(PathBuf::from)
        .or(Some(beside))
        .map(|p| p.join("data/magnetic_tile"))
        .filter(|p| p.exists())
}

/// Pairs of photos of one tile (`split.csv` says which) against pairs that were found. The photos of a tile are cut out differently and
/// lit differently, and other tiles of the same make look alike: what is asked for is that few pairs are wrong.
#[test]
fn tiles_under_six_exposures_are_found_again() {
    let Some(folder) = shared() else {
        println!("SKIPPED: magnetic_tile is absent");
        return;
    };
    let mut reader = csv::Reader::from_path(folder.join("split.csv")).unwrap();
    let rows: Vec<HashMap<String, String>> = reader.deserialize().map(Result::unwrap).collect();
    let rows: Vec<_> = rows.into_iter().filter(|r| folder.join(&r["file"]).exists()).collect();
    let mut project = Project::new(&folder, "tiles");
    project.part_numbers = vec![PartNumber::new("A")];
    project
        .add_entries(rows.iter().map(|r| delimit::project::ImageEntry {
            id: r["file"].clone(),
            image: r["file"].clone(),
            part: r["file"].clone(),
            part_number: "A".into(),
        }))
        .unwrap();
    let all: Vec<usize> = (0..rows.len()).collect();
    let tile = |i: usize| &rows[i]["tile_group"];
    let found = find_duplicates(&project, &all, &DuplicateSettings::default(), &|| false, &|_, _| {}).unwrap();
    assert!(found.failed.is_empty());
    let mut true_pairs = 0;
    let mut by_tile: BTreeMap<_, usize> = BTreeMap::new();
    for &i in &all {
        let n = by_tile.entry(tile(i)).or_default();
        true_pairs += *n;
        *n += 1;
    }
    let (mut right, mut wrong) = (0_usize, 0_usize);
    for group in &found.groups {
        for (k, &a) in group.images.iter().enumerate() {
            for &b in &group.images[k + 1..] {
                *if tile(a) == tile(b) { &mut right } else { &mut wrong } += 1;
            }
        }
    }
    let (precision, recall) = (right as f64 / (right + wrong).max(1) as f64, right as f64 / f64::from(true_pairs as u32));
    println!(
        "{} images, {true_pairs} pairs of one tile: {right} found, {wrong} wrong; precision {precision:.3}, recall {recall:.3}",
        all.len()
    );
    assert!(precision >= 0.85 && recall >= 0.25, "precision {precision}, recall {recall}");
}
