//! Acceptance criteria of standards and workshops, with fixtures that a reference evaluator judged: those that the rule language can
//! express must get the reference's verdict. The others are listed with what they would need.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking, in its helpers too")]

use std::collections::BTreeSet;
use std::path::PathBuf;

use delimit::judge::{
    Aggregate, AtLimit, Bounds, Cell, CompiledRuleset, Limit, PartLimit, Ruleset, UNZONED, Verdict, judge_part, judge_table,
};
use delimit::measure::{Feature, Region, RegionTable, ZoneShare};
use delimit::raster::{PixelRect, Point};
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

#[test]
fn expressible_criteria_get_the_reference_verdicts() {
    let Some(criteria) = criteria() else { return };
    let (mut all, mut expressible, mut passed) = (0, 0, 0);
    let mut failures = Vec::new();
    for criterion in &criteria {
        let name = criterion["name"].as_str().unwrap();
        let fixtures = criterion["fixtures"].as_array().unwrap();
        all += fixtures.len();
        let (ruleset, classes, zones) = match translate(criterion) {
            Ok(translated) => translated,
            Err(reason) => {
                println!("not expressible ({} fixtures): {name}: {reason}", fixtures.len());
                continue;
            }
        };
        let rules = ruleset.compile(&classes, &zones).unwrap();
        for (i, fixture) in fixtures.iter().enumerate() {
            expressible += 1;
            let (got, expected) = (judged(fixture, &rules, &classes, &zones), expected(fixture));
            if got == expected {
                passed += 1;
            } else {
                failures.push(format!("{name}, fixture {i}: {got}, expected {expected}"));
            }
        }
    }
    println!("{expressible} of {all} fixtures expressible, {passed} pass");
    assert_eq!(failures, Vec::<String>::new());
    assert_eq!(all, 126, "all fixtures were looked at");
    assert!(expressible >= 36, "the language became poorer: {expressible}");
}

fn expected(fixture: &Value) -> Verdict {
    match fixture["expect"].as_str() {
        Some("OK") => Verdict::Ok,
        Some("REVIEW") => Verdict::Review,
        Some("NG") => Verdict::Ng,
        other => panic!("an unknown verdict: {other:?}"),
    }
}

fn judged(fixture: &Value, rules: &CompiledRuleset, classes: &Ids, zones: &Ids) -> Verdict {
    let mut table = RegionTable::new();
    for (i, region) in fixture["regions"].as_array().unwrap().iter().enumerate() {
        table.push(0, i as u32, &region_of(region, classes, zones));
    }
    table.finish_part();
    let verdict = judge_part(&table, 0, rules).verdict;
    assert_eq!(judge_table(&table, rules), [verdict]);
    verdict
}

fn region_of(region: &Value, classes: &Ids, zones: &Ids) -> Region {
    let id = |names: &Ids, name: &str| names.iter().find(|n| n.1 == name).map_or(0, |n| n.0);
    let number = |name: &str| region[name].as_f64().map(|v| v as f32);
    let mut features = [f32::NAN; Feature::COUNT];
    let mut set = |feature: Feature, value: Option<f32>| features[feature.index()] = value.unwrap_or(f32::NAN);
    set(Feature::Area, number("area"));
    set(Feature::Length, number("length"));
    set(Feature::Width, number("width"));
    set(Feature::EquivalentDiameter, number("diameter"));
    set(Feature::MeanProbability, number("conf"));
    set(Feature::Aspect, number("aspect").or(number("length").zip(number("width")).map(|(l, w)| l / w)));
    // A region has at least one pixel.
    set(Feature::AreaPx, number("area_px").or(Some(1.0)));
    Region {
        class: id(classes, region["cls"].as_str().unwrap()),
        number: None,
        pixels: 1,
        bounds: PixelRect::EMPTY,
        centroid: Point::new(0.0, 0.0),
        anchor: (0, 0),
        is_clipped: false,
        zones: vec![ZoneShare::new(id(zones, region["zone"].as_str().unwrap()), 1)],
        features,
    }
}

