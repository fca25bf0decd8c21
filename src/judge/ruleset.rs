//! The ruleset that people write: limits per class × zone cell, in a RON file, with the edits that sliders make.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::aggregate::Aggregate;
use super::expression::{Expression, Unit};
use super::limit::{Bound, Bounds, Limit, PartLimit};
use super::rule::{Constants, Figure, Merge, Rule, Scope, Shape, Straddling, Tier, Treat};
use super::ruleset_error::RulesetError;
use super::verdict::Verdict;
use crate::measure::{Feature, FeatureSet, Wanted};

/// Matches any class or any zone of the part number.
pub const ANY: &str = "*";
/// The name of zone id 0: pixels in no zone.
pub const UNZONED: &str = "unzoned";
/// The newest file format this program writes and reads.
pub const FORMAT: u32 = 3;
/// Format of rulesets with probability limits, which older programs read too.
pub(super) const CERTAINTY_FORMAT: u32 = 2;
/// Format of rulesets with nothing but cells.
pub(super) const FIRST_FORMAT: u32 = 1;

/// The limits of one part number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ruleset {
    /// Version of the file format; see [`FORMAT`].
    pub format: u32,
    #[serde(default)]
    pub name: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// From which probability on the model's word counts, for classes that have such a limit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certainty: Vec<Certainty>,
    /// Numbers with a name, for expressions.
    #[serde(default, skip_serializing_if = "Constants::is_empty")]
    pub constants: Constants,
    /// The verdict on a region that no cell and no rule speaks of. One of an unknown class or zone stays review.
    #[serde(default = "review", skip_serializing_if = "is_review")]
    pub otherwise: Verdict,
    /// The limit of discrimination: regions for which this holds are left out of everything, and listed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ignore: Option<Expression>,
    /// Regions judged as another class; the first entry that holds decides.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub treat: Vec<Treat>,
    /// Pieces measured as one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub merge: Vec<Merge>,
    /// What becomes of a region in several zones.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub straddling: Straddling,
    /// The same for single zones, by name.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub straddling_in: BTreeMap<String, Straddling>,
    /// What cells cannot say. The worst of all cells and rules counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// In any order; of those that match a region's class and zone, the most specific decides alone:
    /// class and zone, class in any zone, any class in the zone, any in any. A region that none matches is review.
    #[serde(default)]
    pub cells: Vec<Cell>,
}

/// The least probability of a class: pixels of which the model is less sure count as no defect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certainty {
    /// Class name.
    pub class: String,
    /// 0..=1.
    pub at_least: f64,
}

/// What holds for one class in one zone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Cell {
    /// Class name or `"*"`.
    pub class: String,
    /// Zone name, `"unzoned"` or `"*"`.
    pub zone: String,
    /// A decision that each region here is acceptable by itself, whatever its size; excludes `limits`. Without it, a cell without limits
    /// gives review.
    #[serde(default, skip_serializing_if = "super::is_default")]
    pub accept: bool,
    /// On each region; the worst counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub limits: Vec<Limit>,
    /// On all regions of the cell on a part together.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub per_part: Vec<PartLimit>,
}

/// Names a cell.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CellKey {
    pub class: String,
    pub zone: String,
}

impl CellKey {
    #[must_use]
    pub fn new(class: impl Into<String>, zone: impl Into<String>) -> Self {
        Self { class: class.into(), zone: zone.into() }
    }
}

impl fmt::Display for CellKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} × {}", self.class, self.zone)
    }
}

/// What an edit did to a ruleset: whether a [`super::Board`] can follow by moving a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edit {
    /// A limit that was there has other bounds now.
    Moved,
    /// A cell or a limit came or went.
    Restructured,
}

impl Default for Ruleset {
    fn default() -> Self {
        Self {
            format: FIRST_FORMAT,
            name: String::new(),
            note: String::new(),
            certainty: Vec::new(),
            constants: Constants::new(),
            otherwise: Verdict::Review,
            ignore: None,
            treat: Vec::new(),
            merge: Vec::new(),
            straddling: Straddling::default(),
            straddling_in: BTreeMap::new(),
            rules: Vec::new(),
            cells: Vec::new(),
        }
    }
}

