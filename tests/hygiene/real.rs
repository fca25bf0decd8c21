//! How often each check speaks on label sets of other people. `cargo test --test hygiene -- --ignored --nocapture` prints the table; with
//! `DELIMIT_CROPS=<folder>` pictures of what was flagged are written there.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use delimit::check::{
    BoundaryCheck, BoundaryKind, ClassShapes, Finding, FindingKind, Hygiene, ShapeFigures, ShapeLimits, Surroundings,
    check_components, findings,
};
use delimit::raster::{Components, LabelMap, Photo, PixelRect, Plane};

use super::shapes::fill;

fn data() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let shared = std::env::var_os("DELIMIT_SHARED").map_or(beside, PathBuf::from).join("data");
    shared.exists().then_some(shared)
}

/// Reads a set.
type Load = fn(&Path) -> Vec<Pair>;

/// A photo and the label that people gave it.
struct Pair {
    name: String,
    photo: Photo,
    label: LabelMap,
}

fn photo(path: &Path) -> Photo {
    match image::open(path).unwrap() {
        image::DynamicImage::ImageLuma8(i) => Photo::Gray8(Plane::from_vec(i.width(), i.height(), i.into_raw())),
        other => {
            let i = other.to_rgb8();
            Photo::Rgb8(Plane::from_vec(i.width(), i.height(), i.pixels().map(|p| p.0).collect()))
        }
    }
}

fn gray(path: &Path) -> Plane<u8> {
    let i = image::open(path).unwrap().to_luma8();
    Plane::from_vec(i.width(), i.height(), i.into_raw())
}

fn files(folder: &Path, ending: &str) -> Vec<PathBuf> {
    let mut out: Vec<PathBuf> = fs::read_dir(folder)
        .map(|all| all.filter_map(|e| Some(e.ok()?.path())).filter(|p| p.extension().is_some_and(|e| e == ending)).collect())
        .unwrap_or_default();
    out.sort();
    out
}

fn stem(path: &Path) -> String {
    path.file_stem().unwrap().to_string_lossy().into_owned()
}

fn magnetic_tile(data: &Path) -> Vec<Pair> {
    let classes = ["MT_Blowhole", "MT_Break", "MT_Crack", "MT_Fray", "MT_Uneven"];
    let mut out = Vec::new();
    for (id, class) in (1..).zip(classes) {
        for path in files(&data.join("magnetic_tile").join(class).join("Imgs"), "png") {
            let mask = gray(&path).map(|v| if v >= 128 { id } else { 0 });
            out.push(Pair {
                name: format!("{class}-{}", stem(&path)),
                photo: photo(&path.with_extension("jpg")),
                label: LabelMap::from_plane(&mask),
            });
        }
    }
    out
}

fn neu_seg(data: &Path) -> Vec<Pair> {
    let folder = data.join("neu_seg");
    let labels = files(&folder.join("annotations/training"), "png");
    labels
        .into_iter()
        .map(|path| {
            let name = stem(&path);
            let photo = photo(&folder.join("images/training").join(format!("{name}.jpg")));
            Pair { name, photo, label: LabelMap::from_plane(&gray(&path)) }
        })
        .collect()
}

fn of_polygons(name: String, photo: Photo, polygons: &[Vec<(f64, f64)>]) -> Pair {
    let mut mask = Plane::filled(photo.width(), photo.height(), 0);
    for polygon in polygons {
        fill(polygon, mask.width(), mask.height(), |x, y| mask.set(x, y, 1));
    }
    Pair { name, photo, label: LabelMap::from_plane(&mask) }
}

