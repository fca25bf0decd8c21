//! `delimit check --format sarif`: the findings as a log that code scanning services read (OASIS SARIF 2.1.0).
//!
//! Where a finding lies: `artifactLocation` is the **label file**, relative to the project folder, because that is the file a correction
//! changes; the photo is a related location. A SARIF `region` counts lines, characters or bytes of a file and can say nothing about a
//! place in an image, so there is none; the box in pixels is in `properties.pixelBox` of the location and in its message, and the region
//! is a logical location ("image/scratch #2").

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use delimit::check::systematic::Shared;
use delimit::check::{Finding, Severity, Systematic};
use delimit::session::Session;
use delimit::workflow::flip_test::Consequence;
use serde_json::{Value, json};

use super::check::{CheckedProject, severity_word};
use super::check_json::consequence_word;
use super::output::error_line;

/// Side of the squares by which a finding is known again, px: a boundary that is corrected a little keeps its square mostly.
const PLACE_PX: f64 = 16.0;

/// Name of the folder that uris are relative to.
const BASE: &str = "PROJECT";

/// The whole log: one run.
#[must_use]
pub fn log(session: &Session, checked: &CheckedProject) -> Value {
    let mut rules: BTreeMap<&'static str, (&'static str, Severity)> = BTreeMap::new();
    for (_, finding) in &checked.findings {
        let (id, text) = (finding.kind.id(), finding.kind.title());
        let rule = rules.entry(id).or_insert((text, finding.severity));
        rule.1 = rule.1.max(finding.severity);
    }
    for error in &checked.systematic {
        let (id, text) = systematic_rule(error);
        rules.insert(id, (text, Severity::Warning));
    }
    let index: BTreeMap<&str, usize> = rules.keys().enumerate().map(|(i, id)| (*id, i)).collect();
    let rules: Vec<Value> = rules
        .iter()
        .map(|(id, (text, severity))| {
            json!({
                "id": id,
                "name": pascal_case(id),
                "shortDescription": { "text": text },
                "defaultConfiguration": { "level": severity_word(*severity) },
            })
        })
        .collect();
    let mut seen = BTreeSet::new();
    let mut results: Vec<Value> =
        checked.findings.iter().map(|(image, f)| result(session, checked, *image, f, &index, &mut seen)).collect();
    results.extend(checked.systematic.iter().map(|error| systematic_result(session, error, &index)));
    let notifications: Vec<Value> = checked
        .problems
        .iter()
        .map(|(image, problem)| {
            json!({
                "level": "error",
                "message": { "text": error_line(problem) },
                "locations": [{ "physicalLocation": { "artifactLocation": photo(session, *image) } }],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "delimit",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            } },
            "originalUriBaseIds": { BASE: { "description": { "text": "The folder of the Delimit project." } } },
            "invocations": [{ "executionSuccessful": checked.problems.is_empty(), "toolExecutionNotifications": notifications }],
            "results": results,
            "columnKind": "unicodeCodePoints",
        }],
    })
}

fn result(
    session: &Session,
    checked: &CheckedProject,
    image: usize,
    finding: &Finding,
    index: &BTreeMap<&str, usize>,
    seen: &mut BTreeSet<String>,
) -> Value {
    let project = session.project();
    let entry = &project.images()[image];
    let id = finding.kind.id();
    let b = finding.bounds;
    let box_text = format!("pixels x {}–{}, y {}–{}", b.x0, b.x1, b.y0, b.y1);
    let name = finding.region.map(|r| format!("{} #{}", project.class_name(finding.class), r + 1));
    let what = name.as_ref().map_or_else(|| entry.id.clone(), |n| format!("{} of {}", n, entry.id));
    let mut location = json!({
        "physicalLocation": { "artifactLocation": label(session, image) },
        "message": { "text": format!("{what}, {box_text}") },
        "properties": { "pixelBox": [b.x0, b.y0, b.x1, b.y1], "place": [finding.place.x, finding.place.y] },
    });
    if let Some(name) = &name {
        location["logicalLocations"] =
            json!([{ "name": name, "fullyQualifiedName": format!("{}/{name}", entry.id), "kind": "region" }]);
    }
    let mut properties = json!({ "image": entry.id, "part": entry.part, "partNumber": entry.part_number });
    if finding.region.is_some() {
        properties["class"] = json!(project.class_name(finding.class));
    }
    for (key, value) in [("biasPx", finding.bias_px), ("p90Px", finding.p90_px), ("tolerancePx", finding.tolerance_px)] {
        if value.is_finite() {
            properties[key] = json!(value);
        }
    }
    let mut text = format!("{what}: {}", finding.message);
    if !checked.flips.is_empty() {
        let consequence = checked.consequence(image, finding);
        properties["changesVerdict"] = json!(consequence_word(consequence));
        text.push_str(match consequence {
            Consequence::None => "",
            Consequence::Region => "; set right, the region gets another verdict",
            Consequence::Part => "; set right, the part gets another verdict",
        });
    }
    json!({
        "ruleId": id,
        "ruleIndex": index.get(id),
        "kind": "fail",
        "level": severity_word(finding.severity),
        "message": { "text": text },
        "locations": [location],
        "relatedLocations": [{
            "id": 1,
            "physicalLocation": { "artifactLocation": photo(session, image) },
            "message": { "text": "the photo" },
        }],
        "partialFingerprints": { "findingPlace/v1": fingerprint(&entry.id, id, finding, seen) },
        "properties": properties,
    })
}