impl Ruleset {
    /// An empty ruleset: everything is review.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Checks all that can be checked without knowing classes and zones.
    pub fn validate(&self) -> Result<(), RulesetError> {
        for (i, Certainty { class, at_least }) in self.certainty.iter().enumerate() {
            if !(0.0..=1.0).contains(at_least) {
                return Err(RulesetError::Certainty { class: class.clone(), at_least: *at_least });
            }
            if self.certainty[..i].iter().any(|c| c.class == *class) {
                return Err(RulesetError::CertaintyTwice { class: class.clone() });
            }
        }
        for (i, cell) in self.cells.iter().enumerate() {
            if self.cells[..i].iter().any(|c| c.class == cell.class && c.zone == cell.zone) {
                return Err(RulesetError::Twice { cell: cell.key() });
            }
            if cell.accept && !cell.limits.is_empty() {
                return Err(RulesetError::AcceptsAndLimits { cell: cell.key() });
            }
            for limit in &cell.limits {
                let what = || limit.feature.name().to_owned();
                limit.validate().map_err(|source| RulesetError::Limit { cell: cell.key(), what: what(), source })?;
            }
            for limit in &cell.per_part {
                let what = || aggregate_words(limit.aggregate);
                limit.validate().map_err(|source| RulesetError::Limit { cell: cell.key(), what: what(), source })?;
            }
        }
        self.check_constants()?;
        self.check_rules()
    }

    fn check_constants(&self) -> Result<(), RulesetError> {
        for (name, constant) in &self.constants {
            let refused = |problem: String| Err(RulesetError::Constant { name: name.clone(), problem });
            let is_word = Expression::parse(name).is_ok_and(|e| e.names() == [name.as_str()]);
            if !is_word {
                return refused("a name is one word of letters, digits and _".to_owned());
            }
            if Feature::from_name(name).is_some() || RESERVED.contains(&name.as_str()) {
                return refused("the name has another meaning in rules; choose another one".to_owned());
            }
            if !constant.value.is_finite() {
                return refused(format!("{} is not a finite number", constant.value));
            }
            if let Some(unit) = constant.unit.as_deref().filter(|u| Unit::parse(u).is_none()) {
                return refused(format!("{unit:?} is no unit; write one of {}", Unit::WORDS[..7].join(", ")));
            }
        }
        for (i, merge) in self.merge.iter().enumerate() {
            let refused = |problem: &str| Err(RulesetError::Merge { class: merge.class.clone(), problem: problem.to_owned() });
            if !(merge.gap_mm.is_finite() && merge.gap_mm >= 0.0) {
                return refused("the gap must be 0 mm or more");
            }
            if self.merge[..i].iter().any(|m| m.class == merge.class) {
                return refused("it has two gaps; keep one of them");
            }
        }
        Ok(())
    }

    fn check_rules(&self) -> Result<(), RulesetError> {
        let mut names: Vec<&str> = Vec::new();
        for rule in self.all_rules() {
            let refused = |problem: &str| Err(RulesetError::Rule { rule: rule.name.clone(), problem: problem.to_owned() });
            if rule.name.trim().is_empty() {
                return refused("a rule needs a name, which verdicts quote");
            }
            if names.contains(&rule.name.as_str()) {
                return refused("two rules have this name; rename one of them");
            }
            names.push(&rule.name);
            check_rule(rule)?;
        }
        Ok(())
    }

    /// The least probability of a class; 0 where there is no limit.
    #[must_use]
    pub fn certainty_of(&self, class: &str) -> f64 {
        self.certainty.iter().find(|c| c.class == class).map_or(0.0, |c| c.at_least)
    }

    /// Sets the least probability of a class, 0..=1 (clamped); 0 takes the limit away.
    pub fn set_certainty(&mut self, class: &str, at_least: f64) {
        self.certainty.retain(|c| c.class != class);
        if at_least > 0.0 {
            self.certainty.push(Certainty { class: class.to_owned(), at_least: at_least.min(1.0) });
            self.format = self.format.max(CERTAINTY_FORMAT);
        }
    }

