//! Limits that the labelled parts speak for: as few escapes as wanted, with the least overkill and review or the least cost.
//!
//! A part's verdict hangs on one value per limit ([`super::critical`]), so limits are chosen among the values of the NG parts: exactly for
//! one and two limits, by a search from many starts beyond. They are put into the middle of the gap, on round numbers, tried on parts that
//! they were not chosen by, and what the set can and cannot prove is said.

pub mod alarm;
mod exact;
pub mod pixel;
mod place;
mod problem;
pub mod region;
mod search;
pub mod validate;

pub use alarm::{SizeAlarm, size_alarms};
pub use pixel::{PixelFlips, pixel_flips};
pub use place::{Gap, number_in};
pub use problem::Least;
pub use region::{RegionEdit, RegionEditError, accept_region, effect, reject_region};
pub use search::Method;
pub use validate::CrossValidation;

use thiserror::Error;

use super::aggregate::Aggregate;
use super::board::{Board, BoardError, LimitAt};
use super::claims::{CONFIDENCE, Claim, Event, NextBelow, failures_allowed, next_below, percent};
use super::compiled::CompiledRuleset;
use super::flips::{Flip, flips};
use super::limit::{Bounds, Thresholds, Worse, as_written};
use super::ruleset::{CellKey, Ruleset, aggregate_words};
use super::ruleset_error::RulesetError;
use super::tally::{Disposition, Score};
use crate::measure::{Feature, RegionTable};
use problem::{Allowed, Problem};

/// What a limit is on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Subject {
    /// Each region.
    Region(Feature),
    /// All regions of the cell on a part together.
    Part(Aggregate),
}

impl Subject {
    /// "length", "the total area".
    #[must_use]
    pub fn words(self) -> String {
        match self {
            Self::Region(feature) => feature.label().to_lowercase(),
            Self::Part(aggregate) => aggregate_words(aggregate),
        }
    }

    /// The word in files and on the command line: a feature's name for regions; `count`, `total_area` or `largest_area` for parts.
    #[must_use]
    pub fn name(self) -> String {
        match self {
            Self::Region(feature) => feature.name().to_owned(),
            Self::Part(Aggregate::Count) => "count".to_owned(),
            Self::Part(Aggregate::Total(feature)) => format!("total_{}", feature.name()),
            Self::Part(Aggregate::Max(feature)) => format!("largest_{}", feature.name()),
        }
    }

    /// What [`Self::name`] calls so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        let of = |prefix: &str| name.strip_prefix(prefix).and_then(Feature::from_name);
        Feature::from_name(name)
            .map(Self::Region)
            .or_else(|| (name == "count").then_some(Self::Part(Aggregate::Count)))
            .or_else(|| of("total_").map(|f| Self::Part(Aggregate::Total(f))))
            .or_else(|| of("largest_").map(|f| Self::Part(Aggregate::Max(f))))
    }

    /// Unit of the limit.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Region(feature) => feature.unit(),
            Self::Part(aggregate) => aggregate.unit(),
        }
    }

    /// The limit's place in a cell of exactly this key, and its bounds; None when there is none.
    #[must_use]
    pub fn find(self, ruleset: &Ruleset, key: &CellKey) -> Option<(LimitAt, Bounds)> {
        let cell = ruleset.cell(key)?;
        match self {
            Self::Region(feature) => {
                let at = cell.limits.iter().position(|l| l.feature == feature)?;
                Some((LimitAt::Region(at), cell.limits[at].bounds()))
            }
            Self::Part(aggregate) => {
                let at = cell.per_part.iter().position(|l| l.aggregate == aggregate)?;
                Some((LimitAt::Part(at), cell.per_part[at].bounds()))
            }
        }
    }

    fn set(self, ruleset: &mut Ruleset, key: &CellKey, bounds: Option<Bounds>) -> Result<(), RulesetError> {
        match self {
            Self::Region(feature) => ruleset.set_limit(key, feature, bounds).map(drop),
            Self::Part(aggregate) => ruleset.set_part_limit(key, aggregate, bounds).map(drop),
        }
    }
}