fn bsdata(data: &Path) -> Vec<Pair> {
    let folder = data.join("bsdata");
    let mut out = Vec::new();
    for path in files(&folder.join("label"), "json") {
        let json: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        let points = |shape: &serde_json::Value| {
            let all = shape["points"].as_array().unwrap().iter();
            all.map(|p| (p[0].as_f64().unwrap(), p[1].as_f64().unwrap())).collect::<Vec<_>>()
        };
        let polygons: Vec<Vec<(f64, f64)>> = json["shapes"].as_array().unwrap().iter().map(points).collect();
        let image = folder.join("data").join(format!("{}.jpg", stem(&path)));
        if image.exists() {
            out.push(of_polygons(stem(&path), photo(&image), &polygons));
        }
    }
    out
}

fn kolektor(data: &Path) -> Vec<Pair> {
    let folder = data.join("kolektorsdd_yoloseg/Datasets");
    let mut out = Vec::new();
    for split in ["train", "val", "test"] {
        for path in files(&folder.join("labels").join(split), "txt") {
            let image = folder.join("images").join(split).join(format!("{}.jpg", stem(&path)));
            if !image.exists() {
                continue;
            }
            let photo = photo(&image);
            let (w, h) = (f64::from(photo.width()), f64::from(photo.height()));
            let text = fs::read_to_string(&path).unwrap();
            let polygons: Vec<Vec<(f64, f64)>> = text
                .lines()
                .map(|line| {
                    let numbers: Vec<f64> = line.split_whitespace().skip(1).filter_map(|v| v.parse().ok()).collect();
                    numbers.chunks_exact(2).map(|p| (p[0] * w, p[1] * h)).collect()
                })
                .collect();
            out.push(of_polygons(stem(&path), photo, &polygons));
        }
    }
    out
}

fn attribute<'a>(tag: &'a str, name: &str) -> &'a str {
    let from = tag.find(&format!(" {name}=\"")).unwrap() + name.len() + 3;
    &tag[from..from + tag[from..].find('"').unwrap()]
}

fn urban(data: &Path) -> Vec<Pair> {
    let folder = data.join("urban_cvat_large");
    let text = fs::read_to_string(folder.join("annotations.xml")).unwrap_or_default();
    let mut classes: Vec<String> = Vec::new();
    let mut out = Vec::new();
    for part in text.split("<image ").skip(1) {
        let head = format!(" {part}");
        let name = attribute(&head, "name").rsplit('/').next().unwrap().to_owned();
        let photo = photo(&folder.join("images/raw").join(&name));
        let mut mask = Plane::filled(photo.width(), photo.height(), 0);
        for tag in part.split("<mask").skip(1) {
            let label = attribute(tag, "label").to_owned();
            let class = classes.iter().position(|c| *c == label).unwrap_or_else(|| {
                classes.push(label);
                classes.len() - 1
            });
            let number = |name: &str| attribute(tag, name).parse::<u32>().unwrap();
            let (left, top, width) = (number("left"), number("top"), number("width"));
            let (mut at, mut value) = (0, false);
            for run in attribute(tag, "rle").split(',').map(|n| n.trim().parse::<u32>().unwrap()) {
                if value {
                    for i in at..at + run {
                        let (x, y) = (left + i % width, top + i / width);
                        if x < mask.width() && y < mask.height() {
                            mask.set(x, y, class as u8 + 1);
                        }
                    }
                }
                at += run;
                value = !value;
            }
        }
        out.push(Pair { name, photo, label: LabelMap::from_plane(&mask) });
    }
    out
}

