//! Model A against model B on the same labels: which defects one finds and the other does not.

use std::collections::{BTreeMap, BTreeSet};

use super::compare_set::SetComparison;
use crate::compare::{Outcome, mcnemar_exact};
use crate::raster::PixelRect;

/// A labelled defect that only one of two models finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DefectRef {
    /// Index in the project.
    pub image: usize,
    /// Number of the region among those of the label, from 0.
    pub labelled: usize,
    pub bounds: PixelRect,
}

/// Two models on the labelled defects of one class.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ClassDuel {
    pub class: u8,
    /// Defects that both find, and that neither finds.
    pub both: usize,
    pub neither: usize,
    /// Found by A and lost by B.
    pub only_a: Vec<DefectRef>,
    /// Found by B and missed by A.
    pub only_b: Vec<DefectRef>,
    /// Predicted regions of the class where nothing is labelled.
    pub false_calls: [usize; 2],
    /// Exact p-value of `McNemar`'s test: small when one finds more than chance explains.
    pub p_value: f64,
}

/// Two models on the same labels.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ModelDuel {
    /// Labelled images that both models saw; others are left out.
    pub images: usize,
    /// By class id.
    pub classes: Vec<ClassDuel>,
    /// All classes together; its class is 0.
    pub total: ClassDuel,
}

/// Holds two comparisons of the same part number against each other. A defect counts as found when its own class is predicted on it.
#[must_use]
pub fn compare_models(a: &SetComparison, b: &SetComparison) -> ModelDuel {
    let labelled = |c: &SetComparison| -> BTreeSet<usize> {
        c.images.iter().filter(|image| image.labelled.is_some()).map(|image| image.image).collect()
    };
    let shared: BTreeSet<usize> = labelled(a).intersection(&labelled(b)).copied().collect();
    let (of_a, of_b) = (Findings::of(a, &shared), Findings::of(b, &shared));
    let mut classes: BTreeMap<u8, ClassDuel> = BTreeMap::new();
    let all: BTreeSet<&(u8, usize, usize)> = of_a.defects.keys().chain(of_b.defects.keys()).collect();
    for &&(class, image, labelled) in &all {
        let duel = classes.entry(class).or_default();
        let found = |of: &Findings| of.defects.get(&(class, image, labelled)).copied().flatten();
        match (found(&of_a), found(&of_b)) {
            (Some(_), Some(_)) => duel.both += 1,
            (None, None) => duel.neither += 1,
            (Some(bounds), None) => duel.only_a.push(DefectRef { image, labelled, bounds }),
            (None, Some(bounds)) => duel.only_b.push(DefectRef { image, labelled, bounds }),
        }
    }
    for (side, of) in [&of_a, &of_b].into_iter().enumerate() {
        for (&class, &count) in &of.false_calls {
            classes.entry(class).or_default().false_calls[side] += count;
        }
    }
    let mut total = ClassDuel::default();
    for (&class, duel) in &mut classes {
        duel.class = class;
        duel.p_value = mcnemar_exact(duel.only_a.len(), duel.only_b.len());
        total.both += duel.both;
        total.neither += duel.neither;
        total.only_a.extend(&duel.only_a);
        total.only_b.extend(&duel.only_b);
        total.false_calls[0] += duel.false_calls[0];
        total.false_calls[1] += duel.false_calls[1];
    }
    total.p_value = mcnemar_exact(total.only_a.len(), total.only_b.len());
    ModelDuel { images: shared.len(), classes: classes.into_values().collect(), total }
}

/// What one model found.
#[derive(Default)]
struct Findings {
    /// (class, image, labelled region) → where, when it was found.
    defects: BTreeMap<(u8, usize, usize), Option<PixelRect>>,
    false_calls: BTreeMap<u8, usize>,
}

impl Findings {
    fn of(c: &SetComparison, images: &BTreeSet<usize>) -> Self {
        let mut findings = Self::default();
        for figures in c.images.iter().filter(|figures| images.contains(&figures.image)) {
            let Some(labelled) = &figures.labelled else { continue };
            for (i, defect) in labelled.defects.labelled.iter().enumerate() {
                let found = (defect.outcome == Outcome::Found).then_some(defect.bounds);
                findings.defects.insert((defect.class, figures.image, i), found);
            }
            for region in labelled.defects.predicted.iter().filter(|region| region.is_invented()) {
                *findings.false_calls.entry(region.class).or_default() += 1;
            }
        }
        findings
    }
}
