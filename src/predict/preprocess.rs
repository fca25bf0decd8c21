//! From a photo to the numbers that a model wants.

use super::card::{CardInput, Colour, Layout, Resize};
use super::engine::Tensor;
use super::resample::weights;
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
    /// The card must have passed its check. `full_scale` is that of the whole photo, of which `photo` may be a part.
    pub(super) fn new(photo: &'a Photo, full_scale: f32, input: &CardInput) -> Self {
        // A float photo without a positive value has no scale to speak of; it stays as it is.
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

    /// The whole photo resized to `width × height`. Every row of the photo is read once and added to the rows that it has a share in.
    pub(super) fn resized(&self, width: u32, height: u32, resize: Resize) -> Tensor {
        let columns = weights(width, self.photo.width(), resize);
        let rows = weights(height, self.photo.height(), resize);
        let (width, height) = (width as usize, height as usize);
        let channels = self.gain.len();
        let mut source = vec![vec![0.0_f32; self.photo.width() as usize]; channels];
        let mut narrow = vec![0.0_f32; width];
        let mut planes = vec![vec![0.0_f32; width * height]; channels];
        let mut first = 0;
        for y in 0..self.photo.height() as usize {
            while first < height && rows[first].end() <= y {
                first += 1;
            }
            let shares = || (first..height).take_while(|&row| rows[row].start <= y);
            if shares().next().is_none() {
                continue;
            }
            self.read_row(y as u32, 0, self.photo.width(), &mut source);
            for (plane, source) in planes.iter_mut().zip(&source) {
                for (value, column) in narrow.iter_mut().zip(&columns) {
                    *value = column.mean(source);
                }
                for row in shares() {
                    let Some(&share) = rows[row].values.get(y - rows[row].start) else { continue };
                    let target = &mut plane[row * width..(row + 1) * width];
                    target.iter_mut().zip(&narrow).for_each(|(target, value)| *target += share * value);
                }
            }
        }
        let mut tensor = self.blank(width, height);
        let mut rows = vec![Vec::new(); channels];
        for y in 0..height {
            for (row, plane) in rows.iter_mut().zip(&planes) {
                row.clear();
                row.extend_from_slice(&plane[y * width..(y + 1) * width]);
            }
            self.write_row(&mut tensor.data, y, width, height, &rows);
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
