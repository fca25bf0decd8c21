//! Acceptance criteria of standards and workshops, written as rulesets in `assets/criteria`, with fixtures that a reference evaluator
//! judged: every fixture must get the reference's verdict, from every judge.
//!
//! The fixtures name things in their own way. `diameter` is the equivalent diameter, `conf` the mean probability, `dist_land` the distance
//! to the border of the zone, `x` and `y` the centre. `area` of a ball with `void_area` in it is what remains beside the void, whose area
//! is that of the holes. `height` is that of the upright bounding box, and with it `width` too. `compactness` is perimeter² / (4π·area),
//! the inverse of circularity. `aspect` is width by length, the inverse of ours. The constant `Mpx` is the size of the image.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use delimit::judge::{Board, Ruleset, Surroundings, UNZONED, Verdict, judge_part, judge_table};
use delimit::measure::{Feature, Region, RegionTable, ZoneShare};
use delimit::raster::{PixelRect, Point, UNKNOWN};
use serde_json::Value;

type Ids = Vec<(u8, String)>;

fn criteria() -> Option<Vec<Value>> {
    let shared = std::env::var_os("DELIMIT_SHARED")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared"), PathBuf::from);
    let path = shared.join("rules/criteria.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!("SKIPPED: {} is absent", path.display());
        return None;
    };
    Some(serde_json::from_str(&text).unwrap())
}

/// The files, in the order of their numbers.
fn files() -> Vec<PathBuf> {
    // Beside this file's folder, wherever the test is built from.
    let folder = Path::new(file!()).parent().unwrap().join("../assets/criteria");
    let folder = if folder.is_dir() { folder } else { Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/criteria") };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn all_fixtures_get_the_reference_verdicts() {
    let Some(criteria) = criteria() else { return };
    let files = files();
    assert_eq!((criteria.len(), files.len()), (26, 26));
    let mut failures = Vec::new();
    let mut count = 0;
    for (number, (criterion, file)) in criteria.iter().zip(&files).enumerate() {
        let name = criterion["name"].as_str().unwrap();
        let own = file.file_name().unwrap().to_string_lossy().into_owned();
        let start = format!("C{:02}", number + 1);
        assert!(name.starts_with(&start) && own.to_uppercase().starts_with(&start), "{name} is not {own}");
        let ruleset = Ruleset::read(file).unwrap();
        let (classes, zones) = names(criterion, &ruleset);
        let image_px = criterion["const"]["Mpx"].as_f64().map(|mpx| (mpx * 1e6).round() as u64);
        let surroundings = Surroundings { image_px, ..Surroundings::default() };
        let rules = ruleset.compile_with(&classes, &zones, &surroundings).unwrap_or_else(|e| panic!("{own}: {e}"));
        for (i, fixture) in criterion["fixtures"].as_array().unwrap().iter().enumerate() {
            count += 1;
            let mut table = RegionTable::new();
            for (i, region) in fixture["regions"].as_array().unwrap().iter().enumerate() {
                rules.admission().push(&mut table, 0, i as u32, &region_of(region, &classes, &zones));
            }
            table.finish_part();
            let judged = judge_part(&table, 0, &rules);
            assert_eq!(judge_table(&table, &rules), [judged.verdict]);
            assert_eq!(Board::new(&table, &rules).verdicts(), [judged.verdict]);
            if judged.verdict != expected(fixture) {
                let why: Vec<String> = judged.reasons.iter().map(delimit::judge::Reason::sentence).collect();
                failures.push(format!("{own}, fixture {i}: {}, not {}: {why:?}", judged.verdict, expected(fixture)));
            }
        }
    }
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(count, 126, "all fixtures were looked at");
}

#[test]
fn the_files_say_what_they_are_and_read_back_as_they_are() {
    for file in files() {
        let text = std::fs::read_to_string(&file).unwrap();
        let ruleset = Ruleset::from_ron(&text, &file).unwrap();
        assert!(ruleset.note.contains("An example to edit, not a claim of compliance"), "{}", file.display());
        assert_eq!(ruleset.to_ron().unwrap(), text, "{} is not in the form that this program writes", file.display());
        assert!(ruleset.least_format() <= ruleset.format, "{}", file.display());
    }
}

fn expected(fixture: &Value) -> Verdict {
    match fixture["expect"].as_str() {
        Some("OK") => Verdict::Ok,
        Some("REVIEW") => Verdict::Review,
        Some("NG") => Verdict::Ng,
        other => panic!("an unknown verdict: {other:?}"),
    }
}

/// All classes and zones that the ruleset or a fixture names; "unknown" is what a model could not name.
fn names(criterion: &Value, ruleset: &Ruleset) -> (Ids, Ids) {
    let (mut classes, mut zones) = (BTreeSet::new(), BTreeSet::new());
    for region in criterion["fixtures"].as_array().unwrap().iter().flat_map(|f| f["regions"].as_array().unwrap()) {
        classes.insert(region["cls"].as_str().unwrap().to_owned());
        zones.insert(region["zone"].as_str().unwrap().to_owned());
    }
    for rule in ruleset.all_rules() {
        let guards = [&rule.when, &rule.unless].into_iter().flatten();
        for selection in guards.cloned().chain([rule.selection()]) {
            classes.extend(selection.classes);
            zones.extend(selection.zones);
        }
    }
    for cell in &ruleset.cells {
        classes.insert(cell.class.clone());
        zones.insert(cell.zone.clone());
    }
    let ids = |names: BTreeSet<String>| {
        let named = names.into_iter().filter(|n| n != "*" && n != "unknown" && n != UNZONED);
        named.enumerate().map(|(i, n)| (i as u8 + 1, n)).collect()
    };
    (ids(classes), ids(zones))
}

fn region_of(region: &Value, classes: &Ids, zones: &Ids) -> Region {
    let id = |names: &Ids, name: &str| names.iter().find(|n| n.1 == name).map(|n| n.0);
    let number = |name: &str| region[name].as_f64().map(|v| v as f32);
    let mut features = [f32::NAN; Feature::COUNT];
    let mut set = |feature: Feature, value: Option<f32>| features[feature.index()] = value.unwrap_or(f32::NAN);
    let void = number("void_area");
    set(Feature::Area, region["area"].as_f64().map(|a| (a - region["void_area"].as_f64().unwrap_or(0.0)) as f32));
    set(Feature::HoleArea, void);
    set(Feature::Length, number("length"));
    set(Feature::Width, number("width"));
    set(Feature::BoxWidth, number("width"));
    set(Feature::BoxHeight, number("height"));
    set(Feature::Circularity, number("compactness").map(|c| 1.0 / c));
    set(Feature::EquivalentDiameter, number("diameter"));
    set(Feature::MeanProbability, number("conf"));
    set(Feature::Aspect, number("aspect").map(|a| 1.0 / a));
    set(Feature::AreaPx, number("area_px"));
    set(Feature::ZoneDistance, number("dist_land"));
    set(Feature::CentreX, number("x"));
    set(Feature::CentreY, number("y"));
    let zone = id(zones, region["zone"].as_str().unwrap()).unwrap_or(0);
    Region {
        class: id(classes, region["cls"].as_str().unwrap()).unwrap_or(UNKNOWN),
        number: None,
        pixels: 1,
        bounds: PixelRect::EMPTY,
        centroid: Point::new(0.0, 0.0),
        anchor: (0, 0),
        is_clipped: false,
        zones: vec![ZoneShare { border_mm: number("dist_land"), ..ZoneShare::new(zone, 1) }],
        features,
    }
}
