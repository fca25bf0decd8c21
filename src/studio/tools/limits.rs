//! Where may be painted: what people chose, made into the one gate that every tool passes.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use delimit::paint::{Fence, Gate, ValueSet};
use delimit::raster::Area;
use delimit::session::SurfaceId;

use super::Shown;
use crate::studio::app::Studio;

/// What may be painted over.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PaintOver {
    #[default]
    Everything,
    /// Background and the class in hand: other classes are protected.
    OwnClass,
    /// Only pixels of this class.
    Only(u8),
}

/// The limits on painting that are in force.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    pub over: PaintOver,
    /// Only in this zone of the part number (labels only).
    pub zone: Option<u8>,
    /// Only in the selected regions as they were when the limit was set.
    pub selection: Option<Shown>,
    /// Only where the photo has gray values in the range of the threshold brush.
    pub is_by_brightness: bool,
    pub locked_classes: BTreeSet<u8>,
    /// Regions that no tool may change, by map.
    pub locked_regions: HashMap<SurfaceId, Shown>,
}

impl Limits {
    /// Locks the area on a map, or unlocks it where it is locked already. True when it is locked now.
    pub fn toggle_lock(&mut self, surface: SurfaceId, area: &Area) -> bool {
        let locked = self.locked_regions.remove(&surface).unwrap_or_default().area;
        let is_locked = area.minus(&locked).is_empty();
        let next = if is_locked { locked.minus(area) } else { locked.union(area) };
        if !next.is_empty() {
            self.locked_regions.insert(surface, Shown::of(next));
        }
        !is_locked
    }
}

impl Studio {
    /// The gate for the tool in hand; `is_taken_away` for an eraser.
    pub(super) fn gate(&self, is_taken_away: bool) -> Gate {
        let own = self.view.value();
        let gate = match self.view.limits.over {
            PaintOver::Everything => Gate::OPEN,
            // The eraser of a protected map takes away the class in hand alone.
            PaintOver::OwnClass => Gate::protecting_all_but(own),
            PaintOver::Only(class) if is_taken_away => Gate::over(ValueSet::of([class])),
            PaintOver::Only(class) => Gate::over(ValueSet::of([class, own])),
        };
        self.fenced(gate)
    }

    /// A gate with the locks and fences that are in force.
    pub(super) fn fenced(&self, mut gate: Gate) -> Gate {
        let limits = &self.view.limits;
        if !self.view.is_painting_zones {
            for &class in &limits.locked_classes {
                gate = gate.locking(class);
            }
            if let Some(zone) = limits.zone {
                // Zones that nobody painted, or that are still being read, leave nothing open: the badge says "only in zone".
                gate = gate.fenced(match self.session.surface(SurfaceId::Zones(self.view.part_number)) {
                    Some(zones) => Fence::Where { map: zones.map().clone(), values: ValueSet::of([zone]) },
                    None => Fence::Inside(Arc::default()),
                });
            }
        }
        if let Some(selection) = &limits.selection {
            gate = gate.fenced(Fence::Inside(Arc::clone(&selection.area)));
        }
        if let Some(surface) = self.surface_id()
            && let Some(locked) = limits.locked_regions.get(&surface)
        {
            gate = gate.fenced(Fence::Outside(Arc::clone(&locked.area)));
        }
        if limits.is_by_brightness
            && let (Some(range), Some(place)) = (&self.view.settings.range, &self.hand.place)
        {
            gate = gate.fenced(Fence::Intensity { photo: Arc::clone(&place.pyramid), range: range.clone() });
        }
        gate
    }

    /// The gate for what is put onto the label of another image: locks hold there too, the selection and the brightness of this one
    /// say nothing about it.
    pub(super) fn gate_of_other(&self, surface: SurfaceId) -> Gate {
        let limits = &self.view.limits;
        let gate = limits.locked_classes.iter().fold(Gate::OPEN, |gate, &class| gate.locking(class));
        match limits.locked_regions.get(&surface) {
            Some(locked) => gate.fenced(Fence::Outside(Arc::clone(&locked.area))),
            None => gate,
        }
    }

    /// What limits painting now, in words for the badge; empty when nothing does.
    pub fn limit_words(&self) -> Vec<String> {
        let limits = &self.view.limits;
        let project = self.session.project();
        let mut words = Vec::new();
        match limits.over {
            PaintOver::Everything => {}
            PaintOver::OwnClass if self.view.is_painting_zones => words.push("other zones are protected (K)".into()),
            PaintOver::OwnClass => words.push("other classes are protected (K)".into()),
            PaintOver::Only(class) => words.push(format!("only over {}", project.class_name(class))),
        }
        if !self.view.is_painting_zones {
            if let (Some(zone), Some(pn)) = (limits.zone, project.part_numbers.get(self.view.part_number)) {
                words.push(format!("only in zone {}", pn.zone_name(zone)));
            }
            if !limits.locked_classes.is_empty() {
                let names: Vec<String> = limits.locked_classes.iter().map(|&c| project.class_name(c)).collect();
                words.push(format!("{} locked", names.join(", ")));
            }
        }
        if limits.selection.is_some() {
            words.push("only in the selected regions".into());
        }
        if limits.is_by_brightness
            && let Some(range) = &self.view.settings.range
        {
            words.push(format!("only from {:.0} to {:.0} bright", range.start(), range.end()));
        }
        if self.surface_id().is_some_and(|s| limits.locked_regions.contains_key(&s)) {
            words.push("some regions are locked".into());
        }
        words
    }

    /// Takes all limits away.
    pub fn lift_limits(&mut self) {
        self.view.limits = Limits::default();
    }
}
