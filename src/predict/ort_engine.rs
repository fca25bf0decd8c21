//! ONNX Runtime, when its shared library is there: several times faster, and it knows every operator.

use std::path::{Path, PathBuf};

use ort::session::Session;
use ort::session::builder::GraphOptimizationLevel;
use ort::value::{DynValue, Outlet, TensorRef, ValueType};

use super::engine::{Engine, Port, Signature, Tensor, guarded};
use super::error::PredictError;
use super::ort_library::{self, Runtime};

/// A model opened with ONNX Runtime.
pub(super) struct OrtEngine {
    session: Session,
    file: PathBuf,
    signature: Signature,
    note: String,
}

impl OrtEngine {
    /// `asked_for` is the library that the user named; the note tells when another one is in use.
    pub(super) fn open(runtime: &Runtime, file: &Path, threads: usize, asked_for: Option<&Path>) -> Result<Self, PredictError> {
        let refuse = |error: ort::Error| {
            let damaged = error.code() == ort::error::ErrorCode::InvalidProtobuf;
            let reason = if damaged { format!("the file is damaged or cut off ({error})") } else { error.to_string() };
            PredictError::CannotOpen { file: file.to_owned(), engine: name(), reason, advice: "" }
        };
        let mut builder = Session::builder(&runtime.environment).map_err(refuse)?;
        // `All` and not a numbered level: older libraries refuse the newest one.
        builder = builder.with_optimization_level(GraphOptimizationLevel::All).unwrap_or_else(ort::Error::recover);
        if threads > 0 {
            builder = builder.with_intra_threads(threads).unwrap_or_else(ort::Error::recover);
        }
        let session = builder.commit_from_file(file).map_err(refuse)?;
        let signature = Signature { inputs: ports(session.inputs()), outputs: ports(session.outputs()) };
        let library = runtime.file.display();
        let note = match asked_for {
            Some(other) if other != runtime.file => {
                format!(
                    "uses {library}, not {}: either that one cannot be loaded, or a restart is needed to change",
                    other.display()
                )
            }
            _ => format!("uses {library}"),
        };
        Ok(Self { session, file: file.to_owned(), signature, note })
    }
}

impl Engine for OrtEngine {
    fn name(&self) -> String {
        name()
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

    fn run(&mut self, input: Tensor) -> Result<Tensor, PredictError> {
        let Self { session, file, signature, .. } = self;
        let Some(port) = signature.inputs.first() else {
            return Err(PredictError::Unsuitable { file: file.clone(), problem: "the model has no input".to_owned() });
        };
        guarded(file, "ONNX Runtime", || {
            let failed = |error: ort::Error| PredictError::CannotRun {
                file: file.clone(),
                engine: name(),
                reason: error.to_string(),
                advice: "",
            };
            let view = TensorRef::from_array_view((input.shape.as_slice(), input.data.as_slice())).map_err(failed)?;
            let outputs = session.run(ort::inputs![port.name.as_str() => view]).map_err(failed)?;
            let Some(value) = outputs.values().next() else {
                return Err(PredictError::Unsuitable { file: file.clone(), problem: "the model gives no answer".to_owned() });
            };
            into_tensor(&value).ok_or_else(|| PredictError::Unsuitable {
                file: file.clone(),
                problem: format!("the answer is not a map of numbers but {}", value.dtype()),
            })
        })
    }
}

fn name() -> String {
    match ort_library::loaded().and_then(|runtime| runtime.version.as_deref()) {
        Some(version) => format!("ONNX Runtime {version} (CPU)"),
        None => "ONNX Runtime (CPU)".to_owned(),
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
