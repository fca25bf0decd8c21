//! Class names from the properties that exporters leave in an ONNX file.
//!
//! Read from the file itself, so that every engine sees the same: `metadata_props` are field 14 of the outermost message, each a message
//! of key (field 1) and value (field 2).

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::Path;

const METADATA_PROPS: u64 = 14;

/// Longer properties are no list of names.
const LONGEST: u64 = 1 << 20;

/// Under which keys exporters keep names, the most usual first.
const KEYS: [&str; 5] = ["names", "classes", "class_names", "labels", "categories"];

/// Class names in the order of the channels, with the key that they stand under; None when the file has none.
pub(super) fn class_names(file: &Path) -> io::Result<Option<(String, Vec<String>)>> {
    let properties = properties(file)?;
    Ok(KEYS.iter().find_map(|&key| {
        let (_, text) = properties.iter().find(|(name, _)| name.eq_ignore_ascii_case(key))?;
        let names = names_in(text);
        (!names.is_empty()).then(|| (key.to_owned(), names))
    }))
}

fn properties(file: &Path) -> io::Result<Vec<(String, String)>> {
    let file = File::open(file)?;
    let length = file.metadata()?.len();
    let mut reader = BufReader::new(file);
    let mut found = Vec::new();
    while reader.stream_position()? < length {
        let Some(key) = varint(&mut reader)? else { break };
        match key & 7 {
            0 => drop(varint(&mut reader)?),
            1 => drop(reader.seek(SeekFrom::Current(8))?),
            5 => drop(reader.seek(SeekFrom::Current(4))?),
            2 => {
                let Some(size) = varint(&mut reader)? else { break };
                let at = reader.stream_position()?;
                let Some(end) = at.checked_add(size).filter(|&end| end <= length) else { break };
                if key >> 3 == METADATA_PROPS && size <= LONGEST {
                    let mut bytes = vec![0; size as usize];
                    reader.read_exact(&mut bytes)?;
                    found.extend(entry(&bytes));
                }
                reader.seek(SeekFrom::Start(end))?;
            }
            _ => break,
        }
    }
    Ok(found)
}

/// Key and value of one property.
fn entry(mut bytes: &[u8]) -> Option<(String, String)> {
    let (mut key, mut value) = (String::new(), String::new());
    while !bytes.is_empty() {
        let field = varint(&mut bytes).ok()??;
        let size = usize::try_from(varint(&mut bytes).ok()??).ok()?;
        let (text, rest) = bytes.split_at_checked(size)?;
        let text = String::from_utf8_lossy(text).into_owned();
        match field {
            0x0a => key = text,
            0x12 => value = text,
            _ => {}
        }
        bytes = rest;
    }
    Some((key, value))
}

fn varint(reader: &mut impl Read) -> io::Result<Option<u64>> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let mut byte = [0];
        if reader.read(&mut byte)? == 0 {
            return Ok(None);
        }
        value |= u64::from(byte[0] & 0x7f) << shift;
        if byte[0] & 0x80 == 0 {
            return Ok(Some(value));
        }
    }
    Ok(None)
}

/// The quoted words of `{0: 'scratch', 1: "pit"}` or `["scratch", "pit"]`, otherwise what stands between commas or on lines. Keys of
/// a dictionary are left out.
fn names_in(text: &str) -> Vec<String> {
    let mut quoted = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find(['\'', '"']) {
        let quote = rest.as_bytes()[start] as char;
        let Some(end) = rest[start + 1..].find(quote) else { break };
        let after = &rest[start + 1 + end + 1..];
        if !after.trim_start().starts_with(':') {
            quoted.push(rest[start + 1..start + 1 + end].trim().to_owned());
        }
        rest = after;
    }
    if !quoted.is_empty() {
        return quoted;
    }
    text.split([',', '\n', ';'])
        .map(str::trim)
        .filter(|word| !word.is_empty() && !word.contains(['{', '[']))
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_from_the_forms_that_exporters_write() {
        for text in [
            "{0: 'scratch', 1: \"deep pit\"}",
            "[\"scratch\", \"deep pit\"]",
            "scratch, deep pit",
            "scratch\ndeep pit\n",
            "{\"0\": \"scratch\", \"1\": \"deep pit\"}",
        ] {
            assert_eq!(names_in(text), ["scratch", "deep pit"], "{text}");
        }
        assert!(names_in("").is_empty() && names_in("{}").is_empty());
    }

    #[test]
    fn properties_are_found_between_other_fields() {
        let mut bytes = vec![8, 9]; // ir_version 9
        let names = b"{0: 'a', 1: 'b'}";
        let mut entry = vec![0x0a, 5];
        entry.extend(b"names");
        entry.extend([0x12, names.len() as u8]);
        entry.extend(names);
        bytes.extend([14 << 3 | 2, entry.len() as u8]);
        bytes.extend(&entry);
        bytes.extend([0x3a, 2, 0, 0]); // an empty graph
        let folder = tempfile::tempdir().unwrap_or_else(|e| panic!("{e}"));
        let file = folder.path().join("m.onnx");
        std::fs::write(&file, &bytes).unwrap_or_else(|e| panic!("{e}"));
        let found = class_names(&file).unwrap_or_default();
        assert_eq!(found, Some(("names".to_owned(), vec!["a".to_owned(), "b".to_owned()])));
        for cut in 0..bytes.len() {
            std::fs::write(&file, &bytes[..cut]).unwrap_or_else(|e| panic!("{e}"));
            // An answer or an error, never a panic.
            let _ = class_names(&file);
        }
    }
}
