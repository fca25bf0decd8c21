//! What is wrong with a label file that cannot be read as a label: said with counts, and with the mapping that is offered.

use crate::check::{FileValue, Finding, LabelFile, LabelFileReport, MappedValue};
use crate::files::palette_png;
use crate::project::photo_file;
use crate::raster::{LabelMap, Photo};
use crate::session::Snapshot;

use super::error::WorkflowError;
use crate::project::ProjectError;

/// The label file of an image as decoded, whatever wrote it: palette indices or gray steps as gray values, else colours.
struct Decoded {
    pixels: Photo,
    is_lossy: bool,
}

/// Decodes what lies at `labels/<id>.png`; None when there is no file.
fn decode(snapshot: &Snapshot, image: usize) -> Result<Option<Decoded>, WorkflowError> {
    let path = snapshot.project().label_path(image);
    let bytes = match std::fs::read(&path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(source) => return Err(ProjectError::Io { path, source }.into()),
    };
    let is_lossy = bytes.starts_with(&[0xFF, 0xD8, 0xFF]) || (bytes.starts_with(b"RIFF") && bytes.get(12..16) == Some(b"VP8 "));
    let pixels = match palette_png::decode(std::io::Cursor::new(&bytes)) {
        Ok(map) => Photo::Gray8(map.to_plane()),
        Err(_) => photo_file::read_bytes(&bytes, &path)?,
    };
    Ok(Some(Decoded { pixels: without_needless_colour(pixels), is_lossy }))
}

/// Gray that was stored as three equal channels.
fn without_needless_colour(photo: Photo) -> Photo {
    match &photo {
        Photo::Rgb8(p) if p.as_slice().iter().all(|[r, g, b]| r == g && g == b) => Photo::Gray8(p.map(|[r, ..]| r)),
        _ => photo,
    }
}

/// What is to be said about the label file of an image: its size, blended values, values that are no class, colours. Empty when there is
/// no file, or nothing to say. Fails where the pixels cannot be read at all.
pub fn label_file_report(snapshot: &Snapshot, image: usize) -> Result<LabelFileReport, WorkflowError> {
    let Some(decoded) = decode(snapshot, image)? else { return Ok(LabelFileReport::default()) };
    let project = snapshot.project();
    let classes: Vec<(u8, [u8; 3])> = project.classes.iter().map(|c| (c.id, c.colour)).collect();
    let image_size = project.image_size(image)?;
    Ok(LabelFile { pixels: &decoded.pixels, is_lossy: decoded.is_lossy, image_size, classes: &classes }.report())
}

/// The findings of [`label_file_report`] for an image whose label gave an error; none where the file cannot even be decoded, of which
/// the error itself speaks.
#[must_use]
pub fn label_file_findings(snapshot: &Snapshot, image: usize) -> Vec<Finding> {
    label_file_report(snapshot, image).map(|r| r.findings).unwrap_or_default()
}

/// The label that a mapping makes of the file, at the size of the file; None where there is no file, or a value of it has no class yet.
/// Nothing is written.
pub fn mapped_label(snapshot: &Snapshot, image: usize, mapping: &[MappedValue]) -> Result<Option<LabelMap>, WorkflowError> {
    let Some(decoded) = decode(snapshot, image)? else { return Ok(None) };
    let is_colour = matches!(decoded.pixels, Photo::Rgb8(_) | Photo::Rgb16(_));
    if mapping.iter().any(|m| matches!(m.value, FileValue::Colour(_)) != is_colour) {
        return Ok(None);
    }
    let size = (decoded.pixels.width(), decoded.pixels.height());
    Ok(LabelFile { pixels: &decoded.pixels, is_lossy: decoded.is_lossy, image_size: size, classes: &[] }.mapped(mapping))
}
