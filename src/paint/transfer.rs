//! Taking an area to another place or image.

use crate::raster::{Area, Span};

/// A copy of the area moved by `dx` columns and `dy` rows (negative: left, up) and cut to a raster of `width` × `height` px.
#[must_use]
pub fn paste(area: &Area, dx: i64, dy: i64, width: u32, height: u32) -> Area {
    let moved = |at: u32, by: i64, size: u32| i64::from(at).saturating_add(by).clamp(0, i64::from(size)) as u32;
    let spans = area.spans().iter().filter_map(|s| {
        let y = u32::try_from(i64::from(s.y).saturating_add(dy)).ok().filter(|&y| y < height)?;
        Some(Span::new(y, moved(s.x0, dx, width), moved(s.x1, dx, width)))
    });
    Area::from_spans(spans.collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn every_pixel_lands_where_it_belongs(
            spans in prop::collection::vec((0_u32..12, 0_u32..20, 0_u32..9).prop_map(|(y, x, n)| Span::new(y, x, x + n)), 0..20),
            dx in -30_i64..30, dy in -15_i64..15,
        ) {
            let area = Area::from_spans(spans);
            let pasted = paste(&area, dx, dy, 25, 10);
            let mut expected = 0;
            for s in area.spans() {
                for x in s.x0..s.x1 {
                    let (nx, ny) = (i64::from(x) + dx, i64::from(s.y) + dy);
                    if (0..25).contains(&nx) && (0..10).contains(&ny) {
                        prop_assert!(pasted.contains(nx as u32, ny as u32));
                        expected += 1;
                    }
                }
            }
            prop_assert_eq!(pasted.pixels(), expected);
            prop_assert!(paste(&area, i64::MAX, i64::MIN, 25, 10).is_empty());
        }
    }
}
