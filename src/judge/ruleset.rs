//! The ruleset that people write: limits per class × zone cell, in a RON file, with the edits that sliders make.

use std::fmt;
use std::path::{Path, PathBuf};

use ron::extensions::Extensions;
use ron::ser::PrettyConfig;
use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::aggregate::Aggregate;
use super::limit::{Bounds, Limit, LimitError, PartLimit};
use crate::measure::Feature;

/// Matches any class or any zone of the part number.
pub const ANY: &str = "*";
/// The name of zone id 0: pixels in no zone.
pub const UNZONED: &str = "unzoned";
/// The newest file format this program writes and reads.
pub const FORMAT: u32 = 2;
/// Format of rulesets without probability limits, which older programs read too.
const FIRST_FORMAT: u32 = 1;

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

/// Why a ruleset cannot be used.
#[derive(Debug, Error)]
pub enum RulesetError {
    #[error("cannot read the ruleset {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error("{path}, line {line}, column {column}: {message}")]
    Syntax { path: PathBuf, line: usize, column: usize, message: String },
    #[error(
        "{path} has ruleset format {format}, but this version of Delimit reads formats up to {FORMAT}; open it with a newer version"
    )]
    Newer { path: PathBuf, format: u32 },
    #[error("cannot write the ruleset as text: {0}")]
    Write(#[from] ron::Error),
    #[error("cell {cell}, limit on {what}: {source}")]
    Limit { cell: CellKey, what: String, source: LimitError },
    #[error("the least probability of class {class:?} is {at_least}; it must lie between 0 and 1")]
    Certainty { class: String, at_least: f64 },
    #[error("class {class:?} has two least probabilities; keep one of them")]
    CertaintyTwice { class: String },
    #[error("cell {cell} appears twice; keep one of them")]
    Twice { cell: CellKey },
    #[error("cell {cell} accepts everything and has limits too; take away `accept: true` or the limits")]
    AcceptsAndLimits { cell: CellKey },
    #[error("cell {cell} speaks of class {name:?}, which this part number does not have; it has {known}")]
    UnknownClass { cell: CellKey, name: String, known: String },
    #[error("cell {cell} speaks of zone {name:?}, which this part number does not have; it has {known}")]
    UnknownZone { cell: CellKey, name: String, known: String },
    #[error("two {kind}s are called {name:?}, so a rule for it would be ambiguous; rename one of them")]
    NameTwice { kind: &'static str, name: String },
    #[error("a {kind} is called {name:?}, which has another meaning in rulesets; rename it")]
    ReservedName { kind: &'static str, name: String },
}

impl Default for Ruleset {
    fn default() -> Self {
        Self { format: FIRST_FORMAT, name: String::new(), note: String::new(), certainty: Vec::new(), cells: Vec::new() }
    }
}

fn dialect() -> ron::Options {
    ron::Options::default().with_default_extension(Extensions::IMPLICIT_SOME)
}

impl Ruleset {
    /// An empty ruleset: everything is review.
    #[must_use]
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), ..Self::default() }
    }

    /// Reads a RON file and checks it.
    pub fn read(path: &Path) -> Result<Self, RulesetError> {
        let text = std::fs::read_to_string(path).map_err(|source| RulesetError::Read { path: path.to_owned(), source })?;
        Self::from_ron(&text, path)
    }

    /// Parses RON text and checks it; `path` appears in error messages only.
    pub fn from_ron(text: &str, path: &Path) -> Result<Self, RulesetError> {
        /// The one field that every format has.
        #[derive(Deserialize)]
        struct Head {
            format: u32,
        }
        // A newer file may hold fields unknown here: ask for its format before complaining about them.
        if let Ok(Head { format }) = dialect().from_str::<Head>(text)
            && format > FORMAT
        {
            return Err(RulesetError::Newer { path: path.to_owned(), format });
        }
        let ruleset: Self = dialect().from_str(text).map_err(|error| RulesetError::Syntax {
            path: path.to_owned(),
            line: error.span.start.line,
            column: error.span.start.col,
            message: error.code.to_string(),
        })?;
        ruleset.validate()?;
        Ok(ruleset)
    }

    /// The text of the file: RON that people can read, one limit per line, so that moving a limit changes one line.
    pub fn to_ron(&self) -> Result<String, RulesetError> {
        let note = if self.note.is_empty() { String::new() } else { format!("    note: {},\n", one_line(&self.note)?) };
        let line = |c: &Certainty| Ok(format!("        {},\n", one_line(c)?));
        let certainty = self.certainty.iter().map(line).collect::<Result<String, ron::Error>>()?;
        let certainty = if certainty.is_empty() { certainty } else { format!("    certainty: [\n{certainty}    ],\n") };
        let format = if self.certainty.is_empty() { self.format } else { FORMAT };
        let cells = self.cells.iter().map(Cell::to_ron).collect::<Result<String, _>>()?;
        Ok(format!(
            "(\n    format: {},\n    name: {},\n{note}{certainty}    cells: [\n{cells}    ],\n)\n",
            format,
            one_line(&self.name)?
        ))
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
                limit.bounds().validate().map_err(|source| RulesetError::Limit { cell: cell.key(), what: what(), source })?;
            }
            for limit in &cell.per_part {
                let what = || aggregate_words(limit.aggregate);
                limit.bounds().validate().map_err(|source| RulesetError::Limit { cell: cell.key(), what: what(), source })?;
            }
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
            self.format = FORMAT;
        }
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

    fn to_ron(&self) -> Result<String, ron::Error> {
        let (class, zone) = (one_line(&self.class)?, one_line(&self.zone)?);
        let accept = if self.accept { ", accept: true" } else { "" };
        let (limits, per_part) = (list("limits", &self.limits)?, list("per_part", &self.per_part)?);
        Ok(format!("        (class: {class}, zone: {zone}{accept}{limits}{per_part}),\n"))
    }
}

fn check(key: &CellKey, bounds: Option<Bounds>, what: impl Fn() -> String) -> Result<(), RulesetError> {
    bounds.map_or(Ok(()), |b| b.validate()).map_err(|source| RulesetError::Limit { cell: key.clone(), what: what(), source })
}

fn one_line<T: Serialize + ?Sized>(value: &T) -> Result<String, ron::Error> {
    dialect().to_string_pretty(value, PrettyConfig::new().compact_structs(true))
}

/// A field with a list of limits, nothing when there are none.
fn list<T: Serialize>(field: &str, limits: &[T]) -> Result<String, ron::Error> {
    if limits.is_empty() {
        return Ok(String::new());
    }
    let lines =
        limits.iter().map(|limit| Ok(format!("            {},\n", one_line(limit)?))).collect::<Result<String, ron::Error>>()?;
    Ok(format!(", {field}: [\n{lines}        ]"))
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
