//! The shipped sample model against the exact truth of parts it has never seen, on the built-in engine.

use std::path::Path;

use delimit::raster::PixelRect;
use delimit::sample::{HEIGHT, Scene, WIDTH, class};
use rten::{Model, Value, ValueView};

const CLASSES: usize = class::NAMES.len();
const PIXELS: usize = (WIDTH * HEIGHT) as usize;

#[test]
fn the_model_finds_the_defects_of_unseen_parts() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/sample-model/housing.onnx");
    assert!(std::fs::metadata(&path).unwrap().len() < 1_000_000, "the model is shipped inside the program");
    let model = Model::load_file(&path).unwrap();
    let scene = Scene::new();
    let (mut both, mut either) = ([0_u32; CLASSES], [0_u32; CLASSES]);
    // One good part and seven that hold all classes: enough, and quick.
    for index in [0, 1, 2, 9, 13, 17, 26, 36] {
        let part = scene.part(7, index);
        let gray = part.photo.gray_plane(PixelRect::of_size(WIDTH, HEIGHT)).map(|v| v / 255.0);
        let input = ValueView::from_shape([1, 1, HEIGHT as usize, WIDTH as usize], gray.as_slice()).unwrap();
        let output: Value = model.run_one(input.into(), None).unwrap();
        let (shape, p): ([usize; 4], Vec<f32>) = output.into_shape_vec().unwrap();
        assert_eq!(shape, [1, CLASSES, HEIGHT as usize, WIDTH as usize]);
        for (i, &truth) in part.truth.to_plane().as_slice().iter().enumerate() {
            let at = |c: usize| p[c * PIXELS + i];
            let sum: f32 = (0..CLASSES).map(at).sum();
            assert!((sum - 1.0).abs() < 1e-4, "the probabilities of a pixel sum to {sum}");
            let best = (0..CLASSES).max_by(|&a, &b| at(a).total_cmp(&at(b))).unwrap();
            for c in 1..CLASSES {
                let (is_found, is_true) = (best == c, usize::from(truth) == c);
                both[c] += u32::from(is_found && is_true);
                either[c] += u32::from(is_found || is_true);
            }
        }
    }
    for c in 1..CLASSES {
        let iou = f64::from(both[c]) / f64::from(either[c]);
        println!("{}: IoU {iou:.2}", class::NAMES[c]);
        assert!(iou > 0.25, "{}: IoU {iou:.2} is too low to be of use", class::NAMES[c]);
    }
}
