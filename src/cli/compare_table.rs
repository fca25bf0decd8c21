//! A comparison as tables of at most 100 columns.

use std::io::Write;

use delimit::compare::{ClassCounts, PodResult, Reliability};
use delimit::judge::{Rate, Score, Verdict};
use delimit::session::Session;
use delimit::workflow::SetComparison;
use delimit::workflow::compare_set::ClassFigures;

use super::output::{Table, count_text, rate_text, share_text, tally_text};

/// How many suspects and images of a queue are listed; JSON has them all.
const LISTED: usize = 10;

pub fn write_tables(session: &Session, c: &SetComparison, out: &mut dyn Write) -> anyhow::Result<()> {
    let project = session.project();
    let name = &project.part_numbers[c.part_number].name;
    writeln!(out, "Part number {name}: predictions against the labels of {}", count_text(c.compared(), "image", "images"))?;
    for (images, what) in [(&c.unlabelled, "without a label"), (&c.unpredicted, "not predicted")] {
        if !images.is_empty() {
            writeln!(out, "  {} {what}", count_text(images.len(), "image", "images"))?;
        }
    }
    if c.compared() == 0 {
        writeln!(out, "No image has a label to compare with")?;
        return Ok(());
    }
    let class_name = |id: u8| if id == 0 { "nothing".to_owned() } else { project.class_name(id) };
    parts(c, out)?;
    pixels(c, &class_name, out)?;
    boundaries(c, &class_name, out)?;
    defects(c, &class_name, out)?;
    detection(c, &class_name, out)?;
    trust(c, &class_name, out)?;
    lists(session, c, &class_name, out)
}

fn parts(c: &SetComparison, out: &mut dyn Write) -> anyhow::Result<()> {
    let Some(parts) = &c.parts else {
        writeln!(out, "\nParts: no ruleset, so no part was judged")?;
        return Ok(());
    };
    writeln!(out, "\nParts, by ruleset {:?}", parts.ruleset)?;
    writeln!(out, "  labels       {}", tally_text(parts.labels))?;
    writeln!(out, "  predictions  {}", tally_text(parts.predictions))?;
    writeln!(out, "  the same verdict on both: {}", rate_text(parts.same_verdict()))?;
    let mut table = Table::new(&["predictions against", "escapes", "overkill", "review"], &[]);
    for (what, score) in [("what people say", parts.against_people), ("the same rules on labels", parts.against_labels)] {
        table.row(score_row(what, score));
    }
    table.row(score_row("(labels against people)", parts.labels_against_people));
    table.write(out)?;
    let changed = parts.verdicts.iter().filter(|((l, p), _)| (*l == Verdict::Ok) != (*p == Verdict::Ok));
    let count: usize = changed.map(|(_, parts)| parts.len()).sum();
    if count > 0 {
        writeln!(out, "  {} OK on one side only", count_text(count, "part is", "parts are"))?;
    }
    Ok(())
}

fn score_row(what: &str, score: Score) -> Vec<String> {
    vec![what.to_owned(), rate_text(score.escapes()), rate_text(score.overkill()), rate_text(score.review_load())]
}

fn pixels(c: &SetComparison, name: &dyn Fn(u8) -> String, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "\nPixels, pooled; the last columns are IoU image by image")?;
    let header = ["class", "IoU", "Dice", "precision", "recall", "images", "lowest", "median", "highest"];
    let mut table = Table::new(&header, &[1, 2, 3, 4, 5, 6, 7, 8]);
    for class in &c.classes {
        let p = class.pixels;
        let mut row = vec![name(class.class)];
        row.extend([p.iou(), p.dice(), p.precision(), p.recall()].map(share_text));
        match class.iou {
            Some(d) => row.extend([d.count.to_string(), short(d.lowest), short(d.median), short(d.highest)]),
            None => row.extend(["0", "–", "–", "–"].map(str::to_owned)),
        }
        table.row(row);
    }
    let mean = |f: fn(ClassCounts) -> Option<f64>| share_text(c.confusion.mean(f));
    table.row(vec![
        "mean of classes".into(),
        mean(ClassCounts::iou),
        mean(ClassCounts::dice),
        mean(ClassCounts::precision),
        mean(ClassCounts::recall),
    ]);
    table.write(out)?;
    writeln!(out, "Cohen's kappa with background: {}", share_text(c.confusion.kappa()))?;
    writeln!(out, "Confusion, pixels: rows are labels, columns predictions")?;
    let ids: Vec<u8> = std::iter::once(0).chain(c.classes.iter().map(|f| f.class)).collect();
    matrix(&ids, name, |t, p| c.confusion.count(t, p)).write(out)?;
    Ok(())
}