    /// The oldest format that can say all this.
    #[must_use]
    pub fn least_format(&self) -> u32 {
        let has_small_bad = |c: &Cell| c.limits.iter().any(Limit::is_small_bad) || c.per_part.iter().any(PartLimit::is_small_bad);
        let is_plain = self.constants.is_empty()
            && self.otherwise == Verdict::Review
            && self.ignore.is_none()
            && self.treat.is_empty()
            && self.merge.is_empty()
            && self.straddling == Straddling::default()
            && self.straddling_in.is_empty()
            && self.rules.is_empty()
            && !self.cells.iter().any(has_small_bad);
        match (is_plain, self.certainty.is_empty()) {
            (false, _) => FORMAT,
            (true, false) => CERTAINTY_FORMAT,
            (true, true) => FIRST_FORMAT,
        }
    }

    /// All rules, those of groups behind their group.
    pub fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        self.rules.iter().flat_map(Rule::with_members)
    }

    /// All expressions that occur.
    pub fn expressions(&self) -> impl Iterator<Item = &Expression> {
        self.all_rules().flat_map(expressions_of).chain(&self.ignore).chain(self.treat.iter().map(|t| &t.when))
    }

    /// The features that limits, rules and expressions mention.
    #[must_use]
    pub fn wanted(&self) -> FeatureSet {
        let mut wanted = FeatureSet::default();
        for cell in &self.cells {
            wanted.extend(cell.limits.iter().map(|l| l.feature));
            wanted.extend(cell.per_part.iter().filter_map(|l| l.aggregate.feature()));
        }
        for expression in self.expressions() {
            wanted.extend(expression.names().into_iter().filter_map(Feature::from_name));
        }
        for rule in self.all_rules() {
            if matches!(rule.scope, Scope::Window { .. } | Scope::Pair(_)) {
                wanted.extend([Feature::CentreX, Feature::CentreY]);
            }
            if matches!(rule.scope, Scope::Pair(_)) {
                wanted.extend([Feature::EquivalentDiameter]);
            }
            if rule.gate.is_some() {
                wanted.extend([Feature::MeanProbability]);
            }
        }
        wanted
    }

    /// What must be measured so that this can judge: features beyond those of every region, and gaps over which fragments are one.
    #[must_use]
    pub fn wanted_of(&self, classes: &[(u8, String)]) -> Wanted {
        let gap = |merge: &Merge| Some((classes.iter().find(|(_, name)| *name == merge.class)?.0, merge.gap_mm));
        Wanted { features: self.wanted(), merge_gaps: self.merge.iter().filter_map(gap).collect() }
    }

    /// Areas of zones or the size of the image are needed to judge by it: they are worth working out.
    #[must_use]
    pub fn needs_surroundings(&self) -> bool {
        self.all_rules().any(|r| matches!(&r.scope, Scope::Total { per: Some(_), .. }))
    }

    /// The rule of this name, members of groups too.
    #[must_use]
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.all_rules().find(|r| r.name == name)
    }

    /// Moves a limit of a rule that is a number; its sign stays.
    ///
    /// # Errors
    /// When there is no such rule or limit, or the rule would contradict itself; then nothing changes.
    pub fn set_rule_limit(&mut self, name: &str, bound: Bound, value: f64) -> Result<Edit, RulesetError> {
        let refused = |problem: &str| RulesetError::Rule { rule: name.to_owned(), problem: problem.to_owned() };
        if !value.is_finite() {
            return Err(refused("a limit must be a finite number"));
        }
        let Some(rule) = self.rules.iter_mut().find_map(|rule| find_rule(rule, name)) else {
            return Err(refused("the ruleset has no such rule"));
        };
        let mut moved = rule.clone();
        let tier = match bound {
            Bound::Accept => &mut moved.accept,
            Bound::Reject => &mut moved.reject,
        };
        let Some(tier) = tier else { return Err(refused("it has no such limit")) };
        if tier.limit.as_number().is_none() {
            return Err(refused("the limit is an expression; change its text instead"));
        }
        *tier = Tier { sign: tier.sign, limit: Expression::number(value) };
        check_tiers(&moved)?;
        *rule = moved;
        Ok(Edit::Moved)
    }

    /// The cell of exactly this key.
    #[must_use]
    pub fn cell(&self, key: &CellKey) -> Option<&Cell> {
        self.cells.iter().find(|c| c.class == key.class && c.zone == key.zone)
    }

    /// The cell that decides for a class in a zone: the most specific that matches.
    #[must_use]
    pub fn resolve(&self, class: &str, zone: &str) -> Option<&Cell> {
        [(class, zone), (class, ANY), (ANY, zone), (ANY, ANY)]
            .into_iter()
            .find_map(|(class, zone)| self.cells.iter().find(|c| c.class == class && c.zone == zone))
    }

    /// The bounds on a feature that hold for a class in a zone.
    #[must_use]
    pub fn limit(&self, class: &str, zone: &str, feature: Feature) -> Option<Bounds> {
        self.resolve(class, zone)?.limits.iter().find(|l| l.feature == feature).map(Limit::bounds)
    }

    /// The bounds on an aggregate that hold for a class in a zone.
    #[must_use]
    pub fn part_limit(&self, class: &str, zone: &str, aggregate: Aggregate) -> Option<Bounds> {
        self.resolve(class, zone)?.per_part.iter().find(|l| l.aggregate == aggregate).map(PartLimit::bounds)
    }

    /// The cell of exactly this key; made by copying the one that decided so far when there is none.
    pub fn cell_mut(&mut self, key: &CellKey) -> &mut Cell {
        let at = self.cells.iter().position(|c| c.class == key.class && c.zone == key.zone).unwrap_or_else(|| {
            let cell = Cell {
                class: key.class.clone(),
                zone: key.zone.clone(),
                ..self.resolve(&key.class, &key.zone).cloned().unwrap_or_default()
            };
            self.cells.push(cell);
            self.cells.len() - 1
        });
        &mut self.cells[at]
    }

    /// Sets the bounds on a feature in a cell, or takes the limit away with `None`. A cell that does not exist yet is made by copying
    /// the one that decided so far; a first limit ends `accept: true`. Nothing changes when the bounds are invalid.
    pub fn set_limit(&mut self, key: &CellKey, feature: Feature, bounds: Option<Bounds>) -> Result<Edit, RulesetError> {
        check(key, bounds, || feature.name().to_owned())?;
        let existed = self.cell(key).is_some();
        let cell = self.cell_mut(key);
        let at = cell.limits.iter().position(|l| l.feature == feature);
        match (at, bounds) {
            (Some(at), Some(bounds)) => {
                cell.limits[at] = Limit::of(feature, bounds);
                return Ok(if existed { Edit::Moved } else { Edit::Restructured });
            }
            (Some(at), None) => drop(cell.limits.remove(at)),
            (None, Some(bounds)) => {
                cell.accept = false;
                cell.limits.push(Limit::of(feature, bounds));
            }
            (None, None) => {}
        }
        Ok(Edit::Restructured)
    }

    /// As [`Self::set_limit`], for a limit on an aggregate.
    pub fn set_part_limit(&mut self, key: &CellKey, aggregate: Aggregate, bounds: Option<Bounds>) -> Result<Edit, RulesetError> {
        check(key, bounds, || aggregate_words(aggregate))?;
        let existed = self.cell(key).is_some();
        let cell = self.cell_mut(key);
        let at = cell.per_part.iter().position(|l| l.aggregate == aggregate);
        match (at, bounds) {
            (Some(at), Some(bounds)) => {
                cell.per_part[at] = PartLimit::of(aggregate, bounds);
                return Ok(if existed { Edit::Moved } else { Edit::Restructured });
            }
            (Some(at), None) => drop(cell.per_part.remove(at)),
            (None, Some(bounds)) => cell.per_part.push(PartLimit::of(aggregate, bounds)),
            (None, None) => {}
        }
        Ok(Edit::Restructured)
    }
}

