//! A frozen copy of what measuring, checking and predicting need, for other threads.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use super::open::Session;
use super::surface::SurfaceId;
use crate::judge::{Disposition, Ruleset};
use crate::measure::{FeatureSet, Grouping, Wanted};
use crate::project::{Acceptance, LabelState, Project, ProjectError};
use crate::raster::LabelMap;

/// A zone map from memory, or read at the first need.
type LazyZones = OnceLock<Result<Option<LabelMap>, String>>;

/// The project and the maps that were in memory; others are read from disk when asked for. Cheap to make: maps share their tiles.
#[derive(Clone, Debug)]
pub struct Snapshot {
    project: Arc<Project>,
    labels: HashMap<usize, (LabelMap, u64)>,
    sidecars: Vec<(LabelState, Disposition)>,
    /// Of the images whose regions were split, merged or numbered.
    groupings: HashMap<usize, Grouping>,
    /// Findings that people accepted, of the images that have any.
    accepted: HashMap<usize, Vec<Acceptance>>,
    /// By part number; read from disk at most once.
    zones: Arc<Vec<LazyZones>>,
    /// By part number.
    wanted: Arc<Vec<Wanted>>,
}

impl Session {
    /// Freezes the project as it is now; no file is read.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let labels = self
            .surfaces
            .iter()
            .filter_map(|(id, s)| match id {
                SurfaceId::Label(image) => Some((*image, (s.map.clone(), s.revision))),
                SurfaceId::Zones(_) => None,
            })
            .collect();
        let zones = (0..self.project.part_numbers.len())
            .map(|pn| match self.surface(SurfaceId::Zones(pn)) {
                Some(surface) => OnceLock::from(Ok(Some(surface.map.clone()))),
                None => OnceLock::new(),
            })
            .collect();
        let sidecars = self.sidecars.iter().map(|s| (s.state, s.disposition)).collect();
        let grouped = self.sidecars.iter().enumerate().filter(|(_, s)| !s.grouping.is_empty());
        let groupings = grouped.map(|(image, s)| (image, s.grouping.clone())).collect();
        let with_accepted = self.sidecars.iter().enumerate().filter(|(_, s)| !s.accepted.is_empty());
        let accepted = with_accepted.map(|(image, s)| (image, s.accepted.clone())).collect();
        let wanted = (0..self.project.part_numbers.len()).map(|pn| self.wanted(pn)).collect();
        Snapshot {
            project: self.shared_project(),
            labels,
            sidecars,
            groupings,
            accepted,
            zones: Arc::new(zones),
            wanted: Arc::new(wanted),
        }
    }
}

impl Snapshot {
    #[must_use]
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// The label of an image, from memory or disk.
    pub fn label(&self, image: usize) -> Result<LabelMap, ProjectError> {
        match self.labels.get(&image) {
            Some((map, _)) => Ok(map.clone()),
            None => self.project.read_label(image),
        }
    }

    /// What a person said the part on an image is in truth.
    #[must_use]
    pub fn disposition(&self, image: usize) -> Disposition {
        self.sidecars[image].1
    }

    /// How far the label of an image is.
    #[must_use]
    pub fn state(&self, image: usize) -> LabelState {
        self.sidecars[image].0
    }

    /// How the regions of the label are split, merged and numbered.
    #[must_use]
    pub fn grouping(&self, image: usize) -> &Grouping {
        static NONE: Grouping = Grouping { cuts: Vec::new(), instances: Vec::new() };
        self.groupings.get(&image).unwrap_or(&NONE)
    }

    /// Findings of an image that people accepted as they are.
    #[must_use]
    pub fn accepted(&self, image: usize) -> &[Acceptance] {
        self.accepted.get(&image).map_or(&[], Vec::as_slice)
    }

    /// Revision of the label that was in memory; 0 for one that is only on disk.
    #[must_use]
    pub fn label_revision(&self, image: usize) -> u64 {
        self.labels.get(&image).map_or(0, |(_, revision)| *revision)
    }

    /// What is measured of a part number's regions beyond what always is: what its ruleset and the screen asked for.
    #[must_use]
    pub fn wanted(&self, part_number: usize) -> &Wanted {
        &self.wanted[part_number]
    }

    /// The same with something else wanted of a part number: for a ruleset that is not the project's.
    #[must_use]
    pub fn with_wanted(&self, part_number: usize, wanted: Wanted) -> Self {
        let mut all = self.wanted.to_vec();
        if let Some(slot) = all.get_mut(part_number) {
            *slot = wanted;
        }
        Self { wanted: Arc::new(all), ..self.clone() }
    }

    /// The same, measured for a ruleset that need not be the project's, and with `features` beside those that it asks for.
    #[must_use]
    pub fn for_ruleset(&self, part_number: usize, ruleset: &Ruleset, features: FeatureSet) -> Self {
        let mut wanted = ruleset.wanted_of(&self.project.class_names());
        wanted.features = wanted.features.union(features);
        self.with_wanted(part_number, wanted)
    }

    /// The same with another zone map for a part number: what would be if it were in the project.
    #[must_use]
    pub fn with_zones(&self, part_number: usize, map: LabelMap) -> Self {
        let mut zones: Vec<LazyZones> = self.zones.to_vec();
        if let Some(slot) = zones.get_mut(part_number) {
            *slot = OnceLock::from(Ok(Some(map)));
        }
        Self { zones: Arc::new(zones), ..self.clone() }
    }

    /// The zone map of a part number; None when nobody painted one.
    pub fn zones(&self, part_number: usize) -> Result<Option<&LabelMap>, String> {
        let read = || self.project.read_zones(part_number).map_err(|e| e.to_string());
        self.zones[part_number].get_or_init(read).as_ref().map(Option::as_ref).map_err(Clone::clone)
    }
}
