//! The ruleset as a file and as something people edit, and the sentences that explain a verdict.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::path::Path;

use delimit::judge::{
    Admitted, Aggregate, AtLimit, Board, Bound, Bounds, Cell, CellKey, Edit, Limit, LimitAt, PartLimit, Ruleset, RulesetError,
    Surroundings, Verdict, judge_part, judge_region,
};
use delimit::measure::{Calibration, Feature, Measuring, Region, RegionTable, ZoneShare};
use delimit::raster::{LabelMap, PixelRect, Plane, Point};

const FILE: &str = r#"// what a person would write
(
    format: 1,
    name: "Housing 4711",
    note: "seal: nothing over 2 mm",
    cells: [
        (class: "scratch", zone: "seal", limits: [(feature: length, accept_below: 0.5, reject_from: 2)]),
        (class: "pit", zone: "face",
            limits: [(feature: area, accept_below: 0.5, reject_from: 2.0)],
            per_part: [(aggregate: count, reject_from: 3), (aggregate: total(area), reject_from: 2.5, at_limit: better)]),
        (class: "*", zone: "inside", accept: true),
        (class: "stain", zone: "*", limits: [(feature: equivalent_diameter, accept_below: 0.3)]),
    ],
)
"#;

fn ids(names: &[&str]) -> Vec<(u8, String)> {
    names.iter().enumerate().map(|(i, n)| (i as u8 + 1, (*n).to_owned())).collect()
}

fn classes() -> Vec<(u8, String)> {
    ids(&["scratch", "pit", "stain", "crack"])
}

fn zones() -> Vec<(u8, String)> {
    ids(&["seal", "face", "inside"])
}

fn file() -> Ruleset {
    Ruleset::from_ron(FILE, Path::new("rules/house.ron")).unwrap()
}

fn error_of(text: &str) -> String {
    Ruleset::from_ron(text, Path::new("rules/house.ron")).unwrap_err().to_string()
}

#[test]
fn reads_what_people_write_and_writes_what_it_reads() {
    let ruleset = file();
    assert_eq!(ruleset.name, "Housing 4711");
    assert_eq!(ruleset.cells[0].limits, [Limit::new(Feature::Length, Some(0.5), Some(2.0))]);
    let total = PartLimit { at_limit: AtLimit::Better, ..PartLimit::new(Aggregate::Total(Feature::Area), None, Some(2.5)) };
    assert_eq!(ruleset.cells[1].per_part, [PartLimit::new(Aggregate::Count, None, Some(3.0)), total]);
    assert!(ruleset.cells[2].accept);
    let text = ruleset.to_ron().unwrap();
    assert_eq!(Ruleset::from_ron(&text, Path::new("again")).unwrap(), ruleset);
    assert!(text.contains("\n            (feature: length, accept_below: 0.5, reject_from: 2.0),\n"), "{text}");
    assert!(text.contains("(aggregate: total(area), reject_from: 2.5, at_limit: better)"), "{text}");
    assert!(!text.contains("Some") && !text.contains("None"), "{text}");
    let odd = Ruleset { note: "quote \" and\nline".into(), ..Ruleset::new("λ \\ name") };
    assert_eq!(Ruleset::from_ron(&odd.to_ron().unwrap(), Path::new("odd")).unwrap(), odd);
}

#[test]
fn reads_from_disk_and_names_the_missing_file() {
    let path = std::env::temp_dir().join(format!("delimit-ruleset-{}.ron", std::process::id()));
    std::fs::write(&path, FILE).unwrap();
    assert_eq!(Ruleset::read(&path).unwrap(), file());
    std::fs::remove_file(&path).unwrap();
    let message = Ruleset::read(&path).unwrap_err().to_string();
    assert!(message.starts_with("cannot read the ruleset") && message.contains("delimit-ruleset"), "{message}");
}

#[test]
fn broken_files_name_file_line_and_cause() {
    let typo = error_of(&FILE.replace("reject_from: 2)", "reject_form: 2)"));
    assert!(typo.starts_with("rules/house.ron, line 7,") && typo.contains("reject_form"), "{typo}");
    let open = error_of("(\n format: 1,\n cells: [\n");
    assert!(open.starts_with("rules/house.ron, line 3,"), "{open}");
    let feature = error_of(&FILE.replace("feature: area", "feature: size"));
    assert!(feature.contains("line 9") && feature.contains("size"), "{feature}");
    // A newer file is called newer even when it holds things unknown here.
    let newer = error_of("(format: 4, name: \"x\", conditions: [(shape: round)])");
    assert!(newer.contains("format 4") && newer.contains("newer version"), "{newer}");
}

