//! What the commands take: projects, part numbers, images, engines.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use delimit::judge::Ruleset;
use delimit::predict::{EngineChoice, EngineSettings, Provider};
use delimit::project::{ModelUse, Project, photo_file};
use delimit::session::Session;
use delimit::workflow::resolution::resolution_warnings;
use delimit::workflow::{ModelSettings, WorkflowError};

use super::output::tell;

/// The engine by its name on the command line.
#[derive(Clone, Copy, Debug, Default, ValueEnum)]
pub enum EngineName {
    /// ONNX Runtime when its library is found, rten otherwise.
    #[default]
    Auto,
    /// ONNX Runtime, or an error.
    Onnxruntime,
    /// The engine that is built in; slower, needs nothing.
    Rten,
}

/// How the model is run.
#[derive(Clone, Debug, Default, Args)]
pub struct ModelArgs {
    /// The inference engine.
    #[arg(long, value_enum, default_value_t, value_name = "ENGINE")]
    pub engine: EngineName,
    /// Shared library of ONNX Runtime, when it is not found by itself (also: environment variable `ORT_DYLIB_PATH`).
    #[arg(long, value_name = "FILE")]
    pub library: Option<PathBuf>,
    /// Threads for the engine; 0 leaves it to the engine.
    #[arg(long, default_value_t = 0, value_name = "N")]
    pub threads: usize,
    /// What ONNX Runtime may compute on beside the CPU, the most wanted first: cuda, tensorrt, directml, coreml, openvino. What is not
    /// to be had is said, and the CPU takes over.
    #[arg(long, value_delimiter = ',', value_name = "NAME,…")]
    pub provider: Vec<Provider>,
}

impl ModelArgs {
    #[must_use]
    pub fn settings(&self) -> ModelSettings {
        let choice = match self.engine {
            EngineName::Auto => EngineChoice::Auto,
            EngineName::Onnxruntime => EngineChoice::OnnxRuntime,
            EngineName::Rten => EngineChoice::Rten,
        };
        let providers = self.provider.clone();
        ModelSettings { engine: EngineSettings { choice, threads: self.threads, library: self.library.clone(), providers } }
    }
}

/// Opens a project for looking. What people should know about it goes to the error output.
pub fn open_for_reading(folder: &Path) -> anyhow::Result<Session> {
    let mut session = Session::open_read_only(folder)?;
    // That it is read-only is what was asked for.
    for notice in session.take_notices().iter().filter(|n| !n.starts_with("Read-only")) {
        tell(notice);
    }
    Ok(session)
}

/// Opens a project for changing it; fails when another program has it open.
pub fn open_for_writing(folder: &Path) -> anyhow::Result<Session> {
    let mut session = Session::open(folder)?;
    let notices = session.take_notices();
    if session.is_read_only() {
        let reason = notices.iter().find(|n| n.starts_with("Read-only")).cloned().unwrap_or_default();
        anyhow::bail!("the project cannot be changed now: {reason}");
    }
    for notice in &notices {
        tell(notice);
    }
    Ok(session)
}

/// The part numbers that a command works on: the named one, or all that have parts. Fails when there is nothing to work on: no
/// part is no OK part.
pub fn part_numbers(project: &Project, name: Option<&str>) -> anyhow::Result<Vec<usize>> {
    let has_parts = |pn: usize| project.parts().iter().any(|p| p.part_number == pn);
    let numbers: Vec<usize> = match name {
        Some(name) => vec![part_number(project, Some(name))?],
        None => (0..project.part_numbers.len()).collect(),
    };
    let numbers: Vec<usize> = numbers.into_iter().filter(|&pn| has_parts(pn)).collect();
    if numbers.is_empty() {
        let root = project.root().display();
        anyhow::bail!("{root}: there is no image to work on; add some: delimit add {root} IMAGES");
    }
    Ok(numbers)
}

/// The named part number, or the only one.
pub fn part_number(project: &Project, name: Option<&str>) -> anyhow::Result<usize> {
    let known = || project.part_numbers.iter().map(|p| p.name.as_str()).collect::<Vec<_>>().join(", ");
    match name {
        Some(name) => project
            .part_numbers
            .iter()
            .position(|p| p.name == name)
            .ok_or_else(|| WorkflowError::NoSuchPartNumber { name: name.to_owned(), known: known() }.into()),
        None if project.part_numbers.len() == 1 => Ok(0),
        None if project.part_numbers.is_empty() => {
            anyhow::bail!("{}: the project has no part number yet", project.root().join("project.ron").display())
        }
        None => anyhow::bail!("the project has several part numbers ({}); say which one with --part-number", known()),
    }
}

/// The ruleset of a part number: the file that was given, or the project's own. Says so when it is empty.
pub fn ruleset(session: &Session, part_number: usize, file: Option<&Path>) -> anyhow::Result<Ruleset> {
    let (path, ruleset) = match file {
        Some(file) => (file.to_owned(), Ruleset::read(file).with_context(|| file.display().to_string())?),
        None => (session.project().ruleset_path(part_number), session.ruleset(part_number).current().clone()),
    };
    if ruleset.is_empty() {
        tell(&format!("no limits in {}: every region is review", path.display()));
    }
    Ok(ruleset)
}

/// Says which limits are too small for the models to see.
pub fn warn_of_resolution(project: &Project, part_number: usize, rules: &Ruleset, models: &[ModelUse]) -> anyhow::Result<()> {
    for warning in resolution_warnings(project, part_number, rules, models)? {
        tell(&warning.to_string());
    }
    Ok(())
}

/// Files as they are, folders as the image files in them and below, in the order of their names.
pub fn expand(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if path.is_dir() {
            walk(path, &mut files)?;
        } else {
            files.push(path.clone());
        }
    }
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = folder.read_dir().and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let mut entries = entries.with_context(|| format!("cannot list the folder {}", folder.display()))?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        let is_hidden = entry.file_name().to_string_lossy().starts_with('.');
        // A linked folder may lead back here; linked files are taken.
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            if !is_hidden {
                walk(&path, files)?;
            }
        } else if !is_hidden && photo_file::has_image_ending(&path) && path.is_file() {
            files.push(path);
        }
    }
    Ok(())
}
