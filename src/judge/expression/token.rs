//! Words, numbers and signs of an expression, each with its place in the text.

use super::{Fault, Place};

/// One piece of the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Token<'t> {
    Number(f64),
    Word(&'t str),
    /// One of [`SIGNS`].
    Sign(&'static str),
    End,
}

/// Longer signs first, so that `<=` is not read as `<`.
const SIGNS: [&str; 16] = ["<=", ">=", "==", "!=", "≤", "≥", "≠", "<", ">", "+", "-", "*", "/", "^", "(", ")"];

/// Cuts the text into pieces; the last is [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(Token<'_>, Place)>, Fault> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let len = if first.is_whitespace() {
            at += first.len_utf8();
            continue;
        } else if first.is_ascii_digit() || first == '.' {
            let len = number_length(rest);
            let value = rest[..len].parse::<f64>().ok().filter(|v| v.is_finite());
            let value = value.ok_or_else(|| Fault::new(at..at + len, "this is not a number", "a number such as 0.25"))?;
            out.push((Token::Number(value), at..at + len));
            len
        } else if first.is_alphabetic() || first == '_' {
            let len = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
            out.push((Token::Word(&rest[..len]), at..at + len));
            len
        } else if first == ',' {
            out.push((Token::Sign(","), at..at + 1));
            1
        } else if let Some(sign) = SIGNS.into_iter().find(|sign| rest.starts_with(sign)) {
            let plain = match sign {
                "≤" => "<=",
                "≥" => ">=",
                "≠" => "!=",
                other => other,
            };
            out.push((Token::Sign(plain), at..at + sign.len()));
            sign.len()
        } else {
            let expected = "a feature, a constant, a number or one of + - * / ^ < <= == and or not if";
            return Err(Fault::new(at..at + first.len_utf8(), format!("{first:?} means nothing here"), expected));
        };
        at += len;
    }
    out.push((Token::End, text.len()..text.len()));
    Ok(out)
}

/// Length of the number that the text starts with: digits, a point, an exponent.
fn number_length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let digits = |mut at: usize| {
        while bytes.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut end = digits(0);
    if bytes.get(end) == Some(&b'.') {
        end = digits(end + 1);
    }
    if matches!(bytes.get(end), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(bytes.get(end + 1), Some(b'+' | b'-')));
        let exponent = digits(end + 1 + sign);
        if exponent > end + 1 + sign {
            end = exponent;
        }
    }
    end.max(1)
}
