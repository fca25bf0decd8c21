//! `delimit predict`: run the model over a project and hold it against the labels.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use delimit::judge::Ruleset;
use delimit::measure::FeatureSet;
use delimit::predict::Prediction;
use delimit::session::{Session, Snapshot};
use delimit::workflow::checking::is_labelled;
use delimit::workflow::comparing::compare_image;
use delimit::workflow::judging::{self, images_of, measure_predictions};
use delimit::workflow::measuring::{model_of_region, prediction_regions};
use delimit::workflow::predicting::probability_limits;
use delimit::workflow::{Evaluation, MeasuredImages, ModelSettings, PooledComparison, ProjectModels};
use serde::Serialize;

use super::check::{ErrorReport, errors};
use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_numbers, warn_of_resolution};
use super::output::{Table, count_text, error_line, share_text, tell, write_json};
use super::progress::Progress;

#[derive(Debug, Args)]
pub struct PredictArgs {
    /// Folder of the project.
    project: PathBuf,
    /// Only this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    #[command(flatten)]
    model: ModelArgs,
    /// One JSON document instead of tables.
    #[arg(long)]
    json: bool,
}

/// What a model said about a part number.
pub struct PredictedPartNumber {
    /// The engine, and why not another when there is something to tell.
    pub engine: String,
    /// Name and kind of each model, in their order.
    pub models: Vec<(String, &'static str)>,
    /// Bytes of weights that are in memory at the same time.
    pub weight_bytes: u64,
    /// Measured regions by the model that they come from.
    pub by_model: BTreeMap<String, usize>,
    pub measured: MeasuredImages,
    /// Against the labels that there are.
    pub comparison: PooledComparison,
    pub seconds: f64,
}

/// Runs the model of a part number over all its images, held to the least probabilities of a ruleset; answers in the project's cache are taken from there.
pub fn predict_part_number(
    session: &Session,
    part_number: usize,
    ruleset: &Ruleset,
    settings: &ModelSettings,
) -> anyhow::Result<PredictedPartNumber> {
    predict_wanting(session, part_number, ruleset, settings, FeatureSet::ALWAYS)
}

/// As [`predict_part_number`]; regions are measured with these features too, beside those that the ruleset asks for.
pub fn predict_wanting(
    session: &Session,
    part_number: usize,
    ruleset: &Ruleset,
    settings: &ModelSettings,
    features: FeatureSet,
) -> anyhow::Result<PredictedPartNumber> {
    let snapshot = session.snapshot().for_ruleset(part_number, ruleset, features);
    let images = images_of(&snapshot, part_number);
    let start = Instant::now();
    let mut model =
        ProjectModels::open(session.project(), part_number, settings)?.held_to(probability_limits(session.project(), ruleset));
    let bar = Progress::new("predicting", images.len());
    let mut comparison = PooledComparison::default();
    let mut by_model = BTreeMap::new();
    let measured = measure_predictions(&snapshot, &mut model, &images, &|| false, &mut |image, prediction| {
        if let Ok(prediction) = prediction {
            count_by_model(&snapshot, image, prediction, &mut by_model);
        }
        if let Ok(prediction) = prediction
            && is_labelled(&snapshot, image, session.sidecar(image).state)
        {
            match compare_image(&snapshot, image, &prediction.class) {
                Ok(one) => comparison.add(&one),
                Err(problem) => bar.tell(&format!("not compared: {}", error_line(&problem))),
            }
        }
        bar.step();
    })?;
    Ok(PredictedPartNumber {
        engine: model.engine_text(),
        models: model.model_names(),
        weight_bytes: model.weight_bytes(),
        by_model,
        measured,
        comparison,
        seconds: start.elapsed().as_secs_f64(),
    })
}

/// Adds the regions of one image to the models that they come from.
fn count_by_model(snapshot: &Snapshot, image: usize, prediction: &Prediction, counts: &mut BTreeMap<String, usize>) {
    let Ok(regions) = prediction_regions(snapshot, image, prediction) else { return };
    for model in regions.iter().filter_map(|region| model_of_region(prediction, region)) {
        *counts.entry(model.to_owned()).or_default() += 1;
    }
}

impl PredictedPartNumber {
    /// The verdicts on what the model said.
    pub fn evaluate(&self, session: &Session, part_number: usize, ruleset: &Ruleset) -> anyhow::Result<Evaluation> {
        Ok(judging::evaluate(&session.snapshot(), part_number, ruleset, &session.dispositions(), &self.measured)?)
    }
}

/// `predict --json`.
#[derive(Serialize)]
struct PredictReport {
    project: String,
    part_numbers: Vec<PartNumberReport>,
}

#[derive(Serialize)]
struct PartNumberReport {
    part_number: String,
    engine: String,
    models: Vec<ModelReport>,
    /// Images that the models saw.
    predicted: usize,
    /// Images that have a label to compare with.
    compared: usize,
    /// Answers in the cache cost next to nothing.
    seconds: f64,
    classes: Vec<ClassReport>,
    errors: Vec<ErrorReport>,
}

/// One model of several.
#[derive(Serialize)]
struct ModelReport {
    model: String,
    kind: &'static str,
    /// Predicted regions that come from it.
    regions: usize,
}

/// One class, pooled over all compared images.
#[derive(Serialize)]
struct ClassReport {
    class: String,
    labelled_px: u64,
    predicted_px: u64,
    both_px: u64,
    /// null when neither has a pixel.
    iou: Option<f64>,
    dice: Option<f64>,
    regions_found: usize,
    regions_missed: usize,
    regions_extra: usize,
}

pub fn run(args: &PredictArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let mut exit = Exit::Fine;
    let mut reports = Vec::new();
    for pn in part_numbers(session.project(), args.part_number.as_deref())? {
        let predicted = predict_part_number(&session, pn, session.ruleset(pn).current(), &args.model.settings())?;
        for (_, problem) in &predicted.measured.problems {
            tell(&format!("not predicted: {}", error_line(problem)));
            exit = Exit::Incomplete;
        }
        let number = &session.project().part_numbers[pn];
        let models: Vec<_> = number.running_models().cloned().collect();
        let rules = session.ruleset(pn).current();
        warn_of_resolution(session.project(), pn, rules, &models)?;
        reports.push((predicted.weight_bytes, report(&session, pn, &predicted)));
    }
    if args.json {
        write_json(
            out,
            &PredictReport { project: session.project().name.clone(), part_numbers: reports.into_iter().map(|r| r.1).collect() },
        )?;
        return Ok(exit);
    }
    for (weight_bytes, report) in &reports {
        writeln!(
            out,
            "Part number {}: {} predicted in {:.1} s by {}",
            report.part_number,
            count_text(report.predicted, "image", "images"),
            report.seconds,
            report.engine
        )?;
        for model in &report.models {
            writeln!(out, "  {} ({}): {}", model.model, model.kind, count_text(model.regions, "region", "regions"))?;
        }
        if report.models.len() > 1 {
            writeln!(out, "  their weights take about {:.1} MB together", *weight_bytes as f64 / 1e6)?;
        }
        write_classes(report, out)?;
    }
    Ok(exit)
}

fn write_classes(report: &PartNumberReport, out: &mut dyn Write) -> anyhow::Result<()> {
    if report.compared == 0 {
        writeln!(out, "No image has a label to compare with")?;
        return Ok(());
    }
    writeln!(out, "Against the labels of {}, pixels pooled:", count_text(report.compared, "image", "images"))?;
    let mut table = Table::new(&["class", "IoU", "Dice", "regions found", "missed", "extra"], &[1, 2, 3, 4, 5]);
    for c in &report.classes {
        let found = format!("{} of {}", c.regions_found, c.regions_found + c.regions_missed);
        let counts = [found, c.regions_missed.to_string(), c.regions_extra.to_string()];
        table.row([c.class.clone(), share_text(c.iou), share_text(c.dice)].into_iter().chain(counts).collect());
    }
    table.write(out)?;
    Ok(())
}

/// The table of a comparison as `predict` writes it.
pub fn write_comparison(
    session: &Session,
    part_number: usize,
    predicted: &PredictedPartNumber,
    out: &mut dyn Write,
) -> anyhow::Result<()> {
    write_classes(&report(session, part_number, predicted), out)
}

fn report(session: &Session, part_number: usize, predicted: &PredictedPartNumber) -> PartNumberReport {
    let project = session.project();
    let class = |(&id, c): (&u8, &delimit::workflow::ClassComparison)| ClassReport {
        class: project.class_name(id),
        labelled_px: c.pixels.labelled,
        predicted_px: c.pixels.predicted,
        both_px: c.pixels.both,
        iou: c.pixels.iou(),
        dice: c.pixels.dice(),
        regions_found: c.found,
        regions_missed: c.missed,
        regions_extra: c.extra,
    };
    let model = |(name, kind): &(String, &'static str)| ModelReport {
        model: name.clone(),
        kind,
        regions: predicted.by_model.get(name).copied().unwrap_or(0),
    };
    PartNumberReport {
        part_number: project.part_numbers[part_number].name.clone(),
        engine: predicted.engine.clone(),
        models: predicted.models.iter().map(model).collect(),
        predicted: predicted.measured.regions.len(),
        compared: predicted.comparison.images,
        seconds: predicted.seconds,
        classes: predicted.comparison.classes.iter().map(class).collect(),
        errors: errors(session, &predicted.measured.problems),
    }
}
