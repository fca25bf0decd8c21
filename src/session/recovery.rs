//! What is recovered from the journal of a run that was killed: pixels, sidecars, rulesets, and the steps of undo.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::journal::{Act, MapName, Record, changes_of, runs_of};
use super::open::Session;
use super::surface::{MapConflict, Surface, SurfaceId, read_surface};
use super::timeline::{Change, Step};
use super::undo_file;
use crate::paint::Edit;
use crate::paint::edit::write_runs;
use crate::project::Sidecar;

/// What all records together say about the files that they build on.
#[derive(Default)]
struct Known {
    /// Contents of map files that the killed run knew.
    bases: HashMap<MapName, HashSet<Option<String>>>,
    last_serial: HashMap<MapName, u64>,
    /// Sidecars that the killed run read or may have written.
    sidecars: HashMap<String, Vec<Sidecar>>,
}

impl Known {
    fn of(records: &[Record]) -> Self {
        let mut known = Self::default();
        let mut saw = |map: MapName, serial: u64| {
            let last = known.last_serial.entry(map).or_default();
            *last = (*last).max(serial);
        };
        for record in records {
            match record {
                Record::Base { map, sha256 } => drop(known.bases.entry(map.clone()).or_default().insert(sha256.clone())),
                Record::Pixels { map, serial, .. } => saw(map.clone(), *serial),
                Record::SidecarStep { image, serial, base, now, .. } => {
                    saw(MapName::Label(image.clone()), *serial);
                    known.sidecars.entry(image.clone()).or_default().extend([(**base).clone(), (**now).clone()]);
                }
                Record::Label { .. } | Record::Zones { .. } | Record::Sidecar { .. } | Record::Ruleset { .. } => {}
            }
        }
        known
    }
}

impl Session {
    /// Applies what a killed run had written to its journal but not to the project files. Pixel records are absolute, so that those
    /// which had reached the file already do no harm.
    pub(super) fn recover(&mut self, records: Vec<Record>) {
        let known = Known::of(&records);
        let mut changed = BTreeSet::new();
        let mut count = 0;
        for record in records {
            let is_change = !matches!(record, Record::Base { .. });
            match self.recover_one(record, &known) {
                Ok(None) => {}
                Ok(Some(name)) => {
                    changed.insert(name);
                    count += usize::from(is_change);
                }
                Err(problem) => self.notices.push(problem),
            }
        }
        if !changed.is_empty() {
            let names = changed.into_iter().collect::<Vec<_>>().join(", ");
            self.notices.push(format!("Recovered {count} changes of the last run: {names}"));
        }
    }

    fn surface_named(&self, map: &MapName) -> Result<SurfaceId, String> {
        match map {
            MapName::Label(id) => {
                let at = self.project.images().iter().position(|i| i.id == *id);
                at.map(SurfaceId::Label).ok_or_else(|| format!("image {id} is gone"))
            }
            MapName::Zones(name) => {
                let at = self.project.part_numbers.iter().position(|p| p.name == *name);
                at.map(SurfaceId::Zones).ok_or_else(|| format!("part number {name} is gone"))
            }
        }
    }

    /// The name of what was recovered, for people.
    fn recover_one(&mut self, record: Record, known: &Known) -> Result<Option<String>, String> {
        match record {
            Record::Base { .. } => Ok(None),
            Record::Label { image, width, height, spans } => {
                self.recover_spans(&MapName::Label(image), (width, height), &spans, known).map(Some)
            }
            Record::Zones { part_number, width, height, spans } => {
                self.recover_spans(&MapName::Zones(part_number), (width, height), &spans, known).map(Some)
            }
            Record::Pixels { map, width, height, serial, act, changes } => {
                self.recover_pixels(&map, (width, height), serial, act, &changes, known).map(Some)
            }
            Record::Sidecar { image, sidecar } => {
                let SurfaceId::Label(index) = self.surface_named(&MapName::Label(image.clone()))? else { return Ok(None) };
                self.put_sidecar(index, Sidecar { format: crate::project::sidecar::FORMAT, ..sidecar });
                Ok(Some(image))
            }
            Record::SidecarStep { image, serial, act, base, now, step } => {
                let id = self.surface_named(&MapName::Label(image.clone()))?;
                let SurfaceId::Label(index) = id else { return Ok(None) };
                self.recover_sidecar(index, &image, &base, *now, known);
                let up_to = known.last_serial.get(&MapName::Label(image.clone())).copied().unwrap_or(0);
                self.ensure_timeline(id, up_to);
                self.recover_step(id, serial, act, step.map(|s| Change::Sidecar(Arc::new(*s))));
                Ok(Some(image))
            }
            Record::Ruleset { part_number, text } => {
                let SurfaceId::Zones(index) = self.surface_named(&MapName::Zones(part_number.clone()))? else { return Ok(None) };
                self.rulesets[index].recover(&text).map_err(|e| e.to_string())?;
                Ok(Some(format!("ruleset of {part_number}")))
            }
        }
    }

