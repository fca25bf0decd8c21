//! What people say about an image beside its pixels: `labels/<id>.ron`.

use serde::{Deserialize, Serialize};

use super::acceptance::Acceptance;
use super::moment::Moment;
use super::note::PinnedNote;
use crate::judge::Disposition;
use crate::measure::{Grouping, Instance};

/// How far the label is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LabelState {
    #[default]
    Todo,
    /// A model's regions were taken over and nobody has looked at them yet: this counts as no label.
    Proposed,
    InProgress,
    Done,
    Flagged,
    /// A second person looked at it.
    Reviewed,
    /// Released for training and for judging limits.
    Approved,
}

impl LabelState {
    /// In the order of work.
    pub const ALL: [Self; 7] =
        [Self::Todo, Self::Proposed, Self::InProgress, Self::Done, Self::Flagged, Self::Reviewed, Self::Approved];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Todo => "to do",
            Self::Proposed => "proposed",
            Self::InProgress => "in progress",
            Self::Done => "done",
            Self::Flagged => "flagged",
            Self::Reviewed => "reviewed",
            Self::Approved => "approved",
        }
    }
}

/// The disposition of a part from those of its images: one NG makes it NG, one OK makes it OK where nobody said NG.
#[must_use]
pub fn disposition_of_part(images: impl IntoIterator<Item = Disposition>) -> Disposition {
    let mut all = Disposition::Unknown;
    for disposition in images {
        match disposition {
            Disposition::Ng => return Disposition::Ng,
            Disposition::Ok => all = Disposition::Ok,
            Disposition::Unknown => {}
        }
    }
    all
}

/// Newest format of a sidecar. Format 1 had neither changes nor pinned notes, format 2 no accepted findings, format 3 no
/// proposed labels; all are still read.
pub const FORMAT: u32 = 4;

/// Changes of state that a sidecar remembers; older ones go.
pub const MAX_CHANGES: usize = 20;

/// Who said when how far the label is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct StateChange {
    pub state: LabelState,
    pub by: String,
    pub at: Moment,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sidecar {
    pub format: u32,
    #[serde(default)]
    pub state: LabelState,
    #[serde(default)]
    pub disposition: Disposition,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    /// The last changes of the state, oldest first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changes: Vec<StateChange>,
    /// Notes of people to people, pinned on the image.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<PinnedNote>,
    /// How the regions of the label are split, merged and numbered.
    #[serde(default, skip_serializing_if = "Grouping::is_empty")]
    pub grouping: Grouping,
    /// Findings that stay as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Acceptance>,
}

impl Default for Sidecar {
    fn default() -> Self {
        Self {
            format: FORMAT,
            state: LabelState::Todo,
            disposition: Disposition::Unknown,
            note: String::new(),
            changes: Vec::new(),
            notes: Vec::new(),
            grouping: Grouping::default(),
            accepted: Vec::new(),
        }
    }
}

/// Two sidecars that came from one, brought together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Merged {
    pub sidecar: Sidecar,
    /// Fields that both sides changed, each in another way; mine was taken.
    pub disputed: Vec<&'static str>,
}

impl Sidecar {
    /// Sets the state and remembers who did it when. False when the state is that already.
    pub fn set_state(&mut self, state: LabelState, by: &str, at: Moment) -> bool {
        if self.state == state {
            return false;
        }
        self.state = state;
        self.changes.push(StateChange { state, by: by.to_owned(), at });
        let surplus = self.changes.len().saturating_sub(MAX_CHANGES);
        self.changes.drain(..surplus);
        true
    }

    /// Notes that nobody has resolved yet.
    pub fn open_notes(&self) -> impl Iterator<Item = &PinnedNote> {
        self.notes.iter().filter(|n| n.resolved.is_none())
    }

