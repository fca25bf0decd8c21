//! `delimit measure`: every region with its features.

use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use delimit::measure::{Feature, FeatureSet, Region};
use delimit::project::class_name;
use delimit::session::Session;
use serde::Serialize;

use super::check::{ErrorReport, errors};
use super::exit::Exit;
use super::input::{ModelArgs, open_for_reading, part_numbers};
use super::judge::{Judged, On, judge_on};
use super::output::write_json;
use super::verdicts::RegionReport;

#[derive(Debug, Args)]
pub struct MeasureArgs {
    /// Folder of the project.
    project: PathBuf,
    /// Only this part number.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// What to measure.
    #[arg(long, value_enum, default_value = "labels", value_name = "WHAT")]
    on: On,
    #[command(flatten)]
    model: ModelArgs,
    /// Leave out what takes long: centre lines, edges in the photo, neighbours, distances to zone borders.
    #[arg(long)]
    quick: bool,
    /// One JSON document instead of CSV.
    #[arg(long)]
    json: bool,
}

/// `measure --json`: one entry per part number and thing measured.
#[derive(Serialize)]
struct MeasureReport {
    project: String,
    measured: Vec<MeasuredReport>,
}

#[derive(Serialize)]
struct MeasuredReport {
    part_number: String,
    /// labels or predictions.
    on: &'static str,
    images: Vec<ImageReport>,
    errors: Vec<ErrorReport>,
}

#[derive(Serialize)]
struct ImageReport {
    image: String,
    regions: Vec<RegionReport>,
}

pub fn run(args: &MeasureArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let session = open_for_reading(&args.project)?;
    let features = if args.quick { FeatureSet::ALWAYS } else { FeatureSet::ALL };
    let mut all = Vec::new();
    for pn in part_numbers(session.project(), args.part_number.as_deref())? {
        let rules = session.ruleset(pn).current().clone();
        all.extend(judge_on(&session, pn, &rules, args.on, &args.model, features)?);
    }
    if args.json {
        let measured = all.iter().map(|judged| report(&session, judged)).collect();
        write_json(out, &MeasureReport { project: session.project().name.clone(), measured })?;
    } else {
        write_csv(&session, &all, out)?;
    }
    let is_complete = all.iter().all(|judged| judged.measured.problems.is_empty());
    Ok(if is_complete { Exit::Fine } else { Exit::Incomplete })
}

fn report(session: &Session, judged: &Judged) -> MeasuredReport {
    let project = session.project();
    let part_number = &project.part_numbers[judged.part_number];
    let images = judged.measured.regions.iter().map(|(&image, regions)| ImageReport {
        image: project.images()[image].id.clone(),
        regions: regions.iter().enumerate().map(|(i, r)| RegionReport::of(i, r, &project.classes, part_number)).collect(),
    });
    MeasuredReport {
        part_number: part_number.name.clone(),
        on: judged.on.word(),
        images: images.collect(),
        errors: errors(session, &judged.measured.problems),
    }
}

fn write_csv(session: &Session, all: &[Judged], out: &mut dyn Write) -> anyhow::Result<()> {
    let project = session.project();
    let mut csv = csv::Writer::from_writer(out);
    let fixed = ["part_number", "on", "image", "region", "class", "zones", "x0", "y0", "x1", "y1", "is_clipped"];
    csv.write_record(fixed.into_iter().chain(Feature::ALL.map(Feature::name)))?;
    for judged in all {
        let part_number = &project.part_numbers[judged.part_number];
        for (&image, regions) in &judged.measured.regions {
            for (i, region) in regions.iter().enumerate() {
                let zones: Vec<&str> = region.zones.iter().map(|z| part_number.zone_name(z.zone)).collect();
                let bounds = region.bounds;
                let mut row = vec![
                    part_number.name.clone(),
                    judged.on.word().to_owned(),
                    project.images()[image].id.clone(),
                    (i + 1).to_string(),
                    class_name(&project.classes, region.class),
                    zones.join(" "),
                ];
                row.extend([bounds.x0, bounds.y0, bounds.x1, bounds.y1].map(|v| v.to_string()));
                row.push(region.is_clipped.to_string());
                row.extend(Feature::ALL.map(|f| value_text(region, f)));
                csv.write_record(row)?;
            }
        }
    }
    csv.flush()?;
    Ok(())
}

/// Empty = unmeasured.
fn value_text(region: &Region, feature: Feature) -> String {
    let value = region.feature(feature);
    if value.is_finite() { value.to_string() } else { String::new() }
}
