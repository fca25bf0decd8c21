//! The sample project on disk: rendered parts with labels, zones, the customer's limits, the truth of every part, and the model.

use std::path::Path;

use super::error::WorkflowError;
use crate::check::BoundaryKind;
use crate::files::write_atomic;
use crate::judge::ruleset::{ANY, UNZONED};
use crate::judge::{Bounds, Cell, Disposition, Limit, Ruleset};
use crate::measure::Feature;
use crate::project::{Class, ImageEntry, LabelState, ModelUse, PartNumber, Project, ProjectError, Sidecar, Zone, ZoneKind};
use crate::raster::Photo;
use crate::sample::{CALIBRATION, SamplePart, Scene, class, drawing, zone};

/// Name of the part number of the sample.
pub const PART_NUMBER: &str = "HC-2040";

/// The model that goes with the sample, and the text of its card.
#[derive(Clone, Copy, Debug)]
pub struct SampleModel<'a> {
    pub onnx: &'a [u8],
    pub card: &'a str,
}

const SEAL: &str = "seal ring";
const FACE: &str = "outer face";
const POCKET: &str = "pocket";

/// Writes `parts` parts of the batch `seed` as a project into the empty or absent folder `root`. `progress` hears how many parts
/// are done; its `false` ends the work with [`WorkflowError::Cancelled`].
pub fn write_sample(
    root: &Path,
    parts: u32,
    seed: u64,
    model: Option<SampleModel<'_>>,
    mut progress: impl FnMut(u32) -> bool,
) -> Result<Project, WorkflowError> {
    if root.join("project.ron").exists() {
        return Err(ProjectError::AlreadyThere { path: root.into() }.into());
    }
    let scene = Scene::new();
    let mut project = describe(root, model.is_some());
    let nominal = scene.nominal();
    write_png(&root.join("images/nominal.png"), &nominal.photo)?;
    let rendered = (0..parts)
        .map(|index| {
            if !progress(index) {
                return Err(WorkflowError::Cancelled);
            }
            let part = scene.part(seed, index);
            write_png(&root.join(format!("images/{}.png", part.serial)), &part.photo)?;
            Ok(part)
        })
        .collect::<Result<Vec<SamplePart>, _>>()?;
    project.add_entries(rendered.iter().map(|part| ImageEntry {
        id: part.serial.clone(),
        image: format!("images/{}.png", part.serial),
        part: part.serial.clone(),
        part_number: PART_NUMBER.into(),
    }))?;
    project.save()?;
    project.write_zones(0, &nominal.zones)?;
    for (image, part) in rendered.iter().enumerate() {
        project.write_label(image, &part.label)?;
        let disposition = if part.is_ng() { Disposition::Ng } else { Disposition::Ok };
        let note = part
            .defects
            .iter()
            .filter_map(drawing::broken_rule)
            .min()
            .map_or_else(String::new, |n| format!("breaks point {n} of the drawing"));
        project.write_sidecar(image, &Sidecar { state: LabelState::Done, disposition, note, ..Sidecar::default() })?;
    }
    let path = project.ruleset_path(0);
    write(&path, drawing_limits().to_ron()?.as_bytes())?;
    if let Some(SampleModel { onnx, card }) = model {
        write(&root.join("models/housing.onnx"), onnx)?;
        write(&root.join("models/housing.ron"), card.as_bytes())?;
    }
    Ok(project)
}

fn describe(root: &Path, has_model: bool) -> Project {
    let mut project = Project::new(root, "Housing cover");
    project.classes = (class::SCRATCH..=class::STAIN).map(|id| Class::new(id, class::NAMES[id as usize])).collect();
    for c in &mut project.classes {
        match c.id {
            class::SCRATCH => c.note = "The whole visible line, both flanks, nothing beside it.".into(),
            class::STAIN => {
                c.boundary = BoundaryKind::Diffuse;
                c.note = "Out to where it is half as strong as in its middle.".into();
            }
            _ => {}
        }
    }
    let zones = [
        (zone::FUNCTIONAL, SEAL, ZoneKind::Functional, [0xE5, 0x6B, 0x4D]),
        (zone::COSMETIC, FACE, ZoneKind::Cosmetic, [0x5B, 0x8D, 0xEF]),
        (zone::NON_VISIBLE, POCKET, ZoneKind::NonVisible, [0x8A, 0x93, 0xA3]),
    ];
    project.part_numbers = vec![PartNumber {
        nominal: Some("images/nominal.png".into()),
        zones: zones.map(|(id, name, kind, colour)| Zone { id, name: name.into(), kind, colour }).into(),
        calibration: Some(CALIBRATION),
        models: has_model.then(|| ModelUse::new("models/housing.onnx")).into_iter().collect(),
        ..PartNumber::new(PART_NUMBER)
    }];
    project
}

/// The drawing of the sample part ([`drawing::RULE`]) as limits, with a band for review below each.
#[must_use]
pub fn drawing_limits() -> Ruleset {
    let limited = |class: &str, zone: &str, feature: Feature, accept_below: f64, reject_from: f64| Cell {
        class: class.into(),
        zone: zone.into(),
        accept: false,
        limits: vec![Limit::of(feature, Bounds::new(Some(accept_below), Some(reject_from)))],
        per_part: Vec::new(),
    };
    let accepted = |class: &str, zone: &str| Cell {
        class: class.into(),
        zone: zone.into(),
        accept: true,
        limits: Vec::new(),
        per_part: Vec::new(),
    };
    Ruleset {
        name: "Drawing HC-2040".into(),
        note: "Limits of the drawing; the bands below them go to review.".into(),
        cells: vec![
            limited("crack", ANY, Feature::Area, 0.0, 0.0),
            limited("scratch", SEAL, Feature::Length, 0.3, drawing::RING_SCRATCH_MM),
            limited("scratch", FACE, Feature::Length, 3.0, drawing::FACE_SCRATCH_MM),
            accepted("scratch", POCKET),
            limited("pit", SEAL, Feature::EquivalentDiameter, 0.3, drawing::RING_PIT_MM),
            limited("pit", FACE, Feature::EquivalentDiameter, 0.65, drawing::FACE_PIT_MM),
            accepted("pit", POCKET),
            limited("stain", SEAL, Feature::Area, 2.0, drawing::RING_STAIN_MM2),
            limited("stain", FACE, Feature::Area, 9.0, drawing::FACE_STAIN_MM2),
            accepted("stain", POCKET),
            accepted(ANY, UNZONED),
        ],
        ..Ruleset::default()
    }
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), WorkflowError> {
    write_atomic(path, bytes).map_err(|source| WorkflowError::Io { path: path.into(), source })
}

/// Gray PNG, as small as it gets: the sample is kept in version control.
fn write_png(path: &Path, photo: &Photo) -> Result<(), WorkflowError> {
    let plane = photo.gray_plane(photo.rect()).map(|v| v.round().clamp(0.0, 255.0) as u8);
    let mut bytes = Vec::new();
    let encoder = image::codecs::png::PngEncoder::new_with_quality(
        &mut bytes,
        image::codecs::png::CompressionType::Best,
        image::codecs::png::FilterType::Adaptive,
    );
    image::ImageEncoder::write_image(encoder, plane.as_slice(), plane.width(), plane.height(), image::ExtendedColorType::L8)
        .map_err(|e| WorkflowError::Io { path: path.into(), source: std::io::Error::other(e) })?;
    write(path, &bytes)
}