#[test]
fn nonsense_is_refused_with_the_cell() {
    let crossed = error_of(&FILE.replace("accept_below: 0.5, reject_from: 2)", "accept_below: 5, reject_from: 2)"));
    assert_eq!(
        crossed,
        "cell scratch × seal, limit on length: accept_below 5 lies above reject_from 2; it must be the same or lower"
    );
    let empty = error_of(&FILE.replace("aggregate: count, reject_from: 3", "aggregate: count"));
    assert!(empty.starts_with("cell pit × face, limit on the count: neither"), "{empty}");
    let twice = error_of(&FILE.replace("\"stain\", zone: \"*\"", "\"scratch\", zone: \"seal\""));
    assert_eq!(twice, "cell scratch × seal appears twice; keep one of them");
    let both = error_of(&FILE.replace("zone: \"*\", limits", "zone: \"*\", accept: true, limits"));
    assert!(both.contains("stain × *") && both.contains("accepts everything"), "{both}");
}

#[test]
fn unknown_names_list_the_known_ones() {
    let error = |classes: &[(u8, String)], zones: &[(u8, String)]| file().compile(classes, zones).unwrap_err();
    let message = error(&ids(&["scratch", "pits", "stain"]), &zones()).to_string();
    assert_eq!(
        message,
        "cell pit × face speaks of class \"pit\", which this part number does not have; it has scratch, pits, stain"
    );
    let message = error(&classes(), &ids(&["seal", "face"])).to_string();
    assert!(message.contains("zone \"inside\"") && message.ends_with("it has unzoned, seal, face"), "{message}");
    assert!(matches!(error(&ids(&["a", "a"]), &zones()), RulesetError::NameTwice { kind: "class", .. }));
    assert!(matches!(error(&classes(), &ids(&["unzoned"])), RulesetError::ReservedName { kind: "zone", .. }));
}

#[test]
fn the_most_specific_cell_decides_alone() {
    let cell = |class: &str, zone: &str| Cell { class: class.into(), zone: zone.into(), accept: true, ..Cell::default() };
    // In an order that would be wrong if order mattered.
    let all = [cell("pit", "seal"), cell("*", "*"), cell("*", "seal"), cell("pit", "*")];
    let cases = [("pit", 2, "seal", 1, 0), ("pit", 2, "face", 2, 3), ("scratch", 1, "seal", 1, 2), ("scratch", 1, "unzoned", 0, 1)];
    let ruleset = Ruleset { cells: all.to_vec(), ..Ruleset::new("order") };
    let compiled = ruleset.compile(&classes(), &zones()).unwrap();
    for (class, class_id, zone, zone_id, expected) in cases {
        assert_eq!(compiled.cell_index(class_id, zone_id), Some(expected), "{class} × {zone}");
        assert_eq!(ruleset.resolve(class, zone), Some(&all[expected]));
    }
    assert_eq!(compiled.cell_index(77, 1), None, "an unknown class is never OK, whatever \"*\" accepts");
    assert_eq!(compiled.cell_index(1, 77), None);
}

