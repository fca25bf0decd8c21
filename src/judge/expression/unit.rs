//! What a number in an expression measures, and which numbers can be compared.

use std::fmt;

/// Millimetres, pixels, degrees and gray values to whole powers. A plain number of the text has no unit: it takes that of what it meets.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Unit {
    mm: i8,
    px: i8,
    degree: i8,
    gray: i8,
}

/// The unit of a term: known, or that of whatever it is compared with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Measure {
    /// A number of the text, or a mix that nobody can tell.
    Any,
    Of(Unit),
}

impl Unit {
    /// A ratio or a number of pieces.
    pub const NONE: Self = Self { mm: 0, px: 0, degree: 0, gray: 0 };
    pub const MM: Self = Self { mm: 1, ..Self::NONE };
    pub const MM2: Self = Self { mm: 2, ..Self::NONE };

    /// What people may write as the unit of a constant.
    pub const WORDS: [&'static str; 8] = ["mm", "mm²", "mm2", "px", "°", "gray", "1", ""];

    /// Reads a unit; "" and "1" are [`Self::NONE`].
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "" | "1" => Self::NONE,
            "mm" => Self::MM,
            "mm²" | "mm2" => Self::MM2,
            "px" => Self { px: 1, ..Self::NONE },
            "°" => Self { degree: 1, ..Self::NONE },
            "gray" => Self { gray: 1, ..Self::NONE },
            _ => return None,
        })
    }

    fn map(self, other: Self, f: impl Fn(i8, i8) -> Option<i8>) -> Option<Self> {
        Some(Self {
            mm: f(self.mm, other.mm)?,
            px: f(self.px, other.px)?,
            degree: f(self.degree, other.degree)?,
            gray: f(self.gray, other.gray)?,
        })
    }
}

impl Measure {
    /// The common unit of two terms that are added or compared; None when there is none.
    pub fn common(self, other: Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, unit) | (unit, Self::Any) => Some(unit),
            (Self::Of(a), Self::Of(b)) => (a == b).then_some(self),
        }
    }

    pub fn times(self, other: Self) -> Self {
        self.combined(other, i8::checked_add)
    }

    pub fn over(self, other: Self) -> Self {
        match (self, other) {
            (Self::Any, Self::Of(unit)) => Unit::NONE.map(unit, i8::checked_sub).map_or(Self::Any, Self::Of),
            _ => self.combined(other, i8::checked_sub),
        }
    }

    /// A plain number beside a unit is a factor without one.
    fn combined(self, other: Self, f: impl Fn(i8, i8) -> Option<i8>) -> Self {
        match (self, other) {
            (Self::Any, unit) | (unit, Self::Any) => unit,
            (Self::Of(a), Self::Of(b)) => a.map(b, f).map_or(Self::Any, Self::Of),
        }
    }

    /// To a power that is known only where the text says it.
    pub fn power(self, exponent: Option<f64>) -> Self {
        match (self, exponent) {
            (Self::Of(Unit::NONE), _) => self,
            (Self::Of(unit), Some(n)) if n.fract() == 0.0 && n.abs() <= 9.0 => {
                unit.map(Unit::NONE, |a, _| a.checked_mul(n as i8)).map_or(Self::Any, Self::Of)
            }
            _ => Self::Any,
        }
    }

    pub fn root(self) -> Self {
        match self {
            Self::Of(unit) => unit.map(Unit::NONE, |a, _| (a % 2 == 0).then_some(a / 2)).map_or(Self::Any, Self::Of),
            Self::Any => Self::Any,
        }
    }
}

impl fmt::Display for Unit {
    /// "mm²", "px", "1/mm"; "" for a ratio.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all = [("mm", self.mm), ("px", self.px), ("°", self.degree), ("gray", self.gray)];
        let part = |sign: i8| {
            let words: Vec<String> = all
                .iter()
                .filter(|(_, power)| power.signum() == sign)
                .map(|(word, power)| match power.abs() {
                    1 => (*word).to_owned(),
                    2 => format!("{word}²"),
                    3 => format!("{word}³"),
                    n => format!("{word}^{n}"),
                })
                .collect();
            words.join("·")
        };
        match (part(1), part(-1)) {
            (above, below) if below.is_empty() => f.write_str(&above),
            (above, below) => write!(f, "{}/{below}", if above.is_empty() { "1" } else { &above }),
        }
    }
}
