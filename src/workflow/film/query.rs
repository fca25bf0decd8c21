//! The parts of a query, and the facts it is asked of.

use crate::judge::{Disposition, Verdict};
use crate::measure::{Feature, Region};
use crate::project::{LabelState, Moment};

/// A figure that a term compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Figure {
    /// Area of a region, mm².
    Area,
    /// Length of a region, mm.
    Length,
    /// Width of a region, mm.
    Width,
    /// How many regions the image has.
    Regions,
}

impl Figure {
    pub const ALL: [Self; 4] = [Self::Area, Self::Length, Self::Width, Self::Regions];

    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Length => "length",
            Self::Width => "width",
            Self::Regions => "regions",
        }
    }

    /// The feature of a region that it reads; None for a figure of the image.
    pub(super) const fn feature(self) -> Option<Feature> {
        match self {
            Self::Area => Some(Feature::Area),
            Self::Length => Some(Feature::Length),
            Self::Width => Some(Feature::Width),
            Self::Regions => None,
        }
    }
}

/// How a figure is compared. Numbers are finite.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Compare {
    Above(f64),
    AtLeast(f64),
    Below(f64),
    AtMost(f64),
    Is(f64),
    /// Both ends included.
    Within(f64, f64),
}

impl Compare {
    /// False for a figure that could not be measured (NaN).
    #[must_use]
    pub fn holds(self, figure: f64) -> bool {
        match self {
            Self::Above(x) => figure > x,
            Self::AtLeast(x) => figure >= x,
            Self::Below(x) => figure < x,
            Self::AtMost(x) => figure <= x,
            Self::Is(x) => figure == x,
            Self::Within(from, to) => figure >= from && figure <= to,
        }
    }
}

/// One thing that can be asked of an image. Texts are in lower case and without quotation marks.
#[derive(Clone, Debug, PartialEq)]
pub enum Test {
    /// A region of this class.
    Class {
        id: u8,
        name: String,
    },
    /// A region that touches this zone.
    Zone {
        id: u8,
        name: String,
    },
    Figure(Figure, Compare),
    State(LabelState),
    Truth(Disposition),
    Verdict(Verdict),
    /// The verdict on the screen is another than the saved ruleset's.
    Flipped,
    Note,
    OpenNote,
    Conflict,
    Duplicate,
    /// Who changed the state last; a part of the name is enough.
    By(String),
    Part(String),
    /// In id, part or path.
    Word(String),
}

impl Test {
    /// About one region, not about the image as a whole.
    #[must_use]
    pub const fn is_about_a_region(&self) -> bool {
        matches!(self, Self::Class { .. } | Self::Zone { .. } | Self::Figure(Figure::Area | Figure::Length | Figure::Width, _))
    }
}

/// A test, or its opposite.
#[derive(Clone, Debug, PartialEq)]
pub struct Term {
    pub is_negated: bool,
    pub test: Test,
}

/// All clauses must hold; of a clause, one term. No clause is empty.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FilmQuery {
    pub clauses: Vec<Vec<Term>>,
}

impl FilmQuery {
    /// Asks nothing: every image is listed.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.clauses.is_empty()
    }
}

/// Classes and zones that a query may name, (id, name).
#[derive(Clone, Copy, Debug, Default)]
pub struct Names<'a> {
    pub classes: &'a [(u8, String)],
    pub zones: &'a [(u8, String)],
}

/// What is known of one image.
#[derive(Clone, Copy, Debug, Default)]
pub struct ImageFacts<'a> {
    pub id: &'a str,
    /// Serial of its part.
    pub part: &'a str,
    pub path: &'a str,
    pub state: LabelState,
    pub truth: Disposition,
    /// None before it was judged.
    pub verdict: Option<Verdict>,
    pub is_flipped: bool,
    /// None before they were measured.
    pub regions: Option<&'a [Region]>,
    /// Who changed the state last.
    pub last_by: Option<&'a str>,
    /// When the state was changed last.
    pub changed: Option<Moment>,
    pub notes: usize,
    pub open_notes: usize,
    pub has_conflict: bool,
    pub is_duplicate: bool,
    /// Pixels on which label and prediction part; None before they were compared.
    pub disagreement: Option<u64>,
}