#[test]
fn a_slider_makes_its_cell_by_copying_the_one_that_decided() {
    let mut ruleset = file();
    let key = CellKey::new("stain", "seal");
    assert_eq!(ruleset.limit("stain", "seal", Feature::EquivalentDiameter), Some(Bounds::new(Some(0.3), None)));
    assert_eq!(ruleset.set_limit(&key, Feature::Area, Some(Bounds::new(None, Some(1.0)))).unwrap(), Edit::Restructured);
    assert_eq!(ruleset.cell(&key).unwrap().limits.len(), 2, "the copied limit and the new one");
    assert_eq!(ruleset.limit("stain", "face", Feature::Area), None, "other zones keep their rule");
    assert_eq!(ruleset.set_limit(&key, Feature::Area, Some(Bounds::new(None, Some(0.5)))).unwrap(), Edit::Moved);
    assert_eq!(ruleset.limit("stain", "seal", Feature::Area), Some(Bounds::new(None, Some(0.5))));
    let invalid = ruleset.set_limit(&key, Feature::Area, Some(Bounds::new(Some(2.0), Some(1.0))));
    assert!(matches!(invalid, Err(RulesetError::Limit { .. })));
    assert_eq!(ruleset.limit("stain", "seal", Feature::Area), Some(Bounds::new(None, Some(0.5))), "nothing changed");
    // A limit ends a general acceptance; taking all limits away leaves no rule, not acceptance.
    let key = CellKey::new("pit", "inside");
    ruleset.set_limit(&key, Feature::Area, Some(Bounds::new(None, Some(9.0)))).unwrap();
    assert!(!ruleset.cell(&key).unwrap().accept);
    ruleset.set_limit(&key, Feature::Area, None).unwrap();
    assert!(!ruleset.cell(&key).unwrap().accept && ruleset.cell(&key).unwrap().limits.is_empty());
    assert_eq!(
        ruleset.set_part_limit(&CellKey::new("pit", "face"), Aggregate::Count, Some(Bounds::new(None, Some(4.0)))).unwrap(),
        Edit::Moved
    );
    assert_eq!(ruleset.part_limit("pit", "face", Aggregate::Count).unwrap().get(Bound::Reject), Some(4.0));
    ruleset.validate().unwrap();
}

fn region(class: u8, zones: &[u8], values: &[(Feature, f32)]) -> Region {
    let mut features = [f32::NAN; Feature::COUNT];
    for &(feature, value) in values {
        features[feature.index()] = value;
    }
    Region {
        class,
        number: None,
        pixels: 1,
        bounds: PixelRect::EMPTY,
        centroid: Point::new(0.0, 0.0),
        anchor: (0, 0),
        is_clipped: false,
        zones: zones.iter().map(|&zone| ZoneShare::new(zone, 1)).collect(),
        features,
    }
}

/// Judges one part with these regions by the file above.
fn sentences(regions: &[Region]) -> (Verdict, Vec<String>) {
    let mut table = RegionTable::new();
    for (i, region) in regions.iter().enumerate() {
        table.push(5, i as u32, region);
    }
    table.finish_part();
    let verdict = judge_part(&table, 0, &file().compile(&classes(), &zones()).unwrap());
    (verdict.verdict, verdict.reasons.iter().map(delimit::judge::Reason::sentence).collect())
}

#[test]
fn sentences_say_rule_region_and_value_worst_first() {
    use Feature::{Area, EquivalentDiameter, Length};
    let (verdict, lines) = sentences(&[
        region(2, &[2], &[(Area, 0.61)]),
        region(1, &[1], &[(Length, 4.13)]),
        region(1, &[1], &[]),
        region(3, &[0], &[(EquivalentDiameter, 0.5)]),
        region(4, &[1], &[(Area, 9.0)]),
        region(4, &[3], &[(Area, 9.0)]),
        region(1, &[1], &[(Length, 0.2)]),
    ]);
    assert_eq!(verdict, Verdict::Ng);
    assert_eq!(
        lines,
        [
            "NG: scratch #2, length 4.13 mm ≥ 2.00 in zone seal",
            "NG: stain #4, equivalent diameter 0.50 mm ≥ 0.30 outside all zones",
            "review: pit #1, area 0.61 mm² between 0.50 and 2.00 in zone face",
            "review: scratch #3, length not measured in zone seal",
            "review: crack #5 in zone seal: no rule speaks of crack there",
        ]
    );
}

#[test]
fn sentences_for_counts_and_totals() {
    let pits = |n: usize, area: f32| vec![region(2, &[2], &[(Feature::Area, area)]); n];
    assert_eq!(sentences(&pits(2, 0.3)), (Verdict::Ok, vec![]));
    assert_eq!(sentences(&pits(4, 0.3)), (Verdict::Ng, vec!["NG: 4 pits in zone face ≥ 3".to_owned()]));
    let (verdict, lines) = sentences(&pits(2, 1.5));
    assert_eq!((verdict, &*lines[0]), (Verdict::Ng, "NG: pits in zone face, total area 3.00 mm² > 2.50"));
    assert_eq!(lines.len(), 3);
    assert_eq!(sentences(&pits(2, 1.25)).0, Verdict::Review, "a total of exactly 2.5 passes `at_limit: better`");
    assert_eq!(sentences(&[]), (Verdict::Ok, vec![]));
}

