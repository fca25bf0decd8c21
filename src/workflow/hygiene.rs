//! Mask hygiene over a whole set: what only shows when labels are held against each other, or against what was said about the part.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::duplicates::{DuplicateSettings, find_duplicates};
use super::each_image::each_image;
use super::error::WorkflowError;
use super::judging::{MeasuredImages, evaluate, images_of, measure_labels};
use crate::check::{ClassShapes, Finding, FindingKind, RegionCheck, ShapeFigures, ShapeLimits, facing_pairs, worst_first};
use crate::judge::{Disposition, Ruleset, Verdict};
use crate::project::disposition_of_part;
use crate::raster::{BACKGROUND, IGNORE, LabelMap, runs};
use crate::session::Snapshot;

/// Limits of the checks over a set.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SetHygiene {
    /// When a region is unlike the others of its class.
    pub shapes: ShapeLimits,
    /// How much alike two images must be for their labels to be compared. Stricter than in a search for duplicates: another exposure that
    /// is cut out differently has a label elsewhere.
    pub duplicates: DuplicateSettings,
    /// Least share of the labelled pixels of two such images that agree (intersection over union, by class), 0..=1.
    pub least_overlap: f64,
    /// Fragments of one class this near are one defect or two, px.
    pub fragment_gap_px: u32,
    /// Classes with fewer such pairs have no habit.
    pub least_pairs: usize,
    /// A class is inconsistent when both ways have at least this share of the pairs, 0..=½.
    pub least_share: f64,
}

impl Default for SetHygiene {
    fn default() -> Self {
        Self {
            shapes: ShapeLimits::default(),
            duplicates: DuplicateSettings { max_hash_distance: 4, min_correlation: 0.98 },
            least_overlap: 0.8,
            fragment_gap_px: 5,
            least_pairs: 5,
            least_share: 0.2,
        }
    }
}

/// What was found over a set.
#[derive(Clone, Debug, Default)]
pub struct SetFindings {
    /// With their image; by image, and worst first within one.
    pub findings: Vec<(usize, Finding)>,
    /// Images that could not be looked at, and why.
    pub failed: Vec<(usize, String)>,
}

/// Two fragments of one class that lie near each other.
#[derive(Clone, Copy, Debug)]
struct Pair {
    class: u8,
    /// Region of the first one.
    region: usize,
    is_joined: bool,
    bounds: crate::raster::PixelRect,
}

/// What is kept of one label.
struct Facts {
    shapes: Vec<ShapeFigures>,
    pairs: Vec<Pair>,
}

fn facts(snapshot: &Snapshot, image: usize, checks: &[RegionCheck], settings: &SetHygiene) -> Result<Facts, WorkflowError> {
    let label = snapshot.label(image)?;
    let (grouping, all) = (snapshot.grouping(image), runs::runs(&label));
    let regions = grouping.group(&all).components;
    let pieces = grouping.pieces(&all);
    let is_plain = grouping.is_empty();
    let region_of: Vec<Option<usize>> =
        pieces.iter().enumerate().map(|(i, runs)| if is_plain { Some(i) } else { regions.at(runs[0].x0, runs[0].y) }).collect();
    let pair = |(a, b): (usize, usize)| {
        let (class, region) = (pieces.value(a), region_of[a]?);
        let rect = |i: usize| {
            let all = pieces.runs(i).iter().map(|r| crate::raster::PixelRect::new(r.x0, r.y, r.x1, r.y + 1));
            all.fold(crate::raster::PixelRect::EMPTY, crate::raster::PixelRect::union)
        };
        let is_joined = region_of[a] == region_of[b];
        (class == pieces.value(b)).then(|| Pair { class, region, is_joined, bounds: rect(a).union(rect(b)) })
    };
    let pairs = facing_pairs(&label, &pieces, settings.fragment_gap_px).into_iter().filter_map(pair).collect();
    Ok(Facts { shapes: ShapeFigures::of(&regions, (label.width(), label.height()), checks), pairs })
}

