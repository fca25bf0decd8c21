//! From measured regions to the rows that are judged: what is ignored, what is treated as another class, and what becomes of a region
//! that touches several zones. The one place where rows are made.

use super::compiled::CompiledRuleset;
use super::expression::Program;
use super::rule::Straddling;
use crate::measure::{Feature, Region, RegionTable};

/// The part of a ruleset that decides which rows a region gives.
#[derive(Clone, Debug, PartialEq)]
pub struct Admission {
    pub(super) ignore: Option<Program>,
    pub(super) treat: Vec<CompiledTreat>,
    /// By zone id.
    pub(super) straddling: Vec<Straddling>,
}

/// One entry of `treat`.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct CompiledTreat {
    /// None = any class.
    pub class: Option<u8>,
    pub when: Program,
    pub into: u8,
}

/// What was done with a region that is not simply judged as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// As measured.
    AsIs,
    /// Left out: below the limit of discrimination.
    Ignored { class: u8 },
    /// Judged as the other class.
    Treated { from: u8, into: u8 },
    /// A condition of `treat` needs something that was not measured: judged as either class, and the worse verdict wins.
    Either { from: u8, or: u8 },
}

/// A region of which something was [`Admitted`] otherwise than as it is; for the explanation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aside {
    /// Index of the part in the table.
    pub part: usize,
    /// Index of the image in the project.
    pub image: u32,
    /// Index of the region in its image.
    pub region: u32,
    pub what: Admitted,
}

impl Aside {
    /// "scratch #3 is ignored: it lies below the limit of discrimination".
    #[must_use]
    pub fn sentence(&self, rules: &CompiledRuleset) -> String {
        let number = self.region + 1;
        let name = |class: u8| rules.class_name(class);
        match self.what {
            Admitted::AsIs => format!("region #{number} is judged as it is"),
            Admitted::Ignored { class } => {
                format!("{} #{number} is ignored: it lies below the limit of discrimination", name(class))
            }
            Admitted::Treated { from, into } => format!("{} #{number} is judged as {}", name(from), name(into)),
            Admitted::Either { from, or } => {
                let (from, or) = (name(from), name(or));
                format!("{from} #{number} is judged as {from} and as {or}: what would tell them apart is not measured")
            }
        }
    }
}

impl Default for Admission {
    /// Every region as it is, in every zone it touches.
    fn default() -> Self {
        Self { ignore: None, treat: Vec::new(), straddling: vec![Straddling::Strictest; 256] }
    }
}

impl Admission {
    /// Every region gives one row in every zone it touches.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.ignore.is_none() && self.treat.is_empty() && self.straddling.iter().all(|s| *s == Straddling::Strictest)
    }

    /// Adds the rows of a region to the current part of a table.
    pub fn push(&self, table: &mut RegionTable, image: u32, index_in_image: u32, region: &Region) -> Admitted {
        let (classes, admitted) = self.classes(region);
        for class in classes.into_iter().flatten() {
            self.for_each_zone(region, |zone, features| table.push_row(image, index_in_image, (class, zone), features));
        }
        admitted
    }

    /// The region is neither ignored nor treated as another class.
    #[must_use]
    pub fn takes_as_is(&self, region: &Region) -> bool {
        self.classes(region).1 == Admitted::AsIs
    }

    /// The classes that a region is judged as (at most two), and why.
    fn classes(&self, region: &Region) -> ([Option<u8>; 2], Admitted) {
        let feature = |f: Feature| region.feature(f);
        if self.ignore.as_ref().and_then(|p| p.holds(feature, &[])) == Some(true) {
            return ([None, None], Admitted::Ignored { class: region.class });
        }
        let from = region.class;
        let mut unsure = None;
        for treat in self.treat.iter().filter(|t| t.class.is_none_or(|c| c == from)) {
            match treat.when.holds(feature, &[]) {
                Some(false) => {}
                Some(true) if unsure.is_none() => return ([Some(treat.into), None], Admitted::Treated { from, into: treat.into }),
                Some(true) => break,
                None => unsure = unsure.or(Some(treat.into)),
            }
        }
        match unsure {
            Some(or) => ([Some(from), Some(or).filter(|or| *or != from)], Admitted::Either { from, or }),
            None => ([Some(from), None], Admitted::AsIs),
        }
    }

    /// Calls `f` with each zone that the region is judged in, and the features it is judged by there.
    fn for_each_zone(&self, region: &Region, mut f: impl FnMut(u8, &[f32; Feature::COUNT])) {
        let most = region.zones.iter().map(|share| share.pixels).max().unwrap_or(0);
        for share in &region.zones {
            match self.straddling[usize::from(share.zone)] {
                Straddling::Majority if share.pixels < most => {}
                Straddling::Clip => f(share.zone, &region.piece_features(share)),
                Straddling::Strictest | Straddling::Majority => f(share.zone, &region.features_in(share)),
            }
        }
    }
}
