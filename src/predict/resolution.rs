//! How large things are for a model: whether what the limits forbid can be seen at the size that the model works at.

use super::card::{InputSize, ModelCard, ModelKind};
use crate::measure::{Calibration, Feature};

/// Below this a defect may fall between the samples: only what is two pixels wide covers at least one pixel whole wherever it lies on the
/// grid (the sampling theorem in the plane), and a network sees less than a grid of pixels does.
pub const LEAST_MODEL_PX: f64 = 2.0;

/// The scale at which a model sees photos of one size.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resolution {
    /// Photo pixels per model pixel, across and down; 1 for models of free size.
    pub photo_px: (f64, f64),
    /// mm per model pixel, across and down; None without calibration.
    pub mm: Option<(f64, f64)>,
}

/// A limit on the size of single regions.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeLimit {
    /// Class name, or `*` for every class.
    pub class: String,
    pub feature: Feature,
    /// In the unit of the feature.
    pub value: f64,
}

/// The smallest limit of a class is too small for the model.
#[derive(Clone, Debug, PartialEq)]
pub struct ResolutionWarning {
    pub class: String,
    pub limit: SizeLimit,
    /// How many model pixels the limit is, or the circle of its area across.
    pub model_px: f64,
}

impl Resolution {
    /// Of a model that sees `size` (width, height) px of photos with this calibration.
    #[must_use]
    pub fn of(card: &ModelCard, size: (u32, u32), calibration: Option<Calibration>) -> Self {
        let photo_px = match card.input.size {
            InputSize::Dynamic { .. } => (1.0, 1.0),
            InputSize::Fixed { width, height } => {
                (f64::from(size.0) / f64::from(width.max(1)), f64::from(size.1) / f64::from(height.max(1)))
            }
        };
        let mm = calibration.map(|c| (photo_px.0 * c.x_mm_per_px, photo_px.1 * c.y_mm_per_px));
        Self { photo_px, mm }
    }

    /// Model pixels of a length in mm along the axis on which the model sees less; None without calibration.
    #[must_use]
    pub fn model_px(&self, mm: f64) -> Option<f64> {
        self.mm.map(|(x, y)| mm / x.max(y))
    }

    /// `at this input size a 0.1 mm pit is 1.3 px`; None without calibration.
    #[must_use]
    pub fn sentence(&self, mm: f64, what: &str) -> Option<String> {
        self.model_px(mm).map(|px| format!("at this input size a {mm} mm {what} is {px:.1} px"))
    }

    /// Model pixels of a limit: of a length as it is, of an area the diameter of the circle that has it. None for features that are no
    /// size, for limits that are not above zero, and without the calibration that mm need.
    #[must_use]
    pub fn model_px_of(&self, limit: &SizeLimit) -> Option<f64> {
        if limit.value <= 0.0 {
            return None;
        }
        let diameter = |area: f64| 2.0 * (area / std::f64::consts::PI).sqrt();
        match limit.feature {
            Feature::Length
            | Feature::Width
            | Feature::EquivalentDiameter
            | Feature::BoxWidth
            | Feature::BoxHeight
            | Feature::FeretMax
            | Feature::FeretMin
            | Feature::CentreLine
            | Feature::MeanWidth
            | Feature::MaxWidth => self.model_px(limit.value),
            Feature::Area | Feature::HoleArea => self.model_px(diameter(limit.value)),
            Feature::AreaPx => Some(diameter(limit.value) / self.photo_px.0.max(self.photo_px.1)),
            _ => None,
        }
    }