#[test]
fn a_region_in_two_zones_of_one_cell_counts_once_and_the_stricter_zone_wins() {
    let mut ruleset = file();
    ruleset.set_part_limit(&CellKey::new("stain", "*"), Aggregate::Count, Some(Bounds::new(None, Some(2.0)))).unwrap();
    let rules = ruleset.compile(&classes(), &zones()).unwrap();
    let stain = region(3, &[1, 2], &[(Feature::EquivalentDiameter, 0.1)]);
    let mut table = RegionTable::new();
    table.push(0, 0, &stain);
    table.finish_part();
    table.push(0, 0, &stain);
    table.push(1, 0, &stain);
    table.finish_part();
    assert_eq!(judge_part(&table, 0, &rules).verdict, Verdict::Ok, "one stain in two zones is one");
    assert_eq!(judge_part(&table, 1, &rules).verdict, Verdict::Ng, "the first of another image is another one");
    assert_eq!(Board::new(&table, &rules).verdicts(), [Verdict::Ok, Verdict::Ng]);
    let straddling = region(2, &[2, 3], &[(Feature::Area, 3.0)]);
    assert_eq!(judge_region(&straddling, &rules), Verdict::Ng);
}

#[test]
fn a_board_refuses_what_it_does_not_know() {
    let table = RegionTable::new();
    let mut board = Board::new(&table, &file().compile(&classes(), &zones()).unwrap());
    let bounds = Bounds::new(None, Some(1.0));
    let absent = board.set_limit(&CellKey::new("pit", "seal"), LimitAt::Region(0), bounds).unwrap_err();
    assert!(absent.to_string().contains("pit × seal"), "{absent}");
    assert!(board.set_limit(&CellKey::new("pit", "face"), LimitAt::Region(1), bounds).is_err());
    assert!(board.set_limit(&CellKey::new("pit", "face"), LimitAt::Part(0), Bounds::default()).is_err());
    assert_eq!(board.set_limit(&CellKey::new("pit", "face"), LimitAt::Part(0), bounds), Ok(vec![]));
}

#[test]
fn least_probabilities_are_written_read_checked_and_leave_files_without_them_as_they_were() {
    let plain = Ruleset::new("plain");
    assert!(plain.to_ron().unwrap().contains("format: 1") && !plain.to_ron().unwrap().contains("certainty"));
    let mut ruleset = Ruleset::new("sure");
    ruleset.set_certainty("pit", 0.6);
    ruleset.set_certainty("scratch", 0.25);
    ruleset.set_certainty("pit", 0.75);
    assert_eq!((ruleset.certainty_of("pit"), ruleset.certainty_of("crack")), (0.75, 0.0));
    let text = ruleset.to_ron().unwrap();
    assert!(text.contains("format: 2"), "an older program must say that it is too old: {text}");
    assert_eq!(Ruleset::from_ron(&text, Path::new("r")).unwrap(), ruleset);
    let wrong = text.replace("0.75", "1.75");
    assert!(Ruleset::from_ron(&wrong, Path::new("r")).unwrap_err().to_string().contains("pit"));
    let twice = text.replace("scratch", "pit");
    assert!(Ruleset::from_ron(&twice, Path::new("r")).unwrap_err().to_string().contains("two least probabilities"));
    ruleset.set_certainty("pit", 0.0);
    ruleset.set_certainty("scratch", 0.0);
    assert!(ruleset.certainty.is_empty());
}

// -------------------------------------------------------------------------------------------------------------------------- rules

