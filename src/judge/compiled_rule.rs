//! Rules made ready for one part number: names replaced by ids, expressions by programs, limits by thresholds.

use std::collections::BTreeMap;

use super::compiled::{ids, known};
use super::expression::{Comparison, Expression, Extra, Names, Program, Unit};
use super::limit::{Bound, Thresholds};
use super::rule::{Between, Figure, Rule, Scope, Selection, Shape, Tier};
use super::ruleset::Ruleset;
use super::ruleset_error::RulesetError;
use super::surroundings::Surroundings;
use crate::measure::Feature;

/// A set of class or zone ids.
pub(super) type Ids = [u64; 4];

/// A rule ready for the judge. Groups are flattened: their members stand one by one and know their group.
#[derive(Clone, Debug, PartialEq)]
pub struct CompiledRule {
    pub name: String,
    /// Index in [`super::CompiledRuleset::groups`].
    pub group: Option<usize>,
    /// The classes and zones it names, for sentences; empty = all.
    pub classes: Vec<String>,
    pub zones: Vec<String>,
    pub(super) select: CompiledSelection,
    pub(super) when: Option<CompiledSelection>,
    pub(super) unless: Option<CompiledSelection>,
    pub(super) scope: CompiledScope,
    pub(super) tiers: Tiers,
    pub(super) gate: Option<f32>,
    /// The limits as they are written, for those that are no numbers.
    texts: [String; 2],
    /// What is compared, in words: "length / width".
    pub what: String,
    /// Unit of the value; "" where it has none or none is known.
    pub unit: String,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct CompiledSelection {
    classes: Option<Ids>,
    zones: Option<Ids>,
    pub condition: Option<Program>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum CompiledScope {
    Region(Program),
    Total { of: CompiledFigure, per_zone: bool, per: Option<Divisor> },
    Window { shape: Shape, of: CompiledFigure },
    Pair(Between),
}

/// What a total is divided by; NaN where it is not known.
#[derive(Clone, Debug)]
pub(super) struct Divisor {
    pub whole: f64,
    /// By zone id.
    pub of_zone: Vec<f64>,
}

impl PartialEq for Divisor {
    /// Bit for bit, so that an unknown one equals itself.
    fn eq(&self, other: &Self) -> bool {
        let bits = |d: &Self| d.of_zone.iter().chain([&d.whole]).map(|v| v.to_bits()).collect::<Vec<_>>();
        bits(self) == bits(other)
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FigureKind {
    Count,
    Sum,
    Max,
    Mean,
    Share,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) struct CompiledFigure {
    pub kind: FigureKind,
    pub value: Program,
}

/// The limits of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tiers {
    pub accept: Option<(Comparison, Program)>,
    pub reject: Option<(Comparison, Program)>,
    /// Both limits are numbers: the thresholds of all values. None when they depend on the region or pair.
    pub fixed: Option<Thresholds>,
}

/// A name that a group goes by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompiledGroup {
    pub name: String,
    /// Indexes of its rules.
    pub members: std::ops::Range<usize>,
}

/// Names that a pair adds.
const PAIR: [Extra; 2] = [("larger", Some(Unit::MM)), ("smaller", Some(Unit::MM))];
/// Names that a divisor has.
const SIZES: [Extra; 2] = [("zone_area", Some(Unit::MM2)), ("image_mpx", None)];

impl CompiledSelection {
    /// The class and zone are of those it is about.
    pub fn takes(&self, class: u8, zone: u8) -> bool {
        self.classes.is_none_or(|ids| has(&ids, class)) && self.zones.is_none_or(|ids| has(&ids, zone))
    }
}

fn has(ids: &Ids, id: u8) -> bool {
    ids[usize::from(id >> 6)] >> (id & 63) & 1 == 1
}

impl Tiers {
    fn new(accept: Option<(Comparison, Program)>, reject: Option<(Comparison, Program)>) -> Self {
        let number = |tier: &Option<(Comparison, Program)>| tier.as_ref().map(|(_, program)| program.as_number());
        let fixed = match (number(&accept), number(&reject)) {
            (Some(None), _) | (_, Some(None)) => None,
            (a, r) => {
                Some(thresholds(accept.as_ref().map(|t| t.0).zip(a.flatten()), reject.as_ref().map(|t| t.0).zip(r.flatten()), 0.0))
            }
        };
        Self { accept, reject, fixed }
    }

    /// The thresholds for one region or pair.
    pub fn thresholds(&self, feature: impl Fn(Feature) -> f32, extras: &[f64]) -> Thresholds {
        self.fixed.unwrap_or_else(|| {
            let limit = |tier: &Option<(Comparison, Program)>| tier.as_ref().map(|(sign, p)| (*sign, p.value(&feature, extras)));
            thresholds(limit(&self.accept), limit(&self.reject), ROUNDING)
        })
    }

    /// The same with one limit another number; None when there is no such limit or it is none.
    pub fn with(&self, bound: Bound, value: f64) -> Option<Self> {
        let mut moved = self.clone();
        let tier = match bound {
            Bound::Accept => moved.accept.as_mut(),
            Bound::Reject => moved.reject.as_mut(),
        }?;
        tier.1.as_number()?;
        tier.1 = Program::number(value);
        Some(Self::new(moved.accept, moved.reject))
    }

    /// Only numbers differ.
    fn is_same_but_for_numbers(&self, other: &Self) -> bool {
        let is_same = |a: &Option<(Comparison, Program)>, b: &Option<(Comparison, Program)>| match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => a.0 == b.0 && (a.1 == b.1 || (a.1.as_number().is_some() && b.1.as_number().is_some())),
            _ => false,
        };
        is_same(&self.accept, &other.accept) && is_same(&self.reject, &other.reject)
    }
}

/// A limit that depends on measured values carries their rounding, and so does what is held against it: values that differ by less than
/// this share of the limit are the same.
const ROUNDING: f64 = 5e-7;

const fn sign_of(is_negated: bool) -> f64 {
    if is_negated { -1.0 } else { 1.0 }
}

/// Two limits with their signs as thresholds. Limits are rounded to the precision of values, and at an unmeasured limit nothing but
/// review comes out.
///
/// `rounding` is the share of a limit that a value may miss it by and still be *at* it.
fn thresholds(accept: Option<(Comparison, f64)>, reject: Option<(Comparison, f64)>, rounding: f64) -> Thresholds {
    use Comparison::{Greater, GreaterOrEqual, Less, LessOrEqual};
    let is_negated = match (accept, reject) {
        (Some((sign, _)), _) => matches!(sign, Greater | GreaterOrEqual),
        (None, Some((sign, _))) => matches!(sign, Less | LessOrEqual),
        (None, None) => false,
    };
    let side = |limit: f64| if is_negated { -limit as f32 } else { limit as f32 };
    let at = |limit: f64| if limit.is_finite() { side(limit).max(f32::MIN) } else { side(limit) };
    // Accepted including the limit, or rejected beyond it: the threshold lies just above.
    let above = |limit: f64| side(limit + sign_of(is_negated) * limit.abs() * rounding).next_up();
    let from = |limit: f64| at(limit - sign_of(is_negated) * limit.abs() * rounding);
    let accept = accept.map(|(sign, limit)| if matches!(sign, LessOrEqual | GreaterOrEqual) { above(limit) } else { from(limit) });
    let reject = reject.map(|(sign, limit)| if matches!(sign, Less | Greater) { above(limit) } else { from(limit) });
    match (accept, reject) {
        (None, None) => Thresholds { accept: f32::INFINITY, reject: f32::INFINITY, is_negated },
        (Some(one), None) | (None, Some(one)) => Thresholds { accept: one, reject: one, is_negated },
        // Rejected counts first; limits that depend on a region may cross. A limit that is NaN leaves review only.
        (Some(a), Some(r)) if a > r => Thresholds { accept: r, reject: r, is_negated },
        (Some(accept), Some(reject)) => Thresholds { accept, reject, is_negated },
    }
}

impl CompiledRule {
    /// The rule with its limits in words: "length / width accept <= 3, reject > 5".
    #[must_use]
    pub fn words(&self) -> String {
        let tier = |word: &str, tier: &Option<(Comparison, Program)>, text: &str| {
            tier.as_ref().map(|(sign, program)| match program.as_number() {
                Some(limit) => format!("{word} {} {limit}", sign.sign()),
                None => format!("{word} {} {text}", sign.sign()),
            })
        };
        let [accept, reject] = &self.texts;
        let tiers = [tier("accept", &self.tiers.accept, accept), tier("reject", &self.tiers.reject, reject)];
        let tiers: Vec<String> = tiers.into_iter().flatten().collect();
        format!("{}: {} {}", self.name, self.what, tiers.join(", "))
    }