    /// Brings two sidecars together that both came from `base`: a field that one side changed is taken from it; one that both
    /// changed in another way is taken from `mine` and told. Changes of state, cuts and accepted findings of both sides are kept; notes go note by note,
    /// instances number by number.
    #[must_use]
    pub fn merge(base: &Self, mine: &Self, theirs: &Self) -> Merged {
        let mut disputed = Vec::new();
        let state = pick(&base.state, &mine.state, &theirs.state, "state", &mut disputed);
        let disposition = pick(&base.disposition, &mine.disposition, &theirs.disposition, "disposition", &mut disputed);
        let note = pick(&base.note, &mine.note, &theirs.note, "note", &mut disputed);
        let sidecar = Self {
            format: FORMAT,
            state,
            disposition,
            note,
            changes: merged_changes(base, mine, theirs),
            notes: merged_notes(base, mine, theirs, &mut disputed),
            grouping: merged_grouping(&base.grouping, &mine.grouping, &theirs.grouping, &mut disputed),
            accepted: merged_set(&base.accepted, &mine.accepted, &theirs.accepted),
        };
        Merged { sidecar, disputed }
    }
}

fn pick<T: PartialEq + Clone>(base: &T, mine: &T, theirs: &T, name: &'static str, disputed: &mut Vec<&'static str>) -> T {
    if mine == base {
        return theirs.clone();
    }
    if theirs != base && theirs != mine && !disputed.contains(&name) {
        disputed.push(name);
    }
    mine.clone()
}

/// What mine took away from the base is away (an undone change); what either added is there, in the order of time.
fn merged_changes(base: &Sidecar, mine: &Sidecar, theirs: &Sidecar) -> Vec<StateChange> {
    let mut all: Vec<StateChange> =
        theirs.changes.iter().filter(|c| mine.changes.contains(c) || !base.changes.contains(c)).cloned().collect();
    all.extend(mine.changes.iter().filter(|c| !theirs.changes.contains(c) && !base.changes.contains(c)).cloned());
    all.sort_by_key(|c| c.at);
    let surplus = all.len().saturating_sub(MAX_CHANGES);
    all.drain(..surplus);
    all
}

fn merged_notes(base: &Sidecar, mine: &Sidecar, theirs: &Sidecar, disputed: &mut Vec<&'static str>) -> Vec<PinnedNote> {
    let find = |s: &Sidecar, id: u64| s.notes.iter().find(|n| n.id == id).cloned();
    let mut ids: Vec<u64> = mine.notes.iter().map(|n| n.id).collect();
    ids.extend(theirs.notes.iter().map(|n| n.id).filter(|id| mine.notes.iter().all(|n| n.id != *id)));
    ids.into_iter().filter_map(|id| pick(&find(base, id), &find(mine, id), &find(theirs, id), "notes", disputed)).collect()
}

/// What one side took away is away, what either side added is there.
fn merged_set<T: PartialEq + Clone>(base: &[T], mine: &[T], theirs: &[T]) -> Vec<T> {
    let mut all: Vec<T> = mine.iter().filter(|a| theirs.contains(a) || !base.contains(a)).cloned().collect();
    all.extend(theirs.iter().filter(|a| !mine.contains(a) && !base.contains(a)).cloned());
    all
}

/// Cuts are a set; instances go number by number.
fn merged_grouping(base: &Grouping, mine: &Grouping, theirs: &Grouping, disputed: &mut Vec<&'static str>) -> Grouping {
    let cuts = merged_set(&base.cuts, &mine.cuts, &theirs.cuts);
    let find = |g: &Grouping, number: u32| -> Vec<(u32, u32)> { g.pixels_of(number).collect() };
    let mut numbers: Vec<u32> = mine.instances.iter().chain(&theirs.instances).map(|i| i.number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    let instances = numbers.into_iter().map(|number| {
        let at = pick(&find(base, number), &find(mine, number), &find(theirs, number), "numbering", disputed);
        Instance { number, at }
    });
    Grouping { cuts, instances: instances.filter(|i| !i.at.is_empty()).collect() }
}
