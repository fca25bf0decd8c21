//! The tables of the page. Writing to a string cannot fail, so what `write!` returns is not looked at.

use std::fmt::Write as _;

use super::{escape, number, verdict};
use crate::judge::claims::percent;
use crate::judge::{Money, Rate, Tally};
use crate::workflow::report::value::{Report, SourceReport};

pub(super) fn header(page: &mut String, r: &Report) {
    let release = match (&r.ruleset.version, &r.ruleset.release) {
        (Some(version), Some(words)) => format!("released as version {version} <span class=\"soft\">({})</span>", escape(words)),
        _ => "not released as it is here".to_owned(),
    };
    let note = if r.ruleset.note.is_empty() {
        String::new()
    } else {
        format!("<br/><span class=\"soft\">{}</span>", escape(&r.ruleset.note))
    };
    let name = if r.ruleset.name.is_empty() { "without a name".to_owned() } else { escape(&r.ruleset.name) };
    let _ = writeln!(
        page,
        "<header><h1>{}: inspection report</h1><p class=\"soft\">{}</p></header>\n<table><tbody>\n<tr><th>Made by</th><td>{}, {}, with \
         Delimit {}</td></tr>\n<tr><th>Ruleset</th><td>{name}, {release}{note}</td></tr>\n<tr><th>SHA-256 of the ruleset</th><td \
         class=\"hash\" data-figure=\"ruleset.sha256\">{}</td></tr>\n</tbody></table>",
        escape(&r.part_number),
        escape(&r.project),
        escape(&r.made.by),
        r.made.at,
        escape(&r.program),
        r.ruleset.sha256
    );
}

/// `2 of 17`.
fn of(rate: Rate) -> String {
    format!("{} of {}", rate.count, rate.of)
}

/// `3–34 %`, or a dash where nothing was seen.
fn interval(rate: Rate) -> String {
    if rate.of == 0 {
        return "–".to_owned();
    }
    let i = rate.interval();
    let decimals = usize::from(100.0 * i.high < 10.0);
    format!("{:.decimals$}–{:.decimals$} %", 100.0 * i.low, 100.0 * i.high)
}

pub(super) fn summary(page: &mut String, r: &Report) {
    page.push_str("<section>\n<h2>Result</h2>\n");
    if r.sources.is_empty() {
        page.push_str("<p>Nothing was judged: no part has a label, and no image was predicted.</p>\n");
    }
    for s in &r.sources {
        let word = s.source.word();
        let engine = s.engine.as_ref().map_or_else(String::new, |e| format!(", {}", escape(e)));
        let _ = writeln!(page, "<h3>On {word}: {} parts{engine}</h3>\n<div class=\"tiles\">", s.tally.total());
        for (class, mark, name, count) in
            [("ok", "✓", "OK", s.tally.ok), ("review", "?", "review", s.tally.review), ("ng", "✕", "NG", s.tally.ng)]
        {
            let _ = writeln!(
                page,
                "<div class=\"tile {class}\"><b data-figure=\"{word}.tally.{class}\">{count}</b><span>{mark} {name}</span></div>"
            );
        }
        page.push_str(
            "</div>\n<table><thead><tr><th>Against the truth</th><th class=\"num\">counted</th><th class=\"num\">share</th><th \
             class=\"num\">true share, 95 %</th></tr></thead><tbody>\n",
        );
        for ((name, rate, _), (key, what)) in s.rates().into_iter().zip([
            ("escapes", "accepted, of parts that are NG in truth"),
            ("overkill", "rejected, of parts that are OK in truth"),
            ("review_load", "left to a person, of all parts"),
        ]) {
            let share = rate.share().map_or_else(|| "–".to_owned(), percent);
            let _ = writeln!(
                page,
                "<tr><td>{name} <span class=\"soft\">{what}</span></td><td class=\"num\" data-figure=\"{word}.{key}\">{}</td><td \
                 class=\"num\">{share}</td><td class=\"num\">{}</td></tr>",
                of(rate),
                interval(rate)
            );
        }
        page.push_str("</tbody></table>\n");
        truth_table(page, s);
        for claim in &s.claims {
            let _ = writeln!(page, "<p>{}.</p>", escape(&claim.to_string()));
        }
        cost(page, r, s);
    }
    page.push_str("</section>\n");
}

fn truth_table(page: &mut String, s: &SourceReport) {
    let word = s.source.word();
    page.push_str(
        "<table><thead><tr><th>Truth</th><th class=\"num\">✓ OK</th><th class=\"num\">? review</th><th class=\"num\">✕ NG</th><th \
         class=\"num\">parts</th></tr></thead><tbody>\n",
    );
    for (name, key, tally) in [
        ("OK in truth", "truly_ok", s.score.truly_ok),
        ("NG in truth", "truly_ng", s.score.truly_ng),
        ("not decided", "undecided", s.score.undecided),
    ] {
        let _ = writeln!(page, "<tr><td>{name}</td>{}</tr>", counts(tally, &format!("{word}.{key}")));
    }
    page.push_str("</tbody></table>\n");
}

