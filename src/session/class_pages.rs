//! What the defect book says about the classes, and how exactly their labels are to be drawn: tolerance, least size, guideline,
//! examples. A timeline of its own, because it belongs to no image.

use super::error::SessionError;
use super::open::Session;
use crate::project::{BookExample, Class, Project};
use crate::raster::PixelRect;

/// Steps of undo that are kept.
const MAX_STEPS: usize = 100;

/// What one step changes.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Pages {
    tolerance_px: f64,
    classes: Vec<Class>,
}

impl Pages {
    fn of(project: &Project) -> Self {
        Self { tolerance_px: project.tolerance_px, classes: project.classes.clone() }
    }
}

/// Steps done and undone.
#[derive(Debug, Default)]
pub(super) struct PageTimeline {
    done: Vec<Pages>,
    undone: Vec<Pages>,
}

impl Session {
    /// Sets the tolerance for all classes that have none of their own, px.
    pub fn set_tolerance(&mut self, tolerance_px: f64) -> Result<(), SessionError> {
        self.change_pages(|project| project.tolerance_px = tolerance_px)
    }

    /// Changes what is said about a class; a class that is not there any more is passed over.
    pub fn change_class(&mut self, id: u8, change: impl FnOnce(&mut Class)) -> Result<(), SessionError> {
        self.change_pages(|project| {
            if let Some(class) = project.classes.iter_mut().find(|c| c.id == id) {
                change(class);
            }
        })
    }

    /// Puts a place of an image on the page of a class, as an example of it or of what it is not.
    pub fn add_example(
        &mut self,
        class: u8,
        image: usize,
        bounds: PixelRect,
        is_good: bool,
        caption: &str,
    ) -> Result<(), SessionError> {
        let example = BookExample {
            image: self.project().images()[image].id.clone(),
            bounds,
            is_good,
            caption: caption.trim().to_owned(),
            added: self.signature(),
        };
        self.change_class(class, |c| c.examples.push(example))
    }

    /// Changes tolerances, guidelines or examples as one step of undo.
    fn change_pages(&mut self, change: impl FnOnce(&mut Project)) -> Result<(), SessionError> {
        self.check_writable()?;
        let before = Pages::of(self.project());
        self.change_project(|p| {
            change(p);
            p.check_content()
        })?;
        if Pages::of(self.project()) != before {
            let timeline = &mut self.pages;
            timeline.undone.clear();
            if timeline.done.len() == MAX_STEPS {
                timeline.done.remove(0);
            }
            timeline.done.push(before);
        }
        Ok(())
    }

    /// Takes the last change of tolerances, guidelines or examples back. False when there is none.
    pub fn undo_pages(&mut self) -> Result<bool, SessionError> {
        self.check_writable()?;
        let Some(before) = self.pages.done.pop() else { return Ok(false) };
        let now = self.put_pages(before)?;
        self.pages.undone.push(now);
        Ok(true)
    }

    /// Does the change undone last again.
    pub fn redo_pages(&mut self) -> Result<bool, SessionError> {
        self.check_writable()?;
        let Some(next) = self.pages.undone.pop() else { return Ok(false) };
        let now = self.put_pages(next)?;
        self.pages.done.push(now);
        Ok(true)
    }

    #[must_use]
    pub const fn can_undo_pages(&self) -> bool {
        !self.pages.done.is_empty()
    }

    #[must_use]
    pub const fn can_redo_pages(&self) -> bool {
        !self.pages.undone.is_empty()
    }

    fn put_pages(&mut self, pages: Pages) -> Result<Pages, SessionError> {
        let now = Pages::of(self.project());
        self.change_project(|p| {
            (p.tolerance_px, p.classes) = (pages.tolerance_px, pages.classes);
            Ok(())
        })?;
        Ok(now)
    }
}
