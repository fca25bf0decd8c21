//! A report as one page: no script, nothing to fetch, well-formed, for the screen and for A4.

mod charts;
mod crops;
mod sections;
mod style;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::value::Report;
use crate::judge::Verdict;

/// Writes the page. All names and notes are escaped.
#[must_use]
pub fn html(report: &Report) -> String {
    let title = format!("{}: inspection report", escape(&report.part_number));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"/>\n<meta name=\"color-scheme\" content=\"light\"/>\n<title>{title}</title>\n\
         <style>{}</style>\n</head>\n<body>\n<main>\n",
        style::CSS
    );
    sections::header(&mut page, report);
    sections::summary(&mut page, report);
    sections::attention(&mut page, report);
    for source in &report.sources {
        let word = source.source.word();
        let _ = writeln!(page, "<section class=\"source\">\n<h2>On {word}</h2>");
        sections::wrong_parts(&mut page, source);
        sections::causes(&mut page, source);
        sections::matrix(&mut page, source);
        sections::rules(&mut page, source);
        charts::curves(&mut page, source);
        crops::strips(&mut page, source);
        sections::not_judged(&mut page, source);
        page.push_str("</section>\n");
    }
    sections::golden(&mut page, report);
    sections::fingerprints(&mut page, report);
    sections::words(&mut page);
    page.push_str("</main>\n</body>\n</html>\n");
    page
}

/// Text that cannot end a tag or an attribute. Characters that XML does not have become the replacement character.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\u{FFFE}' | '\u{FFFF}' => out.push('\u{FFFD}'),
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => out.push('\u{FFFD}'),
            c => out.push(c),
        }
    }
    out
}

/// A verdict with its mark, so that it reads without colour.
const fn verdict(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Ok => "<span class=\"v ok\">✓ OK</span>",
        Verdict::Review => "<span class=\"v review\">? review</span>",
        Verdict::Ng => "<span class=\"v ng\">✕ NG</span>",
    }
}

/// About four digits: "4.13", "0.00512", "1204".
fn number(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return value.to_string();
    }
    let digits = value.abs().log10().floor() as i32;
    let decimals = usize::try_from((3 - digits).clamp(0, 9)).unwrap_or(0);
    let text = format!("{value:.decimals$}");
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// A value with its unit.
fn with_unit(value: f64, unit: &str) -> String {
    let text = number(value);
    if unit.is_empty() { text } else { format!("{text} {}", escape(unit)) }
}
