//! Projects on disk: round trips, and every mistake a folder can hold named with its file.

use std::fs;
use std::path::{Path, PathBuf};

use delimit::judge::Disposition;
use delimit::measure::Calibration;
use delimit::project::{
    Class, ImageEntry, LabelState, PartNumber, Project, ProjectError, Sidecar, Zone, ZoneKind, disposition_of_part,
};
use delimit::raster::{LabelMap, Plane};

pub fn write_gray(path: &Path, w: u32, h: u32) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    image::GrayImage::from_fn(w, h, |x, y| image::Luma([(x * 3 + y * 5) as u8])).save(path).unwrap();
}

/// A project with two classes, one part number with two zones, and `images` images of 40 × 30 pixels.
pub fn small_project(root: &Path, images: u32) -> Project {
    let mut project = Project::new(root, "test");
    project.classes = vec![Class::new(1, "scratch"), Class::new(2, "pit")];
    let mut pn = PartNumber::new("4711-B");
    pn.calibration = Some(Calibration::square(0.05));
    pn.nominal = Some("images/nominal.png".into());
    pn.zones = vec![
        Zone { id: 1, name: "seal".into(), kind: ZoneKind::Functional, colour: [255, 0, 0] },
        Zone { id: 2, name: "face".into(), kind: ZoneKind::Cosmetic, colour: [0, 255, 0] },
    ];
    project.part_numbers = vec![pn];
    write_gray(&root.join("images/nominal.png"), 40, 30);
    for i in 0..images {
        write_gray(&root.join(format!("images/{i:03}.png")), 40, 30);
    }
    let entries = (0..images).map(|i| ImageEntry {
        id: format!("{i:03}"),
        image: format!("images/{i:03}.png"),
        part: format!("S{i:03}"),
        part_number: "4711-B".into(),
    });
    project.add_entries(entries).unwrap();
    project.save().unwrap();
    project
}

#[test]
fn a_project_survives_a_round_trip() {
    let folder = tempfile::tempdir().unwrap();
    let project = small_project(folder.path(), 3);
    let loaded = Project::load(folder.path()).unwrap();
    assert_eq!(loaded, project);
    assert_eq!(loaded.parts().len(), 3);
    let map = LabelMap::from_plane(&Plane::from_fn(40, 30, |x, y| ((x + y) % 3) as u8));
    loaded.write_label(1, &map).unwrap();
    assert_eq!(loaded.read_label(1).unwrap(), map);
    assert!(loaded.read_label(0).unwrap().is_blank());
    loaded.write_zones(0, &map).unwrap();
    assert_eq!(loaded.read_zones(0).unwrap(), Some(map));
    let sidecar =
        Sidecar { state: LabelState::Done, disposition: Disposition::Ng, note: "see \"seal\"\n".into(), ..Sidecar::default() };
    loaded.write_sidecar(2, &sidecar).unwrap();
    assert_eq!(loaded.read_sidecar(2).unwrap(), sidecar);
    assert_eq!(loaded.read_sidecar(0).unwrap(), Sidecar::default());
}

#[test]
fn a_label_file_shows_its_class_colours_in_any_viewer() {
    let folder = tempfile::tempdir().unwrap();
    let project = small_project(folder.path(), 1);
    let mut map = LabelMap::new(40, 30);
    map.fill_span(5, 5, 9, 2);
    project.write_label(0, &map).unwrap();
    let seen = image::open(project.label_path(0)).unwrap().to_rgb8();
    assert_eq!(seen.get_pixel(6, 5).0, project.classes[1].colour);
    assert_eq!(seen.get_pixel(0, 0).0, [0, 0, 0]);
}

fn text_of(error: &ProjectError, parts: &[&str]) {
    let text = error.to_string();
    for part in parts {
        assert!(text.contains(part), "{text:?} does not speak of {part:?}");
    }
}

