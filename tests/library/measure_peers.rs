//! Where definitions agree, scikit-image, scipy, numpy and OpenCV must get the same. `DELIMIT_PYTHON` names a Python that has them.

use std::path::Path;
use std::process::Command;

use delimit::measure::{Calibration, Feature, Measuring, regions};
use delimit::raster::{Components, Crofton, LabelMap, PairCounts, Plane};
use serde_json::Value;

/// Noise, thick and thin blobs, rings and lines in three classes.
fn scene() -> Plane<u8> {
    let noise = |x: u32, y: u32| (x.wrapping_mul(2_654_435_761) ^ y.wrapping_mul(40_503).wrapping_add(x * y)) >> 7;
    Plane::from_fn(260, 200, |x, y| {
        let (u, v) = (f64::from(x), f64::from(y));
        let ring = (u - 60.0).hypot(v - 60.0);
        match (x, y) {
            (0..120, 0..120) => u8::from((ring > 18.0 && ring < 30.0) || (ring - 42.5).abs() < 0.8 || ring < 5.2),
            (120.., 0..100) => u8::from(noise(x / 5, y / 4) % 2 == 0) * 2,
            (120.., _) => (noise(x, y) % 9).min(3) as u8 % 3,
            _ => u8::from((v - 160.0 - 12.0 * (u / 17.0).sin()).abs() < 1.0 + u / 60.0) * 3,
        }
    })
}

#[test]
fn scikit_image_scipy_and_opencv_get_the_same() {
    let python = std::env::var("DELIMIT_PYTHON").unwrap_or_else(|_| "python3".to_owned());
    let has_it = Command::new(&python).args(["-c", "import cv2, numpy, scipy, skimage"]).output();
    if !has_it.is_ok_and(|o| o.status.success()) {
        println!("SKIPPED: {python} has no scikit-image, scipy, numpy and OpenCV");
        return;
    }
    let plane = scene();
    let probability = Plane::from_fn(260, 200, |x, y| ((x * 37 + y * 101 + x * y) % 256) as u8);
    let folder = tempfile::tempdir().unwrap();
    let (labels, probabilities) = (folder.path().join("labels.u8"), folder.path().join("probabilities.u8"));
    std::fs::write(&labels, plane.as_slice()).unwrap();
    std::fs::write(&probabilities, probability.as_slice()).unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/library/scikit_image_check.py");
    let output = Command::new(python).arg(script).args([&labels, &probabilities]).args(["260", "200"]).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let map = LabelMap::from_plane(&plane);
    let with = Measuring { calibration: Some(Calibration::square(1.0)), probability: Some(&probability), ..Measuring::default() };
    let (found, components) = (regions(&map, &with), Components::of(&map));
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), found.len());
    assert!(found.len() > 100 && found.iter().any(|r| r.feature(Feature::Holes) > 2.0), "a scene worth comparing");
    for (i, (line, r)) in lines.lines().zip(&found).enumerate() {
        let theirs: Value = serde_json::from_str(line).unwrap();
        let number = |v: &Value| v.as_f64().unwrap();
        let close = |what: &str, ours: f64, v: &Value, tolerance: f64| {
            let v = number(v);
            assert!((ours - v).abs() <= tolerance * v.abs().max(1.0), "region {i}, {what}: {ours}, they say {v}");
        };
        let feature = |f: Feature| f64::from(r.feature(f));
        close("area", r.pixels as f64, &theirs["area"], 0.0);
        for (ours, k) in [r.bounds.x0, r.bounds.y0, r.bounds.x1, r.bounds.y1].into_iter().zip(0..) {
            close("bounds", f64::from(ours), &theirs["bounds"][k], 0.0);
        }
        close("centroid x", r.centroid.x, &theirs["centroid"][0], 1e-9);
        close("centroid y", r.centroid.y, &theirs["centroid"][1], 1e-9);
        close("holes", feature(Feature::Holes), &theirs["holes"], 0.0);
        close("hole area", feature(Feature::HoleArea), &theirs["hole_area"], 0.0);
        close("linearity", feature(Feature::Linearity), &theirs["linearity"], 1e-5);
        let pairs = PairCounts::by_runs(components.runs(i), r.pixels);
        close("Crofton 4", Crofton::four((1.0, 1.0)).perimeter(&pairs), &theirs["crofton_4"], 1e-9);
        close("solidity", feature(Feature::Solidity), &Value::from(r.pixels as f64 / number(&theirs["hull"])), 1e-6);
        close("largest diameter", feature(Feature::FeretMax), &theirs["feret_max"], 1e-6);
        // Of two rectangles of the same area either may be taken: 2 × 2 and 2√2 × √2 around three pixels.
        let area = number(&theirs["rect"][0]) * number(&theirs["rect"][1]);
        close("smallest rectangle", feature(Feature::Length) * feature(Feature::Width), &Value::from(area), 1e-4);
        close("mean probability", feature(Feature::MeanProbability), &theirs["mean"], 1e-6);
        close("highest probability", feature(Feature::MaxProbability), &theirs["max"], 1e-6);
        close("5th percentile", feature(Feature::LowProbability), &theirs["percentiles"][0], 1e-6);
        close("95th percentile", feature(Feature::HighProbability), &theirs["percentiles"][1], 1e-6);
    }
    println!("{} regions agree", found.len());
}