    /// The limit of a bound when it is a number.
    #[must_use]
    pub fn limit(&self, bound: Bound) -> Option<f64> {
        let tier = match bound {
            Bound::Accept => &self.tiers.accept,
            Bound::Reject => &self.tiers.reject,
        };
        tier.as_ref()?.1.as_number()
    }

    /// Thresholds of all values; None when they depend on the region or pair.
    #[must_use]
    pub const fn thresholds(&self) -> Option<Thresholds> {
        self.tiers.fixed
    }

    /// Only limits that are numbers differ: the values stay.
    pub(super) fn has_same_values(&self, other: &Self) -> bool {
        self.scope == other.scope
            && self.name == other.name
            && self.group == other.group
            && self.select == other.select
            && self.when == other.when
            && self.unless == other.unless
            && self.gate == other.gate
            && self.tiers.is_same_but_for_numbers(&other.tiers)
    }
}

/// What rules are made ready with.
pub(super) struct RuleCompiler<'a> {
    pub ruleset: &'a Ruleset,
    pub classes: &'a BTreeMap<u8, String>,
    pub zones: &'a BTreeMap<u8, String>,
    pub surroundings: &'a Surroundings,
    constants: Vec<String>,
}

impl<'a> RuleCompiler<'a> {
    pub fn new(
        ruleset: &'a Ruleset,
        classes: &'a BTreeMap<u8, String>,
        zones: &'a BTreeMap<u8, String>,
        surroundings: &'a Surroundings,
    ) -> Self {
        Self { ruleset, classes, zones, surroundings, constants: ruleset.constants.keys().cloned().collect() }
    }

