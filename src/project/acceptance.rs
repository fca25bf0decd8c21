//! Findings of the annotation check that a person accepted as they are, with a reason: kept in the sidecar of the image.

use serde::{Deserialize, Serialize};

use super::note::Signature;
use crate::check::{Finding, FindingKind};
use crate::raster::label_map::TileRow;
use crate::raster::{LabelMap, PixelRect};

/// One finding that stays as it is. It holds for the pixels that were looked at: when the label changes there, the finding is open again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    pub kind: FindingKind,
    /// 0 for a finding about the whole image.
    pub class: u8,
    /// Where the finding lies.
    pub bounds: PixelRect,
    /// What the label was there: see [`fingerprint`].
    pub pixels: u64,
    pub reason: String,
    pub accepted: Signature,
}

impl Acceptance {
    /// Whether it speaks of this finding on this label.
    #[must_use]
    pub fn covers(&self, finding: &Finding, label: &LabelMap) -> bool {
        self.is_about(finding) && self.pixels == fingerprint(label, finding.bounds)
    }

    /// It was given for a finding of this kind at this place, perhaps on other pixels.
    #[must_use]
    pub fn is_about(&self, finding: &Finding) -> bool {
        (self.class, self.bounds) == (finding.class, finding.bounds) && is_same(self.kind, finding.kind)
    }
}

/// What is mainly wrong with a boundary may change with the tolerance; it is one finding still.
fn is_same(a: FindingKind, b: FindingKind) -> bool {
    matches!((a, b), (FindingKind::Boundary(_), FindingKind::Boundary(_))) || a == b
}

/// FNV-1a (64 bit) over the runs of the label inside `bounds` grown by a pixel, and over the size of the map. Equal labels have equal
/// fingerprints on every machine.
#[must_use]
pub fn fingerprint(label: &LabelMap, bounds: PixelRect) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    let around = bounds.grown(1, label.width(), label.height());
    let mut hash = OFFSET;
    let mut mix = |value: u32| {
        for byte in value.to_le_bytes() {
            hash = (hash ^ u64::from(byte)).wrapping_mul(PRIME);
        }
    };
    [label.width(), label.height(), around.x0, around.y0, around.x1, around.y1].into_iter().for_each(&mut mix);
    for y in around.y0..around.y1 {
        // Runs of the row as a whole: how the map is cut into tiles must not show.
        let mut run: Option<(u8, u32)> = None;
        let mut extend = |value: u8, length: u32| match &mut run {
            Some((v, n)) if *v == value => *n += length,
            _ => {
                if let Some((v, n)) = run.replace((value, length)) {
                    mix(u32::from(v));
                    mix(n);
                }
            }
        };
        label.for_each_span_in_row(y, around.x0, around.x1, |x0, x1, values| match values {
            TileRow::Uniform(value) => extend(value, x1 - x0),
            TileRow::Pixels(pixels) => pixels.iter().for_each(|&value| extend(value, 1)),
        });
        if let Some((v, n)) = run {
            mix(u32::from(v));
            mix(n);
        }
    }
    hash
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_sees_every_pixel_in_reach_and_none_beyond() {
        let mut label = LabelMap::new(40, 30);
        label.fill_span(10, 12, 18, 2);
        let bounds = PixelRect::new(12, 10, 18, 11);
        let before = fingerprint(&label, bounds);
        for y in 0..30 {
            for x in 0..40 {
                let mut changed = label.clone();
                let value = if label.get(x, y) == 0 { 3 } else { 0 };
                changed.fill_span(y, x, x + 1, value);
                let is_in_reach = (11..19).contains(&x) && (9..12).contains(&y);
                assert_eq!(fingerprint(&changed, bounds) != before, is_in_reach, "pixel {x}, {y}");
            }
        }
    }
}
