//! Strokes, undo and redo on a surface: memory first, then the journal.

use std::sync::Arc;

use super::error::SessionError;
use super::journal::{Act, Record, numbers_of};
use super::open::Session;
use super::recovery::hex;
use super::surface::SurfaceId;
use super::timeline::{Change, Step};
use crate::paint::{Brush, Edit, Gate, Stroke, ValueSet};
use crate::project::{LabelState, Sidecar};
use crate::raster::{Area, BACKGROUND, PixelRect, Point};

/// What a stroke paints with.
#[derive(Clone, Debug)]
pub struct Pen {
    pub brush: Brush,
    /// Class or zone id; background erases.
    pub value: u8,
    pub gate: Gate,
}

#[derive(Debug)]
pub(super) struct ActiveStroke {
    surface: SurfaceId,
    pen: Pen,
    stroke: Stroke,
    last: Point,
}

impl Session {
    /// Puts the pen down at `point` (image pixels). A stroke still in progress is finished first.
    pub fn begin_stroke(&mut self, surface: SurfaceId, pen: Pen, point: Point) -> Result<(), SessionError> {
        self.check_writable()?;
        self.finish_stroke()?;
        self.load_surface(surface)?;
        self.stroke = Some(ActiveStroke { surface, pen, stroke: Stroke::begin(), last: point });
        self.extend_stroke(&[point]);
        Ok(())
    }

    /// Moves the pen through `points`. Without a stroke in progress nothing happens.
    pub fn extend_stroke(&mut self, points: &[Point]) {
        let Some(active) = &mut self.stroke else { return };
        let Some(surface) = self.surfaces.get_mut(&active.surface) else { return };
        for &point in points {
            active.pen.brush.segment(&mut active.stroke, &mut surface.map, active.last, point, active.pen.value, &active.pen.gate);
            let r = active.pen.brush.diameter_px / 2.0 + 1.0;
            let (lo_x, hi_x) = (active.last.x.min(point.x) - r, active.last.x.max(point.x) + r);
            let (lo_y, hi_y) = (active.last.y.min(point.y) - r, active.last.y.max(point.y) + r);
            let whole = PixelRect::new(
                lo_x.max(0.0) as u32,
                lo_y.max(0.0) as u32,
                hi_x.max(0.0).ceil() as u32,
                hi_y.max(0.0).ceil() as u32,
            );
            surface.touch(whole.intersection(surface.map.rect()));
            active.last = point;
        }
    }

    /// The surface that a stroke is being painted on.
    #[must_use]
    pub fn active_stroke(&self) -> Option<SurfaceId> {
        self.stroke.as_ref().map(|s| s.surface)
    }

    /// Lifts the pen: the stroke becomes one step of undo and is in the journal when this returns. True when it changed a pixel.
    ///
    /// # Errors
    /// [`SessionError::Journal`]: the stroke is in memory but not on disk yet.
    pub fn finish_stroke(&mut self) -> Result<bool, SessionError> {
        let Some(active) = self.stroke.take() else { return Ok(false) };
        let Some(surface) = self.surfaces.get_mut(&active.surface) else { return Ok(false) };
        let edit = active.stroke.commit(&mut surface.map);
        self.keep_edit(active.surface, edit)
    }

    /// Writes areas with their values as one step of undo, in this order, wherever the gate of each allows: what every tool but the
    /// brush does. True when a pixel changed. A stroke still in progress is finished first.
    ///
    /// # Errors
    /// [`SessionError::Journal`]: the change is in memory but not on disk yet.
    pub fn paint_areas(&mut self, id: SurfaceId, areas: &[(Area, u8, Gate)]) -> Result<bool, SessionError> {
        self.check_writable()?;
        self.finish_stroke()?;
        self.load_surface(id)?;
        let Some(surface) = self.surfaces.get_mut(&id) else { return Ok(false) };
        let mut stroke = Stroke::begin();
        for (area, value, gate) in areas {
            stroke.write_area(&mut surface.map, area, *value, gate);
        }
        let edit = stroke.commit(&mut surface.map);
        self.keep_edit(id, edit)
    }

    /// Takes regions of a model over as a proposal, over background only. True when a pixel changed. Two steps of undo: the pixels, and
    /// before them the state [`LabelState::Proposed`].
    ///
    /// # Errors
    /// As [`Self::paint_areas`].
    pub fn adopt(&mut self, image: usize, areas: &[(Area, u8)]) -> Result<bool, SessionError> {
        if areas.is_empty() {
            return Ok(false);
        }
        self.set_state(image, LabelState::Proposed)?;
        let gate = Gate::over(ValueSet::of([BACKGROUND]));
        let areas: Vec<_> = areas.iter().map(|(area, class)| (area.clone(), *class, gate.clone())).collect();
        self.paint_areas(SurfaceId::Label(image), &areas)
    }

