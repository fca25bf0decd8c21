//! Puts the answers of neighbouring tiles together: where two of them see the same pixels their values are mixed, with weights that run
//! linearly from one to the other, so that no seam shows where two tiles are of different opinion. In a corner four take part.
//!
//! Tiles come row by row, from left to right. Only what a later tile still mixes with is kept: a strip of the tile to the left, and a strip
//! of the row above as wide as the photo. What is mixed is what the model gives: probabilities, or scores where the card says `logits`.

use super::answer::Answer;
use super::resample::{Tap, mix, taps};
use super::tiling::Stretch;

/// Values of all channels: `channels` planes of `height` rows of `width`.
#[derive(Default)]
struct Strip {
    width: usize,
    height: usize,
    data: Vec<f32>,
}

impl Strip {
    fn reset(&mut self, channels: usize, width: usize, height: usize) {
        (self.width, self.height) = (width, height);
        self.data.resize(channels * width * height, 0.0);
    }

    fn row(&self, channel: usize, y: usize) -> &[f32] {
        let start = (channel * self.height + y) * self.width;
        &self.data[start..start + self.width]
    }

    fn row_mut(&mut self, channel: usize, y: usize) -> &mut [f32] {
        let start = (channel * self.height + y) * self.width;
        &mut self.data[start..start + self.width]
    }
}

/// What is kept between tiles of one photo.
#[derive(Default)]
pub(super) struct Mosaic {
    /// Values of indices cannot be mixed: the nearest one is taken where an answer is resized.
    nearest: bool,
    /// Photo width in px.
    width: usize,
    /// What the tile to the left says where the next one takes over, and the same of the present tile.
    left: Strip,
    next_left: Strip,
    /// What the row of tiles above says where the next one takes over, and the same of the present row.
    above: Strip,
    next_above: Strip,
    /// One row per channel at the size of the photo.
    line: Vec<Vec<f32>>,
}

impl Mosaic {
    pub(super) fn new(photo_width: u32, nearest: bool) -> Self {
        Self { nearest, width: photo_width as usize, ..Self::default() }
    }

    /// Takes the answer of the tile in this row and column, which has the size of the tile or a fraction of it, and hands over every stretch
    /// of pixels that is settled now: its first pixel (x, y) in the photo and one slice of values per channel. Every pixel is settled once.
    pub(super) fn place(&mut self, answer: &Answer, row: &Stretch, column: &Stretch, mut settled: impl FnMut(u32, u32, &[&[f32]])) {
        let same_size = answer.width == column.length && answer.height == row.length;
        let columns = taps(column.length, answer.width);
        let rows = taps(row.length, answer.height);
        let (fade_in, fade_out) = (2 * column.fade_in as usize, 2 * column.fade_out as usize);
        let (above, below) = (2 * row.fade_in as usize, 2 * row.fade_out as usize);
        // What this tile has a say in; the last `fade_out` columns wait for the next tile.
        let (x0, x1) = (column.keep_from - column.fade_in, column.keep_to + column.fade_out);
        let (y0, y1) = (row.keep_from - row.fade_in, row.keep_to + row.fade_out);
        let width = (x1 - x0) as usize;
        let inside = (x0 - column.start) as usize..(x1 - column.start) as usize;
        self.next_left.reset(answer.channels, fade_out, (y1 - y0) as usize);
        if column.start == 0 {
            self.next_above.reset(answer.channels, self.width, below);
        }
        self.line.resize_with(answer.channels, Vec::new);
        self.line.iter_mut().for_each(|line| line.resize(width, 0.0));
        let settled_width = width - fade_out;
        let target = x0 as usize..x0 as usize + settled_width;
        for (i, y) in (y0..y1).enumerate() {
            let at = y - row.start;
            if same_size && fade_in + fade_out + above + below == 0 {
                let planes: Vec<&[f32]> = (0..answer.channels).map(|c| &answer.row(c, at)[inside.clone()]).collect();
                settled(x0, y, &planes);
                continue;
            }
            for (channel, line) in self.line.iter_mut().enumerate() {
                if same_size {
                    line.copy_from_slice(&answer.row(channel, at)[inside.clone()]);
                } else {
                    resized(answer, channel, &rows[at as usize], &columns[inside.clone()], self.nearest, line);
                }
                if fade_in > 0 {
                    for (x, (value, left)) in line.iter_mut().zip(self.left.row(channel, i)).enumerate() {
                        *value = blend(*left, *value, weight(x, fade_in));
                    }
                }
                self.next_left.row_mut(channel, i).copy_from_slice(&line[settled_width..]);
                if i < above {
                    let weight = weight(i, above);
                    let upper = &self.above.row(channel, i)[target.clone()];
                    line.iter_mut().zip(upper).for_each(|(value, upper)| *value = blend(*upper, *value, weight));
                }
                if y + row.fade_out >= row.keep_to {
                    let below_at = (y + row.fade_out - row.keep_to) as usize;
                    if below_at < below {
                        self.next_above.row_mut(channel, below_at)[target.clone()].copy_from_slice(&line[..settled_width]);
                    }
                }
            }
            if y + row.fade_out < row.keep_to {
                let planes: Vec<&[f32]> = self.line.iter().map(|line| &line[..settled_width]).collect();
                settled(x0, y, &planes);
            }
        }
        std::mem::swap(&mut self.left, &mut self.next_left);
    }

