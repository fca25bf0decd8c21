//! What people say about images: state, disposition and pinned notes, each a step of undo on the timeline of its image.

use std::sync::Arc;

use super::error::SessionError;
use super::journal::{Act, Record};
use super::open::Session;
use super::surface::SurfaceId;
use super::timeline::{Change, Step};
use crate::check::Finding;
use crate::judge::Disposition;
use crate::project::acceptance::fingerprint;
use crate::project::{Acceptance, LabelState, Moment, PinnedNote, Reply, Sidecar, Signature};

/// The name under which the operating system knows the user.
pub(super) fn default_author() -> String {
    ["USER", "USERNAME", "LOGNAME"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.trim().is_empty()))
        .unwrap_or_else(|| "unknown".into())
}

impl Session {
    /// Says who works here; the name of the operating system's user when nobody said.
    pub fn set_author(&mut self, name: &str) {
        let name = name.trim();
        self.author = if name.is_empty() { default_author() } else { name.to_owned() };
    }

    #[must_use]
    pub fn author(&self) -> &str {
        &self.author
    }

    #[must_use]
    pub fn sidecar(&self, image: usize) -> &Sidecar {
        &self.sidecars[image]
    }

    /// Says how far the label of an image is.
    pub fn set_state(&mut self, image: usize, state: LabelState) -> Result<(), SessionError> {
        let by = self.author.clone();
        self.change_sidecar(image, |s| {
            s.set_state(state, &by, Moment::now());
        })
    }

    /// Says what the part on this image is in truth.
    pub fn set_disposition(&mut self, image: usize, disposition: Disposition) -> Result<(), SessionError> {
        self.change_sidecar(image, |s| s.disposition = disposition)
    }

    /// Pins a note on pixel `pin` of an image, or on the image as a whole; returns the id of the note.
    pub fn add_note(&mut self, image: usize, pin: Option<(u32, u32)>, text: &str) -> Result<u64, SessionError> {
        let written = self.signature();
        let id = unused_note_id(&self.sidecars[image]);
        let note = PinnedNote { id, pin, text: text.to_owned(), written, resolved: None, replies: Vec::new() };
        self.change_sidecar(image, |s| s.notes.push(note))?;
        Ok(id)
    }

    /// Changes the text of a note; who wrote it stays.
    pub fn edit_note(&mut self, image: usize, id: u64, text: &str) -> Result<(), SessionError> {
        self.change_note(image, id, |note, _| text.clone_into(&mut note.text))
    }

    /// Moves a note to another pixel, or to the image as a whole.
    pub fn move_note(&mut self, image: usize, id: u64, pin: Option<(u32, u32)>) -> Result<(), SessionError> {
        self.change_note(image, id, |note, _| note.pin = pin)
    }

    /// Answers a note.
    pub fn reply_to_note(&mut self, image: usize, id: u64, text: &str) -> Result<(), SessionError> {
        self.change_note(image, id, |note, written| note.replies.push(Reply { text: text.to_owned(), written }))
    }

    /// Says that what a note asks for is done.
    pub fn resolve_note(&mut self, image: usize, id: u64) -> Result<(), SessionError> {
        self.change_note(image, id, |note, by| {
            note.resolved.get_or_insert(by);
        })
    }

    /// Says that what a note asks for is not done after all.
    pub fn reopen_note(&mut self, image: usize, id: u64) -> Result<(), SessionError> {
        self.change_note(image, id, |note, _| note.resolved = None)
    }

    /// Takes a note off the image.
    pub fn delete_note(&mut self, image: usize, id: u64) -> Result<(), SessionError> {
        self.find_note(image, id)?;
        self.change_sidecar(image, |s| s.notes.retain(|n| n.id != id))
    }

    fn find_note(&self, image: usize, id: u64) -> Result<(), SessionError> {
        let is_there = self.sidecars[image].notes.iter().any(|n| n.id == id);
        if is_there { Ok(()) } else { Err(SessionError::NoSuchNote { id }) }
    }