#[test]
fn every_mistake_on_disk_names_its_file() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    text_of(&Project::load(root).unwrap_err(), &["no project.ron", "delimit new"]);
    let project = small_project(root, 2);

    fs::remove_file(root.join("images/001.png")).unwrap();
    text_of(&project.read_photo(1).unwrap_err(), &["001.png", "no such file"]);
    text_of(&project.read_label(1).unwrap_err(), &["001.png"]);

    project.write_label(0, &LabelMap::new(41, 30)).unwrap();
    text_of(&project.read_label(0).unwrap_err(), &["000.png", "41×30", "40×30"]);

    let mut map = LabelMap::new(40, 30);
    map.fill_span(0, 0, 3, 9);
    project.write_label(0, &map).unwrap();
    text_of(&project.read_label(0).unwrap_err(), &["000.png", "value 9", "1 scratch, 2 pit"]);

    fs::write(root.join("labels/000.png"), b"not a png").unwrap();
    text_of(&project.read_label(0).unwrap_err(), &["000.png"]);
    fs::write(root.join("images/000.png"), b"\x89PNG\r\n\x1a\nrubbish").unwrap();
    text_of(&project.read_photo(0).unwrap_err(), &["000.png", "decoded"]);

    let good = fs::read_to_string(root.join("project.ron")).unwrap();
    fs::write(root.join("project.ron"), good.replacen("format: 1", "format: 9, shiny: true", 1)).unwrap();
    text_of(&Project::load(root).unwrap_err(), &["project.ron", "format 9", "newer"]);
    fs::write(root.join("project.ron"), good.replacen("name:", "nome:", 1)).unwrap();
    text_of(&Project::load(root).unwrap_err(), &["project.ron", "line"]);
    fs::write(root.join("project.ron"), good.replacen("id: 2", "id: 1", 1)).unwrap();
    text_of(&Project::load(root).unwrap_err(), &["project.ron", "id 1"]);
    fs::write(root.join("project.ron"), &good).unwrap();

    let list = fs::read_to_string(root.join("parts.csv")).unwrap();
    fs::write(root.join("parts.csv"), list.replacen("4711-B", "4712", 1)).unwrap();
    text_of(&Project::load(root).unwrap_err(), &["parts.csv", "line 2", "4712", "4711-B"]);
    fs::write(root.join("parts.csv"), list.replacen("001,", "../../x,", 1)).unwrap();
    text_of(&Project::load(root).unwrap_err(), &["parts.csv", "leaves the labels folder"]);
    fs::write(root.join("parts.csv"), list.replacen("001,", "000,", 1)).unwrap();
    text_of(&Project::load(root).unwrap_err(), &["parts.csv", "line 3", "unique"]);
    fs::write(root.join("parts.csv"), "id,image\n1,2\n").unwrap();
    text_of(&Project::load(root).unwrap_err(), &["parts.csv", "line 2"]);
}

#[test]
fn images_are_added_once_and_stay_where_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let mut project = small_project(folder.path(), 1);
    let outside: PathBuf = elsewhere.path().join("000.png");
    write_gray(&outside, 8, 8);
    let inside = folder.path().join("images/more/a.png");
    write_gray(&inside, 8, 8);
    let known = folder.path().join("images/000.png");
    let paths = [outside.clone(), inside, known];
    assert_eq!(project.add_images(0, &paths).unwrap(), 2);
    assert_eq!(project.add_images(0, &paths).unwrap(), 0);
    project.save().unwrap();
    let project = Project::load(folder.path()).unwrap();
    let ids: Vec<&str> = project.images().iter().map(|i| i.id.as_str()).collect();
    assert_eq!(ids, ["000", "000_2", "more/a"]);
    assert_eq!(project.images()[2].image, "images/more/a.png");
    assert_eq!(fs::canonicalize(project.image_path(1)).unwrap(), fs::canonicalize(outside).unwrap());
    assert!(project.read_photo(1).is_ok());
}

#[test]
fn the_truth_of_a_part_is_the_worst_of_its_images() {
    use Disposition::{Ng, Ok, Unknown};
    for (images, expected) in
        [(vec![], Unknown), (vec![Ok, Ok], Ok), (vec![Ok, Ng], Ng), (vec![Unknown, Ng], Ng), (vec![Ok, Unknown], Ok)]
    {
        assert_eq!(disposition_of_part(images.clone()), expected, "{images:?}");
    }
}
