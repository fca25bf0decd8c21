//! Curves of a limit as inline SVG: escapes, overkill and review over the value of the limit, with intervals and the place where it stands.

use std::fmt::Write as _;

use super::{escape, number, with_unit};
use crate::judge::Rate;
use crate::workflow::report::value::{Curve, SourceReport};

/// Where the drawing lies in its view box: left, top, width, height.
const PLOT: (f64, f64, f64, f64) = (40.0, 8.0, 340.0, 150.0);
const VIEW: (f64, f64) = (392.0, 184.0);

/// How a curve is drawn: name, colour, dashes, so that it reads without colour too. Colours stand as attributes, because not every program that
/// prints a page applies its styles to drawings in it.
const LINES: [(&str, &str, &str); 3] =
    [("escapes", "#E5484D", "none"), ("overkill", "#7B61C4", "6 3"), ("review", "#F2A93B", "2 3")];
const TEXT: &str = "font-size=\"11\" fill=\"#566373\"";

pub(super) fn curves(page: &mut String, s: &SourceReport) {
    if s.curves.is_empty() {
        return;
    }
    page.push_str(
        "<h3>Every limit moved</h3>\n<p class=\"soft\">Share of parts over the value of one limit, all others as they are; the band is the \
         95 % interval, the upright line stands where the limit is. ",
    );
    for (name, colour, dashes) in LINES {
        let _ = write!(
            page,
            "<svg class=\"key\" width=\"26\" height=\"10\" viewBox=\"0 0 26 10\"><line x1=\"0\" y1=\"5\" x2=\"26\" y2=\"5\" stroke=\"{colour}\" \
             stroke-width=\"2.5\" stroke-dasharray=\"{dashes}\"/></svg>{name}"
        );
    }
    page.push_str("</p>\n<div class=\"curves\">\n");
    for curve in &s.curves {
        let _ = writeln!(
            page,
            "<figure>{}<figcaption>{} {}</figcaption></figure>",
            svg(curve),
            escape(&curve.title),
            with_unit(curve.now, &curve.unit)
        );
    }
    page.push_str("</div>\n");
}

/// A curve as steps: the counts at a place hold from the place before up to it.
fn svg(curve: &Curve) -> String {
    let (left, top, width, height) = PLOT;
    let places = curve.points.iter().map(|p| p.at).chain([curve.now]);
    let (low, high) = places.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| (l.min(v), h.max(v)));
    // Values over several decades would all lie at the left.
    let is_log = low > 0.0 && high / low > 50.0;
    let axis = |v: f64| if is_log { v.ln() } else { v };
    let margin = 0.04 * (axis(high) - axis(low)).max(1e-9);
    let (from, to) = (axis(low) - margin, axis(high) + margin);
    let x = |v: f64| left + width * (axis(v) - from) / (to - from);
    let y = |share: f64| top + height * (1.0 - share);
    let title = escape(&curve.title);
    let mut svg = format!("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>", VIEW.0, VIEW.1);
    for percent in [0, 25, 50, 75, 100] {
        let at = y(f64::from(percent) / 100.0);
        let _ = write!(
            svg,
            "<line stroke=\"#d5dbe3\" x1=\"{left}\" y1=\"{at:.1}\" x2=\"{:.1}\" y2=\"{at:.1}\"/><text {TEXT} x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"end\">{percent} %</text>",
            left + width,
            left - 4.0,
            at + 3.5
        );
    }
    for (rate, (_, colour, dashes)) in LINES.into_iter().enumerate().rev() {
        let rates: Vec<(f64, Rate)> = curve
            .points
            .iter()
            .map(|p| (p.at, [p.score.escapes(), p.score.overkill(), p.score.review_load()][rate]))
            .filter(|(_, r)| r.of > 0)
            .collect();
        let steps = |value: &dyn Fn(Rate) -> f64| {
            let mut points = Vec::with_capacity(2 * rates.len());
            let mut before = left;
            for &(at, r) in &rates {
                points.extend([(before, y(value(r))), (x(at), y(value(r)))]);
                before = x(at);
            }
            points
        };
        let [low, high] = [steps(&|r| r.interval().low), steps(&|r| r.interval().high)];
        let _ = write!(
            svg,
            "<polygon fill=\"{colour}\" fill-opacity=\"0.14\" points=\"{}\"/>",
            text_of(high.iter().chain(low.iter().rev()))
        );
        let line = steps(&|r| r.share().unwrap_or(0.0));
        let _ = write!(
            svg,
            "<polyline fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\" stroke-dasharray=\"{dashes}\" points=\"{}\"/>",
            text_of(line.iter())
        );
    }
    let now = x(curve.now);
    let _ = write!(
        svg,
        "<line stroke=\"#17202b\" stroke-width=\"1.2\" x1=\"{now:.1}\" y1=\"{top}\" x2=\"{now:.1}\" y2=\"{:.1}\"/>",
        top + height
    );
    for (at, anchor) in [(low, "start"), (high, "end")] {
        let place = if anchor == "start" { left } else { left + width };
        let _ = write!(
            svg,
            "<text {TEXT} x=\"{place:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{}</text>",
            top + height + 14.0,
            number(at)
        );
    }
    let unit = if is_log { format!("{} (logarithmic)", curve.unit) } else { curve.unit.clone() };
    let _ = write!(
        svg,
        "<text {TEXT} x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text><rect fill=\"none\" stroke=\"#566373\" x=\"{left}\" y=\"{top}\" width=\"{width}\" \
         height=\"{height}\"/></svg>",
        left + width / 2.0,
        top + height + 14.0,
        escape(&unit)
    );
    svg
}

fn text_of<'a>(points: impl Iterator<Item = &'a (f64, f64)>) -> String {
    let mut text = String::new();
    for (x, y) in points {
        let _ = write!(text, "{x:.1},{y:.1} ");
    }
    text.trim_end().to_owned()
}
