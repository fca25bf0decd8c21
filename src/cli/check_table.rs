//! `delimit check` for people: findings, sums by group, systematic errors, verdicts that hang on a pixel.

use std::io::Write;

use delimit::check::GroupSummary;
use delimit::check::systematic::Estimate;
use delimit::judge::{Rate, Verdict};
use delimit::session::Session;
use delimit::workflow::flip_test::{Consequence, FlipTest, RegionFlips};
use delimit::workflow::label_groups::summaries;

use super::check::{By, CheckedProject, counts_text, severity_word};
use super::output::{Table, count_text, rate_text};

/// Fragile parts that are listed one by one.
const LISTED_PARTS: usize = 10;

pub fn write(session: &Session, checked: &CheckedProject, by: By, out: &mut dyn Write) -> anyhow::Result<()> {
    write_findings(session, checked, out)?;
    write_groups(session, checked, by, out)?;
    let class_name = |class| session.project().class_name(class);
    for error in &checked.systematic {
        writeln!(out, "Systematic: {}", error.sentence(&class_name))?;
    }
    if !checked.systematic.is_empty() {
        writeln!(out)?;
    }
    for (&pn, test) in &checked.flips {
        write_stability(session, pn, test, out)?;
    }
    let total = count_text(checked.counts.total(), "region", "regions");
    write!(out, "{}; boundaries of {total}: {}", checked.findings_text(), counts_text(checked.counts))?;
    if checked.unlabelled > 0 {
        write!(out, "; {} without a label", count_text(checked.unlabelled, "image", "images"))?;
    }
    writeln!(out)?;
    Ok(())
}

fn write_findings(session: &Session, checked: &CheckedProject, out: &mut dyn Write) -> anyhow::Result<()> {
    let project = session.project();
    let has_flips = !checked.flips.is_empty();
    let mut head = vec!["severity", "image", "region", "class", "p90 px", "of", "finding"];
    if has_flips {
        head.insert(6, "set right");
    }
    let mut table = Table::new(&head, &[2, 4, 5]);
    let number = |v: f64| if v.is_nan() { "–".to_owned() } else { format!("{v:.1}") };
    for (image, finding) in &checked.findings {
        let mut row = vec![
            severity_word(finding.severity).to_owned(),
            project.images()[*image].id.clone(),
            finding.region.map_or_else(String::new, |r| format!("#{}", r + 1)),
            finding.region.map_or_else(String::new, |_| project.class_name(finding.class)),
            number(finding.p90_px),
            number(finding.tolerance_px),
            finding.message.clone(),
        ];
        if has_flips {
            let flips = finding.region.and_then(|r| checked.flips.values().find_map(|test| test.region(*image, r)));
            row.insert(6, flips.map_or_else(String::new, consequence_text));
        }
        table.row(row);
    }
    if !checked.findings.is_empty() {
        table.write(out)?;
        writeln!(out)?;
    }
    Ok(())
}

/// `part NG → OK`, `region OK → review`, or nothing.
fn consequence_text(flips: &RegionFlips) -> String {
    let Some(moved) = flips.moved else { return String::new() };
    match flips.consequence() {
        Consequence::None => String::new(),
        Consequence::Region => format!("region {} → {}", flips.as_is, moved.region.map_or("gone", Verdict::word)),
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
    writeln!(
        out,
        "Stability of {name}: {} of the parts keep their verdict when all boundaries move by ±1 px ({}), {} by ±2 px",
        share(one),
        rate_text(one),
        share(two)
    )?;
    let wrong = test.wrong_by_labels();
    let hard = test.hard_flips_within(1).count;
    writeln!(
        out,
        "  {} between OK and NG without a review within ±1 px; {} another verdict with labels that follow the photo",
        count_text(hard, "part goes", "parts go"),
        count_text(wrong.count, "part gets", "parts get"),
    )?;
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
        writeln!(out, "  regions whose verdict hangs on ±1 px: {}", cells.join(", "))?;
    }
    let fragile = test.fragile();
    for part in fragile.iter().take(LISTED_PARTS) {
        let Some((step, verdict)) = part.smallest_flip() else { continue };
        let serial = &project.parts()[part.part].serial;
        writeln!(out, "  fragile: {serial} is {} and {verdict} at {step:+} px", part.as_is)?;
    }
    if fragile.len() > LISTED_PARTS {
        writeln!(out, "  … and {} more; --format json lists all", fragile.len() - LISTED_PARTS)?;
    }
    writeln!(out)?;
    Ok(())
}
