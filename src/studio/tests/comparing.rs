//! The model's figures in the window against those of the library.

use delimit::session::Session;
use delimit::workflow::comparing::{PooledComparison, compare_image};
use delimit::workflow::judging::{evaluate, images_of, measure_predictions};
use delimit::workflow::{ModelSettings, ProjectModels};
use egui::Key;
use egui::accesskit::Role;
use egui_kittest::kittest::{NodeT as _, Queryable as _};

use super::desk::{Desk, PARTS};

/// All texts of the window, top to bottom and left to right.
fn texts(desk: &Desk) -> Vec<String> {
    let labels = desk.h.query_all_by_role(Role::Label);
    labels.filter_map(|n| n.accesskit_node().value()).collect()
}

#[test]
fn the_model_is_compared_and_judged_as_the_library_does() {
    let mut desk = Desk::open_with_model();
    let session = Session::open_read_only(&desk.root).unwrap();
    let (snapshot, project) = (session.snapshot(), session.project());
    let mut model = ProjectModels::open(project, 0, &ModelSettings::default()).unwrap();
    let mut pooled = PooledComparison::default();
    let mut disagreement = Vec::new();
    let measured = measure_predictions(&snapshot, &mut model, &images_of(&snapshot, 0), &|| false, &mut |image, prediction| {
        let comparison = compare_image(&snapshot, image, &prediction.unwrap().class).unwrap();
        disagreement.push((comparison.pixels.disagreement(), image));
        pooled.add(&comparison);
    })
    .unwrap();
    let ruleset = session.ruleset(0).saved();
    let expected = evaluate(&snapshot, 0, ruleset, &session.dispositions(), &measured).unwrap();

    desk.show("Compare");
    let shown = texts(&desk);
    assert!(desk.has_part(&format!("{PARTS} of {PARTS} images")), "all images are predicted");
    assert!(!pooled.classes.is_empty());
    for (class, c) in &pooled.classes {
        let share = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"));
        let name = project.class_name(*class);
        let row = [name.clone(), share(c.pixels.iou()), share(c.pixels.dice())];
        assert!(shown.windows(3).any(|w| w == row), "{row:?} is not a row of {shown:?}");
        let counts = [c.found.to_string(), c.missed.to_string(), c.extra.to_string()];
        let is_row = |w: &[String]| w[0] == name && [&w[1], &w[2], &w[5]] == counts.each_ref();
        assert!(shown.windows(6).any(is_row), "{name} with {counts:?} is not a row of {shown:?}");
    }

    desk.show("Tune");
    let tally = expected.tally();
    for (count, word) in [(tally.ok, "OK"), (tally.ng, "NG"), (tally.review, "review")] {
        assert!(desk.has(&format!("Model: {count} {word}")), "{count} {word}");
    }
    for (name, rate) in [("Escapes", expected.score().escapes()), ("Overkill", expected.score().overkill())] {
        let share = rate.share().map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", s * 100.0));
        assert!(desk.has(&format!("Model: {name} {} of {}   {share}", rate.count, rate.of)));
    }

    // M goes to the image on which they part most.
    disagreement.sort_by_key(|&(pixels, image)| (std::cmp::Reverse(pixels), image));
    desk.key(Key::M);
    assert_eq!(desk.studio().view.image, disagreement[0].1);
    assert!(desk.has(&format!("Canvas, {}", project.images()[disagreement[0].1].id)));
}