/// Everything that the labels of `images` say about each other. `checks` gives what the boundary check said about an image, where that
/// is known; `rules` the ruleset of a part number that has one. `progress` hears how many images are done of how many.
///
/// Stops with [`WorkflowError::Cancelled`] soon after `is_cancelled` says so.
pub fn set_findings<'c>(
    snapshot: &Snapshot,
    images: &[usize],
    checks: &(dyn Fn(usize) -> &'c [RegionCheck] + Sync),
    rules: &dyn Fn(usize) -> Option<Ruleset>,
    settings: &SetHygiene,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
) -> Result<SetFindings, WorkflowError> {
    let known = Mutex::new((BTreeMap::new(), Vec::new()));
    let total = 2 * images.len();
    each_image(
        images,
        is_cancelled,
        |image| facts(snapshot, image, checks(image), settings),
        |image, result| {
            let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
            match result {
                Ok(facts) => drop(known.0.insert(image, facts)),
                Err(e) => known.1.push((image, e.to_string())),
            }
            progress(known.0.len() + known.1.len(), total);
        },
    )?;
    let (facts, failed) = known.into_inner().unwrap_or_else(PoisonError::into_inner);
    let mut out = SetFindings { findings: Vec::new(), failed };
    unusual_shapes(&facts, settings, &mut out.findings);
    inconsistent_instances(&facts, settings, &mut out.findings);
    let readable: Vec<usize> = facts.keys().copied().collect();
    let half = |done: usize, _: usize| progress(images.len() + done, total);
    differing_duplicates(snapshot, &readable, settings, is_cancelled, &half, &mut out)?;
    rejected_good_parts(snapshot, &readable, rules, is_cancelled, &mut out.findings)?;
    out.findings.sort_by(|(i, a), (k, b)| i.cmp(k).then_with(|| a.worse_first(b)));
    out.failed.sort();
    Ok(out)
}

fn unusual_shapes(facts: &BTreeMap<usize, Facts>, settings: &SetHygiene, out: &mut Vec<(usize, Finding)>) {
    let all = || facts.iter().flat_map(|(&image, f)| f.shapes.iter().map(move |s| (image, s)));
    let mut classes: Vec<u8> = all().map(|(_, s)| s.region.1).collect();
    classes.sort_unstable();
    classes.dedup();
    for class in classes {
        let of_class = || all().filter(|(_, s)| s.region.1 == class);
        if let Some(usual) = ClassShapes::of(of_class().map(|(_, s)| s), &settings.shapes) {
            out.extend(of_class().filter_map(|(image, s)| Some((image, usual.judge(s, &settings.shapes)?))));
        }
    }
}

/// Fragments near each other that some labels join and others do not: the rarer way is pointed out.
fn inconsistent_instances(facts: &BTreeMap<usize, Facts>, settings: &SetHygiene, out: &mut Vec<(usize, Finding)>) {
    let mut by_class: BTreeMap<u8, Vec<(usize, Pair)>> = BTreeMap::new();
    for (&image, f) in facts {
        for &pair in &f.pairs {
            by_class.entry(pair.class).or_default().push((image, pair));
        }
    }
    for (class, pairs) in by_class {
        let joined = pairs.iter().filter(|(_, p)| p.is_joined).count();
        let fewer = joined.min(pairs.len() - joined);
        if pairs.len() < settings.least_pairs || (fewer as f64) < settings.least_share * pairs.len() as f64 {
            continue;
        }
        let is_joined_rare = joined * 2 <= pairs.len();
        for (image, pair) in pairs.iter().filter(|(_, p)| p.is_joined == is_joined_rare) {
            let (here, there) = if pair.is_joined { ("one", "two") } else { ("two", "one") };
            let message = format!(
                "fragments {} px apart or less are labelled as {here} defect{} here, and as {there} in {} of {} such places",
                settings.fragment_gap_px,
                if pair.is_joined { "" } else { "s" },
                pairs.len() - fewer,
                pairs.len()
            );
            out.push((*image, Finding::new(FindingKind::InconsistentInstances, Some((pair.region, class)), pair.bounds, message)));
        }
    }
}

/// Pixels that two labels mark alike ÷ pixels that one of them marks; the second is scaled to the size of the first. 1 when neither marks
/// anything. Ignored pixels do not count.
fn overlap(a: &LabelMap, b: &LabelMap) -> f64 {
    if a.width() == 0 || a.height() == 0 {
        return 1.0;
    }
    let scaled = |v: u32, from: u32, to: u32| (u64::from(v) * u64::from(to) / u64::from(from)) as u32;
    let (mut same, mut any) = (0_u64, 0_u64);
    for y in 0..a.height() {
        let v = scaled(y, a.height(), b.height());
        for x in 0..a.width() {
            let (p, q) = (a.get(x, y), b.get(scaled(x, a.width(), b.width()), v));
            if p != IGNORE && q != IGNORE && (p != BACKGROUND || q != BACKGROUND) {
                any += 1;
                same += u64::from(p == q);
            }
        }
    }
    if any == 0 { 1.0 } else { same as f64 / any as f64 }
}

