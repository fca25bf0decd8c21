//! Prediction against label: where they part, in pixels, along boundaries and defect by defect; and whether the model knows how sure
//! it may be.
//!
//! Everything here is a pure function of one image, or of counts that are added up over images before anything is divided.

pub mod binomial;
pub mod boundary;
pub mod calibration;
pub mod confusion;
pub mod defects;
pub mod doubt;
pub mod joint;
pub mod mcnemar;
mod nearest;
pub mod pixels;
pub mod pod;
pub mod regions;
pub mod size_bins;
pub mod tolerance;

pub use binomial::{is_pod_90_proven, upper_bound_95};
pub use boundary::{BoundaryCounts, BoundarySettings, boundaries};
pub use calibration::{Forecast, PixelForecasts, Reliability, ReliabilityBin, TemperatureFit};
pub use confusion::{ConfusionMatrix, Distribution};
pub use defects::{DefectComparison, DefectPair, LabelledDefect, Outcome, PredictedDefect};
pub use doubt::Doubt;
pub use joint::JointCounts;
pub use mcnemar::mcnemar_exact;
pub use pixels::{Agreement, ClassCounts, PixelComparison};
pub use pod::{Pod, PodResult, Target, pod};
pub use regions::{RegionComparison, match_components, match_regions};
pub use size_bins::{SizeBin, size_bins};
pub use tolerance::{Disagreement, DisagreementCounts, MAX_TOLERANCE_PX};