impl Default for Cell {
    /// No rule for any class in any zone.
    fn default() -> Self {
        Self { class: ANY.to_owned(), zone: ANY.to_owned(), accept: false, limits: Vec::new(), per_part: Vec::new() }
    }
}

impl Cell {
    #[must_use]
    pub fn key(&self) -> CellKey {
        CellKey::new(&*self.class, &*self.zone)
    }
}

fn check(key: &CellKey, bounds: Option<Bounds>, what: impl Fn() -> String) -> Result<(), RulesetError> {
    bounds.map_or(Ok(()), |b| b.validate()).map_err(|source| RulesetError::Limit { cell: key.clone(), what: what(), source })
}

/// "the count", "the total area", "the largest length".
pub(super) fn aggregate_words(aggregate: Aggregate) -> String {
    let words = |feature: Feature| feature.label().to_lowercase();
    match aggregate {
        Aggregate::Count => "the count".to_owned(),
        Aggregate::Total(feature) => format!("the total {}", words(feature)),
        Aggregate::Max(feature) => format!("the largest {}", words(feature)),
    }
}

/// Names that scopes add to expressions.
const RESERVED: [&str; 4] = ["larger", "smaller", "zone_area", "image_mpx"];

const fn review() -> Verdict {
    Verdict::Review
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
fn is_review(verdict: &Verdict) -> bool {
    *verdict == Verdict::Review
}

fn find_rule<'r>(rule: &'r mut Rule, name: &str) -> Option<&'r mut Rule> {
    if rule.name == name {
        return Some(rule);
    }
    match &mut rule.scope {
        Scope::All(members) => members.iter_mut().find(|m| m.name == name),
        _ => None,
    }
}

