//! From a photo to the numbers that a model wants.

use super::card::{CardInput, Colour, Layout};
use super::engine::Tensor;
use crate::raster::{Photo, PixelRect};

/// The card's input side, folded into one multiply and one add per channel.
pub(super) struct Preprocess<'a> {
    photo: &'a Photo,
    layout: Layout,
    colour: Colour,
    /// Per model channel: `value · gain + offset`.
    gain: Vec<f32>,
    offset: Vec<f32>,
}

impl<'a> Preprocess<'a> {
    /// The card must have passed its check. The photo's full scale is taken once, over the whole photo.
    pub(super) fn new(photo: &'a Photo, input: &CardInput) -> Self {
        // A float photo without a positive value has no scale to speak of; it stays as it is.
        let full_scale = photo.full_scale();
        let to_8_bit = if full_scale > f32::MIN_POSITIVE { 255.0 / f64::from(full_scale) } else { 1.0 };
        let gain = input.std.iter().map(|&std| (to_8_bit * f64::from(input.scale) / f64::from(std)) as f32).collect();
        let offset = input.mean.iter().zip(&input.std).map(|(&mean, &std)| (-f64::from(mean) / f64::from(std)) as f32).collect();
        Self { photo, layout: input.layout, colour: input.colour, gain, offset }
    }

    /// The part of the photo inside `rect`; beyond its right and lower border the last pixel is repeated. `rect` must start inside.
    pub(super) fn window(&self, rect: PixelRect) -> Tensor {
        let (width, height) = (rect.width() as usize, rect.height() as usize);
        let channels = self.gain.len();
        let inside = rect.intersection(self.photo.rect());
        let mut tensor = self.blank(width, height);
        let mut rows = vec![vec![0.0_f32; width]; channels];
        for y in 0..height {
            if y < inside.height() as usize {
                self.read_row(rect.y0 + y as u32, inside.x0, inside.x1, &mut rows);
                for row in &mut rows {
                    let last = row[inside.width() as usize - 1];
                    row[inside.width() as usize..].fill(last);
                }
            }
            self.write_row(&mut tensor.data, y, width, height, &rows);
        }
        tensor
    }

    /// The whole photo resized to `width × height`: bilinear, centres aligned (`x' = (x + ½)·W/w − ½`), clamped at the border.
    pub(super) fn resized(&self, width: u32, height: u32) -> Tensor {
        let columns = taps(width, self.photo.width());
        let rows = taps(height, self.photo.height());
        let (width, height) = (width as usize, height as usize);
        let channels = self.gain.len();
        let source_row = || vec![vec![0.0_f32; self.photo.width() as usize]; channels];
        let (mut upper, mut lower) = (source_row(), source_row());
        let mut out = vec![vec![0.0_f32; width]; channels];
        let mut tensor = self.blank(width, height);
        for (y, tap) in rows.iter().enumerate() {
            self.read_row(tap.low, 0, self.photo.width(), &mut upper);
            self.read_row(tap.high, 0, self.photo.width(), &mut lower);
            for ((out, upper), lower) in out.iter_mut().zip(&upper).zip(&lower) {
                for (out, column) in out.iter_mut().zip(&columns) {
                    *out = mix(column.sample(upper), column.sample(lower), tap.weight);
                }
            }
            self.write_row(&mut tensor.data, y, width, height, &out);
        }
        tensor
    }

    fn blank(&self, width: usize, height: usize) -> Tensor {
        let channels = self.gain.len();
        let shape = match self.layout {
            Layout::Nchw => vec![1, channels, height, width],
            Layout::Nhwc => vec![1, height, width, channels],
        };
        Tensor { shape, data: vec![0.0; channels * height * width] }
    }

