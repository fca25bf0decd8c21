//! The working frame of one region: gray values around it, where rays may go, and the ring in which the background is judged.

use crate::raster::geometry::PixelRect;
use crate::raster::label_map::LabelMap;
use crate::raster::photo::Photo;
use crate::raster::plane::Plane;
use crate::raster::runs::Run;

/// Rays stop this many pixels before a neighbouring label.
const NEIGHBOUR_MARGIN: u32 = 2;
/// Rays stop this many pixels inside the outline of the part.
const PART_MARGIN: u32 = 3;

/// A crop of photo and label map around one region.
pub(super) struct Frame {
    /// The pixels of the image that the frame covers.
    pub rect: PixelRect,
    pub image: PixelRect,
    pub gray: Plane<f32>,
    /// 1 where a ray must not go: near other labels, off the part, pixels without a value. Empty when nothing is blocked.
    blocked: Vec<u8>,
}

impl Frame {
    /// Cuts the frame out. `margin` is how far beyond the bounds of the region any sample is taken, px.
    pub fn cut(photo: &Photo, map: &LabelMap, part: Option<&LabelMap>, runs: &[Run], margin: u32) -> Self {
        let image = photo.rect();
        let bounds = runs.iter().fold(PixelRect::EMPTY, |all, r| all.union(PixelRect::new(r.x0, r.y, r.x1, r.y + 1)));
        let rect = bounds.grown(margin, image.x1, image.y1);
        let mut gray = photo.gray_plane(rect);
        let mut blocked = Vec::new();
        let mut block = |mask: Vec<u8>| {
            if blocked.is_empty() {
                blocked = mask;
            } else {
                blocked.iter_mut().zip(mask).for_each(|(b, m)| *b |= m);
            }
        };

        // Other labels: what is not background and not this region.
        let mut other = map.crop(rect);
        for r in runs {
            other.row_mut(r.y - rect.y0)[(r.x0 - rect.x0) as usize..(r.x1 - rect.x0) as usize].fill(0);
        }
        let spans = spans_where(&other, |v| v != 0);
        if !spans.is_empty() {
            block(dilated(&spans, rect.width(), rect.height(), NEIGHBOUR_MARGIN));
        }
        if let Some(part) = part {
            let mut off = Plane::filled(rect.width(), rect.height(), 0_u8);
            let inside = part.crop(rect);
            for y in 0..inside.height() {
                off.row_mut(y)[..inside.width() as usize].copy_from_slice(inside.row(y));
            }
            let spans = spans_where(&off, |v| v == 0);
            if !spans.is_empty() {
                block(dilated(&spans, rect.width(), rect.height(), PART_MARGIN));
            }
        }
        if gray.as_slice().iter().any(|v| !v.is_finite()) {
            block(gray.as_slice().iter().map(|v| u8::from(!v.is_finite())).collect());
            let (sum, n) =
                gray.as_slice().iter().filter(|v| v.is_finite()).fold((0.0_f64, 0_u64), |(s, n), &v| (s + f64::from(v), n + 1));
            let mean = (sum / n.max(1) as f64) as f32;
            gray.as_mut_slice().iter_mut().filter(|v| !v.is_finite()).for_each(|v| *v = mean);
        }
        Self { rect, image, gray, blocked }
    }

    /// True when some ray might have to stop: at the border of the image or at something blocked.
    pub fn has_obstacles(&self) -> bool {
        !self.blocked.is_empty()
            || self.rect.x0 == 0
            || self.rect.y0 == 0
            || self.rect.x1 == self.image.x1
            || self.rect.y1 == self.image.y1
    }