    fn change_note(&mut self, image: usize, id: u64, change: impl FnOnce(&mut PinnedNote, Signature)) -> Result<(), SessionError> {
        self.find_note(image, id)?;
        let signature = self.signature();
        self.change_sidecar(image, |s| {
            if let Some(note) = s.notes.iter_mut().find(|n| n.id == id) {
                change(note, signature);
            }
        })
    }

    /// Says that a finding of the annotation check stays as it is, and why; it holds until the label changes there.
    pub fn accept_finding(&mut self, image: usize, finding: &Finding, reason: &str) -> Result<(), SessionError> {
        self.check_writable()?;
        self.finish_stroke()?;
        let label = self.load_surface(SurfaceId::Label(image))?.map();
        let acceptance = Acceptance {
            kind: finding.kind,
            class: finding.class,
            bounds: finding.bounds,
            pixels: fingerprint(label, finding.bounds),
            reason: reason.trim().to_owned(),
            accepted: self.signature(),
        };
        self.change_sidecar(image, |s| {
            s.accepted.retain(|a| !a.is_about(finding));
            s.accepted.push(acceptance);
        })
    }

    /// Opens a finding again that was accepted.
    pub fn reopen_finding(&mut self, image: usize, finding: &Finding) -> Result<(), SessionError> {
        self.change_sidecar(image, |s| s.accepted.retain(|a| !a.is_about(finding)))
    }

    pub(super) fn signature(&self) -> Signature {
        Signature { by: self.author.clone(), at: Moment::now() }
    }

    /// Changes a sidecar as one step of undo.
    pub(super) fn change_sidecar(&mut self, image: usize, change: impl FnOnce(&mut Sidecar)) -> Result<(), SessionError> {
        self.check_writable()?;
        // What is done while a stroke is in progress comes after it.
        self.finish_stroke()?;
        let before = self.sidecars[image].clone();
        let mut after = before.clone();
        change(&mut after);
        if after == before {
            return Ok(());
        }
        let id = SurfaceId::Label(image);
        self.ensure_timeline(id, 0);
        let serial = self.timelines.next_serial();
        self.put_sidecar(image, after.clone());
        self.timelines.push(id, Step { serial, change: Change::Sidecar(Arc::new((before.clone(), after.clone()))) });
        self.journal_sidecar(image, serial, Act::New, Some(Box::new((before, after))))
    }

    /// Work on an image has begun: a change of its state that is no step of undo.
    pub(super) fn begin_work(&mut self, image: usize) -> Result<(), SessionError> {
        let mut next = self.sidecars[image].clone();
        next.set_state(LabelState::InProgress, &self.author, Moment::now());
        self.put_sidecar(image, next);
        let serial = self.timelines.next_serial();
        if let Some(timeline) = self.timelines.by_surface.get_mut(&SurfaceId::Label(image)) {
            timeline.up_to = serial;
        }
        self.journal_sidecar(image, serial, Act::Aside, None)
    }

    /// Takes a sidecar into memory as unsaved.
    pub(super) fn put_sidecar(&mut self, image: usize, next: Sidecar) {
        self.sidecar_revision += 1;
        let before = std::mem::replace(&mut self.sidecars[image], next);
        if self.unsaved_sidecars.insert(image) {
            self.sidecar_bases.insert(image, before);
        }
    }

    pub(super) fn journal_sidecar(
        &mut self,
        image: usize,
        serial: u64,
        act: Act,
        step: Option<Box<(Sidecar, Sidecar)>>,
    ) -> Result<(), SessionError> {
        let now = self.sidecars[image].clone();
        let base = self.sidecar_bases.get(&image).unwrap_or(&now).clone();
        let image = self.project.images()[image].id.clone();
        let record = Record::SidecarStep { image, serial, act, base: Box::new(base), now: Box::new(now), step };
        self.journal.append(&record).map_err(SessionError::Journal)
    }
}

/// An id that no note of this sidecar has. Two people who work on copies of a project at once must not give the same one: the number
/// comes from the clock.
fn unused_note_id(sidecar: &Sidecar) -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    let mut id = since.as_micros() as u64;
    while sidecar.notes.iter().any(|n| n.id == id) {
        id += 1;
    }
    id
}
