//! `delimit new` and `delimit add`: projects and their images.

use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args;
use delimit::measure::Calibration;
use delimit::project::{Class, PartNumber, Project, ProjectError, photo_file};

use super::exit::Exit;
use super::input::{expand, open_for_writing, part_number};
use super::output::{count_text, error_line, tell};

#[derive(Debug, Args)]
pub struct NewArgs {
    /// Folder of the project; made when it is not there.
    folder: PathBuf,
    /// Images, or folders of images, to add at once. They stay where they are.
    images: Vec<PathBuf>,
    /// Name of the project; the folder's name otherwise.
    #[arg(long)]
    name: Option<String>,
    /// A class of defect; give it once per class.
    #[arg(long = "class", value_name = "NAME")]
    classes: Vec<String>,
    /// Name of the first part number; the project's name otherwise.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
    /// Size of a pixel on the part in mm: one number, or width,height.
    #[arg(long, value_name = "X[,Y]", value_parser = calibration)]
    mm_per_px: Option<Calibration>,
}

#[derive(Debug, Args)]
pub struct AddArgs {
    /// Folder of the project.
    project: PathBuf,
    /// Images, or folders of images. They stay where they are; those in the project folder are kept by relative path.
    #[arg(required = true)]
    images: Vec<PathBuf>,
    /// Part number of the images, where the project has several.
    #[arg(long, value_name = "PN")]
    part_number: Option<String>,
}

fn calibration(text: &str) -> Result<Calibration, String> {
    let number = |t: &str| t.trim().parse::<f64>().map_err(|_| format!("{t:?} is no number; write 0.05 or 0.05,0.04"));
    let calibration = match text.split_once(',') {
        Some((x, y)) => Calibration { x_mm_per_px: number(x)?, y_mm_per_px: number(y)? },
        None => Calibration::square(number(text)?),
    };
    if calibration.is_valid() { Ok(calibration) } else { Err("a pixel must be larger than 0 mm".to_owned()) }
}

pub fn new(args: &NewArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    if args.folder.join("project.ron").exists() {
        return Err(ProjectError::AlreadyThere { path: args.folder.clone() }.into());
    }
    if args.classes.len() > 253 {
        anyhow::bail!("{} classes are more than the 253 that a label can hold", args.classes.len());
    }
    let images = expand(&args.images)?;
    std::fs::create_dir_all(&args.folder).with_context(|| format!("cannot make the folder {}", args.folder.display()))?;
    let name = args.name.clone().map_or_else(|| folder_name(&args.folder), Ok)?;
    let mut project = Project::new(&args.folder, &name);
    project.classes = (1..=253).zip(&args.classes).map(|(id, name)| Class::new(id, name)).collect();
    let part_number = args.part_number.clone().unwrap_or(name);
    project.part_numbers.push(PartNumber { calibration: args.mm_per_px, ..PartNumber::new(&part_number) });
    let (readable, exit) = readable(images);
    let added = project.add_images(0, &readable)?;
    project.save()?;
    writeln!(
        out,
        "{}: {}, {}, part number {part_number}{}",
        args.folder.display(),
        count_text(project.classes.len(), "class", "classes"),
        count_text(added, "image", "images"),
        if args.mm_per_px.is_none() { ", no calibration (limits in px only)" } else { "" },
    )?;
    Ok(exit)
}

fn folder_name(folder: &Path) -> anyhow::Result<String> {
    let full = std::fs::canonicalize(folder).with_context(|| folder.display().to_string())?;
    match full.file_name() {
        Some(name) => Ok(name.to_string_lossy().into_owned()),
        None => anyhow::bail!("{}: the folder has no name; give one with --name", folder.display()),
    }
}

pub fn add(args: &AddArgs, out: &mut dyn Write) -> anyhow::Result<Exit> {
    let mut session = open_for_writing(&args.project)?;
    let part_number = part_number(session.project(), args.part_number.as_deref())?;
    let (readable, exit) = readable(expand(&args.images)?);
    let mut added = 0;
    session.change_project(|project| {
        added = project.add_images(part_number, &readable)?;
        Ok(())
    })?;
    let problems = session.save()?;
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem.into());
    }
    let known = readable.len() - added;
    let known = if known > 0 { format!(", {known} were there already") } else { String::new() };
    writeln!(out, "{}: {} added{known}", args.project.display(), count_text(added, "image", "images"))?;
    Ok(exit)
}

/// Those that begin like an image that can be decoded; the others are named on the error output.
fn readable(files: Vec<PathBuf>) -> (Vec<PathBuf>, Exit) {
    let mut exit = Exit::Fine;
    let files = files
        .into_iter()
        .filter(|file| match photo_file::size(file) {
            Ok(_) => true,
            Err(problem) => {
                tell(&format!("not added: {}", error_line(&problem)));
                exit = Exit::Incomplete;
                false
            }
        })
        .collect();
    (files, exit)
}