    /// May a ray pass (x, y), in image space? All pixels that bilinear interpolation reads there must be free and inside the image.
    pub fn is_free(&self, x: f64, y: f64) -> bool {
        const SLACK: f64 = 0.01;
        let (u, v) = (x - 0.5 - f64::from(self.rect.x0), y - 0.5 - f64::from(self.rect.y0));
        let (x0, x1) = ((u + SLACK).floor(), (u - SLACK).ceil());
        let (y0, y1) = ((v + SLACK).floor(), (v - SLACK).ceil());
        let (w, h) = (self.gray.width() as usize, self.gray.height() as usize);
        if !(x0 >= 0.0 && y0 >= 0.0 && x1 < w as f64 && y1 < h as f64) {
            return false;
        }
        if self.blocked.is_empty() {
            return true;
        }
        let (x0, x1, y0, y1) = (x0 as usize, x1 as usize, y0 as usize * w, y1 as usize * w);
        (self.blocked[y0 + x0] | self.blocked[y0 + x1] | self.blocked[y1 + x0] | self.blocked[y1 + x1]) == 0
    }

    /// The point lies on the border of the image, where a label ends because the image does.
    pub fn is_on_image_border(&self, x: f64, y: f64) -> bool {
        const REACH: f64 = 0.6;
        x < f64::from(self.image.x0) + REACH
            || y < f64::from(self.image.y0) + REACH
            || x > f64::from(self.image.x1) - REACH
            || y > f64::from(self.image.y1) - REACH
    }

    /// Gray values at `out.len()` points from (x, y) on, (dx, dy) apart, bilinear; outside the frame the nearest pixel.
    pub fn sample_line(&self, x: f64, y: f64, dx: f64, dy: f64, out: &mut [f32]) {
        // f32 holds the position to a thousandth of a pixel even in a frame of 10 000 columns; keep that clear of the last pixel.
        const CLEAR: f64 = 0.01;
        let Some(steps) = out.len().checked_sub(1) else { return };
        let (w, h) = (self.gray.width() as usize, self.gray.height() as usize);
        let data = self.gray.as_slice();
        let (u, v) = (x - 0.5 - f64::from(self.rect.x0), y - 0.5 - f64::from(self.rect.y0));
        let (eu, ev) = (u + dx * steps as f64, v + dy * steps as f64);
        let is_inside =
            u.min(eu) >= 0.0 && v.min(ev) >= 0.0 && u.max(eu) < (w - 1) as f64 - CLEAR && v.max(ev) < (h - 1) as f64 - CLEAR;
        let (u, v, dx, dy) = (u as f32, v as f32, dx as f32, dy as f32);
        if is_inside {
            for (j, target) in out.iter_mut().enumerate() {
                let (a, b) = (u + j as f32 * dx, v + j as f32 * dy);
                let (ix, iy) = (a as usize, b as usize);
                let (fx, fy) = (a - ix as f32, b - iy as f32);
                let i = iy * w + ix;
                let (top, low) = (&data[i..i + 2], &data[i + w..i + w + 2]);
                let t = top[0] + fx * (top[1] - top[0]);
                let l = low[0] + fx * (low[1] - low[0]);
                *target = t + fy * (l - t);
            }
            return;
        }
        let (mx, my) = ((w - 1) as f32, (h - 1) as f32);
        for (j, target) in out.iter_mut().enumerate() {
            let (a, b) = (u + j as f32 * dx, v + j as f32 * dy);
            let (a, b) = (a.clamp(0.0, mx), b.clamp(0.0, my));
            let (ix, iy) = (a as usize, b as usize);
            let (fx, fy) = (a - ix as f32, b - iy as f32);
            let (jx, jy) = ((ix + 1).min(w - 1), (iy + 1).min(h - 1));
            let t = data[iy * w + ix] + fx * (data[iy * w + jx] - data[iy * w + ix]);
            let l = data[jy * w + ix] + fx * (data[jy * w + jx] - data[jy * w + ix]);
            *target = t + fy * (l - t);
        }
    }

