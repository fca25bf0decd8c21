//! The fast judge against the written semantics, row by row: on random rulesets and tables, after every step of random drags.
//!
//! The judge in this file shares no code with the library's: it resolves cells by name, compares numbers one by one and recounts
//! everything at every step.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use delimit::judge::{
    Aggregate, AtLimit, Board, Bounds, Cell, CellKey, Disposition, Limit, LimitAt, PartLimit, Ruleset, Score, Tally, Verdict,
    Worse, flips, judge_part, judge_row, judge_table,
};
use delimit::measure::{Feature, RegionTable};
use delimit::raster::PixelRect;
use delimit::raster::geometry::Point;
use proptest::prelude::*;

const FEATURES: [Feature; 4] = [Feature::Area, Feature::Length, Feature::AreaPx, Feature::MeanProbability];
/// Few values, so that rows lie exactly at limits often; limits come from the finite ones.
const VALUES: [f32; 11] = [0.0, -0.0, 0.1, 0.13, 0.5, 1.999_999_9, 2.0, 3.5, f32::INFINITY, f32::NEG_INFINITY, f32::NAN];
const LIMITS: [f64; 10] = [-1e300, -1.0, 0.0, 0.1, 0.13, 0.5, 1.0, 2.0, 3.5, 1e300];

/// One region: class, zones, image, features.
#[derive(Clone, Debug)]
struct Defect {
    class: u8,
    zones: Vec<u8>,
    image: u32,
    values: Vec<f32>,
}

#[derive(Clone, Debug)]
struct Scene {
    parts: Vec<Vec<Defect>>,
    ruleset: Ruleset,
    /// Cell and limit (by rank), and the new bounds.
    drags: Vec<(usize, usize, Bounds)>,
    other: Ruleset,
    truth: Vec<Disposition>,
}

fn classes() -> Vec<(u8, String)> {
    vec![(1, "scratch".into()), (2, "pit".into()), (200, "stain".into())]
}

fn zones() -> Vec<(u8, String)> {
    vec![(1, "seal".into()), (7, "face".into())]
}

// ---------------------------------------------------------------------------------------------------------------- the brute force

fn says(bounds: Bounds, value: f32) -> Verdict {
    if value.is_nan() {
        return Verdict::Review;
    }
    let at_or_above = |limit: f64| {
        // Limits have the precision of the values, as far as those reach.
        let limit = if limit.abs() < f64::from(f32::MAX) { f64::from(limit as f32) } else { limit };
        if bounds.at_limit == AtLimit::Worse { f64::from(value) >= limit } else { f64::from(value) > limit }
    };
    if bounds.worse == Worse::Smaller {
        let is_below = |limit: f64| {
            let limit = if limit.abs() < f64::from(f32::MAX) { f64::from(limit as f32) } else { limit };
            f64::from(value) < limit
        };
        return match (bounds.accept_below, bounds.reject_from) {
            (_, Some(r)) if is_below(r) => Verdict::Ng,
            (Some(a), _) if !is_below(a) => Verdict::Ok,
            (Some(_), Some(_)) => Verdict::Review,
            (Some(_), None) => Verdict::Ng,
            (None, _) => Verdict::Ok,
        };
    }
    match (bounds.accept_below, bounds.reject_from) {
        (_, Some(r)) if at_or_above(r) => Verdict::Ng,
        (Some(a), _) if !at_or_above(a) => Verdict::Ok,
        (Some(_), Some(_)) => Verdict::Review,
        (Some(_), None) => Verdict::Ng,
        (None, Some(_)) => Verdict::Ok,
        (None, None) => unreachable!("not a limit"),
    }
}

fn name(names: &[(u8, String)], id: u8) -> Option<&str> {
    names.iter().find(|(i, _)| *i == id).map(|(_, n)| n.as_str())
}

fn deciding(ruleset: &Ruleset, class: u8, zone: u8) -> Option<usize> {
    let (all_classes, all_zones) = (classes(), zones());
    let class = name(&all_classes, class)?;
    let zone = if zone == 0 { "unzoned" } else { name(&all_zones, zone)? };
    let position = |c: &str, z: &str| ruleset.cells.iter().position(|cell| cell.class == c && cell.zone == z);
    position(class, zone).or(position(class, "*")).or(position("*", zone)).or(position("*", "*"))
}

fn row_says(ruleset: &Ruleset, defect: &Defect, zone: u8) -> Verdict {
    let Some(cell) = deciding(ruleset, defect.class, zone).map(|i| &ruleset.cells[i]) else { return Verdict::Review };
    if cell.limits.is_empty() {
        return if cell.accept { Verdict::Ok } else { Verdict::Review };
    }
    cell.limits.iter().map(|l| says(l.bounds(), value(defect, l.feature))).max().unwrap()
}

