//! Several models on one part number: how they are kept, run, combined, cached, compared and bundled.

#[path = "../predict_handmade/onnx.rs"]
#[expect(dead_code, reason = "other tests use the rest of the writer")]
mod onnx;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use delimit::exchange::Bundle;
use delimit::judge::{Cell, Limit, Ruleset, Verdict, limit::Bounds};
use delimit::measure::{Feature, Region};
use delimit::predict::{EngineChoice, EngineSettings};
use delimit::project::{Class, ImageEntry, ModelRole, ModelUse, PartNumber, Project, Zone, ZoneKind, unknown_class};
use delimit::raster::{LabelMap, PixelRect, UNKNOWN};
use delimit::session::Session;
use delimit::workflow::bundling::make_bundle;
use delimit::workflow::judging::{self, evaluate};
use delimit::workflow::measuring::{model_of_region, prediction_regions};
use delimit::workflow::predicting::CachedPredictions;
use delimit::workflow::{Inspector, ModelSettings, ProjectModels};
use onnx::{FLOAT, Model, Node, Weights, convolution};
use tempfile::TempDir;

const WIDTH: u32 = 160;
const HEIGHT: u32 = 120;

fn settings() -> ModelSettings {
    ModelSettings { engine: EngineSettings { choice: EngineChoice::Rten, threads: 1, ..EngineSettings::default() } }
}

/// `gains · gray + offsets` per pixel, then `then`.
fn model(rows: &[(f32, f32)], then: Option<Node>) -> Vec<u8> {
    let count = rows.len() as i64;
    let model = Model {
        nodes: std::iter::once(convolution(if then.is_some() { "scores" } else { "map" }, 1)).chain(then).collect(),
        weights: vec![
            Weights { name: "weights", dims: vec![count, 1, 1, 1], values: rows.iter().map(|row| row.0).collect() },
            Weights { name: "bias", dims: vec![count], values: rows.iter().map(|row| row.1).collect() },
        ],
        input: vec![1, 1, 0, 0],
        output: None,
        output_type: FLOAT,
    };
    model.to_bytes()
}

fn card(name: &str, kind: &str, output: &str) -> String {
    format!(
        "(format: 2, name: \"{name}\", kind: {kind}, input: (channels: 1, layout: nchw, size: dynamic(multiple_of: 8), scale: 0.00392156862745098, \
         mean: [0.0], std: [1.0], colour: gray), output: ({output}))"
    )
}

/// The photo: gray 128, a dark box (20) and a bright box (240).
const DARK: [u32; 4] = [10, 10, 20, 16];
const BRIGHT: [u32; 4] = [100, 60, 112, 70];

fn value(x: u32, y: u32) -> u8 {
    let inside = |[x0, y0, x1, y1]: [u32; 4]| (x0..x1).contains(&x) && (y0..y1).contains(&y);
    if inside(DARK) {
        20
    } else if inside(BRIGHT) {
        240
    } else {
        128
    }
}

/// Models that know dark pixels, that find bright ones odd, and that call the mean "turned" from 0.25 on.
fn world(models: Vec<ModelUse>) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let put = |name: &str, bytes: &[u8]| {
        fs::create_dir_all(root.join(name).parent().unwrap()).unwrap();
        fs::write(root.join(name), bytes).unwrap();
    };
    put("models/pits.onnx", &model(&[(0.0, 0.0), (-100.0, 25.0)], None));
    put("models/pits.ron", card("pits", "segmentation", "activation: logits, classes: [\"background\", \"pit\"]").as_bytes());
    put("models/odd.onnx", &model(&[(1.0, 0.0)], None));
    put("models/odd.ron", card("odd", "anomaly", "score_range: (0.5, 1.0)").as_bytes());
    let pool = Node { operator: "GlobalAveragePool", inputs: vec!["scores"], output: "map", ints: vec![], int: vec![] };
    put("models/turned.onnx", &model(&[(-100.0, 50.0), (100.0, 0.0)], Some(pool)));
    put("models/turned.ron", card("turned", "classifier", "activation: logits, classes: [\"OK\", \"turned\"]").as_bytes());
    fs::create_dir_all(root.join("images")).unwrap();
    image::GrayImage::from_fn(WIDTH, HEIGHT, |x, y| image::Luma([value(x, y)])).save(root.join("images/a.png")).unwrap();
    let mut project = Project::new(root, "several");
    project.classes = vec![Class::new(1, "pit"), Class::new(2, "turned")];
    let zone = |id: u8, name: &str| Zone { id, name: name.into(), kind: ZoneKind::Cosmetic, colour: [id; 3] };
    project.part_numbers = vec![PartNumber { zones: vec![zone(1, "left"), zone(2, "right")], models, ..PartNumber::new("PN") }];
    project
        .add_entries([ImageEntry { id: "a".into(), image: "images/a.png".into(), part: "S1".into(), part_number: "PN".into() }])
        .unwrap();
    let mut zones = LabelMap::new(WIDTH, HEIGHT);
    for y in 0..HEIGHT {
        zones.fill_span(y, 0, 60, 1);
        zones.fill_span(y, 90, 150, 2);
    }
    project.write_zones(0, &zones).unwrap();
    project.save().unwrap();
    folder
}