    /// Pixels (frame coordinates) that show background: between `inner` and `outer` px from the region and not blocked.
    ///
    /// Where hardly anything is left (a region that fills its image), the pixels deep inside the region are taken, and failing that
    /// all pixels of the frame: the spread of what is there is a better guess than none. At most about `limit` pixels, spread evenly.
    pub fn background(&self, runs: &[Run], inner: u32, outer: u32, limit: usize) -> Vec<(u32, u32)> {
        let (w, h) = (self.gray.width(), self.gray.height());
        let local: Vec<Span> =
            runs.iter().map(|r| Span { y: r.y - self.rect.y0, x0: r.x0 - self.rect.x0, x1: r.x1 - self.rect.x0 }).collect();
        let near = dilated(&local, w, h, inner);
        let mut wanted = dilated(&local, w, h, outer);
        wanted.iter_mut().zip(&near).for_each(|(a, n)| *a &= 1 - n);
        let mut count = self.keep_free(&mut wanted);
        if count < MIN_BACKGROUND {
            let mut outside = vec![1_u8; wanted.len()];
            for s in &local {
                let row = (s.y * w) as usize;
                outside[row + s.x0 as usize..row + s.x1 as usize].fill(0);
            }
            let outside = Plane::from_vec(w, h, outside);
            wanted = dilated(&spans_where(&outside, |v| v == 1), w, h, inner).into_iter().map(|v| 1 - v).collect();
            count = self.keep_free(&mut wanted);
        }
        if count < MIN_BACKGROUND {
            wanted.fill(1);
            count = self.keep_free(&mut wanted);
        }
        // Every m-th pixel on a slanted lattice that lines up neither with rows nor with columns.
        let m = count.div_ceil(limit.max(1)).max(1);
        let slant = (m as f64 * 0.618).round().max(1.0) as usize;
        let mut out = Vec::with_capacity(count / m + 64);
        for (y, row) in wanted.chunks_exact(w.max(1) as usize).enumerate() {
            let first = (m - (y * slant) % m) % m;
            out.extend((first..w as usize).step_by(m).filter(|&x| row[x] == 1).map(|x| (x as u32, y as u32)));
        }
        out
    }

    fn keep_free(&self, wanted: &mut [u8]) -> usize {
        if !self.blocked.is_empty() {
            wanted.iter_mut().zip(&self.blocked).for_each(|(v, b)| *v &= 1 - b);
        }
        wanted.iter().map(|&v| usize::from(v)).sum()
    }
}

/// Fewer background pixels than this say nothing about its texture.
const MIN_BACKGROUND: usize = 50;

/// Columns `x0..x1` of row `y`, in frame coordinates.
#[derive(Clone, Copy)]
struct Span {
    y: u32,
    x0: u32,
    x1: u32,
}

fn spans_where(plane: &Plane<u8>, keep: impl Fn(u8) -> bool) -> Vec<Span> {
    let mut out = Vec::new();
    for y in 0..plane.height() {
        let mut x = 0;
        for chunk in plane.row(y).chunk_by(|&a, &b| keep(a) == keep(b)) {
            if keep(chunk[0]) {
                out.push(Span { y, x0: x, x1: x + chunk.len() as u32 });
            }
            x += chunk.len() as u32;
        }
    }
    out
}