    /// Takes a sidecar up; when its file is one that the killed run never knew, only what that run changed.
    fn recover_sidecar(&mut self, index: usize, image: &str, base: &Sidecar, now: Sidecar, known: &Known) {
        let on_disk = self.sidecar_bases.get(&index).unwrap_or(&self.sidecars[index]);
        let is_ours = known.sidecars.get(image).is_some_and(|all| all.contains(on_disk));
        let next = if is_ours { now } else { Sidecar::merge(base, &now, on_disk).sidecar };
        self.put_sidecar(index, next);
    }

    /// Loads map and timeline for recovery. A file that the killed run did not know becomes a conflict.
    fn load_named(&mut self, id: SurfaceId, map: &MapName, known: &Known) -> Result<&mut Surface, String> {
        if !self.surfaces.contains_key(&id) {
            let file = read_surface(&self.project, id).map_err(|e| e.to_string())?;
            let mut ours: HashSet<Option<String>> = known.bases.get(map).cloned().unwrap_or_default();
            let has_base = !ours.is_empty();
            if let Ok(Some(stored)) = &file.timeline {
                ours.extend([stored.tie, stored.previous].map(|sha256| sha256.map(hex)));
            }
            let sha256 = file.stamp.map(|s| hex(s.sha256));
            self.adopt_surface(id, file, known.last_serial.get(map).copied().unwrap_or(0));
            if has_base && !ours.contains(&sha256) {
                let path = id.path(&self.project);
                self.notices.push(format!(
                    "{} was changed by somebody else before the changes of the last run could be saved. Those were put on top of it \
                     here, and nothing is written over it: keep yours or take theirs",
                    path.display()
                ));
                if let Some(surface) = self.surfaces.get_mut(&id) {
                    surface.conflict.get_or_insert_with(MapConflict::default).is_theirs_open = false;
                }
            }
        }
        self.surfaces.get_mut(&id).ok_or_else(|| "it cannot be loaded".to_owned())
    }

    fn recover_spans(&mut self, map: &MapName, size: (u32, u32), spans: &[u32], known: &Known) -> Result<String, String> {
        let name = name_for_people(map);
        let id = self.surface_named(map)?;
        let surface = self.load_named(id, map, known).map_err(|e| format!("{name}: {e}"))?;
        check_size(surface, size).map_err(|e| format!("{name}: {e}"))?;
        write_runs(&mut surface.map, &runs_of(spans));
        surface.touch(surface.map.rect());
        Ok(name)
    }

    fn recover_pixels(
        &mut self,
        map: &MapName,
        size: (u32, u32),
        serial: u64,
        act: Act,
        numbers: &[u32],
        known: &Known,
    ) -> Result<String, String> {
        let name = name_for_people(map);
        let id = self.surface_named(map)?;
        let surface = self.load_named(id, map, known).map_err(|e| format!("{name}: {e}"))?;
        check_size(surface, size).map_err(|e| format!("{name}: {e}"))?;
        let Some(edit) = Edit::from_changes(size.0, size.1, &changes_of(numbers)) else { return Ok(name) };
        if matches!(act, Act::Undo { .. }) {
            edit.revert(&mut surface.map);
        } else {
            edit.apply(&mut surface.map);
        }
        surface.touch(edit.dirty());
        self.recover_step(id, serial, act, Some(Change::Pixels(Arc::new(edit))));
        Ok(name)
    }

    /// Brings the timeline up to a record that is newer than it.
    fn recover_step(&mut self, id: SurfaceId, serial: u64, act: Act, change: Option<Change>) {
        self.timelines.serial = self.timelines.serial.max(serial);
        let timeline = self.timelines.by_surface.entry(id).or_default();
        if serial <= timeline.up_to {
            return;
        }
        timeline.up_to = serial;
        let history = &mut timeline.history;
        let is_known = match (act, change) {
            (Act::New, Some(change)) => {
                self.timelines.push(id, Step { serial, change });
                true
            }
            (Act::New, None) | (Act::Aside, _) => true,
            (Act::Undo { of }, _) if history.done().next_back().is_some_and(|s| s.serial == of) => history.step_back().is_some(),
            (Act::Redo { of }, _) if history.undone().last().is_some_and(|s| s.serial == of) => history.step_forth().is_some(),
            (Act::Undo { .. } | Act::Redo { .. }, _) => false,
        };
        if !is_known {
            // The steps in memory are not those that the record speaks of: an undo of them would be wrong.
            timeline_lost(self, id);
        }
    }
}

fn timeline_lost(session: &mut Session, id: SurfaceId) {
    if let Some(timeline) = session.timelines.by_surface.get_mut(&id) {
        timeline.history = crate::paint::History::default();
    }
    let path = undo_file::path(session.project.root(), &id.name(&session.project));
    session.notices.push(format!("The undo history does not fit the journal and was dropped: {}", path.display()));
}

fn check_size(surface: &Surface, size: (u32, u32)) -> Result<(), String> {
    if (surface.map.width(), surface.map.height()) == size {
        return Ok(());
    }
    Err(format!("the journal speaks of {}×{} pixels, the image has another size now", size.0, size.1))
}

fn name_for_people(map: &MapName) -> String {
    match map {
        MapName::Label(id) => id.clone(),
        MapName::Zones(name) => format!("zones of {name}"),
    }
}

/// A hash as text.
pub(super) fn hex(sha256: [u8; 32]) -> String {
    const DIGITS: [char; 16] = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'];
    sha256.iter().flat_map(|byte| [DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]).collect()
}
