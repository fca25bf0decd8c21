//! An expression with its names known: steps on a small stack, without memory of its own.

use super::tree::{Comparison, Function, Kind, Node, Operator};
use super::unit::{Measure, Unit};
use super::{Fault, Place};
use crate::measure::Feature;

/// Most values that wait at once; deeper expressions are refused.
const STACK: usize = 48;

/// A name that the scope of a rule adds to features and constants, and what it measures; None = a plain number.
pub type Extra = (&'static str, Option<Unit>);

/// Finds a constant by its name.
pub type Lookup<'a> = dyn Fn(&str) -> Option<(f64, Option<Unit>)> + 'a;

/// What the names of an expression stand for.
#[derive(Clone, Copy)]
pub struct Names<'a> {
    /// Features of a region may be named.
    pub features: bool,
    /// Value and, where the ruleset says it, unit of a constant.
    pub constant: &'a Lookup<'a>,
    /// All constants, for messages.
    pub constants: &'a [String],
    pub extras: &'a [Extra],
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Step {
    Push(f64),
    Feature(Feature),
    Extra(u8),
    Negative,
    Not,
    Binary(Operator),
    /// Compares the two topmost values.
    Compare(Comparison),
    /// As `Compare`, but the upper value stays above the outcome: the next of a chain needs it.
    CompareAndKeep(Comparison),
    /// The outcome below the two topmost values of a chain: `and`.
    ChainEnd(Comparison),
    ChainOn(Comparison),
    If,
    Two(Function),
    One(Function),
}

/// What an expression amounts to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sort {
    Number(Measure),
    Condition,
}

/// An expression made ready. Conditions are 1, 0 or, when something unmeasured decides, NaN.
#[derive(Clone, Debug, PartialEq)]
pub struct Program {
    steps: Vec<Step>,
    features: Vec<Feature>,
    unit: Option<Unit>,
}

impl Program {
    pub(super) fn new(tree: &Node, names: &Names<'_>) -> Result<(Self, Sort), Fault> {
        let mut maker = Maker { steps: Vec::new(), features: Vec::new(), names, height: 0 };
        let sort = maker.add(tree)?;
        maker.features.sort_unstable();
        maker.features.dedup();
        let unit = if let Sort::Number(Measure::Of(unit)) = sort { Some(unit) } else { None };
        Ok((Self { steps: maker.steps, features: maker.features, unit }, sort))
    }

    /// A number that is always the same.
    #[must_use]
    pub fn number(value: f64) -> Self {
        Self { steps: vec![Step::Push(value)], features: Vec::new(), unit: None }
    }

    /// The value when the expression is no more than a number; constants are numbers too.
    #[must_use]
    pub fn as_number(&self) -> Option<f64> {
        let is_fixed = !self.steps.iter().any(|s| matches!(s, Step::Feature(_) | Step::Extra(_)));
        is_fixed.then(|| self.value(|_| f32::NAN, &[]))
    }

    /// The feature when the expression is nothing else.
    #[must_use]
    pub fn as_feature(&self) -> Option<Feature> {
        match self.steps[..] {
            [Step::Feature(feature)] => Some(feature),
            _ => None,
        }
    }

    /// Features that are named, ascending.
    #[must_use]
    pub fn features(&self) -> &[Feature] {
        &self.features
    }

    /// The unit of the number, where it is clear.
    #[must_use]
    pub const fn unit(&self) -> Option<Unit> {
        self.unit
    }

    /// The value for one region; `extras` as the scope lists them. NaN when something unmeasured decides.
    #[must_use]
    pub fn value(&self, feature: impl Fn(Feature) -> f32, extras: &[f64]) -> f64 {
        let mut stack = [0.0_f64; STACK];
        let mut top = 0;
        // The maker bounds the height, so that every index lies inside.
        for step in &self.steps {
            match *step {
                Step::Push(value) => push(&mut stack, &mut top, value),
                Step::Feature(f) => push(&mut stack, &mut top, f64::from(feature(f))),
                Step::Extra(i) => push(&mut stack, &mut top, extras.get(usize::from(i)).copied().unwrap_or(f64::NAN)),
                Step::Negative => stack[top - 1] = -stack[top - 1],
                Step::Not => stack[top - 1] = 1.0 - stack[top - 1],
                Step::Binary(operator) => {
                    top -= 1;
                    stack[top - 1] = binary(operator, stack[top - 1], stack[top]);
                }
                Step::Compare(c) => {
                    top -= 1;
                    stack[top - 1] = compare(c, stack[top - 1], stack[top]);
                }
                Step::CompareAndKeep(c) => stack[top - 2] = compare(c, stack[top - 2], stack[top - 1]),
                Step::ChainOn(c) => {
                    let outcome = compare(c, stack[top - 2], stack[top - 1]);
                    stack[top - 3] = binary(Operator::And, stack[top - 3], outcome);
                    stack[top - 2] = stack[top - 1];
                    top -= 1;
                }
                Step::ChainEnd(c) => {
                    let outcome = compare(c, stack[top - 2], stack[top - 1]);
                    stack[top - 3] = binary(Operator::And, stack[top - 3], outcome);
                    top -= 2;
                }
                Step::If => {
                    top -= 2;
                    let condition = stack[top - 1];
                    stack[top - 1] = if condition.is_nan() {
                        f64::NAN
                    } else if condition != 0.0 {
                        stack[top]
                    } else {
                        stack[top + 1]
                    };
                }
                Step::Two(function) => {
                    top -= 1;
                    let (a, b) = (stack[top - 1], stack[top]);
                    stack[top - 1] = match function {
                        _ if a.is_nan() || b.is_nan() => f64::NAN,
                        Function::Min => a.min(b),
                        _ => a.max(b),
                    };
                }
                Step::One(function) => stack[top - 1] = one(function, stack[top - 1]),
            }
        }
        stack[0]
    }

