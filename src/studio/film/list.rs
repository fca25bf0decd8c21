//! The list of the filmstrip. It is made anew when something changed that it hangs on, never frame by frame: a project may have a
//! hundred thousand images.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use delimit::judge::ruleset::UNZONED;
use delimit::project::LabelState;
use delimit::session::SurfaceId;
use delimit::workflow::film::{FilmQuery, FilmSort, ImageFacts, Mistake, Names, SortKey, sorted};

use crate::studio::app::Studio;
use crate::studio::state::Source;

/// Of the time at most one part in so many goes into making the list while facts keep changing.
const RARELY: u32 = 10;

/// What a list was made from.
#[derive(Clone, Debug, PartialEq)]
struct Basis {
    images: usize,
    part_number: usize,
    text: String,
    sort: FilmSort,
    facts: Option<FactsBasis>,
}

/// Facts that a query or a sort key reads.
#[derive(Clone, Debug, PartialEq)]
struct FactsBasis {
    source: Source,
    sidecars: u64,
    analysis: u64,
    duplicates: u64,
    conflicts: Vec<SurfaceId>,
}

/// Images of the strip in order, and the query behind them.
#[derive(Default)]
pub struct FilmList {
    /// The text in the field.
    pub text: String,
    pub sort: FilmSort,
    pub mistake: Option<Mistake>,
    /// Ask for the keyboard in the next frame.
    pub wants_focus: bool,
    /// The field had the keyboard in the last frame.
    pub had_focus: bool,
    images: Arc<Vec<usize>>,
    /// Images of the part number, before the filter.
    total: usize,
    /// Images of which it is not known yet whether they belong.
    pub unknown: usize,
    /// The last query that could be read.
    query: FilmQuery,
    basis: Option<Basis>,
    is_stale: bool,
    made: Option<(Instant, Duration)>,
    /// How often the list was made.
    pub makings: u64,
    /// Where the image on the canvas stands, or stood before the filter let it go.
    at: usize,
    states: Option<((usize, usize, u64), [usize; LabelState::ALL.len()])>,
}

impl FilmList {
    /// Images listed, and images of the part number.
    pub fn counts(&self) -> (usize, usize) {
        (self.images.len(), self.total)
    }

    pub const fn is_filtered(&self) -> bool {
        !self.query.is_empty()
    }

    /// The list is not up to date yet.
    pub const fn is_stale(&self) -> bool {
        self.is_stale
    }

    /// Where the image on the canvas stands in the list.
    pub fn position(&self, image: usize) -> Option<usize> {
        if self.images.get(self.at) == Some(&image) { Some(self.at) } else { self.images.iter().position(|&i| i == image) }
    }
}

impl Studio {
    /// Images of the current part number that the filter lets through, in the order of the strip.
    pub fn film(&self) -> Arc<Vec<usize>> {
        Arc::clone(&self.film_state.list.images)
    }

    /// The image `by` places further down the strip. One that the filter has let go meanwhile is left to where it stood.
    pub fn film_neighbour(&self, by: isize) -> Option<usize> {
        let list = &self.film_state.list;
        let target = match list.position(self.view.image) {
            Some(at) => at.checked_add_signed(by),
            None if by > 0 => list.at.min(list.images.len()).checked_add_signed(by - 1),
            None => list.at.min(list.images.len()).checked_add_signed(by),
        };
        list.images.get(target?).copied()
    }

    /// Makes the list anew when what it hangs on changed. Once per frame.
    pub fn update_film(&mut self) {
        let list = &self.film_state.list;
        let sort = list.sort;
        let needs_facts = !list.text.trim().is_empty() || !matches!(sort.key, SortKey::Project | SortKey::Name);
        let basis = Basis {
            images: self.session.project().images().len(),
            part_number: self.view.part_number,
            text: list.text.clone(),
            sort,
            facts: needs_facts.then(|| FactsBasis {
                source: self.source_here(),
                sidecars: self.session.sidecar_revision(),
                analysis: self.analysis.revision(),
                duplicates: self.film_state.duplicates_revision,
                conflicts: self.session.conflicts(),
            }),
        };
        if list.basis.as_ref() == Some(&basis) {
            self.film_state.list.is_stale = false;
        } else {
            let only_facts = list.basis.as_ref().is_some_and(|b| Basis { facts: basis.facts.clone(), ..b.clone() } == basis);
            if only_facts && list.made.is_some_and(|(at, cost)| at.elapsed() < cost * RARELY) {
                self.film_state.list.is_stale = true;
            } else {
                self.make_film(basis);
            }
        }
        if let Some(at) = self.film_state.list.position(self.view.image) {
            self.film_state.list.at = at;
        }
    }

