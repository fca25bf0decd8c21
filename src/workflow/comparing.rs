//! Predictions against labels, image by image and pooled over images.

use std::collections::BTreeMap;

use super::error::WorkflowError;
use crate::compare::{ClassCounts, PixelComparison, RegionComparison, match_components};
use crate::measure::Grouping;
use crate::raster::{Components, LabelMap, runs};
use crate::session::Snapshot;

/// Label and prediction of one image, pixel by pixel and region by region.
#[derive(Clone, Debug)]
pub struct ImageComparison {
    pub pixels: PixelComparison,
    pub regions: RegionComparison,
    /// Class of each labelled region, in the order of `regions.found`.
    pub labelled: Vec<u8>,
    /// Class of each predicted region, in the order of `regions.is_labelled`.
    pub predicted: Vec<u8>,
}

/// Pixels and regions of one class over several images.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ClassComparison {
    pub pixels: ClassCounts,
    pub found: usize,
    pub missed: usize,
    /// Predicted regions that lie on no labelled one of their class.
    pub extra: usize,
}

/// Comparisons of several images added up: pixels are pooled before anything is divided, so that a large image counts for more.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PooledComparison {
    pub images: usize,
    /// By class id; classes that neither label nor prediction has anywhere are left out.
    pub classes: BTreeMap<u8, ClassComparison>,
}

/// Compares what a model said about an image with its label.
pub fn compare_image(snapshot: &Snapshot, image: usize, prediction: &LabelMap) -> Result<ImageComparison, WorkflowError> {
    let label = snapshot.label(image)?;
    compare_grouped(&label, snapshot.grouping(image), prediction).ok_or_else(|| WorkflowError::PredictionSize {
        image: snapshot.project().images()[image].id.clone(),
        label: (label.width(), label.height()),
        prediction: (prediction.width(), prediction.height()),
    })
}

/// Compares two maps; None when their sizes differ.
#[must_use]
pub fn compare_maps(label: &LabelMap, prediction: &LabelMap) -> Option<ImageComparison> {
    compare_grouped(label, &Grouping::default(), prediction)
}

/// As [`compare_maps`], for a label whose regions were split or merged by hand.
#[must_use]
pub fn compare_grouped(label: &LabelMap, grouping: &Grouping, prediction: &LabelMap) -> Option<ImageComparison> {
    let classes = |regions: &Components| (0..regions.len()).map(|i| regions.value(i)).collect();
    let pixels = PixelComparison::of(label, prediction)?;
    let labelled = grouping.group(&runs::runs(label)).components;
    let predicted = Components::of(prediction);
    Some(ImageComparison {
        pixels,
        regions: match_components(&labelled, &predicted, label.rect()),
        labelled: classes(&labelled),
        predicted: classes(&predicted),
    })
}

impl PooledComparison {
    pub fn add(&mut self, image: &ImageComparison) {
        self.images += 1;
        for (&class, &counts) in &image.pixels.classes {
            let sum = &mut self.classes.entry(class).or_default().pixels;
            *sum = sum.plus(counts);
        }
        for (&class, &is_found) in image.labelled.iter().zip(&image.regions.found) {
            let sum = self.classes.entry(class).or_default();
            *if is_found { &mut sum.found } else { &mut sum.missed } += 1;
        }
        for (&class, _) in image.predicted.iter().zip(&image.regions.is_labelled).filter(|(_, is_labelled)| !**is_labelled) {
            self.classes.entry(class).or_default().extra += 1;
        }
    }

    /// All classes together: found, missed and extra regions, and the pixels of each class added up.
    #[must_use]
    pub fn total(&self) -> ClassComparison {
        self.classes.values().fold(ClassComparison::default(), |sum, c| ClassComparison {
            pixels: sum.pixels.plus(c.pixels),
            found: sum.found + c.found,
            missed: sum.missed + c.missed,
            extra: sum.extra + c.extra,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;

    fn boxes(list: &[(u32, u32, u8)]) -> LabelMap {
        LabelMap::from_plane(&Plane::from_fn(60, 4, |x, _| list.iter().find(|b| (b.0..b.1).contains(&x)).map_or(0, |b| b.2)))
    }

    /// Two images by hand: 10 + 20 columns labelled, 8 + 10 predicted, 8 + 0 in both, four rows each.
    #[test]
    fn pixels_are_pooled_and_regions_counted_by_class() {
        let mut pooled = PooledComparison::default();
        pooled.add(&compare_maps(&boxes(&[(0, 10, 1)]), &boxes(&[(2, 10, 1), (30, 33, 2)])).unwrap());
        pooled.add(&compare_maps(&boxes(&[(0, 20, 1)]), &boxes(&[(30, 40, 1)])).unwrap());
        assert_eq!(pooled.images, 2);
        let one = pooled.classes[&1];
        assert_eq!(one.pixels, ClassCounts { labelled: 120, predicted: 72, both: 32 });
        assert_eq!(one.pixels.iou(), Some(32.0 / 160.0));
        assert_eq!((one.found, one.missed, one.extra), (1, 1, 1));
        let two = pooled.classes[&2];
        assert_eq!((two.found, two.missed, two.extra), (0, 0, 1));
        assert_eq!(two.pixels.iou(), Some(0.0));
        assert_eq!(pooled.total().extra, 2);
        assert!(compare_maps(&LabelMap::new(5, 5), &LabelMap::new(6, 5)).is_none());
    }
}
