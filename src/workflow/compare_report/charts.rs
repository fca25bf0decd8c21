//! The charts of the report as inline SVG; colours come from the page, so that light and dark both work.

use std::fmt::Write as _;

use crate::compare::{Pod, Reliability, Target};

/// Where the drawing lies in its view box: left, top, width, height.
const PLOT: (f64, f64, f64, f64) = (52.0, 14.0, 420.0, 240.0);
const VIEW: (f64, f64) = (490.0, 306.0);

struct Chart {
    svg: String,
}

impl Chart {
    /// Starts a chart whose y axis is a share, 0 to 100 %. `title` is read to those who do not see it.
    fn new(title: &str, x_label: &str, y_label: &str) -> Self {
        let (left, top, width, height) = PLOT;
        let mut svg =
            format!("<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{title}\"><title>{title}</title>", VIEW.0, VIEW.1);
        for i in 0..=5 {
            let y = top + height * (1.0 - f64::from(i) / 5.0);
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{left}\" y1=\"{y:.1}\" x2=\"{:.1}\" y2=\"{y:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{} %</text>",
                left + width,
                left - 6.0,
                y + 4.0,
                20 * i
            );
        }
        let _ = write!(
            svg,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{x_label}</text><text transform=\"translate(11 {:.1}) rotate(-90)\" \
             text-anchor=\"middle\">{y_label}</text>",
            left + width / 2.0,
            VIEW.1 - 6.0,
            top + height / 2.0
        );
        Self { svg }
    }

    /// A tick of the x axis at a share of its length.
    fn tick(&mut self, at: f64, text: &str) {
        let (left, top, width, height) = PLOT;
        let (x, y) = (left + at * width, top + height);
        let _ = write!(
            self.svg,
            "<line class=\"axis\" x1=\"{x:.1}\" y1=\"{y}\" x2=\"{x:.1}\" y2=\"{}\"/><text x=\"{x:.1}\" y=\"{}\" \
             text-anchor=\"middle\">{text}</text>",
            y + 4.0,
            y + 17.0
        );
    }

    /// A line through points given as shares of both axes.
    fn line(&mut self, class: &str, points: impl Iterator<Item = (f64, f64)>) {
        let mut text = String::new();
        for (x, y) in points {
            let (x, y) = place(x, y);
            let _ = write!(text, "{x:.1},{y:.1} ");
        }
        let _ = write!(self.svg, "<polyline class=\"{class}\" points=\"{}\"/>", text.trim_end());
    }

    fn end(mut self) -> String {
        let (left, top, width, height) = PLOT;
        let _ = write!(self.svg, "<rect class=\"frame\" x=\"{left}\" y=\"{top}\" width=\"{width}\" height=\"{height}\"/></svg>");
        self.svg
    }
}

fn place(x: f64, y: f64) -> (f64, f64) {
    (PLOT.0 + x.clamp(0.0, 1.0) * PLOT.2, PLOT.1 + (1.0 - y.clamp(0.0, 1.0)) * PLOT.3)
}