/// 1 at every pixel whose centre is at most `radius` px from the centre of a pixel of `spans`.
///
/// Each span adds +1 and −1 at its two grown ends in every row in reach; one running sum per row then tells which pixels are
/// covered. The work grows with spans × radius and not with their length.
fn dilated(spans: &[Span], width: u32, height: u32, radius: u32) -> Vec<u8> {
    let w = width as usize;
    let stride = w + 1;
    let mut change = vec![0_i16; stride * height as usize];
    let reach: Vec<u32> = (0..=radius).map(|dy| f64::from(radius * radius - dy * dy).sqrt() as u32).collect();
    for s in spans {
        for y in s.y.saturating_sub(radius)..(s.y + radius + 1).min(height) {
            let grow = reach[y.abs_diff(s.y) as usize];
            let row = y as usize * stride;
            change[row + s.x0.saturating_sub(grow) as usize] += 1;
            change[row + (s.x1 + grow).min(width) as usize] -= 1;
        }
    }
    let mut out = vec![0_u8; w * height as usize];
    for (row, target) in change.chunks_exact(stride).zip(out.chunks_exact_mut(w.max(1))) {
        let mut depth = 0_i16;
        for (t, c) in target.iter_mut().zip(row) {
            depth += c;
            *t = u8::from(depth > 0);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::components::Components;
    use proptest::prelude::*;

    fn frame_of(gray: Plane<u8>, map: &Plane<u8>, part: Option<&Plane<u8>>, margin: u32) -> (Frame, Vec<Run>) {
        let map = LabelMap::from_plane(map);
        let runs = Components::of(&map).runs(0).to_vec();
        let part = part.map(LabelMap::from_plane);
        (Frame::cut(&Photo::Gray8(gray), &map, part.as_ref(), &runs, margin), runs)
    }

    proptest! {
        #[test]
        fn dilation_is_the_set_of_pixels_in_reach(bits in proptest::collection::vec(0_u8..6, 11 * 9), radius in 0_u32..5) {
            let plane = Plane::from_vec(11, 9, bits);
            let spans = spans_where(&plane, |v| v == 0);
            let out = dilated(&spans, 11, 9, radius);
            for y in 0..9_i64 {
                for x in 0..11_i64 {
                    let near = (0..9_i64).any(|v| (0..11_i64).any(|u| {
                        plane.at(u as u32, v as u32) == 0 && (u - x).pow(2) + (v - y).pow(2) <= i64::from(radius * radius)
                    }));
                    prop_assert_eq!(out[(y * 11 + x) as usize] == 1, near, "at {} {}", x, y);
                }
            }
        }

        /// Bilinear interpolation reproduces a plane a·x + b·y + c exactly (pixel centres at +½).
        #[test]
        fn lines_across_a_ramp_read_the_ramp(x in 4.0_f64..16.0, y in 4.0_f64..16.0, angle in 0.0_f64..6.3) {
            let gray = Plane::from_fn(20, 20, |x, y| (3 * x + 5 * y) as u8);
            let map = Plane::from_fn(20, 20, |x, y| u8::from(x == 9 && y == 9));
            let (frame, _) = frame_of(gray, &map, None, 9);
            let (dx, dy) = (0.5 * angle.cos(), 0.5 * angle.sin());
            let mut out = [0.0_f32; 6];
            frame.sample_line(x, y, dx, dy, &mut out);
            for (j, v) in out.iter().enumerate() {
                let expected = 3.0 * (x + j as f64 * dx - 0.5) + 5.0 * (y + j as f64 * dy - 0.5);
                prop_assert!((f64::from(*v) - expected).abs() < 1e-3);
            }
        }
    }

    #[test]
    fn rays_stop_before_neighbours_the_parts_edge_and_the_image_border() {
        let map = Plane::from_fn(40, 40, |x, y| match (x, y) {
            (10..15, 10..15) => 1,
            (25..28, 10..15) => 2,
            _ => 0,
        });
        let part = Plane::from_fn(40, 40, |_, y| u8::from(y < 25));
        let (frame, _) = frame_of(Plane::filled(40, 40, 9), &map, Some(&part), 30);
        assert!(frame.has_obstacles());
        // The neighbour starts at x = 25; pixels 23 and 24 are its margin, and interpolation at 22.6 reads pixel 23.
        assert!(frame.is_free(22.5, 12.5) && !frame.is_free(22.6, 12.5));
        // The part ends at y = 25; pixels 22, 23 and 24 are its margin.
        assert!(frame.is_free(5.5, 21.5) && !frame.is_free(5.5, 21.6));
        assert!(frame.is_free(0.5, 0.5) && !frame.is_free(0.4, 0.5) && !frame.is_free(5.0, -3.0));
        // The region itself blocks nothing.
        assert!(frame.is_free(12.5, 12.5));
        assert!(frame.is_on_image_border(0.5, 20.0) && !frame.is_on_image_border(1.0, 20.0));
    }

    #[test]
    fn a_region_that_fills_the_image_is_judged_by_its_own_inside() {
        let (frame, runs) = frame_of(Plane::filled(60, 60, 7), &Plane::filled(60, 60, 1), None, 40);
        assert!(frame.background(&runs, 10, 24, 500).len() > 300);
        let (frame, runs) = frame_of(Plane::filled(3, 3, 7), &Plane::filled(3, 3, 1), None, 40);
        assert_eq!(frame.background(&runs, 10, 24, 500).len(), 9);
    }
}
