//! Writes image and label pairs of the sample part for training or testing a model.
//!
//! `cargo run --release --no-default-features --example render_training_set -- DIR [--seed S] [--parts N]`
//!
//! `DIR/images/NNNN.png` is the photo (gray), `DIR/labels/NNNN.png` the exact mask (gray, value = class id), `DIR/parts.csv` one line
//! per defect with its true measures. The shipped sample uses seed 7, training uses seeds from 1000 on.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Parser;
use delimit::raster::{Photo, Plane};
use delimit::sample::{Scene, class};
use rayon::prelude::*;

#[derive(Parser)]
#[command(about = "Render image and label pairs of the sample part")]
struct Options {
    /// Folder to write to; it is made when absent.
    dir: PathBuf,
    /// Seed of the batch.
    #[arg(long, default_value_t = 1000)]
    seed: u64,
    /// Number of parts.
    #[arg(long, default_value_t = 400)]
    parts: u32,
}

fn main() -> Result<()> {
    let options = Options::parse();
    for folder in ["images", "labels"] {
        let path = options.dir.join(folder);
        fs::create_dir_all(&path).with_context(|| format!("cannot make the folder {}", path.display()))?;
    }
    let scene = Scene::new();
    let rows: Vec<Vec<[String; 7]>> =
        (0..options.parts).into_par_iter().map(|i| write_part(&options, &scene, i)).collect::<Result<_>>()?;
    let path = options.dir.join("parts.csv");
    let mut table = csv::Writer::from_path(&path).with_context(|| format!("cannot write {}", path.display()))?;
    table.write_record(["part", "class", "length_mm", "area_mm2", "contrast", "zones", "part_is_ng"])?;
    for row in rows.iter().flatten() {
        table.write_record(row)?;
    }
    table.flush()?;
    println!("{} parts of seed {} in {}", options.parts, options.seed, options.dir.display());
    Ok(())
}

/// Writes one pair and returns the lines of its defects; a part without one gives a line with the class left empty.
fn write_part(options: &Options, scene: &Scene, index: u32) -> Result<Vec<[String; 7]>> {
    let part = scene.part(options.seed, index);
    let Photo::Gray8(photo) = &part.photo else { bail!("the sample renderer gives gray images of 8 bits") };
    let name = format!("{index:04}");
    save(photo, &options.dir.join("images").join(format!("{name}.png")))?;
    save(&part.truth.to_plane(), &options.dir.join("labels").join(format!("{name}.png")))?;
    let is_ng = part.is_ng().to_string();
    if part.defects.is_empty() {
        return Ok(vec![[name, String::new(), String::new(), String::new(), String::new(), String::new(), is_ng]]);
    }
    let line = |d: &delimit::sample::DefectRecord| {
        let zones: Vec<String> = d.zones.iter().map(u8::to_string).collect();
        [
            name.clone(),
            class::NAMES[usize::from(d.class)].to_owned(),
            format!("{:.4}", d.length_mm),
            format!("{:.4}", d.area_mm2),
            format!("{:.3}", d.contrast),
            zones.join("+"),
            is_ng.clone(),
        ]
    };
    Ok(part.defects.iter().map(line).collect())
}

fn save(plane: &Plane<u8>, path: &Path) -> Result<()> {
    let image = image::GrayImage::from_raw(plane.width(), plane.height(), plane.as_slice().to_vec())
        .context("the image has not as many pixels as its size says")?;
    image.save(path).with_context(|| format!("cannot write {}", path.display()))
}
