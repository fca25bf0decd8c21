//! The one program: the studio, and with a subcommand the command line.

#[cfg(feature = "studio")]
mod studio;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    if args.get(1).is_some_and(|a| a == "sample") {
        delimit::workflow::sample_project::write_sample(args[2].as_ref(), 40, 7, None, |_| true).map(drop).unwrap_or_else(|e| eprintln!("{e}"));
        return;
    }
    #[cfg(feature = "studio")]
    {
        let project = std::env::args().nth(1).unwrap_or_else(|| "projects/housing".into());
        if let Err(e) = studio::run(studio::Options { project: project.into(), picture: None }) {
            eprintln!("{e:#}");
        }
    }
}
