//! The boundary checks of a project by class, annotator, image and part number: what a table of labels shows, and where systematic
//! errors are looked for.

use std::collections::BTreeMap;

use crate::check::systematic::{Group, Scope};
use crate::check::{BoundaryKind, GroupSummary, RegionFigures, Systematic, systematic::systematic};
use crate::project::{LabelState, Project, Sidecar};

/// Who drew a label that nobody put a name to.
pub const UNKNOWN_ANNOTATOR: &str = "unknown";

/// Who drew the label: the last person that changed its state other than to review or approve it.
#[must_use]
pub fn annotator_of(sidecar: &Sidecar) -> &str {
    let is_work = |state: LabelState| !matches!(state, LabelState::Reviewed | LabelState::Approved);
    let last = sidecar.changes.iter().rev().find(|c| is_work(c.state) && !c.by.trim().is_empty());
    last.map_or(UNKNOWN_ANNOTATOR, |c| &c.by)
}

/// The checked regions of one image.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageFigures {
    /// Index in the project.
    pub image: usize,
    pub annotator: String,
    pub regions: Vec<RegionFigures>,
}

/// By what regions are put together.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GroupBy {
    #[default]
    Class,
    Annotator,
    Image,
    PartNumber,
}

/// One line of the table.
#[derive(Clone, Debug, PartialEq)]
pub struct NamedSummary {
    /// Of the class, person, image (its id) or part number.
    pub name: String,
    pub summary: GroupSummary,
}

/// The groups with their figures: classes in the order of their ids, images and part numbers in that of the project, people by name.
#[must_use]
pub fn summaries(project: &Project, images: &[ImageFigures], by: GroupBy) -> Vec<NamedSummary> {
    let mut groups: BTreeMap<(usize, String), Vec<&RegionFigures>> = BTreeMap::new();
    for image in images {
        for region in &image.regions {
            let key = match by {
                GroupBy::Class => (usize::from(region.class), project.class_name(region.class)),
                GroupBy::Annotator => (0, image.annotator.clone()),
                GroupBy::Image => (image.image, project.images()[image.image].id.clone()),
                GroupBy::PartNumber => match project.part_number_of_image(image.image) {
                    Some(pn) => (pn, project.part_numbers[pn].name.clone()),
                    None => continue,
                },
            };
            groups.entry(key).or_default().push(region);
        }
    }
    groups.into_iter().map(|((_, name), regions)| NamedSummary { name, summary: GroupSummary::of(regions) }).collect()
}

/// The errors that labels share: over each class, each annotator, each import batch (images of one folder) and all; and between the
/// annotators of one class. Classes with a diffuse boundary are left out: where theirs lies is a convention, not an error.
#[must_use]
pub fn systematic_errors(project: &Project, images: &[ImageFigures]) -> Vec<Systematic> {
    let folder_of = |image: usize| project.images()[image].image.rsplit_once(['/', '\\']).map(|(folder, _)| folder.to_owned());
    // Where all came together, a batch explains nothing.
    let has_batches = images.windows(2).any(|pair| folder_of(pair[0].image) != folder_of(pair[1].image));
    let is_sharp = |class: u8| project.class(class).is_none_or(|c| c.boundary == BoundaryKind::Sharp);
    let mut groups: BTreeMap<(u8, Scope), Vec<&RegionFigures>> = BTreeMap::new();
    for image in images {
        let folder = folder_of(image.image).filter(|_| has_batches);
        let person = (image.annotator != UNKNOWN_ANNOTATOR).then_some(&image.annotator);
        for region in image.regions.iter().filter(|r| is_sharp(r.class)) {
            // The first is the order: of two groups with the same regions the earlier one is told.
            let mut scopes = vec![(0, Scope::Class(region.class)), (2, Scope::All)];
            scopes.extend(person.map(|name| (1, Scope::Annotator(name.clone()))));
            scopes.extend(person.map(|name| (4, Scope::AnnotatorOfClass(name.clone(), region.class))));
            scopes.extend(folder.as_ref().map(|name| (3, Scope::Batch(name.clone()))));
            for scope in scopes {
                groups.entry(scope).or_default().push(region);
            }
        }
    }
    let groups: Vec<Group<'_>> = groups.into_iter().map(|((_, scope), regions)| Group { scope, regions }).collect();
    systematic(&groups)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Moment;

    #[test]
    fn who_drew_is_who_worked_last_and_not_who_looked() {
        let mut sidecar = Sidecar::default();
        assert_eq!(annotator_of(&sidecar), UNKNOWN_ANNOTATOR);
        for (state, by) in [
            (LabelState::InProgress, "Ann"),
            (LabelState::Done, "Bob"),
            (LabelState::Flagged, ""),
            (LabelState::Reviewed, "Cid"),
            (LabelState::Approved, "Dan"),
        ] {
            sidecar.set_state(state, by, Moment::now());
        }
        assert_eq!(annotator_of(&sidecar), "Bob");
    }
}
