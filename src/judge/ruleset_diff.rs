//! What differs between two rulesets, limit by limit and rule by rule.

use std::collections::BTreeMap;
use std::fmt;

use super::limit::Bounds;
use super::reason::bounds_words;
use super::rule::{Constant, Rule, Scope, Selection, Straddling};
use super::ruleset::{Cell, CellKey, Ruleset};
use super::suggest::Subject;

/// One difference.
#[derive(Clone, Debug, PartialEq)]
pub enum RulesetChange {
    /// A limit has other bounds, is new (`before` None) or is gone (`after` None).
    Limit { cell: CellKey, subject: Subject, before: Option<Bounds>, after: Option<Bounds> },
    /// A cell accepts everything now, or no longer.
    Accepts { cell: CellKey, is_accepting: bool },
    /// A cell without any limit came or went: with it, what a more general cell says no longer holds, or holds again.
    Cell { cell: CellKey, is_new: bool },
    /// The least probability of a class; 0 = none.
    Certainty { class: String, before: f64, after: f64 },
    /// Another name or note.
    Words { what: &'static str, before: String, after: String },
    /// Something about the ruleset as a whole, as it stands in the file: `constant T`, `otherwise`, `ignore`, `treat pit as crack`,
    /// `merge scratch`, `straddling`, `straddling in seal ring`. None = it is not there.
    Setting { what: String, before: Option<String>, after: Option<String> },
    /// Entries of `treat` stand in another order: the first that holds decides.
    TreatOrder,
    /// A rule of this name came or went.
    Rule { name: String, is_new: bool },
    /// A field of a rule that both have, as it stands in the file. None = it is not there.
    RuleField { name: String, what: &'static str, before: Option<String>, after: Option<String> },
}

/// All differences: name and note first, then what holds for the whole ruleset, then rule by rule, by class, and cell by cell. None when
/// both judge alike and are called alike: the order of cells and of rules says nothing.
#[must_use]
pub fn ruleset_changes(before: &Ruleset, after: &Ruleset) -> Vec<RulesetChange> {
    let mut changes = Vec::new();
    for (what, a, b) in [("name", &before.name, &after.name), ("note", &before.note, &after.note)] {
        if a != b {
            changes.push(RulesetChange::Words { what, before: a.clone(), after: b.clone() });
        }
    }
    changes_of_settings(before, after, &mut changes);
    changes_of_rules(before, after, &mut changes);
    for class in both(before.certainty.iter().map(|c| &c.class), after.certainty.iter().map(|c| &c.class)) {
        let (a, b) = (before.certainty_of(&class), after.certainty_of(&class));
        if a != b {
            changes.push(RulesetChange::Certainty { class, before: a, after: b });
        }
    }
    let empty = Cell::default();
    let keys = |r: &Ruleset| r.cells.iter().map(Cell::key).collect::<Vec<_>>();
    for key in both(keys(before).iter(), keys(after).iter()) {
        let (a, b) = (before.cell(&key), after.cell(&key));
        let is_plain = |c: Option<&Cell>| c.is_some_and(|c| !c.accept && c.limits.is_empty() && c.per_part.is_empty());
        if (a.is_none() && is_plain(b)) || (b.is_none() && is_plain(a)) {
            changes.push(RulesetChange::Cell { cell: key, is_new: a.is_none() });
            continue;
        }
        changes_of_cell(&key, a.unwrap_or(&empty), b.unwrap_or(&empty), &mut changes);
    }
    changes
}

fn changes_of_settings(before: &Ruleset, after: &Ruleset, changes: &mut Vec<RulesetChange>) {
    let (a, b) = (settings_of(before), settings_of(after));
    for what in both(a.iter().map(|s| &s.0), b.iter().map(|s| &s.0)) {
        // Several entries of `treat` may go by one name; together they are one text.
        let text = |all: &[(String, String)]| {
            let texts: Vec<&str> = all.iter().filter(|s| s.0 == what).map(|s| s.1.as_str()).collect();
            (!texts.is_empty()).then(|| texts.join("; "))
        };
        let (before, after) = (text(&a), text(&b));
        if before != after {
            changes.push(RulesetChange::Setting { what, before, after });
        }
    }
    let order = |r: &Ruleset| r.treat.iter().map(|t| (t.class.clone(), t.when.clone(), t.into.clone())).collect::<Vec<_>>();
    let (a, b) = (order(before), order(after));
    let has_same_entries = a.len() == b.len() && a.iter().all(|t| b.contains(t)) && b.iter().all(|t| a.contains(t));
    if has_same_entries && a != b && !changes.iter().any(|c| matches!(c, RulesetChange::Setting { what, .. } if is_treat(what))) {
        changes.push(RulesetChange::TreatOrder);
    }
}

fn is_treat(what: &str) -> bool {
    what.starts_with("treat ")
}

/// What holds for the whole ruleset, as it stands in its file: ("constant T", "2 mm"), ("otherwise", "review"), ("merge pit", "gap 0.5 mm").
/// Least probabilities are told by [`Ruleset::certainty`].
#[must_use]
pub fn settings_of(r: &Ruleset) -> Vec<(String, String)> {
    let constant = |c: &Constant| {
        let unit = c.unit.as_ref().map_or_else(String::new, |u| format!(" {u}"));
        let note = if c.note.is_empty() { String::new() } else { format!(" ({})", c.note) };
        format!("{}{unit}{note}", c.value)
    };
    let mut all: Vec<(String, String)> = r.constants.iter().map(|(name, c)| (format!("constant {name}"), constant(c))).collect();
    all.push(("otherwise".to_owned(), r.otherwise.to_string()));
    all.extend(r.ignore.iter().map(|e| ("ignore".to_owned(), e.to_string())));
    all.extend(r.treat.iter().map(|t| (format!("treat {} as {}", t.class, t.into), t.when.to_string())));
    all.extend(r.merge.iter().map(|m| (format!("merge {}", m.class), format!("gap {} mm", m.gap_mm))));
    all.push(("straddling".to_owned(), straddling_word(r.straddling).to_owned()));
    let in_zone = |(zone, policy): (&String, &Straddling)| (format!("straddling in {zone}"), straddling_word(*policy).to_owned());
    all.extend(r.straddling_in.iter().map(in_zone));
    all
}

const fn straddling_word(policy: Straddling) -> &'static str {
    match policy {
        Straddling::Strictest => "strictest",
        Straddling::Majority => "majority",
        Straddling::Clip => "clip",
    }
}

fn changes_of_rules(before: &Ruleset, after: &Ruleset, changes: &mut Vec<RulesetChange>) {
    let by_name = |r: &Ruleset| r.all_rules().map(|rule| (rule.name.clone(), rule.clone())).collect::<BTreeMap<_, _>>();
    let (a, b) = (by_name(before), by_name(after));
    let names = |r: &Ruleset| r.all_rules().map(|rule| rule.name.clone()).collect::<Vec<_>>();
    for name in both(names(before).iter(), names(after).iter()) {
        match (a.get(&name), b.get(&name)) {
            (Some(a), Some(b)) => {
                for ((what, before), (_, after)) in fields_of(a).into_iter().zip(fields_of(b)).filter(|(a, b)| a.1 != b.1) {
                    changes.push(RulesetChange::RuleField { name: name.clone(), what, before, after });
                }
            }
            (a, _) => changes.push(RulesetChange::Rule { name, is_new: a.is_none() }),
        }
    }
}

/// The fields of a rule by their names in the file. The members of a group are compared by themselves.
fn fields_of(rule: &Rule) -> [(&'static str, Option<String>); 10] {
    let list = |names: &[String]| (!names.is_empty()).then(|| names.join(", "));
    let selection = |s: &Option<Selection>| s.as_ref().map(selection_words);
    let scope = match &rule.scope {
        Scope::All(members) => format!("all of {}", members.iter().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", ")),
        // Plain data always has a text; the name of the type stands in where it had none.
        scope => ron::to_string(scope).unwrap_or_else(|_| format!("{scope:?}")),
    };
    [
        ("note", Some(rule.note.clone()).filter(|n| !n.is_empty())),
        ("classes", list(&rule.classes)),
        ("zones", list(&rule.zones)),
        ("where", rule.condition.as_ref().map(ToString::to_string)),
        ("when", selection(&rule.when)),
        ("unless", selection(&rule.unless)),
        ("scope", Some(scope)),
        ("accept", rule.accept.as_ref().map(ToString::to_string)),
        ("reject", rule.reject.as_ref().map(ToString::to_string)),
        ("gate", rule.gate.map(|g| g.to_string())),
    ]
}

fn selection_words(s: &Selection) -> String {
    let list = |what: &str, names: &[String]| (!names.is_empty()).then(|| format!("{what} {}", names.join(", ")));
    let condition = s.condition.as_ref().map(|c| format!("where {c}"));
    let words: Vec<String> = [list("classes", &s.classes), list("zones", &s.zones), condition].into_iter().flatten().collect();
    if words.is_empty() { "any region".to_owned() } else { words.join(", ") }
}

fn changes_of_cell(key: &CellKey, a: &Cell, b: &Cell, changes: &mut Vec<RulesetChange>) {
    if a.accept != b.accept {
        changes.push(RulesetChange::Accepts { cell: key.clone(), is_accepting: b.accept });
    }
    let limits = |c: &Cell| -> Vec<(Subject, Bounds)> {
        let regions = c.limits.iter().map(|l| (Subject::Region(l.feature), l.bounds()));
        regions.chain(c.per_part.iter().map(|l| (Subject::Part(l.aggregate), l.bounds()))).collect()
    };
    let (a, b) = (limits(a), limits(b));
    let find = |all: &[(Subject, Bounds)], subject: Subject| all.iter().find(|l| l.0 == subject).map(|l| l.1);
    for subject in both(a.iter().map(|l| &l.0), b.iter().map(|l| &l.0)) {
        let (before, after) = (find(&a, subject), find(&b, subject));
        if before != after {
            changes.push(RulesetChange::Limit { cell: key.clone(), subject, before, after });
        }
    }
}

/// What is in either, once each, in the order of the first.
fn both<'a, T: Clone + PartialEq + 'a>(a: impl Iterator<Item = &'a T>, b: impl Iterator<Item = &'a T>) -> Vec<T> {
    let mut all: Vec<T> = Vec::new();
    for item in a.chain(b) {
        if !all.contains(item) {
            all.push(item.clone());
        }
    }
    all
}

/// One line for people: "pit × outer face, length: OK below 0.50 mm, NG from 0.80 mm → NG from 0.70 mm".
impl fmt::Display for RulesetChange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Limit { cell, subject, before, after } => {
                let words = |b: &Option<Bounds>| b.map_or_else(|| "no limit".to_owned(), |b| bounds_words(b, subject.unit()));
                write!(f, "{cell}, {}: {} → {}", subject.words(), words(before), words(after))
            }
            Self::Accepts { cell, is_accepting: true } => write!(f, "{cell}: accepts everything now"),
            Self::Accepts { cell, is_accepting: false } => write!(f, "{cell}: no longer accepts everything"),
            Self::Cell { cell, is_new: true } => write!(f, "{cell}: a cell without a rule, so its regions are review"),
            Self::Cell { cell, is_new: false } => write!(f, "{cell}: its cell is gone; a more general one decides"),
            Self::Certainty { class, before, after } => write!(f, "{class}: least probability {before} → {after}"),
            Self::Words { what, before, after } => write!(f, "{what}: {before:?} → {after:?}"),
            Self::Setting { what, before, after } => {
                write!(f, "{what}: {} → {}", or_none(before.as_deref()), or_none(after.as_deref()))
            }
            Self::TreatOrder => write!(f, "treat: the same entries in another order; the first that holds decides"),
            Self::Rule { name, is_new: true } => write!(f, "rule {name}: new"),
            Self::Rule { name, is_new: false } => write!(f, "rule {name}: gone"),
            Self::RuleField { name, what, before, after } => {
                write!(f, "rule {name}, {what}: {} → {}", or_none(before.as_deref()), or_none(after.as_deref()))
            }
        }
    }
}