const RULES: &str = r#"(
    format: 3,
    name: "Housing 4711",
    constants: {
        "T": (value: 2.0, unit: "mm", note: "wall"),
    },
    otherwise: ng,
    ignore: "area < 0.01",
    treat: [
        (class: "scratch", when: "linearity >= 0.9 and width <= 0.3", as: "crack"),
    ],
    merge: [
        (class: "scratch", gap_mm: 0.5),
    ],
    straddling: majority,
    straddling_in: {"seal": clip},
    rules: [
        (
            name: "pits per cm²",
            note: "drawing 4711, note 3",
            classes: ["pit"], zones: ["face"], where: "area > 0.1",
            unless: (classes: ["crack"]),
            scope: total(of: count, per_zone: true, per: "zone_area / 100"),
            accept: "<= 3", reject: "> 5",
        ),
        (
            name: "spacing",
            classes: ["pit"],
            scope: pair(edges),
            accept: ">= 2 * larger",
        ),
        (
            name: "both",
            scope: all([
                (
                    name: "many",
                    scope: window(shape: circle(d: 20.0), of: count),
                    reject: "> 3",
                ),
                (
                    name: "large",
                    scope: total(of: sum("area")),
                    reject: "> 1",
                ),
            ]),
        ),
        (
            name: "long",
            classes: ["scratch"],
            scope: region("length / T"),
            accept: "< 1", reject: ">= 2", gate: 0.6,
        ),
    ],
    cells: [
        (class: "pit", zone: "*", limits: [
            (feature: neighbour_distance, accept_from: 1.0, reject_below: 0.5),
        ]),
    ],
)
"#;

fn rules_file() -> Ruleset {
    Ruleset::from_ron(RULES, Path::new("rules/new.ron")).unwrap()
}

#[test]
fn rules_are_written_as_people_write_them() {
    assert_eq!(rules_file().to_ron().unwrap(), RULES);
    let wanted = rules_file().wanted();
    for feature in [Feature::NeighbourDistance, Feature::Linearity, Feature::CentreX, Feature::MeanProbability] {
        assert!(wanted.contains(feature), "{feature:?}");
    }
    assert!(!wanted.contains(Feature::EdgeContrast) && !wanted.contains(Feature::CentreLine));
    assert!(rules_file().needs_surroundings() && !file().needs_surroundings());
    assert_eq!((file().least_format(), rules_file().least_format()), (1, 3));
}

#[test]
fn mistakes_in_rules_name_the_rule_the_place_and_what_was_expected() {
    let (c, z) = (classes(), zones());
    let error = |from: &str, to: &str| {
        assert!(RULES.contains(from), "{from}");
        match Ruleset::from_ron(&RULES.replacen(from, to, 1), Path::new("rules/new.ron")) {
            Err(error) => error.to_string(),
            Ok(ruleset) => ruleset.compile(&c, &z).unwrap_err().to_string(),
        }
    };
    for (from, to, words) in [
        ("area > 0.1", "areo > 0.1", &["rule \"pits per cm²\", where", "\"areo\" is neither a feature nor a constant", "^^^^"][..]),
        ("area > 0.1", "area > T", &["mm² cannot be compared with mm"]),
        ("area > 0.1", "area >", &["rules/new.ron, line 21", "the expression ends here"]),
        ("area > 0.1", "area + 1", &["where", "not true or false"]),
        ("\"<= 3\"", "\"3\"", &["line 23", "a limit starts with its sign"]),
        ("\"<= 3\"", "\"<= 7\"", &["pits per cm²", "overlap"]),
        ("\"<= 3\"", "\">= 3\"", &["pits per cm²", "overlap"]),
        (">= 2 * larger", ">= 2 * larger ^ 2", &["spacing", "in mm²", "value in mm"]),
        ("length / T", "if_then", &["\"long\", scope", "neither a feature nor a constant"]),
        ("zone_area / 100", "area / 100", &["a feature of one region, but this is about the whole part"]),
        ("classes: [\"pit\"], zones", "classes: [\"pits\"], zones", &["class \"pits\"", "scratch, pit, stain, crack"]),
        ("as: \"crack\"", "as: \"cracks\"", &["treat scratch as cracks", "class \"cracks\""]),
        ("\"seal\": clip", "\"seals\": clip", &["straddling_in", "zone \"seals\""]),
        ("\"seal\": clip", "\"seal\": cut", &["line 15", "cut"]),
        ("name: \"many\"", "name: \"large\"", &["two rules have this name"]),
        ("gate: 0.6", "gate: 6", &["long", "between 0 and 1"]),
        ("d: 20.0", "d: 0.0", &["many", "above 0 mm"]),
        ("unit: \"mm\"", "unit: \"cm\"", &["constant \"T\"", "\"cm\" is no unit", "mm²"]),
        ("\"T\": (", "\"area\": (", &["constant \"area\"", "another meaning"]),
        ("accept_from: 1.0", "accept_from: 0.1", &["pit × *", "accept_from 0.1 lies below reject_below 0.5"]),
        ("accept_from: 1.0", "accept_below: 1.0", &["keep one pair"]),
        ("otherwise: ng", "otherwhise: ng", &["line 7", "otherwhise"]),
        ("scope: pair(edges)", "scop: pair(edges)", &["scop"]),
    ] {
        let message = error(from, to);
        for word in words {
            assert!(message.contains(word), "{from} → {to}: {word:?} is not in {message}");
        }
    }
}

