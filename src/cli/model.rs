//! `delimit model`: a first card for a model file.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use delimit::files::write_atomic;
use delimit::predict::{CardDraft, ModelCard};
use delimit::project::photo_file;

use super::exit::Exit;
use super::input::ModelArgs;

#[derive(Debug, Args)]
pub struct DraftArgs {
    /// The ONNX file.
    file: PathBuf,
    /// A photo that shows what the model is for; scalings are tried on its middle.
    #[arg(long, value_name = "FILE")]
    photo: Option<PathBuf>,
    /// Write the card beside the model.
    #[arg(long)]
    write: bool,
    /// Replace a card that is there.
    #[arg(long, requires = "write")]
    force: bool,
    /// A PNG of what the model says with each scaling, two in a row, the most plausible first.
    #[arg(long, value_name = "FILE", requires = "photo")]
    preview: Option<PathBuf>,
    #[command(flatten)]
    model: ModelArgs,
}

pub fn run(args: &DraftArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let card_file = ModelCard::path_beside(&args.file);
    if args.write && !args.force && card_file.exists() {
        anyhow::bail!("{} is there already; --force replaces it", card_file.display());
    }
    let photo = args.photo.as_deref().map(photo_file::read).transpose()?;
    let draft = CardDraft::of(&args.file, &args.model.settings().engine, photo.as_ref())?;
    write_draft(&draft, &args.file, out)?;
    if let (Some(path), Some(picture)) = (&args.preview, draft.preview()) {
        let bytes = picture.as_slice().as_flattened();
        image::save_buffer_with_format(
            path,
            bytes,
            picture.width(),
            picture.height(),
            image::ExtendedColorType::Rgb8,
            image::ImageFormat::Png,
        )
        .with_context(|| format!("cannot write the picture {}", path.display()))?;
        writeln!(out, "Preview: {}", path.display())?;
    }
    let text = draft.card.to_ron()?;
    if args.write {
        write_atomic(&card_file, text.as_bytes()).with_context(|| card_file.display().to_string())?;
        writeln!(out, "Card: {}", card_file.display())?;
    } else {
        writeln!(out, "\nThe card; --write puts it beside the model:\n{text}")?;
    }
    Ok(Exit::Fine)
}

fn write_draft(draft: &CardDraft, file: &Path, out: &mut dyn Write) -> anyhow::Result<()> {
    writeln!(out, "{}, opened by {}; lines with ? are guesses:", file.display(), draft.engine)?;
    for guess in &draft.guesses {
        let mark = if guess.is_certain { ' ' } else { '?' };
        writeln!(out, "{mark} {}: {}", guess.field, guess.value)?;
        writeln!(out, "      {}", guess.why)?;
    }
    if !draft.trials.is_empty() {
        writeln!(out, "Scalings, the most plausible first:")?;
        for trial in &draft.trials {
            let score =
                trial.score.map_or_else(|| "the model fails or contradicts the card".to_owned(), |score| format!("{score:.3}"));
            writeln!(out, "  {}: {score}", trial.scaling.name)?;
        }
    }
    Ok(())
}
