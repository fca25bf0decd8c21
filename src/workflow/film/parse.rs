//! From text to a query, or to the mistake in it: where it is, what is wrong, what was perhaps meant.

use std::ops::Range;

use super::query::{Compare, Figure, FilmQuery, Names, Term, Test};
use crate::judge::{Disposition, Verdict};
use crate::project::LabelState;

/// What is wrong with a query. The text is for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Mistake {
    /// Where it is in the text, in bytes, at letter borders.
    pub span: Range<usize>,
    pub message: String,
}

/// Terms of one word.
pub(super) const FLAGS: [(&str, Test); 4] =
    [("flipped", Test::Flipped), ("note", Test::Note), ("conflict", Test::Conflict), ("duplicate", Test::Duplicate)];

/// Fields with a value, and an example of one.
const FIELDS: [(&str, &str); 12] = [
    ("class", "class:scratch"),
    ("zone", "zone:seal"),
    ("area", "area:>2"),
    ("length", "length:>=1.5"),
    ("width", "width:<0.3"),
    ("regions", "regions:0"),
    ("state", "state:todo"),
    ("truth", "truth:ng"),
    ("verdict", "verdict:review"),
    ("note", "note:open"),
    ("by", "by:kim"),
    ("part", "part:0007"),
];

pub(super) const fn state_word(state: LabelState) -> &'static str {
    match state {
        LabelState::Todo => "todo",
        LabelState::Proposed => "proposed",
        LabelState::InProgress => "progress",
        LabelState::Done => "done",
        LabelState::Flagged => "flagged",
        LabelState::Reviewed => "reviewed",
        LabelState::Approved => "approved",
    }
}

pub(super) const fn truth_word(truth: Disposition) -> &'static str {
    match truth {
        Disposition::Ok => "ok",
        Disposition::Ng => "ng",
        Disposition::Unknown => "unknown",
    }
}

pub(super) const fn verdict_word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "ok",
        Verdict::Review => "review",
        Verdict::Ng => "ng",
    }
}

/// A piece of the text between spaces.
#[derive(Debug)]
struct Token {
    span: Range<usize>,
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Or,
    Term {
        is_negated: bool,
        field: Option<(String, Range<usize>)>,
        value: String,
        /// A part stood in quotation marks: it is a word, whatever it says.
        is_quoted: bool,
    },
}

