//! Regions as things: select, delete, grow, shrink, smooth, split, give another class, copy to the next image, lock.

use delimit::paint::split::watershed;
use delimit::paint::transfer::paste;
use delimit::paint::{Gate, islands, morphology};
use delimit::raster::{Area, BACKGROUND};
use delimit::session::{Command, SurfaceId};
use egui::{Context, PointerButton};

use super::Place;
use super::instances::NECK_PX;
use crate::studio::app::Studio;
use crate::studio::canvas::{PointerEvent, PointerKind};
use crate::studio::keys;

/// One region: its class or zone, and its pixels.
pub(super) struct Thing {
    pub value: u8,
    pub area: Area,
}

impl Studio {
    pub(super) fn select_event(&mut self, place: &Place, event: &PointerEvent) {
        if event.kind != PointerKind::Pressed || event.button != PointerButton::Primary {
            return;
        }
        let index = place.pixel(event.point).and_then(|pixel| self.region_index_at(pixel));
        match (index, event.modifiers.shift || event.modifiers.command) {
            (Some(index), true) => self.toggle_selected(index),
            (Some(index), false) => self.view.selected_regions = vec![index],
            (None, true) => {}
            (None, false) => self.view.selected_regions.clear(),
        }
    }

    /// Index of the measured region of the label that holds a pixel.
    fn region_index_at(&self, (x, y): (u32, u32)) -> Option<usize> {
        let image = self.view.image;
        let map = self.session.surface(SurfaceId::Label(image))?.map();
        let area = self.thing_at(SurfaceId::Label(image), (x, y))?;
        let first = area.spans().first()?;
        let (class, facts) = (map.get(x, y), self.analysis.labels[image].as_ref()?);
        facts.regions.iter().position(|r| r.class == class && r.anchor == (first.x0, first.y)).or_else(|| {
            // Ignored zones may have taken the first pixel away.
            facts.regions.iter().position(|r| r.class == class && area.contains(r.anchor.0, r.anchor.1))
        })
    }

    pub fn toggle_selected(&mut self, index: usize) {
        match self.view.selected_regions.iter().position(|&i| i == index) {
            Some(at) => drop(self.view.selected_regions.remove(at)),
            None => self.view.selected_regions.push(index),
        }
    }

    /// A region is selected, or lies under the pointer.
    pub fn has_regions_in_hand(&self) -> bool {
        let under_pointer = || {
            let (x, y) = self.hand.pixel?;
            Some(self.session.surface(self.surface_id()?)?.map().get(x, y))
        };
        !self.view.selected_regions.is_empty() || under_pointer().is_some_and(|value| value != BACKGROUND)
    }

    fn thing_under_pointer(&self) -> Option<Thing> {
        let (x, y) = self.hand.pixel?;
        let surface = self.surface_id()?;
        Some(Thing { value: self.session.surface(surface)?.map().get(x, y), area: self.thing_at(surface, (x, y))? })
    }

    /// The selected regions; without a selection the one under the pointer.
    pub(super) fn things(&self) -> Vec<Thing> {
        let selected = self.selected_things();
        if selected.is_empty() { self.thing_under_pointer().into_iter().collect() } else { selected }
    }

    fn selected_things(&self) -> Vec<Thing> {
        if self.view.is_painting_zones {
            return Vec::new();
        }
        let image = self.view.image;
        let Some(facts) = &self.analysis.labels[image] else { return Vec::new() };
        let regions = self.view.selected_regions.iter().filter_map(|&i| facts.regions.get(i));
        regions.filter_map(|r| Some(Thing { value: r.class, area: self.thing_at(SurfaceId::Label(image), r.anchor)? })).collect()
    }

    /// The selected regions as one set of pixels.
    pub fn selected_area(&self) -> Area {
        self.things().iter().fold(Area::new(), |all, thing| all.union(&thing.area))
    }

    /// Carries out a command on regions.
    pub fn run_on_regions(&mut self, command: Command, ctx: &Context) {
        let Some(surface) = self.surface_id() else { return };
        match command {
            Command::SelectAll => {
                let count = self.analysis.labels[self.view.image].as_ref().map_or(0, |f| f.regions.len());
                self.view.selected_regions = (0..count).collect();
                return;
            }
            Command::LockRegions => {
                let area = self.selected_area();
                let is_locked = self.view.limits.toggle_lock(surface, &area);
                self.toasts.info(if is_locked { "Locked: no tool changes these regions" } else { "Unlocked" });
                return;
            }
            Command::CopyToNextImage => return self.copy_to_next(ctx),
            Command::MergeRegions if self.view.is_painting_zones => {
                self.toasts.info("Areas of one zone are one zone already, wherever they lie");
                return;
            }
            Command::MergeRegions => return self.merge_selected(ctx),
            Command::SplitRegions if self.keeps_pixels(surface) => return self.split_selected(ctx),
            _ => {}
        }
        let edits = self.edits_of(command, surface);
        if edits.iter().all(|(area, ..)| area.is_empty()) {
            self.toasts.info("Nothing changed");
            return;
        }
        self.paint_areas(surface, &edits, ctx);
    }