    /// All rules, with their groups.
    pub fn all(&self) -> Result<(Vec<CompiledRule>, Vec<CompiledGroup>), RulesetError> {
        let (mut rules, mut groups) = (Vec::new(), Vec::new());
        for rule in &self.ruleset.rules {
            let Scope::All(members) = &rule.scope else {
                rules.push(self.rule(rule, None)?);
                continue;
            };
            let first = rules.len();
            for member in members {
                rules.push(self.rule(member, Some(groups.len()))?);
            }
            groups.push(CompiledGroup { name: rule.name.clone(), members: first..rules.len() });
        }
        Ok((rules, groups))
    }

    fn rule(&self, rule: &Rule, group: Option<usize>) -> Result<CompiledRule, RulesetError> {
        let place = |what: &str| format!("rule {:?}, {what}", rule.name);
        let select = self.selection(&rule.selection(), &place("where"))?;
        let guard =
            |selection: &Option<Selection>, what: &str| selection.as_ref().map(|s| self.selection(s, &place(what))).transpose();
        let (scope, what, unit) = self.scope(&rule.scope, &select, &place("scope"))?;
        let extras: &[Extra] = if matches!(rule.scope, Scope::Pair(_)) { &PAIR } else { &[] };
        let has_features = matches!(rule.scope, Scope::Region(_));
        let tier = |tier: &Option<Tier>, what: &str| {
            let Some(tier) = tier else { return Ok(None) };
            let program = self.number(&tier.limit, has_features, extras, &place(what))?;
            if let (Some(of_value), Some(of_limit)) = (unit, program.unit())
                && of_value != of_limit
            {
                return Err(RulesetError::Rule {
                    rule: rule.name.clone(),
                    problem: format!(
                        "the limit {what} \"{tier}\" is in {}, but the value in {}",
                        unit_words(of_limit),
                        unit_words(of_value)
                    ),
                });
            }
            Ok(Some((tier.sign, program)))
        };
        let tiers = Tiers::new(tier(&rule.accept, "accept")?, tier(&rule.reject, "reject")?);
        Ok(CompiledRule {
            name: rule.name.clone(),
            group,
            classes: rule.classes.clone(),
            zones: rule.zones.clone(),
            select,
            when: guard(&rule.when, "when")?,
            unless: guard(&rule.unless, "unless")?,
            scope,
            tiers,
            gate: rule.gate.map(|g| g as f32),
            texts: [&rule.accept, &rule.reject].map(|t| t.as_ref().map_or_else(String::new, |t| t.limit.to_string())),
            what,
            unit: unit.map_or_else(String::new, |u| u.to_string()),
        })
    }

    fn scope(
        &self,
        scope: &Scope,
        select: &CompiledSelection,
        place: &str,
    ) -> Result<(CompiledScope, String, Option<Unit>), RulesetError> {
        Ok(match scope {
            Scope::Region(value) => {
                let program = self.number(value, true, &[], place)?;
                let unit = program.unit();
                let what = program.as_feature().map_or_else(|| value.to_string(), |f| f.label().to_lowercase());
                (CompiledScope::Region(program), what, unit)
            }
            Scope::Total { of, per_zone, per } => {
                let (figure, mut what, mut unit) = self.figure(of, place)?;
                let per = per.as_ref().map(|per| self.divisor(per, select, place)).transpose()?;
                if let Some((_, text)) = &per {
                    what = format!("{what} per {text}");
                    unit = None;
                }
                if *per_zone {
                    what += " in one zone";
                }
                (CompiledScope::Total { of: figure, per_zone: *per_zone, per: per.map(|p| p.0) }, what, unit)
            }
            Scope::Window { shape, of } => {
                let (figure, what, unit) = self.figure(of, place)?;
                let window = match shape {
                    Shape::Circle { d } => format!("a circle of {d} mm"),
                    Shape::Rect { w, h } if *h > 1e5 => format!("a strip of {w} mm"),
                    Shape::Rect { w, h } => format!("{w} × {h} mm"),
                };
                (CompiledScope::Window { shape: *shape, of: figure }, format!("{what} in {window}"), unit)
            }
            Scope::Pair(between) => {
                let what = if *between == Between::Centres { "distance of centres" } else { "gap" };
                (CompiledScope::Pair(*between), what.to_owned(), Some(Unit::MM))
            }
            Scope::All(_) => {
                let problem = "a group cannot hold another group".to_owned();
                return Err(RulesetError::Rule { rule: place.to_owned(), problem });
            }
        })
    }

