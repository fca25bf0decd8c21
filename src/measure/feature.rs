//! The features of a region: name, unit and definition, in one place for the table, the rules, the screens and the reports.

use serde::{Deserialize, Serialize};

/// One measured property of a region.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Feature {
    Area,
    Length,
    Width,
    Aspect,
    EquivalentDiameter,
    BoxWidth,
    BoxHeight,
    AreaPx,
    MeanProbability,
    MaxProbability,
}

impl Feature {
    pub const COUNT: usize = 10;

    /// All features, in the order of the columns of a [`super::RegionTable`].
    pub const ALL: [Self; Self::COUNT] = [
        Self::Area,
        Self::Length,
        Self::Width,
        Self::Aspect,
        Self::EquivalentDiameter,
        Self::BoxWidth,
        Self::BoxHeight,
        Self::AreaPx,
        Self::MeanProbability,
        Self::MaxProbability,
    ];

    /// Column number, `0..COUNT`.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The word in files and on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Area => "area",
            Self::Length => "length",
            Self::Width => "width",
            Self::Aspect => "aspect",
            Self::EquivalentDiameter => "equivalent_diameter",
            Self::BoxWidth => "box_width",
            Self::BoxHeight => "box_height",
            Self::AreaPx => "area_px",
            Self::MeanProbability => "mean_probability",
            Self::MaxProbability => "max_probability",
        }
    }

    /// The words on the screen.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Area => "Area",
            Self::Length => "Length",
            Self::Width => "Width",
            Self::Aspect => "Aspect",
            Self::EquivalentDiameter => "Equivalent diameter",
            Self::BoxWidth => "Box width",
            Self::BoxHeight => "Box height",
            Self::AreaPx => "Area in pixels",
            Self::MeanProbability => "Mean probability",
            Self::MaxProbability => "Highest probability",
        }
    }

    /// "mm²", "mm", "px", or "" for a ratio.
    #[must_use]
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Area => "mm²",
            Self::Length | Self::Width | Self::EquivalentDiameter | Self::BoxWidth | Self::BoxHeight => "mm",
            Self::AreaPx => "px",
            Self::Aspect | Self::MeanProbability | Self::MaxProbability => "",
        }
    }

    /// Formula in one line, for tooltips and exports.
    #[must_use]
    pub const fn definition(self) -> &'static str {
        match self {
            Self::Area => "number of pixels × pixel width × pixel height; holes are not filled",
            Self::Length => "longer side of the smallest-area rectangle around the pixel corners",
            Self::Width => "shorter side of the smallest-area rectangle around the pixel corners",
            Self::Aspect => "length ÷ width, at least 1",
            Self::EquivalentDiameter => "diameter of the disk of the same area, √(4·area/π)",
            Self::BoxWidth => "columns of the upright bounding box × pixel width",
            Self::BoxHeight => "rows of the upright bounding box × pixel height",
            Self::AreaPx => "number of pixels",
            Self::MeanProbability => "mean model probability of the class over the region's pixels; none for labels",
            Self::MaxProbability => "highest model probability of the class in the region; none for labels",
        }
    }

    /// The feature that [`Self::name`] calls so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }
}
