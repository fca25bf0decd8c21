//! The features of a region: name, unit and definition, in one place for the table, the rules, the screens and the reports.

use serde::{Deserialize, Serialize};

/// Makes the enum and the table of words from one list, so that neither can miss an entry of the other.
macro_rules! features {
    ($($variant:ident: $name:literal, $label:literal, $short:literal, $unit:literal, $definition:literal;)+) => {
        /// One measured property of a region.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum Feature {
            $(#[doc = concat!($label, " (", $unit, "): ", $definition, ".")] $variant,)+
        }

        impl Feature {
            pub const COUNT: usize = [$($name),+].len();

            /// All features, in the order of the columns of a [`super::RegionTable`].
            pub const ALL: [Self; Self::COUNT] = [$(Self::$variant),+];

            /// The word in files and on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// The words on the screen.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)+ }
            }

            /// A sign of one or two words, where there is little room.
            #[must_use]
            pub const fn short(self) -> &'static str {
                match self { $(Self::$variant => $short,)+ }
            }

            /// "mm²", "mm", "px", "°", "gray", or "" for a ratio or a number.
            #[must_use]
            pub const fn unit(self) -> &'static str {
                match self { $(Self::$variant => $unit,)+ }
            }

            /// Formula in one line, for tooltips and exports.
            #[must_use]
            pub const fn definition(self) -> &'static str {
                match self { $(Self::$variant => $definition,)+ }
            }
        }
    };
}

features! {
    Area: "area", "Area", "A", "mm²",
        "number of pixels × pixel width × pixel height; holes are not filled";
    Length: "length", "Length", "L", "mm",
        "longer side of the smallest-area rectangle around the pixel corners";
    Width: "width", "Width", "W", "mm",
        "shorter side of the smallest-area rectangle around the pixel corners";
    Aspect: "aspect", "Aspect", "L/W", "",
        "length ÷ width, at least 1";
    EquivalentDiameter: "equivalent_diameter", "Equivalent diameter", "Ø", "mm",
        "diameter of the disk of the same area, √(4·area/π)";
    BoxWidth: "box_width", "Box width", "box W", "mm",
        "columns of the upright bounding box × pixel width";
    BoxHeight: "box_height", "Box height", "box H", "mm",
        "rows of the upright bounding box × pixel height";
    AreaPx: "area_px", "Area in pixels", "px", "px",
        "number of pixels";
    MeanProbability: "mean_probability", "Mean probability", "p", "",
        "mean model probability of the class over the region's pixels; none for labels";
    MaxProbability: "max_probability", "Highest probability", "p max", "",
        "highest model probability of the class in the region; none for labels";
    Perimeter: "perimeter", "Perimeter", "P", "mm",
        "length of all contours, those of holes too, by Crofton's formula with 8 directions on scaled coordinates";
    FeretMax: "feret_max", "Largest diameter", "Feret", "mm",
        "largest distance of two pixel corners (maximum Feret diameter)";
    FeretMin: "feret_min", "Smallest diameter", "Feret min", "mm",
        "smallest distance of two parallel lines that hold all pixel corners between them (minimum Feret diameter)";
    Linearity: "linearity", "Linearity", "lin", "",
        "1 − √(λ₂/λ₁) of the second moments of the pixel squares: 0 for a disk, 0.8 for a bar of 5:1, 1 for a line";
    Orientation: "orientation", "Orientation", "angle", "°",
        "direction of the longer principal axis on the part, 0 ≤ angle < 180, from x towards y (clockwise as it is seen); none for round regions";
    Circularity: "circularity", "Circularity", "circ", "",
        "4π·area ÷ perimeter², at most 1";
    Roundness: "roundness", "Roundness", "round", "",
        "4·area ÷ (π·largest diameter²)";
    Solidity: "solidity", "Solidity", "sol", "",
        "area ÷ area of the convex hull of the pixel corners (HALCON: convexity)";
    Rectangularity: "rectangularity", "Rectangularity", "rect", "",
        "area ÷ area of the smallest rectangle";
    Holes: "holes", "Holes", "holes", "",
        "number of holes: background joined over pixel sides and shut in by the region";
    HoleArea: "hole_area", "Area of holes", "holes A", "mm²",
        "area of the holes";
    LowProbability: "low_probability", "Probability, 5th percentile", "p 5 %", "",
        "the model probability that 5 % of the region's pixels lie below; none for labels";
    HighProbability: "high_probability", "Probability, 95th percentile", "p 95 %", "",
        "the model probability that 95 % of the region's pixels lie below; none for labels";
    CentreX: "centre_x", "Centre x", "x", "mm",
        "mean of the pixel centres from the left border of the image";
    CentreY: "centre_y", "Centre y", "y", "mm",
        "mean of the pixel centres from the upper border of the image";
    ZoneShare: "zone_share", "Share in the zone", "share", "",
        "share of the region's pixels that lie in the zone it is judged in, above 0 to 1";
    ZoneDistance: "zone_distance", "Distance to the zone's border", "to border", "mm",
        "smallest gap between the region's pixel squares and those outside the zone it is judged in; 0 when it reaches over the border";
    CentreLine: "centre_line", "Length along the centre line", "L along", "mm",
        "length from tip to tip along the skeleton; the largest diameter where that is less than 3 mean widths";
    MeanWidth: "mean_width", "Mean width", "W mean", "mm",
        "area ÷ length along the centre line";
    MaxWidth: "max_width", "Largest width", "W max", "mm",
        "diameter of the largest disk inside the region";
    Slenderness: "slenderness", "Slenderness", "slender", "",
        "length along the centre line ÷ mean width; high for scratches, curved ones too";
    Straightness: "straightness", "Straightness", "straight", "",
        "largest diameter ÷ length along the centre line, at most 1";
    EdgeContrast: "edge_contrast", "Edge contrast", "contrast", "gray",
        "mean gray value 1 to 3 px inside the contour minus the mean 2 to 5 px outside it; other labels left out";
    EdgeWidth: "edge_width", "Edge width", "edge", "px",
        "distance over which the gray value across the contour goes from 10 to 90 %, from the mean of all profiles";
    NeighbourDistance: "neighbour_distance", "Distance to the next defect", "next", "mm",
        "gap between pixel squares to the nearest other region of the image, of any class";
}

impl Feature {
    /// Column number, `0..COUNT`.
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// The feature that [`Self::name`] calls so.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|f| f.name() == name)
    }

    /// Measured only where somebody asks for it: it costs far more than the passes over the runs that give all others together.
    #[must_use]
    pub const fn is_on_demand(self) -> bool {
        matches!(
            self,
            Self::CentreLine
                | Self::MeanWidth
                | Self::MaxWidth
                | Self::Slenderness
                | Self::Straightness
                | Self::EdgeContrast
                | Self::EdgeWidth
                | Self::NeighbourDistance
                | Self::ZoneDistance
        )
    }
}
