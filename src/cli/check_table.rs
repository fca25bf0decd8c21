//! `delimit check` for people: findings, sums by group, systematic errors, verdicts that hang on a pixel.

use std::io::Write;

use delimit::check::systematic::Estimate;
use delimit::check::{Finding, FindingKind, GroupSummary};
use delimit::judge::{Rate, Verdict};
use delimit::session::Session;
use delimit::workflow::flip_test::{Consequence, FlipTest, RegionFlips};
use delimit::workflow::label_groups::summaries;

use super::check::{By, CheckedProject, counts_text, severity_word};
use super::output::{Table, count_text, rate_text};

/// Fragile parts that are listed one by one.
const LISTED_PARTS: usize = 10;
/// Lines for people are not longer than this where words can be moved to the next.
const WIDTH: usize = 100;
/// Messages get at least this many columns, however wide what stands before them is.
const LEAST_MESSAGE: usize = 36;

/// The text in lines of at most `width` characters, broken between words; a longer word has a line of its own.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last = lines.len() - 1;
        let line = &mut lines[last];
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.push(' ');
            line.push_str(word);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

/// A line, and what does not fit into it indented below.
fn write_wrapped(text: &str, indent: usize, out: &mut dyn Write) -> anyhow::Result<()> {
    for (i, line) in wrapped(text, WIDTH - indent - 2).into_iter().enumerate() {
        writeln!(out, "{}{line}", " ".repeat(if i == 0 { indent } else { indent + 2 }))?;
    }
    Ok(())
}

pub fn write(session: &Session, checked: &CheckedProject, by: By, out: &mut dyn Write) -> anyhow::Result<()> {
    write_findings(session, checked, out)?;
    write_groups(session, checked, by, out)?;
    let class_name = |class| session.project().class_name(class);
    for error in &checked.systematic {
        write_wrapped(&format!("Systematic: {}", error.sentence(&class_name)), 0, out)?;
    }
    if !checked.systematic.is_empty() {
        writeln!(out)?;
    }
    for (&pn, test) in &checked.flips {
        write_stability(session, pn, test, out)?;
    }
    let total = count_text(checked.counts.total(), "region", "regions");
    let mut last = format!("{}; boundaries of {total}: {}", checked.findings_text(), counts_text(checked.counts));
    if checked.unlabelled > 0 {
        last.push_str("; ");
        last.push_str(&count_text(checked.unlabelled, "image", "images"));
        last.push_str(" without a label");
    }
    write_wrapped(&last, 0, out)
}

fn write_findings(session: &Session, checked: &CheckedProject, out: &mut dyn Write) -> anyhow::Result<()> {
    if checked.findings.is_empty() {
        return Ok(());
    }
    let project = session.project();
    let has_flips = !checked.flips.is_empty();
    let mut head = vec!["severity", "image", "region", "p90 px", "of"];
    if has_flips {
        head.push("set right");
    }
    // What cannot be told from the photo has no figure that people should read.
    let figure = |finding: &Finding, v: f64| match finding.kind {
        FindingKind::Boundary(_) if v.is_finite() => format!("{v:.1}"),
        _ => "–".to_owned(),
    };
    let mut rows = Vec::new();
    for (image, finding) in &checked.findings {
        let mut row = vec![
            severity_word(finding.severity).to_owned(),
            project.images()[*image].id.clone(),
            finding.region.map_or_else(String::new, |r| format!("{} #{}", project.class_name(finding.class), r + 1)),
            figure(finding, finding.p90_px),
            figure(finding, finding.tolerance_px),
        ];
        if has_flips {
            let flips = finding.region.and_then(|r| checked.flips.values().find_map(|test| test.region(*image, r)));
            row.push(flips.map_or_else(String::new, consequence_text));
        }
        rows.push((row, &finding.message));
    }
    // What stands before the message, with two spaces after each column.
    let width_of = |c: usize| rows.iter().map(|(row, _)| row[c].chars().count()).chain([head[c].len()]).max().unwrap_or(0);
    let before: usize = (0..head.len()).map(|c| width_of(c) + 2).sum();
    let width = WIDTH.saturating_sub(before).max(LEAST_MESSAGE);
    let columns = head.len();
    head.push("finding");
    let mut table = Table::new(&head, &[3, 4]);
    for (mut row, message) in rows {
        for line in wrapped(message, width) {
            row.push(line);
            table.row(std::mem::replace(&mut row, vec![String::new(); columns]));
        }
    }
    table.write(out)?;
    writeln!(out)?;
    Ok(())
}