    /// To be called after the last tile of a row.
    pub(super) fn end_row(&mut self) {
        std::mem::swap(&mut self.above, &mut self.next_above);
    }
}

/// The share of the later tile at pixel `i` of `length` px that both see: the centre of the pixel on a line from 0 to 1.
fn weight(i: usize, length: usize) -> f32 {
    (i as f32 + 0.5) / length as f32
}

/// `a` at weight 0, `b` at weight 1. Exact when both are equal, and a score of infinity spoils nothing beyond itself.
fn blend(a: f32, b: f32, weight: f32) -> f32 {
    if a == b { a } else { a * (1.0 - weight) + b * weight }
}

/// One row of one channel brought to the size of the photo: bilinear with pixel centres aligned, so that borders stay smooth, or the nearest.
fn resized(answer: &Answer, channel: usize, row: &Tap, columns: &[Tap], nearest: bool, out: &mut [f32]) {
    if nearest {
        let source = answer.row(channel, row.nearest());
        out.iter_mut().zip(columns).for_each(|(out, column)| *out = source[column.nearest() as usize]);
        return;
    }
    let (upper, lower) = (answer.row(channel, row.low), answer.row(channel, row.high));
    for (out, column) in out.iter_mut().zip(columns) {
        *out = mix(column.sample(upper), column.sample(lower), row.weight);
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::tiling::Tiling;
    use super::*;

    /// Feeds tiles whose answer at a photo pixel is `value(tile column, tile row, x, y, channel)` and gathers what is settled.
    fn run(
        size: (u32, u32),
        tiling: Tiling,
        multiple: u32,
        value: impl Fn(usize, usize, u32, u32, usize) -> f32,
    ) -> Vec<[Option<f32>; 2]> {
        let (width, height) = size;
        let mut settled = vec![[None; 2]; (width * height) as usize];
        let mut mosaic = Mosaic::new(width, false);
        let columns = tiling.stretches(width, multiple, true);
        for (j, row) in tiling.stretches(height, multiple, true).iter().enumerate() {
            for (i, column) in columns.iter().enumerate() {
                let mut data = Vec::new();
                for c in 0..2 {
                    for y in row.start..row.start + row.length {
                        data.extend((column.start..column.start + column.length).map(|x| value(i, j, x, y, c)));
                    }
                }
                let answer = Answer::of_planes(2, column.length, row.length, data);
                mosaic.place(&answer, row, column, |x, y, planes| {
                    for (c, plane) in planes.iter().enumerate() {
                        for (k, &v) in plane.iter().enumerate() {
                            let at = &mut settled[(y * width + x) as usize + k][c];
                            assert!(at.is_none(), "pixel {} {y} is settled twice", x as usize + k);
                            *at = Some(v);
                        }
                    }
                });
            }
            mosaic.end_row();
        }
        settled
    }

    /// How much each stretch has to say at a pixel, by the definition: the whole outside of what is shared, a line inside.
    fn shares(stretches: &[Stretch], x: u32) -> Vec<f64> {
        let x = f64::from(x) + 0.5;
        let ramp = |border: u32, half: u32| {
            if half == 0 {
                f64::from(u8::from(x > f64::from(border)))
            } else {
                ((x - f64::from(border)) / f64::from(2 * half) + 0.5).clamp(0.0, 1.0)
            }
        };
        let last = stretches.len() - 1;
        (0..=last)
            .map(|i| {
                let rise = if i == 0 { 1.0 } else { ramp(stretches[i].keep_from, stretches[i].fade_in) };
                rise - if i == last { 0.0 } else { ramp(stretches[i].keep_to, stretches[i].fade_out) }
            })
            .collect()
    }

    proptest! {
        #[test]
        fn what_all_tiles_agree_on_stays_bit_by_bit_and_every_pixel_is_settled_once(
            width in 1_u32..150, height in 1_u32..90, side in 16_u32..60, overlap in 0_u32..30, multiple in 1_u32..9,
        ) {
            // Any float: what is equal in both tiles must come through unchanged.
            let value = |x: u32, y: u32, c: usize| f32::from_bits((x * 7919 + y * 104_729 + c as u32).wrapping_mul(2_654_435_761) >> 2);
            let settled = run((width, height), Tiling { side, overlap }, multiple, |_, _, x, y, c| value(x, y, c));
            for y in 0..height {
                for x in 0..width {
                    let found = settled[(y * width + x) as usize].map(|v| v.map(f32::to_bits));
                    prop_assert_eq!(found, [0, 1].map(|c| Some(value(x, y, c).to_bits())));
                }
            }
        }

        #[test]
        fn where_tiles_differ_their_values_are_mixed_with_linear_weights_that_sum_to_one(
            width in 1_u32..150, height in 1_u32..90, side in 16_u32..60, overlap in 0_u32..30, multiple in 1_u32..9,
        ) {
            let tiling = Tiling { side, overlap };
            let opinion = |i: usize, j: usize, c: usize| ((i * 5 + j * 11 + c * 3) % 17) as f32 / 16.0;
            let settled = run((width, height), tiling, multiple, |i, j, _, _, c| opinion(i, j, c));
            let (columns, rows) = (tiling.stretches(width, multiple, true), tiling.stretches(height, multiple, true));
            for y in 0..height {
                let down = shares(&rows, y);
                for x in 0..width {
                    let across = shares(&columns, x);
                    prop_assert!((across.iter().sum::<f64>() - 1.0).abs() < 1e-12 && across.iter().all(|s| *s >= 0.0));
                    #[expect(clippy::needless_range_loop, reason = "the channel is the index of three lists")]
                    for c in 0..2 {
                        let mut expected = 0.0;
                        for (j, v) in down.iter().enumerate() {
                            for (i, u) in across.iter().enumerate() {
                                expected += u * v * f64::from(opinion(i, j, c));
                            }
                        }
                        let found = f64::from(settled[(y * width + x) as usize][c].unwrap());
                        prop_assert!((found - expected).abs() < 1e-6, "at {} {}: {} instead of {}", x, y, found, expected);
                    }
                }
            }
        }
    }

    #[test]
    fn infinite_scores_do_not_become_undefined() {
        assert_eq!(blend(f32::NEG_INFINITY, f32::NEG_INFINITY, 0.5), f32::NEG_INFINITY);
        assert_eq!(blend(f32::NEG_INFINITY, 1.0, 0.5), f32::NEG_INFINITY);
        assert_eq!(blend(1.0, f32::INFINITY, 0.5), f32::INFINITY);
    }
}
