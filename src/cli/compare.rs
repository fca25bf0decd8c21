//! `delimit compare`: the model's masks against the labels, as tables, as JSON, as a page for people.

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args;
use delimit::files::write_atomic;
use delimit::judge::Ruleset;
use delimit::predict::Prediction;
use delimit::session::Session;
use delimit::workflow::compare_report;
use delimit::workflow::compare_set::KnownImages;
use delimit::workflow::judging::images_of;
use delimit::workflow::predicting::{CachedPredictions, probability_limits};
use delimit::workflow::{CompareInput, CompareSettings, ProjectModels, SetComparison, WorkflowError, compare_models, compare_set};

use super::compare_candidate::{CandidateReport, candidate_file, write_duel};
use super::compare_json::{CompareReport, PartNumberReport};
use super::compare_table::write_tables;
use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_numbers, ruleset, warn_of_resolution};
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
    /// Also write a page for people: figures, curves, pictures of the worst images, in one file.
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Also compare another model with those that run, defect by defect: an ONNX file with its card beside it.
    #[arg(long, value_name = "FILE")]
    candidate: Option<PathBuf>,
}

/// What the model said about the images of a part number: from the cache, or held here where the cache did not take it.
struct Predictions {
    cached: CachedPredictions,
    fresh: HashMap<usize, Prediction>,
}

impl Predictions {
    fn get(&self, session: &Session, image: usize) -> Option<Prediction> {
        self.fresh.get(&image).cloned().or_else(|| self.cached.get(session.project(), image))
    }
}

pub fn run(args: &CompareArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let mut exit = Exit::Fine;
    let (mut comparisons, mut predictions, mut candidates) = (Vec::new(), Vec::new(), Vec::new());
    for pn in part_numbers(session.project(), args.part_number.as_deref())? {
        let name = &session.project().part_numbers[pn].name;
        let no_model = || WorkflowError::NoModel { part_number: name.clone() };
        let cached = CachedPredictions::open(session.project(), pn)?.ok_or_else(no_model)?;
        let rules = ruleset(&session, pn, args.ruleset.as_deref())?;
        let limits = probability_limits(session.project(), &rules);
        let cached = cached.held_to(limits);
        let settings = args.model.settings();
        let number = &session.project().part_numbers[pn];
        warn_of_resolution(session.project(), pn, &rules, &number.running_models().cloned().collect::<Vec<_>>())?;
        let open = || Ok(ProjectModels::open(session.project(), pn, &settings)?.held_to(limits));
        let (comparison, said) = compare_part_number(&session, pn, cached, &rules, &open)?;
        for (_, problem) in &comparison.problems {
            tell(&format!("not compared: {}", error_line(problem)));
            exit = Exit::Incomplete;
        }
        if !args.json {
            write_tables(&session, &comparison, out)?;
        }
        if let Some(file) = &args.candidate {
            let file = candidate_file(session.project(), file)?;
            let model = number.model_use(&file);
            warn_of_resolution(session.project(), pn, &rules, std::slice::from_ref(&model))?;
            let cached = CachedPredictions::open_candidate(session.project(), pn, &file)?.held_to(limits);
            let open = || Ok(ProjectModels::open_candidate(session.project(), pn, &file, &settings)?.held_to(limits));
            let (other, _) = compare_part_number(&session, pn, cached, &rules, &open)?;
            for (_, problem) in &other.problems {
                tell(&format!("not compared with {}: {}", model.name(), error_line(problem)));
                exit = Exit::Incomplete;
            }
            let duel = compare_models(&comparison, &other);
            if args.json {
                candidates.push(CandidateReport::of(&session, &model.name(), &duel, &other));
            } else {
                write_duel(&session, &model.name(), [&comparison, &other], &duel, out)?;
            }
        }
        comparisons.push(comparison);
        predictions.push(said);
    }
    if let Some(path) = &args.html {
        let prediction_of = |image: usize| predictions.iter().find_map(|said| said.get(&session, image));
        let page = compare_report::html(&session.snapshot(), &comparisons, &prediction_of);
        write_atomic(path, page.as_bytes()).with_context(|| path.display().to_string())?;
    }
    if args.json {
        let reports = comparisons.iter().map(|c| PartNumberReport::of(&session, c)).collect();
        write_json(out, &CompareReport { project: session.project().name.clone(), part_numbers: reports, candidates })?;
    }
    Ok(exit)
}

/// Predicts what the model has not seen yet, and compares everything.
fn compare_part_number(
    session: &Session,
    part_number: usize,
    cached: CachedPredictions,
    rules: &Ruleset,
    open: &OpenModels<'_>,
) -> anyhow::Result<(SetComparison, Predictions)> {
    let snapshot = session.snapshot();
    let project = session.project();
    let images = images_of(&snapshot, part_number);
    let (fresh, failed) = predict_missing(session, &cached, &images, open)?;
    let bar = Progress::new("comparing", images.len());
    let settings = CompareSettings { suspects: Some(project.boundary_check()), ..CompareSettings::default() };
    let predictions = Predictions { cached, fresh };
    let prediction_of = |image: usize| predictions.fresh.get(&image).cloned().or_else(|| predictions.cached.get(project, image));
    let input = CompareInput {
        part_number,
        settings,
        ruleset: (!rules.is_empty()).then_some(rules),
        truth: &session.dispositions(),
        prediction_of: &prediction_of,
    };
    let mut comparison = compare_set(&snapshot, &input, &mut KnownImages::default(), &|| false, &|| bar.step())?;
    comparison.problems.extend(failed);
    comparison.problems.sort_by_key(|p| p.0);
    Ok((comparison, predictions))
}

/// Opens the models that are to be compared, which is not needed when the cache has all answers.
type OpenModels<'a> = dyn Fn() -> Result<ProjectModels, WorkflowError> + 'a;

type Fresh = (HashMap<usize, Prediction>, Vec<(usize, WorkflowError)>);

/// Runs the model over the images that are not in the cache. What the cache did not take (a read-only disk) is handed over.
fn predict_missing(
    session: &Session,
    cached: &CachedPredictions,
    images: &[usize],
    open: &OpenModels<'_>,
) -> anyhow::Result<Fresh> {
    let (mut fresh, mut failed) = (HashMap::new(), Vec::new());
    let project = session.project();
    let missing: Vec<usize> = images.iter().copied().filter(|&i| cached.get(project, i).is_none()).collect();
    if missing.is_empty() {
        return Ok((fresh, failed));
    }
    let mut model = open()?;
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
