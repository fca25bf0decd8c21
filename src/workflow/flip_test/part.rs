//! The variants of a part number's labels under its limits: which verdicts hang on a pixel, and which finding changes one.

use std::collections::BTreeMap;

use super::STEPS;
use super::image::{ImageFlips, Variant};
use crate::judge::{CompiledRuleset, Rate, Verdict, judge_region, judge_table};
use crate::measure::{Region, RegionTable};
use crate::project::Project;

/// What comes of it when one region is moved to where the photo has its edge. Ascending by weight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Consequence {
    /// No verdict changes, or the edge is not known.
    #[default]
    None,
    /// The region gets another verdict; something else decides for the part.
    Region,
    /// The part gets another verdict.
    Part,
}

/// A region and its part after the region alone was moved to where the photo has its edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moved {
    /// None: nothing of the region is left.
    pub region: Option<Verdict>,
    pub part: Verdict,
}

/// How the verdict on one region hangs on its boundary. Verdicts on regions are without limits per part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionFlips {
    /// Index in the project.
    pub image: usize,
    /// As the boundary check counts them.
    pub region: usize,
    pub class: u8,
    /// Index in the project of the part it is on, and that part's verdict as it is.
    pub part: usize,
    pub part_as_is: Verdict,
    /// OK when it lies in ignored zones.
    pub as_is: Verdict,
    /// With all boundaries moved by [`STEPS`]; None: nothing of it is left.
    pub steps: [Option<Verdict>; 4],
    /// None: the edge is not known.
    pub moved: Option<Moved>,
}

impl RegionFlips {
    /// What moving it to the edge changes.
    #[must_use]
    pub fn consequence(&self) -> Consequence {
        match self.moved {
            Some(moved) if moved.part != self.part_as_is => Consequence::Part,
            Some(moved) if moved.region.unwrap_or(Verdict::Ok) != self.as_is => Consequence::Region,
            _ => Consequence::None,
        }
    }

    /// Shrinking by this many px leaves nothing of it; None when something is left at 2 px.
    #[must_use]
    pub fn is_gone_at_px(&self) -> Option<u8> {
        let gone = STEPS.iter().zip(self.steps).filter(|(_, v)| v.is_none()).map(|(s, _)| s.unsigned_abs());
        gone.min()
    }
}

/// How the verdict on one part hangs on the boundaries of its labels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PartFlips {
    /// Index in the project.
    pub part: usize,
    pub as_is: Verdict,
    /// With all boundaries moved by [`STEPS`].
    pub steps: [Verdict; 4],
    /// With all measurable regions moved to where the photo has its edge.
    pub corrected: Verdict,
}

impl PartFlips {
    /// The verdict is the same wherever the boundaries lie within so many px (1 or 2).
    #[must_use]
    pub fn is_stable_within(&self, px: u8) -> bool {
        STEPS.iter().zip(self.steps).all(|(step, verdict)| step.unsigned_abs() > px || verdict == self.as_is)
    }

    /// The smallest of [`STEPS`] with another verdict, and that verdict; of two as small the one with the worse verdict.
    #[must_use]
    pub fn smallest_flip(&self) -> Option<(i8, Verdict)> {
        let flips = STEPS.into_iter().zip(self.steps).filter(|(_, verdict)| *verdict != self.as_is);
        flips.min_by_key(|&(step, verdict)| (step.unsigned_abs(), std::cmp::Reverse(verdict)))
    }

    /// Within so many px the verdict goes from OK to NG or back, and no review stands between.
    #[must_use]
    pub fn is_hard_flip_within(&self, px: u8) -> bool {
        let is_hard = |v: Verdict| matches!((self.as_is, v), (Verdict::Ok, Verdict::Ng) | (Verdict::Ng, Verdict::Ok));
        STEPS.iter().zip(self.steps).any(|(step, verdict)| step.unsigned_abs() <= px && is_hard(verdict))
    }
}

