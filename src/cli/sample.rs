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
    /// A model for the project: an ONNX file with its card (the .ron of the same name) beside it.
    #[arg(long, value_name = "FILE")]
    model: Option<PathBuf>,
}

pub fn run(args: &SampleArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let project = write(&args.out, args.parts, args.seed, args.model.as_deref())?;
    let images = 0..project.images().len();
    let sidecars = images.map(|i| project.read_sidecar(i)).collect::<Result<Vec<_>, _>>()?;
    let ng = sidecars.iter().filter(|s| s.disposition == Disposition::Ng).count();
    let parts = count_text(project.parts().len(), "part", "parts");
    let model = if project.part_numbers.iter().any(|p| p.model.is_some()) { "" } else { "; no model" };
    writeln!(out, "{}: {parts} of seed {}, {ng} NG in truth{model}", args.out.display(), args.seed)?;
    Ok(Exit::Fine)
}

/// Writes the sample project, with the model when one is given.
pub fn write(folder: &Path, parts: u32, seed: u64, model: Option<&Path>) -> anyhow::Result<Project> {
    let read = |file: &Path| std::fs::read(file).with_context(|| format!("cannot read {}", file.display()));
    let files = match model {
        None => None,
        Some(model) => {
            let card = ModelCard::path_beside(model);
            ModelCard::load(&card)?;
            let text = std::fs::read_to_string(&card).with_context(|| format!("cannot read {}", card.display()))?;
            Some((read(model)?, text))
        }
    };
    let model = files.as_ref().map(|(onnx, card)| SampleModel { onnx, card });
    let bar = Progress::new("rendering", parts as usize);
    Ok(write_sample(folder, parts, seed, model, |_| {
        bar.step();
        true
    })?)
}