    /// Whether the condition holds; None when something unmeasured decides.
    #[must_use]
    pub fn holds(&self, feature: impl Fn(Feature) -> f32, extras: &[f64]) -> Option<bool> {
        let value = self.value(feature, extras);
        (!value.is_nan()).then_some(value != 0.0)
    }
}

fn push(stack: &mut [f64; STACK], top: &mut usize, value: f64) {
    stack[*top] = value;
    *top += 1;
}

fn binary(operator: Operator, a: f64, b: f64) -> f64 {
    match operator {
        // What is false stays false whatever the unmeasured one may be; likewise for true.
        Operator::And if a == 0.0 || b == 0.0 => 0.0,
        Operator::Or if a == 1.0 || b == 1.0 => 1.0,
        Operator::And | Operator::Multiply => a * b,
        Operator::Or | Operator::Add => a + b,
        Operator::Subtract => a - b,
        Operator::Divide => a / b,
        // By IEEE NaN to the power of 0 is 1, and 1 to the power of NaN too: here unmeasured stays unmeasured.
        Operator::Power if a.is_nan() || b.is_nan() => f64::NAN,
        Operator::Power => a.powf(b),
    }
}

/// Measured values have the precision of f32: what reads the same as the limit is at the limit.
fn compare(comparison: Comparison, a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() {
        return f64::NAN;
    }
    f64::from(u8::from(comparison.holds(a as f32, b as f32)))
}

fn one(function: Function, a: f64) -> f64 {
    match function {
        Function::Sqrt => a.sqrt(),
        Function::Abs => a.abs(),
        Function::Ceil => a.ceil(),
        Function::Floor => a.floor(),
        Function::Min | Function::Max => a,
    }
}

struct Maker<'n> {
    steps: Vec<Step>,
    features: Vec<Feature>,
    names: &'n Names<'n>,
    height: usize,
}

