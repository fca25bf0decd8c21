//! ONNX Runtime's execution providers: which part of the machine computes, which ones can be had, and which one really computes.
//!
//! ONNX Runtime goes on with the CPU without a word when a provider cannot be had. Here every step is asked: whether the library was
//! built with the provider, whether it can be registered, whether the model opens with it, and how many operators it was given.

use std::fmt;
use std::str::FromStr;
use std::sync::{Arc, Mutex, PoisonError};

use ort::ep::{self, ExecutionProvider};
use ort::logging::LogLevel;
use ort::session::builder::SessionBuilder;

/// A part of the machine that ONNX Runtime can compute on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Provider {
    /// NVIDIA, by way of CUDA and cuDNN.
    Cuda,
    /// NVIDIA, compiled for the graphics card while the model opens, which may take minutes.
    TensorRt,
    /// Any graphics card under Windows.
    DirectMl,
    /// Apple's neural engine, graphics and CPU.
    CoreMl,
    /// Intel's CPUs, graphics and neural units.
    OpenVino,
    /// Always there; takes what no other provider takes.
    Cpu,
}

impl Provider {
    /// Every provider, the CPU last.
    pub const ALL: [Self; 6] = [Self::Cuda, Self::TensorRt, Self::DirectMl, Self::CoreMl, Self::OpenVino, Self::Cpu];

    /// As its maker writes it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cuda => "CUDA",
            Self::TensorRt => "TensorRT",
            Self::DirectMl => "DirectML",
            Self::CoreMl => "CoreML",
            Self::OpenVino => "OpenVINO",
            Self::Cpu => "CPU",
        }
    }

    /// As it is written on the command line and in settings: the name in lower case.
    #[must_use]
    pub const fn key(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::TensorRt => "tensorrt",
            Self::DirectMl => "directml",
            Self::CoreMl => "coreml",
            Self::OpenVino => "openvino",
            Self::Cpu => "cpu",
        }
    }

    /// What ONNX Runtime calls it.
    const fn identifier(self) -> &'static str {
        match self {
            Self::Cuda => ep::CUDA::NAME,
            Self::TensorRt => ep::TensorRT::NAME,
            Self::DirectMl => ep::DirectML::NAME,
            Self::CoreMl => ep::CoreML::NAME,
            Self::OpenVino => ep::OpenVINO::NAME,
            Self::Cpu => ep::CPU::NAME,
        }
    }

    /// Whether the loaded library was built with it. A library must be loaded.
    pub(super) fn is_built_in(self) -> Result<bool, ort::Error> {
        match self {
            Self::Cuda => ep::CUDA::is_available(),
            Self::TensorRt => ep::TensorRT::is_available(),
            Self::DirectMl => ep::DirectML::is_available(),
            Self::CoreMl => ep::CoreML::is_available(),
            Self::OpenVino => ep::OpenVINO::is_available(),
            Self::Cpu => Ok(true),
        }
    }

    /// Asks for it in a session to be; the reason when it cannot be had.
    pub(super) fn register(self, builder: &mut SessionBuilder) -> Result<(), String> {
        match self.is_built_in() {
            Ok(true) => {}
            Ok(false) => return Err("this ONNX Runtime was built without it".to_owned()),
            Err(error) => return Err(error.to_string()),
        }
        let outcome = match self {
            Self::Cuda => ep::CUDA::default().register(builder),
            Self::TensorRt => ep::TensorRT::default().register(builder),
            Self::DirectMl => ep::DirectML::default().register(builder),
            Self::CoreMl => ep::CoreML::default().register(builder),
            Self::OpenVino => ep::OpenVINO::default().register(builder),
            Self::Cpu => Ok(()),
        };
        outcome.map_err(|error| error.to_string())
    }
}

impl fmt::Display for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A word that is no provider.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no provider; known are {known}", known = Provider::ALL.map(Provider::key).join(", "))]
pub struct UnknownProvider(String);

impl FromStr for Provider {
    type Err = UnknownProvider;

    fn from_str(text: &str) -> Result<Self, UnknownProvider> {
        let wanted = text.trim();
        Self::ALL.into_iter().find(|p| p.key().eq_ignore_ascii_case(wanted)).ok_or_else(|| UnknownProvider(text.to_owned()))
    }
}

