//! Cuts an axis into overlapping tiles, and says where one hands over to the next: the memory of a run stays bounded for any photo.

/// How large photos are cut for models of dynamic size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiling {
    /// Longest side of a tile in px; rounded down to what the model accepts.
    pub side: u32,
    /// Columns or rows that neighbouring tiles share at least, in px. Around the middle of what they share their answers are mixed over half
    /// this length: the outermost pixels of a tile, where a network sees the border as if the photo ended there, count for nothing. Class
    /// indices, which cannot be mixed, are cut in the middle.
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
    /// Pixels for which no other stretch counts more, `keep_from..keep_to`, in photo coordinates.
    pub keep_from: u32,
    pub keep_to: u32,
    /// This many px on each side of `keep_from` the answer is mixed with that of the stretch before.
    pub fade_in: u32,
    /// This many px on each side of `keep_to` the answer is mixed with that of the stretch after.
    pub fade_out: u32,
}

impl Stretch {
    /// The whole axis at once.
    pub(super) const fn whole(length: u32) -> Self {
        Self { start: 0, length, keep_from: 0, keep_to: length, fade_in: 0, fade_out: 0 }
    }
}

impl Tiling {
    /// Covers `length` px with stretches that start and end at multiples of `multiple`. The kept parts follow each other without gap, and
    /// no pixel is mixed from more than two stretches. Without `mixed` nothing is mixed.
    pub(super) fn stretches(self, length: u32, multiple: u32, mixed: bool) -> Vec<Stretch> {
        let multiple = multiple.max(1);
        let padded = length.next_multiple_of(multiple);
        let side = (self.side / multiple * multiple).max(multiple);
        if padded <= side {
            return vec![Stretch { length: padded, ..Stretch::whole(length) }];
        }
        let step = (side.saturating_sub(self.overlap) / multiple * multiple).max(multiple);
        let last = padded - side;
        let mut starts: Vec<u32> = (0..last).step_by(step as usize).collect();
        starts.push(last);
        // Between two neighbours the middle of what both see is the border.
        let mut borders = vec![0];
        borders.extend(starts.windows(2).map(|pair| u32::midpoint(pair[1], pair[0] + side).min(length)));
        borders.push(length);
        let fade = |i: usize| {
            if !mixed || i == 0 || i == starts.len() {
                return 0;
            }
            let border = borders[i];
            // Both see it, and no two of them meet.
            let shared = (border - starts[i].min(border)).min((starts[i - 1] + side).saturating_sub(border));
            (self.overlap / 4).min(shared).min((border - borders[i - 1]) / 2).min((borders[i + 1] - border) / 2)
        };
        (0..starts.len())
            .map(|i| Stretch {
                start: starts[i],
                length: side,
                keep_from: borders[i],
                keep_to: borders[i + 1],
                fade_in: fade(i),
                fade_out: fade(i + 1),
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
        let stretches = Tiling::default().stretches(403, 16, true);
        assert_eq!(stretches, [Stretch { length: 416, ..Stretch::whole(403) }]);
    }

    #[test]
    fn a_large_one_is_handed_over_around_the_middle_of_the_overlap() {
        let tiling = Tiling { side: 100, overlap: 20 };
        let stretch =
            |start, keep_from, keep_to, fade_in, fade_out| Stretch { start, length: 100, keep_from, keep_to, fade_in, fade_out };
        assert_eq!(tiling.stretches(180, 10, true), [stretch(0, 0, 90, 0, 5), stretch(80, 90, 180, 5, 0)]);
        assert_eq!(tiling.stretches(180, 10, false), [stretch(0, 0, 90, 0, 0), stretch(80, 90, 180, 0, 0)]);
        // The last tile is pushed back to the border and shares more; it is mixed over no more than the others.
        let pushed = tiling.stretches(200, 10, true);
        assert_eq!(pushed, [stretch(0, 0, 90, 0, 5), stretch(80, 90, 140, 5, 5), stretch(100, 140, 200, 5, 0)]);
    }

    proptest! {
        #[test]
        fn every_pixel_is_kept_once_with_half_the_overlap_around_it(
            length in 1_u32..3000, multiple in 1_u32..40, side in 64_u32..400, overlap in 0_u32..60,
        ) {
            let tiling = Tiling { side, overlap };
            let stretches = tiling.stretches(length, multiple, true);
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
            prop_assert!(stretches[0].fade_in == 0 && stretches[stretches.len() - 1].fade_out == 0);
            for pair in stretches.windows(2) {
                let (a, b) = (pair[0], pair[1]);
                prop_assert_eq!(a.fade_out, b.fade_in);
                // What is mixed is seen by both, lies in the photo, and ends before the next mixing begins.
                prop_assert!(b.start <= b.keep_from - b.fade_in && a.keep_to + a.fade_out <= a.start + a.length);
                prop_assert!(a.keep_to + a.fade_out <= length);
                prop_assert!(b.keep_from + b.fade_in <= b.keep_to - b.fade_out.min(b.keep_to));
                prop_assert!(a.fade_out <= overlap / 4);
            }
        }
    }
}
