//! `delimit compare`: the model's masks against the labels, as tables, as JSON, as a page for people.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use delimit::judge::Ruleset;
use delimit::predict::Prediction;
use delimit::session::Session;
use delimit::workflow::judging::images_of;
use delimit::workflow::predicting::CachedPredictions;
use delimit::workflow::{CompareSettings, ModelSettings, ProjectModel, SetComparison, WorkflowError, compare_set};

use super::compare_json::{CompareReport, PartNumberReport};
use super::compare_table::write_tables;
use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_numbers, ruleset};
use super::output::{error_line, tell, write_json};
use super::progress::Progress;

#[derive(Debug, Args)]
pub struct CompareArgs {
    /// Folder of the project.
    project: PathBuf,
    /// Only this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// Another ruleset than the project's.
    #[arg(long, value_name = "FILE")]
    ruleset: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON document instead of tables.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &CompareArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let mut exit = Exit::Fine;
    let mut reports = Vec::new();
    for pn in part_numbers(session.project(), args.part_number.as_deref())? {
        let rules = ruleset(&session, pn, args.ruleset.as_deref())?;
        let comparison = compare_part_number(&session, pn, &rules, &args.model.settings())?;
        for (_, problem) in &comparison.problems {
            tell(&format!("not compared: {}", error_line(problem)));
            exit = Exit::Incomplete;
        }
        if args.json {
            reports.push(PartNumberReport::of(&session, &comparison));
        } else {
            write_tables(&session, &comparison, out)?;
        }
    }
    if args.json {
        write_json(out, &CompareReport { project: session.project().name.clone(), part_numbers: reports })?;
    }
    Ok(exit)
}

/// Predicts what the model has not seen yet, and compares everything.
fn compare_part_number(
    session: &Session,
    part_number: usize,
    rules: &Ruleset,
    settings: &ModelSettings,
) -> anyhow::Result<SetComparison> {
    let snapshot = session.snapshot();
    let project = session.project();
    let no_model = || WorkflowError::NoModel { part_number: project.part_numbers[part_number].name.clone() };
    let cached = CachedPredictions::open(project, part_number)?.ok_or_else(no_model)?;
    let images = images_of(&snapshot, part_number);
    let (fresh, failed) = predict_missing(session, part_number, &cached, &images, settings)?;
    let bar = Progress::new("comparing", images.len());
    let settings = CompareSettings { suspects: Some(project.boundary_check()), ..CompareSettings::default() };
    let prediction_of = |image: usize| fresh.get(&image).cloned().or_else(|| cached.get(project, image));
    let has_rules = !rules.cells.is_empty();
    let mut comparison = compare_set(
        &snapshot,
        part_number,
        &settings,
        has_rules.then_some(rules),
        &session.dispositions(),
        &prediction_of,
        &|| false,
        &|| bar.step(),
    )?;
    comparison.problems.extend(failed);
    comparison.problems.sort_by_key(|p| p.0);
    Ok(comparison)
}

type Fresh = (HashMap<usize, Prediction>, Vec<(usize, WorkflowError)>);

/// Runs the model over the images that are not in the cache. What the cache did not take (a read-only disk) is handed over.
fn predict_missing(
    session: &Session,
    part_number: usize,
    cached: &CachedPredictions,
    images: &[usize],
    settings: &ModelSettings,
) -> anyhow::Result<Fresh> {
    let (mut fresh, mut failed) = (HashMap::new(), Vec::new());
    let project = session.project();
    let missing: Vec<usize> = images.iter().copied().filter(|&i| cached.get(project, i).is_none()).collect();
    if missing.is_empty() {
        return Ok((fresh, failed));
    }
    let mut model = ProjectModel::open(project, part_number, settings)?;
    let bar = Progress::new("predicting", missing.len());
    for image in missing {
        match model.predict(project, image, &|| false) {
            Ok(prediction) if cached.get(project, image).is_none() => drop(fresh.insert(image, prediction)),
            Ok(_) => {}
            Err(problem) => failed.push((image, problem)),
        }
        bar.step();
    }
    Ok((fresh, failed))
}