/// A matrix with a row and a column for each id; columns of names that are too long for the width are cut.
fn matrix(ids: &[u8], name: &dyn Fn(u8) -> String, count: impl Fn(u8, u8) -> u64) -> Table {
    let room = (80 / ids.len().max(1)).saturating_sub(2).max(6);
    let cut = |id: &u8| name(*id).chars().take(room).collect::<String>();
    let header: Vec<String> = std::iter::once(String::new()).chain(ids.iter().map(cut)).collect();
    let header: Vec<&str> = header.iter().map(String::as_str).collect();
    let mut table = Table::new(&header, &(1..=ids.len()).collect::<Vec<_>>());
    for &t in ids {
        let cells = ids.iter().map(|&p| if (t, p) == (0, 0) && count(0, 0) == 0 { String::new() } else { count(t, p).to_string() });
        table.row(std::iter::once(name(t)).chain(cells).collect());
    }
    table
}

fn boundaries(c: &SetComparison, name: &dyn Fn(u8) -> String, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "\nBoundaries at 2 px; distances in px, HD95 over images that have the class in both")?;
    let header = ["class", "boundary IoU", "boundary F", "surface Dice", "ASSD", "HD95 median", "worst"];
    let mut table = Table::new(&header, &[1, 2, 3, 4, 5, 6]);
    for class in &c.classes {
        let b = &class.boundary;
        let hd = delimit::compare::Distribution::of(&b.hd95);
        let px = |v: Option<f64>| v.map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"));
        let mut row = vec![name(class.class)];
        row.extend([b.boundary_iou(), b.boundary_f(), b.surface_dice()].map(share_text));
        row.extend([b.assd(), hd.map(|d| d.median), hd.map(|d| d.highest)].map(px));
        table.row(row);
    }
    table.write(out)?;
    Ok(())
}

fn defects(c: &SetComparison, name: &dyn Fn(u8) -> String, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "\nDefects: found when a prediction of the class comes within 2 px")?;
    let header = ["class", "found", "predictions right", "other class", "split", "merged", "covered"];
    let mut table = Table::new(&header, &[3, 4, 5, 6]);
    let row = |what: String, recall: Rate, precision: Rate, rest: [String; 4]| {
        [what, rate_text(recall), rate_text(precision)].into_iter().chain(rest).collect::<Vec<_>>()
    };
    let sum = |f: fn(&ClassFigures) -> usize| c.classes.iter().map(f).sum::<usize>().to_string();
    for class in &c.classes {
        let covered = class.coverage.map_or_else(|| "–".to_owned(), |d| short(d.median));
        let rest = [class.taken.to_string(), class.split.to_string(), class.merged.to_string(), covered];
        table.row(row(name(class.class), class.recall, class.precision, rest));
    }
    table.row(row("all".into(), c.recall(), c.precision(), [sum(|c| c.taken), sum(|c| c.split), sum(|c| c.merged), String::new()]));
    table.write(out)?;
    if let Some(calls) = c.false_calls_per_image() {
        writeln!(out, "False calls (on no labelled defect of any class): {calls:.2} an image")?;
    }
    writeln!(out, "Confusion, defects: rows are labels, columns predictions")?;
    let ids: Vec<u8> = std::iter::once(0).chain(c.classes.iter().map(|f| f.class)).collect();
    matrix(&ids, name, |t, p| c.defects.get(&(t, p)).map_or(0, |cases| cases.len() as u64)).write(out)?;
    Ok(())
}

fn detection(c: &SetComparison, name: &dyn Fn(u8) -> String, out: &mut dyn Write) -> anyhow::Result<()> {
    let unit = c.size.unit();
    writeln!(out, "\nProbability of detection by area in {unit} (logit, hit or miss); a90/95 = nine of ten found, 95 % sure")?;
    let mut table = Table::new(&["class", "defects", "a50", "a90", "a90/95", ""], &[1, 2, 3, 4]);
    let rows = c.classes.iter().map(|f| (name(f.class), f.targets.len(), &f.pod));
    let total: usize = c.classes.iter().map(|f| f.targets.len()).sum();
    for (what, targets, result) in rows.chain([("all".to_owned(), total, &c.pod)]) {
        let size = |v: f64| format!("{v:.4}");
        let (figures, note) = match result {
            PodResult::Fitted(p) => {
                let bound = p.a90_95.map_or_else(|| "none".to_owned(), size);
                let few = if p.targets < delimit::compare::pod::RECOMMENDED_TARGETS { "fewer than 60 defects" } else { "" };
                ([size(p.a50), size(p.a90), bound], few.to_owned())
            }
            other => (["–", "–", "–"].map(str::to_owned), pod_words(other, unit)),
        };
        table.row([what, targets.to_string()].into_iter().chain(figures).chain([note]).collect());
    }
    table.write(out)?;
    let mut table = Table::new(&["class", "area", "found"], &[]);
    for class in &c.classes {
        for bin in &class.size_bins {
            let rate = Rate { count: bin.found, of: bin.targets };
            table.row(vec![name(class.class), format!("{} to {} {unit}", bin.low, bin.high), rate_text(rate)]);
        }
    }
    table.write(out)?;
    Ok(())
}

