//! The order of a filmstrip.

use std::cmp::{Ordering, Reverse};

use super::query::ImageFacts;
use crate::judge::Verdict;
use crate::measure::Feature;
use crate::project::LabelState;

/// What images are sorted by.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SortKey {
    /// As `parts.csv` has them.
    #[default]
    Project,
    /// By id, numbers in it as numbers.
    Name,
    /// In the order of work.
    State,
    Verdict,
    /// By the area of the largest region.
    LargestRegion,
    RegionCount,
    /// By the last change of the state.
    Change,
    /// By the pixels on which label and prediction part.
    Disagreement,
}

impl SortKey {
    pub const ALL: [Self; 8] = [
        Self::Project,
        Self::Name,
        Self::State,
        Self::Verdict,
        Self::LargestRegion,
        Self::RegionCount,
        Self::Change,
        Self::Disagreement,
    ];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Project => "Project order",
            Self::Name => "Name",
            Self::State => "State",
            Self::Verdict => "Verdict",
            Self::LargestRegion => "Largest region",
            Self::RegionCount => "Most regions",
            Self::Change => "Newest change",
            Self::Disagreement => "Disagreement",
        }
    }
}

/// A sort key and its direction.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FilmSort {
    pub key: SortKey,
    pub is_descending: bool,
}

impl FilmSort {
    /// The direction that one wants first: the worst, largest or newest in front.
    #[must_use]
    pub const fn by(key: SortKey) -> Self {
        let is_descending = !matches!(key, SortKey::Project | SortKey::Name | SortKey::State);
        Self { key, is_descending }
    }
}

/// Sorts images. Those of which the figure is not known come last in both directions; equal ones stay in the order they came in.
#[must_use]
pub fn sorted<'a>(images: Vec<usize>, sort: FilmSort, facts: impl Fn(usize) -> ImageFacts<'a>) -> Vec<usize> {
    match sort.key {
        SortKey::Project if sort.is_descending => images.into_iter().rev().collect(),
        SortKey::Project => images,
        SortKey::Name => {
            let mut named: Vec<(&str, usize)> = images.into_iter().map(|i| (facts(i).id, i)).collect();
            named.sort_by(|a, b| {
                let order = natural_order(a.0, b.0);
                if sort.is_descending { order.reverse() } else { order }
            });
            named.into_iter().map(|(_, i)| i).collect()
        }
        key => {
            let mut rated: Vec<(Option<f64>, usize)> = images.into_iter().map(|i| (figure(key, &facts(i)), i)).collect();
            rated.sort_by(|a, b| match (a.0, b.0) {
                (Some(x), Some(y)) if sort.is_descending => y.total_cmp(&x),
                (Some(x), Some(y)) => x.total_cmp(&y),
                (x, y) => Reverse(x.is_some()).cmp(&Reverse(y.is_some())),
            });
            rated.into_iter().map(|(_, i)| i).collect()
        }
    }
}

fn figure(key: SortKey, facts: &ImageFacts<'_>) -> Option<f64> {
    match key {
        SortKey::Project | SortKey::Name => None,
        SortKey::State => LabelState::ALL.iter().position(|s| *s == facts.state).map(|at| at as f64),
        SortKey::Verdict => Verdict::ALL.iter().position(|v| Some(*v) == facts.verdict).map(|at| at as f64),
        SortKey::LargestRegion => {
            // In mm² where it was measured; without a calibration all are in pixels.
            let area = |r: &crate::measure::Region| {
                let area = f64::from(r.feature(Feature::Area));
                if area.is_nan() { r.pixels as f64 } else { area }
            };
            Some(facts.regions?.iter().map(area).fold(0.0, f64::max))
        }
        SortKey::RegionCount => Some(facts.regions?.len() as f64),
        SortKey::Change => facts.changed.map(|at| at.unix_seconds() as f64),
        SortKey::Disagreement => facts.disagreement.map(|pixels| pixels as f64),
    }
}

/// The order in which people put names: numbers in them by their value, so that `part 9` comes before `part 10`; letters without
/// regard to case.
#[must_use]
pub fn natural_order(a: &str, b: &str) -> Ordering {
    let (mut x, mut y) = (a, b);
    loop {
        let (Some(cx), Some(cy)) = (x.chars().next(), y.chars().next()) else {
            // All alike so far: the shorter first; then by the letters as they are, so that no two different names are equal.
            return x.len().cmp(&y.len()).then_with(|| a.cmp(b));
        };
        let order = if cx.is_ascii_digit() && cy.is_ascii_digit() {
            let (nx, ny);
            (nx, x) = digits(x);
            (ny, y) = digits(y);
            // Without leading zeros the longer number is the larger one.
            nx.len().cmp(&ny.len()).then_with(|| nx.cmp(ny))
        } else {
            (x, y) = (&x[cx.len_utf8()..], &y[cy.len_utf8()..]);
            cx.to_lowercase().cmp(cy.to_lowercase())
        };
        if order.is_ne() {
            return order;
        }
    }
}

/// The number in front, without leading zeros, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    (text[..end].trim_start_matches('0'), &text[end..])
}
