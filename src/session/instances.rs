//! Regions as things that people split, merge and number, without a change of a pixel. Each is a step of undo of its image.

use super::error::SessionError;
use super::open::Session;
use super::surface::SurfaceId;
use crate::measure::{Grouping, Instance};
use crate::paint::{Split, cut_lines, innermost, instance_at, knife, piece_at, watershed};
use crate::raster::{Area, BACKGROUND, IGNORE, LabelMap, Point};

/// Why regions cannot be split, merged or numbered as asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstanceError {
    #[error("there is no labelled region at ({x}, {y}); point at a painted defect")]
    NoRegion { x: u32, y: u32 },
    #[error("the line cuts no region in two; draw it from border to border")]
    NothingCut,
    #[error("the region has no neck that is narrower than what lies on both sides of it; cut it with the knife")]
    NoNeck,
    #[error("one region cannot be merged with itself; select two or more")]
    NothingToMerge,
    #[error("{} and {} are two classes and cannot be one defect; give both the same class first", .classes[0], .classes[1])]
    DifferentClasses { classes: [String; 2] },
    #[error("the region is of one piece; there is nothing to take apart")]
    NotMerged,
    #[error("number {number} belongs to another region of this image; the next free one is {free}")]
    NumberTaken { number: u32, free: u32 },
}

impl Session {
    /// How the regions of an image's label are split, merged and numbered.
    #[must_use]
    pub fn grouping(&self, image: usize) -> &Grouping {
        &self.sidecar(image).grouping
    }

    /// The whole region of an image's label that holds a pixel, all its fragments; None where there is none and while the label is not in
    /// memory.
    #[must_use]
    pub fn region_area(&self, image: usize, (x, y): (u32, u32)) -> Option<Area> {
        instance_at(self.surface(SurfaceId::Label(image))?.map(), self.grouping(image), x, y, None)
    }

    /// Splits every region that a drawn path (image px) leads through from border to border; all pixels stay, and a number stays with the
    /// largest piece. Returns how many were split.
    ///
    /// # Errors
    /// [`InstanceError::NothingCut`]; and what keeps the session from writing.
    pub fn split_along(&mut self, image: usize, path: &[Point]) -> Result<usize, SessionError> {
        let (map, grouping) = self.label_and_grouping(image)?;
        let splits: Vec<Split> = pieces_along(&map, &grouping, path).iter().filter_map(|piece| knife(piece, path)).collect();
        if splits.is_empty() {
            return Err(InstanceError::NothingCut.into());
        }
        self.put_splits(image, &map, grouping, &splits)
    }

    /// Splits the regions that hold these pixels at their necks, where they are at least `min_neck_px` narrower than in the narrower one
    /// of the blobs on both sides; all pixels stay, and a number stays with the largest piece. Returns how many fragments were split.
    ///
    /// # Errors
    /// [`InstanceError::NoNeck`] when none has a neck, [`InstanceError::NoRegion`]; and what keeps the session from writing.
    pub fn split_at_necks(&mut self, image: usize, pixels: &[(u32, u32)], min_neck_px: f64) -> Result<usize, SessionError> {
        let (map, grouping) = self.label_and_grouping(image)?;
        let mut splits = Vec::new();
        for (_, area) in distinct_regions(&map, &grouping, pixels)? {
            splits.extend(fragments(&grouping, &area).iter().filter_map(|piece| watershed(piece, min_neck_px)));
        }
        if splits.is_empty() {
            return Err(InstanceError::NoNeck.into());
        }
        self.put_splits(image, &map, grouping, &splits)
    }

    /// Makes one region of those that hold these pixels. It gets the lowest number that one of them has, or the lowest free one, which is
    /// returned.
    ///
    /// # Errors
    /// [`InstanceError::DifferentClasses`], [`InstanceError::NothingToMerge`], [`InstanceError::NoRegion`]; and what keeps the session from
    /// writing.
    pub fn merge_regions(&mut self, image: usize, pixels: &[(u32, u32)]) -> Result<u32, SessionError> {
        let (map, mut grouping) = self.label_and_grouping(image)?;
        let regions = distinct_regions(&map, &grouping, pixels)?;
        let Some(((class, _), others)) = regions.split_first().filter(|(_, others)| !others.is_empty()) else {
            return Err(InstanceError::NothingToMerge.into());
        };
        if let Some((other, _)) = others.iter().find(|(other, _)| other != class) {
            let classes = [*class, *other].map(|c| self.project().class_name(c));
            return Err(InstanceError::DifferentClasses { classes }.into());
        }
        let all = regions.iter().fold(Area::new(), |all, (_, area)| all.union(area));
        let number = grouping.number_in(|x, y| all.contains(x, y)).unwrap_or_else(|| free_number(&map, &grouping));
        // A cut that would part nothing any more goes.
        let is_inside = |(a, b): Sides| all.contains(a.0, a.1) && all.contains(b.0, b.1);
        grouping.cuts.retain(|cut| parted(cut, &map).next().is_none() || !parted(cut, &map).all(is_inside));
        let pieces = fragments(&grouping, &all);
        forget_pixels(&mut grouping, &all);
        give_number(&map, &mut grouping, number, &pieces);
        self.put_grouping(image, grouping)?;
        Ok(number)
    }

