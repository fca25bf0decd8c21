//! A model's answer as planes, checked against its card.

use super::card::{Layout, ModelCard};
use super::engine::Tensor;
use super::error::PredictError;

/// One plane per output channel, each `height` rows of `width` values.
pub(super) struct Answer {
    pub channels: usize,
    pub width: u32,
    pub height: u32,
    data: Vec<f32>,
}

impl Answer {
    /// Understands `[1, C, H, W]`, `[1, H, W, C]`, `[C, H, W]` and, for one channel, `[1, H, W]`. The number of channels comes from the
    /// card and the size must be that of the input (`width × height` px) or a whole fraction of it, as models that answer at a
    /// quarter of their input do. Where both orders of the axes fit, the card's input layout decides.
    pub(super) fn new(tensor: Tensor, card: &ModelCard, width: u32, height: u32) -> Result<Self, PredictError> {
        let channels = card.output_channels();
        let wrong = |problem: String| PredictError::WrongOutput { card: card.name.clone(), problem };
        if tensor.data.len() != tensor.shape.iter().product::<usize>() {
            return Err(wrong(format!("{} values do not fill the shape {:?}", tensor.data.len(), tensor.shape)));
        }
        let fits = |w: usize, h: usize| {
            let (width, height) = (width as usize, height as usize);
            w > 0 && h > 0 && width.is_multiple_of(w) && height.is_multiple_of(h) && width / w == height / h
        };
        let as_nchw = match *tensor.shape.as_slice() {
            [1, c, h, w] | [c, h, w] if c == channels && fits(w, h) => Some((w, h)),
            _ => None,
        };
        let as_nhwc = match *tensor.shape.as_slice() {
            [1, h, w, c] if c == channels && fits(w, h) => Some((w, h)),
            _ => None,
        };
        let (order, (w, h)) = match (as_nchw, as_nhwc, card.input.layout) {
            (Some(size), None, _) | (Some(size), Some(_), Layout::Nchw) => (Layout::Nchw, size),
            (None, Some(size), _) | (Some(_), Some(size), Layout::Nhwc) => (Layout::Nhwc, size),
            (None, None, _) => return Err(wrong(misfit(&tensor.shape, channels, width, height))),
        };
        let data = match order {
            Layout::Nchw => tensor.data,
            Layout::Nhwc => planar(&tensor.data, channels),
        };
        Ok(Self { channels, width: w as u32, height: h as u32, data })
    }

    /// Row `y` of one channel.
    pub(super) fn row(&self, channel: usize, y: u32) -> &[f32] {
        let start = (channel * self.height as usize + y as usize) * self.width as usize;
        &self.data[start..start + self.width as usize]
    }
}

/// Why a shape is no map for this card.
fn misfit(shape: &[usize], channels: usize, width: u32, height: u32) -> String {
    if shape.len() < 3 {
        return format!("{NO_MAP}; its shape is {shape:?}");
    }
    format!(
        "expected {channels} channel(s) of {width} × {height} px, or a whole fraction of that size, but the shape is {shape:?}. The card needs \
         one class name per channel, and its size must be what the model takes"
    )
}

/// Said of classifiers and detectors.
pub(super) const NO_MAP: &str = "the model gives no value per pixel: it looks like a classifier. If it is one, write `kind: classifier` in its card; other kinds \
     answer with a map";

fn planar(interleaved: &[f32], channels: usize) -> Vec<f32> {
    let pixels = interleaved.len() / channels;
    let mut data = vec![0.0; interleaved.len()];
    for (channel, plane) in data.chunks_exact_mut(pixels.max(1)).enumerate() {
        for (target, pixel) in plane.iter_mut().zip(interleaved.chunks_exact(channels)) {
            *target = pixel[channel];
        }
    }
    data
}
