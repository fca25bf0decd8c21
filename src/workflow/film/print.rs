//! A query as text that parses to the same query.

use std::fmt;

use super::parse::{FLAGS, state_word, truth_word, verdict_word};
use super::query::{Compare, FilmQuery, Term, Test};

impl fmt::Display for FilmQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, clause) in self.clauses.iter().enumerate() {
            for (k, term) in clause.iter().enumerate() {
                let before = match (i, k) {
                    (0, 0) => "",
                    (_, 0) => " ",
                    _ => " | ",
                };
                write!(f, "{before}{term}")?;
            }
        }
        Ok(())
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.is_negated { "-" } else { "" };
        write!(f, "{sign}{}", self.test)
    }
}

impl fmt::Display for Test {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Class { name, .. } => write!(f, "class:{}", quoted(name)),
            Self::Zone { name, .. } => write!(f, "zone:{}", quoted(name)),
            Self::Figure(figure, compare) => write!(f, "{}:{compare}", figure.name()),
            Self::State(state) => write!(f, "state:{}", state_word(*state)),
            Self::Truth(truth) => write!(f, "truth:{}", truth_word(*truth)),
            Self::Verdict(verdict) => write!(f, "verdict:{}", verdict_word(*verdict)),
            Self::Flipped => f.write_str("flipped"),
            Self::Note => f.write_str("note"),
            Self::OpenNote => f.write_str("note:open"),
            Self::Conflict => f.write_str("conflict"),
            Self::Duplicate => f.write_str("duplicate"),
            Self::By(name) => write!(f, "by:{}", quoted(name)),
            Self::Part(part) => write!(f, "part:{}", quoted(part)),
            Self::Word(word) if word == "or" || FLAGS.iter().any(|(flag, _)| flag == word) => write!(f, "\"{word}\""),
            Self::Word(word) => f.write_str(&quoted(word)),
        }
    }
}

impl fmt::Display for Compare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Above(x) => write!(f, ">{x}"),
            Self::AtLeast(x) => write!(f, ">={x}"),
            Self::Below(x) => write!(f, "<{x}"),
            Self::AtMost(x) => write!(f, "<={x}"),
            Self::Is(x) => write!(f, "{x}"),
            Self::Within(from, to) => write!(f, "{from}..{to}"),
        }
    }
}

/// With quotation marks unless all its letters are plain ones.
fn quoted(text: &str) -> String {
    let is_plain = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '.' | '/' | '#'));
    if is_plain { text.to_owned() } else { format!("\"{text}\"") }
}
