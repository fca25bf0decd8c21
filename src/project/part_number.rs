//! Part numbers: what is the same for every part of one product type.

use serde::{Deserialize, Serialize};

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
pub struct PartNumber {
    pub name: String,
    /// Image of a flawless part, on which the zones are painted; relative to the project folder, or absolute.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nominal: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub zones: Vec<Zone>,
    /// Without it, features in mm stay unmeasured and rules on them give review.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// ONNX file, relative to the project folder; its card is the `.ron` beside it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
}

impl PartNumber {
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self { name: name.to_owned(), nominal: None, zones: Vec::new(), calibration: None, model: None }
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
