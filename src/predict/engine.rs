//! The one trait that every inference engine is seen through, and the choice between them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use super::error::PredictError;
use super::onnx_file;
use super::ort_engine::OrtEngine;
use super::ort_library;
use super::provider::Provider;
use super::rten_engine::RtenEngine;
use super::wiring::Wiring;

/// Numbers in row-major order; `data.len()` is the product of `shape`.
#[derive(Clone, Debug, PartialEq)]
pub struct Tensor {
    pub shape: Vec<usize>,
    pub data: Vec<f32>,
}

/// One input or output as the model file declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Port {
    pub name: String,
    /// None when the file does not tell; a dimension is None when it is free.
    pub shape: Option<Vec<Option<usize>>>,
}

/// What goes into a model and what comes out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    pub inputs: Vec<Port>,
    pub outputs: Vec<Port>,
}

/// A model that is open and ready to run.
pub trait Engine: Send {
    /// For people: `ONNX Runtime 1.31.1 (CPU)` or `rten 0.27`.
    fn name(&self) -> String;

    /// Why this engine and not another, when there is something to tell.
    fn note(&self) -> Option<&str> {
        None
    }

    /// The model file.
    fn file(&self) -> &Path;

    fn signature(&self) -> &Signature;

    /// Chooses the ports of the file that [`Engine::run`] uses; until then the first input and the first output.
    fn wire(&mut self, wiring: Wiring);

    /// Feeds the input that the wiring names and returns the output that it names; whole numbers become floats.
    fn run(&mut self, input: Tensor) -> Result<Tensor, PredictError>;
}

/// Which engine to use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EngineChoice {
    /// ONNX Runtime when its library is found and opens the model, rten otherwise.
    #[default]
    Auto,
    OnnxRuntime,
    /// The engine that is compiled in.
    Rten,
}

/// How a model is opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EngineSettings {
    pub choice: EngineChoice,
    /// 0 leaves the number to the engine.
    pub threads: usize,
    /// ONNX Runtime's shared library, tried before the usual places: the environment variable `ORT_DYLIB_PATH`, the folder of the
    /// program, the loader's path, where systems and Python packages put it. The first that loads stays for the life of the process.
    pub library: Option<PathBuf>,
    /// What ONNX Runtime may compute on beside the CPU, the most wanted first. Empty: the CPU alone, so that every machine gives the
    /// same answer unless somebody chose otherwise.
    pub providers: Vec<Provider>,
}

/// What the ONNX Runtime of this machine was built with, the CPU always last. Whether a provider also runs (its driver may be missing)
/// shows only when a model is opened: [`Engine::name`] and [`Engine::note`] tell. Loads the library, which then stays.
pub fn available_providers(library: Option<&Path>) -> Result<Vec<Provider>, PredictError> {
    ort_library::load(library)?;
    Ok(Provider::ALL.into_iter().filter(|provider| provider.is_built_in().unwrap_or(false)).collect())
}

/// Opens a model.
///
/// With [`EngineChoice::Auto`] the reason for not using ONNX Runtime is in [`Engine::note`], and so is every provider that was wanted and
/// does not compute.
///
/// # Errors
/// Each names the model file: unreadable, damaged, an operator that the engine lacks or computes wrongly, no library.
pub fn open(model: &Path, settings: &EngineSettings) -> Result<Box<dyn Engine>, PredictError> {
    let inspected = onnx_file::inspect(model)?;
    let onnx_runtime = || -> Result<OrtEngine, PredictError> {
        let runtime = ort_library::load(settings.library.as_deref())?;
        guarded(model, "ONNX Runtime", || OrtEngine::open(runtime, model, settings))
    };
    let rten = |note: Option<String>| {
        let note = [note, cpu_only(&settings.providers)].into_iter().flatten().collect::<Vec<_>>().join("; ");
        guarded(model, "rten", || RtenEngine::open(model, inspected, settings.threads, (!note.is_empty()).then_some(note)))
    };
    match settings.choice {
        EngineChoice::OnnxRuntime => Ok(Box::new(onnx_runtime()?)),
        EngineChoice::Rten => Ok(Box::new(rten(None)?)),
        EngineChoice::Auto => match onnx_runtime() {
            Ok(engine) => Ok(Box::new(engine)),
            Err(first) => match rten(Some(first.to_string())) {
                Ok(engine) => Ok(Box::new(engine)),
                Err(second) => Err(both_failed(model, &first, second)),
            },
        },
    }
}

/// Said of providers that the built-in engine cannot use.
fn cpu_only(wanted: &[Provider]) -> Option<String> {
    let names: Vec<&str> = wanted.iter().filter(|&&provider| provider != Provider::Cpu).map(|provider| provider.name()).collect();
    (!names.is_empty()).then(|| format!("{} not used: the built-in engine computes on the CPU", names.join(", ")))
}

/// When no ONNX Runtime is there, rten's error alone is to the point; when both tried, people need both.
fn both_failed(model: &Path, first: &PredictError, second: PredictError) -> PredictError {
    let reason_of = |error: &PredictError| match error {
        PredictError::CannotOpen { reason, .. } => Some(reason.clone()),
        _ => None,
    };
    match (reason_of(first), reason_of(&second)) {
        (Some(ort), Some(rten)) => PredictError::CannotOpen {
            file: model.to_owned(),
            engine: "ONNX Runtime".to_owned(),
            reason: format!("{ort}; and the built-in engine (rten) cannot either: {rten}"),
            advice: "",
        },
        _ => second,
    }
}

/// Runs a piece of an engine and turns a panic in it into an error: an odd model must not take the program down.
pub(super) fn guarded<T>(file: &Path, engine: &str, work: impl FnOnce() -> Result<T, PredictError>) -> Result<T, PredictError> {
    // The engine is either thrown away afterwards (open) or keeps no state between runs (run), so nothing half-changed is seen.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|panic| {
        let text = panic
            .downcast_ref::<String>()
            .map(String::as_str)
            .or_else(|| panic.downcast_ref::<&str>().copied())
            .unwrap_or("no reason given");
        Err(PredictError::CannotRun {
            file: PathBuf::from(file),
            engine: engine.to_owned(),
            reason: format!("the engine stopped with an internal error ({text})"),
            advice: "",
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_inside_an_engine_becomes_an_error_that_names_file_and_reason() {
        let values: [f32; 0] = [];
        let index = values.len() + 7;
        let error = guarded(Path::new("odd.onnx"), "rten", || Ok(values[index])).unwrap_err().to_string();
        assert!(error.contains("odd.onnx") && error.contains("rten") && error.contains("index is 7"), "{error}");
    }
}
