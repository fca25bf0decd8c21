//! What belongs to the person and not to a project: read when the window opens, written after a change, never in the way.
//!
//! Two files in the folder that the platform keeps for this: `settings.ron` and `keys.ron`. A file that cannot be read costs nobody
//! the program: the defaults count, a message says so, and the file is kept beside.

use std::path::{Path, PathBuf};

use delimit::files::ron_file::{self, RonError};
use delimit::predict::{EngineChoice, EngineSettings};
use delimit::session::Keymap;
use serde::{Deserialize, Serialize};

use super::state::{LARGEST_TIP_PX, ViewState};
use super::tools::ToolSettings;
use super::viewing::LabelStyle;

/// The format that this program writes.
const FORMAT: u32 = 1;

/// Names another folder than the platform's: for tests, and for several people at one account.
const FOLDER_VARIABLE: &str = "DELIMIT_CONFIG";

const SETTINGS: &str = "settings.ron";
const KEYS: &str = "keys.ron";

/// Dark or light, as chosen by the person.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ThemeChoice {
    Dark,
    Light,
}

/// Which engine a person wants.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WantedEngine {
    /// ONNX Runtime where its library is found.
    #[default]
    Auto,
    OnnxRuntime,
    BuiltIn,
}

/// With what models run on this person's machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EngineWish {
    pub engine: WantedEngine,
    /// ONNX Runtime's shared library, when it is not where it is looked for.
    pub library: Option<PathBuf>,
    /// What ONNX Runtime may compute on beside the CPU, the most wanted first: `cuda`, `openvino`, ….
    pub providers: Vec<String>,
}

impl EngineWish {
    /// As the library takes it; words that are no provider are left out.
    #[must_use]
    pub fn settings(&self) -> EngineSettings {
        EngineSettings {
            choice: match self.engine {
                WantedEngine::Auto => EngineChoice::Auto,
                WantedEngine::OnnxRuntime => EngineChoice::OnnxRuntime,
                WantedEngine::BuiltIn => EngineChoice::Rten,
            },
            threads: 0,
            library: self.library.clone(),
            providers: self.providers.iter().filter_map(|p| p.parse().ok()).collect(),
        }
    }
}

/// The content of `settings.ron`. A field that is missing has its default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Settings {
    pub format: u32,
    /// None: what the window comes with.
    pub theme: Option<ThemeChoice>,
    /// Who signs notes and states; None: the user of the operating system.
    pub author: Option<String>,
    pub are_first_steps_closed: bool,
    /// Opacity of labels and zones, 0..=1.
    pub opacity: f32,
    pub label_style: LabelStyle,
    pub has_loupe: bool,
    pub engine: EngineWish,
    /// Tolerance of the boundary check, in pixels.
    pub tools: ToolSettings,
}

impl Default for Settings {
    fn default() -> Self {
        let view = ViewState::default();
        Self {
            format: FORMAT,
            theme: None,
            author: None,
            are_first_steps_closed: false,
            opacity: view.opacity,
            label_style: LabelStyle::default(),
            has_loupe: false,
            engine: EngineWish::default(),
            tools: ToolSettings::default(),
        }
    }
}

impl Settings {
    /// Figures that the window could not set itself are replaced: files are written by hand, too.
    #[must_use]
    pub fn in_range(mut self) -> Self {
        let plain = Self::default();
        let within = |value: f64, low: f64, high: f64, otherwise: f64| {
            if value.is_finite() { value.clamp(low, high) } else { otherwise }
        };
        self.format = FORMAT;
        self.opacity = within(self.opacity.into(), 0.0, 1.0, plain.opacity.into()) as f32;
        self.author = self.author.map(|a| a.trim().to_owned()).filter(|a| !a.is_empty());
        let (tools, plain) = (&mut self.tools, plain.tools);
        tools.brush_px = within(tools.brush_px, 1.0, LARGEST_TIP_PX, plain.brush_px);
        tools.eraser_px = within(tools.eraser_px, 1.0, LARGEST_TIP_PX, plain.eraser_px);
        tools.wand_tolerance = within(tools.wand_tolerance, 0.0, 1.0, plain.wand_tolerance);
        tools.operation_px = within(tools.operation_px, 1.0, 32.0, plain.operation_px);
        tools.island_px = tools.island_px.clamp(1, 400);
        tools.scratch_px = within(tools.scratch_px, 1.0, 12.0, plain.scratch_px);
        self
    }
}

/// The folder of the files; without one nothing is read and nothing written.
#[derive(Clone, Debug, Default)]
pub struct SettingsFolder {
    path: Option<PathBuf>,
    /// A file of a newer program, or one that cannot be read, is not overwritten.
    keeps_settings: bool,
    keeps_keys: bool,
    /// Entries of the keys were left out: the file is kept beside before it is written again.
    has_foreign_keys: bool,
}

