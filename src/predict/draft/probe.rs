//! What a model takes and gives, found out from its declarations and by running it on small pictures.

use crate::predict::card::{InputSize, Layout};
use crate::predict::engine::{Engine, Port, Tensor};
use crate::predict::error::PredictError;
use crate::predict::wiring::Wiring;

/// Side multiples that are tried on models of free size.
const MULTIPLES: [u32; 5] = [1, 8, 16, 32, 64];

/// What the input takes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Takes {
    pub layout: Layout,
    pub channels: u32,
    /// Fixed width and height as far as the file tells.
    pub width: Option<u32>,
    pub height: Option<u32>,
    /// The file leaves no other reading.
    pub is_certain: bool,
}

/// How an answer lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Form {
    pub channels: usize,
    /// Pixels of the map; 1 for a statement about the whole picture.
    pub pixels: usize,
    pub layout: Layout,
}

impl Form {
    pub(super) const fn is_map(self) -> bool {
        self.pixels > 1
    }

    /// Value of a channel at a pixel.
    pub(super) fn value(self, data: &[f32], channel: usize, pixel: usize) -> f32 {
        match self.layout {
            Layout::Nchw => data[channel * self.pixels + pixel],
            Layout::Nhwc => data[pixel * self.channels + channel],
        }
    }
}

/// The input that can take a photo: four axes, of which one has 1 or 3 channels; an input of undeclared shape counts too.
pub(super) fn photo_input(inputs: &[Port]) -> Result<(&Port, Takes), String> {
    let readings: Vec<(&Port, Takes)> = inputs.iter().filter_map(|port| Some((port, takes(port)?))).collect();
    let best = readings.iter().find(|(_, takes)| takes.is_certain).or_else(|| readings.first());
    best.copied().ok_or_else(|| {
        let shapes: Vec<String> = inputs.iter().map(|port| format!("{} {}", port.name, shape_text(port))).collect();
        format!("no input takes a photo of 1 or 3 channels (batch, channels, height, width in some order): {}", shapes.join("; "))
    })
}

fn takes(port: &Port) -> Option<Takes> {
    let free = Takes { layout: Layout::Nchw, channels: 3, width: None, height: None, is_certain: false };
    let Some(shape) = &port.shape else { return Some(free) };
    let &[batch, second, third, fourth] = shape.as_slice() else { return None };
    if batch.is_some_and(|n| n != 1) {
        return None;
    }
    let side = |n: Option<usize>| n.and_then(|n| u32::try_from(n).ok());
    let is_colour = |n: Option<usize>| matches!(n, Some(1 | 3));
    let nchw =
        |channels, is_certain| Takes { layout: Layout::Nchw, channels, width: side(fourth), height: side(third), is_certain };
    let nhwc =
        |channels, is_certain| Takes { layout: Layout::Nhwc, channels, width: side(third), height: side(second), is_certain };
    match (second, fourth) {
        (Some(n), other) if is_colour(second) => Some(nchw(n as u32, !is_colour(other))),
        (_, Some(n)) if is_colour(fourth) => Some(nhwc(n as u32, true)),
        (None, _) => Some(Takes { is_certain: false, ..nchw(3, false) }),
        _ => None,
    }
}

/// A declared shape for people.
pub(super) fn shape_text(port: &Port) -> String {
    port.shape.as_ref().map_or("of undeclared shape".to_owned(), |shape| {
        let sides: Vec<String> = shape.iter().map(|n| n.map_or("any".to_owned(), |n| n.to_string())).collect();
        format!("[{}]", sides.join(", "))
    })
}

