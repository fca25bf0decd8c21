//! A look into an `.onnx` file before any engine opens it: is it whole, does it stay in its folder, does it take what Delimit feeds,
//! does it hold what an engine computes wrongly without an error?
//!
//! Engines do not always notice that a file was cut off, some follow a path to weights wherever it leads, and some overflow their stack
//! on a graph in a graph in a graph. An ONNX file is one protocol buffers message (`onnx.proto`): fields of key and value. Messages that
//! can hold tensors, graphs or types are walked, everything else is skipped, so a model of gigabytes costs a few reads per operator and
//! memory only for the names of inputs and weights.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use super::error::PredictError;
use super::weights_file::{External, WeightsFiles};

/// No protocol buffers message is longer; weights beyond that lie in files of their own.
const LARGEST: u64 = 1 << 31;
/// Messages in messages; the limit of protocol buffers' own readers.
const DEEPEST: usize = 100;
/// Bytes of one name or path.
const LONGEST_TEXT: u64 = 4096;
/// Bytes of all names that are kept.
const ALL_NAMES: usize = 16 << 20;
/// `TensorProto.DataType.FLOAT`.
const FLOAT: u64 = 1;

/// What the look into a file that can be opened has shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Inspected {
    /// An operator `Resize` whose `mode` is `cubic` anywhere in the file. rten 0.27 opens it and interpolates linearly instead.
    pub(super) has_cubic_resize: bool,
}

/// Refuses a file that is cut off or damaged, larger than an ONNX file can be, nested without end, whose weights lie outside its folder or
/// are not there, or whose inputs are not 32-bit floats. Tells of a sound one what only some engines compute.
///
/// # Errors
/// [`PredictError::Read`] when the file cannot be read, [`PredictError::Unsuitable`] for everything else; both name the file.
pub(super) fn inspect(file: &Path) -> Result<Inspected, PredictError> {
    let refuse = |problem: String| PredictError::Unsuitable { file: file.to_owned(), problem };
    let walked = File::open(file).and_then(|opened| {
        let length = opened.metadata()?.len();
        Ok((opened, length))
    });
    let (opened, length) = walked.map_err(|source| PredictError::Read { file: file.to_owned(), source })?;
    if length > LARGEST {
        return Err(refuse(format!(
            "it has {length} bytes, but no ONNX file can have more than 2 GiB; export the model with its weights in a file of their own"
        )));
    }
    let mut walk =
        Walk { reader: BufReader::new(opened), at: 0, weights: WeightsFiles::beside(file), found: Found::default(), names: 0 };
    match walk.message(Kind::Model, length, 0) {
        Ok(()) => walk.found.verdict().map_err(refuse),
        Err(Stop::Io(source)) if source.kind() == io::ErrorKind::UnexpectedEof => Err(refuse(DAMAGED.to_owned())),
        Err(Stop::Io(source)) => Err(PredictError::Read { file: file.to_owned(), source }),
        Err(Stop::Problem(problem)) => Err(refuse(problem)),
    }
}

const DAMAGED: &str = "this is no complete ONNX file; it is damaged or cut off. Copy or export it again";

/// The messages of `onnx.proto` that are walked.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    SparseTensor,
    Function,
    Training,
    /// A named input, output or value between operators, with its type.
    Value,
    Type,
    /// A sequence, a map or an optional: a type around a type.
    TypeAround,
}

impl Kind {
    /// What the field of this number holds, when it is to be walked.
    const fn child(self, field: u64) -> Option<Self> {
        Some(match (self, field) {
            (Self::Model, 7) | (Self::Attribute, 6 | 11) | (Self::Training, 1 | 2) => Self::Graph,
            (Self::Model, 20) => Self::Training,
            (Self::Model, 25) => Self::Function,
            (Self::Graph, 1) | (Self::Function, 7) => Self::Node,
            (Self::Graph, 5) | (Self::Attribute, 5 | 10) | (Self::SparseTensor, 1 | 2) => Self::Tensor,
            (Self::Graph, 15) | (Self::Attribute, 22 | 23) => Self::SparseTensor,
            (Self::Graph, 11..=13) => Self::Value,
            (Self::Function, 11) => Self::Attribute,
            (Self::Attribute, 14 | 15) | (Self::Value, 2) | (Self::TypeAround, 1 | 2) => Self::Type,
            (Self::Type, 4 | 5 | 9) => Self::TypeAround,
            _ => return None,
        })
    }
}

/// What the walk has learned.
#[derive(Default)]
struct Found {
    has_graph: bool,
    has_operators: bool,
    /// Inputs of the outermost graph by name, with the type of their elements.
    inputs: BTreeMap<String, u64>,
    /// Names of its weights: old files list them among the inputs too.
    weights: BTreeSet<String>,
    has_cubic_resize: bool,
}

