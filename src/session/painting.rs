//! Strokes, undo and redo on a surface: memory first, then the journal.

use super::error::SessionError;
use super::journal::{Record, spans_of};
use super::open::Session;
use super::surface::SurfaceId;
use crate::paint::edit::Side;
use crate::paint::{Brush, Edit, Gate, Stroke};
use crate::project::LabelState;
use crate::raster::{Area, PixelRect, Point};

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

    /// A finished edit becomes a step of undo and goes to the journal.
    fn keep_edit(&mut self, id: SurfaceId, edit: Option<Edit>) -> Result<bool, SessionError> {
        let (Some(edit), Some(surface)) = (edit, self.surfaces.get_mut(&id)) else { return Ok(false) };
        surface.touch(edit.dirty());
        let record = record_of(&self.project, id, &edit, &surface.map, Side::After);
        surface.history.push(edit);
        self.note_work_on(id)?;
        self.journal.append(&record).map_err(SessionError::Journal)?;
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

    /// Takes back the last edit of a surface. False when there is none.
    pub fn undo(&mut self, id: SurfaceId) -> Result<bool, SessionError> {
        self.step(id, Side::Before)
    }

    /// Does again what was undone last. False when there is nothing.
    pub fn redo(&mut self, id: SurfaceId) -> Result<bool, SessionError> {
        self.step(id, Side::After)
    }

    fn step(&mut self, id: SurfaceId, to: Side) -> Result<bool, SessionError> {
        self.check_writable()?;
        self.finish_stroke()?;
        let Some(surface) = self.surfaces.get_mut(&id) else { return Ok(false) };
        let edit = match to {
            Side::Before => surface.history.undo(&mut surface.map),
            Side::After => surface.history.redo(&mut surface.map),
        };
        let Some(edit) = edit else { return Ok(false) };
        let dirty = edit.dirty();
        let record = record_of(&self.project, id, edit, &surface.map, to);
        surface.touch(dirty);
        self.journal.append(&record).map_err(SessionError::Journal)?;
        Ok(true)
    }

    /// Pixels changed since the last call, for textures; empty when none.
    pub fn take_dirty(&mut self, id: SurfaceId) -> PixelRect {
        self.surfaces.get_mut(&id).map_or(PixelRect::EMPTY, |s| std::mem::replace(&mut s.dirty, PixelRect::EMPTY))
    }

    /// The first stroke on an untouched image says that work on it has begun.
    fn note_work_on(&mut self, id: SurfaceId) -> Result<(), SessionError> {
        match id {
            SurfaceId::Label(image) if self.sidecars[image].state == LabelState::Todo => {
                self.set_state(image, LabelState::InProgress)
            }
            _ => Ok(()),
        }
    }
}

fn record_of(project: &crate::project::Project, id: SurfaceId, edit: &Edit, map: &crate::raster::LabelMap, side: Side) -> Record {
    let spans = spans_of(&edit.changed_runs(map, side));
    let (width, height) = (map.width(), map.height());
    match id {
        SurfaceId::Label(image) => Record::Label { image: project.images()[image].id.clone(), width, height, spans },
        SurfaceId::Zones(pn) => Record::Zones { part_number: project.part_numbers[pn].name.clone(), width, height, spans },
    }
}