/// `part NG → OK`, `OK → review` for the region alone, or nothing.
fn consequence_text(flips: &RegionFlips) -> String {
    let Some(moved) = flips.moved else { return String::new() };
    match flips.consequence() {
        Consequence::None => String::new(),
        Consequence::Region => format!("{} → {}", flips.as_is, moved.region.map_or("gone", Verdict::word)),
        Consequence::Part => format!("part {} → {}", flips.part_as_is, moved.part),
    }
}

fn write_groups(session: &Session, checked: &CheckedProject, by: By, out: &mut dyn Write) -> anyhow::Result<()> {
    let groups = summaries(session.project(), &checked.figures, by.group());
    if groups.is_empty() {
        return Ok(());
    }
    let head = [by.head(), "n", "pass", "warn", "fail", "unmeasurable", "bias px", "p90 px", "flagged"];
    let mut table = Table::new(&head, &[1, 2, 3, 4, 5, 6, 7, 8]);
    for group in &groups {
        let GroupSummary { pass, warn, fail, unmeasurable, bias, p90_px, .. } = group.summary;
        table.row(vec![
            group.name.clone(),
            group.summary.regions().to_string(),
            pass.to_string(),
            warn.to_string(),
            fail.to_string(),
            unmeasurable.to_string(),
            bias.map_or_else(|| "–".to_owned(), bias_text),
            if p90_px.is_nan() { "–".to_owned() } else { format!("{p90_px:.2}") },
            group.summary.flagged_share().map_or_else(|| "–".to_owned(), |s| format!("{:.0} %", 100.0 * s)),
        ]);
    }
    table.write(out)?;
    writeln!(out)?;
    Ok(())
}

fn bias_text(bias: Estimate) -> String {
    format!("{:+.2} ± {:.2}", bias.median, bias.se).replace('-', "−")
}

fn write_stability(session: &Session, part_number: usize, test: &FlipTest, out: &mut dyn Write) -> anyhow::Result<()> {
    let project = session.project();
    let name = &project.part_numbers[part_number].name;
    if test.parts.is_empty() {
        writeln!(out, "Stability of {name}: no part is labelled on all its images")?;
        return Ok(());
    }
    let share = |rate: Rate| format!("{:.0} %", 100.0 * rate.share().unwrap_or(0.0));
    let (one, two) = (test.stable_within(1), test.stable_within(2));
    let text = format!(
        "Stability of {name}: {} of the parts keep their verdict when all boundaries move by ±1 px ({}), {} by ±2 px",
        share(one),
        rate_text(one),
        share(two)
    );
    write_wrapped(&text, 0, out)?;
    let text = format!(
        "{} between OK and NG without a review within ±1 px; {} another verdict with labels that follow the photo",
        count_text(test.hard_flips_within(1).count, "part goes", "parts go"),
        count_text(test.wrong_by_labels().count, "part gets", "parts get"),
    );
    write_wrapped(&text, 2, out)?;
    let cells: Vec<String> = test
        .cells
        .iter()
        .filter(|(_, cell)| cell.stable[0] < cell.regions)
        .map(|((class, zone), cell)| {
            let zone = project.part_numbers[part_number].zone_name(*zone);
            format!("{} × {zone} {} of {}", project.class_name(*class), cell.regions - cell.stable[0], cell.regions)
        })
        .collect();
    if !cells.is_empty() {
        write_wrapped(&format!("regions whose verdict hangs on ±1 px: {}", cells.join(", ")), 2, out)?;
    }
    let fragile = test.fragile();
    for part in fragile.iter().take(LISTED_PARTS) {
        let Some((step, verdict)) = part.smallest_flip() else { continue };
        let serial = &project.parts()[part.part].serial;
        let step = format!("{step:+}").replace('-', "−");
        writeln!(out, "  fragile: {serial} is {} and {verdict} at {step} px", part.as_is)?;
    }
    if fragile.len() > LISTED_PARTS {
        writeln!(out, "  … and {} more; --format json lists all", fragile.len() - LISTED_PARTS)?;
    }
    writeln!(out)?;
    Ok(())
}