impl Maker<'_> {
    fn push(&mut self, step: Step, place: &Place) -> Result<(), Fault> {
        self.height += 1;
        if self.height > STACK {
            return Err(Fault::new(place.clone(), "the expression is too involved", "shorter sums and fewer brackets"));
        }
        self.steps.push(step);
        Ok(())
    }

    fn add(&mut self, node: &Node) -> Result<Sort, Fault> {
        match &node.kind {
            Kind::Number(value) => {
                self.push(Step::Push(*value), &node.place)?;
                Ok(Sort::Number(Measure::Any))
            }
            Kind::Name(name) => self.name(name, &node.place),
            Kind::Negative(of) => {
                let unit = self.number(of)?;
                self.steps.push(Step::Negative);
                Ok(Sort::Number(unit))
            }
            Kind::Not(of) => {
                self.condition(of)?;
                self.steps.push(Step::Not);
                Ok(Sort::Condition)
            }
            Kind::Binary(operator @ (Operator::And | Operator::Or), a, b) => {
                self.condition(a)?;
                self.condition(b)?;
                self.binary(*operator);
                Ok(Sort::Condition)
            }
            Kind::Binary(operator, a, b) => self.arithmetic(*operator, a, b, &node.place),
            Kind::Chain(first, rest) => self.chain(first, rest),
            Kind::If(of) => self.choice(of, &node.place),
            Kind::Call(function, arguments) => self.call(*function, arguments, &node.place),
        }
    }

    fn binary(&mut self, operator: Operator) {
        self.steps.push(Step::Binary(operator));
        self.height -= 1;
    }

    fn number(&mut self, node: &Node) -> Result<Measure, Fault> {
        match self.add(node)? {
            Sort::Number(unit) => Ok(unit),
            Sort::Condition => Err(Fault::new(node.place.clone(), "this is true or false, not a number", "a number")),
        }
    }

    fn condition(&mut self, node: &Node) -> Result<(), Fault> {
        match self.add(node)? {
            Sort::Condition => Ok(()),
            Sort::Number(_) => {
                Err(Fault::new(node.place.clone(), "this is a number, not true or false", "a comparison such as `area > 0.5`"))
            }
        }
    }

    fn name(&mut self, name: &str, place: &Place) -> Result<Sort, Fault> {
        if let Some(i) = self.names.extras.iter().position(|(extra, _)| *extra == name) {
            self.push(Step::Extra(i as u8), place)?;
            return Ok(Sort::Number(self.names.extras[i].1.map_or(Measure::Any, Measure::Of)));
        }
        if let Some((value, unit)) = (self.names.constant)(name) {
            self.push(Step::Push(value), place)?;
            return Ok(Sort::Number(unit.map_or(Measure::Any, Measure::Of)));
        }
        match Feature::from_name(name) {
            Some(feature) if self.names.features => {
                self.push(Step::Feature(feature), place)?;
                self.features.push(feature);
                Ok(Sort::Number(Unit::parse(feature.unit()).map_or(Measure::Any, Measure::Of)))
            }
            Some(_) => Err(Fault::new(
                place.clone(),
                format!("{name} is a feature of one region, but this is about the whole part"),
                self.known(),
            )),
            None => Err(Fault::new(place.clone(), format!("{name:?} is neither a feature nor a constant"), self.known())),
        }
    }

    fn known(&self) -> String {
        let features = Feature::ALL.iter().filter(|_| self.names.features).map(|f| f.name().to_owned());
        let extras = self.names.extras.iter().map(|(name, _)| (*name).to_owned());
        let all: Vec<String> = self.names.constants.iter().cloned().chain(extras).chain(features).collect();
        if all.is_empty() { "a number (the ruleset has no constants)".to_owned() } else { format!("one of {}", all.join(", ")) }
    }

    fn common(a: Measure, b: Measure, place: &Place, doing: &str) -> Result<Measure, Fault> {
        a.common(b).ok_or_else(|| {
            let word = |m: Measure| match m {
                Measure::Of(unit) if unit == Unit::NONE => "a ratio".to_owned(),
                Measure::Of(unit) => unit.to_string(),
                Measure::Any => "a number".to_owned(),
            };
            Fault::new(place.clone(), format!("{} cannot be {doing} {}", word(a), word(b)), "the same unit on both sides")
        })
    }

    fn arithmetic(&mut self, operator: Operator, a: &Node, b: &Node, place: &Place) -> Result<Sort, Fault> {
        let (left, right) = (self.number(a)?, self.number(b)?);
        let unit = match operator {
            Operator::Multiply => left.times(right),
            Operator::Divide => left.over(right),
            Operator::Power => {
                let exponent = match &b.kind {
                    Kind::Number(n) => Some(*n),
                    _ => None,
                };
                left.power(exponent)
            }
            _ => Self::common(left, right, place, "added to or taken from")?,
        };
        self.binary(operator);
        Ok(Sort::Number(unit))
    }

    fn chain(&mut self, first: &Node, rest: &[(Comparison, Node)]) -> Result<Sort, Fault> {
        let mut left = self.number(first)?;
        let mut start = first.place.start;
        for (i, (comparison, node)) in rest.iter().enumerate() {
            let right = self.number(node)?;
            left = Self::common(left, right, &(start..node.place.end), "compared with")?;
            start = node.place.start;
            let is_last = i + 1 == rest.len();
            match (i, is_last) {
                (0, true) => {
                    self.steps.push(Step::Compare(*comparison));
                    self.height -= 1;
                }
                (0, false) => self.steps.push(Step::CompareAndKeep(*comparison)),
                (_, false) => {
                    self.steps.push(Step::ChainOn(*comparison));
                    self.height -= 1;
                }
                (_, true) => {
                    self.steps.push(Step::ChainEnd(*comparison));
                    self.height -= 2;
                }
            }
        }
        Ok(Sort::Condition)
    }

    fn choice(&mut self, of: &[Node; 3], place: &Place) -> Result<Sort, Fault> {
        let [condition, yes, no] = of;
        self.condition(condition)?;
        let (a, b) = (self.add(yes)?, self.add(no)?);
        let sort = match (a, b) {
            (Sort::Number(a), Sort::Number(b)) => Sort::Number(Self::common(a, b, place, "chosen instead of")?),
            (Sort::Condition, Sort::Condition) => Sort::Condition,
            _ => return Err(Fault::new(place.clone(), "one choice is a number, the other true or false", "two of a kind")),
        };
        self.steps.push(Step::If);
        self.height -= 2;
        Ok(sort)
    }

    fn call(&mut self, function: Function, arguments: &[Node], place: &Place) -> Result<Sort, Fault> {
        let mut unit: Option<Measure> = None;
        for argument in arguments {
            let own = self.number(argument)?;
            if let Some(so_far) = unit {
                unit = Some(Self::common(so_far, own, place, "held against")?);
                self.steps.push(Step::Two(function));
                self.height -= 1;
            } else {
                unit = Some(own);
            }
        }
        if !function.takes_many() {
            self.steps.push(Step::One(function));
        }
        let unit = unit.unwrap_or(Measure::Any);
        Ok(Sort::Number(if function == Function::Sqrt { unit.root() } else { unit }))
    }
}