/// A limit that may be moved. One that is not there yet is made; a cell that is not there yet is a copy of the one that decides so far.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    pub cell: CellKey,
    pub subject: Subject,
}

/// All limits of a ruleset's cells, in its order.
#[must_use]
pub fn targets_of(ruleset: &Ruleset) -> Vec<Target> {
    let of_cell = |cell: &super::ruleset::Cell| {
        let regions = cell.limits.iter().map(|l| Subject::Region(l.feature));
        let subjects = regions.chain(cell.per_part.iter().map(|l| Subject::Part(l.aggregate)));
        subjects.map(|subject| Target { cell: cell.key(), subject }).collect::<Vec<_>>()
    };
    ruleset.cells.iter().flat_map(of_cell).collect()
}

/// How many escapes there may be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// None in the set.
    NoEscape,
    /// So many in the set.
    AtMost(usize),
    /// So few that the true rate is proven, with 95 % confidence, to be no higher than this (0..1). When the set is too small for that, none,
    /// and the suggestion says what is missing.
    RateBelow(f64),
    /// As many as cost least; makes sense with [`Least::Cost`] only.
    Any,
}

impl Goal {
    /// Escapes allowed in a part of the set with so many of `all` NG parts.
    fn allowed(self, ng_parts: usize, all: usize) -> u32 {
        let count = match self {
            Self::NoEscape => 0,
            Self::AtMost(most) => most * ng_parts / all.max(1),
            Self::RateBelow(rate) => failures_allowed(ng_parts, rate, CONFIDENCE).unwrap_or(0),
            Self::Any => u32::MAX as usize,
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }

    const fn wanted(self) -> Option<f64> {
        match self {
            Self::RateBelow(rate) => Some(rate),
            _ => None,
        }
    }
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    pub targets: Vec<Target>,
    pub goal: Goal,
    /// No more overkill in the set than this, if anything else can be done.
    pub at_most_overkill: Option<usize>,
    pub least: Least,
    /// Accept and reject apart, with review between; else one number for both.
    pub has_review: bool,
    /// Into how many the parts are divided for validation; 0 leaves it out.
    pub folds: usize,
}

impl Request {
    /// No escape, review at a fifth of an overkill, ten folds.
    #[must_use]
    pub fn new(targets: Vec<Target>) -> Self {
        let least = Least::OverkillAndReview { review_weight: 0.2 };
        Self { targets, goal: Goal::NoEscape, at_most_overkill: None, least, has_review: true, folds: 10 }
    }
}

/// What is judged, by which rules, and what is true.
#[derive(Clone, Copy)]
pub struct Ground<'a> {
    pub table: &'a RegionTable,
    pub ruleset: &'a Ruleset,
    /// Makes a ruleset ready for the part number ([`Ruleset::compile`] with its classes and zones).
    pub compile: &'a dyn Fn(&Ruleset) -> Result<CompiledRuleset, RulesetError>,
    /// By part of the table; a part without an entry is undecided.
    pub truth: &'a [Disposition],
    /// By part: parts of one group (a lot) are never divided in validation. None: each part is a group.
    pub groups: Option<&'a [u32]>,
}

