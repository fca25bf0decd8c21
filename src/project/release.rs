//! Released rulesets: versions that nothing changes any more, with who released them, when and why, and the golden parts they were held
//! against.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use thiserror::Error;

use super::note::Signature;
use crate::files::{RonError, ron_file};
use crate::judge::{Ruleset, RulesetError, Score, Verdict};

/// The newest file format that this program writes and reads.
pub const FORMAT: u32 = 1;

/// A part whose verdict is agreed: a ruleset that gives it another one is not released without a reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GoldenVerdict {
    /// Serial of the part.
    pub part: String,
    pub expected: Verdict,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub note: String,
    pub agreed: Signature,
}

/// A golden part that got another verdict than agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BrokenGolden {
    pub part: String,
    pub expected: Verdict,
    /// None: the part could not be judged.
    pub got: Option<Verdict>,
}

/// One version of a part number's ruleset.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Release {
    pub format: u32,
    /// From 1 on.
    pub version: u32,
    pub part_number: String,
    pub released: Signature,
    pub note: String,
    /// Why it was released although golden parts break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Golden parts that it was held against, and those of them that it breaks.
    pub golden: usize,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub broken: Vec<BrokenGolden>,
    /// What it gave on the labelled set then: by labels, and by the model if it was run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_labels: Option<Score>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_predictions: Option<Score>,
    /// SHA-256 of the ruleset's text, in hexadecimal.
    pub ruleset_sha256: String,
    /// That of the zone map's file, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub zones_sha256: Option<String>,
    /// Those of the models' files, with their names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub models_sha256: Vec<(String, String)>,
    /// That of the release before this one, as a whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_sha256: Option<String>,
    /// The ruleset as its file stands.
    pub ruleset: String,
}

/// Why releases cannot be read or written.
#[derive(Debug, Error)]
pub enum ReleaseError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Ron(#[from] RonError),
    #[error(transparent)]
    Ruleset(#[from] RulesetError),
    #[error("{path} was changed after its release: the ruleset in it has not the hash that was noted; take the file from a backup")]
    Changed { path: PathBuf },
    #[error("{} golden part(s) would get another verdict ({}); write down why it is released nevertheless", .broken.len(), parts(.broken))]
    BreaksGolden { broken: Vec<BrokenGolden> },
    #[error(
        "{path} is there already: a released version is never written over; look for another program that releases rulesets here"
    )]
    Exists { path: PathBuf },
}

fn parts(broken: &[BrokenGolden]) -> String {
    let mut names: Vec<&str> = broken.iter().take(5).map(|b| b.part.as_str()).collect();
    if broken.len() > 5 {
        names.push("…");
    }
    names.join(", ")
}

/// SHA-256 in hexadecimal.
#[must_use]
pub fn sha256_text(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

impl Release {
    /// The ruleset that was released.
    ///
    /// # Errors
    /// When its text is damaged, which [`read_releases`] has ruled out.
    pub fn parsed(&self, path: &Path) -> Result<Ruleset, RulesetError> {
        Ruleset::from_ron(&self.ruleset, path)
    }

    /// "version 3, kim, 2026-11-22 01:34, softer limits on pits".
    #[must_use]
    pub fn words(&self) -> String {
        let note = if self.note.is_empty() { String::new() } else { format!(", {}", self.note) };
        format!("version {}, {}, {}{note}", self.version, self.released.by, self.released.at)
    }
}

/// The folder of a part number's releases.
#[must_use]
pub fn folder(root: &Path, part_number: &str) -> PathBuf {
    root.join("rules").join(format!("{part_number}.released"))
}

/// The file of a version.
#[must_use]
pub fn path_of(root: &Path, part_number: &str, version: u32) -> PathBuf {
    folder(root, part_number).join(format!("{version:04}.ron"))
}

/// All releases of a part number, the first one first; none when nothing was released. Each is held against the hash that was noted.
///
/// # Errors
/// When a file cannot be read, is of a newer format, or was changed after its release.
pub fn read_releases(root: &Path, part_number: &str) -> Result<Vec<Release>, ReleaseError> {
    let folder = folder(root, part_number);
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(ReleaseError::Read { path: folder, source }),
    };
    let mut releases = Vec::new();
    for entry in entries {
        let path = entry.map_err(|source| ReleaseError::Read { path: folder.clone(), source })?.path();
        // Beside the versions lies the list of golden parts.
        let is_version = path.file_stem().is_some_and(|s| s.to_string_lossy().bytes().all(|b| b.is_ascii_digit()));
        if is_version && path.extension().is_some_and(|e| e == "ron") {
            releases.push(read(&path)?);
        }
    }
    releases.sort_by_key(|r: &Release| r.version);
    Ok(releases)
}

fn read(path: &Path) -> Result<Release, ReleaseError> {
    let release: Release = ron_file::read(path, FORMAT)?;
    if sha256_text(release.ruleset.as_bytes()) != release.ruleset_sha256 {
        return Err(ReleaseError::Changed { path: path.to_owned() });
    }
    release.parsed(path)?;
    Ok(release)
}