impl FilmQuery {
    /// Reads a query; classes and zones are those of `names`.
    ///
    /// # Errors
    /// The first [`Mistake`].
    pub fn parse(text: &str, names: &Names<'_>) -> Result<Self, Mistake> {
        let mut clauses: Vec<Vec<Term>> = Vec::new();
        let mut or_at: Option<Range<usize>> = None;
        for token in tokens(text)? {
            let Kind::Term { is_negated, field, value, is_quoted } = token.kind else {
                if or_at.is_some() || clauses.is_empty() {
                    return Err(Mistake {
                        span: token.span,
                        message: "| stands between two terms; one is missing before it".into(),
                    });
                }
                or_at = Some(token.span);
                continue;
            };
            let term = Term { is_negated, test: test(field, value, is_quoted, &token.span, names)? };
            match (or_at.take(), clauses.last_mut()) {
                (Some(_), Some(clause)) => clause.push(term),
                _ => clauses.push(vec![term]),
            }
        }
        match or_at {
            Some(span) => Err(Mistake { span, message: "| stands between two terms; one is missing after it".into() }),
            None => Ok(Self { clauses }),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Mistake> {
    let mut tokens = Vec::new();
    let mut chars = text.char_indices().peekable();
    while let Some(&(start, c)) = chars.peek() {
        if c.is_whitespace() {
            chars.next();
            continue;
        }
        if c == '|' {
            chars.next();
            tokens.push(Token { span: start..start + 1, kind: Kind::Or });
            continue;
        }
        let is_negated = c == '-';
        if is_negated {
            chars.next();
        }
        let (mut field, mut value, mut is_quoted, mut end) = (None, String::new(), false, start + usize::from(is_negated));
        let mut open_quote = None;
        while let Some(&(at, c)) = chars.peek() {
            match (c, open_quote) {
                ('"', None) => (open_quote, is_quoted) = (Some(at), true),
                ('"', Some(_)) => open_quote = None,
                (c, None) if c.is_whitespace() || c == '|' => break,
                (':', None) if field.is_none() && !is_quoted => {
                    let from = start + usize::from(is_negated);
                    field = Some((std::mem::take(&mut value).to_lowercase(), from..at));
                }
                (c, _) => value.push(c),
            }
            end = at + c.len_utf8();
            chars.next();
        }
        if let Some(at) = open_quote {
            return Err(Mistake { span: at..end, message: "the quotation mark is never closed".into() });
        }
        let value = value.to_lowercase();
        let is_or = value == "or" && field.is_none() && !is_quoted && !is_negated;
        let kind = if is_or { Kind::Or } else { Kind::Term { is_negated, field, value, is_quoted } };
        tokens.push(Token { span: start..end, kind });
    }
    Ok(tokens)
}

fn test(
    field: Option<(String, Range<usize>)>,
    value: String,
    is_quoted: bool,
    span: &Range<usize>,
    names: &Names<'_>,
) -> Result<Test, Mistake> {
    let Some((field, field_span)) = field else {
        if let Some((_, flag)) = FLAGS.iter().find(|(name, _)| *name == value && !is_quoted) {
            return Ok(flag.clone());
        }
        if value.trim().is_empty() {
            let message = if is_quoted { "there is nothing between the quotation marks" } else { "- needs a term right after it" };
            return Err(Mistake { span: span.clone(), message: message.into() });
        }
        return Ok(Test::Word(value));
    };
    let known = FIELDS.map(|(name, _)| name);
    let Some((field, example)) = FIELDS.into_iter().find(|(name, _)| *name == field) else {
        let message = match (FLAGS.iter().find(|(name, _)| *name == field), nearest(&field, known)) {
            (Some((flag, _)), _) => format!("{flag} stands alone, without a colon"),
            (None, Some(near)) => format!("no field '{field}'; did you mean {near}?"),
            (None, None) => format!("no field '{field}'; fields are {}", known.join(", ")),
        };
        let span = if field_span.is_empty() { span.clone() } else { field_span };
        return Err(Mistake { span, message });
    };
    let value_span = field_span.end + 1..span.end;
    if value.trim().is_empty() {
        return Err(Mistake { span: span.clone(), message: format!("{field}: needs a value, as {example}") });
    }
    let wrong = |message: String| Mistake { span: value_span.clone(), message };
    match field {
        "class" => named(&value, names.classes, "class").map(|(id, name)| Test::Class { id, name }).map_err(wrong),
        "zone" => named(&value, names.zones, "zone").map(|(id, name)| Test::Zone { id, name }).map_err(wrong),
        "state" => {
            let all = LabelState::ALL.map(|s| (state_word(s), s));
            let also =
                [("in progress", LabelState::InProgress), ("in_progress", LabelState::InProgress), ("to do", LabelState::Todo)];
            one_of(&value, "state", all.into_iter().chain(also), 6).map(Test::State).map_err(wrong)
        }
        "truth" => {
            let all = [Disposition::Ok, Disposition::Ng, Disposition::Unknown].map(|d| (truth_word(d), d));
            one_of(&value, "truth", all.into_iter(), 3).map(Test::Truth).map_err(wrong)
        }
        "verdict" => {
            one_of(&value, "verdict", Verdict::ALL.map(|v| (verdict_word(v), v)).into_iter(), 3).map(Test::Verdict).map_err(wrong)
        }
        "note" => one_of(&value, "note", [("open", Test::OpenNote)].into_iter(), 1).map_err(wrong),
        "by" => Ok(Test::By(value)),
        "part" => Ok(Test::Part(value)),
        _ => match Figure::ALL.into_iter().find(|f| f.name() == field) {
            Some(figure) => compare(&value)
                .map(|c| Test::Figure(figure, c))
                .ok_or_else(|| wrong(format!("{field} needs a number, as {example} or {field}:2..5, not '{value}'"))),
            None => Err(wrong(format!("{field} cannot be asked"))),
        },
    }
}

fn named(value: &str, known: &[(u8, String)], what: &str) -> Result<(u8, String), String> {
    if let Some((id, name)) = known.iter().find(|(_, name)| name.to_lowercase() == value) {
        return Ok((*id, name.to_lowercase()));
    }
    let names: Vec<&str> = known.iter().map(|(_, name)| name.as_str()).collect();
    Err(match nearest(value, names.iter().copied()) {
        Some(near) => format!("no {what} '{value}'; did you mean {near}?"),
        None if names.is_empty() => format!("no {what} '{value}'; there is none here"),
        None => format!("no {what} '{value}'; there are {}", names.join(", ")),
    })
}

/// The first `told` of `all` are named in the mistake; the others are read too.
fn one_of<T>(value: &str, field: &str, all: impl Iterator<Item = (&'static str, T)>, told: usize) -> Result<T, String> {
    let mut words = Vec::new();
    for (word, meaning) in all {
        if word == value {
            return Ok(meaning);
        }
        words.push(word);
    }
    words.truncate(told);
    Err(match nearest(value, words.iter().copied()) {
        Some(near) => format!("no {field} '{value}'; did you mean {near}?"),
        None => format!("{field} is {}, not '{value}'", words.join(", ")),
    })
}

/// What a sign makes of the number after it.
type Made = fn(f64) -> Compare;

fn compare(value: &str) -> Option<Compare> {
    let number = |text: &str| {
        let text = text.trim();
        let bare = ["mm²", "mm2", "mm"].iter().find_map(|unit| text.strip_suffix(unit)).unwrap_or(text).trim();
        bare.parse::<f64>().ok().filter(|x| x.is_finite())
    };
    if let Some((from, to)) = value.split_once("..") {
        return Some(Compare::Within(number(from)?, number(to)?));
    }
    let signs: [(&str, Made); 7] = [
        (">=", Compare::AtLeast),
        ("≥", Compare::AtLeast),
        ("<=", Compare::AtMost),
        ("≤", Compare::AtMost),
        (">", Compare::Above),
        ("<", Compare::Below),
        ("=", Compare::Is),
    ];
    match signs.iter().find_map(|(sign, made)| Some((value.strip_prefix(sign)?, made))) {
        Some((rest, made)) => number(rest).map(made),
        None => number(value).map(Compare::Is),
    }
}

/// The name that is a slip or two away, if one is.
fn nearest<'a>(word: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let most = word.chars().count().div_ceil(3).clamp(1, 2);
    let by_distance = names.into_iter().map(|name| (distance(word, &name.to_lowercase()), name));
    by_distance.filter(|(d, _)| *d <= most).min_by_key(|(d, _)| *d).map(|(_, name)| name)
}

/// Letters to add, drop or change to get from one word to the other (Levenshtein); long words are not compared to the end.
fn distance(a: &str, b: &str) -> usize {
    const LONGEST: usize = 64;
    let b: Vec<char> = b.chars().take(LONGEST).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(LONGEST).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let next = (diagonal + usize::from(ca != *cb)).min(row[j] + 1).min(row[j + 1] + 1);
            diagonal = std::mem::replace(&mut row[j + 1], next);
        }
    }
    row[b.len()]
}