/// A provider that was wanted and is not used, and why.
pub(super) type Refusal = (Provider, String);

/// Opens something with as many of the `wanted` providers as go, in their order. `open` is first tried with all; when that fails, with
/// none, and then with one after the other added. An error is that of `open` without any.
pub(super) fn open_with_most<S, E: fmt::Display>(
    wanted: &[Provider],
    mut open: impl FnMut(&[Provider]) -> Result<S, E>,
) -> Result<(S, Vec<Provider>, Vec<Refusal>), E> {
    match open(wanted) {
        Ok(opened) => return Ok((opened, wanted.to_vec(), Vec::new())),
        Err(error) if wanted.is_empty() => return Err(error),
        Err(_) => {}
    }
    let mut opened = open(&[])?;
    let (mut used, mut refused) = (Vec::new(), Vec::new());
    for &provider in wanted {
        used.push(provider);
        match open(&used) {
            Ok(better) => opened = better,
            Err(error) => {
                used.pop();
                refused.push((provider, error.to_string()));
            }
        }
    }
    Ok((opened, used, refused))
}

/// How many operators of a model run where, as ONNX Runtime reports while it opens a model. There is no other way to ask that works with
/// every supported version of the library.
#[derive(Clone, Debug, Default)]
pub(super) struct Placement(Arc<Mutex<Vec<(String, usize)>>>);

impl Placement {
    /// Listens to the session that `builder` will open.
    pub(super) fn listen(&self, builder: SessionBuilder) -> SessionBuilder {
        let heard = Arc::clone(&self.0);
        let logger = move |_: LogLevel, _: &str, _: &str, _: &str, message: &str| {
            if let Some(line) = placed(message) {
                heard.lock().unwrap_or_else(PoisonError::into_inner).push(line);
            }
        };
        let builder = builder.with_logger(Arc::new(logger)).unwrap_or_else(ort::Error::recover);
        builder.with_log_level(LogLevel::Verbose).unwrap_or_else(ort::Error::recover)
    }

    /// Operators per provider by ONNX Runtime's identifiers; empty when the library did not tell.
    pub(super) fn counts(&self) -> Vec<(String, usize)> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Reads `All nodes placed on [X]. Number of nodes: 40` and `Node(s) placed on [X]. Number of nodes: 3`.
fn placed(message: &str) -> Option<(String, usize)> {
    let (_, rest) = message.split_once("placed on [")?;
    let (identifier, rest) = rest.split_once(']')?;
    let count = rest.rsplit(':').next()?.trim().parse().ok()?;
    Some((identifier.to_owned(), count))
}

/// What computes, for people, and what there is to say about it.
pub(super) struct Active {
    /// `CUDA + CPU`.
    pub(super) text: String,
    pub(super) notes: Vec<String>,
}

/// From the providers that the session has, where its operators were put, and what was refused.
pub(super) fn active(used: &[Provider], counts: &[(String, usize)], refused: &[Refusal]) -> Active {
    let not_used = |provider: Provider, reason: &str| format!("{provider} is not used: {reason}");
    let mut notes: Vec<String> = refused.iter().map(|(provider, reason)| not_used(*provider, reason)).collect();
    let names = |providers: &[Provider]| providers.iter().map(|p| p.name()).collect::<Vec<_>>().join(" + ");
    if used.is_empty() {
        return Active { text: Provider::Cpu.name().to_owned(), notes };
    }
    if counts.is_empty() {
        notes.push(format!("{} asked for; this library does not tell which operators run there", names(used)));
        return Active { text: names(used), notes };
    }
    let count_of = |provider: Provider| counts.iter().filter(|(id, _)| id == provider.identifier()).map(|(_, n)| n).sum::<usize>();
    let total: usize = counts.iter().map(|(_, n)| n).sum();
    let mut at_work = Vec::new();
    for &provider in used.iter().chain([&Provider::Cpu]) {
        match count_of(provider) {
            0 if provider == Provider::Cpu => {}
            0 => notes.push(not_used(provider, "it takes none of this model's operators")),
            n => at_work.push((provider, n)),
        }
    }
    if at_work.len() > 1 {
        let shares: Vec<String> = at_work.iter().map(|(provider, n)| format!("{n} on {provider}")).collect();
        notes.push(format!("of {total} operators {}", shares.join(", ")));
    }
    let at_work: Vec<Provider> = at_work.into_iter().map(|(provider, _)| provider).collect();
    Active { text: names(&at_work), notes }
}

#[cfg(test)]
mod tests {
    use super::Provider::{CoreMl, Cpu, Cuda, OpenVino, TensorRt};
    use super::*;

