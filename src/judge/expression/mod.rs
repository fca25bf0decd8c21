//! Expressions over the features of a region: `0.1 <= aspect <= 0.3 and area > T / 2`.
//!
//! An [`Expression`] is text that was parsed; a [`Program`] is one whose names are known, ready to be evaluated for one region after
//! the other without memory of its own. Whatever depends on something unmeasured is unmeasured, never silently false.

mod parse;
mod program;
mod token;
mod tree;
mod unit;

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

pub use program::{Extra, Lookup, Names, Program};
pub use tree::Comparison;
pub use unit::Unit;

use program::Sort;
use tree::{Kind, Node};

/// Bytes of the text.
type Place = Range<usize>;

/// A parsed expression. As text it is written in one standard way, so `a<1` reads back as `a < 1`.
#[derive(Clone, Debug)]
pub struct Expression {
    text: String,
    tree: Node,
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("in \"{text}\", at character {column}: {what}; expected {expected}\n    {text}\n    {marks}")]
pub struct ExpressionError {
    pub text: String,
    /// From 1.
    pub column: usize,
    pub what: String,
    pub expected: String,
    /// `^^^` below the place, as a line under the text.
    pub marks: String,
}

/// A mistake before it knows the text.
#[derive(Debug)]
struct Fault {
    place: Place,
    what: String,
    expected: String,
}

impl Fault {
    fn new(place: Place, what: impl Into<String>, expected: impl Into<String>) -> Self {
        Self { place, what: what.into(), expected: expected.into() }
    }

    fn in_text(self, text: &str) -> ExpressionError {
        let count = |to: usize| text.char_indices().take_while(|(at, _)| *at < to).count();
        let (start, end) = (count(self.place.start), count(self.place.end));
        let marks = format!("{}{}", " ".repeat(start), "^".repeat((end - start).max(1)));
        ExpressionError { text: text.to_owned(), column: start + 1, what: self.what, expected: self.expected, marks }
    }
}

impl Expression {
    /// Parses a text.
    ///
    /// # Errors
    /// With the place and what was expected there.
    pub fn parse(text: &str) -> Result<Self, ExpressionError> {
        let tree = parse::parse(text).map_err(|fault| fault.in_text(text))?;
        let standard = tree.to_string();
        if standard.len() > parse::LONGEST {
            let fault = Fault::new(0..text.len(), "written out, the expression is too long", "at most 4000 bytes");
            return Err(fault.in_text(text));
        }
        Ok(Self { text: standard, tree })
    }

    /// A number.
    #[must_use]
    pub fn number(value: f64) -> Self {
        let zero_or_more = Node { kind: Kind::Number(value.abs()), place: 0..0 };
        let tree = if value < 0.0 { Node { kind: Kind::Negative(Box::new(zero_or_more)), place: 0..0 } } else { zero_or_more };
        Self { text: tree.to_string(), tree }
    }

    /// In the standard way of writing.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The number when the text is one.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        match &self.tree.kind {
            Kind::Number(value) => Some(*value),
            Kind::Negative(of) => match of.kind {
                Kind::Number(value) => Some(-value),
                _ => None,
            },
            _ => None,
        }
    }

    /// Names that occur, in the order of the text, with repetitions.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        let mut names = Vec::new();
        collect(&self.tree, &mut names);
        names
    }

    /// Makes it ready as a number.
    ///
    /// # Errors
    /// An unknown name, units that do not fit, or a condition.
    pub fn number_program(&self, names: &Names<'_>) -> Result<Program, ExpressionError> {
        match self.program(names)? {
            (program, Sort::Number(_)) => Ok(program),
            (_, Sort::Condition) => Err(self.fault("this is true or false, not a number", "a number such as `area / 2`")),
        }
    }

    /// Makes it ready as a condition.
    ///
    /// # Errors
    /// An unknown name, units that do not fit, or a number.
    pub fn condition_program(&self, names: &Names<'_>) -> Result<Program, ExpressionError> {
        match self.program(names)? {
            (program, Sort::Condition) => Ok(program),
            (_, Sort::Number(_)) => Err(self.fault("this is a number, not true or false", "a comparison such as `area > 0.5`")),
        }
    }

    fn program(&self, names: &Names<'_>) -> Result<(Program, Sort), ExpressionError> {
        // The tree may come from another way of writing; places must fit the text that is shown.
        let tree = parse::parse(&self.text).map_err(|fault| fault.in_text(&self.text))?;
        Program::new(&tree, names).map_err(|fault| fault.in_text(&self.text))
    }

    fn fault(&self, what: &str, expected: &str) -> ExpressionError {
        Fault::new(0..self.text.len(), what, expected).in_text(&self.text)
    }
}

fn collect<'n>(node: &'n Node, names: &mut Vec<&'n str>) {
    match &node.kind {
        Kind::Number(_) => {}
        Kind::Name(name) => names.push(name),
        Kind::Negative(of) | Kind::Not(of) => collect(of, names),
        Kind::Binary(_, a, b) => {
            collect(a, names);
            collect(b, names);
        }
        Kind::Chain(first, rest) => {
            collect(first, names);
            for (_, term) in rest {
                collect(term, names);
            }
        }
        Kind::If(of) => of.iter().for_each(|n| collect(n, names)),
        Kind::Call(_, arguments) => arguments.iter().for_each(|n| collect(n, names)),
    }
}

impl PartialEq for Expression {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for Expression {
    type Err = ExpressionError;

    fn from_str(text: &str) -> Result<Self, ExpressionError> {
        Self::parse(text)
    }
}

impl Serialize for Expression {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Expression {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