fn run(file: &str) -> ModelUse {
    ModelUse::new(file)
}

fn all() -> Vec<ModelUse> {
    vec![
        run("models/pits.onnx"),
        run("models/odd.onnx"),
        ModelUse { roi: vec!["right".into()], ..run("models/turned.onnx") },
        ModelUse { role: ModelRole::Candidate, ..run("models/other.onnx") },
    ]
}

fn regions(folder: &TempDir) -> (Vec<Region>, Vec<Option<String>>) {
    let session = Session::open(folder.path()).unwrap();
    let mut models = ProjectModels::open(session.project(), 0, &settings()).unwrap();
    let prediction = models.predict(session.project(), 0, &|| false).unwrap();
    assert_eq!(models.cached(session.project(), 0).as_ref(), Some(&prediction));
    let cached = CachedPredictions::open(session.project(), 0).unwrap().unwrap();
    assert_eq!(cached.get(session.project(), 0), Some(prediction.clone()));
    let regions = prediction_regions(&session.snapshot(), 0, &prediction).unwrap();
    let origins = regions.iter().map(|r| model_of_region(&prediction, r).map(str::to_owned)).collect();
    (regions, origins)
}

#[test]
fn three_kinds_together_tell_every_defect_and_who_found_it() {
    let folder = world(all());
    let (found, origins) = regions(&folder);
    let told: Vec<(u8, PixelRect, u64)> = found.iter().map(|r| (r.class, r.bounds, r.pixels)).collect();
    let rect = |[x0, y0, x1, y1]: [u32; 4]| PixelRect::new(x0, y0, x1, y1);
    assert_eq!(told, [(1, rect(DARK), 60), (UNKNOWN, rect(BRIGHT), 120), (2, PixelRect::new(90, 0, 150, HEIGHT), 0)]);
    assert_eq!(origins, [Some("pits".into()), Some("odd".into()), Some("turned".into())]);
    // (240/255 − 0.5) / 0.5
    assert!((found[1].feature(Feature::MeanProbability) - 0.882).abs() < 0.003);
    // A classifier knows where, not how large; it speaks of the zones it looks at.
    assert!(found[2].feature(Feature::AreaPx).is_nan() && found[2].feature(Feature::MeanProbability) > 0.99);
    assert_eq!(found[2].zones.iter().map(|z| z.zone).collect::<Vec<_>>(), [2]);
    let project = Project::load(folder.path()).unwrap();
    assert_eq!((project.class_name(UNKNOWN), project.class_name(9)), ("unknown".to_owned(), "class 9".to_owned()));
}

fn lenient() -> Ruleset {
    // Every class in every zone is fine, and pits are fine below 100 px.
    let pits = Cell {
        class: "pit".into(),
        limits: vec![Limit::of(Feature::AreaPx, Bounds::new(Some(100.0), Some(200.0)))],
        ..Cell::default()
    };
    let any = Cell { accept: true, ..Cell::default() };
    Ruleset { name: "lenient".into(), cells: vec![any, pits], ..Ruleset::default() }
}

