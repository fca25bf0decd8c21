//! A picture of the window, made by the program itself: how the pictures of the README come about.

use std::path::PathBuf;

use clap::Args;
use delimit::session::command::Workspace;

use super::exit::Exit;

/// What to take a picture of.
#[derive(Args, Clone, Debug)]
pub struct PictureArgs {
    /// PNG file to write.
    pub out: PathBuf,
    /// Folder of a project; the sample without it.
    #[arg(long)]
    pub project: Option<PathBuf>,
    /// label, check, compare, tune or export.
    #[arg(long, default_value = "label", value_parser = workspace)]
    pub workspace: Workspace,
    /// Width and height of the window.
    #[arg(long, default_value = "1600x1000", value_parser = size)]
    pub size: [f32; 2],
    /// In the light theme.
    #[arg(long)]
    pub light: bool,
    /// Number of the image to show, from 1.
    #[arg(long, default_value_t = 1)]
    pub image: usize,
    /// While painting zones on the nominal image.
    #[arg(long)]
    pub zones: bool,
    /// With the sheet of keys open.
    #[arg(long)]
    pub keys: bool,
    /// Keys and pointer moves to make before, in image pixels: "key s; click 400,300; hold 10,10 60,40".
    #[arg(long = "do", default_value = "")]
    pub script: String,
    /// Only this part of the window: left,top,width,height.
    #[arg(long, value_parser = crop)]
    pub crop: Option<[u32; 4]>,
}

fn crop(text: &str) -> Result<[u32; 4], String> {
    let parts: Vec<u32> = text.split(',').filter_map(|p| p.parse().ok()).collect();
    parts.try_into().map_err(|_| "give left, top, width and height as in 76,40,640,480".into())
}

fn workspace(text: &str) -> Result<Workspace, String> {
    let known = || Workspace::ALL.map(|w| w.label().to_lowercase()).join(", ");
    Workspace::ALL.into_iter().find(|w| w.label().eq_ignore_ascii_case(text)).ok_or_else(|| format!("choose one of {}", known()))
}

fn size(text: &str) -> Result<[f32; 2], String> {
    let parts: Option<Vec<f32>> = text.split('x').map(|p| p.parse().ok().filter(|v: &f32| (320.0..=8192.0).contains(v))).collect();
    match parts.as_deref() {
        Some(&[w, h]) => Ok([w, h]),
        _ => Err("give width and height as in 1600x1000".into()),
    }
}

/// Opens the window, takes the picture, closes it.
pub fn run(args: &PictureArgs, studio: Option<super::OpenStudio>) -> anyhow::Result<Exit> {
    let Some(open) = studio else { anyhow::bail!("this build has no studio to take a picture of") };
    let project = match &args.project {
        Some(project) => project.clone(),
        None => super::headless::sample_project()?,
    };
    open(&project, Some(args))?;
    Ok(Exit::Fine)
}