impl Found {
    fn verdict(&self) -> Result<Inspected, String> {
        if !self.has_graph || !self.has_operators {
            return Err(DAMAGED.to_owned());
        }
        let is_other = |(name, element): &(&String, &u64)| !self.weights.contains(*name) && !matches!(**element, 0 | FLOAT);
        match self.inputs.iter().find(is_other) {
            None => Ok(Inspected { has_cubic_resize: self.has_cubic_resize }),
            Some((name, element)) => Err(format!(
                "its input {name:?} takes {}, but Delimit feeds 32-bit floats; export the model with float32 inputs",
                type_name(*element)
            )),
        }
    }
}

/// `TensorProto.DataType` in the words of ONNX.
fn type_name(element: u64) -> String {
    let known = [
        "uint8",
        "int8",
        "uint16",
        "int16",
        "int32",
        "int64",
        "string",
        "bool",
        "float16",
        "double",
        "uint32",
        "uint64",
        "complex64",
        "complex128",
        "bfloat16",
    ];
    let name = element.checked_sub(2).and_then(|i| known.get(usize::try_from(i).ok()?));
    name.map_or_else(|| format!("elements of type {element}"), |name| (*name).to_owned())
}

/// Why a walk ends early.
enum Stop {
    Io(io::Error),
    Problem(String),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

fn damaged<T>() -> Result<T, Stop> {
    Err(Stop::Problem(DAMAGED.to_owned()))
}

fn too_deep<T>() -> Result<T, Stop> {
    Err(Stop::Problem(format!("its graphs or types are nested more than {DEEPEST} deep, which no exporter does")))
}

/// What stands behind the key of a field.
#[derive(Clone, Copy)]
enum Content {
    Number(u64),
    /// Text, packed numbers or a message, up to this position in the file.
    Bytes(u64),
    Fixed,
}

struct Walk<'a> {
    reader: BufReader<File>,
    /// Where the reader is, in bytes.
    at: u64,
    weights: WeightsFiles<'a>,
    found: Found,
    /// Bytes of the names kept so far.
    names: usize,
}

