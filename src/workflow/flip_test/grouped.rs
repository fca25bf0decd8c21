//! Regions that people split, merged and numbered, and the same grouping for a map whose boundaries were moved.
//!
//! A cut ends where the label ended and a number holds on to a pixel; both are lost when the label grows or shrinks. So cuts and numbers
//! are made anew for each variant: regions that a cut kept apart stay apart, fragments that a number joined stay joined.

use std::collections::BTreeMap;

use super::displaced::Entity;
use crate::measure::{Grouping, Instance};
use crate::paint::morphology::grow;
use crate::raster::{Area, Components, LabelMap, PixelRect, runs};

/// The regions of a label map, in the order of the boundary check.
pub fn entities(map: &LabelMap, grouping: &Grouping) -> Vec<Entity> {
    let grouped = grouping.group(&runs::runs(map));
    let components = &grouped.components;
    let mut all: Vec<Entity> = (0..components.len())
        .map(|i| Entity {
            class: components.value(i),
            area: Area::of_runs(components.runs(i)),
            number: grouped.numbers[i],
            neighbours: Vec::new(),
        })
        .collect();
    if grouping.cuts.is_empty() {
        return all;
    }
    let bounds: Vec<PixelRect> = all.iter().map(|e| e.area.bounds()).collect();
    let near: Vec<Area> = all.iter().map(|e| grow(&e.area, 1.5, map.width(), map.height())).collect();
    for i in 0..all.len() {
        for k in i + 1..all.len() {
            let may_touch = !bounds[i].grown(1, map.width(), map.height()).intersection(bounds[k]).is_empty();
            if may_touch && all[i].class == all[k].class && !near[i].intersection(&all[k].area).is_empty() {
                all[i].neighbours.push(k);
                all[k].neighbours.push(i);
            }
        }
    }
    all
}

/// The grouping that keeps regions apart and together as they were, now that they have these pixels.
pub fn regrouped(entities: &[Entity], areas: &[Area]) -> Grouping {
    let mut cuts = Vec::new();
    for (i, entity) in entities.iter().enumerate() {
        for &k in entity.neighbours.iter().filter(|&&k| k > i) {
            cuts_between(&areas[i], &areas[k], &mut cuts);
        }
    }
    let mut numbered: BTreeMap<u32, Vec<(u32, u32)>> = BTreeMap::new();
    for (entity, area) in entities.iter().zip(areas) {
        let Some(number) = entity.number else { continue };
        let fragments = Components::of_runs(&area.runs(1));
        numbered.entry(number).or_default().extend(fragments.iter().map(|runs| (runs[0].x0, runs[0].y)));
    }
    Grouping { cuts, instances: numbered.into_iter().map(|(number, at)| Instance { number, at }).collect() }
}

/// Cracks along which two areas touch, by a side or by a corner.
fn cuts_between(a: &Area, b: &Area, cuts: &mut Vec<Vec<(u32, u32)>>) {
    let box_of_b = b.bounds();
    let is_near = |x: u32, y: u32| x + 1 >= box_of_b.x0 && x <= box_of_b.x1 && y + 1 >= box_of_b.y0 && y <= box_of_b.y1;
    let pixels = a.spans().iter().flat_map(|s| (s.x0..s.x1).map(|x| (x, s.y)));
    for (x, y) in pixels.filter(|&(x, y)| is_near(x, y)) {
        let left = vec![(x, y), (x, y + 1)];
        let right = vec![(x + 1, y), (x + 1, y + 1)];
        let above = vec![(x, y), (x + 1, y)];
        let below = vec![(x, y + 1), (x + 1, y + 1)];
        let holds = |area: &Area, dx: i64, dy: i64| {
            let (u, v) = (i64::from(x) + dx, i64::from(y) + dy);
            u >= 0 && v >= 0 && area.contains(u as u32, v as u32)
        };
        for (dx, dy, crack) in [(-1, 0, &left), (1, 0, &right), (0, -1, &above), (0, 1, &below)] {
            if holds(b, dx, dy) {
                cuts.push(crack.clone());
            }
        }
        // By a corner only: both ways around it must be cut. A pixel of either area on the way is cut off by its sides already.
        for (dx, dy) in [(-1, -1), (1, -1), (-1, 1), (1, 1)] {
            if !holds(b, dx, dy) {
                continue;
            }
            let across = if dx < 0 { &left } else { &right };
            let along = if dy < 0 { &above } else { &below };
            for (side, crack) in [((dx, 0), across), ((0, dy), along)] {
                if !holds(a, side.0, side.1) && !holds(b, side.0, side.1) {
                    cuts.push(crack.clone());
                }
            }
        }
    }
}
