//! What the check said against the truth, as a table.

use delimit::check::{BoundaryResult, Reason, Soundness};

use super::synth::{Background, Change, Shape};

/// One label: how it was made, how far it is off, what the check says.
pub struct Row {
    pub shape: Shape,
    pub sigma: f64,
    pub contrast_to_noise: f64,
    pub background: Background,
    pub sign: f64,
    pub change: Change,
    /// True displacement over the contour: mean, median and the 90 % quantile of its size, px.
    pub true_mean: f64,
    pub true_median: f64,
    pub true_p90: f64,
    pub ms: f64,
    pub bias: f64,
    pub p90: f64,
    pub edge_sigma: f64,
    pub noise: f64,
    pub shift: f64,
    pub spread: f64,
    pub verdict: Soundness,
    pub reasons: Vec<Reason>,
    pub is_polarity_right: bool,
}

impl Row {
    pub fn is_measured(&self) -> bool {
        self.verdict != Soundness::Unmeasurable
    }

    /// Figures of the check; those that it does not have count as not off.
    pub fn take(&mut self, result: &BoundaryResult) {
        let or_zero = |v: f64| if v.is_finite() { v } else { 0.0 };
        self.bias = or_zero(result.bias_px);
        self.p90 = or_zero(result.p90_px);
        self.edge_sigma = result.edge_sigma_px;
        self.noise = or_zero(result.noise_px);
        self.shift = or_zero(result.shift_length_px());
        self.spread = or_zero(result.spread_px);
        self.verdict = result.verdict;
        self.reasons.clone_from(&result.reasons);
    }
}

/// A label is off from here on, px …
const POSITIVE: f64 = 2.0;
/// … is right up to here, and between the two counts for neither.
const NEGATIVE: f64 = 1.0;
/// The check flags a label from here on, px.
const FLAG: f64 = 1.5;

pub fn quantile(values: &mut [f64], q: f64) -> f64 {
    if values.is_empty() {
        return f64::NAN;
    }
    values.sort_unstable_by(f64::total_cmp);
    let rank = q * (values.len() - 1) as f64;
    let (i, f) = (rank as usize, rank.fract());
    values[i] + f * (values[(i + 1).min(values.len() - 1)] - values[i])
}

