//! Labels through every format and back, the files of other tools, and hostile ones.

#![expect(clippy::unwrap_used, reason = "a test may end where its ground is missing")]

#[path = "exchange/fixtures.rs"]
mod fixtures;
#[path = "exchange/hostile.rs"]
mod hostile;
#[path = "exchange/peers.rs"]
mod peers;
#[path = "exchange/plans.rs"]
mod plans;
#[path = "exchange/round_trip.rs"]
mod round_trip;

use std::path::{Path, PathBuf};

use delimit::exchange::labels::{ImportOptions, ImportPlan, LabelSet};
use delimit::project::{Class, ImageEntry, PartNumber, Project};
use delimit::raster::LabelMap;

/// The shared material, or None where it is absent.
fn shared(inside: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let root = std::env::var_os("DELIMIT_SHARED").map_or(own, PathBuf::from);
    let path = root.join("data").join(inside);
    if path.exists() {
        return Some(path);
    }
    println!("SKIPPED: {} is absent", path.display());
    None
}

/// A project in memory with images of these names and classes 1, 2, … of these names.
fn project(root: &Path, images: &[&str], classes: &[&str]) -> Project {
    let mut project = Project::new(root, "p");
    project.classes = (1..=254_u8).zip(classes).map(|(id, name)| Class::new(id, name)).collect();
    project.part_numbers.push(PartNumber::new("pn"));
    let entry = |name: &&str| ImageEntry {
        id: name.replace(['/', '.'], "_"),
        image: (*name).to_owned(),
        part: (*name).to_owned(),
        part_number: "pn".to_owned(),
    };
    project.add_entries(images.iter().map(entry).collect::<Vec<_>>()).unwrap();
    project
}

/// The label that the only matched image gets, of `size`; every class of the file becomes the next class, in its order.
fn label_of(set: LabelSet, image: &str, size: (u32, u32)) -> LabelMap {
    let names: Vec<String> = set.classes.iter().map(|c| c.name.clone()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let project = project(Path::new("/nowhere"), &[image], &names);
    let plan = ImportPlan::new(set, &project, &ImportOptions::default()).unwrap();
    let at = plan.images.iter().find(|i| i.image == 0).unwrap();
    plan.render(at, size).unwrap().label
}
