//! Files of other tools: read with a limit on their size, found below a folder, and names that must not lead astray.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::error::ExchangeError;

/// No label file that a person made is larger; 1 GiB.
const MAX_FILE_BYTES: u64 = 1 << 30;

/// The most pixels that a file may promise: as many as a label map can have.
const MAX_PIXELS: u64 = (1 << 31) - 1;

/// Folders below folders deeper than this are no data set.
const MAX_DEPTH: usize = 12;

/// The bytes of a file of sensible size.
pub fn read(path: &Path) -> Result<Vec<u8>, ExchangeError> {
    let file = File::open(path).map_err(|e| ExchangeError::io(path, e))?;
    let mut bytes = Vec::new();
    file.take(MAX_FILE_BYTES + 1).read_to_end(&mut bytes).map_err(|e| ExchangeError::io(path, e))?;
    if bytes.len() as u64 > MAX_FILE_BYTES {
        return Err(ExchangeError::content(path, "the file", "is larger than 1 GiB; split it"));
    }
    Ok(bytes)
}

/// As [`read`], as text.
pub fn read_text(path: &Path) -> Result<String, ExchangeError> {
    let bytes = read(path)?;
    let text = String::from_utf8(bytes)
        .map_err(|e| ExchangeError::content(path, format!("byte {}", e.utf8_error().valid_up_to()), "is no UTF-8 text"))?;
    Ok(text.strip_prefix('\u{feff}').map_or_else(|| text.clone(), str::to_owned))
}

/// All files of a folder and below, in the order of their names; hidden ones and linked folders are passed over.
pub fn walk(folder: &Path) -> Result<Vec<PathBuf>, ExchangeError> {
    let mut files = Vec::new();
    walk_into(folder, 0, &mut files)?;
    Ok(files)
}

fn walk_into(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> Result<(), ExchangeError> {
    let entries = folder.read_dir().and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.map_err(|e| ExchangeError::io(folder, e))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            if depth < MAX_DEPTH {
                walk_into(&path, depth + 1, files)?;
            }
        } else if path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}

/// True for a file name with this ending, whatever its case.
#[must_use]
pub fn has_ending(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// The name of an image as a relative path with `/`, or why it is none: it is absolute, or climbs out of its folder.
pub fn image_name(name: &str) -> Result<String, String> {
    let name = name.replace('\\', "/");
    let is_absolute = name.starts_with('/') || name.as_bytes().get(1) == Some(&b':');
    if name.trim().is_empty() {
        return Err("the image has no file name".to_owned());
    }
    if is_absolute || name.split('/').any(|part| part == "..") || name.contains('\0') {
        return Err(format!("the image name {name:?} leaves its folder; use a plain relative name"));
    }
    Ok(name)
}

/// The path below `folder` without its ending, with `/`: what names an image where the format knows only stems.
#[must_use]
pub fn stem_below(path: &Path, folder: &Path) -> String {
    let inside = path.strip_prefix(folder).unwrap_or(path).with_extension("");
    inside.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// Width and height as a file promises them, or what is wrong with them.
pub fn size(width: u64, height: u64) -> Result<(u32, u32), String> {
    let is_sound = width > 0 && height > 0 && width.checked_mul(height).is_some_and(|n| n <= MAX_PIXELS);
    match (u32::try_from(width), u32::try_from(height)) {
        (Ok(w), Ok(h)) if is_sound => Ok((w, h)),
        _ => Err(format!("a size of {width}×{height} is none that an image can have")),
    }
}
