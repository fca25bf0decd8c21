//! Part numbers: what is the same for every part of one product type.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::model_use::{ModelRole, ModelUse};
use crate::judge::cost::CostSettings;
use crate::judge::ruleset::UNZONED;
use crate::measure::Calibration;

/// How much a zone forgives; the limits themselves stand in the ruleset.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneKind {
    /// Zero tolerance.
    Functional,
    /// Tolerance by size.
    Cosmetic,
    /// Liberal.
    NonVisible,
    /// Pixels here are not measured at all.
    Ignore,
}

impl ZoneKind {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Functional => "functional",
            Self::Cosmetic => "cosmetic",
            Self::NonVisible => "non-visible",
            Self::Ignore => "ignore",
        }
    }
}

/// A named area of the part, painted once on the nominal image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// 1..=254, the pixel value in the zone map.
    pub id: u8,
    pub name: String,
    pub kind: ZoneKind,
    pub colour: [u8; 3],
}

/// A product type. Its zone map is `zones/<name>.png`, its ruleset `rules/<name>.ron`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "PartNumberText", into = "PartNumberText")]
pub struct PartNumber {
    pub name: String,
    /// Image of a flawless part, on which the zones are painted; relative to the project folder, or absolute.
    pub nominal: Option<String>,
    pub zones: Vec<Zone>,
    /// Without it, features in mm stay unmeasured and rules on them give review.
    pub calibration: Option<Calibration>,
    /// Its models, those that run and those that are only compared against.
    pub models: Vec<ModelUse>,
    /// What verdicts on it cost; None until somebody told.
    pub cost: Option<CostSettings>,
}

/// A part number as it stands in a file. One model for the whole image is written as it always was, so that a project without several
/// models stays readable for older programs.
#[derive(Serialize, Deserialize)]
#[serde(rename = "PartNumber")]
struct PartNumberText {
    name: String,
    /// Image of a flawless part, on which the zones are painted; relative to the project folder, or absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nominal: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    zones: Vec<Zone>,
    /// Without it, features in mm stay unmeasured and rules on them give review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    calibration: Option<Calibration>,
    /// ONNX file, relative to the project folder; its card is the `.ron` beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    model: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    models: Vec<ModelUse>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    cost: Option<CostSettings>,
}

impl From<PartNumberText> for PartNumber {
    fn from(text: PartNumberText) -> Self {
        let PartNumberText { name, nominal, zones, calibration, model, models, cost } = text;
        let models = model.map(|file| ModelUse::new(&file)).into_iter().chain(models).collect();
        Self { name, nominal, zones, calibration, models, cost }
    }
}

impl From<PartNumber> for PartNumberText {
    fn from(number: PartNumber) -> Self {
        let is_plain = number.has_plain_model();
        let PartNumber { name, nominal, zones, calibration, mut models, cost } = number;
        let model = if is_plain { models.pop().map(|m| m.file) } else { None };
        Self { name, nominal, zones, calibration, model, models, cost }
    }
}

impl PartNumber {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), nominal: None, zones: Vec::new(), calibration: None, models: Vec::new(), cost: None }
    }

    /// The models that run, in their order.
    pub fn running_models(&self) -> impl Iterator<Item = &ModelUse> {
        self.models.iter().filter(|m| m.role == ModelRole::Runs)
    }

    /// One model or none, for the whole image.
    pub(super) fn has_plain_model(&self) -> bool {
        match self.models.as_slice() {
            [] => true,
            [only] => *only == ModelUse::new(&only.file),
            _ => false,
        }
    }

    /// File names of the models that run, as a line for people; None when none does.
    #[must_use]
    pub fn models_text(&self) -> Option<String> {
        let files: Vec<&str> = self.running_models().map(|m| m.file.as_str()).collect();
        (!files.is_empty()).then(|| files.join(", "))
    }

    /// How it uses a model file: as it is listed, otherwise on the whole image.
    #[must_use]
    pub fn model_use(&self, file: &Path) -> ModelUse {
        let text = file.to_string_lossy().replace('\\', "/");
        self.models.iter().find(|m| m.file == text).cloned().unwrap_or_else(|| ModelUse::new(&text))
    }

    /// Ids of the zones of these names; None for a name that no zone has.
    #[must_use]
    pub fn zone_ids(&self, names: &[String]) -> Option<Vec<u8>> {
        names.iter().map(|name| self.zones.iter().find(|z| z.name == *name).map(|z| z.id)).collect()
    }

    /// Ids of the zones whose pixels are not measured.
    #[must_use]
    pub fn ignored_zones(&self) -> Vec<u8> {
        self.zones.iter().filter(|z| z.kind == ZoneKind::Ignore).map(|z| z.id).collect()
    }

    /// The name of a zone id; [`UNZONED`] for 0 and for ids that no zone has.
    #[must_use]
    pub fn zone_name(&self, id: u8) -> &str {
        self.zones.iter().find(|z| z.id == id).map_or(UNZONED, |z| &z.name)
    }

    /// (id, name) of every zone that a region can be in, [`UNZONED`] first.
    #[must_use]
    pub fn zone_names(&self) -> Vec<(u8, String)> {
        let named = self.zones.iter().filter(|z| z.kind != ZoneKind::Ignore).map(|z| (z.id, z.name.clone()));
        std::iter::once((0, UNZONED.to_owned())).chain(named).collect()
    }
}
