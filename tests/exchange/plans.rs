//! The dry run: matching, classes, overlaps, what is told.

use std::path::Path;

use delimit::exchange::labels::plan::MatchedBy;
use delimit::exchange::labels::{ClassTarget, Format, ImportOptions, ImportPlan, Overlap, read};

use super::project;

fn coco(annotations: &str) -> String {
    format!(
        r#"{{"images":[{{"id":1,"file_name":"set/a.png","width":8,"height":6}},{{"id":2,"file_name":"z.png"}}],
        "categories":[{{"id":5,"name":"DENT"}},{{"id":7,"name":"tape"}},{{"id":9,"name":"ignore"}}],"annotations":[{annotations}]}}"#
    )
}

fn square(category: u32, a: u32, b: u32) -> String {
    format!(r#"{{"image_id":1,"category_id":{category},"iscrowd":0,"segmentation":[[{a},{a},{b},{a},{b},{b},{a},{b}]]}}"#)
}

fn plan(text: &str, options: &ImportOptions) -> ImportPlan {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("instances.json");
    std::fs::write(&path, text).unwrap();
    let set = read(&path, None).unwrap();
    assert_eq!(set.format, Format::Coco);
    ImportPlan::new(set, &project(Path::new("/nowhere"), &["photos/a.png", "b.png"], &["dent", "pit"]), options).unwrap()
}

#[test]
fn classes_match_by_name_and_the_rest_is_open_added_renamed_or_dropped() {
    let text = coco(&[square(5, 0, 2), square(7, 3, 5), square(9, 5, 6)].join(","));
    let target = |options: &ImportOptions| plan(&text, options).classes.iter().map(|c| c.target.clone()).collect::<Vec<_>>();
    let options = ImportOptions::default();
    assert_eq!(target(&options), [ClassTarget::Class(1), ClassTarget::Unknown, ClassTarget::Ignore]);
    assert_eq!(plan(&text, &options).unknown_classes().collect::<Vec<_>>(), ["tape"]);
    let added = ImportOptions { are_unknown_added: true, ..ImportOptions::default() };
    assert_eq!(target(&added)[1], ClassTarget::New { id: 3, name: "tape".into() });
    assert_eq!(plan(&text, &added).new_classes().len(), 1);
    let rename = |new: &str| ImportOptions { rename: vec![("Tape".into(), new.into())], ..ImportOptions::default() };
    assert_eq!(target(&rename("pit"))[1], ClassTarget::Class(2));
    assert_eq!(target(&rename(""))[1], ClassTarget::Dropped);
    assert_eq!(target(&rename("glue"))[1], ClassTarget::New { id: 3, name: "glue".into() });
}

#[test]
fn images_match_or_are_named_with_the_reason() {
    let plan = plan(&coco(&square(5, 0, 2)), &ImportOptions::default());
    assert_eq!(plan.images.len(), 1);
    assert_eq!((plan.images[0].image, plan.images[0].by), (0, MatchedBy::FileName));
    assert_eq!(plan.unmatched.len(), 1);
    assert_eq!(plan.unmatched[0].0, "z.png");
    // The real image has another size than the file says.
    let error = plan.render(&plan.images[0], (9, 6)).unwrap_err().to_string();
    assert!(error.contains("8×6") && error.contains("9×6") && error.contains("instances.json"), "{error}");
}

#[test]
fn overlaps_follow_the_stated_rule_and_are_counted() {
    let text = coco(&[square(9, 1, 3), square(5, 0, 5)].join(","));
    let render = |overlap| {
        let plan = plan(&text, &ImportOptions { overlap, ..ImportOptions::default() });
        plan.render(&plan.images[0], (8, 6)).unwrap()
    };
    // The later one covers the earlier one: 4 px lost. The smaller one on top: 4 px of the large one covered.
    let order = render(Overlap::Order);
    assert_eq!((order.label.histogram()[1], order.label.histogram()[255], order.overlap_px), (25, 0, 4));
    let small = render(Overlap::SmallOnTop);
    assert_eq!((small.label.histogram()[1], small.label.histogram()[255], small.overlap_px), (21, 4, 4));
}