// -------------------------------------------------------------------------------------------------------------------- translation

/// What a rule of the reference asks of a class × zone.
enum Asks {
    /// Nothing: what it selects is acceptable by itself.
    Nothing,
    Each(Limit),
    Together(PartLimit),
}

fn translate(criterion: &Value) -> Result<(Ruleset, Ids, Ids), String> {
    let rules = &criterion["ruleset"];
    if rules.get("ignore").is_some() {
        return Err("regions below a size are ignored: needs a condition".into());
    }
    let default = rules["default"].as_str().unwrap_or("REVIEW");
    if default == "NG" {
        return Err("what no rule speaks of is NG".into());
    }
    let mut classes = BTreeSet::new();
    let mut zones = BTreeSet::from([UNZONED.to_owned()]);
    let selections = rules["rules"].as_array().unwrap().iter().map(|r| &r["where"]);
    for thing in criterion["fixtures"].as_array().unwrap().iter().flat_map(|f| f["regions"].as_array().unwrap()).chain(selections) {
        classes.extend(words(&thing["cls"]));
        zones.extend(words(&thing["zone"]).into_iter().filter(|z| z != "*"));
    }
    let mut ruleset = Ruleset::new(criterion["name"].as_str().unwrap());
    for class in &classes {
        for zone in &zones {
            let mut cell = Cell { class: class.clone(), zone: zone.clone(), ..Cell::default() };
            let mut is_spoken_of = default == "OK";
            for rule in rules["rules"].as_array().unwrap() {
                let (class_words, zone_words) = (words(&rule["where"]["cls"]), words(&rule["where"]["zone"]));
                let asks = asks(rule, &criterion["const"])?;
                if !(class_words.is_empty() || class_words.contains(class)) || !(zone_words.is_empty() || zone_words.contains(zone))
                {
                    continue;
                }
                is_spoken_of = true;
                match asks {
                    Asks::Nothing => {}
                    Asks::Each(limit) => cell.limits.push(limit),
                    Asks::Together(limit) => {
                        let classes = if class_words.is_empty() { classes.len() } else { class_words.len() };
                        let zones = if zone_words.is_empty() { zones.len() } else { zone_words.len() };
                        if classes * zones != 1 {
                            return Err("a count or total over several classes or zones".into());
                        }
                        cell.per_part.push(limit);
                    }
                }
            }
            cell.accept = is_spoken_of && cell.limits.is_empty();
            ruleset.cells.push(cell);
        }
    }
    let ids = |names: &BTreeSet<String>, first: u8| names.iter().cloned().enumerate().map(|(i, n)| (i as u8 + first, n)).collect();
    zones.remove(UNZONED);
    Ok((ruleset, ids(&classes, 1), ids(&zones, 1)))
}

fn asks(rule: &Value, constants: &Value) -> Result<Asks, String> {
    let refused = |what: &str| Err(format!("rule {}: {what}", rule["id"].as_str().unwrap_or("?")));
    if rule["where"].get("if").is_some() {
        return refused("a condition on features");
    }
    if rule.get("when").is_some() || rule.get("unless").is_some() {
        return refused("a guard (only if another region exists)");
    }
    if rule.get("confidence_gate").is_some() {
        return refused("a confidence gate");
    }
    let scope = rule["scope"].as_str().unwrap_or("region");
    if scope == "window" || scope == "pair" {
        return refused("positions of regions (window or pair)");
    }
    if rule.get("per").is_some() || rule.get("per_zone").is_some() {
        return refused("a density");
    }
    let value = rule["value"].as_str().unwrap_or("");
    let (accept, reject) = (bound(&rule["accept"], constants)?, bound(&rule["reject"], constants)?);
    if scope == "total" {
        let aggregate = match (rule["agg"].as_str().unwrap_or("count"), feature(value)) {
            ("count", _) => Aggregate::Count,
            ("sum", Some(feature)) => Aggregate::Total(feature),
            ("max", Some(feature)) => Aggregate::Max(feature),
            (aggregate, _) => return refused(&format!("{aggregate} of `{value}`")),
        };
        return Ok(Asks::Together(PartLimit::of(aggregate, bounds(accept, reject)?)));
    }
    // A number as value accepts or rejects whatever is selected.
    if let (Ok(value), None, Some((op, limit))) = (value.parse::<f64>(), &accept, &reject) {
        let is_rejected = if op == ">" { value > *limit } else { value >= *limit };
        let everything = Limit::new(Feature::AreaPx, None, Some(0.0));
        return Ok(if is_rejected { Asks::Each(everything) } else { Asks::Nothing });
    }
    match feature(value) {
        Some(feature) => Ok(Asks::Each(Limit::of(feature, bounds(accept, reject)?))),
        None => refused(&format!("a derived or unknown value `{value}`")),
    }
}