/// The same for the same finding in the next run, whatever else was corrected in the image: image, rule, class and place on a grid; a
/// number tells apart those that share a square.
fn fingerprint(image: &str, rule: &str, finding: &Finding, seen: &mut BTreeSet<String>) -> String {
    let centre = finding.bounds.centre();
    let (column, row) = ((centre.x / PLACE_PX) as u32, (centre.y / PLACE_PX) as u32);
    let base = format!("{image}/{rule}/{}/{column},{row}", finding.class);
    let mut all = (1..).map(|n| format!("{base}/{n}"));
    // The list is endless, so one of it is new.
    let new = all.find(|f| !seen.contains(f)).unwrap_or(base);
    seen.insert(new.clone());
    new
}

const fn systematic_rule(error: &Systematic) -> (&'static str, &'static str) {
    match error.error {
        Shared::Bias(_) => ("systematic-bias", "The labels of a group are all too large or all too small."),
        Shared::Shift { .. } => {
            ("systematic-shift", "The labels of a group all sit beside the image, as after an import that is off by one.")
        }
        Shared::Difference { .. } => ("systematic-difference", "Two people draw the same class differently."),
    }
}

fn systematic_result(session: &Session, error: &Systematic, index: &BTreeMap<&str, usize>) -> Value {
    let class_name = |class| session.project().class_name(class);
    let (id, _) = systematic_rule(error);
    json!({
        "ruleId": id,
        "ruleIndex": index.get(id),
        "kind": "fail",
        "level": "warning",
        "message": { "text": error.sentence(&class_name) },
        "locations": [{ "physicalLocation": { "artifactLocation": { "uri": "project.ron", "uriBaseId": BASE } } }],
        "partialFingerprints": { "findingPlace/v1": format!("{id}/{}", error.scope.words(&class_name)) },
        "properties": { "regions": error.regions, "passing": error.passing, "pValue": error.p_value },
    })
}

fn label(session: &Session, image: usize) -> Value {
    let project = session.project();
    let path = project.label_path(image);
    location_of(&path, project.root())
}

fn photo(session: &Session, image: usize) -> Value {
    let project = session.project();
    location_of(&project.image_path(image), project.root())
}

/// Relative to the project where the file lies in it.
fn location_of(path: &Path, root: &Path) -> Value {
    let slashes = |p: &Path| p.to_string_lossy().replace('\\', "/");
    if let Ok(inside) = path.strip_prefix(root) {
        return json!({ "uri": percent_encoded(&slashes(inside)), "uriBaseId": BASE });
    }
    let path = percent_encoded(&slashes(path));
    json!({ "uri": format!("file://{}{path}", if path.starts_with('/') { "" } else { "/" }) })
}

/// A path as part of a uri (RFC 3986): unreserved characters and slashes as they are.
fn percent_encoded(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', hex_digit(byte >> 4), hex_digit(byte & 15)]);
        }
    }
    out
}

fn hex_digit(value: u8) -> char {
    char::from_digit(value.into(), 16).unwrap_or('0').to_ascii_uppercase()
}

/// `boundary-inflated` → `BoundaryInflated`.
fn pascal_case(id: &str) -> String {
    let word = |w: &str| w.chars().take(1).map(|c| c.to_ascii_uppercase()).chain(w.chars().skip(1)).collect::<String>();
    id.split('-').map(word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uris() {
        assert_eq!(percent_encoded("labels/a b#1ä.png"), "labels/a%20b%231%C3%A4.png");
        assert_eq!(
            location_of(Path::new("/p/x/labels/a.png"), Path::new("/p/x")),
            json!({ "uri": "labels/a.png", "uriBaseId": BASE })
        );
        assert_eq!(location_of(Path::new("/q/a.png"), Path::new("/p/x")), json!({ "uri": "file:///q/a.png" }));
    }
}