/// A piece of the photo beside the same piece with the label's outline in red, four times enlarged where it is small.
fn crop(pair: &Pair, finding: &Finding, path: &Path) {
    let (w, h) = (pair.photo.width(), pair.photo.height());
    let around = finding.bounds.grown(finding.bounds.width().max(finding.bounds.height()) / 2 + 12, w, h);
    let step = (around.width().max(around.height()) / 400).max(1);
    let zoom = (400 / around.width().max(around.height()).max(1)).clamp(1, 8);
    let (cw, ch) = (around.width() / step * zoom, around.height() / step * zoom);
    let out = image::RgbImage::from_fn(2 * cw + 4, ch.max(1), |u, v| {
        let is_right = u >= cw + 4;
        let u = if is_right { u - cw - 4 } else { u.min(cw.max(1) - 1) };
        let (x, y) = ((around.x0 + u / zoom * step).min(w - 1), (around.y0 + v / zoom * step).min(h - 1));
        let value = pair.label.get(x, y);
        let is_edge = value != 0
            && [(1_i64, 0_i64), (-1, 0), (0, 1), (0, -1)].iter().any(|(dx, dy)| {
                pair.label
                    .get((i64::from(x) + dx * i64::from(step)).max(0) as u32, (i64::from(y) + dy * i64::from(step)).max(0) as u32)
                    != value
            });
        let rgb = pair.photo.rgb_at(x, y).map(|c| c as u8);
        image::Rgb(if !is_right {
            rgb
        } else if is_edge {
            [255, 40, 40]
        } else if value != 0 {
            rgb.map(|c| (c / 2).saturating_add(if value.is_multiple_of(2) { 60 } else { 90 }))
        } else {
            rgb
        })
    });
    out.save(path).unwrap();
}

fn all_findings(pair: &Pair) -> (usize, Vec<Finding>) {
    let components = Components::of(&pair.label);
    let settings = BoundaryCheck::default();
    let checks = check_components(&pair.photo, &pair.label, &components, &settings, |_| BoundaryKind::Sharp, None);
    let hygiene = Hygiene::default();
    let mut list = findings(&checks);
    let around = Surroundings { checks: &checks, ..Surroundings::default() };
    list.extend(hygiene.findings_in(&pair.label, &components, &around));
    (components.len(), list)
}

#[test]
#[ignore = "prints a table over real sets; takes a minute"]
fn table_of_real_sets() {
    let Some(data) = data() else {
        println!("SKIPPED: the shared data is absent");
        return;
    };
    let crops = std::env::var_os("DELIMIT_CROPS").map(PathBuf::from);
    let sets: [(&str, Load); 5] =
        [("magnetic_tile", magnetic_tile), ("neu_seg", neu_seg), ("bsdata", bsdata), ("kolektor", kolektor), ("urban", urban)];
    let only = std::env::var("DELIMIT_SET").ok();
    for (name, load) in sets {
        if only.as_ref().is_some_and(|o| o != name) {
            continue;
        }
        let pairs = load(&data);
        let (mut regions, mut labelled) = (0, 0);
        let mut by_kind: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for pair in &pairs {
            if pair.label.is_blank() {
                continue;
            }
            labelled += 1;
            let (n, list) = all_findings(pair);
            regions += n;
            for f in &list {
                let entry = by_kind.entry(f.kind.id()).or_default();
                entry.0 += 1;
                entry.1.insert(&pair.name);
                if let Some(folder) = &crops
                    && entry.0 <= 12
                    && !matches!(f.kind, FindingKind::Boundary(_))
                {
                    fs::create_dir_all(folder).unwrap();
                    crop(pair, f, &folder.join(format!("{name}-{}-{:02}.png", f.kind.id(), entry.0)));
                }
            }
        }
        println!("\n{name}: {labelled} labels, {regions} regions");
        for (id, (count, images)) in by_kind {
            println!("  {id:24} {count:5} in {:4} images", images.len());
        }
    }
}

