//! A rule as people write it: which regions it is about, what it works out of them, and from where on that is accepted or rejected.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::expression::{Comparison, Expression, ExpressionError};
use super::limit::Bound;

/// A named number that expressions of the ruleset use.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Constant {
    pub value: f64,
    /// "mm", "mm²", "px", "°", "gray", or "1" for a ratio. Without it the constant takes the unit of what it meets.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
}

/// Constants by name.
pub type Constants = BTreeMap<String, Constant>;

/// What becomes of a region that touches several zones. A region in one zone is the same under all three.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Straddling {
    /// It is judged as a whole in every zone it touches; the worst verdict wins.
    #[default]
    Strictest,
    /// It is judged as a whole in the zone that holds most of it; in each of them when several hold the same.
    Majority,
    /// It is judged in every zone it touches, by the piece that lies there.
    Clip,
}

/// Makes regions of a class another one for the rules: "if linearity is high and width is small, judge it as a crack".
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Treat {
    /// Class name or `"*"`.
    pub class: String,
    /// Condition on the whole region.
    pub when: Expression,
    /// Name of the class it is judged as.
    #[serde(rename = "as")]
    pub into: String,
}

/// Pieces of one class that lie no farther apart than this are measured as one region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Merge {
    /// Class name.
    pub class: String,
    pub gap_mm: f64,
}

/// Regions picked by class, zone and condition; what is not given picks all.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selection {
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Expression>,
}

/// A limit with its sign: `<= 0.5`, `> max(T / 2, 6.35)`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tier {
    /// One of `<`, `<=`, `>`, `>=`.
    pub sign: Comparison,
    pub limit: Expression,
}

/// One rule of a ruleset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// Unique in the ruleset; verdicts name it.
    pub name: String,
    /// Why, and where it comes from.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub classes: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<String>,
    #[serde(default, rename = "where", skip_serializing_if = "Option::is_none")]
    pub condition: Option<Expression>,
    /// The rule holds only on parts that have such a region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub when: Option<Selection>,
    /// The rule does not hold on parts that have such a region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unless: Option<Selection>,
    pub scope: Scope,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accept: Option<Tier>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reject: Option<Tier>,
    /// NG on a region of which the model is less sure than this (mean probability, 0..=1) is review. Labels are sure.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<f64>,
}

/// What a rule works out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Scope {
    /// A value of each region by itself.
    Region(Expression),
    /// One figure of all regions of the part, or of each zone that has one.
    Total {
        of: Figure,
        #[serde(default, skip_serializing_if = "super::is_default")]
        per_zone: bool,
        /// Divides the figure: `zone_area / 100` makes it one per cm².
        #[serde(default, skip_serializing_if = "Option::is_none")]
        per: Option<Expression>,
    },
    /// The highest figure of the regions whose centres lie in a window, wherever that is laid.
    Window { shape: Shape, of: Figure },
    /// The distance of every two regions, mm.
    Pair(Between),
    /// NG only where every one of these rules is NG, and OK where one of them is OK.
    All(Vec<Rule>),
}

/// What is added up over regions. A region in several zones counts once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    Count,
    Sum(Expression),
    /// 0 of no region.
    Max(Expression),
    /// 0 of no region.
    Mean(Expression),
    /// The sum as a share of the sum over all regions of the part (of the zone with `per_zone`), 0..=1; 0 of nothing.
    Share(Expression),
}

/// A window on the part, mm.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Shape {
    Circle {
        d: f64,
    },
    /// Upright.
    Rect {
        w: f64,
        h: f64,
    },
}

/// From where to where a distance goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Between {
    /// From centre to centre.
    Centres,
    /// Between disks of the same areas: less half of both equivalent diameters.
    Edges,
}

impl Rule {
    /// A rule without limits, about all regions.
    #[must_use]
    pub fn new(name: impl Into<String>, scope: Scope) -> Self {
        Self {
            name: name.into(),
            note: String::new(),
            classes: Vec::new(),
            zones: Vec::new(),
            condition: None,
            when: None,
            unless: None,
            scope,
            accept: None,
            reject: None,
            gate: None,
        }
    }

    /// The regions that it is about.
    #[must_use]
    pub fn selection(&self) -> Selection {
        Selection { classes: self.classes.clone(), zones: self.zones.clone(), condition: self.condition.clone() }
    }

    /// The tier of a bound.
    #[must_use]
    pub const fn tier(&self, bound: Bound) -> Option<&Tier> {
        match bound {
            Bound::Accept => self.accept.as_ref(),
            Bound::Reject => self.reject.as_ref(),
        }
    }

    /// The rule and, in a group, its members.
    pub fn with_members(&self) -> impl Iterator<Item = &Self> {
        let members = if let Scope::All(members) = &self.scope { members.as_slice() } else { &[] };
        std::iter::once(self).chain(members)
    }
}

impl Figure {
    /// What is added up; None for a count.
    #[must_use]
    pub const fn value(&self) -> Option<&Expression> {
        match self {
            Self::Count => None,
            Self::Sum(e) | Self::Max(e) | Self::Mean(e) | Self::Share(e) => Some(e),
        }
    }
}

impl Tier {
    /// Reads `<= 0.5`.
    ///
    /// # Errors
    /// Without a sign, with `==` or `!=`, or when the rest is no expression.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let start = text.trim_start();
        let plain = [("≤", "<="), ("≥", ">=")].into_iter().find_map(|(sign, plain)| Some((plain, start.strip_prefix(sign)?)));
        let signs = Comparison::ALL.into_iter().filter(|c| !matches!(c, Comparison::Equal | Comparison::NotEqual));
        let found = signs
            .clone()
            .find_map(|c| Some((c, start.strip_prefix(c.sign())?)))
            .or_else(|| plain.and_then(|(sign, rest)| Some((signs.clone().find(|c| c.sign() == sign)?, rest))));
        let Some((sign, rest)) = found else {
            return Err(ExpressionError {
                text: text.to_owned(),
                column: 1,
                what: "a limit starts with its sign".to_owned(),
                expected: "<, <=, > or >= and a limit, as in `<= 0.5`".to_owned(),
                marks: "^".to_owned(),
            });
        };
        Ok(Self { sign, limit: Expression::parse(rest)? })
    }

    /// A small value is the bad one, or the good one for a tier that accepts: `>` and `>=`.
    pub(super) const fn is_upward(&self) -> bool {
        matches!(self.sign, Comparison::Greater | Comparison::GreaterOrEqual)
    }
}

impl fmt::Display for Tier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.sign.sign(), self.limit)
    }
}

impl Serialize for Tier {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Tier {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}