/// What was read.
#[derive(Debug, Default)]
pub struct Read {
    pub settings: Settings,
    pub keymap: Keymap,
    /// What went wrong, for people.
    pub messages: Vec<String>,
}

impl SettingsFolder {
    /// Nothing is read, nothing is written: pictures and tests.
    pub fn none() -> Self {
        Self::default()
    }

    pub fn at(path: &Path) -> Self {
        Self { path: Some(path.to_owned()), ..Self::default() }
    }

    /// Where the platform keeps the settings of this person. In tests of the program there is none.
    pub fn of_the_person() -> Self {
        if cfg!(test) {
            return Self::none();
        }
        let named = std::env::var_os(FOLDER_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from);
        let path = named.or_else(|| directories::ProjectDirs::from("", "", "Delimit").map(|d| d.config_dir().to_owned()));
        path.map_or_else(Self::none, |path| Self::at(&path))
    }

    /// Reads both files. Whatever is wrong with them ends in a message, not in an error.
    pub fn read(&mut self) -> Read {
        let mut read = Read::default();
        let Some(folder) = self.path.clone() else { return read };
        let path = folder.join(SETTINGS);
        if path.exists() {
            match ron_file::read::<Settings>(&path, FORMAT) {
                Ok(settings) => read.settings = settings.in_range(),
                Err(e) => self.keeps_settings = keep_beside("settings", &path, &e, &mut read.messages),
            }
        }
        let path = folder.join(KEYS);
        if path.exists() {
            match Keymap::read(&path) {
                Ok((keymap, problems)) => {
                    read.keymap = keymap;
                    self.has_foreign_keys = !problems.is_empty();
                    read.messages.extend(problems.iter().map(ToString::to_string));
                }
                Err(e) => self.keeps_keys = keep_beside("keys", &path, &e, &mut read.messages),
            }
        }
        read
    }

    /// What to do to write the settings, off the frame; None when they are not to be written.
    pub fn writing_settings(&self, settings: &Settings) -> Option<impl FnOnce() -> Result<(), String> + Send + 'static> {
        let path = self.path.as_ref().filter(|_| !self.keeps_settings)?.join(SETTINGS);
        let settings = settings.clone();
        Some(move || ron_file::write(&path, &settings).map_err(|e| format!("Settings are not kept: {e}")))
    }

    /// Writes the keys.
    pub fn write_keys(&mut self, keymap: &Keymap) -> Result<(), String> {
        let Some(path) = self.path.as_ref().filter(|_| !self.keeps_keys).map(|p| p.join(KEYS)) else { return Ok(()) };
        if self.has_foreign_keys {
            std::fs::copy(&path, free_name(&path)).map_err(|e| format!("Keys are not kept: {e}: {}", path.display()))?;
            self.has_foreign_keys = false;
        }
        keymap.write(&path).map_err(|e| format!("Keys are not kept: {e}"))
    }
}

/// Moves a damaged file aside and says so. True when it must stay as it is: then this window writes none.
fn keep_beside(what: &str, path: &Path, error: &RonError, messages: &mut Vec<String>) -> bool {
    let RonError::Syntax { .. } = error else {
        messages.push(format!("Your {what} are not used, the defaults count and changes are not kept: {error}"));
        return true;
    };
    let beside = free_name(path);
    match std::fs::rename(path, &beside) {
        Ok(()) => {
            let name = beside.file_name().unwrap_or_default().to_string_lossy().into_owned();
            messages.push(format!("The file of your {what} is damaged, the defaults count; it is kept as {name}: {error}"));
            false
        }
        Err(e) => {
            messages.push(format!("The file of your {what} is damaged and cannot be moved ({e}); the defaults count: {error}"));
            true
        }
    }
}

/// A name beside `path` that no file has.
fn free_name(path: &Path) -> PathBuf {
    let named = |n: u32| path.with_extension(format!("damaged-{n}.ron"));
    (1..10_000).map(named).find(|p| !p.exists()).unwrap_or_else(|| named(0))
}

#[cfg(test)]
mod tests {
    use delimit::predict::Provider;

    use super::*;

    #[test]
    fn a_wish_for_an_engine_is_kept_and_words_that_are_no_provider_cost_nothing() {
        let text = "(format: 1, engine: (engine: onnx_runtime, providers: [\"cuda\", \"warp\", \"openvino\"]))";
        let settings: Settings = ron::from_str(text).unwrap();
        let wanted = settings.engine.settings();
        assert_eq!(wanted.choice, EngineChoice::OnnxRuntime);
        assert_eq!(wanted.providers, [Provider::Cuda, Provider::OpenVino]);
        assert_eq!(Settings::default().engine.settings(), EngineSettings::default());
    }
}