    /// Takes a merged region apart into its fragments; the number stays with the largest of them. Returns how many fragments there are.
    ///
    /// # Errors
    /// [`InstanceError::NotMerged`], [`InstanceError::NoRegion`]; and what keeps the session from writing.
    pub fn unmerge_region(&mut self, image: usize, pixel: (u32, u32)) -> Result<usize, SessionError> {
        let (map, mut grouping) = self.label_and_grouping(image)?;
        let area = region(&map, &grouping, pixel)?;
        let pieces = fragments(&grouping, &area);
        let number = grouping.number_in(|x, y| area.contains(x, y));
        let Some(number) = number.filter(|_| pieces.len() > 1) else { return Err(InstanceError::NotMerged.into()) };
        forget_pixels(&mut grouping, &area);
        give_number(&map, &mut grouping, number, &pieces[..1]);
        self.put_grouping(image, grouping)?;
        Ok(pieces.len())
    }

    /// Gives the region that holds a pixel a number, which it keeps while other regions come and go, or takes its number away. A region of
    /// several fragments without a number is no region any more: they come apart.
    ///
    /// # Errors
    /// [`InstanceError::NumberTaken`], [`InstanceError::NoRegion`]; and what keeps the session from writing.
    pub fn number_region(&mut self, image: usize, pixel: (u32, u32), number: Option<u32>) -> Result<(), SessionError> {
        let (map, mut grouping) = self.label_and_grouping(image)?;
        let area = region(&map, &grouping, pixel)?;
        if grouping.number_in(|x, y| area.contains(x, y)) == number {
            return Ok(());
        }
        if let Some(number) = number
            && grouping.pixels_of(number).any(|(x, y)| is_labelled(&map, x, y) && !area.contains(x, y))
        {
            return Err(InstanceError::NumberTaken { number, free: free_number(&map, &grouping) }.into());
        }
        let pieces = fragments(&grouping, &area);
        forget_pixels(&mut grouping, &area);
        if let Some(number) = number {
            give_number(&map, &mut grouping, number, &pieces);
        }
        self.put_grouping(image, grouping)
    }

    /// Takes away every cut through the regions that hold these pixels, and along them, and their numbers: connected pixels of one class
    /// are one region again. True when there was something to take away.
    ///
    /// # Errors
    /// [`InstanceError::NoRegion`]; and what keeps the session from writing.
    pub fn clear_instances(&mut self, image: usize, pixels: &[(u32, u32)]) -> Result<bool, SessionError> {
        let (map, mut grouping) = self.label_and_grouping(image)?;
        let before = grouping.clone();
        for (_, area) in distinct_regions(&map, &grouping, pixels)? {
            forget_pixels(&mut grouping, &area);
            let touches = |(a, b): Sides| area.contains(a.0, a.1) || area.contains(b.0, b.1);
            grouping.cuts.retain(|cut| !parted(cut, &map).any(touches));
        }
        let is_changed = grouping != before;
        self.put_grouping(image, grouping)?;
        Ok(is_changed)
    }

    fn label_and_grouping(&mut self, image: usize) -> Result<(LabelMap, Grouping), SessionError> {
        self.check_writable()?;
        self.finish_stroke()?;
        let map = self.load_surface(SurfaceId::Label(image))?.map().clone();
        Ok((map, self.grouping(image).clone()))
    }

    fn put_splits(
        &mut self,
        image: usize,
        map: &LabelMap,
        mut grouping: Grouping,
        splits: &[Split],
    ) -> Result<usize, SessionError> {
        for split in splits {
            grouping.cuts.extend(cut_lines(map, split));
        }
        // A number would bring the pieces together again: it stays with the largest.
        for split in splits {
            let whole = split.pieces.iter().fold(split.cut.clone(), |all, piece| all.union(piece));
            let Some(number) = grouping.number_in(|x, y| whole.contains(x, y)) else { continue };
            let pieces = fragments(&grouping, &whole);
            forget_pixels(&mut grouping, &whole);
            give_number(map, &mut grouping, number, &pieces[..1]);
        }
        self.put_grouping(image, grouping)?;
        Ok(splits.len())
    }