/// A curve of detection over size with its lower bound, the targets as ticks (found above, missed below), a90 and a90/95.
pub(super) fn pod_chart(pod: &Pod, targets: &[Target], unit: &str) -> String {
    let sizes = || targets.iter().map(|t| t.0).filter(|a| *a > 0.0);
    let low = sizes().fold(pod.a50, f64::min).ln();
    let high = sizes().fold(pod.a90_95.filter(|a| a / pod.a90 < 30.0).unwrap_or(pod.a90), f64::max).ln();
    let (low, high) = (low - 0.03 * (high - low).max(0.1), high + 0.03 * (high - low).max(0.1));
    let at = |a: f64| (a.ln() - low) / (high - low);
    let mut chart = Chart::new("Probability of detection by size", &format!("area, {unit}"), "found");
    for (size, text) in decade_ticks(low.exp(), high.exp()) {
        chart.tick(at(size), &text);
    }
    let curve = |f: &dyn Fn(f64) -> f64| {
        (0..=120).map(|i| f64::from(i) / 120.0).map(|s| (s, f((low + s * (high - low)).exp()))).collect::<Vec<_>>()
    };
    chart.line("bound", curve(&|a| pod.lower_at(a)).into_iter());
    chart.line("curve", curve(&|a| pod.at(a)).into_iter());
    for &(size, is_found) in targets.iter().filter(|t| t.0 > 0.0) {
        let (x, y) = place(at(size), if is_found { 1.0 } else { 0.0 });
        let (class, end) = if is_found { ("hit", y + 9.0) } else { ("miss", y - 9.0) };
        let _ = write!(chart.svg, "<line class=\"{class}\" x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{x:.1}\" y2=\"{end:.1}\"/>");
    }
    for (size, name) in [(Some(pod.a90), "a90"), (pod.a90_95, "a90/95")] {
        if let Some(size) = size.filter(|s| s.ln() <= high) {
            let ((x, y), (_, bottom)) = (place(at(size), 0.9), place(0.0, 0.0));
            let _ = write!(
                chart.svg,
                "<line class=\"mark\" x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{x:.1}\" y2=\"{bottom:.1}\"/><text x=\"{:.1}\" y=\"{:.1}\" \
                 text-anchor=\"end\">{name}</text>",
                x - 4.0,
                bottom - 14.0
            );
        }
    }
    chart.end()
}

/// Numbers 1, 2, 5, 10, … from `low` to `high`, thinned out where there are too many.
fn decade_ticks(low: f64, high: f64) -> Vec<(f64, String)> {
    let (first, last) = (low.log10().floor() as i32, high.log10().ceil() as i32);
    let factors: &[f64] = if last - first <= 3 { &[1.0, 2.0, 5.0] } else { &[1.0] };
    let all = (first..=last).flat_map(|d| factors.iter().map(move |f| (d, f * 10_f64.powi(d))));
    let text = |d: i32, v: f64| if d >= 0 { format!("{v:.0}") } else { format!("{v:.*}", d.unsigned_abs() as usize) };
    all.filter(|(_, v)| (low..=high).contains(v)).map(|(d, v)| (v, text(d, v))).collect()
}

/// A reliability diagram: what came true over what was said, beside the line where both are equal; bars are as wide as their bin.
pub(super) fn reliability_chart(reliability: &Reliability, what: &str) -> String {
    let mut chart = Chart::new(&format!("Reliability of probabilities, {what}"), "probability said", "came true");
    for i in 0..=5 {
        chart.tick(f64::from(i) / 5.0, &format!("{} %", 20 * i));
    }
    for bin in reliability.bins.iter().filter(|b| b.weight > 0.0) {
        let ((x0, y), (x1, bottom)) = (place(bin.low, bin.true_share), place(bin.high, 0.0));
        let share = bin.weight / reliability.weight;
        let _ = write!(
            chart.svg,
            "<rect class=\"bar\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"><title>said {:.0} %, true {:.0} %, {:.1} % of \
             all</title></rect>",
            x0 + 1.0,
            x1 - x0 - 2.0,
            bottom - y,
            100.0 * bin.said,
            100.0 * bin.true_share,
            100.0 * share
        );
        let (x, y) = place(bin.said, bin.true_share);
        let _ = write!(chart.svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\"/>", 2.5 + 6.0 * share.sqrt());
    }
    chart.line("ideal", [(0.0, 0.0), (1.0, 1.0)].into_iter());
    chart.end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_numbers_inside() {
        let texts = |low, high| decade_ticks(low, high).into_iter().map(|t| t.1).collect::<Vec<_>>();
        assert_eq!(texts(0.04, 3.0), ["0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(texts(3.0, 250_000.0), ["10", "100", "1000", "10000", "100000"]);
    }
}