impl Walk<'_> {
    /// Hands every field up to `end` over; what is left unread of it is skipped.
    fn fields(&mut self, end: u64, mut take: impl FnMut(&mut Self, u64, Content) -> Result<(), Stop>) -> Result<(), Stop> {
        while self.at < end {
            let key = self.varint()?;
            let (content, stop) = match key & 7 {
                0 => (Content::Number(self.varint()?), self.at),
                1 => (Content::Fixed, self.at + 8),
                2 => {
                    let size = self.varint()?;
                    let Some(stop) = self.at.checked_add(size) else { return damaged() };
                    (Content::Bytes(stop), stop)
                }
                5 => (Content::Fixed, self.at + 4),
                _ => return damaged(),
            };
            if stop > end {
                return damaged();
            }
            take(self, key >> 3, content)?;
            self.skip_to(stop)?;
        }
        if self.at == end { Ok(()) } else { damaged() }
    }

    fn message(&mut self, kind: Kind, end: u64, depth: usize) -> Result<(), Stop> {
        if depth > DEEPEST {
            return too_deep();
        }
        // The outermost graph: what it names is asked for later.
        let is_outermost = kind == Kind::Graph && depth == 1;
        self.fields(end, |walk, number, content| {
            if kind == Kind::Model {
                walk.found.has_graph |= number == 7;
                walk.found.has_operators |= number == 8;
            }
            let (Some(child), Content::Bytes(stop)) = (kind.child(number), content) else { return Ok(()) };
            match child {
                Kind::Tensor => walk.tensor(stop, is_outermost),
                Kind::Value if is_outermost && number == 11 => walk.input(stop, depth + 1),
                Kind::Node => walk.node(stop, depth + 1),
                _ => walk.message(child, stop, depth + 1),
            }
        })
    }

    /// An operator: its type, and of its attributes the one that an engine may compute wrongly; everything in them is walked.
    fn node(&mut self, end: u64, depth: usize) -> Result<(), Stop> {
        if depth > DEEPEST {
            return too_deep();
        }
        let (mut is_resize, mut is_cubic) = (false, false);
        self.fields(end, |walk, number, content| {
            match (number, content) {
                // The type may stand behind the attributes, and of two the later counts.
                (4, Content::Bytes(stop)) => is_resize = walk.reads(stop, b"Resize")?,
                (5, Content::Bytes(stop)) => is_cubic |= walk.attribute(stop, depth + 1)?,
                _ => {}
            }
            Ok(())
        })?;
        self.found.has_cubic_resize |= is_resize && is_cubic;
        Ok(())
    }

    /// An attribute of an operator; whether it says `mode` = `cubic`.
    fn attribute(&mut self, end: u64, depth: usize) -> Result<bool, Stop> {
        if depth > DEEPEST {
            return too_deep();
        }
        let (mut is_mode, mut is_cubic) = (false, false);
        self.fields(end, |walk, number, content| {
            let Content::Bytes(stop) = content else { return Ok(()) };
            match (number, Kind::Attribute.child(number)) {
                (1, _) => is_mode = walk.reads(stop, b"mode")?,
                (4, _) => is_cubic = walk.reads(stop, b"cubic")?,
                (_, Some(Kind::Tensor)) => walk.tensor(stop, false)?,
                (_, Some(child)) => walk.message(child, stop, depth + 1)?,
                (_, None) => {}
            }
            Ok(())
        })?;
        Ok(is_mode && is_cubic)
    }

    /// A tensor: where its numbers lie when not in it. Keeps its name when it belongs to the outermost graph.
    fn tensor(&mut self, end: u64, keep_name: bool) -> Result<(), Stop> {
        let mut external = External::default();
        self.fields(end, |walk, number, content| {
            match (number, content) {
                (8, Content::Bytes(stop)) if keep_name => {
                    let name = walk.name(stop)?;
                    walk.found.weights.insert(name);
                }
                (13, Content::Bytes(stop)) => {
                    let (mut key, mut value) = (String::new(), String::new());
                    walk.fields(stop, |walk, number, content| {
                        match (number, content) {
                            (1, Content::Bytes(stop)) => key = walk.text(stop)?,
                            (2, Content::Bytes(stop)) => value = walk.text(stop)?,
                            _ => {}
                        }
                        Ok(())
                    })?;
                    external.set(&key, value).map_err(Stop::Problem)?;
                }
                _ => {}
            }
            Ok(())
        })?;
        self.weights.check(&external).map_err(Stop::Problem)
    }

    /// An input of the outermost graph: its name and the type of its elements.
    fn input(&mut self, end: u64, depth: usize) -> Result<(), Stop> {
        let (mut name, mut element) = (String::new(), 0);
        self.fields(end, |walk, number, content| {
            match (number, content) {
                (1, Content::Bytes(stop)) => name = walk.name(stop)?,
                (2, Content::Bytes(stop)) => walk.fields(stop, |walk, number, content| match (number, content) {
                    // A tensor: the only type of an input that is asked about here.
                    (1, Content::Bytes(stop)) => walk.fields(stop, |_, number, content| {
                        if let (1, Content::Number(value)) = (number, content) {
                            element = value;
                        }
                        Ok(())
                    }),
                    (4 | 5 | 9, Content::Bytes(stop)) => walk.message(Kind::TypeAround, stop, depth + 2),
                    _ => Ok(()),
                })?,
                _ => {}
            }
            Ok(())
        })?;
        self.found.inputs.insert(name, element);
        Ok(())
    }

    /// A text that is kept for the whole walk.
    fn name(&mut self, end: u64) -> Result<String, Stop> {
        let name = self.text(end)?;
        self.names += name.len();
        if self.names > ALL_NAMES {
            return Err(Stop::Problem("it holds more names than any model needs".to_owned()));
        }
        Ok(name)
    }

    /// Whether the text up to `end` is exactly this one. A text of another length is not read.
    fn reads(&mut self, end: u64, expected: &[u8]) -> Result<bool, Stop> {
        if end - self.at != expected.len() as u64 {
            return Ok(false);
        }
        Ok(self.text(end)?.as_bytes() == expected)
    }

    fn text(&mut self, end: u64) -> Result<String, Stop> {
        let length = end - self.at;
        if length > LONGEST_TEXT {
            return Err(Stop::Problem(format!("a name or path in it has {length} bytes; more than {LONGEST_TEXT} are not read")));
        }
        let mut bytes = vec![0; length as usize];
        self.reader.read_exact(&mut bytes)?;
        self.at = end;
        // A name that is no text is only compared and shown.
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    fn skip_to(&mut self, position: u64) -> Result<(), Stop> {
        if position > self.at {
            self.reader.seek_relative((position - self.at) as i64)?;
            self.at = position;
        }
        Ok(())
    }

    /// Seven bits per byte, lowest first, 64 bits at most.
    fn varint(&mut self) -> Result<u64, Stop> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let Some(&byte) = self.reader.fill_buf()?.first() else { return damaged() };
            self.reader.consume(1);
            self.at += 1;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Ok(value);
            }
        }
        damaged()
    }
}
