//! One rendered part: photo, truth, label and record.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::raster::{LabelMap, Photo};

use super::annotator::{self, CarelessRegion};
use super::drawing::{self, DefectRecord};
use super::plan::{self, Placed};
use super::random::{Purpose, Random};
use super::scene::Scene;
use super::texture::Textures;
use super::{HEIGHT, WIDTH, camera, layout};

/// Mean exposure; the lamp varies by [`EXPOSURE_SPREAD`] around it from part to part.
const EXPOSURE: f32 = 1.06;
const EXPOSURE_SPREAD: f32 = 0.02;

/// The part as it should be.
#[derive(Clone, Debug)]
pub struct Rendered {
    /// Gray, 8 bits, [`WIDTH`] × [`HEIGHT`].
    pub photo: Photo,
    /// Ids of [`super::zone`]; 0 off the part and in holes.
    pub zones: LabelMap,
}

/// One inspected piece.
#[derive(Clone, Debug)]
pub struct SamplePart {
    /// "HC2040-" + seed + "-" + running number from 1.
    pub serial: String,
    /// Gray, 8 bits, [`WIDTH`] × [`HEIGHT`].
    pub photo: Photo,
    /// The exact mask: ids of [`super::class`].
    pub truth: LabelMap,
    /// What the annotator painted: the truth but for `careless`.
    pub label: LabelMap,
    /// True measures, in the order in which they were painted (later ones cover earlier ones).
    pub defects: Vec<DefectRecord>,
    /// The regions that were painted carelessly on purpose.
    pub careless: Vec<CarelessRegion>,
}

impl SamplePart {
    /// True when the part is NG by the customer's drawing, see [`drawing::RULE`].
    #[must_use]
    pub fn is_ng(&self) -> bool {
        drawing::disposition(&self.defects)
    }
}

impl Scene {
    /// The defect-free image of the part number and its zones.
    #[must_use]
    pub fn nominal(&self) -> Rendered {
        // The nominal part has a surface of its own, which no part of any seed shares (seeds use indices below u32::MAX).
        Rendered { photo: self.photo(0, u32::MAX, &[]), zones: self.zones().clone() }
    }

    /// Part `index` of the batch `seed`. The same two numbers give the same part, independent of all others.
    #[must_use]
    pub fn part(&self, seed: u64, index: u32) -> SamplePart {
        let placed = plan::defects(&mut Random::new(seed, index, Purpose::Defects), self);
        let (label, careless) = annotator::label(&mut Random::new(seed, index, Purpose::Annotator), &placed);
        SamplePart {
            serial: format!("HC2040-{seed:02}-{:04}", u64::from(index) + 1),
            photo: self.photo(seed, index, &placed),
            truth: annotator::truth(&placed),
            label,
            defects: placed.iter().map(|one| self.record(one)).collect(),
            careless,
        }
    }

    /// The photo of part `index` as it would be had it no defect: same surface, exposure and noise.
    #[must_use]
    pub fn part_without_defects(&self, seed: u64, index: u32) -> Photo {
        self.photo(seed, index, &[])
    }

    fn photo(&self, seed: u64, index: u32, placed: &[Placed]) -> Photo {
        let mut surface = Random::new(seed, index, Purpose::Surface);
        let exposure = EXPOSURE * (1.0 + surface.between(-EXPOSURE_SPREAD, EXPOSURE_SPREAD));
        let mut light = self.surface(&Textures::new(&mut surface, WIDTH, HEIGHT, layout::RING_RADIUS + 4.0));
        for one in placed {
            one.footprint.shade(&mut light);
        }
        camera::expose(&light, exposure, &mut Random::new(seed, index, Purpose::Sensor))
    }

    fn record(&self, one: &Placed) -> DefectRecord {
        let zones: BTreeSet<u8> = one.footprint.pixels().map(|(x, y)| self.zones().get(x, y)).filter(|&z| z != 0).collect();
        DefectRecord {
            class: one.defect.class(),
            length_mm: one.defect.length_mm(),
            area_mm2: one.defect.area_mm2(),
            contrast: f64::from(one.defect.contrast),
            zones: zones.into_iter().collect(),
        }
    }
}

fn shared_scene() -> &'static Scene {
    static SCENE: OnceLock<Scene> = OnceLock::new();
    SCENE.get_or_init(Scene::new)
}

/// The defect-free image of the part number and its zones. The scene is lit once per process and kept.
#[must_use]
pub fn nominal() -> Rendered {
    shared_scene().nominal()
}

/// Part `index` of the batch `seed`, see [`Scene::part`]. The scene is lit once per process and kept.
#[must_use]
pub fn part(seed: u64, index: u32) -> SamplePart {
    shared_scene().part(seed, index)
}
