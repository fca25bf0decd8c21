//! Labels of other tools over a whole project: what an import changes, labels written and certified.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use crate::exchange::labels::plan::ImagePlan;
use crate::exchange::labels::{
    Certificate, ExchangeError, ExportClass, ExportImage, Format, ImportPlan, Rendered, certify, writer,
};
use crate::paint::Gate;
use crate::project::Project;
use crate::raster::{Area, BACKGROUND, IGNORE, LabelMap, Run};
use crate::session::Snapshot;

/// Makes the label that an import gives one image of its plan; nothing is changed.
pub fn render_image(plan: &ImportPlan, image: &ImagePlan, project: &Project) -> Result<Rendered, ExchangeError> {
    plan.render(image, project.image_size(image.image)?)
}

/// What [`Session::paint_areas`](crate::session::Session::paint_areas) must paint to make one map of the other, as one step of undo:
/// everything of the new one, then background where only the old one had something.
#[must_use]
pub fn label_changes(old: &LabelMap, new: &LabelMap) -> Vec<(Area, u8, Gate)> {
    let mut by_value: BTreeMap<u8, Vec<Run>> = BTreeMap::new();
    let runs = crate::raster::runs::runs(new);
    let covered = Area::of_runs(&runs);
    for run in runs {
        by_value.entry(run.value).or_default().push(run);
    }
    let mut areas: Vec<(Area, u8, Gate)> =
        by_value.into_iter().map(|(value, runs)| (Area::of_runs(&runs), value, Gate::OPEN)).collect();
    let gone = Area::of_runs(&crate::raster::runs::runs(old)).minus(&covered);
    if !gone.is_empty() {
        areas.push((gone, BACKGROUND, Gate::OPEN));
    }
    areas
}

/// Writes the labels of some images into the folder `out` and reads them back. Images without a label go out as images without an object.
/// `step` is called twice per image. The certificate lies beside the export; whether it is exact is for the caller to say.
pub fn export_labels(
    snapshot: &Snapshot,
    images: &[usize],
    format: Format,
    out: &Path,
    step: impl Fn(),
) -> Result<Certificate, ExchangeError> {
    let project = snapshot.project();
    let classes: Vec<ExportClass> =
        project.classes.iter().map(|c| ExportClass { id: c.id, name: c.name.clone(), colour: c.colour }).collect();
    let stems = stems(project, images);
    let image = |i: usize| -> Result<ExportImage, ExchangeError> {
        let index = images[i];
        Ok(ExportImage {
            name: name_of(project, index, &stems[i]),
            stem: stems[i].clone(),
            path: project.image_path(index),
            label: snapshot.label(index)?,
            grouping: snapshot.grouping(index).clone(),
        })
    };
    let mut has_ignore = false;
    for &index in images {
        has_ignore |= snapshot.label(index)?.histogram()[usize::from(IGNORE)] > 0;
        if has_ignore {
            break;
        }
    }
    if has_ignore && classes.iter().any(|c| c.name.to_lowercase() == "ignore") {
        return Err(ExchangeError::Plan(
            "a class is called \"ignore\" while there are don't-care pixels too; rename it".to_owned(),
        ));
    }
    let mut writer = writer(format, out, &classes, has_ignore);
    for i in 0..images.len() {
        writer.add(&image(i)?)?;
        step();
    }
    writer.finish()?;
    let certificate = certify(out, format, &classes, images.len(), |i| {
        step();
        image(i)
    })?;
    certificate.write(out)?;
    Ok(certificate)
}

/// What an image's label files are called: the stem of its file where that is unique, its id otherwise.
fn stems(project: &Project, images: &[usize]) -> Vec<String> {
    let stem = |i: &usize| {
        Path::new(&project.images()[*i].image).file_stem().map_or_else(String::new, |s| s.to_string_lossy().into_owned())
    };
    let all: Vec<String> = images.iter().map(stem).collect();
    let mut counts: HashMap<String, usize> = HashMap::new();
    for s in &all {
        *counts.entry(s.to_lowercase()).or_default() += 1;
    }
    let is_unique = all.iter().all(|s| !s.is_empty() && !s.starts_with('.') && counts[&s.to_lowercase()] == 1);
    if is_unique { all } else { images.iter().map(|&i| project.images()[i].id.clone()).collect() }
}

/// The path inside the project; images elsewhere by their label's name with the ending of the image, so that names stay unique.
fn name_of(project: &Project, image: usize, stem: &str) -> String {
    let text = project.images()[image].image.replace('\\', "/");
    let path = Path::new(&text);
    let leaves = path.is_absolute() || text.as_bytes().get(1) == Some(&b':') || text.split('/').any(|p| p == "..");
    if !leaves {
        return text;
    }
    path.extension().map_or_else(|| stem.to_owned(), |e| format!("{stem}.{}", e.to_string_lossy()))
}
