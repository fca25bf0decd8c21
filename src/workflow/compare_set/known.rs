//! What was worked out about images before: after an edit, only what changed is compared again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::image::Worked;
use crate::measure::Grouping;
use crate::project::{Acceptance, LabelState};
use crate::session::Snapshot;

/// Comparisons of single images, kept between two comparisons of a set. It follows labels, states, groupings and accepted findings by
/// itself. What it cannot see has to be told: another prediction of an image ([`Self::forget`]); another model, calibration, zone map
/// or other settings ([`Self::forget_all`]).
#[derive(Clone, Debug, Default)]
pub struct KnownImages {
    by_image: BTreeMap<usize, (Stamp, Arc<Worked>)>,
}

/// What a comparison of an image was made from, as far as a session changes it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stamp {
    label_revision: u64,
    state: LabelState,
    grouping: Grouping,
    accepted: Vec<Acceptance>,
}

impl Stamp {
    pub(super) fn of(snapshot: &Snapshot, image: usize) -> Self {
        Self {
            label_revision: snapshot.label_revision(image),
            state: snapshot.state(image),
            grouping: snapshot.grouping(image).clone(),
            accepted: snapshot.accepted(image).to_vec(),
        }
    }
}

impl KnownImages {
    /// An image has another prediction.
    pub fn forget(&mut self, image: usize) {
        self.by_image.remove(&image);
    }

    pub fn forget_all(&mut self) {
        self.by_image.clear();
    }

    /// How many images need not be looked at again, as long as nothing changes.
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_image.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_image.is_empty()
    }

    pub(super) fn get(&self, image: usize, stamp: &Stamp) -> Option<&Arc<Worked>> {
        self.by_image.get(&image).filter(|(made_from, _)| made_from == stamp).map(|(_, worked)| worked)
    }

    pub(super) fn put(&mut self, image: usize, stamp: Stamp, worked: Arc<Worked>) {
        self.by_image.insert(image, (stamp, worked));
    }
}
