//! The tree of an expression, and how it is written out again.

use std::fmt;

use super::Place;

/// A term and where it stands in the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Node {
    pub kind: Kind,
    pub place: Place,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    /// A feature, a constant, or what the scope of the rule adds.
    Name(String),
    Negative(Box<Node>),
    Not(Box<Node>),
    Binary(Operator, Box<Node>, Box<Node>),
    /// `first`, then each sign with the term behind it: all must hold.
    Chain(Box<Node>, Vec<(Comparison, Node)>),
    /// condition, then, else
    If(Box<[Node; 3]>),
    Call(Function, Vec<Node>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// How two numbers are compared. Both are rounded to the precision of measured values first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Equal,
    NotEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Function {
    Min,
    Max,
    Sqrt,
    Abs,
    Ceil,
    Floor,
}

impl Comparison {
    pub const ALL: [Self; 6] = [Self::LessOrEqual, Self::GreaterOrEqual, Self::Equal, Self::NotEqual, Self::Less, Self::Greater];

    /// `<=`
    #[must_use]
    pub const fn sign(self) -> &'static str {
        match self {
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Equal => "==",
            Self::NotEqual => "!=",
        }
    }

    /// False with NaN.
    #[must_use]
    pub fn holds(self, a: f32, b: f32) -> bool {
        match self {
            Self::Less => a < b,
            Self::LessOrEqual => a <= b,
            Self::Greater => a > b,
            Self::GreaterOrEqual => a >= b,
            Self::Equal => a == b,
            Self::NotEqual => a != b && !a.is_nan() && !b.is_nan(),
        }
    }

    pub(super) fn of_sign(sign: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|c| c.sign() == sign)
    }
}

impl Function {
    pub const ALL: [Self; 6] = [Self::Min, Self::Max, Self::Sqrt, Self::Abs, Self::Ceil, Self::Floor];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Min => "min",
            Self::Max => "max",
            Self::Sqrt => "sqrt",
            Self::Abs => "abs",
            Self::Ceil => "ceil",
            Self::Floor => "floor",
        }
    }

    /// `min` and `max` take two or more, the others one.
    pub const fn takes_many(self) -> bool {
        matches!(self, Self::Min | Self::Max)
    }
}

impl Operator {
    const fn sign(self) -> &'static str {
        match self {
            Self::Or => "or",
            Self::And => "and",
            Self::Add => "+",
            Self::Subtract => "-",
            Self::Multiply => "*",
            Self::Divide => "/",
            Self::Power => "^",
        }
    }
}

/// How tightly a term holds together; a looser one inside a tighter one needs brackets.
const fn tightness(kind: &Kind) -> u8 {
    match kind {
        Kind::If(_) => 0,
        Kind::Binary(Operator::Or, ..) => 1,
        Kind::Binary(Operator::And, ..) => 2,
        Kind::Not(_) => 3,
        Kind::Chain(..) => 4,
        Kind::Binary(Operator::Add | Operator::Subtract, ..) => 5,
        Kind::Binary(Operator::Multiply | Operator::Divide, ..) => 6,
        Kind::Negative(_) => 7,
        Kind::Binary(Operator::Power, ..) => 8,
        Kind::Number(_) | Kind::Name(_) | Kind::Call(..) => 9,
    }
}

struct AtLeast<'n>(&'n Node, u8);

impl fmt::Display for AtLeast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if tightness(&self.0.kind) < self.1 { write!(f, "({})", self.0) } else { write!(f, "{}", self.0) }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Number(value) => write!(f, "{value}"),
            Kind::Name(name) => f.write_str(name),
            Kind::Negative(of) => write!(f, "-{}", AtLeast(of, 7)),
            Kind::Not(of) => write!(f, "not {}", AtLeast(of, 3)),
            // `a ^ b ^ c` is `a ^ (b ^ c)`, everything else goes from left to right.
            Kind::Binary(Operator::Power, a, b) => write!(f, "{} ^ {}", AtLeast(a, 9), AtLeast(b, 7)),
            Kind::Binary(operator, a, b) => {
                let tight = tightness(&self.kind);
                write!(f, "{} {} {}", AtLeast(a, tight), operator.sign(), AtLeast(b, tight + 1))
            }
            Kind::Chain(first, rest) => {
                write!(f, "{}", AtLeast(first, 5))?;
                rest.iter().try_for_each(|(sign, term)| write!(f, " {} {}", sign.sign(), AtLeast(term, 5)))
            }
            Kind::If(of) => {
                let [condition, yes, no] = &**of;
                write!(f, "if {} then {} else {no}", AtLeast(condition, 1), AtLeast(yes, 1))
            }
            Kind::Call(function, arguments) => {
                write!(f, "{}(", function.name())?;
                for (i, argument) in arguments.iter().enumerate() {
                    write!(f, "{}{argument}", if i > 0 { ", " } else { "" })?;
                }
                f.write_str(")")
            }
        }
    }
}
