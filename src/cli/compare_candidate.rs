//! `compare --candidate`: another model beside those that run, defect by defect.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use delimit::project::Project;
use delimit::raster::PixelRect;
use delimit::session::Session;
use delimit::workflow::compare_models::DefectRef;
use delimit::workflow::{ClassDuel, ModelDuel, SetComparison};
use serde::Serialize;

use super::compare_json::PartNumberReport;
use super::output::{Table, count_text, share_text};

/// Lost and gained defects that are listed; JSON has them all.
const LISTED: usize = 10;

/// The candidate as the project names it: relative to its folder where that is a file, otherwise absolute.
pub fn candidate_file(project: &Project, file: &Path) -> anyhow::Result<PathBuf> {
    if project.root().join(file).is_file() {
        return Ok(file.to_owned());
    }
    std::fs::canonicalize(file).with_context(|| format!("there is no model {}", file.display()))
}

/// One class, A running, B the candidate.
#[derive(Serialize)]
struct ClassReport {
    class: String,
    found_by_both: usize,
    found_by_neither: usize,
    /// Found by A alone: lost with the candidate.
    lost: Vec<DefectReport>,
    /// Found by B alone: gained with the candidate.
    gained: Vec<DefectReport>,
    false_calls: [usize; 2],
    /// Exact p-value of `McNemar`'s test.
    p_value: f64,
}

#[derive(Serialize)]
struct DefectReport {
    image: String,
    bounds: PixelRect,
}

/// `candidates` of `compare --json`.
#[derive(Serialize)]
pub struct CandidateReport {
    model: String,
    /// Labelled images that both saw.
    compared: usize,
    classes: Vec<ClassReport>,
    total: ClassReport,
    /// The candidate against the labels, as the running models are.
    comparison: PartNumberReport,
}

impl CandidateReport {
    pub fn of(session: &Session, model: &str, duel: &ModelDuel, comparison: &SetComparison) -> Self {
        let project = session.project();
        let class = |c: &ClassDuel, name: String| ClassReport {
            class: name,
            found_by_both: c.both,
            found_by_neither: c.neither,
            lost: defects(project, &c.only_a),
            gained: defects(project, &c.only_b),
            false_calls: c.false_calls,
            p_value: c.p_value,
        };
        Self {
            model: model.to_owned(),
            compared: duel.images,
            classes: duel.classes.iter().map(|c| class(c, project.class_name(c.class))).collect(),
            total: class(&duel.total, "all".to_owned()),
            comparison: PartNumberReport::of(session, comparison),
        }
    }
}

fn defects(project: &Project, list: &[DefectRef]) -> Vec<DefectReport> {
    list.iter().map(|d| DefectReport { image: project.images()[d.image].id.clone(), bounds: d.bounds }).collect()
}

/// Both side by side: A are the models that run, B is the candidate.
pub fn write_duel(
    session: &Session,
    name: &str,
    [a, b]: [&SetComparison; 2],
    duel: &ModelDuel,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    let project = session.project();
    let seen = count_text(duel.images, "labelled image that both saw", "labelled images that both saw");
    writeln!(out, "\nCandidate {name} (B) against the models that run (A), {seen}")?;
    let header = ["class", "IoU A", "IoU B", "B − A", "found A", "found B", "lost", "gained", "false A", "false B", "p"];
    let mut table = Table::new(&header, &[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let iou_of = |c: &SetComparison, class: u8| c.classes.iter().find(|f| f.class == class).and_then(|f| f.pixels.iou());
    let mut row = |c: &ClassDuel, name: String, ious: [Option<f64>; 2]| {
        let of = c.both + c.neither + c.only_a.len() + c.only_b.len();
        let difference = ious[0].zip(ious[1]).map_or_else(|| "–".to_owned(), |(a, b)| format!("{:+.4}", b - a));
        let mut cells = vec![name, share_text(ious[0]), share_text(ious[1]), difference];
        cells.extend([c.both + c.only_a.len(), c.both + c.only_b.len()].map(|n| format!("{n} of {of}")));
        cells.extend([c.only_a.len(), c.only_b.len(), c.false_calls[0], c.false_calls[1]].map(|n| n.to_string()));
        cells.push(format!("{:.3}", c.p_value));
        table.row(cells);
    };
    for c in &duel.classes {
        row(c, project.class_name(c.class), [iou_of(a, c.class), iou_of(b, c.class)]);
    }
    row(&duel.total, "all".to_owned(), [None, None]);
    table.write(out)?;
    for (what, list) in [("Lost", &duel.total.only_a), ("Gained", &duel.total.only_b)] {
        let places: Vec<String> = list
            .iter()
            .take(LISTED)
            .map(|d| format!("{} at {}, {}", project.images()[d.image].id, d.bounds.x0, d.bounds.y0))
            .collect();
        let more = if list.len() > LISTED { format!(" and {} more", list.len() - LISTED) } else { String::new() };
        if !places.is_empty() {
            writeln!(out, "{what}: {}{more}", places.join("; "))?;
        }
    }
    writeln!(out, "p: exact McNemar test; below 0.05 the difference in found defects is hardly chance")?;
    Ok(())
}
