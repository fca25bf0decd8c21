//! Cuts an axis into overlapping tiles, of which only the inner part is used: the memory of a run stays bounded for any photo.

/// How large photos are cut for models of dynamic size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Longest side of a tile in px; rounded down to what the model accepts.
    pub side: u32,
    /// Columns or rows that neighbouring tiles share at least, in px. Each tile is believed up to the middle of what it shares.
    pub overlap: u32,
}

impl Default for Tiling {
    /// Larger tiles are not faster per pixel in either engine (measured up to 2048 px), they only take more memory.
    fn default() -> Self {
        Self { side: 1024, overlap: 64 }
    }
}

/// A stretch of one axis: what the model sees, and the part of its answer that is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// First pixel that the model sees.
    pub start: u32,
    /// How many it sees; may reach beyond the photo, where the last pixel is repeated.
    pub length: u32,
    /// Kept pixels, `keep_from..keep_to`, in photo coordinates.
    pub keep_from: u32,
    pub keep_to: u32,
}

impl Tiling {
    /// Covers `length` px with stretches that start and end at multiples of `multiple`. The kept parts follow each other without gap.
    pub(super) fn stretches(self, length: u32, multiple: u32) -> Vec<Stretch> {
        let multiple = multiple.max(1);
        let padded = length.next_multiple_of(multiple);
        let side = (self.side / multiple * multiple).max(multiple);
        if padded <= side {
            return vec![Stretch { start: 0, length: padded, keep_from: 0, keep_to: length }];
        }
        let step = (side.saturating_sub(self.overlap) / multiple * multiple).max(multiple);
        let last = padded - side;
        let mut starts: Vec<u32> = (0..last).step_by(step as usize).collect();
        starts.push(last);
        // Between two neighbours the middle of what both see is the border.
        let border = |a: u32, b: u32| (u32::midpoint(b, a + side)).min(length);
        (0..starts.len())
            .map(|i| Stretch {
                start: starts[i],
                length: side,
                keep_from: if i == 0 { 0 } else { border(starts[i - 1], starts[i]) },
                keep_to: if i + 1 == starts.len() { length } else { border(starts[i], starts[i + 1]) },
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_small_photo_is_one_padded_tile() {
        let stretches = Tiling::default().stretches(403, 16);
        assert_eq!(stretches, [Stretch { start: 0, length: 416, keep_from: 0, keep_to: 403 }]);
    }

    #[test]
    fn a_large_one_is_cut_in_the_middle_of_the_overlap() {
        let stretches = Tiling { side: 100, overlap: 20 }.stretches(180, 10);
        assert_eq!(
            stretches,
            [
                Stretch { start: 0, length: 100, keep_from: 0, keep_to: 90 },
                Stretch { start: 80, length: 100, keep_from: 90, keep_to: 180 },
            ]
        );
    }

    proptest! {
        #[test]
        fn every_pixel_is_kept_once_with_half_the_overlap_around_it(
            length in 1_u32..3000, multiple in 1_u32..40, side in 64_u32..400, overlap in 0_u32..60,
        ) {
            let tiling = Tiling { side, overlap };
            let stretches = tiling.stretches(length, multiple);
            let mut next = 0;
            for s in &stretches {
                prop_assert_eq!(s.keep_from, next);
                next = s.keep_to;
                prop_assert!(s.start % multiple == 0 && s.length % multiple == 0);
                prop_assert!(s.length <= side.max(multiple));
                prop_assert!(s.start <= s.keep_from && s.keep_to <= s.start + s.length);
                // At an inner border both neighbours see at least half the overlap further, unless the model's multiple forbids it.
                if side / multiple * multiple > overlap + multiple {
                    prop_assert!(s.keep_from == 0 || s.keep_from == length || s.keep_from - s.start >= overlap / 2);
                    prop_assert!(s.keep_to == length || s.start + s.length - s.keep_to >= overlap / 2);
                }
            }
            prop_assert_eq!(next, length);
        }
    }
}
