//! The one program: the studio, and with a subcommand the command line.

mod cli;
#[cfg(feature = "studio")]
mod studio;

use std::path::Path;
use std::process::ExitCode;

/// The studio of this build; None in a headless one.
const STUDIO: Option<cli::OpenStudio> = if cfg!(feature = "studio") { Some(open_studio) } else { None };

#[cfg(feature = "studio")]
fn open_studio(project: &Path, picture: Option<&cli::PictureArgs>) -> anyhow::Result<()> {
    let script = picture.map(|args| args.script.parse::<studio::Script>()).transpose().map_err(anyhow::Error::msg)?;
    let picture = picture.map(|args| studio::PictureRequest {
        script: script.unwrap_or_default(),
        crop: args.crop,
        out: args.out.clone(),
        workspace: args.workspace,
        size: args.size,
        is_light: args.light,
        image: args.image.saturating_sub(1),
        paints_zones: args.zones,
        shows_keys: args.keys,
    });
    studio::run(studio::Options { project: project.to_owned(), picture })
}

#[cfg(not(feature = "studio"))]
fn open_studio(_: &Path, _: Option<&cli::PictureArgs>) -> anyhow::Result<()> {
    anyhow::bail!("this build has no studio")
}

fn main() -> ExitCode {
    cli::run(STUDIO)
}
