//! Without a window: the whole job on the sample project, as text.

use std::io::Write;
use std::path::{Path, PathBuf};

use delimit::session::Session;

use super::bundle::make_and_write;
use super::check::{check_project, counts_text};
use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_numbers, ruleset};
use super::judge::{Judged, On, judge_labels};
use super::output::{count_text, error_line, tell};
use super::predict::{predict_part_number, write_comparison};
use super::sample;

/// Where the sample project lies, from the folder of the source or of the program.
const SAMPLE: &str = "projects/housing";

/// The project that is shipped: below the current folder, or below one of the folders above the program.
fn shipped_project() -> Option<PathBuf> {
    let program = std::env::current_exe().ok();
    let above = program.iter().flat_map(|p| p.ancestors().skip(1).take(4).map(Path::to_path_buf));
    let folders = std::env::current_dir().into_iter().chain(above);
    folders.map(|f| f.join(SAMPLE)).find(|p| p.join("project.ron").exists())
}

/// The shipped project; where the program stands alone, the same kind of sample made in the system's temporary folder.
pub fn sample_project() -> anyhow::Result<PathBuf> {
    if let Some(folder) = shipped_project() {
        return Ok(folder);
    }
    let folder = std::env::temp_dir().join("delimit-sample");
    if !folder.join("project.ron").exists() {
        tell(&format!("the sample project is not beside the program; making one in {}", folder.display()));
        sample::write(&folder, sample::PARTS, sample::SEED, None)?;
    }
    Ok(folder)
}

/// Predicts, judges, checks and bundles a project and prints what came out. The project is not changed; predictions go to its cache,
/// the bundle to the system's temporary folder.
pub fn run_sample_headless(folder: &Path, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(folder)?;
    let project = session.project();
    writeln!(
        out,
        "Project {}: {}, {}",
        project.name,
        count_text(project.parts().len(), "part", "parts"),
        count_text(project.images().len(), "image", "images")
    )?;
    let mut exit = Exit::Fine;
    let numbers = part_numbers(project, None)?;
    for &pn in &numbers {
        exit = exit.and(work(&session, pn, out)?);
    }
    let checked = check_project(&session, &numbers, &session.project().boundary_check())?;
    let total = count_text(checked.counts.total(), "region", "regions");
    writeln!(out, "Check of the labels: {}; boundaries of {total}: {}", checked.findings_text(), counts_text(checked.counts))?;
    Ok(if checked.problems.is_empty() { exit } else { Exit::Incomplete })
}

/// One part number: labels judged, model run and compared, its verdicts, the bundle. NG parts are what a sample is for: they do not
/// count as findings here.
fn work(session: &Session, part_number: usize, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let rules = ruleset(session, part_number, None)?;
    let labels = judge_labels(session, part_number, &rules)?;
    for (_, problem) in &labels.measured.problems {
        tell(&format!("not judged: {}", error_line(problem)));
    }
    labels.write_summary(session, out)?;
    if session.project().part_numbers[part_number].running_models().next().is_none() {
        writeln!(out, "  no model: nothing to predict, no bundle")?;
        return Ok(labels.exit_without_verdicts());
    }
    let predicted = predict_part_number(session, part_number, &rules, &ModelArgs::default().settings())?;
    for (_, problem) in &predicted.measured.problems {
        tell(&format!("not predicted: {}", error_line(problem)));
    }
    let evaluation = predicted.evaluate(session, part_number, &rules)?;
    let name = &session.project().part_numbers[part_number].name;
    let path = std::env::temp_dir().join(format!("{name}.delimit"));
    let golden = delimit::workflow::bundling::GOLDEN_PER_VERDICT;
    let bundle = make_and_write(session, part_number, &rules, &evaluation, golden, "", &path);
    write_comparison(session, part_number, &predicted, out)?;
    let engine = Some(format!("{:.1} s by {}", predicted.seconds, predicted.engine));
    let predictions =
        Judged { part_number, on: On::Predictions, ruleset: rules.name.clone(), engine, evaluation, measured: predicted.measured };
    predictions.write_summary(session, out)?;
    match bundle {
        Ok(made) => writeln!(out, "Bundle {made}")?,
        Err(why) => writeln!(out, "No bundle: {}", error_line(why.as_ref()))?,
    }
    Ok(labels.exit_without_verdicts().and(predictions.exit_without_verdicts()))
}

impl Judged {
    /// Whether everything could be processed.
    fn exit_without_verdicts(&self) -> Exit {
        if self.measured.problems.is_empty() { Exit::Fine } else { Exit::Incomplete }
    }
}
