//! Findings of all checked images: what is open, what was accepted, what hangs on it, and in what order they are listed.

use std::collections::BTreeMap;
use std::time::Instant;

use delimit::check::{BoundaryCheck, ClassRule, Finding, FindingKind, RegionCheck, Severity, findings};
use delimit::project::{Acceptance, Project};
use delimit::workflow::SetFindings;
use delimit::workflow::flip_test::{Consequence, FlipTest};

use crate::studio::overlay_windows::is_match;
use crate::studio::state::FindingPlace;

/// A finding, the image it is in, and what people said about it.
#[derive(Clone, Debug)]
pub struct FindingAt {
    pub image: usize,
    pub finding: Finding,
    pub acceptance: Option<Acceptance>,
    /// What setting it right would change.
    pub consequence: Consequence,
    /// It came from looking at all labels together: a check of this label alone does not bring it again.
    pub is_of_set: bool,
}

impl FindingAt {
    pub const fn place(&self) -> FindingPlace {
        FindingPlace { image: self.image, region: self.finding.region, bounds: self.finding.bounds, kind: self.finding.kind }
    }
}

/// In what order findings are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum FindingOrder {
    /// Errors first, and of those what is off by most tolerances.
    #[default]
    Worst,
    /// What changes a verdict first.
    AtStake,
    /// As the images come.
    Image,
    Class,
}

impl FindingOrder {
    pub const ALL: [Self; 4] = [Self::Worst, Self::AtStake, Self::Image, Self::Class];

    pub const fn label(self) -> &'static str {
        match self {
            Self::Worst => "Worst first",
            Self::AtStake => "Verdicts first",
            Self::Image => "By image",
            Self::Class => "By class",
        }
    }
}

/// Which findings are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FindingFilter {
    pub least: Severity,
    /// Every word of it is in the finding's class, message, image or annotator.
    pub words: String,
    pub shows_accepted: bool,
}

impl Default for FindingFilter {
    fn default() -> Self {
        Self { least: Severity::Warning, words: String::new(), shows_accepted: false }
    }
}

/// What stands in the way of a clean set of labels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    pub open: usize,
    pub accepted: usize,
    /// Gone since the check was first run: the label was set right.
    pub mended: usize,
}

impl Progress {
    pub const fn settled(self) -> usize {
        self.accepted + self.mended
    }

    pub const fn total(self) -> usize {
        self.open + self.settled()
    }
}

/// All of them.
#[derive(Debug, Default)]
pub struct Findings {
    by_image: BTreeMap<usize, Vec<FindingAt>>,
    pub filter: FindingFilter,
    pub order: FindingOrder,
    /// Which are listed, by image and place in its list.
    listed: Vec<(usize, usize)>,
    /// With what they were listed.
    listed_for: Option<(FindingFilter, FindingOrder, usize)>,
    listed_at: Option<Instant>,
    /// By image.
    mended: BTreeMap<usize, usize>,
    is_stale: bool,
    acceptances_are_stale: bool,
}

impl Findings {
    /// Takes the findings of an image; what was open there before and is gone was set right when `is_edited`.
    pub fn put(&mut self, image: usize, all: Vec<FindingAt>, is_edited: bool) {
        let open = |list: &[FindingAt]| list.iter().filter(|f| counts(f) && !f.is_of_set).count();
        let before = self.by_image.get(&image).map_or(0, |list| open(list));
        if is_edited {
            // What an undo brings back is open again.
            let mended = self.mended.entry(image).or_default();
            *mended = (*mended + before).saturating_sub(open(&all));
        }
        self.by_image.insert(image, all);
        self.is_stale = true;
    }

    /// Takes what the labels say about each other.
    pub fn put_set(&mut self, set: SetFindings) {
        for list in self.by_image.values_mut() {
            list.retain(|f| !f.is_of_set);
        }
        for (image, finding) in set.findings {
            let found = FindingAt { image, finding, acceptance: None, consequence: Consequence::None, is_of_set: true };
            self.by_image.entry(image).or_default().push(found);
        }
        self.acceptances_are_stale = true;
        self.is_stale = true;
    }

    /// Takes what a label file that cannot be read says about itself.
    pub fn put_unreadable(&mut self, image: usize, findings: Vec<Finding>) {
        let found = |finding| FindingAt { image, finding, acceptance: None, consequence: Consequence::None, is_of_set: false };
        self.by_image.insert(image, findings.into_iter().map(found).collect());
        self.is_stale = true;
    }

    /// True once after findings came in whose acceptances were not asked for.
    pub const fn take_acceptances_wanted(&mut self) -> bool {
        std::mem::replace(&mut self.acceptances_are_stale, false)
    }

    /// Holds the boundaries of an image to other tolerances; what is not about boundaries stays.
    pub fn judge_again(&mut self, image: usize, checks: &[RegionCheck]) {
        let Some(list) = self.by_image.get_mut(&image) else { return };
        let is_boundary = |f: &Finding| matches!(f.kind, FindingKind::Boundary(_) | FindingKind::Unmeasurable);
        let (boundary, mut rest): (Vec<FindingAt>, Vec<FindingAt>) =
            std::mem::take(list).into_iter().partition(|f| is_boundary(&f.finding));
        // One region has one finding about its boundary: what was said about it stays with it.
        rest.extend(findings(checks).into_iter().map(|finding| {
            let old = boundary.iter().find(|f| f.finding.region == finding.region);
            FindingAt {
                image,
                acceptance: old.and_then(|f| f.acceptance.clone()).filter(|a| a.is_about(&finding)),
                consequence: old.map_or_else(Consequence::default, |f| f.consequence),
                is_of_set: false,
                finding,
            }
        }));
        *list = rest;
        self.is_stale = true;
    }

