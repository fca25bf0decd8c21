//! A dense raster of one value per pixel.

use super::geometry::PixelRect;

/// `width × height` values, row by row.
#[derive(Clone, Debug, PartialEq)]
pub struct Plane<T> {
    width: u32,
    height: u32,
    data: Vec<T>,
}

impl<T: Copy> Plane<T> {
    #[must_use]
    pub fn filled(width: u32, height: u32, value: T) -> Self {
        Self { width, height, data: vec![value; width as usize * height as usize] }
    }

    /// Takes ownership of `data`, row by row.
    ///
    /// # Panics
    /// When `data.len()` is not `width × height`: a caller that mixes up sizes has a bug, not bad input.
    #[must_use]
    pub fn from_vec(width: u32, height: u32, data: Vec<T>) -> Self {
        assert_eq!(data.len(), width as usize * height as usize, "a plane of {width}×{height} needs exactly that many values");
        Self { width, height, data }
    }

    /// Builds a plane by asking for the value at every (x, y).
    #[must_use]
    pub fn from_fn(width: u32, height: u32, mut value: impl FnMut(u32, u32) -> T) -> Self {
        let mut data = Vec::with_capacity(width as usize * height as usize);
        for y in 0..height {
            for x in 0..width {
                data.push(value(x, y));
            }
        }
        Self { width, height, data }
    }

    #[must_use]
    pub const fn width(&self) -> u32 {
        self.width
    }

    #[must_use]
    pub const fn height(&self) -> u32 {
        self.height
    }

    #[must_use]
    pub const fn rect(&self) -> PixelRect {
        PixelRect::of_size(self.width, self.height)
    }

    #[must_use]
    pub fn as_slice(&self) -> &[T] {
        &self.data
    }

    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [T] {
        &mut self.data
    }

    #[must_use]
    pub fn into_vec(self) -> Vec<T> {
        self.data
    }

    /// One row of pixels.
    #[must_use]
    pub fn row(&self, y: u32) -> &[T] {
        let w = self.width as usize;
        &self.data[y as usize * w..(y as usize + 1) * w]
    }

    #[must_use]
    pub fn row_mut(&mut self, y: u32) -> &mut [T] {
        let w = self.width as usize;
        &mut self.data[y as usize * w..(y as usize + 1) * w]
    }

    /// The value at column `x`, row `y`; both must lie inside.
    #[must_use]
    pub fn at(&self, x: u32, y: u32) -> T {
        self.data[y as usize * self.width as usize + x as usize]
    }

    /// The value at (x, y), with coordinates outside moved to the nearest pixel inside.
    #[must_use]
    pub fn at_clamped(&self, x: i64, y: i64) -> T {
        let x = x.clamp(0, i64::from(self.width) - 1) as usize;
        let y = y.clamp(0, i64::from(self.height) - 1) as usize;
        self.data[y * self.width as usize + x]
    }

    pub fn set(&mut self, x: u32, y: u32, value: T) {
        self.data[y as usize * self.width as usize + x as usize] = value;
    }

    /// A copy of the part inside `rect`, which is first cut to the plane.
    #[must_use]
    pub fn crop(&self, rect: PixelRect) -> Self {
        let r = rect.intersection(self.rect());
        if r.is_empty() {
            return Self { width: 0, height: 0, data: Vec::new() };
        }
        let mut data = Vec::with_capacity(r.area() as usize);
        for y in r.y0..r.y1 {
            data.extend_from_slice(&self.row(y)[r.x0 as usize..r.x1 as usize]);
        }
        Self { width: r.width(), height: r.height(), data }
    }

    #[must_use]
    pub fn map<U: Copy>(&self, f: impl FnMut(T) -> U) -> Plane<U> {
        Plane { width: self.width, height: self.height, data: self.data.iter().copied().map(f).collect() }
    }
}
