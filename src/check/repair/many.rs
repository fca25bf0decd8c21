//! Snapping several regions of one map, so that they do not get into each other's way.

use rayon::prelude::*;

use super::proposal::{Left, Repair, RepairKind};
use super::snap::{Snap, SnapRefusal, snap};
use crate::check::analysis::Scene;
use crate::check::boundary::BoundaryCheck;
use crate::check::class_rule::ClassRule;
use crate::paint::grow;
use crate::raster::{Area, Components};

/// Snaps the given regions of `components`, several at a time, and gives one repair for all. `rule_of` tells what a class asks of its labels.
///
/// Each region is snapped on the map as it is. Where two would then touch, the second is snapped again on the map with the first one in
/// its new place, so the result does not depend on the number of threads. Regions that are refused are listed.
#[must_use]
pub fn snap_regions<R: Into<ClassRule>>(
    scene: &Scene<'_>,
    components: &Components,
    regions: &[usize],
    settings: &BoundaryCheck,
    rule_of: impl Fn(u8) -> R + Sync,
) -> Repair {
    let map = scene.map();
    let regions: Vec<usize> = regions.iter().copied().filter(|&r| r < components.len()).collect();
    let snapped = |scene: &Scene<'_>, region: usize| {
        let rule: ClassRule = rule_of(components.value(region)).into();
        snap(scene, components.runs(region), rule.boundary, &rule.settings(settings))
    };
    let all: Vec<Result<Snap, SnapRefusal>> = regions.par_iter().map(|&region| snapped(scene, region)).collect();
    let mut out = Repair::nothing(RepairKind::Snap);
    let (mut now, mut grown) = (map.clone(), Area::new());
    for (&region, first) in regions.iter().zip(all) {
        let result = match first {
            Ok(snap) if !grow(&snap.added, 1.5, map.width(), map.height()).intersection(&grown).is_empty() => {
                snapped(&scene.on(&now), region)
            }
            other => other,
        };
        match result {
            Ok(snap) => {
                for (area, value) in [(&snap.removed, crate::raster::BACKGROUND), (&snap.added, snap.class)] {
                    area.spans().iter().for_each(|s| now.fill_span(s.y, s.x0, s.x1, value));
                }
                grown = grown.union(&snap.added);
                snap.add_to(&mut out, region);
            }
            Err(why) => out.left.push((region, Left::Refused(why))),
        }
    }
    out
}