/// Why there is no suggestion.
#[derive(Debug, Error)]
pub enum SuggestError {
    #[error("no part of the set is NG in truth, so nothing says where a limit should be; decide on some parts first")]
    NoNgPart,
    #[error("no part of the set is OK in truth, so the strictest limit would be the best; decide on some parts first")]
    NoOkPart,
    #[error("no limit was named that may move")]
    NoTarget,
    #[error("no decided part has a measured region that {what} of {cell} looks at")]
    NothingMeasured { cell: CellKey, what: String },
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
    #[error(transparent)]
    Board(#[from] BoardError),
}

/// One limit of a suggestion.
#[derive(Clone, Debug, PartialEq)]
pub struct LimitEdit {
    pub target: Target,
    /// None: the limit is new.
    pub before: Option<Bounds>,
    /// None: the limit is not needed, or there is nothing to set it by.
    pub after: Option<Bounds>,
    /// Accept and reject as far from strict as gives the same verdicts: values of NG parts. None = as far as one likes.
    pub farthest: [Option<f64>; 2],
}

/// Other limits, and what they do. Nothing is changed until it is applied.
#[derive(Clone, Debug)]
pub struct Suggestion {
    pub edits: Vec<LimitEdit>,
    pub method: Method,
    pub before: Score,
    pub after: Score,
    /// Parts with another verdict, ascending.
    pub flips: Vec<Flip>,
    /// The goal is met on the set.
    pub is_goal_met: bool,
    /// What the set proves about escapes under the new limits.
    pub claim: Claim,
    /// How likely the next NG part is to lie below a limit that was set at the smallest one: for one limit without an escape; with
    /// several limits the chance is up to as many times as high.
    pub next_ng: NextBelow,
    /// None when it was not asked for or the set is too small.
    pub validation: Option<CrossValidation>,
    /// Parts whose verdict hangs on a pixel under the limits before and after, to first order; None without a calibration.
    pub pixel: Option<[PixelFlips; 2]>,
}

impl Suggestion {
    /// Writes the limits into a ruleset.
    ///
    /// # Errors
    /// When the bounds do not fit the ruleset (which they do for the one they were made for).
    pub fn apply(&self, ruleset: &mut Ruleset) -> Result<(), RulesetError> {
        apply_edits(&self.edits, ruleset)
    }

    /// It changes no limit.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.edits.iter().all(|e| e.before == e.after)
    }

    /// What people must know before they take it, one sentence each.
    #[must_use]
    pub fn sentences(&self) -> Vec<String> {
        let mut all = vec![self.claim.to_string()];
        if self.edits.len() == 1 && self.after.escapes().count == 0 {
            all.push(self.next_ng.to_string());
        }
        if !self.is_goal_met {
            all.push("the goal is not met: other limits, or what no limit looks at, decide on the rest".to_owned());
        }
        if self.method == Method::Search {
            all.push("found by a search: a better choice may exist".to_owned());
        }
        if let Some(v) = &self.validation {
            let (inside, outside) = (v.tuned_in, v.held_out);
            let rates = |s: &Score| {
                let decided = s.truly_ok.review + s.truly_ng.review;
                format!("{} escapes, {} overkill, {decided} review", s.escapes().count, s.overkill().count)
            };
            let (inside, outside_words) = (rates(&inside), rates(&outside));
            all.push(format!("on the parts that chose the limits: {inside}; on parts held out: {outside_words}"));
            let held_out = v.claim(self.claim.wanted);
            if outside.escapes().count > 0 || !held_out.holds() {
                all.push(format!("held out: {held_out}"));
            }
        }
        if let Some([before, after]) = &self.pixel {
            let share = |p: &PixelFlips| p.either.share().map_or_else(|| "–".to_owned(), percent);
            all.push(format!(
                "verdicts that hang on one pixel (first order): {} of {} ({}), before {} ({})",
                after.either.count,
                after.either.of,
                share(after),
                before.either.count,
                share(before)
            ));
        }
        all
    }
}

pub(super) fn apply_edits(edits: &[LimitEdit], ruleset: &mut Ruleset) -> Result<(), RulesetError> {
    for edit in edits.iter().filter(|e| e.before != e.after) {
        edit.target.subject.set(ruleset, &edit.target.cell, edit.after)?;
    }
    Ok(())
}

fn edit_of(target: &Target, before: Option<Bounds>, after: Option<Bounds>, farthest: Thresholds, worse: Worse) -> LimitEdit {
    let number = |t: f32| t.is_finite().then(|| if worse == Worse::Smaller { -as_written(t) } else { as_written(t) });
    let farthest = [number(farthest.accept), number(farthest.reject)];
    LimitEdit { target: target.clone(), before, after: after.or(before), farthest }
}

/// Bounds that are met by everything: a limit that is there but says nothing yet.
const SILENT: Bounds = Bounds::new(None, Some(f32::MAX as f64));