fn or_none(text: Option<&str>) -> &str {
    text.unwrap_or("none")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Expression, Merge, Tier, Treat, Verdict};
    use crate::measure::Feature;

    fn expression(text: &str) -> Expression {
        Expression::parse(text).unwrap()
    }

    fn rich() -> Ruleset {
        let thin = |name: &str, reject: &str| {
            let mut rule = Rule::new(name, Scope::Region(expression("length / width")));
            rule.reject = Some(Tier::parse(reject).unwrap());
            rule
        };
        let treat = |class: &str, when: &str| Treat { class: class.into(), when: expression(when), into: "crack".into() };
        Ruleset {
            constants: [("T".to_owned(), Constant { value: 2.0, unit: Some("mm".into()), note: String::new() })].into(),
            ignore: Some(expression("area < 0.01")),
            treat: vec![treat("pit", "linearity > 0.9"), treat("scratch", "width < 0.1")],
            merge: vec![Merge { class: "scratch".into(), gap_mm: 0.5 }],
            straddling_in: [("seal".to_owned(), Straddling::Clip)].into(),
            rules: vec![thin("thin", "> 5"), Rule::new("both", Scope::All(vec![thin("a", "> 1"), thin("b", "> 2")]))],
            ..Ruleset::new("rich")
        }
    }

    /// Each edit is told in exactly one line, and the way back in as many.
    #[test]
    fn what_holds_for_the_whole_ruleset_and_every_rule_is_told() {
        type Change = fn(&mut Ruleset);
        let edits: [(Change, &str); 14] = [
            (|r| r.constants.get_mut("T").unwrap().value = 3.0, "constant T: 2 mm → 3 mm"),
            (|r| r.constants.clear(), "constant T: 2 mm → none"),
            (|r| r.otherwise = Verdict::Ng, "otherwise: review → NG"),
            (|r| r.ignore = None, "ignore: area < 0.01 → none"),
            (|r| r.treat[0].when = expression("linearity > 0.8"), "treat pit as crack: linearity > 0.9 → linearity > 0.8"),
            (|r| r.treat.reverse(), "treat: the same entries in another order; the first that holds decides"),
            (|r| r.merge[0].gap_mm = 0.25, "merge scratch: gap 0.5 mm → gap 0.25 mm"),
            (|r| r.straddling = Straddling::Majority, "straddling: strictest → majority"),
            (|r| r.straddling_in.clear(), "straddling in seal: clip → none"),
            (|r| r.rules[0].reject = Some(Tier::parse("> 4").unwrap()), "rule thin, reject: > 5 → > 4"),
            (|r| r.rules[0].classes = vec!["pit".into()], "rule thin, classes: none → pit"),
            (|r| drop(r.rules.remove(0)), "rule thin: gone"),
            (
                |r| {
                    let Scope::All(members) = &mut r.rules[1].scope else { unreachable!() };
                    members[1].gate = Some(0.5);
                },
                "rule b, gate: none → 0.5",
            ),
            (
                |r| r.rules[0].scope = Scope::Region(expression("area")),
                "rule thin, scope: region(\"length / width\") → region(\"area\")",
            ),
        ];
        let before = rich();
        for (edit, expected) in edits {
            let mut after = before.clone();
            edit(&mut after);
            let lines: Vec<String> = ruleset_changes(&before, &after).iter().map(ToString::to_string).collect();
            assert_eq!(lines, [expected]);
            assert_eq!(ruleset_changes(&after, &before).len(), 1, "{expected}");
        }
        // The order of rules says nothing.
        let mut after = before.clone();
        after.rules.reverse();
        assert_eq!(ruleset_changes(&before, &after), []);
    }

    #[test]
    fn every_edit_is_told_and_nothing_else() {
        let key = CellKey::new("pit", "face");
        let mut before = Ruleset::new("a");
        before.set_limit(&key, Feature::Length, Some(Bounds::new(Some(0.5), Some(0.8)))).unwrap();
        before.set_limit(&CellKey::new("crack", "*"), Feature::Area, Some(Bounds::new(None, Some(0.0)))).unwrap();
        assert_eq!(ruleset_changes(&before, &before.clone()), []);
        let mut after = before.clone();
        after.set_limit(&key, Feature::Length, Some(Bounds::new(Some(0.5), Some(0.7)))).unwrap();
        after.set_limit(&key, Feature::Width, Some(Bounds::new(Some(0.1), None))).unwrap();
        after.cells.retain(|c| c.class != "crack");
        after.set_certainty("pit", 0.4);
        let lines: Vec<String> = ruleset_changes(&before, &after).iter().map(ToString::to_string).collect();
        assert_eq!(
            lines,
            [
                "pit: least probability 0 → 0.4",
                "pit × face, length: OK below 0.50 mm, NG from 0.80 mm → OK below 0.50 mm, NG from 0.70 mm",
                "pit × face, width: no limit → OK below 0.10 mm, else NG",
                "crack × *, area: NG from 0.00 mm² → no limit",
            ]
        );
        // The way back tells the same limits the other way round.
        assert_eq!(ruleset_changes(&after, &before).len(), lines.len());
    }
}
