//! `delimit import` and `delimit export` on real folders.

use delimit::project::Project;
use delimit::session::Session;

use super::fixture::{Fixture, PARTS, delimit, write};

const FORMATS: [&str; 8] = ["coco", "coco-polygons", "labelme", "cvat", "yolo", "voc", "png", "gray"];

#[test]
fn what_goes_out_comes_in_again_in_every_format() {
    let from = Fixture::complete();
    let source = Project::load(&from.project()).unwrap();
    let out = |format: &str| from.path(&format!("out-{format}")).display().to_string();
    for format in FORMATS {
        let run = from.run("export", &[&out(format), "--format", format, "--json"]);
        assert_eq!(run.code, 0, "{format}: {} {}", run.out, run.err);
        let certificate = run.json();
        assert_eq!((&certificate["is_exact"], &certificate["xor_px"]), (&true.into(), &0.into()), "{format}");
        assert_eq!(certificate["images"].as_array().unwrap().len(), PARTS.len());
        let beside = std::fs::read_to_string(from.path(&format!("out-{format}/certificate.json"))).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&beside).unwrap(), certificate);
        // A project of the same photos without labels gets the very same pixels, with the format recognised by itself.
        let to = Fixture::unlabelled();
        let run = to.run("import", &[&out(format)]);
        assert_eq!(run.code, 0, "{format}: {} {}", run.out, run.err);
        let target = Project::load(&to.project()).unwrap();
        for (image, part) in PARTS.iter().enumerate() {
            assert_eq!(target.read_label(image).unwrap(), source.read_label(image).unwrap(), "{format} {}", part.0);
        }
    }
}

#[test]
fn a_dry_run_changes_nothing_and_labels_are_replaced_only_when_asked() {
    let from = Fixture::complete();
    let out = from.path("out").display().to_string();
    assert_eq!(from.run("export", &[&out, "--format", "coco"]).code, 0);
    let run = from.run("export", &[&out, "--format", "coco"]);
    run.assert_refused(&["not empty", "--replace"]);

    let to = Fixture::unlabelled();
    let run = to.run("import", &[&out, "--dry-run", "--json"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let plan = run.json();
    assert_eq!((&plan["format"], &plan["dry_run"]), (&"coco".into(), &true.into()));
    assert_eq!(plan["images"].as_array().unwrap().len(), PARTS.len());
    assert!(!to.project().join("labels").exists());

    // Into the project that has the labels already: kept, and a person is told.
    let label = from.project().join("labels/d_large.png");
    let before = std::fs::read(&label).unwrap();
    let swapped = ["--class", "dark=bright", "--class", "bright=dark"];
    let run = from.run("import", &[&[out.as_str()], &swapped[..]].concat());
    assert!(run.code == 3 && run.out.contains("kept"), "{} {}", run.out, run.err);
    assert_eq!(std::fs::read(&label).unwrap(), before);
    let run = from.run("import", &[&[out.as_str(), "--replace"], &swapped[..]].concat());
    assert_eq!(run.code, 0, "{} {}", run.out, run.err);
    let project = Project::load(&from.project()).unwrap();
    // d_large: a box of 10 × 5 of class 1, now of class 2; one step of undo away from what it was.
    let large = PARTS.iter().position(|p| p.0 == "d_large").unwrap();
    assert_eq!(project.read_label(large).unwrap().histogram()[..3], [64 * 48 - 50, 0, 50]);
    let mut session = Session::open(&from.project()).unwrap();
    let id = delimit::session::SurfaceId::Label(large);
    session.load_surface(id).unwrap();
    assert!(session.undo(id).unwrap());
    assert_eq!(session.surface(id).unwrap().map().histogram()[..3], [64 * 48 - 50, 50, 0]);
}

#[test]
fn what_does_not_fit_is_named_and_the_exit_code_says_so() {
    let to = Fixture::unlabelled();
    let file = to.path("instances.json");
    let annotation = |image: u32, category: u32| {
        format!(r#"{{"image_id":{image},"category_id":{category},"segmentation":[[1,1,4,1,4,3,1,3]]}}"#)
    };
    let coco = |annotations: &[String]| {
        format!(
            r#"{{"images":[{{"id":1,"file_name":"a_clean.png","width":64,"height":48}},{{"id":2,"file_name":"other.png"}},{{"id":3,"file_name":"b_small.png","width":9,"height":9}}],
            "categories":[{{"id":1,"name":"Dark"}},{{"id":2,"name":"tape"}}],"annotations":[{}]}}"#,
            annotations.join(",")
        )
    };
    write(&file, coco(&[annotation(1, 1), annotation(1, 2), annotation(3, 1)]).as_bytes());
    let path = file.display().to_string();
    to.run("import", &[&path]).assert_refused(&["tape", "--add-classes", "instances.json"]);
    let run = to.run("import", &[&path, "--dry-run"]);
    assert!(run.code == 4 && run.out.contains("not matched: other.png") && run.out.contains("unknown"), "{}", run.out);
    to.run("import", &[&path, "--class", "glue=dark"]).assert_refused(&["glue", "Dark, tape"]);

    let run = to.run("import", &[&path, "--class", "tape=tape", "--json"]);
    assert_eq!(run.code, 4, "{}", run.err);
    assert!(run.err.contains("9×9") && run.err.contains("64×48"), "{}", run.err);
    let report = run.json();
    assert_eq!(report["images"][0]["outcome"], "taken");
    assert_eq!(report["images"][1]["outcome"], "refused");
    assert_eq!(report["unmatched"][0]["name"], "other.png");
    let project = Project::load(&to.project()).unwrap();
    assert_eq!(project.class_names()[2], (3, "tape".to_owned()));
    assert_eq!(project.read_label(0).unwrap().histogram()[3], 6, "a box of 3 × 2, and the later one lies on top");

    write(&file, coco(&[annotation(1, 9)]).as_bytes());
    to.run("import", &[&path]).assert_refused(&["annotation 1", "no category has the id 9", "instances.json"]);
    delimit(["import", &to.project().display().to_string(), "/nowhere/at.all"]).assert_refused(&["/nowhere/at.all"]);
}
