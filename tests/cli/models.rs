//! Several models, a candidate beside them, and the first card of a model.

use delimit::judge::{Bounds, Limit};
use delimit::measure::{Calibration, Feature};
use delimit::predict::{CardOutput, InputSize, ModelCard, ModelKind};
use delimit::project::{ModelRole, ModelUse, Project};

use super::fixture::{Fixture, card, delimit, linear, rules, write};

/// Beside the model that says what was drawn: one that sees no dark, one that sees no bright, one that finds bright odd.
fn with_models() -> Fixture {
    let fixture = Fixture::complete();
    let root = fixture.project();
    let put = |name: &str, model: Vec<u8>, card: &ModelCard| {
        write(&root.join(format!("models/{name}.onnx")), &model);
        write(&root.join(format!("models/{name}.ron")), card.to_ron().unwrap().as_bytes());
    };
    put("blind", linear(vec![0.0, 0.0, 100.0], vec![0.0, -9.0, -75.0]).to_bytes(), &card());
    put("dark", linear(vec![0.0, -100.0, 0.0], vec![0.0, 25.0, -9.0]).to_bytes(), &card());
    let odd = CardOutput { score_range: Some((0.5, 1.0)), ..CardOutput::default() };
    let odd = ModelCard { format: 2, name: "odd".into(), kind: ModelKind::Anomaly, output: odd, ..card() };
    put("odd", linear(vec![1.0], vec![0.0]).to_bytes(), &odd);
    fixture
}

fn use_models(fixture: &Fixture, models: Vec<ModelUse>) {
    let mut project = Project::load(&fixture.project()).unwrap();
    project.part_numbers[0].models = models;
    project.save().unwrap();
}

#[test]
fn a_candidate_is_held_against_the_running_models_defect_by_defect() {
    let fixture = with_models();
    let run = fixture.run("compare", &["--json", "--candidate", "models/blind.onnx"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let json = run.json();
    let candidate = &json["candidates"][0];
    // Four dark boxes and a bright one are labelled.
    assert_eq!((candidate["model"].as_str(), candidate["compared"].as_u64()), (Some("blind"), Some(5)));
    let total = &candidate["total"];
    assert_eq!((total["found_by_both"].as_u64(), total["lost"].as_array().map(Vec::len)), (Some(1), Some(4)));
    assert_eq!((total["gained"].as_array().map(Vec::len), total["p_value"].as_f64()), (Some(0), Some(2.0 / 16.0)));
    let images: Vec<&str> = total["lost"].as_array().unwrap().iter().map(|d| d["image"].as_str().unwrap()).collect();
    assert!(images.iter().any(|image| image.contains("d_large")) && !images.iter().any(|image| image.contains("e_bright")));
    assert_eq!(json["part_numbers"][0]["recall"]["count"], 5, "{}", json["part_numbers"][0]["recall"]);
    // As text, from a file that is named from elsewhere.
    let file = fixture.project().join("models/blind.onnx").display().to_string();
    let run = fixture.run("compare", &["--candidate", &file]);
    assert!(run.code == 0 && run.out.contains("Candidate blind (B)") && run.out.contains("Lost: "), "{} {}", run.out, run.err);
    fixture.run("compare", &["--candidate", "models/none.onnx"]).assert_refused(&["no model models/none.onnx"]);
    // Without a candidate nothing is said of one.
    assert!(fixture.run("compare", &["--json"]).json().get("candidates").is_none());
}

#[test]
fn predict_says_what_each_model_found_and_judge_reviews_the_unknown() {
    let fixture = with_models();
    let candidate = ModelUse { role: ModelRole::Candidate, ..ModelUse::new("models/blind.onnx") };
    use_models(&fixture, vec![ModelUse::new("models/dark.onnx"), ModelUse::new("models/odd.onnx"), candidate]);
    let run = fixture.run("predict", &["--json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let models = run.json()["part_numbers"][0]["models"].clone();
    let told: Vec<(&str, &str, u64)> = models
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["model"].as_str().unwrap(), m["kind"].as_str().unwrap(), m["regions"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("dark", "segmentation", 4), ("odd", "anomaly", 1)]);
    let text = fixture.run("predict", &[]).out;
    assert!(text.contains("odd (anomaly): 1 region") && text.contains("MB together"), "{text}");
    let judged = fixture.run("judge", &["--on", "predictions", "--explain"]);
    assert!(judged.out.contains("unknown"), "{}", judged.out);
    // The bundle carries both and judges its golden parts the same.
    let bundle = fixture.bundle();
    let run = delimit(["inspect", &bundle, &fixture.path("photos/e_bright.png").display().to_string(), "--json"]);
    let line = &run.json_lines()[0];
    assert_eq!((line["verdict"].as_str(), line["regions"][0]["class"].as_str()), (Some("review"), Some("unknown")), "{}", run.err);
}

#[test]
fn a_limit_that_is_too_small_for_the_model_is_told() {
    let fixture = with_models();
    let root = fixture.project();
    let mut project = Project::load(&root).unwrap();
    project.part_numbers[0].calibration = Some(Calibration::square(0.1));
    project.save().unwrap();
    let mut rules = rules();
    // 0.3 mm are 3 px of the photo, and 1.5 px of a model that sees half of its 64 × 48 px.
    rules.cells[0].limits.push(Limit::of(Feature::Length, Bounds::new(Some(0.3), Some(1.0))));
    write(&project.ruleset_path(0), rules.to_ron().unwrap().as_bytes());
    assert!(!fixture.run("predict", &[]).err.contains("px where the model works"));
    let mut small = card();
    small.input.size = InputSize::Fixed { width: 32, height: 24 };
    write(&root.join("models/gray.ron"), small.to_ron().unwrap().as_bytes());
    let run = fixture.run("predict", &[]);
    assert!(run.err.contains("gray: the limit of 0.3 mm on the length of dark is 1.5 px where the model works"), "{}", run.err);
}

#[test]
fn a_card_is_drafted_and_never_written_over_one_that_is_there() {
    let fixture = Fixture::complete();
    let model = fixture.project().join("models/gray.onnx").display().to_string();
    let photo = fixture.path("photos/d_large.png").display().to_string();
    let picture = fixture.path("scalings.png").display().to_string();
    let run = delimit(["model", &model, "--photo", &photo, "--preview", &picture]);
    assert_eq!(run.code, 0, "{}", run.err);
    for word in [
        "kind: segmentation",
        "input.channels: 1",
        "output.activation: logits",
        "? output.classes: background, class 1, class 2",
        "multiple_of: 1",
    ] {
        assert!(run.out.contains(word), "{word}: {}", run.out);
    }
    assert_eq!(image::image_dimensions(&picture).unwrap(), (128, 96));
    let card = fixture.project().join("models/gray.ron");
    let before = std::fs::read(&card).unwrap();
    delimit(["model", &model, "--write"]).assert_refused(&["gray.ron", "--force"]);
    assert_eq!(std::fs::read(&card).unwrap(), before);
    let run = delimit(["model", &model, "--write", "--force"]);
    assert_eq!(run.code, 0, "{}", run.err);
    assert_eq!(ModelCard::load(&card).unwrap().output.classes, ["background", "class 1", "class 2"]);
}
