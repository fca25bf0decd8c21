//! Label and zone maps on disk, held against their image and the ids that the project knows.

use std::io::{self, Cursor};
use std::path::Path;

use super::class::Class;
use super::error::ProjectError;
use super::part_number::Zone;
use crate::files::{FileStamp, palette_png, stamp, write_atomic};
use crate::raster::{BACKGROUND, IGNORE, LabelMap};

/// Reads a label or zone map without holding it against anything.
pub fn read(path: &Path) -> Result<LabelMap, ProjectError> {
    let not_found = || ProjectError::Io { path: path.into(), source: io::ErrorKind::NotFound.into() };
    read_stamped(path)?.map(|(map, _)| map).ok_or_else(not_found)
}

/// As [`read`], with what the file was; None when there is no file.
pub fn read_stamped(path: &Path) -> Result<Option<(LabelMap, FileStamp)>, ProjectError> {
    let read = stamp::read(path).map_err(|source| ProjectError::Io { path: path.into(), source })?;
    let Some((bytes, stamp)) = read else { return Ok(None) };
    let map = palette_png::decode(Cursor::new(bytes)).map_err(|source| ProjectError::Label { path: path.into(), source })?;
    Ok(Some((map, stamp)))
}

/// Fails when the map is not of the size of its image.
pub fn check_size(map: &LabelMap, (width, height): (u32, u32), path: &Path) -> Result<(), ProjectError> {
    if (map.width(), map.height()) == (width, height) {
        return Ok(());
    }
    Err(ProjectError::LabelSize { path: path.into(), label_width: map.width(), label_height: map.height(), width, height })
}

/// Fails when a pixel has a value that no class has; background and ignore are always known.
pub fn check_class_ids(map: &LabelMap, classes: &[Class], path: &Path) -> Result<(), ProjectError> {
    let known: Vec<(u8, &str)> = classes.iter().map(|c| (c.id, c.name.as_str())).collect();
    check_ids(map, &known, "class", path)
}

/// As [`check_class_ids`], for a zone map.
pub fn check_zone_ids(map: &LabelMap, zones: &[Zone], path: &Path) -> Result<(), ProjectError> {
    let known: Vec<(u8, &str)> = zones.iter().map(|z| (z.id, z.name.as_str())).collect();
    check_ids(map, &known, "zone", path)
}

fn check_ids(map: &LabelMap, known: &[(u8, &str)], what: &'static str, path: &Path) -> Result<(), ProjectError> {
    let histogram = map.histogram();
    let unknown = (0_u8..=255)
        .find(|&v| histogram[v as usize] > 0 && v != BACKGROUND && v != IGNORE && !known.iter().any(|(id, _)| *id == v));
    match unknown {
        None => Ok(()),
        Some(value) => {
            let known = known.iter().map(|(id, name)| format!("{id} {name}")).collect::<Vec<_>>().join(", ");
            Err(ProjectError::UnknownId {
                path: path.into(),
                value,
                what,
                known: if known.is_empty() { "none".into() } else { known },
            })
        }
    }
}

/// Writes a map atomically, in the colours of the classes or zones.
pub fn write(path: &Path, map: &LabelMap, palette: &[[u8; 3]; 256]) -> Result<(), ProjectError> {
    let bytes = encode(path, map, palette)?;
    write_atomic(path, &bytes).map_err(|source| ProjectError::Io { path: path.into(), source })
}

/// The bytes that [`write()`] would write to `path`.
pub fn encode(path: &Path, map: &LabelMap, palette: &[[u8; 3]; 256]) -> Result<Vec<u8>, ProjectError> {
    palette_png::encode(map, palette).map_err(|source| ProjectError::Label { path: path.into(), source })
}

/// Colour by pixel value: black for background, the colours given, middle gray for the rest, red for ignore.
#[must_use]
pub fn palette(colours: impl IntoIterator<Item = (u8, [u8; 3])>) -> [[u8; 3]; 256] {
    let mut palette = [[128; 3]; 256];
    palette[BACKGROUND as usize] = [0; 3];
    palette[IGNORE as usize] = [96, 96, 96];
    for (id, colour) in colours {
        palette[id as usize] = colour;
    }
    palette
}