    /// The smallest size limit of each class that the model predicts, where it is below [`LEAST_MODEL_PX`]. Classifiers state no size and
    /// anomalies have no class, so neither is warned of.
    #[must_use]
    pub fn warnings(&self, card: &ModelCard, limits: &[SizeLimit]) -> Vec<ResolutionWarning> {
        if card.kind != ModelKind::Segmentation {
            return Vec::new();
        }
        let smallest = |class: &String| {
            let own = limits.iter().filter(|limit| limit.class == *class || limit.class == "*");
            let sized = own.filter_map(|limit| Some((self.model_px_of(limit)?, limit)));
            let (model_px, limit) = sized.min_by(|a, b| a.0.total_cmp(&b.0))?;
            (model_px < LEAST_MODEL_PX).then(|| ResolutionWarning { class: class.clone(), limit: limit.clone(), model_px })
        };
        card.output.classes.iter().filter(|name| !card.means_no_defect(name)).filter_map(smallest).collect()
    }
}

impl std::fmt::Display for ResolutionWarning {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let SizeLimit { feature, value, .. } = &self.limit;
        let (class, px) = (&self.class, self.model_px);
        let across = if matches!(feature, Feature::Area | Feature::AreaPx) { " across" } else { "" };
        write!(
            f,
            "the limit of {value} {} on the {} of {class} is {px:.1} px{across} where the model works; below {LEAST_MODEL_PX} px it may be \
             missed: use a larger input size, zones, or finer photos",
            feature.unit(),
            feature.name().replace('_', " ")
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::predict::card::{CardInput, CardOutput};

    fn card(size: InputSize) -> ModelCard {
        let classes = ["background", "pit", "scratch"].map(str::to_owned).to_vec();
        ModelCard {
            format: 2,
            name: "m".into(),
            kind: ModelKind::Segmentation,
            input: CardInput { size, ..CardInput::default() },
            output: CardOutput { classes, ..CardOutput::default() },
            note: String::new(),
        }
    }

    fn limit(class: &str, feature: Feature, value: f64) -> SizeLimit {
        SizeLimit { class: class.into(), feature, value }
    }

    #[test]
    fn a_reduced_photo_makes_small_limits_too_small() {
        // 2000 × 1000 px at 0.02 mm, seen at 500 × 500: 4 and 2 photo px, 0.08 and 0.04 mm per model px.
        let card = card(InputSize::Fixed { width: 500, height: 500 });
        let r = Resolution::of(&card, (2000, 1000), Some(Calibration::square(0.02)));
        assert_eq!(r.photo_px, (4.0, 2.0));
        assert!((r.model_px(0.1).unwrap_or(0.0) - 1.25).abs() < 1e-9);
        assert_eq!(r.sentence(0.1, "pit").as_deref(), Some("at this input size a 0.1 mm pit is 1.2 px"));
        let limits = [
            limit("pit", Feature::Area, 1.0),
            limit("pit", Feature::Width, 0.12),
            limit("pit", Feature::Aspect, 0.1),
            limit("scratch", Feature::Length, 0.17),
            limit("dent", Feature::Length, 0.01),
        ];
        let warned = r.warnings(&card, &limits);
        assert_eq!(warned.len(), 1, "{warned:?}");
        assert!((warned[0].model_px - 1.5).abs() < 1e-9);
        let text = warned[0].to_string();
        assert!(text.contains("0.12 mm") && text.contains("width of pit is 1.5 px"), "{text}");
        // π/4 · 0.16² mm² is a circle of exactly two model pixels.
        let just = std::f64::consts::PI / 4.0 * 0.16 * 0.16;
        assert!(r.warnings(&card, &[limit("*", Feature::Area, just * 1.001)]).is_empty());
        assert_eq!(r.warnings(&card, &[limit("*", Feature::Area, just * 0.99)]).len(), 2);
        // At full size the same limits are fine.
        let free = Resolution::of(&card, (2000, 1000), None);
        assert!(free.model_px(1.0).is_none());
        let full = Resolution::of(
            &ModelCard { input: CardInput::default(), ..card.clone() },
            (2000, 1000),
            Some(Calibration::square(0.02)),
        );
        assert!(full.warnings(&card, &limits).is_empty());
        // Without calibration only pixels can be told.
        assert!(free.warnings(&card, &limits).is_empty());
        assert_eq!(free.warnings(&card, &[limit("*", Feature::AreaPx, 10.0)]).len(), 2);
    }
}