fn value(defect: &Defect, feature: Feature) -> f32 {
    FEATURES.iter().position(|f| *f == feature).map_or(f32::NAN, |i| defect.values[i])
}

fn figures_say(ruleset: &Ruleset, defects: &[Defect]) -> Vec<Verdict> {
    let mut all = Vec::new();
    for (index, cell) in ruleset.cells.iter().enumerate() {
        let members: Vec<&Defect> =
            defects.iter().filter(|d| d.zones.iter().any(|&z| deciding(ruleset, d.class, z) == Some(index))).collect();
        if members.is_empty() {
            continue;
        }
        for limit in &cell.per_part {
            let figure = match limit.aggregate {
                Aggregate::Count => members.len() as f64,
                Aggregate::Total(f) => members.iter().map(|d| f64::from(value(d, f))).sum(),
                Aggregate::Max(f) if members.iter().any(|d| value(d, f).is_nan()) => f64::NAN,
                Aggregate::Max(f) => members.iter().map(|d| f64::from(value(d, f))).fold(f64::NEG_INFINITY, f64::max),
            };
            all.push(says(limit.bounds(), figure as f32));
        }
    }
    all
}

fn part_says(ruleset: &Ruleset, defects: &[Defect]) -> Verdict {
    let rows = defects.iter().flat_map(|d| d.zones.iter().map(|&z| row_says(ruleset, d, z)));
    rows.chain(figures_say(ruleset, defects)).max().unwrap_or(Verdict::Ok)
}

// ------------------------------------------------------------------------------------------------------------------ the comparison

fn table_of(parts: &[Vec<Defect>]) -> RegionTable {
    let mut table = RegionTable::new();
    for defects in parts {
        for (i, defect) in defects.iter().enumerate() {
            let mut features = [f32::NAN; Feature::COUNT];
            for (feature, value) in FEATURES.into_iter().zip(&defect.values) {
                features[feature.index()] = *value;
            }
            let region = delimit::measure::Region {
                class: defect.class,
                number: None,
                pixels: 1,
                bounds: PixelRect::EMPTY,
                centroid: Point::new(0.0, 0.0),
                anchor: (0, 0),
                is_clipped: false,
                zones: defect.zones.iter().map(|&zone| delimit::measure::ZoneShare::new(zone, 1)).collect(),
                features,
            };
            table.push(defect.image, i as u32, &region);
        }
        table.finish_part();
    }
    table
}

fn assert_same(board: &Board, ruleset: &Ruleset, parts: &[Vec<Defect>]) {
    let expected: Vec<Verdict> = parts.iter().map(|defects| part_says(ruleset, defects)).collect();
    assert_eq!(board.verdicts(), expected);
    assert_eq!(board.tally(), Tally::of(&expected));
    for (part, defects) in parts.iter().enumerate() {
        let rows: Vec<Verdict> = defects.iter().flat_map(|d| d.zones.iter().map(|&z| row_says(ruleset, d, z))).collect();
        let figures = figures_say(ruleset, defects);
        let count = |of: &[Verdict], v| of.iter().filter(|x| **x == v).count() as u32;
        let got = board.part_counts(part);
        assert_eq!((got.ng_rows, got.review_rows), (count(&rows, Verdict::Ng), count(&rows, Verdict::Review)));
        assert_eq!((got.ng_figures, got.review_figures), (count(&figures, Verdict::Ng), count(&figures, Verdict::Review)));
    }
    for class in [1, 2, 200, 9] {
        for zone in [0, 1, 7, 99] {
            let rows = parts.iter().flatten().filter(|d| d.class == class && d.zones.contains(&zone));
            let expected = Tally::of(&rows.map(|d| row_says(ruleset, d, zone)).collect::<Vec<_>>());
            assert_eq!(board.rows_tally(class, zone), expected, "class {class}, zone {zone}");
        }
    }
    assert_eq!(
        board.rows_tallies().map(|(_, _, t)| t.total()).sum::<usize>(),
        parts.iter().flatten().map(|d| d.zones.len()).sum::<usize>()
    );
}