/// Finds better limits; see the [module](self).
///
/// # Errors
/// When the set tells nothing, or a target names a class or zone that is not there.
pub fn suggest(ground: &Ground<'_>, request: &Request) -> Result<Suggestion, SuggestError> {
    if request.targets.is_empty() {
        return Err(SuggestError::NoTarget);
    }
    let mut targets: Vec<&Target> = Vec::new();
    for target in &request.targets {
        if !targets.contains(&target) {
            targets.push(target);
        }
    }
    let rules = (ground.compile)(ground.ruleset)?;
    let board = Board::new(ground.table, &rules);
    let (before_verdicts, before) = (board.verdicts().to_vec(), Score::of(board.verdicts(), ground.truth));
    if before.truly_ng.total() == 0 {
        return Err(SuggestError::NoNgPart);
    }
    if before.truly_ok.total() == 0 {
        return Err(SuggestError::NoOkPart);
    }
    // All limits there, those that are new silent.
    let mut complete = ground.ruleset.clone();
    let mut was = Vec::with_capacity(targets.len());
    for Target { cell, subject } in &targets {
        // A cell that is new inherits its limits.
        complete.cell_mut(cell);
        was.push(subject.find(&complete, cell).map(|found| found.1));
        if was.last().is_some_and(Option::is_none) {
            subject.set(&mut complete, cell, Some(SILENT))?;
        }
    }
    let places = targets.iter().map(|t| {
        let (which, bounds) = t.subject.find(&complete, &t.cell).ok_or_else(|| BoardError::NoLimit(t.cell.clone()))?;
        Ok(((t.cell.clone(), which), bounds))
    });
    let places = places.collect::<Result<Vec<_>, BoardError>>()?;
    let now: Vec<Bounds> = places.iter().map(|(_, bounds)| if *bounds == SILENT { Bounds::default() } else { *bounds }).collect();
    let asked: Vec<_> = places.iter().map(|p| p.0.clone()).collect();
    let mut board = board;
    board.rejudge(ground.table, &(ground.compile)(&complete)?);
    let critical = board.critical(&asked)?;
    let all_ng = before.truly_ng.total();
    let allowed = Allowed {
        escapes: request.goal.allowed(all_ng, all_ng),
        overkill: request.at_most_overkill.map_or(u32::MAX, |k| u32::try_from(k).unwrap_or(u32::MAX)),
    };
    let problem = Problem::new(&critical, ground.truth, allowed, &request.least, request.has_review);
    for (target, values) in targets.iter().zip(&critical.values) {
        if problem.decided.iter().all(|d| values[d.part as usize] == f32::NEG_INFINITY) {
            return Err(SuggestError::NothingMeasured { cell: target.cell.clone(), what: target.subject.words() });
        }
    }
    let (thresholds, method) = search::solve(&problem);
    let placed = place::place(&problem, &thresholds, &now);
    let edits: Vec<LimitEdit> = targets
        .iter()
        .zip(was)
        .zip(placed.iter().zip(&thresholds).zip(&now))
        .map(|((target, before), ((&after, t), now))| edit_of(target, before, after, *t, now.worse))
        .collect();
    let mut edited = ground.ruleset.clone();
    apply_edits(&edits, &mut edited)?;
    let edited = (ground.compile)(&edited)?;
    board.rejudge(ground.table, &edited);
    let after = Score::of(board.verdicts(), ground.truth);
    let validation = match request.folds {
        0 => None,
        folds => validate::cross_validate(&problem, request.goal, &now, ground.groups, folds)
            .map(|(folds, held_out)| CrossValidation { folds, tuned_in: after, held_out }),
    };
    let pixel = match (pixel_flips(ground.table, &rules), pixel_flips(ground.table, &edited)) {
        (Some(before), Some(after)) => Some([before, after]),
        _ => None,
    };
    let claim = Claim::new(Event::Escape, after.escapes(), request.goal.wanted());
    Ok(Suggestion {
        edits,
        method,
        before,
        after,
        flips: flips(&before_verdicts, board.verdicts(), ground.truth),
        is_goal_met: problem.badness(&after).excess == 0 && claim.holds(),
        claim,
        next_ng: next_below(all_ng),
        validation,
        pixel,
    })
}