    /// A finished edit becomes a step of undo and goes to the journal.
    pub(super) fn keep_edit(&mut self, id: SurfaceId, edit: Option<Edit>) -> Result<bool, SessionError> {
        let Some(edit) = edit else { return Ok(false) };
        self.ensure_timeline(id, 0);
        let serial = self.timelines.next_serial();
        let edit = Arc::new(edit);
        self.timelines.push(id, Step { serial, change: Change::Pixels(Arc::clone(&edit)) });
        if let Some(surface) = self.surfaces.get_mut(&id) {
            surface.touch(edit.dirty());
        }
        // In the order of their serials. Both records wait in memory when the disk refuses them; one message is enough.
        let journaled = self.journal_pixels(id, serial, Act::New, &edit);
        let noted = self.note_work_on(id);
        journaled.and(noted)?;
        Ok(true)
    }

    /// Takes the stroke in progress back as if it had never been (Escape).
    pub fn cancel_stroke(&mut self) {
        if let Some(active) = self.stroke.take()
            && let Some(surface) = self.surfaces.get_mut(&active.surface)
        {
            let dirty = active.stroke.abort(&mut surface.map);
            surface.touch(dirty);
        }
    }

    /// Takes back what was done last on a surface; on an image this may be a stroke, a state, a disposition or a note. False when
    /// there is nothing.
    pub fn undo(&mut self, id: SurfaceId) -> Result<bool, SessionError> {
        self.step(id, Direction::Back)
    }

    /// Does again what was taken back last. False when there is nothing.
    pub fn redo(&mut self, id: SurfaceId) -> Result<bool, SessionError> {
        self.step(id, Direction::Forth)
    }

    fn step(&mut self, id: SurfaceId, direction: Direction) -> Result<bool, SessionError> {
        self.check_writable()?;
        self.finish_stroke()?;
        self.ensure_timeline(id, 0);
        let next = self.timelines.by_surface.get(&id).and_then(|t| match direction {
            Direction::Back => t.history.done().next_back().cloned(),
            Direction::Forth => t.history.undone().last().cloned(),
        });
        let Some(step) = next else { return Ok(false) };
        if step.is_pixels() {
            // Loading may show that the file is another one now, and drop the step.
            self.load_surface(id)?;
        }
        let serial = self.timelines.next_serial();
        let Some(timeline) = self.timelines.by_surface.get_mut(&id) else { return Ok(false) };
        let moved = match direction {
            Direction::Back => timeline.history.step_back(),
            Direction::Forth => timeline.history.step_forth(),
        };
        let Some(Step { serial: of, change }) = moved.cloned() else { return Ok(false) };
        timeline.up_to = serial;
        let act = if direction == Direction::Back { Act::Undo { of } } else { Act::Redo { of } };
        match (change, id) {
            (Change::Pixels(edit), _) => {
                if let Some(surface) = self.surfaces.get_mut(&id) {
                    match direction {
                        Direction::Back => edit.revert(&mut surface.map),
                        Direction::Forth => edit.apply(&mut surface.map),
                    }
                    surface.touch(edit.dirty());
                }
                self.journal_pixels(id, serial, act, &edit)?;
            }
            (Change::Sidecar(pair), SurfaceId::Label(image)) => {
                let (from, to) = if direction == Direction::Back { (&pair.1, &pair.0) } else { (&pair.0, &pair.1) };
                // Only what the step changed goes back: what other steps or other people changed stays.
                let next = Sidecar::merge(from, to, &self.sidecars[image]).sidecar;
                self.put_sidecar(image, next);
                self.journal_sidecar(image, serial, act, None)?;
            }
            (Change::Sidecar(_), SurfaceId::Zones(_)) => {}
        }
        Ok(true)
    }

    fn journal_pixels(&mut self, id: SurfaceId, serial: u64, act: Act, edit: &Edit) -> Result<(), SessionError> {
        let Some(surface) = self.surfaces.get(&id) else { return Ok(()) };
        let name = id.name(&self.project);
        let base = Record::Base { map: name.clone(), sha256: surface.sha256().map(hex) };
        let changes = numbers_of(&edit.changes(&surface.map));
        let record = Record::Pixels { map: name, width: surface.map.width(), height: surface.map.height(), serial, act, changes };
        let based = if self.based.insert(id) { self.journal.append(&base) } else { Ok(()) };
        based.and(self.journal.append(&record)).map_err(SessionError::Journal)
    }

    /// Pixels changed since the last call, for textures; empty when none.
    pub fn take_dirty(&mut self, id: SurfaceId) -> PixelRect {
        self.surfaces.get_mut(&id).map_or(PixelRect::EMPTY, |s| std::mem::replace(&mut s.dirty, PixelRect::EMPTY))
    }

    /// The first stroke on an untouched image says that work on it has begun. That is no step of undo of its own.
    fn note_work_on(&mut self, id: SurfaceId) -> Result<(), SessionError> {
        match id {
            SurfaceId::Label(image) if self.sidecars[image].state == LabelState::Todo => self.begin_work(image),
            _ => Ok(()),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Back,
    Forth,
}