fn run(scene: &Scene) {
    let Scene { parts, drags, other, truth, .. } = scene;
    let mut ruleset = scene.ruleset.clone();
    let table = table_of(parts);
    let compiled = ruleset.compile(&classes(), &zones()).unwrap();
    let mut board = Board::new(&table, &compiled);
    assert_same(&board, &ruleset, parts);
    assert_eq!(judge_table(&table, &compiled), board.verdicts());
    let row_verdicts: Vec<Verdict> = (0..table.rows()).map(|row| judge_row(&table, row, &compiled)).collect();
    let expected: Vec<Verdict> = parts.iter().flatten().flat_map(|d| d.zones.iter().map(|&z| row_says(&ruleset, d, z))).collect();
    assert_eq!(row_verdicts, expected);
    for part in 0..parts.len() {
        let verdict = judge_part(&table, part, &compiled);
        assert_eq!(verdict.verdict, board.verdicts()[part]);
        assert_eq!(verdict.reasons.is_empty(), verdict.verdict == Verdict::Ok);
        assert!(verdict.reasons.is_sorted_by(|a, b| a.verdict >= b.verdict));
    }
    let mut score = Score::of(board.verdicts(), truth);
    for &(cell, limit, bounds) in drags {
        if ruleset.cells.is_empty() {
            break;
        }
        let cell = cell % ruleset.cells.len();
        let of_cell = &mut ruleset.cells[cell];
        let count = of_cell.limits.len() + of_cell.per_part.len();
        if count == 0 {
            continue;
        }
        let (key, limit) = (of_cell.key(), limit % count);
        let before = board.verdicts().to_vec();
        let was = of_cell.limits.get(limit).map_or_else(|| of_cell.per_part[limit - of_cell.limits.len()].bounds(), Limit::bounds);
        if was.worse != bounds.worse {
            // Which values are bad is no move of a limit.
            let which = limit.checked_sub(of_cell.limits.len()).map_or(LimitAt::Region(limit), LimitAt::Part);
            assert!(board.set_limit(&key, which, bounds).is_err());
            continue;
        }
        let which = if limit < of_cell.limits.len() {
            of_cell.limits[limit] = Limit::of(of_cell.limits[limit].feature, bounds);
            LimitAt::Region(limit)
        } else {
            let at = limit - of_cell.limits.len();
            of_cell.per_part[at] = PartLimit::of(of_cell.per_part[at].aggregate, bounds);
            LimitAt::Part(at)
        };
        let changes = board.set_limit(&key, which, bounds).unwrap();
        assert_same(&board, &ruleset, parts);
        let listed: Vec<_> = changes.iter().map(|c| (c.part, c.before, c.after)).collect();
        let flipped: Vec<_> = flips(&before, board.verdicts(), truth).iter().map(|f| (f.part, f.before, f.after)).collect();
        assert_eq!(listed, flipped);
        for change in &changes {
            score.update(truth[change.part], change.before, change.after);
        }
        assert_eq!(score, Score::of(board.verdicts(), truth));
    }
    // A whole edit at once, with the same structure and then with another one.
    for (ruleset, compiled) in [(&scene.ruleset, compiled), (other, other.compile(&classes(), &zones()).unwrap())] {
        let before = board.verdicts().to_vec();
        let changes = board.apply(&table, &compiled);
        assert_same(&board, ruleset, parts);
        assert_eq!(board.rules(), &compiled);
        assert_eq!(changes.len(), flips(&before, board.verdicts(), &[]).len());
    }
}

// ------------------------------------------------------------------------------------------------------------------------ the dice

fn any_bounds() -> impl Strategy<Value = Bounds> {
    let limit = || prop::sample::select(&LIMITS[..]);
    let small_bad = (limit(), limit(), 0..3).prop_map(|(a, b, kind): (f64, f64, i32)| {
        Bounds::at_least((kind != 1).then_some(a.max(b)), (kind != 2).then_some(a.min(b)))
    });
    let large_bad = (limit(), limit(), 0..3, any::<bool>()).prop_map(|(a, b, kind, better)| {
        let at_limit = if better { AtLimit::Better } else { AtLimit::Worse };
        let (accept_below, reject_from) = match kind {
            0 => (Some(a.min(b)), Some(a.max(b))),
            1 => (Some(a), None),
            _ => (None, Some(b)),
        };
        Bounds { at_limit, ..Bounds::new(accept_below, reject_from) }
    });
    prop_oneof![3 => large_bad, 1 => small_bad]
}