/// Four cells: OK, review, NG and their sum.
fn counts(tally: Tally, figure: &str) -> String {
    let mut cells = String::new();
    for (key, n) in [("ok", tally.ok), ("review", tally.review), ("ng", tally.ng), ("total", tally.total())] {
        let figure = if figure.is_empty() { String::new() } else { format!(" data-figure=\"{figure}.{key}\"") };
        let _ = write!(cells, "<td class=\"num\"{figure}>{n}</td>");
    }
    cells
}

fn cost(page: &mut String, r: &Report, s: &SourceReport) {
    let Some(cost) = &s.cost else { return };
    let sign = escape(&r.currency);
    let money = |m: Money| {
        let value = m.value.map_or_else(|| "not known".to_owned(), |v| format!("{sign} {v:.0}"));
        format!("<td class=\"num\">{value}</td><td class=\"num\">{sign} {:.0} – {:.0}</td>", m.low, m.high)
    };
    page.push_str(
        "<table><thead><tr><th>Cost per day</th><th class=\"num\">by the counts</th><th class=\"num\">95 %</th></tr></thead><tbody>\n",
    );
    for (name, m) in
        [("good parts scrapped", cost.overkill), ("escapes", cost.escape), ("reviews", cost.review), ("together", cost.total)]
    {
        let _ = writeln!(page, "<tr><td>{name}</td>{}</tr>", money(m));
    }
    let assumed = if cost.is_share_assumed { ", the share in this set" } else { "" };
    let _ = writeln!(
        page,
        "</tbody></table>\n<p class=\"soft\">Reckoned with {} NG parts in production{assumed}.</p>",
        percent(cost.ng_share)
    );
}

pub(super) fn attention(page: &mut String, r: &Report) {
    let broken = r.golden.iter().filter(|g| g.got != Some(g.expected)).count();
    if r.alarms.is_empty() && broken == 0 {
        return;
    }
    page.push_str("<section>\n<h2>To be looked at</h2>\n");
    if broken > 0 {
        let _ = writeln!(
            page,
            "<p class=\"alarm\">✕ {broken} of {} golden parts do not get the verdict that was agreed.</p>",
            r.golden.len()
        );
    }
    for alarm in &r.alarms {
        let kind = if alarm.escapes > 0 { "alarm" } else { "alarm mild" };
        let _ = writeln!(page, "<p class=\"{kind}\">! {}.</p>", escape(&alarm.sentence));
    }
    page.push_str("</section>\n");
}

pub(super) fn wrong_parts(page: &mut String, s: &SourceReport) {
    page.push_str("<h3>Escapes and overkill</h3>\n");
    if s.wrong.is_empty() {
        page.push_str("<p>No decided part was accepted though NG, and none rejected though OK.</p>\n");
        return;
    }
    page.push_str("<table><thead><tr><th>Part</th><th>What</th><th>Why</th></tr></thead><tbody>\n");
    for w in &s.wrong {
        let what = if w.is_escape { "<span class=\"v ng\">escape</span>" } else { "<span class=\"v review\">overkill</span>" };
        let _ = writeln!(page, "<tr><td>{}</td><td>{what}</td><td>{}</td></tr>", escape(&w.part), escape(&w.sentence));
    }
    page.push_str("</tbody></table>\n");
}

pub(super) fn causes(page: &mut String, s: &SourceReport) {
    if s.causes.is_empty() {
        return;
    }
    page.push_str(
        "<h3>Causes</h3>\n<p class=\"soft\">Each NG or review part counts once, for its worst reason.</p>\n<table><thead><tr><th>Class</th>\
         <th>Zone</th><th class=\"num\">✕ NG parts</th><th class=\"num\">? review parts</th><th></th><th \
         class=\"num\">cumulative</th></tr></thead><tbody>\n",
    );
    let most = s.causes.iter().map(|c| c.ng_parts + c.review_parts).max().unwrap_or(1).max(1) as f64;
    for c in &s.causes {
        let [ng, review] = [c.ng_parts, c.review_parts].map(|n| 100.0 * n as f64 / most);
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td><td><svg class=\"bar\" width=\"110\" height=\"10\" viewBox=\"0 0 100 10\" \
             preserveAspectRatio=\"none\"><rect fill=\"#E5484D\" x=\"0\" y=\"1\" width=\"{ng:.1}\" height=\"8\"/><rect fill=\"#F2A93B\" \
             x=\"{ng:.1}\" y=\"1\" width=\"{review:.1}\" height=\"8\"/></svg></td><td class=\"num\">{}</td></tr>",
            escape(&c.class),
            any(&c.zone),
            c.ng_parts,
            c.review_parts,
            percent(c.cumulative)
        );
    }
    page.push_str("</tbody></table>\n");
}

/// A name of which `*` stands for all.
fn any(name: &str) -> String {
    if name == crate::judge::ANY { "any".to_owned() } else { escape(name) }
}