    fn figure(&self, figure: &Figure, place: &str) -> Result<(CompiledFigure, String, Option<Unit>), RulesetError> {
        let (kind, word) = match figure {
            Figure::Count => (FigureKind::Count, "count"),
            Figure::Sum(_) => (FigureKind::Sum, "total"),
            Figure::Max(_) => (FigureKind::Max, "largest"),
            Figure::Mean(_) => (FigureKind::Mean, "mean"),
            Figure::Share(_) => (FigureKind::Share, "share of"),
        };
        let Some(value) = figure.value() else {
            return Ok((CompiledFigure { kind, value: Program::number(1.0) }, word.to_owned(), Some(Unit::NONE)));
        };
        let program = self.number(value, true, &[], place)?;
        let words = program.as_feature().map_or_else(|| value.to_string(), |f| f.label().to_lowercase());
        let unit = if kind == FigureKind::Share { Some(Unit::NONE) } else { program.unit() };
        Ok((CompiledFigure { kind, value: program }, format!("{word} {words}"), unit))
    }

    fn divisor(&self, per: &Expression, select: &CompiledSelection, place: &str) -> Result<(Divisor, String), RulesetError> {
        let program = self.number(per, false, &SIZES, place)?;
        let mpx = self.surroundings.image_mpx();
        let value = |area: f64| program.value(|_| f32::NAN, &[area, mpx]);
        let of_zone = (0..=255).map(|zone| value(self.surroundings.zone_area(zone))).collect();
        // Without a zone map the whole image is zone 0.
        let is_meant = |zone: &u8| select.zones.is_none_or(|ids| has(&ids, *zone));
        let areas = self.zones.keys().filter(|z| is_meant(z)).map(|&z| self.surroundings.zone_areas_mm2.get(&z).copied());
        let areas: Option<Vec<f64>> = areas.collect();
        let whole = value(areas.filter(|a| !a.is_empty()).map_or(f64::NAN, |a| a.iter().sum()));
        Ok((Divisor { whole, of_zone }, per.to_string()))
    }

    /// A condition over the features of a region.
    pub fn condition(&self, expression: &Expression, place: &str) -> Result<Program, RulesetError> {
        self.with_names(true, &[], |names| expression.condition_program(names))
            .map_err(|e| RulesetError::Expression { place: place.to_owned(), source: Box::new(e) })
    }

    fn number(&self, expression: &Expression, features: bool, extras: &[Extra], place: &str) -> Result<Program, RulesetError> {
        self.with_names(features, extras, |names| expression.number_program(names))
            .map_err(|e| RulesetError::Expression { place: place.to_owned(), source: Box::new(e) })
    }

    fn with_names<T>(&self, features: bool, extras: &[Extra], f: impl FnOnce(&Names<'_>) -> T) -> T {
        let constant = |name: &str| {
            let constant = self.ruleset.constants.get(name)?;
            Some((constant.value, constant.unit.as_deref().and_then(Unit::parse)))
        };
        f(&Names { features, constant: &constant, constants: &self.constants, extras })
    }

    fn selection(&self, selection: &Selection, place: &str) -> Result<CompiledSelection, RulesetError> {
        let set = |kind: &'static str, names: &BTreeMap<u8, String>, wanted: &[String]| {
            if wanted.is_empty() {
                return Ok(None);
            }
            let mut set: Ids = [0; 4];
            for name in wanted {
                for id in Self::ids(kind, names, name, place)? {
                    set[usize::from(id >> 6)] |= 1 << (id & 63);
                }
            }
            Ok::<_, RulesetError>(Some(set))
        };
        Ok(CompiledSelection {
            classes: set("class", self.classes, &selection.classes)?,
            zones: set("zone", self.zones, &selection.zones)?,
            condition: selection.condition.as_ref().map(|c| self.condition(c, place)).transpose()?,
        })
    }

    /// The ids that a name stands for.
    pub fn ids(kind: &'static str, names: &BTreeMap<u8, String>, name: &str, place: &str) -> Result<Vec<u8>, RulesetError> {
        ids(names, name).ok_or_else(|| RulesetError::UnknownName {
            place: place.to_owned(),
            kind,
            name: name.to_owned(),
            known: known(names),
        })
    }
}

fn unit_words(unit: Unit) -> String {
    if unit == Unit::NONE { "no unit".to_owned() } else { unit.to_string() }
}
