//! How a limit is named on the command line: CLASS:WHAT or CLASS/ZONE:WHAT.

use std::str::FromStr;

use delimit::judge::suggest::{Subject, Target, targets_of};
use delimit::judge::{ANY, CellKey, Ruleset};
use delimit::measure::{Feature, FeatureSet};

/// A limit as it was typed. Class and zone are told apart when the ruleset is known: both names may hold a slash.
#[derive(Clone, Debug)]
pub struct LimitName {
    cell: String,
    subject: Subject,
}

impl FromStr for LimitName {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (cell, what) =
            text.rsplit_once(':').filter(|(cell, _)| !cell.is_empty()).ok_or("write CLASS:WHAT or CLASS/ZONE:WHAT")?;
        let subject = Subject::from_name(what).ok_or_else(|| {
            let features = Feature::ALL.map(Feature::name).join(", ");
            format!("{what:?} is none of count, total_FEATURE, largest_FEATURE, {features}")
        })?;
        Ok(Self { cell: cell.to_owned(), subject })
    }
}

impl LimitName {
    /// The limit in a ruleset: the cell of exactly this class and zone when there is one, else one that is yet to be made. Without a zone
    /// the cell is that of the class in any zone.
    pub fn target(&self, ruleset: &Ruleset) -> Target {
        let keys: Vec<CellKey> = self.readings();
        let known = keys.iter().find(|key| ruleset.cell(key).is_some());
        let cell = known.or(keys.last()).cloned().unwrap_or_else(|| CellKey::new(ANY, ANY));
        Target { cell, subject: self.subject }
    }

    /// Class alone, then every way to divide it at a slash.
    fn readings(&self) -> Vec<CellKey> {
        let divided = self.cell.match_indices('/').map(|(at, _)| CellKey::new(&self.cell[..at], &self.cell[at + 1..]));
        std::iter::once(CellKey::new(&*self.cell, ANY)).chain(divided).collect()
    }
}

/// "scratch/seal:area", as it is typed.
pub fn limit_text(target: &Target) -> String {
    let CellKey { class, zone } = &target.cell;
    let zone = if zone == ANY { String::new() } else { format!("/{zone}") };
    format!("{class}{zone}:{}", target.subject.name())
}

/// The limits that a ruleset has, for messages.
pub fn known_limits(ruleset: &Ruleset) -> String {
    let all: Vec<String> = targets_of(ruleset).iter().map(limit_text).collect();
    if all.is_empty() { "none".to_owned() } else { all.join(", ") }
}

/// What must be measured for these limits.
pub fn features_of(targets: &[Target]) -> FeatureSet {
    let feature = |target: &Target| match target.subject {
        Subject::Region(feature) => Some(feature),
        Subject::Part(aggregate) => aggregate.feature(),
    };
    let mut features = FeatureSet::ALWAYS;
    features.extend(targets.iter().filter_map(feature));
    features
}
