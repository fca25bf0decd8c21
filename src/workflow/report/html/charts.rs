//! Curves of a limit as inline SVG: escapes, overkill and review over the value of the limit, with intervals and the place where it stands.

use std::fmt::Write as _;

use super::{escape, number, with_unit};
use crate::judge::{AtLimit, Rate, Worse};
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
    let most = top_of(curve);
    let y = |share: f64| top + height * (1.0 - share / most);
    let title = escape(&curve.title);
    let mut svg = format!("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>", VIEW.0, VIEW.1);
    for fifth in 0..=5 {
        let share = most * f64::from(fifth) / 5.0;
        let (at, percent) = (y(share), number(100.0 * share));
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
        let ends = ends_of_steps(curve, &rates);
        let steps = |value: &dyn Fn(Rate) -> f64| {
            let corners = |(&(_, r), &(from, to)): (&(f64, Rate), &Ends)| {
                let (from, to) = (from.map_or(left, x), to.map_or(left + width, x));
                [(from, y(value(r))), (to, y(value(r)))]
            };
            rates.iter().zip(&ends).flat_map(corners).collect::<Vec<_>>()
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

/// From where to where a step goes; None = to the end of the axis.
type Ends = (Option<f64>, Option<f64>);

/// The top of the axis of shares: a round number that all intervals fit under.
fn top_of(curve: &Curve) -> f64 {
    let rates = curve.points.iter().flat_map(|p| [p.score.escapes(), p.score.overkill(), p.score.review_load()]);
    let most = rates.filter(|r| r.of > 0).map(|r| r.interval().high).fold(0.0, f64::max);
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5].into_iter().find(|top| most <= *top).unwrap_or(1.0)
}

/// From where to where the counts of each place hold; None = to the end of the axis. A value that lies at the limit is beyond it, unless the
/// limit says otherwise, so counts hold from the place before up to their own. Places end with one beyond all values on the side where
/// large values are bad; on the other side nothing is known behind the last one.
fn ends_of_steps(curve: &Curve, rates: &[(f64, Rate)]) -> Vec<Ends> {
    let Some(bounds) = curve.points.first().map(|p| p.bounds) else { return Vec::new() };
    let is_after = bounds.worse == Worse::Larger && bounds.at_limit == AtLimit::Better;
    let at = |i: usize| rates.get(i).map(|r| r.0);
    let ends = |i: usize| match (is_after, bounds.worse) {
        (true, _) => (at(i), at(i + 1)),
        (false, Worse::Larger) if i + 1 == rates.len() => (i.checked_sub(1).and_then(at), None),
        (false, _) => (i.checked_sub(1).and_then(at), at(i)),
    };
    (0..rates.len()).map(ends).collect()
}

fn text_of<'a>(points: impl Iterator<Item = &'a (f64, f64)>) -> String {
    let mut text = String::new();
    for (x, y) in points {
        let _ = write!(text, "{x:.1},{y:.1} ");
    }
    text.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::{Bounds, Score, SweepPoint, Tally};

    /// Values 1 and 2 of two parts: where a bound lies between them, which step it is in.
    #[test]
    fn counts_hold_where_judging_gives_them() {
        let point = |at: f64, bounds| SweepPoint {
            at,
            bounds,
            score: Score { truly_ok: Tally { ok: 1, review: 0, ng: 1 }, ..Score::default() },
        };
        let curve = |bounds: Bounds| Curve {
            title: String::new(),
            unit: String::new(),
            now: 1.0,
            points: [1.0, 2.0].map(|at| point(at, bounds)).into(),
        };
        let rates = [(1.0, Rate { count: 1, of: 2 }), (2.0, Rate { count: 0, of: 2 })];
        let ends = |bounds| ends_of_steps(&curve(bounds), &rates);
        let larger = Bounds::new(None, Some(1.0));
        // NG from 1.5 is what NG from 2 is; NG above 1.5 is what NG above 1 is; NG below 1.5 is what NG below 2 is.
        assert_eq!(ends(larger), [(None, Some(1.0)), (Some(1.0), None)]);
        assert_eq!(ends(Bounds { at_limit: AtLimit::Better, ..larger }), [(Some(1.0), Some(2.0)), (Some(2.0), None)]);
        assert_eq!(ends(Bounds::at_least(None, Some(1.0))), [(None, Some(1.0)), (Some(1.0), Some(2.0))]);
    }
}
