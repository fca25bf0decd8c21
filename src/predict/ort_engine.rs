//! ONNX Runtime, when its shared library is there: several times faster, and it knows every operator.

use std::path::{Path, PathBuf};

use ort::session::builder::{GraphOptimizationLevel, SessionBuilder};
use ort::session::{Session, SessionInputValue};
use ort::value::{DynValue, Outlet, TensorRef, ValueType};

use super::engine::{Engine, EngineSettings, Port, Signature, Tensor, guarded};
use super::error::PredictError;
use super::ort_library::{self, Runtime};
use super::provider::{self, Active, Placement, Provider};
use super::wiring::Wiring;

/// A model opened with ONNX Runtime.
pub(super) struct OrtEngine {
    session: Session,
    file: PathBuf,
    signature: Signature,
    note: String,
    /// What computes: `CPU`, `CUDA + CPU`.
    computes_on: String,
    wiring: Wiring,
}

impl OrtEngine {
    /// Opens with as many of the wanted providers as go; the note tells about the others, and when another library is in use than asked for.
    pub(super) fn open(runtime: &Runtime, file: &Path, settings: &EngineSettings) -> Result<Self, PredictError> {
        let refuse = |error: ort::Error| {
            let damaged = error.code() == ort::error::ErrorCode::InvalidProtobuf;
            let reason = if damaged { format!("the file is damaged or cut off ({error})") } else { error.to_string() };
            PredictError::CannotOpen { file: file.to_owned(), engine: name("CPU"), reason, advice: "" }
        };
        let (mut wanted, mut refused) = (Vec::new(), Vec::new());
        for &provider in settings.providers.iter().filter(|&&provider| provider != Provider::Cpu) {
            let mut trial = Session::builder(&runtime.environment).map_err(refuse)?;
            match provider.register(&mut trial) {
                Ok(()) => wanted.push(provider),
                Err(reason) => refused.push((provider, reason)),
            }
        }
        let commit = |providers: &[Provider]| {
            let mut builder = configured(runtime, settings.threads)?;
            let placement = Placement::default();
            if !providers.is_empty() {
                builder = placement.listen(builder);
            }
            for provider in providers {
                provider.register(&mut builder).map_err(ort::Error::new)?;
            }
            Ok((builder.commit_from_file(file)?, placement))
        };
        let ((session, placement), used, failed) = provider::open_with_most(&wanted, commit).map_err(refuse)?;
        refused.extend(failed);
        let Active { text: computes_on, notes } = provider::active(&used, &placement.counts(), &refused);
        let signature = Signature { inputs: ports(session.inputs()), outputs: ports(session.outputs()) };
        let note = notes.into_iter().chain([library_note(runtime, settings.library.as_deref())]).collect::<Vec<_>>().join("; ");
        let wiring = Wiring::first(&signature);
        Ok(Self { session, file: file.to_owned(), signature, note, computes_on, wiring })
    }
}

fn configured(runtime: &Runtime, threads: usize) -> ort::Result<SessionBuilder> {
    // `All` and not a numbered level: older libraries refuse the newest one.
    let builder = Session::builder(&runtime.environment)?
        .with_optimization_level(GraphOptimizationLevel::All)
        .unwrap_or_else(ort::Error::recover);
    Ok(if threads > 0 { builder.with_intra_threads(threads).unwrap_or_else(ort::Error::recover) } else { builder })
}

fn library_note(runtime: &Runtime, asked_for: Option<&Path>) -> String {
    let library = runtime.file.display();
    match asked_for {
        Some(other) if other != runtime.file => {
            let other = other.display();
            format!("uses {library}, not {other}: either that one cannot be loaded, or a restart is needed to change")
        }
        _ => format!("uses {library}"),
    }
}

impl Engine for OrtEngine {
    fn name(&self) -> String {
        name(&self.computes_on)
    }

    fn note(&self) -> Option<&str> {
        Some(&self.note)
    }

    fn file(&self) -> &Path {
        &self.file
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn wire(&mut self, wiring: Wiring) {
        self.wiring = wiring;
    }

    fn run(&mut self, input: Tensor) -> Result<Tensor, PredictError> {
        let Self { session, file, wiring, computes_on, .. } = self;
        guarded(file, "ONNX Runtime", || {
            let failed = |error: ort::Error| PredictError::CannotRun {
                file: file.clone(),
                engine: name(computes_on),
                reason: error.to_string(),
                advice: "",
            };
            let mut inputs = Vec::with_capacity(1 + wiring.constants.len());
            for (name, tensor) in wiring.fed(&input) {
                let view = TensorRef::from_array_view((tensor.shape.as_slice(), tensor.data.as_slice())).map_err(failed)?;
                inputs.push((name.to_owned(), SessionInputValue::from(view)));
            }
            let outputs = session.run(inputs).map_err(failed)?;
            let Some(value) = outputs.get(&wiring.output) else {
                return Err(PredictError::Unsuitable { file: file.clone(), problem: "the model gives no answer".to_owned() });
            };
            into_tensor(value).ok_or_else(|| PredictError::Unsuitable {
                file: file.clone(),
                problem: format!("the answer is not a map of numbers but {}", value.dtype()),
            })
        })
    }
}

fn name(computes_on: &str) -> String {
    match ort_library::loaded().and_then(|runtime| runtime.version.as_deref()) {
        Some(version) => format!("ONNX Runtime {version} ({computes_on})"),
        None => format!("ONNX Runtime ({computes_on})"),
    }
}

fn ports(outlets: &[Outlet]) -> Vec<Port> {
    let shape = |outlet: &Outlet| match outlet.dtype() {
        // An undeclared rank arrives as no dimensions at all.
        ValueType::Tensor { shape, .. } if !shape.is_empty() => {
            Some(shape.iter().map(|&size| usize::try_from(size).ok()).collect())
        }
        _ => None,
    };
    outlets.iter().map(|outlet| Port { name: outlet.name().to_owned(), shape: shape(outlet) }).collect()
}

fn into_tensor(value: &DynValue) -> Option<Tensor> {
    macro_rules! read {
        ($type:ty, $float:expr) => {
            if let Ok((shape, data)) = value.try_extract_tensor::<$type>() {
                let shape = shape.iter().map(|&size| usize::try_from(size).unwrap_or(0)).collect();
                return Some(Tensor { shape, data: data.iter().copied().map($float).collect() });
            }
        };
    }
    read!(f32, |v| v);
    read!(i64, |v| v as f32);
    read!(i32, |v| v as f32);
    read!(u8, f32::from);
    read!(i8, f32::from);
    read!(bool, f32::from);
    read!(f64, |v| v as f32);
    None
}
