//! Labels against the zones of the part: beside the part, and where nothing is measured.

use super::field::Piece;
use super::{Hygiene, Surroundings};
use crate::check::finding::Finding;
use crate::check::finding_kind::FindingKind;
use crate::raster::geometry::PixelRect;
use crate::raster::label_map::{LabelMap, TileRow};

/// Pixels of a region in some zones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    pixels: u64,
    bounds: PixelRect,
}

/// The pixels of a region whose zone is one of `ids`.
fn share(piece: &Piece<'_>, zones: &LabelMap, ids: &[u8]) -> Share {
    let mut share = Share { pixels: 0, bounds: PixelRect::EMPTY };
    for run in piece.runs {
        zones.for_each_span_in_row(run.y, run.x0, run.x1, |x0, x1, values| match values {
            TileRow::Uniform(v) => {
                if ids.contains(&v) {
                    share.pixels += u64::from(x1 - x0);
                    share.bounds = share.bounds.union(PixelRect::new(x0, run.y, x1, run.y + 1));
                }
            }
            TileRow::Pixels(row) => {
                for (x, _) in (x0..).zip(row).filter(|(_, v)| ids.contains(v)) {
                    share.pixels += 1;
                    share.bounds = share.bounds.union(PixelRect::new(x, run.y, x + 1, run.y + 1));
                }
            }
        });
    }
    share
}

impl Hygiene {
    pub(super) fn zones(&self, piece: &Piece<'_>, around: &Surroundings<'_>, out: &mut Vec<Finding>) {
        let Some(zones) = around.zones else { return };
        let percent = |share: Share| 100.0 * share.pixels as f64 / piece.pixels.max(1) as f64;
        if !around.ignored_zones.is_empty() {
            let ignored = share(piece, zones, around.ignored_zones);
            if percent(ignored) >= self.ignored_percent {
                let message = format!("{:.0} % of it lies in an ignored zone, where nothing is measured", percent(ignored));
                out.push(Finding::new(FindingKind::InIgnoreZone, Some(piece.name()), piece.bounds, message));
            }
        }
        if !around.off_part.is_empty() {
            let off = share(piece, zones, around.off_part);
            if off.pixels > self.off_part_px && percent(off) > self.off_part_percent {
                let message = format!("{} px ({:.0} %) lie beside the part, in no zone", off.pixels, percent(off));
                out.push(Finding::new(FindingKind::OffPart, Some(piece.name()), off.bounds, message));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::hygiene::tests::map_of;

    #[test]
    fn pixels_beside_the_part_and_in_ignored_zones_are_counted() {
        // Columns 0..10 of zone 1, 10..20 of zone 2 (ignored), the rest in no zone.
        let zones = map_of(300, 40, |x, _| {
            if x < 10 {
                1
            } else if x < 20 {
                2
            } else {
                0
            }
        });
        let label = map_of(300, 40, |x, y| match (x, y) {
            (2..8, 2..8) => 1,      // on the part
            (4..18, 12..18) => 2,   // 8 of 14 columns ignored
            (11..24, 22..28) => 3,  // 9 of 13 ignored, 4 beside the part
            (19..299, 32..38) => 4, // one column ignored, the rest beside
            _ => 0,
        });
        let around = Surroundings { zones: Some(&zones), ignored_zones: &[2], off_part: &[0], ..Surroundings::default() };
        let components = crate::raster::Components::of(&label);
        let found = Hygiene::default().findings_in(&label, &components, &around);
        let of = |kind| found.iter().filter(|f| f.kind == kind).map(|f| (f.class, f.bounds)).collect::<Vec<_>>();
        assert_eq!(of(FindingKind::InIgnoreZone), [(2, PixelRect::new(4, 12, 18, 18)), (3, PixelRect::new(11, 22, 24, 28))]);
        assert_eq!(of(FindingKind::OffPart), [(3, PixelRect::new(20, 22, 24, 28)), (4, PixelRect::new(20, 32, 299, 38))]);
        assert!(found.iter().any(|f| f.message.contains("24 px (31 %)")), "{found:?}");
    }
}