    /// Columns `x0..x1` of row `y` as the model's channels, already scaled. The photo's format is asked once per row.
    fn read_row(&self, y: u32, x0: u32, x1: u32, out: &mut [Vec<f32>]) {
        let range = x0 as usize..x1 as usize;
        match self.photo {
            Photo::Gray8(p) => self.gray_row(&p.row(y)[range].iter().map(|&v| f32::from(v)), out),
            Photo::Gray16(p) => self.gray_row(&p.row(y)[range].iter().map(|&v| f32::from(v)), out),
            Photo::GrayF32(p) => self.gray_row(&p.row(y)[range].iter().copied(), out),
            Photo::Rgb8(p) => self.colour_row(&p.row(y)[range].iter().map(|v| v.map(f32::from)), out),
            Photo::Rgb16(p) => self.colour_row(&p.row(y)[range].iter().map(|v| v.map(f32::from)), out),
        }
    }

    fn gray_row(&self, values: &(impl Iterator<Item = f32> + Clone), out: &mut [Vec<f32>]) {
        for (channel, row) in out.iter_mut().enumerate() {
            let (gain, offset) = (self.gain[channel], self.offset[channel]);
            for (target, value) in row.iter_mut().zip(values.clone()) {
                *target = value * gain + offset;
            }
        }
    }

    fn colour_row(&self, values: &(impl Iterator<Item = [f32; 3]> + Clone), out: &mut [Vec<f32>]) {
        match self.colour {
            // Rec. 601 luma, as `Photo::gray_at`.
            Colour::Gray => self.gray_row(&values.clone().map(|[r, g, b]| 0.299 * r + 0.587 * g + 0.114 * b), out),
            Colour::Rgb | Colour::Bgr => {
                for (channel, row) in out.iter_mut().enumerate() {
                    let (gain, offset) = (self.gain[channel], self.offset[channel]);
                    let source = if self.colour == Colour::Bgr { 2 - channel } else { channel };
                    for (target, value) in row.iter_mut().zip(values.clone()) {
                        *target = value[source] * gain + offset;
                    }
                }
            }
        }
    }

    fn write_row(&self, data: &mut [f32], y: usize, width: usize, height: usize, rows: &[Vec<f32>]) {
        match self.layout {
            Layout::Nchw => {
                for (channel, row) in rows.iter().enumerate() {
                    let start = (channel * height + y) * width;
                    data[start..start + width].copy_from_slice(row);
                }
            }
            Layout::Nhwc => {
                let channels = rows.len();
                let target = &mut data[y * width * channels..(y + 1) * width * channels];
                for (channel, row) in rows.iter().enumerate() {
                    for (pixel, &value) in target.chunks_exact_mut(channels).zip(row) {
                        pixel[channel] = value;
                    }
                }
            }
        }
    }
}

/// Where one output pixel falls between two source pixels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tap {
    pub low: u32,
    pub high: u32,
    /// Share of `high`, 0–1.
    pub weight: f32,
}

impl Tap {
    /// The value between two neighbours of a row.
    pub(super) fn sample(&self, row: &[f32]) -> f32 {
        mix(row[self.low as usize], row[self.high as usize], self.weight)
    }

    /// The nearer of the two.
    pub(super) const fn nearest(&self) -> u32 {
        if self.weight < 0.5 { self.low } else { self.high }
    }
}

/// `a` at weight 0, `b` at weight 1; exact when both are equal.
pub(super) fn mix(a: f32, b: f32, weight: f32) -> f32 {
    a + (b - a) * weight
}

/// The taps that resize an axis of `from` px to `to` px with pixel centres aligned.
pub(super) fn taps(to: u32, from: u32) -> Vec<Tap> {
    let ratio = f64::from(from) / f64::from(to);
    (0..to)
        .map(|i| {
            let at = ((f64::from(i) + 0.5) * ratio - 0.5).clamp(0.0, f64::from(from - 1));
            let low = at.floor();
            Tap { low: low as u32, high: (low as u32 + 1).min(from - 1), weight: (at - low) as f32 }
        })
        .collect()
}
