//! Rules, policies of straddling regions, `treat` and `ignore`: the fast judge against the written semantics, on random scenes and after
//! every step of random drags.
//!
//! The judge in this file shares no code with the library's: conditions and values are closures beside their text, windows are tried one
//! by one, and everything is recounted at every step.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeMap;

use delimit::judge::{
    Admitted, Between, Board, Bound, Bounds, Cell, Constant, Expression, Figure, Limit, Rule, Ruleset, Scope, Selection, Shape,
    Straddling, Surroundings, Tally, Tier, Treat, Verdict, flips, judge_part, judge_row, judge_table,
};
use delimit::measure::{Feature, Region, RegionTable, ZoneShare};
use delimit::raster::{PixelRect, Point};
use proptest::prelude::*;

/// Area, length, width, probability, diameter, x, y.
type Values = [f32; 7];
const FEATURES: [Feature; 7] = [
    Feature::Area,
    Feature::Length,
    Feature::Width,
    Feature::MeanProbability,
    Feature::EquivalentDiameter,
    Feature::CentreX,
    Feature::CentreY,
];
/// Pixels that a share of a zone can have.
const SHARES: [u64; 3] = [1, 2, 2];
const CLASSES: [(u8, &str); 3] = [(1, "scratch"), (2, "pit"), (200, "stain")];
const ZONES: [(u8, &str); 3] = [(0, "unzoned"), (1, "seal"), (7, "face")];
/// mm² of the zones; that of "face" is not known.
const AREAS: [(u8, f64); 2] = [(0, 800.0), (1, 200.0)];
/// The value of the constant T, mm.
const T: f64 = 2.0;

#[derive(Clone, Debug)]
struct Defect {
    class: u8,
    image: u32,
    /// Zone, pixels, features of the piece.
    zones: Vec<(u8, u64, Values)>,
    whole: Values,
}

/// A row: which defect, whether it is all of it, class, zone, features.
#[derive(Clone, Copy, Debug)]
struct Row {
    defect: usize,
    image: u32,
    is_whole: bool,
    class: u8,
    zone: u8,
    values: Values,
}