/// Regions of one class in one zone: how many keep the verdict of their cell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CellStability {
    /// Regions of the class that touch the zone.
    pub regions: usize,
    /// Those with the same verdict wherever the boundary lies within 1 px, and within 2 px.
    pub stable: [usize; 2],
}

/// The verdicts of a part number against the boundaries of its labels.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FlipTest {
    /// In the order of the project.
    pub parts: Vec<PartFlips>,
    /// Ascending by image and region.
    pub regions: Vec<RegionFlips>,
    /// By class and zone.
    pub cells: BTreeMap<(u8, u8), CellStability>,
    /// Parts of which an image is not known.
    pub left_out: usize,
}

impl FlipTest {
    /// Parts whose verdict is the same wherever the boundaries lie within so many px (1 or 2), of all.
    #[must_use]
    pub fn stable_within(&self, px: u8) -> Rate {
        Rate { count: self.parts.iter().filter(|p| p.is_stable_within(px)).count(), of: self.parts.len() }
    }

    /// Parts that go from OK to NG or back within so many px, of all.
    #[must_use]
    pub fn hard_flips_within(&self, px: u8) -> Rate {
        Rate { count: self.parts.iter().filter(|p| p.is_hard_flip_within(px)).count(), of: self.parts.len() }
    }

    /// Parts that get another verdict when all labels follow the photo, of all.
    #[must_use]
    pub fn wrong_by_labels(&self) -> Rate {
        Rate { count: self.parts.iter().filter(|p| p.corrected != p.as_is).count(), of: self.parts.len() }
    }

    /// Parts whose verdict changes within 1 px; those without a review between first.
    #[must_use]
    pub fn fragile(&self) -> Vec<&PartFlips> {
        let mut fragile: Vec<&PartFlips> = self.parts.iter().filter(|p| !p.is_stable_within(1)).collect();
        fragile.sort_by_key(|p| !p.is_hard_flip_within(1));
        fragile
    }

    /// What moving this region to the edge changes.
    #[must_use]
    pub fn consequence_of(&self, image: usize, region: usize) -> Consequence {
        self.region(image, region).map_or(Consequence::None, RegionFlips::consequence)
    }

    /// The flips of a region, as the boundary check counts them.
    #[must_use]
    pub fn region(&self, image: usize, region: usize) -> Option<&RegionFlips> {
        let at = self.regions.binary_search_by_key(&(image, region), |r| (r.image, r.region)).ok()?;
        Some(&self.regions[at])
    }
}

/// Judges the variants of a part number. `images` gives what [`super::image_flips`] measured; a part with an image that is not known is
/// left out and counted.
#[must_use]
pub fn flip_test<'f>(
    project: &Project,
    part_number: usize,
    rules: &CompiledRuleset,
    images: impl Fn(usize) -> Option<&'f ImageFlips>,
) -> FlipTest {
    let mut test = FlipTest::default();
    for (part, entry) in project.parts().iter().enumerate().filter(|(_, p)| p.part_number == part_number) {
        let Some(known) = entry.images.iter().map(|&i| images(i).map(|f| (i, f))).collect::<Option<Vec<_>>>() else {
            test.left_out += 1;
            continue;
        };
        judge_one(part, &known, rules, &mut test);
    }
    test.regions.sort_by_key(|r| (r.image, r.region));
    test
}

/// The regions of an image in a variant, by its place in the part and what is known of it.
type RegionsOf<'a, 'f> = &'a dyn Fn(usize, &'f ImageFlips) -> Vec<&'f Region>;