    fn put_grouping(&mut self, image: usize, grouping: Grouping) -> Result<(), SessionError> {
        self.change_sidecar(image, |s| s.grouping = grouping)
    }
}

fn is_labelled(map: &LabelMap, x: u32, y: u32) -> bool {
    !matches!(map.get(x, y), BACKGROUND | IGNORE)
}

fn region(map: &LabelMap, grouping: &Grouping, (x, y): (u32, u32)) -> Result<Area, InstanceError> {
    instance_at(map, grouping, x, y, None).ok_or(InstanceError::NoRegion { x, y })
}

/// The regions that hold these pixels, each once, with their classes.
fn distinct_regions(map: &LabelMap, grouping: &Grouping, pixels: &[(u32, u32)]) -> Result<Vec<(u8, Area)>, InstanceError> {
    let mut found: Vec<(u8, Area)> = Vec::new();
    for &(x, y) in pixels {
        if !found.iter().any(|(_, area)| area.contains(x, y)) {
            found.push((map.get(x, y), region(map, grouping, (x, y))?));
        }
    }
    Ok(found)
}

/// Two pixels on both sides of a crack.
type Sides = ((u32, u32), (u32, u32));

/// The pairs of pixels of one class that a cut parts.
fn parted<'a>(cut: &'a [(u32, u32)], map: &'a LabelMap) -> impl Iterator<Item = Sides> + 'a {
    let is_parted = |&(a, b): &Sides| is_labelled(map, a.0, a.1) && map.get(a.0, a.1) == map.get(b.0, b.1);
    Grouping::sides(cut, map.rect()).filter(is_parted)
}

/// The fragments of a region, the largest first.
fn fragments(grouping: &Grouping, area: &Area) -> Vec<Area> {
    let mut pieces: Vec<Area> = grouping.pieces(&area.runs(1)).iter().map(Area::of_runs).collect();
    pieces.sort_by_key(|piece| std::cmp::Reverse(piece.pixels()));
    pieces
}

/// The lowest number, from 1, that no region of the image has.
fn free_number(map: &LabelMap, grouping: &Grouping) -> u32 {
    let is_free = |number: &u32| !grouping.pixels_of(*number).any(|(x, y)| is_labelled(map, x, y));
    // Of one more than there are, one is free.
    (1..=grouping.instances.len() as u32 + 1).find(is_free).unwrap_or(1)
}

/// No pixel of the area gives a number any more.
fn forget_pixels(grouping: &mut Grouping, area: &Area) {
    for instance in &mut grouping.instances {
        instance.at.retain(|&(x, y)| !area.contains(x, y));
    }
    grouping.instances.retain(|i| !i.at.is_empty());
}

/// Gives fragments a number: a pixel deep inside each, so that edits of the border leave it. Pixels of that number which lie on nothing
/// are forgotten.
fn give_number(map: &LabelMap, grouping: &mut Grouping, number: u32, pieces: &[Area]) {
    let kept = grouping.pixels_of(number).filter(|&(x, y)| is_labelled(map, x, y)).collect::<Vec<_>>();
    let at: Vec<(u32, u32)> = kept.into_iter().chain(pieces.iter().filter_map(innermost)).collect();
    grouping.instances.retain(|i| i.number != number);
    let place = grouping.instances.partition_point(|i| i.number < number);
    grouping.instances.insert(place, Instance { number, at });
}

/// The pieces that a path leads through.
fn pieces_along(map: &LabelMap, grouping: &Grouping, path: &[Point]) -> Vec<Area> {
    let mut pieces: Vec<Area> = Vec::new();
    for pair in path.windows(2) {
        let steps = pair[0].distance(pair[1]).ceil().clamp(1.0, 1e5) as u32;
        for i in 0..=steps {
            let t = f64::from(i) / f64::from(steps);
            let (x, y) = (pair[0].x + (pair[1].x - pair[0].x) * t, pair[0].y + (pair[1].y - pair[0].y) * t);
            if !(x >= 0.0 && y >= 0.0 && x < f64::from(map.width()) && y < f64::from(map.height())) {
                continue;
            }
            let (x, y) = (x as u32, y as u32);
            if is_labelled(map, x, y) && !pieces.iter().any(|piece| piece.contains(x, y)) {
                pieces.extend(piece_at(map, grouping, x, y, None));
            }
        }
    }
    pieces
}
