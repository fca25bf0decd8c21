//! The boundary check against 68 labels with known truth (synthetic photos, perturbed labels): displacement, spread of errors, flags.

use std::path::PathBuf;

use delimit::check::{BoundaryCheck, BoundaryKind, Scene, Soundness, check_region};
use delimit::raster::{Components, LabelMap, Photo, Plane};

/// The folder of data shared between implementations, when there is one.
fn shared() -> Option<PathBuf> {
    let beside = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let named = std::env::var_os("DELIMIT_SHARED").map(PathBuf::from);
    named.into_iter().chain([beside]).find(|p| p.is_dir())
}

fn gray(path: &std::path::Path) -> Plane<u8> {
    let image = image::open(path).unwrap_or_else(|e| panic!("{}: {e}", path.display())).to_luma8();
    Plane::from_vec(image.width(), image.height(), image.into_raw())
}

#[test]
fn the_displacement_of_labels_with_known_truth() {
    let Some(folder) = shared().map(|s| s.join("qa/vectors")).filter(|f| f.is_dir()) else {
        println!("SKIPPED: the folder of labels with known truth is absent");
        return;
    };
    let text = std::fs::read_to_string(folder.join("vectors.json")).unwrap();
    let vectors: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
    assert_eq!(vectors.len(), 68);
    let (mut measured, mut bias_error, mut worst_bias, mut p90_error, mut worst_p90) = (0_u32, 0.0_f64, 0.0_f64, 0.0_f64, 0.0_f64);
    let (mut positives, mut caught, mut negatives, mut false_alarms) = (0, 0, 0, 0);
    let mut sigma_error = 0.0_f64;
    for v in &vectors {
        let photo = Photo::Gray8(gray(&folder.join(v["image"].as_str().unwrap())));
        let label = gray(&folder.join(v["label"].as_str().unwrap())).map(|p| u8::from(p > 127));
        let map = LabelMap::from_plane(&label);
        let components = Components::of(&map);
        let largest = components.iter().max_by_key(|runs| runs.iter().map(|r| r.len()).sum::<u32>()).unwrap();
        let result = check_region(&Scene::new(&photo, &map, None), largest, BoundaryKind::Sharp, &BoundaryCheck::default());
        let (true_bias, true_p90) = (v["true"]["b"].as_f64().unwrap(), v["true"]["p90"].as_f64().unwrap());
        println!(
            "{} {:7} σ {:3} {:10} bias {:+.2} true {true_bias:+.2} | p90 {:.2} true {true_p90:.2} | σ {:.2} coverage {:.2} {} {:?} (other: bias {:+.2} p90 {:.2} σ {:.2} {})",
            v["label"].as_str().unwrap(),
            v["kind"].as_str().unwrap(),
            v["sigma"],
            v["op"][0].as_str().unwrap(),
            result.bias_px,
            result.p90_px,
            result.edge_sigma_px,
            result.coverage,
            result.verdict.label(),
            result.reasons,
            v["proto"]["b"].as_f64().unwrap(),
            v["proto"]["p90"].as_f64().unwrap(),
            v["proto"]["sigma_edge"].as_f64().unwrap_or(f64::NAN),
            v["proto"]["verdict"].as_str().unwrap(),
        );
        // The 65 of the published figures: those that the reference implementation could measure. We must measure all of them.
        if v["proto"]["verdict"] == "unmeasurable" {
            continue;
        }
        assert_ne!(result.verdict, Soundness::Unmeasurable, "{}: {:?}", v["label"], result.reasons);
        measured += 1;
        bias_error += (result.bias_px - true_bias).abs();
        worst_bias = worst_bias.max((result.bias_px - true_bias).abs());
        p90_error += (result.p90_px - true_p90).abs();
        worst_p90 = worst_p90.max((result.p90_px - true_p90).abs());
        sigma_error += (result.edge_sigma_px - v["sigma"].as_f64().unwrap()).abs();
        let flagged = result.p90_px >= 1.5;
        if true_p90 >= 2.0 {
            positives += 1;
            caught += u32::from(flagged);
        } else if true_p90 <= 1.0 {
            negatives += 1;
            false_alarms += u32::from(flagged);
        }
        if v["op"][0] == "offset" && v["op"][1] == 0 {
            assert_ne!(result.verdict, Soundness::Fail, "an exact label fails: {}", v["label"]);
        }
    }
    let n = f64::from(measured);
    println!(
        "{measured} measured: bias MAE {:.3} px (worst {worst_bias:.3}), P90 MAE {:.3} px (worst {worst_p90:.3}), blur MAE {:.2} px, \
         {caught} of {positives} flagged, {false_alarms} of {negatives} flagged wrongly",
        bias_error / n,
        p90_error / n,
        sigma_error / n
    );
    assert_eq!((measured, positives, negatives), (65, 48, 11));
    assert!(bias_error / n <= 0.171, "bias MAE {}", bias_error / n);
    assert!(p90_error / n <= 0.272, "P90 MAE {}", p90_error / n);
    assert_eq!((caught, false_alarms), (48, 0));
}