fn push_variant<'f>(
    table: &mut RegionTable,
    rules: &CompiledRuleset,
    images: &[(usize, &'f ImageFlips)],
    regions_of: RegionsOf<'_, 'f>,
) {
    for (at, &(image, flips)) in images.iter().enumerate() {
        for (i, region) in regions_of(at, flips).into_iter().enumerate() {
            rules.admission().push(table, image as u32, i as u32, region);
        }
    }
    table.finish_part();
}

/// A table whose "parts" are the variants of one part: as it is, the steps, all corrected, each region corrected.
fn judge_one<'f>(part: usize, images: &[(usize, &'f ImageFlips)], rules: &CompiledRuleset, test: &mut FlipTest) {
    let mut table = RegionTable::new();
    let mut push = |regions_of: RegionsOf<'_, 'f>| push_variant(&mut table, rules, images, regions_of);
    push(&|_, f| f.as_is.iter().collect());
    for step in 0..STEPS.len() {
        push(&|_, f| f.steps[step].regions.iter().collect());
    }
    push(&|_, f| f.corrected.regions.iter().collect());
    for (changed, (_, flips)) in images.iter().enumerate() {
        for correction in flips.regions.iter().filter_map(|r| r.correction.as_ref()) {
            push(&|at, f| {
                if at != changed {
                    return f.as_is.iter().collect();
                }
                let others = f.as_is.iter().enumerate().filter(|(i, _)| !correction.replaces.contains(&(*i as u32)));
                let mut all: Vec<&Region> = others.map(|(_, r)| r).chain(&correction.by).collect();
                // As they are met from top left: sums are rounded in this order.
                all.sort_by_key(|r| (r.anchor.1, r.anchor.0));
                all
            });
        }
    }
    let verdicts = judge_table(&table, rules);
    let as_is = verdicts[0];
    let steps = [verdicts[1], verdicts[2], verdicts[3], verdicts[4]];
    test.parts.push(PartFlips { part, as_is, steps, corrected: verdicts[5] });
    let mut next = 6;
    for (image, flips) in images {
        let by_itself: Vec<Verdict> = flips.as_is.iter().map(|r| judge_region(r, rules)).collect();
        for (region, measured) in flips.regions.iter().enumerate() {
            let own = &measured.as_is;
            let moved = measured.correction.as_ref().map(|c| {
                next += 1;
                Moved { region: worst(c.of.iter().map(|&i| judge_region(&c.by[i as usize], rules))), part: verdicts[next - 1] }
            });
            let after = |variant: &Variant| {
                let continued = own.iter().flat_map(|&i| &variant.of[i as usize]);
                worst(continued.map(|&i| judge_region(&variant.regions[i as usize], rules)))
            };
            test.regions.push(RegionFlips {
                image: *image,
                region,
                class: measured.class,
                part,
                part_as_is: as_is,
                as_is: worst(own.iter().map(|&i| by_itself[i as usize])).unwrap_or_default(),
                steps: std::array::from_fn(|step| after(&flips.steps[step])),
                moved,
            });
        }
        count_cells(flips, rules, &mut test.cells);
    }
}

fn worst(verdicts: impl Iterator<Item = Verdict>) -> Option<Verdict> {
    verdicts.max()
}

fn count_cells(flips: &ImageFlips, rules: &CompiledRuleset, cells: &mut BTreeMap<(u8, u8), CellStability>) {
    let judged = |region: &Region, zone: u8| {
        rules.cell(region.class, zone).map_or(Verdict::Review, |cell| cell.verdict(|feature| region.feature(feature)))
    };
    for (i, region) in flips.as_is.iter().enumerate() {
        for share in &region.zones {
            let as_is = judged(region, share.zone);
            // What is gone, or no longer in the zone, is nothing to complain about there.
            let after = |variant: &Variant| {
                let continued = variant.of[i].iter().map(|&k| &variant.regions[k as usize]);
                let here = continued.filter(|r| r.zones.iter().any(|s| s.zone == share.zone));
                worst(here.map(|r| judged(r, share.zone))).unwrap_or_default()
            };
            let is_same: [bool; 4] = std::array::from_fn(|step| after(&flips.steps[step]) == as_is);
            let cell = cells.entry((region.class, share.zone)).or_default();
            cell.regions += 1;
            cell.stable[0] += usize::from(is_same[1] && is_same[2]);
            cell.stable[1] += usize::from(is_same.iter().all(|&s| s));
        }
    }
}