/// Writes a release to its file, which must not be there.
///
/// # Errors
/// When golden parts break and no reason is given, when the version exists, or the disk refuses.
pub fn write_release(root: &Path, release: &Release) -> Result<PathBuf, ReleaseError> {
    let has_reason = release.reason.as_ref().is_some_and(|r| !r.trim().is_empty());
    if !release.broken.is_empty() && !has_reason {
        return Err(ReleaseError::BreaksGolden { broken: release.broken.clone() });
    }
    let path = path_of(root, &release.part_number, release.version);
    if path.exists() {
        return Err(ReleaseError::Exists { path });
    }
    ron_file::write(&path, release)?;
    Ok(path)
}

/// Where the golden parts of a part number are listed.
#[must_use]
pub fn golden_path(root: &Path, part_number: &str) -> PathBuf {
    folder(root, part_number).join("golden.ron")
}

/// The golden parts of a part number; none when nobody chose any.
///
/// # Errors
/// When the file cannot be read or understood.
pub fn read_golden(root: &Path, part_number: &str) -> Result<Vec<GoldenVerdict>, ReleaseError> {
    let path = golden_path(root, part_number);
    if !path.exists() {
        return Ok(Vec::new());
    }
    Ok(ron_file::read::<GoldenFile>(&path, FORMAT)?.parts)
}

/// Writes the golden parts of a part number.
///
/// # Errors
/// When the disk refuses.
pub fn write_golden(root: &Path, part_number: &str, golden: &[GoldenVerdict]) -> Result<(), ReleaseError> {
    let file = GoldenFile { format: FORMAT, parts: golden.to_vec() };
    Ok(ron_file::write(&golden_path(root, part_number), &file)?)
}

/// The golden parts as their file stands.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct GoldenFile {
    format: u32,
    parts: Vec<GoldenVerdict>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Moment;

    fn release(version: u32) -> Release {
        let ruleset = Ruleset::new("x").to_ron().unwrap();
        Release {
            format: FORMAT,
            version,
            part_number: "PN/1".into(),
            released: Signature { by: "kim".into(), at: Moment::now() },
            note: "first".into(),
            reason: None,
            golden: 0,
            broken: Vec::new(),
            on_labels: None,
            on_predictions: Some(Score::default()),
            ruleset_sha256: sha256_text(ruleset.as_bytes()),
            zones_sha256: None,
            models_sha256: vec![("net".into(), "00".into())],
            parent_sha256: None,
            ruleset,
        }
    }

    #[test]
    fn releases_come_back_in_order_and_are_never_written_over() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_releases(folder.path(), "PN").unwrap(), []);
        for version in [2, 1, 11] {
            let r = Release { part_number: "PN".into(), ..release(version) };
            write_release(folder.path(), &r).unwrap();
            assert!(matches!(write_release(folder.path(), &r), Err(ReleaseError::Exists { .. })));
        }
        let back = read_releases(folder.path(), "PN").unwrap();
        assert_eq!(back.iter().map(|r| r.version).collect::<Vec<_>>(), [1, 2, 11]);
        assert_eq!(back[0].on_predictions, Some(Score::default()));
    }

    #[test]
    fn a_release_that_was_changed_afterwards_is_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let r = Release { part_number: "PN".into(), ..release(1) };
        let path = write_release(folder.path(), &r).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        fs::write(&path, text.replace("name: ", "name:  ")).unwrap();
        let refused = read_releases(folder.path(), "PN").unwrap_err().to_string();
        assert!(refused.contains("0001.ron") && refused.contains("changed after its release"), "{refused}");
        fs::write(&path, text.replacen("format: 1", "format: 9", 1)).unwrap();
        assert!(read_releases(folder.path(), "PN").unwrap_err().to_string().contains("newer Delimit"));
    }

    #[test]
    fn broken_golden_parts_need_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let broken = vec![BrokenGolden { part: "7".into(), expected: Verdict::Ng, got: Some(Verdict::Ok) }];
        let mut r = Release { part_number: "PN".into(), golden: 1, broken, ..release(1) };
        for reason in [None, Some(" ".to_owned())] {
            r.reason = reason;
            assert!(matches!(write_release(folder.path(), &r), Err(ReleaseError::BreaksGolden { .. })));
        }
        r.reason = Some("agreed with the customer".into());
        write_release(folder.path(), &r).unwrap();
        assert_eq!(read_releases(folder.path(), "PN").unwrap(), [r]);
    }

    #[test]
    fn golden_parts_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(read_golden(folder.path(), "PN").unwrap(), []);
        let agreed = Signature { by: "kim".into(), at: Moment::from_unix_seconds(1_700_000_000) };
        let golden = vec![GoldenVerdict { part: "7".into(), expected: Verdict::Review, note: String::new(), agreed }];
        write_golden(folder.path(), "PN", &golden).unwrap();
        assert_eq!(read_golden(folder.path(), "PN").unwrap(), golden);
        fs::write(golden_path(folder.path(), "PN"), "(format: 1, parts: [(part: 7)])").unwrap();
        assert!(read_golden(folder.path(), "PN").unwrap_err().to_string().contains("golden.ron"));
    }
}