/// How an answer to a picture of `width × height` px is to be read; None when it is neither a map nor one value per class.
pub(super) fn form_of(shape: &[usize], (width, height): (u32, u32), preferred: Layout) -> Option<Form> {
    let fits = |h: usize, w: usize| {
        let (width, height) = (width as usize, height as usize);
        h * w > 1 && width.is_multiple_of(w) && height.is_multiple_of(h) && width / w == height / h
    };
    let map = |channels, h, w, layout| Form { channels, pixels: h * w, layout };
    let (nchw, nhwc) = match *shape {
        [1, a, b, c] => (fits(b, c).then(|| map(a, b, c, Layout::Nchw)), fits(a, b).then(|| map(c, a, b, Layout::Nhwc))),
        [a, b, c] => (fits(b, c).then(|| map(a, b, c, Layout::Nchw)), None),
        _ => (None, None),
    };
    let found = if preferred == Layout::Nhwc { nhwc.or(nchw) } else { nchw.or(nhwc) };
    let is_statement = shape.iter().filter(|&&n| n > 1).count() == 1 && shape.len() <= 4;
    found.or_else(|| is_statement.then(|| Form { channels: shape.iter().product(), pixels: 1, layout: Layout::Nchw }))
}

/// The sizes that the model takes, with what was seen on the way. `sizes` of the declaration come first; a model of free size is tried.
pub(super) fn size(engine: &mut dyn Engine, takes: Takes, wiring: &Wiring) -> Result<(InputSize, String, bool), PredictError> {
    match (takes.width, takes.height) {
        (Some(width), Some(height)) => return Ok((InputSize::Fixed { width, height }, "the file declares it".to_owned(), true)),
        (Some(side), None) | (None, Some(side)) => {
            let size = InputSize::Fixed { width: takes.width.unwrap_or(side), height: takes.height.unwrap_or(side) };
            return Ok((size, "the file declares one side only; the other is taken to be the same".to_owned(), false));
        }
        (None, None) => {}
    }
    engine.wire(wiring.clone());
    let mut last = None;
    for multiple in MULTIPLES {
        // Odd factors, so that the sides are multiples of nothing larger, and different ones, so that sides cannot be confused.
        let factor = 32_u32.div_ceil(multiple) | 1;
        let (width, height) = (multiple * (factor + 2), multiple * factor);
        match engine.run(flat(takes, width, height)) {
            Ok(answer) if form_of(&answer.shape, (width, height), takes.layout).is_some() => {
                let why = format!(
                    "it ran on {width} × {height} px{}",
                    last.map_or(String::new(), |m| format!(" and not on multiples of {m} only"))
                );
                return Ok((InputSize::Dynamic { multiple_of: multiple }, why, true));
            }
            Ok(_) | Err(PredictError::CannotRun { .. }) => last = Some(multiple),
            Err(other) => return Err(other),
        }
    }
    Ok((InputSize::Dynamic { multiple_of: 32 }, format!("none of the multiples {MULTIPLES:?} ran; 32 is the most usual"), false))
}

/// A picture of middle gray.
fn flat(takes: Takes, width: u32, height: u32) -> Tensor {
    let [c, h, w] = [takes.channels as usize, height as usize, width as usize];
    let shape = match takes.layout {
        Layout::Nchw => vec![1, c, h, w],
        Layout::Nhwc => vec![1, h, w, c],
    };
    Tensor { shape, data: vec![0.5; c * h * w] }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_maps_or_statements() {
        let form = |shape: &[usize]| form_of(shape, (64, 32), Layout::Nchw);
        let map = |channels, pixels, layout| Some(Form { channels, pixels, layout });
        assert_eq!(form(&[1, 6, 32, 64]), map(6, 2048, Layout::Nchw));
        assert_eq!(form(&[1, 32, 64, 4]), map(4, 2048, Layout::Nhwc));
        assert_eq!(form(&[1, 3, 8, 16]), map(3, 128, Layout::Nchw));
        assert_eq!(form(&[1, 32, 64]), map(1, 2048, Layout::Nchw));
        assert_eq!(form(&[1, 5]), map(5, 1, Layout::Nchw));
        assert_eq!(form(&[1, 5, 1, 1]), map(5, 1, Layout::Nchw));
        assert_eq!(form(&[1, 300, 6]), None);
        assert_eq!(form(&[1, 3, 33, 64]), None);
    }
}