type Condition = (&'static str, fn(&Values) -> Option<bool>);
type Value = (&'static str, fn(&Values) -> f64);

fn than(a: f32, limit: f64, is: fn(f32, f32) -> bool) -> Option<bool> {
    if a.is_nan() { None } else { Some(is(a, limit as f32)) }
}

const CONDITIONS: [Condition; 5] = [
    ("area > 0.5", |v| than(v[0], 0.5, |a, b| a > b)),
    ("0.1 <= width <= 0.3", |v| than(v[2], 0.1, |a, b| a >= b).map(|low| low && v[2] <= 0.3)),
    ("length >= T and width < 0.3", |v| match (than(v[1], T, |a, b| a >= b), than(v[2], 0.3, |a, b| a < b)) {
        (Some(false), _) | (_, Some(false)) => Some(false),
        (Some(true), Some(true)) => Some(true),
        _ => None,
    }),
    ("not length < 1 or area == 2", |v| match (than(v[1], 1.0, |a, b| a < b), than(v[0], 2.0, |a, b| a == b)) {
        (Some(false), _) | (_, Some(true)) => Some(true),
        (Some(true), Some(false)) => Some(false),
        _ => None,
    }),
    ("area < 0.2", |v| than(v[0], 0.2, |a, b| a < b)),
];
/// None is below 0: sums over windows are of such values.
const VALUES: [Value; 5] = [
    ("area", |v| f64::from(v[0])),
    ("length", |v| f64::from(v[1])),
    ("2 * length", |v| 2.0 * f64::from(v[1])),
    ("if width > 0.2 then length else T", |v| {
        if v[2].is_nan() {
            f64::NAN
        } else if v[2] > 0.2 {
            f64::from(v[1])
        } else {
            T
        }
    }),
    ("1", |_| 1.0),
];

fn condition_of(expression: &Expression) -> fn(&Values) -> Option<bool> {
    CONDITIONS.iter().find(|(text, _)| Expression::parse(text).unwrap() == *expression).unwrap().1
}

fn value_of(expression: &Expression) -> fn(&Values) -> f64 {
    VALUES.iter().find(|(text, _)| Expression::parse(text).unwrap() == *expression).unwrap().1
}

// ---------------------------------------------------------------------------------------------------------------- the brute force

fn class_id(name: &str) -> u8 {
    CLASSES.iter().find(|c| c.1 == name).unwrap().0
}

fn name(names: &[(u8, &'static str)], id: u8) -> &'static str {
    names.iter().find(|n| n.0 == id).map_or("none", |n| n.1)
}

fn rows(ruleset: &Ruleset, defects: &[Defect]) -> Vec<Row> {
    let mut rows = Vec::new();
    for (index, defect) in defects.iter().enumerate() {
        if ruleset.ignore.as_ref().and_then(|e| condition_of(e)(&defect.whole)) == Some(true) {
            continue;
        }
        let mut classes = vec![defect.class];
        let of_class = |t: &&Treat| t.class == "*" || t.class == name(&CLASSES, defect.class);
        let mut maybe = None;
        for treat in ruleset.treat.iter().filter(of_class) {
            match condition_of(&treat.when)(&defect.whole) {
                Some(true) => {
                    if maybe.is_none() {
                        classes = vec![class_id(&treat.into)];
                    }
                    break;
                }
                Some(false) => {}
                None => maybe = maybe.or(Some(class_id(&treat.into))),
            }
        }
        classes.extend(maybe.filter(|m| !classes.contains(m)));
        let most = defect.zones.iter().map(|z| z.1).max().unwrap();
        for class in classes {
            for &(zone, pixels, piece) in &defect.zones {
                let zone_name = name(&ZONES, zone);
                let policy = ruleset.straddling_in.get(zone_name).copied().unwrap_or(ruleset.straddling);
                let row = Row { defect: index, image: defect.image, is_whole: true, class, zone, values: defect.whole };
                match policy {
                    Straddling::Strictest => rows.push(row),
                    Straddling::Majority if pixels == most => rows.push(row),
                    Straddling::Majority => {}
                    Straddling::Clip => rows.push(Row { is_whole: false, values: piece, ..row }),
                }
            }
        }
    }
    rows
}

/// Some(true) = picked, None = it cannot be told.
fn picks(selection: &Selection, row: &Row) -> Option<bool> {
    let is_named = |names: &[String], own: &str| names.is_empty() || names.iter().any(|n| n == own);
    if !is_named(&selection.classes, name(&CLASSES, row.class)) || !is_named(&selection.zones, name(&ZONES, row.zone)) {
        return Some(false);
    }
    selection.condition.as_ref().map_or(Some(true), |c| condition_of(c)(&row.values))
}

/// By defect the rows that stand for it: one whole row, or its pieces zone by zone.
fn standing(rows: &[Row]) -> Vec<Vec<Row>> {
    let mut by_defect: BTreeMap<usize, Vec<Row>> = BTreeMap::new();
    for row in rows {
        by_defect.entry(row.defect).or_default().push(*row);
    }
    let stand = |rows: Vec<Row>| {
        if let Some(whole) = rows.iter().find(|r| r.is_whole) {
            return vec![*whole];
        }
        let mut pieces: Vec<Row> = Vec::new();
        for row in rows {
            if pieces.iter().all(|p| p.zone != row.zone) {
                pieces.push(row);
            }
        }
        pieces
    };
    by_defect.into_values().map(stand).collect()
}

fn total(figure: &Figure, picked: &[Row], all: &[Row]) -> f64 {
    let regions = standing(picked);
    let values = |of: &Expression| regions.iter().flatten().map(|r| value_of(of)(&r.values)).collect::<Vec<_>>();
    match figure {
        Figure::Count => regions.len() as f64,
        Figure::Sum(of) => values(of).iter().sum(),
        Figure::Max(of) => {
            let values = values(of);
            if values.iter().any(|v| v.is_nan()) { f64::NAN } else { values.iter().copied().fold(0.0, f64::max) }
        }
        Figure::Mean(_) if regions.is_empty() => 0.0,
        Figure::Mean(of) => values(of).iter().sum::<f64>() / regions.len() as f64,
        Figure::Share(of) => {
            let part: f64 = values(of).iter().sum();
            let whole: f64 = standing(all).iter().flatten().map(|r| value_of(of)(&r.values)).sum();
            if part == 0.0 { 0.0 } else { part / whole }
        }
    }
}

fn window(shape: Shape, figure: &Figure, picked: &[Row]) -> f64 {
    let weight = |first: bool, row: &Row| match figure {
        Figure::Sum(of) => value_of(of)(&row.values),
        _ => f64::from(u8::from(first)),
    };
    let spots: Vec<(u32, f64, f64, f64)> = standing(picked)
        .iter()
        .flat_map(|rows| {
            rows.iter().enumerate().map(|(i, r)| (r.image, f64::from(r.values[5]), f64::from(r.values[6]), weight(i == 0, r)))
        })
        .collect();
    if spots.iter().any(|s| s.1.is_nan() || s.2.is_nan() || s.3.is_nan()) {
        return f64::NAN;
    }
    let mut best = 0.0_f64;
    for image in [0, 1] {
        let of_image: Vec<_> = spots.iter().filter(|s| s.0 == image).collect();
        let mut take = |inside: &dyn Fn(f64, f64) -> bool| {
            best = best.max(of_image.iter().filter(|s| inside(s.1, s.2)).map(|s| s.3).sum());
        };
        for a in &of_image {
            for b in &of_image {
                match shape {
                    Shape::Rect { w, h } => {
                        take(&|x, y| x >= a.1 - 1e-9 && x <= a.1 + w + 1e-9 && y >= b.2 - 1e-9 && y <= b.2 + h + 1e-9);
                    }
                    Shape::Circle { d } => {
                        let (r, dx, dy) = (d / 2.0, b.1 - a.1, b.2 - a.2);
                        let q = dx.hypot(dy);
                        if q == 0.0 {
                            take(&|x, y| (x - a.1).hypot(y - a.2) <= r + 1e-9);
                        } else if q <= d + 1e-9 {
                            let h = (r * r - q * q / 4.0).max(0.0).sqrt();
                            let centre = (f64::midpoint(a.1, b.1) - h * dy / q, f64::midpoint(a.2, b.2) + h * dx / q);
                            take(&|x, y| (x - centre.0).hypot(y - centre.1) <= r + 1e-9);
                        }
                    }
                }
            }
        }
    }
    best
}

/// What the tiers say of a value; `larger` for limits of pairs. `None` for a limit that is not known.
fn tiers_say(rule: &Rule, value: f64, larger: f64) -> Verdict {
    let value = value as f32;
    let holds = |tier: &Tier| {
        let (limit, is_own) = match (tier.limit.as_number(), tier.limit.text()) {
            (Some(limit), _) => (limit, false),
            (None, "T * 2") => (T * 2.0, false),
            (None, "2 * larger") => (2.0 * larger, true),
            (None, other) => panic!("{other}"),
        };
        if value.is_nan() || limit.is_nan() {
            return None;
        }
        // Where the limit is measured too, a millionth is no difference.
        let limit_at = if is_own && (f64::from(value) - limit).abs() < 1e-6 { value } else { limit as f32 };
        Some(match tier.sign.sign() {
            "<" => value < limit_at,
            "<=" => value <= limit_at,
            ">" => value > limit_at,
            _ => value >= limit_at,
        })
    };
    #[expect(clippy::match_same_arms, reason = "the arms stand in the order of the definition")]
    match (rule.reject.as_ref().map(holds), rule.accept.as_ref().map(holds)) {
        (Some(Some(true)), _) => Verdict::Ng,
        (Some(Some(false)), None) => Verdict::Ok,
        (Some(None), _) | (_, Some(None)) | (Some(Some(false)), Some(Some(false))) => Verdict::Review,
        (_, Some(Some(true))) => Verdict::Ok,
        (None, _) => Verdict::Ng,
    }
}

/// The worst that a rule says of a part, and the rows that it speaks of.
fn rule_says(rule: &Rule, rows: &[Row]) -> (Verdict, Vec<usize>) {
    let mut is_sure = true;
    for (guard, must) in [(&rule.when, true), (&rule.unless, false)] {
        let Some(guard) = guard else { continue };
        let answers: Vec<Option<bool>> = rows.iter().map(|r| picks(guard, r)).collect();
        if answers.contains(&Some(true)) {
            if !must {
                return (Verdict::Ok, Vec::new());
            }
        } else if answers.contains(&None) {
            is_sure = false;
        } else if must {
            return (Verdict::Ok, Vec::new());
        }
    }
    let cap = |verdict: Verdict, is_sure: bool| if is_sure { verdict } else { verdict.min(Verdict::Review) };
    let answers: Vec<Option<bool>> = rows.iter().map(|r| picks(&rule.selection(), r)).collect();
    let spoken: Vec<usize> = if is_sure { (0..rows.len()).filter(|i| answers[*i] == Some(true)).collect() } else { Vec::new() };
    let picked: Vec<Row> = rows.iter().zip(&answers).filter(|(_, a)| **a == Some(true)).map(|(r, _)| *r).collect();
    let unsure: Vec<Row> = rows.iter().zip(&answers).filter(|(_, a)| a.is_none()).map(|(r, _)| *r).collect();
    let mut said = vec![Verdict::Ok];
    match &rule.scope {
        Scope::Region(value) => {
            for (row, answer) in rows.iter().zip(&answers).filter(|(_, a)| **a != Some(false)) {
                let is_believed = rule.gate.is_none_or(|gate| row.values[3].is_nan() || row.values[3] >= gate as f32);
                let verdict = tiers_say(rule, value_of(value)(&row.values), f64::NAN);
                said.push(cap(verdict, answer.is_some() && is_believed));
            }
        }
        Scope::Total { of, per_zone, per } => {
            let zones: Vec<Option<u8>> = if *per_zone {
                ZONES.iter().map(|z| Some(z.0)).filter(|z| picked.iter().chain(&unsure).any(|r| Some(r.zone) == *z)).collect()
            } else {
                vec![None]
            };
            for zone in zones {
                let here = |rows: &[Row]| rows.iter().filter(|r| zone.is_none_or(|z| r.zone == z)).copied().collect::<Vec<_>>();
                let mut value = if here(&unsure).is_empty() { total(of, &here(&picked), &here(rows)) } else { f64::NAN };
                if let Some(per) = per {
                    let area = |z: u8| AREAS.iter().find(|a| a.0 == z).map_or(f64::NAN, |a| a.1);
                    let is_meant = |z: u8| rule.zones.is_empty() || rule.zones.iter().any(|n| n == name(&ZONES, z));
                    let mm2 = zone.map_or_else(|| ZONES.iter().filter(|z| is_meant(z.0)).map(|z| area(z.0)).sum(), area);
                    let by = if per.text() == "4" { 4.0 } else { mm2 / 100.0 };
                    value = if value == 0.0 { 0.0 } else { value / by };
                }
                said.push(tiers_say(rule, value, f64::NAN));
            }
        }
        Scope::Window { shape, of } => {
            if !unsure.is_empty() {
                said.push(Verdict::Review);
            } else if !picked.is_empty() {
                said.push(tiers_say(rule, window(*shape, of, &picked), f64::NAN));
            }
        }
        Scope::Pair(between) => {
            let all: Vec<&Row> = picked.iter().chain(&unsure).collect();
            let is_several = all.iter().any(|r| r.defect != all[0].defect);
            let stand: Vec<Row> = standing(&picked).concat();
            if is_several && (!unsure.is_empty() || stand.iter().any(|r| r.values[5].is_nan() || r.values[6].is_nan())) {
                said.push(Verdict::Review);
            } else if is_several {
                let mut of_pairs = Vec::new();
                for (i, a) in stand.iter().enumerate() {
                    for b in stand[..i].iter().filter(|b| b.defect != a.defect && b.image == a.image) {
                        let at = |i: usize| f64::from(a.values[i]) - f64::from(b.values[i]);
                        let (da, db) = (f64::from(a.values[4]), f64::from(b.values[4]));
                        let larger = if da.is_nan() || db.is_nan() { f64::NAN } else { da.max(db) };
                        let gap = if *between == Between::Edges { f64::midpoint(da, db) } else { 0.0 };
                        of_pairs.push((at(5).hypot(at(6)) - gap, larger));
                    }
                }
                // With fixed limits one unmeasured pair makes all of them unmeasured: nothing may hide behind it.
                let is_fixed = [&rule.accept, &rule.reject].into_iter().flatten().all(|t| t.limit.text() != "2 * larger");
                if is_fixed && of_pairs.iter().any(|p| p.0.is_nan()) {
                    said.push(Verdict::Review);
                } else {
                    said.extend(of_pairs.iter().map(|&(value, larger)| tiers_say(rule, value, larger)));
                }
            }
        }
        Scope::All(_) => unreachable!("groups are taken apart before"),
    }
    (cap(said.into_iter().max().unwrap(), is_sure), spoken)
}

fn cell_says(ruleset: &Ruleset, row: &Row) -> Option<Verdict> {
    let (class, zone) = (name(&CLASSES, row.class), name(&ZONES, row.zone));
    let cell = [(class, zone), (class, "*"), ("*", zone), ("*", "*")]
        .into_iter()
        .find_map(|(c, z)| ruleset.cells.iter().find(|cell| cell.class == c && cell.zone == z))?;
    if cell.limits.is_empty() {
        return cell.accept.then_some(Verdict::Ok);
    }
    let says = |limit: &Limit| {
        let value = FEATURES.iter().position(|f| *f == limit.feature).map_or(f32::NAN, |i| row.values[i]);
        if value.is_nan() {
            return Verdict::Review;
        }
        let (accepts, rejects) = match (limit.accept_below, limit.reject_from, limit.accept_from, limit.reject_below) {
            (Some(a), Some(r), None, None) => (value < a as f32, value >= r as f32),
            (None, None, Some(a), Some(r)) => (value >= a as f32, value < r as f32),
            other => panic!("{other:?}"),
        };
        if rejects {
            Verdict::Ng
        } else if accepts {
            Verdict::Ok
        } else {
            Verdict::Review
        }
    };
    cell.limits.iter().map(says).max()
}

fn part_says(ruleset: &Ruleset, defects: &[Defect]) -> Verdict {
    let rows = rows(ruleset, defects);
    let mut worst = Verdict::Ok;
    let mut spoken: Vec<usize> = Vec::new();
    for rule in &ruleset.rules {
        let verdict = if let Scope::All(members) = &rule.scope {
            let of_members = members.iter().map(|m| {
                let (verdict, own) = rule_says(m, &rows);
                spoken.extend(own);
                verdict
            });
            of_members.min().unwrap()
        } else {
            let (verdict, own) = rule_says(rule, &rows);
            spoken.extend(own);
            verdict
        };
        worst = worst.max(verdict);
    }
    for (i, row) in rows.iter().enumerate() {
        let is_known = CLASSES.iter().any(|c| c.0 == row.class);
        let otherwise = match (is_known, spoken.contains(&i)) {
            (false, _) => Verdict::Review,
            (true, true) => Verdict::Ok,
            (true, false) => ruleset.otherwise,
        };
        worst = worst.max(cell_says(ruleset, row).unwrap_or(otherwise));
    }
    worst
}

// ------------------------------------------------------------------------------------------------------------------ the comparison

fn table_of(parts: &[Vec<Defect>], rules: &delimit::judge::CompiledRuleset) -> (RegionTable, usize) {
    let mut table = RegionTable::new();
    let mut aside = 0;
    let spread = |values: &Values| {
        let mut features = [f32::NAN; Feature::COUNT];
        for (feature, value) in FEATURES.into_iter().zip(values) {
            features[feature.index()] = *value;
        }
        features
    };
    for defects in parts {
        for (i, defect) in defects.iter().enumerate() {
            let share = |&(zone, pixels, ref piece): &(u8, u64, Values)| ZoneShare {
                piece: (defect.zones.len() > 1).then(|| Box::new(spread(piece))),
                ..ZoneShare::new(zone, pixels)
            };
            let region = Region {
                class: defect.class,
                number: None,
                pixels: defect.zones.iter().map(|z| z.1).sum(),
                bounds: PixelRect::EMPTY,
                centroid: Point::new(0.0, 0.0),
                anchor: (0, 0),
                is_clipped: false,
                zones: defect.zones.iter().map(share).collect(),
                features: spread(&defect.whole),
            };
            aside += usize::from(rules.admission().push(&mut table, defect.image, i as u32, &region) != Admitted::AsIs);
        }
        table.finish_part();
    }
    (table, aside)
}

fn compile(ruleset: &Ruleset) -> delimit::judge::CompiledRuleset {
    let names = |all: &[(u8, &str)]| all.iter().map(|(id, n)| (*id, (*n).to_owned())).collect::<Vec<_>>();
    let surroundings = Surroundings { zone_areas_mm2: AREAS.into_iter().collect(), image_px: None };
    ruleset.compile_with(&names(&CLASSES), &names(&ZONES), &surroundings).unwrap()
}

#[derive(Clone, Debug)]
struct Scene {
    parts: Vec<Vec<Defect>>,
    ruleset: Ruleset,
    drags: Vec<(usize, bool, f64)>,
}

fn run(scene: &Scene) {
    let Scene { parts, drags, .. } = scene;
    let mut ruleset = scene.ruleset.clone();
    let text = ruleset.to_ron().unwrap();
    let again = Ruleset::from_ron(&text, std::path::Path::new("scene")).unwrap();
    assert_eq!(Ruleset { format: ruleset.format, ..again }, ruleset);
    let compiled = compile(&ruleset);
    let (table, _) = table_of(parts, &compiled);
    let mut board = Board::new(&table, &compiled);
    let check = |board: &Board, ruleset: &Ruleset| {
        let expected: Vec<Verdict> = parts.iter().map(|d| part_says(ruleset, d)).collect();
        assert_eq!(board.verdicts(), expected, "{}", ruleset.to_ron().unwrap());
        assert_eq!(board.tally(), Tally::of(&expected));
    };
    check(&board, &ruleset);
    assert_eq!(judge_table(&table, &compiled), board.verdicts());
    for part in 0..parts.len() {
        let judged = judge_part(&table, part, &compiled);
        assert_eq!(judged.verdict, board.verdicts()[part]);
        assert_eq!(judged.reasons.is_empty(), judged.verdict == Verdict::Ok);
        assert!(judged.reasons.iter().all(|r| !r.sentence().is_empty() && r.verdict != Verdict::Ok));
        // Rows by themselves are as bad as their part where no rule is about several.
        let by_row = table.rows_of_part(part).map(|row| judge_row(&table, row, &compiled)).max().unwrap_or_default();
        let is_of_rows = ruleset.rules.iter().all(|r| matches!(r.scope, Scope::Region(_)));
        assert!(if is_of_rows { by_row == judged.verdict } else { by_row <= judged.verdict }, "{}", ruleset.to_ron().unwrap());
    }
    let names: Vec<String> = ruleset.all_rules().map(|r| r.name.clone()).collect();
    for &(which, is_accept, value) in drags {
        if names.is_empty() {
            break;
        }
        let (name, bound) = (&names[which % names.len()], if is_accept { Bound::Accept } else { Bound::Reject });
        let before = board.verdicts().to_vec();
        if ruleset.set_rule_limit(name, bound, value).is_err() {
            continue;
        }
        let changes = board.set_rule_limit(name, bound, value).unwrap();
        check(&board, &ruleset);
        let changed: Vec<usize> = changes.iter().map(|c| c.part).collect();
        assert_eq!(changed, flips(&before, board.verdicts(), &[]).iter().map(|f| f.part).collect::<Vec<_>>());
    }
    // Back in one step: only numbers differ.
    board.apply(&table, &compiled);
    check(&board, &scene.ruleset);
    assert!(*board.rules() == compiled);
}

// ------------------------------------------------------------------------------------------------------------------------ the dice

fn any_values() -> impl Strategy<Value = Values> {
    let measured = || prop::sample::select(&[0.1_f32, 0.2, 0.3, 0.5, 0.75, 1.0, 2.0, 3.0, 4.0, 0.25, 1.5, f32::NAN][..]);
    let place = || prop_oneof![12 => (0..6_u8).prop_map(f32::from), 1 => Just(f32::NAN)];
    (measured(), measured(), measured(), measured(), measured(), place(), place())
        .prop_map(|(a, b, c, d, e, x, y)| [a, b, c, d, e, x, y])
}

fn any_defect() -> impl Strategy<Value = Defect> {
    let class = prop::sample::select(&[1_u8, 1, 1, 2, 2, 200, 9][..]);
    let zones = prop::sample::subsequence(&[0_u8, 1, 7][..], 1..=3);
    (class, 0..2_u32, zones, any_values(), any_values(), 0..3_usize).prop_map(|(class, image, zones, whole, piece, shift)| {
        let is_one = zones.len() == 1;
        let zone = |(i, &zone): (usize, &u8)| {
            let mut own = piece;
            own[0] = piece[(i + shift) % 3];
            (zone, SHARES[(i + shift) % 3], if is_one { whole } else { own })
        };
        Defect { class, image, zones: zones.iter().enumerate().map(zone).collect(), whole }
    })
}

fn any_condition() -> impl Strategy<Value = Option<Expression>> {
    prop::option::weighted(0.4, prop::sample::select(&CONDITIONS[..]).prop_map(|c| Expression::parse(c.0).unwrap()))
}

fn any_value() -> impl Strategy<Value = Expression> {
    prop::sample::select(&VALUES[..]).prop_map(|v| Expression::parse(v.0).unwrap())
}

fn any_selection() -> impl Strategy<Value = Selection> {
    let names = |all: &'static [&'static str]| {
        prop::sample::subsequence(all, 0..=2).prop_map(|names| names.into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    (names(&["scratch", "pit", "stain"]), names(&["unzoned", "seal", "face"]), any_condition())
        .prop_map(|(classes, zones, condition)| Selection { classes, zones, condition })
}

fn any_scope() -> impl Strategy<Value = Scope> {
    let figure = prop_oneof![
        2 => Just(Figure::Count),
        2 => any_value().prop_map(Figure::Sum),
        1 => any_value().prop_map(Figure::Max),
        1 => any_value().prop_map(Figure::Mean),
        1 => any_value().prop_map(Figure::Share),
    ];
    let per = prop::option::weighted(0.3, prop::sample::select(&["zone_area / 100", "4"][..]));
    let shape = prop_oneof![
        prop::sample::select(&[1.0, 2.0, 3.0, 5.0][..]).prop_map(|d| Shape::Circle { d }),
        prop::sample::select(&[(1.0, 2.0), (3.0, 1e9), (0.5, 4.0)][..]).prop_map(|(w, h)| Shape::Rect { w, h }),
    ];
    let of = prop_oneof![Just(Figure::Count), any_value().prop_map(Figure::Sum)];
    prop_oneof![
        3 => any_value().prop_map(Scope::Region),
        3 => (figure, any::<bool>(), per).prop_map(|(of, per_zone, per)| Scope::Total {
            of, per_zone, per: per.map(|p| Expression::parse(p).unwrap()),
        }),
        2 => (shape, of).prop_map(|(shape, of)| Scope::Window { shape, of }),
        1 => prop::sample::select(&[Between::Centres, Between::Edges][..]).prop_map(Scope::Pair),
    ]
}

const LIMITS: [f64; 8] = [0.1, 0.3, 0.5, 1.0, 2.0, 3.0, 4.0, 6.0];

fn any_rule() -> impl Strategy<Value = Rule> {
    let limit = || prop::sample::select(&LIMITS[..]);
    let guards = (prop::option::weighted(0.15, any_selection()), prop::option::weighted(0.15, any_selection()));
    let tiers = (limit(), limit(), 0..3_u8, any::<[bool; 3]>(), 0..4_u8);
    (any_selection(), guards, any_scope(), tiers, prop::option::weighted(0.3, Just(0.5))).prop_map(
        |(own, (when, unless), scope, (a, b, which, [is_upward, accepts_at, rejects_at], own_limit), gate)| {
            let (accept, reject) = if is_upward { (a.max(b), a.min(b)) } else { (a.min(b), a.max(b)) };
            let tier = |sign: &str, limit: f64| Tier::parse(&format!("{sign} {limit}")).unwrap();
            let (accept_sign, reject_sign) = if is_upward {
                (if accepts_at { ">=" } else { ">" }, if rejects_at { "<=" } else { "<" })
            } else {
                (if accepts_at { "<=" } else { "<" }, if rejects_at { ">=" } else { ">" })
            };
            let is_pair = matches!(scope, Scope::Pair(_));
            let is_length = matches!(&scope, Scope::Region(e) if e.text() == "length");
            let is_region = matches!(scope, Scope::Region(_));
            let mut rule = Rule {
                classes: own.classes,
                zones: own.zones,
                condition: own.condition,
                when,
                unless,
                accept: (which != 1).then(|| tier(accept_sign, accept)),
                reject: (which != 0).then(|| tier(reject_sign, reject)),
                gate: gate.filter(|_| is_region),
                ..Rule::new("", scope)
            };
            if own_limit == 0 && which != 2 && (is_pair || is_length) {
                let limit = Expression::parse(if is_pair { "2 * larger" } else { "T * 2" }).unwrap();
                for tier in [&mut rule.accept, &mut rule.reject].into_iter().flatten() {
                    tier.limit = limit.clone();
                }
            }
            rule
        },
    )
}

fn any_ruleset() -> impl Strategy<Value = Ruleset> {
    let alone = any_rule();
    let group = prop::collection::vec(any_rule(), 2..4).prop_map(|members| Rule::new("", Scope::All(members)));
    let rules = prop::collection::vec(prop_oneof![4 => alone, 1 => group], 0..4);
    let policy = || prop::sample::select(&[Straddling::Strictest, Straddling::Majority, Straddling::Clip][..]);
    let class = || prop::sample::select(&["scratch", "pit", "stain"][..]);
    let treat =
        prop::collection::vec((class(), prop::sample::select(&CONDITIONS[..]), class(), any::<bool>()), 0..3).prop_map(|all| {
            all.into_iter()
                .map(|(from, when, into, is_any)| Treat {
                    class: if is_any { "*" } else { from }.into(),
                    when: Expression::parse(when.0).unwrap(),
                    into: into.into(),
                })
                .collect::<Vec<_>>()
        });
    let ignore = prop::option::weighted(0.2, prop::sample::select(&CONDITIONS[..]).prop_map(|c| Expression::parse(c.0).unwrap()));
    let otherwise = prop::sample::select(&Verdict::ALL[..]);
    let zone = prop::sample::select(&["seal", "face", "*"][..]);
    let limit = (any::<bool>(), prop::sample::select(&LIMITS[..])).prop_map(|(is_small_bad, at)| {
        let bounds = if is_small_bad { Bounds::at_least(Some(at), Some(at / 2.0)) } else { Bounds::new(Some(at), Some(at * 2.0)) };
        Limit::of(if is_small_bad { Feature::Length } else { Feature::Area }, bounds)
    });
    let cell = (class(), zone, any::<bool>(), prop::collection::vec(limit, 0..2)).prop_map(|(class, zone, accept, limits)| Cell {
        class: class.into(),
        zone: zone.into(),
        accept: accept && limits.is_empty(),
        limits,
        per_part: Vec::new(),
    });
    let policies = (policy(), prop::option::weighted(0.3, policy()));
    (rules, policies, treat, ignore, otherwise, prop::collection::vec(cell, 0..3)).prop_map(
        |(mut rules, (straddling, own), treat, ignore, otherwise, mut cells)| {
            let mut number = 0;
            for rule in &mut rules {
                let mut name = || {
                    number += 1;
                    format!("rule {number}")
                };
                rule.name = name();
                if let Scope::All(members) = &mut rule.scope {
                    for member in members {
                        member.name = name();
                    }
                }
            }
            cells.sort_by_key(Cell::key);
            cells.dedup_by_key(|c| c.key());
            let t = Constant { value: T, unit: Some("mm".into()), note: String::new() };
            Ruleset {
                constants: [("T".to_owned(), t)].into_iter().collect(),
                straddling_in: own.into_iter().map(|p| ("seal".to_owned(), p)).collect(),
                rules,
                straddling,
                treat,
                ignore,
                otherwise,
                cells,
                ..Ruleset::new("dice")
            }
        },
    )
}

fn any_scene(parts: std::ops::Range<usize>, defects: std::ops::Range<usize>) -> impl Strategy<Value = Scene> {
    let parts = prop::collection::vec(prop::collection::vec(any_defect(), defects), parts);
    let drags = prop::collection::vec((0..8_usize, any::<bool>(), prop::sample::select(&LIMITS[..])), 0..8);
    (parts, any_ruleset(), drags).prop_map(|(parts, ruleset, drags)| Scene { parts, ruleset, drags })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_equal_brute_force_on_small_scenes(scene in any_scene(1..4, 0..5)) {
        run(&scene);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn rules_equal_brute_force_on_larger_scenes(scene in any_scene(4..12, 0..14)) {
        run(&scene);
    }
}
