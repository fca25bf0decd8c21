//! The engine that is compiled in: rten, pure Rust.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use rten::{Dimension, LoadErrorKind, Model, ModelOptions, NodeId, RunOptions, ThreadPool, TryFromValueError, Value};

use super::engine::{Engine, Port, Signature, Tensor, guarded};
use super::error::{PredictError, TRY_ONNX_RUNTIME};
use super::onnx_file::Inspected;
use super::wiring::Wiring;

/// The version in `Cargo.toml`.
const NAME: &str = "rten 0.27";

/// A model opened with rten.
pub(super) struct RtenEngine {
    model: Model,
    /// The wired inputs, the photo's first, and the wired output.
    inputs: Vec<NodeId>,
    output: NodeId,
    wiring: Wiring,
    /// Of the wired output. rten hands out shapes only of a rank known beforehand; when the file does not declare it, the first run
    /// tells.
    rank: usize,
    file: PathBuf,
    signature: Signature,
    pool: Option<Arc<ThreadPool>>,
    note: Option<String>,
}

impl RtenEngine {
    /// Opens what this engine computes right; `inspected` is what the look into the file has shown.
    pub(super) fn open(file: &Path, inspected: Inspected, threads: usize, note: Option<String>) -> Result<Self, PredictError> {
        let refuse = |reason: String, advice: &'static str| PredictError::CannotOpen {
            file: file.to_owned(),
            engine: NAME.to_owned(),
            reason,
            advice,
        };
        if inspected.has_cubic_resize {
            return Err(refuse(
                "it holds the operator Resize with `mode` = \"cubic\", which this engine would compute as linear without a word"
                    .to_owned(),
                TRY_ONNX_RUNTIME,
            ));
        }
        let model = ModelOptions::with_all_ops().prepack_weights(true).load_file(file).map_err(|error| match error.kind() {
            LoadErrorKind::ParseError | LoadErrorKind::IoError => refuse(format!("the file is damaged or cut off ({error})"), ""),
            LoadErrorKind::UnknownFileType => refuse("only .onnx files are models".to_owned(), ""),
            // That the file is there was seen before; this engine is particular about its name.
            LoadErrorKind::ExternalDataError => refuse(
                format!("{error}; weights of their own are read here only from a file directly beside the model whose name ends in .data"),
                TRY_ONNX_RUNTIME,
            ),
            _ => refuse(error.to_string(), TRY_ONNX_RUNTIME),
        })?;
        let ports = |ids: &[NodeId]| ids.iter().map(|&id| port(&model, id)).collect();
        let signature = Signature { inputs: ports(model.input_ids()), outputs: ports(model.output_ids()) };
        let (Some(&input), Some(&output)) = (model.input_ids().first(), model.output_ids().first()) else {
            return Err(refuse("the file holds no model with an input and an output: it is damaged or cut off".to_owned(), ""));
        };
        let wiring = Wiring::first(&signature);
        let rank = wiring.rank(&signature).unwrap_or(4);
        let pool = (threads > 0).then(|| Arc::new(ThreadPool::with_num_threads(threads)));
        Ok(Self { model, inputs: vec![input], output, wiring, rank, file: file.to_owned(), signature, pool, note })
    }

    fn run_once(&self, input: &Tensor) -> Result<Value, PredictError> {
        let mut inputs = Vec::with_capacity(self.inputs.len());
        for (&id, (_, tensor)) in self.inputs.iter().zip(self.wiring.fed(input)) {
            let view = rten::ValueView::from_shape(&tensor.shape, &tensor.data).map_err(|error| self.failed(&error))?;
            inputs.push((id, view.into()));
        }
        let options = RunOptions::default().with_thread_pool(self.pool.clone());
        let [value] = self.model.run_n(inputs, [self.output], Some(options)).map_err(|error| self.failed(&error))?;
        Ok(value)
    }

    fn failed(&self, error: &dyn std::error::Error) -> PredictError {
        PredictError::CannotRun {
            file: self.file.clone(),
            engine: NAME.to_owned(),
            reason: error.to_string(),
            advice: TRY_ONNX_RUNTIME,
        }
    }
}

impl Engine for RtenEngine {
    fn name(&self) -> String {
        NAME.to_owned()
    }

    fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    fn file(&self) -> &Path {
        &self.file
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn wire(&mut self, wiring: Wiring) {
        // Ports are found by their place in the signature, which has the order of the ids.
        let of = |ids: &[NodeId], ports: &[Port], name: &str| {
            ports.iter().position(|port| port.name == name).and_then(|at| ids.get(at).copied())
        };
        let names = std::iter::once(wiring.input.as_str()).chain(wiring.constants.iter().map(|(name, _)| name.as_str()));
        self.inputs = names.filter_map(|name| of(self.model.input_ids(), &self.signature.inputs, name)).collect();
        if let Some(output) = of(self.model.output_ids(), &self.signature.outputs, &wiring.output) {
            self.output = output;
        }
        self.rank = wiring.rank(&self.signature).unwrap_or(4);
        self.wiring = wiring;
    }

    fn run(&mut self, input: Tensor) -> Result<Tensor, PredictError> {
        let attempt = |rank: usize| {
            let value = guarded(&self.file, NAME, || self.run_once(&input))?;
            Ok::<_, PredictError>(into_tensor(value, rank))
        };
        let mut outcome = attempt(self.rank)?;
        if let Err(TryFromValueError::WrongRank { actual, .. }) = outcome {
            outcome = attempt(actual)?;
            self.rank = actual;
        }
        outcome.map_err(|error| PredictError::Unsuitable {
            file: self.file.clone(),
            problem: format!("the answer is not a map of numbers ({error})"),
        })
    }
}

fn port(model: &Model, id: NodeId) -> Port {
    let info = model.node_info(id);
    let fixed = |dimension: Dimension| match dimension {
        Dimension::Fixed(size) => Some(size),
        Dimension::Symbolic(_) => None,
    };
    Port {
        name: info.as_ref().and_then(rten::NodeInfo::name).unwrap_or_default().to_owned(),
        shape: info.and_then(|info| info.shape()).map(|dimensions| dimensions.into_iter().map(fixed).collect()),
    }
}

/// Takes a value of known rank apart. Ranks above four are never maps and are reported as such.
fn into_tensor(value: Value, rank: usize) -> Result<Tensor, TryFromValueError> {
    match rank {
        0 => of_rank::<0>(value),
        1 => of_rank::<1>(value),
        2 => of_rank::<2>(value),
        3 => of_rank::<3>(value),
        5 => of_rank::<5>(value),
        _ => of_rank::<4>(value),
    }
}

fn of_rank<const N: usize>(value: Value) -> Result<Tensor, TryFromValueError> {
    fn tensor<const N: usize, T>((shape, data): ([usize; N], Vec<T>), float: impl Fn(T) -> f32) -> Tensor {
        Tensor { shape: shape.to_vec(), data: data.into_iter().map(float).collect() }
    }
    match value {
        Value::Int32Tensor(_) => Ok(tensor(value.into_shape_vec::<i32, N>()?, |v| v as f32)),
        Value::Int8Tensor(_) => Ok(tensor(value.into_shape_vec::<i8, N>()?, f32::from)),
        Value::UInt8Tensor(_) => Ok(tensor(value.into_shape_vec::<u8, N>()?, f32::from)),
        // Also the way for anything else: the conversion names the type that it found.
        _ => {
            let (shape, data) = value.into_shape_vec::<f32, N>()?;
            Ok(Tensor { shape: shape.to_vec(), data })
        }
    }
}