fn differing_duplicates(
    snapshot: &Snapshot,
    images: &[usize],
    settings: &SetHygiene,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    progress: &(dyn Fn(usize, usize) + Sync),
    out: &mut SetFindings,
) -> Result<(), WorkflowError> {
    let project = snapshot.project();
    let found = find_duplicates(project, images, &settings.duplicates, is_cancelled, progress)?;
    out.failed.extend(found.failed);
    let mut told = std::collections::BTreeSet::new();
    for group in &found.groups {
        let labels = group.images.iter().map(|&i| Ok((i, snapshot.label(i)?))).collect::<Result<Vec<_>, WorkflowError>>()?;
        for (at, (a, label)) in labels.iter().enumerate() {
            for (b, other) in &labels[at + 1..] {
                let agree = overlap(label, other);
                if agree >= settings.least_overlap || !told.insert((*a, *b)) {
                    continue;
                }
                let what = if group.is_exact { "the same file" } else { "nearly the same picture" };
                for (here, there, map) in [(*a, *b, label), (*b, *a, other)] {
                    let id = &project.images()[there].id;
                    let message = format!("{what} as {id}, but their labels agree on {:.0} % of what is marked", 100.0 * agree);
                    out.findings.push((here, Finding::new(FindingKind::DuplicateDiffers, None, map.rect(), message)));
                }
            }
        }
    }
    Ok(())
}

/// Parts that people call OK and whose labels the rules reject: the label, the limit or the word about the part is wrong. Defects on an
/// OK part that the rules accept are as they should be.
fn rejected_good_parts(
    snapshot: &Snapshot,
    images: &[usize],
    rules: &dyn Fn(usize) -> Option<Ruleset>,
    is_cancelled: &(dyn Fn() -> bool + Sync),
    out: &mut Vec<(usize, Finding)>,
) -> Result<(), WorkflowError> {
    let project = snapshot.project();
    let truth: Vec<Disposition> =
        project.parts().iter().map(|p| disposition_of_part(p.images.iter().map(|&i| snapshot.disposition(i)))).collect();
    for pn in 0..project.part_numbers.len() {
        let Some(ruleset) = rules(pn) else { continue };
        let mut here = images_of(snapshot, pn);
        here.retain(|i| images.binary_search(i).is_ok());
        if here.is_empty() {
            continue;
        }
        let measured: MeasuredImages = measure_labels(snapshot, &here, is_cancelled, &|| ())?;
        let evaluation = evaluate(snapshot, pn, &ruleset, &truth, &measured)?;
        for (&part, &verdict) in evaluation.parts().iter().zip(evaluation.verdicts()) {
            if verdict != Verdict::Ng || truth[part] != Disposition::Ok {
                continue;
            }
            let Some(reason) = evaluation.explain(part).and_then(|v| v.reasons.into_iter().next()) else { continue };
            let place = reason.region.and_then(|at| {
                let image = at.image as usize;
                Some((image, measured.regions.get(&image)?.get(at.index as usize)?.bounds))
            });
            let first = project.parts()[part].images.iter().copied().find(|i| measured.regions.contains_key(i));
            let Some((image, bounds)) = place.or_else(|| {
                let image = first?;
                Some((image, snapshot.label(image).ok()?.rect()))
            }) else {
                continue;
            };
            let what = if reason.class.is_empty() { String::new() } else { format!(" ({}: {})", reason.class, reason.rule) };
            let message = format!("the part is said to be OK, but its rules reject what is marked{what}");
            out.push((image, Finding::new(FindingKind::RejectedGoodPart, None, bounds, message)));
        }
    }
    Ok(())
}

/// The findings of a set merged with those of single labels, worst first within one image.
pub fn merge(into: &mut Vec<Finding>, image: usize, set: &SetFindings) {
    into.extend(set.findings.iter().filter(|(i, _)| *i == image).map(|(_, f)| f.clone()));
    worst_first(into);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Plane;

    #[test]
    fn overlap_is_intersection_over_union_by_class() {
        let bar = |x0: u32, class: u8| {
            LabelMap::from_plane(&Plane::from_fn(40, 10, |x, y| if (x0..x0 + 10).contains(&x) && y < 5 { class } else { 0 }))
        };
        assert_eq!(overlap(&bar(0, 1), &bar(0, 1)), 1.0);
        assert_eq!(overlap(&bar(0, 1), &bar(5, 1)), 25.0 / 75.0);
        assert_eq!(overlap(&bar(0, 1), &bar(0, 2)), 0.0);
        assert_eq!(overlap(&bar(0, IGNORE), &bar(0, 2)), 1.0);
        // The same at twice the size.
        let large = LabelMap::from_plane(&Plane::from_fn(80, 20, |x, y| u8::from(x < 20 && y < 10)));
        assert_eq!(overlap(&bar(0, 1), &large), 1.0);
        assert_eq!(overlap(&large, &bar(0, 1)), 1.0);
    }
}