    fn make_film(&mut self, basis: Basis) {
        let start = Instant::now();
        let is_other_choice = self
            .film_state
            .list
            .basis
            .as_ref()
            .is_none_or(|b| b.text != basis.text || b.sort != basis.sort || b.part_number != basis.part_number);
        let (query, mistake) = match self.read_query(&basis.text) {
            Ok(query) => (query, None),
            // The list stays as the last good query left it while one types.
            Err(mistake) => (self.film_state.list.query.clone(), Some(mistake)),
        };
        let project = self.session.project();
        let of_number: Vec<usize> =
            (0..project.images().len()).filter(|&i| project.part_number_of_image(i) == Some(basis.part_number)).collect();
        let total = of_number.len();
        let known = Known::of(self);
        let mut unknown = 0;
        let kept: Vec<usize> = if query.is_empty() {
            of_number
        } else {
            let keeps = |i: &usize| {
                let answer = query.matches(&known.facts(*i));
                unknown += usize::from(answer.is_none());
                answer == Some(true)
            };
            of_number.into_iter().filter(keeps).collect()
        };
        let images = Arc::new(sorted(kept, basis.sort, |i| known.facts(i)));
        let list = &mut self.film_state.list;
        (list.images, list.total, list.unknown, list.query, list.mistake) = (images, total, unknown, query, mistake);
        list.basis = Some(basis);
        list.is_stale = false;
        list.made = Some((Instant::now(), start.elapsed()));
        list.makings += 1;
        if is_other_choice {
            // Another choice: the image on the canvas is brought into view again.
            self.film_shows = None;
        }
    }

    fn read_query(&self, text: &str) -> Result<FilmQuery, Mistake> {
        let project = self.session.project();
        let classes = project.class_names();
        let mut zones = vec![(0, UNZONED.to_owned())];
        if let Some(number) = project.part_numbers.get(self.view.part_number) {
            zones.extend(number.zones.iter().map(|z| (z.id, z.name.clone())));
        }
        FilmQuery::parse(text, &Names { classes: &classes, zones: &zones })
    }

    /// How many images of the part number are in each state, in the order of work.
    pub fn state_counts(&mut self) -> [usize; LabelState::ALL.len()] {
        let project = self.session.project();
        let key = (project.images().len(), self.view.part_number, self.session.sidecar_revision());
        if let Some((made_for, counts)) = self.film_state.list.states
            && made_for == key
        {
            return counts;
        }
        let mut counts = [0; LabelState::ALL.len()];
        for image in (0..key.0).filter(|&i| project.part_number_of_image(i) == Some(key.1)) {
            let state = self.session.sidecar(image).state;
            if let Some(at) = LabelState::ALL.iter().position(|s| *s == state) {
                counts[at] += 1;
            }
        }
        self.film_state.list.states = Some((key, counts));
        counts
    }
}

/// What facts are read from.
struct Known<'a> {
    studio: &'a Studio,
    source: Source,
    flipped: HashSet<usize>,
    conflicts: HashSet<usize>,
}

impl<'a> Known<'a> {
    fn of(studio: &'a Studio) -> Self {
        let source = studio.source_here();
        let parts = studio.analysis.evaluation(source).map_or(&[][..], |e| e.parts());
        let flipped = studio.analysis.flips(source).iter().filter_map(|f| parts.get(f.part).copied()).collect();
        let of_image = |id: SurfaceId| if let SurfaceId::Label(image) = id { Some(image) } else { None };
        let conflicts = studio.session.conflicts().into_iter().filter_map(of_image).collect();
        Self { studio, source, flipped, conflicts }
    }

    fn facts(&self, image: usize) -> ImageFacts<'a> {
        let studio = self.studio;
        let entry = &studio.session.project().images()[image];
        let sidecar = studio.session.sidecar(image);
        let part = studio.part_of_image(image);
        let change = sidecar.changes.last();
        let regions = match self.source {
            Source::Labels => studio.analysis.labels[image].as_ref().map(|f| f.regions.as_slice()),
            Source::Predictions => studio.analysis.predictions[image].as_ref().map(|f| f.regions.as_slice()),
        };
        ImageFacts {
            id: &entry.id,
            part: &entry.part,
            path: &entry.image,
            state: sidecar.state,
            truth: sidecar.disposition,
            verdict: part.and_then(|p| studio.analysis.evaluation(self.source)?.verdict_of_part(p)),
            is_flipped: part.is_some_and(|p| self.flipped.contains(&p)),
            regions,
            last_by: change.map(|c| c.by.as_str()),
            changed: change.map(|c| c.at),
            notes: sidecar.notes.len(),
            open_notes: sidecar.open_notes().count(),
            has_conflict: self.conflicts.contains(&image),
            is_duplicate: studio.film_state.duplicates.contains_key(&image),
            disagreement: studio.analysis.disagreement(image),
        }
    }
}