    fn edits_of(&self, command: Command, surface: SurfaceId) -> Vec<(Area, u8, Gate)> {
        let Some(map) = self.session.surface(surface).map(delimit::session::Surface::map) else { return Vec::new() };
        let (width, height) = (map.width(), map.height());
        let radius = self.view.settings.operation_px;
        let mut edits = Vec::new();
        for thing in self.things() {
            let area = &thing.area;
            // What grows never eats into another class.
            let own = self.fenced(Gate::protecting_all_but(thing.value));
            let mut reshape = |next: Area| {
                edits.push((area.minus(&next), BACKGROUND, own.clone()));
                edits.push((next.minus(area), thing.value, own.clone()));
            };
            match command {
                Command::GrowRegions => reshape(morphology::grow(area, radius, width, height)),
                Command::ShrinkRegions => reshape(morphology::shrink(area, radius, width, height)),
                Command::SmoothRegions => reshape(morphology::smooth(area, radius.max(2.0), width, height)),
                Command::OpenRegions => reshape(morphology::open(area, radius, width, height)),
                Command::CloseRegions => reshape(morphology::close(area, radius, width, height)),
                Command::FillHoles => reshape(islands::fill_holes(area)),
                Command::DeleteRegions => reshape(Area::new()),
                Command::SplitRegions => {
                    if let Some(split) = watershed(area, NECK_PX) {
                        edits.push((split.cut, BACKGROUND, own));
                    }
                }
                Command::Reclass(n) => {
                    if let Some(value) = self.value_of_digit(n) {
                        edits.push((area.clone(), value, self.fenced(Gate::OPEN)));
                    }
                }
                Command::KeepLargest => {
                    let mut all = self.areas_of_value(surface, thing.value);
                    all.sort_by_key(|area| std::cmp::Reverse(area.pixels()));
                    edits.extend(all.into_iter().skip(1).map(|area| (area, BACKGROUND, own.clone())));
                }
                Command::RemoveSmall => {
                    let all = self.areas_of_value(surface, thing.value);
                    let small = all.into_iter().filter(|area| area.pixels() < self.view.settings.island_px);
                    edits.extend(small.map(|area| (area, BACKGROUND, own.clone())));
                }
                _ => {}
            }
        }
        edits
    }

    /// The class or zone that digit `n` stands for.
    fn value_of_digit(&self, n: u8) -> Option<u8> {
        let index = usize::from(n).checked_sub(1)?;
        if self.view.is_painting_zones {
            return self.session.project().part_numbers[self.view.part_number].zones.get(index).map(|z| z.id);
        }
        self.session.project().classes.get(index).map(|c| c.id)
    }

    /// Puts the selected regions onto the next image of the film, at the same place, and goes there.
    fn copy_to_next(&mut self, ctx: &Context) {
        let film = self.film();
        let next = film.iter().position(|&i| i == self.view.image).and_then(|at| film.get(at + 1)).copied();
        let (Some(next), false) = (next, self.view.is_painting_zones) else {
            self.toasts.info("There is no next image to copy to");
            return;
        };
        let things = self.things();
        let id = SurfaceId::Label(next);
        // Neighbours are read ahead; a frame does not wait for a file.
        let Some(map) = self.session.surface(id).map(delimit::session::Surface::map) else {
            self.toasts.info("The next image is still being read: try again in a moment");
            return;
        };
        let gate = self.gate_of_other(id);
        let pasted = |t: &Thing| (paste(&t.area, 0, 0, map.width(), map.height()), t.value, gate.clone());
        let areas: Vec<_> = things.iter().map(pasted).collect();
        let mut is_copied = false;
        self.try_session(|s| {
            is_copied = s.paint_areas(id, &areas)?;
            Ok(())
        });
        if !is_copied {
            self.toasts.info("Nothing was copied: the same is there already, or it is locked");
            return;
        }
        self.step_image(1);
        self.touch(ctx);
        self.toasts.info(&format!("Regions copied: {}; {} takes them back", things.len(), keys::text(Command::Undo)));
    }
}
