//! Islands and holes of an area: what hangs together, and what is enclosed.

use crate::raster::{Area, Span};

/// When pixels hang together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Neighbours {
    /// Over sides only.
    Four,
    /// Over sides and corners.
    Eight,
}

/// The parts of an area that do not touch, not even at a corner (8-connected, as regions are measured): the largest first, parts of
/// one size from top left.
#[must_use]
pub fn islands(area: &Area) -> Vec<Area> {
    let mut parts = components(area, Neighbours::Eight);
    parts.sort_by_key(|part| std::cmp::Reverse(part.pixels()));
    parts
}

/// The largest island alone; of several largest the topmost. Empty for an empty area.
#[must_use]
pub fn keep_largest(area: &Area) -> Area {
    islands(area).into_iter().next().unwrap_or_default()
}

/// The area without its islands of fewer than `pixels` pixels.
#[must_use]
pub fn remove_smaller(area: &Area, pixels: u64) -> Area {
    joined(components(area, Neighbours::Eight).into_iter().filter(|part| part.pixels() >= pixels))
}

/// What the area encloses: the parts of the rest that hang together over sides (4-connected) and have no way out; the largest first.
///
/// The border of the image encloses nothing: an area does not know where it is.
#[must_use]
pub fn holes(area: &Area) -> Vec<Area> {
    let bounds = area.bounds();
    let mut parts = components(&Area::of_rect(bounds).minus(area), Neighbours::Four);
    parts.retain(|part| {
        let b = part.bounds();
        b.x0 > bounds.x0 && b.x1 < bounds.x1 && b.y0 > bounds.y0 && b.y1 < bounds.y1
    });
    parts.sort_by_key(|part| std::cmp::Reverse(part.pixels()));
    parts
}

/// The area with its [`holes`] closed.
#[must_use]
pub fn fill_holes(area: &Area) -> Area {
    area.union(&joined(holes(area).into_iter()))
}

/// The union of areas.
fn joined(parts: impl Iterator<Item = Area>) -> Area {
    Area::from_spans(parts.flat_map(|part| part.spans().to_vec()).collect())
}

/// The connected parts of an area in the order in which their first pixel is met from top left.
pub(super) fn components(area: &Area, neighbours: Neighbours) -> Vec<Area> {
    let spans = area.spans();
    let reach = match neighbours {
        Neighbours::Four => 0,
        Neighbours::Eight => 1,
    };
    let mut parent: Vec<usize> = (0..spans.len()).collect();
    let mut above = 0;
    for (i, span) in spans.iter().enumerate() {
        while above < i && (spans[above].y + 1, spans[above].x1 + reach) <= (span.y, span.x0) {
            above += 1;
        }
        for k in (above..i).take_while(|&k| spans[k].y < span.y && spans[k].x0 < span.x1 + reach) {
            let (a, b) = (root(&mut parent, i), root(&mut parent, k));
            // The smaller index is the root, so that a parent never comes after its child.
            parent[a.max(b)] = a.min(b);
        }
    }
    let mut number = vec![0; spans.len()];
    let mut parts: Vec<Vec<Span>> = Vec::new();
    for (i, span) in spans.iter().enumerate() {
        if parent[i] == i {
            number[i] = parts.len();
            parts.push(Vec::new());
        } else {
            number[i] = number[parent[i]];
        }
        parts[number[i]].push(*span);
    }
    parts.into_iter().map(Area::from_spans).collect()
}

fn root(parent: &mut [usize], mut i: usize) -> usize {
    while parent[i] != i {
        parent[i] = parent[parent[i]];
        i = parent[i];
    }
    i
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::raster::{Components, LabelMap, Plane};

    const W: u32 = 14;
    const H: u32 = 11;

    /// A walk over neighbours, pixel by pixel, with a frame of one pixel around: `(part, touches the frame)`.
    fn brute(is_in: impl Fn(i64, i64) -> bool, across_corners: bool) -> Vec<(Vec<(u32, u32)>, bool)> {
        let (w, h) = (i64::from(W), i64::from(H));
        let mut seen = std::collections::BTreeSet::new();
        let mut parts = Vec::new();
        for start in (-1..=h).flat_map(|y| (-1..=w).map(move |x| (x, y))) {
            let (mut part, mut is_out, mut stack) = (Vec::new(), false, vec![start]);
            while let Some((x, y)) = stack.pop() {
                if !(-1..=w).contains(&x) || !(-1..=h).contains(&y) || !is_in(x, y) || !seen.insert((x, y)) {
                    continue;
                }
                if (0..w).contains(&x) && (0..h).contains(&y) {
                    part.push((y as u32, x as u32));
                } else {
                    is_out = true;
                }
                for (dx, dy) in [(-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1)] {
                    if across_corners || dx * dy == 0 {
                        stack.push((x + dx, y + dy));
                    }
                }
            }
            if !part.is_empty() {
                part.sort_unstable();
                parts.push((part, is_out));
            }
        }
        parts
    }

    fn pixels(area: &Area) -> Vec<(u32, u32)> {
        area.spans().iter().flat_map(|s| (s.x0..s.x1).map(|x| (s.y, x))).collect()
    }

    fn sorted(areas: &[Area]) -> Vec<Vec<(u32, u32)>> {
        let mut all: Vec<_> = areas.iter().map(pixels).collect();
        all.sort();
        all
    }

    proptest! {
        #[test]
        fn islands_and_holes_are_what_a_walk_over_neighbours_finds(bits in prop::collection::vec(prop::bool::weighted(0.6), (W * H) as usize)) {
            let mask = Plane::from_vec(W, H, bits);
            let area = Area::of_mask(&mask, (0, 0));
            let inside = |x: i64, y: i64| {
                (0..i64::from(W)).contains(&x) && (0..i64::from(H)).contains(&y) && mask.at(x as u32, y as u32)
            };
            let parts = islands(&area);
            let mut expected: Vec<_> = brute(inside, true).into_iter().map(|(part, _)| part).collect();
            expected.sort();
            prop_assert_eq!(sorted(&parts), expected);
            prop_assert!(parts.windows(2).all(|p| p[0].pixels() >= p[1].pixels()));
            // The same partition as the components that regions are measured from.
            prop_assert_eq!(parts.len(), Components::of(&LabelMap::from_plane(&mask.map(u8::from))).len());

            let closed = holes(&area);
            let mut expected: Vec<_> = brute(|x, y| !inside(x, y), false).into_iter().filter(|(_, out)| !out).map(|(p, _)| p).collect();
            expected.sort();
            prop_assert_eq!(sorted(&closed), expected);
            let filled = fill_holes(&area);
            prop_assert_eq!(filled.pixels(), area.pixels() + closed.iter().map(Area::pixels).sum::<u64>());
            prop_assert!(holes(&filled).is_empty());

            let largest = keep_largest(&area);
            prop_assert_eq!(largest.pixels(), parts.iter().map(Area::pixels).max().unwrap_or(0));
            let kept = remove_smaller(&area, 5);
            prop_assert_eq!(kept.pixels(), parts.iter().map(Area::pixels).filter(|&n| n >= 5).sum::<u64>());
            prop_assert_eq!(kept.minus(&area), Area::new());
            prop_assert_eq!(remove_smaller(&area, 0), area);
        }
    }
}