fn verdict(models: Vec<ModelUse>) -> (Verdict, Vec<String>) {
    let folder = world(models);
    let session = Session::open(folder.path()).unwrap();
    let (found, _) = regions(&folder);
    let measured = judging::MeasuredImages { regions: [(0, found)].into_iter().collect(), ..Default::default() };
    let evaluation = evaluate(&session.snapshot(), 0, &lenient(), &session.dispositions(), &measured).unwrap();
    let reasons = evaluation.explain(0).unwrap().reasons.iter().map(|r| format!("{r:?}")).collect();
    (evaluation.verdicts()[0], reasons)
}

#[test]
fn what_no_class_explains_is_reviewed_even_where_everything_is_accepted() {
    assert_eq!(verdict(vec![run("models/pits.onnx")]).0, Verdict::Ok);
    let (verdict, reasons) = verdict(vec![run("models/pits.onnx"), run("models/odd.onnx")]);
    assert_eq!(verdict, Verdict::Review);
    assert!(reasons[0].contains("unknown"), "{reasons:?}");
}

#[test]
fn a_project_with_one_model_is_written_as_ever_and_one_with_several_comes_back() {
    let folder = world(vec![run("models/pits.onnx")]);
    let text = fs::read_to_string(folder.path().join("project.ron")).unwrap();
    assert!(text.contains("format: 1") && text.contains("model: \"models/pits.onnx\"") && !text.contains("models:"), "{text}");
    let folder = world(all());
    let text = fs::read_to_string(folder.path().join("project.ron")).unwrap();
    assert!(text.contains("format: 2") && text.contains("candidate"), "{text}");
    let project = Project::load(folder.path()).unwrap();
    assert_eq!(project.part_numbers[0].models, all());
    assert_eq!(project.part_numbers[0].running_models().count(), 3);
    for (models, word) in [
        (vec![run("a.onnx"), run("a.onnx")], "twice"),
        (vec![ModelUse { roi: vec!["top".into()], ..run("a.onnx") }], "zone \"top\""),
        (vec![run(" ")], "without a file name"),
    ] {
        let mut project = project.clone();
        project.part_numbers[0].models = models;
        let error = project.save().unwrap_err().to_string();
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn the_class_for_unknown_keeps_out_of_the_way() {
    let class = |id: u8, name: &str| Class::new(id, name);
    assert_eq!(unknown_class(&[class(1, "pit")]), UNKNOWN);
    assert_eq!(unknown_class(&[class(1, "pit"), class(9, "Unknown")]), 9);
    assert_eq!(unknown_class(&[class(254, "burr"), class(253, "nick")]), 252);
}

#[test]
fn errors_name_the_model() {
    let folder = world(all());
    let open = || ProjectModels::open(&Project::load(folder.path()).unwrap(), 0, &settings()).map(|_| ()).unwrap_err().to_string();
    let ron = folder.path().join("models/odd.ron");
    let text = fs::read_to_string(&ron).unwrap();
    fs::write(&ron, text.replace("score_range: (0.5, 1.0)", "")).unwrap();
    let error = open();
    assert!(error.contains("model odd") && error.contains("score_range"), "{error}");
    fs::write(&ron, &text).unwrap();
    fs::remove_file(folder.path().join("zones/PN.png")).unwrap();
    let error = open();
    assert!(error.contains("model turned") && error.contains("no zone map"), "{error}");
    // A photo of another size than the zones.
    let folder = world(all());
    let project = Project::load(folder.path()).unwrap();
    image::GrayImage::new(80, 80).save(folder.path().join("images/a.png")).unwrap();
    let mut models = ProjectModels::open(&project, 0, &settings()).unwrap();
    let error = models.predict(&project, 0, &|| false).unwrap_err().to_string();
    assert!(error.contains("model turned") && error.contains("160×120") && error.contains("80×80"), "{error}");
}

#[test]
fn a_candidate_runs_alone_beside_the_running_models() {
    let folder = world(vec![run("models/pits.onnx")]);
    let project = Project::load(folder.path()).unwrap();
    let mut candidate = ProjectModels::open_candidate(&project, 0, Path::new("models/odd.onnx"), &settings()).unwrap();
    assert_eq!(candidate.model_names(), [("odd".to_owned(), "anomaly")]);
    let said = candidate.predict(&project, 0, &|| false).unwrap();
    assert_eq!((said.class.get(105, 65), said.class.get(15, 12)), (UNKNOWN, 0));
    let cached = CachedPredictions::open_candidate(&project, 0, Path::new("models/odd.onnx")).unwrap();
    assert_eq!(cached.get(&project, 0), Some(said));
    assert!(CachedPredictions::open(&project, 0).unwrap().unwrap().get(&project, 0).is_none());
}

#[test]
fn a_bundle_carries_all_models_and_judges_as_the_project_does() {
    let folder = world(all());
    let session = Session::open(folder.path()).unwrap();
    let (found, _) = regions(&folder);
    let measured = judging::MeasuredImages { regions: [(0, found.clone())].into_iter().collect(), ..Default::default() };
    let evaluation = evaluate(&session.snapshot(), 0, &lenient(), &session.dispositions(), &measured).unwrap();
    let bundle = make_bundle(&session.snapshot(), 0, &lenient(), &evaluation, 1, "").unwrap();
    assert_eq!(bundle.models.iter().map(|m| m.name.as_str()).collect::<Vec<_>>(), ["pits", "odd", "turned"]);
    let path = Path::new("x.delimit");
    let bytes = bundle.to_bytes(path).unwrap();
    let read = Bundle::from_bytes(&bytes, path).unwrap();
    assert_eq!(read, bundle);
    let scratch = tempfile::tempdir().unwrap();
    let mut inspector = Inspector::open(read, &settings(), scratch.path()).unwrap();
    assert_eq!(inspector.verify().unwrap(), 1);
    let photo = session.project().read_photo(0).unwrap();
    let seen = inspector.inspect(&photo).unwrap();
    // NaN equals nothing, so the words are compared.
    assert_eq!(format!("{:?}", seen.regions), format!("{found:?}"));
}

/// A bundle as format 1 had it: one model under its old names.
#[test]
fn a_bundle_of_the_first_format_still_opens() {
    use std::io::{Read as _, Write as _};

    use sha2::{Digest as _, Sha256};
    let folder = world(vec![run("models/pits.onnx")]);
    let session = Session::open(folder.path()).unwrap();
    let (found, _) = regions(&folder);
    let measured = judging::MeasuredImages { regions: [(0, found)].into_iter().collect(), ..Default::default() };
    let evaluation = evaluate(&session.snapshot(), 0, &lenient(), &session.dispositions(), &measured).unwrap();
    let bundle = make_bundle(&session.snapshot(), 0, &lenient(), &evaluation, 1, "old").unwrap();
    let path = Path::new("x.delimit");
    let mut zip = zip::ZipArchive::new(std::io::Cursor::new(bundle.to_bytes(path).unwrap())).unwrap();
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for i in 0..zip.len() {
        let mut file = zip.by_index(i).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        let name = file.name().unwrap().replace("model/0.", "model/model.");
        let bytes = match String::from_utf8(bytes) {
            Ok(text) if Path::new(&name).extension().is_some_and(|e| e == "ron") && !name.starts_with("model/") => {
                text.replacen("format: 2", "format: 1", 1).into_bytes()
            }
            Ok(text) => text.into_bytes(),
            Err(binary) => binary.into_bytes(),
        };
        files.insert(name, bytes);
    }
    files.remove("models.ron");
    files.remove("manifest.ron");
    let sum = |bytes: &[u8]| Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat();
    let sums = files.iter().map(|(name, bytes)| format!("\"{name}\": \"{}\"", sum(bytes))).collect::<Vec<_>>().join(", ");
    let manifest = format!("(format: 1, part_number: \"PN\", made_by: \"x\", note: \"old\", files: {{{sums}}})");
    let mut to = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in std::iter::once(("manifest.ron".to_owned(), manifest.into_bytes())).chain(files) {
        to.start_file(name, zip::write::SimpleFileOptions::default()).unwrap();
        to.write_all(&bytes).unwrap();
    }
    let old = Bundle::from_bytes(&to.finish().unwrap().into_inner(), path).unwrap();
    assert_eq!(old, bundle);
    let scratch = tempfile::tempdir().unwrap();
    assert_eq!(Inspector::open(old, &settings(), scratch.path()).unwrap().verify().unwrap(), 1);
}
