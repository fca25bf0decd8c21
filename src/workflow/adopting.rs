//! Predictions taken over as a start for labels. They stay proposals until a person says otherwise.

use std::collections::BTreeSet;

use super::compare_set::mean_probability;
use super::error::WorkflowError;
use crate::predict::Prediction;
use crate::project::LabelState;
use crate::raster::{Area, Components, runs};
use crate::session::Snapshot;
use crate::workflow::checking::is_labelled;

/// Which predicted regions are taken over.
#[derive(Clone, Debug, PartialEq)]
pub struct AdoptSettings {
    /// None for every class of the project.
    pub classes: Option<BTreeSet<u8>>,
    /// Mean probability of a region from which it is taken, 0..=1.
    pub min_probability: f64,
    /// Leaves images alone on which somebody has worked. Otherwise regions that touch no label are added to them.
    pub only_unlabelled: bool,
}

impl Default for AdoptSettings {
    fn default() -> Self {
        Self { classes: None, min_probability: 0.0, only_unlabelled: true }
    }
}

/// What would be painted on one image: over background only, nothing that a person painted is touched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Adoption {
    /// Regions with their classes.
    pub areas: Vec<(Area, u8)>,
    /// Regions of the wanted classes that are not sure enough, and those that touch a label.
    pub too_unsure: usize,
    pub on_label: usize,
    /// Regions of what the project has no class for.
    pub unknown: usize,
}

/// Picks what is taken over from a prediction; None for an image that is left alone.
pub fn adoption(
    snapshot: &Snapshot,
    image: usize,
    prediction: &Prediction,
    settings: &AdoptSettings,
) -> Result<Option<Adoption>, WorkflowError> {
    let project = snapshot.project();
    let state = snapshot.state(image);
    if settings.only_unlabelled && (state == LabelState::Proposed || is_labelled(snapshot, image, state)) {
        return Ok(None);
    }
    let label = snapshot.label(image)?;
    if label.rect() != prediction.class.rect() {
        return Err(WorkflowError::PredictionSize {
            image: project.images()[image].id.clone(),
            label: (label.width(), label.height()),
            prediction: (prediction.class.width(), prediction.class.height()),
        });
    }
    let labelled = Area::of_runs(&runs::runs(&label));
    let mut adoption = Adoption::default();
    let components = Components::of(&prediction.class);
    for k in 0..components.len() {
        let class = components.value(k);
        if settings.classes.as_ref().is_some_and(|wanted| !wanted.contains(&class)) {
            continue;
        }
        if project.class(class).is_none() {
            adoption.unknown += 1;
        } else if mean_probability(components.runs(k), &prediction.probability) < settings.min_probability {
            adoption.too_unsure += 1;
        } else {
            let area = Area::of_runs(components.runs(k));
            if area.intersection(&labelled).is_empty() {
                adoption.areas.push((area, class));
            } else {
                adoption.on_label += 1;
            }
        }
    }
    Ok(Some(adoption))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::{Class, ImageEntry, PartNumber, Project};
    use crate::raster::{LabelMap, PixelRect, Plane};
    use crate::session::{Session, SurfaceId};

    /// Two boxes of class 1 (one sure, one not), one of class 2 and one of a class that the project lacks.
    const BOXES: [(u32, u8, u8); 4] = [(0, 1, 250), (10, 1, 100), (20, 2, 250), (30, 9, 250)];

    fn said() -> Prediction {
        let at = |x: u32| BOXES.iter().find(|b| (b.0..b.0 + 5).contains(&x));
        let class = LabelMap::from_plane(&Plane::from_fn(40, 4, |x, _| at(x).map_or(0, |b| b.1)));
        Prediction::new(class, Plane::from_fn(40, 4, |x, _| at(x).map_or(255, |b| b.2)), "")
    }

    fn world() -> (tempfile::TempDir, Session) {
        let folder = tempfile::tempdir().unwrap();
        let mut project = Project::new(folder.path(), "x");
        project.classes = vec![Class::new(1, "pit"), Class::new(2, "stain")];
        project.part_numbers.push(PartNumber::new("PN"));
        let entry = |i: usize| ImageEntry {
            id: format!("i{i}"),
            image: format!("{i}.png"),
            part: format!("p{i}"),
            part_number: "PN".into(),
        };
        project.add_entries((0..2).map(entry)).unwrap();
        project.save().unwrap();
        for i in 0..2 {
            ::image::save_buffer(project.image_path(i), &[9; 160], 40, 4, ::image::ExtendedColorType::L8).unwrap();
        }
        let mut label = LabelMap::new(40, 4);
        label.fill_span(1, 2, 3, 2);
        project.write_label(1, &label).unwrap();
        let session = Session::open(folder.path()).unwrap();
        (folder, session)
    }

    fn of(session: &Session, image: usize, settings: &AdoptSettings) -> Option<Adoption> {
        adoption(&session.snapshot(), image, &said(), settings).unwrap()
    }

    fn boxes(adoption: &Adoption) -> Vec<(u32, u8)> {
        adoption.areas.iter().map(|(area, class)| (area.bounds().x0, *class)).collect()
    }

    #[test]
    fn regions_are_picked_by_class_probability_and_room() {
        let (_folder, session) = world();
        let all = of(&session, 0, &AdoptSettings::default()).unwrap();
        assert_eq!((boxes(&all), all.unknown), (vec![(0, 1), (10, 1), (20, 2)], 1));
        let sure = AdoptSettings { min_probability: 0.9, classes: Some([1].into()), ..AdoptSettings::default() };
        let sure = of(&session, 0, &sure).unwrap();
        assert_eq!((boxes(&sure), sure.too_unsure, sure.unknown), (vec![(0, 1)], 1, 0));
        // Somebody has labelled image 1, with a pixel in the first box.
        assert_eq!(of(&session, 1, &AdoptSettings::default()), None);
        let added = of(&session, 1, &AdoptSettings { only_unlabelled: false, ..AdoptSettings::default() }).unwrap();
        assert_eq!((boxes(&added), added.on_label), (vec![(10, 1), (20, 2)], 1));
    }

    #[test]
    fn what_was_adopted_is_a_proposal_until_a_person_says_so_and_two_steps_take_it_back() {
        let (_folder, mut session) = world();
        let adoption = of(&session, 0, &AdoptSettings::default()).unwrap();
        assert!(session.adopt(0, &adoption.areas).unwrap());
        let label = |session: &Session| session.snapshot().label(0).unwrap();
        assert_eq!(label(&session).crop(PixelRect::new(0, 0, 40, 1)).as_slice()[..25].iter().filter(|v| **v > 0).count(), 15);
        assert_eq!(session.sidecar(0).state, LabelState::Proposed);
        assert!(!is_labelled(&session.snapshot(), 0, LabelState::Proposed), "a model must not be graded on its own word");
        // Nothing is proposed on top of a proposal.
        assert_eq!(of(&session, 0, &AdoptSettings::default()), None);
        session.set_state(0, LabelState::Done).unwrap();
        assert!(is_labelled(&session.snapshot(), 0, session.sidecar(0).state));
        for _ in 0..3 {
            session.undo(SurfaceId::Label(0)).unwrap();
        }
        assert!(label(&session).is_blank());
        assert_eq!(session.sidecar(0).state, LabelState::Todo);
    }
}
