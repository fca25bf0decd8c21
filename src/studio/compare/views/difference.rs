//! Where the two sides part, with the distance of every such pixel from the other side's boundary: worked out once in the background,
//! then shown under any tolerance by other colours alone.

use std::sync::Arc;

use delimit::compare::{Agreement, Disagreement, DisagreementCounts};
use delimit::jobs::Job;
use delimit::raster::MaxPyramid;
use egui::Color32;

use super::prepared::Prepared;
use crate::studio::app::Studio;
use crate::studio::canvas::Palette;
use crate::studio::theme::Theme;

/// How much of its colour a disagreement within the tolerance keeps.
const FAINT: f32 = 0.3;

/// The identities of both maps.
type Key = (u64, u64);

/// A difference that can be drawn.
#[derive(Clone)]
pub struct Difference {
    pub disagreement: Arc<Disagreement>,
    pub pooled: Arc<MaxPyramid>,
    /// Of its textures.
    pub revision: u64,
}

/// Differences of the images that were looked at last.
pub struct Differences(Prepared<Key, Option<Difference>>);

impl Default for Differences {
    fn default() -> Self {
        Self(Prepared::new(6))
    }
}

impl Differences {
    pub const fn is_busy(&self) -> bool {
        self.0.is_busy()
    }

    pub fn poll(&mut self) -> Option<String> {
        self.0.poll()
    }
}

impl Studio {
    fn difference_key(&mut self, image: usize) -> Option<Key> {
        let [first, second] = self.view.compare.sides;
        Some((self.side_map(first, image)?.identity, self.side_map(second, image)?.identity))
    }

    pub(super) fn want_difference(&mut self, image: usize) {
        let [first, second] = self.view.compare.sides;
        let (Some(first), Some(second)) = (self.side_map(first, image), self.side_map(second, image)) else { return };
        let waker = self.waker();
        self.compare_views.differences.0.want((first.identity, second.identity), || {
            Job::start("difference", waker, move |cx| {
                // Identities grow, so of two numbers one is new whenever a map is.
                let revision = first.identity.wrapping_mul(1 << 32) ^ second.identity;
                cx.send(Disagreement::of(&first.map, &second.map).map(|disagreement| {
                    let pooled = Arc::new(MaxPyramid::build(disagreement.map.clone()));
                    Difference { disagreement: Arc::new(disagreement), pooled, revision }
                }));
                Ok(())
            })
        });
    }

    /// The difference of an image as soon as it is there; None before, and for maps of two sizes.
    pub(super) fn difference(&mut self, image: usize) -> Option<Difference> {
        let key = self.difference_key(image)?;
        self.compare_views.differences.0.get(&key)?.clone()
    }

    /// The counts under the tolerance of the view.
    pub fn difference_counts(&mut self) -> Option<DisagreementCounts> {
        let counts = self.difference(self.view.image)?.disagreement.counts(self.view.compare.tolerance_px);
        Some(counts)
    }
}

/// The colours of a [`Disagreement`] under a tolerance.
pub fn difference_palette(theme: &Theme, tolerance_px: u32) -> Palette {
    let colour = |(value, kind, px): (u8, Agreement, u32)| {
        let full = match kind {
            Agreement::Nothing => Color32::TRANSPARENT,
            Agreement::Agreed => return (value, theme.agreed),
            Agreement::Missed => theme.missed,
            Agreement::Extra => theme.extra,
            Agreement::Confused => theme.review,
        };
        (value, if px <= tolerance_px { full.gamma_multiply(FAINT) } else { full })
    };
    Palette::of_classes(Disagreement::values().map(colour))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::studio::theme::DARK;

    #[test]
    fn only_disagreement_within_the_tolerance_is_faint() {
        for tolerance in 0..=8 {
            let palette = difference_palette(&DARK, tolerance);
            for (value, kind, px) in Disagreement::values() {
                let is_solid = palette.0[usize::from(value)].a() == 255;
                let is_beyond = px > tolerance && !matches!(kind, Agreement::Nothing | Agreement::Agreed);
                assert_eq!(is_solid, is_beyond, "{kind:?} at {px} px under {tolerance} px");
            }
        }
    }
}
