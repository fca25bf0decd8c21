//! Finds and loads ONNX Runtime's shared library. It is loaded once and stays: ONNX Runtime allows one environment per process.

use std::env;
use std::fs;
use std::panic::catch_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, OnceLock, PoisonError};

use ort::LoadDynamicError;
use ort::environment::Environment;

use super::error::PredictError;

/// The library that this process runs on.
pub(super) struct Runtime {
    pub(super) environment: Environment,
    /// `1.31.1`, when the library tells.
    pub(super) version: Option<String>,
    pub(super) file: PathBuf,
}

static RUNTIME: OnceLock<Runtime> = OnceLock::new();

/// Held while candidates are tried, so that two threads do not build two environments.
static LOADING: Mutex<()> = Mutex::new(());

/// The loaded library; tries the candidates when there is none yet. After a failure a later call tries again, so a path that the user
/// corrects works without a restart.
pub(super) fn load(explicit: Option<&Path>) -> Result<&'static Runtime, PredictError> {
    let _turn = LOADING.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(runtime) = RUNTIME.get() {
        return Ok(runtime);
    }
    let mut tried = Vec::new();
    for candidate in candidates(explicit) {
        match try_candidate(&candidate) {
            Ok(runtime) => return Ok(RUNTIME.get_or_init(|| runtime)),
            Err(reason) => tried.push(reason),
        }
    }
    Err(PredictError::NoOnnxRuntime { tried: tried.join("; ") })
}

/// The library in use, when one is loaded.
pub(super) fn loaded() -> Option<&'static Runtime> {
    RUNTIME.get()
}

/// In order of how much somebody meant it.
fn candidates(explicit: Option<&Path>) -> Vec<PathBuf> {
    let base = format!("{}onnxruntime{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    let mut all: Vec<PathBuf> = explicit.map(Path::to_owned).into_iter().collect();
    all.extend(env::var_os("ORT_DYLIB_PATH").filter(|value| !value.is_empty()).map(PathBuf::from));
    if let Some(folder) = env::current_exe().ok().as_deref().and_then(Path::parent) {
        all.extend(beside(folder));
    }
    all.push(base.into());
    all.extend(usual_folders().iter().flat_map(|folder| beside(folder)));
    all
}

/// Where systems, package managers and Python packages put the library. Folders that are not there cost one look each.
fn usual_folders() -> Vec<PathBuf> {
    let fixed: &[&str] = if cfg!(windows) {
        &[r"C:\Program Files\onnxruntime\lib"]
    } else {
        &[
            "/usr/local/lib",
            "/usr/lib",
            "/usr/lib64",
            "/usr/lib/x86_64-linux-gnu",
            "/usr/lib/aarch64-linux-gnu",
            "/opt/onnxruntime/lib",
            "/opt/homebrew/lib",
            "/home/linuxbrew/.linuxbrew/lib",
        ]
    };
    let mut folders: Vec<PathBuf> = fixed.iter().map(PathBuf::from).collect();
    let path = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let prefixes = [
        path("VIRTUAL_ENV"),
        path("CONDA_PREFIX"),
        path("HOME").map(|home| home.join(".local")),
        Some("/usr/local".into()),
        Some("/usr".into()),
    ];
    folders.extend(prefixes.into_iter().flatten().flat_map(|prefix| python_folders(&prefix)));
    folders
}

/// The folders of the Python package `onnxruntime` below the prefix of an installation: `lib/python3.11/site-packages/…` and its kin.
fn python_folders(prefix: &Path) -> Vec<PathBuf> {
    let lib = prefix.join(if cfg!(windows) { "Lib" } else { "lib" });
    let mut roots = vec![lib.clone()];
    let versions = lib.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
    roots.extend(versions.filter(|path| path.file_name().is_some_and(|name| name.to_string_lossy().starts_with("python3"))));
    roots.sort();
    let packages = |root: &PathBuf| ["site-packages", "dist-packages"].map(|name| root.join(name).join("onnxruntime/capi"));
    roots.iter().flat_map(packages).filter(|folder| folder.is_dir()).collect()
}

/// The library in `folder`, also under the versioned names that downloads carry (`libonnxruntime.so.1.31.1`,
/// `libonnxruntime.1.31.1.dylib`).
fn beside(folder: &Path) -> Vec<PathBuf> {
    let Ok(entries) = folder.read_dir() else { return Vec::new() };
    let is_ours = |path: &PathBuf| path.file_name().and_then(|name| name.to_str()).is_some_and(is_library);
    let mut found: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).filter(is_ours).collect();
    found.sort();
    found
}

/// The plain name of the library, or that name with a version before or after its ending.
fn is_library(name: &str) -> bool {
    let is_version = |text: &str| {
        text.strip_prefix('.').is_some_and(|v| v.split('.').all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())))
    };
    let Some(rest) = name.strip_prefix(env::consts::DLL_PREFIX).and_then(|name| name.strip_prefix("onnxruntime")) else {
        return false;
    };
    let Some((before, after)) = rest.split_once(env::consts::DLL_SUFFIX) else { return false };
    (before.is_empty() || is_version(before)) && (after.is_empty() || is_version(after))
}