#[test]
fn a_limit_of_a_rule_moves_and_keeps_its_sign() {
    let mut ruleset = rules_file();
    assert_eq!(ruleset.set_rule_limit("pits per cm²", Bound::Accept, 4.5).unwrap(), Edit::Moved);
    assert_eq!(ruleset.rule("pits per cm²").unwrap().accept.as_ref().unwrap().to_string(), "<= 4.5");
    assert!(ruleset.set_rule_limit("pits per cm²", Bound::Accept, 9.0).is_err(), "beyond what is rejected");
    assert!(ruleset.set_rule_limit("spacing", Bound::Accept, 9.0).is_err(), "an expression");
    assert!(
        ruleset.set_rule_limit("spacing", Bound::Reject, 9.0).is_err()
            && ruleset.set_rule_limit("none", Bound::Accept, 9.0).is_err()
    );
    ruleset.set_rule_limit("large", Bound::Reject, -1.0).unwrap();
    assert!(ruleset.to_ron().unwrap().contains("reject: \"> -1\""), "a member of a group");
    assert_eq!(Ruleset::from_ron(&ruleset.to_ron().unwrap(), Path::new("again")).unwrap(), ruleset);
}

/// A scratch of 100 × 3 px at 0.05 mm reaches 30 px into a functional zone. The policies disagree: functional area from 0.5 mm² is NG,
/// cosmetic length below 3 mm is OK and from 6 mm NG.
#[test]
fn a_scratch_over_two_zones_under_each_policy() {
    let map = LabelMap::from_plane(&Plane::from_fn(200, 40, |x, y| u8::from((10..110).contains(&x) && (20..23).contains(&y))));
    let zone_map = LabelMap::from_plane(&Plane::from_fn(200, 40, |x, _| if x < 40 { 1 } else { 2 }));
    let with = Measuring { calibration: Some(Calibration::square(0.05)), zones: Some(&zone_map), ..Measuring::default() };
    let regions = delimit::measure::regions(&map, &with);
    let judged = |text: &str| {
        let ruleset = format!(
            r#"(format: 3, {text} cells: [
                (class: "scratch", zone: "seal", limits: [(feature: area, reject_from: 0.5)]),
                (class: "scratch", zone: "face", limits: [(feature: length, accept_below: 3, reject_from: 6)]),
            ])"#
        );
        let rules = Ruleset::from_ron(&ruleset, Path::new("r")).unwrap().compile(&classes(), &zones()).unwrap();
        let mut table = RegionTable::new();
        let admitted = rules.admission().push(&mut table, 0, 0, &regions[0]);
        table.finish_part();
        let verdict = judge_part(&table, 0, &rules);
        assert_eq!(Board::new(&table, &rules).verdicts(), [verdict.verdict]);
        if rules.rules().is_empty() {
            assert_eq!(judge_region(&regions[0], &rules), verdict.verdict);
        }
        (verdict.verdict, verdict.reasons.iter().map(delimit::judge::Reason::sentence).collect::<Vec<_>>(), admitted, table)
    };
    let (verdict, why, ..) = judged("");
    assert_eq!((verdict, &*why[0]), (Verdict::Ng, "NG: scratch #1, area 0.75 mm² ≥ 0.50 in zone seal"));
    let (verdict, why, ..) = judged("straddling: clip,");
    assert_eq!(
        (verdict, &why[..]),
        (Verdict::Review, &["review: scratch #1, length 3.50 mm between 3.00 and 6.00 in zone face".to_owned()][..])
    );
    let (verdict, why, ..) = judged("straddling: majority,");
    assert_eq!(
        (verdict, &why[..]),
        (Verdict::Review, &["review: scratch #1, length 5.00 mm between 3.00 and 6.00 in zone face".to_owned()][..])
    );
    // Zone by zone: whole in the seal, cut in the face.
    assert_eq!(judged("straddling_in: {\"face\": clip},").0, Verdict::Ng);
    // Pieces add up to the whole, and are one region.
    let total = |limit: f64, figure: &str| {
        let rule = format!(
            r#"straddling: clip, otherwise: ok, rules: [(name: "sum", scope: total(of: {figure}), reject: ">= {limit}")],"#
        );
        judged(&rule).1.iter().any(|s| s.starts_with("NG"))
    };
    assert!(total(0.75, "sum(\"area\")") && !total(0.7501, "sum(\"area\")"));
    assert!(total(1.0, "count") && !total(2.0, "count"));
    // What is ignored or treated is told.
    let (verdict, _, admitted, table) = judged("ignore: \"area < 1\",");
    assert_eq!((verdict, admitted, table.rows()), (Verdict::Ok, Admitted::Ignored { class: 1 }, 0));
    let (verdict, _, admitted, table) = judged("treat: [(class: \"*\", when: \"length > 4\", as: \"pit\")],");
    assert_eq!((verdict, admitted), (Verdict::Review, Admitted::Treated { from: 1, into: 2 }));
    assert_eq!(table.class(), [2, 2]);
    let (_, _, admitted, table) = judged("treat: [(class: \"*\", when: \"edge_contrast > 4\", as: \"pit\")],");
    assert_eq!((admitted, table.class()), (Admitted::Either { from: 1, or: 2 }, &[1, 1, 2, 2][..]));
}

