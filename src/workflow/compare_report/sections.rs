//! The sections of the page.

use std::fmt::Write as _;

use super::charts::{pod_chart, reliability_chart};
use super::escape;
use super::picture::{css_colour, data_uri, overlay};
use crate::compare::{Agreement, ClassCounts, Outcome, PodResult, Target};
use crate::judge::{Rate, Score, Verdict};
use crate::predict::Prediction;
use crate::project::Project;
use crate::raster::PixelRect;
use crate::session::Snapshot;
use crate::workflow::compare_set::{ImageFigures, LabelledImage, SetComparison};

/// Everything about one part number. Writing to a string cannot fail, so what `write!` returns is not looked at.
pub(super) fn write_part_number(
    page: &mut String,
    snapshot: &Snapshot,
    c: &SetComparison,
    prediction_of: &dyn Fn(usize) -> Option<Prediction>,
) {
    let project = snapshot.project();
    let name = escape(&project.part_numbers[c.part_number].name);
    let _ = write!(
        page,
        "<section>\n<h2>Part number {name}</h2>\n<p class=\"soft\">{} images with a label and a prediction",
        c.compared()
    );
    for (images, what) in [(&c.unlabelled, "without a label"), (&c.unpredicted, "not predicted")] {
        if !images.is_empty() {
            let _ = write!(page, "; {} {what}", images.len());
        }
    }
    if !c.problems.is_empty() {
        let _ = write!(page, "; {} could not be compared", c.problems.len());
    }
    page.push_str("</p>\n");
    if c.compared() > 0 {
        write_headline(page, c);
        write_parts(page, c);
        write_classes(page, project, c);
        write_confusion(page, project, c);
        write_detection(page, project, c);
        write_trust(page, project, c);
        write_worst(page, snapshot, c, prediction_of);
        write_suspects(page, project, c);
    }
    page.push_str("</section>\n");
}

/// `5.0 %`, or a dash.
fn percent(share: Option<f64>) -> String {
    share.map_or_else(|| "–".to_owned(), |s| format!("{:.1} %", 100.0 * s))
}

fn figure(value: Option<f64>) -> String {
    value.map_or_else(|| "–".to_owned(), |v| format!("{v:.3}"))
}

/// `1 of 20 (1–24 %)`.
fn rate(rate: Rate) -> String {
    if rate.of == 0 {
        return "0 of 0".to_owned();
    }
    let i = rate.interval();
    let decimals = usize::from(100.0 * i.high < 10.0);
    format!("{} of {} ({:.decimals$}–{:.decimals$} %)", rate.count, rate.of, 100.0 * i.low, 100.0 * i.high)
}

fn swatch(project: &Project, class: u8) -> String {
    match project.class(class) {
        Some(c) => {
            let [r, g, b] = c.colour;
            format!("<span class=\"swatch\" style=\"background:#{r:02x}{g:02x}{b:02x}\"></span>{}", escape(&c.name))
        }
        None => class_name(project, class),
    }
}

fn class_name(project: &Project, class: u8) -> String {
    if class == 0 { "nothing".to_owned() } else { escape(&project.class_name(class)) }
}

fn tile(page: &mut String, value: &str, name: &str, detail: &str) {
    let _ = writeln!(page, "<div class=\"tile\"><span>{name}</span><b>{value}</b><span>{detail}</span></div>");
}

fn write_headline(page: &mut String, c: &SetComparison) {
    page.push_str("<div class=\"tiles\">\n");
    if let Some(parts) = &c.parts {
        let s = parts.against_people;
        for (name, r) in [("Escapes", s.escapes()), ("Overkill", s.overkill()), ("Review", s.review_load())] {
            tile(page, &percent(r.share()), name, &rate(r));
        }
    }
    tile(page, &percent(c.recall().share()), "Defects found", &rate(c.recall()));
    let calls = c.false_calls_per_image().map_or_else(|| "–".to_owned(), |v| format!("{v:.2}"));
    tile(page, &calls, "False calls an image", "on no labelled defect");
    tile(page, &figure(c.confusion.mean(ClassCounts::iou)), "Mean IoU", "over classes, pixels pooled");
    page.push_str(
        "</div>\n<p class=\"soft\">In brackets: where the true share lies with 95 % confidence (Wilson), given so few cases.</p>\n",
    );
}