fn try_candidate(path: &Path) -> Result<Runtime, String> {
    // A strange library may break assumptions inside the binding; that must not be the end of the program.
    let attempt = catch_unwind(|| -> Result<Runtime, String> {
        let builder = ort::init_from(path).map_err(|error| explain(&error))?;
        let environment = builder
            .with_name("delimit")
            .with_telemetry(false)
            .build()
            .map_err(|error| format!("{}: cannot be started: {error}", path.display()))?;
        Ok(Runtime { environment, version: version(ort::info(), path), file: path.to_owned() })
    });
    attempt.unwrap_or_else(|_| Err(format!("{}: is not a usable ONNX Runtime", path.display())))
}

fn explain(error: &LoadDynamicError) -> String {
    match error {
        LoadDynamicError::Dlopen { error, path } if path.is_absolute() => format!("{}: cannot be loaded: {error}", path.display()),
        LoadDynamicError::Dlopen { path, .. } => format!("{}: not on the library path", path.display()),
        LoadDynamicError::MissingApi { path } => format!("{}: is not ONNX Runtime", path.display()),
        LoadDynamicError::BadVersion { version_str, path } => {
            format!("{}: is ONNX Runtime {version_str}, but 1.{} or newer is needed", path.display(), ort::MINOR_VERSION)
        }
        other @ LoadDynamicError::InvalidVersionString => other.to_string(),
    }
}

/// The version, from wherever the library shows it: the build text of release branches (`… git-branch=rel-1.31.1, …`), the file name
/// that downloads carry (`libonnxruntime.so.1.31.1`), or the symbol version inside a Linux library (`VERS_1.31.1`).
fn version(build: &str, file: &Path) -> Option<String> {
    let resolved = file.canonicalize().unwrap_or_else(|_| file.to_owned());
    let name = resolved.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    number_after(build.as_bytes(), b"rel-")
        .or_else(|| number_after(name.as_bytes(), b"onnxruntime.so."))
        .or_else(|| number_after(name.as_bytes(), b"onnxruntime."))
        .or_else(|| number_after(&fs::read(&resolved).ok()?, b"VERS_"))
}

/// The first `1.2` or `1.2.3` that follows `mark`.
fn number_after(text: &[u8], mark: &[u8]) -> Option<String> {
    text.windows(mark.len()).enumerate().filter(|(_, window)| *window == mark).find_map(|(at, _)| {
        let rest = &text[at + mark.len()..];
        let length = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let number = std::str::from_utf8(&rest[..length]).ok()?.trim_end_matches('.');
        (number.contains('.') && !number.starts_with('.')).then(|| number.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_version_is_found_in_the_build_text_the_name_or_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let of = |build: &str, name: &str, content: &[u8]| {
            let file = folder.path().join(name);
            fs::write(&file, content).unwrap();
            version(build, &file)
        };
        assert_eq!(of("ORT Build Info: git-branch=rel-1.19.0, git-commit-id=2", "a.so", b"").as_deref(), Some("1.19.0"));
        let build = "ORT Build Info: git-branch=HEAD, git-commit-id=6af1a93";
        assert_eq!(of(build, "libonnxruntime.so.1.31.1", b"").as_deref(), Some("1.31.1"));
        assert_eq!(of(build, "libonnxruntime.1.30.0.dylib", b"").as_deref(), Some("1.30.0"));
        assert_eq!(of(build, "libonnxruntime.so", b"..VERS_XY\0VERS_1.22.0\0..").as_deref(), Some("1.22.0"));
        assert_eq!(of(build, "onnxruntime.dll", b"..").as_deref(), None);
    }

    #[test]
    fn a_library_beside_the_program_is_found_under_its_plain_and_its_versioned_name() {
        let (prefix, suffix) = (env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
        let folder = tempfile::tempdir().unwrap();
        let name = |middle: &str, end: &str| format!("{prefix}onnxruntime{middle}{suffix}{end}");
        let good = [name("", ""), name("", ".1.31.1"), name(".1.31.1", "")];
        let bad = [name("", ".backup"), name("_providers", ""), name("", "."), name("", ".1..2"), "onnxruntime.txt".to_owned()];
        for name in good.iter().chain(&bad) {
            fs::write(folder.path().join(name), b"").unwrap();
        }
        let mut expected = good.map(|name| folder.path().join(name));
        expected.sort();
        assert_eq!(beside(folder.path()), expected);
    }

    #[test]
    fn a_python_package_is_found_below_its_installation() {
        let folder = tempfile::tempdir().unwrap();
        let lib = folder.path().join(if cfg!(windows) { "Lib" } else { "lib" });
        let there = [lib.join("python3.11/site-packages/onnxruntime/capi"), lib.join("python3/dist-packages/onnxruntime/capi")];
        for path in there.iter().chain(&[lib.join("perl5/site-packages/onnxruntime/capi"), lib.join("python3.12/site-packages")]) {
            fs::create_dir_all(path).unwrap();
        }
        let mut found = python_folders(folder.path());
        found.sort();
        let mut expected = there.to_vec();
        expected.sort();
        assert_eq!(found, expected);
        assert!(python_folders(Path::new("/no/such/prefix")).is_empty());
    }

    #[test]
    fn what_is_no_library_is_refused_with_a_reason() {
        let folder = tempfile::tempdir().unwrap();
        let fake = folder.path().join("libonnxruntime.so");
        fs::write(&fake, b"not a library").unwrap();
        let Err(reason) = try_candidate(&fake) else { panic!("a text file was loaded") };
        assert!(reason.contains("libonnxruntime.so") && reason.contains("cannot be loaded"), "{reason}");
    }
}