    /// Asks again which findings of an image are accepted.
    pub fn set_acceptances(&mut self, image: usize, of: impl Fn(&Finding) -> Option<Acceptance>) {
        for found in self.by_image.get_mut(&image).into_iter().flatten() {
            found.acceptance = of(&found.finding);
        }
        self.is_stale = true;
    }

    /// What hangs on each finding.
    pub fn set_consequences(&mut self, test: &FlipTest) {
        for found in self.by_image.values_mut().flatten() {
            if let Some(region) = found.finding.region {
                found.consequence = test.consequence_of(found.image, region);
            }
        }
        self.is_stale = true;
    }

    pub const fn mark_stale(&mut self) {
        self.is_stale = true;
    }

    /// Brings the list up to date with what was found, the filter and the order; cheap when nothing changed.
    /// `is_checking`: more is coming in; then what was found is listed now and then only, what was asked for at once.
    pub fn list(&mut self, project: &Project, part_number: usize, is_checking: bool, annotator_of: impl Fn(usize) -> String) {
        let wanted = (self.filter.clone(), self.order, part_number);
        let is_too_soon = is_checking && self.listed_at.is_some_and(|at| at.elapsed() < super::WHILE_CHECKING);
        if self.listed_for.as_ref() == Some(&wanted) && (!self.is_stale || is_too_soon) {
            return;
        }
        self.listed_at = Some(Instant::now());
        let words = self.filter.words.to_lowercase();
        let mut listed: Vec<(usize, usize)> = Vec::new();
        for (&image, list) in &self.by_image {
            if project.part_number_of_image(image) != Some(part_number) {
                continue;
            }
            for (at, found) in list.iter().enumerate() {
                let is_wanted = found.finding.severity >= self.filter.least
                    && (self.filter.shows_accepted || found.acceptance.is_none())
                    && (words.is_empty() || is_match(&text_of(project, found, &annotator_of(image)), &words));
                if is_wanted {
                    listed.push((image, at));
                }
            }
        }
        let at = |&(image, at): &(usize, usize)| &self.by_image[&image][at];
        listed.sort_by(|a, b| {
            let (x, y) = (at(a), at(b));
            let worse = x.finding.worse_first(&y.finding);
            match self.order {
                FindingOrder::Worst => worse,
                FindingOrder::AtStake => y.consequence.cmp(&x.consequence).then(worse),
                FindingOrder::Image => x.image.cmp(&y.image).then(worse),
                FindingOrder::Class => x.finding.class.cmp(&y.finding.class).then(worse),
            }
        });
        self.listed = listed;
        self.listed_for = Some(wanted);
        self.is_stale = false;
    }

    /// How many are listed.
    pub const fn len(&self) -> usize {
        self.listed.len()
    }

    /// The n-th of the list.
    pub fn get(&self, row: usize) -> Option<&FindingAt> {
        let (image, at) = self.listed.get(row)?;
        self.by_image.get(image)?.get(*at)
    }

    pub fn listed(&self) -> impl Iterator<Item = &FindingAt> {
        (0..self.len()).filter_map(|row| self.get(row))
    }

    /// Where a finding stands in the list; one about the same region when its kind has changed.
    pub fn row_of(&self, place: FindingPlace) -> Option<usize> {
        let exact = self.listed().position(|f| f.place() == place);
        exact.or_else(|| {
            self.listed().position(|f| place.region.is_some() && (f.image, f.finding.region) == (place.image, place.region))
        })
    }

    /// A finding, listed or not.
    pub fn find(&self, place: FindingPlace) -> Option<&FindingAt> {
        let list = self.by_image.get(&place.image)?;
        list.iter()
            .find(|f| f.place() == place)
            .or_else(|| list.iter().find(|f| place.region.is_some() && f.finding.region == place.region))
    }

    /// Of the images of a part number.
    pub fn progress(&self, project: &Project, part_number: usize) -> Progress {
        let is_here = |image: usize| project.part_number_of_image(image) == Some(part_number);
        let mended = self.mended.iter().filter(|(i, _)| is_here(**i)).map(|(_, n)| n).sum();
        let mut progress = Progress { mended, ..Progress::default() };
        for found in self.by_image.iter().filter(|(i, _)| is_here(**i)).flat_map(|(_, list)| list) {
            if found.finding.severity < Severity::Warning {
                continue;
            }
            if found.acceptance.is_some() { progress.accepted += 1 } else { progress.open += 1 }
        }
        progress
    }
}

/// Notes are no work to be done.
fn counts(found: &FindingAt) -> bool {
    found.finding.severity >= Severity::Warning && found.acceptance.is_none()
}

fn text_of(project: &Project, found: &FindingAt, annotator: &str) -> String {
    let class = if found.finding.region.is_some() { project.class_name(found.finding.class) } else { String::new() };
    let image = &project.images()[found.image].id;
    let reason = found.acceptance.as_ref().map_or("", |a| a.reason.as_str());
    format!("{image} {class} {} {annotator} {reason} {}", found.finding.message, consequence_words(found.consequence))
}

/// What hangs on a finding, in words; empty for nothing.
pub const fn consequence_words(consequence: Consequence) -> &'static str {
    match consequence {
        Consequence::Part => "changes the part's verdict",
        Consequence::Region => "changes its verdict",
        Consequence::None => "",
    }
}

/// The checks of an image held to the rules of the classes.
pub fn judged(checks: &[RegionCheck], settings: &BoundaryCheck, rule_of: impl Fn(u8) -> ClassRule) -> Vec<RegionCheck> {
    checks.iter().map(|c| rule_of(c.class).judge(c, settings)).collect()
}