fn expressions_of(rule: &Rule) -> Vec<&Expression> {
    let selections = [&rule.when, &rule.unless].into_iter().flatten().filter_map(|s| s.condition.as_ref());
    let tiers = [&rule.accept, &rule.reject].into_iter().flatten().map(|t| &t.limit);
    let (value, per) = match &rule.scope {
        Scope::Region(value) => (Some(value), None),
        Scope::Total { of, per, .. } => (of.value(), per.as_ref()),
        Scope::Window { of, .. } => (of.value(), None),
        Scope::Pair(_) | Scope::All(_) => (None, None),
    };
    rule.condition.iter().chain(selections).chain(tiers).chain(value).chain(per).collect()
}

/// What can be wrong with one rule by itself.
fn check_rule(rule: &Rule) -> Result<(), RulesetError> {
    let refused = |problem: &str| Err(RulesetError::Rule { rule: rule.name.clone(), problem: problem.to_owned() });
    if let Some(gate) = rule.gate {
        if !(0.0..=1.0).contains(&gate) {
            return refused("the gate is a probability between 0 and 1");
        }
        if !matches!(rule.scope, Scope::Region(_)) {
            return refused("a gate asks how sure the model is of one region; it belongs to the scope region");
        }
    }
    let positive = |numbers: &[f64]| numbers.iter().all(|v| v.is_finite() && *v > 0.0);
    match &rule.scope {
        Scope::Window { shape, of } => {
            if !matches!(of, Figure::Count | Figure::Sum(_)) {
                return refused("a window can be asked for count or sum");
            }
            let is_positive = match shape {
                Shape::Circle { d } => positive(&[*d]),
                Shape::Rect { w, h } => positive(&[*w, *h]),
            };
            if !is_positive {
                return refused("the size of a window must be above 0 mm");
            }
        }
        Scope::All(members) => {
            let is_bare = rule.selection() == super::rule::Selection::default()
                && rule.when.is_none()
                && rule.unless.is_none()
                && rule.accept.is_none()
                && rule.reject.is_none();
            if !is_bare {
                return refused("a group has no limits and no selection of its own; write them into its members");
            }
            if members.len() < 2 {
                return refused("a group needs two rules or more");
            }
            if members.iter().any(|m| matches!(m.scope, Scope::All(_))) {
                return refused("a group cannot hold another group");
            }
            return Ok(());
        }
        Scope::Region(_) | Scope::Total { .. } | Scope::Pair(_) => {}
    }
    check_tiers(rule)
}

fn check_tiers(rule: &Rule) -> Result<(), RulesetError> {
    let refused = |problem: String| Err(RulesetError::Rule { rule: rule.name.clone(), problem });
    match (&rule.accept, &rule.reject) {
        (None, None) => refused("it has no limit; give accept or reject or both".to_owned()),
        (Some(accept), Some(reject)) => {
            let is_facing = accept.is_upward() != reject.is_upward();
            let (a, r) = (accept.limit.as_number(), reject.limit.as_number());
            let is_crossed = a.zip(r).is_some_and(|(a, r)| if accept.is_upward() { a < r } else { a > r });
            if !is_facing || is_crossed {
                return refused(format!("accept \"{accept}\" and reject \"{reject}\" overlap; they must leave each other room"));
            }
            Ok(())
        }
        _ => Ok(()),
    }
}
