//! A photo as the camera gave it: gray or colour, 8, 16 or 32 bits, never reduced.

use super::geometry::PixelRect;
use super::plane::Plane;

/// Pixels of one image in their own depth. Views map them to the screen; models and measurements get these values.
#[derive(Clone, Debug, PartialEq)]
pub enum Photo {
    Gray8(Plane<u8>),
    Gray16(Plane<u16>),
    GrayF32(Plane<f32>),
    Rgb8(Plane<[u8; 3]>),
    Rgb16(Plane<[u16; 3]>),
}

/// Rec. 601 luma, the weights that OpenCV and Pillow use for colour to gray.
const LUMA: [f32; 3] = [0.299, 0.587, 0.114];

fn luma(r: f32, g: f32, b: f32) -> f32 {
    LUMA[0] * r + LUMA[1] * g + LUMA[2] * b
}

impl Photo {
    #[must_use]
    pub const fn width(&self) -> u32 {
        match self {
            Self::Gray8(p) => p.width(),
            Self::Gray16(p) => p.width(),
            Self::GrayF32(p) => p.width(),
            Self::Rgb8(p) => p.width(),
            Self::Rgb16(p) => p.width(),
        }
    }

    #[must_use]
    pub const fn height(&self) -> u32 {
        match self {
            Self::Gray8(p) => p.height(),
            Self::Gray16(p) => p.height(),
            Self::GrayF32(p) => p.height(),
            Self::Rgb8(p) => p.height(),
            Self::Rgb16(p) => p.height(),
        }
    }

    #[must_use]
    pub const fn rect(&self) -> PixelRect {
        PixelRect::of_size(self.width(), self.height())
    }

    /// 1 for gray, 3 for colour.
    #[must_use]
    pub const fn channels(&self) -> u32 {
        match self {
            Self::Gray8(_) | Self::Gray16(_) | Self::GrayF32(_) => 1,
            Self::Rgb8(_) | Self::Rgb16(_) => 3,
        }
    }

    /// The largest value that the format can hold; the largest value present for float images.
    #[must_use]
    pub fn full_scale(&self) -> f32 {
        match self {
            Self::Gray8(_) | Self::Rgb8(_) => 255.0,
            Self::Gray16(_) | Self::Rgb16(_) => 65535.0,
            Self::GrayF32(p) => p.as_slice().iter().copied().filter(|v| v.is_finite()).fold(f32::MIN_POSITIVE, f32::max),
        }
    }

    /// The raw channels at (x, y), gray repeated three times.
    #[must_use]
    pub fn rgb_at(&self, x: u32, y: u32) -> [f32; 3] {
        match self {
            Self::Gray8(p) => [f32::from(p.at(x, y)); 3],
            Self::Gray16(p) => [f32::from(p.at(x, y)); 3],
            Self::GrayF32(p) => [p.at(x, y); 3],
            Self::Rgb8(p) => p.at(x, y).map(f32::from),
            Self::Rgb16(p) => p.at(x, y).map(f32::from),
        }
    }

    /// Gray value at (x, y) in raw units; colour by Rec. 601 luma.
    #[must_use]
    pub fn gray_at(&self, x: u32, y: u32) -> f32 {
        match self {
            Self::Rgb8(_) | Self::Rgb16(_) => {
                let [r, g, b] = self.rgb_at(x, y);
                luma(r, g, b)
            }
            _ => self.rgb_at(x, y)[0],
        }
    }

    /// Gray values inside `rect` (cut to the photo) in raw units; colour by Rec. 601 luma.
    #[must_use]
    pub fn gray_plane(&self, rect: PixelRect) -> Plane<f32> {
        let r = rect.intersection(self.rect());
        match self {
            Self::Gray8(p) => p.crop(r).map(f32::from),
            Self::Gray16(p) => p.crop(r).map(f32::from),
            Self::GrayF32(p) => p.crop(r),
            Self::Rgb8(p) => p.crop(r).map(|[r, g, b]| luma(f32::from(r), f32::from(g), f32::from(b))),
            Self::Rgb16(p) => p.crop(r).map(|[r, g, b]| luma(f32::from(r), f32::from(g), f32::from(b))),
        }
    }

    /// The raw value at (x, y) as text for the status line: one number, or three for colour. None outside.
    #[must_use]
    pub fn value_text(&self, x: u32, y: u32) -> Option<String> {
        if !self.rect().contains(x, y) {
            return None;
        }
        Some(match self {
            Self::Gray8(p) => p.at(x, y).to_string(),
            Self::Gray16(p) => p.at(x, y).to_string(),
            Self::GrayF32(p) => format!("{:.4}", p.at(x, y)),
            Self::Rgb8(p) => p.at(x, y).map(|v| v.to_string()).join(" "),
            Self::Rgb16(p) => p.at(x, y).map(|v| v.to_string()).join(" "),
        })
    }

    /// Bytes of pixel memory.
    #[must_use]
    pub const fn heap_bytes(&self) -> usize {
        let pixels = self.width() as usize * self.height() as usize;
        pixels
            * match self {
                Self::Gray8(_) => 1,
                Self::Gray16(_) => 2,
                Self::Rgb8(_) => 3,
                Self::GrayF32(_) => 4,
                Self::Rgb16(_) => 6,
            }
    }

    /// Half the width and height (rounded up), each pixel the mean of up to four.
    #[must_use]
    pub fn halved(&self) -> Self {
        match self {
            Self::Gray8(p) => Self::Gray8(halve(p, f32::from, |v| v.round() as u8)),
            Self::Gray16(p) => Self::Gray16(halve(p, f32::from, |v| v.round() as u16)),
            Self::GrayF32(p) => Self::GrayF32(halve(p, |v| v, |v| v)),
            Self::Rgb8(p) => Self::Rgb8(halve_rgb(p, f32::from, |v| v.round() as u8)),
            Self::Rgb16(p) => Self::Rgb16(halve_rgb(p, f32::from, |v| v.round() as u16)),
        }
    }
}

fn halve<T: Copy>(p: &Plane<T>, read: impl Fn(T) -> f32, write: impl Fn(f32) -> T) -> Plane<T> {
    let (w, h) = (p.width(), p.height());
    Plane::from_fn(w.div_ceil(2), h.div_ceil(2), |x, y| {
        let (xa, ya) = (2 * x, 2 * y);
        let (xb, yb) = ((xa + 1).min(w - 1), (ya + 1).min(h - 1));
        write((read(p.at(xa, ya)) + read(p.at(xb, ya)) + read(p.at(xa, yb)) + read(p.at(xb, yb))) / 4.0)
    })
}

fn halve_rgb<T: Copy>(p: &Plane<[T; 3]>, read: impl Fn(T) -> f32, write: impl Fn(f32) -> T) -> Plane<[T; 3]> {
    let (w, h) = (p.width(), p.height());
    Plane::from_fn(w.div_ceil(2), h.div_ceil(2), |x, y| {
        let (xa, ya) = (2 * x, 2 * y);
        let (xb, yb) = ((xa + 1).min(w - 1), (ya + 1).min(h - 1));
        let four = [p.at(xa, ya), p.at(xb, ya), p.at(xa, yb), p.at(xb, yb)];
        std::array::from_fn(|c| write(four.iter().map(|v| read(v[c])).sum::<f32>() / 4.0))
    })
}