fn any_ruleset() -> impl Strategy<Value = Ruleset> {
    // Area twice at times, and a feature that nothing measured.
    let feature = || prop::sample::select(&[Feature::Area, Feature::Area, Feature::Length, Feature::AreaPx, Feature::Width][..]);
    let aggregate = prop_oneof![Just(Aggregate::Count), feature().prop_map(Aggregate::Total), feature().prop_map(Aggregate::Max)];
    let limits = prop::collection::vec((feature(), any_bounds()).prop_map(|(f, b)| Limit::of(f, b)), 0..6);
    let per_part = prop::collection::vec((aggregate, any_bounds()).prop_map(|(a, b)| PartLimit::of(a, b)), 0..3);
    let class = prop::sample::select(&["scratch", "pit", "stain", "*"][..]);
    let zone = prop::sample::select(&["seal", "face", "unzoned", "*"][..]);
    let cell = (class, zone, any::<bool>(), limits, per_part).prop_map(|(class, zone, accept, limits, per_part)| Cell {
        class: class.into(),
        zone: zone.into(),
        accept: accept && limits.is_empty(),
        limits,
        per_part,
    });
    prop::collection::vec(cell, 0..7).prop_map(|mut cells| {
        cells.sort_by_key(Cell::key);
        cells.dedup_by_key(|c| c.key());
        Ruleset { cells, ..Ruleset::new("dice") }
    })
}

fn any_defect() -> impl Strategy<Value = Defect> {
    // Class 9 and zone 99 are unknown to the part number.
    let class = prop::sample::select(&[1_u8, 1, 2, 200, 9][..]);
    let zones = prop::sample::subsequence(&[0_u8, 1, 7, 99][..], 1..=3);
    let values = prop::collection::vec(prop::sample::select(&VALUES[..]), FEATURES.len());
    (class, zones, 0..2_u32, values).prop_map(|(class, zones, image, values)| Defect { class, zones, image, values })
}

fn any_scene(parts: std::ops::Range<usize>, defects: std::ops::Range<usize>) -> impl Strategy<Value = Scene> {
    let parts = prop::collection::vec(prop::collection::vec(any_defect(), defects), parts);
    let drags = prop::collection::vec((0..7_usize, 0..9_usize, any_bounds()), 0..12);
    let truth = prop::collection::vec(prop::sample::select(&[Disposition::Ok, Disposition::Ng, Disposition::Unknown][..]), 60);
    (parts, any_ruleset(), drags, any_ruleset(), truth).prop_map(|(parts, ruleset, drags, other, truth)| Scene {
        parts,
        ruleset,
        drags,
        other,
        truth,
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fast_equals_brute_on_small_scenes(scene in any_scene(0..6, 0..5)) {
        run(&scene);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn fast_equals_brute_on_larger_scenes(scene in any_scene(20..60, 0..30)) {
        run(&scene);
    }
}

/// A fine drag over many different values takes the way through the index, a jump the way through the groups; both must be exact.
#[test]
fn fine_drags_and_jumps_over_many_values() {
    let mut state = 88_172_645_463_325_252_u64;
    let mut random = move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state
    };
    let parts: Vec<Vec<Defect>> = (0..60)
        .map(|_| {
            (0..random() % 40)
                .map(|_| Defect {
                    class: [1, 2, 200][(random() % 3) as usize],
                    zones: [vec![0], vec![1], vec![7], vec![1, 7]][(random() % 4) as usize].clone(),
                    image: 0,
                    values: (0..4).map(|_| (random() % 4096) as f32 / 1024.0).collect(),
                })
                .collect()
        })
        .collect();
    let limits = vec![Limit::new(Feature::Area, Some(1.0), Some(3.0)), Limit::new(Feature::Length, Some(3.0), Some(3.9))];
    let cell = |class: &str, zone: &str| Cell { class: class.into(), zone: zone.into(), limits: limits.clone(), ..Cell::default() };
    let mut ruleset = Ruleset { cells: vec![cell("*", "*"), cell("scratch", "*"), cell("pit", "seal")], ..Ruleset::new("many") };
    let table = table_of(&parts);
    let mut board = Board::new(&table, &ruleset.compile(&classes(), &zones()).unwrap());
    assert_same(&board, &ruleset, &parts);
    for step in 0..600 {
        let cell = step % 3;
        let at = f64::from(step as u32) / 150.0;
        let reject = if step % 50 == 0 { (random() % 4096) as f64 / 1024.0 } else { at };
        let bounds = Bounds::new(Some(reject.min(1.0)), Some(reject));
        ruleset.cells[cell].limits[0] = Limit::of(Feature::Area, bounds);
        let key = CellKey::new(&*ruleset.cells[cell].class, &*ruleset.cells[cell].zone);
        board.set_limit(&key, LimitAt::Region(0), bounds).unwrap();
        assert_same(&board, &ruleset, &parts);
    }
}