fn write_parts(page: &mut String, c: &SetComparison) {
    let Some(parts) = &c.parts else { return };
    let _ = write!(
        page,
        "<h3>Parts</h3>\n<p>By ruleset {}. The same verdict on label and prediction: {}.</p>\n<div class=\"scroll\"><table>\n\
         <tr><th>held against</th><th>escapes</th><th>overkill</th><th>review</th></tr>\n",
        escape(&parts.ruleset),
        rate(parts.same_verdict())
    );
    let mut row = |what: &str, s: Score| {
        let _ = writeln!(
            page,
            "<tr><td>{what}</td><td>{}</td><td>{}</td><td>{}</td></tr>",
            rate(s.escapes()),
            rate(s.overkill()),
            rate(s.review_load())
        );
    };
    row("predictions, against what people say of the part", parts.against_people);
    row("predictions, against the same rules on labels", parts.against_labels);
    row("labels, against what people say of the part", parts.labels_against_people);
    page.push_str("</table></div>\n<details><summary>Verdicts on label and prediction</summary><div class=\"scroll\"><table>\n<tr><th>label ↓ prediction →</th>");
    for v in Verdict::ALL {
        let _ = write!(page, "<th>{v}</th>");
    }
    page.push_str("</tr>\n");
    for label in Verdict::ALL {
        let _ = write!(page, "<tr><td>{label}</td>");
        for prediction in Verdict::ALL {
            let _ = write!(page, "<td>{}</td>", parts.verdicts.get(&(label, prediction)).map_or(0, Vec::len));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div></details>\n");
}

fn write_classes(page: &mut String, project: &Project, c: &SetComparison) {
    page.push_str(
        "<h3>Classes</h3>\n<div class=\"scroll\"><table>\n<tr><th>class</th><th>defects found</th><th>predictions right</th><th>IoU</th>\
         <th>Dice</th><th>precision</th><th>recall</th><th>boundary IoU</th><th>boundary F</th><th>distance</th><th>split</th>\
         <th>merged</th></tr>\n",
    );
    for f in &c.classes {
        let p = f.pixels;
        let distance = f.boundary.assd().map_or_else(|| "–".to_owned(), |d| format!("{d:.2} px"));
        let _ = write!(page, "<tr><td>{}</td><td>{}</td><td>{}</td>", swatch(project, f.class), rate(f.recall), rate(f.precision));
        for share in [p.iou(), p.dice(), p.precision(), p.recall(), f.boundary.boundary_iou(), f.boundary.boundary_f()] {
            let _ = write!(page, "<td>{}</td>", figure(share));
        }
        let _ = writeln!(page, "<td>{distance}</td><td>{}</td><td>{}</td></tr>", f.split, f.merged);
    }
    let _ = write!(page, "<tr class=\"sum\"><td>all</td><td>{}</td><td>{}</td>", rate(c.recall()), rate(c.precision()));
    for mean in [ClassCounts::iou, ClassCounts::dice, ClassCounts::precision, ClassCounts::recall] {
        let _ = write!(page, "<td>{}</td>", figure(c.confusion.mean(mean)));
    }
    page.push_str("<td></td><td></td><td></td><td></td><td></td></tr>\n</table></div>\n");
}

fn write_confusion(page: &mut String, project: &Project, c: &SetComparison) {
    page.push_str("<h3>What is taken for what</h3>\n<p class=\"soft\">Rows: the label. Columns: the prediction. Defects, each counted once.</p>\n");
    write_matrix(page, project, c, "nothing", |t, p| c.defects.get(&(t, p)).map_or(0, |cases| cases.len() as u64));
    page.push_str("<details><summary>The same in pixels</summary>");
    write_matrix(page, project, c, "background", |t, p| c.confusion.count(t, p));
    page.push_str("</details>\n");
}

/// `zero`: what 0 is called. Cells are shaded by their share of the row.
fn write_matrix(page: &mut String, project: &Project, c: &SetComparison, zero: &str, count: impl Fn(u8, u8) -> u64) {
    let ids: Vec<u8> = std::iter::once(0).chain(c.classes.iter().map(|f| f.class)).collect();
    page.push_str("<div class=\"scroll\"><table>\n<tr><th>label ↓ prediction →</th>");
    for &p in &ids {
        let _ = write!(page, "<th>{}</th>", if p == 0 { zero.to_owned() } else { class_name(project, p) });
    }
    page.push_str("</tr>\n");
    for &t in &ids {
        let total: u64 = ids.iter().map(|&p| count(t, p)).sum();
        let _ = write!(page, "<tr><td>{}</td>", if t == 0 { zero.to_owned() } else { swatch(project, t) });
        for &p in &ids {
            let n = count(t, p);
            if n == 0 {
                page.push_str("<td class=\"soft\">·</td>");
            } else {
                let _ = write!(
                    page,
                    "<td style=\"background:rgba(var(--heat),{:.2})\">{n}</td>",
                    0.06 + 0.44 * n as f64 / total as f64
                );
            }
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div>\n");
}

fn write_detection(page: &mut String, project: &Project, c: &SetComparison) {
    let unit = c.size.unit();
    page.push_str("<h3>Found by size</h3>\n<div class=\"charts\">\n");
    let all: Vec<Target> = c.classes.iter().flat_map(|f| f.targets.iter().copied()).collect();
    let mut without = Vec::new();
    let curves = std::iter::once(("all classes".to_owned(), &c.pod, all.as_slice()))
        .chain(c.classes.iter().map(|f| (class_name(project, f.class), &f.pod, f.targets.as_slice())));
    for (what, result, targets) in curves {
        match result {
            PodResult::Fitted(pod) => {
                let bound = pod.a90_95.map_or_else(|| "no bound yet".to_owned(), |a| format!("{a:.3} {unit}"));
                let few = if pod.targets < crate::compare::pod::RECOMMENDED_TARGETS {
                    "; fewer than 60 defects, so take it as a hint"
                } else {
                    ""
                };
                let _ = writeln!(
                    page,
                    "<figure class=\"card\">{}<figcaption><b>{what}</b>: nine of ten found from a90 = {:.3} {unit}, with 95 % confidence from \
                     a90/95 = {bound}; {} of {} found{few}. Dashed: lower 95 % bound of the curve.</figcaption></figure>",
                    pod_chart(pod, targets, unit),
                    pod.a90,
                    pod.found,
                    pod.targets
                );
            }
            other => without.push(format!("<b>{what}</b>: {}", other.without_curve(unit))),
        }
    }
    page.push_str("</div>\n");
    if !without.is_empty() {
        let _ = writeln!(page, "<p>{}.</p>", without.join(". "));
    }
    page.push_str("<details><summary>In steps of size</summary><div class=\"scroll\"><table>\n<tr><th>class</th><th>area</th><th>found</th></tr>\n");
    for f in &c.classes {
        for bin in &f.size_bins {
            let found = rate(Rate { count: bin.found, of: bin.targets });
            let _ = writeln!(
                page,
                "<tr><td>{}</td><td>{} to {} {unit}</td><td>{found}</td></tr>",
                swatch(project, f.class),
                bin.low,
                bin.high
            );
        }
    }
    page.push_str("</table></div></details>\n");
}

fn write_trust(page: &mut String, project: &Project, c: &SetComparison) {
    page.push_str("<h3>Can its probabilities be believed?</h3>\n");
    if !c.has_probabilities {
        page.push_str("<p>The model gives no probabilities.</p>\n");
        return;
    }
    page.push_str("<div class=\"charts\">\n");
    for (r, what) in
        [(&c.pixel_reliability, "pixels predicted as a defect"), (&c.region_reliability, "regions predicted as a defect")]
    {
        if let Some(r) = r {
            let _ = writeln!(
                page,
                "<figure class=\"card\">{}<figcaption><b>{what}</b>: mean gap (ECE) {:.1} %, largest {:.1} %, Brier {:.4}. On the dashed line \
                 what it says is true; below it, it is too sure.</figcaption></figure>",
                reliability_chart(r, what),
                100.0 * r.ece,
                100.0 * r.mce,
                r.brier
            );
        }
    }
    page.push_str("</div>\n");
    if let Some(t) = c.temperature {
        let worth = if t.nll_held_out < t.nll_before { "worth it" } else { "not worth it" };
        let _ = writeln!(
            page,
            "<p>The best single temperature is {:.3}. On images that it was not fitted to the log loss goes from {:.4} to {:.4}: {worth}.</p>",
            t.temperature, t.nll_before, t.nll_held_out
        );
    }
    page.push_str("<details><summary>By class</summary><div class=\"scroll\"><table>\n<tr><th>predicted as</th><th>ECE, pixels</th><th>Brier, pixels</th><th>ECE, regions</th><th>Brier, regions</th></tr>\n");
    for f in &c.classes {
        let (p, r) = (f.pixel_reliability.as_ref(), f.region_reliability.as_ref());
        let _ = write!(page, "<tr><td>{}</td>", swatch(project, f.class));
        for v in [p.map(|r| r.ece), p.map(|r| r.brier), r.map(|r| r.ece), r.map(|r| r.brier)] {
            let _ = write!(page, "<td>{}</td>", figure(v));
        }
        page.push_str("</tr>\n");
    }
    page.push_str("</table></div></details>\n");
}

/// One thing that is wrong in an image, and where.
struct Wrong {
    words: String,
    bounds: PixelRect,
    pixels: u64,
}

fn wrongs(project: &Project, l: &LabelledImage) -> Vec<Wrong> {
    let mut all = Vec::new();
    for d in &l.defects.labelled {
        let name = class_name(project, d.class);
        let words = match d.outcome {
            Outcome::Found => continue,
            Outcome::Missed => format!("missed {name}"),
            Outcome::Taken(class) => format!("{name} taken for {}", class_name(project, class)),
        };
        all.push(Wrong { words, bounds: d.bounds, pixels: d.pixels });
    }
    for d in l.defects.predicted.iter().filter(|d| d.is_invented()) {
        all.push(Wrong {
            words: format!("{} where nothing is labelled", class_name(project, d.class)),
            bounds: d.bounds,
            pixels: d.pixels,
        });
    }
    all.sort_by_key(|w| std::cmp::Reverse(w.pixels));
    all
}

/// How many of the mistakes of one image are numbered.
const NUMBERED: usize = 6;

fn write_worst(page: &mut String, snapshot: &Snapshot, c: &SetComparison, prediction_of: &dyn Fn(usize) -> Option<Prediction>) {
    let project = snapshot.project();
    let mut worst: Vec<(&ImageFigures, Vec<Wrong>)> = c
        .images
        .iter()
        .filter_map(|i| Some((i, wrongs(project, i.labelled.as_ref()?))))
        .filter(|(i, _)| i.doubt.disagreement > 0)
        .collect();
    // Missed defects outweigh false calls, and those outlines that differ.
    let missed = |i: &ImageFigures| {
        i.labelled.as_ref().map_or(0, |l| l.defects.labelled.iter().filter(|d| d.outcome != Outcome::Found).count())
    };
    worst.sort_by_key(|(i, wrongs)| std::cmp::Reverse((missed(i), wrongs.len(), i.doubt.disagreement)));
    if worst.is_empty() {
        return;
    }
    let colour =
        |kind: Agreement, word: &str| format!("<span class=\"swatch\" style=\"background:{}\"></span>{word} ", css_colour(kind));
    let _ = write!(
        page,
        "<h3>Worst images</h3>\n<p>{}{}{}{}</p>\n<div class=\"cases\">\n",
        colour(Agreement::Missed, "missed"),
        colour(Agreement::Extra, "not labelled"),
        colour(Agreement::Confused, "another class"),
        colour(Agreement::Agreed, "agreed")
    );
    for (image, wrongs) in worst.iter().take(super::WORST_SHOWN) {
        let id = escape(&project.images()[image.image].id);
        let _ =
            write!(page, "<div class=\"card case\"><b>{id}</b> <span class=\"soft\">{} px differ</span>", image.doubt.disagreement);
        write_picture(page, snapshot, image.image, wrongs, &id, prediction_of);
        page.push_str("<ul>\n");
        for (i, w) in wrongs.iter().take(NUMBERED).enumerate() {
            let at = w.bounds.centre();
            let _ = writeln!(page, "<li>{}: {} at ({:.0}, {:.0}), {} px</li>", i + 1, w.words, at.x, at.y, w.pixels);
        }
        match wrongs.len() {
            0 => page.push_str("<li>all defects found; outlines differ</li>\n"),
            n if n > NUMBERED => {
                let _ = writeln!(page, "<li>and {} more</li>", n - NUMBERED);
            }
            _ => {}
        }
        page.push_str("</ul></div>\n");
    }
    page.push_str("</div>\n");
}

fn write_picture(
    page: &mut String,
    snapshot: &Snapshot,
    image: usize,
    wrongs: &[Wrong],
    id: &str,
    prediction_of: &dyn Fn(usize) -> Option<Prediction>,
) {
    let picture = snapshot.project().read_photo(image).ok().zip(snapshot.label(image).ok()).zip(prediction_of(image)).and_then(
        |((photo, label), prediction)| {
            let size = (photo.width(), photo.height());
            Some((size, data_uri(&overlay(&photo, &label, &prediction.class)?).ok()?))
        },
    );
    let Some(((width, height), uri)) = picture else {
        page.push_str("<p class=\"soft\">No picture: photo, label or prediction could not be read.</p>");
        return;
    };
    let _ = write!(
        page,
        "<div class=\"photo\"><img src=\"{uri}\" alt=\"{id}\"><svg viewBox=\"0 0 {width} {height}\" aria-hidden=\"true\">"
    );
    let (margin, letter) = (f64::from(width) / 80.0, f64::from(width) / 26.0);
    for (i, w) in wrongs.iter().take(NUMBERED).enumerate() {
        let b = w.bounds;
        let (x, y) = (f64::from(b.x0) - margin, f64::from(b.y0) - margin);
        // Above the box, or below it where there is no room.
        let baseline = if y > 1.3 * letter { y - 0.25 * letter } else { f64::from(b.y1) + margin + letter };
        let _ = write!(
            page,
            "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{:.1}\"/><text x=\"{:.1}\" y=\"{baseline:.1}\" \
             style=\"font-size:{letter:.1}px\">{}</text>",
            f64::from(b.width()) + 2.0 * margin,
            f64::from(b.height()) + 2.0 * margin,
            x.max(0.0),
            i + 1
        );
    }
    page.push_str("</svg></div>\n");
}

fn write_suspects(page: &mut String, project: &Project, c: &SetComparison) {
    if c.suspects.is_empty() {
        return;
    }
    page.push_str(
        "<h3>Labels to look at again</h3>\n<p class=\"soft\">Where the model is sure of something else and the photo is on its side. Such labels \
         are counted above as they are.</p>\n<div class=\"scroll\"><table>\n<tr><th>image</th><th>place</th><th>suspicion</th><th>label</th>\
         <th>prediction</th><th>model sure</th><th>score</th></tr>\n",
    );
    for s in c.suspects.iter().take(20) {
        let at = s.bounds.centre();
        let _ = writeln!(
            page,
            "<tr><td>{}</td><td>{:.0}, {:.0}</td><td>{}</td><td>{}</td><td>{}</td><td>{:.0} %</td><td>{:.2}</td></tr>",
            escape(&project.images()[s.image].id),
            at.x,
            at.y,
            s.kind.label(),
            class_name(project, s.labelled),
            class_name(project, s.predicted),
            100.0 * s.probability,
            s.score
        );
    }
    page.push_str("</table></div>\n");
}

/// What the words mean.
pub(super) fn write_words(page: &mut String) {
    const WORDS: [(&str, &str); 10] = [
        ("escape", "a part that is NG in truth and was accepted"),
        ("overkill", "a part that is OK in truth and was rejected"),
        ("review", "a part that a person must look at, of all parts"),
        ("found", "a labelled defect within 2 px of which a prediction of its class lies; its outline does not matter"),
        ("predictions right", "predicted regions that lie on a labelled defect of their class"),
        ("IoU, Dice", "pixels in both ÷ pixels in either; twice the pixels in both ÷ the sum; pooled over all images"),
        (
            "boundary IoU, boundary F",
            "the same for a band of 2 px inside the outlines; share of both outlines within 2 px of the other",
        ),
        ("distance", "mean distance between the outlines, both ways, where both have the class (ASSD)"),
        (
            "a90, a90/95",
            "area of which nine of ten defects are found; the size of which that is sure with 95 % confidence (MIL-HDBK-1823A, hit or miss)",
        ),
        ("ECE, Brier", "mean gap between the probability said and the share that came true; mean squared error of the probability"),
    ];
    page.push_str("<h2>Words</h2>\n<div class=\"scroll words\"><table>\n");
    for (word, meaning) in WORDS {
        let _ = writeln!(page, "<tr><td><b>{word}</b></td><td>{meaning}</td></tr>");
    }
    page.push_str("</table></div>\n");
}