#[test]
fn sentences_of_rules_say_value_limit_and_how_far_beyond() {
    use Feature::{Area, Length, MeanProbability};
    let rules = rules_file();
    let sizes = Surroundings { zone_areas_mm2: [(2, 200.0)].into(), image_px: None };
    let compiled = rules.compile_with(&classes(), &zones(), &sizes).unwrap();
    let judged = |regions: &[Region]| {
        let mut table = RegionTable::new();
        for (i, region) in regions.iter().enumerate() {
            compiled.admission().push(&mut table, 0, i as u32, region);
        }
        table.finish_part();
        judge_part(&table, 0, &compiled)
    };
    let measured =
        |length: f32| region(1, &[2], &[(Length, length), (MeanProbability, 0.9), (Area, 0.5), (Feature::Linearity, 0.1)]);
    let long = judged(&[measured(5.0)]);
    let reason = &long.reasons[0];
    assert_eq!(reason.sentence(), "NG: scratch #1 in zone face: long: length / T accept < 1, reject >= 2; it is 2.5");
    let beyond = reason.beyond().unwrap();
    assert_eq!((beyond.limit, beyond.change, beyond.percent), (2.0, -0.5, 25.0));
    let doubtful = judged(&[region(1, &[2], &[(Length, 5.0), (MeanProbability, 0.4), (Area, 0.5), (Feature::Linearity, 0.1)])]);
    assert_eq!(doubtful.verdict, Verdict::Review);
    assert!(
        doubtful.reasons[0].sentence().ends_with("it is 2.5 (not sure enough to reject)"),
        "{}",
        doubtful.reasons[0].sentence()
    );
    // 12 pits on 2 cm² are 6 per cm²; nothing is known of their places, which is review at most.
    let pits: Vec<Region> = (0..12).map(|_| region(2, &[2], &[(Area, 0.2), (Feature::NeighbourDistance, 3.0)])).collect();
    let many = judged(&pits);
    assert_eq!(
        many.reasons[0].sentence(),
        "NG: pits per cm²: count per zone_area / 100 in one zone accept <= 3, reject > 5; it is 6"
    );
    assert!(many.reasons.iter().any(|r| r.sentence().contains("spacing") && r.sentence().ends_with("it is not measured")));
    // Without the size of the zone the density is unknown: review, never OK.
    let unknown = rules.compile(&classes(), &zones()).unwrap();
    let mut table = RegionTable::new();
    unknown.admission().push(&mut table, 0, 0, &pits[0]);
    table.finish_part();
    assert_eq!(judge_part(&table, 0, &unknown).verdict, Verdict::Review);
}