/// Labels laid on photos without the defect: the label of one tile on the photo of an OK tile.
#[test]
#[ignore = "prints figures over a real set; takes a minute"]
fn phantoms_on_good_tiles() {
    let Some(data) = data() else {
        println!("SKIPPED: the shared data is absent");
        return;
    };
    let good: Vec<Photo> = files(&data.join("magnetic_tile/MT_Free/Imgs"), "jpg").iter().map(|p| photo(p)).collect();
    let hygiene = Hygiene::default();
    let (mut counts, mut coverages): (BTreeMap<&str, usize>, [Vec<f64>; 2]) = (BTreeMap::new(), [Vec::new(), Vec::new()]);
    for (at, pair) in magnetic_tile(&data).iter().enumerate() {
        for (is_phantom, photo) in [(false, &pair.photo), (true, &good[at % good.len()])] {
            let (w, h) = (photo.width().min(pair.label.width()), photo.height().min(pair.label.height()));
            let rect = PixelRect::of_size(w, h);
            let label = LabelMap::from_plane(&pair.label.crop(rect));
            let Photo::Gray8(plane) = photo else { continue };
            let cut = Photo::Gray8(plane.crop(rect));
            let components = Components::of(&label);
            let checks = check_components(&cut, &label, &components, &BoundaryCheck::default(), |_| BoundaryKind::Sharp, None);
            let around = Surroundings { checks: &checks, ..Surroundings::default() };
            let found = hygiene.findings_in(&label, &components, &around);
            for c in &checks {
                *counts.entry(if is_phantom { "phantom regions" } else { "real regions" }).or_default() += 1;
                if c.result.verdict == delimit::check::Soundness::Unmeasurable {
                    coverages[usize::from(is_phantom)].push(c.result.coverage);
                    *counts.entry(if is_phantom { "phantom, unmeasurable" } else { "real, unmeasurable" }).or_default() += 1;
                }
                if found.iter().any(|f| f.kind == FindingKind::NoContrast && f.region == Some(c.region)) {
                    *counts.entry(if is_phantom { "phantom, found" } else { "real, flagged" }).or_default() += 1;
                }
            }
        }
    }
    for list in &mut coverages {
        list.sort_by(f64::total_cmp);
        let at = |q: f64| list.get((q * list.len() as f64) as usize).copied().unwrap_or(f64::NAN);
        println!("coverage of the unmeasurable at 5, 10, 25, 50, 75, 90 %: {:?}", [0.05, 0.1, 0.25, 0.5, 0.75, 0.9].map(at));
    }
    println!("{counts:?}");
}

/// Regions unlike the others of their class.
#[test]
#[ignore = "prints figures over real sets; takes a minute"]
fn unusual_shapes_of_real_sets() {
    let Some(data) = data() else {
        println!("SKIPPED: the shared data is absent");
        return;
    };
    let crops = std::env::var_os("DELIMIT_CROPS").map(PathBuf::from);
    let limits = ShapeLimits::default();
    for (name, pairs) in [("magnetic_tile", magnetic_tile(&data)), ("neu_seg", neu_seg(&data)), ("bsdata", bsdata(&data))] {
        let mut all = Vec::new();
        for (at, pair) in pairs.iter().enumerate() {
            let components = Components::of(&pair.label);
            let settings = BoundaryCheck::default();
            let checks = check_components(&pair.photo, &pair.label, &components, &settings, |_| BoundaryKind::Sharp, None);
            let size = (pair.label.width(), pair.label.height());
            all.extend(ShapeFigures::of(&components, size, &checks).into_iter().map(|f| (at, f)));
        }
        for class in 1..=5 {
            let of_class = || all.iter().filter(|(_, f)| f.region.1 == class);
            let Some(usual) = ClassShapes::of(of_class().map(|(_, f)| f), &limits) else { continue };
            let odd: Vec<(usize, Finding)> = of_class().filter_map(|(at, f)| Some((*at, usual.judge(f, &limits)?))).collect();
            println!("{name}, class {class}: {} of {} regions", odd.len(), of_class().count());
            for (i, (at, finding)) in odd.iter().enumerate() {
                println!("  {}: {}", pairs[*at].name, finding.message);
                if let Some(folder) = &crops {
                    fs::create_dir_all(folder).unwrap();
                    crop(&pairs[*at], finding, &folder.join(format!("{name}-shape-{class}-{i:02}.png")));
                }
            }
        }
    }
}