pub(super) fn matrix(page: &mut String, s: &SourceReport) {
    page.push_str(
        "<h3>Limits and regions</h3>\n<table><thead><tr><th>Class</th><th>Zone</th><th>Limits</th><th class=\"num\">✓ OK</th><th \
         class=\"num\">? review</th><th class=\"num\">✕ NG</th><th class=\"num\">regions</th></tr></thead><tbody>\n",
    );
    for row in &s.matrix {
        let mut limits: Vec<String> = row.limits.iter().map(|l| escape(l)).collect();
        if let Some(cell) = &row.decided_by {
            limits.push(format!("<span class=\"soft\">from {}</span>", escape(cell)));
        }
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td>{}</tr>",
            any(&row.class),
            any(&row.zone),
            limits.join("<br/>"),
            counts(row.regions, "")
        );
    }
    page.push_str(
        "</tbody></table>\n<p class=\"soft\">Regions by the verdict they get by themselves; one in two zones counts in both.</p>\n",
    );
}

pub(super) fn rules(page: &mut String, s: &SourceReport) {
    if s.rules.is_empty() {
        return;
    }
    page.push_str(
        "<h3>Rules</h3>\n<table><thead><tr><th>Rule</th><th class=\"num\">✕ NG parts</th><th class=\"num\">? review \
         parts</th></tr></thead><tbody>\n",
    );
    for r in &s.rules {
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td class=\"num\">{}</td><td class=\"num\">{}</td></tr>",
            escape(&r.words),
            r.ng_parts,
            r.review_parts
        );
    }
    page.push_str("</tbody></table>\n");
}

pub(super) fn not_judged(page: &mut String, s: &SourceReport) {
    if !s.not_judged.is_empty() {
        let why = if s.source == crate::workflow::report::Source::Labels { "label" } else { "prediction" };
        let _ = writeln!(
            page,
            "<h3>Not judged</h3>\n<p>{} parts have an image without a readable {why}: {}.</p>",
            s.not_judged.len(),
            escape(&s.not_judged.join(", "))
        );
    }
    for problem in &s.problems {
        let _ = writeln!(page, "<p class=\"alarm\">{}</p>", escape(problem));
    }
}

pub(super) fn golden(page: &mut String, r: &Report) {
    page.push_str("<section>\n<h2>Golden parts</h2>\n");
    if r.golden.is_empty() {
        page.push_str("<p>No part has an agreed verdict.</p>\n</section>\n");
        return;
    }
    let on = r.golden_on.map_or("nothing", super::super::sources::Source::word);
    let _ = writeln!(
        page,
        "<p class=\"soft\">Held against verdicts on {on}.</p>\n<table><thead><tr><th>Part</th><th>Agreed</th><th>Gets</th><th></th><th>By</th>\
         <th>Note</th></tr></thead><tbody>"
    );
    for g in &r.golden {
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td>{}, {}</td><td>{}</td></tr>",
            escape(&g.part),
            verdict(g.expected),
            g.got.map_or("not judged", verdict),
            if g.got == Some(g.expected) { "holds" } else { "<b>breaks</b>" },
            escape(&g.agreed.by),
            g.agreed.at,
            escape(&g.note)
        );
    }
    page.push_str("</tbody></table>\n</section>\n");
}

pub(super) fn fingerprints(page: &mut String, r: &Report) {
    page.push_str("<section>\n<h2>What the verdicts hang on</h2>\n<table><thead><tr><th>What</th><th>Name</th><th>SHA-256</th></tr></thead><tbody>\n");
    let mut row = |what: &str, name: &str, hash: Option<&str>| {
        let hash = hash.map_or_else(|| "cannot be read".to_owned(), escape);
        let _ = writeln!(page, "<tr><td>{what}</td><td>{}</td><td class=\"hash\">{hash}</td></tr>", escape(name));
    };
    row("ruleset", &r.ruleset.name, Some(&r.ruleset.sha256));
    for f in &r.files {
        row(f.what, &f.name, f.sha256.as_deref());
    }
    match r.calibration {
        Some(c) => {
            let words = format!("{} mm/px across, {} mm/px down", number(c.x_mm_per_px), number(c.y_mm_per_px));
            row("calibration", &words, r.calibration_sha256.as_deref());
        }
        None => row("calibration", "none: sizes in mm are not measured", Some("–")),
    }
    page.push_str("</tbody></table>\n</section>\n");
}

pub(super) fn words(page: &mut String) {
    page.push_str(
        "<section>\n<h2>Words</h2>\n<dl class=\"words\"><dt>Escape</dt><dd>A part that is NG in truth and was accepted.</dd><dt>Overkill</dt>\
         <dd>A part that is OK in truth and was rejected.</dd><dt>Review</dt><dd>A part that a person must look at.</dd><dt>True share, 95 \
         %</dt><dd>Where the true share lies with 95 % confidence, given so few parts (Wilson). What a count proves is said with the exact \
         bound of Clopper and Pearson.</dd><dt>Golden part</dt><dd>A part whose verdict is agreed.</dd><dt>Truth</dt><dd>What a person \
         decided about the part.</dd></dl>\n</section>\n",
    );
}
