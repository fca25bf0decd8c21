//! The one program: the studio, and with a subcommand the command line.

mod cli;

use std::process::ExitCode;

/// The studio of this build; None in a headless one.
const STUDIO: Option<cli::OpenStudio> = None;

fn main() -> ExitCode {
    cli::run(STUDIO)
}
