//! `delimit sample`: the sample project, rendered anew.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use delimit::judge::Disposition;
use delimit::predict::ModelCard;
use delimit::project::Project;
use delimit::workflow::sample_project::{SampleModel, write_sample};

use super::exit::Exit;
use super::output::count_text;
use super::progress::Progress;

/// Parts of a sample unless told otherwise.
pub const PARTS: u32 = 40;
/// The batch unless told otherwise.
pub const SEED: u64 = 7;

/// The model trained for the sample (`assets/sample-model/`): part of the program, so that a sample is complete anywhere.
const SHIPPED_MODEL: SampleModel<'_> = SampleModel {
    onnx: include_bytes!("../../assets/sample-model/housing.onnx"),
    card: include_str!("../../assets/sample-model/housing.ron"),
};

#[derive(Debug, Args)]
pub struct SampleArgs {
    /// Folder of the project; must not hold one yet.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Number of parts.
    #[arg(long, default_value_t = PARTS, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    parts: u32,
    /// Another number gives other parts; the same number gives the same ones.
    #[arg(long, default_value_t = SEED, value_name = "S")]
    seed: u64,
    /// Another model than the one trained for the sample: an ONNX file with its card (the .ron of the same name) beside it.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

pub fn run(args: &SampleArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let project = write(&args.out, args.parts, args.seed, args.model.as_deref())?;
    let images = 0..project.images().len();
    let sidecars = images.map(|i| project.read_sidecar(i)).collect::<Result<Vec<_>, _>>()?;
    let ng = sidecars.iter().filter(|s| s.disposition == Disposition::Ng).count();
    let parts = count_text(project.parts().len(), "part", "parts");
    writeln!(out, "{}: {parts} of seed {}, {ng} NG in truth", args.out.display(), args.seed)?;
    Ok(Exit::Fine)
}

/// Writes the sample project, with the model given or the one that was trained for it.
pub fn write(folder: &Path, parts: u32, seed: u64, model: Option<&Path>) -> anyhow::Result<Project> {
    let read = |file: &Path| std::fs::read(file).with_context(|| format!("cannot read {}", file.display()));
    let own = match model {
        None => None,
        Some(model) => {
            let card = ModelCard::path_beside(model);
            ModelCard::load(&card)?;
            let text = std::fs::read_to_string(&card).with_context(|| format!("cannot read {}", card.display()))?;
            Some((read(model)?, text))
        }
    };
    let model = own.as_ref().map_or(SHIPPED_MODEL, |(onnx, card)| SampleModel { onnx, card });
    let bar = Progress::new("rendering", parts as usize);
    Ok(write_sample(folder, parts, seed, Some(model), |_| {
        bar.step();
        true
    })?)
}
