//! The one program: the studio, and with a subcommand the command line.

mod cli;
#[cfg(feature = "studio")]
mod studio;

use std::path::Path;
use std::process::ExitCode;

/// The studio of this build; None in a headless one.
const STUDIO: Option<cli::OpenStudio> = if cfg!(feature = "studio") { Some(open_studio) } else { None };

#[cfg(feature = "studio")]
fn open_studio(project: &Path) -> anyhow::Result<()> {
    studio::run(studio::Options { project: project.to_owned(), picture: None })
}

#[cfg(not(feature = "studio"))]
fn open_studio(_: &Path) -> anyhow::Result<()> {
    anyhow::bail!("this build has no studio")
}

fn main() -> ExitCode {
    cli::run(STUDIO)
}