    #[test]
    fn a_provider_is_read_by_its_name_and_anything_else_is_refused_with_the_names() {
        for provider in Provider::ALL {
            assert_eq!(provider.key().parse(), Ok(provider));
            assert_eq!(provider.name().parse(), Ok(provider));
        }
        let error = "gpu".parse::<Provider>().unwrap_err().to_string();
        assert!(error.contains("\"gpu\"") && error.contains("cuda") && error.contains("openvino"), "{error}");
    }

    #[test]
    fn one_provider_that_fails_does_not_cost_the_others() {
        // Against the definition: every subset of three that may be broken, in every outcome.
        for broken in 0..8_u32 {
            let wanted = [TensorRt, Cuda, CoreMl];
            let is_broken = |p: &Provider| wanted.iter().position(|w| w == p).is_some_and(|i| broken >> i & 1 == 1);
            let open = |list: &[Provider]| match list.iter().find(|p| is_broken(p)) {
                Some(p) => Err(format!("no {p}")),
                None => Ok(list.to_vec()),
            };
            let (opened, used, refused) = open_with_most(&wanted, open).unwrap();
            let good: Vec<Provider> = wanted.into_iter().filter(|p| !is_broken(p)).collect();
            assert_eq!(opened, good);
            assert_eq!(used, good);
            let bad: Vec<Refusal> = wanted.into_iter().filter(is_broken).map(|p| (p, format!("no {p}"))).collect();
            assert_eq!(refused, bad);
        }
        // A model that opens with nothing is an error about the model.
        let error = open_with_most(&[Cuda], |list: &[Provider]| Err::<(), _>(format!("{} providers", list.len()))).unwrap_err();
        assert_eq!(error, "0 providers");
    }

    #[test]
    fn the_lines_of_the_library_are_understood() {
        assert_eq!(
            placed(" All nodes placed on [CPUExecutionProvider]. Number of nodes: 40"),
            Some(("CPUExecutionProvider".into(), 40))
        );
        assert_eq!(
            placed(" Node(s) placed on [CUDAExecutionProvider]. Number of nodes: 3"),
            Some(("CUDAExecutionProvider".into(), 3))
        );
        assert_eq!(placed("Node placements"), None);
        assert_eq!(placed("placed on [CPU"), None);
    }

    #[test]
    fn what_is_active_comes_from_where_the_operators_went_and_not_from_what_was_asked() {
        let count = |p: Provider, n: usize| (p.identifier().to_owned(), n);
        let seen = active(&[], &[], &[(Cuda, "no driver".to_owned())]);
        assert_eq!((seen.text.as_str(), seen.notes), ("CPU", vec!["CUDA is not used: no driver".to_owned()]));
        let seen = active(&[TensorRt, Cuda], &[count(Cuda, 37), count(Cpu, 3)], &[]);
        assert_eq!(seen.text, "CUDA + CPU");
        assert_eq!(
            seen.notes,
            ["TensorRT is not used: it takes none of this model's operators", "of 40 operators 37 on CUDA, 3 on CPU"]
        );
        let seen = active(&[OpenVino], &[count(Cpu, 3)], &[]);
        assert_eq!((seen.text.as_str(), seen.notes.len()), ("CPU", 1));
        let seen = active(&[OpenVino], &[count(OpenVino, 1)], &[]);
        assert_eq!((seen.text.as_str(), seen.notes.len()), ("OpenVINO", 0));
        // A library that keeps silent is not taken for one that agrees.
        assert!(active(&[Cuda], &[], &[]).notes[0].contains("does not tell"));
    }
}