fn share(count: usize, of: usize) -> f64 {
    count as f64 / of.max(1) as f64
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Precision, recall, false-positive rate, area under the curve; error of the bias on labels of one offset; error of P90.
pub fn line(name: &str, rows: &[&Row]) {
    let (bad, good): (Vec<&Row>, Vec<&Row>) =
        rows.iter().filter(|r| r.true_p90 >= POSITIVE || r.true_p90 <= NEGATIVE).partition(|r| r.true_p90 >= POSITIVE);
    let flagged = |rows: &[&Row]| rows.iter().filter(|r| r.p90 >= FLAG).count();
    let (hits, alarms) = (flagged(&bad), flagged(&good));
    let mut order = 0.0;
    for b in &bad {
        for g in &good {
            order += if b.p90 > g.p90 { 1.0 } else { 0.5 * f64::from(u8::from(b.p90 == g.p90)) };
        }
    }
    let mut bias: Vec<f64> =
        rows.iter().filter(|r| matches!(r.change, Change::Offset(_))).map(|r| r.bias - r.true_median).collect();
    let middle = mean(&bias);
    let sd = (bias.iter().map(|b| (b - middle).powi(2)).sum::<f64>() / bias.len() as f64).sqrt();
    let mae = mean(&bias.iter().map(|b| b.abs()).collect::<Vec<_>>());
    let p90: Vec<f64> = rows.iter().map(|r| (r.p90 - r.true_p90).abs()).collect();
    println!(
        "{name:34} n {:4}  P {:.3}  R {:.3}  FPR {:.3}  AUC {:.3} | bias {:+.2} ± {sd:.2}, MAE {mae:.2} | P90 MAE {:.2}",
        rows.len(),
        share(hits, hits + alarms),
        share(hits, bad.len()),
        share(alarms, good.len()),
        order / (bad.len() * good.len()).max(1) as f64,
        quantile(&mut bias, 0.5),
        mean(&p90),
    );
}

pub fn print(rows: &[Row]) {
    let all: Vec<&Row> = rows.iter().collect();
    let measured: Vec<&Row> = rows.iter().filter(|r| r.is_measured()).collect();
    let ms: Vec<f64> = rows.iter().map(|r| r.ms).collect();
    println!(
        "{} labels, {:.3} measured, {:.2} ms each, polarity right {:.4}",
        rows.len(),
        share(measured.len(), rows.len()),
        mean(&ms),
        share(measured.iter().filter(|r| r.is_polarity_right).count(), measured.len())
    );
    line("all, verdict ignored", &all);
    line("measured", &measured);
    let clear: Vec<&Row> = rows.iter().filter(|r| r.sigma <= 1.5 && r.contrast_to_noise >= 4.0).collect();
    line("σ ≤ 1.5 and CNR ≥ 4, none left out", &clear);
    let part = |name: String, keep: &dyn Fn(&Row) -> bool| {
        let kept: Vec<&Row> = rows.iter().filter(|r| keep(r)).collect();
        let measured: Vec<&Row> = kept.iter().copied().filter(|r| r.is_measured()).collect();
        line(&format!("{name} ({:.3} measured)", share(measured.len(), kept.len())), &measured);
    };
    for sigma in [0.7, 1.5, 3.0, 6.0] {
        part(format!("σ {sigma}"), &|r| r.sigma == sigma);
    }
    for shape in [Shape::Disk, Shape::Blob, Shape::Scratch] {
        part(format!("{shape:?}"), &|r| r.shape == shape);
    }
    for cnr in [2.0, 4.0, 8.0, 16.0] {
        part(format!("CNR {cnr}"), &|r| r.contrast_to_noise == cnr);
    }
    for background in [Background::Flat, Background::Iso, Background::Brushed] {
        part(format!("{background:?}"), &|r| r.background == background);
    }
    for sign in [1.0, -1.0] {
        part(format!("sign {sign:+}"), &|r| r.sign == sign);
    }
    println!("-- by change, measured");
    for change in Change::ALL {
        by_change(change, &measured);
    }
    println!("-- verdict with its own tolerance: off = P90 ≥ max(2, 0.7 σ), right = at most half of that");
    for sigma in [0.7, 1.5, 3.0, 6.0] {
        by_blur(sigma, rows);
    }
    println!("-- unmeasurable, and why");
    for sigma in [0.7, 1.5, 3.0, 6.0] {
        for cnr in [2.0, 4.0, 8.0, 16.0] {
            unmeasurable(sigma, cnr, rows);
        }
    }
}

fn by_change(change: Change, measured: &[&Row]) {
    let rows: Vec<&&Row> = measured.iter().filter(|r| r.change == change).collect();
    let median = |f: &dyn Fn(&Row) -> f64| quantile(&mut rows.iter().map(|r| f(r)).collect::<Vec<_>>(), 0.5);
    let verdict = |v| share(rows.iter().filter(|r| r.verdict == v).count(), rows.len());
    println!(
        "{:14} n {:3}  P90 true {:.2} read {:.2} | bias true {:+.2} read {:+.2} | shift {:.2} | spread {:.2} | pass {:.2} warn {:.2} fail {:.2}",
        format!("{change:?}"),
        rows.len(),
        median(&|r| r.true_p90),
        median(&|r| r.p90),
        median(&|r| r.true_mean),
        median(&|r| r.bias),
        median(&|r| r.shift),
        median(&|r| r.spread),
        verdict(Soundness::Pass),
        verdict(Soundness::Warn),
        verdict(Soundness::Fail),
    );
}

fn by_blur(sigma: f64, rows: &[Row]) {
    let tolerance = f64::max(2.0, 0.7 * sigma);
    let rows: Vec<&Row> = rows.iter().filter(|r| r.sigma == sigma && r.is_measured()).collect();
    let bad: Vec<&&Row> = rows.iter().filter(|r| r.true_p90 >= tolerance).collect();
    let good: Vec<&&Row> = rows.iter().filter(|r| r.true_p90 <= tolerance / 2.0).collect();
    let at_least = |rows: &[&&Row], v| share(rows.iter().filter(|r| r.verdict >= v).count(), rows.len());
    let blur = |q| quantile(&mut rows.iter().map(|r| r.edge_sigma).collect::<Vec<_>>(), q);
    println!(
        "σ {sigma}: n {:4}  recall warn {:.3} fail {:.3}  false warn {:.3} fail {:.3}  σ read {:.2} {:.2} {:.2} (10, 50, 90 %)",
        rows.len(),
        at_least(&bad, Soundness::Warn),
        at_least(&bad, Soundness::Fail),
        at_least(&good, Soundness::Warn),
        at_least(&good, Soundness::Fail),
        blur(0.1),
        blur(0.5),
        blur(0.9),
    );
}

fn unmeasurable(sigma: f64, cnr: f64, rows: &[Row]) {
    let rows: Vec<&Row> = rows.iter().filter(|r| r.sigma == sigma && r.contrast_to_noise == cnr).collect();
    let missing: Vec<&&Row> = rows.iter().filter(|r| !r.is_measured()).collect();
    let count = |reason| missing.iter().filter(|r| r.reasons.contains(&reason)).count();
    println!(
        "σ {sigma} CNR {cnr:2}: {:.3} unmeasurable; coverage {}, no step {}, wide {}, noise {}",
        share(missing.len(), rows.len()),
        count(Reason::LowCoverage),
        count(Reason::NoEdge),
        count(Reason::WideEdge),
        count(Reason::Noise),
    );
}
