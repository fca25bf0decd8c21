//! How things are written for people: tables, rates, errors in one line.

use std::error::Error;
use std::io::{self, Write};

use delimit::judge::{Rate, Tally};

/// Rows with a header, in columns as wide as they need to be.
pub struct Table {
    rows: Vec<Vec<String>>,
    /// Columns of numbers, written to the right.
    right: Vec<usize>,
}

impl Table {
    #[must_use]
    pub fn new(header: &[&str], right: &[usize]) -> Self {
        Self { rows: vec![header.iter().map(|&h| h.to_owned()).collect()], right: right.to_vec() }
    }

    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    pub fn write(&self, out: &mut dyn Write) -> io::Result<()> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |c: usize| self.rows.iter().filter_map(|r| r.get(c)).map(|t| t.chars().count()).max().unwrap_or(0);
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for row in &self.rows {
            let mut line = String::new();
            for (c, text) in row.iter().enumerate() {
                let gap = " ".repeat(widths[c] - text.chars().count());
                if self.right.contains(&c) {
                    line.extend([&gap, text.as_str()]);
                } else {
                    line.extend([text.as_str(), &gap]);
                }
                line.push_str("  ");
            }
            writeln!(out, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

/// `2 of 17, 3–34 %`: a count and the Wilson 95 % interval of its share.
#[must_use]
pub fn rate_text(rate: Rate) -> String {
    if rate.of == 0 {
        return "0 of 0".to_owned();
    }
    let interval = rate.interval();
    let (low, high) = (100.0 * interval.low, 100.0 * interval.high);
    // Below ten percent whole numbers would hide what a tighter limit gains.
    let decimals = usize::from(high < 10.0);
    format!("{} of {}, {low:.decimals$}–{high:.decimals$} %", rate.count, rate.of)
}

/// `12 OK, 3 review, 2 NG`.
#[must_use]
pub fn tally_text(tally: Tally) -> String {
    format!("{} OK, {} review, {} NG", tally.ok, tally.review, tally.ng)
}

/// `0.8123`, or `–` where there is nothing to divide by.
#[must_use]
pub fn share_text(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |s| format!("{s:.4}"))
}

/// `1 part`, `3 parts`.
#[must_use]
pub fn count_text(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

/// The error and its causes in one line; a cause that the error quotes already is not repeated.
#[must_use]
pub fn error_line(error: &(dyn Error + 'static)) -> String {
    let mut text = String::new();
    let mut next = Some(error);
    while let Some(cause) = next {
        let words = cause.to_string().split_whitespace().collect::<Vec<_>>().join(" ");
        if !text.contains(&words) {
            if !text.is_empty() {
                text.push_str(": ");
            }
            text.push_str(&words);
        }
        next = cause.source();
    }
    text
}

/// Tells a person something beside the results, on the error output. One that is closed is nobody's loss.
pub fn tell(text: &str) {
    drop(writeln!(io::stderr(), "delimit: {text}"));
}

/// True when the reader of the output went away (`delimit … | head`).
#[must_use]
pub fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error.chain().any(|cause| match cause.downcast_ref::<io::Error>() {
        Some(e) => e.kind() == io::ErrorKind::BrokenPipe,
        None => {
            cause.downcast_ref::<serde_json::Error>().and_then(serde_json::Error::io_error_kind) == Some(io::ErrorKind::BrokenPipe)
        }
    })
}

/// One JSON document, with line breaks.
pub fn write_json(out: &mut dyn Write, value: &impl serde::Serialize) -> anyhow::Result<()> {
    serde_json::to_writer_pretty(&mut *out, value)?;
    writeln!(out)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_carry_their_interval() {
        // Wilson 95 % for 2 of 17 is 0.0329 to 0.3434, for 0 of 300 is 0 to 0.0126.
        assert_eq!(rate_text(Rate { count: 2, of: 17 }), "2 of 17, 3–34 %");
        assert_eq!(rate_text(Rate { count: 0, of: 300 }), "0 of 300, 0.0–1.3 %");
        assert_eq!(rate_text(Rate { count: 0, of: 0 }), "0 of 0");
    }

    #[test]
    fn columns_line_up_and_lines_have_no_tail() {
        let mut table = Table::new(&["part", "px"], &[1]);
        table.row(vec!["å1".into(), "7".into()]);
        table.row(vec!["b".into(), "1200".into()]);
        let mut out = Vec::new();
        table.write(&mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "part    px\nå1       7\nb     1200\n");
    }

    #[test]
    fn an_error_is_one_line_and_says_nothing_twice() {
        let io = io::Error::new(io::ErrorKind::NotFound, "no such file");
        let error = anyhow::Error::new(io).context("no such file: a.png").context("reading\nthe project");
        assert_eq!(error_line(error.as_ref()), "reading the project: no such file: a.png");
    }
}