/// Why there is no curve.
pub fn pod_words(result: &PodResult, unit: &str) -> String {
    match *result {
        PodResult::Fitted(_) => String::new(),
        PodResult::Separated { largest_missed, smallest_found } => {
            format!("no curve: all above {smallest_found:.4} {unit} found, none below {largest_missed:.4}")
        }
        PodResult::AllFound { targets, smallest } => {
            let proven = delimit::compare::is_pod_90_proven(0, targets);
            format!("all found, from {smallest:.4} {unit}; {}", if proven { "proves 90 %" } else { "29 would prove 90 %" })
        }
        PodResult::NoneFound { largest, .. } => format!("none found, up to {largest:.4} {unit}"),
        PodResult::NotIncreasing => "no curve: large ones are not found more often".to_owned(),
        PodResult::NoTargets => "no labelled defect".to_owned(),
    }
}

fn trust(c: &SetComparison, name: &dyn Fn(u8) -> String, out: &mut dyn Write) -> anyhow::Result<()> {
    if !c.has_probabilities {
        writeln!(out, "\nTrust: the model gives no probabilities")?;
        return Ok(());
    }
    writeln!(out, "\nTrust: can its probabilities be believed? All are better the lower")?;
    let mut table = Table::new(&["predicted as", "of", "n", "ECE", "MCE", "Brier", "NLL"], &[2, 3, 4, 5, 6]);
    let mut row = |what: String, of: &str, r: Option<&Reliability>| {
        if let Some(r) = r {
            let n = format!("{:.0}", r.weight);
            table.row(
                [what, of.to_owned(), n].into_iter().chain([r.ece, r.mce, r.brier, r.nll].map(|v| format!("{v:.4}"))).collect(),
            );
        }
    };
    for class in &c.classes {
        row(name(class.class), "pixels", class.pixel_reliability.as_ref());
        row(name(class.class), "regions", class.region_reliability.as_ref());
    }
    row("any defect".into(), "pixels", c.pixel_reliability.as_ref());
    row("any defect".into(), "regions", c.region_reliability.as_ref());
    row("background".into(), "pixels", c.background_reliability.as_ref());
    table.write(out)?;
    if let Some(t) = c.temperature {
        let words = if t.temperature > 1.0 { "too sure" } else { "not sure enough" };
        writeln!(
            out,
            "Temperature {:.3} (the model is {words}): NLL {:.4}, held out {:.4}",
            t.temperature, t.nll_before, t.nll_held_out
        )?;
    }
    Ok(())
}

fn lists(session: &Session, c: &SetComparison, name: &dyn Fn(u8) -> String, out: &mut dyn Write) -> anyhow::Result<()> {
    let images = session.project().images();
    if !c.suspects.is_empty() {
        writeln!(out, "\nLabels to look at again: {}", count_text(c.suspects.len(), "suspect", "suspects"))?;
        let mut table = Table::new(&["image", "x", "y", "kind", "label", "prediction", "sure", "score"], &[1, 2, 6, 7]);
        for s in c.suspects.iter().take(LISTED) {
            let place = s.bounds.centre();
            table.row(vec![
                images[s.image].id.clone(),
                format!("{:.0}", place.x),
                format!("{:.0}", place.y),
                s.kind.label().to_owned(),
                name(s.labelled),
                name(s.predicted),
                short(s.probability),
                short(s.score),
            ]);
        }
        table.write(out)?;
        let (recall, precision) = c.without_suspects();
        writeln!(out, "Without them: found {}; right {}", rate_text(recall), rate_text(precision))?;
    }
    for (what, queue) in [("To label next", &c.to_label), ("To review first", &c.to_review)] {
        if !queue.is_empty() {
            writeln!(out, "\n{what}:")?;
            for &image in queue.iter().take(LISTED) {
                writeln!(out, "  {}", images[image].id)?;
            }
        }
    }
    Ok(())
}

/// A share with two decimals.
fn short(share: f64) -> String {
    format!("{share:.2}")
}