fn feature(name: &str) -> Option<Feature> {
    match name {
        "diameter" => Some(Feature::EquivalentDiameter),
        "length/width" => Some(Feature::Aspect),
        _ => Feature::from_name(name),
    }
}

/// Bounds with the same meaning as the two comparisons; where one includes its limit and the other does not, the next number up.
fn bounds(accept: Option<(String, f64)>, reject: Option<(String, f64)>) -> Result<Bounds, String> {
    let known = |b: &Option<(String, f64)>, sign: &str| b.as_ref().is_none_or(|(op, _)| op.starts_with(sign));
    if !known(&accept, "<") || !known(&reject, ">") {
        return Err("a lower limit: small values are the bad ones".into());
    }
    let up_to = accept.as_ref().map(|(op, _)| op == "<=");
    let above = reject.as_ref().map(|(op, _)| op == ">");
    let (accept, reject) = (accept.map(|b| b.1), reject.map(|b| b.1));
    Ok(match (up_to, above) {
        (Some(true) | None, Some(true) | None) => Bounds { at_limit: AtLimit::Better, ..Bounds::new(accept, reject) },
        (Some(false) | None, Some(false) | None) => Bounds::new(accept, reject),
        (Some(up_to), Some(above)) => {
            let next = |limit: f64| f64::from((limit as f32).next_up());
            Bounds::new(accept.map(|a| if up_to { next(a) } else { a }), reject.map(|r| if above { next(r) } else { r }))
        }
    })
}

fn bound(value: &Value, constants: &Value) -> Result<Option<(String, f64)>, String> {
    let Some(pair) = value.as_array() else { return Ok(None) };
    let limit = match &pair[1] {
        Value::String(text) => arithmetic(text, constants).ok_or(format!("a limit `{text}`"))?,
        number => number.as_f64().ok_or("a limit that is no number")?,
    };
    Ok(Some((pair[0].as_str().unwrap_or("").to_owned(), limit)))
}

/// `max(a, b)`, products, quotients, numbers and the part's constants: what the limits of the criteria are made of.
fn arithmetic(text: &str, constants: &Value) -> Option<f64> {
    let text = text.trim();
    if let Some(inside) = text.strip_prefix("max(").and_then(|t| t.strip_suffix(')')) {
        let (a, b) = inside.split_once(',')?;
        return Some(arithmetic(a, constants)?.max(arithmetic(b, constants)?));
    }
    if let Some((a, b)) = text.rsplit_once(['*', '/']) {
        let (a, b, is_product) = (arithmetic(a, constants)?, arithmetic(b, constants)?, text.as_bytes()[a.len()] == b'*');
        return Some(if is_product { a * b } else { a / b });
    }
    text.parse().ok().or_else(|| constants[text].as_f64())
}

/// One word or a list of words; empty when absent.
fn words(value: &Value) -> Vec<String> {
    match value {
        Value::String(word) => vec![word.clone()],
        Value::Array(list) => list.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
