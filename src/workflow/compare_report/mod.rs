//! A comparison as one page for people: headline figures with their intervals, tables, curves and the worst images, in one HTML file that
//! needs nothing else and follows the light or dark of the browser.

mod charts;
mod picture;
mod sections;
mod style;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use super::compare_set::SetComparison;
use crate::predict::Prediction;
use crate::session::Snapshot;

/// How many images are shown, each with a picture.
pub const WORST_SHOWN: usize = 8;

/// Writes the page. Photos and labels of the worst images are read; one that cannot be read is named without a picture.
#[must_use]
pub fn html(snapshot: &Snapshot, comparisons: &[SetComparison], prediction_of: &dyn Fn(usize) -> Option<Prediction>) -> String {
    let project = snapshot.project();
    let title = format!("{}: predictions against labels", escape(&project.name));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\">\n<meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <style>{}</style>\n</head>\n<body>\n<main>\n<header><h1>{title}</h1></header>\n",
        style::CSS
    );
    for comparison in comparisons {
        sections::write_part_number(&mut page, snapshot, comparison, prediction_of);
    }
    sections::write_words(&mut page);
    let _ = write!(page, "</main>\n</body>\n</html>\n");
    page
}

/// Text that cannot end a tag or an attribute.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
