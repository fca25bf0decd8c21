//! The one program: the studio, and with a subcommand the command line.

#[cfg(feature = "studio")]
mod studio;

fn main() {
    #[cfg(feature = "studio")]
    {
        let project = std::env::args().nth(1).unwrap_or_else(|| "projects/housing".into());
        if let Err(e) = studio::run(studio::Options { project: project.into(), picture: None }) {
            eprintln!("{e:#}");
        }
    }
}
