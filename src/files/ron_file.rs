//! RON files with a format number: read with errors that name the file and the line, written so that people can read them.

use std::io;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::atomic::write_atomic;

/// Why a RON file could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum RonError {
    #[error("cannot read the file: {source}: {}", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot write the file: {source}: {}", path.display())]
    Write { path: PathBuf, source: io::Error },
    #[error("line {line}, column {column}: {message}; correct it or take the file from a backup: {}", path.display())]
    Syntax { path: PathBuf, line: usize, column: usize, message: String },
    #[error("written in format {found}, this program knows up to {known}; open it with a newer Delimit: {}", path.display())]
    Newer { path: PathBuf, found: u32, known: u32 },
    #[error("cannot be written as RON: {message}: {}", path.display())]
    Encode { path: PathBuf, message: String },
}

/// Only the field that every Delimit file starts with; the rest may be of a format that is not known yet.
#[derive(serde::Deserialize)]
struct FormatOnly {
    format: u32,
}

/// Reads a file whose first field is `format`, at most `known`.
pub fn read<T: DeserializeOwned>(path: &Path, known: u32) -> Result<T, RonError> {
    let text = std::fs::read_to_string(path).map_err(|source| RonError::Read { path: path.into(), source })?;
    parse(&text, path, known)
}

/// As [`read`], of a text that came from `path` (or from inside a bundle, then `path` is its name there).
pub fn parse<T: DeserializeOwned>(text: &str, path: &Path, known: u32) -> Result<T, RonError> {
    // A newer file may hold fields that this program cannot read: say so rather than complain about the field.
    if let Ok(FormatOnly { format }) = options().from_str::<FormatOnly>(text)
        && format > known
    {
        return Err(RonError::Newer { path: path.into(), found: format, known });
    }
    options().from_str(text).map_err(|e| RonError::Syntax {
        path: path.into(),
        line: e.span.start.line,
        column: e.span.start.col,
        message: e.code.to_string(),
    })
}

/// As [`read`], for small files of which there may be many: `format_of` asks the value itself, so that a sound file is parsed once.
pub fn read_once<T: DeserializeOwned>(path: &Path, known: u32, format_of: impl Fn(&T) -> u32) -> Result<T, RonError> {
    let text = std::fs::read_to_string(path).map_err(|source| RonError::Read { path: path.into(), source })?;
    match options().from_str::<T>(&text) {
        Ok(value) if format_of(&value) <= known => Ok(value),
        _ => parse(&text, path, known),
    }
}

/// The text of a value as [`write()`] would write it.
pub fn to_text<T: Serialize>(value: &T, path: &Path) -> Result<String, RonError> {
    let pretty = ron::ser::PrettyConfig::new().indentor("    ").struct_names(false).compact_arrays(false).depth_limit(6);
    let mut text =
        options().to_string_pretty(value, pretty).map_err(|e| RonError::Encode { path: path.into(), message: e.to_string() })?;
    text.push('\n');
    Ok(text)
}

/// Writes a value atomically.
pub fn write<T: Serialize>(path: &Path, value: &T) -> Result<(), RonError> {
    let text = to_text(value, path)?;
    write_atomic(path, text.as_bytes()).map_err(|source| RonError::Write { path: path.into(), source })
}

/// `Some(…)` may be left out, so that a limit reads `accept_below: 0.5`.
fn options() -> ron::Options {
    ron::Options::default().with_default_extension(ron::extensions::Extensions::IMPLICIT_SOME)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
    struct Sample {
        format: u32,
        name: String,
        limit: Option<f64>,
    }

    #[test]
    fn survives_a_round_trip() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.ron");
        let sample = Sample { format: 1, name: "seal".into(), limit: Some(0.5) };
        write(&path, &sample).unwrap();
        assert_eq!(read::<Sample>(&path, 1).unwrap(), sample);
    }

    #[test]
    fn names_the_line_of_a_mistake() {
        let error = parse::<Sample>("(\n    format: 1,\n    name: oops,\n)", Path::new("a.ron"), 1).unwrap_err();
        assert!(matches!(error, RonError::Syntax { line: 3, .. }), "{error}");
        assert!(error.to_string().contains("a.ron"));
    }

    #[test]
    fn refuses_a_newer_format_even_with_unknown_fields() {
        let error = parse::<Sample>("(format: 7, colour: \"x\", blob: [1, 2])", Path::new("a.ron"), 1).unwrap_err();
        assert!(matches!(error, RonError::Newer { found: 7, known: 1, .. }), "{error}");
    }

    #[test]
    fn a_missing_file_is_named() {
        let error = read::<Sample>(Path::new("no/such.ron"), 1).unwrap_err();
        assert!(error.to_string().contains("no/such.ron"), "{error}");
    }
}
